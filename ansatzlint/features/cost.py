"""Columns about the cost: its words, their weights and letters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ansatzlint.circuit import Circuit, PauliSum, Probabilities, Projector
from ansatzlint.features.feature import Feature

if TYPE_CHECKING:
    from ansatzlint.features.tape import Tape

COLUMNS = (
    Feature("cost_terms", "1", "terms of the cost but for the identity: Pauli words and projectors"),
    Feature("log10_cost_norm_square", "log10 cost^2", "log10 of the sum of the words' squared coefficients, projectors "
            "expanded into words, the identity left out"),
    Feature("log10_cost_norm", "log10 cost", "log10 of the sum of the same words' |coefficients|"),
    Feature("cost_weight_minimum", "1", "the least number of qubits of a word, projectors expanded"),
    Feature("cost_weight_mean", "1", "mean number of qubits of a word, projectors expanded, weighted by the squared "
            "coefficients"),
    Feature("cost_weight_maximum", "1", "the largest number of qubits of a word or projector"),
    Feature("cost_x", "1", "share of X among the letters of the words, weighted by the squared coefficients"),
    Feature("cost_y", "1", "share of Y among them"),
    Feature("cost_z", "1", "share of Z among them"),
    Feature("cost_projector", "1", "qubits of the largest projector, 0 without one"),
    Feature("cost_diagonal", "1", "share of the squared coefficients on words without X and Y"),
    Feature("cost_commuting", "1", "share of pairs of terms that commute, among the first 256 terms"),
    Feature("cost_qubits", "1", "share of the qubits that the cost acts on"),
    Feature("cost_observables", "1", "observables that the source returns"),
    Feature("cost_unexpected", "1", "how many of them are no expectation value: states, entropies"),
)  # fmt: skip


def columns(circuit: Circuit, tape: Tape) -> NDArray[np.float64]:
    """The values of `COLUMNS`; all but the last two and the number of terms are NaN without a term."""
    from ansatzlint.features.cost_kernels import measures

    found = np.full(len(COLUMNS), np.nan)
    measures(tape.qubits, tape.term_first, tape.term_wire, tape.term_letter, tape.coefficient, found)
    found[13] = len(circuit.observables)
    found[14] = sum(not isinstance(o, PauliSum | Projector | Probabilities) for o in circuit.observables)
    return found
