"""Columns about the states of small circuits: the one at the recorded angles, and those within reach.

On up to `MAX_QUBITS` qubits states are computed outright; above, and where initial states or angles are not known,
all columns are NaN. The states within reach are those at a fixed set of angles that are multiples of pi/2: all of them
for up to three parameters, else as many drawn once and for all. All columns stay as they are if the qubits are renamed.
Noise is left out.

References
----------
Linear entropy of the qubits: D. Meyer, N. Wallach, J. Math. Phys. 43, 4273 (2002), as a sum over qubits by G. Brennen
(quant-ph/0305094). Variances of collective spins, n for product states and up to n^2: L. Pezzè, A. Smerzi, PRL 102,
100401 (2009). Stabiliser entropy: L. Leone, S. Oliviero, A. Hamma, PRL 128, 050402 (2022). Rank of the tangent space:
T. Haug, K. Bharti, M. Kim, PRX Quantum 2, 040309 (2021).
"""

from __future__ import annotations

from functools import cache, lru_cache
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ansatzlint.angles import Affine, Angle, Expression, evaluate, parameter
from ansatzlint.features.feature import Feature
from ansatzlint.gates import rotations, shape

if TYPE_CHECKING:
    from ansatzlint.circuit import Circuit

Floats = NDArray[np.float64]

MAX_QUBITS = 6
MAX_POINTS = 64
_WORK = 300_000
"""Amplitudes that may be touched for the states within reach, and for the derivatives: under a millisecond each."""
_RANK = 1e-8
"""Eigenvalues of the Fisher matrix that count, as a share of the largest."""

_FIGURES = (
    ("mixed", "linear entropy of a qubit, mean over the qubits"),
    ("mixed_least", "linear entropy of the qubit that is entangled least"),
    ("mixed_most", "linear entropy of the qubit that is entangled most"),
    ("correlation", "squared connected correlations of two qubits, summed over X, Y, Z, mean over pairs"),
    ("agreement", "squared <ZZ>, mean over pairs"),
    ("participation", "share of the basis states that take part"),
    ("zeros", "probability of all zeros"),
    ("spread_x", "variance of the sum of X over the squared number of qubits"),
    ("spread_y", "variance of the sum of Y over the squared number of qubits"),
    ("spread_z", "variance of the sum of Z over the squared number of qubits"),
    ("polarisation", "mean <Z>"),
)
_START = (
    *(Feature(f"start_{name}", "1", f"at the recorded angles: {about}") for name, about in _FIGURES),
    Feature("start_magic", "bit", "at the recorded angles: stabiliser entropy of order two"),
    Feature("start_directions", "1", "at the recorded angles: effective number of directions that parameters move the "
            "state in, (tr F)^2 / tr F^2, F the Fisher matrix"),
)  # fmt: skip
_REACH = (
    *(Feature(f"reach_{name}_mean", "1", f"mean over states within reach: {about}") for name, about in _FIGURES),
    *(Feature(f"reach_{name}_most", "1", f"largest over states within reach: {about}") for name, about in _FIGURES),
    Feature("reach_participation_least", "1", "share of basis states that take part, the least within reach"),
    Feature("reach_rank", "1", "directions that parameters move the state in at angles in general position: the rank "
            "of the Fisher matrix"),
)  # fmt: skip
COLUMNS = (*_START, *_REACH)


def columns(circuit: Circuit) -> Floats:
    """The columns of a circuit: float64 of shape (len(COLUMNS),)."""
    found = np.full(len(COLUMNS), np.nan)
    if circuit.qubits > MAX_QUBITS:
        return found
    start = _start(circuit)
    if start is None:
        return found
    program = _Program(circuit)
    try:
        found[: len(_START)] = _at_start(circuit, program, start)
        found[len(_START) :] = _within_reach(circuit, program, start)
    except (ArithmeticError, ValueError):
        return found  # an angle that has no value where it was asked for, such as log(0)
    return found


