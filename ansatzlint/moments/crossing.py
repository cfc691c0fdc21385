"""Which pairs of different strings can come to count, decided before any of them is followed.

A pair (Q, R) dies at a turn by an angle that is uniform over whole periods if one of the two commutes with the
generator and the other does not, that is if the product S = Q R anticommutes with it, whatever Q and R are. So the
products that a pair can take on its way tell whether it dies on every road. This is what makes a T gate cheap in a
circuit of uniform rotations: the branch on which it superposes two strings dies at the next rotation that tells them
apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from ansatzlint.moments.frame import Event, Free, Group, Noise
from ansatzlint.moments.initial import Initial
from ansatzlint.moments.laws import Law, Moments
from ansatzlint.moments.operators import moments_of
from ansatzlint.pauli.strings import PauliString

MAX_PRODUCTS = 32
"""Products that are followed at once; a pair with more counts as alive."""

Bits = tuple[int, int]


class Crossings:
    """Answers for one circuit; events in time order, none of them `Free`."""

    def __init__(self, events: Sequence[Event], laws: Sequence[Law], state: Initial) -> None:
        self._state = state
        self._roads: list[tuple[Bits | None, tuple[Bits, ...]]] = [_road(event, laws) for event in events]

    def dies(self, product: PauliString, before: int) -> bool:
        """Whether any pair with that product dies on every road through the events before the given one."""
        alive: set[Bits] = {(product.x, product.z)}
        for killer, changes in reversed(self._roads[:before]):
            if killer is not None:
                alive = {s for s in alive if _commute(s, killer)}
                if not alive:
                    return True
            for change in changes:
                alive |= {(x ^ change[0], z ^ change[1]) for x, z in alive}
            if (0, 0) in alive or len(alive) > MAX_PRODUCTS:
                return False
        # Both <Q> and <Q S> are wanted, and on a qubit in |0> one of them vanishes where S has X or Y.
        return all(self._state.flips(PauliString(x, z)) for x, z in alive)

    def dead(self, event: Event, place: int) -> frozenset[int]:
        """Subsets of the event's generators (bits) whose product, made from a pair of equal strings, surely dies."""
        if isinstance(event, Noise):
            return frozenset([_Z_AXIS] if self.dies(event.axes[1], place) else ())
        assert isinstance(event, Group)
        found = []
        for size in range(1, len(event.generators) + 1):
            for chosen in combinations(range(len(event.generators)), size):
                x = z = 0
                for j in chosen:
                    x, z = x ^ event.generators[j].x, z ^ event.generators[j].z
                if (x or z) and self.dies(PauliString(x, z), place):
                    found.append(sum(1 << j for j in chosen))
        return frozenset(found)


_Z_AXIS = 2  # the pulled-back Z, the second axis of a channel on one qubit, as a bit


def _road(event: Event, laws: Sequence[Law]) -> tuple[Bits | None, tuple[Bits, ...]]:
    """(generator that kills what anticommutes with it, by what else the event can multiply the product of a pair)."""
    assert not isinstance(event, Free)
    if isinstance(event, Noise):
        return None, ((event.axes[1].x, event.axes[1].z),) if event.shift else ()
    law: Moments = moments_of(event, laws)
    bits = tuple((g.x, g.z) for g in event.generators)
    if law.rigid:
        return (bits[0] if law.kills else None), ()
    return None, bits


def _commute(a: Bits, b: Bits) -> bool:
    return ((a[0] & b[1]).bit_count() + (a[1] & b[0]).bit_count()) % 2 == 0
