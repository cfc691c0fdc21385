"""MERA: isometries that double the qubits from the root on, each level followed by disentanglers between them."""

from __future__ import annotations

from ansatzlint.circuit import Circuit, PauliSum, PauliTerm
from ansatzlint.families.blocks import BLOCK_NAMES, BLOCKS, place
from ansatzlint.families.builder import Builder
from ansatzlint.families.couplings import chain
from ansatzlint.families.family import Choice, Family, Verdict
from ansatzlint.families.layouts import halvings

NAME = "mera"


def _construct(qubits: int, block: str) -> Circuit:
    builder = Builder(NAME, qubits)
    for level in reversed(halvings(qubits)):
        for fresh, carried in level.pairs:
            place(builder, block, (carried, fresh))
        for pair in level.between:
            place(builder, block, pair)
    return builder.circuit(PauliSum(tuple(PauliTerm(1.0, ((a, "Z"), (b, "Z"))) for a, b in chain(qubits))))


FAMILY = Family(
    NAME,
    "binary tree of isometries from the root to the sites, with disentanglers; the cost is the sum of ZZ",
    _construct,
    {"block": Choice(tuple(BLOCKS), "general", BLOCK_NAMES)},
    "G. Vidal, arXiv:quant-ph/0610099",
    (
        Verdict("trainable", "a sum of local terms as cost, random blocks", "arXiv:2209.00292"),
        Verdict("trainable", "an extensive sum of finite-range terms as cost, random blocks", "arXiv:2304.14320"),
    ),
)
