"""Claims of the learned predictor: what circuits alike had, not what this one was computed to have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ansatzlint.diagnostic import Assumption, Claim
from ansatzlint.errors import AnsatzlintError
from ansatzlint.evidence.gradients import shot_budget

if TYPE_CHECKING:
    from ansatzlint.evidence import Evidence
    from ansatzlint.predictor import Prediction

_HOW = "the circuit is like those that the predictor learned from: 90 % interval over families it had not seen"


def prediction(evidence: Evidence) -> Claim:
    """Key `prediction`: all that is predicted of the gradients; outside the domain too, where it says so itself."""
    from ansatzlint import predictor

    try:
        (found,) = predictor.predict_all([evidence.circuit], shots=int(shot_budget()))
        card = predictor.card("gradients")
    except AnsatzlintError as error:  # a model file that is missing or not as it was written
        return Claim("prediction", None, source=None, reason=str(error))
    return Claim("prediction", found, source="predicted", assumptions=_assumptions(evidence), citation=card)


def log10_variance(evidence: Evidence) -> Claim:
    """Key `predicted_log10_variance`: log10 of the largest mean square gradient, with its 90 % interval."""
    key = "predicted_log10_variance"
    claim = evidence.claim("prediction")
    found: Prediction | None = claim.value
    if found is None or not found.in_domain:
        return Claim(key, None, source=None, reason=claim.reason if found is None else _outside(found.outside))
    return Claim(
        key,
        found.log10_variance,
        lower=found.lower,
        upper=found.upper,
        source="predicted",
        assumptions=claim.assumptions,
        citation=claim.citation,
    )


def trained_fraction(evidence: Evidence) -> Claim:
    """Key `predicted_trained_fraction`: the share of the way to the least cost that training covers."""
    from ansatzlint import predictor

    key = "predicted_trained_fraction"
    why_not = predictor.no_training(evidence.circuit)
    if why_not is not None:
        return Claim(key, None, source=None, reason=why_not)
    try:
        found = predictor.trained(evidence.circuit)
        card = predictor.card("training")
    except AnsatzlintError as error:  # as above, or figures that the engine cannot give
        return Claim(key, None, source=None, reason=str(error))
    if found.fraction is None:
        return Claim(key, None, source=None, reason=found.reason)
    return Claim(
        key,
        found.fraction,
        lower=found.lower,
        upper=found.upper,
        source="predicted",
        assumptions=_assumptions(evidence),
        citation=card,
    )


def _assumptions(evidence: Evidence) -> tuple[Assumption, ...]:
    return (*(Assumption(text) for text in evidence.circuit.assumptions), Assumption(_HOW))


def _outside(reasons: tuple[str, ...]) -> str:
    return f"outside of what the predictor has learned: {'; '.join(reasons)}"
