"""How much of state space a circuit reaches over random parameters, and how much it entangles its qubits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import product
from math import log

import numpy as np
from numpy.typing import NDArray

from ansatzlint.assumptions import complete
from ansatzlint.circuit import Circuit
from ansatzlint.errors import CircuitError, UsageError
from ansatzlint.moments.cost import Words
from ansatzlint.moments.problem import Problem
from ansatzlint.pauli.strings import PauliString
from ansatzlint.variance import MAX_MOVES, MAX_STRINGS, SAMPLES, Method, validate

MAX_SUBSYSTEM = 4
"""Qubits of a subsystem whose purity is measured; its 4^k Pauli words are all followed."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number and its 95 % interval; `method` is "exact" (then all three are equal) or "sampled"."""

    value: float
    lower: float
    upper: float
    method: str
    samples: int
    seed: int

    def __float__(self) -> float:
        return self.value


@dataclass(frozen=True, slots=True)
class Purity:
    """The mean purity E[Tr rho_A^2] of a subsystem A.

    `renyi` is -ln of the mean purity with its ends (a lower bound of the mean second Renyi entropy, by Jensen's
    inequality), `page` the entropy of A in a random state of all qubits as 2201.08194 gives it:
    k ln 2 - 2^(2k - n - 1).
    """

    subsystem: tuple[int, ...]
    purity: float
    lower: float
    upper: float
    renyi: float
    renyi_lower: float
    renyi_upper: float
    page: float
    method: str
    samples: int


EXPRESSIBILITY_QUBITS = 10
"""Up to so many qubits statevectors are drawn for the expressibility."""

BINS = 75
"""Bins of the histogram of fidelities, as in 1905.10876."""


@dataclass(frozen=True, slots=True)
class Expressibility:
    """How far the fidelities of a circuit's states are distributed from those of random states.

    Attributes
    ----------
    kl : float
        The Kullback–Leibler divergence from the histogram of `samples` fidelities in `BINS` bins to that of
        Haar-random states, in nats; small means expressive.
    floor : float
        What `kl` is on average where the states are Haar-random, with so many samples and bins. Values about it tell
        circuits apart no more.
    standard_error : float
        Of `kl`, from the spread of the samples.
    samples, seed : int
    """

    kl: float
    floor: float
    standard_error: float
    samples: int
    seed: int

    def __float__(self) -> float:
        return self.kl

    def __str__(self) -> str:
        return f"{self.kl:.4g} ± {self.standard_error:.1g} (floor {self.floor:.2g})"


def expressibility(circuit: Circuit, samples: int = 5000, seed: int = 0) -> Expressibility:
    """The expressibility of Sim, Johnson and Aspuru-Guzik (1905.10876), from statevectors at random parameters.

    Parameters
    ----------
    circuit
        Up to `EXPRESSIBILITY_QUBITS` qubits. All its parameters are random, inputs too: the trainable ones as it
        states, else uniform over [0, 2 pi). Its noise is left out: the fidelity is that of pure states.
    samples
        Pairs of states. The value depends on it: compare at equal samples only.
    seed
        From 0 to 2^63 - 1.

    Raises
    ------
    UsageError
        For samples or seed as in `gradient_variance`, a circuit without qubits or with too many.
    CircuitError
        For a circuit that was not read completely, or an initial state that inputs decide, angles that do not exist at
        drawn parameters.
    """
    from ansatzlint.moments.overlaps import fidelities
    from ansatzlint.moments.sequence import laws

    validate(circuit, samples, seed, "auto")
    n = circuit.qubits
    if not n:
        raise UsageError("a circuit without qubits has no expressibility")
    if n > EXPRESSIBILITY_QUBITS:
        raise UsageError(
            f"expressibility is computed up to {EXPRESSIBILITY_QUBITS} qubits, not {n}; "
            "ansatzlint.dimension.parameter_dimension has no such limit"
        )
    if circuit.unread:
        raise CircuitError(f"part of the circuit was not read: {circuit.unread[0].reason}")
    found = fidelities(circuit, laws(circuit), samples, seed)
    if isinstance(found, str):
        raise CircuitError(f"expressibility cannot be had: {found}")
    counts, _ = np.histogram(np.clip(found, 0.0, 1.0), bins=BINS, range=(0.0, 1.0))
    share, expected = counts / samples, haar(n)
    hit = counts > 0
    surprise = np.log(share[hit]) - expected[hit]
    kl = float(np.sum(share[hit] * surprise))
    floor = _floor(n, samples)
    # By the delta method; at the floor that vanishes, and about (75 - 1) / 2 chi-squared degrees of freedom remain.
    spread = float(np.sum(share[hit] * surprise**2)) - kl**2
    return Expressibility(kl, floor, float(np.sqrt(max(spread, 0.0) / samples + floor / samples)), samples, seed)


def haar(qubits: int) -> NDArray[np.float64]:
    """Logarithm of the probability of each of `BINS` bins for the fidelity of two Haar-random states, shape (BINS,).

    P(F >= f) = (1 - f)^(N - 1) with N = 2^qubits.
    """
    edges = np.linspace(0.0, 1.0, BINS + 1)
    power = 2.0**qubits - 1.0
    with np.errstate(divide="ignore"):
        above = power * np.log1p(-edges)
    return np.asarray(above[:-1] + np.log1p(-np.exp(above[1:] - above[:-1])))


