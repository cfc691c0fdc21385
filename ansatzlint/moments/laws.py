"""Trigonometric moments of random angles: what a rotation by a random angle does to a pair of Pauli strings.

A rotation by x about P sends a string Q that anticommutes with it to cos(x) Q + sin(x) i P Q in the Heisenberg
picture. A turn of m commuting generators by x_j = a_j t + b_j, t random, therefore acts on a string by products of
cosines and sines. Such a product is named by one digit a generator: 0 (ABSENT, the string commutes with it), 1
(STAY, cos) or 2 (MOVE, sin); its number is sum_j digit_j 3^j.
"""

from __future__ import annotations

import cmath
import math
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from ansatzlint.initialisation import Initialisation, Normal, Uniform

ABSENT, STAY, MOVE = 0, 1, 2

_ROUND_OFF = 4e-15


@dataclass(frozen=True, slots=True)
class Fixed:
    """An angle that is not random, in radians."""

    value: float


Law = Initialisation | Fixed


def is_random(law: Law) -> bool:
    """Whether the angle is spread out, rather than one value."""
    match law:
        case Uniform(low, high):
            return high > low
        case Normal(std, _):
            return std > 0
    return False


def span(law: Law) -> tuple[float, float]:
    """(base, spread): the angle is base + spread * u, u uniform over [0, 1), or standard normal for a normal law."""
    match law:
        case Uniform(low, high):
            return low, high - low
        case Normal(std, mean):
            return mean, std
        case Fixed(value):
            return value, 0.0
    return 0.0, 0.0


def deviation(law: Law) -> float:
    """The standard deviation of the angle."""
    match law:
        case Uniform(low, high):
            return (high - low) / math.sqrt(12)
        case Normal(std, _):
            return std
    return 0.0


def characteristic(law: Law, frequency: float) -> complex:
    """E[exp(i frequency t)] of a random t.

    Values below the round-off of pi are exactly zero: a uniform law over a whole period has vanishing moments.
    """
    match law:
        case Uniform(low, high):
            half = frequency * (high - low) / 2
            spread = np.sinc(half / np.pi)
            value = cmath.exp(1j * frequency * (low + high) / 2) * float(spread)
        case Normal(std, mean):
            width = frequency * std
            value = cmath.exp(complex(-width * width / 2, frequency * mean))
        case Fixed(at):
            value = cmath.exp(1j * frequency * at)
        case _:
            value = 1 + 0j
    return complex(
        0.0 if abs(value.real) < _ROUND_OFF else value.real, 0.0 if abs(value.imag) < _ROUND_OFF else value.imag
    )


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """Joint moments of the 3^m products u_f(t) of one turn, m its number of generators.

    Attributes
    ----------
    mean, mean_slope : float64 array of shape (3^m,)
        E[u_f] and E[u_f'], the prime being d/dt.
    square, slope : float64 array of shape (3^m, 3^m)
        E[u_f u_g] and E[u_f' u_g'].
    """

    mean: NDArray[np.float64]
    mean_slope: NDArray[np.float64]
    square: NDArray[np.float64]
    slope: NDArray[np.float64]

    @property
    def generators(self) -> int:
        return round(math.log(len(self.mean), 3))

    @property
    def stays_diagonal(self) -> bool:
        """Whether a pair of equal strings stays a pair of equal strings: one generator, E[sin cos] = 0."""
        return len(self.mean) == 3 and self.square[STAY, MOVE] == 0.0

    @property
    def rigid(self) -> bool:
        """Whether the product of the two strings of any pair never changes: also E[sin] = 0."""
        return self.stays_diagonal and self.mean[MOVE] == 0.0

    @property
    def kills(self) -> bool:
        """Whether a pair dies of which one string commutes with the generator and the other does not."""
        return len(self.mean) == 3 and self.mean[STAY] == 0.0 and self.mean[MOVE] == 0.0


@cache
def moments(law: Law, frequencies: tuple[float, ...], offsets: tuple[float, ...]) -> Moments:
    """The moments of a turn by x_j = frequencies[j] * t + offsets[j], t drawn from the law.

    Every product of cosines and sines is a sum of exponentials exp(i w t), so that the law's characteristic function
    gives all of them exactly.
    """
    # In units of the largest frequency: round-off is relative to it, and a slow gate is no dead one.
    unit = max((abs(f) for f in frequencies), default=0.0) or 1.0
    terms: NDArray[np.complex128] = np.ones((1, 1), dtype=np.complex128)
    spectrum: NDArray[np.float64] = np.zeros(1)
    for frequency, offset in zip(frequencies, offsets, strict=True):
        phase = cmath.exp(1j * offset)
        factor = np.array(
            [[1, 0, 0], [0, phase / 2, phase.conjugate() / 2], [0, phase / 2j, -phase.conjugate() / 2j]],
            dtype=np.complex128,
        )
        terms = np.kron(factor, terms).astype(np.complex128)
        spectrum = np.add.outer([0.0, frequency / unit, -frequency / unit], spectrum).ravel()
    known: dict[float, complex] = {}

    def at(frequency: float) -> complex:
        # Round-off must not tell frequencies apart that are equal.
        key = round(float(frequency), 12)
        if key not in known:
            known[key] = characteristic(law, key * unit)
        return known[key]

    single = np.array([at(w) for w in spectrum])
    double = np.array([[at(v + w) for w in spectrum] for v in spectrum])
    slopes = terms * (1j * spectrum)

    def clean(values: NDArray[np.complex128], scale: float = 1.0) -> NDArray[np.float64]:
        real = np.ascontiguousarray(values.real)
        real[np.abs(real) < _ROUND_OFF] = 0.0
        real *= scale
        real.flags.writeable = False
        return real

    return Moments(
        mean=clean(terms @ single),
        mean_slope=clean(slopes @ single, unit),
        square=clean(terms @ double @ terms.T),
        slope=clean(slopes @ double @ slopes.T, unit * unit),
    )
