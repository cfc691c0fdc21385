"""Rotations and cost terms of a circuit without Clifford gates, their angles linear in what is drawn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ansatzlint.angles import Affine, Angle
from ansatzlint.circuit import Circuit
from ansatzlint.moments import cones
from ansatzlint.moments.frame import Frame, Free, Group, Noise, projectors, words
from ansatzlint.pauli.strings import PauliString


@dataclass(frozen=True, slots=True)
class Rotation:
    """exp(-i angle P / 2) with angle = constant + sum of coefficient * feature, features by index."""

    generator: PauliString
    constant: float
    terms: tuple[tuple[int, float], ...]


class Features:
    """What angles are linear in: the parameters, then expressions, each once."""

    def __init__(self, parameters: Sequence[str]) -> None:
        self._index: dict[object, int] = {name: i for i, name in enumerate(parameters)}
        self.expressions: list[Angle] = []

    def of(self, angle: Angle) -> tuple[float, dict[int, float]]:
        """(constant, coefficients by feature) of an angle."""
        if isinstance(angle, float):
            return angle, {}
        if isinstance(angle, Affine):
            return angle.constant, {self._index[name]: c for name, c in angle.terms}
        match angle.operation, angle.arguments:
            case "add", (a, b):
                (constant, found), (more, others) = self.of(a), self.of(b)
                for feature, c in others.items():
                    found[feature] = found.get(feature, 0.0) + c
                return constant + more, found
            case "multiply", (float() as factor, a) | (a, float() as factor):
                constant, found = self.of(a)
                return factor * constant, {feature: factor * c for feature, c in found.items()}
            case "divide", (a, float() as divisor) if divisor:
                constant, found = self.of(a)
                return constant / divisor, {feature: c / divisor for feature, c in found.items()}
        if angle not in self._index:
            self._index[angle] = len(self._index)
            self.expressions.append(angle)
        return 0.0, {self._index[angle]: 1.0}


def rotations_of(frame: Frame, features: Features, flips: int) -> Iterator[Rotation]:
    """The turns of a frame in time order, as seen from the basis state `flips`; noise is left out."""
    for event in frame.events:
        if not isinstance(event, Noise):
            for rotation in turns_of(event, features):
                yield replace(rotation, generator=flipped(rotation.generator, flips)) if flips else rotation


def turns_of(event: Group | Free, features: Features) -> Iterator[Rotation]:
    """The rotations of one event, those by no angle left out."""
    if isinstance(event, Free):
        constant, found = features.of(event.angle)
        turns = [(event.generator, constant, found)]
    else:
        turns = [
            (g, offset, {event.parameter: f} if event.parameter is not None else {})
            for g, f, offset in zip(event.generators, event.frequencies, event.offsets, strict=True)
        ]
    for generator, constant, terms in turns:
        kept = tuple((feature, c) for feature, c in sorted(terms.items()) if c)
        if kept or constant:
            yield Rotation(generator, constant, kept)


def flipped(string: PauliString, flips: int) -> PauliString:
    """The string seen from a basis state: conjugated with the X that lead to it from |0...0>."""
    return PauliString(string.x, string.z, string.sign * (-1) ** (string.z & flips).bit_count())


def terms_of(circuit: Circuit, frame: Frame, flips: int) -> tuple[float, list[cones.Term]]:
    """The constant part of the cost, and the terms pulled back through the Clifford gates."""
    offset = 0.0
    terms: list[cones.Term] = []
    for term in words(circuit):
        if term.paulis:
            string = frame.tableau(PauliString.of(term.paulis))
            terms.append(cones.Word(term.coefficient, flipped(string, flips)))
        else:
            offset += term.coefficient
    for projector in projectors(circuit):
        strings = [
            frame.tableau(PauliString(0, 1 << q, -1 if bit == "1" else 1))
            for q, bit in zip(projector.qubits, projector.bits, strict=True)
        ]
        terms.append(cones.Projection(tuple(flipped(string, flips) for string in strings)))
    return offset, terms


def linear(
    some: Sequence[Rotation],
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """(constants, rows, columns, coefficients) of the angles.

    Angle r is constants[r] + sum of coefficients[t] * features[columns[t]], t from rows[r] to rows[r + 1].
    """
    terms = [term for rotation in some for term in rotation.terms]
    return (
        np.array([rotation.constant for rotation in some], dtype=np.float64),
        np.cumsum([0, *(len(rotation.terms) for rotation in some)]).astype(np.int64),
        np.array([feature for feature, _ in terms], dtype=np.int64),
        np.array([c for _, c in terms], dtype=np.float64),
    )
