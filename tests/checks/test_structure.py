from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest

from ansatzlint import angles
from ansatzlint.checks.structure import (
    dead_parameter,
    dense_entangler,
    idle_qubit,
    listing,
    no_entanglement,
    overparametrised,
    redundant_parameter,
    unused_input,
)
from ansatzlint.circuit import Amplitudes, Circuit, Gate, Location, Parameter, Unread
from ansatzlint.diagnostic import Finding
from ansatzlint.evidence import Evidence
from ansatzlint.linter import lint
from ansatzlint.noise import Depolarizing
from ansatzlint.observables import parse_pauli_sum
from ansatzlint.rulebook import load_rules


def turn(name: str, qubit: int, parameter: str, line: int = 1) -> Gate:
    return Gate(name, (qubit,), (angles.parameter(parameter),), location=Location("f.py", line, 1, line, 9))


def evidence(
    qubits: int, *gates: Gate, cost: str = "Z0", inputs: tuple[str, ...] = (), extra: tuple[str, ...] = (),
    **more: object,
) -> Evidence:  # fmt: skip
    names = dict.fromkeys([name for gate in gates for name in gate.parameters] + list(extra))
    parameters = tuple(Parameter(n, "input" if n in inputs else "trainable") for n in names)
    observables = (parse_pauli_sum(cost, qubits),) if cost else ()
    return Evidence(Circuit("c", qubits, gates, parameters, observables, **more))  # type: ignore[arg-type]  # shorthand


def message(code: str, finding: Finding) -> str:
    return load_rules()[code].message.format(**finding.values)


def test_listing() -> None:
    assert listing(["a"]) == "a"
    assert listing(list("abcd")) == "a, b, c, d"
    assert listing(list("abcdef")) == "a, b, c, d and 2 more"


def test_dead_parameters() -> None:
    rule = load_rules()["AL203"]
    (one,) = dead_parameter(evidence(2, turn("ry", 0, "a"), turn("ry", 1, "b", line=7)), rule)
    assert message("AL203", one) == "parameter b has zero gradient everywhere: outside the light cone of the cost"
    assert (one.parameters, one.gates, one.qubits) == (("b",), (1,), (1,))
    assert one.location is not None
    assert one.location.line == 7
    (many,) = dead_parameter(evidence(2, turn("ry", 1, "b"), turn("ry", 1, "c"), turn("ry", 0, "a")), rule)
    assert message("AL203", many).startswith("2 parameters b, c have zero gradient")
    (unused,) = dead_parameter(evidence(1, turn("ry", 0, "a"), extra=("z",)), rule)
    assert message("AL203", unused) == "parameter z has zero gradient everywhere: used by no gate"
    assert unused.location is None
    assert not list(dead_parameter(evidence(2, turn("ry", 0, "a")), rule))


@pytest.mark.parametrize(
    ("pairs", "more"), [(1, ""), (2, " (and 1 more such pair)"), (3, " (and 2 more such pairs)")]
)
def test_redundant_parameters(pairs: int, more: str) -> None:
    rule = load_rules()["AL204"]
    gates = [turn("rz", q, f"{letter}{q}", line=q + 1) for q in range(pairs) for letter in "ab"]
    (found,) = redundant_parameter(evidence(pairs, *gates), rule)
    assert message("AL204", found) == (
        f"parameters a0 and b0 turn about the same axis with nothing between that tells them apart{more}"
    )
    assert found.gates == tuple(range(2 * pairs))
    assert found.qubits == tuple(range(pairs))
    assert not list(redundant_parameter(evidence(1, turn("rz", 0, "a"), turn("ry", 0, "b")), rule))


