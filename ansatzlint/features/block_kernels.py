"""Blocks: steps that follow each other on two wires, inside of which strings are followed jointly.

The weights of the letters on a block's wires are 16 numbers, or 4 on one wire; letters a and b have the number a + 4 b.
A step on more than two wires is a block of its own, which has no such weights.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ansatzlint.features.compiling import kernel, leaf
from ansatzlint.features.steps import MAP1, MAP2, NOISE1, TURN

DOWN, UP = range(2)
"""Towards the front of the circuit, as observables go, and towards its end."""


@leaf
def odd(letter: Any, other: Any) -> Any:
    """1 where two letters anticommute, else 0."""
    return ((letter & 1) & (other >> 1)) ^ ((letter >> 1) & (other & 1))


def _pairs() -> NDArray[np.int64]:
    found = np.zeros((16, 4), dtype=np.int64)
    for word in range(1, 16):
        moved = [x for x in range(16) if odd(x & 3, word & 3) ^ odd(x >> 2, word >> 2)]
        found[word] = [x for x in moved if x < x ^ word]
    return found


PAIRS = _pairs()
"""int64 (16, 4): of each pair x, x ^ W of letters that a turn about the word W mixes the smaller one, ascending; those
on the first wire alone come first."""


@kernel
def gather(first: Any, wire: Any, qubits: Any, block: Any) -> Any:
    """Put steps into blocks on one or two wires; steps on more make one each. block[s] receives the number.

    Blocks are numbered such that whatever comes before on a wire has a smaller number.
    """
    size = len(block)
    into = np.arange(size)
    now = np.full(qubits, -1, dtype=np.int64)  # the block that is open on a wire
    partner = np.full(qubits, -1, dtype=np.int64)  # the wire that it is on besides
    for s in range(size):
        begin, count = first[s], first[s + 1] - first[s]
        block[s] = s
        if count > 2:
            for leg in range(begin, begin + count):
                now[wire[leg]] = -1
        elif count == 1:
            a = wire[begin]
            if now[a] < 0:
                now[a], partner[a] = s, -1
            else:
                block[s] = now[a]
        else:
            a, b = wire[begin], wire[begin + 1]
            if now[a] >= 0 and now[a] == now[b]:
                block[s] = now[a]
                continue
            for q in (a, b):
                if now[q] >= 0 and partner[q] < 0:
                    into[now[q]] = s
                now[q] = s
            partner[a], partner[b] = b, a
    for s in range(size):
        block[s] = into[block[s]]


@kernel
def arrange(
    kind: Any, table: Any, first: Any, wire: Any, letter: Any, maps: Any, back: Any, block: Any, order: Any, ends: Any,
    legs: Any, lines: Any, word: Any, near: Any, source: Any,
) -> Any:  # fmt: skip
    """Order steps by block, and write each as what it does to the weights of its block; returns the number of blocks.

    order lists the steps, those of block b between ends[b] and ends[b + 1]; its wires are lines[legs[b] : legs[b + 1]].
    The step at place i turns about word[i], or acts on the letters at bit near[i], or is a map, after which the letters
    x have the weight of source[d, i, x], d the direction.
    """
    size = len(block)
    count = np.zeros(size + 1, dtype=np.int64)
    for s in range(size):
        count[block[s] + 1] += 1
    number = np.zeros(size, dtype=np.int64)
    blocks = 0
    for s in range(size):
        if count[s + 1]:
            number[s] = blocks
            ends[blocks + 1] = ends[blocks] + count[s + 1]
            blocks += 1
    place = ends[:blocks].copy()
    for s in range(size):
        b = number[block[s]]
        order[place[b]] = s
        place[b] += 1
    at = 0
    for b in range(blocks):
        begin = at
        legs[b] = at
        for i in range(ends[b], ends[b + 1]):
            s = order[i]
            w = np.int64(0)
            one = two = 0
            for leg in range(first[s], first[s + 1]):
                j = begin
                while j < at and lines[j] != wire[leg]:
                    j += 1
                if j == at:
                    lines[at] = wire[leg]
                    at += 1
                two = 2 * (j - begin)
                if leg == first[s]:
                    one = two
                if two < 4:
                    w |= np.int64(letter[leg]) << two
            word[i], near[i] = w, one
            if kind[s] == MAP1:
                for x in range(16):
                    a, rest = x >> one & 3, x & ~(3 << one)
                    source[DOWN, i, x] = rest | back[table[s], a] << one
                    source[UP, i, x] = rest | maps[table[s], a] << one
            elif kind[s] == MAP2:
                for x in range(16):
                    letters = x >> one & 3 | (x >> two & 3) << 2
                    image = back[table[s], letters]
                    source[DOWN, i, x] = (image & 3) << one | (image >> 2) << two
                    image = maps[table[s], letters]
                    source[UP, i, x] = (image & 3) << one | (image >> 2) << two
    legs[blocks] = at
    return blocks


@leaf
def turned(word: Any, width: Any, keep: Any, flip: Any, weights: Any, at: Any) -> Any:
    """Send the weights weights[at] through a turn; returns the sum of those that it mixes."""
    mixed = 0.0
    for k in range(4 if width == 2 else 1):
        x = PAIRS[word, k]
        y = x ^ word
        a, b = weights[at, x], weights[at, y]
        weights[at, x] = keep * a + flip * b
        weights[at, y] = keep * b + flip * a
        mixed += a + b
    return mixed


@leaf
def slope_of(
    word: Any, width: Any, slope_keep: Any, slope_flip: Any, below: Any, at: Any, above: Any, to: Any
) -> Any:
    """The sum over letters of what both sides of a turn say, below[at] in front of it, with the slopes' weights."""
    total = 0.0
    for k in range(4 if width == 2 else 1):
        x = PAIRS[word, k]
        y = x ^ word
        a, b = below[at, x], below[at, y]
        total += above[to, x] * (slope_keep * a + slope_flip * b) + above[to, y] * (slope_keep * b + slope_flip * a)
    return total


