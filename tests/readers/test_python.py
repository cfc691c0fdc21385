"""Circuits of Python programs, as users write them."""

from __future__ import annotations

import os
import time
from pathlib import Path
from textwrap import dedent

import pytest

from ansatzlint.circuit import PauliSum, Probabilities
from ansatzlint.readers.python import PythonFile, PythonOptions, read_python, read_python_files
from ansatzlint.source import Source

HEAD = """\
import pennylane as qml
from pennylane import numpy as np

n = 3
dev = qml.device("default.qubit", wires=n)
"""

CIRCUIT = """\
@qml.qnode(dev)
def circuit(w):
    for i in range(n):
        qml.RY(w[i], wires=i)
    qml.CNOT([0, 1])
    return qml.expval(qml.Z(0))
"""


def read(text: str, *, execute: bool = True, path: str = "program.py", **options: object) -> Source:
    return read_python(
        dedent(text), path=path, folder=None, execute=execute, options=PythonOptions(**options)  # type: ignore[arg-type]
    )


def names(source: Source) -> list[str]:
    return [c.name for c in source.circuits]


def reasons(source: Source) -> str:
    return " | ".join(u.reason for u in source.unread)


def observable(source: Source) -> PauliSum:
    (found,) = source.circuits[0].observables
    assert isinstance(found, PauliSum)
    return found


# -- what is found


def test_a_called_qnode_is_recorded_with_its_lines_and_arguments() -> None:
    source = read(HEAD + CIRCUIT + "energy = circuit(np.array([0.1, 0.2, 0.3]))\n")
    (circuit,) = source.circuits
    assert circuit.name == "circuit"
    assert [g.name for g in circuit.gates] == ["ry", "ry", "ry", "cx"]
    assert [g.location.line for g in circuit.gates if g.location] == [9, 9, 9, 10]
    assert [p.value for p in circuit.parameters] == [0.1, 0.2, 0.3]
    assert circuit.location is not None
    assert circuit.location.line == 7
    assert not source.unread


@pytest.mark.parametrize(
    "fill",
    [
        "terms, coeffs = [], []\nfor i in range(n - 1):\n    terms.append(qml.Z(i) @ qml.Z(i + 1))\n"
        "    coeffs.append(1.0)\nH = qml.Hamiltonian(coeffs, terms)\n",
        "H = 0.0 * qml.Z(0)\nfor i in range(n - 1):\n    H += qml.Z(i) @ qml.Z(i + 1)\nH = qml.simplify(H)\n",
        "coeffs = np.zeros(n - 1)\ncoeffs[:] = 1.0\n"
        "H = qml.dot(coeffs, [qml.Z(i) @ qml.Z(i + 1) for i in range(n - 1)])\n",
        "terms = []\nalias = terms\nalias.append(qml.Z(0) @ qml.Z(1))\nalias.extend([qml.Z(1) @ qml.Z(2)])\n"
        "H = qml.dot([1.0, 1.0], terms)\n",
        "def add(target, i):\n    target.append(qml.Z(i) @ qml.Z(i + 1))\nterms = []\nadd(terms, 0)\nadd(terms, 1)\n"
        "H = qml.sum(*terms)\n",
        "class Model:\n    pass\nmodel = Model()\nmodel.terms = []\nwhile len(model.terms) < n - 1:\n"
        "    i = len(model.terms)\n    model.terms.append(qml.Z(i) @ qml.Z(i + 1))\nH = qml.sum(*model.terms)\n",
        "table = {}\nfor i in range(n - 1):\n    table[i] = qml.Z(i) @ qml.Z(i + 1)\nH = qml.sum(*table.values())\n",
    ],
)
def test_a_hamiltonian_keeps_all_its_terms_however_it_is_filled(fill: str) -> None:
    program = HEAD + fill + CIRCUIT.replace("qml.Z(0)", "H") + "circuit(np.zeros(n))\n"
    source = read(program)
    assert str(observable(source)) == "Z0 Z1 + Z1 Z2", reasons(source)


def test_a_training_loop_gives_its_first_call_and_nothing_else_of_it_runs(tmp_path: Path) -> None:
    mark = tmp_path / "mark.txt"
    source = read(
        HEAD + CIRCUIT + f"""
def cost(w):
    return (circuit(w) - 1) ** 2

w = np.array([0.5, 0.6, 0.7], requires_grad=True)
opt = qml.AdamOptimizer(0.1)
history = []
for step in range(10**9):
    w, value = opt.step_and_cost(cost, w)
    history.append(value)
    open({str(mark)!r}, "w").write("x")
    print(value)
open({str(mark)!r}, "w").write("y")
"""
    )
    assert [p.value for p in source.circuits[0].parameters] == [0.5, 0.6, 0.7]
    assert not source.unread
    assert not mark.exists()


