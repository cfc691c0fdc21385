"""Slow, obvious second moments of small circuits, to check the engine by; nothing of `ansatzlint.moments` is used.

Two ways that share only the matrices of the gates and channels:

- `cost_and_slope`: density matrices, at given angles;
- `second_moments`: the observable's Pauli vector v (real, 4^n numbers) and W = E[v v^T], pulled back gate by gate with
  numerical quadrature over the parameters of each gate. Exact where each parameter is used by one gate.

Random circuits to compare on come from `random_circuit`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, reduce
from itertools import product
from math import pi

import numpy as np

from ansatzlint.angles import Affine, Angle, add, evaluate, multiply, parameter
from ansatzlint.circuit import Amplitudes, Channel, Circuit, Gate, Parameter, PauliSum, PauliTerm, Projector
from ansatzlint.gates import CONTROLLED, KINDS, rotations, shape
from ansatzlint.initialisation import Initialisation, Normal, Uniform, Zeros
from ansatzlint.noise import AmplitudeDamping, Depolarizing, PauliNoise

PAULIS = {
    "I": np.eye(2, dtype=complex),
    "X": np.array([[0, 1], [1, 0]], dtype=complex),
    "Y": np.array([[0, -1j], [1j, 0]]),
    "Z": np.array([[1, 0], [0, -1]], dtype=complex),
}


def kron(*factors: np.ndarray) -> np.ndarray:
    return reduce(np.kron, factors, np.eye(1))


@cache
def pauli_basis(k: int) -> np.ndarray:
    """All Pauli words on k qubits, shape (4^k, 2^k, 2^k), the first qubit's letter the most significant digit."""
    return np.array([kron(*(PAULIS[c] for c in word)) for word in product("IXYZ", repeat=k)])


# ---- gates and channels as matrices -------------------------------------------------------------------------------


