"""The anticommutation graph against pairwise commutators and networkx."""

from __future__ import annotations

import networkx as nx
from algebra.brute import random_sets

from ansatzlint.pauli.anticommutation import anticommuting, components, twins
from ansatzlint.pauli.strings import PauliString


def test_rows_components_and_twins() -> None:
    for n, strings, rng in random_sets(2, 300):
        others = [PauliString(rng.randrange(1 << n), rng.randrange(1 << n)) for _ in range(5)]
        for left, right in ((strings, strings), (others, strings), (strings, others)):
            rows = anticommuting(left, right, n)
            assert rows == tuple(sum((not a.commutes(b)) << t for t, b in enumerate(right)) for a in left)
        rows = anticommuting(strings, strings, n)
        graph = nx.Graph()
        graph.add_nodes_from(range(len(strings)))
        graph.add_edges_from((i, j) for i, row in enumerate(rows) for j in range(i) if row >> j & 1)
        found = list(components(rows))
        assert sorted(map(sorted, found)) == sorted(map(sorted, nx.connected_components(graph)))
        for order in found:
            for k, vertex in enumerate(order[1:], 1):
                assert any(graph.has_edge(vertex, before) for before in order[:k])
            for members in twins(rows, order).values():
                assert len({frozenset(graph[v]) for v in members}) == 1


def test_many_qubits_span_several_octets() -> None:
    strings = [PauliString(1 << q, 0) for q in range(70)] + [PauliString(0, 3 << q) for q in range(69)]
    rows = anticommuting(strings, strings, 70)
    assert rows[0] == 1 << 70
    assert rows[69] == 1 << 138
    assert all(rows[q] == 3 << 69 + q for q in range(1, 69))


def test_nothing() -> None:
    assert anticommuting([], [], 3) == ()
    assert anticommuting([PauliString(1, 0)], [], 3) == (0,)
    assert list(components([])) == []
