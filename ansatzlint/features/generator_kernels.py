"""Generators pulled back through the Clifford gates: what commutes with what, what repeats, what can be solved.

Pauli words are rows of bits, w words of 64 for X or Y, then w for Z or Y; signs are left out.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ansatzlint.features.compiling import helper, kernel, leaf, ones
from ansatzlint.features.steps import EITHER, MAP1, MAP2, NOISE1, NOISE2, TURN

MAX_QUBITS = 1024
"""Above this nothing is pulled back."""
MAX_SCAN = 512
"""How many generators before or behind one are looked at for one that does not commute with it."""
MAX_NEAR = 64
"""With how many of the generators behind one it is compared, at most."""
MAX_JOINT = 4
"""The most words that one parameter may turn jointly."""
_MAX_PAIRS = 20_000_000

_FULL_PERIOD = 0.01
_WIDEST = 3.0


@leaf
def _xor(rows: Any, i: Any, others: Any, j: Any) -> Any:
    """rows[i] ^= others[j]."""
    for k in range(rows.shape[1]):
        rows[i, k] ^= others[j, k]


@leaf
def _set(rows: Any, i: Any, others: Any, j: Any) -> Any:
    """rows[i] = others[j]."""
    for k in range(rows.shape[1]):
        rows[i, k] = others[j, k]


@leaf
def _clear(rows: Any, i: Any) -> Any:
    """rows[i] = 0."""
    for k in range(rows.shape[1]):
        rows[i, k] = np.uint64(0)


@leaf
def _odd(rows: Any, i: Any, others: Any, j: Any) -> Any:
    """Whether rows[i] and others[j] anticommute."""
    w = rows.shape[1] // 2
    word = np.uint64(0)
    for k in range(w):
        word ^= (rows[i, k] & others[j, w + k]) ^ (rows[i, w + k] & others[j, k])
    return ones(word) & 1 == 1


@leaf
def _crosses(rows: Any, i: Any, which: Any, begin: Any, end: Any) -> Any:
    """Whether rows[i] anticommutes with any of the rows which[begin:end]."""
    w = rows.shape[1] // 2
    found = 0  # its lowest bit
    if w == 1:
        x, z = rows[i, 0], rows[i, 1]
        for j in range(begin, end):
            found |= ones((x & rows[which[j], 1]) ^ (z & rows[which[j], 0]))
    elif w == 2:
        x, z, far_x, far_z = rows[i, 0], rows[i, 2], rows[i, 1], rows[i, 3]
        for j in range(begin, end):
            k = which[j]
            found |= ones((x & rows[k, 2]) ^ (z & rows[k, 0]) ^ (far_x & rows[k, 3]) ^ (far_z & rows[k, 1]))
    else:
        for j in range(begin, end):
            found |= _odd(rows, i, rows, which[j])
    return found & 1 == 1


# Few rows at first, as most that anticommute are near, then many at a time, which is faster than to ask after each.


@leaf
def _crosses_before(rows: Any, g: Any, which: Any, i: Any) -> Any:
    """Whether rows[g] anticommutes with one of the `MAX_SCAN` rows that `which` lists before i."""
    lowest, end, size = max(i - MAX_SCAN, 0), i, 1
    while end > lowest:
        begin = max(end - size, lowest)
        if _crosses(rows, g, which, begin, end):
            return True
        end, size = begin, min(2 * size, 64)
    return False


@leaf
def _crosses_behind(rows: Any, g: Any, which: Any, i: Any) -> Any:
    """Whether rows[g] anticommutes with one of the `MAX_SCAN` rows that `which` lists behind i."""
    highest, begin, size = min(i + 1 + MAX_SCAN, len(which)), i + 1, 1
    while begin < highest:
        end = min(begin + size, highest)
        if _crosses(rows, g, which, begin, end):
            return True
        begin, size = end, min(2 * size, 64)
    return False


@leaf
def _same(rows: Any, i: Any, j: Any) -> Any:
    """Whether two rows are equal."""
    differing = np.uint64(0)
    for k in range(rows.shape[1]):
        differing |= rows[i, k] ^ rows[j, k]
    return differing == 0


@leaf
def _code(rows: Any, i: Any, q: Any) -> Any:
    """The letter of rows[i] on qubit q: 0 I, 1 X, 2 Z, 3 Y."""
    w = rows.shape[1] // 2
    shift = np.uint64(q & 63)
    x, z = rows[i, q >> 6] >> shift & np.uint64(1), rows[i, w + (q >> 6)] >> shift & np.uint64(1)
    return np.int64(x | z << np.uint64(1))


@leaf
def _image(frame: Any, n: Any, wire: Any, letter: Any, start: Any, stop: Any, rows: Any, i: Any) -> Any:
    """rows[i] ^= the word on wire[start:stop], pulled back."""
    for k in range(start, stop):
        if letter[k] & 1:
            _xor(rows, i, frame, wire[k])
        if letter[k] & 2:
            _xor(rows, i, frame, n + wire[k])


@helper
def _pulled(n: Any, kind: Any, table: Any, first: Any, wire: Any, letter: Any, quarter: Any, maps: Any, rows: Any,
            event: Any) -> Any:
    """(frame, events): the images of X and Z of each qubit behind all Clifford gates; how many rows were filled.

    Turns that are no Clifford gates and the X and Z of each qubit with noise fill `rows` in time order, with the step
    of each in `event`.
    """  # fmt: skip
    w = rows.shape[1] // 2
    frame = np.zeros((2 * n, 2 * w), dtype=np.uint64)
    for q in range(n):
        frame[q, q >> 6] = np.uint64(1) << np.uint64(q & 63)
        frame[n + q, w + (q >> 6)] = np.uint64(1) << np.uint64(q & 63)
    new = np.zeros((4, 2 * w), dtype=np.uint64)
    used, spare = 0, np.int64(0)
    for s in range(len(kind)):
        start, stop = first[s], first[s + 1]
        if kind[s] == TURN and not quarter[s]:
            _image(frame, n, wire, letter, start, stop, rows, used)
            event[used] = s
            used += 1
        elif kind[s] == TURN:
            _clear(new, spare)
            _image(frame, n, wire, letter, start, stop, new, spare)
            for k in range(start, stop):
                if letter[k] & 2:
                    _xor(frame, wire[k], new, spare)
                if letter[k] & 1:
                    _xor(frame, n + wire[k], new, spare)
        elif kind[s] == MAP1 or kind[s] == MAP2:
            size = stop - start
            for j in range(size):
                for axis in range(2):
                    row = 2 * j + axis
                    image = maps[table[s], (1 + axis) << (2 * j)]
                    _clear(new, row)
                    for k in range(size):
                        code = image >> (2 * k) & 3
                        if code & 1:
                            _xor(new, row, frame, wire[start + k])
                        if code & 2:
                            _xor(new, row, frame, n + wire[start + k])
            for j in range(size):
                _set(frame, wire[start + j], new, 2 * j)
                _set(frame, n + wire[start + j], new, 2 * j + 1)
        elif kind[s] == NOISE1 or kind[s] == NOISE2:
            for k in range(start, stop):
                for axis in range(2):
                    _set(rows, used, frame, axis * n + wire[k])
                    event[used] = s
                    used += 1
    return frame, used


@helper
def _inside(n: Any, kind: Any, table: Any, first: Any, wire: Any, maps: Any, term_wire: Any) -> Any:
    """For each step whether it stands in the light cone of the cost."""
    mark = np.zeros(n, dtype=np.int64)
    for k in range(len(term_wire)):
        mark[term_wire[k]] = 1
    found = np.zeros(len(kind), dtype=np.int64)
    for s in range(len(kind) - 1, -1, -1):
        met = 0
        for k in range(first[s], first[s + 1]):
            met |= mark[wire[k]]
        found[s] = met
        if kind[s] == MAP2 and maps[table[s], 1] == 4 and maps[table[s], 2] == 8:  # a swap
            a, b = wire[first[s]], wire[first[s] + 1]
            mark[a], mark[b] = mark[b], mark[a]
        elif met and (kind[s] == TURN or kind[s] == MAP2):
            for k in range(first[s], first[s + 1]):
                mark[wire[k]] = 1
    return found


@helper
def _distinct(rows: Any, which: Any) -> Any:
    """How many different rows there are among those named."""
    size = 8
    while size < 2 * len(which):
        size *= 2
    place = np.zeros(size, dtype=np.int64)  # row + 1
    found = 0
    for i in range(len(which)):
        g = which[i]
        mixed = np.uint64(1469598103934665603)
        for k in range(rows.shape[1]):
            mixed = (mixed ^ rows[g, k]) * np.uint64(0x9E3779B97F4A7C15)
            mixed ^= mixed >> np.uint64(29)
        at = np.int64(mixed & np.uint64(size - 1))
        while place[at] and not _same(rows, place[at] - 1, g):
            at = (at + 1) & (size - 1)
        if not place[at]:
            place[at] = g + 1
            found += 1
    return found


@helper
def _drawn(rows: Any, event: Any, parameter: Any, kind: Any, count: Any) -> Any:
    """For each parameter whether its turns cannot be gathered into one about few commuting words.

    They can where each commutes with all that stands between it and the last of them.
    """
    used = len(event)
    last = np.zeros(len(count), dtype=np.int64)
    found = np.zeros(len(count), dtype=np.int64)
    axes = np.zeros((len(count), MAX_JOINT), dtype=np.int64)  # row + 1
    for i in range(used - 1, -1, -1):
        s = event[i]
        if kind[s] != TURN or parameter[s] < 0 or count[parameter[s]] < 2 or found[parameter[s]]:
            continue
        p = parameter[s]
        last[p] = max(last[p], i)
        for k in range(MAX_JOINT + 1):
            if k == MAX_JOINT:
                found[p] = 1
            elif axes[p, k] == 0 or _same(rows, axes[p, k] - 1, i):
                axes[p, k] = i + 1
                break
        for j in range(i + 1, last[p] + 1):
            if found[p] or _odd(rows, i, rows, j):
                found[p] = 1
                break
    return found


@helper
def _bilinear(rows: Any, i: Any, n: Any, axis: Any) -> Any:
    """Whether rows[i] is a product of two Majoranas of the chain whose parity is a product of `axis`, or this parity
    times such a product."""
    for flip in (0, axis):
        low, high = -1, -1
        fits = True
        for q in range(n):
            if _code(rows, i, q) ^ flip:
                if low < 0:
                    low = q
                high = q
        if low < 0:
            return True
        if low == high:
            fits = _code(rows, i, low) ^ flip == axis
        else:
            fits = _code(rows, i, low) ^ flip != axis and _code(rows, i, high) ^ flip != axis
            for q in range(low + 1, high):
                fits = fits and _code(rows, i, q) ^ flip == axis
        if fits:
            return True
    return False


@helper
def _fermionic(rows: Any, words: Any, count: Any, n: Any) -> Any:
    """Whether all rows and words are bilinear in the Majoranas of one chain."""
    for axis in (2, 1, 3):
        fits = True
        for i in range(len(rows)):
            if not _bilinear(rows, i, n, axis):
                fits = False
                break
        if fits:
            for i in range(count):
                if not _bilinear(words, i, n, axis):
                    fits = False
                    break
        if fits:
            return True
    return False


@helper
def _shape(rows: Any, i: Any, n: Any) -> Any:
    """(letter, places, low, high) of a word of one letter; the letter is 0 where there are several."""
    letter, places, low, high = 0, 0, -1, -1
    for q in range(n):
        code = _code(rows, i, q)
        if code:
            if letter and code != letter:
                return 0, 0, 0, 0
            letter = code
            places += 1
            if low < 0:
                low = q
            high = q
    return letter, places, low, high


@helper
def _words(n: Any, places: Any) -> Any:
    """The number of words of one letter on one, two or all of n qubits."""
    if places == n:
        return 1
    return n if places == 1 else n * (n - 1) // 2


@helper
def _orbits(rows: Any, count: Any, label: Any, n: Any, seen: Any) -> Any:
    """Whether the rows come in runs of all words of one letter on one, two or all qubits, each once, of one label."""
    i, stamp = 0, 0
    while i < count:
        letter, places, _, _ = _shape(rows, i, n)
        size = _words(n, places)
        if letter == 0 or not (places == n or places < 3) or i + size > count:
            return False
        stamp += 1
        for j in range(i, i + size):
            other, length, low, high = _shape(rows, j, n)
            if other != letter or length != places or label[j] != label[i] or seen[low, high] == stamp:
                return False
            seen[low, high] = stamp
        i += size
    return True


@helper
def _solvable(
    n: Any, rows: Any, words: Any, count: Any, event: Any, parameter: Any, factor: Any, keep: Any, mean_keep: Any,
    mean_flip: Any, general: Any, initial: Any, projectors: Any, coefficient: Any,
) -> Any:
    """2 where all is bilinear in Majoranas, 1 where all qubits are alike, 0 else."""
    zero, alike = True, True
    for q in range(n):
        zero = zero and initial[q, 2] == 1.0
        for k in range(4):
            alike = alike and initial[q, k] == initial[0, k]
    if zero and not projectors and _fermionic(rows, words, count, n):
        return 2.0
    if not alike:
        return 0.0
    label = np.zeros(len(rows), dtype=np.int64)
    for i in range(len(rows)):
        s = event[i]
        if general[s]:
            return 0.0
        if i:
            b = event[i - 1]
            same = (
                parameter[s] == parameter[b] and abs(factor[s]) == abs(factor[b]) and keep[s] == keep[b]
                and mean_keep[s] == mean_keep[b] and abs(mean_flip[s]) == abs(mean_flip[b])
            )
            label[i] = label[i - 1] + (0 if same else 1)
    seen = np.zeros((n, n), dtype=np.int64)
    if not _orbits(rows, len(rows), label, n, seen):
        return 0.0
    if projectors:
        if len(coefficient) != 1 or count != n or _shape(words, np.int64(0), n)[1] != 1:
            return 0.0
        seen = np.zeros((n, n), dtype=np.int64)
        return 1.0 if _orbits(words, count, np.zeros(n, dtype=np.int64), n, seen) else 0.0
    # Words of one letter on so many places belong together, whatever their order is.
    met = np.zeros((3, n + 1), dtype=np.int64)
    size = np.zeros(3 * (n + 1))
    for i in range(count):
        code, places, _, _ = _shape(words, i, n)
        if code == 0 or not (places == n or places < 3):
            return 0.0
        at = (code - 1) * (n + 1) + places
        if met[code - 1, places] and abs(coefficient[i]) != size[at]:
            return 0.0
        met[code - 1, places] += 1
        size[at] = abs(coefficient[i])
    for code in range(3):
        for places in range(1, n + 1):
            # No word stands twice in a cost: as many as there can be are all of them.
            if met[code, places] and met[code, places] != _words(n, places):
                return 0.0
    return 1.0


@kernel
def measures(
    n: Any, kind: Any, table: Any, first: Any, wire: Any, letter: Any, parameter: Any, factor: Any, keep: Any,
    flip: Any, cross: Any, mean_keep: Any, mean_flip: Any, general: Any, trainable: Any, initial: Any, maps: Any,
    drawn: Any, term_first: Any, term_wire: Any, term_letter: Any, coefficient: Any, projectors: Any, complete: Any,
    out: Any,
) -> None:
    """Fill the columns of `generators.COLUMNS`, in their order.

    Parameters
    ----------
    n, kind, table, first, wire, letter, parameter, factor, keep, flip, cross, mean_keep, mean_flip, general, trainable
    initial
        As in `Tape`.
    maps : int64 (M, 16)
        `steps.MAPS`.
    drawn : bool (P,)
        Parameters in angles that are no affine functions.
    term_first, term_wire, term_letter, coefficient
        The cost's terms, as in `Tape`.
    projectors : bool
        Whether one of them is a projector.
    complete : bool
        Whether these are all terms, and all gates have steps.
    out : float64 (28,)
        Filled with NaN.
    """  # fmt: skip
    steps = len(kind)
    quarter = np.zeros(steps, dtype=np.int64)
    turns, depends, trained, fixed = 0, 0, 0, 0
    x, y, z, qubits = 0, 0, 0, 0
    axes = 0
    noisy = False
    for s in range(steps):
        size = first[s + 1] - first[s]
        if kind[s] == NOISE1 or kind[s] == NOISE2:
            axes += 2 * size
            noisy = True
        if kind[s] != TURN:
            continue
        quarter[s] = parameter[s] < 0 and not general[s] and keep[s] == 0.0 and flip[s] == 1.0
        if quarter[s]:
            continue
        turns += 1
        qubits += size
        if parameter[s] < 0:
            fixed += 1
            continue
        depends += 1
        trained += trainable[parameter[s]]
        if size == 1:
            x += letter[first[s]] == 1
            z += letter[first[s]] == 2
            y += letter[first[s]] == 3
    out[0] = trained
    if depends:
        out[1], out[2], out[3], out[4] = x / depends, y / depends, z / depends, (depends - x - y - z) / depends
    if turns:
        out[5], out[6] = fixed / turns, qubits / turns

    inside = _inside(n, kind, table, first, wire, maps, term_wire)
    live, full = 0, 0
    sums = np.zeros(7)
    least_keep, least_flip = 1.0, 1.0
    for s in range(steps):
        if kind[s] != TURN or parameter[s] < 0 or not trainable[parameter[s]] or not inside[s]:
            continue
        live += 1
        mean = np.sqrt(mean_keep[s] * mean_keep[s] + mean_flip[s] * mean_flip[s])
        spread = _WIDEST if mean < 1e-300 else min(np.sqrt(max(-2.0 * np.log(min(mean, 1.0)), 0.0)), _WIDEST)
        sums[0] += keep[s]
        sums[1] += flip[s]
        sums[2] += mean
        sums[3] += spread
        sums[4] += np.log10(abs(factor[s])) if factor[s] != 0.0 else 0.0
        sums[5] += abs(mean_flip[s])
        sums[6] += abs(cross[s])
        full += mean < _FULL_PERIOD and abs(keep[s] - 0.5) < _FULL_PERIOD
        least_keep, least_flip = min(least_keep, keep[s]), min(least_flip, flip[s])
    if live:
        out[15], out[16], out[17], out[18] = sums[0] / live, least_keep, sums[1] / live, least_flip
        out[19], out[20], out[21], out[22] = sums[2] / live, sums[3] / live, full / live, sums[4] / live
        out[26], out[27] = sums[5] / live, sums[6] / live
    if n > MAX_QUBITS or n == 0:
        return

    w = (n + 63) // 64
    rows = np.zeros((turns + axes, 2 * w), dtype=np.uint64)
    event = np.zeros(turns + axes, dtype=np.int64)
    frame, _ = _pulled(n, kind, table, first, wire, letter, quarter, maps, rows, event)
    which = np.zeros(turns, dtype=np.int64)
    used = 0
    for i in range(len(event)):
        if kind[event[i]] == TURN:
            which[used] = i
            used += 1

    # Parameters whose uses do not merge.
    count = np.zeros(len(trainable), dtype=np.int64)
    for i in range(turns):
        if parameter[event[which[i]]] >= 0:
            count[parameter[event[which[i]]]] += 1
    apart = _drawn(rows, event, parameter, kind, count)
    out[23], out[24] = 0.0, 0.0
    for p in range(len(trainable)):
        if apart[p] or drawn[p]:
            out[23 if trainable[p] else 24] = 1.0

    # The cost's words at the start; of a projector the Z of each qubit.
    terms = len(term_first) - 1
    words = np.zeros((len(term_wire), 2 * w), dtype=np.uint64)
    word_first = np.zeros(terms + 1, dtype=np.int64)
    weight = np.zeros(terms)
    for t in range(terms):
        at, start, stop = word_first[t], term_first[t], term_first[t + 1]
        if term_letter[start] == EITHER:
            for k in range(start, stop):
                _xor(words, at, frame, n + term_wire[k])
                at += 1
            share = 0.5 ** (stop - start)
            weight[t] = coefficient[t] ** 2 * share * (1.0 - share)
        else:
            _image(frame, n, term_wire, term_letter, start, stop, words, at)
            at += 1
            weight[t] = coefficient[t] ** 2
        word_first[t + 1] = at

    if turns:
        spread_out = 0
        for i in range(turns):
            for k in range(w):
                g = which[i]
                spread_out += ones(rows[g, k] | rows[g, w + k])
        out[7] = spread_out / turns
        out[8] = _distinct(rows, which)
        before = np.zeros(n, dtype=np.int64)  # row + 1
        pairs, commuting = 0, 0
        for i in range(turns):
            g = which[i]
            s = event[g]
            for k in range(first[s], first[s + 1]):
                if before[wire[k]]:
                    pairs += 1
                    commuting += not _odd(rows, before[wire[k]] - 1, rows, g)
                before[wire[k]] = g + 1
        if pairs:
            out[9] = commuting / pairs
        pairs, commuting = 0, 0
        for i in range(turns):
            for j in range(i + 1, min(i + 1 + min(n, MAX_NEAR), turns)):
                pairs += 1
                commuting += not _odd(rows, which[i], rows, which[j])
        if pairs:
            out[10] = commuting / pairs
    if trained:
        diagonal, leading, last = 0, 0, 0
        against, heaviest = 0.0, 0.0
        stride = 1 + trained * terms * w // _MAX_PAIRS
        for i in range(turns):
            g = which[i]
            s = event[g]
            if parameter[s] < 0 or not trainable[parameter[s]]:
                continue
            plain = True
            for k in range(w):
                plain = plain and rows[g, k] == 0
            diagonal += plain
            if plain:
                leading += not _crosses_before(rows, g, which, i)
            touched = False
            for t in range(0, terms, stride):
                for k in range(word_first[t], word_first[t + 1]):
                    if _odd(rows, g, words, k):
                        against += weight[t] * (0.5 if term_letter[term_first[t]] == EITHER else 1.0)
                        touched = True
                        break
            if touched:
                last += not _crosses_behind(rows, g, which, i)
        for t in range(0, terms, stride):
            heaviest += weight[t]
        out[11], out[12] = leading / trained, diagonal / trained
        if terms and heaviest > 0.0:
            out[13] = last / n
            out[14] = against / heaviest / trained

    if terms:
        out[25] = 0.0
        if complete and not noisy:
            out[25] = _solvable(
                n, rows, words, word_first[terms], event, parameter, factor, keep, mean_keep, mean_flip, general,
                initial, projectors, coefficient,
            )
