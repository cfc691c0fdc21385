"""Intervals cover what they promise, over laws with few and with skewed weights, and are not much wider than needed."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from ansatzlint.moments.intervals import Interval, interval, maximum, median_live, variance
from ansatzlint.moments.tally import Tally

SAMPLES = 2**16

Draw = Callable[[np.random.Generator, int], np.ndarray]


def tally(weights: np.ndarray, bound: float = np.inf, unit: float | None = None) -> Tally:
    """Of weights of shape (S, K), the first half of the rows in half 0."""
    halves = np.array_split(weights, 2)
    count = weights.shape[1]
    return Tally(
        np.array([len(h) for h in halves]),
        np.array([h.sum(axis=0) for h in halves]),
        np.array([(h**2).sum(axis=0) for h in halves]),
        np.array([(h != 0).sum(axis=0) for h in halves]),
        np.array([np.abs(h).max(axis=0, initial=0.0) for h in halves]),
        None if unit is None else np.full(count, unit),
        np.full(count, bound),
    )


def runs(draw: Draw, repetitions: int, bound: float, seed: int = 0, samples: int = SAMPLES) -> Tally:
    """One column a repetition; `draw` returns the weights of one run, those that are 0 left out."""
    rng = np.random.default_rng(seed)
    total, squares, largest = (np.zeros((2, repetitions)) for _ in range(3))
    hits = np.zeros((2, repetitions), dtype=np.int64)
    for column in range(repetitions):
        w = draw(rng, samples)
        total[0, column], squares[0, column] = w.sum(), (w**2).sum()
        hits[0, column], largest[0, column] = np.count_nonzero(w), np.abs(w).max(initial=0.0)
    return Tally(np.array([samples, 0]), total, squares, hits, largest, None, np.full(repetitions, bound))


def sparse(probability: float, size: Callable[[np.random.Generator, int], np.ndarray]) -> Draw:
    return lambda rng, samples: size(rng, rng.binomial(samples, probability))


def lognormal(shape: float) -> Callable[[np.random.Generator, int], np.ndarray]:
    return lambda rng, count: np.exp(shape * rng.standard_normal(count))


def branches(number: int, negative: float) -> Callable[[np.random.Generator, int], np.ndarray]:
    """Products of factors 1 and sqrt(2), as coherent branching makes them, with a sign."""
    return lambda rng, count: (
        np.sqrt(2) ** rng.binomial(number, 0.5, count) * np.where(rng.random(count) < negative, -1, 1)
    )


def lumps(*parts: tuple[float, float]) -> Draw:
    """(probability, size) of weights of a few sizes."""
    return lambda rng, samples: np.concatenate([np.full(rng.binomial(samples, p), size) for p, size in parts])


# name: draw, mean, bound, signed, least coverage, most times as wide as the normal interval (None: rare, no matter)
ZOO: dict[str, tuple[Draw, float, float, bool, float, float | None]] = {}
for hits, widest in ((1, None), (3, None), (10, None), (30, 1.9), (65, 1.65), (300, 1.45), (3000, 1.3)):
    p = hits / SAMPLES
    ZOO[f"one size, {hits} hits"] = (lambda rng, s, p=p: np.ones(rng.binomial(s, p)), p, 1.0, False, 0.94, 1.45)
    for shape in (0.5, 1.0, 1.5):
        ZOO[f"lognormal {shape}, {hits} hits"] = (
            sparse(p, lognormal(shape)), p * np.exp(shape**2 / 2), np.exp(5 * shape), False, 0.94, widest
        )  # fmt: skip
for hits, widest in ((3, None), (30, None), (300, 1.9), (30000, 1.35)):
    p = hits / SAMPLES
    for number, negative in ((4, 0.3), (10, 0.5), (20, 0.1), (40, 0.3), (80, 0.3)):
        mean = p * (0.5 + np.sqrt(0.5)) ** number * (1 - 2 * negative)
        ZOO[f"{number} branches, {negative:.0%} negative, {hits} hits"] = (
            sparse(p, branches(number, negative)), mean, 2.0 ** (number / 2), True, 0.94, widest
        )  # fmt: skip
ZOO |= {
    "uniform": (lambda rng, s: rng.random(s), 0.5, 1.0, False, 0.94, 1.05),
    "beta(0.02, 2)": (lambda rng, s: rng.beta(0.02, 2, s), 0.02 / 2.02, 1.0, False, 0.94, 1.1),
    "products of cos^2": (
        lambda rng, s: np.prod(np.cos(np.pi * rng.random((8, s))) ** 2, axis=0), 2.0**-8, 1.0, False, 0.94, 1.15
    ),
    "nearly constant": (lambda rng, s: 1 - 0.99 * (rng.random(s) < 1e-5), 1 - 0.99e-5, 1.0, False, 0.94, None),
    "nearly constant, 7 off": (lambda rng, s: 1 - 0.99 * (rng.random(s) < 1e-4), 1 - 0.99e-4, 1.0, False, 0.94, None),
    "7 large of 660": (lumps((1e-2, 0.01), (1e-4, 1.0)), 2e-4, 1.0, False, 0.94, 1.3),
    # no width below 1.3 times the normal one can cover these where no large weight was met: they are marked
    "2 large of 6600": (lumps((1e-1, 0.01), (3e-5, 1.0)), 1.03e-3, 1.0, False, 0.91, 1.4),
    "2 large of 6600, opposite": (lumps((1e-1, -0.01), (3e-5, 1.0)), -0.97e-3, 1.0, True, 0.9, 1.7),
}  # fmt: skip


def measure(name: str, repetitions: int, seed: int) -> tuple[float, float, float, float]:
    """(coverage, share of misses that are not marked as assumed, width over normal width, marked share)."""
    draw, mean, bound, signed, _, _ = ZOO[name]
    counted = runs(draw, repetitions, bound, seed)
    found = interval(counted, signed=signed, nonnegative=False)
    inside = (found.lower <= mean + 1e-15) & (found.upper >= mean - 1e-15)
    w, w2 = counted.total.sum(axis=0) / SAMPLES, counted.squares.sum(axis=0) / SAMPLES
    normal = 2 * 1.96 * np.sqrt(np.maximum(w2 - w**2, 0.0) / SAMPLES)
    ratios = (found.upper - found.lower)[normal > 0] / normal[normal > 0]
    return (
        float(inside.mean()), float((~inside & ~found.assumed).mean()), float(np.median(ratios)),
        float(found.assumed.mean()),
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", ZOO)
def test_intervals_cover_and_are_not_much_wider_than_normal_ones(name: str) -> None:
    cheap = ZOO[name][0](np.random.default_rng(0), SAMPLES).size < 10_000
    repetitions = 2000 if cheap else 200
    coverage, silent, width, _ = measure(name, repetitions, seed=7)
    least, widest = ZOO[name][4:]
    noise = 2.5 * np.sqrt(least * (1 - least) / repetitions)
    assert coverage >= least - noise
    assert silent <= 0.06 + noise
    if widest is not None:
        assert width <= widest


@pytest.mark.parametrize("hits", [0, 1, 5, 500, 999, 1000])
def test_weights_of_one_size_are_a_binomial_proportion(hits: int) -> None:
    weights = np.zeros((1000, 1))
    weights[:hits] = 0.25
    found = interval(tally(weights, bound=0.25, unit=0.25))
    exact = stats.binomtest(hits, 1000).proportion_ci(0.95, method="exact")
    assert found.estimate[0] == pytest.approx(0.25 * hits / 1000)
    assert found.lower[0] == pytest.approx(0.25 * exact.low)
    assert found.upper[0] == pytest.approx(0.25 * exact.high)
    assert not found.assumed[0]


def test_no_hit_is_an_upper_bound_and_never_zero() -> None:
    zeros = tally(np.zeros((1000, 2)), bound=3.0)
    end = 3.0 * (1 - 0.025 ** (1 / 1000))
    positive, signed = interval(zeros), interval(zeros, signed=True, nonnegative=False)
    assert positive.estimate.tolist() == [0.0, 0.0]
    assert positive.lower.tolist() == [0.0, 0.0]
    assert positive.upper == pytest.approx([end, end])
    assert signed.lower == pytest.approx([-end, -end])
    assert signed.upper == pytest.approx([end, end])


def test_no_hit_without_a_bound_takes_the_other_quantities_sizes_and_says_so() -> None:
    weights = np.zeros((1000, 2))
    weights[:100, 0] = 0.5
    found = interval(tally(weights))
    assert found.assumed[1]
    assert 0.5 * 3.6 / 1000 < found.upper[1] < np.inf
    alone = interval(tally(np.zeros((1000, 1))))
    assert alone.upper[0] == np.inf
    assert not alone.assumed[0]


def test_no_samples_say_no_more_than_the_bound() -> None:
    found = interval(tally(np.zeros((0, 1)), bound=2.0), signed=True, nonnegative=False)
    assert (found.lower[0], found.upper[0]) == (-2.0, 2.0)
    proportion = interval(tally(np.zeros((0, 1)), bound=2.0, unit=2.0))
    assert (proportion.lower[0], proportion.upper[0]) == (0.0, 2.0)


def test_equal_weights_leave_room_for_what_was_not_seen() -> None:
    found = interval(tally(np.ones((1000, 1)), bound=1.0))
    assert found.lower[0] == pytest.approx(1 - 3.7 / 1000, abs=1e-4)
    assert found.upper[0] == 1.0
    wide = interval(tally(np.ones((1000, 1)), bound=50.0))
    assert wide.lower[0] < 1.0 < wide.upper[0]


def test_weights_that_are_not_declared_as_one_size_get_nearly_the_exact_ends() -> None:
    weights = np.zeros((SAMPLES, 1))
    weights[:: SAMPLES // 40] = 1.0
    exact, found = interval(tally(weights, 1.0, 1.0)), interval(tally(weights, 1.0))
    assert found.lower[0] == pytest.approx(exact.lower[0], rel=0.03)
    assert found.upper[0] == pytest.approx(exact.upper[0], rel=0.03)


def test_a_bound_that_is_of_no_use_is_said_to_be_left_out() -> None:
    weights = np.random.default_rng(0).exponential(size=(SAMPLES, 1))
    assert not interval(tally(weights, bound=20.0)).assumed[0]
    assert interval(tally(weights, bound=1e9)).assumed[0]
    assert interval(tally(weights)).assumed[0]
    width = [float(np.ptp([f.lower, f.upper])) for f in (interval(tally(weights, b)) for b in (20.0, np.inf))]
    assert width[0] <= width[1] <= 1.3 * width[0]


def test_a_ceiling_and_the_sign_cut_the_ends() -> None:
    weights = np.array([[-1.0], [1.0]] * 20 + [[1.0]])
    found = interval(tally(weights, bound=5.0), signed=True, ceiling=0.2)
    assert (found.lower[0], found.upper[0]) == (0.0, 0.2)


def test_tiny_weights_make_no_nonsense() -> None:
    weights = np.zeros((1000, 1))
    weights[::10] = 1e-200
    for signed in (False, True):
        found = interval(tally(weights, bound=1.0), signed=signed)
        assert 0.0 <= found.lower[0] <= found.estimate[0] <= found.upper[0] <= 1.0
        assert found.upper[0] > 0.0


@pytest.mark.parametrize("count", [1, 2, 30])
@pytest.mark.parametrize("equal", [True, False])
def test_the_largest_of_many_is_free_of_selection_bias(count: int, equal: bool) -> None:
    rng = np.random.default_rng(count)
    means = np.full(count, 0.02) if equal else np.linspace(0.01, 0.02, count)
    truth = means.max()
    covered, naive, estimates = 0, 0.0, []
    for _ in range(300):
        counted = tally((rng.random((4000, count)) < means).astype(float), 1.0, 1.0)
        index, estimate, lower, upper = maximum(counted)
        assert lower <= estimate <= upper
        assert counted.mean[index] <= upper
        covered += lower <= truth <= upper
        estimates.append(estimate)
        naive += counted.mean.max() / 300
    assert covered / 300 >= 0.94 - 0.02
    if equal and count > 1:
        assert abs(np.mean(estimates) - truth) < abs(naive - truth) / 3


def test_a_known_ceiling_of_the_largest_is_used() -> None:
    weights = np.zeros((1000, 3))
    weights[::10] = 1.0
    assert maximum(tally(weights, 1.0, 1.0), upper=0.105)[3] == 0.105
    with pytest.raises(ValueError, match="both halves"):
        maximum(tally(weights[:1], 1.0, 1.0))


def test_the_median_counts_live_quantities_alone() -> None:
    found = Interval(*(np.array(v) for v in ([0.0, 1.0, 2.0, 9.0], [0.0, 0.5, 1.5, 8.0], [0.1, 1.5, 2.5, 10.0])),
                     np.zeros(4, bool))  # fmt: skip
    assert median_live(found, np.array([False, True, True, True])) == (2.0, 1.5, 2.5)
    assert median_live(found, np.zeros(4, bool)) == (0.0, 0.0, 0.0)


def test_a_variance_of_exact_moments_is_exact_and_never_negative() -> None:
    def exact(value: float) -> Interval:
        v = np.array([value])
        return Interval(v, v, v, np.zeros(1, bool))

    found = variance(exact(0.5), exact(-0.5))
    assert (found.lower[0], found.estimate[0], found.upper[0]) == (0.25, 0.25, 0.25)
    assert variance(exact(0.25), exact(0.5)).lower[0] == 0.0


def test_a_variance_covers_where_both_moments_are_sampled() -> None:
    rng = np.random.default_rng(3)
    for shift in (0.0, 0.3):
        covered = 0
        for _ in range(400):
            squares = interval(tally((rng.normal(shift, 1, (2000, 1))) ** 2))
            means = interval(tally(rng.normal(shift, 1, (2000, 1))), signed=True, nonnegative=False)
            found = variance(squares, means)
            covered += bool(found.lower[0] <= 1.0 <= found.upper[0])
        assert covered / 400 >= 0.94
