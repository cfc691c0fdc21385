"""Processes that share a search: starting and watching them, and whether one still lives."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from ansatzlint.errors import AnsatzlintError


def this_worker() -> dict[str, object]:
    """This process, so that others can tell whether it lives."""
    return {"host": socket.gethostname(), "pid": os.getpid(), "born": _born(os.getpid())}


def _born(pid: int) -> str | None:
    """When a process of this machine began, in the kernel's words; None where there is no such process or no word.

    One that is dead and only waits for its parent to hear of it is none.
    """
    try:
        state, *rest = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if state in "ZX" else rest[18]


def lives(worker: Mapping[str, Any]) -> bool:
    """Whether the process does; of one on another machine only its heartbeat tells."""
    if worker["host"] != socket.gethostname():
        return True
    try:
        os.kill(worker["pid"], 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return worker["born"] is None or _born(worker["pid"]) == worker["born"]


@contextmanager
def patient() -> Iterator[Callable[[], bool]]:
    """Inside, the first Ctrl-C is only noted, for what is yielded to tell; a second one interrupts.

    An interrupt in the middle of writing to a storage could leave a lock behind.
    """
    noted = False

    def note(*_: object) -> None:
        nonlocal noted
        if noted:
            raise KeyboardInterrupt
        noted = True

    if threading.current_thread() is not threading.main_thread():  # signals are the main thread's
        yield lambda: noted
        return
    before = signal.signal(signal.SIGINT, note)
    try:
        yield lambda: noted
    finally:
        signal.signal(signal.SIGINT, before)


def supervise(command: Sequence[str], said: Sequence[str], tell: Callable[[], object]) -> list[str]:
    """Run the command once for each text, its standard input, side by side; notes on processes that died.

    `tell` is called twice a second. On Ctrl-C the processes are told and waited for.

    Raises
    ------
    AnsatzlintError
        Where all of them died.
    """
    with ExitStack() as files:
        silence = files.enter_context(TemporaryFile())
        complaints = [files.enter_context(TemporaryFile("w+", errors="replace")) for _ in said]  # a pipe may fill up
        workers = []
        for text, complaint in zip(said, complaints, strict=True):
            # In groups of their own, or a terminal's Ctrl-C would reach them twice.
            process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=silence, stderr=complaint, text=True, process_group=0
            )
            assert process.stdin is not None, "a pipe was asked for"
            process.stdin.write(text)
            process.stdin.close()
            workers.append(process)
        try:
            while any(process.poll() is None for process in workers):
                time.sleep(0.5)
                tell()
        except KeyboardInterrupt:
            for process in workers:
                process.send_signal(signal.SIGINT)
            raise
        finally:
            for process in workers:
                process.wait()
        notes = []
        for ordinal, (process, complaint) in enumerate(zip(workers, complaints, strict=True), 1):
            complaint.seek(0)
            last = complaint.read().strip().splitlines()[-1:]
            if process.returncode:
                reason = last[0] if last else f"exit code {process.returncode}"
                notes.append(f"worker {ordinal} of {len(workers)} died: {reason}")
    if len(notes) == len(workers):
        raise AnsatzlintError(f"all workers died; {notes[0]}")
    return notes
