from __future__ import annotations

from itertools import combinations
from math import comb, cos, isnan, pi

import networkx
import numpy as np
import pytest
from feature_values import build, values
from hypothesis import given, settings
from hypothesis import strategies as st

from ansatzlint.circuit import Gate
from ansatzlint.features import graphs, structure
from ansatzlint.features.tape import tape
from ansatzlint.graph import entanglement_graph


def cz(qubits: int, *pairs: tuple[int, int]) -> dict[str, float]:
    return columns(qubits, [Gate("cz", pair) for pair in pairs])


def columns(qubits: int, gates: list[Gate]) -> dict[str, float]:
    circuit = build(qubits, gates)
    found = graphs.columns(qubits, structure.gates_of(circuit, tape(circuit)))
    return dict(zip((feature.name for feature in graphs.COLUMNS), map(float, found), strict=True))


CHAIN = [(i, i + 1) for i in range(5)]
RING = [*CHAIN, (0, 5)]
COMPLETE = list(combinations(range(6), 2))
STAR = [(0, i) for i in range(1, 6)]


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        # the best cut halves a chain: one of the five edge ends on a side leaves it
        (CHAIN, {"algebraic_connectivity": 2 - 2 * cos(pi / 6), "conductance": 1 / 5, "cut_minimum": 1,
                 "cut_middle": 1, "diameter": 5, "edges_nearest": 1, "edge_length": 1, "clustering": 0}),
        (RING, {"algebraic_connectivity": 2 - 2 * cos(2 * pi / 6), "conductance": 2 / 6, "cut_minimum": 2,
                "cut_middle": 2, "diameter": 3, "edges_nearest": 5 / 6, "edge_length": 10 / 6, "clustering": 0}),
        (COMPLETE, {"algebraic_connectivity": 6, "conductance": 9 / 15, "cut_minimum": 5, "cut_middle": 9,
                    "diameter": 1, "edges_nearest": 5 / 15, "clustering": 1, "degree_minimum": 5}),
        # a leaf of a star has no edge end but the one that leaves it
        (STAR, {"algebraic_connectivity": 1, "conductance": 1, "cut_minimum": 1, "cut_middle": 3, "diameter": 2,
                "degree_minimum": 1, "degree_maximum": 5, "degree_mean": 10 / 6, "edge_density": 5 / 15}),
    ],
    ids=["chain", "ring", "complete", "star"],
)  # fmt: skip
def test_known_graphs(pairs: list[tuple[int, int]], expected: dict[str, float]) -> None:
    found = cz(6, *pairs)
    assert {name: found[name] for name in expected} == pytest.approx(expected, rel=1e-8)


def test_gates_count_where_they_repeat() -> None:
    found = cz(4, (0, 1), (1, 0), (0, 1), (1, 2), (2, 3), (2, 3))
    assert (found["edges"], found["gates_per_edge"]) == (3, 2)
    assert (found["cut_minimum_gates"], found["cut_middle_gates"], found["cut_minimum"]) == (1, 1, 1)


def test_a_gate_on_three_qubits_couples_each_pair_and_a_swap_none() -> None:
    assert columns(4, [Gate("ccx", (0, 1, 3))])["edges"] == 3
    assert columns(4, [Gate("swap", (0, 1))])["edges"] == 0
    assert columns(4, [Gate("cswap", (0, 1, 2))])["edges"] == 3


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 9).flatmap(
    lambda n: st.tuples(st.just(n), st.lists(st.sampled_from(list(combinations(range(n), 2))), max_size=25))
))  # fmt: skip
def test_networkx_agrees(drawn: tuple[int, list[tuple[int, int]]]) -> None:
    qubits, pairs = drawn
    found = cz(qubits, *pairs)
    graph = entanglement_graph(build(qubits, [Gate("cz", pair) for pair in pairs]))
    parts = list(networkx.connected_components(graph))
    distances = [d for a, to in networkx.all_pairs_shortest_path_length(graph) for b, d in to.items() if a != b]
    across = [list(networkx.edge_boundary(graph, range(k))) for k in range(1, qubits)]
    gates = [sum(graph.edges[edge]["gates"] for edge in edges) for edges in across]
    cuts = [len(edges) for edges in across]
    expected = {
        "edges": graph.number_of_edges(),
        "edge_density": networkx.density(graph),
        "degree_mean": np.mean([d for _, d in graph.degree()]),
        "degree_minimum": min(d for _, d in graph.degree()),
        "degree_maximum": max(d for _, d in graph.degree()),
        "clustering": networkx.average_clustering(graph),
        "components": len(parts),
        "component_share": max(map(len, parts)) / qubits,
        "diameter": max(distances, default=np.nan),
        "distance_mean": np.mean(distances) if distances else np.nan,
        "algebraic_connectivity": np.linalg.eigvalsh(networkx.laplacian_matrix(graph, weight=None).toarray())[1],
        "cut_minimum": min(cuts),
        "cut_middle": cuts[qubits // 2 - 1],
        "cut_minimum_gates": min(gates),
        "cut_middle_gates": gates[qubits // 2 - 1],
    }
    assert {name: found[name] for name in expected} == pytest.approx(expected, abs=1e-5, nan_ok=True)


@settings(max_examples=25, deadline=None)
@given(st.integers(2, 8).flatmap(
    lambda n: st.tuples(st.just(n), st.sets(st.sampled_from(list(combinations(range(n), 2)))))
))  # fmt: skip
def test_conductance_is_that_of_some_cut(drawn: tuple[int, set[tuple[int, int]]]) -> None:
    """Between the least over all cuts and the bound that the swept vector obeys (Cheeger's inequality)."""
    qubits, pairs = drawn
    graph = networkx.Graph()
    graph.add_nodes_from(range(qubits))
    graph.add_edges_from((i, i + 1) for i in range(qubits - 1))
    graph.add_edges_from(pairs)
    found = cz(qubits, *graph.edges)
    cuts = [
        networkx.conductance(graph, side)
        for size in range(1, qubits) for side in combinations(range(qubits), size)
    ]  # fmt: skip
    most = max(d for _, d in graph.degree())
    assert min(abs(found["conductance"] - cut) for cut in cuts) < 1e-9
    assert found["conductance"] <= np.sqrt(2 * most * found["algebraic_connectivity"]) + 1e-6


def test_what_a_graph_without_pairs_lacks_is_nan() -> None:
    assert isnan(cz(1)["edge_density"])
    assert isnan(cz(3)["gates_per_edge"])
    assert isnan(cz(3)["diameter"])


def test_a_graph_that_is_too_large_for_a_spectrum_has_the_rest() -> None:
    qubits = 400
    found = cz(qubits, *((i, i + 1) for i in range(qubits - 1)))
    assert isnan(found["algebraic_connectivity"])
    assert found["diameter"] == qubits - 1
    assert found["distance_mean"] == pytest.approx((qubits + 1) / 3)
    assert comb(qubits, 2) * found["edge_density"] == pytest.approx(qubits - 1)


def test_the_columns_stand_in_the_vector() -> None:
    circuit = build(6, [Gate("cz", pair) for pair in RING])
    assert values(circuit)["edges"] == 6
