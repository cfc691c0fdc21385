"""PennyLane QNodes and tapes, against PennyLane's own matrices."""

from __future__ import annotations

import dataclasses
import math
import types
from collections.abc import Callable
from typing import Any

import numpy as np
import pennylane as qml
import pytest
from pennylane import numpy as pnp

from ansatzlint import angles, dense
from ansatzlint.circuit import Circuit, Nonlinear, PauliSum, Probabilities, Projector, State
from ansatzlint.errors import InputError
from ansatzlint.readers.pennylane import from_qnode, from_tape

RANDOM = np.random.default_rng(7)


def qnode(function: Callable[..., Any], wires: Any = None, **options: Any) -> qml.QNode:
    return qml.QNode(function, qml.device("default.qubit", wires=wires), **options)


def matrix_of(node: qml.QNode, circuit: Circuit, *args: Any) -> Any:
    tape = qml.workflow.construct_tape(node, level="user")(*args)
    labels = [label if not label.isdigit() else int(label) for label in map(circuit.label, range(circuit.qubits))]
    return qml.matrix(qml.tape.QuantumScript(tape.operations), wire_order=labels)


def assert_same(node: qml.QNode, *args: Any, read: Circuit | None = None) -> Circuit:
    """The circuit that was read has PennyLane's unitary."""
    circuit = read or from_qnode(node, args)
    assert not circuit.unread, circuit.unread
    assert dense.equal_up_to_phase(dense.unitary(circuit), matrix_of(node, circuit, *args))
    return circuit


ONE = {
    "RX": 1, "RY": 1, "RZ": 1, "PhaseShift": 1, "U1": 1, "U2": 2, "U3": 3, "Rot": 3, "PauliX": 0, "PauliY": 0,
    "PauliZ": 0, "Hadamard": 0, "S": 0, "T": 0, "SX": 0, "Identity": 0,
}  # fmt: skip
TWO = {
    "CNOT": 0, "CY": 0, "CZ": 0, "CH": 0, "SWAP": 0, "ISWAP": 0, "SISWAP": 0, "ECR": 0, "CRX": 1, "CRY": 1, "CRZ": 1,
    "CRot": 3, "ControlledPhaseShift": 1, "CPhaseShift00": 1, "CPhaseShift01": 1, "CPhaseShift10": 1, "IsingXX": 1,
    "IsingYY": 1, "IsingZZ": 1, "IsingXY": 1, "PSWAP": 1, "MultiRZ": 1, "SingleExcitation": 1,
    "SingleExcitationPlus": 1, "SingleExcitationMinus": 1, "FermionicSWAP": 1,
}  # fmt: skip
THREE = {"Toffoli": 0, "CSWAP": 0, "CCZ": 0, "MultiControlledX": 0, "MultiRZ": 1}
FOUR = {
    "DoubleExcitation": 1, "OrbitalRotation": 1, "QFT": 0, "MultiControlledX": 0,
}  # fmt: skip
WRAPPINGS: dict[str, Callable[[Any], Any]] = {
    "as it is": lambda op: op,
    "adjoint": qml.adjoint,
    "controlled": lambda op: qml.ctrl(op, control=["a", "b"], control_values=[0, 1]),
    "squared": lambda op: qml.pow(op, 2),
    "inverse cube": lambda op: qml.pow(op, -3),
}


@pytest.mark.parametrize("wrapping", WRAPPINGS)
@pytest.mark.parametrize(
    ("name", "count", "size"),
    [(name, count, size) for size, group in enumerate((ONE, TWO, THREE, FOUR), 1) for name, count in group.items()],
)
def test_operations(name: str, count: int, size: int, wrapping: str) -> None:
    def circuit(*angles_: float) -> Any:
        with qml.QueuingManager.stop_recording():
            op = WRAPPINGS[wrapping](getattr(qml, name)(*angles_, wires=range(size)))
        qml.apply(op)
        return qml.state()

    node = qnode(circuit)
    args = tuple(float(x) for x in RANDOM.uniform(0.2, 2.0, count))
    read = from_qnode(node, args)
    assert not read.unread
    assert [p.value for p in read.parameters] == list(args)
    expected = matrix_of(node, read, *args)
    if wrapping == "controlled":  # a phase under a control is no global one
        assert np.allclose(dense.unitary(read), expected, atol=1e-8)
    else:
        assert dense.equal_up_to_phase(dense.unitary(read), expected)
    # the angles are right at other values too
    other = tuple(x + 0.4 for x in args)
    values = dict(zip((p.name for p in read.parameters), other, strict=True))
    assert dense.equal_up_to_phase(dense.unitary(read, values), matrix_of(node, read, *other))


