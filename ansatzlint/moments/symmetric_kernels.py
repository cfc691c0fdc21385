"""Symmetric states of n qubits under sums of equal Pauli rotations, and adjoint differentiation: compiled loops.

A state is given by its n + 1 amplitudes over the Dicke states |k>, k the number of ones. A sum of single-letter words
over all places is diagonal in the basis of that letter: the Dicke basis for Z; for X its image V under a real
orthogonal matrix; for Y that with row k multiplied by i^k. Import this module where it is needed only: it loads numba.
"""

from __future__ import annotations

from math import cos, sin

import numpy as np
from numpy.typing import NDArray

from ansatzlint.moments.compiled import compiled

X, Y, Z = 0, 1, 2


@compiled
def _phase(re: NDArray[np.float64], im: NDArray[np.float64], turns: int) -> None:
    """Multiply amplitude k by i^(turns * k) in place."""
    for k in range(len(re)):
        t = (turns * k) % 4
        a, b = re[k], im[k]
        if t == 1:
            re[k], im[k] = -b, a
        elif t == 2:
            re[k], im[k] = -a, -b
        elif t == 3:
            re[k], im[k] = b, -a


@compiled
def _apply(
    matrix: NDArray[np.float64],
    re: NDArray[np.float64],
    im: NDArray[np.float64],
    spare_re: NDArray[np.float64],
    spare_im: NDArray[np.float64],
) -> None:
    """psi -> matrix^T psi in place; rows are added up, which the processor does several columns at a time."""
    size = len(re)
    for j in range(size):
        spare_re[j] = 0.0
        spare_im[j] = 0.0
    for i in range(size):
        a, b = re[i], im[i]
        for j in range(size):
            spare_re[j] += matrix[i, j] * a
            spare_im[j] += matrix[i, j] * b
    for j in range(size):
        re[j] = spare_re[j]
        im[j] = spare_im[j]


@compiled
def _to(
    basis: int,
    now: int,
    v: NDArray[np.float64],
    vt: NDArray[np.float64],
    re: NDArray[np.float64],
    im: NDArray[np.float64],
    spare_re: NDArray[np.float64],
    spare_im: NDArray[np.float64],
) -> None:
    """From the eigenbasis of one letter to that of another."""
    if basis == now:
        return
    if now != 2:
        _apply(vt, re, im, spare_re, spare_im)
        if now == 1:
            _phase(re, im, 1)
    if basis != 2:
        if basis == 1:
            _phase(re, im, 3)
        _apply(v, re, im, spare_re, spare_im)


@compiled
def _operate(
    matrix: NDArray[np.complex128],
    re: NDArray[np.float64],
    im: NDArray[np.float64],
    out_re: NDArray[np.float64],
    out_im: NDArray[np.float64],
) -> None:
    """out = matrix psi."""
    size = len(re)
    for i in range(size):
        a = b = 0.0
        for j in range(size):
            c, d = matrix[i, j].real, matrix[i, j].imag
            a += c * re[j] - d * im[j]
            b += c * im[j] + d * re[j]
        out_re[i] = a
        out_im[i] = b


@compiled
def _overlap(
    re: NDArray[np.float64], im: NDArray[np.float64], out_re: NDArray[np.float64], out_im: NDArray[np.float64]
) -> float:
    total = 0.0
    for k in range(len(re)):
        total += re[k] * out_re[k] + im[k] * out_im[k]
    return total


@compiled
def gradients(
    features: NDArray[np.float64],
    state: NDArray[np.complex128],
    basis: NDArray[np.float64],
    letters: NDArray[np.int64],
    levels: NDArray[np.float64],
    constants: NDArray[np.float64],
    rows: NDArray[np.int64],
    columns: NDArray[np.int64],
    coefficients: NDArray[np.float64],
    cost: NDArray[np.complex128],
    squared: NDArray[np.complex128],
    value: NDArray[np.float64],
    square: NDArray[np.float64],
    slopes: NDArray[np.float64],
) -> None:
    """Cost, its gradient and the mean square of its operator for many draws.

    Parameters
    ----------
    features : shape (draws, F)
        What the angles are linear in.
    state : shape (n + 1,)
        The initial state over the Dicke states.
    basis : shape (n + 1, n + 1)
        The eigenstates of the sum of all X as columns, from its largest eigenvalue down; C order.
    letters, levels : shapes (L,), (L, n + 1)
        The layers in time order: the letter (0 X, 1 Y, 2 Z) of the generator H and its eigenvalues in that basis;
        a layer is exp(-i angle H / 2).
    constants, rows, columns, coefficients : shapes (L,), (L + 1,), (T,), (T,)
        Angle l is constants[l] + sum of coefficients[t] * features[columns[t]], t from rows[l] to rows[l + 1].
    cost, squared : shape (n + 1, n + 1)
        The operator O, and what stands for O^2.
    value, square : shape (draws,)
        Set to <O> and to the mean of `squared`.
    slopes : shape (draws, F)
        The gradient with respect to the features is added to it.
    """
    size = len(state)
    layers = len(letters)
    transposed = basis.T.copy()
    re, im, lam_re, lam_im = np.empty(size), np.empty(size), np.empty(size), np.empty(size)
    spare_re, spare_im = np.empty(size), np.empty(size)
    angles = np.empty(layers)
    for d in range(len(features)):
        for k in range(size):
            re[k] = state[k].real
            im[k] = state[k].imag
        now = 2
        for layer in range(layers):
            angle = constants[layer]
            for t in range(rows[layer], rows[layer + 1]):
                angle += coefficients[t] * features[d, columns[t]]
            angles[layer] = angle
            _to(letters[layer], now, basis, transposed, re, im, spare_re, spare_im)
            now = letters[layer]
            for k in range(size):
                c, s = cos(angle * levels[layer, k] / 2), sin(angle * levels[layer, k] / 2)
                a, b = re[k], im[k]
                re[k] = c * a + s * b
                im[k] = c * b - s * a
        _to(2, now, basis, transposed, re, im, spare_re, spare_im)
        _operate(squared, re, im, lam_re, lam_im)
        square[d] = _overlap(re, im, lam_re, lam_im)
        _operate(cost, re, im, lam_re, lam_im)
        value[d] = _overlap(re, im, lam_re, lam_im)
        now = 2
        for layer in range(layers - 1, -1, -1):
            _to(letters[layer], now, basis, transposed, re, im, spare_re, spare_im)
            _to(letters[layer], now, basis, transposed, lam_re, lam_im, spare_re, spare_im)
            now = letters[layer]
            slope = 0.0
            for k in range(size):
                slope += levels[layer, k] * (lam_re[k] * im[k] - lam_im[k] * re[k])
                c, s = cos(angles[layer] * levels[layer, k] / 2), sin(angles[layer] * levels[layer, k] / 2)
                a, b = re[k], im[k]
                re[k] = c * a - s * b
                im[k] = c * b + s * a
                a, b = lam_re[k], lam_im[k]
                lam_re[k] = c * a - s * b
                lam_im[k] = c * b + s * a
            for t in range(rows[layer], rows[layer + 1]):
                slopes[d, columns[t]] += coefficients[t] * slope
