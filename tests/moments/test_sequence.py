"""Steps of a circuit: unitaries, noise against Kraus matrices, order, laws."""

from __future__ import annotations

from collections.abc import Sequence
from math import pi

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from moments.matrices import of_steps
from moments.twin import declared, kraus, transfer
from strategies import circuits

from ansatzlint.angles import add, multiply, parameter
from ansatzlint.circuit import Channel, Circuit, Gate, Parameter
from ansatzlint.dense import equal_up_to_phase, unitary
from ansatzlint.errors import CircuitError
from ansatzlint.initialisation import Normal, Uniform, Zeros
from ansatzlint.moments.sequence import Damping, Turn, laws, steps
from ansatzlint.noise import AmplitudeDamping, Depolarizing, PauliNoise
from ansatzlint.pauli.lowering import Clifford

P = st.floats(0, 1)
HALF = st.floats(0, 0.5)
NUMBERS = {
    "depolarizing": st.tuples(P),
    "bit_flip": st.tuples(P),
    "phase_flip": st.tuples(P),
    "pauli": st.tuples(HALF, HALF, st.just(0.0)),
    "phase_damping": st.tuples(P),
    "amplitude_damping": st.tuples(P),
    "generalized_amplitude_damping": st.tuples(P, P),
    "reset_error": st.tuples(HALF, HALF),
    "thermal_relaxation": st.builds(
        lambda e, t1, r, d: (e, t1, t1 * r, d), P, st.floats(0.5, 2), st.floats(0.2, 2.0), st.floats(0, 2)
    ),
}


def adjoint(matrices: Sequence[np.ndarray], qubits: int) -> np.ndarray:
    """What the adjoint channel makes of each string, both numbered sum_j letter_j 4^j over I, X, Z, Y."""
    stacked = np.array(matrices)
    found = transfer(stacked, stacked).sum(axis=0).T.reshape((4,) * (2 * qubits))
    order = [0, 1, 3, 2]
    for axis in range(2 * qubits):
        found = found.take(order, axis=axis)
    # the twin's first qubit is the most significant digit
    reverse = [*reversed(range(qubits)), *reversed(range(qubits, 2 * qubits))]
    return found.transpose(reverse).reshape(4**qubits, 4**qubits)


def said(step: Damping) -> np.ndarray:
    found = np.diag(step.factors)
    if step.shift:
        assert len(step.qubits) == 1
        found[0, 2] += step.shift
    return found


def dampings(circuit: Circuit) -> list[Damping]:
    return [step for step in steps(circuit) if isinstance(step, Damping)]


@pytest.mark.parametrize("kind", NUMBERS)
@settings(max_examples=15, deadline=None)
@given(st.data())
def test_stated_channels_are_those_of_their_kraus_matrices(kind: str, data: st.DataObject) -> None:
    channel = Channel(kind, (1,), data.draw(NUMBERS[kind]), 0)
    (step,) = dampings(Circuit("c", 2, (), channels=(channel,)))
    assert step.qubits == (1,)
    assert np.allclose(said(step), adjoint(kraus(channel), 1), atol=1e-7)


@pytest.mark.parametrize(
    "noise", [Depolarizing(0.2, 0.3), PauliNoise(0.1, 0.2, 0.05), AmplitudeDamping(0.3)], ids=lambda n: type(n).__name__
)
@pytest.mark.parametrize(
    "gate",
    [Gate("h", (2,)), Gate("id", (0,)), Gate("cz", (2, 0)), Gate("crx", (1, 2), (0.3,)), Gate("ccx", (2, 0, 1))],
    ids=lambda g: g.name,
)
def test_noise_models_are_those_of_their_kraus_matrices(
    noise: Depolarizing | PauliNoise | AmplitudeDamping, gate: Gate
) -> None:
    circuit = Circuit("c", 3, (gate,), noise=noise)
    found = dampings(circuit)
    wanted = declared(circuit, gate)
    assert [d.qubits for d in found] == [qubits for qubits, _ in wanted]
    for damping, (qubits, matrices) in zip(found, wanted, strict=True):
        assert np.allclose(said(damping), adjoint(matrices, len(qubits)), atol=1e-12)


def test_joint_depolarizing_leaves_the_identity_alone() -> None:
    (damping,) = dampings(Circuit("c", 2, (Gate("cx", (0, 1)),), noise=Depolarizing(0.0, 0.25)))
    assert damping.factors == (1.0, *(0.75,) * 15)


