"""Line graphs against networkx."""

from __future__ import annotations

import random
import time

import networkx as nx
import pytest

from ansatzlint.algebra.free_fermions import fermions
from ansatzlint.pauli.anticommutation import components, twins
from ansatzlint.pauli.line_graphs import root_labels


def _rows(graph: nx.Graph) -> list[int]:
    return [sum(1 << j for j in graph[i]) for i in range(len(graph))]


def _check(rows: list[int], order: tuple[int, ...], pairs: list[tuple[int, int]]) -> None:
    assert len({frozenset(p) for p in pairs}) == len(pairs)
    for a, p in zip(order, pairs, strict=True):
        for b, q in zip(order, pairs, strict=True):
            assert a == b or (rows[a] >> b & 1) == (len({*p} & {*q}) == 1)


def test_against_networkx() -> None:
    rng = random.Random(3)
    kinds = {True: 0, False: 0}
    for _ in range(2500):
        if rng.random() < 0.6:
            n = rng.randrange(3, 8)
            root = nx.gnm_random_graph(n, rng.randrange(2, n * (n - 1) // 2 + 1), seed=rng.randrange(1 << 30))
            graph = nx.convert_node_labels_to_integers(nx.line_graph(root))
            if rng.random() < 0.4:  # one edge more or less
                a, b = rng.sample(range(len(graph)), 2)
                (graph.remove_edge if graph.has_edge(a, b) else graph.add_edge)(a, b)
        else:
            graph = nx.gnp_random_graph(rng.randrange(2, 8), 0.5, seed=rng.randrange(1 << 30))
        rows = _rows(graph)
        for order in components(rows):
            if len(twins(rows, order)) < len(order):
                continue
            pairs = root_labels(rows, order)
            part = graph.subgraph(order)
            if len(order) > 1:
                try:
                    nx.inverse_line_graph(part)
                    expected = True
                except nx.NetworkXError:
                    expected = False
                assert (pairs is not None) == expected
                kinds[expected] += 1
            if pairs is not None:
                _check(rows, order, pairs)
    assert min(kinds.values()) > 300


def test_the_pieces_that_two_graphs_share() -> None:
    # the triangle is the line graph of a triangle and of a star (Whitney)
    rows = _rows(nx.complete_graph(3))
    pairs = root_labels(rows, (0, 1, 2))
    assert pairs is not None
    _check(rows, (0, 1, 2), pairs)
    # a star of four is complete, one of three with a tail forces the star
    tail = nx.complete_graph(4)
    tail.add_edge(0, 4)
    rows = _rows(tail)
    kept = [v for vs in twins(rows, range(5)).values() for v in vs[:1]]
    assert len(kept) == 5
    pairs = root_labels(rows, (0, 1, 2, 3, 4))
    assert pairs is not None
    _check(rows, (0, 1, 2, 3, 4), pairs)


def test_a_claw_is_no_line_graph() -> None:
    claw = nx.star_graph(3)
    claw.add_edges_from([(1, 4), (2, 5), (3, 6)])  # no twins
    assert root_labels(_rows(claw), (0, 1, 2, 3, 4, 5, 6)) is None


def test_a_path_of_thousands_takes_no_time() -> None:
    rows = _rows(nx.path_graph(2000))
    started = time.perf_counter()
    pairs = root_labels(rows, tuple(range(2000)))
    assert time.perf_counter() - started < 1.0
    assert pairs is not None
    assert len({label for p in pairs for label in p}) == 2001


def test_choices_do_not_multiply() -> None:
    # Many vertices that mostly share neighbours: labels that were tried twice would double the search each time.
    rng = random.Random(5)
    strings = [rng.randrange(1, 1 << 24) for _ in range(800)]
    mask = (1 << 12) - 1
    rows = [
        sum(
            ((((a >> 12) & b & mask).bit_count() + (a & (b >> 12) & mask).bit_count()) % 2) << j
            for j, b in enumerate(strings)
        )
        for a in strings
    ]
    (order,) = components(rows)
    started = time.perf_counter()
    assert root_labels(rows, order) is None
    assert time.perf_counter() - started < 5.0


def test_cycles_and_potentials() -> None:
    # Majoranas 0..3 as bits, and a string of its own around the square
    pairs = [(0, 1), (1, 2), (2, 3), (3, 0), (0, 1)]
    strings = [0b0011, 0b0110, 0b1100, 0b11001, 0b0011]
    found = fermions(pairs, strings)
    assert found.majoranas == 4
    assert found.cycles.rank == 1
    assert 0b10000 in found.cycles
    assert not found.paired
    assert fermions(pairs, [*strings[:3], 0b0110, 0b0011]).paired


@pytest.mark.parametrize("size", [2, 3, 9])
def test_a_path_has_one_majorana_more(size: int) -> None:
    order = tuple(range(size))
    rows = _rows(nx.path_graph(size))
    pairs = root_labels(rows, order)
    assert pairs is not None
    assert len({label for p in pairs for label in p}) == size + 1
