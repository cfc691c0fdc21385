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

from ansatzlint.dimension.clifford import Turn, power, unit_of

ORDER = 1 << 31
"""Elements of the circle."""

_PRIME = ORDER - 1
_FINEST = 30
_EXACT = 1e-12

Element = tuple[int, int]


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

    def __init__(self, turns: Sequence[Turn], parameters: int, seed: int) -> None:
        random = np.random.default_rng(seed)
        self._root = _generator()
        self._parameters = [_on_circle(int(t)) for t in random.integers(0, _PRIME, parameters)]
        self._other = _on_circle(int(random.integers(0, _PRIME)))
        factors: dict[int, list[Fraction]] = {}
        for turn in turns:
            factors.setdefault(turn.parameter, []).append(turn.factor)
        self._units = {parameter: unit_of(own) for parameter, own in factors.items() if parameter >= 0}
        self._unit = unit_of([Fraction(turn.constant) for turn in turns if _root_of(turn.constant) is None] or [Fraction(1)])

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
    """k where half the angle is 2 pi k / 2^31 for an angle that is meant as a multiple of pi/2^m, m small; else None."""
    for m in range(12):
        turns = angle / pi * 2**m
        if abs(turns - round(turns)) < _EXACT * 2**m:
            return round(turns) * 2 ** (_FINEST - 1 - m)
    return None


def generic_rank(turns: Sequence[Turn], qubits: int, counted: Sequence[int], enough: int, seed: int) -> int:
    """A lower bound on the generic rank of the derivatives by the parameters `counted`, modulo the state's phase.

    Parameters
    ----------
    turns
        In time order, on |0…0>.
    enough
        No rank is higher.
    """
    from ansatzlint.dimension.field_kernels import derivatives, rank_of

    parameters = 1 + max((turn.parameter for turn in turns), default=-1)
    circle = _Circle(turns, parameters, seed)
    halves = [circle.half(turn) for turn in turns]
    rows = {parameter: r for r, parameter in enumerate(counted)}
    matrix = derivatives(
        1 << qubits,
        np.array([(t.generator.x, t.generator.z) for t in turns], dtype=np.int64).reshape(-1, 2),
        np.array([power(t.generator) for t in turns], dtype=np.int64),
        np.array([c for c, _ in halves], dtype=np.int64),
        np.array([s for _, s in halves], dtype=np.int64),
        np.array([rows.get(t.parameter, -1) for t in turns], dtype=np.int64),
        np.array([circle.weight(t) % _PRIME if t.parameter >= 0 else 0 for t in turns], dtype=np.int64),
        len(rows),
    )
    return int(rank_of(matrix, enough + 1)) - 1