@pytest.mark.parametrize(
    "call",
    [
        "from scipy.optimize import minimize\nresult = minimize(lambda w: float(circuit(w)), [0.1, 0.2, 0.3])",
        "g = qml.grad(circuit)(np.array([0.1, 0.2, 0.3], requires_grad=True))",
        "opt = qml.QNGOptimizer(0.1)\nw = opt.step(circuit, np.array([0.1, 0.2, 0.3], requires_grad=True))",
        "opt = qml.SPSAOptimizer(10)\nw = opt.step(circuit, np.array([0.1, 0.2, 0.3], requires_grad=True))",
        "opt = qml.RotosolveOptimizer()\n"
        "w = opt.step(circuit, np.array([0.1, 0.2, 0.3], requires_grad=True), nums_frequency={'w': {(0,): 1}})",
        "print('value', circuit(np.array([0.1, 0.2, 0.3])))",
        "print(qml.draw(circuit)(np.array([0.1, 0.2, 0.3])))",
        "fig, ax = qml.draw_mpl(circuit, decimals=2)(np.array([0.1, 0.2, 0.3]))",
        "fast = qml.transforms.merge_rotations(circuit)\nfast(np.array([0.1, 0.2, 0.3]))",
        "values = [circuit(p) for p in [np.array([0.1, 0.2, 0.3])]]",
    ],
)
def test_every_usual_way_of_calling_is_recorded(call: str) -> None:
    source = read(HEAD + CIRCUIT + call + "\n")
    assert names(source) == ["circuit"], reasons(source)
    assert [p.value for p in source.circuits[0].parameters] == [0.1, 0.2, 0.3]
    assert source.circuits[0].assumptions == ()


def test_class_based_models_factories_closures_and_qnode_objects() -> None:
    source = read(
        HEAD + """
class Model:
    def __init__(self, layers):
        self.weights = np.full((layers, n), 0.1)
        self.qnode = qml.QNode(self.ansatz, dev)

    def ansatz(self, x, weights):
        qml.AngleEmbedding(x, wires=range(n))
        qml.BasicEntanglerLayers(weights, wires=range(n))
        return qml.expval(qml.Z(0))

    def forward(self, x):
        return self.qnode(x, self.weights)

    def fit(self, data):
        for epoch in range(10**9):
            loss = sum(self.forward(x) for x in data)

def make(size):
    local = qml.device("default.qubit", wires=size)

    @qml.qnode(local)
    def made(w):
        for i in range(size):
            qml.RX(w[i], wires=i)
        return qml.expval(qml.Z(size - 1))

    return made

def ansatz(w):
    qml.RX(w[0], wires=0)
    return qml.expval(qml.Z(0))

object_ = qml.QNode(ansatz, dev)

if __name__ == "__main__":
    model = Model(2)
    import numpy
    model.fit(numpy.zeros((5, n)))
    small = make(2)
    small(np.zeros(2))
    large = make(4)
    print(large(np.zeros(4)))
    object_(np.zeros(1))
"""
    )
    assert names(source) == ["qnode", "made", "made#2", "object_"], reasons(source)
    assert [c.qubits for c in source.circuits] == [3, 2, 4, 3]
    assert [p.role for p in source.circuits[0].parameters] == ["input"] * 3 + ["trainable"] * 6
    assert not source.unread


def test_what_stands_in_main_is_found_and_its_side_effects_are_not(tmp_path: Path) -> None:
    mark = tmp_path / "mark.txt"
    source = read(
        f"""
        import argparse
        import pennylane as qp
        from pennylane import numpy as np
        import matplotlib.pyplot as plt

        def main():
            parser = argparse.ArgumentParser()
            parser.add_argument("--qubits", type=int, default=2)
            args = parser.parse_args()
            fig, ax = plt.subplots()
            dev = qp.device("default.qubit", wires=args.qubits)
            open({str(mark)!r}, "w")

            @qp.qnode(dev)
            def energy(w):
                qp.RX(w[0], wires=0)
                qp.CRY(w[1], wires=[0, 1])
                return qp.expval(qp.Z(1))

            w = np.array([0.1, 0.2], requires_grad=True)
            for i in range(10**9):
                w = qp.GradientDescentOptimizer().step(energy, w)
                ax.plot(i, energy(w))
            plt.savefig({str(mark)!r})

        if __name__ == "__main__":
            main()
        """
    )
    assert names(source) == ["energy"], reasons(source)
    assert not mark.exists()


