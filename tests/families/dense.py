"""Spin matrices by Kronecker products, to build circuits a second time without gates; qubit 0 is the first factor."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import reduce

import numpy as np
from scipy.linalg import expm

from ansatzlint.circuit import Circuit, PauliSum
from ansatzlint.dense import unitary

PAULI = {
    "I": np.eye(2),
    "X": np.array([[0, 1], [1, 0]]),
    "Y": np.array([[0, -1j], [1j, 0]]),
    "Z": np.diag([1, -1]),
}


def word(qubits: int, letters: Mapping[int, str]) -> np.ndarray:
    """The product of Pauli matrices on some qubits."""
    return reduce(np.kron, [PAULI[letters.get(q, "I")] for q in range(qubits)], np.eye(1, dtype=complex))


def total(qubits: int, name: str, places: Iterable[Sequence[int]]) -> np.ndarray:
    """The sum of one Pauli word over the places."""
    zero = np.zeros((2**qubits, 2**qubits), dtype=complex)
    return sum((word(qubits, dict(zip(place, name, strict=True))) for place in places), zero)


def turn(generator: np.ndarray, angle: float) -> np.ndarray:
    """exp(-i angle G / 2)."""
    return expm(-0.5j * angle * generator)


def observable(circuit: Circuit) -> np.ndarray:
    """The matrix of the circuit's one observable."""
    (found,) = circuit.observables
    assert isinstance(found, PauliSum)
    return sum(term.coefficient * word(circuit.qubits, dict(term.paulis)) for term in found.terms)


def random_values(circuit: Circuit, seed: int = 0) -> dict[str, float]:
    """A value for each parameter, by name."""
    rng = np.random.default_rng(seed)
    return {p.name: float(rng.uniform(0, 2 * np.pi)) for p in circuit.parameters}


def split(circuit: Circuit) -> tuple[Circuit, Circuit]:
    """The gates before the first one with a parameter, and those from there on."""
    first = next(i for i, gate in enumerate(circuit.gates) if gate.parameters)
    return (
        Circuit("preparation", circuit.qubits, circuit.gates[:first]),
        replace(circuit, gates=circuit.gates[first:]),
    )


def state(circuit: Circuit, values: Mapping[str, float] | None = None) -> np.ndarray:
    """What the circuit makes of |0…0>."""
    return unitary(circuit, values)[:, 0]


def commutes(a: np.ndarray, b: np.ndarray) -> bool:
    return bool(np.allclose(a @ b, b @ a, atol=1e-10))


def same(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether two states, or two unitaries, agree up to a phase."""
    overlap = np.vdot(a, b)
    size = np.linalg.norm(a) * np.linalg.norm(b)
    return bool(abs(abs(overlap) - size) < 1e-9 * size)
