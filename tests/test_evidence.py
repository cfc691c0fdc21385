"""The claims, against dense matrices."""

from __future__ import annotations

import sys
from dataclasses import replace
from itertools import combinations
from math import pi
from types import FrameType

import numpy as np
import pytest
from dimension.matrices import generic_rank
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from strategies import circuits

import ansatzlint as al
from ansatzlint import angles
from ansatzlint.assumptions import complete
from ansatzlint.circuit import (
    Amplitudes,
    Channel,
    Circuit,
    Gate,
    Parameter,
    PauliSum,
    PauliTerm,
    Projector,
    Unread,
)
from ansatzlint.dense import unitary
from ansatzlint.evidence import KEYS, Evidence, Redundant, Term
from ansatzlint.gates import CLIFFORD, shape
from ansatzlint.noise import Depolarizing

LETTERS = {
    "I": np.eye(2), "X": np.array([[0, 1], [1, 0]]), "Y": np.array([[0, -1j], [1j, 0]]), "Z": np.diag([1, -1]),
}  # fmt: skip
RUNS = settings(max_examples=80, deadline=None)


def dense(qubits: int, paulis: tuple[tuple[int, str], ...]) -> NDArray[np.complex128]:
    """The Pauli word as a matrix, qubit 0 the most significant bit."""
    letters = dict(paulis)
    matrix = np.eye(1, dtype=np.complex128)
    for qubit in range(qubits):
        matrix = np.kron(matrix, LETTERS[letters.get(qubit, "I")])
    return matrix


def expectation(circuit: Circuit, term: PauliTerm, values: dict[str, float]) -> float:
    state = unitary(circuit, values)[:, 0]
    return float(np.real(state.conj() @ dense(circuit.qubits, term.paulis) @ state))


def random_values(circuit: Circuit, rng: np.random.Generator) -> dict[str, float]:
    return {p.name: float(v) for p, v in zip(circuit.parameters, rng.uniform(-2, 2, len(circuit.parameters)))}  # noqa: B905


def gate(name: str, *qubits: int, angle: str | float | None = None, word: str = "") -> Gate:
    given_ = () if angle is None else (angles.parameter(angle) if isinstance(angle, str) else angle,)
    return Gate(name, qubits, given_, word=word)


def build(qubits: int, *gates: Gate, cost: str = "", inputs: tuple[str, ...] = (), **more: object) -> Circuit:
    """A circuit whose cost is written like "ZZI + IIX"; parameters are what the gates use."""
    names = dict.fromkeys(name for g in gates for name in g.parameters)
    terms = tuple(
        PauliTerm(1.0, tuple((q, letter) for q, letter in enumerate(word) if letter != "I"))
        for word in cost.split(" + ") if word
    )  # fmt: skip
    return Circuit(
        "c", qubits, gates, tuple(Parameter(n, "input" if n in inputs else "trainable") for n in names),
        observables=(PauliSum(terms),) if terms else (), **more,  # type: ignore[arg-type]  # a test's shorthand
    )  # fmt: skip


def one(circuit: Circuit) -> Term:
    (term,) = Evidence(circuit).value("cost_terms")
    return term  # type: ignore[no-any-return]  # claims are untyped


@st.composite
def ansatz(
    draw: st.DrawFn, max_qubits: int, max_gates: int, fixed: tuple[str, ...], turned: tuple[str, ...]
) -> Circuit:
    """Gates of `fixed` and `turned`, each of the latter by a parameter of its own, and a cost of one or two terms."""
    qubits = draw(st.integers(1, max_qubits))
    allowed = [name for name in fixed + turned if shape(name)[0] <= qubits]
    gates = []
    for number in range(draw(st.integers(2, max_gates))):
        name = draw(st.sampled_from(allowed))
        size, count = shape(name)
        where = tuple(draw(st.permutations(range(qubits)))[:size])
        gates.append(Gate(name, where, tuple(angles.parameter(f"t{number}_{i}") for i in range(count))))
    words = st.dictionaries(st.integers(0, qubits - 1), st.sampled_from("XYZ"), min_size=1, max_size=1)
    terms = draw(st.lists(words, min_size=1, max_size=2, unique_by=lambda w: tuple(w.items())))
    names = dict.fromkeys(name for g in gates for name in g.parameters)
    cost = PauliSum(tuple(PauliTerm(1.0, tuple(word.items())) for word in terms))
    return Circuit("random", qubits, tuple(gates), tuple(map(Parameter, names)), (cost,))


