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

import os
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ansatzlint.circuit import Projector
from ansatzlint.moments.compiled import compiled, inlined, ones
from ansatzlint.moments.laws import MOVE, STAY, Law, moments
from ansatzlint.moments.sequence import Damping, Step
from ansatzlint.moments.tally import Tally
from ansatzlint.pauli.lowering import Clifford, Rotation
from ansatzlint.pauli.strings import PauliString, bits, conjugate

ROW = 16
"""Words in a row; a chunk has that many times 64 samples."""

CHUNK = 64 * ROW
"""Samples are drawn in chunks of so many; even chunks belong to one half of the tally, odd ones to the other."""

_GATE, _TURN, _DAMPING = 0, 1, 2

_ALL = np.uint64(0xFFFFFFFFFFFFFFFF)

_THREADED_ROWS = 1 << 21
"""Rows of words below which a second thread costs more than it saves."""

_MASK_BYTES = 1 << 28
"""What the masks of all threads together may take."""


@dataclass(frozen=True, slots=True)
class Words:
    """A sum of Pauli words, as many coefficients; signs of the words do not matter here."""

    strings: tuple[PauliString, ...]
    coefficients: tuple[float, ...]


Starts = Words | Projector


@inlined
def _mixed(value: Any) -> Any:
    """The finaliser of splitmix64 (Steele, Lea, Flood, OOPSLA 2014)."""
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


@inlined
def _draw(state: Any, row: Any) -> Any:
    """The next word of each of the row's xoshiro256++ streams (Blackman, Vigna, ACM TOMS 47, 36)."""
    for b in range(ROW):
        s0, s1, s2, s3 = state[0, b], state[1, b], state[2, b], state[3, b]
        t = s0 + s3
        row[b] = ((t << np.uint64(23)) | (t >> np.uint64(41))) + s0
        t = s1 << np.uint64(17)
        s2 ^= s0
        s3 ^= s1
        s1 ^= s2
        s0 ^= s3
        s2 ^= t
        s3 = (s3 << np.uint64(45)) | (s3 >> np.uint64(19))
        state[0, b] = s0
        state[1, b] = s1
        state[2, b] = s2
        state[3, b] = s3


@compiled
def _prune(program: Any, tables: Any, first: Any, letters: Any, may_x: Any, may_z: Any, active: Any) -> Any:
    """The steps that can do something to some string; returns how many, their indices in `active`.

    `may_x` and `may_z`, uint64 of shape (qubits + 1,), say for each qubit whether any string can have X or Y there
    (Z or Y): 1 or 0, at the end of the circuit before the call and at its beginning after.
    """
    count = 0
    one = np.uint64(1)
    for step in range(len(program)):
        kind, a, b, c = program[step, 0], program[step, 1], program[step, 2], program[step, 3]
        if kind == 0:
            xa, za, xb, zb = may_x[a], may_z[a], may_x[b], may_z[b]
            if xa | za | xb | zb:
                active[count] = step
                count += 1
                t = tables[c]
                may_x[a] = ((t[0] & xa) | (t[1] & za) | (t[2] & xb) | (t[3] & zb)) & one
                may_z[a] = ((t[4] & xa) | (t[5] & za) | (t[6] & xb) | (t[7] & zb)) & one
                may_x[b] = ((t[8] & xa) | (t[9] & za) | (t[10] & xb) | (t[11] & zb)) & one
                may_z[b] = ((t[12] & xa) | (t[13] & za) | (t[14] & xb) | (t[15] & zb)) & one
        else:
            meets = np.uint64(0)
            for f in range(first[b], first[b + 1]):
                q = letters[f] >> 2
                if kind == 1:
                    px, pz = np.uint64(letters[f] & 1), np.uint64(letters[f] >> 1 & 1)
                    meets |= (may_x[q] & pz) | (may_z[q] & px)
                else:
                    meets |= may_x[q] | may_z[q]
            if meets:
                active[count] = step
                count += 1
                if kind == 1:
                    for f in range(first[b], first[b + 1]):
                        q = letters[f] >> 2
                        may_x[q] |= np.uint64(letters[f] & 1)
                        may_z[q] |= np.uint64(letters[f] >> 1 & 1)
    return count


