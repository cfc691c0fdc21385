"""Comments that declare what a circuit's source does not show.

    # ansatzlint: observable=Z0*Z1 init=normal:0.1 noise=depolarizing:0.001:0.01 shots=1000

In OpenQASM the comment starts with `//`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from ansatzlint.assumptions import Assumed, state
from ansatzlint.circuit import Circuit, Location
from ansatzlint.errors import InputError, UsageError
from ansatzlint.initialisation import parse_initialisation
from ansatzlint.noise import parse_noise
from ansatzlint.source import Source

_NOT_OURS = re.compile(r"ignore(-file)?\b|(parameter|angles|role)\s*=")  # suppressions, the reader's own
_PAIR = re.compile(r"([A-Za-z_-]+)\s*=\s*")
KEYS = ("observable", "init", "noise", "shots")
DECORATOR_KEYS = ("args", "inputs", "sizes")
"""What only the decorator declares."""


@dataclass(frozen=True, slots=True)
class Declared:
    """Facts that a comment declares."""

    location: Location
    facts: Assumed


def declarations(source: Source) -> tuple[Declared, ...]:
    """The declarations among the source's comments; InputError for one that cannot be meant."""
    found = []
    for comment in source.comments:
        if _NOT_OURS.match(comment.body):
            continue
        place = comment.location
        try:
            facts = _facts(comment.body)
        except (UsageError, ValueError) as error:
            raise InputError(str(error), path=source.path, line=place.line, column=place.column) from None
        if facts is not None:
            found.append(Declared(place, facts))
    return tuple(found)


def declare(source: Source) -> tuple[Circuit, ...]:
    """The source's circuits with what its comments declare about them.

    A comment belongs to the circuit that starts on one of the next two lines or else to the last that starts
    before it; one that stands before all of them belongs to every circuit of the file.

    Raises
    ------
    InputError
        For a declaration that cannot be meant, or does not fit its circuit.
    """
    declared = declarations(source)
    starts = {(c.location.cell, c.location.line) for c in source.circuits if c.location is not None}
    result = []
    for circuit in source.circuits:
        for declaration in declared:
            place = declaration.location
            if not _about(place, circuit.location, starts):
                continue
            try:
                circuit = state(circuit, declaration.facts)
            except UsageError as error:
                raise InputError(str(error), path=source.path, line=place.line, column=place.column) from None
            if declaration.facts.observable is not None:
                located = tuple(replace(observable, location=place) for observable in circuit.observables)
                circuit = replace(circuit, observables=located)
        result.append(circuit)
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
            case _ if key in DECORATOR_KEYS:
                raise UsageError(f"{key!r} is declared by the decorator @ansatzlint.ansatz({key}=…), not in a comment")
            case _:
                raise UsageError(f"unknown key {key!r} in a comment; known are {', '.join(KEYS)}")
    return Assumed(**facts) if facts else None  # type: ignore[arg-type]  # built from the keys above


def parse_shots(text: str) -> int:
    """A positive whole number; UsageError for anything else."""
    if not text.isdecimal() or int(text) < 1:
        raise UsageError(f"shots must be a positive whole number, not {text!r}")
    return int(text)
