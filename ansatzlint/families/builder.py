"""Gates and fresh parameters, collected into a circuit."""

from __future__ import annotations

from typing import Literal

from ansatzlint.angles import Affine, Angle, parameter
from ansatzlint.circuit import Circuit, Gate, Observable, Parameter
from ansatzlint.initialisation import Initialisation


class Builder:
    """Collects the gates of one circuit; `circuit` ends it."""

    def __init__(self, name: str, qubits: int) -> None:
        self.name, self.qubits = name, qubits
        self._gates: list[Gate] = []
        self._parameters: list[Parameter] = []
        self._count: dict[str, int] = {}

    def parameter(
        self,
        stem: str = "theta",
        role: Literal["trainable", "input"] = "trainable",
        initialisation: Initialisation | None = None,
    ) -> Affine:
        """The angle that is a new parameter, named by the stem and how many of it there are."""
        number = self._count.get(stem, 0)
        self._count[stem] = number + 1
        self._parameters.append(Parameter(f"{stem}{number}", role, initialisation=initialisation))
        return parameter(f"{stem}{number}")

    def gate(self, name: str, *qubits: int, angles: tuple[Angle, ...] = (), word: str = "") -> None:
        """Append a gate, controls first."""
        self._gates.append(Gate(name, qubits, angles, word=word))

    def turn(self, name: str, *qubits: int) -> None:
        """Append a gate all of whose angles are new parameters."""
        from ansatzlint.gates import shape

        self.gate(name, *qubits, angles=tuple(self.parameter() for _ in range(shape(name)[1])))

    def circuit(self, *observables: Observable) -> Circuit:
        """The circuit that was collected."""
        return Circuit(
            self.name,
            self.qubits,
            tuple(self._gates),
            tuple(self._parameters),
            observables=observables,
        )
