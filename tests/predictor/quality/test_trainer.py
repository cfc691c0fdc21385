"""Training runs: their costs against PennyLane and dense matrices, their steps against the shift rules."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pennylane as qml
import pytest

from ansatzlint.angles import add, multiply, parameter
from ansatzlint.assumptions import complete
from ansatzlint.circuit import Circuit, Gate, Parameter, PauliSum, PauliTerm, Projector
from ansatzlint.dense import unitary
from ansatzlint.errors import CircuitError
from ansatzlint.families import FAMILIES
from ansatzlint.initialisation import Uniform, Zeros
from ansatzlint.moments.sequence import laws
from ansatzlint.moments.statevector import Plan, plan
from ansatzlint.predictor.quality import trainer
from ansatzlint.predictor.quality.examples import draw
from ansatzlint.predictor.quality.hamiltonians import matrix, spectrum, tfim
from ansatzlint.predictor.quality.states import without_inputs
from ansatzlint.predictor.quality.trainer import Training, gradient_evaluations, steps_within, train

Z = PauliSum((PauliTerm(1.0, ((0, "Z"),)),))


def one_turn(name: str = "ry", qubits: tuple[int, ...] = (0,)) -> Circuit:
    gates = (Gate(name, qubits, (parameter("t"),)),)
    return Circuit("one", len(qubits), gates, (Parameter("t"),), observables=(Z,), initialisation=Uniform())


def with_cost(name: str, qubits: int, **arguments: object) -> Circuit:
    circuit = FAMILIES[name].build(qubits, **arguments)
    return complete(replace(circuit, observables=(tfim(qubits, -1.0, -1.0),)))


def planned(circuit: Circuit) -> Plan:
    made = plan(circuit, laws(circuit))
    assert isinstance(made, Plan), made
    return made


@pytest.mark.parametrize("index", range(6))
def test_costs_and_gradients_are_those_of_dense_matrices(index: int) -> None:
    circuit = without_inputs(draw(11, index).circuit)
    made = planned(circuit)
    point = np.random.default_rng(index).normal(size=len(circuit.parameters))
    operator = np.asarray(qml.matrix(_pennylane(circuit), wire_order=range(circuit.qubits)))

    def energy(theta: np.ndarray) -> float:
        psi = unitary(circuit, dict(zip(made.parameters, theta, strict=True)))[:, 0]
        return float((psi.conj() @ operator @ psi).real)

    values = made.evaluate(point[None], threads=1)
    assert not isinstance(values, str)
    shift = 1e-5 * np.eye(len(point))[index % len(point)]
    slope = (energy(point + shift) - energy(point - shift)) / 2e-5
    assert values.cost[0] == pytest.approx(energy(point), abs=1e-9)
    assert values.gradients[0, index % len(point)] == pytest.approx(slope, abs=1e-6)


def _pennylane(circuit: Circuit) -> qml.operation.Operator:
    (cost,) = circuit.observables
    assert isinstance(cost, PauliSum)
    words = [
        qml.prod(*(getattr(qml, f"Pauli{letter}")(q) for q, letter in term.paulis)) if term.paulis else qml.Identity(0)
        for term in cost.terms
    ]
    return qml.dot([term.coefficient for term in cost.terms], words)


def test_the_first_cost_is_default_qubits() -> None:
    circuit = with_cost("hardware-efficient", 4, layers=2)
    made = planned(circuit)
    found = train(circuit, 3, seed=5, evaluations=10)
    node = circuit.to_pennylane()
    expected = [float(node(*row)) for row in made.draw(5, 0, 3)]
    assert found.start == pytest.approx(expected, abs=1e-9)


def test_one_step_is_adams_first() -> None:
    # After one step Adam has moved by the rate against the sign of the gradient: cos(t) rises towards t = 0.
    circuit = one_turn()
    start = np.array([[2.0], [-2.0]])
    found = trainer.descend(planned(circuit), start, 1, 2)
    assert found.end == pytest.approx(np.cos(2.0 + trainer.RATE) * np.ones(2), abs=1e-6)


def test_adam_follows_its_paper_over_many_steps() -> None:
    theta, mean, square = 2.0, 0.0, 0.0
    for step in range(1, 31):
        slope = -np.sin(theta)
        mean = 0.9 * mean + 0.1 * slope
        square = 0.999 * square + 0.001 * slope**2
        theta -= 0.1 * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
    found = trainer.descend(planned(one_turn()), np.array([[2.0]]), 30, 2)
    assert found.end[0] == pytest.approx(np.cos(theta), abs=1e-9)


def test_a_single_qubit_is_trained_to_its_ground_state() -> None:
    found = train(one_turn(), 4, seed=0, evaluations=800)
    assert found.end == pytest.approx(-np.ones(4), abs=1e-3)


def test_no_run_falls_below_the_least_eigenvalue() -> None:
    circuit = with_cost("efficient-su2", 4, layers=2)
    found = train(circuit, 6, seed=1)
    least = spectrum(matrix(tfim(4, -1.0, -1.0), 4)).least
    assert (found.end >= least - 1e-9).all()
    assert (found.best <= np.minimum(found.start, found.end)).all()


def test_an_ansatz_that_holds_the_ground_state_reaches_it() -> None:
    circuit = with_cost("hamiltonian-variational", 4, layers=4)
    levels = spectrum(matrix(tfim(4, -1.0, -1.0), 4))
    assert np.median(train(circuit, 8).shares(levels.least, levels.largest)) > 0.95


def test_equal_seeds_train_alike() -> None:
    circuit = with_cost("real-amplitudes", 3, layers=1)
    np.testing.assert_array_equal(train(circuit, 3, 7, 500).end, train(circuit, 3, 7, 500).end)


@pytest.mark.parametrize(
    ("circuit", "evaluations"),
    [
        (one_turn(), 2),
        (one_turn("crx", (0, 1)), 4),
        (one_turn("rzz", (0, 1)), 2),
        (FAMILIES["hardware-efficient"].build(4, layers=3), 2 * 24),
        (FAMILIES["qaoa"].build(5, layers=2), 2 * 2 * (5 + 5)),
        (replace(one_turn(), parameters=(Parameter("t", "input"),)), 0),
    ],
)
def test_a_gradient_costs_what_the_shift_rules_take(circuit: Circuit, evaluations: int) -> None:
    assert gradient_evaluations(circuit) == evaluations


def test_each_parameter_of_an_expression_is_shifted() -> None:
    angle = multiply(add(parameter("a"), 1.0), parameter("b"))
    circuit = Circuit("two", 1, (Gate("rx", (0,), (angle,)),), (Parameter("a"), Parameter("b")))
    assert gradient_evaluations(circuit) == 4


def test_evaluations_set_the_number_of_steps() -> None:
    circuit = FAMILIES["hardware-efficient"].build(4, layers=3)
    assert steps_within(circuit, 48 * 10 + 1) == 10
    assert steps_within(circuit, 10) == 1
    assert steps_within(one_turn()) == trainer.MOST_STEPS


def test_the_evaluations_that_were_taken_are_within_those_allowed() -> None:
    found = train(with_cost("hardware-efficient", 3, layers=1), 2, evaluations=1000)
    assert found.evaluations == found.steps * 12 + 1 <= 1000


def test_shares_of_the_way() -> None:
    start, end = np.array([1.0, 0.0, -1.0, -0.5]), np.array([-1.0, -0.5, -1.0, 0.2])
    found = Training(start, end, end, 1, 2).shares(-1.0, 1.0)
    # all of it, half of it, nothing left to gain, and the wrong way
    assert found == pytest.approx([1.0, 0.5, 1.0, 0.0])


def test_a_stationary_start_stays() -> None:
    found = train(replace(one_turn(), initialisation=Zeros()), 1)
    assert found.shares(-1.0, 1.0) == pytest.approx([0.0])


def test_a_projector_can_be_trained_too() -> None:
    circuit = replace(one_turn(), observables=(Projector((0,), "0"),))
    assert train(circuit, 2, evaluations=800).end == pytest.approx(np.zeros(2), abs=1e-3)


def test_what_has_no_cost_cannot_be_trained() -> None:
    with pytest.raises(CircuitError, match="cannot be trained here: the circuit has no cost"):
        train(replace(one_turn(), observables=()))
