"""Brickwork: arbitrary two-qubit unitaries on neighbours in a brick pattern."""

from __future__ import annotations

from ansatzlint.circuit import Circuit
from ansatzlint.families.blocks import place
from ansatzlint.families.builder import Builder
from ansatzlint.families.family import Choice, Family, Layers, Verdict
from ansatzlint.families.layouts import matchings

NAME = "brickwork"


def _construct(qubits: int, layers: int, periodic: bool) -> Circuit:
    builder = Builder(NAME, qubits)
    for _ in range(layers):
        for group in matchings(qubits, periodic):
            for pair in group:
                place(builder, "general", pair)
    return builder.circuit()


FAMILY = Family(
    NAME,
    "arbitrary two-qubit unitaries, 15 angles each, on even and then on odd neighbours",
    _construct,
    {
        "layers": Layers(16, 1, "number of layers, an even and an odd row each, or how it grows with n"),
        "periodic": Choice((False, True), False, "whether the last qubit is a neighbour of the first"),
    },
    "F. G. S. L. Brandão et al., arXiv:1208.0692",
    (
        Verdict("barren", "depth growing as a power of n, each block a 2-design", "arXiv:1803.11173"),
        Verdict("trainable", "a local cost and depth O(log n), each block a 2-design", "arXiv:2203.06174"),
        Verdict("barren", "a cost that acts on all qubits, at any depth, each block a 2-design", "arXiv:2001.00550"),
    ),
)
