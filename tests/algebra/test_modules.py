"""Deep limits on the module of the cost, against formulas, exact averages over all operators, and deep circuits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from math import comb, pi, sqrt

import numpy as np
import pytest
from algebra.lattices import (
    brickwork,
    complete,
    couplings,
    dense,
    equivariant,
    field,
    ltfim,
    path,
    ring,
    sentence,
    tfim,
    word,
)
from moments.twin import pauli_basis
from threadpoolctl import threadpool_limits

from ansatzlint.algebra.closure import Budget
from ansatzlint.algebra.modules import Limit, limit
from ansatzlint.algebra.sentences import Sentence
from ansatzlint.moments.initial import Initial
from ansatzlint.pauli.strings import PauliString


def moments(generators: Sequence[Sentence], cost: Sentence, n: int, rho: np.ndarray) -> tuple[float, float]:
    """(E[C], E[C^2]): every generator's angle averaged exactly, on all 4^n operators, until nothing changes."""
    basis = pauli_basis(n)
    flat = basis.reshape(4**n, -1)
    spectra = []
    for g in generators:
        h = dense(g, n) / g.norm
        images = 0.5j * (h @ basis - basis @ h)
        a = (flat.conj() @ images.reshape(4**n, -1).T).real / 2**n
        values, vectors = np.linalg.eigh(1j * a)
        spectra.append((np.abs(values[:, None] - values[None, :]) < 1e-7, np.abs(values) < 1e-7, vectors))
    mean = (flat.conj() @ dense(cost, n).ravel()).real / 2**n
    square = np.outer(mean, mean)
    scale = np.abs(square).max()
    for _ in range(5000):
        before, before_mean = square, mean
        for same, zero, vectors in spectra:
            inner = vectors.conj().T
            square = (vectors @ (same * (inner @ square @ vectors)) @ inner).real
            mean = (vectors @ (zero * (inner @ mean))).real
        if max(np.abs(square - before).max(), np.abs(mean - before_mean).max()) < 1e-12 * scale:
            break
    else:
        raise AssertionError("the average did not settle")
    r = (flat.conj() @ rho.ravel()).real
    return float(r @ mean), float(r @ square @ r)


def zeros(n: int) -> np.ndarray:
    rho = np.zeros((2**n, 2**n), dtype=complex)
    rho[0, 0] = 1.0
    return rho


def agree(got: Limit | str, expected: tuple[float, float]) -> None:
    assert isinstance(got, Limit)
    first, second = expected
    assert got.first == pytest.approx(first, abs=1e-8)
    assert got.second == pytest.approx(second, abs=1e-8)
    assert got.variance == pytest.approx(second - first**2, abs=1e-8)


def strings(n: int, *texts: str) -> list[Sentence]:
    """Every text shifted to every place where it fits."""
    return [
        sentence("I" * q + text + "I" * (n - len(text) - q)) for text in texts for q in range(n - len(text) + 1)
    ]


ROOT = sentence("XI", "IX", coefficients=[1.0, sqrt(2)])
WEIGHTS = sentence("ZZI", "IZZ", coefficients=[0.3, 0.7])
CASES = {
    "tfim path, its energy": (tfim(path(3), 3), couplings("Z", path(3)) + field("X", 3), 3),
    "tfim path, one spin": (tfim(path(3), 3), sentence("IZI"), 3),
    "tfim ring": (tfim(ring(3), 3), sentence("ZZI", "IIX", coefficients=[1.0, -0.4]), 3),
    "xxz": (brickwork(["XY", "Z"], 3), sentence("ZZI", "XIX", coefficients=[1.0, 0.5]), 3),
    "heisenberg": (brickwork(["XYZ"], 3), sentence("ZII", "XXI"), 3),
    "ltfim": (ltfim(3), sentence("ZZI"), 3),
    "equivariant": (equivariant(3), field("Z", 3), 3),
    "equivariant, one spin": (equivariant(3), sentence("ZII"), 3),
    "no common period": ([ROOT, couplings("Z", path(2))], field("Z", 2), 2),
    "weights": ([WEIGHTS, field("X", 3)], sentence("ZZI", "YZY"), 3),
    "commuting": ([field("X", 3), sentence("XXI")], sentence("ZZI", "IIZ"), 3),
    "nothing moves it": ([field("X", 3)], sentence("XII"), 3),
    "a constant": ([field("X", 2), couplings("Z", path(2))], sentence("II", "ZI", coefficients=[0.5, 2.0]), 2),
}
LARGE = {
    "tfim ring": (tfim(ring(4), 4), sentence("ZZII"), 4),
    "tfim complete": (tfim(complete(4), 4), sentence("ZZII", "IIXI", coefficients=[1.0, -0.4]), 4),
    "xxz": (brickwork(["XY", "Z"], 4), sentence("ZZII", "XIIX", coefficients=[1.0, 0.5]), 4),
    "heisenberg": (brickwork(["XYZ"], 4), sentence("ZIII", "XXII"), 4),
    "ltfim": (ltfim(4), couplings("Z", ring(4)), 4),
    "equivariant": (equivariant(4), couplings("Z", complete(4)) + field("X", 4), 4),
}


