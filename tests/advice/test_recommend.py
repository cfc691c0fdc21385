"""Recommendations: what is confirmed, how it is ranked, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from math import inf, log10

import numpy as np
import pytest
from advice.truth import mean_squares

import ansatzlint as al
from ansatzlint.advice import KINDS, Recommendation, advise, recommend
from ansatzlint.advice.values import ENOUGH, rank
from ansatzlint.assumptions import Assumed, complete, state
from ansatzlint.circuit import Circuit, Gate, State, Unread
from ansatzlint.errors import CircuitError, UsageError
from ansatzlint.evidence import Effort, Evidence
from ansatzlint.families import FAMILIES

LIGHT = Effort(None, 0, 20_000_000)


def hardware_efficient(qubits: int, layers: int, observable: str, **arguments: object) -> Circuit:
    built = FAMILIES["hardware-efficient"].build(qubits, layers=layers, **arguments)
    return complete(state(built, Assumed(observable=observable)))


@pytest.fixture(scope="module")
def found() -> tuple[Recommendation, ...]:
    """All kinds for a circuit of four qubits with a global cost."""
    return recommend(hardware_efficient(4, 2, "global-z", coupling="all-to-all"))


def test_they_come_best_first(found) -> None:
    assert [r.rank for r in found] == sorted((r.rank for r in found), reverse=True)


def test_every_gain_is_surely_enough(found) -> None:
    assert found
    assert all(r.gain_lower >= ENOUGH for r in found)


def test_every_claim_says_how_it_was_got(found) -> None:
    for recommendation in found:
        for compared in recommendation.evidence:
            for claim in (compared.before, compared.after):
                assert claim.source is not None or claim.reason


def test_the_gain_is_the_smaller_ratio_of_shots_and_of_slopes(found) -> None:
    circuit = hardware_efficient(4, 2, "global-z", coupling="all-to-all")
    before = al.gradient_variance(circuit)
    assert before.method == "exact"
    for r in found:
        after = al.gradient_variance(r.circuit)
        if after.method == "exact" and r.kind != "cost":
            shots = [np.sort(v.shots[v.live])[(v.live.sum() - 1) // 2] for v in (before, after)]
            squares = [np.sort(v.mean_square[v.live])[v.live.sum() // 2] for v in (before, after)]
            assert r.gain == pytest.approx(min(shots[0] / shots[1], squares[1] / squares[0]))


def test_a_narrow_start_has_the_mean_squares_of_dense_matrices() -> None:
    circuit = hardware_efficient(3, 3, "global-z")
    (best,) = recommend(circuit, kinds=["initialisation"])[:1]
    (claims,) = (e for e in best.evidence if e.key == "gradient_mean_square")
    drawn = mean_squares(best.circuit, 40)
    assert claims.after.value == pytest.approx(drawn, rel=0.8, abs=0.1 * max(drawn))
    assert sum(claims.after.value) == pytest.approx(drawn.sum(), rel=0.25)


def test_the_rank_is_decades_of_gain_and_quality_over_one_and_the_loss() -> None:
    assert rank(100.0, 0.0) == 2.0
    assert rank(100.0, 1.0) == 1.0
    assert rank(inf, 0.0) == 12.0
    assert rank(10.0, 1.0, quality=10.0) == 1.0
    assert rank(10.0, 1.0, quality=0.01) == -2.0


def test_the_careful_end_of_the_gain_decides_the_rank(found) -> None:
    for r in found:
        assert r.quality == 1.0  # no Hamiltonian, so nothing is known of training
        assert r.rank == pytest.approx(log10(r.gain_lower) / (1 + r.loss))


def test_a_circuit_that_cannot_be_bettered_gets_nothing() -> None:
    single = FAMILIES["hardware-efficient"].build(2, layers=1, rotations="ry")
    circuit = complete(state(single, Assumed(observable="local-z")))
    assert recommend(circuit, kinds=["cost", "depth", "topology"]) == ()


def test_nothing_is_recommended_on_a_surrogate_alone() -> None:
    evidence = Evidence(hardware_efficient(3, 2, "global-z"), LIGHT)
    evidence._claims["gradients"] = replace(evidence.claim("gradients"), source="surrogate")
    advice = advise(evidence, ["initialisation", "cost"])
    assert advice.recommendations == ()
    assert all("shared angles could not be followed" in r.reason for r in advice.refused)


def test_a_circuit_of_which_most_is_dead_is_not_recommended() -> None:
    advice = advise(Evidence(hardware_efficient(8, 2, "global-z", rotations="ry"), LIGHT), ["family"])
    for r in advice.recommendations:
        assert al.gradient_variance(r.circuit, samples=2048).live.mean() >= 0.5, r.change
    assert any("of its parameters move the cost, instead of 100%" in r.reason for r in advice.refused)


def test_in_brief_nothing_is_compared_but_gradients_and_gates() -> None:
    advice = advise(Evidence(hardware_efficient(6, 2, "global-z"), LIGHT), ["initialisation"], brief=True)
    assert advice.recommendations
    for r in advice.recommendations:
        assert [compared.key for compared in r.evidence] == ["shots_per_gradient", "two_qubit_gates"]
        assert r.quality == 1.0


def test_noise_stays_in_what_is_recommended() -> None:
    circuit = state(hardware_efficient(3, 3, "global-z"), Assumed(noise=al.Depolarizing(0.001, 0.01)))
    for r in recommend(circuit, kinds=["initialisation", "cost", "topology"]):
        assert r.circuit.noise == circuit.noise


def test_the_same_seed_gives_the_same_recommendations() -> None:
    circuit = hardware_efficient(3, 2, "global-z")
    first, second = (recommend(circuit, kinds=["initialisation", "cost"], seed=3) for _ in range(2))
    assert [(r.change, r.gain) for r in first] == [(r.change, r.gain) for r in second]


def test_bad_input_is_refused_in_one_line() -> None:
    plain = Circuit("none", 2, (Gate("h", (0,)),))
    with pytest.raises(CircuitError, match="no trainable parameter"):
        recommend(plain)
    with pytest.raises(UsageError, match="a Circuit is needed"):
        recommend("text")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="unknown kind of change 'colour'"):
        recommend(hardware_efficient(2, 1, "local-z"), kinds=["colour"])
    with pytest.raises(UsageError, match="samples"):
        recommend(hardware_efficient(2, 1, "local-z"), samples=0)
    part = replace(hardware_efficient(2, 1, "local-z"), unread=(Unread("a loop"),))
    with pytest.raises(CircuitError, match="part of the circuit was not read, which no advice can keep: a loop"):
        recommend(part)


def test_a_state_that_is_returned_is_no_cost_and_one_is_assumed() -> None:
    circuit = replace(FAMILIES["hardware-efficient"].build(3, layers=2), observables=(State((0, 1, 2)),))
    (best, *_) = recommend(circuit, init=al.Zeros(), kinds=["initialisation"])
    assert any("cost assumed" in note for note in best.circuit.assumptions)


def test_from_a_start_without_any_gradient_the_gain_has_no_end() -> None:
    circuit = hardware_efficient(3, 2, "local-z")
    (best, *_) = recommend(circuit, init=al.Zeros(), kinds=["initialisation"])
    assert best.gain == inf
    assert best.rank == pytest.approx(12.0)


def test_the_kinds_are_those_of_the_documentation() -> None:
    assert tuple(KINDS) == ("cost", "initialisation", "depth", "topology", "family", "symmetry", "growth")
