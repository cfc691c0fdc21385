"""The parameter dimension against dense matrices and PennyLane, its certificates, refusals."""

from __future__ import annotations

import time
from math import pi

import numpy as np
import pytest
from dimension.matrices import generic_rank, random_circuit, rank_at
from hypothesis import given, settings
from hypothesis import strategies as st

import ansatzlint as al
from ansatzlint.angles import Affine, apply, parameter
from ansatzlint.circuit import Amplitudes, Circuit, Gate, Parameter, Unread
from ansatzlint.dimension import Dimension, direction_limits, parameter_dimension
from ansatzlint.errors import AnsatzlintError, CircuitError, UsageError
from ansatzlint.noise import Depolarizing


def at_point(circuit: Circuit, found: Dimension) -> int:
    return rank_at(circuit, {p.name: v for p, v in zip(circuit.parameters, found.point, strict=True)})


@pytest.mark.parametrize("name", list(al.families))
@pytest.mark.parametrize("qubits", [3, 4, 6])
def test_on_few_qubits_it_is_the_generic_rank_of_every_family(name: str, qubits: int) -> None:
    try:
        circuit = al.families[name].build(qubits)
    except UsageError:
        pytest.skip(f"{name} is not built on {qubits} qubits")
    found = parameter_dimension(circuit)
    assert found.rank == generic_rank(circuit)
    assert found.method == "field"
    assert found.rank <= found.upper


@given(st.integers(0, 10**6), st.integers(1, 4), st.integers(1, 14), st.booleans())
@settings(max_examples=40, deadline=None)
def test_on_few_qubits_it_is_the_generic_rank_of_random_circuits(seed: int, n: int, k: int, shared: bool) -> None:
    circuit = random_circuit(np.random.default_rng(seed), max(n, 2), k, shared)
    assert parameter_dimension(circuit, seed).rank == generic_rank(circuit)


@given(st.integers(0, 10**6), st.integers(2, 5), st.integers(1, 14), st.booleans())
@settings(max_examples=40, deadline=None)
def test_the_rank_at_a_clifford_point_is_exact(seed: int, n: int, k: int, shared: bool) -> None:
    circuit = random_circuit(np.random.default_rng(seed), n, k, shared)
    found = parameter_dimension(circuit, seed, method="clifford", steps=300)
    there = at_point(circuit, found)
    assert found.rank <= there <= generic_rank(circuit)
    assert found.rank == there or found.left_out


@given(st.integers(0, 10**6), st.integers(2, 4), st.integers(1, 30))
@settings(max_examples=30, deadline=None)
def test_no_circuit_exceeds_the_upper_bounds(seed: int, n: int, k: int) -> None:
    circuit = random_circuit(np.random.default_rng(seed), n, k)
    assert generic_rank(circuit) <= min(limit.directions for limit in direction_limits(circuit))


def test_pennylanes_metric_tensor_has_the_same_rank() -> None:
    import pennylane as qml
    from pennylane import numpy as pnp

    n, layers = 3, 2

    @qml.qnode(qml.device("default.qubit", wires=n + 1))
    def cost(weights: object) -> object:
        for layer in range(layers):
            for wire in range(n):
                qml.RX(weights[layer, 0, wire], wires=wire)  # type: ignore[index]
                qml.RZ(weights[layer, 1, wire], wires=wire)  # type: ignore[index]
            for wire in range(n - 1):
                qml.CNOT(wires=[wire, wire + 1])
        return qml.expval(qml.Z(0))

    weights = pnp.array(np.random.default_rng(1).uniform(0, 2 * pi, (layers, 2, n)), requires_grad=True)
    metric = qml.metric_tensor(cost, approx=None)(weights).reshape(2 * n * layers, -1)
    assert parameter_dimension(al.read(cost, weights)).rank == np.linalg.matrix_rank(metric, tol=1e-8)


