"""Derivatives of a state over a finite field: compiled loops, arrays only.

All numbers are a + i b with a and b modulo the prime 2^31 - 1; -1 is no square there, so that i is a new number and a
rank of real and imaginary parts makes sense. cos and sin are any pair with c^2 + s^2 = 1. Import this module where it
is needed only: it loads numba.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ansatzlint.moments.compiled import compiled, inlined, leaf

PRIME = (1 << 31) - 1

Integers = NDArray[np.int64]


@leaf
def _reduced(value: int) -> int:
    """A number from 0 to 2^62 modulo the prime, which is 2^31 = 1."""
    value = (value & PRIME) + (value >> 31)
    value = (value & PRIME) + (value >> 31)
    return value - PRIME if value >= PRIME else value


@inlined
def _is_odd(mask: int) -> bool:
    odd = False
    while mask:
        odd = not odd
        mask &= mask - 1
    return odd


@inlined
def _turned(real: int, imaginary: int, power: int) -> tuple[int, int]:
    """i^power times a number."""
    if power == 0:
        return real, imaginary
    if power == 1:
        return PRIME - imaginary, real
    if power == 2:
        return PRIME - real, PRIME - imaginary
    return imaginary, PRIME - real


@compiled
def derivatives(
    size: int, masks: Integers, powers: Integers, cosines: Integers, sines: Integers, rows: Integers, weights: Integers,
    count: int,
) -> Integers:  # fmt: skip
    """The state and its derivatives, int64 of shape (count + 1, 2 size): real parts, then imaginary ones.

    Row 0 is i times the state, row 1 + r the derivative by parameter r, doubled.

    Parameters
    ----------
    size : number of amplitudes
    masks, powers : shapes (E, 2), (E,)
        The generators in time order, i^power X^x Z^z; bit q of an amplitude's index is qubit q.
    cosines, sines : shape (E,)
        Of half the angles.
    rows, weights : shape (E,)
        The parameter of each turn, -1 for none, and the factor of its angle.
    """
    real = np.zeros((size, count + 1), np.int64)
    imaginary = np.zeros((size, count + 1), np.int64)
    real[0, 0] = 1
    used = np.zeros(count + 1, np.bool_)
    used[0] = True
    for e in range(len(masks)):
        x, z, power = masks[e, 0], masks[e, 1], powers[e]
        c, s = cosines[e], sines[e]
        top = 0
        while x >> (top + 1):
            top += 1
        for a in range(size):
            b = a ^ x
            if x and a >> top & 1:
                continue
            # (c - i s P): P takes a to b with i^down, b to a with i^up.
            down = (power + 2 * _is_odd(z & a) + 3) & 3
            up = (power + 2 * _is_odd(z & b) + 3) & 3
            for k in range(count + 1):
                if not used[k]:
                    continue
                ar, ai, br, bi = real[a, k], imaginary[a, k], real[b, k], imaginary[b, k]
                ur, ui = _turned(ar, ai, down)
                vr, vi = _turned(br, bi, up)
                real[a, k] = _reduced(_reduced(c * ar) + _reduced(s * vr))
                imaginary[a, k] = _reduced(_reduced(c * ai) + _reduced(s * vi))
                if x:
                    real[b, k] = _reduced(_reduced(c * br) + _reduced(s * ur))
                    imaginary[b, k] = _reduced(_reduced(c * bi) + _reduced(s * ui))
        r = rows[e] + 1
        if r > 0:
            used[r] = True
            weight = weights[e]
            for a in range(size):
                down = (power + 2 * _is_odd(z & a) + 3) & 3
                ar, ai = real[a, 0], imaginary[a, 0]
                ur, ui = _turned(ar, ai, down)
                b = a ^ x
                real[b, r] = _reduced(real[b, r] + _reduced(weight * ur))
                imaginary[b, r] = _reduced(imaginary[b, r] + _reduced(weight * ui))
    found = np.empty((count + 1, 2 * size), np.int64)
    for a in range(size):
        found[0, a] = (PRIME - imaginary[a, 0]) % PRIME
        found[0, size + a] = real[a, 0]
        for r in range(1, count + 1):
            found[r, a] = real[a, r]
            found[r, size + a] = imaginary[a, r]
    return found


@compiled
def pulled_back(
    pairs: Integers, edges: Integers, kinds: Integers, starts: Integers, turned: Integers, cosines: Integers,
    sines: Integers, rows: Integers, weights: Integers, columns: Integers, signs: Integers, count: int, width: int,
) -> Integers:  # fmt: skip
    """The derivatives by the parameters modulo the state's phase, int64 of shape (count, width), up to a common factor.

    Parameters
    ----------
    pairs, edges : shapes (P, 3), (G + 1,)
        (i, j, sign) of strings that generator g exchanges, g's pairs from edges[g] to edges[g + 1]: i g P_i = sign P_j.
    kinds, starts, turned : shape (E,)
        The generator of each turn, which string it is, and its sign.
    cosines, sines : shape (E,)
        Of the angles.
    rows, weights : shape (E,)
        The parameter of each turn, -1 for none, and the factor of its angle.
    columns, signs : shape (D,)
        The direction in which each string moves the state, -1 for none, and its sign.
    """
    found = np.zeros((count, width), np.int64)
    sums = np.zeros(len(columns), np.int64)
    for e in range(len(kinds)):
        if rows[e] < 0:
            continue
        sums[:] = 0
        sums[starts[e]] = 1 if turned[e] == 1 else PRIME - 1
        for f in range(e - 1, -1, -1):
            c, s = cosines[f], sines[f]
            for t in range(edges[kinds[f]], edges[kinds[f] + 1]):
                i, j = pairs[t, 0], pairs[t, 1]
                a, b = sums[i], sums[j]
                if a or b:
                    # P_i -> c P_i + s sign P_j, P_j -> c P_j - s sign P_i
                    sign = s if pairs[t, 2] == turned[f] else (PRIME - s) % PRIME
                    sums[i] = _reduced(_reduced(c * a) + _reduced((PRIME - sign) * b))
                    sums[j] = _reduced(_reduced(c * b) + _reduced(sign * a))
        for d in range(len(columns)):
            if sums[d] and columns[d] >= 0:
                value = _reduced(weights[e] * sums[d])
                r, k = rows[e], columns[d]
                found[r, k] = (found[r, k] + (value if signs[d] == 1 else PRIME - value)) % PRIME
    return found


@inlined
def _inverse(value: int) -> int:
    result, base, power = 1, value, PRIME - 2
    while power:
        if power & 1:
            result = _reduced(result * base)
        base = _reduced(base * base)
        power >>= 1
    return result


@compiled
def rank_of(matrix: Integers, enough: int) -> int:
    """The rank modulo the prime, or `enough` once it is that high; the matrix is changed in place."""
    rows, columns = matrix.shape
    found = 0
    for r in range(rows):
        # Rows above `found` are done; the next one with anything in it is the pivot's.
        column = -1
        for c in range(columns):
            if matrix[r, c]:
                column = c
                break
        if column < 0:
            continue
        found += 1
        if found >= enough:
            break
        scale = _inverse(matrix[r, column])
        for other in range(r + 1, rows):
            if matrix[other, column]:
                factor = PRIME - _reduced(matrix[other, column] * scale)
                for c in range(column, columns):
                    matrix[other, c] = _reduced(matrix[other, c] + _reduced(factor * matrix[r, c]))
    return found