H2 = qml.Hamiltonian([0.5, -0.3, 0.2], [qml.Z(0) @ qml.Z(1), qml.X(0), qml.Y(1) @ qml.X(2)])
TWO_OF_FOUR = np.array([1, 1, 0, 0])
TEMPLATES: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "StronglyEntanglingLayers": (
        lambda w: qml.StronglyEntanglingLayers(w, wires=range(3)), (RANDOM.random((2, 3, 3)),),
    ),
    "BasicEntanglerLayers": (lambda w: qml.BasicEntanglerLayers(w, wires=range(3)), (RANDOM.random((2, 3)),)),
    "SimplifiedTwoDesign": (
        lambda i, w: qml.SimplifiedTwoDesign(i, w, wires=range(3)), (RANDOM.random(3), RANDOM.random((2, 2, 2))),
    ),
    "RandomLayers": (lambda w: qml.RandomLayers(w, wires=range(3), seed=3), (RANDOM.random((2, 4)),)),
    "AngleEmbedding": (lambda x: qml.AngleEmbedding(x, wires=range(3), rotation="Y"), (RANDOM.random(3),)),
    "IQPEmbedding": (lambda x: qml.IQPEmbedding(x, wires=range(3), n_repeats=2), (RANDOM.random(3),)),
    "QAOAEmbedding": (
        lambda x, w: qml.QAOAEmbedding(x, w, wires=range(3)), (RANDOM.random(2), RANDOM.random((2, 6))),
    ),
    "ApproxTimeEvolution": (lambda t: qml.ApproxTimeEvolution(H2, t, 2), (0.7,)),
    "TrotterProduct": (lambda t: qml.TrotterProduct(H2, t, n=2, order=2), (0.7,)),
    "UCCSD": (
        lambda w: qml.UCCSD(w, range(4), s_wires=[[0, 1, 2]], d_wires=[[[0, 1], [2, 3]]], init_state=TWO_OF_FOUR),
        (RANDOM.random(2),),
    ),
    "AllSinglesDoubles": (
        lambda w: qml.AllSinglesDoubles(w, range(4), TWO_OF_FOUR, singles=[[0, 2]], doubles=[[0, 1, 2, 3]]),
        (RANDOM.random(2),),
    ),
    "ParticleConservingU2": (
        lambda w: qml.ParticleConservingU2(w, range(3), init_state=np.array([1, 1, 0])), (RANDOM.random((1, 5)),),
    ),
    "GateFabric": (
        lambda w: qml.GateFabric(w, range(4), init_state=TWO_OF_FOUR), (RANDOM.random((1, 1, 2)),),
    ),
    "BasisEmbedding": (lambda: qml.BasisEmbedding([1, 0, 1], wires=range(3)), ()),
    "QuantumPhaseEstimation": (
        lambda t: qml.QuantumPhaseEstimation(qml.RZ(t, 0), estimation_wires=[1, 2]), (0.4,),
    ),
    "GroverOperator": (lambda: qml.GroverOperator(wires=range(3)), ()),
    "MERA": (
        lambda w: qml.MERA(range(4), 2, lambda p, wires: (qml.RY(p[0], wires[0]), qml.CNOT(wires)), 1, w),
        (RANDOM.random((5, 1)),),
    ),
    "QubitUnitary": (lambda: qml.QubitUnitary(qml.matrix(qml.CRX(0.3, [0, 1])), wires=[0, 1]), ()),
    "evolve": (lambda t: qml.evolve(qml.X(0) @ qml.Z(1), t), (0.3,)),
    "exp": (lambda t: qml.exp(qml.X(0) @ qml.Z(1), -1j * t), (0.3,)),
    "DiagonalQubitUnitary": (lambda: qml.DiagonalQubitUnitary(np.exp(1j * np.arange(4.0)), wires=[0, 1]), ()),
    "prod": (lambda t: qml.prod(qml.RX(t, 0), qml.RZ(t, 1), qml.RY(t, 0)), (0.3,)),
    "ctrl of a template": (
        lambda w: qml.ctrl(qml.BasicEntanglerLayers, control=3)(w, wires=range(3)), (RANDOM.random((1, 3)),),
    ),
    "adjoint of a template": (
        lambda w: qml.adjoint(qml.StronglyEntanglingLayers)(w, wires=range(3)), (RANDOM.random((2, 3, 3)),),
    ),
    "PauliRot": (lambda t: qml.PauliRot(t, "XIY", wires=range(3)), (0.7,)),
    "PauliRot of the identity": (lambda t: qml.PauliRot(t, "II", wires=range(2)), (0.7,)),
}  # fmt: skip


@pytest.mark.parametrize("name", TEMPLATES)
def test_templates(name: str) -> None:
    template, args = TEMPLATES[name]

    def circuit(*args: Any) -> Any:
        template(*args)
        return qml.expval(qml.Z(0))

    read = assert_same(qnode(circuit), *args)
    assert len(read.parameters) == sum(np.size(a) for a in args)
    live = {n for g in read.gates for n in g.parameters}
    assert live == {p.name for p in read.parameters}
    for block in read.blocks:
        assert 0 <= block.start < block.stop <= len(read.gates)
        assert {q for g in read.gates[block.start : block.stop] for q in g.qubits} <= set(block.qubits)
    # at other values the formulas still hold
    other = tuple(a + 0.3 for a in args)
    moved = {p.name: p.value + 0.3 for p in read.parameters if p.value is not None}
    expected = matrix_of(qnode(circuit), read, *other)
    assert dense.equal_up_to_phase(dense.unitary(read, moved), expected)


def test_templates_are_remembered() -> None:
    def circuit(w: Any, x: Any) -> Any:
        qml.AngleEmbedding(x, wires=range(3))
        qml.StronglyEntanglingLayers(w, wires=range(3))
        return qml.expval(qml.Z(0))

    read = from_qnode(qnode(circuit), (RANDOM.random((1, 3, 3)), RANDOM.random(3)))
    assert [(b.name, b.start, b.stop) for b in read.blocks] == [
        ("AngleEmbedding", 0, 3),
        ("StronglyEntanglingLayers", 3, 9),
    ]
    assert read.gates[3].angles == tuple(angles.parameter(f"w[0,0,{k}]") for k in range(3))
    assert [p.name for p in read.inputs] == ["x[0]", "x[1]", "x[2]"]