MIXED = ansatz(4, 8, ("cx", "swap", "iswap", "t"), ("rx", "ry", "crz", "rzz", "u"))
COMMUTING = ansatz(2, 8, ("cx", "dcx", "cz", "h", "s", "swap", "sx"), ("rx", "rz", "rzz", "rxx", "p", "crz"))


# --- dead parameters, unused inputs, constant terms ------------------------------------------------------------


@given(MIXED, st.integers(0, 2**32 - 1))
@RUNS
def test_a_dead_parameter_never_moves_the_cost(circuit: Circuit, seed: int) -> None:
    (observable,) = circuit.observables
    assert isinstance(observable, PauliSum)
    dead = Evidence(circuit).value("dead_parameters")
    assume(dead)
    rng = np.random.default_rng(seed)
    values = random_values(circuit, rng)
    moved = values | {d.parameter: float(rng.uniform(-2, 2)) for d in dead}
    for term in observable.terms:
        assert expectation(circuit, term, moved) == pytest.approx(expectation(circuit, term, values), abs=1e-9)
    for d in dead:
        assert d.gates == tuple(i for i, g in enumerate(circuit.gates) if d.parameter in g.parameters)


@given(MIXED, st.integers(0, 2**32 - 1))
@RUNS
def test_an_unreachable_term_is_constant(circuit: Circuit, seed: int) -> None:
    (observable,) = circuit.observables
    assert isinstance(observable, PauliSum)
    fixed = [t for t in Evidence(circuit).value("cost_terms") if not t.reachable or not t.locality]
    assume(fixed and circuit.parameters)
    rng = np.random.default_rng(seed)
    first, second = random_values(circuit, rng), random_values(circuit, rng)
    for term in fixed:
        pauli = observable.terms[term.index]
        assert expectation(circuit, pauli, first) == pytest.approx(expectation(circuit, pauli, second), abs=1e-9)


def test_dead_parameters_by_hand() -> None:
    circuit = build(
        3, gate("ry", 0, angle="a"), gate("ry", 1, angle="b"), gate("cx", 1, 0), gate("ry", 1, angle="c"),
        gate("rz", 2, angle="d"), cost="ZII",
    )  # fmt: skip
    dead = Evidence(circuit).value("dead_parameters")
    assert [(d.parameter, d.gates) for d in dead] == [("c", (3,)), ("d", (4,))]


def test_a_shared_parameter_lives_if_one_of_its_gates_does() -> None:
    circuit = build(2, gate("ry", 0, angle="a"), gate("ry", 1, angle="a"), cost="ZI")
    assert Evidence(circuit).value("dead_parameters") == ()


def test_a_parameter_without_a_gate_is_dead_and_inputs_are_judged_apart() -> None:
    circuit = Circuit(
        "c", 2, (gate("ry", 0, angle="a"), gate("rx", 1, angle="x")),
        (Parameter("a"), Parameter("b"), Parameter("x", "input"), Parameter("y", "input")),
        (PauliSum((PauliTerm(1.0, ((0, "Z"),)),)),),
    )  # fmt: skip
    evidence = Evidence(circuit)
    assert [(d.parameter, d.gates) for d in evidence.value("dead_parameters")] == [("b", ())]
    assert [(d.parameter, d.gates) for d in evidence.value("unused_inputs")] == [("x", (1,)), ("y", ())]


