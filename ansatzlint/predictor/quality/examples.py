"""Circuits with Hamiltonians as costs, to be trained: what the second head learns from.

Every example is a function of a seed and its index.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import log, pi

import numpy as np

from ansatzlint.angles import Angle, parameter
from ansatzlint.circuit import Circuit, Gate, Observable, Parameter
from ansatzlint.families import FAMILIES
from ansatzlint.families.couplings import brick, chain, complete, ring
from ansatzlint.families.family import Choice
from ansatzlint.gates import shape
from ansatzlint.initialisation import Initialisation, Normal, Uniform
from ansatzlint.predictor.mutations import BONDS, CLIFFORD_BONDS, CONTROLLED_TURNS, TURNS, mutate
from ansatzlint.predictor.population import GROUPS
from ansatzlint.predictor.quality import hamiltonians
from ansatzlint.predictor.quality.trainer import gradient_evaluations

FEWEST, MOST = 3, hamiltonians.MAX_QUBITS

MOST_PARAMETERS = 200
_MOST_GATES = 600
_MOST_SHIFTS = 2_000
"""Circuit evaluations of one gradient: at this many, ten steps are left."""

_RANDOM, _MUTATED = 0.2, 0.25
_OWN = 0.4

_MODELS = {"tfim": "tfim", "ltfim": "tfim", "xy": "heisenberg", "xxz": "heisenberg", "heisenberg": "heisenberg"}
"""Model of a Hamiltonian variational ansatz -> kind of its Hamiltonian."""

_NAMES = tuple(FAMILIES)


@dataclass(frozen=True, slots=True)
class Example:
    """One circuit to train.

    Attributes
    ----------
    index : int
    circuit : Circuit
        Complete; its cost is one `PauliSum`.
    group : str
        As in `population.GROUPS`; "random" for circuits drawn gate by gate.
    hamiltonian : str
        A key of `hamiltonians.KINDS`.
    kind : str
        "family", "mutation" or "random".
    """

    index: int
    circuit: Circuit
    group: str
    hamiltonian: str
    kind: str


def draw(seed: int, index: int) -> Example:
    """Example `index`; equal arguments give equal circuits."""
    rng = source(seed, index, 0)
    while True:
        # More of the larger ones, which differ more.
        qubits = FEWEST + int((MOST + 1 - FEWEST) * rng.random() ** 0.75)
        own: tuple[Observable, ...] = ()
        model = "maxcut"
        chance = rng.random()
        if chance < _RANDOM:
            circuit, group, kind = _random_circuit(qubits, rng), "random", "random"
        else:
            name = _NAMES[int(rng.integers(len(_NAMES)))]
            arguments = _arguments(name, qubits, rng)
            if arguments is None:
                continue
            circuit, group, kind = FAMILIES[name].build(qubits, **arguments), GROUPS[name], "family"
            model = _MODELS.get(str(arguments.get("model")), "maxcut")
            own = circuit.observables if name in ("qaoa", "hamiltonian-variational") else ()
            if chance < _RANDOM + _MUTATED:
                circuit, kind = mutate(circuit, rng, True), "mutation"
        if own and rng.random() < _OWN:
            hamiltonian = model
            cost = own[0]
        else:
            hamiltonian = tuple(hamiltonians.KINDS)[int(rng.integers(len(hamiltonians.KINDS)))]
            cost = hamiltonians.KINDS[hamiltonian](qubits, rng)
        circuit = _drawn(circuit, cost, rng)
        if _fits(circuit):
            return Example(index, circuit, group, hamiltonian, kind)


def source(seed: int, index: int, stream: int) -> np.random.Generator:
    """Random numbers of one example; stream 0 draws its circuit."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence((seed, index, stream))))


def _arguments(name: str, qubits: int, rng: np.random.Generator) -> dict[str, object] | None:
    """Random arguments of a family with a depth that keeps within the bounds; None where it cannot be built."""
    family = FAMILIES[name]
    found: dict[str, object] = {
        key: argument.values[int(rng.integers(len(argument.values)))] if isinstance(argument, Choice) else 1
        for key, argument in family.space.items()
    }
    if qubits < family.smallest or (found.get("graph") == "regular3" and qubits % 2):
        return None
    if "half_depth" in found:
        found["half_depth"] = int(rng.integers(1, 4))
    if "layers" in found:
        one = family.build(qubits, **found)
        most = min(_MOST_GATES // max(len(one.gates), 1), MOST_PARAMETERS // max(len(one.trainable), 1), 24)
        found["layers"] = int(np.exp(rng.uniform(0.0, log(max(most, 1) + 0.99))))
    return found


def _fits(circuit: Circuit) -> bool:
    return (
        0 < len(circuit.trainable) <= MOST_PARAMETERS
        and len(circuit.gates) <= _MOST_GATES
        and gradient_evaluations(circuit) <= _MOST_SHIFTS
    )


def _drawn(circuit: Circuit, cost: Observable, rng: np.random.Generator) -> Circuit:
    """The circuit with a cost and an initialisation, and with numbers for its inputs."""
    kept = any(p.initialisation is not None for p in circuit.trainable) and rng.random() < 0.5
    parameters = []
    for p in circuit.parameters:
        if p.role == "input":
            parameters.append(replace(p, value=float(rng.uniform(0.0, 2 * pi))))
        else:
            parameters.append(p if kept else replace(p, initialisation=None))
    law: Initialisation = Uniform()
    if rng.random() < 0.5:
        law = Normal(float(np.exp(rng.uniform(log(0.05), log(0.5)))))
    return replace(circuit, parameters=tuple(parameters), observables=(cost,), initialisation=law)


def _random_circuit(qubits: int, rng: np.random.Generator) -> Circuit:
    """Turns and two-qubit gates of a few sorts, one after the other, on qubits that a coupling allows."""
    turns = rng.permutation(TURNS)[: int(rng.integers(1, 4))].tolist()
    sorts = [*BONDS, *CLIFFORD_BONDS, *CLIFFORD_BONDS, *CONTROLLED_TURNS]
    bonds = rng.permutation(sorts)[: int(rng.integers(1, 4))].tolist()
    pairs = (brick, chain, ring, complete)[int(rng.integers(4))](qubits)
    share = rng.uniform(0.15, 0.6)
    groups = int(rng.integers(1, 30)) if rng.random() < 0.15 else MOST_PARAMETERS
    gates: list[Gate] = []
    used = 0
    for place in range(int(qubits * np.exp(rng.uniform(0.3, 3.7)))):
        if rng.random() < share:
            name = str(bonds[int(rng.integers(len(bonds)))])
            on: tuple[int, ...] = pairs[place % len(pairs)]
        else:
            name = str(turns[int(rng.integers(len(turns)))])
            on = (int(rng.integers(qubits)),)
        angles: list[Angle] = []
        for _ in range(shape(name)[1]):
            angles.append(parameter(f"t{used % groups}"))
            used += 1
        gates.append(Gate(name, on, tuple(angles)))
    if not used:
        gates.append(Gate("ry", (0,), (parameter("t0"),)))
    return Circuit("random", qubits, tuple(gates), tuple(Parameter(f"t{k}") for k in range(min(max(used, 1), groups))))
