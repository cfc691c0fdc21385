"""Boosted trees as plain arrays, so that predicting needs numpy only.

A `Forest` is read off a fitted gradient-boosting model of scikit-learn once, at fit time. That model keeps its trees in
the private attribute `_predictors`, a list of stages of lists of `TreePredictor`, whose `nodes` is a structured array;
and its first guess in `_baseline_prediction`. `freeze` checks both before it believes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_BATCH = 2**19
"""Pairs of row and tree that are walked at once: their indices fit into the cache of a processor."""
_MANY = 128
"""Rows for which it pays to load what is compiled."""
_LARGEST = float(np.finfo(np.float64).max)
_NODE = ("value", "feature_idx", "num_threshold", "missing_go_to_left", "left", "right", "is_leaf", "is_categorical")


@dataclass(frozen=True, slots=True, eq=False)
class Forest:
    """A sum of regression trees: `baseline` plus the value of the leaf that a row falls into, over all trees.

    The nodes of all trees lie in one row of arrays of length M. A tree begins at each of `roots`, the two children of a
    node lie side by side: `left[i]` and `left[i] + 1`, and behind their parent. A row goes left at node i where
    `x[feature[i]] <= threshold[i]`, or where that number is missing (NaN) and `missing_left[i]` holds.

    Attributes
    ----------
    roots : int32 (T,)
    feature : int16 (M,)
        -1 at a leaf.
    threshold : float64 (M,)
        NaN at a leaf.
    missing_left : bool (M,)
    left : int32 (M,)
        The node itself at a leaf.
    value : float32 (M,)
        0 at a node that is no leaf.
    baseline : float
    features : int
        The number of columns that a row has.

    Raises
    ------
    ValueError
        Where the arrays are no forest: a child in front of its parent, a feature that there is not, a value that is
        not finite.
    """

    roots: npt.NDArray[np.int32]
    feature: npt.NDArray[np.int16]
    threshold: Floats
    missing_left: npt.NDArray[np.bool_]
    left: npt.NDArray[np.int32]
    value: npt.NDArray[np.float32]
    baseline: float
    features: int

    def __post_init__(self) -> None:
        nodes = len(self.feature)
        inner = self.feature >= 0
        itself = np.arange(nodes)
        if not (
            {a.shape for a in (self.feature, self.threshold, self.missing_left, self.left, self.value)} == {(nodes,)}
            and self.roots.ndim == 1
            and np.all((self.roots >= 0) & (self.roots < nodes))
            and np.all((self.feature >= -1) & (self.feature < self.features))
            and np.all(np.where(inner, (self.left > itself) & (self.left < nodes - 1), self.left == itself))
            and not np.isnan(self.threshold[inner]).any()
            and np.isfinite(self.value).all()
            and np.isfinite(self.baseline)
        ):
            raise ValueError("the arrays are no forest")

    def predict(self, rows: npt.ArrayLike) -> Floats:
        """The sum of the trees for each row.

        Parameters
        ----------
        rows : array_like (n, features)
            NaN means missing.

        Returns
        -------
        float64 (n,)

        Raises
        ------
        ValueError
            For another number of columns.
        """
        table = np.asarray(rows, dtype=np.float64)
        if table.ndim != 2 or table.shape[1] != self.features:
            raise ValueError(f"the rows have shape {table.shape}, the trees were grown on {self.features} features")
        total = np.full(len(table), self.baseline)
        if len(table) >= _MANY:
            from ansatzlint.predictor.forest_kernels import walk

            walk(
                self.roots, self.feature, self.threshold, self.missing_left, self.left, self.value,
                np.ascontiguousarray(table), total,
            )  # fmt: skip
            return total
        step = max(1, _BATCH // max(1, len(self.roots)))
        for start in range(0, len(table), step):
            total[start : start + step] += self._leaves(table[start : start + step])
        return total

    def _leaves(self, table: Floats) -> Floats:
        """The sum of the leaves' values for each row; all trees are walked at once, a level a pass."""
        # A missing number is written as minus infinity where it goes left, in a second copy as infinity where it goes
        # right, so that one comparison decides; a true infinity is kept apart from that by the largest finite number.
        missing = np.isnan(table)
        both = np.concatenate(
            [np.where(missing, -np.inf, table), np.where(missing, np.inf, np.minimum(table, _LARGEST))], axis=1
        ).ravel()
        column = np.where(self.missing_left, self.feature, self.feature + self.features).astype(np.int32)
        edge = np.minimum(self.threshold, _LARGEST)
        rows, trees = len(table), len(self.roots)
        node = np.tile(self.roots, rows)
        offset = np.repeat(np.arange(rows, dtype=np.int32) * (2 * self.features), trees)
        walking = np.flatnonzero(self.feature[node] >= 0).astype(np.int32)
        at, base = node[walking], offset[walking]
        while len(walking):
            at = self.left[at] + (both[base + column[at]] > edge[at])
            node[walking] = at
            inner = self.feature[at] >= 0
            walking, at, base = walking[inner], at[inner], base[inner]
        total: Floats = self.value[node].reshape(rows, trees).sum(axis=1, dtype=np.float64)
        return total

    def to_arrays(self) -> dict[str, npt.NDArray[Any]]:
        """The forest in few bytes: what can be counted is not kept, and each threshold once.

        `threshold` holds the distinct thresholds, `edge` an index into them for each node that is no leaf, in the order
        of the nodes; `value` the leaves' values in that order. The children follow from the order of the nodes, which
        is by level within each tree.
        """
        inner = self.feature >= 0
        distinct, edge = np.unique(self.threshold[inner], return_inverse=True)
        small: type[np.unsignedinteger[Any]] = np.uint16 if len(distinct) <= 2**16 else np.uint32
        return {
            "feature": self.feature,
            "threshold": distinct,
            "edge": edge.astype(small),
            "missing_left": np.packbits(self.missing_left[inner]),
            "value": self.value[~inner],
            "sizes": np.diff(np.append(self.roots, len(self.feature))).astype(np.uint32),
            "baseline": np.array(self.baseline, dtype=np.float64),
            "features": np.array(self.features, dtype=np.int32),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[Any]]) -> Forest:
        """The forest that `to_arrays` wrote; KeyError or ValueError for arrays that are none."""
        feature = arrays["feature"].astype(np.int16)
        sizes = arrays["sizes"].astype(np.int64)
        inner = feature >= 0
        count = int(inner.sum())
        edge = arrays["edge"].astype(np.int64)
        if feature.ndim != 1 or sizes.ndim != 1 or sizes.sum() != len(feature) or (sizes < 1).any():
            raise ValueError("the arrays are no forest")
        if len(edge) != count or (count and edge.max() >= len(arrays["threshold"])):
            raise ValueError("the arrays are no forest")
        roots = np.cumsum(sizes) - sizes
        first = np.repeat(roots, sizes)
        rank = np.cumsum(inner) - 1  # among the nodes that are no leaves, in all trees
        before = np.repeat(np.cumsum(inner)[roots] - inner[roots], sizes) if count else np.zeros(len(feature), np.int64)
        left = np.where(inner, first + 1 + 2 * (rank - before), np.arange(len(feature)))
        threshold = np.full(len(feature), np.nan)
        threshold[inner] = arrays["threshold"].astype(np.float64)[edge]
        missing = np.zeros(len(feature), dtype=bool)
        missing[inner] = np.unpackbits(arrays["missing_left"], count=count).astype(bool)
        value = np.zeros(len(feature), dtype=np.float32)
        value[~inner] = arrays["value"].astype(np.float32)
        return cls(
            roots=roots.astype(np.int32),
            feature=feature,
            threshold=threshold,
            missing_left=missing,
            left=left.astype(np.int32),
            value=value,
            baseline=float(arrays["baseline"]),
            features=int(arrays["features"]),
        )


