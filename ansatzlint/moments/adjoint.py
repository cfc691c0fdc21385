"""Statevectors under rotations about Pauli strings, and adjoint differentiation: compiled loops, arrays only.

A string is given by two masks and a phase p: on the basis state s it gives p (-1)^|z & s| on s ^ x, with
p = sign i^|x & z| (bit i of s is qubit i). Import this module where it is needed only: it loads numba.
"""

from __future__ import annotations

from math import cos, sin

import numpy as np
from numpy.typing import NDArray

from ansatzlint.moments.compiled import compiled

CHUNK = 256
"""Basis states that are visited with one table of signs."""


@compiled
def _odd(v: int) -> int:
    """1 where the number of set bits is odd, for up to 32 bits."""
    v ^= v >> 16
    v ^= v >> 8
    v ^= v >> 4
    return (0x6996 >> (v & 15)) & 1


@compiled
def _top(x: int) -> int:
    """Index of the highest set bit of x > 0."""
    h = 0
    while x >> (h + 1):
        h += 1
    return h


@compiled
def _signs(z: int, count: int) -> NDArray[np.float64]:
    """(-1)^|z & a| for a below count."""
    found = np.empty(count)
    for a in range(count):
        found[a] = 1.0 - 2.0 * _odd(z & a)
    return found


# Below, a runs over the basis states in which the highest bit of x is clear, in chunks that share the sign of their
# high bits, and b = a ^ x over the others. <b|P|a> is p times a sign, either real or imaginary; so is <a|P|b>.


@compiled
def turn(psi: NDArray[np.complex128], x: int, z: int, p: complex, c: float, s: float) -> None:
    """psi -> (c - i s P) psi in place."""
    half = 1 << _top(x) if x else len(psi)
    step = min(half, CHUNK)
    signs = _signs(z, step)
    down = -1j * s * p
    up = -down if _odd(x & z) else down
    for base in range(0, len(psi), 2 * half):
        for first in range(base, base + half, step):
            high = 1.0 - 2.0 * _odd(z & first)
            for i in range(step):
                a = first + i
                b = a ^ x
                t = high * signs[i]
                u, v = psi[a], psi[b]
                if x == 0:
                    psi[a] = (c + t * down) * u
                elif p.imag == 0.0:
                    to_a, to_b = t * up.imag, t * down.imag
                    psi[a] = complex(c * u.real - to_a * v.imag, c * u.imag + to_a * v.real)
                    psi[b] = complex(c * v.real - to_b * u.imag, c * v.imag + to_b * u.real)
                else:
                    to_a, to_b = t * up.real, t * down.real
                    psi[a] = complex(c * u.real + to_a * v.real, c * u.imag + to_a * v.imag)
                    psi[b] = complex(c * v.real + to_b * u.real, c * v.imag + to_b * u.imag)


@compiled
def turn_back(
    psi: NDArray[np.complex128], lam: NDArray[np.complex128], x: int, z: int, p: complex, c: float, s: float
) -> float:
    """Im <lam|P|psi>, then psi -> (c + i s P) psi and lam likewise, in place."""
    half = 1 << _top(x) if x else len(psi)
    step = min(half, CHUNK)
    signs = _signs(z, step)
    total = 0.0
    for base in range(0, len(psi), 2 * half):
        for first in range(base, base + half, step):
            high = 1.0 - 2.0 * _odd(z & first)
            slope = 0.0
            for i in range(step):
                a = first + i
                b = a ^ x
                t = high * signs[i]
                u, v, m, n = psi[a], psi[b], lam[a], lam[b]
                if x == 0:
                    w = t * s * p.real
                    slope += signs[i] * (m.real * u.imag - m.imag * u.real)
                    psi[a] = complex(c * u.real - w * u.imag, c * u.imag + w * u.real)
                    lam[a] = complex(c * m.real - w * m.imag, c * m.imag + w * m.real)
                elif p.imag == 0.0:
                    w = t * s * p.real
                    slope += signs[i] * ((m.real * v.imag - m.imag * v.real) + (n.real * u.imag - n.imag * u.real))
                    psi[a] = complex(c * u.real - w * v.imag, c * u.imag + w * v.real)
                    psi[b] = complex(c * v.real - w * u.imag, c * v.imag + w * u.real)
                    lam[a] = complex(c * m.real - w * n.imag, c * m.imag + w * n.real)
                    lam[b] = complex(c * n.real - w * m.imag, c * n.imag + w * m.real)
                else:
                    w = t * s * p.imag
                    slope += signs[i] * ((n.real * u.real + n.imag * u.imag) - (m.real * v.real + m.imag * v.imag))
                    psi[a] = complex(c * u.real + w * v.real, c * u.imag + w * v.imag)
                    psi[b] = complex(c * v.real - w * u.real, c * v.imag - w * u.imag)
                    lam[a] = complex(c * m.real + w * n.real, c * m.imag + w * n.imag)
                    lam[b] = complex(c * n.real - w * m.real, c * n.imag - w * m.imag)
            total += high * slope
    return total * (p.real + p.imag)


@compiled
def add_string(out: NDArray[np.complex128], psi: NDArray[np.complex128], x: int, z: int, p: complex) -> None:
    """out += P psi; p may hold a coefficient too."""
    for a in range(len(psi)):
        if _odd(z & a):
            out[a ^ x] -= p * psi[a]
        else:
            out[a ^ x] += p * psi[a]


