"""In how many ways chosen vectors over GF(2) add up to a given one: the Z-type strings of free fermions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import product
from math import comb, prod
from operator import add, le

from ansatzlint.algebra.linear import Echelon, parity

_WORK = 1 << 22

Polynomial = Mapping[tuple[int, ...], int]
"""Coefficients by exponents."""
Kinds = tuple[tuple[tuple[int, ...], int, int], ...]
"""(members in each list, whether an odd number is taken, how many such classes)."""


@dataclass(frozen=True)
class Fillings:
    """Lists of vectors to choose from; equal vectors are one class.

    Attributes
    ----------
    vectors : tuple of int
        One a class.
    members : tuple of tuple of int
        For each class how many members it has in each list.
    """

    vectors: tuple[int, ...]
    members: tuple[tuple[int, ...], ...]

    @classmethod
    def of(cls, lists: Sequence[Sequence[int]]) -> Fillings:
        sizes: dict[int, list[int]] = {}
        for j, vectors in enumerate(lists):
            for vector in vectors:
                sizes.setdefault(vector, [0] * len(lists))[j] += 1
        return cls(tuple(sizes), tuple(tuple(m) for m in sizes.values()))

    @cached_property
    def _combinations(self) -> Echelon:
        # Above, a sum of classes; below, which ones.
        classes = len(self.vectors)
        return Echelon.of(v << classes | 1 << i for i, v in enumerate(self.vectors))

    @cached_property
    def _relations(self) -> tuple[int, ...]:
        return self._combinations.below(len(self.vectors))

    def count(self, numbers: tuple[int, ...], target: int) -> int | None:
        """How many choices of numbers[j] from list j, all j, add up to the target; None if that would take too long."""
        classes = len(self.vectors)
        # How often a class is chosen counts modulo 2: these parities solve a linear system.
        start = self._combinations.reduce(target << classes, above=classes)
        if start >> classes:
            return 0
        terms = prod(k + 1 for k in numbers)
        most = max(prod(min(m, k) + 1 for m, k in zip(ms, numbers, strict=True)) for ms in self.members)
        relations = self._relations
        if classes * most * terms << len(relations) <= _WORK:
            return sum(_ways(numbers, self._kinds(parities)) for parities in _coset(start, relations))
        rank = classes - len(relations)
        if rank < 16 and classes << rank <= _WORK:
            return self._by_characters(numbers, target)
        return None

    def _kinds(self, parities: int) -> Kinds:
        kinds = Counter((members, parities >> i & 1) for i, members in enumerate(self.members))
        return tuple(sorted((members, odd, number) for (members, odd), number in kinds.items()))

    def _by_characters(self, numbers: tuple[int, ...], target: int) -> int:
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
        sizes = [sum(m[j] for m in self.members) for j in range(len(numbers))]
        total = 0
        known: dict[tuple[int, int, int], int] = {}
        for character in range(1 << len(leads)):
            negative = [0] * len(numbers)
            for c, members in classes:
                if parity(character & c):
                    for j, m in enumerate(members):
                        negative[j] += m
            value = -1 if parity(character & at_target) else 1
            for k, size, minus in zip(numbers, sizes, negative, strict=True):
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


@lru_cache(maxsize=1024)
def _ways(numbers: tuple[int, ...], kinds: Kinds) -> int:
    """How many choices take so many members of each list, with the given parities: a coefficient of a product."""
    polynomial: Polynomial = {(0,) * len(numbers): 1}
    for members, odd, number in kinds:
        polynomial = _times(numbers, polynomial, _power(numbers, _part(numbers, members, odd), number))
    return polynomial.get(numbers, 0)


def _part(numbers: tuple[int, ...], members: tuple[int, ...], odd: int) -> Polynomial:
    """The choices from one class, an odd or an even number of members in all."""
    ranges = [range(min(m, k) + 1) for m, k in zip(members, numbers, strict=True)]
    return {
        taken: prod(comb(m, t) for m, t in zip(members, taken, strict=True))
        for taken in product(*ranges)
        if sum(taken) % 2 == odd
    }


def _power(numbers: tuple[int, ...], base: Polynomial, power: int) -> Polynomial:
    if len(base) == 2:
        (p, c), (q, d) = base.items()
        terms = {}
        for i in range(power + 1):
            exponents = tuple((power - i) * a + i * b for a, b in zip(p, q, strict=True))
            if all(map(le, exponents, numbers)):
                terms[exponents] = comb(power, i) * c ** (power - i) * d**i
        return terms
    found: Polynomial = {(0,) * len(numbers): 1}
    while power:
        if power & 1:
            found = _times(numbers, found, base)
        power >>= 1
        if power:
            base = _times(numbers, base, base)
    return found


def _times(numbers: tuple[int, ...], a: Polynomial, b: Polynomial) -> Polynomial:
    """The product without the terms that cannot matter."""
    found: dict[tuple[int, ...], int] = {}
    for p, c in a.items():
        for q, d in b.items():
            exponents = tuple(map(add, p, q))
            if all(map(le, exponents, numbers)):
                found[exponents] = found.get(exponents, 0) + c * d
    return found
