"""Intervals from a tally: for means, for the largest of several means, for their median, for variances.

Weights that are 0 or one known number are a binomial proportion (Clopper and Pearson). For any other weight only sums
are kept, and no interval that is honest for every distribution with a given bound is also narrow. Here the normal
interval is widened by what it lacks where few samples carry the mean: the end towards which the weights may be skewed
moves out by c * A / S. S counts the samples; c is the excess of Garwood's exact Poisson limit over its normal
approximation at as many hits (3.7 without any, 1.9 for many); A is the largest weight that has to be reckoned with.
That is the known bound where it is of use, else a multiple of the largest weight seen. Weights of one size get the
Poisson limits back, weights of which thousands count the normal interval.

Where the bound is not of use the interval is an assumption, and marked as one: weights as skewed as a lognormal law of
shape 1.5 are still covered to 93 %, a mean that hangs on two hits of a hundred times the usual size to 91 %.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ansatzlint.moments.tally import Tally

LEVEL = 0.95

# With h hits, of which n = (sum of squares) / largest^2 carry the sum, weights up to 1 + _UNSEEN / h + _HEAVY / n times
# the largest seen are reckoned with. Chosen by measured coverage over the laws of tests/moments/test_intervals.py.
_UNSEEN, _HEAVY = 16.0, 1.5

_TINY = np.finfo(np.float64).tiny

_FREE = 0.2
"""By how much of its width an interval may grow for weights up to the known bound that were never seen."""

_NOTICEABLE = 1.2
"""An interval that the known bound would widen by more than this factor rests on an assumption."""


@dataclass(frozen=True, slots=True, eq=False)
class Interval:
    """Estimates and what they may be.

    Attributes
    ----------
    estimate, lower, upper : float64 array of shape (K,)
        An estimate that cannot be (a negative square, say) is moved to the nearest end.
    assumed : bool array of shape (K,)
        Where the interval assumes that no weight much larger than those seen matters, because the known bound is too
        large to be of use.
    """

    estimate: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    assumed: NDArray[np.bool_]


def sure(values: NDArray[np.float64]) -> Interval:
    """Intervals of no width."""
    return Interval(values, values, values, np.zeros(len(values), dtype=np.bool_))


def interval(
    tally: Tally,
    *,
    signed: bool = False,
    nonnegative: bool = True,
    ceiling: ArrayLike | None = None,
    level: float = LEVEL,
) -> Interval:
    """Intervals for the means of all K quantities of a tally, each at the given level.

    Without a hit the interval ends at bound * (1 - ((1 - level) / 2)^(1/S)), never at zero; where that bound is
    infinite, the largest weight of the other quantities stands in for it.

    Parameters
    ----------
    signed : bool
        Whether single weights may be negative.
    nonnegative : bool
        Whether the means are known not to be negative, such as a mean square, whatever the sign of single weights.
    ceiling : float array of shape (K,) or number, optional
        No mean can be larger in absolute value.
    """
    samples = int(tally.samples.sum())
    total, squares = tally.total.sum(axis=0), tally.squares.sum(axis=0)
    hits, largest = tally.hits.sum(axis=0), tally.largest.max(axis=0)
    tail = (1.0 - level) / 2
    if tally.unit is not None:
        low, high = _proportion(hits, samples, tail)
        share = hits / max(samples, 1)
        found = Interval(share * tally.unit, low * tally.unit, high * tally.unit, np.zeros(len(hits), bool))
    else:
        found = _mean(samples, total, squares, hits, largest, tally.bound, signed, tail)
    lower, upper = found.lower, found.upper
    if nonnegative:
        lower, upper = np.maximum(lower, 0.0), np.maximum(upper, 0.0)
    if ceiling is not None:
        top = np.broadcast_to(np.asarray(ceiling, dtype=np.float64), lower.shape)
        lower, upper = np.clip(lower, -top, top), np.clip(upper, -top, top)
    return Interval(np.clip(found.estimate, lower, upper), lower, upper, found.assumed)


def maximum(
    tally: Tally,
    upper: float | None = None,
    *,
    signed: bool = False,
    ceiling: ArrayLike | None = None,
    level: float = LEVEL,
) -> tuple[int, float, float, float]:
    """(index, estimate, lower, upper) of the largest of K non-negative means, free of selection bias.

    Each half of the samples chooses a quantity that the other half estimates. The upper end is the largest of all upper
    ends: that of the true largest is among them, so that it holds at the level whatever K is. The lower end takes a
    stricter level, because two halves that choose for each other are not quite independent.

    Parameters
    ----------
    upper : float, optional
        What no mean can exceed, such as the variance of the cost.

    Raises
    ------
    ValueError
        If the tally counts no quantity, or a half of it has no samples.
    """
    if not tally.bound.size or not tally.samples.all():
        raise ValueError("the largest of several means needs a mean, and samples in both halves")
    chosen = [int(np.argmax(tally.total[half])) for half in (1, 0)]  # chosen[h] is judged by half h
    rows = np.arange(2)

    def crossed(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return values[rows, chosen][:, None]

    judged = Tally(
        tally.samples,
        crossed(tally.total),
        crossed(tally.squares),
        np.asarray(tally.hits[rows, chosen][:, None]),
        crossed(tally.largest),
        None if tally.unit is None or len(set(tally.unit[chosen])) > 1 else tally.unit[chosen[:1]],
        tally.bound[chosen].max(keepdims=True),
    )
    top = None if ceiling is None else np.broadcast_to(np.asarray(ceiling, np.float64), tally.bound.shape)
    stricter = 1.0 - (1.0 - level) / 2
    low = interval(judged, signed=signed, ceiling=None if top is None else top[chosen].max(), level=stricter)
    high = float(interval(tally, signed=signed, ceiling=top, level=level).upper.max())
    estimate, lower = float(low.estimate[0]), float(low.lower[0])
    if upper is not None:
        high = min(high, upper)
    index = max(chosen, key=lambda k: float(tally.total[:, k].sum()))
    return index, min(estimate, high), min(lower, high), high


def median_live(found: Interval, live: NDArray[np.bool_]) -> tuple[float, float, float]:
    """(estimate, lower, upper) of the median over the quantities marked as live; zeros where none is.

    The ends are the medians of the ends: each rises with every one of them, so that they hold if the intervals do.
    """
    if not live.any():
        return 0.0, 0.0, 0.0
    return (
        float(np.median(found.estimate[live])),
        float(np.median(found.lower[live])),
        float(np.median(found.upper[live])),
    )


def variance(square: Interval, mean: Interval) -> Interval:
    """Intervals of E[w^2] - E[w]^2 from those of E[w^2] and E[w], estimated from independent samples or exactly.

    The distances of the ends from the estimates add in quadrature (Zou and Donner's method of variance estimates
    recovery), which keeps the level without taking both for wrong at once. No end is negative.
    """
    middle = mean.estimate**2
    far = np.maximum(mean.lower**2, mean.upper**2)
    near = np.where(
        (mean.lower <= 0.0) & (mean.upper >= 0.0), 0.0, np.minimum(mean.lower**2, mean.upper**2)
    )
    estimate = square.estimate - middle
    with np.errstate(invalid="ignore"):  # an end that is infinite stays so
        lower = estimate - np.hypot(square.estimate - square.lower, far - middle)
        upper = estimate + np.hypot(square.upper - square.estimate, middle - near)
    return Interval(
        np.maximum(estimate, 0.0),
        np.maximum(lower, 0.0),
        np.minimum(np.maximum(upper, 0.0), np.maximum(square.upper, 0.0)),
        square.assumed | mean.assumed,
    )


def _proportion(
    hits: NDArray[np.int64], samples: int, tail: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Clopper and Pearson's ends of a proportion, each missed with probability `tail` at most."""
    from scipy.special import betaincinv

    misses = samples - hits
    low = np.where(hits > 0, betaincinv(np.maximum(hits, 1), misses + 1, tail), 0.0)
    high = np.where(misses > 0, betaincinv(hits + 1, np.maximum(misses, 1), 1.0 - tail), 1.0)
    return low, high


