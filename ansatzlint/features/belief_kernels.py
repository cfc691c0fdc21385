"""The loops of `belief`: messages along the wires of a tape.

Steps that follow each other on two wires make a block, inside of which the string is followed jointly, as 16 weights;
blocks tell each other the weights of single letters. Letters a and b on the two wires have the number a + 4 b.
"""

from __future__ import annotations

from math import log
from typing import Any

import numpy as np

from ansatzlint.features.compiling import helper, kernel

TURN, MAP1, MAP2, NOISE1, NOISE2 = range(5)
EITHER = 4
DOWN, UP = range(2)
"""Towards the front of the circuit, as observables go, and towards its end."""

LARGEST = 10.0
"""Differences of log Z beyond this are told apart by nothing."""
CYCLES = 3.0
"""Cycles of blocks a qubit after which beliefs have forgotten that strings are real; found on random circuits."""

LEAST = 1e-300
"""In place of sums of weights that noise leaves nothing of."""


@helper
def odd(letter: Any, other: Any) -> Any:
    """1 where two letters anticommute, else 0."""
    return ((letter & 1) & (other >> 1)) ^ ((letter >> 1) & (other & 1))


@helper
def normalise(table: Any, row: Any) -> Any:
    """Make the four numbers of a row sum to 1, and return what they summed to; zeros stay."""
    total = table[row, 0] + table[row, 1] + table[row, 2] + table[row, 3]
    if total > 0.0:
        for letter in range(4):
            table[row, letter] /= total
    return total


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
    kind: Any, table: Any, first: Any, wire: Any, letter: Any, keep: Any, flip: Any, damping: Any, maps: Any, back: Any,
    block: Any, order: Any, ends: Any, legs: Any, lines: Any, stay: Any, move: Any, source: Any,
) -> Any:  # fmt: skip
    """Order steps by block, and write each as what it does to the weights of its block; returns the number of blocks.

    order lists the steps, those of block b between ends[b] and ends[b + 1]; its wires are lines[legs[b] : legs[b + 1]].
    The step at place i turns weights v into stay[d, i, x] v[x] + move[d, i, x] v[source[d, i, x]], d the direction.
    Blocks of one step on many wires have no such tables.
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
            near = far = 0
            for leg in range(first[s], first[s + 1]):
                j = begin
                while j < at and lines[j] != wire[leg]:
                    j += 1
                if j == at:
                    lines[at] = wire[leg]
                    at += 1
                far = 2 * (j - begin)
                if leg == first[s]:
                    near = far
                if far < 4:
                    w |= np.int64(letter[leg]) << far
            if first[s + 1] - first[s] > 2:
                continue
            row = table[s]
            for x in range(16):
                a, b_ = x >> near & 3, x >> far & 3
                for d in range(2):
                    stay[d, i, x], move[d, i, x], source[d, i, x] = 1.0, 0.0, x
                if kind[s] == TURN:
                    if odd(x & 3, w & 3) ^ odd(x >> 2, w >> 2):
                        for d in range(2):
                            stay[d, i, x], move[d, i, x], source[d, i, x] = keep[s], flip[s], x ^ w
                elif kind[s] == MAP1 or kind[s] == MAP2:
                    for d in range(2):
                        if kind[s] == MAP1:
                            y = (x & ~(3 << near)) | (back[row, a] if d == DOWN else maps[row, a]) << near
                        else:
                            image = back[row, a | b_ << 2] if d == DOWN else maps[row, a | b_ << 2]
                            y = (image & 3) << near | (image >> 2) << far
                        stay[d, i, x], move[d, i, x], source[d, i, x] = 0.0, 1.0, y
                elif kind[s] == NOISE1:
                    if a:
                        stay[DOWN, i, x] = stay[UP, i, x] = damping[row, a - 1]
                    if a == 0:
                        move[DOWN, i, x], source[DOWN, i, x] = damping[row, 3], x | 2 << near
                    elif a == 2:
                        move[UP, i, x], source[UP, i, x] = damping[row, 3], x ^ 2 << near
                elif x:
                    stay[DOWN, i, x] = stay[UP, i, x] = damping[row, 0]
    legs[blocks] = at
    return blocks


@helper
def load(table: Any, rows: Any, begin: Any, count: Any, weights: Any) -> None:
    """The products of the letters' weights on one or two wires."""
    one = rows[begin]
    for x in range(4):
        weights[x] = table[one, x]
    if count == 2:
        two = rows[begin + 1]
        for y in range(3, -1, -1):
            factor = table[two, y]
            for x in range(4):
                weights[4 * y + x] = factor * weights[x]


