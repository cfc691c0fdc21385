"""Columns about the cost: its words, their weights and letters.

The size of a cost is a matter of units. `UNIT` holds it; every other column here and of `belief` is the same for a cost
times a number.
"""

from __future__ import annotations

from math import log10
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ansatzlint.circuit import Circuit, PauliSum, Probabilities, Projector
from ansatzlint.features.feature import Feature

if TYPE_CHECKING:
    from ansatzlint.features.tape import Tape

UNIT = "log10_cost_unit_square"
LIMIT = "log10_gradient_limit"

COLUMNS = (
    Feature("cost_terms", "1", "terms of the cost but for the identity: Pauli words and projectors"),
    Feature("log10_cost_norm_square", "log10", "log10 of the sum of the words' squared coefficients, projectors "
            "expanded into words, the identity left out, over the sum of the terms' squared coefficients"),
    Feature("log10_cost_norm", "log10", "log10 of the sum of the same words' |coefficients| over the root of that sum"),
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
    Feature(UNIT, "log10 cost^2", "log10 of the sum of the terms' squared coefficients, a projector being one term"),
    Feature(LIMIT, "log10 of cost squared in UNIT per radian squared", "the most that a mean square gradient can be: "
            "log10 of (sum of |coefficients| times the largest over the trainable parameters of the sum of |dx/dt| of "
            "the angles x that it enters)^2"),
)  # fmt: skip


def columns(circuit: Circuit, tape: Tape) -> NDArray[np.float64]:
    """The values of `COLUMNS`; NaN without a term, but for the number of terms and what counts observables."""
    from ansatzlint.features.cost_kernels import measures

    found = np.full(len(COLUMNS), np.nan)
    measures(tape.qubits, tape.term_first, tape.term_wire, tape.term_letter, tape.coefficient, found)
    found[1:3] = found[1:3].round(12) + 0.0  # 0 of words of equal size, so that no tree splits what rounding left
    found[13] = len(circuit.observables)
    if len(tape.coefficient):
        found[15] = 2 * log10(tape.unit)
        found[16] = _limit(tape)
    found[14] = sum(not isinstance(o, PauliSum | Projector | Probabilities) for o in circuit.observables)
    return found


def _limit(tape: Tape) -> float:
    """`LIMIT`, NaN where there is no trainable parameter or an angle's slope has no bound that is known.

    A turn by x about a Pauli word has eigenvalues +-1/2, so that dC/dx = (C(x + pi/2) - C(x - pi/2)) / 2.
    """
    used = tape.parameter >= 0
    used[used] = tape.trainable[tape.parameter[used]]
    if tape.skipped or tape.general[used].any() or not used.any():
        return float("nan")
    most = np.bincount(tape.parameter[used], weights=np.abs(tape.factor[used])).max()
    return float(2 * log10(most * np.abs(tape.coefficient).sum())) if most > 0 else float("nan")