@cache
def _floor(qubits: int, samples: int) -> float:
    """The mean of sum p ln(p / q) over the bins, p = k / samples with k binomial; exact, each bin by itself."""
    from scipy.stats import binom

    total = 0.0
    for log_probability in haar(qubits):
        q = float(np.exp(log_probability))
        mean, spread = samples * q, (samples * q * (1.0 - q)) ** 0.5
        # Beyond 40 standard deviations, and 60 counts for rare ones, nothing is left.
        low, high = max(1, int(mean - 40.0 * spread)), min(samples, int(mean + 40.0 * spread) + 60)
        k = np.arange(low, high + 1)
        total += float(np.sum(binom.pmf(k, samples, q) * k / samples * (np.log(k / samples) - log_probability)))
    return total


def entangling_capability(
    circuit: Circuit, samples: int = SAMPLES, seed: int = 0, method: Method = "auto"
) -> Estimate:
    """The mean Meyer–Wallach measure Q = 2 (1 - (1/n) sum_q Tr rho_q^2) over random parameters (1905.10876).

    Parameters
    ----------
    circuit
        All its parameters are random, the trainable ones as it states, else uniform over [0, 2 pi). Its noise is left
        out: of mixed qubits the measure does not tell whether they are entangled.

    Raises
    ------
    UsageError
        For samples, seed or method as in `gradient_variance`.
    CircuitError
        For a circuit that was not read completely, shared parameters, or an initial state that cannot be followed.
    """
    validate(circuit, samples, seed, method)
    return entangling(Problem(complete(replace(circuit, noise=None, channels=()))), samples, seed, method)


def entangling(problem: Problem, samples: int, seed: int, method: Method = "auto") -> Estimate:
    """`entangling_capability` of a circuit that is complete and without noise; raises as it does."""
    n = problem.circuit.qubits
    if not n:
        raise UsageError("a circuit without qubits has no entangling capability")
    strings = [PauliString.of([(q, letter)]) for q in range(n) for letter in "XYZ"]
    found = _mean_squares(problem, strings, 1.0 / n, samples, seed, method)
    # sum_q Tr rho_q^2 = n / 2 + (1/2) sum_{q, P} <P_q>^2
    value, lower, upper = (max(1.0 - end, 0.0) for end in (found.value, found.upper, found.lower))
    return Estimate(value, lower, upper, found.method, found.samples, seed)


def subsystem_purity(
    circuit: Circuit, subsystem: Sequence[int], samples: int = SAMPLES, seed: int = 0, method: Method = "auto"
) -> Purity:
    """The mean purity of a few qubits over random parameters: 2^-k times the sum of E[<P>^2] over their Pauli words.

    Raises
    ------
    UsageError
        For more than `MAX_SUBSYSTEM` qubits, and as `entangling_capability`.
    CircuitError
        As `entangling_capability`.
    """
    validate(circuit, samples, seed, method)
    return purity(Problem(complete(circuit)), subsystem, samples, seed, method)


def purity(
    problem: Problem, subsystem: Sequence[int], samples: int, seed: int, method: Method = "auto"
) -> Purity:
    """`subsystem_purity` of a circuit that is complete; raises as it does."""
    k, n = len(subsystem), problem.circuit.qubits
    if not 0 < k <= MAX_SUBSYSTEM or not set(subsystem) <= set(range(n)) or len(set(subsystem)) < k:
        raise UsageError(f"a subsystem is 1 to {MAX_SUBSYSTEM} different qubits of the circuit, not {tuple(subsystem)}")
    words = [PauliString.of(zip(subsystem, letters, strict=True)) for letters in product("IXYZ", repeat=k)]
    found = _mean_squares(problem, [w for w in words if w.support], 0.5**k, samples, seed, method)
    value, lower, upper = (min(0.5**k + v, 1.0) for v in (found.value, found.lower, found.upper))
    page = k * log(2) - 2.0 ** (2 * k - n - 1) if 2 * k <= n else (n - k) * log(2) - 2.0 ** (n - 2 * k - 1)
    return Purity(
        tuple(subsystem), value, lower, upper, -log(value), -log(upper), -log(lower), page, found.method, found.samples
    )


def _mean_squares(
    problem: Problem, strings: Sequence[PauliString], weight: float, samples: int, seed: int, method: Method
) -> Estimate:
    """weight * sum of E[<P>^2] over the strings."""
    from ansatzlint.moments.engine import second_moment

    unread = problem.circuit.unread
    if unread:
        raise CircuitError(f"part of the circuit was not read: {unread[0].reason}")
    cost = Words(tuple(strings), (float(np.sqrt(weight)),) * len(strings), coherent=False)
    if problem.frame.drawn:
        shared = ", ".join(problem.drawn[:4])
        raise CircuitError(f"parameters are shared or in expressions ({shared}), which this quantity does not cover")
    found = second_moment(problem, cost, method, samples, seed, MAX_STRINGS, MAX_MOVES, guide=False)
    ends = found.cost
    how = "exact" if found.exact else "sampled"
    return Estimate(float(ends.estimate[0]), float(ends.lower[0]), float(ends.upper[0]), how, found.samples, seed)

