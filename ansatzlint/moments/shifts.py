"""Parameter-shift rules: how much of a circuit's shot noise enters the gradient by each parameter."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ansatzlint.angles import names
from ansatzlint.moments.problem import Problem
from ansatzlint.moments.sequence import Turn
from ansatzlint.pauli.strings import PauliString

_CONTROLLED_RULE = 3 / 8
"""sum c_i^2 of the four-term rule of a rotation under one control."""


def shift_rules(problem: Problem) -> NDArray[np.float64]:
    """sum_i c_i^2 of each parameter's shift rule, its uses shifted one by one.

    a^2 / 2 a turn with frequency a, four terms for the two of a rotation under a control; an angle that is an
    expression counts as if its slope were 1.
    """
    index = {p.name: i for i, p in enumerate(problem.circuit.parameters)}
    uses: dict[tuple[int, int], list[tuple[PauliString, float | None]]] = {}
    for step in problem.steps:
        if isinstance(step, Turn) and step.general is not None:
            for name in names(step.general):
                uses.setdefault((index[name], step.gate), []).append((step.pauli, None))
        elif isinstance(step, Turn) and step.parameter is not None:
            uses.setdefault((step.parameter, step.gate), []).append((step.pauli, abs(step.frequency)))
    found = np.zeros(problem.parameters)
    for (at, _), turns in uses.items():
        if len(turns) == 2 and turns[0][1] == turns[1][1] and _part(turns[0][0], turns[1][0]):
            half = turns[0][1]
            found[at] += _CONTROLLED_RULE * (1.0 if half is None else 2 * half) ** 2
        else:
            found[at] += sum(1.0 if a is None else a**2 for _, a in turns) / 2
    return found


def _part(one: PauliString, other: PauliString) -> bool:
    """Whether the two generators are different and commute, so that their halves make the frequencies 1/2 and 1."""
    return one.commutes(other) and (one.x, one.z) != (other.x, other.z)
