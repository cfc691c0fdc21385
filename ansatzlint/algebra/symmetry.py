"""Qubits that may be swapped without a change: strings that differ by such swaps need not be told apart."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from math import comb

from ansatzlint.algebra.sentences import Sentence
from ansatzlint.pauli.strings import bits

Key = tuple[int, int]
"""(x, z) of a Pauli string."""

_CHECKS = 200_000


@dataclass(frozen=True, slots=True)
class Folding:
    """Classes of interchangeable qubits, each ascending, those of one qubit left out."""

    classes: tuple[tuple[int, ...], ...]
    _prefixes: tuple[tuple[int, ...], ...]

    @classmethod
    def of(cls, classes: Sequence[tuple[int, ...]]) -> Folding:
        kept = tuple(c for c in classes if len(c) > 1)
        prefixes = []
        for members in kept:
            masks = [0]
            for qubit in members:
                masks.append(masks[-1] | 1 << qubit)
            prefixes.append(tuple(masks))
        return cls(kept, tuple(prefixes))

    def fold(self, key: Key) -> Key:
        """The string of its orbit that stands for all: in each class the X first, then the Y, then the Z."""
        x, z = key
        for masks in self._prefixes:
            here = masks[-1]
            xs, ys, zs = _letters(x, z, here)
            x = x & ~here | masks[xs + ys]
            z = z & ~here | masks[xs + ys + zs] ^ masks[xs]
        return x, z

    def orbit(self, key: Key) -> int:
        """How many strings the swaps make of this one."""
        x, z = key
        size = 1
        for masks in self._prefixes:
            xs, ys, zs = _letters(x, z, masks[-1])
            free = len(masks) - 1
            size *= comb(free, xs) * comb(free - xs, ys) * comb(free - xs - ys, zs)
        return size


def _letters(x: int, z: int, here: int) -> tuple[int, int, int]:
    """How many X, Y and Z a string has on some qubits."""
    ys = (x & z & here).bit_count()
    return (x & here).bit_count() - ys, ys, (z & here).bit_count() - ys


def interchangeable(sentences: Sequence[Sentence], alike: Callable[[int, int], bool] | None = None) -> Folding:
    """Qubits whose swap leaves every sentence as it is, coefficients to the last bit.

    Parameters
    ----------
    alike
        Whether two qubits are alike in what else matters, say the initial state; an equivalence relation.
    """
    tables = [{(s.x, s.z): c for s, c in sentence.terms} for sentence in sentences]
    support = 0
    for sentence in sentences:
        support |= sentence.support
    touching: dict[int, list[tuple[int, Key, float]]] = {q: [] for q in bits(support)}
    for number, table in enumerate(tables):
        for key, c in table.items():
            for qubit in bits(key[0] | key[1]):
                touching[qubit].append((number, key, c))
    # swaps of a with b and of b with c make that of a with c: the first member stands for its class
    classes: dict[Hashable, list[list[int]]] = {}
    checks = 0
    for qubit in bits(support):
        mark = tuple(
            sorted(
                (number, (x | z).bit_count(), x >> qubit & 1, z >> qubit & 1, c)
                for number, (x, z), c in touching[qubit]
            )
        )
        similar = classes.setdefault(mark, [])
        for members in similar:
            first = members[0]
            checks += 2 * len(touching[qubit])
            if checks > _CHECKS:  # qubits that are kept apart cost time and no truth
                break
            if (alike is None or alike(first, qubit)) and all(
                tables[number].get(_swapped(key, first, qubit)) == c
                for on in (first, qubit)
                for number, key, c in touching[on]
            ):
                members.append(qubit)
                break
        else:
            similar.append([qubit])
    return Folding.of(sorted(tuple(members) for similar in classes.values() for members in similar))


def _swapped(key: Key, a: int, b: int) -> Key:
    x, z = (v ^ ((v >> a ^ v >> b) & 1) * (1 << a | 1 << b) for v in key)
    return x, z
