"""Lie algebras of sums of Pauli strings, against known families and against dense matrices."""

from __future__ import annotations

from math import comb, pi, sqrt

import numpy as np
import pytest
from algebra.lattices import brickwork, complete, dense, equivariant, ltfim, path, ring, sentence, tfim

from ansatzlint.algebra.closure import Budget, closure, simple, span
from ansatzlint.algebra.sentences import Sentence, commutator

FAMILIES = {
    **{f"tfim-path-{n}": (tfim(path(n), n), n * n) for n in range(3, 8)},
    **{f"tfim-ring-{n}": (tfim(ring(n), n), 3 * n - 1) for n in range(3, 8)},
    **{f"tfim-complete-{n}": (tfim(complete(n), n), d) for n, d in zip(range(3, 7), (8, 15, 24, 38), strict=True)},
    **{f"xx+yy-{n}": (brickwork(["XY"], n), d) for n, d in zip(range(3, 8), (3, 4, 10, 9, 21), strict=True)},
    **{f"heisenberg-{n}": (brickwork(["XYZ"], n), d) for n, d in zip(range(3, 7), (4, 8, 31, 66), strict=True)},
    **{f"xxz-{n}": (brickwork(["XY", "Z"], n), d) for n, d in zip(range(3, 6), (9, 20, 124), strict=True)},
    **{f"ltfim-{n}": (ltfim(n), d) for n, d in zip((3, 4), (19, 47), strict=True)},
    # all of the permutation-invariant algebra but floor(n/2) relative phases (2303.00728)
    **{f"equivariant-{n}": (equivariant(n), comb(n + 3, 3) - n // 2) for n in (*range(2, 11), 16)},
}
"""Dimensions of theory, most of them counted by others too; generators with the dimension."""


@pytest.mark.parametrize("family", FAMILIES)
def test_dimensions_of_families(family: str) -> None:
    generators, dimension = FAMILIES[family]
    found = closure(generators)
    assert (found.dimension, found.complete) == (dimension, True)
    assert "lower bound" not in found.note


def of_matrices(generators: list[np.ndarray]) -> int:
    """Dimension of the real Lie algebra by pairwise commutators and ranks."""
    kept: list[np.ndarray] = []

    def add(m: np.ndarray) -> bool:
        vector = np.concatenate([m.real.ravel(), m.imag.ravel()])
        for _ in range(2):
            for other in kept_vectors:
                vector = vector - (other @ vector) * other
        size = np.linalg.norm(vector)
        if size < 1e-8:
            return False
        kept_vectors.append(vector / size)
        half = len(vector) // 2
        kept.append((vector[:half] + 1j * vector[half:]).reshape(m.shape) / size)
        return True

    kept_vectors: list[np.ndarray] = []
    for g in generators:
        add(1j * g / max(1.0, np.linalg.norm(g)))
    done = 0
    while done < len(kept):
        for k in range(done):
            add(kept[done] @ kept[k] - kept[k] @ kept[done])
        done += 1
    return len(kept)


SIMPLE = [1.0, -1.0, 2.0, 0.5, 0.1, 0.3, 1 / 3, sqrt(2), -1 / sqrt(2), pi / 4, 0.8612537]


def test_random_sums_have_the_dimension_of_their_matrices() -> None:
    rng = np.random.default_rng(3)
    seen = set()
    for _ in range(60):
        n = int(rng.integers(1, 4))
        generators = []
        for _ in range(int(rng.integers(1, 4))):
            words = ["".join(rng.choice(list("IXYZ"), n)) for _ in range(int(rng.integers(1, 4)))]
            generators.append(sentence(*words, coefficients=rng.choice(SIMPLE, len(words)).tolist()))
        found = closure(generators)
        assert found.complete
        assert found.dimension == of_matrices([dense(g, n) for g in generators])
        seen.add(found.dimension)
    assert len(seen) > 8


@pytest.mark.parametrize("family", ["tfim-path-4", "tfim-ring-5", "xxz-4", "equivariant-3", "heisenberg-5"])
def test_the_named_commutators_are_a_basis(family: str) -> None:
    generators, dimension = FAMILIES[family]
    elements: list[Sentence] = []
    for which, parent in closure(generators).basis:
        elements.append(generators[which] if parent < 0 else commutator(generators[which], elements[parent]))
    strings = {string: k for k, string in enumerate({s for e in elements for s, _ in e.terms})}
    table = np.zeros((len(elements), len(strings)))
    for row, element in zip(table, elements, strict=True):
        for string, c in element.terms:
            row[strings[string]] = c / element.norm
    assert np.linalg.matrix_rank(table) == dimension == len(elements)


def test_pennylane_agrees() -> None:
    import pennylane as qml

    letters = {"X": qml.X, "Y": qml.Y, "Z": qml.Z}
    for family in ("tfim-path-4", "ltfim-3", "xxz-4"):
        generators, _ = FAMILIES[family]
        theirs = [
            qml.sum(*(c * qml.prod(*(letters[a](q) for q, a in s.letters())) for s, c in g.terms)) for g in generators
        ]
        assert len(qml.lie_closure(theirs)) == closure(generators).dimension


def test_scales_repeats_order_and_the_identity() -> None:
    zz, x = tfim(path(4), 4)
    assert closure([0.123 * zz, -pi * x]).dimension == 16
    assert closure([x, zz, zz, 2.0 * x]).dimension == 16
    assert closure([1e-120 * zz, 1e90 * x]).dimension == 16
    assert closure([sentence("II")]).dimension == 1
    assert closure([Sentence(())]).dimension == 0
    assert closure([]).complete


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ((0.1 + 0.2, 0.1), (0.3, 0.1)),
        ((1.0, sqrt(2)), (sqrt(2), 2.0)),
        ((pi, pi / 3), (3.0, 1.0)),
        ((1 / 3, 1 / 7), (7.0, 3.0)),
        ((0.17218393, 0.16892754), (17.218393, 16.892754)),
    ],
)
def test_coefficients_are_taken_as_the_numbers_meant(first: tuple[float, ...], second: tuple[float, ...]) -> None:
    generators = [sentence("ZI", "IZ", coefficients=c) for c in (first, second)]
    found = closure(generators)
    assert (found.dimension, found.recognised) == (1, True)