@pytest.mark.parametrize(
    ("name", "qubits", "arguments"),
    [("hardware-efficient", 8, {"layers": 4}), ("real-amplitudes", 8, {}), ("efficient-su2", 8, {"layers": 2}),
     ("strongly-entangling", 8, {}), ("tree-tensor-network", 8, {}), ("qcnn", 8, {}), ("z2-symmetric", 8, {})],
)  # fmt: skip
def test_the_climb_reaches_four_fifths_of_the_generic_rank(name: str, qubits: int, arguments: dict[str, int]) -> None:
    circuit = al.families[name].build(qubits, **arguments)
    climbed = parameter_dimension(circuit, method="clifford", steps=20_000)
    assert 0.8 * generic_rank(circuit) <= climbed.rank == at_point(circuit, climbed)


def test_one_point_alone_gives_less_than_the_climb() -> None:
    circuit = al.families["efficient-su2"].build(6)
    first = parameter_dimension(circuit, method="clifford", steps=1)
    best = parameter_dimension(circuit, method="clifford", steps=20_000)
    assert first.rank < best.rank


@pytest.mark.parametrize(
    ("name", "arguments"), [("efficient-su2", {"layers": 4}), ("strongly-entangling", {"layers": 3})]
)
def test_fifty_qubits_take_seconds(name: str, arguments: dict[str, int]) -> None:
    circuit = al.families[name].build(50, **arguments)
    parameter_dimension(circuit, steps=1)  # compiles
    started = time.process_time()
    found = parameter_dimension(circuit, steps=20_000)
    assert time.process_time() - started < 20
    assert len(circuit.parameters) >= 450
    assert found.method == "clifford"
    assert 0.8 * len(circuit.parameters) < found.rank <= found.upper


def test_free_fermions_are_counted_exactly_at_fifty_qubits() -> None:
    circuit = al.families["matchgate"].build(50, layers=2)
    found = parameter_dimension(circuit)
    assert found.method == "field"
    assert found.rank > parameter_dimension(circuit, method="clifford", steps=2000).rank


def turn(kind: str, name: str, *on: int, factor: float = 1.0, offset: float = 0.0) -> Gate:
    return Gate(kind, on, (Affine(((name, factor),), offset),))


def test_a_shared_parameter_is_one_direction() -> None:
    circuit = Circuit("c", 2, (turn("rx", "a", 0), turn("ry", "a", 1)), (Parameter("a"),))
    assert parameter_dimension(circuit, method="clifford").rank == 1
    assert parameter_dimension(circuit).rank == 1


def test_uses_that_cancel_are_no_direction() -> None:
    circuit = Circuit("c", 1, (turn("rx", "a", 0), turn("rx", "a", 0, factor=-1.0)), (Parameter("a"),))
    for method in ("field", "clifford"):
        assert parameter_dimension(circuit, method=method).rank == 0  # type: ignore[arg-type]


def test_inputs_move_but_do_not_count() -> None:
    gates = (turn("ry", "x", 0), turn("rz", "a", 0))
    circuit = Circuit("c", 1, gates, (Parameter("x", "input"), Parameter("a")))
    for method in ("field", "clifford"):
        found = parameter_dimension(circuit, method=method)  # type: ignore[arg-type]
        assert (found.rank, found.parameters) == (1, 1)


def test_noise_is_left_out() -> None:
    circuit = al.families["real-amplitudes"].build(3)
    noisy = Circuit("c", 3, circuit.gates, circuit.parameters, noise=Depolarizing(0.1, 0.1))
    assert parameter_dimension(noisy) == parameter_dimension(circuit)


FIXED = Circuit(
    "c", 2,
    (Gate("ry", (0,), (pi / 4,)), turn("rz", "a", 0), turn("rx", "b", 0), Gate("cx", (0, 1)), turn("ry", "c", 1),
     Gate("rz", (1,), (0.3,)), turn("rx", "d", 1)),
    tuple(map(Parameter, "abcd")),
)  # fmt: skip


def test_fixed_angles_stay_where_they_are() -> None:
    assert parameter_dimension(FIXED).rank == generic_rank(FIXED)


def test_behind_fixed_angles_a_clifford_point_counts_less_and_never_too_much() -> None:
    found = parameter_dimension(FIXED, method="clifford", steps=500)
    assert found.barriers == 2
    assert found.rank <= at_point(FIXED, found)