def test_product_circuits() -> None:
    rule = load_rules()["AL206"]
    (found,) = no_entanglement(evidence(3, turn("ry", 0, "a"), Gate("swap", (0, 1))), rule)
    assert message("AL206", found) == "no gate entangles the 3 qubits: the state stays a product"
    assert not list(no_entanglement(evidence(2, turn("ry", 0, "a"), Gate("cz", (0, 1))), rule))
    turned = Gate("rzz", (0, 1), (angles.parameter("b"),))
    assert not list(no_entanglement(evidence(2, turn("ry", 0, "a"), turned), rule))
    assert not list(no_entanglement(evidence(1, turn("ry", 0, "a")), rule))
    given = Amplitudes((0, 1), (1.0, 0.0, 0.0, 0.0))
    assert not list(no_entanglement(evidence(2, turn("ry", 0, "a"), initial_state=given), rule))


def test_idle_qubits() -> None:
    rule = load_rules()["AL207"]
    (none,) = idle_qubit(evidence(2, turn("ry", 0, "a")), rule)
    assert message("AL207", none) == "qubit 1 is outside every light cone of the cost; no gate acts there"
    assert (none.qubits, none.gates, none.location) == ((1,), (), None)
    (one,) = idle_qubit(evidence(2, turn("ry", 0, "a"), turn("ry", 1, "b", line=4), labels=("x", "anc")), rule)
    assert message("AL207", one) == "qubit anc is outside every light cone of the cost; one gate acts there"
    assert one.location is not None
    assert one.location.line == 4
    (many,) = idle_qubit(evidence(3, turn("ry", 0, "a"), Gate("h", (1,)), Gate("cx", (1, 2))), rule)
    assert message("AL207", many) == "qubits 1, 2 are outside every light cone of the cost; 2 gates act there"


def dense(qubits: int, complete: int, chains: int) -> Evidence:
    """`complete` all-to-all layers, then `chains` nearest-neighbour ones, rotations before each."""
    gates: list[Gate] = []
    for layer in range(complete + chains):
        gates += [turn("ry", q, f"t{layer}_{q}") for q in range(qubits)]
        pairs = combinations(range(qubits), 2) if layer < complete else ((q, q + 1) for q in range(qubits - 1))
        gates += [Gate("cz", pair) for pair in pairs]
    return evidence(qubits, *gates)


@pytest.mark.parametrize(
    ("qubits", "complete", "chains", "said"),
    [
        (5, 1, 0, "1 entangling block couples all 10 pairs of the 5 qubits"),
        (6, 2, 0, "2 of 2 entangling blocks couple all 15 pairs of the 6 qubits"),
        (5, 1, 1, "1 of 2 entangling blocks couples all 10 pairs of the 5 qubits"),
        (5, 1, 2, None),  # a third only
        (5, 0, 3, None),
        (4, 3, 0, None),  # too small to matter
    ],
)
def test_dense_entanglers(qubits: int, complete: int, chains: int, said: str | None) -> None:
    found = list(dense_entangler(dense(qubits, complete, chains), load_rules()["AL208"]))
    assert [message("AL208", f) for f in found] == ([said] if said else [])


def test_unused_inputs() -> None:
    rule = load_rules()["AL602"]
    gates = (turn("ry", 0, "a"), turn("rx", 0, "x0"), turn("rx", 1, "x1", line=3), turn("rx", 2, "x2"))
    (one,) = unused_input(evidence(2, *gates[:3], inputs=("x0", "x1")), rule)
    assert message("AL602", one) == "the cost does not depend on input x1: outside the light cone of the cost"
    assert one.location is not None
    assert one.location.line == 3
    (many,) = unused_input(evidence(3, *gates, inputs=("x0", "x1", "x2")), rule)
    assert message("AL602", many).startswith("the cost does not depend on inputs x1, x2:")
    (unused,) = unused_input(evidence(1, gates[0], inputs=("y",), extra=("y",)), rule)
    assert message("AL602", unused) == "the cost does not depend on input y: used by no gate"
    assert not list(unused_input(evidence(2, *gates[:2], inputs=("x0",)), rule))