def test_other_coefficients_are_taken_as_floats_and_that_is_said() -> None:
    found = closure([sentence("ZI", "IZ", coefficients=c) for c in ((1.0, sqrt(5)), (sqrt(5), 5.0))])
    assert not found.recognised
    assert "floats" in found.note
    assert found.dimension == 2


@pytest.mark.parametrize("value", [0.0, 1e-300, 1e300, 5e-324, float("inf"), float("nan")])
def test_odd_floats_are_recognised_or_refused_in_silence(value: float) -> None:
    found = simple(value)
    assert found is None or float(found[0]) == pytest.approx(value, rel=1e-14)


def test_what_does_not_fit_is_a_lower_bound() -> None:
    generators, dimension = FAMILIES["xxz-5"]
    budgets = Budget(dimension=50), Budget(strings=60), Budget(work=100_000)
    for budget in budgets:
        found = closure(generators, budget)
        assert not found.complete
        assert 0 < found.dimension < dimension
        assert "lower bound" in found.note
    assert closure(generators, Budget(dimension=dimension)).complete


def test_a_large_family_is_cut_off_and_a_small_algebra_of_many_qubits_is_not() -> None:
    assert not closure(brickwork(["XYZ"], 40), Budget(work=50_000_000)).complete
    found = closure(tfim(ring(60), 60))
    assert (found.dimension, found.complete) == (179, True)


def test_a_module_is_closed_under_the_generators_alone() -> None:
    # products of k of the 2 n Majorana operators: separate angles of matchgates keep k
    n = 4
    generators = [sentence("I" * q + pair + "I" * (n - 2 - q)) for q in range(n - 1) for pair in ("XX", "YX")]
    generators += [sentence("I" * q + "Z" + "I" * (n - 1 - q)) for q in range(n)]
    products = {"XIII": 1, "ZIII": 2, "ZXII": 1, "IXII": 3, "ZZII": 4, "ZIZI": 4, "ZZZI": 6, "ZZZZ": 8}
    for cost, k in products.items():
        assert span(generators, [sentence(cost)]).dimension == comb(2 * n, k)
    assert span(generators, [sentence("XIII"), sentence("ZIII")]).dimension == 8 + 28
