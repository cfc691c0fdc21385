"""The protocols of the gradients' head: families left out in turn, and circuits larger than those fitted on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ansatzlint.features.cost import UNIT
from ansatzlint.predictor.evaluation.baselines import NEIGHBOURS, Fit, linear, nearest, offset, over
from ansatzlint.predictor.evaluation.held_out import Effort, HeldOut, Make, Split, leave_out, predict_held_out
from ansatzlint.predictor.evaluation.scores import (
    AIMED,
    Cell,
    Evaluation,
    Flags,
    Floats,
    Table,
    aimed,
    area,
    counted,
    covered,
    joined,
    quantile,
    spearman,
    within,
)
from ansatzlint.predictor.evaluation.tables import Data, column, fitting, importance, regimes

SMALL, LARGE = 16, (20, 64)
"""Numbers of qubits that the extrapolation fits on, and predicts."""
HEADS = ("largest", "median")
_PHYSICS = {"log10_mean_field_largest": "mean field alone", "log10_belief_largest": "beliefs alone"}
"""Column of features that estimates the largest gradient by itself -> what it is called."""
_WORST = 10
_AIMS: Mapping[str, tuple[float | None, float | None]] = {
    "middle": (None, 0.10), "tail": (None, 0.4), "pooled": (0.95, None), "mean": (0.90, None), "least": (0.90, None),
}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """One of the labels of gradient size.

    `values` (N,) has NaN where the label is censored, or not known at all; `upper` (N,) is what it is at most: the
    bound where censored, the value where known, infinite where neither; `usable` (N,) marks what is either.
    """

    values: Floats
    upper: Floats
    usable: Flags

    @property
    def known(self) -> Flags:
        return np.isfinite(self.values)


def target_of(columns: Mapping[str, NDArray[Any]], head: str) -> Target:
    """The label "largest" or "median" of rows of gradients: log10 of a mean square gradient."""
    value = columns[f"log10_{head}"].astype(np.float64)
    upper = columns[f"log10_{head}_upper"].astype(np.float64)
    known = np.isfinite(value)
    censored = ~known & np.isfinite(upper)
    bound = np.where(known, value, np.where(censored, upper, np.inf))
    return Target(np.where(known, value, np.nan), bound, known | censored)


def evaluate_gradients(data: Data, models: Mapping[str, Make], effort: Effort | None = None) -> Evaluation:
    """Judge the gradients' head.

    Parameters
    ----------
    data : Data
        With the columns `group`, `kind`, `qubits`, `index`, `method`, `barren`, and `log10_largest` and
        `log10_median` with their `_upper`; a label that is NaN with a finite `_upper` is censored there.
    models : mapping
        What gives a model that was not fitted, by head: "largest", "median" and "barren".
    effort : Effort or None
    """
    effort = effort or Effort()
    groups = data.columns["group"].astype(str)
    targets = {head: target_of(data.columns, head) for head in HEADS}
    held = {
        head: _predict(data, models[head], targets[head], leave_out(groups), groups, effort) for head in HEADS
    }
    largest, main = targets["largest"], held["largest"]
    far = _predict(data, models["largest"], largest, [_by_size(data)], groups, effort)
    tables = [_leave_group_out(data, head, targets[head], held[head], effort) for head in HEADS]
    tables += [
        _barren(data, models["barren"], groups, effort),
        _larger(data, largest, far, effort),
        _beside("Beside simple rules, leave-group-out", data, largest, main, list(leave_out(groups)), effort),
        _beside("Beside simple rules, larger circuits", data, largest, far, [_by_size(data)], effort),
        _by_group(targets, held, groups),
        _censored(targets, held),
        _abstained(largest, main),
        regimes("Where it is wrong", _regimes(data), largest.values, main, "decades"),
        _farthest(data, largest, main),
        importance(data.names, main, effort, "decades"),
    ]
    return Evaluation("Gradient size", _facts(data, targets), tuple(tables))


def _predict(
    data: Data, make: Make, target: Target, splits: Iterable[Split], groups: NDArray[Any], effort: Effort
) -> HeldOut:
    usable = [(train[target.usable[train]], test[target.usable[test]]) for train, test in splits]
    return predict_held_out(
        make, data.features, target.values, [s for s in usable if len(s[0]) and len(s[1])],
        censored_at=target.upper, groups=groups, effort=effort,
    )  # fmt: skip


def _by_size(data: Data) -> Split:
    qubits = data.columns["qubits"]
    return np.flatnonzero(qubits <= SMALL), np.flatnonzero((qubits >= LARGE[0]) & (qubits <= LARGE[1]))


def _known(target: Target, held: HeldOut) -> tuple[Flags, Floats]:
    """Which held-out rows have an uncensored label, and the label of each held-out row."""
    truth = target.values[held.rows]
    return np.isfinite(truth), truth


def _leave_group_out(data: Data, head: str, target: Target, held: HeldOut, effort: Effort) -> Table:
    known, truth = _known(target, held)
    qubits = data.columns["qubits"][held.rows]
    measured = [_measures(truth[rows], held, rows, qubits) for rows in (known, known & held.inside)]
    everywhere, answered = measured
    where = f", at {everywhere.where} qubits" if everywhere.where is not None else ""
    names = (
        ("middle", "median absolute error", "decades"), ("tail", "nine in ten are below", "decades"),
        ("pooled", "Spearman, pooled", ""), ("mean", "Spearman within a number of qubits, mean", ""),
        ("least", f"Spearman within a number of qubits, least{where}", ""),
    )  # fmt: skip
    rows = [
        aimed(text, getattr(everywhere, key), unit, *_AIMS[key], answered=getattr(answered, key))
        for key, text, unit in names
    ]
    rows.append(aimed("90 % interval covers", everywhere.covered, "", 0.87, 0.93, answered=answered.covered))
    rows.append(aimed("half width of the interval, median", everywhere.width, "decades", answered=answered.width))
    protocol = (
        f"Each of {counted(len(held.fitted), 'group')} of families in turn was left out, {fitting(held, effort)}, and "
        f"the group predicted: {counted(int(known.sum()), 'uncensored label')}, "
        f"{int((known & held.inside).sum()):,} of them of circuits that the model answers for. Within a number of "
        f"qubits: {counted(everywhere.sizes, 'size')} with 50 rows or more, weighted by rows."
    )
    return Table(f"{head.capitalize()} gradient, leave-group-out", protocol, AIMED, tuple(rows))


@dataclass(frozen=True, slots=True)
class _Measures:
    middle: float | None
    tail: float | None
    pooled: float | None
    mean: float | None
    least: float | None
    where: int | None
    sizes: int
    covered: float | None
    width: float | None


def _measures(truth: Floats, held: HeldOut, rows: Flags, qubits: NDArray[Any]) -> _Measures:
    """Scores of the held-out rows that are marked; `truth` is already theirs."""
    guess, lower, upper = held.predicted[rows], held.lower[rows], held.upper[rows]
    missed = guess - truth
    inner = within(qubits[rows], truth, guess)
    return _Measures(
        quantile(missed, 0.5), quantile(missed, 0.9), spearman(truth, guess),
        inner.mean, inner.least, inner.where, inner.sizes,
        covered(truth, lower, upper), quantile((upper - lower) / 2, 0.5),
    )  # fmt: skip


def _barren(data: Data, make: Make, groups: NDArray[Any], effort: Effort) -> Table:
    label = data.columns["barren"]
    rows = np.flatnonzero(label >= 0)
    splits = [
        (rows[train], rows[test])
        for train, test in leave_out(groups[rows])
        if len(np.unique(label[rows[train]])) == 2  # nothing is learned of one class
    ]
    held = predict_held_out(
        make, data.features, label.astype(np.float64), splits, groups=groups, probability=True, effort=effort
    )
    yes = label[held.rows] == 1
    answered = area(yes[held.inside], held.predicted[held.inside])
    missed = float(np.mean((held.predicted - yes) ** 2))
    sure = (held.predicted < 0.1) | (held.predicted > 0.9)
    right = float(np.mean((held.predicted[sure] > 0.5) == yes[sure])) if sure.any() else None
    table = (
        aimed("area under the ROC curve", area(yes, held.predicted), "", 0.985, None, answered=answered),
        aimed("Brier score", missed),
        aimed("right where it says below 0.1 or above 0.9", right),
        aimed("says below 0.1 or above 0.9", float(np.mean(sure))),
    )
    protocol = (
        f"Each of {counted(len(held.fitted), 'group')} in turn was left out, {fitting(held, effort)}; "
        f"{counted(len(held.rows), 'circuit')} predicted, {100 * float(np.mean(yes)):.1f} % of them barren: no "
        "parameter's gradient can be resolved within 100,000 shots per circuit. Circuits whose label's interval spans "
        "the budget are left out."
    )
    return Table("Barren plateau, leave-group-out", protocol, AIMED, table)


def _larger(data: Data, target: Target, held: HeldOut, effort: Effort) -> Table:
    known, truth = _known(target, held)
    everywhere = _measures(truth[known], held, known, data.columns["qubits"][held.rows])
    rows = (
        aimed("median absolute error", everywhere.middle, "decades", None, 0.12),
        aimed("nine in ten are below", everywhere.tail, "decades"),
        aimed("Spearman, pooled", everywhere.pooled),
        aimed("Spearman within a number of qubits, mean", everywhere.mean),
        aimed("90 % interval covers", everywhere.covered),
    )
    protocol = (
        f"Fitted on circuits of at most {SMALL} qubits of all groups, {fitting(held, effort)}; predicted: "
        f"{counted(int(known.sum()), 'uncensored label')} of {LARGE[0]} to {LARGE[1]} qubits. The shipped model knows "
        "these sizes; here it is made to answer beyond what it was fitted on."
    )
    return Table("Largest gradient, larger circuits", protocol, AIMED, rows)


def _beside(
    name: str, data: Data, target: Target, held: HeldOut, splits: Sequence[Split], effort: Effort
) -> Table:
    """The model and simple rules on the same rows."""
    # The unit of the cost is known, and its square decides by itself: nobody would learn that.
    unit = column(data, UNIT)
    values = target.values - unit
    of = {key: column(data, key) for key in (*_PHYSICS, "qubits", "depth", "cost_weight_maximum")}
    rules: list[tuple[str, Fit]] = [
        *((f"{text}, with an intercept", offset(of[name], values)) for name, text in _PHYSICS.items()),
        (
            "linear in qubits, depth and their product",
            linear([of["qubits"], of["depth"], of["qubits"] * of["depth"]], values),
        ),
        ("cost locality alone, linear in the widest term", linear([of["cost_weight_maximum"]], values)),
        *(
            (f"nearest neighbours, k = {count}", nearest(data.features, values, count, effort))
            for count in NEIGHBOURS
        ),
    ]  # fmt: skip
    splits = [(train, test[target.known[test]]) for train, test in splits]
    known, truth = _known(target, held)
    found = [("the model", held.rows[known], held.predicted[known], truth[known])]
    for text, fit in rules:
        rows, guess = over(fit, splits, target.known)
        seen = np.isfinite(guess)
        found.append((text, rows[seen], (guess + unit[rows])[seen], target.values[rows[seen]]))
    table: list[tuple[Cell, ...]] = []
    for text, rows, guess, truth in found:
        inner = within(data.columns["qubits"][rows], truth, guess)
        middle, tail = (quantile(guess - truth, share) for share in (0.5, 0.9))
        table.append((text, middle, tail, spearman(truth, guess), inner.mean, len(rows)))
    protocol = (
        "The same rows are held out as for the largest gradient, uncensored labels only; errors in decades. Nearest "
        f"neighbours in standardised features are looked for among {effort.neighbours:,} rows drawn at random, and "
        f"asked for at most {max(1, effort.neighbours // 10):,} of each fold (seed {effort.seed})."
    )
    columns = ("rule", "median |error|", "nine in ten below", "Spearman", "Spearman within a size", "rows")
    return Table(name, protocol, columns, tuple(table))


def _by_group(targets: Mapping[str, Target], held: Mapping[str, HeldOut], groups: NDArray[Any]) -> Table:
    largest, median = held["largest"], held["median"]
    known, truth = _known(targets["largest"], largest)
    other, other_truth = _known(targets["median"], median)
    rows: list[tuple[Cell, ...]] = []
    for group in np.unique(groups[largest.rows]):
        here = known & (groups[largest.rows] == group)
        there = other & (groups[median.rows] == group)
        missed = largest.predicted[here] - truth[here]
        rows.append((
            str(group), int(here.sum()), quantile(missed, 0.5), quantile(missed, 0.9),
            spearman(truth[here], largest.predicted[here]),
            covered(truth[here], largest.lower[here], largest.upper[here]),
            quantile(median.predicted[there] - other_truth[there], 0.5),
            1 - float(np.mean(largest.inside[here])) if here.any() else None,
        ))  # fmt: skip
    columns = (
        "group left out", "labels", "median |error|", "nine in ten below", "Spearman", "interval covers",
        "median |error| of the median gradient", "abstained",
    )  # fmt: skip
    protocol = "Each group predicted by the model that was fitted on the others; largest gradient, errors in decades."
    return Table("By group", protocol, columns, tuple(rows))


def _censored(targets: Mapping[str, Target], held: Mapping[str, HeldOut]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for head in HEADS:
        bound = targets[head].upper[held[head].rows]
        below = ~targets[head].known[held[head].rows]
        guess, lower = held[head].predicted[below], held[head].lower[below]
        share = float(np.mean(guess <= bound[below])) if below.any() else None
        reaching = float(np.mean(lower <= bound[below])) if below.any() else None
        excess = quantile(np.maximum(guess - bound[below], 0.0), 0.9)
        rows.append((head, int(below.sum()), share, reaching, excess))
    columns = (
        "gradient", "labels", "predicted at or below the bound", "interval reaches it",
        "nine in ten exceed it by less than",
    )  # fmt: skip
    protocol = (
        "Leave-group-out, labels that are known only to lie below the engine's floor: a prediction is right where it "
        "is at or below that bound. The last column is in decades."
    )
    return Table("Censored labels", protocol, columns, tuple(rows))


def _abstained(target: Target, held: HeldOut) -> Table:
    known, truth = _known(target, held)
    rows: list[tuple[Cell, ...]] = []
    for text, here in (("answered", held.inside), ("abstained", ~held.inside)):
        some = here & known
        missed = held.predicted[some] - truth[some]
        inside = covered(truth[some], held.lower[some], held.upper[some])
        rows.append((text, float(np.mean(here)), int(some.sum()), quantile(missed, 0.5), quantile(missed, 0.9), inside))
    columns = ("", "share of circuits", "uncensored labels", "median |error|", "nine in ten below", "interval covers")
    protocol = (
        "Leave-group-out, largest gradient, in decades: what the models of the folds would answer, and what they would "
        "abstain from because the circuit is outside their domain; those were predicted all the same to see how."
    )
    return Table("Abstention", protocol, columns, tuple(rows))


def _regimes(data: Data) -> dict[str, NDArray[Any]]:
    """Sets of rows that one may look for the model's weakness in, by name."""
    qubits = data.columns["qubits"]
    found: dict[str, NDArray[Any]] = {}
    for low, high in ((2, 4), (5, 8), (9, 16), (17, 32), (33, 64)):
        found[f"{low} to {high} qubits"] = (qubits >= low) & (qubits <= high)
    for name in ("group", "kind", "method"):
        of_row = data.columns[name].astype(str)
        found |= {f"{name} {value}": of_row == value for value in np.unique(of_row)}
    largest = target_of(data.columns, "largest").values
    for low, high in ((-2, 99), (-4, -2), (-6, -4), (-99, -6)):
        ends = "above 1e-2" if high == 99 else "below 1e-6" if low == -99 else f"1e{low} to 1e{high}"
        found[f"largest gradient {ends}"] = (largest > low) & (largest <= high)
    found["shared angles"] = column(data, "shared_angles") > 0
    found["angles off centre, E[sin x cos x] above 0.1"] = column(data, "init_cross_mean") > 0.1
    return found


