"""The gates of `qelib1.inc` and `stdgates.inc`, and how gates are inverted, raised to powers and controlled.

`U`, `u3` and `u2` have Qiskit's global phase, on which `ctrl @` depends: U(pi, 0, pi) is X exactly.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import pi
from typing import NamedTuple

from ansatzlint.angles import Affine, Angle, Expression, multiply, negate
from ansatzlint.circuit import Gate
from ansatzlint.gates import CONTROLLED, KINDS, base, shape
from ansatzlint.readers.openqasm.expressions import Refused

STANDARD = ("qelib1.inc", "stdgates.inc")


class Native(NamedTuple):
    """A gate of the gate set: its kind there, controls beyond the kind's own, and what a call must give."""

    kind: str
    controls: str
    angles: int
    qubits: int


def _native(kind: str, controls: str = "") -> Native:
    qubits, angles = shape(kind, controls)
    return Native(kind, controls, angles, qubits)


BUILT_IN: Mapping[str, Native] = {"U": _native("u"), "CX": _native("cx"), "gphase": _native("gphase")}
"""Gates that need no `include`."""

_OTHER_CONVENTIONS = ("rot", "crot", "single_excitation", "double_excitation")

NATIVES: Mapping[str, Native] = {
    **{name: _native(name) for name in (*KINDS, *CONTROLLED) if name not in _OTHER_CONVENTIONS},
    **BUILT_IN,
    "u1": _native("p"),
    "phase": _native("p"),
    "u3": _native("u"),
    "cu1": _native("cp"),
    "cphase": _native("cp"),
    "cu3": _native("u", "1"),
    "c3x": _native("x", "111"),
    "c4x": _native("x", "1111"),
    "c3sqrtx": _native("sx", "111"),
    "u0": Native("id", "", 1, 1),
}
"""What the standard libraries define, and the gates that later versions of theirs or Qiskit's define."""

DEFINITIONS = """
gate rccx a, b, c { h c; t c; cx b, c; tdg c; cx a, c; t c; cx b, c; tdg c; h c; }
gate rc3x a, b, c, d {
  h d; t d; cx c, d; tdg d; h d;
  cx a, d; t d; cx b, d; tdg d; cx a, d; t d; cx b, d; tdg d;
  h d; t d; cx c, d; tdg d; h d;
}
"""
"""Library gates that the gate set has not."""

RECOGNISED: Mapping[str, Native] = {**NATIVES, **{name: _native(name) for name in _OTHER_CONVENTIONS}}
"""Names under which a definition of the user's may be the gate of the gate set."""

_NAMES = {controlled: name for name, controlled in CONTROLLED.items()}
_SELF_INVERSE = frozenset(["id", "x", "y", "z", "h", "swap", "ecr"])
_INVERSES = {"s": "sdg", "t": "tdg", "sx": "sxdg", "sdg": "s", "tdg": "t", "sxdg": "sx"}
_ROTATIONS = frozenset(
    ["gphase", "rx", "ry", "rz", "p", "rxx", "ryy", "rzz", "rzx", "single_excitation", "double_excitation"]
)
_PHASES = {"z": pi, "s": pi / 2, "t": pi / 4, "sdg": -pi / 2, "tdg": -pi / 4}
_FLIPS = {"x": pi, "sx": pi / 2, "sxdg": -pi / 2}


def named(gate: Gate) -> Gate:
    """The same gate under the name that says most: cx for x under one control, p for a controlled global phase."""
    controls, kind = base(gate.name, gate.controls)
    qubits = gate.qubits
    if kind == "gphase" and "1" in controls:
        at = controls.rindex("1")
        qubits = (*qubits[:at], *qubits[at + 1 :], qubits[at])
        controls, kind = controls[:at] + controls[at + 1 :], "p"
    name = _NAMES.get((controls, kind))
    return replace(gate, name=name or kind, controls="" if name else controls, qubits=qubits)


def controlled(gate: Gate, controls: str, qubits: tuple[int, ...]) -> Gate:
    """The gate under further controls, which come first."""
    implied, kind = base(gate.name, gate.controls)
    return named(replace(gate, name=kind, controls=controls + implied, qubits=qubits + gate.qubits))


def inverse(gate: Gate) -> tuple[Gate, ...]:
    """The inverse as gates in time order."""
    controls, kind = base(gate.name, gate.controls)
    angles = gate.angles
    plain = replace(gate, name=kind, controls=controls)
    if kind in _SELF_INVERSE:
        return (gate,)
    if kind in _INVERSES:
        return (named(replace(plain, name=_INVERSES[kind])),)
    if kind == "iswap":
        halves = (replace(plain, name=name, angles=(pi / 2,)) for name in ("rxx", "ryy"))
        return tuple(named(half) for half in halves)
    if kind == "dcx":
        *outer, a, b = gate.qubits
        return (replace(gate, qubits=(*outer, b, a)),)
    match kind:
        case "u2":
            plain, angles = replace(plain, name="u"), (-pi / 2, negate(angles[1]), negate(angles[0]))
        case "u":
            angles = (negate(angles[0]), negate(angles[2]), negate(angles[1]))
        case "cu":
            angles = (negate(angles[0]), negate(angles[2]), negate(angles[1]), negate(angles[3]))
        case "rot":
            angles = (negate(angles[2]), negate(angles[1]), negate(angles[0]))
        case _:  # the first angle turns about an axis that the others choose
            angles = (negate(angles[0]), *angles[1:])
    return (named(replace(plain, angles=angles)),)


def fractional_power(gate: Gate, exponent: float) -> tuple[Gate, ...]:
    """The principal power of a gate as gates in time order; Refused where it is not a simple one."""
    controls, kind = base(gate.name, gate.controls)
    plain = replace(gate, name=kind, controls=controls)
    if kind in _ROTATIONS:
        return (named(replace(plain, angles=(multiply(exponent, gate.angles[0]),))),)
    if kind in _PHASES:
        for name, angle in _PHASES.items():
            if angle == exponent * _PHASES[kind]:
                return (named(replace(plain, name=name)),)
        return (named(replace(plain, name="p", angles=(exponent * _PHASES[kind],))),)
    if kind in _FLIPS:
        for name, angle in _FLIPS.items():
            if angle == exponent * _FLIPS[kind]:
                return (named(replace(plain, name=name)),)
        turn = Gate("h", gate.qubits[-1:], location=gate.location)
        return turn, named(replace(plain, name="p", angles=(exponent * _FLIPS[kind],))), turn
    if kind == "id":
        return (gate,)
    raise Refused(f"pow({exponent:g}) of gate {gate.name!r} is not supported: write the gate out")


def is_rotation(gate: Gate) -> bool:
    """Whether a power of the gate multiplies its one angle."""
    return base(gate.name, gate.controls)[1] in _ROTATIONS


def is_number(angle: Angle) -> bool:
    """Whether no parameter is in the angle."""
    return not isinstance(angle, Affine | Expression)
