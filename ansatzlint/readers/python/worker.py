"""The worker process: loads the libraries once, then forks a child for each file that it is asked to read.

It speaks lines of JSON: requests on its standard input, answers on its standard output. A child's findings come
as they are made, so that what a child found before it crashed is not lost. It ends when its input does.
"""

from __future__ import annotations

import ctypes
import gc
import json
import mmap
import os
import selectors
import shutil
import signal
import struct
import sys
import tempfile
import time
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

CHILDREN = 2
"""Children at a time."""
GRACE = 1.0
"""Seconds that a child has to end itself after its time is up."""
MAX_ANSWER = 256 * 2**20
"""Bytes; a child that says more is ended."""
_MAX_SCRATCH = 64 * 2**20
_WORD = struct.Struct("<ii")


@dataclass
class _Child:
    number: int
    pid: int
    pipe: int
    scratch: str
    board: mmap.mmap
    deadline: float
    seconds: float
    memory: int
    path: str
    chunks: list[bytes] = field(default_factory=list)
    size: int = 0
    killed: str | None = None


def main() -> None:
    """Serve until the input ends."""
    channel = _own_channel()
    if "--once" in sys.argv:
        _serve_one(channel)
        return
    for library in [a for a in sys.argv[1:] if not a.startswith("-")]:
        _preload(library)
    _adopt_orphans()
    gc.collect()
    gc.freeze()  # a collection in a child would copy every page that the fork shares
    _Server(channel).run()
    shutil.rmtree(Path.cwd(), ignore_errors=True)  # made for us; whoever made it may be gone


def _own_channel() -> int:
    """Keep the answers' pipe for ourselves; whatever prints to standard output goes nowhere."""
    channel = os.dup(1)
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    os.close(nowhere)
    os.set_inheritable(channel, False)
    return channel


def _preload(library: str) -> None:
    try:
        if library == "pennylane":
            import_module("ansatzlint.readers.python.recording")
            import_module("ansatzlint.readers.pennylane")
        elif library == "qiskit":
            for module in ("circuit.library", "primitives", "quantum_info", "transpiler"):
                import_module(f"qiskit.{module}")
            import_module("ansatzlint.readers.python.qiskit_recording")
            import_module("ansatzlint.readers.qiskit")
        import_module("ansatzlint.readers.python.child")
    except ImportError:
        return  # the file that needs it will say so


def _adopt_orphans() -> None:
    # Where Linux lets us, processes that outlive the child that started them become ours to end.
    if sys.platform == "linux":
        try:
            ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER
        except (OSError, AttributeError):
            return


class _Server:
    def __init__(self, channel: int) -> None:
        self.channel = channel
        self.selector = selectors.DefaultSelector()
        self.selector.register(0, selectors.EVENT_READ, None)
        self.buffer = b""
        self.open = True
        self.waiting: list[dict[str, Any]] = []
        self.children: dict[int, _Child] = {}

    def run(self) -> None:
        while self.open or self.waiting or self.children:
            while self.waiting and len(self.children) < CHILDREN:
                self._start(self.waiting.pop(0))
            timeout = max(0.0, min((c.deadline for c in self.children.values()), default=1e9) - time.monotonic())
            for key, _ in self.selector.select(min(timeout, 60.0)):
                if key.data is None:
                    self._read_requests()
                else:
                    self._read_answer(key.data)
            now = time.monotonic()
            for child in list(self.children.values()):
                if child.deadline <= now:
                    child.killed = f"it ran longer than {child.seconds:g} s"
                    self._finish(child)
            if not self.open and self.children:
                for child in list(self.children.values()):  # nobody waits for these answers any more
                    self._finish(child)
                self.waiting.clear()

    def _read_requests(self) -> None:
        data = os.read(0, 1 << 16)
        if not data:
            self.open = False
            self.waiting.clear()
            self.selector.unregister(0)
            return
        *lines, self.buffer = (self.buffer + data).split(b"\n")
        self.waiting.extend(json.loads(line) for line in lines)

    def _start(self, request: dict[str, Any]) -> None:
        scratch = tempfile.mkdtemp(prefix="ansatzlint-")
        board = mmap.mmap(-1, _WORD.size)  # shared with the child: where it is
        read, write = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(read)
            for other in self.children.values():
                os.close(other.pipe)
            os.close(self.channel)
            _be_child(request, scratch, write, board)
        os.close(write)
        os.set_blocking(read, False)
        seconds = float(request["seconds"])
        child = _Child(
            request["number"], pid, read, scratch, board, time.monotonic() + seconds + GRACE, seconds,
            request["memory"], request["path"],
        )  # fmt: skip
        self.children[pid] = child
        self.selector.register(read, selectors.EVENT_READ, child)

    def _read_answer(self, child: _Child) -> None:
        try:
            data = os.read(child.pipe, 1 << 20)
        except BlockingIOError:
            return
        if data:
            child.chunks.append(data)
            child.size += len(data)
            if child.size <= MAX_ANSWER and not data.endswith(b"\ndone\n") and data != b"done\n":
                return
            if child.size > MAX_ANSWER:
                child.killed = "its circuits are too large to hand on"
        self._finish(child)

    def _finish(self, child: _Child) -> None:
        if child.pid not in self.children:
            return
        self.selector.unregister(child.pipe)
        os.close(child.pipe)
        _kill_group(child.pid)
        _, status = os.waitpid(child.pid, 0)
        del self.children[child.pid]
        self._end_strays()
        shutil.rmtree(child.scratch, ignore_errors=True)
        items = b"".join(child.chunks).split(b"\n")
        found = [line.decode("utf-8", "replace") for line in items[:-1]]
        done = bool(found) and found[-1] == "done"
        cell, line = _WORD.unpack(child.board[: _WORD.size])
        child.board.close()
        answer = {
            "number": child.number,
            "items": found[:-1] if done else found,
            "failure": None if done else (child.killed or _cause(status)),
            "cell": cell or None,
            "line": line or None,
        }
        _write(self.channel, json.dumps(answer).encode() + b"\n")

    def _end_strays(self) -> None:
        try:
            with open(f"/proc/self/task/{os.getpid()}/children") as file:  # noqa: PTH123  # procfs
                strays = [int(pid) for pid in file.read().split()]
        except OSError:
            return
        for pid in strays:
            if pid not in self.children:
                try:
                    os.kill(pid, signal.SIGKILL)
                    os.waitpid(pid, 0)
                except (ProcessLookupError, ChildProcessError):
                    continue


