"""Layers of one-qubit gates and of CX, gate for gate those of Qiskit's `n_local`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from ansatzlint.circuit import Circuit
from ansatzlint.families.builder import Builder
from ansatzlint.families.couplings import Pairs, brick, chain, complete, pairs
from ansatzlint.families.family import Choice


def _circular(qubits: int) -> Pairs:
    closing = ((qubits - 1, 0),) if qubits > 2 else ()
    return closing + chain(qubits)


def _shifted_circular_alternating(qubits: int, layer: int) -> Pairs:
    """The circle, turned by one and with controls and targets exchanged from layer to layer."""
    circle = _circular(qubits)
    start = -layer % len(circle)
    turned = circle[start:] + circle[:start]
    return tuple((b, a) for a, b in turned) if layer % 2 else turned


ENTANGLEMENTS: Mapping[str, Callable[[int, int], Pairs]] = MappingProxyType(
    {
        "linear": lambda qubits, _: chain(qubits),
        "reverse_linear": lambda qubits, _: chain(qubits)[::-1],
        "full": lambda qubits, _: complete(qubits),
        "circular": lambda qubits, _: _circular(qubits),
        "sca": _shifted_circular_alternating,
        "pairwise": lambda qubits, _: brick(qubits),
    }
)
"""(qubits, number of the layer from 0) -> the pairs of its CX gates, controls first."""

ENTANGLEMENT = Choice(
    tuple(ENTANGLEMENTS), "reverse_linear", "the pairs of CX gates in Qiskit's words, or a coupling map", pairs=True
)
FINAL_ROTATIONS = Choice((True, False), True, "whether a last layer of rotations follows")


def n_local(
    name: str, qubits: int, rotations: str, layers: int, entanglement: str | Iterable[Any], final_rotations: bool
) -> Circuit:
    """Layers of the one-qubit gates that `rotations` names, joined by "-", each on all qubits, and of CX."""
    builder = Builder(name, qubits)
    given = None if isinstance(entanglement, str) else pairs(entanglement, qubits)

    def rotate() -> None:
        for gate in rotations.split("-"):
            for qubit in range(qubits):
                builder.turn(gate, qubit)

    for layer in range(layers):
        rotate()
        for a, b in ENTANGLEMENTS[str(entanglement)](qubits, layer) if given is None else given:
            builder.gate("cx", a, b)
    if final_rotations:
        rotate()
    return builder.circuit()
