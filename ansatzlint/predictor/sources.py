"""What can be fitted on and scored by: a folder of labels that was built, or a file of the user's own."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ansatzlint.errors import InputError, UsageError
from ansatzlint.files import is_folder, write_atomically
from ansatzlint.predictor import fitting
from ansatzlint.predictor.evaluation import (
    Effort,
    Evaluation,
    HeldOut,
    OwnLabels,
    evaluate_gradients,
    evaluate_labels,
    evaluate_training,
    glance,
    score_labels,
    target_of,
)

if TYPE_CHECKING:
    from ansatzlint.predictor.dataset import Data
    from ansatzlint.predictor.evaluation.held_out import Make
    from ansatzlint.predictor.store import Stored
    from ansatzlint.predictor.user_labels import Labels

Report = Callable[[str], None]
"""Is told in a few words what is being done, whenever that changes."""


def _silent(what: str) -> None:
    """Nobody is told."""


GLANCE = Effort(rows=20_000, permuted=0)
"""What the scores that `fit` prints of a folder may cost: minutes, where the full protocols may take an hour."""


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """Models by name, the features that they are asked with, what is kept beside them, and their scores."""

    models: Mapping[str, Any]
    names: tuple[str, ...]
    origin: fitting.Origin
    scores: Evaluation

    def keep(self, path: str | Path) -> int:
        """Write the file of models; its size in bytes."""
        return fitting.keep(path, self.models, self.names, self.origin)


def fit(
    source: str, target: str | None = None, *, seed: int = 0, jobs: int = 1, report: Report = _silent
) -> Fitted:
    """Fit the models of a folder's head, or one on the user's labels.

    Raises
    ------
    UsageError
        For a target where the source is a folder.
    InputError
        For what cannot be read or learned from.
    """
    if is_built(source):
        _no_target(target, source)
        head, data = _load(source, jobs, report)
        makers = _makers(head, data, seed, report)
        of_head = fitting.fit_gradients if head == fitting.GRADIENTS else fitting.fit_training
        models = of_head(data, makers)
        scores = _glance(head, data, makers, seed)
        origin = fitting.Origin(head, "", len(data.features), seed, _print(head, data))
        return Fitted(models, data.names, origin, scores)
    from ansatzlint.predictor.user_labels import read_labels

    labels = read_labels(source, target)
    labels.check_fit()
    own, make = _own(labels, seed, jobs, report)
    if not (own.features != own.features[:1])[:, ~np.isnan(own.features).all(axis=0)].any():
        raise InputError("has the same features in all its circuits; give circuits that differ", path=source)
    scores, _ = evaluate_labels(own, make, Effort(permuted=0, seed=seed))
    rows = fitting.fingerprint(own.features, own.values)
    origin = fitting.Origin(fitting.OWN, own.target, len(own.values), seed, rows)
    return Fitted(fitting.fit_own(own, make), own.names, origin, scores)


def evaluate(
    source: str,
    target: str | None = None,
    *,
    model: str | None = None,
    effort: Effort | None = None,
    jobs: int = 1,
    report: Report = _silent,
) -> tuple[Evaluation, list[dict[str, Any]]]:
    """The scores of a source, and a prediction for each line where it is a file of labels.

    Without a model the protocols fit their own: the heads' on a folder, random folds on a file of labels. A given one
    is asked as it is, and lines without a label are predicted too.

    Returns
    -------
    evaluation, predictions
        A prediction is a mapping of line, predicted, lower, upper, and the words on what is outside of the domain.

    Raises
    ------
    UsageError
        For a target where the source is a folder, a model of something else.
    InputError
        For what cannot be read.
    """
    effort = effort or Effort()
    if is_built(source):
        _no_target(target, source)
        head, data = _load(source, jobs, report)
        if model is not None:
            return _score(head, data, _stored(model, head), model), []
        makers = _makers(head, data, effort.seed, report)
        if head == fitting.GRADIENTS:
            return evaluate_gradients(data, makers, effort), []
        from ansatzlint import features

        shipped = _shipped_gradients(data, len(features.names()))
        return evaluate_training(data, makers, effort, shipped), []
    from ansatzlint.predictor.user_labels import read_labels

    if model is None:
        labels = read_labels(source, target)
        labels.check_fit()
        own, make = _own(labels, effort.seed, jobs, report)
        scores, held = evaluate_labels(own, make, effort)
        order = np.argsort(held.rows)
        lines = labels.lines[held.rows]
        return scores, [_line(held, lines, int(i), ()) for i in order]
    stored = _stored(model, fitting.OWN)
    labels = read_labels(source, target or str(stored.about.get("target", "")) or None, unlabelled=True)
    own = fitting.with_features(labels, jobs)
    return _predict(own, labels.lines, stored, model)


def is_built(source: str) -> bool:
    """Whether a source is a folder, so not a file of labels."""
    return is_folder(Path(source))


def write_predictions(path: str | Path, predictions: Sequence[Mapping[str, Any]]) -> None:
    """One JSON object a line, atomically."""
    write_atomically(Path(path), "".join(json.dumps(p, allow_nan=False) + "\n" for p in predictions))


def _no_target(target: str | None, source: str) -> None:
    if target is not None:
        raise UsageError(f"--target names a key of a file of labels; {source} is a folder, whose labels are known")


def _load(source: str, jobs: int, report: Report) -> tuple[str, Data]:
    from ansatzlint.predictor import dataset

    head = dataset.read_recipe(source).head
    data = dataset.load(source, jobs, lambda done, total: report(f"features of {done} of {total} files"))
    return head, fitting.with_figures(data) if head == fitting.TRAINING else data


def _print(head: str, data: Data) -> str:
    name = "log10_largest" if head == fitting.GRADIENTS else "trained_fraction"
    return fitting.fingerprint(data.features, data.columns[name])


def _makers(head: str, data: Data, seed: int, report: Report) -> dict[str, Make]:
    """The learners of a head; each that is asked for is reported."""
    of_head = fitting.gradient_models if head == fitting.GRADIENTS else fitting.training_models
    return _told(of_head(data.names, seed), report)


def _told(makers: Mapping[str, Make], report: Report) -> dict[str, Make]:
    number = count(1)

    def made(name: str) -> Any:
        report(f"fitting model {next(number)}, {name}")
        return makers[name]()

    return {name: partial(made, name) for name in makers}


def _own(labels: Labels, seed: int, jobs: int, report: Report) -> tuple[OwnLabels, Make]:
    """The user's labels with the features of their circuits, and the learner."""
    report(f"features of {len(labels.values):,} circuits")
    own = fitting.with_features(labels, jobs)
    return own, _told({fitting.OWN_MODEL: fitting.own_model(own.names, seed)}, report)[fitting.OWN_MODEL]


