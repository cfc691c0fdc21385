"""Where repeated commutators with the generators take a Pauli string, and how much of that an initial state sees.

A turn by a uniform angle about a Pauli generator P makes of a string Q that anticommutes with it Q or P Q, each with
probability 1/2. With every generator drawn again and again the string is in the end uniform over its orbit under
Q -> P Q, and the mean of the squared expectation value is the mean over the orbit of the initial state's.

The orbit under one component of the anticommutation graph is, for k of the s Majoranas of free fermions, all choices of
k Majoranas times the products around closed walks; elsewhere every string that the quadratic form allows, less those
that commute with the whole component. What an initial state |0…0> sees are the strings without X and Y.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import combinations
from math import comb
from operator import xor

from ansatzlint.algebra.classify import Block
from ansatzlint.algebra.fillings import Fillings
from ansatzlint.algebra.free_fermions import Fermions
from ansatzlint.algebra.linear import Echelon, Layout, Space, parity
from ansatzlint.pauli.strings import PauliString, bits

MAX_LISTED = 1 << 16
"""Strings of an orbit that are listed one by one, where no formula holds."""
_WORK = 1 << 22
_SMALL = 5
"""So few Majoranas have no more orbits than the quadratic form tells apart."""
_JOINT = 4
"""Components that are counted jointly: it takes 4^so many sums."""


@dataclass(frozen=True, slots=True)
class Count:
    """The size of an orbit, how many of its strings are Z-type, and why either is not known (None)."""

    size: int | None
    diagonal: int | None
    reason: str = ""


class Orbits:
    """The orbits of strings under the generators of some blocks; what many strings have in common is kept."""

    def __init__(self, blocks: Sequence[Block], layout: Layout) -> None:
        self._blocks = tuple(blocks)
        self._layout = layout
        self._majoranas: dict[tuple[int, ...], tuple[Echelon, int, Fillings]] = {}

    def of(self, string: PauliString) -> Count:
        """The orbit of one string."""
        layout = self._layout
        parts = acting(self._blocks, string, layout)
        if not parts:
            return Count(1, int(not string.x))
        listed = [s for part in parts for s in part.strings]
        if not _independent([part.space for part in parts]):
            members = members_of(listed, string, layout, MAX_LISTED)
            if members is None:
                return Count(None, None, "components that share products of their generators reach too many strings")
            return _counted(members, layout)
        size = 1
        for part in parts:
            size *= part.size
        diagonal = 1
        clusters = _clusters(parts, layout.x(layout.vector(string)))
        if clusters is None:
            return Count(size, 0)
        for cluster, x in clusters:
            hits = self._diagonal(cluster, x)
            if hits is None:
                members = members_of(listed, string, layout, MAX_LISTED) if size <= MAX_LISTED else None
                if members is None:
                    return Count(size, None, "Z-type strings cannot be counted for these components together")
                return _counted(members, layout)
            diagonal *= hits
        return Count(size, diagonal)

    def _diagonal(self, cluster: Sequence[Part], x: int) -> int | None:
        """In how many ways the parts of a cluster make up the X bits; None where no formula is known."""
        if any(part.chosen is not None for part in cluster) and all(
            part.chosen is not None or part.block is None for part in cluster
        ):
            found = self._fermionic(cluster, x)
            if found is not None:
                return found
        general = []
        for part in cluster:
            if part.chosen is not None and part.block is not None:
                if part.fermions.majoranas > _SMALL:
                    return None
                part = _quadratic(part.block, self._layout.dual(part.mask), part.mask)
            general.append(part)
        return _level_count(general, x, self._layout) if len(general) <= _JOINT else None

    def _fermionic(self, cluster: Sequence[Part], x: int) -> int | None:
        """`_diagonal` where every part is a choice of Majoranas, or free."""
        layout = self._layout
        choices = [part for part in cluster if part.chosen is not None]
        free = [v for part in cluster if part.chosen is None for v in part.space.basis]
        key = (*(id(part.block) for part in choices), *free)  # the blocks live as long as this object
        if key not in self._majoranas:
            loose = [layout.x(v) for v in free]
            loose += [layout.x(v) for part in choices for v in part.fermions.cycles.rows.values()]
            span = Echelon.of(loose)
            lists = [[span.reduce(layout.x(v)) for v in part.fermions.potentials] for part in choices]
            self._majoranas[key] = span, len(loose), Fillings.of(lists)
        span, loosely, fillings = self._majoranas[key]
        numbers = []
        halved = 0
        for part in choices:
            potentials = part.fermions.potentials
            chosen = [p for p in potentials if parity(part.mask & p)]
            x ^= layout.x(reduce(xor, chosen, 0))
            halved += part.fermions.paired and len(potentials) == 2 * len(chosen)
            if 2 * len(chosen) > len(potentials):  # choose those that are left out
                x ^= layout.x(reduce(xor, potentials, 0))
            numbers.append(min(len(chosen), len(potentials) - len(chosen)))
        found = fillings.count(tuple(numbers), span.reduce(x))
        return None if found is None else found << loosely - span.rank >> halved


def members_of(
    generators: Sequence[PauliString], string: PauliString, layout: Layout, most: int
) -> list[int] | None:
    """The orbit as vectors, the string first; None where it has more members, or takes much longer."""
    moves = [(layout.dual(v), v) for v in map(layout.vector, generators)]
    if not moves:
        return [layout.vector(string)]
    most = min(most, _WORK // len(moves))
    found = [layout.vector(string)]
    seen = set(found)
    for vector in found:
        for dual, move in moves:
            if (dual & vector).bit_count() & 1 and vector ^ move not in seen:
                if len(found) >= most:
                    return None
                seen.add(vector ^ move)
                found.append(vector ^ move)
    return found


def _counted(members: Sequence[int], layout: Layout) -> Count:
    return Count(len(members), sum(not layout.x(v) for v in members))


@dataclass(frozen=True, slots=True)
class Part:
    """What one block, or all single generators together, may add to a string without leaving its orbit.

    `mask` is [anticommutes with the string] as a function. Of these the part is
    - a whole space, where it has no `form`: u(1)s, or a component whose quadratic form is not well defined;
    - the vectors v with q(v) = [v anticommutes with the string];
    - for `chosen` Majoranas, what takes them to as many others.
    The first two lack the coset `lost` + radical: strings that commute with the whole component are no part of an orbit
    with more than one member.
    """

    strings: tuple[PauliString, ...]
    space: Space
    mask: int
    form: bool
    lost: int | None
    block: Block | None = None
    chosen: int | None = None

    def value(self, vector: int) -> int:
        """0 where the quadratic form allows the vector."""
        return self.space.layout.form(vector) ^ parity(self.mask & vector)

    @property
    def fermions(self) -> Fermions:
        """Of a choice of Majoranas."""
        if self.block is None or self.block.fermions is None:
            raise ValueError("these strings are no free fermions")
        return self.block.fermions

    @property
    def size(self) -> int:
        if self.chosen is not None:
            fermions = self.fermions
            count = comb(fermions.majoranas, self.chosen) << fermions.cycles.rank
            return count >> (fermions.paired and fermions.majoranas == 2 * self.chosen)
        return self._level(self.space.pairs if self.form else (), self.space.radical, 0) - self._lost

    @property
    def _lost(self) -> int:
        return 0 if self.lost is None else self._level((), self.space.radical, self.lost, all_of_it=False)

    def _level(
        self, pairs: Sequence[tuple[int, int]], radical: Sequence[int], base: int, all_of_it: bool = True
    ) -> int:
        """How many vectors of base + the whole space, or base + its radical, the quadratic form allows."""
        total = 1 << (self.space.dimension if all_of_it else len(radical))
        if not self.form:
            return total
        signed = -1 if self.value(base) else 1
        for r in radical:
            signed *= 0 if self.value(base ^ r) ^ self.value(base) else 2
        for a, b in pairs:
            signed *= -2 if self.value(a) & self.value(b) else 2
        return (total + signed) // 2


def acting(blocks: Sequence[Block], string: PauliString, layout: Layout) -> list[Part]:
    """The parts that move the string."""
    vector = layout.vector(string)
    mask = layout.dual(vector)
    singles: list[PauliString] = []
    found = []
    for block in blocks:
        hit = any(not string.commutes(s) for s in block.strings)
        if hit and block.single:
            singles += block.strings
        elif hit:
            found.append(_part(block, vector, mask))
    if singles:
        space = Space.of(layout, map(layout.vector, singles))
        found.append(Part(tuple(singles), space, mask, False, None))
    return found


def _part(block: Block, vector: int, mask: int) -> Part:
    fermions, space = block.fermions, block.space
    if fermions is not None and not any(parity(mask & z) for z in fermions.cycles.rows.values()):
        chosen = sum(parity(mask & p) for p in fermions.potentials)
        return Part(block.strings, space, mask, space.consistent, None, block, chosen)
    return _quadratic(block, vector, mask)


def _quadratic(block: Block, vector: int, mask: int, chosen: int | None = None) -> Part:
    space = block.space
    marks = space.echelon.reduce(vector, above=1)
    if marks >> 1 == 0:
        # the string is a product of generators: it commutes with the same of them as itself
        lost: int | None = vector ^ marks
    else:
        lost = space.standing_for(mask)
    return Part(block.strings, space, mask, space.consistent, lost, block, chosen)


def _independent(spaces: Sequence[Space]) -> bool:
    if len(spaces) == 1:
        return True
    return Echelon.of(v & ~1 for s in spaces for v in s.basis).rank == sum(s.dimension for s in spaces)


def _clusters(parts: Sequence[Part], target: int) -> list[tuple[list[Part], int]] | None:
    """Parts whose X bits depend on each other, with their share of the target's; None where they cannot make it up."""
    if len(parts) == 1:
        return [(list(parts), target)]
    layout = parts[0].space.layout
    # Below the X bits every vector carries which basis vectors of which parts it is a sum of.
    owners: list[int] = []
    xs: list[int] = []
    for j, part in enumerate(parts):
        for x in Echelon.of(layout.x(v) for v in part.space.basis).rows.values():
            xs.append(x)
            owners.append(j)
    d = len(xs)
    echelon = Echelon.of(x << d | 1 << i for i, x in enumerate(xs))
    left = echelon.reduce(target << d, above=d)
    if left >> d:
        return None
    leader = list(range(len(parts)))

    def head(j: int) -> int:
        while leader[j] != j:
            j = leader[j]
        return j

    for relation in _reduced(Echelon.of(echelon.below(d))):
        members = [owners[i] for i in bits(relation)]
        for j in members[1:]:
            leader[head(j)] = head(members[0])
    shares = [0] * len(parts)
    for i in bits(left):
        shares[owners[i]] ^= xs[i]
    found: dict[int, tuple[list[Part], int]] = {}
    for j, (part, share) in enumerate(zip(parts, shares, strict=True)):
        cluster, x = found.get(head(j), ([], 0))
        found[head(j)] = [*cluster, part], x ^ share
    return list(found.values())


