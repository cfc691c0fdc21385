"""How findings put names and numbers."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, isfinite


def listing(names: Sequence[str], shown: int = 4) -> str:
    """The first few names, and how many more there are."""
    more = len(names) - shown
    return ", ".join(names[:shown]) + (f" and {more} more" if more > 0 else "")


def amount(shots: float) -> str:
    """A number of shots as people read it."""
    if not isfinite(shots):
        return "infinitely many"
    return f"{ceil(shots):,}" if shots < 1e6 else f"{shots:.1e}".replace("e+0", "e").replace("e+", "e")


def large(number: int) -> str:
    """A whole number as people read it, a large one as a power of two."""
    return f"{number:,}" if number < 1_000_000 else f"about 2^{number.bit_length() - 1}"