@pytest.mark.parametrize("case", CASES)
def test_limits_are_those_of_exact_averages_over_dense_operators(case: str) -> None:
    generators, cost, n = CASES[case]
    agree(limit(generators, cost, Initial(n)), moments(generators, cost, n, zeros(n)))


def test_random_sums_in_random_product_states() -> None:
    rng = np.random.default_rng(7)
    moved = 0
    for _ in range(40):
        n = int(rng.integers(1, 3))
        sums = []
        for _ in range(int(rng.integers(1, 4)) + 1):
            words = ["".join(rng.choice(list("IXYZ"), n)) for _ in range(int(rng.integers(1, 4)))]
            sums.append(sentence(*words, coefficients=rng.choice([1.0, -1.0, 2.0, 0.5], len(words)).tolist()))
        bloch = rng.normal(size=(n, 3))
        bloch /= np.linalg.norm(bloch, axis=1)[:, None]
        blocks = tuple(((q,), np.array([1.0, x, z, y])) for q, (x, y, z) in enumerate(bloch))
        rho = np.eye(1)
        for x, y, z in bloch:
            rho = np.kron(rho, 0.5 * np.array([[1 + z, x - 1j * y], [x + 1j * y, 1 - z]]))
        *generators, cost = sums
        if not all((*generators, cost.traceless())) or not all(g.traceless() for g in generators):
            continue
        expected = moments(generators, cost, n, rho)
        agree(limit(generators, cost, Initial(n, blocks)), expected)
        moved += expected[1] - expected[0] ** 2 > 1e-3
    assert moved > 8


def test_swaps_count_only_where_the_state_has_them() -> None:
    n = 3
    plus = np.array([1.0, 1.0, 0.0, 0.0])
    state = Initial(n, (((1,), plus),))
    rho = np.kron(np.kron(zeros(1), np.full((2, 2), 0.5)), zeros(1))
    for cost in (field("Z", n), couplings("Z", complete(n))):
        agree(limit(equivariant(n), cost, state), moments(equivariant(n), cost, n, rho))


def test_an_entangled_initial_state() -> None:
    bell = np.zeros((4, 4))
    bell[np.ix_([0, 3], [0, 3])] = 0.5
    table = np.zeros(16)
    for a, b in product(range(4), repeat=2):  # letters I, X, Z, Y, the first qubit the fastest
        letters = dict(enumerate("IXZY"))
        table[a + 4 * b] = np.trace(bell @ pauli_basis(2)["IXYZ".index(letters[a]) * 4 + "IXYZ".index(letters[b])]).real
    state = Initial(3, (((0, 1), table),))
    rho = np.kron(bell, zeros(1))
    for cost in (field("Z", 3), sentence("ZZI")):
        agree(limit(equivariant(3), cost, state), moments(equivariant(3), cost, 3, rho))


@pytest.mark.parametrize("n", [2, 3])
def test_universal_sets_are_two_designs(n: int) -> None:
    got = limit(strings(n, "X", "Z", "ZZ"), sentence("Z" * n), Initial(n))
    assert isinstance(got, Limit)
    assert (got.first, got.dimension) == (0.0, 4**n - 1)
    assert got.variance == pytest.approx(1 / (2**n + 1), rel=1e-9)


@pytest.mark.parametrize(("n", "k"), [(3, 1), (4, 1), (4, 2), (5, 1), (5, 2), (6, 1)])
def test_matchgates_share_a_binomial(n: int, k: int) -> None:
    got = limit(strings(n, "XX", "Z"), sentence("Z" * k + "I" * (n - k)), Initial(n))
    assert isinstance(got, Limit)
    assert got.variance == pytest.approx(comb(n, k) / comb(2 * n, 2 * k), rel=1e-9)


def test_single_strings_give_the_share_of_z_type_strings_in_the_orbit() -> None:
    rng = np.random.default_rng(8)
    sizes = set()
    for _ in range(40):
        n = int(rng.integers(1, 4))
        texts = ["".join(rng.choice(list("IXYZ"), n)) for _ in range(int(rng.integers(1, 6)))]
        cost = "".join(rng.choice(list("IXYZ"), n))
        if cost == "I" * n:
            continue
        generators = [word(text) for text in texts]
        orbit, queue = {(word(cost).x, word(cost).z)}, [word(cost)]
        while queue:
            string = queue.pop()
            for g in generators:
                if not g.commutes(string):
                    key = string.x ^ g.x, string.z ^ g.z
                    if key not in orbit:
                        orbit.add(key)
                        queue.append(PauliString(*key))
        got = limit([sentence(text) for text in texts], sentence(cost), Initial(n))
        assert isinstance(got, Limit)
        assert got.second == pytest.approx(sum(not x for x, _ in orbit) / len(orbit), abs=1e-9)
        sizes.add(len(orbit))
    assert len(sizes) > 4


