from __future__ import annotations

from dataclasses import replace
from math import isnan, log10

import numpy as np
import pytest
from feature_values import build, turn, values
from hypothesis import assume, given, settings
from strategies import circuits

from ansatzlint import angles
from ansatzlint.assumptions import complete
from ansatzlint.circuit import Amplitudes, Channel, Circuit, Gate, Parameter, PauliSum, Unread
from ansatzlint.features import structure
from ansatzlint.features.tape import tape
from ansatzlint.graph import depth, light_cones, two_qubit_depth
from ansatzlint.noise import AmplitudeDamping, Depolarizing
from ansatzlint.observables import parse_pauli_sum


def columns(circuit: Circuit) -> dict[str, float]:
    written = tape(circuit)
    found = structure.columns(circuit, written, structure.gates_of(circuit, written))
    return dict(zip((feature.name for feature in structure.COLUMNS), map(float, found), strict=True))


def layered() -> Circuit:
    """Two layers of a rotation on each of four qubits and a chain of CZ on pairs, Z on qubit 0."""
    gates = [turn("ry", f"a{q}", q) for q in range(4)]
    gates += [Gate("cz", (0, 1)), Gate("cz", (2, 3)), Gate("cz", (1, 2))]
    gates += [turn("ry", f"b{q}", q) for q in range(4)]
    gates += [Gate("crz", (0, 1), (angles.parameter("c"),))]
    return build(4, gates, observables=(parse_pauli_sum("Z0 + Z3", 4),))


def test_a_circuit_worked_out_by_hand() -> None:
    found = columns(layered())
    # Z0 is seen through crz, b0, b1, all of the chain but nothing of b2 and b3; Z3 through b3, cz(2,3), a2 and a3
    assert found == pytest.approx(
        {
            "qubits": 4, "gates": 12, "entangling_gates": 4, "depth": 5, "two_qubit_depth": 3,
            "parameters": 9, "parameters_cone": 8, "parameters_cone_share": 8 / 9, "inputs_share": 0,
            "idle_qubits": 0, "entangling_clifford": 3 / 4, "entangling_parametrised": 1 / 4,
            "cone_qubits_mean": 3, "cone_qubits_maximum": 4, "cone_qubits_minimum": 2,
            "cone_depth_mean": (5 + 3) / 2, "cone_depth_maximum": 5,
            "cone_layers_mean": (3 + 1) / 2, "cone_layers_maximum": 3, "cone_gates": 11 / 12,
            # the cone of Z0 holds c, b0, b1 and a0 to a3, that of Z3 b3, a2 and a3
            "cone_parameters_per_qubit": (7 / 4 + 3 / 2) / 2,
            "uses_mean": 1, "uses_maximum": 1, "noise_one": 0, "noise_several": 0, "noise_cone": 0, "noise_shift": 0,
            "channels": 0, "initial_state": 0, "unread": 0,
        }
    )  # fmt: skip


@settings(max_examples=20, deadline=None)
@given(circuits(observable=True))
def test_depths_and_cones_are_those_of_the_graph(circuit: Circuit) -> None:
    circuit = complete(circuit)
    found = columns(circuit)
    assert (found["depth"], found["two_qubit_depth"]) == (depth(circuit), two_qubit_depth(circuit))
    (cost,) = circuit.observables
    assert isinstance(cost, PauliSum)
    cones = light_cones(circuit, [term.qubits for term in cost.terms])
    sizes = [len(cones.of(circuit, t).qubits) for t in range(len(cost.terms))]
    assert found["cone_qubits_mean"] == pytest.approx(np.mean(sizes))
    assert (found["cone_qubits_maximum"], found["cone_qubits_minimum"]) == (max(sizes), min(sizes))
    if circuit.gates:
        assert found["cone_gates"] == pytest.approx(np.mean([mask > 0 for mask in cones.gates]))


@settings(max_examples=20, deadline=None)
@given(circuits(observable=True))
def test_depths_of_cones_are_those_of_the_gates_inside(circuit: Circuit) -> None:
    # A swap may carry the cone off one of its qubits, on which it is no layer then.
    assume(not any(gate.name == "swap" for gate in circuit.gates))
    circuit = complete(circuit)
    (cost,) = circuit.observables
    assert isinstance(cost, PauliSum)
    cones = light_cones(circuit, [term.qubits for term in cost.terms])
    inside = [replace(circuit, gates=tuple(circuit.gates[i] for i in cones.of(circuit, t).gates))
              for t in range(len(cost.terms))]  # fmt: skip
    assert columns(circuit)["cone_depth_mean"] == pytest.approx(np.mean([depth(one) for one in inside]))


