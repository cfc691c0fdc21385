"""Work on many items by several workers: forked processes where that is safe, else threads.

Python's lock lets threads take turns only, so that they gain little here. A forked process has all items already, and
the loops' machine code, and only its results have to be sent.
"""

from __future__ import annotations

import gc
import multiprocessing
import sys
import threading
import warnings
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from typing import Any, TypeVar

R = TypeVar("R")

SHARE = 32
"""Items that a worker takes at a time."""

_work: Callable[[range], Any] | None = None
"""In a forked process what it is for; None elsewhere."""


def spread(work: Callable[[range], R], count: int, jobs: int, share: int = SHARE) -> list[R]:
    """The results of work(indices) for consecutive ranges, of so many of the indices below `count`, in order.

    An exception of a worker comes out with its type. A process that dies raises BrokenProcessPool.
    """
    shares = [range(start, min(start + share, count)) for start in range(0, count, share)]
    if not _may_fork():
        with ThreadPoolExecutor(jobs) as threads:
            return list(threads.map(work, shares))
    fork = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(jobs, mp_context=fork, initializer=_begin, initargs=(work,)) as processes:
        with warnings.catch_warnings():
            # From Python 3.12 on forking warns of any thread: those left are of linear algebra, which expects it.
            warnings.filterwarnings("ignore", message=".*use of fork", category=DeprecationWarning)
            results = processes.map(_do, shares)  # starts the processes
        return list(results)


def _may_fork() -> bool:
    """Whether a copy of this process can go on: locks of other threads and macOS's libraries could stop it."""
    return (
        "fork" in multiprocessing.get_all_start_methods()
        and sys.platform != "darwin"
        and threading.active_count() == 1
        and not multiprocessing.current_process().daemon
    )


def _begin(work: Callable[[range], Any]) -> None:
    global _work
    _work = work
    gc.freeze()  # what was inherited is not looked through, which would copy it


def _do(share: range) -> Any:
    assert _work is not None  # set when the process began
    return _work(share)
