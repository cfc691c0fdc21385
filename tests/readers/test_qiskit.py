"""Qiskit circuits, against Qiskit's own matrices."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from ansatzlint import angles, dense
from ansatzlint.circuit import Circuit, Location, PauliSum
from ansatzlint.errors import UsageError

pytest.importorskip("qiskit")

from qiskit import QuantumCircuit, QuantumRegister
from qiskit.circuit import (
    AnnotatedOperation,
    ControlModifier,
    InverseModifier,
    Parameter,
    ParameterVector,
    PowerModifier,
)
from qiskit.circuit import library as lib
from qiskit.quantum_info import Operator, SparsePauliOp, Statevector

from ansatzlint.readers.qiskit import from_quantum_circuit


def matrix_of(qc: QuantumCircuit, values: dict[str, float]) -> Any:
    bound = qc.assign_parameters({p: values[p.name] for p in qc.parameters})
    return Operator(bound).reverse_qargs().data


def assert_same(qc: QuantumCircuit, *, exactly: bool = False) -> Circuit:
    circuit = from_quantum_circuit(qc)
    assert not circuit.unread, circuit.unread
    values = {p.name: 0.3 + 0.07 * k for k, p in enumerate(circuit.parameters)}
    values |= {p.name: p.value for p in circuit.parameters if p.value is not None}
    mine, theirs = dense.unitary(circuit, values), matrix_of(qc, values)
    assert np.allclose(mine, theirs, atol=1e-8) if exactly else dense.equal_up_to_phase(mine, theirs)
    return circuit


GATES = sorted(
    name for name, gate in lib.get_standard_gate_name_mapping().items() if name not in ("delay", "reset", "measure")
)


@pytest.mark.parametrize("wrapping", ["as it is", "inverse", "controlled", "symbolic", "annotated"])
@pytest.mark.parametrize("name", GATES)
def test_standard_gates(name: str, wrapping: str) -> None:
    kind = lib.get_standard_gate_name_mapping()[name]
    angles_ = ParameterVector("t", len(kind.params)) if wrapping == "symbolic" else [0.3, 0.5, 0.7, 1.1]
    gate = type(kind)(*angles_[: len(kind.params)])
    if wrapping == "inverse":
        gate = gate.inverse()
    elif wrapping == "controlled":
        gate = gate.control(2, ctrl_state=1, annotated=False)
    elif wrapping == "annotated":
        modifiers = [ControlModifier(1, 0), PowerModifier(2), InverseModifier(), ControlModifier(1)]
        gate = AnnotatedOperation(gate, modifiers)
    qc = QuantumCircuit(gate.num_qubits)
    qc.append(gate, range(gate.num_qubits))
    assert_same(qc, exactly=True)


def composite() -> QuantumCircuit:
    inner = QuantumCircuit(2, name="inner", global_phase=0.4)
    theta = Parameter("a")
    inner.rx(2 * theta, 0)
    inner.cx(0, 1)
    qc = QuantumCircuit(3)
    qc.append(inner.to_gate().control(1), [2, 0, 1])
    qc.append(inner.to_instruction(), [1, 2])
    return qc


def evolution(operator: SparsePauliOp) -> QuantumCircuit:
    qc = QuantumCircuit(operator.num_qubits)
    qc.append(lib.PauliEvolutionGate(operator, Parameter("t")), range(operator.num_qubits))
    return qc


def matrix() -> QuantumCircuit:
    qc = QuantumCircuit(3)
    qc.unitary(Operator(lib.CRXGate(0.3)).data, [2, 0])
    qc.unitary(Operator(lib.RXGate(0.3)).data, [1])
    qc.append(lib.PauliGate("XYZ"), [0, 1, 2])
    qc.append(lib.DiagonalGate([1, -1, 1j, 1]), [0, 1])
    return qc


def opened() -> QuantumCircuit:
    qc = QuantumCircuit(4)
    qc.append(lib.CXGate(ctrl_state=0), [1, 0])
    qc.append(lib.C3XGate(ctrl_state=5), [3, 1, 0, 2])
    qc.append(lib.CUGate(0.1, 0.2, 0.3, 0.4, ctrl_state=0), [1, 0])
    qc.append(lib.MCXGate(3), [0, 1, 2, 3])
    qc.append(lib.MCPhaseGate(0.3, 2), [0, 1, 2])
    return qc


CIRCUITS: dict[str, Callable[[], QuantumCircuit]] = {
    "composite": composite,
    "matrix": matrix,
    "open controls": opened,
    "single evolution": lambda: evolution(SparsePauliOp.from_list([("XIZ", 0.5)])),
    "evolution of a commuting sum": lambda: evolution(SparsePauliOp(["XXI", "ZZI", "IIZ"], [0.5, 1.0, 2.0])),
    "efficient_su2": lambda: lib.efficient_su2(3, reps=1),
    "real_amplitudes": lambda: lib.real_amplitudes(3, entanglement="circular", reps=2),
    "n_local": lambda: lib.n_local(3, ["ry", "crx"], "cz", reps=1),
    "zz_feature_map": lambda: lib.zz_feature_map(3, reps=1),
    "pauli_feature_map": lambda: lib.pauli_feature_map(2, reps=1, paulis=["Z", "XY"]),
    "qaoa_ansatz": lambda: lib.qaoa_ansatz(SparsePauliOp.from_list([("ZZI", 1.0), ("IZZ", 0.5)]), reps=2),
    "qft": lambda: lib.QFTGate(3).definition,
    "excitation_preserving": lambda: lib.excitation_preserving(3, reps=1),
    "grover": lambda: lib.grover_operator(phase_oracle()),
}  # fmt: skip


def phase_oracle() -> QuantumCircuit:
    qc = QuantumCircuit(2)
    qc.cz(0, 1)
    return qc


@pytest.mark.parametrize("name", CIRCUITS)
def test_circuits(name: str) -> None:
    qc = CIRCUITS[name]()
    circuit = assert_same(qc)
    assert {n for g in circuit.gates for n in g.parameters} == {p.name for p in circuit.parameters}
    if qc.parameters:
        assert [p.name for p in circuit.parameters] == [p.name for p in qc.parameters]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("name", ["EfficientSU2", "RealAmplitudes", "TwoLocal", "ZZFeatureMap", "QAOAAnsatz"])
def test_older_classes(name: str) -> None:
    if not hasattr(lib, name):
        pytest.skip(f"this Qiskit has no {name}")
    made = {
        "TwoLocal": lambda: lib.TwoLocal(3, "ry", "cz", reps=1),
        "QAOAAnsatz": lambda: lib.QAOAAnsatz(SparsePauliOp.from_list([("ZZI", 1.0), ("IZX", 0.5)]), reps=1),
    }
    qc = made[name]() if name in made else getattr(lib, name)(3, reps=1)
    circuit = from_quantum_circuit(qc)
    assert [b.start for b in circuit.blocks][:1] == [0]
    assert {n for g in circuit.gates for n in g.parameters} == {p.name for p in circuit.parameters}
    values = {p.name: 0.3 + 0.07 * k for k, p in enumerate(circuit.parameters)}
    if name != "QAOAAnsatz":  # Qiskit's matrix of an evolution is the exact one, a circuit has its Trotter steps
        assert dense.equal_up_to_phase(dense.unitary(circuit, values), matrix_of(qc, values))


def test_composite_instructions_are_remembered() -> None:
    circuit = from_quantum_circuit(composite())
    assert [b.name for b in circuit.blocks][-1] == "inner"
    assert circuit.blocks[-1].qubits == (1, 2)
    assert len(circuit.parameters) == 1


class TestFormulas:
    def angle(self, expression: Any) -> angles.Angle:
        qc = QuantumCircuit(1)
        qc.rx(expression, 0)
        circuit = from_quantum_circuit(qc)
        assert not circuit.unread, circuit.unread
        return circuit.gates[0].angles[0]

    def test_affine(self) -> None:
        theta, v = Parameter("θ"), ParameterVector("v", 11)
        assert self.angle(theta) == angles.parameter("θ")
        assert self.angle(2 * theta + 0.1) == angles.Affine((("θ", 2.0),), 0.1)
        assert self.angle(v[10] - theta / 3) == angles.Affine((("v[10]", 1.0), ("θ", -1 / 3)))
        assert self.angle(1e-7 * theta) == angles.Affine((("θ", 1e-7),))
        assert self.angle(theta - theta + 0.25) == 0.25

    def test_products_are_kept(self) -> None:
        x = ParameterVector("x", 2)
        angle = self.angle((math.pi - x[0]) * (math.pi - x[1]))
        assert isinstance(angle, angles.Expression)
        assert math.isclose(angles.evaluate(angle, {"x[0]": 0.3, "x[1]": 0.7}), (math.pi - 0.3) * (math.pi - 0.7))

    def test_names_that_are_no_identifiers(self) -> None:
        a, b = Parameter("weight 1*2"), Parameter("sin")
        angle = self.angle(a * b + b.sin())
        assert math.isclose(angles.evaluate(angle, {"weight 1*2": 0.3, "sin": 0.7}), 0.21 + math.sin(0.7))

    def test_functions(self) -> None:
        a, b = Parameter("a"), Parameter("b")
        for expression, number in [
            (a.arcsin() / b.arccos(), math.asin(0.3) / math.acos(0.7)),
            ((a + 1).log() ** 2 - b**-0.5, math.log(1.3) ** 2 - 0.7**-0.5),
            (-((a + b) ** 2), -1.0),
            (a.arctan() * (a - b).abs(), math.atan(0.3) * 0.4),
            ((a.exp()) / (b / a), math.exp(0.3) / (0.7 / 0.3)),
            (2**a, 2**0.3),
        ]:
            assert math.isclose(angles.evaluate(self.angle(expression), {"a": 0.3, "b": 0.7}), number)

    def test_a_formula_that_cannot_be_followed_is_said(self) -> None:
        qc = QuantumCircuit(1, name="odd")
        a = Parameter("a")
        qc.h(0)
        qc.p(a * 1j, 0)
        circuit = from_quantum_circuit(qc)
        assert [g.name for g in circuit.gates] == ["h"]
        assert "could not be followed" in circuit.unread[0].reason


def test_sharing_in_qaoa() -> None:
    circuit = from_quantum_circuit(lib.qaoa_ansatz(SparsePauliOp.from_list([("ZZI", 1.0), ("IZZ", 0.5)]), reps=1))
    assert len(circuit.parameters) == 2
    assert len([g for g in circuit.gates if g.parameters == ("γ[0]",)]) == 2


def test_data_by_name() -> None:
    qc = QuantumCircuit(2)
    qc.compose(lib.zz_feature_map(2, reps=1), inplace=True)
    qc.compose(lib.real_amplitudes(2, reps=1), inplace=True)
    circuit = from_quantum_circuit(qc)
    assert [p.name for p in circuit.inputs] == ["x[0]", "x[1]"]
    assert len(circuit.trainable) == 4
    assert circuit.assumptions == ("`x` is taken for data because of the name",)


def test_bound_circuits() -> None:
    qc = QuantumCircuit(2)
    qc.rx(0.3, 0)
    qc.rz(math.pi / 4, 0)
    qc.rx(0.3, 1)
    qc.cp(0.7, 0, 1)
    qc.unitary(Operator(lib.RXGate(0.31)).data, [1])
    circuit = assert_same(qc)
    assert [(p.name, p.value) for p in circuit.parameters] == [("theta0", 0.3), ("theta1", 0.7)]
    assert [g.parameters for g in circuit.gates[:4]] == [("theta0",), (), ("theta0",), ("theta1",)]
    assert "dyadic" in circuit.assumptions[0]


def test_measurements() -> None:
    qc = QuantumCircuit(3, 3)
    qc.h(0)
    qc.measure(2, 2)
    qc.barrier()
    qc.measure([0, 1], [0, 1])
    circuit = from_quantum_circuit(qc)
    assert circuit.measured == (0, 1, 2)
    assert not circuit.unread
    qc.x(0)
    circuit = from_quantum_circuit(qc)
    assert circuit.measured == (1, 2)
    assert "middle" in circuit.unread[0].reason


def test_loops_are_unrolled() -> None:
    qc, unrolled = QuantumCircuit(2), QuantumCircuit(2)
    step, theta = Parameter("step"), Parameter("theta")
    with qc.for_loop(range(3), step):
        qc.rx(step * 0.25 + theta, 0)
        qc.cx(0, 1)
    for turn in range(3):
        unrolled.rx(turn * 0.25 + theta, 0)
        unrolled.cx(0, 1)
    assert from_quantum_circuit(qc).gates == from_quantum_circuit(unrolled).gates


def test_classical_control_is_said() -> None:
    qc = QuantumCircuit(2, 1)
    qc.h(0)
    qc.measure(0, 0)
    with qc.if_test((qc.clbits[0], 1)):
        qc.x(1)
    qc.reset(1)
    circuit = from_quantum_circuit(qc)
    assert [g.name for g in circuit.gates] == ["h"]
    assert any(u.reason.startswith("if_else is left out") for u in circuit.unread)


def test_a_reset_in_the_middle_is_said_and_one_at_the_start_is_nothing() -> None:
    qc = QuantumCircuit(1)
    qc.reset(0)
    qc.h(0)
    assert not from_quantum_circuit(qc).unread
    qc.reset(0)
    assert from_quantum_circuit(qc).unread[0].reason.startswith("reset is left out")


@pytest.mark.parametrize("method", ["initialize", "prepare_state"])
def test_initial_states(method: str) -> None:
    qc = QuantumCircuit(3)
    amplitudes = np.array([0.1, 0.2j, -0.3, 0.4])
    getattr(qc, method)(amplitudes / np.linalg.norm(amplitudes), [2, 0])
    qc.cx(0, 1)
    circuit = from_quantum_circuit(qc)
    state = circuit.initial_state
    assert state is not None
    assert state.values is not None
    assert state.qubits == (0, 2)
    vector = np.zeros((2, 2, 2), dtype=complex)
    vector[:, 0, :] = np.array(state.values).reshape(2, 2)
    mine = dense.unitary(circuit) @ vector.ravel()
    theirs = Statevector(qc.decompose("initialize").decompose("initialize").reverse_bits()).data
    assert math.isclose(abs(np.vdot(mine, theirs)), 1.0, abs_tol=1e-9)


def test_a_label_is_prepared_by_gates() -> None:
    qc = QuantumCircuit(2)
    qc.initialize("1+", [0, 1])
    circuit = from_quantum_circuit(qc)
    assert circuit.initial_state is None
    assert not circuit.unread
    zero = dense.unitary(circuit)[:, 0]
    assert np.allclose(abs(zero), abs(Statevector.from_label("1+").reverse_qargs().data))


def test_observables() -> None:
    qc = QuantumCircuit(3)
    qc.h(0)
    operator = SparsePauliOp.from_list([("ZIX", 0.5), ("III", 2.0), ("IYI", -1.0), ("ZIX", 0.25)])
    [observable] = from_quantum_circuit(qc, observable=operator).observables
    assert isinstance(observable, PauliSum)
    assert {t.paulis: t.coefficient for t in observable.terms} == {
        ((0, "X"), (2, "Z")): 0.75, (): 2.0, ((1, "Y"),): -1.0,
    }  # fmt: skip
    [text] = from_quantum_circuit(qc, observable="Z0 Z1").observables
    assert text.qubits == (0, 1)
    with pytest.raises(UsageError, match="not Hermitian"):
        from_quantum_circuit(qc, observable=SparsePauliOp("X", 1j))
    with pytest.raises(UsageError, match="4 qubits"):
        from_quantum_circuit(qc, observable=SparsePauliOp("XXXX"))


def test_labels_names_and_places() -> None:
    qc = QuantumCircuit(QuantumRegister(1, "a"), QuantumRegister(2, "b"), name="mine")
    qc.h(0)
    qc.append(composite().to_instruction(), [0, 1, 2])
    places = [Location("f.py", line, 1, line, 9) for line in (3, 4)]
    circuit = from_quantum_circuit(qc, places=places)
    assert circuit.labels == ("a[0]", "b[0]", "b[1]")
    assert circuit.name == "mine"
    assert from_quantum_circuit(qc, name="other").name == "other"
    assert circuit.gates[0].location == places[0]
    assert {g.location for g in circuit.gates[1:]} == {places[1]}
    assert {b.location for b in circuit.blocks} == {places[1]}
