"""Claims about what becomes of the circuit when it grows deep, or wide."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ansatzlint.diagnostic import Assumption, Claim
from ansatzlint.errors import AnsatzlintError

if TYPE_CHECKING:
    from ansatzlint.evidence import Evidence


def algebra(evidence: Evidence) -> Claim:
    """Key `lie_algebra`: the dynamical Lie algebra of the circuit's generators."""
    from ansatzlint.algebra import lie_algebra

    found = lie_algebra(evidence.circuit)
    return Claim(
        "lie_algebra",
        found,
        source="exact" if found.exact else "bound",
        assumptions=found.assumptions,
        citation="G. Aguilar et al., arXiv:2408.00081",
    )


def limit(evidence: Evidence) -> Claim:
    """Key `limit_variance`: the variance of the cost at infinite depth."""
    claim = evidence.claim("lie_algebra")
    if claim.value is None:
        return replace(claim, key="limit_variance")
    found = claim.value
    if found.limit_variance is None:
        return Claim("limit_variance", None, source=None, reason=found.limit_reason)
    return Claim(
        "limit_variance",
        found.limit_variance,
        source="theorem",
        assumptions=found.assumptions,
        citation="M. Ragone et al., arXiv:2309.09342",
    )


AT_TARGET, SHARE = 0.1, 0.3
"""Of the effort: what the target size alone may take, and what all sizes together."""


MOST_GATES = 20_000
"""Longer circuits are not rebuilt: to see what they repeat would take longer than all else."""


def _too_long(evidence: Evidence, key: str) -> Claim | None:
    circuit = evidence.circuit
    if len(circuit.gates) <= MOST_GATES or circuit.at_sizes:
        return None
    return Claim(key, None, source=None, reason=f"circuits of more than {MOST_GATES:,} gates are not rebuilt")


def at_target(evidence: Evidence) -> Claim:
    """Key `gradients_at_target`: the gradients with as many qubits as the circuit is meant to have."""
    from ansatzlint import scales

    if too_long := _too_long(evidence, "gradients_at_target"):
        return too_long
    if not evidence.circuit.sizes and evidence.circuit.qubits >= scales.TARGET:
        reason = f"the circuit has the {scales.TARGET} qubits of the target, or more"
        return Claim("gradients_at_target", None, source=None, reason=reason)
    effort = evidence.effort
    try:
        found = scales.at_target(evidence.circuit, replace(effort, work=int(effort.work * AT_TARGET), samples=None))
    except AnsatzlintError as error:  # no other size can be built or measured
        return Claim("gradients_at_target", None, source=None, reason=str(error))
    exact = found.method == "exact"
    return Claim(
        "gradients_at_target",
        found,
        source="exact" if exact else "surrogate" if found.method == "surrogate" else "sampled",
        seed=None if exact else effort.seed,
    )


def scaling(evidence: Evidence) -> Claim:
    """Key `scaling`: how the gradients change with the number of qubits, measured up to the target."""
    from ansatzlint import scales

    if too_long := _too_long(evidence, "scaling"):
        return too_long
    effort = evidence.effort
    effort = replace(effort, work=int(effort.work * SHARE), samples=None)
    try:
        found = scales.scaling(evidence.circuit, seed=effort.seed, effort=effort)
    except AnsatzlintError as error:  # no other size can be built or measured
        return Claim("scaling", None, source=None, reason=str(error))
    exact = all(point.method == "exact" for point in found.points)
    return Claim(
        "scaling",
        found,
        source="exact" if exact else "sampled",
        assumptions=tuple(Assumption(text) for text in found.assumptions),
        citation="A. Heyraud et al., arXiv:2302.04649",
        seed=None if exact else found.seed,
    )
