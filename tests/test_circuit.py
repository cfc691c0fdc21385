"""A circuit that contradicts itself cannot be made."""

from __future__ import annotations

import dataclasses

import pytest

from ansatzlint.angles import Affine, Expression, parameter
from ansatzlint.circuit import Circuit, Gate, Parameter, PauliSum, PauliTerm
from ansatzlint.errors import CircuitError


@pytest.mark.parametrize(
    ("gate", "message"),
    [
        (Gate("cx", (0, 2)), "acts on qubit 2 of 2"),
        (Gate("x", (-1,)), "acts on qubit -1"),
        (Gate("cx", (1, 1)), "acts twice on one qubit"),
        (Gate("nope", (0,)), "unknown gate 'nope'"),
        (Gate("rx", (0,)), "takes 1 qubits and 1 angles, not 1 and 0"),
        (Gate("rx", (0,), (parameter("t"),)), "depends on 't', which is no parameter"),
        (Gate("rx", (0,), (float("nan"),)), "an angle that is not finite: nan"),
        (Gate("u", (0,), (0.0, 0.0, float("-inf"))), "an angle that is not finite: -inf"),
        (Gate("rx", (0,), (Affine((("t", float("inf")),)),)), "an angle that is not finite: inf"),
        (Gate("rx", (0,), (Affine((("t", 1.0),), float("nan")),)), "an angle that is not finite: .*nan"),
        (Gate("rx", (0,), (Expression("sin", (float("nan"),)),)), "an angle that is not finite: sin"),
    ],
)
def test_contradictions_are_refused(gate: Gate, message: str) -> None:
    with pytest.raises(CircuitError, match=message):
        Circuit("c", 2, (gate,))


def test_observables_stay_on_the_circuit() -> None:
    with pytest.raises(CircuitError, match="acts on qubit 5 of 2"):
        Circuit("c", 2, (), observables=(PauliSum((PauliTerm(1.0, ((5, "Z"),)),)),))


@pytest.mark.parametrize("coefficient", [float("nan"), float("inf")])
def test_observables_are_finite(coefficient: float) -> None:
    with pytest.raises(CircuitError, match="a coefficient that is not finite"):
        Circuit("c", 2, (), observables=(PauliSum((PauliTerm(coefficient, ((0, "Z"),)),)),))


def test_parameters_have_names_of_their_own() -> None:
    with pytest.raises(CircuitError, match="two parameters of one name"):
        Circuit("c", 1, (), (Parameter("t"), Parameter("t")))


def test_circuits_are_frozen() -> None:
    circuit = Circuit("c", 1, ())
    with pytest.raises(dataclasses.FrozenInstanceError):
        circuit.qubits = 2  # type: ignore[misc]


def test_swaps_do_not_entangle_and_controlled_swaps_do() -> None:
    circuit = Circuit("c", 3, (Gate("swap", (0, 1)), Gate("cswap", (2, 0, 1)), Gate("cx", (0, 1)), Gate("h", (0,))))
    assert [gate.name for _, gate in circuit.entangling_gates()] == ["cswap", "cx"]
