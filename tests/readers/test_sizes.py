"""Circuits that are declared to be judged at several numbers of qubits."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from textwrap import dedent
from types import FunctionType

import numpy as np
import pennylane as qml
import pytest

import ansatzlint as al
from ansatzlint import codec
from ansatzlint.circuit import Circuit, Gate
from ansatzlint.errors import CircuitError, UsageError
from ansatzlint.initialisation import Normal
from ansatzlint.readers.python import PythonOptions, read_python
from ansatzlint.source import Source

HEAD = """\
import numpy as np
import pennylane as qml
import ansatzlint as al

LAYERS = 2


def device(n):
    return qml.device("default.qubit", wires=n)


"""

FACTORY = """\
@al.ansatz(sizes=[6, 2, 4], init="normal:0.1"{more})
def ladder(n):
    @qml.qnode(device(n))
    def circuit(w):
        for layer in range(LAYERS):
            for i in range(n):
                qml.RY(w[layer, i], wires=i)
            for i in range(n - 1):
                qml.CNOT([i, i + 1])
        return qml.expval(qml.Z(n - 1))
    {end}
"""

QISKIT = """\
from qiskit import QuantumCircuit
from qiskit.circuit import ParameterVector
from ansatzlint import ansatz


def layer(qc, angles):
    for i, angle in enumerate(angles):
        qc.rx(angle, i)


@ansatz(sizes=[3, 5], observable="local-z")
def chain(n, layers=2):
    qc = QuantumCircuit(n)
    angles = ParameterVector("t", layers * n)
    for k in range(layers):
        layer(qc, angles[k * n : (k + 1) * n])
        for i in range(n - 1):
            qc.cz(i, i + 1)
    return qc
"""


def factory(end: str = "return circuit, np.zeros((LAYERS, n))", more: str = "") -> str:
    return HEAD + FACTORY.format(end=end, more=more)


def read(text: str, *, execute: bool = True, path: str = "program.py", **options: object) -> Source:
    chosen = PythonOptions(**options)  # type: ignore[arg-type]  # fields of PythonOptions
    return read_python(dedent(text), path=path, folder=None, execute=execute, options=chosen)


def only(source: Source) -> Circuit:
    (circuit,) = source.circuits
    return circuit


def reasons(source: Source) -> str:
    return " | ".join(u.reason for u in source.unread)


def qubits(circuit: Circuit) -> list[int]:
    return [c.qubits for c in circuit.at_sizes]


def ladder_gates(n: int) -> list[tuple[str, tuple[int, ...]]]:
    """The gates that the ladder is to have, written down without reading it."""
    layer = [("ry", (i,)) for i in range(n)] + [("cx", (i, i + 1)) for i in range(n - 1)]
    return layer * 2


# -- in a file


def test_a_qnode_carries_its_declared_sizes_and_is_built_at_its_own_only() -> None:
    source = read(
        HEAD + """
@al.ansatz(sizes=[4, 8, 16])
@qml.qnode(device(3))
def f(w):
    qml.RX(w[0], wires=0)
    return qml.expval(qml.Z(0))

@qml.qnode(device(1))
@al.ansatz(sizes=[3])
def g(w):
    qml.RX(w[0], wires=0)
    return qml.expval(qml.Z(0))

@al.ansatz(sizes=[5, 6])
def ansatz(w):
    qml.RX(w[0], wires=0)
    return qml.expval(qml.Z(0))

h = qml.QNode(ansatz, device(2))
for circuit in (f, g, h):
    circuit(np.zeros(1))
