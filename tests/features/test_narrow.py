"""Paths of few moves against slopes and second derivatives of dense states at the mean angles, and closed forms."""

from __future__ import annotations

from dataclasses import replace
from math import cos, exp, log10, pi, sin

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansatzlint import angles
from ansatzlint.assumptions import complete
from ansatzlint.circuit import Circuit, Gate, Observable, Parameter, PauliSum, PauliTerm, Projector
from ansatzlint.features.belief import COLUMNS, columns
from ansatzlint.features.tape import tape
from ansatzlint.initialisation import Normal, Uniform
from ansatzlint.noise import Depolarizing

STD = 1e-3
QUBITS = 3
ONE = {"I": np.eye(2), "X": np.array([[0, 1], [1, 0]]), "Y": np.array([[0, -1j], [1j, 0]]), "Z": np.diag([1, -1])}
FIXED = {
    "h": np.array([[1, 1], [1, -1]]) / np.sqrt(2),
    "s": np.diag([1, 1j]),
    "x": ONE["X"],
    "y": ONE["Y"],
    "cx": np.array([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]]),
    "cz": np.diag([1, 1, 1, -1]),
}
TURNS = {"rx": "X", "ry": "Y", "rz": "Z", "rxx": "XX", "rzz": "ZZ"}


def figures(circuit: Circuit) -> dict[str, float]:
    """The columns, sizes in units of the cost rather than of its terms."""
    written = tape(complete(circuit))
    found = dict(zip((c.name for c in COLUMNS), columns(written).tolist(), strict=True))
    return {name: value + 2 * log10(written.unit) * name.startswith("log10") for name, value in found.items()}


def dense(letters: dict[int, str]) -> np.ndarray:
    """A Pauli word on all qubits, qubit 0 first in the product."""
    matrix = np.eye(1)
    for q in range(QUBITS):
        matrix = np.kron(matrix, ONE[letters.get(q, "I")])
    return matrix


def spread_out(matrix: np.ndarray, qubits: tuple[int, ...]) -> np.ndarray:
    """A matrix on some qubits as one on all."""
    rest = [q for q in range(QUBITS) if q not in qubits]
    whole = np.kron(matrix, np.eye(2 ** len(rest))).reshape((2,) * (2 * QUBITS))
    place = np.argsort([*qubits, *rest])
    return whole.transpose([*place, *(place + QUBITS)]).reshape(2**QUBITS, 2**QUBITS)


def cost(circuit: Circuit, values: np.ndarray) -> float:
    state = np.zeros(2**QUBITS, dtype=complex)
    state[0] = 1.0
    index = {p.name: i for i, p in enumerate(circuit.parameters)}
    for gate in circuit.gates:
        if gate.name in FIXED:
            state = spread_out(FIXED[gate.name], gate.qubits) @ state
            continue
        angle = gate.angles[0]
        x = float(values[index[gate.parameters[0]]]) if gate.parameters else float(angle)
        word = dense(dict(zip(gate.qubits, TURNS[gate.name], strict=True)))
        state = cos(x / 2) * state - 1j * sin(x / 2) * word @ state
    total = 0.0
    for observable in circuit.observables:
        if isinstance(observable, Projector):
            pairs = list(zip(observable.qubits, observable.bits, strict=True))
            fits = [all(format(k, f"0{QUBITS}b")[q] == bit for q, bit in pairs) for k in range(2**QUBITS)]
            total += float((abs(state[fits]) ** 2).sum())
        else:
            assert isinstance(observable, PauliSum)
            for term in observable.terms:
                total += term.coefficient * float((state.conj() @ dense(dict(term.paulis)) @ state).real)
    return total


def leading(circuit: Circuit, mean: float) -> np.ndarray:
    """Squared slopes at the mean angles plus the variance times their squared rates of change; frequencies up to 1."""
    count = len(circuit.parameters)
    step = 1e-2
    unit = step * np.eye(count)
    at = np.full(count, mean)

    def slope(where: np.ndarray, k: int) -> float:
        near = cost(circuit, where + unit[k]) - cost(circuit, where - unit[k])
        far = cost(circuit, where + 2 * unit[k]) - cost(circuit, where - 2 * unit[k])
        return (8 * near - far) / (12 * step)

    found = []
    for k in range(count):
        rates = [(slope(at + unit[j], k) - slope(at - unit[j], k)) / (2 * step) for j in range(count)]
        found.append(slope(at, k) ** 2 + STD**2 * sum(rate**2 for rate in rates))
    return np.array(found)


