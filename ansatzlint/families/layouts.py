"""Orders in which structured circuits couple qubits: halvings down to one qubit, bonds that share no qubit."""

from __future__ import annotations

from dataclasses import dataclass

from ansatzlint.families.couplings import Pairs


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a binary tree over the qubits.

    `sites` are the qubits that reach it, `pairs` (dropped, kept) those that merge here; where the number of sites is
    odd, the last one reaches the next level by itself.
    """

    sites: tuple[int, ...]
    pairs: Pairs

    @property
    def kept(self) -> tuple[int, ...]:
        dropped = {a for a, _ in self.pairs}
        return tuple(site for site in self.sites if site not in dropped)

    @property
    def between(self) -> Pairs:
        """The neighbours that stand in no pair together: the kept qubit of each pair and the site behind it."""
        return tuple(zip(self.sites[1:-1:2], self.sites[2::2], strict=True))


def halvings(qubits: int) -> tuple[Level, ...]:
    """The levels from all qubits down to the last one, which alone is kept: ceil(log2 n) of them."""
    found = []
    sites = tuple(range(qubits))
    while len(sites) > 1:
        level = Level(sites, tuple(zip(sites[0:-1:2], sites[1::2], strict=True)))
        found.append(level)
        sites = level.kept
    return tuple(found)


def matchings(qubits: int, periodic: bool) -> tuple[Pairs, ...]:
    """The bonds of a chain, or of a ring, in groups that share no qubit: even, odd; a ring's odd one out is a third."""
    even = tuple((q, q + 1) for q in range(0, qubits - 1, 2))
    odd = tuple((q, q + 1) for q in range(1, qubits - 1, 2))
    closing = ((qubits - 1, 0),) if periodic and qubits > 2 else ()
    groups = (even, odd, closing) if qubits % 2 else (even, odd + closing)
    return tuple(group for group in groups if group)
