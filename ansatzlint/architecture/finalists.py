"""Training the finalists of a search on the task itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ansatzlint.architecture.values import Trained
from ansatzlint.circuit import Circuit, PauliSum, PauliTerm, Projector
from ansatzlint.errors import CircuitError
from ansatzlint.tasks import Task

MOST_QUBITS = 10
STARTS = 5
EVALUATIONS = 10_000
"""Circuit evaluations that one start may take, counted as parameter shifts."""


def train(circuit: Circuit, task: Task, seed: int) -> Trained:
    """Plain training of a finalist from several starts, drawn as the circuit draws its angles.

    Raises
    ------
    CircuitError
        Where the circuit cannot be trained here, as for costs that no statevector plan follows.
    """
    from ansatzlint.predictor.quality import trainer

    if circuit.qubits > MOST_QUBITS:
        raise CircuitError(f"{circuit.qubits} qubits are more than the {MOST_QUBITS} on which finalists are trained")
    cost = _sum(circuit.observables[0])
    sign = -1.0 if task.sense == "max" else 1.0
    terms = tuple(replace(term, coefficient=sign * term.coefficient) for term in cost.terms)
    posed = replace(circuit, observables=(PauliSum(terms),))
    run = trainer.train(posed, STARTS, seed, EVALUATIONS)
    reached = sign * run.end
    return Trained(
        float(np.median(reached)),
        float(reached.max() if task.sense == "max" else reached.min()),
        optimum(task),
        STARTS,
        run.evaluations,
        seed,
    )


def _sum(cost: object) -> PauliSum:
    """The cost as Pauli words; a basis state's projector has 2^n of them."""
    if isinstance(cost, PauliSum):
        return cost
    assert isinstance(cost, Projector), "tasks have sums and projectors"
    terms: list[PauliTerm] = [PauliTerm(0.5 ** len(cost.qubits), ())]
    for qubit, bit in zip(cost.qubits, cost.bits, strict=True):
        sign = 1.0 if bit == "0" else -1.0
        terms += [PauliTerm(sign * t.coefficient, tuple(sorted((*t.paulis, (qubit, "Z"))))) for t in terms]
    return PauliSum(tuple(terms))


def optimum(task: Task) -> float | None:
    """The best value that any state has, by sparse diagonalisation; None beyond `MOST_QUBITS`."""
    if task.qubits > MOST_QUBITS:
        return None
    if task.kind == "state":
        return 1.0
    cost = task.costs[0][1]
    assert isinstance(cost, PauliSum), "a Hamiltonian is a sum of Pauli words"
    return _least(cost, task.qubits)


def _least(cost: PauliSum, qubits: int) -> float:
    from scipy.sparse import csr_matrix
    from scipy.sparse.linalg import eigsh

    states = np.arange(1 << qubits)
    matrix = csr_matrix((len(states), len(states)), dtype=np.complex128)
    for term in cost.terms:
        x = sum(1 << q for q, letter in term.paulis if letter in "XY")
        z = sum(1 << q for q, letter in term.paulis if letter in "ZY")
        signs = 1.0 - 2.0 * (np.bitwise_count(states & z) & 1)
        values = term.coefficient * (1, 1j, -1, -1j)[(x & z).bit_count() % 4] * signs
        matrix = matrix + csr_matrix((values, (states ^ x, states)), shape=matrix.shape)
    if len(states) <= 64:
        return float(np.linalg.eigvalsh(matrix.toarray())[0])
    start = np.random.default_rng(0).standard_normal(len(states))  # the same bits every time
    return float(eigsh(matrix, k=1, which="SA", v0=start, return_eigenvectors=False)[0])