def test_a_cost_of_two_circuits_gives_both() -> None:
    source = read(
        HEAD + CIRCUIT + CIRCUIT.replace("def circuit", "def other").replace("RY", "RX") + """
def cost(w):
    return circuit(w) + 2 * other(w)

from scipy.optimize import minimize
minimize(cost, np.array([0.1, 0.2, 0.3]))
"""
    )
    assert names(source) == ["circuit", "other"]
    assert [p.value for p in source.circuits[1].parameters] == [0.1, 0.2, 0.3]


SIBLINGS = """
def make(observable, layers=1, n=n):
    @qml.qnode(qml.device("default.qubit", wires=n))
    def energy(w):
        for k in range(layers):
            qml.RY(w[k], wires=k)
        qml.CNOT([0, 1])
        return qml.expval(observable)
    return energy
"""


def test_a_list_of_qnodes_gives_each_of_them() -> None:
    calls = "terms = [make(o, 2) for o in (qml.Z(0), qml.X(1), qml.Z(0) @ qml.Z(1))]\n" + dedent(
        """\
        opt = qml.GradientDescentOptimizer()
        w = np.array([0.1, 0.2])
        for step in range(2):
            w = opt.step(lambda v: sum(term(v) for term in terms), w)
        """
    )
    source = read(HEAD + SIBLINGS + calls)
    assert [str(c.observables[0]) for c in source.circuits] == ["Z0", "X1", "Z0 Z1"]
    assert {p.value for c in source.circuits for p in c.parameters} == {0.1, 0.2}
    assert not source.unread


@pytest.mark.parametrize(
    "transform", ["merge_rotations", "cancel_inverses", "undo_swaps", "commute_controlled", "single_qubit_fusion"]
)
def test_what_a_transform_is_applied_to_is_no_circuit_of_its_own(transform: str) -> None:
    text = CIRCUIT.replace("qml.RY(w[i], wires=i)", "qml.RY(w[i], wires=i), qml.RY(2 * w[i], wires=i)")
    source = read(HEAD + f"@qml.transforms.{transform}\n" + text + "circuit(np.array([0.1, 0.2, 0.3]))\n")
    assert names(source) == ["circuit"]
    both = text + f"fused = qml.transforms.{transform}(circuit)\nfused(np.array([0.1, 0.2, 0.3]))\n"
    assert len(read(HEAD + both).circuits) == 1


@pytest.mark.parametrize("other", ["make(qml.Z(0), 1)", "make(qml.Z(0), 2, 4)"])
def test_a_sibling_of_another_shape_is_said_and_no_guess(other: str) -> None:
    source = read(HEAD + SIBLINGS + f"both = [make(qml.Z(0), 2), {other}]\nboth[0](np.array([0.1, 0.2]))\n")
    assert len(source.circuits) == 1
    why = "circuit `energy` is also made in other shapes, of which no call was run; those are not read"
    assert reasons(source) == why


def test_arguments_that_depend_on_another_circuit_are_no_guess() -> None:
    source = read(
        HEAD + CIRCUIT + CIRCUIT.replace("def circuit", "def other") + """
first = circuit(np.array([0.1, 0.2, 0.3]))
H = qml.Z(0)
if first > 0.5:
    H = H + qml.Z(1)
w = np.array([first, first, first])

@qml.qnode(dev)
def third(w):
    qml.RX(w[0], wires=0)
    return qml.expval(H)

third(np.zeros(1) + first)
"""
    )
    assert "circuit" in names(source)
    assert "third" not in names(source)
    assert "depends on the result" in reasons(source)


def test_numpy_values_survive_a_training_loop_and_operators_do_not() -> None:
    source = read(
        HEAD + CIRCUIT + """
w = np.array([0.1, 0.2, 0.3], requires_grad=True)
ops = []
for i in range(100):
    w = qml.GradientDescentOptimizer().step(circuit, w)
    ops.append(qml.Z(0) if circuit(w) > 0 else qml.Z(1))

@qml.qnode(dev)
def after(w):
    qml.RX(w[0], wires=0)
    return qml.expval(qml.Z(0))

@qml.qnode(dev)
def adaptive(w):
    qml.RX(w[0], wires=0)
    return qml.expval(qml.sum(*ops))

after(w)
adaptive(w)
"""
    )
    assert names(source) == ["circuit", "after"]
    assert [p.value for p in source.circuits[1].parameters][:1] == [0.1]
    assert "`adaptive`" in reasons(source)