@helper
def unload(table: Any, to: Any, against: Any, rows: Any, begin: Any, count: Any, weights: Any) -> Any:
    """Tell each wire what the weights say of its letter, given what `against` says of the other's; returns the sum.

    What is told is made to sum to 1.
    """
    one = to[begin]
    total = 0.0
    if count == 1:
        for x in range(4):
            table[one, x] = weights[x]
            total += weights[x] * against[rows[begin], x]
        normalise(table, one)
        return total
    two = to[begin + 1]
    near, far = rows[begin], rows[begin + 1]
    for x in range(4):
        a = b = 0.0
        for y in range(4):
            a += weights[x + 4 * y] * against[far, y]
            b += weights[y + 4 * x] * against[near, y]
        table[one, x] = a
        table[two, x] = b
        total += a * against[near, x]
    normalise(table, one)
    normalise(table, two)
    return total


@helper
def through(
    stay: Any, move: Any, source: Any, d: Any, i: Any, width: Any, old: Any, at: Any, new: Any, to: Any
) -> None:
    """Send the weights old[at] through the step at place i, into new[to]."""
    for x in range(width):
        new[to, x] = stay[d, i, x] * old[at, x] + move[d, i, x] * old[at, source[d, i, x]]


@helper
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


@helper
def even(word: Any) -> Any:
    """Whether an even number of bits is set."""
    found = True
    while word:
        found = not found
        word &= word - np.uint64(1)
    return found


@kernel
def pull(
    kind: Any, table: Any, first: Any, wire: Any, letter: Any, keep: Any, maps: Any, words: Any, bits: Any,
) -> Any:  # fmt: skip
    """Pull the words of all turns back through the fixed Clifford gates to the beginning, for up to 64 qubits.

    words[s, 0] and words[s, 1] receive the X and Z bits of a turn, 0 for other steps; bits[q, letter] likewise those of
    each letter at the end.
    """
    one = np.uint64(1)
    bits[:] = np.uint64(0)
    words[:] = np.uint64(0)
    for q in range(len(bits)):
        bits[q, 1, 0] = bits[q, 3, 0] = bits[q, 2, 1] = bits[q, 3, 1] = one << np.uint64(q)
    for s in range(len(kind)):
        begin, end = first[s], first[s + 1]
        if kind[s] == TURN:
            x = z = np.uint64(0)
            for leg in range(begin, end):
                x ^= bits[wire[leg], letter[leg], 0]
                z ^= bits[wire[leg], letter[leg], 1]
            if keep[s] == 0.0:
                for leg in range(begin, end):
                    for a in range(1, 4):
                        if a != letter[leg]:
                            bits[wire[leg], a, 0] ^= x
                            bits[wire[leg], a, 1] ^= z
            else:
                words[s, 0], words[s, 1] = x, z
        elif kind[s] == MAP1 or kind[s] == MAP2:
            row, a = table[s], wire[begin]
            old = bits[a].copy()
            if kind[s] == MAP1:
                for y in range(1, 4):
                    for d in range(2):
                        bits[a, y, d] = old[maps[row, y], d]
            else:
                b = wire[begin + 1]
                other = bits[b].copy()
                for y in range(1, 4):
                    m, n = maps[row, y], maps[row, 4 * y]
                    for d in range(2):
                        bits[a, y, d] = old[m & 3, d] ^ other[m >> 2, d]
                        bits[b, y, d] = old[n & 3, d] ^ other[n >> 2, d]


