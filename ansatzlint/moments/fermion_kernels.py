"""Majoranas under rotations about products of two of them, and adjoint differentiation: compiled loops, arrays only.

exp(-i angle i g_a g_b / 2) turns g_a into cos(angle) g_a + sin(angle) g_b, g_b into cos(angle) g_b - sin(angle) g_a, in
the Heisenberg picture; a circuit turns the Majoranas by a matrix R, to which each rotation adds a turn of two rows.
Import this module where it is needed only: it loads numba.
"""

from __future__ import annotations

from math import cos, sin

import numpy as np
from numpy.typing import NDArray

from ansatzlint.moments.compiled import compiled


@compiled
def _turn(table: NDArray[np.float64], a: int, b: int, width: int, c: float, s: float) -> None:
    """Turn rows a and b of a table."""
    for u in range(width):
        p, q = table[a, u], table[b, u]
        table[a, u] = c * p + s * q
        table[b, u] = c * q - s * p


@compiled
def _times(
    rows: NDArray[np.float64],
    at: int,
    first: int,
    starts: NDArray[np.int64],
    others: NDArray[np.int64],
    values: NDArray[np.float64],
    out: NDArray[np.float64],
) -> None:
    """out = row `at` times a sparse matrix whose rows start from `first`."""
    for v in range(len(out)):
        out[v] = 0.0
    for u in range(len(out)):
        p = rows[at, u]
        for t in range(starts[first + u], starts[first + u + 1]):
            out[others[t]] += p * values[t]


@compiled
def _variance(
    turned: NDArray[np.float64],
    base: int,
    first: int,
    starts: NDArray[np.int64],
    others: NDArray[np.int64],
    values: NDArray[np.float64],
    terms: NDArray[np.int64],
    weights: NDArray[np.float64],
) -> float:
    """<O^2> - <O>^2 of the terms of one component in a pure Gaussian state, by Wick's theorem.

    With O = sum_t c_t i g_a g_b and the covariance G it is sum_t c_t^2 - sum_tu c_t c_u (G_ac G_bd - G_ad G_bc).
    """
    n = len(turned)
    back = turned.T.copy()
    covariance = np.zeros((n, n))
    row = np.empty(n)
    for a in range(n):
        _times(turned, a, first, starts, others, values, row)
        for u in range(n):
            p = row[u]
            for b in range(a + 1, n):
                covariance[a, b] += p * back[u, b]
    for a in range(n):
        for b in range(a):
            covariance[a, b] = -covariance[b, a]
    total = 0.0
    for t in range(len(terms)):
        a, b = terms[t, 0] - base, terms[t, 1] - base
        total += weights[t] * weights[t]
        for u in range(len(terms)):
            c, d = terms[u, 0] - base, terms[u, 1] - base
            total -= weights[t] * weights[u] * (
                covariance[a, c] * covariance[b, d] - covariance[a, d] * covariance[b, c]
            )  # fmt: skip
    return total


