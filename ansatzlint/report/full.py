"""The format for reading: source lines with the place underlined, evidence, remedy, citation."""

from __future__ import annotations

from collections.abc import Iterator

from ansatzlint.diagnostic import Diagnostic
from ansatzlint.evidence import KEYS
from ansatzlint.linter import Report
from ansatzlint.report.text import describe, paint, paint_severity, place, summary
from ansatzlint.source import Source

_BOLD, _DIM = "1", "2"
_WIDEST_LINE = 160


def render(report: Report, *, color: bool = False) -> str:
    """Text that ends with a newline."""
    sources = {source.path: source for source in report.sources}
    blocks = ["\n".join(_diagnostic(d, sources.get(d.location.path), color)) for d in report.diagnostics]
    notes = [
        f"{c.path}: circuit {c.name}: {note}"
        for c in report.circuits
        for note in c.assumptions
    ]
    if notes:
        blocks.append("\n".join(paint(f"note: {note}", _DIM, color) for note in dict.fromkeys(notes)))
    blocks.append(paint(summary(report), _BOLD, color))
    return "\n\n".join(blocks) + "\n"


def _diagnostic(diagnostic: Diagnostic, source: Source | None, color: bool) -> Iterator[str]:
    head = f"{diagnostic.code} {diagnostic.name}"
    yield (
        f"{paint_severity(str(diagnostic.severity), diagnostic.severity, color)}[{paint(head, _BOLD, color)}]: "
        f"{paint(diagnostic.message, _BOLD, color)}"
    )
    location = diagnostic.location
    gutter = " " * len(str(location.line))
    where = f" (circuit {diagnostic.circuit})" if diagnostic.circuit else ""
    yield f"{gutter}--> {place(location)}{where}"
    line = source.line(location) if source else None
    if line is not None:
        yield f"{gutter} |"
        shown, start, length = _window(line, location.column, _end(diagnostic, line))
        yield f"{location.line} | {shown}"
        yield f"{gutter} | {' ' * start}{paint_severity('^' * length, diagnostic.severity, color)}"
    for claim in diagnostic.evidence:
        yield f"{gutter} = evidence: {describe(claim, KEYS[claim.key].title)}"
    for remedy in diagnostic.help.splitlines():
        yield f"{gutter} = help: {remedy}"
    for citation in diagnostic.citations:
        yield f"{gutter} = see: {citation}"


def _end(diagnostic: Diagnostic, line: str) -> int:
    location = diagnostic.location
    return location.end_column if location.end_line == location.line else len(line) + 1


def _window(line: str, column: int, end: int) -> tuple[str, int, int]:
    """The line, cut around the place if it is very long; where the underline starts, and its length."""
    start = min(column - 1, len(line))
    length = max(1, min(end - column, len(line) - start))
    # A tab or another control character would tear the underline off its place.
    line = "".join(c if c.isprintable() else " " for c in line)
    if len(line) <= _WIDEST_LINE:
        return line, start, length
    left = max(0, start - _WIDEST_LINE // 4)
    return line[left : left + _WIDEST_LINE], start - left, min(length, _WIDEST_LINE - (start - left))
