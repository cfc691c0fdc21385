"""`recognise` undoes `build`, whatever the names and the order of independent gates."""

from __future__ import annotations

import random
import time
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

import ansatzlint as al
from ansatzlint.angles import parameter, substitute
from ansatzlint.circuit import Circuit, Gate, Parameter
from ansatzlint.errors import UsageError
from ansatzlint.families import FAMILIES
from ansatzlint.families.canonical import canonical
from ansatzlint.families.family import Choice, Layers
from ansatzlint.families.recognition import Recognised, recognise


def combinations(name: str, layers: tuple[int, ...]) -> list[dict[str, object]]:
    """All arguments of a family, layers as given, whole numbers at their smallest and default."""
    space = FAMILIES[name].space
    values: list[list[object]] = [
        list(a.values) if isinstance(a, Choice) else list(layers) if isinstance(a, Layers) else [a.low, a.default]
        for a in space.values()
    ]
    return [dict(zip(space, combination, strict=True)) for combination in product(*values)]


def disguised(circuit: Circuit, seed: int) -> Circuit:
    """The circuit with other names and its gates in another order that keeps the order on each qubit."""
    rng = random.Random(seed)
    order: list[int] = []
    waiting = list(range(len(circuit.gates)))
    while waiting:
        ready, seen = [], set[int]()
        for index in waiting[:40]:
            if not seen & set(circuit.gates[index].qubits):
                ready.append(index)
            seen |= set(circuit.gates[index].qubits)
        chosen = rng.choice(ready)
        order.append(chosen)
        waiting.remove(chosen)
    names = [p.name for p in circuit.parameters]
    fresh = [f"p{i}" for i in rng.sample(range(1000, 9999), len(names))]
    new = dict(zip(names, fresh, strict=True))
    angles = {old: parameter(name) for old, name in new.items()}
    gates = []
    for index in order:
        gate = circuit.gates[index]
        qubits = gate.qubits[::-1] if gate.name in ("cz", "rzz", "iswap", "swap", "rxx") else gate.qubits
        gates.append(replace(gate, qubits=qubits, angles=tuple(substitute(a, angles) for a in gate.angles)))
    parameters = [replace(p, name=new[p.name]) for p in circuit.parameters]
    rng.shuffle(parameters)
    return replace(circuit, gates=tuple(gates), parameters=tuple(parameters))


@pytest.mark.parametrize("name", list(FAMILIES))
def test_undoes_build_for_every_family_and_argument(name: str) -> None:
    rng = random.Random(name)
    known = combinations(name, (1, 2, 3, 5))
    built = 0
    for arguments in known if len(known) <= 12 else rng.sample(known, 12):
        for qubits in (3, 6, 7):
            try:
                circuit = FAMILIES[name].build(qubits, **arguments)
            except UsageError:
                continue
            built += 1
            found = recognise(disguised(circuit, built))
            assert found is not None, (qubits, arguments)
            again = found.build(qubits)
            assert canonical(again).same(canonical(circuit)), (qubits, arguments, found)
    assert built >= 5


@pytest.mark.parametrize("name", list(FAMILIES))
def test_larger_sizes(name: str) -> None:
    for qubits in (13, 20):
        arguments = {"layers": 4} if "layers" in FAMILIES[name].space else {}
        circuit = FAMILIES[name].build(qubits, **arguments)
        found = recognise(circuit)
        assert found is not None
        assert canonical(found.build(qubits)).same(canonical(circuit))


def test_says_what_it_found() -> None:
    found = recognise(FAMILIES["strongly-entangling"].build(5, layers=3))
    assert found == Recognised("strongly-entangling", found.items if found else ())
    assert str(found) == "strongly-entangling(layers=3)"
    assert found is not None
    assert found.arguments["layers"] == 3
    assert al.recognise is recognise


def test_pennylane_templates() -> None:
    import pennylane as qml

    def read(template: object, *weights: object) -> Recognised | None:
        @qml.qnode(qml.device("default.qubit", wires=5))  # type: ignore[untyped-decorator]  # PennyLane has no types
        def circuit(*given: object) -> object:
            template(*given, wires=range(5))  # type: ignore[operator]  # a template is callable
            return qml.expval(qml.Z(0))

        return al.recognise(al.read(circuit, *weights))

    rng = np.random.default_rng(0)
    assert str(read(qml.StronglyEntanglingLayers, rng.random((4, 5, 3)))) == "strongly-entangling(layers=4)"
    assert str(read(qml.SimplifiedTwoDesign, rng.random(5), rng.random((3, 4, 2)))) == "simplified-two-design(layers=3)"
    basic = read(qml.BasicEntanglerLayers, rng.random((3, 5)))
    assert basic is not None
    assert basic.family == "hardware-efficient"
    assert basic.arguments == {
        "layers": 3, "rotations": "rx", "entangler": "cx", "coupling": "ring", "final_rotations": False,
    }  # fmt: skip


