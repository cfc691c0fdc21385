"""Scores on labels of the user's own: random folds, or a model that there is already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ansatzlint.predictor.evaluation.baselines import NEIGHBOURS, Fit, linear, nearest, over
from ansatzlint.predictor.evaluation.held_out import Effort, HeldOut, Make, Split, folds, predict_held_out
from ansatzlint.predictor.evaluation.scores import (
    Cell,
    Evaluation,
    Floats,
    Table,
    counted,
    covered,
    quantile,
    r_squared,
    spearman,
)
from ansatzlint.predictor.evaluation.tables import fitting, importance

FOLDS = 5
_COLUMNS = ("score", "value")
_RULES = ("rule", "Spearman", "R²", "mean |error|", "rows")


@dataclass(frozen=True, slots=True, eq=False)
class OwnLabels:
    """Numbers `values` (N,) under the name `target`, features (N, F) with `names`, and where they come from."""

    target: str
    values: Floats
    features: NDArray[np.float64]
    names: tuple[str, ...]
    path: str


def evaluate_labels(labels: OwnLabels, make: Make, effort: Effort | None = None) -> tuple[Evaluation, HeldOut]:
    """Random folds over labels of any kind: the scores, and the prediction of each row by a model that had not seen it.

    Parameters
    ----------
    labels : OwnLabels
    make : callable
        Gives a model that was not fitted.
    effort : Effort or None
    """
    effort = effort or Effort()
    splits = list(folds(len(labels.values), FOLDS, effort.seed))
    held = predict_held_out(make, labels.features, labels.values, splits, effort=effort)
    protocol = (
        f"{FOLDS} random folds (seed {effort.seed}): each fold's {min(len(t) for _, t in splits):,} rows or so are "
        f"predicted by a model that was fitted on the other {min(held.fitted):,}; the scores are over all "
        f"{len(held.rows):,} rows."
    )
    tables = [_scores(protocol, labels.values[held.rows], held), _beside(labels, held, splits, effort)]
    if effort.permuted:
        tables.append(importance(labels.names, held, effort, "units of the label"))
    return Evaluation(f"Labels {labels.target!r}", _facts(labels), tuple(tables)), held


def glance(
    title: str,
    features: NDArray[Any],
    values: Floats,
    censored_at: Floats | None,
    groups: NDArray[Any],
    make: Make,
    effort: Effort,
) -> Evaluation:
    """Scores of one model over a few folds that keep groups whole.

    Parameters
    ----------
    features : float (N, F)
    values : float64 (N,)
        NaN where censored, or where there is no label.
    censored_at : float64 (N,) or None
        What a label that is NaN is known to be at most; rows without that have no label and are left out.
    groups : (N,)
    """
    usable = np.isfinite(values) if censored_at is None else np.isfinite(values) | np.isfinite(censored_at)
    rows = np.flatnonzero(usable)
    part, of_row = np.unique(groups[rows], return_inverse=True)
    fold = np.random.default_rng(effort.seed).permutation(len(part)) % FOLDS
    splits = [
        (rows[fold[of_row] != k], rows[fold[of_row] == k]) for k in range(FOLDS) if 0 < (fold == k).sum() < len(part)
    ]
    if not splits:
        return Evaluation(title, (("groups", "one only: no scores of groups left out"),), ())
    held = predict_held_out(make, features, values, splits, censored_at=censored_at, groups=groups, effort=effort)
    protocol = (
        f"{len(splits)} folds of whole groups of families (seed {effort.seed}): {counted(len(part), 'group')}, "
        f"{fitting(held, effort)} for each. `ansatzlint predictor evaluate` leaves out each group alone and says more."
    )
    return Evaluation(title, (("rows", f"{len(rows):,}"),), (_scores(protocol, values[held.rows], held),))


def score_labels(labels: OwnLabels, predicted: HeldOut, model: str, *, seen: bool) -> Evaluation:
    """The scores of predictions that a finished model makes; `seen` says that it was fitted on these very rows."""
    truth = labels.values[predicted.rows]
    known = np.isfinite(truth)
    rows = f"{model} predicted {counted(int(known.sum()), 'labelled row')}, which "
    seeing = "it was fitted on: the scores say how well it remembers, not how well it predicts." if seen else (
        "must be others than those that it was fitted on for the scores to say how well it predicts."
    )  # fmt: skip
    return Evaluation(f"Labels {labels.target!r}", _facts(labels), (_scores(rows + seeing, truth, predicted),))


def _scores(protocol: str, truth: Floats, held: HeldOut) -> Table:
    known = np.isfinite(truth)
    truth, guess = truth[known], held.predicted[known]
    lower, upper = held.lower[known], held.upper[known]
    missed = guess - truth
    rows: tuple[tuple[Cell, ...], ...] = (
        ("Spearman", spearman(truth, guess)),
        ("R²", r_squared(truth, guess)),
        ("mean absolute error", float(np.abs(missed).mean()) if len(missed) else None),
        ("median absolute error", quantile(missed, 0.5)),
        ("nine in ten errors are below", quantile(missed, 0.9)),
        ("90 % interval covers", covered(truth, lower, upper)),
        ("outside the domain", float(np.mean(~held.inside))),
    )
    return Table("Scores", protocol, _COLUMNS, rows)


def _beside(labels: OwnLabels, held: HeldOut, splits: Sequence[Split], effort: Effort) -> Table:
    values = labels.values
    rules: list[tuple[str, Fit]] = [("the mean of the others", linear([], values))]
    rules += [(f"nearest neighbours, k = {k}", nearest(labels.features, values, k, effort)) for k in NEIGHBOURS]
    found = [("the model", held.rows, held.predicted)]
    for text, fit in rules:
        rows, guess = over(fit, splits, np.ones(len(values), dtype=bool))
        found.append((text, rows[np.isfinite(guess)], guess[np.isfinite(guess)]))
    table = []
    for text, rows, guess in found:
        truth = values[rows]
        error = float(np.abs(guess - truth).mean())
        table.append((text, spearman(truth, guess), r_squared(truth, guess), error, len(rows)))
    protocol = "The same folds; nearest neighbours in standardised features."
    return Table("Beside simple rules", protocol, _RULES, tuple(table))


def _facts(labels: OwnLabels) -> tuple[tuple[str, str], ...]:
    known = labels.values[np.isfinite(labels.values)]
    distinct = len(np.unique(np.nan_to_num(labels.features, nan=-1e300), axis=0))
    facts = [
        ("source", labels.path),
        ("circuits", f"{len(labels.values):,}, with {distinct:,} different rows of features"),
    ]
    if len(known):
        facts.append((
            "labels", f"{len(known):,} from {known.min():g} to {known.max():g}, mean {known.mean():.4g}, standard "
            f"deviation {known.std():.4g}",
        ))  # fmt: skip
    return (*facts, ("features", str(len(labels.names))))
