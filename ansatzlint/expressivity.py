"""How much a circuit entangles its qubits over random parameters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import log

import numpy as np

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

