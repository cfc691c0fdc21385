"""Drawn angles: exact at each draw against dense matrices and PennyLane, right on average against fine grids."""

from __future__ import annotations

import math
import os
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st
from strategies import circuits

from ansatzlint import angles
from ansatzlint.angles import parameter
from ansatzlint.circuit import (
    Amplitudes,
    Channel,
    Circuit,
    Gate,
    Parameter,
    PauliSum,
    PauliTerm,
    Probabilities,
    Projector,
)
from ansatzlint.dense import unitary
from ansatzlint.initialisation import Normal, Uniform, Zeros
from ansatzlint.moments import cones, statevector
from ansatzlint.moments.laws import Fixed
from ansatzlint.moments.sequence import laws
from ansatzlint.moments.statevector import Draws, Plan, Values, work
from ansatzlint.noise import Depolarizing
from ansatzlint.observables import local_z, parse_pauli_sum
from ansatzlint.pauli.strings import PauliString

NEAR = 1e-9
"""Angles within 1e-10 of a multiple of pi/2 are taken to be that multiple."""

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
    assert found.cost[0] == pytest.approx(cost, abs=NEAR)
    if found.shot_variance is not None:
        assert found.shot_variance[0] == pytest.approx(variance, abs=NEAR)


@settings(max_examples=40, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])  # slow to shrink
@given(circuit=circuits(observable=True, max_gates=14))
def test_cost_and_gradient_are_pennylanes(circuit: Circuit) -> None:
    import pennylane as qml
    from pennylane import numpy as pnp

    assume(circuit.parameters)
    values = VALUES[: len(circuit.parameters)]
    found = evaluated(circuit, values)
    qnode = circuit.to_pennylane()
    assert found.cost[0] == pytest.approx(float(qnode(*values)), abs=NEAR)
    slopes = qml.grad(qnode)(*(pnp.array(v, requires_grad=True) for v in values))
    assert found.gradients[0] == pytest.approx(np.array(slopes, dtype=float).ravel(), abs=NEAR)


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
    assert together.cost[0] == pytest.approx(cost, abs=NEAR)
    assert apart.cost[0] == pytest.approx(cost, abs=NEAR)
    assert apart.gradients == pytest.approx(together.gradients, abs=NEAR)
    if apart.shot_variance is not None:
        assert apart.shot_variance[0] == pytest.approx(variance, abs=NEAR)


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
    assert found.cost[0] == pytest.approx(cost, abs=NEAR)
    if found.shot_variance is not None:
        assert found.shot_variance[0] == pytest.approx(variance, abs=NEAR)


def z(*qubits: int) -> PauliSum:
    return PauliSum((PauliTerm(1.0, tuple((q, "Z") for q in qubits)),))


def shared(n: int, *gates: Gate, cost: PauliSum | None = None, **more: object) -> Circuit:
    names = dict.fromkeys(name for gate in gates for name in gate.parameters)
    return Circuit("c", n, gates, tuple(map(Parameter, names)), (cost or z(*range(n)),), **more)  # type: ignore[arg-type]


A, B = parameter("a"), parameter("b")

PLAIN = shared(3, *(Gate("ry", (0,), (A,)) for _ in range(3)), Gate("rx", (1,), (B,)), Gate("rx", (2,), (B,)))

ENTANGLED = shared(
    2, Gate("ry", (0,), (A,)), Gate("cx", (0, 1)), Gate("rx", (1,), (B,)), Gate("ry", (0,), (A,)), Gate("cx", (1, 0)),
    Gate("t", (1,)), Gate("ry", (0,), (A,)), Gate("rx", (1,), (B,)),
)  # fmt: skip


def on_grid(circuit: Circuit, points: int = 16) -> Values:
    """All points of an equispaced grid: exact averages where no frequency of the square reaches their number."""
    angle = 2 * math.pi * np.arange(points) / points
    return evaluated(circuit, *product(angle, repeat=len(circuit.parameters)))


def test_two_angles_used_three_times_and_twice() -> None:
    # cos(3a) cos(b)^2: 1/2 * 3/8; as independent angles it would be 1/2 * 1/4.
    exact = on_grid(PLAIN)
    assert np.mean(exact.cost**2) == pytest.approx(0.1875, abs=1e-12)
    assert np.mean(exact.gradients**2, axis=0) == pytest.approx([9 * 0.1875, 0.25], abs=1e-12)