def test_a_parameter_used_twice_is_one() -> None:
    def circuit(theta: float, gamma: float) -> Any:
        qml.RX(theta, 0)
        qml.RZ(2 * gamma, 0)
        qml.RY(theta, 1)
        qml.CRX(gamma / 2 - np.pi, [0, 1])
        return qml.expval(qml.Z(0))

    read = assert_same(qnode(circuit), 0.3, 0.4)
    assert [p.name for p in read.parameters] == ["theta", "gamma"]
    assert read.gates[0].angles == read.gates[2].angles == (angles.parameter("theta"),)
    assert read.gates[1].angles == (angles.Affine((("gamma", 2.0),)),)
    assert read.gates[3].angles == (angles.Affine((("gamma", 0.5),), -math.pi),)


def test_a_product_of_inputs_is_kept_as_a_formula() -> None:
    def circuit(x: Any) -> Any:
        qml.RZ((np.pi - x[0]) * (np.pi - x[1]), 0)
        qml.RX(math.sin(x[0]) + np.sqrt(x[1]), 0)
        return qml.expval(qml.Z(0))

    read = assert_same(qnode(circuit), np.array([0.3, 0.4]))
    pi = math.pi
    assert read.gates[0].angles[0] == angles.Expression(
        "multiply", (angles.Affine((("x[0]", -1.0),), pi), angles.Affine((("x[1]", -1.0),), pi))
    )
    assert read.gates[1].parameters == ("x[0]", "x[1]")


def test_qaoa_shares_its_angles() -> None:
    edges = [(0, 1), (1, 2), (2, 0)]
    cost, mixer = qml.Hamiltonian([1.0] * 3, [qml.Z(a) @ qml.Z(b) for a, b in edges]), qml.qaoa.x_mixer(range(3))

    def circuit(params: Any) -> Any:
        for wire in range(3):
            qml.Hadamard(wire)
        qml.layer(lambda g, b: (qml.qaoa.cost_layer(g, cost), qml.qaoa.mixer_layer(b, mixer)), 2, params[0], params[1])
        return qml.expval(cost)

    read = assert_same(qnode(circuit), np.array([[0.1, 0.2], [0.3, 0.4]]))
    assert [p.name for p in read.parameters] == ["params[0,0]", "params[0,1]", "params[1,0]", "params[1,1]"]
    first = [g for g in read.gates if g.parameters == ("params[0,0]",)]
    assert [g.angles for g in first] == [(angles.Affine((("params[0,0]", 2.0),)),)] * 3


@pytest.mark.parametrize(
    "make",
    [
        lambda w: np.array([w[0], 2 * w[1]]),
        lambda w: np.stack([w[1], w[0]]),
        lambda w: w.reshape(2, 2).T.flatten(),
        lambda w: np.concatenate([w[:2], np.zeros(2)]),
        lambda w: w @ np.arange(16.0).reshape(4, 4),
        lambda w: pnp.array([1.0, 2.0], requires_grad=False) * w[:2],
        lambda w: np.mod(w, 0.25),
        lambda w: np.tanh(w) * np.pi,
        lambda w: w / np.linalg.norm(w),
        lambda w: np.deg2rad(w) ** 2,
        lambda w: [v % 0.3 for v in w],
    ],
)
def test_arithmetic_with_arrays_is_followed(make: Callable[[Any], Any]) -> None:
    def circuit(w: Any) -> Any:
        for wire, angle in enumerate(make(w)):
            qml.RX(angle, wire)
        return qml.expval(qml.Z(0))

    read = assert_same(qnode(circuit, 4), np.array([0.4, 0.3, 0.7, 0.9]))
    assert any(g.parameters for g in read.gates)


def test_nested_arguments() -> None:
    def circuit(params: Any, *more: Any, extra: Any) -> Any:
        qml.RX(params[0][1], 0)
        qml.RX(params[1]["a"], 0)
        qml.RX(more[0], 0)
        qml.RX(extra, 0)
        return qml.expval(qml.Z(0))

    read = from_qnode(qnode(circuit), ([[1, 0.5], {"a": 0.25}], 0.125), {"extra": 0.75})
    assert [g.parameters for g in read.gates] == [("params[0,1]",), ("params[1,a]",), ("more0",), ("extra",)]
    assert [p.name for p in read.parameters] == ["params[0,1]", "params[1,a]", "more0", "extra"]


def test_integers_and_strings_are_no_parameters() -> None:
    def circuit(weights: Any, layers: int, axis: str, wires: Any) -> Any:
        for _ in range(layers):
            qml.AngleEmbedding(weights, wires=wires, rotation=axis)
        return qml.expval(qml.Z(0))

    read = from_qnode(qnode(circuit), (np.array([0.1, 0.2]), 3, "Z", np.arange(2)))
    assert [p.name for p in read.parameters] == ["weights[0]", "weights[1]"]
    assert [g.name for g in read.gates] == ["rz"] * 6


def test_integer_data_becomes_an_input_only_where_it_is_an_angle() -> None:
    def encode(x: Any) -> Any:
        for wire, value in enumerate(x):
            qml.RX(np.pi * value, wire)
        return qml.expval(qml.Z(0))

    def flip(x: Any) -> Any:
        qml.BasisEmbedding(x, wires=range(3))
        return qml.expval(qml.Z(0))

    bits = np.array([1, 0, 1])
    read = assert_same(qnode(encode), bits)
    assert read.gates[0].angles == (angles.Affine((("x[0]", math.pi),)),)
    flipped = assert_same(qnode(flip), bits)
    assert flipped.parameters == ()
    assert [(g.name, g.qubits) for g in flipped.gates] == [("x", (0,)), ("x", (2,))]


