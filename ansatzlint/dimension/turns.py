"""A circuit as turns about Pauli strings on |0…0>, its Clifford gates pushed out and its noise left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import gcd, isfinite, lcm, pi

from ansatzlint.angles import Angle, evaluate, names
from ansatzlint.circuit import Circuit
from ansatzlint.errors import CircuitError
from ansatzlint.moments.frame import Tableau
from ansatzlint.moments.initial import initial
from ansatzlint.moments.rotations import Features
from ansatzlint.pauli.lowering import Clifford, lower
from ansatzlint.pauli.strings import PauliString

_TOLERANCE = 1e-9
_SHORT = 1024
_PINS = 4096
"""So many values of the parameters in expressions are tried at most."""

_PREPARATIONS: Mapping[tuple[int, int, int], tuple[str, ...]] = {
    (0, 0, 1): (), (0, 0, -1): ("x",), (1, 0, 0): ("h",), (-1, 0, 0): ("x", "h"), (0, 1, 0): ("h", "s"),
    (0, -1, 0): ("h", "sdg"),
}  # fmt: skip
"""Gates that make the stabiliser states of one qubit from |0>, by Bloch vector."""


@dataclass(frozen=True, slots=True)
class Turn:
    """exp(-i angle P / 2); the angle is `factor` times parameter `parameter` plus `constant`, in radians.

    A turn by no parameter has factor 0 and parameter -1.
    """

    generator: PauliString
    parameter: int
    factor: Fraction
    constant: float


def quarters(angle: float) -> int | None:
    """angle / (pi/2) modulo 4 where that is a whole number, else None."""
    turns = angle / (pi / 2)
    return round(turns) % 4 if isfinite(turns) and abs(turns - round(turns)) < _TOLERANCE else None


@dataclass(frozen=True, slots=True)
class Turns:
    """The turns in time order, and what is known of the circuit's parameters, which are given by index.

    Attributes
    ----------
    turns : tuple of Turn
    uses : tuple of tuples of int
        For every parameter the turns by it.
    pinned : mapping of int to float
        Parameters that stay where they are, and where: those in angles that are no affine functions of them.
    counted : tuple of int
        Trainable parameters that turn about something and are not pinned.
    """

    turns: tuple[Turn, ...]
    uses: tuple[tuple[int, ...], ...]
    pinned: Mapping[int, float]
    counted: tuple[int, ...]


def turns_of(circuit: Circuit) -> Turns:
    """The turns of a circuit; its initial state is made of |0…0> by Clifford gates.

    Raises
    ------
    CircuitError
        For an initial state that is no product of one-qubit stabiliser states, a gate with too many controls, an angle
        that exists at none of the points that are tried.
    """
    tableau = Tableau(circuit.qubits)
    for clifford in _preparation(circuit):
        tableau.append(clifford)
    parameters = [p.name for p in circuit.parameters]
    features = Features(parameters)
    linear: list[tuple[PauliString, float, dict[int, float]]] = []
    for operation in lower(circuit):
        if isinstance(operation, Clifford):
            tableau.append(operation)
        elif (turns := operation.quarter_turns) is not None:
            tableau.turn(operation.pauli, turns)
        else:
            constant, terms = features.of(operation.angle)
            linear.append((tableau(operation.pauli), constant, {f: c for f, c in terms.items() if c}))
    count = len(parameters)
    pinned, values = _pinned(features.expressions, parameters)
    often = [0] * count
    for _, _, terms in linear:
        for f in terms:
            if f < count:
                often[f] += 1
    found: list[Turn] = []
    for generator, constant, terms in linear:
        # An angle in several parameters becomes several turns, the constant with the one that is freest to make up
        # for it.
        free = sorted((f for f in terms if f < count and f not in pinned), key=lambda f: often[f])
        constant += sum(c * (pinned[f] if f < count else values[f - count]) for f, c in terms.items() if f not in free)
        if not free:
            found.append(Turn(generator, -1, Fraction(0), constant))
        for f in free:
            found.append(Turn(generator, f, _fraction(terms[f]), constant))
            constant = 0.0
    uses: list[list[int]] = [[] for _ in parameters]
    for e, turn in enumerate(found):
        if turn.parameter >= 0:
            uses[turn.parameter].append(e)
    counted = (p for p, parameter in enumerate(circuit.parameters) if parameter.role == "trainable" and uses[p])
    return Turns(tuple(found), tuple(map(tuple, uses)), pinned, tuple(counted))


def _fraction(factor: float) -> Fraction:
    """The number that the float is, or the short fraction that it is the nearest float of."""
    short = Fraction(factor).limit_denominator(_SHORT)
    return short if float(short) == factor else Fraction(factor)


def _preparation(circuit: Circuit) -> list[Clifford]:
    """Clifford gates that make the initial state from |0…0>, up to its phase."""
    state = initial(circuit)
    if isinstance(state, str):
        raise CircuitError(f"no stabiliser state to start from: {state}")
    bloch = state.bloch
    found = []
    for q in range(circuit.qubits):
        gates = None if bloch is None else _PREPARATIONS.get(tuple(bloch[q].tolist()))
        if gates is None:
            raise CircuitError("no stabiliser state to start from: the initial state is no product of one-qubit ones")
        found += [Clifford(name, (q,), -1) for name in gates]
    return found


def _pinned(expressions: Sequence[Angle], parameters: Sequence[str]) -> tuple[Mapping[int, float], list[float]]:
    """Values of the parameters in expressions, multiples of pi/2, and the expressions there.

    Of the values that are tried those are taken that make most expressions multiples of pi/2.
    """
    if not expressions:
        return {}, []
    involved = list(dict.fromkeys(name for expression in expressions for name in names(expression)))
    grid = [pi, 0.0, pi / 2, -pi / 2]
    # All parameters at one value, then one after the other: for many parameters no more than a few points.
    tried = [dict.fromkeys(involved, value) for value in grid]
    if len(grid) ** len(involved) <= _PINS:
        tried += [dict(zip(involved, at, strict=True)) for at in product(grid, repeat=len(involved))]
    best: tuple[int, dict[str, float], list[float]] | None = None
    for at in tried:
        try:
            values = [evaluate(expression, at) for expression in expressions]
        except (ArithmeticError, ValueError):  # outside the domain of a function
            continue
        if all(map(isfinite, values)):
            clifford = sum(quarters(value) is not None for value in values)
            if best is None or clifford > best[0]:
                best = clifford, at, values
            if clifford == len(expressions):
                break
    if best is None:
        raise CircuitError("an angle exists at none of the parameters that were tried")
    return {parameters.index(name): value for name, value in best[1].items()}, best[2]


def unit_of(numbers: Sequence[Fraction]) -> Fraction:
    """The largest number that all are whole multiples of."""
    bottom = lcm(*(number.denominator for number in numbers))
    return Fraction(gcd(*(int(number * bottom) for number in numbers)), bottom)


def power(string: PauliString) -> int:
    """The power of i of the string as i^power X^x Z^z."""
    return ((string.x & string.z).bit_count() + 1 - string.sign) % 4
