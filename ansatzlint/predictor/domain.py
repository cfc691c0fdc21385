"""Where a learned model has seen circuits, and plain words for where it has not.

The domain is a union of boxes. Circuits fall into regimes by a few discrete columns; each regime has a range for each
of a few columns that a person can read. A circuit of a regime that was not learned, or out of its regime's ranges, is
outside. Ranges are wide, the whole of what was seen and a margin, since they only guard against what is unlike
anything learned; how far off a prediction inside may be is the interval's part.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_MISSING = -1e300
"""Stands for NaN in a regime's key, so that keys compare."""
_WORDS: Mapping[str, str | Mapping[float, str]] = {
    "qubits": "{} qubits",
    "shared_angles": {0.0: "", 1.0: "shared angles"},
    "init_spread": {
        _MISSING: "no trainable rotation that the cost depends on", 0.0: "angles all but fixed at the start", 1.0: "",
    },
    "solvable": {
        _MISSING: "", 0.0: "no symmetry to solve it by", 1.0: "a permutation symmetry", 2.0: "a free-fermionic chain",
    },
}
"""What a key is called: by the column's value, or by the key where that has few values."""


@dataclass(frozen=True, slots=True, eq=False)
class Domain:
    """A union of boxes over named columns.

    Attributes
    ----------
    names : tuple of str (F,)
        All columns of a row.
    keys : tuple of (int, float or None)
        The columns that tell regimes apart: by value, or where a number is given by whether it is above that.
    columns : tuple of int (C,)
        The columns that have a range.
    regimes : float64 (R, len(keys))
        The keys of what was learned, -1e300 for NaN.
    lower, upper : float64 (R, C)
        NaN where the column was missing in the whole regime.
    holes : bool (R, C)
        Whether the column was missing in a part of the regime.
    """

    names: tuple[str, ...]
    keys: tuple[tuple[int, float | None], ...]
    columns: tuple[int, ...]
    regimes: Floats
    lower: Floats
    upper: Floats
    holes: npt.NDArray[np.bool_]

    def __post_init__(self) -> None:
        rows = len(self.regimes)
        named = (*self.columns, *(column for column, _ in self.keys))
        if (
            self.regimes.shape != (rows, len(self.keys))
            or {a.shape for a in (self.lower, self.upper, self.holes)} != {(rows, len(self.columns))}
            or not all(0 <= column < len(self.names) for column in named)
        ):
            raise ValueError("the arrays are no domain")

    def outside(self, row: npt.ArrayLike) -> tuple[str, ...]:
        """What of a row is unlike anything learned: plain words, none where it is inside.

        Parameters
        ----------
        row : array_like (F,)

        Raises
        ------
        ValueError
            For another number of columns.
        """
        values = np.asarray(row, dtype=np.float64)
        if values.shape != (len(self.names),):
            raise ValueError(f"the row has shape {values.shape}, the domain {len(self.names)} columns")
        same = np.flatnonzero((self.regimes == _key(values[None], self.keys)).all(axis=1))
        if not len(same):
            return (f"{self._describe(values)}: nothing like it was learned",)
        regime = int(same[0])
        words = (self._judge(values[c], self.names[c], regime, i) for i, c in enumerate(self.columns))
        return tuple(word for word in words if word)

    def inside(self, rows: npt.ArrayLike) -> npt.NDArray[np.bool_]:
        """Whether nothing is outside (n,), of many rows (n, F) at once; ValueError for another number of columns."""
        table = np.asarray(rows, dtype=np.float64)
        if table.ndim != 2 or table.shape[1] != len(self.names):
            raise ValueError(f"the rows have shape {table.shape}, the domain {len(self.names)} columns")
        keys, part = _key(table, self.keys), table[:, self.columns]
        found = np.zeros(len(table), dtype=bool)
        taken = np.zeros(len(table), dtype=bool)
        for regime, key in enumerate(self.regimes):
            here = (keys == key).all(axis=1) & ~taken
            lower, upper = self.lower[regime], self.upper[regime]
            missing = np.isnan(part[here])
            fits = (part[here] >= lower) & (part[here] <= upper)
            found[here] = np.where(missing, self.holes[regime] | np.isnan(lower), fits).all(axis=1)
            taken |= here
        return found

    def _judge(self, value: float, name: str, regime: int, index: int) -> str:
        lower, upper = self.lower[regime, index], self.upper[regime, index]
        if np.isnan(lower):
            return "" if np.isnan(value) else f"{name} is {value:.4g}, learned only where there is none"
        learned = f"learned from {lower:.4g} to {upper:.4g}" if lower < upper else f"learned at {lower:.4g} only"
        if np.isnan(value):
            return "" if self.holes[regime, index] else f"{name} is not known, {learned}"
        return "" if lower <= value <= upper else f"{name} is {value:.4g}, {learned}"

    def _describe(self, values: Floats) -> str:
        words = []
        for (column, _), key in zip(self.keys, _key(values[None], self.keys)[0].tolist(), strict=True):
            name, value = self.names[column], float(values[column])
            form = _WORDS.get(name)
            if isinstance(form, str):
                words.append(form.format(f"{value:g}"))
            elif isinstance(form, Mapping) and key in form:
                words.append(form[key])
            else:
                words.append(f"{name} {value:g}")
        return ", ".join(word for word in words if word) or "such a circuit"

    def to_arrays(self) -> dict[str, npt.NDArray[Any]]:
        """All but the names, which the model has already."""
        return {
            "key_columns": np.array([column for column, _ in self.keys], dtype=np.int32),
            "key_edges": np.array([np.nan if edge is None else edge for _, edge in self.keys], dtype=np.float64),
            "columns": np.array(self.columns, dtype=np.int32),
            "regimes": self.regimes,
            "lower": self.lower,
            "upper": self.upper,
            "holes": self.holes,
        }

    @classmethod
    def from_arrays(cls, names: tuple[str, ...], arrays: Mapping[str, npt.NDArray[Any]]) -> Domain:
        """The domain that `to_arrays` wrote; KeyError or ValueError for arrays that are none."""
        edges = [None if np.isnan(edge) else float(edge) for edge in arrays["key_edges"]]
        return cls(
            names=names,
            keys=tuple(zip(map(int, arrays["key_columns"]), edges, strict=True)),
            columns=tuple(map(int, arrays["columns"])),
            regimes=arrays["regimes"].astype(np.float64),
            lower=arrays["lower"].astype(np.float64),
            upper=arrays["upper"].astype(np.float64),
            holes=arrays["holes"].astype(bool),
        )


