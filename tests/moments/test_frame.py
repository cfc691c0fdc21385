"""Circuits with their Clifford gates pushed out, against dense matrices."""

from __future__ import annotations

from math import pi

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from moments.matrices import matrix, of_events
from strategies import circuits

from ansatzlint.angles import Affine, Angle, multiply, parameter
from ansatzlint.circuit import Channel, Circuit, Gate, Parameter, PauliSum, PauliTerm, Projector
from ansatzlint.dense import unitary
from ansatzlint.moments.frame import MAX_GENERATORS, Frame, Free, Group, Noise, Tableau, projectors, pull, words
from ansatzlint.moments.sequence import steps
from ansatzlint.pauli.lowering import Clifford
from ansatzlint.pauli.strings import ELEMENTARY, PauliString

T = parameter("t")


def frame(circuit: Circuit) -> Frame:
    return pull(steps(circuit), circuit.qubits, [p.name for p in circuit.parameters])


def built(qubits: int, *gates: tuple[object, ...], channels: tuple[Channel, ...] = ()) -> Circuit:
    """Gates as (name, qubits, angle …); parameters in order of appearance."""
    made = tuple(Gate(str(name), tuple(where), tuple(angles)) for name, where, *angles in gates)  # type: ignore
    names = dict.fromkeys(n for g in made for n in g.parameters)
    return Circuit("c", qubits, made, tuple(map(Parameter, names)), channels=channels)


def agree(circuit: Circuit, values: dict[str, float]) -> bool:
    """Whether U^dagger P U = E^dagger T(P) E for X and Z of each qubit: U the circuit, E the events, T the tableau."""
    n, found = circuit.qubits, frame(circuit)
    u, e = unitary(circuit, values), of_events(found.events, circuit, values)
    singles = [PauliString(x << q, z << q) for q in range(n) for x, z in ((1, 0), (0, 1))]
    return all(
        np.allclose(u.conj().T @ matrix(p, n) @ u, e.conj().T @ matrix(found.tableau(p), n) @ e, atol=1e-8)
        for p in singles
    )


@settings(max_examples=120, deadline=None)
@given(circuits(max_qubits=3), st.lists(st.floats(-3, 3), min_size=4, max_size=4))
def test_events_and_tableau_make_the_circuit(circuit: Circuit, numbers: list[float]) -> None:
    assert agree(circuit, {p.name: x for p, x in zip(circuit.parameters, numbers, strict=False)})


@settings(max_examples=60, deadline=None)
@given(
    circuits(max_qubits=3, max_gates=14, kinds=("rx", "rz", "rzz", "crx", "cx", "h", "s", "cp", "u", "t")),
    st.lists(st.floats(-3, 3), min_size=4, max_size=4),
)
def test_events_and_tableau_make_circuits_of_common_gates(circuit: Circuit, numbers: list[float]) -> None:
    assert agree(circuit, {p.name: x for p, x in zip(circuit.parameters, numbers, strict=False)})


@settings(max_examples=60, deadline=None)
@given(circuits(max_qubits=3, max_gates=14))
def test_what_is_drawn_is_what_stands_in_free_turns(circuit: Circuit) -> None:
    found = frame(circuit)
    free = {n for e in found.events if isinstance(e, Free) for n in Gate("rx", (0,), (e.angle,)).parameters}
    grouped = {circuit.parameters[e.parameter].name for e in found.events
               if isinstance(e, Group) and e.parameter is not None}  # fmt: skip
    assert {circuit.parameters[i].name for i in found.drawn} == free
    assert not free & grouped
    assert list(found.drawn) == sorted(set(found.drawn))


@settings(max_examples=60, deadline=None)
@given(circuits(max_qubits=4, max_gates=14))
def test_generators_of_one_group_commute_and_each_parameter_has_one(circuit: Circuit) -> None:
    groups = [e for e in frame(circuit).events if isinstance(e, Group)]
    for group in groups:
        assert 1 <= len(group.generators) <= MAX_GENERATORS
        assert all(a.commutes(b) for a in group.generators for b in group.generators)
        assert len({(g.x, g.z) for g in group.generators}) == len(group.generators)
    owners = [g.parameter for g in groups if g.parameter is not None]
    assert len(owners) == len(set(owners))


@pytest.mark.parametrize("name", ELEMENTARY)
def test_the_tableau_conjugates_by_every_clifford_gate(name: str) -> None:
    size = 1 if all(which == 0 and step != "cx" for step, which in ELEMENTARY[name]) else 2
    where = (2, 0)[:size]
    circuit = built(3, ("h", (0,)), ("cx", (0, 2)), ("s", (2,)), (name, where))
    assert agree(circuit, {})


def test_the_tableau_beyond_a_word() -> None:
    n = 130
    tableau = Tableau(n)
    for q in range(n - 1):
        tableau.append(Clifford("cx", (q, q + 1), q))
    everything = (1 << n) - 1
    assert tableau(PauliString(1 << 64, 0)) == PauliString(3 << 64, 0)
    assert tableau(PauliString(0, 1 << n - 1)) == PauliString(0, everything)


@pytest.mark.parametrize("turns", [-3, -1, 0, 1, 2, 3, 5])
def test_multiples_of_a_quarter_turn_are_clifford(turns: int) -> None:
    circuit = built(2, ("rx", (0,), turns * pi / 2), ("rzz", (0, 1), turns * pi / 2), ("ry", (1,), T))
    assert len(frame(circuit).events) == 1
    assert agree(circuit, {"t": 0.4})


