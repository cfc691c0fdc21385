"""The gradient variance of every parameter, exactly or with an interval."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import log10, sin
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from ansatzlint.angles import Expression, names, parameter, substitute
from ansatzlint.assumptions import Assumed, complete, state
from ansatzlint.circuit import Circuit, Parameter, Probabilities, Projector
from ansatzlint.diagnostic import Assumption
from ansatzlint.errors import CircuitError, UsageError
from ansatzlint.graph import light_cones
from ansatzlint.initialisation import Initialisation, Uniform
from ansatzlint.moments.cost import Cost, Ket, cost_of, first_outcome
from ansatzlint.moments.frame import Free, Group
from ansatzlint.moments.intervals import Interval, sure
from ansatzlint.moments.laws import deviation, is_random
from ansatzlint.moments.operators import moments_of
from ansatzlint.moments.problem import Problem, dead_parameters
from ansatzlint.moments.shifts import shift_rules
from ansatzlint.moments.tally import Tally
from ansatzlint.noise import Noise
from ansatzlint.pauli.strings import bits

if TYPE_CHECKING:
    from ansatzlint.moments.statevector import Plan

Method = Literal["auto", "exact", "sampled"]
Source = Literal["exact", "sampled", "statevector", "surrogate"]

SAMPLES = 1 << 16

NO_HEAVIER = "no weight much larger than those sampled matters"
"""What intervals of samples assume whose weights have no useful bound."""

MAX_STRINGS, MAX_MOVES = 1 << 17, 1 << 22
"""Strings that exact propagation may reach unasked, and weights that it may keep: about a second's work."""
EXACT_WORK, LEAST_STRINGS, LEAST_MOVES = 400_000_000, 1 << 13, 1 << 19
"""Below so much work the two shrink with it, down to what takes a fraction of a second."""

DRAWN_WORK = 2_000_000_000
"""Amplitudes that statevectors of drawn angles may update, over all draws."""
MIN_DRAWS = 100
MAX_DRAWS = 1 << 14


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class GradientVariance:
    """The size of each trainable parameter's gradient over random parameters.

    Arrays have one entry a trainable parameter, in the circuit's order, in units of the cost squared per radian
    squared; ends are those of 95 % intervals, equal to the value where the method is exact.

    Attributes
    ----------
    parameters : tuple of str
    variance, lower, upper : float64 array
        Var[d_k C].
    mean_square, mean_square_lower, mean_square_upper : float64 array
        G_k = E[(d_k C)^2].
    mean_gradient, mean_gradient_lower, mean_gradient_upper : float64 array
        E[d_k C].
    live : bool array
        False where the gradient was proved to be zero for all parameters.
    dead : dict
        Why, by name.
    cost_variance, cost_variance_lower, cost_variance_upper : float
        Var[C].
    max, max_lower, max_upper : float
        The largest variance, free of selection bias.
    max_mean_square, max_mean_square_lower, max_mean_square_upper : float
        The largest mean square, likewise.
    shot_variance : float
        sigma^2 = E[<O^2> - <O>^2]; 1/4 for projectors, (sum |c|)^2 where it is not known.
    shot_variance_known : bool
        False for the last of these.
    shift : float64 array
        sum_i c_i^2 of the parameter's shift rule.
    method : str
        "exact", "sampled", "statevector" (drawn angles), or "surrogate" (uses of one parameter taken as independent).
    samples, seed : int
    init : str
        The law of the trainable parameters in words.
    assumptions : tuple of Assumption
        What the values rest on.
    """

    parameters: tuple[str, ...]
    variance: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    mean_square: NDArray[np.float64]
    mean_square_lower: NDArray[np.float64]
    mean_square_upper: NDArray[np.float64]
    mean_gradient: NDArray[np.float64]
    mean_gradient_lower: NDArray[np.float64]
    mean_gradient_upper: NDArray[np.float64]
    live: NDArray[np.bool_]
    dead: dict[str, str]
    cost_variance: float
    cost_variance_lower: float
    cost_variance_upper: float
    max: float
    max_lower: float
    max_upper: float
    max_mean_square: float
    max_mean_square_lower: float
    max_mean_square_upper: float
    shot_variance: float
    shot_variance_known: bool
    shift: NDArray[np.float64]
    method: Source
    samples: int
    seed: int
    init: str
    assumptions: tuple[Assumption, ...]

    @property
    def mean(self) -> float:
        """The mean variance over all trainable parameters."""
        return float(self.variance.mean())

    @property
    def shots(self) -> NDArray[np.float64]:
        """S_k = sigma^2 sum_i c_i^2 / G_k: shots per shifted circuit for a signal-to-noise ratio of one."""
        return _shots(self.shot_variance * self.shift, self.mean_square)

    @property
    def shots_lower(self) -> NDArray[np.float64]:
        return _shots(self.shot_variance * self.shift, self.mean_square_upper)

    @property
    def shots_upper(self) -> NDArray[np.float64]:
        return _shots(self.shot_variance * self.shift, self.mean_square_lower)

    def __repr__(self) -> str:
        return f"<GradientVariance: {self}>"  # thousands of numbers would help nobody

    def __str__(self) -> str:
        how = self.method if self.method == "exact" else f"{self.method}, {self.samples} samples"
        return (
            f"largest gradient variance {self.max:.4g} [{self.max_lower:.4g}, {self.max_upper:.4g}] over "
            f"{len(self.parameters)} parameters ({how})"
        )


