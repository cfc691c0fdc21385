"""Gates under adjoint and control, against matrices."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from strategies import circuits

from ansatzlint import dense
from ansatzlint.circuit import Circuit
from ansatzlint.readers.reshape import controlled, inverse

VALUES = {f"t{k}": 0.3 + 0.2 * k for k in range(4)}


@settings(deadline=None)
@given(circuits(max_qubits=4, max_gates=3))
def test_inverse(circuit: Circuit) -> None:
    gates = tuple(back for gate in reversed(circuit.gates) for back in inverse(gate))
    undone = Circuit("undone", circuit.qubits, circuit.gates + gates, circuit.parameters)
    assert np.allclose(dense.unitary(undone, VALUES), np.eye(2**circuit.qubits))


@settings(deadline=None)
@given(circuits(max_qubits=3, max_gates=3))
def test_controlled(circuit: Circuit) -> None:
    n = circuit.qubits
    gates = tuple(controlled(gate, (n, n + 1), "10") for gate in circuit.gates)
    under = dense.unitary(Circuit("under", n + 2, gates, circuit.parameters), VALUES).reshape((2**n, 4) * 2)
    plain = dense.unitary(circuit, VALUES)
    for value in range(4):
        expected = plain if value == 0b10 else np.eye(2**n)
        assert np.allclose(under[:, value, :, value], expected)
    if n > 1 and circuit.gates and circuit.gates[0].name == "x":
        assert gates[0].controls == "10"


@settings(deadline=None)
@given(circuits(max_qubits=3, max_gates=3))
def test_one_control_gives_the_gate_its_own_name(circuit: Circuit) -> None:
    for gate in circuit.gates:
        if gate.name in ("x", "rx", "p", "swap", "rot"):
            under = controlled(gate, (9,), "1")
            assert under.name == f"c{gate.name}"
            assert under.controls == ""
