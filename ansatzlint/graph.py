"""The entanglement graph, light cones and depths of a circuit: what its structure alone tells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from ansatzlint.circuit import Circuit, Gate
from ansatzlint.pauli.strings import bits

if TYPE_CHECKING:
    from networkx import Graph


def entanglement_graph(circuit: Circuit) -> Graph[int]:
    """Qubits as nodes, an edge for each pair that an entangling gate couples.

    A node carries `label`, its name in the source. An edge carries `gates`, the number of entangling gates on the
    pair, and `layers`, the entangling layers (see `layers`) in which they stand, ascending. A gate on more than
    two qubits couples each pair of them. Swaps do not entangle and make no edge.
    """
    import networkx

    graph = networkx.Graph(name=circuit.name)
    graph.add_nodes_from((qubit, {"label": circuit.label(qubit)}) for qubit in range(circuit.qubits))
    level = layers(circuit)
    found: dict[tuple[int, int], list[int]] = {}
    for index, gate in circuit.entangling_gates():
        for pair in combinations(sorted(gate.qubits), 2):
            found.setdefault(pair, []).append(level[index])
    for (a, b), at in found.items():
        graph.add_edge(a, b, gates=len(at), layers=tuple(sorted(set(at))))
    return graph


def layers(circuit: Circuit) -> dict[int, int]:
    """For each gate on two or more qubits its layer, counted from 1 as soon as possible among such gates."""
    front = [0] * circuit.qubits
    found: dict[int, int] = {}
    for index, gate in enumerate(circuit.gates):
        if len(gate.qubits) > 1:
            found[index] = 1 + max(front[q] for q in gate.qubits)
            for qubit in gate.qubits:
                front[qubit] = found[index]
    return found


def entangling_blocks(circuit: Circuit) -> tuple[frozenset[tuple[int, int]], ...]:
    """The coupled pairs of each entangling block, in time order.

    A block ends on a qubit where a parametrised one-qubit gate stands between gates with different partners; a
    rotation between two gates on one pair (`cx rz cx`) belongs to an interaction and ends nothing.
    """
    blocks: dict[int, set[tuple[int, int]]] = {}
    for gate, block in zip(circuit.gates, block_numbers(circuit), strict=True):
        if _couples(gate):
            blocks.setdefault(block, set()).update(combinations(sorted(gate.qubits), 2))
    return tuple(frozenset(blocks[key]) for key in sorted(blocks))


def _couples(gate: Gate) -> bool:
    return len(gate.qubits) > 1 and (gate.name != "swap" or bool(gate.controls))


def block_numbers(circuit: Circuit) -> tuple[int, ...]:
    """For each gate the entangling block that it belongs to, or that stands before it; 0 before the first.

    Blocks are those of `entangling_blocks`, counted from 1.
    """
    epoch = [1] * circuit.qubits
    last = [0] * circuit.qubits
    partners: list[tuple[int, ...] | None] = [None] * circuit.qubits
    turned = [False] * circuit.qubits
    numbers = []
    for gate in circuit.gates:
        if not _couples(gate):
            if len(gate.qubits) == 1 and gate.angles and gate.parameters:
                turned[gate.qubits[0]] = True
            numbers.append(max((last[q] for q in gate.qubits), default=0))
            continue
        group = tuple(sorted(gate.qubits))
        for qubit in group:
            if turned[qubit] and partners[qubit] not in (None, group):
                epoch[qubit] += 1
            turned[qubit], partners[qubit] = False, group
        block = max(epoch[q] for q in group)
        for qubit in group:
            last[qubit] = block
        numbers.append(block)
    return tuple(numbers)


def depth(circuit: Circuit) -> int:
    """Number of layers when every gate stands as soon as possible."""
    front = [0] * circuit.qubits
    for gate in circuit.gates:
        if gate.qubits:
            level = 1 + max(front[q] for q in gate.qubits)
            for qubit in gate.qubits:
                front[qubit] = level
    return max(front, default=0)


def two_qubit_depth(circuit: Circuit) -> int:
    """Number of layers when only the gates on two or more qubits count."""
    return max(layers(circuit).values(), default=0)


@dataclass(frozen=True, slots=True)
class LightCone:
    """What a set of qubits at the end of the circuit can depend on: qubits, gates (indices), parameters (names)."""

    qubits: tuple[int, ...]
    gates: tuple[int, ...]
    parameters: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LightCones:
    """The light cones of many terms at once: bit t of a mask belongs to term t.

    `initial` has a mask a qubit (the terms that depend on the initial state there), `gates` a mask a gate.
    """

    initial: tuple[int, ...]
    gates: tuple[int, ...]

    def of(self, circuit: Circuit, term: int) -> LightCone:
        """The cone of one term."""
        gates = tuple(i for i, mask in enumerate(self.gates) if mask >> term & 1)
        names = {name for i in gates for name in circuit.gates[i].parameters}
        state = circuit.initial_state
        qubits = tuple(q for q, mask in enumerate(self.initial) if mask >> term & 1)
        if state is not None and not set(state.qubits).isdisjoint(qubits):
            names.update(state.parameters)
        return LightCone(qubits, gates, tuple(p.name for p in circuit.parameters if p.name in names))

    def sizes(self, circuit: Circuit, terms: int) -> tuple[tuple[tuple[int, ...], int, int], ...]:
        """For each of the terms the qubits of its cone, its number of gates and its number of parameters."""
        qubits: list[list[int]] = [[] for _ in range(terms)]
        for qubit, mask in enumerate(self.initial):
            for term in bits(mask):
                qubits[term].append(qubit)
        gates, parameters = _tally(self.gates, terms), _tally(self.parameters(circuit).values(), terms)
        return tuple((tuple(q), g, p) for q, g, p in zip(qubits, gates, parameters, strict=True))

    def parameters(self, circuit: Circuit) -> dict[str, int]:
        """For every parameter of the circuit the mask of the terms whose cone it stands in."""
        found = {p.name: 0 for p in circuit.parameters}
        for gate, mask in zip(circuit.gates, self.gates, strict=True):
            for name in gate.parameters:
                found[name] |= mask
        if circuit.initial_state is not None:
            for name in circuit.initial_state.parameters:
                for qubit in circuit.initial_state.qubits:
                    found[name] |= self.initial[qubit]
        return found


def _tally(masks: Iterable[int], terms: int) -> list[int]:
    """In how many of the masks each term's bit is set."""
    counts = [0] * terms
    # Many gates share one mask: going through the bits of each different one once keeps this linear.
    for mask, times in Counter(masks).items():
        for term in bits(mask):
            counts[term] += times
    return counts


