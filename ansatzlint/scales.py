"""What happens at scale: a circuit rebuilt at several numbers of qubits and measured at each, the target included."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from math import ceil, inf, log2
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ansatzlint import graph
from ansatzlint.assumptions import Assumed, complete, state
from ansatzlint.circuit import Circuit, PauliSum, PauliTerm
from ansatzlint.declaration import declaration
from ansatzlint.errors import AnsatzlintError, CircuitError, UsageError
from ansatzlint.families import FAMILIES, family_of
from ansatzlint.families.family import Layers
from ansatzlint.initialisation import Initialisation
from ansatzlint.moments.intervals import Interval, median_live
from ansatzlint.moments.problem import Problem
from ansatzlint.noise import Noise
from ansatzlint.regrowth import regrowth
from ansatzlint.trend import FEWEST, Trend, trend
from ansatzlint.variance import Effort, GradientVariance, measured

TARGET = 50
"""Qubits at which a scaling is judged unless another number is given."""

DOUBLING = frozenset(["tree-tensor-network", "mera", "qcnn"])
"""Families whose depth is a whole number of halvings: powers of two are their like sizes."""

WORK = 1_000_000_000
"""Gate-samples for a whole scaling, unless another effort is given."""

_TERMS_SHARE = 0.2
_ALIKE = 10.0
"""Cost terms whose largest gradients at the target are within this factor of each other are not told apart."""
_MOST_KINDS = 3
_SCANNED = 128
"""Terms among which the one that carries the gradient is looked for."""
_FEWER = 7
"""Sizes at which single cost terms are measured."""


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
        Whether the trend may rest on it: it is no surrogate, and of the same residue class as the others.
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
        Of the largest G of single cost terms, each alone and with coefficient 1, where their verdicts differ; else ().
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

        return text(self, width, height)

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


@dataclass(frozen=True, slots=True)
class _Source:
    """What builds the circuit: `build` raises an AnsatzlintError for a size that it cannot have."""

    name: str
    build: Callable[[int], Circuit]
    depth_rule: str
    smallest: int = 2
    step: int = 1
    doubling: bool = False
    sizes: tuple[int, ...] = ()
    only: tuple[int, ...] = ()  # the source knows no other sizes
    assumptions: tuple[str, ...] = ()


def scaling(
    build: Callable[[int], Any] | str | Circuit | Any,
    sizes: Iterable[int] | None = None,
    target: int | None = None,
    observable: str | Callable[[int], str] | None = None,
    init: Initialisation | None = None,
    noise: Noise | None = None,
    seed: int = 0,
    effort: Effort | None = None,
) -> Scaling:
    """How the largest and the median live gradient change with the number of qubits, measured up to the target.

    Parameters
    ----------
    build : callable, str or Circuit
        A function of the number of qubits that returns a Circuit, a QNode, a tuple (qnode, *arguments) or a Qiskit
        circuit; a family's name; or one circuit, which is rebuilt from what it repeats.
    sizes : iterable of int, optional
        Numbers of qubits; by default those that the source declares, else about ten of one residue class. The target
        is always among those measured.
    target : int, optional
        By default the largest declared size, else 50.
    observable : str or callable, optional
        The cost, as in `al.read`, or a function of the number of qubits that returns it.
    init, noise
        Stand above what the circuits state.
    seed : int
        Decides every bit of what is sampled.
    effort : Effort, optional
        For all sizes together.

    Raises
    ------
    UsageError
        For what cannot be meant: sizes or a target that are no positive whole numbers, an unknown family.
    CircuitError
        For a circuit that cannot be rebuilt, or can be measured at no size.
    """
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise UsageError(f"the seed must be a whole number from 0 up, not {seed!r}")
    wanted = None if sizes is None else tuple(sorted(set(_whole(n) for n in sizes)))
    if wanted == ():
        raise UsageError("sizes is empty; give numbers of qubits or leave it out")
    source = _source(build)
    if target is not None:
        target = _whole(target)
    effort = Effort(seed=seed, work=WORK) if effort is None else replace(effort, seed=seed)
    facts = _Facts(observable, init, noise)
    return _Measuring(source, facts, effort).run(wanted, target)


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
        raise UsageError(f"a number of qubits must be a positive whole number, not {value!r}")
    return int(value)


# --- where circuits come from


def _source(build: Any) -> _Source:
    if isinstance(build, str):
        return _of_family(build)
    if isinstance(build, Circuit):
        return _of_circuit(build)
    library = {base.__module__.partition(".")[0] for base in type(build).__mro__}
    if "qiskit" in library:
        from ansatzlint.readers import read

        return _of_circuit(read(build))
    if "pennylane" in library:
        raise UsageError(
            "a QNode has one size; give a function of the number of qubits that returns it, or al.read(qnode, *arguments)"
        )
    if callable(build):
        return _of_callable(build)
    raise UsageError(
        f"cannot build circuits from a {type(build).__name__}; give a function of the number of qubits, a family's "
        "name or a Circuit"
    )


def _of_family(name: str) -> _Source:
    family = family_of(name)
    layers = [argument.default for argument in family.space.values() if isinstance(argument, Layers)]
    rule = f"{layers[0]} layers at every size" if layers else "depth as the family has it"
    return _Source(name, family.build, rule, family.smallest, doubling=name in DOUBLING)


def _of_circuit(circuit: Circuit) -> _Source:
    if circuit.at_sizes:
        built = {c.qubits: replace(c, sizes=(), at_sizes=()) for c in circuit.at_sizes}

        def at(qubits: int) -> Circuit:
            if qubits not in built:
                raise UsageError(f"the source builds it at {', '.join(map(str, built))} qubits only")
            return built[qubits]

        return _Source(circuit.name, at, "depth as the source builds it", only=tuple(built), sizes=tuple(built))
    found = regrowth(circuit)
    if isinstance(found, str):
        raise CircuitError(f"the circuit cannot be rebuilt at other sizes: {found}; give a function that builds it")
    family = found.how.partition(" with ")[0]
    doubling = family in FAMILIES and family in DOUBLING
    notes = (f"rebuilt as {found.how}", *found.assumptions)
    return _Source(
        circuit.name, found.build, found.depth, found.smallest, found.step, doubling, circuit.sizes, assumptions=notes
    )


def _of_callable(build: Callable[[int], Any]) -> _Source:
    from ansatzlint.readers import read

    declared = declaration(build)
    facts = Assumed() if declared is None else Assumed(declared.observable, declared.init)

    def make(qubits: int) -> Circuit:
        try:
            made = build(qubits)
        except AnsatzlintError:
            raise
        except Exception as error:  # the user's own code, which may refuse a size by any exception
            raise UsageError(f"the function that builds it raised {type(error).__name__}: {error}") from error
        first, rest = (made[0], made[1:]) if isinstance(made, tuple) and made else (made, ())
        circuit = state(read(first, *rest), facts)
        return replace(circuit, sizes=(), at_sizes=())

    name = getattr(build, "__name__", "circuit").replace("<lambda>", "circuit")
    return _Source(
        name, make, "depth as the function builds it", sizes=() if declared is None else declared.sizes
    )


@dataclass(frozen=True, slots=True)
class _Facts:
    observable: str | Callable[[int], str] | None
    init: Initialisation | None
    noise: Noise | None

    def complete(self, circuit: Circuit) -> Circuit:
        text = self.observable(circuit.qubits) if callable(self.observable) else self.observable
        return complete(state(circuit, Assumed(text, self.init, self.noise)))


# --- sizes


def like_sizes(target: int, smallest: int = 4, step: int = 1, doubling: bool = False) -> tuple[int, ...]:
    """Numbers of qubits of the target's residue class modulo 2, close together where they are few; up to the target.

    At least eight, beyond a small target. Powers of two, to twice the target, where `doubling`.
    """
    if doubling:
        first = max(2, ceil(log2(max(smallest, 2))))
        return tuple(2**e for e in range(first, max(ceil(log2(target)) + 2, first + 6)))
    low = max(smallest, 4)
    stride = max(step, 2)
    low += (target - low) % 2 if step == 1 else -low % stride
    near = [low + stride * i for i in range(7)]
    top = max(target, near[-1] + stride)
    if top <= near[-1] + 2 * stride:
        return tuple(sorted({*near, top}))
    ratio = (top / near[-1]) ** 0.25
    far = [near[-1] * ratio**i for i in range(1, 5)]
    return tuple(sorted({*near, *(low + stride * round((f - low) / stride) for f in far)}))


# --- measuring


@dataclass(slots=True)
class _Measuring:
    """One scaling in the making."""

    source: _Source
    facts: _Facts
    effort: Effort

    def run(self, wanted: tuple[int, ...] | None, target: int | None) -> Scaling:
        source = self.source
        notes: list[str] = list(source.assumptions)
        chosen = wanted or source.sizes
        if target is None:
            target = max(chosen) if source.only or (source.sizes and wanted is None) else TARGET
        target = self._reachable(target, notes)
        chosen = chosen or like_sizes(target, source.smallest, source.step, source.doubling)
        builds = self._built({*chosen, target}, notes)
        share = (1.0 - _TERMS_SHARE) / (len(builds) + 1)
        found: dict[int, GradientVariance] = {}
        failed: AnsatzlintError | None = None
        for size, circuit in builds.items():
            try:
                found[size] = measured(Problem(circuit), self.effort, share * (2 if size == target else 1))
            except CircuitError as error:
                failed = failed or error
                notes.append(f"not measured at {size} qubits: {error}")
        if target not in found:
            raise failed or CircuitError(f"the circuit cannot be measured at {target} qubits")
        odd = {target} if source.doubling and target & (target - 1) and wanted is None else set()
        points = tuple(_point(builds[n], v, n not in odd) for n, v in found.items())
        terms, carried_by = _Terms(builds, found, self.effort, target).run([p.size for p in points if p.fitted])
        assumptions = [a.text for a in found[target].assumptions if a.holds is not False]
        assumptions += [f"not so: {a.text}" for a in found[target].assumptions if a.holds is False]
        surrogates = [p.size for p in points if p.method == "surrogate"]
        if surrogates:
            listed = ", ".join(map(str, surrogates))
            notes.append(f"values at {listed} qubits take shared parameters apart, and no trend rests on them")
        return Scaling(
            largest=_trend(points, lambda p: p.largest),
            median=_trend(points, lambda p: p.median),
            terms=terms,
            carried_by=carried_by,
            points=points,
            at_target=_at_target(target, found[target]),
            depth_rule=source.depth_rule,
            assumptions=tuple(dict.fromkeys((*notes, *assumptions))),
            seed=self.effort.seed,
            name=source.name,
        )

    def _reachable(self, target: int, notes: list[str]) -> int:
        """The target, or the next size at which there is a circuit, said in `notes`."""
        if self.source.only:
            nearest = min(self.source.only, key=lambda n: (abs(n - target), -n))
            others = (nearest,)
        else:
            others = tuple(range(target + 1, target + 4))
        first: AnsatzlintError | None = None
        for size in (target, *others):
            try:
                self._circuit(size)
            except AnsatzlintError as error:
                first = first or error
                continue
            if size != target:
                notes.append(f"{size} qubits stand for the target {target}: {first}")
            return size
        assert first is not None
        raise first

    def _circuit(self, size: int) -> Circuit:
        circuit = self.source.build(size)
        if circuit.qubits != size:
            raise CircuitError(f"asked for {size} qubits, the function built a circuit of {circuit.qubits}")
        return self.facts.complete(circuit)

    def _built(self, sizes: set[int], notes: list[str]) -> dict[int, Circuit]:
        built = {}
        for size in sorted(sizes):
            try:
                built[size] = self._circuit(size)
            except AnsatzlintError as error:
                notes.append(f"not built at {size} qubits: {error}")
        return built


def _point(circuit: Circuit, found: GradientVariance, like: bool) -> Point:
    return Point(
        circuit.qubits,
        len(found.parameters),
        _depth(circuit),
        Estimate(found.max_mean_square, found.max_mean_square_lower, found.max_mean_square_upper),
        _median(found),
        found.method,
        like and found.method != "surrogate",
    )


def _median(found: GradientVariance) -> Estimate:
    squares = Interval(
        found.mean_square, found.mean_square_lower, found.mean_square_upper, np.zeros(len(found.live), np.bool_)
    )
    return Estimate(*median_live(squares, found.live))


def _depth(circuit: Circuit) -> int:
    """Layers of gates on two or more qubits inside the light cone of the cost."""
    supports = [
        term.qubits
        for observable in circuit.observables
        for term in (observable.terms if isinstance(observable, PauliSum) else (observable,))
    ]
    masks = graph.light_cones(circuit, supports).gates
    gates = tuple(gate for gate, mask in zip(circuit.gates, masks, strict=True) if mask)
    return graph.two_qubit_depth(replace(circuit, gates=gates, blocks=(), channels=()))


def _at_target(target: int, found: GradientVariance) -> AtTarget:
    best = int(np.argmax(found.mean_square))
    largest = Estimate(found.max_mean_square, found.max_mean_square_lower, found.max_mean_square_upper)
    median = _median(found)
    scale = found.shot_variance * found.shift
    middle = float(np.median(scale[found.live])) if found.live.any() else 0.0
    return AtTarget(
        target, largest, median, _inverse(float(scale[best]), largest), _inverse(middle, median), found.method
    )


def _inverse(scale: float, square: Estimate) -> Estimate:
    return Estimate(*(scale / g if g > 0 else inf for g in (square.value, square.upper, square.lower)))


def _trend(points: Sequence[Point], of: Callable[[Point], Estimate]) -> Trend:
    """The trend over the points that it may rest on."""
    kept = [(p.size, of(p)) for p in points if p.fitted]
    found = _fitted(kept)
    if found.verdict == "undecided" and len(kept) < FEWEST:
        return replace(found, reason=f"{len(kept)} sizes could be measured; a trend needs {FEWEST}")
    if found.verdict == "undecided" and kept and all(e.upper == 0.0 for _, e in kept):
        return replace(found, reason="every gradient is zero")
    return found


def _fitted(values: Sequence[tuple[int, Estimate]]) -> Trend:
    return trend(
        [n for n, _ in values],
        [e.value for _, e in values],
        [e.lower for _, e in values],
        [e.upper for _, e in values],
    )


# --- the terms of the cost


_ORDINALS = {0: "first", 1: "second", -2: "last but one", -1: "last"}


@dataclass(frozen=True, slots=True)
class _Place:
    """A term by its letters and its place among the terms of the same letters: from either end, or in the middle."""

    letters: str
    index: int | None

    def at(self, circuit: Circuit) -> PauliTerm | None:
        terms = _kinds(circuit).get(self.letters, ())
        index = len(terms) // 2 if self.index is None else self.index
        return terms[index] if -len(terms) <= index < len(terms) else None

    def label(self, circuit: Circuit) -> str:
        ordinal = "middle" if self.index is None else _ORDINALS[self.index]
        if len(self.letters) == 1 and len(_kinds(circuit)[self.letters]) == circuit.qubits:
            return f"{self.letters} on the {ordinal} qubit"
        return f"the {ordinal} of the terms {self.letters}"


def _kinds(circuit: Circuit) -> dict[str, tuple[PauliTerm, ...]]:
    """The terms of the cost by their letters, in order; empty where it is no sum of Pauli words."""
    found: dict[str, list[PauliTerm]] = {}
    if len(circuit.observables) == 1 and isinstance(circuit.observables[0], PauliSum):
        for term in circuit.observables[0].terms:
            if term.paulis and term.coefficient:
                found.setdefault("".join(letter for _, letter in term.paulis), []).append(term)
    return {letters: tuple(terms) for letters, terms in found.items()}


@dataclass(frozen=True, slots=True)
class _Terms:
    """Whether single terms of the cost fare differently, and which one carries the largest gradient."""

    builds: dict[int, Circuit]
    found: dict[int, GradientVariance]
    effort: Effort
    target: int

    def run(self, sizes: Sequence[int]) -> tuple[tuple[tuple[str, Trend], ...], str | None]:
        circuit, whole = self.builds[self.target], self.found[self.target]
        kinds = _kinds(circuit)
        if whole.method not in ("exact", "sampled") or sum(map(len, kinds.values())) < 2:
            return (), None
        places = [
            place
            for letters in sorted(kinds, key=lambda k: -len(kinds[k]))[:_MOST_KINDS]
            for place in _places(letters, len(kinds[letters]))
        ]
        share = _TERMS_SHARE / (len(places) * _FEWER)
        here = {place: self._alone(circuit, place.at(circuit), share) for place in places}
        best = max(v.max_mean_square_lower for v in here.values())
        worst = min(v.max_mean_square_upper for v in here.values())
        if not best > _ALIKE * worst:
            return (), None
        fewer = _thinned([n for n in sizes if n != self.target], _FEWER - 1)
        trends = []
        for place in places:
            values = []
            for n in (*fewer, self.target):
                term = place.at(self.builds[n])
                if term is not None:
                    v = here[place] if n == self.target else self._alone(self.builds[n], term, share)
                    ends = v.max_mean_square, v.max_mean_square_lower, v.max_mean_square_upper
                    values.append((n, Estimate(*ends)))
            trends.append((place.label(circuit), _fitted(sorted(values, key=lambda pair: pair[0]))))
        differ = len({found.verdict for _, found in trends}) > 1
        return tuple(trends) if differ else (), self._carrier(circuit, whole, here, share)

    def _alone(self, circuit: Circuit, term: PauliTerm | None, share: float) -> GradientVariance:
        assert term is not None
        return measured(Problem(_only(circuit, term)), self.effort, share)

    def _carrier(
        self, circuit: Circuit, whole: GradientVariance, here: dict[_Place, GradientVariance], share: float
    ) -> str | None:
        """The term that makes up at least half of the largest mean square; None where no single one does."""
        best = int(np.argmax(whole.mean_square))
        half = whole.max_mean_square / 2
        if not half > 0:
            return None

        def part(term: PauliTerm, alone: NDArray[np.float64]) -> float:
            return float(term.coefficient**2 * alone[best])

        parts = {p.label(circuit): part(t, v.mean_square) for p, v in here.items() if (t := p.at(circuit)) is not None}
        label = max(parts, key=lambda name: parts[name])
        if parts[label] >= half:
            return label
        known = {p.at(circuit) for p in here}
        rest = [t for terms in _kinds(circuit).values() for t in terms if t not in known][:_SCANNED]
        for term in rest:
            if part(term, self._alone(circuit, term, share / max(len(rest), 1)).mean_square) >= half:
                return str(replace(term, coefficient=1.0))
        return None


def _places(letters: str, count: int) -> list[_Place]:
    """First, second, middle, last but one, last, each term once."""
    taken: dict[int, _Place] = {}
    for index in (0, -1, 1, -2, None):
        at = count // 2 if index is None else index % count if -count <= index < count else None
        if at is not None and at not in taken:
            taken[at] = _Place(letters, index)
    return [taken[at] for at in sorted(taken)]


def _only(circuit: Circuit, term: PauliTerm) -> Circuit:
    return replace(circuit, observables=(PauliSum((replace(term, coefficient=1.0),)),))


def _thinned(sizes: Sequence[int], most: int) -> list[int]:
    """So many of the sizes at most: the small ones, where what falls fast can still be seen, and the largest."""
    ordered = sorted(sizes)
    return ordered if len(ordered) <= most else [*ordered[: most - 1], ordered[-1]]
