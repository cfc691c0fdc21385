"""What the engine says of one circuit's gradients, as cheaply as it can be said to some fifteen per cent.

First moments, matrix products and long exact propagations are left out: none of them changes a mean square that is
large enough to be learned from, and what is too small to be seen is a bound.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from ansatzlint.circuit import Circuit, Probabilities, Projector
from ansatzlint.errors import CircuitError
from ansatzlint.initialisation import Normal
from ansatzlint.moments.cost import Cost, Ket, cost_of
from ansatzlint.moments.intervals import Interval, interval, maximum, median_live
from ansatzlint.moments.laws import span
from ansatzlint.moments.problem import Problem
from ansatzlint.moments.statevector import MAX_QUBITS, Plan, plan, structured, work
from ansatzlint.moments.tally import Sums, Tally
from ansatzlint.variance import Source, dead_of

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

BUDGET = 1e5
"""Shots per circuit within which some gradient is to be resolved; the default of the rule on barren plateaus."""

ACCURACY, MEDIAN_ACCURACY = 0.15, 0.3
"""The half-widths, relative to the estimate, at which sampling stops: of the largest and of the median mean square."""
WIDEST = 2.0
"""A relative half-width beyond which there is no estimate, only an upper bound."""

STRINGS, RECORDS = 1 << 10, 1 << 15
"""Limits of exact propagation: a few milliseconds' work."""
SHOT_LIMITS = 1 << 15, 1 << 21
"""The same for the single-shot variance, without which shots are overestimated by as much as the cost has terms."""
PILOT, MOST, WORK = 1 << 13, 1 << 20, 150_000_000
"""Samples at first and at most, and how many times steps they may be, where samples are bits of machine words."""
PAIR_PILOT, PAIR_MOST, PAIR_WORK = 1 << 10, 1 << 14, 500_000
"""The same where they are strings, or pairs of strings with signs, one by one."""
_WEIGHED = 8
"""By so much a sample that carries a weight is dearer than one that is counted."""
_HOPELESS = 4
"""Pairs with signs are not drawn again where even so many times the samples that may be had would be too few."""
DRAWS, FEWEST_DRAWS, DRAWN_WORK = 320, 64, 40_000_000
"""Statevectors at drawn angles, and the amplitudes that all of them may update."""


@dataclass(frozen=True, slots=True)
class Figure:
    """log10 of a positive quantity with the ends of a 95 % interval.

    `value` is NaN and `lower` -inf where all that is known is the upper end; all three are NaN where nothing is.
    """

    value: float
    lower: float
    upper: float


UNKNOWN = Figure(float("nan"), float("nan"), float("nan"))


@dataclass(frozen=True, slots=True)
class Label:
    """What is to be learned of one circuit.

    Attributes
    ----------
    largest, median : Figure
        Of the mean-square gradients of the live parameters, in units of the cost squared per radian squared. Those
        whose gradient vanishes throughout the initialisation do not count as live.
    shots : Figure
        Shots per shifted circuit for the live parameter that needs fewest; censored ones have a NaN value, the upper
        end infinite and the lower end finite.
    barren : int
        1 where every live parameter needs more than `BUDGET` shots, 0 where some needs fewer, -1 where the interval
        leaves it open.
    method : str
        "exact", "sampled" or "statevector"; "none" where there is no label, and everything is NaN.
    seconds : float
        What it took.
    """

    largest: Figure
    median: Figure
    shots: Figure
    barren: int
    method: str
    seconds: float


@dataclass(frozen=True, slots=True, eq=False)
class _Measured:
    """Mean squares of all parameters of the circuit, in its order, and what turns them into shots."""

    square: Interval
    tally: Tally | None
    signed: bool
    live: Bools
    shot_variance: float
    shift: Floats
    method: Source


def label(circuit: Circuit, seed: int = 0) -> Label:
    """The label of a complete circuit; `seed` decides the samples.

    A circuit that cannot be followed, that shares parameters and is too large for statevectors, or none of whose
    parameters is live has none.
    """
    start = perf_counter()
    try:
        found = _measured(Problem(circuit), seed)
    except CircuitError:
        found = None
    if found is None or not found.live.any():
        return Label(UNKNOWN, UNKNOWN, UNKNOWN, -1, "none", perf_counter() - start)
    shots = _shots(found)
    barren = 1 if shots.lower > np.log10(BUDGET) else 0 if shots.upper <= np.log10(BUDGET) else -1
    return Label(
        _figure(*_largest(found, np.ones(len(found.live)))),
        _figure(*median_live(found.square, found.live)),
        shots,
        barren,
        found.method,
        perf_counter() - start,
    )


