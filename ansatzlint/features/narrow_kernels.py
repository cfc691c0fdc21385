"""The loops of `narrow`: signed Pauli strings at the beginning of the circuit, and the paths of few moves.

A string is X and Z bits and a sign, for up to 64 qubits: the product of its letters, Y being i X Z.
"""

from __future__ import annotations

from math import exp, log, sqrt
from typing import Any

import numpy as np

from ansatzlint.features.compiling import kernel, leaf, ones
from ansatzlint.features.rank_kernels import largest_and_median
from ansatzlint.features.steps import EITHER, MAP1, MAP2, NOISE1, NOISE2, TURN
from ansatzlint.features.string_kernels import crossed

MOST_SPLIT = 6
"""Qubits of a projector that is written as a sum of words."""
MOST_UNITS = 512
MOST_STEPS = 400_000
NARROW = 0.15
"""Largest E[sin^2 x] of a turn by a narrow angle; half of the turns, at least, must be such."""
FAINT = -12.0
"""Log of amplitudes that are not followed any further."""
CANCELLED = 1e-12
"""Share of the paths one by one below which a sum of them is rounding."""
FLOOR = 1e-300


@leaf
def turned(x: Any, z: Any, other_x: Any, other_z: Any) -> Any:
    """Whether i W Q is minus the string of the joint bits, for anticommuting W of bits x, z and Q of the others."""
    both_x, both_z = x ^ other_x, z ^ other_z
    power = ones(x & z) + ones(other_x & other_z) - ones(both_x & both_z) + 2 * ones(z & other_x) + 1
    return power & 3 == 2


@kernel
def pull_signed(
    kind: Any, table: Any, first: Any, wire: Any, letter: Any, quarter: Any, moving: Any, maps: Any, signs: Any,
    pauli_at: Any, pauli_first: Any, pauli_wire: Any, pauli_letter: Any, words: Any, negative: Any, local: Any,
    bits: Any, minus: Any,
) -> Any:  # fmt: skip
    """Pull words back through the Clifford circuit that has every turn at the whole quarter nearest to its mean.

    words[s] and negative[s] receive the turns with moving[s]; local[s] the X and Z bits of X, of Z on the first and the
    second qubit of noise; bits[q, letter] and minus[q, letter] the letters at the end.
    """
    one = np.uint64(1)
    bits[:] = np.uint64(0)
    minus[:] = False
    for q in range(len(bits)):
        bits[q, 1, 0] = bits[q, 3, 0] = bits[q, 2, 1] = bits[q, 3, 1] = one << np.uint64(q)
    pauli = 0
    for s in range(len(kind) + 1):
        while pauli < len(pauli_at) and pauli_at[pauli] == s:
            for leg in range(pauli_first[pauli], pauli_first[pauli + 1]):
                for a in range(1, 4):
                    if a != pauli_letter[leg]:
                        minus[pauli_wire[leg], a] = not minus[pauli_wire[leg], a]
            pauli += 1
        if s == len(kind):
            break
        begin, end = first[s], first[s + 1]
        if kind[s] == TURN:
            x = z = np.uint64(0)
            sign = False
            power = 0
            for leg in range(begin, end):
                own_x, own_z = bits[wire[leg], letter[leg], 0], bits[wire[leg], letter[leg], 1]
                power += ones(x & z) + ones(own_x & own_z) + 2 * ones(z & own_x)
                x ^= own_x
                z ^= own_z
                power -= ones(x & z)
                sign ^= minus[wire[leg], letter[leg]]
            sign ^= power & 3 == 2
            if moving[s]:
                words[s, 0], words[s, 1], negative[s] = x, z, sign
            if quarter[s]:
                for leg in range(begin, end):
                    for a in range(1, 4):
                        if a != letter[leg]:
                            q = wire[leg]
                            if quarter[s] == 2:
                                minus[q, a] = not minus[q, a]
                                continue
                            minus[q, a] ^= sign ^ (quarter[s] == 3) ^ turned(x, z, bits[q, a, 0], bits[q, a, 1])
                            bits[q, a, 0] ^= x
                            bits[q, a, 1] ^= z
        elif kind[s] == MAP1 or kind[s] == MAP2:
            row, a = table[s], wire[begin]
            old, old_minus = bits[a].copy(), minus[a].copy()
            if kind[s] == MAP1:
                for y in range(1, 4):
                    image = maps[row, y]
                    minus[a, y] = old_minus[image] ^ signs[row, y]
                    for d in range(2):
                        bits[a, y, d] = old[image, d]
            else:
                b = wire[begin + 1]
                other, other_minus = bits[b].copy(), minus[b].copy()
                for side in range(2):
                    for y in range(1, 4):
                        image = maps[row, 4 * y if side else y]
                        q, m, n = (b if side else a), image & 3, image >> 2
                        # letters of different wires commute, but their products count the Y anew
                        power = ones(old[m, 0] & old[m, 1]) + ones(other[n, 0] & other[n, 1])
                        power += 2 * ones(old[m, 1] & other[n, 0])
                        for d in range(2):
                            bits[q, y, d] = old[m, d] ^ other[n, d]
                        power -= ones(bits[q, y, 0] & bits[q, y, 1])
                        minus[q, y] = (
                            old_minus[m] ^ other_minus[n] ^ signs[row, 4 * y if side else y] ^ (power & 3 == 2)
                        )
        else:
            for leg in range(begin, end):
                for d in range(2):
                    local[s, 2 * (leg - begin), d] = bits[wire[leg], 1, d]
                    local[s, 2 * (leg - begin) + 1, d] = bits[wire[leg], 2, d]


