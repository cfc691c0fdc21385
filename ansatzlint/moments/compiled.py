"""What the compiled kernels share: numba's decorator with types, and Pauli algebra on packed strings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy as np
from numba import njit
from numba.core.options import DefaultOptions

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """Compile on first use, without the interpreter's lock; the machine code is cached on disk where it can be."""
    try:
        return cast(F, njit(cache=True, nogil=True)(function))
    except RuntimeError:  # numba's word for: no folder to write the cache to
        return cast(F, njit(nogil=True)(function))


def inlined(function: F) -> F:
    """A helper of kernels, compiled into them; Python cannot call it, which saves compiling half of it."""
    return cast(F, njit(nogil=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)(function))


_UNCOUNTED = {"_nrt": False} if hasattr(DefaultOptions, "_nrt") else {}


def leaf(function: F) -> F:
    """Like `inlined`, for a helper that makes no arrays: it counts no references to those that it is given.

    Counting takes a locked instruction for each array when it comes and when it goes, which is most of the time of a
    helper that does little else.
    """
    options = {"nogil": True, "no_cpython_wrapper": True, "no_cfunc_wrapper": True, "forceinline": True, **_UNCOUNTED}
    return cast(F, njit(**options)(function))


@inlined
def ones(word: Any) -> Any:
    """Number of set bits of a uint64."""
    word = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
    word = (word & np.uint64(0x3333333333333333)) + ((word >> np.uint64(2)) & np.uint64(0x3333333333333333))
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((word * np.uint64(0x0101010101010101)) >> np.uint64(56))


# Rows are passed as a table and an index: a view of a row takes numba seconds to compile.


@inlined
def anticommute(generators: Any, g: Any, rows: Any, i: Any) -> Any:
    """Whether two packed strings (x words, then z words) anticommute: 0 or 1."""
    w = rows.shape[1] // 2
    word = np.uint64(0)
    for k in range(w):
        word ^= (generators[g, k] & rows[i, w + k]) ^ (generators[g, w + k] & rows[i, k])
    return ones(word) & 1


@inlined
def multiply_into(generators: Any, negative: Any, g: Any, rows: Any, i: Any) -> Any:
    """Replace Q = rows[i] by P Q where they commute, by i P Q where not, P = generators[g] with its sign.

    Returns 1 if the result carries a minus sign, else 0.
    """
    w = rows.shape[1] // 2
    phase = 2 if negative[g] else 0
    word = np.uint64(0)
    for k in range(w):
        px, pz, qx, qz = generators[g, k], generators[g, w + k], rows[i, k], rows[i, w + k]
        word ^= (px & qz) ^ (pz & qx)
        phase += ones(px & pz) + ones(qx & qz) + 2 * ones(pz & qx)
        px ^= qx
        pz ^= qz
        phase -= ones(px & pz)
        rows[i, k] = px
        rows[i, w + k] = pz
    phase += ones(word) & 1
    return (phase & 3) >> 1


@inlined
def pattern_of(generators: Any, start: Any, stop: Any, rows: Any, i: Any) -> Any:
    """Which of the generators start, …, stop - 1 anticommute with rows[i], as bits."""
    pattern = 0
    for g in range(start, stop):
        pattern |= anticommute(generators, g, rows, i) << (g - start)
    return pattern


@inlined
def row_of(table: Any, equal: Any, event: Any, pattern: Any, rows: Any, i: Any) -> Any:
    """The row of options for rows[i] at an event, by its pattern and by whether it is a pair of equal strings."""
    if equal[event] == table[event]:
        return table[event] + pattern
    w = rows.shape[1] // 4
    for k in range(w):
        if rows[i, k] != rows[i, w + k] or rows[i, 2 * w + k] != rows[i, 3 * w + k]:
            return table[event] + pattern
    return equal[event] + pattern


@inlined
def multiply_all(generators: Any, negative: Any, start: Any, stop: Any, mask: Any, rows: Any, i: Any) -> Any:
    """`multiply_into` with those of the generators start, …, stop - 1 that the mask names; the sign of all together."""
    sign = 0
    for g in range(start, stop):
        if mask >> (g - start) & 1:
            sign ^= multiply_into(generators, negative, g, rows, i)
    return sign
