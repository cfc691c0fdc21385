"""What a learned model is held against: rules that anybody could write down first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ansatzlint.predictor.evaluation.held_out import Effort, Rows, Split

Floats = NDArray[np.float64]
Fit = Callable[[Rows, Rows], Floats]
"""Predictions of the second rows after fitting on the first."""

NEIGHBOURS = (1, 2, 3, 4, 5)


def offset(column: Floats, target: Floats) -> Fit:
    """A column and an intercept, the median difference to the target."""

    def predict(train: Rows, test: Rows) -> Floats:
        known = column[train]
        return column[test] + float(np.nanmedian(target[train] - known))

    return predict


def linear(columns: Sequence[Floats], target: Floats) -> Fit:
    """Least squares on an intercept and the columns; a missing number stands for the column's mean."""

    def predict(train: Rows, test: Rows) -> Floats:
        table = np.column_stack([np.ones(len(target)), *columns])
        table = np.where(np.isfinite(table), table, np.nanmean(table[train], axis=0))
        weights, *_ = np.linalg.lstsq(table[train], target[train], rcond=None)
        fitted: Floats = table[test] @ weights
        return fitted

    return predict


def nearest(features: NDArray[Any], target: Floats, count: int, effort: Effort) -> Fit:
    """The mean over the nearest neighbours in standardised features, among a part of the rows.

    Rows to look among and rows to ask are drawn at random; a row that is not asked has NaN.
    """

    def predict(train: Rows, test: Rows) -> Floats:
        from sklearn.neighbors import KNeighborsRegressor

        rng = np.random.default_rng(effort.seed)
        among = rng.choice(train, min(effort.neighbours, len(train)), replace=False)
        asked = rng.choice(len(test), min(max(1, effort.neighbours // 10), len(test)), replace=False)
        near = features[among].astype(np.float64)
        middle, spread = _moments(near)
        model = KNeighborsRegressor(n_neighbors=min(count, len(among)))
        model.fit(_standard(near, middle, spread), target[among])
        guess = np.full(len(test), np.nan)
        guess[asked] = model.predict(_standard(features[test[asked]].astype(np.float64), middle, spread))
        return guess

    return predict


def _moments(table: Floats) -> tuple[Floats, Floats]:
    """Mean and standard deviation of the finite numbers of each column."""
    known = np.isfinite(table)
    count = np.maximum(known.sum(axis=0), 1)
    middle = np.where(known, table, 0.0).sum(axis=0) / count
    spread = np.sqrt(np.where(known, (table - middle) ** 2, 0.0).sum(axis=0) / count)
    return middle, np.where(spread > 0, spread, 1.0)


def _standard(table: Floats, middle: Floats, spread: Floats) -> Floats:
    scaled = (table - middle) / spread
    return np.where(np.isfinite(scaled), scaled, 0.0)


def over(fit: Fit, splits: Sequence[Split], train_only: NDArray[np.bool_]) -> tuple[Rows, Floats]:
    """(rows, predictions) over all splits; only rows that `train_only` marks are fitted on."""
    rows = np.concatenate([test for _, test in splits])
    return rows, np.concatenate([fit(train[train_only[train]], test) for train, test in splits])
