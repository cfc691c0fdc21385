from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from math import isnan, log10, pi, sqrt

import numpy as np
import pytest
from feature_values import build, turn
from hypothesis import given, settings
from strategies import circuits

from ansatzlint import angles
from ansatzlint.assumptions import complete
from ansatzlint.circuit import Circuit, Gate, Observable, Parameter, PauliSum, PauliTerm, Projector
from ansatzlint.families import FAMILIES
from ansatzlint.features import generators
from ansatzlint.features.tape import tape
from ansatzlint.initialisation import Normal, Uniform, Zeros
from ansatzlint.moments.frame import Frame, Free, Group
from ansatzlint.moments.problem import Problem
from ansatzlint.noise import Depolarizing
from ansatzlint.observables import parse_pauli_sum
from ansatzlint.pauli.strings import PauliString


def columns(circuit: Circuit) -> dict[str, float]:
    written = tape(circuit)
    found = generators.columns(circuit, written)
    return dict(zip((feature.name for feature in generators.COLUMNS), map(float, found), strict=True))


def words(frame: Frame) -> list[PauliString]:
    """Every generator that the engine has, as often as gates hold it."""
    found = []
    for event in frame.events:
        found += list(event.generators) if isinstance(event, Group) else []
        found += [event.generator] if isinstance(event, Free) else []
    return found


def word(text: str, qubits: int) -> tuple[Observable, ...]:
    return (parse_pauli_sum(text, qubits),)


def ket(qubits: int) -> tuple[Observable, ...]:
    return (Projector(tuple(range(qubits)), "0" * qubits),)


@settings(max_examples=25, deadline=None)
@given(circuits(observable=True, max_gates=8))
def test_the_engine_has_the_same_generators_and_shares_the_same_parameters(circuit: Circuit) -> None:
    circuit = complete(circuit)
    found = columns(circuit)
    frame = Problem(circuit).frame
    drawn = {circuit.parameters[i].role for i in frame.drawn}
    assert (found["shared_angles"], found["shared_inputs"]) == ("trainable" in drawn, 0)
    if generators_ := words(frame):
        assert found["generators"] == len({(w.x, w.z) for w in generators_})


@settings(max_examples=30, deadline=None)
@given(circuits(observable=True, max_gates=8, kinds=("rx", "rz", "ryy", "cx", "h", "s", "iswap", "t", "ecr")))
def test_what_commutes_is_what_the_engine_says(circuit: Circuit) -> None:
    names = [f"p{i}" for i in range(len(circuit.gates))]
    gates = tuple(
        replace(gate, angles=(angles.parameter(name),)) if gate.angles else gate
        for gate, name in zip(circuit.gates, names, strict=True)
    )
    circuit = complete(replace(circuit, gates=gates, parameters=tuple(map(Parameter, names))))
    found = columns(circuit)
    frame = Problem(circuit).frame
    order = words(frame)
    near = [a.commutes(b) for i, a in enumerate(order) for b in order[i + 1 : i + 1 + circuit.qubits]]
    assert found["commuting_near"] == pytest.approx(np.mean(near) if near else np.nan, nan_ok=True)
    on: Sequence[int] = [event.gates[0] for event in frame.events if isinstance(event, Group)]
    last: dict[int, PauliString] = {}
    beside = []
    for gate, generator in zip(on, order, strict=True):
        for qubit in gates[gate].qubits:
            if qubit in last:
                beside.append(last[qubit].commutes(generator))
            last[qubit] = generator
    assert found["commuting_neighbours"] == pytest.approx(np.mean(beside) if beside else np.nan, nan_ok=True)
    (cost,) = circuit.observables
    assert isinstance(cost, PauliSum)
    trained = [(i, g) for i, (gate, g) in enumerate(zip(on, order, strict=True)) if gates[gate].angles]
    if not trained:
        return
    images = [(frame.tableau(PauliString.of(t.paulis)), t.coefficient**2) for t in cost.terms]
    against = [sum(c for image, c in images if not g.commutes(image)) / sum(c for _, c in images) for _, g in trained]
    assert found["rotations_against_cost"] == pytest.approx(np.mean(against))
    assert found["rotations_diagonal"] == pytest.approx(np.mean([not g.x for _, g in trained]))
    idle = [not g.x and all(g.commutes(b) for b in order[:i]) for i, g in trained]
    assert found["rotations_idle_start"] == pytest.approx(np.mean(idle))
    final = [any(not g.commutes(image) for image, _ in images) and all(g.commutes(b) for b in order[i + 1 :])
             for i, g in trained]  # fmt: skip
    assert found["rotations_final"] == pytest.approx(sum(final) / circuit.qubits)


def test_letters_of_rotations() -> None:
    # crz turns about Z of the target and ZZ
    found = columns(build(2, [turn("rx", "a", 0), turn("ry", "b", 0), turn("crz", "c", 0, 1), Gate("t", (0,))]))
    assert [found[f"rotation_{kind}"] for kind in ("x", "y", "z", "several")] == [0.25, 0.25, 0.25, 0.25]
    assert (found["rotations"], found["fixed_rotations"], found["generator_qubits"]) == (4, 1 / 5, 6 / 5)


