from __future__ import annotations

import numpy as np
import pytest
from families.dense import random_values, state, total, turn

from ansatzlint.circuit import Gate
from ansatzlint.dense import unitary
from ansatzlint.families.blocks import BLOCKS, angles_of, hop, place, singlet, supply, triplet
from ansatzlint.families.builder import Builder


def test_the_general_block_moves_in_every_direction_of_the_two_qubit_unitaries() -> None:
    builder = Builder("block", 2)
    place(builder, "general", (0, 1))
    circuit = builder.circuit()
    values = random_values(circuit)
    here = unitary(circuit, values)
    step = 1e-5
    slopes = []
    for name, value in values.items():
        ahead, behind = (unitary(circuit, {**values, name: value + sign * step}) for sign in (1, -1))
        direction = here.conj().T @ (ahead - behind) / (2 * step)
        direction -= np.trace(direction) / 4 * np.eye(4)  # the global phase is no direction
        slopes.append(np.concatenate([direction.real.ravel(), direction.imag.ravel()]))
    assert len(slopes) == 15
    assert np.linalg.matrix_rank(np.array(slopes), tol=1e-6) == 15


@pytest.mark.parametrize(("block", "count"), [("general", 15), ("ry-cx", 2)])
def test_a_block_takes_new_parameters_or_given_angles(block: str, count: int) -> None:
    builder = Builder("block", 3)
    angles = angles_of(builder, block)
    assert len(angles) == count
    place(builder, block, (0, 1), angles)
    place(builder, block, (2, 1), angles)
    assert len(builder.circuit().parameters) == count
    place(builder, block, (0, 2))
    circuit = builder.circuit()
    assert len(circuit.parameters) == 2 * count
    size = len(BLOCKS[block])
    first, second, third = (circuit.gates[k * size : (k + 1) * size] for k in range(3))
    assert [gate.angles for gate in first] == [gate.angles for gate in second]
    assert {name for gate in third for name in gate.parameters}.isdisjoint(
        name for gate in first for name in gate.parameters
    )


def test_ry_cx_turns_both_qubits_before_it_couples_them() -> None:
    builder = Builder("block", 2)
    place(builder, "ry-cx", (1, 0))
    assert [(gate.name, gate.qubits) for gate in builder.circuit().gates] == [
        ("ry", (1,)),
        ("ry", (0,)),
        ("cx", (1, 0)),
    ]


def test_hop_is_the_exponential_of_both_words() -> None:
    builder = Builder("hop", 2)
    hop(builder, 0, 1, 0.7)
    expected = turn(total(2, "XX", [(0, 1)]) + total(2, "YY", [(0, 1)]), 0.7)
    assert np.allclose(unitary(builder.circuit()), expected)


@pytest.mark.parametrize(("make", "sign"), [(singlet, -1.0), (triplet, 1.0)])
def test_pairs_are_entangled_by_clifford_gates(make: object, sign: float) -> None:
    builder = Builder("pair", 2)
    make(builder, 0, 1)  # type: ignore[operator]  # both take a builder and two qubits
    expected = np.array([0, 1, sign, 0]) / np.sqrt(2)
    assert abs(abs(np.vdot(expected, state(builder.circuit()))) - 1) < 1e-12
    assert all(isinstance(gate, Gate) and not gate.angles for gate in builder.circuit().gates)


def test_a_shared_supply_is_made_once_and_only_where_it_is_needed() -> None:
    builder = Builder("supply", 1)
    shared = supply(builder.parameter, True)
    assert not builder.circuit().parameters
    assert shared() == shared()
    assert len(builder.circuit().parameters) == 1
    free = supply(builder.parameter, False)
    assert free() != free()
    assert len(builder.circuit().parameters) == 3