class _Program:
    """A circuit as Pauli rotations in time order: masks (R,), constant angles (R,) and slopes (R, P)."""

    def __init__(self, circuit: Circuit) -> None:
        place = {p.name: i for i, p in enumerate(circuit.parameters)}
        words: list[tuple[int, int]] = []
        constants: list[float] = []
        slopes: list[tuple[int, int, float]] = []
        self.curved: list[tuple[int, float, Expression]] = []
        """Rotations by c times an angle that is not affine, beside what is."""
        for gate in circuit.gates:
            for ones, zeds, terms, constant in _parts(gate.name, gate.controls, gate.word):
                row = len(words)
                words.append((_mask(gate.qubits, ones), _mask(gate.qubits, zeds)))
                for slot, c in terms:
                    angle = gate.angles[slot]
                    if isinstance(angle, Expression):
                        self.curved.append((row, c, angle))
                    elif isinstance(angle, Affine):
                        constant += c * angle.constant
                        slopes += [(row, place[name], c * k) for name, k in angle.terms]
                    else:
                        constant += c * angle
                constants.append(constant)
        masks = np.array(words, dtype=np.int64).reshape(-1, 2)
        self.x, self.z = np.ascontiguousarray(masks[:, 0]), np.ascontiguousarray(masks[:, 1])
        self.constants = np.array(constants, dtype=np.float64)
        self.slopes = np.zeros((len(words), len(place)))
        for row, column, k in slopes:
            self.slopes[row, column] += k
        self.names = tuple(place)

    def angles(self, values: Floats) -> Floats:
        """Angles (points, R) at the parameters' values (points, P)."""
        found: Floats = self.constants + values @ self.slopes.T
        for row, c, angle in self.curved:
            for i, point in enumerate(values.tolist()):
                found[i, row] += c * evaluate(angle, dict(zip(self.names, point, strict=True)))
        if not np.isfinite(found).all():
            raise ValueError("an angle is not finite")
        return found


def _at_start(circuit: Circuit, program: _Program, start: NDArray[np.complex128]) -> Floats:
    from ansatzlint.features.state_kernels import FIGURES, figures, magic, state

    found = np.full(len(_START), np.nan)
    values = [p.value for p in circuit.parameters if p.value is not None]
    if len(values) < len(circuit.parameters) or len(program.x) * len(start) > _WORK:
        return found
    angles = program.angles(np.array([values], dtype=np.float64))
    row = np.empty((1, FIGURES))
    figures(start, program.x, program.z, angles, circuit.qubits, row)
    psi = np.empty((1, len(start)), dtype=np.complex128)
    state(start, program.x, program.z, angles[0], np.zeros((len(program.x), 0)), psi)
    found[:FIGURES], found[FIGURES] = row[0], magic(psi[0])
    fisher = _fisher(circuit, program, start, angles[0])
    if fisher is not None:
        power = float(np.sum(fisher**2))
        found[FIGURES + 1] = np.trace(fisher) ** 2 / power if power > 0 else 0.0
    return found


def _within_reach(circuit: Circuit, program: _Program, start: NDArray[np.complex128]) -> Floats:
    from ansatzlint.features.state_kernels import FIGURES, figures

    free = np.array([p.role == "trainable" for p in circuit.parameters], dtype=bool)
    held = np.array([0.0 if p.value is None else p.value for p in circuit.parameters], dtype=np.float64)
    most = _WORK // ((len(program.x) + 10 * circuit.qubits**2) * len(start))
    found = np.full(len(_REACH), np.nan)
    if most < 1:
        return found
    points = _points(int(free.sum()))[:most]
    values = np.tile(held, (len(points), 1))
    values[:, free] = points
    rows = np.empty((len(points), FIGURES))
    figures(start, program.x, program.z, program.angles(values), circuit.qubits, rows)
    found[:FIGURES], found[FIGURES : 2 * FIGURES] = rows.mean(axis=0), rows.max(axis=0)
    found[2 * FIGURES] = rows[:, 5].min()
    values[0, free] = 0.3 + np.modf(np.arange(1, free.sum() + 1) * (5**0.5 - 1) / 2)[0] * 2
    fisher = _fisher(circuit, program, start, program.angles(values[:1])[0])
    if fisher is not None:
        sizes = np.linalg.eigvalsh(fisher)
        found[-1] = np.sum(sizes > _RANK * sizes[-1]) if len(sizes) and sizes[-1] > _RANK else 0
    return found


