"""Circuits of free fermions at drawn angles, by the turns of their Majoranas.

Rotations whose generators anticommute as products i g_a g_b of two Majoranas do turn the Majoranas among each other,
and a cost word that is such a product, or one Majorana, feels no more of the circuit than that (Terhal and DiVincenzo,
arXiv:quant-ph/0108010). In a Gaussian state Wick's theorem gives the means of longer products, as Pfaffians. The
Majoranas are those of the generators' anticommutation graph, a line graph (Chapman and Flammia, arXiv:2003.05465): no
order of the qubits and no letters are assumed.

A generator may stand for i g_a g_b times a word that commutes with all generators, as the boundary term of a ring does
with the parity. The word is a number in the initial state, or the state is split into the two it has (a sector each).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field
from itertools import product

import numpy as np
from numpy.typing import NDArray

from ansatzlint.moments import cones
from ansatzlint.moments.initial import Initial, pack
from ansatzlint.moments.rotations import Rotation, flipped, linear
from ansatzlint.pauli.anticommutation import anticommuting, components, twins
from ansatzlint.pauli.line_graphs import Pair, root_labels
from ansatzlint.pauli.strings import PauliString, bits, multiply

MAX_SECTORS = 2
"""Conserved words that the initial state may be split by."""

MAX_MAJORANAS = 2048

_SIMPLE = 4
"""Multiplications and additions that take as long as the update of one amplitude of a statevector."""

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

IDENTITY = PauliString(0, 0)


@dataclass(frozen=True, slots=True, eq=False)
class Majoranas:
    """The whole cost as arrays; they are the arguments of `fermion_kernels.gradients`, where their layout stands."""

    widths: Integers
    columns_of: Integers
    modes: Integers
    signs: Floats
    constants: Floats
    rows: Integers
    columns: Integers
    coefficients: Floats
    starts: Integers
    others: Integers
    values: Floats
    terms: Integers
    weights: Floats
    constant: float
    pure: Integers
    products: Integers
    factors: Integers
    members: Integers
    shares: Floats
    known: int
    norm: float

    @property
    def note(self) -> str:
        """What the values rest on."""
        return f"drawn angles of free fermions, {len(self.widths)} Majorana modes"

    @property
    def work(self) -> int:
        """One draw, in amplitude updates of a statevector."""
        turns = int(self.widths[self.modes[:, 0]].sum()) if len(self.modes) else 0
        wide = int(self.widths.max(initial=0))
        per_term = 2 * wide + 2 * len(self.values) * wide // max(len(self.widths), 1)
        covariances = sum(int(width) ** 3 // 2 for width in self.widths[self.pure[:, 0]])
        pfaffians = 2 * int((np.diff(self.factors) ** 3).sum())
        if len(self.shares):
            pfaffians += 2 * covariances
        return (4 * turns + len(self.terms) * per_term + covariances + pfaffians) // _SIMPLE

    @property
    def tells_shots(self) -> bool:
        return self.known > 0

    @property
    def slope_bounds(self) -> Floats:
        """By term of the angles, shape (T,): no derivative of the cost by its feature is larger through it."""
        return np.asarray(np.abs(self.coefficients) * self.norm)

    def run(self, features: Floats, cost: Floats, square: Floats, slopes: Floats) -> None:
        """Write <O> and <O^2> at each row of features; add the derivatives by every feature to `slopes`."""
        from ansatzlint.moments.fermion_kernels import gradients

        gradients(
            features, self.widths, self.columns_of, self.modes, self.signs, self.constants, self.rows, self.columns,
            self.coefficients, self.starts, self.others, self.values, self.terms, self.weights, self.constant,
            self.pure, self.products, self.factors, self.members, self.shares, self.known, cost, square, slopes,
        )  # fmt: skip


def free(
    rotations: Sequence[Rotation], terms: Sequence[cones.Term], start: cones.Start, state: Initial
) -> Majoranas | str:
    """The network of a circuit of free fermions, or why there is none.

    Parameters
    ----------
    rotations
        In time order, as seen from `start` without its flips.
    terms
        The cost without its constant.
    state
        The same initial state as `start`.
    """
    words = [term for term in terms if isinstance(term, cones.Word)]
    if len(words) < len(terms):
        return "a projector is no product of few Majorana operators"
    if start.unknown:
        return "inputs decide the initial state"
    index: dict[tuple[int, int], int] = {}
    for rotation in rotations:
        index.setdefault((rotation.generator.x, rotation.generator.z), len(index))
    generators = [PauliString(x, z) for x, z in index]
    rows = anticommuting(generators, generators, state.qubits)
    if _has_claw(rows):
        return "the generators are no products of two Majorana operators"
    felt = anticommuting([word.string for word in words], generators, state.qubits)
    known = _State(start, state)
    reached = cones.Space(generator.x & ~known.blocks for generator in generators)
    # a word that leads out of all basis states that are reached has no mean, whatever it is made of
    dead = {i for i, word in enumerate(words) if reached.residue(word.string.x & ~known.blocks)}
    algebra = _Algebra(generators, known)
    met = 0
    for i, row in enumerate(felt):
        met |= 0 if i in dead else row
    chains = []
    for members in components(rows):
        if any(met >> member & 1 for member in members):
            chain = _chain(rows, members, generators)
            if chain is None or len(chain.potentials) > MAX_MAJORANAS:
                return "the generators are no products of two Majorana operators"
            if not algebra.join(chain):
                return "the initial state mixes too many values of conserved words"
            chains.append(chain)
    sorted_ = _sorted(words, felt, dead, chains, known)
    if isinstance(sorted_, str):
        return sorted_
    # Those that no word feels would only blur what no derivative can exceed.
    part = cones.Generators([r.generator for r in rotations], state.qubits).felt(words, start)
    return _network([rotations[r] for r in bits(part.rotations)], index, chains, algebra, sorted_)


def _has_claw(rows: Sequence[int], looked_at: int = 4) -> bool:
    """Whether some vertex surely has three neighbours that are neither neighbours nor twins of each other.

    Only the few with most neighbours are looked at: in most circuits that is enough, and else `root_labels` decides.
    """
    for row in sorted(rows, key=int.bit_count, reverse=True)[:looked_at]:
        # In a line graph the neighbours of a vertex make two cliques, so that the twin-free complement is bipartite.
        near = list(dict.fromkeys(rows[v] for v in bits(row)))
        place = {r: i for i, r in enumerate(near)}
        vertex = {rows[v]: v for v in bits(row)}
        colour: dict[int, int] = {}
        for first in near:
            if place[first] in colour:
                continue
            colour[place[first]] = 0
            queue = [first]
            for here in queue:
                for other in near:
                    if other == here or here >> vertex[other] & 1:
                        continue
                    wanted = 1 - colour[place[here]]
                    if colour.setdefault(place[other], -1) == -1:
                        colour[place[other]] = wanted
                        queue.append(other)
                    elif colour[place[other]] != wanted:
                        return True
    return False


class _State:
    """Expectation values in the initial state, seen from its flips."""

    def __init__(self, start: cones.Start, state: Initial) -> None:
        self._state, self._flips = state, start.flips
        self.blocks = sum(start.masks)

    def means(self, strings: Sequence[PauliString]) -> Floats:
        if not strings:
            return np.zeros(0)
        signs = np.array([flipped(s, self._flips).sign for s in strings], dtype=np.float64)
        return np.asarray(signs * self._state.expectation(pack(strings, self._state.qubits)))

    def mean(self, string: PauliString) -> float:
        return float(self.means([string])[0])

    def sign(self, string: PauliString) -> int:
        """1 or -1 where the string leaves the state as it is or negates it, else 0."""
        value = self.mean(string)
        return round(value) if abs(abs(value) - 1.0) < 1e-12 else 0


@dataclass(slots=True)
class _Chain:
    """A component: `labels` by generator, and for each Majorana v but the first the word i g_0 g_v.

    `first` is where its Majoranas stand among all of a sector, `factors` what each generator is times i g_a g_b: a sign
    and the conserved words (bits) that the state is split by.
    """

    labels: dict[int, Pair]
    potentials: list[PauliString]
    first: int = 0
    factors: dict[int, tuple[int, int]] = field(default_factory=dict)

    def word(self, a: int, b: int) -> PauliString:
        """i g_a g_b of two different Majoranas."""
        if a == 0:
            return self.potentials[b]
        if b == 0:
            u = self.potentials[a]
            return PauliString(u.x, u.z, -u.sign)
        # g_a g_b = U_a U_b
        return _times(1, self.potentials[a], self.potentials[b])


def _times(turns: int, a: PauliString, b: PauliString) -> PauliString:
    """i^turns a b, which is Hermitian."""
    phase, string = multiply(a, b)
    phase = (phase + turns) % 4
    assert phase % 2 == 0, "the product is Hermitian"
    return PauliString(string.x, string.z, 1 - phase)


def _chain(rows: Sequence[int], members: Sequence[int], generators: Sequence[PauliString]) -> _Chain | None:
    """The Majoranas of one component; None where it has none."""
    same = list(twins(rows, members).values())
    place = {group[0]: i for i, group in enumerate(same)}
    reduced = [sum(1 << place[v] for v in bits(rows[group[0]]) if v in place) for group in same]
    order = next(iter(components(reduced)))
    pairs = root_labels(reduced, order)
    if pairs is None:
        return None
    labels: dict[int, Pair] = {}
    at: dict[int, list[tuple[int, int]]] = {}
    for vertex, (a, b) in zip(order, pairs, strict=True):
        labels.update((member, (a, b)) for member in same[vertex])
        at.setdefault(a, []).append((b, same[vertex][0]))
        at.setdefault(b, []).append((a, same[vertex][0]))
    potentials: dict[int, PauliString] = {0: IDENTITY}
    queue = [0]
    for a in queue:
        for b, generator in at[a]:
            if b not in potentials:
                # g_0 g_b = (g_0 g_a)(g_a g_b), the generator being i g_a g_b
                potentials[b] = _times(3, potentials[a], generators[generator]) if a else generators[generator]
                queue.append(b)
    return _Chain(labels, [potentials[v] for v in range(len(queue))])


class _Algebra:
    """What the generators are beside products of two Majoranas: signs and conserved words."""

    def __init__(self, generators: Sequence[PauliString], state: _State) -> None:
        self._generators, self._state = generators, state
        self.conserved: list[PauliString] = []
        self.majoranas = 0

    def join(self, chain: _Chain) -> bool:
        """Take in a component; False where the state mixes too many values of its conserved words."""
        chain.first = self.majoranas
        self.majoranas += len(chain.potentials)
        for generator, (a, b) in chain.labels.items():
            found = self._factor(_times(0, self._generators[generator], chain.word(a, b)))
            if found is None:
                return False
            chain.factors[generator] = found
        return True

    def _factor(self, central: PauliString) -> tuple[int, int] | None:
        for subset in range(1 << len(self.conserved)):
            rest = central
            for word in self.words(subset):
                rest = _times(0, rest, word)
            if sign := self._state.sign(rest):
                return sign, subset
        if len(self.conserved) == MAX_SECTORS:
            return None
        self.conserved.append(PauliString(central.x, central.z))
        return central.sign, 1 << len(self.conserved) - 1

    def words(self, subset: int) -> Iterator[PauliString]:
        return (self.conserved[k] for k in bits(subset))


@dataclass(frozen=True, slots=True)
class _Term:
    """coefficient * (i g_a g_b times `rest`), or the word `rest` that holds g_a and no other Majorana (b = -1)."""

    coefficient: float
    chain: int
    a: int
    b: int
    rest: PauliString


@dataclass(frozen=True, slots=True)
class _Product:
    """coefficient times, for each of some components, the product of i g_a g_b over Majoranas in turn."""

    coefficient: float
    factors: tuple[tuple[int, tuple[int, ...]], ...]


@dataclass(slots=True)
class _Sorted:
    """A cost by what its words are, and the part of it that nothing moves; `sure` where that has no spread."""

    terms: list[_Term] = field(default_factory=list)
    products: list[_Product] = field(default_factory=list)
    constant: float = 0.0
    sure: bool = True


def _sorted(
    words: Sequence[cones.Word], felt: Sequence[int], dead: Set[int], chains: Sequence[_Chain], state: _State
) -> _Sorted | str:
    """The cost words as products of Majoranas, those that are dead left out; or why they are none."""
    found = _Sorted(sure=not dead)
    for i, (word, row) in enumerate(zip(words, felt, strict=True)):
        if i in dead:
            continue
        held = [(number, _members(chain, row)) for number, chain in enumerate(chains)]
        if any(members is None for _, members in held):
            return "a cost word is no product of Majorana operators"
        own = [(number, tuple(members)) for number, members in held if members]
        if not own:
            value = state.mean(word.string)
            found.constant += word.coefficient * value
            found.sure &= abs(value) > 1 - 1e-12
            continue
        number, members = own[0]
        if len(own) > 1 or len(members) > 2:
            product_ = _product(word, own, chains, state)
            if isinstance(product_, str):
                return product_
            found.products.append(product_)
        elif len(members) == 1:
            found.terms.append(_Term(word.coefficient, number, members[0], -1, word.string))
        else:
            a, b = members
            rest = _times(0, word.string, chains[number].word(a, b))
            found.terms.append(_Term(word.coefficient, number, a, b, rest))
    found.terms.sort(key=lambda term: term.chain)
    return found


def _product(
    word: cones.Word, own: Sequence[tuple[int, tuple[int, ...]]], chains: Sequence[_Chain], state: _State
) -> _Product | str:
    """A word that is a product of more than two Majoranas, or why Wick's theorem does not give its mean."""
    rest = word.string
    for number, members in own:
        if len(members) % 2:
            return "a cost word is a product of an odd number of Majorana operators"
        for a, b in zip(members[::2], members[1::2], strict=True):
            rest = _times(0, rest, chains[number].word(a, b))
    sign = state.sign(rest)
    if not sign:
        return "a cost word holds a conserved one of which the initial state mixes both values"
    return _Product(sign * word.coefficient, tuple(own))


