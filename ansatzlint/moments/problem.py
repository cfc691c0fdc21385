"""Everything about a circuit that the engines need, worked out once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np

from ansatzlint.angles import names as names_of
from ansatzlint.circuit import Circuit
from ansatzlint.errors import CircuitError
from ansatzlint.moments.cost import Cost, Ket, Pulled
from ansatzlint.moments.cost import pull as pull_cost
from ansatzlint.moments.crossing import Crossings
from ansatzlint.moments.frame import Event, Frame, Free, Group, Noise
from ansatzlint.moments.frame import pull as pull_frame
from ansatzlint.moments.initial import Initial, initial
from ansatzlint.moments.laws import Law
from ansatzlint.moments.operators import moments_of
from ansatzlint.moments.sequence import Step, laws, steps
from ansatzlint.pauli.strings import PauliString, bits

MAX_COMPARED = 128
"""Cost terms up to which it is worked out which pairs of them may live, where turns change the product of a pair."""


@dataclass(frozen=True)
class Problem:
    """A circuit as steps, as a frame without Clifford gates, with its laws and its initial state.

    Raises
    ------
    CircuitError
        Where a gate has too many controls, or the initial state cannot be had.
    """

    circuit: Circuit

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        return steps(self.circuit)

    @cached_property
    def laws(self) -> tuple[Law, ...]:
        return laws(self.circuit)

    @cached_property
    def frame(self) -> Frame:
        return pull_frame(self.steps, self.circuit.qubits, [p.name for p in self.circuit.parameters])

    @cached_property
    def state(self) -> Initial:
        found = initial(self.circuit)
        if isinstance(found, str):
            raise CircuitError(found)
        return found

    @property
    def parameters(self) -> int:
        return len(self.circuit.parameters)

    @cached_property
    def work(self) -> int:
        """Gate-samples that one sample costs: the steps, or several times the events where pairs carry signs."""
        return len(self.steps) if self.diagonal else 8 * len(self.frame.events)

    @cached_property
    def rigid(self) -> bool:
        """Whether the product of the strings of a pair never changes, so that it decides at once which pairs live."""
        return all(
            not event.shift if isinstance(event, Noise)
            else isinstance(event, Group) and moments_of(event, self.laws).rigid
            for event in self.frame.events
        )  # fmt: skip

    @cached_property
    def crossings(self) -> Crossings:
        return Crossings(self.frame.events, self.laws, self.state)

    @cached_property
    def dead(self) -> tuple[frozenset[int], ...]:
        """For each event what a pair of equal strings need not become, because it would die on every road."""
        return tuple(
            self.crossings.dead(event, place) if self._crosses(event) else frozenset()
            for place, event in enumerate(self.frame.events)
        )

    def _crosses(self, event: Event) -> bool:
        """Whether the event can make a pair of different strings of one of equal strings."""
        if isinstance(event, Noise):
            return bool(event.shift)
        return not (isinstance(event, Group) and moments_of(event, self.laws).stays_diagonal)

    @cached_property
    def diagonal(self) -> bool:
        """Whether only pairs of equal strings come of pairs of equal strings, as far as they count."""
        return not self.frame.drawn and all(
            len(dead) == (1 if isinstance(event, Noise) else 2 ** len(event.generators) - 1)
            for event, dead in zip(self.frame.events, self.dead, strict=True)
            if self._crosses(event) and not isinstance(event, Free)
        )

    def pulled(self, cost: Cost) -> Pulled:
        """The cost at the initial state, its strings labelled by which pairs of them may live."""
        labels = self._labels(cost) if self.rigid else self._components(cost)
        return pull_cost(cost, self.frame.tableau, self.circuit.qubits, labels)

    def _components(self, cost: Cost) -> list[int] | None:
        """One label for strings that pairs which may live connect; None where that would take long to tell."""
        if isinstance(cost, Ket) or not cost.coherent or len(cost.strings) > MAX_COMPARED or self.frame.drawn:
            return None
        images = [self.frame.tableau(s) for s in cost.strings]
        labels = list(range(len(images)))
        for (i, a), (j, b) in combinations(enumerate(images), 2):
            if labels[i] == labels[j]:
                continue
            if not self.crossings.dies(PauliString(a.x ^ b.x, a.z ^ b.z), len(self.frame.events)):
                old = labels[j]
                labels = [labels[i] if label == old else label for label in labels]
        return labels

    @cached_property
    def _killers(self) -> list[PauliString]:
        return [
            event.generators[0]
            for event in self.frame.events
            if isinstance(event, Group) and moments_of(event, self.laws).kills
        ]

    @cached_property
    def _marks(self) -> tuple[list[int], list[int]]:
        """Parities of the turns that kill, for X and for Z of each qubit."""
        return _parities(self._killers, self.circuit.qubits)

    def _labels(self, cost: Cost) -> list[int]:
        """For each string parities over random sets of the turns that kill: different labels, a dead pair.

        A pair lives where its two strings anticommute with the same of these turns. The parities are linear in the
        string; equal labels of different strings (for 32 parities a chance of 2^-32) cost time and change no result.
        The products of a projector's factors span a space, which takes more parities than it has dimensions.
        """
        if isinstance(cost, Ket):
            images = [self.frame.tableau(factor) for factor in cost.factors()]
            return _many_parities(self._killers, images, self.circuit.qubits)
        with_x, with_z = self._marks
        found = []
        for string in cost.strings:
            image, label = self.frame.tableau(string), 0
            for qubit in bits(image.x):
                label ^= with_x[qubit]
            for qubit in bits(image.z):
                label ^= with_z[qubit]
            found.append(label)
        return found

    @cached_property
    def drawn(self) -> tuple[str, ...]:
        """Names of the parameters that have to be drawn: used more than once, or in an expression."""
        return tuple(self.circuit.parameters[i].name for i in self.frame.drawn)


def _parities(generators: Sequence[PauliString], qubits: int) -> tuple[list[int], list[int]]:
    """For X and for Z of each qubit 32 parities of how many of a random half of the generators anticommute with it."""
    rng = np.random.Generator(np.random.Philox(key=0))
    size = -(-qubits // 8)
    sums = np.zeros((32, 16 * size), dtype=np.float32)
    for begin in range(0, len(generators), 4096):
        part = generators[begin : begin + 4096]
        data = b"".join(g.z.to_bytes(size, "little") + g.x.to_bytes(size, "little") for g in part)
        octets = np.frombuffer(data, dtype=np.uint8).reshape(len(part), 2 * size)
        table = np.unpackbits(octets, axis=1, bitorder="little")
        chosen = rng.integers(0, 2, (32, len(part)))
        sums = (sums + chosen.astype(np.float32) @ table.astype(np.float32)) % 2
    weights = [1 << k for k in range(32)]
    columns = [sum(w for w, odd in zip(weights, column, strict=True) if odd) for column in sums.T.astype(int).tolist()]
    return columns[:qubits], columns[8 * size : 8 * size + qubits]


def _many_parities(
    generators: Sequence[PauliString], strings: Sequence[PauliString], qubits: int
) -> list[int]:
    """For each string twice as many parities as there are strings, and some more, as bits.

    Each generator belongs to three of the random sets only, which keeps the rank and takes time linear in both.
    """
    rng = np.random.Generator(np.random.Philox(key=0))
    count = 2 * len(strings) + 64
    size = -(-qubits // 8)
    sums = np.zeros((count, 2 * size), dtype=np.uint8)
    for begin in range(0, len(generators), 4096):
        part = generators[begin : begin + 4096]
        data = b"".join(g.z.to_bytes(size, "little") + g.x.to_bytes(size, "little") for g in part)
        octets = np.frombuffer(data, dtype=np.uint8).reshape(len(part), 2 * size)
        for chosen in rng.integers(0, count, (3, len(part))):
            order = np.argsort(chosen, kind="stable")
            sets, first = np.unique(chosen[order], return_index=True)
            sums[sets] ^= np.bitwise_xor.reduceat(octets[order], first, axis=0)
    data = b"".join(s.x.to_bytes(size, "little") + s.z.to_bytes(size, "little") for s in strings)
    own = np.frombuffer(data, dtype=np.uint8).reshape(len(strings), 2 * size)
    table = np.unpackbits(sums, axis=1).astype(np.float32)
    parities = (np.unpackbits(own, axis=1).astype(np.float32) @ table.T).astype(np.int64) & 1
    return [int.from_bytes(row.tobytes(), "little") for row in np.packbits(parities.astype(np.uint8), axis=1)]


MAX_COMPARISONS = 3_000_000
"""Pairs of generators that `dead_parameters` compares at most, in each direction."""


def _untouched(
    events: Iterable[Event], touching: Sequence[PauliString], idle: Callable[[PauliString], bool]
) -> set[int]:
    """Places of the events whose generators are all idle and commute with what touches, or is touched, before them."""
    touched = list(touching)
    untouched = set()
    comparisons = 0
    for place, event in enumerate(events):
        if isinstance(event, Noise):
            touched += event.axes
            continue
        own = (event.generator,) if isinstance(event, Free) else event.generators
        for generator in own:
            hit = not idle(generator)
            if not hit:
                for at in range(len(touched) - 1, -1, -1):
                    comparisons += 1
                    if not generator.commutes(touched[at]):
                        hit = True
                        break
            if hit:
                touched += own
                break
        else:
            untouched.add(place)
        if comparisons > MAX_COMPARISONS:
            break
    return untouched


def dead_parameters(problem: Problem, cost: Cost) -> dict[str, str]:
    """Parameters whose gradient is zero for every value of all, and why; each claim is a proof.

    A turn moves nothing that is measured if its generator commutes with the measured strings and with every turn
    behind it that does; it changes no state if its generator leaves the initial state as it is and commutes with
    every turn before it that does not. Noise counts as something that moves. The search stops after `MAX_COMPARISONS`
    and says nothing of what is left.
    """
    circuit, events = problem.circuit, problem.frame.events
    strings = cost.factors() if isinstance(cost, Ket) else cost.strings
    measured = [problem.frame.tableau(s) for s in strings]
    behind = {len(events) - 1 - place for place in _untouched(events[::-1], measured, lambda _: True)}
    before = _untouched(events, (), problem.state.stabilises)
    uses: dict[str, list[int]] = {p.name: [] for p in circuit.parameters}
    for place, event in enumerate(events):
        if isinstance(event, Group) and event.parameter is not None:
            uses[circuit.parameters[event.parameter].name].append(place)
        elif isinstance(event, Free):
            for name in names_of(event.angle):
                uses[name].append(place)
    found = {}
    for name, places in uses.items():
        if not places:
            continue  # in no turn at all: whoever asks knows a better reason
        if behind.issuperset(places):
            found[name] = "commutes with everything between it and the cost"
        elif before.issuperset(places):
            found[name] = "its generator leaves the state before it unchanged"
        elif (behind | before).issuperset(places):
            found[name] = "each of its gates commutes with what is behind it, or leaves the state unchanged"
    return found
