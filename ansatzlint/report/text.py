"""What the formats for people share: places, counts, colours."""

from __future__ import annotations

from math import isinf
from typing import Any

from ansatzlint.circuit import Location
from ansatzlint.diagnostic import Claim, Severity
from ansatzlint.encoding import Commuting
from ansatzlint.evidence import Cone, Dead, DepthBudget, Redundant, Resolution, Sources, Start, Term
from ansatzlint.expressivity import Purity
from ansatzlint.linter import Report

_SHOWN = 4
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
    return f"{title}: {figure(claim)} ({kind(claim)})"


def figure(claim: Claim) -> str:
    """A claim's value in one line, a single number with its interval; where only one end is known, that end."""
    value, lower, upper = claim.value, claim.lower, claim.upper
    if isinstance(lower, float) and isinstance(upper, float):
        return f"{short(value)} [{lower:.3g}, {upper:.3g}]"
    if isinstance(value, dict) and isinstance(lower, dict):
        return ", ".join(
            f"{key} more than {short(lower[key])}" if isinf(item) and not isinf(lower[key]) else f"{key} {short(item)}"
            for key, item in value.items()
        )
    if isinstance(value, tuple) and isinstance(upper, tuple) and value:
        unseen = sum(not item and end > 0.0 for item, end in zip(value, upper, strict=True))
        return short(value) + (f", {unseen} of them not seen, only bounded" if unseen else "")
    return short(value)


def kind(claim: Claim) -> str:
    """How a claim was got, and which of its assumptions do not hold."""
    broken = [a.text for a in claim.assumptions if a.holds is False]
    return f"{claim.source}; unmet: {', '.join(broken)}" if broken else str(claim.source)


def short(value: Any) -> str:
    """A claim's value in one line; long lists are counted and cut."""
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, dict):
        return ", ".join(f"{key} {short(item)}" for key, item in value.items())
    if isinstance(value, Resolution):
        return f"{value.verdict} at {value.budget:.3g} shots"
    if isinstance(value, Sources):
        return _sources(value)
    if isinstance(value, Start):
        return f"{len(value.gradients)} components, the largest {value.largest:.4g}"
    if isinstance(value, DepthBudget):
        return f"{value.layers} of {value.total}"
    if isinstance(value, Purity):
        qubits = ", ".join(map(str, value.subsystem))
        return f"{value.purity:.4g} on {'qubit' if len(value.subsystem) == 1 else 'qubits'} {qubits}"
    if not isinstance(value, tuple | str | int | None):
        return _large(value)
    if not isinstance(value, tuple):
        return str(value)
    if not value:
        return "none"
    if all(isinstance(item, float) for item in value):
        ranked = sorted(value)
        middle = ranked[(len(ranked) - 1) // 2]
        return f"{len(value)}: {ranked[0]:.4g} to {ranked[-1]:.4g}, median {middle:.4g}"
    shown = [_item(item) for item in value[:_SHOWN]]
    if all(isinstance(item, int) for item in value):
        return ("qubit " if len(value) == 1 else "qubits ") + ", ".join(shown) + (", …" if len(value) > _SHOWN else "")
    number = f"{len(value)}: " if len(value) > 1 else ""
    return number + clip("; ".join(shown) + ("; …" if len(value) > _SHOWN else ""), 160)


def _large(value: Any) -> str:
    from ansatzlint.algebra import LieAlgebra
    from ansatzlint.scales import Scaling

    if isinstance(value, LieAlgebra):
        return f"{clip(value.named, 60)}, {value.sized}, {value.growth}"
    if isinstance(value, Scaling):
        return f"largest {value.largest}; median {value.median}"
    return str(value)


def _sources(value: Sources) -> str:
    parts = []
    for what, shares in (("block", value.blocks), ("term", value.terms)):
        total = sum(size for _, size in shares)
        if total and len(shares) > 1:
            best = sorted(shares, key=lambda share: -share[1])[:_SHOWN]
            parts.append(", ".join(f"{what} {clip(str(name), 24)} {size / total:.0%}" for name, size in best))
    return "; ".join(parts) or "one block, one term"


def _item(item: Any) -> str:
    if isinstance(item, Term):
        if item.label.endswith(" qubits"):  # says itself how many
            what, of, qubits = item.label.rpartition(" on ")
            return clip(what, 40) + of + qubits
        label = clip(item.label, 40)
        acts = len(item.qubits)
        behind = f"{item.locality} behind the trailing Clifford gates" if item.locality else "no parameter moves it"
        return f"{label} on {count(acts, 'qubit')}" + (f" ({behind})" if acts != item.locality else "")
    if isinstance(item, Cone):
        return f"{clip(item.label, 40)}: {count(len(item.qubits), 'qubit')}, {count(item.gates, 'gate')}, " + count(
            item.parameters, "parameter"
        )
    if isinstance(item, Commuting):
        return f"{item.parameter} (as one rotation by {item.frequency:g} times it)"
    if isinstance(item, Redundant):
        return f"{item.parameter} beside {item.other}"
    return str(item.parameter if isinstance(item, Dead) else item)


def clip(text: str, width: int = 100) -> str:
    """The text, cut to a width."""
    return text if len(text) <= width else text[: width - 1] + "…"
