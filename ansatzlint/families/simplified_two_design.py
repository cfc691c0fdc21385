"""Simplified two-design: RY on all qubits, then layers of CZ and RY in a brick pattern.

Gate for gate PennyLane's `SimplifiedTwoDesign`.
"""

from __future__ import annotations

from ansatzlint.circuit import Circuit
from ansatzlint.families.builder import Builder
from ansatzlint.families.couplings import brick
from ansatzlint.families.family import Family, Layers, Verdict

NAME = "simplified-two-design"


def _construct(qubits: int, layers: int) -> Circuit:
    builder = Builder(NAME, qubits)
    for qubit in range(qubits):
        builder.turn("ry", qubit)
    for _ in range(layers):
        for pair in brick(qubits):
            builder.gate("cz", *pair)
            for qubit in pair:
                builder.turn("ry", qubit)
    return builder.circuit()


FAMILY = Family(
    NAME,
    "RY on all qubits, then layers of CZ and RY in a brick pattern",
    _construct,
    {"layers": Layers(16, 2)},
    "M. Cerezo et al., arXiv:2001.00550",
    (
        Verdict("barren", "a cost that acts on all qubits, at any depth, each block a 2-design", "arXiv:2001.00550"),
        Verdict("barren", "depth growing as a power of n, angles uniform", "arXiv:1803.11173"),
        Verdict("trainable", "a local cost and depth O(log n), each block a 2-design", "arXiv:2001.00550"),
    ),
)
