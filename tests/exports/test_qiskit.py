"""Circuit -> Qiskit -> Circuit keeps the unitary, the parameters and their sharing."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from strategies import circuits

from ansatzlint import angles, dense
from ansatzlint.circuit import Amplitudes, Circuit, Gate, Parameter
from ansatzlint.errors import CircuitError

pytest.importorskip("qiskit")

from qiskit.circuit import Parameter as Symbol
from qiskit.quantum_info import Operator, Statevector

from ansatzlint.exports.qiskit import to_qiskit
from ansatzlint.readers.qiskit import from_quantum_circuit

VALUES = (0.61, 0.27, 0.83, 0.44)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(circuits(max_qubits=4, max_gates=6))
def test_round_trip(circuit: Circuit) -> None:
    values = dict(zip((p.name for p in circuit.parameters), VALUES, strict=False))
    exported = to_qiskit(circuit)
    bound = exported.assign_parameters({p: values[p.name] for p in exported.parameters})
    expected = dense.unitary(circuit, values)
    assert np.allclose(Operator(bound).reverse_qargs().data, expected)
    again = from_quantum_circuit(exported)
    assert not again.unread
    if circuit.parameters:
        assert [p.name for p in again.parameters] == [p.name for p in circuit.parameters if p.name in live(circuit)]
    assert dense.equal_up_to_phase(dense.unitary(again, values), expected)


def live(circuit: Circuit) -> set[str]:
    """Parameters that an exported angle still holds: Qiskit drops those that cancel, such as 0*t."""
    return {p.name for p in to_qiskit(circuit).parameters}


@settings(max_examples=30, deadline=None)
@given(circuits(max_qubits=3, max_gates=6, kinds=("rx", "crz", "u", "rzz", "pauli_rotation")))
def test_affine_angles_survive(circuit: Circuit) -> None:
    if not circuit.parameters:
        return
    again = from_quantum_circuit(to_qiskit(circuit))
    mine = [a for g in circuit.gates for a in g.angles if isinstance(a, angles.Affine)]
    theirs = [a for g in again.gates for a in g.angles if isinstance(a, angles.Affine)]
    assert len(mine) == len(theirs)
    for a, b in zip(mine, theirs, strict=True):
        assert [n for n, _ in a.terms] == [n for n, _ in b.terms]
        assert np.allclose([c for _, c in a.terms], [c for _, c in b.terms], atol=1e-12)
        assert math.isclose(a.constant, b.constant, abs_tol=1e-12)


def test_measured_qubits_and_initial_state() -> None:
    circuit = Circuit("c", 2, (Gate("cx", (0, 1)),), initial_state=Amplitudes((0,), (0.6, 0.8j)), measured=(1,))
    exported = circuit.to_qiskit()
    again = from_quantum_circuit(exported)
    assert again.measured == (1,)
    assert again.initial_state == circuit.initial_state
    state = Statevector(exported.remove_final_measurements(inplace=False)).data
    assert np.allclose(state, [0.6, 0, 0, 0.8j])


@pytest.mark.parametrize("function", ["floor", "ceiling"])
def test_functions_that_qiskit_lacks_are_refused(function: str) -> None:
    angle = angles.apply(function, angles.parameter("t"))
    with pytest.raises(CircuitError, match=function):
        to_qiskit(Circuit("c", 1, (Gate("rx", (0,), (angle,)),), (Parameter("t"),)))


def test_a_formula_that_qiskit_gets_wrong_is_refused() -> None:
    t = angles.parameter("t")
    angle = angles.add(angles.apply("cos", t), angles.apply("cos", angles.negate(t)))
    circuit = Circuit("c", 1, (Gate("rx", (0,), (angle,)),), (Parameter("t"),))
    symbol = Symbol("t")
    if abs(complex((symbol.cos() + (-1.0 * symbol).cos()).bind({symbol: 0.4})) - 2 * math.cos(0.4)) < 1e-9:
        pytest.skip("this version of Qiskit gets cos(t) + cos(-t) right")
    with pytest.raises(CircuitError, match="simplifies"):
        to_qiskit(circuit)


@pytest.mark.parametrize("function", ["sinh", "cosh", "tanh", "sqrt", "arcsin", "arccos", "arctan", "abs", "log"])
def test_functions_that_qiskit_has_or_that_can_be_written(function: str) -> None:
    angle = angles.apply(function, angles.parameter("t"))
    exported = to_qiskit(Circuit("c", 1, (Gate("rx", (0,), (angle,)),), (Parameter("t"),)))
    bound = exported.assign_parameters({exported.parameters[0]: 0.4})
    assert math.isclose(float(bound.data[0].operation.params[0]), angles.evaluate(angle, {"t": 0.4}))
    again = from_quantum_circuit(exported)
    assert math.isclose(angles.evaluate(again.gates[0].angles[0], {"t": 0.4}), angles.evaluate(angle, {"t": 0.4}))
