"""What the gates of a circuit turn about."""

from __future__ import annotations

from math import pi

import pytest
from hypothesis import given, settings
from strategies import circuits

from ansatzlint.algebra.generators import Generators, generators
from ansatzlint.algebra.sentences import Sentence
from ansatzlint.angles import add, apply, multiply, parameter
from ansatzlint.circuit import Channel, Circuit, Gate, Parameter
from ansatzlint.noise import Depolarizing
from ansatzlint.pauli.strings import PauliString

A, B = parameter("a"), parameter("b")


def _found(*gates: Gate, qubits: int = 3, **more: object) -> Generators:
    names = dict.fromkeys(name for gate in gates for name in gate.parameters)
    return generators(Circuit("c", qubits, gates, tuple(map(Parameter, names)), **more))  # type: ignore[arg-type]


def _sum(*words: str) -> Sentence:
    return Sentence.of((PauliString.of(enumerate(word)), 1.0) for word in words)


def _same(found: tuple[Sentence, ...], *expected: Sentence) -> None:
    assert len(found) == len(expected)
    assert all(any(f.parallel(e) for f in found) for e in expected)


def test_single_strings_whatever_their_factor() -> None:
    found = _found(
        Gate("rx", (0,), (multiply(-3.0, A),)), Gate("rx", (0,), (add(B, 0.3),)), Gate("rzz", (0, 1), (parameter("c"),))
    )
    _same(found.free, _sum("X"), _sum("ZZ"))
    assert (found.tied, found.idle, found.fixed) == ((), (), ())
    assert found.independent == found.free


def test_clifford_gates_are_pushed_out() -> None:
    found = _found(Gate("cx", (0, 1)), Gate("rx", (0,), (A,)), Gate("h", (1,)), Gate("rz", (1,), (B,)))
    _same(found.free, _sum("XX"), _sum("IX"))


def test_one_angle_over_a_layer_makes_a_sum() -> None:
    gates = [Gate("rzz", (i, (i + 1) % 6), (A,)) for i in range(6)] + [Gate("rx", (i,), (B,)) for i in range(6)]
    found = _found(*gates, qubits=6)
    ring = Sentence.of((PauliString(0, 1 << i | 1 << (i + 1) % 6), 1.0) for i in range(6))
    field = Sentence.of((PauliString(1 << i, 0), 1.0) for i in range(6))
    _same(found.free, ring, field)
    assert found.tied == ()


def test_uses_are_gathered_past_what_commutes() -> None:
    between = Gate("rz", (1,), (B,))
    _same(_found(Gate("rz", (0,), (A,)), between, Gate("rz", (2,), (A,))).free, _sum("ZII", "IIZ"), _sum("IZ"))
    found = _found(Gate("rx", (1,), (A,)), between, Gate("rx", (2,), (A,)))
    _same(found.free, _sum("IX"), _sum("IIX"), _sum("IZ"))
    assert found.tied == ("a",)
    _same(found.independent, _sum("IZ"))


def test_layers_with_one_angle_stand_apart() -> None:
    layer = [Gate("rzz", (0, 1), (A,)), Gate("rzz", (1, 2), (A,)), *(Gate("rx", (q,), (B,)) for q in range(3))]
    found = _found(*layer, *layer)
    _same(found.free, _sum("ZZ", "IZZ"), _sum("X", "IX", "IIX"))
    assert found.tied == ("a", "b")
    assert found.independent == ()


def test_one_angle_about_strings_that_clash() -> None:
    found = _found(Gate("rx", (0,), (A,)), Gate("rz", (0,), (A,)))
    _same(found.free, _sum("X"), _sum("Z"))
    assert found.tied == ("a",)


def test_factors_stay_in_a_sum_and_cancel() -> None:
    found = _found(Gate("crx", (0, 1), (A,)))
    assert len(found.free) == 1
    assert found.free[0].parallel(Sentence.of([(PauliString(2, 0), 1.0), (PauliString(2, 1), -1.0)]))
    found = _found(Gate("rx", (0,), (A,)), Gate("rx", (0,), (multiply(-1.0, A),)), Gate("ry", (0,), (B,)))
    _same(found.free, _sum("Y"))


def test_an_angle_of_two_parameters_turns_about_one_string_for_each() -> None:
    found = _found(Gate("rx", (0,), (add(A, B),)), Gate("rz", (0,), (parameter("c"),)))
    _same(found.free, _sum("X"), _sum("Z"))
    assert found.tied == ()


def test_expressions() -> None:
    found = _found(Gate("rx", (0,), (apply("sin", A),)), Gate("rz", (0,), (B,)))
    _same(found.free, _sum("X"), _sum("Z"))
    assert found.tied == ()
    found = _found(Gate("rx", (0,), (multiply(A, B),)), Gate("rz", (0,), (B,)))
    assert found.tied == ("b",)
    assert found.independent == ()


def test_fixed_rotations() -> None:
    found = _found(
        Gate("rx", (0,), (A,)), Gate("t", (0,)), Gate("rz", (1,), (pi / 2,)), Gate("rx", (0,), (B,))
    )  # fmt: skip
    _same(found.fixed, _sum("Z"))
    _same(found.free, _sum("X"))
    assert not found.outside


@pytest.mark.parametrize("first", [True, False])
def test_fixed_rotations_outside_all_parameters_change_no_algebra(first: bool) -> None:
    gates = [Gate("t", (0,)), Gate("ry", (0,), (0.3,))], [Gate("rx", (0,), (A,)), Gate("rz", (0,), (B,))]
    found = _found(*(g for part in (gates if first else gates[::-1]) for g in part))
    assert found.fixed == ()
    assert found.outside


def test_offsets_inside_a_sum_are_fixed_rotations() -> None:
    def ising(*offsets: float) -> list[Gate]:
        return [Gate("rx", (q,), (add(A, c),)) for q, c in enumerate(offsets)]

    for offsets, left in (((0.3, 0.3), ()), ((0.0, 0.3), (_sum("IX"),)), ((0.0, pi / 2), (_sum("IX"),))):
        _same(_found(*ising(*offsets), Gate("rz", (0,), (B,))).fixed, *left)
    _same(_found(Gate("rx", (0,), (add(A, 0.3),)), Gate("rz", (0,), (B,))).fixed)


def test_what_turns_about_nothing() -> None:
    found = _found(Gate("rx", (0,), (A,)), Gate("pauli_rotation", (1,), (B,), word="I"))
    assert found.idle == ("b",)
    _same(found.free, _sum("X"))


@pytest.mark.parametrize(
    "more", [{"noise": Depolarizing(0.1, 0.1)}, {"channels": (Channel("bit_flip", (0,), (0.1,), 1),)}]
)
def test_noise_separates_nothing(more: dict[str, object]) -> None:
    found = _found(Gate("rz", (0,), (A,)), Gate("rz", (1,), (A,)), **more)
    _same(found.free, _sum("Z", "IZ"))
    assert found.tied == ()


@settings(max_examples=150, deadline=None)
@given(circuit=circuits(max_qubits=3, max_gates=10))
def test_any_circuit(circuit: Circuit) -> None:
    found = generators(circuit)
    for every in (found.free, found.fixed):
        assert all(every)
        assert all(not a.parallel(b) for i, a in enumerate(every) for b in every[:i])
    assert set(found.independent) <= set(found.free)
    for sentence in found.free:
        strings = [s for s, _ in sentence.terms]
        assert all(a.commutes(b) for a in strings for b in strings)
    if not found.tied:
        assert len(found.independent) == len(found.free)
