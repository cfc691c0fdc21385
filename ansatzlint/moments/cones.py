"""The cost in parts, each on as few qubits as its light cone needs.

In a circuit without Clifford gates (`frame.pull`) a cost term feels a rotation only if the generator anticommutes
with the term or with a generator behind it that the term feels. And from |0...0> the generators that are felt reach
no more basis states than the linear space of their X parts holds: a symmetry such as a parity makes it smaller than
the number of qubits.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ansatzlint.circuit import Amplitudes
from ansatzlint.pauli.strings import PauliString, bits, multiply

SMALL_WORK = 1 << 17
"""Amplitude updates below which the whole cost is kept as one part without looking closer."""

WHOLE_FACTOR = 4
"""The whole cost is one part where that costs no more than this many times its parts: one state tells <O^2>."""

WIDE = 3
"""On more than this many times the qubits of a statevector the whole cost is not looked at before its terms."""

PROBES = 16
"""Of more terms than this, so many are looked at first: where they need the whole state, all are taken to."""

Block = tuple[tuple[int, ...], NDArray[np.complex128]]


class Space:
    """A linear space of bit vectors, as rows in echelon form by their highest bit."""

    def __init__(self, vectors: Iterable[int] = ()) -> None:
        self._rows: dict[int, int] = {}
        for vector in vectors:
            self.add(vector)

    def residue(self, vector: int) -> int:
        """What is left of the vector: 0 in the space, the same for vectors that differ by one of the space."""
        for top, row in self._rows.items():
            if vector >> top & 1:
                vector ^= row
        return vector

    def add(self, vector: int) -> bool:
        """Whether the space has grown."""
        vector = self.residue(vector)
        if not vector:
            return False
        top = vector.bit_length() - 1
        # Every row keeps the tops of all others clear, so that `residue` may take them in any order.
        for other, row in self._rows.items():
            if row >> top & 1:
                self._rows[other] = row ^ vector
        self._rows[top] = vector
        return True

    def __len__(self) -> int:
        return len(self._rows)

    def rows(self) -> list[tuple[int, int]]:
        """(highest bit, row), ascending; no row has another one's highest bit."""
        return sorted(self._rows.items())


@dataclass(frozen=True, slots=True, eq=False)
class Start:
    """The initial product state: basis state `flips` on the qubits in no block, `blocks` hold (qubits, amplitudes).

    The first qubit of a block is the most significant bit of its amplitudes. `unknown` are the qubits whose state
    is not known, as bits.
    """

    flips: int = 0
    blocks: tuple[Block, ...] = ()
    unknown: int = 0

    @property
    def masks(self) -> list[int]:
        return [sum(1 << q for q in on) for on, _ in self.blocks]


def start(state: Amplitudes | None) -> Start:
    """The state as a product of basis states of single qubits and of what is left."""
    if state is None:
        return Start()
    if state.values is None:
        return Start(unknown=sum(1 << q for q in state.qubits))
    left = list(state.qubits)
    rest = np.array(state.values, dtype=np.complex128).reshape((2,) * len(left))
    flips = 0
    blocks: list[Block] = []
    for qubit in state.qubits:
        rows = np.moveaxis(rest, left.index(qubit), 0).reshape(2, -1)
        u, singular, v = np.linalg.svd(rows, full_matrices=False)
        if len(singular) > 1 and singular[1] > 1e-12 * singular[0]:
            continue
        left.remove(qubit)
        rest = (singular[0] * v[0]).reshape((2,) * len(left))
        pair = np.ascontiguousarray(u[:, 0])
        if np.min(np.abs(pair)) > 1e-12:
            blocks.append(((qubit,), pair))
        elif abs(pair[1]) > 0.5:
            flips |= 1 << qubit
    if left:
        blocks.append((tuple(left), rest.ravel()))
    return Start(flips, tuple(blocks))


@dataclass(frozen=True, slots=True)
class Word:
    """A cost term coefficient * string."""

    coefficient: float
    string: PauliString

    @property
    def strings(self) -> tuple[PauliString, ...]:
        return (self.string,)


@dataclass(frozen=True, slots=True)
class Projection:
    """A cost term that is the product of (1 + S)/2 over commuting and independent strings S."""

    strings: tuple[PauliString, ...]


