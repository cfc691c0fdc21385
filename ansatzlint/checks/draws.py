"""Checks of how the parameters' first values are drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import isfinite
from typing import TYPE_CHECKING

from ansatzlint.assumptions import has_declared_initialisation
from ansatzlint.checks.plateau import live_of, misses_budget
from ansatzlint.checks.wording import amount
from ansatzlint.circuit import Circuit, Location
from ansatzlint.diagnostic import Finding, Severity
from ansatzlint.evidence import Evidence
from ansatzlint.evidence.gradients import narrow_law
from ansatzlint.initialisation import Initialisation, Normal, Uniform, Zeros
from ansatzlint.rulebook import Rule
from ansatzlint.source import Source

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ansatzlint.variance import GradientVariance


@dataclass(frozen=True, slots=True)
class Start:
    """A law that initial values are drawn from: where it was seen, and the circuits that start so."""

    target: str
    law: Initialisation
    location: Location | None
    circuits: tuple[Evidence, ...]


def _starts(
    source: Source, circuits: Sequence[Evidence], suspect: Callable[[Initialisation], bool]
) -> Iterator[Start]:
    """The draws and the declarations of a file whose law is suspect; an assumed law is none of them."""
    for draw in source.draws:
        law = draw.initialisation
        if draw.role == "trainable" and law is not None and suspect(law):
            drawn = tuple(e for e in circuits if any(p.initialisation == law for p in e.circuit.trainable))
            yield Start(draw.target or "the parameters", law, draw.location, drawn)
    for evidence in circuits:
        law = evidence.circuit.initialisation
        follow = any(p.initialisation is None for p in evidence.circuit.trainable)
        if law is not None and suspect(law) and follow and has_declared_initialisation(evidence.circuit):
            yield Start("the trainable parameters", law, evidence.circuit.location, (evidence,))


@dataclass(frozen=True, slots=True)
class _Comparison:
    """How much larger the largest live gradient is, in mean square, under a narrow law, and what that saves."""

    gain: float
    surely: float
    narrow: str
    saves: bool


def _compare(evidence: Evidence) -> _Comparison | None:
    """The declared start against the narrow one; None where one of them was not measured."""
    claims = evidence.claim("gradients"), evidence.claim("gradients_narrow")
    if any(claim.value is None or claim.source == "surrogate" for claim in claims):
        return None
    wide: GradientVariance = claims[0].value
    narrow: GradientVariance = claims[1].value
    live = live_of(wide)
    if not live:
        return None

    def largest(values: NDArray[np.float64]) -> float:
        return max(float(values[k]) for k in live)

    def ratio(above: float, below: float) -> float:
        return above / below if below > 0.0 else float("inf") if above > 0.0 else 0.0

    resolved = bool((narrow.shots_upper[live] <= evidence.value("resolution").budget).any())
    return _Comparison(
        gain=ratio(largest(narrow.mean_square), largest(wide.mean_square)),
        surely=ratio(largest(narrow.mean_square_lower), largest(wide.mean_square_upper)),
        narrow=str(narrow.init),
        saves=misses_budget(evidence) and resolved,
    )


def _drowned(start: Start, rule: Rule) -> tuple[bool, Finding | None]:
    """Whether some circuit that starts so was measured, and the finding about the one that suffers most."""
    compared = [(found, e) for e in start.circuits if (found := _compare(e)) is not None]
    sure = [(found, e) for found, e in compared if found.surely >= rule.thresholds["gain"].value]
    if not sure:
        return bool(compared), None
    found, evidence = max(sure, key=lambda pair: (pair[0].saves, pair[0].surely))
    gain = f"{amount(found.gain)} times" if isfinite(found.gain) else "unboundedly"
    own = tuple(p.name for p in evidence.circuit.trainable if p.initialisation in (None, start.law))
    return True, Finding(
        {
            "target": start.target,
            "initialisation": start.law,
            "against": f"; {found.narrow} would keep gradients {gain} larger in mean square",
        },
        location=start.location,
        severity=Severity.WARNING if found.saves else None,
        parameters=own,
        evidence=(evidence.claim("resolution"),),
        circuit=evidence.circuit.name,
    )


def random_init(source: Source, circuits: Sequence[Evidence], rule: Rule) -> Iterator[Finding]:
    """A uniform start over a full period that loses gradients; where none was measured, the start as such."""
    for start in _starts(source, circuits, lambda law: isinstance(law, Uniform) and law.full_period):
        was_measured, finding = _drowned(start, rule)
        if finding is not None:
            yield finding
        elif not was_measured:
            values = {"target": start.target, "initialisation": start.law, "against": ""}
            yield Finding(values, location=start.location)


def wide_init(source: Source, circuits: Sequence[Evidence], rule: Rule) -> Iterator[Finding]:
    """A normal start around zero that loses gradients which a narrower one keeps."""
    for start in _starts(source, circuits, lambda law: isinstance(law, Normal) and law.mean == 0.0):
        assert isinstance(start.law, Normal)
        std = start.law.std
        wider = tuple(e for e in start.circuits if std > narrow_law(e).std)
        _, finding = _drowned(replace(start, circuits=wider), rule)
        if finding is not None:
            yield finding


def starts_at_one_point(circuit: Circuit) -> bool:
    """Whether the declared or seen start leaves no choice to chance."""
    common = circuit.initialisation
    laws = [p.initialisation or common for p in circuit.trainable]
    return all(
        isinstance(law, Zeros)
        or (isinstance(law, Normal) and law.std == 0.0)
        or (isinstance(law, Uniform) and law.low == law.high)
        for law in laws
    )


def stationary_init(evidence: Evidence, rule: Rule) -> Iterator[Finding]:
    """The declared start has a gradient of zero, though some parameter is alive."""
    start = evidence.claim("start")
    if start.value.largest <= rule.thresholds["zero"].value and live_of(evidence.value("gradients")):
        names = tuple(p.name for p in evidence.circuit.trainable)
        yield Finding({"count": len(names)}, parameters=names, evidence=(start,))


def unseeded_init(source: Source, circuits: Sequence[Evidence], rule: Rule) -> Iterator[Finding]:
    """A draw of trainable parameters before which no seed was set."""
    for draw in source.draws:
        if draw.role == "trainable" and not draw.seeded:
            yield Finding({"target": draw.target or "the parameters"}, location=draw.location)
