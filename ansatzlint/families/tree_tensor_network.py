"""Tree tensor network: blocks on pairs of qubits, of which one goes on to the next level, down to the root."""

from __future__ import annotations

from dataclasses import replace

from ansatzlint.circuit import Circuit
from ansatzlint.families.blocks import BLOCK_NAMES, BLOCKS, place
from ansatzlint.families.builder import Builder
from ansatzlint.families.family import Choice, Family, Verdict
from ansatzlint.families.layouts import halvings

NAME = "tree-tensor-network"


def _construct(qubits: int, block: str) -> Circuit:
    builder = Builder(NAME, qubits)
    levels = halvings(qubits)
    for level in levels:
        for pair in level.pairs:
            place(builder, block, pair)
    return replace(builder.circuit(), measured=levels[-1].kept)


FAMILY = Family(
    NAME,
    "blocks on pairs of qubits that halve their number level by level; the root is measured",
    _construct,
    {"block": Choice(tuple(BLOCKS), "general", BLOCK_NAMES)},
    "E. Grant et al., arXiv:1804.03680",
    (
        Verdict("trainable", "cost read at the root, angles uniform", "arXiv:2102.01828"),
        Verdict(
            "trainable", "run backwards to prepare a state: a sum of local terms, random blocks", "arXiv:2209.00292"
        ),
    ),
)
