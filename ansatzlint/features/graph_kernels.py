"""The entanglement graph's invariants, in one pass over the gates."""

from __future__ import annotations

from typing import Any

import numpy as np

from ansatzlint.features.compiling import helper, kernel

MAX_SPECTRAL_QUBITS = 256
"""Above this no linear system in the Laplacian is solved."""
MAX_WORK = 50_000_000
"""Steps that counting triangles, or walking from every qubit, may take."""

_ROUNDS = 200
_ACCURACY = 1e-12


@helper
def _neighbours(n: Any, gate_first: Any, gate_wire: Any, entangling: Any) -> Any:
    """(first, neighbour, gates): at first[q] : first[q + 1] each neighbour of qubit q, and the gates on the pair."""
    ends = np.zeros(n + 1, dtype=np.int64)
    for g in range(len(entangling)):
        if entangling[g]:
            size = gate_first[g + 1] - gate_first[g]
            for i in range(gate_first[g], gate_first[g + 1]):
                ends[gate_wire[i] + 1] += size - 1
    for q in range(n):
        ends[q + 1] += ends[q]
    place = np.zeros(n, dtype=np.int64)
    for q in range(n):
        place[q] = ends[q]
    every = np.zeros(ends[n], dtype=np.int64)
    for g in range(len(entangling)):
        if entangling[g]:
            for i in range(gate_first[g], gate_first[g + 1]):
                for j in range(gate_first[g], gate_first[g + 1]):
                    if i != j:
                        q = gate_wire[i]
                        every[place[q]] = gate_wire[j]
                        place[q] += 1
    first = np.zeros(n + 1, dtype=np.int64)
    neighbour = np.zeros(len(every), dtype=np.int64)
    gates = np.zeros(len(every), dtype=np.int64)
    count = np.zeros(n, dtype=np.int64)
    used = 0
    for q in range(n):
        for i in range(ends[q], ends[q + 1]):
            count[every[i]] += 1
        for i in range(ends[q], ends[q + 1]):
            other = every[i]
            if count[other]:
                neighbour[used] = other
                gates[used] = count[other]
                count[other] = 0
                used += 1
        first[q + 1] = used
    return first, neighbour, gates


@helper
def _components(n: Any, first: Any, neighbour: Any) -> Any:
    """(number of components, qubits in the largest)."""
    met = np.zeros(n, dtype=np.int64)
    stack = np.zeros(n, dtype=np.int64)
    found, largest = 0, 0
    for root in range(n):
        if met[root]:
            continue
        stack[0], height, size = root, 1, 0
        met[root] = 1
        while height:
            height -= 1
            q = stack[height]
            size += 1
            for i in range(first[q], first[q + 1]):
                if not met[neighbour[i]]:
                    met[neighbour[i]] = 1
                    stack[height] = neighbour[i]
                    height += 1
        found += 1
        largest = max(largest, size)
    return found, largest


@helper
def _distances(n: Any, first: Any, neighbour: Any) -> Any:
    """(longest distance, mean over the pairs that are connected) between qubits; nan without such a pair."""
    longest, total, pairs = 0, 0, 0
    distance = np.zeros(n, dtype=np.int64)
    queue = np.zeros(n, dtype=np.int64)
    for root in range(n):
        for q in range(n):
            distance[q] = -1
        distance[root] = 0
        queue[0], head, tail = root, 0, 1
        while head < tail:
            q = queue[head]
            head += 1
            for i in range(first[q], first[q + 1]):
                other = neighbour[i]
                if distance[other] < 0:
                    distance[other] = distance[q] + 1
                    queue[tail] = other
                    tail += 1
        pairs += tail - 1
        for i in range(tail):
            total += distance[queue[i]]
        longest = max(longest, distance[queue[tail - 1]])
    if not pairs:
        return np.nan, np.nan
    return float(longest), total / pairs


@helper
def _clustering(n: Any, first: Any, neighbour: Any) -> Any:
    """The mean over the qubits of the share of pairs of their neighbours that are neighbours themselves."""
    total = 0.0
    mark = np.zeros(n, dtype=np.int64)  # qubit + 1
    for q in range(n):
        degree = first[q + 1] - first[q]
        if degree < 2:
            continue
        for i in range(first[q], first[q + 1]):
            mark[neighbour[i]] = q + 1
        closed = 0
        for i in range(first[q], first[q + 1]):
            for j in range(first[neighbour[i]], first[neighbour[i] + 1]):
                closed += mark[neighbour[j]] == q + 1
        total += closed / (degree * (degree - 1))
    return total / n


