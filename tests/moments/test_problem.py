"""What a problem knows of its circuit: which pairs live, which parameters are dead."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from moments.matrices import matrix
from moments.twin import PAULIS, observable, pauli_basis, random_circuit
from moments.twin import initial as density
from strategies import circuits

from ansatzlint.angles import multiply, parameter
from ansatzlint.circuit import Amplitudes, Channel, Circuit, Gate, Parameter, PauliSum, PauliTerm, Projector
from ansatzlint.dense import unitary
from ansatzlint.errors import CircuitError
from ansatzlint.initialisation import Initialisation, Normal, Uniform, Zeros
from ansatzlint.moments.cost import Words, cost_of
from ansatzlint.moments.cost import pull as pull_cost
from ansatzlint.moments.exact import propagate
from ansatzlint.moments.frame import Group
from ansatzlint.moments.operators import Space, moments_of, operators
from ansatzlint.moments.problem import Problem, dead_parameters
from ansatzlint.noise import AmplitudeDamping, Depolarizing


def built(
    qubits: int, gates: list[tuple[object, ...]], *words: tuple[tuple[int, str], ...], **more: object
) -> Circuit:
    """Gates as (name, qubits, angle …), a string being a parameter; the cost is the sum of the words."""
    made, names = [], {}
    for name, where, *values in gates:
        names |= dict.fromkeys(v for v in values if isinstance(v, str))
        angles = tuple(parameter(v) if isinstance(v, str) else v for v in values)
        made.append(Gate(str(name), tuple(where), angles))  # type: ignore[arg-type]
    cost = PauliSum(tuple(PauliTerm(1.0, word) for word in words))
    fields = {"observables": (cost,), **more}
    return Circuit("c", qubits, tuple(made), tuple(map(Parameter, names)), **fields)  # type: ignore[arg-type]


def dead(circuit: Circuit) -> dict[str, str]:
    return dead_parameters(Problem(circuit), cost_of(circuit)[0])


TILTED = Amplitudes((0,), (0.8, 0.36 + 0.48j))
"""A state in which no letter is worth nothing."""

# ---- which pairs live -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("law", "rigid", "diagonal"),
    [
        (Uniform(), True, True),
        (Uniform(-1.0, 1.0), True, True),
        (Normal(0.3), True, True),
        (Zeros(), True, True),
        (Uniform(0.0, np.pi), False, True),
        (Normal(0.3, 0.1), False, False),
    ],
)
def test_the_law_decides_what_pairs_become(law: Initialisation, rigid: bool, diagonal: bool) -> None:
    problem = Problem(built(1, [("rx", (0,), "t")], ((0, "Z"),), initialisation=law, initial_state=TILTED))
    assert (problem.rigid, problem.diagonal) == (rigid, diagonal)


@pytest.mark.parametrize(
    ("gates", "more", "rigid"),
    [
        ([("rx", (0,), "t")], {"noise": Depolarizing(0.1, 0.1)}, True),
        ([("id", (0,)), ("rx", (1,), "t")], {"noise": AmplitudeDamping(0.1)}, False),
        ([("t", (0,)), ("rz", (1,), "t")], {}, False),
        ([("crx", (0, 1), "t")], {}, False),
        ([("rx", (0,), "t"), ("s", (0,)), ("cx", (0, 1))], {}, True),
        ([("rx", (0,), "t"), ("rz", (0,), "u"), ("rx", (0,), "t")], {}, False),
    ],
)
def test_gates_and_noise_decide_it_too(gates: list[tuple[object, ...]], more: dict[str, object], rigid: bool) -> None:
    problem = Problem(built(2, gates, ((0, "Z"),), initial_state=TILTED, **more))
    assert (problem.rigid, problem.diagonal) == (rigid, rigid)


@pytest.mark.parametrize(
    "gates",
    [
        [("rx", (0,), "t"), ("t", (0,))],
        [("ry", (0,), "a"), ("t", (0,)), ("rx", (0,), "b")],
        [("ry", (0,), "a"), ("crx", (0, 1), "t"), ("ry", (0,), "b"), ("rz", (0,), "c")],
    ],
)
def test_pairs_of_different_strings_that_die_before_the_beginning_do_not_count(gates: list[tuple[object, ...]]) -> None:
    problem = Problem(built(2, gates, ((0, "Z"),)))
    assert (problem.rigid, problem.diagonal) == (False, True)


def exact(problem: Problem, space: Space, pruned: bool) -> tuple[float, list[float]]:
    pulled = problem.pulled(cost_of(problem.circuit)[0])
    starts = pulled.squares(1 << 12) if space == "diagonal" else pulled.pairs(1 << 12)
    assert starts is not None
    dead = problem.dead if pruned else None
    made = operators(problem.frame.events, problem.laws, problem.circuit.qubits, space, dead)
    found = propagate(made, *starts, problem.state, problem.parameters)
    assert found is not None
    return found.total, found.slopes.tolist()


@pytest.mark.parametrize("seed", range(20))
def test_what_is_left_out_of_pairs_is_worth_nothing(seed: int) -> None:
    rng, circuit = np.random.default_rng(seed), None
    while circuit is None or Problem(circuit).frame.drawn:
        circuit = random_circuit(rng, int(rng.integers(2, 4)), 9)
    problem = Problem(circuit)
    total, slopes = exact(problem, "pair", pruned=False)
    without = exact(problem, "pair", pruned=True)
    assert without[0] == pytest.approx(total, abs=1e-12)
    assert without[1] == pytest.approx(slopes, abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(circuits(max_qubits=3, kinds=("rx", "ry", "rz", "crx", "cx", "h", "t", "cp"), observable=True))
def test_where_equal_strings_are_all_that_counts_they_give_what_pairs_give(circuit: Circuit) -> None:
    problem = Problem(circuit)
    if problem.diagonal and not problem.pulled(cost_of(circuit)[0]).crossed:
        total, slopes = exact(problem, "pair", pruned=False)
        diagonal = exact(problem, "diagonal", pruned=False)
        assert diagonal[0] == pytest.approx(total, abs=1e-12)
        assert diagonal[1] == pytest.approx(slopes, abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(circuits(max_qubits=3, kinds=("rx", "ry", "rz", "crx", "cx", "h", "t"), observable=True))
def test_pairs_of_terms_with_different_labels_are_worth_nothing(circuit: Circuit) -> None:
    problem = Problem(circuit)
    if problem.frame.drawn:
        return
    cost, _ = cost_of(circuit)
    whole = pull_cost(cost, problem.frame.tableau, circuit.qubits, None).pairs(1 << 12)
    assert whole is not None
    made = operators(problem.frame.events, problem.laws, circuit.qubits, "pair")
    found = propagate(made, *whole, problem.state, problem.parameters)
    assert found is not None
    total, slopes = exact(problem, "pair", pruned=False)
    assert total == pytest.approx(found.total, abs=1e-12)
    assert slopes == pytest.approx(found.slopes.tolist(), abs=1e-12)


def test_rotations_that_separate_two_terms_give_them_different_labels() -> None:
    circuit = built(2, [("ry", (0,), "a"), ("ry", (1,), "b")], ((0, "Z"),), ((1, "Z"),))
    problem = Problem(circuit)
    assert not problem.pulled(cost_of(circuit)[0]).crossed


def test_terms_that_every_rotation_sees_alike_may_make_a_pair() -> None:
    circuit = built(3, [("ry", (1,), "a"), ("rz", (1,), "b")], ((1, "Z"),), ((1, "Z"), (2, "Z")), ((1, "X"),))
    problem = Problem(circuit)
    labels = problem.pulled(cost_of(circuit)[0]).labels
    assert labels[0] == labels[1] != labels[2]


def test_narrow_laws_kill_no_pair() -> None:
    circuit = built(2, [("ry", (0,), "a")], ((0, "Z"),), ((1, "Z"),), initialisation=Normal(0.3))
    assert Problem(circuit).pulled(cost_of(circuit)[0]).crossed


@pytest.mark.parametrize("qubits", [63, 64, 65, 128, 129])
def test_labels_beyond_a_word(qubits: int) -> None:
    last = qubits - 1
    gates = [("ry", (q,), f"t{q}") for q in range(qubits)]
    circuit = built(qubits, gates, *(((q, "Z"),) for q in range(qubits)), ((last, "X"),), ((last, "Y"),))
    labels = Problem(circuit).pulled(cost_of(circuit)[0]).labels
    # X and Z of the last qubit both anticommute with its RY, Y commutes with all
    assert labels[last] == labels[qubits] != 0
    assert labels[qubits + 1] == 0
    assert len(set(labels.tolist())) == qubits + 1


@settings(max_examples=40, deadline=None)
@given(circuits(max_qubits=3, kinds=("rx", "ry", "rz", "rzz", "cx", "h", "s"), observable=True))
def test_labels_are_equal_exactly_where_every_killing_turn_sees_both_strings_alike(circuit: Circuit) -> None:
    problem = Problem(circuit)
    cost, _ = cost_of(circuit)
    assert isinstance(cost, Words)
    if not problem.rigid:
        return
    groups = [e for e in problem.frame.events if isinstance(e, Group)]
    turns = [e.generators[0] for e in groups if moments_of(e, problem.laws).kills]
    images = [problem.frame.tableau(s) for s in cost.strings]
    labels = problem.pulled(cost).labels
    for i, j in combinations(range(len(images)), 2):
        alike = all(t.commutes(images[i]) == t.commutes(images[j]) for t in turns)
        assert (labels[i] == labels[j]) == alike


# ---- dead parameters ------------------------------------------------------------------------------------------------


def test_why_parameters_are_dead() -> None:
    circuit = built(
        2,
        [("rz", (0,), "first"), ("ry", (0,), "alive"), ("cx", (0, 1)), ("rz", (1,), "last"), ("rx", (1,), "also")],
        ((1, "X"),),
    )
    assert dead(circuit)["first"] == "its generator leaves the state before it unchanged"
    assert dead(circuit)["also"] == "commutes with everything between it and the cost"
    assert "alive" not in dead(circuit)


def test_uses_that_are_dead_for_different_reasons() -> None:
    gates = [("rz", (0,), "t"), ("ry", (0,), "u"), ("rz", (0,), "t")]
    assert dead(built(1, gates, ((0, "Z"),))) == {
        "t": "each of its gates commutes with what is behind it, or leaves the state unchanged"
    }


def test_one_living_use_keeps_a_parameter_alive() -> None:
    gates = [("rz", (0,), "t"), ("ry", (0,), "u"), ("rz", (0,), "t"), ("rx", (0,), "v")]
    assert "t" not in dead(built(1, gates, ((0, "Z"),)))


def test_a_commuting_turn_in_between_does_not_wake_a_parameter() -> None:
    gates = [("ry", (0,), "a"), ("rz", (0,), "b"), ("rzz", (0, 1), "c")]
    assert set(dead(built(2, gates, ((0, "Z"),)))) == {"b", "c"}


def test_what_lies_outside_the_light_cone_commutes() -> None:
    assert set(dead(built(2, [("ry", (0,), "a"), ("ry", (1,), "b")], ((0, "Z"),)))) == {"b"}


def test_the_initial_state_decides() -> None:
    plus = Amplitudes((0,), (2**-0.5, 2**-0.5))
    gates = [("rx", (0,), "x"), ("rz", (0,), "z"), ("ry", (0,), "y")]
    assert set(dead(built(1, gates, ((0, "Z"),), initial_state=plus))) == {"x"}


def test_noise_before_a_turn_counts_as_a_change_of_state() -> None:
    channel = (Channel("amplitude_damping", (0,), (0.3,), 0),)
    gates = [("rz", (0,), "z"), ("rx", (0,), "x")]
    assert dead(built(1, gates, ((0, "Y"),), channels=channel)) == {}
    assert set(dead(built(1, gates, ((0, "Y"),)))) == {"z"}


def test_an_expression_that_only_turns_idly_is_dead() -> None:
    circuit = Circuit(
        "c", 1, (Gate("ry", (0,), (0.3,)), Gate("rz", (0,), (multiply(parameter("a"), parameter("b")),))),
        (Parameter("a"), Parameter("b")), (PauliSum((PauliTerm(1.0, ((0, "Z"),)),)),),
    )  # fmt: skip
    assert set(dead(circuit)) == {"a", "b"}


def test_a_projector_that_measures_fewer_qubits() -> None:
    gates = [("ry", (q,), f"t{q}") for q in range(12)]
    circuit = built(12, gates, observables=(Projector(tuple(range(9)), "0" * 9),))
    assert set(dead(circuit)) == {"t9", "t10", "t11"}


def test_a_search_that_ends_early_claims_less(monkeypatch: pytest.MonkeyPatch) -> None:
    gates = [("ry", (0,), "a"), *(("rz", (0,), f"z{k}") for k in range(50))]
    circuit = built(1, gates, ((0, "Z"),))
    assert len(dead(circuit)) == 50
    monkeypatch.setattr("ansatzlint.moments.problem.MAX_COMPARISONS", 10)
    assert 0 < len(dead(circuit)) < 50


def gradients(circuit: Circuit, values: dict[str, float]) -> dict[str, float]:
    """Central differences of the dense cost."""
    rho, n = density(circuit), circuit.qubits
    o = np.tensordot(observable(circuit).reshape(-1), pauli_basis(n), axes=1)

    def cost(at: dict[str, float]) -> float:
        u = unitary(circuit, at)
        return float(np.trace(o @ u @ rho @ u.conj().T).real)

    return {k: (cost(values | {k: v + 1e-4}) - cost(values | {k: v - 1e-4})) / 2e-4 for k, v in values.items()}


@settings(max_examples=50, deadline=None)
@given(circuits(max_qubits=3, max_gates=8, observable=True), st.integers(0, 2**32))
def test_every_parameter_claimed_dead_has_no_gradient(circuit: Circuit, seed: int) -> None:
    claimed = dead(circuit)
    rng = np.random.default_rng(seed)
    values = {p.name: float(rng.uniform(-2, 2)) for p in circuit.parameters}
    for name, slope in gradients(circuit, values).items():
        assert name not in claimed or abs(slope) < 1e-6


@pytest.mark.parametrize("seed", range(10))
def test_every_parameter_claimed_dead_has_no_gradient_from_any_product_state(seed: int) -> None:
    rng = np.random.default_rng(seed)
    for _ in range(4):
        circuit = random_circuit(rng, 3, 8, noise=False)
        claimed = dead(circuit)
        values = {p.name: float(rng.uniform(-3, 3)) for p in circuit.parameters}
        slopes = gradients(circuit, values)
        assert all(abs(slopes[name]) < 1e-6 for name in claimed)


def test_a_state_that_cannot_be_had_is_refused() -> None:
    circuit = built(1, [("rx", (0,), "t")], ((0, "Z"),), initial_state=Amplitudes((0,), None))
    with pytest.raises(CircuitError, match="decided by inputs"):
        _ = Problem(circuit).state


def test_drawn_parameters_by_name() -> None:
    gates = [("rx", (0,), "t"), ("ry", (0,), "u"), ("rx", (0,), "t")]
    assert Problem(built(1, gates, ((0, "Z"),))).drawn == ("t",)


def test_matrices_of_the_strings_that_claims_are_about() -> None:
    # the frame's generators, not the gates', decide: an RX behind an H is an RZ on |0>
    circuit = built(1, [("h", (0,)), ("rx", (0,), "t"), ("rz", (0,), "u")], ((0, "X"),))
    generator = Problem(circuit).frame.events[0].generators[0]  # type: ignore[union-attr]
    assert np.allclose(matrix(generator, 1), PAULIS["Z"])
    assert set(dead(circuit)) == {"t"}