@pytest.mark.parametrize("circuit", [PLAIN, ENTANGLED])
def test_draws_average_to_the_grid(circuit: Circuit) -> None:
    draws = 20_000
    exact, found = on_grid(circuit), sampled(circuit, draws)
    assert found.cost.samples.tolist() == [draws // 2, draws // 2]
    for tally, values in (
        (found.gradients, exact.gradients**2), (found.means, exact.gradients),
        (found.cost, exact.cost[:, None]), (found.cost_square, exact.cost[:, None] ** 2),
    ):  # fmt: skip
        error = values.std(axis=0) / math.sqrt(draws)
        assert np.all(np.abs(tally.mean - values.mean(axis=0)) < 5 * error + 1e-12)
        spread = (values**2).std(axis=0) / math.sqrt(draws)
        assert np.all(np.abs(tally.squares.sum(axis=0) / draws - (values**2).mean(axis=0)) < 5 * spread + 1e-12)
        assert np.all(tally.largest <= tally.bound + 1e-12)
    assert found.shot_variance is not None
    assert exact.shot_variance is not None
    assert found.shot_variance == pytest.approx(exact.shot_variance.mean(), abs=0.02)


def test_every_law_is_drawn_as_it_says() -> None:
    circuit = Circuit(
        "laws", 1, tuple(Gate("rx", (0,), (parameter(name),)) for name in "abcd"),
        tuple(map(Parameter, "abcd")), (z(0),),
    )  # fmt: skip
    made = statevector.plan(circuit, (Uniform(1.0, 3.0), Normal(0.5, 2.0), Zeros(), Fixed(0.7)))
    assert isinstance(made, Plan)
    drawn = made.draw(3, 0, 4000)
    assert drawn.mean(axis=0) == pytest.approx([2.0, 2.0, 0.0, 0.7], abs=0.05)
    assert drawn.std(axis=0) == pytest.approx([2 / math.sqrt(12), 0.5, 0.0, 0.0], abs=0.03)
    assert 1.0 <= drawn[:, 0].min() < drawn[:, 0].max() < 3.0


def test_a_draw_depends_on_its_number_and_the_seed_only() -> None:
    made = planned(ENTANGLED)
    assert np.array_equal(made.draw(7, 0, 20)[5:], made.draw(7, 5, 15))
    assert not np.array_equal(made.draw(7, 0, 5), made.draw(8, 0, 5))


def test_threads_change_no_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statevector, "_WORTH_A_THREAD", 1)
    made = planned(ENTANGLED)
    one, three = made.sample(101, 4, threads=1), made.sample(101, 4, threads=3)
    assert isinstance(one, Draws)
    assert isinstance(three, Draws)
    for name in ("gradients", "means", "cost", "cost_square"):
        a, b = getattr(one, name), getattr(three, name)
        assert np.array_equal(a.total, b.total)
        assert np.array_equal(a.squares, b.squares)
    assert one.shot_variance == three.shot_variance


@pytest.mark.parametrize("cut", [1, 6, 25])
def test_draws_in_two_runs_are_those_of_one(cut: int) -> None:
    made = planned(ENTANGLED)
    whole, head, tail = made.sample(51, 4), made.sample(cut, 4), made.sample(51 - cut, 4, first=cut)
    assert isinstance(whole, Draws)
    assert isinstance(head, Draws)
    assert isinstance(tail, Draws)
    both = head + tail
    assert both.gradients.samples.tolist() == whole.gradients.samples.tolist() == [26, 25]
    assert both.gradients.total == pytest.approx(whole.gradients.total, rel=1e-12)
    assert both.gradients.hits.tolist() == whole.gradients.hits.tolist()
    assert both.shot_variance == pytest.approx(whole.shot_variance, rel=1e-12)


