"""Checks of how data enter the circuit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from ansatzlint.checks.cost import local_limit
from ansatzlint.checks.plateau import best_of, live_of, needed
from ansatzlint.checks.wording import amount, listing
from ansatzlint.diagnostic import Finding
from ansatzlint.encoding import Commuting
from ansatzlint.evidence import Evidence
from ansatzlint.evidence.gradients import judge, shot_budget
from ansatzlint.rulebook import Rule

if TYPE_CHECKING:
    from ansatzlint.variance import GradientVariance

PROJECTOR_SHOT_VARIANCE = 0.25
"""That of a probability near one half: one that vanishes with the signal would hide its concentration."""


def encoding_commutes(evidence: Evidence, rule: Rule) -> Iterator[Finding]:
    """Inputs that enter several times, and act as if they entered once."""
    claim = evidence.claim("encoding_commutes")
    found: tuple[Commuting, ...] = claim.value
    if found:
        gates = tuple(sorted({g for c in found for g in c.gates}))
        names = tuple(c.parameter for c in found)
        yield Finding(
            {
                "inputs": "inputs" if len(names) > 1 else "input",
                "names": listing(names),
                "verb": "enter" if len(names) > 1 else "enters",
                "uses": max(len(c.gates) for c in found),
            },
            location=evidence.circuit.gates[found[0].gates[1]].location,
            qubits=tuple(sorted({q for g in gates for q in evidence.circuit.gates[g].qubits})),
            gates=gates,
            parameters=names,
            evidence=(claim,),
        )


def global_kernel(evidence: Evidence, rule: Rule) -> Iterator[Finding]:
    """A fidelity kernel on many qubits whose values differ by less, over the data, than the shots resolve."""
    claim = evidence.claim("kernel_variance")
    (cost,) = evidence.circuit.observables
    acts = len(cost.qubits)
    if acts <= local_limit(evidence.circuit.qubits, rule):
        return
    spread = claim.upper if claim.upper is not None else claim.value
    budget = shot_budget()
    if spread * budget < PROJECTOR_SHOT_VARIANCE:
        shots = PROJECTOR_SHOT_VARIANCE / claim.value if claim.value > 0.0 else float("inf")
        yield Finding(
            {
                "acts": acts,
                "deviation": max(claim.value, 0.0) ** 0.5,
                "shots": amount(shots),
                "budget": amount(budget),
            },
            location=cost.location,
            qubits=cost.qubits,
            parameters=tuple(p.name for p in evidence.circuit.inputs),
            evidence=(claim,),
        )


def encoding_plateau(evidence: Evidence, rule: Rule) -> Iterator[Finding]:
    """At the given data no gradient is resolved within the budget; without the encoding gates one is."""
    encoded, bare = evidence.claim("gradients_at_inputs"), evidence.claim("gradients_without_encoding")
    with_data: GradientVariance = encoded.value
    without: GradientVariance = bare.value
    budget = shot_budget()
    live = live_of(without)
    shots, lower = with_data.shots.tolist(), with_data.shots_lower.tolist()
    if not live or any(lower[k] <= budget for k in live):
        return
    best = best_of(without)
    if float(without.shots_upper[best]) <= budget:
        nearest = min(live, key=lambda k: (shots[k], lower[k]))
        names = tuple(p.name for p in evidence.circuit.inputs)
        gates = tuple(sorted({g for name in names for g in evidence.gates_of[name]}))
        yield Finding(
            {
                "inputs": " of 1 input" if len(names) == 1 else f"s of {len(names)} inputs",
                "best": needed(with_data, nearest),
                "without": needed(without, best),
                "budget": amount(budget),
            },
            location=evidence.circuit.gates[gates[0]].location if gates else None,
            gates=gates,
            parameters=names,
            evidence=tuple(replace(c, value=judge(c.value, budget)) for c in (encoded, bare)),
        )
