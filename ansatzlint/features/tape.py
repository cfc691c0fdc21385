"""A circuit as flat arrays for compiled loops: turns about Pauli words, Clifford maps, noise, and what is measured.

Steps leave out signs of Pauli strings, which second moments of single strings do not need. Hence Pauli gates and
rotations by multiples of pi leave no step, and a rotation by an odd multiple of pi/2 is a turn that always moves. What
changes nothing but signs is kept beside the steps.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from math import pi

import numpy as np
from numpy.typing import NDArray

from ansatzlint.angles import Affine, Angle, Expression, add, multiply, names, parameter
from ansatzlint.circuit import Circuit, Gate, PauliSum, Probabilities, Projector
from ansatzlint.gates import CLIFFORD, MAX_CONTROLS, base, rotations, shape
from ansatzlint.moments.initial import initial
from ansatzlint.moments.laws import Fixed, Law, characteristic
from ansatzlint.moments.sequence import Damping, declared, laws, stated
from ansatzlint.pauli.strings import PauliString, conjugate

TURN, MAP1, MAP2, NOISE1, NOISE2 = range(5)
"""Kinds of steps: a turn about a Pauli word, a Clifford map on one or two qubits, noise on one or two."""

EITHER = 4
"""The letter of a cost term that is I or Z, each with the amplitude 1/2: a factor of a projector."""

_TOLERANCE = 1e-10
"""In quarter turns."""
_LETTERS = "IXZY"


@dataclass(frozen=True, slots=True, eq=False)
class Tape:
    """A circuit of n qubits and P parameters as S steps in time order, with T cost terms.

    Letters are 0 I, 1 X, 2 Z, 3 Y (bit 0 says X or Y, bit 1 Z or Y). A turn by x about the word W sends a string Q
    that anticommutes with W to cos(x) Q + sin(x) i W Q in the Heisenberg picture, x = factor * t + offset, t the
    parameter.

    Attributes
    ----------
    qubits : int
    kind : int8 (S,)
        TURN, MAP1, MAP2, NOISE1 or NOISE2.
    table : int32 (S,)
        Of a map its row in `MAPS`, of noise its row in `damping`, of a turn -1.
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
        In units of the cost.
    pauli_at : int32 (M,), pauli_first : int32 (M + 1,), pauli_wire : int32, pauli_letter : int8
        Pauli words that are applied as gates, in time order: before which step, and letters like those of turns.
    skipped : int
        Gates with more controls than can be lowered, which have no steps.
    """

    qubits: int
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
    pauli_at: NDArray[np.int32]
    pauli_first: NDArray[np.int32]
    pauli_wire: NDArray[np.int32]
    pauli_letter: NDArray[np.int8]
    skipped: int


_NAMED = tuple(sorted(CLIFFORD - {"id", "x", "y", "z"}))


def _conjugate(name: str, string: int, direction: int) -> PauliString:
    qubits = tuple(range(shape(name)[0]))
    word = PauliString.of((q, _LETTERS[string >> 2 * q & 3]) for q in qubits)
    return conjugate(name, qubits, word, direction)


def _image(name: str, string: int, direction: int) -> int:
    found = _conjugate(name, string, direction)
    return sum(((found.x >> q & 1) | (found.z >> q & 1) << 1) << 2 * q for q in range(shape(name)[0]))


def _maps(direction: int) -> NDArray[np.int64]:
    table = np.zeros((len(_NAMED), 16), dtype=np.int64)
    for row, name in enumerate(_NAMED):
        size = 4 ** shape(name)[0]
        table[row, :size] = [_image(name, string, direction) for string in range(size)]
    return table


MAPS = _maps(-1)
"""int64 (M, 16): the letters of U^dagger P U for P = letter_0 + 4 letter_1, a row a gate U; 4 entries on one qubit."""
INVERSES = _maps(1)
"""The maps the other way, U P U^dagger."""


def _signs() -> NDArray[np.bool_]:
    table = np.zeros((len(_NAMED), 16), dtype=np.bool_)
    for row, name in enumerate(_NAMED):
        size = 4 ** shape(name)[0]
        table[row, :size] = [_conjugate(name, string, -1).sign < 0 for string in range(size)]
    return table


SIGNS = _signs()
"""bool (M, 16): whether the image in `MAPS` has a minus."""

_ROW = {name: row for row, name in enumerate(_NAMED)}


_Part = tuple[tuple[int, ...], tuple[int, ...], tuple[tuple[int, float], ...], float]
"""A rotation in a gate: letters, on which of its qubits, (slot, c) and d, its angle d + sum of c * angles[slot]."""


@cache
def _parts(name: str, controls: str, word: str) -> tuple[_Part, ...] | None:
    """The gate as a product of rotations, whatever its angles are; None where it has too many controls."""
    if len(base(name, controls)[0]) > MAX_CONTROLS:
        return None
    symbols = [parameter(str(slot)) for slot in range(shape(name, controls, word)[1])]
    found = []
    for letters, angle in rotations(name, symbols, controls, word):
        assert not isinstance(angle, Expression)  # every gate's rotations are linear in its angles
        terms, constant = (angle.terms, angle.constant) if isinstance(angle, Affine) else ((), angle)
        at = tuple(q for q, letter in enumerate(letters) if letter != "I")
        if at:
            codes = tuple(_LETTERS.index(letters[q]) for q in at)
            found.append((codes, at, tuple((int(slot), c) for slot, c in terms), constant))
    return tuple(found)


# factor, then as `_moments` returns them: of no turn, of one that always moves, of one by an unknown angle
_NOTHING = (0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0)
_QUARTER = (0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0)
_UNKNOWN = (1.0, 0.5, 0.5, 0.0, 0.5, 0.5, 0.0, 0.0)
_BACK = (0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, -1.0)
_HALF = -1
"""In place of a row: a turn by pi."""

_BLANK = ((), (0,), (0, 0))


@lru_cache(maxsize=1 << 14)
def _moments(law: Law, factor: float, offset: float) -> tuple[float, ...]:
    """factor, keep, flip, cross, slope_keep, slope_flip, mean_keep, mean_flip of x = factor * t + offset."""
    shift = complex(np.exp(1j * offset))
    once, twice = characteristic(law, factor) * shift, characteristic(law, 2 * factor) * shift * shift
    keep, flip = (1 + twice.real) / 2, (1 - twice.real) / 2
    square = factor * factor
    return factor, keep, flip, twice.imag / 2, square * flip, square * keep, once.real, once.imag


class _Writer:
    """Appends steps. A row holds the moments that turns by equally drawn angles share."""

    def __init__(self, circuit: Circuit) -> None:
        self.steps: list[int] = []  # kind, parameter, row of the moments, table, gate, end of its wires
        self.wires: list[int] = []
        self.letters: list[int] = []
        self.rows: list[tuple[float, ...]] = [_NOTHING, _QUARTER, _UNKNOWN, _BACK]
        self.laws = laws(circuit)
        objects = {id(law): law for law in self.laws}  # most parameters share one object, which is cheaper to look up
        numbers = {law: number for number, law in enumerate(dict.fromkeys(objects.values()))}
        of = {key: numbers[law] for key, law in objects.items()}
        self.parameters = {
            p.name: (at, of[id(law)]) for at, (p, law) in enumerate(zip(circuit.parameters, self.laws, strict=True))
        }
        self.known: dict[tuple[int, float, float], int] = {}
        self.fixed: dict[float, int | None] = {}
        self.damping: list[tuple[float, float, float, float]] = []
        self.dampings: dict[tuple[float, ...], int] = {}
        self.paulis: list[tuple[int, int]] = []  # before which step, end of its wires
        self.pauli_wires: list[int] = []
        self.pauli_letters: list[int] = []
        self.skipped = 0

    def pauli(self, letters: tuple[int, ...], wires: list[int]) -> None:
        """A Pauli word as a gate."""
        self.pauli_letters += letters
        self.pauli_wires += wires
        self.paulis.append((len(self.steps) // 6, len(self.pauli_wires)))

    def drawn(self, at: int, law: int, factor: float, offset: float) -> int:
        """The row of factor * t + offset for the parameter at an index, its law numbered."""
        key = (law, factor, offset)
        found = self.known.get(key)
        if found is None:
            found = self.known[key] = len(self.rows)
            self.rows.append(_moments(self.laws[at], factor, offset))
        return found

    def constant(self, value: float) -> int | None:
        """The row of a fixed angle, `_HALF` for a turn by pi, None for one that does nothing."""
        if value not in self.fixed:
            turns = value / (pi / 2)
            whole = round(turns)
            if abs(turns - whole) < _TOLERANCE:
                self.fixed[value] = (None, 1, _HALF, 3)[whole % 4]
            else:
                self.fixed[value] = len(self.rows)
                self.rows.append(_moments(Fixed(value), 0.0, value))
        return self.fixed[value]

    def turns(self, angle: Angle) -> tuple[tuple[int, int], ...]:
        """(parameter, row) of the turns that make up a turn by any angle."""
        if isinstance(angle, Expression):
            return ((min((self.parameters[name][0] for name in names(angle)), default=-1), 2),)
        if not isinstance(angle, Affine):
            row = self.constant(float(angle))
            return () if row is None else ((-1, row),)
        found = []
        offset = angle.constant
        # In the circuit's order of the parameters, so that what they are called decides nothing.
        for at, law, factor in sorted((*self.parameters[name], factor) for name, factor in angle.terms):
            found.append((at, self.drawn(at, law, factor, offset)))
            offset = 0.0
        return tuple(found)

    def gate(self, index: int, gate: Gate) -> None:
        """The steps of one gate."""
        name, qubits = gate.name, gate.qubits
        if not gate.controls and name in CLIFFORD:
            if name in _ROW:
                self.wires += qubits
                size = len(qubits)
                self.letters += _BLANK[size]
                self.steps += (size, -1, 0, _ROW[name], index, len(self.wires))
            elif name != "id":
                self.pauli((_LETTERS.index(name.upper()),), [qubits[0]])
            return
        parts = _parts(name, gate.controls, gate.word)
        if parts is None:
            self.skipped += 1
            return
        angles, steps, wires = gate.angles, self.steps, self.wires
        for letters, on, slots, constant in parts:
            if len(slots) == 1:
                slot, c = slots[0]
                angle = angles[slot]
                if type(angle) is Affine and len(angle.terms) == 1:
                    of, k = angle.terms[0]
                    at, law = self.parameters[of]
                    row = self.known.get((law, k * c, angle.constant * c + constant))
                    if row is None:
                        row = self.drawn(at, law, k * c, angle.constant * c + constant)
                    self.letters += letters
                    for q in on:
                        wires.append(qubits[q])
                    steps += (TURN, at, row, -1, index, len(wires))
                    continue
                if c != 1.0 or constant:
                    angle = add(multiply(c, angle), constant)
            else:
                angle = constant
                for slot, c in slots:
                    angle = add(angle, multiply(c, angles[slot]))
            for at, row in self.turns(angle):
                if row == _HALF:
                    self.pauli(letters, [qubits[q] for q in on])
                    continue
                self.letters += letters
                for q in on:
                    wires.append(qubits[q])
                steps += (TURN, at, row, -1, index, len(wires))

    def noise(self, channel: Damping) -> None:
        """The step of one channel."""
        size = len(channel.qubits)
        key = (size, channel.shift, *channel.factors[1:4])
        if key not in self.dampings:
            x, z, y = channel.factors[1:4]
            self.dampings[key] = len(self.damping)
            self.damping.append((x * x, z * z, y * y, channel.shift**2))
        self.wires += channel.qubits
        self.letters += _BLANK[size]
        self.steps += (NOISE1 if size == 1 else NOISE2, -1, 0, self.dampings[key], channel.gate, len(self.wires))


def tape(circuit: Circuit) -> Tape:
    """The circuit as arrays; the cost of a circuit that states no expectation value has no terms.

    What is not known is taken as spread out: expressions as uniform angles, an initial state that inputs decide as a
    random one.
    """
    writer = _Writer(circuit)
    if circuit.noise is None and not circuit.channels:
        for index, gate in enumerate(circuit.gates):
            writer.gate(index, gate)
    else:
        _noisy(writer, circuit)
    steps = np.array(writer.steps, dtype=np.int32).reshape(-1, 6)
    rows = np.array(writer.rows, dtype=np.float64)
    moments = np.ascontiguousarray(rows.T[:, steps[:, 2]])
    first = np.zeros(len(steps) + 1, dtype=np.int32)
    first[1:] = steps[:, 5]
    terms = _terms(circuit)
    ends = np.zeros(len(terms) + 1, dtype=np.int32)
    np.cumsum([len(word) for word, _ in terms], out=ends[1:])
    return Tape(
        qubits=circuit.qubits,
        kind=steps[:, 0].astype(np.int8),
        table=np.ascontiguousarray(steps[:, 3]),
        first=first,
        wire=np.array(writer.wires, dtype=np.int32),
        letter=np.array(writer.letters, dtype=np.int8),
        gate=np.ascontiguousarray(steps[:, 4]),
        parameter=np.ascontiguousarray(steps[:, 1]),
        factor=moments[0],
        keep=moments[1],
        flip=moments[2],
        cross=moments[3],
        slope_keep=moments[4],
        slope_flip=moments[5],
        mean_keep=moments[6],
        mean_flip=moments[7],
        general=steps[:, 2] == 2,
        damping=np.array(writer.damping, dtype=np.float64).reshape(-1, 4),
        initial=_initial(circuit),
        trainable=np.array([p.role == "trainable" for p in circuit.parameters], dtype=np.bool_),
        term_first=ends,
        term_wire=np.array([q for word, _ in terms for q, _ in word], dtype=np.int32),
        term_letter=np.array([letter for word, _ in terms for _, letter in word], dtype=np.int8),
        term_minus=_minus(circuit, terms),
        coefficient=np.array([c for _, c in terms], dtype=np.float64),
        pauli_at=np.array([at for at, _ in writer.paulis], dtype=np.int32),
        pauli_first=np.array([0, *(end for _, end in writer.paulis)], dtype=np.int32),
        pauli_wire=np.array(writer.pauli_wires, dtype=np.int32),
        pauli_letter=np.array(writer.pauli_letters, dtype=np.int8),
        skipped=writer.skipped,
    )


def _noisy(writer: _Writer, circuit: Circuit) -> None:
    after: dict[int, list[Damping]] = {}
    for channel in circuit.channels:
        after.setdefault(channel.after - 1, []).append(stated(channel))
    for damping in after.get(-1, ()):
        writer.noise(damping)
    for index, gate in enumerate(circuit.gates):
        writer.gate(index, gate)
        for damping in (*declared(circuit, index), *after.get(index, ())):
            writer.noise(damping)


def _terms(circuit: Circuit) -> list[tuple[tuple[tuple[int, int], ...], float]]:
    """Words as (qubit, letter) pairs with coefficients, equal words added up; a projector is one word."""
    total: dict[tuple[tuple[int, int], ...], float] = {}
    for observable in circuit.observables:
        if isinstance(observable, PauliSum):
            for term in observable.terms:
                word = tuple((q, _LETTERS.index(letter)) for q, letter in term.paulis)
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
