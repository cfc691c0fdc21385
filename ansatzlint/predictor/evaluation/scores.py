"""How good predictions are: measures of them, and the tables that say so with their protocol."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Cell = str | float | int | None

FEWEST_OF_A_SIZE = 50
"""Rows of one number of qubits below which no rank correlation is told for it."""


@dataclass(frozen=True, slots=True)
class Table:
    """Scores and how they were got.

    Attributes
    ----------
    name : str
    protocol : str
        The split, the rows that were fitted on and tested, the seeds: plain sentences.
    columns : tuple of str
    rows : tuple of tuples
        A cell a column; None where there is nothing to say.
    """

    name: str
    protocol: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def __post_init__(self) -> None:
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError(f"a row of the table {self.name!r} has not {len(self.columns)} cells")


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The scores of one head on one set of labels.

    `facts` says what the labels are, as (name, text); `notes` are plain sentences below the tables.
    """

    title: str
    facts: tuple[tuple[str, str], ...]
    tables: tuple[Table, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Within:
    """Rank correlations within each number of qubits: their mean, weighted by rows, and the least with its size."""

    mean: float | None
    least: float | None
    where: int | None
    sizes: int


def spearman(truth: Floats, predicted: Floats) -> float | None:
    """Spearman's rank correlation of two (n,) arrays; None where one is constant or n < 3."""
    from scipy.stats import rankdata

    if len(truth) < 3 or np.ptp(truth) == 0 or np.ptp(predicted) == 0:
        return None
    a, b = rankdata(truth), rankdata(predicted)
    return float(np.corrcoef(a, b)[0, 1])


def within(sizes: NDArray[np.int64], truth: Floats, predicted: Floats) -> Within:
    """Spearman's correlation within each number of qubits that has at least `FEWEST_OF_A_SIZE` rows."""
    found: list[tuple[float, int, int]] = []
    for size in np.unique(sizes):
        rows = sizes == size
        rho = spearman(truth[rows], predicted[rows]) if rows.sum() >= FEWEST_OF_A_SIZE else None
        if rho is not None:
            found.append((rho, int(rows.sum()), int(size)))
    if not found:
        return Within(None, None, None, 0)
    least, _, where = min(found)
    total = sum(count for _, count, _ in found)
    return Within(sum(rho * count for rho, count, _ in found) / total, least, where, len(found))


def quantile(errors: Floats, share: float) -> float | None:
    """The quantile of absolute errors (n,); None for none."""
    return float(np.quantile(np.abs(errors), share)) if len(errors) else None


def r_squared(truth: Floats, predicted: Floats) -> float | None:
    """The coefficient of determination: one minus the residual sum of squares over that of the mean."""
    spread = float(((truth - truth.mean()) ** 2).sum()) if len(truth) else 0.0
    return 1 - float(((truth - predicted) ** 2).sum()) / spread if spread > 0 else None


def area(positive: Flags, score: Floats) -> float | None:
    """The area under the ROC curve: the chance that a positive row scores above a negative one, ties half."""
    from scipy.stats import rankdata

    yes, no = int(positive.sum()), int((~positive).sum())
    if not yes or not no:
        return None
    return float((rankdata(score)[positive].sum() - yes * (yes + 1) / 2) / (yes * no))


def covered(truth: Floats, lower: Floats, upper: Floats) -> float | None:
    """The share of rows whose truth lies in [lower, upper]."""
    return float(np.mean((truth >= lower) & (truth <= upper))) if len(truth) else None


AIMED = ("score", "value", "answered", "unit", "aim", "reached")


def aimed(
    name: str,
    value: float | None,
    unit: str = "",
    low: float | None = None,
    high: float | None = None,
    *,
    answered: float | None = None,
) -> tuple[Cell, ...]:
    """A row of a table with the columns `AIMED`.

    `value` is meant to lie in [low, high], None for an open end; it is over all held-out rows, `answered` over those
    where the model does not abstain.
    """
    if low is None and high is None:
        return (name, value, answered, unit, "", "")
    aim = f"at most {high:g}" if low is None else f"at least {low:g}" if high is None else f"{low:g} to {high:g}"
    if value is None:
        return (name, None, answered, unit, aim, "")
    reached = (low is None or value >= low) and (high is None or value <= high)
    return (name, value, answered, unit, aim, "yes" if reached else "no")


def counted(number: int, what: str) -> str:
    """`1 row`, `2,000 rows`."""
    return f"{number:,} {what}{'s' * (number != 1)}"


def joined(words: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return ", ".join(words[:-1]) + f" and {words[-1]}" if len(words) > 1 else "".join(words)
