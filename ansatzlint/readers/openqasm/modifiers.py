"""`inv @`, `pow(k) @` and `ctrl @` on a sequence of gates."""

from __future__ import annotations

from collections.abc import Sequence

from ansatzlint.angles import multiply
from ansatzlint.circuit import Gate
from ansatzlint.readers.openqasm.expressions import Refused
from ansatzlint.readers.openqasm.library import controlled, fractional_power, inverse, is_rotation, named


def inverted(gates: Sequence[Gate]) -> list[Gate]:
    """The inverse of a sequence."""
    return [part for gate in reversed(gates) for part in inverse(gate)]


def powered(gates: Sequence[Gate], exponent: float, limit: int) -> list[Gate]:
    """A power of a sequence; Refused above `limit` gates, and for a fraction of what is no simple gate."""
    if len(gates) == 1 and is_rotation(gates[0]):
        gate = gates[0]
        return [Gate(gate.name, gate.qubits, (multiply(float(exponent), gate.angles[0]),), gate.controls, "",
                     gate.location)]  # fmt: skip
    if exponent != int(exponent):
        if len(gates) != 1:
            raise Refused(f"pow({exponent:g}) of a gate made of several ones is not supported: write the gate out")
        return list(fractional_power(named(gates[0]), exponent))
    count = abs(int(exponent))
    if len(gates) * count > limit:
        raise Refused(f"pow({exponent:g}) expands to too many gates")
    return (inverted(gates) if exponent < 0 else list(gates)) * count


def under_control(gates: Sequence[Gate], controls: str, qubits: tuple[int, ...]) -> list[Gate]:
    """A sequence under controls."""
    return [controlled(gate, controls, qubits) for gate in gates] if controls else [named(gate) for gate in gates]
