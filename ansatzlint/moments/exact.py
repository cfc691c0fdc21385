"""Exact propagation of all strings that can be reached, where they are few enough.

One table holds every string that the observable can become; since no Clifford gate is left, an event moves weight
between strings of that table and nothing else. A first sweep, from the last event to the first, carries the weights;
the second, in time order, carries the expectation value that each string will have, and meets the recorded weights
at every event: that gives the derivative with respect to every parameter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ansatzlint.moments.compiled import compiled, inlined, multiply_all, pattern_of, row_of
from ansatzlint.moments.initial import Initial
from ansatzlint.moments.operators import Operators, value

MAX_STRINGS = 1 << 20
MAX_RECORDS = 1 << 24
"""Weights recorded in the first sweep; with their place they take 16 bytes each."""


@dataclass(frozen=True, slots=True, eq=False)
class Exact:
    """`total` is sum_s coefficient_s E[value of s]; `slopes` its counterpart a parameter, shape (parameters,).

    `upper` and `slopes_upper` are the same where nothing was dropped; else the true values lie between. `strings`
    counts the strings that were reached, `work` the moves between them.
    """

    total: float
    slopes: NDArray[np.float64]
    upper: float
    slopes_upper: NDArray[np.float64]
    strings: int
    work: int


@inlined
def _find(rows: Any, i: Any, slots: Any) -> Any:
    """The slot that holds a string equal to rows[i], or the empty one where it would go."""
    value = np.uint64(0x9E3779B97F4A7C15)
    for k in range(rows.shape[1]):
        value ^= rows[i, k]
        value *= np.uint64(0xBF58476D1CE4E5B9)
        value ^= value >> np.uint64(29)
    value *= np.uint64(0x94D049BB133111EB)
    mask = len(slots) - 1
    slot = np.int64((value ^ (value >> np.uint64(32))) & np.uint64(mask))
    while slots[slot] >= 0:
        other = slots[slot]
        same = True
        for k in range(rows.shape[1]):
            if rows[other, k] != rows[i, k]:
                same = False
                break
        if same:
            return slot
        slot = (slot + 1) & mask
    return slot


@inlined
def _move(
    generators: Any, negative: Any, start: Any, stop: Any, mask: Any, rows: Any, i: Any, free: Any, slots: Any
) -> Any:
    """Write what rows[i] becomes into rows[free]: its slot, and whether it carries a minus sign."""
    for k in range(rows.shape[1]):
        rows[free, k] = rows[i, k]
    sign = multiply_all(generators, negative, start, stop, mask, rows, free)
    return _find(rows, free, slots), sign


@compiled
def _pull(
    generators: Any, negative: Any, first: Any, table: Any, equal: Any, options: Any, masks: Any, weights: Any,
    signed: Any, rows: Any, slots: Any, values: Any, primary: Any, awake: Any, count: Any, record_row: Any,
    record_value: Any, record_end: Any, truncating: Any, lost: Any,
) -> Any:  # fmt: skip
    """First sweep; returns (number of strings, number of moves), (-1, …) where a table is full.

    When truncating, what no room is left for is dropped instead, and lost[e] becomes the weight dropped up to event e.

    A string is primary where weights alone lead to it. From the others, which one derivative leads to, a second one
    would be a second derivative, and is not followed. A string is awake while some road has led to it and none on.
    """
    for i in range(count):
        slots[_find(rows, i, slots)] = i
    records = 0
    moves = 0
    dropped = 0.0
    for event in range(len(table)):
        start, stop = first[event], first[event + 1]
        begin = records
        for i in range(count):
            if awake[i] and pattern_of(generators, start, stop, rows, i):
                if records == len(record_row):
                    return -1, moves
                record_row[records] = i
                record_value[records] = values[i]
                values[i] = 0.0
                awake[i] = False
                records += 1
        for r in range(begin, records):
            i = record_row[r]
            pattern = pattern_of(generators, start, stop, rows, i)
            row = row_of(table, equal, event, pattern, rows, i)
            for option in range(options[row], options[row + 1]):
                follows = weights[option] != 0.0
                if not follows and not primary[i]:
                    continue
                full = count + 1 == len(rows)
                if full and not truncating:
                    return -1, moves
                moves += 1
                slot, sign = _move(generators, negative, start, stop, masks[option], rows, i, count, slots)
                if slots[slot] < 0:
                    if full:
                        dropped += weights[option] * record_value[r]
                        continue
                    slots[slot] = count
                    primary[count] = False
                    count += 1
                awake[slots[slot]] = True
                if follows and primary[i]:
                    primary[slots[slot]] = True
                change = weights[option] * record_value[r]
                values[slots[slot]] += -change if sign and signed else change
        record_end[event] = records
        lost[event] = dropped
    return count, moves


@compiled
def _push(
    generators: Any, negative: Any, first: Any, table: Any, equal: Any, options: Any, masks: Any, weights: Any,
    signed: Any, rows: Any, slots: Any, slopes: Any, heights: Any, record_row: Any, record_value: Any, record_end: Any,
    parameters: Any, found: Any, beyond: Any,
) -> Any:  # fmt: skip
    """Second sweep: `heights` becomes the expectation value of each string; derivatives are added to `found`.

    Strings that were dropped count as `beyond`.
    """
    free = len(rows) - 1
    fresh = np.empty(len(rows), dtype=np.float64)
    for event in range(len(table) - 1, -1, -1):
        start, stop = first[event], first[event + 1]
        begin = record_end[event - 1] if event else 0
        total = 0.0
        for r in range(begin, record_end[event]):
            i = record_row[r]
            pattern = pattern_of(generators, start, stop, rows, i)
            row = row_of(table, equal, event, pattern, rows, i)
            height = 0.0
            slope = 0.0
            for option in range(options[row], options[row + 1]):
                if weights[option] == 0.0 and record_value[r] == 0.0:
                    continue
                slot, sign = _move(generators, negative, start, stop, masks[option], rows, i, free, slots)
                behind = heights[slots[slot]] if slots[slot] >= 0 else beyond
                if sign and signed:
                    behind = -behind
                height += weights[option] * behind
                slope += slopes[option] * behind
            fresh[r - begin] = height
            total += slope * record_value[r]
        for r in range(begin, record_end[event]):
            heights[record_row[r]] = fresh[r - begin]
        if parameters[event] >= 0:
            found[parameters[event]] += total


def propagate(
    operators: Operators,
    strings: NDArray[np.uint64],
    coefficients: NDArray[np.float64],
    state: Initial,
    parameters: int,
    max_strings: int = MAX_STRINGS,
    max_records: int = MAX_RECORDS,
) -> Exact | None:
    """Propagate a sum of strings exactly.

    Parameters
    ----------
    operators
        In any space; the strings and the result are of that space.
    strings : uint64 array of shape (N, 2 w)
        Packed, without signs; equal ones are added up.
    coefficients : float64 array of shape (N,)
        With the strings' signs.
    state
        The initial state.
    parameters
        The length of `slopes`.

    Returns
    -------
    Exact, or None where more strings or moves than allowed would be needed.
    """
    if len(strings) > max_strings:
        return None
    room = max_strings
    # Small first: most circuits need few strings, and clearing a large table would cost more than they do.
    for size in (1 << 12, 1 << 16, room):
        if size > room or (size < len(strings)):
            continue
        found = _attempt(operators, strings, coefficients, state, parameters, size, min(max_records, 64 * size))
        if found is not None:
            return found
    return None


def bounds(
    operators: Operators,
    strings: NDArray[np.uint64],
    coefficients: NDArray[np.float64],
    state: Initial,
    parameters: int,
    max_strings: int,
    max_records: int = MAX_RECORDS,
) -> Exact | None:
    """As `propagate`, in the diagonal space, but where no room is left strings are dropped: rigorous bounds.

    Weights and expectation values are not negative there, and no string is worth more than 1: what was dropped is worth
    something between nothing and its weight. None where more moves than allowed would be needed.
    """
    assert operators.space == "diagonal", "only there nothing is negative"
    if len(strings) > max_strings:
        return None
    return _attempt(operators, strings, coefficients, state, parameters, max_strings, max_records, truncating=True)


def _attempt(
    operators: Operators, strings: NDArray[np.uint64], coefficients: NDArray[np.float64], state: Initial,
    parameters: int, max_strings: int, max_records: int, truncating: bool = False,
) -> Exact | None:  # fmt: skip
    width = strings.shape[1]
    rows = np.empty((max_strings + 1, width), dtype=np.uint64)  # the last one is never more than scratch
    values = np.zeros(max_strings + 1)
    slots = np.full(1 << (4 * max_strings - 1).bit_length(), -1, dtype=np.int64)  # `_find` masks with its length
    primary, awake = (np.ones(max_strings + 1, dtype=np.bool_) for _ in range(2))
    unique, inverse = np.unique(strings, axis=0, return_inverse=True)
    rows[: len(unique)] = unique
    np.add.at(values, inverse.ravel(), coefficients)
    signed = operators.space != "diagonal"
    record_row = np.empty(max_records, dtype=np.int64)
    record_value = np.empty(max_records)
    record_end = np.zeros(len(operators), dtype=np.int64)
    lost = np.zeros(len(operators))
    common = (
        operators.generators, operators.negative, operators.first, operators.table, operators.equal,
        operators.options, operators.masks, operators.weights, signed, rows, slots,
    )  # fmt: skip
    count, moves = _pull(
        *common, values, primary, awake, len(unique), record_row, record_value, record_end, truncating, lost
    )
    if count < 0:
        return None
    heights = value(operators, rows[:count], state)
    total = float(np.sum(values[:count] * heights))  # in one order; a dot product's depends on the threads

    def slopes(beyond: float) -> NDArray[np.float64]:
        found = np.zeros(parameters)
        _push(
            *common, operators.slopes, heights.copy(), record_row, record_value, record_end, operators.parameters,
            found, beyond,
        )  # fmt: skip
        return found

    below = slopes(0.0)
    if not len(lost) or not lost[-1]:
        return Exact(total, below, total, below, count, moves)
    above = slopes(1.0)
    turning = operators.parameters >= 0
    np.add.at(above, operators.parameters[turning], (lost * _steepest(operators))[turning])
    return Exact(total, below, total + float(lost[-1]), above, count, moves)


def _steepest(operators: Operators) -> NDArray[np.float64]:
    """For each event the most that its derivative's weights add up to, over all patterns; shape (E,)."""
    sums = np.concatenate([[0.0], np.cumsum(operators.slopes)])
    rows = sums[operators.options[1:]] - sums[operators.options[:-1]]
    patterns = 2 ** np.diff(operators.first)
    return np.array([rows[t : t + p].max() for t, p in zip(operators.table, patterns, strict=True)])
