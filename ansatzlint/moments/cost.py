"""What is measured, as Pauli strings to start from: single ones, pairs of them, samples of either."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from ansatzlint.circuit import Circuit, Nonlinear, PauliSum, Probabilities, Projector
from ansatzlint.errors import CircuitError
from ansatzlint.moments.frame import Tableau
from ansatzlint.moments.initial import pack
from ansatzlint.moments.operators import pair_up
from ansatzlint.pauli.strings import PauliString

MAX_EXPANDED = 8
"""A projector on so many qubits is written out as its 2^m Pauli words; on more it is sampled."""


Starts = Callable[[np.random.Generator, int], tuple[NDArray[np.uint64], NDArray[np.float64]]]
"""Draws packed strings to start from, shape (N, 2 w), and the weight of each, its sign included."""


@dataclass(frozen=True, slots=True)
class Words:
    """sum_i coefficients[i] * strings[i], no string twice and none the identity.

    Where it is not `coherent` it stands for many costs at once, sqrt(weight) * string each, and its second moment for
    the sum of theirs.
    """

    strings: tuple[PauliString, ...]
    coefficients: tuple[float, ...]
    constant: float = 0.0
    coherent: bool = True


@dataclass(frozen=True, slots=True)
class Ket:
    """The projector on the basis state `bits` of the qubits."""

    qubits: tuple[int, ...]
    bits: str

    def factors(self) -> tuple[PauliString, ...]:
        """The signed Z of each qubit; the projector is the mean of all their products."""
        return tuple(
            PauliString(0, 1 << q, -1 if bit == "1" else 1) for q, bit in zip(self.qubits, self.bits, strict=True)
        )


Cost = Words | Ket


SMALLEST, LARGEST = 1e-60, 1e60
"""Coefficients whose fourth powers can be held."""


def cost_of(circuit: Circuit) -> tuple[Cost, tuple[str, ...]]:
    """The circuit's cost, and what had to be assumed about it.

    Raises
    ------
    CircuitError
        Where it is no expectation value, a large projector stands beside other terms, or a coefficient lies beyond
        `SMALLEST` and `LARGEST`.
    """
    if not circuit.observables:
        raise CircuitError("the circuit has no cost: it measures nothing")
    notes: list[str] = []
    if len(circuit.observables) > 1:
        notes.append(f"the cost is the sum of the {len(circuit.observables)} observables that are returned")
    total: dict[tuple[int, int], float] = {}
    for observable in circuit.observables:
        if isinstance(observable, Probabilities):
            notes.append("the probability of the outcome 0…0 stands for the probabilities that are returned")
            observable = first_outcome(observable)
        if isinstance(observable, PauliSum):
            for term in observable.terms:
                string = PauliString.of(term.paulis)
                total[string.x, string.z] = total.get((string.x, string.z), 0.0) + term.coefficient
        elif isinstance(observable, Projector):
            ket = Ket(observable.qubits, observable.bits)
            if len(ket.qubits) > MAX_EXPANDED:
                if len(circuit.observables) > 1:
                    raise CircuitError(f"{observable} beside other observables cannot be followed")
                return ket, tuple(notes)
            for string, coefficient in _expanded(ket):
                total[string.x, string.z] = total.get((string.x, string.z), 0.0) + coefficient
        else:
            what = observable if isinstance(observable, Nonlinear) else f"the cost is a {observable}, which"
            raise CircuitError(f"{what} is no expectation value")
    constant = total.pop((0, 0), 0.0)
    kept = {key: value for key, value in total.items() if value}
    for value in kept.values():
        if not SMALLEST <= abs(value) <= LARGEST:
            wrong = "small" if abs(value) < 1.0 else "large"
            raise CircuitError(f"the cost's coefficient {value:.3g} is too {wrong} to be squared; scale the cost")
    return Words(tuple(PauliString(x, z) for x, z in kept), tuple(kept.values()), constant), tuple(notes)


def first_outcome(observable: Probabilities) -> Projector:
    """The probability of the outcome 0…0."""
    return Projector(observable.qubits, "0" * len(observable.qubits), observable.location)


def _expanded(ket: Ket) -> list[tuple[PauliString, float]]:
    share = 0.5 ** len(ket.qubits)
    words = []
    for chosen in product((False, True), repeat=len(ket.qubits)):
        z, sign = 0, 1
        for factor, taken in zip(ket.factors(), chosen, strict=True):
            if taken:
                z, sign = z | factor.z, sign * factor.sign
        words.append((PauliString(0, z), sign * share))
    return words


@dataclass(frozen=True, slots=True, eq=False)
class Pulled:
    """A cost at the initial state: its strings pulled back through the Clifford gates.

    `rows` are packed strings, `values` their coefficients with the strings' signs; of a `Ket` they are its factors and
    the signs. `labels` says which strings can make a pair that lives: those with equal labels, or products of factors
    whose labels, numbers of any size, cancel bit by bit.
    """

    rows: NDArray[np.uint64]
    values: NDArray[np.float64]
    labels: NDArray[np.uint64] | NDArray[np.object_]
    coherent: bool
    ket: bool

    @property
    def crossed(self) -> bool:
        """Whether pairs of different strings count."""
        if self.ket:
            return len(self._kernel()) > 0
        return self.coherent and len(np.unique(self.labels)) < len(self.labels)

    def norm(self) -> float:
        """The sum of all squared coefficients: the second moment were every string worth 1 and no pair alive."""
        return 0.5 ** len(self.values) if self.ket else float(np.sum(self.values**2))

    def means(self, most: int) -> tuple[NDArray[np.uint64], NDArray[np.float64]] | None:
        """The strings whose mean may live, with their coefficients; None where they are more than `most`."""
        if not self.ket:
            return self.rows, self.values
        basis = self._kernel()
        return None if 2 ** len(basis) > most else self._span(basis, 0.5 ** len(self.values))

    def squares(self, most: int) -> tuple[NDArray[np.uint64], NDArray[np.float64]] | None:
        """All strings with their squared coefficients; None where they are more than `most`."""
        if not self.ket:
            return self.rows, self.values**2
        m = len(self.values)
        if 2**m > most:
            return None
        strings, signs = self._span(np.eye(m, dtype=np.int64), 0.25**m)
        return strings, np.abs(signs)

    def _span(self, basis: NDArray[np.int64], share: float) -> tuple[NDArray[np.uint64], NDArray[np.float64]]:
        """The products of all subsets in the span of the basis, with `share` times their signs."""
        strings, signs = self._products(_subsets(basis))
        return strings, share * signs

    def pairs(self, most: int) -> tuple[NDArray[np.uint64], NDArray[np.float64]] | None:
        """All pairs that may live, with the products of their coefficients; None where they are more than `most`."""
        if not self.crossed:
            found = self.squares(most)
            return None if found is None else (pair_up(found[0], found[0]), found[1])
        if self.ket:
            basis = self._kernel()
            if 2 ** (len(self.values) + len(basis)) > most:
                return None
            subsets, kernel = _subsets(np.eye(len(self.values), dtype=np.int64)), _subsets(basis)
            at, by = np.indices((len(subsets), len(kernel))).reshape(2, -1)
            left, left_signs = self._products(subsets[at])
            right, right_signs = self._products(subsets[at] ^ kernel[by])
            return pair_up(left, right), 0.25 ** len(self.values) * left_signs * right_signs
        groups = [np.flatnonzero(self.labels == label) for label in np.unique(self.labels)]
        if sum(len(group) ** 2 for group in groups) > most:
            return None
        left = np.concatenate([np.repeat(group, len(group)) for group in groups])
        right = np.concatenate([np.tile(group, len(group)) for group in groups])
        return pair_up(self.rows[left], self.rows[right]), self.values[left] * self.values[right]

    def draw_singles(self) -> tuple[Starts, float]:
        """Starts for first moments, and the largest size of their weights."""
        if self.ket:
            basis = self._kernel()
            weight = 0.5 ** (len(self.values) - len(basis))

            def subsets(rng: np.random.Generator, count: int) -> tuple[NDArray[np.uint64], NDArray[np.float64]]:
                strings, signs = self._products(rng.integers(0, 2, (count, len(basis)), dtype=np.int64) @ basis % 2)
                return strings, weight * signs

            return subsets, weight
        norm = float(np.abs(self.values).sum())
        chance = np.abs(self.values) / norm

        def starts(rng: np.random.Generator, count: int) -> tuple[NDArray[np.uint64], NDArray[np.float64]]:
            at = rng.choice(len(chance), count, p=chance)
            return self.rows[at], norm * np.sign(self.values[at])

        return starts, norm

    def draw_diagonal(self) -> tuple[Starts, float]:
        """Starts for second moments of pairs of equal strings."""
        norm = self.norm()
        if self.ket:

            def products(rng: np.random.Generator, count: int) -> tuple[NDArray[np.uint64], NDArray[np.float64]]:
                strings, _ = self._draw_products(rng, count)
                return strings, np.full(count, norm)

            return products, norm
        chance = self.values**2 / norm

        def starts(rng: np.random.Generator, count: int) -> tuple[NDArray[np.uint64], NDArray[np.float64]]:
            return self.rows[rng.choice(len(chance), count, p=chance)], np.full(count, norm)

        return starts, norm

    def draw_pairs(self) -> tuple[Starts, float]:
        """Starts for second moments: half of them pairs of equal strings, the rest all pairs that may live."""
        equal, largest = self.draw_diagonal()
        if not self.crossed:

            def doubled(rng: np.random.Generator, count: int) -> tuple[NDArray[np.uint64], NDArray[np.float64]]:
                strings, weights = equal(rng, count)
                return pair_up(strings, strings), weights

            return doubled, largest
        return self._ket_pairs() if self.ket else self._word_pairs()

    def _word_pairs(self) -> tuple[Starts, float]:
        sizes = np.abs(self.values)
        _, label = np.unique(self.labels, return_inverse=True)
        groups = [np.flatnonzero(label == g) for g in range(label.max() + 1)]
        within = np.array([sizes[group].sum() for group in groups])
        norm = float((within**2).sum())
        squares = float((sizes**2).sum())
        # A pair (i, j) of one group has the probability |c_i c_j| / (2 norm), and if i = j another c_i^2 / (2 squares).
        first = sizes * within[label] / norm

        def starts(rng: np.random.Generator, count: int) -> tuple[NDArray[np.uint64], NDArray[np.float64]]:
            left = rng.choice(len(sizes), count, p=first)
            right = np.empty_like(left)
            for g in np.unique(label[left]):
                at = np.flatnonzero(label[left] == g)
                right[at] = rng.choice(groups[g], len(at), p=sizes[groups[g]] / within[g])
            equal = rng.random(count) < 0.5
            left[equal] = rng.choice(len(sizes), int(equal.sum()), p=sizes**2 / squares)
            right[equal] = left[equal]
            product_ = self.values[left] * self.values[right]
            chance = np.abs(product_) / (2 * norm) + np.where(left == right, product_ / (2 * squares), 0.0)
            return pair_up(self.rows[left], self.rows[right]), product_ / chance

        return starts, 2 * norm

    def _ket_pairs(self) -> tuple[Starts, float]:
        m = len(self.values)
        basis = self._kernel()
        alive = 2.0 ** len(basis)
        # (S, S k), k in the span of the basis, comes with probability 2^-m (1 / (2 alive) + 1/2 if k is the identity)
        chance_equal, chance_other = 0.5 + 0.5 / alive, 0.5 / alive

        def starts(rng: np.random.Generator, count: int) -> tuple[NDArray[np.uint64], NDArray[np.float64]]:
            chosen = rng.integers(0, 2, (count, m), dtype=np.int64)
            other = rng.integers(0, 2, (count, len(basis)), dtype=np.int64) @ basis % 2
            other[rng.random(count) < 0.5] = 0
            left, left_sign = self._products(chosen)
            right, right_sign = self._products(chosen ^ other)
            weight = 0.5**m / np.where(other.any(axis=1), chance_other, chance_equal)
            return pair_up(left, right), weight * left_sign * right_sign

        return starts, 0.5**m / chance_other

    def _kernel(self) -> NDArray[np.int64]:
        """A basis of the subsets of factors whose product can make a living pair: those with labels that cancel."""
        reduced: list[tuple[int, int]] = []  # (label, subset), the leading bits of the labels all different
        kernel = []
        for j, label in enumerate(self.labels.tolist()):
            subset = 1 << j
            for lead, members in reduced:
                if label ^ lead < label:
                    label, subset = label ^ lead, subset ^ members
            if label:
                reduced.append((label, subset))
                reduced.sort(reverse=True)
            else:
                kernel.append(subset)
        m = len(self.labels)
        return np.array([[s >> j & 1 for j in range(m)] for s in kernel], dtype=np.int64).reshape(len(kernel), m)

    def _draw_products(
        self, rng: np.random.Generator, count: int
    ) -> tuple[NDArray[np.uint64], NDArray[np.float64]]:
        return self._products(rng.integers(0, 2, (count, len(self.values)), dtype=np.int64))

    def _products(self, chosen: NDArray[np.int64]) -> tuple[NDArray[np.uint64], NDArray[np.float64]]:
        """Products of the chosen factors, which commute, and their signs."""
        strings = np.zeros((len(chosen), self.rows.shape[1]), dtype=np.uint64)
        for j, row in enumerate(self.rows):
            strings ^= np.where(chosen[:, j, None] == 1, row, np.uint64(0))
        return strings, self._signs(chosen, strings)

    def _signs(self, chosen: NDArray[np.int64], strings: NDArray[np.uint64]) -> NDArray[np.float64]:
        # With P = i^{y(P)} X^x Z^z the product of commuting words gains (-1)^{|z_i & x_j|} for every i < j, and i
        # to the power of the difference between their counts of Y and its own.
        w = self.rows.shape[1] // 2
        x, z = self.rows[:, :w], self.rows[:, w:]
        crossing = np.bitwise_count(z[:, None, :] & x[None, :, :]).sum(axis=2).astype(np.int64)
        phase = 2 * np.einsum("si,ij,sj->s", chosen, np.triu(crossing, 1), chosen, optimize=True)
        phase += chosen @ np.bitwise_count(x & z).sum(axis=1).astype(np.int64)
        phase -= np.bitwise_count(strings[:, :w] & strings[:, w:]).sum(axis=1).astype(np.int64)
        phase += 2 * (chosen @ (self.values < 0).astype(np.int64))
        return np.asarray(1.0 - phase % 4, dtype=np.float64)


def _subsets(basis: NDArray[np.int64]) -> NDArray[np.int64]:
    """All sums modulo 2 of rows of the basis, shape (2^rows, columns)."""
    every = np.array(list(product((0, 1), repeat=len(basis))), dtype=np.int64).reshape(2 ** len(basis), len(basis))
    return np.asarray(every @ basis % 2)


def pull(cost: Cost, tableau: Tableau, qubits: int, labels: Sequence[int] | None) -> Pulled:
    """Pull a cost back through the Clifford gates of the circuit.

    Parameters
    ----------
    labels
        One a string (or factor), equal where a pair of them may live; None where every pair may.
    """
    ket = isinstance(cost, Ket)
    strings = [tableau(s) for s in (cost.factors() if isinstance(cost, Ket) else cost.strings)]
    coefficients = np.ones(len(strings)) if isinstance(cost, Ket) else np.array(cost.coefficients)
    signs = np.array([s.sign for s in strings], dtype=np.float64)
    given = [0] * len(strings) if labels is None else labels
    marks = np.array(given, dtype=np.object_) if ket else np.array(given, dtype=np.uint64)
    coherent = isinstance(cost, Ket) or cost.coherent
    return Pulled(pack(strings, qubits), coefficients * signs, marks, coherent, ket)
