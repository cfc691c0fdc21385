from __future__ import annotations

from itertools import product
from math import ceil, log2

import numpy as np
import pytest
from families.dense import PAULI, random_values, state, turn, word

import ansatzlint as al
from ansatzlint.graph import light_cones, two_qubit_depth

FAMILY = al.families["qcnn"]


@pytest.mark.parametrize("qubits", [2, 3, 4, 7, 10, 33, 100])
@pytest.mark.parametrize("pooling", ["controlled", "discard"])
def test_the_depth_is_logarithmic_and_the_last_qubit_sees_all(qubits: int, pooling: str) -> None:
    circuit = FAMILY.build(qubits, pooling=pooling)
    pool = 2 if pooling == "controlled" else 0
    assert two_qubit_depth(circuit) <= (2 * 3 + pool) * ceil(log2(qubits))
    cone = light_cones(circuit, [circuit.measured]).of(circuit, 0)
    assert cone.qubits == tuple(range(qubits))
    assert circuit.measured == (qubits - 1,)
    assert not circuit.observables


@pytest.mark.parametrize("qubits", [2, 5, 8, 100])
@pytest.mark.parametrize(("block", "angles"), [("general", 15), ("ry-cx", 2)])
def test_shared_angles_are_one_set_for_all_blocks_of_a_level(qubits: int, block: str, angles: int) -> None:
    circuit = FAMILY.build(qubits, block=block, angles="shared")
    assert len(circuit.parameters) == (angles + 2) * ceil(log2(qubits))
    free = FAMILY.build(qubits, block=block)
    assert [(gate.name, gate.qubits) for gate in free.gates] == [(gate.name, gate.qubits) for gate in circuit.gates]
    assert len(free.parameters) == sum(len(gate.angles) for gate in free.gates)


def test_five_qubits_convolve_and_pool_as_drawn() -> None:
    gates = FAMILY.build(5, block="ry-cx").gates
    assert [(gate.name, gate.qubits) for gate in gates if gate.name != "ry"] == [
        *[("cx", (0, 1)), ("cx", (2, 3)), ("cx", (1, 2)), ("cx", (3, 4))],
        *[("rzz", (0, 1)), ("rzx", (0, 1)), ("rzz", (2, 3)), ("rzx", (2, 3))],
        *[("cx", (1, 3)), ("cx", (3, 4))],
        *[("rzz", (1, 3)), ("rzx", (1, 3))],
        *[("cx", (3, 4))],
        *[("rzz", (3, 4)), ("rzx", (3, 4))],
    ]


def _u(theta: float, phi: float, lam: float) -> np.ndarray:
    return np.array(
        [
            [np.cos(theta / 2), -np.exp(1j * lam) * np.sin(theta / 2)],
            [np.exp(1j * phi) * np.sin(theta / 2), np.exp(1j * (phi + lam)) * np.cos(theta / 2)],
        ]
    )


def _on(qubits: int, factors: dict[int, np.ndarray]) -> np.ndarray:
    found = np.eye(1)
    for q in range(qubits):
        found = np.kron(found, factors.get(q, PAULI["I"]))
    return found


@pytest.mark.parametrize("pooling", ["controlled", "discard"])
@pytest.mark.parametrize("qubits", [2, 3, 4, 5])
def test_measuring_and_dropping_qubits_gives_the_same_cost(qubits: int, pooling: str) -> None:
    circuit = FAMILY.build(qubits, pooling=pooling)
    values = random_values(circuit, seed=qubits)
    angles = iter(values.values())
    rho = np.zeros((2**qubits, 2**qubits), dtype=complex)
    rho[0, 0] = 1
    n = qubits
    while n > 1:
        pairs = [(q, q + 1) for q in range(0, n - 1, 2)]
        for a, b in pairs + [(q, q + 1) for q in range(1, n - 1, 2)]:
            for unitary in (
                *[_on(n, {q: _u(*(next(angles) for _ in range(3)))}) for q in (a, b)],
                *[turn(word(n, {a: p, b: p}), next(angles)) for p in "XYZ"],
                *[_on(n, {q: _u(*(next(angles) for _ in range(3)))}) for q in (a, b)],
            ):
                rho = unitary @ rho @ unitary.conj().T
        if pooling == "controlled":
            for a, b in pairs:
                about_z, about_x = next(angles), next(angles)
                outcomes = []
                for bit in (0, 1):
                    sense = 1 - 2 * bit
                    seen = _on(n, {a: np.diag([1 - bit, bit])})
                    turned = turn(word(n, {b: "X"}), sense * about_x) @ turn(word(n, {b: "Z"}), sense * about_z)
                    outcomes.append(turned @ seen @ rho @ seen @ turned.conj().T)
                rho = sum(outcomes)
        for a in reversed([a for a, _ in pairs]):
            rho = np.trace(rho.reshape(2**a, 2, 2 ** (n - a - 1), 2**a, 2, 2 ** (n - a - 1)), axis1=1, axis2=4)
            n -= 1
            rho = rho.reshape(2**n, 2**n)
    assert next(angles, None) is None
    psi = state(circuit, values)
    expected = float(np.vdot(psi, word(qubits, {qubits - 1: "Z"}) @ psi).real)
    assert float(np.trace(PAULI["Z"] @ rho).real) == pytest.approx(expected)


@pytest.mark.parametrize(("block", "pooling"), [*product(("general", "ry-cx"), ("controlled", "discard"))])
def test_the_gradient_falls_no_faster_than_the_third_power_of_the_number_of_qubits(block: str, pooling: str) -> None:
    small, large = (
        al.gradient_variance(FAMILY.build(n, block=block, pooling=pooling), samples=1 << 15) for n in (8, 32)
    )
    assert small.max_upper / large.max_lower < 4**3
