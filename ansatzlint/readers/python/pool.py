"""The parent's side of the worker process: starts it, asks, reads answers, replaces it when it dies."""

from __future__ import annotations

import atexit
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

WINDOW = 4
"""Requests under way at a time: two that run and two that wait for them."""
_PATIENCE = 5.0
"""Seconds beyond a file's limits after which the worker itself counts as stuck."""
_START = 120.0
"""Seconds that a worker may take to load its libraries."""
_KEPT = frozenset(
    ["PATH", "LANG", "LANGUAGE", "TZ", "VIRTUAL_ENV", "CONDA_PREFIX", "SYSTEMROOT", "SYSTEMDRIVE", "LD_LIBRARY_PATH"]
)
_BOOT = (
    "import json, sys; sys.path[:] = json.loads(sys.argv.pop(1)); "
    "from ansatzlint.readers.python.worker import main; main()"
)


def environment(scratch: str) -> dict[str, str]:
    """The worker's environment: what programs need to start, no secrets, one thread, no display."""
    kept = {key: value for key, value in os.environ.items() if key in _KEPT or key.startswith("LC_")}
    threads = dict.fromkeys(
        ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS",
         "VECLIB_MAXIMUM_THREADS", "RAYON_NUM_THREADS"], "1",
    )  # fmt: skip
    return {
        **kept, **threads, "HOME": scratch, "TMPDIR": scratch, "MPLBACKEND": "Agg",
        "JAX_DISABLE_JIT": "1", "JAX_PLATFORMS": "cpu", "CUDA_VISIBLE_DEVICES": "", "QISKIT_PARALLEL": "FALSE",
        "PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0", "TQDM_DISABLE": "1",
    }  # fmt: skip


def command(arguments: Sequence[str]) -> list[str]:
    """The worker's command line: this Python, isolated, with our search path less the current folder."""
    script = Path(sys.argv[0] or ".").resolve().parent if sys.argv else Path.cwd()
    strange = {Path.cwd().resolve(), script}
    path = [p for p in sys.path if p and Path(p).resolve() not in strange]
    package = str(Path(__file__).resolve().parents[3])
    if package not in path:
        path.append(package)  # a checkout that is not installed
    return [sys.executable, "-I", "-B", "-X", "utf8", "-c", _BOOT, json.dumps(path), *arguments]


class Worker:
    """One worker process with its libraries loaded (or loading)."""

    def __init__(self, libraries: Iterable[str]) -> None:
        self.libraries = frozenset(libraries)
        self._folder = tempfile.TemporaryDirectory(prefix="ansatzlint-", ignore_cleanup_errors=True)
        self._process = subprocess.Popen(
            command(sorted(self.libraries)), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, env=environment(self._folder.name), cwd=self._folder.name,
            start_new_session=True,  # an interrupt in the terminal is ours to handle
        )  # fmt: skip
        self._answers: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._fresh = True

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._answers.put(json.loads(line))
        self._answers.put(None)

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, request: dict[str, Any]) -> None:
        """Send a request; BrokenPipeError if the worker is gone."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(request).encode() + b"\n")
        self._process.stdin.flush()

    def answer(self, seconds: float) -> dict[str, Any] | None:
        """The next answer; None if the worker died or does not answer in time."""
        patience = seconds + _PATIENCE + (_START if self._fresh else 0.0)
        try:
            answer = self._answers.get(timeout=patience)
        except queue.Empty:
            return None
        self._fresh = False
        return answer

    def close(self) -> None:
        """End the worker and its children; no zombie is left."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.close()
            self._process.wait(timeout=2.0)
        except (BrokenPipeError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait()
        self._reader.join(timeout=2.0)
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._folder.cleanup()


_worker: Worker | None = None


def start_worker(libraries: Iterable[str] = ("pennylane",)) -> None:
    """Start the worker in the background, so that its imports overlap with ours; without effect if it runs and has
    these libraries, or where processes cannot fork."""
    global _worker
    wanted = frozenset(libraries)
    if not hasattr(os, "fork"):
        return
    if _worker is not None:
        if _worker.alive and wanted <= _worker.libraries:
            return
        wanted |= _worker.libraries
        _worker.close()
    else:
        atexit.register(stop_worker)
    _worker = Worker(wanted)


def stop_worker() -> None:
    """End the worker, if one runs."""
    global _worker
    if _worker is not None:
        _worker.close()
        _worker = None


def run_requests(requests: Iterable[dict[str, Any]], libraries: Iterable[str]) -> Iterator[dict[str, Any]]:
    """The answers to the requests, in order; a request whose worker died gets an answer that says so."""
    libraries = frozenset(libraries)
    if not hasattr(os, "fork"):
        for request in requests:
            yield run_once(request)
        return
    answers: dict[int, dict[str, Any]] = {}
    under_way: list[dict[str, Any]] = []
    waiting = iter(requests)
    exhausted = False
    expected: list[int] = []
    while True:
        while not exhausted and len(under_way) < WINDOW:
            try:
                request = next(waiting)
            except StopIteration:
                exhausted = True
                break
            expected.append(request["number"])
            under_way.append(request)
            _ask(request, libraries, under_way)
        while expected and expected[0] in answers:
            yield answers.pop(expected.pop(0))
        if not under_way:
            if exhausted and not expected:
                return
            continue
        assert _worker is not None
        answer = _worker.answer(len(under_way) * max(r["seconds"] for r in under_way))
        if answer is None:
            lost = under_way.pop(0)
            answers[lost["number"]] = _failed(lost, "the worker process died")
            _restart(under_way, libraries)
            continue
        # an answer to a reader that was given up half-way belongs to nobody
        if any(r["number"] == answer["number"] for r in under_way):
            under_way = [r for r in under_way if r["number"] != answer["number"]]
            answers[answer["number"]] = answer


def _ask(request: dict[str, Any], libraries: frozenset[str], under_way: list[dict[str, Any]]) -> None:
    start_worker(libraries)
    assert _worker is not None
    try:
        _worker.ask(request)
    except BrokenPipeError:
        _restart(under_way, libraries)


def _restart(under_way: list[dict[str, Any]], libraries: frozenset[str]) -> None:
    stop_worker()
    start_worker(libraries)
    assert _worker is not None
    for request in under_way:
        try:
            _worker.ask(request)
        except BrokenPipeError:
            return  # it died at once; the next look for an answer says so


def run_once(request: dict[str, Any]) -> dict[str, Any]:
    """One request in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="ansatzlint-", ignore_cleanup_errors=True) as folder:
        process = subprocess.Popen(
            command(["--once"]), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env=environment(folder), cwd=folder, start_new_session=True,
        )  # fmt: skip
        try:
            output, _ = process.communicate(json.dumps(request).encode() + b"\n", request["seconds"] + _PATIENCE * 6)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            return _failed(request, f"it ran longer than {request['seconds']:g} s")
    if not output:
        return _failed(request, "it ended the process itself")
    answer: dict[str, Any] = json.loads(output)
    return answer


def _failed(request: dict[str, Any], reason: str) -> dict[str, Any]:
    return {"number": request["number"], "items": [], "failure": reason, "cell": None, "line": None}
