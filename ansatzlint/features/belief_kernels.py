"""Belief propagation along the wires of a tape: blocks tell each other the weights of single letters."""

from __future__ import annotations

from math import log
from typing import Any

import numpy as np

from ansatzlint.features.block_kernels import (
    DOWN,
    UP,
    arrange,
    damped,
    gather,
    load,
    mapped,
    normalise,
    odd,
    sent,
    slope_of,
    turned,
    unload,
)  # fmt: skip
from ansatzlint.features.compiling import kernel, leaf
from ansatzlint.features.steps import EITHER, MAP1, MAP2, TURN
from ansatzlint.features.string_kernels import even, symmetries

LARGEST = 10.0
"""Differences of log Z beyond this are told apart by nothing."""
CYCLES = 3.0
"""Cycles of blocks a qubit after which beliefs have forgotten that strings are real; found on random circuits."""

SHORT = 0.1
"""What comes from the front for a letter, beside 1 for none, where strings are taken to be short."""
LEAST = 1e-300
"""In place of sums of weights that noise leaves nothing of."""


@leaf
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


@kernel
def propagate(
    kind: Any, table: Any, first: Any, wire: Any, letter: Any, keep: Any, flip: Any, slope_keep: Any, slope_flip: Any,
    damping: Any, initial: Any, maps: Any, inverses: Any, term_first: Any, term_wire: Any, term_letter: Any, scale: Any,
    words: Any, terms: Any, plain: Any, naive: Any, roots: Any, short: Any, totals: Any,
) -> Any:  # fmt: skip
    """Belief propagation of each cost term's string through its light cone.

    One sweep to the front, one to the end and one back; more of them gain nothing where there are cycles. Arrays as in
    `Tape`; scale[t] multiplies what term t adds; words, terms and plain as in `interfere`. naive[s]
    receives the mean square slope of turn s by a product distribution, summed over terms, and roots[t, s] the root of
    that by beliefs for a term alone, short[t, s] likewise if they start from short strings. totals[t] receives log Z
    by the first, log Z by the second, the difference of the two in size before the latter is corrected, the steps in
    the light cone, the cycles of its blocks over its qubits, what log Z was corrected by for symmetries, and log Z from
    short strings.
    """
    qubits, size = len(initial), len(kind)
    block, order = np.empty(size, dtype=np.int64), np.empty(size, dtype=np.int64)
    ends, first_leg = np.zeros(size + 1, dtype=np.int64), np.zeros(size + 1, dtype=np.int64)
    lines = np.empty(len(wire), dtype=np.int64)
    word, near = np.empty(size, dtype=np.int64), np.empty(size, dtype=np.int64)
    source = np.empty((2, size, 16), dtype=np.uint8)
    gather(first, wire, qubits, block)
    blocks = arrange(
        kind, table, first, wire, letter, maps, inverses, block, order, ends, first_leg, lines, word, near, source
    )  # fmt: skip
    # Segment q < n is the beginning of wire q, n + leg the one behind a block's leg.
    before, behind = np.empty(first_leg[blocks], dtype=np.int64), np.empty(first_leg[blocks], dtype=np.int64)
    last = np.arange(qubits)
    widest = 2
    for b in range(blocks):
        widest = max(widest, first_leg[b + 1] - first_leg[b])
        for leg in range(first_leg[b], first_leg[b + 1]):
            before[leg] = last[lines[leg]]
            behind[leg] = last[lines[leg]] = qubits + leg
    back, front = np.empty((qubits + len(before), 4)), np.empty((qubits + len(before), 4))
    sums = np.empty((widest, 12))
    now, spare = np.int64(0), np.int64(1)
    downward = np.empty((2, 16))
    upward = np.empty((size + 2, 16))  # what comes to the step at a place from the front; the last row is to spare
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
                load(back, behind, begin, width, downward, now)
                here = 0.0
                for x in range(1 << 2 * width):
                    here += downward[now, x]
                for i in range(high - 1, low - 1, -1):
                    s = order[i]
                    if kind[s] == TURN:
                        mixed = turned(word[i], width, keep[s], flip[s], downward, now)
                        here += (keep[s] + flip[s] - 1.0) * mixed
                        slopes[s] = mixed * (slope_keep[s] + slope_flip[s]) / max(here, LEAST)
                    elif kind[s] == MAP1 or kind[s] == MAP2:
                        mapped(source, DOWN, i, width, downward, now, spare)
                    else:
                        here = damped(kind[s], damping, table[s], near[i], DOWN, width, downward, now)
                total = unload(back, before, front, before, begin, width, downward, now)
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
        totals[t, 1] = totals[t, 6] = -np.inf
        if idle == -np.inf:
            continue
        alive = True
        for turn in range(3 if cycles > 0.0 else 1):
            # First from the product distribution: what comes from the front is told to the end, and back. On cycles
            # strings may be either short or spread out, and beliefs settle on one of both. So they start once more
            # as if all strings were short: from the end to the front, and again as before.
            if turn == 1:
                alive = True
                for c in range(count):
                    for leg in range(first_leg[cone[c]], first_leg[cone[c] + 1]):
                        if inner[leg]:
                            front[behind[leg], 0] = 1.0
                            front[behind[leg], 1] = front[behind[leg], 2] = front[behind[leg], 3] = SHORT
            else:
                for c in range(count - 1, -1, -1):
                    b = cone[c]
                    begin, width = first_leg[b], first_leg[b + 1] - first_leg[b]
                    low, high = ends[b], ends[b + 1]
                    if width > 2:
                        s = order[low]
                        total, slope = wide(
                            first, letter, s, keep[s], flip[s], 0.0, 0.0, begin, behind, before, back, front, sums,
                            False,
                        )
                        for leg in range(begin, begin + width):
                            normalise(front, behind[leg])
                    else:
                        load(front, before, begin, width, upward, low)
                        for i in range(low, high):
                            for x in range(1 << 2 * width):
                                upward[i + 1, x] = upward[i, x]
                            sent(
                                kind, table, order[i], i, UP, width, word, near, source, keep, flip, damping, upward,
                                i + 1, size + 1,
                            )
                        total = unload(front, behind, back, behind, begin, width, upward, high)
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
                    load(back, behind, begin, width, downward, now)
                    for i in range(high - 1, low - 1, -1):
                        s = order[i]
                        if kind[s] == TURN:
                            slopes[s] = slope_of(
                                word[i], width, slope_keep[s], slope_flip[s], upward, i, downward, now
                            )
                        sent(
                            kind, table, s, i, DOWN, width, word, near, source, keep, flip, damping, downward, now,
                            spare,
                        )
                    total = unload(back, before, front, before, begin, width, downward, now)
                    for i in range(low, high):
                        slopes[order[i]] /= total if total > 0.0 else 1.0
                alive &= total > 0.0
                part *= total if total > 0.0 else 1.0
                if not 1e-100 < part < 1e100:
                    new += log(part)
                    part = 1.0
            new += log(part)
            found = new + correction
            if turn == 1 or not alive or (turn == 2 and found > 0.0):  # no mean square of a word is above 1
                continue
            if turn == 0:
                totals[t, 1] = found
                totals[t, 2] = min(abs(new - product), LARGEST)
            totals[t, 6] = found
            chance = np.exp(found)
            for c in range(count):
                for i in range(ends[cone[c]], ends[cone[c] + 1]):
                    s = order[i]
                    if kind[s] == TURN:
                        short[t, s] = np.sqrt(chance * slopes[s])
                        if turn == 0:
                            roots[t, s] = short[t, s]
