"""What is said of the states of small circuits, against dense matrices and closed forms."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from itertools import combinations, product
from math import log2, pi

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import circuits

from ansatzlint.angles import add, apply, parameter
from ansatzlint.circuit import Amplitudes, Circuit, Gate, Parameter
from ansatzlint.dense import unitary
from ansatzlint.families import FAMILIES
from ansatzlint.features import state

PAULIS = {
    "I": np.eye(2),
    "X": np.array([[0, 1], [1, 0]]),
    "Y": np.array([[0, -1j], [1j, 0]]),
    "Z": np.diag([1, -1]),
}
NAMES = tuple(feature.name for feature in state.COLUMNS)


def _columns(circuit: Circuit) -> dict[str, float]:
    return dict(zip(NAMES, state.columns(circuit), strict=True))


def _dense(word: str) -> np.ndarray:
    return reduce(np.kron, [PAULIS[letter] for letter in word])


def _mean(psi: np.ndarray, n: int, letters: dict[int, str]) -> float:
    return float(np.vdot(psi, _dense("".join(letters.get(q, "I") for q in range(n))) @ psi).real)


def _figures(psi: np.ndarray, n: int) -> dict[str, float]:
    """By the definitions, qubit 0 the most significant bit."""
    mixed = []
    for q in range(n):
        rest = np.moveaxis(psi.reshape((2,) * n), q, 0).reshape(2, -1)
        reduced = rest @ rest.conj().T
        mixed.append(2 * (1 - np.trace(reduced @ reduced).real))
    pairs = list(combinations(range(n), 2))
    found = {"mixed": np.mean(mixed), "mixed_least": min(mixed), "mixed_most": max(mixed)}
    found["correlation"] = sum(
        (_mean(psi, n, {q: a, r: b}) - _mean(psi, n, {q: a}) * _mean(psi, n, {r: b})) ** 2
        for q, r in pairs
        for a, b in product("XYZ", repeat=2)
    ) / max(len(pairs), 1)
    found["agreement"] = sum(_mean(psi, n, {q: "Z", r: "Z"}) ** 2 for q, r in pairs) / max(len(pairs), 1)
    chances = np.abs(psi) ** 2
    found["participation"] = 1 / np.sum(chances**2) / len(psi)
    found["zeros"] = chances[0]
    for letter in "XYZ":
        total = sum(_dense("".join(letter if q == p else "I" for q in range(n))) for p in range(n))
        moment = np.vdot(psi, total @ total @ psi).real - np.vdot(psi, total @ psi).real ** 2
        found[f"spread_{letter.lower()}"] = moment / n**2
    found["polarisation"] = np.mean([_mean(psi, n, {q: "Z"}) for q in range(n)])
    return found


def _valued(circuit: Circuit, seed: int) -> Circuit:
    rng = np.random.default_rng(seed)
    return replace(circuit, parameters=tuple(replace(p, value=float(rng.normal())) for p in circuit.parameters))


@settings(max_examples=40, deadline=None)
@given(circuit=circuits(max_qubits=3, max_gates=8), seed=st.integers(0, 99))
def test_the_state_at_the_recorded_angles_is_described_as_by_dense_matrices(circuit, seed) -> None:
    known = _valued(circuit, seed)
    found = _columns(known)
    for name, value in _figures(unitary(known)[:, 0], known.qubits).items():
        assert found[f"start_{name}"] == pytest.approx(value, abs=1e-9), name


@settings(max_examples=20, deadline=None)
@given(circuit=circuits(max_qubits=3, max_gates=8), seed=st.integers(0, 99))
def test_magic_is_the_entropy_over_all_words(circuit, seed) -> None:
    known = _valued(circuit, seed)
    n, psi = known.qubits, unitary(known)[:, 0]
    moment = sum(_mean(psi, n, dict(enumerate(word))) ** 4 for word in product("IXYZ", repeat=n)) / 2**n
    assert _columns(known)["start_magic"] == pytest.approx(-log2(moment), abs=1e-9)


def _two() -> Circuit:
    a, b = parameter("a"), parameter("b")
    gates = (Gate("ry", (0,), (a,)), Gate("cx", (0, 1)), Gate("rz", (1,), (b,)), Gate("rx", (1,), (add(a, b),)))
    return Circuit("two", 2, gates, (Parameter("a"), Parameter("b")))


def test_up_to_three_parameters_all_multiples_of_a_quarter_turn_are_within_reach() -> None:
    circuit = _two()
    every = [
        _figures(unitary(circuit, {"a": i * pi / 2, "b": j * pi / 2})[:, 0], 2) for i, j in product(range(4), repeat=2)
    ]
    found = _columns(circuit)
    for name in every[0]:
        values = [figures[name] for figures in every]
        assert found[f"reach_{name}_mean"] == pytest.approx(np.mean(values), abs=1e-9), name
        assert found[f"reach_{name}_most"] == pytest.approx(max(values), abs=1e-9), name
    assert found["reach_participation_least"] == pytest.approx(min(f["participation"] for f in every))


def test_derivatives_are_those_of_differences() -> None:
    circuit = replace(_two(), parameters=(Parameter("a", value=0.4), Parameter("b", value=-1.1)))
    at, step = {"a": 0.4, "b": -1.1}, 1e-5
    psi = unitary(circuit, at)[:, 0]
    moved = [
        (unitary(circuit, at | {p: at[p] + step})[:, 0] - unitary(circuit, at | {p: at[p] - step})[:, 0]) / (2 * step)
        for p in "ab"
    ]
    fisher = np.array([[(np.vdot(u, v) - np.vdot(u, psi) * np.vdot(psi, v)).real for v in moved] for u in moved])
    wanted = np.trace(fisher) ** 2 / np.sum(fisher**2)
    assert _columns(circuit)["start_directions"] == pytest.approx(wanted, rel=1e-6)


@pytest.mark.parametrize(
    ("gates", "directions"),
    [
        ((("rz", 0),), 0),  # |0> is its own image
        ((("ry", 0), ("ry", 0)), 1),
        ((("ry", 0), ("rz", 0)), 2),
        ((("rx", 0), ("ry", 0), ("rz", 0)), 2),  # no more on a qubit
        ((("ry", 0), ("ry", 1)), 2),
    ],
)
def test_directions_are_counted(gates, directions) -> None:
    parameters = tuple(Parameter(f"t{i}") for i in range(len(gates)))
    turns = tuple(Gate(name, (q,), (parameter(f"t{i}"),)) for i, (name, q) in enumerate(gates))
    assert _columns(Circuit("turns", 2, turns, parameters))["reach_rank"] == directions


def test_a_cat_state_spreads_to_the_heisenberg_limit() -> None:
    cat = Circuit("cat", 5, (Gate("h", (0,)), *(Gate("cx", (q, q + 1)) for q in range(4))))
    found = _columns(cat)
    assert found["start_spread_z"] == pytest.approx(1)
    assert found["start_mixed_least"] == pytest.approx(1)
    assert found["start_magic"] == pytest.approx(0, abs=1e-9)
    assert found["start_directions"] == 0


def test_the_initial_state_counts() -> None:
    gates = (Gate("ry", (0,), (parameter("t"),)),)
    amplitudes = Amplitudes((2, 0), (0.0, 0.6, 0.0, 0.8))  # qubit 2 the most significant bit: 0.6 |01> + 0.8 |11>
    circuit = Circuit("prepared", 3, gates, (Parameter("t", value=0.0),), initial_state=amplitudes)
    found = _columns(circuit)
    assert found["start_polarisation"] == pytest.approx((-1 + 1 + (0.36 - 0.64)) / 3)
    assert found["start_zeros"] == 0


def test_an_initial_state_that_inputs_decide_leaves_all_open() -> None:
    circuit = Circuit("embedded", 1, (), (), initial_state=Amplitudes((0,)))
    assert np.isnan(state.columns(circuit)).all()


def test_without_recorded_angles_only_the_reach_is_described() -> None:
    found = _columns(_two())
    assert all(np.isnan(value) == name.startswith("start_") for name, value in found.items())


def test_large_circuits_are_left_out() -> None:
    assert np.isnan(state.columns(FAMILIES["hardware-efficient"].build(7, layers=1))).all()
    assert not np.isnan(_columns(FAMILIES["hardware-efficient"].build(6, layers=1))["reach_mixed_mean"])


def test_deep_circuits_are_left_out() -> None:
    gates = tuple(Gate("rx", (q % 6,), (0.1,)) for q in range(6000))
    assert np.isnan(state.columns(Circuit("deep", 6, gates))).all()


def test_an_angle_without_a_value_is_no_error() -> None:
    gate = Gate("rx", (0,), (apply("log", parameter("t")),))
    circuit = Circuit("log", 1, (gate,), (Parameter("t", value=-1.0),))
    assert np.isnan(state.columns(circuit)).all()


@settings(max_examples=20, deadline=None)
@given(circuit=circuits(max_qubits=4, max_gates=8), seed=st.integers(0, 99))
def test_renaming_the_qubits_changes_nothing(circuit, seed) -> None:
    known = _valued(circuit, seed)
    order = np.random.default_rng(seed).permutation(known.qubits)
    gates = tuple(replace(g, qubits=tuple(int(order[q]) for q in g.qubits)) for g in known.gates)
    np.testing.assert_allclose(
        state.columns(known), state.columns(replace(known, gates=gates)), atol=1e-6, equal_nan=True
    )
