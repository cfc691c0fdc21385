from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from claims import gradients, told

import ansatzlint as al
from ansatzlint.checks.prediction import is_learned_training, predicted_plateau, predicted_poor_optimum
from ansatzlint.circuit import Circuit, Unread
from ansatzlint.diagnostic import Claim, ClaimSource, Finding
from ansatzlint.evidence import Evidence
from ansatzlint.observables import parse_pauli_sum
from ansatzlint.predictor import Prediction
from ansatzlint.rulebook import load_rules

PLATEAU, OPTIMUM = (load_rules()[code] for code in ("AL502", "AL505"))
SMALL, LARGE = 1e-9, 0.1


def circuit() -> Circuit:
    return al.families["hardware-efficient"].build(3, layers=1)


def prediction(barren: float) -> Prediction:
    return Prediction(-7.0, -7.5, -6.0, -8.0, -8.5, -7.0, barren, 100_000, in_domain=True)


ABSTAINS = Prediction(*(None,) * 7, 100_000, in_domain=False, outside=("shared angles: nothing like it was learned",))


def predicted(found: Prediction | None, square: float | None = None, source: ClaimSource = "sampled") -> Evidence:
    """Evidence with that prediction, and gradients of that size where one is given."""
    made = circuit()
    known: dict[str, Any] = {"prediction": found}
    if found is not None and found.in_domain:
        known["predicted_log10_variance"] = found.log10_variance
    if square is None:
        return told(made, resolution=None, **known)
    return told(made, source, gradients=gradients(made, [square] * len(made.trainable)), **known)


class TestPredictedPlateau:
    @pytest.mark.parametrize("evidence", [predicted(prediction(0.95)), predicted(prediction(0.95), SMALL, "surrogate")])
    def test_a_plateau_where_nothing_better_is_known(self, evidence: Evidence) -> None:
        (found,) = predicted_plateau(evidence, PLATEAU)
        assert isinstance(found, Finding)
        said = PLATEAU.message.format(**found.values)
        assert "with probability 95 % no gradient can be resolved within 100,000 shots" in said
        assert said.endswith("the largest mean square is about 1e-07 (3.2e-08 to 1e-06)")
        assert [claim.key for claim in found.evidence] == ["predicted_log10_variance"]
        assert found.severity is None

    def test_nobody_is_certain(self) -> None:
        (found,) = predicted_plateau(predicted(prediction(0.99999)), PLATEAU)
        assert isinstance(found, Finding)
        assert found.values["probability"] == "over 99 %"

    @pytest.mark.parametrize("source", ["exact", "sampled"])
    @pytest.mark.parametrize("square", [SMALL, LARGE])
    @pytest.mark.parametrize("found", [prediction(0.95), ABSTAINS, None])
    def test_the_engines_word_is_never_talked_over(
        self, found: Prediction | None, square: float, source: ClaimSource
    ) -> None:
        assert not list(predicted_plateau(predicted(found, square, source), PLATEAU))

    def test_below_the_threshold_nothing_is_said(self) -> None:
        assert not list(predicted_plateau(predicted(prediction(0.85)), PLATEAU))

    @pytest.mark.parametrize(
        ("found", "reason"),
        [
            (ABSTAINS, "outside of what the predictor has learned: shared angles: nothing like it was learned"),
            (None, "it is not there"),
        ],
    )
    def test_an_abstention_is_said_once(self, found: Prediction | None, reason: str) -> None:
        assert list(predicted_plateau(predicted(found), PLATEAU)) == [
            Unread(f"AL502 predicted-plateau not evaluated: {reason}")
        ]

    def test_what_was_read_in_part_is_left_to_other_rules(self) -> None:
        evidence = predicted(prediction(0.95))
        evidence.circuit = replace(evidence.circuit, unread=(Unread("a loop"),))
        assert not list(predicted_plateau(evidence, PLATEAU))


class TestPredictedPoorOptimum:
    @staticmethod
    def evidence(square: float, fraction: float | None, upper: float = 0.0) -> Evidence:
        made = circuit()
        found = told(made, gradients=gradients(made, [square] * len(made.trainable)))
        found._claims["predicted_trained_fraction"] = Claim(
            "predicted_trained_fraction", fraction, lower=0.1, upper=upper,
            source=None if fraction is None else "predicted", reason="outside" if fraction is None else None,
        )  # fmt: skip
        return found

    def test_a_stall_though_the_gradients_suffice(self) -> None:
        (found,) = predicted_poor_optimum(self.evidence(LARGE, 0.3, 0.7), OPTIMUM)
        assert isinstance(found, Finding)
        said = OPTIMUM.message.format(**found.values)
        assert said.endswith("only 30 % of the way to the least energy (10 to 70 %)")
        assert [claim.key for claim in found.evidence] == ["predicted_trained_fraction", "resolution"]

    @pytest.mark.parametrize(
        ("square", "fraction", "upper"),
        [
            (SMALL, 0.3, 0.7),  # it is the gradients that do not suffice
            (LARGE, 0.3, 0.9),  # the interval leaves it open
            (LARGE, None, 0.0),  # nothing is predicted
        ],
    )
    def test_what_is_left_alone(self, square: float, fraction: float | None, upper: float) -> None:
        assert not list(predicted_poor_optimum(self.evidence(square, fraction, upper), OPTIMUM))

    def test_it_is_about_hamiltonians(self) -> None:
        ising = replace(circuit(), observables=(parse_pauli_sum("Z0 Z1 + X2", 3),))
        assert is_learned_training(ising)
        assert not is_learned_training(circuit())
