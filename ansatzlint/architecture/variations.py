"""Gate-level changes of a circuit of the front: what the structured families do not reach.

A change is drawn from a seed alone, so that a design says how it came about. Parameters that no gate uses any more are
gone; a new gate brings its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from types import MappingProxyType

import numpy as np

from ansatzlint.angles import Angle, parameter
from ansatzlint.circuit import Circuit, Gate, Parameter
from ansatzlint.families.couplings import Pairs
from ansatzlint.gates import shape

Random = np.random.Generator

TURNS = ("rx", "ry", "rz")
_STEPS = (1, 1, 2, 3)
"""How many steps a change takes, drawn from these."""


@dataclass(frozen=True, slots=True)
class Pool:
    """Gates that a step may bring in, with one and two qubits, and pairs of qubits where the latter may act."""

    single: tuple[str, ...]
    double: tuple[str, ...]
    pairs: Pairs

    @classmethod
    def of(cls, circuit: Circuit, gates: Sequence[str] | None, coupling: Pairs | None) -> Pool:
        """The gates of the set, by default turns and whatever the circuit is made of, on the pairs of the map."""
        own = dict.fromkeys(gate.name for gate in circuit.gates if not gate.word)
        names = (*TURNS, *own) if gates is None else tuple(gates)
        width = {name: shape(name)[0] for name in names}
        pairs = tuple(combinations(range(circuit.qubits), 2)) if coupling is None else coupling
        if not any(width[name] == 2 for name in names) and gates is None:
            names, width = (*names, "cx"), width | {"cx": 2}
        return cls(
            tuple(dict.fromkeys(name for name in names if width[name] == 1)),
            tuple(dict.fromkeys(name for name in names if width[name] == 2)),
            pairs,
        )


def vary(circuit: Circuit, seed: int, pool: Pool) -> Circuit:
    """The circuit after one change: one to three random steps."""
    rng = np.random.default_rng(seed)
    for _ in range(int(rng.choice(_STEPS))):
        name = str(rng.choice(list(STEPS)))
        circuit = _tidy(replace(STEPS[name](circuit, rng, pool), blocks=()))
    return circuit


def _tidy(circuit: Circuit) -> Circuit:
    used = {name for gate in circuit.gates for name in gate.parameters}
    return replace(circuit, parameters=tuple(p for p in circuit.parameters if p.name in used))


def _place(circuit: Circuit, rng: Random) -> int:
    return int(rng.integers(len(circuit.gates)))


def _pair(pool: Pool, rng: Random) -> tuple[int, int]:
    a, b = pool.pairs[int(rng.integers(len(pool.pairs)))]
    return (a, b) if rng.random() < 0.5 else (b, a)


def _gate(circuit: Circuit, name: str, qubits: tuple[int, ...]) -> tuple[Gate, tuple[Parameter, ...]]:
    """A gate with parameters of its own."""
    taken = {p.name for p in circuit.parameters}
    angles: list[Angle] = []
    new = []
    number = len(taken)
    for _ in range(shape(name)[1]):
        while f"theta{number}" in taken:
            number += 1
        taken.add(f"theta{number}")
        new.append(Parameter(f"theta{number}"))
        angles.append(parameter(f"theta{number}"))
    return Gate(name, qubits, tuple(angles)), tuple(new)


def _with(circuit: Circuit, at: int, gate: Gate, new: tuple[Parameter, ...], stop: int) -> Circuit:
    """The circuit with the gate in place of gates[at:stop]."""
    gates = (*circuit.gates[:at], gate, *circuit.gates[stop:])
    return replace(circuit, gates=gates, parameters=(*circuit.parameters, *new))


def _add(circuit: Circuit, rng: Random, pool: Pool) -> Circuit:
    """Put in a gate."""
    double = bool(pool.double and pool.pairs) and (not pool.single or rng.random() < 0.5)
    name = str(rng.choice(pool.double if double else pool.single))
    qubits = _pair(pool, rng) if double else (int(rng.integers(circuit.qubits)),)
    at = int(rng.integers(len(circuit.gates) + 1))
    return _with(circuit, at, *_gate(circuit, name, qubits), at)


def _remove(circuit: Circuit, rng: Random, pool: Pool) -> Circuit:
    """Take out a gate."""
    if len(circuit.gates) < 2:
        return circuit
    at = _place(circuit, rng)
    return replace(circuit, gates=circuit.gates[:at] + circuit.gates[at + 1 :])


def _cut(circuit: Circuit, rng: Random, pool: Pool) -> Circuit:
    """Take out a run of gates, up to a quarter of them."""
    count = len(circuit.gates)
    length = int(rng.integers(0, count // 4 + 1))
    start = int(rng.integers(0, count - length + 1))
    return replace(circuit, gates=circuit.gates[:start] + circuit.gates[start + length :])


def _exchange(circuit: Circuit, rng: Random, pool: Pool) -> Circuit:
    """Make another gate of one, on the same qubits; it keeps its angles where it has as many."""
    if not circuit.gates:
        return circuit
    at = _place(circuit, rng)
    old = circuit.gates[at]
    choices = {1: pool.single, 2: pool.double}.get(len(old.qubits), ())
    others = [name for name in choices if name != old.name]
    if not others or old.controls:
        return circuit
    name = str(rng.choice(others))
    if shape(name)[1] == len(old.angles):
        return _with(circuit, at, replace(old, name=name, word=""), (), at + 1)
    return _with(circuit, at, *_gate(circuit, name, old.qubits), at + 1)


def _rewire(circuit: Circuit, rng: Random, pool: Pool) -> Circuit:
    """Move a gate to other qubits."""
    if not circuit.gates:
        return circuit
    at = _place(circuit, rng)
    old = circuit.gates[at]
    if len(old.qubits) == 1:
        qubits: tuple[int, ...] = (int(rng.integers(circuit.qubits)),)
    elif len(old.qubits) == 2 and pool.pairs:
        qubits = _pair(pool, rng)
    else:
        return circuit
    return _with(circuit, at, replace(old, qubits=qubits), (), at + 1)


def _move(circuit: Circuit, rng: Random, pool: Pool) -> Circuit:
    """Put a gate at another time."""
    if len(circuit.gates) < 2:
        return circuit
    gates = list(circuit.gates)
    gate = gates.pop(_place(circuit, rng))
    gates.insert(int(rng.integers(len(gates) + 1)), gate)
    return replace(circuit, gates=tuple(gates))


def _letters(circuit: Circuit, rng: Random, pool: Pool) -> Circuit:
    """Exchange the turns about X, Y and Z throughout, or on one qubit."""
    own = [name for name in TURNS if name in pool.single]
    to = dict(zip(own, rng.permutation(own).tolist(), strict=True))
    on = None if rng.random() < 0.5 else int(rng.integers(circuit.qubits))
    return replace(
        circuit,
        gates=tuple(
            replace(gate, name=to[gate.name])
            if gate.name in to and not gate.controls and on in (None, gate.qubits[0]) else gate
            for gate in circuit.gates
        ),
    )  # fmt: skip


STEPS: Mapping[str, Callable[[Circuit, Random, Pool], Circuit]] = MappingProxyType(
    {
        "add": _add, "remove": _remove, "cut": _cut, "exchange": _exchange, "rewire": _rewire, "move": _move,
        "letters": _letters,
    }
)  # fmt: skip
"""The steps by name."""
