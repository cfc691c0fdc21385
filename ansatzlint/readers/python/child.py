"""Reads one file inside a worker process that ends afterwards: slice, run, record, hand on."""

from __future__ import annotations

import gc
import linecache
import os
import random
import sys
import types
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ansatzlint.circuit import Circuit, Unread
from ansatzlint.readers.python.document import Document, parse_file
from ansatzlint.readers.python.notebook import parse_notebook
from ansatzlint.readers.python.running import Run
from ansatzlint.readers.python.slicing import slice_document
from ansatzlint.readers.python.syntax import analyse, imports_library
from ansatzlint.readers.python.unknown import Stop

if TYPE_CHECKING:
    from ansatzlint.readers.python.qiskit_recording import QiskitRecorder
    from ansatzlint.readers.python.recording import Recorder

Emit = Callable[[Circuit | Unread], None]


@dataclass(frozen=True)
class Request:
    """One file to read. `folder` is where it lies (None for standard input), `scratch` an empty folder to run in."""

    text: str
    path: str
    folder: str | None
    scratch: str
    arguments: dict[str, str]
    seconds: float
    memory: int


def parse(text: str, path: str) -> Document:
    """A Python file or, by the suffix of its path, a notebook."""
    return parse_notebook(text, path) if path.endswith(".ipynb") else parse_file(text, path)


def read_document(request: Request, emit: Emit, progress: Callable[[int, int], None]) -> None:
    """Run the slice of the file's circuits in this process and emit what is found.

    The process is spent: its PennyLane is patched and the user's code has run in it.
    """
    document = parse(request.text, request.path)
    if not document.units:
        return
    syntax = analyse(document)
    _prepare(request, document)
    handed_on: list[Circuit | Unread] = []

    def hand_on(item: Circuit | Unread) -> None:
        if item not in handed_on:
            handed_on.append(item)
            emit(item)

    run = Run(
        document, syntax, slice_document(document, syntax), hand_on, progress, request.arguments, _own_path(request)
    )  # fmt: skip
    module = types.ModuleType("__main__")
    run.namespace = vars(module)
    sys.modules["__main__"] = module
    libraries = imports_library(document)
    recorder: Recorder | None = None
    qiskit_recorder: QiskitRecorder | None = None
    if "pennylane" in libraries:
        from ansatzlint.readers.python.recording import Recorder

        recorder = Recorder(run)
        recorder.install()
    if "qiskit" in libraries:
        from ansatzlint.readers.python.qiskit_recording import QiskitRecorder

        qiskit_recorder = QiskitRecorder(run)
        qiskit_recorder.install()
    run.execute()
    if not run.out_of_time:
        try:
            _finish(run, recorder, qiskit_recorder)
        except Stop as stop:
            run.stop(stop)
    if run.out_of_time:
        emit(Unread(f"not traced to the end: {run.stopped}", run.stopped_at))
    elif not handed_on and (run.failures or run.stopped):
        _say_why(run, emit)


def _finish(run: Run, recorder: Recorder | None, qiskit_recorder: QiskitRecorder | None) -> None:
    from ansatzlint.readers.python.sizes import build_declared

    build_declared(run, recorder, qiskit_recorder)
    if recorder is not None:
        recorder.finish(run.scope.lost)
    if qiskit_recorder is not None:
        qiskit_recorder.finish()


def _say_why(run: Run, emit: Emit) -> None:
    if run.failures:
        emit(Unread(f"no circuit could be traced: {run.failures[0].reason}", run.failures[0].location))
    else:
        emit(Unread(f"no circuit could be traced: {run.stopped}"))


def _prepare(request: Request, document: Document) -> None:
    from ansatzlint.readers.python import placeholders

    for unit in document.units:
        text = unit.text
        linecache.cache[unit.filename] = (len(text), None, text.splitlines(keepends=True), unit.filename)
    os.chdir(request.scratch)
    if request.folder is not None:
        sys.path.insert(0, request.folder)
    sys.argv = [_own_path(request)]
    sys.dont_write_bytecode = True
    placeholders.install()
    random.seed(0)  # a file that sets no seed is read the same way every time
    numpy: Any = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed(0)
    sys.addaudithook(_Watch(request.scratch))
    gc.enable()


def _own_path(request: Request) -> str:
    """Where the file lies, for code that looks for its data beside itself: the working folder is another one."""
    return request.path if request.folder is None else str(Path(request.folder, Path(request.path).name))


class _Watch:
    """Refuses what a file that is being read has no business doing: writing elsewhere, other processes, network."""

    def __init__(self, scratch: str) -> None:
        self._allowed = (os.path.realpath(scratch) + os.sep, os.devnull)

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, mode, flags = arguments
            writes = any(c in mode for c in "wax+") if isinstance(mode, str) else bool(flags & _WRITING)
            if writes:
                self._check(path)
        elif event in _CHANGES:
            for path in arguments[:2]:
                self._check(path)
        elif event in _REFUSED:
            raise PermissionError(f"the file {_REFUSED[event]}, which is refused while it is read")

    def _check(self, path: Any) -> None:
        if not isinstance(path, str | bytes | os.PathLike):
            return  # an open file descriptor, a mode
        name = os.path.realpath(os.fsdecode(path))
        if not (name + os.sep).startswith(self._allowed):
            raise PermissionError(f"the file changes {name}, which is refused while it is read")


_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_CHANGES = frozenset(
    ["os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.truncate", "os.link", "os.symlink", "os.chmod", "os.chown",
     "shutil.rmtree", "shutil.move", "shutil.copyfile"]
)  # fmt: skip
_REFUSED = {
    "os.fork": "forks",
    "os.forkpty": "forks",
    "os.exec": "starts another program",
    "os.posix_spawn": "starts another program",
    "os.spawn": "starts another program",
    "os.system": "starts another program",
    "subprocess.Popen": "starts another program",
    "pty.spawn": "starts another program",
    "socket.connect": "opens a network connection",
    "socket.getaddrinfo": "opens a network connection",
    "os.kill": "sends a signal",
    "os.killpg": "sends a signal",
}

