"""From the mean square slopes of cost terms and steps to columns: sums, quantiles, and what adds up in step."""

from __future__ import annotations

from typing import Any

import numpy as np

from ansatzlint.features.belief_kernels import propagate
from ansatzlint.features.compiling import helper, kernel
from ansatzlint.features.rank_kernels import alive, largest_and_median, quantile
from ansatzlint.features.steps import EITHER
from ansatzlint.features.string_kernels import interfere, pull

SMALLEST = 1e-12
"""In place of weights of zero, so that derivatives at paths without weight are found."""
FLOOR = 1e-300
LEAST_LOG = -700.0
LEAST = 0.02
"""Share of what a pair of cost terms gives that is left out."""
ALIKE = 1.05
"""Roots of mean squares within this factor of the next one are those of uses and terms alike; cycles blur them."""


@helper
def by_parameter(slopes: Any, parameter: Any, count: Any) -> Any:
    """The sum of the slopes of each parameter's steps."""
    found = np.zeros(count)
    for s in range(len(slopes)):
        if parameter[s] >= 0:
            found[parameter[s]] += slopes[s]
    return found


@helper
def in_step(roots: Any, scale: Any, parameter: Any, count: Any) -> Any:
    """(uses, bound, alike): mean square gradients if all uses of a parameter, all uses and terms, or those of them that
    give the same, add up with equal signs.

    Where a symmetry of circuit and initial state takes one use and term into another, the two have the same slope at
    all angles, not only in the mean square.
    """
    uses, bound, together = np.zeros(count), np.zeros(count), np.zeros(count)
    first = np.zeros(count + 1, dtype=np.int64)
    for s in range(len(parameter)):
        if parameter[s] >= 0:
            first[parameter[s] + 1] += 1
    shared = False
    for p in range(count):
        shared |= first[p + 1] > 1
        first[p + 1] += first[p]
    steps = np.empty(first[count], dtype=np.int64)
    place = first[:count].copy()
    for s in range(len(parameter)):
        if parameter[s] >= 0:
            steps[place[parameter[s]]] = s
            place[parameter[s]] += 1
    amplitude = np.sqrt(scale)
    parts = np.empty(len(scale))
    for p in range(count):
        if first[p + 1] - first[p] > 1:
            parts = np.empty(len(scale) * (first[p + 1] - first[p]))
        used = 0
        whole = 0.0
        for t in range(len(scale)):
            total = 0.0
            for i in range(first[p], first[p + 1]):
                part = amplitude[t] * roots[t, steps[i]]
                total += part
                if part > 0.0:
                    parts[used] = part
                    used += 1
            uses[p] += total * total
            whole += total
        bound[p] = whole * whole
        if not shared:
            together[p] = uses[p]
            continue
        sizes = np.sort(parts[:used])
        total = 0.0
        for i in range(used):
            if i and sizes[i] > ALIKE * sizes[i - 1]:
                together[p] += total * total
                total = 0.0
            total += sizes[i]
        together[p] += total * total
    return uses, bound, together


