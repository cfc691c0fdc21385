"""The gate set: every gate as a product of Pauli rotations, its global phase included.

A gate of `KINDS` on k qubits is a time-ordered product of rotations exp(-i angle P / 2), P a Pauli word of k
letters over "IXYZ". The identity word carries the global phase, which becomes a relative one under a control.
`CONTROLLED` names gates that are another one under controls; any gate may carry further controls.

Conventions are those of OpenQASM's standard library and Qiskit's, phases included; `rot`, `single_excitation`
and `double_excitation` are PennyLane's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from math import pi

from ansatzlint.angles import Angle, add, divide, multiply, negate
from ansatzlint.errors import CircuitError

MAX_CONTROLS = 8
"""Controls beyond this are refused in `rotations`: k controls make 2^k rotations of each one."""

Rotations = Sequence[tuple[str, Angle]]


@dataclass(frozen=True, slots=True)
class Kind:
    """A gate on `qubits` qubits with `angles` angles; `rotations(*angles)` is its product of Pauli rotations."""

    qubits: int
    angles: int
    rotations: Callable[..., Rotations]


def _u(theta: Angle, phi: Angle, lam: Angle) -> Rotations:
    # The phase comes first: under a control it becomes Z rotations of the control, which the uses of phi and lam that
    # follow can be gathered with, as nothing of the gate fails to commute with them.
    return [("I", negate(add(phi, lam))), ("Z", lam), ("Y", theta), ("Z", phi)]


def _double_excitation(phi: Angle) -> Rotations:
    # generator (phi/8) * (signed sum of the eight commuting words that map |0011> to |1100>)
    signs = {
        "XXXY": -1, "XXYX": -1, "XYXX": 1, "YXXX": 1, "YYYX": 1, "YYXY": 1, "YXYY": -1, "XYYY": -1,
    }  # fmt: skip
    return [(word, multiply(sign / 8.0, phi)) for word, sign in signs.items()]


KINDS: Mapping[str, Kind] = {
    "gphase": Kind(0, 1, lambda g: [("", multiply(-2.0, g))]),
    "id": Kind(1, 0, list),
    "x": Kind(1, 0, lambda: [("X", pi), ("I", -pi)]),
    "y": Kind(1, 0, lambda: [("Y", pi), ("I", -pi)]),
    "z": Kind(1, 0, lambda: [("Z", pi), ("I", -pi)]),
    "h": Kind(1, 0, lambda: [("Z", pi), ("I", -pi), ("Y", pi / 2)]),
    "s": Kind(1, 0, lambda: [("Z", pi / 2), ("I", -pi / 2)]),
    "sdg": Kind(1, 0, lambda: [("Z", -pi / 2), ("I", pi / 2)]),
    "t": Kind(1, 0, lambda: [("Z", pi / 4), ("I", -pi / 4)]),
    "tdg": Kind(1, 0, lambda: [("Z", -pi / 4), ("I", pi / 4)]),
    "sx": Kind(1, 0, lambda: [("X", pi / 2), ("I", -pi / 2)]),
    "sxdg": Kind(1, 0, lambda: [("X", -pi / 2), ("I", pi / 2)]),
    "rx": Kind(1, 1, lambda t: [("X", t)]),
    "ry": Kind(1, 1, lambda t: [("Y", t)]),
    "rz": Kind(1, 1, lambda t: [("Z", t)]),
    "p": Kind(1, 1, lambda t: [("Z", t), ("I", negate(t))]),
    "r": Kind(1, 2, lambda t, phi: [("Z", negate(phi)), ("X", t), ("Z", phi)]),
    "u": Kind(1, 3, _u),
    "u2": Kind(1, 2, lambda phi, lam: _u(pi / 2, phi, lam)),
    "rot": Kind(1, 3, lambda phi, t, omega: [("Z", phi), ("Y", t), ("Z", omega)]),
    "swap": Kind(2, 0, lambda: [("XX", -pi / 2), ("YY", -pi / 2), ("ZZ", -pi / 2), ("II", pi / 2)]),
    "iswap": Kind(2, 0, lambda: [("XX", -pi / 2), ("YY", -pi / 2)]),
    "ecr": Kind(2, 0, lambda: [("ZX", pi / 4), ("XI", pi), ("II", -pi), ("ZX", -pi / 4)]),
    "dcx": Kind(2, 0, lambda: [*_controlled("1", [("X", pi), ("I", -pi)]), *(
        (word[::-1], angle) for word, angle in _controlled("1", [("X", pi), ("I", -pi)])
    )]),
    "rxx": Kind(2, 1, lambda t: [("XX", t)]),
    "ryy": Kind(2, 1, lambda t: [("YY", t)]),
    "rzz": Kind(2, 1, lambda t: [("ZZ", t)]),
    "rzx": Kind(2, 1, lambda t: [("ZX", t)]),
    "xx_plus_yy": Kind(2, 2, lambda t, beta: [
        ("ZI", beta), ("XX", divide(t, 2.0)), ("YY", divide(t, 2.0)), ("ZI", negate(beta)),
    ]),
    "xx_minus_yy": Kind(2, 2, lambda t, beta: [
        ("IZ", negate(beta)), ("XX", divide(t, 2.0)), ("YY", divide(negate(t), 2.0)), ("IZ", beta),
    ]),
    "single_excitation": Kind(2, 1, lambda t: [("XY", divide(negate(t), 2.0)), ("YX", divide(t, 2.0))]),
    "double_excitation": Kind(4, 1, _double_excitation),
    "cu": Kind(2, 4, lambda t, phi, lam, gamma: [
        ("ZI", gamma), ("II", negate(gamma)), *_controlled("1", _u(t, phi, lam)),
    ]),
}  # fmt: skip
"""Gates by name; `pauli_rotation`, whose size its word decides, stands beside them."""

CONTROLLED: Mapping[str, tuple[str, str]] = {
    "cx": ("1", "x"),
    "cy": ("1", "y"),
    "cz": ("1", "z"),
    "ch": ("1", "h"),
    "cs": ("1", "s"),
    "csdg": ("1", "sdg"),
    "csx": ("1", "sx"),
    "cp": ("1", "p"),
    "crx": ("1", "rx"),
    "cry": ("1", "ry"),
    "crz": ("1", "rz"),
    "crot": ("1", "rot"),
    "ccx": ("11", "x"),
    "ccz": ("11", "z"),
    "cswap": ("1", "swap"),
}
"""Gates that are another one under controls: name -> (control values, base gate)."""

CLIFFORD = frozenset(
    ["id", "x", "y", "z", "h", "s", "sdg", "sx", "sxdg", "cx", "cy", "cz", "swap", "iswap", "ecr", "dcx"]
)
"""Names that are Clifford gates whatever follows, without further controls."""


def base(name: str, controls: str) -> tuple[str, str]:
    """(all control values, name of the gate under them); CircuitError for an unknown name."""
    if name in CONTROLLED:
        implied, name = CONTROLLED[name]
        controls += implied
    if name not in KINDS and name != "pauli_rotation":
        raise CircuitError(f"unknown gate {name!r}")
    return controls, name


@cache
def shape(name: str, controls: str = "", word: str = "") -> tuple[int, int]:
    """(number of qubits, number of angles); CircuitError for an unknown name, a bad word or bad controls."""
    all_controls, target = base(name, controls)
    if not set(all_controls) <= {"0", "1"}:
        raise CircuitError(f"controls of {name!r} must be 0 or 1, not {controls!r}")
    if target == "pauli_rotation":
        if not set(word) <= set("IXYZ"):
            raise CircuitError(f"a Pauli word holds I, X, Y and Z, not {word!r}")
        return len(all_controls) + len(word), 1
    kind = KINDS[target]
    return len(all_controls) + kind.qubits, kind.angles


def rotations(name: str, angles: Sequence[Angle], controls: str = "", word: str = "") -> Rotations:
    """The gate as a time-ordered product of rotations exp(-i angle P / 2) on its qubits, global phase included.

    Raises
    ------
    CircuitError
        For an unknown gate, or more than `MAX_CONTROLS` controls.
    """
    all_controls, target = base(name, controls)
    product_: Rotations = [(word, angles[0])] if target == "pauli_rotation" else KINDS[target].rotations(*angles)
    if not all_controls:
        return product_
    if len(all_controls) > MAX_CONTROLS:
        raise CircuitError(f"{name!r} has {len(all_controls)} controls; up to {MAX_CONTROLS} can be lowered")
    return _controlled(all_controls, product_)


def _controlled(controls: str, product_: Rotations) -> Rotations:
    # The projector on the control values is 2^-k sum_S prod_{j in S} s_j Z_j with s_j = -1 for "1" and +1 for "0";
    # its words commute with each other and with P, so the exponential splits exactly.
    result: list[tuple[str, Angle]] = []
    scale = 0.5 ** len(controls)
    for word, angle in product_:
        for letters in product("IZ", repeat=len(controls)):
            sign = scale
            for letter, value in zip(letters, controls, strict=True):
                if letter == "Z" and value == "1":
                    sign = -sign
            result.append(("".join(letters) + word, multiply(sign, angle)))
    return result