f(np.zeros(1)); g(np.zeros(1)); h(np.zeros(1))
"""
    )
    assert {c.name: c.sizes for c in source.circuits} == {"f": (4, 8, 16), "g": (3,), "h": (5, 6)}
    assert all(c.at_sizes == () for c in source.circuits)
    assert not source.unread


def test_a_factory_is_built_at_each_of_its_sizes_and_gives_one_circuit() -> None:
    source = read(factory())
    circuit = only(source)
    assert not source.unread
    assert (circuit.name, circuit.sizes, circuit.qubits) == ("ladder", (6, 2, 4), 2)
    assert qubits(circuit) == [2, 4, 6]
    for n, member in zip((2, 4, 6), circuit.at_sizes, strict=True):
        assert [(g.name, g.qubits) for g in member.gates] == ladder_gates(n)
        assert len(member.trainable) == 2 * n
        assert str(member.observables[0]) == f"Z{n - 1}"
        assert member.initialisation == Normal(0.1)
        assert (member.sizes, member.at_sizes) == ((), ())
    assert circuit == circuit.at_sizes[0]
    lines = source.lines
    assert circuit.location is not None
    assert lines[circuit.location.line - 1] == "def ladder(n):"
    first = circuit.at_sizes[-1].gates[0].location
    assert first is not None
    assert "qml.RY" in lines[first.line - 1]


def test_a_qiskit_factory_is_built_at_its_sizes_with_places_and_the_declared_cost() -> None:
    source = read(QISKIT)
    circuit = only(source)
    assert not source.unread
    assert (circuit.name, circuit.sizes, qubits(circuit)) == ("chain", (3, 5), [3, 5])
    for n, member in zip((3, 5), circuit.at_sizes, strict=True):
        expected = ([("rx", (i,)) for i in range(n)] + [("cz", (i, i + 1)) for i in range(n - 1)]) * 2
        assert [(g.name, g.qubits) for g in member.gates] == expected
        assert [p.name for p in member.parameters] == [f"t[{k}]" for k in range(2 * n)]
        assert member.observables[0].qubits == tuple(range(n))
    assert [g.location.line for g in circuit.gates[:5] if g.location] == [8, 8, 8, 18, 18]


def test_a_size_that_fails_is_said_and_the_others_are_kept() -> None:
    refused = "    if n == 4:\n        raise ValueError('odd\\nonly')\n    @qml.qnode"
    source = read(factory().replace("    @qml.qnode", refused))
    assert qubits(only(source)) == [2, 6]
    (unread,) = source.unread
    assert unread.reason == "circuit `ladder` could not be built at size 4: ValueError: odd only"
    assert unread.location is not None
    assert source.lines[unread.location.line - 1] == "def ladder(n):"
    assert only(source).unread == ()


def test_a_qiskit_size_that_fails_in_a_helper_is_said_with_the_cause() -> None:
    refused = "    if len(angles) > 3:\n        raise MemoryError\n    for i, angle"
    source = read(QISKIT.replace("    for i, angle", refused))
    assert qubits(only(source)) == [3]
    assert reasons(source).endswith("not be built at size 5: it needs more memory than the limit allows")
    helper = """
from qiskit import QuantumCircuit
from qiskit.circuit import Parameter
import ansatzlint as al

def start(n):
    if n > 2:
        raise KeyError("missing")
    qc = QuantumCircuit(n)
    qc.rx(Parameter("a"), 0)
    return qc

@al.ansatz(sizes=[2, 4])
def build(n):
    return start(n)
