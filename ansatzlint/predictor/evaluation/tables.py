"""What the evaluations of both heads share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ansatzlint.predictor.evaluation.held_out import Effort, HeldOut
from ansatzlint.predictor.evaluation.scores import Cell, Floats, Table, covered, quantile

_FEWEST = 30
"""Rows of a regime below which it is not told how wrong the model is there."""
_WORST = 12
_LISTED = 20


class Data(Protocol):
    """Labels by column (N,), features (N, F) and the features' names."""

    @property
    def columns(self) -> Mapping[str, NDArray[Any]]: ...

    @property
    def features(self) -> NDArray[Any]: ...

    @property
    def names(self) -> tuple[str, ...]: ...


def column(data: Data, name: str) -> Floats:
    """A feature by its name (N,); KeyError if there is none."""
    if name not in data.names:
        raise KeyError(f"there is no feature {name!r}")
    return data.features[:, data.names.index(name)].astype(np.float64)


def fitting(held: HeldOut, effort: Effort) -> str:
    """What was fitted, in words that fit into a sentence."""
    low, high = min(held.fitted), max(held.fitted)
    rows = f"{low:,}" if low == high else f"{low:,} to {high:,}"
    drawn = " drawn at random from the others" if effort.rows is not None and high == effort.rows else ""
    return f"a model fitted on {rows} rows{drawn} (seed {effort.seed})"


def regimes(
    name: str, sets: Mapping[str, NDArray[Any]], values: Floats, held: HeldOut, unit: str
) -> Table:
    """The sets of rows on which held-out predictions are worst, by the median absolute error."""
    truth = values[held.rows]
    found: list[tuple[float, tuple[Cell, ...]]] = []
    for text, of_row in sets.items():
        here = of_row[held.rows] & np.isfinite(truth)
        missed = held.predicted[here] - truth[here]
        middle = quantile(missed, 0.5)
        if middle is not None and here.sum() >= _FEWEST:
            inside = covered(truth[here], held.lower[here], held.upper[here])
            found.append((middle, (text, int(here.sum()), middle, quantile(missed, 0.9), float(missed.mean()), inside)))
    found.sort(key=lambda pair: -pair[0])
    columns = ("circuits", "labels", "median |error|", "nine in ten below", "mean error", "interval covers")
    protocol = (
        f"The {min(_WORST, len(found))} worst of {len(found)} sets of held-out circuits, in {unit}; a positive mean "
        "error says that the model promises too much."
    )
    return Table(name, protocol, columns, tuple(row for _, row in found[:_WORST]))


def importance(names: tuple[str, ...], held: HeldOut, effort: Effort, unit: str) -> Table:
    """The columns whose permutation hurts most."""
    order = np.argsort(-np.nan_to_num(held.importance, nan=-np.inf), kind="stable")
    rows = tuple(
        (names[i], float(held.importance[i])) for i in order[:_LISTED] if held.importance[i] > 0
    )
    protocol = (
        f"What the mean absolute error of held-out rows grows by, in {unit}, when one column is permuted among them: "
        f"at most {effort.permuted} rows of each fold, one permutation (seed {effort.seed}). Columns that tell the "
        "same share their importance, and each then looks small."
    )
    return Table("Permutation importance", protocol, ("feature", "adds"), rows)
