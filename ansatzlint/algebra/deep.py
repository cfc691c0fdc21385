"""The variance of a cost over infinitely deep circuits whose generators are Pauli strings with angles of their own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ansatzlint.algebra.classify import Block
from ansatzlint.algebra.linear import Layout
from ansatzlint.algebra.orbit import MAX_LISTED, Count, Orbits, members_of
from ansatzlint.moments.initial import Initial, pack
from ansatzlint.pauli.anticommutation import anticommuting
from ansatzlint.pauli.strings import PauliString, multiply

Map = Callable[[PauliString], PauliString]


@dataclass(frozen=True, slots=True)
class Orbit:
    """Where the generators take one term of the cost.

    Attributes
    ----------
    term : str
        The term, without its coefficient.
    size : int or None
        Pauli strings that it becomes; for generators that are sums, dimension of the space that it moves in. None where
        it is not known.
    share : float or None
        The mean of <R>^2 over them in the initial state: for |0…0> the share of those without X and Y.
    reason : str
        Why a value is not known.
    """

    term: str
    size: int | None
    share: float | None
    reason: str = ""


def alignment(state: Initial) -> Map | None:
    """What renames X, Y and Z on each qubit so that the state's strings, those worth 1 or -1, become Z-type.

    None for a state that is no product of one-qubit stabiliser states.
    """
    bloch = state.bloch
    if bloch is None or not state.stabilised or not np.all(np.abs(bloch).sum(axis=1) == 1.0):
        return None
    along_x, along_y = (
        sum(1 << q for q in np.flatnonzero(bloch[:, axis]).tolist()) for axis in (0, 1)
    )

    def aligned(string: PauliString) -> PauliString:
        swapped = (string.x ^ string.z) & along_x
        x, z = string.x ^ swapped, string.z ^ swapped
        return PauliString(x ^ (z & along_y), z)

    return aligned


def deep_variance(
    blocks: Sequence[Block],
    generators: Sequence[PauliString],
    terms: Sequence[tuple[str, PauliString, float]],
    state: Initial,
) -> tuple[tuple[Orbit, ...], float | None, str]:
    """The orbit of each term, and the variance of their sum in the limit or why it is not known.

    Two terms P and Q stay correlated only if P Q commutes with every generator, and then R P Q belongs to R all along.

    Parameters
    ----------
    blocks
        Of the generators, all strings renamed by `alignment` where the state has one.
    generators
        As they are.
    terms
        Name, string at the initial state and coefficient.
    state
        The initial state.
    """
    layout = Layout(state.qubits)
    aligned = alignment(state)
    rows = anticommuting([string for _, string, _ in terms], generators, state.qubits)
    groups: dict[tuple[int, int], list[int]] = {}
    for i, (row, (_, string, _)) in enumerate(zip(rows, terms, strict=True)):
        # Of a stabiliser state a product that is not Z-type is worth nothing.
        groups.setdefault((row, 0 if aligned is None else aligned(string).x), []).append(i)
    counter = Orbits(blocks, layout)
    orbits: dict[int, Orbit] = {}
    total: float | None = 0.0
    why = ""
    for (row, _), members in groups.items():
        own = [terms[i] for i in members]
        if aligned is None:
            found, square, reason = _listed(generators, own, state, layout)
        else:
            found, square, reason = _counted(counter.of(aligned(own[0][1])), own, state)
        orbits.update(zip(members, found, strict=True))
        if not row:
            continue  # a constant
        if square is None:
            total, why = None, why or reason
        elif total is not None:
            total += square
    return tuple(orbits[i] for i in range(len(terms))), total, why


_Found = tuple[list[Orbit], float | None, str]


def _counted(count: Count, terms: Sequence[tuple[str, PauliString, float]], state: Initial) -> _Found:
    """For terms whose products with each other commute with all generators, and are worth 1 or -1 in the state."""
    share = None if count.size is None or count.diagonal is None else count.diagonal / count.size
    orbits = [Orbit(name, count.size, share, count.reason) for name, _, _ in terms]
    if share is None:
        return orbits, None, count.reason
    if share == 0.0:
        return orbits, 0.0, ""
    first = PauliString(terms[0][1].x, terms[0][1].z)
    total = 0.0
    for _, string, coefficient in terms:
        phase, product = multiply(first, string)
        # A Z-type member makes all of these commute, so that the phase is real.
        value = float(state.expectation(pack([product], state.qubits))[0])
        total += coefficient * value * (1 - phase % 4)
    return orbits, total**2 * share, ""


def _listed(
    generators: Sequence[PauliString],
    terms: Sequence[tuple[str, PauliString, float]],
    state: Initial,
    layout: Layout,
) -> _Found:
    """The same for any initial state, string by string."""
    first = PauliString(terms[0][1].x, terms[0][1].z)
    moving = [g for g in generators if not g.commutes(first)]
    members = members_of(generators if moving else (), first, layout, MAX_LISTED // len(terms))
    if members is None:
        reason = "the initial state is no product of |0>, |1>, |+> and the like, and the orbit is too large to list"
        return [Orbit(name, None, None, reason) for name, _, _ in terms], None, reason
    strings = [layout.string(v) for v in members]
    values = np.zeros(len(strings))
    orbits = []
    for name, string, coefficient in terms:
        between_phase, between = multiply(first, string)
        images, signs = [], []
        for member in strings:
            phase, image = multiply(member, between)
            images.append(image)
            signs.append(1 - (phase + between_phase) % 4)
        seen = state.expectation(pack(images, state.qubits))
        values += coefficient * np.array(signs) * seen
        orbits.append(Orbit(name, len(strings), float(np.mean(seen**2))))
    return orbits, float(np.mean(values**2)), ""
