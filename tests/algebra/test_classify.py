"""Components and dimensions against closures by brute force, and against published tables."""

from __future__ import annotations

import time

import pytest
from algebra.brute import closure, pair, random_set, random_sets

import ansatzlint.algebra.classify as module
from ansatzlint.algebra.classify import Component, blocks, count
from ansatzlint.pauli.strings import PauliString


def _dimension(strings: list[PauliString], qubits: int) -> int:
    return sum(block.component.dimension for block in blocks(strings, qubits))


def _words(n: int, *words: str, ring: bool = False) -> list[PauliString]:
    """Two-letter words on neighbours of a chain."""
    return [
        PauliString.of(((i, word[0]), ((i + 1) % n, word[1]))) for word in words for i in range(n if ring else n - 1)
    ]


def _single(n: int, letter: str) -> list[PauliString]:
    return [PauliString.of([(i, letter)]) for i in range(n)]


def test_dimensions_against_brute_force() -> None:
    kinds: dict[tuple[str, bool], int] = {}
    for n, strings, _ in random_sets(4, 8_000):
        found = blocks(strings, n)
        assert sum(b.component.dimension for b in found) == len(closure(strings)), (n, strings)
        for block in found:
            key = block.component.kind, block.fermions is not None
            kinds[key] = kinds.get(key, 0) + 1
    assert set(kinds) == {("so", True), ("so", False), ("su", False), ("sp", False), ("u", False)}
    assert min(kinds.values()) > 50


def _so(k: int) -> int:
    return k * (k - 1) // 2


def _su(k: int) -> int:
    return k * k - 1


def _sp(k: int) -> int:
    return k * (2 * k + 1)