def qaoa(n: int, layers: int) -> Circuit:
    gates = [Gate("h", (q,)) for q in range(n)]
    for layer in range(layers):
        for q in range(n):
            edge, angle = (q, (q + 1) % n), angles.multiply(2.0, parameter(f"gamma{layer}"))
            gates += [Gate("cx", edge), Gate("rz", edge[1:], (angle,)), Gate("cx", edge)]
        gates += [Gate("rx", (q,), (angles.multiply(2.0, parameter(f"beta{layer}")),)) for q in range(n)]
    edges = PauliSum(tuple(PauliTerm(0.5, tuple(sorted([(q, "Z"), ((q + 1) % n, "Z")]))) for q in range(n)))
    return shared(n, *gates, cost=edges)


def test_qaoa_on_a_ring_is_pennylanes() -> None:
    import pennylane as qml
    from pennylane import numpy as pnp

    circuit = qaoa(8, 3)
    values = tuple(np.linspace(0.2, 1.4, 6))
    found = evaluated(circuit, values)
    qnode = circuit.to_pennylane()
    assert found.cost[0] == pytest.approx(float(qnode(*values)), abs=NEAR)
    slopes = qml.grad(qnode)(*(pnp.array(v, requires_grad=True) for v in values))
    assert found.gradients[0] == pytest.approx(np.array(slopes, dtype=float), abs=NEAR)


def test_a_parity_takes_a_qubit_off_the_state() -> None:
    (network,) = planned(qaoa(8, 3)).networks
    assert len(network.state) == 2**7


def test_wide_circuits_are_as_cheap_as_their_light_cones() -> None:
    wide, narrow = planned(qaoa(300, 1)), planned(qaoa(12, 1))
    assert work(wide) < 1000
    values = np.array([[0.3, 0.5], [1.0, -0.2]])
    found, expected = wide.evaluate(values), narrow.evaluate(values)
    assert isinstance(found, Values)
    assert isinstance(expected, Values)
    assert found.cost / 300 == pytest.approx(expected.cost / 12, abs=1e-12)
    assert found.gradients / 300 == pytest.approx(expected.gradients / 12, abs=1e-12)
    assert found.shot_variance is None


def test_shot_variances_of_parts_that_do_not_meet_add_up() -> None:
    blocks = [replace(gate, qubits=tuple(q + 2 * i for q in gate.qubits)) for i in range(3) for gate in ENTANGLED.gates]
    cost = parse_pauli_sum("Z0 Z1 + 0.5 Z2 - X3 + 2 Z4 Y5", 6)
    circuit = shared(6, *blocks, cost=cost)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cones, "SMALL_WORK", 0)
        patch.setattr(cones, "WHOLE_FACTOR", 0)
        assert len(planned(circuit).networks) == 3
        found = evaluated(circuit, (0.3, 1.1))
    assert found.shot_variance is not None
    assert found.shot_variance[0] == pytest.approx(twin(circuit, (0.3, 1.1))[1], abs=NEAR)


def symmetric(n: int, layers: int, apart: bool) -> Circuit:
    """Layers that treat all qubits alike; `apart` gives each gate an angle of its own."""
    gates: list[Gate] = []

    def angle(name: str) -> angles.Angle:
        return parameter(f"{name}_{len(gates)}" if apart else name)

    for layer in range(layers):
        for letter in "xy":
            for q in range(n):
                gates.append(Gate(f"r{letter}", (q,), (angle(f"{letter}{layer}"),)))
        for a in range(n):
            for b in range(a):
                gates.append(Gate("rzz", (a, b), (angle(f"z{layer}"),)))
    return shared(n, *gates, cost=local_z(range(n)))


def test_shared_angles_keep_what_independent_ones_lose() -> None:
    small, large = (sampled(symmetric(n, 4, False), 400).cost_square.mean[0] for n in (4, 10))
    small_apart, large_apart = (sampled(symmetric(n, 4, True), 400).cost_square.mean[0] for n in (4, 10))
    assert large / small > 0.3
    assert large_apart / small_apart < 0.1


