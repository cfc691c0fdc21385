"""Z2-symmetric circuits: RZZ on coupled pairs and RX, all of which commute with the parity X…X."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ansatzlint.circuit import Circuit, PauliSum, PauliTerm
from ansatzlint.families.blocks import supply
from ansatzlint.families.builder import Builder
from ansatzlint.families.couplings import COUPLINGS, pairs
from ansatzlint.families.family import Choice, Family, Layers, Verdict

NAME = "z2-symmetric"


def _construct(qubits: int, layers: int, coupling: str | Iterable[Any], angles: str) -> Circuit:
    builder = Builder(NAME, qubits)
    coupled = pairs(coupling, qubits)
    for qubit in range(qubits):
        builder.gate("h", qubit)
    for _ in range(layers):
        angle = supply(builder.parameter, angles == "shared")
        for pair in coupled:
            builder.gate("rzz", *pair, angles=(angle(),))
        angle = supply(builder.parameter, angles == "shared")
        for qubit in range(qubits):
            builder.gate("rx", qubit, angles=(angle(),))
    return builder.circuit(PauliSum(tuple(PauliTerm(1.0 / qubits, ((q, "X"),)) for q in range(qubits))))


FAMILY = Family(
    NAME,
    "layers of RZZ and RX, which keep the parity X…X, on |+…+>; the cost is the mean of X",
    _construct,
    {
        "layers": Layers(16, 2),
        "coupling": Choice(tuple(COUPLINGS), "chain", "the pairs coupled in each layer, or a coupling map", pairs=True),
        "angles": Choice(("free", "shared"), "free", "each gate its own, or one for all RZZ and one for all RX"),
    },
    "J. J. Meyer et al., arXiv:2205.06217",
    (
        Verdict("trainable", "chain or ring: fermions that do not interact, a local cost", "arXiv:2310.11505"),
        Verdict(
            "barren", "deep, free angles, the pairs form a connected graph but no path and no cycle", "arXiv:2410.05187"
        ),
    ),
)
