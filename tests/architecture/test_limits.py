"""Limits against counting, and conserved words against dense matrices."""

from __future__ import annotations

import numpy as np
import pytest
from families.dense import random_values, state
from families.dense import word as dense_word

from ansatzlint.angles import parameter
from ansatzlint.architecture.limits import Limits, broken, sizes
from ansatzlint.circuit import Circuit, Gate, Parameter
from ansatzlint.errors import UsageError
from ansatzlint.families import FAMILIES
from ansatzlint.pauli.strings import PauliString


def circuit(*gates: tuple[str, tuple[int, ...]], qubits: int = 3) -> Circuit:
    """Gates with a parameter each where they take one."""
    made, names = [], []
    for name, on in gates:
        angles = ()
        if name.startswith("r"):
            names.append(f"t{len(names)}")
            angles = (parameter(names[-1]),)
        made.append(Gate(name, on, angles))
    return Circuit("c", qubits, tuple(made), tuple(Parameter(name) for name in names))


LADDER = circuit(("rx", (0,)), ("cx", (0, 1)), ("ry", (1,)), ("cx", (1, 2)), ("rz", (2,)))


@pytest.mark.parametrize(("limits", "key", "over"), [
    (Limits(max_depth=4), "depth", 1), (Limits(max_depth=5), "depth", 0),
    (Limits(max_two_qubit_gates=1), "two-qubit gates", 1), (Limits(max_parameters=1), "parameters", 2),
    (Limits(max_gates=5), "gates", 0), (Limits(coupling=((1, 0),)), "coupling", 1),
    (Limits(coupling=((0, 1), (2, 1))), "coupling", 0), (Limits(gates=("rx", "cx")), "gate set", 2),
])  # fmt: skip
def test_a_limit_says_how_far_the_circuit_is_beyond_it(limits: Limits, key: str, over: int) -> None:
    assert limits.violations(LADDER)[key] == over


def test_a_gate_on_three_qubits_needs_all_three_pairs() -> None:
    toffoli = circuit(("ccx", (0, 1, 2)))
    assert Limits(coupling=((0, 1), (1, 2))).violations(toffoli)["coupling"] == 1


def test_sizes_are_counted() -> None:
    assert sizes(LADDER) == {"qubits": 3, "parameters": 3, "gates": 5, "depth": 5, "two_qubit_gates": 2}


@pytest.mark.parametrize(("gates", "word", "conserved"), [
    ((("h", (0,)), ("h", (1,)), ("h", (2,)), ("rzz", (0, 1)), ("rx", (2,))), "XXX", True),
    ((("rzz", (0, 1)), ("rx", (2,))), "XXX", False),
    ((("h", (0,)), ("h", (1,)), ("h", (2,)), ("rz", (0,))), "XXX", False),
    ((("x", (0,)), ("rxx", (0, 1)), ("rz", (2,))), "ZZZ", True),
    ((("x", (0,)), ("rx", (0,))), "ZZZ", False),
    ((("h", (0,)), ("rx", (0,)), ("h", (0,))), "ZII", True),
    ((("ry", (0,)), ("cx", (0, 1))), "ZZI", True),
    ((("ry", (0,)), ("cx", (0, 1))), "ZII", False),
])  # fmt: skip
def test_a_word_is_kept_where_the_state_has_one_value_of_it(
    gates: tuple[tuple[str, tuple[int, ...]], ...], word: str, conserved: bool
) -> None:
    given = circuit(*gates)
    psi = state(given, random_values(given))
    letters = {q: letter for q, letter in enumerate(word) if letter != "I"}
    value = np.vdot(psi, dense_word(3, letters) @ psi).real
    assert (abs(value) == pytest.approx(1.0)) == conserved
    assert (broken(given, PauliString.of(letters.items())) == 0) == conserved


def test_a_parity_symmetric_family_keeps_its_parity() -> None:
    member = FAMILIES["z2-symmetric"].build(4)
    assert Limits(symmetry="X0 X1 X2 X3").violations(member)["symmetry"] == 0
    assert Limits(symmetry="Z0").violations(member)["symmetry"] > 0


@pytest.mark.parametrize("bad", [
    {"max_depth": 0}, {"max_depth": True}, {"max_two_qubit_gates": -1}, {"max_parameters": 1.5},
    {"gates": ("cz", "nope")}, {"symmetry": "X0 + Z1"}, {"symmetry": "X9"}, {"symmetry": "I"},
])  # fmt: skip
def test_limits_that_cannot_be_meant_are_refused(bad: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        Limits(**bad).check(3)  # type: ignore[arg-type]
