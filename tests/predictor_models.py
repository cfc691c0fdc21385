"""Models made for a test: constants with the features' columns, and a domain that ends at a number of qubits."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ansatzlint import features
from ansatzlint.predictor import store
from ansatzlint.predictor.domain import Domain, enclose
from ansatzlint.predictor.forest import Forest
from ansatzlint.predictor.frozen import IntervalModel, ProbabilityModel

MOST_QUBITS = 20


def constant(value: float, columns: int) -> Forest:
    """A forest without trees."""
    none = np.zeros(0)
    return Forest(
        roots=none.astype(np.int32),
        feature=none.astype(np.int16),
        threshold=none,
        missing_left=none.astype(bool),
        left=none.astype(np.int32),
        value=none.astype(np.float32),
        baseline=value,
        features=columns,
    )


def domain(names: tuple[str, ...]) -> Domain:
    """From 1 to `MOST_QUBITS` qubits, all else alike."""
    rows = np.zeros((2, len(names)))
    rows[:, names.index("qubits")] = 1, MOST_QUBITS
    return enclose(rows, names, columns=("qubits",), least=1)


def interval(value: float, names: tuple[str, ...], half: float = 0.5) -> IntervalModel:
    """Always the value; its 90 % interval reaches `half` to either side, other coverages in proportion."""
    return IntervalModel(
        names=names,
        centre=constant(value, len(names)),
        scale=constant(0.0, len(names)),
        scores=np.arange(100) * half / 90,
        offset=(),
        ceiling=(),
        bounds=(-np.inf, np.inf),
        domain=domain(names),
    )


def probability(odds: float, names: tuple[str, ...]) -> ProbabilityModel:
    return ProbabilityModel(
        names=names, odds=constant(odds, len(names)), slope=1.0, shift=0.0, domain=domain(names)
    )


def write_gradients(folder: Path, *, largest: float = -3.0, odds: float = -2.0, shots: float = 4.0) -> Path:
    """The file of the gradients' models."""
    names = features.names()
    models = {
        "largest": interval(largest, names),
        "median": interval(largest - 1, names),
        "shots": interval(-shots, names),
        "barren": probability(odds, names),
    }
    path = folder / "gradients.npz"
    store.save(path, models, names=names, version=features.VERSION, about={"rows": 7})
    return path


def write_training(folder: Path, *, fraction: float = 0.6, succeeding: float = 0.25) -> Path:
    """The file of the training's models, whose columns are the features and one of the engine's figures."""
    names = (*features.names(), "expressibility")
    models = {"fraction": interval(fraction, names, 0.1), "succeeding": interval(succeeding, names)}
    path = folder / "training.npz"
    store.save(path, models, names=names, version=features.VERSION)
    return path