def _fisher(circuit: Circuit, program: _Program, start: NDArray[np.complex128], angles: Floats) -> Floats | None:
    """Re(<d_i|d_j> - <d_i|psi><psi|d_j>) of the trainable parameters (P, P); None where it costs too much or angles
    are not affine."""
    from ansatzlint.features.state_kernels import state

    free = [i for i, p in enumerate(circuit.parameters) if p.role == "trainable"]
    if program.curved or len(program.x) * (len(free) + 1) * len(start) > _WORK:
        return None
    rows = np.empty((len(free) + 1, len(start)), dtype=np.complex128)
    state(start, program.x, program.z, angles, np.ascontiguousarray(program.slopes[:, free]), rows)
    psi, moved = rows[0], rows[1:]
    along = moved @ psi.conj()
    fisher: Floats = (moved.conj() @ moved.T - np.outer(along.conj(), along)).real
    return fisher


@cache
def _parts(name: str, controls: str, word: str) -> tuple[tuple[int, int, tuple[tuple[int, float], ...], float], ...]:
    """A gate's rotations: masks over the gate's qubits, (slot, c) and a constant, the angle being their sum."""
    slots = tuple(parameter(f"{i}") for i in range(shape(name, controls, word)[1]))
    found = []
    for letters, angle in rotations(name, slots, controls, word):
        ones = sum(1 << i for i, letter in enumerate(letters) if letter in "XY")
        zeds = sum(1 << i for i, letter in enumerate(letters) if letter in "YZ")
        if ones or zeds:
            found.append((ones, zeds, *_affine(angle)))
    return tuple(found)


def _affine(angle: Angle) -> tuple[tuple[tuple[int, float], ...], float]:
    """The terms by slot and the constant of a gate's angle, which is affine in the gate's own angles."""
    if isinstance(angle, Affine):
        return tuple((int(name), c) for name, c in angle.terms), angle.constant
    assert not isinstance(angle, Expression)
    return (), float(angle)


def _mask(qubits: tuple[int, ...], own: int) -> int:
    """A mask over a gate's qubits as one over the circuit's."""
    return sum(1 << q for i, q in enumerate(qubits) if own >> i & 1)


@lru_cache(maxsize=256)
def _points(parameters: int) -> Floats:
    """Angles (points, parameters) that are multiples of pi/2, the same at each call."""
    if 4**parameters <= MAX_POINTS:
        every = np.array(list(product(range(4), repeat=parameters)), dtype=np.float64)
        turns = every.reshape(4**parameters, parameters)
        np.random.default_rng(parameters).shuffle(turns)  # so that the first few are a fair share of all
    else:
        turns = np.random.default_rng(parameters).integers(0, 4, (MAX_POINTS, parameters)).astype(np.float64)
    turns *= np.pi / 2
    turns.setflags(write=False)
    return turns


def _start(circuit: Circuit) -> NDArray[np.complex128] | None:
    """The state before the first gate (2^n,), bit q of an index qubit q; None where inputs decide it."""
    n = circuit.qubits
    psi = np.zeros(2**n, dtype=np.complex128)
    stated = circuit.initial_state
    if stated is None:
        psi[0] = 1
        return psi
    if stated.values is None:
        return None
    count = len(stated.qubits)
    for index, value in enumerate(stated.values):
        bits = sum(1 << q for i, q in enumerate(stated.qubits) if index >> (count - 1 - i) & 1)
        psi[bits] = value
    return psi
