"""Quantum convolutional neural network: convolutions and poolings that halve the qubits until one is left."""

from __future__ import annotations

from dataclasses import replace

from ansatzlint.circuit import Circuit
from ansatzlint.families.blocks import BLOCK_NAMES, BLOCKS, angles_of, place, supply
from ansatzlint.families.builder import Builder
from ansatzlint.families.family import Choice, Family, Verdict
from ansatzlint.families.layouts import halvings

NAME = "qcnn"


def _construct(qubits: int, block: str, pooling: str, angles: str) -> Circuit:
    builder = Builder(NAME, qubits)
    shared = angles == "shared"
    levels = halvings(qubits)
    for level in levels:
        convolution = supply(lambda: angles_of(builder, block), shared)
        for pair in level.pairs + level.between:
            place(builder, block, pair, convolution())
        if pooling == "controlled":
            pool = supply(lambda: (builder.parameter(), builder.parameter()), shared)
            for dropped, kept in level.pairs:
                # The outcome 1 of the dropped qubit turns the kept one about Z, the outcome 0 about X.
                on_one, on_zero = pool()
                builder.gate("crz", dropped, kept, angles=(on_one,))
                builder.gate("x", dropped)
                builder.gate("crx", dropped, kept, angles=(on_zero,))
    return replace(builder.circuit(), measured=levels[-1].kept)


FAMILY = Family(
    NAME,
    "convolutions by blocks on neighbours, poolings that drop every second qubit; the last one is measured",
    _construct,
    {
        "block": Choice(tuple(BLOCKS), "general", BLOCK_NAMES),
        "pooling": Choice(
            ("controlled", "discard"), "controlled", "rotations controlled by the dropped qubit, or none"
        ),
        "angles": Choice(("free", "shared"), "free", "each block its own, or one set for all blocks of a level"),
    },
    "I. Cong et al., arXiv:1810.03787",
    (
        Verdict("trainable", "each block a 2-design of its own, cost read at the last qubit", "arXiv:2011.02966"),
        Verdict("trainable", "cost read at the last qubit, angles uniform", "arXiv:2102.01828"),
    ),
)
