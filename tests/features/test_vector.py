from __future__ import annotations

import warnings
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from feature_values import build, turn, values
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import circuits

from ansatzlint import angles, features
from ansatzlint.angles import Angle
from ansatzlint.assumptions import complete
from ansatzlint.circuit import (
    Amplitudes,
    Channel,
    Circuit,
    Gate,
    Nonlinear,
    Parameter,
    PauliSum,
    Probabilities,
    Projector,
    State,
    Unread,
)
from ansatzlint.families import FAMILIES
from ansatzlint.features import cost
from ansatzlint.noise import Depolarizing
from ansatzlint.observables import parse_pauli_sum

ORDERED = {
    "cut_minimum", "cut_middle", "cut_minimum_gates", "cut_middle_gates", "edges_nearest", "edge_length", "conductance",
    "solvable", "cost_commuting",
}  # fmt: skip
"""Columns that depend on the order of the qubits, or of the terms; the swept cut does where an eigenvalue is double."""


def test_every_column_is_named_once_and_explained() -> None:
    names = features.names()
    assert len(set(names)) == len(names)
    assert all(feature.about and feature.unit for feature in features.FEATURES)
    assert {"qubits", "shared_angles", "solvable", "log10_belief_largest", "log10_belief_median"} <= set(names)


ONE = (turn("rx", "a", 0),)
"""A rotation, for circuits whose peculiarity is another."""


def one(qubits: int, **more: object) -> Circuit:
    return Circuit("c", qubits, ONE, (Parameter("a"),), **more)  # type: ignore[arg-type]  # fields of Circuit


def controlled(controls: int) -> Circuit:
    gate = Gate("rx", tuple(range(controls + 1)), (angles.parameter("a"),), "1" * controls)
    return Circuit("c", controls + 1, (gate,), (Parameter("a"),))


PRODUCT = angles.multiply(angles.parameter("a"), angles.parameter("b"))
EDGES = {
    "empty": Circuit("c", 2, ()),
    "no qubits": Circuit("c", 0, ()),
    "one qubit": Circuit("c", 1, (Gate("h", (0,)),)),
    "no parameters": Circuit("c", 2, (Gate("h", (0,)), Gate("cx", (0, 1)), Gate("t", (1,)))),
    "global phase": Circuit("c", 1, (Gate("gphase", (), (0.3,)),)),
    "a state": one(2, observables=(State((0,)),)),
    "an entropy": one(2, observables=(Nonlinear("entropy", (0,)),)),
    "a constant": one(2, observables=(parse_pauli_sum("I0", 2),)),
    "probabilities": one(2, observables=(Probabilities((0, 1)),)),
    "a wide projector": one(70, observables=(Projector(tuple(range(70)), "0" * 70),)),
    "an input": Circuit("c", 1, (turn("rx", "x", 0),), (Parameter("x", "input"),)),
    "an unused parameter": Circuit("c", 1, (Gate("h", (0,)),), (Parameter("a"),)),
    "unread": Circuit("c", 1, (Gate("h", (0,)),), unread=(Unread("why"),)),
    "eight controls": controlled(8),
    "nine controls": controlled(9),
    "amplitudes": one(2, initial_state=Amplitudes((0, 1), (0.6, 0, 0, 0.8j))),
    "unknown amplitudes": one(2, initial_state=Amplitudes((0, 1))),
    "dead noise": one(1, noise=Depolarizing(1.0, 1.0)),
    "noise at the start": Circuit("c", 1, (), channels=(Channel("depolarizing", (0,), (0.75,), 0),)),
    "an expression": Circuit("c", 1, (Gate("rx", (0,), (PRODUCT,)),), (Parameter("a"), Parameter("b", "input"))),
    "a fixed expression": Circuit("c", 1, (Gate("rx", (0,), (angles.Expression("sin", (1.0,)),)),)),
    "many qubits": Circuit("c", 1100, tuple(Gate("cz", (i, i + 1)) for i in range(1099))),
}


@pytest.mark.parametrize("circuit", EDGES.values(), ids=EDGES)
def test_every_circuit_has_features(circuit: Circuit) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = features.vector(complete(circuit))
    assert found.shape == (len(features.FEATURES),)
    assert not np.isinf(found).any()


@settings(max_examples=25, deadline=None)
@given(circuits(observable=True, max_gates=12), st.sampled_from([None, Depolarizing(0.01, 0.1)]))
def test_random_circuits_have_features(circuit: Circuit, noise: Depolarizing | None) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = features.vector(complete(replace(circuit, noise=noise)))
    assert not np.isinf(found).any()