def _shots(scale: NDArray[np.float64], squares: NDArray[np.float64]) -> NDArray[np.float64]:
    found = np.full(len(squares), np.inf)
    np.divide(scale, squares, out=found, where=squares > 0)
    return found


def gradient_variance(
    circuit: Circuit,
    init: Initialisation | None = None,
    noise: Noise | None = None,
    samples: int = SAMPLES,
    seed: int = 0,
    method: Method = "auto",
) -> GradientVariance:
    """The variance of the cost's gradient by each trainable parameter over random parameters.

    Rotations by independent random angles act on pairs of Pauli strings as a Markov chain (Heyraud et al.,
    arXiv:2302.04649), which is propagated exactly where few enough strings can be reached and sampled elsewhere.
    Parameters that are used more than once are drawn, and the gradients computed on statevectors of the light cones, or
    in the small space to which a symmetry under all permutations or free fermions confine circuits of any size.

    Parameters
    ----------
    circuit : Circuit
        What its source does not state is assumed, as `ansatzlint.assumptions.complete` says.
    init, noise
        Stand above what the circuit states, where given.
    samples : int
        Pauli paths, where it is sampled, rounded up to whole chunks of 1024. Drawn angles are limited by work instead,
        to `MAX_DRAWS` at most.
    seed : int
        Decides every bit of a sampled result.
    method : {"auto", "exact", "sampled"}
        "sampled" propagates no set of strings; where samples hit nothing a matrix product may still be exact.

    Raises
    ------
    UsageError
        For samples below 1, a seed that is no whole number from 0 up, an unknown method, something that is no circuit.
    CircuitError
        Where the circuit cannot be followed: no trainable parameter, no expectation value as cost, an initial state
        that inputs decide, an exact value that would need too many strings.
    """
    validate(circuit, samples, seed, method)
    return variances(Problem(complete(state(circuit, Assumed(init=init, noise=noise)))), samples, seed, method)


def validate(circuit: object, samples: int, seed: int, method: str) -> None:
    """Refuse what cannot be meant, with a UsageError."""
    if not isinstance(circuit, Circuit):
        raise UsageError(f"a Circuit is needed, not {type(circuit).__name__}; make one with al.read(...)")
    if isinstance(samples, bool) or not isinstance(samples, int) or samples < 1:
        raise UsageError(f"samples must be a positive whole number, not {samples!r}")
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed < 1 << 63:
        raise UsageError(f"the seed must be a whole number from 0 to 2^63 - 1, not {seed!r}")
    if method not in get_args(Method):
        raise UsageError(f"unknown method {method!r}; use {', '.join(get_args(Method))}")


def variances(problem: Problem, samples: int, seed: int, method: Method) -> GradientVariance:
    """`gradient_variance` of a circuit that is complete; raises as it does."""
    cost, assumptions = _prepared(problem)
    return _result(problem, cost, _found(problem, cost, samples, seed, method, DRAWN_WORK), seed, assumptions)


