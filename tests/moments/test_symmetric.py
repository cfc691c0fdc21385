"""Drawn angles in the permutation-symmetric states against dense matrices and the deep limit."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from math import pi, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from moments import twin

from ansatzlint.angles import Angle, add, apply, multiply, parameter
from ansatzlint.assumptions import Assumed, complete, state
from ansatzlint.circuit import Amplitudes, Circuit, Gate, Parameter
from ansatzlint.dense import unitary
from ansatzlint.families import FAMILIES
from ansatzlint.initialisation import Uniform
from ansatzlint.moments import statevector
from ansatzlint.moments.sequence import laws
from ansatzlint.moments.symmetric import Dicke
from ansatzlint.noise import Depolarizing
from ansatzlint.variance import gradient_variance

COSTS = (
    "local-z", "global-z", "projector", "Z0", "Y1", "Z0 Z1", "X0 X1 + 0.5 Z1", "X0 Y1", "Y0 Z1 + Z0 Y1",
    "X0 + X1 + 3",
)  # fmt: skip
ANGLES: tuple[Angle, ...] = (
    parameter("a"), parameter("b"), parameter("c"), multiply(-0.5, parameter("a")), add(parameter("b"), 0.3),
    add(parameter("a"), parameter("c")), apply("sin", parameter("b")), 0.7,
)  # fmt: skip


def plan_of(circuit: Circuit) -> statevector.Plan | str:
    return statevector.structured(circuit, laws(circuit))


def all_of(name: str, qubits: int, angle: Angle, order: st.DataObject | None = None) -> list[Gate]:
    """One layer: the gate on all qubits or pairs of them, in any order."""
    places = list(combinations(range(qubits), len(name) - 1))
    if order is not None:
        places = order.draw(st.permutations(places))
    return [Gate(name, tuple(place), (angle,)) for place in places]


@st.composite
def symmetric_circuits(draw: st.DrawFn) -> Circuit:
    qubits = draw(st.integers(2, 4))
    gates: list[Gate] = []
    for _ in range(draw(st.integers(1, 5))):
        kind = draw(st.sampled_from(["rx", "ry", "rz", "rxx", "ryy", "rzz", "woven", "word", "h", "sx", "cz"]))
        angle = draw(st.sampled_from(ANGLES))
        if kind == "woven":
            layers = [("rx", angle), ("rz", draw(st.sampled_from(ANGLES)))]
            gates += [Gate(name, (q,), (turn,)) for q in range(qubits) for name, turn in layers]
        elif kind == "word":
            letter = draw(st.sampled_from("XYZ"))
            gates.append(Gate("pauli_rotation", tuple(range(qubits)), (angle,), word=letter * qubits))
        elif kind in ("h", "sx"):
            gates += [Gate(kind, (q,)) for q in range(qubits)]
        elif kind == "cz":
            gates += [Gate("rzz", pair, (pi / 2,)) for pair in combinations(range(qubits), 2)] * 2
        else:
            places = draw(st.permutations(list(combinations(range(qubits), len(kind) - 1))))
            gates += [Gate(kind, tuple(place), (angle,)) for place in places]
    used = {name for gate in gates for name in gate.parameters}
    start = None
    if draw(st.booleans()):
        one = np.array([0.6, 0.8j]) if draw(st.booleans()) else np.array([1, 1]) / sqrt(2)
        start = Amplitudes(tuple(range(qubits)), tuple(complex(v) for v in twin.kron(*[one] * qubits).ravel()))
    circuit = Circuit(
        "symmetric", qubits, tuple(gates), tuple(Parameter(n) for n in "abc" if n in used), initial_state=start
    )
    return complete(state(circuit, Assumed(observable=draw(st.sampled_from(COSTS)))))


@settings(max_examples=60, deadline=None)
@given(circuit=symmetric_circuits(), seed=st.integers(0, 1000))
def test_cost_gradient_and_shot_variance_are_those_of_dense_matrices(circuit: Circuit, seed: int) -> None:
    plan = plan_of(circuit)
    assert not isinstance(plan, str), plan
    values = plan.draw(seed, 0, 1)
    found = plan.evaluate(values)
    assert not isinstance(found, str)
    at = dict(zip(plan.parameters, values[0].tolist(), strict=True))
    cost, square = dense(circuit, at)
    assert found.cost[0] == pytest.approx(cost, abs=1e-9)
    step = 1e-5
    for k, name in enumerate(plan.parameters):
        up, down = (dense(circuit, {**at, name: at[name] + d})[0] for d in (step, -step))
        assert found.gradients[0, k] == pytest.approx((up - down) / (2 * step), abs=1e-6)
    assert (np.abs(found.gradients[0]) <= plan.bounds() + 1e-9).all()
    if found.shot_variance is not None:
        assert found.shot_variance[0] == pytest.approx(square - cost**2, abs=1e-9)


def dense(circuit: Circuit, at: dict[str, float]) -> tuple[float, float]:
    """<O> and <O^2> by matrices of all qubits."""
    psi = unitary(circuit, at) @ start_of(circuit)
    operator = np.tensordot(twin.observable(circuit).reshape(-1), twin.pauli_basis(circuit.qubits), axes=1)
    image = operator @ psi
    return float(np.vdot(psi, image).real), float(np.vdot(image, image).real)


def start_of(circuit: Circuit) -> np.ndarray:
    if circuit.initial_state is not None and circuit.initial_state.values is not None:
        return np.array(circuit.initial_state.values)
    return np.eye(2**circuit.qubits)[0]


@pytest.mark.parametrize("qubits", [24])
def test_the_deep_variance_of_the_cost_is_that_of_random_unitaries_on_the_dicke_states(qubits: int) -> None:
    # Tr(O^2) / (d (d + 1)) with O the mean of Z and d = n + 1
    circuit = complete(FAMILIES["permutation-equivariant"].build(qubits, layers=10))
    found = gradient_variance(circuit, samples=600, seed=3)
    assert found.method == "statevector"
    assert found.cost_variance_lower <= 1 / (3 * qubits) <= found.cost_variance_upper
    assert found.cost_variance == pytest.approx(1 / (3 * qubits), rel=0.25)


def test_what_the_values_rest_on_is_said() -> None:
    circuit = complete(FAMILIES["qaoa"].build(32, layers=2, graph="complete"))
    found = gradient_variance(circuit, samples=100)
    assert any("33 permutation-symmetric states" in note.text and note.holds for note in found.assumptions)
    assert found.method == "statevector"
    assert found.shot_variance_known


def test_both_ways_draw_the_same_angles_and_find_the_same() -> None:
    circuit = complete(FAMILIES["permutation-equivariant"].build(8, layers=3))
    small, full = plan_of(circuit), statevector.plan(circuit, laws(circuit))
    assert not isinstance(small, str)
    assert not isinstance(full, str)
    assert isinstance(small.networks[0], Dicke)
    one, other = small.sample(40, 5), full.sample(40, 5)
    assert not isinstance(one, str)
    assert not isinstance(other, str)
    np.testing.assert_allclose(one.gradients.total, other.gradients.total, rtol=1e-9)
    assert one.shot_variance == pytest.approx(other.shot_variance)


def test_layers_that_commute_with_the_cost_or_leave_the_state_are_dead() -> None:
    gates = [all_of("rzz", 24, parameter("first")), all_of("rx", 24, parameter("x")), all_of("rzz", 24, parameter("z"))]
    names = "first", "x", "z"
    circuit = complete(Circuit("c", 24, tuple(g for layer in gates for g in layer), tuple(map(Parameter, names))))
    found = gradient_variance(circuit, samples=100)
    assert found.live.tolist() == [False, True, False]
    assert found.mean_square_upper[[0, 2]].tolist() == [0.0, 0.0]


def test_threads_change_no_bit() -> None:
    plan = plan_of(complete(FAMILIES["permutation-equivariant"].build(30, layers=2)))
    assert not isinstance(plan, str)
    values = plan.draw(1, 0, 64)
    one, four = plan.evaluate(values, threads=1), plan.evaluate(values, threads=4)
    assert not isinstance(one, str)
    assert not isinstance(four, str)
    assert np.array_equal(one.gradients, four.gradients)


def layered(*gates: Gate) -> Circuit:
    used = dict.fromkeys(name for gate in gates for name in gate.parameters)
    return complete(Circuit("c", 4, gates, tuple(Parameter(name) for name in used), initialisation=Uniform()))


ALL_X = all_of("rx", 4, parameter("a"))
ALL_Z = all_of("rz", 4, parameter("b"))


@pytest.mark.parametrize(
    "gates",
    [
        ALL_X[:3] + all_of("rzz", 4, parameter("b")),
        all_of("rzz", 4, parameter("b"))[:-1] + ALL_X,
        [*ALL_X[:3], Gate("rx", (3,), (multiply(-1.0, parameter("a")),))],
        [*ALL_X[:2], *ALL_Z[:3], *ALL_X[2:], ALL_Z[3]],
        [*ALL_X, *ALL_X[:1], *ALL_Z, *ALL_X[1:]],
        [Gate("x", (0,)), *ALL_Z, *ALL_X],
    ],
    ids=["missing qubit", "missing pair", "opposite sign", "interleaved", "late repetition", "one flipped qubit"],
)
def test_what_is_not_symmetric_is_not_taken_for_it(gates: list[Gate]) -> None:
    circuit = layered(*gates)
    plan = plan_of(circuit)
    assert isinstance(plan, str) or not isinstance(plan.networks[0], Dicke)


def test_noise_is_refused_with_a_word() -> None:
    circuit = replace(layered(*ALL_X), noise=Depolarizing(0.01, 0.01))
    assert plan_of(circuit) == "noise leaves no structure of the circuit"
