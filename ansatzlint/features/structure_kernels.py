"""Depth, light cones, uses of parameters and noise, in one pass forward and one back."""

from __future__ import annotations

from typing import Any

import numpy as np

from ansatzlint.features.compiling import helper, kernel
from ansatzlint.features.steps import NOISE1, NOISE2, TURN


@helper
def _depths(n: Any, first: Any, wire: Any) -> Any:
    """(layers of gates, layers of gates on two or more qubits, qubits without a gate), gates as early as possible."""
    front = np.zeros(n, dtype=np.int64)
    pairs = np.zeros(n, dtype=np.int64)
    for g in range(len(first) - 1):
        size = first[g + 1] - first[g]
        level, pair_level = 0, 0
        for i in range(first[g], first[g + 1]):
            level = max(level, front[wire[i]])
            pair_level = max(pair_level, pairs[wire[i]])
        for i in range(first[g], first[g + 1]):
            front[wire[i]] = level + 1
            if size > 1:
                pairs[wire[i]] = pair_level + 1
    depth, pair_depth, idle = 0, 0, 0
    for q in range(n):
        depth, pair_depth = max(depth, front[q]), max(pair_depth, pairs[q])
        idle += front[q] == 0
    return depth, pair_depth, idle


@helper
def _logarithms(kind: Any, table: Any, damping: Any) -> Any:
    """For each step log10 of what its noise leaves of a random Pauli word's square on its qubits; 0 without noise."""
    found = np.zeros(len(kind))
    for s in range(len(kind)):
        if kind[s] == NOISE1:
            left = damping[table[s], 0] + damping[table[s], 1] + damping[table[s], 2]
            found[s] = np.log10((1.0 + left) / 4.0)
        elif kind[s] == NOISE2:
            found[s] = np.log10((1.0 + 15.0 * damping[table[s], 0]) / 16.0)
    return found


@helper
def _cones(
    n: Any, first: Any, wire: Any, swap: Any, entangling: Any, uses: Any, term_first: Any, term_wire: Any,
    step_first: Any, step_wire: Any, step_gate: Any, logarithm: Any,
) -> Any:
    """For each term: qubits, layers, entangling layers, uses of parameters and noise; for each gate whether it is in.

    All terms go back through the circuit side by side, the longest way from each to the end kept for every qubit.
    """  # fmt: skip
    terms = len(term_first) - 1
    depth = np.zeros((n, terms), dtype=np.int32)  # layers + 1, 0 outside
    layer = np.zeros((n, terms), dtype=np.int32)
    used = np.zeros(terms, dtype=np.int64)
    noise = np.zeros(terms)
    inside = np.zeros(len(first) - 1, dtype=np.int64)
    for t in range(terms):
        for i in range(term_first[t], term_first[t + 1]):
            depth[term_wire[i], t] = 1
    s = len(step_gate) - 1
    for g in range(len(first) - 2, -2, -1):
        while s >= 0 and step_gate[s] >= g:
            if logarithm[s] != 0.0:
                for t in range(terms):
                    met = 0
                    for i in range(step_first[s], step_first[s + 1]):
                        met |= depth[step_wire[i], t]
                    if met:
                        noise[t] += logarithm[s]
            s -= 1
        if g < 0:
            break
        start, stop = first[g], first[g + 1]
        for t in range(terms):
            deepest, layers = 0, 0
            for i in range(start, stop):
                deepest = max(deepest, depth[wire[i], t])
                layers = max(layers, layer[wire[i], t])
            if not deepest:
                continue
            inside[g] = 1
            used[t] += uses[g]
            if swap[g]:
                a, b = wire[start], wire[start + 1]
                depth[a, t], depth[b, t] = depth[b, t], depth[a, t]
                layer[a, t], layer[b, t] = layer[b, t], layer[a, t]
                for i in range(start, stop):
                    if depth[wire[i], t]:
                        depth[wire[i], t] += 1
            else:
                for i in range(start, stop):
                    depth[wire[i], t] = deepest + 1
                    layer[wire[i], t] = layers + entangling[g]
    width = np.zeros(terms, dtype=np.int64)
    deepest_of = np.zeros(terms, dtype=np.int64)
    layers_of = np.zeros(terms, dtype=np.int64)
    for q in range(n):
        for t in range(terms):
            if depth[q, t]:
                width[t] += 1
                deepest_of[t] = max(deepest_of[t], depth[q, t] - 1)
                layers_of[t] = max(layers_of[t], layer[q, t])
    return width, deepest_of, layers_of, used, noise, inside