def _glance(head: str, data: Data, makers: Mapping[str, Make], seed: int) -> Evaluation:
    groups = data.columns["group"].astype(str)
    effort = Effort(rows=GLANCE.rows, permuted=0, seed=seed)
    if head == fitting.GRADIENTS:
        target = target_of(data.columns, "largest")
        title = "Gradient size: log10 of the largest"
        return glance(title, data.features, target.values, target.upper, groups, makers["largest"], effort)
    values = data.columns["trained_fraction"].astype(np.float64)
    return glance("Trained quality: share of the way", data.features, values, None, groups, makers["fraction"], effort)


def _stored(model: str, head: str) -> Stored:
    """The models of a file, which must be of the head; those of training have the engine's figures as more columns."""
    from ansatzlint import features
    from ansatzlint.predictor import store

    names = None if head == fitting.TRAINING else features.names()
    found = store.load(model, version=features.VERSION)
    kind = str(found.about.get("head", "an unknown head"))
    if kind != head:
        what = {fitting.OWN: "a file of labels"}.get(head, f"a folder of the head {head!r}")
        raise UsageError(f"{model} holds models of {kind}, which say nothing of {what}")
    return found if names is None else store.load(model, names=names, version=features.VERSION)


def _score(head: str, data: Data, stored: Stored, model: str) -> Evaluation:
    if stored.names != data.names:
        raise UsageError(f"{model} was fitted on other features than {head} has now; fit it again")
    seen = stored.about.get("fitted_on") == _print(head, data)
    columns = data.columns
    targets = (
        {"largest": target_of(columns, "largest").values, "median": target_of(columns, "median").values}
        if head == fitting.GRADIENTS
        else {"fraction": columns["trained_fraction"], "succeeding": columns["succeeding"]}
    )
    tables: list[Any] = []
    facts: tuple[tuple[str, str], ...] = ()
    for name, values in targets.items():
        known = np.isfinite(values)
        own = OwnLabels(name, values[known].astype(np.float64), data.features[known].astype(np.float64), data.names, "")
        scores = score_labels(own, _ask(own, stored.models[name])[0], f"{model} ({name})", seen=seen)
        tables += scores.tables
        facts = scores.facts
    return Evaluation(f"A given model on {head}", facts, tuple(tables))


def _predict(
    own: OwnLabels, lines: NDArray[np.int64], stored: Stored, model: str
) -> tuple[Evaluation, list[dict[str, Any]]]:
    asked, outside = _ask(own, stored.models[fitting.OWN_MODEL])
    seen = stored.about.get("fitted_on") == fitting.fingerprint(own.features, own.values)
    predictions = [_line(asked, lines, i, words) for i, words in enumerate(outside)]
    return score_labels(own, asked, model, seen=seen), predictions


def _ask(own: OwnLabels, model: Any) -> tuple[HeldOut, list[tuple[str, ...]]]:
    """What a kept model says of all rows, and what of each is outside of its domain."""
    rows = np.arange(len(own.values))
    lower, upper = model.predict_interval(own.features, 0.9)
    inside = model.domain.inside(own.features)
    outside = [() if known else model.outside(row) for row, known in zip(own.features, inside, strict=True)]
    none = np.full(own.features.shape[1], np.nan)
    return HeldOut(rows, rows * 0, model.predict(own.features), lower, upper, inside, (0,), none), outside


def _line(found: HeldOut, lines: NDArray[np.int64], at: int, outside: Sequence[str]) -> dict[str, Any]:
    lower, upper = float(found.lower[at]), float(found.upper[at])
    return {
        "line": int(lines[at]),
        "predicted": float(found.predicted[at]),
        "lower": lower if np.isfinite(lower) else None,
        "upper": upper if np.isfinite(upper) else None,
        "in_domain": bool(found.inside[at]),
        "outside": list(outside),
    }


def _shipped_gradients(data: Data, width: int) -> NDArray[np.float64] | None:
    """What the shipped gradients' head says of the circuits (N,); None where none ships for these features."""
    from ansatzlint import features
    from ansatzlint.predictor import FOLDER, store

    try:
        stored = store.load(FOLDER / "gradients.npz", names=features.names(), version=features.VERSION)
    except InputError:
        return None
    model = stored.models["largest"]
    assert hasattr(model, "predict"), "sizes of gradients are regressed"
    found: NDArray[np.float64] = model.predict(data.features[:, :width])
    return found