def test_seeds_and_library_configuration_belong_to_the_slice() -> None:
    source = read(
        HEAD + CIRCUIT + "np.random.seed(42)\nw = np.random.uniform(0, 6.28, n)\ncircuit(w)\n"
    )
    import numpy

    expected = numpy.random.RandomState(42).uniform(0, 6.28, 3)
    assert [p.value for p in source.circuits[0].parameters] == pytest.approx(list(expected))


def test_probabilities_of_which_one_is_read_are_marked() -> None:
    program = HEAD + CIRCUIT.replace("qml.expval(qml.Z(0))", "qml.probs(wires=range(n))")
    every = read(program + "p = circuit(np.zeros(n))\n")
    single = read(program + "def cost(w):\n    return 1 - circuit(w)[0]\ncost(np.zeros(n))\n")
    for source, selected in ((every, False), (single, True)):
        (found,) = source.circuits[0].observables
        assert isinstance(found, Probabilities)
        assert found.selected is selected


# -- where arguments come from


def test_arguments_come_from_the_declaration_before_the_call() -> None:
    decorated = HEAD + "import ansatzlint as al\n@al.ansatz(args=[[1.0, 2.0, 3.0]], init='normal:0.1')\n" + CIRCUIT
    source = read(decorated + "circuit(np.zeros(n))\n", arguments={"circuit": "([7.0, 7.0, 7.0],)"})
    assert [p.value for p in source.circuits[0].parameters] == [1.0, 2.0, 3.0]
    assert str(source.circuits[0].initialisation).startswith("normal")
    configured = read(HEAD + CIRCUIT + "circuit(np.zeros(n))\n", arguments={"circuit": "([7.0, 8.0, 9.0],)"})
    assert [p.value for p in configured.circuits[0].parameters] == [7.0, 8.0, 9.0]


def test_a_declared_observable_replaces_the_returned_one() -> None:
    declared = "import ansatzlint as al\n@al.ansatz(observable='Z0 Z1')\n"
    source = read(HEAD + declared + CIRCUIT + "circuit(np.zeros(n))\n")
    assert str(observable(source)) == "Z0 Z1"


def test_a_bad_configured_argument_is_said() -> None:
    source = read(HEAD + CIRCUIT, arguments={"circuit": "open('x')"})
    assert not source.circuits
    assert "no Python literal" in reasons(source)


def test_a_module_level_value_serves_an_uncalled_circuit() -> None:
    source = read(HEAD + CIRCUIT + "w = np.array([0.4, 0.5, 0.6])\n")
    assert [p.value for p in source.circuits[0].parameters] == [0.4, 0.5, 0.6]
    assert any("`w`" in a for a in source.circuits[0].assumptions)


@pytest.mark.parametrize(
    ("body", "shape"),
    [
        ("qml.RX(w[0], wires=0)\n    qml.RY(2 * w[1], wires=1)", ["w[0]", "w[1]"]),
        ("qml.RX(w, wires=0)", ["w"]),
        ("qml.AngleEmbedding(w, wires=range(n))", ["w[0]", "w[1]", "w[2]"]),
        ("qml.BasicEntanglerLayers(w, wires=range(n))", [f"w[{a},{b}]" for a in range(2) for b in range(3)]),
    ],
)
def test_a_shape_that_is_demanded_is_an_assumption(body: str, shape: list[str]) -> None:
    source = read(HEAD + f"n_layers = 2\n@qml.qnode(dev)\ndef f(w):\n    {body}\n    return qml.expval(qml.Z(0))\n")
    assert [p.name for p in source.circuits[0].parameters] == shape, reasons(source)
    assert any("`w`" in a for a in source.circuits[0].assumptions)


def test_a_call_that_could_not_be_run_is_said_and_not_denied() -> None:
    source = read(HEAD + CIRCUIT + "data = np.loadtxt('data.csv')\ncircuit(data)\n")
    (circuit,) = source.circuits
    assert "never calls" not in " ".join(circuit.assumptions)
    assert "could be run (line 12: it reads data.csv not found; files" in circuit.assumptions[0]
    assert "traced with assumed arguments" in reasons(source)
    assert "files are not run in their own folder" in reasons(source)
    assert source.unread[0].location is not None
    assert source.unread[0].location.line == 12


def test_a_call_with_the_result_of_another_circuit_is_said_and_not_denied() -> None:
    other = "@qml.qnode(dev)\ndef first(x):\n    qml.RX(x, 0)\n    return qml.expval(qml.Z(0))\n"
    source = read(HEAD + CIRCUIT + other + "angle = first(0.3)\nprint(circuit([angle] * 3))\n")
    assert names(source) == ["circuit", "first"]
    assert "never calls" not in " ".join(source.circuits[0].assumptions)
    assert "traced with assumed arguments" in reasons(source)