@helper
def _fiedler(n: Any, first: Any, neighbour: Any) -> Any:
    """(second smallest eigenvalue of the Laplacian, its vector) of a connected graph, by inverse iteration.

    The matrix of ones, added, lifts the constant vector out of the way and leaves the others as they are.
    """
    low = np.zeros((n, n))
    for q in range(n):
        for k in range(n):
            low[q, k] = 1.0
    for q in range(n):
        low[q, q] += first[q + 1] - first[q]
        for i in range(first[q], first[q + 1]):
            low[q, neighbour[i]] -= 1.0
    for j in range(n):  # Cholesky factor, in place
        for k in range(j):
            low[j, j] -= low[j, k] * low[j, k]
        low[j, j] = np.sqrt(low[j, j])
        for i in range(j + 1, n):
            value = low[i, j]
            for k in range(j):
                value -= low[i, k] * low[j, k]
            low[i, j] = value / low[j, j]
    vector, before = np.zeros(n), np.zeros(n)
    for q in range(n):
        # A ramp along the qubits, and something irregular so that no symmetry of the graph hides a direction.
        vector[q] = q / n + 0.25 * ((q * 0.6180339887498949) % 1.0)
    value = 0.0
    for _ in range(_ROUNDS):
        mean, square = 0.0, 0.0
        for q in range(n):
            mean += vector[q] / n
        for q in range(n):
            vector[q] -= mean
            square += vector[q] * vector[q]
        for q in range(n):
            vector[q] /= np.sqrt(square)
            before[q] = vector[q]
        for i in range(n):
            for k in range(i):
                vector[i] -= low[i, k] * vector[k]
            vector[i] /= low[i, i]
        for i in range(n - 1, -1, -1):
            vector[i] /= low[i, i]
            for k in range(i):
                vector[k] -= low[i, k] * vector[i]
        overlap, square = 0.0, 0.0
        for q in range(n):
            overlap += before[q] * vector[q]
            square += vector[q] * vector[q]
        last, value = value, overlap / square
        if abs(value - last) <= _ACCURACY * value:
            break
    return value, vector


@helper
def _sweep(n: Any, first: Any, neighbour: Any, vector: Any) -> Any:
    """The least conductance over the sets of the qubits with the smallest entries."""
    order = np.zeros(n, dtype=np.int64)
    for q in range(n):
        place = q
        while place and vector[order[place - 1]] > vector[q]:
            order[place] = order[place - 1]
            place -= 1
        order[place] = q
    inside = np.zeros(n, dtype=np.int64)
    best, cut, volume = np.inf, 0, 0
    for place in range(n - 1):
        q = order[place]
        inside[q] = 1
        volume += first[q + 1] - first[q]
        for i in range(first[q], first[q + 1]):
            cut += -1 if inside[neighbour[i]] else 1
        best = min(best, cut / min(volume, first[n] - volume))
    return best


@kernel
def invariants(n: Any, gate_first: Any, gate_wire: Any, entangling: Any, out: Any) -> None:
    """Fill the columns of `graphs.COLUMNS`, in their order.

    Parameters
    ----------
    n : int
        Number of qubits.
    gate_first, gate_wire : int32
        Gate g acts on gate_wire[gate_first[g] : gate_first[g + 1]].
    entangling : bool (G,)
        Whether the gate couples its qubits.
    out : float64 (19,)
        Filled with NaN.
    """
    first, neighbour, gates = _neighbours(n, gate_first, gate_wire, entangling)
    edges = first[n] // 2
    out[0] = edges
    if n > 1:
        out[1] = 2.0 * edges / n / (n - 1.0)
    if n > 0:
        square, least, most = 0, n, 0
        for q in range(n):
            degree = first[q + 1] - first[q]
            square += degree * degree
            least, most = min(least, degree), max(most, degree)
        out[2], out[3], out[4] = 2.0 * edges / n, least, most
        if square <= MAX_WORK:
            out[5] = _clustering(n, first, neighbour)
        parts, largest = _components(n, first, neighbour)
        out[6], out[7] = parts, largest / n
        if n * (n + 2 * edges) <= MAX_WORK:
            out[8], out[9] = _distances(n, first, neighbour)
        if n > 1 and parts > 1:
            out[10], out[11] = 0.0, 0.0
        elif 1 < n <= MAX_SPECTRAL_QUBITS:
            value, vector = _fiedler(n, first, neighbour)
            out[10], out[11] = value, _sweep(n, first, neighbour, vector)
    if n > 1:
        cut, cut_gates = np.zeros(n), np.zeros(n)
        length, nearest, total = 0.0, 0.0, 0.0
        for q in range(n):
            for i in range(first[q], first[q + 1]):
                other = neighbour[i]
                if other > q:
                    cut[q] += 1.0
                    cut[other] -= 1.0
                    cut_gates[q] += gates[i]
                    cut_gates[other] -= gates[i]
                    length += other - q
                    nearest += other - q == 1
                    total += gates[i]
        for q in range(1, n):
            cut[q] += cut[q - 1]
            cut_gates[q] += cut_gates[q - 1]
        middle = n // 2 - 1
        out[12], out[13], out[14], out[15] = cut[0], cut[middle], cut_gates[0], cut_gates[middle]
        for q in range(1, n - 1):
            out[12], out[14] = min(out[12], cut[q]), min(out[14], cut_gates[q])
        if edges:
            out[16] = total / edges
            out[17] = nearest / edges
            out[18] = length / edges
