from __future__ import annotations

from dataclasses import replace
from itertools import product
from math import isnan, log10, nan

import numpy as np
import pytest
from feature_values import build, values

from ansatzlint import angles
from ansatzlint.circuit import Gate, Nonlinear, Observable, PauliSum, Probabilities, Projector, State
from ansatzlint.features import cost
from ansatzlint.features.tape import tape
from ansatzlint.observables import parse_pauli_sum


def columns(qubits: int, *observables: Observable) -> dict[str, float]:
    circuit = build(qubits, [Gate("h", (0,))], observables=observables)
    found = cost.columns(circuit, tape(circuit))
    return dict(zip((feature.name for feature in cost.COLUMNS), map(float, found), strict=True))


def test_a_sum_of_words() -> None:
    # squares 1, 4 and 1/4 on one, two and three qubits
    found = columns(4, parse_pauli_sum("Z0 + 2 X1 X2 - 0.5 Z0 Y1 X2", 4))
    assert found == pytest.approx(
        {
            "cost_terms": 3,
            "log10_cost_norm_square": 0,
            "log10_cost_norm": log10(3.5 / 5.25**0.5),
            "cost_weight_minimum": 1,
            "cost_weight_mean": (1 + 8 + 0.75) / 5.25,
            "cost_weight_maximum": 3,
            "cost_x": 8.25 / 9.75,
            "cost_y": 0.25 / 9.75,
            "cost_z": 1.25 / 9.75,
            "cost_projector": 0,
            "cost_diagonal": 1 / 5.25,
            # Z0 and X1 X2; Z0 and Z0 Y1 X2; X1 X2 and Z0 Y1 X2 do not
            "cost_commuting": 2 / 3,
            "cost_qubits": 3 / 4,
            "cost_observables": 1,
            "cost_unexpected": 0,
            "log10_cost_unit_square": log10(5.25),
            "log10_gradient_limit": nan,
        },
        nan_ok=True,
    )


@pytest.mark.parametrize("qubits", [1, 2, 5])
def test_a_projector_is_the_words_that_it_expands_to(qubits: int) -> None:
    # every word of Z but the identity, each with the coefficient 2^-m
    weights = [sum(word) for word in product((0, 1), repeat=qubits) if any(word)]
    found = columns(qubits, Projector(tuple(range(qubits)), "0" * qubits))
    assert found["log10_cost_norm_square"] == pytest.approx(log10(len(weights) * 0.25**qubits))
    assert found["log10_cost_norm"] == pytest.approx(log10(len(weights) * 0.5**qubits))
    assert found["cost_weight_mean"] == pytest.approx(np.mean(weights))
    assert (found["cost_projector"], found["cost_diagonal"], found["cost_z"]) == (qubits, 1, 1)


def test_probabilities_stand_for_the_first_outcome() -> None:
    assert columns(3, Probabilities((0, 2))) == pytest.approx(columns(3, Projector((0, 2), "00")), nan_ok=True)


def test_a_projector_commutes_with_words_of_z_alone() -> None:
    ket = Projector((0, 1), "01")
    assert columns(3, ket, parse_pauli_sum("Z0 Z2", 3))["cost_commuting"] == 1
    assert columns(3, ket, parse_pauli_sum("X1 Z2", 3))["cost_commuting"] == 0
    assert columns(3, ket, parse_pauli_sum("X2", 3))["cost_commuting"] == 1


def test_large_and_small_coefficients_do_not_overflow() -> None:
    assert columns(2, parse_pauli_sum("1e200 Z0", 2))["log10_cost_unit_square"] == pytest.approx(400)
    assert columns(2, parse_pauli_sum("1e-200 Z0", 2))["log10_cost_unit_square"] == pytest.approx(-400)


@pytest.mark.parametrize("observable", [State((0, 1)), Nonlinear("entropy", (0,)), PauliSum(())])
def test_a_cost_without_words_is_unknown(observable: Observable) -> None:
    circuit = replace(build(2, [Gate("h", (0,))]), observables=(observable,))
    found = values(circuit)
    assert found["cost_terms"] == 0
    assert isnan(found["log10_cost_norm_square"])
    assert found["cost_unexpected"] == (not isinstance(observable, PauliSum))


def test_the_limit_takes_every_use_to_move_the_whole_cost() -> None:
    # Slopes are at most 2 * 3 + 1 * 1; the limit takes each use to move the whole cost.
    t = angles.parameter("t")
    circuit = build(2, [Gate("ry", (0,), (angles.multiply(3.0, t),)), Gate("ry", (1,), (angles.multiply(-1.0, t),))])
    circuit = replace(circuit, observables=(parse_pauli_sum("2 Z0 + Z1", 2),))
    found = values(circuit)
    assert found["log10_gradient_limit"] + found["log10_cost_unit_square"] == pytest.approx(2 * log10(4 * 3))


def test_the_limit_is_unknown_where_an_angle_is_no_affine_function() -> None:
    circuit = build(1, [Gate("ry", (0,), (angles.apply("sin", angles.parameter("t")),))])
    assert isnan(values(replace(circuit, observables=(parse_pauli_sum("Z0", 1),)))["log10_gradient_limit"])
