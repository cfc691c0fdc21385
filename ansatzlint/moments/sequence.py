"""A circuit as what acts on Pauli strings: Clifford gates, turns about Pauli words, and noise, in time order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import exp, sqrt

from ansatzlint.angles import Affine, Angle, Expression
from ansatzlint.circuit import Channel, Circuit
from ansatzlint.errors import CircuitError
from ansatzlint.initialisation import Uniform
from ansatzlint.moments.laws import Law
from ansatzlint.noise import AmplitudeDamping, Depolarizing, PauliNoise
from ansatzlint.pauli.lowering import Clifford, Rotation, lower
from ansatzlint.pauli.strings import PauliString

SLOWEST, FASTEST = 1e-60, 1e60
"""Factors of a parameter in an angle whose fourth powers can be held."""


@dataclass(frozen=True, slots=True)
class Turn:
    """exp(-i x P / 2) with x = frequency * t + offset: t the parameter of that index, 0 where `parameter` is None.

    `general` holds the angle where it is no such x (an expression); frequency and offset mean nothing then.
    """

    pauli: PauliString
    parameter: int | None
    frequency: float
    offset: float
    gate: int
    general: Angle | None = None

    @property
    def support(self) -> int:
        return self.pauli.support


@dataclass(frozen=True, slots=True)
class Damping:
    """A noise channel on a few qubits, as what its adjoint does to a Pauli string there.

    `factors[p]` multiplies a string whose letters on `qubits` are p = sum_j letter_j 4^j with I, X, Z, Y numbered
    0, 1, 2, 3 (so that bit 2j says X or Y, bit 2j+1 Z or Y). On one qubit Z further gains `shift` times the identity.
    `gate` is the gate that the channel follows, -1 for the beginning.
    """

    qubits: tuple[int, ...]
    factors: tuple[float, ...]
    shift: float
    gate: int

    @property
    def support(self) -> int:
        return sum(1 << q for q in self.qubits)


Step = Clifford | Turn | Damping


def steps(circuit: Circuit) -> tuple[Step, ...]:
    """The circuit with its noise.

    An affine angle in several parameters becomes several turns about one word. A declared noise model acts after every
    gate; depolarizing noise after a gate on three or more qubits hits each of them alone, with the two-qubit strength.
    Stated channels act where they stand.

    Raises
    ------
    CircuitError
        For a gate with more controls than `gates.MAX_CONTROLS`, a factor in an angle beyond `SLOWEST` and `FASTEST`.
    """
    index = {p.name: i for i, p in enumerate(circuit.parameters)}
    after: dict[int, list[Damping]] = {}
    for channel in circuit.channels:
        after.setdefault(channel.after - 1, []).append(stated(channel))
    noisy = circuit.noise is not None
    found: list[Step] = list(after.get(-1, ()))
    gate = 0

    def close(upto: int) -> Iterator[Step]:
        nonlocal gate
        while gate < upto:
            if noisy:
                yield from declared(circuit, gate)
            yield from after.get(gate, ())
            gate += 1

    for operation in lower(circuit):
        found += close(operation.gate)
        if isinstance(operation, Clifford):
            found.append(operation)
        else:
            found += _turns(operation, index)
    found += close(len(circuit.gates))
    return tuple(found)


def _turns(rotation: Rotation, index: dict[str, int]) -> Iterator[Turn]:
    angle = rotation.angle
    if isinstance(angle, Expression):
        yield Turn(rotation.pauli, None, 0.0, 0.0, rotation.gate, angle)
    elif isinstance(angle, Affine):
        offset = angle.constant
        for name, coefficient in angle.terms:
            if not SLOWEST <= abs(coefficient) <= FASTEST:
                wrong = "small" if abs(coefficient) < 1.0 else "large"
                raise CircuitError(f"the factor {coefficient:.3g} of {name} in an angle is too {wrong} to be squared")
            yield Turn(rotation.pauli, index[name], coefficient, offset, rotation.gate)
            offset = 0.0
    else:
        yield Turn(rotation.pauli, None, 0.0, angle, rotation.gate)


def _one_qubit(x: float, y: float, z: float, shift: float, qubit: int, gate: int) -> Damping:
    return Damping((qubit,), (1.0, x, z, y), shift, gate)


def _depolarizing(p: float, qubits: tuple[int, ...], gate: int) -> Damping:
    return Damping(qubits, (1.0, *((1.0 - p,) * (4 ** len(qubits) - 1))), 0.0, gate)


def declared(circuit: Circuit, gate: int) -> Iterator[Damping]:
    """The declared noise model after one gate."""
    qubits = circuit.gates[gate].qubits
    if not qubits:
        return
    match circuit.noise:
        case Depolarizing(p1, p2):
            p = p1 if len(qubits) == 1 else p2
            if p:
                for on in (qubits,) if len(qubits) < 3 else ((q,) for q in qubits):
                    yield _depolarizing(p, on, gate)
        case PauliNoise(px, py, pz):
            for qubit in qubits:
                yield _one_qubit(1 - 2 * (py + pz), 1 - 2 * (px + pz), 1 - 2 * (px + py), 0.0, qubit, gate)
        case AmplitudeDamping(gamma):
            for qubit in qubits:
                yield _one_qubit(sqrt(1 - gamma), sqrt(1 - gamma), 1 - gamma, gamma, qubit, gate)


def stated(channel: Channel) -> Damping:
    """A channel of the source; the parameters are PennyLane's for the channel of that name."""
    gate = channel.after - 1
    p = channel.probabilities
    qubit = channel.qubits[0]

    def pauli(px: float, py: float, pz: float) -> Damping:
        return _one_qubit(1 - 2 * (py + pz), 1 - 2 * (px + pz), 1 - 2 * (px + py), 0.0, qubit, gate)

    match channel.kind:
        case "depolarizing":
            return pauli(p[0] / 3, p[0] / 3, p[0] / 3)
        case "bit_flip":
            return pauli(p[0], 0.0, 0.0)
        case "phase_flip":
            return pauli(0.0, 0.0, p[0])
        case "pauli":
            return pauli(*p)
        case "phase_damping":
            return _one_qubit(sqrt(1 - p[0]), sqrt(1 - p[0]), 1.0, 0.0, qubit, gate)
        case "amplitude_damping":
            return _one_qubit(sqrt(1 - p[0]), sqrt(1 - p[0]), 1 - p[0], p[0], qubit, gate)
        case "generalized_amplitude_damping":
            gamma, excited = p
            return _one_qubit(sqrt(1 - gamma), sqrt(1 - gamma), 1 - gamma, gamma * (1 - 2 * excited), qubit, gate)
        case "reset_error":
            keep = 1 - p[0] - p[1]
            return _one_qubit(keep, keep, keep, p[0] - p[1], qubit, gate)
        case _:  # thermal_relaxation
            excited, t1, t2, duration = p
            decay = exp(-duration / t1)
            return _one_qubit(
                exp(-duration / t2), exp(-duration / t2), decay, (1 - decay) * (1 - 2 * excited), qubit, gate
            )


def laws(circuit: Circuit) -> tuple[Law, ...]:
    """How each parameter of the circuit is drawn: its own law, else the circuit's, inputs else uniform over a period.

    A circuit without an initialisation is taken as uniform over [0, 2 pi) too.
    """
    whole = Uniform()
    common: Law = circuit.initialisation or whole
    return tuple([p.initialisation or (common if p.role == "trainable" else whole) for p in circuit.parameters])


