"""Walks down all trees of a forest, compiled: for many rows it takes a tenth of what NumPy does."""

from __future__ import annotations

from typing import Any

from ansatzlint.moments.compiled import compiled


@compiled
def walk(
    roots: Any, feature: Any, threshold: Any, missing_left: Any, left: Any, value: Any, table: Any, total: Any
) -> None:
    """Add to `total` (n,) the value of the leaf that each row of `table` (n, F) falls into, over all trees.

    `roots` is int32 (T,); `feature` int16, `threshold` float64, `missing_left` bool, `left` int32 and `value` float32
    are (M,), as in `forest.Forest`; `table` and `total` are float64.
    """
    for row in range(table.shape[0]):
        found = 0.0
        for tree in range(roots.shape[0]):
            node = roots[tree]
            while feature[node] >= 0:
                x = table[row, feature[node]]
                if x != x:
                    right = not missing_left[node]
                else:
                    right = x > threshold[node]
                node = left[node] + (1 if right else 0)
            found += value[node]
        total[row] += found
