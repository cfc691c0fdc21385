"""The bit-sliced path sampler against dense second moments, closed forms and published data."""

from __future__ import annotations

import json
from functools import cache, reduce
from itertools import product
from math import comb, cos, pi, sin, sqrt
from pathlib import Path

import numpy as np
import pytest

from ansatzlint.initialisation import Normal, Uniform, Zeros
from ansatzlint.moments.cost import Ket, Words
from ansatzlint.moments.laws import Law
from ansatzlint.moments.paths import CHUNK, _row_operations, compile_paths
from ansatzlint.moments.sequence import Damping, Step, Turn
from ansatzlint.moments.tally import Tally
from ansatzlint.pauli.lowering import Clifford
from ansatzlint.pauli.strings import ELEMENTARY, PauliString, conjugate

ZERO_STATE = (0.0, 0.0, 1.0)


def word(*letters: tuple[int, str]) -> PauliString:
    return PauliString.of(letters)


def zeros(qubits: int) -> np.ndarray:
    return np.tile(ZERO_STATE, (qubits, 1))


class Builder:
    """Steps in time order, every turn with a parameter of its own."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.parameters = 0

    def turn(self, *letters: tuple[int, str], frequency: float = 1.0, offset: float = 0.0) -> None:
        self.steps.append(Turn(word(*letters), self.parameters, frequency, offset, len(self.steps)))
        self.parameters += 1

    def fixed(self, angle: float, *letters: tuple[int, str]) -> None:
        self.steps.append(Turn(word(*letters), None, 0.0, angle, len(self.steps)))

    def gate(self, name: str, *qubits: int) -> None:
        self.steps.append(Clifford(name, qubits, len(self.steps)))

    def noise(self, *qubits: int, factors: tuple[float, ...], shift: float = 0.0) -> None:
        self.steps.append(Damping(qubits, factors, shift, len(self.steps)))


# The twin: dense matrices of second moments of all 4^n coefficients, angles averaged by quadrature.

LETTERS = [np.eye(2), np.array([[0, 1], [1, 0]]), np.array([[1, 0], [0, -1]]), np.array([[0, -1j], [1j, 0]])]


def dense(string: PauliString, n: int) -> np.ndarray:
    return reduce(np.kron, [LETTERS[(string.x >> q & 1) + 2 * (string.z >> q & 1)] for q in reversed(range(n))])


@cache
def basis(n: int) -> np.ndarray:
    """Index sum_q letter_q 4^q."""
    return np.array([reduce(np.kron, [LETTERS[p] for p in reversed(ps)]) for ps in _letters(n)])


def _letters(n: int) -> list[tuple[int, ...]]:
    return [tuple(reversed(ps)) for ps in product(range(4), repeat=n)]


def heisenberg(n: int, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """T[j, i]: coefficient of Pauli j in left^dagger P_i right, real part."""
    paulis = basis(n)
    images = left.conj().T @ paulis @ right
    return (paulis.reshape(4**n, -1).conj() @ images.reshape(4**n, -1).T).real / 2**n


def nodes(law: Law) -> tuple[np.ndarray, np.ndarray]:
    if isinstance(law, Uniform):
        x, w = np.polynomial.legendre.leggauss(24)
        return law.low + (x + 1) * (law.high - law.low) / 2, w / 2
    if isinstance(law, Normal):
        x, w = np.polynomial.hermite_e.hermegauss(24)
        return law.mean + law.std * x, w / w.sum()
    return np.zeros(1), np.ones(1)


def turned(n: int, step: Turn, t: float) -> tuple[np.ndarray, np.ndarray]:
    """The map on coefficients at parameter t, and its derivative."""
    p, x = dense(step.pauli, n), step.frequency * t + step.offset
    u = cos(x / 2) * np.eye(2**n) - 1j * sin(x / 2) * p
    du = -0.5j * step.frequency * p @ u
    return heisenberg(n, u, u), heisenberg(n, du, u) + heisenberg(n, u, du)


H, S = np.array([[1, 1], [1, -1]]) / sqrt(2), np.diag([1, 1j])
CX = np.array([[1, 0, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0], [0, 1, 0, 0]])  # control is the less significant bit


def arity(name: str) -> int:
    return 2 if name in ("cx", "cy", "cz", "swap", "dcx", "iswap", "ecr") else 1


def clifford(name: str, size: int) -> np.ndarray:
    swap = np.eye(4)[[0, 2, 1, 3]]
    total = np.eye(2**size, dtype=complex)
    for gate, on in ELEMENTARY[name]:
        if gate == "cx":
            u = CX if on == 0 else swap @ CX @ swap
        else:
            single = H if gate == "h" else S
            u = single if size == 1 else (np.kron(np.eye(2), single) if on == 0 else np.kron(single, np.eye(2)))
        total = u @ total
    return total


def embed(n: int, u: np.ndarray, qubits: tuple[int, ...]) -> np.ndarray:
    full = np.zeros((2**n, 2**n), dtype=complex)
    for i, j in product(range(2**n), repeat=2):
        if all((i ^ j) >> q & 1 == 0 for q in range(n) if q not in qubits):
            a = sum((i >> q & 1) << k for k, q in enumerate(qubits))
            b = sum((j >> q & 1) << k for k, q in enumerate(qubits))
            full[i, j] = u[a, b]
    return full


Maps = list[tuple[float, np.ndarray]]


def averaged(n: int, step: Step, laws: tuple[Law, ...]) -> tuple[Maps, Maps]:
    """(weight, map on coefficients) whose weighted sum the average is; for a turn also of the derivatives."""
    if isinstance(step, Clifford):
        u = embed(n, clifford(step.name, len(step.qubits)), step.qubits)
        return [(1.0, heisenberg(n, u, u))], []
    if isinstance(step, Damping):
        factors = [step.factors[sum(ps[q] << (2 * j) for j, q in enumerate(step.qubits))] for ps in _letters(n)]
        return [(1.0, np.diag(factors))], []
    at, weights = nodes(Zeros() if step.parameter is None else laws[step.parameter])
    both = [turned(n, step, float(t)) for t in at]
    return list(zip(weights, [m for m, _ in both], strict=True)), list(zip(weights, [d for _, d in both], strict=True))


def twin(
    steps: list[Step], laws: tuple[Law, ...], n: int, observable: PauliString, bloch: np.ndarray
) -> tuple[float, np.ndarray]:
    """E[C^2] and E[(d_k C)^2] of a Pauli word."""
    maps = [averaged(n, step, laws) for step in reversed(steps)]
    vectors = [(1.0, b[0], b[2], b[1]) for b in bloch]
    values = np.array([np.prod([vectors[q][p] for q, p in enumerate(ps)]) for ps in _letters(n)])
    start = sum(((observable.x >> q & 1) + 2 * (observable.z >> q & 1)) * 4**q for q in range(n))

    def run(chosen: int | None) -> float:
        moments = np.zeros((4**n, 4**n))
        moments[start, start] = 1.0
        for step, (plain, slope) in zip(reversed(steps), maps, strict=True):
            here = slope if chosen is not None and isinstance(step, Turn) and step.parameter == chosen else plain
            moments = sum(w * (t @ moments @ t.T) for w, t in here)
        return float(values @ moments @ values)

    return run(None), np.array([run(k) for k in range(len(laws))])


def random_circuit(rng: np.random.Generator, n: int) -> tuple[Builder, tuple[Law, ...]]:
    made, laws = Builder(), []
    kinds: list[tuple[Law, float, float]] = [
        (Uniform(), 1.0, 0.0), (Uniform(), -2.0, 0.4), (Uniform(0, pi), 1.0, 0.0), (Uniform(-1, 1), 1.0, 0.0),
        (Normal(0.5), 1.0, 0.0), (Normal(0.4), -1.5, pi / 2), (Normal(0.3, pi / 2), 1.0, pi), (Zeros(), 1.0, 0.0),
    ]  # fmt: skip
    for _ in range(rng.integers(6, 14)):
        size = int(rng.integers(1, n + 1))
        where = [int(q) for q in rng.permutation(n)[:size]]
        letters = [(q, "XYZ"[rng.integers(3)]) for q in where]
        match rng.integers(6):
            case 0:
                names = [g for g in ELEMENTARY if arity(g) <= size]
                name = names[rng.integers(len(names))]
                made.gate(name, *where[: arity(name)])
            case 1:
                made.fixed(float(rng.integers(-3, 4)) * pi / 2, *letters)
            case 2:
                f = rng.uniform(0.5, 1.0, 4 ** min(size, 2))
                f[0] = 1.0
                if rng.random() < 0.5:
                    f[1:] = f[1] * (rng.random() < 0.9)
                made.noise(*where[:2], factors=tuple(f))
            case _:
                law, frequency, offset = kinds[rng.integers(len(kinds))]
                made.turn(*letters, frequency=frequency, offset=offset)
                laws.append(law)
    return made, tuple(laws)


def agree(tally: Tally, truth: np.ndarray, sigmas: float = 5.0) -> None:
    samples = int(tally.samples.sum())
    spread = np.sqrt(np.maximum(tally.squares.sum(axis=0) / samples - tally.mean**2, 0.0) / samples)
    unseen = np.minimum(tally.bound, 1e3) * 20 / samples * (tally.hits.sum(axis=0) < 20)
    assert np.all(np.abs(tally.mean - truth) <= sigmas * spread + unseen + 1e-12), (tally.mean, truth, spread)
    assert np.all(tally.largest <= tally.bound)


@pytest.mark.parametrize("seed", range(36))
def test_random_circuits_agree_with_dense_second_moments(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 2 if seed % 6 else 3
    made, laws = random_circuit(rng, n)
    bloch = zeros(n)
    if seed % 2:
        bloch[0] = rng.normal(size=3)
        bloch[0] /= np.linalg.norm(bloch[0])
    if seed % 3 == 0:
        bloch[1] = [(1, 0, 0), (0, -1, 0), (0, 0, 0)][rng.integers(3)]
    observable = PauliString(int(rng.integers(2**n)), int(rng.integers(1, 2**n)))
    paths = compile_paths(made.steps, laws, n, made.parameters)
    assert paths is not None
    cost, gradients = paths.sample(Words((observable,), (1.0,)), bloch, 1 << 15, seed)
    e, g = twin(made.steps, laws, n, observable, bloch)
    agree(cost, np.array([e]))
    agree(gradients, g)


@pytest.mark.parametrize("name", [g for g in ELEMENTARY if g != "id"])
def test_row_operations_conjugate_like_the_gate(name: str) -> None:
    qubits = tuple(range(arity(name)))
    for x, z in product(range(2 ** len(qubits)), repeat=2):
        image = conjugate(name, qubits, PauliString(x, z), -1)
        rows = [bit >> q & 1 for q in range(2) for bit in (x, z)]
        for kind, a, b in _row_operations(name):
            if kind == 0:
                rows[a] ^= rows[b]
            else:
                rows[a], rows[b] = rows[b], rows[a]
        assert rows == [bit >> q & 1 for q in range(2) for bit in (image.x, image.z)]


def test_pauli_gates_leave_no_instruction() -> None:
    assert not any(_row_operations(name) for name in ("id", "x", "y", "z"))
    assert len(_row_operations("cz")) == len(_row_operations("cx")) == 2


@pytest.mark.parametrize("std", [1e-6, 0.01, 0.1, 0.6, 1.0])
def test_moves_come_with_their_probability(std: float) -> None:
    # A turn about X takes Z to Y and a damping tells the two apart: E[C^2] = E[cos^2] + E[sin^2] / 4.
    made = Builder()
    made.turn((0, "X"))
    paths = compile_paths(made.steps, (Normal(std),), 1, 1)
    assert paths is not None
    move = -np.expm1(-2 * std**2) / 2
    plus = np.array([[0.0, 1.0, 0.0]])
    cost, gradients = paths.sample(Words((word((0, "Z")),), (1.0,)), plus, 1 << 18, 0)
    agree(cost, np.array([move]))
    agree(gradients, np.array([1 - move]))


def test_a_quarter_turn_is_sure() -> None:
    made = Builder()
    made.turn((0, "X"), offset=pi / 2)
    paths = compile_paths(made.steps, (Zeros(),), 1, 1)
    assert paths is not None
    cost, gradients = paths.sample(Words((word((0, "Z")),), (1.0,)), zeros(1), 4096, 0)
    assert cost.mean[0] == 0.0
    agree(gradients, np.array([1.0]))


def test_all_angles_zero_still_show_their_gradients() -> None:
    # C = cos(a) at a = pi/2 + t: value 0, slope -1 at the turn whose factor is zero; the other one cannot show.
    made = Builder()
    made.turn((0, "Y"), offset=pi / 2)
    made.turn((1, "Y"))
    made.gate("cz", 0, 1)
    paths = compile_paths(made.steps, (Zeros(), Zeros()), 2, 2)
    assert paths is not None
    cost, gradients = paths.sample(Words((word((0, "Z"), (1, "Z")),), (1.0,)), zeros(2), 1 << 16, 1)
    e, g = twin(made.steps, (Zeros(), Zeros()), 2, word((0, "Z"), (1, "Z")), zeros(2))
    assert (e, list(g)) == (pytest.approx(0, abs=1e-12), pytest.approx([1, 0], abs=1e-12))
    assert cost.mean[0] == 0.0
    agree(gradients, g)
    assert gradients.mean[0] > 0.9


def product_circuit(n: int) -> Builder:
    made = Builder()
    for q in range(n):
        made.turn((q, "X"))
    return made


@pytest.mark.parametrize("n", [1, 3, 6])
def test_product_of_rotations_closed_forms(n: int) -> None:
    # Cerezo et al., 2001.00550: projector cost (1/8)(3/8)^(n-1), loss second moment (3/8)^n; local cost 1/(8 n^2).
    made = product_circuit(n)
    laws = (Uniform(),) * n
    paths = compile_paths(made.steps, laws, n, n)
    assert paths is not None
    cost, gradients = paths.sample(Ket(tuple(range(n)), "0" * n), zeros(n), 1 << 17, 5)
    agree(cost, np.array([(3 / 8) ** n]))
    agree(gradients, np.full(n, (3 / 8) ** (n - 1) / 8))
    local = Words(tuple(word((q, "Z")) for q in range(n)), (1 / (2 * n),) * n)
    cost, gradients = paths.sample(local, zeros(n), 1 << 17, 6)
    agree(cost, np.array([1 / (8 * n)]))
    agree(gradients, np.full(n, 1 / (8 * n**2)))


def test_unequal_coefficients_weigh_by_their_squares() -> None:
    made = product_circuit(3)
    paths = compile_paths(made.steps, (Uniform(),) * 3, 3, 3)
    assert paths is not None
    coefficients = (2.0, -0.5, 1.0)
    words = Words(tuple(word((q, "Z")) for q in range(3)), coefficients)
    cost, gradients = paths.sample(words, zeros(3), 1 << 17, 8)
    agree(cost, np.array([sum(c**2 for c in coefficients) / 2]))
    agree(gradients, np.array([c**2 / 2 for c in coefficients]))


@pytest.mark.parametrize("k", [1, 2])
def test_deep_matchgates_reach_the_orbit_limit(k: int) -> None:
    # A product of 2k Majoranas under {XX, Z}: C(n, k) / C(2n, 2k).
    n, layers = 5, 60
    made = Builder()
    for _ in range(layers):
        for q in range(n):
            made.turn((q, "Z"))
        for q in range(n - 1):
            made.turn((q, "X"), (q + 1, "X"))
    paths = compile_paths(made.steps, (Uniform(),) * made.parameters, n, made.parameters)
    assert paths is not None
    observable = word(*((q, "Z") for q in range(k)))
    cost, _ = paths.sample(Words((observable,), (1.0,)), zeros(n), 1 << 17, 3)
    agree(cost, np.array([comb(n, k) / comb(2 * n, 2 * k)]))


@pytest.mark.parametrize(
    ("n", "layers", "second_moment"), [(4, 5, 0.1296), (4, 20, 0.0714), (8, 5, 0.128), (8, 20, 0.0447)]
)
def test_random_axes_with_a_ladder(n: int, layers: int, second_moment: float) -> None:
    # McClean et al., 1803.11173: a layer of RY(pi/4), then random axes and an open CZ ladder, Z1 Z2.
    rng = np.random.default_rng(n * layers)
    bloch = np.tile((sin(pi / 4), 0.0, cos(pi / 4)), (n, 1))
    values = []
    for circuit in range(200):
        made = Builder()
        for _ in range(layers):
            for q in range(n):
                made.turn((q, "XYZ"[rng.integers(3)]))
            for q in range(n - 1):
                made.gate("cz", q, q + 1)
        paths = compile_paths(made.steps, (Uniform(),) * made.parameters, n, made.parameters)
        assert paths is not None
        cost, _ = paths.sample(Words((word((0, "Z"), (1, "Z")),), (1.0,)), bloch, CHUNK, circuit)
        values.append(cost.mean[0])
    error = np.std(values) / sqrt(len(values))
    assert abs(np.mean(values) - second_moment) < 4 * error + 5e-4


def a_circuit() -> tuple[Builder, int]:
    made = Builder()
    for _ in range(3):
        for q in range(6):
            made.turn((q, "Y"))
        for q in range(5):
            made.gate("cx", q, q + 1)
    return made, 6


@pytest.mark.parametrize("law", [Uniform(), Normal(0.4)])
def test_the_seed_decides_every_bit(law: Law) -> None:
    made, n = a_circuit()
    paths = compile_paths(made.steps, (law,) * made.parameters, n, made.parameters)
    assert paths is not None
    words = Words((word((0, "Z")), word((2, "Z"), (3, "X"))), (1.0, 0.5))

    def draw(chunks: int, seed: int = 4, threads: int | None = 1, first: int = 0) -> tuple[Tally, Tally]:
        return paths.sample(words, zeros(n), chunks * CHUNK, seed, threads, first)

    whole = draw(7)
    for cost, other in zip(whole, draw(7, threads=3), strict=True):
        assert np.array_equal(cost.samples, [4 * CHUNK, 3 * CHUNK])
        for field in ("samples", "total", "squares", "hits", "largest", "bound"):
            assert np.array_equal(getattr(cost, field), getattr(other, field))
    split = [a + b for a, b in zip(draw(3), draw(4, first=3), strict=True)]
    for cost, other in zip(whole, split, strict=True):
        assert np.array_equal(cost.samples, other.samples)
        assert np.array_equal(cost.hits, other.hits)
        assert np.array_equal(cost.largest, other.largest)
        assert np.allclose(cost.total, other.total, rtol=1e-14, atol=0)
    assert not np.array_equal(draw(7, seed=5)[0].hits, whole[0].hits)
    assert not np.array_equal(draw(1, first=2)[0].hits[0], draw(1)[0].hits[0])


def test_counted_weights_have_a_unit() -> None:
    made = Builder()
    made.turn((0, "Y"), frequency=2.0)
    made.turn((1, "Y"))
    made.turn((0, "X"), frequency=-0.5)
    paths = compile_paths(made.steps, (Uniform(0, 4 * pi),) * 3, 2, 3)
    assert paths is not None
    cost, gradients = paths.sample(Words((word((0, "Z")),), (3.0,)), zeros(2), 4096, 0)
    assert cost.unit is not None
    assert gradients.unit is not None
    assert list(cost.unit) == [9.0]
    assert list(gradients.unit) == [36.0, 0.0, 2.25]  # the cost cannot see the second parameter
    assert np.array_equal(gradients.bound, gradients.unit)
    agree(cost, np.array([9 / 4]))
    agree(gradients, np.array([9.0, 0.0, 9 / 16]))


def test_only_what_the_strings_can_feel_is_bounded_away_from_zero() -> None:
    made = Builder()
    made.turn((0, "Z"))
    made.turn((1, "X"))
    made.gate("cz", 0, 1)
    made.turn((0, "Y"))
    paths = compile_paths(made.steps, (Normal(0.3),) * 3, 2, 3)
    assert paths is not None
    _, gradients = paths.sample(Words((word((0, "Z")),), (1.0,)), zeros(2), 4096, 0)
    assert list(gradients.bound > 0) == [True, True, True]
    _, gradients = paths.sample(Words((word((1, "Z")),), (1.0,)), zeros(2), 4096, 0)
    assert list(gradients.bound > 0) == [False, True, False]
    assert np.all(gradients.hits[:, [0, 2]] == 0)


def refused() -> list[tuple[str, Builder, tuple[Law, ...]]]:
    shared, general, non_clifford, shifted, skewed = (Builder() for _ in range(5))
    shared.steps = [Turn(word((0, "X")), 0, 1.0, 0.0, 0), Turn(word((0, "Y")), 0, 1.0, 0.0, 1)]
    general.steps = [Turn(word((0, "X")), None, 0.0, 0.0, 0, general=0.5)]
    non_clifford.fixed(pi / 4, (0, "Z"))
    shifted.noise(0, factors=(1.0, 0.9, 0.81, 0.9), shift=0.19)
    skewed.turn((0, "X"))
    return [
        ("shared", shared, (Uniform(),)), ("general", general, ()), ("non-Clifford", non_clifford, ()),
        ("shifted", shifted, ()), ("skewed", skewed, (Uniform(0, 1),)),
    ]  # fmt: skip


@pytest.mark.parametrize(("made", "laws"), [pytest.param(m, laws, id=name) for name, m, laws in refused()])
def test_what_mixes_pairs_is_refused(made: Builder, laws: tuple[Law, ...]) -> None:
    assert compile_paths(made.steps, laws, 1, len(laws)) is None


def test_no_steps_and_no_words() -> None:
    paths = compile_paths((), (), 2, 0)
    assert paths is not None
    cost, gradients = paths.sample(Words((word((0, "Z"), (1, "Z")),), (2.0,)), zeros(2), 10, 0)
    assert cost.mean[0] == 4.0
    assert gradients.mean.shape == (0,)
    assert int(cost.samples.sum()) == CHUNK
    cost, _ = paths.sample(Words((), ()), zeros(2), 10, 0)
    assert cost.mean[0] == cost.bound[0] == 0.0
    cost, _ = paths.sample(Words((word((0, "X")),), (2.0,)), zeros(2), 10, 0)
    assert cost.mean[0] == 0.0


@pytest.mark.parametrize(
    "bloch", [(0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (0.0, -1.0, 0.0), (0.0, 0.0, 1.0), (0.6, 0.0, 0.8)]
)
def test_each_letter_sees_its_component(bloch: tuple[float, float, float]) -> None:
    paths = compile_paths((), (), 1, 0)
    assert paths is not None
    for letter, component in zip("XYZ", bloch, strict=True):
        cost, _ = paths.sample(Words((word((0, letter)),), (1.0,)), np.array([bloch]), 10, 0)
        assert cost.mean[0] == pytest.approx(component**2)


def test_more_than_a_word_of_qubits() -> None:
    n = 130
    made = product_circuit(n)
    for q in range(n - 1):
        made.gate("cx", q, q + 1)
    paths = compile_paths(made.steps, (Uniform(),) * n, n, n)
    assert paths is not None
    # Z on the last qubit becomes Z on all; each of them stays Z with probability 1/2.
    cost, gradients = paths.sample(Words((word((2, "Z")),), (1.0,)), zeros(n), 1 << 16, 0)
    agree(cost, np.array([1 / 8]))
    agree(gradients, np.array([1 / 8] * 3 + [0.0] * (n - 3)))
    cost, _ = paths.sample(Words((word((n - 1, "Z")),), (1.0,)), zeros(n), 1 << 12, 0)
    assert cost.hits.sum() == 0
    assert cost.bound[0] == 1.0


def pauli_layers(name: str, n: int, layers: int) -> Builder:
    made = Builder()
    words = {"a14": ("XX", "YY", "XY"), "a5_circ": ("XY", "YZ")}[name]
    pairs = [(w, w + 1) for w in range(0, n - 1, 2)] + [(w, w + 1) for w in range(1, n - 2, 2)]
    if name == "a5_circ":
        pairs.append((n - 1, 0))
    for _ in range(layers):
        for a, b in pairs:
            for letters in words:
                made.turn((a, letters[0]), (b, letters[1]))
    return made


def test_published_gradient_variances_of_pauli_layers() -> None:
    data = json.loads((Path(__file__).parent / "data" / "gradient_variance_2309.05690.json").read_text())
    checked = 0
    for name in ("a14", "a5_circ"):
        for n, row in zip(data["qubits"], data[name]["variance"], strict=True):
            for layers, published in zip(data["layers"], row, strict=True):
                made = pauli_layers(name, n, layers)
                paths = compile_paths(made.steps, (Uniform(0, pi),) * made.parameters, n, made.parameters)
                assert paths is not None
                words, chunks = Words((word((0, "Z"), (1, "Z")),), (1.0,)), 16
                _, found = paths.sample(words, zeros(n), chunks * CHUNK, 1)
                while found.hits[:, 0].sum() < 400 and chunks < 1 << 14:
                    found += paths.sample(words, zeros(n), chunks * CHUNK, 1, first_chunk=chunks)[1]
                    chunks *= 2
                factor = 1.25 if published > 3e-4 else 1.6 if published > 1e-4 else 2.5
                assert 1 / factor <= found.mean[0] / published <= factor, (name, n, layers)
                checked += 1
    assert checked == 168
