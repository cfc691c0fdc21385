from __future__ import annotations

from itertools import combinations, pairwise
from math import ceil, log2

import pytest

from ansatzlint.families.layouts import halvings, matchings


@pytest.mark.parametrize("qubits", range(2, 40))
def test_a_tree_halves_down_to_one_qubit(qubits: int) -> None:
    levels = halvings(qubits)
    assert len(levels) == ceil(log2(qubits))
    assert levels[0].sites == tuple(range(qubits))
    assert len(levels[-1].kept) == 1
    for level, below in pairwise(levels):
        assert below.sites == level.kept
    dropped = [a for level in levels for a, _ in level.pairs]
    assert sorted((*dropped, *levels[-1].kept)) == list(range(qubits))


@pytest.mark.parametrize("qubits", range(2, 40))
def test_pairs_and_the_pairs_between_them_are_all_neighbours_of_a_level(qubits: int) -> None:
    for level in halvings(qubits):
        neighbours = set(pairwise(level.sites))
        assert set(level.pairs) | set(level.between) == neighbours
        assert not set(level.pairs) & set(level.between)


@pytest.mark.parametrize("periodic", [False, True])
@pytest.mark.parametrize("qubits", range(2, 12))
def test_matchings_cover_every_bond_once_and_share_no_qubit(qubits: int, periodic: bool) -> None:
    groups = matchings(qubits, periodic)
    bonds = [frozenset(bond) for group in groups for bond in group]
    expected = {frozenset((q, q + 1)) for q in range(qubits - 1)}
    if periodic:
        expected.add(frozenset((qubits - 1, 0)))
    assert len(bonds) == len(set(bonds))
    assert set(bonds) == expected
    for group in groups:
        assert all(not set(a) & set(b) for a, b in combinations(group, 2))
    # A ring of an odd number of qubits cannot be done in two groups.
    assert len(groups) == (1 if qubits == 2 else 3 if periodic and qubits % 2 else 2)
