"""Claims about how much of state space the circuit reaches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ansatzlint.diagnostic import Assumption, Claim

if TYPE_CHECKING:
    from ansatzlint.evidence import Evidence

_ALGEBRA = "M. Larocca et al., arXiv:2109.11676"


def _without_noise(evidence: Evidence) -> tuple[Assumption, ...]:
    noisy = evidence.circuit.noise is not None or evidence.circuit.channels
    return (Assumption("noise left out"),) if noisy else ()


def directions(evidence: Evidence) -> Claim:
    """Key `state_directions`: the lowest upper bound on the directions in which the parameters move the state."""
    from ansatzlint.dimension import Limit, direction_limits

    least = direction_limits(evidence.circuit)[0]
    if not evidence.fast and any(len(uses) > 1 for uses in evidence.gates_of.values()):
        algebra = evidence.value("lie_algebra")  # of sums it may be smaller than that of their strings
        if algebra is not None and algebra.dimension < least.directions:
            least = Limit(algebra.dimension, "the Lie algebra of the generators has no more dimensions")
    return Claim(
        "state_directions", least, source="theorem", assumptions=_without_noise(evidence), citation=_ALGEBRA
    )


def rank(evidence: Evidence) -> Claim:
    """Key `parameter_dimension`: the generic rank of the quantum Fisher information, from below and above."""
    from ansatzlint.dimension import parameter_dimension

    found = parameter_dimension(evidence.circuit, evidence.effort.seed)
    limit = evidence.claim("state_directions").value
    upper = found.upper if limit is None else min(found.upper, limit.directions)
    exact = found.rank == upper
    uncounted = f"{len(found.left_out)} of the parameters are not counted, no point is known that tells of them"
    return Claim(
        "parameter_dimension",
        found.rank,
        lower=None if exact else float(found.rank),
        upper=None if exact else float(upper),
        source="exact" if exact else "bound",
        assumptions=(*_without_noise(evidence), *((Assumption(uncounted),) if found.left_out else ())),
        citation=_ALGEBRA,
        seed=found.seed,
    )


def expressibility(evidence: Evidence) -> Claim:
    """Key `expressibility`: the divergence of the fidelities from those of random states, and its floor."""
    from ansatzlint import expressivity

    n, most = evidence.circuit.qubits, expressivity.EXPRESSIBILITY_QUBITS
    if n > most:
        reason = f"computed up to {most} qubits, not {n}; the parameter dimension has no such limit"
        return Claim("expressibility", None, source=None, reason=reason)
    found = expressivity.expressibility(evidence.circuit, seed=evidence.effort.seed)
    spread = 1.96 * found.standard_error
    value = {"kl": found.kl, "floor": found.floor}
    return Claim(
        "expressibility",
        value,
        lower={**value, "kl": max(found.kl - spread, 0.0)},
        upper={**value, "kl": found.kl + spread},
        source="sampled",
        assumptions=_without_noise(evidence),
        citation="S. Sim et al., arXiv:1905.10876",
        samples=found.samples,
        seed=found.seed,
    )
