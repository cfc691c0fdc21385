"""A circuit as flat arrays for compiled loops: turns about Pauli words, Clifford maps, noise, and what is measured.

Steps leave out signs of Pauli strings, which second moments of single strings do not need. Hence Pauli gates and
rotations by multiples of pi leave no step, and a rotation by an odd multiple of pi/2 is a turn that always moves. What
changes nothing but signs is kept beside the steps.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, chain
from math import hypot, pi
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from ansatzlint.angles import Affine, Angle, Expression, add, multiply, names
from ansatzlint.circuit import Circuit, PauliSum, Probabilities, Projector
from ansatzlint.features.forms import PAULI, Part, forms
from ansatzlint.features.steps import EITHER, LETTERS, NOISE1, NOISE2, TURN
from ansatzlint.moments.initial import initial
from ansatzlint.moments.laws import Fixed, Law, characteristic
from ansatzlint.moments.sequence import Damping, declared, laws, stated

_CODE = {letter: code for code, letter in enumerate(LETTERS)}
_TOLERANCE = 1e-10
"""In quarter turns."""


@dataclass(frozen=True, slots=True, eq=False)
class Tape:
    """A circuit of n qubits and P parameters as S steps in time order, with T cost terms.

    Letters are 0 I, 1 X, 2 Z, 3 Y (bit 0 says X or Y, bit 1 Z or Y). A turn by x about the word W sends a string Q
    that anticommutes with W to cos(x) Q + sin(x) i W Q in the Heisenberg picture, x = factor * t + offset, t the
    parameter.

    Attributes
    ----------
    qubits : int
    gate_first : int32 (G + 1,), gate_wire : int32
        Gate g of the circuit acts on the qubits gate_wire[gate_first[g] : gate_first[g + 1]].
    kind : int8 (S,)
        TURN, MAP1, MAP2, NOISE1 or NOISE2.
    table : int32 (S,)
        Of a map its row in `steps.MAPS`, of noise its row in `damping`, of a turn -1.
    first : int32 (S + 1,)
        Step s acts on wire[first[s] : first[s + 1]], in a map's order.
    wire : int32 (W,)
        Qubits.
    letter : int8 (W,)
        Letters of a turn's word, never 0; 0 for other steps.
    gate : int32 (S,)
        The gate of the circuit that the step comes from or follows, -1 for noise at the beginning.
    parameter : int32 (S,)
        Which of the circuit's parameters a turn depends on, -1 for none and for other steps.
    factor : float64 (S,)
        dx / dt; 0 where there is no parameter.
    keep, flip, cross : float64 (S,)
        E[cos^2 x], E[sin^2 x] and E[sin x cos x]; 1, 0 and 0 for other steps.
    slope_keep, slope_flip : float64 (S,)
        E[(d cos x / dt)^2] and E[(d sin x / dt)^2], per radian squared.
    mean_keep, mean_flip : float64 (S,)
        E[cos x] and E[sin x].
    general : bool (S,)
        Whether the angle is no affine function of parameters; it is taken as uniform then, and belongs to the first
        parameter that it depends on.
    damping : float64 (D, 4)
        Per row the squares of what multiplies X, Z and Y, and of what Z gains of the identity. The first number of a
        NOISE2 multiplies every string that is not the identity on both qubits.
    initial : float64 (n, 4)
        Squares of the expectation values of I, X, Z and Y of each qubit before the first step.
    trainable : bool (P,)
    term_first : int32 (T + 1,), term_wire : int32, term_letter : int8
        The cost's terms like the words of turns, letters up to EITHER; no term is the identity.
    term_minus : bool
        Of letters EITHER: whether it is (I - Z) / 2 rather than (I + Z) / 2.
    coefficient : float64 (T,)
        Scaled so that their squares add up to 1.
    unit : float
        In units of the cost: what they are to be multiplied by.
    pauli_at : int32 (M,), pauli_first : int32 (M + 1,), pauli_wire : int32, pauli_letter : int8
        Pauli words that are applied as gates, in time order: before which step, and letters like those of turns.
    skipped : int
        Gates with more controls than can be lowered, which have no steps.
    """

    qubits: int
    gate_first: NDArray[np.int32]
    gate_wire: NDArray[np.int32]
    kind: NDArray[np.int8]
    table: NDArray[np.int32]
    first: NDArray[np.int32]
    wire: NDArray[np.int32]
    letter: NDArray[np.int8]
    gate: NDArray[np.int32]
    parameter: NDArray[np.int32]
    factor: NDArray[np.float64]
    keep: NDArray[np.float64]
    flip: NDArray[np.float64]
    cross: NDArray[np.float64]
    slope_keep: NDArray[np.float64]
    slope_flip: NDArray[np.float64]
    mean_keep: NDArray[np.float64]
    mean_flip: NDArray[np.float64]
    general: NDArray[np.bool_]
    damping: NDArray[np.float64]
    initial: NDArray[np.float64]
    trainable: NDArray[np.bool_]
    term_first: NDArray[np.int32]
    term_wire: NDArray[np.int32]
    term_letter: NDArray[np.int8]
    term_minus: NDArray[np.bool_]
    coefficient: NDArray[np.float64]
    unit: float
    pauli_at: NDArray[np.int32]
    pauli_first: NDArray[np.int32]
    pauli_wire: NDArray[np.int32]
    pauli_letter: NDArray[np.int8]
    skipped: int


# factor, then as `_moments` returns them: of no turn, of one that always moves, of one by an unknown angle
_NOTHING = (0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0)
_QUARTER = (0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0)
_UNKNOWN = (1.0, 0.5, 0.5, 0.0, 0.5, 0.5, 0.0, 0.0)
_BACK = (0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, -1.0)
_HALF, _NONE = -1, -2
"""In place of a row: a turn by pi, and one by nothing."""


@lru_cache(maxsize=1 << 14)
def _moments(law: Law, factor: float, offset: float) -> tuple[float, ...]:
    """factor, keep, flip, cross, slope_keep, slope_flip, mean_keep, mean_flip of x = factor * t + offset."""
    shift = complex(np.exp(1j * offset))
    once, twice = characteristic(law, factor) * shift, characteristic(law, 2 * factor) * shift * shift
    keep, flip = (1 + twice.real) / 2, (1 - twice.real) / 2
    square = factor * factor
    return factor, keep, flip, twice.imag / 2, square * flip, square * keep, once.real, once.imag


class _Angles:
    """The circuit's random angles. A row holds the moments that turns by equally drawn angles share."""

    def __init__(self, circuit: Circuit) -> None:
        self.rows: list[tuple[float, ...]] = [_NOTHING, _QUARTER, _UNKNOWN, _BACK]
        self.place = {p.name: at for at, p in enumerate(circuit.parameters)}
        own = laws(circuit)
        objects = dict(zip(map(id, own), own, strict=True))  # most parameters share one object, cheaper to look up
        numbers: dict[Law, int] = {}
        of = {key: numbers.setdefault(law, len(numbers)) for key, law in objects.items()}
        self.laws = tuple(numbers)
        self.law = [of[key] for key in map(id, own)] if len(of) > 1 else [0] * len(own)
        self.known: dict[tuple[int, float, float], int] = {}
        self.fixed: dict[float, int] = {}

    def drawn(self, law: int, factor: float, offset: float) -> int:
        """The row of factor * t + offset for a parameter with the law of that number."""
        key = (law, factor, offset)
        found = self.known.get(key)
        if found is None:
            found = self.known[key] = len(self.rows)
            self.rows.append(_moments(self.laws[law], factor, offset))
        return found

    def constant(self, value: float) -> int:
        """The row of a fixed angle, `_HALF` for a turn by pi, `_NONE` for one that does nothing."""
        if value not in self.fixed:
            turns = value / (pi / 2)
            whole = round(turns)
            if abs(turns - whole) < _TOLERANCE:
                self.fixed[value] = (_NONE, 1, _HALF, 3)[whole % 4]
            else:
                self.fixed[value] = len(self.rows)
                self.rows.append(_moments(Fixed(value), 0.0, value))
        return self.fixed[value]

    def turns(self, angle: Angle) -> list[tuple[int, int]]:
        """(parameter, row) of the turns that make up a turn by any angle."""
        if isinstance(angle, Expression):
            return [(min((self.place[name] for name in names(angle)), default=-1), 2)]
        if not isinstance(angle, Affine):
            row = self.constant(float(angle))
            return [] if row == _NONE else [(-1, row)]
        found = []
        offset = angle.constant
        # In the circuit's order of the parameters, so that what they are called decides nothing.
        for at, factor in sorted([(self.place[name], factor) for name, factor in angle.terms]):
            found.append((at, self.drawn(self.law[at], factor, offset)))
            offset = 0.0
        return found

    def sorts(self, angles: Iterable[Angle]) -> _Sorts:
        """Angles that are drawn alike told from others; one that does nothing is added at the end."""
        place, law = self.place, self.law
        known: dict[_Sort, int] = {None: 0}
        for number in range(len(self.laws)):  # angles that are a parameter, which most are
            known[number, 1.0, 0.0] = number + 1
        parameters, numbers = [], []
        for angle in angles:
            at = -1
            sort: _Sort = None
            if type(angle) is Affine:
                if len(angle.terms) == 1:
                    name, factor = angle.terms[0]
                    at = place[name]
                    if factor == 1.0 and not angle.constant:
                        parameters.append(at)
                        numbers.append(law[at] + 1)
                        continue
                    sort = (law[at], factor, angle.constant)
            elif type(angle) is not Expression:
                sort = angle  # type: ignore[assignment]  # what is left is a number
            if sort not in known:
                known[sort] = len(known)
            parameters.append(at)
            numbers.append(known[sort])
        parameters.append(-1)
        numbers.append(known.setdefault(0.0, len(known)))
        return _Sorts(
            np.array(numbers, dtype=np.int64), np.array(parameters, dtype=np.int32), tuple(known)
        )

    def row(self, sort: _Sort, c: float, constant: float) -> int:
        """The row of c times an angle of a sort plus a constant."""
        if isinstance(sort, tuple):
            law, factor, offset = sort
            return self.drawn(law, factor * c, offset * c + constant)
        return _NONE if sort is None else self.constant(c * sort + constant)


