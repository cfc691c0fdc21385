"""A circuit without its Clifford gates: every turn, channel and observable pulled back to the initial state.

A fixed Clifford gate only renames Pauli strings, so it can be pushed through everything behind it. What is left acts
on the initial product state: turns about Pauli words of any length, noise, and Pauli words to measure.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ansatzlint.angles import Angle, names
from ansatzlint.circuit import Circuit, PauliSum, PauliTerm, Projector
from ansatzlint.moments.sequence import Damping, Step, Turn
from ansatzlint.pauli.lowering import Clifford
from ansatzlint.pauli.strings import PauliString, bits, conjugate, half_turn, multiply

MAX_GENERATORS = 4
"""The most uses of one parameter that are turned jointly; their moments are tables of 3^(2m) numbers."""


@dataclass(frozen=True, slots=True)
class Group:
    """A turn by x_j = frequencies[j] * t + offsets[j] about each of the commuting generators.

    t is the parameter of index `parameter`, 0 where that is None; `gates` are the circuit's gates that it came from.
    """

    generators: tuple[PauliString, ...]
    frequencies: tuple[float, ...]
    offsets: tuple[float, ...]
    parameter: int | None
    gates: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Noise:
    """A channel: `axes` are the pulled-back X and Z of each of its qubits, in turn; the rest as in `Damping`."""

    axes: tuple[PauliString, ...]
    factors: tuple[float, ...]
    shift: float
    gate: int


@dataclass(frozen=True, slots=True)
class Free:
    """A turn by an angle that depends on parameters which have to be drawn: used more than once, or not affine."""

    generator: PauliString
    angle: Angle
    gate: int


Event = Group | Noise | Free


@dataclass(frozen=True, slots=True)
class Frame:
    """The circuit without Clifford gates.

    Attributes
    ----------
    qubits : int
    events : tuple of Event
        In time order.
    drawn : tuple of int
        Parameters (indices) that no `Group` can hold: their uses do not commute past what stands between them, their
        angle is an expression, or they are more than `MAX_GENERATORS`.
    tableau : Tableau
        Pulls a Pauli string at the end of the circuit back through its Clifford gates.
    """

    qubits: int
    events: tuple[Event, ...]
    drawn: tuple[int, ...]
    tableau: Tableau


class Tableau:
    """C^dagger P C for the Clifford gates C that were appended so far, any Pauli string P.

    The rows are the images of X and Z of each qubit (Aaronson and Gottesman, quant-ph/0406196).
    """

    def __init__(self, qubits: int) -> None:
        self._x = [PauliString(1 << q, 0) for q in range(qubits)]
        self._z = [PauliString(0, 1 << q) for q in range(qubits)]

    def append(self, operation: Clifford) -> None:
        """Put a gate behind those that are there."""
        rows = [
            (self(conjugate(operation.name, operation.qubits, PauliString(1 << q, 0), -1)),
             self(conjugate(operation.name, operation.qubits, PauliString(0, 1 << q), -1)))
            for q in operation.qubits
        ]  # fmt: skip
        for qubit, (x, z) in zip(operation.qubits, rows, strict=True):
            self._x[qubit], self._z[qubit] = x, z

    def turn(self, generator: PauliString, quarter_turns: int) -> None:
        """Put a rotation by a multiple of pi/2 behind the gates that are there."""
        rows = []
        for qubit in bits(generator.support):
            pair = []
            for string in (PauliString(1 << qubit, 0), PauliString(0, 1 << qubit)):
                for _ in range(quarter_turns):
                    string = half_turn(generator, string, -1)
                pair.append(self(string))
            rows.append((qubit, pair))
        for qubit, (x, z) in rows:
            self._x[qubit], self._z[qubit] = x, z

    def __call__(self, string: PauliString) -> PauliString:
        """The image of the string."""
        phase, image = 1 - string.sign, PauliString(0, 0)
        for qubit in bits(string.support):
            x, z = string.x >> qubit & 1, string.z >> qubit & 1
            phase += x & z  # Y = i X Z
            for row in (self._x[qubit],) * x + (self._z[qubit],) * z:
                more, image = multiply(image, row)
                phase += more
        assert phase % 2 == 0, "a Hermitian string has a real image"
        return PauliString(image.x, image.z, 1 - phase % 4)


def pull(steps: Sequence[Step], qubits: int, parameters: Sequence[str]) -> Frame:
    """Push the Clifford gates out, and gather the uses of each parameter where they commute with what is between.

    Parameters
    ----------
    steps
        As `sequence.steps` gives them.
    parameters
        The names behind the parameter indices.
    """
    tableau = Tableau(qubits)
    events: list[Turn | Noise] = []
    for step in steps:
        if isinstance(step, Clifford):
            tableau.append(step)
        elif isinstance(step, Damping):
            axes = tuple(
                tableau(PauliString(x << q, z << q)) for q in step.qubits for x, z in ((1, 0), (0, 1))
            )
            events.append(Noise(axes, step.factors, step.shift, step.gate))
        elif step.parameter is None and step.general is None and (turns := _quarter_turns(step.offset)) is not None:
            if turns:
                tableau.turn(step.pauli, turns)
        else:
            turn = Turn(tableau(step.pauli), step.parameter, step.frequency, step.offset, step.gate, step.general)
            events.append(turn)
    drawn = _drawn(events, parameters)
    return Frame(qubits, _gather(events, drawn, parameters), tuple(sorted(drawn)), tableau)


def _quarter_turns(angle: float) -> int | None:
    from ansatzlint.pauli.lowering import Rotation

    return Rotation(PauliString(0, 0), angle, 0).quarter_turns


def _uses(events: Iterable[Turn | Noise]) -> dict[int, list[int]]:
    """Where each parameter is used by a turn of its own."""
    found: dict[int, list[int]] = {}
    for at, event in enumerate(events):
        if isinstance(event, Turn) and event.parameter is not None:
            found.setdefault(event.parameter, []).append(at)
    return found


def _drawn(events: Sequence[Turn | Noise], parameters: Sequence[str]) -> set[int]:
    index = {name: i for i, name in enumerate(parameters)}
    drawn = {
        index[name]
        for event in events
        if isinstance(event, Turn) and event.general is not None
        for name in names(event.general)
    }
    for parameter, uses in _uses(events).items():
        if len({_axis(events[at]) for at in uses}) > MAX_GENERATORS or not _gathers(events, uses):
            drawn.add(parameter)
    return drawn


def _axis(event: Turn | Noise) -> tuple[int, int]:
    assert isinstance(event, Turn)
    return event.pauli.x, event.pauli.z


def _gathers(events: Sequence[Turn | Noise], uses: Sequence[int]) -> bool:
    """Whether the earlier uses can be moved to the last one."""
    last = uses[-1]
    for at in uses[:-1]:
        event = events[at]
        assert isinstance(event, Turn)
        for other in events[at + 1 : last + 1]:
            if isinstance(other, Noise):
                # A Pauli channel need not commute with the turn; only one on other qubits surely does.
                if not all(event.pauli.commutes(axis) for axis in other.axes):
                    return False
            elif not event.pauli.commutes(other.pauli):
                return False
    return True


def _gather(events: Sequence[Turn | Noise], drawn: set[int], parameters: Sequence[str]) -> tuple[Event, ...]:
    last = {parameter: uses[-1] for parameter, uses in _uses(events).items()}
    waiting: dict[int, list[Turn]] = {}
    found: list[Event] = []
    for at, event in enumerate(events):
        if isinstance(event, Noise):
            found.append(event)
        elif event.general is not None:
            found.append(Free(event.pauli, event.general, event.gate))
        elif event.parameter is None:
            found.append(Group((event.pauli,), (0.0,), (event.offset,), None, (event.gate,)))
        elif event.parameter in drawn:
            from ansatzlint.angles import add, multiply, parameter

            angle = add(multiply(event.frequency, parameter(parameters[event.parameter])), event.offset)
            found.append(Free(event.pauli, angle, event.gate))
        else:
            waiting.setdefault(event.parameter, []).append(event)
            if at == last[event.parameter]:
                found.append(_group(event.parameter, waiting.pop(event.parameter)))
    return tuple(found)


def _group(parameter: int, turns: Sequence[Turn]) -> Group:
    """One generator a word: turns about equal words add up."""
    total: dict[tuple[int, int], tuple[PauliString, float, float]] = {}
    for turn in turns:
        key = turn.pauli.x, turn.pauli.z
        generator, frequency, offset = total.get(key, (turn.pauli, 0.0, 0.0))
        sign = generator.sign * turn.pauli.sign
        total[key] = generator, frequency + sign * turn.frequency, offset + sign * turn.offset
    kept = list(total.values())
    return Group(
        tuple(g for g, _, _ in kept),
        tuple(f for _, f, _ in kept),
        tuple(o for _, _, o in kept),
        parameter,
        tuple(dict.fromkeys(turn.gate for turn in turns)),
    )


def words(circuit: Circuit) -> tuple[PauliTerm, ...]:
    """The cost's terms, equal words added up, over all Pauli sums that the circuit returns; no projectors."""
    total: dict[tuple[tuple[int, str], ...], float] = {}
    for observable in circuit.observables:
        if isinstance(observable, PauliSum):
            for term in observable.terms:
                total[term.paulis] = total.get(term.paulis, 0.0) + term.coefficient
    return tuple(PauliTerm(c, paulis) for paulis, c in total.items() if c)


def projectors(circuit: Circuit) -> tuple[Projector, ...]:
    """The projectors among the circuit's observables."""
    return tuple(o for o in circuit.observables if isinstance(o, Projector))
