"""Labels of training: rows as the data set keeps them, against runs made by hand."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pennylane as qml
import pytest

from ansatzlint.circuit import PauliSum
from ansatzlint.predictor.dataset import build, load
from ansatzlint.predictor.quality import labels
from ansatzlint.predictor.quality.examples import draw, source
from ansatzlint.predictor.quality.figures import NAMES, figures
from ansatzlint.predictor.quality.states import without_inputs
from ansatzlint.predictor.quality.trainer import train


@cache
def some() -> dict[str, np.ndarray[Any, Any]]:
    return labels.rows(4, range(6))


def test_every_column_has_a_row_for_each_example() -> None:
    assert {name: len(column) for name, column in some().items() if name != "figure_names"} == dict.fromkeys(
        ("index", "group", "hamiltonian", "kind", "qubits", "parameters", "trained_fraction", "succeeding", "shares",
         "figures", "evaluations"), 6,
    )  # fmt: skip


def test_shares_lie_between_nothing_and_all() -> None:
    assert ((some()["shares"] >= 0) & (some()["shares"] <= 1)).all()


def test_the_label_is_the_median_of_the_starts() -> None:
    assert some()["trained_fraction"] == pytest.approx(np.median(some()["shares"], axis=1), abs=1e-6)


def test_those_that_succeed_are_those_near_the_end() -> None:
    assert some()["succeeding"] == pytest.approx((some()["shares"] >= 0.95).mean(axis=1))


def test_rows_do_not_depend_on_their_company() -> None:
    alone = labels.rows(4, [3])
    assert alone["trained_fraction"][0] == some()["trained_fraction"][3]
    np.testing.assert_array_equal(alone["figures"][0], some()["figures"][3])


def test_figures_stand_in_the_order_of_their_names() -> None:
    assert tuple(some()["figure_names"].tolist()) == NAMES
    np.testing.assert_array_equal(some()["figures"][5], list(figures(draw(4, 5).circuit).values()))


def test_evaluations_stay_within_the_budget() -> None:
    assert some()["evaluations"].max() <= 20_000


def test_shares_are_of_the_way_to_the_least_eigenvalue_of_the_hamiltonian() -> None:
    circuit = draw(4, 2).circuit
    (cost,) = circuit.observables
    assert isinstance(cost, PauliSum)
    words = [qml.prod(*(getattr(qml, f"Pauli{letter}")(q) for q, letter in t.paulis)) for t in cost.terms]
    operator = qml.matrix(qml.dot([t.coefficient for t in cost.terms], words), wire_order=range(circuit.qubits))
    least = np.linalg.eigvalsh(operator)[0]
    runs = train(without_inputs(circuit), labels.STARTS, int(source(4, 2, 1).integers(2**31)))
    expected = (runs.start - runs.end) / (runs.start - least)
    assert some()["shares"][2] == pytest.approx(np.clip(expected, 0, 1), abs=1e-6)


def test_the_data_set_keeps_the_rows(tmp_path: Path) -> None:
    build(tmp_path, "training", 2, seed=4)
    found = load(tmp_path)
    assert found.columns["trained_fraction"] == pytest.approx(some()["trained_fraction"][:2])
    assert found.columns["figures"].shape == (2, len(NAMES))
