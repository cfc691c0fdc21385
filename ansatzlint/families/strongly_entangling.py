"""Strongly entangling layers: arbitrary one-qubit rotations and a ring of CNOT or CZ whose range grows by one a layer.

Gate for gate PennyLane's `StronglyEntanglingLayers`.
"""

from __future__ import annotations

from ansatzlint.circuit import Circuit
from ansatzlint.families.builder import Builder
from ansatzlint.families.family import Choice, Family, Layers, Verdict

NAME = "strongly-entangling"
GATES = {"cnot": "cx", "cz": "cz"}


def _construct(qubits: int, layers: int, imprimitive: str, direction: str) -> Circuit:
    builder = Builder(NAME, qubits)
    order = range(qubits) if direction == "forward" else range(qubits - 1, -1, -1)
    for layer in range(layers):
        for qubit in range(qubits):
            builder.turn("rot", qubit)
        reach = layer % (qubits - 1) + 1
        for qubit in order:
            builder.gate(GATES[imprimitive], qubit, (qubit + reach) % qubits)
    return builder.circuit()


FAMILY = Family(
    NAME,
    "layers of arbitrary one-qubit rotations and of a ring of CNOT or CZ whose range grows by one a layer",
    _construct,
    {
        "layers": Layers(16, 2),
        "imprimitive": Choice(tuple(GATES), "cnot", "gate of the ring"),
        "direction": Choice(
            ("forward", "reversed"), "forward", "order of the ring's gates: from qubit 0 up, or from the last one down"
        ),
    },
    "M. Schuld et al., arXiv:1804.00633",
    (Verdict("barren", "depth growing as a power of n, angles uniform", "arXiv:1803.11173"),),
)
