from __future__ import annotations

from math import ceil, log2

import pytest

import ansatzlint as al
from ansatzlint.graph import light_cones, two_qubit_depth

FAMILY = al.families["tree-tensor-network"]


@pytest.mark.parametrize("qubits", [2, 3, 4, 5, 6, 7, 10, 33, 100])
@pytest.mark.parametrize(("block", "angles", "layers"), [("general", 15, 3), ("ry-cx", 2, 1)])
def test_every_qubit_but_the_root_merges_once(qubits: int, block: str, angles: int, layers: int) -> None:
    circuit = FAMILY.build(qubits, block=block)
    assert len(circuit.parameters) == angles * (qubits - 1)
    assert two_qubit_depth(circuit) == layers * ceil(log2(qubits))
    cone = light_cones(circuit, [circuit.measured]).of(circuit, 0)
    assert cone.qubits == tuple(range(qubits))
    outside = [circuit.gates[i] for i in sorted(set(range(len(circuit.gates))) - set(cone.gates))]
    # What a general block does last to the qubit that it drops meets nothing any more.
    assert [gate.name for gate in outside] == (["u"] * (qubits - 1) if block == "general" else [])


def test_four_and_five_qubits_merge_as_drawn() -> None:
    pairs = {n: [g.qubits for g in FAMILY.build(n, block="ry-cx").gates if g.name == "cx"] for n in (4, 5)}
    assert pairs[4] == [(0, 1), (2, 3), (1, 3)]
    assert pairs[5] == [(0, 1), (2, 3), (1, 3), (3, 4)]
    assert FAMILY.build(5).measured == (4,)


def _squares(qubits: int) -> tuple[float, float]:
    """(E[x^2 + z^2] , E[z^2]) of the Bloch vector of a tree's root, where RY on both and CX merge two states."""
    if qubits == 1:
        return 1.0, 1.0
    # The left part is the largest power of two below: an odd qubit is carried past the levels that it has no mate in.
    left = 1 << (qubits - 1).bit_length() - 1
    a, b = _squares(left)[0], _squares(qubits - left)[0]
    z = (a / 2) * (b / 2)
    return z + b / 2, z


@pytest.mark.parametrize("qubits", [2, 3, 4, 5, 6, 7, 8, 9, 11])
def test_the_cost_at_the_root_varies_as_the_tree_of_bloch_vectors_says(qubits: int) -> None:
    found = al.gradient_variance(FAMILY.build(qubits, block="ry-cx"))
    assert found.method == "exact"
    assert found.cost_variance == pytest.approx(_squares(qubits)[1])


def test_the_largest_gradient_falls_no_faster_than_the_square_of_the_number_of_qubits() -> None:
    small, large = (al.gradient_variance(FAMILY.build(n, block="ry-cx"), samples=1 << 14) for n in (8, 64))
    assert small.max_upper / large.max_lower < 8**2
