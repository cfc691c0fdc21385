"""Identity blocks: each block is a circuit and its inverse, whose angles differ by offsets that start at zero."""

from __future__ import annotations

from ansatzlint.angles import Affine, add, negate
from ansatzlint.circuit import Circuit
from ansatzlint.families.builder import Builder
from ansatzlint.families.couplings import COUPLINGS
from ansatzlint.families.family import Choice, Family, Layers, Verdict, Whole
from ansatzlint.initialisation import Uniform, Zeros

NAME = "identity-block"
_ROTATIONS = ("ry", "rz")


def _construct(qubits: int, layers: int, half_depth: int, entangler: str, coupling: str) -> Circuit:
    builder = Builder(NAME, qubits)
    coupled = COUPLINGS[coupling](qubits)
    for _ in range(layers):
        rotations: list[list[tuple[str, int, Affine]]] = []
        for _ in range(half_depth):
            row = [
                (name, qubit, builder.parameter("theta", initialisation=Uniform()))
                for qubit in range(qubits)
                for name in _ROTATIONS
            ]
            for name, qubit, theta in row:
                builder.gate(name, qubit, angles=(theta,))
            for pair in coupled:
                builder.gate(entangler, *pair)
            rotations.append(row)
        for row in reversed(rotations):
            for pair in reversed(coupled):
                builder.gate(entangler, *pair)  # CZ and CX are their own inverses
            for name, qubit, theta in reversed(row):
                delta = builder.parameter("delta", initialisation=Zeros())
                builder.gate(name, qubit, angles=(negate(add(theta, delta)),))
    return builder.circuit()


FAMILY = Family(
    NAME,
    "blocks V(theta) V(theta + delta)^-1 of rotations and CZ or CX, theta drawn at random and delta zero at the start",
    _construct,
    {
        "layers": Layers(8, 2, "number of blocks, or how it grows with the number of qubits n"),
        "half_depth": Whole(1, 8, 1, "layers of rotations and entangling gates in each half of a block"),
        "entangler": Choice(("cz", "cx"), "cz", "gate on each coupled pair"),
        "coupling": Choice(tuple(COUPLINGS), "chain", "the pairs coupled in each layer"),
    },
    "E. Grant et al., arXiv:1903.05076",
    (
        Verdict("trainable", "the first step from delta = 0, observed in numerics", "arXiv:1903.05076"),
        Verdict("barren", "deep, all angles uniform and independent", "arXiv:1803.11173"),
    ),
)
