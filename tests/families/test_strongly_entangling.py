from __future__ import annotations

import numpy as np
import pennylane as qml
import pytest
from families.dense import word

import ansatzlint as al
from ansatzlint.angles import evaluate
from ansatzlint.circuit import Circuit
from ansatzlint.dense import unitary

FAMILY = al.families["strongly-entangling"]
NAMES = {"Rot": "rot", "CNOT": "cx", "CZ": "cz"}


@pytest.mark.parametrize("imprimitive", ["cnot", "cz"])
@pytest.mark.parametrize("qubits", [2, 3, 5])
def test_it_is_pennylanes_gate_by_gate(imprimitive: str, qubits: int) -> None:
    layers = qubits + 1  # every range, and the first one again
    weights = np.random.default_rng(1).uniform(0, 2 * np.pi, (layers, qubits, 3))
    gate = {"cnot": qml.CNOT, "cz": qml.CZ}[imprimitive]
    template = qml.StronglyEntanglingLayers(weights, wires=range(qubits), imprimitive=gate)
    ours = FAMILY.build(qubits, layers=layers, imprimitive=imprimitive)
    values = dict(zip((p.name for p in ours.parameters), weights.ravel(), strict=True))
    assert [(g.name, g.qubits, tuple(evaluate(a, values) for a in g.angles)) for g in ours.gates] == [
        (NAMES[op.name], tuple(op.wires), tuple(op.data)) for op in template.decomposition()
    ]


def test_reversed_turns_the_ring_around_and_nothing_else() -> None:
    forward, backward = (FAMILY.build(5, layers=6, direction=d) for d in ("forward", "reversed"))
    for start in range(0, len(forward.gates), 10):
        assert backward.gates[start : start + 5] == forward.gates[start : start + 5]
        assert backward.gates[start + 5 : start + 10] == forward.gates[start + 5 : start + 10][::-1]


@pytest.mark.parametrize("qubits", [4, 6])
def test_the_ring_carries_z0_to_all_qubits_and_the_reversed_one_to_two(qubits: int) -> None:
    def pulled(direction: str) -> np.ndarray:
        circuit = FAMILY.build(qubits, layers=1, direction=direction)
        ring = unitary(Circuit("ring", qubits, circuit.gates[qubits:]))
        return ring.conj().T @ word(qubits, {0: "Z"}) @ ring

    assert np.allclose(pulled("forward"), word(qubits, dict.fromkeys(range(1, qubits), "Z")))
    assert np.allclose(pulled("reversed"), word(qubits, {0: "Z", qubits - 1: "Z"}))