def test_a_swap_moves_the_cone() -> None:
    found = columns(build(3, [turn("rx", "a", 2), turn("rx", "b", 0), Gate("swap", (0, 2))],
                          observables=(parse_pauli_sum("Z0", 3),)))  # fmt: skip
    assert (found["cone_qubits_maximum"], found["parameters_cone"], found["cone_depth_maximum"]) == (1, 1, 2)


def test_uses_count_gates_once() -> None:
    # crz holds two rotations by its angle, rot may name one parameter three times
    angle = angles.parameter("a")
    gates = [Gate("crz", (0, 1), (angle,)), Gate("rot", (0,), (angle, angle, angle)), turn("rx", "b", 1)]
    found = columns(build(2, gates))
    assert (found["uses_maximum"], found["uses_mean"]) == (2, 1.5)


def test_every_parameter_of_an_expression_is_in_the_cone() -> None:
    product = angles.multiply(angles.parameter("a"), angles.parameter("b"))
    found = columns(build(1, [Gate("rx", (0,), (product,)), turn("rz", "a", 0)]))
    assert (found["parameters_cone"], found["uses_mean"]) == (2, 1.5)


def test_inputs_are_no_trainable_parameters() -> None:
    found = columns(build(2, [turn("rx", "x", 0), turn("ry", "t", 0)],
                          parameters=(Parameter("x", "input"), Parameter("t"))))  # fmt: skip
    assert (found["parameters"], found["inputs_share"], found["idle_qubits"]) == (1, 0.5, 0.5)


def test_depolarizing_noise_in_the_cone() -> None:
    # a random word on the gate's qubits is hit unless it is the identity: 3 of 4 words, 15 of 16
    gates = [turn("rx", "a", 0), Gate("cx", (0, 1)), turn("rx", "b", 2)]
    found = columns(build(3, gates, noise=Depolarizing(0.1, 0.2), observables=(parse_pauli_sum("Z0", 3),)))
    one, two = log10((1 + 3 * 0.9**2) / 4), log10((1 + 15 * 0.8**2) / 16)
    assert (found["noise_one"], found["noise_several"]) == pytest.approx((one, two))
    assert (found["noise_cone"], found["noise_shift"]) == pytest.approx((one + two, 0))


def test_amplitude_damping_shifts() -> None:
    found = columns(build(1, [turn("rx", "a", 0)], noise=AmplitudeDamping(0.3)))
    assert found["noise_shift"] == pytest.approx(0.09)
    assert found["noise_one"] == pytest.approx(log10((1 + 0.7 + 0.7 + 0.49) / 4))


def test_stated_channels_count_where_they_stand() -> None:
    channels = (Channel("phase_flip", (1,), (0.1,), 0), Channel("bit_flip", (0,), (0.2,), 1))
    found = columns(build(2, [turn("rx", "a", 0)], channels=channels, observables=(parse_pauli_sum("Z0", 2),)))
    assert found["channels"] == 2
    assert found["noise_cone"] == pytest.approx(log10((2 + 2 * 0.6**2) / 4))


def test_flags_of_the_source() -> None:
    circuit = build(1, [Gate("h", (0,))], initial_state=Amplitudes((0,), (0j, 1 + 0j)), unread=(Unread("why"),))
    found = values(circuit)
    assert (found["initial_state"], found["unread"]) == (1, 1)


def test_of_very_many_terms_the_heaviest_are_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(structure, "MAX_TERMS", 1)
    found = columns(build(3, [Gate("cx", (0, 1))], observables=(parse_pauli_sum("0.1 Z2 + Z1 + 0.5 Z2 Z0", 3),)))
    assert found["cone_qubits_maximum"] == found["cone_qubits_minimum"] == 2


def test_without_a_cost_there_is_no_cone() -> None:
    found = columns(replace(build(2, [turn("rx", "a", 0)]), observables=()))
    assert isnan(found["cone_qubits_mean"])
    assert isnan(found["parameters_cone"])
    assert found["parameters"] == 1
