"""What the values of claims are made of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Term:
    """One cost term: term `index` of observable `observable` (for a projector and the like the only one).

    `weight` is its coefficient, `qubits` those that it acts on; `locality` counts those on which it still acts
    after it was pulled back through the trailing Clifford gates and where a parameter can move it (0: the term is
    constant; for other observables than Pauli sums the number of `qubits`); `reachable` says whether some
    trainable parameter or input stands in its light cone.
    """

    observable: int
    index: int
    label: str
    weight: float
    qubits: tuple[int, ...]
    locality: int
    reachable: bool


@dataclass(frozen=True, slots=True)
class Cone:
    """The light cone of one cost term: its qubits, and how many gates and parameters stand in it."""

    label: str
    qubits: tuple[int, ...]
    gates: int
    parameters: int


@dataclass(frozen=True, slots=True)
class Dead:
    """A parameter that the cost never feels, the gates that it stands in, and why."""

    parameter: str
    gates: tuple[int, ...]
    why: str = "outside the light cone of the cost"


@dataclass(frozen=True, slots=True)
class Redundant:
    """Two trainable rotations about one generator with nothing between them that tells them apart.

    Neither parameter is used elsewhere, so that the circuit depends on one combination of the two; `gates` are the
    two gates, that of `parameter` first.
    """

    parameter: str
    other: str
    gates: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Resolution:
    """Whether the gradients can be resolved with a budget of shots per circuit, at a signal-to-noise ratio of one.

    `verdict` is "barren" (every live parameter needs more), "weak" (every one needs more than a tenth), "trainable"
    (one needs less than a tenth) or "unknown" (the intervals do not tell, or the value is no more than a surrogate).
    `best`, `median` and `worst` are shots of the live parameters; `resolvable` says for each trainable parameter
    whether the budget suffices, None where its interval does not tell; `settled` whether the median is below it, above
    it, or (None) not told apart.
    """

    budget: float
    verdict: str
    best: float
    median: float
    worst: float
    resolvable: tuple[bool | None, ...]


@dataclass(frozen=True, slots=True)
class Start:
    """The gradient at a start where no trainable parameter is random: its size by parameter, the largest of them.

    Root mean squares over the inputs, where the circuit has any.
    """

    gradients: tuple[float, ...]
    largest: float


@dataclass(frozen=True, slots=True)
class DepthBudget:
    """How many entangling blocks the circuit can have before no gradient can be resolved any more.

    `layers` of the `total` blocks, counted from the first, stay within the budget; `curve` holds (blocks, shots of the
    best live parameter, lower end, upper end) of the circuits that were measured.
    """

    layers: int
    total: int
    curve: tuple[tuple[int, float, float, float], ...]


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the gradient comes from.

    `blocks` holds (number, sum of the mean squares of its parameters) of the entangling blocks, 0 for what stands
    before the first; `terms` (cost term, sum of the mean squares over all parameters were it alone the cost), the
    weightiest terms only.
    """

    blocks: tuple[tuple[int, float], ...]
    terms: tuple[tuple[str, float], ...]
