"""The chain along a line against plain propagation of all strings, closed forms and itself at other bonds."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import pytest

from ansatzlint import angles
from ansatzlint.circuit import Circuit, Gate, Parameter, Projector
from ansatzlint.initialisation import Initialisation, Normal, Uniform, Zeros
from ansatzlint.moments.chain import ChainResult, chain_moments
from ansatzlint.moments.laws import MOVE, STAY, Law, moments
from ansatzlint.moments.paths import Starts, Words
from ansatzlint.moments.sequence import Damping, Step, laws, steps
from ansatzlint.noise import AmplitudeDamping, Depolarizing, Noise, PauliNoise
from ansatzlint.pauli.lowering import Clifford
from ansatzlint.pauli.strings import PauliString, conjugate, half_turn


def circuit(
    qubits: int,
    gates: Sequence[tuple[str, tuple[int, ...]]],
    law: Initialisation | None = None,
    noise: Noise | None = None,
) -> Circuit:
    """A parameter of its own for every gate that takes an angle; a name such as "rz:0.5" fixes the angle."""
    found, parameters = [], []
    for name, where in gates:
        name, _, fixed = name.partition(":")
        word = ""
        if name.isupper():
            name, word = "pauli_rotation", name
        if fixed:
            found.append(Gate(name, where, (float(fixed),), word=word))
        elif name[0] == "r" or word:
            parameters.append(Parameter(f"t{len(parameters)}"))
            found.append(Gate(name, where, (angles.parameter(parameters[-1].name),), word=word))
        else:
            found.append(Gate(name, where))
    return Circuit("c", qubits, tuple(found), tuple(parameters), initialisation=law, noise=noise)


def layers(
    qubits: int, depth: int, rotations: Sequence[str] = ("ry",), entangler: str = "cz", pattern: str = "ladder"
) -> list[tuple[str, tuple[int, ...]]]:
    found: list[tuple[str, tuple[int, ...]]] = []
    for layer in range(depth):
        found += [(r, (q,)) for r in rotations for q in range(qubits)]
        pairs = [(q, q + 1) for q in range(qubits - 1)]
        if pattern == "brick":
            pairs = pairs[::2] + pairs[1::2] if layer % 2 else pairs[layer % 2 :: 2]
        if pattern == "ring":
            pairs.append((qubits - 1, 0))
        found += [(entangler, pair) for pair in pairs]
    return found


def zero_state(qubits: int) -> np.ndarray:
    return np.tile([0.0, 0.0, 1.0], (qubits, 1))


def run(of: Circuit, starts: Starts, bloch: np.ndarray | None = None, **options: float) -> ChainResult:
    found = chain_moments(
        steps(of), laws(of), of.qubits, len(of.parameters), starts,
        zero_state(of.qubits) if bloch is None else bloch, **options,
    )  # fmt: skip
    assert found is not None
    return found


def all_z(qubits: int) -> Words:
    return Words((PauliString(0, (1 << qubits) - 1),), (1.0,))


def each_z(qubits: int) -> Words:
    return Words(tuple(PauliString(0, 1 << q) for q in range(qubits)), (0.5,) * qubits)


def everything(qubits: int) -> Projector:
    return Projector(tuple(range(qubits)), "0" * qubits)


# --- the twin: every string with its weight, one step after the other -------------------------------------------------


def back(step: Step, strings: dict[tuple[int, int], float], law: Sequence[Law], slope: int | None) -> dict:
    found: dict[tuple[int, int], float] = defaultdict(float)
    for (x, z), weight in strings.items():
        string = PauliString(x, z)
        if isinstance(step, Clifford):
            new = conjugate(step.name, step.qubits, string, -1)
            found[new.x, new.z] += weight
        elif isinstance(step, Damping):
            index = sum(((x >> q & 1) + 2 * (z >> q & 1)) * 4**j for j, q in enumerate(step.qubits))
            found[x, z] += weight * step.factors[index] ** 2
        elif step.pauli.commutes(string):
            if slope is None or slope != step.parameter:
                found[x, z] += weight
        else:
            stay, move = math.cos(step.offset) ** 2, math.sin(step.offset) ** 2
            if step.parameter is not None:
                table = moments(law[step.parameter], (step.frequency,), (step.offset,))
                used = table.slope if slope == step.parameter else table.square
                stay, move = used[STAY, STAY], used[MOVE, MOVE]
            found[x, z] += weight * stay
            new = half_turn(step.pauli, string, -1)
            found[new.x, new.z] += weight * move
    return found


def twin(of: Circuit, starts: Starts, bloch: np.ndarray) -> np.ndarray:
    """E[C^2], then G_k for every parameter."""
    if isinstance(starts, Projector):
        mask = sum(1 << q for q in starts.qubits)
        begin = {(0, z): 4.0 ** -len(starts.qubits) for z in range(1 << of.qubits) if z & ~mask == 0}
    else:
        begin = defaultdict(float)
        for string, c in zip(starts.strings, starts.coefficients, strict=True):
            begin[string.x, string.z] += c * c
    found = []
    for slope in (None, *range(len(of.parameters))):
        strings = dict(begin)
        for step in reversed(steps(of)):
            strings = back(step, strings, laws(of), slope)
        total = 0.0
        for (x, z), weight in strings.items():
            for q in range(of.qubits):
                a, b = x >> q & 1, z >> q & 1
                weight *= 1.0 if not (a or b) else bloch[q, (0 if not b else 1 if a else 2)] ** 2
            total += weight
        found.append(total)
    return np.array(found)


def random_circuit(rng: np.random.Generator) -> Circuit:
    qubits = int(rng.integers(1, 6))
    one = ("rx", "ry", "rz", "h", "s", "sx", "rz:1.5707963267948966", "x")
    two = ("cx", "cz", "cy", "swap", "ecr", "iswap", "rzz", "rxx", "XY", "ZX", "YZ", "rzz:1.5707963267948966")
    gates = []
    for _ in range(int(rng.integers(3, 22))):
        if qubits > 1 and rng.random() < 0.5:
            where = rng.permutation(qubits)[:2]
            gates.append((str(rng.choice(two)), (int(where[0]), int(where[1]))))
        else:
            gates.append((str(rng.choice(one)), (int(rng.integers(qubits)),)))
    law = [Uniform(), Normal(0.4), Zeros(), Uniform(-0.8, 0.8), Uniform(0.0, math.pi)][rng.integers(5)]
    noise = [None, None, Depolarizing(0.01, 0.1), PauliNoise(0.01, 0.02, 0.05)][rng.integers(4)]
    return circuit(qubits, gates, law, noise)


def random_starts(qubits: int, rng: np.random.Generator) -> Starts:
    if rng.random() < 0.3:
        return Projector(tuple(map(int, rng.permutation(qubits)[: rng.integers(1, qubits + 1)])), "")
    masks = rng.integers(0, 1 << qubits, (int(rng.integers(1, 4)), 2))
    return Words(tuple(PauliString(int(x), int(z)) for x, z in masks), tuple(rng.normal(size=len(masks))))


def test_random_circuits_are_exact_without_truncation() -> None:
    rng = np.random.default_rng(1)
    judged = 0
    for _ in range(250):
        of = random_circuit(rng)
        starts = random_starts(of.qubits, rng)
        bloch = zero_state(of.qubits)
        if rng.random() < 0.4:
            bloch = rng.normal(size=(of.qubits, 3))
            bloch /= np.linalg.norm(bloch, axis=1, keepdims=True)
        expected = twin(of, starts, bloch)
        found = run(of, starts, bloch, bond=1024, tolerance=1e-14)
        estimate = np.array([found.cost, *found.gradients])
        assert np.allclose(estimate, expected, rtol=1e-9, atol=1e-13 * max(expected.max(), 1e-300)), of.gates
        assert not found.truncated
        judged += int(expected.any())
    assert judged > 150