def _kill_group(pid: int) -> None:
    for kill in (os.killpg, os.kill):
        try:
            kill(pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            continue


def _cause(status: int) -> str:
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        if number == signal.SIGXCPU:
            return "it used up its time"
        return f"it crashed ({signal.strsignal(number)})"
    return "it ended the process itself"


def _write(channel: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        try:
            view = view[os.write(channel, view) :]
        except BrokenPipeError:
            os._exit(0)  # nobody listens any more


def _be_child(request: dict[str, Any], scratch: str, write: int, board: mmap.mmap) -> None:
    """Read one file and end the process."""
    try:
        os.setsid()
        nowhere = os.open(os.devnull, os.O_RDWR)
        os.dup2(nowhere, 0)
        os.environ["HOME"] = os.environ["TMPDIR"] = os.environ["TEMP"] = os.environ["TMP"] = scratch
        tempfile.tempdir = scratch
        _limit(request)

        def progress(cell: int, line: int) -> None:
            board[: _WORD.size] = _WORD.pack(cell, line)

        _read(request, scratch, lambda text: _write(write, text.encode() + b"\n"), progress)
    except BaseException:  # noqa: BLE001 - the worker sees that "done" is missing and says so
        os._exit(1)
    os._exit(0)


def _limit(request: dict[str, Any]) -> None:
    try:
        import resource
    except ImportError:
        return  # no such limits on this system; the deadline holds
    seconds = int(request["seconds"]) + 2
    limits = [
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, _MAX_SCRATCH),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 256),
        (resource.RLIMIT_AS, _address_space() + int(request["memory"])),
    ]
    for kind, value in limits:
        _, hard = resource.getrlimit(kind)
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        try:
            resource.setrlimit(kind, (value, value))
        except (ValueError, OSError):
            continue  # macOS refuses some of them


def _address_space() -> int:
    try:
        with open("/proc/self/statm") as file:  # noqa: PTH123  # procfs
            return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 2**31


def _read(request: dict[str, Any], scratch: str, send: Any, progress: Any) -> None:
    from ansatzlint import codec
    from ansatzlint.circuit import Unread
    from ansatzlint.readers.python.child import Request, read_document
    from ansatzlint.readers.python.unknown import Stop

    def out_of_time(*_: object) -> None:
        raise Stop(f"it ran longer than {request['seconds']:g} s", out_of_time=True)

    if hasattr(signal, "setitimer"):
        signal.signal(signal.SIGALRM, out_of_time)
        signal.setitimer(signal.ITIMER_REAL, float(request["seconds"]))
    fields = ("text", "path", "folder", "arguments", "seconds", "memory")
    try:
        read_document(
            Request(scratch=scratch, **{name: request[name] for name in fields}),
            lambda item: send(codec.dumps(item)),
            progress,
        )
    except Stop as stop:
        send(codec.dumps(Unread(f"not traced to the end: {stop}")))
    except MemoryError:
        send(codec.dumps(Unread("not traced to the end: it needs more memory than the limit allows")))
    except RecursionError:
        send(codec.dumps(Unread("not traced to the end: it is nested too deeply")))
    send("done")


def _serve_one(channel: int) -> None:
    """One request in a process of its own, for systems that cannot fork; the parent keeps the time."""
    request = json.loads(sys.stdin.buffer.readline())
    scratch = tempfile.mkdtemp(prefix="ansatzlint-")
    items: list[str] = []
    where = [0, 0]
    try:
        _limit(request)
        _read(request, scratch, items.append, lambda cell, line: where.__setitem__(slice(0, 2), [cell, line]))
    finally:
        os.chdir(Path(scratch).parent)
        shutil.rmtree(scratch, ignore_errors=True)
    done = bool(items) and items[-1] == "done"
    answer = {
        "number": request["number"],
        "items": items[:-1] if done else items,
        "failure": None if done else "it ended the process itself",
        "cell": where[0] or None,
        "line": where[1] or None,
    }
    _write(channel, json.dumps(answer).encode() + b"\n")
    os._exit(0)


if __name__ == "__main__":
    main()
