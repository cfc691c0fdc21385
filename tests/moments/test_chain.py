"""The chain along a line against plain propagation of all strings, closed forms and itself at other bonds."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import pytest

from ansatzlint import angles
from ansatzlint.circuit import Circuit, Gate, Parameter
from ansatzlint.initialisation import Initialisation, Normal, Uniform, Zeros
from ansatzlint.moments.chain import ChainResult, chain_moments
from ansatzlint.moments.cost import Cost, Ket, Words
from ansatzlint.moments.laws import MOVE, STAY, Law, moments
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


def run(of: Circuit, starts: Cost, bloch: np.ndarray | None = None, **options: float) -> ChainResult:
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


def everything(qubits: int) -> Ket:
    return Ket(tuple(range(qubits)), "0" * qubits)


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


def twin(of: Circuit, starts: Cost, bloch: np.ndarray, slopes: Sequence[int] | None = None) -> np.ndarray:
    """E[C^2], then G_k for the parameters asked for, or all."""
    if isinstance(starts, Ket):
        mask = sum(1 << q for q in starts.qubits)
        begin = {(0, z): 4.0 ** -len(starts.qubits) for z in range(1 << of.qubits) if z & ~mask == 0}
    else:
        begin = defaultdict(float)
        for string, c in zip(starts.strings, starts.coefficients, strict=True):
            begin[string.x, string.z] += c * c
    found = []
    for slope in (None, *(range(len(of.parameters)) if slopes is None else slopes)):
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


def random_starts(qubits: int, rng: np.random.Generator) -> Cost:
    if rng.random() < 0.3:
        return Ket(tuple(map(int, rng.permutation(qubits)[: rng.integers(1, qubits + 1)])), "")
    masks = rng.integers(0, 1 << qubits, (int(rng.integers(1, 4)), 2))
    return Words(tuple(PauliString(int(x), int(z)) for x, z in masks), tuple(rng.normal(size=len(masks))))


def draw(rng: np.random.Generator) -> tuple[Circuit, Cost, np.ndarray, np.ndarray]:
    of = random_circuit(rng)
    starts = random_starts(of.qubits, rng)
    bloch = zero_state(of.qubits)
    if rng.random() < 0.4:
        bloch = rng.normal(size=(of.qubits, 3))
        bloch /= np.linalg.norm(bloch, axis=1, keepdims=True)
    return of, starts, bloch, twin(of, starts, bloch)


def test_random_circuits_are_exact_without_truncation() -> None:
    rng = np.random.default_rng(1)
    judged = 0
    for _ in range(250):
        of, starts, bloch, expected = draw(rng)
        found = run(of, starts, bloch, bond=1024, tolerance=1e-14)
        estimate = np.array([found.cost, *found.gradients])
        assert np.allclose(estimate, expected, rtol=1e-9, atol=1e-13), of.gates
        assert not found.truncated
        if not found.drawn:
            assert np.all(np.array([found.cost_lower, *found.lower]) <= expected * (1 + 1e-9) + 1e-15)
            assert np.all(np.array([found.cost_upper, *found.upper]) >= expected * (1 - 1e-9) - 1e-15)
            judged += int(expected.any())
    assert judged > 100


def test_walks_make_up_for_a_value_function_that_is_wrong() -> None:
    rng = np.random.default_rng(5)
    covered = quantities = 0
    widths = []
    for _ in range(100):
        of, starts, bloch, expected = draw(rng)
        found = run(of, starts, bloch, bond=2)
        if not found.drawn:
            continue
        lower, upper = np.array([found.cost_lower, *found.lower]), np.array([found.cost_upper, *found.upper])
        live = expected > 1e-9 * expected.max()
        covered += int(np.count_nonzero((lower <= expected) & (expected <= upper) & live))
        quantities += int(np.count_nonzero(live))
        widths += list((upper - lower)[live] / expected[live])
    assert quantities > 150
    assert covered / quantities > 0.93  # at 95 % each, and those of one circuit go together
    assert np.median(widths) < 0.6


@pytest.mark.parametrize("qubits", [1, 2, 10, 100, 400])
def test_product_circuit_with_a_global_cost(qubits: int) -> None:
    found = run(circuit(qubits, [("rx", (q,)) for q in range(qubits)]), everything(qubits))
    assert found.cost == pytest.approx(0.375**qubits, rel=1e-9)
    assert found.gradients == pytest.approx(np.full(qubits, 0.375 ** (qubits - 1) / 8), rel=1e-9)
    assert found.bond == 1
    assert not found.drawn


@pytest.mark.parametrize("qubits", [2, 4, 6])
def test_deep_circuits_reach_the_share_of_z_words(qubits: int) -> None:
    of = circuit(qubits, layers(qubits, 8 * qubits, ("rx", "rz"), "cx", "ring" if qubits > 2 else "ladder"))
    found = run(of, all_z(qubits), bond=64)
    deep = (2**qubits - 1) / (4**qubits - 1)
    assert found.cost == pytest.approx(deep, rel=0.02)
    assert found.cost_lower <= found.cost <= found.cost_upper


@pytest.mark.slow
def test_the_deep_limit_at_ten_qubits() -> None:
    found = run(circuit(10, layers(10, 60, ("rx", "rz"), "cx", "ring")), all_z(10), bond=16)
    deep = 1 / (2**10 + 1)
    assert found.cost_lower <= deep * 1.05
    assert found.cost_upper >= deep
    assert found.cost == pytest.approx(deep, rel=0.2)


@pytest.mark.parametrize(
    ("gates", "starts"),
    [
        (layers(50, 2), all_z(50)),
        (layers(50, 6), all_z(50)),
        (layers(50, 6), everything(50)),
        (layers(50, 4, ("rx", "rz"), "cx", "brick"), all_z(50)),
    ],
)
def test_fifty_qubits_agree_with_themselves(gates: list, starts: Cost) -> None:
    of = circuit(50, gates)
    coarse, fine = run(of, starts, bond=8, seed=1), run(of, starts, bond=24, seed=2)
    assert 0.0 < fine.cost < 1e-12
    assert fine.cost == pytest.approx(coarse.cost, rel=0.2)
    assert max(coarse.cost_lower, fine.cost_lower) <= min(coarse.cost_upper, fine.cost_upper)
    assert fine.cost_upper < 1.5 * fine.cost_lower
    best = int(fine.gradients.argmax())
    assert fine.upper[best] < 1.5 * fine.lower[best]
    # Each derivative is at most the cost here, and they agree where they are not small.
    large = fine.gradients > 0.1 * fine.gradients[best]
    overlap = (np.maximum(coarse.lower, fine.lower) <= np.minimum(coarse.upper, fine.upper))[large]
    assert overlap.mean() > 0.93
    assert np.all(fine.gradients <= fine.cost * 1.2)


def test_a_local_cost_on_many_qubits() -> None:
    of = circuit(60, layers(60, 2, ("ry", "rx"), "cx", "brick"))
    found = run(of, each_z(60), bond=32)
    expected = twin(of, each_z(60), zero_state(60), slopes=(0, 30))
    assert found.cost_lower <= expected[0] <= found.cost_upper
    assert found.cost == pytest.approx(expected[0], rel=0.02)
    assert found.lower[0] <= expected[1] <= found.upper[0]
    assert found.lower[30] <= expected[2] <= found.upper[30]


def test_the_order_of_the_qubits_does_not_matter() -> None:
    of = circuit(12, layers(12, 3))
    names = np.random.default_rng(3).permutation(12)
    shuffled = circuit(12, [(name, tuple(int(names[q]) for q in where)) for name, where in layers(12, 3)])
    one, other = run(of, all_z(12)), run(shuffled, all_z(12))
    assert one.cost == pytest.approx(other.cost, rel=1e-6)
    assert one.gradients == pytest.approx(other.gradients, rel=1e-6)


def test_a_seed_decides_the_bits() -> None:
    of = circuit(20, layers(20, 5))
    one, same, other = (run(of, all_z(20), bond=4, seed=seed) for seed in (3, 3, 4))
    assert one.drawn
    assert np.array_equal(one.upper, same.upper)
    assert not np.array_equal(one.upper, other.upper)


def test_a_constant_cost() -> None:
    found = run(circuit(2, layers(2, 1)), Words((PauliString(0, 0),), (3.0,)))
    assert (found.cost, found.cost_upper) == (9.0, 9.0)
    assert not found.gradients.any()


def test_a_cost_that_no_string_reaches_is_zero() -> None:
    found = run(circuit(2, [("rz", (0,)), ("rz", (1,))]), Words((PauliString(1, 0),), (1.0,)))
    assert found.cost_upper == 0.0
    assert not found.upper.any()


@pytest.mark.parametrize(
    "of",
    [
        circuit(2, [("ry", (0,)), ("t", (0,)), ("cx", (0, 1))]),
        circuit(2, [("ry", (0,)), ("cx", (0, 1))], Normal(0.1, 0.3)),
        circuit(2, [("ry", (0,)), ("cx", (0, 1))], None, AmplitudeDamping(0.1)),
        circuit(3, [("XYZ", (0, 1, 2)), ("ry", (0,))]),
        circuit(12, [("cz", (a, b)) for a in range(12) for b in range(a)] + [("ry", (0,))]),
        Circuit("c", 2, (Gate("ry", (0,), (angles.parameter("t"),)), Gate("ry", (1,), (angles.parameter("t"),))),
                (Parameter("t"),)),
    ],
    ids=["T gate", "E[sin cos]", "amplitude damping", "three qubits", "no line", "shared"],
)  # fmt: skip
def test_what_is_no_classical_chain_on_a_line_is_refused(of: Circuit) -> None:
    found = chain_moments(
        steps(of), laws(of), of.qubits, len(of.parameters), everything(of.qubits), zero_state(of.qubits)
    )
    assert found is None