def test_inputs_that_prepare_the_state_are_used() -> None:
    state = Amplitudes((0, 1), parameters=("x",))
    circuit = Circuit(
        "c", 3, (gate("ry", 2, angle="a"),), (Parameter("a"), Parameter("x", "input")),
        (PauliSum((PauliTerm(1.0, ((1, "Z"),)), PauliTerm(1.0, ((2, "Z"),)))),), initial_state=state,
    )  # fmt: skip
    evidence = Evidence(circuit)
    assert evidence.value("unused_inputs") == ()
    assert [t.locality for t in evidence.value("cost_terms")] == [1, 1]
    elsewhere = Circuit("c", 3, circuit.gates, circuit.parameters, circuit.observables[:0], initial_state=state)
    assert [d.parameter for d in Evidence(elsewhere).value("unused_inputs")] == ["x"]


def test_idle_qubits() -> None:
    circuit = build(4, gate("ry", 0, angle="a"), gate("cx", 1, 0), gate("h", 2), gate("cx", 2, 3), cost="ZIII")
    assert Evidence(circuit).value("idle_qubits") == (2, 3)
    # a swap moves the cone: qubit 1 carries the cost's past, qubit 0 its end
    swapped = build(3, gate("ry", 1, angle="a"), gate("swap", 0, 1), cost="ZII")
    assert Evidence(swapped).value("idle_qubits") == (2,)


# --- locality: the pull-back through trailing Clifford gates -----------------------------------------------------

TRAILING = tuple(name for name in CLIFFORD if shape(name)[0] <= 3)


@given(circuits(max_qubits=4, max_gates=12, kinds=TRAILING, observable=True))
@RUNS
def test_locality_is_the_weight_of_the_conjugated_word(clifford: Circuit) -> None:
    """Behind a layer of RX RY that every letter feels, a term acts where C^dagger P C does."""
    n = clifford.qubits
    layer = tuple(gate(kind, q, angle=f"{kind}{q}") for q in range(n) for kind in ("rx", "ry"))
    circuit = Circuit(
        "c", n, layer + clifford.gates,
        tuple(Parameter(f"{kind}{q}") for q in range(n) for kind in ("rx", "ry")), clifford.observables,
    )  # fmt: skip
    (observable,) = circuit.observables
    assert isinstance(observable, PauliSum)
    matrix = unitary(clifford)
    for term, pauli in zip(Evidence(circuit).value("cost_terms"), observable.terms, strict=True):
        pulled = matrix.conj().T @ dense(n, pauli.paulis) @ matrix
        acts = [
            q for q in range(n)
            if any(not np.allclose(p @ pulled, pulled @ p) for p in (dense(n, ((q, "X"),)), dense(n, ((q, "Z"),))))
        ]  # fmt: skip
        assert term.locality == len(acts)
        assert term.qubits == pauli.qubits
        assert term.weight == pauli.coefficient


def test_a_parity_collected_by_cnots_is_local() -> None:
    layer = [gate("ry", q, angle=f"t{q}") for q in range(5)]
    # CX from every qubit into the last: Z on the last becomes Z on all, so that the product of Z on all becomes Z on it
    fan = [gate("cx", q, 4) for q in range(4)]
    assert one(build(5, *layer, *fan, cost="ZZZZZ")).locality == 1
    assert one(build(5, *layer, *fan, cost="IIIIZ")).locality == 5


def test_dense_entanglers_make_a_local_term_global() -> None:
    n = 6
    layer = [gate("ry", q, angle=f"t{q}") for q in range(n)]
    pairs = [gate("cz", a, b) for a, b in combinations(range(n), 2)]
    ring = [gate("cz", q, (q + 1) % n) for q in range(n)]
    assert one(build(n, *layer, *pairs, cost="XIIIII")).locality == n
    assert one(build(n, *layer, *ring, cost="XIIIII")).locality == 3


def test_fixed_quarter_turns_are_clifford_and_others_are_not() -> None:
    layer = [gate("ry", q, angle=f"t{q}") for q in range(2)]
    quarter = build(2, *layer, Gate("rxx", (0, 1), (pi / 2,)), cost="ZI")
    assert one(quarter).locality == 1  # Z -> Y X, and Y commutes with RY
    turned = build(2, gate("rx", 0, angle="a"), gate("rz", 1, angle="b"), Gate("rxx", (0, 1), (pi / 2,)), cost="ZI")
    assert one(turned).locality == 2
    eighth = build(2, *layer, Gate("rzz", (0, 1), (pi / 4,)), cost="XX")
    assert one(eighth).locality == 2  # X X commutes with Z Z


