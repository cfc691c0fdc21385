"""Finite light cone: a brick circuit of so many layers whatever the number of qubits, so that cones stay small."""

from __future__ import annotations

from ansatzlint.circuit import Circuit
from ansatzlint.families.builder import Builder
from ansatzlint.families.couplings import brick
from ansatzlint.families.family import Family, Verdict, Whole

NAME = "finite-light-cone"


def _construct(qubits: int, layers: int) -> Circuit:
    builder = Builder(NAME, qubits)
    for _ in range(layers):
        for pair in brick(qubits):
            for qubit in pair:
                builder.turn("ry", qubit)
                builder.turn("rz", qubit)
            builder.gate("cz", *pair)
    # A cost of Z would see nothing of the last CZ and RZ.
    for qubit in range(qubits):
        builder.turn("ry", qubit)
    return builder.circuit()


FAMILY = Family(
    NAME,
    "a brick circuit of RY, RZ and CZ whose number of layers is the same at every size",
    _construct,
    {"layers": Whole(1, 8, 2, "number of layers, an even and an odd row each, the same at every size")},
    "H.-K. Zhang et al., arXiv:2311.01393",
    (
        Verdict("trainable", "a local cost, each block a 2-design", "arXiv:2311.01393"),
        Verdict("barren", "a cost that acts on all qubits, each block a 2-design", "arXiv:2001.00550"),
    ),
)
