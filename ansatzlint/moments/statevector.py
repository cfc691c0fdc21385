"""Gradients over drawn angles, where parameters are used more than once or stand in expressions.

No chain on Pauli strings is exact there. So the angles are drawn from their laws, and each draw gives the exact cost
and its exact gradient, by adjoint differentiation of the statevector of each part of the cost (`cones`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields, replace
from functools import partial
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ansatzlint.angles import FUNCTIONS, Angle, derivative, fold, names
from ansatzlint.circuit import Circuit, PauliSum, Projector
from ansatzlint.initialisation import Normal
from ansatzlint.moments import cones, liouville
from ansatzlint.moments.cost import Words, cost_of
from ansatzlint.moments.fermions import Majoranas, free
from ansatzlint.moments.frame import Frame, Noise, pull
from ansatzlint.moments.initial import initial
from ansatzlint.moments.laws import Law, span
from ansatzlint.moments.rotations import Features, Rotation, linear, rotations_of, terms_of, turns_of
from ansatzlint.moments.sequence import steps
from ansatzlint.moments.symmetric import Dicke, symmetric
from ansatzlint.moments.tally import Sums, Tally
from ansatzlint.moments.threads import processors
from ansatzlint.pauli.strings import PauliString, bits

MAX_QUBITS = 20
LIMIT = 30
"""Beyond this the kernels' masks and most memories end, whatever is asked for."""

_BLOCK = 1 << 22
"""Numbers of one kind (draws times features) that are held at a time."""

_WORTH_A_THREAD = 1 << 20
"""Amplitude updates below which a second thread costs more than it saves."""

_STEEPEST = 1e60
"""A derivative whose fourth power can be held."""

_ROUND_OFF = 1e-14
"""A derivative below this, relative to the largest that it can be, is round-off of zero."""

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Amplitudes = NDArray[np.complex128]


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """One part of the cost as arrays; they are the arguments of `adjoint.gradients`, where their layout stands."""

    state: Amplitudes
    masks: Integers
    phases: Amplitudes
    constants: Floats
    rows: Integers
    columns: Integers
    coefficients: Floats
    word_masks: Integers
    word_factors: Amplitudes
    word_rows: Integers
    factor_masks: Integers
    factor_phases: Amplitudes
    factor_rows: Integers
    scales: Floats

    def run(self, features: Floats, cost: Floats, square: Floats, slopes: Floats) -> None:
        """Write <O> and <O^2> at each row of features; add the derivatives by every feature to `slopes`."""
        from ansatzlint.moments.adjoint import gradients

        kernel: Callable[..., None] = gradients
        kernel(features, *(getattr(self, field.name) for field in fields(self)), cost, square, slopes)
        if self.idempotent:
            square[:] = cost

    @property
    def work(self) -> int:
        """Amplitude updates of one draw."""
        return (3 * len(self.phases) + len(self.word_factors) + len(self.factor_phases) + 2) * len(self.state)

    @property
    def idempotent(self) -> bool:
        """Whether the operator is one projector, which is its own square."""
        return len(self.scales) == 1 and not len(self.word_factors)


@dataclass(frozen=True, slots=True, eq=False)
class Values:
    """Exact figures at given angles.

    Attributes
    ----------
    cost : float64 array of shape (draws,)
    gradients : float64 array of shape (draws, K)
        With respect to every parameter of the circuit; zero for inputs.
    shot_variance : float64 array of shape (draws,) or None
        <O^2> - <O>^2 of the cost's operator; None where no one state tells.
    """

    cost: Floats
    gradients: Floats
    shot_variance: Floats | None


