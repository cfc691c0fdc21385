from __future__ import annotations

from math import pi
from types import SimpleNamespace

import pytest
from claims import gradients, told

from ansatzlint import angles
from ansatzlint.assumptions import complete
from ansatzlint.checks import applies
from ansatzlint.checks.draws import random_init, stationary_init, unseeded_init, wide_init
from ansatzlint.circuit import Circuit, Gate, Location, Parameter
from ansatzlint.diagnostic import Finding, Severity
from ansatzlint.evidence import Evidence
from ansatzlint.initialisation import Initialisation, Normal, Uniform, Zeros
from ansatzlint.observables import parse_pauli_sum
from ansatzlint.rulebook import load_rules
from ansatzlint.source import Draw, Source

RANDOM, STATIONARY, UNSEEDED, WIDE = (load_rules()[code] for code in ("AL301", "AL302", "AL303", "AL304"))
PLACE = Location("f.py", 3, 1, 3, 20)
NARROW = "normal with mean 0 and standard deviation 0.2"


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
def test_draws_over_a_full_period_where_no_gradient_is_known(law: Initialisation | None, fires: bool) -> None:
    source = Source("f.py", draws=(Draw(PLACE, "weights", law, seeded=True),))
    found = list(random_init(source, (), RANDOM))
    assert bool(found) is fires
    assert not list(wide_init(source, (), WIDE))
    for finding in found:
        assert (finding.location, finding.severity, finding.circuit) == (PLACE, None, None)
        message = RANDOM.message.format(**finding.values)
        assert message.startswith("the initial values of weights are uniform over [")
        assert message.endswith("a full period")


@pytest.mark.parametrize(
    ("seeded", "role", "fires"),
    [(False, "trainable", True), (True, "trainable", False), (False, "input", False)],
)
def test_unseeded_draws(seeded: bool, role: str, fires: bool) -> None:
    source = Source("f.py", draws=(Draw(PLACE, "", Normal(0.1), seeded, role),))
    found = list(unseeded_init(source, (), UNSEEDED))
    assert bool(found) is fires
    for finding in found:
        assert UNSEEDED.message.format(**finding.values).startswith("the initial values of the parameters are drawn")


def test_random_inputs_are_no_initialisation() -> None:
    source = Source("f.py", draws=(Draw(PLACE, "x", Uniform(), True, "input"),))
    assert not list(random_init(source, (), RANDOM))


def circuit(initialisation: Initialisation | None, *own: Initialisation | None) -> Circuit:
    names = [f"t{i}" for i in range(len(own))]
    gates = tuple(Gate("ry", (0,), (angles.parameter(n),)) for n in names)
    parameters = tuple(Parameter(n, initialisation=law) for n, law in zip(names, own, strict=True))
    cost = (parse_pauli_sum("Z0", 1),)
    return complete(Circuit("c", 1, gates, parameters, cost, initialisation=initialisation, location=PLACE))


def judged(evidence: Evidence, *draws: Draw) -> list[Finding]:
    source = Source("f.py", draws=draws)
    return [*random_init(source, (evidence,), RANDOM), *wide_init(source, (evidence,), WIDE)]


def started(law: Initialisation | None, wide: list[float], narrow: list[float] | None, source: str = "sampled",
            **ends: list[float]) -> Evidence:  # fmt: skip
    """A circuit that is declared to start so, and what was measured from there and from a narrow start."""
    c = circuit(law, *(None for _ in wide))
    measured = None if narrow is None else gradients(c, narrow, init=NARROW)
    return told(c, source, gradients=gradients(c, wide, **ends), gradients_narrow=measured)  # type: ignore[arg-type]


def test_a_start_that_loses_gradients_is_named_with_what_it_loses() -> None:
    (found,) = judged(started(Uniform(), [1e-3, 1e-2], [0.5, 1e-4]))
    assert found.location == PLACE
    assert (found.severity, found.parameters, found.circuit) == (None, ("t0", "t1"), "c")
    message = RANDOM.message.format(**found.values)
    assert message.endswith(f"a full period; {NARROW} would keep gradients 50 times larger in mean square")


