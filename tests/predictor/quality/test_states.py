"""States and tangents against dense unitaries and finite differences."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansatzlint.angles import add, multiply, parameter
from ansatzlint.assumptions import complete
from ansatzlint.circuit import Amplitudes, Circuit, Gate, Parameter, PauliSum, PauliTerm, Projector
from ansatzlint.dense import unitary
from ansatzlint.families import FAMILIES
from ansatzlint.initialisation import Uniform, Zeros
from ansatzlint.noise import Depolarizing
from ansatzlint.predictor.quality.examples import draw
from ansatzlint.predictor.quality.hamiltonians import matrix
from ansatzlint.predictor.quality.states import MOST_TURNS, Network, network, without_inputs

Z = PauliSum((PauliTerm(1.0, ((0, "Z"),)),))


def made(circuit: Circuit) -> Network:
    found = network(circuit)
    assert isinstance(found, Network), found
    return found


def little_endian(psi: np.ndarray) -> np.ndarray:
    """`dense` has qubit 0 as the most significant bit, the states here as the least."""
    n = len(psi).bit_length() - 1
    return psi.reshape((2,) * n).transpose().reshape(-1)


def small(index: int) -> Circuit:
    """An example on few qubits, for dense matrices."""
    while True:
        circuit = without_inputs(draw(21, index).circuit)
        if circuit.qubits <= 5 and len(circuit.parameters) <= 60:
            return circuit
        index += 1000


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 200))
def test_energies_are_those_of_the_whole_circuit(index: int) -> None:
    circuit = small(index)
    point = np.random.default_rng(index).normal(size=len(circuit.parameters))
    values = dict(zip((p.name for p in circuit.parameters), point, strict=True))
    psi = little_endian(unitary(circuit, values)[:, 0])
    (cost,) = circuit.observables
    assert isinstance(cost, PauliSum)
    own = made(circuit)
    pulled = own.states(point[None])[0]
    expected = (psi.conj() @ matrix(cost, circuit.qubits) @ psi).real
    assert (pulled.conj() @ own.operator @ pulled).real == pytest.approx(expected, abs=1e-9)


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 200))
def test_tangents_are_finite_differences(index: int) -> None:
    circuit = small(index)
    rng = np.random.default_rng(index)
    point = rng.normal(size=len(circuit.parameters))
    k = int(rng.integers(len(point)))
    step = 1e-5 * np.eye(len(point))[k]
    own = made(circuit)
    ahead, behind = own.states(np.array([point + step, point - step]))
    psi, moved = own.tangents(point)
    np.testing.assert_allclose(moved[k], (ahead - behind) / 2e-5, atol=1e-8)
    np.testing.assert_allclose(psi, own.states(point[None])[0], atol=1e-12)


def test_circuits_without_clifford_gates_keep_their_states() -> None:
    gates = (
        Gate("rx", (0,), (parameter("a"),)), Gate("ryy", (2, 0), (parameter("b"),)), Gate("rz", (1,), (0.3,)),
        Gate("crx", (0, 1), (parameter("a"),)),
    )  # fmt: skip
    circuit = Circuit("three", 3, gates, (Parameter("a"), Parameter("b")), observables=(Z,))
    psi = little_endian(unitary(circuit, {"a": 0.7, "b": -1.2})[:, 0])
    assert abs(np.vdot(psi, made(circuit).states(np.array([[0.7, -1.2]]))[0])) == pytest.approx(1.0)


def test_a_given_initial_state() -> None:
    amplitudes = np.array([0.1, 0.2j, 0.5, -0.8, 0.1, 0.0, 0.2, 0.1], complex)
    amplitudes /= np.linalg.norm(amplitudes)
    gates = (Gate("h", (1,)), Gate("rx", (0,), (parameter("a"),)), Gate("cx", (0, 2)))
    on = (2, 0, 1)
    circuit = Circuit("given", 3, gates, (Parameter("a"),), observables=(PauliSum((PauliTerm(1.0, ((2, "Z"),)),)),))
    circuit = replace(circuit, initial_state=Amplitudes(on, tuple(amplitudes.tolist())))
    start = np.moveaxis(amplitudes.reshape(2, 2, 2), (0, 1, 2), on).reshape(-1)
    psi = unitary(circuit, {"a": 0.4}) @ start
    own = made(circuit)
    pulled = own.states(np.array([[0.4]]))[0]
    expected = np.abs(psi.reshape(4, 2)) ** 2
    energy = (pulled.conj() @ own.operator @ pulled).real
    assert energy == pytest.approx(expected[:, 0].sum() - expected[:, 1].sum())


def test_inputs_are_taken_at_what_was_recorded() -> None:
    angle = multiply(parameter("x"), parameter("x"))
    gates = (Gate("rx", (0,), (angle,)), Gate("ry", (0,), (parameter("t"),)))
    circuit = Circuit("data", 1, gates, (Parameter("x", "input", 0.5), Parameter("t")), observables=(Z,))
    found = without_inputs(circuit)
    assert found.parameters == (Parameter("t"),)
    assert found.gates[0].angles == (0.25,)


def test_inputs_that_were_not_recorded_are_drawn_by_their_law() -> None:
    x = Parameter("x", "input", initialisation=Uniform(3.0, 3.5))
    circuit = Circuit("data", 1, (Gate("rx", (0,), (parameter("x"),)),), (x,), observables=(Z,))
    (angle,) = without_inputs(circuit).gates[0].angles
    assert isinstance(angle, float)
    assert 3.0 <= angle < 3.5


def turned(*angles: object, **facts: object) -> Circuit:
    gates = tuple(Gate("rx", (0,), (angle,)) for angle in angles)  # type: ignore[arg-type]  # angles
    circuit = Circuit("turned", 1, gates, (Parameter("a"), Parameter("b")), observables=(Z,))
    return replace(circuit, **facts)  # type: ignore[arg-type]  # fields of Circuit


@pytest.mark.parametrize(
    ("circuit", "reason"),
    [
        (complete(FAMILIES["real-amplitudes"].build(9)), "9 qubits are more than the 8"),
        (turned(parameter("a"), observables=(Projector((0,), "0"),)), "the cost is no Hamiltonian"),
        (turned(parameter("a"), observables=()), "the cost is no Hamiltonian"),
        (turned(parameter("a"), noise=Depolarizing(0.1, 0.1)), "under noise there is no statevector"),
        (turned(parameter("a"), initial_state=Amplitudes((0,))), "inputs decide the initial state"),
        (turned(multiply(parameter("a"), parameter("b"))), "no affine function of the parameters: a, b"),
    ],
)
def test_what_cannot_be_followed(circuit: Circuit, reason: str) -> None:
    assert reason in str(network(circuit))


def test_circuits_with_very_many_rotations_are_refused() -> None:
    long = turned(*(parameter("ab"[k % 2]) for k in range(MOST_TURNS + 1)))
    long = replace(long, gates=tuple(replace(g, name=("rx", "rz")[k % 2]) for k, g in enumerate(long.gates)))
    assert "4001 rotations are more than the 4000" in str(network(long))


def test_affine_angles_in_several_parameters() -> None:
    circuit = turned(add(multiply(2.0, parameter("a")), add(parameter("b"), 0.1)), initialisation=Zeros())
    psi = made(circuit).states(np.array([[0.3, 0.4]]))[0]
    assert abs(psi[0]) == pytest.approx(np.cos(1.1 / 2))
