"""The compiled loops of `belief`: messages along the wires of a tape. Import it where it is needed only.

Steps that stand close together on few wires make a block, inside of which the string is followed jointly, as 4^k
weights; blocks tell each other the weights of single letters. A string on k wires has the number sum_j letter_j 4^j.
"""

from __future__ import annotations

from math import log
from typing import Any

import numpy as np

from ansatzlint.moments.compiled import compiled, inlined

TURN, MAP1, MAP2, NOISE1, NOISE2 = range(5)
EITHER = 4


@inlined
def parity(value: Any) -> Any:
    """1 where an odd number of the lowest 16 bits is set, else 0."""
    value ^= value >> 8
    value ^= value >> 4
    value ^= value >> 2
    value ^= value >> 1
    return value & 1


@inlined
def odd(letter: Any, other: Any) -> Any:
    """1 where two letters anticommute, else 0."""
    return ((letter & 1) & (other >> 1)) ^ ((letter >> 1) & (other & 1))


@inlined
def normalise(table: Any, row: Any) -> Any:
    """Make the four numbers of a row sum to 1, and return what they summed to; zeros stay."""
    total = table[row, 0] + table[row, 1] + table[row, 2] + table[row, 3]
    if total > 0.0:
        for letter in range(4):
            table[row, letter] /= total
    return total


@compiled
def gather(first: Any, wire: Any, qubits: Any, most: Any, block: Any) -> Any:
    """Put steps into blocks on at most `most` wires; steps on more make one each. block[s] receives the number.

    Blocks are numbered such that whatever comes before on a wire has a smaller number.
    """
    size = len(block)
    holds = np.full((size, most), -1, dtype=np.int64)
    width = np.zeros(size, dtype=np.int64)
    into = np.arange(size)
    now = np.full(qubits, -1, dtype=np.int64)
    union = np.empty(most, dtype=np.int64)
    for s in range(size):
        begin, end = first[s], first[s + 1]
        count = end - begin
        block[s] = s
        if count > most:
            for leg in range(begin, end):
                now[wire[leg]] = s
            continue
        own = now[wire[begin]]
        joins = own >= 0 and width[own] > 0
        for leg in range(begin + 1, end):
            joins &= now[wire[leg]] == own
        if joins:
            block[s] = own
            continue
        for j in range(count):
            union[j] = wire[begin + j]
        for leg in range(begin, end):
            old = now[wire[leg]]
            if old < 0 or old == s or width[old] == 0:
                continue
            more = 0
            open_ = True
            for j in range(width[old]):
                open_ &= now[holds[old, j]] == old
                known = False
                for i in range(count):
                    known |= union[i] == holds[old, j]
                more += not known
            if open_ and count + more <= most:
                for j in range(width[old]):
                    known = False
                    for i in range(count):
                        known |= union[i] == holds[old, j]
                    if not known:
                        union[count] = holds[old, j]
                        count += 1
                    now[holds[old, j]] = s
                into[old] = s
        width[s] = count
        for j in range(count):
            holds[s, j] = union[j]
            now[union[j]] = s
    for s in range(size):
        b = block[s]
        while into[b] != b:
            b = into[b]
        block[s] = b


@compiled
def arrange(
    first: Any, wire: Any, letter: Any, block: Any, order: Any, ends: Any, legs: Any, lines: Any, word: Any, near: Any,
    far: Any,
) -> Any:  # fmt: skip
    """Order steps by block, and say where on the wires of its block each step acts; returns the number of blocks.

    order lists the steps, those of block b between ends[b] and ends[b + 1]; its wires are lines[legs[b] : legs[b + 1]].
    Wire j of a block has the bits 2j and 2j + 1. word[s] receives the word of a turn, near[s] and far[s] the first bits
    of the wires of other steps. Blocks on one wide step have no such numbers.
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
    legs[0] = 0
    for b in range(blocks):
        begin = at
        for i in range(ends[b], ends[b + 1]):
            s = order[i]
            word[s] = 0
            for leg in range(first[s], first[s + 1]):
                j = begin
                while j < at and lines[j] != wire[leg]:
                    j += 1
                if j == at:
                    lines[at] = wire[leg]
                    at += 1
                bit = 2 * (j - begin)
                if bit < 16:
                    word[s] |= np.int64(letter[leg]) << bit
                if leg == first[s]:
                    near[s] = bit
                far[s] = bit
        legs[b + 1] = at
    return blocks


@inlined
def step(
    kind: Any, table: Any, keep: Any, flip: Any, damping: Any, maps: Any, s: Any, word: Any, near: Any, far: Any,
    weights: Any, spare: Any, size: Any, down: Any,
) -> Any:  # fmt: skip
    """Send the weights of a block's strings through one step, towards the front of the circuit if `down`."""
    if kind[s] == TURN:
        w = word[s]
        turned = ((w & 0x5555) << 1) | ((w >> 1) & 0x5555)
        stay, move = keep[s], flip[s]
        for x in range(size):
            y = x ^ w
            if x < y and parity(x & turned):
                a, b = weights[x], weights[y]
                weights[x] = stay * a + move * b
                weights[y] = stay * b + move * a
        return
    row, p, r = table[s], near[s], far[s]
    if kind[s] == MAP1 or kind[s] == MAP2:
        for x in range(size):
            spare[x] = weights[x]
        for x in range(size):
            if kind[s] == MAP1:
                z = maps[row, x >> p & 3]
                y = (x & ~(3 << p)) | z << p
            else:
                z = maps[row, (x >> p & 3) | (x >> r & 3) << 2]
                y = (x & ~(3 << p | 3 << r)) | (z & 3) << p | (z >> 2) << r
            if down:
                weights[y] = spare[x]
            else:
                weights[x] = spare[y]
    elif kind[s] == NOISE1:
        for x in range(size):
            letter = x >> p & 3
            if letter:
                weights[x] *= damping[row, letter - 1]
        gain = damping[row, 3]
        if gain:
            for x in range(size):
                if x >> p & 3 == 2:
                    y = x ^ 2 << p
                    if down:
                        weights[y] += gain / damping[row, 1] * weights[x] if damping[row, 1] else 0.0
                    else:
                        weights[x] += gain * weights[y]
    else:
        for x in range(size):
            if (x >> p | x >> r) & 3:
                weights[x] *= damping[row, 0]


