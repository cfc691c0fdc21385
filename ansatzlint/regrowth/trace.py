"""A circuit as a partial order: what can be taken off its front."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from functools import cache

from ansatzlint.angles import names
from ansatzlint.circuit import Channel, Circuit, Gate
from ansatzlint.families.canonical import Order, normal, shape_of

Key = tuple[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Item:
    """A gate, or a channel of noise, with what instances of one sweep have in common.

    `key` says what acts where, `form` holds the angles with parameters replaced by their laws, `names` the parameters
    in the order of `form`.
    """

    source: Gate | Channel
    key: Key
    axes: tuple[str, ...]
    form: Hashable
    names: tuple[str, ...]


@cache
def _arrangement(name: str, controls: str, word: str, ranks: tuple[int, ...]) -> tuple[str, tuple[int, ...]] | None:
    """The kind of a gate on qubits of these ranks, and the order in which its normal form takes them."""
    found = normal(Gate(name, ranks, (), controls, word))
    return None if found is None else (found.kind, tuple(ranks.index(rank) for rank in found.qubits))


def key_at(source: Gate | Channel, qubits: tuple[int, ...]) -> Key | None:
    """The key of the gate or channel, moved to these qubits."""
    if isinstance(source, Channel):
        return _channel(source), qubits
    ranks = (0,) if len(qubits) == 1 else tuple(map(sorted(qubits).index, qubits))
    found = _arrangement(source.name, source.controls, source.word, ranks)
    return None if found is None else (found[0], tuple([qubits[i] for i in found[1]]))


def _channel(source: Channel) -> str:
    return f"channel {source.kind} {source.probabilities}"


def items(circuit: Circuit) -> tuple[Item, ...]:
    """The circuit's gates and channels in order, those that do nothing left out."""
    laws: dict[str, Hashable] = {p.name: (p.role, p.initialisation) for p in circuit.parameters}
    rank = {p.name: index for index, p in enumerate(circuit.parameters)}
    channels = sorted(circuit.channels, key=lambda c: c.after)
    found: list[Item] = []
    position = 0

    def add(source: Gate | Channel) -> None:
        known: tuple[Key, tuple[str, ...]]
        if isinstance(source, Channel):
            known = (_channel(source), source.qubits), ("",)
        elif (form_of := normal(source)) is not None:
            known = (form_of.kind, form_of.qubits), tuple(form_of.axes)
        else:
            return
        numbers: dict[str, int] = {}

        def token(name: str) -> Hashable:
            return numbers.setdefault(name, len(numbers)), laws[name]

        angles = source.angles if isinstance(source, Gate) else ()
        form = tuple(shape_of(angle, token, rank.__getitem__) for angle in angles)
        for angle in angles:
            for name in names(angle):
                numbers.setdefault(name, len(numbers))
        found.append(Item(source, *known, form, tuple(numbers)))

    for index in range(len(circuit.gates) + 1):
        while position < len(channels) and channels[position].after == index:
            add(channels[position])
            position += 1
        if index < len(circuit.gates):
            add(circuit.gates[index])
    return tuple(found)


class Trace:
    """The items that are still there; `take` and `undo` work like a stack.

    On each qubit the items form runs: inside a run the order is free (one item a run where `order` is "qubits", items
    of one axis where it is "axes"). An item can be taken where all its qubits have come to its run.
    """

    def __init__(self, source: tuple[Item, ...], qubits: int, order: Order) -> None:
        self.items, self.qubits = source, qubits
        self.taken: list[int] = []
        self.work = 0  # how often an item was taken
        self.state = 0  # the set of taken items, as bits
        self._of: dict[Key, list[int]] = {}
        self._used: dict[Key, int] = {}
        self._runs: list[list[list[int]]] = [[] for _ in range(qubits)]
        self._run_of: list[tuple[int, ...]] = []
        last = [""] * qubits
        for index, item in enumerate(source):
            self._of.setdefault(item.key, []).append(index)
            for qubit, axis in zip(item.key[1], item.axes, strict=True):
                runs = self._runs[qubit]
                if order == "qubits" or not axis or axis != last[qubit] or not runs:
                    runs.append([])
                runs[-1].append(index)
                last[qubit] = axis
            self._run_of.append(tuple(len(self._runs[qubit]) - 1 for qubit in item.key[1]))
        self._at = [0] * qubits
        self._left = [len(runs[0]) if runs else 0 for runs in self._runs]

    @property
    def empty(self) -> bool:
        return len(self.taken) == len(self.items)

    def available(self, index: int) -> bool:
        """Whether nothing stands before the item any more."""
        return not self.state >> index & 1 and all(
            self._at[qubit] == run for qubit, run in zip(self.items[index].key[1], self._run_of[index], strict=True)
        )

    def heads(self, qubit: int) -> list[int]:
        """The items on the qubit that can be taken."""
        at = self._at[qubit]
        return [i for i in self._runs[qubit][at] if self.available(i)] if at < len(self._runs[qubit]) else []

    def next_of(self, key: Key) -> int | None:
        """The item of that key that can be taken, None where there is none."""
        of, used = self._of.get(key), self._used.get(key, 0)
        if of is None or used >= len(of) or not self.available(of[used]):
            return None
        return of[used]

    def take(self, index: int) -> None:
        """Take an available item: of several with one key the first."""
        self.work += 1
        item = self.items[index]
        self._used[item.key] = self._used.get(item.key, 0) + 1
        for qubit in item.key[1]:
            self._left[qubit] -= 1
            if not self._left[qubit]:
                self._at[qubit] += 1
                runs = self._runs[qubit]
                self._left[qubit] = len(runs[self._at[qubit]]) if self._at[qubit] < len(runs) else 0
        self.taken.append(index)
        self.state |= 1 << index

    def undo(self, count: int) -> None:
        """Put the last so many items back."""
        for _ in range(count):
            index = self.taken.pop()
            item = self.items[index]
            self.state &= ~(1 << index)
            self._used[item.key] -= 1
            for qubit, run in zip(item.key[1], self._run_of[index], strict=True):
                if self._at[qubit] == run:
                    self._left[qubit] += 1
                else:
                    self._at[qubit], self._left[qubit] = run, 1
