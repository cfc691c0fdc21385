"""Sums of Pauli strings: how they are written, their commutators against matrices."""

from __future__ import annotations

from math import inf, nan, sqrt

import numpy as np
import pytest
from algebra.lattices import dense, sentence, word

from ansatzlint.algebra.sentences import Sentence, bracket, commutator
from ansatzlint.pauli.strings import PauliString


def randomly(rng: np.random.Generator, n: int, terms: int) -> Sentence:
    keys = rng.integers(2**n, size=(terms, 2)).tolist()
    signs = rng.choice([1, -1], terms).tolist()
    strings = [PauliString(x, z, sign) for (x, z), sign in zip(keys, signs, strict=True)]
    return Sentence.of(zip(strings, rng.normal(size=terms), strict=True))


def test_equal_strings_add_up_signs_go_into_coefficients_and_zeros_go() -> None:
    x, z = word("X"), word("Z")
    minus = PauliString(x.x, x.z, -1)
    assert Sentence.of([(x, 1.0), (minus, 0.25), (z, 2.0), (z, -2.0)]) == Sentence(((x, 0.75),))
    assert not Sentence.of([(x, 1.0), (minus, 1.0)])
    assert Sentence.of([(x, 1.0), (z, 2.0)]) == Sentence.of([(z, 2.0), (x, 1.0)])


@pytest.mark.parametrize("value", [nan, inf, -inf])
def test_a_coefficient_must_be_finite(value: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        Sentence.of([(word("X"), value)])


def test_sums_multiples_and_norms_are_those_of_the_matrices() -> None:
    rng = np.random.default_rng(1)
    for _ in range(20):
        a, b = randomly(rng, 3, 4), randomly(rng, 3, 4)
        assert np.allclose(dense(a + b, 3), dense(a, 3) + dense(b, 3))
        assert np.allclose(dense(-0.5 * a, 3), -0.5 * dense(a, 3))
        assert a.norm == pytest.approx(np.linalg.norm(dense(a, 3)) / sqrt(8))


def test_norms_neither_overflow_nor_vanish() -> None:
    assert (1e200 * sentence("X", "Z")).norm == pytest.approx(sqrt(2) * 1e200)
    assert (1e-200 * sentence("X", "Z")).norm == pytest.approx(sqrt(2) * 1e-200)
    assert Sentence(()).norm == 0.0


def test_commutators_are_those_of_the_matrices() -> None:
    rng = np.random.default_rng(2)
    nonzero = 0
    for _ in range(50):
        a, b = randomly(rng, 3, 3), randomly(rng, 3, 3)
        p, q = dense(a, 3), dense(b, 3)
        got = commutator(a, b)
        assert np.allclose(dense(got, 3), 0.5j * (p @ q - q @ p))
        nonzero += bool(got)
    assert nonzero > 25


def test_brackets_of_single_strings() -> None:
    assert bracket(word("X"), word("Y")) == (-1, word("Z"))
    assert bracket(word("Y"), word("X")) == (1, word("Z"))
    assert bracket(word("XX"), word("ZZ")) is None


def test_parallel_means_one_is_a_multiple_of_the_other() -> None:
    a = sentence("XX", "ZZ", coefficients=[0.1, 0.3])
    assert a.parallel(-7.3 * a)
    assert a.parallel(sentence("XX", "ZZ", coefficients=[1.0, 3.0]))
    assert a.parallel(Sentence(()))
    assert not a.parallel(sentence("XX", "ZZ", coefficients=[0.1, 0.3000001]))
    assert not a.parallel(sentence("XX", "ZZ", coefficients=[0.1, -0.3]))
    assert not a.parallel(sentence("XX"))


def test_traceless_drops_the_identity_alone() -> None:
    assert sentence("II", "XI", coefficients=[2.0, 3.0]).traceless() == sentence("XI", coefficients=[3.0])


def test_support() -> None:
    assert sentence("IXI", "IIZ").support == 0b110
