"""The learner: boosted trees, conformal intervals over groups that were held out, labels known only from above.

`TrainabilityRegressor` and `PlateauClassifier` follow the conventions of scikit-learn. What they learn is kept as
`model_`, plain arrays of `ansatzlint.predictor.frozen`, which predict without scikit-learn.

References
----------
.. [1] H. Papadopoulos, K. Proedrou, V. Vovk, A. Gammerman, Inductive confidence machines for regression, ECML 2002,
   and J. Lei et al., Distribution-free predictive inference for regression, JASA 113, 1094 (2018), sec. 5.2: residuals
   measured in units of their learned size.
.. [2] R. Foygel Barber, E. Candès, A. Ramdas, R. Tibshirani, Predictive inference with the jackknife+, Annals of
   Statistics 49, 486 (2021): residuals of rows that their fold's model has not seen.
.. [3] J. Buckley, I. James, Linear regression with censored data, Biometrika 66, 429 (1979), and J. Schmee, G. Hahn,
   A simple method for regression analysis with censored data, Technometrics 21, 417 (1979): refit with each censored
   label at its expectation.
.. [4] J. Platt, Probabilistic outputs for support vector machines, Advances in Large Margin Classifiers (1999).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils import Tags
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import (
    assert_all_finite,
    check_consistent_length,
    check_is_fitted,
    column_or_1d,
    validate_data,
)

from ansatzlint.predictor.domain import Domain, enclose
from ansatzlint.predictor.forest import Forest, freeze
from ansatzlint.predictor.frozen import LARGEST_LABEL, IntervalModel, ProbabilityModel, clipped, offsets

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_PASSES = 3
"""Refits that settle the censored labels; a fourth moves them by less than a tenth of the noise."""
_COVERAGES = np.arange(100) / 100
_FEWEST_ANSWERED = 30
"""Rows that the models of the folds answer for, below which an interval is calibrated on the others too."""
_SERIAL = 20_000
"""Rows below which one thread grows the trees: on a busy machine threads wait for one another for most of the time."""
_FLOOR = 0.1
"""Of the mean error: what is added to each error, so that no scale is nearly zero."""


class TrainabilityRegressor(RegressorMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """A number and its interval for each row of features.

    The centre is a sum of boosted trees. Around it lies a normalised conformal interval [1]_: the errors of rows that
    their fold's model has not seen [2]_, in units of an error size that is itself learned on other folds. Folds keep
    groups whole where groups are given: the interval then covers its share of the rows of groups that were left out,
    over all of them and not of each. What a fold's model abstains from takes no part. The guarantee of [2]_,
    1 - 2 (1 - coverage), is for intervals that keep the models of all folds; here the errors are laid around one model
    fitted on all rows, which covers its share where leaving a fold out moves predictions little. How often it does is
    measured, by leaving groups out.

    Parameters
    ----------
    iterations, leaves, learning_rate, l2, min_samples_leaf, max_features
        As in scikit-learn's histogram gradient boosting. A leaf has no more than a tenth of the rows as its minimum, so
        that few rows can be learned from.
    loss : str
        "absolute_error" or "squared_error", of the centre.
    offset : sequence of str
        Columns whose values are subtracted from the label, and added again in predicting. Where one is missing or
        infinite nothing is; the trees see that it is missing.
    ceiling : sequence of str
        Columns whose sum the label cannot exceed: predictions and intervals end there. None for no such sum.
    bounds : (float, float) or None
        Where labels can lie; predictions and intervals end there.
    folds : int
        For the interval; fewer where there are fewer groups or rows.
    calibration_rows : int
        The most rows, drawn at random, that the folds are made of, and that censored labels are completed by.
    feature_names : sequence of str or None
        The names of the columns where X is an array without names.
    columns : sequence of str or None
        The columns that the trees may ask; None for all.
    domain_columns, domain_regimes
        As `columns` and `regimes` in `ansatzlint.predictor.domain.enclose`.
    random_state : int
        Shuffles the folds where there are no groups, and draws the columns if `max_features` is below 1.

    Attributes
    ----------
    model_ : IntervalModel
    domain_ : Domain
    columns_ : int64 array
        The columns that the trees may ask.
    n_features_in_ : int
    feature_names_in_ : array of str
        Where X had names.
    """

    def __init__(
        self,
        *,
        iterations: int = 300,
        leaves: int = 31,
        learning_rate: float = 0.06,
        l2: float = 1.0,
        min_samples_leaf: int = 20,
        max_features: float = 0.5,
        loss: str = "absolute_error",
        offset: Sequence[str] = (),
        ceiling: Sequence[str] = (),
        bounds: tuple[float, float] | None = None,
        folds: int = 5,
        calibration_rows: int = 20_000,
        feature_names: Sequence[str] | None = None,
        columns: Sequence[str] | None = None,
        domain_columns: Sequence[str] | None = None,
        domain_regimes: Sequence[str] = (),
        random_state: int = 0,
    ) -> None:
        self.iterations = iterations
        self.leaves = leaves
        self.learning_rate = learning_rate
        self.l2 = l2
        self.min_samples_leaf = min_samples_leaf
        self.max_features = max_features
        self.loss = loss
        self.offset = offset
        self.ceiling = ceiling
        self.bounds = bounds
        self.folds = folds
        self.calibration_rows = calibration_rows
        self.feature_names = feature_names
        self.columns = columns
        self.domain_columns = domain_columns
        self.domain_regimes = domain_regimes
        self.random_state = random_state

    def fit(self, X: Any, y: Any, *, upper: Any = None, groups: Any = None) -> Self:
        """Learn the centre, the size of its error, the interval and the domain.

        Parameters
        ----------
        X : array_like (N, F)
            NaN means missing, infinities are taken for ±1e30.
        y : array_like (N,)
        upper : array_like (N,) or None
            Where y is NaN or -inf, the label is only known to be at most this. It is learned at its expectation under a
            normal error below the bound, in turn with the model [3]_; such rows do not enter the interval.
        groups : array_like (N,) or None
            Rows that a fold keeps together.

        Raises
        ------
        ValueError
            For fewer than two labels, a label that is neither a number nor bounded, lengths that differ, an offset,
            ceiling or domain column that there is not, or bounds that some label is out of.
        """
        table, names = _check_rows(self, X, y)
        label, bound = _check_labels(y, upper, len(table))
        low, high = self.bounds if self.bounds is not None else (-np.inf, np.inf)
        known = np.isfinite(label)
        if not low < high or (label[known] < low).any() or (label[known] > high).any():
            raise ValueError(f"labels lie out of the bounds {low:g} and {high:g}")
        member = _check_groups(groups, len(table))
        self.columns_ = _asked(self.columns, names)
        offset = _places(self.offset, names)
        base = offsets(table, offset)
        target = label - base
        if not known.all():
            target = self._complete(table, target, bound - base)
        scores, scale = self._calibrate(table, names, target, known, member)
        self.domain_ = _domain(self, table, names)
        self.model_ = IntervalModel(
            names=names,
            centre=self._boost(table, target),
            scale=scale,
            scores=scores,
            offset=offset,
            ceiling=_places(self.ceiling, names),
            bounds=(float(low), float(high)),
            domain=self.domain_,
        )
        return self

    def predict(self, X: Any) -> Floats:
        """The label (n,) of rows (n, F)."""
        return self._fitted().predict(_check_again(self, X))

    def predict_interval(self, X: Any, coverage: float = 0.9) -> tuple[Floats, Floats]:
        """Lower and upper ends (n,) of the intervals; see `IntervalModel.predict_interval`.

        With fewer than coverage / (1 - coverage) labels, 9 for 90 %, the interval reaches to the bounds.
        """
        return self._fitted().predict_interval(_check_again(self, X), coverage)

    def _fitted(self) -> IntervalModel:
        check_is_fitted(self)
        model: IntervalModel = self.model_
        return model

    def _boost(self, table: Floats, target: Floats, *, loss: str | None = None, share: float = 1.0) -> Forest:
        """The trees on a target, with that share of the iterations."""
        from sklearn.ensemble import HistGradientBoostingRegressor

        if len(target) == 1 or np.ptp(target) == 0:
            return _constant(target, self.n_features_in_, log=loss == "poisson")
        loss = loss or self.loss
        if loss == "absolute_error":
            # The gradient knows two signs only, and one of them for all errors that are exactly 0: where many labels
            # are equal (all that the offset has right already) no split would seem to gain. So ties are broken.
            rng = np.random.default_rng(self.random_state)
            target = target + 1e-9 * np.ptp(target) * rng.choice([-1.0, 1.0], len(target))
        model = HistGradientBoostingRegressor(
            loss=loss, max_iter=max(1, round(self.iterations * share)), **_settings(self, len(target))
        )
        return _grown(model, table, target, self.columns_)

    def _complete(self, table: Floats, target: Floats, bound: Floats) -> Floats:
        """The target with each censored entry at its expectation below its bound (N,).

        Each pass predicts a row by a model of the other half, else the trees would repeat what was filled in.
        """
        from scipy.stats import norm

        known = np.isfinite(target)
        halves = np.arange(len(target)) % 2 if known.sum() > 3 else np.zeros(len(target), dtype=np.int64)
        rng = np.random.default_rng(self.random_state)
        rng.shuffle(halves)
        full, learned = target, known
        spread = float(np.std(target[known]))
        for _ in range(_PASSES):
            guess = np.empty(len(target))
            for half in np.unique(halves):
                other = np.flatnonzero(learned & (halves != half) if len(np.unique(halves)) > 1 else learned)
                other = other[_drawn(len(other), self.calibration_rows, self.random_state)]
                forest = self._boost(table[other], full[other], loss="squared_error", share=0.34)
                guess[halves == half] = forest.predict(table[halves == half])
            missed = np.square(target[known] - guess[known])
            if learned is known:  # the first guess knows the uncensored rows only
                spread = float(np.sqrt(missed.mean())) or spread
            if spread == 0:
                full = np.where(known, target, np.minimum(guess, bound))
            else:
                height = (bound - guess) / spread
                hazard = np.exp(norm.logpdf(height) - norm.logcdf(height))  # Mills' ratio, also far below
                full = np.where(known, target, np.minimum(guess - spread * hazard, bound))
                rest = 1 - height * hazard - np.square(hazard)  # the variance left below the bound
                gone = np.square(full - guess) + np.square(spread) * np.clip(rest, 0, 1)
                spread = float(np.sqrt(np.mean(np.where(known, np.square(target - guess), gone))))
            learned = np.ones(len(target), dtype=bool)
        return full

    def _calibrate(
        self,
        table: Floats,
        names: tuple[str, ...],
        target: Floats,
        known: npt.NDArray[np.bool_],
        member: Ints | None,
    ) -> tuple[Floats, Forest]:
        """The scores of the interval (100,) and the model of the error's log size."""
        unknown = np.full(len(_COVERAGES), np.inf), _constant(np.ones(1), self.n_features_in_, log=True)
        drawn = _drawn(len(target), self.calibration_rows, self.random_state)
        table, target, known = table[drawn], target[drawn], known[drawn]
        member = _check_groups(None if member is None else member[drawn], len(drawn))
        fold = _folds(known, member, self.folds, self.random_state)
        if fold is None:
            return unknown
        guess = np.empty(len(target))
        answered = np.empty(len(target), dtype=bool)
        for inside in _parts(fold):
            guess[inside] = self._boost(table[~inside], target[~inside]).predict(table[inside])
            answered[inside] = _domain(self, table[~inside], names).inside(table[inside])
        # What a fold's model abstains from has no interval; that it would be far off there must not widen the others.
        if (known & answered).sum() >= _FEWEST_ANSWERED:
            known = known & answered
        rows, of_row = table[known], fold[known]
        missed = np.abs(target[known] - guess[known])
        floored = missed + _FLOOR * missed.mean()
        size = np.empty(len(missed))
        for inside in _parts(of_row):
            if inside.all():
                return unknown
            forest = self._boost(rows[~inside], floored[~inside], loss="poisson", share=0.34)
            size[inside] = forest.predict(rows[inside])
        return _quantiles(missed / np.exp(size)), self._boost(rows, floored, loss="poisson", share=0.34)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags


class PlateauClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """The probability of the second of two classes, calibrated on groups that were held out.

    Boosted trees give log-odds; a straight line through the log-odds of rows that their fold's model has not seen makes
    them probabilities [4]_.

    Parameters, attributes and errors are those of `TrainabilityRegressor` where they have the same name; `model_` is a
    `ProbabilityModel` and `classes_` holds the two classes in order. Labels of one class are refused.
    """

    def __init__(
        self,
        *,
        iterations: int = 200,
        leaves: int = 31,
        learning_rate: float = 0.06,
        l2: float = 1.0,
        min_samples_leaf: int = 20,
        max_features: float = 0.5,
        folds: int = 5,
        calibration_rows: int = 20_000,
        feature_names: Sequence[str] | None = None,
        columns: Sequence[str] | None = None,
        domain_columns: Sequence[str] | None = None,
        domain_regimes: Sequence[str] = (),
        random_state: int = 0,
    ) -> None:
        self.iterations = iterations
        self.leaves = leaves
        self.learning_rate = learning_rate
        self.l2 = l2
        self.min_samples_leaf = min_samples_leaf
        self.max_features = max_features
        self.folds = folds
        self.calibration_rows = calibration_rows
        self.feature_names = feature_names
        self.columns = columns
        self.domain_columns = domain_columns
        self.domain_regimes = domain_regimes
        self.random_state = random_state

    def fit(self, X: Any, y: Any, *, groups: Any = None) -> Self:
        """Learn from rows (N, F) and their classes (N,), in groups (N,) that a fold keeps together."""
        table, names = _check_rows(self, X, y)
        check_classification_targets(y)
        label = column_or_1d(y, warn=True)
        check_consistent_length(table, label)
        self.classes_, second = np.unique(label, return_inverse=True)
        if len(self.classes_) != 2:
            raise ValueError(
                f"Only binary classification is supported. The labels have {len(self.classes_)} class"
                f"{'es' if len(self.classes_) > 1 else ''}, two are needed"
            )
        member = _check_groups(groups, len(table))
        self.columns_ = _asked(self.columns, names)
        slope, shift = self._calibrate(table, second, member)
        self.domain_ = _domain(self, table, names)
        self.model_ = ProbabilityModel(names, self._boost(table, second), slope, shift, self.domain_)
        return self

    def decision_function(self, X: Any) -> Floats:
        """The calibrated log-odds (n,) of the second class."""
        model, table = self._fitted(X)
        return model.predict_odds(table)

    def predict_proba(self, X: Any) -> Floats:
        """The probabilities (n, 2) of the two classes."""
        model, table = self._fitted(X)
        return model.predict_proba(table)

    def predict(self, X: Any) -> npt.NDArray[Any]:
        """The likelier class (n,)."""
        likelier = (self.decision_function(X) > 0).astype(int)
        found: npt.NDArray[Any] = self.classes_[likelier]
        return found

    def _fitted(self, X: Any) -> tuple[ProbabilityModel, Floats]:
        check_is_fitted(self)
        return self.model_, _check_again(self, X)

    def _boost(self, table: Floats, second: Ints) -> Forest:
        from sklearn.ensemble import HistGradientBoostingClassifier

        model = HistGradientBoostingClassifier(max_iter=self.iterations, **_settings(self, len(second)))
        return _grown(model, table, second, self.columns_)

    def _calibrate(self, table: Floats, second: Ints, member: Ints | None) -> tuple[float, float]:
        """Slope and shift of the log-odds; 1 and 0 where no fold leaves both classes to learn from."""
        from sklearn.linear_model import LogisticRegression

        drawn = _drawn(len(table), self.calibration_rows, self.random_state)
        table, second = table[drawn], second[drawn]
        member = _check_groups(None if member is None else member[drawn], len(drawn))
        fold = _folds(np.ones(len(table), dtype=bool), member, self.folds, self.random_state)
        odds = np.full(len(table), np.nan)
        for inside in _parts(fold if fold is not None else np.zeros(0, dtype=np.int64)):
            if len(np.unique(second[~inside])) == 2:
                odds[inside] = self._boost(table[~inside], second[~inside]).predict(table[inside])
        seen = np.isfinite(odds)
        if len(np.unique(second[seen])) < 2:
            return 1.0, 0.0
        positive = int(second[seen].sum())
        negative = int(seen.sum()) - positive
        # Targets a little inside of 0 and 1, as if one more row of either class had been seen.
        wanted = np.where(second[seen] == 1, (positive + 1) / (positive + 2), 1 / (negative + 2))
        twice = np.concatenate([odds[seen], odds[seen]])[:, None]
        classes = np.repeat([1, 0], len(wanted))
        line = LogisticRegression(C=1e6, max_iter=1000).fit(twice, classes, np.concatenate([wanted, 1 - wanted]))
        slope, shift = float(line.coef_[0, 0]), float(line.intercept_[0])
        if slope < 0:  # held out, the odds point the wrong way: only the share of the classes is known
            return 0.0, float(np.log(positive / negative))
        return slope, shift

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.classifier_tags.multi_class = False
        return tags