def test_a_failure_that_no_call_needs_leaves_the_circuit_uncalled() -> None:
    source = read(HEAD + "width = int(undefined)\n" + CIRCUIT)
    assert "never calls" in source.circuits[0].assumptions[0]
    assert not source.unread


@pytest.mark.parametrize("own", ["Path(__file__).parent", "Path(sys.argv[0]).resolve().parent"])
def test_data_beside_the_file_is_found(own: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "sub"
    folder.mkdir()
    (folder / "angles.txt").write_text("0.1 0.2 0.3")
    text = f"import sys\nfrom pathlib import Path\n{HEAD}{CIRCUIT}circuit(np.loadtxt({own} / 'angles.txt'))\n"
    monkeypatch.chdir(tmp_path)
    source = read_python(text, path="sub/model.py", folder=Path("sub"), execute=True)
    assert [p.value for p in source.circuits[0].parameters] == [0.1, 0.2, 0.3]


def test_arguments_that_nobody_gives_are_said_with_the_remedy() -> None:
    source = read(HEAD + "@qml.qnode(dev)\ndef f(w):\n    for x in w:\n        qml.RX(x, wires=0)\n"
                  "    return qml.expval(qml.Z(0))\n")  # fmt: skip
    assert not source.circuits
    (unread,) = source.unread
    assert "`f`" in unread.reason
    assert "w" in unread.reason
    assert "@al.ansatz" in unread.reason
    assert unread.location is not None
    assert unread.location.line == 7


def test_a_factory_that_is_never_called_is_said() -> None:
    source = read("import pennylane as qml\ndef make(n):\n    @qml.qnode(qml.device('default.qubit', wires=n))\n"
                  "    def inner(w):\n        return qml.expval(qml.Z(0))\n    return inner\n")  # fmt: skip
    assert "`inner`" in reasons(source)
    assert "`make`" in reasons(source)


# -- Qiskit


def test_qiskit_efficient_su2_with_its_observable() -> None:
    source = read(
        """
        from qiskit.circuit.library import efficient_su2
        from qiskit.quantum_info import SparsePauliOp
        from qiskit.primitives import StatevectorEstimator
        from qiskit import transpile
        from scipy.optimize import minimize
        import numpy as np

        hamiltonian = SparsePauliOp.from_list([("ZZI", 1.0), ("IIX", 0.5)])
        ansatz = efficient_su2(3, reps=1)
        estimator = StatevectorEstimator()
        isa = transpile(ansatz)

        def cost(p):
            return float(estimator.run([(isa, hamiltonian, p)]).result()[0].data.evs)

        minimize(cost, np.random.random(ansatz.num_parameters))
        """
    )
    (circuit,) = source.circuits
    assert len(circuit.parameters) == 12
    assert str(circuit.observables[0]) == "Z1 Z2 + 0.5 X0"
    assert circuit.location is not None
    assert circuit.location.line == 10


def test_qiskit_circuit_built_in_main_from_parts_with_its_lines() -> None:
    source = read(
        """\
        from qiskit import QuantumCircuit
        from qiskit.circuit import ParameterVector

        def layer(n, th):
            qc = QuantumCircuit(n)
            for i in range(n):
                qc.ry(th[i], i)
            return qc

        def main():
            th = ParameterVector("th", 4)
            full = QuantumCircuit(2)
            full.h([0, 1])
            for k in range(2):
                full.compose(layer(2, th[2 * k: 2 * k + 2]), inplace=True)
            bound = full.assign_parameters([0.1] * 4)
            full.measure_all()
            print(full.draw())

        if __name__ == "__main__":
            main()
        """
    )
    (circuit,) = source.circuits
    assert circuit.name == "full"
    assert [g.location.line for g in circuit.gates if g.location] == [13, 13, 15, 15, 15, 15]


# -- notebooks


def notebook(*cells: str, version: int = 4) -> str:
    import json

    if version == 3:
        code = [{"cell_type": "code", "input": c, "language": "python"} for c in cells]
        return json.dumps({"nbformat": 3, "worksheets": [{"cells": code}]})
    code = [{"cell_type": "code", "source": c.splitlines(keepends=True)} for c in cells]
    return json.dumps({"nbformat": 4, "cells": [{"cell_type": "markdown", "source": "# Title"}, *code]})


@pytest.mark.parametrize("version", [3, 4])
def test_a_notebook_with_magics(version: int) -> None:
    text = notebook(
        "%matplotlib inline\n!pip install pennylane\n" + HEAD,
        "%%bash\nrm -rf /nowhere",
        "# ansatzlint: observable=Z0\n" + CIRCUIT,
        "%%time\nvalue = circuit(np.zeros(n))\ncircuit?",
        version=version,
    )
    source = read(text, path="work.ipynb")
    (circuit,) = source.circuits
    assert {(g.location.cell, g.location.line) for g in circuit.gates if g.location} == {(3, 5), (3, 6)}
    (comment,) = source.comments
    assert comment.location.cell == 3
    assert comment.text == "ansatzlint: observable=Z0"
    assert source.line(comment.location) == "# ansatzlint: observable=Z0"
    assert source.line(circuit.gates[0].location or comment.location) == "        qml.RY(w[i], wires=i)"


def test_a_broken_notebook_cell_is_an_error_and_the_others_are_read() -> None:
    source = read(notebook(HEAD, "def broken(:\n", CIRCUIT, "circuit(np.zeros(n))"), path="work.ipynb")
    assert names(source) == ["circuit"]
    (error,) = source.errors
    assert error.line == 1
    assert "cell 2" in str(error)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"cells": 3}', "[" * 100_000, '{"worksheets": [3]}'])
