"""The learner keeps scikit-learn's conventions, its intervals what they promise, and uses what is known from above."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.utils.estimator_checks import check_estimator

from ansatzlint.predictor.regressor import PlateauClassifier, TrainabilityRegressor, _quantiles

QUICK = {"iterations": 32, "learning_rate": 0.25, "leaves": 12}


@pytest.mark.parametrize(
    "estimator", [TrainabilityRegressor(iterations=8, learning_rate=0.3), PlateauClassifier(iterations=8)]
)
def test_the_conventions_of_scikit_learn_are_kept(estimator) -> None:
    results = check_estimator(estimator, on_skip=None)  # raises for what fails; nothing is excused
    assert sum(result["status"] == "passed" for result in results) > 30


def _signal(table: np.ndarray) -> np.ndarray:
    return 2 * np.sin(2 * table[:, 0]) + table[:, 1] * (table[:, 2] > 0)


def _grouped(
    seed: int, groups: int = 12, each: int = 60, shift: float = 0.4
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Groups that differ by a shift that the features do not tell, and noise that grows with a feature."""
    rng = np.random.default_rng(seed)
    table = rng.normal(size=(groups * each, 4))
    group = np.repeat(np.arange(groups), each)
    noise = (0.1 + 0.6 * (table[:, 3] > 0)) * rng.normal(size=len(table))
    return table, _signal(table) + shift * rng.normal(size=groups)[group] + noise, group


def test_the_label_is_learned() -> None:
    rng = np.random.default_rng(0)
    table = rng.normal(size=(1500, 3))
    model = TrainabilityRegressor(**QUICK).fit(table[:1200], _signal(table[:1200]))
    assert model.score(table[1200:], _signal(table[1200:])) > 0.95


def test_intervals_cover_groups_that_were_held_out() -> None:
    covered = []
    for seed in range(4):
        table, label, group = _grouped(seed)
        new, truth, _ = _grouped(seed + 100)
        lower, upper = TrainabilityRegressor(**QUICK).fit(table, label, groups=group).predict_interval(new)
        covered.append(np.mean((lower <= truth) & (truth <= upper)))
    assert 0.86 < np.mean(covered) < 0.96


def test_folds_that_tear_groups_apart_cover_too_little() -> None:
    torn, whole = [], []
    for seed in range(3):
        table, label, group = _grouped(seed, groups=40, each=18, shift=1.0)
        table = np.column_stack([table, group + 0.0])  # a feature that tells groups apart, as depth or size may do
        new, truth, other = _grouped(seed + 100, groups=40, each=18, shift=1.0)
        new = np.column_stack([new, other + 0.5])
        for covered, groups in ((torn, None), (whole, group)):
            lower, upper = TrainabilityRegressor(**QUICK).fit(table, label, groups=groups).predict_interval(new)
            covered.append(np.mean((lower <= truth) & (truth <= upper)))
    assert np.mean(torn) < 0.84
    assert np.mean(whole) > 0.86


def test_intervals_are_wider_where_labels_are_noisier() -> None:
    table, label, group = _grouped(0)
    lower, upper = TrainabilityRegressor(**QUICK).fit(table, label, groups=group).predict_interval(table)
    noisy = table[:, 3] > 0
    assert np.median((upper - lower)[noisy]) > 1.4 * np.median((upper - lower)[~noisy])


def test_more_coverage_is_wider() -> None:
    table, label, group = _grouped(1, groups=6)
    model = TrainabilityRegressor(**QUICK).fit(table, label, groups=group)
    widths = [np.mean(np.subtract(*reversed(model.predict_interval(table, c)))) for c in (0, 0.5, 0.9, 0.99)]
    assert widths == sorted(widths)
    assert widths[0] == 0


@pytest.mark.parametrize("coverage", [-0.1, 0.995, np.nan])
def test_a_coverage_that_cannot_be_is_refused(coverage) -> None:
    model = TrainabilityRegressor(iterations=2).fit(np.eye(9), np.arange(9.0))
    with pytest.raises(ValueError, match="coverage"):
        model.predict_interval(np.eye(9), coverage)


def test_scores_are_ranked_with_the_finite_sample_correction() -> None:
    reach = _quantiles(np.arange(1.0, 20.0))  # 19 scores
    assert reach[90] == 18  # the ceil(20 * 0.9)-th smallest
    assert reach[95] == 19
    assert reach[96] == np.inf
    assert np.isinf(_quantiles(np.ones(8))[90])


