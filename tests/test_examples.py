"""Every file of examples/ yields what its first lines say, and runs as a program."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest
from expectations import expected

from ansatzlint.config import Config
from ansatzlint.linter import Report, lint_sources
from ansatzlint.readers import read_sources

FOLDER = Path(__file__).parent.parent / "examples"
FILES = sorted(p for p in FOLDER.iterdir() if p.suffix in (".py", ".qasm", ".ipynb"))
HAS_QISKIT = find_spec("qiskit") is not None


@cache
def reports() -> dict[Path, Report]:
    files = [f for f in FILES if HAS_QISKIT or not needs_qiskit(f)]
    return {f: lint_sources([source], Config()) for f, source in zip(files, read_sources(files), strict=True)}


def needs_qiskit(file: Path) -> bool:
    return file.suffix == ".py" and "qiskit" in file.read_text(encoding="utf-8")


def test_there_are_examples_of_every_kind() -> None:
    assert len(FILES) >= 8
    text = {f: f.read_text(encoding="utf-8") for f in FILES}
    assert any("OPENQASM 2" in t for t in text.values())
    assert any("OPENQASM 3" in t for t in text.values())
    assert any("import pennylane as qml" in t for t in text.values())
    assert any("import pennylane as qp" in t for t in text.values())
    assert any("from qiskit" in t for t in text.values())


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.name)
def test_an_example_yields_what_it_says(file: Path) -> None:
    if needs_qiskit(file) and not HAS_QISKIT:
        pytest.skip("Qiskit is not installed")
    wanted = expected(file)
    assert wanted is not None, f"{file.name} does not say what it expects"
    report = reports()[file]
    assert not report.errors
    assert sorted(d.code for d in report.diagnostics) == wanted
    assert report.circuits


def test_shared_angles_are_one_parameter() -> None:
    qaoa = reports()[FOLDER / "qaoa_maxcut.py"]
    assert {(c.name, c.qubits, c.parameters) for c in qaoa.circuits} == {("cost", 6, 6), ("probabilities", 6, 6)}
    qcnn = reports()[FOLDER / "qcnn.py"]
    assert [(c.name, c.qubits, c.parameters) for c in qcnn.circuits] == [("model", 8, 18)]
    ghz = reports()[FOLDER / "ghz_fidelity.qasm"]
    assert [(c.qubits, c.parameters) for c in ghz.circuits] == [(5, 6)]


def test_data_are_inputs_and_not_parameters() -> None:
    for name, parameters in (("data_reuploading.py", 24), ("variational_classifier.py", 12)):
        (summary,) = reports()[FOLDER / name].circuits
        assert summary.parameters == parameters


@pytest.mark.slow
@pytest.mark.parametrize("name", ["vqe_global_cost.py", "strongly_entangling.py"])
def test_an_example_runs_as_a_program(name: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(FOLDER / name)],
        cwd=tmp_path, capture_output=True, text=True, timeout=120, check=True, env={**os.environ},
    )  # fmt: skip
    assert "final" in done.stdout
    assert done.stderr == ""
    assert list(tmp_path.iterdir()) == []
