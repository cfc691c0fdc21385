"""The Lie algebra of Pauli strings, component by component of their anticommutation graph.

Strings that span a Lie algebra under commutators fall into commuting components. A component of one string is u(1).
One of free fermions on s Majoranas is so(s), once for every sign that the products around its closed walks can have.
Any other one holds all strings of its span that the quadratic form with q(generator) = 1 allows, whence its type
(Aguilar, Cichy, Eisert and Bittel, arXiv:2408.00081; Cuypers, arXiv:2603.08373).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from ansatzlint.algebra.free_fermions import Fermions, fermions
from ansatzlint.algebra.linear import Layout, Space, parity
from ansatzlint.pauli.anticommutation import anticommuting, components, twins
from ansatzlint.pauli.line_graphs import root_labels
from ansatzlint.pauli.strings import PauliString, bits

Kind = Literal["so", "su", "sp", "u"]

_SPELLED_OUT = 1 << 7
_MANY = 1 << 12


@dataclass(frozen=True, slots=True)
class Component:
    """Copies of one simple Lie algebra, or a u(1): what one component of the anticommutation graph generates.

    Attributes
    ----------
    kind : str
        "so", "su", "sp" or "u".
    size : int
        The number in brackets: so(size), su(size), sp(size) of dimension size (2 size + 1), u(1).
    copies : int
    qubits : tuple of int
        The qubits that its generators act on.
    """

    kind: Kind
    size: int
    copies: int
    qubits: tuple[int, ...]

    @property
    def dimension(self) -> int:
        """Of all copies together."""
        s = self.size
        each = {"so": s * (s - 1) // 2, "su": s * s - 1, "sp": s * (2 * s + 1), "u": 1}
        return self.copies * each[self.kind]

    @property
    def name(self) -> str:
        """Of one copy: "so(10)", "su(2^30)"; so(3) is written su(2)."""
        if (self.kind, self.size) == ("so", 3):
            return "su(2)"
        return f"{self.kind}({count(self.size)})"


def count(number: int) -> str:
    """A whole number, a large power of two as 2^k."""
    if number >= _SPELLED_OUT and number & (number - 1) == 0:
        return f"2^{number.bit_length() - 1}"
    return str(number)


@dataclass(frozen=True)
class Block:
    """One component of the anticommutation graph.

    Attributes
    ----------
    layout : Layout
    strings : tuple of PauliString
        The generators, without signs; those that others generate may be left out.
    fermions : Fermions or None
        The Majoranas, where the generators are products of two; None for other ones and for a single generator.
    """

    layout: Layout
    strings: tuple[PauliString, ...]
    fermions: Fermions | None

    @property
    def single(self) -> bool:
        return len(self.strings) == 1

    @cached_property
    def space(self) -> Space:
        return Space.of(self.layout, map(self.layout.marked, self.strings))

    @cached_property
    def _generators(self) -> frozenset[PauliString]:
        return frozenset(self.strings)

    @cached_property
    def component(self) -> Component:
        support = 0
        for string in self.strings:
            support |= string.support
        qubits = tuple(bits(support))
        if self.single:
            return Component("u", 1, 1, qubits)
        if self.fermions is not None:
            s, copies = self.fermions.majoranas, 1 << self.fermions.cycles.rank
            # Of four Majoranas the pairs 12 and 34 are one string where their product is nothing of its own.
            return Component("so", 3 if s == 4 and self.fermions.paired else s, copies, qubits)
        space = self.space
        r = len(space.radical)
        k = (space.dimension - r) // 2
        if not space.consistent:
            return Component("su", 1 << k, 1 << r, qubits)
        if any(map(self.layout.form, space.radical)):
            return Component("su", 1 << k, 1 << r - 1, qubits)
        if space.arf():
            return Component("sp", 1 << k - 1, 1 << r, qubits)
        return Component("so", 1 << k, 1 << r, qubits)

    def holds(self, string: PauliString) -> bool:
        """Whether the string is in the Lie algebra; of free fermions not all are recognised."""
        if self.single or self.fermions is not None:
            return PauliString(string.x, string.z) in self._generators
        space, vector = self.space, self.layout.vector(string)
        if not vector:
            return False
        if space.full:
            return not space.consistent or self.layout.form(vector | parity(space.marks & vector)) == 1
        left = space.echelon.reduce(vector, above=1)
        if left >> 1 or (space.consistent and not self.layout.form(vector ^ left)):
            return False
        return any(not string.commutes(s) for s in self.strings)


def blocks(strings: Sequence[PauliString], qubits: int) -> tuple[Block, ...]:
    """The components of the anticommutation graph of Pauli strings; signs do not matter, the identity is left out."""
    distinct = list(dict.fromkeys(PauliString(s.x, s.z) for s in strings if s.support))
    # What is in the algebra of others adds nothing: deep circuits have far more generators than they need.
    kept = distinct[:_MANY]
    while True:
        found = _blocks(kept, qubits)
        if len(kept) == len(distinct):
            return found
        outside = [s for s in distinct[_MANY:] if not any(block.holds(s) for block in found)]
        if not outside:
            return found
        kept = distinct if len(outside) > _MANY else [*kept, *outside]


def _blocks(distinct: Sequence[PauliString], qubits: int) -> tuple[Block, ...]:
    rows = anticommuting(distinct, distinct, qubits)
    layout = Layout(qubits)
    found = []
    for vertices in components(rows):
        labels = None if len(vertices) == 1 else _labels(rows, vertices)
        own = tuple(distinct[v] for v in vertices)
        majoranas = None if labels is None else fermions(labels, [layout.vector(s) for s in own])
        found.append(Block(layout, own, majoranas))
    return tuple(found)


def _labels(rows: Sequence[int], vertices: Sequence[int]) -> list[tuple[int, int]] | None:
    """A pair of Majoranas for each vertex of a component, in breadth-first order; twins have the same."""
    classes = twins(rows, vertices)
    first = {row: members[0] for row, members in classes.items()}
    kept = set(first.values())
    mask = 0
    for vertex in kept:
        mask |= 1 << vertex
    order = [v for v in vertices if v in kept]
    # Breadth first a vertex comes after a neighbour; where that has a twin, so does it come after the earlier twin.
    pairs = root_labels(rows, order)
    if pairs is None:
        return None
    by_vertex = dict(zip(order, pairs, strict=True))
    return [by_vertex[first[rows[v]]] for v in vertices]
