"""Columns for angles that stay near multiples of pi/2: what interferes there, which sums of squares cannot tell.

At those multiples the circuit is Clifford. A slope of the cost is then a sum over the paths on which a string of the
cost moves once, and its rate of change with another angle one over paths of two moves; paths add up with their signs,
over cost terms and over all uses of a parameter. Where the angles are independent and symmetric about the multiple, 1
and their sines are orthogonal, and Bessel's inequality says

    E[(dC/dt_k)^2] >= E[dC/dt_k]^2 + sum_l E[dC/dt_k sin x_l]^2 / E[sin^2 x_l],

with equality to second order in the angles' spread. The columns approximate its right side, with the means of cosines
for what paths lose elsewhere. The same paths squared one by one are what beliefs hold of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ansatzlint.features.feature import Feature

if TYPE_CHECKING:
    from ansatzlint.features.tape import Tape

_UNIT = "log10 of cost squared in cost.UNIT per radian squared"

COLUMNS = (
    Feature("log10_narrow_largest", _UNIT, "largest mean square gradient by paths of one and two moves, with signs"),
    Feature("log10_narrow_median", _UNIT, "median of those above zero, likewise"),
    Feature("narrow_share", "1", "share of such paths, one by one, in the beliefs' sum of mean square gradients"),
    Feature("narrow_coherence", "1", "log10 of the factor by which their sum grows if paths are added up with signs"),
    Feature("narrow_linear", "1", "share of mean gradients in the sum of mean square gradients by these paths"),
)  # fmt: skip


def columns(
    tape: Tape, gradients: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64] | None]:
    """The columns of a tape, and what becomes of the beliefs' columns with these paths in place of theirs.

    Parameters
    ----------
    gradients : float64 array of shape (P,)
        The beliefs' mean square gradient of each parameter.

    Returns
    -------
    float64 of shape (len(COLUMNS),), and log10 of the largest and of the median mean square gradient of a trainable
    parameter; NaN and None where angles are not narrow or nothing is known.
    """
    from ansatzlint.features.narrow_kernels import follow
    from ansatzlint.features.steps import MAPS, SIGNS

    found, mixed = np.full(len(COLUMNS), np.nan), np.full(2, np.nan)
    known = follow(
        tape.qubits, tape.kind, tape.table, tape.first, tape.wire, tape.letter, tape.parameter, tape.factor, tape.keep,
        tape.flip, tape.mean_keep, tape.mean_flip, tape.general, tape.damping, tape.initial, tape.trainable, MAPS,
        SIGNS, tape.term_first, tape.term_wire, tape.term_letter, tape.term_minus, tape.coefficient, tape.pauli_at,
        tape.pauli_first, tape.pauli_wire, tape.pauli_letter, gradients, found, mixed,
    )  # fmt: skip
    return found, mixed if known else None
