"""Frozen trees say what scikit-learn's say, without scikit-learn."""

from __future__ import annotations

import subprocess
import sys
import time
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

from ansatzlint.predictor.forest import Forest, freeze


def _table(seed: int, rows: int, columns: int = 7, missing: float = 0.2) -> np.ndarray:
    rng = np.random.default_rng(seed)
    table = rng.normal(size=(rows, columns))
    table[:, 1] = rng.integers(0, 4, rows)
    table[rng.random(table.shape) < missing] = np.nan
    return table


def _label(table: np.ndarray) -> np.ndarray:
    known = np.nan_to_num(table, nan=3.0)
    return known[:, 0] * known[:, 1] + np.abs(known[:, 2])


@pytest.fixture(scope="module")
def regressor() -> HistGradientBoostingRegressor:
    table = _table(0, 1500)
    return HistGradientBoostingRegressor(max_iter=120, max_leaf_nodes=21).fit(table, _label(table))


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), missing=st.sampled_from([0.0, 0.3, 1.0]))
def test_predictions_equal_those_of_scikit_learn(regressor, seed, missing) -> None:
    table = _table(seed, 40, missing=missing)
    np.testing.assert_allclose(freeze(regressor).predict(table), regressor.predict(table), atol=1e-6, rtol=0)


def test_numbers_on_a_threshold_go_the_same_way(regressor) -> None:
    forest = freeze(regressor)
    edges = forest.threshold[forest.feature == 0]
    table = np.full((len(edges), 7), 0.5)
    table[:, 0] = edges
    np.testing.assert_allclose(forest.predict(table), regressor.predict(table), atol=1e-6, rtol=0)


@pytest.mark.parametrize("low", [-np.inf, -3.0])
@pytest.mark.parametrize("high", [np.inf, 3.0])
def test_a_split_between_what_is_missing_and_what_is_not(low, high) -> None:
    column = np.repeat([low, 1.0, 2.0, high, np.nan], 60)[:, None]
    label = np.where(np.isnan(column[:, 0]), 5.0, np.clip(column[:, 0], -9, 9) * 0.01)
    with np.errstate(invalid="ignore"):
        model = HistGradientBoostingRegressor(max_iter=20).fit(column, label)
    np.testing.assert_allclose(freeze(model).predict(column), model.predict(column), atol=1e-6, rtol=0)


def test_the_classifier_gives_log_odds() -> None:
    table = _table(1, 800)
    model = HistGradientBoostingClassifier(max_iter=30).fit(table, _label(table) > 1)
    odds = freeze(model).predict(table)
    np.testing.assert_allclose(1 / (1 + np.exp(-odds)), model.predict_proba(table)[:, 1], atol=1e-6)


def test_a_forest_without_a_split_gives_its_baseline() -> None:
    model = HistGradientBoostingRegressor(max_iter=3).fit(np.zeros((9, 2)), np.arange(9.0))
    np.testing.assert_allclose(freeze(model).predict(np.ones((2, 2))), 4.0, atol=1e-6)


def test_arrays_carry_the_forest_whole(regressor) -> None:
    forest = freeze(regressor)
    again = Forest.from_arrays(forest.to_arrays())
    for name in ("roots", "feature", "threshold", "missing_left", "left", "value", "baseline", "features"):
        np.testing.assert_array_equal(getattr(again, name), getattr(forest, name))


def test_predicting_needs_no_scikit_learn() -> None:
    code = "import sys, ansatzlint.predictor.forest as f; sys.exit('sklearn' in sys.modules or 'numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_one_row_is_quick(regressor) -> None:
    forest = freeze(regressor)
    row = _table(2, 1)
    times = []
    for _ in range(20):
        start = time.perf_counter()
        forest.predict(row)
        times.append(time.perf_counter() - start)
    assert min(times) < 5e-3


@pytest.mark.parametrize("shape", [(3,), (2, 6), (2, 8), (1, 7, 1)])
def test_rows_of_another_width_are_refused(regressor, shape) -> None:
    with pytest.raises(ValueError, match="grown on 7 features"):
        freeze(regressor).predict(np.zeros(shape))


@pytest.mark.parametrize(
    ("name", "index", "value"),
    [("left", 0, 0), ("left", 0, 10**6), ("feature", 0, 7), ("value", -1, np.nan), ("threshold", 0, np.nan)],
)
def test_arrays_that_are_no_forest_are_refused(regressor, name, index, value) -> None:
    forest = freeze(regressor)
    fields = {field: np.copy(getattr(forest, field)) for field in Forest.__slots__}
    fields[name][index] = value
    with pytest.raises(ValueError, match="no forest"):
        Forest(**fields)


def test_an_unknown_scikit_learn_is_said() -> None:
    with pytest.raises(RuntimeError, match=r"scikit-learn .* cannot be read .*install"):
        freeze(SimpleNamespace(_predictors=None, n_features_in_=3))
    nodes = np.zeros(1, dtype=[("value", float)])
    with pytest.raises(RuntimeError, match="the nodes have no feature_idx"):
        freeze(SimpleNamespace(_predictors=[[SimpleNamespace(nodes=nodes)]], _baseline_prediction=0.0))


def test_splits_on_categories_are_refused() -> None:
    table = np.repeat(np.arange(4.0), 50)[:, None]
    model = HistGradientBoostingRegressor(max_iter=3, categorical_features=[0]).fit(table, (table[:, 0] % 2))
    with pytest.raises(RuntimeError, match="categories"):
        freeze(model)
