"""Costs and gradients at given angles under noise: all Pauli strings of a few qubits, as one real vector.

The observable is pulled back through every event and kept at each; then the expectation values of all strings go
forward, meet the observable at every turn, which gives the derivatives, and end as those at the circuit's end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ansatzlint.moments.cost import Words
from ansatzlint.moments.frame import Noise
from ansatzlint.moments.initial import Initial, pack
from ansatzlint.pauli.strings import PauliString, multiply

MAX_QUBITS = 7
"""4^n numbers for every event and draw."""

MAX_WORDS = 256
"""Words of a cost whose square is written out."""

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Liouville:
    """Turns and noise on the vector of all strings; string (x, z) on n qubits stands at x + 2^n z.

    Attributes
    ----------
    start, square : float64 array of shape (4^n,)
        The coefficients of O and of O^2 (the latter not a number where it is not known).
    values : float64 array of shape (4^n,)
        Expectation values in the initial state.
    shifts : int64 array of shape (E,)
        By what an event moves a string's place: the place of its generator, or of a channel's Z.
    signs : int8 array of shape (E, 4^n)
        Of a turn: that of i P Q for strings Q that anticommute with P, else 0. Of noise: that of P Q for the strings
        with Z there.
    channels : int64 array of shape (E,)
        The row in `factors` and `gains` of noise, -1 for a turn.
    factors : float64 array of shape (C, 4^n), gains : float64 array of shape (C,)
    constants, rows, columns, coefficients
        The angle of turn e is constants[e] + sum of coefficients[j] * feature columns[j], rows[e] <= j < rows[e + 1].
    """

    start: Floats
    square: Floats
    values: Floats
    shifts: Integers
    signs: NDArray[np.int8]
    channels: Integers
    factors: Floats
    gains: Floats
    constants: Floats
    rows: Integers
    columns: Integers
    coefficients: Floats

    @property
    def work(self) -> int:
        """Updates of one draw."""
        return 3 * len(self.shifts) * len(self.start)

    def run(self, features: Floats, cost: Floats, square: Floats, slopes: Floats) -> None:
        """Write <O> and <O^2> at each row of features; add the derivatives by every feature to `slopes`."""
        from ansatzlint.moments.liouville_kernel import gradients

        gradients(
            features, self.start, self.square, self.values, self.shifts, self.signs, self.channels, self.factors,
            self.gains, self.constants, self.rows, self.columns, self.coefficients, cost, square, slopes,
        )  # fmt: skip


Turn = tuple[PauliString, float, tuple[tuple[int, float], ...]]
"""A generator, the constant part of its angle, and (feature, coefficient) for the rest."""


def liouville(events: Sequence[Turn | Noise], pulled: Words, state: Initial) -> Liouville:
    """Lay out events in time order; the cost's strings are pulled back through the Clifford gates, signs included."""
    n = state.qubits
    places = np.arange(4**n, dtype=np.int64)
    x, z = places & (2**n - 1), places >> n
    shifts, channels, constants, rows = [], [], [], [0]
    terms: list[tuple[int, float]] = []
    signs = np.zeros((len(events), 4**n), dtype=np.int8)
    factors: list[Floats] = []
    gains: list[float] = []
    for e, event in enumerate(events):
        if isinstance(event, Noise):
            letters = np.zeros(4**n, dtype=np.int64)
            for j in range(len(event.axes) // 2):
                with_x, with_z = (_anticommute(axis, x, z) for axis in event.axes[2 * j : 2 * j + 2])
                letters |= (with_z | with_x << 1) << (2 * j)
            channels.append(len(factors))
            factors.append(np.array(event.factors)[letters])
            gains.append(event.shift)
            axis = event.axes[1]
            if event.shift:
                signs[e] = np.where(letters == 2, _sign(axis, x, z), 0)
            constants.append(0.0)
        else:
            axis, constant, own = event
            signs[e] = np.where(_anticommute(axis, x, z) == 1, _sign(axis, x, z), 0)
            channels.append(-1)
            constants.append(constant)
            terms += own
        shifts.append(_place(axis, n))
        rows.append(len(terms))
    strings = [PauliString(int(a), int(b)) for a, b in zip(x, z, strict=True)]
    return Liouville(
        start=_vector(pulled, n),
        square=_square(pulled, n),
        values=state.expectation(pack(strings, n)),
        shifts=np.array(shifts, dtype=np.int64),
        signs=signs,
        channels=np.array(channels, dtype=np.int64),
        factors=np.array(factors, dtype=np.float64).reshape(len(factors), 4**n),
        gains=np.array(gains, dtype=np.float64),
        constants=np.array(constants, dtype=np.float64),
        rows=np.array(rows, dtype=np.int64),
        columns=np.array([feature for feature, _ in terms], dtype=np.int64),
        coefficients=np.array([c for _, c in terms], dtype=np.float64),
    )


def _place(string: PauliString, n: int) -> int:
    return string.x | string.z << n


def _vector(cost: Words, n: int) -> Floats:
    found = np.zeros(4**n)
    for string, coefficient in zip(cost.strings, cost.coefficients, strict=True):
        found[_place(string, n)] += coefficient * string.sign
    return found


def _square(cost: Words, n: int) -> Floats:
    found = np.zeros(4**n)
    if len(cost.strings) > MAX_WORDS:
        found[:] = np.nan
        return found
    for a, c in zip(cost.strings, cost.coefficients, strict=True):
        for b, d in zip(cost.strings, cost.coefficients, strict=True):
            phase, string = multiply(a, b)
            if phase % 2 == 0:  # the products of anticommuting words cancel in pairs
                found[_place(string, n)] += (1 - phase) * c * d
    return found


def _anticommute(axis: PauliString, x: Integers, z: Integers) -> Any:
    return (np.bitwise_count(x & axis.z) + np.bitwise_count(z & axis.x)).astype(np.int64) & 1


def _sign(axis: PauliString, x: Integers, z: Integers) -> NDArray[np.int8]:
    """The sign of P Q where P = axis commutes with Q, of i P Q where not."""

    def count(bits: Any) -> Any:
        return np.bitwise_count(bits).astype(np.int64)

    phase = (axis.x & axis.z).bit_count() + count(x & z) - count((x ^ axis.x) & (z ^ axis.z)) + 2 * count(x & axis.z)
    phase = phase + (1 - axis.sign) + _anticommute(axis, x, z)
    return np.asarray(1 - phase % 4, dtype=np.int8)

