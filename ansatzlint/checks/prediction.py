"""Checks of what the learned predictor says; a guess, and judged only where nothing better is known."""

from __future__ import annotations

from collections.abc import Iterator

from ansatzlint.checks.wording import amount
from ansatzlint.circuit import Circuit, Unread
from ansatzlint.diagnostic import Finding
from ansatzlint.evidence import Evidence
from ansatzlint.predictor import Prediction, no_training
from ansatzlint.rulebook import Rule


def predicted_plateau(evidence: Evidence, rule: Rule) -> Iterator[Finding | Unread]:
    """Barren with at least the threshold probability, where the gradients are neither computed nor sampled.

    Of a circuit that was read in part nothing is said: that the plateau is not judged then, the rules about gradients
    that are computed say.
    """
    if evidence.circuit.unread:
        return
    resolution = evidence.claim("resolution")
    if resolution.value is not None and resolution.source != "surrogate":
        return
    claim = evidence.claim("prediction")
    prediction: Prediction | None = claim.value
    if prediction is None:
        yield Unread(f"{rule.code} {rule.name} not evaluated: {claim.reason}")
        return
    if not prediction.in_domain:
        reason = "; ".join(prediction.outside)
        yield Unread(f"{rule.code} {rule.name} not evaluated: outside of what the predictor has learned: {reason}")
        return
    assert prediction.barren is not None
    assert prediction.log10_variance is not None
    assert prediction.lower is not None
    assert prediction.upper is not None
    if prediction.barren >= rule.thresholds["probability"].value:
        sure = "over 99 %" if prediction.barren > 0.99 else f"{100 * prediction.barren:.0f} %"
        yield Finding(
            {
                "probability": sure,
                "budget": amount(prediction.shots),
                "largest": 10**prediction.log10_variance,
                "lower": 10**prediction.lower,
                "upper": 10**prediction.upper,
            },
            parameters=tuple(p.name for p in evidence.circuit.trainable),
            evidence=(evidence.claim("predicted_log10_variance"),),
        )


def is_learned_training(circuit: Circuit) -> bool:
    """Whether the training of such circuits was learned, by their cost, size and noise."""
    return no_training(circuit) is None


def predicted_poor_optimum(evidence: Evidence, rule: Rule) -> Iterator[Finding | Unread]:
    """The gradients can be resolved, and training is predicted to end short of the threshold share of the way.

    Where the predictor abstains nothing is said: nothing hangs on it, and `measure` says why.
    """
    if evidence.value("resolution").verdict != "trainable":
        return
    claim = evidence.claim("predicted_trained_fraction")
    if claim.value is not None and claim.upper < rule.thresholds["fraction"].value:
        yield Finding(
            {"fraction": 100 * claim.value, "lower": 100 * claim.lower, "upper": 100 * claim.upper},
            parameters=tuple(p.name for p in evidence.circuit.trainable),
            evidence=(claim, evidence.claim("resolution")),
        )
