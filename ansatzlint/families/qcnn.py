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
                # The outcome of the dropped qubit decides the sense of both turns of the kept one: controlled rotations
                # up to turns of the kept qubit alone, which a general convolution holds anyway.
                about_z, about_x = pool()
                builder.gate("rzz", dropped, kept, angles=(about_z,))
                builder.gate("rzx", dropped, kept, angles=(about_x,))
    return replace(builder.circuit(), measured=levels[-1].kept)


FAMILY = Family(
    NAME,
    "convolutions by blocks on neighbours, poolings that drop every second qubit; the last one is measured",
    _construct,
    {
        "block": Choice(tuple(BLOCKS), "general", BLOCK_NAMES),
        "pooling": Choice(
            ("controlled", "discard"),
            "controlled",
            "rotations of the kept qubit whose sense the dropped one decides, or none",
        ),
        "angles": Choice(("free", "shared"), "free", "each block its own, or one set for all blocks of a level"),
    },
    "I. Cong et al., arXiv:1810.03787",
    (
        Verdict("trainable", "each block a 2-design of its own, cost read at the last qubit", "arXiv:2011.02966"),
        Verdict("trainable", "cost read at the last qubit, angles uniform", "arXiv:2102.01828"),
    ),
)