def gate_matrices(
    gate: Gate, values: Mapping[str, np.ndarray | float], wanted: Sequence[str] = ()
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """The gate's unitaries at many values of its parameters, shape (Q, 2^k, 2^k), and their derivatives."""
    k = len(gate.qubits)
    count = max((np.size(v) for v in values.values()), default=1)
    one = np.broadcast_to(np.eye(2**k, dtype=complex), (count, 2**k, 2**k))
    unitary, slopes = one, {name: np.zeros_like(one) for name in wanted}
    for word, angle in rotations(gate.name, gate.angles, gate.controls, gate.word):
        generator = kron(*(PAULIS[c] for c in word))
        half = np.broadcast_to(evaluate(angle, values) if isinstance(angle, float) else _affine(angle, values), count)
        half = half[:, None, None] / 2
        factor = np.cos(half) * np.eye(2**k) - 1j * np.sin(half) * generator
        coefficients = dict(angle.terms) if isinstance(angle, Affine) else {}
        for name in slopes:
            slopes[name] = factor @ slopes[name] - 0.5j * coefficients.get(name, 0.0) * (generator @ factor @ unitary)
        unitary = factor @ unitary
    return unitary, slopes


def _affine(angle: Angle, values: Mapping[str, np.ndarray | float]) -> np.ndarray:
    assert isinstance(angle, Affine), "angles are numbers or affine here"
    return np.asarray(angle.constant + sum(c * np.asarray(values[name]) for name, c in angle.terms))


def transfer(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Pauli transfer matrices of rho -> Hermitian part of left rho right^dagger, shape (..., 4^k, 4^k)."""
    dimension = left.shape[-1]
    words = pauli_basis(dimension.bit_length() - 1)
    moved = left[..., None, :, :] @ words @ right.conj().swapaxes(-1, -2)[..., None, :, :]
    flat = words.transpose(0, 2, 1).reshape(len(words), -1)
    traces = (moved.reshape(*moved.shape[:-2], -1) @ flat.T).real  # of word i with what became of word j, at [j, i]
    return traces.swapaxes(-1, -2) / dimension


@cache
def kraus(channel: Channel) -> list[np.ndarray]:
    """Kraus matrices of a stated channel, by PennyLane where it has the channel."""
    import pennylane as qml

    p = channel.probabilities
    if channel.kind == "pauli":
        return [np.sqrt(max(1 - sum(p), 0.0)) * PAULIS["I"]] + [
            np.sqrt(q) * PAULIS[c] for q, c in zip(p, "XYZ", strict=True)
        ]
    kind = {
        "depolarizing": qml.DepolarizingChannel,
        "bit_flip": qml.BitFlip,
        "phase_flip": qml.PhaseFlip,
        "amplitude_damping": qml.AmplitudeDamping,
        "phase_damping": qml.PhaseDamping,
        "generalized_amplitude_damping": qml.GeneralizedAmplitudeDamping,
        "thermal_relaxation": qml.ThermalRelaxationError,
        "reset_error": qml.ResetError,
    }[channel.kind]
    return [np.asarray(m, dtype=complex) for m in kind(*p, wires=0).kraus_matrices()]


def declared(circuit: Circuit, gate: Gate) -> list[tuple[tuple[int, ...], list[np.ndarray]]]:
    """Where the declared noise model acts after a gate, as Kraus matrices."""
    match circuit.noise:
        case Depolarizing(p1, p2):
            p, size = (p1 if len(gate.qubits) == 1 else p2), len(gate.qubits)
            where = [gate.qubits] if size in (1, 2) else [(q,) for q in gate.qubits]
            words = pauli_basis(size if size < 3 else 1)
            weights = np.full(len(words), p / len(words))
            weights[0] += 1 - p
            return [(on, [np.sqrt(w) * m for w, m in zip(weights, words, strict=True)]) for on in where]
        case PauliNoise(px, py, pz):
            return [((q,), kraus(Channel("pauli", (q,), (px, py, pz), 0))) for q in gate.qubits]
        case AmplitudeDamping(gamma):
            return [((q,), kraus(Channel("amplitude_damping", (q,), (gamma,), 0))) for q in gate.qubits]
    return []


Piece = Gate | tuple[tuple[int, ...], list[np.ndarray]]


def pieces(circuit: Circuit) -> list[Piece]:
    """Gates and channels (qubits, Kraus matrices) in time order."""
    found: list[Piece] = []
    for index in range(len(circuit.gates) + 1):
        found += [(c.qubits, kraus(c)) for c in circuit.channels if c.after == index]
        if index < len(circuit.gates):
            gate = circuit.gates[index]
            found += [gate, *declared(circuit, gate)]
    return found


def initial(circuit: Circuit) -> np.ndarray:
    """The initial density matrix."""
    n, state = circuit.qubits, circuit.initial_state
    vector = np.zeros((2,) * n, dtype=complex)
    if state is None:
        vector[(0,) * n] = 1
    else:
        rest = [q for q in range(n) if q not in state.qubits]
        vector = np.zeros(2**n, dtype=complex).reshape(2 ** len(state.qubits), -1)
        vector[:, 0] = state.values
        vector = np.moveaxis(vector.reshape((2,) * n), range(n), [*state.qubits, *rest])
    flat = vector.reshape(-1)
    return np.outer(flat, flat.conj())


def observable(circuit: Circuit) -> np.ndarray:
    """The cost's Pauli coefficients, shape (4,)*n."""
    vector = np.zeros((4,) * circuit.qubits)
    for o in circuit.observables:
        if isinstance(o, PauliSum):
            for term in o.terms:
                letters = dict(term.paulis)
                vector[tuple("IXYZ".index(letters.get(q, "I")) for q in range(circuit.qubits))] += term.coefficient
        else:
            assert isinstance(o, Projector)
            signs = [1 if bit == "0" else -1 for bit in o.bits]
            for pattern in product((0, 1), repeat=len(signs)):
                index, value = [0] * circuit.qubits, 1.0
                for q, sign, z in zip(o.qubits, signs, pattern, strict=True):
                    index[q], value = 3 * z, value * (sign if z else 1) / 2
                vector[tuple(index)] += value
    return vector


# ---- density matrices at given angles -----------------------------------------------------------------------------


def _both_sides(rho: np.ndarray, left: np.ndarray, right: np.ndarray, qubits: tuple[int, ...], n: int) -> np.ndarray:
    k = len(qubits)
    tensor = rho.reshape((2,) * (2 * n))
    for matrix, axes in ((left, list(qubits)), (right.conj(), [n + q for q in qubits])):
        moved = np.tensordot(matrix.reshape((2,) * (2 * k)), tensor, axes=(range(k, 2 * k), axes))
        tensor = np.moveaxis(moved, range(k), axes)
    return tensor.reshape(rho.shape)


def cost_and_slope(circuit: Circuit, values: Mapping[str, float], name: str | None = None) -> tuple[float, float]:
    """C and dC/d(name) at the given angles."""
    n = circuit.qubits
    rho = initial(circuit)
    slope = np.zeros_like(rho)
    for piece in pieces(circuit):
        if isinstance(piece, Gate):
            unitaries, slopes = gate_matrices(piece, values, (name,) if name in piece.parameters else ())
            u, where = unitaries[0], piece.qubits
            slope = _both_sides(slope, u, u, where, n)
            if slopes:
                turned = _both_sides(rho, slopes[name][0], u, where, n)
                slope = slope + turned + turned.conj().T
            rho = _both_sides(rho, u, u, where, n)
        else:
            where, matrices = piece
            rho = sum(_both_sides(rho, m, m, where, n) for m in matrices)
            slope = sum(_both_sides(slope, m, m, where, n) for m in matrices)
    o = np.tensordot(observable(circuit).reshape(-1), pauli_basis(n), axes=1)
    return float(np.trace(o @ rho).real), float(np.trace(o @ slope).real)


# ---- moments by quadrature ----------------------------------------------------------------------------------------


def law_of(circuit: Circuit, p: Parameter) -> Initialisation:
    """How a parameter is drawn: as it says, else as the circuit says; inputs and what says nothing over a period."""
    common = circuit.initialisation if p.role == "trainable" else None
    return p.initialisation or common or Uniform()


@cache
def nodes(law: Initialisation, together: int) -> tuple[np.ndarray, np.ndarray]:
    """(angles, weights) of a quadrature rule of the law, with fewer nodes where several angles are averaged together.

    Enough for second moments to 1e-12 of single angles with factors up to 2, of several with factor 1, over widths up
    to 2 pi and spreads up to 1.5.
    """
    match law:
        case Uniform(low, high):
            x, w = np.polynomial.legendre.leggauss({1: 48, 2: 20, 3: 16}[together])
            return low + (high - low) * (x + 1) / 2, w / 2
        case Normal(std, mean):
            x, w = np.polynomial.hermite_e.hermegauss({1: 64, 2: 28, 3: 24}[together])
            return mean + std * x, w / w.sum()
        case Zeros():
            return np.zeros(1), np.ones(1)
    raise AssertionError(law)


@dataclass(frozen=True)
class Averaged:
    """E[S] and E[S (x) S] = sum_f S_f (x) S_f of random transfer matrices S, on `qubits`."""

    qubits: tuple[int, ...]
    mean: np.ndarray
    factors: list[np.ndarray]


def averaged(matrices: np.ndarray, weights: np.ndarray, qubits: tuple[int, ...]) -> Averaged:
    """From S at the nodes, shape (Q, 4^k, 4^k): the few factors are eigenvectors of the second moment."""
    rows = matrices.reshape(len(matrices), -1) * np.sqrt(weights)[:, None]
    if len(rows) <= rows.shape[1]:
        values, vectors = np.linalg.eigh(rows @ rows.T)
        kept = (vectors.T @ rows)[values > 1e-15 * max(values[-1], 1e-300)]
    else:
        values, vectors = np.linalg.eigh(rows.T @ rows)
        good = values > 1e-15 * max(values[-1], 1e-300)
        kept = (vectors[:, good] * np.sqrt(values[good])).T
    mean = np.tensordot(weights, matrices, axes=1)
    return Averaged(qubits, mean, [row.reshape(mean.shape) for row in kept])


def averages(circuit: Circuit, piece: Piece, wanted: Sequence[str]) -> tuple[Averaged, dict[str, Averaged]]:
    """A gate or channel averaged over its own parameters, and its derivatives in the wanted ones."""
    if not isinstance(piece, Gate):
        where, matrices = piece
        stacked = np.array(matrices)
        return averaged(transfer(stacked, stacked).sum(axis=0)[None], np.ones(1), where), {}
    known = {p.name: p for p in circuit.parameters}
    names = piece.parameters
    rules = [nodes(law_of(circuit, known[name]), len(names)) for name in names]
    grid = np.meshgrid(*(x for x, _ in rules), indexing="ij") if names else []
    weights = reduce(np.multiply.outer, (w for _, w in rules), np.ones(())).reshape(-1)
    used = [name for name in names if name in wanted]
    values = {name: axis.reshape(-1) for name, axis in zip(names, grid, strict=True)}
    unitaries, slopes = gate_matrices(piece, values, used)
    return averaged(transfer(unitaries, unitaries), weights, piece.qubits), {
        name: averaged(2 * transfer(slope, unitaries), weights, piece.qubits) for name, slope in slopes.items()
    }


class Pulled:
    """E[v] and E[v v^T] over the qubits where v is not the identity yet, axes (4,)*m and (4,)*2m."""

    def __init__(self, active: tuple[int, ...], mean: np.ndarray, pair: np.ndarray) -> None:
        self.active, self.mean, self.pair = active, mean, pair

    @classmethod
    def start(cls, vector: np.ndarray) -> Pulled:
        active = tuple(q for q in range(vector.ndim) if vector.take(range(1, 4), axis=q).any())
        local = vector[tuple(slice(None) if q in active else 0 for q in range(vector.ndim))]
        return cls(active, local, np.multiply.outer(local, local))

    def through(self, step: Averaged) -> Pulled:
        """Before the gate: v -> S^T v."""
        if not set(step.qubits) & set(self.active):
            return self
        grown = self._grown(step.qubits)
        m = len(grown.active)
        at = [grown.active.index(q) for q in step.qubits]
        pair = np.zeros_like(grown.pair)
        for factor in step.factors:
            pair = pair + _contract(_contract(grown.pair, factor, at), factor, [m + a for a in at])
        return Pulled(grown.active, _contract(grown.mean, step.mean, at), pair)

    def slope(self, step: Averaged) -> Pulled:
        """As `through`, for a derivative: where the gate meets nothing but the identity nothing is left."""
        if set(step.qubits) & set(self.active):
            return self.through(step)
        return Pulled((), np.zeros(()), np.zeros(()))

    def _grown(self, qubits: tuple[int, ...]) -> Pulled:
        new = tuple(q for q in qubits if q not in self.active)
        m, k = len(self.active), len(new)
        mean, pair = np.zeros((4,) * (m + k)), np.zeros((4,) * (2 * (m + k)))
        mean[(..., *(0,) * k)] = self.mean
        pair[(slice(None),) * m + (0,) * k + (slice(None),) * m + (0,) * k] = self.pair
        return Pulled(self.active + new, mean, pair)

    def end(self, rho: np.ndarray) -> tuple[float, float]:
        """(E[C], E[C^2])."""
        n = rho.shape[0].bit_length() - 1
        bloch = np.einsum("jab,ba->j", pauli_basis(n), rho).real.reshape((4,) * n)
        local = bloch[tuple(slice(None) if q in self.active else 0 for q in range(n))]
        order = sorted(self.active)
        local = local.transpose([order.index(q) for q in self.active]).reshape(-1)
        size = len(local)
        return float(self.mean.reshape(-1) @ local), float(local @ self.pair.reshape(size, size) @ local)


def _contract(tensor: np.ndarray, matrix: np.ndarray, axes: list[int]) -> np.ndarray:
    """Transposed matrix on some axes."""
    k = len(axes)
    moved = np.tensordot(matrix.T.reshape((4,) * (2 * k)), tensor, axes=(range(k, 2 * k), axes))
    return np.moveaxis(moved, range(k), axes)


@dataclass(frozen=True)
class SecondMoments:
    """E[C], E[C^2] and, by parameter name, E[dC] and E[(dC)^2]."""

    mean: float
    square: float
    slope_mean: dict[str, float]
    slope_square: dict[str, float]

    def variance(self, name: str) -> float:
        return self.slope_square[name] - self.slope_mean[name] ** 2


def second_moments(circuit: Circuit, wanted: Sequence[str] | None = None) -> SecondMoments:
    """For circuits whose parameters are used by one gate each; `wanted` parameters, all trainable ones by default."""
    uses = [name for gate in circuit.gates for name in gate.parameters]
    assert len(set(uses)) == len(uses), "a parameter is used by two gates"
    names = tuple(p.name for p in circuit.trainable) if wanted is None else tuple(wanted)
    rho = initial(circuit)
    now = Pulled.start(observable(circuit))
    running: dict[str, Pulled] = {}
    for piece in reversed(pieces(circuit)):
        step, slopes = averages(circuit, piece, names)
        running = {name: state.through(step) for name, state in running.items()}
        running |= {name: now.slope(slope) for name, slope in slopes.items()}
        now = now.through(step)
    ends = {name: running[name].end(rho) if name in running else (0.0, 0.0) for name in names}
    mean, square = now.end(rho)
    return SecondMoments(mean, square, {k: v[0] for k, v in ends.items()}, {k: v[1] for k, v in ends.items()})


# ---- random circuits ----------------------------------------------------------------------------------------------

COHERENT = ("r", "xx_plus_yy", "xx_minus_yy")
"""Gates whose second angle turns forth and back around the first: fixed here, since no one turn holds it."""

Chooser = Callable[[np.random.Generator], object]


def random_law(rng: np.random.Generator) -> Initialisation:
    """Any of the laws that an initialisation may state, degenerate ones included."""
    match rng.integers(8):
        case 0 | 1:
            return Uniform()
        case 2:
            low = rng.uniform(-pi, pi)
            return Uniform(low, low + rng.uniform(0.1, 2 * pi))
        case 3:
            return Uniform(-float(c := rng.choice([pi, pi / 2, 0.3])), float(c))
        case 4:
            return Normal(float(rng.uniform(0.05, 1.5)))
        case 5:
            return Normal(float(rng.uniform(0.05, 1.0)), float(rng.choice([pi / 2, rng.uniform(-pi, pi)])))
        case 6:
            return Zeros()
        case _:
            return Normal(0.0, float(rng.choice([pi / 4, rng.uniform(-pi, pi)])))


def random_circuit(
    rng: np.random.Generator,
    qubits: int,
    gates: int,
    *,
    noise: bool = True,
    most_parameters: int = 12,
) -> Circuit:
    """A random circuit over the whole gate set; each parameter is used by one gate, in one of its angles."""
    pool = [
        name for name in (*KINDS, *CONTROLLED, "pauli_rotation") if name == "pauli_rotation" or shape(name)[0] <= qubits
    ]
    # rotations carry the parameters, so that every second gate is one of a few common ones
    common = ["rx", "ry", "rz", "crx", "cry", "crz", "rzz", "cx", "cz", "h", "t", "single_excitation"]
    found: list[Gate] = []
    parameters: list[Parameter] = []
    mixed = rng.random() < 0.4
    for _ in range(gates):
        name = str(rng.choice(common if rng.random() < 0.5 else pool))
        word = "".join(rng.choice(list("XYZ"), size=rng.integers(1, min(qubits, 4) + 1)))
        word = word if name == "pauli_rotation" else ""
        size, count = shape(name, "", word)
        controls = ""
        if 0 < size < qubits and size + rng.integers(1, 3) <= min(qubits, 3) and rng.random() < 0.06:
            controls = "".join(rng.choice(list("01"), size=rng.integers(1, min(qubits, 3) - size + 1)))
        where = tuple(int(q) for q in rng.permutation(qubits)[: size + len(controls)])
        angles: list[Angle] = []
        free = 0
        for position in range(count):
            fixed = (
                rng.random() < 0.25
                or len(parameters) >= most_parameters
                or free == 3
                or (name in COHERENT and position == 1)
                or name == "double_excitation"
            )
            if fixed:
                angles.append(float(rng.choice([0.0, pi / 2, pi, -pi / 4, pi / 4, rng.uniform(-4, 4)])))
                continue
            free += 1
            label = f"t{len(parameters)}"
            own = random_law(rng) if mixed or rng.random() < 0.1 else None
            role = "input" if rng.random() < 0.1 else "trainable"
            parameters.append(Parameter(label, role, initialisation=own))
            angle: Angle = parameter(label)
            if count == 1 and rng.random() < 0.3:
                angle = multiply(float(rng.choice([-1.0, 0.5, 2.0, -0.25])), angle)
            if rng.random() < 0.25:
                angle = add(angle, float(rng.choice([pi / 2, 0.1, -1.3])))
            angles.append(angle)
        found.append(Gate(name, where, tuple(angles), controls, word))
    used = {name for gate in found for name in gate.parameters}
    return Circuit(
        "random",
        qubits,
        tuple(found),
        tuple(p for p in parameters if p.name in used),
        observables=(_random_observable(rng, qubits),),
        initial_state=_random_state(rng, qubits) if rng.random() < 0.25 else None,
        initialisation=None if rng.random() < 0.3 else random_law(rng),
        noise=_random_noise(rng) if noise and rng.random() < 0.25 else None,
        channels=tuple(_random_channels(rng, qubits, gates)) if noise and rng.random() < 0.25 else (),
    )


def _random_observable(rng: np.random.Generator, qubits: int) -> PauliSum | Projector:
    if rng.random() < 0.2:
        where = rng.permutation(qubits)[: rng.integers(1, qubits + 1)]
        return Projector(tuple(int(q) for q in where), "".join(rng.choice(list("01"), size=len(where))))
    terms: dict[tuple[tuple[int, str], ...], float] = {}
    for _ in range(1 if rng.random() < 0.4 else rng.integers(2, 5)):
        where = sorted(int(q) for q in rng.permutation(qubits)[: rng.integers(1, qubits + 1)])
        terms[tuple((q, str(rng.choice(list("XYZ")))) for q in where)] = float(rng.choice([1.0, -0.5, 2.0, 0.3]))
    if rng.random() < 0.1:
        terms[()] = 0.7
    return PauliSum(tuple(PauliTerm(c, paulis) for paulis, c in terms.items()))


def _random_state(rng: np.random.Generator, qubits: int) -> Amplitudes:
    """A product state of all or some of the qubits."""
    where = tuple(int(q) for q in rng.permutation(qubits)[: rng.integers(1, qubits + 1)])
    one = []
    for _ in where:
        vector = rng.standard_normal(2) + 1j * rng.standard_normal(2)
        one.append(vector / np.linalg.norm(vector))
    return Amplitudes(where, tuple(complex(a) for a in kron(*one).reshape(-1)))


def _random_noise(rng: np.random.Generator) -> Depolarizing | PauliNoise | AmplitudeDamping:
    match rng.integers(3):
        case 0:
            return Depolarizing(float(rng.uniform(0, 0.1)), float(rng.uniform(0, 0.2)))
        case 1:
            return PauliNoise(*(float(p) for p in rng.uniform(0, 0.05, 3)))
        case _:
            return AmplitudeDamping(float(rng.uniform(0, 0.2)))


def _random_channels(rng: np.random.Generator, qubits: int, gates: int) -> list[Channel]:
    t1 = float(rng.uniform(1, 2))
    kinds: dict[str, tuple[float, ...]] = {
        "depolarizing": (float(rng.uniform(0, 0.3)),),
        "bit_flip": (float(rng.uniform(0, 0.3)),),
        "phase_flip": (float(rng.uniform(0, 0.3)),),
        "pauli": tuple(float(p) for p in rng.uniform(0, 0.1, 3)),
        "amplitude_damping": (float(rng.uniform(0, 0.5)),),
        "phase_damping": (float(rng.uniform(0, 0.5)),),
        "generalized_amplitude_damping": (float(rng.uniform(0, 0.5)), float(rng.uniform(0, 1))),
        "thermal_relaxation": (
            float(rng.uniform(0, 1)), t1, float(t1 * rng.uniform(0.3, 1.9)), float(rng.uniform(0, 1))
        ),
        "reset_error": (float(rng.uniform(0, 0.2)), float(rng.uniform(0, 0.2))),
    }  # fmt: skip
    chosen = rng.choice(list(kinds), size=rng.integers(1, 5))
    return [
        Channel(str(kind), (int(rng.integers(qubits)),), kinds[str(kind)], int(rng.integers(gates + 1)))
        for kind in chosen
    ]