def test_a_rotation_that_commutes_does_not_count() -> None:
    # Z meets only rotations about Z, up to |0>: no parameter moves it
    circuit = build(2, gate("rz", 0, angle="a"), gate("ry", 1, angle="b"), gate("rz", 1, angle="c"), cost="ZZ")
    assert one(circuit).locality == 1
    assert one(build(1, gate("rz", 0, angle="a"), cost="Z")).locality == 0


def test_a_clifford_gate_before_a_rotation_is_not_trailing() -> None:
    layer = [gate("ry", q, angle=f"t{q}") for q in range(2)]
    # CX would take Z Z to one Z, but RY stands behind it on the first qubit
    assert one(build(2, *layer, gate("cx", 0, 1), cost="ZZ")).locality == 1
    assert one(build(2, *layer, gate("cx", 0, 1), gate("ry", 0, angle="b"), cost="ZZ")).locality == 2
    # nor is one that only touches a qubit at which the term stopped
    behind = [gate("cx", 0, 1), gate("cx", 1, 2), gate("ry", 0, angle="b")]
    three = [gate("ry", q, angle=f"t{q}") for q in range(3)]
    assert one(build(3, *three, *behind, cost="ZII")).locality == 1


def test_parameters_behind_a_fixed_gate_count() -> None:
    # between each Z and the only parameter of its past stands a fixed gate that is not Clifford
    links = [Gate("rxx", (q, q + 3), (0.3,)) for q in range(3)]
    circuit = build(6, *(gate("rx", q + 3, angle=f"t{q}") for q in range(3)), *links, cost="ZZZIII")
    assert one(circuit).locality == 3
    first, *_ = links
    alone = build(6, gate("rx", 3, angle="t"), first, Gate("rxx", (1, 4), (0.3,)), cost="ZZZIII")
    assert one(alone).locality == 1


def test_wide_circuits_are_not_read_once_a_term() -> None:
    """Counts what is visited: layers of ladders on 300 qubits, of which each term and each rotation sees little."""
    n, depth = 300, 6
    layer = [gate("ry", q, angle=f"t{q}") for q in range(n)]
    ladder = [gate("cx", q, q + 1) for q in range(n - 1)]
    gates = [replace(g, angles=(angles.parameter(f"l{d}{g.angles[0].terms[0][0]}"),)) if g.angles else g
             for d in range(depth) for g in (*layer, *ladder)]  # fmt: skip
    circuit = Circuit(
        "wide", n, tuple(gates), tuple(Parameter(p) for g in gates for p in g.parameters),
        (PauliSum(tuple(PauliTerm(1 / n, ((q, "Z"),)) for q in range(n))),),
    )  # fmt: skip
    visited = 0

    def count(frame: FrameType, event: str, argument: object) -> None:
        nonlocal visited
        visited += event == "call"

    evidence = Evidence(circuit)
    sys.setprofile(count)
    try:
        terms, redundant = evidence.value("cost_terms"), evidence.value("redundant_parameters")
    finally:
        sys.setprofile(None)
    assert [t.locality for t in terms] == [q + 1 for q in range(n)]
    assert redundant == ()
    assert visited < 200 * len(gates)


def test_terms_of_other_observables() -> None:
    layer = [gate("ry", q, angle=f"t{q}") for q in range(3)]
    circuit = build(4, *layer)
    circuit = Circuit("c", 4, circuit.gates, circuit.parameters, (Projector((0, 1, 2), "000"), Projector((3,), "0")))
    terms = Evidence(circuit).value("cost_terms")
    assert [(t.observable, t.qubits, t.locality, t.reachable) for t in terms] == [
        (0, (0, 1, 2), 3, True), (1, (3,), 1, False),
    ]  # fmt: skip


# --- redundant parameters ------------------------------------------------------------------------------------------


