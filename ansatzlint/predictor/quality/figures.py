"""Figures of a circuit on a few qubits that foretell how far training gets; no training is among them.

All of them come from states and exact gradients at drawn parameters, and from the exact spectrum of the Hamiltonian.
Energies are in units of the Hamiltonian's range, its largest minus its least eigenvalue, and counted from the least.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isnan, log10, nan, pi

import numpy as np
from numpy.typing import NDArray

from ansatzlint.algebra import lie_algebra
from ansatzlint.algebra.closure import Budget, closure
from ansatzlint.algebra.generators import distinct, generators
from ansatzlint.circuit import Circuit, PauliSum
from ansatzlint.errors import CircuitError
from ansatzlint.moments.frame import words
from ansatzlint.moments.sequence import laws
from ansatzlint.moments.statevector import Plan, plan
from ansatzlint.pauli.strings import PauliString
from ansatzlint.predictor.quality.hamiltonians import Spectrum, spectrum
from ansatzlint.predictor.quality.states import Network, network, without_inputs
from ansatzlint.predictor.quality.trainer import RATE, steps_within

SEED = 20_190_501
"""Apart from the seeds of training runs: the figures see none of the starts that were trained."""

STARTS, WIDE = 32, 32
"""Draws for gradients, by the circuit's own law and over full periods."""

STATES = 288
"""Draws over full periods for states: more than the 2^8 directions that they may span."""

LOWEST = 3
"""Wide draws of the least energy at which the directions are looked at."""

BESIDE = 64
"""Draws of quarter turns, and pairs of points that lie close."""

BINS = 75
_STEP = 0.5
"""Length of a small step of all angles together, in radians."""

_SMALLEST = 1e-30
_INDEPENDENT = 1e-7
_ALGEBRA = Budget(dimension=256, strings=1 << 12, work=20_000_000)

Floats = NDArray[np.float64]
Complexes = NDArray[np.complex128]

_AT: Mapping[str, str] = {
    "start": "at starts",
    "wide": "at angles over full periods",
}
_LANDSCAPE: Mapping[str, str] = {
    "log10_largest": "log10 of the largest mean square gradient of a parameter, over the range squared",
    "log10_median": "log10 of that of the median parameter that has a gradient",
    "log10_total": "log10 of the sum over all parameters",
    "live_share": "share of the parameters with a gradient",
    "energy": "mean energy",
    "energy_deviation": "standard deviation of the energy between draws",
    "energy_least": "least energy among the draws",
    "log10_reach": "log10 of what the allowed steps cover at the mean gradient, over the way to the least eigenvalue",
    "log10_steepness": "log10 of the mean norm of the gradient, over the way to the least eigenvalue",
    "uncertainty": "mean standard deviation of the Hamiltonian in the state",
    "log10_overlap": "log10 of the mean weight of the state in the ground space",
    "log10_overlap_best": "log10 of the largest such weight among the draws",
    "entanglement": "mean Meyer-Wallach measure (1905.10876)",
    "log10_frequency": "log10 of the sum of mean square gradients over the variance of the energy",
}
_TANGENT: Mapping[str, str] = {
    "followed": "share of the direction of imaginary-time evolution that the parameters can follow (1804.03023)",
    "rank_share": "rank of the quantum Fisher information over the number of parameters",
    "rank_filled": "that rank over its largest possible one, 2^(n+1) - 2",
    "directions": "participation ratio of the eigenvalues of the quantum Fisher information, over the parameters",
    "alignment": "share of the imaginary-time direction along the gradient itself",
    "log10_reach": "log10 of what the allowed steps cover at the gradient there, over the way to the least eigenvalue",
}
_POINTS: Mapping[str, str] = {
    "start": "at one start",
    "wide": "at one wide draw",
    "low": "mean over the lowest wide draws",
}
_WHOLE: Mapping[str, str] = {
    "log10_steps": "log10 of the training steps that the circuit evaluations allow",
    "qubits": "number of qubits",
    "log10_parameters": "log10 of the number of trainable parameters",
    "parameters_filled": "number of parameters over 2^(n+1) - 2",
    "span_share": "log2 of the dimension that the states span, over the number of qubits",
    "span_least": "least energy within that span",
    "ceiling": "share of the way from the mean energy at starts that the least energy of the span allows",
    "rank_of_span": "rank of the quantum Fisher information at a wide draw over the largest within that span",
    "realness": "mean |sum psi^2|, 1 where all states are real up to phases",
    "expressibility": "Kullback-Leibler divergence of the fidelities from those of random states (1905.10876)",
    "skewness": "skewness of the energy over full periods",
    "lowest_tenth": "the tenth percentile of the energy over full periods",
    "ruggedness": "mean square difference of energies half a radian apart, over twice their variance",
    "clifford_least": "least energy among draws of quarter turns",
    "clifford_tenth": "the tenth percentile of the energy over quarter turns",
    "log10_clifford_overlap": "log10 of the largest weight in the ground space among draws of quarter turns",
    "log10_algebra": "log10 of the dimension of the dynamical Lie algebra, nan where it takes long",
    "tied_share": "share of the parameters whose uses stand apart",
    "log10_limit": "log10 of the variance of the energy at great depth, nan where it is not known",
    "conserving_share": "share of the generators that commute with the Hamiltonian",
    "generated_share": "share of the Hamiltonian's squared coefficients on words that a generator has",
    "untouched_share": "share of its squared coefficients on words that commute with every generator",
    "gap": "gap above the ground space",
    "log2_degeneracy": "log2 of the dimension of the ground space",
    "centre": "mean of all eigenvalues",
    "spread": "standard deviation of all eigenvalues",
    "diagonal_share": "share of the squared coefficients on words of Z alone",
    "ground_entanglement": "least Meyer-Wallach measure among the ground states that diagonalisation gives",
    "diagonal_least": "least energy of a basis state",
    "commuting_share": "share of the pairs of words that commute",
    "words_per_qubit": "number of words per qubit",
    "weight": "mean number of qubits of a word",
    "real_share": "share of the squared coefficients on words that are real matrices",
    "bound_share": "range over twice the sum of the words' absolute coefficients",
}


