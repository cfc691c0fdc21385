"""The parameter dimension of few qubits, by exact arithmetic at a random point over a finite field.

A minor of the derivatives is a polynomial with rational coefficients in cos and sin of the parameters. If it does not
vanish at one point over a field of p elements, it is not zero, and vanishes at almost no real parameters either. So the
rank at that point bounds the generic rank from below, with certainty, and equals it but with a probability of about
(degree / p) (Schwartz and Zippel).

Pairs (c, s) with c^2 + s^2 = 1 modulo p = 2^31 - 1 form a cyclic group of 2^31 elements, which turn as angles do. Fixed
angles that are multiples of pi/2^k have their place there, as roots of unity have in the complex numbers. Any other
fixed angle is the rational number that its float is; e to its power i is transcendental (Lindemann), and all of them
are powers of one such number, for which any element may stand.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import pi

import numpy as np
from numpy.typing import NDArray

from ansatzlint.dimension.turns import Turn, power, unit_of
from ansatzlint.pauli.strings import PauliString, multiply

ORDER = 1 << 31
"""Elements of the circle."""

MOST_MIXED = 1 << 30
"""Pairs of strings that turns mix, a nanosecond or two each."""

_PRIME = ORDER - 1
_FINEST = 30
_EXACT = 1e-12

Element = tuple[int, int]
Integers = NDArray[np.int64]


def _times(a: Element, b: Element) -> Element:
    return (a[0] * b[0] - a[1] * b[1]) % _PRIME, (a[0] * b[1] + a[1] * b[0]) % _PRIME


def _power(a: Element, exponent: int) -> Element:
    exponent %= ORDER
    result = 1, 0
    while exponent:
        if exponent & 1:
            result = _times(result, a)
        a = _times(a, a)
        exponent >>= 1
    return result


def _on_circle(number: int) -> Element:
    """The point ((1 - t^2), 2 t) / (1 + t^2); -1 is no square, so that the denominator is never 0."""
    t = number % _PRIME
    scale = pow(1 + t * t, -1, _PRIME)
    return (1 - t * t) * scale % _PRIME, 2 * t * scale % _PRIME


def _generator() -> Element:
    """An element of order 2^31; it stands for e to the power 2 pi i / 2^31."""
    for t in range(2, 100):
        element = _on_circle(t)
        quarter = _power(element, ORDER // 4)
        if quarter[0] == 0:  # i or -i; of the two only i has the sine of pi/2
            return element if quarter[1] == 1 else (element[0], -element[1] % _PRIME)
    raise AssertionError("half of all elements generate the circle")


class _Circle:
    """What stands for e to the power i times half an angle."""

    def __init__(self, turns: Sequence[Turn], seed: int) -> None:
        random = np.random.default_rng(seed)
        parameters = 1 + max((turn.parameter for turn in turns), default=-1)
        self._root = _generator()
        self._parameters = [_on_circle(int(t)) for t in random.integers(0, _PRIME, parameters)]
        self._other = _on_circle(int(random.integers(0, _PRIME)))
        factors: dict[int, list[Fraction]] = {}
        for turn in turns:
            factors.setdefault(turn.parameter, []).append(turn.factor)
        self._units = {parameter: unit_of(own) for parameter, own in factors.items() if parameter >= 0}
        others = [Fraction(turn.constant) for turn in turns if _root_of(turn.constant) is None]
        self._unit = unit_of(others or [Fraction(1)])

    def half(self, turn: Turn) -> Element:
        """cos and sin of half the turn's angle."""
        root = _root_of(turn.constant)
        if root is not None:
            element = _power(self._root, root)
        else:
            element = _power(self._other, int(Fraction(turn.constant) / self._unit))
        if turn.parameter >= 0:
            times = self.weight(turn)
            element = _times(element, _power(self._parameters[turn.parameter], times))
        return element

    def weight(self, turn: Turn) -> int:
        """The turn's factor in units that are common to all turns by its parameter."""
        return int(turn.factor / self._units[turn.parameter])