def _settings(estimator: Any, rows: int) -> dict[str, Any]:
    return {
        "max_leaf_nodes": estimator.leaves,
        "learning_rate": estimator.learning_rate,
        "l2_regularization": estimator.l2,
        "min_samples_leaf": max(1, min(estimator.min_samples_leaf, rows // 10)),
        "max_features": estimator.max_features,
        "early_stopping": False,
        "categorical_features": None,
        "random_state": estimator.random_state,
    }


def _grown(model: Any, table: Floats, target: npt.NDArray[Any], asked: Ints) -> Forest:
    """The trees of a model of scikit-learn, fitted on some columns of the table."""
    from threadpoolctl import threadpool_limits

    # A column that is missing throughout cannot be binned, and one that is constant is of no use.
    part = table[:, asked]
    known = ~np.isnan(part)
    varied = np.where(known, part, np.inf).min(axis=0) < np.where(known, part, -np.inf).max(axis=0)
    varied |= known.any(axis=0) & ~known.all(axis=0)
    columns = asked[varied] if varied.any() else asked[:1]
    part = part[:, varied] if varied.any() else np.zeros((len(table), 1))
    with threadpool_limits(limits=1 if len(table) < _SERIAL else None, user_api="openmp"):
        forest = freeze(model.fit(part, target))
    feature = np.where(forest.feature < 0, -1, columns[forest.feature]).astype(np.int16)
    return replace(forest, feature=feature, features=table.shape[1])


def _check_rows(estimator: Any, X: Any, y: Any) -> tuple[Floats, tuple[str, ...]]:
    """The rows and the names of their columns."""
    if y is None:
        raise ValueError(
            f"This {type(estimator).__name__} estimator requires y to be passed, but the target y is None"
        )
    table = validate_data(estimator, X, dtype=np.float64, ensure_all_finite=False, ensure_min_samples=2)
    if hasattr(estimator, "feature_names_in_"):
        names = tuple(map(str, estimator.feature_names_in_))
    elif estimator.feature_names is not None:
        names = tuple(estimator.feature_names)
    else:
        names = tuple(f"x{i}" for i in range(table.shape[1]))
    if len(names) != table.shape[1]:
        raise ValueError(f"there are {table.shape[1]} columns and {len(names)} names of columns")
    return clipped(table), names


def _check_again(estimator: Any, X: Any) -> Floats:
    table: Floats = validate_data(estimator, X, dtype=np.float64, ensure_all_finite=False, reset=False)
    return table


def _check_labels(y: Any, upper: Any, rows: int) -> tuple[Floats, Floats]:
    """The labels, NaN where censored, and their upper bounds."""
    label = np.array(column_or_1d(y, warn=True), dtype=np.float64)
    if upper is None:
        assert_all_finite(label, input_name="y")
        bound = np.full(len(label), np.inf)
    else:
        bound = np.asarray(column_or_1d(upper), dtype=np.float64)
    if not len(label) == len(bound) == rows:
        raise ValueError(f"there are {rows} rows, {len(label)} labels and {len(bound)} upper bounds")
    label[np.isneginf(label)] = np.nan
    censored = np.isnan(label)
    if np.isposinf(label).any() or not np.isfinite(bound[censored]).all():
        raise ValueError("a label is neither a finite number nor bounded from above by one")
    if (np.abs(label[~censored]) > LARGEST_LABEL).any():
        raise ValueError(f"a label is beyond {LARGEST_LABEL:g} in size, too much for the trees; scale the labels")
    if (~censored).sum() < 2:
        raise ValueError(f"{int((~censored).sum())} labels are known otherwise than by a bound; two are the least")
    return label, bound


def _check_groups(groups: Any, rows: int) -> Ints | None:
    """The group of each row as an index, None where there is no more than one."""
    if groups is None:
        return None
    named = column_or_1d(groups)
    if len(named) != rows:
        raise ValueError(f"there are {rows} rows and {len(named)} groups")
    found, member = np.unique(named, return_inverse=True)
    return np.asarray(member, dtype=np.int64) if len(found) > 1 else None


def _asked(chosen: Sequence[str] | None, names: tuple[str, ...]) -> Ints:
    """The columns that trees may ask, as indices."""
    if chosen is None:
        return np.arange(len(names))
    if not chosen:
        raise ValueError("there is no column to learn from")
    return np.array(_places(chosen, names), dtype=np.int64)


def _places(chosen: Sequence[str], names: tuple[str, ...]) -> tuple[int, ...]:
    """Where the chosen columns stand."""
    if isinstance(chosen, str):
        raise ValueError(f"columns are a sequence of names, not the text {chosen!r}")
    missing = [name for name in chosen if name not in names]
    if missing:
        raise ValueError(f"there is no feature {missing[0]!r}")
    return tuple(map(names.index, chosen))


def _domain(estimator: Any, table: Floats, names: tuple[str, ...]) -> Domain:
    return enclose(table, names, columns=estimator.domain_columns, regimes=estimator.domain_regimes)


def _folds(known: npt.NDArray[np.bool_], member: Ints | None, count: int, seed: int) -> Ints | None:
    """The fold of each row (N,); None where there are too few rows that are known to leave any out."""
    from sklearn.model_selection import GroupKFold, KFold

    rows = len(known)
    fold = np.empty(rows, dtype=np.int64)
    if member is None:
        parts = min(count, int(known.sum()))
        splits = KFold(max(2, parts), shuffle=True, random_state=seed).split(fold)
    else:
        parts = min(count, int(member.max()) + 1)
        splits = GroupKFold(max(2, parts)).split(fold, groups=member)
    if parts < 2 or rows < 4:
        return None
    for k, (_, inside) in enumerate(splits):
        fold[inside] = k
    return fold


def _parts(fold: Ints) -> Iterator[npt.NDArray[np.bool_]]:
    for k in np.unique(fold):
        yield fold == k


def _drawn(rows: int, most: int, seed: int) -> Ints:
    """All rows, or so many of them drawn at random, in order."""
    if rows <= most:
        return np.arange(rows)
    return np.sort(np.random.default_rng(seed).choice(rows, most, replace=False))


def _constant(target: Floats, features: int, *, log: bool) -> Forest:
    """The forest without a split: the target's mean, or its log."""
    mean = float(np.mean(target))
    none: npt.NDArray[Any] = np.zeros(0)
    return Forest(
        roots=none.astype(np.int32),
        feature=none.astype(np.int16),
        threshold=none,
        missing_left=none.astype(bool),
        left=none.astype(np.int32),
        value=none.astype(np.float32),
        baseline=(float(np.log(mean)) if mean > 0 else 0.0) if log else mean,
        features=features,
    )


def _quantiles(scores: Floats) -> Floats:
    """How far an interval must reach for each coverage (100,).

    Of n scores the ceil((n + 1) coverage)-th smallest, infinite where there are fewer [2]_.
    """
    count = len(scores)
    rank = np.ceil((count + 1) * _COVERAGES - 1e-9).astype(int)
    ladder = np.append(np.sort(scores), np.inf)
    return np.where(rank > 0, ladder[np.minimum(rank, count + 1) - 1], 0.0)
