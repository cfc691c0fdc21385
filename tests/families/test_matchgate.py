from __future__ import annotations

from math import comb

import numpy as np
import pytest
from families.dense import commutes, observable, random_values, split, state, total, word

import ansatzlint as al
from ansatzlint.circuit import PauliSum, PauliTerm
from ansatzlint.dense import unitary

FAMILY = al.families["matchgate"]


def number(qubits: int) -> np.ndarray:
    return (qubits * np.eye(2**qubits) - total(qubits, "Z", [(q,) for q in range(qubits)])) / 2


@pytest.mark.parametrize("generators", ["givens", "givens-rz", "rxx-rz"])
@pytest.mark.parametrize("filling", ["half", "one"])
@pytest.mark.parametrize("qubits", [2, 3, 4, 5])
def test_givens_rotations_conserve_the_number_of_ones(qubits: int, filling: str, generators: str) -> None:
    circuit = FAMILY.build(qubits, generators=generators, filling=filling)
    preparation, rest = split(circuit)
    count = qubits // 2 if filling == "half" else 1
    assert np.vdot(state(preparation), number(qubits) @ state(preparation)).real == pytest.approx(count)
    turned = unitary(rest, random_values(circuit))
    assert commutes(turned, number(qubits)) == (generators != "rxx-rz")


def majoranas(qubits: int) -> list[np.ndarray]:
    strings = []
    for q in range(qubits):
        tail: dict[int, str] = dict.fromkeys(range(q), "Z")
        strings += [word(qubits, {**tail, q: "X"}), word(qubits, {**tail, q: "Y"})]
    return strings


@pytest.mark.parametrize("generators", ["givens", "givens-rz", "rxx-rz"])
def test_majorana_operators_stay_linear_combinations_of_themselves(generators: str) -> None:
    circuit = FAMILY.build(4, generators=generators, layers=3)
    turned = unitary(split(circuit)[1], random_values(circuit))
    basis = majoranas(4)
    images = [turned.conj().T @ c @ turned for c in basis]
    matrix = np.array([[np.trace(c @ image).real / 16 for c in basis] for image in images])
    assert np.allclose(matrix @ matrix.T, np.eye(8))
    if generators == "givens":  # real rotations of the modes keep the two kinds apart
        assert np.allclose(matrix[::2, 1::2], 0)


def test_a_parameter_of_pi_over_two_swaps_two_modes() -> None:
    circuit = FAMILY.build(2, generators="givens", layers=1, filling="one")
    (name,) = (p.name for p in circuit.parameters)
    cost = observable(circuit)
    for angle, expected in ((0.0, -1.0), (np.pi / 2, 1.0), (np.pi, -1.0), (np.pi / 3, 0.5)):
        psi = state(circuit, {name: angle})
        assert np.vdot(psi, cost @ psi).real == pytest.approx(expected)


@pytest.mark.parametrize("qubits", [2, 3, 10, 100])
def test_parameters_and_cost(qubits: int) -> None:
    counts = {"givens": qubits - 1, "givens-rz": 2 * qubits - 1, "rxx-rz": 2 * qubits - 1}
    for generators, count in counts.items():
        circuit = FAMILY.build(qubits, generators=generators, layers=3)
        assert len(circuit.parameters) == 3 * count
        assert circuit.observables == (PauliSum((PauliTerm(1.0, ((qubits // 2, "Z"),)),)),)


@pytest.mark.parametrize(
    ("generators", "filling", "expected"),
    [
        # The orbit of Z is that of all products of two Majorana operators, of which n are of Z type.
        ("rxx-rz", "half", 4 / comb(8, 2)),
        # The mean occupation is the sum of k of the n weights of a random real unit vector, or of a complex one.
        ("givens", "half", 4 * 2 * 2 * 2 / (4**2 * 6)),
        ("givens", "one", 4 * 2 * 1 * 3 / (4**2 * 6)),
        ("givens-rz", "half", 4 * 2 * 2 / (4**2 * 5)),
        ("givens-rz", "one", 4 * 1 * 3 / (4**2 * 5)),
    ],
)
def test_the_deep_circuit_reaches_the_haar_value_of_its_group(generators: str, filling: str, expected: float) -> None:
    circuit = FAMILY.build(4, layers=40, generators=generators, filling=filling)
    found = al.gradient_variance(circuit, method="exact")
    assert found.cost_variance == pytest.approx(expected, rel=1e-3)