def _farthest(data: Data, target: Target, held: HeldOut) -> Table:
    known, truth = _known(target, held)
    missed = np.where(known & held.inside, np.abs(held.predicted - truth), -np.inf)
    worst = [i for i in np.argsort(-missed)[:_WORST] if missed[i] > -np.inf]
    rows = tuple(
        (
            int(data.columns["index"][held.rows[i]]), str(data.columns["group"][held.rows[i]]),
            str(data.columns["kind"][held.rows[i]]), int(data.columns["qubits"][held.rows[i]]),
            float(truth[i]), float(held.predicted[i]), float(held.lower[i]), float(held.upper[i]),
        )
        for i in worst
    )  # fmt: skip
    columns = ("example", "group", "kind", "qubits", "label", "predicted", "lower", "upper")
    protocol = (
        "The circuits that the model of their fold answers worst, leave-group-out, log10 of the largest gradient. "
        "`ansatzlint.predictor.population.draw(seed, example)` gives the circuit."
    )
    return Table("Farthest off", protocol, columns, rows)


def _facts(data: Data, targets: Mapping[str, Target]) -> tuple[tuple[str, str], ...]:
    qubits, groups = data.columns["qubits"], data.columns["group"].astype(str)
    largest = targets["largest"]
    names, counts = np.unique(data.columns["kind"].astype(str), return_counts=True)
    methods, by_method = np.unique(data.columns["method"].astype(str), return_counts=True)
    return (
        ("circuits", f"{len(qubits):,}, of {qubits.min()} to {qubits.max()} qubits"),
        ("groups", f"{len(np.unique(groups))}: {joined(list(np.unique(groups)))}"),
        ("kinds", joined([f"{count:,} {name}" for name, count in zip(names, counts, strict=True)])),
        ("labels by", joined([f"{name or 'none'} ({n:,})" for name, n in zip(methods, by_method, strict=True)])),
        ("largest gradient", f"{int(largest.known.sum()):,} known, {int((largest.usable & ~largest.known).sum()):,} "
         f"censored, {int((~largest.usable).sum()):,} without label"),
        ("features", str(len(data.names))),
    )  # fmt: skip
