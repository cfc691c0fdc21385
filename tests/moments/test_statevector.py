"""Drawn angles: exact at each draw against dense matrices and PennyLane, right on average against fine grids."""

from __future__ import annotations

import math
import os
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from strategies import circuits

from ansatzlint import angles
from ansatzlint.angles import parameter
from ansatzlint.circuit import (
    Amplitudes, Channel, Circuit, Gate, Parameter, PauliSum, PauliTerm, Probabilities, Projector,
)  # fmt: skip
from ansatzlint.dense import unitary
from ansatzlint.initialisation import Normal, Uniform, Zeros
from ansatzlint.moments import cones, statevector
from ansatzlint.moments.laws import Fixed
from ansatzlint.moments.sequence import laws
from ansatzlint.moments.statevector import Draws, Plan, Values, work
from ansatzlint.noise import Depolarizing
from ansatzlint.observables import local_z, parse_pauli_sum
from ansatzlint.pauli.strings import PauliString

LETTERS = {
    "X": np.array([[0, 1], [1, 0]]), "Y": np.array([[0, -1j], [1j, 0]]), "Z": np.array([[1, 0], [0, -1]]),
}  # fmt: skip


def planned(circuit: Circuit, max_qubits: int = 20) -> Plan:
    made = statevector.plan(circuit, laws(circuit), max_qubits)
    assert isinstance(made, Plan), made
    return made


def evaluated(circuit: Circuit, *values: tuple[float, ...]) -> Values:
    found = planned(circuit).evaluate(np.array(values, dtype=float).reshape(len(values), len(circuit.parameters)))
    assert isinstance(found, Values), found
    return found


def sampled(circuit: Circuit, draws: int, seed: int = 0) -> Draws:
    found = planned(circuit).sample(draws, seed)
    assert isinstance(found, Draws), found
    return found


def operator(circuit: Circuit) -> np.ndarray:
    """The cost's operator, qubit 0 the most significant bit."""
    n = circuit.qubits
    total = np.zeros((2**n, 2**n), dtype=complex)
    for observable in circuit.observables:
        if isinstance(observable, Projector):
            bits = dict(zip(observable.qubits, observable.bits, strict=True))
            matrix = np.eye(1)
            for q in range(n):
                matrix = np.kron(matrix, np.diag([float(bits.get(q) != "1"), float(bits.get(q) != "0")]))
            total += matrix
        else:
            assert isinstance(observable, PauliSum)
            for term in observable.terms:
                matrix = np.eye(1)
                for q in range(n):
                    matrix = np.kron(matrix, LETTERS[dict(term.paulis)[q]] if q in term.qubits else np.eye(2))
                total += term.coefficient * matrix
    return total


def prepared(circuit: Circuit) -> np.ndarray:
    """The initial state, qubit 0 the most significant bit."""
    n, state = circuit.qubits, circuit.initial_state
    psi = np.zeros((2,) * n, dtype=complex)
    if state is None:
        psi[(0,) * n] = 1.0
    else:
        assert state.values is not None
        for index, value in enumerate(state.values):
            at = [0] * n
            for j, qubit in enumerate(state.qubits):
                at[qubit] = index >> (len(state.qubits) - 1 - j) & 1
            psi[tuple(at)] = value
    return psi.ravel()


def twin(circuit: Circuit, values: tuple[float, ...]) -> tuple[float, float]:
    """<O> and <O^2> - <O>^2 by matrices."""
    names = [p.name for p in circuit.parameters]
    psi = unitary(circuit, dict(zip(names, values, strict=True))) @ prepared(circuit)
    moved = operator(circuit) @ psi
    mean = np.vdot(psi, moved).real
    return float(mean), float(np.vdot(moved, moved).real - mean**2)


VALUES = (0.3, -0.7, 1.1, 2.3)