Term = Word | Projection


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Cost terms and the rotations that they feel together.

    Attributes
    ----------
    terms : tuple of Term
    rotations : int
        Which rotations, as bits, the first in time the lowest.
    space : Space
        Spanned by the X parts of their generators, off the blocks.
    blocks : int
        Qubits of the initial state's blocks that are met, as bits; a block is met as a whole.
    support : int
        Qubits that a term or a generator acts on, and those of the blocks, as bits.
    """

    terms: tuple[Term, ...]
    rotations: int
    space: Space
    blocks: int
    support: int

    @property
    def dimension(self) -> int:
        """Number of qubits of the statevector."""
        return len(self.space) + self.blocks.bit_count()

    @property
    def work(self) -> int:
        """Amplitude updates for the value and the gradient: one pass forwards, two backwards, the terms."""
        strings = sum(len(term.strings) for term in self.terms)
        return (3 * self.rotations.bit_count() + strings + 2) << self.dimension

    def kills(self, word: Word) -> bool:
        """Whether the word maps every state that can be reached to one that is orthogonal to all of them."""
        return self.space.residue(word.string.x & ~self.blocks) != 0

    def union(self, other: Part) -> Part:
        """The part with the terms of both, but for rotations that only a closer look can leave out."""
        space = Space(row for _, row in (*self.space.rows(), *other.space.rows()))
        return Part(
            (*self.terms, *other.terms), self.rotations | other.rotations, space, self.blocks | other.blocks,
            self.support | other.support,
        )  # fmt: skip


class Generators:
    """The rotations' generators in time order."""

    def __init__(self, strings: Sequence[PauliString], qubits: int) -> None:
        self.strings = tuple(strings)
        self.qubits = qubits
        # As one vector each, and with X and Z parts exchanged: vector & exchanged has an odd number of bits where two
        # strings anticommute.
        self._vectors = [string.x | string.z << qubits for string in strings]
        self._exchanged = [string.z | string.x << qubits for string in strings]

    def felt(self, terms: Sequence[Term], state: Start) -> Part:
        """The part that holds these terms."""
        kept: Sequence[int] = range(len(self.strings))
        strings = [string for term in terms for string in term.strings]
        blocked = sum(state.masks) | state.unknown
        while True:
            before = len(kept)
            kept = self._from_behind(strings, kept)
            kept = self._by_state(kept, blocked)
            if len(kept) == before:
                break
        support = 0
        for string in (*strings, *(self.strings[r] for r in kept)):
            support |= string.support
        blocks = sum(mask for mask in state.masks if mask & support)
        space = Space(self.strings[r].x & ~blocks for r in kept)
        return Part(tuple(terms), sum(1 << r for r in kept), space, blocks, support | blocks)

    def _from_behind(self, strings: Sequence[PauliString], kept: Sequence[int]) -> list[int]:
        """Rotations that act on what the strings have become when they come to them."""
        own = _Span(string.x | string.z << self.qubits for string in strings)
        found = []
        for r in reversed(kept):
            if own.feels(self._exchanged[r]):
                found.append(r)
                own.add(self._vectors[r])
        return found[::-1]

    def _by_state(self, kept: Sequence[int], blocked: int) -> list[int]:
        """Rotations that do more to the state than to turn its phase: before anything moves it, Z strings do not."""
        own = _Span(())
        found = []
        for r in kept:
            string = self.strings[r]
            if string.x or string.z & blocked or own.feels(self._exchanged[r]):
                found.append(r)
                own.add(self._vectors[r])
        return found


class _Span:
    """What a set of strings generates, to ask whether another one commutes with all of it."""

    def __init__(self, vectors: Iterable[int]) -> None:
        self._space = Space()
        self._rows: list[int] = []
        self._union = 0
        for vector in vectors:
            self.add(vector)

    def add(self, vector: int) -> None:
        if self._space.add(vector):
            self._rows.append(vector)
            self._union |= vector

    def feels(self, exchanged: int) -> bool:
        # Most strings of a wide circuit meet nothing.
        if not exchanged & self._union:
            return False
        return any((exchanged & row).bit_count() & 1 for row in self._rows)


def parts(
    terms: Sequence[Term], generators: Generators, state: Start, max_qubits: int
) -> tuple[list[Part], list[Word]]:
    """The terms in parts that are cheap together, and the words whose expectation value is zero whatever the angles.

    Where a term alone takes more than `max_qubits` qubits, its part is the only one that is returned.
    """
    if terms and generators.qubits <= WIDE * max_qubits:
        whole = generators.felt(terms, state)
        if whole.dimension <= max_qubits and (
            whole.work <= SMALL_WORK or (len(terms) > PROBES and _need_all(terms, whole, generators, state))
        ):
            dead = [term for term in terms if isinstance(term, Word) and whole.kills(term)]
            live = [term for term in terms if not (isinstance(term, Word) and whole.kills(term))]
            return [generators.felt(live, state)] if live else [], dead
    alone: list[Part] = []
    dead = []
    for term in terms:
        part = generators.felt((term,), state)
        if isinstance(term, Word) and part.kills(term):
            dead.append(term)
        elif part.dimension > max_qubits:
            return [part], []
        else:
            alone.append(part)
    found = _merged(alone, max_qubits)
    together = _united(found, max_qubits) if len(found) > 1 else None
    if together is not None and together.work <= WHOLE_FACTOR * sum(part.work for part in found):
        found = [together]
    return [part if len(part.terms) == 1 else generators.felt(part.terms, state) for part in found], dead