def _members(chain: _Chain, row: int) -> list[int] | None:
    """The Majoranas whose product anticommutes with the generators of the row; the fewer of two sets, None without."""
    odd: dict[int, int] = {0: 0}
    at: dict[int, list[tuple[int, int]]] = {}
    for generator, (a, b) in chain.labels.items():
        at.setdefault(a, []).append((b, row >> generator & 1))
        at.setdefault(b, []).append((a, row >> generator & 1))
    queue = [0]
    for a in queue:
        for b, differs in at[a]:
            if b not in odd:
                odd[b] = odd[a] ^ differs
                queue.append(b)
            elif odd[b] != odd[a] ^ differs:
                return None
    inside = [v for v in odd if odd[v]]
    return inside if 2 * len(inside) <= len(odd) else [v for v in odd if not odd[v]]


def _network(
    rotations: Sequence[Rotation],
    index: dict[tuple[int, int], int],
    chains: Sequence[_Chain],
    algebra: _Algebra,
    cost: _Sorted,
) -> Majoranas | str:
    """All sectors one after the other."""
    owner = {generator: number for number, chain in enumerate(chains) for generator in chain.labels}
    kept = [(r, index[r.generator.x, r.generator.z]) for r in rotations]
    kept = [(r, g) for r, g in kept if g in owner]
    sizes = [len(chain.potentials) for chain in chains]
    sectors = list(product((1, -1), repeat=len(algebra.conserved)))
    modes, signs, angles = [], [], []
    for number, sector in enumerate(sectors):
        for rotation, generator in kept:
            chain = chains[owner[generator]]
            a, b = chain.labels[generator]
            sign, subset = chain.factors[generator]
            base = number * algebra.majoranas + chain.first
            modes.append((base + a, base + b))
            signs.append(rotation.generator.sign * sign * np.prod([sector[k] for k in bits(subset)]))
            angles.append(rotation)
    matrices = _Matrices(algebra)
    terms, weights = [], []
    for number, sector in enumerate(sectors):
        for term in cost.terms:
            chain = chains[term.chain]
            base = number * algebra.majoranas + chain.first
            first, sign = matrices.of(chain, term, number, sector)
            terms.append((base + term.a, base + term.b if term.b >= 0 else -1, first))
            weights.append(sign * term.coefficient)
    pure = _pure(chains, cost, terms, matrices) if len(sectors) == 1 else []
    if cost.products and not pure:
        return "the state is no Gaussian one, and a cost word is a product of more than two Majorana operators"
    if len(cost.terms) + len(cost.products) == 1 and cost.sure:
        known = 2
    else:
        known = 1 if pure and cost.sure and not cost.products else 0
    factors = [(chains[number].first, members) for item in cost.products for number, members in item.factors]
    starts, others, values = matrices.arrays()
    constants, rows, columns, coefficients = linear(angles)
    return Majoranas(
        np.array(sizes * len(sectors), dtype=np.int64).repeat(sizes * len(sectors)),
        np.array([v for size in sizes * len(sectors) for v in range(size)], dtype=np.int64),
        np.array(modes, dtype=np.int64).reshape(-1, 2),
        np.array(signs, dtype=np.float64),
        constants, rows, columns, coefficients, starts, others, values,
        np.array(terms, dtype=np.int64).reshape(-1, 3),
        np.array(weights, dtype=np.float64),
        cost.constant,
        np.array(pure, dtype=np.int64).reshape(-1, 4),
        np.cumsum([0, *(len(item.factors) for item in cost.products)]).astype(np.int64),
        np.cumsum([0, *(len(members) for _, members in factors)]).astype(np.int64),
        np.array([first + v for first, members in factors for v in members], dtype=np.int64),
        np.array([item.coefficient for item in cost.products], dtype=np.float64),
        known,
        # each of the words lies in all sectors together
        sum(abs(c) for c in (*(t.coefficient for t in cost.terms), *(p.coefficient for p in cost.products))),
    )  # fmt: skip


