"""Upper bounds on the directions in which turns about given Pauli strings move a stabiliser state.

All derivatives lie in i g|psi>, g the Lie algebra that the strings generate (Larocca et al., 2109.11676); its dimension
modulo the phase is the same for every state that the group makes of |0…0>, where each of its strings P gives one of two
directions: P|0…0> = i^k |x>, and P with x = 0 moves the phase only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ansatzlint.algebra.classify import blocks
from ansatzlint.algebra.linear import Echelon, Layout
from ansatzlint.pauli.strings import PauliString

MOST = 1 << 20
"""Commutators that are taken to list a Lie algebra's strings."""

_FAR = 8
"""An algebra of more times as many strings as there are directions most likely leaves none out."""


@dataclass(frozen=True, slots=True)
class Limit:
    """No parameters whatsoever move the state in more than `directions` directions, and why."""

    directions: int
    why: str


def limits(
    generators: Sequence[PauliString], qubits: int, from_zero: bool = True
) -> tuple[tuple[Limit, ...], tuple[PauliString, ...] | None]:
    """Upper bounds for turns about these strings, in any order and number, on |0…0>; the lowest first.

    With them the strings of the Lie algebra, without signs, where it is small enough to list them. With `from_zero`
    false the bounds hold for every pure initial state.
    """
    distinct = list(dict.fromkeys(PauliString(g.x, g.z) for g in generators if g.support))
    found = [Limit(2 ** (qubits + 1) - 2, f"a state of {qubits} qubit{'' if qubits == 1 else 's'} has no more")]

    def add(directions: int, why: str) -> None:
        if directions < found[-1].directions:
            found.append(Limit(directions, why))

    if from_zero:
        add(_span(distinct, qubits), "the generators reach no more amplitudes from the initial state")
    algebra = sum(block.component.dimension for block in blocks(distinct, qubits))
    add(algebra, "the Lie algebra of the generators has no more dimensions")
    strings = None
    if from_zero and algebra < _FAR * found[-1].directions and algebra * len(distinct) <= MOST:
        strings = tuple(_closure(distinct))
        moved = len({(s.x, _is_imaginary(s)) for s in strings if s.x})
        add(moved, "the Lie algebra of the generators moves the initial state in no more")
    return tuple(reversed(found)), strings


def _is_imaginary(string: PauliString) -> bool:
    return bool((string.x & string.z).bit_count() & 1)


def _span(strings: Sequence[PauliString], qubits: int) -> int:
    """Directions to the basis states that products of the strings reach.

    The parity of the number of Y is q(v) plus a linear function, the mark, for the quadratic form q with q = 1 on the
    generators and so on their whole algebra. Where no Z-type product carries a mark, x decides that parity: real
    amplitudes, up to fixed phases.
    """
    layout = Layout(qubits)
    echelon = Echelon.of(map(layout.marked, strings))
    reach = sum(layout.x(row) != 0 for row in echelon.basis)
    phases = 2 if any(layout.x(row) == 0 and row & 1 for row in echelon.basis) else 1
    return phases * ((1 << reach) - 1)


def _closure(strings: Sequence[PauliString]) -> Iterable[PauliString]:
    """The strings of the Lie algebra: nested commutators with the generators span it."""
    found = dict.fromkeys(strings)  # a set in an order that is the same in every run
    waiting = list(strings)
    while waiting:
        string = waiting.pop()
        for generator in strings:
            if not string.commutes(generator):
                other = PauliString(string.x ^ generator.x, string.z ^ generator.z)
                if other not in found:
                    found[other] = None
                    waiting.append(other)
    return found