def _prepared(problem: Problem) -> tuple[Cost, tuple[Assumption, ...]]:
    """The cost, and what is assumed about the circuit."""
    circuit = problem.circuit
    if not circuit.trainable:
        raise CircuitError("the circuit has no trainable parameter")
    if circuit.unread:
        raise CircuitError(f"part of the circuit was not read: {circuit.unread[0].reason}")
    cost, notes = cost_of(circuit)
    if any(p.initialisation is None for p in circuit.inputs):
        notes += ("inputs are uniform over [0, 2 pi)",)
    return cost, tuple(Assumption(text) for text in (*circuit.assumptions, *notes))


def _found(
    problem: Problem, cost: Cost, samples: int, seed: int, method: Method, drawn_work: int, guide: bool = True
) -> _Found:
    if problem.frame.drawn:
        return _shared(problem, cost, samples, seed, method, drawn_work)
    found = _independent(problem, cost, samples, seed, method, drawn_work, guide)
    if not found.signed or _width(found, problem) <= ACCURACY:
        return found
    # Signed weights spread with every gate; drawn angles do not, where what they take can be afforded.
    drawn = _drawn(problem, samples, seed, drawn_work)
    if isinstance(drawn, str) or np.sum(_ends(drawn)) >= np.sum(_ends(found)):
        return found
    return drawn


def _ends(found: _Found) -> NDArray[np.float64]:
    return np.asarray(found.square.upper - found.square.lower)