@pytest.mark.parametrize(
    ("wide", "narrow", "severity"),
    [
        ([1e-9], [0.5], Severity.WARNING),  # misses the budget, and need not
        ([1e-9], [1e-7], None),  # either start misses it
        ([1e-3], [0.5], None),
    ],
)
def test_it_is_a_warning_where_the_start_alone_misses_the_budget(
    wide: list[float], narrow: list[float], severity: Severity | None
) -> None:
    (found,) = judged(started(Uniform(), wide, narrow))
    assert found.severity is severity


def test_a_start_that_loses_little_is_no_finding() -> None:
    assert not judged(started(Uniform(), [0.1], [0.5]))
    assert not judged(started(Uniform(), [0.01], [0.5], upper=[0.1]))  # only perhaps
    assert judged(started(Uniform(), [0.01], [0.5], upper=[0.04]))


def test_surrogates_neither_raise_nor_clear() -> None:
    for wide, narrow in (([1e-9], [0.5]), ([0.1], [0.1])):
        (found,) = judged(started(Uniform(), wide, narrow, source="surrogate"))
        assert found.severity is None
        assert found.values["against"] == ""
    (unknown,) = judged(started(Uniform(), [1e-9], None))
    assert unknown.values["against"] == ""
    assert not judged(started(Normal(1.0), [1e-9], [0.5], source="surrogate"))


def test_an_assumed_start_never_fires() -> None:
    assert not judged(started(None, [1e-9], [0.5]))


def test_a_normal_start_that_is_wider_than_the_narrow_one() -> None:
    (found,) = judged(started(Normal(1.0), [1e-3], [0.5]))
    message = WIDE.message.format(**found.values)
    assert "standard deviation 1, too wide for this circuit; normal with mean 0" in message
    assert not judged(started(Normal(1e-3), [1e-6], [0.5]))  # too narrow, if anything
    assert not judged(started(Normal(1.0, 0.5), [1e-3], [0.5]))  # around a point of its own


def test_a_draw_is_judged_by_the_circuit_that_starts_from_it() -> None:
    c = circuit(None, Uniform(), Uniform())
    evidence = told(c, gradients=gradients(c, [TINY, TINY]), gradients_narrow=gradients(c, [0.5, 0.5], init=NARROW))
    draw = Draw(Location("f.py", 9, 1, 9, 5), "weights", Uniform(), seeded=True)
    (found,) = judged(evidence, draw)
    assert found.location == draw.location
    assert (found.severity, found.circuit) == (Severity.WARNING, "c")
    fine = told(c, gradients=gradients(c, [0.5, 0.5]), gradients_narrow=gradients(c, [0.5, 0.5], init=NARROW))
    assert not judged(fine, draw)


TINY = 1e-9


def test_parameters_with_a_start_of_their_own_are_left_out() -> None:
    c = circuit(Uniform(), Zeros(), None)
    evidence = told(c, gradients=gradients(c, [TINY, TINY]), gradients_narrow=gradients(c, [0.5, 0.5], init=NARROW))
    (found,) = judged(evidence)
    assert found.parameters == ("t1",)
    c = circuit(Uniform(), Zeros())
    assert not judged(told(c, gradients=gradients(c, [TINY]), gradients_narrow=gradients(c, [0.5], init=NARROW)))


@pytest.mark.parametrize(("largest", "live", "fires"), [(0.0, True, True), (1e-3, True, False), (0.0, False, False)])
def test_a_start_without_a_gradient(largest: float, live: bool, fires: bool) -> None:
    c = circuit(Zeros(), None)
    assert applies("stationary_init", c)
    start = SimpleNamespace(gradients=(largest,), largest=largest)
    evidence = told(c, gradients=gradients(c, [largest**2], live=[live]), start=start)
    found = list(stationary_init(evidence, STATIONARY))
    assert bool(found) is fires
    for finding in found:
        assert "in all of its 1 components" in STATIONARY.message.format(**finding.values)


def test_a_random_start_is_not_asked_for_its_gradient() -> None:
    assert not applies("stationary_init", circuit(Normal(0.1), None))
    assert not applies("stationary_init", circuit(Zeros(), Uniform()))
    assert applies("stationary_init", circuit(Normal(0.0), Zeros()))