_Sort = tuple[int, float, float] | float | None
"""What angles drawn alike share: law, factor and offset of the one parameter, or their value; None for all others."""


@dataclass(frozen=True, slots=True, eq=False)
class _Sorts:
    """Angles: int64 (A,), the sort of each; int32 (A,), its parameter or -1; the sorts, the first one None."""

    number: NDArray[np.int64]
    parameter: NDArray[np.int32]
    sorts: tuple[_Sort, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Steps:
    """Steps as in `Tape`, with the rows of their moments."""

    kind: NDArray[np.int8]
    table: NDArray[np.int32]
    gate: NDArray[np.int32]
    parameter: NDArray[np.int32]
    row: NDArray[np.int64]
    first: NDArray[np.int64]
    wire: NDArray[np.int32]
    letter: NDArray[np.int8]


def _runs(first: NDArray[np.int64], which: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(ends, members): the members first[i], …, first[i + 1] - 1 of each i in `which`, one after the other."""
    begin = first[which]
    size = first[which + 1] - begin
    ends = np.zeros(len(which) + 1, dtype=np.int64)
    size.cumsum(out=ends[1:])
    return ends, np.arange(ends[-1]) + (begin - ends[:-1]).repeat(size)


_KIND = attrgetter("name", "controls", "word")
_NO_WORDS = np.zeros(1, dtype=np.int64), np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.int8)


def tape(circuit: Circuit) -> Tape:
    """The circuit as arrays; the cost of a circuit that states no expectation value has no terms.

    What is not known is taken as spread out: expressions as uniform angles, an initial state that inputs decide as a
    random one.
    """
    gates = circuit.gates
    angles = _Angles(circuit)
    on = [gate.qubits for gate in gates]
    gate_first = np.zeros(len(gates) + 1, dtype=np.int32)
    np.fromiter(map(len, on), dtype=np.int32, count=len(on)).cumsum(out=gate_first[1:])
    gate_wire = np.fromiter(chain.from_iterable(on), dtype=np.int32, count=int(gate_first[-1]))

    # A gate is a run of parts.
    kinds = list(map(_KIND, gates))
    number = {kind: i for i, kind in enumerate(dict.fromkeys(kinds))}
    form = forms(tuple(number))
    of = np.fromiter(map(number.__getitem__, kinds), dtype=np.int64, count=len(kinds))
    ends, part = _runs(form.first, of)
    gate = np.arange(len(gates)).repeat(ends[1:] - ends[:-1])
    kind, slot = form.kind[part], form.slot[part]

    # Turns by angles of the same sort, and of the same scale, share a row.
    found = angles.sorts(chain.from_iterable([gate.angles for gate in gates]))
    slots = form.angles[of]
    angle_first = slots.cumsum() - slots
    which = np.where(slot >= 0, angle_first[gate] + slot, len(found.number) - 1)
    sort = found.number[which]
    code = sort * len(form.scales) + form.scale[part]
    rows = np.full(len(found.sorts) * len(form.scales), _NONE)
    met = np.zeros(len(rows), dtype=np.bool_)
    met[code] = True
    for at in met.nonzero()[0].tolist():
        own, scale = divmod(at, len(form.scales))
        rows[at] = angles.row(found.sorts[own], *form.scales[scale])
    row = rows[code]
    parameter = found.parameter[which]

    # A part is one step, unless its turn is by nothing or by pi, or by several angles.
    turning = kind == TURN
    row[~turning] = 0
    repeats = ((row >= 0) & (kind != PAULI)).astype(np.int64)
    several = (turning & ((sort == 0) | (slot == -2))).nonzero()[0]
    drawn: list[tuple[int, int]] = []
    for i, of_part, of_gate in zip(several.tolist(), part[several].tolist(), gate[several].tolist(), strict=True):
        turns = angles.turns(_angle(form.parts[of_part], gates[of_gate].angles))
        if turns and turns[0][1] == _HALF:
            repeats[i], row[i] = 0, _HALF
        else:
            repeats[i], row[i] = len(turns), _NONE
            drawn += turns
    before = repeats.cumsum() - repeats
    step = np.arange(len(part)).repeat(repeats)
    word = ((kind == PAULI) | (row == _HALF)).nonzero()[0]

    def written(chosen: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int8]]:
        """Where the letters of the chosen parts end, on which qubits they are, and which."""
        first, leg = _runs(form.leg, part[chosen])
        start = gate_first[gate[chosen]].repeat(first[1:] - first[:-1])
        return first, gate_wire[start + form.on[leg]], form.letter[leg]

    steps = _Steps(
        kind[step], form.table[part[step]], gate[step].astype(np.int32), parameter[step], row[step], *written(step)
    )
    if drawn:
        _, place = _runs(np.append(before, len(step)), several)
        steps.parameter[place], steps.row[place] = zip(*drawn, strict=True)
    pauli_at = before[word]
    pauli_first, pauli_wire, pauli_letter = written(word) if len(word) else _NO_WORDS
    damping: list[tuple[float, float, float, float]] = []
    if circuit.noise is not None or circuit.channels:
        noise = _noise(circuit, damping)
        pauli_at += np.searchsorted(noise.gate, gate[word])
        steps = _merged(steps, noise)
    moments = np.ascontiguousarray(np.array(angles.rows, dtype=np.float64).T[:, steps.row])
    terms = _terms(circuit)
    unit = hypot(*[c for _, c in terms]) or 1.0
    term_first = np.array([0, *accumulate([len(word) for word, _ in terms])], dtype=np.int32)
    return Tape(
        qubits=circuit.qubits,
        gate_first=gate_first,
        gate_wire=gate_wire,
        kind=steps.kind,
        table=steps.table,
        first=steps.first.astype(np.int32),
        wire=steps.wire,
        letter=steps.letter,
        gate=steps.gate,
        parameter=steps.parameter,
        factor=moments[0],
        keep=moments[1],
        flip=moments[2],
        cross=moments[3],
        slope_keep=moments[4],
        slope_flip=moments[5],
        mean_keep=moments[6],
        mean_flip=moments[7],
        general=steps.row == 2,
        damping=np.array(damping, dtype=np.float64).reshape(-1, 4),
        initial=_initial(circuit),
        trainable=np.array([p.role == "trainable" for p in circuit.parameters], dtype=np.bool_),
        term_first=term_first,
        term_wire=np.array([q for word, _ in terms for q, _ in word], dtype=np.int32),
        term_letter=np.array([letter for word, _ in terms for _, letter in word], dtype=np.int8),
        term_minus=_minus(circuit, terms),
        coefficient=np.array([c / unit for _, c in terms], dtype=np.float64),
        unit=unit,
        pauli_at=pauli_at.astype(np.int32),
        pauli_first=pauli_first.astype(np.int32),
        pauli_wire=pauli_wire,
        pauli_letter=pauli_letter,
        skipped=int(np.count_nonzero(form.skipped[of])),
    )


def _angle(part: Part, angles: tuple[Angle, ...]) -> Angle:
    """What a part turns by, of a gate with such angles."""
    if len(part.slots) == 1 and not part.constant:
        ((slot, c),) = part.slots
        return multiply(c, angles[slot])
    found: Angle = part.constant
    for slot, c in part.slots:
        found = add(found, multiply(c, angles[slot]))
    return found


def _noise(circuit: Circuit, damping: list[tuple[float, float, float, float]]) -> _Steps:
    """The noise of the circuit, by the gates that it follows; `damping` receives the rows of its tables."""
    after: dict[int, list[Damping]] = {}
    for channel in circuit.channels:
        after.setdefault(channel.after - 1, []).append(stated(channel))
    numbers: dict[tuple[float, ...], int] = {}
    kind: list[int] = []
    table: list[int] = []
    gates: list[int] = []
    sizes: list[int] = []
    wires: list[int] = []

    def write(gate: int, channels: Iterable[Damping]) -> None:
        for channel in channels:
            size = len(channel.qubits)
            x, z, y = channel.factors[1:4]
            key = (size, channel.shift, x, z, y)
            if key not in numbers:
                numbers[key] = len(damping)
                damping.append((x * x, z * z, y * y, channel.shift**2))
            kind.append(NOISE1 if size == 1 else NOISE2)
            table.append(numbers[key])
            sizes.append(size)
            wires.extend(channel.qubits)
            gates.append(gate)

    # Declared noise is the same after all gates on as many qubits, but for the qubits: entries that can be copied.
    like: dict[int, tuple[slice, list[int]]] = {}
    write(-1, after.get(-1, ()))
    for index, gate in enumerate(circuit.gates):
        qubits = gate.qubits
        found = like.get(len(qubits))
        if found is None:
            start, legs = len(kind), len(wires)
            write(index, declared(circuit, index))
            like[len(qubits)] = slice(start, len(kind)), [qubits.index(q) for q in wires[legs:]]
        else:
            own, on = found
            kind += kind[own]
            table += table[own]
            sizes += sizes[own]
            wires += [qubits[i] for i in on]
            gates += [index] * (own.stop - own.start)
        if index in after:
            write(index, after[index])
    ends = np.zeros(len(sizes) + 1, dtype=np.int64)
    np.cumsum(sizes, out=ends[1:])
    return _Steps(
        kind=np.array(kind, dtype=np.int8),
        table=np.array(table, dtype=np.int32),
        gate=np.array(gates, dtype=np.int32),
        parameter=np.full(len(kind), -1, dtype=np.int32),
        row=np.zeros(len(kind), dtype=np.int64),
        first=ends,
        wire=np.array(wires, dtype=np.int32),
        letter=np.zeros(len(wires), dtype=np.int8),
    )


def _merged(steps: _Steps, noise: _Steps) -> _Steps:
    """The steps of each gate, then the noise that follows it."""
    order = np.argsort(np.concatenate([2 * steps.gate, 2 * noise.gate + 1]), kind="stable")
    first, leg = _runs(np.concatenate([steps.first, steps.first[-1] + noise.first[1:]]), order)

    return _Steps(
        kind=np.concatenate([steps.kind, noise.kind])[order],
        table=np.concatenate([steps.table, noise.table])[order],
        gate=np.concatenate([steps.gate, noise.gate])[order],
        parameter=np.concatenate([steps.parameter, noise.parameter])[order],
        row=np.concatenate([steps.row, noise.row])[order],
        first=first,
        wire=np.concatenate([steps.wire, noise.wire])[leg],
        letter=np.concatenate([steps.letter, noise.letter])[leg],
    )


def _terms(circuit: Circuit) -> list[tuple[tuple[tuple[int, int], ...], float]]:
    """Words as (qubit, letter) pairs with coefficients, equal words added up; a projector is one word."""
    total: dict[tuple[tuple[int, int], ...], float] = {}
    for observable in circuit.observables:
        if isinstance(observable, PauliSum):
            for term in observable.terms:
                word = tuple([(q, _CODE[letter]) for q, letter in term.paulis])
                total[word] = total.get(word, 0.0) + term.coefficient
        elif isinstance(observable, Projector | Probabilities):
            word = tuple((q, EITHER) for q in observable.qubits)
            total[word] = total.get(word, 0.0) + 1.0
    return [(word, c) for word, c in total.items() if word and c]


def _minus(circuit: Circuit, terms: list[tuple[tuple[tuple[int, int], ...], float]]) -> NDArray[np.bool_]:
    """See `Tape.term_minus`; of several projectors on the same qubits the last one decides."""
    ones = {
        tuple((q, EITHER) for q in one.qubits): [bit == "1" for bit in one.bits]
        for one in circuit.observables
        if isinstance(one, Projector)
    }
    if not ones:
        return np.zeros(sum([len(word) for word, _ in terms]), dtype=np.bool_)
    blank: list[bool] = []
    for word, _ in terms:
        blank += ones.get(word) or [False] * len(word)
    return np.array(blank, dtype=np.bool_)


def _initial(circuit: Circuit) -> NDArray[np.float64]:
    found = np.zeros((circuit.qubits, 4))
    found[:, 0] = found[:, 2] = 1.0
    state = circuit.initial_state
    if state is None:
        return found
    known = initial(circuit)
    if isinstance(known, str):
        found[list(state.qubits), 1:] = 1 / 3  # the mean over pure states of one qubit
        return found
    for on, values in known.blocks:
        for j, qubit in enumerate(on):
            found[qubit] = [values[letter << 2 * j] ** 2 for letter in range(4)]
    return found
