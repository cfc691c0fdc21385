"""The protocols of the training head: families, or kinds of Hamiltonians, left out in turn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ansatzlint.predictor.evaluation.baselines import NEIGHBOURS, nearest, over
from ansatzlint.predictor.evaluation.held_out import Effort, HeldOut, Make, leave_out, predict_held_out
from ansatzlint.predictor.evaluation.scores import (
    AIMED,
    Cell,
    Evaluation,
    Floats,
    Table,
    aimed,
    counted,
    covered,
    joined,
    quantile,
    r_squared,
    spearman,
)
from ansatzlint.predictor.evaluation.tables import Data, fitting, importance, regimes

TARGETS = {"fraction": "trained_fraction", "succeeding": "succeeding"}
"""Model -> column of its labels."""
SPLITS = {"group": "leave-group-out", "hamiltonian": "leave-Hamiltonian-out"}
"""Column -> protocol that leaves out each of its values in turn."""
SINGLE = {
    "gradient variance, largest": "start_log10_largest",
    "gradient variance, median": "start_log10_median",
    "expressibility": "expressibility",
    "parameter count": "parameters",
    "depth": "depth",
}
"""What one might rank circuits by instead -> its column of features."""
_GAIN = 0.15


def evaluate_training(
    data: Data, models: Mapping[str, Make], effort: Effort | None = None, gradients: Floats | None = None
) -> Evaluation:
    """Judge the training head.

    Parameters
    ----------
    data : Data
        With the columns `group`, `hamiltonian`, `kind`, `qubits`, `trained_fraction` and `succeeding`; the features
        include the engine's figures.
    models : mapping
        What gives a model that was not fitted, by name: "fraction" and "succeeding".
    effort : Effort or None
    gradients : float64 (N,) or None
        What the gradients' head says of each circuit, log10 of its largest gradient, to stand among the predictors
        that the head must beat.
    """
    effort = effort or Effort()
    held = {
        (model, split): predict_held_out(
            models[model], data.features, data.columns[target].astype(np.float64),
            list(leave_out(data.columns[split].astype(str))), groups=data.columns[split].astype(str), effort=effort,
        )
        for model, target in TARGETS.items()
        for split in SPLITS
    }  # fmt: skip
    tables = [_scores(data, model, held, gradients, effort) for model in TARGETS]
    tables.append(_single(data, held, gradients, effort))
    tables += [_parts(data, split, held["fraction", split], held["succeeding", split]) for split in SPLITS]
    main = held["fraction", "group"]
    fraction = data.columns["trained_fraction"].astype(np.float64)
    tables.append(regimes("Where it is wrong", _regimes(data), fraction, main, "shares of the way"))
    tables.append(importance(data.names, main, effort, "shares of the way"))
    return Evaluation("Trained quality", _facts(data), tuple(tables))


def _scores(
    data: Data, model: str, held: Mapping[tuple[str, str], HeldOut], gradients: Floats | None, effort: Effort
) -> Table:
    truth = data.columns[TARGETS[model]].astype(np.float64)
    rows: list[tuple[Cell, ...]] = []
    sentences = []
    for split, protocol in SPLITS.items():
        found = held[model, split]
        label, guess, inside = truth[found.rows], found.predicted, found.inside
        rho, answered = spearman(label, guess), spearman(label[inside], guess[inside])
        best = max((abs(r) for r in _ranks(data, truth, gradients).values() if r is not None), default=0.0)
        rows += [
            aimed(f"Spearman, {protocol}", rho, "", 0.75, None, answered=answered),
            aimed("… above the best single predictor by", None if rho is None else rho - best, "", _GAIN, None),
            aimed("… R²", r_squared(label, guess), answered=r_squared(label[inside], guess[inside])),
            aimed("… mean absolute error", float(np.abs(guess - label).mean())),
            aimed("… 90 % interval covers", covered(label, found.lower, found.upper), "", 0.87, 0.93),
            aimed("… outside the domain", float(np.mean(~inside))),
        ]
        sentences.append(
            f"{protocol}: each of {counted(len(found.fitted), 'group' if split == 'group' else 'kind')}"
            f"{' of families' if split == 'group' else ' of Hamiltonians'} in turn was left out, "
            f"{fitting(found, effort)}, and it predicted"
        )
    name = {"fraction": "Share of the way that training covers", "succeeding": "Share of starts that succeed"}[model]
    protocol = f"{'; '.join(sentences)}. {counted(len(truth), 'circuit')} in all."
    return Table(name, protocol[0].upper() + protocol[1:], AIMED, tuple(rows))


def _ranks(data: Data, truth: Floats, gradients: Floats | None) -> dict[str, float | None]:
    """Rank correlation of each single predictor with the label."""
    columns = {
        text: data.features[:, data.names.index(name)].astype(np.float64)
        for text, name in SINGLE.items()
        if name in data.names
    }
    if gradients is not None:
        columns["the gradients' head"] = gradients
    found = {}
    for text, values in columns.items():
        known = np.isfinite(values) & np.isfinite(truth)
        found[text] = spearman(truth[known], values[known])
    return found


def _single(
    data: Data, held: Mapping[tuple[str, str], HeldOut], gradients: Floats | None, effort: Effort
) -> Table:
    truths = {model: data.columns[target].astype(np.float64) for model, target in TARGETS.items()}
    rows: list[tuple[Cell, ...]] = []
    learned: list[Cell] = ["the model"]
    near: dict[int, list[Cell]] = {count: [f"nearest neighbours, k = {count}"] for count in NEIGHBOURS}
    for model, truth in truths.items():
        for split in SPLITS:
            found = held[model, split]
            learned.append(spearman(truth[found.rows], found.predicted))
            splits = list(leave_out(data.columns[split].astype(str)))
            for count in NEIGHBOURS:
                asked, guess = over(
                    nearest(data.features, truth, count, effort), splits, np.ones(len(truth), dtype=bool)
                )
                seen = np.isfinite(guess)
                near[count].append(spearman(truth[asked[seen]], guess[seen]))
    rows.append(tuple(learned))
    rows += [tuple(cells) for cells in near.values()]
    ranks = {model: _ranks(data, truth, gradients) for model, truth in truths.items()}
    for text in ranks["fraction"]:
        rows.append((text, *(ranks[model][text] for model in TARGETS for _ in SPLITS)))
    named = ("share covered", "starts")
    columns = ("predictor", *(f"{target}, {protocol}" for target in named for protocol in SPLITS.values()))
    protocol = (
        "Spearman's rank correlation with the label over the same held-out circuits. A single predictor learns "
        "nothing, so it is the same for both splits; its sign does not count against it. Nearest neighbours are sought "
        "in standardised features."
    )
    return Table("Beside single predictors", protocol, columns, tuple(rows))


def _parts(data: Data, split: str, held: HeldOut, other: HeldOut) -> Table:
    fraction = data.columns["trained_fraction"].astype(np.float64)
    succeeding = data.columns["succeeding"].astype(np.float64)
    of_row = data.columns[split].astype(str)
    rows: list[tuple[Cell, ...]] = []
    for part in np.unique(of_row):
        here, there = of_row[held.rows] == part, of_row[other.rows] == part
        label, guess = fraction[held.rows[here]], held.predicted[here]
        rows.append((
            str(part), int(here.sum()), float(np.mean(label)), quantile(guess - label, 0.5), spearman(label, guess),
            covered(label, held.lower[here], held.upper[here]),
            spearman(succeeding[other.rows[there]], other.predicted[there]),
        ))  # fmt: skip
    columns = (
        f"{split} left out", "circuits", "mean share covered", "median |error|", "Spearman", "interval covers",
        "Spearman of the starts that succeed",
    )  # fmt: skip
    protocol = f"{SPLITS[split]}, each predicted by the model that was fitted on the others."
    return Table(f"By {split}", protocol[0].upper() + protocol[1:], columns, tuple(rows))


def _regimes(data: Data) -> dict[str, NDArray[Any]]:
    found: dict[str, NDArray[Any]] = {}
    for name in ("group", "hamiltonian", "kind"):
        of_row = data.columns[name].astype(str)
        found |= {f"{name} {value}": of_row == value for value in np.unique(of_row)}
    for qubits in np.unique(data.columns["qubits"]):
        found[f"{qubits} qubits"] = data.columns["qubits"] == qubits
    for low, high in ((0.0, 0.5), (0.5, 0.8), (0.8, 0.95), (0.95, 1.01)):
        share = data.columns["trained_fraction"]
        found[f"share covered from {low:g} to {min(high, 1):g}"] = (share >= low) & (share < high)
    return found


def _facts(data: Data) -> tuple[tuple[str, str], ...]:
    columns = data.columns
    qubits, fraction, succeeding = columns["qubits"], columns["trained_fraction"], columns["succeeding"]
    listed = {}
    for name in ("group", "hamiltonian", "kind"):
        values, counts = np.unique(columns[name].astype(str), return_counts=True)
        listed[name] = joined([f"{count:,} {value}" for value, count in zip(values, counts, strict=True)])
    return (
        ("circuits", f"{len(qubits):,}, of {qubits.min()} to {qubits.max()} qubits, each trained from several starts"),
        ("groups", listed["group"]),
        ("Hamiltonians", listed["hamiltonian"]),
        ("kinds", listed["kind"]),
        ("share covered", f"mean {fraction.mean():.3f}, quartiles {np.quantile(fraction, 0.25):.3f} and "
         f"{np.quantile(fraction, 0.75):.3f}"),
        ("starts that cover 95 %", f"mean {succeeding.mean():.3f}; none in {float(np.mean(succeeding == 0)):.0%} of "
         f"the circuits, all in {float(np.mean(succeeding == 1)):.0%}"),
        ("features", str(len(data.names))),
    )  # fmt: skip
