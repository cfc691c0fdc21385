"""The text of a Python file or a notebook as syntax trees that know their places."""

from __future__ import annotations

import ast
import io
import re
import tokenize
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from ansatzlint.circuit import Location
from ansatzlint.errors import InputError, ParseError
from ansatzlint.source import Comment

MAX_CHARACTERS = 5_000_000
"""Texts above this are refused: no hand-written program is that long."""

_NEWLINE = re.compile(r"\r\n|\r|\n")
_MARK = "ansatzlint:"


def split_lines(text: str) -> tuple[str, ...]:
    """The lines as Python counts them (form feeds do not end one)."""
    return tuple(_NEWLINE.split(text))


@dataclass(frozen=True)
class Unit:
    """One piece of source that is compiled as a whole: a file, or one code cell of a notebook."""

    text: str
    tree: ast.Module
    path: str
    cell: int | None = None

    @cached_property
    def lines(self) -> tuple[str, ...]:
        return split_lines(self.text)

    @property
    def filename(self) -> str:
        """The name that code objects of this unit carry."""
        return self.path if self.cell is None else f"{self.path}#cell{self.cell}"

    def location(self, node: ast.AST) -> Location:
        """The span of a syntax tree node; columns in characters."""
        line: int = getattr(node, "lineno", 1)
        end_line: int = getattr(node, "end_lineno", None) or line
        column = self._column(line, getattr(node, "col_offset", 0))
        end_column = self._column(end_line, getattr(node, "end_col_offset", None) or 0)
        return Location(self.path, line, column, end_line, max(end_column, column + 1), self.cell)

    def _column(self, line: int, offset: int) -> int:
        text = self.lines[line - 1] if 0 < line <= len(self.lines) else ""
        if not text.isascii():
            offset = len(text.encode("utf-8", "surrogatepass")[:offset].decode("utf-8", "replace"))
        return offset + 1

    def line_location(self, line: int) -> Location:
        """The whole of a line, without its indentation."""
        text = self.lines[line - 1] if 0 < line <= len(self.lines) else ""
        start = len(text) - len(text.lstrip()) + 1
        return Location(self.path, line, start, line, max(len(text.rstrip()) + 1, start + 1), self.cell)


@dataclass(frozen=True)
class Document:
    """A file: its units in order, its lines, and the errors of units that could not be parsed."""

    path: str
    units: tuple[Unit, ...]
    lines: tuple[str, ...]
    cells: tuple[int, ...] = ()
    errors: tuple[InputError, ...] = field(default=())

    def unit(self, filename: str) -> Unit | None:
        """The unit whose code objects carry this name."""
        return next((u for u in self.units if u.filename == filename), None)

    def statements(self) -> Iterator[tuple[Unit, ast.stmt]]:
        for unit in self.units:
            for statement in unit.tree.body:
                yield unit, statement

    def comments(self) -> tuple[Comment, ...]:
        """The comments that contain "ansatzlint:", without the number sign."""
        return tuple(comment for unit in self.units for comment in _comments(unit))


def parse_unit(text: str, path: str, cell: int | None = None, shown: str | None = None) -> Unit:
    """Parse one unit; `shown` is its text for display where magics were blanked. ParseError names line and column."""
    where = "" if cell is None else f" in code cell {cell}"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # invalid escapes in strings are not ours to report
            tree = ast.parse(text, filename=path)
    except SyntaxError as error:
        line = error.lineno or 1
        column = error.offset if error.offset and error.offset > 0 else 1
        message = f"is not valid Python{where}: {error.msg}"
        raise ParseError(message, path=path, line=line, column=column) from None
    except (ValueError, RecursionError, MemoryError) as error:
        reason = "it holds a NUL byte" if "null" in str(error) else "it is nested too deeply"
        raise ParseError(f"is not valid Python{where}: {reason}", path=path, line=1, column=1) from None
    return Unit(text if shown is None else shown, tree, path, cell)


def parse_file(text: str, path: str) -> Document:
    """A Python file as a document of one unit; errors stand in the document."""
    text = text.removeprefix("\ufeff")
    lines = split_lines(text)
    if len(text) > MAX_CHARACTERS:
        error = InputError(f"is longer than {MAX_CHARACTERS:,} characters; exclude it", path=path)
        return Document(path, (), lines, errors=(error,))
    try:
        return Document(path, (parse_unit(text, path),), lines)
    except InputError as error:
        return Document(path, (), lines, errors=(error,))


def _comments(unit: Unit) -> Iterator[Comment]:
    if _MARK not in unit.text:
        return
    try:
        for token in tokenize.generate_tokens(io.StringIO(unit.text, newline=None).readline):
            if token.type == tokenize.COMMENT and _MARK in token.string:
                (line, start), (_, stop) = token.start, token.end
                place = Location(unit.path, line, start + 1, line, stop + 1, unit.cell)
                yield Comment(token.string.lstrip("#").strip(), place)
    except (tokenize.TokenError, SyntaxError):
        return  # a notebook cell with magics: comments up to there
