"""What a sampler counts: sums of weights over samples, in two halves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """Sums over independent samples of one or more weights w, whose means are what is asked for.

    The first axis of every array is the half of the samples that it belongs to: choosing on one half and estimating on
    the other is free of selection bias. The last axis counts the quantities (the parameters, say).

    Attributes
    ----------
    samples : int64 array of shape (2,)
        Samples in each half.
    total, squares : float64 array of shape (2, K)
        Sums of w and of w^2.
    hits : int64 array of shape (2, K)
        How many w are not zero.
    largest : float64 array of shape (2, K)
        The largest |w| seen.
    unit : float64 array of shape (K,) or None
        Where every w is either 0 or this number; None where it may be anything.
    bound : float64 array of shape (K,)
        No |w| can be larger; infinite where nothing is known.
    """

    samples: NDArray[np.int64]
    total: NDArray[np.float64]
    squares: NDArray[np.float64]
    hits: NDArray[np.int64]
    largest: NDArray[np.float64]
    unit: NDArray[np.float64] | None
    bound: NDArray[np.float64]

    def __add__(self, other: Tally) -> Tally:
        """Both sets of samples together; they must be of the same quantities."""
        return Tally(
            self.samples + other.samples,
            self.total + other.total,
            self.squares + other.squares,
            self.hits + other.hits,
            np.maximum(self.largest, other.largest),
            self.unit if self.unit is not None and other.unit is not None else None,
            np.maximum(self.bound, other.bound),
        )

    @property
    def mean(self) -> NDArray[np.float64]:
        """The estimates, shape (K,); zero samples give zero."""
        return np.asarray(self.total.sum(axis=0) / max(int(self.samples.sum()), 1))

    def part(self, chosen: slice | NDArray[np.int64]) -> Tally:
        """The tally of some of the quantities."""
        return Tally(
            self.samples, self.total[:, chosen], self.squares[:, chosen], self.hits[:, chosen], self.largest[:, chosen],
            None if self.unit is None else self.unit[chosen], self.bound[chosen],
        )  # fmt: skip


class Sums:
    """Adds up weights into a tally."""

    def __init__(self, quantities: int) -> None:
        self._samples = np.zeros(2, dtype=np.int64)
        self._total, self._squares, self._largest = (np.zeros((2, quantities)) for _ in range(3))
        self._hits = np.zeros((2, quantities), dtype=np.int64)

    def add(self, half: int, weights: NDArray[np.float64]) -> None:
        """Add samples, weights of shape (samples, K), to one half."""
        if len(weights):
            self._samples[half] += len(weights)
            self._total[half] += weights.sum(axis=0)
            self._squares[half] += (weights**2).sum(axis=0)
            self._hits[half] += np.count_nonzero(weights, axis=0)
            self._largest[half] = np.maximum(self._largest[half], np.abs(weights).max(axis=0))

    def tally(self, bound: NDArray[np.float64]) -> Tally:
        """What was added so far; no weight is larger than the bound, shape (K,)."""
        return Tally(self._samples, self._total, self._squares, self._hits, self._largest, None, bound)