def test_inputs_are_drawn_but_not_differentiated() -> None:
    x0, x1 = parameter("x0"), parameter("x1")
    product_ = angles.multiply(angles.subtract(math.pi, x0), angles.subtract(math.pi, x1))
    circuit = Circuit(
        "map", 2,
        (
            Gate("h", (0,)), Gate("h", (1,)), Gate("p", (0,), (angles.multiply(2.0, x0),)),
            Gate("cx", (0, 1)), Gate("p", (1,), (angles.multiply(2.0, product_),)), Gate("cx", (0, 1)),
            Gate("ry", (0,), (A,)), Gate("cx", (0, 1)), Gate("ry", (1,), (A,)),
        ),
        (Parameter("x0", "input"), Parameter("a"), Parameter("x1", "input")), (z(1),),
    )  # fmt: skip
    found = sampled(circuit, 500)
    assert found.gradients.mean[1] > 0.1
    assert found.gradients.mean[[0, 2]].tolist() == [0.0, 0.0]
    assert found.gradients.bound.tolist() == [0.0, 4.0, 0.0]
    values = planned(circuit).draw(0, 0, 500)
    assert np.ptp(values[:, 0]) > 5.0


@settings(max_examples=40, deadline=None)
@given(circuit=circuits(observable=True, max_gates=10), seed=st.integers(0, 99))
def test_no_gradient_is_above_its_bound(circuit: Circuit, seed: int) -> None:
    made = planned(circuit)
    found = made.evaluate(made.draw(seed, 0, 20))
    assert isinstance(found, Values)
    assert np.all(np.abs(found.gradients) <= made.bounds() + 1e-9)
    assert np.all(np.abs(found.cost) <= made.cost_bound + 1e-9)


def test_a_start_at_given_angles() -> None:
    circuit = shared(2, Gate("ry", (0,), (A,)), Gate("cx", (0, 1)), Gate("ry", (1,), (A,)), cost=z(1))
    # cos(a)^2
    found = evaluated(circuit, (0.0,), (0.4,))
    assert found.cost == pytest.approx([1.0, math.cos(0.4) ** 2], abs=1e-12)
    assert found.gradients[:, 0] == pytest.approx([0.0, -math.sin(0.8)], abs=1e-12)
    assert found.gradients[0, 0] == 0.0


BASE = shared(2, Gate("ry", (0,), (A,)), Gate("cx", (0, 1)), Gate("ry", (0,), (A,)))


@pytest.mark.parametrize(
    ("circuit", "reason"),
    [
        (replace(BASE, qubits=8, noise=Depolarizing(0.1, 0.1)), "under noise at most 7 qubits"),
        (replace(BASE, qubits=8, channels=(Channel("bit_flip", (0,), (0.1,), 1),)), "under noise at most 7 qubits"),
        (replace(BASE, observables=()), "no cost"),
        (replace(BASE, observables=(Probabilities((0, 1)),)), "no expectation value: probabilities of 2 qubits"),
        (replace(BASE, initial_state=Amplitudes((1,), None, ("x",))), "inputs decide"),
        (symmetric(6, 2, False), "6 qubits, a statevector at most 5"),
    ],
)
def test_what_cannot_be_planned_says_why(circuit: Circuit, reason: str) -> None:
    made = statevector.plan(circuit, laws(circuit), 5)
    assert isinstance(made, str)
    assert reason in made


def test_noise_that_does_nothing_is_none() -> None:
    assert isinstance(statevector.plan(replace(BASE, noise=Depolarizing(0.0, 0.0)), laws(BASE)), Plan)


def test_an_unknown_state_outside_the_light_cone_is_no_obstacle() -> None:
    circuit = shared(3, *BASE.gates, cost=z(0, 1), initial_state=Amplitudes((2,), None, ("x",)))
    assert evaluated(circuit, (0.3,)).cost[0] == pytest.approx(evaluated(BASE, (0.3,)).cost[0], abs=1e-12)


@pytest.mark.parametrize(
    ("function", "law", "reason"),
    [("log", Uniform(-1.0, 1.0), "an angle is not finite"), ("sqrt", Zeros(), "the derivative of an angle")],
)
def test_angles_that_do_not_exist_are_said(function: str, law: Uniform | Zeros, reason: str) -> None:
    circuit = replace(shared(1, Gate("rx", (0,), (angles.apply(function, A),))), initialisation=law)
    found = planned(circuit).sample(50, 0)
    assert isinstance(found, str)
    assert reason in found