def _pure(
    chains: Sequence[_Chain], cost: _Sorted, placed: Sequence[tuple[int, int, int]], matrices: _Matrices
) -> list[tuple[int, int, int, int]]:
    """The rows of `pure` in the kernel, empty where they are of no use.

    Components commute with each other, so that states of them that are pure each are a product. Products need those of
    theirs to be pure; where there are none, the shot variance needs all of them, and terms of no other matrix.
    """
    found: list[tuple[int, int, int, int]] = []
    needed = {number for item in cost.products for number, _ in item.factors}
    for number, chain in enumerate(chains):
        own = [i for i, term in enumerate(cost.terms) if term.chain == number]
        if not (number in needed if cost.products else own):
            continue
        first = matrices.pure(chain)
        if first is None:
            return []
        if not cost.products and any(cost.terms[i].b < 0 or placed[i][2] != first for i in own):
            return []
        found.append((chain.first, first, own[0] if own else 0, own[-1] + 1 if own else 0))
    return found


class _Matrices:
    """Expectation values <i g_u g_v W> in a sector for conserved words W, as sparse rows one below the other."""

    def __init__(self, algebra: _Algebra) -> None:
        self._algebra, self._state = algebra, algebra._state
        self._known: dict[tuple[int, int, PauliString], int] = {}
        self._rows: list[list[tuple[int, float]]] = []

    def of(self, chain: _Chain, term: _Term, number: int, sector: Sequence[int]) -> tuple[int, int]:
        """(first row, sign) of the matrix of a term."""
        sign = self._state.sign(term.rest) if term.b >= 0 else 0
        rest = IDENTITY if sign else term.rest
        if term.b >= 0:
            return self._matrix(chain, rest, number, sector), sign or 1
        self._rows.append(self._linear(chain, term, sector))
        return len(self._rows) - 1, 1

    def _matrix(self, chain: _Chain, rest: PauliString, number: int, sector: Sequence[int]) -> int:
        key = chain.first, number, rest
        if key not in self._known:
            self._known[key] = len(self._rows)
            self._rows += self._bilinear(chain, rest, sector)
        return self._known[key]

    def _bilinear(self, chain: _Chain, rest: PauliString, sector: Sequence[int]) -> list[list[tuple[int, float]]]:
        size = len(chain.potentials)
        rows: list[dict[int, float]] = [{} for _ in range(size)]
        for share, projected in self._projected(sector):
            # Only words without X off the blocks have a mean.
            outside = ~self._state.blocks
            want = (rest.x ^ projected.x) & outside
            near: dict[int, list[int]] = {}
            for v, potential in enumerate(chain.potentials):
                near.setdefault(potential.x & outside, []).append(v)
            pairs = [
                (u, v)
                for u, potential in enumerate(chain.potentials)
                for v in near.get((potential.x & outside) ^ want, ())
                if u < v
            ]
            tail = _times(0, rest, projected)
            for (u, v), value in zip(pairs, self._means([chain.word(u, v) for u, v in pairs], tail), strict=True):
                if value:
                    rows[u][v] = rows[u].get(v, 0.0) + share * value
                    rows[v][u] = rows[v].get(u, 0.0) - share * value
        return [list(row.items()) for row in rows]

    def _linear(self, chain: _Chain, term: _Term, sector: Sequence[int]) -> list[tuple[int, float]]:
        """<g_u g_a W> for the word W that holds g_a, every u."""
        found: dict[int, float] = {}
        for share, projected in self._projected(sector):
            strings = []
            for u in range(len(chain.potentials)):
                turned = _times(3, chain.word(u, term.a), term.rest) if u != term.a else term.rest
                strings.append(turned)
            for u, value in enumerate(self._means(strings, projected)):
                found[u] = found.get(u, 0.0) + share * value
        return [(u, value) for u, value in found.items() if value]

    def _means(self, strings: Sequence[PauliString], tail: PauliString) -> list[float]:
        """Of each string times the tail, which commutes with it."""
        return [float(value) for value in self._state.means([_times(0, string, tail) for string in strings])]

    def _projected(self, sector: Sequence[int]) -> Iterator[tuple[float, PauliString]]:
        """The projector on a sector, as words with their shares."""
        for subset in range(1 << len(sector)):
            share, word = 0.5 ** len(sector), IDENTITY
            for k in bits(subset):
                share *= sector[k]
                word = _times(0, word, self._algebra.conserved[k])
            yield share, word

    def pure(self, chain: _Chain) -> int | None:
        """First row of the covariances of a component without sectors, if they are orthogonal.

        They are in a pure Gaussian state, and in no other.
        """
        first = self._matrix(chain, IDENTITY, 0, ())
        size = len(chain.potentials)
        dense = np.zeros((size, size))
        for u, row in enumerate(self._rows[first : first + size]):
            for v, value in row:
                dense[u, v] = value
        return first if np.abs(dense @ dense.T - np.eye(size)).max(initial=0.0) < 1e-9 else None

    def arrays(self) -> tuple[Integers, Integers, Floats]:
        """(starts, others, values)."""
        entries = [entry for row in self._rows for entry in row]
        return (
            np.cumsum([0, *map(len, self._rows)]).astype(np.int64),
            np.array([v for v, _ in entries], dtype=np.int64),
            np.array([value for _, value in entries], dtype=np.float64),
        )
