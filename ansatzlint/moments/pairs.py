"""Sampled propagation with signed weights: strings, or pairs of strings, through any events.

A sample starts at one string (or pair) and at every event takes one of the options of its pattern, with a probability
that is a mixture of the options' weights and of their derivatives'. The product of weight over probability, times the
expectation value of the string that is left, is an unbiased estimate of the second moment; the same product with one
event's weight replaced by its derivative's is one of the gradient of that event's parameter. The mixture makes the
gradient of a narrow law, which sits on moves that its cost hardly makes, a common event.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ansatzlint.moments.compiled import compiled, multiply_all, pattern_of, row_of
from ansatzlint.moments.cost import Starts
from ansatzlint.moments.initial import Initial
from ansatzlint.moments.operators import Operators, value
from ansatzlint.moments.tally import Sums, Tally

BLOCK = 1 << 10
"""Samples are drawn in blocks of at most so many; even blocks make the one half of the tally, odd ones the other."""

_LARGEST = 1e140
"""Weights beyond this are cut, so that sums of their squares stay finite; such samples tell nothing anyway."""


@compiled
def _mix(state: Any) -> Any:
    """The next output of a splitmix64 stream in that state (Steele, Lea, Flood, OOPSLA 2014)."""
    value = state
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


@compiled
def _walk(
    generators: Any, negative: Any, first: Any, table: Any, equal: Any, options: Any, masks: Any, weights: Any,
    slopes: Any, chances: Any, signed: Any, strings: Any, factors: Any, ratios: Any, only: Any, states: Any,
) -> Any:  # fmt: skip
    """Walk every string to the beginning, in place.

    `factors` gains the product of weight over probability; `ratios[s, e]` becomes the derivative's weight over the
    weight of the option that sample s took at event e, 0 where the event left it alone. Where an option of weight zero
    is taken, its derivative's weight enters the product, only[s] becomes that event (else -1) and the row 1 there and 0
    elsewhere; a second one ends the sample.
    """
    for s in range(len(strings)):
        state = states[s]
        factor = factors[s]
        lost = -1
        for e in range(len(table)):
            start, stop = first[e], first[e + 1]
            pattern = pattern_of(generators, start, stop, strings, s)
            if pattern == 0:
                continue
            row = row_of(table, equal, e, pattern, strings, s)
            option, last = options[row], options[row + 1] - 1
            if option > last:
                factor = 0.0
                break
            if option < last:
                state += np.uint64(0x9E3779B97F4A7C15)
                draw = np.float64(_mix(state) >> np.uint64(11)) * 1.1102230246251565e-16
                while option < last and draw >= chances[option]:
                    draw -= chances[option]
                    option += 1
            if weights[option] == 0.0:
                if lost >= 0:
                    factor = 0.0
                    break
                lost = e
                factor *= slopes[option] / chances[option]
            else:
                factor *= weights[option] / chances[option]
                ratios[s, e] = slopes[option] / weights[option]
            if multiply_all(generators, negative, start, stop, masks[option], strings, s) and signed:
                factor = -factor
        factors[s] = factor
        only[s] = lost
        if lost >= 0:
            for e in range(len(table)):
                ratios[s, e] = 0.0
            ratios[s, lost] = 1.0


def _per_row(operators: Operators, values: NDArray[np.float64], join: np.ufunc) -> NDArray[np.float64]:
    """Sum or maximum over the options of each pattern, given back to each option's place."""
    counts = np.diff(operators.options)
    filled = np.flatnonzero(counts)
    joined = np.zeros(len(counts))
    joined[filled] = join.reduceat(values, operators.options[filled])
    return joined


def _chances(operators: Operators) -> NDArray[np.float64]:
    """The probability of each option within its pattern."""
    counts = np.diff(operators.options)
    weight, slope = np.abs(operators.weights), np.abs(operators.slopes)
    weights = np.repeat(_per_row(operators, weight, np.add), counts)
    slopes = np.repeat(_per_row(operators, slope, np.add), counts)
    share = 1.0 / max(int(np.count_nonzero(operators.parameters >= 0)), 2)
    by_weight = np.divide(weight, weights, out=np.zeros_like(weight), where=weights > 0)
    by_slope = np.divide(slope, slopes, out=by_weight.copy(), where=slopes > 0)
    return np.where(weights > 0, (1.0 - share) * by_weight + share * by_slope, by_slope)


