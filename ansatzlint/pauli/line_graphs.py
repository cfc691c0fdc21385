"""Line graphs: whether vertices can be given pairs of labels so that neighbours share exactly one."""

from __future__ import annotations

from collections.abc import Sequence

Pair = tuple[int, int]


def root_labels(rows: Sequence[int], order: Sequence[int]) -> list[Pair] | None:
    """A pair of labels for each vertex such that two are neighbours exactly if they share one label; None without.

    Vertices are labelled one after the other. With five labels in use a pair is forced, if there is one at all: what is
    tried and taken back is only a choice among the first six (Whitney, 1932).

    Parameters
    ----------
    rows
        For each vertex its neighbours, as bits; no two vertices have the same.
    order
        The vertices of one component so that each, but the first, has a neighbour before it.

    Returns
    -------
    list of pairs
        In the order given.
    """
    if len(order) == 1:
        return [(0, 1)]
    place = {vertex: i for i, vertex in enumerate(order)}
    open_: list[list[Pair]] = [[(0, 1)]]
    while open_:
        pairs = open_.pop()
        state = _Labelled([order[i] for i in range(len(pairs))], pairs)
        while len(pairs) < len(order):
            vertex = order[len(pairs)]
            before = rows[vertex] & state.mask
            options = state.options(before, pairs[place[(before & -before).bit_length() - 1]])
            if not options:
                break
            open_ += [[*pairs, option] for option in options[1:]]
            pairs.append(options[0])
            state.add(vertex, options[0])
        else:
            return pairs
    return None


class _Labelled:
    """The vertices labelled so far: which carry each label, and the labels by that."""

    def __init__(self, vertices: Sequence[int], pairs: Sequence[Pair]) -> None:
        self.mask = 0
        self._star: list[int] = []
        self._labels: dict[int, list[int]] = {}
        self._used: set[frozenset[int]] = set()
        for vertex, pair in zip(vertices, pairs, strict=True):
            self.add(vertex, pair)

    def add(self, vertex: int, pair: Pair) -> None:
        self.mask |= 1 << vertex
        self._used.add(frozenset(pair))
        for label in pair:
            if label == len(self._star):
                self._star.append(0)
            else:
                self._labels[self._star[label]].remove(label)
            self._star[label] |= 1 << vertex
            self._labels.setdefault(self._star[label], []).append(label)

    def options(self, before: int, neighbour: Pair) -> list[Pair]:
        """The pairs that share one label with exactly the vertices of `before`, one of which has those labels."""
        found = []
        for shared, other in (neighbour, neighbour[::-1]):
            rest = self._star[shared] ^ before
            if not rest:
                found.append((shared, len(self._star)))
            for label in self._labels.get(rest, ()):
                # two vertices with one pair would have the same neighbours
                if label not in (shared, other) and frozenset((shared, label)) not in self._used:
                    found.append((shared, label))
        return found