def _names() -> dict[str, str]:
    found = {f"{at}_{name}": f"{about}, {where}" for at, where in _AT.items() for name, about in _LANDSCAPE.items()}
    found |= {f"{at}_{name}": f"{about}, {where}" for at, where in _POINTS.items() for name, about in _TANGENT.items()}
    return found | dict(_WHOLE)


ABOUT: Mapping[str, str] = _names()
"""Name -> what it is, in the order of `figures`."""

NAMES: tuple[str, ...] = tuple(ABOUT)


@dataclass(frozen=True, slots=True, eq=False)
class _Case:
    """A circuit with what all its figures are made of."""

    circuit: Circuit
    cost: PauliSum
    plan: Plan
    network: Network
    levels: Spectrum

    def energy(self, costs: Floats) -> Floats:
        """Costs of the circuit as shares of the range above the least eigenvalue."""
        return np.asarray((costs - self.levels.least) / self.levels.range)


def figures(circuit: Circuit) -> dict[str, float]:
    """The figures by name, in the order of `NAMES`; nan where one is not defined or takes long.

    Parameters
    ----------
    circuit
        Complete: it has a cost and an initialisation. Inputs are taken at what was recorded for them.

    Raises
    ------
    CircuitError
        Where there are none: the cost is no Hamiltonian, more qubits than `hamiltonians.MAX_QUBITS`, noise, angles
        that are not affine in the parameters, no trainable parameter.
    """
    case = _case(without_inputs(circuit))
    rng = np.random.default_rng(SEED)
    own = case.plan.draw(SEED, 0, STARTS)
    # Half angles, as those of controlled rotations, have a period of 4 pi.
    wide = rng.uniform(0.0, 4 * pi, (STATES, own.shape[1]))
    states = case.network.states(wide)
    energies = case.energy(_values(case, states))
    found = dict.fromkeys(NAMES, nan)
    for at, points, psi in (("start", own, case.network.states(own)), ("wide", wide[:WIDE], states)):
        found |= {f"{at}_{name}": value for name, value in _landscape(case, points, psi).items()}
    for at, points in (("start", own[:1]), ("wide", wide[:1]), ("low", wide[np.argsort(energies)[:LOWEST]])):
        found |= {f"{at}_{name}": value for name, value in _tangents(case, points).items()}
    found |= _spanned(case, states, found["wide_rank_filled"])
    found |= _spread(energies)
    found |= _beside(case, wide[:BESIDE], energies[:BESIDE], rng)
    found |= _algebra(case)
    found |= _hamiltonian(case)
    way = found["start_energy"]
    found["ceiling"] = 1.0 - min(found["span_least"] / way, 1.0) if way > 0.0 else 1.0
    n, k = circuit.qubits, len(case.circuit.trainable)
    found |= {
        "log10_steps": log10(steps_within(case.circuit)),
        "qubits": float(n),
        "log10_parameters": log10(k),
        "parameters_filled": k / (2 ** (n + 1) - 2),
        "expressibility": expressibility(states),
    }
    return found