@kernel
def words_at_start(
    term_first: Any, term_wire: Any, term_letter: Any, term_minus: Any, coefficient: Any, bits: Any, minus: Any,
) -> Any:  # fmt: skip
    """(words, values): X and Z bits at the beginning of the words that the cost is a sum of, and their coefficients.

    None are found where a projector on more than `MOST_SPLIT` qubits is among the terms. bits[q, letter] and
    minus[q, letter] are the letters at the end, pulled back.
    """
    count = 0
    for t in range(len(coefficient)):
        size = term_first[t + 1] - term_first[t]
        if term_letter[term_first[t]] != EITHER:
            count += 1
        elif size > MOST_SPLIT:
            return np.zeros((0, 2), dtype=np.uint64), np.zeros(0)
        else:
            count += (1 << size) - 1
    words, values = np.zeros((count, 2), dtype=np.uint64), np.zeros(count)
    count = 0
    for t in range(len(coefficient)):
        begin, end = term_first[t], term_first[t + 1]
        split = term_letter[begin] == EITHER
        for chosen in range(1, 1 << (end - begin) if split else 2):
            x = z = np.uint64(0)
            power = 0
            for leg in range(begin, end):
                q, a = term_wire[leg], 2 if split else term_letter[leg]
                if split:
                    if not chosen >> (leg - begin) & 1:
                        continue
                    power += 2 * term_minus[leg]
                own_x, own_z = bits[q, a, 0], bits[q, a, 1]
                power += ones(x & z) + ones(own_x & own_z) + 2 * ones(z & own_x) + 2 * minus[q, a]
                x ^= own_x
                z ^= own_z
                power -= ones(x & z)
            words[count, 0], words[count, 1] = x, z
            value = coefficient[t] / (1 << (end - begin)) if split else coefficient[t]
            values[count] = -value if power & 3 == 2 else value
            count += 1
    return words, values


@leaf
def left(
    kind: Any, table: Any, s: Any, words: Any, local: Any, fade: Any, noise: Any, x: Any, z: Any
) -> Any:
    """Log of what step s, a turn that moves or noise, leaves of the mean of a string."""
    if kind[s] == TURN:
        return fade[s] if crossed(words[s, 0], words[s, 1], x, z) else 0.0
    near = crossed(local[s, 1, 0], local[s, 1, 1], x, z) + 2 * crossed(local[s, 0, 0], local[s, 0, 1], x, z)
    row = table[s]
    if kind[s] == NOISE1:
        return noise[row, near - 1] if near else 0.0
    far = crossed(local[s, 2, 0], local[s, 2, 1], x, z) or crossed(local[s, 3, 0], local[s, 3, 1], x, z)
    return noise[row, 0] if near or far else 0.0


