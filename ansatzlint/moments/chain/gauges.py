"""Which letters matter where: a product approximation of the chain, for the metric in which truncation is harmless.

The cost is an overlap <p|h> of a distribution p over strings, coming from the observable, and a value function h,
coming from the initial state. It can be 1e-15 of what the norms of p and h allow: most of h is then about strings
that p never shows. Multiplying h by sqrt(p/h), string by string, and p by sqrt(h/p) would make both equal, their
overlap the product of their norms, and a truncation error of 1e-10 in either an error of 1e-10 in the overlap. With
product approximations of p and h in place of them this is a factor a letter and site.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ansatzlint.moments.chain.plan import Map

Factors = NDArray[np.float64]

_SPAN = 1e-2
"""Letters on one site are weighted no more differently than this: strings are correlated, and a product forgets how."""


@dataclass(frozen=True, slots=True, eq=False)
class Gauge:
    """Factors for h, a row of 4 for each site that a map acts on; those for p are their inverses, 0 where they are 0.

    Attributes
    ----------
    before, after : tuple of float64 arrays of shape (size, 4)
        For each map on its sites, earlier and later in time than the map.
    first, last : float64 array of shape (sites, 4)
        At the beginning and at the end of the circuit.
    """

    before: tuple[Factors, ...]
    after: tuple[Factors, ...]
    first: Factors
    last: Factors


def inverse(factors: Factors) -> Factors:
    """1 / factors, 0 where they are 0."""
    return np.divide(1.0, factors, out=np.zeros_like(factors), where=factors > 0.0)


def gauge(maps: Sequence[Map], values: Factors, start: Factors) -> Gauge | None:
    """The gauge of maps in time order: p by its marginals, h by what those see of it.

    Parameters
    ----------
    values : float64 array of shape (sites, 4)
        h at the beginning, a product.
    start : float64 array of shape (sites, 4)
        p at the end, as a product.

    None where no path of the product approximation, and so none at all, has a weight: the cost is zero.
    """
    matrices = [m.covering(0.01) for m in maps]
    spans = [slice(m.site, m.site + m.size) for m in maps]
    h_before = [np.ones((m.size, 4)) for m in maps]
    h_after = [np.ones((m.size, 4)) for m in maps]
    p_before = [np.ones((m.size, 4)) for m in maps]
    p_after = [np.ones((m.size, 4)) for m in maps]
    current = _normalised(start)
    for i in range(len(maps) - 1, -1, -1):
        p_after[i] = current[spans[i]].copy()
        p_before[i] = _carry(matrices[i].T, p_after[i], np.ones((2, 4)))
        current[spans[i]] = p_before[i]
    p_first = current
    current = _normalised(values)
    for i, matrix in enumerate(matrices):
        h_before[i] = current[spans[i]].copy()
        h_after[i] = _carry(matrix, h_before[i], p_after[i])
        current[spans[i]] = h_after[i]
    h_last = current
    before = tuple(_ratio(p, h) for p, h in zip(p_before, h_before, strict=True))
    after = tuple(_ratio(p, h) for p, h in zip(p_after, h_after, strict=True))
    first, last = _ratio(p_first, _normalised(values)), _ratio(_normalised(start), h_last)
    if not first.any(axis=1).all() or not last.any(axis=1).all():
        return None
    return Gauge(before, after, first, last)


def _normalised(factors: Factors) -> Factors:
    top = factors.max(axis=-1, keepdims=True)
    return np.asarray(np.divide(factors, top, out=np.zeros_like(factors), where=top > 0.0))


def _carry(matrix: NDArray[np.float64], functions: Factors, others: Factors) -> Factors:
    """The product approximation beyond a map, seen by `others` there: weights with which the other site is summed."""
    if len(functions) == 1:
        return _normalised((matrix @ functions[0])[None, :])
    joint = (matrix @ np.outer(functions[0], functions[1]).ravel()).reshape(4, 4)
    return _normalised(np.stack([joint @ others[1], others[0] @ joint]))


def _ratio(p: Factors, h: Factors) -> Factors:
    """sqrt(p/h) where both are positive, else 0, the largest 1."""
    root = np.sqrt(np.divide(p, h, out=np.zeros_like(p), where=(p > 0.0) & (h > 0.0)))
    scaled = _normalised(root)
    return np.where(scaled > 0.0, np.maximum(scaled, _SPAN), 0.0)