def refused(circuit: Circuit) -> str:
    """Why a circuit has no figures; empty where it has."""
    try:
        _case(without_inputs(circuit))
    except CircuitError as error:
        return str(error)
    return ""


def _case(circuit: Circuit) -> _Case:
    if not circuit.trainable:
        raise CircuitError("the circuit has no trainable parameter")
    if circuit.unread:
        raise CircuitError(f"part of the circuit was not read: {circuit.unread[0].reason}")
    made = network(circuit)
    if isinstance(made, str):
        raise CircuitError(made)
    planned = plan(circuit, laws(circuit))
    if isinstance(planned, str):
        raise CircuitError(planned)
    cost = PauliSum(words(circuit))
    levels = spectrum(made.operator)
    if levels.range <= 1e-12 * max(abs(levels.largest), 1.0):
        raise CircuitError("the cost is a constant")
    return _Case(circuit, cost, planned, made, levels)


def _values(case: _Case, states: Complexes) -> Floats:
    return np.asarray(np.einsum("da,da->d", states.conj(), states @ case.network.operator.T).real)


def _landscape(case: _Case, points: Floats, states: Complexes) -> dict[str, float]:
    """`_LANDSCAPE` at the points; the states at the first of them are given."""
    values = case.plan.evaluate(points, threads=1)
    if isinstance(values, str):
        raise CircuitError(values)
    width = case.levels.range
    energy = case.energy(values.cost)
    slopes = values.gradients[:, case.plan.trainable] / width
    squares = np.mean(slopes**2, axis=0)
    live = squares[squares > _SMALLEST]
    way = max(float(energy.mean()), 1e-6)
    walked = RATE * steps_within(case.circuit) * float(np.abs(slopes).sum(axis=1).mean())
    moved = states @ case.network.operator.T
    mean = np.einsum("da,da->d", states.conj(), moved).real
    variance = np.einsum("da,da->d", moved.conj(), moved).real - mean**2
    overlap = _overlaps(case, states)
    return {
        "log10_largest": _log10(squares.max(initial=0.0)),
        "log10_median": _log10(float(np.median(live)) if len(live) else 0.0),
        "log10_total": _log10(float(squares.sum())),
        "live_share": len(live) / len(squares),
        "energy": float(energy.mean()),
        "energy_deviation": float(energy.std()),
        "energy_least": float(energy.min()),
        "log10_reach": _log10(walked / way),
        "log10_steepness": _log10(float(np.sqrt((slopes**2).sum(axis=1)).mean()) / way),
        "uncertainty": float(np.sqrt(np.maximum(variance, 0.0)).mean()) / width,
        "log10_overlap": _log10(float(overlap.mean())),
        "log10_overlap_best": _log10(float(overlap.max())),
        "entanglement": float(_meyer_wallach(case.network, states[:STARTS]).mean()),
        "log10_frequency": _log10(float(squares.sum()) / max(float(energy.var()), _SMALLEST)),
    }


def _tangents(case: _Case, points: Floats) -> dict[str, float]:
    """`_TANGENT`, the mean over some points; nan where it is undefined at all of them."""
    each = [_tangent(case, point) for point in points]
    found = {}
    for name in _TANGENT:
        values = [one[name] for one in each if not isnan(one[name])]
        found[name] = sum(values) / len(values) if values else nan
    return found


def _tangent(case: _Case, point: Floats) -> dict[str, float]:
    """`_TANGENT` at one point."""
    psi, moved = case.network.tangents(point)
    moved -= np.outer(moved @ psi.conj(), psi)
    down = case.network.operator @ psi
    energy = float((psi.conj() @ down).real)
    down -= energy * psi
    vectors = np.hstack([moved.real, moved.imag])
    direction = np.concatenate([down.real, down.imag])
    length = float(direction @ direction)
    slope = vectors @ direction
    wide = len(vectors) <= vectors.shape[1]
    sizes, axes = np.linalg.eigh(vectors @ vectors.T if wide else vectors.T @ vectors)
    kept = sizes > max(float(sizes[-1]), _SMALLEST) * _INDEPENDENT**1.5
    rank = int(kept.sum())
    largest = float(sizes.sum())
    within = (axes.T @ (slope if wide else direction))[kept] ** 2
    reached = float((within / sizes[kept]).sum() if wide else within.sum())
    along = vectors.T @ slope
    still = length <= 1e-20 * case.levels.range**2
    stretch = float(along @ along) * length
    way = max(energy - case.levels.least, 1e-6 * case.levels.range)
    walked = RATE * steps_within(case.circuit) * 2 * float(np.abs(slope).sum())
    return {
        "log10_reach": _log10(walked / way),
        "followed": nan if still else min(reached / length, 1.0),
        "rank_share": rank / len(vectors),
        "rank_filled": rank / (2 ** (case.circuit.qubits + 1) - 2),
        "directions": largest**2 / float((sizes**2).sum()) / len(vectors) if largest > _SMALLEST else 0.0,
        "alignment": nan if still else float(slope @ slope) ** 2 / stretch if stretch > 0.0 else 0.0,
    }


