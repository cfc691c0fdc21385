"""Drawn angles of free fermions against dense matrices, finite light cones and exact propagation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from moments import twin

from ansatzlint.angles import add, multiply, parameter
from ansatzlint.assumptions import Assumed, complete, state
from ansatzlint.circuit import Amplitudes, Circuit, Gate, Parameter, PauliSum, PauliTerm
from ansatzlint.dense import unitary
from ansatzlint.families import FAMILIES
from ansatzlint.moments import statevector
from ansatzlint.moments.fermion_kernels import pfaffian
from ansatzlint.moments.fermions import Majoranas
from ansatzlint.moments.sequence import laws
from ansatzlint.noise import Depolarizing
from ansatzlint.variance import gradient_variance

ANGLES = (
    parameter("a"), parameter("b"), multiply(2.0, parameter("a")), add(parameter("b"), 0.4),
    add(parameter("a"), multiply(-1.0, parameter("b"))), 0.9,
)  # fmt: skip


def plan_of(circuit: Circuit) -> statevector.Plan | str:
    return statevector.structured(circuit, laws(circuit))


def word(letters: str, *qubits: int) -> tuple[tuple[int, str], ...]:
    return tuple(sorted(zip(qubits, letters, strict=True)))


def chain_words(qubits: int, ring: bool) -> list[tuple[tuple[int, str], ...]]:
    """Words that are products of two Majoranas by Jordan and Wigner; around a ring, times the parity."""
    pairs = [(q, q + 1) for q in range(qubits - 1)] + ([(qubits - 1, 0)] if ring and qubits > 2 else [])
    found = [word("Z", q) for q in range(qubits)]
    found += [word(letters, *pair) for pair in pairs for letters in ("XX", "YY", "XY", "YX")]
    return found + [word("XZX", q, q + 1, q + 2) for q in range(qubits - 2)]


def turn(paulis: tuple[tuple[int, str], ...], angle: object) -> Gate:
    return Gate(
        "pauli_rotation", tuple(q for q, _ in paulis), (angle,), word="".join(letter for _, letter in paulis)
    )  # type: ignore[arg-type]


@st.composite
def matchgate_circuits(draw: st.DrawFn) -> Circuit:
    """Matchgates between Clifford gates and their inverses, so that no word need look like one of a chain."""
    qubits = draw(st.integers(2, 4))
    words = chain_words(qubits, draw(st.booleans()))
    turns = st.lists(st.tuples(st.sampled_from(words), st.sampled_from(ANGLES)), min_size=1, max_size=12)
    gates = [turn(paulis, angle) for paulis, angle in draw(turns)]
    if draw(st.booleans()):
        # a layer of every word by one angle, as families have them
        gates += [turn(paulis, parameter("a")) for paulis in words[:qubits]]
    places = st.permutations(range(qubits)).map(lambda order: tuple(order[:2]))
    kinds = st.sampled_from(["h", "s", "cx", "cz", "x"])
    before = [Gate(name, on[: 2 if name[0] == "c" else 1]) for name, on in draw(st.lists(st.tuples(kinds, places)))]
    used = {name for gate in gates for name in gate.parameters}
    anything = st.text("IXYZ", min_size=qubits, max_size=qubits).map(lambda text: word(text, *range(qubits)))
    longer = st.one_of(st.sampled_from(words), anything.map(lambda paulis: tuple(p for p in paulis if p[1] != "I")))
    costs = st.lists(
        st.tuples(st.sampled_from([1.0, -0.5, 2.0]), longer.filter(bool)), min_size=1, max_size=4,
        unique_by=lambda term: term[1],
    )  # fmt: skip
    start = None
    if draw(st.booleans()):
        pair = np.array([0.6, 0.8])
        start = Amplitudes(tuple(range(qubits)), tuple(complex(v) for v in twin.kron(*[pair] * qubits).ravel()))
    return complete(
        Circuit(
            "matchgates", qubits, (*before, *gates), tuple(Parameter(n) for n in "ab" if n in used),
            observables=(PauliSum(tuple(PauliTerm(c, paulis) for c, paulis in draw(costs))),), initial_state=start,
        )
    )  # fmt: skip


def dense(circuit: Circuit, at: dict[str, float]) -> tuple[float, float]:
    """<O> and <O^2> by matrices of all qubits."""
    start = np.eye(2**circuit.qubits)[0]
    if circuit.initial_state is not None and circuit.initial_state.values is not None:
        start = np.array(circuit.initial_state.values)
    psi = unitary(circuit, at) @ start
    operator = np.tensordot(twin.observable(circuit).reshape(-1), twin.pauli_basis(circuit.qubits), axes=1)
    image = operator @ psi
    return float(np.vdot(psi, image).real), float(np.vdot(image, image).real)


def compare(circuit: Circuit, plan: statevector.Plan, seed: int) -> None:
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


@settings(max_examples=60, deadline=None)
@given(circuit=matchgate_circuits(), seed=st.integers(0, 1000))
def test_cost_gradient_and_shot_variance_are_those_of_dense_matrices(circuit: Circuit, seed: int) -> None:
    plan = plan_of(circuit)
    if isinstance(plan, str):
        # the circuit itself never is what is refused
        assert "cost word" in plan or "mixes too many values" in plan, plan
        return
    compare(circuit, plan, seed)


def test_words_that_differ_by_a_conserved_one_are_the_same_majoranas() -> None:
    # The generators Z0, XX and XY leave Z0 Z1 alone, which is 1 at the start: Z1 is Z0 there.
    words = (((0,), "Z"), ((0, 1), "XX"), ((0, 1), "XY"))
    gates = tuple(Gate("pauli_rotation", on, (parameter("a"),), word=letters) for on, letters in words)
    cost = PauliSum((PauliTerm(1.0, ((0, "Z"),)), PauliTerm(1.0, ((1, "Z"),))))
    circuit = complete(Circuit("kept", 2, gates, (Parameter("a"),), observables=(cost,)))
    plan = plan_of(circuit)
    assert not isinstance(plan, str)
    assert plan.tells_shots
    compare(circuit, plan, 0)


LONG = ("Z0 Z2", "Z1 Z3 + X0", "X0 X1", "global-z", "X0 X1 X2 X3 + 0.3 Z0 Z3 + Z1", "Y1 Y3 + X0 + Z2 Z3", "local-z")


@pytest.mark.parametrize("graph", ["path", "cycle"])
@pytest.mark.parametrize("cost", LONG)
def test_products_of_many_majoranas_are_pfaffians(cost: str, graph: str) -> None:
    circuit = complete(state(FAMILIES["qaoa"].build(4, layers=3, graph=graph), Assumed(observable=cost)))
    plan = plan_of(circuit)
    assert not isinstance(plan, str), plan
    compare(circuit, plan, 5)


@pytest.mark.parametrize("boundary", ["open", "periodic"])
def test_products_across_two_chains_are_products_of_pfaffians(boundary: str) -> None:
    circuit = FAMILIES["hamiltonian-variational"].build(6, layers=3, model="xy", boundary=boundary)
    circuit = complete(state(circuit, Assumed(observable="Z0 Z1 + Z2 Z3 + 0.5 X0 X1 + X0 Z1 Z2 X3")))
    plan, full = plan_of(circuit), statevector.plan(circuit, laws(circuit))
    assert not isinstance(plan, str), plan
    assert not isinstance(full, str)
    values = plan.draw(2, 0, 2)
    found, known = plan.evaluate(values), full.evaluate(values)
    assert not isinstance(found, str)
    assert not isinstance(known, str)
    np.testing.assert_allclose(found.cost, known.cost, atol=1e-10)
    np.testing.assert_allclose(found.gradients, known.gradients, atol=1e-10)


@given(pairs=st.integers(1, 4), seed=st.integers(0, 99), rank=st.integers(0, 3))
@settings(max_examples=25, deadline=None)
def test_the_pfaffian_squares_to_the_determinant_and_its_slope_is_that_of_differences(
    pairs: int, seed: int, rank: int
) -> None:
    rng = np.random.default_rng(seed)
    size = 2 * pairs
    left = rng.normal(size=(size, size)) if rank == 3 else rng.normal(size=(size, 2 * rank))
    middle = rng.normal(size=(left.shape[1],) * 2)
    matrix = left @ (middle - middle.T) @ left.T
    matrix = (matrix - matrix.T) / 2
    slope, unused = np.empty((size, size)), np.empty((size, size))
    value = pfaffian(matrix.copy(), slope)
    scale = max(np.abs(matrix).max(), 1.0) ** pairs
    assert value**2 == pytest.approx(np.linalg.det(matrix), abs=1e-9 * scale**2)
    for i in range(size):
        for j in range(i):
            ends = []
            for step in (1e-4, -1e-4):
                moved = matrix.copy()
                moved[i, j] += step
                moved[j, i] -= step
                ends.append(pfaffian(moved, unused))
            # linear in each entry, so that differences are exact
            assert slope[i, j] == pytest.approx((ends[0] - ends[1]) / 2e-4, abs=1e-7 * scale)
            assert slope[j, i] == pytest.approx(-slope[i, j], abs=1e-9 * scale)


def ising(qubits: int, layers: int, cost: str, periodic: bool = False) -> Circuit:
    """ZZ on a chain and X, from |0...0>: an equal mix of both parities."""
    gates: list[Gate] = []
    for layer in range(layers):
        for q in range(qubits - 1 + periodic):
            gates.append(Gate("rzz", (q, (q + 1) % qubits), (parameter(f"a{layer}"),)))
        gates += [Gate("rx", (q,), (parameter(f"b{layer}"),)) for q in range(qubits)]
    names = [f"{stem}{layer}" for layer in range(layers) for stem in "ab"]
    circuit = Circuit("ising", qubits, tuple(gates), tuple(map(Parameter, names)))
    return complete(state(circuit, Assumed(observable=cost)))


@pytest.mark.parametrize("periodic", [False, True])
@pytest.mark.parametrize("cost", ["Z0 Z1", "X1 + 0.5 Z2 Z3 + 1", "Y0 Y1", "Y1 X2 Y3"])
def test_both_parities_of_the_basis_state_are_followed(cost: str, periodic: bool) -> None:
    circuit = ising(4, 3, cost, periodic)
    plan = plan_of(circuit)
    assert not isinstance(plan, str), plan
    assert isinstance(plan.networks[0], Majoranas)
    compare(circuit, plan, 7)


@pytest.mark.parametrize("cost", ["Z0", "Z3", "Y0 + Z0"])
def test_single_majoranas_are_followed(cost: str) -> None:
    circuit = ising(4, 3, cost)
    plan = plan_of(circuit)
    assert not isinstance(plan, str), plan
    compare(circuit, plan, 3)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("hamiltonian-variational", {"model": "tfim"}),
        ("hamiltonian-variational", {"model": "tfim", "boundary": "periodic"}),
        ("hamiltonian-variational", {"model": "xy"}),
        ("hamiltonian-variational", {"model": "xy", "boundary": "periodic"}),
        ("qaoa", {"graph": "path"}),
        ("qaoa", {"graph": "cycle"}),
        ("matchgate", {"generators": "givens-rz"}),
        ("matchgate", {"generators": "rxx-rz"}),
        ("z2-symmetric", {}),
    ],
)
def test_families_of_free_fermions_qualify(name: str, options: dict[str, str]) -> None:
    circuit = complete(FAMILIES[name].build(4, layers=2, **options))
    plan = plan_of(circuit)
    assert not isinstance(plan, str), plan
    compare(circuit, plan, 11)


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_a_long_ring_is_a_short_one_repeated_where_no_light_cone_closes(layers: int) -> None:
    short, long_ = (complete(FAMILIES["qaoa"].build(n, layers=layers, graph="cycle")) for n in (9, 63))
    values = np.random.default_rng(layers).uniform(0, 6, (3, 2 * layers))
    plan, reference = plan_of(long_), statevector.plan(short, laws(short))
    assert not isinstance(plan, str)
    assert not isinstance(reference, str)
    found, known = plan.evaluate(values), reference.evaluate(values)
    assert not isinstance(found, str)
    assert not isinstance(known, str)
    np.testing.assert_allclose(found.cost, 7 * known.cost, atol=1e-9)
    np.testing.assert_allclose(found.gradients, 7 * known.gradients, atol=1e-9)


def test_independent_angles_are_drawn_to_the_exact_mean_squares() -> None:
    circuit = complete(FAMILIES["matchgate"].build(24, layers=2))
    plan = plan_of(circuit)
    assert not isinstance(plan, str)
    drawn = plan.sample(2000, 1)
    assert not isinstance(drawn, str)
    exact = gradient_variance(circuit, method="exact").mean_square
    deviation = np.sqrt(drawn.gradients.squares.sum(axis=0)) / 2000
    assert (np.abs(drawn.gradients.mean - exact) <= 5 * deviation + 1e-12).all()
    assert exact.max() > 1e-3


def test_shared_angles_of_a_long_chain_are_measured_and_the_structure_is_named() -> None:
    circuit = complete(FAMILIES["hamiltonian-variational"].build(40, layers=6))
    found = gradient_variance(circuit, samples=150)
    assert found.method == "statevector"
    assert found.shot_variance_known
    assert any("free fermions" in note.text and note.holds for note in found.assumptions)
    assert found.max_lower > 1.0  # the cost is a sum of 79 words: no plateau


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("hamiltonian-variational", {"model": "heisenberg"}),
        ("hamiltonian-variational", {"model": "ltfim"}),
        ("qaoa", {"graph": "regular3"}),
        ("qaoa", {"graph": "star"}),
        ("hardware-efficient", {}),
    ],
)
def test_interacting_circuits_are_refused(name: str, options: dict[str, str]) -> None:
    circuit = complete(FAMILIES[name].build(8, layers=2, **options))
    assert isinstance(plan_of(circuit), str)


def test_noise_and_projectors_are_refused_with_a_word() -> None:
    circuit = complete(FAMILIES["qaoa"].build(6, layers=2))
    assert plan_of(replace(circuit, noise=Depolarizing(0.01, 0.01))) == "noise leaves no structure of the circuit"
    projector = state(circuit, Assumed(observable="projector"))
    assert plan_of(projector) == "a projector is no product of few Majorana operators"
