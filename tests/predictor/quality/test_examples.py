"""Examples to be trained: equal for equal seeds, of all sorts, within their bounds."""

from __future__ import annotations

from functools import cache

import pytest

from ansatzlint.circuit import PauliSum
from ansatzlint.initialisation import Normal, Uniform
from ansatzlint.predictor.population import GROUPS
from ansatzlint.predictor.quality import examples, hamiltonians
from ansatzlint.predictor.quality.examples import Example, draw
from ansatzlint.predictor.quality.hamiltonians import maxcut, tfim


@cache
def some() -> tuple[Example, ...]:
    return tuple(draw(2, index) for index in range(250))


def test_equal_seeds_draw_alike() -> None:
    assert [draw(7, index) for index in range(20)] == [draw(7, index) for index in range(20)]


def test_other_seeds_draw_others() -> None:
    assert draw(7, 3).circuit != draw(8, 3).circuit


def test_every_group_is_drawn() -> None:
    assert {example.group for example in some()} == {*GROUPS.values(), "random"}


def test_every_family_is_drawn() -> None:
    assert {e.circuit.name for e in some() if e.kind == "family"} == set(GROUPS)


def test_every_hamiltonian_is_drawn() -> None:
    assert {example.hamiltonian for example in some()} == set(hamiltonians.KINDS)


def test_every_kind_is_drawn() -> None:
    assert {example.kind for example in some()} == {"family", "mutation", "random"}


def test_sizes_are_within_bounds() -> None:
    assert {example.circuit.qubits for example in some()} == set(range(examples.FEWEST, examples.MOST + 1))
    assert max(len(example.circuit.trainable) for example in some()) <= examples.MOST_PARAMETERS
    assert min(len(example.circuit.trainable) for example in some()) >= 1


def test_starts_are_full_period_or_narrow() -> None:
    laws = [example.circuit.initialisation for example in some()]
    narrow = [law.std for law in laws if isinstance(law, Normal)]
    assert 0.05 <= min(narrow) <= max(narrow) <= 0.5
    assert laws.count(Uniform()) == len(laws) - len(narrow) > 50


def test_some_circuits_have_the_hamiltonian_that_they_were_made_for() -> None:
    own = [e for e in some() if e.kind == "family" and e.circuit.name in ("qaoa", "hamiltonian-variational")]
    kinds = {(e.circuit.name, e.hamiltonian) for e in own}
    assert {("qaoa", "maxcut"), ("hamiltonian-variational", "tfim"), ("qaoa", "heisenberg")} <= kinds


@pytest.mark.parametrize("example", some()[:60], ids=lambda e: f"{e.index}-{e.hamiltonian}")
def test_the_kind_of_the_hamiltonian_is_what_its_words_say(example: Example) -> None:
    (cost,) = example.circuit.observables
    assert isinstance(cost, PauliSum)
    letters = {"".join(letter for _, letter in term.paulis) for term in cost.terms}
    allowed = {
        "tfim": {"X", "Z", "ZZ"}, "heisenberg": {"XX", "YY", "ZZ", "Z"}, "maxcut": {"ZZ"},
        "random": {*"XYZ", *(a + b for a in "XYZ" for b in "XYZ")},
    }  # fmt: skip
    assert letters <= allowed[example.hamiltonian]


def test_inputs_have_numbers() -> None:
    values = [p.value for example in some() for p in example.circuit.inputs]
    assert values
    assert None not in values


def test_the_costs_are_those_of_the_named_models() -> None:
    assert str(tfim(2, -0.5, -1.0)) == "-1 Z0 Z1 - 0.5 X0 - 0.5 X1"
    assert str(maxcut([(1, 0)], [3.0])) == "1.5 Z0 Z1"
