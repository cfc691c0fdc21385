"""Dense matrices of Pauli strings, steps and frames, and what operator tables do to single strings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce

import numpy as np
from moments.twin import PAULIS

from ansatzlint.angles import evaluate
from ansatzlint.circuit import Circuit, Gate
from ansatzlint.dense import unitary
from ansatzlint.moments.frame import Event, Free, Group
from ansatzlint.moments.operators import Operators
from ansatzlint.moments.sequence import Step, Turn
from ansatzlint.pauli.lowering import Clifford
from ansatzlint.pauli.strings import PauliString, multiply

Combination = dict[tuple[int, int], float]
"""A real combination of strings, by (x, z)."""


def matrix(string: PauliString, qubits: int) -> np.ndarray:
    """Qubit 0 is the most significant bit."""
    letters = dict(string.letters())
    return string.sign * reduce(np.kron, [PAULIS[letters.get(q, "I")] for q in range(qubits)], np.eye(1))


def turned(string: PauliString, angle: float, qubits: int) -> np.ndarray:
    """exp(-i angle P / 2)."""
    return np.cos(angle / 2) * np.eye(2**qubits) - 1j * np.sin(angle / 2) * matrix(string, qubits)


def of_steps(steps: Sequence[Step], circuit: Circuit, values: Mapping[str, float]) -> np.ndarray:
    """The unitary of steps without noise, a value of each parameter given."""
    found = np.eye(2**circuit.qubits, dtype=complex)
    for step in steps:
        if isinstance(step, Clifford):
            factor = unitary(Circuit("one", circuit.qubits, (Gate(step.name, step.qubits),)))
        else:
            assert isinstance(step, Turn)
            if step.general is not None:
                angle = evaluate(step.general, values)
            else:
                name = None if step.parameter is None else circuit.parameters[step.parameter].name
                angle = step.offset + (0.0 if name is None else step.frequency * values[name])
            factor = turned(step.pauli, angle, circuit.qubits)
        found = factor @ found
    return found


def of_events(events: Sequence[Event], circuit: Circuit, values: Mapping[str, float]) -> np.ndarray:
    """The unitary of a frame's events, noise left out."""
    found = np.eye(2**circuit.qubits, dtype=complex)
    for event in events:
        if isinstance(event, Free):
            found = turned(event.generator, evaluate(event.angle, values), circuit.qubits) @ found
        elif isinstance(event, Group):
            value = 0.0 if event.parameter is None else values[circuit.parameters[event.parameter].name]
            for generator, frequency, offset in zip(event.generators, event.frequencies, event.offsets, strict=True):
                found = turned(generator, frequency * value + offset, circuit.qubits) @ found
    return found


def unpack(row: np.ndarray) -> tuple[int, int]:
    """(x, z) of a packed string."""
    half = len(row) // 2
    x, z = (sum(int(word) << (64 * k) for k, word in enumerate(part)) for part in (row[:half], row[half:]))
    return x, z


def applied(operators: Operators, event: int, key: tuple[int, int], slopes: bool = False) -> Combination:
    """What one event makes of a string, by its table; signs are dropped in the diagonal space."""
    start, stop = int(operators.first[event]), int(operators.first[event + 1])
    generators = [
        PauliString(*unpack(operators.generators[g]), -1 if operators.negative[g] else 1) for g in range(start, stop)
    ]
    string = PauliString(*key)
    pattern = sum(1 << j for j, g in enumerate(generators) if not g.commutes(string))
    row = int(operators.table[event]) + pattern
    found: Combination = {}
    for option in range(int(operators.options[row]), int(operators.options[row + 1])):
        image = string
        for j, generator in enumerate(generators):
            if int(operators.masks[option]) >> j & 1:
                phase, product = multiply(generator, image)
                phase += 0 if generator.commutes(image) else 1
                assert phase % 2 == 0
                image = PauliString(product.x, product.z, 1 - phase % 4)
        sign = 1 if operators.space == "diagonal" else image.sign
        weight = float((operators.slopes if slopes else operators.weights)[option])
        found[image.x, image.z] = found.get((image.x, image.z), 0.0) + sign * weight
    return found
