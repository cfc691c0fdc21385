"""Findings, and the typed claims that they rest on."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Literal

from ansatzlint.circuit import Location

ClaimSource = Literal["exact", "theorem", "bound", "sampled", "surrogate", "predicted"]


@dataclass(frozen=True, slots=True)
class Assumption:
    """Something that a claim rests on, and whether it holds (None: not known)."""

    text: str
    holds: bool | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """One statement about a circuit.

    Attributes
    ----------
    key : str
        What is claimed, a key of `ansatzlint.evidence.KEYS`.
    value : object
        Number, text, or a tuple or dict of such; None where it could not be had, and then `reason` says why.
    lower, upper : object
        95 % interval of a sampled value, or the rigorous bounds of a `bound`; of the value's form where that is a tuple
        or dict of numbers. None for a value that has no interval.
    source : str or None
        How it was got; None where there is no value.
    """

    key: str
    value: Any
    lower: Any = None
    upper: Any = None
    source: ClaimSource | None = "exact"
    assumptions: tuple[Assumption, ...] = ()
    citation: str | None = None
    samples: int | None = None
    seed: int | None = None
    seconds: float = field(default=0.0, compare=False)
    reason: str | None = None


class Severity(IntEnum):
    """How much a finding matters; ordered."""

    INFO = 1
    WARNING = 2
    ERROR = 3

    def __str__(self) -> str:
        return self.name.lower()

    @classmethod
    def parse(cls, text: str) -> Severity:
        """`info`, `warning` or `error`; ValueError for anything else."""
        try:
            return cls[text.upper()]
        except KeyError:
            raise ValueError(f"unknown severity {text!r}; use error, warning or info") from None


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check says: the values for the rule's message, and the part of the circuit that it is about.

    A check of a whole file names the `circuit` that it is about, where it is about one.
    """

    values: dict[str, Any]
    location: Location | None = None
    severity: Severity | None = None
    qubits: tuple[int, ...] = ()
    gates: tuple[int, ...] = ()
    parameters: tuple[str, ...] = ()
    evidence: tuple[Claim, ...] = ()
    circuit: str | None = None


@dataclass(frozen=True, slots=True)
class Fix:
    """A change of the source that removes a finding: replace the span by `replacement`."""

    message: str
    location: Location
    replacement: str
    safe: bool


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """A finding at a place, ready to be printed.

    `circuit` is the name of the circuit, None for a finding about the file; `qubits`, `gates` (indices) and
    `parameters` (names) are the part of the circuit that it is about; `help` is the remedy.
    """

    code: str
    name: str
    severity: Severity
    message: str
    location: Location
    circuit: str | None = None
    qubits: tuple[int, ...] = ()
    gates: tuple[int, ...] = ()
    parameters: tuple[str, ...] = ()
    evidence: tuple[Claim, ...] = ()
    help: str = ""
    citations: tuple[str, ...] = ()
    fix: Fix | None = None
    url: str = ""
