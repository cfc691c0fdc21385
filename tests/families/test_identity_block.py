from __future__ import annotations

from itertools import product
from math import cos, pi, sin

import numpy as np
import pytest
from families.dense import random_values, same, state, total, unitary

import ansatzlint as al
from ansatzlint.circuit import Circuit

FAMILY = al.families["identity-block"]


def at_start(circuit: Circuit, seed: int = 0) -> dict[str, float]:
    """Random theta, all delta zero."""
    return {
        name: 0.0 if name.startswith("delta") else value for name, value in random_values(circuit, seed).items()
    }


def first_state(qubits: int) -> np.ndarray:
    found = np.ones(1)
    for _ in range(qubits):
        found = np.kron(found, [cos(pi / 8), sin(pi / 8)])
    return found


@pytest.mark.parametrize(
    ("entangler", "coupling"),
    [*product(("cz", "cx"), ("chain", "ring", "brick", "star", "all-to-all")), ("cx", [(2, 0)])],
)
@pytest.mark.parametrize("half_depth", [1, 2])
def test_at_the_start_each_block_is_the_identity(entangler: str, coupling: str, half_depth: int) -> None:
    circuit = FAMILY.build(4, layers=2, half_depth=half_depth, entangler=entangler, coupling=coupling)
    assert np.allclose(state(circuit, at_start(circuit)), first_state(4))
    assert not same(state(circuit, random_values(circuit)), first_state(4))
    block = Circuit("block", 4, circuit.gates[4 : 4 + (len(circuit.gates) - 4) // 2], circuit.parameters)
    assert np.allclose(unitary(block, at_start(circuit)), np.eye(16))


def test_theta_is_drawn_and_delta_zero() -> None:
    circuit = FAMILY.build(3, layers=2, half_depth=2)
    kinds = {"theta": al.Uniform(), "delta": al.Zeros()}
    assert all(p.initialisation == kinds[p.name[:5]] and p.role == "trainable" for p in circuit.parameters)
    # three rows of RY and RZ in each half
    assert [sum(p.name.startswith(stem) for p in circuit.parameters) for stem in kinds] == [2 * 3 * 6] * 2


def test_each_half_undoes_the_other_up_to_its_offsets() -> None:
    circuit = FAMILY.build(2, layers=1)
    theta, delta = 0.3, 0.2
    values = {p.name: theta if p.name.startswith("theta") else delta for p in circuit.parameters}
    half = (len(circuit.gates) - 2) // 2
    there = unitary(Circuit("there", 2, circuit.gates[2 : 2 + half], circuit.parameters), values)
    back = unitary(Circuit("back", 2, circuit.gates[2 + half :], circuit.parameters), values)
    shifted = dict.fromkeys(values, theta + delta)
    again = unitary(Circuit("there", 2, circuit.gates[2 : 2 + half], circuit.parameters), shifted)
    assert np.allclose(back, again.conj().T)
    assert not np.allclose(back, there.conj().T)


def test_at_the_start_the_offsets_have_a_gradient_and_theta_has_none() -> None:
    circuit = FAMILY.build(3, layers=1)
    cost = total(3, "Z", [(q,) for q in range(3)]) / 3
    start = at_start(circuit, seed=4)

    def value(name: str, shift: float) -> float:
        psi = state(circuit, start | {name: start[name] + shift})
        return float(np.vdot(psi, cost @ psi).real)

    slopes = {p.name: (value(p.name, 1e-5) - value(p.name, -1e-5)) / 2e-5 for p in circuit.parameters}
    assert max(abs(s) for name, s in slopes.items() if name.startswith("theta")) < 1e-9
    moving = [name for name, s in slopes.items() if name.startswith("delta") and abs(s) > 1e-3]
    assert len(moving) > len(circuit.parameters) / 4


def test_the_gradient_at_the_start_does_not_fall_with_the_depth() -> None:
    found = [
        al.gradient_variance(FAMILY.build(4, layers=layers), samples=4096).mean_square.max() for layers in (1, 2, 4)
    ]
    # An RY that stands last sees the first state whatever stands before: its gradient is sin(pi/4) / n.
    assert np.allclose(found, (sin(pi / 4) / 4) ** 2)