def test_depolarizing_noise_after_a_large_gate_hits_each_qubit() -> None:
    found = dampings(Circuit("c", 3, (Gate("ccx", (2, 0, 1)),), noise=Depolarizing(0.1, 0.25)))
    assert [(d.qubits, d.factors[1]) for d in found] == [((2,), 0.75), ((0,), 0.75), ((1,), 0.75)]


def test_noise_of_strength_zero_and_gates_without_qubits_leave_no_trace() -> None:
    gates = (Gate("h", (0,)), Gate("gphase", (), (0.3,)))
    assert dampings(Circuit("c", 1, gates, noise=Depolarizing(0.0, 0.5))) == []


def test_order() -> None:
    circuit = Circuit(
        "c", 1, (Gate("h", (0,)), Gate("id", (0,)), Gate("rx", (0,), (parameter("t"),))), (Parameter("t"),),
        noise=Depolarizing(0.1, 0.1),
        channels=(
            Channel("bit_flip", (0,), (0.4,), 3), Channel("bit_flip", (0,), (0.2,), 1),
            Channel("bit_flip", (0,), (0.1,), 0), Channel("phase_flip", (0,), (0.3,), 1),
        ),
    )  # fmt: skip
    seen = []
    for step in steps(circuit):
        if isinstance(step, Damping):
            seen.append((step.gate, tuple(round(f, 9) for f in step.factors[1:])))
        else:
            seen.append(step.name if isinstance(step, Clifford) else step.parameter)
    everywhere = (0.9, 0.9, 0.9)
    assert seen == [
        (-1, (1.0, 0.8, 0.8)), "h", (0, everywhere), (0, (1.0, 0.6, 0.6)), (0, (0.4, 1.0, 0.4)),
        (1, everywhere), 0, (2, everywhere), (2, (1.0, 0.2, 0.2)),
    ]  # fmt: skip


def test_noise_follows_all_turns_of_its_gate() -> None:
    circuit = Circuit("c", 2, (Gate("crx", (0, 1), (0.4,)), Gate("h", (0,))), noise=Depolarizing(0.1, 0.1))
    assert [type(s).__name__ for s in steps(circuit)] == ["Turn", "Turn", "Damping", "Clifford", "Damping"]


def test_an_angle_in_several_parameters_is_several_turns() -> None:
    angle = add(add(multiply(2.0, parameter("a")), multiply(-0.5, parameter("b"))), 0.7)
    circuit = Circuit("c", 1, (Gate("ry", (0,), (angle,)),), (Parameter("b"), Parameter("a")))
    found = steps(circuit)
    assert all(isinstance(s, Turn) and s.general is None for s in found)
    assert [(s.parameter, s.frequency, s.offset, s.gate) for s in found] == [(1, 2.0, 0.7, 0), (0, -0.5, 0.0, 0)]


@pytest.mark.parametrize(("factor", "wrong"), [(1e-170, "small"), (-1e200, "large")])
def test_a_factor_that_cannot_be_squared_is_refused(factor: float, wrong: str) -> None:
    circuit = Circuit("c", 1, (Gate("ry", (0,), (multiply(factor, parameter("a")),)),), (Parameter("a"),))
    with pytest.raises(CircuitError, match=f"of a in an angle is too {wrong} to be squared"):
        steps(circuit)


def test_an_expression_stays_one_turn() -> None:
    angle = multiply(parameter("a"), parameter("b"))
    (step,) = steps(Circuit("c", 1, (Gate("ry", (0,), (angle,)),), (Parameter("a"), Parameter("b"))))
    assert isinstance(step, Turn)
    assert (step.parameter, step.general) == (None, angle)


@settings(max_examples=60, deadline=None)
@given(circuits(max_qubits=3), st.lists(st.floats(-3, 3), min_size=4, max_size=4))
def test_steps_make_the_circuit(circuit: Circuit, numbers: list[float]) -> None:
    values = {p.name: x for p, x in zip(circuit.parameters, numbers, strict=False)}
    assert equal_up_to_phase(of_steps(steps(circuit), circuit, values), unitary(circuit, values))


def test_laws_are_the_parameters_own_then_the_circuits_and_inputs_are_uniform() -> None:
    own = Normal(0.1)
    circuit = Circuit(
        "c", 1, (),
        (Parameter("a"), Parameter("b", initialisation=own), Parameter("x", "input"),
         Parameter("y", "input", initialisation=Uniform(0.0, pi))),
        initialisation=Zeros(),
    )  # fmt: skip
    assert laws(circuit) == (Zeros(), own, Uniform(), Uniform(0.0, pi))
    assert laws(Circuit("c", 1, (), (Parameter("a"),))) == (Uniform(),)
