"""One form for all circuits that differ only in names of parameters and in the order of independent gates.

Gates are first written in one way (`normal`): a control is a control whatever the gate's name, a Pauli rotation is
its word, qubits of a symmetric gate are sorted. `canonical` then puts each gate as early as it can stand.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import cache
from typing import Literal

from ansatzlint.angles import Affine, Angle
from ansatzlint.circuit import Circuit, Gate
from ansatzlint.gates import base

Order = Literal["qubits", "axes"]
"""What makes two gates independent: that they share no qubit, or that they act on each shared one about one axis."""

_WORDS = {"rx": "X", "ry": "Y", "rz": "Z", "rxx": "XX", "ryy": "YY", "rzz": "ZZ", "rzx": "ZX"}
_AXES = {"x": "X", "sx": "X", "sxdg": "X", "y": "Y", "z": "Z", "s": "Z", "sdg": "Z", "t": "Z", "tdg": "Z", "p": "Z"}
_SYMMETRIC = frozenset(["swap", "iswap"])
_DIGITS = 10
"""Numbers in angles are compared to so many decimal places."""


@dataclass(frozen=True, slots=True)
class Normal:
    """A gate in normal form: `kind` says all but where it acts and its angles.

    `axes` holds a letter a qubit: "X", "Y" or "Z" where the gate acts on it by functions of that Pauli alone, else "".
    """

    kind: str
    qubits: tuple[int, ...]
    axes: str | tuple[str, ...]
    angles: tuple[Angle, ...]


@cache
def _plan(name: str, controls: str, word: str) -> tuple[str, str, str, tuple[str, ...] | str, bool]:
    """(control values, target gate, its Pauli word, axes of its targets, whether all qubits may change places)."""
    values, target = base(name, controls)
    if target == "p" and not values:
        target = "rz"  # up to a global phase
    letters = word if target == "pauli_rotation" else _WORDS.get(target, "")
    if letters or target == "pauli_rotation":
        return values, "rotation", letters, letters, False
    axes: tuple[str, ...] | str = _AXES.get(target) or ("", "", "", "")
    symmetric = target in ("z", "p") and set(values) <= {"1"}
    return values, target, "", axes, symmetric


def normal(gate: Gate) -> Normal | None:
    """The gate in normal form, None where it does nothing but a global phase."""
    values, target, letters, axes, symmetric = _plan(gate.name, gate.controls, gate.word)
    qubits = gate.qubits
    if not values and target in ("id", "gphase"):
        return None
    count = len(values)
    if symmetric:
        return Normal(f"{values}{target}", tuple(sorted(qubits)), "Z" * len(qubits), gate.angles)
    controls, targets = qubits[:count], qubits[count:]
    if count > 1:
        pairs = sorted(zip(controls, values, strict=True))
        controls, values = tuple(q for q, _ in pairs), "".join(v for _, v in pairs)
    if letters:
        if len(letters) > 1:
            kept = sorted((q, letter) for q, letter in zip(targets, letters, strict=True) if letter != "I")
            targets, letters = tuple(q for q, _ in kept), "".join(letter for _, letter in kept)
        axes = letters
    elif target in _SYMMETRIC:
        targets = tuple(sorted(targets))
    if target == "rotation" and not letters and not count:
        return None
    all_axes = (*("Z" * count), *axes[: len(targets)])
    return Normal(f"{values}{target}{letters}", controls + targets, all_axes, gate.angles)


@dataclass(frozen=True, slots=True)
class Canonical:
    """`items` holds (kind, qubits, angles with parameters numbered) in order; `names` the parameters so numbered."""

    items: tuple[Hashable, ...]
    names: tuple[str, ...]
    roles: tuple[str, ...]

    def same(self, other: Canonical) -> bool:
        """Whether the two circuits are one up to names and order."""
        return self.items == other.items and self.roles == other.roles


def canonical(circuit: Circuit, order: Order = "qubits") -> Canonical:
    """The circuit's gates, each as early as it can stand, parameters numbered as they appear."""
    # Per qubit: the axis of the gates that came last, the level below them, the level that they reach.
    axis = [""] * circuit.qubits
    below = [0] * circuit.qubits
    top = [0] * circuit.qubits
    placed: list[tuple[int, tuple[int, ...], str, int, Normal]] = []
    for index, gate in enumerate(circuit.gates):
        item = normal(gate)
        if item is None:
            continue
        level = 0
        for qubit, letter in zip(item.qubits, item.axes, strict=True):
            if order == "qubits" or not letter or letter != axis[qubit]:
                below[qubit] = top[qubit]
                axis[qubit] = letter
            level = max(level, below[qubit])
        level += 1
        for qubit in item.qubits:
            top[qubit] = max(top[qubit], level)
        placed.append((level, item.qubits, item.kind, index, item))
    placed.sort(key=lambda entry: entry[:4])
    numbers: dict[str, int] = {}
    items = tuple(
        (kind, qubits, tuple(numbered(angle, numbers) for angle in item.angles))
        for _, qubits, kind, _, item in placed
    )
    roles = {p.name: p.role for p in circuit.parameters}
    return Canonical(items, tuple(numbers), tuple(roles[name] for name in numbers))


def numbered(angle: Angle, numbers: dict[str, int]) -> Hashable:
    """The angle with each parameter replaced by its number in `numbers`, to which new ones are added."""

    def number(name: str) -> int:
        return numbers.setdefault(name, len(numbers))

    return shape_of(angle, number, lambda name: numbers.get(name, len(numbers)))


def shape_of(
    angle: Angle, token: Callable[[str], Hashable], rank: Callable[[str], int] | None = None
) -> Hashable:
    """The angle as nested tuples, numbers rounded, each parameter replaced by its token.

    Terms of an affine angle are taken in the order of `rank` of their parameter, then coefficient, then name.
    """
    if isinstance(angle, float):
        return round(angle, _DIGITS) + 0.0
    if isinstance(angle, Affine):
        terms = angle.terms
        if len(terms) > 1:
            terms = tuple(sorted(terms, key=lambda t: (rank(t[0]) if rank else 0, t[1], t[0])))
        return tuple((token(name), round(c, _DIGITS)) for name, c in terms), round(angle.constant, _DIGITS) + 0.0
    return angle.operation, tuple(shape_of(argument, token, rank) for argument in angle.arguments)
