"""Kernels of the sampled Pauli paths: rows of bits, one bit a sample, and what the samples weigh.

Row 2q holds the x bits of qubit q, row 2q + 1 its z bits. What instructions mean is said at `paths.Paths`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ansatzlint.moments.compiled import compiled, inlined, ones

ROW = 16
"""Words in a row; a chunk has that many times 64 samples."""

ADD, SWAP, TURN, OTHER, EXACT = range(5)
"""Kinds of instructions, see `paths.Paths`."""

FIXED, NOISE = -1, -2
"""Owners of slots that belong to no parameter."""

ZERO, ONE, TOP, ALL = np.uint64(0), np.uint64(1), np.uint64(63), np.uint64(0xFFFFFFFFFFFFFFFF)
GOLDEN = np.uint64(0x9E3779B97F4A7C15)

S27, S30, S31 = np.uint64(27), np.uint64(30), np.uint64(31)
M1, M2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


@inlined
def mixed(value: Any) -> Any:
    """What splitmix64 makes of its counter (Steele, Lea, Flood, OOPSLA 2014)."""
    value = (value ^ (value >> S30)) * M1
    value = (value ^ (value >> S27)) * M2
    return value ^ (value >> S31)


@compiled
def prune(program: Any, entries: Any, may: Any, keep: Any) -> Any:
    """Mark in `keep` the instructions that can do something to some string.

    `may`, one entry a row, says in which rows a bit can be set: at the end of the circuit before the call, at its
    beginning after.
    """
    for i in range(len(program)):
        kind, a, b = program[i, 0], program[i, 1], program[i, 2]
        if kind == ADD:
            keep[i] = may[b]
            may[a] |= may[b]
        elif kind == SWAP:
            keep[i] = may[a] | may[b]
            other = may[a]
            may[a] = may[b]
            may[b] = other
        else:
            for f in range(a, b):
                if kind == TURN:
                    keep[i] |= may[entries[f] ^ 1]
                else:
                    keep[i] |= may[entries[f] >> 1]
            if kind == TURN and keep[i]:
                for f in range(a, b):
                    may[entries[f]] = True


@compiled
def walk(
    program: Any, entries: Any, chances: Any, first: Any, letters: Any, terms: Any, always: Any, key: Any, chunk: Any,
    rows: Any, met: Any, moved: Any, owners: Any, hits: Any,
) -> Any:  # fmt: skip
    """Walk chunks of strings from the end of the circuit to its beginning.

    Word t of a chunk's start strings has letters[first[t] : first[t + 1]], the rows whose bits it sets. Sample i of the
    chunk starts at word terms[., i]; where there are no terms, all at the only word, of which each letter is set for
    sure if `always` has all bits set and with probability 1/2 if it has none.

    met[s] receives which samples anticommuted with the turn of slot s, or which the noise there touches; moved[s] which
    of these moved, if it has rows. If not, the samples that no noise touched are counted in hits[half, -1], and those
    of them that met a turn in hits[half, owners[s]].
    """
    alive = len(rows) - 1
    for part in range(len(terms)):
        state = mixed(key + np.uint64(chunk + part) * GOLDEN)
        for r in range(len(rows)):
            for w in range(ROW):
                rows[r, w] = ZERO
        for i in range(terms.shape[1]):
            for f in range(first[terms[part, i]], first[terms[part, i] + 1]):
                rows[letters[f], i >> 6] |= ONE << np.uint64(i & 63)
        if terms.shape[1] == 0:
            for f in range(len(letters)):
                for w in range(ROW):
                    state += GOLDEN
                    rows[letters[f], w] = mixed(state) | always
        for i in range(len(program)):
            kind, a, b, slot = program[i, 0], program[i, 1], program[i, 2], program[i, 3]
            if kind == ADD:
                for w in range(ROW):
                    rows[a, w] ^= rows[b, w]
            elif kind == SWAP:
                for w in range(ROW):
                    here = rows[a, w]
                    rows[a, w] = rows[b, w]
                    rows[b, w] = here
            elif kind == TURN:
                for w in range(ROW):
                    here = ZERO
                    for f in range(a, b):
                        here ^= rows[entries[f] ^ 1, w]
                    met[slot, w] = here
                    if len(moved):
                        moved[slot, w] = ZERO
                    if here:
                        # Compare each sample's random binary fraction with the chance, digit by digit, while undecided.
                        go = here & chances[slot, 1]
                        here ^= go
                        digits = chances[slot, 0]
                        while digits and here:
                            state += GOLDEN
                            draw = mixed(state)
                            if digits >> TOP:
                                go |= here & ~draw
                                here &= draw
                            else:
                                here &= ~draw
                            digits <<= ONE
                        if len(moved):
                            moved[slot, w] = go
                        for f in range(a, b):
                            rows[entries[f], w] ^= go
            else:
                for w in range(ROW):
                    here = ALL
                    for f in range(a, b):
                        here &= rows[entries[f] >> 1, w] ^ (np.uint64(entries[f] & 1) * ALL)
                    met[slot, w] = ~here if kind == OTHER else here
                    if len(moved):
                        moved[slot, w] = ZERO
        if len(moved) == 0:
            half = (chunk + part) & 1
            for slot in range(len(owners)):
                if owners[slot] == NOISE:
                    for w in range(ROW):
                        rows[alive, w] |= met[slot, w]
            for w in range(ROW):
                rows[alive, w] = ~rows[alive, w]
                hits[half, -1] += ones(rows[alive, w])
            for slot in range(len(owners)):
                if owners[slot] >= 0:
                    for w in range(ROW):
                        hits[half, owners[slot]] += ones(met[slot, w] & rows[alive, w])


@compiled
def weigh(
    met: Any, moved: Any, owners: Any, factors: Any, slopes: Any, weight: Any, once: Any, twice: Any, where: Any,
    found: Any,
) -> Any:  # fmt: skip
    """Weigh the samples of a chunk; adds to `found`, float64 of shape (4, K + 1): sums of w, w^2, hits, the largest w.

    Column k is that of the gradient of parameter k, the last one the cost's. factors[slot] holds what multiplies the
    weight of a sample that stayed and of one that moved, slopes[slot] what takes its place in the derivative. A sample
    that meets a single factor of zero still counts for the gradient of its parameter.

    `weight` (ones) and `where` have an entry a sample, `once` and `twice` (zeros) a bit: samples that met a factor of
    zero, and again.
    """
    for slot in range(len(owners)):
        for side in range(2):
            factor = factors[slot, side]
            if factor == 1.0:
                continue
            zero = factor == 0.0 and owners[slot] >= 0
            if zero:
                factor = slopes[slot, side]
            for w in range(ROW):
                mask = met[slot, w] & (moved[slot, w] ^ (ZERO if side else ALL))
                if mask:
                    if zero:
                        twice[w] |= once[w] & mask
                        once[w] |= mask
                    for lane in range(64):
                        if mask >> np.uint64(lane) & ONE:
                            weight[64 * w + lane] *= factor
                            if zero:
                                where[64 * w + lane] = slot
    last = found.shape[1] - 1
    for i in range(64 * ROW):
        bit = ONE << np.uint64(i & 63)
        value = weight[i]
        column = last
        if once[i >> 6] & bit:
            weight[i] = 0.0
            column = owners[where[i]]
        if value and not twice[i >> 6] & bit:
            found[0, column] += value
            found[1, column] += value * value
            found[2, column] += 1.0
            found[3, column] = max(found[3, column], value)
    # From here on a bit of `once` says that the sample counts for every parameter that it met.
    for w in range(ROW):
        once[w] = ZERO
        for lane in range(64):
            if weight[64 * w + lane]:
                once[w] |= ONE << np.uint64(lane)
    for slot in range(len(owners)):
        for side in range(2):
            if owners[slot] >= 0 and factors[slot, side]:
                ratio = slopes[slot, side] / factors[slot, side]
                total = square = largest = 0.0
                hits = 0
                for w in range(ROW):
                    mask = met[slot, w] & once[w] & (moved[slot, w] ^ (ZERO if side else ALL))
                    if mask:
                        hits += ones(mask)
                        for lane in range(64):
                            value = weight[64 * w + lane] if mask >> np.uint64(lane) & ONE else 0.0
                            total += value
                            square += value * value
                            largest = max(largest, value)
                if hits and ratio:
                    found[0, owners[slot]] += ratio * total
                    found[1, owners[slot]] += ratio * ratio * square
                    found[2, owners[slot]] += hits
                    found[3, owners[slot]] = max(found[3, owners[slot]], ratio * largest)


def counter(key: np.uint64, index: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Output `index` of the splitmix64 stream that starts at `key`."""
    value = index * GOLDEN + key
    value = (value ^ (value >> S30)) * M1
    value = (value ^ (value >> S27)) * M2
    return np.asarray(value ^ (value >> S31))
