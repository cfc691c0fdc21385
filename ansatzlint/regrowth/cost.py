"""What a cost measures, told so that it can be said at any number of qubits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from ansatzlint.circuit import Nonlinear, Observable, PauliSum, PauliTerm, Probabilities, Projector, State
from ansatzlint.regrowth.patterns import Pattern, Sites, ends, growing

_CLOSE = 1e-9

Word = tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Words:
    """coefficient * the sum of one Pauli word over the sites of a pattern.

    One letter on sites of several qubits is that letter on each.
    """

    coefficient: float
    letters: str
    pattern: Pattern

    def at(self, qubits: int) -> list[Word]:
        """The words at a size."""
        found = []
        for sites in self.pattern.sites(qubits):
            letters = self.letters if len(self.letters) == len(sites) else self.letters * len(sites)
            found.append(tuple(sorted(zip(sites, letters, strict=True))))
        return found


@dataclass(frozen=True, slots=True)
class Subset:
    """Which qubits a cost or a measurement reads."""

    text: str
    choose: Callable[[int], tuple[int, ...]]
    smallest: int = 1
    grows: bool = True


@dataclass(frozen=True, slots=True)
class Rule:
    """An observable at any size: `build(qubits)` gives it; `text` says what it is."""

    text: str
    build: Callable[[int], Observable]
    smallest: int = 1
    step: int = 1
    assumptions: tuple[str, ...] = ()


def subset(qubits: tuple[int, ...], total: int) -> Subset | None:
    """Which of the qubits these are, in a way that holds at any size; None where there is none."""
    n, count = total, len(qubits)
    if not qubits:
        return Subset("no qubits", lambda _: ())
    if qubits == tuple(range(n)):
        return Subset("all qubits", lambda m: tuple(range(m)))
    if qubits == tuple(range(n))[::-1]:
        return Subset("all qubits in reverse", lambda m: tuple(range(m))[::-1])
    if n > 3 and qubits == tuple(range(0, n, 2)):
        return Subset("every second qubit from the first", lambda m: tuple(range(0, m, 2)), 2)
    if n > 3 and qubits == tuple(range(1, n, 2)):
        return Subset("every second qubit from the second", lambda m: tuple(range(1, m, 2)), 2)
    if qubits == tuple(range(count)) and 2 * count <= n:
        return Subset(_many("first", count), lambda _: tuple(range(count)), count, False)
    if qubits == tuple(range(n - count, n)) and 2 * count <= n:
        return Subset(_many("last", count), lambda m: tuple(range(m - count, m)), count, False)
    return None


def _many(which: str, count: int) -> str:
    return f"the {which} qubit" if count == 1 else f"the {which} {count} qubits"


def regrow_observable(observable: Observable, total: int) -> Rule | str:
    """The observable at any size; a str says why there is no such rule."""
    if isinstance(observable, PauliSum):
        return _pauli_sum(observable, total)
    found = subset(observable.qubits, total)
    if found is None:
        return f"its cost reads qubits {', '.join(map(str, observable.qubits[:6]))}, which follow no rule"
    if isinstance(observable, Projector):
        return _projector(observable, found)
    return _on_subset(observable, found)


def _on_subset(observable: Probabilities | State | Nonlinear, found: Subset) -> Rule:
    kind = observable.quantity if isinstance(observable, Nonlinear) else type(observable).__name__.lower()
    return Rule(
        f"{kind} of {found.text}", lambda n: replace(observable, qubits=found.choose(n), location=None), found.smallest
    )


def _projector(observable: Projector, found: Subset) -> Rule | str:
    bits = observable.bits
    period = next(
        (p for p in (1, 2) if len(bits) > p + 1 and all(bits[i] == bits[i % p] for i in range(len(bits)))), None
    )
    if period is None and len(set(bits)) == 1:
        period = 1
    if not found.grows:
        return Rule(
            f"projector |{bits}> on {found.text}", lambda n: Projector(found.choose(n), bits), found.smallest
        )
    if period is None:
        return f"its cost projects on |{bits}>, which follows no rule"
    unit = bits[:period]
    shown = f"{unit}…{unit}"

    def build(n: int) -> Projector:
        qubits = found.choose(n)
        return Projector(qubits, (unit * len(qubits))[: len(qubits)])

    return Rule(f"projector |{shown}> on {found.text}", build, found.smallest)


def _pauli_sum(observable: PauliSum, total: int) -> Rule | str:
    pool: dict[Word, float] = {}
    for term in observable.terms:
        pool[term.paulis] = pool.get(term.paulis, 0.0) + term.coefficient
    constant = pool.pop((), 0.0)
    words = len(pool)
    sizes = {round(abs(c), 9) for c in pool.values()}
    parts: list[Words] = []
    rest = dict(pool)
    while rest:
        part = next(_matches(rest, total), None)
        if part is None:
            word = next(iter(rest))
            return f"its cost's term {PauliTerm(1.0, word)} is part of no sum that repeats over the qubits"
        for word in part.at(total):
            del rest[word]
        parts.append(part)
    for letters in {part.letters for part in parts if len(part.letters) == 1}:
        alike = [part for part in parts if part.letters == letters]
        partial = any(part.pattern.grows and len(part.at(total)) < total for part in alike)
        if partial and not all(part.pattern.grows for part in alike):
            return f"the coefficients of its cost's terms {letters} follow no rule"
    assumptions = [note for part in parts if (note := _reading(part, total))]
    growing_parts = [part for part in parts if part.pattern.grows]
    mean = len(sizes) == 1 and words > 1 and len(growing_parts) == len(parts) and _is_mean(pool, constant)
    if mean and words == 2:
        mean = all(len(part.letters) == 1 for part in parts)
        kind = "a mean over" if mean else "a constant for"
        assumptions.append(f"the factor {next(iter(pool.values())):g} of the cost's two terms is taken as {kind} them")
    elif mean and len(parts) > 1 and len({part.letters for part in parts}) > 1:
        mean = False
    counts = sum(len(part.at(total)) for part in growing_parts)
    shares = bool(constant) and not mean and bool(growing_parts) and len(sizes) == 1 and len(parts) == len(
        growing_parts
    ) and abs(abs(constant) - abs(next(iter(pool.values()))) * counts) < _CLOSE
    scale = constant / counts if shares else constant
    frozen = tuple(replace(part, coefficient=part.coefficient * words) if mean else part for part in parts)

    def build(n: int) -> PauliSum:
        collected: dict[Word, float] = {}
        found = [(part, part.at(n)) for part in frozen]
        number = sum(len(at) for _, at in found)
        for part, at in found:
            for word in at:
                coefficient = part.coefficient / number if mean else part.coefficient
                collected[word] = collected.get(word, 0.0) + coefficient
        terms = [PauliTerm(c, word) for word, c in collected.items()]
        if constant:
            terms.append(PauliTerm(scale * number if shares else scale, ()))
        return PauliSum(tuple(terms))

    text = " + ".join(f"{'mean' if mean else 'sum'} of {part.letters} {part.pattern.text}" if part.pattern.grows
                      else f"{part.letters} {part.pattern.text}" for part in frozen)  # fmt: skip
    return Rule(
        text or "a constant",
        build,
        max((part.pattern.smallest for part in frozen), default=1),
        max((part.pattern.step for part in frozen), default=1),
        tuple(assumptions),
    )


def _is_mean(pool: dict[Word, float], constant: float) -> bool:
    """Whether the coefficients are those of a mean, or of half of one beside the constant of a probability."""
    total = sum(abs(c) for c in pool.values())
    each = total / len(pool)
    if abs(total - 1.0) < _CLOSE:
        return True
    return abs(total - 0.5) < _CLOSE and abs(abs(constant) - 0.5) < _CLOSE and abs(each - 0.5) > _CLOSE


def _matches(pool: dict[Word, float], total: int) -> Iterator[Words]:
    """Sums of one word with one coefficient that are part of the pool, the simplest first."""
    word, coefficient = next(iter(pool.items()))
    arity = len(word)
    letters = "".join(letter for _, letter in word)
    if arity == total and arity > 1:
        if len(set(letters)) == 1 and total > 2:
            yield Words(coefficient, letters[0], _PRODUCT)
        if total > 2:
            return
    candidates = growing(arity, total) if arity <= total else ()
    if arity == 1:
        candidates = candidates[:3]
    orders = {letters} if arity > 2 else {letters, letters[::-1]}
    found: list[Words] = []
    for pattern in candidates:
        if total < pattern.smallest or total % pattern.step:
            continue
        for order in sorted(orders, key=lambda o: o != letters):
            part = Words(coefficient, order, pattern)
            at = part.at(total)
            if (
                len(at) > 1
                and len(set(at)) == len(at)
                and all(w in pool and abs(pool[w] - coefficient) < _CLOSE for w in at)
                and word in at
            ):
                found.append(part)
    # The sum that says most is the simplest; the order of the patterns decides between equals.
    found.sort(key=lambda part: -len(part.at(total)))
    yield from found
    for pattern in ends(arity):
        if pattern.smallest <= total:
            part = Words(coefficient, letters, pattern)
            if part.at(total) == [word]:
                yield part
    qubits = tuple(q for q, _ in word)
    if qubits == tuple(range(total // 2, total // 2 + arity)) and arity <= 2 < total:
        yield Words(coefficient, letters, _middle(arity))


def _reading(part: Words, total: int) -> str:
    """How a single term was taken, where it could mean another one at other sizes."""
    if part.pattern.grows:
        return ""
    arity = part.pattern.arity
    others = [
        other.text
        for other in (*ends(arity), *((_middle(arity),) if total > arity else ()))
        if other.text != part.pattern.text
        and other.smallest <= total
        and other.sites(total) == part.pattern.sites(total)
    ]
    word = PauliTerm(1.0, part.at(total)[0])
    if arity == 1 and part.pattern.text in ("on the last qubit but one", "in the middle"):
        others.append(f"on qubit {word.qubits[0]} at every size")
    if not others:
        return ""
    return f"its cost's term {word} is taken as the one {part.pattern.text}, not {' or '.join(others)}"


def _middle(arity: int) -> Pattern:
    def sites(n: int) -> Sites:
        return (tuple(range(n // 2, n // 2 + arity)),)

    return Pattern("in the middle", arity, sites, 2 * arity, grows=False)


_PRODUCT = Pattern("over all qubits", 0, lambda n: (tuple(range(n)),), 2, grows=False)
