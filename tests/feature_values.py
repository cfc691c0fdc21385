"""Features of a circuit by name, and circuits to take them of."""

from __future__ import annotations

from ansatzlint import angles, features
from ansatzlint.assumptions import complete
from ansatzlint.circuit import Circuit, Gate, Parameter


def values(circuit: Circuit) -> dict[str, float]:
    """The features of the circuit as it stands."""
    return dict(zip(features.names(), map(float, features.vector(circuit)), strict=True))


def build(qubits: int, gates: list[Gate], **more: object) -> Circuit:
    """A circuit with the parameters that its gates name, completed."""
    names = dict.fromkeys(name for gate in gates for name in gate.parameters)
    more.setdefault("parameters", tuple(Parameter(n) for n in names))
    return complete(Circuit("c", qubits, tuple(gates), **more))  # type: ignore[arg-type]  # fields of Circuit


def turn(kind: str, parameter: str, *qubits: int, factor: float = 1.0) -> Gate:
    """A gate of one angle, which is a multiple of a parameter."""
    return Gate(kind, qubits, (angles.multiply(factor, angles.parameter(parameter)),))
