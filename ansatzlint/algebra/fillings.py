"""In how many ways chosen vectors over GF(2) add up to a given one: the Z-type strings of free fermions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import comb, prod

from ansatzlint.algebra.linear import Echelon, parity

_WORK = 1 << 22

Polynomial = Mapping[tuple[int, ...], int]
"""Coefficients by exponents."""


@dataclass(frozen=True, slots=True)
class Fillings:
    """Choices of `numbers[j]` members of list j for every j; equal vectors are one class.

    Attributes
    ----------
    numbers : tuple of int
    vectors : tuple of int
        One a class.
    members : tuple of tuple of int
        For each class how many members it has in each list.
    """

    numbers: tuple[int, ...]
    vectors: tuple[int, ...]
    members: tuple[tuple[int, ...], ...]

    @classmethod
    def of(cls, lists: Sequence[tuple[int, Sequence[int]]]) -> Fillings:
        """From (how many to choose, the vectors) of each list."""
        sizes: dict[int, list[int]] = {}
        for j, (_, vectors) in enumerate(lists):
            for vector in vectors:
                sizes.setdefault(vector, [0] * len(lists))[j] += 1
        return cls(tuple(k for k, _ in lists), tuple(sizes), tuple(tuple(m) for m in sizes.values()))

    def count(self, target: int) -> int | None:
        """How many choices of all the lists add up to the target; None where that would take too long."""
        classes = len(self.vectors)
        # How often a class is chosen counts modulo 2: these parities solve a linear system.
        echelon = Echelon.of(v << classes | 1 << i for i, v in enumerate(self.vectors))
        start = echelon.reduce(target << classes, above=classes)
        if start >> classes:
            return 0
        kernel = echelon.below(classes)
        terms = prod(k + 1 for k in self.numbers)
        factors = [(self._part(m, 0), self._part(m, 1)) for m in self.members]
        if sum(max(map(len, pair)) for pair in factors) * terms << len(kernel) <= _WORK:
            return self._by_parities(factors, start, kernel)
        rank = classes - len(kernel)
        if rank < 16 and classes << rank <= _WORK:
            return self._by_characters(target)
        return None

    def _by_parities(
        self, factors: Sequence[tuple[Polynomial, Polynomial]], start: int, kernel: Sequence[int]
    ) -> int:
        total = 0
        for parities in _coset(start, kernel):
            polynomial: Polynomial = {(0,) * len(self.numbers): 1}
            for i, pair in enumerate(factors):
                polynomial = self._times(polynomial, pair[parities >> i & 1])
                if not polynomial:
                    break
            total += polynomial.get(self.numbers, 0)
        return total

    def _part(self, members: Sequence[int], odd: int) -> Polynomial:
        """The number of choices from one class, an odd or an even number of members in all."""
        ranges = [range(min(m, k) + 1) for m, k in zip(members, self.numbers, strict=True)]
        return {
            taken: prod(comb(m, t) for m, t in zip(members, taken, strict=True))
            for taken in product(*ranges)
            if sum(taken) % 2 == odd
        }

    def _times(self, a: Polynomial, b: Polynomial) -> Polynomial:
        found: dict[tuple[int, ...], int] = {}
        for p, c in a.items():
            for q, d in b.items():
                exponents = tuple(i + j for i, j in zip(p, q, strict=True))
                if all(e <= k for e, k in zip(exponents, self.numbers, strict=True)):
                    found[exponents] = found.get(exponents, 0) + c * d
        return found

    def _by_characters(self, target: int) -> int:
        """By the mean over all signs that a character gives to the vectors (Krawtchouk polynomials)."""
        # A character is fixed by its values at a basis: bit i of coordinates says whether basis vector i is a part.
        basis = Echelon.of(self.vectors)
        leads = sorted(basis.rows, reverse=True)

        def coordinates(vector: int) -> int:
            found = 0
            for i, length in enumerate(leads):
                if vector >> length - 1 & 1:
                    vector ^= basis.rows[length]
                    found |= 1 << i
            return found

        classes = [(coordinates(v), m) for v, m in zip(self.vectors, self.members, strict=True)]
        at_target = coordinates(target)
        sizes = [sum(m[j] for m in self.members) for j in range(len(self.numbers))]
        total = 0
        known: dict[tuple[int, int, int], int] = {}
        for character in range(1 << len(leads)):
            negative = [0] * len(self.numbers)
            for c, members in classes:
                if parity(character & c):
                    for j, m in enumerate(members):
                        negative[j] += m
            value = -1 if parity(character & at_target) else 1
            for k, size, minus in zip(self.numbers, sizes, negative, strict=True):
                key = k, size, minus
                if key not in known:
                    known[key] = sum(
                        (-1) ** t * comb(minus, t) * comb(size - minus, k - t) for t in range(min(k, minus) + 1)
                    )
                value *= known[key]
            total += value
        return total >> len(leads)


def _coset(start: int, kernel: Sequence[int]) -> Iterator[int]:
    """start + every sum of the kernel's vectors, each once (a Gray code)."""
    yield start
    for step in range(1, 1 << len(kernel)):
        start ^= kernel[(step & -step).bit_length() - 1]
        yield start
