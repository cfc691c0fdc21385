"""From labels to models: which learner each head has, and the file that it is kept in."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ansatzlint.errors import InputError
from ansatzlint.features import cost, state

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ansatzlint.predictor.dataset import Data
    from ansatzlint.predictor.evaluation.held_out import Make
    from ansatzlint.predictor.evaluation.own import OwnLabels
    from ansatzlint.predictor.user_labels import Labels

GRADIENTS, TRAINING, OWN = "gradients", "training", "labels"
"""What a file of models may be of."""
OWN_MODEL = "label"
"""The name of the one model that is fitted on labels of the user's own."""

REGIMES = ("shared_angles", "solvable", "qubits>12", "init_spread>0.004")
"""What tells kinds of circuits apart: shared parameters can be labelled on few qubits, or where a symmetry helps, and
angles that are all but fixed were not drawn."""
RANGES = (
    "qubits", "gates", "depth", "parameters", "uses_maximum", "noise_one", "noise_several", "log10_belief_largest",
)  # fmt: skip
"""What is told of a circuit that is outside: features that a person can change."""

_OF_FEW_QUBITS = frozenset(feature.name for feature in state.COLUMNS)
"""Features that are missing on more than a few qubits: of no use for gradients, which are predicted on many."""
_OF_UNITS = frozenset({cost.UNIT})
"""The unit of the cost decides how large a gradient is by its square, and nothing else."""


def gradient_models(names: Sequence[str], seed: int = 0) -> dict[str, Make]:
    """What gives the learners of the gradients' head, by name; "shots" learns minus log10 of them."""
    from ansatzlint.predictor.regressor import PlateauClassifier, TrainabilityRegressor

    common: dict[str, Any] = {
        "feature_names": tuple(names),
        "columns": tuple(name for name in names if name not in _OF_FEW_QUBITS | _OF_UNITS),
        "domain_columns": _ranges(names),
        "domain_regimes": tuple(key for key in REGIMES if key.partition(">")[0] in names),
        "random_state": seed,
    }
    sized = partial(TrainabilityRegressor, ceiling=(cost.LIMIT, cost.UNIT), **common)
    return {
        "largest": partial(sized, offset=("log10_belief_largest", cost.UNIT)),
        "median": partial(sized, offset=("log10_belief_median", cost.UNIT)),
        "shots": partial(TrainabilityRegressor, **common),
        "barren": partial(PlateauClassifier, **common),
    }


def training_models(names: Sequence[str], seed: int = 0) -> dict[str, Make]:
    """What gives the learners of the training head, by name; their labels are shares."""
    from ansatzlint.predictor.regressor import TrainabilityRegressor

    learner = partial(
        TrainabilityRegressor, bounds=(0.0, 1.0), feature_names=tuple(names), domain_columns=_ranges(names),
        random_state=seed,
    )  # fmt: skip
    return {"fraction": learner, "succeeding": learner}


def own_model(names: Sequence[str], seed: int = 0) -> Make:
    """What gives the learner for labels of the user's own."""
    from ansatzlint.predictor.regressor import TrainabilityRegressor

    return partial(
        TrainabilityRegressor, loss="squared_error", feature_names=tuple(names), domain_columns=_ranges(names),
        random_state=seed,
    )  # fmt: skip


def _ranges(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name in RANGES if name in names)


