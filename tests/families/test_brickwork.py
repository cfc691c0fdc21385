from __future__ import annotations

import numpy as np
import pytest
from families.dense import random_values, same, state, turn, word

import ansatzlint as al
from ansatzlint.graph import entanglement_graph, light_cones

FAMILY = al.families["brickwork"]
BLOCK = ("u", "u", "rxx", "ryy", "rzz", "u", "u")


@pytest.mark.parametrize(
    ("qubits", "periodic", "bonds"),
    [
        (2, False, [(0, 1)]),
        (2, True, [(0, 1)]),
        (4, False, [(0, 1), (2, 3), (1, 2)]),
        (4, True, [(0, 1), (2, 3), (1, 2), (3, 0)]),
        (5, False, [(0, 1), (2, 3), (1, 2), (3, 4)]),
        (5, True, [(0, 1), (2, 3), (1, 2), (3, 4), (4, 0)]),
    ],
)
def test_a_block_of_fifteen_angles_on_each_bond_in_turn(
    qubits: int, periodic: bool, bonds: list[tuple[int, int]]
) -> None:
    circuit = FAMILY.build(qubits, layers=2, periodic=periodic)
    assert len(circuit.parameters) == 15 * 2 * len(bonds)
    for start, (a, b) in zip(range(0, len(circuit.gates), 7), 2 * bonds, strict=True):
        block = circuit.gates[start : start + 7]
        assert tuple(g.name for g in block) == BLOCK
        assert [g.qubits for g in block] == [(a,), (b,), (a, b), (a, b), (a, b), (a,), (b,)]
    assert [name for g in circuit.gates for name in g.parameters] == [p.name for p in circuit.parameters]
    assert entanglement_graph(circuit).number_of_edges() == len(bonds)


def test_three_qubits_are_the_product_of_two_blocks_of_spin_matrices() -> None:
    circuit = FAMILY.build(3, layers=1)
    values = random_values(circuit, seed=3)
    angles = iter(values.values())
    expected = np.eye(8)[:, 0].astype(complex)
    for a, b in ((0, 1), (1, 2)):
        for generators in (
            *[[{q: "ZYZ"[k]} for k in range(3)] for q in (a, b)],
            *[[{a: p, b: p}] for p in "XYZ"],
            *[[{q: "ZYZ"[k]} for k in range(3)] for q in (a, b)],
        ):
            turns = [next(angles) for _ in generators]
            # U(theta, phi, lambda) is RZ(phi) RY(theta) RZ(lambda), the last one first.
            ordered = turns if len(turns) == 1 else (turns[2], turns[0], turns[1])
            for letters, angle in zip(generators, ordered, strict=True):
                expected = turn(word(3, letters), angle) @ expected
    assert next(angles, None) is None
    assert same(state(circuit, values), expected)


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_a_cone_grows_by_four_qubits_a_layer(layers: int) -> None:
    circuit = FAMILY.build(40, layers=layers)
    cone = light_cones(circuit, [(20,)]).of(circuit, 0)
    assert len(cone.qubits) == 4 * layers