"""
    source = read(helper)
    assert qubits(only(source)) == [2]
    assert reasons(source) == "circuit `build` could not be built at size 4: KeyError: 'missing'"


@pytest.mark.parametrize("library", ["pennylane", "qiskit"])
def test_nothing_but_one_reason_is_said_where_no_size_can_be_built(library: str) -> None:
    if library == "pennylane":
        source = read(factory("return circuit, np.zeros((LAYERS, n))[5]"))
        expected = "circuit `ladder` could not be built at size 2, 4 and 6: IndexError: "
    else:
        source = read(QISKIT.replace("return qc", "return n"))
        expected = (
            "circuit `chain` could not be built at size 3 and 5: it returns a int; "
            "let it return a QNode, a tuple (qnode, *arguments) or a QuantumCircuit"
        )
    assert not source.circuits
    (unread,) = source.unread
    assert unread.reason.startswith(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (factory().replace("[6, 2, 4]", "[2, 0]"), "sizes must be positive numbers of qubits, not [2, 0]"),
        (QISKIT.replace("[3, 5]", "[2.5]"), "sizes must be positive numbers of qubits, not [2.5]"),
        (factory().replace("ladder(n)", "ladder(n, depth)"), "requires arguments n, depth; let it require the number"),
        (factory().replace("ladder(n)", "ladder(n=4)"), "requires no argument; let it require the number of qubits"),
        (QISKIT.replace("(n, layers=2)", "(n, layers)"), "requires arguments n, layers; let it require the number"),
    ],
)
def test_what_cannot_be_meant_is_one_reason_at_the_function(text: str, expected: str) -> None:
    source = read(text)
    assert not source.circuits
    assert expected in reasons(source)
    assert "Traceback" not in reasons(source)
    assert all("\n" not in u.reason for u in source.unread)


def test_sizes_without_more_qubits_are_left_out() -> None:
    source = read(factory().replace("qnode(device(n))", "qnode(device(max(n, 4)))"))
    assert qubits(only(source)) == [4, 6]
    assert reasons(source).endswith("built at size 4: the circuit has 4 qubits there, no more than at a smaller size")


def test_arguments_are_declared_or_guessed_at_each_size_and_never_those_of_another() -> None:
    template = "    def circuit(w):\n        qml.BasicEntanglerLayers(w, wires=range(n))\n"
    template += "        return qml.expval(qml.Z(0))\n"
    text = HEAD + "w = np.zeros((1, 9))\n@al.ansatz(sizes=[2, 4])\ndef make(n, layers=3):\n    @qml.qnode(device(n))\n"
    text += template + "    return circuit\n"
    guessed = read(text)
    assert [len(c.trainable) for c in only(guessed).at_sizes] == [6, 12]
    assert "`make` returns no arguments with the circuit; `w` is taken for an array of shape (3, 2)" in (
        only(guessed).assumptions[0]
    )
    given = read(text.replace("sizes=[2, 4]", "sizes=[2, 4], args=['shape(5, 2)']"))
    assert [len(c.trainable) for c in only(given).at_sizes] == [10]
    assert "could not be built at size 4" in reasons(given)
    unknown = read(text.replace("qml.BasicEntanglerLayers(w, wires=range(n))", "[qml.RX(x, wires=0) for x in w]"))
    assert not unknown.circuits
    assert "w; declare them with @al.ansatz(args=...) or return them with it: (qnode, *arguments)" in reasons(unknown)


def test_a_call_of_the_factory_is_a_circuit_of_its_own_and_what_it_calls_inside_is_none() -> None:
    called = "qnode, w = ladder(3)\nqnode(w)\n"
    source = read(factory("print(circuit(np.zeros((LAYERS, n))))\n    return circuit, np.zeros((LAYERS, n))"))
    assert qubits(only(source)) == [2, 4, 6]
    source = read(factory() + called)
    assert [(c.name, c.qubits, qubits(c)) for c in source.circuits] == [("ladder", 2, [2, 4, 6]), ("circuit", 3, [])]
    assert not source.unread


def test_a_factory_may_bear_the_name_of_what_it_makes_and_stand_in_main() -> None:
    same = factory().replace("ladder", "circuit")
    assert [(c.name, qubits(c)) for c in read(same).circuits] == [("circuit", [2, 4, 6])]
    head, body = factory().split("@al.ansatz", 1)
    inner = "".join(f"    {line}\n" for line in f"@al.ansatz{body}".splitlines())
    nested = head + "def main():\n" + inner + "    q, w = ladder(3)\n    print(q(w))\n\nmain()\n"
    source = read(nested)
    assert [(c.name, qubits(c)) for c in source.circuits] == [("ladder", [2, 4, 6]), ("circuit", [])], reasons(source)


def test_draws_of_the_file_are_marked_at_every_size() -> None:
    text = factory().replace(', init="normal:0.1"', "").replace("(w)", "(weights)").replace("w[", "weights[")
    source = read(text + "weights = np.random.normal(0, 0.25, (LAYERS, 3))\nqnode, _ = ladder(3)\nqnode(weights)\n")
    ladder, called = source.circuits
    assert called.at_sizes == ()
    laws = [{p.initialisation for p in c.parameters} for c in (ladder, *ladder.at_sizes)]
    assert laws == [{Normal(0.25)}] * 4


def test_a_notebook_and_an_imported_builder(tmp_path: Path) -> None:
    import json

    cells = [HEAD, FACTORY.format(end="return circuit, np.zeros((LAYERS, n))", more="")]
    text = json.dumps({"nbformat": 4, "cells": [{"cell_type": "code", "source": c} for c in cells]})
    circuit = only(read(text, path="book.ipynb"))
    assert qubits(circuit) == [2, 4, 6]
    assert circuit.location is not None
    assert (circuit.location.cell, circuit.location.line) == (2, 2)
    (tmp_path / "builders.py").write_text(factory().replace("@al.ansatz(sizes=[6, 2, 4], init=\"normal:0.1\")\n", ""))
    program = "import pennylane\nimport ansatzlint as al\nfrom builders import ladder\n"
    program += "@al.ansatz(sizes=[2, 3])\ndef mine(n):\n    return ladder(n)\n"
    source = read_python(program, path="p.py", folder=tmp_path, execute=True)
    assert (only(source).name, qubits(only(source))) == ("mine", [2, 3])


def test_out_of_time_keeps_the_sizes_before() -> None:
    slow = factory().replace("    @qml.qnode", "    while n == 6:\n        pass\n    @qml.qnode")
    source = read(slow, seconds=4.0)
    assert qubits(only(source)) == [2, 4]
    assert "circuit `ladder` could not be built at size 6: it ran longer than 4 s" in reasons(source)


def test_without_execution_nothing_runs(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    text = f"open({str(mark)!r}, 'w')\n" + factory(f"open({str(mark)!r}, 'w')\n    return circuit")
    source = read(text, execute=False)
    assert not source.circuits
    assert "not traced" in reasons(source)
    assert not mark.exists()


# -- in a program


def load(text: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, FunctionType]:
    file = folder / "written.py"
    file.write_text(text)
    monkeypatch.chdir(folder)
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.delitem(sys.modules, "written", raising=False)
    import importlib

    module = importlib.import_module("written")
    monkeypatch.delitem(sys.modules, "written")
    return vars(module)


def test_a_decorated_function_is_read_as_it_is_from_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for text, name in ((factory(), "ladder"), (QISKIT, "chain")):
        circuit = al.read(load(text, tmp_path, monkeypatch)[name])
        (other,) = al.read_all(tmp_path / "written.py")

        def shape(each: Circuit) -> object:
            gates = [(g.name, g.qubits, g.angles) for g in each.gates]
            return each.name, each.qubits, gates, [str(o) for o in each.observables], each.initialisation

        assert circuit.sizes == other.sizes
        assert [shape(c) for c in circuit.at_sizes] == [shape(c) for c in other.at_sizes]
        assert circuit.location is not None
        assert (circuit.location.path, circuit.location.line) == ("written.py", other.location and other.location.line)


def test_what_is_said_at_reading_holds_at_every_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ladder = load(factory(), tmp_path, monkeypatch)["ladder"]
    circuit = al.read(ladder, observable="X0 X1", name="mine")
    assert [str(o) for c in (circuit, *circuit.at_sizes) for o in c.observables] == ["X0 X1"] * 4
    assert {c.name for c in (circuit, *circuit.at_sizes)} == {"mine"}


def test_a_program_hears_which_size_failed_and_why() -> None:
    @al.ansatz(sizes=[2, 3, 4])
    def make(n: int) -> object:
        if n == 3:
            raise ValueError("no three")

        def f(w: object) -> object:
            qml.AngleEmbedding(w, wires=range(n))
            return qml.expval(qml.Z(0))

        return qml.QNode(f, qml.device("default.qubit", wires=n)), np.ones(n)

    circuit = al.read(make)
    assert qubits(circuit) == [2, 4]
    assert circuit.assumptions[-1] == "circuit `make` could not be built at size 3: ValueError: no three."

    @al.ansatz(sizes=[2])
    def nothing(n: int) -> None:
        return None

    with pytest.raises(UsageError, match="`nothing` could not be built at size 2: it returns nothing; let it return"):
        al.read(nothing)
    with pytest.raises(UsageError, match="'make' is read at the sizes that it declares; give no arguments"):
        al.read(make, 3)
    with pytest.raises(UsageError, match=r"'plain' could not be built at its sizes: it requires arguments a, b"):
        al.read(al.ansatz(sizes=[2])(plain))
    with pytest.raises(UsageError, match=r"cannot read the function 'other'; .*@ansatzlint.ansatz\(sizes=\[...\]\)"):
        al.read(other)


def plain(a: int, b: int) -> None: ...


def other(n: int) -> None: ...


# -- the value


def test_the_codec_carries_sizes_and_circuits_at_them() -> None:
    small, large = (Circuit("c", n, (Gate("h", (n - 1,)),)) for n in (2, 3))
    circuit = replace(small, sizes=(3, 2), at_sizes=(small, large))
    back = codec.loads(codec.dumps(circuit))
    assert (back.sizes, back.at_sizes) == ((3, 2), (small, large))
    assert back.at_sizes[1].gates == large.gates


def test_identity_is_that_of_the_circuit_alone() -> None:
    small, large = (Circuit("c", n, ()) for n in (2, 3))
    circuit = replace(small, sizes=(2, 3), at_sizes=(small, large))
    assert circuit == small
    assert hash(circuit) == hash(small)
    assert circuit.to_qasm3() == small.to_qasm3()


@pytest.mark.parametrize(
    ("sizes", "at_sizes", "message"),
    [
        ((4, 0), (), "must be positive numbers of qubits"),
        ((), (3, 2), "not in ascending order"),
        ((), (2, 2), "not in ascending order"),
    ],
)
def test_sizes_that_cannot_be_are_refused(sizes: tuple[int, ...], at_sizes: tuple[int, ...], message: str) -> None:
    with pytest.raises(CircuitError, match=message):
        Circuit("c", 2, (), sizes=sizes, at_sizes=tuple(Circuit("c", n, ()) for n in at_sizes))


def test_circuits_at_sizes_do_not_nest() -> None:
    inner = Circuit("c", 2, ())
    with pytest.raises(CircuitError, match="holds circuits at other sizes itself"):
        Circuit("c", 2, (), at_sizes=(replace(inner, at_sizes=(inner,)),))