def _measured(problem: Problem, seed: int) -> _Measured | None:
    """The mean squares by the cheapest means that serve, or None where none does."""
    circuit = problem.circuit
    if circuit.unread or not circuit.trainable:
        return None
    cost, _ = cost_of(circuit)
    if problem.frame.drawn:
        return _drawn(problem, cost, seed)
    from ansatzlint.moments.engine import second_moment
    from ansatzlint.moments.paths import compile_paths
    from ansatzlint.moments.shifts import shift_rules

    paths = problem.diagonal and not problem.pulled(cost).crossed and (
        compile_paths(problem.steps, problem.laws, circuit.qubits, problem.parameters) is not None
    )
    if not paths:
        drawn = _drawn(problem, cost, seed)
        if drawn is not None:
            return drawn
    pilot, most, effort = (PILOT, MOST, WORK) if paths else (PAIR_PILOT, PAIR_MOST, PAIR_WORK)
    most = min(most, effort // max(len(problem.steps), 1))
    trainable = np.array([p.role == "trainable" for p in circuit.parameters])
    found = second_moment(problem, cost, "auto", min(pilot, max(most, 1)), seed, STRINGS, RECORDS, guide=False)
    if not found.exact and most > pilot:
        if found.tallies is not None and found.tallies[1].unit is None:
            most //= _WEIGHED
        wanted = 1.2 * pilot * _lacking(found.slopes, trainable) ** 2
        needed = int(min(most, wanted))
        if needed > pilot and (paths or wanted <= _HOPELESS * most):
            # afresh, so that the intervals do not depend on when one stopped
            found = second_moment(problem, cost, "sampled", needed, seed + 1, 0, 0, guide=False)
    method: Source = "exact" if found.exact else "sampled"
    return _Measured(
        found.slopes,
        None if found.tallies is None else found.tallies[1],
        found.signed,
        _live(problem, cost, found.slopes.upper, method),
        _shot_variance(circuit, cost, _known(problem, cost, float(found.cost.estimate[0]))),
        shift_rules(problem),
        method,
    )


def _drawn(problem: Problem, cost: Cost, seed: int) -> _Measured | None:
    """By statevectors at drawn angles; None where so many are too much work."""
    from ansatzlint.moments.shifts import shift_rules

    plan = _plan(problem)
    if plan is None:
        return None
    draws = min(DRAWS, DRAWN_WORK // max(work(plan), 1))
    values = replace(plan, offset=0.0).evaluate(_angles(problem, draws, seed), threads=1)
    if isinstance(values, str):
        return None
    sums = Sums(problem.parameters)
    for half in (0, 1):
        sums.add(half, values.gradients[half::2] ** 2)
    tally = sums.tally(plan.bounds() ** 2)
    trainable = np.array([p.role == "trainable" for p in problem.circuit.parameters])
    if values.shot_variance is not None:
        known: float | None = float(values.shot_variance.mean())
    elif problem.frame.drawn:
        known = None
    else:
        known = _known(problem, cost, float(np.square(values.cost).mean()))
    return _Measured(
        interval(tally),
        tally,
        False,
        trainable & tally.hits.any(axis=0),  # a gradient without a trace at so many random points has none
        _shot_variance(problem.circuit, cost, known),
        shift_rules(problem),
        "statevector",
    )


def _plan(problem: Problem) -> Plan | None:
    """How to evaluate the cost, by statevectors or where shared parameters have a structure that is small enough."""
    arguments = problem.circuit, problem.laws
    if problem.frame.drawn and problem.circuit.qubits > MAX_QUBITS:
        found = structured(*arguments, problem.frame)
        return None if isinstance(found, str) else found
    found = plan(*arguments, frame=problem.frame)
    if not isinstance(found, str) and work(found) <= DRAWN_WORK // FEWEST_DRAWS:
        return found
    if problem.frame.drawn:
        found = structured(*arguments, problem.frame)
        return None if isinstance(found, str) else found
    return None


def _known(problem: Problem, cost: Cost, mean_square: float) -> float | None:
    """The mean single-shot variance E[<O^2>] - E[<O>^2], constant terms left out; None where it spreads too far."""
    from ansatzlint.moments.engine import mean_square_operator

    if isinstance(cost, Ket):
        return None
    operator = mean_square_operator(problem, cost, *SHOT_LIMITS)
    return None if operator is None else operator - mean_square


def _angles(problem: Problem, draws: int, seed: int) -> Floats:
    """All parameters, drawn from their laws, shape (draws, parameters)."""
    base, spread = np.array([span(law) for law in problem.laws]).T
    rng = np.random.Generator(np.random.PCG64(seed))
    normal = np.array([isinstance(law, Normal) for law in problem.laws])
    shape = draws, problem.parameters
    return np.asarray(base + spread * np.where(normal, rng.standard_normal(shape), rng.random(shape)))


def _live(problem: Problem, cost: Cost, upper: Floats, method: Source) -> Bools:
    """Which parameters of the circuit are trainable, not proved dead, and have a gradient at the start."""
    dead = dead_of(problem, cost, upper, method)
    alive = [p.role == "trainable" and p.name not in dead for p in problem.circuit.parameters]
    return np.logical_and(alive, upper > 0.0)


def _shot_variance(circuit: Circuit, cost: Cost, known: float | None) -> float:
    """The mean single-shot variance as the rules take it: 1/4 for probabilities, the largest possible if unknown."""
    if all(isinstance(o, Projector | Probabilities) for o in circuit.observables) or isinstance(cost, Ket):
        return 0.25
    return max(known, 0.0) if known is not None else float(np.abs(cost.coefficients).sum()) ** 2


def _lacking(values: Interval, trainable: Bools) -> float:
    """How many times too wide the intervals are: of the largest, and of the median of those that were hit."""
    estimate = values.estimate[trainable]
    half = (values.upper - values.lower)[trainable] / 2
    hit = np.flatnonzero(estimate > 0)
    if not len(hit):
        return float("inf")
    rank = hit[np.argsort(estimate[hit])]
    wanted = ((rank[-1], ACCURACY), (rank[len(rank) // 2], MEDIAN_ACCURACY))
    return max(float(half[k] / estimate[k]) / accuracy for k, accuracy in wanted)


def _largest(found: _Measured, scale: Floats) -> tuple[float, float, float]:
    """(estimate, lower, upper) of the largest scaled mean square of a live parameter, free of selection bias."""
    own = np.flatnonzero(found.live)
    by = scale[own]
    tally, square = found.tally, found.square
    if tally is None or not tally.samples.all():
        ends = (square.estimate, square.lower, square.upper)
        estimate, lower, upper = (float((values[own] * by).max()) for values in ends)
        return estimate, lower if tally is None else 0.0, upper
    part = tally.part(own)
    scaled = Tally(
        part.samples, part.total * by, part.squares * by**2, part.hits, part.largest * by,
        None if part.unit is None else part.unit * by, part.bound * by,
    )  # fmt: skip
    return maximum(scaled, signed=found.signed, ceiling=square.upper[own] * by)[1:]


def _shots(found: _Measured) -> Figure:
    """The fewest shots: sigma^2 over the largest mean square per sum of squared shift coefficients."""
    shift = np.where(found.shift > 0, found.shift, np.inf)
    value, lower, upper = _largest(found, 1.0 / shift)
    if not found.shot_variance > 0.0:
        return UNKNOWN
    figure = _figure(value, lower, upper)
    of = float(np.log10(found.shot_variance))
    return Figure(of - figure.value, of - figure.upper, of - figure.lower)


def _figure(value: float, lower: float, upper: float) -> Figure:
    """In decades; censored where the interval is too wide, or nothing was hit."""
    if not upper > 0.0:
        return UNKNOWN
    if not (value > 0.0 and (upper - lower) / 2 <= WIDEST * value):
        return Figure(float("nan"), -float("inf"), float(np.log10(upper)))
    return Figure(
        float(np.log10(value)), float(np.log10(lower)) if lower > 0.0 else -float("inf"), float(np.log10(upper))
    )