def _spanned(case: _Case, states: Complexes, filled: float) -> dict[str, float]:
    """How much of the state space the circuit meets at all, and the least energy there."""
    operator: Floats | Complexes = case.network.operator
    turned = (states**2).sum(axis=1)
    vectors: Floats | Complexes = states
    real = bool(np.abs(turned).min() > 1.0 - 1e-9)
    if real:
        # Real states, up to phases, feel the real part of the Hamiltonian only.
        vectors, operator = (states * np.exp(-0.5j * np.angle(turned))[:, None]).real, operator.real
    basis, triangle = np.linalg.qr(vectors.T)
    # Generic vectors are independent until they fill their span.
    rank = int((np.abs(np.diag(triangle)) > _INDEPENDENT).sum())
    basis = basis[:, :rank]
    least = float(np.linalg.eigvalsh(basis.conj().T @ operator @ basis)[0])
    return {
        "span_share": log10(rank) / log10(2) / case.circuit.qubits,
        "rank_of_span": filled * (2 ** (case.circuit.qubits + 1) - 2) / max(rank - 1 if real else 2 * rank - 2, 1),
        "span_least": max((least - case.levels.least) / case.levels.range, 0.0),
        "realness": float(np.abs(turned).mean()),
    }


def _spread(energies: Floats) -> dict[str, float]:
    deviation = float(energies.std())
    still = deviation < 1e-9
    return {
        "skewness": 0.0 if still else float(((energies - energies.mean()) ** 3).mean()) / deviation**3,
        "lowest_tenth": float(np.quantile(energies, 0.1)),
    }


def _beside(case: _Case, points: Floats, energies: Floats, rng: np.random.Generator) -> dict[str, float]:
    """How the energy changes from point to point, and its values where every angle is a quarter turn."""
    moves = rng.standard_normal(points.shape)
    lengths = np.maximum(np.linalg.norm(moves, axis=1, keepdims=True), _SMALLEST)
    close = case.energy(_values(case, case.network.states(points + _STEP * moves / lengths)))
    turns: Floats = np.asarray(rng.integers(0, 8, points.shape) * (pi / 2), dtype=np.float64)
    quarters = case.network.states(turns)
    clifford = case.energy(_values(case, quarters))
    variance = float(energies.var())
    return {
        "ruggedness": float(((close - energies) ** 2).mean()) / (2 * variance) if variance > 1e-18 else 0.0,
        "clifford_least": float(clifford.min()),
        "clifford_tenth": float(np.quantile(clifford, 0.1)),
        "log10_clifford_overlap": _log10(float(_overlaps(case, quarters).max())),
    }


def _overlaps(case: _Case, states: Complexes) -> Floats:
    """Weights of the states in the ground space, shape (draws,)."""
    return np.asarray((np.abs(states @ case.levels.ground.conj()) ** 2).sum(axis=1))


def expressibility(states: Complexes, bins: int = BINS) -> float:
    """KL divergence of the fidelities between all pairs of the states from those of random states (1905.10876).

    Natural logarithm, bins of equal width over [0, 1]; states of shape (draws, 2^n), n at least 1.
    """
    fidelity = np.abs(states @ states.conj().T)[np.triu_indices(len(states), 1)] ** 2
    share = np.histogram(np.minimum(fidelity, 1.0), bins, (0.0, 1.0))[0] / len(fidelity)
    # A bin [a, b) of random states holds (1 - a)^(N - 1) - (1 - b)^(N - 1).
    above = 1.0 - np.arange(bins) / bins
    power = states.shape[1] - 1
    with np.errstate(divide="ignore"):
        random = power * np.log(above) + np.log1p(-(np.append(above[1:], 0.0) / above) ** power)
    full = share > 0
    return float((share[full] * (np.log(share[full]) - random[full])).sum())


