"""Walks on Pauli strings that are drawn by the value function, and so all of nearly equal weight.

A walk steps from string Q to Q' with probability M[Q, Q'] h(Q') / (its sum over Q'), h the matrix product of the
sweep, and carries the weight by which that differs from M. Whatever the error of h, the mean weight is the cost; the
better h is, the less the weights vary.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ansatzlint.moments.chain.plan import Line, Row
from ansatzlint.moments.chain.start import Start
from ansatzlint.moments.chain.sweeps import Values, cells
from ansatzlint.moments.chain.train import Matrix, Tensor

_OWN_STEPS, _OWN_SHARE = 25.0, 0.1
"""How many steps of a walk, and what share of them at most, are the chain's own whatever the value function says.

Where it is wrong, such walks find what it misses; with fewer of them the weights would look more alike than they are.
"""

Letters = NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Walks:
    """Weights of walks, in units of a given estimate of the cost.

    Attributes
    ----------
    cost : float64 array of shape (S,)
    gradients : float64 array of shape (S, parameters)
    """

    cost: NDArray[np.float64]
    gradients: NDArray[np.float64]


def walk(
    line: Line,
    kept: Values,
    values: NDArray[np.float64],
    start: Start,
    parameters: int,
    log_cost: float,
    samples: int,
    generator: np.random.Generator,
) -> Walks:
    """Independent walks from the end of the circuit to its beginning, weights in units of exp(log_cost).

    A walk along which just one turn has weight zero still counts for that turn's own derivative.
    """
    guard = min(_OWN_SHARE, _OWN_STEPS / (len(line.order) * len(line.rows)))
    letters, log = _begin(start, kept.tensors[-1], samples, guard, generator)
    log += start.log - log_cost
    share = 1.0 / max(sum(len(m.slopes) for row in line.rows for m in row.turns), 1)
    ratios = np.zeros((samples, parameters))
    owner = np.full(parameters, -2)
    stopped = np.full(samples, -1)  # the number of the turn with weight zero
    number = 0
    for row, tensors in zip(reversed(line.rows), reversed(kept.tensors[:-1]), strict=True):
        _gates(row, letters, log)
        if not row.turns:
            continue
        parts = cells(len(line.order), row.turns)
        proposals = [np.eye(4) if one is None else one.covering(share) for _, _, one in parts]
        later = [_read(letters, site, size) for site, size, _ in parts]
        rows = [m[at] for m, at in zip(proposals, later, strict=True)]
        drawn, log_probability = _draw(tensors, [(site, size) for site, size, _ in parts], rows, guard, generator)
        log -= log_probability
        for (site, size, one), a, b in zip(parts, later, drawn, strict=True):
            if one is None:
                continue
            square = one.square[a, b]
            zero = square == 0.0
            again = zero & (stopped >= 0)
            square[zero] = 1.0
            log += np.log(square)
            log[again] = -math.inf
            stopped[zero] = number
            for k, slope in one.slopes:
                ratios[:, k] = slope[a, b] / square
                owner[k] = number
            number += 1
            _write(letters, site, size, b)
    weight = np.exp(log) * np.prod(values[np.arange(len(values)), letters], axis=1)
    counted = (stopped[:, None] == -1) | (stopped[:, None] == owner)
    return Walks(np.where(stopped == -1, weight, 0.0), np.where(counted, weight[:, None] * ratios, 0.0))


def _gates(row: Row, letters: Letters, log: NDArray[np.float64]) -> None:
    """Carry letters and logarithms of weights back through the gates of a row."""
    for gate in reversed(row.gates):
        table, factors = _monomial(gate.square)
        at = _read(letters, gate.site, gate.size)
        with np.errstate(divide="ignore"):
            log += np.log(factors)[at]
        _write(letters, gate.site, gate.size, table[at])


def _monomial(matrix: Matrix) -> tuple[Letters, NDArray[np.float64]]:
    """The only letter that each letter goes to, and the weight."""
    table = matrix.argmax(axis=1)
    return table, matrix[np.arange(len(matrix)), table]


def _read(letters: Letters, site: int, size: int) -> Letters:
    return letters[:, site].copy() if size == 1 else 4 * letters[:, site] + letters[:, site + 1]


def _write(letters: Letters, site: int, size: int, new: Letters) -> None:
    if size == 1:
        letters[:, site] = new
    else:
        letters[:, site], letters[:, site + 1] = new >> 2, new & 3


def _begin(
    start: Start, tensors: Sequence[Tensor], samples: int, guard: float, generator: np.random.Generator
) -> tuple[Letters, NDArray[np.float64]]:
    """Strings to begin with, and the logarithms of their weights."""
    sites = len(tensors)
    if start.letters is None:
        rows = [np.broadcast_to(f, (samples, 4)) for f in start.weights]
        drawn, log = _draw(tensors, [(site, 1) for site in range(sites)], rows, guard, generator)
        letters = np.stack(drawn, axis=1)
        return letters, np.log(start.weights[np.arange(sites), letters]).sum(axis=1) - log
    value = start.weights * np.exp(_log_values(tensors, start.letters))
    proposal = (1.0 - guard) * value / value.sum() + guard * start.weights if value.any() else start.weights
    chosen = generator.choice(len(proposal), size=samples, p=proposal / proposal.sum())
    return start.letters[chosen].astype(np.intp), np.log(start.weights / proposal * proposal.sum())[chosen]


def _log_values(tensors: Sequence[Tensor], letters: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Logarithms of h of the words, the largest 0; what is not positive counts as 0."""
    ahead = np.ones((len(letters), 1))
    log = np.zeros(len(letters))
    for site, tensor in enumerate(tensors):
        by_letter = np.einsum("sl,lar->sar", ahead, tensor, optimize=True)
        ahead = by_letter[np.arange(len(letters)), letters[:, site]]
        ahead, more = _rescaled(ahead)
        log += more
    with np.errstate(divide="ignore"):
        log += np.log(np.maximum(ahead[:, 0], 0.0))
    top = log.max()
    return log - top if math.isfinite(top) else log


