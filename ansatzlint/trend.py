"""Polynomial or exponential: what measured values at several numbers of qubits say of the trend.

Two hypotheses about a positive quantity G at n qubits, in the tail of the sizes:

    polynomial    ln G = a - k ln n - c / n     G ~ n^-k, with a correction of finite size; a constant is k = 0
    exponential   ln G = a - b n - p ln n       G ~ 2^-(n b / ln 2), with a power of n before it

each with and without its second coefficient, and the former also with none at all. An exponential has to rule at the
largest size where G was seen: there it is to outweigh any growth of the power, and half of its fall.

Each size of the tail may miss the line by its own uncertainty and, independently, by a normal misfit that all share and
whose width is integrated over; that makes the ends of the intervals those of a t distribution where the misfit rules. A
value of which only an upper end is known pulls the line below that end and nothing more. Where the tail begins is
integrated over too: a smaller size that the later ones do not explain (the light cone still wraps round, say) is left
free, at a price. The posterior odds of the two hypotheses, equal before, decide.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log, pi
from typing import Literal

import numpy as np
from numpy.typing import NDArray

TrendVerdict = Literal["polynomial", "exponential", "undecided"]

FEWEST = 4
"""Sizes with a value, not merely an upper end, below which no trend is read; a tail has at least as many."""
WIDEST = 4.0
"""A power of n whose 95 % interval is wider than this is no finding."""
CERTAINTY = 0.9
"""Posterior probability that a verdict needs."""

_SIGMAS = 3.92
"""A 95 % interval is so many standard deviations wide."""
_SOFT = 0.5
"""Spread of ln G behind an upper end, which is no step."""
_WIDTHS = np.geomspace(1e-3, 2.0, 32)
"""Misfits that are integrated over: below a part in a thousand nothing is told about a trend, above all is noise."""
_FREE = log(10.0)
"""What a size outside the tail costs: its ln G may lie anywhere in a range of ten."""
_POWER, _CORRECTION, _RATE, _OFFSET, _ALTERNATION = 3.0, 1.5, 0.7, 30.0, 0.7
"""Prior standard deviations: of k and p, of c, of b (half normal), of a about the mean, of odd against even sizes."""

_Kind = Literal["constant", "power", "corrected power", "rate", "rate with power"]
_FALL = 0.5
_KINDS: dict[str, tuple[_Kind, ...]] = {
    "polynomial": ("constant", "power", "corrected power"),
    "exponential": ("rate", "rate with power"),
}


@dataclass(frozen=True, slots=True)
class Trend:
    """What the measured sizes say.

    Attributes
    ----------
    verdict : {"polynomial", "exponential", "undecided"}
    exponent, lower, upper : float or None
        k of n^-k, or e of 2^(-e n), with a 95 % interval; None where undecided.
    probability : float
        Posterior probability of the verdict; of the likelier one where undecided.
    sizes : tuple of int
        Those that the trend rests on: of the likeliest tail the ones that have a value. Empty where nothing was fitted.
    reason : str
        Why it is undecided, else "".
    """

    verdict: TrendVerdict
    exponent: float | None
    lower: float | None
    upper: float | None
    probability: float
    sizes: tuple[int, ...]
    reason: str = ""

    def __str__(self) -> str:
        if self.exponent is None:
            return f"undecided: {self.reason}"
        ends = f"{_short(self.exponent)} [{_short(self.lower)}, {_short(self.upper)}]"
        where = f"{self.sizes[0]} to {self.sizes[-1]} qubits"
        if self.verdict == "polynomial":
            return f"polynomial, n^-k with k = {ends}, from {where}"
        return f"exponential, 2^(-e n) with e = {ends}, from {where}"


def _short(value: float | None) -> str:
    rounded = round(float("nan") if value is None else value, 3)
    return f"{rounded + 0.0:.3g}"  # no minus before a zero


def trend(sizes: Sequence[int], estimate: Sequence[float], lower: Sequence[float], upper: Sequence[float]) -> Trend:
    """The trend of G against the number of qubits.

    Parameters
    ----------
    sizes : sequence of int, strictly ascending, positive
    estimate, lower, upper : sequences of float, as long
        G and its 95 % interval at each size. An estimate or a lower end of 0 says that G is not above `upper`; an exact
        value has three equal numbers.

    Raises
    ------
    ValueError
        For sizes that do not ascend, or values that are negative, not finite or out of order.
    """
    n = np.asarray(sizes, dtype=np.float64)
    g, low, high = (np.asarray(v, dtype=np.float64) for v in (estimate, lower, upper))
    if not len(n) == len(g) == len(low) == len(high):
        raise ValueError("sizes and values differ in number")
    if (n < 1).any() or (np.diff(n) <= 0).any():
        raise ValueError("sizes must ascend from 1 up")
    if not (np.isfinite(high).all() and (low >= 0).all() and (low <= g).all() and (g <= high).all()):
        raise ValueError("values must be finite, none negative, each within its interval")
    told = high > 0  # an exact zero is no value on a logarithmic axis; the caller says what it means
    n, g, low, high = n[told], g[told], low[told], high[told]
    seen = (g > 0) & (low > 0)
    if int(seen.sum()) < FEWEST:
        return Trend("undecided", None, None, None, 0.5, (), _too_few(int(seen.sum())))
    data = _Data.of(n, g, low, high, seen)
    ends = np.flatnonzero(seen)[: int(seen.sum()) - FEWEST + 1]
    starts = [0, *(int(s) + 1 for s in ends[:-1])]
    found = {
        verdict: [[_fit(data.tail(start), kind, data.free(start)) for kind in kinds] for start in starts]
        for verdict, kinds in _KINDS.items()
    }
    weight = {
        verdict: [_log_sum(np.array([f.total for f in at])) - log(len(at)) for at in fits]
        for verdict, fits in found.items()
    }
    polynomial, exponential = (_log_sum(np.array(weight[v])) for v in ("polynomial", "exponential"))
    chance = _chance(exponential, polynomial)
    verdict: TrendVerdict = "exponential" if chance > 0.5 else "polynomial"
    certain = max(chance, 1.0 - chance)
    start = starts[int(np.argmax(weight[verdict]))]
    tail = tuple(int(v) for v, s in zip(n[start:], seen[start:], strict=True) if s)
    fits = {v: [fit for at in found[v] for fit in at] for v in found}
    middle = _quantiles(fits[verdict], verdict == "exponential")[0]
    # A constant has an exponent of no width, and what it could be instead has one.
    _, least, most = _quantiles([fit for fit in fits[verdict] if fit.varies], verdict == "exponential")
    least, most = min(least, middle), max(most, middle)
    if certain < CERTAINTY:
        return Trend("undecided", None, None, None, certain, tail, _alike(fits, certain, verdict))
    anyhow = _log_sum(np.array([fit.anyhow for fit in fits["exponential"]])) - log(len(_KINDS["exponential"]))
    slow = _chance(anyhow, polynomial)
    if verdict == "polynomial" and slow >= CERTAINTY:
        return Trend("undecided", None, None, None, 1.0 - slow, tail, _beside(fits["exponential"]))
    unit = log(2.0) if verdict == "exponential" else 1.0
    if verdict == "polynomial" and most - least > WIDEST:
        reason = f"the values lie on no one curve: a power anywhere from {_short(least)} to {_short(most)} fits them"
        return Trend("undecided", None, None, None, certain, tail, reason)
    return Trend(verdict, middle / unit, least / unit, most / unit, certain, tail)


def _too_few(seen: int) -> str:
    return f"{seen or 'no'} size{'' if seen == 1 else 's'} with a value above the noise; a trend needs {FEWEST}"


def _chance(first: float, second: float) -> float:
    """The posterior probability of the first of two, from their log evidence."""
    return float(1.0 / (1.0 + np.exp(np.clip(second - first, -700, 700))))


def _beside(fits: list[_Fit]) -> str:
    rate = _quantiles(fits, True)[0] / log(2.0)
    return f"a factor like 2^(-{rate:.2g} n) stands beside a power of n that outweighs it at these sizes"


def _alike(found: dict[str, list[_Fit]], certain: float, verdict: str) -> str:
    power = _quantiles(found["polynomial"], False)[0]
    rate = _quantiles(found["exponential"], True)[0] / log(2.0)
    return (
        f"n^-{max(power, 0.0):.2g} and 2^(-{rate:.2g} n) fit alike (the {verdict} one with probability {certain:.2f}; "
        f"{CERTAINTY:g} is asked for)"
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Data:
    """Values on the logarithmic axis: shape (N,) each; `y` is the upper end where `seen` is False."""

    n: NDArray[np.float64]
    y: NDArray[np.float64]
    spread: NDArray[np.float64]
    seen: NDArray[np.bool_]

    @classmethod
    def of(
        cls,
        n: NDArray[np.float64],
        g: NDArray[np.float64],
        low: NDArray[np.float64],
        high: NDArray[np.float64],
        seen: NDArray[np.bool_],
    ) -> _Data:
        y = np.log(np.where(seen, g, high))
        with np.errstate(divide="ignore"):
            spread = np.where(seen, (np.log(high) - np.log(np.where(seen, low, 1.0))) / _SIGMAS, _SOFT)
        return cls(n, y, spread, seen)

    def tail(self, start: int) -> _Data:
        return _Data(self.n[start:], self.y[start:], self.spread[start:], self.seen[start:])

    def free(self, start: int) -> float:
        """The price of what stands before the tail."""
        return -_FREE * float(self.seen[:start].sum())


@dataclass(frozen=True, slots=True, eq=False)
class _Fit:
    """One hypothesis on one tail: by misfit width its log evidence, and the slope's mean and deviation.

    `free` is the log evidence where an exponential need not rule.
    """

    evidence: NDArray[np.float64]
    free: NDArray[np.float64]
    slope: NDArray[np.float64]
    deviation: NDArray[np.float64]

    @property
    def total(self) -> float:
        return _log_sum(self.evidence)

    @property
    def anyhow(self) -> float:
        return _log_sum(self.free)

    @property
    def varies(self) -> bool:
        return bool(self.deviation.any())


def _fit(data: _Data, kind: _Kind, price: float) -> _Fit:
    """Laplace's approximation for every width of the misfit at once; exact where no value is an upper end."""
    from scipy.special import log_ndtr

    columns, centre, prior = _design(data, kind)
    variance = _WIDTHS[:, None] ** 2 + data.spread[None, :] ** 2  # (T, N)
    at = np.tile(centre, (len(_WIDTHS), 1))
    precision = np.diag(prior**-2.0)
    steps = 1 if data.seen.all() else 40
    for _ in range(steps):
        gradient, curvature = _derivatives(data, columns, variance, at)
        gradient -= (at - centre) @ precision
        change = np.linalg.solve(curvature + precision, gradient[:, :, None])[:, :, 0]
        at = at + change
        if not np.abs(change).max() > 1e-9:
            break
    _, curvature = _derivatives(data, columns, variance, at)
    hessian = curvature + precision
    value = at @ columns.T
    miss = (data.y - value) / np.sqrt(variance)
    with np.errstate(over="ignore"):
        terms = np.where(data.seen, -0.5 * (miss**2 + np.log(2 * pi * variance)), log_ndtr(miss))
    chance = terms.sum(axis=1) - 0.5 * (((at - centre) / prior) ** 2).sum(axis=1) - np.log(prior).sum()
    chance -= 0.5 * np.linalg.slogdet(hessian)[1]
    evidence = free = chance - log(len(_WIDTHS)) + price
    if kind == "constant":
        return _Fit(evidence, free, np.zeros(len(evidence)), np.zeros(len(evidence)))
    covariance = np.linalg.inv(hessian)
    deviation = np.sqrt(covariance[:, 1, 1])
    mean = at[:, 1]
    if kind == "rate":
        evidence = free = free + log(2.0) + log_ndtr(mean / deviation)  # half normal: only a rate above zero counts
    elif kind == "rate with power":
        free = free + log(2.0) + log_ndtr(mean / deviation)
        last = float(data.n[data.seen].max())
        evidence = evidence + log(2.0)
        for power in (1.0, -_FALL):  # b n >= -p, b n >= p / 2
            sure = np.array([last, power])
            spread = np.einsum("i,tij,j->t", sure, covariance[:, 1:3, 1:3], sure)
            evidence = evidence + log_ndtr(at[:, 1:3] @ sure / np.sqrt(spread))
    return _Fit(evidence, free, mean, deviation)