def test_few_labels_give_intervals_without_end_or_up_to_the_bounds() -> None:
    table, label = np.arange(6.0)[:, None], np.linspace(0.2, 0.8, 6)
    lower, upper = TrainabilityRegressor(iterations=5).fit(table, label).predict_interval(table)
    assert np.isinf(lower).all()
    assert np.isinf(upper).all()
    lower, upper = TrainabilityRegressor(iterations=5, bounds=(0.0, 1.0)).fit(table, label).predict_interval(table)
    assert set(lower) == {0.0}
    assert set(upper) == {1.0}


def test_predictions_and_intervals_end_at_the_bounds() -> None:
    rng = np.random.default_rng(2)
    table = rng.normal(size=(300, 2))
    label = np.clip(table[:, 0], 0, 1)
    model = TrainabilityRegressor(bounds=(0.0, 1.0), loss="squared_error", **QUICK).fit(table, label)
    lower, upper = model.predict_interval(table)
    for found in (lower, upper, model.predict(table)):
        assert found.min() >= 0
        assert found.max() <= 1


def test_labels_out_of_the_bounds_are_refused() -> None:
    with pytest.raises(ValueError, match="out of the bounds 0 and 1"):
        TrainabilityRegressor(bounds=(0.0, 1.0)).fit(np.eye(3), [0.0, 0.5, 1.5])


def test_twenty_rows_are_learned_from() -> None:
    table = np.linspace(0, 1, 20)[:, None]
    model = TrainabilityRegressor(learning_rate=0.2).fit(table, np.round(table[:, 0]))
    assert model.score(table, np.round(table[:, 0])) > 0.9
    assert np.isfinite(model.predict_interval(table)[1]).all()


@pytest.mark.parametrize("estimator", [TrainabilityRegressor, PlateauClassifier])
def test_a_column_that_is_missing_throughout_tells_nothing(estimator) -> None:
    rng = np.random.default_rng(0)
    table = np.stack([rng.normal(size=60), np.full(60, np.nan)], axis=1)
    label = table[:, 0] > 0 if estimator is PlateauClassifier else table[:, 0]
    learned = estimator(iterations=5).fit(table, label)
    known = table.copy()
    known[:, 1] = 7.0
    np.testing.assert_array_equal(learned.predict(known), learned.predict(table))


def test_constant_labels_are_predicted_as_they_are() -> None:
    model = TrainabilityRegressor(iterations=5).fit(np.arange(40.0)[:, None], np.full(40, 0.3))
    np.testing.assert_allclose(model.predict([[7.0]]), 0.3)
    np.testing.assert_allclose(np.ravel(model.predict_interval([[7.0]])), 0.3)


# --- what a label is learned relative to


def test_an_offset_carries_beyond_what_was_learned() -> None:
    rng = np.random.default_rng(3)
    table = rng.uniform(-20, -2, size=(800, 2))
    label = table[:, 0] + np.sin(table[:, 1])
    far = np.column_stack([np.full(50, -60.0), np.linspace(-19, -3, 50)])
    truth = far[:, 0] + np.sin(far[:, 1])
    error = {
        offset: np.abs(TrainabilityRegressor(offset=offset, **QUICK).fit(table, label).predict(far) - truth).max()
        for offset in ((), ("x0",))
    }
    assert error[("x0",)] < 0.8
    assert error[()] > 30


def test_columns_of_an_offset_add_up() -> None:
    rng = np.random.default_rng(4)
    table = rng.normal(size=(200, 2))
    model = TrainabilityRegressor(offset=("b", "a"), feature_names=("a", "b"), **QUICK)
    model.fit(table, table.sum(axis=1) + 3)
    np.testing.assert_allclose(model.predict([[50.0, -20.0]]), 33.0, atol=1e-6)


def test_where_the_offset_is_missing_the_label_itself_is_learned() -> None:
    rng = np.random.default_rng(5)
    table = rng.normal(size=(900, 2))
    label = np.where(np.arange(900) % 3 == 0, 4.0, table[:, 0])
    table[::3, 0] = np.where(np.arange(300) % 2, np.nan, -np.inf)
    model = TrainabilityRegressor(offset=("x0",), **QUICK).fit(table, label)
    np.testing.assert_allclose(model.predict(table[::3]), 4.0, atol=0.5)


def test_labels_that_the_offset_has_right_hide_no_others() -> None:
    table = np.column_stack([np.linspace(-3, 3, 900), np.arange(900) % 3])
    label = table[:, 0] + np.where(table[:, 1] == 0, 4.0, 0.0)
    for loss in ("absolute_error", "squared_error"):
        model = TrainabilityRegressor(offset=("x0",), loss=loss, **QUICK).fit(table, label)
        np.testing.assert_allclose(model.predict(table), label, atol=0.5)


@pytest.mark.parametrize("what", ["offset", "ceiling"])
def test_a_column_that_there_is_not_is_refused(what) -> None:
    with pytest.raises(ValueError, match="there is no feature 'c'"):
        TrainabilityRegressor(feature_names=("a", "b"), **{what: ("a", "c")}).fit(np.zeros((5, 2)), np.arange(5.0))


