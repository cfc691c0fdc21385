from __future__ import annotations

import pytest

from ansatzlint.angles import Affine, parameter
from ansatzlint.circuit import PauliSum, PauliTerm
from ansatzlint.errors import CircuitError
from ansatzlint.families.builder import Builder
from ansatzlint.initialisation import Normal


def test_parameters_are_counted_by_stem_and_keep_their_order() -> None:
    builder = Builder("b", 1)
    angles = [builder.parameter(), builder.parameter("x", role="input"), builder.parameter(initialisation=Normal(0.1))]
    assert angles == [parameter("theta0"), parameter("x0"), parameter("theta1")]
    found = builder.circuit().parameters
    assert [(p.name, p.role, p.initialisation) for p in found] == [
        ("theta0", "trainable", None),
        ("x0", "input", None),
        ("theta1", "trainable", Normal(0.1)),
    ]


def test_a_turn_has_a_new_parameter_for_each_angle() -> None:
    builder = Builder("b", 3)
    builder.turn("rot", 1)
    builder.turn("cx", 2, 0)
    builder.turn("crz", 0, 1)
    rot, cx, crz = builder.circuit().gates
    assert rot.angles == tuple(Affine(((f"theta{i}", 1.0),)) for i in range(3))
    assert (cx.name, cx.qubits, cx.angles) == ("cx", (2, 0), ())
    assert crz.angles == (parameter("theta3"),)


def test_gates_words_and_observables_are_carried() -> None:
    builder = Builder("b", 2)
    builder.gate("pauli_rotation", 1, 0, angles=(0.5,), word="XY")
    cost = PauliSum((PauliTerm(1.0, ((0, "Z"),)),))
    circuit = builder.circuit(cost)
    assert (circuit.name, circuit.qubits, circuit.observables) == ("b", 2, (cost,))
    assert [(g.name, g.qubits, g.angles, g.word) for g in circuit.gates] == [("pauli_rotation", (1, 0), (0.5,), "XY")]


def test_what_is_no_circuit_is_refused() -> None:
    builder = Builder("b", 2)
    builder.gate("cx", 0, 2)
    with pytest.raises(CircuitError, match="acts on qubit 2 of 2"):
        builder.circuit()
    with pytest.raises(CircuitError, match="unknown gate 'ryx'"):
        builder.turn("ryx", 0)
