"""The search space: families, their arguments, the initialisation, the form of the cost; and circuits from its points.

A point is asked for one argument at a time, so that whoever proposes knows which arguments belong to which family.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from ansatzlint import codec
from ansatzlint.architecture.values import Design
from ansatzlint.circuit import Circuit
from ansatzlint.errors import UsageError
from ansatzlint.families import FAMILIES, family_of
from ansatzlint.families.couplings import Pairs
from ansatzlint.families.family import Choice, Whole
from ansatzlint.initialisation import Initialisation, Normal, Uniform
from ansatzlint.tasks import Task

VERSION = 1
"""Raised when a design means another circuit than before: studies of another version are not gone on with."""

GIVEN = "map"
"""The coupling that is the user's coupling map."""

INITIALISATIONS = ("uniform", "narrow")
"""Over all angles (or as the family itself says), or normal around zero with a width that fits the depth."""


class Asked(Protocol):
    """Whoever decides where in the space to look next."""

    def choice(self, name: str, values: Sequence[str | int | bool]) -> str | int | bool:
        """One of the values."""

    def whole(self, name: str, low: int, high: int) -> int:
        """A whole number, both ends included."""


@dataclass(frozen=True, slots=True)
class Space:
    """Which circuits there are.

    Attributes
    ----------
    task : Task
    families : tuple of str
    coupling : tuple of pairs, or None
        The pairs of qubits on which gates are allowed; families that take a coupling map may use it.
    most_layers : int or None
        No number of layers beyond it is tried.
    init : Initialisation or None
        The law of the angles, where it is not to be searched for.
    """

    task: Task
    families: tuple[str, ...]
    coupling: Pairs | None = None
    most_layers: int | None = None
    init: Initialisation | None = None

    def ask(self, asked: Asked) -> Design:
        """A point of the space."""
        name = self.families[0] if len(self.families) == 1 else str(asked.choice("family", self.families))
        arguments: dict[str, Any] = {}
        for key, argument in FAMILIES[name].space.items():
            label = f"{name}.{key}"
            if isinstance(argument, Choice):
                values = argument.values
                if argument.pairs and self.coupling is not None:
                    values = (*values, GIVEN)
                arguments[key] = values[0] if len(values) == 1 else asked.choice(label, values)
            else:
                low = argument.low if isinstance(argument, Whole) else 1
                high = argument.high if self.most_layers is None else max(min(argument.high, self.most_layers), low)
                arguments[key] = low if low == high else asked.whole(label, low, high)
        init = "given" if self.init is not None else str(asked.choice("init", INITIALISATIONS))
        costs = tuple(name for name, _ in self.task.costs)
        cost = costs[0] if len(costs) == 1 else str(asked.choice("cost", costs))
        return Design(name, arguments, init, cost)

    def build(self, design: Design) -> Circuit:
        """The circuit of a design, with the task's cost and the law of its angles.

        Raises
        ------
        UsageError
            Where the family cannot be built on so many qubits with these arguments.
        """
        if design.text is not None:
            circuit: Circuit = codec.loads(design.text)
        else:
            arguments = {k: self.coupling if v == GIVEN else v for k, v in design.arguments.items()}
            circuit = FAMILIES[design.family].build(self.task.qubits, **arguments)
        return self.start(self.task.pose(circuit, design.cost), design.init)

    def start(self, circuit: Circuit, init: str) -> Circuit:
        """The circuit with the law of its angles; "uniform" leaves what a family says of single parameters."""
        if init == "uniform":
            return replace(circuit, initialisation=Uniform())
        law = self.init if self.init is not None and init == "given" else narrow_law(circuit)
        parameters = tuple(replace(p, initialisation=None) if p.role == "trainable" else p for p in circuit.parameters)
        return replace(circuit, initialisation=law, parameters=parameters)

    def as_dict(self) -> dict[str, Any]:
        """The space's identity, as JSON can say it."""
        return {
            "version": VERSION,
            "families": list(self.families),
            "coupling": None if self.coupling is None else [list(pair) for pair in self.coupling],
            "most_layers": self.most_layers,
            "init": None if self.init is None else str(self.init),
        }


def narrow_law(circuit: Circuit) -> Normal:
    """The normal law whose width Zhang et al. (arXiv:2203.09376) give for the circuit's depth and cost."""
    from ansatzlint.evidence import Evidence, gradients

    return gradients.narrow_law(Evidence(circuit))


def chosen_families(names: Sequence[str] | None, qubits: int) -> tuple[str, ...]:
    """The families of a search: those named, else all that can be built on so many qubits and take no inputs.

    Raises
    ------
    UsageError
        For an unknown name, none at all, a family that cannot be built on so many qubits.
    """
    if names is not None:
        if not names:
            raise UsageError(f"families is empty; known are {', '.join(FAMILIES)}")
        for name in names:
            family_of(name).build(qubits)
        return tuple(dict.fromkeys(names))
    found = []
    for name, family in FAMILIES.items():
        if qubits < family.smallest:
            continue
        if not family.build(max(family.smallest, 2)).inputs:
            found.append(name)
    return tuple(found)