def enclose(
    table: Floats,
    names: tuple[str, ...],
    *,
    columns: Sequence[str] | None = None,
    regimes: Sequence[str] = (),
    least: int = 10,
    share: float = 1 / 2000,
    margin: float = 0.05,
) -> Domain:
    """The boxes around what was learned.

    Parameters
    ----------
    table : float64 (N, F)
        What was learned from, NaN where missing.
    names : tuple of str (F,)
    columns : sequence of str or None
        The columns that have a range; None means all.
    regimes : sequence of str
        The columns that tell regimes apart: `"solvable"` by value, `"qubits>12"` by whether it is above 12.
    least, share : int, float
        A regime with fewer rows than `least`, or than that share of all, was not learned, unless all have fewer: then
        each that there is was.
    margin : float
        What a range is widened by at both ends, as a share of its length. A column of whole numbers is not widened:
        there the ends mean something.

    Raises
    ------
    ValueError
        For a column that there is not, or no rows.
    """
    if not len(table):
        raise ValueError("no rows to learn a domain from")
    keys = tuple(_parse(text, names) for text in regimes)
    chosen = tuple(range(len(names))) if columns is None else tuple(_index(name, names) for name in columns)
    of_row = _key(table, keys)
    found, which, counts = np.unique(of_row, axis=0, return_inverse=True, return_counts=True)
    if not keys:  # numpy has no distinct rows of no columns
        found, which, counts = np.zeros((1, 0)), np.zeros(len(table), np.int64), np.array([len(table)])
    learned = np.flatnonzero(counts >= min(max(least, share * len(table)), counts.max()))
    part = table[:, chosen]
    whole = np.array([_is_whole(column) for column in part.T], dtype=bool)
    lower, upper, holes = (np.empty((len(learned), len(chosen))) for _ in range(3))
    for i, regime in enumerate(learned):
        box = part[which.ravel() == regime]
        missing = np.isnan(box)
        holes[i] = missing.any(axis=0)
        low = np.where(missing, np.inf, box).min(axis=0)
        high = np.where(missing, -np.inf, box).max(axis=0)
        low, high = (np.where(missing.all(axis=0), np.nan, end) for end in (low, high))
        room = np.where(whole, 0.0, margin * (high - low))
        lower[i], upper[i] = low - room, high + room
    return Domain(names, keys, chosen, found[learned], lower, upper, holes.astype(bool))


def _parse(text: str, names: tuple[str, ...]) -> tuple[int, float | None]:
    name, sign, edge = text.partition(">")
    return _index(name.strip(), names), float(edge) if sign else None


def _index(name: str, names: tuple[str, ...]) -> int:
    if name not in names:
        raise ValueError(f"there is no feature {name!r}")
    return names.index(name)


def _key(table: Floats, keys: tuple[tuple[int, float | None], ...]) -> Floats:
    """The regimes of rows (N, len(keys))."""
    key = np.empty((len(table), len(keys)))
    for i, (column, edge) in enumerate(keys):
        values = table[:, column]
        key[:, i] = np.where(np.isnan(values), _MISSING, values if edge is None else values > edge)
    return key


def _is_whole(column: Floats) -> bool:
    known = column[~np.isnan(column)]
    return bool((known == np.round(known)).all())
