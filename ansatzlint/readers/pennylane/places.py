"""Where in the user's source each operation and measurement was made."""

from __future__ import annotations

import linecache
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import CodeType
from typing import Any

import pennylane as qml

from ansatzlint.circuit import Location

Files = Mapping[str, tuple[str, int | None]]


class Places:
    """Places by the id of the object that PennyLane queued; the objects are kept, so that no id is used twice."""

    def __init__(self, files: Files) -> None:
        self.files = files
        self.found: dict[int, Location] = {}
        self._objects: list[Any] = []
        self._known: dict[tuple[CodeType, int], Location] = {}

    def note(self, queued: Any, depth: int) -> None:
        """Note the innermost frame of a user's file; `depth` frames above the caller's are not looked at."""
        frame = sys._getframe(depth + 1)
        while frame is not None:
            if frame.f_code.co_filename in self.files:
                self.found[id(queued)] = self._locate(frame.f_code, frame.f_lasti)
                self._objects.append(queued)
                return
            frame = frame.f_back  # type: ignore[assignment]  # None ends the loop

    def _locate(self, code: CodeType, instruction: int) -> Location:
        key = (code, instruction)
        if key not in self._known:
            positions = list(code.co_positions())[instruction // 2]
            self._known[key] = _location(code.co_filename, positions, self.files)
        return self._known[key]


def _location(
    filename: str, positions: tuple[int | None, int | None, int | None, int | None], files: Files
) -> Location:
    line, end_line, column, end_column = positions
    path, cell = files[filename]
    line = line or 1
    end_line = end_line or line
    return Location(
        path, line, _characters(filename, line, column), end_line, _characters(filename, end_line, end_column), cell
    )


def _characters(filename: str, line: int, column: int | None) -> int:
    """A column from 1 in characters, from one that counts bytes of UTF-8 from 0."""
    if not column:
        return 1
    text = linecache.getline(filename, line)
    if text and not text.isascii():
        return len(text.encode()[:column].decode(errors="ignore")) + 1
    return column + 1


def definition(function: Any, files: Files) -> Location | None:
    """The line on which a function is defined, None if its file is none of `files`."""
    code = getattr(function, "__code__", None) or getattr(getattr(function, "func", None), "__code__", None)
    if code is None or code.co_filename not in files:
        return None
    path, cell = files[code.co_filename]
    line = code.co_firstlineno
    text = linecache.getline(code.co_filename, line).rstrip()
    # the code of a decorated function starts at its first decorator
    for offset in range(200):
        candidate = linecache.getline(code.co_filename, line + offset)
        if not candidate:
            break
        if candidate.lstrip().startswith(("def ", "async def ")) or "lambda" in candidate:
            line, text = line + offset, candidate.rstrip()
            break
    start = len(text) - len(text.lstrip()) + 1
    return Location(path, line, start, line, max(len(text) + 1, start), cell)


@contextmanager
def noted(files: Files | None) -> Iterator[Places]:
    """While inside, each object that PennyLane queues is noted with its place."""
    places = Places(files or {})
    if not files:
        yield places
        return
    manager: Any = qml.QueuingManager
    original = manager.__dict__["append"]
    append = manager.append

    def noting(queued: Any, **kwargs: Any) -> None:
        places.note(queued, 1)
        append(queued, **kwargs)

    manager.append = staticmethod(noting)
    try:
        yield places
    finally:
        manager.append = original
