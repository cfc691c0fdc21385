"""Runs a slice: hears before and after each guarded statement what became of it."""

from __future__ import annotations

import ast
import inspect
import re
import sys
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass, field
from types import FrameType, TracebackType
from typing import Any

from ansatzlint.circuit import Circuit, Location, Unread
from ansatzlint.errors import AnsatzlintError
from ansatzlint.readers.python.document import Document, Unit
from ansatzlint.readers.python.slicing import GUARD, SCOPE, Slice, Step
from ansatzlint.readers.python.syntax import Site, Syntax
from ansatzlint.readers.python.unknown import Recorded, Stop, Unknown

MAX_TRIES = 8
"""Times that a statement is run to reach all the circuits that it calls."""


@dataclass(frozen=True)
class Failure:
    """A statement that did not finish, in words, and the names that it left without a value."""

    reason: str
    location: Location
    names: frozenset[str]


@dataclass
class Run:
    """The state of one file's run."""

    document: Document
    syntax: Syntax
    slice: Slice
    emit: Callable[[Circuit | Unread], None]
    progress: Callable[[int, int], None]
    arguments: Mapping[str, str] = field(default_factory=dict)
    file: str | None = None
    files: dict[str, tuple[str, int | None]] = field(default_factory=dict)
    namespace: dict[str, Any] = field(default_factory=dict)
    locals_left: list[dict[str, Any]] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    exhausted: set[str] = field(default_factory=set)
    pending: bool = False
    stopped: str | None = None
    stopped_at: Location | None = None
    out_of_time: bool = False
    continuing: bool = False
    unrecorded: Callable[[], Iterable[str]] = tuple
    recorded: int = 0
    sized: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.files = {u.filename: (u.path, u.cell) for u in self.document.units}
        self.scope = Scope(self)

    # -- places

    def user_frame(self, frame: FrameType | None) -> FrameType | None:
        """The innermost frame of the user's file at or outside `frame`."""
        while frame is not None and frame.f_code.co_filename not in self.files:
            frame = frame.f_back
        return frame

    def place_of_frame(self, frame: FrameType | None) -> tuple[Unit, int] | None:
        """The unit and line at which the user's innermost frame stands."""
        frame = self.user_frame(frame)
        unit = self.document.unit(frame.f_code.co_filename) if frame is not None else None
        return None if unit is None or frame is None else (unit, frame.f_lineno)

    def place_of_error(self, error: BaseException, default: Location | None) -> Location | None:
        """The innermost line of the user's file that an exception came through."""
        traceback: TracebackType | None = error.__traceback__
        found = default
        while traceback is not None:
            unit = self.document.unit(traceback.tb_frame.f_code.co_filename)
            if unit is not None:
                found = unit.line_location(traceback.tb_lineno)
            traceback = traceback.tb_next
        return found

    # -- running

    def execute(self) -> None:
        """Run the slice to its end, or until the user's program ends itself."""
        self.namespace.update(
            {"__name__": "__main__", "__builtins__": __builtins__, GUARD: self.scope, SCOPE: lambda: Scope(self)}
        )
        if self.document.cells == ():
            self.namespace["__file__"] = self.file or self.document.path
        flags = 0 if self.document.cells == () else ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        try:
            for unit, module in self.slice.modules:
                code = compile(module, unit.filename, "exec", flags=flags, dont_inherit=True)
                flags |= code.co_flags & _FUTURE_FLAGS
                # running the user's slice is this module's purpose
                if code.co_flags & inspect.CO_COROUTINE:
                    _await(eval(code, self.namespace))  # noqa: S307
                else:
                    exec(code, self.namespace)  # noqa: S102
        except Recorded:
            self.pending = False
        except Stop as stop:
            self.stop(stop)

    def stop(self, stop: Stop) -> None:
        """Remember that the run ended before its end, and where."""
        self.stopped = str(stop)
        self.out_of_time = stop.out_of_time
        self.stopped_at = self.place_of_error(stop, None)

    def note_failure(self, error: BaseException, step: Step) -> None:
        """Remember why a statement did not finish, once for each exception."""
        if getattr(error, "__ansatzlint_noted__", False):
            return
        default = step.unit.line_location(step.line)
        failure = Failure(explain(error), self.place_of_error(error, default) or default, step.binds)
        self.failures.append(failure)
        try:
            error.__ansatzlint_noted__ = True  # type: ignore[attr-defined]  # exceptions take attributes
        except AttributeError:
            return  # one with __slots__: noted twice at worst


