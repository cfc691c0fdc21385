"""What a scaling is made of: measured points, the target, and the trends through them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from os import PathLike

from ansatzlint.trend import Trend, trend


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its 95 % interval; three equal numbers where it is exact."""

    value: float
    lower: float
    upper: float

    def __str__(self) -> str:
        if self.lower == self.upper:
            return f"{self.value:.3g}"
        if self.value == 0.0 or self.lower == 0.0:
            return f"below {self.upper:.2g}"
        return f"{self.value:.3g} [{self.lower:.2g}, {self.upper:.2g}]"


@dataclass(frozen=True, slots=True)
class Point:
    """One size that was measured.

    Attributes
    ----------
    size, parameters : int
        Qubits; trainable parameters.
    depth : int
        Layers of gates on two or more qubits inside the light cone of the cost.
    largest, median : Estimate
        G = E[(dC)^2] of the best and of the median live parameter.
    method : str
        As in `GradientVariance`.
    fitted : bool
        Whether the trend may rest on it: it is no surrogate, of the same residue class as the others, and its interval
        is no wide one of samples whose weights have no bound.
    """

    size: int
    parameters: int
    depth: int
    largest: Estimate
    median: Estimate
    method: str
    fitted: bool


@dataclass(frozen=True, slots=True)
class AtTarget:
    """What was measured at the target: G of the best and of the median live parameter, and the shots for either.

    Shots are per shifted circuit for a signal-to-noise ratio of one; infinite where the interval reaches down to zero.
    """

    qubits: int
    largest: Estimate
    median: Estimate
    shots: Estimate
    shots_median: Estimate
    method: str


@dataclass(frozen=True, slots=True)
class Scaling:
    """How the gradients of a circuit change with its number of qubits.

    Attributes
    ----------
    largest, median : Trend
        Of G = E[(dC)^2] of the best and of the median live parameter.
    terms : tuple of (str, Trend)
        Of the largest G of single cost terms, each alone and with coefficient 1, where their verdicts differ and the
        whole cost's gradient was seen at the target; else ().
    carried_by : str or None
        The cost term that carries the largest gradient at the target, where terms differ.
    points : tuple of Point
        All sizes measured, ascending.
    at_target : AtTarget
    depth_rule : str
        How the depth depends on the number of qubits, in words.
    assumptions : tuple of str
        What the verdict rests on, and the sizes that could not be measured.
    seed : int
    name : str
    """

    largest: Trend
    median: Trend
    terms: tuple[tuple[str, Trend], ...]
    carried_by: str | None
    points: tuple[Point, ...]
    at_target: AtTarget
    depth_rule: str
    assumptions: tuple[str, ...]
    seed: int
    name: str

    @property
    def verdict(self) -> str:
        """ "polynomial", "exponential" or "undecided": the trend of the largest live gradient."""
        return self.largest.verdict

    @property
    def exponent(self) -> float | None:
        """k of n^-k or e of 2^(-e n), None where undecided; `lower` and `upper` are the ends of its 95 % interval."""
        return self.largest.exponent

    @property
    def lower(self) -> float | None:
        return self.largest.lower

    @property
    def upper(self) -> float | None:
        return self.largest.upper

    @property
    def target(self) -> int:
        return self.at_target.qubits

    def plot(self, width: int = 60, height: int = 12) -> str:
        """log10 of the mean squares against the number of qubits, as text."""
        from ansatzlint.plots import text

        drawn: str = text(self, width, height)
        return drawn

    def save(self, path: str | PathLike[str]) -> None:
        """Write the picture as PNG or SVG; raises as `ansatzlint.plots.figure` does."""
        from ansatzlint.plots import figure

        figure(self, path)

    def __str__(self) -> str:
        at = self.at_target
        lines = [
            f"{self.name}: largest gradient {self.largest}.",
            f"Median live gradient {self.median}.",
            f"At {at.qubits} qubits ({at.method}): largest mean square {at.largest}, median {at.median}; "
            f"shots per circuit to resolve them: {_shots(at.shots)} and {_shots(at.shots_median)}.",
        ]
        if self.carried_by:
            lines.append(f"Carried by {self.carried_by}.")
        lines += [f"{label}, alone: {found}." for label, found in self.terms]
        lines.append(f"Sizes {', '.join(str(p.size) for p in self.points)}; {self.depth_rule}.")
        if self.assumptions:
            lines.append(f"Assumed: {'; '.join(self.assumptions)}.")
        return "\n".join(lines)


def _shots(shots: Estimate) -> str:
    if shots.upper == inf:
        return f"more than {shots.lower:.2g}"
    return f"{shots.value:.2g}"


def fitted(values: Sequence[tuple[int, Estimate]]) -> Trend:
    """The trend through estimates by size."""
    return trend(
        [n for n, _ in values],
        [e.value for _, e in values],
        [e.lower for _, e in values],
        [e.upper for _, e in values],
    )
