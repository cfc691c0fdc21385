"""Which parameters the gates of sweeps share, told so that it can be said at any number of qubits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ansatzlint.circuit import Circuit, Parameter
from ansatzlint.regrowth.patterns import Pattern
from ansatzlint.regrowth.sweeps import Sweep

Place = tuple[int, int, int]
"""A place for a parameter: (sweep, template of its block, position in the template's angles)."""

_SITES = -1
"""The selector that takes all qubits of an instance; others take the qubit of that slot."""


@dataclass(frozen=True, slots=True)
class Shared:
    """One parameter of the circuit, whatever its size."""

    parameter: Parameter


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of an array: the one that `key` finds for the instance among those that `held` found."""

    array: int
    held: int
    key: int


@dataclass(frozen=True, slots=True)
class Array:
    """Parameters of one law, one for each instance of a pattern (or each qubit that `selector` finds there)."""

    pattern: Pattern
    selector: int
    model: Parameter

    def keys(self, qubits: int) -> tuple[tuple[int, ...], ...]:
        """What distinguishes the entries, in order."""
        return tuple(dict.fromkeys(select(sites, self.selector) for sites in self.pattern.sites(qubits)))

    def under(self, selector: int, qubits: int) -> dict[tuple[int, ...], int]:
        """The number of each entry under another selector, those that it cannot tell apart left out."""
        numbers = {key: index for index, key in enumerate(self.keys(qubits))}
        found: dict[tuple[int, ...], int] = {}
        double: set[tuple[int, ...]] = set()
        for sites in self.pattern.sites(qubits):
            key, number = select(sites, selector), numbers[select(sites, self.selector)]
            if found.setdefault(key, number) != number:
                double.add(key)
        return {key: number for key, number in found.items() if key not in double}


@dataclass(frozen=True, slots=True)
class Sharing:
    """For each place the shared parameter or the entry of an array that stands there."""

    arrays: tuple[Array, ...]
    uses: Mapping[Place, Shared | Entry]
    assumptions: tuple[str, ...]

    def parameters(self, qubits: int) -> tuple[tuple[str, ...], ...]:
        """The names of each array's entries at a size: none that a shared parameter has."""
        taken = {use.parameter.name for use in self.uses.values() if isinstance(use, Shared)}
        counts = {"trainable": 0, "input": 0}
        named = []
        for array in self.arrays:
            role = array.model.role
            entries = []
            for _ in array.keys(qubits):
                while (name := f"{'x' if role == 'input' else 'theta'}{counts[role]}") in taken:
                    counts[role] += 1
                counts[role] += 1
                entries.append(name)
            named.append(tuple(entries))
        return tuple(named)


def select(sites: tuple[int, ...], selector: int) -> tuple[int, ...]:
    """All qubits of an instance, or one of them."""
    return sites if selector == _SITES else (sites[selector],)


def sharing(sweeps: tuple[Sweep, ...], circuit: Circuit) -> Sharing | str:
    """How the parameters are shared; a str says which one follows no rule."""
    laws = {p.name: p for p in circuit.parameters}
    columns: dict[Place, tuple[str, ...]] = {}
    for s, sweep in enumerate(sweeps):
        for t, template in enumerate(sweep.block):
            for p in range(len(template.names)):
                columns[s, t, p] = sweep.column(t, p)
    n = circuit.qubits
    work = _Work(sweeps, n, laws)
    # The one of most parameters first: it is the others' array. What stands once only tells nothing by itself: last.
    for place in sorted(columns, key=lambda place: (-len(set(columns[place])), len(columns[place]), place)):
        if len(columns[place]) > 1:
            reason = work.place(place, columns[place])
            if reason:
                return reason
    shared = sum(isinstance(use, Shared) for use in work.uses.values())
    conventional = shared > len(work.uses) - shared
    for place in sorted(columns):
        if len(columns[place]) == 1:
            work.single(place, columns[place][0], conventional, _often(columns, columns[place][0]))
    for place, use in work.uses.items():
        if isinstance(use, Shared) and use.parameter.name in work.entries:
            return f"its parameter {columns[place][0]!r} is shared by some gates of a sweep and not by others"
    return Sharing(tuple(work.arrays), work.uses, tuple(work.assumptions))


def _often(columns: Mapping[Place, tuple[str, ...]], name: str) -> bool:
    return sum(name in column for column in columns.values()) > 1


class _Work:
    def __init__(self, sweeps: tuple[Sweep, ...], qubits: int, laws: Mapping[str, Parameter]) -> None:
        self.sweeps, self.qubits, self.laws = sweeps, qubits, laws
        self.arrays: list[Array] = []
        self.held: list[tuple[str, ...]] = []
        self.entries: dict[str, int] = {}
        self.uses: dict[Place, Shared | Entry] = {}
        self.assumptions: list[str] = []

    def place(self, place: Place, column: tuple[str, ...]) -> str:
        """Find the rule of one column; a text says why there is none."""
        sweep = self.sweeps[place[0]]
        sites = sweep.pattern.sites(self.qubits)
        found = self._entry(column, sites)
        if found is not None:
            self.uses[place] = found
        elif len(set(column)) == 1:
            self.uses[place] = Shared(self.laws[column[0]])
        elif any(name in self.entries for name in column):
            return f"its parameters {column[0]!r}, {column[1]!r}, … return in an order that follows no rule"
        else:
            selectors = (0, *range(1, len(sites[0]))) if len(set(column)) < len(column) else (_SITES,)
            for selector in selectors:
                keys = [select(site, selector) for site in sites]
                if len(set(zip(keys, column, strict=True))) == len(set(keys)) == len(set(column)):
                    self._new(place, sweep.pattern, selector, tuple(dict.fromkeys(column)))
                    return ""
            return f"its parameters {column[0]!r}, {column[1]!r}, … are shared by no rule"
        return ""

    def single(self, place: Place, name: str, conventional: bool, often: bool) -> None:
        """A column of one instance: an entry of an array, shared, or the first of an array."""
        sweep = self.sweeps[place[0]]
        sites = sweep.pattern.sites(self.qubits)
        found = self._entry((name,), sites) if name in self.entries else None
        if found is not None:
            self.uses[place] = found
            return
        if not sweep.pattern.grows or often or conventional:
            self.uses[place] = Shared(self.laws[name])
        else:
            self._new(place, sweep.pattern, _SITES, (name,))
        if sweep.pattern.grows:
            kind = "shared by the sweep" if isinstance(self.uses[place], Shared) else "one for each gate of the sweep"
            self.assumptions.append(
                f"the parameter of the one gate {sweep.pattern.text} at {self.qubits} qubits is taken as {kind}"
            )

    def _new(self, place: Place, pattern: Pattern, selector: int, names: tuple[str, ...]) -> None:
        models = [self.laws[name] for name in names]
        values = {model.value for model in models}
        model = models[0] if len(values) == 1 else Parameter(names[0], models[0].role, None, models[0].initialisation)
        self.uses[place] = Entry(len(self.arrays), selector, selector)
        self.arrays.append(Array(pattern, selector, model))
        self.held.append(names)
        self.entries.update(dict.fromkeys(names, len(self.arrays) - 1))

    def _entry(self, column: Iterable[str], sites: tuple[tuple[int, ...], ...]) -> Entry | None:
        names = tuple(column)
        number = self.entries.get(names[0])
        if number is None:
            return None
        array, held = self.arrays[number], self.held[number]
        own = (_SITES, *range(array.pattern.arity))
        asked = (_SITES, *range(len(sites[0])))
        for selector in (array.selector, *(s for s in own if s != array.selector)):
            known = array.under(selector, self.qubits)
            for key in asked:
                if all(
                    (index := known.get(select(place, key))) is not None and held[index] == name
                    for place, name in zip(sites, names, strict=True)
                ):
                    return Entry(number, selector, key)
        return None
