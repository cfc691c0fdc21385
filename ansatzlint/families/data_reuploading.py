"""Data re-uploading: the inputs enter again and again, between trainable rotations and entangling gates."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ansatzlint.circuit import Circuit, PauliSum, PauliTerm
from ansatzlint.families.builder import Builder
from ansatzlint.families.couplings import COUPLINGS, pairs
from ansatzlint.families.family import Choice, Family, Layers, Verdict

NAME = "data-reuploading"


def _construct(qubits: int, layers: int, entangler: str, coupling: str | Iterable[Any]) -> Circuit:
    builder = Builder(NAME, qubits)
    coupled = pairs(coupling, qubits)
    inputs = [builder.parameter("x", role="input") for _ in range(qubits)]
    for layer in range(layers):
        if layer:
            for pair in coupled:
                builder.gate(entangler, *pair)
        for qubit, x in enumerate(inputs):
            builder.gate("rx", qubit, angles=(x,))
        for qubit in range(qubits):
            builder.turn("rot", qubit)
    return builder.circuit(PauliSum((PauliTerm(1.0, ((0, "Z"),)),)))


FAMILY = Family(
    NAME,
    "layers of RX of the inputs, one a qubit, and arbitrary rotations, entangling gates between them; the cost is Z0",
    _construct,
    {
        "layers": Layers(16, 3, "how often the inputs enter, or how it grows with the number of qubits n"),
        "entangler": Choice(("cz", "cx"), "cz", "gate on each coupled pair"),
        "coupling": Choice(
            tuple(COUPLINGS), "ring", "the pairs coupled between two layers, or a coupling map", pairs=True
        ),
    },
    "A. Pérez-Salinas et al., arXiv:1907.02085",
    (Verdict("barren", "depth growing as a power of n, angles uniform", "arXiv:1803.11173"),),
    smallest=1,
)
