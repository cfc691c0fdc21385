"""The compiled loops of `closure`. Import it where it is needed only: it loads numba."""

from __future__ import annotations

from typing import Any

import numpy as np

from ansatzlint.moments.compiled import compiled

_P = np.uint64(2**31 - 1)
_BITS = np.uint64(31)


@compiled
def apply(target: Any, negative: Any, words: Any, coefficients: Any, row: Any, out: Any, width: Any) -> Any:
    """Add to `out` the commutator of a generator with a row, modulo 2^31 - 1; steps done.

    target, negative : int32 and bool of shape (all words, capacity); words, coefficients : int64 and uint64 of shape
    (terms,), the generator; row : uint32 of shape (capacity,); out : uint64 of shape (capacity,), entries below the
    prime; the first `width` columns count.
    """
    held = np.flatnonzero(row[:width])
    for t in range(len(words)):
        w, c = words[t], coefficients[t]
        for column in held:
            to = target[w, column]
            if to >= 0:
                product = c * np.uint64(row[column]) % _P
                if negative[w, column]:
                    product = _P - product
                out[to] = (out[to] + product) % _P
    return width + len(words) * len(held)


@compiled
def reduce(rows: Any, pivots: Any, count: Any, vector: Any, width: Any) -> Any:
    """Take multiples of the rows off a vector, in place; (first column that is left or -1, steps done).

    rows : uint32 of shape (at least count, capacity), row k one at pivots[k] and zero before it and at the pivots of
    earlier rows; vector : uint64 of shape (capacity,), entries below the prime.
    """
    steps = 0
    for k in range(count):
        pivot = pivots[k]
        c = vector[pivot]
        if c != np.uint64(0):
            factor = _P - c
            steps += width - pivot
            for j in range(pivot, width):
                # 2^31 is 1 modulo the prime: high bits are added to the low ones
                value = vector[j] + factor * np.uint64(rows[k, j])
                value = (value & _P) + (value >> _BITS)
                value = (value & _P) + (value >> _BITS)
                vector[j] = value - _P if value >= _P else value
    steps += count
    for j in range(width):
        if vector[j] != np.uint64(0):
            return j, steps
    return -1, steps