@kernel
def measures(
    n: Any, first: Any, wire: Any, swap: Any, entangling: Any, use_gate: Any, use_parameter: Any, trainable: Any,
    kind: Any, table: Any, step_first: Any, step_wire: Any, step_gate: Any, parameter: Any, keep: Any, flip: Any,
    damping: Any, term_first: Any, term_wire: Any, out: Any,
) -> None:
    """Fill the columns of `structure.COLUMNS` up to `noise_shift`, in their order.

    Parameters
    ----------
    n : int
        Number of qubits.
    first, wire : int32
        Gate g acts on wire[first[g] : first[g + 1]].
    swap, entangling : bool (G,)
    use_gate, use_parameter : int32
        Which gate uses which parameter, by gate; one pair may come several times in a row.
    trainable : bool (P,)
    kind, table, step_first, step_wire, step_gate, parameter, keep, flip, damping
        As in `Tape`.
    term_first, term_wire : int32
        The qubits of the cost's terms.
    out : float64
        Filled with NaN.
    """  # fmt: skip
    gates, terms, parameters = len(first) - 1, len(term_first) - 1, len(trainable)
    depth, pair_depth, idle = _depths(n, first, wire)
    out[0], out[1], out[3], out[4] = n, gates, depth, pair_depth
    trained = 0
    for p in range(parameters):
        trained += trainable[p]
    out[5] = trained
    if parameters:
        out[8] = 1.0 - trained / parameters
    if n:
        out[9] = idle / n

    # A gate is no Clifford gate where it turns by an angle that is no multiple of pi/2.
    turns = np.zeros(gates, dtype=np.int64)
    for s in range(len(kind)):
        if kind[s] == TURN:
            if parameter[s] >= 0:
                turns[step_gate[s]] = 2
            elif not (keep[s] == 0.0 and flip[s] == 1.0):
                turns[step_gate[s]] = max(turns[step_gate[s]], 1)
    couplings, clifford, turning = 0, 0, 0
    for g in range(gates):
        if entangling[g]:
            couplings += 1
            clifford += turns[g] == 0
            turning += turns[g] == 2
    out[2] = couplings
    if couplings:
        out[10], out[11] = clifford / couplings, turning / couplings

    uses = np.zeros(gates, dtype=np.int64)
    total = np.zeros(parameters, dtype=np.int64)
    last = np.zeros(parameters, dtype=np.int64)  # gate + 1
    for i in range(len(use_gate)):
        if last[use_parameter[i]] != use_gate[i] + 1:
            last[use_parameter[i]] = use_gate[i] + 1
            total[use_parameter[i]] += 1
            uses[use_gate[i]] += 1
    used, sum_of_uses, most = 0, 0, 0
    for p in range(parameters):
        if trainable[p] and total[p]:
            used += 1
            sum_of_uses += total[p]
            most = max(most, total[p])
    if used:
        out[21], out[22] = sum_of_uses / used, most

    logarithm = _logarithms(kind, table, damping)
    if terms:
        width, deepest, layers, met, noise, inside = _cones(
            n, first, wire, swap, entangling, uses, term_first, term_wire, step_first, step_wire, step_gate, logarithm
        )
        for k in range(12, 20):
            out[k] = 0.0
        out[14], out[20], out[25] = n, 0.0, 0.0
        for t in range(terms):
            out[12] += width[t] / terms
            out[13], out[14] = max(out[13], width[t]), min(out[14], width[t])
            out[15] += deepest[t] / terms
            out[16] = max(out[16], deepest[t])
            out[17] += layers[t] / terms
            out[18] = max(out[18], layers[t])
            out[20] += met[t] / width[t] / terms
            out[25] += noise[t] / terms
        for g in range(gates):
            out[19] += inside[g] / gates
        if not gates:
            out[19] = np.nan
        reached = np.zeros(parameters, dtype=np.int64)
        for i in range(len(use_gate)):
            reached[use_parameter[i]] |= inside[use_gate[i]]
        live = 0
        for p in range(parameters):
            live += reached[p] * trainable[p]
        out[6] = live
        if trained:
            out[7] = live / trained
    one, two, shift = 0.0, 0.0, 0.0
    for s in range(len(kind)):
        if kind[s] == NOISE1 or kind[s] == NOISE2:
            shift = max(shift, damping[table[s], 3])
            if step_gate[s] >= 0 and first[step_gate[s] + 1] - first[step_gate[s]] > 1:
                two += logarithm[s]
            else:
                one += logarithm[s]
    singles, several = 0, 0
    for g in range(gates):
        singles += first[g + 1] - first[g] == 1
        several += first[g + 1] - first[g] > 1
    out[23] = one / max(singles, 1)
    out[24] = two / max(several, 1)
    out[26] = shift
