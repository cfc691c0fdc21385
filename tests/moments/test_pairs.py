"""Sampled pairs against exact propagation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from moments.test_exact import layered, ready, some

from ansatzlint.circuit import Circuit
from ansatzlint.initialisation import Initialisation, Normal, Uniform, Zeros
from ansatzlint.moments.cost import cost_of
from ansatzlint.moments.exact import propagate
from ansatzlint.moments.initial import Initial, pack
from ansatzlint.moments.operators import Space, operators
from ansatzlint.moments.pairs import BLOCK, sample
from ansatzlint.moments.problem import Problem
from ansatzlint.moments.tally import Tally
from ansatzlint.pauli.strings import PauliString

LAWS = {
    "uniform": Uniform(),
    "interval": Uniform(0.3, 2.0),
    "narrow": Normal(0.05),
    "off-centre": Normal(0.4, 0.9),
    "zeros": Zeros(),
}


def drawn(circuit: Circuit, space: Space, samples: int, seed: int = 0) -> tuple[Tally, Tally]:
    problem, made, *_ = ready(circuit, space)
    pulled = problem.pulled(cost_of(circuit)[0])
    draw = {"mean": pulled.draw_singles, "pair": pulled.draw_pairs, "diagonal": pulled.draw_diagonal}[space]
    return sample(made, *draw(), problem.state, problem.parameters, samples, seed)


def scores(tally: Tally, truth: np.ndarray) -> np.ndarray:
    """Deviations in standard errors, 0 where every sample was equal and right."""
    count = tally.samples.sum()
    spread = np.maximum(tally.squares.sum(axis=0) / count - tally.mean**2, 0.0)
    error = np.sqrt(spread / count)
    sure = error < 1e-12 * np.maximum(1.0, np.abs(truth))
    assert np.allclose(tally.mean[sure], truth[sure], atol=1e-10)
    return np.where(sure, 0.0, (tally.mean - truth) / np.where(sure, 1.0, error))


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("space", ["mean", "pair"])
def test_unbiased_under_every_law(law: str, space: Space) -> None:
    circuit = replace(some(4, 11, 9)[1], initialisation=LAWS[law], noise=None, channels=())
    circuit = replace(circuit, parameters=tuple(replace(p, initialisation=None) for p in circuit.parameters))
    problem, made, rows, values = ready(circuit, space)
    exact = propagate(made, rows, values, problem.state, problem.parameters)
    assert exact is not None
    cost, slopes = drawn(circuit, space, 1 << 15)
    assert np.abs(scores(cost, np.array([exact.total]))).max() < 4
    assert np.abs(scores(slopes, exact.slopes)).max() < 4


@pytest.mark.parametrize("number", range(8))
@pytest.mark.parametrize("space", ["mean", "pair"])
def test_unbiased_and_within_bounds_on_random_circuits(number: int, space: Space) -> None:
    circuit = some(8, 12, 12)[number]
    problem, made, rows, values = ready(circuit, space)
    exact = propagate(made, rows, values, problem.state, problem.parameters)
    assert exact is not None
    for tally, truth in zip(drawn(circuit, space, 1 << 14), (np.array([exact.total]), exact.slopes), strict=True):
        assert (tally.largest <= tally.bound * (1 + 1e-12)).all()
        assert np.abs(scores(tally, truth)).max() < 4.5


def test_z_scores_over_many_seeds_are_standard() -> None:
    circuit = layered(2, 2, Uniform(0.0, 2.0))
    problem, made, rows, values = ready(circuit, "pair")
    exact = propagate(made, rows, values, problem.state, problem.parameters)
    assert exact is not None
    found = np.array([
        scores(drawn(circuit, "pair", 4096, seed)[1], exact.slopes) for seed in range(60)
    ])  # fmt: skip
    live = exact.slopes > 1e-6
    assert np.abs(found[:, live].mean(axis=0)).max() < 4 / np.sqrt(60)
    assert found[:, live].std(axis=0).min() > 0.6
    assert found[:, live].std(axis=0).max() < 1.45


@pytest.mark.parametrize("law", [Uniform(), Normal(0.3), Normal(0.3, 0.5)])
def test_weights_of_the_diagonal_space_are_not_negative(law: Initialisation) -> None:
    space: Space = "diagonal" if Problem(layered(3, 2, law)).diagonal else "pair"
    cost, slopes = drawn(layered(3, 2, law), space, 5000)
    signed = space == "pair"
    assert ((cost.total >= 0) | signed).all()
    assert ((slopes.total >= 0) | signed).all()


def test_bounds_are_attained_by_a_single_turn() -> None:
    cost, slopes = drawn(layered(1, 1), "diagonal", 4000)
    assert cost.bound == pytest.approx([1.0])
    assert (slopes.largest.max(axis=0) <= slopes.bound).all()
    assert slopes.largest.max() == pytest.approx(slopes.bound.max())


def same(a: tuple[Tally, Tally], b: tuple[Tally, Tally]) -> bool:
    return all(
        np.array_equal(getattr(x, name), getattr(y, name))
        for x, y in zip(a, b, strict=True)
        for name in ("samples", "total", "squares", "hits", "largest", "bound")
    )


def test_the_seed_decides_every_bit() -> None:
    circuit = layered(3, 2, Normal(0.4, 0.3))
    first = drawn(circuit, "pair", 3000, seed=7)
    assert same(first, drawn(circuit, "pair", 3000, seed=7))
    assert not same(first, drawn(circuit, "pair", 3000, seed=8))


@pytest.mark.parametrize("samples", [1, 2, 3, BLOCK, BLOCK + 1, 2 * BLOCK, 5 * BLOCK + 17])
def test_as_many_samples_as_asked_for_in_both_halves(samples: int) -> None:
    cost, slopes = drawn(layered(2, 1), "diagonal", samples)
    assert cost.samples.sum() == slopes.samples.sum() == samples
    assert samples == 1 or cost.samples.min() > 0
    assert (cost.hits.sum(axis=0) <= samples).all()


def test_zeros_need_no_luck() -> None:
    # at a fixed start every sample has the same value, and the derivatives are found by their own moves
    circuit = layered(2, 2, Zeros())
    problem, made, rows, values = ready(circuit, "pair")
    exact = propagate(made, rows, values, problem.state, problem.parameters)
    assert exact is not None
    cost, slopes = drawn(circuit, "pair", 20_000)
    assert cost.mean == pytest.approx([exact.total], rel=0.05)
    assert np.abs(scores(slopes, exact.slopes)).max() < 4


def test_a_circuit_without_events() -> None:
    made = operators([], [], 2, "pair")
    rows = pack([PauliString(0, 1), PauliString(0, 1)], 2)
    start = np.concatenate([rows[:1, :1], rows[1:, :1], rows[:1, 1:], rows[1:, 1:]], axis=1)

    def starts(rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
        return np.repeat(start, count, axis=0), np.full(count, 2.0)

    cost, slopes = sample(made, starts, 2.0, Initial(2), 3, 10, 0)
    assert cost.mean.tolist() == [2.0]
    assert slopes.mean.tolist() == [0.0, 0.0, 0.0]


def test_two_halves_of_samples_are_different_samples() -> None:
    cost, _ = drawn(layered(3, 2, Uniform(0.0, 2.0)), "pair", 2 * BLOCK)
    assert cost.total[0, 0] != cost.total[1, 0]