def fit_gradients(data: Data, makers: Mapping[str, Make]) -> dict[str, Any]:
    """The fitted models of the gradients' head, by name; `makers` are those of `gradient_models`.

    Raises
    ------
    InputError
        Where the labels are too few, or of one class.
    """
    from ansatzlint.predictor.evaluation.gradients import HEADS, target_of

    groups = data.columns["group"].astype(str)
    models: dict[str, Any] = {}
    for head in HEADS:
        target = target_of(data.columns, head)
        rows = target.usable
        _enough(int(target.known.sum()), head)
        models[head] = makers[head]().fit(
            data.features[rows], target.values[rows], upper=target.upper[rows], groups=groups[rows]
        )
    # Shots may be known from below only. Minus their log is then known from above, as the learner takes it.
    rarity = -data.columns["log10_shots"].astype(np.float64)
    bound = np.where(np.isfinite(rarity), rarity, -data.columns["log10_shots_lower"].astype(np.float64))
    rows = np.isfinite(bound)
    models["shots"] = makers["shots"]().fit(
        data.features[rows], np.where(np.isfinite(rarity), rarity, np.nan)[rows], upper=bound[rows], groups=groups[rows]
    )
    barren = data.columns["barren"]
    told = barren >= 0
    if len(np.unique(barren[told])) < 2:
        raise InputError("circuits with and without a plateau are needed; build more with --count", path="the data set")
    models["barren"] = makers["barren"]().fit(data.features[told], barren[told], groups=groups[told])
    return models


def fit_training(data: Data, makers: Mapping[str, Make]) -> dict[str, Any]:
    """The fitted models of the training head, by name; `makers` are those of `training_models`.

    The features of `data` include the engine's figures.
    """
    from ansatzlint.predictor.evaluation.training import TARGETS

    _enough(len(data.features), "trained_fraction")
    groups = data.columns["group"].astype(str)
    return {
        name: makers[name]().fit(data.features, data.columns[target].astype(np.float64), groups=groups)
        for name, target in TARGETS.items()
    }


def _enough(rows: int, what: str) -> None:
    if rows < 2:
        raise InputError(f"holds {rows} known labels of {what!r}; build more with --count", path="the data set")


def with_figures(data: Data) -> Data:
    """The data set of the training head with the engine's figures among its features; those that it has stay."""
    from ansatzlint.predictor.dataset import Data

    figures = data.columns["figures"]
    new = [i for i, name in enumerate(data.columns["figure_names"].tolist()) if name not in data.names]
    columns = {name: values for name, values in data.columns.items() if not name.startswith("figure")}
    names = (*data.names, *(str(data.columns["figure_names"][i]) for i in new))
    return Data(columns, np.concatenate([data.features, figures[:, new].astype(np.float32)], axis=1), names)


def with_features(labels: Labels, jobs: int = 1) -> OwnLabels:
    """The user's labels with the features of their circuits, computed in that many processes."""
    from ansatzlint import features
    from ansatzlint.predictor.evaluation.own import OwnLabels

    table = features.table(labels.circuits, jobs=jobs)
    return OwnLabels(labels.target, labels.values, table, features.names(), labels.path)


def fit_own(labels: OwnLabels, make: Make) -> dict[str, Any]:
    """The fitted model of the user's labels, by name; `make` is that of `own_model`."""
    return {OWN_MODEL: make().fit(labels.features, labels.values)}


def fingerprint(features: NDArray[Any], values: NDArray[Any]) -> str:
    """A digest of what a model was fitted on, by which it knows those rows again."""
    digest = hashlib.sha256(np.ascontiguousarray(features, dtype=np.float64).tobytes())
    digest.update(np.ascontiguousarray(values, dtype=np.float64).tobytes())
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Origin:
    """What is kept beside the models of a file; `fitted_on` is the `fingerprint` of the rows."""

    head: str
    target: str
    rows: int
    seed: int
    fitted_on: str

    def page(self) -> dict[str, Any]:
        """As JSON values."""
        from ansatzlint import __version__

        return {
            "head": self.head, "target": self.target, "rows": self.rows, "seed": self.seed,
            "fitted_on": self.fitted_on, "ansatzlint": __version__,
        }  # fmt: skip


def keep(path: str | Path, models: Mapping[str, Any], names: tuple[str, ...], origin: Origin) -> int:
    """Write the models to a file; its size in bytes. InputError if it cannot be written."""
    from ansatzlint import features
    from ansatzlint.predictor import store

    store.save(path, models, names=names, version=features.VERSION, about=origin.page())
    return Path(path).stat().st_size
