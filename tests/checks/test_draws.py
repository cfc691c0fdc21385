from __future__ import annotations

from math import pi

import pytest

from ansatzlint import angles
from ansatzlint.assumptions import complete
from ansatzlint.checks.draws import declared_random_init, random_init, unseeded_init
from ansatzlint.circuit import Circuit, Gate, Location, Parameter
from ansatzlint.evidence import Evidence
from ansatzlint.initialisation import Initialisation, Normal, Uniform, Zeros
from ansatzlint.rulebook import load_rules
from ansatzlint.source import Draw, Source

RANDOM, UNSEEDED = load_rules()["AL301"], load_rules()["AL303"]
PLACE = Location("f.py", 3, 1, 3, 20)


@pytest.mark.parametrize(
    ("law", "fires"),
    [
        (Uniform(0, 2 * pi), True),
        (Uniform(-pi, pi), True),
        (Uniform(0, 6.28), True),
        (Uniform(0, 4 * pi), True),
        (Uniform(0, pi), False),
        (Uniform(0, 6.2), False),
        (Normal(10.0), False),
        (Zeros(), False),
        (None, False),
    ],
)
def test_draws_over_a_full_period(law: Initialisation | None, fires: bool) -> None:
    source = Source("f.py", draws=(Draw(PLACE, "weights", law, seeded=True),))
    found = list(random_init(source, RANDOM))
    assert bool(found) is fires
    for finding in found:
        assert finding.location == PLACE
        assert RANDOM.message.format(**finding.values).startswith("the initial values of weights are uniform over [")


@pytest.mark.parametrize(
    ("seeded", "role", "fires"),
    [(False, "trainable", True), (True, "trainable", False), (False, "input", False)],
)
def test_unseeded_draws(seeded: bool, role: str, fires: bool) -> None:
    source = Source("f.py", draws=(Draw(PLACE, "", Normal(0.1), seeded, role),))
    found = list(unseeded_init(source, UNSEEDED))
    assert bool(found) is fires
    for finding in found:
        assert UNSEEDED.message.format(**finding.values).startswith("the initial values of the parameters are drawn")


def test_random_inputs_are_no_initialisation() -> None:
    source = Source("f.py", draws=(Draw(PLACE, "x", Uniform(), True, "input"),))
    assert not list(random_init(source, RANDOM))


def evidence(initialisation: Initialisation | None, *own: Initialisation | None) -> Evidence:
    names = [f"t{i}" for i in range(len(own))]
    gates = tuple(Gate("ry", (0,), (angles.parameter(n),)) for n in names)
    parameters = tuple(Parameter(n, initialisation=law) for n, law in zip(names, own, strict=True))
    return Evidence(complete(Circuit("c", 1, gates, parameters, initialisation=initialisation)))


def test_a_declared_initialisation_fires_and_an_assumed_one_never() -> None:
    (found,) = declared_random_init(evidence(Uniform(), None, None), RANDOM)
    assert found.parameters == ("t0", "t1")
    assert not list(declared_random_init(evidence(None, None, None), RANDOM))
    assert not list(declared_random_init(evidence(Normal(0.1), None), RANDOM))
    assert not list(declared_random_init(evidence(Uniform(0, 1), None), RANDOM))


def test_parameters_with_a_start_of_their_own_are_left_out() -> None:
    (found,) = declared_random_init(evidence(Uniform(), Zeros(), None), RANDOM)
    assert found.parameters == ("t1",)
    assert not list(declared_random_init(evidence(Uniform(), Zeros()), RANDOM))
