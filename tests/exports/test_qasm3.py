"""Circuit -> OpenQASM 3 -> Circuit, and into Qiskit, keep the unitary, the parameters, their sharing and roles."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from strategies import angle, circuits

from ansatzlint import angles, dense
from ansatzlint.circuit import Amplitudes, Channel, Circuit, Gate, Parameter, PauliSum, PauliTerm
from ansatzlint.errors import CircuitError
from ansatzlint.exports.qasm3 import _LIKE_DATA, to_qasm3
from ansatzlint.gates import CONTROLLED, KINDS, shape
from ansatzlint.readers.openqasm import read_openqasm
from ansatzlint.readers.openqasm.directives import _DATA

VALUES = (0.61, 0.27, 0.83, 0.44)


def read(circuit: Circuit) -> Circuit:
    source = read_openqasm(to_qasm3(circuit), path="a.qasm")
    assert not source.errors, source.errors[0]
    (result,) = source.circuits
    return result


def unitary(circuit: Circuit) -> np.ndarray:
    try:
        return dense.unitary(circuit, dict(zip((p.name for p in circuit.parameters), VALUES, strict=False)))
    except (OverflowError, ValueError):  # such as exp(exp(…)): the circuit has no unitary at these values
        assume(False)
        raise


@st.composite
def controlled(draw: st.DrawFn) -> Circuit:
    """Circuits of gates with further controls."""
    names = ("a", "b")
    gates = []
    for _ in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from([k for k in (*KINDS, *CONTROLLED) if shape(k)[0] <= 3]))
        controls = draw(st.text("01", min_size=0 if shape(kind)[0] else 1, max_size=4 - shape(kind)[0]))
        size, count = shape(kind, controls)
        qubits = tuple(draw(st.permutations(range(4)))[:size])
        gates.append(Gate(kind, qubits, tuple(draw(angle(names)) for _ in range(count)), controls))
    used = {n for g in gates for n in g.parameters}
    return Circuit("controlled", 4, tuple(gates), tuple(Parameter(n) for n in names if n in used))


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(circuits(observable=True))
def test_round_trip(circuit: Circuit) -> None:
    again = read(circuit)
    assert again.parameters == circuit.parameters
    assert [g.parameters for g in again.gates if g.angles] == [g.parameters for g in circuit.gates if g.angles]
    assert [(g.name, g.qubits, g.word) for g in again.gates] == [(g.name, g.qubits, g.word) for g in circuit.gates]
    assert np.allclose(unitary(again), unitary(circuit))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(controlled())
def test_round_trip_with_controls(circuit: Circuit) -> None:
    again = read(circuit)
    assert again.parameters == circuit.parameters
    assert np.allclose(unitary(again), unitary(circuit))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(circuits(max_gates=5), controlled()))
def test_qiskit_reads_it(circuit: Circuit) -> None:
    pytest.importorskip("qiskit_qasm3_import")
    import qiskit.qasm3
    from qiskit.quantum_info import Operator

    text = to_qasm3(circuit)
    assume(not any(f"{name}(" in text for name in ("sin", "cos", "exp")))  # which Qiskit's importer does not know
    loaded = qiskit.qasm3.loads(text)
    values = dict(zip((p.name for p in circuit.parameters), VALUES, strict=False))
    assert {p.name for p in loaded.parameters} == {n for g in circuit.gates for n in g.parameters}
    bound = loaded.assign_parameters({p: values[p.name] for p in loaded.parameters})
    assert np.allclose(Operator(bound).reverse_qargs().data, unitary(circuit))


ODD_NAMES = st.one_of(
    st.sampled_from(["weights[0,1]", "θ", "_x_0_", "x", "q", "c", "pi", "rx", "rzz", "a=b", 'say "no"', "1", "é²",
                     "w 0", "pauli_x", "weights_0_1", "input", "π", "data[3]", "ansatzlint:"]),
    st.text(min_size=1, max_size=8).filter(lambda name: not any("\ud800" <= c <= "\udfff" for c in name)),
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(ODD_NAMES, st.sampled_from(["trainable", "input"])), min_size=1, unique_by=lambda p: p[0]))
def test_names_and_roles(named: list[tuple[str, str]]) -> None:
    parameters = tuple(Parameter(name, role) for name, role in named)  # type: ignore[arg-type]
    gates = tuple(Gate("rx", (0,), (angles.parameter(name),)) for name, _ in named)
    circuit = Circuit("names", 1, (*gates, *gates), parameters, measured=(0,))
    again = read(circuit)
    assert again.parameters == parameters
    assert [g.angles for g in again.gates] == [g.angles for g in circuit.gates]
    assert again.measured == (0,)
    assert again.assumptions == ()


@pytest.mark.parametrize("name", sorted(_DATA))
def test_a_trainable_parameter_with_a_name_of_data_stays_trainable(name: str) -> None:
    assert _LIKE_DATA.search(name)


def test_text() -> None:
    theta, x = angles.parameter("weights[0]"), angles.parameter("x0")
    circuit = Circuit(
        "example",
        3,
        (
            Gate("ry", (0,), (angles.multiply(2.0, theta),)),
            Gate("rzz", (0, 1), (angles.add(x, math.pi / 2),)),
            Gate("x", (2, 1, 0), controls="10"),
        ),
        (Parameter("weights[0]"), Parameter("x0", "input")),
        observables=(PauliSum((PauliTerm(0.5, ((0, "Z"), (2, "X"))),)),),
        measured=(2,),
    )
    assert to_qasm3(circuit) == """OPENQASM 3.0;
