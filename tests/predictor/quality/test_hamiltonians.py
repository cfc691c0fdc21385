"""Hamiltonians and their spectra against published ground states, closed forms and Kronecker products."""

from __future__ import annotations

from collections import Counter
from functools import reduce
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansatzlint.circuit import PauliSum
from ansatzlint.errors import UsageError
from ansatzlint.families.couplings import complete, ring, star
from ansatzlint.predictor.quality import hamiltonians
from ansatzlint.predictor.quality.hamiltonians import Spectrum, heisenberg, matrix, maxcut, spectrum, tfim

LETTERS = {
    "I": np.eye(2), "X": np.array([[0, 1], [1, 0]]), "Y": np.array([[0, -1j], [1j, 0]]), "Z": np.diag([1, -1]),
}  # fmt: skip


def levels(cost: PauliSum, qubits: int) -> Spectrum:
    return spectrum(matrix(cost, qubits))


def kron(cost: PauliSum, qubits: int) -> np.ndarray:
    """The matrix with qubit 0 as the least significant bit, from its definition."""
    found = np.zeros((2**qubits, 2**qubits), complex)
    for term in cost.terms:
        letters = dict(term.paulis)
        found += term.coefficient * reduce(np.kron, [LETTERS[letters.get(q, "I")] for q in reversed(range(qubits))])
    return found


@pytest.mark.parametrize(("qubits", "energy"), [(4, -5.226252), (6, -7.727407), (8, -10.251662)])
def test_periodic_ising_chain(qubits: int, energy: float) -> None:
    assert levels(tfim(qubits, periodic=True), qubits).least == pytest.approx(energy, abs=1e-6)


def test_open_ising_chain() -> None:
    assert levels(tfim(6), 6).least == pytest.approx(-7.296230, abs=1e-6)


def test_free_fermions_solve_the_periodic_ising_chain_at_any_field() -> None:
    # In the even sector the momenta are odd multiples of pi / n: E = -sum of 2 sqrt(1 + h^2 - 2 h cos k) over half.
    n, field = 6, 0.7
    momenta = np.pi * (2 * np.arange(n // 2) + 1) / n
    energy = -2 * np.sqrt(1 + field**2 - 2 * field * np.cos(momenta)).sum()
    assert levels(tfim(n, field, -1.0, periodic=True), n).least == pytest.approx(energy)


@pytest.mark.parametrize(("qubits", "energy"), [(5, -8.472136), (6, -11.211103), (8, -14.604374)])
def test_heisenberg_ring_in_a_field(qubits: int, energy: float) -> None:
    assert levels(heisenberg(qubits, field=1.0, periodic=True), qubits).least == pytest.approx(energy, abs=1e-6)


def test_two_spins_have_a_singlet_and_three_triplets() -> None:
    assert levels(heisenberg(2), 2).values == pytest.approx([-3, 1, 1, 1])


@pytest.mark.parametrize("edges", [ring(5), complete(5), star(6), ((0, 1), (1, 2), (0, 2), (2, 3))])
def test_the_least_eigenvalue_is_the_maximum_cut(edges: tuple[tuple[int, int], ...]) -> None:
    qubits = 1 + max(max(edge) for edge in edges)
    cut = max(sum(side[a] != side[b] for a, b in edges) for side in product((0, 1), repeat=qubits))
    assert levels(maxcut(edges), qubits).least == pytest.approx(len(edges) / 2 - cut)


def test_weights_of_a_cut() -> None:
    assert levels(maxcut([(0, 1), (1, 2)], [1.0, 3.0]), 3).values[[0, -1]] == pytest.approx([-2, 2])


@settings(deadline=None, max_examples=30)
@given(st.sampled_from(sorted(hamiltonians.KINDS)), st.integers(2, 5), st.integers(0, 2**32))
def test_matrices_are_those_of_kronecker_products(kind: str, qubits: int, seed: int) -> None:
    cost = hamiltonians.KINDS[kind](qubits, np.random.default_rng(seed))
    np.testing.assert_allclose(matrix(cost, qubits), kron(cost, qubits), atol=1e-12)


@settings(deadline=None, max_examples=30)
@given(st.sampled_from(sorted(hamiltonians.KINDS)), st.integers(2, 5), st.integers(0, 2**32))
def test_the_ground_space_holds_ground_states(kind: str, qubits: int, seed: int) -> None:
    cost = hamiltonians.KINDS[kind](qubits, np.random.default_rng(seed))
    found = levels(cost, qubits)
    np.testing.assert_allclose(kron(cost, qubits) @ found.ground, found.least * found.ground, atol=1e-8)


def test_degeneracy_and_gap() -> None:
    found = levels(maxcut(ring(4)), 4)
    assert (found.degeneracy, found.gap, found.range) == (2, pytest.approx(2.0), pytest.approx(4.0))


def test_a_constant_has_no_gap() -> None:
    assert spectrum(np.eye(4)).gap == 0.0


@pytest.mark.parametrize(("qubits", "degree"), [(4, 3), (6, 3), (8, 3), (5, 2), (7, 4)])
def test_regular_graphs(qubits: int, degree: int) -> None:
    edges = hamiltonians.random_regular(qubits, degree, np.random.default_rng(1))
    assert Counter(q for edge in edges for q in edge) == dict.fromkeys(range(qubits), degree)


def test_there_is_no_odd_regular_graph_on_odd_qubits() -> None:
    with pytest.raises(UsageError, match="no graph on 5 qubits has the degree 3"):
        hamiltonians.random_regular(5, 3, np.random.default_rng(0))


def test_random_words_are_different_and_local() -> None:
    cost = hamiltonians.random_local(4, 20, np.random.default_rng(3))
    words = {term.paulis for term in cost.terms}
    assert len(words) == 20
    assert max(len(word) for word in words) == 2


def test_no_more_words_than_there_are() -> None:
    assert len(hamiltonians.random_local(2, 100, np.random.default_rng(0)).terms) == 15


def test_nine_qubits_are_refused() -> None:
    with pytest.raises(UsageError, match="up to 8"):
        matrix(tfim(9), 9)