def test_integers_among_numbers() -> None:
    def counted(params: Any) -> Any:
        for _ in range(params[0]):
            qml.RX(params[1], 0)
        return qml.expval(qml.Z(0))

    read = from_qnode(qnode(counted), ([2, 0.5],))
    assert [p.name for p in read.parameters] == ["params[1]"]
    assert [g.parameters for g in read.gates] == [("params[1]",)] * 2
    assert not read.unread


class TestRoles:
    def circuit(self, a: Any, b: Any) -> Any:
        qml.RX(a, 0)
        qml.RY(b, 0)
        return qml.expval(qml.Z(0))

    def test_gradients_decide(self) -> None:
        args = pnp.array(0.1, requires_grad=False), pnp.array(0.2, requires_grad=True)
        read = assert_same(qnode(self.circuit), *args)
        assert [(p.name, p.role) for p in read.parameters] == [("a", "input"), ("b", "trainable")]
        assert read.assumptions == ()

    def test_beside_a_trainable_tensor_numbers_are_data(self) -> None:
        read = from_qnode(qnode(self.circuit), (0.1, pnp.array(0.2, requires_grad=True)))
        assert [p.role for p in read.parameters] == ["input", "trainable"]

    def test_names_decide_and_it_is_said(self) -> None:
        def circuit(x: Any, theta: Any) -> Any:
            return self.circuit(x, theta)

        read = from_qnode(qnode(circuit), (0.1, 0.2))
        assert [p.role for p in read.parameters] == ["input", "trainable"]
        assert read.assumptions == ("`x` is taken for data because of the name",)

    def test_a_declaration_overrides(self) -> None:
        args = pnp.array(0.1, requires_grad=False), pnp.array(0.2, requires_grad=True)
        read = from_qnode(qnode(self.circuit), args, inputs=["b"])
        assert [p.role for p in read.parameters] == ["trainable", "input"]

    def test_embedding_features_are_data(self) -> None:
        def circuit(values: Any, w: Any) -> Any:
            qml.AngleEmbedding(np.pi * values, wires=range(2))
            qml.RX(w, 0)
            return qml.expval(qml.Z(0))

        read = from_qnode(qnode(circuit), (np.array([0.1, 0.2]), 0.3))
        assert [p.role for p in read.parameters] == ["input", "input", "trainable"]
        assert "embedding" in read.assumptions[0]

    def test_unused_ones_are_kept(self) -> None:
        def circuit(w: Any, x: Any) -> Any:
            qml.RX(w[0], 0)
            return qml.expval(qml.Z(0))

        read = from_qnode(qnode(circuit), (np.array([0.1, 0.2]), np.array([0.3])))
        assert [p.name for p in read.parameters] == ["w[0]", "w[1]", "x[0]"]


class TestWithoutATrace:
    """Code that takes the value out of a number is probed with plain ones."""

    def test_affine_angles_are_fitted(self) -> None:
        def circuit(w: Any) -> Any:
            for wire in range(4):
                qml.RX(3 * float(w[wire]) - 0.5, wire)
            qml.RZ(float(w[0]) + 2 * float(w[3]), 0)
            return qml.expval(qml.Z(0))

        read = assert_same(qnode(circuit), np.array([0.0, 0.2, 0.3, 0.4]))
        assert [g.angles[0] for g in read.gates] == [
            *(angles.Affine(((f"w[{k}]", 3.0),), -0.5) for k in range(4)),
            angles.Affine((("w[0]", 1.0), ("w[3]", 2.0))),
        ]

    def test_other_formulas_are_said(self) -> None:
        def circuit(w: Any) -> Any:
            qml.RX(w[0], 0)
            qml.RX(float(w[0]) * float(w[1]), 0)
            return qml.expval(qml.Z(0))

        read = from_qnode(qnode(circuit), (np.array([0.5, 0.25]),))
        assert read.gates[0].angles == (angles.parameter("w[0]"),)
        assert read.gates[1].angles == (0.125,)
        assert [u.reason for u in read.unread] == [
            "the angle of rx depends on w[0], w[1] by a formula that could not be followed"
        ]

    def test_code_that_refuses_traced_numbers(self) -> None:
        def circuit(w: Any) -> Any:
            if not isinstance(w, float):
                raise TypeError("a float, please")
            qml.RX(w / 2, 0)
            return qml.expval(qml.Z(0))

        read = from_qnode(qnode(circuit), (0.5,))
        assert read.gates[0].angles == (angles.Affine((("w", 0.5),)),)
        assert read.unread == ()

    def test_gates_that_depend_on_the_arguments(self) -> None:
        def circuit(w: Any) -> Any:
            qml.RX(w, 0)
            if w > 0.4:
                qml.Hadamard(0)
            return qml.expval(qml.Z(0))

        read = from_qnode(qnode(circuit), (0.41,))
        assert [g.name for g in read.gates] == ["rx", "h"]
        assert read.gates[0].angles == (angles.parameter("w"),)
        assert [u.reason for u in read.unread] == [
            "which gates are applied depends on the arguments; read as at the recorded ones"
        ]

    def test_a_circuit_that_exists_at_one_point_only(self) -> None:
        def circuit(w: Any) -> Any:
            if float(w) != 0.5:
                raise ValueError("0.5, please")
            qml.RX(w, 0)
            return qml.expval(qml.Z(0))

        read = from_qnode(qnode(circuit), (0.5,))
        assert read.gates[0].parameters == ("w",)
        assert "no angle was checked" in read.unread[0].reason

    def test_a_formula_that_only_holds_nearby(self) -> None:
        def circuit(w: Any) -> Any:
            qml.RX(w if w > 0 else w / 2, 0)
            qml.RY(np.arccos(w), 0)
            return qml.expval(qml.Z(0))

        read = from_qnode(qnode(circuit), (0.5,))
        assert read.gates[1].parameters == ("w",)