@kernel
def expand(
    kind: Any, table: Any, unit: Any, slope: Any, spread: Any, fade: Any, words: Any, negative: Any, local: Any,
    damping: Any, terms: Any, value: Any, mean: Any, rate: Any, apart: Any,
) -> Any:  # fmt: skip
    """Mean slopes and their rates of change with each parameter, by paths of one and of two moves.

    Turn s belongs to unit[s], -1 for steps that move nothing; slope[s] is its angle's derivative, spread[s] its angle's
    deviation with a sign, fade[s] the log of its mean cosine. mean[u] receives the mean slope, rate[u, v] its change
    per deviation of unit v, and apart[u] the sum of squares of all paths one by one. Returns whether no more than
    `MOST_STEPS` steps were passed.
    """
    size = len(kind)
    noise = np.log(np.maximum(damping[:, :3], 1e-30)) * 0.5
    acting = np.empty(size, dtype=np.int64)  # the steps that change strings or their means
    count = 0
    for s in range(size):
        if unit[s] >= 0 or kind[s] == NOISE1 or kind[s] == NOISE2:
            acting[count] = s
            count += 1
    acting = acting[:count]
    before = np.empty(count)  # log of what the string of a term has lost when it comes to a step
    found, signs = np.empty(count, dtype=np.int64), np.empty(count, dtype=np.bool_)
    visits = 0
    for t in range(len(value)):
        x, z = terms[t, 0], terms[t, 1]
        total = 0.0
        for i in range(len(acting) - 1, -1, -1):
            before[i] = total
            total += left(kind, table, acting[i], words, local, fade, noise, x, z)
        visits += size
        for i in range(len(acting) - 1, -1, -1):
            s = acting[i]
            own_x, own_z = words[s, 0], words[s, 1]
            if unit[s] < 0 or before[i] < FAINT or not crossed(own_x, own_z, x, z):
                continue
            if not x and slope[s] != 0.0:
                path = -value[t] * exp(total - fade[s]) * slope[s] * spread[s]
                rate[unit[s], unit[s]] += path
                apart[unit[s]] += path * path
            new_x, new_z = x ^ own_x, z ^ own_z
            sign = negative[s] ^ turned(own_x, own_z, x, z)
            after = 0.0
            count = 0
            for j in range(i - 1, -1, -1):
                r = acting[j]
                if unit[r] >= 0 and new_x == words[r, 0] and crossed(words[r, 0], words[r, 1], new_x, new_z):
                    found[count] = r
                    signs[count] = sign ^ negative[r] ^ turned(words[r, 0], words[r, 1], new_x, new_z)
                    count += 1
                after += left(kind, table, r, words, local, fade, noise, new_x, new_z)
                if before[i] + after < FAINT and not count:
                    break
            visits += s
            if visits > MOST_STEPS:
                return False
            whole = value[t] * exp(before[i] + after)
            if not new_x and slope[s] != 0.0:
                path = (-whole if sign else whole) * slope[s] * exp(fade[s])
                mean[unit[s]] += path
                apart[unit[s]] += path * path
            for k in range(count):
                r = found[k]
                # the last leg loses about what the string would without the second move
                step = -whole if signs[k] else whole
                rest = exp(-fade[r])
                if slope[r] != 0.0:
                    path = step * slope[r] * spread[s]
                    rate[unit[r], unit[s]] += path
                    apart[unit[r]] += path * path
                if slope[s] != 0.0:
                    path = step * rest * slope[s] * exp(fade[s]) * spread[r]
                    rate[unit[s], unit[r]] += path
                    apart[unit[s]] += path * path
    return True


