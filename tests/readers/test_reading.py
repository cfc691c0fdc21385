"""`al.read`, `al.read_all` and `al.lint` as a program uses them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pennylane as qml
import pytest

import ansatzlint as al
from ansatzlint.circuit import PauliSum, PauliTerm
from ansatzlint.errors import InputError, UsageError
from ansatzlint.initialisation import Normal
from ansatzlint.readers import Target

TEXT = """OPENQASM 3.0;
include "stdgates.inc";
{comment}
input float[64] a;
input float[64] b;
qubit[3] q;
ry(a) q[0];
ry(b) q[1];
cx q[0], q[1];
cx q[1], q[2];
ry(a) q[2];
"""


@qml.qnode(qml.device("default.qubit", wires=3))
def model(weights, x):
    for wire in range(3):
        qml.RX(x[wire], wires=wire)
        qml.RY(weights[wire], wires=wire)
    qml.CNOT(wires=[0, 1])
    qml.CNOT(wires=[1, 2])
    return qml.expval(qml.Z(0) @ qml.Z(1) @ qml.Z(2))


def write(folder: Path, name: str, comment: str = "") -> Path:
    file = folder / name
    file.write_text(TEXT.format(comment=comment))
    return file


def test_a_file_is_read_with_what_its_comments_declare(tmp_path: Path) -> None:
    circuit = al.read(str(write(tmp_path, "a.qasm", "// ansatzlint: observable=Z0*Z1 init=normal:0.1 shots=500")))
    (observable,) = circuit.observables
    assert isinstance(observable, PauliSum)
    assert observable.terms == (PauliTerm(1.0, ((0, "Z"), (1, "Z"))),)
    assert (circuit.initialisation, circuit.shots) == (Normal(0.1), 500)
    assert circuit.name == "a"


def test_the_argument_stands_above_the_comment(tmp_path: Path) -> None:
    file = write(tmp_path, "a.qasm", "// ansatzlint: observable=Z0*Z1")
    (observable,) = al.read(file, observable="X2").observables
    assert str(observable) == "X2"


def test_a_folder_is_read_whole_and_a_name_picks_one(tmp_path: Path) -> None:
    write(tmp_path, "a.qasm")
    write(tmp_path, "b.qasm")
    assert [c.name for c in al.read_all(tmp_path)] == ["a", "b"]
    assert al.read(f"{tmp_path}/a.qasm::a").name == "a"
    with pytest.raises(InputError, match="holds no circuit 'x'; there are: a"):
        al.read(f"{tmp_path}/a.qasm::x")
    with pytest.raises(InputError, match=r"holds 2 circuits \(a, b\); name one"):
        al.read(tmp_path)


@pytest.mark.parametrize(
    ("comment", "message"),
    [
        ("// ansatzlint: observable=Z7", r"a\.qasm:3:1: .*acts on qubit 7, the circuit has 3"),
        ("// ansatzlint: init=gauss", r"a\.qasm:3:1: unknown initialisation 'gauss'"),
        ("// ansatzlint: colour=red", r"a\.qasm:3:1: unknown key 'colour'"),
        ("// ansatzlint: please be nice", r"a\.qasm:3:1: cannot read the comment"),
    ],
)
def test_a_comment_that_cannot_be_meant_is_an_error_at_its_place(tmp_path: Path, comment: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        al.read(write(tmp_path, "a.qasm", comment))


def test_a_qnode_is_read_with_its_arguments_and_places() -> None:
    circuit = al.read(model, np.zeros(3), np.ones(3))
    assert (len(circuit.trainable), len(circuit.inputs)) == (3, 3)
    assert circuit.gates[0].location is not None
    assert circuit.gates[0].location.path.endswith("test_reading.py")
    (diagnostic,) = [d for d in al.lint(circuit).diagnostics if d.code == "AL101"]
    assert diagnostic.location.path.endswith("test_reading.py")


def test_a_report_says_what_it_found() -> None:
    circuit = al.read(model, np.zeros(3), np.ones(3))
    report = al.lint(circuit)
    assert report.ok  # behind the trailing CNOTs the cost is local, so the finding is an info
    assert "AL101 global-cost" in str(report)
    assert "return qml.expval" in str(report)
    assert report._repr_html_().startswith("<pre>")
    assert report.evidence[0].value("two_qubit_gates") == 2


def test_a_tape_and_a_circuit_are_read() -> None:
    tape = qml.tape.QuantumScript([qml.RX(0.1, 0), qml.CNOT([0, 1])], [qml.expval(qml.Z(1))])
    circuit = al.read(tape)
    assert [gate.name for gate in circuit.gates] == ["rx", "cx"]
    assert al.read(circuit) is circuit
    assert al.read(tape, name="mine").name == "mine"


def test_what_is_no_circuit_is_said() -> None:
    with pytest.raises(UsageError, match="cannot read a int"):
        al.read(3)
    with pytest.raises(InputError, match="no such file"):
        al.read("none.qasm")


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("a.py", Target("a.py")),
        ("a.py::f", Target("a.py", "f")),
        ("dir::x/a.py::f", Target("dir::x/a.py", "f")),
        ("::f", Target("::f")),
        ("a.py::", Target("a.py::")),
    ],
)
def test_targets(text: str, target: Target) -> None:
    assert Target.parse(text) == target


def test_public_names_load_and_others_do_not() -> None:
    for name in al.__all__:
        assert getattr(al, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = al.nonsense