@compiled
def gradients(
    features: NDArray[np.float64],
    widths: NDArray[np.int64],
    columns_of: NDArray[np.int64],
    modes: NDArray[np.int64],
    signs: NDArray[np.float64],
    constants: NDArray[np.float64],
    rows: NDArray[np.int64],
    columns: NDArray[np.int64],
    coefficients: NDArray[np.float64],
    starts: NDArray[np.int64],
    others: NDArray[np.int64],
    values: NDArray[np.float64],
    terms: NDArray[np.int64],
    weights: NDArray[np.float64],
    constant: float,
    pure: NDArray[np.int64],
    alone: bool,
    value: NDArray[np.float64],
    square: NDArray[np.float64],
    slopes: NDArray[np.float64],
) -> None:
    """Cost, its gradient and the mean square of its operator for many draws.

    The Majoranas of all sectors and components stand one after the other; a row of R spans its own component only.

    Parameters
    ----------
    features : shape (draws, F)
        What the angles are linear in.
    widths, columns_of : shape (N,)
        Majoranas in the component of each Majorana, and its own column there.
    modes, signs, constants, rows, columns, coefficients : shapes (L, 2), (L,), (L,), (L + 1,), (T,), (T,)
        The rotations in time order: two Majoranas, the sign of i g_a g_b in the generator; angle l is constants[l] +
        sum of coefficients[t] * features[columns[t]], t from rows[l] to rows[l + 1].
    starts, others, values
        Sparse matrices, one below the other: the entries of row r are values[t] in columns others[t], t from starts[r]
        to starts[r + 1].
    terms, weights : shapes (W, 3), (W,)
        The cost is `constant` and, over its terms (a, b, r), weights times R_a M R_b, M the matrix whose rows start
        from r; where b is -1 it is M's first row instead of M R_b.
    pure : shape (B, 4)
        The components, each in a pure Gaussian state of its own, that share out all terms: a component's first
        Majorana, the first row of its matrix, its terms from one index to another. Empty where the state is no such.
    alone : bool
        Whether the cost is one word and the constant.
    value, square : shape (draws,)
        Set to <O> and, where it is pure or alone, to <O^2>; else to NaN.
    slopes : shape (draws, F)
        The gradient with respect to the features is added to it.
    """
    n = len(widths)
    widest = 0
    for a in range(n):
        widest = max(widest, widths[a])
    rotations = len(signs)
    turned, lam = np.empty((n, widest)), np.empty((n, widest))
    left, right = np.empty(widest), np.empty(widest)
    cosines, sines = np.empty(rotations), np.empty(rotations)
    for d in range(len(features)):
        for a in range(n):
            for u in range(widths[a]):
                turned[a, u] = 0.0
                lam[a, u] = 0.0
            turned[a, columns_of[a]] = 1.0
        for r in range(rotations):
            angle = constants[r]
            for t in range(rows[r], rows[r + 1]):
                angle += coefficients[t] * features[d, columns[t]]
            cosines[r], sines[r] = cos(angle), signs[r] * sin(angle)
            _turn(turned, modes[r, 0], modes[r, 1], widths[modes[r, 0]], cosines[r], sines[r])
        total = constant
        for w in range(len(terms)):
            a, b, first = terms[w, 0], terms[w, 1], terms[w, 2]
            width = widths[a]
            if b < 0:
                for t in range(starts[first], starts[first + 1]):
                    total += weights[w] * turned[a, others[t]] * values[t]
                    lam[a, others[t]] += weights[w] * values[t]
            else:
                _times(turned, a, first, starts, others, values, left[:width])
                _times(turned, b, first, starts, others, values, right[:width])
                for u in range(width):
                    total += weights[w] * left[u] * turned[b, u]
                    lam[b, u] += weights[w] * left[u]
                    lam[a, u] -= weights[w] * right[u]  # M is antisymmetric
        value[d] = total
        square[d] = total * total
        if alone:
            square[d] += weights[0] * weights[0] - (total - constant) ** 2
        elif len(pure) == 0:
            square[d] = np.nan
        for i in range(len(pure)):
            base, first, begin, end = pure[i]
            width = widths[base]
            square[d] += _variance(
                turned[base : base + width, :width], base, first, starts, others, values,
                terms[begin:end], weights[begin:end],
            )  # fmt: skip
        for r in range(rotations - 1, -1, -1):
            a, b = modes[r, 0], modes[r, 1]
            slope = 0.0
            for u in range(widths[a]):
                slope += lam[a, u] * turned[b, u] - lam[b, u] * turned[a, u]
            _turn(turned, a, b, widths[a], cosines[r], -sines[r])
            _turn(lam, a, b, widths[a], cosines[r], -sines[r])
            for t in range(rows[r], rows[r + 1]):
                slopes[d, columns[t]] += coefficients[t] * signs[r] * slope
