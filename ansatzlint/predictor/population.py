"""The circuits that the predictor learns from, each one a function of a seed and its index.

Three neighbours share a structure and differ in cost, initialisation and noise. Families that hold one another's
circuits, gate for gate or once some parametrised gates are left out, are one group, so that leaving a group out leaves
out what is nearly the same:

- rotation-layers: real amplitudes and efficient SU(2) are hardware-efficient circuits with CX along a chain, strongly
  entangling layers are such with a ring as long as there is one of them, and re-uploading without its data is one too;
- brick-two-design: a finite light cone without its RZ is the simplified two-design;
- brickwork, mps-staircase: arbitrary blocks in a brick pattern, and down the chain;
- trees: a tree is a convolutional network without its blocks between pairs; MERA is built of the same two layers;
- hamiltonians: free Ising, QAOA and Z2-symmetric circuits all are RZZ on edges and RX on |+...+>;
- matchgate, permutation-equivariant, identity-block: contained in no other;
- random: circuits drawn gate by gate.

A mutation belongs to the group of the family that it was made of.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from math import log, pi
from types import MappingProxyType
from typing import Any

import numpy as np

from ansatzlint.angles import Angle, multiply, parameter
from ansatzlint.circuit import Circuit, Gate, Observable, Parameter, PauliSum, PauliTerm, Projector
from ansatzlint.families import FAMILIES
from ansatzlint.families.couplings import COUPLINGS, brick, chain, ring
from ansatzlint.families.family import DEPTH_RULES, Choice, Layers, Whole
from ansatzlint.gates import shape
from ansatzlint.initialisation import Initialisation, Normal, Uniform
from ansatzlint.noise import AmplitudeDamping, Depolarizing, Noise, PauliNoise
from ansatzlint.observables import global_z, local_z
from ansatzlint.predictor.mutations import (
    BONDS,
    CLIFFORD_BONDS,
    CONTROLLED_TURNS,
    TURNS,
    Random,
    mutate,
)

GROUPS: Mapping[str, str] = MappingProxyType(
    {
        "hardware-efficient": "rotation-layers",
        "real-amplitudes": "rotation-layers",
        "efficient-su2": "rotation-layers",
        "strongly-entangling": "rotation-layers",
        "data-reuploading": "rotation-layers",
        "simplified-two-design": "brick-two-design",
        "finite-light-cone": "brick-two-design",
        "brickwork": "brickwork",
        "mps-staircase": "mps-staircase",
        "tree-tensor-network": "trees",
        "qcnn": "trees",
        "mera": "trees",
        "hamiltonian-variational": "hamiltonians",
        "qaoa": "hamiltonians",
        "z2-symmetric": "hamiltonians",
        "matchgate": "matchgate",
        "permutation-equivariant": "permutation-equivariant",
        "identity-block": "identity-block",
    }
)
"""Family -> group."""

SMALLEST, LARGEST = 2, 64
SHARED = 12
"""The most qubits of a circuit whose parameters are drawn: its statevectors can be had by the hundred."""
SHARED_NOISY = 5
"""Likewise with noise, which takes density matrices."""
LARGE_SHARED = 40
"""Every so many-th index is a large circuit with shared parameters of which a symmetry tells the truth."""
PER_STRUCTURE = 3

_MOST_OPERATIONS = 1500
_MOST_LARGE = 5000
_ALWAYS_SHARED = ("permutation-equivariant", "identity-block")
_SHARED_CHOICE = MappingProxyType(
    {
        "qaoa": ("standard", "multi"),
        "hamiltonian-variational": ("shared", "free"),
        "z2-symmetric": ("shared", "free"),
        "qcnn": ("shared", "free"),
    }
)
"""The values of `angles` with which a family shares parameters, and does not."""


@dataclass(frozen=True, slots=True)
class Example:
    """One circuit to learn from, with a cost and an initialisation.

    `kind` is "family", "mutation", "random" or "large-shared".
    """

    index: int
    circuit: Circuit
    group: str
    kind: str


@dataclass(frozen=True, slots=True)
class _Structure:
    circuit: Circuit
    group: str
    kind: str
    shared: bool


def draw(seed: int, index: int) -> Example:
    """Example `index` of the population; equal arguments give equal circuits on every machine and in every process."""
    if index % LARGE_SHARED == LARGE_SHARED - 1:
        return _large_shared(index, _random(seed, index, 2))
    structure = _structure(seed, index // PER_STRUCTURE)
    return Example(index, _dressed(structure, _random(seed, index, 1)), structure.group, structure.kind)


def _random(seed: int, number: int, stream: int) -> Random:
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence((seed, number, stream))))


@lru_cache(maxsize=64)
def _structure(seed: int, number: int) -> _Structure:
    """Gates and parameters, before cost, initialisation and noise are chosen."""
    rng = _random(seed, number, 0)
    while True:
        kind = str(rng.choice(["family", "mutation", "random"], p=[0.5, 0.25, 0.25]))
        qubits = round(SMALLEST * (LARGEST / SMALLEST) ** (rng.random() ** 1.2))
        if kind == "random":
            found = _Structure(_random_circuit(qubits, rng), "random", kind, False)
        else:
            name = str(rng.choice(list(FAMILIES), p=_CHANCES))
            circuit = _family(name, qubits, rng)
            if circuit is None:
                continue
            if kind == "mutation":
                circuit = mutate(circuit, rng, circuit.qubits <= SHARED)
            found = _Structure(circuit, GROUPS[name], kind, _shares(circuit))
        if found.circuit.trainable and (not found.shared or found.circuit.qubits <= SHARED):
            return found


_WEIGHTS = {"hardware-efficient": 3.0, "real-amplitudes": 1.5, "efficient-su2": 1.5, "strongly-entangling": 1.5,
            "brickwork": 2.0, "matchgate": 2.0, "hamiltonian-variational": 2.5, "qaoa": 2.0}  # fmt: skip
_CHANCES = np.array([_WEIGHTS.get(name, 1.2) for name in FAMILIES])
_CHANCES /= _CHANCES.sum()


def _shares(circuit: Circuit) -> bool:
    """Whether a parameter enters more than one gate, other than as the inputs of data do."""
    seen: set[str] = set()
    for gate in circuit.gates:
        for name in gate.parameters:
            if name in seen:
                return True
            seen.add(name)
    return False


def _family(name: str, qubits: int, rng: Random) -> Circuit | None:
    """A circuit of the family, or None where even one layer is too large."""
    family = FAMILIES[name]
    arguments: dict[str, Any] = {}
    for key, argument in family.space.items():
        if isinstance(argument, Choice):
            arguments[key] = argument.values[int(rng.integers(len(argument.values)))]
        else:
            arguments[key] = 1
    sharing, free = _SHARED_CHOICE.get(name, ("", ""))
    if sharing and qubits > SHARED:
        arguments["angles"] = free
    shared = name in _ALWAYS_SHARED or (bool(sharing) and arguments["angles"] == sharing)
    # Data that enter once are no shared parameters.
    if qubits > SHARED and (shared or (name == "data-reuploading" and rng.random() < 0.7)):
        qubits = int(rng.integers(max(family.smallest, SMALLEST), SHARED + 1))
    if arguments.get("graph") == "regular3":
        qubits = max(4, qubits + qubits % 2)
    layers = family.space.get("layers")
    limit = _size(rng) if layers is not None else 0
    one = _operations(family.build(qubits, **arguments))
    if one > _MOST_OPERATIONS:
        return None
    if "half_depth" in family.space:
        arguments["half_depth"] = int(rng.integers(1, 1 + max(1, min(8, limit // one))))
        one = _operations(family.build(qubits, **arguments))
    if isinstance(layers, Layers | Whole):
        most = max(1, min(layers.high, limit // one))
        wanted = round(float(np.exp(rng.uniform(0.0, log(most + 0.5)))))
        if isinstance(layers, Layers) and rng.random() < 0.2:
            wanted = DEPTH_RULES[str(rng.choice(list(DEPTH_RULES)))](qubits)
        if name == "data-reuploading" and qubits > SHARED:
            wanted = 1
        arguments["layers"] = max(1, min(wanted, most))
    return family.build(qubits, **arguments)


def _size(rng: Random) -> int:
    """How many operations a circuit may take."""
    return int(np.exp(rng.uniform(log(30), log(_MOST_OPERATIONS if rng.random() < 0.08 else 450))))


def _operations(circuit: Circuit) -> int:
    """Gates and free angles: nearly as many as there are turns and Clifford gates after lowering."""
    return len(circuit.gates) + sum(max(len(gate.angles) - 1, 0) for gate in circuit.gates)


def _random_circuit(qubits: int, rng: Random) -> Circuit:
    """Gates one by one, from an alphabet and a way to choose qubits that are drawn first."""
    if rng.random() < 0.15:
        return _rotations(qubits, rng)
    turns = rng.permutation(TURNS)[: int(rng.integers(1, 4))].tolist()
    bonds = rng.permutation([*BONDS, *CLIFFORD_BONDS, *CLIFFORD_BONDS])[: int(rng.integers(1, 4))].tolist()
    if rng.random() < 0.2:
        bonds.append(str(rng.choice(CONTROLLED_TURNS)))
    cliffords = ["h", "s", "sx"] if rng.random() < 0.4 else []
    pairs = (brick(qubits), chain(qubits), ring(qubits), None)[int(rng.integers(4))]
    share_two, share_clifford, share_fixed = rng.uniform(0.1, 0.6), rng.uniform(0.0, 0.4), rng.choice([0.0, 0.0, 0.1])
    count = max(2, min(_size(rng), int(qubits * np.exp(rng.uniform(0.0, 3.5)))))
    gates: list[Gate] = []
    parameters = 0
    for place in range(count):
        if rng.random() < share_two:
            name = str(bonds[int(rng.integers(len(bonds)))])
            on = tuple(rng.permutation(qubits)[:2].tolist()) if pairs is None else pairs[place % len(pairs)]
        else:
            clifford = cliffords and rng.random() < share_clifford
            name = str(rng.choice(cliffords)) if clifford else str(turns[int(rng.integers(len(turns)))])
            on = (int(rng.integers(qubits)),)
        angles: list[Angle] = []
        for _ in range(shape(name)[1]):
            if rng.random() < share_fixed and parameters:
                angles.append(float(rng.integers(0, 4)) * pi / 2 if rng.random() < 0.5 else float(rng.uniform(-pi, pi)))
            else:
                scale = float(rng.choice([0.5, 2.0, -1.0])) if rng.random() < 0.03 else 1.0
                angles.append(multiply(scale, parameter(f"t{parameters}")))
                parameters += 1
        gates.append(Gate(name, on, tuple(angles)))
    if not parameters:
        gates.append(Gate("ry", (0,), (parameter("t0"),)))
        parameters = 1
    return Circuit("random", qubits, tuple(gates), tuple(Parameter(f"t{k}") for k in range(parameters)))


def _rotations(qubits: int, rng: Random) -> Circuit:
    """Turns about random Pauli words of few letters."""
    most = int(rng.integers(1, min(qubits, 6) + 1))
    count = max(2, min(_size(rng), int(qubits * np.exp(rng.uniform(0.0, 3.0)))))
    gates = []
    for k in range(count):
        weight = int(rng.integers(1, most + 1))
        on = tuple(rng.permutation(qubits)[:weight].tolist())
        word = "".join(rng.choice(list("XYZ"), weight).tolist())
        gates.append(Gate("pauli_rotation", on, (parameter(f"t{k}"),), word=word))
    return Circuit("random", qubits, tuple(gates), tuple(Parameter(f"t{k}") for k in range(count)))


def _dressed(structure: _Structure, rng: Random) -> Circuit:
    """The structure with a cost, an initialisation and noise: all that `assumptions.complete` could add."""
    circuit = structure.circuit
    parameters = circuit.parameters
    if rng.random() < 0.04 and len(circuit.trainable) > 2 and not circuit.inputs:
        stop = int(rng.integers(1, len(parameters)))
        parameters = tuple(replace(p, role="input") if k < stop else p for k, p in enumerate(parameters))
    cost = _cost(circuit, rng)
    parameters, law = _initialised(parameters, rng)
    noisy = not structure.shared or circuit.qubits <= SHARED_NOISY
    noise = _noise(rng) if noisy else None
    return replace(circuit, parameters=parameters, observables=(cost,), initialisation=law, noise=noise)


def _cost(circuit: Circuit, rng: Random) -> Observable:
    n = circuit.qubits
    everything = range(n)
    own = circuit.observables[0] if circuit.observables else local_z(circuit.measured or everything)
    makers: tuple[tuple[float, Callable[[], Observable]], ...] = (
        (0.22, lambda: own),
        (0.12, lambda: local_z(everything)),
        (0.08, lambda: global_z(everything)),
        (0.14, lambda: PauliSum((PauliTerm(1.0, ((int(rng.integers(n)), "Z"),)),))),
        (0.08, lambda: _neighbours(n, rng)),
        (0.14, lambda: PauliSum((_word(n, int(np.exp(rng.uniform(0.0, log(n + 0.99)))), rng),))),
        (0.10, lambda: _sum_of_words(n, rng)),
        (0.06, lambda: _hamiltonian(n, rng)),
        (0.06, lambda: _projector(n, rng)),
    )
    chances = np.array([chance for chance, _ in makers])
    found = makers[int(rng.choice(len(makers), p=chances / chances.sum()))][1]()
    if isinstance(found, PauliSum) and rng.random() < 0.3:
        scale = float(10 ** rng.uniform(-1.5, 1.5))
        found = replace(found, terms=tuple(replace(t, coefficient=scale * t.coefficient) for t in found.terms))
    return found


def _word(qubits: int, weight: int, rng: Random, coefficient: float = 1.0) -> PauliTerm:
    on = np.sort(rng.permutation(qubits)[:weight]).tolist()
    return PauliTerm(coefficient, tuple(zip(on, rng.choice(list("XYZ"), weight).tolist(), strict=True)))


def _neighbours(qubits: int, rng: Random) -> PauliSum:
    """ZZ of one pair of neighbours, or the sum over all of them."""
    bonds = chain(qubits)
    if rng.random() < 0.6:
        bonds = (bonds[int(rng.integers(len(bonds)))],)
    return PauliSum(tuple(PauliTerm(1.0, ((a, "Z"), (b, "Z"))) for a, b in bonds))


def _sum_of_words(qubits: int, rng: Random) -> PauliSum:
    """A few random words of at most three letters with random weights."""
    terms: dict[tuple[tuple[int, str], ...], PauliTerm] = {}
    for _ in range(int(rng.integers(2, 9))):
        term = _word(qubits, int(rng.integers(1, min(3, qubits) + 1)), rng, float(rng.normal()))
        terms.setdefault(term.paulis, term)
    return PauliSum(tuple(terms.values()))


def _hamiltonian(qubits: int, rng: Random) -> PauliSum:
    """Ising in a transverse field, Heisenberg, or the cut of a random graph."""
    kind = int(rng.integers(3))
    bonds = chain(qubits) if rng.random() < 0.5 else ring(qubits)
    if kind == 0:
        field = float(rng.uniform(0.2, 2.0))
        words = [("ZZ", bond, -1.0) for bond in bonds] + [("X", (q,), -field) for q in range(qubits)]
    elif kind == 1:
        words = [(word, bond, 1.0) for bond in bonds for word in ("XX", "YY", "ZZ")]
    else:
        edges = {tuple(sorted(rng.permutation(qubits)[:2].tolist())) for _ in range(3 * qubits // 2)}
        words = [("ZZ", edge, 0.5) for edge in sorted(edges)]
    return PauliSum(tuple(PauliTerm(c, tuple(sorted(zip(on, word, strict=True)))) for word, on, c in words))


def _projector(qubits: int, rng: Random) -> Projector:
    count = qubits if rng.random() < 0.6 else int(rng.integers(1, qubits + 1))
    on = tuple(sorted(rng.permutation(qubits)[:count].tolist()))
    bits = "0" * count if rng.random() < 0.8 else "".join(rng.choice(["0", "1"], count).tolist())
    return Projector(on, bits)


def _law(rng: Random) -> Initialisation:
    """A law that is not uniform over whole periods."""
    width = float(np.exp(rng.uniform(log(0.01), log(2.0))))
    kind = rng.random()
    if kind < 0.60:
        return Normal(width)
    if kind < 0.80:
        return Uniform(-width, width)
    if kind < 0.87:
        return Uniform(0.0, float(rng.choice([1.0, pi / 2, pi])))
    return Normal(width, float(rng.choice([pi / 2, pi])) if rng.random() < 0.5 else float(rng.uniform(-pi, pi)))


def _initialised(
    parameters: tuple[Parameter, ...], rng: Random
) -> tuple[tuple[Parameter, ...], Initialisation | None]:
    """The parameters, those with a law of their own marked, and the law of all others."""
    own = any(p.initialisation is not None for p in parameters)
    kind = rng.random()
    if own:
        if kind < 0.5:
            return parameters, None
        kind = 2 * kind - 1
        parameters = tuple(replace(p, initialisation=None) for p in parameters)
    if kind < 0.5:
        return parameters, Uniform(0.0, 2 * pi) if rng.random() < 0.7 else Uniform(-pi, pi)
    if kind < 0.92:
        return parameters, _law(rng)
    laws = (Uniform(), _law(rng), _law(rng))
    which = rng.integers(0, 2 + int(rng.integers(2)), len(parameters)).tolist()
    mixed = tuple(
        replace(p, initialisation=laws[k]) if p.role == "trainable" else p
        for p, k in zip(parameters, which, strict=True)
    )
    return mixed, None


def _noise(rng: Random) -> Noise | None:
    kind = rng.random()
    if kind < 0.75:
        return None
    first, second = (float(p) for p in np.exp(rng.uniform(log(1e-4), log(0.1), 2)))
    if kind < 0.95:
        return Depolarizing(min(first, second), max(first, second))
    if kind < 0.98:
        shares = rng.dirichlet(np.ones(3)).tolist()
        return PauliNoise(*(first * share for share in shares))
    return AmplitudeDamping(first)


def _large_shared(index: int, rng: Random) -> Example:
    """24 to 64 qubits with shared angles: all qubits alike, or a free-fermionic Ising chain."""
    qubits = int(rng.integers(24, LARGEST + 1))
    if rng.random() < 0.5:
        name, arguments = "permutation-equivariant", {}
        most = 12
    else:
        name = "hamiltonian-variational" if rng.random() < 0.6 else "qaoa"
        boundary = str(rng.choice(["open", "periodic"]))
        if name == "qaoa":
            arguments = {"graph": "path" if boundary == "open" else "cycle", "angles": "standard"}
        else:
            arguments = {"model": "tfim", "angles": "shared", "boundary": boundary}
        most = 32
    if name == "permutation-equivariant":
        most = min(most, _MOST_LARGE // (qubits * (qubits + 3) // 2))
    layers = round(float(np.exp(rng.uniform(0.0, log(most)))))
    circuit = FAMILIES[name].build(qubits, layers=layers, **arguments)
    everything = range(qubits)
    makers: tuple[Callable[[], PauliSum], ...]
    if name == "permutation-equivariant":
        makers = (
            lambda: local_z(everything),
            lambda: PauliSum(tuple(PauliTerm(1.0 / qubits, ((q, "X"),)) for q in everything)),
            lambda: _all_pairs(qubits),
        )
    else:
        bonds = chain(qubits) if arguments.get("boundary", arguments.get("graph")) in ("open", "path") else ring(qubits)
        field = float(rng.uniform(0.2, 2.0))
        site, bond = int(rng.integers(qubits)), bonds[int(rng.integers(len(bonds)))]
        zz = tuple(PauliTerm(-1.0, tuple((q, "Z") for q in sorted(pair))) for pair in bonds)
        xs = tuple(PauliTerm(-field, ((q, "X"),)) for q in everything)
        makers = (
            lambda: PauliSum(zz + xs),
            lambda: PauliSum(zz),
            lambda: PauliSum(xs),
            lambda: PauliSum((PauliTerm(1.0, ((site, "X"),)),)),
            lambda: PauliSum((PauliTerm(1.0, tuple((q, "Z") for q in sorted(bond))),)),
        )
    cost = makers[int(rng.integers(len(makers)))]()
    if rng.random() < 0.5:
        law: Initialisation = Uniform()
    else:
        law = Normal(float(np.exp(rng.uniform(log(0.01), log(2.0)))))
    circuit = replace(circuit, observables=(cost,), initialisation=law)
    return Example(index, circuit, GROUPS[name], "large-shared")


def _all_pairs(qubits: int) -> PauliSum:
    """The mean of ZZ over all pairs."""
    pairs = COUPLINGS["all-to-all"](qubits)
    return PauliSum(tuple(PauliTerm(1.0 / len(pairs), ((a, "Z"), (b, "Z"))) for a, b in pairs))
