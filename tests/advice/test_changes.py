"""Each kind of change, applied: what it makes of a circuit, and what it leaves alone."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from math import comb

import numpy as np
import pytest
from advice.truth import mean_squares, operator
from hypothesis import given, settings
from hypothesis import strategies as st

from ansatzlint.advice.changes import cost, depth, families, growth, start, symmetry, topology
from ansatzlint.advice.subject import Subject
from ansatzlint.advice.values import Proposal, Refusal
from ansatzlint.assumptions import Assumed, complete, state
from ansatzlint.circuit import Circuit, Observable, PauliSum, PauliTerm, Projector
from ansatzlint.dense import unitary
from ansatzlint.evidence import Effort, Evidence, gradients
from ansatzlint.families import FAMILIES
from ansatzlint.graph import entangling_blocks
from ansatzlint.initialisation import Normal
from ansatzlint.predictor.quality.hamiltonians import heisenberg, tfim

EFFORT = Effort(None, 0, 20_000_000)


def subject_of(circuit: Circuit) -> Subject:
    return Subject(Evidence(circuit, EFFORT), EFFORT)


def subject(built: Circuit, observable: str | Observable = "local-z", **facts: object) -> Subject:
    if isinstance(observable, str):
        built = state(built, Assumed(observable=observable))
    else:
        built = replace(built, observables=(observable,))
    return subject_of(complete(replace(built, **facts)))  # type: ignore[arg-type]


def hardware_efficient(qubits: int, layers: int, **arguments: object) -> Circuit:
    return FAMILIES["hardware-efficient"].build(qubits, layers=layers, **arguments)


def proposals(found: list[Proposal | Refusal]) -> list[Proposal]:
    return [p for p in found if isinstance(p, Proposal)]


# --- cost


def _minimisers(matrix: np.ndarray) -> set[int]:
    values = np.diag(matrix).real
    return set(np.flatnonzero(values < values.min() + 1e-9).tolist())


@given(st.integers(3, 6), st.sampled_from([1.0, -1.0, 0.3, -2.0]))
@settings(max_examples=20, deadline=None)
def test_the_least_value_of_the_local_cost_is_one_of_the_word(qubits: int, coefficient: float) -> None:
    word = PauliSum((PauliTerm(coefficient, tuple((q, "Z") for q in range(qubits))),))
    found = cost.local(word, 2)
    assert not isinstance(found, str)
    circuit = Circuit("c", qubits, ())
    old, new = (_minimisers(operator(replace(circuit, observables=(o,)))) for o in (word, found[0]))
    assert new <= old
    assert len(old) == 2 ** (qubits - 1)


@given(st.text("01", min_size=3, max_size=6), st.integers(0, 2**32 - 1))
@settings(max_examples=30, deadline=None)
def test_the_local_fidelity_bounds_the_fidelity_as_is_said(bits: str, seed: int) -> None:
    n = len(bits)
    projector = Projector(tuple(range(n)), bits)
    found = cost.local(projector, 2)
    assert not isinstance(found, str)
    circuit = Circuit("c", n, ())
    rng = np.random.default_rng(seed)
    vector = rng.normal(size=2**n) + 1j * rng.normal(size=2**n)
    vector /= np.linalg.norm(vector)
    f, local = (
        np.vdot(vector, operator(replace(circuit, observables=(o,))) @ vector).real for o in (projector, found[0])
    )
    assert 1 - local <= 1 - f + 1e-12
    assert 1 - f <= n * (1 - local) + 1e-12


@pytest.mark.parametrize(
    ("observable", "why"),
    [
        (PauliSum((PauliTerm(1.0, ((0, "Z"),)),)), "local already"),
        (Projector((0, 1), "00"), "local already"),
        (
            PauliSum((
                PauliTerm(1.0, tuple((q, "X") for q in range(5))), PauliTerm(1.0, tuple((q, "Z") for q in range(5))),
            )),
            "no local cost has the optimum of a sum with 2 wide terms",
        ),
    ],
)  # fmt: skip
def test_a_cost_without_a_local_equivalent_is_refused(observable: Observable, why: str) -> None:
    found = cost.local(observable, 2)
    assert isinstance(found, str)
    assert why in found


def test_the_cost_is_all_that_changes() -> None:
    before = subject(hardware_efficient(5, 2), "projector")
    (found,) = proposals(list(cost.propose(before)))
    assert replace(found.circuit, observables=before.circuit.observables) == before.circuit


# --- initialisation


def test_narrow_starts_leave_the_gates_as_they_are() -> None:
    before = subject(hardware_efficient(4, 3), "global-z")
    narrow = [p for p in proposals(list(start.propose(before))) if p.group == "narrow"]
    assert len(narrow) == 3
    assert all(p.circuit.gates == before.circuit.gates for p in narrow)
    assert all(isinstance(p.circuit.initialisation, Normal) for p in narrow)


def test_the_middle_width_is_that_of_the_theorem() -> None:
    before = subject(hardware_efficient(4, 3), "global-z")
    (_, middle, _) = [p.circuit.initialisation for p in proposals(list(start.propose(before))) if p.group == "narrow"]
    assert isinstance(middle, Normal)
    assert middle.std == pytest.approx((1 / (4 * 4 * (3 + 2))) ** 0.5, rel=0.05)


def test_identity_blocks_are_the_identity_at_their_start() -> None:
    before = subject(hardware_efficient(3, 4), "global-z")
    blocks = [p for p in proposals(list(start.propose(before))) if p.group == "identity blocks"]
    assert blocks
    circuit = blocks[0].circuit
    rng = np.random.default_rng(0)
    values = {p.name: 0.0 if p.name.startswith("delta") else float(rng.uniform(0, 6)) for p in circuit.parameters}
    first = Circuit("start", 3, circuit.gates[:3])  # the fixed RY in front
    assert np.allclose(abs(np.vdot(unitary(circuit, values)[:, 0], unitary(first)[:, 0])), 1.0)


# --- depth


def test_so_many_blocks_stay_as_the_budget_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gradients, "shot_budget", lambda: 250.0)
    before = subject(hardware_efficient(8, 12), "local-z")
    (found,) = proposals(list(depth.propose(before)))
    kept = entangling_blocks(found.circuit)
    assert 1 <= len(kept) < 12
    medians = []
    for blocks in (len(kept), len(kept) + 1):
        claim = subject_of(gradients.truncated(before.circuit, blocks)).claim("shots_per_gradient")
        medians.append((claim.upper or claim.value)["median"])
    assert medians[0] <= 25 < medians[1]


def test_a_circuit_within_the_budget_keeps_its_depth() -> None:
    (refused,) = depth.propose(subject(hardware_efficient(4, 3)))
    assert isinstance(refused, Refusal)
    assert "no more than 10,000 shots" in refused.reason


# --- topology


def test_of_all_pairs_those_of_the_ring_stay() -> None:
    before = subject(hardware_efficient(6, 2, coupling="all-to-all"))
    ring = next(p for p in proposals(list(topology.propose(before))) if p.group == "ring")
    pairs = {tuple(sorted(gate.qubits)) for _, gate in ring.circuit.entangling_gates()}
    assert pairs == {(q, q + 1) for q in range(5)} | {(0, 5)}


def test_rotations_stay_when_couplings_go() -> None:
    before = subject(hardware_efficient(6, 2, coupling="all-to-all"))
    for found in proposals(list(topology.propose(before))):
        assert len(found.circuit.trainable) == len(before.circuit.trainable)


def test_the_parameters_of_couplings_go_with_them() -> None:
    before = subject(hardware_efficient(5, 1, coupling="all-to-all", entangler="rzz"))
    thinner = topology.thinned(before.circuit, {(q, q + 1) for q in range(4)})
    used = {name for gate in thinner.gates for name in gate.parameters}
    assert {p.name for p in thinner.parameters} == used


# --- families


def test_other_families_have_about_as_many_parameters_and_the_same_cost() -> None:
    before = subject(hardware_efficient(5, 4), "global-z")
    found = proposals(list(families.propose(before)))
    assert {p.group for p in found} >= {"real-amplitudes", "strongly-entangling"}
    for p in found:
        assert abs(len(p.circuit.trainable) - 40) <= 10
        assert p.circuit.observables == before.circuit.observables


@pytest.mark.parametrize(
    ("model", "hamiltonian"),
    [("tfim", tfim(6, periodic=True)), ("heisenberg", heisenberg(6, field=1.0, periodic=True))],
)
def test_the_terms_of_a_hamiltonian_are_generators_where_a_family_has_them(model: str, hamiltonian: PauliSum) -> None:
    found = proposals(list(families.propose(subject(hardware_efficient(6, 4), hamiltonian))))
    own = [p.change for p in found if p.group == "hamiltonian-variational"]
    assert any("model=" not in change if model == "tfim" else f"model={model}" in change for change in own)
    assert all("boundary=periodic" in change for change in own)


def test_circuits_with_inputs_keep_their_gates() -> None:
    before = subject(FAMILIES["data-reuploading"].build(3))
    assert all(isinstance(found, Refusal) for found in families.propose(before))


# --- symmetry


def _conserved(qubits: int) -> dict[str, np.ndarray]:
    parity = PauliSum((PauliTerm(1.0, tuple((q, "X") for q in range(qubits))),))
    number = PauliSum(tuple(PauliTerm(1.0, ((q, "Z"),)) for q in range(qubits)))
    conserved = {"z2-symmetric": parity, "matchgate": number}
    return {k: operator(Circuit(k, qubits, (), observables=(o,))) for k, o in conserved.items()}


@pytest.mark.parametrize(
    ("hamiltonian", "groups"),
    [
        (tfim(4, periodic=True), {"z2-symmetric"}),
        (heisenberg(4, periodic=True), {"z2-symmetric", "matchgate"}),
        (heisenberg(4, field=1.0, periodic=True), {"matchgate"}),
        (PauliSum(tuple(PauliTerm(1.0, ((q, "Z"),)) for q in range(4))), {"permutation-equivariant"}),
        (PauliSum((PauliTerm(1.0, ((0, "Z"),)), PauliTerm(1.0, ((1, "X"),)))), set()),
    ],
)
def test_symmetries_are_found_where_matrices_commute(hamiltonian: PauliSum, groups: set[str]) -> None:
    before = subject(hardware_efficient(4, 4), hamiltonian)
    found = proposals(list(symmetry.propose(before)))
    assert {p.group for p in found} == groups
    matrix = operator(before.circuit)
    for group, conserved in _conserved(4).items():
        commute = np.allclose(matrix @ conserved, conserved @ matrix)
        assert (group in groups) <= commute


def test_the_circuit_keeps_the_symmetry_that_is_said() -> None:
    before = subject(hardware_efficient(4, 4), heisenberg(4, periodic=True))
    rng = np.random.default_rng(1)
    for p in proposals(list(symmetry.propose(before))):
        values = {q.name: float(rng.uniform(0, 6)) for q in p.circuit.parameters}
        final = unitary(p.circuit, values)[:, 0]
        conserved = _conserved(4)[p.group]
        image = conserved @ final
        assert np.linalg.norm(image - np.vdot(final, image) * final) < 1e-9


def test_a_ground_state_outside_of_the_symmetry_is_a_loss() -> None:
    # The antiferromagnet of all pairs has singlets as ground states, none of which is permutation-symmetric.
    pairs = combinations(range(4), 2)
    terms = tuple(PauliTerm(1.0, ((a, p), (b, p))) for a, b in pairs for p in "XYZ")
    before = subject(hardware_efficient(4, 4), PauliSum(terms))
    found = [p for p in proposals(list(symmetry.propose(before))) if p.group == "permutation-equivariant"]
    assert found
    assert all(p.losses and "lies above" in p.meaning for p in found)


def test_the_symmetric_states_are_as_many_as_the_dicke_states() -> None:
    basis = symmetry._symmetric_sector(5)
    assert basis.shape == (32, 6)
    assert np.allclose(basis.T @ basis, np.eye(6))
    assert sum(comb(5, k) for k in range(6)) == 32


# --- growth


def test_growth_ends_with_the_whole_circuit_at_the_grown_angles() -> None:
    before = subject(hardware_efficient(4, 3), tfim(4))
    (found,) = proposals(list(growth.propose(before)))
    assert [s.blocks for s in found.stages] == [1, 2, 3]
    assert found.circuit.gates == before.circuit.gates
    assert all(p.value is not None for p in found.circuit.parameters)


def test_the_gradients_of_a_stage_are_those_of_dense_matrices() -> None:
    before = subject(hardware_efficient(3, 2), tfim(3))
    (found,) = proposals(list(growth.propose(before)))
    exact = mean_squares(found.circuit, 1)
    claim = subject_of(found.circuit).claim("gradient_mean_square")
    assert claim.value == pytest.approx(exact, rel=1e-3, abs=1e-8)


def test_what_cannot_be_grown_says_why() -> None:
    (refused,) = growth.propose(subject(hardware_efficient(12, 3)))
    assert isinstance(refused, Refusal)
    assert "at most 10 qubits" in refused.reason