def _derivatives(
    data: _Data, columns: NDArray[np.float64], variance: NDArray[np.float64], at: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Gradient (T, P) and negative Hessian (T, P, P) of the log likelihood."""
    from scipy.special import log_ndtr

    deviation = np.sqrt(variance)
    miss = (data.y - at @ columns.T) / deviation
    # the inverse Mills ratio, which pulls a line that runs above an upper end down
    mills = np.exp(-0.5 * miss**2 - 0.5 * log(2 * pi) - log_ndtr(miss))
    slope = np.where(data.seen, miss, -mills) / deviation
    bend = np.where(data.seen, 1.0, mills * (mills + miss)) / variance
    return slope @ columns, np.einsum("tn,np,nq->tpq", bend, columns, columns)


def _design(data: _Data, kind: _Kind) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Columns (N, P), prior centres and deviations (P,); the first column is the level, the second the slope."""
    level = (np.ones_like(data.n), float(data.y[data.seen].mean()), _OFFSET)
    power = (-_centred(np.log(data.n)), 0.0, _POWER)
    rate = (-_centred(data.n), 0.0, _RATE)
    correction = (-_centred(1.0 / data.n), 0.0, _CORRECTION)
    chosen = {
        "constant": [level],
        "power": [level, power],
        "corrected power": [level, power, correction],
        "rate": [level, rate],
        "rate with power": [level, rate, power],
    }[kind]
    odd = data.n[data.seen] % 2 == 1
    if min(int(odd.sum()), int((~odd).sum())) >= 2:
        chosen.append((np.where(data.n % 2 == 1, 0.5, -0.5), 0.0, _ALTERNATION))
    columns, centre, prior = zip(*chosen, strict=True)
    return np.stack(columns, axis=1), np.array(centre), np.array(prior)


def _centred(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(values - values.mean())


def _log_sum(values: NDArray[np.float64]) -> float:
    top = float(values.max())
    return top + log(float(np.exp(values - top).sum()))


def _quantiles(fits: Sequence[_Fit], positive: bool) -> tuple[float, float, float]:
    """Median and 95 % interval of the slope over all tails and misfits; of what is above zero where `positive`."""
    from scipy.special import ndtr

    evidence = np.concatenate([fit.evidence for fit in fits])
    weight = np.exp(evidence - evidence.max())
    mean = np.concatenate([fit.slope for fit in fits])
    deviation = np.concatenate([fit.deviation for fit in fits])
    kept = weight > 1e-12
    weight, mean, deviation = weight[kept] / weight[kept].sum(), mean[kept], deviation[kept]
    deviation = np.maximum(deviation, 1e-12)
    below = ndtr(-mean / deviation) if positive else np.zeros_like(mean)

    def share(x: float) -> float:
        part = (ndtr((x - mean) / deviation) - below) / np.maximum(1.0 - below, 1e-300)
        return float((weight * np.clip(part, 0.0, 1.0)).sum())

    def quantile(level: float) -> float:
        low = 0.0 if positive else float((mean - 12 * deviation).min())
        high = float((mean + 12 * deviation).max())
        high = max(high, low + float(deviation.max()))
        for _ in range(48):
            middle = (low + high) / 2
            low, high = (middle, high) if share(middle) < level else (low, middle)
        return (low + high) / 2

    return quantile(0.5), quantile(0.025), quantile(0.975)
