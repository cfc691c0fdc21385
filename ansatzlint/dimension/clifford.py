"""The Clifford points that a circuit's parameters can reach.

At a Clifford point every turn is by a multiple of pi/2. A parameter that stands in several angles reaches only points
at which all of them are such multiples; they are found exactly, in rational numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import pi

import numpy as np
from numpy.typing import NDArray

from ansatzlint.dimension.turns import Turn, Turns, power, quarters, unit_of
from ansatzlint.moments.initial import pack

Integers = NDArray[np.int64]

_ORIGINS = 64
"""So many origins are tried where a parameter's angles have offsets that are no Clifford angles."""


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """The Clifford points of a circuit; the arrays are the arguments of `clifford_kernels`, where their layout stands.

    Attributes
    ----------
    strings, phases : those at the first point, where every variable stands at 0
    singles, starts, members, weights, uses, moved, factors, barriers : arrays
    movable : tuple of int
        The circuit's parameters behind the variables.
    steps, origins : tuples of float
        Variable v at q quarters is the parameter at origins[v] + q * steps[v], in radians.
    live : int
        Trainable parameters that are counted.
    """

    strings: NDArray[np.uint64]
    phases: Integers
    barriers: Integers
    singles: Integers
    starts: Integers
    members: Integers
    weights: Integers
    uses: Integers
    moved: Integers
    factors: Integers
    movable: tuple[int, ...]
    steps: tuple[float, ...]
    origins: tuple[float, ...]
    live: int


def points(found: Turns, qubits: int) -> Points:
    """The Clifford points of a circuit."""
    from ansatzlint.dimension.clifford_kernels import PRIME, turn

    turns, uses = found.turns, found.uses
    by: dict[int, int] = {}  # of every turn that is a Clifford gate where all variables are 0
    factors: dict[int, int] = {}
    movable, steps, origins = [], [], []
    for parameter, own in enumerate(uses):
        placed = None if not own else _placed([turns[e] for e in own])
        if placed is not None:
            unit, origin, bases = placed
            movable.append(parameter)
            steps.append(pi / 2 / float(unit))
            origins.append(origin)
            for e, base in zip(own, bases, strict=True):
                by[e] = base
                factors[e] = int(turns[e].factor / unit)
    barriers = []
    for e, one in enumerate(turns):
        if one.parameter < 0 and (fixed := quarters(one.constant)) is not None:
            by[e] = fixed
        elif e not in by:
            barriers.append(e)
    reached = set(movable)
    counted = [p for p in found.counted if p in reached]
    several = sorted((p for p in counted if len(uses[p]) > 1), key=lambda p: len(uses[p]))
    strings = pack([one.generator for one in turns], qubits)
    phases = np.array([power(one.generator) for one in turns], dtype=np.int64)
    for e in range(len(turns)):
        if by.get(e, 0):
            turn(strings, phases, e, by[e])
    return Points(
        strings=strings,
        phases=phases,
        barriers=_integers(barriers),
        singles=_integers([uses[p][0] for p in counted if len(uses[p]) == 1]),
        starts=np.cumsum(_integers([0, *(len(uses[p]) for p in several)])),
        members=_integers([e for p in several for e in uses[p]]),
        weights=_integers([factors[e] % PRIME for p in several for e in uses[p]]),
        uses=np.cumsum(_integers([0, *(len(uses[p]) for p in movable)])),
        moved=_integers([e for p in movable for e in uses[p]]),
        factors=_integers([factors[e] % 4 for p in movable for e in uses[p]]),
        movable=tuple(movable),
        steps=tuple(steps),
        origins=tuple(origins),
        live=len(counted),
    )


def _integers(values: Sequence[int]) -> Integers:
    return np.array(values, dtype=np.int64)


def _placed(turns: Sequence[Turn]) -> tuple[Fraction, float, list[int]] | None:
    """How the turns by one parameter become Clifford gates together.

    Returns (unit, origin, quarters): at origin + q * (pi/2) / unit the turns are by their quarters + q * factor / unit
    quarters, all whole numbers. None where no such points are found.
    """
    unit = unit_of([turn.factor for turn in turns])
    bases = [quarters(turn.constant) for turn in turns]
    whole = [base for base in bases if base is not None]
    if len(whole) == len(turns):
        return unit, 0.0, whole
    slowest = min(turns, key=lambda turn: abs(turn.factor))
    for start in range(min(_ORIGINS, 4 * int(abs(slowest.factor) / unit))):
        origin = (start * pi / 2 - slowest.constant) / float(slowest.factor)
        bases = [quarters(float(turn.factor) * origin + turn.constant) for turn in turns]
        whole = [base for base in bases if base is not None]
        if len(whole) == len(turns):
            return unit, origin, whole
    return None