@dataclass(frozen=True, slots=True, eq=False)
class Draws:
    """Sums over draws, even draws in half 0 and odd draws in half 1.

    Attributes
    ----------
    gradients, means : Tally
        Of (d_k C)^2 and of d_k C for every parameter k of the circuit, nothing for inputs.
    cost, cost_square : Tally
        Of C and C^2, one quantity each.
    shot_variance : float or None
        Mean of <O^2> - <O>^2; None where it is not known.
    """

    gradients: Tally
    means: Tally
    cost: Tally
    cost_square: Tally
    shot_variance: float | None

    def __add__(self, other: Draws) -> Draws:
        """Both sets of draws together."""
        own, others = int(self.cost.samples.sum()), int(other.cost.samples.sum())
        shot = None
        if self.shot_variance is not None and other.shot_variance is not None:
            shot = (own * self.shot_variance + others * other.shot_variance) / max(own + others, 1)
        return Draws(
            self.gradients + other.gradients,
            self.means + other.means,
            self.cost + other.cost,
            self.cost_square + other.cost_square,
            shot,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """How a circuit's cost is evaluated at drawn angles; `plan` makes it.

    Attributes
    ----------
    parameters : tuple of str
    trainable : bool array of shape (K,)
    laws : tuple of Law
    expressions : tuple of Angle
        Features beside the parameters themselves; angles are linear in features.
    networks : tuple of Network, or one Liouville where there is noise
    offset : float
        The part of the cost that is constant.
    slope_bounds : float64 array of shape (K + expressions,)
        No derivative of the cost with respect to a feature is larger.
    cost_bound : float
        The cost is never larger.
    tells_shots : bool
        Whether the networks tell <O^2>.
    """

    parameters: tuple[str, ...]
    trainable: NDArray[np.bool_]
    laws: tuple[Law, ...]
    expressions: tuple[Angle, ...]
    networks: tuple[Network | liouville.Liouville | Dicke | Majoranas, ...]
    offset: float
    slope_bounds: Floats
    cost_bound: float
    tells_shots: bool

    @property
    def note(self) -> str:
        """What structure of the circuit the values rest on; empty for statevectors and density matrices."""
        return next((n.note for n in self.networks if isinstance(n, Dicke | Majoranas)), "")

    def draw(self, seed: int, first: int, count: int) -> Floats:
        """Parameters of draws first, first + 1, …, shape (count, K); each draw has its own stream of the seed."""
        return drawn(self.laws, seed, first, count)

    def evaluate(self, values: Floats, threads: int | None = None) -> Values | str:
        """Cost and gradient at the given parameters, shape (draws, K), in radians.

        Returns a reason where an angle or its derivative is not finite there, or a gradient beyond `_STEEPEST`.
        """
        draws, k = values.shape
        features = with_expressions(values, self.parameters, self.expressions)
        if isinstance(features, str):
            return features
        cost = np.full(draws, self.offset)
        shots = np.zeros(draws)
        slopes = np.zeros_like(features)
        work = draws * sum(network.work for network in self.networks)
        count = max(1, min(threads or processors(), draws, 1 + work // _WORTH_A_THREAD))
        edges = [draws * i // count for i in range(count + 1)]
        with ThreadPoolExecutor(count) as pool:
            for network in self.networks:
                value, square = np.empty(draws), np.empty(draws)
                # The first span is this thread's own.
                own, *others = [
                    partial(network.run, features[a:b], value[a:b], square[a:b], slopes[a:b])
                    for a, b in pairwise(edges)
                ]
                waiting = [pool.submit(other) for other in others]
                own()
                for run in waiting:
                    run.result()
                cost += value
                shots += square - value**2
        if not (np.isfinite(cost).all() and np.isfinite(slopes).all()):
            return "an angle is not finite at some of the drawn parameters"
        slopes[np.abs(slopes) < _ROUND_OFF * self.slope_bounds] = 0.0
        found = slopes[:, :k].copy()
        for e, expression in enumerate(self.expressions):
            for name in names(expression):
                parameter = self.parameters.index(name)
                if self.trainable[parameter]:
                    inner = _numbers(derivative(expression, name), values, self.parameters)
                    if not np.isfinite(inner).all():
                        return "the derivative of an angle is not finite at some of the drawn parameters"
                    found[:, parameter] += slopes[:, k + e] * inner
        found[:, ~self.trainable] = 0.0
        if not np.abs(found).max(initial=0.0) <= _STEEPEST:
            return "a gradient is too large to be squared at some of the drawn parameters"
        return Values(cost, found, np.maximum(shots, 0.0) if self.tells_shots else None)

    def sample(self, draws: int, seed: int, first: int = 0, threads: int | None = None) -> Draws | str:
        """Draws first, …, first + draws - 1 of the seed, whatever the number of threads; or why there are none.

        `threads` is the number of processors where it is None.
        """
        k = len(self.parameters)
        sums = [Sums(n) for n in (k, k, 1, 1)]
        shots = 0.0
        step = max(1, min(1024, _BLOCK // max(1, k + len(self.expressions))))
        for at in range(first, first + draws, step):
            count = min(step, first + draws - at)
            found = self.evaluate(self.draw(seed, at, count), threads)
            if isinstance(found, str):
                return found
            cost = found.cost[:, None]
            for total, weights in zip(sums, (found.gradients**2, found.gradients, cost, cost**2), strict=True):
                for half in range(2):
                    total.add(half, weights[(half - at) % 2 :: 2])
            if found.shot_variance is not None:
                shots += float(found.shot_variance.sum())
        bound = self.bounds()
        limits = bound**2, bound, np.array([self.cost_bound]), np.array([self.cost_bound**2])
        squares, means, cost_sums, cost_squares = (s.tally(b) for s, b in zip(sums, limits, strict=True))
        variance = shots / draws if self.tells_shots and draws else None
        return Draws(squares, means, cost_sums, cost_squares, variance)

    def bounds(self) -> Floats:
        """What no |d_k C| exceeds, shape (K,); infinite where the parameter stands in an expression."""
        k = len(self.parameters)
        bound = self.slope_bounds[:k].copy()
        for e, expression in enumerate(self.expressions):
            if self.slope_bounds[k + e]:
                for name in names(expression):
                    bound[self.parameters.index(name)] = np.inf
        bound[~self.trainable] = 0.0
        return np.asarray(bound)

_OPERATIONS = {
    "add": np.add,
    "multiply": np.multiply,
    "divide": np.divide,
    "power": np.power,
    "mod": np.fmod,
    **{name: getattr(np, {"ceiling": "ceil"}.get(name, name)) for name in FUNCTIONS},
}


def drawn(laws: Sequence[Law], seed: int, first: int, count: int) -> Floats:
    """Parameters of draws first, first + 1, …, shape (count, K); each draw has its own stream of the seed."""
    return _drawn(laws, seed, [[0, first + i, 0, 0] for i in range(count)], 1)


def drawn_together(laws: Sequence[Law], seed: int, block: int, count: int) -> Floats:
    """Parameters of the draws of a block, shape (count, K), all from one stream of the seed: in a tenth of the time."""
    return _drawn(laws, seed, [[0, block, 1, 0]], count)


def _drawn(laws: Sequence[Law], seed: int, streams: Sequence[Sequence[int]], count: int) -> Floats:
    """So many draws from each stream, which is named by where its counter begins."""
    key = np.random.SeedSequence(seed).generate_state(2, np.uint64)
    base, spread = np.array([span(law) for law in laws]).reshape(-1, 2).T
    normal = np.array([isinstance(law, Normal) for law in laws], dtype=np.bool_)
    normals = int(normal.sum())
    found = np.empty((len(streams), count, len(laws)))
    for own, counter in zip(found, streams, strict=True):
        stream = np.random.Generator(np.random.Philox(key=key, counter=counter))
        own[:] = stream.random(own.shape)
        if normals:
            own[:, normal] = stream.standard_normal((count, normals))
    return np.asarray(base + spread * found.reshape(len(streams) * count, len(laws)))


def with_expressions(values: Floats, parameters: Sequence[str], expressions: Sequence[Angle]) -> Floats | str:
    """The parameters, shape (draws, K), and behind them the expressions there, or why they cannot be had."""
    draws, k = values.shape
    features = np.empty((draws, k + len(expressions)))
    features[:, :k] = values
    for e, expression in enumerate(expressions):
        features[:, k + e] = _numbers(expression, values, parameters)
        if not np.isfinite(features[:, k + e]).all():
            return "an angle is not finite at some of the drawn parameters"
    return features


def _numbers(angle: Angle, values: Floats, parameters: Sequence[str]) -> Floats:
    """The angle at each of the draws, shape (draws,); not finite where it does not exist."""
    columns = {name: values[:, i] for i, name in enumerate(parameters)}
    with np.errstate(all="ignore"):
        number = fold(angle, np.float64, columns.__getitem__, _OPERATIONS)
    return np.broadcast_to(np.asarray(number, dtype=np.float64), len(values))


def work(plan: Plan) -> int:
    """Amplitude updates that one draw takes, a few nanoseconds each."""
    return sum(network.work for network in plan.networks)


def plan(
    circuit: Circuit, laws: Sequence[Law], max_qubits: int = MAX_QUBITS, frame: Frame | None = None
) -> Plan | str:
    """How to evaluate the cost at drawn angles, or why that cannot be done.

    Parameters
    ----------
    laws
        One a parameter of the circuit, in its order.
    max_qubits
        The most qubits of one statevector; never more than `LIMIT`.
    frame
        The circuit's, where it is known already.

    Raises
    ------
    CircuitError
        For a gate with more controls than `gates.MAX_CONTROLS`.
    """
    if not circuit.observables:
        return "the circuit has no cost"
    for observable in circuit.observables:
        if not isinstance(observable, PauliSum | Projector):
            return f"the cost is no expectation value: {observable}"
    max_qubits = min(max_qubits, LIMIT)
    parameters = tuple(p.name for p in circuit.parameters)
    frame = frame or pull(steps(circuit), circuit.qubits, parameters)
    if any(_acts(event) for event in frame.events if isinstance(event, Noise)):
        return _noisy(circuit, frame, laws)
    state = cones.start(circuit.initial_state)
    features = Features(parameters)
    rotations = list(rotations_of(frame, features, state.flips))
    generators = cones.Generators([rotation.generator for rotation in rotations], circuit.qubits)
    offset, terms = terms_of(circuit, frame, state.flips)
    found, dead = cones.parts(terms, generators, state, max_qubits)
    for part in found:
        if part.support & state.unknown:
            return "inputs decide the initial state"
        if part.dimension > max_qubits:
            return f"the light cone of a cost term takes {part.dimension} qubits, a statevector at most {max_qubits}"
    tells = _tells_shots(found)
    if tells and dead:
        # Their values vanish, not their squares; the state tells those where it is all that they feel.
        whole = generators.felt(terms, state)
        words_only = all(isinstance(term, cones.Word) for term in terms)
        tells = len(found) == 1 and words_only and whole.rotations == found[0].rotations
    networks = tuple(_network(part, rotations, dead if tells else (), state) for part in found)
    slopes = np.zeros(len(parameters) + len(features.expressions))
    for part, network in zip(found, networks, strict=True):
        np.add.at(slopes, network.columns, np.abs(network.coefficients) * sum(_largest_slope(t) for t in part.terms))
    return Plan(
        parameters,
        np.array([p.role == "trainable" for p in circuit.parameters], dtype=np.bool_),
        tuple(laws),
        tuple(features.expressions),
        networks if tells else _together(networks),
        offset,
        slopes,
        abs(offset) + sum(abs(t.coefficient) if isinstance(t, cones.Word) else 1.0 for t in terms),
        tells,
    )


def structured(circuit: Circuit, laws: Sequence[Law], frame: Frame | None = None) -> Plan | str:
    """As `plan`, in a small space that the circuit's structure confines the state to, whatever the number of qubits.

    Returns why there is none that is known: the circuit is neither symmetric under all permutations of its qubits
    nor one of free fermions, or there is noise.

    Raises
    ------
    CircuitError
        As `plan` does.
    """
    parameters = tuple(p.name for p in circuit.parameters)
    frame = frame or pull(steps(circuit), circuit.qubits, parameters)
    if any(_acts(event) for event in frame.events if isinstance(event, Noise)):
        return "noise leaves no structure of the circuit"
    state = cones.start(circuit.initial_state)
    features = Features(parameters)
    rotations = list(rotations_of(frame, features, state.flips))
    offset, terms = terms_of(circuit, frame, state.flips)
    found: Dicke | Majoranas | str = symmetric(rotations, terms, state, circuit.qubits)
    if isinstance(found, str):
        product = initial(circuit)
        found = product if isinstance(product, str) else free(rotations, terms, state, product)
    if isinstance(found, str):
        return found
    slopes = np.zeros(len(parameters) + len(features.expressions))
    np.add.at(slopes, found.columns, found.slope_bounds)
    return Plan(
        parameters,
        np.array([p.role == "trainable" for p in circuit.parameters], dtype=np.bool_),
        tuple(laws),
        tuple(features.expressions),
        (found,),
        offset,
        slopes,
        abs(offset) + sum(abs(t.coefficient) if isinstance(t, cones.Word) else 1.0 for t in terms),
        found.tells_shots,
    )


def _noisy(circuit: Circuit, frame: Frame, laws: Sequence[Law]) -> Plan | str:
    """With noise the state is no statevector: all Pauli strings of a few qubits are followed instead."""
    if circuit.qubits > liouville.MAX_QUBITS:
        return f"under noise at most {liouville.MAX_QUBITS} qubits can be followed at drawn angles"
    state = initial(circuit)
    if isinstance(state, str):
        return state
    cost, _ = cost_of(circuit)
    assert isinstance(cost, Words), "a projector on few qubits is written out"
    strings = tuple(frame.tableau(string) for string in cost.strings)
    parameters = tuple(p.name for p in circuit.parameters)
    features = Features(parameters)
    events: list[liouville.Turn | Noise] = []
    for event in frame.events:
        if isinstance(event, Noise):
            events.append(event)
        else:
            events += [(r.generator, r.constant, r.terms) for r in turns_of(event, features)]
    network = liouville.liouville(events, replace(cost, strings=strings), state)
    total = float(np.abs(cost.coefficients).sum())
    slopes = np.zeros(len(parameters) + len(features.expressions))
    np.add.at(slopes, network.columns, np.abs(network.coefficients) * total)
    return Plan(
        parameters,
        np.array([p.role == "trainable" for p in circuit.parameters], dtype=np.bool_),
        tuple(laws),
        tuple(features.expressions),
        (network,),
        cost.constant,
        slopes,
        abs(cost.constant) + total,
        bool(np.isfinite(network.square).all()),
    )


def _acts(noise: Noise) -> bool:
    return bool(noise.shift) or any(factor != 1.0 for factor in noise.factors)


def _largest_slope(term: cones.Term) -> float:
    """A derivative is half the difference of two values: up to |c| for a word, 1/2 for a probability."""
    return abs(term.coefficient) if isinstance(term, cones.Word) else 0.5


def _tells_shots(found: Sequence[cones.Part]) -> bool:
    """Whether <O^2> is a sum over the parts: they are words or one projector each, and meet no common qubits."""
    met = 0
    for part in found:
        if met & part.support or (len(part.terms) > 1 and any(isinstance(t, cones.Projection) for t in part.terms)):
            return False
        met |= part.support
    return bool(found)


def _network(
    part: cones.Part, rotations: Sequence[Rotation], dead: Sequence[cones.Word], state: cones.Start
) -> Network:
    """The part on its own qubits."""
    space, blocks = part.space, part.blocks
    rows = space.rows()

    def own(string: PauliString) -> PauliString:
        return cones.reduced(string, rows, blocks)

    kept = [rotations[r] for r in bits(part.rotations)]
    generators = [own(rotation.generator) for rotation in kept]
    constants, angle_rows, columns, coefficients = linear(kept)
    # Words whose X parts differ by one of the space lead to one coset of basis states. Its first word leads back, so
    # that the sum of a coset's words is judged on the part's own qubits.
    cosets: dict[int, list[cones.Word]] = {0: []}
    for word in (*part.terms, *dead):
        if isinstance(word, cones.Word):
            cosets.setdefault(space.residue(word.string.x & ~blocks), []).append(word)
    strings: list[PauliString] = []
    factors: list[complex] = []
    edges = [0]
    for residue, members in cosets.items():
        for word in members:
            turn, string = cones.product(members[0].string, word.string) if residue else (1.0, word.string)
            strings.append(own(string))
            factors.append(word.coefficient * turn * _phase(strings[-1]))
        edges.append(len(strings))
    scales: list[float] = []
    projected: list[PauliString] = []
    projector_edges = [0]
    for term in part.terms:
        if isinstance(term, cones.Projection):
            inside = cones.within(term.strings, space, blocks)
            scales.append(0.5 ** (len(term.strings) - len(inside)))
            projected += [own(string) for string in inside]
            projector_edges.append(len(projected))
    return Network(
        state=cones.amplitudes(state, part),
        masks=_masks(generators),
        phases=np.array([_phase(g) for g in generators], dtype=np.complex128),
        constants=constants,
        rows=angle_rows,
        columns=columns,
        coefficients=coefficients,
        word_masks=_masks(strings),
        word_factors=np.array(factors, dtype=np.complex128),
        word_rows=np.array(edges, dtype=np.int64),
        factor_masks=_masks(projected),
        factor_phases=np.array([_phase(s) for s in projected], dtype=np.complex128),
        factor_rows=np.array(projector_edges, dtype=np.int64),
        scales=np.array(scales, dtype=np.float64),
    )


def _together(networks: Sequence[Network]) -> tuple[Network, ...]:
    """Equal networks as one with all their weight, as a circuit that looks alike everywhere has them.

    What they tell of <O^2> is lost.
    """
    counts: dict[tuple[bytes, ...], tuple[Network, int]] = {}
    for network in networks:
        key = tuple(getattr(network, field.name).tobytes() for field in fields(network))
        _, times = counts.get(key, (network, 0))
        counts[key] = network, times + 1
    return tuple(
        replace(network, word_factors=times * network.word_factors, scales=times * network.scales)
        for network, times in counts.values()
    )


def _masks(strings: Sequence[PauliString]) -> Integers:
    return np.array([(s.x, s.z) for s in strings], dtype=np.int64).reshape(-1, 2)


def _phase(string: PauliString) -> complex:
    """What the string gives the basis state 0."""
    return string.sign * (1, 1j, -1, -1j)[(string.x & string.z).bit_count() % 4]