include "stdgates.inc";
// ansatzlint: observable=0.5 Z0 X2
input float[64] weights_0; // ansatzlint: parameter="weights[0]"
input float[64] x0; // ansatzlint: role=input
gate rzz(t0) q0, q1 {
  cx q0, q1;
  rz(t0) q1;
  cx q0, q1;
}
bit[1] c;
qubit[3] q;
ry(2*weights_0) q[0];
rzz(x0 + pi/2) q[0], q[1];
ctrl @ negctrl @ x q[2], q[1], q[0];
c[0] = measure q[2];
"""


def test_a_circuit_without_parameters_keeps_its_numbers() -> None:
    circuit = Circuit("fixed", 1, (Gate("rx", (0,), (0.3,)),))
    again = read(circuit)
    assert again.gates[0].angles == (0.3,)
    assert again.parameters == ()


def test_long_pauli_words_keep_the_unitary() -> None:
    gate = Gate("pauli_rotation", (4, 0, 1, 2, 3), (angles.parameter("t"),), word="XYZIX")
    circuit = Circuit("long", 5, (gate,), (Parameter("t"),))
    again = read(circuit)
    assert again.blocks[0].name == "pauli_xyzix"
    assert np.allclose(unitary(again), unitary(circuit))


@pytest.mark.parametrize("function", ["abs", "sign", "sinh", "cosh", "tanh"])
def test_a_function_that_openqasm_has_not(function: str) -> None:
    gate = Gate("rx", (0,), (angles.add(1.0, angles.apply(function, angles.parameter("t"))),))
    with pytest.raises(CircuitError, match=f"an angle contains {function}, which OpenQASM 3 has not"):
        to_qasm3(Circuit("f", 1, (gate,), (Parameter("t"),)))


def test_what_openqasm_cannot_say() -> None:
    plain = Circuit("p", 1, (Gate("rx", (0,), (0.3,)),))
    with pytest.raises(CircuitError, match="prepared state"):
        to_qasm3(replace(plain, gates=(), initial_state=Amplitudes((0,), (0j, 1 + 0j))))
    with pytest.raises(CircuitError, match="noise channels"):
        to_qasm3(replace(plain, gates=(), channels=(Channel("bit_flip", (0,), (0.1,), 0),)))