@leaf
def mapped(source: Any, direction: Any, i: Any, width: Any, weights: Any, at: Any, spare: Any) -> None:
    """Send the weights weights[at] through the map at place i, by way of weights[spare]."""
    size = 16 if width == 2 else 4
    for x in range(size):
        weights[spare, x] = weights[at, x]
    for x in range(size):
        weights[at, x] = weights[spare, source[direction, i, x]]


@leaf
def damped(
    kind: Any, damping: Any, row: Any, near: Any, direction: Any, width: Any, weights: Any, at: Any
) -> Any:
    """Send the weights weights[at] through noise; returns their sum."""
    size = 16 if width == 2 else 4
    if kind == NOISE1:
        for rest in range(size // 4):
            i = rest << (2 - near)
            x, z, y = i | 1 << near, i | 2 << near, i | 3 << near
            weights[at, x] *= damping[row, 0]
            weights[at, y] *= damping[row, 2]
            if direction == DOWN:
                weights[at, i] += damping[row, 3] * weights[at, z]
                weights[at, z] *= damping[row, 1]
            else:
                weights[at, z] = damping[row, 1] * weights[at, z] + damping[row, 3] * weights[at, i]
    else:
        for x in range(1, size):
            weights[at, x] *= damping[row, 0]
    total = 0.0
    for x in range(size):
        total += weights[at, x]
    return total


@leaf
def sent(
    kind: Any, table: Any, s: Any, i: Any, direction: Any, width: Any, word: Any, near: Any, source: Any, keep: Any,
    flip: Any, damping: Any, weights: Any, at: Any, spare: Any,
) -> None:  # fmt: skip
    """Send the weights weights[at] through step s, which has place i."""
    if kind[s] == TURN:
        turned(word[i], width, keep[s], flip[s], weights, at)
    elif kind[s] == MAP1 or kind[s] == MAP2:
        mapped(source, direction, i, width, weights, at, spare)
    else:
        damped(kind[s], damping, table[s], near[i], direction, width, weights, at)


@leaf
def load(table: Any, rows: Any, begin: Any, count: Any, weights: Any, at: Any) -> None:
    """Make weights[at] the products of the letters' weights on one or two wires."""
    one = rows[begin]
    for x in range(4):
        weights[at, x] = table[one, x]
    if count == 2:
        two = rows[begin + 1]
        for y in range(3, -1, -1):
            factor = table[two, y]
            for x in range(4):
                weights[at, 4 * y + x] = factor * weights[at, x]


@leaf
def normalise(table: Any, row: Any) -> Any:
    """Make the four numbers of a row sum to 1, and return what they summed to; zeros stay."""
    total = table[row, 0] + table[row, 1] + table[row, 2] + table[row, 3]
    if total > 0.0:
        for letter in range(4):
            table[row, letter] /= total
    return total


@leaf
def unload(table: Any, to: Any, against: Any, rows: Any, begin: Any, count: Any, weights: Any, at: Any) -> Any:
    """Tell each wire what weights[at] say of its letter, given what `against` says of the other's; returns the sum.

    What is told is made to sum to 1.
    """
    one = to[begin]
    total = 0.0
    if count == 1:
        for x in range(4):
            table[one, x] = weights[at, x]
            total += weights[at, x] * against[rows[begin], x]
        normalise(table, one)
        return total
    two = to[begin + 1]
    near, far = rows[begin], rows[begin + 1]
    for x in range(4):
        a = b = 0.0
        for y in range(4):
            a += weights[at, x + 4 * y] * against[far, y]
            b += weights[at, y + 4 * x] * against[near, y]
        table[one, x] = a
        table[two, x] = b
        total += a * against[near, x]
    normalise(table, one)
    normalise(table, two)
    return total