def _reduced(echelon: Echelon) -> Iterator[int]:
    """The basis in which every leading bit stands in one vector only: then no vector joins what is not joined."""
    for length, row in echelon.rows.items():
        lead = 1 << length - 1
        yield lead | echelon.reduce(row ^ lead)


def _level_count(parts: Sequence[Part], x: int, layout: Layout) -> int:
    """`_diagonal` by the quadratic forms, with and without the strings that commute with a whole component."""
    total = 0
    removable = [j for j, part in enumerate(parts) if part.lost is not None]
    for size in range(len(removable) + 1):
        for chosen in combinations(removable, size):
            bases = [part.space.radical if j in chosen else part.space.basis for j, part in enumerate(parts)]
            points = [part.lost or 0 if j in chosen else 0 for j, part in enumerate(parts)]
            total += (-1) ** size * _allowed(parts, bases, points, x, layout)
    return total


def _allowed(
    parts: Sequence[Part], bases: Sequence[Sequence[int]], points: Sequence[int], x: int, layout: Layout
) -> int:
    """How many tuples of vectors, one from each point + span of basis, add up to the X bits and fit all the forms."""
    width = 2 * layout.qubits + 1
    slots, mask = len(parts), (1 << width) - 1
    top = slots * width

    # A tuple is one integer, part j in bits j width and following; above all of them the X bits of the sum.
    def joined(j: int, vector: int) -> int:
        return layout.x(vector) << top | vector << j * width

    echelon = Echelon.of(joined(j, v) for j, basis in enumerate(bases) for v in basis)
    start = x << top
    for j, point in enumerate(points):
        start ^= joined(j, point)
    left = echelon.reduce(start, above=top)
    if left >> top:
        return 0
    # left holds the points too; what was added to them is in the span
    base, directions = left, echelon.below(top)
    forms = [j for j, part in enumerate(parts) if part.form]
    total = 0
    for size in range(len(forms) + 1):
        for chosen in combinations(forms, size):

            def value(v: int, chosen: tuple[int, ...] = chosen) -> int:
                return sum(parts[j].value(v >> j * width & mask) for j in chosen) & 1

            def polar(a: int, b: int, chosen: tuple[int, ...] = chosen) -> int:
                return (
                    sum(
                        (layout.dual(a >> j * width & mask) & (b >> j * width & mask)).bit_count() for j in chosen
                    )
                    & 1
                )

            # Z-type strings commute, so the form of a single part is linear on the directions.
            total += _signed(base, directions, value, None if slots == 1 or not chosen else polar)
    return total >> len(forms)


def _signed(
    base: int, directions: Sequence[int], value: Callable[[int], int], polar: Callable[[int, int], int] | None
) -> int:
    """The sum of (-1)^value over base + span of the directions; value is a quadratic form with that polar form."""
    at_base = value(base)
    signed = -1 if at_base else 1
    left = list(directions)
    while left:
        a = left.pop()
        at = None if polar is None else next((i for i, v in enumerate(left) if polar(a, v)), None)
        if polar is None or at is None:
            if value(base ^ a) != at_base:
                return 0
            signed *= 2
            continue
        b = left.pop(at)
        left = [v ^ (b if polar(a, v) else 0) ^ (a if polar(b, v) else 0) for v in left]
        signed *= -2 if (value(base ^ a) ^ at_base) & (value(base ^ b) ^ at_base) else 2
    return signed
