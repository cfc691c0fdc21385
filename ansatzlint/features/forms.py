"""Gates as products of Pauli rotations and Clifford maps: one table for all gates of a kind, whatever their angles."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from ansatzlint.angles import Affine, Expression, parameter
from ansatzlint.features.steps import LETTERS, MAP1, MAP2, ROW, TURN
from ansatzlint.gates import CLIFFORD, MAX_CONTROLS, base, rotations, shape

PAULI = 5
"""Beside the kinds of steps: a Pauli gate, which is none."""

Kind = tuple[str, str, str]
"""Name, controls and word of a gate."""


@dataclass(frozen=True, slots=True)
class Part:
    """A factor of a gate: `kind` is TURN, MAP1, MAP2 or PAULI, `table` the row of a map, -1 for others.

    It acts on the gate's qubits `on` by `letters`; a turn by constant + the sum of c * angles[slot] over the (slot, c)
    in `slots`.
    """

    kind: int
    table: int
    letters: tuple[int, ...]
    on: tuple[int, ...]
    slots: tuple[tuple[int, float], ...] = ()
    constant: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Forms:
    """The parts of several kinds of gates, one kind after the other.

    Attributes
    ----------
    parts : tuple of Part
    first : int64 (K + 1,)
        Those of kind k are parts[first[k] : first[k + 1]].
    angles : int64 (K,)
        How many angles a gate has.
    skipped : bool (K,)
        Kinds with more controls than can be lowered, which have no parts.
    kind : int8 (N,), table : int32 (N,)
        As in `Part`.
    slot : int64 (N,)
        The slot of a turn by one angle, -1 for a turn by none, -2 for a turn by several.
    scale : int64 (N,)
        Which of `scales` belongs to a turn by one angle or none.
    scales : tuple of (float, float)
        c and constant.
    leg : int64 (N + 1,), letter : int8, on : int64
        Part i has letter[leg[i] : leg[i + 1]] on its gate's qubits on[leg[i] : leg[i + 1]].
    """

    parts: tuple[Part, ...]
    first: NDArray[np.int64]
    angles: NDArray[np.int64]
    skipped: NDArray[np.bool_]
    kind: NDArray[np.int8]
    table: NDArray[np.int32]
    slot: NDArray[np.int64]
    scale: NDArray[np.int64]
    scales: tuple[tuple[float, float], ...]
    leg: NDArray[np.int64]
    letter: NDArray[np.int8]
    on: NDArray[np.int64]


@cache
def _parts(name: str, controls: str, word: str) -> tuple[Part, ...] | None:
    """The factors in time order; None where the gate has too many controls."""
    if not controls and name in CLIFFORD:
        if name in ROW:
            size = shape(name)[0]
            return (Part(MAP1 if size == 1 else MAP2, ROW[name], (0,) * size, tuple(range(size))),)
        return () if name == "id" else (Part(PAULI, -1, (LETTERS.index(name.upper()),), (0,)),)
    if len(base(name, controls)[0]) > MAX_CONTROLS:
        return None
    symbols = [parameter(str(slot)) for slot in range(shape(name, controls, word)[1])]
    found = []
    for letters, angle in rotations(name, symbols, controls, word):
        assert not isinstance(angle, Expression)  # every gate's rotations are linear in its angles
        terms, constant = (angle.terms, angle.constant) if isinstance(angle, Affine) else ((), float(angle))
        on = tuple(q for q, letter in enumerate(letters) if letter != "I")
        if on:
            codes = tuple(LETTERS.index(letters[q]) for q in on)
            found.append(Part(TURN, -1, codes, on, tuple((int(slot), c) for slot, c in terms), constant))
    return tuple(found)


@lru_cache(maxsize=256)
def forms(kinds: tuple[Kind, ...]) -> Forms:
    """The parts of gates of these kinds; circuits that are built alike share them."""
    of = [_parts(*kind) for kind in kinds]
    parts = tuple(part for one in of for part in one or ())
    scales: dict[tuple[float, float], int] = {(1.0, 0.0): 0}
    slot, scale = [], []
    for part in parts:
        if len(part.slots) > 1:
            slot.append(-2)
            scale.append(0)
        else:
            at, c = part.slots[0] if part.slots else (-1, 1.0)
            slot.append(at)
            scale.append(scales.setdefault((c, part.constant), len(scales)))
    return Forms(
        parts=parts,
        first=_ends([len(one or ()) for one in of]),
        angles=np.array([shape(*kind)[1] for kind in kinds], dtype=np.int64),
        skipped=np.array([one is None for one in of], dtype=np.bool_),
        kind=np.array([part.kind for part in parts], dtype=np.int8),
        table=np.array([part.table for part in parts], dtype=np.int32),
        slot=np.array(slot, dtype=np.int64),
        scale=np.array(scale, dtype=np.int64),
        scales=tuple(scales),
        leg=_ends([len(part.on) for part in parts]),
        letter=np.array([letter for part in parts for letter in part.letters], dtype=np.int8),
        on=np.array([q for part in parts for q in part.on], dtype=np.int64),
    )


def _ends(sizes: list[int]) -> NDArray[np.int64]:
    """0 and the partial sums."""
    found = np.zeros(len(sizes) + 1, dtype=np.int64)
    np.cumsum(sizes, out=found[1:])
    return found