def test_generators_are_seen_through_clifford_gates() -> None:
    found = columns(build(2, [turn("rz", "a", 1), Gate("h", (1,)), Gate("cx", (0, 1)), turn("rx", "b", 0)]))
    # X on the control becomes X X, then X Z
    assert (found["generator_qubits_start"], found["generators"]) == (1.5, 2)
    assert isnan(found["commuting_neighbours"])  # no two of them meet on a qubit


def test_a_projector_is_missed_by_what_commutes_with_all_its_words() -> None:
    # X turns half of the words with Z on its qubit, Z none
    found = columns(build(2, [turn("rz", "a", 0), turn("rx", "b", 0)], observables=ket(2)))
    assert found["rotations_against_cost"] == pytest.approx((0 + 0.5) / 2)


def test_initialisation_by_closed_forms() -> None:
    # E[cos^2 x] = (1 + exp(-2 s^2)) / 2 for a normal angle of spread s; a half turn of pi/2 each side averages to 1/2
    gates = [turn("rx", "a", 0), turn("rx", "b", 0, factor=2.0)]
    found = columns(build(1, gates, initialisation=Normal(0.3)))
    keep = [(1 + np.exp(-2 * s * s)) / 2 for s in (0.3, 0.6)]
    assert found["init_keep_mean"] == pytest.approx(np.mean(keep))
    assert found["init_keep_minimum"] == pytest.approx(keep[1])
    assert found["init_flip_mean"] == pytest.approx(1 - np.mean(keep))
    assert found["init_flip_minimum"] == pytest.approx(1 - keep[0])
    assert found["init_mean"] == pytest.approx((np.exp(-0.045) + np.exp(-0.18)) / 2)
    assert found["init_spread"] == pytest.approx(0.45)
    assert found["init_factor"] == pytest.approx(log10(2) / 2)
    assert found["init_full_period"] == 0


@pytest.mark.parametrize(
    ("start", "keep", "spread", "full"),
    [(Uniform(), 0.5, 3, 1), (Uniform(0.0, 6.28), 0.5, 3, 1), (Zeros(), 1, 0, 0),
     (Uniform(-pi / 2, pi / 2), 0.5, sqrt(-2 * np.log(2 / pi)), 0)],
)  # fmt: skip
def test_full_periods_and_points(start: object, keep: float, spread: float, full: float) -> None:
    found = columns(build(1, [turn("rx", "a", 0)], initialisation=start))
    assert (found["init_keep_mean"], found["init_spread"]) == pytest.approx((keep, spread), abs=2e-3)
    assert found["init_full_period"] == full


def test_the_initialisation_counts_in_the_light_cone_alone() -> None:
    gates = [turn("rx", "a", 0), turn("rx", "b", 1)]
    parameters = (Parameter("a", initialisation=Zeros()), Parameter("b", initialisation=Uniform()))
    found = columns(build(2, gates, parameters=parameters, observables=word("Z0", 2)))
    assert (found["init_keep_mean"], found["init_full_period"]) == (1, 0)


def test_a_swap_carries_the_light_cone() -> None:
    gates = [turn("rx", "a", 0), turn("rx", "b", 1), Gate("swap", (0, 1))]
    parameters = (Parameter("a", initialisation=Zeros()), Parameter("b", initialisation=Uniform()))
    found = columns(build(2, gates, parameters=parameters, observables=word("Z0", 2)))
    assert found["init_full_period"] == 1


def layers(kind: str, name: str, qubits: int) -> list[Gate]:
    return [turn(kind, name, q) for q in range(qubits)]


def equivariant(qubits: int, edges: list[tuple[int, int]]) -> list[Gate]:
    gates: list[Gate] = []
    for layer in range(2):
        gates += layers("rx", f"x{layer}", qubits)
        gates += layers("ry", f"y{layer}", qubits)
        gates += [turn("rzz", f"z{layer}", a, b) for a, b in edges]
    return gates


PAIRS = list(combinations(range(4), 2))


