"""Which engine answers: exact propagation where it can, samples where it must, drawn angles where they are shared."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ansatzlint.errors import CircuitError
from ansatzlint.moments.cost import Cost, Ket, Pulled, Words
from ansatzlint.moments.exact import bounds, propagate
from ansatzlint.moments.frame import Group
from ansatzlint.moments.initial import pack
from ansatzlint.moments.intervals import Interval, interval, sure
from ansatzlint.moments.operators import Operators, Space, operators
from ansatzlint.moments.problem import Problem
from ansatzlint.moments.tally import Tally
from ansatzlint.pauli.strings import multiply

Wanted = Literal["auto", "exact", "sampled"]

MAX_START = 1 << 16
"""Strings, or pairs of them, that exact propagation starts with at most."""


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """A moment of the cost and its derivatives by every parameter of the circuit.

    Attributes
    ----------
    cost : Interval of one quantity
    slopes : Interval of as many as the circuit has parameters
        Both with zero width where `exact`.
    tallies : (Tally, Tally) or None
        Of the cost and of the slopes, where they were sampled.
    signed : bool
        Whether single samples may be negative.
    guided : bool
        Whether samples were drawn along a matrix product that knows where to go, so that more would tell little.
    """

    cost: Interval
    slopes: Interval
    exact: bool
    samples: int
    tallies: tuple[Tally, Tally] | None = None
    signed: bool = False
    guided: bool = False


def second_moment(
    problem: Problem,
    cost: Cost,
    wanted: Wanted,
    samples: int,
    seed: int,
    max_strings: int,
    max_records: int,
    guide: bool = True,
) -> Answer:
    """E[C^2] and E[(dC/dt_k)^2] for every parameter k; constant terms of the cost left out.

    With `guide`, samples that hardly hit anything are replaced by a matrix product along a line of qubits, where the
    circuit is near one.

    Raises
    ------
    CircuitError
        If exact propagation is wanted and needs too much, or parameters are used in a way that needs drawn angles.
    """
    if problem.frame.drawn:
        raise CircuitError(f"the parameters {', '.join(problem.drawn[:4])} are shared or in expressions")
    pulled = problem.pulled(cost)
    if not len(pulled.rows):
        return _nothing(problem)
    diagonal = problem.diagonal and not pulled.crossed
    space: Space = "diagonal" if diagonal else "pair"
    made = operators(problem.frame.events, problem.laws, problem.circuit.qubits, space, problem.dead)
    if wanted != "sampled":
        starts = pulled.squares(MAX_START) if diagonal else pulled.pairs(MAX_START)
        if starts is not None:
            found = _exactly(problem, made, *starts, max_strings, max_records)
            if found is not None:
                return found
        if wanted == "exact":
            raise CircuitError(f"more than {max_strings} Pauli strings can be reached: no exact value can be had")
    ceilings = _ceilings(problem, cost)
    if diagonal:
        from ansatzlint.moments.paths import compile_paths

        bloch = problem.state.bloch
        paths = compile_paths(problem.steps, problem.laws, problem.circuit.qubits, problem.parameters)
        if paths is not None and bloch is not None:
            found = _from_tallies(*paths.sample(cost, bloch, samples, seed), *ceilings, signed=False)
            found = _guided(problem, cost, bloch, seed, found) if guide else found
            return _bounded(problem, made, pulled, found) if guide and not found.exact else found
    from ansatzlint.moments.pairs import sample

    draw, largest = pulled.draw_diagonal() if diagonal else pulled.draw_pairs()
    tallies = sample(made, draw, largest, problem.state, problem.parameters, samples, seed)
    return _from_tallies(*tallies, *ceilings, signed=not diagonal)


def first_moment(
    problem: Problem, cost: Cost, samples: int, seed: int, max_strings: int, max_records: int
) -> Answer:
    """E[C] and E[dC/dt_k], constant terms of the cost left out; exact where few enough strings can be reached."""
    pulled = problem.pulled(cost)
    if not len(pulled.rows):
        return _nothing(problem)
    made = operators(problem.frame.events, problem.laws, problem.circuit.qubits, "mean")
    starts = pulled.means(MAX_START)
    if starts is not None:
        found = _exactly(problem, made, *starts, max_strings, max_records)
        if found is not None:
            return found
    from ansatzlint.moments.pairs import sample

    draw, largest = pulled.draw_singles()
    # Its own stream: the mean is subtracted from second moments that the seed itself decides.
    tallies = sample(made, draw, largest, problem.state, problem.parameters, samples, seed ^ 0x5DEECE66D)
    top, tops = _ceilings(problem, cost)
    return _from_tallies(*tallies, np.sqrt(top), np.sqrt(tops), signed=True, nonnegative=False)


MAX_PRODUCTS = 50_000
"""Pairs of cost terms whose product is followed for the single-shot variance."""


def mean_square_operator(problem: Problem, cost: Words, max_strings: int, max_records: int) -> float | None:
    """E[<O^2>] of the cost O without its constant term; None where it has too many terms or spreads too far.

    O^2 is the sum of squares plus twice the products of commuting terms; each is followed as a mean.
    """
    if not cost.strings:
        return 0.0
    pulled = problem.pulled(cost)
    total = float(np.sum(pulled.values**2))
    _, label = np.unique(pulled.labels, return_inverse=True)
    groups = [np.flatnonzero(label == g) for g in range(label.max() + 1)]
    if sum(len(group) ** 2 for group in groups) // 2 > MAX_PRODUCTS:
        return None
    strings, coefficients = [], []
    images = [problem.frame.tableau(s) for s in cost.strings]
    for group in groups:
        for i, first in enumerate(group):
            for second in group[i + 1 :]:
                phase, string = multiply(images[first], images[second])
                if phase % 2 == 0:
                    weight = 2 * cost.coefficients[first] * cost.coefficients[second] * (1 - phase)
                    if string.support:
                        strings.append(string)
                        coefficients.append(weight)
                    else:
                        total += weight
    if not strings:
        return total
    made = operators(problem.frame.events, problem.laws, problem.circuit.qubits, "mean")
    rows = pack(strings, problem.circuit.qubits)
    found = propagate(
        made, rows, np.array(coefficients), problem.state, problem.parameters, max_strings, max_records
    )
    return None if found is None else total + found.total


def _exactly(
    problem: Problem,
    made: Operators,
    rows: NDArray[np.uint64],
    values: NDArray[np.float64],
    max_strings: int,
    max_records: int,
) -> Answer | None:
    found = propagate(made, rows, values, problem.state, problem.parameters, max_strings, max_records)
    if found is None:
        return None
    return Answer(sure(np.array([found.total])), sure(found.slopes), True, 0)


FEW = 100
"""Hits of the best derivative below which a matrix product along a line of qubits is tried."""

_BONDS = ((4_000, 32), (8_000, 16))
"""Steps up to which a bond is affordable: a few seconds at most."""


def _guided(problem: Problem, cost: Cost, bloch: NDArray[np.float64], seed: int, found: Answer) -> Answer:
    """The chain along a line of qubits in place of samples that hardly hit anything, where it knows better."""
    assert found.tallies is not None
    bond = next((bond for steps, bond in _BONDS if len(problem.steps) <= steps), None)
    if bond is None or found.tallies[1].hits.sum(axis=0).max(initial=0) >= FEW:
        return found
    from threadpoolctl import threadpool_limits

    from ansatzlint.moments.chain import chain_moments

    # One thread: others are in each other's way at this size, and the bits must not hang on how many there are.
    with threadpool_limits(1):
        chain = chain_moments(
            problem.steps, problem.laws, problem.circuit.qubits, problem.parameters, cost, bloch,
            bond=bond, seed=seed,
        )  # fmt: skip
    if chain is None or chain.upper.max(initial=0.0) >= found.slopes.upper.max(initial=0.0):
        return found
    if not chain.drawn and chain.error <= _NEGLIGIBLE:
        return Answer(sure(np.array([chain.cost])), sure(chain.gradients), True, 0)
    # Walks have no known bound of their weights; without walks the ends follow from what truncation left out.
    assumed = np.full(problem.parameters, chain.drawn)
    return Answer(
        Interval(np.array([chain.cost]), np.array([chain.cost_lower]), np.array([chain.cost_upper]), assumed[:1]),
        Interval(chain.gradients, chain.lower, chain.upper, assumed),
        exact=False,
        samples=chain.samples,
        guided=True,
    )


_KEPT = 1 << 15
"""Strings that are kept where rigorous bounds are asked of a truncated propagation."""


def _bounded(problem: Problem, made: Operators, pulled: Pulled, found: Answer) -> Answer:
    """The intervals cut to what a truncated propagation proves, where samples hardly hit anything."""
    if found.tallies is not None and found.tallies[1].hits.sum(axis=0).max(initial=0) >= FEW:
        return found
    starts = pulled.squares(_KEPT)
    if starts is None:
        return found
    proved = bounds(made, *starts, problem.state, problem.parameters, _KEPT, 1 << 21)
    if proved is None:
        return found
    cost = _cut(found.cost, np.array([proved.total]), np.array([proved.upper]))
    return replace(found, cost=cost, slopes=_cut(found.slopes, proved.slopes, proved.slopes_upper))


def _cut(interval_: Interval, lower: NDArray[np.float64], upper: NDArray[np.float64]) -> Interval:
    low = np.maximum(interval_.lower, lower)
    high = np.maximum(np.minimum(interval_.upper, upper), low)
    return Interval(np.clip(interval_.estimate, low, high), low, high, interval_.assumed)


_NEGLIGIBLE = 1e-8
"""The relative error of a matrix product below which it counts as exact."""


def _nothing(problem: Problem) -> Answer:
    return Answer(sure(np.zeros(1)), sure(np.zeros(problem.parameters)), True, 0)


def _ceilings(problem: Problem, cost: Cost) -> tuple[float, NDArray[np.float64]]:
    """What C^2 and each (d_k C)^2 cannot exceed, constant terms left out."""
    if isinstance(cost, Ket):
        top, swing = 1.0, 0.5
    elif cost.coherent:
        top = swing = float(np.abs(cost.coefficients).sum())
    else:
        top = swing = float(np.sqrt(np.square(cost.coefficients).sum()))
    steepness = np.zeros(problem.parameters)
    for event in problem.frame.events:
        if isinstance(event, Group) and event.parameter is not None:
            steepness[event.parameter] += sum(abs(f) for f in event.frequencies)
    return top**2, (swing * steepness) ** 2


def _from_tallies(
    cost: Tally, slopes: Tally, top: float, tops: NDArray[np.float64], signed: bool, nonnegative: bool = True
) -> Answer:
    return Answer(
        interval(cost, signed=signed, nonnegative=nonnegative, ceiling=top),
        interval(slopes, signed=signed, nonnegative=nonnegative, ceiling=tops),
        False,
        int(cost.samples.sum()),
        (cost, slopes),
        signed,
    )
