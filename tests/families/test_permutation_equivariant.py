from __future__ import annotations

from itertools import combinations, permutations

import numpy as np
import pytest
from families.dense import commutes, random_values, same, state, total, turn

import ansatzlint as al
from ansatzlint.dense import unitary

FAMILY = al.families["permutation-equivariant"]


def test_the_circuit_commutes_with_every_permutation_of_the_qubits() -> None:
    circuit = FAMILY.build(4, layers=3)
    found = unitary(circuit, random_values(circuit))
    for order in permutations(range(4)):
        moved = np.transpose(np.eye(16).reshape((2,) * 8), (*order, 4, 5, 6, 7)).reshape(16, 16)
        assert commutes(found, moved)


@pytest.mark.parametrize("qubits", [2, 3, 4, 5])
def test_each_parameter_turns_by_one_sum(qubits: int) -> None:
    circuit = FAMILY.build(qubits, layers=2)
    values = random_values(circuit)
    sites = [(q,) for q in range(qubits)]
    sums = [total(qubits, "X", sites), total(qubits, "Y", sites), total(qubits, "ZZ", combinations(range(qubits), 2))]
    psi = np.eye(2**qubits)[0].astype(complex)
    for generator, angle in zip(sums * 2, values.values(), strict=True):
        psi = turn(generator, angle) @ psi
    assert same(psi, state(circuit, values))


@pytest.mark.parametrize("qubits", [2, 10, 100])
def test_three_parameters_a_layer_at_any_size(qubits: int) -> None:
    circuit = FAMILY.build(qubits, layers=2)
    assert len(circuit.parameters) == 6
    assert len(circuit.gates) == 2 * (2 * qubits + qubits * (qubits - 1) // 2)
    assert not circuit.observables