def test_closures() -> None:
    weights = pnp.array([0.3, 0.4], requires_grad=True)
    fixed = pnp.array(0.7, requires_grad=False)

    def circuit() -> Any:
        qml.RX(weights[0], 0)
        qml.RX(weights[1], 1)
        qml.RY(weights[0], 1)
        qml.RZ(fixed, 0)
        return qml.expval(qml.Z(0))

    read = assert_same(qnode(circuit))
    assert [(p.name, p.value) for p in read.parameters] == [("p0", 0.3), ("p1", 0.4)]
    assert [g.parameters for g in read.gates] == [("p0",), ("p1",), ("p0",), ()]
    assert "p0" in read.assumptions[0]


def test_closures_at_zero_stay_apart() -> None:
    weights = pnp.zeros((2, 3))

    def circuit() -> Any:
        qml.BasicEntanglerLayers(weights, wires=range(3))
        return qml.expval(qml.Z(0))

    assert len(from_qnode(qnode(circuit)).parameters) == 6


def test_the_entries_of_a_matrix_are_no_parameters() -> None:
    half = pnp.array([[1, 1], [1, -1]], requires_grad=True) / np.sqrt(2)
    phases = pnp.exp(1j * pnp.array([0.1, 0.2, 0.3, 0.4], requires_grad=True))

    def circuit(x: Any) -> Any:
        qml.RY(x, 0)
        qml.QubitUnitary(half, wires=0)
        qml.DiagonalQubitUnitary(phases, wires=[0, 1])
        qml.ctrl(qml.QubitUnitary(half, wires=1), control=0)
        return qml.expval(qml.Z(0))

    assert [p.name for p in assert_same(qnode(circuit), 0.3).parameters] == ["x"]


@dataclasses.dataclass(frozen=True)
class Settings:
    theta: Any
    phi: float
    rate: float = 0.1
    layers: int = 2


@pytest.mark.parametrize("make", [Settings, types.SimpleNamespace])
def test_numbers_in_an_object_are_parameters_and_settings_are_none(make: Any) -> None:
    def circuit(p: Any) -> Any:
        for _ in range(p.layers):
            qml.RX(p.theta[0], 0)
            qml.RY(2 * p.theta[1], 1)
        qml.RZ(p.phi, 0)
        return qml.expval(qml.Z(0))

    given = make(theta=np.array([0.1, 0.2]), phi=0.3, rate=0.1, layers=2)
    read = assert_same(qnode(circuit), given)
    assert [(p.name, p.value) for p in read.parameters] == [("p[theta,0]", 0.1), ("p[theta,1]", 0.2), ("p[phi]", 0.3)]
    assert [g.parameters[0] for g in read.gates] == [*["p[theta,0]", "p[theta,1]"] * 2, "p[phi]"]
    assert given.phi == 0.3
    assert list(given.theta) == [0.1, 0.2]


def test_numbers_of_a_circuit_whose_argument_holds_none() -> None:
    def circuit(model: object) -> Any:
        qml.RX(0.3, 0)
        return qml.expval(qml.Z(0))

    assert [p.name for p in assert_same(qnode(circuit), object()).parameters] == ["theta0"]


def test_numbers_of_a_circuit_without_arguments() -> None:
    def circuit() -> Any:
        qml.RX(0.3, 0)
        qml.RX(np.pi / 8, 0)
        qml.RY(0.3, 1)
        qml.RY(0.5, 1)
        qml.QubitUnitary(qml.matrix(qml.RX(0.77, 0)), wires=0)
        return qml.expval(qml.Z(0))

    read = assert_same(qnode(circuit))
    assert [(p.name, p.value) for p in read.parameters] == [("theta0", 0.3), ("theta1", 0.5)]
    assert [g.parameters for g in read.gates[:4]] == [("theta0",), (), ("theta0",), ("theta1",)]
    assert "dyadic" in read.assumptions[0]


