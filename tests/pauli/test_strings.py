"""Conjugation of Pauli strings against dense matrices."""

from __future__ import annotations

from functools import reduce

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansatzlint.circuit import Circuit, Gate
from ansatzlint.dense import unitary
from ansatzlint.gates import CLIFFORD, shape
from ansatzlint.pauli.strings import ELEMENTARY, PauliString, conjugate, half_turn, multiply

LETTERS = {
    "I": np.eye(2),
    "X": np.array([[0, 1], [1, 0]]),
    "Y": np.array([[0, -1j], [1j, 0]]),
    "Z": np.diag([1, -1]),
}
WORDS = st.text("IXYZ", min_size=3, max_size=3)


def matrix(string: PauliString, qubits: int = 3) -> np.ndarray:
    word = dict(string.letters())
    return string.sign * reduce(np.kron, (LETTERS[word.get(q, "I")] for q in range(qubits)))


def test_every_clifford_gate_has_its_elementary_form() -> None:
    assert set(ELEMENTARY) == CLIFFORD


@pytest.mark.parametrize("name", sorted(CLIFFORD))
@given(word=WORDS, order=st.permutations(range(3)), direction=st.sampled_from([1, -1]))
def test_conjugation_is_that_of_the_matrices(name: str, word: str, order: list[int], direction: int) -> None:
    qubits = tuple(order[: shape(name)[0]])
    u = unitary(Circuit("c", 3, (Gate(name, qubits),)))
    string = PauliString.of(enumerate(word))
    expected = u @ matrix(string) @ u.conj().T if direction == 1 else u.conj().T @ matrix(string) @ u
    np.testing.assert_allclose(matrix(conjugate(name, qubits, string, direction)), expected, atol=1e-12)


@given(a=WORDS, b=WORDS)
def test_product_and_commutation(a: str, b: str) -> None:
    p, q = PauliString.of(enumerate(a)), PauliString.of(enumerate(b))
    phase, product = multiply(p, q)
    np.testing.assert_allclose(1j**phase * matrix(product), matrix(p) @ matrix(q), atol=1e-12)
    assert p.commutes(q) == np.allclose(matrix(p) @ matrix(q), matrix(q) @ matrix(p))


@given(a=WORDS, b=WORDS, direction=st.sampled_from([1, -1]))
def test_half_turn_is_conjugation_by_a_quarter_rotation(a: str, b: str, direction: int) -> None:
    generator, string = PauliString.of(enumerate(a)), PauliString.of(enumerate(b))
    r = (np.eye(8) - 1j * direction * matrix(generator)) / np.sqrt(2)
    expected = r @ matrix(string) @ r.conj().T
    np.testing.assert_allclose(matrix(half_turn(generator, string, direction)), expected, atol=1e-12)
