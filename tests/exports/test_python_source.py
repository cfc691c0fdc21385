"""The program that is printed runs, and computes what the circuit means."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from advice.truth import cost_function
from hypothesis import HealthCheck, given, settings
from strategies import circuits

from ansatzlint import dense
from ansatzlint.angles import parameter
from ansatzlint.assumptions import complete
from ansatzlint.circuit import Amplitudes, Channel, Circuit, Gate, Nonlinear, Parameter, PauliSum, PauliTerm, Projector
from ansatzlint.errors import CircuitError
from ansatzlint.exports.python_source import to_python
from ansatzlint.families import FAMILIES
from ansatzlint.initialisation import Normal, Uniform, Zeros

Z0 = PauliSum((PauliTerm(1.0, ((0, "Z"),)),))


def run(circuit: Circuit) -> dict[str, Any]:
    """What the program binds; its name is always `ansatz`."""
    names: dict[str, Any] = {}
    exec(compile(to_python(circuit, "ansatz"), "program", "exec"), names)
    return names


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(circuits(max_qubits=3, max_gates=5, observable=True))
def test_the_program_computes_the_cost_of_the_dense_matrices(circuit: Circuit) -> None:
    names = run(complete(circuit))
    weights = np.linspace(0.3, 0.9, len(circuit.trainable))
    assert float(names["ansatz"](weights)) == pytest.approx(cost_function(circuit)(weights), abs=1e-8)


@pytest.mark.parametrize("family", ["efficient-su2", "qcnn", "hamiltonian-variational", "identity-block"])
def test_families_run_as_programs(family: str) -> None:
    circuit = complete(FAMILIES[family].build(3))
    names = run(circuit)
    weights = np.linspace(0.1, 0.7, len(circuit.trainable))
    assert float(names["ansatz"](weights)) == pytest.approx(cost_function(circuit)(weights), abs=1e-8)


def test_a_projector_runs() -> None:
    circuit = Circuit(
        "p", 2, (Gate("ry", (0,), (parameter("t"),)),), (Parameter("t"),), observables=(Projector((1, 0), "01"),)
    )
    assert float(run(circuit)["ansatz"](np.array([0.4]))) == pytest.approx(np.sin(0.2) ** 2)


@pytest.mark.parametrize(
    ("law", "low", "high"),
    [(Zeros(), 0.0, 0.0), (Normal(0.01, 2.0), 1.9, 2.1), (Uniform(1.0, 1.5), 1.0, 1.5), (Uniform(3.0, 3.0), 3.0, 3.0)],
)
def test_the_parameters_are_drawn_from_the_law(law: Normal | Uniform | Zeros, low: float, high: float) -> None:
    circuit = Circuit(
        "c", 1, tuple(Gate("ry", (0,), (parameter(n),)) for n in "ab"), (Parameter("a"), Parameter("b")),
        observables=(Z0,), initialisation=law,
    )  # fmt: skip
    weights = run(circuit)["weights"]
    assert weights.shape == (2,)
    assert low <= weights.min() <= weights.max() <= high


def test_parameters_with_laws_of_their_own_are_drawn_one_after_the_other() -> None:
    laws = {"a": Zeros(), "b": Uniform(1.0, 2.0), "c": Zeros()}
    circuit = Circuit(
        "c", 1, tuple(Gate("ry", (0,), (parameter(n),)) for n in laws),
        tuple(Parameter(n, initialisation=law) for n, law in laws.items()), observables=(Z0,),
    )  # fmt: skip
    weights = run(circuit)["weights"]
    assert (weights[0], weights[2]) == (0.0, 0.0)
    assert 1.0 <= weights[1] <= 2.0


def test_inputs_are_an_array_of_their_own() -> None:
    gates = (Gate("rx", (0,), (parameter("x"),)), Gate("ry", (0,), (parameter("t"),)))
    parameters = (Parameter("x", "input", value=0.3), Parameter("t"))
    names = run(Circuit("c", 1, gates, parameters, observables=(Z0,)))
    assert float(names["ansatz"](np.array([0.2]), np.array([0.5]))) == pytest.approx(np.cos(0.5) * np.cos(0.2))
    assert names["inputs"].tolist() == [0.3]


def test_an_initial_state_and_channels_are_there() -> None:
    gates = (Gate("ry", (0,), (parameter("t"),)),)
    circuit = Circuit(
        "c", 1, gates, (Parameter("t"),), observables=(Z0,), initial_state=Amplitudes((0,), (0.0, 1.0)),
        channels=(Channel("phase_flip", (0,), (0.5,), 0), Channel("depolarizing", (0,), (0.75,), 1)),
    )  # fmt: skip
    assert float(run(circuit)["ansatz"](np.array([0.2]))) == pytest.approx(0.0, abs=1e-9)


def test_what_cannot_be_said_is_refused() -> None:
    gates = (Gate("ry", (0,), (parameter("t"),)),)
    with pytest.raises(CircuitError, match="cannot be exported"):
        to_python(Circuit("c", 1, gates, (Parameter("t"),), observables=(Nonlinear("variance", (0,)),)))
    with pytest.raises(CircuitError, match="depends on inputs"):
        to_python(Circuit("c", 1, gates, (Parameter("t"),), initial_state=Amplitudes((0,), None, ("t",))))


def test_gates_are_checked_against_the_unitary_too() -> None:
    circuit = Circuit("c", 2, (Gate("cx", (0, 1), controls=""), Gate("x", (0, 1), controls="0"), Gate("sdg", (1,))))
    final = np.asarray(run(circuit)["ansatz"](np.zeros(0)))
    assert np.allclose(abs(np.vdot(final, dense.unitary(circuit)[:, 0])), 1.0)
