"""A recommendation as a unified diff of the source, where the source can say it.

A patch is made from the places of gates, comments and draws, and kept only if the changed text, read again, gives the
recommended circuit. Where that fails there is no diff, and the code of the circuit has to do.
"""

from __future__ import annotations

import ast
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from difflib import unified_diff
from itertools import accumulate, pairwise

from ansatzlint.assumptions import Assumed, complete, state
from ansatzlint.circuit import Circuit, Location, PauliSum
from ansatzlint.directives import declare
from ansatzlint.errors import AnsatzlintError
from ansatzlint.families.canonical import canonical
from ansatzlint.initialisation import Initialisation, Normal, Uniform, Zeros
from ansatzlint.observables import to_text
from ansatzlint.source import Source

_HEADER = re.compile(r"\s*(OPENQASM\b[^;]*;|include\b[^;]*;|//.*)?\s*$")
_KEY = re.compile(r"\b(observable|init|noise|shots)\s*=")


@dataclass(frozen=True, slots=True)
class Edit:
    """Characters `start` to `stop` of the text become `new`."""

    start: int
    stop: int
    new: str


def diff(source: Source, before: Circuit, after: Circuit, facts: Assumed = Assumed()) -> str | None:  # noqa: B008
    """The change from one circuit to another as a unified diff of their source; None where it cannot be written so.

    Parameters
    ----------
    source : Source
        The file that `before` was read from.
    before, after : Circuit
        Both complete.
    facts : Assumed
        What the user said of the circuit beside its source; the changed file is to be read with it too.
    """
    if source.path.endswith(".qasm"):
        return _openqasm(source, before, after, facts)
    if source.path.endswith(".py"):
        return _python(source, before, after)
    return None


def _shown(source: Source, old: str, new: str) -> str:
    path = source.path.lstrip("/")
    lines = unified_diff(old.splitlines(True), new.splitlines(True), f"a/{path}", f"b/{path}")
    return "".join(lines)


def _applied(text: str, edits: Iterable[Edit]) -> str | None:
    """The text with all edits; None where two of them overlap."""
    ordered = sorted(edits, key=lambda e: (e.start, e.stop))
    if any(a.stop > b.start for a, b in pairwise(ordered)):
        return None
    for edit in reversed(ordered):
        text = text[: edit.start] + edit.new + text[edit.stop :]
    return text


class _Text:
    """A text by lines, with the offsets of places in it."""

    def __init__(self, source: Source) -> None:
        self.lines = source.lines
        self.text = "\n".join(source.lines) + "\n"
        self.starts = [0, *accumulate(len(line) + 1 for line in source.lines)]

    def span(self, place: Location) -> tuple[int, int]:
        return self.starts[place.line - 1] + place.column - 1, self.starts[place.end_line - 1] + place.end_column - 1

    def line_of(self, start: int, stop: int) -> tuple[int, int]:
        """The span, widened to whole lines where nothing else stands on them."""
        first = bisect_right(self.starts, start) - 1
        last = bisect_right(self.starts, stop) - 1
        begin, end = self.starts[first], min(self.starts[last + 1], len(self.text))
        alone = not self.text[begin:start].strip() and not self.text[stop:end].strip()
        return (begin, end) if alone else (start, stop)


# --- OpenQASM


def _openqasm(source: Source, before: Circuit, after: Circuit, facts: Assumed) -> str | None:
    from ansatzlint.readers.openqasm import read_openqasm

    at = _Text(source)
    edits: list[Edit] = []
    removed = _removed(before, after)
    if removed is None:
        return None
    for place in removed:
        stop = at.text.find(";", at.span(place)[0])
        if stop < 0:
            return None
        edits.append(Edit(*at.line_of(at.span(place)[0], stop + 1), ""))
    edits += _declarations(at, before, after)
    comments = _comments(before, after)
    if comments is None:
        return None
    for key, value in comments.items():
        edits.append(_comment(source, at, key, value))
    new = _applied(at.text, _joined(edits))
    if new is None or new == at.text:
        return None
    said = replace(facts, **dict.fromkeys(comments))
    try:
        (circuit,) = declare(read_openqasm(new, path=source.path))
        again = complete(state(circuit, said))
    except (AnsatzlintError, ValueError):  # the second: no circuit was read
        return None
    return _shown(source, at.text, new) if same(again, after) else None


def _joined(edits: list[Edit]) -> list[Edit]:
    """Insertions at one place as one edit, in order."""
    found: dict[tuple[int, int], str] = {}
    for edit in edits:
        found[edit.start, edit.stop] = found.get((edit.start, edit.stop), "") + edit.new
    return [Edit(start, stop, new) for (start, stop), new in found.items()]


def same(circuit: Circuit, other: Circuit) -> bool:
    """Whether two complete circuits are one: gates up to names of parameters, their laws, cost, noise and shots."""
    forms = canonical(circuit), canonical(other)
    laws = []
    for each, form in zip((circuit, other), forms, strict=True):
        own = {p.name: p.initialisation or each.initialisation for p in each.parameters}
        laws.append([own[name] for name in form.names])
    return (
        forms[0].same(forms[1])
        and laws[0] == laws[1]
        and len(circuit.parameters) == len(other.parameters)
        and [replace(o, location=None) for o in circuit.observables]
        == [replace(o, location=None) for o in other.observables]
        and (circuit.noise, circuit.shots) == (other.noise, other.shots)
    )


