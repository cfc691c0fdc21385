"""Beliefs against closed forms, and against sums over grids of angles on dense states where the blocks form a tree."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from math import log10

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import circuits

import ansatzlint as al
from ansatzlint import angles
from ansatzlint.assumptions import complete
from ansatzlint.circuit import Circuit, Gate, Observable, Parameter, PauliSum, PauliTerm, Projector
from ansatzlint.families import FAMILIES
from ansatzlint.features.belief import COLUMNS, columns
from ansatzlint.features.tape import tape
from ansatzlint.initialisation import Zeros
from ansatzlint.noise import Depolarizing

PAULIS = {"X": np.array([[0, 1], [1, 0]]), "Y": np.array([[0, -1j], [1j, 0]]), "Z": np.diag([1, -1])}


def beliefs(circuit: Circuit) -> dict[str, float]:
    """The columns, sizes in units of the cost rather than of its terms."""
    written = tape(complete(circuit))
    found = dict(zip((c.name for c in COLUMNS), columns(written).tolist(), strict=True))
    return {name: value + 2 * log10(written.unit) * name.startswith("log10") for name, value in found.items()}


def word(*letters: tuple[int, str], coefficient: float = 1.0) -> PauliSum:
    return PauliSum((PauliTerm(coefficient, letters),))


def rotations(
    qubits: int, turns: list[tuple[str, int]], observable: Observable, after: tuple[Gate, ...] = ()
) -> Circuit:
    gates = tuple(Gate(name, (q,), (angles.parameter(f"t{i}"),)) for i, (name, q) in enumerate(turns))
    parameters = tuple(Parameter(f"t{i}") for i in range(len(turns)))
    return Circuit("test", qubits, gates + after, parameters, (observable,))


def apply(state: np.ndarray, matrix: np.ndarray, qubit: int) -> np.ndarray:
    """A matrix (or one a draw) on a qubit of states of shape (draws, 2, …, 2)."""
    moved = np.moveaxis(state, qubit + 1, 1)
    rest = moved.reshape(len(state), 2, -1)
    return np.moveaxis((matrix @ rest).reshape(moved.shape), 1, qubit + 1)


def costs(circuit: Circuit, values: np.ndarray) -> np.ndarray:
    """The expectation value of a Pauli sum after RX, RY, RZ and CX, at each row of values."""
    n = circuit.qubits
    state = np.zeros((len(values), *(2,) * n), dtype=complex)
    state[(slice(None), *(0,) * n)] = 1.0
    index = {p.name: i for i, p in enumerate(circuit.parameters)}
    for gate in circuit.gates:
        if gate.name == "cx":
            flipped = apply(state, PAULIS["X"], gate.qubits[1])
            one = np.arange(2).reshape([2 if q == gate.qubits[0] else 1 for q in range(n)])
            state = np.where(one, flipped, state)
        else:
            half = values[:, index[gate.parameters[0]], None, None] / 2
            generator = PAULIS[gate.name[1].upper()]
            state = apply(state, np.cos(half) * np.eye(2) - 1j * np.sin(half) * generator, gate.qubits[0])
    total = np.zeros(len(values))
    for observable in circuit.observables:
        assert isinstance(observable, PauliSum)
        for term in observable.terms:
            other = state
            for qubit, letter in term.paulis:
                other = apply(other, PAULIS[letter], qubit)
            total += term.coefficient * np.sum(state.conj() * other, axis=tuple(range(1, n + 1))).real
    return total


def mean_squares(circuit: Circuit) -> np.ndarray:
    """G_k over uniform angles: three angles a parameter are exact, as no frequency exceeds 2."""
    count = len(circuit.parameters)
    grid = np.array(list(product(2 * np.pi / 3 * np.arange(3), repeat=count)))
    found = []
    for k in range(count):
        shift = np.pi / 2 * np.eye(count)[k]
        found.append(np.mean(((costs(circuit, grid + shift) - costs(circuit, grid - shift)) / 2) ** 2))
    return np.array(found)


def check(circuit: Circuit) -> None:
    wanted = mean_squares(circuit)
    found = beliefs(circuit)
    assert found["log10_belief_largest"] == pytest.approx(log10(wanted.max()), abs=1e-6)
    assert found["log10_belief_median"] == pytest.approx(log10(np.median(wanted[wanted > 1e-12])), abs=1e-6)


@pytest.mark.parametrize("qubits", [1, 2, 5, 9])
def test_one_rotation_a_qubit_and_the_probability_of_all_zeros(qubits: int) -> None:
    circuit = rotations(qubits, [("ry", q) for q in range(qubits)], Projector(tuple(range(qubits)), "0" * qubits))
    assert beliefs(circuit)["log10_belief_largest"] == pytest.approx(log10((1 / 8) * (3 / 8) ** (qubits - 1)))


@given(st.lists(st.sampled_from(["rx", "ry", "rz"]), min_size=1, max_size=5), st.sampled_from("XYZ"))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_chain_of_rotations_of_one_qubit_is_exact(names: list[str], letter: str) -> None:
    circuit = rotations(1, [(name, 0) for name in names], word((0, letter)))
    wanted = mean_squares(circuit).max()
    found = beliefs(circuit)["log10_belief_largest"]
    assert np.isnan(found) if wanted < 1e-12 else found == pytest.approx(log10(wanted), abs=1e-6)


def test_a_ladder_of_cx_without_cycles_is_exact() -> None:
    ladder = tuple(Gate("cx", (q, q + 1)) for q in range(3))
    check(rotations(4, [("rx", 0), ("ry", 0), ("ry", 1), ("ry", 2), ("ry", 3)], word((3, "Z")), ladder))


def test_a_block_on_two_qubits_is_exact_whatever_is_in_it() -> None:
    first = rotations(2, [("ry", 0), ("rx", 1), ("ry", 0), ("rx", 0)], word((0, "Z")))
    a, b, c, d = first.gates
    check(replace(first, gates=(a, b, Gate("cx", (0, 1)), c, Gate("cx", (1, 0)), d)))


def test_a_tree_is_exact() -> None:
    check(complete(FAMILIES["tree-tensor-network"].build(4, block="ry-cx")))


@pytest.mark.parametrize("family", ["tree-tensor-network", "mps-staircase"])
def test_a_tree_of_general_blocks_is_what_exact_propagation_gives(family: str) -> None:
    circuit = FAMILIES[family].build(6)
    wanted = al.gradient_variance(circuit, method="exact").mean_square.max()
    assert beliefs(circuit)["log10_belief_largest"] == pytest.approx(log10(wanted), abs=1e-6)


def test_depolarizing_noise_damps_the_gradient() -> None:
    circuit = replace(rotations(1, [("ry", 0)], word((0, "Z"))), noise=Depolarizing(0.2, 0.0))
    assert beliefs(circuit)["log10_belief_largest"] == pytest.approx(log10(0.8**2 / 2))


def test_words_with_equal_gradients_add_up() -> None:
    observable = PauliSum((PauliTerm(1.0, ((0, "Z"),)), PauliTerm(1.0, ((0, "Z"), (1, "Z")))))
    found = beliefs(rotations(2, [("ry", 0)], observable))
    assert found["log10_belief_largest"] == pytest.approx(log10(2.0))
    assert found["log10_apart_largest"] == pytest.approx(0.0)


def test_a_conserved_parity_is_known() -> None:
    circuit = FAMILIES["matchgate"].build(4, layers=2, generators="rxx-rz")
    wanted = al.gradient_variance(circuit, method="exact").mean_square.max()
    found = beliefs(circuit)
    assert found["log10_belief_largest"] == pytest.approx(log10(wanted), abs=0.02)
    assert found["belief_correction"] == pytest.approx(log10(2), abs=0.01)


def test_a_word_that_breaks_a_symmetry_has_no_gradient() -> None:
    circuit = replace(FAMILIES["matchgate"].build(4, layers=2, generators="rxx-rz"), observables=(word((1, "X")),))
    assert np.isnan(beliefs(circuit)["log10_belief_largest"])


@pytest.mark.parametrize(
    ("family", "layers"), [("hardware-efficient", 3), ("efficient-su2", 3), ("real-amplitudes", 4)]
)
def test_cycles_cost_little_accuracy(family: str, layers: int) -> None:
    circuit = replace(FAMILIES[family].build(6, layers=layers), observables=(word((2, "Z"), (3, "Z")),))
    found = beliefs(circuit)
    wanted = al.gradient_variance(circuit, method="exact")
    assert found["log10_belief_largest"] == pytest.approx(log10(wanted.mean_square.max()), abs=0.15)
    assert found["log10_belief_median"] == pytest.approx(log10(np.median(wanted.mean_square[wanted.live])), abs=0.2)


def test_angles_that_are_not_random_have_their_gradient() -> None:
    circuit = replace(rotations(2, [("rx", 0), ("ry", 1)], word((1, "X"))), initialisation=Zeros())
    assert beliefs(circuit)["log10_belief_largest"] == pytest.approx(0.0, abs=1e-9)


def test_more_qubits_than_bits_in_a_word() -> None:
    circuit = rotations(70, [("ry", q) for q in range(70)], word((69, "Z"), coefficient=1 / 70))
    assert beliefs(circuit)["log10_belief_largest"] == pytest.approx(log10(0.5 / 70**2))


@given(circuits(observable=True))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_columns_are_numbers_or_nan_for_any_circuit(circuit: Circuit) -> None:
    found = columns(tape(complete(circuit)))
    assert found.shape == (len(COLUMNS),)
    assert not np.isinf(found).any()


def test_nothing_to_train_leaves_nan() -> None:
    assert np.isnan(columns(tape(complete(Circuit("fixed", 1, (Gate("h", (0,)),)))))).all()


def test_beliefs_that_diverge_end_at_what_a_slope_can_be() -> None:
    """Words across all qubits make cycles everywhere; without the bound some of these beliefs exceed 1e6."""
    beyond = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        gates, parameters = [], []
        for i in range(80):
            letters = "".join(rng.choice(list("XYZ"), 4))
            gates.append(Gate("pauli_rotation", (0, 1, 2, 3), (angles.parameter(f"t{i}"),), word=letters))
            parameters.append(Parameter(f"t{i}"))
        circuit = Circuit("test", 4, tuple(gates), tuple(parameters), (word((1, "Y")),), noise=Depolarizing(0.05, 0.1))
        found = beliefs(circuit)
        beyond += found["belief_change"] >= 10.0
        assert found["log10_belief_largest"] <= 1e-9
        assert found["log10_belief_variance"] <= 1e-9
    assert beyond


@pytest.mark.parametrize("family", ["efficient-su2", "real-amplitudes"])
def test_spread_out_and_short_strings_bracket_a_staircase(family: str) -> None:
    circuit = replace(al.families[family].build(14, layers=6), observables=(word((0, "Z"), (1, "Z")),))
    truth = log10(al.gradient_variance(circuit, samples=2**13).mean_square.max())
    found = beliefs(circuit)
    assert found["log10_belief_largest"] < truth - 1
    assert truth + 1 < found["log10_short_largest"] < 0
    apart = found["log10_short_largest"] - found["log10_belief_largest"]
    assert found["belief_split_largest"] == pytest.approx(apart)


@pytest.mark.parametrize("family", ["tree-tensor-network", "mps-staircase"])
def test_without_cycles_it_does_not_matter_where_beliefs_start(family: str) -> None:
    found = beliefs(FAMILIES[family].build(8))
    assert found["log10_short_largest"] == pytest.approx(found["log10_belief_largest"])
    assert found["log10_short_median"] == pytest.approx(found["log10_belief_median"])