def _need_all(terms: Sequence[Term], whole: Part, generators: Generators, state: Start) -> bool:
    few = terms[:: len(terms) // PROBES]
    return all(generators.felt((term,), state).dimension == whole.dimension for term in few)


def _united(found: Sequence[Part], max_qubits: int) -> Part | None:
    """All parts as one, None where that takes too many qubits."""
    whole = found[0]
    for part in found[1:]:
        whole = whole.union(part)
        if whole.dimension > max_qubits:
            return None
    return whole


def _merged(alone: Sequence[Part], max_qubits: int) -> list[Part]:
    """Parts put together where one state costs no more than two, the largest first."""
    merged: list[Part] = []
    works: list[int] = []
    for part in sorted(alone, key=lambda part: -part.dimension):  # stable: equal ones stay in the order of the source
        work = part.work
        least, best, at = work, part, -1
        for i, other in enumerate(merged):
            # Parts that share no rotation are cheapest apart, and a bound that needs no linear algebra settles more.
            if part.rotations and not part.rotations & other.rotations:
                continue
            if (3 * (other.rotations | part.rotations).bit_count()) << other.dimension > works[i] + work:
                continue
            union = other.union(part)
            if union.work - works[i] <= least and union.dimension <= max_qubits:
                least, best, at = union.work - works[i], union, i
        if at < 0:
            merged.append(part)
            works.append(work)
        else:
            merged[at], works[at] = best, best.work
    return merged


def reduced(string: PauliString, space: Sequence[tuple[int, int]], blocks: int) -> PauliString:
    """The string on the part's own qubits: those of the blocks, ascending, then one a row of the space.

    The string's X part must lie in the space. Basis state s of the part is the sum of the rows whose bits are set.
    """
    x = z = 0
    own = [(q, 1 << q) for q in bits(blocks)]
    for i, (top, row) in enumerate((*own, *space)):
        x |= (string.x >> top & 1) << i
        z |= ((string.z & row).bit_count() & 1) << i
    # Y = i X Z; both strings are Hermitian, so that their numbers of Y differ by an even one.
    turns = (string.x & string.z).bit_count() - (x & z).bit_count()
    return PauliString(x, z, string.sign * (-1) ** (turns // 2 % 2))


def amplitudes(state: Start, part: Part) -> NDArray[np.complex128]:
    """The initial state on the part's own qubits, shape (2^dimension,), bit i of the index qubit i."""
    place = {q: i for i, q in enumerate(bits(part.blocks))}
    psi = np.zeros(1 << part.dimension, dtype=np.complex128)
    index = np.zeros(1, dtype=np.int64)
    values = np.ones(1, dtype=np.complex128)
    for (on, block), mask in zip(state.blocks, state.masks, strict=True):
        if mask & part.blocks:
            own = np.zeros(len(block), dtype=np.int64)
            for j, qubit in enumerate(reversed(on)):
                own |= (np.arange(len(block)) >> j & 1) << place[qubit]
            index = np.bitwise_or.outer(index, own).ravel()
            values = np.multiply.outer(values, block).ravel()
    psi[index] = values
    return psi


def within(strings: Sequence[PauliString], space: Space, blocks: int) -> list[PauliString]:
    """Generators of those products of the commuting strings whose X parts lie in the space."""
    found: list[PauliString] = []
    pivots: dict[int, tuple[int, PauliString]] = {}
    for string in strings:
        residue = space.residue(string.x & ~blocks)
        while residue and (top := residue.bit_length() - 1) in pivots:
            other, factor = pivots[top]
            residue ^= other
            string = product(string, factor)[1]
        if residue:
            pivots[residue.bit_length() - 1] = residue, string
        else:
            found.append(string)
    return found


def product(a: PauliString, b: PauliString) -> tuple[complex, PauliString]:
    """(factor, string) with a b = factor * string; a real factor is 1, the sign being in the string."""
    turns, string = multiply(a, b)
    if turns % 2 == 0:
        return 1.0, PauliString(string.x, string.z, 1 - turns)
    return (1j, -1j)[turns // 2], string
