"""Rare events in one dimension: the diagonal second-moment chain as matrix products along a line of qubits.

A global cost on 50 qubits has a mean square of 1e-15 and less, which no plain sample of Pauli paths hits. Along a
line of qubits the chain's value function and its distribution are matrix products of moderate bond; two sweeps give
the mean squares of the cost and of all its derivatives. What truncation may have done to them is measured by walks
that are drawn with the value function as a guide and weighted so that their mean is right whatever its error.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ansatzlint.moments.chain.plan import Line, lay
from ansatzlint.moments.chain.start import Start, projector, words
from ansatzlint.moments.chain.sweeps import Sweeps, sweep
from ansatzlint.moments.chain.walks import walk
from ansatzlint.moments.cost import Cost, Ket
from ansatzlint.moments.intervals import interval
from ansatzlint.moments.laws import Law
from ansatzlint.moments.sequence import Step
from ansatzlint.moments.tally import Sums, Tally
from ansatzlint.pauli.strings import bits

_BLOCK = 128
"""Walks are drawn in blocks of so many; even blocks belong to one half of the tally, odd ones to the other."""

_HARMLESS = 1e-3
"""A bound on the relative error of the cost below which nothing need be drawn."""

_ROUND_OFF = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class ChainResult:
    """Mean squares along a line of qubits.

    Attributes
    ----------
    cost, cost_lower, cost_upper : float
        Mean square of the cost, and its interval.
    gradients, lower, upper : float64 array of shape (parameters,)
        Mean squares of the derivatives, and their intervals.
    drawn : bool
        Whether the intervals are 95 % confidence intervals from walks; if not, they follow from what was truncated.
    error : float
        Bound on the error of the sweeps' mean square of the cost relative to the largest number, to first order in
        what was truncated.
    bond : int
        The largest bond that was kept.
    truncated : bool
        Whether the bond rather than the tolerance cut something off.
    samples : int
        Walks.
    work : int
        Multiplications in the sweeps, roughly.
    """

    cost: float
    cost_lower: float
    cost_upper: float
    gradients: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    drawn: bool
    error: float
    bond: int
    truncated: bool
    samples: int
    work: int


def chain_moments(
    steps: Sequence[Step],
    laws: Sequence[Law],
    qubits: int,
    parameters: int,
    starts: Cost,
    bloch: NDArray[np.float64],
    *,
    bond: int = 32,
    tolerance: float = 1e-10,
    samples: int = 1024,
    seed: int = 0,
) -> ChainResult | None:
    """Mean squares of the cost and of its derivatives by all parameters.

    Parameters
    ----------
    steps
        As `sequence.steps` gives them.
    laws
        How each parameter is drawn.
    starts
        The cost: Pauli words with coefficients, whose cross terms are left out, or a projector.
    bloch : float64 array of shape (qubits, 3)
        Expectation values of X, Y and Z of each qubit in the initial product state.
    bond, tolerance
        The largest bond, and the relative norm that a truncation may discard.
    samples, seed
        How many walks are drawn where truncation was not harmless, and by which numbers.

    Returns
    -------
    None where the steps are no classical chain (see `plan.lay`) or too far from a line.
    """
    assert bloch.shape == (qubits, 3), "a Bloch vector a qubit"
    line = lay(steps, laws, _support(starts))
    if line is None:
        return None
    zeros = np.zeros(parameters)
    if not line.order:  # a constant
        constant = sum(c * c for c in starts.coefficients) if not isinstance(starts, Ket) else 1.0
        return ChainResult(constant, constant, constant, zeros, zeros, zeros, False, 0.0, 1, False, 0, 0)
    x, y, z = np.square(bloch[list(line.order)]).T
    values = np.stack([np.ones_like(x), x, z, y], axis=1)
    start = _start(starts, line)
    found = sweep(line, values, start, parameters, bond, tolerance)
    if found is None:
        return ChainResult(0.0, 0.0, 0.0, zeros, zeros, zeros, False, 0.0, 1, False, 0, 0)
    estimate = sweeps = np.concatenate([[found.cost], found.gradients])
    lower, upper = _bounds(line, found, estimate)
    tally = None
    if found.error > _HARMLESS * estimate.max() or not np.isfinite(upper).all():
        tally = _draw(line, found, values, start, parameters, samples, seed)
    if tally is not None:
        ceiling = _ceiling(line, start, found)
        measured = interval(tally, ceiling=ceiling)
        known = tally.hits.any()
        narrower = known & (measured.upper - measured.lower < upper - lower)
        lower, upper = np.where(narrower, measured.lower, lower), np.where(narrower, measured.upper, upper)
        lower, upper = np.minimum(lower, ceiling), np.minimum(upper, ceiling)
        estimate = np.where((estimate >= lower) & (estimate <= upper), estimate, measured.estimate)
    unit = math.exp(found.log)
    error = found.error / max(float(sweeps.max()), 1e-300)
    estimate, lower, upper = estimate * unit, lower * unit, upper * unit
    return ChainResult(
        float(estimate[0]), float(lower[0]), float(upper[0]), estimate[1:], lower[1:], upper[1:],
        tally is not None, error, found.reached, found.capped, samples if tally is not None else 0, found.work,
    )  # fmt: skip


def _support(starts: Cost) -> int:
    support = 0
    if isinstance(starts, Ket):
        for qubit in starts.qubits:
            support |= 1 << qubit
    else:
        for string in starts.strings:
            support |= string.support
    return support


def _start(starts: Cost, line: Line) -> Start:
    place = {qubit: site for site, qubit in enumerate(line.order)}
    if isinstance(starts, Ket):
        return projector([place[q] for q in starts.qubits], len(line.order))
    letters = np.zeros((len(starts.strings), len(line.order)), dtype=np.uint8)
    for row, string in zip(letters, starts.strings, strict=True):
        for q in bits(string.support):
            row[place[q]] = (string.x >> q & 1) + 2 * (string.z >> q & 1)
    return words(letters, starts.coefficients)


def _bounds(
    line: Line, found: Sweeps, estimate: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What truncation can have done, to first order: of a derivative as much as of the cost, times slope by square.

    A slope without a square has no such bound; one that is lost in round-off needs none.
    """
    ratio = np.zeros(len(estimate))
    ratio[0] = 1.0
    without = 1.0 if found.error <= _ROUND_OFF * estimate.max() else np.inf
    for row in line.rows:
        for turn in row.turns:
            for k, slope in turn.slopes:
                there = (slope > 0.0) & (turn.square > 0.0)
                ratio[k + 1] = (slope[there] / turn.square[there]).max(initial=0.0)
                if np.any((slope > 0.0) & (turn.square == 0.0)):
                    ratio[k + 1] = max(ratio[k + 1], without)
    width = ratio * max(found.error, 1e-300) + _ROUND_OFF * estimate
    return np.maximum(estimate - width, 0.0), estimate + width


def _ceiling(line: Line, start: Start, found: Sweeps) -> NDArray[np.float64]:
    """No mean square can be larger: all values of strings are at most 1, and what a map makes of them."""
    largest = np.ones(len(found.gradients) + 1)
    for row in line.rows:
        for turn in row.turns:
            for k, slope in turn.slopes:
                largest[k + 1] = slope.sum(axis=1).max()
    return largest * math.exp(min(start.log - found.log, 700.0))


def _draw(
    line: Line,
    found: Sweeps,
    values: NDArray[np.float64],
    start: Start,
    parameters: int,
    samples: int,
    seed: int,
) -> Tally:
    """Walks in blocks, each from a stream of its own."""
    sums = Sums(parameters + 1)
    for block, first in enumerate(range(0, samples, _BLOCK)):
        size = min(_BLOCK, samples - first)
        generator = np.random.Generator(np.random.Philox(key=[seed % 2**64, block]))
        walks = walk(line, found.values, values, start, parameters, found.log, size, generator)
        sums.add(block % 2, np.column_stack([walks.cost, walks.gradients]))
    return sums.tally(np.full(parameters + 1, np.inf))
