"""What a tape measures, as observables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pennylane as qml

from ansatzlint.circuit import (
    Location,
    Nonlinear,
    Observable,
    PauliSum,
    PauliTerm,
    Probabilities,
    Projector,
    State,
    Unread,
)
from ansatzlint.readers.pennylane.trace import plain

MAX_MATRIX_QUBITS = 4
"""An observable given as a matrix is split into Pauli words up to this size."""
NEGLIGIBLE = 1e-12

_NONLINEAR = {
    "VarianceMP": "variance",
    "VnEntropyMP": "von Neumann entropy",
    "MutualInfoMP": "mutual information",
    "PurityMP": "purity",
    "ClassicalShadowMP": "classical shadow",
    "ShadowExpvalMP": "classical shadow",
    "VnEntanglementEntropyMP": "entanglement entropy",
}


def observables(
    measurements: Iterable[Any], qubit_of: Mapping[Any, int], places: Mapping[int, Location]
) -> tuple[tuple[Observable, ...], tuple[Unread, ...]]:
    """The observables of a tape's measurements in their order, and what could not be carried over."""
    found: list[Observable] = []
    unread: list[Unread] = []
    for measurement in measurements:
        location = places.get(id(measurement))
        read = _observable(measurement, qubit_of, location)
        if isinstance(read, Unread):
            unread.append(read)
            if measurement.obs is not None and set(measurement.wires) <= qubit_of.keys():
                found.append(Nonlinear(measurement.obs.name, _qubits(measurement.wires, qubit_of), location))
        elif read is not None:
            found.append(read)
    return tuple(found), tuple(unread)


def _qubits(wires: Iterable[Any], qubit_of: Mapping[Any, int]) -> tuple[int, ...]:
    return tuple(qubit_of[plain(wire)] for wire in wires)


def _observable(
    measurement: Any, qubit_of: Mapping[Any, int], location: Location | None
) -> Observable | Unread | None:
    kind = type(measurement).__name__
    if measurement.mv is not None:
        return Unread("the statistics of a measurement in the middle of the circuit are left out", location)
    wires = measurement.wires if len(measurement.wires) else qubit_of
    if not set(wires) <= qubit_of.keys():
        return Unread(f"{kind} is left out: it reads wires that the circuit does not have", location)
    qubits = _qubits(wires, qubit_of)
    if kind == "NullMeasurement":
        return None
    if kind in _NONLINEAR:
        return Nonlinear(_NONLINEAR[kind], qubits, location)
    if isinstance(measurement, qml.measurements.StateMP):
        return State(qubits, location)
    if isinstance(measurement, qml.measurements.ProbabilityMP):
        return Probabilities(qubits, location=location)
    if kind in ("ExpectationMP", "SampleMP", "CountsMP"):
        if measurement.obs is None:
            return Probabilities(qubits, location=location)
        return _expectation(measurement.obs, qubit_of, location)
    return Nonlinear(kind.removesuffix("MP"), qubits, location)


def _expectation(obs: Any, qubit_of: Mapping[Any, int], location: Location | None) -> Observable | Unread:
    if obs.name == "Projector":
        bits = np.asarray(plain(obs.data[0]))
        if len(bits) == len(obs.wires):
            return Projector(_qubits(obs.wires, qubit_of), "".join("1" if bit else "0" for bit in bits), location)
    words = obs.pauli_rep
    if words is None:
        if obs.name == "SparseHamiltonian" or len(obs.wires) > MAX_MATRIX_QUBITS or not obs.has_matrix:
            return Unread(f"the observable {obs.name} is left out: it is no sum of Pauli words", location)
        matrix = np.asarray(plain(qml.matrix(obs)), dtype=complex)
        words = qml.pauli_decompose(matrix, wire_order=list(obs.wires), pauli=True, check_hermitian=False)
    terms: dict[tuple[tuple[int, str], ...], complex] = {}
    for word, coefficient in words.items():
        paulis = tuple(sorted((qubit_of[plain(wire)], letter) for wire, letter in word.items() if letter != "I"))
        terms[paulis] = terms.get(paulis, 0.0) + _number(coefficient)
    if any(abs(c.imag) > 1e-9 for c in terms.values()):
        return Unread(f"the observable {obs.name} is left out: it is not Hermitian", location)
    return PauliSum(tuple(PauliTerm(c.real, w) for w, c in terms.items() if abs(c) > NEGLIGIBLE), location)


def _number(coefficient: Any) -> complex:
    value = plain(coefficient)
    return complex(value.item() if isinstance(value, np.ndarray) else value)
