"""Linear algebra and quadratic forms over GF(2), vectors as Python integers.

A Pauli string on n qubits without its sign is the vector (x << n | z) << 1 | mark: the X bits lead, so that an echelon
form by leading bits ends with a basis of what is Z-type. The mark is a linear function of the vector that some spaces
carry along, 0 where there is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from ansatzlint.pauli.strings import PauliString


@dataclass(frozen=True, slots=True)
class Layout:
    """How strings on so many qubits lie in an integer."""

    qubits: int

    def vector(self, string: PauliString) -> int:
        """The string without its sign, mark 0."""
        return (string.x << self.qubits | string.z) << 1

    def marked(self, string: PauliString) -> int:
        """The string with the mark 1 where it has an even number of Y.

        For a sum v of generators with these marks the number of Y plus the mark is q(v), the quadratic form with
        q(generator) = 1 and q(a + b) = q(a) + q(b) + [a and b anticommute].
        """
        return self.vector(string) | 1 ^ (string.x & string.z).bit_count() & 1

    def string(self, vector: int) -> PauliString:
        """The string with sign 1."""
        return PauliString(self.x(vector), self.z(vector))

    def x(self, vector: int) -> int:
        return vector >> self.qubits + 1

    def z(self, vector: int) -> int:
        return vector >> 1 & (1 << self.qubits) - 1

    def dual(self, vector: int) -> int:
        """The linear function [anticommutes with the vector] as a mask: its value at v is the parity of mask & v."""
        return (self.z(vector) << self.qubits | self.x(vector)) << 1

    def form(self, vector: int) -> int:
        """The quadratic form: the number of Y plus the mark, modulo 2."""
        return (self.x(vector) & self.z(vector)).bit_count() + vector & 1


def parity(bits: int) -> int:
    """The number of set bits modulo 2."""
    return bits.bit_count() & 1


@dataclass(frozen=True, slots=True)
class Echelon:
    """A space by basis vectors with different leading bits, `rows` by their bit length."""

    rows: Mapping[int, int]

    @classmethod
    def of(cls, vectors: Iterable[int], most: int | None = None) -> Echelon:
        """The span of the vectors; no more are looked at once it has `most` dimensions, if it cannot have more."""
        rows: dict[int, int] = {}
        for vector in vectors:
            while vector:
                row = rows.get(vector.bit_length())
                if row is None:
                    rows[vector.bit_length()] = vector
                    break
                vector ^= row
            if len(rows) == most:
                break
        return cls(rows)

    @property
    def rank(self) -> int:
        return len(self.rows)

    @property
    def basis(self) -> tuple[int, ...]:
        """The rows, longest first."""
        return tuple(self.rows[length] for length in sorted(self.rows, reverse=True))

    def reduce(self, vector: int, above: int = 0) -> int:
        """The vector less what of the space clears its bits from bit `above` on, from the top down.

        With above = 0 the result is the same for all vectors of a coset, and 0 for those of the space.
        """
        left = vector >> above << above
        while left:
            row = self.rows.get(left.bit_length())
            if row is None:
                left ^= 1 << left.bit_length() - 1
            else:
                vector ^= row
                left = (left ^ row) >> above << above
        return vector

    def __contains__(self, vector: int) -> bool:
        while vector:
            row = self.rows.get(vector.bit_length())
            if row is None:
                return False
            vector ^= row
        return True

    def below(self, length: int) -> tuple[int, ...]:
        """A basis of the vectors of the space with no bit from bit `length` on."""
        return tuple(row for size, row in self.rows.items() if size <= length)


@dataclass(frozen=True)
class Space:
    """The span of Pauli strings, with their quadratic form where it has one.

    Attributes
    ----------
    layout : Layout
    echelon : Echelon
        Of the marked generators.
    """

    layout: Layout
    echelon: Echelon

    @classmethod
    def of(cls, layout: Layout, marked: Iterable[int]) -> Space:
        return cls(layout, Echelon.of(marked, 2 * layout.qubits + 1))

    @property
    def consistent(self) -> bool:
        """Whether q is well defined: no product of generators that is the identity has q = 1."""
        return 1 not in self.echelon.rows

    @cached_property
    def basis(self) -> tuple[int, ...]:
        """Marked basis vectors; the marks mean nothing where q is not well defined."""
        return tuple(row for length, row in self.echelon.rows.items() if length > 1)

    @property
    def dimension(self) -> int:
        return len(self.basis)

    @cached_property
    def marks(self) -> int:
        """The mark of every vector of a space with a quadratic form, as a mask."""
        mask = 0
        for length in sorted(self.echelon.rows):
            row = self.echelon.rows[length]
            mask |= (parity(mask & row) ^ row & 1) << length - 1
        return mask

    @cached_property
    def full(self) -> bool:
        """Whether it holds every string."""
        return self.dimension == 2 * self.layout.qubits

    @cached_property
    def _split(self) -> tuple[tuple[tuple[int, int], ...], tuple[int, ...]]:
        pairs, radical = hyperbolic(self.layout, self.basis)
        return tuple(pairs), tuple(radical)

    @property
    def pairs(self) -> tuple[tuple[int, int], ...]:
        """Anticommuting pairs, each commuting with all others; with the radical they make a basis."""
        return self._split[0]

    @cached_property
    def radical(self) -> tuple[int, ...]:
        """A basis of the strings that commute with the whole space."""
        return () if self.full else self._split[1]

    def arf(self) -> int:
        """The Arf invariant of q, which has to vanish on the radical: 0 where q has more zeros than ones."""
        form = self.layout.form
        return sum(form(a) & form(b) for a, b in self.pairs) & 1

    def standing_for(self, mask: int) -> int | None:
        """A vector u of the space with [u and v anticommute] = parity(mask & v) for all its v; None without one."""
        if any(parity(mask & r) for r in self.radical):
            return None
        found = 0
        for a, b in self.pairs:
            found ^= (a if parity(mask & b) else 0) ^ (b if parity(mask & a) else 0)
        return found


def hyperbolic(layout: Layout, vectors: Sequence[int]) -> tuple[list[tuple[int, int]], list[int]]:
    """(pairs, radical) of the span of independent vectors, as `Space` has them (symplectic Gram-Schmidt)."""
    pairs, radical, left = [], [], list(vectors)
    while left:
        a = left.pop()
        of_a = layout.dual(a)
        at = next((i for i, v in enumerate(left) if parity(of_a & v)), None)
        if at is None:
            radical.append(a)
            continue
        b = left[at]
        left[at] = left[-1]
        left.pop()
        of_b = layout.dual(b)
        left = [
            v ^ (b if (of_a & v).bit_count() & 1 else 0) ^ (a if (of_b & v).bit_count() & 1 else 0) for v in left
        ]
        pairs.append((a, b))
    return pairs, radical
