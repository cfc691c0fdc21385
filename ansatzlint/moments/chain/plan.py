"""A circuit laid along a line: maps on one site or on two neighbours, in rows.

The chain walks on Pauli strings in the Heisenberg picture. A letter is a number, I, X, Z, Y = 0, 1, 2, 3; a pair of
letters on neighbouring sites i and i + 1 is 4 * (letter at i) + (letter at i + 1). A map is a matrix
M[later letter, earlier letter]: the weight with which the walk goes from the later to the earlier string.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from math import pi

import numpy as np
from numpy.typing import NDArray

from ansatzlint.moments.laws import MOVE, STAY, Law, moments
from ansatzlint.moments.sequence import Damping, Step, Turn
from ansatzlint.pauli.lowering import Clifford, Rotation
from ansatzlint.pauli.strings import ELEMENTARY, PauliString, bits, conjugate, half_turn

Matrix = NDArray[np.float64]

MAX_WIDTH = 4
"""How many pairs of coupled qubits may straddle one place of the line; on a few qubits any number may."""

_FEW = 8


@dataclass(frozen=True, slots=True, eq=False)
class Map:
    """What happens to the letters on `size` sites from `site` on.

    Attributes
    ----------
    square : float64 array of shape (4^size, 4^size)
        M[later, earlier], averaged over the angles.
    slopes : tuple of (int, array of the same shape)
        For each parameter used there the map with the moments of the derivative at that parameter's turn.
    """

    site: int
    size: int
    square: Matrix
    slopes: tuple[tuple[int, Matrix], ...] = ()

    def after(self, earlier: Map) -> Map:
        """Both in one: `earlier` first in time, on the same sites."""
        slopes = [(k, self.square @ slope) for k, slope in earlier.slopes]
        slopes += [(k, slope @ earlier.square) for k, slope in self.slopes]
        return Map(self.site, self.size, self.square @ earlier.square, tuple(slopes))

    def covering(self, share: float) -> Matrix:
        """The map with a little of its slopes, so that what only a derivative reaches counts too."""
        matrix = self.square
        for _, slope in self.slopes:
            scale = float(slope.max())
            if scale > 0.0:
                matrix = matrix + share / scale * slope
        return matrix

    def widen(self, site: int) -> Map:
        """The same on the pair of sites from `site` on."""
        if self.size == 2:
            return self

        def wide(matrix: Matrix) -> Matrix:
            one = np.eye(4)
            return np.asarray(np.kron(matrix, one) if site == self.site else np.kron(one, matrix), dtype=np.float64)

        return Map(site, 2, wide(self.square), tuple((k, wide(slope)) for k, slope in self.slopes))


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """Turns on disjoint sites, side by side, and then gates, in time order; gates have no slopes."""

    turns: tuple[Map, ...]
    gates: tuple[Map, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """The part of a circuit that the cost can see.

    Attributes
    ----------
    order : tuple of int
        The qubit at each site.
    rows : tuple of Row
        In time order.
    """

    order: tuple[int, ...]
    rows: tuple[Row, ...]


def lay(steps: Sequence[Step], laws: Sequence[Law], support: int) -> Line | None:
    """Lay the light cone of the qubits `support` along a line.

    None where the chain is no classical one (an angle with E[sin cos] != 0, a parameter used twice or in an
    expression, noise that moves letters to the identity), where a step acts on more than two qubits, or where the
    circuit is too far from a line.
    """
    seen: list[Step] = []
    for step in reversed(steps):
        if step.support & support:
            if not _classical(step, laws):
                return None
            support |= step.support
            seen.append(step)
    seen.reverse()
    uses = [step.parameter for step in seen if isinstance(step, Turn) and step.parameter is not None]
    if len(uses) != len(set(uses)):
        return None
    order = _order(seen, tuple(bits(support)))
    if order is None:
        return None
    place = {qubit: site for site, qubit in enumerate(order)}
    rows = _Rows(len(order))
    for step in _interleave(seen, place):
        sites = tuple(place[q] for q in (step.qubits if isinstance(step, Damping) else bits(step.support)))
        if isinstance(step, Clifford):
            sites = tuple(place[q] for q in step.qubits)
        _add(rows, _map(step, sites, laws), sites)
    return Line(order, rows.freeze())


def _classical(step: Step, laws: Sequence[Law]) -> bool:
    if step.support.bit_count() > 2:
        return False
    if isinstance(step, Damping):
        return step.shift == 0.0
    if isinstance(step, Clifford):
        return True
    if step.general is not None:
        return False
    if step.parameter is None:
        return Rotation(step.pauli, step.offset, step.gate).quarter_turns is not None
    return moments(laws[step.parameter], (step.frequency,), (step.offset,)).stays_diagonal


def _order(steps: Sequence[Step], qubits: tuple[int, ...]) -> tuple[int, ...] | None:
    """The given order or reverse Cuthill-McKee, whichever needs fewer swaps; None where both are too wide."""
    count: dict[tuple[int, int], int] = {}
    for step in steps:
        if step.support.bit_count() == 2:
            a, b = bits(step.support)
            count[a, b] = count.get((a, b), 0) + 1

    def swaps(order: Iterable[int]) -> int:
        place = {qubit: site for site, qubit in enumerate(order)}
        return sum(times * (abs(place[a] - place[b]) - 1) for (a, b), times in count.items())

    best = qubits
    if swaps(best):
        best = min(best, _cuthill_mckee(qubits, count), key=swaps)
    place = {qubit: site for site, qubit in enumerate(best)}
    straddling = [0] * len(best)
    for a, b in count:
        for cut in range(min(place[a], place[b]), max(place[a], place[b])):
            straddling[cut] += 1
    if len(best) > _FEW and max(straddling, default=0) > MAX_WIDTH:
        return None
    return best


def _cuthill_mckee(qubits: tuple[int, ...], pairs: Mapping[tuple[int, int], int]) -> tuple[int, ...]:
    from scipy.sparse import coo_array, csr_array
    from scipy.sparse.csgraph import reverse_cuthill_mckee

    place = {qubit: site for site, qubit in enumerate(qubits)}
    a = [place[pair[0]] for pair in pairs]
    b = [place[pair[1]] for pair in pairs]
    graph = csr_array(coo_array((np.ones(2 * len(a)), (a + b, b + a)), shape=(len(qubits), len(qubits))))
    return tuple(qubits[site] for site in reverse_cuthill_mckee(graph, symmetric_mode=True))


def _interleave(steps: Sequence[Step], place: Mapping[int, int]) -> list[Step]:
    """Commuting turns about neighbours that follow each other: every second first, so that they stand side by side."""
    found: list[Step] = []
    run: list[Turn] = []

    def flush() -> None:
        found.extend(sorted(run, key=lambda turn: min(place[q] for q in bits(turn.support)) % 2))
        run.clear()

    for step in steps:
        if isinstance(step, Turn) and step.parameter is not None and step.support.bit_count() == 2:
            if not all(step.pauli.commutes(other.pauli) for other in run):
                flush()
            run.append(step)
        else:
            flush()
            found.append(step)
    flush()
    return found


def _map(step: Step, sites: tuple[int, ...], laws: Sequence[Law]) -> Map:
    """The step on its own sites, the lowest first, as if they were neighbours."""
    site = min(sites)
    if isinstance(step, Damping):
        factors = np.square(step.factors)
        if len(sites) == 2:
            table = factors.reshape(4, 4)  # [second qubit, first qubit]
            factors = (table.T if sites[0] < sites[1] else table).ravel()
        return Map(site, len(sites), np.diag(factors))
    if isinstance(step, Clifford):
        return Map(site, len(sites), _clifford(step.name, len(sites) == 2 and sites[0] > sites[1]))
    word = 0
    for _, q in sorted(zip(sites, bits(step.support), strict=True)):
        word = 4 * word + (step.pauli.x >> q & 1) + 2 * (step.pauli.z >> q & 1)
    if step.parameter is None:
        moves = round(2 * step.offset / pi) % 2  # a multiple of pi/2
        return Map(site, len(sites), _turn(word, len(sites), 1.0 - moves, float(moves)))
    law = moments(laws[step.parameter], (step.frequency,), (step.offset,))
    square = _turn(word, len(sites), law.square[STAY, STAY], law.square[MOVE, MOVE])
    slope = _turn(word, len(sites), law.slope[STAY, STAY], law.slope[MOVE, MOVE], commuting=0.0)
    return Map(site, len(sites), square, ((step.parameter, slope),))


def _string(letters: int, size: int) -> PauliString:
    first, second = (letters >> 2, letters & 3) if size == 2 else (letters, 0)
    return PauliString(first & 1 | (second & 1) << 1, first >> 1 | second >> 1 << 1)


def _letters(string: PauliString, size: int) -> int:
    first, second = ((string.x >> q & 1) + 2 * (string.z >> q & 1) for q in (0, 1))
    return 4 * first + second if size == 2 else first


@cache
def _clifford(name: str, reverse: bool) -> Matrix:
    """The permutation of letters on one qubit, or on two; `reverse`: the gate's first qubit is the second site."""
    size = 2 if any(step == "cx" for step, _ in ELEMENTARY[name]) else 1
    matrix = np.zeros((4**size, 4**size))
    for later in range(4**size):
        earlier = conjugate(name, (1, 0) if reverse else (0, 1), _string(later, size), -1)
        matrix[later, _letters(earlier, size)] = 1.0
    return matrix


