"""Columns for angles that stay near multiples of pi/2: what interferes there, which sums of squares cannot tell.

At those multiples the circuit is Clifford. A slope of the cost is then a sum over the paths on which a string of the
cost moves once, and its rate of change with another angle one over paths of two moves; paths add up with their signs,
over cost terms and over all uses of a parameter. The functions 1 and sin of independent angles are orthogonal, so

    E[(dC/dt_k)^2] >= E[dC/dt_k]^2 + sum_l E[dC/dt_k sin x_l]^2 / E[sin^2 x_l],

with equality to second order in the angles' spread. The same paths squared one by one are what beliefs hold of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ansatzlint.features.feature import Feature

if TYPE_CHECKING:
    from ansatzlint.features.tape import Tape

MOST_SPLIT = 6
"""Qubits of a projector that is written as a sum of words."""
MOST_UNITS = 512
MOST_STEPS = 400_000
NARROW = 0.15
"""Largest E[sin^2 x] of a turn by a narrow angle; half of the turns, at least, must be such."""

_CANCELLED = 1e-12
"""Share of the paths one by one below which a sum of them is rounding."""
_FLOOR = 1e-300
_UNIT = "log10 of cost squared per radian squared"

COLUMNS = (
    Feature("log10_narrow_largest", _UNIT, "largest mean square gradient by paths of one and two moves, with signs"),
    Feature("log10_narrow_median", _UNIT, "median of those above zero, likewise"),
    Feature("narrow_share", "1", "share of such paths, one by one, in the beliefs' sum of mean square gradients"),
    Feature("narrow_coherence", "1", "log10 of the factor by which their sum grows if paths are added up with signs"),
    Feature("narrow_linear", "1", "share of mean gradients in the sum of mean square gradients by these paths"),
)  # fmt: skip


def columns(
    tape: Tape, gradients: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64] | None]:
    """The columns of a tape, and beliefs with these paths in place of what beliefs hold of them.

    Parameters
    ----------
    gradients : float64 array of shape (P,)
        The beliefs' mean square gradient of each parameter.

    Returns
    -------
    float64 of shape (len(COLUMNS),), and one of the shape of the trainable parameters; NaN and None where angles are
    not narrow or nothing is known.
    """
    found = np.full(len(COLUMNS), np.nan)
    own = gradients[tape.trainable]
    figures = _figures(tape)
    if figures is None:
        return found, None
    linear, together, apart = (values[tape.trainable] for values in figures)
    together = np.where(together > _CANCELLED * apart, together, 0.0)
    whole = apart.sum()
    found[:2] = _largest_and_median(together)
    found[2] = min(whole / max(own.sum(), _FLOOR), 10.0)
    if whole > 0.0:
        found[3] = np.log10(max(together.sum() / whole, _CANCELLED))
        found[4] = min(linear.sum() / max(together.sum(), _FLOOR), 1.0)
    return found, np.maximum(own - apart, 0.0) + together


def _largest_and_median(values: NDArray[np.float64]) -> tuple[float, float]:
    alive = np.sort(values[values > _FLOOR])
    if not len(alive):
        return np.nan, np.nan
    half = len(alive) // 2
    return float(np.log10(alive[-1])), float(np.log10((alive[half] + alive[-1 - half]) / 2))


def _figures(
    tape: Tape,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]] | None:
    """Per parameter squares of mean slopes, mean square slopes, and sums of squared paths; None where unknown."""
    from ansatzlint.features.narrow_kernels import expand, pull_signed
    from ansatzlint.features.tape import MAPS, SIGNS, TURN

    turn = tape.kind == TURN
    total = len(tape.trainable)
    # quarter turns that are no mean of anything are Clifford
    moving = turn & (np.abs(tape.mean_flip) < 1.0 - 1e-12)
    turns = np.flatnonzero(moving)
    fixed = int(np.count_nonzero(tape.parameter[turns] < 0))
    if not len(turns) or tape.qubits > 64 or total + fixed > MOST_UNITS or tape.general.any():
        return None
    even = np.abs(tape.mean_keep) >= np.abs(tape.mean_flip)
    spread = np.where(even, tape.flip, tape.keep)
    if np.count_nonzero(spread[turns] <= NARROW) < len(turns) / 2 or np.any(tape.initial[:, 2] != 1.0):
        return None
    words = _words(tape)
    if words is None:
        return None
    quarter = np.where(
        even, np.where(tape.mean_keep < 0.0, 2, 0), np.where(tape.mean_flip < 0.0, 3, 1)
    )  # fmt: skip
    quarter[~turn] = 0
    size = len(tape.kind)
    strings, negative = np.zeros((size, 2), dtype=np.uint64), np.zeros(size, dtype=np.bool_)
    local = np.zeros((size, 4, 2), dtype=np.uint64)
    bits = np.zeros((tape.qubits, 4, 2), dtype=np.uint64)
    minus = np.zeros((tape.qubits, 4), dtype=np.bool_)
    pull_signed(
        tape.kind, tape.table, tape.first, tape.wire, tape.letter, quarter, moving, MAPS, SIGNS,
        tape.pauli_at, tape.pauli_first, tape.pauli_wire, tape.pauli_letter, strings, negative, local, bits, minus,
    )  # fmt: skip
    terms = np.zeros((len(words), 2), dtype=np.uint64)
    value = np.zeros(len(words))
    for t, (wires, letters, coefficient) in enumerate(words):
        x = z = power = 0
        for q, letter in zip(wires, letters, strict=True):
            own_x, own_z = int(bits[q, letter, 0]), int(bits[q, letter, 1])
            power += (x & z).bit_count() + (own_x & own_z).bit_count() + 2 * (z & own_x).bit_count()
            x, z = x ^ own_x, z ^ own_z
            power += 2 * int(minus[q, letter]) - (x & z).bit_count()
        terms[t] = x, z
        value[t] = -coefficient if power & 3 == 2 else coefficient
    unit = np.where(moving, tape.parameter, -1)
    unit[turns[tape.parameter[turns] < 0]] = total + np.arange(fixed)
    slope = np.where(moving, tape.factor, 0.0)
    slope[(unit < 0) | (unit >= total)] = 0.0
    known = slope != 0.0
    known[known] = tape.trainable[unit[known]]
    slope[~known] = 0.0
    near = np.where(even, np.abs(tape.mean_keep), np.abs(tape.mean_flip))
    fade = np.where(moving, np.log(np.maximum(near, 1e-12)), 0.0)
    signed = np.sqrt(np.maximum(spread, 0.0)) * np.where(tape.factor < 0.0, -1.0, 1.0)
    units = total + fixed
    mean, rate, apart = np.zeros(units), np.zeros((units, units)), np.zeros(units)
    complete = expand(
        tape.kind, tape.table, unit, slope, signed, fade, strings, negative, local, tape.damping, terms, value,
        MOST_STEPS, mean, rate, apart,
    )  # fmt: skip
    if not complete:
        return None
    linear = mean[:total] ** 2
    return linear, linear + (rate[:total] ** 2).sum(axis=1), apart[:total]


def _words(tape: Tape) -> list[tuple[list[int], list[int], float]] | None:
    """Wires, letters and coefficient of the words that the cost is a sum of; None where they are too many."""
    from ansatzlint.features.tape import EITHER

    found = []
    for t, coefficient in enumerate(tape.coefficient.tolist()):
        begin, end = tape.term_first[t], tape.term_first[t + 1]
        wires, letters = tape.term_wire[begin:end].tolist(), tape.term_letter[begin:end].tolist()
        if letters[0] != EITHER:
            found.append((wires, letters, coefficient))
            continue
        if len(wires) > MOST_SPLIT:
            return None
        minus = tape.term_minus[begin:end].tolist()
        for chosen in range(1, 1 << len(wires)):
            inside = [j for j in range(len(wires)) if chosen >> j & 1]
            sign = -1.0 if sum(minus[j] for j in inside) % 2 else 1.0
            found.append(([wires[j] for j in inside], [2] * len(inside), sign * coefficient / 2 ** len(wires)))
    return found
