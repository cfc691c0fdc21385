from __future__ import annotations

import numpy as np
import pytest
from families.dense import commutes, observable, random_values, same, split, state, total, turn, word

import ansatzlint as al
from ansatzlint.dense import unitary
from ansatzlint.families.couplings import COUPLINGS

FAMILY = al.families["z2-symmetric"]


@pytest.mark.parametrize("coupling", list(COUPLINGS))
@pytest.mark.parametrize("angles", ["free", "shared"])
def test_circuit_state_and_cost_keep_the_parity(coupling: str, angles: str) -> None:
    circuit = FAMILY.build(4, coupling=coupling, angles=angles)
    parity = word(4, dict.fromkeys(range(4), "X"))
    preparation, rest = split(circuit)
    values = random_values(circuit)
    assert commutes(unitary(rest, values), parity)
    assert commutes(observable(circuit), parity)
    assert np.allclose(parity @ state(preparation), state(preparation))
    assert np.allclose(state(preparation), np.full(16, 1 / 4))


def test_shared_angles_turn_by_the_two_sums() -> None:
    pairs = [(0, 1), (1, 2), (0, 3)]
    circuit = FAMILY.build(4, coupling=pairs, angles="shared", layers=2)
    values = random_values(circuit)
    psi = np.full(16, 0.25, dtype=complex)
    generators = [total(4, "ZZ", pairs), total(4, "X", [(q,) for q in range(4)])]
    for generator, angle in zip(generators * 2, values.values(), strict=True):
        psi = turn(generator, angle) @ psi
    assert same(psi, state(circuit, values))


@pytest.mark.parametrize("qubits", [2, 4, 10, 100])
def test_parameters(qubits: int) -> None:
    assert len(FAMILY.build(qubits, layers=3).parameters) == 3 * (2 * qubits - 1)
    assert len(FAMILY.build(qubits, layers=3, angles="shared").parameters) == 6
    assert len(FAMILY.build(qubits, layers=1, coupling=[]).parameters) == qubits
    assert len(FAMILY.build(qubits, layers=1, coupling=[], angles="shared").parameters) == 1


def test_the_cost_is_the_mean_of_x() -> None:
    circuit = FAMILY.build(3)
    assert np.allclose(observable(circuit), total(3, "X", [(0,), (1,), (2,)]) / 3)


def test_the_deep_chain_reaches_the_orbit_of_two_majorana_operators() -> None:
    # Each X is a product of two of 8 Majorana operators; 4 of the 28 such products have an expectation value in |+…+>,
    # and products that do not agree never interfere: the mean of the 4 has a quarter of the variance of each.
    found = al.gradient_variance(FAMILY.build(4, layers=30), method="exact")
    assert found.cost_variance == pytest.approx(4 / 28 / 4, rel=1e-3)
