"""Which numbers in a circuit without symbols count as trainable."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import replace

from ansatzlint.angles import Angle, parameter
from ansatzlint.circuit import Gate, Parameter

FINEST = 1024
"""Multiples of pi/1024 are fixed angles: a quantum Fourier transform needs them that small."""
TOLERANCE = 1e-9
LARGEST = 1e6
"""Half turns beyond which a float does not hold the fraction well enough to tell."""

ASSUMPTION = (
    "angles that are no multiple of a dyadic fraction of pi (pi/2, …, pi/1024) count as trainable, and equal ones as "
    "one parameter"
)


def is_dyadic(angle: float) -> bool:
    """Whether the angle, in radians, is a multiple of pi/1024, to 1e-9 pi."""
    turns = angle / math.pi
    if abs(turns) > LARGEST:
        return False
    return abs(turns - round(turns * FINEST) / FINEST) < TOLERANCE


def name_numbers(
    gates: Sequence[Gate], fixed: Collection[int] = ()
) -> tuple[tuple[Gate, ...], tuple[Parameter, ...], tuple[str, ...]]:
    """Take the numeric angles that look trained for parameters theta0, theta1, …

    Parameters
    ----------
    gates : sequence of Gate
    fixed : collection of int
        Indices of gates whose angles stay numbers, such as those that came from a matrix.

    Returns
    -------
    gates, parameters, assumptions
        The gates with these angles replaced; a parameter for each distinct number, in order of appearance, its
        value that number; the assumption made, where one was.
    """
    known: dict[float, str] = {}

    def symbol(angle: Angle) -> Angle:
        if not isinstance(angle, float) or is_dyadic(angle):
            return angle
        return parameter(known.setdefault(angle, f"theta{len(known)}"))

    named = tuple(
        replace(gate, angles=tuple(symbol(angle) for angle in gate.angles)) if gate.angles and k not in fixed else gate
        for k, gate in enumerate(gates)
    )
    parameters = tuple(Parameter(name, value=number) for number, name in known.items())
    return named, parameters, (ASSUMPTION,) if parameters else ()
