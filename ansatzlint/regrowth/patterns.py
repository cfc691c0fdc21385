"""Where the gates of one sweep, or the words of a cost, sit: as functions of the number of qubits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from typing import Literal

Sites = tuple[tuple[int, ...], ...]

_LONGEST_STRIDE = 12


@dataclass(frozen=True, slots=True)
class Pattern:
    """A rule that gives, for a number of qubits, tuples of `arity` qubits in order.

    `smallest` is the fewest qubits where it means what its text says, `step` is 2 where only even numbers do, `least`
    the fewest where it can be told from others. `grows` is False for what sits at an end of the register, whatever its
    size. `parity` is "halves" for every second pair, "places" for single qubits that at an even number of qubits may be
    the ones of every second pair: where both are met, the other parity is not told by this one. `half` is the size at
    which a stride is half of the register, so that a pair and its reverse are both met.
    """

    text: str
    arity: int
    sites: Callable[[int], Sites]
    smallest: int = 2
    step: int = 1
    grows: bool = True
    least: int = 0
    parity: Literal["", "halves", "places"] = ""
    half: int = 0


def _every(start: int, margin: int, step: int = 1) -> Callable[[int], Sites]:
    return lambda n: tuple((q,) for q in range(start, n - margin, step))


def _window(arity: int, distance: int, start: int, margin: int, descending: bool) -> Callable[[int], Sites]:
    span = distance * (arity - 1)

    def sites(n: int) -> Sites:
        found = tuple(tuple(q + distance * k for k in range(arity)) for q in range(start, n - span - margin))
        return found[::-1] if descending else found

    return sites


def _ring(arity: int, stride: int, closing_first: bool, descending: bool) -> Callable[[int], Sites]:
    def sites(n: int) -> Sites:
        order = [n - 1, *range(n - 1)] if closing_first else list(range(n))
        found = tuple(tuple((q + stride * k) % n for k in range(arity)) for q in order)
        return found[::-1] if descending else found

    return sites


def _half(start: int, periodic: bool) -> Callable[[int], Sites]:
    def sites(n: int) -> Sites:
        return tuple((q, (q + 1) % n) for q in range(start, n if periodic else n - 1, 2))

    return sites


def _both(first: Callable[[int], Sites], second: Callable[[int], Sites]) -> Callable[[int], Sites]:
    return lambda n: first(n) + second(n)


def _star(last: bool, descending: bool) -> Callable[[int], Sites]:
    def sites(n: int) -> Sites:
        found = tuple((n - 1, q) for q in range(n - 1)) if last else tuple((0, q) for q in range(1, n))
        return found[::-1] if descending else found

    return sites


def _pairs(descending: bool) -> Callable[[int], Sites]:
    def sites(n: int) -> Sites:
        found = tuple(combinations(range(n), 2))
        return found[::-1] if descending else found

    return sites


def _first(arity: int, offset: int) -> Callable[[int], Sites]:
    return lambda _: (tuple(range(offset, offset + arity)),)


def _last(arity: int, offset: int) -> Callable[[int], Sites]:
    return lambda n: (tuple(range(n - offset - arity, n - offset)),)


_EVERY = Pattern("on every qubit", 1, _every(0, 0), 1)
_EVEN = Pattern("on every second qubit from the first", 1, _every(0, 0, 2), parity="places")
_ODD = Pattern("on every second qubit from the second", 1, _every(1, 0, 2), parity="places")
_CHAIN = Pattern("along a chain", 2, _window(2, 1, 0, 0, False))
_BRICK = Pattern("in a brick pattern", 2, _both(_half(0, False), _half(1, False)), 3, parity="halves")
_ALL = Pattern("on all pairs", 2, _pairs(False))
_STAR = Pattern("from the first qubit to every other", 2, _star(False, False))


@cache
def single_qubits() -> tuple[Pattern, ...]:
    """Patterns of one qubit that grow, simplest first."""
    return (
        _EVERY,
        _EVEN,
        _ODD,
        Pattern("on every qubit but the first", 1, _every(1, 0), parity="places"),
        Pattern("on every qubit but the last", 1, _every(0, 1), parity="places"),
        Pattern("on every qubit but the first and the last", 1, _every(1, 1), 3, parity="places"),
    )


@cache
def rings(arity: int, qubits: int) -> tuple[Pattern, ...]:
    """Closed rings with every stride up to `_LONGEST_STRIDE` that so many qubits can tell apart."""
    found = []
    for stride in range(1, min(qubits // 2, _LONGEST_STRIDE) + 1):
        if arity > 2 and stride > 1:
            break
        text = "around a ring" if stride == 1 else f"around a ring with stride {stride}"
        for closing_first in (False, True):
            for descending in (False, True):
                sites = _ring(arity, stride, closing_first, descending)
                smallest = max(arity + 1, 2 * stride)
                half = 2 * stride if stride > 1 else 0
                found.append(Pattern(text + _order(closing_first, descending), arity, sites, smallest, half=half))
    return tuple(found)


def _order(closing_first: bool, descending: bool) -> str:
    if closing_first != descending:
        return ", closed first" if closing_first else ", closed first, in reverse"
    return "" if not descending else ", in reverse"


@cache
def pairs(qubits: int) -> tuple[Pattern, ...]:
    """Patterns of two qubits that grow, simplest first; strides go up to half of `qubits`."""
    even, odd = _half(0, False), _half(1, False)
    return (
        *(pattern for pattern in rings(2, qubits) if "stride" not in pattern.text),
        _CHAIN,
        Pattern("along a chain in reverse", 2, _window(2, 1, 0, 0, True)),
        Pattern("in a closed brick pattern", 2, _both(even, _half(1, True)), 4, 2),
        Pattern("in a closed brick pattern, odd pairs first", 2, _both(_half(1, True), even), 4, 2),
        _BRICK,
        Pattern("in a brick pattern, odd pairs first", 2, _both(odd, even), 3, parity="halves"),
        _ALL,
        Pattern("on all pairs in reverse", 2, _pairs(True)),
        Pattern("on the pairs (1, 2), (3, 4), …, the last with the first", 2, _half(1, True), 4, 2, parity="halves"),
        Pattern("on the pairs (0, 1), (2, 3), …", 2, even, parity="halves"),
        Pattern("on the pairs (1, 2), (3, 4), …", 2, odd, 3, parity="halves"),
        _STAR,
        Pattern("from the first qubit to every other, in reverse", 2, _star(False, True)),
        Pattern("from the last qubit to every other", 2, _star(True, False)),
        Pattern("from the last qubit to every other, in reverse", 2, _star(True, True)),
        *(pattern for pattern in rings(2, qubits) if "stride" in pattern.text),
        *(
            Pattern(f"on all qubits {distance} apart{', in reverse' if down else ''}", 2,
                    _window(2, distance, 0, 0, down), distance + 1, least=3 * distance)
            for distance in (2, 3)
            for down in (False, True)
        ),
    )  # fmt: skip


@cache
def windows(arity: int, qubits: int) -> tuple[Pattern, ...]:
    """Patterns of three and more neighbours that grow."""
    open_ = tuple(
        Pattern(f"on every {arity} neighbours{', in reverse' if down else ''}", arity,
                _window(arity, 1, 0, 0, down), arity)
        for down in (False, True)
    )  # fmt: skip
    return (*rings(arity, qubits), *open_)


@cache
def partial_chains() -> tuple[Pattern, ...]:
    """Chains that leave out a pair at an end, for blocks of gates whose first or last instance differs."""
    found = []
    margins = ((1, 0, "but the first pair"), (0, 1, "but the last pair"), (1, 1, "but both end pairs"))
    for start, margin, text in margins:
        for down in (False, True):
            suffix = " in reverse" if down else ""
            found.append(
                Pattern(
                    f"along a chain{suffix} {text}",
                    2,
                    _window(2, 1, start, margin, down),
                    3 + start * margin,
                    least=5 + start * margin,
                )
            )
    return tuple(found)


@cache
def ends(arity: int) -> tuple[Pattern, ...]:
    """What sits at an end of the register, whatever its size."""
    if arity == 1:
        return (
            Pattern("on the first qubit", 1, _first(1, 0), 1, grows=False),
            Pattern("on the last qubit", 1, _last(1, 0), 1, grows=False),
            Pattern("on the second qubit", 1, _first(1, 1), 2, grows=False, least=6),
            Pattern("on the last qubit but one", 1, _last(1, 1), 2, grows=False, least=6),
        )
    found: tuple[Pattern, ...] = (
        Pattern(f"on the first {arity} qubits", arity, _first(arity, 0), arity, grows=False),
        Pattern(f"on the last {arity} qubits", arity, _last(arity, 0), arity, grows=False),
    )
    if arity == 2:
        found += (Pattern("on the last qubit and the first", 2, lambda n: ((n - 1, 0),), 3, grows=False),)
    return found


def growing(arity: int, qubits: int) -> tuple[Pattern, ...]:
    """All patterns of so many qubits that grow with the register, simplest first."""
    if arity == 1:
        return single_qubits()
    return pairs(qubits) if arity == 2 else windows(arity, qubits)


def lookalikes(pattern: Pattern, qubits: int) -> tuple[Pattern, ...]:
    """Other patterns that put gates where this one does at so many qubits and elsewhere, or in other order, at more."""
    larger = [n for n in (qubits + 1, qubits + 2) if not n % pattern.step]
    found = []
    for other in growing(pattern.arity, qubits):
        if other == pattern or other.half or qubits < other.smallest or qubits % other.step:
            continue
        if _order_of(other.sites(qubits)) == _order_of(pattern.sites(qubits)) and any(
            _order_of(other.sites(n)) != _order_of(pattern.sites(n)) for n in larger if not n % other.step
        ):
            found.append(other)
    return tuple(found)


def _order_of(sites: Sites) -> list[tuple[int, tuple[int, ...]]]:
    """The sites, each as early as those before it on the same qubits allow."""
    reached: dict[int, int] = {}
    found = []
    for place in sites:
        level = 1 + max(reached.get(qubit, 0) for qubit in place)
        reached.update(dict.fromkeys(place, level))
        found.append((level, tuple(sorted(place))))
    return sorted(found)
