"""Columns of deterministic physics: how large gradients are if the back-propagated string is nearly uncorrelated.

The mean square gradient of a cost term is the weight of all paths of Pauli strings from the term back to the initial
state that anticommute with a parameter's generator, rotations by independent random angles x with
E[sin x] = E[sin x cos x] = 0 being a Markov chain on strings (Heyraud et al., arXiv:2302.04649). That sum is the
partition function of a factor graph with the letters on the wires as variables and the gates as factors. Belief
propagation gives it exactly where the graph is a tree, and as Bethe's approximation elsewhere (Yedidia, Freeman and
Weiss, IEEE Trans. Inf. Theory 51, 2282 (2005)). Its first sweep, in which nothing is known yet of the initial state, is
a mean field. On cycles there may be two answers, one for strings that spread out and one for strings that stay short,
as under a staircase of CX gates; the columns `log10_short_…` are of sweeps that start from the latter, and where they
differ from the others, by `belief_split_…`, the truth mostly lies between. For other laws, for words that one angle
turns together and for shared angles it is an approximation.
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

LARGEST_SPLIT = 10.0
"""Beliefs that are further apart are of no use at all, however far."""

_SQUARE = "log10 of cost squared in cost.UNIT"
_UNIT = f"{_SQUARE} per radian squared"

COLUMNS = (
    Feature("log10_belief_largest", _UNIT, "largest mean square gradient of a trainable parameter, by beliefs"),
    Feature("log10_belief_median", _UNIT, "median of those above zero, by beliefs"),
    Feature("log10_belief_q10", _UNIT, "their 10 % quantile"),
    Feature("log10_belief_q25", _UNIT, "their 25 % quantile"),
    Feature("log10_belief_q75", _UNIT, "their 75 % quantile"),
    Feature("log10_belief_q90", _UNIT, "their 90 % quantile"),
    Feature("log10_belief_sum", _UNIT, "their sum"),
    Feature("log10_belief_variance", _SQUARE, "mean square of the cost less its constant, by beliefs"),
    Feature("belief_live", "1", "share of trainable parameters with a belief above zero"),
    Feature("belief_place", "1", "where the largest belief stands: 0 at the beginning of the circuit, 1 at its end"),
    Feature("belief_change", "1", "change of log Z from mean field to beliefs, the largest of a cost term, at most 10"),
    Feature("belief_terms", "1", "effective number of cost terms: (sum of their Z)^2 over the sum of squares"),
    Feature("belief_cone", "1", "mean share of steps in the light cone of a cost term"),
    Feature("belief_cycles", "1", "mean over the cost terms of the cycles of blocks a qubit of the light cone"),
    Feature("belief_correction", "1", "log10 of the factor by which symmetries raise the mean square of the cost"),
    Feature("log10_mean_field_largest", _UNIT, "largest mean square gradient by a product distribution"),
    Feature("log10_mean_field_median", _UNIT, "median of those above zero by a product distribution"),
    Feature("log10_mean_field_variance", _SQUARE, "mean square of the cost by a product distribution"),
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
    Feature("log10_short_largest", _UNIT, "largest mean square gradient by beliefs that start from short strings"),
    Feature("log10_short_median", _UNIT, "median of those above zero by such beliefs"),
    Feature("log10_short_variance", _SQUARE, "mean square of the cost less its constant by such beliefs"),
    Feature("belief_split_largest", "1", "log10_short_largest less log10_belief_largest, at most 10 in size"),
    Feature("belief_split_median", "1", "log10_short_median less log10_belief_median likewise"),
    *narrow.COLUMNS,
)
"""Columns of this module, in order."""

_PLACES = {feature.name: place for place, feature in enumerate(COLUMNS)}


def columns(tape: Tape) -> NDArray[np.float64]:
    """The columns of a tape: float64 of shape (len(COLUMNS),), NaN where nothing is measured or trained."""
    from ansatzlint.features.belief_sums import believe
    from ansatzlint.features.steps import INVERSES, MAPS

    found = np.full(len(COLUMNS), np.nan)
    if not len(tape.coefficient) or not tape.trainable.any():
        return found
    gradients = np.zeros(len(tape.trainable))
    believe(
        tape.qubits, tape.kind, tape.table, tape.first, tape.wire, tape.letter, tape.parameter, tape.factor, tape.keep,
        tape.flip, tape.slope_keep, tape.slope_flip, tape.mean_keep, tape.damping, tape.initial, tape.trainable, MAPS,
        INVERSES, *_starts(tape), MOST_VISITS, found, gradients,
    )  # fmt: skip
    found[-len(narrow.COLUMNS) :], signed = narrow.columns(tape, gradients)
    if signed is not None:
        found[:2] = signed
    short = _PLACES["log10_short_largest"]
    split = _PLACES["belief_split_largest"]
    found[split : split + 2] = np.clip(found[short : short + 2] - found[:2], -LARGEST_SPLIT, LARGEST_SPLIT)
    return found


def _starts(tape: Tape) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int8], NDArray[np.float64]]:
    """Words to start from, as in `Tape`, and their weights; a projector is split by its first Z."""
    from ansatzlint.features.steps import EITHER

    most = max(MOST_VISITS // max(len(tape.kind), 1), 8)
    if len(tape.coefficient) <= most and not (tape.term_letter == EITHER).any():
        return tape.term_first, tape.term_wire, tape.term_letter, np.square(tape.coefficient)
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
