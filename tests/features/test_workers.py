"""Sharing work, in processes of their own: forking needs one without other threads."""

from __future__ import annotations

import multiprocessing
import subprocess
import sys
import threading

import numpy as np
import pytest

from ansatzlint.features.workers import SHARE, spread

FORKS = "fork" in multiprocessing.get_all_start_methods() and sys.platform != "darwin"

PRELUDE = """
import os, warnings
warnings.simplefilter("error")
from ansatzlint.errors import CircuitError
from ansatzlint.features.workers import spread

def work(which):
    return os.getpid(), sum(which)

def fail(which):
    raise CircuitError("no such thing")

def die(which):
    os._exit(1)
"""


def alone(code: str) -> str:
    """What a fresh process prints."""
    done = subprocess.run([sys.executable, "-c", PRELUDE + code], capture_output=True, text=True, check=False)
    assert not done.returncode, done.stderr
    return done.stdout.strip()


@pytest.mark.skipif(not FORKS, reason="this system does not fork safely")
def test_other_processes_do_the_work_and_results_come_in_order() -> None:
    code = f"""
found = spread(lambda which: work(which), {5 * SHARE} - 1, 2)
print(os.getpid() in dict(found), [total for _, total in found] == [
    sum(range(i, min(i + {SHARE}, {5 * SHARE} - 1))) for i in range(0, {5 * SHARE} - 1, {SHARE})
])
"""
    assert alone(code) == "False True"


@pytest.mark.skipif(not FORKS, reason="this system does not fork safely")
def test_an_exception_of_a_process_keeps_its_type_and_words() -> None:
    code = """
try:
    spread(fail, 100, 2)
except CircuitError as error:
    print(error)
"""
    assert "no such thing" in alone(code)


@pytest.mark.skipif(not FORKS, reason="this system does not fork safely")
def test_a_process_that_dies_is_no_hang() -> None:
    code = """
from concurrent.futures import BrokenExecutor
try:
    spread(die, 100, 2)
except BrokenExecutor:
    print("broken")
"""
    assert alone(code) == "broken"


def test_beside_other_threads_work_stays_in_this_process() -> None:
    stop = threading.Event()
    other = threading.Thread(target=stop.wait)
    other.start()
    try:
        seen = np.zeros(3 * SHARE)

        def mark(which: range) -> int:
            seen[which.start : which.stop] += 1
            return len(which)

        assert spread(mark, len(seen), 2) == [SHARE, SHARE, SHARE]
        assert (seen == 1).all()
    finally:
        stop.set()
        other.join()
