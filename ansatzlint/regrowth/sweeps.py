"""A circuit as a sequence of sweeps: the same gates on every qubit, along a chain, around a ring and so on."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, replace

from ansatzlint.circuit import Channel, Gate
from ansatzlint.families.canonical import Order
from ansatzlint.regrowth.patterns import Pattern, ends, growing, partial_chains
from ansatzlint.regrowth.trace import Item, Key, Trace, key_at

_LONGEST_BLOCK = 64
_BUDGET, _BUDGET_FACTOR = 20_000, 20
"""A search may take so many items off, and so many times the circuit's number of them, before it gives up."""


@dataclass(frozen=True, slots=True)
class Template:
    """A gate or channel of a sweep: `slots` says which qubits of an instance it acts on, `form` how its angles look."""

    source: Gate | Channel
    slots: tuple[int, ...]
    form: Hashable
    names: tuple[str, ...]

    def at(self, sites: tuple[int, ...]) -> Gate | Channel:
        """The gate or channel of that instance, its angles as in the first one."""
        return replace(self.source, qubits=tuple(sites[s] for s in self.slots), location=None)

    def key(self, sites: tuple[int, ...]) -> Key | None:
        """What `at` gives, as the trace looks for it."""
        return key_at(self.source, tuple([sites[s] for s in self.slots]))


@dataclass(frozen=True, slots=True)
class Sweep:
    """A block of gates, repeated along a pattern.

    `instances` holds, for each instance, the parameters of each template.
    """

    pattern: Pattern
    block: tuple[Template, ...]
    instances: tuple[tuple[tuple[str, ...], ...], ...]

    def column(self, template: int, position: int) -> tuple[str, ...]:
        """The parameter at one place of the block, an entry an instance."""
        return tuple(instance[template][position] for instance in self.instances)

    @property
    def size(self) -> int:
        return len(self.block) * len(self.instances)


def parse(source: tuple[Item, ...], qubits: int, order: Order) -> tuple[tuple[Sweep, ...], ...] | str:
    """The circuit as sweeps, up to two ways to say it, the simpler first; a str says what does not fit into any."""
    plain = _Search(Trace(source, qubits, order), blocks_first=False).run()
    if isinstance(plain, tuple) and any(sweep.pattern.parity == "places" for sweep in plain):
        whole = _Search(Trace(source, qubits, order), blocks_first=False, places=False).run()
        if isinstance(whole, tuple) and len(whole) <= len(plain) and _ends(whole) <= _ends(plain):
            plain = whole
    if isinstance(plain, tuple) and all(
        len(sweep.block) == 1 and sweep.pattern.grows and sweep.pattern.parity != "places" for sweep in plain
    ):
        return (plain,)
    blocked = _Search(Trace(source, qubits, order), blocks_first=True).run()
    if isinstance(plain, str):
        return plain if isinstance(blocked, str) else (blocked,)
    if isinstance(blocked, str):
        return (plain,)
    return (blocked, plain) if 3 * _weight(blocked) <= 2 * _weight(plain) else (plain, blocked)


def _ends(sweeps: tuple[Sweep, ...]) -> int:
    return sum(not sweep.pattern.grows for sweep in sweeps)


def _weight(sweeps: tuple[Sweep, ...]) -> int:
    """How much there is to say: a sweep, and the gates of its block."""
    return sum(1 + len(sweep.block) for sweep in sweeps)