def test_qiskit_library() -> None:
    library = pytest.importorskip("qiskit.circuit.library")
    for entanglement in ("linear", "reverse_linear", "full", "circular"):
        for name, make in (("real-amplitudes", library.real_amplitudes), ("efficient-su2", library.efficient_su2)):
            circuit = al.read(make(5, entanglement=entanglement, reps=2))
            found = al.recognise(circuit)
            assert found is not None, (name, entanglement)
            # CX on a chain with RY and CX is hardware-efficient too, which stands first.
            assert found.family in (name, "hardware-efficient")
            assert canonical(found.build(5)).same(canonical(circuit))


def test_none_for_what_is_no_family() -> None:
    circuit = FAMILIES["hardware-efficient"].build(6, layers=3)
    swapped = list(circuit.gates)
    swapped[0] = replace(swapped[0], name="rx")
    assert recognise(replace(circuit, gates=tuple(swapped))) is None
    assert recognise(replace(circuit, gates=circuit.gates[:-1])) is None
    one = parameter(circuit.parameters[0].name)
    shared = tuple(replace(g, angles=tuple(one for _ in g.angles)) for g in circuit.gates)
    assert recognise(replace(circuit, gates=shared)) is None
    inputs = tuple(replace(p, role="input") for p in circuit.parameters)
    assert recognise(replace(circuit, parameters=inputs)) is None
    assert recognise(Circuit("empty", 3, ())) is None
    assert recognise(Circuit("bell", 2, (Gate("h", (0,)), Gate("cx", (0, 1))))) is None
    constant = Circuit("one", 3, (Gate("ry", (0,), (parameter("a"),)),), (Parameter("a"),))
    assert recognise(constant) is None


def test_large_circuits_are_quick() -> None:
    recognise(FAMILIES["hardware-efficient"].build(4))
    circuit = FAMILIES["hardware-efficient"].build(100, layers=10)
    other = replace(circuit, gates=(*circuit.gates, Gate("h", (50,))))
    for given, family in ((circuit, "hardware-efficient"), (other, None)):
        best = float("inf")
        for _ in range(3):
            start = time.perf_counter()
            found = recognise(given)
            best = min(best, time.perf_counter() - start)
        assert (found.family if found else None) == family
        assert best < 1.0  # 0.1 to 0.2 s on an idle machine


def test_normal_form_sees_through_names_and_controls() -> None:
    a = parameter("a")

    def form(*gates: Gate) -> object:
        return canonical(Circuit("c", 3, gates, (Parameter("a"),))).items

    assert form(Gate("cz", (0, 1))) == form(Gate("cz", (1, 0))) == form(Gate("z", (1, 0), controls="1"))
    assert form(Gate("cx", (0, 1))) != form(Gate("cx", (1, 0)))
    assert form(Gate("ccx", (0, 1, 2))) == form(Gate("ccx", (1, 0, 2))) != form(Gate("ccx", (2, 0, 1)))
    assert form(Gate("rzz", (1, 0), (a,))) == form(Gate("pauli_rotation", (0, 2, 1), (a,), word="ZIZ"))
    assert form(Gate("rzx", (0, 1), (a,))) != form(Gate("rzx", (1, 0), (a,)))
    assert form(Gate("x", (0, 1), controls="0")) != form(Gate("cx", (0, 1)))
    assert form(Gate("id", (0,))) == form()


def test_order_of_gates_about_one_axis() -> None:
    first = Circuit("c", 3, (Gate("cz", (0, 1)), Gate("cz", (1, 2))))
    second = Circuit("c", 3, (Gate("cz", (1, 2)), Gate("cz", (0, 1))))
    assert not canonical(first).same(canonical(second))
    assert canonical(first, "axes").same(canonical(second, "axes"))
    blocked = Circuit("c", 3, (Gate("cz", (0, 1)), Gate("h", (1,)), Gate("cz", (1, 2))))
    turned = Circuit("c", 3, (Gate("cz", (1, 2)), Gate("h", (1,)), Gate("cz", (0, 1))))
    assert not canonical(blocked, "axes").same(canonical(turned, "axes"))
