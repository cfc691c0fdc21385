"""Checks of what becomes of a circuit when it grows deep, or wide."""

from __future__ import annotations

from collections.abc import Iterator
from math import isinf
from typing import TYPE_CHECKING

from ansatzlint.checks.plateau import measured, misses_budget
from ansatzlint.checks.wording import amount, large
from ansatzlint.circuit import Unread
from ansatzlint.diagnostic import Finding, Severity
from ansatzlint.evidence import Evidence
from ansatzlint.moments.frame import Noise
from ansatzlint.rulebook import Rule

if TYPE_CHECKING:
    from ansatzlint.algebra import LieAlgebra
    from ansatzlint.scales import AtTarget, Scaling


def exponential_algebra(evidence: Evidence, rule: Rule) -> Iterator[Finding | Unread]:
    """Every cost term's orbit holds more words than the state has amplitudes, and the variance is that of its limit."""
    algebra: LieAlgebra = evidence.value("lie_algebra")
    sizes = [orbit.size for orbit in algebra.orbits if orbit.size != 1]
    known = [size for size in sizes if size is not None]
    if not known or min(known) <= 2**evidence.circuit.qubits:
        return
    if not misses_budget(evidence):
        return  # an exponential space of few dimensions hurts nobody
    limit = algebra.limit_variance
    if limit is None:
        yield Unread(f"{rule.code} {rule.name} not evaluated: {algebra.limit_reason}")
        return
    claim = evidence.claim("cost_variance")
    lower, upper = (claim.value if end is None else end for end in (claim.lower, claim.upper))
    factor = rule.thresholds["factor"].value
    if lower > factor * limit or upper < limit / factor:
        return
    if upper > factor * limit:
        values = f"the variance of the cost is at most {upper:.2g}, that at infinite depth {limit:.2g}"
        yield Unread(f"{rule.code} {rule.name} is undecided: it may not be that deep ({values})")
        return
    yield Finding(
        {
            "algebra": algebra.named,
            "orbit": large(min(known)),
            "variance": f"{claim.value:.2g}",
            "limit": f"{limit:.2g}",
            "measured": measured(evidence),
        },
        evidence=(evidence.claim("lie_algebra"), evidence.claim("limit_variance"), claim),
    )


def classically_simulable(evidence: Evidence, rule: Rule) -> Iterator[Finding]:
    """The orbits of the cost are small, or few rotations are no Clifford gates."""
    circuit = evidence.circuit
    if circuit.qubits < rule.thresholds["qubits"].value or not evidence.value("entangling_gates"):
        return  # of circuits without entangling gates AL206 says more
    algebra: LieAlgebra = evidence.value("lie_algebra")
    sizes = [orbit.size for orbit in algebra.orbits]
    known = [size for size in sizes if size is not None]
    turns = sum(not isinstance(event, Noise) for event in evidence.problem.frame.events)
    if known == sizes and sizes and max(known) < 2**circuit.qubits and sum(known) <= rule.thresholds["words"].value:
        terms = "the cost" if len(known) == 1 else "each cost term"
        why = f"the generators ({algebra.named}) keep {terms} in a space of at most {max(known):,} dimensions"
    elif turns <= rule.thresholds["turns"].value and turns < circuit.qubits:
        why = f"{turns} rotations on {circuit.qubits} qubits are no Clifford gates"
    else:
        return
    yield Finding({"why": why}, evidence=(evidence.claim("lie_algebra"),))


def barren_at_scale(evidence: Evidence, rule: Rule) -> Iterator[Finding | Unread]:
    """The gradients fall exponentially with the number of qubits, and miss the shot budget at the target."""
    declared = bool(evidence.circuit.sizes)
    target = evidence.claim("gradients_at_target")
    if target.value is None:
        if declared:  # otherwise nobody asked, and most circuits cannot be rebuilt
            yield Unread(f"{rule.code} {rule.name} not evaluated: {target.reason}")
        return
    if misses_budget(evidence) or target.value.qubits <= evidence.circuit.qubits or not misses_at_target(evidence):
        return  # what is barren here needs no more qubits
    claim = evidence.claim("scaling")
    scaling: Scaling = claim.value
    if scaling.verdict == "undecided" and declared:
        yield Unread(f"{rule.code} {rule.name} is undecided: {scaling.largest}")
    if scaling.verdict != "exponential":
        return
    yield Finding(
        {
            "exponent": f"{scaling.exponent:.2g}",
            "first": scaling.points[0].size,
            "target": scaling.target,
            "how": scaling.depth_rule,
            "shots": _shots(scaling.at_target),
        },
        severity=Severity.WARNING if declared else None,
        evidence=(claim,),
    )


def misses_at_target(evidence: Evidence) -> bool:
    """Whether it is certain that no gradient can be resolved at the target size; at its own where that is not known."""
    if misses_budget(evidence):
        return True
    target: AtTarget | None = evidence.value("gradients_at_target")
    resolution = evidence.value("resolution")
    if target is None or resolution is None or target.method == "surrogate":
        return False
    return bool(target.shots.lower > resolution.budget)


def measured_at_target(evidence: Evidence) -> str:
    """What a finding's message adds where the gradients are known: those here, and at the target size."""
    here = measured(evidence)
    target: AtTarget | None = evidence.value("gradients_at_target")
    if not here or target is None or target.qubits <= evidence.circuit.qubits or not misses_at_target(evidence):
        return here
    return f"{here}, at {target.qubits} qubits {_shots(target)}"


def _shots(target: AtTarget) -> str:
    shots = target.shots
    return f"more than {amount(shots.lower)}" if isinf(shots.upper) else amount(shots.value)
