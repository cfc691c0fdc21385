"""Sampled Pauli paths with bits for samples: 64 to a word, as long as equal strings stay in pairs.

A sample is one Pauli string that walks from the observable back to the initial state. Where it anticommutes with a
turn it stays with probability E[cos^2] or moves with probability E[sin^2]; Clifford gates rename it; noise damps its
weight. Strings are kept qubit by qubit, so that a gate touches the rows of its own qubits and nothing else: a few
word operations for 64 samples, whatever the number of qubits.

Angles that are uniform over whole periods, without noise and from a product of stabiliser states, leave weights of
zero and one, which are counted. Otherwise every sample carries a float: moves are drawn from a mixture of E[sin^2] and
of what takes its place in the derivative, and the ratios are made up for in the weight.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ansatzlint.moments.cost import Cost, Ket
from ansatzlint.moments.laws import MOVE, STAY, Law, moments
from ansatzlint.moments.path_kernels import (
    ADD,
    ALL,
    EXACT,
    FIXED,
    NOISE,
    OTHER,
    ROW,
    SWAP,
    TURN,
    ZERO,
    counter,
    prune,
    walk,
    weigh,
)  # fmt: skip
from ansatzlint.moments.sequence import Damping, Step
from ansatzlint.moments.tally import Tally
from ansatzlint.moments.threads import processors
from ansatzlint.pauli.lowering import Clifford, Rotation
from ansatzlint.pauli.strings import ELEMENTARY, PauliString, bits

CHUNK = 64 * ROW
"""Samples are drawn in chunks of so many; even chunks belong to one half of the tally, odd ones to the other."""

_PART = 64
"""The most chunks that one call of the kernel walks."""

_THREADED = 1 << 20
"""Instructions times chunks below which a second thread costs more than it saves."""

_MASK_BYTES = 1 << 28
"""What the records of all threads together may take."""


@dataclass(frozen=True, slots=True, eq=False)
class Paths:
    """Steps as instructions, from the last to the first, on rows of bits: one bit a sample.

    Row 2q holds the x bits of qubit q, row 2q + 1 its z bits. Signs are left out.

    Attributes
    ----------
    program : int32 array of shape (S, 4)
        (ADD, a, b, -): row a gains row b modulo two. (SWAP, a, b, -). (TURN, start, stop, item): about the word with a
        bit in each of the rows entries[start:stop]. (EXACT, start, stop, item): noise that touches a string if row
        e >> 1 has the bit 1 - (e & 1) for every e in entries[start:stop]. (OTHER, …): noise that touches all others.
    entries : int32 array
    owners : int32 array of shape (items,)
        The parameter of a turn, -1 for a fixed one, -2 for noise.
    laws : int32 array of shape (items,)
        The row in `squares`.
    squares : float64 array of shape (L, 4)
        E[cos^2] and E[sin^2] of the turn's angle, and what takes their places in the derivative; for noise the factor
        of the weight in place of the first.
    """

    qubits: int
    parameters: int
    program: NDArray[np.int32]
    entries: NDArray[np.int32]
    owners: NDArray[np.int32]
    laws: NDArray[np.int32]
    squares: NDArray[np.float64]

    def sample(
        self,
        starts: Cost,
        bloch: NDArray[np.float64],
        samples: int,
        seed: int,
        threads: int | None = None,
        first_chunk: int = 0,
    ) -> tuple[Tally, Tally]:
        """Estimate E[C^2] and E[(d_k C)^2], both without what pairs of different words contribute.

        Parameters
        ----------
        starts
            The cost: Pauli words or a projector.
        bloch : float64 array of shape (qubits, 3)
            <X>, <Y>, <Z> of each qubit's initial state.
        samples
            At least this many are drawn, in whole chunks of `CHUNK`; the tallies say how many.
        seed, first_chunk
            Chunk i draws from a stream of (seed, i) alone, i from `first_chunk` on: a run can be continued by another.
        threads
            As many as there are processors if None and the work is large enough; never changes a bit of the result.

        Returns
        -------
        cost, gradients : Tally
            Of one weight, and of one a parameter; in the cost's unit squared, per radian squared.
        """
        return _Run(self, starts, bloch).sample(samples, seed, threads, first_chunk)


class _Assembler:
    """Instructions, their entries and their items, gathered step by step."""

    def __init__(self) -> None:
        self.program: list[int] = []
        self.entries: list[int] = []
        self.owners: list[int] = []
        self.laws: list[int] = []
        self.squares: list[tuple[float, float, float, float]] = []
        self._places: dict[object, tuple[int, int]] = {}
        self._noise: dict[tuple[tuple[int, ...], tuple[float, ...]], list[tuple[int, int, int, int]]] = {}
        self._factors: dict[float, int] = {}
        self._gates: dict[str, list[tuple[int, int, int]]] = {}

    def gate(self, step: Clifford) -> None:
        gate = self._gates.get(step.name)
        if gate is None:
            gate = self._gates[step.name] = _row_operations(step.name)
        on = step.qubits
        for kind, a, b in gate:
            self.program += (kind, 2 * on[a >> 1] + (a & 1), 2 * on[b >> 1] + (b & 1), 0)

    def turn(self, pauli: PauliString, owner: int, law: int) -> None:
        key = pauli.x, pauli.z
        place = self._places.get(key)
        if place is None:
            place = self._places[key] = self._place(_rows(pauli))
        self.program += (TURN, place[0], place[1], len(self.owners))
        self.owners.append(owner)
        self.laws.append(law)

    def noise(self, qubits: tuple[int, ...], factors: tuple[float, ...]) -> None:
        """Multiply weights by factors, numbered by letters as in `Damping`."""
        key = qubits, factors
        lines = self._noise.get(key)
        if lines is None:
            lines = self._noise[key] = [
                (kind, *self._place(entries), self._factor(factor)) for kind, entries, factor in _noise(qubits, factors)
            ]
        for kind, start, stop, law in lines:
            self.program += (kind, start, stop, len(self.owners))
            self.owners.append(NOISE)
            self.laws.append(law)

    def _place(self, entries: Sequence[int]) -> tuple[int, int]:
        start = len(self.entries)
        self.entries += entries
        return start, len(self.entries)

    def _factor(self, factor: float) -> int:
        if factor not in self._factors:
            self._factors[factor] = len(self.squares)
            self.squares.append((factor, 1.0, 0.0, 0.0))
        return self._factors[factor]

    def finish(self, qubits: int, parameters: int) -> Paths:
        return Paths(
            qubits,
            parameters,
            np.array(self.program, dtype=np.int32).reshape(-1, 4),
            np.array(self.entries, dtype=np.int32),
            np.array(self.owners, dtype=np.int32),
            np.array(self.laws, dtype=np.int32),
            np.array(self.squares, dtype=np.float64).reshape(-1, 4),
        )


def compile_paths(steps: Sequence[Step], laws: Sequence[Law], qubits: int, parameters: int) -> Paths | None:
    """The steps as instructions, or None where pairs of equal strings need not stay equal.

    They do where every parameter is used by one turn whose angle has E[sin cos] = 0, other turns are by multiples of
    pi/2, and no noise shifts.

    Parameters
    ----------
    steps
        In time order, as `sequence.steps` gives them.
    laws
        One a parameter.
    """
    made = _Assembler()
    made.squares.append((1.0, 1.0, 0.0, 0.0))
    kinds: dict[tuple[int, float, float], int | None] = {}
    quarter_turns: dict[float, int | None] = {}
    used = bytearray(parameters)
    for step in reversed(steps):
        if isinstance(step, Clifford):
            made.gate(step)
        elif isinstance(step, Damping):
            if step.shift:
                return None
            made.noise(step.qubits, step.factors)
        elif step.general is not None:
            return None
        elif step.parameter is None:
            offset = step.offset
            if offset not in quarter_turns:
                quarter_turns[offset] = Rotation(step.pauli, offset, 0).quarter_turns
            turns = quarter_turns[offset]
            if turns is None:
                return None
            if turns % 2:
                made.turn(step.pauli, FIXED, 0)
        else:
            parameter = step.parameter
            key = id(laws[parameter]), step.frequency, step.offset
            if key not in kinds:
                of = moments(laws[parameter], (step.frequency,), (step.offset,))
                kinds[key] = len(made.squares) if of.stays_diagonal else None
                square, slope = np.diag(of.square), np.diag(of.slope)
                made.squares.append((square[STAY], square[MOVE], slope[STAY], slope[MOVE]))
            kind = kinds[key]
            if kind is None or used[parameter]:
                return None
            used[parameter] = 1
            made.turn(step.pauli, parameter, kind)
    return made.finish(qubits, parameters)


def _rows(string: PauliString) -> list[int]:
    """The rows in which the string has a bit."""
    rows = []
    for q in bits(string.support):
        if string.x >> q & 1:
            rows.append(2 * q)
        if string.z >> q & 1:
            rows.append(2 * q + 1)
    return rows


def _row_operations(name: str) -> list[tuple[int, int, int]]:
    """A Clifford gate, towards earlier times, as (ADD or SWAP, row, row) on the rows of its own qubits."""
    at = [0, 1, 2, 3]  # which row holds what belongs to this one: swaps wait until the end
    found = []
    for step, which in reversed(ELEMENTARY[name]):
        x, z, other = 2 * which, 2 * which + 1, 2 - 2 * which
        if step == "h":
            at[x], at[z] = at[z], at[x]
        elif step == "s":
            found.append((ADD, at[z], at[x]))
        else:
            found += [(ADD, at[other], at[x]), (ADD, at[z], at[other + 1])]
    for row in range(4):
        held = at[row]
        if held != row:
            found.append((SWAP, row, held))
            at[at.index(row)] = held
            at[row] = row
    kept: list[tuple[int, int, int]] = []
    for operation in found:
        if kept and kept[-1] == operation:  # each undoes itself
            kept.pop()
        else:
            kept.append(operation)
    return kept


def _noise(qubits: Sequence[int], factors: Sequence[float]) -> list[tuple[int, list[int], float]]:
    """(kind, entries, factor of the weight) of the instructions for damping factors."""
    if len(set(factors[1:])) == 1:
        everything = [2 * row + 1 for q in qubits for row in (2 * q, 2 * q + 1)]
        return [] if factors[1] ** 2 == 1.0 else [(OTHER, everything, factors[1] ** 2)]
    if len(qubits) == 1 and factors[1] == factors[3]:
        # X and Y are what has the x bit.
        x = 4 * qubits[0]
        pair = [(EXACT, [x], factors[1] ** 2), (EXACT, [x + 1, x + 2], factors[2] ** 2)]
        return [line for line in pair if line[2] != 1.0]
    found = []
    for p, factor in enumerate(factors):
        if factor**2 != 1.0:
            entries = [
                2 * (2 * q + half) + (1 - (p >> (2 * j + half) & 1)) for j, q in enumerate(qubits) for half in (0, 1)
            ]
            found.append((EXACT, entries, factor**2))
    return found


class _Run:
    """A cost and an initial state, made ready to be sampled: what is common to all chunks."""

    def __init__(self, paths: Paths, starts: Cost, bloch: NDArray[np.float64]) -> None:
        self.parameters = paths.parameters
        if isinstance(starts, Ket):
            words = [[2 * q + 1 for q in starts.qubits]]
            self.norm, chances = 0.5 ** len(starts.qubits), np.ones(1)
        else:
            words = [_rows(s) for s in starts.strings]
            chances = np.array(starts.coefficients, dtype=np.float64) ** 2
            self.norm = float(chances.sum())
        self.always = ZERO if isinstance(starts, Ket) else ALL
        self.cumulative = np.cumsum(chances) / self.norm if len(words) > 1 and self.norm else np.zeros(0)
        self.first = np.cumsum([0, *map(len, words)]).astype(np.int32)
        self.letters = np.array([row for word in words for row in word], dtype=np.int32)

        end = _Assembler()
        for q, (x, y, z) in enumerate(np.asarray(bloch, dtype=np.float64).tolist()):
            end.noise((q,), (1.0, x, z, y))
        last = end.finish(paths.qubits, 0)
        tail = last.program.copy()
        tail[:, 1:3] += len(paths.entries)
        tail[:, 3] += len(paths.owners)
        program = np.concatenate([paths.program, tail])
        self.entries = np.concatenate([paths.entries, last.entries])
        owners = np.concatenate([paths.owners, last.owners])
        laws = np.concatenate([paths.laws, last.laws + len(paths.squares)])
        squares = np.concatenate([paths.squares, last.squares])

        may = np.zeros(2 * paths.qubits + 1, dtype=np.bool_)
        may[self.letters] = True
        keep = np.zeros(len(program), dtype=np.bool_)
        prune(program, self.entries, may, keep)
        self.program = program[keep]
        slotted = self.program[:, 0] >= TURN
        items = self.program[slotted, 3]
        self.program[slotted, 3] = np.arange(len(items))
        self.owners = owners[items].astype(np.int64)
        self.rows = 2 * paths.qubits + 1
        self._weights(squares[laws[items]])

    def _weights(self, squares: NDArray[np.float64]) -> None:
        """Chances of moving, and what the weight is multiplied with for staying and for moving, slot by slot."""
        mine, noise = self.owners >= 0, self.owners == NOISE
        _, move, stay_slope, move_slope = squares[mine].T
        slope = stay_slope + move_slope
        moving = np.divide(move_slope, slope, out=move.copy(), where=slope > 0)
        # A share of the moves is drawn as the derivative would; half at most, the weight itself needs the other.
        share = 1 / max(2, len(move))
        chance = np.where(moving == move, move, (1 - share) * move + share * moving)
        sure = chance >= 1.0
        digits = np.floor(np.ldexp(np.where(sure, 0.0, chance), 64)).astype(np.uint64)
        chance = np.where(sure, 1.0, np.ldexp(digits.astype(np.float64), -64))
        self.chances = np.zeros((len(self.owners), 2), dtype=np.uint64)
        self.chances[:, 1] = ALL
        self.chances[mine, 0] = digits
        self.chances[mine, 1] = np.where(sure, ALL, ZERO)

        proposal = np.stack([1 - chance, chance], axis=1)
        factors, slopes = np.zeros((2, *proposal.shape))
        np.divide(squares[mine, :2], proposal, out=factors, where=proposal > 0)
        np.divide(squares[mine, 2:], proposal, out=slopes, where=proposal > 0)
        self.factors, self.slopes = np.ones((len(self.owners), 2)), np.zeros((len(self.owners), 2))
        self.factors[mine], self.slopes[mine] = factors, slopes
        self.factors[noise, 0] = squares[noise, 0]
        self.counted = bool(
            np.all(factors == 1.0)
            and np.all(slopes[:, 0] == slopes[:, 1])
            and np.all((squares[noise, 0] == 0.0) | (squares[noise, 0] == 1.0))
        )

        of = self.owners[mine]
        self.scale = np.zeros(self.parameters + 1)
        self.scale[-1] = self.norm
        self.scale[of] = self.norm * slopes[:, 0] if self.counted else self.norm
        peak = np.log(np.maximum(factors.max(axis=1, initial=0.0), 1.0))
        self.bound = np.zeros(self.parameters + 1)
        with np.errstate(over="ignore"):
            self.bound[-1] = self.norm * np.exp(peak.sum())
            self.bound[of] = self.norm * slopes.max(axis=1, initial=0.0) * np.exp(peak.sum() - peak)
        if not self.counted:
            self.bound *= 1 + 1e-9  # for round-off in products of many factors

    def sample(self, samples: int, seed: int, threads: int | None, first_chunk: int) -> tuple[Tally, Tally]:
        """As `Paths.sample`."""
        chunks = range(first_chunk, first_chunk - (-samples // CHUNK))
        workers = self._threads(threads, len(chunks))
        # Counts add up in any order; floats are added chunk by chunk.
        size = max(1, min(_PART, -(-len(chunks) // workers))) if self.counted else 1
        parts = [chunks[i : i + size] for i in range(0, len(chunks), size)]
        kept = threading.local()
        key = counter(np.uint64(seed % 2**64), np.zeros(1, dtype=np.uint64))[0]

        def one(part: range) -> NDArray[Any]:
            if not hasattr(kept, "room"):
                kept.room = _Room(self.rows, len(self.owners), self.counted)
            return self._part(key, part, kept.room)

        sums = np.zeros((2, 4, self.parameters + 1))
        if workers > 1:
            with ThreadPoolExecutor(workers) as pool:
                for part, found in zip(parts, pool.map(one, parts), strict=True):
                    self._add(sums, part, found)
        else:
            for part in parts:
                self._add(sums, part, one(part))
        drawn = np.array([CHUNK * sum(chunk % 2 == half for chunk in chunks) for half in (0, 1)], dtype=np.int64)
        last = self.parameters
        return self._tally(drawn, sums, slice(last, None)), self._tally(drawn, sums, slice(0, last))

    def _threads(self, asked: int | None, chunks: int) -> int:
        if asked is None:
            if len(self.program) * chunks < _THREADED:
                return 1
            asked = processors()
        record = 8 * ROW * max(1, len(self.owners)) * (1 if self.counted else 2)
        return max(1, min(asked, chunks, _MASK_BYTES // record))

    def _part(self, key: np.uint64, part: range, room: _Room) -> NDArray[Any]:
        """Hits, int64 of shape (2, K + 1), where they are all that there is; else what `weigh` finds."""
        hits = np.zeros((2, self.parameters + 1), dtype=np.int64)
        walk(
            self.program, self.entries, self.chances, self.first, self.letters, self._terms(key, part), self.always,
            key, part.start, room.rows, room.met, room.moved, self.owners, hits,
        )  # fmt: skip
        if self.counted:
            return hits
        found = np.zeros((4, self.parameters + 1))
        room.weight[:] = 1.0
        room.flags[:] = 0
        weigh(
            room.met, room.moved, self.owners, self.factors, self.slopes, room.weight, room.flags[0], room.flags[1],
            room.where, found,
        )  # fmt: skip
        return found

    def _terms(self, key: np.uint64, part: range) -> NDArray[np.int32]:
        """The word at which each sample starts, shape (chunks, CHUNK); (chunks, 0) where there is one only."""
        if not len(self.cumulative):
            return np.zeros((len(part), 0), dtype=np.int32)
        sample = np.arange(part.start * CHUNK, part.stop * CHUNK, dtype=np.uint64)
        fraction = (counter(~key, sample) >> np.uint64(11)).astype(np.float64) * 2.0**-53
        terms = np.searchsorted(self.cumulative[:-1], fraction, side="right")
        return terms.astype(np.int32).reshape(len(part), CHUNK)

    def _add(self, sums: NDArray[np.float64], part: range, found: NDArray[Any]) -> None:
        if self.counted:
            sums[:, 2] += found
            return
        half = sums[part.start % 2]
        half[:3] += found[:3]
        np.maximum(half[3], found[3], out=half[3])

    def _tally(self, drawn: NDArray[np.int64], sums: NDArray[np.float64], which: slice) -> Tally:
        scale, sums = self.scale[which], sums[:, :, which]
        hits = sums[:, 2].astype(np.int64)
        if self.counted:
            total, squares, largest = hits * scale, hits * scale**2, np.where(hits > 0, scale, 0.0)
        else:
            total, squares, largest = sums[:, 0] * scale, sums[:, 1] * scale**2, sums[:, 3] * scale
        return Tally(drawn, total, squares, hits, largest, scale if self.counted else None, self.bound[which])


class _Room:
    """What one thread works in."""

    def __init__(self, rows: int, slots: int, counted: bool) -> None:
        self.rows = np.empty((rows, ROW), dtype=np.uint64)
        self.met = np.empty((slots, ROW), dtype=np.uint64)
        self.moved = np.empty((0 if counted else slots, ROW), dtype=np.uint64)
        self.weight = np.empty(CHUNK)
        self.where = np.empty(CHUNK, dtype=np.int64)
        self.flags = np.empty((2, ROW), dtype=np.uint64)
