"""A source text and the places in it."""

from __future__ import annotations

from bisect import bisect_right

from ansatzlint.circuit import Location
from ansatzlint.errors import InputError, ParseError


class Text:
    """One file's text: offsets in it become lines and columns, counted from 1."""

    __slots__ = ("_starts", "content", "path")

    def __init__(self, content: str, path: str) -> None:
        self.content = content
        self.path = path
        starts = [0]
        at = content.find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = content.find("\n", at + 1)
        self._starts = starts

    def place(self, offset: int) -> tuple[int, int]:
        """(line, column) of an offset."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def location(self, start: int, end: int) -> Location:
        """The span from `start` to `end`, exclusive."""
        starts = self._starts
        line = bisect_right(starts, start)
        first = starts[line - 1]
        if line == len(starts) or end <= starts[line]:
            return Location(self.path, line, start - first + 1, line, end - first + 1)
        end_line = bisect_right(starts, end - 1)
        return Location(self.path, line, start - first + 1, end_line, end - starts[end_line - 1] + 1)

    def syntax_error(self, message: str, offset: int) -> ParseError:
        """An error of the grammar at an offset."""
        line, column = self.place(offset)
        return ParseError(message, path=self.path, line=line, column=column)

    def error(self, message: str, offset: int) -> InputError:
        """An error of the meaning at an offset."""
        line, column = self.place(offset)
        return InputError(message, path=self.path, line=line, column=column)


def shown(name: str) -> str:
    """A name in quotes as an error message shows it, shortened if it is very long."""
    return repr(name if len(name) <= 40 else name[:37] + "...")


def suggestion(name: str, known: object) -> str:
    """`; did you mean 'rx'?` for a misspelt name, or nothing."""
    if len(name) > 40:
        return ""
    from difflib import get_close_matches

    assert hasattr(known, "__iter__")
    close = get_close_matches(name, sorted(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""