def _width(found: _Found, problem: Problem) -> float:
    """The half-width relative to the estimate, for the largest mean square and the median of what may not be zero."""
    trainable = np.array([p.role == "trainable" for p in problem.circuit.parameters])
    values = found.square.estimate[trainable]
    widths = (found.square.upper - found.square.lower)[trainable] / 2
    if not values.max(initial=0.0) > 0:
        return float(np.inf) if widths.max(initial=0.0) > 0 else 0.0
    rank = np.argsort(values)
    alive = rank[(values[rank] > 0) | (widths[rank] > 0)]
    chosen = (rank[-1], alive[len(alive) // 2])
    return max(float(widths[k] / values[k]) if values[k] > 0 else float(np.inf) for k in chosen)


@dataclass(frozen=True, slots=True)
class Effort:
    """What may be spent on one circuit.

    Attributes
    ----------
    samples : int or None
        So many samples; None for as many as the accuracy needs and the work allows.
    seed : int
    work : int
        Gate-samples: operations on one sample each. It is no time, so that the same circuit gives the same bits on any
        machine; some 10^8 take a second.
    """

    samples: int | None = None
    seed: int = 0
    work: int = 1_000_000_000


PILOT = 1 << 13
LANES = 16
"""Samples that cost as much as one where they are bits of machine words."""
MOST = 1 << 23
"""Samples beyond this tell apart only what no experiment resolves."""
GUIDED_WORK = 30_000_000
"""Work from which the seconds that a matrix product takes are worth it."""
ACCURACY = 0.1
"""The half-width, relative to the estimate, at which sampling stops."""


def measured(problem: Problem, effort: Effort, share: float = 1.0) -> GradientVariance:
    """The variances as exactly as a share of the effort allows; raises as `gradient_variance` does.

    A pilot run tells how many samples the largest and the median mean square need; they are then drawn afresh, so that
    the intervals do not depend on when one stopped.
    """
    cost, assumptions = _prepared(problem)
    work, seed = int(effort.work * share), effort.seed
    lanes = LANES if problem.diagonal and not problem.pulled(cost).crossed else 1
    most = min(lanes * work // max(problem.work, 1), MOST)
    guide = work >= GUIDED_WORK
    if effort.samples is not None:
        found = _found(problem, cost, effort.samples, seed, "auto", work, guide)
    else:
        found = _found(problem, cost, max(min(PILOT, most), 1), seed, "auto", work, guide and most <= PILOT)
        relative = _width(found, problem)
        if found.grows and most > PILOT and relative > 0:
            needed = max(PILOT, int(min(most, PILOT * (relative / ACCURACY) ** 2)))
            seed += 1
            found = _found(problem, cost, needed, seed, "sampled", work, guide)
    return _result(problem, cost, found, seed, assumptions)


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """What an engine found, over all parameters of the circuit."""

    square: Interval
    mean: Interval
    cost: Interval
    shot_variance: float | None
    method: Source
    samples: int
    tally: Tally | None = None
    signed: bool = False
    grows: bool = False  # whether more samples would tell more
    unmet: str = ""
    note: str = ""  # which structure of the circuit it rests on


def _independent(
    problem: Problem, cost: Cost, samples: int, seed: int, method: Method, work: int, guide: bool = True
) -> _Found:
    from ansatzlint.moments.engine import first_moment, mean_square_operator, second_moment
    from ansatzlint.moments.intervals import variance

    share = min(work / EXACT_WORK, 1.0)
    strings, moves = max(int(share * MAX_STRINGS), LEAST_STRINGS), max(int(share * MAX_MOVES), LEAST_MOVES)
    limits = (1 << 20, 1 << 25) if method == "exact" else (strings, moves)
    square = second_moment(problem, cost, method, samples, seed, *limits, guide=guide)
    mean = first_moment(problem, cost, samples, seed, *limits)
    operator = None if isinstance(cost, Ket) else mean_square_operator(problem, cost, *limits)
    return _Found(
        square.slopes,
        mean.slopes,
        variance(square.cost, mean.cost),
        None if operator is None else max(operator - float(square.cost.estimate[0]), 0.0),
        "exact" if square.exact and mean.exact else "sampled",
        square.samples or mean.samples,
        None if square.tallies is None else square.tallies[1],
        square.signed,
        grows=not square.exact and not square.guided,
    )


def _drawn(problem: Problem, samples: int, seed: int, work: int) -> _Found | str:
    """By the states at drawn angles, or why not."""
    from ansatzlint.moments import statevector
    from ansatzlint.moments.intervals import interval, variance

    observables = (first_outcome(o) if isinstance(o, Probabilities) else o for o in problem.circuit.observables)
    circuit = replace(problem.circuit, observables=tuple(observables))
    wanted = min(samples, MAX_DRAWS)
    ways: list[Callable[..., Plan | str]] = [statevector.plan, statevector.structured]
    if circuit.qubits > statevector.MAX_QUBITS:
        ways.reverse()  # light cones take longer than to see whether there is a structure
    plans: list[Plan] = []
    for way in ways:
        found = way(circuit, problem.laws, frame=problem.frame)
        if not isinstance(found, str):
            plans.append(found)
            if wanted * statevector.work(found) <= work:
                break
        elif way is statevector.plan:
            reason = found
    if not plans:
        return reason
    plan = min(plans, key=statevector.work)
    plan = replace(plan, offset=0.0)  # a constant would only blur the variance of the cost
    draws = min(wanted, work // max(statevector.work(plan), 1))
    random = any(map(is_random, problem.laws))
    if draws < min(samples, MIN_DRAWS if random else 1):
        return f"{MIN_DRAWS} statevectors would take more work than allowed"
    if not random:
        return _at_one_point(plan)
    drawn = plan.sample(draws, seed)
    if isinstance(drawn, str):
        return drawn
    mean = interval(drawn.means, signed=True, nonnegative=False)
    of_cost = variance(interval(drawn.cost_square), interval(drawn.cost, signed=True, nonnegative=False))
    square = interval(drawn.gradients)
    return _Found(square, mean, of_cost, drawn.shot_variance, "statevector", draws, drawn.gradients, note=plan.note)


def _at_one_point(plan: Plan) -> _Found | str:
    """Where no parameter is random one statevector tells all."""
    values = plan.evaluate(plan.draw(0, 0, 1))
    if isinstance(values, str):
        return values
    slopes = values.gradients[0]
    shots = None if values.shot_variance is None else float(values.shot_variance[0])
    return _Found(sure(slopes**2), sure(slopes), sure(np.zeros(1)), shots, "exact", 0, note=plan.note)


def _shared(problem: Problem, cost: Cost, samples: int, seed: int, method: Method, work: int) -> _Found:
    """By drawn angles where statevectors can be afforded, else the surrogate."""
    drawn = _drawn(problem, samples, seed, work)
    if method == "exact" and (isinstance(drawn, str) or drawn.method != "exact"):
        raise CircuitError(f"parameters that have to be drawn ({_listing(problem.drawn)}) have no exact value")
    if not isinstance(drawn, str):
        return drawn
    apart, owners = _apart(problem)
    other = Problem(apart)
    if other.frame.drawn:
        raise CircuitError(f"{drawn}, and the gates of {_listing(other.drawn)} cannot be taken as independent either")
    found = _independent(other, cost, samples, seed, "auto", work)

    def joined(parts: Interval) -> Interval:
        def total(values: NDArray[np.float64]) -> NDArray[np.float64]:
            return np.bincount(owners, values, problem.parameters).astype(np.float64)

        assumed = np.bincount(owners, parts.assumed, problem.parameters) > 0
        return Interval(total(parts.estimate), total(parts.lower), total(parts.upper), assumed)

    return replace(
        found,
        square=joined(found.square),
        mean=joined(found.mean),
        method="surrogate",
        tally=None,
        unmet=f"uses of one parameter are independent (shared: {_listing(problem.drawn)}; {drawn})",
    )


def _apart(problem: Problem) -> tuple[Circuit, NDArray[np.int64]]:
    """The circuit with each gate's use of a drawn parameter a parameter of its own, and whose use each one is.

    An angle that is an expression becomes uniform over a period.
    """
    circuit, drawn = problem.circuit, set(problem.drawn)
    known = {p.name: i for i, p in enumerate(circuit.parameters)}
    parameters: list[Parameter] = [p for p in circuit.parameters if p.name not in drawn]
    owners = [known[p.name] for p in parameters]
    gates = []

    def fresh(name: str, law: Initialisation | None) -> str:
        new = f"{name}#{len(parameters)}"
        original = circuit.parameters[known[name]]
        parameters.append(replace(original, name=new, value=None, initialisation=law or original.initialisation))
        owners.append(known[name])
        return new

    for gate in circuit.gates:
        if drawn.isdisjoint(gate.parameters):
            gates.append(gate)
            continue
        new = {
            name: parameter(fresh(name, None))
            for name in dict.fromkeys(n for a in gate.angles if not isinstance(a, Expression) for n in names(a))
            if name in drawn
        }
        angles = tuple(
            parameter(fresh(names(angle)[0], Uniform())) if isinstance(angle, Expression) else substitute(angle, new)
            for angle in gate.angles
        )
        gates.append(replace(gate, angles=angles))
    return replace(circuit, gates=tuple(gates), parameters=tuple(parameters)), np.array(owners, dtype=np.int64)


def _result(
    problem: Problem, cost: Cost, found: _Found, seed: int, assumptions: Sequence[Assumption]
) -> GradientVariance:
    from ansatzlint.moments.intervals import maximum, variance

    circuit = problem.circuit
    # Sums of exact pairs with signs may end a rounding error below zero, where no mean square is.
    square, low, high = (np.maximum(s, 0.0) for s in (found.square.estimate, found.square.lower, found.square.upper))
    found = replace(found, square=replace(found.square, estimate=square, lower=low, upper=high))
    trainable = np.array([p.role == "trainable" for p in circuit.parameters])
    spread = variance(found.square, found.mean)
    dead = dead_of(problem, cost, found.square.upper, found.method)
    names_ = tuple(p.name for p in circuit.trainable)
    if found.note:
        assumptions = (*assumptions, Assumption(found.note, holds=True))
    if found.unmet:
        assumptions = (*assumptions, Assumption(found.unmet, holds=False))
    if found.square.assumed[trainable].any():
        assumptions = (*assumptions, Assumption(NO_HEAVIER))
    if all(isinstance(o, Projector | Probabilities) for o in circuit.observables):
        # A shot variance that vanishes together with the signal would clear a plateau that no experiment can climb.
        shot: float | None = 0.25
    else:
        shot = found.shot_variance
    total = 1.0 if isinstance(cost, Ket) else float(np.abs(cost.coefficients).sum())

    def only(values: Interval) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        return values.estimate[trainable], values.lower[trainable], values.upper[trainable]

    def largest(values: Interval) -> tuple[float, float, float]:
        estimate, lower, upper = only(values)
        if found.tally is None:
            return float(estimate.max()), float(lower.max()), float(upper.max())
        own = np.flatnonzero(trainable)
        tally = found.tally
        if not tally.samples.all():  # too few samples to choose on one half and judge on the other
            return float(estimate.max()), 0.0, float(upper.max())
        at, middle, low, high = maximum(tally.part(own), signed=found.signed, ceiling=found.square.upper[own])
        if values is found.square:
            return middle, low, high
        # the variance of the parameter that the halves chose is at least this
        mean = max(abs(float(ends[own[at]])) for ends in (found.mean.lower, found.mean.upper))
        return max(middle - mean**2, 0.0), max(low - mean**2, 0.0), min(float(upper.max()), high)

    top, top_lower, top_upper = largest(spread)
    most, most_lower, most_upper = largest(found.square)
    return GradientVariance(
        names_,
        variance=only(spread)[0], lower=only(spread)[1], upper=only(spread)[2],
        mean_square=only(found.square)[0],
        mean_square_lower=only(found.square)[1],
        mean_square_upper=only(found.square)[2],
        mean_gradient=only(found.mean)[0],
        mean_gradient_lower=only(found.mean)[1],
        mean_gradient_upper=only(found.mean)[2],
        live=np.array([name not in dead for name in names_]),
        dead=dead,
        cost_variance=float(found.cost.estimate[0]),
        cost_variance_lower=float(found.cost.lower[0]),
        cost_variance_upper=float(found.cost.upper[0]),
        max=top,
        max_lower=top_lower,
        max_upper=top_upper,
        max_mean_square=most,
        max_mean_square_lower=most_lower,
        max_mean_square_upper=most_upper,
        shot_variance=total**2 if shot is None else shot,
        shot_variance_known=shot is not None,
        shift=shift_rules(problem)[trainable],
        method=found.method,
        samples=found.samples,
        seed=seed,
        init=", ".join(dict.fromkeys(str(problem.laws[i]) for i in np.flatnonzero(trainable))),
        assumptions=tuple(assumptions),
    )


def dead_of(problem: Problem, cost: Cost, upper: NDArray[np.float64], method: Source) -> dict[str, str]:
    """Trainable parameters with a gradient that is zero for all values, and why.

    `upper` are upper ends of the mean squares of all parameters, got by `method`.
    """
    circuit = problem.circuit
    found = dead_parameters(problem, cost)
    supports = [cost.qubits] if isinstance(cost, Ket) else [tuple(bits(s.support)) for s in cost.strings]
    cones = light_cones(circuit, supports)
    used = {name for gate in circuit.gates for name in gate.parameters}
    reach = cones.parameters(circuit)
    dead = {}
    # Where all angles are spread out, a mean square of zero is that of a trigonometric polynomial that vanishes.
    spread = method == "exact" and all(map(is_random, problem.laws)) and _keeps_what_is_small(problem)
    vanishing = upper == 0.0 if spread or method == "statevector" else None
    for index, p in enumerate(circuit.parameters):
        if p.role != "trainable":
            continue
        if p.name not in used:
            dead[p.name] = "used by no gate"
        elif not reach[p.name]:
            dead[p.name] = "outside the light cone of the cost"
        elif p.name in found:
            dead[p.name] = found[p.name]
        elif vanishing is not None and vanishing[index]:
            dead[p.name] = "the cost does not depend on it"
    return dead


_SMALL = 1e-4
"""Angles less apart than this have moments near the round-off, where zero need not mean zero."""
_SMALLEST = -290.0
"""log10 of the smallest numbers that are held with all their digits."""


def _keeps_what_is_small(problem: Problem) -> bool:
    """Whether no mean square that exact propagation gives as zero can be one that round-off or underflow took away."""
    least = 0.0
    for event in problem.frame.events:
        if isinstance(event, Free):
            return False
        if not isinstance(event, Group):
            least += 2 * log10(min(abs(f) for f in (*event.factors, event.shift) if f))
            continue
        width = 0.0 if event.parameter is None else deviation(problem.laws[event.parameter])
        for frequency, offset in zip(event.frequencies, event.offsets, strict=True):
            if (width * abs(frequency) if frequency else abs(sin(2 * offset)) if offset else 1.0) < _SMALL:
                return False
        found = moments_of(event, problem.laws)
        sizes = np.concatenate([np.diag(found.square), np.diag(found.slope)])
        least += log10(sizes[sizes > 0].min(initial=1.0))
    return least > _SMALLEST


def _listing(some: Sequence[str], shown: int = 4) -> str:
    return ", ".join(some[:shown]) + (f" and {len(some) - shown} more" if len(some) > shown else "")