@lru_cache(4096)
def _turn(word: int, size: int, stay: float, move: float, commuting: float = 1.0) -> Matrix:
    generator = _string(word, size)
    matrix = np.zeros((4**size, 4**size))
    for later in range(4**size):
        string = _string(later, size)
        if generator.commutes(string):
            matrix[later, later] = commuting
        else:
            matrix[later, later] = stay
            matrix[later, _letters(half_turn(generator, string, -1), size)] = move
    return matrix


class _Rows:
    """Rows under construction: the last row that each site is used in, and whether by a turn."""

    def __init__(self, sites: int) -> None:
        self._last = [0] * sites
        self._turned = [True] * sites
        self._turns: list[dict[int, Map]] = [{}]
        self._gates: list[list[Map]] = [[]]

    def _reach(self, row: int) -> None:
        while len(self._turns) <= row:
            self._turns.append({})
            self._gates.append([])

    def cell(self, site: int) -> Map | None:
        """The turn that a one-site map can join."""
        return self._turns[self._last[site]].get(site) if self._turned[site] else None

    def turn(self, new: Map) -> None:
        """Put a turn behind all that is on its sites."""
        sites = range(new.site, new.site + new.size)
        row = max(self._last[s] + (not self._turned[s]) for s in sites)
        while True:
            self._reach(row)
            cells = self._turns[row]
            there = {id(cells[s]): cells[s] for s in sites if s in cells and self._last[s] == row}
            if new.size == 1 or all(c.size == 1 or c.site == new.site for c in there.values()):
                break
            row += 1
        for old in there.values():
            if old.size == 2:
                new = new.widen(old.site).after(old)
            elif new.size == 2:
                new = new.after(old.widen(new.site))
            else:
                new = new.after(old)
        for s in range(new.site, new.site + new.size):
            cells[s] = new
        for s in sites:  # the other site of a pair may have gone on
            self._last[s], self._turned[s] = row, True

    def gate(self, new: Map) -> None:
        """Put a map without slopes behind all that is on its sites."""
        sites = range(new.site, new.site + new.size)
        if new.size == 1 and self.cell(new.site) is not None:
            self.turn(new)
            return
        row = max(self._last[s] for s in sites)
        self._gates[row].append(new)
        for s in sites:
            self._last[s], self._turned[s] = row, False

    def freeze(self) -> tuple[Row, ...]:
        return tuple(
            Row(tuple(cell for site, cell in sorted(turns.items()) if cell.site == site), tuple(gates))
            for turns, gates in zip(self._turns, self._gates, strict=True)
        )


def _add(rows: _Rows, new: Map, sites: tuple[int, ...]) -> None:
    """Add a map; one on sites apart comes with swaps that bring the upper site down and back."""
    low, high = min(sites), max(sites)
    way = range(high - 1, low, -1)
    for site in way:
        rows.gate(Map(site, 2, _clifford("swap", False)))
    if new.slopes:
        rows.turn(new)
    else:
        rows.gate(new)
    for site in reversed(way):
        rows.gate(Map(site, 2, _clifford("swap", False)))