def tangents(circuit: Circuit, names: tuple[str, ...], values: dict[str, float]) -> NDArray[np.complex128]:
    """-i U^dagger dU/dt for each name, without its trace (a global phase), one row a name."""
    h, matrix = 1e-5, unitary(circuit, values)
    rows = []
    for name in names:
        up, down = (unitary(circuit, values | {name: values[name] + s * h}) for s in (1, -1))
        generator = -1j * matrix.conj().T @ (up - down) / (2 * h)
        rows.append((generator - np.trace(generator) / len(matrix) * np.eye(len(matrix))).ravel())
    return np.array(rows)


@given(COMMUTING, st.integers(0, 2**32 - 1))
@RUNS
def test_redundant_parameters_have_dependent_tangents(circuit: Circuit, seed: int) -> None:
    found = Evidence(circuit).value("redundant_parameters")
    assume(found)
    values = random_values(circuit, np.random.default_rng(seed))
    for pair in found:
        rows = tangents(circuit, (pair.parameter, pair.other), values)
        sizes = np.linalg.norm(rows, axis=1)
        assert abs(np.vdot(rows[0], rows[1])) == pytest.approx(sizes[0] * sizes[1], rel=1e-5, abs=1e-8)


def rz(name: str, qubit: int = 0) -> Gate:
    return gate("rz", qubit, angle=name)


def twice(name: str, factor: float) -> Gate:
    return Gate("rz", (0,), (angles.add(angles.multiply(factor, angles.parameter(name)), 0.3),))


REDUNDANT = {
    "side by side": [rz("a"), rz("b")],
    "through the control of a cx": [rz("a"), gate("cx", 0, 1), rz("b")],
    "on both sides of a cz": [rz("a"), gate("cz", 0, 1), rz("b")],
    "through a flip": [rz("a"), gate("x", 0), rz("b")],
    "about another letter behind a Hadamard": [rz("a"), gate("h", 0), gate("rx", 0, angle="b")],
    "on another qubit behind a swap": [rz("a"), gate("swap", 0, 1), rz("b", 1)],
    "spread by a cx": [gate("rz", 1, angle="a"), gate("cx", 0, 1), gate("rzz", 0, 1, angle="b")],
    "past a commuting rotation": [rz("a"), gate("rzz", 0, 1, angle="c"), rz("b")],
    "past a commuting input": [rz("a"), rz("x"), rz("b")],
    "past a fixed quarter turn": [rz("a"), Gate("rx", (0,), (pi / 2,)), gate("ry", 0, angle="b")],
    "with factors": [twice("a", 2.0), twice("b", -0.5)],
    "phase gate and rotation": [gate("p", 0, angle="a"), rz("b")],
    "forward through a gate that is not its own inverse": [rz("a"), gate("dcx", 0, 1), gate("rzz", 0, 1, angle="b")],
    "inside a general rotation": [rz("a"), Gate("rot", (0,), tuple(map(angles.parameter, ("b", "c", "d"))))],
}


@pytest.mark.parametrize("gates", REDUNDANT.values(), ids=REDUNDANT)
def test_pairs_that_are_one_angle(gates: list[Gate]) -> None:
    circuit = build(2, *gates, inputs=("x",))
    (pair,) = Evidence(circuit).value("redundant_parameters")
    assert isinstance(pair, Redundant)
    assert {pair.parameter, pair.other} == {"a", "b"}
    assert pair.gates == (0, len(gates) - 1)
    rows = tangents(circuit, ("a", "b"), {p.name: 0.4 + i for i, p in enumerate(circuit.parameters)})
    assert np.linalg.matrix_rank(rows, tol=1e-6) == 1


