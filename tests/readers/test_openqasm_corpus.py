"""Circuits that others wrote: read or refused with a plain word, and the same unitaries as Qiskit's."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ansatzlint import dense
from ansatzlint.circuit import Circuit
from ansatzlint.readers.openqasm import read_openqasm

CORPUS = os.environ.get("ANSATZLINT_CORPUS")
FILES = sorted(Path(CORPUS).rglob("*.qasm")) if CORPUS else []

pytestmark = pytest.mark.skipif(not FILES, reason="ANSATZLINT_CORPUS names no folder with OpenQASM files")


def one(name: str) -> Circuit:
    (file,) = [f for f in FILES if f.stem == name]
    (circuit,) = read_openqasm(file.read_text(encoding="utf-8"), path=str(file), folder=file.parent).circuits
    return circuit


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)
def test_every_file(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    source = read_openqasm(text, path=str(file), folder=file.parent)
    if file.stem == "vqe_uccsd_n4":  # it measures a register that it never declares
        assert [error.message for error in source.errors] == ["'q' is not declared"]
        assert source.errors[0].line == 225
        return
    assert not source.errors
    without_shortcut = read_openqasm(text, path=str(file), folder=file.parent, shortcut=False)
    assert without_shortcut == source
    (circuit,) = source.circuits
    for gate in circuit.gates:
        assert gate.location is not None
        assert source.line(gate.location) is not None
    if circuit.qubits <= 8 and not [u for u in circuit.unread if not u.reason.startswith("no trainable angle")]:
        compare(circuit, text)


def compare(circuit: Circuit, text: str) -> None:
    qasm2 = pytest.importorskip("qiskit.qasm2")
    qasm3 = pytest.importorskip("qiskit.qasm3")
    from qiskit.quantum_info import Operator

    custom = qasm2.LEGACY_CUSTOM_INSTRUCTIONS  # what its own qelib1.inc lacks by default, such as sx
    loaded = qasm3.loads(text) if "OPENQASM 3" in text else qasm2.loads(text, custom_instructions=custom)
    loaded.remove_final_measurements()
    values = {p.name: 0.3 + 0.07 * i if p.value is None else p.value for i, p in enumerate(circuit.parameters)}
    bound = loaded.assign_parameters({p: values[p.name] for p in loaded.parameters})
    assert dense.equal_up_to_phase(dense.unitary(circuit, values), Operator(bound).reverse_qargs().data)


@pytest.mark.parametrize(
    ("name", "trainable", "inputs"),
    [("qaoa_n50", 4, 0), ("qaoa_n4", 4, 0), ("vqe_su2_n100", 800, 0), ("qnn_n4", 8, 4), ("qaoa_n10_bound", 4, 0)],
)
def test_parameters_are_counted(name: str, trainable: int, inputs: int) -> None:
    circuit = one(name)
    assert (len(circuit.trainable), len(circuit.inputs)) == (trainable, inputs)


def test_bound_and_symbolic_agree() -> None:
    bound, symbolic = one("qaoa_n10_bound"), one("qaoa_n10")
    assert [(g.name, g.qubits) for g in bound.gates] == [(g.name, g.qubits) for g in symbolic.gates]
    assert "4 parameters in 72 places" in bound.assumptions[0]


@pytest.mark.parametrize("name", ["adder_n4", "teleportation_n3", "qec_en_n5", "inverseqft_n4", "ipea_n2"])
def test_no_ansatz(name: str) -> None:
    circuit = one(name)
    assert not circuit.trainable
    assert circuit.unread[-1].reason.startswith("no trainable angle")
    assert circuit.unread[-1].location is not None
    assert circuit.unread[-1].location.line == 1


def test_what_is_left_out_is_said_once_per_kind() -> None:
    assert [u.reason for u in one("ipea_n2").unread[:-1]] == [
        "classical control: it depends on a measurement result (11 places)",
        "reset of a qubit that gates have acted on (3 places)",
        "mid-circuit measurement: gates follow on the measured qubit (3 places)",
    ]
