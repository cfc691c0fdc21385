"""How far training takes each of the examples, with the figures that are to foretell it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ansatzlint.circuit import Circuit, PauliSum
from ansatzlint.predictor.quality import hamiltonians
from ansatzlint.predictor.quality.examples import draw, source
from ansatzlint.predictor.quality.figures import NAMES, figures
from ansatzlint.predictor.quality.states import without_inputs
from ansatzlint.predictor.quality.trainer import SUCCESS, train

STARTS = 12

_TYPES: Mapping[str, str] = {
    "index": "int64",
    "group": "U32",
    "hamiltonian": "U16",
    "kind": "U16",
    "qubits": "int16",
    "parameters": "int32",
    "trained_fraction": "float64",
    "succeeding": "float64",
    "shares": "float32",
    "figures": "float64",
    "evaluations": "int64",
}


def circuit(seed: int, index: int) -> Circuit:
    """The circuit of one example."""
    return draw(seed, index).circuit


def row(seed: int, index: int) -> dict[str, object]:
    """The label of one example, with its figures.

    Returns
    -------
    dict
        index, group, hamiltonian, kind, qubits, parameters; trained_fraction, the median over `STARTS` starts of the
        share of the way to the least eigenvalue, and succeeding, the share of starts with at least `trainer.SUCCESS`;
        shares, float64 of shape (STARTS,), of the single starts; figures, float64 in the order of `figures.NAMES`;
        evaluations, what one start took.
    """
    example = draw(seed, index)
    circuit = example.circuit
    cost = circuit.observables[0]
    assert isinstance(cost, PauliSum), "examples have Hamiltonians"
    levels = hamiltonians.spectrum(hamiltonians.matrix(cost, circuit.qubits))
    training = train(without_inputs(circuit), STARTS, int(source(seed, index, 1).integers(2**31)))
    shares = training.shares(levels.least, levels.largest)
    return {
        "index": index,
        "group": example.group,
        "hamiltonian": example.hamiltonian,
        "kind": example.kind,
        "qubits": circuit.qubits,
        "parameters": len(circuit.trainable),
        "trained_fraction": float(np.median(shares)),
        "succeeding": float(np.mean(shares >= SUCCESS)),
        "shares": shares,
        "figures": vector(figures(circuit)),
        "evaluations": training.evaluations,
    }


def rows(seed: int, indices: Iterable[int]) -> dict[str, NDArray[Any]]:
    """`row` of several examples as columns, with the names of the figures as `figure_names`."""
    found = [row(seed, index) for index in indices]
    columns: dict[str, NDArray[Any]] = {
        name: np.array([one[name] for one in found], dtype=kind) for name, kind in _TYPES.items()
    }
    return columns | {"figure_names": np.array(NAMES)}


def vector(found: Mapping[str, float]) -> NDArray[np.float64]:
    """Figures as an array, in the order of `figures.NAMES`."""
    return np.array([found[name] for name in NAMES], dtype=np.float64)
