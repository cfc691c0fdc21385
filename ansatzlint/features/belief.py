"""Columns of deterministic physics: how large gradients are if the back-propagated string is nearly uncorrelated.

The mean square gradient of a cost term is the weight of all paths of Pauli strings from the term back to the initial
state that anticommute with a parameter's generator, rotations by independent random angles being a Markov chain on
strings (Heyraud et al., arXiv:2302.04649). That sum is the partition function of a factor graph with the letters on the
wires as variables and the gates as factors. Belief propagation gives it exactly where the graph is a tree, and as
Bethe's approximation elsewhere (Yedidia, Freeman and Weiss, IEEE Trans. Inf. Theory 51, 2282 (2005)). Its first sweep,
in which nothing is known yet of the initial state, is a mean field.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ansatzlint.features import narrow
from ansatzlint.features.feature import Feature

if TYPE_CHECKING:
    from ansatzlint.features.tape import Tape

MOST_SPLIT = 3
"""Words that a projector is split into, so that the identity is none of them or has a small share."""
MOST_VISITS = 100_000
"""Steps times terms that are followed; of more terms, some at even distances."""

_SMALLEST = 1e-12
"""In place of weights of zero, so that derivatives at paths without weight are found."""
_FLOOR = 1e-300
_LEAST_LOG = -700.0
_LEAST = 0.02
"""Share of what a pair of cost terms gives that is left out."""
_ALIKE = 1.05
"""Roots of mean squares within this factor of the next one are those of uses and terms alike; cycles blur them."""

_UNIT = "log10 of cost squared per radian squared"

COLUMNS = (
    Feature("log10_belief_largest", _UNIT, "largest mean square gradient of a trainable parameter, by beliefs"),
    Feature("log10_belief_median", _UNIT, "median of those above zero, by beliefs"),
    Feature("log10_belief_q10", _UNIT, "their 10 % quantile"),
    Feature("log10_belief_q25", _UNIT, "their 25 % quantile"),
    Feature("log10_belief_q75", _UNIT, "their 75 % quantile"),
    Feature("log10_belief_q90", _UNIT, "their 90 % quantile"),
    Feature("log10_belief_sum", _UNIT, "their sum"),
    Feature("log10_belief_variance", "log10 of cost squared", "mean square of the cost less its constant, by beliefs"),
    Feature("belief_live", "1", "share of trainable parameters with a belief above zero"),
    Feature("belief_place", "1", "where the largest belief stands: 0 at the beginning of the circuit, 1 at its end"),
    Feature("belief_change", "1", "change of log Z from mean field to beliefs, the largest of a cost term, at most 10"),
    Feature("belief_terms", "1", "effective number of cost terms: (sum of their Z)^2 over the sum of squares"),
    Feature("belief_cone", "1", "mean share of steps in the light cone of a cost term"),
    Feature("belief_cycles", "1", "mean over the cost terms of the cycles of blocks a qubit of the light cone"),
    Feature("belief_correction", "1", "log10 of the factor by which symmetries raise the mean square of the cost"),
    Feature("log10_mean_field_largest", _UNIT, "largest mean square gradient by a product distribution"),
    Feature("log10_mean_field_median", _UNIT, "median of those above zero by a product distribution"),
    Feature("log10_mean_field_variance", "log10 of cost squared", "mean square of the cost by a product distribution"),
    Feature("log10_apart_largest", _UNIT, "log10_belief_largest without what pairs of cost terms give"),
    Feature("log10_apart_median", _UNIT, "log10_belief_median likewise"),
    Feature("log10_uses_largest", _UNIT, "log10_belief_largest if the uses of each parameter add up with equal signs"),
    Feature("log10_uses_median", _UNIT, "log10_belief_median likewise"),
    Feature("log10_bound_largest", _UNIT, "log10_belief_largest if uses and cost terms all add up with equal signs"),
    Feature("log10_bound_median", _UNIT, "log10_belief_median likewise"),
    Feature("log10_alike_largest", _UNIT, "log10_belief_largest if uses and cost terms add up that give the same"),
    Feature("log10_alike_median", _UNIT, "log10_belief_median likewise"),
    Feature("log10_unsigned_largest", _UNIT, "log10_belief_largest without the signs of paths, see features.narrow"),
    Feature("log10_unsigned_median", _UNIT, "log10_belief_median likewise"),
    *narrow.COLUMNS,
)
"""Columns of this module, in order."""


def columns(tape: Tape) -> NDArray[np.float64]:
    """The columns of a tape: float64 of shape (len(COLUMNS),), NaN where nothing is measured or trained."""
    found = np.full(len(COLUMNS), np.nan)
    if not len(tape.coefficient) or not tape.trainable.any():
        return found
    first, wire, letter, scale = _starts(tape)
    naive, belief, joint, totals, roots = _propagated(tape, first, wire, letter, scale)
    parts = scale * np.exp(np.clip(totals[:, 1], _LEAST_LOG, 0.0))
    own = tape.parameter >= 0
    own[own] = tape.trainable[tape.parameter[own]]
    at = tape.parameter[own]
    total = len(tape.trainable)
    live = 0.0
    uses, bound, alike = _in_step(roots, scale, own, tape.parameter)
    for column, values in ((0, joint), (15, naive), (18, belief)):
        every = np.asarray(np.bincount(at, values[own], total), dtype=np.float64)
        if column == 18:
            # pairs of terms are left out, as paths with signs have them
            found[-len(narrow.COLUMNS) :], mixed = narrow.columns(tape, every)
            if mixed is not None:
                mixed = mixed[mixed > 0.0]
                found[:2] = np.log10(_quantiles(mixed)[:2]) if len(mixed) else np.nan
        gradients = every[tape.trainable]
        alive = gradients[gradients > 0.0]
        if not len(alive):
            continue
        if column == 0:
            found[:6] = np.log10(_quantiles(alive))
            found[26:28] = found[:2]
            found[6] = np.log10(alive.sum())
            live = len(alive) / len(gradients)
            found[9] = np.flatnonzero(own)[np.argmax(values[own])] / max(len(own) - 1, 1)
        else:
            found[column : column + 2] = np.log10(_quantiles(alive)[:2])
    for column, gradients in ((20, uses), (22, bound), (24, alike)):
        alive = gradients[gradients > 0.0]
        if len(alive):
            found[column : column + 2] = np.log10(_quantiles(alive)[:2])
    found[7] = np.log10(max(parts.sum(), _FLOOR))
    found[8] = live
    found[10] = totals[:, 2].max()
    found[11] = parts.sum() ** 2 / max(float((parts**2).sum()), _FLOOR) if parts.any() else 0.0
    found[12] = totals[:, 3].mean() / max(len(own), 1)
    found[13] = totals[:, 4].mean()
    found[14] = (parts * totals[:, 5]).sum() / max(parts.sum(), _FLOOR) / np.log(10)
    found[17] = np.log10(max(float((scale * np.exp(np.clip(totals[:, 0], _LEAST_LOG, 0.0))).sum()), _FLOOR))
    return found


_SHARES = np.array([1.0, 0.5, 0.1, 0.25, 0.75, 0.9])


def _quantiles(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The quantiles `_SHARES`, linear between values; numpy's own take longer than all beliefs."""
    values = np.sort(values)
    at = _SHARES * (len(values) - 1)
    below = at.astype(np.int64)
    above = np.minimum(below + 1, len(values) - 1)
    return np.asarray(values[below] + (at - below) * (values[above] - values[below]))


