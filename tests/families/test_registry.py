"""What every family of the registry can be relied on for, at 4, 10 and 100 qubits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from inspect import signature
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import ansatzlint as al
from ansatzlint import families
from ansatzlint.circuit import Circuit
from ansatzlint.config import Config
from ansatzlint.dense import equal_up_to_phase, unitary
from ansatzlint.errors import UsageError
from ansatzlint.families.family import Choice, Family, Layers, Whole
from ansatzlint.variance import Effort

NAMES = tuple(al.families)
SIZES = (4, 10, 100)
CITATION = re.compile(r"arXiv:(\d{4}\.\d{4,5}|[a-z-]+/\d{7})")


def variants(family: Family) -> Iterator[dict[str, Any]]:
    """The defaults, then every other value of every choice and a few of every number, one at a time."""
    yield {}
    for name, argument in family.space.items():
        match argument:
            case Choice():
                others: tuple[Any, ...] = argument.values
            case Whole():
                others = (argument.low, argument.low + 1)
            case Layers():
                others = (1, "n", "log n")
        yield from ({name: value} for value in others if value != argument.default)


VARIANTS = [
    pytest.param(name, arguments, id=" ".join([name, *(f"{k}={v}" for k, v in arguments.items())]))
    for name in NAMES
    for arguments in variants(al.families[name])
]


def test_there_are_the_families_that_are_promised() -> None:
    assert {
        "hardware-efficient", "real-amplitudes", "efficient-su2", "strongly-entangling", "simplified-two-design",
        "brickwork", "mps-staircase", "tree-tensor-network", "mera", "qcnn", "matchgate", "permutation-equivariant",
        "z2-symmetric", "hamiltonian-variational", "qaoa", "identity-block", "finite-light-cone", "data-reuploading",
    } <= set(NAMES)  # fmt: skip


def test_the_registry_is_a_mapping() -> None:
    assert len(al.families) == len(NAMES) == len(set(NAMES))
    assert list(al.families.keys()) == list(NAMES)
    assert list(al.families.items()) == [(name, al.families[name]) for name in NAMES]
    assert [family.name for family in al.families.values()] == list(NAMES)
    assert "qcnn" in al.families
    assert "qcnnn" not in al.families


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("qcn", "unknown family 'qcn'; did you mean 'qcnn'?"),
        ("real_amplitudes", "unknown family 'real_amplitudes'; did you mean 'real-amplitudes'?"),
        ("0000", "unknown family '0000'; known are hardware-efficient, "),
        (7, "unknown family 7; known are "),
    ],
)
def test_an_unknown_family_is_refused_in_one_line(name: Any, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        al.families[name]
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", NAMES)
def test_a_family_is_one_file_and_says_what_it_is(name: str) -> None:
    family = al.families[name]
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name)
    assert (Path(families.__file__).parent / f"{name.replace('-', '_')}.py").is_file()
    assert family.title
    assert len(family.title) <= 120
    assert not family.title.endswith(".")
    assert CITATION.search(family.reference)
    assert family.verdicts
    for verdict in family.verdicts:
        assert verdict.verdict in ("trainable", "barren")
        assert verdict.condition
        assert CITATION.fullmatch(verdict.citation)
        assert verdict.condition in family.verdict


@pytest.mark.parametrize("name", NAMES)
def test_the_arguments_are_described_as_data(name: str) -> None:
    family = al.families[name]
    assert list(signature(family.construct).parameters) == ["qubits", *family.space]
    for argument in family.space.values():
        assert argument.about
        assert argument.check(argument.default) == argument.default
        if isinstance(argument, Choice):
            assert len(set(argument.values)) == len(argument.values) > 1
            assert [argument.check(value) for value in argument.values] == list(argument.values)
        else:
            assert argument.high > 1
            assert argument.check(argument.high) == argument.high


def built(circuit: Circuit) -> tuple[Any, ...]:
    return circuit.gates, circuit.parameters, circuit.observables, circuit.measured


@pytest.mark.parametrize("name", NAMES)
def test_it_builds_at_every_size(name: str) -> None:
    family = al.families[name]
    for qubits in (family.smallest, *SIZES):
        circuit = family.build(qubits)
        assert (circuit.name, circuit.qubits) == (name, qubits)
        assert circuit.trainable
        assert set(chain(*(gate.parameters for gate in circuit.gates))) == {p.name for p in circuit.parameters}
        assert not circuit.unread
        assert built(family.build(qubits)) == built(circuit)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "permutation-equivariant"])  # couples all pairs
def test_a_thousand_qubits_take_gates_in_proportion(name: str) -> None:
    family = al.families[name]
    arguments = {"layers": 2} if "layers" in family.space else {}
    small, large = (len(family.build(qubits, **arguments).gates) for qubits in (500, 1000))
    assert 1.99 < large / small < 2.02


@pytest.mark.parametrize(("name", "arguments"), VARIANTS)
def test_it_builds_with_every_value_of_every_argument(name: str, arguments: dict[str, Any]) -> None:
    family = al.families[name]
    different = []
    for qubits in (4, 10):
        circuit = family.build(qubits, **arguments)
        assert (circuit.name, circuit.qubits) == (name, qubits)
        assert set(chain(*(gate.parameters for gate in circuit.gates))) == {p.name for p in circuit.parameters}
        different.append(built(circuit) != built(family.build(qubits)))
    assert any(different) == bool(arguments)  # an argument that changes nothing is none


@pytest.mark.parametrize("name", NAMES)
def test_it_is_linted(name: str) -> None:
    family = al.families[name]
    efforts = {
        4: Config(effort=Effort(samples=2048)),
        10: Config(effort=Effort(samples=64)),
        100: Config(fast=True),
    }
    for qubits, config in efforts.items():
        report = al.lint(family.build(qubits), config)
        assert not report.errors
        (summary,) = report.circuits
        assert (summary.name, summary.qubits) == (name, qubits)
        if qubits == 4:
            # nothing of four qubits is out of reach, whatever becomes of the family at scale
            assert summary.verdict == "trainable"
            assert not report.not_evaluated


def values_of(circuit: Circuit) -> dict[str, float]:
    rng = np.random.default_rng(len(circuit.parameters))
    return {p.name: float(rng.uniform(0, 2 * np.pi)) for p in circuit.parameters}


def gates_of(circuit: Circuit) -> list[tuple[Any, ...]]:
    return [(gate.name, gate.qubits, gate.angles, gate.controls, gate.word) for gate in circuit.gates]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("qubits", SIZES)
def test_openqasm_reads_back_gate_by_gate(name: str, qubits: int, tmp_path: Path) -> None:
    circuit = al.families[name].build(qubits)
    file = tmp_path / "circuit.qasm"
    file.write_text(circuit.to_qasm3(), encoding="utf-8")
    again = al.read(file)
    assert gates_of(again) == gates_of(circuit)
    assert [(p.name, p.role) for p in again.parameters] == [(p.name, p.role) for p in circuit.parameters]
    assert (again.qubits, again.measured) == (qubits, circuit.measured)
    assert [o.terms for o in again.observables] == [o.terms for o in circuit.observables]  # type: ignore[union-attr]
    assert not again.unread


@pytest.mark.filterwarnings("ignore::scipy.sparse.SparseEfficiencyWarning")  # Qiskit's, of a PauliEvolutionGate
@pytest.mark.parametrize(("name", "arguments"), VARIANTS)
def test_pennylane_and_qiskit_keep_the_unitary_of_four_qubits(name: str, arguments: dict[str, Any]) -> None:
    pytest.importorskip("qiskit")
    from qiskit.quantum_info import Operator

    circuit = al.families[name].build(4, **arguments)
    values = values_of(circuit)
    expected = unitary(circuit, values)

    again = al.read(circuit.to_pennylane(), *values.values())
    assert [p.name for p in again.parameters] == [p.name for p in circuit.parameters]
    assert equal_up_to_phase(unitary(again, values), expected)

    theirs = replace(circuit, measured=()).to_qiskit()
    bound = theirs.assign_parameters({p: values[p.name] for p in theirs.parameters})
    assert equal_up_to_phase(Operator(bound).reverse_qargs().data, expected)
    back = al.read(theirs)
    assert sorted(p.name for p in back.parameters) == sorted(values)
    assert equal_up_to_phase(unitary(back, values), expected)


@pytest.mark.filterwarnings("ignore::scipy.sparse.SparseEfficiencyWarning")
@pytest.mark.parametrize("name", NAMES)
def test_pennylane_and_qiskit_prepare_one_state_of_ten_qubits(name: str) -> None:
    pytest.importorskip("qiskit")
    from qiskit.quantum_info import Statevector

    # Without a cost the QNode returns the state; two simulators that know nothing of each other then have to agree.
    circuit = replace(al.families[name].build(10), observables=(), measured=())
    values = values_of(circuit)
    ours = np.asarray(circuit.to_pennylane()(*values.values()))
    theirs = circuit.to_qiskit()
    bound = theirs.assign_parameters({p: values[p.name] for p in theirs.parameters})
    assert abs(np.vdot(ours, Statevector(bound).reverse_qargs().data)) == pytest.approx(1.0, abs=1e-9)


@pytest.mark.parametrize("name", [name for name in NAMES if al.families[name].build(4).observables])
def test_the_cost_survives_pennylane(name: str) -> None:
    circuit = al.families[name].build(4)
    again = al.read(circuit.to_pennylane(), *values_of(circuit).values())
    found, stated = ({t.paulis: t.coefficient for t in c.observables[0].terms} for c in (again, circuit))  # type: ignore[union-attr]
    assert found == pytest.approx(stated)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("wrong", ["too few", 0, -3, True, 4.0, "4", None])
def test_a_bad_size_is_refused_in_one_line(name: str, wrong: Any) -> None:
    family = al.families[name]
    with pytest.raises(UsageError) as caught:
        family.build(family.smallest - 1 if wrong == "too few" else wrong)
    assert f"family {name!r} takes a whole number of qubits from {family.smallest} to 100000, not " in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", NAMES)
def test_bad_arguments_are_refused_in_one_line(name: str) -> None:
    family = al.families[name]
    with pytest.raises(UsageError, match=f"family '{name}' has no argument 'depht'; ") as caught:
        family.build(4, depht=3)
    assert "\n" not in str(caught.value)
    for argument, described in family.space.items():
        # Where pairs of qubits may stand, they are read as such.
        maps = isinstance(described, Choice) and described.pairs
        wrong: tuple[Any, ...] = ("no such thing", -1, 0.5, None, [], [(0, 0)], [(0, 99)])
        for value in wrong[:4] + wrong[5:] if maps else wrong:
            with pytest.raises(UsageError) as caught:
                family.build(4, **{argument: value})
            assert "\n" not in str(caught.value)
            if not maps or isinstance(value, str):
                assert f"argument {argument!r} of family {name!r} must be " in str(caught.value)


@pytest.mark.parametrize(
    "name", [n for n in NAMES if any(isinstance(a, Choice) and a.pairs for a in al.families[n].space.values())]
)
def test_a_coupling_map_may_stand_in_place_of_a_name(name: str) -> None:
    family = al.families[name]
    (argument,) = [key for key, a in family.space.items() if isinstance(a, Choice) and a.pairs]
    circuit = family.build(4, **{argument: [[3, 1], (0, 2)]})
    assert {frozenset(g.qubits) for g in circuit.gates if len(g.qubits) > 1} == {frozenset({3, 1}), frozenset({0, 2})}
