"""Gradients of small circuits from dense matrices, by quadrature or by many draws: nothing of the engine in it."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce

import numpy as np

from ansatzlint import dense
from ansatzlint.circuit import Circuit, PauliSum, Projector
from ansatzlint.initialisation import Normal, Uniform, Zeros

PAULI = {
    "I": np.eye(2),
    "X": np.array([[0, 1], [1, 0]]),
    "Y": np.array([[0, -1j], [1j, 0]]),
    "Z": np.diag([1, -1]),
}


def operator(circuit: Circuit) -> np.ndarray:
    """The matrix of the circuit's one observable; qubit 0 is the first factor."""
    (cost,) = circuit.observables
    n = circuit.qubits
    if isinstance(cost, Projector):
        bits = dict(zip(cost.qubits, cost.bits, strict=True))
        one = {"0": np.diag([1, 0]), "1": np.diag([0, 1])}
        return reduce(np.kron, [one[bits[q]] if q in bits else np.eye(2) for q in range(n)])
    assert isinstance(cost, PauliSum)
    found = np.zeros((2**n, 2**n), complex)
    for term in cost.terms:
        letters = dict(term.paulis)
        found += term.coefficient * reduce(np.kron, [PAULI[letters.get(q, "I")] for q in range(n)])
    return found


def cost_function(circuit: Circuit) -> Callable[[np.ndarray], float]:
    """The cost as a function of the trainable parameters in order."""
    matrix = operator(circuit)
    names = [p.name for p in circuit.trainable]

    def cost(theta: np.ndarray) -> float:
        state = dense.unitary(circuit, dict(zip(names, map(float, theta), strict=True)))[:, 0]
        return float(np.vdot(state, matrix @ state).real)

    return cost


def draw(circuit: Circuit, rng: np.random.Generator) -> np.ndarray:
    """Trainable parameters, each from its own law."""
    found = []
    for p in circuit.trainable:
        law = p.initialisation or circuit.initialisation
        match law:
            case Uniform():
                found.append(rng.uniform(law.low, law.high))
            case Normal():
                found.append(rng.normal(law.mean, law.std))
            case Zeros():
                found.append(0.0)
            case None:
                raise AssertionError("the circuit states no law")
    return np.array(found)


def mean_squares(circuit: Circuit, draws: int, seed: int = 0, step: float = 1e-5) -> np.ndarray:
    """E[(d_k C)^2] by central differences at random parameters."""
    cost, rng = cost_function(circuit), np.random.default_rng(seed)
    total = np.zeros(len(circuit.trainable))
    for _ in range(draws):
        theta = draw(circuit, rng)
        for k in range(len(theta)):
            ahead, behind = theta.copy(), theta.copy()
            ahead[k] += step
            behind[k] -= step
            total[k] += ((cost(ahead) - cost(behind)) / (2 * step)) ** 2
    return total / draws
