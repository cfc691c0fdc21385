"""Predictions for rows that the model had not seen: splits, fits, permutation importance."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Rows = NDArray[np.int64]
Make = Callable[[], Any]
"""Gives a model that was not fitted."""
Split = tuple[Rows, Rows]
"""Rows to fit on, rows to predict."""


@dataclass(frozen=True, slots=True)
class Effort:
    """What an evaluation may cost.

    Attributes
    ----------
    rows : int or None
        The most rows that a model of a fold is fitted on, drawn at random; None for all.
    neighbours : int
        The most rows among which nearest neighbours are looked for, and ten times the most of a fold that are asked.
    permuted : int
        The most rows of a fold for which a column at a time is permuted; 0 leaves the importance out.
    seed : int
        Of the models, and of everything drawn at random.
    """

    rows: int | None = 20_000
    neighbours: int = 20_000
    permuted: int = 400
    seed: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class HeldOut:
    """Predictions of each split's test rows by the model that was fitted on its other rows.

    Attributes
    ----------
    rows : int64 (n,)
        The rows of the data.
    fold : int64 (n,)
        The split that each was predicted in.
    predicted : float64 (n,)
    lower, upper : float64 (n,)
        The 90 % interval; NaN where the model gives none.
    inside : bool (n,)
        Whether the model knows such circuits.
    fitted : tuple of int
        The rows that each split's model was fitted on.
    importance : float64 (F,)
        What permuting a column adds to the mean absolute error, over the folds; NaN where it was not asked for.
    """

    rows: Rows
    fold: Rows
    predicted: Floats
    lower: Floats
    upper: Floats
    inside: Flags
    fitted: tuple[int, ...]
    importance: Floats


def leave_out(groups: Sequence[object] | NDArray[Any]) -> Iterator[Split]:
    """Each distinct group in turn is held out, in sorted order."""
    of_row = np.asarray(groups)
    for group in np.unique(of_row):
        held = of_row == group
        yield np.flatnonzero(~held), np.flatnonzero(held)


def folds(rows: int, count: int, seed: int) -> Iterator[Split]:
    """Random folds of equal size."""
    shuffled = np.random.default_rng(seed).permutation(rows)
    for part in np.array_split(shuffled, count):
        held = np.zeros(rows, dtype=bool)
        held[part] = True
        yield np.flatnonzero(~held), np.flatnonzero(held)


def predict_held_out(
    make: Make,
    features: NDArray[Any],
    target: Floats,
    splits: Sequence[Split],
    *,
    censored_at: Floats | None = None,
    groups: NDArray[Any] | None = None,
    probability: bool = False,
    effort: Effort,
) -> HeldOut:
    """Fit on each split's first rows and predict its second.

    Parameters
    ----------
    make : callable
        Gives a model that was not fitted: `fit(X, y, ...)`, `predict` and perhaps `predict_interval` and `domain_`, or
        `predict_proba` where `probability` is set.
    features : float (N, F)
    target : float64 (N,)
        NaN in rows that `censored_at` bounds from above, and in no other.
    splits : sequence of (rows to fit on, rows to predict)
    censored_at : float64 (N,) or None
        What the target is known to be at most, where it is NaN.
    groups : (N,) or None
        What an interval is calibrated across.
    """
    rng = np.random.default_rng(effort.seed)
    found: list[tuple[Rows, Rows, Floats, Floats, Floats, Flags]] = []
    fitted: list[int] = []
    raised: list[tuple[int, Floats]] = []
    for number, (train, test) in enumerate(splits):
        if effort.rows is not None and len(train) > effort.rows:
            train = np.sort(rng.choice(train, effort.rows, replace=False))
        options: dict[str, Any] = {}
        if censored_at is not None:
            options["upper"] = censored_at[train]
        if groups is not None:
            options["groups"] = groups[train]
        model = make().fit(features[train], target[train], **options)
        fitted.append(len(train))
        predict = _positive(model) if probability else model.predict
        rows = features[test]
        lower, upper = _interval(model, rows)
        found.append((test, np.full(len(test), number), predict(rows), lower, upper, _inside(model, rows)))
        known = test[~np.isnan(target[test])]
        if effort.permuted and len(known):
            some = rng.choice(known, min(effort.permuted, len(known)), replace=False)
            raised.append((len(some), _importance(predict, features[some], target[some], rng)))
    order, fold, predicted, lower, upper, inside = (np.concatenate(column) for column in zip(*found, strict=True))
    importance = np.full(features.shape[1], np.nan)
    if raised:
        importance = np.average([r for _, r in raised], axis=0, weights=[n for n, _ in raised])
    return HeldOut(order, fold, predicted, lower, upper, inside, tuple(fitted), importance)


def _positive(model: Any) -> Callable[[NDArray[Any]], Floats]:
    def predict(rows: NDArray[Any]) -> Floats:
        chance: Floats = model.predict_proba(rows)[:, 1]
        return chance

    return predict


def _interval(model: Any, rows: NDArray[Any]) -> tuple[Floats, Floats]:
    if not hasattr(model, "predict_interval"):
        nothing = np.full(len(rows), np.nan)
        return nothing, nothing
    lower, upper = model.predict_interval(rows, coverage=0.9)
    return np.asarray(lower, dtype=np.float64), np.asarray(upper, dtype=np.float64)


def _inside(model: Any, rows: NDArray[Any]) -> Flags:
    domain = getattr(model, "domain_", None)
    if domain is None:
        return np.ones(len(rows), dtype=bool)
    known: Flags = domain.inside(rows)
    return known


def _importance(predict: Callable[[NDArray[Any]], Floats], rows: NDArray[Any], truth: Floats, rng: Any) -> Floats:
    """What permuting each column adds to the mean absolute error (F,)."""
    base = np.abs(predict(rows) - truth).mean()
    raised = np.zeros(rows.shape[1])
    for column in range(rows.shape[1]):
        if np.unique(rows[:, column]).size < 2:  # permuting a constant changes nothing
            continue
        other = rows.copy()
        other[:, column] = rng.permutation(rows[:, column])
        raised[column] = np.abs(predict(other) - truth).mean() - base
    return raised