def freeze(model: Any) -> Forest:
    """The trees of a fitted `HistGradientBoostingRegressor` or (of two classes) `HistGradientBoostingClassifier`.

    The forest's prediction is the regressor's, or the log-odds of the classifier's second class.

    Raises
    ------
    RuntimeError
        Where this version of scikit-learn keeps its trees in another way, or the model splits on categories or has
        several outputs.
    """
    try:
        stages = list(model._predictors)
        first = np.asarray(model._baseline_prediction, dtype=np.float64).ravel()
        trees = [_by_level(stage[0].nodes) for stage in stages]
        features = int(model.n_features_in_)
    except (AttributeError, TypeError, IndexError, KeyError, ValueError) as error:
        raise _unknown(str(error)) from error
    if any(len(stage) != 1 for stage in stages) or first.size != 1:
        raise _unknown("several outputs")
    sizes = [len(tree) for tree in trees]
    nodes = np.concatenate(trees) if trees else np.zeros(0, dtype=[(name, np.float64) for name in _NODE])
    roots = np.cumsum([0, *sizes])[:-1]
    leaf = nodes["is_leaf"].astype(bool)
    itself = np.arange(len(nodes))
    return Forest(
        roots=roots.astype(np.int32),
        feature=np.where(leaf, -1, nodes["feature_idx"]).astype(np.int16),
        threshold=np.where(leaf, np.nan, nodes["num_threshold"]).astype(np.float64),
        missing_left=np.where(leaf, False, nodes["missing_go_to_left"]).astype(bool),
        left=np.where(leaf, itself, nodes["left"].astype(np.int64) + np.repeat(roots, sizes)).astype(np.int32),
        value=np.where(leaf, nodes["value"], 0.0).astype(np.float32),
        baseline=float(first[0]),
        features=features,
    )


def _by_level(nodes: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """A tree's nodes in the order of their levels, so that two children lie side by side."""
    absent = [name for name in _NODE if name not in (nodes.dtype.names or ())]
    if absent:
        raise AttributeError(f"the nodes have no {', '.join(absent)}")
    if nodes["is_categorical"].any():
        raise ValueError("splits on categories")
    order = [0]
    for node in order:  # grows while it is walked
        if not nodes["is_leaf"][node]:
            order += [int(nodes["left"][node]), int(nodes["right"][node])]
    if sorted(order) != list(range(len(nodes))):
        raise ValueError("the nodes are no tree")
    place = np.empty(len(nodes), dtype=nodes["left"].dtype)
    place[order] = np.arange(len(nodes))
    tree = nodes[order].copy()
    tree["left"] = place[tree["left"]]
    return tree


def _unknown(reason: str) -> RuntimeError:
    from sklearn import __version__

    return RuntimeError(
        f"the trees of scikit-learn {__version__} cannot be read ({reason}); install a version that is known to work: "
        "scikit-learn>=1.6,<1.10"
    )
