"""Identity blocks: each block is a circuit and its inverse, whose angles differ by offsets that start at zero.

At the start only the offsets have a gradient: what the angles of a circuit and of its inverse share leaves the block
the identity. The RY(pi/4) before the blocks keep |0…0>, where a cost of Z is stationary, from being the first state.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import pi
from typing import Any

from ansatzlint.angles import Affine, add, negate
from ansatzlint.circuit import Circuit
from ansatzlint.families.builder import Builder
from ansatzlint.families.couplings import COUPLINGS, pairs
from ansatzlint.families.family import Choice, Family, Layers, Verdict, Whole
from ansatzlint.initialisation import Uniform, Zeros

NAME = "identity-block"
_ROTATIONS = ("ry", "rz")


def _construct(qubits: int, layers: int, half_depth: int, entangler: str, coupling: str | Iterable[Any]) -> Circuit:
    builder = Builder(NAME, qubits)
    coupled = pairs(coupling, qubits)

    def forward() -> list[tuple[str, int, Affine]]:
        row = []
        for qubit in range(qubits):
            for name in _ROTATIONS:
                theta = builder.parameter("theta", initialisation=Uniform())
                builder.gate(name, qubit, angles=(theta,))
                row.append((name, qubit, theta))
        return row

    def backward(row: list[tuple[str, int, Affine]]) -> None:
        for name, qubit, theta in reversed(row):
            delta = builder.parameter("delta", initialisation=Zeros())
            builder.gate(name, qubit, angles=(negate(add(theta, delta)),))

    for qubit in range(qubits):
        builder.gate("ry", qubit, angles=(pi / 4,))
    for _ in range(layers):
        rows = [forward()]
        for _ in range(half_depth):
            for pair in coupled:
                builder.gate(entangler, *pair)
            rows.append(forward())
        # Rotations stand last in each half, so that no entangling gates meet in the middle and cancel for good.
        backward(rows.pop())
        while rows:
            for pair in reversed(coupled):
                builder.gate(entangler, *pair)  # CZ and CX are their own inverses
            backward(rows.pop())
    return builder.circuit()


FAMILY = Family(
    NAME,
    "blocks V(theta) V(theta + delta)^-1 of rotations and CZ or CX, theta drawn at random and delta zero at the start",
    _construct,
    {
        "layers": Layers(8, 2, "number of blocks, or how it grows with the number of qubits n"),
        "half_depth": Whole(1, 8, 1, "entangling layers in each half of a block, rotations before and after each"),
        "entangler": Choice(("cz", "cx"), "cz", "gate on each coupled pair"),
        "coupling": Choice(tuple(COUPLINGS), "chain", "the pairs coupled in each layer, or a coupling map", pairs=True),
    },
    "E. Grant et al., arXiv:1903.05076",
    (
        Verdict("trainable", "the first step from delta = 0, observed in numerics", "arXiv:1903.05076"),
        Verdict("barren", "deep, all angles uniform and independent", "arXiv:1803.11173"),
    ),
)
