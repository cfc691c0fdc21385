"""The verdict on synthetic values of known law, and how often its intervals hold."""

from math import comb, exp, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansatzlint.trend import Trend, trend

SIZES = (4, 6, 8, 10, 12, 14, 16, 22, 28, 38, 50)


def judged(law, sizes=SIZES, noise=0.0, floor=0.0, rng=None) -> Trend:
    """The trend of values of that law, drawn with intervals of relative half-width `noise`, unseen below `floor`."""
    true = np.array([law(n) for n in sizes], dtype=float)
    drawn = true * np.exp(rng.normal(0.0, noise / 1.96, len(true))) if rng else true
    seen = drawn >= floor
    estimate = np.where(seen, drawn, 0.0)
    lower = np.where(seen, drawn * exp(-noise), 0.0)
    upper = np.where(seen, drawn * exp(noise), floor)
    return trend(sizes, estimate, lower, upper)


POLYNOMIAL = {
    "1/n": (lambda n: 1 / n, 1.0, 0.0),
    "1/(2n-1)": (lambda n: 1 / (2 * n - 1), 1.0, 0.0),
    "1/n^2": (lambda n: n**-2.0, 2.0, 0.0),
    "1/n^6": (lambda n: n**-6.0, 6.0, 0.0),
    "1/n^4 with a censored tail": (lambda n: n**-4.0, 4.0, 1e-6),
    "C(n,1)/C(2n,2)": (lambda n: comb(n, 1) / comb(2 * n, 2), 1.0, 0.0),
    "C(n,2)/C(2n,4)": (lambda n: comb(n, 2) / comb(2 * n, 4), 2.0, 0.0),
    "a growing cost of n - 1 terms": (lambda n: (n - 1.0) ** 2, -2.0, 0.0),
    "constant": (lambda n: 0.1489, 0.0, 0.0),
    "constant after a fall": (lambda n: 0.0011 if n >= 16 else 0.059 * (0.0011 / 0.059) ** ((n - 4) / 12), 0.0, 0.0),
    "constant after a smooth fall": (lambda n: 0.0011 + 0.1 * 2.0 ** (-n / 1.5), 0.0, 0.0),
    "square law after a fall": (lambda n: 0.0035 / n**2 + 0.2 * 2.0 ** (-1.2 * n), 2.0, 0.0),
}

