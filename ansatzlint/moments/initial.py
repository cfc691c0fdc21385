"""Expectation values of Pauli strings in the initial state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from ansatzlint.circuit import Circuit
from ansatzlint.pauli.strings import PauliString

MAX_BLOCK = 6
"""An initial state that is no product state may stand on this many qubits; its 4^m expectation values are kept."""

Words = NDArray[np.uint64]


def pack(strings: Sequence[PauliString], qubits: int) -> Words:
    """The strings without their signs, uint64 of shape (len, 2 w), w = ceil(qubits / 64): x words, then z words."""
    w = words_of(qubits)
    data = b"".join(s.x.to_bytes(8 * w, "little") + s.z.to_bytes(8 * w, "little") for s in strings)
    return np.frombuffer(data, dtype="<u8").reshape(len(strings), 2 * w).astype(np.uint64)


def words_of(qubits: int) -> int:
    """How many 64-bit words hold a bit a qubit; at least one."""
    return max(1, -(-qubits // 64))


@dataclass(frozen=True, slots=True, eq=False)
class Initial:
    """A product of blocks, |0> on every qubit that is in none.

    `blocks` holds (qubits, table): the expectation values of the 4^m Pauli words on m qubits, the word with letters
    l_j in (I, X, Z, Y) = (0, 1, 2, 3) on qubits[j] at index sum_j l_j 4^j.
    """

    qubits: int
    blocks: tuple[tuple[tuple[int, ...], NDArray[np.float64]], ...] = ()

    @property
    def stabilised(self) -> bool:
        """Whether every expectation value of a Pauli string is 0, 1 or -1: a product of stabiliser states."""
        return all(bool(np.all(np.isin(table, (0.0, 1.0, -1.0)))) for _, table in self.blocks)

    @property
    def bloch(self) -> NDArray[np.float64] | None:
        """Bloch vectors, float64 of shape (qubits, 3), where every block is one qubit; else None."""
        found = np.zeros((self.qubits, 3))
        found[:, 2] = 1.0
        for on, table in self.blocks:
            if len(on) != 1:
                return None
            found[on[0]] = table[1], table[3], table[2]
        return found

    def expectation(self, strings: Words) -> NDArray[np.float64]:
        """Tr(rho P) for packed strings of shape (N, 2 w), signs left out; float64 of shape (N,)."""
        w = strings.shape[1] // 2
        x, z = strings[:, :w], strings[:, w:]
        free = (1 << self.qubits) - 1
        for on, _ in self.blocks:
            for qubit in on:
                free &= ~(1 << qubit)
        mask = pack([PauliString(free, 0)], self.qubits)[0, :w]
        value = np.where((x & mask).any(axis=1), 0.0, 1.0)
        for on, table in self.blocks:
            index = np.zeros(len(strings), dtype=np.int64)
            for j, qubit in enumerate(on):
                word, bit = divmod(qubit, 64)
                shift = np.uint64(bit)
                letter = (x[:, word] >> shift & np.uint64(1)) | ((z[:, word] >> shift & np.uint64(1)) << np.uint64(1))
                index |= letter.astype(np.int64) << (2 * j)
            value *= table[index]
        return value

    def flips(self, string: PauliString) -> bool:
        """Whether the string has X or Y on a qubit in |0>: then no Q has both <Q> and <Q string> other than zero."""
        outside = string.x
        for on, _ in self.blocks:
            for qubit in on:
                outside &= ~(1 << qubit)
        return bool(outside)

    def stabilises(self, string: PauliString) -> bool:
        """Whether the string leaves the state as it is, up to a phase."""
        if not self.blocks:
            return not string.x
        return abs(abs(float(self.expectation(pack([string], self.qubits))[0])) - 1.0) < 1e-12


_LETTERS = (
    np.eye(2, dtype=np.complex128),
    np.array([[0, 1], [1, 0]], dtype=np.complex128),
    np.array([[1, 0], [0, -1]], dtype=np.complex128),
    np.array([[0, -1j], [1j, 0]], dtype=np.complex128),
)


def initial(circuit: Circuit) -> Initial | str:
    """The circuit's initial state, or why it cannot be had: values that inputs decide, a block that is too large.

    A state on several qubits is split into single qubits where it is a product of them.
    """
    state = circuit.initial_state
    if state is None:
        return Initial(circuit.qubits)
    if state.values is None:
        return "the initial state is decided by inputs"
    m = len(state.qubits)
    psi = np.array(state.values, dtype=np.complex128).reshape((2,) * m)
    if m > 1:
        singles = []
        for j in range(m):
            rows = np.moveaxis(psi, j, 0).reshape(2, -1)
            rho = rows @ rows.conj().T
            singles.append(np.array([np.trace(rho @ letter).real for letter in _LETTERS]))
        if all(abs(np.sum(table**2) - 2 * table[0] ** 2) < 1e-9 for table in singles):
            return Initial(circuit.qubits, tuple(((q,), _clean(t)) for q, t in zip(state.qubits, singles, strict=True)))
    if m > MAX_BLOCK:
        return f"the initial state is entangled over {m} qubits, up to {MAX_BLOCK} can be followed"
    table = np.empty(4**m)
    vector = psi.reshape(-1)
    for letters in product(range(4), repeat=m):
        matrix: NDArray[np.complex128] = np.eye(1, dtype=np.complex128)
        for letter in letters:
            matrix = np.kron(matrix, _LETTERS[letter]).astype(np.complex128)
        table[sum(letter << (2 * j) for j, letter in enumerate(letters))] = np.vdot(vector, matrix @ vector).real
    return Initial(circuit.qubits, ((state.qubits, _clean(table)),))


def _clean(table: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values that are 0, 1 or -1 to within round-off are made so."""
    rounded = np.round(table)
    return np.where(np.abs(table - rounded) < 1e-12, rounded, table)
