"""States of a few qubits, and what can be read off them: compiled loops, arrays only.

Bit q of a basis state's index is qubit q. A Pauli string is two masks x and z: it takes the basis state s to s ^ x with
the factor i^|x & z| (-1)^|z & s|. Interpreted they run as `state_arrays` has them.
"""

from __future__ import annotations

from math import cos, log2, sin

import numpy as np
from numpy.typing import NDArray

from ansatzlint.features import state_arrays
from ansatzlint.features.compiling import helper, kernel_beside

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Complexes = NDArray[np.complex128]

FIGURES = 11
"""Columns that `figures` writes."""


@helper
def _count(v: int) -> int:
    """Set bits."""
    found = 0
    while v:
        v &= v - 1
        found += 1
    return found


@helper
def _factor(x: int, z: int) -> complex:
    """i^|x & z|."""
    turns = _count(x & z) & 3
    if turns == 0:
        return 1 + 0j
    if turns == 1:
        return 1j
    return -1 + 0j if turns == 2 else -1j


@helper
def _turn(psi: Complexes, x: int, z: int, angle: float) -> None:
    """psi -> exp(-i angle P / 2) psi in place."""
    c, s = cos(angle / 2), sin(angle / 2)
    if x == 0:
        even, odd = complex(c, -s), complex(c, s)
        for a in range(len(psi)):
            psi[a] *= odd if _count(a & z) & 1 else even
        return
    factor = _factor(x, z)
    for a in range(len(psi)):
        b = a ^ x
        if a < b:
            up = factor * (1.0 - 2.0 * (_count(a & z) & 1))  # <b|P|a>
            u, v = psi[a], psi[b]
            psi[a] = c * u - 1j * s * up.conjugate() * v
            psi[b] = c * v - 1j * s * up * u


@helper
def _expectation(psi: Complexes, x: int, z: int) -> float:
    """<psi|P|psi>."""
    factor = _factor(x, z)
    total = 0.0
    for a in range(len(psi)):
        total += ((1.0 - 2.0 * (_count(a & z) & 1)) * factor * psi[a ^ x].conjugate() * psi[a]).real
    return total


@helper
def _masks(letter: int, qubit: int) -> tuple[int, int]:
    """The masks of X, Y or Z (0, 1, 2) on a qubit."""
    bit = 1 << qubit
    return (bit if letter < 2 else 0), (bit if letter > 0 else 0)


@helper
def _figures(psi: Complexes, n: int, out: Floats) -> None:
    bloch = np.empty((n, 3))
    for q in range(n):
        for letter in range(3):
            x, z = _masks(letter, q)
            bloch[q, letter] = _expectation(psi, x, z)
    mixed, least, most = 0.0, 1.0, 0.0
    for q in range(n):
        own = 1.0 - bloch[q, 0] ** 2 - bloch[q, 1] ** 2 - bloch[q, 2] ** 2
        mixed += own / n
        least, most = min(least, own), max(most, own)
    spread = np.empty(3)
    for letter in range(3):
        spread[letter] = n - (bloch[:, letter] ** 2).sum()
    connected, agreement = 0.0, 0.0
    for q in range(n):
        for r in range(q):
            for i in range(3):
                x, z = _masks(i, q)
                for j in range(3):
                    other_x, other_z = _masks(j, r)
                    both = _expectation(psi, x | other_x, z | other_z)
                    rest = both - bloch[q, i] * bloch[r, j]
                    connected += rest**2
                    if i == j:
                        spread[i] += 2 * rest
                        if i == 2:
                            agreement += both**2
    pairs = max(n * (n - 1) / 2, 1.0)
    concentration = 0.0
    for a in range(len(psi)):
        concentration += (psi[a].real ** 2 + psi[a].imag ** 2) ** 2
    out[0], out[1], out[2] = mixed, least, most
    out[3], out[4] = connected / pairs, agreement / pairs
    out[5] = 1.0 / (concentration * len(psi))
    out[6] = psi[0].real ** 2 + psi[0].imag ** 2
    for letter in range(3):
        out[7 + letter] = spread[letter] / n**2
    out[10] = bloch[:, 2].sum() / n


@kernel_beside(state_arrays.figures)
def figures(start: Complexes, x: Ints, z: Ints, angles: Floats, n: int, out: Floats) -> None:
    """Figures of the states that turns make, a row of `out` (points, FIGURES) for each row of `angles` (points, R).

    The turns have the words x, z (R,) and act on `start` (2^n,) in time order. The figures are: the linear entropy
    1 - |Bloch vector|^2 of the qubits, mean, least and largest; the mean over pairs of qubits of the summed squares of
    <PQ> - <P><Q>, P and Q over X, Y, Z; that of <ZZ>^2; 1 / (2^n sum of p^2), p the probabilities of the basis states;
    the first one of those; the variances of the sums of all X, Y and Z, over n^2; the mean <Z>.
    """
    psi = np.empty(len(start), np.complex128)
    for point in range(len(angles)):
        psi[:] = start
        for r in range(len(x)):
            if angles[point, r] != 0.0:
                _turn(psi, x[r], z[r], angles[point, r])
        _figures(psi, n, out[point])


@kernel_beside(state_arrays.state)
def state(start: Complexes, x: Ints, z: Ints, angles: Floats, slopes: Floats, out: Complexes) -> None:
    """The state out[0] (2^n,) and its derivatives out[1:] by the parameters, slopes (R, P) = d angle / d parameter."""
    out[:] = 0
    out[0, :] = start
    for r in range(len(x)):
        for row in range(len(out)):
            _turn(out[row], x[r], z[r], angles[r])
        factor = _factor(x[r], z[r])
        for p in range(slopes.shape[1]):
            if slopes[r, p] != 0.0:
                for a in range(len(start)):
                    sign = 1.0 - 2.0 * (_count(a & z[r]) & 1)
                    out[p + 1, a ^ x[r]] += -0.5j * slopes[r, p] * sign * factor * out[0, a]


@kernel_beside(state_arrays.magic)
def magic(psi: Complexes) -> float:
    """The stabiliser entropy -log2(sum over words P of <P>^4 / 2^n), in bits; 0 for stabiliser states."""
    size = len(psi)
    row = np.empty(size, np.complex128)
    total = 0.0
    for x in range(size):
        for a in range(size):
            row[a] = psi[a ^ x].conjugate() * psi[a]
        width = 1
        while width < size:  # the sum over a of (-1)^|a & z| row[a], for all z at once
            for base in range(0, size, 2 * width):
                for a in range(base, base + width):
                    u, v = row[a], row[a + width]
                    row[a], row[a + width] = u + v, u - v
            width *= 2
        for z in range(size):
            total += (row[z].real ** 2 + row[z].imag ** 2) ** 2
    return -log2(total / size)
