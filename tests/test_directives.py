from __future__ import annotations

import pytest

from ansatzlint import angles
from ansatzlint.circuit import Circuit, Gate, Location, Parameter, Projector
from ansatzlint.directives import declarations, declare
from ansatzlint.errors import InputError
from ansatzlint.initialisation import Normal, Uniform
from ansatzlint.noise import Depolarizing
from ansatzlint.observables import parse_pauli_sum
from ansatzlint.source import Comment, Source


def at(line: int, cell: int | None = None) -> Location:
    return Location("f.py", line, 1, line, 40, cell)


def circuit(name: str, line: int, cell: int | None = None) -> Circuit:
    return Circuit(
        name, 3, (Gate("ry", (0,), (angles.parameter("a"),)),), (Parameter("a"),), location=at(line, cell)
    )  # fmt: skip


def source(*comments: tuple[int, str], circuits: tuple[Circuit, ...] = (), cell: int | None = None) -> Source:
    return Source("f.py", circuits=circuits, comments=tuple(Comment(text, at(line, cell)) for line, text in comments))


def test_every_fact() -> None:
    text = " ansatzlint: observable=Z0*Z1 + 0.5 X2 init=normal:0.1 noise=depolarizing:0.001:0.01 shots=1000"
    ((place, facts),) = [(d.location, d.facts) for d in declarations(source((4, text)))]
    assert place.line == 4
    assert facts.observable == "Z0*Z1 + 0.5 X2"
    assert facts.init == Normal(0.1)
    assert facts.noise == Depolarizing(0.001, 0.01)
    assert facts.shots == 1000


@pytest.mark.parametrize("between", [" ", ", ", "; "])
def test_facts_may_be_separated_by_commas_or_semicolons(between: str) -> None:
    (found,) = declarations(source((1, f"ansatzlint: observable=local-z{between}init=uniform:0:1")))
    assert (found.facts.observable, found.facts.init) == ("local-z", Uniform(0, 1))


@pytest.mark.parametrize(
    "text",
    [
        "ansatzlint: ignore[AL101] observable=Z0 would be another comment",
        "ansatzlint: ignore-file",
        "ansatzlint: angles=fixed",
        'ansatzlint: parameter=w_0 name="w[0]=1" role=input',
    ],
)
def test_comments_that_speak_to_others(text: str) -> None:
    assert declarations(source((1, text))) == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("ansatzlint: observabel=Z0", "unknown key 'observabel'"),
        ("ansatzlint: please look away", "cannot read the comment"),
        ("ansatzlint:", "cannot read the comment"),
        ("ansatzlint: init=gaussian", "unknown initialisation 'gaussian'"),
        ("ansatzlint: init=normal:wide", "no number"),
        ("ansatzlint: noise=thermal:1", "unknown noise"),
        ("ansatzlint: shots=0", "positive whole number"),
        ("ansatzlint: shots=many", "positive whole number"),
        ("ansatzlint: args=1", "@ansatzlint.ansatz(args=…)"),
    ],
)
def test_what_cannot_be_meant_is_an_error_at_its_place(text: str, said: str) -> None:
    with pytest.raises(InputError, match=r"f\.py:7:1: ") as caught:
        declarations(source((7, text)))
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def facts_of(*comments: tuple[int, str], circuits: tuple[Circuit, ...], cell: int | None = None) -> dict[str, str]:
    found = declare(source(*comments, circuits=circuits, cell=cell))
    return {c.name: str(c.observables[0]) for c in found if c.observables}


TWO = (circuit("first", 5), circuit("second", 20))


@pytest.mark.parametrize(
    ("line", "owners"),
    [
        (1, {"first", "second"}),  # before all circuits: about each
        (3, {"first"}),  # two lines above it
        (4, {"first"}),
        (5, {"first"}),  # on its line
        (11, {"first"}),  # inside it
        (18, {"second"}),  # two lines above the second
        (17, {"first"}),
        (30, {"second"}),
    ],
)
def test_a_comment_belongs_to_the_circuit_near_it(line: int, owners: set[str]) -> None:
    assert set(facts_of((line, "ansatzlint: observable=Z1"), circuits=TWO)) == owners


def test_the_later_of_two_comments_wins() -> None:
    found = facts_of((1, "ansatzlint: observable=Z1"), (4, "ansatzlint: observable=X2"), circuits=TWO)
    assert found == {"first": "X2", "second": "Z1"}


def test_a_comment_speaks_about_its_own_notebook_cell() -> None:
    cells = (circuit("here", 2, 1), circuit("there", 2, 2))
    assert set(facts_of((1, "ansatzlint: observable=Z1"), circuits=cells, cell=2)) == {"there"}


def test_a_declared_observable_is_located_at_its_comment() -> None:
    (found,) = declare(source((4, "ansatzlint: observable=projector"), circuits=TWO[:1]))
    assert found.observables == (Projector((0, 1, 2), "000", at(4)),)
    (found,) = declare(source((4, "ansatzlint: observable=2 Z0 Z2"), circuits=TWO[:1]))
    assert str(found.observables[0]) == str(parse_pauli_sum("2 Z0 Z2", 3))


def test_an_observable_that_does_not_fit_is_an_error_at_the_comment() -> None:
    with pytest.raises(InputError, match=r"f\.py:4:1: .*acts on qubit 7, the circuit has 3"):
        declare(source((4, "ansatzlint: observable=Z7"), circuits=TWO[:1]))


def test_a_role_is_the_openqasm_readers_own_comment() -> None:
    assert declarations(source((1, "ansatzlint: role=input"))) == ()
