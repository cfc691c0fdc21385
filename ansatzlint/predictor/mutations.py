"""Small changes of a circuit, as people make them: what a data set needs beside the families in their pure form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from math import pi
from types import MappingProxyType

import numpy as np

from ansatzlint.angles import Angle, parameter, substitute
from ansatzlint.circuit import Circuit, Gate
from ansatzlint.gates import shape

Random = np.random.Generator

TURNS = ("rx", "ry", "rz")
BONDS = ("rxx", "ryy", "rzz", "rzx")
CLIFFORD_BONDS = ("cx", "cz", "cy", "iswap", "swap", "ecr")
CONTROLLED_TURNS = ("crx", "cry", "crz")

_ALIKE = (TURNS, BONDS, CLIFFORD_BONDS, CONTROLLED_TURNS, ("h", "s", "sdg", "sx", "x", "y", "z", "t"))


def mutate(circuit: Circuit, rng: Random, sharing: bool) -> Circuit:
    """The circuit after one to three random changes; parameters that no gate uses any more are gone.

    Parameters
    ----------
    sharing
        Whether angles that were different may become one parameter.
    """
    names = [name for name in MUTATIONS if sharing or name != "share"]
    for name in rng.choice(names, int(rng.integers(1, 4))).tolist():
        circuit = replace(circuit, gates=MUTATIONS[name](circuit, rng), blocks=())
    used = {name for gate in circuit.gates for name in gate.parameters}
    return replace(circuit, parameters=tuple(p for p in circuit.parameters if p.name in used))


def _drop(circuit: Circuit, rng: Random) -> tuple[Gate, ...]:
    kept = rng.random(len(circuit.gates)) >= rng.choice([0.03, 0.1, 0.3])
    return tuple(gate for gate, keep in zip(circuit.gates, kept.tolist(), strict=True) if keep)


def _drop_slice(circuit: Circuit, rng: Random) -> tuple[Gate, ...]:
    """Leave out a run of gates, up to a third of them: a layer, or several."""
    count = len(circuit.gates)
    length = int(rng.integers(0, count // 3 + 1))
    start = int(rng.integers(0, count - length + 1))
    return circuit.gates[:start] + circuit.gates[start + length :]


def _insert(circuit: Circuit, rng: Random) -> tuple[Gate, ...]:
    """Put in Clifford gates and turns by fixed angles at random places."""
    gates = list(circuit.gates)
    for _ in range(int(rng.integers(1, 2 + len(gates) // 10))):
        qubits = rng.permutation(circuit.qubits)[:2].tolist()
        name = str(rng.choice(CLIFFORD_BONDS if rng.random() < 0.6 and len(qubits) > 1 else ["h", "s", "x", "sx", "t"]))
        gates.insert(int(rng.integers(0, len(gates) + 1)), Gate(name, tuple(qubits[: shape(name)[0]])))
    return tuple(gates)


def _replace(circuit: Circuit, rng: Random) -> tuple[Gate, ...]:
    """Turn some gates into others of their kind."""
    share = rng.choice([0.05, 0.3])

    def other(gate: Gate) -> Gate:
        if gate.controls or rng.random() >= share:
            return gate
        kind = next((kind for kind in _ALIKE if gate.name in kind), None)
        return gate if kind is None else replace(gate, name=str(rng.choice(kind)))

    return tuple(map(other, circuit.gates))


def _swap_letters(circuit: Circuit, rng: Random) -> tuple[Gate, ...]:
    """Exchange the turns about X, Y and Z throughout."""
    to = dict(zip(TURNS, rng.permutation(TURNS).tolist(), strict=True))
    return tuple(gate if gate.controls else replace(gate, name=to.get(gate.name, gate.name)) for gate in circuit.gates)


def _permute(circuit: Circuit, rng: Random) -> tuple[Gate, ...]:
    """Shuffle the gates of a run."""
    gates = list(circuit.gates)
    length = int(rng.integers(0, len(gates) // 2 + 1))
    start = int(rng.integers(0, len(gates) - length + 1))
    order = rng.permutation(length).tolist()
    return tuple(gates[:start] + [gates[start + k] for k in order] + gates[start + length :])


def _recouple(circuit: Circuit, rng: Random) -> tuple[Gate, ...]:
    """Move the gates on several qubits: onto qubits in another order, the same for all, or each onto its own."""
    order = rng.permutation(circuit.qubits).tolist()
    together = rng.random() < 0.5
    share = rng.choice([0.2, 1.0])

    def moved(gate: Gate) -> Gate:
        if len(gate.qubits) < 2 or (not together and rng.random() >= share):
            return gate
        if together:
            return replace(gate, qubits=tuple(order[q] for q in gate.qubits))
        return replace(gate, qubits=tuple(rng.permutation(circuit.qubits)[: len(gate.qubits)].tolist()))

    return tuple(map(moved, circuit.gates))


def _freeze(circuit: Circuit, rng: Random) -> tuple[Gate, ...]:
    """Fix some parameters, most at quarter turns, at least one of them left free."""
    names = [p.name for p in circuit.trainable]
    share = rng.choice([0.1, 0.5])
    quarters = rng.random() < 0.7
    frozen: dict[str, Angle] = {
        name: float(rng.integers(0, 4)) * pi / 2 if quarters else float(rng.uniform(-pi, pi))
        for name in rng.permutation(names)[1:].tolist()
        if rng.random() < share
    }
    return _substituted(circuit, frozen)


def _share(circuit: Circuit, rng: Random) -> tuple[Gate, ...]:
    """Make one parameter of several: of some few, or all of them drawn into a few groups."""
    names = rng.permutation([p.name for p in circuit.trainable]).tolist()
    groups = int(rng.integers(1, max(2, len(names))))
    shared: dict[str, Angle] = {
        name: parameter(names[k % groups]) for k, name in enumerate(names) if k >= groups
    }
    return _substituted(circuit, shared)


def _substituted(circuit: Circuit, values: Mapping[str, Angle]) -> tuple[Gate, ...]:
    return tuple(
        gate if values.keys().isdisjoint(gate.parameters)
        else replace(gate, angles=tuple(substitute(angle, values) for angle in gate.angles))
        for gate in circuit.gates
    )  # fmt: skip


MUTATIONS: Mapping[str, Callable[[Circuit, Random], tuple[Gate, ...]]] = MappingProxyType(
    {
        "drop": _drop,
        "drop-slice": _drop_slice,
        "insert": _insert,
        "replace": _replace,
        "swap-letters": _swap_letters,
        "permute": _permute,
        "recouple": _recouple,
        "freeze": _freeze,
        "share": _share,
    }
)
"""The changes by name: (circuit, source of random numbers) -> the new gates."""