class Scope:
    """The guard of one module or of one call of a function: which of its names are lost."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.lost: dict[str, str] = {}
        self._ended: set[int] = set()
        self._again: tuple[int, int, int] | None = None  # statement, tries so far, circuits on record before
        self._attempt = (1, 0)

    def ready(self, index: int) -> bool:
        """Whether statement `index` is to run (again)."""
        run, step = self.run, self.run.slice.steps[index]
        again = self._again is not None and self._again[0] == index
        if self._again is not None and again:
            self._attempt = self._again[1:]
        self._again = None
        if again:
            self._ended.discard(index)
        elif index in self._ended:
            self._ended.discard(index)  # it has run: the loop around it ends
            return False
        else:
            self._attempt = (1, run.recorded)
            missing = step.needs & self.lost.keys()
            if missing or (step.calls_only and step.touches and step.touches <= run.exhausted):
                reason = self.lost[min(missing)] if missing else _RESULT
                for name in step.binds:
                    self.lost.setdefault(name, reason)
                if step.returns and missing:
                    raise Recorded
                return False
        run.continuing = again
        run.progress(step.unit.cell or 0, step.line)
        return True

    def done(self, index: int) -> None:
        """Statement `index` ran to its end."""
        run, step = self.run, self.run.slice.steps[index]
        self._ended.add(index)
        run.continuing = False
        if run.pending:  # a bare except or a finally of the user's took the signal
            run.pending = False
            self._lose(step, sys._getframe(1))
            return
        if not step.compound:
            for name in step.binds:
                self.lost.pop(name, None)
        run.exhausted -= step.binds

    def ended(self, index: int, error: BaseException) -> None:
        """Statement `index` ended early; raises where its function cannot go on."""
        run, step = self.run, self.run.slice.steps[index]
        run.pending = False
        retried = run.continuing
        run.continuing = False
        tries, before = self._attempt
        self._ended.add(index)
        if isinstance(error, Stop):
            raise error
        if isinstance(error, SystemExit):
            run.note_failure(error, step)
            raise Stop("it calls sys.exit") from None
        if isinstance(error, Recorded) or retried:
            progressed = not retried or run.recorded > before
            if progressed and tries < MAX_TRIES and not step.needs.isdisjoint(run.unrecorded()):
                self._again = index, tries + 1, run.recorded
                return
            self._lose(step, sys._getframe(1))
            if step.calls_only:
                run.exhausted |= step.touches
            if step.returns:
                raise Recorded
            return
        run.note_failure(error, step)
        for name in step.binds | step.mutates:
            self.lost[name] = explain(error)
        if step.returns:
            raise error

    def leave(self) -> None:
        """The function that this guards is left; its names may hold circuits."""
        frame = sys._getframe(1)
        self.run.locals_left.append({k: v for k, v in frame.f_locals.items() if k != GUARD})

    def _lose(self, step: Step, frame: FrameType) -> None:
        # Numbers that a statement would have replaced by other numbers still have the right shape; anything else
        # (operators, lists that were to be filled) would make another circuit.
        for name in step.binds | step.mutates:
            value = frame.f_locals.get(name, frame.f_globals.get(name, _MISSING))
            if name in step.binds:
                if not _numeric(value):
                    self.lost[name] = _RESULT
            elif isinstance(value, list | dict | set) and not (value and _numeric(value)):
                self.lost[name] = _RESULT


_MISSING = object()
_RESULT = "it depends on the result of a circuit, which is recorded and not simulated"
_FUTURE_FLAGS = 0x1FF0000
_PATH = re.compile(r" \((unknown location|[/\\]\S*|[A-Z]:\S*)\)")


def _await(cell: Coroutine[Any, Any, None]) -> None:
    """Run a notebook cell that awaits at its top level."""
    import asyncio

    asyncio.run(cell)


def _numeric(value: Any, depth: int = 4) -> bool:
    if isinstance(value, Unknown) or depth == 0:
        return False
    if isinstance(value, int | float | complex):
        return True
    if isinstance(value, list | tuple):
        return bool(value) and all(_numeric(item, depth - 1) for item in value)
    if isinstance(value, dict):
        return bool(value) and all(_numeric(item, depth - 1) for item in value.values())
    dtype = getattr(value, "dtype", None)
    return dtype is not None and hasattr(value, "shape") and getattr(dtype, "kind", "f") in "biufc"


def explain(error: BaseException) -> str:
    """An exception of the user's program as a plain reason."""
    text = _PATH.sub("", " ".join(str(error).split()))
    text = text if len(text) <= 200 else text[:197] + "..."
    match error:
        case ModuleNotFoundError(name=str(name)):
            return f"it imports {name.partition('.')[0]}, which is not installed"
        case SystemExit():
            return "it calls sys.exit"
        case MemoryError():
            return "it needs more memory than the limit allows"
        case RecursionError():
            return "it recurses without end"
        case EOFError():
            return "it asks for input"
        case FileNotFoundError():
            what = text.rstrip(".") if error.filename is None else f"{error.filename!r}, which is not there"
            return f"it reads {what}; files are not run in their own folder"
    if isinstance(error, AnsatzlintError | PermissionError):
        return text
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def site_of(syntax: Syntax, unit: Unit, line: int) -> Site | None:
    """The QNode's place of birth that spans a line."""
    found = [s for s in syntax.sites if s.unit is unit and s.span[0] <= line <= s.span[1]]
    return min(found, key=lambda s: s.span[1] - s.span[0]) if found else None