@kernel
def follow(
    qubits: Any, kind: Any, table: Any, first: Any, wire: Any, letter: Any, parameter: Any, factor: Any, keep: Any,
    flip: Any, mean_keep: Any, mean_flip: Any, general: Any, damping: Any, initial: Any, trainable: Any, maps: Any,
    signs: Any, term_first: Any, term_wire: Any, term_letter: Any, term_minus: Any, coefficient: Any, pauli_at: Any,
    pauli_first: Any, pauli_wire: Any, pauli_letter: Any, gradients: Any, out: Any, mixed: Any,
) -> Any:  # fmt: skip
    """Fill the columns of `narrow.COLUMNS`, and log10 of the largest and of the median of the mixed gradients.

    The arguments up to pauli_letter are as in `Tape`, maps and signs `steps.MAPS` and `steps.SIGNS`; gradients are the
    beliefs', out and mixed filled with NaN. Returns whether anything is known.
    """
    size, total = len(kind), len(trainable)
    if qubits > 64:
        return False
    for q in range(qubits):
        if initial[q, 2] != 1.0:
            return False
    # Per step: the whole quarter that is nearest, and what is left of its angle.
    quarter, moving = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.bool_)
    unit, slope, spread, fade = np.full(size, -1, dtype=np.int64), np.zeros(size), np.zeros(size), np.zeros(size)
    turns, narrow, units = 0, 0, total
    for s in range(size):
        if general[s]:
            return False
        if kind[s] != TURN:
            continue
        even = abs(mean_keep[s]) >= abs(mean_flip[s])
        if even:
            quarter[s] = 2 if mean_keep[s] < 0.0 else 0
        else:
            quarter[s] = 3 if mean_flip[s] < 0.0 else 1
        # quarter turns that are no mean of anything are Clifford
        if abs(mean_flip[s]) >= 1.0 - 1e-12:
            continue
        moving[s] = True
        square = flip[s] if even else keep[s]
        turns += 1
        narrow += square <= NARROW
        fade[s] = log(max(abs(mean_keep[s]) if even else abs(mean_flip[s]), 1e-12))
        spread[s] = sqrt(max(square, 0.0)) * (-1.0 if factor[s] < 0.0 else 1.0)
        if parameter[s] < 0:
            unit[s] = units
            units += 1
        else:
            unit[s] = parameter[s]
            if trainable[parameter[s]]:
                slope[s] = factor[s]
    if not turns or units > MOST_UNITS or narrow < turns / 2:
        return False
    strings, negative = np.zeros((size, 2), dtype=np.uint64), np.zeros(size, dtype=np.bool_)
    local = np.zeros((size, 4, 2), dtype=np.uint64)
    bits, minus = np.zeros((qubits, 4, 2), dtype=np.uint64), np.zeros((qubits, 4), dtype=np.bool_)
    pull_signed(
        kind, table, first, wire, letter, quarter, moving, maps, signs, pauli_at, pauli_first, pauli_wire,
        pauli_letter, strings, negative, local, bits, minus,
    )  # fmt: skip
    words, values = words_at_start(term_first, term_wire, term_letter, term_minus, coefficient, bits, minus)
    if not len(words):
        return False
    mean, rate, apart = np.zeros(units), np.zeros((units, units)), np.zeros(units)
    if not expand(
        kind, table, unit, slope, spread, fade, strings, negative, local, damping, words, values, mean, rate, apart
    ):
        return False
    own, whole, all_linear, all_together = 0.0, 0.0, 0.0, 0.0
    together, rest = np.zeros(total), np.zeros(total)
    for p in range(total):
        if not trainable[p]:
            continue
        together[p] = mean[p] * mean[p] + np.square(rate[p]).sum()
        if not together[p] > CANCELLED * apart[p]:
            together[p] = 0.0
        rest[p] = max(gradients[p] - apart[p], 0.0) + together[p]
        own += gradients[p]
        whole += apart[p]
        all_linear += mean[p] * mean[p]
        all_together += together[p]
    largest_and_median(together, together > FLOOR, out, 0)
    largest_and_median(rest, trainable, mixed, 0)
    out[2] = min(whole / max(own, FLOOR), 10.0)
    if whole > 0.0:
        out[3] = np.log10(max(all_together / whole, CANCELLED))
        out[4] = min(all_linear / max(all_together, FLOOR), 1.0)
    return True