class TestObservables:
    def read(self, *measure: Callable[[], Any], wires: Any = 3, **options: Any) -> Circuit:
        def circuit() -> Any:
            qml.Hadamard(0)
            return tuple(m() for m in measure)

        return from_qnode(qnode(circuit, wires, **options))

    def terms(self, measure: Callable[[], Any]) -> dict[Any, float]:
        [observable] = self.read(measure).observables
        assert isinstance(observable, PauliSum)
        return {t.paulis: pytest.approx(t.coefficient) for t in observable.terms}

    def test_pauli_sums(self) -> None:
        assert self.terms(lambda: qml.expval(qml.Z(0) @ qml.X(2))) == {((0, "Z"), (2, "X")): 1.0}
        assert self.terms(lambda: qml.expval(0.5 * qml.Z(0) + 2 * qml.Y(1) + qml.I(0))) == {
            ((0, "Z"),): 0.5, ((1, "Y"),): 2.0, (): 1.0,
        }  # fmt: skip
        assert self.terms(lambda: qml.expval(qml.Hamiltonian([1.0, -1.0], [qml.X(1), qml.Z(0)]))) == {
            ((1, "X"),): 1.0, ((0, "Z"),): -1.0,
        }  # fmt: skip

    def test_matrices(self) -> None:
        matrix = np.array([[1.0, 2.0], [2.0, -1.0]])
        assert self.terms(lambda: qml.expval(qml.Hermitian(matrix, wires=1))) == {((1, "Z"),): 1.0, ((1, "X"),): 2.0}
        assert self.terms(lambda: qml.expval(qml.Hadamard(1))) == {
            ((1, "X"),): math.sqrt(0.5), ((1, "Z"),): math.sqrt(0.5),
        }  # fmt: skip
        plus = np.array([1.0, 1.0]) / math.sqrt(2)
        assert self.terms(lambda: qml.expval(qml.Projector(plus, wires=0))) == {(): 0.5, ((0, "X"),): 0.5}

    def test_others(self) -> None:
        read = self.read(
            lambda: qml.expval(qml.Projector([1, 0], wires=[2, 1])), qml.probs, lambda: qml.probs(wires=[1]), qml.state,
            lambda: qml.density_matrix([0]), lambda: qml.var(qml.Z(1)), lambda: qml.purity([0]),
            lambda: qml.vn_entropy([0]), lambda: qml.mutual_info([0], [1]),
        )  # fmt: skip
        kinds = [(type(o), o.qubits) for o in read.observables]
        assert kinds == [
            (Projector, (2, 1)), (Probabilities, (0, 1, 2)), (Probabilities, (1,)), (State, (0, 1, 2)), (State, (0,)),
            (Nonlinear, (1,)), (Nonlinear, (0,)), (Nonlinear, (0,)), (Nonlinear, (0, 1)),
        ]  # fmt: skip
        assert read.observables[0].bits == "10"  # type: ignore[union-attr]
        assert [o.quantity for o in read.observables if isinstance(o, Nonlinear)] == [
            "variance", "purity", "von Neumann entropy", "mutual information",
        ]  # fmt: skip

    def test_samples_and_shots(self) -> None:
        read = self.read(qml.sample, lambda: qml.counts(qml.Z(0)), lambda: qml.sample(qml.X(1)), shots=50)
        assert [type(o) for o in read.observables] == [Probabilities, PauliSum, PauliSum]
        assert read.shots == 50
        assert self.read(qml.probs).shots is None

    def test_a_sparse_hamiltonian_is_said(self) -> None:
        sparse = qml.SparseHamiltonian(qml.Hamiltonian([1.0], [qml.Z(0) @ qml.Z(1)]).sparse_matrix(), wires=[0, 1])
        read = self.read(lambda: qml.expval(sparse))
        assert "SparseHamiltonian" in read.unread[0].reason
        assert isinstance(read.observables[0], Nonlinear)

    def test_coefficients_from_arguments_are_no_angles(self) -> None:
        def circuit(theta: Any, coefficients: Any) -> Any:
            qml.RX(theta, 0)
            return qml.expval(qml.Hamiltonian(coefficients, [qml.Z(0), qml.X(0)]))

        read = from_qnode(qnode(circuit), (0.2, np.array([0.5, 0.25])))
        assert [p.name for p in read.parameters] == ["theta"]
        assert [t.coefficient for t in read.observables[0].terms] == [0.5, 0.25]  # type: ignore[union-attr]
        assert any("coefficients" in a for a in read.assumptions)


class TestInitialStates:
    def test_amplitudes_from_data(self) -> None:
        def circuit(x: Any, w: Any) -> Any:
            qml.AmplitudeEmbedding(x, wires=range(2), normalize=True, pad_with=0.0)
            qml.RX(w, 0)
            return qml.expval(qml.Z(0))

        read = from_qnode(qnode(circuit), (np.array([0.1, 0.2, 0.3]), 0.5))
        assert read.initial_state is not None
        assert read.initial_state.values is None
        assert read.initial_state.parameters == ("x[0]", "x[1]", "x[2]")
        assert [p.role for p in read.parameters] == ["input"] * 3 + ["trainable"]
        assert not read.unread

    def test_amplitudes_in_batches(self) -> None:
        def circuit(x: Any) -> Any:
            qml.AmplitudeEmbedding(x, wires=[0], normalize=True)
            return qml.expval(qml.Z(0))

        read = from_qnode(qnode(circuit), (np.array([[0.1, 0.2], [0.3, 0.4]]),))
        assert read.initial_state is not None
        assert read.initial_state.parameters == ("x[0,0]", "x[0,1]")
        assert [p.name for p in read.parameters] == ["x[0,0]", "x[0,1]"]

    def test_fixed_amplitudes(self) -> None:
        def circuit() -> Any:
            qml.StatePrep([0.6, 0.8j], wires=1)
            qml.CNOT([1, 0])
            return qml.state()

        read = from_qnode(qnode(circuit))
        assert read.initial_state is not None
        assert read.initial_state.qubits == (1,)
        assert read.initial_state.values == (0.6, 0.8j)

    def test_in_the_middle_it_is_decomposed(self) -> None:
        def circuit() -> Any:
            qml.Hadamard(0)
            qml.StatePrep([0.6, 0.8], wires=0)
            return qml.state()

        read = from_qnode(qnode(circuit))
        assert read.initial_state is None
        assert read.blocks[0].name == "StatePrep"
        assert read.parameters == ()


