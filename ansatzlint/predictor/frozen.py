"""Fitted models as they are kept and asked: arrays only, no scikit-learn.

`IntervalModel` answers with a number and an interval, `ProbabilityModel` with a probability. Both carry the names of
their columns and the domain that they were learned on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np
import numpy.typing as npt

from ansatzlint.predictor.domain import Domain
from ansatzlint.predictor.forest import Forest

Floats = npt.NDArray[np.float64]
Arrays = dict[str, npt.NDArray[Any]]

INFINITE = 1e30
"""What an infinite entry of a row is taken for, so that it stays apart from a missing one."""

LARGEST_LABEL = 1e30
"""Labels beyond this in size are refused: the leaves of trees are kept in single precision."""


def clipped(rows: npt.ArrayLike) -> Floats:
    """The rows as float64 with infinities as ±1e30; NaN stays."""
    table: Floats = np.clip(np.asarray(rows, dtype=np.float64), -INFINITE, INFINITE)
    return table


Columns = tuple[int, ...]
"""Columns that are added up."""


def offsets(table: Floats, columns: Columns) -> Floats:
    """What the label is learned relative to (n,): the sum of the columns, 0 for what is missing or infinite."""
    values = table[:, columns]
    total: Floats = np.where(np.abs(values) < INFINITE, values, 0.0).sum(axis=1)
    return total


@dataclass(frozen=True, slots=True, eq=False)
class IntervalModel:
    """A number and a conformal interval around it.

    Attributes
    ----------
    names : tuple of str (F,)
    centre : Forest
        The label less its offset.
    scale : Forest
        log of the size of the centre's error.
    scores : float64 (100,)
        How many scales the interval reaches to each side, at coverages of 0, 0.01, … 0.99; infinite where the labels
        were too few for that coverage.
    offset : tuple of int
        The columns whose sum the label was learned relative to.
    ceiling : tuple of int
        The columns whose sum the label cannot exceed; none for no such sum. Where one of them is missing, nothing is
        known of a row.
    bounds : (float, float)
        Where the label can lie; infinite where anywhere.
    domain : Domain
    """

    names: tuple[str, ...]
    centre: Forest
    scale: Forest
    scores: Floats
    offset: Columns
    ceiling: Columns
    bounds: tuple[float, float]
    domain: Domain

    def __post_init__(self) -> None:
        width = len(self.names)
        if (
            (self.centre.features, self.scale.features, len(self.domain.names)) != (width,) * 3
            or self.scores.shape != (100,)
            or not (self.scores >= 0).all()
            or not all(0 <= column < width for column in (*self.offset, *self.ceiling))
            or not self.bounds[0] < self.bounds[1]
        ):
            raise ValueError("the arrays are no model")

    def predict(self, rows: npt.ArrayLike) -> Floats:
        """The label (n,) of rows (n, F); ValueError for another number of columns."""
        table = clipped(rows)
        return self._within(self._centre(table), table)

    def predict_interval(self, rows: npt.ArrayLike, coverage: float = 0.9) -> tuple[Floats, Floats]:
        """Where the label lies with probability `coverage`, for rows like those of a group not learned from.

        Parameters
        ----------
        rows : array_like (n, F)
        coverage : float
            From 0 to 0.99; rounded up to whole per cents.

        Returns
        -------
        lower, upper : float64 (n,)

        Raises
        ------
        ValueError
            For another number of columns or such a coverage.
        """
        _, lower, upper = self.predict_with_ends(rows, coverage)
        return lower, upper

    def predict_with_ends(self, rows: npt.ArrayLike, coverage: float = 0.9) -> tuple[Floats, Floats, Floats]:
        """What `predict` and `predict_interval` give, each tree being walked once; raises as they do."""
        if not 0 <= coverage <= 0.99:
            raise ValueError(f"a coverage of {coverage} is not between 0 and 0.99")
        table = clipped(rows)
        centre = self._centre(table)
        room = self.scores[ceil(round(coverage * 100, 6))] * np.exp(self.scale.predict(table))
        return tuple(self._within(values, table) for values in (centre, centre - room, centre + room))  # type: ignore[return-value]  # three

    def outside(self, row: npt.ArrayLike) -> tuple[str, ...]:
        """See `Domain.outside`."""
        return self.domain.outside(clipped(row))

    def inside(self, rows: npt.ArrayLike) -> npt.NDArray[np.bool_]:
        """See `Domain.inside`."""
        return self.domain.inside(clipped(rows))

    def _centre(self, table: Floats) -> Floats:
        return self.centre.predict(table) + offsets(table, self.offset)

    def _within(self, values: Floats, table: Floats) -> Floats:
        """The values (n,) where the labels of the rows can lie."""
        highest = np.full(len(table), self.bounds[1])
        if self.ceiling:
            limit = table[:, self.ceiling].sum(axis=1)
            highest = np.where(np.isnan(limit), highest, np.clip(limit, *self.bounds))
        return np.clip(values, self.bounds[0], highest)

    def to_arrays(self) -> Arrays:
        """All but the names."""
        return {
            **_prefixed("centre", self.centre.to_arrays()),
            **_prefixed("scale", self.scale.to_arrays()),
            **_prefixed("domain", self.domain.to_arrays()),
            "scores": self.scores,
            "offset": np.array(self.offset, dtype=np.int32),
            "ceiling": np.array(self.ceiling, dtype=np.int32),
            "bounds": np.array(self.bounds, dtype=np.float64),
        }

    @classmethod
    def from_arrays(cls, names: tuple[str, ...], arrays: Mapping[str, npt.NDArray[Any]]) -> IntervalModel:
        """The model that `to_arrays` wrote; KeyError or ValueError for arrays that are none."""
        low, high = (float(bound) for bound in arrays["bounds"])
        return cls(
            names=names,
            centre=Forest.from_arrays(_within("centre", arrays)),
            scale=Forest.from_arrays(_within("scale", arrays)),
            scores=arrays["scores"].astype(np.float64),
            offset=tuple(map(int, arrays["offset"])),
            ceiling=tuple(map(int, arrays["ceiling"])),
            bounds=(low, high),
            domain=Domain.from_arrays(names, _within("domain", arrays)),
        )


@dataclass(frozen=True, slots=True, eq=False)
class ProbabilityModel:
    """The probability of the second of two classes.

    Attributes
    ----------
    names : tuple of str (F,)
    odds : Forest
        The log-odds before calibration.
    slope, shift : float
        The calibrated log-odds are slope * odds + shift.
    domain : Domain
    """

    names: tuple[str, ...]
    odds: Forest
    slope: float
    shift: float
    domain: Domain

    def __post_init__(self) -> None:
        if (
            (self.odds.features, len(self.domain.names)) != (len(self.names),) * 2
            or not 0 <= self.slope < np.inf
            or not np.isfinite(self.shift)
        ):
            raise ValueError("the arrays are no model")

    def predict_odds(self, rows: npt.ArrayLike) -> Floats:
        """The calibrated log-odds (n,) of the second class for rows (n, F)."""
        return self.slope * self.odds.predict(clipped(rows)) + self.shift

    def predict_proba(self, rows: npt.ArrayLike) -> Floats:
        """The probabilities (n, 2) of the two classes for rows (n, F); ValueError for another number of columns."""
        second = 1 / (1 + np.exp(-np.clip(self.predict_odds(rows), -700, 700)))
        return np.stack([1 - second, second], axis=1)

    def outside(self, row: npt.ArrayLike) -> tuple[str, ...]:
        """See `Domain.outside`."""
        return self.domain.outside(clipped(row))

    def to_arrays(self) -> Arrays:
        """All but the names."""
        return {
            **_prefixed("odds", self.odds.to_arrays()),
            **_prefixed("domain", self.domain.to_arrays()),
            "calibration": np.array([self.slope, self.shift], dtype=np.float64),
        }

    @classmethod
    def from_arrays(cls, names: tuple[str, ...], arrays: Mapping[str, npt.NDArray[Any]]) -> ProbabilityModel:
        """The model that `to_arrays` wrote; KeyError or ValueError for arrays that are none."""
        slope, shift = (float(number) for number in arrays["calibration"])
        return cls(
            names=names,
            odds=Forest.from_arrays(_within("odds", arrays)),
            slope=slope,
            shift=shift,
            domain=Domain.from_arrays(names, _within("domain", arrays)),
        )


Model = IntervalModel | ProbabilityModel


def _prefixed(prefix: str, arrays: Arrays) -> Arrays:
    return {f"{prefix}.{name}": array for name, array in arrays.items()}


def _within(prefix: str, arrays: Mapping[str, npt.NDArray[Any]]) -> Arrays:
    start = f"{prefix}."
    return {name.removeprefix(start): array for name, array in arrays.items() if name.startswith(start)}
