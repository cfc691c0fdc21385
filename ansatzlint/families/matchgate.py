"""Matchgate circuits: Givens rotations or RXX on neighbours and RZ, that is, fermions that do not interact."""

from __future__ import annotations

from ansatzlint.angles import multiply
from ansatzlint.circuit import Circuit, PauliSum, PauliTerm
from ansatzlint.families.builder import Builder
from ansatzlint.families.couplings import brick
from ansatzlint.families.family import Choice, Family, Layers, Verdict

NAME = "matchgate"


def _construct(qubits: int, layers: int, generators: str, filling: str) -> Circuit:
    builder = Builder(NAME, qubits)
    for qubit in range(1, qubits, 2) if filling == "half" else (qubits // 2,):
        builder.gate("x", qubit)
    for _ in range(layers):
        for a, b in brick(qubits):
            if generators == "rxx-rz":
                builder.turn("rxx", a, b)
            else:
                # The gate turns the two modes by half its angle; twice the parameter makes 2 pi a full turn.
                builder.gate("single_excitation", a, b, angles=(multiply(2.0, builder.parameter()),))
        if generators != "givens":
            for qubit in range(qubits):
                builder.turn("rz", qubit)
    return builder.circuit(PauliSum((PauliTerm(1.0, ((qubits // 2, "Z"),)),)))


FAMILY = Family(
    NAME,
    "layers of Givens rotations (number-conserving) or RXX in a brick pattern, and of RZ; the cost is Z in the middle",
    _construct,
    {
        "layers": Layers(16, 2),
        "generators": Choice(
            ("givens", "givens-rz", "rxx-rz"), "givens-rz", "gates of a layer; those with givens conserve the number"
        ),
        "filling": Choice(("half", "one"), "half", "ones in the initial state: every second qubit, or the middle one"),
    },
    "B. M. Terhal and D. P. DiVincenzo, arXiv:quant-ph/0108010",
    (
        Verdict("trainable", "deep, a product of few Majorana operators as cost, such as one Z", "arXiv:2310.11505"),
        Verdict("barren", "deep rxx-rz, a product of about n Majorana operators as cost", "arXiv:2310.11505"),
    ),
)