@st.composite
def narrow_circuits(draw: st.DrawFn) -> tuple[Circuit, float]:
    gates = []
    for _ in range(draw(st.integers(2, 9))):
        name = draw(st.sampled_from(["h", "s", "x", "y", "cx", "cz", *TURNS, *TURNS]))
        size = 2 if name in ("cx", "cz", "rxx", "rzz") else 1
        on = tuple(draw(st.permutations(range(QUBITS)))[:size])
        if name in TURNS:
            fixed = draw(st.integers(0, 9))
            angle = angles.parameter(f"t{draw(st.integers(0, 3))}") if fixed > 2 else (pi, -pi / 2, pi / 2)[fixed]
            gates.append(Gate(name, on, (angle,)))
        else:
            gates.append(Gate(name, on))
    names = sorted({name for gate in gates for name in gate.parameters})
    measured: Observable
    if draw(st.booleans()):
        size = draw(st.integers(1, QUBITS))
        bits = "".join(draw(st.lists(st.sampled_from("01"), min_size=size, max_size=size)))
        measured = Projector(tuple(range(size)), bits)
    else:
        words = draw(st.lists(st.text("IXYZ", min_size=QUBITS, max_size=QUBITS), min_size=1, max_size=4, unique=True))
        measured = PauliSum(
            tuple(
                PauliTerm((-1.0) ** t * (1 + t), tuple((q, a) for q, a in enumerate(word) if a != "I"))
                for t, word in enumerate(words)
            )
        )
    mean = draw(st.sampled_from([0.0, pi / 2, pi, -pi / 2]))
    parameters = tuple(Parameter(n) for n in names)
    law = Normal(STD, mean)
    return Circuit("test", QUBITS, tuple(gates), parameters, (measured,), initialisation=law), mean


@given(narrow_circuits())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_leading_order_is_exact_also_with_shared_angles(drawn: tuple[Circuit, float]) -> None:
    circuit, mean = drawn
    wanted = leading(circuit, mean) if circuit.parameters else np.zeros(0)
    wanted = wanted[wanted > 1e-9]
    found = figures(circuit)
    if len(wanted):
        assert found["log10_narrow_largest"] == pytest.approx(log10(wanted.max()), abs=2e-3)
        assert found["log10_narrow_median"] == pytest.approx(log10(np.median(wanted)), abs=2e-3)
    else:
        assert np.isnan(found["log10_narrow_largest"])


def layer(name: str, qubits: int, std: float, *names: str) -> Circuit:
    """One rotation a qubit."""
    gates = tuple(Gate(name, (q,), (angles.parameter(names[q % len(names)]),)) for q in range(qubits))
    return Circuit("test", qubits, gates, tuple(Parameter(n) for n in names), initialisation=Normal(std))


def test_a_projector_by_beliefs_is_what_its_words_add_up_to() -> None:
    std = 0.1
    circuit = replace(layer("ry", 2, std, "a", "b"), observables=(Projector((0, 1), "00"),))
    once, twice = exp(-(std**2) / 2), exp(-2 * std**2)
    wanted = (1 - twice) / 8 * (1 + 2 * once + (1 + twice) / 2) / 4
    assert figures(circuit)["log10_belief_largest"] == pytest.approx(log10(wanted), abs=1e-4)


def test_noise_damps_the_paths() -> None:
    circuit = Circuit(
        "test", 1, (Gate("rx", (0,), (angles.parameter("a"),)),), (Parameter("a"),),
        (PauliSum((PauliTerm(1.0, ((0, "Y"),)),)),), initialisation=Normal(0.01), noise=Depolarizing(0.2, 0.0),
    )  # fmt: skip
    assert figures(circuit)["log10_narrow_largest"] == pytest.approx(2 * log10(0.8), abs=1e-3)


def test_wide_angles_have_no_such_paths() -> None:
    circuit = Circuit(
        "test", 1, (Gate("rx", (0,), (angles.parameter("a"),)),), (Parameter("a"),),
        (PauliSum((PauliTerm(1.0, ((0, "Y"),)),)),), initialisation=Uniform(0.0, 2 * pi),
    )  # fmt: skip
    assert np.isnan(figures(circuit)["log10_narrow_largest"])


@pytest.mark.parametrize("qubits", [2, 5, 30])
def test_uses_and_terms_that_a_symmetry_relates_add_up(qubits: int) -> None:
    local = PauliSum(tuple(PauliTerm(1.0, ((q, "Z"),)) for q in range(qubits)))
    circuit = replace(layer("rx", qubits, 1.0, "a"), observables=(local,), initialisation=Uniform(0.0, 2 * pi))
    found = figures(circuit)
    assert found["log10_alike_largest"] == pytest.approx(log10(qubits**2 / 2), abs=1e-6)
    assert found["log10_bound_largest"] == pytest.approx(log10(qubits**2 / 2), abs=1e-6)
    assert found["log10_belief_largest"] == pytest.approx(log10(qubits / 2), abs=1e-6)
