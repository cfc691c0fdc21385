"""The events of a frame as arrays for the kernels: linear maps on Pauli strings, or on pairs of them.

A kernel walks the events from the last to the first. An event has generators; whether the string anticommutes with
each of them is its pattern, and the pattern decides what becomes of it: a few options, each a subset of the
generators that it is multiplied with, a weight, and another weight for the derivative with respect to the event's
parameter. Multiplying with P means i P Q where P and Q anticommute (the rotation's term), P Q where they commute (the
non-unital part of noise).

Three spaces:

- MEAN: single strings with signs, first moments: E[<Q>].
- DIAGONAL: pairs of equal strings, kept once; signs square away.
- PAIR: all pairs (Q, R), as one string on twice the qubits: E[<Q><R>].
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ansatzlint.moments.frame import Event, Free, Group, Noise
from ansatzlint.moments.initial import Initial, pack, words_of
from ansatzlint.moments.laws import MOVE, STAY, Fixed, Law, Moments, moments
from ansatzlint.pauli.strings import PauliString

Space = Literal["mean", "diagonal", "pair"]

Option = tuple[int, float, float]
"""Which generators (bits), the weight, the weight of the derivative."""
Table = list[list[Option]]
"""For each pattern (bits, one a generator) its options; patterns of strings that stay as they are hold (0, 1, 0)."""


@dataclass(frozen=True, slots=True, eq=False)
class Operators:
    """Events in Heisenberg order, the last of the circuit first.

    Attributes
    ----------
    generators : uint64 array of shape (sum of generators, 2 w)
        Packed strings (x words, z words); w is that of the space: twice as many words for pairs.
    negative : bool array of shape (sum of generators,)
        Whether the generator carries a minus sign.
    first : int64 array of shape (E + 1,)
        Event e has generators first[e] to first[e + 1].
    table, equal : int64 arrays of shape (E,)
        The event's first row in `options`; that for pairs of equal strings, where the product of what becomes of the
        two is known to count or not to.
    options : int64 array
        Row r (an event's table plus a pattern) has options options[r] to options[r + 1].
    masks : int64 array, weights and slopes : float64 arrays
        One entry an option.
    parameters : int64 array of shape (E,)
        The index of the event's parameter, -1 for none.
    """

    space: Space
    generators: NDArray[np.uint64]
    negative: NDArray[np.bool_]
    first: NDArray[np.int64]
    table: NDArray[np.int64]
    equal: NDArray[np.int64]
    options: NDArray[np.int64]
    masks: NDArray[np.int64]
    weights: NDArray[np.float64]
    slopes: NDArray[np.float64]
    parameters: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.table)


def law_of(event: Group, laws: Sequence[Law]) -> Law:
    """The law of the event's parameter; angle zero for a fixed turn, whose offsets say all."""
    return Fixed(0.0) if event.parameter is None else laws[event.parameter]


def moments_of(event: Group, laws: Sequence[Law]) -> Moments:
    """The moments of the event's turn."""
    return moments(law_of(event, laws), event.frequencies, event.offsets)


def operators(
    events: Sequence[Event],
    laws: Sequence[Law],
    qubits: int,
    space: Space,
    dead: Sequence[frozenset[int]] | None = None,
) -> Operators:
    """The events as arrays for one space.

    No event may be `Free`. `dead` says for each event (in the order of `events`) what a pair of equal strings need not
    become: `crossing.Crossings.dead`. The diagonal space keeps nothing but pairs of equal strings.
    """
    tables: dict[object, int] = {}
    made: list[Table] = []
    rows = 0
    generators: list[PauliString] = []
    first, table, equal, parameters = [0], [], [], []

    def row_of(key: object, build: Callable[[], Table]) -> int:
        nonlocal rows
        if key not in tables:
            made.append(build())
            tables[key] = rows
            rows += len(made[-1])
        return tables[key]

    doubled = 2 if space == "pair" else 1
    for place in range(len(events) - 1, -1, -1):
        event = events[place]
        assert not isinstance(event, Free)
        if isinstance(event, Group):
            own = event.generators
            key: object = (law_of(event, laws), event.frequencies, event.offsets)
            parameters.append(-1 if event.parameter is None else event.parameter)
        else:
            own = event.axes
            key = (event.factors, event.shift)
            parameters.append(-1)
        full = partial(_table, event, laws, space)
        table.append(row_of(key, full))
        gone = dead[place] if dead is not None and space == "pair" else frozenset()
        equal.append(row_of((key, gone), partial(_pruned, full, gone, len(own))) if gone else table[-1])
        generators += own
        if doubled == 2:
            wide = 64 * words_of(qubits)
            generators += [PauliString(g.x << wide, g.z << wide, g.sign) for g in own]
        first.append(len(generators))
    flat = [options for one in made for options in one]
    counts = np.cumsum([0, *(len(options) for options in flat)])
    entries = [option for options in flat for option in options]
    return Operators(
        space,
        pack(generators, doubled * 64 * words_of(qubits)),
        np.array([g.sign < 0 for g in generators], dtype=np.bool_),
        np.array(first, dtype=np.int64),
        np.array(table, dtype=np.int64),
        np.array(equal, dtype=np.int64),
        counts.astype(np.int64),
        np.array([mask for mask, _, _ in entries], dtype=np.int64),
        np.array([weight for _, weight, _ in entries], dtype=np.float64),
        np.array([slope for _, _, slope in entries], dtype=np.float64),
        np.array(parameters, dtype=np.int64),
    )


def pair_up(strings: NDArray[np.uint64], others: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Packed pairs (Q, R) from packed strings Q and R of shape (N, 2 w); shape (N, 4 w)."""
    w = strings.shape[1] // 2
    return np.concatenate([strings[:, :w], others[:, :w], strings[:, w:], others[:, w:]], axis=1)


def value(operators: Operators, strings: NDArray[np.uint64], state: Initial) -> NDArray[np.float64]:
    """What strings of the operators' space, come to the beginning, are worth: <Q>, <Q>^2 or <Q><R>; shape (N,)."""
    if operators.space == "mean":
        return state.expectation(strings)
    if operators.space == "diagonal":
        return np.asarray(state.expectation(strings) ** 2)
    w = strings.shape[1] // 4
    left = np.concatenate([strings[:, :w], strings[:, 2 * w : 3 * w]], axis=1)
    right = np.concatenate([strings[:, w : 2 * w], strings[:, 3 * w :]], axis=1)
    return np.asarray(state.expectation(left) * state.expectation(right))


def _products(anticommuting: int, m: int) -> list[tuple[int, int]]:
    """(subset of generators that are multiplied with, number of the product of cosines and sines) for a pattern."""
    own = [j for j in range(m) if anticommuting >> j & 1]
    found = []
    for digits in product((STAY, MOVE), repeat=len(own)):
        mask = sum(1 << j for j, digit in zip(own, digits, strict=True) if digit == MOVE)
        found.append((mask, sum(digit * 3**j for j, digit in zip(own, digits, strict=True))))
    return found


def _table(event: Group | Noise, laws: Sequence[Law], space: Space) -> Table:
    return _turn(moments_of(event, laws), space) if isinstance(event, Group) else _noise(event, space)


def _pruned(build: Callable[[], Table], dead: frozenset[int], m: int) -> Table:
    """The table of pairs without the options that multiply the two strings with different, dead subsets."""
    low = (1 << m) - 1
    return [[o for o in options if (o[0] & low) ^ (o[0] >> m) not in dead] for options in build()]


def _turn(law: Moments, space: Space) -> Table:
    unchanged: list[Option] = [(0, 1.0, 0.0)]
    m = law.generators
    table: Table = []
    for pattern in range(4**m if space == "pair" else 2**m):
        if not pattern:
            table.append(unchanged)
        elif space == "pair":
            left, right = _products(pattern % 2**m, m), _products(pattern >> m, m)
            table.append(
                _kept([(a | b << m, law.square[f, g], law.slope[f, g]) for (a, f), (b, g) in product(left, right)])
            )
        elif space == "mean":
            table.append(_kept([(a, law.mean[f], law.mean_slope[f]) for a, f in _products(pattern, m)]))
        else:
            table.append(_kept([(a, law.square[f, f], law.slope[f, f]) for a, f in _products(pattern, m)]))
    return table


def _kept(options: list[Option]) -> list[Option]:
    return [(mask, float(weight), float(slope)) for mask, weight, slope in options if weight or slope]


def _letters(pattern: int, count: int) -> int:
    """The index into `Noise.factors` of a string with that pattern: it has X or Y where it anticommutes with Z."""
    index = 0
    for j in range(count):
        with_x, with_z = pattern >> (2 * j) & 1, pattern >> (2 * j + 1) & 1
        index |= (with_z | with_x << 1) << (2 * j)
    return index


_Z, _Z_AXIS = 2, 2  # the letter Z in `Noise.factors`; the pulled-back Z as a bit among the axes


def _noise(event: Noise, space: Space) -> Table:
    count = len(event.axes) // 2

    def single(pattern: int) -> list[tuple[int, float]]:
        index = _letters(pattern, count)
        found = [(0, event.factors[index])]
        if event.shift and index == _Z:
            found.append((_Z_AXIS, event.shift))
        return found

    table: Table = []
    for pattern in range(4**count):
        if space == "diagonal":
            table.append(_kept([(mask, weight**2, 0.0) for mask, weight in single(pattern)]))
        elif space == "mean":
            table.append(_kept([(mask, weight, 0.0) for mask, weight in single(pattern)]))
    if space == "pair":
        for right in range(4**count):
            for left in range(4**count):
                table.append(
                    _kept([
                        (a | b << (2 * count), v * w, 0.0)
                        for (a, v), (b, w) in product(single(left), single(right))
                    ])
                )  # fmt: skip
    return table