def _rescaled(vectors: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    top = np.abs(vectors).max(axis=1)
    safe = np.where(top > 0.0, top, 1.0)
    return vectors / safe[:, None], np.log(safe)


def _draw(
    tensors: Sequence[Tensor],
    parts: Sequence[tuple[int, int]],
    rows: Sequence[NDArray[np.float64]],
    guard: float,
    generator: np.random.Generator,
) -> tuple[list[Letters], NDArray[np.float64]]:
    """Draw strings with probabilities near rows * h, and the logarithms of their true probabilities.

    `parts` are (site, size) along the line, `rows` weights of shape (S, 4^size) for each; the share `guard` of the
    letters is drawn from `rows` alone.
    """
    samples = len(rows[0])
    joined = []
    for site, size in parts:
        a = tensors[site]
        if size == 2:
            b = tensors[site + 1]
            a = np.tensordot(a, b, (2, 0)).reshape(a.shape[0], 16, b.shape[2])
        joined.append(a)
    behind = [np.ones((samples, 1))]
    for a, weights in zip(reversed(joined), reversed(rows), strict=True):
        left, count, right = a.shape
        by_letter = (behind[-1] @ a.reshape(left * count, right).T).reshape(samples, left, count)
        behind.append(_rescaled(np.einsum("slc,sc->sl", by_letter, weights))[0])
    behind.pop()
    ahead = np.ones((samples, 1))
    each = np.arange(samples)
    log = np.zeros(samples)
    drawn = []
    for a, weights in zip(joined, rows, strict=True):
        left, count, right = a.shape
        by_letter = (ahead @ a.reshape(left, count * right)).reshape(samples, count, right)
        guess = np.maximum(np.einsum("scr,sr->sc", by_letter, behind.pop()), 0.0) * weights
        own = weights / weights.sum(axis=1, keepdims=True)
        total = guess.sum(axis=1, keepdims=True)
        proposal = np.where(
            total > 0.0, (1.0 - guard) * guess / np.where(total > 0.0, total, 1.0) + guard * own, own
        )
        levels = np.cumsum(proposal, axis=1)
        # Scaled by the last level, so that round-off cannot choose a letter of probability zero.
        letter = np.minimum((levels <= generator.random((samples, 1)) * levels[:, -1:]).sum(axis=1), count - 1)
        drawn.append(letter)
        log += np.log(proposal[each, letter])
        ahead = _rescaled(by_letter[each, letter])[0]
    return drawn, log