class _Search:
    """Depth-first: the simplest sweep that the front of the circuit allows, then the rest of it."""

    def __init__(self, trace: Trace, blocks_first: bool, places: bool = True) -> None:
        self.trace, self.blocks_first, self.places = trace, blocks_first, places
        self.failed: set[int] = set()
        self.budget = _BUDGET + _BUDGET_FACTOR * len(trace.items)
        self.deepest = 0
        self._placed: dict[int, tuple[tuple[Pattern, tuple[tuple[int, ...], ...]], ...]] = {}
        self.stuck: Item | None = None

    def run(self) -> tuple[Sweep, ...] | str:
        trace, path = self.trace, list[Sweep]()
        # An explicit stack of choices: circuits may have more sweeps than Python has frames.
        stack: list[Iterator[Sweep]] = [self._choices()]
        while stack:
            if trace.empty:
                return tuple(path)
            sweep = next(stack[-1], None) if trace.work < self.budget else None
            if sweep is None:
                if trace.work >= self.budget:
                    break
                self.failed.add(trace.state)
                stack.pop()
                if path:
                    trace.undo(path.pop().size)
                continue
            path.append(sweep)
            if trace.state in self.failed:
                trace.undo(path.pop().size)
                continue
            stack.append(self._choices())
        if self.stuck is None:
            return "it has no gates"
        gate = self.stuck.source
        what = gate.name if isinstance(gate, Gate) else gate.kind
        return f"its {what} on {_qubits(gate.qubits)} is part of no pattern that repeats over the qubits"

    def _choices(self) -> Iterator[Sweep]:
        """Sweeps at the front, each taken off the trace when it is given out."""
        trace = self.trace
        at = [trace.heads(q) for q in range(trace.qubits)]
        heads = sorted({index for found in at for index in found})
        if len(trace.taken) >= self.deepest and heads:
            self.deepest, self.stuck = len(trace.taken), trace.items[heads[0]]
        arities = sorted({len(trace.items[i].key[1]) for i in heads})
        ways = [self._sweeps(arities, at), self._blocks()]
        for way in reversed(ways) if self.blocks_first else ways:
            yield from way
        for arity in arities:
            for pattern in ends(arity):
                yield from self._single(pattern, pattern.sites(trace.qubits), at)

    def _growing(self, arity: int) -> tuple[tuple[Pattern, tuple[tuple[int, ...], ...]], ...]:
        """The patterns that so many qubits allow, each with its sites."""
        if arity not in self._placed:
            n = self.trace.qubits
            known = (p for p in growing(arity, n) if self.places or p.parity != "places")
            allowed = (p for p in known if n >= max(p.smallest, p.least) and not n % p.step)
            self._placed[arity] = tuple((p, sites) for p in allowed if (sites := p.sites(n)))
        return self._placed[arity]

    def _sweeps(self, arities: list[int], at: list[list[int]]) -> Iterator[Sweep]:
        for arity in arities:
            for pattern, sites in self._growing(arity):
                yield from self._single(pattern, sites, at)

    def _single(
        self, pattern: Pattern, sites: tuple[tuple[int, ...], ...], at: list[list[int]]
    ) -> Iterator[Sweep]:
        """Sweeps of one gate along the pattern."""
        if self.trace.qubits < max(pattern.smallest, pattern.least):
            return
        first = set(sites[0])
        for index in at[sites[0][0]]:
            item = self.trace.items[index]
            if set(item.key[1]) == first and len(item.key[1]) == pattern.arity:
                template = self._template(item, sites[0])
                if pattern.half == self.trace.qubits and template.slots != (0, 1):
                    continue  # that is the ring in reverse
                found = self._take(pattern, sites, (template,))
                if found is not None:
                    yield found

    def _blocks(self) -> Iterator[Sweep]:
        """Sweeps of several gates on the qubits of each pair, shortest block first."""
        n = self.trace.qubits
        fronts: dict[tuple[int, ...], list[int]] = {}
        partial = ((p, p.sites(n)) for p in partial_chains() if n >= p.least)
        for pattern, sites in (*self._growing(2), *partial):
            if len(sites) < 2:
                continue
            for first in (sites[0], sites[0][::-1]):
                if first not in fronts:
                    fronts[first] = self._front(first)
                templates = [self._template(self.trace.items[i], sites[0]) for i in fronts[first]]
                yield from self._prefixes(pattern, sites, templates)

    def _prefixes(
        self, pattern: Pattern, sites: tuple[tuple[int, ...], ...], templates: list[Template]
    ) -> Iterator[Sweep]:
        """Sweeps of the first gates of a block, at least one of them on two qubits, the fewest first."""
        trace = self.trace
        joint = False
        taken = 0
        for length, template in enumerate(templates, 1):
            joint = joint or len(template.slots) == 2
            if length < 2 or not joint:
                continue
            while taken < length:
                index = trace.next_of(templates[taken].key(sites[0]) or ("", ()))
                if index is None:
                    trace.undo(taken)
                    return
                trace.take(index)
                taken += 1
            # Whether the second instance can start costs little; the whole sweep is taken from the beginning.
            second = _starts(trace, templates[0], sites[1])
            if not second:
                continue
            trace.undo(taken)
            taken = 0
            found = self._take(pattern, sites, tuple(templates[:length]))
            if found is not None:
                yield found
        trace.undo(taken)

    def _front(self, sites: tuple[int, ...]) -> list[int]:
        """Items that can be taken one after the other on these qubits alone, those of the first qubit first."""
        trace, inside = self.trace, set(sites)
        found: list[int] = []
        progress = True
        while progress and len(found) < _LONGEST_BLOCK:
            progress = False
            for qubit in sites:
                index = next((i for i in trace.heads(qubit) if inside.issuperset(trace.items[i].key[1])), None)
                if index is not None:
                    key = trace.items[index].key
                    first = trace.next_of(key)
                    if first is None:
                        continue
                    trace.take(first)
                    found.append(first)
                    progress = True
                    break
        trace.undo(len(found))
        return found

    def _template(self, item: Item, sites: tuple[int, ...]) -> Template:
        return Template(item.source, tuple(sites.index(q) for q in item.source.qubits), item.form, item.names)

    def _take(
        self, pattern: Pattern, sites: tuple[tuple[int, ...], ...], block: tuple[Template, ...]
    ) -> Sweep | None:
        """The sweep, taken off the trace; None, and the trace as it was, where it is not at its front."""
        trace = self.trace
        before = len(trace.taken)
        instances: list[tuple[tuple[str, ...], ...]] = []
        for place in sites:
            names: list[tuple[str, ...]] = []
            for template in block:
                key = template.key(place)
                index = None if key is None else trace.next_of(key)
                if index is None or trace.items[index].form != template.form:
                    trace.undo(len(trace.taken) - before)
                    return None
                trace.take(index)
                names.append(trace.items[index].names)
            instances.append(tuple(names))
        sweep = Sweep(pattern, block, tuple(instances))
        if not all(
            _regular(sweep.column(t, p), sites) for t, template in enumerate(block) for p in range(len(template.names))
        ):
            trace.undo(len(trace.taken) - before)
            return None
        return sweep


def _starts(trace: Trace, template: Template, sites: tuple[int, ...]) -> bool:
    key = template.key(sites)
    index = None if key is None else trace.next_of(key)
    return index is not None and trace.items[index].form == template.form


def _regular(column: tuple[str, ...], sites: tuple[tuple[int, ...], ...]) -> bool:
    """Whether the parameter is one for all instances, another in each, or decided by one of the qubits."""
    distinct = len(set(column))
    if distinct in (1, len(column)):
        return True
    for slot in range(len(sites[0])):
        chosen = {(place[slot], name) for place, name in zip(sites, column, strict=True)}
        if len(chosen) == distinct == len({qubit for qubit, _ in chosen}):
            return True
    return False


def _qubits(qubits: tuple[int, ...]) -> str:
    if len(qubits) == 1:
        return f"qubit {qubits[0]}"
    return f"qubits {', '.join(map(str, qubits[:6]))}{', …' if len(qubits) > 6 else ''}"
