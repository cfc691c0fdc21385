"""Dense matrices of small circuits: the plain definition, for recognising gates and for whoever wants to look."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ansatzlint.angles import evaluate
from ansatzlint.circuit import Circuit
from ansatzlint.errors import CircuitError
from ansatzlint.gates import rotations

MAX_QUBITS = 12

_LETTERS = {
    "I": np.eye(2, dtype=np.complex128),
    "X": np.array([[0, 1], [1, 0]], dtype=np.complex128),
    "Y": np.array([[0, -1j], [1j, 0]], dtype=np.complex128),
    "Z": np.array([[1, 0], [0, -1]], dtype=np.complex128),
}


def unitary(circuit: Circuit, values: Mapping[str, float] | None = None) -> NDArray[np.complex128]:
    """The circuit's unitary, complex128 of shape (2^n, 2^n), qubit 0 the most significant bit.

    Parameters
    ----------
    circuit : Circuit
        At most `MAX_QUBITS` qubits.
    values : mapping of parameter name to radians
        Needed for every parameter that has no value of its own.

    Raises
    ------
    CircuitError
        If the circuit is too large.
    """
    n = circuit.qubits
    if n > MAX_QUBITS:
        raise CircuitError(f"a dense unitary of {n} qubits is refused; up to {MAX_QUBITS}")
    known = {p.name: p.value for p in circuit.parameters if p.value is not None}
    known.update(values or {})
    state = np.eye(2**n, dtype=np.complex128).reshape((2,) * n + (2**n,))
    for gate in circuit.gates:
        for word, angle in rotations(gate.name, gate.angles, gate.controls, gate.word):
            half = evaluate(angle, known) / 2
            moved = state
            for qubit, letter in zip(gate.qubits, word, strict=True):
                if letter != "I":
                    moved = np.moveaxis(np.tensordot(_LETTERS[letter], moved, axes=(1, qubit)), 0, qubit)
            state = np.cos(half) * state - 1j * np.sin(half) * moved
    return state.reshape(2**n, 2**n)


def equal_up_to_phase(a: NDArray[np.complex128], b: NDArray[np.complex128], tolerance: float = 1e-9) -> bool:
    """Whether two unitaries of one shape agree up to a global phase."""
    return a.shape == b.shape and bool(abs(abs(np.vdot(a, b)) - a.shape[0]) < tolerance * a.shape[0])
