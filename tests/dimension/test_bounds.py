"""Upper bounds on the directions of a state."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from dimension.matrices import PAULIS, generic_rank

import ansatzlint as al
from ansatzlint.angles import parameter
from ansatzlint.circuit import Amplitudes, Circuit, Gate, Parameter
from ansatzlint.dimension import direction_limits
from ansatzlint.dimension.bounds import limits
from ansatzlint.pauli.strings import PauliString


def least(circuit: Circuit) -> int:
    found = [limit.directions for limit in direction_limits(circuit)]
    assert found == sorted(found)
    return found[0]


def deep(name: str, qubits: int, **arguments: object) -> Circuit:
    return al.families[name].build(qubits, layers=2**qubits, **arguments)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_real_circuits_have_half_of_the_directions(n: int) -> None:
    gates, names = [], []
    for layer in range(2**n):
        for q in range(n):
            names.append(f"{layer},{q}")
            gates.append(Gate("ry", (q,), (parameter(names[-1]),)))
        gates += [Gate("cx", (q, q + 1)) for q in range(n - 1)]
    circuit = Circuit("real", n, tuple(gates), tuple(map(Parameter, names)))
    assert least(circuit) == 2**n - 1 == generic_rank(circuit)


def test_real_up_to_fixed_phases_is_found_too() -> None:
    gates = (Gate("rx", (0,), (parameter("a"),)), Gate("rxx", (0, 1), (parameter("b"),)),
             Gate("ry", (1,), (parameter("c"),)))  # fmt: skip
    circuit = Circuit("c", 2, gates, tuple(map(Parameter, "abc")))
    assert generic_rank(circuit) <= least(circuit) <= 6


@pytest.mark.parametrize("name", ["efficient-su2", "real-amplitudes", "z2-symmetric"])
@pytest.mark.parametrize("qubits", [3, 4])
def test_deep_circuits_reach_the_bound(name: str, qubits: int) -> None:
    circuit = deep(name, qubits)
    assert generic_rank(circuit) == least(circuit)


@pytest.mark.parametrize("seed", range(6))
def test_the_bound_is_the_dimension_of_the_dense_algebra_on_the_state(seed: int) -> None:
    rng, n = np.random.default_rng(seed), 3
    strings = [PauliString(int(rng.integers(8)), int(rng.integers(8))) for _ in range(4)]
    dense = [_matrix(s, n) for s in strings if s.support]
    basis = _algebra(dense)
    moved = np.array([m[:, 0] for m in basis])
    moved[:, 0] = moved[:, 0].real  # i times the state is its phase
    rank = np.linalg.matrix_rank(np.hstack([moved.real, moved.imag]))
    assert limits(strings, n)[0][0].directions == rank


def _matrix(string: PauliString, n: int) -> np.ndarray:
    found = np.eye(1)
    letters = dict(string.letters())
    for q in range(n):
        found = np.kron(found, PAULIS[letters.get(q, "I")])
    return 1j * found


def _algebra(generators: list[np.ndarray]) -> list[np.ndarray]:
    """A basis of the real Lie algebra, by commutators until nothing is new."""
    basis: list[np.ndarray] = []

    def is_new(m: np.ndarray) -> bool:
        rows = np.array([np.concatenate([b.real.ravel(), b.imag.ravel()]) for b in [*basis, m]])
        return bool(np.linalg.matrix_rank(rows) > len(basis))

    waiting = list(generators)
    while waiting:
        m = waiting.pop()
        if np.abs(m).max() > 1e-12 and is_new(m):
            basis.append(m)
            waiting += [a @ m - m @ a for a in generators]
    return basis


def test_an_initial_state_that_is_no_stabiliser_state_keeps_the_bounds_of_all_states() -> None:
    gates = (Gate("rz", (0,), (parameter("a"),)),)
    plus = Circuit("c", 1, gates, (Parameter("a"),), initial_state=Amplitudes((0,), (0.6, 0.8)))
    assert generic_rank(plus, start=np.array([0.6, 0.8])) == least(plus) == 1
    assert least(Circuit("c", 1, gates, (Parameter("a"),))) == 0


def test_the_strings_of_a_small_algebra_are_listed() -> None:
    chain = [PauliString(3, 0), PauliString(0, 1), PauliString(0, 2)]  # XX, Z0, Z1: so(4)
    _, strings = limits(chain, 2)
    assert strings is not None
    assert {(s.x, s.z) for s in strings} == {(3, z) for z in range(4)} | {(0, 1), (0, 2)}


def test_every_product_of_two_letters_stays_within_the_state_space() -> None:
    for x, z in product(range(1, 4), range(4)):
        assert limits([PauliString(x, z), PauliString(0, 1)], 2)[0][0].directions <= 6