def test_channels() -> None:
    def circuit(w: Any) -> Any:
        qml.RX(w, 0)
        qml.DepolarizingChannel(0.1, wires=0)
        qml.RX(w, 1)
        qml.AmplitudeDamping(0.2, wires=1)
        qml.PauliError("Y", 0.3, wires=1)
        qml.GeneralizedAmplitudeDamping(0.1, 0.2, wires=0)
        return qml.expval(qml.Z(0))

    read = from_qnode(qml.QNode(circuit, qml.device("default.mixed", wires=2)), (0.4,))
    assert [(c.kind, c.qubits, c.probabilities, c.after) for c in read.channels] == [
        ("depolarizing", (0,), (0.1,), 1),
        ("amplitude_damping", (1,), (0.2,), 2),
        ("pauli", (1,), (0.0, 0.3, 0.0), 2),
        ("generalized_amplitude_damping", (0,), (0.1, 0.2), 2),
    ]


def test_the_strength_of_a_channel_is_no_angle() -> None:
    def circuit(w: Any, strength: float) -> Any:
        qml.RX(w, 0)
        qml.BitFlip(strength, wires=0)
        return qml.expval(qml.Z(0))

    read = from_qnode(qml.QNode(circuit, qml.device("default.mixed", wires=1)), (0.4, 0.1))
    assert [p.name for p in read.parameters] == ["w"]
    assert read.channels[0].probabilities == (0.1,)


def test_the_middle_of_the_circuit_cannot_be_measured() -> None:
    def circuit(w: Any) -> Any:
        qml.RX(w, 0)
        outcome = qml.measure(0)
        qml.cond(outcome, qml.RY)(w, wires=1)
        return qml.expval(qml.Z(1))

    read = from_qnode(qnode(circuit), (0.4,))
    assert [g.name for g in read.gates] == ["rx"]
    assert [u.reason for u in read.unread] == [
        "a measurement in the middle of the circuit is left out",
        "RY under a classical condition is left out",
    ]


def test_what_has_no_decomposition_is_said() -> None:
    def circuit() -> Any:
        qml.QubitUnitary(np.eye(64), wires=range(6))
        qml.DoubleExcitationPlus(0.3, wires=range(4))
        qml.Barrier(wires=range(6))
        return qml.probs(wires=range(6))

    read = from_qnode(qnode(circuit))
    assert read.gates == ()
    assert "6 qubits" in read.unread[0].reason
    assert "no decomposition" in read.unread[1].reason


def test_an_angle_that_is_no_real_number_is_said() -> None:
    def circuit(w: Any) -> Any:
        qml.RX(w, 0)
        qml.RY(0.5j, 0)
        return qml.expval(qml.Z(0))

    read = from_qnode(qnode(circuit), (0.1,))
    assert [g.name for g in read.gates] == ["rx"]
    assert "RY is left out" in read.unread[0].reason


def test_wires_of_the_device_count_and_keep_their_names() -> None:
    def circuit() -> Any:
        qml.CNOT(["b", "a"])
        return qml.expval(qml.Z("b"))

    read = from_qnode(qnode(circuit, ["a", "b", "idle"]))
    assert read.labels == ("a", "b", "idle")
    assert read.gates[0].qubits == (1, 0)
    without = from_qnode(qnode(circuit))
    assert without.labels == ("b", "a")

    def numbered() -> Any:
        qml.CNOT([2, 0])
        return qml.expval(qml.Z(1))

    assert from_qnode(qnode(numbered)).gates[0].qubits == (2, 0)
    assert from_qnode(qnode(numbered)).labels == ()


def test_batches_are_read_at_their_first_entry() -> None:
    def circuit(x: Any, w: Any) -> Any:
        qml.AngleEmbedding(x, wires=range(2))
        qml.RX(w, 0)
        return qml.expval(qml.Z(0))

    read = from_qnode(qnode(circuit), (RANDOM.random((5, 2)), 0.3))
    assert [p.name for p in read.parameters] == ["x[0,0]", "x[0,1]", "w"]
    assert any("batches" in a for a in read.assumptions)


SOURCE = '''
import pennylane as qml

dev = qml.device("default.qubit", wires=2)

def block(θ, wire):
    qml.RX(θ, wire); qml.RY(θ, wires=wire)

@qml.qnode(dev)
def model(w):
    block(w[0], 0)
    "é"; qml.RZ(w[1], 1)
    qml.BasicEntanglerLayers(
        [[w[0], w[1]]],
        wires=[0, 1],
    )
    qml.adjoint(qml.RX)(w[0], 0)
    return qml.expval(qml.Z(0)), qml.probs(wires=1)
'''


