"""The models that ship, on circuits whose gradients are known: loose bounds, which any sound fit keeps."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from math import log10

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ansatzlint as al
from ansatzlint import features
from ansatzlint.assumptions import complete
from ansatzlint.circuit import Circuit
from ansatzlint.evidence import Evidence
from ansatzlint.observables import parse_observable
from ansatzlint.predictor import FOLDER, predict, predict_all, store
from ansatzlint.predictor.model_card import shipped_card
from ansatzlint.report.measure import render_table


def build(family: str, qubits: int, cost: str = "local-z", **arguments: object) -> Circuit:
    circuit = al.families[family].build(qubits, **arguments)
    return complete(replace(circuit, observables=(parse_observable(cost, range(qubits), qubits),)))


def test_one_layer_with_a_local_cost_trains_at_twenty_qubits() -> None:
    # One layer and a mean of Z over n qubits: the order of 1 / n^2 = 2.5e-3 at most, times some eighths.
    found = predict(build("hardware-efficient", 20, layers=1))
    assert found.log10_variance is not None
    assert -3.5 < found.log10_variance < -2.6
    assert found.barren is not None
    assert found.barren < 0.1


def test_many_layers_and_a_projector_are_flat_at_sixteen_qubits() -> None:
    # Mean squares fall at least as (3/8)^n = 1.5e-7 where every qubit is turned.
    found = predict(build("hardware-efficient", 16, "projector", layers=10))
    assert found.log10_variance is not None
    assert found.log10_variance < -5
    assert found.barren is not None
    assert found.barren > 0.9


def test_intervals_hold_what_the_engine_computes() -> None:
    circuits = [
        build("hardware-efficient", 6, layers=2),
        build("hardware-efficient", 8, "global-z", layers=1),
        build("real-amplitudes", 5, layers=2),
        build("simplified-two-design", 8, layers=2),
        build("mps-staircase", 6),
        build("tree-tensor-network", 8),
        build("finite-light-cone", 10),
        build("brickwork", 6, layers=2),
        build("qaoa", 5, "Z0 Z1", layers=1),
    ]
    inside = [found for found in predict_all(circuits) if found.in_domain]
    assert len(inside) >= 7
    hits = 0
    for circuit, found in zip(circuits, predict_all(circuits), strict=True):
        if found.in_domain:
            assert found.lower is not None
            assert found.upper is not None
            hits += found.lower <= log10(al.gradient_variance(circuit).max_mean_square) <= found.upper
    assert hits >= 0.7 * len(inside)


def test_measure_shows_the_prediction_beside_the_measurement() -> None:
    circuit = build("hardware-efficient", 3, layers=1)
    (line,) = [
        line for line in render_table(Evidence(circuit)).splitlines()
        if line.startswith("  log10 of the largest mean square gradient")
    ]  # fmt: skip
    assert "  predicted  -" in line
    assert f"; measured {al.gradient_variance(circuit).max_mean_square:.3g} (exact)" in line


def test_a_prediction_cites_the_models_and_says_how_sure_it_is() -> None:
    claim = Evidence(build("hardware-efficient", 3, layers=1)).claim("predicted_log10_variance")
    assert claim.source == "predicted"
    assert claim.lower < claim.value < claim.upper
    assert claim.citation is not None
    assert claim.citation.startswith("the model card, `ansatzlint predictor evaluate`; gradients.npz, fitted on ")
    assert any("90 % interval" in assumption.text for assumption in claim.assumptions)


def test_training_a_circuit_that_holds_no_ground_state_is_predicted_worse_than_one_that_does() -> None:
    xy = " + ".join(f"{letter}{a} {letter}{(a + 1) % 6}" for a in range(6) for letter in "XY")
    poor, good = (build("hardware-efficient", 6, xy, layers=layers) for layers in (1, 4))
    worse, better = predict(poor).trained_fraction, predict(good).trained_fraction
    assert worse is not None
    assert better is not None
    assert worse < better


def test_what_ships_is_small() -> None:
    assert sum(file.stat().st_size for file in FOLDER.glob("*.npz")) < 5_000_000


@pytest.mark.parametrize("head", ["gradients", "training"])
def test_the_card_is_of_the_rows_that_the_models_were_fitted_on(head: str) -> None:
    rows = store.load(FOLDER / f"{head}.npz", version=features.VERSION).about["rows"]
    assert f"- **circuits**: {rows:,}, of " in shipped_card()


@settings(deadline=None, max_examples=10)
@given(st.floats(-30, 30))
def test_gradients_scale_with_the_square_of_the_cost(decades: float) -> None:
    here, there = (
        predict(build("efficient-su2", 10, f"{factor} Z0 Z1 + {factor} X3", layers=3)) for factor in (1, 10**decades)
    )
    assert there.log10_variance == pytest.approx(here.log10_variance + 2 * decades)
    assert there.barren == pytest.approx(here.barren)


def test_angles_that_are_all_but_fixed_are_abstained_from() -> None:
    found = predict(build("efficient-su2", 20, layers=3), init=al.Zeros())
    assert not found.in_domain
    assert "angles all but fixed at the start" in found.outside[0]


def test_predicting_needs_no_scikit_learn() -> None:
    code = (
        "import sys, ansatzlint as al\n"
        "assert al.predict(al.families['hardware-efficient'].build(4, layers=1)).in_domain\n"
        "print(sorted({'sklearn', 'joblib', 'pennylane'} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("[]\n", "")
