"""Columns about the entanglement graph: which qubits the gates couple, and how often.

Its nodes are the qubits, its edges the pairs that a gate on two or more qubits couples; swaps couple nothing. The
order of the qubits matters to the cuts and to the lengths of edges alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ansatzlint.features.feature import Feature

if TYPE_CHECKING:
    from ansatzlint.features.structure import Gates

COLUMNS = (
    Feature("edges", "1", "coupled pairs of qubits"),
    Feature("edge_density", "1", "coupled pairs over all pairs of qubits"),
    Feature("degree_mean", "1", "mean number of qubits that a qubit is coupled to"),
    Feature("degree_minimum", "1", "the least number of qubits that a qubit is coupled to"),
    Feature("degree_maximum", "1", "the largest number of qubits that a qubit is coupled to"),
    Feature("clustering", "1", "mean share of pairs of a qubit's neighbours that are coupled, 0 below two neighbours"),
    Feature("components", "1", "connected parts of the graph"),
    Feature("component_share", "1", "share of the qubits in the largest connected part"),
    Feature("diameter", "1", "longest distance in edges between two qubits that are connected"),
    Feature("distance_mean", "1", "mean distance in edges over the pairs of qubits that are connected"),
    Feature("algebraic_connectivity", "1", "second smallest eigenvalue of the unweighted Laplacian"),
    Feature(
        "conductance", "1", "least share of edge ends that leave the smaller side, over the sets that the Laplacian's "
        "second eigenvector sweeps out",
    ),
    Feature("cut_minimum", "1", "least number of edges across a cut of the qubits' order"),
    Feature("cut_middle", "1", "edges across the cut of the qubits' order in the middle"),
    Feature("cut_minimum_gates", "1", "least number of gates across a cut of the qubits' order"),
    Feature("cut_middle_gates", "1", "gates across the cut of the qubits' order in the middle"),
    Feature("gates_per_edge", "1", "mean number of gates on a coupled pair"),
    Feature("edges_nearest", "1", "share of the edges between neighbours in the qubits' order"),
    Feature("edge_length", "1", "mean distance of coupled qubits in the qubits' order"),
)  # fmt: skip


def columns(qubits: int, gates: Gates) -> NDArray[np.float64]:
    """The values of `COLUMNS`; NaN where a graph has no such number, or is too large for it."""
    from ansatzlint.features.graph_kernels import invariants

    found = np.full(len(COLUMNS), np.nan)
    invariants(qubits, gates.first, gates.wire, gates.entangling, found)
    return found
