"""In how many directions the parameters of a circuit move its state: the parameter dimension.

It is the rank of the quantum Fisher information at generic parameters (Haug, Bharti, Kim, 2102.01659; Larocca et al.,
2109.11676): of the derivatives of the state, as vectors over the real numbers, modulo the state's own phase.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ansatzlint.circuit import Circuit
from ansatzlint.dimension.bounds import Limit, limits
from ansatzlint.dimension.clifford import Points, points
from ansatzlint.dimension.field import rank_in_algebra, rank_of_states
from ansatzlint.dimension.turns import Turns, turns_of
from ansatzlint.errors import CircuitError, UsageError
from ansatzlint.moments.initial import initial

__all__ = ["Dimension", "Limit", "direction_limits", "parameter_dimension"]

Method = Literal["auto", "field", "clifford"]

FIELD_QUBITS, FIELD_WORK = 12, 1 << 29
"""Up to so many qubits and amplitude updates of all derivatives together, a few nanoseconds each, a state is held."""

CLIFFORD_WORK, STEPS = 1 << 28, 200_000
"""Event updates of one climb over Clifford points, a few nanoseconds each, and the most points that it looks at."""

HOT, COLD = 1.0, 0.2
"""Temperatures of the climb, in directions."""


@dataclass(frozen=True, slots=True)
class Dimension:
    """A certified lower bound on a circuit's parameter dimension, with upper bounds beside it.

    The derivatives are those by the trainable parameters, wherever the inputs stand; noise is left out.

    Attributes
    ----------
    rank : int
        At almost all parameters the rank of the quantum Fisher information is at least that.
    parameters : int
        Trainable parameters.
    limits : tuple of Limit
        Upper bounds on the rank of any circuit with these generators and this initial state, the lowest first.
    method : str
        "field": exact arithmetic at a random point over a finite field; with a probability near one the rank is the
        parameter dimension itself. "clifford": the exact rank at the best Clifford point that was found.
    point : tuple of float
        The parameters at the Clifford point, in the circuit's order, in radians; empty for "field".
    left_out : tuple of str
        Trainable parameters that count as no direction, whatever they are: they stand in angles that are no affine
        functions of the parameters, or for which no Clifford point is known.
    barriers : int
        At the Clifford point: turns by angles that are no multiples of pi/2, such as fixed ones, which are not moved.
        A parameter whose derivative they make a sum of Pauli strings counts as no direction.
    steps, seed : int
        Points that were looked at, and the seed that they came from.
    """

    rank: int
    parameters: int
    limits: tuple[Limit, ...]
    method: str
    point: tuple[float, ...]
    left_out: tuple[str, ...]
    barriers: int
    steps: int
    seed: int

    @property
    def upper(self) -> int:
        """The parameter dimension is at most that."""
        return min(self.parameters, *(limit.directions for limit in self.limits))

    @property
    def exact(self) -> bool:
        """Whether the rank is the parameter dimension."""
        return self.rank == self.upper

    def __int__(self) -> int:
        return self.rank

    def __str__(self) -> str:
        if self.exact:
            return f"{self.rank} directions (exact)"
        return f"at least {self.rank} directions, at most {self.upper}"


def parameter_dimension(
    circuit: Circuit, seed: int = 0, method: Method = "auto", steps: int | None = None
) -> Dimension:
    """A certified lower bound on the generic rank of the quantum Fisher information, at any number of qubits.

    The generic rank is at least the rank at any one point. On few qubits that is a random point over a finite field.
    Else it is a Clifford point, where all angles are multiples of pi/2: there a turn's derivative is a Pauli string
    acting on a stabiliser state, and the rank of all of them is computed exactly; simulated annealing looks for a point
    of high rank.

    Parameters
    ----------
    circuit
        Its trainable parameters are counted; its inputs move but do not count. Noise is left out.
    seed
        From 0 to 2^63 - 1.
    method
        "auto" takes "field" where the amplitudes of all derivatives can be held, or the generators' Lie algebra is
        small enough to be listed; else "clifford".
    steps
        Clifford points that are looked at; None for as many as a few seconds allow. The same circuit, seed and steps
        give the same bits on any machine.

    Raises
    ------
    UsageError
        For something that is no circuit, a seed or a number of steps that cannot be, an unknown method, "field" for a
        circuit that is too large for it.
    CircuitError
        For a circuit that was not read completely, an initial state that is no product of one-qubit stabiliser states,
        a gate with too many controls, angles that exist at none of the points that are tried.
    """
    from ansatzlint.variance import validate

    validate(circuit, 1 if steps is None else steps, seed, "auto")
    if method not in ("auto", "field", "clifford"):
        raise UsageError(f"unknown method {method!r}; use auto, field or clifford")
    if circuit.unread:
        raise CircuitError(f"part of the circuit was not read: {circuit.unread[0].reason}")
    turns = turns_of(circuit)
    above, strings = limits([turn.generator for turn in turns.turns], circuit.qubits)
    enough = min(len(turns.counted), *(limit.directions for limit in above))
    rank = None
    if method != "clifford":
        if _holds_states(turns, circuit.qubits):
            rank = rank_of_states(turns.turns, circuit.qubits, turns.counted, enough, seed)
        elif strings is not None:
            rank = rank_in_algebra(turns.turns, strings, turns.counted, enough, seed)
        if rank is None and method == "field":
            raise UsageError("the circuit is too large for method 'field'; use 'clifford'")
    counted, barriers, taken, how = set(turns.counted), 0, 1, "field"
    point: tuple[float, ...] = ()
    if rank is None:
        how = "clifford"
        found = points(turns, circuit.qubits)
        rank, quarters, taken = _climb(found, min(enough, found.live), seed, steps)
        barriers = len(found.barriers)
        counted &= set(found.movable)
        at = dict(turns.pinned)
        for v, parameter in enumerate(found.movable):
            at[parameter] = found.origins[v] + int(quarters[v]) * found.steps[v]
        point = tuple(at.get(p, 0.0) for p in range(len(circuit.parameters)))
    used = {name for gate in circuit.gates for name in gate.parameters}
    left_out = tuple(
        p.name for i, p in enumerate(circuit.parameters)
        if p.role == "trainable" and p.name in used and i not in counted and (turns.uses[i] or i in turns.pinned)
    )  # fmt: skip
    return Dimension(rank, len(circuit.trainable), above, how, point, left_out, barriers, taken, seed)


def direction_limits(circuit: Circuit) -> tuple[Limit, ...]:
    """Upper bounds on the parameter dimension that no number of parameters can exceed, the lowest first.

    They hold for any circuit with these generators and this initial state, its Clifford gates pushed out, wherever its
    inputs and fixed angles stand; noise is left out.

    Raises
    ------
    CircuitError
        For a gate with too many controls, angles that exist at none of the points that are tried.
    """
    state = initial(circuit)
    known = not isinstance(state, str) and state.bloch is not None and state.stabilised
    turns = turns_of(circuit if known else replace(circuit, initial_state=None))
    return limits([turn.generator for turn in turns.turns], circuit.qubits, from_zero=known)[0]


def _holds_states(turns: Turns, qubits: int) -> bool:
    """Whether all derivatives fit as amplitudes."""
    return qubits <= FIELD_QUBITS and (len(turns.counted) + 1) * len(turns.turns) << qubits <= FIELD_WORK


def _climb(found: Points, enough: int, seed: int, steps: int | None) -> tuple[int, NDArray[np.int64], int]:
    """The highest rank that was met, the variables there in quarters, and how many points were looked at."""
    from ansatzlint.dimension.clifford_kernels import climb, move

    variables = len(found.movable)
    events, words = len(found.phases), found.strings.shape[1]
    if steps is None:
        uses = len(found.moved) / max(1, variables)
        several = len(found.starts) - 1
        cost = events * (words // 2 + len(found.barriers) + uses) + 16 * len(found.members) + several**2
        steps = int(max(1, min(STEPS, CLIFFORD_WORK // max(1, cost))))
    generator = np.random.default_rng(seed)
    start = generator.integers(0, 4, variables)
    strings, phases = found.strings.copy(), found.phases.copy()
    for v in range(variables):
        if start[v]:
            move(strings, phases, found.uses, found.moved, found.factors, v, start[v])
    best = start.copy()
    if not variables:
        steps = 0
    single = np.diff(found.uses) == 1
    choices = generator.integers(0, max(variables, 1), steps)
    quarters = np.where(single[choices], 1, generator.integers(1, 4, steps)) if variables else choices
    rank = climb(
        strings, phases, found.barriers, found.singles, found.starts, found.members, found.weights, found.uses,
        found.moved, found.factors, choices, quarters, generator.random(steps), HOT, COLD, enough, start, best,
    )  # fmt: skip
    return rank, best, steps
