"""The inverse of `build`: which family, with which arguments, a circuit is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Any

from ansatzlint.circuit import Circuit
from ansatzlint.errors import UsageError
from ansatzlint.families import FAMILIES
from ansatzlint.families.canonical import Canonical, Normal, Order, canonical, normal
from ansatzlint.families.family import Choice, Family, Layers

_Arguments = tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Recognised:
    """A family's name and the arguments of `build` that give the circuit, all of them."""

    family: str
    items: _Arguments

    @property
    def arguments(self) -> dict[str, Any]:
        return dict(self.items)

    def build(self, qubits: int) -> Circuit:
        """The family with these arguments on so many qubits; UsageError where it cannot be built there."""
        return FAMILIES[self.family].build(qubits, **self.arguments)

    def __str__(self) -> str:
        space = FAMILIES[self.family].space
        shown = [f"{k}={v}" for k, v in self.items if isinstance(space[k], Layers) or v != space[k].default]
        return f"{self.family}({', '.join(shown)})"


def recognise(circuit: Circuit) -> Recognised | None:
    """The family that the circuit is one of, None where it is none.

    Names of parameters do not matter, nor does the order of gates that act on different qubits. Where no family
    fits so, gates that share a qubit and act on it about the same axis may change places too. Of several families or
    arguments that build the circuit the first of the registry is taken. Cost and laws of the parameters are not
    looked at.

    Raises
    ------
    UsageError
        For something that is no circuit.
    """
    if not isinstance(circuit, Circuit):
        raise UsageError(f"a Circuit is needed, not {type(circuit).__name__}; make one with al.read(...)")
    return Recogniser(circuit).first()


