from __future__ import annotations

from dataclasses import replace
from math import inf, log
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from claims import gradients, told

from ansatzlint import angles
from ansatzlint.checks import applies
from ansatzlint.checks.plateau import (
    barren_plateau,
    best_of,
    excessive_depth,
    excessive_entanglement,
    is_unital,
    layers_of,
    measured,
    needed,
    noise_plateau,
    partial_plateau,
    too_few_shots,
)
from ansatzlint.checks.wording import amount
from ansatzlint.circuit import Channel, Circuit, Gate, Parameter, Unread
from ansatzlint.diagnostic import Finding, Severity
from ansatzlint.noise import AmplitudeDamping, Depolarizing
from ansatzlint.observables import parse_pauli_sum
from ansatzlint.rulebook import load_rules

RULES = load_rules()
TINY = 1e-9


def circuit(*parameters: str, **more: Any) -> Circuit:
    """Two qubits; each parameter turns qubit 0, with an entangling gate after it."""
    gates = []
    for name in parameters:
        gates += [Gate("ry", (0,), (angles.parameter(name),)), Gate("cz", (0, 1))]
    return Circuit("c", 2, tuple(gates), tuple(map(Parameter, parameters)), (parse_pauli_sum("X0", 2),), **more)


def message(code: str, finding: Finding | Unread) -> str:
    assert isinstance(finding, Finding)
    return RULES[code].message.format(**finding.values)


@pytest.mark.parametrize(
    ("shots", "text"),
    [(3.2, "4"), (9999, "9,999"), (100000, "100,000"), (1e6, "1.0e6"), (3.16e12, "3.2e12"), (inf, "infinitely many")],
)
def test_amounts(shots: float, text: str) -> None:
    assert amount(shots) == text


def test_what_a_gradient_needs_is_said_as_surely_as_it_is_known() -> None:
    c = circuit("a", "b", "c", "d")
    found = gradients(c, [0.5, 0.5, 0.0, 0.0], lower=[0.5, 0.25, 0.0, 0.0], upper=[0.5, 1.0, 5e-6, 0.0])
    assert [needed(found, k) for k in range(4)] == ["1", "1 (1 to 2)", "more than 100,000", "infinitely many"]


# --- AL501 ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("best", "interval", "severity"),
    [
        (1e-6, (1e-6, 1e-6), "rule"),
        (1e-5, (1e-5, 1e-5), Severity.WARNING),
        (1e-3, (1e-3, 1e-3), None),
        (1e-6, (1e-7, 4e-6), "rule"),
        (1e-6, (1e-7, 6e-6), Severity.WARNING),  # the budget lies within the interval; a tenth of it does not
        (1e-5, (1e-6, 6e-5), "undecided"),
    ],
)
def test_the_whole_interval_decides(best: float, interval: tuple[float, float], severity: object) -> None:
    c = circuit("a", "b")
    evidence = told(c, gradients=gradients(c, [TINY, best], lower=[0, interval[0]], upper=[TINY, interval[1]]))
    found = list(barren_plateau(evidence, RULES["AL501"]))
    if severity is None:
        assert not found
        return
    (only,) = found
    if severity == "undecided":
        assert isinstance(only, Unread)
        assert "AL501 barren-plateau is undecided" in only.reason
        return
    assert isinstance(only, Finding)
    assert only.severity is (None if severity == "rule" else severity)
    assert only.parameters == ("a", "b")
    assert [claim.key for claim in only.evidence] == ["resolution"]
    assert ("no gradient can be resolved within a budget of 100,000" in message("AL501", only)) is (severity == "rule")


def test_a_circuit_without_a_live_parameter_is_no_plateau() -> None:
    c = circuit("a")
    assert not list(barren_plateau(told(c, gradients=gradients(c, [0.0], live=[False])), RULES["AL501"]))


def test_measured_figures_are_shown_unless_they_are_surrogates() -> None:
    c = circuit("a", "b")
    known = gradients(c, [1e-3, 0.5], live=[True, False])
    assert measured(told(c, gradients=known)) == "; the best of its gradients needs 500 shots"
    assert measured(told(c, "surrogate", gradients=known)) == ""
    assert measured(told(c, gradients=None, resolution=None)) == ""


# --- AL504 ---------------------------------------------------------------------------------------------------------


def test_layers_count_the_entangling_gates_in_front() -> None:
    assert layers_of(circuit("a", "b", "c")) == {"a": 1, "b": 2, "c": 3}
    twice = Gate("rzz", (0, 1), (angles.parameter("b"),))
    assert layers_of(replace(circuit("a", "b"), gates=(*circuit("a").gates, twice))) == {"a": 1, "b": 2}


