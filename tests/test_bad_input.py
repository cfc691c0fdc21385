"""Bad input on the command line: one clear line for each, naming file and place; the other files are still linted."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

GOOD = """OPENQASM 3.0;
include "stdgates.inc";
input float[64] a;
input float[64] b;
qubit[2] q;
ry(a) q[0];
ry(b) q[1];
cx q[0], q[1];
"""
HEAD = 'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[2];\n'

OPENQASM = {
    "empty": ("", "is empty"),
    "binary": ("\0\1\2", "is binary"),
    "syntax": (HEAD + "rx(0.3 q[0];\n", ":4:"),
    "semicolon": (HEAD + "h q[0]\nh q[1];\n", ":"),
    "unknown": (HEAD + "hh q[0];\n", ":4:1: unknown gate 'hh'"),
    "range": (HEAD + "h q[7];\n", ":4:"),
    "twice": (HEAD + "qreg q[3];\n", ":4:"),
    "same_qubit": (HEAD + "cx q[0],q[0];\n", ":4:"),
    "outside": (HEAD + 'include "../secret.inc";\n', ":4:"),
    "missing_include": (HEAD + 'include "none.inc";\n', ":4:"),
    "nesting": (HEAD + f"rx({'(' * 20_000}1{')' * 20_000}) q[0];\n", ":4:"),
    "division": (HEAD + "rx(1/0) q[0];\n", ":4:"),
    "comment": (HEAD + "/* never closed\n", ":4:"),
    "huge_register": ("OPENQASM 2.0;\nqreg q[99999999999999];\n", ":2:"),
    "version": ("OPENQASM 7.0;\nqubit q;\n", ":1:"),
    "loop": ("OPENQASM 3.0;\nqubit q;\nfor int i in [0:1000000000000] { U(0.1,0,0) q; }\n", ":3:"),
}


def check(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ansatzlint", "check", "--isolated", "--output-format", "concise", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=300)


@pytest.fixture(scope="module")
def openqasm(tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[str]:
    folder = tmp_path_factory.mktemp("bad")
    for name, (text, _) in OPENQASM.items():
        (folder / f"{name}.qasm").write_text(text)
    (folder / "circular.qasm").write_text(HEAD + 'include "circular.qasm";\n')
    (folder / "latin.qasm").write_bytes(HEAD.encode() + b"// \xe9\n")
    (folder / "giant.qasm").write_text(HEAD + "h q[0];" * 50_000 + "/*" + "x" * 10_000_000 + "*/")
    (folder / "linked.qasm").symlink_to("linked.qasm")
    (folder / "good.qasm").write_text(GOOD)
    return check(folder, ".")


@pytest.mark.parametrize("name", [*OPENQASM, "circular", "latin", "linked"])
def test_one_line_with_the_place(openqasm: subprocess.CompletedProcess[str], name: str) -> None:
    lines = [line for line in openqasm.stderr.splitlines() if f"{name}.qasm" in line.split(": ")[1]]
    assert len(lines) == 1
    others = {"circular": ":4:", "latin": ":4", "linked": "cannot be read"}
    expected = others[name] if name in others else OPENQASM[name][1]
    assert lines[0].startswith(f"error: {name}.qasm")
    assert expected in lines[0]
    assert len(lines[0]) < 300


def test_nothing_else_is_said_and_the_good_file_is_linted(openqasm: subprocess.CompletedProcess[str]) -> None:
    assert openqasm.returncode == 2
    assert "Traceback" not in openqasm.stderr
    assert len(openqasm.stderr.splitlines()) == len(OPENQASM) + 3
    # good.qasm, and the giant line of fixed gates, which is no ansatz
    assert "AL902" in openqasm.stdout
    assert "in 2 circuits" in openqasm.stdout.splitlines()[-1]


PYTHON = {
    "exits": ("import sys\nn = sys.exit(3)\n", "AL902"),
    "raises": ("n = int(\"no luck\")\n", "AL902"),
    "missing_module": ("import not_installed_anywhere\nn = not_installed_anywhere.n\n", "AL902"),
    "forks": ("import os\nn = os.fork()\n", ""),
    "dies": ("import os\nn = os._exit(1)\n", "AL902"),
    "prints": ("print('I am noisy')\n", ""),
    "writes": ("open('here.txt', 'w').write('x')\nn = 2\n", ""),
}
CIRCUIT = """import pennylane as qml
{before}
wires = 2 if 'n' not in globals() else n * 0 + 2
@qml.qnode(qml.device("default.qubit", wires=2))
def circuit(a):
    qml.RY(a, wires=wires - 2)
    qml.CNOT(wires=[0, 1])
    return qml.expval(qml.Z(1))
circuit(0.3)
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    folder = tmp_path_factory.mktemp("bad")
    for name, (before, _) in PYTHON.items():
        (folder / f"{name}.py").write_text(CIRCUIT.format(before=before))
    (folder / "syntax.py").write_text("import pennylane\ndef f(:\n")
    (folder / "notebook.ipynb").write_text("{not json")
    for sub in ("one", "two"):
        (folder / sub).mkdir()
        (folder / sub / "same.py").write_text(CIRCUIT.format(before=""))
    (folder / "good.qasm").write_text(GOOD)
    return folder, check(folder, ".")


@pytest.mark.parametrize("name", PYTHON)
def test_python_that_misbehaves_yields_its_circuit_or_a_reason(
    python: tuple[Path, subprocess.CompletedProcess[str]], name: str
) -> None:
    _, done = python
    assert f"error: {name}.py" not in done.stderr
    if PYTHON[name][1]:
        (line,) = [line for line in done.stdout.splitlines() if line.startswith(f"{name}.py")]
        assert "info AL902 not-evaluated: " in line


def test_python_that_cannot_be_parsed_is_an_error_with_its_place(
    python: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    _, done = python
    errors = done.stderr.splitlines()
    assert done.returncode == 2
    assert [e.split(": ")[1].split(":")[0] for e in errors] == ["notebook.ipynb", "syntax.py"]
    assert "syntax.py:2:7" in done.stderr


def test_nothing_is_printed_or_written_by_the_circuits(
    python: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    folder, done = python
    assert "noisy" not in done.stdout + done.stderr
    assert not (folder / "here.txt").exists()
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    file = tmp_path / "locked.qasm"
    file.write_text(GOOD)
    file.chmod(0)
    assert "may not be read" in check(tmp_path, "locked.qasm").stderr
