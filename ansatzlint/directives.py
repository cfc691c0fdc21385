"""Comments that speak to ansatzlint: suppressions, and facts that the source does not show.

    # ansatzlint: ignore[AL101, global-cost] reason       hides findings on this line
    # ansatzlint: ignore                                  hides all findings on this line
    # ansatzlint: ignore-file[AL101] reason               hides findings in this file
    # ansatzlint: observable=Z0*Z1 init=normal:0.1        declares, for the circuit at or around this line

In OpenQASM the comment starts with `//`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ansatzlint.assumptions import Assumed
from ansatzlint.circuit import Circuit, Location
from ansatzlint.errors import InputError, UsageError
from ansatzlint.initialisation import parse_initialisation
from ansatzlint.noise import parse_noise
from ansatzlint.rulebook import resolve
from ansatzlint.source import Comment, Source

_MARK = re.compile(r"ansatzlint:\s*(?P<body>.*)", re.DOTALL)
_IGNORE = re.compile(r"(?P<kind>ignore-file|ignore)\s*(?:\[(?P<codes>[^\]]*)\])?(?:\s+(?P<reason>.*))?$", re.DOTALL)
_PAIR = re.compile(r"([A-Za-z_-]+)\s*=\s*")
KEYS = ("observable", "init", "noise", "shots")
READER_KEYS = ("args", "parameter", "role", "inputs", "sizes")
"""Keys that a reader interprets itself."""


@dataclass(frozen=True, slots=True)
class Suppression:
    """`codes` is None for all rules; `unknown` names those that are no rules."""

    location: Location
    whole_file: bool
    codes: frozenset[str] | None
    unknown: tuple[str, ...] = ()

    def hides(self, code: str, location: Location) -> bool:
        """Whether it hides a finding of that rule at that place."""
        if self.codes is not None and code not in self.codes:
            return False
        if self.whole_file:
            return True
        return location.cell == self.location.cell and location.line <= self.location.line <= location.end_line


@dataclass(frozen=True, slots=True)
class Declared:
    """Facts that a comment declares."""

    location: Location
    facts: Assumed


def suppressions(source: Source) -> tuple[Suppression, ...]:
    """The suppressions among the source's comments."""
    found = []
    for comment in source.comments:
        body = _body(comment)
        match = _IGNORE.match(body)
        if match is None:
            continue
        codes: set[str] = set()
        unknown = []
        for selector in (match["codes"] or "").split(","):
            if selector.strip():
                try:
                    codes |= resolve([selector])
                except UsageError:
                    unknown.append(selector.strip())
        every = match["codes"] is None
        found.append(
            Suppression(
                comment.location, match["kind"] == "ignore-file", None if every else frozenset(codes), tuple(unknown)
            )
        )
    return tuple(found)


def declarations(source: Source) -> tuple[Declared, ...]:
    """The declarations among the source's comments; InputError for one that cannot be meant."""
    found = []
    for comment in source.comments:
        body = _body(comment)
        if _IGNORE.match(body):
            continue
        place = comment.location
        try:
            facts = _facts(body)
        except (UsageError, ValueError) as error:
            raise InputError(str(error), path=source.path, line=place.line, column=place.column) from None
        if facts is not None:
            found.append(Declared(place, facts))
    return tuple(found)


def declare(circuits: Sequence[Circuit], declared: Sequence[Declared]) -> tuple[tuple[Circuit, Assumed], ...]:
    """Each circuit with the facts that comments declare about it.

    A comment belongs to the circuit that starts on one of the next two lines or else to the last that starts
    before it; one that stands before all of them belongs to every circuit of the file.
    """
    starts = {(c.location.cell, c.location.line) for c in circuits if c.location is not None}
    result = []
    for circuit in circuits:
        facts = Assumed()
        for declaration in declared:
            if _about(declaration.location, circuit.location, starts):
                known = {k: v for k in KEYS if (v := getattr(declaration.facts, k)) is not None}
                facts = replace(facts, **known)
        result.append((circuit, facts))
    return tuple(result)


def _about(comment: Location, circuit: Location | None, starts: set[tuple[int | None, int]]) -> bool:
    if circuit is None:
        return True
    if circuit.cell != comment.cell:
        return False
    lines = sorted(line for cell, line in starts if cell == comment.cell)
    near = [line for line in lines if 0 <= line - comment.line <= 2]
    before = [line for line in lines if line <= comment.line]
    if near:
        return circuit.line == near[0]
    return not before or circuit.line == before[-1]


def _body(comment: Comment) -> str:
    match = _MARK.search(comment.text)
    return match["body"].strip() if match else ""


def _facts(body: str) -> Assumed | None:
    pieces = _PAIR.split(body)
    if len(pieces) < 3 or pieces[0].strip():
        keys = ", ".join(f"{key}=…" for key in KEYS)
        raise UsageError(f"cannot read the comment 'ansatzlint: {body}'; use ignore[CODE], {keys}")
    facts: dict[str, object] = {}
    for key, text in zip(pieces[1::2], pieces[2::2], strict=True):
        value = text.strip().rstrip(",;").strip()
        match key:
            case "observable":
                facts[key] = value
            case "init":
                facts[key] = parse_initialisation(value)
            case "noise":
                facts[key] = parse_noise(value)
            case "shots":
                facts[key] = parse_shots(value)
            case _ if key in READER_KEYS:
                continue
            case _:
                raise UsageError(f"unknown key {key!r} in a comment; known are {', '.join(KEYS + READER_KEYS)}")
    return Assumed(**facts) if facts else None  # type: ignore[arg-type]  # built from the keys above


def parse_shots(text: str) -> int:
    """A positive whole number; UsageError for anything else."""
    if not text.isdecimal() or int(text) < 1:
        raise UsageError(f"shots must be a positive whole number, not {text!r}")
    return int(text)