NOT_REDUNDANT = {
    "another generator": [rz("a"), gate("ry", 0, angle="b")],
    "another qubit": [rz("a"), rz("b", 1)],
    "a rotation between": [rz("a"), gate("ry", 0, angle="c"), rz("b")],
    "a data input between": [rz("a"), gate("rx", 0, angle="x"), rz("b")],
    "a fixed rotation between": [rz("a"), Gate("rx", (0,), (0.3,)), rz("b")],
    "through the target of a cx": [rz("a"), gate("cx", 1, 0), rz("b")],
    "backward through a gate that is not its own inverse": [rz("a"), gate("dcx", 0, 1), rz("b", 1)],
    "the first used elsewhere": [rz("a"), rz("b"), gate("ry", 1, angle="a")],
    "the second used elsewhere": [rz("a"), rz("b"), gate("ry", 1, angle="b")],
    "one parameter twice": [rz("a"), rz("a")],
    "an input": [rz("a"), rz("x")],
    "the halves of a controlled rotation": [rz("a", 1), gate("crz", 0, 1, angle="b")],
    "two controlled rotations": [gate("crx", 0, 1, angle="a"), gate("crx", 1, 0, angle="b")],
}


@pytest.mark.parametrize("gates", NOT_REDUNDANT.values(), ids=NOT_REDUNDANT)
def test_pairs_that_are_two_angles(gates: list[Gate]) -> None:
    circuit = build(2, *gates, inputs=("x",))
    assert Evidence(circuit).value("redundant_parameters") == ()


def test_a_chain_of_three_is_two_pairs() -> None:
    found = Evidence(build(1, rz("a"), rz("b"), rz("c"))).value("redundant_parameters")
    assert [(r.parameter, r.other) for r in found] == [("a", "b"), ("b", "c")]


def test_a_shared_rotation_between_does_not_hide_a_pair() -> None:
    circuit = build(2, rz("a"), rz("s"), rz("b"), gate("ry", 1, angle="s"))
    (pair,) = Evidence(circuit).value("redundant_parameters")
    assert (pair.parameter, pair.other) == ("a", "b")


# --- the collection --------------------------------------------------------------------------------------------------


def test_every_key_gives_a_value_or_a_reason() -> None:
    evidence = Evidence(build(2, rz("a"), gate("cx", 0, 1), cost="ZI"))
    for key in KEYS:
        claim = evidence.claim(key)
        assert claim.key == key
        assert (claim.value is None) == (claim.source is None) == (claim.reason is not None)
        assert claim.seconds >= 0.0


def test_a_claim_is_computed_once() -> None:
    evidence = Evidence(build(2, rz("a"), cost="ZI"))
    assert evidence.claim("cost_terms") is evidence.claim("cost_terms")


def test_claims_carry_assumptions_and_what_was_not_read() -> None:
    circuit = build(1, rz("a"), cost="Z", assumptions=("equal numbers are one",), unread=(Unread("a gap"),))
    texts = {a.text: a.holds for a in Evidence(circuit).claim("cost_terms").assumptions}
    assert texts == {"equal numbers are one": None, "the circuit was read completely": False}


def test_counts() -> None:
    pairs = [gate("cz", a, b) for a, b in combinations(range(4), 2)]
    layer = [gate("ry", q, angle=f"t{q}") for q in range(4)]
    again = [gate("ry", q, angle=f"u{q}") for q in range(4)]
    evidence = Evidence(build(4, *layer, *pairs, *again, *pairs[:3], gate("swap", 0, 1), gate("ccx", 0, 1, 2)))
    assert evidence.value("entangling_gates") == 10
    assert evidence.value("two_qubit_gates") == 10
    assert evidence.value("all_to_all_blocks") == 1
    assert evidence.value("entangling_blocks") == 2


@pytest.mark.parametrize(
    "key", ["dead_parameters", "unused_inputs", "idle_qubits", "redundant_parameters", "constant_terms"]
)
def test_what_a_missing_gate_could_change_is_not_claimed(key: str) -> None:
    circuit = build(2, rz("a"), rz("b"), cost="Z")
    assert Evidence(circuit).claim(key).value is not None
    claim = Evidence(replace(circuit, unread=(Unread("a gate under classical control"),))).claim(key)
    assert (claim.value, claim.source) == (None, None)
    assert claim.reason is not None
    assert "was not read" in claim.reason


