"""Functions on strings of letters as matrix products, kept within a bond by truncation."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
Tensor = NDArray[np.float64]
"""A site's tensor, axes (left bond, letter, right bond)."""


class Train:
    """exp(log) * product of tensors, with maps on single sites that wait to be carried out.

    The sites left and right of `centre` are isometries towards it, so that the norm of the centre is that of the
    whole, before the waiting maps; a map on one site changes nothing else once the centre stands there.

    Attributes
    ----------
    reached : int
        The largest bond so far.
    lost : float
        Sum over all truncations of discarded norm / norm.
    capped : bool
        Whether the bond, not the tolerance, decided a truncation.
    """

    def __init__(self, tensors: Sequence[Tensor], bond: int, tolerance: float, log: float = 0.0) -> None:
        self._tensors = list(tensors)
        self._waiting: list[Matrix | None] = [None] * len(tensors)
        self._bond, self._tolerance = bond, tolerance
        self.log = log
        self.reached = max(t.shape[2] for t in tensors)
        self.lost = 0.0
        self.capped = False
        self.vanished = False
        self._centre = len(tensors) - 1
        self._move(0)

    def wait(self, site: int, matrix: Matrix) -> None:
        """Queue a map [new letter, old letter] on one site."""
        old = self._waiting[site]
        self._waiting[site] = matrix if old is None else matrix @ old

    def pair(self, site: int, matrix: Matrix, rightward: bool) -> int:
        """Carry out a map on the pair at site and site + 1, and truncate; the centre stays right or left of the cut.

        Returned is the work in multiplications, roughly.
        """
        self._move(site if self._centre <= site else site + 1)
        a, b = self._ready(site), self._ready(site + 1)
        left, right = a.shape[0], b.shape[2]
        theta = np.tensordot(a, b, (2, 0)).reshape(left, 16, right)
        theta = np.matmul(matrix, theta).reshape(4 * left, 4 * right)
        u, s, v = self._split(theta)
        if rightward:
            self._tensors[site] = u.reshape(left, 4, -1)
            self._tensors[site + 1] = (s[:, None] * v).reshape(-1, 4, right)
        else:
            self._tensors[site] = (u * s).reshape(left, 4, -1)
            self._tensors[site + 1] = v.reshape(-1, 4, right)
        self._centre = site + 1 if rightward else site
        self.reached = max(self.reached, len(s))
        return int(16 * left * right * (16 + 20 * min(4 * left, 4 * right)))

    def compress(self) -> None:
        """Truncate every bond once; for a train that was added up, not evolved."""
        self._move(len(self._tensors) - 1)
        for site in range(len(self._tensors) - 1, 0, -1):
            tensor = self._ready(site)
            u, s, v = self._split(tensor.reshape(tensor.shape[0], -1))
            self._tensors[site] = v.reshape(-1, 4, tensor.shape[2])
            self._tensors[site - 1] = np.tensordot(self._tensors[site - 1], u * s, (2, 0))
        self._centre = 0
        self.reached = max(t.shape[2] for t in self._tensors)

    def tensors(self, scale: NDArray[np.float64]) -> list[Tensor]:
        """The tensors, waiting maps carried out, each letter times scale[site, letter]."""
        found = []
        for tensor, waiting, factors in zip(self._tensors, self._waiting, scale, strict=True):
            matrix = np.diag(factors) if waiting is None else factors[:, None] * waiting
            found.append(np.matmul(matrix, tensor))
        return found

    def _ready(self, site: int) -> Tensor:
        waiting = self._waiting[site]
        if waiting is not None:
            self._tensors[site] = np.matmul(waiting, self._tensors[site])
            self._waiting[site] = None
        return self._tensors[site]

    def _move(self, target: int) -> None:
        while self._centre < target:
            tensor = self._ready(self._centre)
            left, _, right = tensor.shape
            q, r = np.linalg.qr(tensor.reshape(4 * left, right))
            self._tensors[self._centre] = q.reshape(left, 4, -1)
            self._centre += 1
            self._tensors[self._centre] = np.tensordot(self._scaled(r), self._tensors[self._centre], (1, 0))
        while self._centre > target:
            tensor = self._ready(self._centre)
            left, _, right = tensor.shape
            q, r = np.linalg.qr(tensor.reshape(left, 4 * right).T)
            self._tensors[self._centre] = np.ascontiguousarray(q.T).reshape(-1, 4, right)
            self._centre -= 1
            self._tensors[self._centre] = np.tensordot(self._tensors[self._centre], self._scaled(r).T, (2, 0))

    def _scaled(self, matrix: Matrix) -> Matrix:
        norm = float(np.linalg.norm(matrix))
        if norm == 0.0:
            self.vanished = True
            return matrix
        self.log += math.log(norm)
        return matrix / norm

    def _split(self, theta: Matrix) -> tuple[Matrix, NDArray[np.float64], Matrix]:
        """Singular values of norm one, the smallest left out."""
        u, s, v = np.linalg.svd(self._scaled(theta), full_matrices=False)
        tail = np.sqrt(np.cumsum(s[::-1] ** 2))[::-1]  # norm of s[i:]
        wanted = max(int(np.count_nonzero(tail > self._tolerance * tail[0])), 1)
        kept = min(wanted, self._bond)
        self.capped |= kept < wanted
        if kept < len(s) and tail[0] > 0.0:
            self.lost += float(tail[kept] / tail[0])
        return u[:, :kept], s[:kept], v[:kept]