EXPONENTIAL = {
    "2^-n": (lambda n: 2.0**-n, 1.0, 0.0),
    "2^-n with a censored tail": (lambda n: 2.0**-n, 1.0, 1e-5),
    "2^-(n/2)/n": (lambda n: 2.0 ** (-n / 2) / n, 0.5, 0.0),
    "2^-(n/2)/n with a censored tail": (lambda n: 2.0 ** (-n / 2) / n, 0.5, 1e-6),
    "2^-(0.3 n)/n^2": (lambda n: 2.0 ** (-0.3 * n) / n**2, 0.3, 1e-7),
    "C(n,n/2)/C(2n,n)": (lambda n: comb(n, n // 2) / comb(2 * n, n), 1.0, 0.0),
    "0.95^n": (lambda n: 0.95**n, -np.log2(0.95), 0.0),
    "n 2^-n": (lambda n: n * 2.0**-n, 1.0, 1e-7),
}


@pytest.mark.parametrize("name", POLYNOMIAL)
def test_exact_values_of_a_power_law(name):
    law, exponent, floor = POLYNOMIAL[name]
    found = judged(law, floor=floor)
    assert found.verdict == "polynomial"
    assert found.exponent == pytest.approx(exponent, abs=0.06)
    assert found.lower <= found.exponent <= found.upper


@pytest.mark.parametrize("name", EXPONENTIAL)
def test_exact_values_of_an_exponential_law(name):
    law, exponent, floor = EXPONENTIAL[name]
    found = judged(law, floor=floor)
    assert found.verdict == "exponential"
    assert found.exponent == pytest.approx(exponent, rel=0.02)
    assert found.lower <= exponent + 1e-3
    assert found.upper >= exponent - 1e-3


@pytest.mark.parametrize("noise", [0.05, 0.1])
@pytest.mark.parametrize("name", [*POLYNOMIAL, *EXPONENTIAL])
def test_sampled_values_keep_the_verdict_and_intervals_the_level(name, noise):
    expected = "polynomial" if name in POLYNOMIAL else "exponential"
    law, exponent, floor = (POLYNOMIAL | EXPONENTIAL)[name]
    rng = np.random.default_rng(7)
    found = [judged(law, noise=noise, floor=floor, rng=rng) for _ in range(16)]
    verdicts = [f.verdict for f in found]
    other = {"polynomial": "exponential", "exponential": "polynomial"}[expected]
    assert other not in verdicts
    assert verdicts.count(expected) >= 14
    hit = [f.lower <= exponent <= f.upper for f in found if f.verdict == expected]
    # at a level of 0.95 fewer than 12 of 16 have a chance of 1e-3
    assert sum(hit) >= 0.75 * len(hit)


def test_pooled_coverage_is_not_below_the_level():
    rng = np.random.default_rng(3)
    laws = [POLYNOMIAL[k] for k in ("1/n", "1/n^2", "constant", "1/(2n-1)")] + [
        EXPONENTIAL[k] for k in ("2^-n", "2^-(n/2)/n", "0.95^n")
    ]
    hit = []
    for law, exponent, floor in laws:
        for noise in (0.05, 0.1, 0.2):
            for _ in range(10):
                found = judged(law, noise=noise, floor=floor, rng=rng)
                if found.exponent is not None:
                    hit.append(found.lower <= exponent <= found.upper)
    assert len(hit) > 180
    assert np.mean(hit) >= 0.93


def test_the_tail_decides_and_says_where_it_begins():
    found = judged(POLYNOMIAL["constant after a fall"][0])
    assert found.sizes[0] == 16
    assert found.sizes[-1] == 50


def test_without_the_tail_the_fall_is_exponential():
    law = POLYNOMIAL["constant after a fall"][0]
    assert judged(law, sizes=(4, 6, 8, 10, 12, 14)).verdict == "exponential"


def test_alternation_of_odd_and_even_sizes_is_no_trend():
    sizes = (4, 5, 6, 7, 8, 9, 10, 12, 15, 20, 25)
    flat = judged(lambda n: (2 if n % 2 else 1) / n, sizes)
    steep = judged(lambda n: (3 if n % 2 else 1) * 2.0**-n, sizes)
    assert (flat.verdict, steep.verdict) == ("polynomial", "exponential")
    assert flat.exponent == pytest.approx(1.0, abs=0.01)
    assert steep.exponent == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize("p", [0.001, 0.01])
def test_a_slow_exponential_shows_in_exact_values_only(p):
    assert judged(lambda n: (1 - p) ** n).verdict == "exponential"
    noisy = judged(lambda n: (1 - p) ** n, noise=0.5, rng=np.random.default_rng(0))
    assert noisy.verdict != "exponential"


def test_a_slow_exponential_behind_a_power_is_left_undecided():
    found = judged(lambda n: 0.99**n / n**2)
    assert found.verdict == "undecided"
    assert "stands beside a power" in found.reason
    assert (found.exponent, found.lower, found.upper) == (None, None, None)


def test_a_few_noisy_sizes_are_undecided():
    found = judged(lambda n: n**-3.0, sizes=(4, 6, 8, 10), noise=0.5, rng=np.random.default_rng(2))
    assert found.verdict == "undecided"
    assert "fit alike" in found.reason
    assert "undecided" in str(found)


@pytest.mark.parametrize("seen", [0, 1, 3])
def test_too_few_sizes_with_a_value(seen):
    values = [1e-3] * seen + [0.0] * (6 - seen)
    found = trend(range(4, 10), values, values, [max(v, 1e-6) for v in values])
    assert found.verdict == "undecided"
    assert "needs 4" in found.reason


def test_upper_ends_are_neither_dropped_nor_zeros():
    sizes = (4, 6, 8, 10, 30, 40, 50)
    values = [2.0**-n for n in sizes[:4]]
    high = trend(sizes, [*values, 0, 0, 0], [*values, 0, 0, 0], [*values, 1e-3, 1e-3, 1e-3])
    low = trend(sizes, [*values, 0, 0, 0], [*values, 0, 0, 0], [*values, 1e-8, 1e-8, 1e-8])
    assert high.exponent == pytest.approx(1.0, abs=0.02)
    assert low.exponent == pytest.approx(1.0, abs=0.02)
    # a power law that fits the seen sizes alone is excluded by bounds that it runs through
    power = [n**-4.0 for n in sizes[:4]]
    bounded = trend(sizes, [*power, 0, 0, 0], [*power, 0, 0, 0], [*power, 1e-9, 1e-9, 1e-9])
    assert bounded.verdict != "polynomial"


def test_sub_exponential_decay_is_not_polynomial():
    assert judged(lambda n: exp(-1.5 * sqrt(n))).verdict != "polynomial"


@settings(max_examples=15, deadline=None)
@given(scale=st.floats(-30, 5), exponent=st.floats(-2, 6))
def test_the_unit_of_the_cost_does_not_matter(scale, exponent):
    plain = judged(lambda n: n**-exponent)
    scaled = judged(lambda n: 10.0**scale * n**-exponent)
    assert plain.verdict == scaled.verdict == "polynomial"
    assert scaled.exponent == pytest.approx(plain.exponent, abs=1e-3)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=9))
def test_any_values_have_a_trend(triples):
    ordered = [sorted(t) for t in triples]
    low, middle, high = zip(*ordered, strict=True)
    found = trend(range(2, 2 + len(ordered)), middle, low, high)
    assert found.verdict in ("polynomial", "exponential", "undecided")
    assert (found.exponent is None) == (found.verdict == "undecided") == bool(found.reason)
    if found.exponent is not None:
        assert found.lower <= found.exponent <= found.upper


@pytest.mark.parametrize(
    ("sizes", "estimate", "lower", "upper"),
    [
        ((4, 4), (1, 1), (1, 1), (1, 1)),
        ((0, 4), (1, 1), (1, 1), (1, 1)),
        ((4, 6), (1, 1), (1, 2), (1, 2)),
        ((4, 6), (1, 1), (-1, 1), (1, 1)),
        ((4, 6), (1, 1), (1, 1), (1, np.inf)),
        ((4, 6), (1,), (1, 1), (1, 1)),
    ],
)
def test_values_that_cannot_be_are_refused(sizes, estimate, lower, upper):
    with pytest.raises(ValueError, match=r"sizes|values"):
        trend(sizes, estimate, lower, upper)