@pytest.mark.parametrize(
    ("squares", "upper", "fires"),
    [
        ([0.1, TINY, TINY, TINY], None, True),
        ([0.1, 0.1, TINY, TINY], None, False),  # exactly half
        ([0.1, TINY, TINY, TINY], [0.1, TINY, 1e-5, 1e-5], False),  # three may be resolved
        ([0.1, 0.1, 0.1, 0.1], None, False),
        ([TINY] * 4, None, False),  # that is a barren plateau
    ],
)
def test_most_parameters_must_be_lost_for_sure(squares: list[float], upper: list[float] | None, fires: bool) -> None:
    c = circuit("a", "b", "c", "d")
    evidence = told(c, gradients=gradients(c, squares, upper=upper))
    found = list(partial_plateau(evidence, RULES["AL504"]))
    assert bool(found) is fires
    for finding in found:
        assert message("AL504", finding) == (
            "only 1 of 4 live parameters can be resolved within 100,000 shots; b, c, d cannot (in layers 2 to 4 of 4)"
        )
        assert finding.parameters == ("b", "c", "d")
        assert finding.gates == (2, 4, 6)


def test_dead_parameters_do_not_count() -> None:
    c = circuit("a", "b", "c")
    evidence = told(c, gradients=gradients(c, [0.1, 0.0, 0.0], live=[True, False, False]))
    assert not list(partial_plateau(evidence, RULES["AL504"]))


# --- AL201, AL202 --------------------------------------------------------------------------------------------------


def depth(layers: int, total: int) -> Any:
    return SimpleNamespace(layers=layers, total=total)


def test_depth_is_the_cause_where_fewer_layers_would_do() -> None:
    c = circuit("a", "b")
    lost, fine = gradients(c, [TINY, TINY]), gradients(c, [TINY, 0.1])
    rule = RULES["AL201"]
    (found,) = excessive_depth(told(c, gradients=lost, depth_budget=depth(3, 10)), rule)
    text = message("AL201", found)
    assert text.startswith("of 10 entangling layers, 7 are more than a budget of 100,000 shots allows: 3 stay")
    assert text.endswith("; the best of its gradients needs 5.0e8 shots")
    assert isinstance(found, Finding)
    assert found.severity is None
    assert not list(excessive_depth(told(c, gradients=lost, depth_budget=depth(0, 10)), rule))
    assert not list(excessive_depth(told(c, gradients=fine, depth_budget=depth(3, 10)), rule))
    (unread,) = excessive_depth(told(c, gradients=lost, depth_budget=None), rule)
    assert isinstance(unread, Unread)
    assert unread.reason == "AL201 excessive-depth not evaluated: it is not there"


@pytest.mark.parametrize(
    ("value", "upper", "fires"),
    [(0.26, 0.265, True), (0.5, 0.51, False), (0.26, 0.45, False), (1.0, 1.0, False)],
)
def test_entropy_near_the_page_value(value: float, upper: float, fires: bool) -> None:
    c = replace(circuit("a"), qubits=8)
    page = 2 * log(2.0) - 2.0 ** (2 * 2 - 8 - 1)
    purity = SimpleNamespace(
        subsystem=(0, 1), purity=value, renyi=-log(value), renyi_lower=-log(upper), page=page
    )
    for size, severity in ((0.1, None), (TINY, Severity.WARNING)):
        evidence = told(c, gradients=gradients(c, [size]), purity=purity)
        found = list(excessive_entanglement(evidence, RULES["AL202"]))
        assert bool(found) is fires
        for finding in found:
            assert finding.severity is severity
            assert finding.qubits == (0, 1)
            assert "the mean purity of qubits 0, 1 of the cost is 0.26: 99.4 percent" in message("AL202", finding)
    few = told(replace(c, qubits=5), gradients=gradients(c, [0.1]), purity=purity)
    assert not list(excessive_entanglement(few, RULES["AL202"]))


# --- AL401, AL402 --------------------------------------------------------------------------------------------------


NOISE = Depolarizing(0.01, 0.1)


