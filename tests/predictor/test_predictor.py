"""What is predicted, on models made for the test; the models that ship are tested in test_shipped.py."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from predictor_models import MOST_QUBITS, write_gradients, write_training

import ansatzlint as al
from ansatzlint import features, predictor
from ansatzlint.assumptions import complete
from ansatzlint.circuit import Circuit, PauliSum, PauliTerm, Unread
from ansatzlint.errors import AnsatzlintError, UsageError
from ansatzlint.noise import Depolarizing
from ansatzlint.observables import global_z, parse_pauli_sum
from ansatzlint.predictor import no_training, predict, predict_all, store
from ansatzlint.predictor.quality.hamiltonians import MAX_QUBITS
from ansatzlint.rulebook import load_rules

ISING = "Z0 Z1 + Z1 Z2 + X0 + X1 + X2"


def ansatz(qubits: int = 3, layers: int = 1, cost: str | None = None) -> Circuit:
    circuit = al.families["hardware-efficient"].build(qubits, layers=layers)
    return replace(circuit, observables=(parse_pauli_sum(cost, qubits),)) if cost else circuit


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where the models are looked for; those of the gradients are there."""
    monkeypatch.setattr(predictor, "FOLDER", tmp_path)
    write_gradients(tmp_path)
    predictor._load.cache_clear()
    yield tmp_path
    predictor._load.cache_clear()


# --- gradients -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cost", ["0 Z0 + 0 X1", "3 I0"])
def test_a_cost_that_is_constant_is_said_to_be(folder: Path, cost: str) -> None:
    found = predict(ansatz(), observable=cost)
    assert (found.in_domain, found.outside) == (False, ("the cost is a constant",))


def test_the_models_numbers_come_out(folder: Path) -> None:
    found = predict(ansatz())
    assert (found.log10_variance, found.lower, found.upper) == pytest.approx((-3.0, -3.5, -2.5))
    assert (found.log10_median, found.median_lower, found.median_upper) == pytest.approx((-4.0, -4.5, -3.5))
    assert found.barren == pytest.approx(0.1192, abs=1e-4)  # log-odds of -2
    assert (found.shots, found.in_domain, found.outside) == (100_000, True, ())


def test_outside_of_the_domain_nothing_is_predicted_and_the_feature_is_named(folder: Path) -> None:
    found = predict(ansatz(MOST_QUBITS + 1))
    assert not found.in_domain
    (reason,) = found.outside
    assert reason == f"qubits is {MOST_QUBITS + 1}, learned from 1 to {MOST_QUBITS}"
    numbers = (found.log10_variance, found.lower, found.upper, found.log10_median, found.barren, found.trained_fraction)
    assert numbers == (None,) * 6
    assert found.trained_reason == "nothing is predicted outside of what was learned"


@pytest.mark.parametrize(
    ("circuit", "reason"),
    [
        (Circuit("nothing", 0, ()), "the circuit has no trainable parameter"),
        (replace(ansatz(), gates=(), parameters=()), "the circuit has no trainable parameter"),
        (replace(ansatz(), unread=(Unread("a measurement midway"),)),
         "part of the circuit was not read: a measurement midway"),
    ],
)
def test_a_circuit_that_cannot_be_trained_is_abstained_from(folder: Path, circuit: Circuit, reason: str) -> None:
    found = predict(circuit)
    assert (found.in_domain, found.outside, found.log10_variance) == (False, (reason,), None)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(0, 12), min_size=2, max_size=5))
