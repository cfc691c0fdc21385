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
def _covariance(
    turned: NDArray[np.float64],
    first: int,
    starts: NDArray[np.int64],
    others: NDArray[np.int64],
    values: NDArray[np.float64],
    out: NDArray[np.float64],
) -> None:
    """out = R M R^T of one component, M the matrix whose rows start from `first`."""
    n = len(turned)
    back = turned.T.copy()
    row = np.empty(n)
    for a in range(n):
        _times(turned, a, first, starts, others, values, row)
        for b in range(a + 1, n):
            out[a, b] = 0.0
        for u in range(n):
            p = row[u]
            for b in range(a + 1, n):
                out[a, b] += p * back[u, b]
    for a in range(n):
        out[a, a] = 0.0
        for b in range(a):
            out[a, b] = -out[b, a]


@compiled
def _variance(
    covariance: NDArray[np.float64], base: int, terms: NDArray[np.int64], weights: NDArray[np.float64]
) -> float:
    """<O^2> - <O>^2 of the terms of one component in a pure Gaussian state, by Wick's theorem.

    With O = sum_t c_t i g_a g_b, the covariance G and Kronecker's d it is
    sum_tu c_t c_u (d_ac d_bd - d_ad d_bc - G_ac G_bd + G_ad G_bc).
    Words that differ by a conserved one are the same two Majoranas.
    """
    total = 0.0
    for t in range(len(terms)):
        a, b = terms[t, 0] - base, terms[t, 1] - base
        for u in range(len(terms)):
            c, d = terms[u, 0] - base, terms[u, 1] - base
            if a == c and b == d:
                total += weights[t] * weights[u]
            elif a == d and b == c:
                total -= weights[t] * weights[u]
            total -= weights[t] * weights[u] * (
                covariance[a, c] * covariance[b, d] - covariance[a, d] * covariance[b, c]
            )  # fmt: skip
    return total


