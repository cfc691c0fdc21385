"""Tangent vectors at Clifford points, and the climb from one to the next: compiled loops, arrays only.

At a Clifford point the derivative by the angle of a turn is -i/2 Q|0…0> up to a unitary that is common to all turns,
with the Pauli string Q = i^phase X^x Z^z that the turn's generator becomes when it is pulled back to the beginning.
Q|0…0> = i^phase |x>, so that two derivatives are equal up to sign if x and the phase's last bit agree, and orthogonal
otherwise; with x = 0 only the state's phase moves.

The layout of the arrays, E events in time order (turns by one parameter each, and turns that stay as they are):

strings : uint64 of shape (E, 2 w)
    x words, then z words, of the pulled-back generators.
phases : int64 of shape (E,)
    Powers of i.
barriers : int64 of shape (B,)
    Events whose angle is no multiple of pi/2, ascending. What they turn is no Pauli string any more.
singles : int64 of shape (S,)
    Events that are all of a parameter's derivative.
starts, members, weights : int64 of shapes (R + 1,), (M,), (M,)
    The other parameters: derivative r is the sum of weights[m] (modulo PRIME) times that of event members[m], m from
    starts[r] to starts[r + 1].
uses, moved, factors : int64 of shapes (V + 1,), (U,), (U,)
    What may be changed: variable v turns the events moved[u] by factors[u] quarters, u from uses[v] to uses[v + 1],
    ascending in time.

Import this module where it is needed only: it loads numba.
"""

from __future__ import annotations

from math import exp

import numpy as np
from numpy.typing import NDArray

from ansatzlint.moments.compiled import anticommute, compiled, inlined, ones

PRIME = (1 << 31) - 1
"""A rank modulo a prime is at most the rank over the rational numbers."""

Integers = NDArray[np.int64]
Strings = NDArray[np.uint64]


@compiled
def turn(strings: Strings, phases: Integers, first: int, quarters: int) -> None:
    """Turn event `first` by so many quarters more (1 to 3): all later events that anticommute with it change."""
    w = strings.shape[1] // 2
    for e in range(first + 1, len(phases)):
        if not anticommute(strings, first, strings, e):
            continue
        if quarters == 2:
            phases[e] = (phases[e] + 2) & 3
            continue
        # exp(i pi/4 G) Q exp(-i pi/4 G) = i G Q
        sign = phases[first] + phases[e] + quarters
        for k in range(w):
            sign += 2 * ones(strings[first, w + k] & strings[e, k])
            strings[e, k] ^= strings[first, k]
            strings[e, w + k] ^= strings[first, w + k]
        phases[e] = sign & 3


@compiled
def move(
    strings: Strings, phases: Integers, uses: Integers, moved: Integers, factors: Integers, v: int, quarters: int
) -> None:
    """Move variable v by so many quarters."""
    for u in range(uses[v], uses[v + 1]):
        by = (factors[u] * quarters) & 3
        if by:
            turn(strings, phases, moved[u], by)


@inlined
def _is_blocked(strings: Strings, barriers: Integers, e: int) -> bool:
    for b in range(len(barriers)):
        if barriers[b] >= e:
            return False
        if anticommute(strings, barriers[b], strings, e):
            return True
    return False


@inlined
def _column(strings: Strings, phases: Integers, e: int, table: Integers, first: Integers, count: int) -> int:
    """The number of the event's direction, `count` for one that is not in the table yet and is put there; -1 for none.

    `table` is an open hash table of column numbers, -1 where empty; `first` names an event of each column.
    """
    w = strings.shape[1] // 2
    mixed = np.uint64(phases[e] & 1)
    nothing = True
    for k in range(w):
        word = strings[e, k]
        nothing = nothing and word == np.uint64(0)
        mixed = (mixed ^ word) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
    if nothing:
        return -1
    size = len(table)
    slot = np.int64(mixed >> np.uint64(1)) & (size - 1)
    while table[slot] >= 0:
        other = first[table[slot]]
        equal = (phases[e] & 1) == (phases[other] & 1)
        for k in range(w):
            equal = equal and strings[e, k] == strings[other, k]
        if equal:
            return int(table[slot])
        slot = (slot + 1) & (size - 1)
    table[slot] = count
    first[count] = e
    return count


@inlined
def _inverse(value: int) -> int:
    result, base, power = 1, value % PRIME, PRIME - 2
    while power:
        if power & 1:
            result = result * base % PRIME
        base = base * base % PRIME
        power >>= 1
    return result