class Recogniser:
    """One circuit, compared with every family."""

    def __init__(self, circuit: Circuit) -> None:
        self.circuit = circuit
        self.gates = _normals(circuit)
        self.kinds = frozenset(gate.kind for gate in self.gates)
        self.places = {(gate.kind, gate.qubits) for gate in self.gates}
        self.opening = _opening(self.gates)
        self.pairs = {gate.qubits for gate in self.gates if len(gate.qubits) == 2}
        self._forms: dict[Order, Canonical] = {}

    def first(self) -> Recognised | None:
        """The first family and arguments, an equal order of gates preferred to one that is equal in effect."""
        tried: list[tuple[Recognised, Circuit]] = []
        found = next(self.matches(tried), None)
        if found is not None:
            return found
        return next((found for found, c in tried if canonical(c, "axes").same(self._form("axes"))), None)

    def matches(self, others: list[tuple[Recognised, Circuit]] | None = None) -> Iterator[Recognised]:
        """Every family and arguments that build the circuit; `others` collects those that nearly do."""
        if not self.gates:
            return
        for family in FAMILIES.values():
            if self.circuit.qubits < family.smallest:
                continue
            for items, candidate in self._candidates(family):
                found = Recognised(family.name, items)
                if canonical(candidate).same(self._form("qubits")):
                    yield found
                elif others is not None:
                    others.append((found, candidate))

    def _form(self, order: Order) -> Canonical:
        if order not in self._forms:
            self._forms[order] = canonical(self.circuit, order)
        return self._forms[order]

    def _candidates(self, family: Family) -> Iterator[tuple[_Arguments, Circuit]]:
        """Circuits of the family with as many gates as this one, of the same kinds."""
        layered = _layered(family)
        for items in self._choices(family):
            if not self._plausible(family, items):
                continue
            if layered is None:
                built = self._build(family, items)
                if built is not None and self._fits(built):
                    yield items, built
                continue
            counts: list[int] = []
            for layers in (1, 2, 3):
                candidate = _replaced(items, layered, layers)
                built = self._build(family, candidate)
                if built is None:
                    break
                gates = _normals(built)
                if not self.places.issuperset((gate.kind, gate.qubits) for gate in gates):
                    break
                counts.append(len(gates))
                if self._fits(built):
                    yield candidate, built
                if len(gates) > len(self.gates):
                    break
            if len(counts) < 3:
                continue
            # The count of gates is affine in the layers, one function for the odd and one for the even numbers.
            step = counts[2] - counts[0]
            for start in (1, 2):
                rest = len(self.gates) - counts[start - 1]
                if step > 0 and rest > 0 and rest % step == 0 and start + 2 * (rest // step) > 3:
                    candidate = _replaced(items, layered, start + 2 * (rest // step))
                    built = self._build(family, candidate)
                    if built is not None and self._fits(built):
                        yield candidate, built

    def _choices(self, family: Family) -> Iterator[_Arguments]:
        """Every combination of arguments that a search would try, layers at 1."""
        names: list[str] = []
        values: list[list[str | int | bool]] = []
        for name, argument in family.space.items():
            names.append(name)
            if isinstance(argument, Layers):
                values.append([1])
            elif isinstance(argument, Choice):
                values.append(list(argument.values))
            else:
                values.append(list(range(argument.low, argument.high + 1)))
        for combination in product(*values):
            yield tuple(zip(names, combination, strict=True))

    def _plausible(self, family: Family, items: _Arguments) -> bool:
        """Whether the family's small circuits use the same kinds of gates; costs little."""
        n = self.circuit.qubits
        size = n if n < 6 else 4 + n % 2
        layered = _layered(family)
        for layers in (1, 2):
            small = _small(family.name, items, size)
            if small is None or small == (self.opening, self.kinds):
                break
            if layered is None or layers == 2 or self.opening[: len(small[0])] != small[0]:
                return False
            items = _replaced(items, layered, 2)
        # All pairs of many qubits are dear to build only to be thrown away.
        return n < 12 or 2 * len(self.pairs) >= n * (n - 1) or not _complete(family.name, items, 8 + n % 2)

    def _build(self, family: Family, items: _Arguments) -> Circuit | None:
        try:
            return family.build(self.circuit.qubits, **dict(items))
        except UsageError:
            return None  # arguments that cannot be met at this size

    def _fits(self, built: Circuit) -> bool:
        gates = _normals(built)
        return len(gates) == len(self.gates) and {(gate.kind, gate.qubits) for gate in gates} == self.places


def _normals(circuit: Circuit) -> tuple[Normal, ...]:
    return tuple(item for gate in circuit.gates if (item := normal(gate)) is not None)


def _replaced(items: _Arguments, name: str, value: object) -> _Arguments:
    return tuple((k, value if k == name else v) for k, v in items)


def _layered(family: Family) -> str | None:
    """The argument that is the number of layers."""
    return next((k for k, v in family.space.items() if isinstance(v, Layers)), None)


def _opening(gates: tuple[Normal, ...]) -> tuple[str, ...]:
    """The kinds of the gates on the first qubit, up to the first one that it shares with others."""
    found = []
    for gate in gates:
        if 0 in gate.qubits:
            found.append(gate.kind)
            if len(gate.qubits) > 1:
                break
    return tuple(found)


@cache
def _small(name: str, items: _Arguments, qubits: int) -> tuple[tuple[str, ...], frozenset[str]] | None:
    """(opening, kinds of gates) on so many qubits; None where it cannot be built there."""
    try:
        gates = _normals(FAMILIES[name].build(qubits, **dict(items)))
    except UsageError:
        return None
    return _opening(gates), frozenset(gate.kind for gate in gates)


@cache
def _complete(name: str, items: _Arguments, qubits: int) -> bool:
    """Whether the first layer couples every pair of qubits."""
    try:
        built = FAMILIES[name].build(qubits, **dict(items))
    except UsageError:
        return False
    pairs = {tuple(sorted(gate.qubits)) for gate in _normals(built) if len(gate.qubits) == 2}
    return len(pairs) * 2 == qubits * (qubits - 1)