def renamed(circuit: Circuit) -> Circuit:
    """The circuit with its parameters called otherwise and listed in the same order."""
    new: dict[str, Angle] = {p.name: angles.parameter(f"q{len(circuit.parameters) - i}") for i, p in
                             enumerate(circuit.parameters)}  # fmt: skip
    gates = tuple(replace(g, angles=tuple(angles.substitute(a, new) for a in g.angles)) for g in circuit.gates)
    parameters = tuple(
        replace(p, name=f"q{len(circuit.parameters) - i}") for i, p in enumerate(circuit.parameters)
    )
    return replace(circuit, gates=gates, parameters=parameters)


@settings(max_examples=25, deadline=None)
@given(circuits(observable=True, max_gates=12))
def test_names_of_parameters_do_not_matter(circuit: Circuit) -> None:
    circuit = complete(circuit)
    before, after = values(circuit), values(renamed(circuit))
    assert after == pytest.approx(before, nan_ok=True)


def relabelled(circuit: Circuit, place: list[int]) -> Circuit:
    """The circuit with qubit q in place[q]."""
    gates = tuple(replace(gate, qubits=tuple(place[q] for q in gate.qubits)) for gate in circuit.gates)
    (cost,) = circuit.observables
    assert isinstance(cost, PauliSum)
    terms = tuple(replace(t, paulis=tuple(sorted((place[q], p) for q, p in t.paulis))) for t in cost.terms)
    return replace(circuit, gates=gates, observables=(PauliSum(terms),))


@settings(max_examples=25, deadline=None)
@given(circuits(observable=True, max_gates=12), st.permutations(range(4)))
def test_the_order_of_the_qubits_matters_to_few_columns(circuit: Circuit, places: list[int]) -> None:
    circuit = complete(circuit)
    place = [q for q in places if q < circuit.qubits]
    before, after = values(circuit), values(relabelled(circuit, place))
    free = [n for n in before if n not in ORDERED and "belief" not in n and "mean_field" not in n]
    assert {n: after[n] for n in free} == pytest.approx({n: before[n] for n in free}, abs=1e-5, nan_ok=True)


def test_a_table_holds_the_vectors_however_many_share_the_work() -> None:
    made = [complete(FAMILIES[name].build(n)) for name, n in product(("qcnn", "qaoa", "matchgate"), (4, 5))]
    alone = np.array([features.vector(circuit) for circuit in made])
    table = features.table(made)
    own = [name != "belief_place" for name in features.names()]  # of equal beliefs rounding picks one
    np.testing.assert_allclose(table[:, own], alone[:, own], rtol=1e-12, atol=1e-12)
    np.testing.assert_array_equal(features.table(made, jobs=2), table)


def test_a_table_of_nothing() -> None:
    assert features.table([]).shape == (0, len(features.FEATURES))


def test_a_gate_with_too_many_controls_is_said_to_be_unsolved() -> None:
    assert values(complete(EDGES["nine controls"]))["solvable"] == 0


@settings(deadline=None, max_examples=30)
@given(circuits(), st.floats(-200, 200))
def test_the_unit_of_the_cost_matters_to_one_column(circuit: Circuit, decades: float) -> None:
    whole = complete(circuit)
    words = [o for o in whole.observables if isinstance(o, PauliSum)]
    scaled = tuple(
        replace(o, terms=tuple(replace(t, coefficient=10**decades * t.coefficient) for t in o.terms)) for o in words
    )
    here, there = values(replace(whole, observables=tuple(words))), values(replace(whole, observables=scaled))
    before, after = (found.pop(cost.UNIT) for found in (here, there))
    assert after - before == pytest.approx(2 * decades, nan_ok=True)
    del here["belief_place"], there["belief_place"]  # where several are the largest, rounding says which is
    assert here == pytest.approx(there, rel=1e-9, abs=1e-9, nan_ok=True)


def test_terms_in_another_order_are_the_same_cost() -> None:
    gates = [turn("rx", "a", 0), Gate("cx", (0, 1)), turn("ry", "b", 1)]
    one = build(2, gates, observables=(parse_pauli_sum("Z0 + 0.5 X1 + Z0 Z1", 2),))
    other = build(2, gates, observables=(parse_pauli_sum("Z0 Z1 + Z0 + 0.5 X1", 2),))
    assert values(one) == pytest.approx(values(other), nan_ok=True)
