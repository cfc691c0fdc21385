"""MPS staircase: two-qubit blocks on (0, 1), (1, 2), …, as in the preparation of a matrix product state."""

from __future__ import annotations

from ansatzlint.circuit import Circuit
from ansatzlint.families.blocks import BLOCK_NAMES, BLOCKS, place
from ansatzlint.families.builder import Builder
from ansatzlint.families.couplings import chain
from ansatzlint.families.family import Choice, Family, Layers, Verdict

NAME = "mps-staircase"


def _construct(qubits: int, layers: int, block: str) -> Circuit:
    builder = Builder(NAME, qubits)
    for _ in range(layers):
        for pair in chain(qubits):
            place(builder, block, pair)
    return builder.circuit()


FAMILY = Family(
    NAME,
    "two-qubit blocks one after the other down the chain",
    _construct,
    {
        "layers": Layers(4, 1, "number of sweeps down the chain, or how it grows with the number of qubits n"),
        "block": Choice(tuple(BLOCKS), "general", BLOCK_NAMES),
    },
    "C. Schön et al., arXiv:quant-ph/0501096",
    (
        Verdict("trainable", "one sweep, random blocks, an extensive sum of local terms as cost", "arXiv:2304.14320"),
        Verdict(
            "barren",
            "one sweep, random blocks, one local term as cost: the gradients of the blocks far from it",
            "arXiv:2209.00292",
        ),
    ),
)