@pytest.mark.parametrize(
    ("gates", "observables", "solvable"),
    [
        (equivariant(4, PAIRS), word("Z0 + Z1 + Z2 + Z3", 4), 1),
        (equivariant(4, PAIRS[::-1]), word("Z0 Z1 Z2 Z3 + X0 + X1 + X2 + X3", 4), 1),
        (equivariant(4, PAIRS), ket(4), 1),
        ([*[Gate("h", (q,)) for q in range(4)], *equivariant(4, PAIRS)], word("X0 + X1 + X2 + X3", 4), 1),
        (equivariant(4, PAIRS[:-1]), word("Z0 + Z1 + Z2 + Z3", 4), 0),
        (equivariant(4, PAIRS), word("Z0 + Z1 + Z2", 4), 0),
        (equivariant(4, PAIRS), word("Z0 + Z1 + Z2 + 2 Z3", 4), 0),
        ([*equivariant(4, PAIRS), turn("rx", "q", 0)], word("Z0 + Z1 + Z2 + Z3", 4), 0),
        ([*equivariant(4, PAIRS), Gate("cx", (0, 1))], word("Z0 + Z1 + Z2 + Z3", 4), 0),
        ([*equivariant(4, PAIRS)[:-1], turn("rzz", "other", 2, 3)], word("Z0 + Z1 + Z2 + Z3", 4), 0),
    ],
    ids=["sum", "order", "projector", "start", "missing", "few", "heavy", "one", "clifford", "unequal"],
)  # fmt: skip
def test_circuits_that_treat_all_qubits_alike(
    gates: list[Gate], observables: tuple[Observable, ...], solvable: float
) -> None:
    assert columns(build(4, gates, observables=observables))["solvable"] == solvable


def test_a_cost_on_all_pairs_of_many_qubits_treats_them_alike() -> None:
    pairs = list(combinations(range(60), 2))
    cost = PauliSum(tuple(PauliTerm(1.0, ((a, "Z"), (b, "Z"))) for a, b in pairs))
    assert columns(build(60, equivariant(60, pairs), observables=(cost,)))["solvable"] == 1


def chain(qubits: int, couple: str, turns: str, ring: bool) -> list[Gate]:
    gates: list[Gate] = []
    for layer in range(2):
        gates += [turn(couple, f"c{layer}", q, (q + 1) % qubits) for q in range(qubits if ring else qubits - 1)]
        gates += layers(turns, f"t{layer}", qubits)
    return gates


@pytest.mark.parametrize(
    ("gates", "observable", "solvable"),
    [
        (chain(5, "rzz", "rx", ring=False), "Z0 Z1 + X3", 2),
        (chain(5, "rzz", "rx", ring=True), "Z4 Z0 + X3", 2),
        (chain(5, "rxx", "rz", ring=False), "Z0 + Z1", 2),
        (chain(5, "ryy", "rz", ring=False), "Z0 + Y2 Y3", 2),
        ([*[Gate("h", (q,)) for q in range(5)], *chain(5, "rzz", "rx", ring=True)], "Z0 Z1", 2),
        ([turn("rxx", "a", 0, 1), turn("ryy", "b", 1, 2), turn("rz", "c", 1)], "X0 Z1 Y2", 2),
        (chain(5, "rzz", "rx", ring=False), "Z0", 0),
        (chain(5, "rzz", "rx", ring=False), "Z0 Z1 + X3 X4", 0),
        ([*chain(5, "rzz", "rx", ring=False), turn("rz", "f", 2)], "X0", 0),
        ([*chain(5, "rzz", "rx", ring=False), turn("rzz", "f", 0, 2)], "X0", 0),
        ([turn("rxx", "a", 0, 1), turn("rzz", "b", 0, 1), turn("rz", "c", 1)], "Z0", 0),
    ],
    ids=["ising", "ring", "xx", "yy", "plus", "matchgates", "odd", "quartic", "field", "far", "interacting"],
)  # fmt: skip
def test_free_fermions_on_a_chain(gates: list[Gate], observable: str, solvable: float) -> None:
    assert columns(build(5, gates, observables=word(observable, 5)))["solvable"] == solvable


def test_noise_and_projectors_are_not_solved() -> None:
    gates = chain(4, "rzz", "rx", ring=False)
    assert columns(build(4, gates, observables=word("X0", 4), noise=Depolarizing(0.1, 0.1)))["solvable"] == 0
    assert columns(build(4, gates, observables=ket(4)))["solvable"] == 0


@pytest.mark.parametrize(
    ("family", "solvable", "shared"), [("matchgate", 2, 0), ("permutation-equivariant", 1, 1), ("qcnn", 0, 0)]
)
def test_families(family: str, solvable: float, shared: float) -> None:
    found = columns(complete(FAMILIES[family].build(6)))
    assert (found["solvable"], found["shared_angles"]) == (solvable, shared)


def test_uses_that_noise_keeps_apart_do_not_merge() -> None:
    gates = [turn("rz", "a", 0), turn("rzz", "a", 0, 1)]
    assert columns(build(2, gates))["shared_angles"] == 0
    assert columns(build(2, gates, noise=Depolarizing(0.1, 0.1)))["shared_angles"] == 1


def test_inputs_that_are_uploaded_again() -> None:
    gates = [turn("rz", "x", 0), turn("rx", "a", 0), turn("rz", "x", 0)]
    found = columns(build(1, gates, parameters=(Parameter("x", "input"), Parameter("a"))))
    assert (found["shared_angles"], found["shared_inputs"]) == (0, 1)


def test_too_many_qubits_to_pull_back() -> None:
    found = columns(build(1100, [turn("rx", "a", 0)], observables=word("Z0", 1100)))
    assert (found["rotations"], found["init_full_period"]) == (1, 1)
    assert isnan(found["solvable"])
    assert isnan(found["generators"])