@compiled
def _start(
    projector: Any, first: Any, letters: Any, cumulative: Any, key: Any, chunk: Any, state: Any, x: Any, z: Any
) -> Any:
    """Seed the chunk's streams and draw its strings."""
    row = np.empty(ROW, dtype=np.uint64)
    own = _mixed(_mixed(key + np.uint64(0x9E3779B97F4A7C15)) + np.uint64(chunk) * np.uint64(0x9E3779B97F4A7C15))
    for i in range(4):
        for b in range(ROW):
            own += np.uint64(0x9E3779B97F4A7C15)
            state[i, b] = _mixed(own)
    x[:] = np.uint64(0)
    z[:] = np.uint64(0)
    if projector:
        for f in range(len(letters)):
            _draw(state, z[letters[f] >> 2])
        return
    for lane in range(64):
        bit = np.uint64(1) << np.uint64(lane)
        if len(cumulative) > 1:
            _draw(state, row)
        for b in range(ROW):
            low, high = 0, len(cumulative) - 1
            if high:
                u = np.float64(row[b] >> np.uint64(11)) * 2.0**-53
                while low < high:
                    middle = (low + high) >> 1
                    if u < cumulative[middle]:
                        high = middle
                    else:
                        low = middle + 1
            for f in range(first[low], first[low + 1]):
                q = letters[f] >> 2
                if letters[f] & 1:
                    x[q, b] |= bit
                if letters[f] & 2:
                    z[q, b] |= bit


@compiled
def _walk(
    program: Any, active: Any, tables: Any, first: Any, letters: Any, clauses: Any, slots: Any, chances: Any, sure: Any,
    state: Any, x: Any, z: Any, met: Any, moved: Any,
) -> Any:  # fmt: skip
    """Walk a chunk of strings from the last active step to the first.

    Item i (a turn or a channel) with slots[i] >= 0 leaves in met[slots[i]] which samples anticommuted with the turn,
    or in one row a clause to which samples the channel's clauses apply; moved, if it has rows, says which of the former
    moved. A sample moves at a turn with probability chances[i] / 2^64, always where sure[i].
    """
    here = np.empty(ROW, dtype=np.uint64)
    go = np.empty(ROW, dtype=np.uint64)
    row = np.empty(ROW, dtype=np.uint64)
    zero = np.uint64(0)
    for index in range(len(active)):
        step = active[index]
        kind, a, b, c = program[step, 0], program[step, 1], program[step, 2], program[step, 3]
        if kind == 0:
            t = tables[c]
            for w in range(ROW):
                xa, za, xb, zb = x[a, w], z[a, w], x[b, w], z[b, w]
                x[a, w] = (t[0] & xa) ^ (t[1] & za) ^ (t[2] & xb) ^ (t[3] & zb)
                z[a, w] = (t[4] & xa) ^ (t[5] & za) ^ (t[6] & xb) ^ (t[7] & zb)
                x[b, w] = (t[8] & xa) ^ (t[9] & za) ^ (t[10] & xb) ^ (t[11] & zb)
                z[b, w] = (t[12] & xa) ^ (t[13] & za) ^ (t[14] & xb) ^ (t[15] & zb)
        elif kind == 1:
            slot = slots[a]
            here[:] = zero
            for f in range(first[b], first[b + 1]):
                q = letters[f] >> 2
                px = zero - np.uint64(letters[f] & 1)
                pz = zero - np.uint64(letters[f] >> 1 & 1)
                for w in range(ROW):
                    here[w] ^= (x[q, w] & pz) ^ (z[q, w] & px)
            some = zero
            for w in range(ROW):
                some |= here[w]
            if slot >= 0:
                for w in range(ROW):
                    met[slot, w] = here[w]
            if sure[a]:
                for w in range(ROW):
                    go[w] = here[w]
            else:
                # Compare each sample's random binary fraction with the chance, digit by digit, while undecided.
                digits = chances[a]
                go[:] = zero
                while digits and some:
                    _draw(state, row)
                    some = zero
                    if digits >> np.uint64(63):
                        for w in range(ROW):
                            go[w] |= here[w] & ~row[w]
                            here[w] &= row[w]
                            some |= here[w]
                    else:
                        for w in range(ROW):
                            here[w] &= ~row[w]
                            some |= here[w]
                    digits <<= np.uint64(1)
            if slot >= 0 and len(moved):
                for w in range(ROW):
                    moved[slot, w] = go[w]
            for f in range(first[b], first[b + 1]):
                q = letters[f] >> 2
                px = zero - np.uint64(letters[f] & 1)
                pz = zero - np.uint64(letters[f] >> 1 & 1)
                for w in range(ROW):
                    x[q, w] ^= go[w] & px
                    z[q, w] ^= go[w] & pz
        else:
            slot = slots[a]
            for clause in range(clauses[c, 0], clauses[c, 1]):
                word = clauses[clause, 2]
                here[:] = zero
                if word < 0:
                    for f in range(first[b], first[b + 1]):
                        for w in range(ROW):
                            here[w] |= x[letters[f] >> 2, w] | z[letters[f] >> 2, w]
                else:
                    for f in range(first[b], first[b + 1]):
                        q = letters[f] >> 2
                        px = zero - np.uint64(word & 1)
                        pz = zero - np.uint64(word >> 1 & 1)
                        for w in range(ROW):
                            here[w] |= (x[q, w] ^ px) | (z[q, w] ^ pz)
                        word >>= 2
                    for w in range(ROW):
                        here[w] = ~here[w]
                for w in range(ROW):
                    met[slot, w] = here[w]
                    moved[slot, w] = zero
                slot += 1