@pytest.mark.parametrize(
    ("noisy", "clean", "severity"),
    [
        ([1e-3, 1e-3, 0.1], [0.1, 0.1, 0.1], "rule"),
        ([1e-3, 0.1, 0.1], [0.1, 0.1, 0.1], None),  # a minority
        ([0.02, 0.02, 0.02], [0.1, 0.1, 0.1], None),  # a factor of five
        ([TINY / 100] * 3, [TINY] * 3, Severity.INFO),  # lost without the noise, too
    ],
)
def test_noise_that_takes_most_gradients(noisy: list[float], clean: list[float], severity: object) -> None:
    c = circuit("a", "b", "c", noise=NOISE)
    evidence = told(c, gradients=gradients(c, noisy), gradients_noiseless=gradients(c, clean))
    found = list(noise_plateau(evidence, RULES["AL401"]))
    assert bool(found) is (severity is not None)
    for finding in found:
        assert finding.severity is (None if severity == "rule" else severity)
        assert "noise takes a factor 100 off the mean square of" in message("AL401", finding)
        assert "maximally mixed" in message("AL401", finding)


def test_noise_that_leaves_nothing_is_not_put_as_a_number() -> None:
    c = circuit("a", noise=NOISE)
    evidence = told(c, gradients=gradients(c, [0.0]), gradients_noiseless=gradients(c, [0.1]))
    (found,) = noise_plateau(evidence, RULES["AL401"])
    assert "noise takes everything off the mean square of 1 of 1 gradients" in message("AL401", found)


def test_an_interval_that_reaches_below_the_factor_is_no_finding() -> None:
    c = circuit("a", noise=NOISE)
    clean = gradients(c, [0.1], lower=[0.05], upper=[0.2])
    evidence = told(c, gradients=gradients(c, [6e-3]), gradients_noiseless=clean)
    assert not list(noise_plateau(evidence, RULES["AL401"]))
    evidence = told(c, gradients=gradients(c, [4e-3]), gradients_noiseless=clean)
    assert list(noise_plateau(evidence, RULES["AL401"]))


def test_noise_that_resets_leaves_the_last_layers() -> None:
    c = circuit("a", "b", "c", noise=AmplitudeDamping(0.3))
    assert not is_unital(c)
    assert is_unital(replace(c, noise=NOISE))
    assert not is_unital(replace(c, noise=None, channels=(Channel("reset_error", (0,), (0.1, 0.0), 1),)))
    evidence = told(
        c, gradients=gradients(c, [1e-4, 1e-3, 0.1]), gradients_noiseless=gradients(c, [0.1, 0.1, 0.1])
    )
    (found,) = noise_plateau(evidence, RULES["AL401"])
    assert "only the last layers train (in layer 3 of 3)" in message("AL401", found)


def test_noise_is_judged_where_there_is_some() -> None:
    assert applies("noise_plateau", circuit("a", noise=NOISE))
    assert applies("noise_plateau", circuit("a", channels=(Channel("bit_flip", (0,), (0.1,), 1),)))
    assert not applies("noise_plateau", circuit("a"))
    assert not applies("noise_plateau", circuit(noise=NOISE))


@pytest.mark.parametrize(
    ("shots", "upper", "fires"), [(100, None, True), (1000, None, False), (499, None, True), (300, 4e-3, False)]
)
def test_declared_shots_against_the_median(shots: int, upper: float | None, fires: bool) -> None:
    c = circuit("a", "b", "c", shots=shots)  # they need 50, 500 and 5000
    known = gradients(c, [1e-2, 1e-3, 1e-4], upper=None if upper is None else [1e-2, upper, 1e-4])
    found = list(too_few_shots(told(c, gradients=known), RULES["AL402"]))
    assert bool(found) is fires
    for finding in found:
        assert "fewer than the median gradient needs (500): 2 of 3 gradients" in message("AL402", finding)
        assert finding.parameters == ("b", "c")
    assert applies("too_few_shots", c)
    assert not applies("too_few_shots", replace(c, shots=None))


@pytest.mark.parametrize(("shots", "said"), [(1, "1 shot is fewer than"), (7, "7 shots are fewer than")])
def test_one_shot_is_no_plural(shots: int, said: str) -> None:
    c = circuit("a", shots=shots)
    (found,) = too_few_shots(told(c, gradients=gradients(c, [1e-2])), RULES["AL402"])
    assert message("AL402", found).startswith(said)


def test_the_best_of_many_parameters_is_found_in_one_look_at_them() -> None:
    looks: list[str] = []

    class Counted:
        live = np.ones(500, dtype=bool)

        def __getattr__(self, name: str) -> np.ndarray:
            looks.append(name)
            return np.arange(500.0, 0.0, -1.0)

    assert best_of(Counted()) == 499  # type: ignore[arg-type]  # what it reads of a GradientVariance
    assert len(looks) == 2


def test_more_shots_are_no_remedy_for_a_plateau() -> None:
    c = circuit("a", shots=10)
    assert not list(too_few_shots(told(c, gradients=gradients(c, [TINY])), RULES["AL402"]))