def test_what_is_no_notebook_is_refused_in_one_line(text: str) -> None:
    source = read(text, path="work.ipynb")
    assert not source.circuits
    assert all("\n" not in str(e) for e in source.errors)
    assert source.errors or text == '{"worksheets": [3]}'


# -- accidents: each gives a plain reason, and the other files are read all the same

BROKEN = {
    "endless": (HEAD + "i = 0\nwhile True:\n    i += 1\nn = i\n" + CIRCUIT + "circuit(np.zeros(n))\n", "longer than"),
    "endless circuit": (HEAD + CIRCUIT.replace("qml.CNOT([0, 1])", "while True: pass") + "circuit(np.zeros(n))\n",
                        "longer than"),
    "exits": (HEAD + CIRCUIT.replace("qml.CNOT([0, 1])", "import sys; sys.exit(3)") + "circuit(np.zeros(n))\n", ""),
    "exits before": (HEAD + "import sys\ndef size():\n    sys.exit(3)\nn = size()\n" + CIRCUIT + "circuit(n)",
                     "sys.exit"),
    "ends the process": (HEAD + "import os\ndef size():\n    os._exit(0)\nn = size()\n" + CIRCUIT, "ended the process"),
    "raises": (HEAD + "def size():\n    raise ValueError('no size')\nm = size()\n"
               + CIRCUIT.replace("range(n)", "range(m)") + "circuit(np.zeros(m))\n", "no size"),
    "forks": (HEAD + "import os\npid = os.fork()\nn = 3 + pid\n" + CIRCUIT + "circuit(np.zeros(n))\n", "forks"),
    "starts a program": (HEAD + "import subprocess\nn = len(subprocess.check_output(['echo', 'x']))\n" + CIRCUIT
                         + "circuit(np.zeros(n))\n", "another program"),
    "missing module": (HEAD + "import nowhere_to_be_found as m\nn = m.size\n" + CIRCUIT + "circuit(np.zeros(n))\n",
                       "imports nowhere_to_be_found, which is not installed"),
    "missing library": ("import pennylane_no\nfrom no import qml\n@qml.qnode(1)\ndef f(x):\n    pass\nf(1)\n", ""),
    "memory": (HEAD + "import numpy\nbig = numpy.ones(10**13)\nn = int(big[0])\n" + CIRCUIT + "circuit(np.zeros(n))\n",
               "memory"),
    "asks": (HEAD + "n = int(input('how many? '))\n" + CIRCUIT + "circuit(np.zeros(n))\n", "input"),
    "crashes": (HEAD + "import ctypes\nn = ctypes.string_at(0)\n" + CIRCUIT + "circuit(np.zeros(n))\n", "crashed"),
    "recurses": (HEAD + "def f(x):\n    return f(x) + 1\nn = f(1)\n" + CIRCUIT + "circuit(np.zeros(n))\n", "recurses"),
}  # fmt: skip


@pytest.mark.parametrize("kind", BROKEN)
def test_an_accident_gives_one_plain_reason(kind: str) -> None:
    text, reason = BROKEN[kind]
    source = read(text, seconds=2.0)
    assert not source.errors
    if not reason:  # nothing of it is needed, or it is no PennyLane at all
        assert len(source.unread) <= 1
        return
    assert reason in reasons(source)
    assert len(source.unread) == 1, reasons(source)
    assert "Traceback" not in reasons(source)
    assert source.unread[0].location is not None


