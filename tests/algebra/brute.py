"""Random sets of Pauli strings, and what their commutators reach, one string after the other."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator

from ansatzlint.pauli.strings import PauliString

Pair = tuple[int, int]
"""(x, z) of a string."""


def pair(string: PauliString) -> Pair:
    return string.x, string.z


def clash(a: Pair, b: Pair) -> bool:
    return bin(a[0] & b[1]).count("1") % 2 != bin(a[1] & b[0]).count("1") % 2


def reached(generators: Iterable[PauliString], starts: Iterable[PauliString]) -> set[Pair]:
    """The starts and all that repeated commutators with the generators make of them."""
    moves = [pair(g) for g in generators]
    found = {pair(s) for s in starts}
    waiting = list(found)
    while waiting:
        at = waiting.pop()
        for move in moves:
            if clash(at, move):
                to = at[0] ^ move[0], at[1] ^ move[1]
                if to not in found:
                    found.add(to)
                    waiting.append(to)
    return found


def closure(generators: Iterable[PauliString]) -> set[Pair]:
    """The strings of the Lie algebra: nested commutators are enough."""
    kept = list(generators)
    return reached(kept, kept)


def _word(letters: str, qubits: Iterable[int]) -> PauliString:
    return PauliString.of(zip(qubits, letters, strict=True))


def _local(rng: random.Random, n: int, weight: int) -> PauliString:
    qubits = rng.sample(range(n), min(weight, n))
    return _word("".join(rng.choice("XYZ") for _ in qubits), qubits)


def _any(rng: random.Random, n: int) -> PauliString:
    code = rng.randrange(1, 4**n)
    return PauliString(code >> n, code & (1 << n) - 1)


def _chain(rng: random.Random, n: int) -> Iterator[PauliString]:
    ring = n > 2 and rng.random() < 0.5
    for _ in range(rng.randrange(1, 4)):
        letters = rng.choice("XYZI") + rng.choice("XYZ")
        for i in range(n if ring else n - 1):
            yield _word(letters, (i, (i + 1) % n))


def _fermions(rng: random.Random, n: int) -> Iterator[PauliString]:
    """Products of two Majoranas, turned by random Clifford rotations, some of them times one commuting string."""
    majoranas = []
    for i in range(n):
        tail = (1 << i) - 1
        majoranas += [(1 << i, tail), (1 << i, tail | 1 << i)]
    turns = [pair(_any(rng, n)) for _ in range(rng.randrange(4))]
    extra = majoranas.pop() if rng.random() < 0.5 else (0, 0)
    for _ in range(rng.randrange(1, 14)):
        a, b = rng.sample(majoranas, 2) if len(majoranas) > 1 else (majoranas[0], extra)
        x, z = a[0] ^ b[0], a[1] ^ b[1]
        if rng.random() < 0.2:
            x, z = x ^ extra[0], z ^ extra[1]
        for t in turns:
            if clash((x, z), t):
                x, z = x ^ t[0], z ^ t[1]
        yield PauliString(x, z)


def random_set(rng: random.Random, n: int) -> list[PauliString]:
    """One of several kinds: anything, one or two qubits each, chains and rings, free fermions, sparse graphs."""
    many = rng.randrange(1, 14)
    kind = rng.randrange(5)
    if kind == 0:
        found = [_any(rng, n) for _ in range(many)]
    elif kind == 1:
        found = [_local(rng, n, rng.choice((1, 2, 2))) for _ in range(many)]
    elif kind == 2:
        found = list(_chain(rng, n))
    elif kind == 3:
        found = list(_fermions(rng, n))
    else:
        found = []
        for _ in range(150):
            new = _any(rng, n)
            if sum(not new.commutes(old) for old in found) <= rng.choice((1, 1, 2)):
                found.append(new)
    return [s for s in found if s.support] or [PauliString(1, 0)]


def random_sets(seed: int, number: int, most: int = 5) -> Iterator[tuple[int, list[PauliString], random.Random]]:
    """(qubits, strings, generator of further random numbers)."""
    rng = random.Random(seed)
    for _ in range(number):
        n = rng.choice([k for k in (1, 2, 3, 3, 4, 4, 5) if k <= most])
        yield n, random_set(rng, n), rng