@compiled
def rank(
    strings: Strings,
    phases: Integers,
    barriers: Integers,
    singles: Integers,
    starts: Integers,
    members: Integers,
    weights: Integers,
    table: Integers,
    first: Integers,
) -> int:
    """A lower bound on the rank of the derivatives modulo the state's phase.

    It is the rank itself but for bad luck modulo PRIME, and but for parameters that feel a barrier, which are left out.
    `table` and `first` are scratch of shapes (2^t,) and (E,), 2^t > 2 E.
    """
    table[:] = -1
    count = 0
    for s in range(len(singles)):
        e = singles[s]
        if not _is_blocked(strings, barriers, e):
            column = _column(strings, phases, e, table, first, count)
            if column == count:
                count += 1
    rows = len(starts) - 1
    if not rows:
        return count
    covered = count  # columns below are spanned already
    entries = np.empty(len(members), np.int64)
    blocked = np.zeros(rows, np.bool_)
    for r in range(rows):
        for m in range(starts[r], starts[r + 1]):
            e = members[m]
            if _is_blocked(strings, barriers, e):
                blocked[r] = True
                break
            entries[m] = _column(strings, phases, e, table, first, count)
            if entries[m] == count:
                count += 1
    often = np.zeros(count, np.int64)
    for r in range(rows):
        if not blocked[r]:
            for m in range(starts[r], starts[r + 1]):
                if entries[m] >= covered:
                    often[entries[m]] += 1
    # Gauss over the field of PRIME elements: rows of an echelon form, sparse, each with a pivot of 1 that no later row
    # has; the rarest column is the pivot, which keeps them short.
    found = 0
    values = np.zeros(count, np.int64)
    touched = np.empty(count, np.int64)
    seen = np.zeros(count, np.bool_)
    pivots = np.empty(rows, np.int64)
    begins = np.zeros(rows + 1, np.int64)
    columns = np.empty(4 * len(members) + 16, np.int64)
    numbers = np.empty(4 * len(members) + 16, np.int64)
    for r in range(rows):
        if blocked[r]:
            continue
        length = 0
        for m in range(starts[r], starts[r + 1]):
            c = entries[m]
            if c >= covered:
                if not seen[c]:
                    seen[c] = True
                    touched[length] = c
                    length += 1
                weight = weights[m]
                values[c] = (values[c] + (weight if phases[members[m]] < 2 else PRIME - weight)) % PRIME
        for k in range(found):
            value = values[pivots[k]]
            if value:
                for t in range(begins[k], begins[k + 1]):
                    c = columns[t]
                    if not seen[c]:
                        seen[c] = True
                        touched[length] = c
                        length += 1
                    values[c] = (values[c] + (PRIME - value) * numbers[t]) % PRIME
        best = -1
        for t in range(length):
            c = touched[t]
            if values[c] and (best < 0 or often[c] < often[best]):
                best = c
        if best >= 0:
            scale = _inverse(values[best])
            at = begins[found]
            if at + length > len(columns):
                grown = 2 * len(columns) + length
                more_columns, more_numbers = np.empty(grown, np.int64), np.empty(grown, np.int64)
                more_columns[:at] = columns[:at]
                more_numbers[:at] = numbers[:at]
                columns, numbers = more_columns, more_numbers
            for t in range(length):
                c = touched[t]
                if values[c]:
                    columns[at] = c
                    numbers[at] = values[c] * scale % PRIME
                    at += 1
            pivots[found] = best
            found += 1
            begins[found] = at
        for t in range(length):
            values[touched[t]] = 0
            seen[touched[t]] = False
    return covered + found


@compiled
def climb(
    strings: Strings,
    phases: Integers,
    barriers: Integers,
    singles: Integers,
    starts: Integers,
    members: Integers,
    weights: Integers,
    uses: Integers,
    moved: Integers,
    factors: Integers,
    choices: Integers,
    quarters: Integers,
    chances: NDArray[np.float64],
    hot: float,
    cold: float,
    enough: int,
    point: Integers,
    best_point: Integers,
) -> int:
    """Simulated annealing of the rank over Clifford points; the highest rank that was met.

    Parameters
    ----------
    strings, phases
        Those at `point`; changed in place.
    choices, quarters, chances : shape (T,)
        The variable of each step, by how many quarters (1 to 3) it is moved, and a number from [0, 1).
    hot, cold
        A loss of one direction is accepted with probability exp(-1 / temperature), which falls from hot to cold.
    enough
        No rank is higher, so that the climb ends there.
    point, best_point : shape (V,)
        The variables in quarters: where the climb stands, and where the highest rank was met.
    """
    size = 4
    while size <= 2 * len(phases):
        size *= 2
    table = np.empty(size, np.int64)
    first = np.empty(len(phases) + 1, np.int64)
    here = rank(strings, phases, barriers, singles, starts, members, weights, table, first)
    best = here
    best_point[:] = point
    steps = len(choices)
    for t in range(steps):
        if best >= enough:
            break
        v = choices[t]
        move(strings, phases, uses, moved, factors, v, quarters[t])
        there = rank(strings, phases, barriers, singles, starts, members, weights, table, first)
        temperature = hot * (cold / hot) ** (t / steps)
        if there >= here or chances[t] < exp((there - here) / temperature):
            here = there
            point[v] = (point[v] + quarters[t]) & 3
            if here > best:
                best = here
                best_point[:] = point
        else:
            move(strings, phases, uses, moved, factors, v, 4 - quarters[t])
    return best