def _poisson(events: NDArray[np.float64], tail: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Garwood's ends of a Poisson mean."""
    from scipy.special import gammaincinv

    low = np.where(events > 0, gammaincinv(np.where(events > 0, events, 1.0), tail), 0.0)
    return low, np.asarray(gammaincinv(events + 1.0, 1.0 - tail))


def _mean(
    samples: int,
    total: NDArray[np.float64],
    squares: NDArray[np.float64],
    hits: NDArray[np.int64],
    largest: NDArray[np.float64],
    bound: NDArray[np.float64],
    signed: bool,
    tail: float,
) -> Interval:
    from scipy.special import ndtri

    if not samples:
        bottom = -bound if signed else np.zeros_like(bound)
        return Interval(np.zeros_like(bound), bottom, bound, np.zeros(len(bound), bool))
    z = -float(ndtri(tail))
    estimate = total / samples
    spread = z * np.sqrt(np.maximum(squares - total * estimate, 0.0))
    some = hits > 0
    excess = _poisson(hits.astype(np.float64), tail)[1] - hits - z * np.sqrt(hits)
    # what carries the sum of squares: one weight of the largest size, up to all hits
    carriers = np.maximum(np.where(some, squares, 1.0) / np.maximum(np.where(some, largest, 1.0) ** 2, _TINY), 1.0)
    reckoned = largest * (1.0 + _UNSEEN / np.maximum(hits, 1) + _HEAVY / carriers)
    reckoned = np.maximum(reckoned, _FREE * (1.0 if signed else 2.0) * spread / excess)
    others = largest.max(initial=0.0) * (1.0 + _UNSEEN + _HEAVY) or np.inf
    seen = np.minimum(bound, np.where(some, reckoned, np.where(np.isinf(bound), others, bound)))
    none = samples * -np.expm1(np.log(tail) / samples)
    pad = np.where(some, excess, none) * seen
    upper = total + spread + pad
    if signed:
        lower = total - spread - pad
    else:
        # Weights of one sign are skewed away from zero: as many events of one size as have the same sums give the lower
        # end, less what samples without a hit would have changed where every sample seen was one.
        events = np.where(some, np.maximum(total**2 / np.maximum(squares, _TINY), 1.0), 0.0)
        poisson = np.where(some, _poisson(events, tail)[0] / np.where(events > 0, events, 1.0), 0.0) * total
        lower = np.maximum(total - spread, poisson) - none * hits / samples * estimate
    lower, upper = np.maximum(lower / samples, -bound), np.minimum(upper / samples, bound)
    with np.errstate(invalid="ignore"):  # infinite less infinite: nothing was assumed
        widening = np.where(some, excess, none) * (bound - seen) / samples * (2 if signed else 1)
        assumed = widening > (_NOTICEABLE - 1.0) * (upper - lower)
    return Interval(estimate, lower, upper, assumed)