@compiled
def pfaffian(matrix: NDArray[np.float64], slope: NDArray[np.float64]) -> float:
    """The Pfaffian of an antisymmetric matrix, which is overwritten; its derivative by each entry goes to `slope`.

    Both of shape (2k, 2k). The largest entry left is the pivot p of each step, which leaves
    D - (b c^T - c b^T) / p of [[0, p, b], [-p, 0, c], [-b, -c, D]] and a factor p.
    """
    size = len(matrix)
    order = np.arange(size)
    sign = 1.0
    slope[:] = 0.0
    done = 0
    while done < size:
        top, r, s = -1.0, done, done + 1
        for i in range(done, size):
            for j in range(i + 1, size):
                if abs(matrix[i, j]) > top:
                    top, r, s = abs(matrix[i, j]), i, j
        if top == 0.0 and size - done > 2:
            return 0.0  # so are the Pfaffians of all that two rows and columns less leave
        for target, source in ((done, r), (done + 1, s)):
            if target != source:
                sign = -sign
                order[target], order[source] = order[source], order[target]
                for k in range(size):
                    matrix[target, k], matrix[source, k] = matrix[source, k], matrix[target, k]
                for k in range(size):
                    matrix[k, target], matrix[k, source] = matrix[k, source], matrix[k, target]
        p = matrix[done, done + 1]
        for i in range(done + 2, size):
            for j in range(done + 2, size):
                matrix[i, j] -= (
                    matrix[done, i] * matrix[done + 1, j] - matrix[done + 1, i] * matrix[done, j]
                ) / p  # fmt: skip
        done += 2
    # Backwards: `inner` is the derivative of the Pfaffian of what was left, `rest` that Pfaffian.
    inner = np.zeros((size, size))
    rest = 1.0
    for first in range(size - 2, -1, -2):
        p = matrix[first, first + 1]
        by_p = rest
        for i in range(first + 2, size):
            along_b = along_c = 0.0
            for j in range(first + 2, size):
                along_b += inner[i, j] * matrix[first, j]
                along_c += inner[i, j] * matrix[first + 1, j]
            inner[first, i] = -along_c
            inner[first + 1, i] = along_b
            by_p += matrix[first, i] * along_c / p
        for i in range(first + 2, size):
            for j in range(first + 2, size):
                inner[i, j] *= p
            inner[i, first] = -inner[first, i]
            inner[i, first + 1] = -inner[first + 1, i]
        inner[first, first + 1] = by_p
        inner[first + 1, first] = -by_p
        rest *= p
    for i in range(size):
        for j in range(size):
            slope[order[i], order[j]] = sign * inner[i, j]
    return sign * rest


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
    products: NDArray[np.int64],
    factors: NDArray[np.int64],
    members: NDArray[np.int64],
    shares: NDArray[np.float64],
    known: int,
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
        Majorana, the first row of its matrix, its terms from one index to another. Empty where none is asked for.
    products, factors, members, shares : shapes (P + 1,), (Q + 1,), (S,), (P,)
        Further terms, shares times the factors from products[p] to products[p + 1]; each is the product of
        i g_a g_b over the Majoranas in turn, members from factors[q] to factors[q + 1], all in one of `pure`.
    known : int
        What gives <O^2>: 0 nothing, 1 the words are all in `terms`, 2 the cost is one word and the constant.
    value, square : shape (draws,)
        Set to <O> and to <O^2>, NaN where that is not known.
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
    covariance, felt = np.empty((n, widest)), np.empty((n, widest))
    longest = 0
    for q in range(len(factors) - 1):
        longest = max(longest, factors[q + 1] - factors[q])
    several = 0
    for p in range(len(shares)):
        several = max(several, products[p + 1] - products[p])
    block, by_entry = np.empty((longest, longest)), np.empty((several, longest, longest))
    pfaffians = np.empty(several)
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
        for i in range(len(pure)):
            base, first = pure[i, 0], pure[i, 1]
            width = widths[base]
            _covariance(
                turned[base : base + width, :width], first, starts, others, values,
                covariance[base : base + width, :width],
            )  # fmt: skip
        if len(shares):
            felt[:] = 0.0
            for p in range(len(shares)):
                begin, end = products[p], products[p + 1]
                for q in range(begin, end):
                    own = members[factors[q] : factors[q + 1]]
                    size = len(own)
                    for i in range(size):
                        for j in range(size):
                            block[i, j] = covariance[own[i], columns_of[own[j]]]
                    pfaffians[q - begin] = pfaffian(block[:size, :size], by_entry[q - begin, :size, :size])
                result = shares[p]
                for q in range(begin, end):
                    result *= pfaffians[q - begin]
                total += result
                for q in range(begin, end):
                    weight = shares[p]
                    for other in range(begin, end):
                        if other != q:
                            weight *= pfaffians[other - begin]
                    own = members[factors[q] : factors[q + 1]]
                    for i in range(len(own)):
                        for j in range(len(own)):
                            felt[own[i], columns_of[own[j]]] += weight * by_entry[q - begin, i, j]
            # covariance = R M R^T, so that the derivative by R is -felt R M
            for i in range(len(pure)):
                base, first = pure[i, 0], pure[i, 1]
                width = widths[base]
                for b in range(width):
                    _times(turned, base + b, first, starts, others, values, left[:width])
                    for a in range(width):
                        weight = felt[base + a, b]
                        if weight != 0.0:
                            for u in range(width):
                                lam[base + a, u] -= weight * left[u]
        value[d] = total
        square[d] = total * total
        if known == 0:
            square[d] = np.nan
        elif known == 2:
            size_of_one = weights[0] if len(weights) else shares[0]
            square[d] += size_of_one * size_of_one - (total - constant) ** 2
        else:
            for i in range(len(pure)):
                base, begin, end = pure[i, 0], pure[i, 2], pure[i, 3]
                width = widths[base]
                square[d] += _variance(
                    covariance[base : base + width, :width], base, terms[begin:end], weights[begin:end]
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