@kernel
def believe(
    qubits: Any, kind: Any, table: Any, first: Any, wire: Any, letter: Any, parameter: Any, factor: Any, keep: Any,
    flip: Any, slope_keep: Any, slope_flip: Any, mean_keep: Any, damping: Any, initial: Any, trainable: Any, maps: Any,
    inverses: Any, term_first: Any, term_wire: Any, term_letter: Any, scale: Any, most: Any, out: Any, gradients: Any,
) -> None:  # fmt: skip
    """Fill the columns of `belief.COLUMNS` but for those of `narrow`.

    Parameters
    ----------
    qubits … trainable
        As in `Tape`; at least one parameter is trainable.
    maps, inverses
        `steps.MAPS` and `steps.INVERSES`.
    term_first, term_wire, term_letter
        Words to start from, like the terms of a tape.
    scale : float64 (T,)
        Squares of their coefficients; at least one.
    most : int
        Steps that pairs of terms may take.
    out : float64
        Filled with NaN.
    gradients : float64 (P,)
        Receives the mean square gradient of each trainable parameter without what pairs of terms give.
    """
    steps, terms, count = len(kind), len(scale), len(trainable)
    naive, apart, cold = np.zeros(steps), np.zeros(steps), np.zeros(steps)
    totals, roots, short = np.zeros((terms, 7)), np.zeros((terms, steps)), np.zeros((terms, steps))
    own = np.full(steps, -1, dtype=np.int64)
    for s in range(steps):
        if parameter[s] >= 0 and trainable[parameter[s]]:
            own[s] = parameter[s]
    words, bits = np.zeros((steps, 2), dtype=np.uint64), np.zeros((qubits, 4, 2), dtype=np.uint64)
    strings, plain = np.zeros((terms, 2), dtype=np.uint64), np.zeros(terms, dtype=np.bool_)
    if qubits <= 64:
        pull(kind, table, first, wire, letter, keep, maps, words, bits)
        for t in range(terms):
            plain[t] = True
            for leg in range(term_first[t], term_first[t + 1]):
                if term_letter[leg] == EITHER:
                    plain[t] = False
                else:
                    strings[t, 0] ^= bits[term_wire[leg], term_letter[leg], 0]
                    strings[t, 1] ^= bits[term_wire[leg], term_letter[leg], 1]
    propagate(
        kind, table, first, wire, letter, np.minimum(np.maximum(keep, SMALLEST), 1.0),
        np.minimum(np.maximum(flip, SMALLEST), 1.0), slope_keep, slope_flip, damping, initial, maps, inverses,
        term_first, term_wire, term_letter, scale, words, strings, plain, naive, roots, short, totals,
    )  # fmt: skip
    for t in range(terms):
        for s in range(steps):
            # On many cycles beliefs may diverge; no mean of a word is beyond 1, nor its slope beyond the angle's.
            roots[t, s] = min(roots[t, s], abs(factor[s]))
            apart[s] += scale[t] * (roots[t, s] * roots[t, s])
            cold[s] += scale[t] * min(short[t, s], abs(factor[s])) ** 2
    joint = apart.copy()
    interfere(words, strings, plain, mean_keep, initial, LEAST, most, scale, roots, joint)

    together = by_parameter(joint, own, count)
    found = alive(together, trainable)
    out[8] = 0.0
    if len(found):
        out[0], out[1] = np.log10(found[-1]), np.log10(quantile(found, 0.5))
        out[2], out[3] = np.log10(quantile(found, 0.1)), np.log10(quantile(found, 0.25))
        out[4], out[5] = np.log10(quantile(found, 0.75)), np.log10(quantile(found, 0.9))
        out[6] = np.log10(found.sum())
        out[8] = len(found) / np.count_nonzero(trainable)
        highest, place = -1.0, 0
        for s in range(steps):
            if own[s] >= 0 and joint[s] > highest:
                highest, place = joint[s], s
        out[9] = place / max(steps - 1, 1)
        out[26], out[27] = out[0], out[1]
    largest_and_median(by_parameter(naive, own, count), trainable, out, 15)
    gradients[:] = by_parameter(apart, own, count)
    largest_and_median(gradients, trainable, out, 18)
    uses, bound, together = in_step(roots, scale, own, count)
    largest_and_median(uses, trainable, out, 20)
    largest_and_median(bound, trainable, out, 22)
    largest_and_median(together, trainable, out, 24)
    largest_and_median(by_parameter(cold, own, count), trainable, out, 28)

    whole, squares, corrected, product, brief, change, cone, cycles = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for t in range(terms):
        part = scale[t] * np.exp(min(max(totals[t, 1], LEAST_LOG), 0.0))
        whole += part
        squares += part * part
        corrected += part * totals[t, 5]
        product += scale[t] * np.exp(min(max(totals[t, 0], LEAST_LOG), 0.0))
        brief += scale[t] * np.exp(min(max(totals[t, 6], LEAST_LOG), 0.0))
        change = max(change, totals[t, 2])
        cone += totals[t, 3] / terms
        cycles += totals[t, 4] / terms
    out[7] = np.log10(max(whole, FLOOR))
    out[10] = change
    out[11] = whole * whole / max(squares, FLOOR)
    out[12] = cone / max(steps, 1)
    out[13] = cycles
    out[14] = corrected / max(whole, FLOOR) / np.log(10.0)
    out[17] = np.log10(max(product, FLOOR))
    out[30] = np.log10(max(brief, FLOOR))