def test_a_special_fixed_angle_is_not_taken_for_a_generic_one() -> None:
    # Two turns about one axis with a full turn between that is written as two fixed halves of other angles.
    gates = (turn("rx", "a", 0), Gate("rz", (0,), (pi / 8,)), Gate("rz", (0,), (-pi / 8,)), turn("rx", "b", 0))
    circuit = Circuit("c", 1, gates, (Parameter("a"), Parameter("b")))
    assert parameter_dimension(circuit).rank == 1


def test_offsets_that_no_point_makes_up_for_leave_a_parameter_out() -> None:
    gates = (turn("rx", "a", 0, offset=0.3), turn("ry", "a", 1, offset=0.5), turn("rx", "b", 1))
    circuit = Circuit("c", 2, gates, (Parameter("a"), Parameter("b")))
    assert parameter_dimension(circuit, method="clifford").left_out == ("a",)
    assert parameter_dimension(circuit).rank == 2


def test_an_offset_of_a_single_use_moves_the_point() -> None:
    circuit = Circuit("c", 1, (turn("rx", "a", 0, offset=0.3),), (Parameter("a"),))
    found = parameter_dimension(circuit, method="clifford")
    assert (found.rank + 0.0, found.left_out) == (1, ())
    assert (found.point[0] + 0.3) / (pi / 2) == pytest.approx(round((found.point[0] + 0.3) / (pi / 2)))


def test_a_parameter_in_an_expression_is_left_out() -> None:
    gates = (Gate("rx", (0,), (apply("sin", parameter("a")),)), turn("ry", "b", 0))
    circuit = Circuit("c", 1, gates, (Parameter("a"), Parameter("b")))
    found = parameter_dimension(circuit)
    assert (found.rank, found.left_out) == (1, ("a",))


@pytest.mark.parametrize(
    ("amplitudes", "rank"),
    [((1.0, 0.0), 0), ((2**-0.5, 2**-0.5), 1), ((2**-0.5, 1j * 2**-0.5), 1), ((0.0, 1.0), 0)],
)
def test_stabiliser_states_to_start_from(amplitudes: tuple[complex, complex], rank: int) -> None:
    circuit = Circuit("c", 1, (turn("rz", "a", 0),), (Parameter("a"),), initial_state=Amplitudes((0,), amplitudes))
    for method in ("field", "clifford"):
        assert parameter_dimension(circuit, method=method).rank == rank  # type: ignore[arg-type]


def test_the_same_seed_gives_the_same_result() -> None:
    circuit = al.families["strongly-entangling"].build(6)
    first, second = (parameter_dimension(circuit, seed=7, method="clifford", steps=500) for _ in range(2))
    assert first == second


def test_it_says_what_it_is() -> None:
    assert str(parameter_dimension(al.families["real-amplitudes"].build(3))) == "7 directions (exact)"
    dimension = parameter_dimension(al.families["strongly-entangling"].build(6))
    assert str(dimension) == "at least 30 directions, at most 36"
    assert int(dimension) == 30


ONE = Circuit("c", 1, (turn("rx", "a", 0),), (Parameter("a"),))


@pytest.mark.parametrize(
    ("call", "kind", "said"),
    [
        (lambda: parameter_dimension("c"), UsageError, "a Circuit is needed"),  # type: ignore[arg-type]
        (lambda: parameter_dimension(ONE, seed=-1), UsageError, "the seed must be"),
        (lambda: parameter_dimension(ONE, steps=0), UsageError, "must be a positive whole number"),
        (lambda: parameter_dimension(ONE, method="best"), UsageError, "unknown method 'best'"),  # type: ignore[arg-type]
        (lambda: parameter_dimension(al.families["efficient-su2"].build(14), method="field"), UsageError, "too large"),
        (lambda: parameter_dimension(Circuit("c", 1, (), unread=(Unread("a loop"),))), CircuitError, "a loop"),
        (lambda: parameter_dimension(
            Circuit("c", 1, (turn("rx", "a", 0),), (Parameter("a"),), initial_state=Amplitudes((0,), (0.6, 0.8)))),
         CircuitError, "no stabiliser state to start from"),
    ],
)  # fmt: skip
def test_what_cannot_be_had(call: object, kind: type[AnsatzlintError], said: str) -> None:
    with pytest.raises(kind, match=said) as caught:
        call()  # type: ignore[operator]
    assert "\n" not in str(caught.value)
