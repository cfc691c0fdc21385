"""Expectation values of strings in initial states, against dense matrices."""

from __future__ import annotations

from functools import reduce

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from moments.matrices import matrix, unpack
from moments.twin import initial as density

from ansatzlint.circuit import Amplitudes, Circuit
from ansatzlint.moments.initial import MAX_BLOCK, Initial, initial, pack, words_of
from ansatzlint.pauli.strings import PauliString

WIDTHS = [1, 2, 63, 64, 65, 127, 128, 129]


def prepared(qubits: int, where: tuple[int, ...], vector: np.ndarray) -> Initial:
    values = tuple(complex(a) for a in vector / np.linalg.norm(vector))
    found = initial(Circuit("c", qubits, (), initial_state=Amplitudes(where, values)))
    assert isinstance(found, Initial)
    return found


def random_vector(rng: np.random.Generator, qubits: int) -> np.ndarray:
    return rng.standard_normal(2**qubits) + 1j * rng.standard_normal(2**qubits)


def ghz(qubits: int) -> np.ndarray:
    vector = np.zeros(2**qubits)
    vector[[0, -1]] = 1
    return vector


@pytest.mark.parametrize("qubits", WIDTHS)
def test_strings_survive_packing(qubits: int) -> None:
    rng = np.random.default_rng(qubits)
    strings = [PauliString(int.from_bytes(rng.bytes(17), "little") & (1 << qubits) - 1,
                           int.from_bytes(rng.bytes(17), "little") & (1 << qubits) - 1) for _ in range(5)]  # fmt: skip
    strings += [PauliString(1 << qubits - 1, 0), PauliString(0, 1 << qubits - 1)]
    rows = pack(strings, qubits)
    assert rows.shape == (7, 2 * words_of(qubits))
    assert [unpack(row) for row in rows] == [(s.x, s.z) for s in strings]


def test_words_of_qubits() -> None:
    assert [words_of(n) for n in (0, 1, 63, 64, 65, 128, 129)] == [1, 1, 1, 1, 2, 2, 3]


def test_no_string_packs_to_no_row() -> None:
    assert pack([], 65).shape == (0, 4)


@pytest.mark.parametrize("qubits", WIDTHS)
def test_zeros_are_worth_one_for_words_of_z(qubits: int) -> None:
    last = 1 << qubits - 1
    strings = [PauliString(0, (1 << qubits) - 1), PauliString(last, 0), PauliString(last, last), PauliString(0, 0)]
    assert Initial(qubits).expectation(pack(strings, qubits)).tolist() == [1.0, 0.0, 0.0, 1.0]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 3), st.permutations(range(4)), st.booleans())
def test_expectation_values_are_those_of_the_density_matrix(
    seed: int, size: int, order: list[int], product: bool
) -> None:
    rng, qubits, where = np.random.default_rng(seed), 4, tuple(order[:size])
    vector = reduce(np.kron, [random_vector(rng, 1) for _ in where]) if product else random_vector(rng, size)
    vector = vector / np.linalg.norm(vector)
    circuit = Circuit("c", qubits, (), initial_state=Amplitudes(where, tuple(complex(a) for a in vector)))
    found = initial(circuit)
    assert isinstance(found, Initial)
    rho = density(circuit)
    strings = [PauliString(int(x), int(z)) for x, z in rng.integers(0, 2**qubits, (40, 2))]
    wanted = [np.trace(rho @ matrix(s, qubits)).real for s in strings]
    assert np.allclose(found.expectation(pack(strings, qubits)), wanted, atol=1e-10)


def test_a_product_state_is_split_into_its_qubits() -> None:
    rng = np.random.default_rng(3)
    found = prepared(8, (6, 1, 3), reduce(np.kron, [random_vector(rng, 1) for _ in range(3)]))
    assert [on for on, _ in found.blocks] == [(6,), (1,), (3,)]


def test_a_large_product_state_can_be_had() -> None:
    rng = np.random.default_rng(4)
    found = prepared(10, tuple(range(10)), reduce(np.kron, [random_vector(rng, 1) for _ in range(10)]))
    assert len(found.blocks) == 10


def test_bloch_vectors_stand_in_the_order_x_y_z() -> None:
    rng = np.random.default_rng(5)
    found = prepared(3, (2,), np.array([1.0, 1j]))
    assert found.bloch is not None
    assert found.bloch.tolist() == [[0, 0, 1], [0, 0, 1], [0, 1, 0]]
    turned = prepared(1, (0,), random_vector(rng, 1))
    assert turned.bloch is not None
    assert np.linalg.norm(turned.bloch) == pytest.approx(1.0)


def test_an_entangled_state_has_no_bloch_vectors() -> None:
    assert prepared(2, (0, 1), ghz(2)).bloch is None


def test_blocks_may_lie_across_words() -> None:
    found = prepared(130, (129, 63, 64), ghz(3))
    zz, xxx = PauliString(0, 1 << 129 | 1 << 64), PauliString(1 << 129 | 1 << 64 | 1 << 63, 0)
    single, beside = PauliString(0, 1 << 129), PauliString(1 << 128, 0)
    assert found.expectation(pack([zz, xxx, single, beside], 130)).tolist() == [1.0, 1.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("vector", "stabilised"),
    [
        (np.array([1.0, 1.0]), True), (np.array([1.0, -1j]), True), (np.array([2.0, 1.0]), False),
        (ghz(3), True), (np.array([1.0, 0, 0, 1j]), True), (np.array([2.0, 0, 0, 1.0]), False),
    ],
)  # fmt: skip
def test_stabiliser_states_are_known_as_such(vector: np.ndarray, stabilised: bool) -> None:
    size = len(vector).bit_length() - 1
    assert prepared(4, tuple(range(size)), vector).stabilised is stabilised


def test_what_stabilises() -> None:
    zero, bell = Initial(2), prepared(2, (0, 1), ghz(2))
    words = {name: PauliString.of(enumerate(name)) for name in ("ZI", "ZZ", "XX", "YY", "XI")}
    assert {name for name, w in words.items() if zero.stabilises(w)} == {"ZI", "ZZ"}
    assert {name for name, w in words.items() if bell.stabilises(w)} == {"ZZ", "XX", "YY"}


def test_a_state_that_inputs_decide_is_refused() -> None:
    reason = initial(Circuit("c", 1, (), initial_state=Amplitudes((0,), None)))
    assert reason == "the initial state is decided by inputs"


def test_a_large_entangled_state_is_refused() -> None:
    n = MAX_BLOCK + 1
    values = tuple(complex(a) for a in ghz(n) / np.sqrt(2))
    reason = initial(Circuit("c", n, (), initial_state=Amplitudes(tuple(range(n)), values)))
    assert isinstance(reason, str)
    assert f"entangled over {n} qubits" in reason
