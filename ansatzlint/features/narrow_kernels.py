"""The loops of `narrow`: signed Pauli strings at the beginning of the circuit, and the paths of few moves.

A string is X and Z bits and a sign, for up to 64 qubits: the product of its letters, Y being i X Z.
"""

from __future__ import annotations

from math import exp, log
from typing import Any

import numpy as np

from ansatzlint.features.compiling import kernel, leaf, ones
from ansatzlint.features.string_kernels import crossed
from ansatzlint.features.tape import MAP1, MAP2, NOISE1, TURN

FAINT = -12.0
"""Log of amplitudes that are not followed any further."""


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


@leaf
def damped(kind: Any, table: Any, s: Any, words: Any, local: Any, fade: Any, damping: Any, x: Any, z: Any) -> Any:
    """Log of what step s leaves of the mean of a string."""
    if kind[s] == TURN:
        return fade[s] if crossed(words[s, 0], words[s, 1], x, z) else 0.0
    if kind[s] == MAP1 or kind[s] == MAP2:
        return 0.0
    near = crossed(local[s, 1, 0], local[s, 1, 1], x, z) + 2 * crossed(local[s, 0, 0], local[s, 0, 1], x, z)
    row = table[s]
    if kind[s] == NOISE1:
        return 0.5 * log(max(damping[row, near - 1], 1e-30)) if near else 0.0
    far = crossed(local[s, 2, 0], local[s, 2, 1], x, z) or crossed(local[s, 3, 0], local[s, 3, 1], x, z)
    return 0.5 * log(max(damping[row, 0], 1e-30)) if near or far else 0.0


@kernel
def expand(
    kind: Any, table: Any, unit: Any, slope: Any, spread: Any, fade: Any, words: Any, negative: Any, local: Any,
    damping: Any, terms: Any, value: Any, most: Any, mean: Any, rate: Any, apart: Any,
) -> Any:  # fmt: skip
    """Mean slopes and their rates of change with each parameter, by paths of one and of two moves.

    Turn s belongs to unit[s]; slope[s] is its angle's derivative, spread[s] its angle's deviation with a sign, fade[s]
    the log of its mean cosine. mean[u] receives the mean slope, rate[u, v] its change per deviation of unit v, and
    apart[u] the sum of squares of all paths one by one. Returns whether no more than `most` steps were taken.
    """
    size = len(kind)
    before = np.empty(size)  # log of what the string of a term has lost when it comes to a step
    found, signs = np.empty(size, dtype=np.int64), np.empty(size, dtype=np.bool_)
    visits = 0
    for t in range(len(value)):
        x, z = terms[t, 0], terms[t, 1]
        total = 0.0
        for s in range(size - 1, -1, -1):
            before[s] = total
            total += damped(kind, table, s, words, local, fade, damping, x, z)
        visits += size
        for s in range(size - 1, -1, -1):
            own_x, own_z = words[s, 0], words[s, 1]
            if unit[s] < 0 or before[s] < FAINT or not crossed(own_x, own_z, x, z):
                continue
            if not x and slope[s] != 0.0:
                path = -value[t] * exp(total - fade[s]) * slope[s] * spread[s]
                rate[unit[s], unit[s]] += path
                apart[unit[s]] += path * path
            new_x, new_z = x ^ own_x, z ^ own_z
            sign = negative[s] ^ turned(own_x, own_z, x, z)
            after = 0.0
            count = 0
            for r in range(s - 1, -1, -1):
                own_x, own_z = words[r, 0], words[r, 1]
                if unit[r] >= 0 and new_x == own_x and crossed(own_x, own_z, new_x, new_z):
                    found[count] = r
                    signs[count] = sign ^ negative[r] ^ turned(own_x, own_z, new_x, new_z)
                    count += 1
                after += damped(kind, table, r, words, local, fade, damping, new_x, new_z)
                if before[s] + after < FAINT and not count:
                    break
            visits += s
            if visits > most:
                return False
            whole = value[t] * exp(before[s] + after)
            if not new_x and slope[s] != 0.0:
                path = (-whole if sign else whole) * slope[s] * exp(fade[s])
                mean[unit[s]] += path
                apart[unit[s]] += path * path
            for i in range(count):
                r = found[i]
                # the last leg loses about what the string would without the second move
                step = -whole if signs[i] else whole
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