def test_a_text_is_no_sequence_of_columns() -> None:
    with pytest.raises(ValueError, match="not the text 'x0'"):
        TrainabilityRegressor(offset="x0").fit(np.zeros((5, 2)), np.arange(5.0))


def test_predictions_and_intervals_end_at_the_ceiling_where_it_is_known() -> None:
    rng = np.random.default_rng(6)
    table = np.column_stack([rng.normal(size=(400, 2)), np.zeros(400)])
    label = table[:, 0] + rng.normal(scale=0.1, size=400)
    model = TrainabilityRegressor(ceiling=("x1", "x2"), **QUICK).fit(table, label)
    free, low = [1.0, np.nan, 0.0], [1.0, -3.0, -4.0]
    np.testing.assert_array_equal(model.predict([low]), -7.0)
    np.testing.assert_array_equal(np.ravel(model.predict_interval([low])), -7.0)
    assert model.predict([free])[0] == pytest.approx(1.0, abs=0.3)


# --- labels known from above only


def _censored(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Rows, labels (NaN where below what can be resolved), bounds and the truth: a resolution at -2 or -4 by row."""
    rng = np.random.default_rng(seed)
    table = rng.uniform(-1, 1, size=(900, 3))
    signal = -2 + 2.5 * table[:, 0] + np.sin(3 * table[:, 1])
    label = signal + 0.7 * rng.normal(size=len(table))
    bound = np.where(rng.random(len(table)) < 0.5, -2.0, -4.0)
    return table, np.where(label > bound, label, np.nan), bound, signal


def test_bounds_are_learned_from_better_than_by_dropping_or_believing_them() -> None:
    errors = {"bounded": [], "dropped": [], "believed": []}
    for seed in range(3):
        table, label, bound, signal = _censored(seed)
        known = np.isfinite(label)
        fitted = {
            "bounded": TrainabilityRegressor(**QUICK).fit(table, label, upper=bound),
            "dropped": TrainabilityRegressor(**QUICK).fit(table[known], label[known]),
            "believed": TrainabilityRegressor(**QUICK).fit(table, np.where(known, label, bound)),
        }
        for name, model in fitted.items():
            errors[name].append(np.mean(np.abs(model.predict(table[~known]) - signal[~known])))
    bounded, dropped, believed = (np.mean(errors[name]) for name in ("bounded", "dropped", "believed"))
    assert bounded < 0.75 * dropped
    assert bounded < 0.75 * believed


def test_minus_infinity_is_a_label_known_from_above() -> None:
    table, label, bound, _ = _censored(0)
    nan = TrainabilityRegressor(**QUICK).fit(table, label, upper=bound)
    infinite = TrainabilityRegressor(**QUICK).fit(table, np.where(np.isnan(label), -np.inf, label), upper=bound)
    np.testing.assert_array_equal(nan.predict(table), infinite.predict(table))


def test_bounds_far_above_the_rest_pull_nothing_up() -> None:
    table, label, _, _ = _censored(1)
    known = np.isfinite(label)
    high = TrainabilityRegressor(**QUICK).fit(table, label, upper=np.where(known, np.nan, 50.0))
    dropped = TrainabilityRegressor(**QUICK).fit(table[known], label[known])
    assert np.abs(high.predict(table[known]) - dropped.predict(table[known])).mean() < 0.2


@pytest.mark.parametrize(
    ("label", "upper", "words"),
    [
        ([1, 2, np.nan, 3], None, "NaN"),
        ([1, 2, np.nan, 3], [0, 0, np.nan, 0], "neither a finite number nor bounded"),
        ([1, 2, np.inf, 3], [0, 0, 1, 0], "neither a finite number nor bounded"),
        ([1, np.nan, np.nan, np.nan], [0, 0, 1, 0], "1 labels are known"),
        ([np.nan] * 4, [0, 0, 1, 0], "0 labels are known"),
        ([1, 2, 3, 4], [1, 2], "4 labels and 2 upper bounds"),
    ],
)
def test_labels_that_say_nothing_are_refused(label, upper, words) -> None:
    with pytest.raises(ValueError, match=words):
        TrainabilityRegressor(iterations=2).fit(np.zeros((4, 1)), label, upper=upper)


def test_groups_of_another_length_are_refused() -> None:
    with pytest.raises(ValueError, match="4 rows and 3 groups"):
        TrainabilityRegressor().fit(np.zeros((4, 1)), np.arange(4.0), groups=[0, 1, 1])


def test_one_group_is_as_good_as_none() -> None:
    table, label, _ = _grouped(0, groups=2)
    without = TrainabilityRegressor(**QUICK).fit(table, label).predict_interval(table)
    one = TrainabilityRegressor(**QUICK).fit(table, label, groups=["all"] * len(table)).predict_interval(table)
    np.testing.assert_array_equal(without, one)


def test_the_domain_is_what_was_learned_from() -> None:
    table = np.column_stack([np.arange(2.0, 42.0), np.zeros(40)])
    model = TrainabilityRegressor(iterations=2, feature_names=("qubits", "x"), domain_columns=("qubits",))
    assert clone(model).fit(table, table[:, 0]).domain_.outside([90, 5]) == ("qubits is 90, learned from 2 to 41",)


def test_names_of_another_number_are_refused() -> None:
    with pytest.raises(ValueError, match="2 columns and 1 names"):
        TrainabilityRegressor(feature_names=("a",)).fit(np.zeros((4, 2)), np.arange(4.0))


@pytest.mark.parametrize("kind", [TrainabilityRegressor, PlateauClassifier])
def test_trees_ask_the_named_columns_only(kind) -> None:
    rng = np.random.default_rng(0)
    table = rng.normal(size=(300, 3))
    label = table[:, 0] if kind is TrainabilityRegressor else table[:, 0] > 0
    model = kind(feature_names=("a", "b", "c"), columns=("c", "b"), iterations=8).fit(table, label)
    other = np.column_stack([rng.normal(size=300), table[:, 1:]])
    np.testing.assert_array_equal(model.predict(table), model.predict(other))
    better = kind(feature_names=("a", "b", "c"), columns=("c", "a"), iterations=8).fit(table, label)
    assert better.score(table, label) > model.score(table, label) + 0.1


@pytest.mark.parametrize("columns", [("x",), ()])
def test_columns_that_there_are_not_are_refused(columns) -> None:
    with pytest.raises(ValueError, match="there is no"):
        TrainabilityRegressor(columns=columns, feature_names=("a", "b")).fit(np.zeros((5, 2)), np.arange(5.0))


@pytest.mark.parametrize("grouped", [False, True])
def test_an_interval_is_calibrated_on_some_of_many_rows(grouped) -> None:
    table, label, group = _grouped(0)
    model = TrainabilityRegressor(calibration_rows=300, **QUICK)
    lower, upper = model.fit(table, label, groups=group if grouped else None).predict_interval(table)
    all_lower, all_upper = TrainabilityRegressor(**QUICK).fit(table, label).predict_interval(table)
    assert 0.5 < np.median(upper - lower) / np.median(all_upper - all_lower) < 2


# --- the classifier


def test_probabilities_are_shares_on_groups_that_were_held_out() -> None:
    rng = np.random.default_rng(6)

    def draw(count: int) -> tuple[np.ndarray, np.ndarray]:
        table = rng.normal(size=(count, 3))
        return table, rng.random(count) < 1 / (1 + np.exp(-2 * table[:, 0]))

    table, label = draw(2500)
    model = PlateauClassifier(iterations=150, learning_rate=0.3).fit(table, label, groups=np.arange(2500) % 10)
    new, truth = draw(4000)
    probability = model.predict_proba(new)[:, 1]
    for low, high in ((0, 0.2), (0.2, 0.5), (0.5, 0.8), (0.8, 1)):
        chosen = (probability >= low) & (probability < high)
        assert chosen.sum() > 100
        assert abs(probability[chosen].mean() - truth[chosen].mean()) < 0.07
    assert model.model_.slope < 0.8  # trees grown that far are too sure; the calibration takes it back


def test_odds_that_point_the_wrong_way_on_other_groups_are_not_believed() -> None:
    table = np.repeat(np.arange(2.0), 60)[:, None]
    label = np.tile([0, 0, 1], 40)
    label[:60] = np.tile([1, 1, 0], 20)  # the first group mostly of one class, the second of the other
    model = PlateauClassifier(iterations=20).fit(table, label, groups=np.repeat([0, 1], 60))
    np.testing.assert_allclose(model.predict_proba([[0.0], [1.0]])[:, 1], 0.5)


@pytest.mark.parametrize("label", [np.zeros(30), np.arange(30) % 3])
def test_other_than_two_classes_are_refused(label) -> None:
    with pytest.raises(ValueError, match="two are needed"):
        PlateauClassifier().fit(np.eye(30), label.astype(int))


def test_classes_keep_their_names() -> None:
    table = np.linspace(-1, 1, 80)[:, None]
    model = PlateauClassifier(iterations=20).fit(table, np.where(table[:, 0] > 0, "plateau", "fine"))
    assert list(model.classes_) == ["fine", "plateau"]
    assert list(model.predict([[-0.9], [0.9]])) == ["fine", "plateau"]
