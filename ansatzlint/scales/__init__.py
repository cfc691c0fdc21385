"""What happens at scale: a circuit rebuilt at several numbers of qubits and measured at each, the target included."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from math import inf
from typing import Any

import numpy as np

from ansatzlint import graph
from ansatzlint.assumptions import Assumed, complete, state
from ansatzlint.circuit import Circuit, PauliSum
from ansatzlint.errors import AnsatzlintError, CircuitError, UsageError
from ansatzlint.families.family import MOST_QUBITS
from ansatzlint.initialisation import Initialisation
from ansatzlint.moments.intervals import Interval, median_live
from ansatzlint.moments.problem import Problem
from ansatzlint.noise import Noise
from ansatzlint.scales.sources import Source, like_sizes, source
from ansatzlint.scales.terms import Terms
from ansatzlint.scales.values import AtTarget, Estimate, Point, Scaling, fitted
from ansatzlint.trend import FEWEST, Trend
from ansatzlint.variance import NO_HEAVIER, Effort, GradientVariance, measured

__all__ = ["AtTarget", "Estimate", "Point", "Scaling", "at_target", "like_sizes", "scaling"]

_POINTS_SHARE = 0.75
"""What the sizes may spend of the effort; single cost terms take what is left."""

TARGET = 50
"""Qubits at which a scaling is judged unless another number is given."""

WORK = 1_000_000_000
"""Gate-samples for a whole scaling, unless another effort is given."""


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
    if sizes is not None and not isinstance(sizes, Iterable):
        raise UsageError(f"sizes must be numbers of qubits, such as [4, 8, 16], not {sizes!r}")
    wanted = None if sizes is None else tuple(sorted({_whole(n) for n in sizes}))
    if wanted == ():
        raise UsageError("sizes is empty; give numbers of qubits or leave it out")
    made = source(build)
    if target is not None:
        target = _whole(target)
    if effort is not None and not isinstance(effort, Effort):
        raise UsageError(f"effort must be an Effort, not {effort!r}")
    effort = Effort(seed=seed, work=WORK) if effort is None else replace(effort, seed=seed)
    facts = _Facts(observable, init, noise)
    return _Measuring(made, facts, effort).run(wanted, target)


def at_target(circuit: Circuit, effort: Effort) -> AtTarget:
    """The gradients of the circuit at the target size alone: the largest declared size, else 50 qubits.

    Raises
    ------
    CircuitError
        For a circuit that cannot be rebuilt, or not be measured there.
    """
    return _Measuring(source(circuit), _Facts(None, None, None), effort).at_target()


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or not 1 <= value <= MOST_QUBITS:
        raise UsageError(f"a number of qubits must be a whole number from 1 to {MOST_QUBITS}, not {value!r}")
    return int(value)


@dataclass(frozen=True, slots=True)
class _Facts:
    observable: str | Callable[[int], str] | None
    init: Initialisation | None
    noise: Noise | None

    def complete(self, circuit: Circuit) -> Circuit:
        text = self.observable(circuit.qubits) if callable(self.observable) else self.observable
        return complete(state(circuit, Assumed(text, self.init, self.noise)))


@dataclass(slots=True)
class _Measuring:
    """One scaling in the making."""

    source: Source
    facts: _Facts
    effort: Effort
    builds: dict[int, Circuit] = field(default_factory=dict)

    def at_target(self) -> AtTarget:
        target = self._reachable(self._target(), [])
        return _at_target(target, measured(Problem(self._circuit(target)), self.effort))

    def _target(self) -> int:
        return max(self.source.sizes, default=TARGET)

    def run(self, wanted: tuple[int, ...] | None, target: int | None) -> Scaling:
        made = self.source
        notes: list[str] = list(made.assumptions)
        chosen = wanted or made.sizes
        if target is None:
            target = self._target() if wanted is None or made.only else TARGET
        target = self._reachable(target, notes)
        chosen = chosen or like_sizes(target, made.smallest, made.step, made.doubling)
        found = self._measured({*chosen, target}, target, notes)
        builds = self.builds
        odd = {target} if made.doubling and target & (target - 1) and wanted is None else set()
        points = tuple(_point(builds[n], v, n not in odd) for n, v in found.items())
        terms, carried_by = Terms(builds, found, self.effort, target).run([p.size for p in points if p.fitted])
        assumptions = [a.text for a in found[target].assumptions if a.holds is not False]
        assumptions += [f"not so: {a.text}" for a in found[target].assumptions if a.holds is False]
        doubtful = [n for n, v in found.items() if _is_doubtful(v)]
        if doubtful:
            notes.append(f"values at {', '.join(map(str, doubtful))} qubits are too uncertain for a trend")
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
            depth_rule=made.depth_rule,
            assumptions=tuple(dict.fromkeys((*notes, *assumptions))),
            seed=self.effort.seed,
            name=made.name,
        )

    def _measured(self, sizes: set[int], target: int, notes: list[str]) -> dict[int, GradientVariance]:
        """The results by size, ascending.

        Sizes between the second one at which nothing was seen and the target are passed over where nothing is seen at
        the target either, and between the first one where shared parameters had to be taken apart and the target: they
        could tell no more.
        """
        share = _POINTS_SHARE / (len(sizes) + 1)
        found: dict[int, GradientVariance] = {}
        failed: AnsatzlintError | None = None

        def measure(size: int, times: int) -> None:
            nonlocal failed
            try:
                circuit = self._circuit(size)
            except AnsatzlintError as error:
                notes.append(f"not built at {size} qubits: {error}")
                return
            try:
                found[size] = measured(Problem(circuit), self.effort, share * times)
            except CircuitError as error:
                failed = failed or error
                notes.append(f"not measured at {size} qubits: {error}")

        unseen = apart = 0
        left = sorted(sizes)
        while left and unseen < 2 and not apart:
            size = left.pop(0)
            measure(size, 2 if size == target else 1)
            if size in found and found[size].method == "surrogate":
                measure(size, 4)  # statevectors that a larger share affords: the sizes that are left do without theirs
                apart += found[size].method == "surrogate"
            unseen += size in found and found[size].max_mean_square_lower == 0.0 < found[size].max_mean_square_upper
        if target in left:
            left.remove(target)
            measure(target, 2)
        if target not in found:
            raise failed or CircuitError(f"the circuit cannot be measured at {target} qubits")
        if not apart and found[target].max_mean_square_lower > 0:
            for size in left:
                measure(size, 1)
        elif left:
            why = "shared parameters are too many for statevectors" if apart else "nothing was seen beyond them either"
            notes.append(f"not measured at {', '.join(map(str, left))} qubits: {why}")
        return dict(sorted(found.items()))

    def _reachable(self, target: int, notes: list[str]) -> int:
        """The target, or the next size at which there is a circuit, said in `notes`."""
        if self.source.only:
            nearest = min(self.source.only, key=lambda n: (abs(n - target), -n))
            others = [nearest]
        else:
            others = list(range(target + 1, target + 4))
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
        """The complete circuit on so many qubits, built once."""
        if size not in self.builds:
            circuit = self.source.build(size)
            if circuit.qubits != size:
                raise CircuitError(f"asked for {size} qubits, the function built a circuit of {circuit.qubits}")
            self.builds[size] = self.facts.complete(circuit)
        return self.builds[size]


def _point(circuit: Circuit, found: GradientVariance, like: bool) -> Point:
    return Point(
        circuit.qubits,
        len(found.parameters),
        _depth(circuit),
        Estimate(found.max_mean_square, found.max_mean_square_lower, found.max_mean_square_upper),
        _median(found),
        found.method,
        like and found.method != "surrogate" and not _is_doubtful(found),
    )


_SCATTER, _DOUBT = 1.2, 3.0
"""An interval that rests on what was sampled tells no trend where it is wide on both sides: its lower end is farther
below the estimate than the one, and its upper end farther above the lower than the other."""


def _is_doubtful(found: GradientVariance) -> bool:
    value, low, high = found.max_mean_square, found.max_mean_square_lower, found.max_mean_square_upper
    return any(a.text == NO_HEAVIER for a in found.assumptions) and _SCATTER * low < value and 0.0 < _DOUBT * low < high


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
    found = fitted(kept)
    if found.verdict == "undecided" and len(kept) < FEWEST:
        return replace(found, reason=f"{len(kept)} sizes could be measured; a trend needs {FEWEST}")
    if found.verdict == "undecided" and kept and all(e.upper == 0.0 for _, e in kept):
        return replace(found, reason="every gradient is zero")
    return found
