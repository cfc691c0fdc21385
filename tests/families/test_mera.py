from __future__ import annotations

from math import ceil, log2

import numpy as np
import pytest
from families.dense import observable, random_values, total, unitary

import ansatzlint as al
from ansatzlint.circuit import Circuit
from ansatzlint.graph import light_cones, two_qubit_depth

FAMILY = al.families["mera"]


def couplings(circuit: Circuit) -> list[tuple[int, ...]]:
    return [gate.qubits for gate in circuit.gates if gate.name == "cx"]


def test_isometries_double_the_sites_and_disentanglers_bridge_them() -> None:
    assert couplings(FAMILY.build(2, block="ry-cx")) == [(1, 0)]
    assert couplings(FAMILY.build(4, block="ry-cx")) == [(3, 1), (1, 0), (3, 2), (1, 2)]
    assert couplings(FAMILY.build(8, block="ry-cx")) == [
        *[(7, 3)],
        *[(3, 1), (7, 5), (3, 5)],
        *[(1, 0), (3, 2), (5, 4), (7, 6), (1, 2), (3, 4), (5, 6)],
    ]
    assert couplings(FAMILY.build(3, block="ry-cx")) == [(2, 1), (1, 0), (1, 2)]


@pytest.mark.parametrize("qubits", [2, 3, 5, 8, 13, 64, 100])
def test_isometries_act_on_a_qubit_in_its_zero_state(qubits: int) -> None:
    met = {qubits - 1}  # the root
    fresh = 0
    for a, b in couplings(FAMILY.build(qubits, block="ry-cx")):
        assert a in met  # what is carried is never fresh
        fresh += b not in met
        met.add(b)
    assert fresh == qubits - 1


@pytest.mark.parametrize("qubits", [4, 7, 10, 33, 100])
def test_the_depth_is_logarithmic(qubits: int) -> None:
    circuit = FAMILY.build(qubits)
    assert two_qubit_depth(circuit) <= 3 * 2 * ceil(log2(qubits))
    assert len(circuit.parameters) == 15 * sum(gate.name == "rzz" for gate in circuit.gates)


@pytest.mark.parametrize("qubits", [16, 64, 256])
def test_a_term_depends_on_a_bounded_number_of_blocks_a_level(qubits: int) -> None:
    circuit = FAMILY.build(qubits, block="ry-cx")
    terms = [(q, q + 1) for q in range(qubits - 1)]
    cones = light_cones(circuit, terms)
    blocks = [sum(circuit.gates[i].name == "cx" for i in cones.of(circuit, k).gates) for k in range(0, len(terms), 7)]
    assert max(blocks) <= 5 * log2(qubits)


def test_the_cost_is_the_sum_of_neighbouring_zz() -> None:
    circuit = FAMILY.build(4)
    assert np.allclose(observable(circuit), total(4, "ZZ", [(0, 1), (1, 2), (2, 3)]))


def test_the_blocks_compose_to_the_circuit() -> None:
    circuit = FAMILY.build(4, block="ry-cx")
    values = random_values(circuit)
    angles = iter(values.values())

    def ry(angle: float) -> np.ndarray:
        c, s = np.cos(angle / 2), np.sin(angle / 2)
        return np.array([[c, -s], [s, c]])

    found = np.eye(16)
    for control, target in [(3, 1), (1, 0), (3, 2), (1, 2)]:
        factors = [np.eye(2)] * 4
        factors[control], factors[target] = ry(next(angles)), ry(next(angles))
        turns = np.eye(1)
        for factor in factors:
            turns = np.kron(turns, factor)
        flip = np.zeros((16, 16))
        for index in range(16):
            flip[index ^ ((index >> 3 - control & 1) << 3 - target), index] = 1
        found = flip @ turns @ found
    assert np.allclose(unitary(circuit, values), found)