def _bounds(
    operators: Operators, chances: NDArray[np.float64], largest: float, parameters: int
) -> tuple[float, NDArray[np.float64]]:
    """The largest |weight| that a sample can have: for the total, and for each parameter."""
    size = np.where(operators.weights != 0, np.abs(operators.weights), np.abs(operators.slopes)) / chances
    factors = _per_row(operators, size, np.maximum)
    slopes = _per_row(operators, np.abs(operators.slopes) / chances, np.maximum)
    logs, own = np.empty(len(operators)), np.empty(len(operators))
    patterns = 2 ** np.diff(operators.first)
    known: dict[tuple[int, int], tuple[float, float]] = {}
    for event, (row, equal, count) in enumerate(
        zip(operators.table.tolist(), operators.equal.tolist(), patterns.tolist(), strict=True)
    ):
        if (row, equal) not in known:
            # A string that commutes with everything passes with weight 1.
            ends = slice(row, row + count), slice(equal, equal + count)
            factor = max(1.0, *(float(factors[rows].max()) for rows in ends))
            known[row, equal] = float(np.log(factor)), max(float(slopes[rows].max()) for rows in ends)
        logs[event], own[event] = known[row, equal]
    with np.errstate(over="ignore"):
        total = largest * float(np.exp(logs.sum()))
        others = np.where(own > 0, np.exp(logs.sum() - logs + np.log(np.maximum(own, 1e-300))), 0.0) * largest
    bounds = np.zeros(parameters)
    turning = operators.parameters >= 0
    np.maximum.at(bounds, operators.parameters[turning], others[turning])
    return total, bounds


def sample(
    operators: Operators, starts: Starts, largest: float, state: Initial, parameters: int, samples: int, seed: int
) -> tuple[Tally, Tally]:
    """Sample the moment that the operators' space stands for, and its derivatives by every parameter.

    Parameters
    ----------
    largest
        The largest size of a weight that `starts` gives.
    samples
        1 or more; the last block may be cut short.
    seed
        Decides every bit of the result, whatever the machine.

    Returns
    -------
    (total, slopes): tallies of one and of `parameters` quantities.
    """
    chances = _chances(operators)
    bound, bounds = _bounds(operators, chances, largest, parameters)
    block = max(1, min(BLOCK, (samples + 1) // 2, max(64, (1 << 22) // max(len(operators), 1))))
    turning = np.flatnonzero(operators.parameters >= 0)
    index = operators.parameters[turning]
    sums = Sums(1 + parameters)
    weights = np.zeros((block, 1 + parameters))
    for number, begin in enumerate(range(0, samples, block)):
        size = min(block, samples - begin)
        rng = np.random.Generator(np.random.Philox(key=np.array([seed, number], dtype=np.uint64)))
        strings, factors = starts(rng, size)
        ratios = np.zeros((size, len(operators)))
        only = np.empty(size, dtype=np.int64)
        _walk(
            operators.generators, operators.negative, operators.first, operators.table, operators.equal,
            operators.options, operators.masks, operators.weights, operators.slopes, chances,
            operators.space != "diagonal", strings, factors, ratios, only,
            rng.integers(0, 1 << 64, size, dtype=np.uint64),
        )  # fmt: skip
        values = value(operators, strings, state)
        factors = np.where(values == 0.0, 0.0, np.clip(factors, -_LARGEST, _LARGEST)) * values
        seen = weights[:size]
        seen[:, 0] = np.where(only < 0, factors, 0.0)
        with np.errstate(over="ignore"):
            seen[:, 1 + index] = np.clip(ratios[:, turning] * factors[:, None], -_LARGEST, _LARGEST)
        sums.add(number % 2, seen)
    both = sums.tally(np.concatenate([[bound], bounds]))
    return both.part(slice(0, 1)), both.part(slice(1, None))
