"""The values of a search: designs, figures, evaluations, candidates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ansatzlint.circuit import Circuit

Direction = Literal["maximize", "minimize"]


@dataclass(frozen=True, slots=True)
class Objective:
    """A quantity to be made large or small; `worst` stands in for it where a circuit was excluded before."""

    key: str
    title: str
    direction: Direction
    worst: float


@dataclass(frozen=True, slots=True)
class Figure:
    """A number, its ends, and how it was got.

    `lower` and `upper` are those of a 95 % interval where it was sampled, of a 90 % interval where it was predicted,
    equal to the value where it is exact; of a bound only one of them is finite, the other None.
    """

    value: float
    lower: float | None
    upper: float | None
    source: Literal["exact", "sampled", "bound", "predicted"]
    method: str
    samples: int | None = None
    seed: int | None = None

    def as_dict(self) -> dict[str, Any]:
        return {
            "value": self.value, "lower": self.lower, "upper": self.upper, "source": self.source,
            "method": self.method, "samples": self.samples, "seed": self.seed,
        }  # fmt: skip

    def __str__(self) -> str:
        if self.source == "sampled" and self.lower is not None and self.upper is not None:
            return f"{self.value:.4g} [{self.lower:.4g}, {self.upper:.4g}]"
        return f"{'at least ' if self.source == 'bound' else ''}{self.value:.4g}"


@dataclass(frozen=True, slots=True)
class Design:
    """A point of the search space.

    `changes` are the seeds of the gate-level changes that were made one after the other to the family's circuit, with
    the circuit that they led to as `codec` text, so that it can be had without them.
    """

    family: str
    arguments: Mapping[str, Any]
    init: str
    cost: str
    changes: tuple[int, ...] = ()
    text: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """As JSON can say it."""
        return {
            "family": self.family, "arguments": dict(self.arguments), "init": self.init, "cost": self.cost,
            "changes": list(self.changes), "text": self.text,
        }  # fmt: skip

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Design:
        """What `as_dict` made."""
        return cls(data["family"], data["arguments"], data["init"], data["cost"], tuple(data["changes"]), data["text"])

    def __str__(self) -> str:
        said = ", ".join(f"{name}={value}" for name, value in self.arguments.items())
        changed = f", {len(self.changes)} changes" if self.changes else ""
        return f"{self.family}({said}{changed})" + (f" from {self.init} angles" if self.init != "uniform" else "")


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What is known of one circuit.

    Attributes
    ----------
    figures : mapping of str to Figure
        By objective; those that a stage before had made pointless are missing.
    constraints : mapping of str to float
        Feasible at or below 0.
    stage : str
        The last stage that was reached.
    sizes : mapping of str to int
        qubits, parameters, gates, depth, two_qubit_gates.
    notes : tuple of str
        Why something could not be had.
    seconds : float
    """

    figures: Mapping[str, Figure]
    constraints: Mapping[str, float]
    stage: str
    sizes: Mapping[str, int]
    notes: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def feasible(self) -> bool:
        return all(value <= 0 for value in self.constraints.values())

    def as_dict(self) -> dict[str, Any]:
        """As JSON can say it."""
        return {
            "figures": {key: figure.as_dict() for key, figure in self.figures.items()},
            "constraints": dict(self.constraints),
            "stage": self.stage,
            "sizes": dict(self.sizes),
            "notes": list(self.notes),
            "seconds": round(self.seconds, 4),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Evaluation:
        """What `as_dict` made."""
        return cls(
            {key: Figure(**figure) for key, figure in data["figures"].items()},
            data["constraints"], data["stage"], data["sizes"], tuple(data["notes"]), data["seconds"],
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Trained:
    """What training a finalist on the task itself came to.

    Attributes
    ----------
    median, best : float
        The cost reached after so many circuit evaluations a start, over the starts; by the task's own sense.
    optimum : float or None
        The best value that any state has; None where it was not computed.
    starts, evaluations, seed : int
    """

    median: float
    best: float
    optimum: float | None
    starts: int
    evaluations: int
    seed: int

    @property
    def error(self) -> float | None:
        """How far the median start stayed from the optimum."""
        return None if self.optimum is None else abs(self.median - self.optimum)

    def as_dict(self) -> dict[str, Any]:
        return {
            "median": self.median, "best": self.best, "optimum": self.optimum, "starts": self.starts,
            "evaluations": self.evaluations, "seed": self.seed,
        }  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A circuit of the front.

    `number` is its trial's; `objectives` are in the circuit's own units, by key; `trained` is None where no training
    was done.
    """

    number: int
    circuit: Circuit
    design: Design
    evaluation: Evaluation
    trained: Trained | None = None

    @property
    def family(self) -> str:
        return self.design.family

    @property
    def arguments(self) -> Mapping[str, Any]:
        return self.design.arguments

    @property
    def objectives(self) -> Mapping[str, Figure]:
        return self.evaluation.figures

    def __str__(self) -> str:
        figures = ", ".join(f"{key} {figure}" for key, figure in self.objectives.items())
        return f"trial {self.number}: {self.design}: {figures}"