@inlined
def load(table: Any, rows: Any, begin: Any, count: Any, weights: Any) -> None:
    """The product of the letters' weights in the rows rows[begin : begin + count]."""
    weights[0] = 1.0
    size = 1
    for j in range(count):
        row = rows[begin + j]
        for letter in range(3, -1, -1):
            factor = table[row, letter]
            for x in range(size):
                weights[letter * size + x] = weights[x] * factor
        size *= 4


@inlined
def unload(table: Any, to: Any, against: Any, rows: Any, begin: Any, count: Any, weights: Any) -> Any:
    """Tell each wire what the weights say about its letter, given what `against` says about the others; the total."""
    for j in range(count):
        for letter in range(4):
            table[to[begin + j], letter] = 0.0
    total = 0.0
    for x in range(1 << 2 * count):
        value = weights[x]
        if value > 0.0:
            for j in range(count):
                part = value
                for i in range(count):
                    if i != j:
                        part *= against[rows[begin + i], x >> 2 * i & 3]
                table[to[begin + j], x >> 2 * j & 3] += part
    for letter in range(4):
        total += table[to[begin], letter] * against[rows[begin], letter]
    return total


@inlined
def wide(
    first: Any, letter: Any, s: Any, keep: Any, flip: Any, slope_keep: Any, slope_flip: Any, begin: Any, behind: Any,
    before: Any, back: Any, front: Any, sums: Any, down: Any,
) -> Any:  # fmt: skip
    """Messages of a turn on many wires to its front segments if `down`, else to those behind it.

    Returns the sum over all letters of what both sides say, and that with the slopes' weights in place of the turn's.
    """
    size = first[s + 1] - first[s]
    # sums[j, :4] are sums over the letters of a leg: of equal letters all, and commuting minus anticommuting ones, then
    # the same of letters that the turn moves. sums[j, 4:8] are their products over the legs behind j.
    p0 = p1 = p2 = p3 = 1.0
    for j in range(size - 1, -1, -1):
        w = letter[first[s] + j]
        post, pre = behind[begin + j], before[begin + j]
        a = b = c = d = 0.0
        for x in range(4):
            same = back[post, x] * front[pre, x]
            moved = back[post, x] * front[pre, x ^ w]
            sign = 1.0 - 2.0 * odd(x, w)
            a += same
            b += sign * same
            c += moved
            d += sign * moved
        sums[j, 0], sums[j, 1], sums[j, 2], sums[j, 3] = a, b, c, d
        sums[j, 4], sums[j, 5], sums[j, 6], sums[j, 7] = p0, p1, p2, p3
        p0 *= a
        p1 *= b
        p2 *= c
        p3 *= d
    # rounding must not make a weight negative
    total = 0.5 * (p0 + p1 + keep * max(p0 - p1, 0.0) + flip * max(p2 - p3, 0.0))
    slope = 0.5 * (slope_keep * max(p0 - p1, 0.0) + slope_flip * max(p2 - p3, 0.0))
    p0 = p1 = p2 = p3 = 1.0
    for j in range(size):
        w = letter[first[s] + j]
        post, pre = behind[begin + j], before[begin + j]
        a, b, c, d = p0 * sums[j, 4], p1 * sums[j, 5], p2 * sums[j, 6], p3 * sums[j, 7]
        p0 *= sums[j, 0]
        p1 *= sums[j, 1]
        p2 *= sums[j, 2]
        p3 *= sums[j, 3]
        for x in range(4):
            sign = 1.0 - 2.0 * odd(x, w)
            stay = max(0.5 * (a + sign * b + keep * max(a - sign * b, 0.0)), 0.0)
            move = 0.5 * flip * max(c - sign * d, 0.0)
            if down:
                sums[j, 8 + x] = stay * back[post, x] + move * back[post, x ^ w]
            else:
                sums[j, 8 + x] = stay * front[pre, x] + move * front[pre, x ^ w]
    for j in range(size):
        for x in range(4):
            if down:
                back[before[begin + j], x] = sums[j, 8 + x]
            else:
                front[behind[begin + j], x] = sums[j, 8 + x]
    return total, slope


