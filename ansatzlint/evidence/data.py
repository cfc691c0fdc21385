"""Claims about how data enter the circuit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ansatzlint import encoding
from ansatzlint.circuit import Circuit
from ansatzlint.diagnostic import Claim
from ansatzlint.evidence.gradients import gradient_claim
from ansatzlint.evidence.structure import claim
from ansatzlint.moments.problem import Problem
from ansatzlint.variance import measured

if TYPE_CHECKING:
    from ansatzlint.evidence import Evidence

_SHARE = 0.15
"""Of the work that may be spent on one circuit."""


def commuting(evidence: Evidence) -> Claim:
    """Key `encoding_commutes`: the inputs that enter several times and act as if they entered once."""
    return claim(evidence, "encoding_commutes", encoding.commuting_inputs(evidence.circuit))


def kernel(evidence: Evidence) -> Claim:
    """Key `kernel_variance`: of the values of a fidelity kernel, over data that are uniform over [0, 2 pi)."""
    if not encoding.is_kernel(evidence.circuit):
        return Claim("kernel_variance", None, source=None, reason="the circuit is no fidelity kernel")
    found = measured(Problem(encoding.kernel_over_data(evidence.circuit)), evidence.effort)
    ends = found.cost_variance_lower, found.cost_variance_upper
    return gradient_claim("kernel_variance", found.cost_variance, found, *ends)


def at_given_inputs(evidence: Evidence) -> Claim:
    """Key `gradients_at_inputs`: the gradients with the inputs fixed at the values that the source gives them."""
    fixed = encoding.at_inputs(evidence.circuit)
    if fixed is None:
        return Claim("gradients_at_inputs", None, source=None, reason="the source gives the inputs no values")
    return _gradients(evidence, "gradients_at_inputs", fixed)


def without_encoding(evidence: Evidence) -> Claim:
    """Key `gradients_without_encoding`: the gradients of the circuit without the gates that inputs alone turn."""
    return _gradients(evidence, "gradients_without_encoding", encoding.without_encoding(evidence.circuit))


def _gradients(evidence: Evidence, key: str, circuit: Circuit) -> Claim:
    found = measured(Problem(circuit), evidence.effort, _SHARE)
    return gradient_claim(key, found, found)