def _root_of(angle: float) -> int | None:
    """k where half the angle is 2 pi k / 2^31, for an angle that is meant as a multiple of pi/2^m with m < 12."""
    for m in range(12):
        turns = angle / pi * (1 << m)
        if abs(turns - round(turns)) < _EXACT * (1 << m):
            return round(turns) << (_FINEST - 1 - m)
    return None


def rank_of_states(turns: Sequence[Turn], qubits: int, counted: Sequence[int], enough: int, seed: int) -> int:
    """A lower bound on the generic rank of the derivatives by the parameters `counted`, modulo the state's phase.

    All amplitudes are held.

    Parameters
    ----------
    turns
        In time order, on |0…0>.
    enough
        No rank is higher.
    """
    from ansatzlint.dimension.field_kernels import derivatives, rank_of

    circle = _Circle(turns, seed)
    halves = [circle.half(turn) for turn in turns]
    rows, weights = _rows(turns, counted, circle)
    matrix = derivatives(
        1 << qubits,
        _integers([(t.generator.x, t.generator.z) for t in turns]).reshape(-1, 2),
        _integers([power(t.generator) for t in turns]),
        _integers([c for c, _ in halves]),
        _integers([s for _, s in halves]),
        rows,
        weights,
        len(counted),
    )
    return int(rank_of(matrix, enough + 1)) - 1


def rank_in_algebra(
    turns: Sequence[Turn], strings: Sequence[PauliString], counted: Sequence[int], enough: int, seed: int
) -> int | None:
    """As `rank_of_states`; the generators are pulled back to |0…0> as sums of the strings of their Lie algebra.

    None where that takes more than `MOST_MIXED` steps.

    Parameters
    ----------
    strings
        All of the algebra, without signs.
    """
    from ansatzlint.dimension.field_kernels import pulled_back, rank_of

    circle = _Circle(turns, seed)
    angles = [_times(half, half) for half in map(circle.half, turns)]
    index = {string: i for i, string in enumerate(strings)}
    kinds = {kind: g for g, kind in enumerate(dict.fromkeys(_unsigned(turn.generator) for turn in turns))}
    pairs: list[tuple[int, int, int]] = []
    edges = [0]
    for kind in kinds:
        for i, string in enumerate(strings):
            if not kind.commutes(string):
                phase, other = multiply(kind, string)
                j = index[other]
                if i < j:  # i G P = sign P', and i G P' = -sign P
                    pairs.append((i, j, 1 if phase == 3 else -1))
        edges.append(len(pairs))
    mixed = [edges[kinds[_unsigned(turn.generator)] + 1] - edges[kinds[_unsigned(turn.generator)]] for turn in turns]
    if sum(mixed) * len(turns) > 2 * MOST_MIXED:
        return None
    directions: dict[tuple[int, int], int] = {}
    columns, signs = [], []
    for string in strings:
        turned = power(string)
        key = string.x, turned & 1
        columns.append(directions.setdefault(key, len(directions)) if string.x else -1)
        signs.append(1 - (turned & 2))
    rows, weights = _rows(turns, counted, circle)
    matrix = pulled_back(
        _integers(pairs).reshape(-1, 3),
        _integers(edges),
        _integers([kinds[_unsigned(turn.generator)] for turn in turns]),
        _integers([index[_unsigned(turn.generator)] for turn in turns]),
        _integers([turn.generator.sign for turn in turns]),
        _integers([c for c, _ in angles]),
        _integers([s for _, s in angles]),
        rows,
        weights,
        _integers(columns),
        _integers(signs),
        len(counted),
        len(directions),
    )
    return int(rank_of(matrix, enough))


def _unsigned(string: PauliString) -> PauliString:
    return PauliString(string.x, string.z)


def _rows(turns: Sequence[Turn], counted: Sequence[int], circle: _Circle) -> tuple[Integers, Integers]:
    """The row of each turn's parameter, -1 for none, and the factor of its angle modulo the prime."""
    rows = {parameter: r for r, parameter in enumerate(counted)}
    return (
        _integers([rows.get(turn.parameter, -1) for turn in turns]),
        _integers([circle.weight(turn) % _PRIME if turn.parameter >= 0 else 0 for turn in turns]),
    )


def _integers(values: Sequence[object]) -> Integers:
    return np.array(values, dtype=np.int64)
