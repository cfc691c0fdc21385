"""QAOA for MaxCut: layers of RZZ on the edges of a graph and of a mixer."""

from __future__ import annotations

from ansatzlint.circuit import Circuit, PauliSum, PauliTerm
from ansatzlint.errors import UsageError
from ansatzlint.families.blocks import hop, supply, triplet
from ansatzlint.families.builder import Builder
from ansatzlint.families.couplings import Pairs, chain, complete, ring, star
from ansatzlint.families.family import Choice, Family, Layers, Verdict
from ansatzlint.families.layouts import matchings

NAME = "qaoa"


def _moebius_ladder(qubits: int) -> Pairs:
    """The ring and its diameters, a 3-regular graph."""
    if qubits < 4 or qubits % 2:
        raise UsageError(
            f"family {NAME!r} with graph 'regular3' needs an even number of qubits of at least 4, not {qubits}"
        )
    half = qubits // 2
    return ring(qubits) + tuple((q, q + half) for q in range(half))


GRAPHS = {"path": chain, "cycle": ring, "complete": complete, "regular3": _moebius_ladder, "star": star}


def _construct(qubits: int, layers: int, graph: str, angles: str, mixer: str) -> Circuit:
    builder = Builder(NAME, qubits)
    edges = GRAPHS[graph](qubits)
    bonds = matchings(qubits, True)
    if mixer == "x":
        for qubit in range(qubits):
            builder.gate("h", qubit)
    else:
        # Half the qubits are one, as the mixer keeps it, and its even bonds leave the state as it is.
        for a, b in bonds[0]:
            triplet(builder, a, b)
    shared = angles == "standard"
    for _ in range(layers):
        gamma = supply(lambda: builder.parameter("gamma"), shared)
        for a, b in edges:
            builder.gate("rzz", a, b, angles=(gamma(),))
        beta = supply(lambda: builder.parameter("beta"), shared)
        if mixer == "x":
            for qubit in range(qubits):
                builder.gate("rx", qubit, angles=(beta(),))
        else:
            for group in reversed(bonds):
                for a, b in group:
                    hop(builder, a, b, beta())
    # The cut's constant, half the number of edges, is left out: no parameter reaches it.
    return builder.circuit(PauliSum(tuple(PauliTerm(0.5, ((min(e), "Z"), (max(e), "Z"))) for e in edges)))


FAMILY = Family(
    NAME,
    "layers of RZZ on a graph's edges and of a mixer; the cost, to be minimised, is minus the cut up to a constant",
    _construct,
    {
        "layers": Layers(32, 2),
        "graph": Choice(
            tuple(GRAPHS), "cycle", "whose maximum cut is sought; regular3 is the ring with its diameters, n even"
        ),
        "angles": Choice(("standard", "multi"), "standard", "one gamma and beta a layer, or one for each gate"),
        "mixer": Choice(("x", "xy-ring"), "x", "RX on |+…+>, or XX + YY around a ring on pairs that hold a one each"),
    },
    "E. Farhi et al., arXiv:1411.4028",
    (
        Verdict("trainable", "standard angles and mixer x on a cycle, deep", "arXiv:2407.12587"),
        Verdict("trainable", "standard angles and mixer x on a complete graph, deep", "arXiv:2607.00945"),
        Verdict("trainable", "multi angles and mixer x on a path or cycle: an algebra of polynomial dimension",
                "arXiv:2410.05187"),
        Verdict("barren", "standard angles and mixer x on almost all graphs, deep", "arXiv:2512.24577"),
        Verdict("barren", "multi angles and mixer x on any connected graph but path and cycle, deep",
                "arXiv:2410.05187"),
        Verdict("barren", "multi angles and mixer xy-ring, deep: an algebra of exponential dimension",
                "arXiv:2505.18396"),
    ),
)  # fmt: skip