def test_other_files_are_read_next_to_broken_ones_in_order() -> None:
    good = HEAD + CIRCUIT + "circuit(np.zeros(n))\n"
    texts = [good, BROKEN["ends the process"][0], "x = 1\n", good, "def broken(:\n", BROKEN["crashes"][0], good]
    files = [PythonFile(text, f"{i}.py") for i, text in enumerate(texts)]
    sources = list(read_python_files(files, execute=True))
    assert [s.path for s in sources] == [f.path for f in files]
    assert [len(s.circuits) for s in sources] == [1, 0, 0, 1, 0, 0, 1]
    assert [len(s.errors) for s in sources] == [0, 0, 0, 0, 1, 0, 0]


def test_a_reader_that_is_left_half_way_does_not_mix_up_the_next_one() -> None:
    good = [PythonFile(HEAD + CIRCUIT + f"circuit(np.full(n, 0.{i}))\n", f"{i}.py") for i in range(1, 9)]
    started = read_python_files(good, execute=True)
    next(started)
    again = list(read_python_files(good[4:], execute=True))
    assert [s.circuits[0].parameters[0].value for s in again] == [0.5, 0.6, 0.7, 0.8]


def test_nothing_is_written_next_to_the_file(tmp_path: Path) -> None:
    (tmp_path / "helper.py").write_text("def size():\n    return 3\n")
    program = (
        "import os\nfrom pathlib import Path\nfrom helper import size\n" + HEAD
        + f"n = size()\nPath('relative.txt').write_text('x')\nos.makedirs({str(tmp_path / 'made')!r}, exist_ok=True)\n"
        + f"sink = open({str(tmp_path / 'absolute.txt')!r}, 'w')\n"
        + CIRCUIT + "circuit(np.zeros(n))\n"
    )  # fmt: skip
    (tmp_path / "program.py").write_text(program)
    source = read_python(program, path="program.py", folder=tmp_path, execute=True)
    assert names(source) == ["circuit"], reasons(source)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["helper.py", "program.py"]


def test_a_needed_write_outside_the_scratch_folder_is_refused(tmp_path: Path) -> None:
    target = tmp_path / "absolute.txt"
    needed = f"with open({str(target)!r}, 'w') as f:\n    n = f.write('xyz')\n"
    source = read(HEAD + needed + CIRCUIT + "circuit(np.zeros(n))\n")
    assert not target.exists()
    assert not source.circuits
    assert "refused" in reasons(source)


def test_the_worker_sees_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    from ansatzlint.readers.python.pool import environment

    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hush")
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    seen = environment("/scratch")
    assert "hush" not in seen.values()
    assert "PYTHONPATH" not in seen
    assert seen["HOME"] == "/scratch"


def test_no_process_is_left_behind() -> None:
    from ansatzlint.readers.python import start_worker, stop_worker

    stop_worker()
    before = _children()
    start_worker(["pennylane"])
    assert len(_children()) == len(before) + 1
    source = read(HEAD + CIRCUIT + "circuit(np.zeros(n))\n")
    assert names(source) == ["circuit"]
    stop_worker()
    assert _children() == before


def _children() -> set[str]:
    folder = Path(f"/proc/self/task/{os.getpid()}/children")
    if not folder.exists():
        pytest.skip("needs procfs")
    return set(folder.read_text().split())


def test_a_worker_ends_when_its_parent_is_killed() -> None:
    import signal
    import subprocess
    import sys

    script = (
        "from ansatzlint.readers.python import pool, start_worker\n"
        "start_worker(['pennylane'])\nprint(pool._worker._process.pid, flush=True)\nimport time; time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    worker = int(parent.stdout.readline())
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 30
    while _runs(worker) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not _runs(worker)


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_without_fork_each_file_has_a_process_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "fork")
    good = HEAD + CIRCUIT + "circuit(np.zeros(n))\n"
    sources = list(read_python_files([PythonFile(good, "a.py"), PythonFile("x = 1", "b.py")], execute=True))
    assert [len(s.circuits) for s in sources] == [1, 0]


# -- reading without running


def test_without_execution_nothing_runs_and_the_tree_still_speaks() -> None:
    text = HEAD + CIRCUIT + "w = np.random.uniform(0, 2 * np.pi, n)\ncircuit(w)\n# ansatzlint: ignore[AL101]\n"
    source = read(text, execute=False)
    assert not source.circuits
    (unread,) = source.unread
    assert unread.reason.startswith("not traced")
    assert "--no-import" in unread.reason
    assert len(source.draws) == 1
    assert len(source.comments) == 1


