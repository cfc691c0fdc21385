from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from claims import gradients, target, told

import ansatzlint as al
from ansatzlint.checks.scale import barren_at_scale, classically_simulable, exponential_algebra, misses_at_target
from ansatzlint.circuit import Circuit, Unread
from ansatzlint.diagnostic import Finding, Severity
from ansatzlint.evidence import Evidence
from ansatzlint.rulebook import load_rules

ALGEBRA, SIMULABLE, SCALE = (load_rules()[code] for code in ("AL205", "AL209", "AL503"))
SMALL, LARGE = 1e-9, 0.1


def circuit(qubits: int = 12, sizes: tuple[int, ...] = ()) -> Circuit:
    return replace(al.families["hardware-efficient"].build(qubits, layers=1), sizes=sizes)


def algebra(orbits: Sequence[int | None], limit: float | None = 1e-4) -> Any:
    reason = "" if limit is not None else "the state is not known"
    return SimpleNamespace(
        named="su(4)", orbits=[SimpleNamespace(size=size) for size in orbits], limit_variance=limit, limit_reason=reason
    )


def evidence(square: float, orbits: Sequence[int | None], *, limit: float | None = 1e-4, **more: Any) -> Evidence:
    made = circuit()
    found = gradients(made, [square] * len(made.trainable))
    return told(made, gradients=found, lie_algebra=algebra(orbits, limit), limit_variance=limit, **more)


class TestExponentialAlgebra:
    def test_a_plateau_of_a_filled_exponential_orbit(self) -> None:
        (found,) = exponential_algebra(evidence(SMALL, [4**12 - 1], cost_variance=2e-4), ALGEBRA)
        assert isinstance(found, Finding)
        said = ALGEBRA.message.format(**found.values)
        assert "at least about 2^23 dimensions" in said
        assert "its variance is 0.0002, at infinite depth 0.0001" in said
        assert [claim.key for claim in found.evidence] == ["lie_algebra", "limit_variance", "cost_variance"]

    @pytest.mark.parametrize(
        ("square", "orbits", "variance"),
        [
            (LARGE, [4**12 - 1], 2e-4),  # the gradients can be resolved
            (SMALL, [4**12 - 1, 100], 2e-4),  # one term has a small orbit
            (SMALL, [4**12 - 1], 1e-2),  # far from infinitely deep
            (SMALL, [4**12 - 1], 1e-6),  # the variance is small for another reason
            (SMALL, [1], 1e-4),  # a constant
        ],
    )
    def test_what_is_left_alone(self, square: float, orbits: list[int | None], variance: float) -> None:
        assert not list(exponential_algebra(evidence(square, orbits, cost_variance=variance), ALGEBRA))

    def test_a_constant_term_beside_others_counts_for_nothing(self) -> None:
        assert list(exponential_algebra(evidence(SMALL, [1, 4**12 - 1], cost_variance=1e-4), ALGEBRA))

    def test_an_unknown_limit_is_said(self) -> None:
        (said,) = exponential_algebra(evidence(SMALL, [4**12 - 1], limit=None, cost_variance=1e-4), ALGEBRA)
        assert isinstance(said, Unread)
        assert "the state is not known" in said.reason


class TestClassicallySimulable:
    def test_small_orbits(self) -> None:
        (found,) = classically_simulable(evidence(LARGE, [100, 200]), SIMULABLE)
        assert "at most 200 dimensions" in found.values["why"]

    @pytest.mark.parametrize("orbits", [[2**12], [100, None], [4000] * 300])
    def test_large_or_unknown_ones(self, orbits: list[int | None]) -> None:
        assert not list(classically_simulable(evidence(LARGE, orbits), SIMULABLE))

    def test_few_rotations(self) -> None:
        made = al.families["real-amplitudes"].build(12, layers=1)
        kept = replace(made, gates=tuple(g for i, g in enumerate(made.gates) if not g.angles or i < 3))
        names = {name for gate in kept.gates for name in gate.parameters}
        kept = replace(kept, parameters=tuple(p for p in made.parameters if p.name in names))
        (found,) = classically_simulable(told(kept, lie_algebra=algebra([None])), SIMULABLE)
        assert found.values["why"] == f"{len(names)} rotations on 12 qubits are no Clifford gates"

    def test_circuits_that_anyone_simulates(self) -> None:
        made = al.families["real-amplitudes"].build(9)
        assert not list(classically_simulable(told(made, lie_algebra=algebra([3])), SIMULABLE))


def scaled(verdict: str, square: float = SMALL) -> Any:
    return SimpleNamespace(
        verdict=verdict, exponent=0.98, points=[SimpleNamespace(size=4)], target=50, depth_rule="layers as written",
        at_target=target(square), largest=f"{verdict} all the same",
    )  # fmt: skip


class TestBarrenAtScale:
    def judged(
        self, verdict: str, *, here: float = LARGE, there: float = SMALL, sizes: tuple[int, ...] = ()
    ) -> list[Any]:
        made = circuit(sizes=sizes)
        known = gradients(made, [here] * len(made.trainable))
        return list(
            barren_at_scale(
                told(made, gradients=known, gradients_at_target=target(there), scaling=scaled(verdict, there)), SCALE
            )
        )

    def test_an_exponential_is_information(self) -> None:
        (found,) = self.judged("exponential")
        assert found.severity is None
        assert SCALE.message.format(**found.values) == (
            "with more qubits the largest mean square gradient falls as 2^(-0.98 n), measured from 4 to 50 qubits "
            "(layers as written); at 50 qubits the best gradient needs 5.0e8 shots"
        )

    def test_declared_sizes_make_it_a_warning(self) -> None:
        (found,) = self.judged("exponential", sizes=(12, 50))
        assert found.severity is Severity.WARNING

    @pytest.mark.parametrize(("verdict", "here", "there"), [
        ("polynomial", LARGE, SMALL), ("exponential", LARGE, LARGE), ("exponential", SMALL, SMALL),
        ("undecided", LARGE, SMALL),
    ])  # fmt: skip
    def test_what_is_left_alone(self, verdict: str, here: float, there: float) -> None:
        assert not self.judged(verdict, here=here, there=there)

    def test_an_undecided_verdict_is_said_where_sizes_are_declared(self) -> None:
        (said,) = self.judged("undecided", sizes=(12, 50))
        assert isinstance(said, Unread)
        assert "undecided all the same" in said.reason

    def test_a_circuit_that_cannot_be_rebuilt_is_said_where_sizes_are_declared(self) -> None:
        for sizes in ((), (12, 50)):
            made = circuit(sizes=sizes)
            assert len(list(barren_at_scale(told(made, gradients_at_target=None), SCALE))) == bool(sizes)


def test_a_surrogate_at_the_target_decides_nothing() -> None:
    made = circuit()
    known = gradients(made, [LARGE] * len(made.trainable))
    for method, missed in (("sampled", True), ("surrogate", False)):
        there = target(SMALL, method=method)
        assert misses_at_target(told(made, gradients=known, gradients_at_target=there)) is missed
