"""The loops of `state_kernels` in whole arrays: what runs where the compiler is not worth loading."""

from __future__ import annotations

from math import log2

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Complexes = NDArray[np.complex128]

_TURNS = (1, 1j, -1, -1j)


def figures(start: Complexes, x: Ints, z: Ints, angles: Floats, n: int, out: Floats) -> None:
    """See `state_kernels.figures`."""
    psi = np.tile(start, (len(angles), 1))
    for own_x, own_z, angle in zip(x.tolist(), z.tolist(), angles.T, strict=True):
        psi = _turned(psi, own_x, own_z, angle[:, np.newaxis])
    points = len(psi)
    bloch = np.empty((points, n, 3))
    for q in range(n):
        for letter in range(3):
            bloch[:, q, letter] = _expectation(psi, *_masks(letter, q))
    own = 1.0 - (bloch**2).sum(axis=2)
    spread = n - (bloch**2).sum(axis=1)
    connected, agreement = np.zeros(points), np.zeros(points)
    for q in range(n):
        for r in range(q):
            for i in range(3):
                for j in range(3):
                    (a, b), (c, d) = _masks(i, q), _masks(j, r)
                    both = _expectation(psi, a | c, b | d)
                    rest = both - bloch[:, q, i] * bloch[:, r, j]
                    connected += rest**2
                    if i == j:
                        spread[:, i] += 2 * rest
                    if i == j == 2:
                        agreement += both**2
    pairs = max(n * (n - 1) / 2, 1.0)
    chance = psi.real**2 + psi.imag**2
    out[:, 0], out[:, 1], out[:, 2] = own.sum(axis=1) / n, own.min(axis=1, initial=1.0), own.max(axis=1, initial=0.0)
    out[:, 3], out[:, 4] = connected / pairs, agreement / pairs
    out[:, 5], out[:, 6] = 1.0 / ((chance**2).sum(axis=1) * psi.shape[1]), chance[:, 0]
    out[:, 7:10] = spread / n**2
    out[:, 10] = bloch[:, :, 2].sum(axis=1) / n


def state(start: Complexes, x: Ints, z: Ints, angles: Floats, slopes: Floats, out: Complexes) -> None:
    """See `state_kernels.state`."""
    out[:] = 0
    out[0] = start
    for own_x, own_z, angle, slope in zip(x.tolist(), z.tolist(), angles.tolist(), slopes, strict=True):
        out[:] = _turned(out, own_x, own_z, angle)
        if slope.any():
            out[1:] += np.outer(-0.5j * slope, _applied(out[:1], own_x, own_z)[0])


def magic(psi: Complexes) -> float:
    """See `state_kernels.magic`."""
    size = len(psi)
    index = np.arange(size)
    products = psi[index[:, np.newaxis] ^ index].conj() * psi
    values = products @ _signs(size, index[:, np.newaxis])
    return -log2(float(((values.real**2 + values.imag**2) ** 2).sum()) / size)


def _turned(psi: Complexes, x: int, z: int, angle: Floats | float) -> Complexes:
    """exp(-i angle P / 2) of states (points, 2^n)."""
    found: Complexes = np.cos(angle / 2) * psi - 1j * np.sin(angle / 2) * _applied(psi, x, z)
    return found


def _applied(psi: Complexes, x: int, z: int) -> Complexes:
    """P of states (points, 2^n)."""
    index = np.arange(psi.shape[1])
    found: Complexes = ((_TURNS[(x & z).bit_count() & 3] * _signs(psi.shape[1], z)) * psi)[:, index ^ x]
    return found


def _expectation(psi: Complexes, x: int, z: int) -> Floats:
    """<P> of states (points, 2^n)."""
    found: Floats = np.einsum("pa,pa->p", psi.conj(), _applied(psi, x, z)).real
    return found


def _signs(size: int, z: int | Ints) -> Floats:
    """(-1)^|a & z| for the indices a; for a column of masks z a matrix, which is symmetric."""
    found: Floats = 1.0 - 2.0 * (np.bitwise_count(np.arange(size) & z) & 1)
    return found


def _masks(letter: int, qubit: int) -> tuple[int, int]:
    """The masks of X, Y or Z (0, 1, 2) on a qubit."""
    bit = 1 << qubit
    return (bit if letter < 2 else 0), (bit if letter > 0 else 0)