def light_cones(circuit: Circuit, supports: Sequence[Sequence[int]]) -> LightCones:
    """The light cones of terms that act on the given qubits at the end of the circuit.

    One backward pass for all terms: a gate joins the cones of its qubits. A swap exchanges them.
    """
    masks = [0] * circuit.qubits
    for term, support in enumerate(supports):
        for qubit in support:
            masks[qubit] |= 1 << term
    gates = [0] * len(circuit.gates)
    for index in range(len(circuit.gates) - 1, -1, -1):
        gate = circuit.gates[index]
        if gate.name == "swap" and not gate.controls:
            a, b = gate.qubits
            gates[index] = masks[a] | masks[b]
            masks[a], masks[b] = masks[b], masks[a]
            continue
        joined = 0
        for qubit in gate.qubits:
            joined |= masks[qubit]
        gates[index] = joined
        for qubit in gate.qubits:
            masks[qubit] = joined
    return LightCones(tuple(masks), tuple(gates))


def qubits_met(circuit: Circuit, cones: LightCones) -> int:
    """The qubits, as bits, that some cone meets anywhere along its line."""
    met = sum(1 << q for q, mask in enumerate(cones.initial) if mask)
    for gate, mask in zip(circuit.gates, cones.gates, strict=True):
        if mask:
            for qubit in gate.qubits:
                met |= 1 << qubit
    return met


@dataclass(frozen=True, slots=True)
class GraphSummary:
    """Figures of the entanglement graph.

    `algebraic_connectivity` is the second smallest eigenvalue of the unweighted Laplacian, None for a graph that
    is not connected or has fewer than two qubits; `diameter` is that of the largest component, None where
    that has more than `MAX_DIAMETER_QUBITS` qubits.
    """

    nodes: int
    edges: tuple[tuple[int, int, int, tuple[int, ...]], ...]
    components: tuple[tuple[int, ...], ...]
    diameter: int | None
    algebraic_connectivity: float | None
    clustering: float
    degrees: tuple[int, ...]
    density: float


MAX_DIAMETER_QUBITS = 5000
MAX_SPECTRAL_QUBITS = 1000
"""Above this the dense spectrum behind the algebraic connectivity is not computed."""


def _diameter(graph: Graph[int]) -> int | None:
    """The longest of the shortest paths in a connected graph."""
    if len(graph) > MAX_DIAMETER_QUBITS:
        return None
    # The sets of qubits within a distance of each one grow together, as bits: on a ring, where every qubit's search
    # is as long as every other's, this is many times faster than a search from each one.
    place = {node: i for i, node in enumerate(graph)}
    neighbours = [[place[other] for other in graph[node]] for node in graph]
    within = [1 << i for i in range(len(neighbours))]
    everything = (1 << len(neighbours)) - 1
    distance = 0
    while any(mask != everything for mask in within):
        grown = []
        for mask, around in zip(within, neighbours, strict=True):
            if mask != everything:
                for other in around:
                    mask |= within[other]
            grown.append(mask)
        within, distance = grown, distance + 1
    return distance


def summarise(circuit: Circuit) -> GraphSummary:
    """Components, diameter, algebraic connectivity, mean clustering, degrees and density of the graph."""
    import networkx
    import numpy

    graph = entanglement_graph(circuit)
    parts = sorted((tuple(sorted(part)) for part in networkx.connected_components(graph)), key=lambda p: (-len(p), p))
    connectivity = None
    if len(parts) == 1 and 1 < circuit.qubits <= MAX_SPECTRAL_QUBITS:
        laplacian = -networkx.to_numpy_array(graph, weight=None)
        numpy.fill_diagonal(laplacian, -laplacian.sum(axis=1))
        connectivity = float(numpy.linalg.eigvalsh(laplacian)[1])
    return GraphSummary(
        nodes=circuit.qubits,
        edges=tuple((a, b, d["gates"], d["layers"]) for a, b, d in graph.edges(data=True)),
        components=tuple(parts),
        diameter=_diameter(graph.subgraph(parts[0])) if parts else 0,
        algebraic_connectivity=connectivity,
        clustering=float(networkx.average_clustering(graph)) if circuit.qubits else 0.0,
        degrees=tuple(degree for _, degree in graph.degree()),
        density=float(networkx.density(graph)),
    )


