"""Where the walk begins: the cost's Pauli words, or the words of a projector."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ansatzlint.moments.chain.train import Tensor, Train

_BATCH = 32


@dataclass(frozen=True, slots=True, eq=False)
class Start:
    """exp(log) times a distribution of strings over the sites of a line.

    Attributes
    ----------
    letters : uint8 array of shape (K, sites) or None
        Words, each with its probability in `weights`; None for the product of `weights` over the sites.
    weights : float64 array of shape (K,), or (sites, 4) without `letters`
    """

    letters: NDArray[np.uint8] | None
    weights: NDArray[np.float64]
    log: float

    def product(self) -> NDArray[np.float64]:
        """Probabilities of the letters at each site, shape (sites, 4)."""
        if self.letters is None:
            return self.weights
        return np.stack([self.weights @ (self.letters == letter) for letter in range(4)], axis=1)

    def train(self, scale: NDArray[np.float64], bond: int, tolerance: float) -> Train:
        """As a matrix product, each letter times scale[site, letter]."""
        if self.letters is None:
            return Train([f.reshape(1, 4, 1) for f in self.weights * scale], bond, tolerance, self.log)
        letters = self.letters
        sums = [
            _sum(_words(letters[i : i + _BATCH], self.weights[i : i + _BATCH]), 0.0, scale, bond, tolerance)
            for i in range(0, len(letters), _BATCH)
        ]
        while len(sums) > 1:
            sums = [
                _sum(*_stack(sums[i : i + 2]), np.ones_like(scale), bond, tolerance) for i in range(0, len(sums), 2)
            ]
        tensors, log = sums[0]
        return Train(tensors, bond, tolerance, self.log + log)


def words(letters: NDArray[np.uint8], coefficients: Sequence[float]) -> Start:
    """Pauli words, shape (K, sites), each with probability c^2 / sum of c^2."""
    squares = np.square(np.asarray(coefficients, dtype=np.float64))
    total = float(squares.sum())
    return Start(letters, squares / total, math.log(total))


def projector(sites: Sequence[int], length: int) -> Start:
    """The words of a projector onto a basis state of some of the sites: all of I and Z, with coefficient 2^-m each."""
    weights = np.zeros((length, 4))
    weights[:, 0] = 1.0
    weights[list(sites)] = 0.5, 0.0, 0.5, 0.0
    return Start(None, weights, -len(sites) * math.log(2.0))


def _words(letters: NDArray[np.uint8], weights: NDArray[np.float64]) -> list[Tensor]:
    """A sum of words, a word a bond index."""
    count, sites = letters.shape
    found = []
    for site in range(sites):
        tensor = np.zeros((count, 4, count))
        tensor[np.arange(count), letters[:, site], np.arange(count)] = 1.0
        found.append(tensor)
    found[0] = np.tensordot(weights[None, :], found[0], (1, 0))
    found[-1] = found[-1].sum(axis=2, keepdims=True)
    return found


def _stack(sums: Sequence[tuple[list[Tensor], float]]) -> tuple[list[Tensor], float]:
    """The sum of matrix products, as one times exp(log)."""
    top = max(log for _, log in sums)
    last = len(sums[0][0]) - 1
    found = []
    for site in range(last + 1):
        parts = [tensors[site] * (1.0 if site else math.exp(log - top)) for tensors, log in sums]
        if last == 0:
            found.append(np.asarray(np.sum(parts, axis=0)))
            continue
        left = 1 if site == 0 else sum(t.shape[0] for t in parts)
        right = 1 if site == last else sum(t.shape[2] for t in parts)
        tensor = np.zeros((left, 4, right))
        a = b = 0
        for t in parts:
            tensor[a : a + t.shape[0], :, b : b + t.shape[2]] = t
            a += t.shape[0] if site else 0
            b += t.shape[2] if site != last else 0
        found.append(tensor)
    return found, top


def _sum(
    tensors: Sequence[Tensor], log: float, scale: NDArray[np.float64], bond: int, tolerance: float
) -> tuple[list[Tensor], float]:
    """Compressed, each letter times scale[site, letter]; as a matrix product times exp(log)."""
    train = Train([f[:, None] * t for f, t in zip(scale, tensors, strict=True)], bond, tolerance, log)
    train.compress()
    return train.tensors(np.ones_like(scale)), train.log