def test_more_shots_make_a_plateau_less_likely(exponents: list[float]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        _with_models(patch)
        budgets = sorted(round(10**e) for e in exponents)
        chances = [predict_all([ansatz()], shots=shots)[0].barren for shots in budgets]
    assert chances == sorted(chances, reverse=True)
    assert all(0 < chance < 1 for chance in chances)


def _with_models(patch: pytest.MonkeyPatch) -> None:
    from predictor_models import interval, probability

    names = features.names()
    models = {
        "largest": interval(-3.0, names), "median": interval(-4.0, names), "shots": interval(-4.0, names),
        "barren": probability(-2.0, names),
    }  # fmt: skip
    patch.setattr(predictor, "_load", lambda name: store.Stored(models, names, features.VERSION, {}, "0" * 64))


def test_a_budget_moves_the_odds_as_the_regression_of_the_shots_does(folder: Path) -> None:
    # 10^4 shots are needed; 10^4.25 lie at the edge of the interval of 45 %, so that 27.5 % lie above, and 10^5 beyond
    # that of 99 %, 0.5 %. The odds of the classifier at 10^5 are exp(-2).
    (found,) = predict_all([ansatz()], shots=round(10**4.25))
    assert found.barren is not None
    odds = found.barren / (1 - found.barren)
    assert odds == pytest.approx(0.1353 * (0.275 / 0.725) / (0.005 / 0.995), rel=0.05)


def test_the_default_budget_is_that_of_the_rule_on_barren_plateaus() -> None:
    assert load_rules()["AL501"].thresholds["budget"].value == predictor.SHOTS


def test_many_are_predicted_as_one_is(folder: Path) -> None:
    circuits = [ansatz(2), replace(ansatz(), gates=(), parameters=()), ansatz(MOST_QUBITS + 1), ansatz(4)]
    assert [p.in_domain for p in predict_all(circuits)] == [True, False, False, True]
    assert predict_all(circuits) == [p for circuit in circuits for p in predict_all([circuit])]
    assert predict_all([]) == []


def test_several_workers_predict_what_one_does(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(predictor, "SHARE", 2)
    circuits = [ansatz(2), replace(ansatz(), gates=(), parameters=()), ansatz(MOST_QUBITS + 1), ansatz(4), ansatz(3)]
    assert predict_all(circuits, jobs=2) == predict_all(circuits)


def test_facts_stand_above_the_source(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Circuit] = []

    def table(circuits: list[Circuit], jobs: int = 1) -> object:
        seen.extend(circuits)
        return original(circuits, jobs)

    original = features.table
    monkeypatch.setattr(features, "table", table)
    predict(ansatz(), observable="Z0 Z1", init=al.Normal(0.1), noise=Depolarizing(0.01, 0.02))
    (circuit,) = seen
    assert str(circuit.observables[0]) == "Z0 Z1"
    assert (circuit.initialisation, circuit.noise) == (al.Normal(0.1), Depolarizing(0.01, 0.02))


@pytest.mark.parametrize("wrong", [{"shots": 0}, {"shots": 1.5}, {"shots": True}, {"observable": "Z9"}])
def test_what_cannot_be_meant_is_refused(folder: Path, wrong: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        predict(ansatz(), **wrong)  # type: ignore[arg-type]  # wrong on purpose


def test_something_that_is_no_circuit_is_refused(folder: Path) -> None:
    with pytest.raises(UsageError, match=r"a Circuit is needed, not str; make one with al\.read"):
        predict("circuit.qasm")  # type: ignore[arg-type]  # wrong on purpose


# --- files -----------------------------------------------------------------------------------------------------------


def missing(path: Path) -> None:
    path.unlink()


def tampered(path: Path) -> None:
    with np.load(path) as file:
        arrays = dict(file)
    arrays["largest/scores"] = arrays["largest/scores"] * 0.5  # narrower intervals
    np.savez(path, **arrays)


def other_version(path: Path) -> None:
    stored = store.load(path)
    store.save(path, stored.models, names=stored.names, version=features.VERSION + 1)


def lacking(path: Path) -> None:
    stored = store.load(path)
    store.save(path, {"median": stored.models["median"]}, names=stored.names, version=stored.version)


@pytest.mark.parametrize("harm", [missing, tampered, other_version, lacking])
def test_a_file_that_cannot_be_used_is_one_line_that_offers_a_refit(folder: Path, harm: Callable[[Path], None]) -> None:
    harm(folder / "gradients.npz")
    with pytest.raises(AnsatzlintError) as caught:
        predict(ansatz())
    text = str(caught.value)
    assert "gradients.npz: " in text
    assert text.endswith("make a new one with `ansatzlint predictor fit`")
    assert "\n" not in text


def test_models_are_loaded_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[object] = []
    load = store.load
    monkeypatch.setattr(store, "load", lambda *given, **more: calls.append(given) or load(*given, **more))
    predict(ansatz())
    predict(ansatz(4))
    assert len(calls) == 1


# --- training --------------------------------------------------------------------------------------------------------


def test_training_is_predicted_for_a_hamiltonian(folder: Path) -> None:
    write_training(folder)
    found = predict(ansatz(cost=ISING))
    assert (found.trained_fraction, found.trained_lower, found.trained_upper) == pytest.approx((0.6, 0.5, 0.7))
    assert (found.succeeding, found.trained_reason) == (pytest.approx(0.25), "")


def test_training_outside_of_what_was_trained_has_a_reason(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import predictor_models

    monkeypatch.setattr(predictor_models, "MOST_QUBITS", 2)
    write_training(folder)
    found = predict(ansatz(cost=ISING))
    assert found.in_domain
    assert found.trained_fraction is None
    assert found.trained_reason == "outside of what was trained: qubits is 3, learned from 1 to 2"


@pytest.mark.parametrize(
    ("circuit", "reason"),
    [
        (ansatz(), "the cost is no Hamiltonian"),  # the assumed mean of Z
        (ansatz(cost="Z0 Z1 Z2"), "the cost is no Hamiltonian"),
        (ansatz(cost="Z0 Z1 + 0.5 I"), "the cost is no Hamiltonian"),
        (ansatz(cost="X0 + X1 + X2"), "the cost is no Hamiltonian"),
        (replace(ansatz(), observables=(global_z((0, 1)), global_z((1, 2)))), "the cost is no Hamiltonian"),
        (ansatz(9, cost=ISING), "training was learned for at most 8 qubits"),
        (replace(ansatz(cost=ISING), noise=Depolarizing(0.01, 0.01)), "training was learned without noise"),
        (replace(ansatz(cost=ISING), parameters=tuple(
            replace(p, role="input") if i == 0 else p for i, p in enumerate(ansatz().parameters))),
         "training was learned at given inputs"),
        (replace(ansatz(cost=ISING), gates=(), parameters=()), "the circuit has no trainable parameter"),
    ],
)  # fmt: skip
def test_why_training_is_not_predicted(circuit: Circuit, reason: str) -> None:
    said = no_training(complete(circuit))
    assert said is not None
    assert said.startswith(reason)


def test_a_hamiltonian_has_a_term_that_couples() -> None:
    assert no_training(complete(ansatz(cost=ISING))) is None
    apart = (PauliTerm(1.0, ((0, "X"),)), PauliTerm(1.0, ((1, "X"),)))
    weightless = PauliSum((PauliTerm(0.0, ((0, "Z"), (1, "Z"))), *apart))
    assert no_training(complete(replace(ansatz(), observables=(weightless,)))) is not None


def test_training_is_predicted_up_to_the_size_of_the_figures() -> None:
    assert predictor.MOST_TRAINED == MAX_QUBITS


def test_any_number_of_shots_can_be_asked_about() -> None:
    (found,) = predict_all([ansatz()], shots=10**30)
    assert found.barren is not None
    assert 0 <= found.barren <= 1
