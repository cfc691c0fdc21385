"""Kinds of steps and numbers of letters, and what Clifford gates do to letters."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ansatzlint.gates import CLIFFORD, shape
from ansatzlint.pauli.strings import PauliString, conjugate

TURN, MAP1, MAP2, NOISE1, NOISE2 = range(5)
"""Kinds of steps: a turn about a Pauli word, a Clifford map on one or two qubits, noise on one or two."""

LETTERS = "IXZY"
"""Their numbers: bit 0 says X or Y, bit 1 Z or Y."""
EITHER = 4
"""The letter of a cost term that is I or Z, each with the amplitude 1/2: a factor of a projector."""

NAMED = tuple(sorted(CLIFFORD - {"id", "x", "y", "z"}))
"""The Clifford gates that change more than signs."""


def _conjugate(name: str, string: int, direction: int) -> PauliString:
    qubits = tuple(range(shape(name)[0]))
    word = PauliString.of((q, LETTERS[string >> 2 * q & 3]) for q in qubits)
    return conjugate(name, qubits, word, direction)


def _image(name: str, string: int, direction: int) -> int:
    found = _conjugate(name, string, direction)
    return sum(((found.x >> q & 1) | (found.z >> q & 1) << 1) << 2 * q for q in range(shape(name)[0]))


def _maps(direction: int) -> NDArray[np.int64]:
    table = np.zeros((len(NAMED), 16), dtype=np.int64)
    for row, name in enumerate(NAMED):
        size = 4 ** shape(name)[0]
        table[row, :size] = [_image(name, string, direction) for string in range(size)]
    return table


MAPS = _maps(-1)
"""int64 (M, 16): the letters of U^dagger P U for P = letter_0 + 4 letter_1, a row a gate U; 4 entries on one qubit."""
INVERSES = _maps(1)
"""The maps the other way, U P U^dagger."""


def _signs() -> NDArray[np.bool_]:
    table = np.zeros((len(NAMED), 16), dtype=np.bool_)
    for row, name in enumerate(NAMED):
        size = 4 ** shape(name)[0]
        table[row, :size] = [_conjugate(name, string, -1).sign < 0 for string in range(size)]
    return table


SIGNS = _signs()
"""bool (M, 16): whether the image in `MAPS` has a minus."""

ROW = {name: row for row, name in enumerate(NAMED)}
"""Where each of these gates stands in the tables."""
