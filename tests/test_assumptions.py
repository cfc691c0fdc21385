from __future__ import annotations

import pytest

from ansatzlint import angles
from ansatzlint.assumptions import Assumed, complete, has_declared_initialisation, state
from ansatzlint.circuit import Circuit, Gate, Parameter, PauliSum, PauliTerm, Projector, State
from ansatzlint.errors import UsageError
from ansatzlint.initialisation import Normal, Uniform, Zeros
from ansatzlint.noise import Depolarizing


def circuit(**more: object) -> Circuit:
    parts: dict[str, object] = {
        "name": "c", "qubits": 3, "gates": (Gate("ry", (0,), (angles.parameter("a"),)),),
        "parameters": (Parameter("a"),), **more,
    }  # fmt: skip
    return Circuit(**parts)  # type: ignore[arg-type]  # a test's shorthand


Z1 = PauliSum((PauliTerm(1.0, ((1, "Z"),)),))


def test_the_cost_is_the_mean_of_z_over_all_qubits_and_said() -> None:
    found = complete(circuit())
    (observable,) = found.observables
    assert isinstance(observable, PauliSum)
    assert [(t.coefficient, t.paulis) for t in observable.terms] == [(1 / 3, ((q, "Z"),)) for q in range(3)]
    assert found.assumptions == (
        "cost assumed: mean of Z over all qubits", "initialisation assumed: uniform over [0, 2 pi)",
    )  # fmt: skip
    assert found.initialisation == Uniform()
    assert found.noise is None
    assert found.shots is None


def test_the_cost_is_read_from_the_measured_qubits() -> None:
    found = complete(circuit(measured=(0, 2)))
    assert found.observables[0].qubits == (0, 2)
    assert found.assumptions[0] == "cost assumed: mean of Z over the measured qubits"


def test_what_the_source_states_stands() -> None:
    stated = circuit(
        observables=(Z1,), initialisation=Zeros(), noise=Depolarizing(0.1, 0.2), shots=10, assumptions=("one",)
    )  # fmt: skip
    assert complete(stated) == stated


def test_a_returned_state_is_no_cost() -> None:
    found = complete(circuit(observables=(State((0, 1, 2)),)))
    assert found.assumptions[0].startswith("cost assumed")
    assert isinstance(found.observables[0], PauliSum)
    beside = complete(circuit(observables=(State((0,)), Z1)))
    assert beside.observables == (Z1,)


def test_parameters_that_say_how_they_are_drawn_need_no_assumption() -> None:
    found = complete(circuit(parameters=(Parameter("a", initialisation=Normal(0.1)),)))
    assert found.initialisation is None
    assert has_declared_initialisation(found)
    nothing_to_draw = complete(circuit(parameters=(Parameter("a", "input"),)))
    assert nothing_to_draw.initialisation is None


def test_only_an_assumed_initialisation_is_not_declared() -> None:
    assert not has_declared_initialisation(complete(circuit()))
    assert has_declared_initialisation(complete(circuit(initialisation=Uniform())))
    assert has_declared_initialisation(complete(state(circuit(), Assumed(init=Uniform()))))


def test_the_users_word_stands_above_the_source() -> None:
    stated = circuit(observables=(Z1,), initialisation=Zeros(), shots=10)
    facts = Assumed("projector", Normal(0.2), Depolarizing(0.1, 0.2), 1000)
    found = complete(state(stated, facts))
    assert found.observables == (Projector((0, 1, 2), "000"),)
    assert (found.initialisation, found.noise, found.shots) == (Normal(0.2), Depolarizing(0.1, 0.2), 1000)
    assert found.assumptions == ()
    assert state(stated, Assumed()) is stated


def test_names_of_observables_mean_the_measured_qubits() -> None:
    found = state(circuit(measured=(1, 2)), Assumed(observable="global-z"))
    assert found.observables[0].qubits == (1, 2)


def test_an_observable_that_does_not_fit_is_refused() -> None:
    with pytest.raises(UsageError, match="acts on qubit 9"):
        state(circuit(), Assumed(observable="Z9"))


def test_a_circuit_without_qubits_gets_no_cost() -> None:
    assert complete(Circuit("empty", 0, ())).observables == ()


def test_facts_hold_at_every_size() -> None:
    several = circuit(at_sizes=(circuit(), circuit(qubits=5)))
    stated = complete(state(several, Assumed(observable="global-z")))
    assert [len(c.observables[0].qubits) for c in stated.at_sizes] == [3, 5]
    assert all(c.initialisation is not None for c in stated.at_sizes)


@pytest.mark.parametrize(
    "facts", [{"init": "normal:0.1"}, {"init": 4}, {"noise": "depolarizing:0.1:0.1"}, {"observable": 4}]
)
def test_facts_of_another_kind_are_refused(facts: dict[str, object]) -> None:
    with pytest.raises(UsageError, match=f"{next(iter(facts))} cannot be .*; use "):
        Assumed(**facts)  # type: ignore[arg-type]  # wrong on purpose
