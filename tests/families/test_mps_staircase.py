from __future__ import annotations

import pytest

import ansatzlint as al
from ansatzlint.graph import two_qubit_depth

FAMILY = al.families["mps-staircase"]


@pytest.mark.parametrize("qubits", [2, 3, 4, 10, 100])
def test_blocks_follow_each_other_down_the_chain(qubits: int) -> None:
    circuit = FAMILY.build(qubits, block="ry-cx", layers=2)
    assert [gate.qubits for gate in circuit.gates if gate.name == "cx"] == [(q, q + 1) for q in range(qubits - 1)] * 2
    assert len(circuit.parameters) == 2 * 2 * (qubits - 1)
    assert not circuit.observables
    assert not circuit.measured


@pytest.mark.parametrize("qubits", [2, 5, 40])
def test_a_general_sweep_is_as_deep_as_the_chain_is_long(qubits: int) -> None:
    circuit = FAMILY.build(qubits)
    assert len(circuit.parameters) == 15 * (qubits - 1)
    assert two_qubit_depth(circuit) == 3 * (qubits - 1)


@pytest.mark.parametrize("qubits", [2, 3, 4, 7, 12])
def test_the_variance_of_the_mean_of_z_follows_the_states_down_the_chain(qubits: int) -> None:
    # A qubit with E[x^2 + z^2] = r of its Bloch vector, turned by a random RY and coupled to a fresh one by CX, has
    # E[z^2] = r / 2 as the control, and passes E[z^2] = r / 4, E[x^2] = 1 / 2 on to the target.
    r, squares = 1.0, []
    for _ in range(qubits - 1):
        squares.append(r / 2)
        r = r / 4 + 1 / 2
    squares.append(r - 1 / 2)  # z of the last target
    expected = sum(squares) / qubits**2
    found = al.gradient_variance(FAMILY.build(qubits, block="ry-cx"))
    assert found.method == "exact"
    assert found.cost_variance == pytest.approx(expected)
