"""Interchangeable qubits, against all permutations."""

from __future__ import annotations

from itertools import permutations

import numpy as np
from algebra.lattices import complete, couplings, equivariant, field, ltfim, path, sentence, tfim

from ansatzlint.algebra.closure import Budget, Spin
from ansatzlint.algebra.sentences import Sentence
from ansatzlint.algebra.symmetry import Folding, Key, interchangeable
from ansatzlint.pauli.strings import PauliString


def permuted(key: Key, order: tuple[int, ...]) -> Key:
    x, z = (sum((v >> q & 1) << to for q, to in enumerate(order)) for v in key)
    return x, z


def test_orbits_and_their_representatives() -> None:
    n, classes = 5, ((0, 2, 3), (1, 4))
    folding = Folding.of([*classes, ()])
    orders = [o for o in permutations(range(n)) if all({o[q] for q in c} == set(c) for c in classes)]
    assert len(orders) == 12
    rng = np.random.default_rng(4)
    for _ in range(100):
        key = int(rng.integers(2**n)), int(rng.integers(2**n))
        orbit = {permuted(key, order) for order in orders}
        assert len(orbit) == folding.orbit(key)
        assert {folding.fold(other) for other in orbit} == {folding.fold(key)}
        assert folding.fold(key) in orbit


def test_classes_are_those_of_the_transpositions_that_change_nothing() -> None:
    rng = np.random.default_rng(5)
    merged = 0
    for _ in range(200):
        n = 4
        sentences = [
            Sentence.of(
                (PauliString(int(rng.integers(2**n)), int(rng.integers(2**n))), float(rng.choice([1.0, 2.0])))
                for _ in range(int(rng.integers(1, 4)))
            )
            for _ in range(int(rng.integers(1, 3)))
        ]
        support = 0
        for s in sentences:
            support |= s.support
        together = {q: q for q in range(n)}
        for a in range(n):
            for b in range(a):
                order = list(range(n))
                order[a], order[b] = b, a
                same = all(
                    Sentence.of((PauliString(*permuted((s.x, s.z), tuple(order))), c) for s, c in x.terms) == x
                    for x in sentences
                )
                if same and support >> a & support >> b & 1:
                    together[a] = together[b]
        expected = {tuple(q for q in range(n) if together[q] == f) for f in set(together.values())}
        assert set(interchangeable(sentences).classes) == {c for c in expected if len(c) > 1}
        merged += any(len(c) > 1 for c in expected)
    assert merged > 20


def test_known_classes() -> None:
    assert interchangeable(equivariant(6)).classes == (tuple(range(6)),)
    assert interchangeable(tfim(path(5), 5)).classes == ()
    assert interchangeable([*equivariant(4), sentence("ZIII")]).classes == ((1, 2, 3),)
    assert interchangeable(equivariant(4), lambda a, b: (a < 2) == (b < 2)).classes == ((0, 1), (2, 3))


def test_many_qubits_take_no_time_and_lose_no_truth() -> None:
    # beyond the number of checks qubits stay apart, which is always right
    found = interchangeable([couplings("Z", path(3000)), field("X", 3000)])
    assert found.classes == ()


def test_folded_and_unfolded_spans_have_one_dimension() -> None:
    n = 5
    for generators in (equivariant(n), tfim(complete(n), n), [couplings("XY", complete(n)), field("Z", n)], ltfim(3)):
        folded = Spin(generators, generators, Budget(), interchangeable(generators)).run()
        plain = Spin(generators, generators, Budget(), Folding.of([])).run()
        assert folded.complete
        assert folded == plain
