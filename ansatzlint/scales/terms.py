"""Whether single terms of a cost fare differently at scale, and which one carries the largest gradient."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ansatzlint.circuit import Circuit, PauliSum, PauliTerm
from ansatzlint.moments.cost import cost_of
from ansatzlint.moments.engine import second_moment
from ansatzlint.moments.intervals import maximum
from ansatzlint.moments.problem import Problem
from ansatzlint.scales.values import Estimate, fitted
from ansatzlint.trend import Trend
from ansatzlint.variance import LANES, Effort, GradientVariance

_TERM_SHARE = 0.006
_ALIKE = 10.0
"""Cost terms whose largest gradients at the target are within this factor of each other are not told apart."""
_MOST_KINDS = 3
_SCANNED = 32
"""Terms among which the one that carries the gradient is looked for, those nearest to its parameter first."""
_NEAR = 7
"""Of the sizes the smallest ones at which single cost terms are always measured."""
_SMALL = (1 << 12, 1 << 19)
"""Strings and weights that exact propagation of one term may take."""
_MOST_SAMPLES = 1 << 20


_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


@dataclass(frozen=True, slots=True)
class _Place:
    """A term by its letters and its place among the terms of the same letters.

    `index` counts from either end, as in Python; None is the middle.
    """

    letters: str
    index: int | None

    def at(self, circuit: Circuit) -> PauliTerm | None:
        terms = _kinds(circuit).get(self.letters, ())
        index = len(terms) // 2 if self.index is None else self.index
        return terms[index] if -len(terms) <= index < len(terms) else None

    def label(self, circuit: Circuit) -> str:
        if len(self.letters) == 1 and len(_kinds(circuit)[self.letters]) == circuit.qubits:
            return f"{self.letters} on the {self._ordinal()} qubit"
        return f"the {self._ordinal()} of the terms {self.letters}"

    def _ordinal(self) -> str:
        if self.index is None:
            return "middle"
        if self.index >= 0:
            return _ordinal(self.index)
        before = {-1: "", -2: " but one"}.get(self.index, f" but {-1 - self.index}")
        return f"last{before}"


def _ordinal(index: int) -> str:
    """Counted from 0."""
    if index < len(_ORDINALS):
        return _ORDINALS[index]
    number = index + 1
    suffix = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{suffix}"


def _kinds(circuit: Circuit) -> dict[str, tuple[PauliTerm, ...]]:
    """The terms of the cost by their letters, in order; empty where it is no sum of Pauli words."""
    found: dict[str, list[PauliTerm]] = {}
    if len(circuit.observables) == 1 and isinstance(circuit.observables[0], PauliSum):
        for term in circuit.observables[0].terms:
            if term.paulis and term.coefficient:
                found.setdefault("".join(letter for _, letter in term.paulis), []).append(term)
    return {letters: tuple(terms) for letters, terms in found.items()}


@dataclass(frozen=True, slots=True, eq=False)
class _Alone:
    """One term as the whole cost, with coefficient 1: its largest G, and G by trainable parameter."""

    largest: Estimate
    squares: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Terms:
    """Whether single terms of the cost fare differently, and which one carries the largest gradient."""

    builds: dict[int, Circuit]
    found: dict[int, GradientVariance]
    effort: Effort
    target: int

    def run(self, sizes: Sequence[int]) -> tuple[tuple[tuple[str, Trend], ...], str | None]:
        circuit, whole = self.builds[self.target], self.found[self.target]
        kinds = _kinds(circuit)
        seen = whole.method in ("exact", "sampled") and whole.max_mean_square_lower > 0
        if not seen or sum(map(len, kinds.values())) < 2:
            return (), None
        here = {
            place: self._alone(circuit, place)
            for letters in sorted(kinds, key=lambda k: -len(kinds[k]))[:_MOST_KINDS]
            for place in _places(letters, len(kinds[letters]))
        }
        carrier, most = self._carrier(circuit, whole, here)
        best = max((v.largest for v in here.values()), key=lambda e: e.value)
        worst = min((v.largest for v in here.values()), key=lambda e: e.upper)
        if not best.lower > _ALIKE * worst.upper:
            return (), None
        trends: dict[str, Trend] = {}
        for place in self._telling(here, carrier):
            values = [(self.target, here[place].largest)]
            fewer = _thinned([n for n in sizes if n != self.target], here[place].largest.lower > 0)
            values += [
                (n, self._alone(self.builds[n], place).largest) for n in fewer if place.at(self.builds[n]) is not None
            ]
            trends[place.label(circuit)] = fitted(sorted(values, key=lambda pair: pair[0]))
        differ = len({found.verdict for found in trends.values()}) > 1
        said = None if carrier is None else f"{carrier.label(circuit)} ({most:.0%} of it)"
        return tuple(trends.items()) if differ else (), said

    def _telling(self, here: dict[_Place, _Alone], carrier: _Place | None) -> list[_Place]:
        """The carrier; the first, the middle and the last of the most frequent kind; which fare best and worst."""
        order = list(here)
        chosen = {
            carrier,
            *(p for p in order if p.letters == order[0].letters and p.index in (0, None, -1)),
            max(order, key=lambda p: here[p].largest.value),
            min(order, key=lambda p: (here[p].largest.upper, p.index not in (0, None, -1))),
        }
        return [p for p in order if p in chosen]

    def _alone(self, circuit: Circuit, place: _Place) -> _Alone:
        term = place.at(circuit)
        assert term is not None
        return _measured_alone(circuit, term, replace(self.effort, work=int(self.effort.work * _TERM_SHARE)))

    def _carrier(
        self, circuit: Circuit, whole: GradientVariance, here: dict[_Place, _Alone]
    ) -> tuple[_Place | None, float]:
        """The term with the largest part in the largest mean square, and that part; adds to `here` what it measures.

        None where no term was found that makes up a quarter of it.
        """
        best = int(np.argmax(whole.mean_square))
        total = float(whole.mean_square[best])

        def part(place: _Place) -> float:
            term = place.at(circuit)
            return 0.0 if term is None else float(term.coefficient**2 * here[place].squares[best]) / total

        parts = {place: part(place) for place in here}
        name = whole.parameters[best]
        near = {q for gate in circuit.gates if name in gate.parameters for q in gate.qubits}
        for place in _nearest(circuit, near, {p.at(circuit) for p in here})[:_SCANNED]:
            if max(parts.values()) >= 1.0 - sum(parts.values()):
                break  # what is left is less than the largest part found
            here[place] = self._alone(circuit, place)
            parts[place] = part(place)
        most = max(parts, key=lambda p: parts[p])
        for place in [p for p in here if _extra(p) and p != most]:
            del here[place]
        return (most, min(parts[most], 1.0)) if parts[most] >= 0.25 else (None, 0.0)


def _measured_alone(circuit: Circuit, term: PauliTerm, effort: Effort) -> _Alone:
    """By what is cheap alone: a small exact propagation, else samples without a guide; rare hits stay upper ends."""
    from ansatzlint.moments.paths import CHUNK

    cost, _ = cost_of(only := replace(circuit, observables=(PauliSum((replace(term, coefficient=1.0),)),)))
    problem = Problem(only)
    lanes = LANES if problem.diagonal and not problem.pulled(cost).crossed else 1
    least = 2 * CHUNK  # both halves of the samples have some
    samples = int(min(max(lanes * effort.work // max(problem.work, 1), least), _MOST_SAMPLES))
    found = second_moment(problem, cost, "auto", samples, effort.seed, *_SMALL, guide=False)
    own = np.array([i for i, p in enumerate(circuit.parameters) if p.role == "trainable"])
    squares = found.slopes.estimate[own]
    if found.tallies is None:
        top = float(squares.max(initial=0.0))
        return _Alone(Estimate(top, top, top), squares)
    ceiling = found.slopes.upper[own]
    _, value, low, high = maximum(found.tallies[1].part(own), signed=found.signed, ceiling=ceiling)
    return _Alone(Estimate(value, low, high), squares)


def _nearest(circuit: Circuit, near: set[int], known: set[PauliTerm | None]) -> list[_Place]:
    """The other terms, those close to some qubits first, each counted from the nearer end."""
    found: list[tuple[int, _Place]] = []
    for letters, terms in _kinds(circuit).items():
        for index, term in enumerate(terms):
            if term not in known:
                away = min((abs(q - other) for q in term.qubits for other in near), default=0)
                found.append((away, _Place(letters, index if 2 * index < len(terms) else index - len(terms))))
    return [place for _, place in sorted(found, key=lambda pair: pair[0])]


def _extra(place: _Place) -> bool:
    return place.index is not None and not -2 <= place.index <= 1


def _places(letters: str, count: int) -> list[_Place]:
    """First, second, middle, last but one, last, each term once."""
    taken: dict[int, _Place] = {}
    for index in (0, -1, 1, -2, None):
        if index is None or -count <= index < count:
            taken.setdefault(count // 2 if index is None else index % count, _Place(letters, index))
    return [taken[at] for at in sorted(taken)]


def _thinned(sizes: Sequence[int], seen: bool) -> list[int]:
    """The small sizes, where what falls fast can be seen, and some larger ones where the target itself was `seen`."""
    ordered = sorted(sizes)
    return [*ordered[:_NEAR:2], *ordered[_NEAR:]] if seen else ordered[:_NEAR]
