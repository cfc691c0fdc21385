"""What the formats for people share: places, counts, colours."""

from __future__ import annotations

from ansatzlint.circuit import Location
from ansatzlint.diagnostic import Claim, Severity
from ansatzlint.linter import Report

_COLORS = {Severity.ERROR: "31", Severity.WARNING: "33", Severity.INFO: "36"}


def paint(text: str, code: str, color: bool) -> str:
    """The text in an ANSI style, or as it is."""
    return f"\x1b[{code}m{text}\x1b[0m" if color and text else text


def paint_severity(text: str, severity: Severity, color: bool) -> str:
    return paint(text, _COLORS[severity], color)


def place(location: Location) -> str:
    """path:line:column, with the cell of a notebook."""
    cell = f":cell {location.cell}" if location.cell is not None else ""
    return f"{location.path}{cell}:{location.line}:{location.column}"


def count(number: int, noun: str) -> str:
    """`1 circuit`, `2 circuits`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def summary(report: Report) -> str:
    """One line: how many findings of each severity, in how many circuits."""
    numbers = {level: sum(d.severity == level for d in report.diagnostics) for level in Severity}
    found = [count(numbers[level], str(level)) for level in (Severity.ERROR, Severity.WARNING) if numbers[level]]
    if numbers[Severity.INFO]:
        found.append(f"{numbers[Severity.INFO]} info")
    circuits = count(len(report.circuits), "circuit")
    unread = f", {count(len(report.errors), 'file')} could not be read" if report.errors else ""
    return f"{', '.join(found) or 'no findings'} in {circuits}{unread}"


def describe(claim: Claim, title: str) -> str:
    """A claim in a few words, with how it was got."""
    if claim.value is None:
        return f"{title}: not evaluated ({claim.reason})"
    value = claim.value
    if isinstance(value, float):
        text = f"{value:.4g}"
    elif isinstance(value, tuple):
        text = str(len(value))
    else:
        text = str(value)
    interval = ""
    if claim.lower is not None and claim.upper is not None:
        interval = f" [{claim.lower:.3g}, {claim.upper:.3g}]"
    broken = [a.text for a in claim.assumptions if a.holds is False]
    unmet = f"; unmet: {', '.join(broken)}" if broken else ""
    return f"{title}: {text}{interval} ({claim.source}{unmet})"