@compiled
def propagate(
    kind: Any, table: Any, first: Any, wire: Any, letter: Any, keep: Any, flip: Any, slope_keep: Any, slope_flip: Any,
    damping: Any, initial: Any, maps: Any, term_first: Any, term_wire: Any, term_letter: Any, scale: Any, most: Any,
    rounds: Any, naive: Any, belief: Any, totals: Any,
) -> Any:  # fmt: skip
    """Belief propagation of each cost term's string through its light cone.

    Arrays as in `Tape`; scale[t] multiplies what term t adds, blocks have at most `most` wires. naive[s] and belief[s]
    receive the mean square slopes of the turns s, summed over terms, by a product distribution and by beliefs.
    totals[t] receives log Z by the first, log Z by the second, the change of the latter in the last round, and the
    steps in the light cone.
    """
    qubits, size = len(initial), len(kind)
    block, order = np.empty(size, dtype=np.int64), np.empty(size, dtype=np.int64)
    ends, first_leg = np.zeros(size + 1, dtype=np.int64), np.zeros(size + 1, dtype=np.int64)
    lines = np.empty(len(wire), dtype=np.int64)
    word, near, far = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
    gather(first, wire, qubits, most, block)
    blocks = arrange(first, wire, letter, block, order, ends, first_leg, lines, word, near, far)
    total_legs = first_leg[blocks]
    # Segment q < n is the beginning of wire q, n + leg the one behind a block's leg.
    before, behind = np.empty(total_legs, dtype=np.int64), np.empty(total_legs, dtype=np.int64)
    last = np.arange(qubits)
    widest = most
    longest = 1
    for b in range(blocks):
        widest = max(widest, first_leg[b + 1] - first_leg[b])
        longest = max(longest, ends[b + 1] - ends[b])
        for leg in range(first_leg[b], first_leg[b + 1]):
            before[leg] = last[lines[leg]]
            behind[leg] = last[lines[leg]] = qubits + leg
    back, front = np.empty((qubits + total_legs, 4)), np.empty((qubits + total_legs, 4))
    sums = np.empty((widest, 12))
    weights, spare = np.empty(4**most), np.empty(4**most)
    kept = np.empty((longest + 1, 4**most))
    cone = np.empty(blocks, dtype=np.int64)
    slopes = np.zeros(size)
    at = np.empty(qubits, dtype=np.int64)
    active = np.empty(qubits, dtype=np.bool_)
    inner = np.empty(total_legs, dtype=np.bool_)
    start = np.empty((qubits, 4))
    for t in range(len(scale)):
        for q in range(qubits):
            at[q] = -1
            active[q] = False
            start[q, 0] = 1.0
            start[q, 1] = start[q, 2] = start[q, 3] = 0.0
        for leg in range(term_first[t], term_first[t + 1]):
            q, x = term_wire[leg], term_letter[leg]
            active[q] = True
            start[q, 0] = 0.25 if x == EITHER else 0.0
            start[q, 2 if x == EITHER else x] = 0.25 if x == EITHER else 1.0
        front[:] = 1.0
        # The first sweep finds the light cone, and is the product distribution since nothing comes from the front.
        count = 0
        product = 0.0
        idle = 0.0
        found = 0.0
        change = 0.0
        steps = 0
        for turn_ in range(rounds + 1):
            new = idle
            alive = True
            if turn_:
                for i in range(count - 1, -1, -1):
                    b = cone[i]
                    begin, legs = first_leg[b], first_leg[b + 1] - first_leg[b]
                    if legs > most:
                        s = order[ends[b]]
                        wide(
                            first, letter, s, keep[s], flip[s], 0.0, 0.0, begin, behind, before, back, front, sums,
                            False,
                        )
                    else:
                        load(front, before, begin, legs, weights)
                        for j in range(ends[b], ends[b + 1]):
                            step(
                                kind, table, keep, flip, damping, maps, order[j], word, near, far, weights, spare,
                                1 << 2 * legs, False,
                            )
                        unload(front, behind, back, behind, begin, legs, weights)
                    for leg in range(begin, begin + legs):
                        alive &= normalise(front, behind[leg]) > 0.0
            stop = count if turn_ else blocks
            for i in range(stop):
                if turn_:
                    b = cone[i]
                else:
                    b = blocks - 1 - i
                    touched = False
                    for leg in range(first_leg[b], first_leg[b + 1]):
                        touched |= active[lines[leg]]
                    if not touched:
                        continue
                    cone[count] = b
                    count += 1
                    steps += ends[b + 1] - ends[b]
                    for leg in range(first_leg[b], first_leg[b + 1]):
                        q = lines[leg]
                        inner[leg] = at[q] == behind[leg]
                        if not inner[leg]:
                            for x in range(4):
                                back[behind[leg], x] = start[q, x]
                begin, legs = first_leg[b], first_leg[b + 1] - first_leg[b]
                for leg in range(begin, begin + legs):
                    if inner[leg] and turn_:
                        value = 0.0
                        for x in range(4):
                            value += back[behind[leg], x] * front[behind[leg], x]
                        alive &= value > 0.0
                        new -= log(value) if value > 0.0 else 0.0
                if legs > most:
                    s = order[ends[b]]
                    total, slope = wide(
                        first, letter, s, keep[s], flip[s], slope_keep[s], slope_flip[s], begin, behind, before, back,
                        front, sums, True,
                    )
                    slopes[s] = slope / total if total > 0.0 else 0.0
                else:
                    load(front, before, begin, legs, weights)
                    width = 1 << 2 * legs
                    for j in range(ends[b], ends[b + 1]):
                        for x in range(width):
                            kept[j - ends[b], x] = weights[x]
                        if j + 1 < ends[b + 1]:
                            step(
                                kind, table, keep, flip, damping, maps, order[j], word, near, far, weights, spare,
                                width, False,
                            )
                    load(back, behind, begin, legs, weights)
                    for j in range(ends[b + 1] - 1, ends[b] - 1, -1):
                        s = order[j]
                        if kind[s] == TURN:
                            w = word[s]
                            turned = ((w & 0x5555) << 1) | ((w >> 1) & 0x5555)
                            slope = 0.0
                            row = j - ends[b]
                            for x in range(width):
                                if parity(x & turned):
                                    stay, move = slope_keep[s] * kept[row, x], slope_flip[s] * kept[row, x ^ w]
                                    slope += weights[x] * (stay + move)
                            slopes[s] = slope
                        step(kind, table, keep, flip, damping, maps, s, word, near, far, weights, spare, width, True)
                    total = unload(back, before, front, before, begin, legs, weights)
                    for j in range(ends[b], ends[b + 1]):
                        slopes[order[j]] = slopes[order[j]] / total if total > 0.0 else 0.0
                alive &= total > 0.0
                if turn_ == 0:
                    # what comes from the front was 1 for each of the four letters
                    value = 0.0
                    for x in range(4):
                        value += back[before[begin], x]
                    total = value
                new += log(total) if total > 0.0 else 0.0
                for leg in range(begin, begin + legs):
                    alive &= normalise(back, before[leg]) > 0.0
                    if turn_ == 0:
                        q, pre = lines[leg], before[leg]
                        at[q] = pre
                        active[q] = back[pre, 1] + back[pre, 2] + back[pre, 3] > 0.0
                        # a segment that is cut off because it carries the identity for sure
                        start[q, 0] = 1.0
                        start[q, 1] = start[q, 2] = start[q, 3] = 0.0
            if turn_ == 0:
                product = new
                for q in range(qubits):
                    value = 0.0
                    for x in range(4):
                        if at[q] < 0:
                            value += start[q, x] * initial[q, x]
                        else:
                            value += back[at[q], x] * initial[q, x]
                        front[q, x] = initial[q, x]
                    product += log(value) if value > 0.0 else -np.inf
                    if at[q] < 0:
                        idle += log(value) if value > 0.0 else -np.inf
                totals[t, 0] = product
                totals[t, 3] = steps
                if product > -np.inf:
                    for i in range(count):
                        for j in range(ends[cone[i]], ends[cone[i] + 1]):
                            if kind[order[j]] == TURN:
                                naive[order[j]] += scale[t] * np.exp(product) * slopes[order[j]]
                found = idle
                if idle == -np.inf:
                    break
                continue
            if not alive:
                found = -np.inf
                break
            change = abs(new - found)
            found = new
            if change < 1e-3:
                break
        totals[t, 1] = found
        totals[t, 2] = change
        if found > -np.inf:
            for i in range(count):
                for j in range(ends[cone[i]], ends[cone[i] + 1]):
                    if kind[order[j]] == TURN:
                        belief[order[j]] += scale[t] * np.exp(found) * slopes[order[j]]
