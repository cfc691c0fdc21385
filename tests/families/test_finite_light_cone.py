from __future__ import annotations

from dataclasses import replace

import pytest

import ansatzlint as al
from ansatzlint.circuit import PauliSum, PauliTerm
from ansatzlint.graph import light_cones, two_qubit_depth

FAMILY = al.families["finite-light-cone"]


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_depth_and_cones_are_the_same_at_every_size(layers: int) -> None:
    for qubits in (40, 100, 1000):
        circuit = FAMILY.build(qubits, layers=layers)
        assert two_qubit_depth(circuit) == 2 * layers
        cones = light_cones(circuit, [(q,) for q in range(qubits)]).sizes(circuit, qubits)
        assert max(len(cone) for cone, _, _ in cones) == 4 * layers


def test_the_gates_of_three_qubits() -> None:
    circuit = FAMILY.build(3, layers=1)
    assert [(g.name, g.qubits) for g in circuit.gates] == [
        ("ry", (0,)), ("rz", (0,)), ("ry", (1,)), ("rz", (1,)), ("cz", (0, 1)),
        ("ry", (1,)), ("rz", (1,)), ("ry", (2,)), ("rz", (2,)), ("cz", (1, 2)),
        ("ry", (0,)), ("ry", (1,)), ("ry", (2,)),
    ]  # fmt: skip
    assert [name for g in circuit.gates for name in g.parameters] == [f"theta{i}" for i in range(11)]


def test_the_largest_gradient_of_one_z_is_the_same_at_every_size() -> None:
    def largest(qubits: int) -> float:
        cost = PauliSum((PauliTerm(1.0, ((qubits // 2, "Z"),)),))
        found = al.gradient_variance(replace(FAMILY.build(qubits), observables=(cost,)), samples=1 << 15)
        return found.max

    expected = largest(12)
    assert expected > 1e-3
    assert [largest(n) for n in (24, 96)] == pytest.approx([expected] * 2, rel=0.1)


def test_the_number_of_layers_cannot_grow() -> None:
    with pytest.raises(al.AnsatzlintError, match=r"'layers' .* must be a whole number of at least 1, not 'n'"):
        FAMILY.build(4, layers="n")