def _removed(before: Circuit, after: Circuit) -> list[Location] | None:
    """The places of gates that are no longer there; None where others came in, or a place stands for kept ones too."""
    kept = {id(gate) for gate in after.gates}
    left = [gate for gate in before.gates if id(gate) in kept]
    if len(left) != len(after.gates) or any(a is not b for a, b in zip(left, after.gates, strict=True)):
        return None
    staying = {gate.location for gate in left}
    places = {gate.location for gate in before.gates if id(gate) not in kept}
    if None in places or places & staying:
        return None
    return [place for place in places if place is not None]


def _declarations(at: _Text, before: Circuit, after: Circuit) -> Iterator[Edit]:
    """Declarations of inputs that no gate uses any more."""
    left = {p.name for p in after.parameters}
    for p in before.parameters:
        if p.name not in left:
            pattern = rf"^[ \t]*input\s+\w+\s*(?:\[\s*\d+\s*\])?\s+{re.escape(p.name)}\s*;[^\n]*\n"
            found = re.search(pattern, at.text, re.MULTILINE)
            if found:
                yield Edit(found.start(), found.end(), "")


def _comments(before: Circuit, after: Circuit) -> dict[str, str] | None:
    """What comments have to say anew, by key; None where they cannot."""
    found = {}
    if before.observables != after.observables:
        if len(after.observables) != 1 or not isinstance(after.observables[0], PauliSum):
            return None
        found["observable"] = to_text(after.observables[0])
    laws = {p.initialisation for p in after.trainable} | {p.initialisation for p in before.trainable}
    if before.initialisation != after.initialisation or laws != {None}:
        if laws != {None} or after.initialisation is None:
            return None
        found["init"] = law_text(after.initialisation)
    return found


def law_text(law: Initialisation) -> str:
    """The law as `parse_initialisation` reads it."""
    match law:
        case Zeros():
            return "zeros"
        case Normal():
            return f"normal:{law.std!r}"
        case Uniform():
            return f"uniform:{law.low!r}:{law.high!r}"


def _comment(source: Source, at: _Text, key: str, value: str) -> Edit:
    """The key's value in the comment that declares it, or a new comment behind the head of the file."""
    for comment in source.comments:
        start, stop = at.span(comment.location)
        inside = at.text[start:stop]
        pairs = list(_KEY.finditer(inside))
        for number, pair in enumerate(pairs):
            if pair[1] == key:
                end = pairs[number + 1].start() if number + 1 < len(pairs) else len(inside)
                gap = " " if number + 1 < len(pairs) else ""
                return Edit(start + pair.end(), start + end, value + gap)
    line = next((k for k, text in enumerate(at.lines) if not _HEADER.match(text)), len(at.lines))
    last = max((k for k in range(line) if at.lines[k].strip() and not at.lines[k].lstrip().startswith("//")), default=0)
    place = at.starts[last + 1]
    return Edit(place, place, f"// ansatzlint: {key}={value}\n")


# --- Python


def _python(source: Source, before: Circuit, after: Circuit) -> str | None:
    """Draws of the trainable parameters from the new normal law, where that is all that changes."""
    from ansatzlint.readers.python import read_python

    law = after.initialisation
    if [p.name for p in after.parameters] != [p.name for p in before.parameters]:
        return None
    only = same(replace(after, initialisation=before.initialisation, parameters=before.parameters), before)
    if not isinstance(law, Normal) or not only or any(p.initialisation for p in after.trainable):
        return None
    at = _Text(source)
    text = "\n".join(source.lines) + "\n"
    draws = [d for d in read_python(text, path=source.path, folder=None, execute=False).draws if d.role == "trainable"]
    edits = []
    for draw in draws:
        start, stop = at.span(draw.location)
        new = _normal(text[start:stop], law)
        if new is None:
            return None
        edits.append(Edit(start, stop, new))
    new_text = _applied(text, edits)
    if not edits or new_text is None:
        return None
    again = [d for d in read_python(new_text, path=source.path, folder=None, execute=False).draws
             if d.role == "trainable"]  # fmt: skip
    if len(again) != len(draws) or any(d.initialisation != law for d in again):
        return None
    return _shown(source, text, new_text)


_ENDS = {"uniform": ("low", "high"), "normal": ("loc", "scale")}


def _normal(call: str, law: Normal) -> str | None:
    """A call of numpy's `uniform` or `normal` with both its numbers given, drawing from the law instead."""
    try:
        node = ast.parse(call, mode="eval").body
    except SyntaxError:
        return None
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr not in _ENDS:
        return None
    given = list(zip(_ENDS[node.func.attr], ("loc", "scale"), (law.mean, law.std), strict=True))
    data = call.encode()  # ast counts columns in bytes
    lines = data.splitlines(keepends=True)
    starts = [0, *accumulate(map(len, lines))]

    def span(expression: ast.expr) -> tuple[int, int]:
        assert expression.end_lineno is not None, "parsed from text"
        assert expression.end_col_offset is not None, "parsed from text"
        return (
            starts[expression.lineno - 1] + expression.col_offset,
            starts[expression.end_lineno - 1] + expression.end_col_offset,
        )

    edits: list[tuple[int, int, str]] = []
    name_end = span(node.func)[1]
    edits.append((name_end - len(node.func.attr), name_end, "normal"))
    for position, (old, new, number) in enumerate(given):
        keyword = next((k for k in node.keywords if k.arg == old), None)
        if position < len(node.args) and not isinstance(node.args[position], ast.Starred):
            edits.append((*span(node.args[position]), repr(number)))
        elif keyword is not None:
            begin = starts[keyword.lineno - 1] + keyword.col_offset
            edits.append((begin, span(keyword.value)[1], f"{new}={number!r}"))
        else:
            return None
    for begin, end, text in sorted(edits, reverse=True):
        data = data[:begin] + text.encode() + data[end:]
    return data.decode()