@compiled
def _overlap(lam: NDArray[np.complex128], psi: NDArray[np.complex128]) -> float:
    total = 0.0
    for a in range(len(psi)):
        total += lam[a].real * psi[a].real + lam[a].imag * psi[a].imag
    return total


@compiled
def gradients(
    features: NDArray[np.float64],
    state: NDArray[np.complex128],
    masks: NDArray[np.int64],
    phases: NDArray[np.complex128],
    constants: NDArray[np.float64],
    rows: NDArray[np.int64],
    columns: NDArray[np.int64],
    coefficients: NDArray[np.float64],
    word_masks: NDArray[np.int64],
    word_factors: NDArray[np.complex128],
    word_rows: NDArray[np.int64],
    factor_masks: NDArray[np.int64],
    factor_phases: NDArray[np.complex128],
    factor_rows: NDArray[np.int64],
    scales: NDArray[np.float64],
    value: NDArray[np.float64],
    square: NDArray[np.float64],
    slopes: NDArray[np.float64],
) -> None:
    """Cost, its gradient and the mean square of its operator for many draws.

    Parameters
    ----------
    features : shape (draws, F)
        What the angles are linear in.
    state : shape (2^n,)
        The initial state.
    masks, phases, constants : shapes (R, 2), (R,), (R,)
        The rotations in time order: x and z, phase, constant part of the angle in radians.
    rows, columns, coefficients : shapes (R + 1,), (T,), (T,)
        Angle r is constants[r] + sum of coefficients[t] * features[columns[t]], t from rows[r] to rows[r + 1].
    word_masks, word_factors, word_rows : shapes (W, 2), (W,), (S + 1,)
        The operators O_s = sum of word_factors times words, words from word_rows[s] to word_rows[s + 1]; O_0 is
        Hermitian and a part of the cost, for the others only |O_s psi|^2 is asked.
    factor_masks, factor_phases, factor_rows, scales : shapes (P, 2), (P,), (M + 1,), (M,)
        Each projector of the cost is scales[m] times the product of (1 + P)/2 over its strings.
    value, square : shape (draws,)
        Set to <O_0 + projectors>, and to the sum of |O_s psi|^2 over all s.
    slopes : shape (draws, F)
        The gradient with respect to the features is added to it.
    """
    rotations = len(phases)
    sets = len(word_rows) - 1
    size = len(state)
    psi = np.empty(size, np.complex128)
    lam = np.empty(size, np.complex128)
    other = np.empty(size, np.complex128)
    cosines = np.empty(rotations)
    sines = np.empty(rotations)
    for d in range(len(features)):
        for a in range(size):
            psi[a] = state[a]
        for r in range(rotations):
            angle = constants[r]
            for t in range(rows[r], rows[r + 1]):
                angle += coefficients[t] * features[d, columns[t]]
            cosines[r] = cos(angle / 2)
            sines[r] = sin(angle / 2)
            turn(psi, masks[r, 0], masks[r, 1], phases[r], cosines[r], sines[r])
        square[d] = 0.0
        for s in range(sets - 1, -1, -1):
            for a in range(size):
                lam[a] = 0.0
            for w in range(word_rows[s], word_rows[s + 1]):
                add_string(lam, psi, word_masks[w, 0], word_masks[w, 1], word_factors[w])
            square[d] += _overlap(lam, lam)
        for m in range(len(scales)):
            for a in range(size):
                other[a] = psi[a]
            for f in range(factor_rows[m], factor_rows[m + 1]):
                # (1 + P)/2 is a turn with -i s P = P/2
                turn(other, factor_masks[f, 0], factor_masks[f, 1], 1j * factor_phases[f], 0.5, 0.5)
            for a in range(size):
                lam[a] += scales[m] * other[a]
        value[d] = _overlap(lam, psi)
        for r in range(rotations - 1, -1, -1):
            slope = turn_back(psi, lam, masks[r, 0], masks[r, 1], phases[r], cosines[r], sines[r])
            for t in range(rows[r], rows[r + 1]):
                slopes[d, columns[t]] += coefficients[t] * slope


@compiled
def fidelities(
    features: NDArray[np.float64],
    state: NDArray[np.complex128],
    masks: NDArray[np.int64],
    phases: NDArray[np.complex128],
    constants: NDArray[np.float64],
    rows: NDArray[np.int64],
    columns: NDArray[np.int64],
    coefficients: NDArray[np.float64],
    found: NDArray[np.float64],
) -> None:
    """|<psi|phi>|^2 of the states at draws 2 i and 2 i + 1, for every i; `found` has shape (draws / 2,).

    The other parameters are those of `gradients`.
    """
    psi = np.empty(len(state), np.complex128)
    phi = np.empty(len(state), np.complex128)
    for d in range(len(features)):
        out = phi if d % 2 else psi
        out[:] = state
        for r in range(len(phases)):
            angle = constants[r]
            for t in range(rows[r], rows[r + 1]):
                angle += coefficients[t] * features[d, columns[t]]
            turn(out, masks[r, 0], masks[r, 1], phases[r], cos(angle / 2), sin(angle / 2))
        if d % 2:
            found[d // 2] = abs(np.sum(np.conj(psi) * phi)) ** 2