def test_places() -> None:
    import linecache

    filename = "<model.ipynb#1>"
    linecache.cache[filename] = (len(SOURCE), None, SOURCE.splitlines(keepends=True), filename)
    names: dict[str, Any] = {}
    exec(compile(SOURCE, filename, "exec"), names)
    read = from_qnode(names["model"], (np.array([0.1, 0.2]),), files={filename: ("model.ipynb", 3)})
    places = [(g.name, g.location.line, g.location.column) for g in read.gates if g.location is not None]
    assert places == [
        ("rx", 7, 5), ("ry", 7, 22), ("rz", 12, 10), ("rx", 13, 5), ("rx", 13, 5), ("cx", 13, 5), ("rx", 17, 5),
    ]  # fmt: skip
    lines = SOURCE.splitlines()
    for gate in read.gates[:3]:
        assert gate.location is not None
        text = lines[gate.location.line - 1][gate.location.column - 1 : gate.location.end_column - 1]
        assert text.startswith("qml.R")
        assert text.endswith(")")
    assert read.blocks[0].location is not None
    assert (read.blocks[0].location.line, read.blocks[0].location.end_line) == (13, 16)
    assert [o.location.column for o in read.observables if o.location is not None] == [12, 34]
    assert read.location is not None
    assert (read.location.path, read.location.line, read.location.cell) == ("model.ipynb", 10, 3)
    append = qml.QueuingManager.__dict__["append"]
    assert isinstance(append, classmethod), "PennyLane is left as it was"


def test_without_files_there_are_no_places() -> None:
    def circuit(w: Any) -> Any:
        qml.RX(w, 0)
        return qml.expval(qml.Z(0))

    read = from_qnode(qnode(circuit), (0.1,))
    assert read.location is None
    assert read.gates[0].location is None
    assert read.name == "circuit"
    assert from_qnode(qnode(circuit), (0.1,), name="mine").name == "mine"


def test_a_call_that_fails_is_the_users_to_mend() -> None:
    def circuit(w: Any) -> Any:
        qml.StronglyEntanglingLayers(w, wires=range(3))
        return qml.expval(qml.Z(0))

    with pytest.raises(InputError, match="ValueError") as error:
        from_qnode(qnode(circuit), (np.zeros((1, 2, 3)),), path="model.py", files={__file__: ("model.py", None)})
    assert error.value.path == "model.py"
    assert error.value.line == test_a_call_that_fails_is_the_users_to_mend.__code__.co_firstlineno + 2
    with pytest.raises(InputError, match="argument"):
        from_qnode(qnode(circuit))


def test_transforms_of_the_user_are_applied() -> None:
    @qml.transforms.cancel_inverses
    @qml.qnode(qml.device("default.qubit", wires=1))
    def circuit(w: Any) -> Any:
        qml.Hadamard(0)
        qml.Hadamard(0)
        qml.RX(w, 0)
        return qml.expval(qml.Z(0))

    assert [g.name for g in from_qnode(circuit, (0.3,)).gates] == ["rx"]
    split = qml.transforms.split_non_commuting(qnode(lambda w: (qml.RX(w, 0), qml.expval(qml.Z(0) + qml.X(0)))[1]))
    assert [g.parameters for g in from_qnode(split, (0.3,)).gates] == [("w",)]


def test_random_numbers_in_the_circuit_are_the_same_in_each_run() -> None:
    def circuit(w: Any) -> Any:
        qml.RX(w * np.random.random(), 0)
        return qml.expval(qml.Z(0))

    node = qnode(circuit)
    before = np.random.get_state()
    read = from_qnode(node, (0.3,))
    assert read.gates[0].parameters == ("w",)
    assert not read.unread
    assert np.random.get_state()[2] == before[2]


class TestTape:
    def test_trainable_numbers_are_parameters(self) -> None:
        ops = [qml.RX(0.3, 0), qml.RY(0.3, 0), qml.Rot(0.1, 0.2, 0.3, 1), qml.CNOT([0, 1])]
        tape = qml.tape.QuantumScript(ops, [qml.expval(qml.Z(0))], trainable_params=[0, 1, 3], shots=10)
        read = from_tape(tape)
        assert [(p.name, p.value) for p in read.parameters] == [("t0", 0.3), ("t1", 0.3), ("t2", 0.2)]
        assert read.gates[2].angles == (0.1, angles.parameter("t2"), 0.3)
        assert read.shots == 10
        assert np.allclose(dense.unitary(read), qml.matrix(tape, wire_order=[0, 1]))

    def test_templates(self) -> None:
        weights = RANDOM.random((1, 2, 3))
        tape = qml.tape.QuantumScript([qml.StronglyEntanglingLayers(weights, wires=[0, 1])], [qml.state()])
        read = from_tape(tape, name="mine")
        assert read.name == "mine"
        assert [p.name for p in read.parameters] == [f"t0[0,{i},{j}]" for i in range(2) for j in range(3)]
        assert read.gates[0].angles == tuple(angles.parameter(f"t0[0,0,{j}]") for j in range(3))


def test_data_in_an_array_that_was_never_said_to_be_data() -> None:
    @qml.qnode(qml.device("default.qubit", wires=1))
    def circuit(weights, x):
        qml.RX(x[0], wires=0)
        qml.RY(weights[0], wires=0)
        return qml.expval(qml.Z(0))

    read = from_qnode(circuit, (pnp.array([0.1]), pnp.array([0.2])))
    assert {p.name: p.role for p in read.parameters} == {"weights[0]": "trainable", "x[0]": "input"}
    assert read.assumptions == ("`x` is taken for data because of the name",)


def test_an_only_argument_that_is_trainable_stays_so_whatever_its_name() -> None:
    @qml.qnode(qml.device("default.qubit", wires=1))
    def circuit(x):
        qml.RX(x, wires=0)
        return qml.expval(qml.Z(0))

    assert [p.role for p in from_qnode(circuit, (pnp.array(0.1),)).parameters] == ["trainable"]
