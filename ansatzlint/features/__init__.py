"""What a circuit looks like to the learned predictor: a vector of named numbers, from the circuit alone.

`FEATURES` is the order of the columns. Everything is deterministic and cheap, nothing is sampled, and every circuit
that the readers give has a value or NaN in each column.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from ansatzlint.circuit import Circuit
from ansatzlint.features import belief, cost, generators, graphs, state, structure
from ansatzlint.features.feature import Feature

VERSION = 1
"""Raised when a column changes its meaning, comes or goes."""

FEATURES: tuple[Feature, ...] = (
    *structure.COLUMNS, *graphs.COLUMNS, *generators.COLUMNS, *cost.COLUMNS, *belief.COLUMNS,
    *state.COLUMNS,
)  # fmt: skip
"""The columns, in order."""


def names() -> tuple[str, ...]:
    """The names of the columns, in order."""
    return tuple(feature.name for feature in FEATURES)


def vector(circuit: Circuit) -> NDArray[np.float64]:
    """The features of one circuit, complete with cost and initialisation: float64 of shape (len(FEATURES),)."""
    from ansatzlint.features.tape import tape

    written = tape(circuit)
    gates = structure.gates_of(circuit, written)
    return np.concatenate(
        [
            structure.columns(circuit, written, gates),
            graphs.columns(circuit.qubits, gates),
            generators.columns(circuit, written, gates),
            cost.columns(circuit, written),
            belief.columns(written),
            state.columns(circuit),
        ]
    )


def table(circuits: Sequence[Circuit], jobs: int = 1) -> NDArray[np.float64]:
    """The features of many circuits, a row each: float64 of shape (len(circuits), len(FEATURES))."""
    found = np.empty((len(circuits), len(FEATURES)))

    def fill(start: int) -> None:
        for row in range(start, len(circuits), jobs):
            found[row] = vector(circuits[row])

    with ThreadPoolExecutor(jobs) as pool:
        tuple(pool.map(fill, range(jobs)))  # an exception of a thread comes out here
    return found
