"""Training runs with a fixed number of circuit evaluations: exact gradients, Adam, many starts at once.

What a step costs is what the parameter-shift rule would take on a device, so that a circuit with many parameters gets
few steps; the gradient itself is computed by adjoint differentiation.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ansatzlint.angles import names
from ansatzlint.circuit import Circuit
from ansatzlint.errors import CircuitError
from ansatzlint.moments.sequence import Turn, laws, steps
from ansatzlint.moments.statevector import Plan, plan

EVALUATIONS = 20_000
"""Circuit evaluations that one start may take; without shot noise, one is one expectation value of the whole cost."""

MOST_STEPS = 400
"""Where gradients are so cheap that the evaluations allow more."""

STARTS = 8

RATE = 0.1
"""Adam's step in radians, the same throughout, with its usual decays 0.9 and 0.999 (1412.6980)."""

SUCCESS = 0.95
"""The share of the way at which a start counts as one that succeeded."""

_DECAYS = 0.9, 0.999
_TINY = 1e-8
_ARRIVED = 1e-9
"""A start within this share of the range of the least value has nothing left to gain."""


@dataclass(frozen=True, slots=True, eq=False)
class Training:
    """Costs of training runs, one entry a start, in the cost's own units.

    Attributes
    ----------
    start, end, best : float64 arrays of shape (starts,)
        Before the first step, after the last one, and the least on the way.
    steps : int
    evaluations : int
        Circuit evaluations of one start.
    last : float64 array of shape (starts, parameters)
        The parameters after the last step, in radians.
    """

    start: NDArray[np.float64]
    end: NDArray[np.float64]
    best: NDArray[np.float64]
    steps: int
    evaluations: int
    last: NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 0)))

    def shares(self, least: float, largest: float) -> NDArray[np.float64]:
        """Share of the way from the start to the least value of the cost that each run covered, within [0, 1].

        1 where a run began at the least value.
        """
        way = self.start - least
        near = way <= _ARRIVED * (largest - least)
        covered = (self.start - self.end) / np.where(near, 1.0, way)
        return np.where(near, 1.0, np.clip(covered, 0.0, 1.0))


def gradient_evaluations(circuit: Circuit) -> int:
    """Circuit evaluations of one gradient by shift rules, every use of a trainable parameter shifted by itself.

    2 a Pauli rotation, so 4 a rotation under one control, whose rule has four terms.
    """
    names_ = {p.name for p in circuit.trainable}
    own = {i for i, p in enumerate(circuit.parameters) if p.role == "trainable"}
    found = 0
    for step in steps(circuit):
        if isinstance(step, Turn) and step.general is not None:
            found += 2 * sum(name in names_ for name in names(step.general))
        elif isinstance(step, Turn):
            found += 2 * (step.parameter in own)
    return found


def steps_within(circuit: Circuit, evaluations: int = EVALUATIONS) -> int:
    """Steps that so many circuit evaluations allow, one evaluation kept for the result; at least 1."""
    return int(np.clip((evaluations - 1) // max(gradient_evaluations(circuit), 1), 1, MOST_STEPS))


def train(circuit: Circuit, starts: int = STARTS, seed: int = 0, evaluations: int = EVALUATIONS) -> Training:
    """Train from several starts, drawn as the circuit draws its parameters; inputs keep what was drawn for them.

    Raises
    ------
    CircuitError
        Where the cost cannot be evaluated at drawn angles, or is not finite at them.
    """
    found = plan(circuit, laws(circuit))
    if isinstance(found, str):
        raise CircuitError(f"the circuit cannot be trained here: {found}")
    drawn = found.draw(seed, 0, starts)
    return descend(found, drawn, steps_within(circuit, evaluations), gradient_evaluations(circuit))


def descend(plan: Plan, parameters: NDArray[np.float64], steps: int, gradient_cost: int) -> Training:
    """Adam from the given parameters, shape (starts, K), all at once; raises as `train` does.

    `gradient_cost` is what one gradient counts.
    """
    theta = parameters.copy()
    mean, square = np.zeros_like(theta), np.zeros_like(theta)
    first, second = _DECAYS
    start: NDArray[np.float64] | None = None
    for step in range(1, steps + 1):
        values = plan.evaluate(theta, threads=1)
        if isinstance(values, str):
            raise CircuitError(f"the circuit cannot be trained here: {values}")
        if start is None:
            start, best = values.cost, values.cost.copy()
        np.minimum(best, values.cost, out=best)
        mean += (1 - first) * (values.gradients - mean)
        square += (1 - second) * (values.gradients**2 - square)
        scale = RATE / (1 - first**step)
        theta -= scale * mean / (np.sqrt(square / (1 - second**step)) + _TINY)
    values = plan.evaluate(theta, threads=1)
    if isinstance(values, str):
        raise CircuitError(f"the circuit cannot be trained here: {values}")
    assert start is not None, "at least one step"
    np.minimum(best, values.cost, out=best)
    return Training(start, values.cost, best, steps, steps * gradient_cost + 1, theta)