def _starts(tape: Tape) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int8], NDArray[np.float64]]:
    """Words to start from, as in `Tape`, and their weights; a projector is split by its first Z."""
    from ansatzlint.features.tape import EITHER

    words = []
    for t, c in enumerate(tape.coefficient):
        begin, end = tape.term_first[t], tape.term_first[t + 1]
        wires, letters = tape.term_wire[begin:end], tape.term_letter[begin:end]
        if letters[0] != EITHER:
            words.append((wires, letters, c * c))
            continue
        for j in range(min(len(wires), MOST_SPLIT)):
            split = letters[j:].copy()
            split[0] = 2
            words.append((wires[j:], split, c * c * 0.25 ** (j + 1)))
        if len(wires) > MOST_SPLIT:
            words.append((wires[MOST_SPLIT:], letters[MOST_SPLIT:], c * c * 0.25**MOST_SPLIT))
    most = max(MOST_VISITS // max(len(tape.kind), 1), 8)
    share = 1.0
    if len(words) > most:
        whole = sum(weight for _, _, weight in words)
        words = [words[i] for i in np.linspace(0, len(words) - 1, most).astype(int)]
        share = whole / sum(weight for _, _, weight in words)
    first = np.zeros(len(words) + 1, dtype=np.int32)
    np.cumsum([len(wires) for wires, _, _ in words], out=first[1:])
    return (
        first,
        np.concatenate([wires for wires, _, _ in words]),
        np.concatenate([letters for _, letters, _ in words]),
        share * np.array([weight for _, _, weight in words], dtype=np.float64),
    )


def _propagated(
    tape: Tape,
    first: NDArray[np.int32],
    wire: NDArray[np.int32],
    letter: NDArray[np.int8],
    scale: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Mean square slopes of each step: a product distribution's, beliefs of single terms, those with what pairs of
    terms give; totals, see `propagate`; and roots of the mean square slopes of each term and step.
    """
    from ansatzlint.features.belief_kernels import propagate
    from ansatzlint.features.string_kernels import interfere, pull
    from ansatzlint.features.tape import EITHER, INVERSES, MAPS

    steps = len(tape.kind)
    naive, belief = np.zeros(steps), np.zeros(steps)
    totals, roots = np.zeros((len(scale), 6)), np.zeros((len(scale), steps))
    keep, flip = np.clip(tape.keep, _SMALLEST, 1.0), np.clip(tape.flip, _SMALLEST, 1.0)
    words, bits = np.zeros((steps, 2), dtype=np.uint64), np.zeros((tape.qubits, 4, 2), dtype=np.uint64)
    terms, plain = np.zeros((len(scale), 2), dtype=np.uint64), np.zeros(len(scale), dtype=np.bool_)
    if tape.qubits <= 64:
        pull(tape.kind, tape.table, tape.first, tape.wire, tape.letter, tape.keep, MAPS, words, bits)
        terms = np.bitwise_xor.reduceat(bits[wire, letter % EITHER], first[:-1], axis=0)
        plain = np.maximum.reduceat(letter, first[:-1]) < EITHER
    propagate(
        tape.kind, tape.table, tape.first, tape.wire, tape.letter, keep, flip, tape.slope_keep, tape.slope_flip,
        tape.damping, tape.initial, MAPS, INVERSES, first, wire, letter, scale, words, terms, plain,
        naive, belief, roots, totals,
    )  # fmt: skip
    # On many cycles beliefs may diverge; no mean of a word is beyond 1, nor its slope beyond the angle's.
    np.minimum(roots, np.abs(tape.factor), out=roots)
    belief = scale @ np.square(roots)
    joint = belief.copy()
    interfere(words, terms, plain, tape.mean_keep, tape.initial, _LEAST, MOST_VISITS, scale, roots, joint)
    return naive, belief, joint, totals, roots


def _in_step(
    roots: NDArray[np.float64], scale: NDArray[np.float64], own: NDArray[np.bool_], parameter: NDArray[np.int32]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Mean square gradients if all uses of a parameter, all uses and terms, or those of them that give the same, added
    up; one a parameter in use.

    Where a symmetry of circuit and initial state takes one use and term into another, the two have the same slope at
    all angles, not only in the mean square.
    """
    steps = np.flatnonzero(own)
    steps = steps[np.argsort(parameter[steps], kind="stable")]
    of = parameter[steps]
    if (of[1:] != of[:-1]).all():  # no parameter is used twice
        uses = (scale @ np.square(roots))[steps]
        return uses, np.square(np.sqrt(scale) @ roots)[steps], uses
    first = np.flatnonzero(np.concatenate([[True], of[1:] != of[:-1]]))
    parts = np.sqrt(scale)[:, np.newaxis] * roots[:, steps]
    sums = np.add.reduceat(parts, first, axis=1)
    uses = (sums**2).sum(axis=0)
    bound = sums.sum(axis=0) ** 2
    term, place = np.nonzero(parts > 0.0)
    if not len(term):
        return uses, bound, uses
    sizes, number = parts[term, place], np.cumsum(np.bincount(first, minlength=len(steps)))[place] - 1
    order = np.lexsort((sizes, number))
    sizes, number = sizes[order], number[order]
    new = np.concatenate([[True], (number[1:] != number[:-1]) | (sizes[1:] > _ALIKE * sizes[:-1])])
    starts = np.flatnonzero(new)
    together = np.add.reduceat(sizes, starts) ** 2
    return uses, bound, np.asarray(np.bincount(number[starts], together, len(first)), dtype=np.float64)
