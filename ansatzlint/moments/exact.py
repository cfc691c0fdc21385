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

from ansatzlint.moments.compiled import anticommute, compiled, multiply_into
from ansatzlint.moments.initial import Initial
from ansatzlint.moments.operators import Operators, value

MAX_STRINGS = 1 << 20
MAX_RECORDS = 1 << 24
"""Weights recorded in the first sweep; with their place they take 12 bytes each."""


@dataclass(frozen=True, slots=True, eq=False)
class Exact:
    """`total` is sum_s coefficient_s E[value of s]; `slopes` its counterpart a parameter, shape (parameters,).

    `strings` counts the strings that were reached, `work` the moves between them.
    """

    total: float
    slopes: NDArray[np.float64]
    strings: int
    work: int


@compiled
def _hash(string: Any) -> Any:
    value = np.uint64(0x9E3779B97F4A7C15)
    for word in string:
        value ^= word
        value *= np.uint64(0xBF58476D1CE4E5B9)
        value ^= value >> np.uint64(29)
    value *= np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(32))


@compiled
def _find(string: Any, rows: Any, slots: Any) -> Any:
    """The slot that holds the string, or the empty one where it would go."""
    mask = len(slots) - 1
    slot = np.int64(_hash(string) & np.uint64(mask))
    while slots[slot] >= 0:
        row = rows[slots[slot]]
        same = True
        for i in range(len(string)):
            if row[i] != string[i]:
                same = False
                break
        if same:
            return slot
        slot = (slot + 1) & mask
    return slot


@compiled
def _enter(rows: Any, count: Any, slots: Any) -> Any:
    for i in range(count):
        slots[_find(rows[i], rows, slots)] = i


@compiled
def _pattern(generators: Any, start: Any, stop: Any, string: Any) -> Any:
    pattern = 0
    for g in range(start, stop):
        pattern |= anticommute(generators[g], string) << (g - start)
    return pattern


@compiled
def _pull(
    generators: Any, negative: Any, first: Any, table: Any, options: Any, masks: Any, weights: Any, signed: Any,
    rows: Any, slots: Any, values: Any, primary: Any, count: Any, record_row: Any, record_value: Any, record_end: Any,
) -> Any:  # fmt: skip
    """First sweep; returns (number of strings, number of moves), (-1, …) where a table is full.

    A string is primary where weights alone lead to it. From the others, which one derivative leads to, a second one
    would be a second derivative, and is not followed.
    """
    width = rows.shape[1]
    string = np.empty(width, dtype=np.uint64)
    records = 0
    moves = 0
    for event in range(len(table)):
        start, stop = first[event], first[event + 1]
        begin = records
        known = count
        for i in range(known):
            if _pattern(generators, start, stop, rows[i]):
                if records == len(record_row):
                    return -1, moves
                record_row[records] = i
                record_value[records] = values[i]
                values[i] = 0.0
                records += 1
        for r in range(begin, records):
            i = record_row[r]
            pattern = _pattern(generators, start, stop, rows[i])
            for option in range(options[table[event] + pattern], options[table[event] + pattern + 1]):
                follows = weights[option] != 0.0
                if not follows and not primary[i]:
                    continue
                moves += 1
                string[:] = rows[i]
                sign = 0
                for g in range(start, stop):
                    if masks[option] >> (g - start) & 1:
                        sign ^= multiply_into(generators[g], negative[g], string)
                slot = _find(string, rows, slots)
                if slots[slot] < 0:
                    if count == len(rows):
                        return -1, moves
                    rows[count] = string
                    slots[slot] = count
                    primary[count] = False
                    count += 1
                if follows and primary[i]:
                    primary[slots[slot]] = True
                change = weights[option] * record_value[r]
                values[slots[slot]] += -change if sign and signed else change
        record_end[event] = records
    return count, moves


@compiled
def _push(
    generators: Any, negative: Any, first: Any, table: Any, options: Any, masks: Any, weights: Any, signed: Any,
    rows: Any, slots: Any, slopes: Any, heights: Any, record_row: Any, record_value: Any, record_end: Any,
    parameters: Any, found: Any,
) -> Any:  # fmt: skip
    """Second sweep: `heights` becomes the expectation value of each string; derivatives are added to `found`."""
    string = np.empty(rows.shape[1], dtype=np.uint64)
    fresh = np.empty(len(rows), dtype=np.float64)
    for event in range(len(table) - 1, -1, -1):
        start, stop = first[event], first[event + 1]
        begin = record_end[event - 1] if event else 0
        total = 0.0
        for r in range(begin, record_end[event]):
            i = record_row[r]
            pattern = _pattern(generators, start, stop, rows[i])
            height = 0.0
            slope = 0.0
            for option in range(options[table[event] + pattern], options[table[event] + pattern + 1]):
                if weights[option] == 0.0 and record_value[r] == 0.0:
                    continue
                string[:] = rows[i]
                sign = 0
                for g in range(start, stop):
                    if masks[option] >> (g - start) & 1:
                        sign ^= multiply_into(generators[g], negative[g], string)
                behind = heights[slots[_find(string, rows, slots)]]
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


def _attempt(
    operators: Operators, strings: NDArray[np.uint64], coefficients: NDArray[np.float64], state: Initial,
    parameters: int, max_strings: int, max_records: int,
) -> Exact | None:  # fmt: skip
    width = strings.shape[1]
    rows = np.empty((max_strings, width), dtype=np.uint64)
    values = np.zeros(max_strings)
    slots = np.full(4 * max_strings, -1, dtype=np.int32)
    primary = np.ones(max_strings, dtype=np.bool_)
    unique, inverse = np.unique(strings, axis=0, return_inverse=True)
    rows[: len(unique)] = unique
    np.add.at(values, inverse.ravel(), coefficients)
    _enter(rows, len(unique), slots)
    signed = operators.space != "diagonal"
    record_row = np.empty(max_records, dtype=np.int32)
    record_value = np.empty(max_records)
    record_end = np.zeros(len(operators), dtype=np.int64)
    common = (
        operators.generators, operators.negative, operators.first, operators.table, operators.options,
        operators.masks, operators.weights, signed, rows, slots,
    )  # fmt: skip
    count, moves = _pull(*common, values, primary, len(unique), record_row, record_value, record_end)
    if count < 0:
        return None
    heights = value(operators, rows[:count], state)
    total = float(values[:count] @ heights)
    slopes = np.zeros(parameters)
    _push(*common, operators.slopes, heights, record_row, record_value, record_end, operators.parameters, slopes)
    return Exact(total, slopes, count, moves)
