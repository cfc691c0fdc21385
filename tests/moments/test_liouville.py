"""Costs and gradients under noise at given angles, against exact propagation of means at fixed angles."""

import numpy as np
import pytest
from moments.twin import random_circuit

from ansatzlint.angles import add, multiply, parameter
from ansatzlint.circuit import Circuit, Gate, Parameter, PauliSum, PauliTerm
from ansatzlint.initialisation import Normal
from ansatzlint.moments import statevector
from ansatzlint.moments.cost import cost_of
from ansatzlint.moments.engine import first_moment
from ansatzlint.moments.laws import Fixed
from ansatzlint.moments.liouville import Liouville
from ansatzlint.moments.problem import Problem
from ansatzlint.moments.sequence import laws
from ansatzlint.noise import AmplitudeDamping, Depolarizing


def noisy(seed: int) -> Circuit:
    """A random circuit of 2 or 3 qubits with noise whose parameters each stand in one place."""
    rng = np.random.default_rng([77, seed])
    while True:
        circuit = random_circuit(rng, int(rng.integers(2, 4)), 14)
        problem = Problem(circuit)
        if (circuit.noise or circuit.channels) and circuit.trainable and not problem.frame.drawn:
            return circuit


@pytest.mark.parametrize("seed", range(12))
def test_cost_and_gradient_are_those_of_propagated_means(seed: int) -> None:
    circuit = noisy(seed)
    plan = statevector.plan(circuit, laws(circuit))
    assert not isinstance(plan, str)
    (network,) = plan.networks
    assert isinstance(network, Liouville)
    values = np.random.default_rng(seed).uniform(-3, 3, (1, len(circuit.parameters)))
    found = plan.evaluate(values)
    assert not isinstance(found, str)
    problem = Problem(circuit)
    problem.__dict__["laws"] = tuple(Fixed(float(v)) for v in values[0])
    cost, _ = cost_of(circuit)
    means = first_moment(problem, cost, 1, 0, 1 << 12, 1 << 18)
    assert means.exact
    assert found.cost[0] - plan.offset == pytest.approx(float(means.cost.estimate[0]), abs=1e-12)
    own = np.array([p.role == "trainable" for p in circuit.parameters])
    assert found.gradients[0, own] == pytest.approx(means.slopes.estimate[own], abs=1e-12)


def test_shared_angles_under_depolarizing_noise() -> None:
    t = parameter("t")
    gates = (Gate("rx", (0,), (t,)), Gate("rx", (0,), (add(multiply(2.0, t), 0.3),)))
    cost = PauliSum((PauliTerm(1.0, ((0, "Z"),)),))
    circuit = Circuit("c", 1, gates, (Parameter("t"),), (cost,), noise=Depolarizing(0.1, 0.0))
    plan = statevector.plan(circuit, [Normal(0.5)])
    assert not isinstance(plan, str)
    found = plan.evaluate(np.array([[0.7]]))
    assert not isinstance(found, str)
    # the two turns are one by 3 t + 0.3, and each is damped by 0.9
    assert found.cost[0] == pytest.approx(0.81 * np.cos(2.4), abs=1e-12)
    assert found.gradients[0, 0] == pytest.approx(-0.81 * 3 * np.sin(2.4), abs=1e-12)
    assert found.shot_variance is not None
    assert found.shot_variance[0] == pytest.approx(1 - (0.81 * np.cos(2.4)) ** 2, abs=1e-12)


def test_amplitude_damping_pulls_towards_the_ground_state() -> None:
    gates = (Gate("ry", (0,), (parameter("t"),)),)
    cost = PauliSum((PauliTerm(1.0, ((0, "Z"),)),))
    circuit = Circuit("c", 1, gates, (Parameter("t"),), (cost,), noise=AmplitudeDamping(0.3))
    plan = statevector.plan(circuit, [Normal(0.5)])
    assert not isinstance(plan, str)
    found = plan.evaluate(np.array([[np.pi]]))
    assert not isinstance(found, str)
    assert found.cost[0] == pytest.approx(-0.7 + 0.3, abs=1e-12)


def test_too_many_qubits_have_a_reason() -> None:
    circuit = Circuit("c", 8, (Gate("ry", (0,), (parameter("t"),)),), (Parameter("t"),),
                      (PauliSum((PauliTerm(1.0, ((0, "Z"),)),)),), noise=Depolarizing(0.1, 0.1))  # fmt: skip
    assert "at most 7 qubits" in str(statevector.plan(circuit, [Normal(0.5)]))
