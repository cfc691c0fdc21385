"""Diffs: they apply, and the changed file reads as the recommended circuit; where that fails there is none."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from ansatzlint.advice.changes import cost, topology
from ansatzlint.advice.patches import diff, law_text, same
from ansatzlint.advice.subject import Subject, started, without_unused
from ansatzlint.advice.values import Proposal
from ansatzlint.assumptions import Assumed, complete, state
from ansatzlint.circuit import Circuit
from ansatzlint.directives import declare
from ansatzlint.evidence import Effort, Evidence
from ansatzlint.evidence.gradients import truncated
from ansatzlint.families import FAMILIES
from ansatzlint.initialisation import Normal, Uniform, Zeros, parse_initialisation
from ansatzlint.readers.openqasm import read_openqasm
from ansatzlint.readers.python import read_python
from ansatzlint.source import Source

N = 4
EFFORT = Effort(None, 0, 10_000_000)
FLAT = "\n".join([
    "OPENQASM 3.0;", 'include "stdgates.inc";', "// ansatzlint: observable=global-z",
    *(f"input float[64] {letter}{q};" for letter in "abc" for q in range(N)),
    f"qubit[{N}] q;",
    *(line for letter in "abc" for line in (
        *(f"ry({letter}{q}) q[{q}];" for q in range(N)),
        *(f"cz q[{a}], q[{b}];" for a in range(N) for b in range(a + 1, N)),
    )), "",
])  # fmt: skip
LOOP = """OPENQASM 3.0;
include "stdgates.inc";
input array[float[64], 8] t;
qubit[4] q;
for uint k in [0:1] {
  for uint i in [0:3] { ry(t[4 * k + i]) q[i]; }
  for uint i in [0:2] { cz q[i], q[i + 1]; }
}
"""
PROGRAM = """import pennylane as qml
from pennylane import numpy as np

dev = qml.device("default.qubit", wires=2)


@qml.qnode(dev)
def energy(params):
    qml.RY(params[0], wires=0)
    qml.CNOT(wires=[0, 1])
    qml.RY(params[1], wires=1)
    return qml.expval(qml.Z(1))


np.random.seed(0)
params = {draw}
energy(params)
"""


def read(text: str) -> tuple[Source, Circuit]:
    source = read_openqasm(text, path="a.qasm")
    (circuit,) = declare(source)
    return source, complete(circuit)


def patched(text: str, patch: str, folder: Path) -> str:
    """The text with the patch, as the tool that everybody has applies it."""
    (folder / "a.qasm").write_text(text)
    subprocess.run(["patch", "-p1", "--quiet"], input=patch.encode(), cwd=folder, check=True)
    return (folder / "a.qasm").read_text()


def changed(kind: str, circuit: Circuit) -> Circuit:
    subject = Subject(Evidence(circuit, EFFORT), EFFORT)
    match kind:
        case "cost":
            (found,) = cost.propose(subject)
            assert isinstance(found, Proposal)
            return found.circuit
        case "initialisation":
            return started(circuit, Normal(0.05))
        case "depth":
            return without_unused(truncated(circuit, 1))
    return next(p.circuit for p in topology.propose(subject) if isinstance(p, Proposal))


@pytest.mark.parametrize("kind", ["cost", "initialisation", "depth", "topology"])
def test_the_patched_file_reads_as_the_recommended_circuit(kind: str, tmp_path: Path) -> None:
    source, before = read(FLAT)
    after = changed(kind, before)
    patch = diff(source, before, after)
    assert patch is not None
    _, again = read(patched(FLAT, patch, tmp_path))
    assert same(again, after)


def test_a_patch_touches_only_what_changes() -> None:
    source, before = read(FLAT)
    patch = diff(source, before, changed("topology", before))
    assert patch is not None
    lines = [line for line in patch.splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")]
    assert lines == ["-cz q[0], q[2];", "-cz q[1], q[3];"] * 3


def test_gates_of_a_loop_cannot_be_taken_out_one_by_one() -> None:
    source, before = read(LOOP)
    assert diff(source, before, changed("depth", before)) is None


def test_a_law_is_written_into_a_loop_all_the_same(tmp_path: Path) -> None:
    source, before = read(LOOP)
    after = changed("initialisation", before)
    patch = diff(source, before, after)
    assert patch is not None
    assert same(read(patched(LOOP, patch, tmp_path))[1], after)


def test_other_gates_are_no_patch() -> None:
    source, before = read(FLAT)
    other = replace(before, gates=tuple(replace(g) for g in before.gates[::-1]))
    assert diff(source, before, other) is None


def test_what_the_user_said_beside_the_source_still_holds() -> None:
    text = FLAT.replace("// ansatzlint: observable=global-z\n", "")
    source = read_openqasm(text, path="a.qasm")
    facts = Assumed(observable="global-z")
    before = complete(state(source.circuits[0], facts))
    after = changed("initialisation", before)
    assert diff(source, before, after, facts) is not None
    assert diff(source, before, after) is None


def test_a_new_comment_stands_below_the_head() -> None:
    source, before = read(FLAT.replace("// ansatzlint: observable=global-z\n", ""))
    patch = diff(source, before, changed("initialisation", before))
    assert patch is not None
    assert '\n include "stdgates.inc";\n+// ansatzlint: init=normal:0.05\n' in patch


@pytest.mark.parametrize(
    ("draw", "expected"),
    [
        ("np.random.uniform(0, 2 * np.pi, size=2)", "np.random.normal(0.0, 0.05, size=2)"),
        ("np.random.uniform(low=0, high=2 * np.pi, size=(2,))", "np.random.normal(loc=0.0, scale=0.05, size=(2,))"),
        ("np.random.normal(0, 3.0, 2)", "np.random.normal(0.0, 0.05, 2)"),
    ],
)
def test_a_draw_in_python_is_rewritten(draw: str, expected: str) -> None:
    text = PROGRAM.format(draw=draw)
    source = read_python(text, path="a.py", folder=None, execute=False)
    _, before = read(FLAT)
    patch = diff(replace(source, path="a.py"), before, started(before, Normal(0.05)))
    assert patch is not None
    assert f"-params = {draw}\n+params = {expected}\n" in patch


@pytest.mark.parametrize("draw", ["2 * np.pi * np.random.random(2)", "2 * np.pi * np.random.uniform(0, 1, 2)"])
def test_a_draw_that_cannot_be_rewritten_surely_is_left_alone(draw: str) -> None:
    source = read_python(PROGRAM.format(draw=draw), path="a.py", folder=None, execute=False)
    _, before = read(FLAT)
    assert diff(source, before, started(before, Normal(0.05))) is None


def test_a_circuit_with_parameters_of_other_names_has_no_diff() -> None:
    source = read_python(PROGRAM.format(draw="np.random.uniform(0, 6.3, 2)"), path="a.py", folder=None, execute=False)
    _, before = read(FLAT)
    other = complete(FAMILIES["real-amplitudes"].build(before.qubits, layers=1))
    assert {p.name for p in before.parameters} != {p.name for p in other.parameters}
    assert diff(source, before, other) is None


def test_other_changes_of_python_have_no_diff() -> None:
    source = read_python(PROGRAM.format(draw="np.random.uniform(0, 6.3, 2)"), path="a.py", folder=None, execute=False)
    _, before = read(FLAT)
    assert diff(source, before, changed("depth", before)) is None


@pytest.mark.parametrize("law", [Zeros(), Normal(0.1), Uniform(), Uniform(-0.5, 0.25)])
def test_laws_are_written_as_they_are_read(law: Zeros | Normal | Uniform) -> None:
    assert parse_initialisation(law_text(law)) == law