def test_a_fixed_angle_of_any_other_size_is_an_event() -> None:
    (event,) = frame(built(1, ("t", (0,)))).events
    assert event == Group((PauliString(0, 1),), (0.0,), (pi / 4,), None, (0,))


def test_a_controlled_rotation_is_one_group_of_two_halves() -> None:
    (event,) = frame(built(2, ("crx", (0, 1), T))).events
    assert isinstance(event, Group)
    assert {(g.letters(), f) for g, f in zip(event.generators, event.frequencies, strict=True)} == {
        (((1, "X"),), 0.5), (((0, "Z"), (1, "X")), -0.5),
    }  # fmt: skip
    assert event.gates == (0,)


def test_uses_of_one_word_add_up() -> None:
    (event,) = frame(built(1, ("rx", (0,), T), ("rx", (0,), Affine((("t", 2.0),), 0.3)))).events
    assert event == Group((PauliString(1, 0),), (3.0,), (0.3,), 0, (0, 1))


def test_uses_of_opposite_sign_cancel() -> None:
    (event,) = frame(built(1, ("rx", (0,), T), ("z", (0,)), ("rx", (0,), T))).events
    assert isinstance(event, Group)
    assert event.frequencies == (0.0,)


def test_uses_on_different_qubits_are_gathered_at_the_last_one() -> None:
    first, second = frame(built(2, ("rx", (0,), T), ("ry", (1,), parameter("s")), ("cz", (0, 1)), ("cz", (0, 1)),
                                   ("rx", (0,), T))).events  # fmt: skip
    assert isinstance(first, Group)
    assert isinstance(second, Group)
    assert (first.parameter, second.parameter, second.gates) == (1, 0, (0, 4))


def test_more_generators_than_can_be_turned_jointly_are_drawn() -> None:
    most = built(MAX_GENERATORS, *(("rx", (q,), T) for q in range(MAX_GENERATORS)))
    more = built(MAX_GENERATORS + 1, *(("rx", (q,), T) for q in range(MAX_GENERATORS + 1)))
    assert (frame(most).drawn, len(frame(most).events)) == ((), 1)
    assert (frame(more).drawn, len(frame(more).events)) == ((0,), MAX_GENERATORS + 1)


def test_many_uses_of_few_words_are_gathered() -> None:
    (event,) = frame(built(2, *(("rx", (q % 2,), T) for q in range(12)))).events
    assert isinstance(event, Group)
    assert event.frequencies == (6.0, 6.0)


@pytest.mark.parametrize(
    "between", [("ry", (0,), parameter("s")), ("ry", (0,), 0.3), ("crz", (0, 1), parameter("s"))], ids=lambda g: g[0]
)
def test_uses_that_something_stands_between_are_drawn(between: tuple[object, ...]) -> None:
    circuit = built(2, ("rx", (0,), T), between, ("rx", (0,), T))
    assert frame(circuit).drawn == (0,)


def test_a_clifford_gate_between_decides_by_what_it_makes_of_the_word() -> None:
    assert frame(built(1, ("rx", (0,), T), ("h", (0,)), ("rx", (0,), T))).drawn == (0,)
    assert frame(built(1, ("rx", (0,), T), ("h", (0,)), ("rz", (0,), T))).drawn == ()


@pytest.mark.parametrize(("qubit", "drawn"), [(0, (0,)), (1, ())])
def test_noise_between_uses_separates_them_only_on_their_qubits(qubit: int, drawn: tuple[int, ...]) -> None:
    noise = (Channel("phase_flip", (qubit,), (0.1,), 1),)
    assert frame(built(2, ("rx", (0,), T), ("rx", (0,), T), channels=noise)).drawn == drawn


def test_all_parameters_of_an_expression_are_drawn_wherever_they_stand() -> None:
    product: Angle = multiply(T, parameter("s"))
    found = frame(built(1, ("rx", (0,), parameter("s")), ("rz", (0,), product), ("ry", (0,), parameter("r"))))
    assert found.drawn == (0, 1)
    assert [type(e) for e in found.events] == [Free, Free, Group]


def test_noise_is_pulled_back_with_its_axes() -> None:
    channel = Channel("amplitude_damping", (1,), (0.2,), 2)
    (event,) = frame(built(2, ("h", (0,)), ("cx", (0, 1)), channels=(channel,))).events
    assert isinstance(event, Noise)
    # X1 -> X1; Z1 -> Z0 Z1 -> X0 Z1
    assert [a.letters() for a in event.axes] == [((1, "X"),), ((0, "X"), (1, "Z"))]
    assert event.shift == pytest.approx(0.2)


def test_terms_of_all_sums_add_up_and_those_that_cancel_go() -> None:
    z, x = ((0, "Z"),), ((1, "X"),)
    first, second = PauliSum((PauliTerm(1.0, z), PauliTerm(2.0, x))), PauliSum((PauliTerm(-1.0, z),))
    ket = Projector((0,), "1")
    circuit = Circuit("c", 2, (), observables=(first, ket, second))
    assert words(circuit) == (PauliTerm(2.0, x),)
    assert projectors(circuit) == (ket,)
