"""Circuits that no permutation of the qubits changes, at drawn angles, in the space of their symmetric states.

From a product of n equal one-qubit states, layers of rotations about all words of one kind by one angle (all X, all
ZZ on pairs, …) never leave the n + 1 Dicke states, in which any cost acts as its mean over all permutations does
(Schatzki et al., arXiv:2210.09974).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import dropwhile, product
from math import comb, log, sqrt

import numpy as np
from numpy.typing import NDArray

from ansatzlint.moments import cones
from ansatzlint.moments.rotations import Rotation, linear
from ansatzlint.pauli.strings import PauliString, multiply

MAX_QUBITS = 512
"""Beyond this binomials no longer are floating-point numbers with room to spare."""

MAX_PAIRS = 1 << 14
"""Pairs of cost words whose products are looked at for <O^2>, where the cost itself is not symmetric."""

_SIMPLE = 4
"""Multiplications and additions that take as long as the update of one amplitude of a statevector."""

MAX_MIXED = 1 << 12
"""Ways to place the letters of a mixed word on the ones and zeros of a Dicke state."""

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Complexes = NDArray[np.complex128]
Kind = tuple[int, int, int]
"""How many X, Y and Z a word has."""


@dataclass(frozen=True, slots=True, eq=False)
class Dicke:
    """The whole cost as arrays; they are the arguments of `symmetric_kernels.gradients`, where their layout stands.

    `spread` bounds the derivative by each layer's angle, shape (L,). `squared` is not finite where <O^2> is not known.
    """

    state: Complexes
    basis: Floats
    letters: Integers
    levels: Floats
    constants: Floats
    rows: Integers
    columns: Integers
    coefficients: Floats
    cost: Complexes
    squared: Complexes
    spread: Floats

    @property
    def note(self) -> str:
        """What the values rest on."""
        return f"drawn angles in the {len(self.state)} permutation-symmetric states"

    @property
    def work(self) -> int:
        """One draw, in amplitude updates of a statevector."""
        size = len(self.state)
        changes = 1 + int(np.count_nonzero(np.diff(self.letters)))
        return ((6 * changes + 4) * size * size + 3 * size * len(self.letters)) // _SIMPLE

    @property
    def tells_shots(self) -> bool:
        return bool(np.isfinite(self.squared).all())

    @property
    def slope_bounds(self) -> Floats:
        """By term of the angles, shape (T,): no derivative of the cost by its feature is larger through this layer."""
        return np.asarray(np.abs(self.coefficients) * np.repeat(self.spread, np.diff(self.rows)))

    def run(self, features: Floats, cost: Floats, square: Floats, slopes: Floats) -> None:
        """Write <O> and <O^2> at each row of features; add the derivatives by every feature to `slopes`."""
        from ansatzlint.moments.symmetric_kernels import gradients

        gradients(
            features, self.state, self.basis, self.letters, self.levels, self.constants, self.rows, self.columns,
            self.coefficients, self.cost, self.squared, cost, square, slopes,
        )  # fmt: skip


def symmetric(
    rotations: Sequence[Rotation], terms: Sequence[cones.Term], start: cones.Start, qubits: int
) -> Dicke | str:
    """The network of a symmetric circuit, or why there is none.

    Parameters
    ----------
    rotations
        In time order, as seen from `start` without its flips.
    terms
        The cost without its constant.
    """
    if not 2 <= qubits <= MAX_QUBITS:
        return f"symmetric states are followed on 2 to {MAX_QUBITS} qubits"
    layers = _layers(rotations, qubits)
    if isinstance(layers, str):
        return layers
    state = _state(start, qubits)
    if isinstance(state, str):
        return state
    basis = _basis(qubits)
    operators = _operators(terms, qubits, basis)
    if isinstance(operators, str):
        return operators
    cost, squared = operators
    of_order = {order: _krawtchouk(qubits, order) for order in {layer.order for layer in layers}}
    layers = _felt(layers, of_order, cost, basis, at_rest=not start.blocks)
    levels = np.array([layer.sign * of_order[layer.order] for layer in layers]).reshape(-1, qubits + 1)
    constants, rows, columns, coefficients = linear([layer.angle for layer in layers])
    # |<i[H, O]>| / 2 with both operators centred
    spread = np.ptp(levels, axis=1) * np.ptp(np.linalg.eigvalsh(cost)) / 4
    return Dicke(
        state, basis, np.array([layer.letter for layer in layers], dtype=np.int64), levels,
        constants, rows, columns, coefficients, cost, squared,
        np.asarray(spread, dtype=np.float64),
    )  # fmt: skip


@dataclass(slots=True)
class _Layer:
    """exp(-i angle H / 2), H = sign * the sum of all words of `order` letters `letter`."""

    angle: Rotation
    letter: int
    order: int
    sign: int
    missing: int
    strings: set[tuple[int, int]]


def _layers(rotations: Sequence[Rotation], qubits: int) -> list[_Layer] | str:
    """The rotations as layers that are symmetric each, or why they are not."""
    kinds = []
    count: Counter[tuple[float, object, Kind, int]] = Counter()
    for rotation in rotations:
        kind = _kind(rotation.generator)
        key = (rotation.constant, rotation.terms, kind, rotation.generator.sign)
        kinds.append((key, kind))
        count[key] += 1
    for (_, _, shape, _), times in count.items():  # nearly all circuits end here
        if sum(map(bool, shape)) != 1:
            return "a generator mixes letters"
        if times % comb(qubits, max(shape)):
            return "some rotations are not repeated by one angle on all qubits or pairs of them alike"
    done: list[_Layer] = []
    open_: dict[object, _Layer] = {}  # in the order of their first rotation
    for (key, kind), rotation in zip(kinds, rotations, strict=True):
        generator = rotation.generator
        layer = open_.get(key)
        if layer is None:
            order = max(kind)
            layer = _Layer(rotation, kind.index(order), order, generator.sign, comb(qubits, order), set())
            open_[key] = layer
            done.append(layer)
        string = generator.x, generator.z
        if string in layer.strings:
            return "a rotation is repeated before its layer is complete"
        # A rotation joins its layer across what began later, so it has to commute with that.
        behind = False
        for other in open_.values():
            if behind and any(not generator.commutes(PauliString(x, z)) for x, z in other.strings):
                return "rotations of several layers are interleaved and do not commute"
            behind = behind or other is layer
        layer.strings.add(string)
        layer.missing -= 1
        if layer.missing:
            continue
        # Complete; those that began before and are still open must wait for nothing that does not commute with this.
        for begun, other in list(open_.items()):
            if other is layer:
                del open_[begun]
                break
            if other.letter != layer.letter:
                return "rotations of several layers are interleaved"
    return done


def _felt(
    layers: Sequence[_Layer], levels: Mapping[int, Floats], cost: Complexes, basis: Floats, *, at_rest: bool
) -> list[_Layer]:
    """The layers without those that commute with the cost and all that is felt behind them.

    Where the initial state is |0...0> (`at_rest`) those are left out too that do no more than turn its phase.
    """
    found: list[_Layer] = []
    letters: set[int] = set()
    known: dict[tuple[int, int], bool] = {}
    for layer in reversed(layers):
        key = layer.letter, layer.order
        if key not in known:
            generator = _diagonal(levels[layer.order], layer.letter, basis)
            scale = float(np.abs(levels[layer.order]).max() * np.abs(cost).max())
            known[key] = bool(np.abs(generator @ cost - cost @ generator).max() <= 1e-11 * scale)
        if not (known[key] and letters <= {layer.letter}):
            letters.add(layer.letter)
            found.append(layer)
    found.reverse()
    return list(dropwhile(lambda layer: at_rest and layer.letter == 2, found))


def _diagonal(values: Floats, letter: int, basis: Floats) -> Complexes:
    """The operator with these eigenvalues in the basis of a letter, over the Dicke states."""
    if letter == 2:
        return np.diag(values).astype(np.complex128)
    found = (basis * values) @ basis.T + 0j
    if letter == 1:
        phases = 1j ** np.arange(len(values))
        found = phases[:, None] * found * phases.conj()
    return np.asarray(found)


def _kind(string: PauliString) -> Kind:
    y = (string.x & string.z).bit_count()
    return string.x.bit_count() - y, y, string.z.bit_count() - y


def _state(start: cones.Start, qubits: int) -> Complexes | str:
    """The initial state over the Dicke states, seen from the basis state of its flips."""
    if start.unknown:
        return "inputs decide the initial state"
    if not start.blocks:
        found = np.zeros(qubits + 1, dtype=np.complex128)
        found[0] = 1.0
        return found
    pairs = [pair for on, pair in start.blocks if len(on) == 1]
    if len(pairs) != qubits:
        return "the initial state is not the same on every qubit"
    one = [pair * (abs(pair[0]) / pair[0]) for pair in pairs]  # blocks of one qubit have no amplitude that is zero
    if any(np.abs(pair - one[0]).max() > 1e-12 for pair in one):
        return "the initial state is not the same on every qubit"
    a, b = one[0]
    # sqrt(C(n, k)) a^(n - k) b^k, by logarithms because single factors underflow
    k = np.arange(qubits + 1)
    ways = np.array([0.5 * log(comb(qubits, int(i))) for i in k])
    return np.asarray(np.exp(ways + (qubits - k) * np.log(a) + k * np.log(b)))


def _basis(qubits: int) -> Floats:
    """The eigenstates of the sum of all X over the Dicke states as columns, from its largest eigenvalue down."""
    k = np.arange(qubits)
    side = np.sqrt((k + 1.0) * (qubits - k))
    _, vectors = np.linalg.eigh(np.diag(side, 1) + np.diag(side, -1))
    return np.ascontiguousarray(vectors[:, ::-1])


def _krawtchouk(qubits: int, order: int) -> Floats:
    """The sum over all sets of `order` places of the product of their signs, where m of them are -1; shape (n + 1,)."""
    return np.array(
        [
            float(sum((-1) ** j * comb(m, j) * comb(qubits - m, order - j) for j in range(order + 1)))
            for m in range(qubits + 1)
        ]
    )


def _operators(terms: Sequence[cones.Term], qubits: int, basis: Floats) -> tuple[Complexes, Complexes] | str:
    """The cost and what stands for its square, as means over all permutations of the qubits."""
    words = [term for term in terms if isinstance(term, cones.Word)]
    projections = [term for term in terms if isinstance(term, cones.Projection)]
    cost = _mean([(word.coefficient, word.string) for word in words], qubits)
    if isinstance(cost, str):
        return cost
    invariant = _invariant(words, qubits)
    for projection in projections:
        found = _projection(projection, qubits, basis)
        if isinstance(found, str):
            return found
        cost += found
        invariant &= len({s.sign for s in projection.strings}) == 1 and len(projection.strings) == qubits
    if invariant:
        return cost, cost @ cost
    if len(projections) == 1 and not words:
        return cost, cost
    unknown = np.full_like(cost, np.nan)
    if projections or len(words) ** 2 > MAX_PAIRS:
        return cost, unknown
    products = []
    for a in words:
        for b in words:
            phase, string = multiply(a.string, b.string)
            if phase % 2 == 0:
                products.append((a.coefficient * b.coefficient * (1 - phase), string))
    squared = _mean(products, qubits)
    return cost, unknown if isinstance(squared, str) else squared


def _invariant(words: Sequence[cones.Word], qubits: int) -> bool:
    """Whether no permutation of the qubits changes the sum of the words."""
    found: dict[Kind, list[float]] = {}
    for word in words:
        found.setdefault(_kind(word.string), []).append(word.coefficient * word.string.sign)
    return all(
        len(values) == _ways(qubits, kind) and min(values) == max(values) for kind, values in found.items()
    )


def _mean(words: Sequence[tuple[float, PauliString]], qubits: int) -> Complexes | str:
    """A sum of Pauli words as its mean over all permutations acts on the Dicke states."""
    weights: dict[Kind, float] = {}
    for coefficient, string in words:
        kind = _kind(string)
        weights[kind] = weights.get(kind, 0.0) + coefficient * string.sign
    found = np.zeros((qubits + 1, qubits + 1), dtype=np.complex128)
    for kind, weight in weights.items():
        if np.prod([count + 1 for count in kind]) > MAX_MIXED:
            return "a cost word mixes too many letters"
        found += weight * _word(kind, qubits)
    return found


def _ways(places: int, kind: Kind) -> int:
    """Ways to put the letters on so many places; 0 where they are too many."""
    x, y, z = kind
    return comb(places, x) * comb(places - x, y) * comb(places - x - y, z) if x + y + z <= places else 0


def _word(kind: Kind, qubits: int) -> Complexes:
    """The mean of all words of a kind over the Dicke states.

    On a basis state with k ones the word with so many of its letters there gives one phase and one number of ones; Y
    takes |0> to i |1> and |1> to -i |0>.
    """
    found = np.zeros((qubits + 1, qubits + 1), dtype=np.complex128)
    total = _ways(qubits, kind)
    states = [comb(qubits, k) for k in range(qubits + 1)]
    for on in product(*(range(count + 1) for count in kind)):
        x, y, z = on
        off = kind[0] - x, kind[1] - y, kind[2] - z
        phase = (1, 1j, -1, -1j)[(off[1] - y + 2 * z) % 4]
        for k in range(qubits + 1):
            ways = _ways(k, (x, y, z)) * _ways(qubits - k, off)
            if ways:
                to = k - x - y + off[0] + off[1]
                found[to, k] += phase * (ways / total) * sqrt(states[k] / states[to])
    return found


def _projection(projection: cones.Projection, qubits: int, basis: Floats) -> Complexes | str:
    """The mean of a product of (1 + P)/2 over all permutations, its strings one letter on a qubit each."""
    kinds = {_kind(string) for string in projection.strings}
    if len(kinds) != 1 or sum(max(kinds)) != 1:
        return "a projector of the cost is no product over single qubits"
    minus = sum(string.sign < 0 for string in projection.strings)
    rest = qubits - len(projection.strings)
    values = np.array(
        [(comb(rest, m - minus) if m >= minus else 0) / comb(qubits, m) for m in range(qubits + 1)], dtype=np.float64
    )
    return _diagonal(values, max(kinds).index(1), basis)
