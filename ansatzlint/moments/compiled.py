"""What the compiled kernels share: numba's decorator with types, and Pauli algebra on packed strings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy as np
from numba import njit

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """Compile on first use, without the interpreter's lock; the machine code is cached on disk."""
    return cast(F, njit(cache=True, nogil=True)(function))


def inlined(function: F) -> F:
    """A helper of kernels, compiled into them."""
    return cast(F, njit(inline="never", cache=True, nogil=True)(function))


@inlined
def ones(word: Any) -> Any:
    """Number of set bits of a uint64."""
    word = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
    word = (word & np.uint64(0x3333333333333333)) + ((word >> np.uint64(2)) & np.uint64(0x3333333333333333))
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((word * np.uint64(0x0101010101010101)) >> np.uint64(56))


@inlined
def anticommute(generator: Any, string: Any) -> Any:
    """Whether two packed strings (x words, then z words) anticommute: 0 or 1."""
    w = len(string) // 2
    word = np.uint64(0)
    for i in range(w):
        word ^= (generator[i] & string[w + i]) ^ (generator[w + i] & string[i])
    return ones(word) & 1


@inlined
def multiply_into(generator: Any, negative: Any, string: Any) -> Any:
    """Replace Q by P Q where they commute, by i P Q where not; returns 1 if the result carries a minus sign, else 0."""
    w = len(string) // 2
    phase = 2 if negative else 0
    word = np.uint64(0)
    for i in range(w):
        px, pz, qx, qz = generator[i], generator[w + i], string[i], string[w + i]
        word ^= (px & qz) ^ (pz & qx)
        phase += ones(px & pz) + ones(qx & qz) + 2 * ones(pz & qx)
        px ^= qx
        pz ^= qz
        phase -= ones(px & pz)
        string[i] = px
        string[w + i] = pz
    phase += ones(word) & 1
    return (phase & 3) >> 1
