"""A circuit as Clifford gates and Pauli rotations, each with the way back to the gate that it came from."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import pi

from ansatzlint.angles import Angle
from ansatzlint.circuit import Circuit
from ansatzlint.gates import CLIFFORD, rotations
from ansatzlint.pauli.strings import PauliString, bits, conjugate, half_turn

_TOLERANCE = 1e-10


@dataclass(frozen=True, slots=True)
class Clifford:
    """The Clifford gate `name`, a key of `strings.ELEMENTARY`, from gate `gate` of the circuit."""

    name: str
    qubits: tuple[int, ...]
    gate: int

    @property
    def support(self) -> int:
        return sum(1 << q for q in self.qubits)


@dataclass(frozen=True, slots=True)
class Rotation:
    """exp(-i angle P / 2) from gate `gate` of the circuit; a fixed angle that is a multiple of pi/2 is Clifford."""

    pauli: PauliString
    angle: Angle
    gate: int

    @property
    def support(self) -> int:
        return self.pauli.support

    @property
    def quarter_turns(self) -> int | None:
        """angle / (pi/2) modulo 4 where the angle is a fixed multiple of pi/2, else None."""
        if not isinstance(self.angle, float):
            return None
        turns = self.angle / (pi / 2)
        return round(turns) % 4 if abs(turns - round(turns)) < _TOLERANCE else None


Operation = Clifford | Rotation


def lower(circuit: Circuit) -> tuple[Operation, ...]:
    """The circuit up to a global phase, in time order; rotations by fixed multiples of 2 pi are dropped.

    Raises
    ------
    CircuitError
        For a gate with more controls than `gates.MAX_CONTROLS`.
    """
    operations: list[Operation] = []
    for index, gate in enumerate(circuit.gates):
        if gate.name in CLIFFORD and not gate.controls:
            if gate.name != "id":
                operations.append(Clifford(gate.name, gate.qubits, index))
            continue
        for word, angle in rotations(gate.name, gate.angles, gate.controls, gate.word):
            pauli = PauliString.of(zip(gate.qubits, word, strict=True))
            rotation = Rotation(pauli, angle, index)
            if pauli.support and rotation.quarter_turns != 0:
                operations.append(rotation)
    return tuple(operations)


def by_level(operations: Sequence[Operation], qubits: int) -> tuple[Operation, ...]:
    """The operations in another time order, as soon as possible: what stands side by side comes before what follows.

    A walk in this order meets what stops it after a few steps, where in the order of the source a whole ladder of
    gates may come first.
    """
    front = [0] * qubits
    levels = []
    for operation in operations:
        on = tuple(bits(operation.support))
        level = 1 + max(front[q] for q in on)
        for q in on:
            front[q] = level
        levels.append(level)
    return tuple(operations[i] for i in sorted(range(len(operations)), key=levels.__getitem__))


def pull(operation: Operation, string: PauliString, direction: int) -> PauliString | None:
    """The string beyond the operation: later for direction 1, earlier for -1; None where it would become a sum."""
    if isinstance(operation, Clifford):
        return conjugate(operation.name, operation.qubits, string, direction)
    if operation.pauli.commutes(string):
        return string
    turns = operation.quarter_turns
    if turns is None:
        return None
    for _ in range(turns):
        string = half_turn(operation.pauli, string, direction)
    return string


class Lines:
    """The operations on each qubit line, to walk from one to the next without scanning the whole circuit."""

    def __init__(self, operations: Sequence[Operation], qubits: int) -> None:
        self.operations = operations
        self._on: list[list[int]] = [[] for _ in range(qubits)]
        self._rank: list[dict[int, int]] = [{} for _ in range(qubits)]
        for index, operation in enumerate(operations):
            for qubit in bits(operation.support):
                self._rank[qubit][index] = len(self._on[qubit])
                self._on[qubit].append(index)

    def walk(self, support: int, start: int, direction: int) -> Walk:
        """Walk from `start` (exclusive; an operation index, or len(operations) from behind) along some lines."""
        return Walk(self, support, start, direction)


class Walk:
    """Operations that touch a set of qubits that may grow on the way, in order; `add` joins further qubits."""

    def __init__(self, lines: Lines, support: int, start: int, direction: int) -> None:
        self._lines, self._direction = lines, direction
        self._position = start
        self._joined = 0
        self._heap: list[tuple[int, int]] = []
        self.add(support)

    def add(self, support: int) -> None:
        from bisect import bisect_left, bisect_right

        for qubit in bits(support & ~self._joined):
            on = self._lines._on[qubit]
            if self._direction == 1:
                rank = bisect_right(on, self._position)
            else:
                rank = bisect_left(on, self._position) - 1
            self._push(qubit, rank)
        self._joined |= support

    def _push(self, qubit: int, rank: int) -> None:
        on = self._lines._on[qubit]
        if 0 <= rank < len(on):
            heapq.heappush(self._heap, (self._direction * on[rank], qubit))

    def __iter__(self) -> Iterator[tuple[int, Operation]]:
        while self._heap:
            index = self._direction * self._heap[0][0]
            while self._heap and self._direction * self._heap[0][0] == index:
                _, qubit = heapq.heappop(self._heap)
                self._push(qubit, self._lines._rank[qubit][index] + self._direction)
            self._position = index
            yield index, self._lines.operations[index]
