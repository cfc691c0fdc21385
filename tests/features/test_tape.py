"""Tapes against dense matrices, quadrature, and the steps that the second-moment engine goes through."""

from __future__ import annotations

from functools import reduce

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from strategies import circuits

from ansatzlint import angles
from ansatzlint.circuit import Amplitudes, Channel, Circuit, Gate, Parameter, PauliSum, PauliTerm, Projector
from ansatzlint.dense import unitary
from ansatzlint.features.steps import EITHER, INVERSES, MAP2, MAPS, NAMED, NOISE1, NOISE2, TURN
from ansatzlint.features.tape import tape
from ansatzlint.gates import shape
from ansatzlint.initialisation import Normal, Uniform, Zeros
from ansatzlint.moments.sequence import Turn, steps
from ansatzlint.noise import AmplitudeDamping, Depolarizing

LETTERS = (np.eye(2), np.array([[0, 1], [1, 0]]), np.diag([1, -1]), np.array([[0, -1j], [1j, 0]]))
T = angles.parameter("t")


def word(code: int, qubits: int) -> np.ndarray:
    return reduce(np.kron, [LETTERS[code >> 2 * q & 3] for q in range(qubits)])


def one_gate(gate: Gate, law: object = None, qubits: int = 3) -> Circuit:
    return Circuit("one", qubits, (gate,), (Parameter("t", initialisation=law),))


@pytest.mark.parametrize("row", range(len(NAMED)), ids=NAMED)
def test_a_map_is_what_the_gate_does_to_each_word(row: int) -> None:
    qubits = shape(NAMED[row])[0]
    u = unitary(Circuit("one", qubits, (Gate(NAMED[row], tuple(range(qubits))),)))
    for code in range(4**qubits):
        found = u.conj().T @ word(code, qubits) @ u
        overlap = np.trace(word(int(MAPS[row, code]), qubits) @ found) / 2**qubits
        assert abs(overlap) == pytest.approx(1.0)


@pytest.mark.parametrize("row", range(len(NAMED)), ids=NAMED)
def test_an_inverse_undoes_its_map(row: int) -> None:
    size = 4 ** shape(NAMED[row])[0]
    assert INVERSES[row, MAPS[row, :size]].tolist() == list(range(size))


LAWS = {
    "uniform": (Uniform(), lambda u: 2 * np.pi * u),
    "part": (Uniform(-0.3, 1.1), lambda u: -0.3 + 1.4 * u),
    "zeros": (Zeros(), lambda u: 0.0 * u),
}


@pytest.mark.parametrize("law", LAWS)
def test_moments_of_a_turn_are_means_over_its_angle(law: str) -> None:
    declared, draw = LAWS[law]
    factor, offset = 1.7, 0.4
    found = tape(one_gate(Gate("ry", (0,), (angles.add(angles.multiply(factor, T), offset),)), declared))
    x = factor * draw((np.arange(100_000) + 0.5) / 100_000) + offset
    wanted = {
        "keep": np.cos(x) ** 2, "flip": np.sin(x) ** 2, "cross": np.sin(x) * np.cos(x), "mean_keep": np.cos(x),
        "mean_flip": np.sin(x), "slope_keep": factor**2 * np.sin(x) ** 2, "slope_flip": factor**2 * np.cos(x) ** 2,
    }  # fmt: skip
    assert {name: getattr(found, name)[0] for name in wanted} == pytest.approx(
        {name: values.mean() for name, values in wanted.items()}, abs=1e-8
    )


def test_a_normal_angle_flips_with_the_mean_of_the_squared_sine() -> None:
    found = tape(one_gate(Gate("rx", (0,), (T,)), Normal(0.3)))
    nodes, weights = np.polynomial.hermite_e.hermegauss(40)
    assert found.flip[0] == pytest.approx(weights @ np.sin(0.3 * nodes) ** 2 / weights.sum())


