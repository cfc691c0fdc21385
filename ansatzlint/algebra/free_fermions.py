"""Free fermions: Pauli strings that anticommute as products of two Majoranas do.

Generators are such products where each can be given an unordered pair of labels so that two of them anticommute
exactly if they share one label: their anticommutation graph, twins merged, is the line graph of a graph, whose
vertices are the Majoranas (Chapman and Flammia, arXiv:2003.05465).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from ansatzlint.algebra.linear import Echelon
from ansatzlint.pauli.line_graphs import Pair


@dataclass(frozen=True)
class Fermions:
    """Majoranas behind connected generators.

    Attributes
    ----------
    potentials : tuple of int
        For each Majorana, the string of its product with the first one, up to `cycles`; no marks.
    cycles : Echelon
        The strings of products around closed walks: they commute with all generators and stand for no Majorana.
    """

    potentials: tuple[int, ...]
    cycles: Echelon

    @property
    def majoranas(self) -> int:
        return len(self.potentials)

    @cached_property
    def paired(self) -> bool:
        """Whether the product of all Majoranas, an even number, is no more than a product around closed walks."""
        whole = 0
        for potential in self.potentials:
            whole ^= potential
        return self.majoranas % 2 == 0 and whole in self.cycles


def fermions(pairs: Sequence[Pair], strings: Sequence[int]) -> Fermions:
    """The Majoranas of connected generators with the given labels and strings (no marks)."""
    at: dict[int, list[tuple[int, int]]] = {}
    for (a, b), string in zip(pairs, strings, strict=True):
        at.setdefault(a, []).append((b, string))
        at.setdefault(b, []).append((a, string))
    root = pairs[0][0]
    potential = {root: 0}
    queue = [root]
    for label in queue:
        for other, string in at[label]:
            if other not in potential:
                potential[other] = potential[label] ^ string
                queue.append(other)
    cycles = Echelon.of(potential[a] ^ potential[b] ^ s for (a, b), s in zip(pairs, strings, strict=True))
    return Fermions(tuple(potential[label] for label in queue), cycles)
