"""The states that a circuit on a few qubits makes, and the directions in which its parameters move them.

Clifford gates are pushed out of the circuit and into the Hamiltonian, which changes no expectation value.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ansatzlint.angles import Affine, Angle, names, substitute
from ansatzlint.circuit import Circuit, PauliSum
from ansatzlint.initialisation import Normal
from ansatzlint.moments.frame import Frame, Free, Noise, pull, words
from ansatzlint.moments.laws import span
from ansatzlint.moments.sequence import laws, steps
from ansatzlint.pauli.strings import PauliString
from ansatzlint.predictor.quality.hamiltonians import MAX_QUBITS, dense

MOST_TURNS = 4_000
"""Rotations of a circuit whose states are followed; derivatives take a time that grows with their square."""

Complexes = NDArray[np.complex128]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """A circuit without Clifford gates as arrays, angles linear in its parameters.

    Attributes
    ----------
    start : complex128 array of shape (2^n,)
        The initial state; bit q of an index is qubit q.
    masks, phases : arrays of shape (R, 2) and (R,)
        The rotations in time order, laid out as in `moments.adjoint`.
    constants : float64 array of shape (R,)
    slopes : float64 array of shape (R, K)
        Angles are constants + slopes @ parameters, in radians.
    trainable : bool array of shape (K,)
    operator : array of shape (2^n, 2^n)
        The cost, pulled back through the Clifford gates; real where all its words are.
    generators : tuple of PauliString
    terms : tuple of (float, PauliString)
        The operator's words.
    letters : tuple of PauliString
        X, Y and Z of each qubit at the circuit's end, pulled back likewise.
    """

    start: Complexes
    masks: NDArray[np.int64]
    phases: Complexes
    constants: Floats
    slopes: Floats
    trainable: NDArray[np.bool_]
    operator: Floats | Complexes
    generators: tuple[PauliString, ...]
    terms: tuple[tuple[float, PauliString], ...]
    letters: tuple[PauliString, ...]

    def angles(self, parameters: Floats) -> Floats:
        """Angles, shape (draws, R), at parameters of shape (draws, K)."""
        return np.asarray(self.constants + parameters @ self.slopes.T, dtype=np.float64)

    def states(self, parameters: Floats) -> Complexes:
        """The states, shape (draws, 2^n), at parameters of shape (draws, K)."""
        from ansatzlint.predictor.quality.kernels import states

        out = np.empty((len(parameters), len(self.start)), np.complex128)
        states(self.start, self.masks, self.phases, self.angles(parameters), out)
        return out

    def tangents(self, parameters: Floats) -> tuple[Complexes, Complexes]:
        """The state, shape (2^n,), and its derivatives by the trainable parameters, a row each, at one point."""
        from ansatzlint.predictor.quality.kernels import tangents

        own = self.slopes[:, self.trainable]
        used, columns = np.nonzero(own)
        rows = np.searchsorted(used, np.arange(len(own) + 1))
        psi = np.empty(len(self.start), np.complex128)
        out = np.zeros((own.shape[1], len(self.start)), np.complex128)
        coefficients = np.ascontiguousarray(own[used, columns])
        angles = self.angles(parameters[None])[0]
        tangents(self.start, self.masks, self.phases, angles, rows, columns, coefficients, psi, out)
        return psi, out


def network(circuit: Circuit) -> Network | str:
    """The circuit as arrays, or why it cannot be one.

    Raises
    ------
    CircuitError
        For a gate that cannot be lowered.
    """
    if circuit.qubits > MAX_QUBITS:
        return f"{circuit.qubits} qubits are more than the {MAX_QUBITS} on which states are followed"
    if not circuit.observables or not all(isinstance(o, PauliSum) for o in circuit.observables):
        return "the cost is no Hamiltonian: no sum of Pauli words"
    if circuit.noise is not None or circuit.channels:
        return "under noise there is no statevector"
    start = _start(circuit)
    if start is None:
        return "inputs decide the initial state"
    index = {p.name: i for i, p in enumerate(circuit.parameters)}
    frame = pull(steps(circuit), circuit.qubits, tuple(index))
    turns = list(_turns(frame))
    if len(turns) > MOST_TURNS:
        return f"{len(turns)} rotations are more than the {MOST_TURNS} of a circuit whose states are followed"
    constants, slopes = np.zeros(len(turns)), np.zeros((len(turns), len(index)))
    for r, (_, angle) in enumerate(turns):
        if isinstance(angle, float):
            constants[r] = angle
        elif isinstance(angle, tuple):
            parameter, frequency, constants[r] = angle
            slopes[r, parameter] = frequency
        elif isinstance(angle, Affine):
            constants[r] = angle.constant
            for name, coefficient in angle.terms:
                slopes[r, index[name]] = coefficient
        else:
            return f"an angle is no affine function of the parameters: {', '.join(names(angle))}"
    strings = tuple(string for string, _ in turns)
    terms = tuple((t.coefficient, frame.tableau(PauliString.of(t.paulis))) for t in words(circuit))
    return Network(
        start,
        np.array([(s.x, s.z) for s in strings], dtype=np.int64).reshape(-1, 2),
        np.array([s.sign * (1, 1j, -1, -1j)[(s.x & s.z).bit_count() % 4] for s in strings], dtype=np.complex128),
        constants,
        slopes,
        np.array([p.role == "trainable" for p in circuit.parameters], dtype=np.bool_),
        dense(terms, circuit.qubits),
        strings,
        terms,
        tuple(frame.tableau(PauliString.of([(q, letter)])) for q in range(circuit.qubits) for letter in "XYZ"),
    )


def without_inputs(circuit: Circuit, seed: int = 0) -> Circuit:
    """The circuit with its inputs at what was recorded for them, else at numbers drawn by their laws."""
    if not circuit.inputs:
        return circuit
    rng = np.random.default_rng(seed)
    values: dict[str, Angle] = {}
    for parameter, law in zip(circuit.parameters, laws(circuit), strict=True):
        if parameter.role == "input":
            base, spread = span(law)
            drawn = base + spread * (rng.standard_normal() if isinstance(law, Normal) else rng.random())
            values[parameter.name] = float(drawn) if parameter.value is None else parameter.value
    gates = tuple(
        replace(gate, angles=tuple(substitute(angle, values) for angle in gate.angles)) if gate.angles else gate
        for gate in circuit.gates
    )
    return replace(circuit, gates=gates, parameters=circuit.trainable)


def _turns(frame: Frame) -> Iterator[tuple[PauliString, Angle | tuple[int, float, float]]]:
    """Generators with their angles: an angle, or (parameter, frequency, offset)."""
    for event in frame.events:
        assert not isinstance(event, Noise), "circuits with noise are refused before"
        if isinstance(event, Free):
            yield event.generator, event.angle
            continue
        for generator, frequency, offset in zip(event.generators, event.frequencies, event.offsets, strict=True):
            yield generator, offset if event.parameter is None else (event.parameter, frequency, offset)


def _start(circuit: Circuit) -> Complexes | None:
    """The initial state, bit q of an index is qubit q; None where inputs decide it."""
    found = np.zeros(1 << circuit.qubits, np.complex128)
    state = circuit.initial_state
    if state is None:
        found[0] = 1.0
    elif state.values is None:
        return None
    else:
        m = len(state.qubits)
        for a, value in enumerate(state.values):
            found[sum((a >> (m - 1 - j) & 1) << q for j, q in enumerate(state.qubits))] = value
    return found
