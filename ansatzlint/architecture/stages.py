"""Judging a circuit in stages, cheap first: what one stage excludes, the next one never sees.

    limits          depth, gates, parameters, coupling map, symmetry      from the structure
    rules           whether any parameter can move the cost               light cones, proofs
    predictor       the probability of a plateau                          learned
    engine          the gradients of all parameters, with intervals       second moments
    expressibility  how much of the state space is reached                states, or Clifford points

Where very many circuits are screened, the prediction stands for the engine, which measures the front in the end.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from math import log10
from typing import Any, Literal

import numpy as np

from ansatzlint.architecture.limits import Limits, couplings, sizes
from ansatzlint.architecture.values import Evaluation, Figure, Objective
from ansatzlint.circuit import Circuit
from ansatzlint.errors import AnsatzlintError, CircuitError, UsageError
from ansatzlint.evidence.gradients import shot_budget
from ansatzlint.initialisation import Uniform
from ansatzlint.tasks import Task
from ansatzlint.variance import Effort, GradientVariance

GRADIENT, KL, DIMENSION, GATES = "log10_gradient", "log10_kl", "dimension", "two_qubit_gates"

MOST_STATES = 10
"""Qubits up to which expressibility is taken from states."""
STATE_SAMPLES = 2000
"""Pairs of states for the divergence of a circuit in a search."""

POINTS, SCREENING_POINTS = 1000, 10
"""Clifford points that are looked at for the dimension of a circuit in a search, and where circuits are screened."""

WORK = 60_000_000
"""Gate-samples for the gradients of one circuit, as `variance.Effort` counts them: about a second."""

PLATEAU = 0.95
"""The predicted probability of a plateau above which nothing is measured: such a circuit is set aside, not judged."""

LIVE, PREDICTED, MEASURED, SHOTS, BUILT = "live parameters", "predicted plateau", "measured gradients", "shots", "built"
DOMAIN = "domain of the predictor"

Stage = Literal["built", "limits", "rules", "predictor", "engine", "expressibility"]


def objectives(qubits: int) -> tuple[Objective, ...]:
    """What a search on so many qubits makes large or small."""
    if qubits <= MOST_STATES:
        expressive = Objective(KL, "log10 of the expressibility divergence", "minimize", 2.0)
    else:
        expressive = Objective(DIMENSION, "parameter dimension, at least", "maximize", 0.0)
    return (
        Objective(GRADIENT, "log10 of the median live mean square gradient", "maximize", -30.0),
        expressive,
        Objective(GATES, "two-qubit gates", "minimize", float("inf")),
    )


@dataclass(frozen=True, slots=True)
class Judge:
    """How circuits are judged; the same for all of one search.

    Attributes
    ----------
    task : Task
    limits : Limits
    shots : float
        The budget per shifted circuit within which the median live gradient has to be resolved.
    work : int
        For the engine, a circuit.
    seed : int
    predictor : bool
        Whether the learned predictor is asked before the engine.
    screening : bool
        Whether the predictor is asked in place of the engine, and few Clifford points are looked at.
    """

    task: Task
    limits: Limits
    shots: float
    work: int = WORK
    seed: int = 0
    predictor: bool = True
    screening: bool = False

    @property
    def objectives(self) -> tuple[Objective, ...]:
        return objectives(self.task.qubits)

    def as_dict(self) -> dict[str, Any]:
        """What the figures of two searches must share to be compared, as JSON can say it."""
        return {
            "task": self.task.as_dict(), "limits": self.limits.as_dict(), "shots": self.shots, "work": self.work,
            "objectives": [objective.key for objective in self.objectives], "screening": self.screening,
        }  # fmt: skip

    def judge(self, circuit: Circuit) -> Evaluation:
        """What is known of a complete circuit after all stages, or after the one that excludes it."""
        started = time.perf_counter()
        found = _Findings(sizes(circuit))
        found.figures[GATES] = exact(float(couplings(circuit)), "counted")
        stages: tuple[tuple[Stage, Callable[[Circuit, _Findings], None]], ...] = (
            ("limits", self._limits), ("rules", self._rules), ("predictor", self._predictor),
            ("engine", self._engine), ("expressibility", self._expressibility),
        )  # fmt: skip
        for name, stage in stages:  # noqa: B007 - the last one that was reached is told below
            stage(circuit, found)
            if any(value > 0 for value in found.constraints.values()):
                break
        return Evaluation(
            found.figures, found.constraints, name, found.sizes, tuple(found.notes), time.perf_counter() - started
        )

    def _limits(self, circuit: Circuit, found: _Findings) -> None:
        found.constraints |= self.limits.violations(circuit)

    def _rules(self, circuit: Circuit, found: _Findings) -> None:
        """Light cones tell at no cost that a cost is out of reach of every parameter."""
        from ansatzlint.evidence import Evidence

        evidence = Evidence(circuit, fast=True)
        dead = evidence.value("dead_parameters") or ()
        alive = len(circuit.trainable) - len(dead)
        found.constraints[LIVE] = 1.0 - alive

    def _predictor(self, circuit: Circuit, found: _Findings) -> None:
        from ansatzlint.predictor import predict_all

        if not self.predictor:
            return
        try:
            (predicted,) = predict_all([circuit], shots=int(self.shots))
        except (UsageError, CircuitError):
            raise
        except AnsatzlintError as error:  # a model file of another version: the search goes on without it
            if self.screening:
                raise
            found.notes.append(f"the predictor was not asked: {error}")
            return
        if predicted.barren is not None:
            found.constraints[PREDICTED] = predicted.barren - PLATEAU
        if self.screening:
            found.constraints[DOMAIN] = 0.0 if predicted.in_domain else 1.0
            if predicted.log10_median is not None:
                ends = predicted.median_lower, predicted.median_upper
                found.figures[GRADIENT] = Figure(predicted.log10_median, *ends, "predicted", "learned model")

    def _engine(self, circuit: Circuit, found: _Findings) -> None:
        from ansatzlint.moments.problem import Problem
        from ansatzlint.variance import measured

        if self.screening:
            return
        try:
            known = measured(Problem(circuit), Effort(None, self.seed, self.work))
        except CircuitError as error:
            found.notes.append(f"not measured: {error}")
            found.constraints[MEASURED] = 1.0
            return
        if known.method == "surrogate":
            found.notes.append("not measured: angles that are shared could only be taken as independent")
            found.constraints[MEASURED] = 1.0
            return
        found.constraints[MEASURED] = 0.0
        found.constraints[LIVE] = 1.0 - int(known.live.sum())
        if not known.live.any():
            return
        figure, needed = median_gradient(known)
        # A cost without shot noise needs no shot to speak of.
        found.constraints[SHOTS] = log10(max(needed, 1.0) / self.shots) if needed < np.inf else 30.0
        if figure.value > 0:
            found.figures[GRADIENT] = _logarithm(figure)

    def _expressibility(self, circuit: Circuit, found: _Findings) -> None:
        key, figure = expressiveness(circuit, self.seed, SCREENING_POINTS if self.screening else POINTS)
        found.figures[key] = figure


@dataclass(slots=True)
class _Findings:
    """What the stages so far have found."""

    sizes: Mapping[str, int]
    figures: dict[str, Figure]
    constraints: dict[str, float]
    notes: list[str]

    def __init__(self, sizes: Mapping[str, int]) -> None:
        self.sizes = sizes
        self.figures, self.constraints, self.notes = {}, {}, []


def exact(value: float, method: str) -> Figure:
    """A figure without doubt."""
    return Figure(value, value, value, "exact", method)


def median_gradient(known: GradientVariance) -> tuple[Figure, float]:
    """The median live mean square gradient, and the shots that surely resolve it (infinite where none are known to)."""
    from ansatzlint.moments.intervals import Interval, median_live

    assumed = np.zeros(len(known.live), np.bool_)
    squares = Interval(known.mean_square, known.mean_square_lower, known.mean_square_upper, assumed)
    value, lower, upper = median_live(squares, known.live)
    if known.method == "exact":
        figure = exact(value, "exact propagation")
    else:
        figure = Figure(value, lower, upper, "sampled", known.method, known.samples, known.seed)
    return figure, float(np.median(known.shots_upper[known.live]))


def _logarithm(figure: Figure) -> Figure:
    """log10 of a figure above zero; an end at zero becomes minus infinity, which JSON cannot say: None."""

    def of(end: float | None) -> float | None:
        return log10(end) if end is not None and end > 0 else None

    return Figure(
        log10(figure.value), of(figure.lower), of(figure.upper), figure.source, figure.method, figure.samples,
        figure.seed,
    )  # fmt: skip


def expressiveness(circuit: Circuit, seed: int, points: int = POINTS) -> tuple[str, Figure]:
    """The objective that stands for expressibility at this size: its key and figure.

    Up to `MOST_STATES` qubits log10 of the divergence of Sim et al. (arXiv:1905.10876), not below its finite-sample
    floor; beyond, a certified lower bound of the parameter dimension, which is no expressibility but grows with it.
    Both are properties of the ansatz: angles over a full period, whatever it starts from.
    """
    if circuit.qubits <= MOST_STATES:
        from ansatzlint.expressivity import expressibility

        found = expressibility(spread(circuit), samples=STATE_SAMPLES, seed=seed)
        reach = 1.96 * found.standard_error
        ends = (found.kl, found.kl - reach, found.kl + reach)
        value, lower, upper = (log10(max(end, found.floor)) for end in ends)
        return KL, Figure(value, lower, upper, "sampled", "fidelity histogram", found.samples, found.seed)
    from ansatzlint.dimension import parameter_dimension

    dimension = parameter_dimension(circuit, seed=seed, steps=points)
    rank = float(dimension.rank)
    method = "rank at a Clifford point" if dimension.method == "clifford" else "rank over a finite field"
    return DIMENSION, Figure(rank, rank, None, "bound", method, seed=seed)


def spread(circuit: Circuit) -> Circuit:
    """The circuit with all its angles uniform over a period."""
    parameters = tuple(replace(p, initialisation=None) for p in circuit.parameters)
    return replace(circuit, initialisation=Uniform(), parameters=parameters)


def default_shots() -> float:
    """The budget of the rules."""
    return shot_budget()