def test_ragones_formula_where_the_algebra_is_all_of_su() -> None:
    # P_g(rho) P_g(O) / dim g of arXiv:2309.09342 for sums: Tr(O^2) (1 - 1/N) / (N^2 - 1)
    n, cost = 3, sentence("ZII", "XXY", "IYZ", coefficients=[0.7, -1.1, 0.4])
    got = limit(strings(n, "X", "Z", "ZZ"), cost, Initial(n))
    assert isinstance(got, Limit)
    size = 2**n
    assert got.variance == pytest.approx(size * cost.norm**2 * (1 - 1 / size) / (size**2 - 1), rel=1e-9)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Small matrices gain nothing from a second thread, and lose much to it on a busy machine."""
    with threadpool_limits(1):
        yield


@pytest.mark.parametrize("case", LARGE)
def test_deep_circuits_come_to_the_limit(case: str) -> None:
    generators, cost, n = LARGE[case]
    rng = np.random.default_rng(9)
    draws, layers = 3000, 60
    spectra = [np.linalg.eigh(dense(g, n)) for g in generators]
    psi = np.zeros((draws, 2**n), dtype=complex)
    psi[:, 0] = 1.0
    for _ in range(layers):
        for values, vectors in spectra:
            phases = np.exp(-1j * rng.uniform(0, 2 * pi, draws)[:, None] * values)
            psi = (psi @ vectors.conj() * phases) @ vectors.T
    c = np.einsum("di,ij,dj->d", psi.conj(), dense(cost, n), psi).real
    got = limit(generators, cost, Initial(n))
    assert isinstance(got, Limit)
    for sample, value in ((c, got.first), (c**2, got.second)):
        assert abs(sample.mean() - value) < 4.5 * sample.std() / sqrt(draws) + 1e-9


def test_units_of_cost_and_generators() -> None:
    generators, cost, n = CASES["ltfim"]
    plain = limit(generators, cost, Initial(n))
    scaled = limit([1e-9 * generators[0], 1e9 * generators[1], pi * generators[2]], 1e-60 * cost, Initial(n))
    assert isinstance(plain, Limit)
    assert isinstance(scaled, Limit)
    assert scaled.variance == pytest.approx(1e-120 * plain.variance, rel=1e-8)


def test_permutation_symmetry_reaches_further_than_strings_would() -> None:
    n = 10
    got = limit(equivariant(n), field("Z", n), Initial(n))
    assert isinstance(got, Limit)
    assert got.dimension == comb(n + 3, 3) - n // 2 - 1
    # in the symmetric subspace of n + 1 dimensions the group is all of SU(n + 1), where the state and the cost live
    size = n + 1
    square = sum((n - 2 * k) ** 2 for k in range(n + 1))
    assert got.variance == pytest.approx(square * (1 - 1 / size) / (size**2 - 1), rel=1e-8)


def test_no_generators_and_constants() -> None:
    assert limit([], sentence("ZZ"), Initial(2)) == Limit(1.0, 1.0, 0.0, 1)
    assert limit([field("X", 2)], sentence("II", coefficients=[2.0]), Initial(2)) == Limit(2.0, 4.0, 0.0, 0)
    assert limit([], Sentence(()), Initial(2)) == Limit(0.0, 0.0, 0.0, 0)
    assert limit([sentence("II")], sentence("ZI"), Initial(2)) == Limit(1.0, 1.0, 0.0, 1)


def test_what_is_too_large_or_too_uneven_is_refused_with_a_reason() -> None:
    found = limit(tfim(path(8), 8), sentence("IIIIZIII"), Initial(8))
    assert isinstance(found, str)
    assert "at least 500 dimensions" in found
    found = limit(tfim(path(6), 6), field("Z", 6), Initial(6), Budget(dimension=20))
    assert isinstance(found, str)
    assert "at least 20 dimensions" in found


@pytest.mark.parametrize("small", [1e-7, 1e-9, 1e-12, 1e-15])
def test_a_coupling_too_weak_for_floats_is_refused(small: float) -> None:
    for words in (("XI", "XZ"), ("XI", "IX")):
        weak = sentence(*words, coefficients=[1.0, small])
        found = limit([weak, sentence("ZZ")], sentence("ZI"), Initial(2))
        assert isinstance(found, str)
        assert "differ too much" in found


@pytest.mark.parametrize("small", [1e-3, 1e-5, 1e-9, 1e-13])
def test_slow_turns_are_counted_as_turns_or_refused(small: float) -> None:
    # the cost needs both angles to be away from zero: 1/4 where they are independent, 3/8 where they are one
    found = limit([sentence("XI", "IX", coefficients=[1.0, 1.0 + small])], sentence("ZZ"), Initial(2))
    assert isinstance(found, str) == (small < 1e-8)
    if isinstance(found, Limit):
        assert found.second == pytest.approx(0.25, abs=1e-6)