def _meyer_wallach(network: Network, states: Complexes) -> Floats:
    """2 (1 - mean purity of a qubit) of each state, shape (draws,)."""
    index = np.arange(states.shape[1])
    total = np.zeros(len(states))
    for string in network.letters:
        signs = 1.0 - 2.0 * (np.bitwise_count(index & string.z) & 1)
        # Tr rho_q^2 = (1 + sum of <P>^2) / 2
        total += np.abs((states[:, index ^ string.x].conj() * signs * states).sum(axis=1)) ** 2
    return np.maximum(1.0 - total / (len(network.letters) // 3), 0.0)


def _algebra(case: _Case) -> dict[str, float]:
    """The Lie algebra, and what the generators have to do with the Hamiltonian's words."""
    made = generators(case.circuit)
    sentences = distinct((*made.free, *made.fixed))
    found = {"log10_algebra": nan, "log10_limit": nan, "tied_share": len(made.tied) / len(case.circuit.parameters)}
    if all(len(sentence.terms) == 1 for sentence in sentences):
        whole = lie_algebra(case.circuit)
        found["log10_algebra"] = log10(max(whole.dimension, 1))
        if whole.limit_variance is not None:
            found["log10_limit"] = _log10(whole.limit_variance / case.levels.range**2)
    else:
        closed = closure(sentences, _ALGEBRA)
        if closed.complete:
            found["log10_algebra"] = log10(max(closed.dimension, 1))
    own = np.array(list({(s.x, s.z) for s in case.network.generators}), dtype=np.int64).reshape(-1, 2)
    squares = np.array([c**2 for c, s in case.network.terms if s.support])
    terms = np.array([(s.x, s.z) for _, s in case.network.terms if s.support], dtype=np.int64).reshape(-1, 2)
    crossed = _anticommute(own, terms)
    generated = (own[:, None, :] == terms[None, :, :]).all(axis=2).any(axis=0)
    total = float(squares.sum())
    return found | {
        "conserving_share": float((~crossed.any(axis=1)).mean()) if len(own) else nan,
        "generated_share": float(squares[generated].sum()) / total,
        "untouched_share": float(squares[~crossed.any(axis=0)].sum()) / total,
    }


def _anticommute(a: NDArray[np.int64], b: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which rows (x, z) of a anticommute with which of b."""
    odd = np.bitwise_count(a[:, None, 0] & b[None, :, 1]) + np.bitwise_count(a[:, None, 1] & b[None, :, 0])
    return np.asarray(odd & 1, dtype=np.bool_)


def _hamiltonian(case: _Case) -> dict[str, float]:
    levels, n = case.levels, case.circuit.qubits
    terms = [term for term in case.cost.terms if term.paulis]
    strings = [PauliString.of(term.paulis) for term in terms]
    masks = np.array([(s.x, s.z) for s in strings], dtype=np.int64)
    pairs = _anticommute(masks, masks)[np.triu_indices(len(masks), 1)]
    sizes = np.array([abs(term.coefficient) for term in terms])
    real = np.bitwise_count(masks[:, 0] & masks[:, 1]) % 2 == 0
    diagonal = np.zeros(1 << n) + sum(term.coefficient for term in case.cost.terms if not term.paulis)
    for term, string in zip(terms, strings, strict=True):
        if not string.x:
            diagonal += term.coefficient * (1.0 - 2.0 * (np.bitwise_count(np.arange(1 << n) & string.z) & 1))
    return {
        "gap": levels.gap / levels.range,
        "log2_degeneracy": log10(levels.degeneracy) / log10(2),
        "centre": float(case.energy(levels.values).mean()),
        "spread": float(levels.values.std()) / levels.range,
        "diagonal_share": float((sizes[masks[:, 0] == 0] ** 2).sum() / (sizes**2).sum()),
        "ground_entanglement": float(_meyer_wallach(case.network, levels.ground.T).min()),
        "diagonal_least": float(case.energy(diagonal).min()),
        "commuting_share": 1.0 - float(pairs.mean()) if len(pairs) else 1.0,
        "words_per_qubit": len(terms) / n,
        "weight": float(np.mean([s.weight for s in strings])),
        "real_share": float((sizes[real] ** 2).sum() / (sizes**2).sum()),
        "bound_share": levels.range / (2 * float(sizes.sum())),
    }


def _log10(value: float) -> float:
    return log10(max(float(value), _SMALLEST))
