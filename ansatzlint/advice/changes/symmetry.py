"""Circuits that keep a symmetry of the cost, and whether its ground state has that symmetry."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import comb
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ansatzlint.advice.changes.families import like, rigid
from ansatzlint.advice.subject import Subject, dressed
from ansatzlint.advice.values import Loss, Proposal, Refusal
from ansatzlint.circuit import Circuit, PauliSum
from ansatzlint.families import FAMILIES
from ansatzlint.pauli.strings import PauliString, multiply

MOST_EXACT = 8
"""Qubits up to which the ground state is looked at in the dense matrix."""
_SAME = 1e-9

Word = tuple[tuple[int, str], ...]


def propose(subject: Subject) -> Iterator[Proposal | Refusal]:
    """The families of the symmetries that the cost has: the parity X…X, all permutations, the number of ones."""
    circuit = subject.circuit
    why_not = rigid(circuit)
    if not why_not and not (len(circuit.observables) == 1 and isinstance(circuit.observables[0], PauliSum)):
        why_not = "the cost is no Pauli sum"
    if why_not:
        yield Refusal("symmetry", "a circuit with the cost's symmetry", why_not)
        return
    words = words_of(circuit)
    found = False
    for title, family, arguments, has, basis in _SYMMETRIES:
        if not has(words, circuit.qubits):
            continue
        found = True
        members = list(like(family, circuit, arguments))
        if not members and family == "permutation-equivariant":
            members = _fully_grown(circuit)
        held, losses = sector(circuit, basis)
        for how, built in members:
            meaning = f"the circuit keeps {title}, which the cost has; {held}"
            yield Proposal("symmetry", family, f"keep {title}: {how}", dressed(circuit, built), meaning, losses)
    if not found:
        reason = "the cost has neither the parity X…X, nor all permutations, nor a conserved number of ones"
        yield Refusal("symmetry", "a circuit with the cost's symmetry", reason)


def words_of(circuit: Circuit) -> dict[Word, float]:
    """The cost's words with their coefficients, equal ones added up, the constant left out."""
    found: dict[Word, float] = {}
    for observable in circuit.observables:
        assert isinstance(observable, PauliSum)
        for term in observable.terms:
            found[term.paulis] = found.get(term.paulis, 0.0) + term.coefficient
    return {word: c for word, c in found.items() if word and c}


def has_parity(words: Mapping[Word, float], qubits: int) -> bool:  # noqa: ARG001 - one signature for all
    """Whether every word commutes with X…X."""
    return all(sum(letter in "YZ" for _, letter in word) % 2 == 0 for word in words)


def is_permutable(words: Mapping[Word, float], qubits: int) -> bool:
    """Whether a swap of two qubits and a step around leave the sum as it is: they generate all permutations."""
    swap = {0: 1, 1: 0}
    turn = {q: (q + 1) % qubits for q in range(qubits)}
    return all(
        np.isclose(words.get(tuple(sorted((moved.get(q, q), letter) for q, letter in word)), 0.0), c)
        for moved in (swap, turn)
        for word, c in words.items()
    )


def has_number(words: Mapping[Word, float], qubits: int) -> bool:  # noqa: ARG001 - one signature for all
    """Whether the sum commutes with the sum of all Z, though some word does not commute with each single one."""
    total: dict[tuple[int, int], complex] = {}
    largest = max(map(abs, words.values()), default=0.0)
    for word, c in words.items():
        string = PauliString.of(word)
        for qubit, letter in word:
            if letter != "Z":
                phase, image = multiply(PauliString(0, 1 << qubit), string)
                key = image.x, image.z
                total[key] = total.get(key, 0.0) + c * (1, 1j, -1, -1j)[phase]
    return bool(total) and all(abs(value) < _SAME * largest for value in total.values())


def _parity_sector(qubits: int) -> NDArray[np.float64]:
    """(2^n, 2^(n-1)): the states that X…X leaves as they are, as |+…+> is."""
    size = 1 << qubits
    half = np.arange(size // 2)
    basis = np.zeros((size, size // 2))
    basis[half, half] = basis[size - 1 - half, half] = 2**-0.5
    return basis


def _symmetric_sector(qubits: int) -> NDArray[np.float64]:
    """(2^n, n + 1): the Dicke states."""
    ones = np.bitwise_count(np.arange(1 << qubits))
    return np.stack([(ones == k) / np.sqrt(comb(qubits, k)) for k in range(qubits + 1)], axis=1)


def _half_filled(qubits: int) -> NDArray[np.float64]:
    """(2^n, C): the basis states with half of the qubits, rounded down, one."""
    chosen = np.flatnonzero(np.bitwise_count(np.arange(1 << qubits)) == qubits // 2)
    return np.eye(1 << qubits)[:, chosen]


def sector(circuit: Circuit, basis: Callable[[int], NDArray[np.float64]]) -> tuple[str, tuple[Loss, ...]]:
    """Whether the states of a symmetry hold the least value of the cost, in words, and what is lost if not."""
    from ansatzlint.predictor.quality.hamiltonians import matrix

    n = circuit.qubits
    if n > MOST_EXACT:
        text = f"whether its least value is reached by such states is not checked beyond {MOST_EXACT} qubits"
        return text, (Loss("the optimum may lie outside of the symmetry", 0.5),)
    (cost,) = circuit.observables
    assert isinstance(cost, PauliSum)
    operator = matrix(cost, n)
    states = basis(n)
    every = np.linalg.eigvalsh(operator)
    least = float(np.linalg.eigvalsh(states.T @ operator @ states)[0])
    width = max(float(every[-1] - every[0]), 1e-300)
    above = (least - float(every[0])) / width
    if above <= _SAME:
        return "the least value of the cost is reached by such states (exact)", ()
    text = f"the least value that such states reach, {least:.6g}, lies above the cost's own, {every[0]:.6g} (exact)"
    return text, (Loss(f"the optimum lies outside of the symmetry, {above:.1%} of the range below", 1.0),)


def _fully_grown(circuit: Circuit) -> list[tuple[str, Circuit]]:
    """The permutation-equivariant circuit with as many parameters as its algebra has dimensions (2210.09974)."""
    layers = -(-comb(circuit.qubits + 3, 3) // 3)
    if 3 * layers >= len(circuit.trainable):
        return []  # then a like count was possible, and is what `like` looks for
    built = FAMILIES["permutation-equivariant"].build(circuit.qubits, layers=layers)
    return [(f"permutation-equivariant(layers={layers})", built)]


_NUMBER = {"filling": ("half",), "generators": ("givens-rz", "givens")}

_Symmetry = tuple[
    str,
    str,
    Mapping[str, Sequence[Any]],
    Callable[[Mapping[Word, float], int], bool],
    Callable[[int], NDArray[np.float64]],
]
_SYMMETRIES: tuple[_Symmetry, ...] = (
    ("the parity X…X", "z2-symmetric", {}, has_parity, _parity_sector),
    ("all permutations of the qubits", "permutation-equivariant", {}, is_permutable, _symmetric_sector),
    ("the number of ones", "matchgate", _NUMBER, has_number, _half_filled),
)
"""In words, family, what its arguments may be, whether a cost has it, the states that the family's circuits reach."""