@settings(max_examples=150, deadline=None)
@given(circuit=circuits(observable=True, max_gates=14))
def test_cost_and_shot_variance_are_those_of_matrices(circuit: Circuit) -> None:
    values = VALUES[: len(circuit.parameters)]
    found = evaluated(circuit, values)
    cost, variance = twin(circuit, values)
    assert found.cost[0] == pytest.approx(cost, abs=1e-10)
    if found.shot_variance is not None:
        assert found.shot_variance[0] == pytest.approx(variance, abs=1e-10)


@settings(max_examples=60, deadline=None)
@given(circuit=circuits(observable=True, max_gates=14))
def test_cost_and_gradient_are_pennylanes(circuit: Circuit) -> None:
    import pennylane as qml
    from pennylane import numpy as pnp

    assume(circuit.parameters)
    values = VALUES[: len(circuit.parameters)]
    found = evaluated(circuit, values)
    qnode = circuit.to_pennylane()
    assert found.cost[0] == pytest.approx(float(qnode(*values)), abs=1e-10)
    slopes = qml.grad(qnode)(*(pnp.array(v, requires_grad=True) for v in values))
    assert found.gradients[0] == pytest.approx(np.array(slopes, dtype=float).ravel(), abs=1e-10)


@settings(max_examples=80, deadline=None)
@given(circuit=circuits(observable=True, max_gates=14), data=st.data())
def test_parts_apart_give_what_they_give_together(circuit: Circuit, data: st.DataObject) -> None:
    chosen = data.draw(st.lists(st.integers(0, circuit.qubits - 1), min_size=1, unique=True))
    bits = "".join(data.draw(st.sampled_from("01")) for _ in chosen)
    circuit = replace(circuit, observables=(*circuit.observables, Projector(tuple(chosen), bits)))
    values = VALUES[: len(circuit.parameters)]
    together = evaluated(circuit, values)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cones, "SMALL_WORK", 0)
        patch.setattr(cones, "WHOLE_FACTOR", 0)
        apart = evaluated(circuit, values)
    cost, variance = twin(circuit, values)
    assert together.cost[0] == pytest.approx(cost, abs=1e-10)
    assert apart.cost[0] == pytest.approx(cost, abs=1e-10)
    assert apart.gradients == pytest.approx(together.gradients, abs=1e-10)
    if apart.shot_variance is not None:
        assert apart.shot_variance[0] == pytest.approx(variance, abs=1e-10)


@st.composite
def states(draw: st.DrawFn, qubits: int) -> Amplitudes:
    """Basis states, product states and entangled ones on some of the qubits."""
    on = tuple(draw(st.permutations(range(qubits)))[: draw(st.integers(1, qubits))])
    numbers = np.random.default_rng(draw(st.integers(0, 10**6)))
    vector = np.ones(1, dtype=complex)
    while len(vector) < 2 ** len(on):
        left = len(on) - (len(vector).bit_length() - 1)
        kind = draw(st.sampled_from(["basis", "product", "entangled"]))
        size = 2 if kind != "entangled" else 2 ** draw(st.integers(1, left))
        block = numbers.normal(size=size) + 1j * numbers.normal(size=size)
        if kind == "basis":
            block = np.eye(2)[numbers.integers(2)]
        vector = np.kron(vector, block / np.linalg.norm(block))
    return Amplitudes(on, tuple(complex(v) for v in vector))


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_any_initial_state(data: st.DataObject) -> None:
    circuit = data.draw(circuits(observable=True, max_gates=10))
    circuit = replace(circuit, initial_state=data.draw(states(circuit.qubits)))
    if data.draw(st.booleans()):
        everywhere = Projector(tuple(range(circuit.qubits)), "0101"[: circuit.qubits])
        circuit = replace(circuit, observables=(everywhere,))
    values = VALUES[: len(circuit.parameters)]
    found = evaluated(circuit, values)
    cost, variance = twin(circuit, values)
    assert found.cost[0] == pytest.approx(cost, abs=1e-10)
    if found.shot_variance is not None:
        assert found.shot_variance[0] == pytest.approx(variance, abs=1e-10)