def test_a_gap_may_hold_the_entangler() -> None:
    gates = (turn("ry", 0, "a"), turn("ry", 1, "b"))
    whole = Circuit("c", 2, gates, (Parameter("a"), Parameter("b")))
    assert "AL206" in {d.code for d in lint(whole).diagnostics}
    gap = lint(replace(whole, unread=(Unread("an `if` that depends on a measurement"),)))
    assert "AL206" not in {d.code for d in gap.diagnostics}
    assert any("AL206" in n.reason for n in gap.not_evaluated)


OVERPARAMETRISED = load_rules()["AL210"]


def layers(qubits: int, number: int, *kinds: str) -> tuple[Gate, ...]:
    gates: list[Gate] = []
    for layer in range(number):
        gates += [turn(kind, q, f"{kind}{layer},{q}") for kind in kinds for q in range(qubits)]
        gates += [Gate("cx", (q, q + 1)) for q in range(qubits - 1)]
    return tuple(gates)


def test_overparametrised_counts_the_directions_of_the_state_space() -> None:
    (finding,) = overparametrised(evidence(2, *layers(2, 2, "ry", "rx")), OVERPARAMETRISED)
    said = message("AL210", finding)
    assert said.startswith("8 trainable parameters, but they can move the state in at most 6 directions: ")


def test_as_many_parameters_as_directions_are_not_too_many() -> None:
    gates = (*layers(2, 1, "ry", "rx"), turn("ry", 0, "a"), turn("rx", 1, "b"))
    assert not list(overparametrised(evidence(2, *gates), OVERPARAMETRISED))


def test_real_amplitudes_are_overparametrised_at_half_the_parameters() -> None:
    (finding,) = overparametrised(evidence(2, *layers(2, 2, "ry")), OVERPARAMETRISED)
    assert finding.values["directions"] == "3 directions"


def test_redundant_parameters_alone_do_not_overparametrise() -> None:
    twice = (turn("ry", 0, "a"), turn("ry", 0, "b"))
    gates = (*twice, *layers(3, 2, "ry"), turn("rx", 1, "c"), turn("rx", 2, "d"))
    assert not list(overparametrised(evidence(3, *gates), OVERPARAMETRISED))


def test_a_small_algebra_overparametrises_wide_circuits() -> None:
    gates = tuple(turn("ry", q, f"{layer},{q}") for layer in range(2) for q in range(12))
    (finding,) = overparametrised(evidence(12, *gates), OVERPARAMETRISED)
    assert finding.values["parameters"] == 24
    assert finding.values["directions"] == "12 directions"


def test_circuits_that_take_data_are_not_judged() -> None:
    # One state for each input: together they may feel more parameters than a single one has directions.
    gates = layers(2, 3, "ry", "rx")
    data = {"ry2,0", "ry2,1"}
    names = tuple(Parameter(n, "input" if n in data else "trainable") for gate in gates for n in gate.parameters)
    circuit = Circuit("c", 2, gates, names, (parse_pauli_sum("Z0", 2),))
    assert len(circuit.trainable) > 6
    assert "AL210" not in {d.code for d in lint(circuit).diagnostics}


def test_shared_angles_are_bounded_by_the_algebra_of_their_sums() -> None:
    gates = []
    for layer in range(8):
        gates += [turn("rx", q, f"b{layer}") for q in range(3)]
        gates += [Gate("rzz", (q, (q + 1) % 3), (angles.parameter(f"c{layer}"),)) for q in range(3)]
    (finding,) = overparametrised(evidence(3, *gates, cost="Z0 Z1"), OVERPARAMETRISED)
    found = finding.evidence[0].value
    assert 2 <= found < 14


def test_noisy_circuits_are_not_judged() -> None:
    gates = layers(2, 3, "ry", "rx")
    names = tuple(Parameter(n) for gate in gates for n in gate.parameters)
    cost = (parse_pauli_sum("Z0", 2),)
    clean = Circuit("c", 2, gates, names, cost)
    assert "AL210" in {d.code for d in lint(clean).diagnostics}
    assert "AL210" not in {d.code for d in lint(replace(clean, noise=Depolarizing(0.01, 0.01))).diagnostics}
