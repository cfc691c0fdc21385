"""The compiled walk against a walk by hand, a node at a time."""

from __future__ import annotations

import numpy as np

from ansatzlint.predictor.forest_kernels import walk


def test_each_row_falls_into_the_leaf_that_its_numbers_name() -> None:
    # Tree 0: x0 <= 1, missing left: leaves 10, 20. Tree 1: x1 <= -1, missing right: (x0 <= 5: 100, 200), leaf 300.
    roots = np.array([0, 3], np.int32)
    feature = np.array([0, -1, -1, 1, 0, -1, -1, -1], np.int16)
    threshold = np.array([1.0, np.nan, np.nan, -1.0, 5.0, np.nan, np.nan, np.nan])
    missing_left = np.array([1, 0, 0, 0, 0, 0, 0, 0], bool)
    left = np.array([1, 1, 2, 4, 6, 5, 6, 7], np.int32)
    value = np.array([0, 10, 20, 0, 0, 300, 100, 200], np.float32)
    rows = np.array(
        [[1.0, -1.0], [1.5, -2.0], [6.0, -1.0], [np.nan, 0.0], [np.nan, -1.0], [0.0, np.nan], [np.inf, -np.inf]]
    )
    total = np.full(len(rows), 0.5)
    walk(roots, feature, threshold, missing_left, left, value, rows, total)
    np.testing.assert_allclose(total, [110.5, 120.5, 220.5, 310.5, 210.5, 310.5, 220.5])