def _a3(n: int) -> int:
    k = 1 << n
    return {0: 4 * _so(k // 4), 4: 4 * _sp(k // 8)}.get(
        n % 8, _so(k // 2) if n % 8 in (1, 7) else 2 * _su(k // 4) if n % 8 in (2, 6) else _sp(k // 4)
    )


def _a5(n: int) -> int:
    k = 1 << n
    return {0: 4 * _so(k // 4), 3: _sp(k // 4)}.get(n % 6, _so(k // 2) if n % 6 in (1, 5) else 2 * _su(k // 4))


def _a7(n: int) -> int:
    return _su(1 << n - 1) if n % 2 else 4 * _su(1 << n - 2)


TABLE = {
    "XX": lambda n: n - 1,
    "XY": _so,
    "XY YX": lambda n: 2 * _so(n),
    "XX YZ": _a3,
    "XX YY": lambda n: 2 * _so(n),
    "XY YZ": _a5,
    "XX YZ ZY": _a7,
    "XX YY ZZ": _a7,
    "XY YZ ZX": _a7,
    "XX XZ": lambda n: _so(2 * n - 1),
    "XY XZ": lambda n: _sp(1 << n - 2),
    "XY YX YZ": lambda n: _so(7) if n == 3 else _so(1 << n),
    "XX XY YZ": lambda n: _sp(4) if n == 3 else _su(1 << n),
    "XX YY YZ": lambda n: 2 * _su(1 << n - 1),
    "XX YY XY": lambda n: _so(2 * n),
    "XX XY XZ": lambda n: 2 * _su(1 << n - 1),
    "XY YX YZ ZY": lambda n: _so(1 << n),
    "XX XY ZX": lambda n: _sp(4) if n == 3 else _su(1 << n),
    "XX XZ YY ZY": lambda n: _su(1 << n),
    "XX XY ZX YZ": lambda n: _su(1 << n),
    "XX YY ZZ ZY": lambda n: 2 * _su(1 << n - 1),
    "XX YY XY ZX": lambda n: _su(1 << n),
    "XX XY XZ YX": lambda n: _su(1 << n),
    "XI IX": lambda n: n,
    "XX XI IX": lambda n: 2 * n - 1,
    "XY XI IX": lambda n: _sp(1 << n - 2) + 1,
    "XI YI IX IY": lambda n: 3 * n,
    "XX XY XZ XI IX IY IZ": lambda n: 2 * _su(1 << n - 1) + 1,
}
"""Dimensions of the algebras of two-local open chains, Wiersema et al., arXiv:2309.05690."""


@pytest.mark.parametrize("words", TABLE)
def test_open_chains(words: str) -> None:
    for n in range(3, 9):
        assert _dimension(_words(n, *words.split()), n) == TABLE[words](n), n


def test_angles_of_their_own() -> None:
    for n in range(3, 8):
        for field in (_single(n, "X"), _single(n, "Y")):
            assert _names([*_words(n, "ZZ"), *field], n) == [f"so({2 * n})"]
            ring = blocks([*_words(n, "ZZ", ring=True), *field], n)
            assert [(b.component.name, b.component.copies) for b in ring] == [(f"so({2 * n})", 2)]
        universal = [*_single(n, "X"), *_single(n, "Z"), *_words(n, "ZZ")]
        assert _names(universal, n) == [f"su({1 << n})" if n < 7 else f"su(2^{n})"]


def _names(strings: list[PauliString], n: int) -> list[str]:
    return [b.component.name for b in blocks(strings, n)]


def test_what_does_not_matter() -> None:
    plain = [PauliString(1, 0), PauliString(0, 1), PauliString(2, 2)]
    noisy = [PauliString(0, 0), PauliString(1, 0, -1), *plain, PauliString(2, 2, -1), *plain]
    for strings in (plain, noisy):
        found = [b.component for b in blocks(strings, 3)]
        assert [(c.name, c.copies, c.dimension, c.qubits) for c in found] == [
            ("su(2)", 1, 3, (0,)), ("u(1)", 1, 1, (1,)),
        ]  # fmt: skip
    assert blocks([PauliString(0, 0)], 2) == ()
    assert blocks([], 2) == ()


def test_only_commuting_generators() -> None:
    found = blocks([PauliString(0, z) for z in range(1, 8)], 3)
    assert [b.component.name for b in found] == ["u(1)"] * 7


def test_generators_that_others_generate_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    left_out = 0
    for n, strings, rng in random_sets(6, 500):
        strings = [*strings, *random_set(rng, n), *random_set(rng, n)]
        whole = blocks(strings, n)
        with monkeypatch.context() as patch:
            patch.setattr(module, "_MANY", rng.randrange(1, 8))
            pruned = blocks(strings, n)
        assert sorted(map(_key, pruned)) == sorted(map(_key, whole))
        left_out += sum(len(b.strings) for b in whole) - sum(len(b.strings) for b in pruned)
        algebra = closure(strings)
        for _ in range(5):
            probe = PauliString(rng.randrange(1 << n), rng.randrange(1 << n))
            held = any(b.holds(probe) for b in whole)
            assert held <= (pair(probe) in algebra)
            if all(b.fermions is None for b in whole):
                assert held == (pair(probe) in algebra)
    assert left_out > 100


def _key(block: module.Block) -> tuple[str, int, int, tuple[int, ...]]:
    part = block.component
    return part.kind, part.size, part.copies, part.qubits


@pytest.mark.parametrize("seed", [0, 1])
def test_ten_thousand_generators_take_seconds(seed: int) -> None:
    import random

    rng = random.Random(seed)
    n = (200, 1000)[seed]
    strings = [PauliString(rng.getrandbits(n), rng.getrandbits(n)) for _ in range(10_000)]
    started = time.perf_counter()
    assert _names(strings, n) == [f"su(2^{n})"]
    assert time.perf_counter() - started < 20.0


def test_a_thousand_qubits() -> None:
    n = 1000
    chain = [*_words(n, "XX"), *_single(n, "Z")]
    (found,) = blocks(chain, n)
    assert found.component == Component("so", 2 * n, 1, tuple(range(n)))
    assert found.component.dimension == n * (2 * n - 1)
    (found,) = blocks([*chain, *_single(n, "X")], n)
    assert found.component.dimension == 4**n - 1


def test_counts() -> None:
    assert [count(k) for k in (1, 64, 100, 128, 1000, 1 << 30)] == ["1", "64", "100", "2^7", "1000", "2^30"]
