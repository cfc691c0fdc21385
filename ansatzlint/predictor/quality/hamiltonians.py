"""Hamiltonians as costs of training runs, and their exact spectra on a few qubits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from ansatzlint.circuit import PauliSum, PauliTerm
from ansatzlint.errors import UsageError
from ansatzlint.families.couplings import Pairs, chain, complete, ring, star
from ansatzlint.pauli.strings import PauliString

MAX_QUBITS = 8
"""All eigenvalues are found; 2^8 of them take about ten milliseconds."""

_DEGENERATE = 1e-9
"""Eigenvalues that differ by less than this share of the range count as one."""


@dataclass(frozen=True, slots=True, eq=False)
class Spectrum:
    """All eigenvalues of a Hamiltonian.

    Attributes
    ----------
    values : float64 array of shape (2^n,)
        Ascending.
    ground : complex128 array of shape (2^n, degeneracy)
        An orthonormal basis of the ground space; bit q of a row's index is qubit q.
    """

    values: NDArray[np.float64]
    ground: NDArray[np.complex128]

    @property
    def least(self) -> float:
        return float(self.values[0])

    @property
    def largest(self) -> float:
        return float(self.values[-1])

    @property
    def range(self) -> float:
        return self.largest - self.least

    @property
    def degeneracy(self) -> int:
        return int(self.ground.shape[1])

    @property
    def gap(self) -> float:
        """From the least eigenvalue to the next different one; 0 where there is none."""
        return float(self.values[self.degeneracy] - self.least) if self.degeneracy < len(self.values) else 0.0


def matrix(cost: PauliSum, qubits: int) -> NDArray[np.float64] | NDArray[np.complex128]:
    """The dense matrix, shape (2^n, 2^n), bit q of an index is qubit q; real where every word is.

    Raises
    ------
    UsageError
        For more than `MAX_QUBITS` qubits.
    """
    _few(qubits)
    return dense([(term.coefficient, PauliString.of(term.paulis)) for term in cost.terms], qubits)


def dense(
    terms: Iterable[tuple[float, PauliString]], qubits: int
) -> NDArray[np.float64] | NDArray[np.complex128]:
    """The sum of coefficient times string as a matrix; layout as in `matrix`."""
    size = 1 << qubits
    states = np.arange(size)
    found = np.zeros((size, size), np.complex128)
    real = True
    for coefficient, string in terms:
        turns = (string.x & string.z).bit_count()
        real &= turns % 2 == 0
        signs = 1.0 - 2.0 * (np.bitwise_count(states & string.z) & 1)
        found[states ^ string.x, states] += coefficient * string.sign * (1, 1j, -1, -1j)[turns % 4] * signs
    return np.ascontiguousarray(found.real) if real else found


def spectrum(operator: NDArray[np.float64] | NDArray[np.complex128]) -> Spectrum:
    """Eigenvalues and the ground space of a Hermitian matrix, as `matrix` gives it, by dense diagonalisation."""
    values, vectors = np.linalg.eigh(operator)
    width = max(float(values[-1] - values[0]), 1e-300)
    degeneracy = int(np.searchsorted(values, values[0] + _DEGENERATE * width, side="right"))
    return Spectrum(values, vectors[:, : max(degeneracy, 1)].astype(np.complex128))


def _few(qubits: int) -> None:
    if qubits > MAX_QUBITS:
        raise UsageError(f"a Hamiltonian on {qubits} qubits is not diagonalised here; up to {MAX_QUBITS}")


def _bonds(qubits: int, periodic: bool) -> Pairs:
    return ring(qubits) if periodic else chain(qubits)


def _two(a: int, b: int, letters: str, coefficient: float) -> PauliTerm:
    return PauliTerm(coefficient, tuple(sorted(((a, letters[0]), (b, letters[1])))))


def tfim(qubits: int, field: float = 1.0, coupling: float = 1.0, periodic: bool = False) -> PauliSum:
    """The transverse-field Ising chain: coupling * sum Z_q Z_q+1 + field * sum X_q."""
    bonds = [_two(a, b, "ZZ", coupling) for a, b in _bonds(qubits, periodic)]
    return PauliSum((*bonds, *(PauliTerm(field, ((q, "X"),)) for q in range(qubits))))


def heisenberg(qubits: int, anisotropy: float = 1.0, field: float = 0.0, periodic: bool = False) -> PauliSum:
    """The XXZ chain in a field: sum X X + Y Y + anisotropy * Z Z + field * sum Z_q; Heisenberg for anisotropy 1."""
    found = []
    for a, b in _bonds(qubits, periodic):
        found += [_two(a, b, "XX", 1.0), _two(a, b, "YY", 1.0)]
        if anisotropy:
            found.append(_two(a, b, "ZZ", anisotropy))
    if field:
        found += [PauliTerm(field, ((q, "Z"),)) for q in range(qubits)]
    return PauliSum(tuple(found))


def maxcut(edges: Sequence[tuple[int, int]], weights: Sequence[float] | None = None) -> PauliSum:
    """Minus the cut of a graph up to a constant: sum w/2 Z_a Z_b over its edges, weights 1 where not given."""
    weights = (1.0,) * len(edges) if weights is None else weights
    return PauliSum(tuple(_two(a, b, "ZZ", w / 2) for (a, b), w in zip(edges, weights, strict=True)))


def random_local(qubits: int, words: int, rng: np.random.Generator) -> PauliSum:
    """Different random Pauli words on one or two qubits (one in five on one), coefficients standard normal."""
    if qubits < 2 or words < 1:
        raise UsageError(f"a random local Hamiltonian takes at least 2 qubits and 1 word, not {qubits} and {words}")
    found: dict[tuple[tuple[int, str], ...], float] = {}
    most = 3 * qubits + 9 * qubits * (qubits - 1) // 2
    while len(found) < min(words, most):
        on = sorted(rng.choice(qubits, 1 if rng.random() < 0.2 else 2, replace=False).tolist())
        found.setdefault(tuple((q, "XYZ"[rng.integers(3)]) for q in on), float(rng.standard_normal()))
    return PauliSum(tuple(PauliTerm(c, word) for word, c in found.items()))


def _pick(rng: np.random.Generator, *values: float) -> float:
    return values[int(rng.integers(len(values)))]


def _draw_tfim(qubits: int, rng: np.random.Generator) -> PauliSum:
    coupling = _pick(rng, -1.0, -1.0, 1.0)
    return tfim(qubits, _pick(rng, -0.25, -0.5, -1.0, -1.0, -2.0), coupling, rng.random() < 0.5)


def _draw_heisenberg(qubits: int, rng: np.random.Generator) -> PauliSum:
    field = _pick(rng, 0.0, 0.0, 0.5, 1.0)
    return heisenberg(qubits, _pick(rng, 0.0, 0.5, 1.0, 1.0, 2.0), field, rng.random() < 0.5)


def _draw_maxcut(qubits: int, rng: np.random.Generator) -> PauliSum:
    edges = _draw_graph(qubits, rng)
    weights = rng.uniform(0.2, 1.0, len(edges)).tolist() if rng.random() < 0.3 else None
    return maxcut(edges, weights)


def _draw_graph(qubits: int, rng: np.random.Generator) -> Pairs:
    """A path, ring, star or complete graph, one that is regular, or one with random edges; none without an edge."""
    kind = int(rng.integers(6))
    if kind < 4:
        return (chain, ring, star, complete)[kind](qubits)
    every = complete(qubits)
    if kind == 4 and qubits > 3:
        return random_regular(qubits, 3 if qubits % 2 == 0 else 2, rng)
    chosen = tuple(pair for pair in every if rng.random() < 0.5)
    return chosen or every[:1]


def random_regular(qubits: int, degree: int, rng: np.random.Generator) -> Pairs:
    """A random graph of that degree on all qubits: ends of edges are paired until no edge is a loop or double.

    Raises
    ------
    UsageError
        Where there is no such graph.
    """
    if not 0 < degree < qubits or degree * qubits % 2:
        raise UsageError(f"no graph on {qubits} qubits has the degree {degree} everywhere")
    ends = np.repeat(np.arange(qubits), degree)
    while True:
        pairs = {(min(a, b), max(a, b)) for a, b in rng.permutation(ends).reshape(-1, 2).tolist() if a != b}
        if 2 * len(pairs) == degree * qubits:
            return tuple(sorted(pairs))


def _draw_random(qubits: int, rng: np.random.Generator) -> PauliSum:
    return random_local(qubits, int(rng.integers(qubits, 3 * qubits + 1)), rng)


KINDS: Mapping[str, Callable[[int, np.random.Generator], PauliSum]] = MappingProxyType(
    {"tfim": _draw_tfim, "heisenberg": _draw_heisenberg, "maxcut": _draw_maxcut, "random": _draw_random}
)
"""Kinds of Hamiltonians, each a function that draws one on so many qubits."""
