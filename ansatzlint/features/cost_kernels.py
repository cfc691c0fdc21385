"""Sums over the words of a cost; a projector is the sum of the words that it expands to."""

from __future__ import annotations

from typing import Any

import numpy as np

from ansatzlint.features.compiling import kernel
from ansatzlint.features.steps import EITHER

MAX_COMPARED = 256
"""Cost terms, the first ones, of which it is counted which commute."""


@kernel
def measures(n: Any, first: Any, wire: Any, letter: Any, coefficient: Any, out: Any) -> None:
    """Fill the columns of `cost.COLUMNS` up to `cost_qubits`, NaN so far; the other arguments are as in `Tape`."""
    terms = len(coefficient)
    out[0] = terms
    if terms == 0:
        return
    square, total, weight, diagonal = 0.0, 0.0, 0.0, 0.0
    least, most, projector = n, 0, 0
    letters = np.zeros(4)
    met = np.zeros(n, dtype=np.int64)
    largest = 0.0
    for t in range(terms):
        largest = max(largest, abs(coefficient[t]))
    for t in range(terms):
        start, stop = first[t], first[t + 1]
        size = stop - start
        c = abs(coefficient[t]) / largest
        plain = True
        for k in range(start, stop):
            met[wire[k]] = 1
            plain = plain and letter[k] != 1 and letter[k] != 3
        if letter[start] == EITHER:
            # 2^m words of Z, the identity left out, each with the coefficient c / 2^m.
            share = 0.5**size
            norm = c * c * share * (1.0 - share)
            total += c * (1.0 - share)
            weight += norm * size / 2.0 / (1.0 - share)
            letters[2] += norm * size / 2.0 / (1.0 - share)
            least, most = min(least, 1), max(most, size)
            projector = max(projector, size)
        else:
            norm = c * c
            total += c
            weight += norm * size
            for k in range(start, stop):
                letters[letter[k]] += norm
            least, most = min(least, size), max(most, size)
        square += norm
        diagonal += norm * plain
    if square > 0.0:
        out[1] = np.log10(square) + 2.0 * np.log10(largest)
        out[3], out[4], out[5] = least, weight / square, most
        out[6], out[7], out[8] = letters[1] / weight, letters[3] / weight, letters[2] / weight
        out[10] = diagonal / square
    out[2] = np.log10(total) + np.log10(largest)
    out[9] = projector
    acted = 0
    for q in range(n):
        acted += met[q]
    out[12] = acted / n

    # Which pairs commute: a projector's words with a word where they meet in Z and I alone.
    compared = min(terms, MAX_COMPARED)
    on = np.zeros(n, dtype=np.int64)
    pairs, commuting = 0, 0
    for t in range(compared):
        for q in range(n):
            on[q] = 0
        for k in range(first[t], first[t + 1]):
            on[wire[k]] = letter[k]
        for other in range(t):
            odd, either = 0, False
            for k in range(first[other], first[other + 1]):
                a, b = on[wire[k]], letter[k]
                if a == EITHER or b == EITHER:
                    either |= (a & 1) == 1 or (b & 1) == 1
                else:
                    odd += a != b and a != 0
            pairs += 1
            commuting += not either and odd % 2 == 0
    if pairs:
        out[11] = commuting / pairs
