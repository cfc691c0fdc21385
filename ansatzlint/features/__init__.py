"""What a circuit looks like to the learned predictor: a vector of named numbers, from the circuit alone.

`FEATURES` is the order of the columns. Everything is deterministic and cheap, nothing is sampled, and every circuit
that the readers give has a value or NaN in each column.

The loops are compiled where that is worth loading the compiler: for many circuits at once, but not for the first few
small ones of a process. Their values are the same to 1e-12 either way, but for `belief_place` where the largest of
the beliefs stands in several places.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ansatzlint.circuit import Circuit
from ansatzlint.features import belief, cost, generators, graphs, state, structure
from ansatzlint.features.compiling import Account, interpreted
from ansatzlint.features.feature import Feature

if TYPE_CHECKING:
    from ansatzlint.features.tape import Tape

VERSION = 4
"""Raised when a column changes its meaning, comes or goes."""

FEATURES: tuple[Feature, ...] = (
    *structure.COLUMNS, *graphs.COLUMNS, *generators.COLUMNS, *cost.COLUMNS, *belief.COLUMNS,
    *state.COLUMNS,
)  # fmt: skip
"""The columns, in order."""

WORTH_SHARING = 128
"""Circuits below which starting processes takes longer than it saves."""

_ACCOUNT = Account()
"""What this process has interpreted."""


def names() -> tuple[str, ...]:
    """The names of the columns, in order."""
    return tuple(feature.name for feature in FEATURES)


def vector(circuit: Circuit) -> NDArray[np.float64]:
    """The features of one circuit, complete with cost and initialisation: float64 of shape (len(FEATURES),)."""
    from ansatzlint.features.tape import tape

    written = tape(circuit)
    if _ACCOUNT.interprets(_seconds(written)):
        with interpreted():
            return _vector(circuit, written)
    return _vector(circuit, written)


def _vector(circuit: Circuit, written: Tape) -> NDArray[np.float64]:
    gates = structure.gates_of(circuit, written)
    return np.concatenate(
        [
            structure.columns(circuit, written, gates),
            graphs.columns(circuit.qubits, gates),
            generators.columns(circuit, written),
            cost.columns(circuit, written),
            belief.columns(written),
            state.columns(circuit),
        ]
    )


def _seconds(tape: Tape) -> float:
    """About how long plain Python takes for the columns: what it was measured to take on random circuits."""
    from ansatzlint.features.steps import TURN

    steps, terms, turns = len(tape.kind), len(tape.coefficient), int(np.count_nonzero(tape.kind == TURN))
    return (
        4e-3 + 2e-4 * steps + 2e-5 * steps * terms + 2e-7 * turns**2 + 1e-6 * terms**2
        + 2e-8 * min(tape.qubits, 1000) ** 3
    )  # fmt: skip


def table(circuits: Sequence[Circuit], jobs: int = 1) -> NDArray[np.float64]:
    """The features of many circuits, a row each: float64 of shape (len(circuits), len(FEATURES)).

    Parameters
    ----------
    circuits : sequence of Circuit
        Each complete with cost and initialisation.
    jobs : int
        How many share the work where there are `WORTH_SHARING` circuits or more: processes forked from this one where
        it has no other thread and the system is neither macOS nor Windows, else threads, which mostly wait for one
        another.
    """
    if len(circuits) == 1:
        return vector(circuits[0])[np.newaxis]
    if jobs == 1 or len(circuits) < WORTH_SHARING:
        return _rows(circuits, range(len(circuits)))
    from ansatzlint.features.workers import spread

    by_size = sorted(range(len(circuits)), key=lambda i: circuits[i].qubits)
    _rows(circuits, (by_size[0], by_size[-1]))  # loads the kernels, once for all
    return np.concatenate(spread(lambda which: _rows(circuits, which), len(circuits), jobs))


def _rows(circuits: Sequence[Circuit], which: Sequence[int]) -> NDArray[np.float64]:
    from ansatzlint.features.tape import tape

    found = np.empty((len(which), len(FEATURES)))
    for row, i in enumerate(which):
        found[row] = _vector(circuits[i], tape(circuits[i]))
    return found