@compiled
def _count(x: Any, z: Any, squares: Any, met: Any, owners: Any, hits: Any) -> Any:
    """Count the samples whose weight is one: all of them in hits[-1], those that met a turn in that of its owner."""
    alive = np.empty(ROW, dtype=np.uint64)
    alive[:] = ~np.uint64(0)
    for q in range(len(squares)):
        for w in range(ROW):
            a, b = x[q, w], z[q, w]
            if squares[q, 0] == 0.0:
                alive[w] &= ~(a & ~b)
            if squares[q, 1] == 0.0:
                alive[w] &= ~(a & b)
            if squares[q, 2] == 0.0:
                alive[w] &= ~(b & ~a)
    total = 0
    for w in range(ROW):
        total += ones(alive[w])
    hits[-1] += total
    if total:
        for slot in range(len(owners)):
            count = 0
            for w in range(ROW):
                count += ones(met[slot, w] & alive[w])
            hits[owners[slot]] += count


@compiled
def _weigh(
    x: Any, z: Any, squares: Any, met: Any, moved: Any, owners: Any, factors: Any, slopes: Any, found: Any
) -> Any:
    """Weigh a chunk of samples; adds to `found`, float64 of shape (4, K + 1): sums of w, w^2, hits, and the largest w.

    Column k is that of the gradient of parameter k, the last one the cost's. factors[slot] holds what multiplies the
    weight of a sample that stayed and of one that moved, slopes[slot] what takes its place in the derivative.
    """
    weight = np.ones(64 * ROW)
    # Samples that met a factor of zero once (where: at which slot) and more than once.
    once = np.zeros(ROW, dtype=np.uint64)
    twice = np.zeros(ROW, dtype=np.uint64)
    where = np.zeros(64 * ROW, dtype=np.int64)
    one = np.uint64(1)
    for slot in range(len(owners)):
        for side in range(2):
            factor = factors[slot, side]
            if factor == 1.0:
                continue
            zero = factor == 0.0 and owners[slot] >= 0
            if zero:
                factor = slopes[slot, side]
            for w in range(ROW):
                mask = met[slot, w] & (moved[slot, w] if side else ~moved[slot, w])
                if mask:
                    if zero:
                        twice[w] |= once[w] & mask
                        once[w] |= mask
                        for lane in range(64):
                            if mask >> np.uint64(lane) & one:
                                where[64 * w + lane] = slot
                    for lane in range(64):
                        weight[64 * w + lane] *= factor if mask >> np.uint64(lane) & one else 1.0
    for q in range(len(squares)):
        for w in range(ROW):
            a, b = x[q, w], z[q, w]
            for letter in range(3):
                factor = squares[q, letter]
                mask = a & ~b if letter == 0 else (a & b if letter == 1 else b & ~a)
                if factor != 1.0 and mask:
                    for lane in range(64):
                        weight[64 * w + lane] *= factor if mask >> np.uint64(lane) & one else 1.0
    last = found.shape[1] - 1
    alive = np.zeros(ROW, dtype=np.uint64)
    for w in range(ROW):
        for lane in range(64):
            value = weight[64 * w + lane]
            bit = one << np.uint64(lane)
            if value == 0.0 or twice[w] & bit:
                continue
            column = last
            if once[w] & bit:
                column = owners[where[64 * w + lane]]
            else:
                alive[w] |= bit
            found[0, column] += value
            found[1, column] += value * value
            found[2, column] += 1.0
            found[3, column] = max(found[3, column], value)
    # Eight partial sums, the same on every machine, that can be added side by side.
    total, square, largest = np.zeros(8), np.zeros(8), np.zeros(8)
    for slot in range(len(owners)):
        owner = owners[slot]
        if owner < 0:
            continue
        stay = slopes[slot, 0] / factors[slot, 0] if factors[slot, 0] else 0.0
        move = slopes[slot, 1] / factors[slot, 1] if factors[slot, 1] else 0.0
        hits = 0
        for w in range(ROW):
            mask = met[slot, w] & alive[w]
            gone = moved[slot, w] & mask
            rest = mask ^ gone
            if stay:
                hits += ones(rest)
            if move:
                hits += ones(gone)
            if mask:
                for i in range(0, 64, 8):
                    for j in range(8):
                        shift = np.uint64(i + j)
                        value = weight[64 * w + i + j] * (
                            (stay if rest >> shift & one else 0.0) + (move if gone >> shift & one else 0.0)
                        )
                        total[j] += value
                        square[j] += value * value
                        largest[j] = max(largest[j], value)
        if hits:
            found[2, owner] += hits
            for j in range(8):
                found[0, owner] += total[j]
                found[1, owner] += square[j]
                found[3, owner] = max(found[3, owner], largest[j])
                total[j] = square[j] = largest[j] = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Paths:
    """Steps as arrays, from the last to the first.

    Attributes
    ----------
    program : int32 array of shape (S, 4)
        (0, qubit, other qubit or `qubits`, table), (1, item, word, 0) for a turn or (2, item, word, clauses) for noise.
    tables : uint64 array of shape (T, 16)
        The new x and z bits of a gate's qubits (rows) from the old ones, as masks.
    first, letters : int32 arrays
        Word i has letters[first[i] : first[i + 1]], each 4 * qubit + (1 for X or Y) + (2 for Z or Y).
    clauses : int32 array of shape (C, 3), clause_factors : float64 array of shape (C,)
        Row c: the first and the end of the set of clauses that starts at c, then the letters that the clause is about
        as in `Damping.factors`, -1 for all but the identity. The weight is multiplied with the factor.
    owners, laws : int32 arrays of shape (items,)
        The parameter of a turn, -1 for a fixed one, -2 for noise; its row in `squares`, the clauses for noise.
    squares : float64 array of shape (L, 4)
        E[cos^2] and E[sin^2] of the angle, and what takes their places in the derivative.
    """

    qubits: int
    parameters: int
    program: NDArray[np.int32]
    tables: NDArray[np.uint64]
    first: NDArray[np.int32]
    letters: NDArray[np.int32]
    clauses: NDArray[np.int32]
    clause_factors: NDArray[np.float64]
    owners: NDArray[np.int32]
    laws: NDArray[np.int32]
    squares: NDArray[np.float64]

    def sample(
        self,
        starts: Starts,
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
            Chunk i draws from streams of (seed, i) alone, i from `first_chunk` on: a run can be continued by another.
        threads
            As many as there are processors if None and the work is large enough; never changes a bit of the result.

        Returns
        -------
        cost, gradients : Tally
            Of one weight and of one a parameter (square radians^-1 times the cost's unit squared).
        """
        return _Run(self, starts, bloch).sample(samples, seed, threads, first_chunk)


def compile_paths(steps: Sequence[Step], laws: Sequence[Law], qubits: int, parameters: int) -> Paths | None:
    """The steps as arrays, or None where pairs of equal strings need not stay equal.

    They do where every parameter is used by one turn whose angle has E[sin cos] = 0, other turns are by multiples of
    pi/2, and no noise shifts.

    Parameters
    ----------
    steps
        In time order, as `sequence.steps` gives them.
    laws
        One a parameter.
    """
    program: list[int] = []
    owners: list[int] = []
    kinds: list[int] = []
    words: dict[tuple[int, int], int] = {}
    word_list: list[tuple[int, ...]] = []
    places: dict[tuple[int, ...], int] = {}
    gates: dict[str, int | None] = {}
    tables: list[list[int]] = []
    angles: dict[tuple[int, float, float], int | None] = {}
    squares: list[tuple[float, float, float, float]] = []
    quarter_turns: dict[float, int | None] = {}
    channels: dict[tuple[float, ...], int | None] = {}
    clauses: list[tuple[int, int, int]] = []
    clause_factors: list[float] = []
    used = bytearray(parameters)

    for step in reversed(steps):
        if isinstance(step, Clifford):
            name, on = step.name, step.qubits
            if name not in gates:
                table = _table(name, len(on))
                gates[name] = None if table is None else len(tables)
                if table is not None:
                    tables.append(table)
            row = gates[name]
            if row is not None:
                program += (_GATE, on[0], on[1] if len(on) > 1 else qubits, row)
        elif isinstance(step, Damping):
            if step.shift:
                return None
            factors = step.factors
            if factors not in channels:
                added = _clauses(factors)
                start, end = len(clauses), len(clauses) + len(added)
                channels[factors] = start if added else None
                clauses += ((start, end, letters) for letters, _ in added)
                clause_factors += (factor for _, factor in added)
            channel = channels[factors]
            if channel is not None:
                word = places.get(step.qubits, -1)
                if word < 0:
                    word = places[step.qubits] = len(word_list)
                    word_list.append(tuple(4 * q for q in step.qubits))
                program += (_DAMPING, len(owners), word, channel)
                owners.append(-2)
                kinds.append(channel)
        else:
            parameter = step.parameter
            if step.general is not None:
                return None
            kind: int | None = 0
            if parameter is None:
                offset = step.offset
                if offset not in quarter_turns:
                    quarter_turns[offset] = Rotation(step.pauli, offset, 0).quarter_turns
                turns = quarter_turns[offset]
                if turns is None:
                    return None
                if turns % 2 == 0:
                    continue
                parameter = -1
            else:
                if used[parameter]:
                    return None
                used[parameter] = 1
                law = laws[parameter]
                key = id(law), step.frequency, step.offset
                if key not in angles:
                    of = moments(law, (step.frequency,), (step.offset,))
                    angles[key] = len(squares) if of.stays_diagonal else None
                    squares.append(
                        (of.square[STAY, STAY], of.square[MOVE, MOVE], of.slope[STAY, STAY], of.slope[MOVE, MOVE])
                    )
                kind = angles[key]
                if kind is None:
                    return None
            pauli = step.pauli
            place = pauli.x, pauli.z
            word = words.get(place, -1)
            if word < 0:
                word = words[place] = len(word_list)
                word_list.append(_letters(pauli))
            program += (_TURN, len(owners), word, 0)
            owners.append(parameter)
            kinds.append(kind)
    first, letters = _ragged(word_list)
    return Paths(
        qubits,
        parameters,
        np.array(program, dtype=np.int32).reshape(-1, 4),
        np.array(tables, dtype=np.uint64).reshape(-1, 16),
        first,
        letters,
        np.array(clauses, dtype=np.int32).reshape(-1, 3),
        np.array(clause_factors, dtype=np.float64),
        np.array(owners, dtype=np.int32),
        np.array(kinds, dtype=np.int32),
        np.array(squares or [(1.0, 0.0, 0.0, 0.0)], dtype=np.float64),
    )


def _letters(string: PauliString) -> tuple[int, ...]:
    return tuple(4 * q + (string.x >> q & 1) + 2 * (string.z >> q & 1) for q in bits(string.support))


def _ragged(words: Sequence[Sequence[int]]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    first = np.cumsum([0, *map(len, words)], dtype=np.int64).astype(np.int32)
    return first, np.array([letter for word in words for letter in word], dtype=np.int32)


def _table(name: str, size: int) -> list[int] | None:
    """What a Clifford gate does, towards earlier times, to the bits xa, za, xb, zb; None for nothing but signs."""
    columns = []
    for q, (x, z) in ((q, p) for q in range(2) for p in ((1, 0), (0, 1))):
        string = PauliString(x << q, z << q)
        image = conjugate(name, tuple(range(size)), string, -1) if q < size else string
        columns.append((image.x & 1, image.z & 1, image.x >> 1 & 1, image.z >> 1 & 1))
    rows = [[column[i] for column in columns] for i in range(4)]
    if all(rows[i][j] == (i == j) for i in range(4) for j in range(4)):
        return None
    return [int(_ALL) * bit for row in rows for bit in row]


def _clauses(factors: Sequence[float]) -> list[tuple[int, float]]:
    """(letters, what multiplies the weight) for the letters whose weight changes; -1 for all but the identity."""
    if len(set(factors[1:])) == 1:
        return [] if factors[1] ** 2 == 1.0 else [(-1, factors[1] ** 2)]
    return [(p, factor**2) for p, factor in enumerate(factors) if factor**2 != 1.0]


class _Run:
    """A cost and an initial state, made ready to be sampled: what is common to all chunks."""

    def __init__(self, paths: Paths, starts: Starts, bloch: NDArray[np.float64]) -> None:
        self.paths = paths
        self.projector = isinstance(starts, Projector)
        if isinstance(starts, Projector):
            self.first, self.letters = _ragged([[4 * q + 2] for q in starts.qubits])
            self.cumulative = np.ones(1)
            self.norm = 0.5 ** len(starts.qubits)
        else:
            self.first, self.letters = _ragged([_letters(s) for s in starts.strings])
            chances = np.array(starts.coefficients, dtype=np.float64) ** 2
            self.norm = float(chances.sum())
            self.cumulative = np.cumsum(chances) / self.norm if self.norm else np.ones(1)
        may_x, may_z = np.zeros((2, paths.qubits + 1), dtype=np.uint64)
        may_x[self.letters[self.letters & 1 != 0] >> 2] = 1
        may_z[self.letters[self.letters & 2 != 0] >> 2] = 1
        active = np.empty(len(paths.program), dtype=np.int32)
        count = _prune(paths.program, paths.tables, paths.first, paths.letters, may_x, may_z, active)
        self.active = active[:count].copy()
        self.bloch = np.ones((paths.qubits + 1, 3))
        self.bloch[:-1] = np.asarray(bloch, dtype=np.float64) ** 2
        self._lay_out()

    def _lay_out(self) -> None:
        """Slots for what the chunks record, and what its entries weigh."""
        paths = self.paths
        steps = paths.program[self.active]
        items = steps[steps[:, 0] != _GATE, 1]
        owners, kinds = paths.owners[items], paths.laws[items]
        turns = owners >= 0
        size = turns.astype(np.int64)
        noise = owners == -2
        size[noise] = paths.clauses[kinds[noise], 1] - paths.clauses[kinds[noise], 0]
        end = np.cumsum(size)
        total = int(end[-1]) if len(end) else 0
        self.slots = np.full(len(paths.owners), -1, dtype=np.int64)
        self.slots[items[size > 0]] = (end - size)[size > 0]
        self.owners = np.full(total, -1, dtype=np.int64)
        mine = self.slots[items[turns]]
        self.owners[mine] = owners[turns]

        law = paths.squares[kinds[turns]]
        stay, move, stay_slope, move_slope = law.T
        slope = stay_slope + move_slope
        moving = np.divide(move_slope, slope, out=move.copy(), where=slope > 0)
        # Even of a single turn the weight itself needs its share.
        share = 1 / max(2, len(law))
        chance = np.where(moving == move, move, (1 - share) * move + share * moving)
        sure = chance >= 1.0
        digits = np.floor(np.ldexp(np.where(sure, 0.0, chance), 64)).astype(np.uint64)
        chance = np.where(sure, 1.0, np.ldexp(digits.astype(np.float64), -64))
        self.sure = np.ones(len(paths.owners), dtype=np.bool_)
        self.sure[items[turns]] = sure
        self.chances = np.zeros(len(paths.owners), dtype=np.uint64)
        self.chances[items[turns]] = digits
        proposal = np.stack([1 - chance, chance], axis=1)
        self.factors = np.ones((total, 2))
        self.slopes = np.zeros((total, 2))
        zeros = np.zeros((len(law), 2))
        self.factors[mine] = np.divide(law[:, :2], proposal, out=zeros.copy(), where=proposal > 0)
        self.slopes[mine] = np.divide(law[:, 2:], proposal, out=zeros, where=proposal > 0)
        for j in range(int(size[noise].max(initial=0))):
            has = noise & (size > j)
            self.factors[(end - size)[has] + j, 0] = paths.clause_factors[kinds[has] + j]

        self.counted = bool(
            np.all(self.factors == 1.0)
            and np.all(self.slopes[:, 0] == self.slopes[:, 1])
            and np.all((self.bloch == 0.0) | (self.bloch == 1.0))
        )
        self.scale = np.zeros(paths.parameters + 1)
        self.scale[-1] = self.norm
        if self.counted:
            self.scale[self.owners] = self.norm * self.slopes[:, 0]
            self.bound = self.scale
        else:
            self.scale[self.owners[mine]] = self.norm
            peak = np.log(np.maximum(self.factors[mine].max(axis=1), 1.0))
            self.bound = np.zeros(paths.parameters + 1)
            with np.errstate(over="ignore"):
                whole = peak.sum()
                self.bound[-1] = self.norm * np.exp(whole)
                self.bound[self.owners[mine]] = (
                    self.norm * self.slopes[mine].max(axis=1) * np.exp(whole - peak) * (1 + 1e-9)
                )

    def sample(self, samples: int, seed: int, threads: int | None, first_chunk: int) -> tuple[Tally, Tally]:
        """As `Paths.sample`."""
        chunks = range(first_chunk, first_chunk - (-samples // CHUNK))
        kept = threading.local()
        key = np.uint64(seed % 2**64)
        sums = np.zeros((2, 4, self.paths.parameters + 1))

        def one(chunk: int) -> NDArray[Any]:
            if not hasattr(kept, "room"):
                kept.room = self._room()
            return self._chunk(key, chunk, kept.room)

        workers = self._threads(threads, len(chunks))
        if workers > 1:
            with ThreadPoolExecutor(workers) as pool:
                found = pool.map(one, chunks)
                for chunk, sample in zip(chunks, found, strict=True):
                    _add(sums[chunk % 2], sample)
        else:
            for chunk in chunks:
                _add(sums[chunk % 2], one(chunk))
        drawn = np.array([CHUNK * sum(chunk % 2 == half for chunk in chunks) for half in (0, 1)], dtype=np.int64)
        last = self.paths.parameters
        return self._tally(drawn, sums, slice(last, None)), self._tally(drawn, sums, slice(0, last))

    def _threads(self, asked: int | None, chunks: int) -> int:
        if asked is None:
            if len(self.active) * chunks < _THREADED_ROWS:
                return 1
            asked = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        masks = 8 * ROW * max(1, len(self.owners)) * (1 if self.counted else 2)
        return max(1, min(asked, chunks, _MASK_BYTES // masks))

    def _room(self) -> tuple[NDArray[np.uint64], ...]:
        rows = self.paths.qubits + 1, ROW
        masks = len(self.owners), ROW
        return (
            np.empty((4, ROW), dtype=np.uint64),
            np.empty(rows, dtype=np.uint64),
            np.empty(rows, dtype=np.uint64),
            np.empty(masks, dtype=np.uint64),
            np.empty((0, ROW) if self.counted else masks, dtype=np.uint64),
        )

    def _chunk(self, key: np.uint64, chunk: int, room: tuple[NDArray[np.uint64], ...]) -> NDArray[Any]:
        """Hits as int64 of shape (K + 1,) where they are all that there is, else what `_weigh` finds."""
        paths = self.paths
        state, x, z, met, moved = room
        _start(self.projector, self.first, self.letters, self.cumulative, key, chunk, state, x, z)
        _walk(
            paths.program, self.active, paths.tables, paths.first, paths.letters, paths.clauses, self.slots,
            self.chances, self.sure, state, x, z, met, moved,
        )  # fmt: skip
        if self.counted:
            hits = np.zeros(paths.parameters + 1, dtype=np.int64)
            _count(x, z, self.bloch, met, self.owners, hits)
            return hits
        found = np.zeros((4, paths.parameters + 1))
        _weigh(x, z, self.bloch, met, moved, self.owners, self.factors, self.slopes, found)
        return found

    def _tally(self, drawn: NDArray[np.int64], sums: NDArray[np.float64], part: slice) -> Tally:
        scale, sums = self.scale[part], sums[:, :, part]
        hits = sums[:, 2].astype(np.int64)
        if self.counted:
            total, squares, largest = hits * scale, hits * scale**2, np.where(hits > 0, scale, 0.0)
        else:
            total, squares, largest = sums[:, 0] * scale, sums[:, 1] * scale**2, sums[:, 3] * scale
        return Tally(drawn, total, squares, hits, largest, scale if self.counted else None, self.bound[part])


def _add(sums: NDArray[np.float64], found: NDArray[Any]) -> None:
    if found.ndim == 1:
        sums[2] += found
    else:
        sums[:3] += found[:3]
        np.maximum(sums[3], found[3], out=sums[3])
