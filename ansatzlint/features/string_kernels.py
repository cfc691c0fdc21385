"""Pauli strings at the beginning of the circuit, as X and Z bits of one word each, for up to 64 qubits.

The words of turns are pulled back through the fixed Clifford gates before them; what commutes with what, which signs
are conserved and which words of the cost have the same gradients is then read off bits. Signs are left out.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ansatzlint.features.compiling import kernel, leaf, ones
from ansatzlint.features.steps import MAP1, MAP2, TURN


@leaf
def even(word: Any) -> Any:
    """Whether an even number of bits is set."""
    return ones(word) & 1 == 0


@leaf
def crossed(x: Any, z: Any, other_x: Any, other_z: Any) -> Any:
    """Whether two strings anticommute."""
    return ones((x & other_z) ^ (z & other_x)) & 1 == 1


@kernel
def pull(
    kind: Any, table: Any, first: Any, wire: Any, letter: Any, keep: Any, maps: Any, words: Any, bits: Any,
) -> Any:  # fmt: skip
    """Pull the words of all turns back through the fixed Clifford gates to the beginning, for up to 64 qubits.

    words[s, 0] and words[s, 1] receive the X and Z bits of a turn, 0 for other steps; bits[q, letter] likewise those of
    each letter at the end.
    """
    one = np.uint64(1)
    bits[:] = np.uint64(0)
    words[:] = np.uint64(0)
    for q in range(len(bits)):
        bits[q, 1, 0] = bits[q, 3, 0] = bits[q, 2, 1] = bits[q, 3, 1] = one << np.uint64(q)
    for s in range(len(kind)):
        begin, end = first[s], first[s + 1]
        if kind[s] == TURN:
            x = z = np.uint64(0)
            for leg in range(begin, end):
                x ^= bits[wire[leg], letter[leg], 0]
                z ^= bits[wire[leg], letter[leg], 1]
            if keep[s] == 0.0:
                for leg in range(begin, end):
                    for a in range(1, 4):
                        if a != letter[leg]:
                            bits[wire[leg], a, 0] ^= x
                            bits[wire[leg], a, 1] ^= z
            else:
                words[s, 0], words[s, 1] = x, z
        elif kind[s] == MAP1 or kind[s] == MAP2:
            row, a = table[s], wire[begin]
            old = bits[a].copy()
            if kind[s] == MAP1:
                for y in range(1, 4):
                    for d in range(2):
                        bits[a, y, d] = old[maps[row, y], d]
            else:
                b = wire[begin + 1]
                other = bits[b].copy()
                for y in range(1, 4):
                    m, n = maps[row, y], maps[row, 4 * y]
                    for d in range(2):
                        bits[a, y, d] = old[m & 3, d] ^ other[m >> 2, d]
                        bits[b, y, d] = old[n & 3, d] ^ other[n >> 2, d]


@kernel
def symmetries(words: Any, initial: Any, basis: Any) -> Any:
    """Signs of strings at the beginning that no turn changes and that are 1 for strings with a mean.

    A Z string that commutes with all turns, pulled back to the beginning, gives its sign of commutation. Where each
    turn's word anticommutes with some Z string or has an odd number of Y, but not both, that sign is conserved too: for
    turns by real matrices it says whether the number of Y is even.

    `basis` receives the Z strings as bits, the last one that of the second kind if there is one; returns the number of
    the first kind and of the second.
    """
    qubits = len(initial)
    one = np.uint64(1)
    reduced = np.zeros(qubits, dtype=np.uint64)  # the row with that leading bit
    wanted = np.zeros(qubits, dtype=np.bool_)  # the sum of its common bits with a solution of the second kind
    rank = 0
    real = True
    for q in range(qubits):
        if initial[q, 2] < 1.0:
            reduced[q] = one << np.uint64(q)
            rank += 1
            real = False
    for s in range(len(words)):
        x, z = words[s, 0], words[s, 1]
        if not x | z:
            continue
        want = even(x & z)
        for q in range(qubits - 1, -1, -1):
            if x >> np.uint64(q) & one:
                if not reduced[q]:
                    reduced[q], wanted[q] = x, want
                    rank += 1
                    break
                x ^= reduced[q]
                want ^= wanted[q]
        if not x and want:
            real = False
        if rank == qubits and not real:
            return 0, 0
    # Each bit that leads no row is free.
    found = 0
    for free in range(qubits + 1):
        if free == qubits:
            if not real:
                return found, 0
            z = np.uint64(0)
        elif reduced[free]:
            continue
        else:
            z = one << np.uint64(free)
        for q in range(0 if free == qubits else free + 1, qubits):
            if reduced[q] and even(reduced[q] & z) == (free == qubits and wanted[q]):
                z |= one << np.uint64(q)
        basis[found] = z
        found += 1
    return found - 1, 1


@kernel
def interfere(
    words: Any, terms: Any, plain: Any, mean_keep: Any, initial: Any, least: Any, most: Any, scale: Any, roots: Any,
    belief: Any,
) -> Any:  # fmt: skip
    """Add to the mean squares of single words what pairs of words give that have the same gradients up to a factor.

    words[s] and terms[t] are X and Z bits at the beginning; plain[t] says that a term is one word with such bits.
    roots[t, s] are roots of mean squares, scale[t] squares of coefficients. A share of `least` counts as nothing, it
    ends after `most` steps.

    The product R of two words is the same on every path. Where it commutes with a turn both words do the same there;
    where it does not, only one of them moves, and the pair goes on with the mean of the cosine. The two have means
    together where R is a Z string on qubits in |0>. Signs are taken as those that add up.
    """
    idle = np.uint64(0)
    for q in range(len(initial)):
        if initial[q, 2] == 1.0:
            idle |= np.uint64(1) << np.uint64(q)
    visits = 0
    for i in range(len(scale)):
        for j in range(i):
            if not plain[i] or not plain[j]:
                continue
            x, z = terms[i, 0] ^ terms[j, 0], terms[i, 1] ^ terms[j, 1]
            if x or z & ~idle:
                continue
            share = 1.0
            s = 0
            while s < len(words) and share > least:
                if crossed(words[s, 0], words[s, 1], x, z):
                    share *= abs(mean_keep[s])
                s += 1
            visits += s
            if visits > most:
                return
            if share <= least:
                continue
            share *= 2.0 * np.sqrt(scale[i] * scale[j])
            for s in range(len(words)):
                if roots[i, s] > 0.0 and roots[j, s] > 0.0 and not crossed(words[s, 0], words[s, 1], x, z):
                    belief[s] += share * roots[i, s] * roots[j, s]
