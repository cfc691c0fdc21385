"""Sums of Pauli strings as elements of a Lie algebra."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import isfinite, sqrt

from ansatzlint.pauli.strings import PauliString, multiply

_PARALLEL = 1e-12


@dataclass(frozen=True, slots=True)
class Sentence:
    """A real combination H of Pauli strings, standing for the element i H of u(2^n).

    `terms` are sorted by (x, z); every string has sign 1 and stands once, no coefficient is zero. Build it
    with `of`.
    """

    terms: tuple[tuple[PauliString, float], ...]

    @classmethod
    def of(cls, terms: Iterable[tuple[PauliString, float]]) -> Sentence:
        """From strings with coefficients: signs go into the coefficients, equal strings add up, zeros are dropped.

        Raises
        ------
        ValueError
            For a coefficient that is infinite or no number.
        """
        found: dict[tuple[int, int], float] = {}
        for string, coefficient in terms:
            key = string.x, string.z
            found[key] = found.get(key, 0.0) + string.sign * float(coefficient)
        for value in found.values():
            if not isfinite(value):
                raise ValueError(f"a coefficient of a Pauli string must be finite, not {value}")
        return cls(tuple((PauliString(*key), found[key]) for key in sorted(found) if found[key] != 0.0))

    def __bool__(self) -> bool:
        return bool(self.terms)

    def __add__(self, other: Sentence) -> Sentence:
        return Sentence.of((*self.terms, *other.terms))

    def __rmul__(self, factor: float) -> Sentence:
        return Sentence.of((string, factor * coefficient) for string, coefficient in self.terms)

    @property
    def support(self) -> int:
        """The qubits that it acts on, as bits."""
        found = 0
        for string, _ in self.terms:
            found |= string.support
        return found

    @property
    def norm(self) -> float:
        """sqrt(sum of the squared coefficients) = sqrt(Tr H^2 / 2^n)."""
        largest = max((abs(coefficient) for _, coefficient in self.terms), default=0.0)
        if largest == 0.0:
            return 0.0
        return largest * sqrt(sum((coefficient / largest) ** 2 for _, coefficient in self.terms))

    def traceless(self) -> Sentence:
        """Without its multiple of the identity, which commutes with everything."""
        return Sentence(tuple((string, coefficient) for string, coefficient in self.terms if string.support))

    def parallel(self, other: Sentence) -> bool:
        """Whether one is a real multiple of the other, to within round-off; zero is a multiple of everything."""
        if not self.terms or not other.terms:
            return True
        if [string for string, _ in self.terms] != [string for string, _ in other.terms]:
            return False
        # compared where the first one is largest, so that a small coefficient does not set the scale
        lead = max(range(len(self.terms)), key=lambda k: abs(self.terms[k][1]))
        a, b = self.terms[lead][1], other.terms[lead][1]
        return all(
            abs(mine / a - theirs / b) <= _PARALLEL
            for (_, mine), (_, theirs) in zip(self.terms, other.terms, strict=True)
        )


def bracket(a: PauliString, b: PauliString) -> tuple[int, PauliString] | None:
    """(s, R) with (i/2) [a, b] = s R, R with sign 1 and s in {1, -1}; None where they commute."""
    if a.commutes(b):
        return None
    phase, product = multiply(a, b)  # a b = i^phase R with odd phase, and (i/2) [a, b] = i a b
    return (-1 if phase == 1 else 1), product


def commutator(a: Sentence, b: Sentence) -> Sentence:
    """(i/2) [A, B]: half the bracket of i A and i B, with the factor i taken out again."""
    found = []
    for left, p in a.terms:
        for right, q in b.terms:
            hit = bracket(left, right)
            if hit is not None:
                found.append((hit[1], hit[0] * p * q))
    return Sentence.of(found)
