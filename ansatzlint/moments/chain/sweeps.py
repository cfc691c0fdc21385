"""The two sweeps: the value function forwards in time, the distribution of strings backwards, and where they meet."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ansatzlint.moments.chain.gauges import Gauge, gauge, inverse
from ansatzlint.moments.chain.plan import Line, Map, Row
from ansatzlint.moments.chain.start import Start
from ansatzlint.moments.chain.train import Matrix, Tensor, Train

_ROUND_OFF = 1e-14
"""Relative to the norms of p and h, what one row may add."""

_NOTHING = 1e-30
"""Relative to the same norms, what is no number any more but round-off."""


@dataclass(frozen=True, slots=True, eq=False)
class Values:
    """The value function h before each row, and after the last: exp(logs[r]) * product of tensors[r]."""

    tensors: tuple[tuple[Tensor, ...], ...]
    logs: tuple[float, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Sweeps:
    """What two sweeps find.

    Attributes
    ----------
    log : float
        Unit of all numbers here: exp(log), the mean square of the cost unless that is zero or too small.
    cost : float
        Mean square of the cost.
    gradients : float64 array of shape (parameters,)
        Mean squares of the derivatives.
    error : float
        Bound on the error of the cost, to first order in what was truncated and rounded.
    """

    log: float
    cost: float
    gradients: NDArray[np.float64]
    error: float
    reached: int
    capped: bool
    values: Values
    work: int


def sweep(
    line: Line, values: NDArray[np.float64], start: Start, parameters: int, bond: int, tolerance: float
) -> Sweeps | None:
    """Both sweeps; None where no path has a weight: everything is zero.

    Parameters
    ----------
    values : float64 array of shape (sites, 4)
        The value of each letter in the initial product state.
    """
    rows = line.rows
    maps = [m for row in rows for m in (*row.turns, *row.gates)]
    frame = gauge(maps, values, start.product())
    if frame is None:
        return None
    forward = _Forward(maps, frame, values, bond, tolerance)
    tensors, logs, lost_h = [], [], []
    at = 0
    for row in rows:
        tensors.append(forward.snapshot())
        logs.append(forward.train.log)
        lost_h.append(forward.train.lost)
        at = forward.run(at, row)
    tensors.append(forward.snapshot())
    logs.append(forward.train.log)
    lost_h.append(forward.train.lost)
    kept = Values(tuple(map(tuple, tensors)), tuple(logs))

    backward = _Backward(maps, frame, start, bond, tolerance)
    overlaps = [_overlap(backward.snapshot(), kept.tensors[-1]) + backward.train.log + kept.logs[-1]]
    sizes = [backward.size(kept.tensors[-1], kept.logs[-1])]
    lost_p = [backward.train.lost]
    slopes: list[tuple[int, float, float]] = []
    at = len(maps)
    for row, earlier, log_h in zip(reversed(rows), reversed(kept.tensors[:-1]), reversed(kept.logs[:-1]), strict=True):
        at = backward.run(at, row.gates)
        scale = backward.train.log + log_h
        log, more = _meet(backward.snapshot(), earlier, row.turns)
        overlaps.append(log + scale)
        slopes += [(k, x, y + scale) for k, x, y in more]
        at = backward.run(at, row.turns)
        sizes.append(backward.size(earlier, log_h))
        lost_p.append(backward.train.lost)
    costs = [log for log in overlaps if math.isfinite(log)]
    log_cost = float(np.median(costs)) if costs else -math.inf
    log = log_cost if costs else max((y + math.log(x) for _, x, y in slopes if x > 0.0), default=-math.inf)
    log = max(log, max(sizes) + math.log(_NOTHING))
    if log == -math.inf:
        return None
    found = np.zeros(parameters)
    for k, x, y in slopes:
        found[k] = max(x, 0.0) * math.exp(min(y - log, 700.0))
    largest = np.exp(np.minimum(np.asarray(sizes) - log, 700.0))  # by row, the last first
    lost = np.append(np.diff(lost_h)[::-1], 0.0) + np.append(0.0, np.diff(lost_p))
    error = float(np.sum((lost + _ROUND_OFF) * largest))
    return Sweeps(
        log, math.exp(log_cost - log), found, error,
        max(forward.train.reached, backward.train.reached), forward.train.capped or backward.train.capped,
        kept, forward.work + backward.work,
    )  # fmt: skip


class _Forward:
    """h in its gauge, carried forwards."""

    def __init__(
        self, maps: Sequence[Map], frame: Gauge, values: NDArray[np.float64], bond: int, tolerance: float
    ) -> None:
        self._maps, self._frame = maps, frame
        self._scale = frame.first.copy()
        self.train = Train([v.reshape(1, 4, 1) for v in values * frame.first], bond, tolerance)
        self.work = 0

    def run(self, at: int, row: Row) -> int:
        """Carry out a row, its maps numbered from `at` on; the number of the next map."""
        for one in (*row.turns, *row.gates):
            before, after = inverse(self._frame.before[at]), self._frame.after[at]
            self._scale[one.site : one.site + one.size] = after
            self.work += _apply(self.train, one, one.square, before, after, True)
            at += 1
        return at

    def snapshot(self) -> list[Tensor]:
        """h without its gauge."""
        return self.train.tensors(inverse(self._scale))


class _Backward:
    """p in its gauge, carried backwards."""

    def __init__(self, maps: Sequence[Map], frame: Gauge, start: Start, bond: int, tolerance: float) -> None:
        self._maps, self._frame = maps, frame
        self._scale = inverse(frame.last)
        self.train = start.train(self._scale, bond, tolerance)
        self.work = 0

    def run(self, at: int, maps: Sequence[Map]) -> int:
        """Carry out the maps that end before number `at`, the last first; the number of the first."""
        for one in reversed(maps):
            at -= 1
            before, after = inverse(self._frame.before[at]), self._frame.after[at]
            self._scale[one.site : one.site + one.size] = before
            self.work += _apply(self.train, one, one.square.T, after, before, False)
        return at

    def snapshot(self) -> list[Tensor]:
        """p without its gauge."""
        return self.train.tensors(inverse(self._scale))

    def size(self, values: Sequence[Tensor], log: float) -> float:
        """log of the product of the norms of p and h in their gauges, h = exp(log) * values."""
        p = self.train.tensors(np.ones_like(self._scale))
        h = [inverse(s)[:, None] * v for s, v in zip(self._scale, values, strict=True)]
        return (_overlap(p, p) + _overlap(h, h)) / 2 + self.train.log + log


def _apply(
    train: Train, one: Map, matrix: Matrix, out: NDArray[np.float64], into: NDArray[np.float64], rightward: bool
) -> int:
    """Apply into * matrix * out, both factors a letter; the work in multiplications."""
    if one.size == 1:
        train.wait(one.site, into[0][:, None] * matrix * out[0])
        return 16
    left = np.multiply.outer(into[0], into[1]).reshape(16, 1)
    right = np.multiply.outer(out[0], out[1]).reshape(1, 16)
    return train.pair(one.site, left * matrix * right, rightward)


def _scaled(matrix: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    top = float(np.abs(matrix).max())
    return (matrix / top, math.log(top)) if top > 0.0 else (matrix, 0.0)


def cells(sites: int, turns: Sequence[Map]) -> list[tuple[int, int, Map | None]]:
    """(site, size, turn) along the line; sites without a turn alone."""
    there = {m.site: m for m in turns}
    found: list[tuple[int, int, Map | None]] = []
    site = 0
    while site < sites:
        one = there.get(site)
        found.append((site, one.size if one else 1, one))
        site += found[-1][1]
    return found


def _joined(tensors: Sequence[Tensor], site: int, size: int) -> Tensor:
    if size == 1:
        return tensors[site]
    a, b = tensors[site], tensors[site + 1]
    return np.tensordot(a, b, (2, 0)).reshape(a.shape[0], 16, b.shape[2])


def _overlap(p: Sequence[Tensor], h: Sequence[Tensor]) -> float:
    """log <p|h>, -inf where it is not positive."""
    return _meet(p, h, ())[0]


def _meet(
    p: Sequence[Tensor], h: Sequence[Tensor], turns: Sequence[Map]
) -> tuple[float, list[tuple[int, float, float]]]:
    """log <p| turns |h>, and (k, x, y) for each parameter there: x exp(y) = <p| turns with k's slope |h>."""
    parts = cells(len(p), turns)
    ps = [_joined(p, site, size) for site, size, _ in parts]
    hs = [_joined(h, site, size) for site, size, _ in parts]
    turned = [b if one is None else np.matmul(one.square, b) for b, (_, _, one) in zip(hs, parts, strict=True)]
    lefts, logs = [np.ones((1, 1))], [0.0]
    for a, b in zip(ps, turned, strict=True):
        grown, log = _scaled(np.tensordot(np.tensordot(lefts[-1], a, (0, 0)), b, ((0, 1), (0, 1))))
        lefts.append(grown)
        logs.append(logs[-1] + log)
    total = float(lefts[-1][0, 0])
    found: list[tuple[int, float, float]] = []
    right, behind = np.ones((1, 1)), 0.0
    for i in range(len(parts) - 1 if turns else -1, -1, -1):
        one = parts[i][2]
        towards = np.tensordot(ps[i], right, (2, 0))  # (p left, letter, h right)
        if one is not None and one.slopes:
            ahead = np.tensordot(lefts[i], towards, (0, 0))  # (h left, letter, h right)
            table = np.tensordot(ahead, hs[i], ((0, 2), (0, 2)))  # (later letter, earlier letter)
            found += [(k, float(np.vdot(table, slope)), logs[i] + behind) for k, slope in one.slopes]
        right, log = _scaled(np.tensordot(towards, turned[i], ((1, 2), (1, 2))))
        behind += log
    return (logs[-1] + math.log(total) if total > 0.0 else -math.inf), found