def test_an_angle_that_overflows_is_said() -> None:
    circuit = shared(1, Gate("rx", (0,), (angles.multiply(1e308, angles.multiply(A, A)),)))
    found = planned(circuit).sample(50, 0)
    assert isinstance(found, str)
    assert "not finite" in found


def test_a_gradient_that_cannot_be_squared_is_said() -> None:
    circuit = shared(1, Gate("rx", (0,), (angles.multiply(1e200, angles.multiply(A, A)),)))
    found = planned(circuit).sample(50, 0)
    assert isinstance(found, str)
    assert "too large to be squared" in found


def test_masks_have_an_end() -> None:
    circuit = symmetric(32, 2, False)
    made = statevector.plan(circuit, laws(circuit), 64)
    assert isinstance(made, str)
    assert "32 qubits, a statevector at most 30" in made


def test_a_cost_that_no_angle_moves() -> None:
    # A parity says that X on one qubit has no expectation value, and the identity needs no state.
    circuit = shared(2, Gate("rxx", (0, 1), (A,)), cost=parse_pauli_sum("X0 + 3 I", 2))
    found = sampled(circuit, 10)
    assert found.cost.mean[0] == pytest.approx(3.0, abs=1e-12)
    assert found.gradients.hits.tolist() == [[0], [0]]
    empty = sampled(Circuit("none", 0, (), (), (PauliSum((PauliTerm(2.0, ()),)),)), 3)
    assert empty.cost.mean.tolist() == [2.0]


def test_no_draws_are_no_crash() -> None:
    found = sampled(ENTANGLED, 0)
    assert found.cost.samples.tolist() == [0, 0]
    assert found.shot_variance is None


def test_twenty_qubits_have_room() -> None:
    circuit = shared(20, *(Gate("ry", (q,), (A,)) for q in range(20)), *(Gate("cx", (q, q + 1)) for q in range(19)),
                     *(Gate("rx", (q,), (A,)) for q in range(20)), cost=z(19))  # fmt: skip
    made = planned(circuit)
    assert len(made.networks[0].state) <= 2**20
    found = made.evaluate(np.array([[0.4]]))
    step = 1e-5
    near = made.evaluate(np.array([[0.4 + step], [0.4 - step]]))
    assert isinstance(found, Values)
    assert isinstance(near, Values)
    assert found.gradients[0, 0] == pytest.approx((near.cost[0] - near.cost[1]) / (2 * step), abs=1e-6)


def test_words_of_a_space() -> None:
    space = cones.Space([0b110, 0b011, 0b101])
    assert len(space) == 2
    assert space.residue(0b101) == 0
    assert space.residue(0b100) == space.residue(0b010) == space.residue(0b111) != 0


@given(a=st.tuples(st.integers(0, 15), st.integers(0, 15)), b=st.tuples(st.integers(0, 15), st.integers(0, 15)))
def test_products_of_strings_are_those_of_matrices(a: tuple[int, int], b: tuple[int, int]) -> None:
    def matrix(string: PauliString) -> np.ndarray:
        found = np.eye(1) * string.sign
        letters = dict(string.letters())
        for q in range(4):
            found = np.kron(found, LETTERS[letters[q]] if q in letters else np.eye(2))
        return found

    left, right = PauliString(*a), PauliString(*b, -1)
    factor, string = cones.product(left, right)
    assert np.allclose(factor * matrix(string), matrix(left) @ matrix(right))


CORPUS = os.environ.get("ANSATZLINT_CORPUS")


@pytest.mark.skipif(not CORPUS, reason="ANSATZLINT_CORPUS names no folder with foreign circuits")
@pytest.mark.parametrize("name", ["qnn_n4", "qnn_n10", "qaoa_n4", "qaoa_n10"])
def test_corpus(name: str) -> None:
    from ansatzlint import read
    from ansatzlint.assumptions import complete

    circuit = complete(read(Path(str(CORPUS)) / "mqtbench" / f"{name}.qasm"))
    found = sampled(circuit, 200)
    live = [i for i, p in enumerate(circuit.parameters) if p.role == "trainable"]
    largest = found.gradients.mean[live].max()
    # QAOA keeps a parity that the mean of Z breaks: its cost is zero whatever the angles.
    assert largest == 0.0 if name.startswith("qaoa") else largest > 1e-3
