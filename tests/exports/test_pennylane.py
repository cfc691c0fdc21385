"""Circuit -> PennyLane -> Circuit keeps the unitary, the parameters and their sharing."""

from __future__ import annotations

import math

import numpy as np
import pennylane as qml
import pytest
from hypothesis import HealthCheck, given, settings
from strategies import circuits

from ansatzlint import angles, dense
from ansatzlint.circuit import (
    Amplitudes,
    Channel,
    Circuit,
    Gate,
    Nonlinear,
    Parameter,
    PauliSum,
    PauliTerm,
    Probabilities,
    Projector,
    State,
)
from ansatzlint.errors import CircuitError
from ansatzlint.exports.pennylane import identifiers, to_pennylane
from ansatzlint.readers.pennylane import from_qnode

VALUES = (0.61, 0.27, 0.83, 0.44)


def affine_angles(circuit: Circuit) -> list[angles.Affine]:
    return [a for gate in circuit.gates for a in gate.angles if isinstance(a, angles.Affine)]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(circuits(max_qubits=4, max_gates=6))
def test_round_trip(circuit: Circuit) -> None:
    values = dict(zip((p.name for p in circuit.parameters), VALUES, strict=False))
    qnode = to_pennylane(circuit)
    again = from_qnode(qnode, tuple(values.values()))
    assert not again.unread
    assert again.qubits == circuit.qubits
    if values:  # without arguments, numbers may be taken for parameters
        assert [p.name for p in again.parameters] == [p.name for p in circuit.parameters]
    else:
        values = {p.name: p.value for p in again.parameters if p.value is not None}
    other = {name: value + 0.3 for name, value in values.items()}
    expected = dense.unitary(circuit, other)
    assert dense.equal_up_to_phase(dense.unitary(again, other if circuit.parameters else values), expected)
    if circuit.parameters and all(g.name in ("rx", "rz", "crx", "rot", "p", "pauli_rotation") for g in circuit.gates):
        assert [g.parameters for g in again.gates] == [g.parameters for g in circuit.gates]


@settings(max_examples=30, deadline=None)
@given(circuits(max_qubits=3, max_gates=6, kinds=("rx", "crz", "rot", "u", "rzz", "pauli_rotation"), observable=True))
def test_affine_angles_and_observables_survive(circuit: Circuit) -> None:
    again = from_qnode(to_pennylane(circuit), VALUES[: len(circuit.parameters)])
    assert again.observables[0].terms  # type: ignore[union-attr]
    found = {t.paulis: t.coefficient for t in again.observables[0].terms}  # type: ignore[union-attr]
    assert found == {t.paulis: t.coefficient for t in circuit.observables[0].terms}  # type: ignore[union-attr]
    if circuit.parameters:
        mine, theirs = affine_angles(circuit), affine_angles(again)
        assert len(mine) == len(theirs)
        for a, b in zip(mine, theirs, strict=True):
            assert [n for n, _ in a.terms] == [n for n, _ in b.terms]
            assert np.allclose([c for _, c in a.terms], [c for _, c in b.terms], atol=1e-12)
            assert math.isclose(a.constant, b.constant, abs_tol=1e-12)


def test_it_computes_what_pennylane_computes() -> None:
    theta = angles.parameter("theta[0]")
    circuit = Circuit(
        "bell", 2,
        (Gate("ry", (0,), (angles.multiply(2.0, theta),)), Gate("cx", (0, 1))),
        (Parameter("theta[0]"),),
        (PauliSum((PauliTerm(0.5, ((0, "Z"),)), PauliTerm(1.0, ((0, "X"), (1, "X"))), PauliTerm(2.0, ())),),
         Projector((0, 1), "11"), Probabilities((1,))),
    )  # fmt: skip
    qnode = circuit.to_pennylane()
    value, overlap, probabilities = qnode(theta_0=0.3)
    assert math.isclose(value, 0.5 * math.cos(0.6) + math.sin(0.6) + 2.0)
    assert math.isclose(overlap, math.sin(0.3) ** 2)
    assert np.allclose(probabilities, [math.cos(0.3) ** 2, math.sin(0.3) ** 2])
    assert math.isclose(qnode(0.3)[0], value)
    with pytest.raises(TypeError, match="missing a required argument"):
        qnode()


def test_without_observables_it_returns_the_state() -> None:
    state = to_pennylane(Circuit("plus", 1, (Gate("h", (0,)),)))()
    assert np.allclose(state, [2**-0.5, 2**-0.5])


def test_initial_state_state_and_purity() -> None:
    circuit = Circuit(
        "prepared", 2, (Gate("cx", (0, 1)),), initial_state=Amplitudes((0,), (0.6, 0.8)),
        observables=(State((1,)), Nonlinear("purity", (1,))),
    )  # fmt: skip
    rho, purity = to_pennylane(circuit)()
    assert np.allclose(rho, np.diag([0.36, 0.64]))
    assert math.isclose(purity, 0.36**2 + 0.64**2)


def test_channels_run_on_the_mixed_device() -> None:
    circuit = Circuit(
        "noisy", 1, (Gate("x", (0,)),), observables=(PauliSum((PauliTerm(1.0, ((0, "Z"),)),)),),
        channels=(Channel("bit_flip", (0,), (0.1,), 1), Channel("pauli", (0,), (0.0, 0.2, 0.0), 0)),
    )  # fmt: skip
    qnode = to_pennylane(circuit)
    assert math.isclose(qnode(), -(1 - 0.2) * (1 - 0.4))
    assert {(c.kind, c.probabilities, c.after) for c in from_qnode(qnode).channels} == {
        (c.kind, c.probabilities, c.after) for c in circuit.channels
    }


def test_shots_are_carried() -> None:
    circuit = Circuit("s", 1, (Gate("h", (0,)),), observables=(Probabilities((0,)),), shots=100)
    assert to_pennylane(circuit).shots.total_shots == 100


def test_what_cannot_be_exported_is_refused() -> None:
    with pytest.raises(CircuitError, match="depends on inputs"):
        to_pennylane(Circuit("c", 1, (), (Parameter("x", "input"),), initial_state=Amplitudes((0,), None, ("x",))))
    with pytest.raises(CircuitError, match="variance"):
        to_pennylane(Circuit("c", 1, (), observables=(Nonlinear("variance", (0,)),)))


def test_identifiers_are_different_and_keep_good_names() -> None:
    result = identifiers(["w[0,1]", "w_0_1", "theta", "w[0.1]", "lambda", "3"])
    assert result["theta"] == "theta"
    assert result["w_0_1"] == "w_0_1"
    assert len(set(result.values())) == 6
    assert all(name.isidentifier() for name in result.values())


def test_many_controls() -> None:
    circuit = Circuit("c", 4, (Gate("x", (0, 1, 2, 3), controls="101"), Gate("gphase", (0, 1), (0.7,), "01")))
    matrix = qml.matrix(to_pennylane(circuit), wire_order=range(4))()
    assert np.allclose(matrix, dense.unitary(circuit))
