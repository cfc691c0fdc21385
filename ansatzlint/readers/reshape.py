"""Gates under adjoint and under control."""

from __future__ import annotations

from math import pi

from ansatzlint.angles import Angle, negate
from ansatzlint.circuit import Gate
from ansatzlint.gates import CONTROLLED, base

_NAMES = {shape: name for name, shape in CONTROLLED.items()}
_SELF_INVERSE = frozenset({"id", "x", "y", "z", "h", "swap", "ecr"})
_PAIRS = {"s": "sdg", "t": "tdg", "sx": "sxdg"}
_PAIRS |= {right: left for left, right in _PAIRS.items()}


def _named(name: str, qubits: tuple[int, ...], angles: tuple[Angle, ...], controls: str, like: Gate) -> Gate:
    """The gate, called by the name of its own that it may have with these controls."""
    own = _NAMES.get((controls, name))
    if own is not None:
        name, controls = own, ""
    return Gate(name, qubits, angles, controls, like.word, like.location)


def controlled(gate: Gate, controls: tuple[int, ...], values: str) -> Gate:
    """The gate under further controls, which act on |1> where `values` has "1" and on |0> where it has "0"."""
    all_values, target = base(gate.name, values + gate.controls)
    return _named(target, controls + gate.qubits, gate.angles, all_values, gate)


def inverse(gate: Gate) -> tuple[Gate, ...]:
    """The inverse, as gates in order of time; one gate unless the gate set has no name for it."""
    controls, target = base(gate.name, gate.controls)
    count = len(controls)
    qubits, angles = gate.qubits, gate.angles
    match target, angles:
        case name, () if name in _SELF_INVERSE:
            return (gate,)
        case name, () if name in _PAIRS:
            return (_named(_PAIRS[name], qubits, (), controls, gate),)
        case "dcx", ():
            swapped = (*qubits[:count], qubits[count + 1], qubits[count])
            return (_named("dcx", swapped, (), controls, gate),)
        case "iswap", ():
            return (_named("xx_plus_yy", qubits, (pi, 0.0), controls, gate),)
        case ("r" | "xx_plus_yy" | "xx_minus_yy"), (theta, phi):
            new: tuple[Angle, ...] = (negate(theta), phi)
        case "u2", (phi, lam):
            return (_named("u", qubits, (-pi / 2, negate(lam), negate(phi)), controls, gate),)
        case "u", (theta, phi, lam):
            new = (negate(theta), negate(lam), negate(phi))
        case "rot", (phi, theta, omega):
            new = (negate(omega), negate(theta), negate(phi))
        case "cu", (theta, phi, lam, gamma):
            new = (negate(theta), negate(lam), negate(phi), negate(gamma))
        case _, (angle,):
            new = (negate(angle),)
        case _:
            raise AssertionError(f"no inverse is known of {gate.name!r}")
    return (_named(target, qubits, new, controls, gate),)