@kernel
def symmetries(words: Any, initial: Any, basis: Any) -> Any:
    """Signs of strings at the beginning that no turn changes and that are 1 for strings with a mean.

    A Z string that commutes with all turns, pulled back to the beginning, gives its sign of commutation. Where each
    turn's word anticommutes with some Z string or has an odd number of Y, but not both, that sign is conserved too: for
    turns by real matrices it says whether the number of Y is even.

    `basis` receives the Z strings as bits, the last one that of the second kind if there is one; returns the number of
    the first kind and of the second.
    """
    qubits = len(initial)
    one = np.uint64(1)
    reduced = np.zeros(qubits, dtype=np.uint64)  # the row with that leading bit
    wanted = np.zeros(qubits, dtype=np.bool_)  # the sum of its common bits with a solution of the second kind
    rank = 0
    real = True
    for q in range(qubits):
        if initial[q, 2] < 1.0:
            reduced[q] = one << np.uint64(q)
            rank += 1
            real = False
    for s in range(len(words)):
        x, z = words[s, 0], words[s, 1]
        if not x | z:
            continue
        want = even(x & z)
        for q in range(qubits - 1, -1, -1):
            if x >> np.uint64(q) & one:
                if not reduced[q]:
                    reduced[q], wanted[q] = x, want
                    rank += 1
                    break
                x ^= reduced[q]
                want ^= wanted[q]
        if not x and want:
            real = False
        if rank == qubits and not real:
            return 0, 0
    # Each bit that leads no row is free.
    found = 0
    for free in range(qubits + 1):
        if free == qubits:
            if not real:
                return found, 0
            z = np.uint64(0)
        elif reduced[free]:
            continue
        else:
            z = one << np.uint64(free)
        for q in range(0 if free == qubits else free + 1, qubits):
            if reduced[q] and even(reduced[q] & z) == (free == qubits and wanted[q]):
                z |= one << np.uint64(q)
        basis[found] = z
        found += 1
    return found - 1, 1


@kernel
def interfere(
    words: Any, terms: Any, plain: Any, mean_keep: Any, initial: Any, least: Any, most: Any, scale: Any, roots: Any,
    belief: Any,
) -> Any:  # fmt: skip
    """Add to the mean squares of single words what pairs of words give that have the same gradients up to a factor.

    words[s] and terms[t] are X and Z bits at the beginning; plain[t] says that a term is one word with such bits.
    roots[t, s] are roots of mean squares, scale[t] squares of coefficients. A share of `least` counts as nothing, it
    ends after `most` steps.

    The product R of two words is the same on every path. Where it commutes with a turn both words do the same there;
    where it does not, only one of them moves, and the pair goes on with the mean of the cosine. The two have means
    together where R is a Z string on qubits in |0>. Signs are taken as those that add up.
    """
    idle = np.uint64(0)
    for q in range(len(initial)):
        if initial[q, 2] == 1.0:
            idle |= np.uint64(1) << np.uint64(q)
    visits = 0
    for i in range(len(scale)):
        for j in range(i):
            if not plain[i] or not plain[j]:
                continue
            x, z = terms[i, 0] ^ terms[j, 0], terms[i, 1] ^ terms[j, 1]
            if x or z & ~idle:
                continue
            share = 1.0
            s = 0
            while s < len(words) and share > least:
                if not even((words[s, 0] & z) ^ (words[s, 1] & x)):
                    share *= abs(mean_keep[s])
                s += 1
            visits += s
            if visits > most:
                return
            if share <= least:
                continue
            share *= 2.0 * np.sqrt(scale[i] * scale[j])
            for s in range(len(words)):
                if roots[i, s] > 0.0 and roots[j, s] > 0.0 and even((words[s, 0] & z) ^ (words[s, 1] & x)):
                    belief[s] += share * roots[i, s] * roots[j, s]