@given(circuits())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_turns_are_those_of_the_engine(circuit: Circuit) -> None:
    wanted = []
    for step in steps(circuit):
        if isinstance(step, Turn):
            turns = step.offset / (np.pi / 2)
            fixed = step.parameter is None and step.general is None
            if not (fixed and abs(turns - round(turns)) < 1e-10 and round(turns) % 2 == 0):
                wanted.append((step.gate, sorted((q, "IXZY".index(letter)) for q, letter in step.pauli.letters())))
    found = tape(circuit)
    read = []
    for s in np.flatnonzero(found.kind == TURN):
        on = slice(found.first[s], found.first[s + 1])
        read.append((found.gate[s], sorted(zip(found.wire[on].tolist(), found.letter[on].tolist(), strict=True))))
    assert read == wanted


@given(circuits())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_parameters_of_turns_are_those_of_the_engine(circuit: Circuit) -> None:
    wanted = [
        (step.parameter, step.frequency) for step in steps(circuit)
        if isinstance(step, Turn) and step.parameter is not None
    ]  # fmt: skip
    found = tape(circuit)
    own = (found.parameter >= 0) & ~found.general
    assert list(zip(found.parameter[own].tolist(), found.factor[own].tolist(), strict=True)) == wanted


@pytest.mark.parametrize("angle", [np.pi, -2 * np.pi, 0.0])
def test_a_rotation_by_a_multiple_of_pi_leaves_no_step(angle: float) -> None:
    assert len(tape(one_gate(Gate("rxx", (0, 1), (angle,)))).kind) == 0


def test_a_rotation_by_a_quarter_always_moves() -> None:
    found = tape(one_gate(Gate("rxx", (0, 1), (-np.pi / 2,))))
    assert (found.keep[0], found.flip[0]) == (0.0, 1.0)


def test_an_angle_that_is_no_affine_function_is_taken_as_uniform() -> None:
    found = tape(one_gate(Gate("rx", (0,), (angles.apply("exp", T),)), Normal(0.1)))
    assert (found.general[0], found.keep[0], found.parameter[0]) == (True, 0.5, 0)


def test_a_gate_with_too_many_controls_is_counted() -> None:
    gate = Gate("x", tuple(range(10)), controls="1" * 9)
    assert tape(one_gate(gate, qubits=10)).skipped == 1


def test_depolarizing_noise_of_two_qubits_damps_all_words_alike() -> None:
    circuit = Circuit("noisy", 2, (Gate("cx", (0, 1)),), noise=Depolarizing(0.0, 0.2))
    found = tape(circuit)
    assert found.kind.tolist() == [MAP2, NOISE2]
    assert found.damping[0, 0] == pytest.approx(0.64)


def test_amplitude_damping_gives_z_some_of_the_identity() -> None:
    found = tape(Circuit("noisy", 1, (Gate("h", (0,)),), noise=AmplitudeDamping(0.3)))
    assert found.damping[0].tolist() == pytest.approx([0.7, 0.49, 0.7, 0.09])


def test_a_stated_channel_stands_where_it_is_stated() -> None:
    channel = Channel("bit_flip", (1,), (0.1,), after=0)
    found = tape(Circuit("noisy", 2, (Gate("h", (0,)),), channels=(channel,)))
    assert (found.kind[0], found.gate[0], found.wire[0]) == (NOISE1, -1, 1)


def test_equal_words_of_the_cost_add_up() -> None:
    z = PauliSum((PauliTerm(0.5, ((0, "Z"),)), PauliTerm(1.0, ())))
    found = tape(Circuit("cost", 1, (), observables=(z, z)))
    assert found.coefficient.tolist() == [1.0]


def test_a_projector_is_one_word_of_letters_that_are_i_or_z() -> None:
    found = tape(Circuit("cost", 3, (), observables=(Projector((0, 2), "01"),)))
    assert (found.term_wire.tolist(), found.term_letter.tolist()) == ([0, 2], [EITHER, EITHER])


def test_an_initial_state_is_kept_as_squared_means() -> None:
    plus = Amplitudes((1,), (2**-0.5, 2**-0.5))
    assert tape(Circuit("plus", 2, (), initial_state=plus)).initial.tolist() == [[1, 0, 1, 0], [1, 1, 0, 0]]


def test_an_initial_state_that_inputs_decide_is_taken_as_any() -> None:
    found = tape(Circuit("data", 1, (), initial_state=Amplitudes((0,), None, ())))
    assert found.initial[0].tolist() == pytest.approx([1, 1 / 3, 1 / 3, 1 / 3])
