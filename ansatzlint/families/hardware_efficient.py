"""Hardware-efficient ansatz: layers of one-qubit rotations and of entangling gates along a coupling map."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ansatzlint.circuit import Circuit
from ansatzlint.families.builder import Builder
from ansatzlint.families.couplings import COUPLINGS, pairs
from ansatzlint.families.family import Choice, Family, Layers, Verdict

NAME = "hardware-efficient"


def _construct(
    qubits: int, layers: int, rotations: str, entangler: str, coupling: str | Iterable[Any], final_rotations: bool
) -> Circuit:
    builder = Builder(NAME, qubits)
    coupled = pairs(coupling, qubits)

    def rotate() -> None:
        for qubit in range(qubits):
            for name in rotations.split("-"):
                builder.turn(name, qubit)

    for _ in range(layers):
        rotate()
        for a, b in coupled:
            builder.turn(entangler, a, b)
    if final_rotations:
        rotate()
    return builder.circuit()


FAMILY = Family(
    NAME,
    "layers of one-qubit rotations and of entangling gates along a coupling map",
    _construct,
    {
        "layers": Layers(16, 2),
        "rotations": Choice(
            ("ry", "rx", "ry-rz", "rx-ry", "rx-rz", "rz-ry-rz", "rx-ry-rz"), "ry-rz", "rotations of each qubit in turn"
        ),
        "entangler": Choice(("cz", "cx", "rzz", "rxx", "crx", "crz", "iswap"), "cz", "gate on each coupled pair"),
        "coupling": Choice(tuple(COUPLINGS), "chain", "the pairs coupled in each layer, or a coupling map", pairs=True),
        "final_rotations": Choice((False, True), False, "whether a last layer of rotations follows"),
    },
    "A. Kandala et al., arXiv:1704.05018",
    (
        Verdict("barren", "depth growing as a power of n, angles uniform", "arXiv:1803.11173"),
        Verdict("barren", "a cost that acts on all qubits, at any depth, angles uniform", "arXiv:2001.00550"),
        Verdict("trainable", "a local cost and depth O(log n), 1D brick of local 2-designs", "arXiv:2001.00550"),
        Verdict("trainable", "a local cost, angles normal with variance of order 1 / (S L)", "arXiv:2203.09376"),
    ),
)