@kernel
def propagate(
    kind: Any, table: Any, first: Any, wire: Any, letter: Any, keep: Any, flip: Any, slope_keep: Any, slope_flip: Any,
    damping: Any, initial: Any, maps: Any, inverses: Any, term_first: Any, term_wire: Any, term_letter: Any, scale: Any,
    words: Any, terms: Any, plain: Any, naive: Any, belief: Any, roots: Any, totals: Any,
) -> Any:  # fmt: skip
    """Belief propagation of each cost term's string through its light cone.

    One sweep to the front, one to the end and one back; more of them gain nothing where there are cycles. Arrays as in
    `Tape`; scale[t] multiplies what term t adds; words, terms and plain as in `interfere`. naive[s] and belief[s]
    receive the mean square slopes of the turns s, summed over terms, by a product distribution and by beliefs;
    roots[t, s] the root of the latter for a term alone. totals[t] receives log Z by the first, log Z by the second, the
    difference of the two in size before the latter is corrected, the steps in the light cone, the cycles of its blocks
    over its qubits, and what log Z was corrected by for symmetries.
    """
    qubits, size = len(initial), len(kind)
    block, order = np.empty(size, dtype=np.int64), np.empty(size, dtype=np.int64)
    ends, first_leg = np.zeros(size + 1, dtype=np.int64), np.zeros(size + 1, dtype=np.int64)
    lines = np.empty(len(wire), dtype=np.int64)
    stay, move = np.empty((2, size, 16)), np.empty((2, size, 16))
    source = np.empty((2, size, 16), dtype=np.uint8)
    gather(first, wire, qubits, block)
    blocks = arrange(
        kind, table, first, wire, letter, keep, flip, damping, maps, inverses, block, order, ends, first_leg, lines,
        stay, move, source,
    )  # fmt: skip
    # Segment q < n is the beginning of wire q, n + leg the one behind a block's leg.
    before, behind = np.empty(first_leg[blocks], dtype=np.int64), np.empty(first_leg[blocks], dtype=np.int64)
    last = np.arange(qubits)
    widest = longest = 2
    for b in range(blocks):
        widest = max(widest, first_leg[b + 1] - first_leg[b])
        longest = max(longest, ends[b + 1] - ends[b])
        for leg in range(first_leg[b], first_leg[b + 1]):
            before[leg] = last[lines[leg]]
            behind[leg] = last[lines[leg]] = qubits + leg
    back, front = np.empty((qubits + len(before), 4)), np.empty((qubits + len(before), 4))
    sums = np.empty((widest, 12))
    downward, upward = np.empty((longest + 1, 16)), np.empty((longest + 1, 16))
    cone = np.empty(blocks, dtype=np.int64)
    slopes = np.zeros(size)
    at = np.empty(qubits, dtype=np.int64)
    active = np.empty(qubits, dtype=np.bool_)
    inner = np.empty(len(before), dtype=np.bool_)
    start = np.empty((qubits, 4))
    basis = np.empty(qubits + 1, dtype=np.uint64)
    conserved = real = 0
    if qubits <= 64:
        conserved, real = symmetries(words, initial, basis)
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
        count = steps = joints = 0
        product = 0.0
        for b in range(blocks - 1, -1, -1):
            begin, width = first_leg[b], first_leg[b + 1] - first_leg[b]
            touched = False
            for leg in range(begin, begin + width):
                touched |= active[lines[leg]]
            if not touched:
                continue
            cone[count] = b
            count += 1
            low, high = ends[b], ends[b + 1]
            steps += high - low
            for leg in range(begin, begin + width):
                q = lines[leg]
                inner[leg] = at[q] == behind[leg]
                joints += inner[leg]
                if not inner[leg]:
                    for x in range(4):
                        back[behind[leg], x] = start[q, x]
            if width > 2:
                s = order[low]
                total, slope = wide(
                    first, letter, s, keep[s], flip[s], slope_keep[s], slope_flip[s], begin, behind, before, back,
                    front, sums, True,
                )
                slopes[s] = slope / max(total, LEAST)
                total = 0.0
                for x in range(4):
                    total += back[before[begin], x]
                for leg in range(begin, begin + width):
                    normalise(back, before[leg])
            else:
                load(back, behind, begin, width, downward[high - low])
                for i in range(high - 1, low - 1, -1):
                    j = i - low
                    through(stay, move, source, DOWN, i, 1 << 2 * width, downward, j + 1, downward, j)
                    slope = 0.0
                    for x in range(1 << 2 * width):
                        slope += downward[j + 1, x] if move[DOWN, i, x] else 0.0
                    slopes[order[i]] = slope
                total = unload(back, before, front, before, begin, width, downward[0])
                # each step but noise keeps the sum of the weights
                for i in range(low, high):
                    s = order[i]
                    here = 0.0
                    for x in range(1 << 2 * width):
                        here += downward[i - low, x]
                    slopes[s] *= (slope_keep[s] + slope_flip[s]) / max(here, LEAST)
            product += log(max(total, LEAST))
            for leg in range(begin, begin + width):
                q, pre = lines[leg], before[leg]
                at[q] = pre
                active[q] = back[pre, 1] + back[pre, 2] + back[pre, 3] > 0.0
                # a segment that is cut off because it carries the identity for sure
                start[q, 0] = 1.0
                start[q, 1] = start[q, 2] = start[q, 3] = 0.0
        idle = 0.0
        for q in range(qubits):
            value = 0.0
            for x in range(4):
                value += (start[q, x] if at[q] < 0 else back[at[q], x]) * initial[q, x]
                front[q, x] = initial[q, x]
            product += log(value) if value > 0.0 else -np.inf
            if at[q] < 0:
                idle += log(value) if value > 0.0 else -np.inf
        # A product distribution gives strings that break a symmetry some of the weight; beliefs do on loops.
        allowed = unreal = 1.0
        x, z = terms[t, 0], terms[t, 1]
        for r in range(conserved + real):
            if plain[t] and even(x & basis[r]) == (r == conserved and not even(x & z)):
                product = idle = -np.inf
            bias = 1.0
            for q in range(qubits):
                if at[q] == q:
                    sign = -1.0 if basis[r] >> np.uint64(q) & np.uint64(1) else 1.0
                    y_sign = -sign if r == conserved else sign
                    bias *= back[q, 0] + back[q, 2] + sign * back[q, 1] + y_sign * back[q, 3]
            if r < conserved:
                allowed *= (1.0 + abs(bias)) / 2
            else:
                unreal = (1.0 + abs(bias)) / 2
        width = 0
        for q in range(qubits):
            width += at[q] >= 0
        cycles = max(joints - count + 1, 0) / max(width, 1)
        correction = 0.0
        if cycles > 0.0:
            correction = -log(allowed) - log(unreal) * (1.0 - np.exp(-((cycles / CYCLES) ** 2)))
        totals[t, 0] = product
        totals[t, 3] = steps
        totals[t, 4] = cycles
        totals[t, 5] = correction
        if product > -np.inf:
            chance = scale[t] * np.exp(product)
            for c in range(count):
                for i in range(ends[cone[c]], ends[cone[c] + 1]):
                    if kind[order[i]] == TURN:
                        naive[order[i]] += chance * slopes[order[i]]
        totals[t, 1] = -np.inf
        if idle == -np.inf:
            continue
        alive = True
        for c in range(count - 1, -1, -1):
            b = cone[c]
            begin, width = first_leg[b], first_leg[b + 1] - first_leg[b]
            low, high = ends[b], ends[b + 1]
            if width > 2:
                s = order[low]
                total, slope = wide(
                    first, letter, s, keep[s], flip[s], 0.0, 0.0, begin, behind, before, back, front, sums, False
                )
                for leg in range(begin, begin + width):
                    normalise(front, behind[leg])
            else:
                load(front, before, begin, width, upward[0])
                for i in range(low, high):
                    through(stay, move, source, UP, i, 1 << 2 * width, upward, i - low, upward, i - low + 1)
                total = unload(front, behind, back, behind, begin, width, upward[high - low])
            alive &= total > 0.0
        new = idle
        part = 1.0
        for c in range(count):
            b = cone[c]
            begin, width = first_leg[b], first_leg[b + 1] - first_leg[b]
            low, high = ends[b], ends[b + 1]
            for leg in range(begin, begin + width):
                if inner[leg]:
                    value = 0.0
                    for x in range(4):
                        value += back[behind[leg], x] * front[behind[leg], x]
                    part /= value if value > 0.0 else 1.0
                    alive &= value > 0.0
            if width > 2:
                s = order[low]
                total, slope = wide(
                    first, letter, s, keep[s], flip[s], slope_keep[s], slope_flip[s], begin, behind, before, back,
                    front, sums, True,
                )
                slopes[s] = slope / total if total > 0.0 else 0.0
                for leg in range(begin, begin + width):
                    normalise(back, before[leg])
            else:
                load(front, before, begin, width, upward[0])
                for i in range(low, high - 1):
                    through(stay, move, source, UP, i, 1 << 2 * width, upward, i - low, upward, i - low + 1)
                load(back, behind, begin, width, downward[0])
                for i in range(high - 1, low - 1, -1):
                    s, j = order[i], (high - 1 - i) & 1
                    if kind[s] == TURN:
                        slope = 0.0
                        for x in range(1 << 2 * width):
                            if move[DOWN, i, x]:
                                one, two = upward[i - low, x], upward[i - low, source[DOWN, i, x]]
                                slope += downward[j, x] * (slope_keep[s] * one + slope_flip[s] * two)
                        slopes[s] = slope
                    through(stay, move, source, DOWN, i, 1 << 2 * width, downward, j, downward, 1 - j)
                total = unload(back, before, front, before, begin, width, downward[(high - low) & 1])
                for i in range(low, high):
                    slopes[order[i]] /= total if total > 0.0 else 1.0
            alive &= total > 0.0
            part *= total if total > 0.0 else 1.0
            if not 1e-100 < part < 1e100:
                new += log(part)
                part = 1.0
        new += log(part)
        if not alive:
            continue
        totals[t, 2] = min(abs(new - product), LARGEST)
        found = new + correction
        totals[t, 1] = found
        chance = np.exp(found)
        for c in range(count):
            for i in range(ends[cone[c]], ends[cone[c] + 1]):
                s = order[i]
                if kind[s] == TURN:
                    belief[s] += scale[t] * chance * slopes[s]
                    roots[t, s] = np.sqrt(chance * slopes[s])
