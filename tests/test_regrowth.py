"""A circuit of one size, regrown to another one, equals what its blueprint builds there."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from dataclasses import replace
from itertools import combinations
from math import pi
from pathlib import Path

import numpy as np
import pytest

import ansatzlint as al
from ansatzlint.angles import Affine, Angle, add, multiply, parameter, subtract
from ansatzlint.assumptions import Assumed, state
from ansatzlint.circuit import (
    Amplitudes,
    Channel,
    Circuit,
    Gate,
    Observable,
    Parameter,
    PauliSum,
    PauliTerm,
    Probabilities,
    Projector,
    Unread,
)
from ansatzlint.errors import UsageError
from ansatzlint.families import FAMILIES
from ansatzlint.families.canonical import canonical
from ansatzlint.families.family import Choice, Whole
from ansatzlint.initialisation import Normal, Uniform, Zeros
from ansatzlint.noise import Depolarizing
from ansatzlint.regrowth import Regrowth, regrowth

SITES: dict[str, Callable[[int], list[tuple[int, ...]]]] = {
    "every": lambda n: [(q,) for q in range(n)],
    "evens": lambda n: [(q,) for q in range(0, n, 2)],
    "first": lambda _: [(0,)],
    "last": lambda n: [(n - 1,)],
    "chain": lambda n: [(q, q + 1) for q in range(n - 1)],
    "chain up": lambda n: [(q, q + 1) for q in range(n - 2, -1, -1)],
    "ring": lambda n: [(q, (q + 1) % n) for q in range(n)],
    "ring of stride 2": lambda n: [(q, (q + 2) % n) for q in range(n)],
    "ring up": lambda n: [(q, (q + 1) % n) for q in range(n)][::-1],
    "ring closed first": lambda n: [(n - 1, 0), *((q, q + 1) for q in range(n - 1))],
    "brick": lambda n: [(q, q + 1) for s in (0, 1) for q in range(s, n - 1, 2)],
    "even pairs": lambda n: [(q, q + 1) for q in range(0, n - 1, 2)],
    "odd pairs": lambda n: [(q, q + 1) for q in range(1, n - 1, 2)],
    "star": lambda n: [(0, q) for q in range(1, n)],
    "last star": lambda n: [(n - 1, q) for q in range(n - 1)],
    "pairs": lambda n: list(combinations(range(n), 2)),
}
ONE = ["every", "every", "every", "every", "evens", "first", "last"]
TWO = [name for name in SITES if name not in ONE]

Block = list[tuple[str, tuple[int, ...]]]
Blueprint = list[tuple[str, Block, str]]


def blueprint(rng: random.Random) -> Blueprint:
    """A few sweeps, each (sites, block of gates on slots, how angles are shared), perhaps repeated."""
    steps: Blueprint = []
    for _ in range(rng.randint(1, 3)):
        for _ in range(rng.randint(1, 2)):
            gate = rng.choice(["ry", "rz", "rx", "h"])
            steps.append((rng.choice(ONE), [(gate, (0,))], rng.choice(["own", "own", "shared", "input", "fixed"])))
        flip = rng.choice([(0, 1), (1, 0)])
        blocks: list[Block] = [
            [(rng.choice(["cx", "cz", "rzz", "crx"]), flip)],
            [(rng.choice(["cx", "cz", "rzz", "crx"]), flip)],
            [("cx", flip), ("rz", (1,)), ("cx", flip)],
            [("ry", (0,)), ("cx", (0, 1)), ("ry", (1,))],
        ]
        steps.append((rng.choice(TWO), rng.choice(blocks), rng.choice(["own", "shared"])))
    return steps * rng.choice([1, 1, 2])


def build(steps: Blueprint, n: int, observables: tuple[Observable, ...] = ()) -> Circuit:
    gates: list[Gate] = []
    parameters: dict[str, Parameter] = {}

    def angle(name: str, input_: bool = False) -> Affine:
        parameters.setdefault(name, Parameter(name, "input" if input_ else "trainable"))
        return parameter(name)

    for i, (rule, block, kind) in enumerate(steps):
        for j, sites in enumerate(SITES[rule](n)):
            for b, (name, slots) in enumerate(block):
                qubits = tuple(sites[s] for s in slots)
                angles: tuple[Angle, ...] = ()
                if name not in ("cx", "cz", "h", "swap"):
                    match kind:
                        case "own":
                            angles = (angle(f"t{i}_{j}_{b}"),)
                        case "shared":
                            angles = (multiply(2.0, angle(f"g{i}_{b}")),)
                        case "input":
                            angles = (angle(f"x{qubits[0]}", True),)
                        case _:
                            angles = (0.25,)
                gates.append(Gate(name, qubits, angles))
    return Circuit("blueprint", n, tuple(gates), tuple(parameters.values()), observables=observables)


def layer(*sites: str) -> Blueprint:
    return [(name, [("ry", (0,))] if name in ONE else [("cx", (0, 1))], "own") for name in sites]


def structure(circuit: Circuit) -> tuple[object, object]:
    """What equal circuits share: the gates of each qubit in order, and where the parameters stand, without names."""
    turned = {"cz": sorted, "rzz": sorted, "rxx": sorted, "ryy": sorted, "swap": sorted, "iswap": sorted, "cp": sorted}
    lines: list[list[object]] = [[] for _ in range(circuit.qubits)]
    places: dict[str, list[object]] = {p.name: [(p.role, p.initialisation)] for p in circuit.parameters}
    for gate in circuit.gates:
        qubits = tuple(turned.get(gate.name, tuple)(gate.qubits))
        where = tuple(len(lines[q]) for q in qubits)
        shown = []
        for k, angle in enumerate(gate.angles):
            if isinstance(angle, Affine):
                shown.append((round(angle.constant, 9), len(angle.terms)))
                for name, c in angle.terms:
                    places[name].append((qubits, where, k, round(c, 9)))
            else:
                shown.append((round(angle, 9) if isinstance(angle, float) else angle.operation, 0))
                for name in gate.parameters if not isinstance(angle, float) else ():
                    places[name].append((qubits, where, k))
        for q in qubits:
            lines[q].append((gate.name, qubits, where, gate.controls, gate.word, tuple(shown)))
    return lines, sorted(sorted(map(repr, found)) for found in places.values())


def terms(observable: Observable) -> object:
    if not isinstance(observable, PauliSum):
        return replace(observable, location=None)
    return sorted((t.paulis, round(t.coefficient, 9)) for t in observable.terms)


def same(a: Circuit, b: Circuit) -> bool:
    return structure(a) == structure(b) and list(map(terms, a.observables)) == list(map(terms, b.observables))


def regrown(circuit: Circuit) -> Regrowth:
    found = regrowth(circuit)
    assert isinstance(found, Regrowth), found
    return found


def sizes(found: Regrowth, *wanted: int) -> list[int]:
    return [m for m in wanted if m >= found.smallest and (m - found.smallest) % found.step == 0]


# --- costs

def mean_z(n: int) -> PauliSum:
    return PauliSum(tuple(PauliTerm(1.0 / n, ((q, "Z"),)) for q in range(n)))


def tfim(n: int) -> PauliSum:
    bonds = tuple(PauliTerm(-1.0, ((q, "Z"), (q + 1, "Z"))) for q in range(n - 1))
    return PauliSum(bonds + tuple(PauliTerm(-0.5, ((q, "X"),)) for q in range(n)))


def ring_heisenberg(n: int) -> PauliSum:
    pairs = [tuple(sorted((q, (q + 1) % n))) for q in range(n)]
    return PauliSum(tuple(PauliTerm(1.0, ((a, p), (b, p))) for p in "XYZ" for a, b in pairs))


def maxcut(n: int) -> PauliSum:
    """Sum of (1 - Z Z) / 2 over all pairs."""
    pairs = list(combinations(range(n), 2))
    return PauliSum((PauliTerm(len(pairs) / 2, ()), *(PauliTerm(-0.5, ((a, "Z"), (b, "Z"))) for a, b in pairs)))


def local_cost(n: int) -> PauliSum:
    """The mean probability of finding a qubit in |1>."""
    return PauliSum((PauliTerm(0.5, ()), *(PauliTerm(-0.5 / n, ((q, "Z"),)) for q in range(n))))


COSTS: dict[str, Callable[[int], Observable]] = {
    "mean Z": mean_z,
    "sum of X": lambda n: PauliSum(tuple(PauliTerm(1.0, ((q, "X"),)) for q in range(n))),
    "mean over bonds": lambda n: PauliSum(
        tuple(PauliTerm(1.0 / (n - 1), ((q, "Z"), (q + 1, "Z"))) for q in range(n - 1))
    ),
    "Z0": lambda _: PauliSum((PauliTerm(1.0, ((0, "Z"),)),)),
    "0.7 X on the last": lambda n: PauliSum((PauliTerm(0.7, ((n - 1, "X"),)),)),
    "Z0 Z1": lambda _: PauliSum((PauliTerm(1.0, ((0, "Z"), (1, "Z"))),)),
    "Z in the middle": lambda n: PauliSum((PauliTerm(1.0, ((n // 2, "Z"),)),)),
    "TFIM": tfim,
    "Heisenberg ring": ring_heisenberg,
    "MaxCut of all pairs": maxcut,
    "local cost": local_cost,
    "XY chain": lambda n: PauliSum(tuple(PauliTerm(2.0, ((q, "X"), (q + 1, "Y"))) for q in range(n - 1))),
    "cluster": lambda n: PauliSum(
        tuple(PauliTerm(-1.0, ((q, "Z"), (q + 1, "X"), (q + 2, "Z"))) for q in range(n - 2))
    ),
    "product of Z": lambda n: PauliSum((PauliTerm(1.0, tuple((q, "Z") for q in range(n))),)),
    "projector": lambda n: Projector(tuple(range(n)), "0" * n),
    "projector on a Néel state": lambda n: Projector(tuple(range(n)), ("01" * n)[:n]),
    "projector on two qubits": lambda _: Projector((0, 1), "00"),
    "probabilities": lambda n: Probabilities(tuple(range(n))),
    "probability of the last": lambda n: Probabilities((n - 1,), True),
}


@pytest.mark.parametrize("name", list(COSTS))
@pytest.mark.parametrize("n", [6, 7])
def test_costs_grow(name: str, n: int) -> None:
    steps = layer("every", "ring", "every")
    found = regrown(build(steps, n, (COSTS[name](n),)))
    tried = sizes(found, 4, 5, 9, 12)
    assert len(tried) == 4
    for m in tried:
        assert terms(found.build(m).observables[0]) == terms(COSTS[name](m)), (m, found)


def test_costs_that_follow_no_rule() -> None:
    steps = layer("every", "ring")
    odd = [
        PauliSum((PauliTerm(1.0, ((0, "Z"), (3, "Z"))),)),
        PauliSum(tuple(PauliTerm(0.1 * (q + 1), ((q, "Z"),)) for q in range(7))),
        Projector(tuple(range(7)), "0110100"),
        Probabilities((1, 4)),
    ]
    for cost in odd:
        reason = regrowth(build(steps, 7, (cost,)))
        assert isinstance(reason, str)
        assert "cost" in reason


def test_several_observables_and_measured_qubits() -> None:
    circuit = build(layer("every", "chain"), 6, (mean_z(6), COSTS["Z0"](6)))
    for measured, expected in (((), ()), (tuple(range(6)), tuple(range(9))), ((0,), (0,)), ((5,), (8,))):
        built = regrown(replace(circuit, measured=measured)).build(9)
        assert built.measured == expected
        assert [terms(o) for o in built.observables] == [terms(mean_z(9)), terms(COSTS["Z0"](9))]
    assert "measures" in str(regrowth(replace(circuit, measured=(1, 4))))


# --- gates


def test_random_blueprints() -> None:
    grown = compared = reordered = 0
    for seed in range(80):
        rng = random.Random(seed)
        steps, n = blueprint(rng), rng.choice([5, 6, 7, 8])
        circuit = build(steps, n, (mean_z(n),))
        if not circuit.trainable:
            continue
        found = regrowth(circuit)
        if isinstance(found, str):
            continue
        grown += 1
        for m in sizes(found, n, 4, n + 1, n + 2, n + 5):
            compared += 1
            built, expected = found.build(m), build(steps, m, (mean_z(m),))
            if not same(built, expected):  # equal up to gates that share a qubit and commute there
                reordered += 1
                assert canonical(built, "axes").same(canonical(expected, "axes")), (seed, n, m, str(found))
                assert terms(built.observables[0]) == terms(expected.observables[0])
    assert grown > 60
    assert compared > 170
    assert reordered < 0.1 * compared


@pytest.mark.parametrize("name", [name for name in SITES if name not in ONE])
@pytest.mark.parametrize("n", [5, 6])
def test_each_way_to_couple(name: str, n: int) -> None:
    steps = layer("every", name, "every")
    found = regrown(build(steps, n))
    tried = sizes(found, 8, 9, 14)
    assert len(tried) >= 1 + (found.step == 1)
    for m in tried:
        assert same(found.build(m), build(steps, m)), (m, str(found))


@pytest.mark.parametrize("name", list(FAMILIES))
def test_families_grow_as_they_build(name: str) -> None:
    family = FAMILIES[name]
    rng = random.Random(name)
    compared = 0
    for _ in range(12):
        arguments: dict[str, object] = {}
        for key, a in family.space.items():
            values = a.values if isinstance(a, Choice) else (a.low,) if isinstance(a, Whole) else (1, 2, 3)
            arguments[key] = rng.choice(values)
        n = rng.choice([6, 8, 9])
        try:
            circuit = family.build(n, **arguments)
        except UsageError:
            continue
        found = regrown(circuit)
        assert found.depth == "layers as written"
        for m in sizes(found, 4, 7, 12):
            try:
                expected = family.build(m, **arguments)
            except UsageError:
                continue
            compared += 1
            assert same(found.build(m), expected), (n, m, arguments, str(found), found.assumptions)
            assert found.build(m).measured == expected.measured
    assert compared >= 8


SLOW = ("tree-tensor-network", "mera", "qcnn", "brickwork")  # searched to the end of the budget, and refused


@pytest.mark.parametrize("name", list(FAMILIES))
def test_families_inside_a_larger_circuit_never_grow_wrong(name: str) -> None:
    family = FAMILIES[name]
    arguments = {"layers": 2} if "layers" in family.space else {}

    def extended(m: int) -> Circuit:
        inner = family.build(m, **arguments)
        inputs = tuple(Parameter(f"data{q}", "input") for q in range(m))
        gates = tuple(Gate("rx", (q,), (parameter(f"data{q}"),)) for q in range(m))
        return replace(inner, gates=gates + inner.gates, parameters=inputs + inner.parameters)

    for n in (6, 7) if name not in SLOW else (6,):
        found = regrowth(extended(n))
        if isinstance(found, str):
            continue
        assert same(found.build(n), extended(n))
        for m in sizes(found, n + 1, n + 2, 12):
            assert same(found.build(m), extended(m)), (n, m, str(found), found.assumptions)


def test_says_how_in_words() -> None:
    steps = layer("every", "ring") * 3
    found = regrown(build(steps, 6))
    assert str(found).startswith("hardware-efficient with 3 layers")
    steps = [*layer("every"), ("every", [("h", (0,))], "fixed"), *(layer("every", "ring") * 3)]
    found = regrown(build(steps, 6))
    assert found.how == "RY on every qubit, H on every qubit, 3 x (RY on every qubit, CX around a ring)"
    assert found.depth == "layers as written"
    assert (found.smallest, found.step) == (3, 1)


def test_angles_that_inputs_share() -> None:
    """A feature map of products of inputs, entered twice, between trainable layers."""

    def feature_map(n: int) -> Circuit:
        gates: list[Gate] = []
        for reload in range(2):
            for q in range(n):
                gates.append(Gate("h", (q,)))
                gates.append(Gate("p", (q,), (multiply(2.0, parameter(f"x{q}")),)))
            for a, b in combinations(range(n), 2):
                product = multiply(subtract(pi, parameter(f"x{a}")), subtract(pi, parameter(f"x{b}")))
                gates.append(Gate("rzz", (a, b), (multiply(2.0, product),)))
            for q in range(n):
                gates.append(Gate("ry", (q,), (add(parameter(f"t{reload}_{q}"), 0.5),)))
        names = [*(f"t{reload}_{q}" for reload in range(2) for q in range(n))]
        parameters = tuple(Parameter(f"x{q}", "input") for q in range(n)) + tuple(map(Parameter, names))
        return Circuit("map", n, tuple(gates), parameters)

    for n in (5, 6):
        found = regrown(feature_map(n))
        for m in (4, 9):
            built = found.build(m)
            assert same(built, feature_map(m))
            assert len(built.inputs) == m


def test_laws_noise_shots_and_channels_are_carried() -> None:
    steps = [*layer("every"), ("every", [("h", (0,))], "fixed"), *layer("ring")]
    plain = build(steps, 6)
    laws = tuple(replace(p, initialisation=Normal(0.1), value=0.2) for p in plain.parameters)
    channels = tuple(Channel("depolarizing", (q,), (0.01,), len(plain.gates)) for q in range(6))
    circuit = replace(plain, parameters=laws, initialisation=Zeros(), noise=Depolarizing(0.1, 0.2), shots=100,
                      channels=channels)  # fmt: skip
    built = regrown(circuit).build(8)
    assert {p.initialisation for p in built.parameters} == {Normal(0.1)}
    assert {p.value for p in built.parameters} == {0.2}
    assert (built.initialisation, built.noise, built.shots) == (Zeros(), Depolarizing(0.1, 0.2), 100)
    assert sorted((c.qubits, c.after) for c in built.channels) == [((q,), len(built.gates)) for q in range(8)]
    mixed = (*laws[:2], replace(laws[2], initialisation=Uniform(0.0, 1.0)), *laws[3:])
    assert isinstance(regrowth(replace(circuit, parameters=mixed)), str)
    lonely = replace(circuit, channels=channels[2:3])
    assert isinstance(regrowth(lonely), str)


def test_identity_blocks_keep_their_laws() -> None:
    circuit = FAMILIES["identity-block"].build(5)
    assert len({p.initialisation for p in circuit.parameters}) == 2
    assert same(regrown(circuit).build(8), FAMILIES["identity-block"].build(8))


def test_what_cannot_be_rebuilt_says_why() -> None:
    base = build([*layer("every", "ring"), ("every", [("h", (0,))], "fixed")], 6)
    assert "vector" in str(regrowth(replace(base, initial_state=Amplitudes((0,), (0.0j, 1.0 + 0.0j)))))
    assert "could not be read" in str(regrowth(replace(base, unread=(Unread("something"),))))
    assert regrowth(build([("every", [("h", (0,))], "fixed")], 4)) == "it has no trainable parameters"
    assert "no pattern" in str(regrowth(replace(base, gates=(*base.gates, Gate("cx", (1, 4))))))
    two = build([*layer("every", "chain"), ("every", [("h", (0,))], "fixed")], 2)
    assert regrowth(two) == "two qubits do not tell a chain from a ring or a star"
    # Random circuits are no structure.
    rng = random.Random(0)
    refused = 0
    for _ in range(60):
        gates = []
        for k in range(16):
            a, b = rng.sample(range(5), 2)
            gates.append(Gate("cx", (a, b)) if k % 2 else Gate("ry", (a,), (parameter(f"t{k}"),)))
        circuit = Circuit("random", 5, tuple(gates), tuple(Parameter(f"t{k}") for k in range(0, 16, 2)))
        refused += isinstance(regrowth(circuit), str)
    assert refused == 60


def test_one_angle_for_some_gates_is_refused() -> None:
    circuit = build([*layer("every", "ring"), ("every", [("h", (0,))], "fixed")], 6)
    tied = replace(circuit.gates[3], angles=circuit.gates[1].angles)
    gates = (*circuit.gates[:3], tied, *circuit.gates[4:])
    assert isinstance(regrowth(replace(circuit, gates=gates)), str)


def test_small_sizes_say_what_they_took() -> None:
    steps = [*layer("every"), ("every", [("h", (0,))], "fixed"), *layer("chain")]
    found = regrown(build(steps, 3))
    assert any("chain" in assumption for assumption in found.assumptions)
    assert same(found.build(6), build(steps, 6))
    found = regrown(FAMILIES["hardware-efficient"].build(2, coupling="ring"))
    assert found.assumptions == (
        "at 2 qubits hardware-efficient(layers=2) is also hardware-efficient(layers=2, coupling=ring); "
        "the former is taken",
    )
    assert regrown(FAMILIES["strongly-entangling"].build(6, layers=3)).assumptions == ()
    # At 6 qubits every second pair covers all of them: only even sizes are known.
    design = [*layer("every"), ("even pairs", [("cz", (0, 1)), ("ry", (0,)), ("ry", (1,))], "own"),
              ("odd pairs", [("cz", (0, 1)), ("ry", (0,)), ("ry", (1,))], "own"),
              ("every", [("h", (0,))], "fixed")]  # fmt: skip
    found = regrown(build(design, 6))
    assert found.step == 2
    assert same(found.build(10), build(design, 10))
    with pytest.raises(UsageError, match="an even number of at least 4 qubits, not on 7"):
        found.build(7)


def test_sizes_that_cannot_be_built() -> None:
    found = regrown(build([*layer("every", "ring of stride 2"), ("every", [("h", (0,))], "fixed")], 8))
    for bad in (found.smallest - 1, 0, -3, True, 6.0, "8"):
        with pytest.raises(UsageError, match="at least"):
            found.build(bad)  # type: ignore[arg-type]  # a user may


def test_gates_that_commute_in_another_order() -> None:
    """The edges of a cycle as a graph library lists them."""

    def cycle(n: int) -> Circuit:
        edges = sorted(tuple(sorted((q, (q + 1) % n))) for q in range(n))
        gates = [Gate("h", (q,)) for q in range(n)]
        gates += [Gate("rzz", (a, b), (parameter("gamma"),)) for a, b in edges]
        gates += [Gate("rx", (q,), (multiply(2.0, parameter("beta")),)) for q in range(n)]
        return Circuit("cycle", n, tuple(gates), (Parameter("gamma"), Parameter("beta")))

    built = regrown(cycle(6)).build(9)

    def gates(circuit: Circuit) -> list[tuple[str, tuple[int, ...]]]:
        return sorted((g.name, tuple(sorted(g.qubits))) for g in circuit.gates)

    assert gates(built) == gates(cycle(9))
    assert len(built.parameters) == 2


# --- what users have


def test_pennylane_prototypes_grow_to_fifty_qubits() -> None:
    import pennylane as qml

    def prototype(n: int, name: str) -> Circuit:
        rng = np.random.default_rng(1)

        @qml.qnode(qml.device("default.qubit", wires=n))  # type: ignore[untyped-decorator]  # PennyLane has no types
        def circuit(x: object, weights: object) -> object:
            qml.AngleEmbedding(x, wires=range(n))
            getattr(qml, name)(weights, wires=range(n))
            return qml.expval(qml.Z(0))

        shape = getattr(qml, name).shape(n_layers=3, n_wires=n)
        return al.read(circuit, rng.random(n), rng.random(shape))

    for name in ("StronglyEntanglingLayers", "BasicEntanglerLayers"):
        found = regrown(prototype(6, name))
        assert found.step == 1
        assert same(found.build(50), prototype(50, name))


CORPUS = os.environ.get("ANSATZLINT_CORPUS")


@pytest.mark.skipif(CORPUS is None, reason="set ANSATZLINT_CORPUS to the folder of foreign circuits")
@pytest.mark.parametrize("name", ["vqe_real_amp", "vqe_su2", "vqe_two_local", "qnn"])
def test_corpus_grows_into_its_larger_files(name: str) -> None:
    folder = Path(str(CORPUS)) / "mqtbench"
    small, large = (al.read(str(folder / f"{name}_n{n}.qasm")) for n in (10, 50))
    found = regrown(small)
    built = found.build(50)
    assert same(replace(built, measured=()), replace(large, measured=()))
    assert sorted(built.measured) == sorted(large.measured)


@pytest.mark.skipif(CORPUS is None, reason="set ANSATZLINT_CORPUS to the folder of foreign circuits")
@pytest.mark.parametrize("name", ["qasmbench/adder_n4", "qasmbench/teleportation_n3", "qasmbench/qec_en_n5",
                                  "qasmbench/variational_n4", "qasmbench/qaoa_n3", "mqtbench/qaoa_n4",
                                  "mqtbench/qaoa_n10"])  # fmt: skip
def test_corpus_without_structure_is_refused(name: str) -> None:
    circuit = al.read(str(Path(str(CORPUS)) / f"{name}.qasm"))
    assert isinstance(regrowth(circuit), str)


@pytest.mark.parametrize(
    ("qubits", "cost", "said"),
    [
        (4, "Z2", "its cost's term Z2 is taken as the one on the last qubit but one, not in the middle or on qubit 2"),
        (8, "Z4", "its cost's term Z4 is taken as the one in the middle, not on qubit 4 at every size"),
        (8, "Z0", None),
        (8, "Z7", None),
    ],
)
def test_a_term_that_can_be_read_in_several_ways_is_an_assumption(qubits: int, cost: str, said: str | None) -> None:
    circuit = al.families["hardware-efficient"].build(qubits, rotations="ry", entangler="cx")
    found = regrowth(state(circuit, Assumed(observable=cost)))
    assert not isinstance(found, str)
    assert [a for a in found.assumptions if "cost" in a][:1] == [
        a for a in found.assumptions if said is not None and a.startswith(said)
    ]


def test_coefficients_that_follow_no_rule_are_refused() -> None:
    circuit = al.families["hardware-efficient"].build(3, rotations="ry", entangler="cx")
    found = regrowth(state(circuit, Assumed(observable="Z0 + 2 Z1 + Z2")))
    assert found == "the coefficients of its cost's terms Z follow no rule"
