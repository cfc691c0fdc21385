"""Which pairs of qubits an entangling layer couples, in the order of its gates."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import combinations
from types import MappingProxyType
from typing import Any

from ansatzlint.errors import UsageError

Pairs = tuple[tuple[int, int], ...]


def chain(qubits: int) -> Pairs:
    """(0, 1), (1, 2), …, one after the other."""
    return tuple((q, q + 1) for q in range(qubits - 1))


def ring(qubits: int) -> Pairs:
    """The chain, closed by (n - 1, 0) where that is a further pair."""
    return chain(qubits) + (((qubits - 1, 0),) if qubits > 2 else ())


def brick(qubits: int) -> Pairs:
    """(0, 1), (2, 3), …, then (1, 2), (3, 4), …."""
    return tuple((q, q + 1) for start in (0, 1) for q in range(start, qubits - 1, 2))


def star(qubits: int) -> Pairs:
    """(0, q) for every other qubit q."""
    return tuple((0, q) for q in range(1, qubits))


def complete(qubits: int) -> Pairs:
    """Every pair."""
    return tuple(combinations(range(qubits), 2))


COUPLINGS: Mapping[str, Callable[[int], Pairs]] = MappingProxyType(
    {"chain": chain, "ring": ring, "brick": brick, "star": star, "all-to-all": complete}
)


def pairs(coupling: str | Iterable[Any], qubits: int) -> Pairs:
    """The pairs of a coupling by name, or of a given coupling map.

    Raises
    ------
    UsageError
        For an unknown name, what is no sequence of pairs, a pair of one qubit, a qubit that is not there.
    """
    if isinstance(coupling, str):
        if coupling not in COUPLINGS:
            raise UsageError(f"unknown coupling {coupling!r}; use {', '.join(COUPLINGS)} or pairs of qubits")
        return COUPLINGS[coupling](qubits)
    try:
        found = tuple((int(a), int(b)) for a, b in map(tuple, coupling))
    except (TypeError, ValueError):
        raise UsageError(f"a coupling map is a sequence of pairs of qubits, not {coupling!r}") from None
    for a, b in found:
        if a == b or not (0 <= a < qubits and 0 <= b < qubits):
            raise UsageError(f"the coupling map couples {a} and {b}, which are no two of {qubits} qubits")
    return found