def test_light_cones_are_counted_term_by_term() -> None:
    gates = (Gate("ry", (0,), (angles.parameter("a"),)), Gate("cx", (0, 1)), Gate("ry", (2,), (angles.parameter("b"),)))
    cost = PauliSum((PauliTerm(1.0, ((1, "Z"),)), PauliTerm(3.0, ()), PauliTerm(1.0, ((2, "Z"),))))
    circuit = Circuit("c", 3, gates, (Parameter("a"), Parameter("b")), (cost,))
    assert [(c.label, c.qubits, c.gates, c.parameters) for c in Evidence(circuit).value("light_cones")] == [
        ("Z1", (0, 1), 2, 1), ("3 I", (), 0, 0), ("Z2", (2,), 1, 1),
    ]  # fmt: skip


def test_noise_between_two_rotations_keeps_them_apart() -> None:
    circuit = build(1, rz("a"), rz("b"), cost="X")
    assert len(Evidence(circuit).value("redundant_parameters")) == 1
    noisy = replace(circuit, channels=(Channel("amplitude_damping", (0,), (0.1,), after=1),))
    assert Evidence(noisy).value("redundant_parameters") == ()
    behind = replace(circuit, channels=(Channel("amplitude_damping", (0,), (0.1,), after=2),))
    assert len(Evidence(behind).value("redundant_parameters")) == 1


@pytest.mark.parametrize("key", ["depth", "two_qubit_gates", "entanglement_graph"])
def test_figures_of_a_circuit_with_a_gap_say_so(key: str) -> None:
    circuit = replace(build(2, rz("a"), cost="Z"), unread=(Unread("a gap"),))
    assert [a.text for a in Evidence(circuit).claim(key).assumptions if a.holds is False] == [
        "the circuit was read completely"
    ]


def test_a_circuit_of_the_target_size_is_not_rebuilt_for_it() -> None:
    evidence = Evidence(complete(al.families["hardware-efficient"].build(50, layers=1)))
    assert evidence.claim("gradients_at_target").reason == "the circuit has the 50 qubits of the target, or more"


def test_long_circuits_are_not_rebuilt() -> None:
    evidence = Evidence(complete(al.families["hardware-efficient"].build(8, layers=1000)))
    for key in ("gradients_at_target", "scaling"):
        assert evidence.claim(key).reason == "circuits of more than 20,000 gates are not rebuilt"


def test_the_parameter_dimension_is_the_rank_of_dense_derivatives() -> None:
    circuit = al.families["real-amplitudes"].build(3, layers=3)
    claim = Evidence(complete(circuit)).claim("parameter_dimension")
    assert (claim.value, claim.source) == (generic_rank(circuit), "exact")
    assert claim.assumptions == ()


def test_a_parameter_dimension_that_is_not_reached_is_a_bound_with_both_ends() -> None:
    claim = Evidence(complete(al.families["efficient-su2"].build(30, layers=2))).claim("parameter_dimension")
    assert claim.source == "bound"
    assert claim.lower == claim.value < claim.upper <= 180


def test_expressibility_is_claimed_with_its_floor_and_interval() -> None:
    circuit = complete(al.families["hardware-efficient"].build(3, layers=1))
    claim, found = Evidence(circuit).claim("expressibility"), al.expressibility(circuit)
    assert claim.value == {"kl": found.kl, "floor": found.floor}
    assert (claim.source, claim.samples) == ("sampled", 5000)
    assert claim.lower["kl"] == pytest.approx(max(found.kl - 1.96 * found.standard_error, 0.0))


def test_expressibility_of_many_qubits_is_not_claimed() -> None:
    claim = Evidence(complete(al.families["hardware-efficient"].build(11, layers=1))).claim("expressibility")
    assert claim.value is None
    assert claim.reason == "computed up to 10 qubits, not 11; the parameter dimension has no such limit"


@pytest.mark.parametrize("key", ["expressibility", "parameter_dimension"])
def test_what_a_circuit_can_express_leaves_noise_out(key: str) -> None:
    circuit = replace(al.families["hardware-efficient"].build(3, layers=1), noise=Depolarizing(0.01, 0.02))
    assert "noise left out" in {a.text for a in Evidence(complete(circuit)).claim(key).assumptions}
