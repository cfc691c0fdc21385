"""Compiled loops for states and their tangents, arrays only; the layout of strings is that of `moments.adjoint`.

Import this module where it is needed only: it loads numba.
"""

from __future__ import annotations

from math import cos, sin

import numpy as np
from numpy.typing import NDArray

from ansatzlint.moments.adjoint import add_string, turn
from ansatzlint.moments.compiled import compiled


@compiled
def states(
    start: NDArray[np.complex128],
    masks: NDArray[np.int64],
    phases: NDArray[np.complex128],
    angles: NDArray[np.float64],
    out: NDArray[np.complex128],
) -> None:
    """The states at many sets of angles.

    Parameters
    ----------
    start : shape (2^n,)
    masks, phases : shapes (R, 2), (R,)
        The rotations in time order.
    angles : shape (draws, R)
        In radians.
    out : shape (draws, 2^n)
        Set to the states.
    """
    for d in range(len(angles)):
        psi = out[d]
        psi[:] = start
        for r in range(len(phases)):
            half = angles[d, r] / 2
            turn(psi, masks[r, 0], masks[r, 1], phases[r], cos(half), sin(half))


@compiled
def tangents(
    start: NDArray[np.complex128],
    masks: NDArray[np.int64],
    phases: NDArray[np.complex128],
    angles: NDArray[np.float64],
    rows: NDArray[np.int64],
    columns: NDArray[np.int64],
    coefficients: NDArray[np.float64],
    psi: NDArray[np.complex128],
    out: NDArray[np.complex128],
) -> None:
    """The state and its derivative with respect to every parameter, at one set of angles of shape (R,).

    Parameters
    ----------
    rows, columns, coefficients : shapes (R + 1,), (T,), (T,)
        d angle_r / d parameter columns[t] is coefficients[t], t from rows[r] to rows[r + 1].
    psi : shape (2^n,)
        Set to the state.
    out : shape (K, 2^n)
        Zeros; set to the derivatives.
    """
    psi[:] = start
    begun = np.zeros(len(out), np.bool_)
    for r in range(len(phases)):
        c, s = cos(angles[r] / 2), sin(angles[r] / 2)
        x, z, p = masks[r, 0], masks[r, 1], phases[r]
        for k in range(len(out)):
            if begun[k]:
                turn(out[k], x, z, p, c, s)
        turn(psi, x, z, p, c, s)
        for t in range(rows[r], rows[r + 1]):
            add_string(out[columns[t]], psi, x, z, -0.5j * coefficients[t] * p)
            begun[columns[t]] = True
