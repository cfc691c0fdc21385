"""Sums of Pauli strings that families of circuits have as generators, and dense matrices of such sums."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from moments.matrices import matrix

from ansatzlint.algebra.sentences import Sentence
from ansatzlint.pauli.strings import PauliString

Pairs = Sequence[tuple[int, int]]


def word(text: str) -> PauliString:
    """Letter k of the text on qubit k."""
    return PauliString.of(enumerate(text))


def sentence(*words: str, coefficients: Iterable[float] | None = None) -> Sentence:
    return Sentence.of(zip(map(word, words), coefficients or [1.0] * len(words), strict=True))


def path(n: int) -> Pairs:
    return [(i, i + 1) for i in range(n - 1)]


def ring(n: int) -> Pairs:
    return [(i, (i + 1) % n) for i in range(n)]


def complete(n: int) -> Pairs:
    return [(a, b) for b in range(n) for a in range(b)]


def couplings(letters: str, pairs: Pairs) -> Sentence:
    """The sum over pairs and over letters of that letter on both qubits."""
    return Sentence.of((PauliString.of([(a, letter), (b, letter)]), 1.0) for letter in letters for a, b in pairs)


def field(letter: str, n: int) -> Sentence:
    return Sentence.of((PauliString.of([(q, letter)]), 1.0) for q in range(n))


def tfim(pairs: Pairs, n: int) -> list[Sentence]:
    return [couplings("Z", pairs), field("X", n)]


def brickwork(groups: Sequence[str], n: int) -> list[Sentence]:
    """One sum for every group of letters on the even bonds of a chain, then on the odd bonds."""
    return [couplings(letters, path(n)[start::2]) for start in (0, 1) for letters in groups]


def ltfim(n: int) -> list[Sentence]:
    return [couplings("Z", ring(n)), field("X", n), field("Z", n)]


def equivariant(n: int) -> list[Sentence]:
    """What keeps all permutations of the qubits."""
    return [couplings("Z", complete(n)), field("X", n), field("Y", n)]


def dense(h: Sentence, n: int) -> np.ndarray:
    return sum((c * matrix(string, n) for string, c in h.terms), np.zeros((2**n, 2**n), dtype=complex))