@pytest.mark.parametrize("text", ["", "x = 1\n", "import numpy\nprint('pennylane')\n", "'''import pennylane'''\n"])
def test_a_file_that_imports_neither_library_is_empty(text: str) -> None:
    source = read(text)
    assert source == Source(path="program.py", lines=source.lines)


@pytest.mark.parametrize(
    "imported",
    ["import pennylane as qp", "from pennylane import qnode", "def f():\n    import pennylane", "import qiskit"],
)
def test_an_import_at_any_depth_counts(imported: str) -> None:
    from ansatzlint.readers.python.document import parse_file
    from ansatzlint.readers.python.syntax import imports_library

    assert imports_library(parse_file(imported + "\n", "p.py"))


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [("import pennylane\ndef f(:\n", 2, 7), ("x = (\n", 1, 5), ("\ta\n b\n", 1, 1), ("x = 1\0", 1, 1)],
)
def test_a_syntax_error_has_its_place(text: str, line: int, column: int) -> None:
    source = read_python(text, path="p.py", folder=None, execute=True)
    (error,) = source.errors
    assert (error.line, error.column) == (line, column)
    assert "\n" not in str(error)


def test_deep_nesting_and_gigantic_lines_are_refused_in_one_line() -> None:
    for text in ("(" * 5000 + ")" * 5000, "x = " + "-" * 200_000 + "1", "import pennylane\nx = '" + "a" * 10**7 + "'"):
        source = read_python(text, path="p.py", folder=None, execute=True)
        (error,) = source.errors
        assert len(str(error)) < 300


@pytest.mark.parametrize(
    "data",
    [
        ("\ufeff" + HEAD + CIRCUIT + "circuit(np.zeros(n))\n").encode(),
        (HEAD + CIRCUIT + "circuit(np.zeros(n))\n").replace("\n", "\r\n").encode(),
        ("# -*- coding: latin-1 -*-\n# é\n" + HEAD + CIRCUIT + "circuit(np.zeros(n))\n").encode("latin-1"),
    ],
)
def test_encodings_and_line_ends(data: bytes, tmp_path: Path) -> None:
    from ansatzlint.readers import read_source

    (tmp_path / "p.py").write_bytes(data)
    source = read_source(tmp_path / "p.py")
    assert names(source) == ["circuit"]
    gate = source.circuits[0].gates[0]
    assert gate.location is not None
    assert source.line(gate.location) == "        qml.RY(w[i], wires=i)"


def test_a_missing_progress_bar_is_no_obstacle(monkeypatch: pytest.MonkeyPatch) -> None:
    source = read(
        HEAD + "import sys\nsys.path[:] = [p for p in sys.path if 'tqdm' not in p]\nfrom tqdm import tqdm, trange\n"
        "terms = []\nfor i in tqdm(range(2), desc='fill'):\n    terms.append(qml.Z(i))\nH = qml.sum(*terms)\n"
        + CIRCUIT.replace("qml.Z(0)", "H") + "for k in trange(3):\n    circuit(np.zeros(n))\n"
    )  # fmt: skip
    assert str(observable(source)) == "Z0 + Z1"


def test_display_libraries_are_stand_ins_whatever_is_done_with_them() -> None:
    source = read(
        HEAD + "import matplotlib.pyplot as plt\nfrom IPython.display import display\nimport seaborn as sns\n"
        "class Model:\n    def __init__(self):\n        self.fig, self.ax = plt.subplots(figsize=(3, 4))\n"
        "        sns.set_theme()\n        with plt.style.context('dark'):\n            self.ax[0].plot([1])\n"
        "    @qml.qnode(dev)\n    def f(w):\n        qml.RX(w, wires=0)\n        return qml.expval(qml.Z(0))\n"
        "model = Model()\nModel.f(0.3)\n"
    )
    assert names(source) == ["f"], reasons(source)


def test_a_cell_may_await() -> None:
    angle = "async def angle():\n    return 0.3\n"
    call = "circuit([first] * n)\n"
    source = read(notebook(angle, "first = await angle()\n", HEAD + CIRCUIT + call), path="model.ipynb")
    assert [p.value for p in source.circuits[0].parameters] == [0.3] * 3
    assert not source.unread


def test_a_cell_that_is_indented_as_a_whole_is_read_as_jupyter_does() -> None:
    source = read(notebook("    " + HEAD.replace("\n", "\n    "), CIRCUIT, "  circuit(np.zeros(n))"), path="work.ipynb")
    assert not source.errors
    assert names(source) == ["circuit"]
