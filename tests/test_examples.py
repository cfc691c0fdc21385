"""Every file of examples/ yields what its first lines say, and runs as a program."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest
from expectations import expected

from ansatzlint.config import Config
from ansatzlint.linter import Report, lint_sources
from ansatzlint.readers import read_sources

pytestmark = pytest.mark.xdist_group("examples")  # what one worker has linted serves all of them

FOLDER = Path(__file__).parent.parent / "examples"
FILES = sorted(p for p in FOLDER.iterdir() if p.suffix in (".py", ".qasm", ".ipynb"))
MEASUREMENTS = FOLDER / "gradient_variance_of_real_ansatze.py"
"""Builds its circuits as it goes: nothing in it is there to be linted."""
DASK = FOLDER / "predictor_on_dask.py"
"""Labels circuits that the package draws."""
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
    assert bool(report.circuits) == (file not in (MEASUREMENTS, DASK))


def test_shared_angles_are_one_parameter() -> None:
    qaoa = reports()[FOLDER / "qaoa_maxcut.py"]
    assert {(c.name, c.qubits, c.parameters) for c in qaoa.circuits} == {("cost", 6, 6), ("probabilities", 6, 6)}
    qcnn = reports()[FOLDER / "qcnn.py"]
    assert [(c.name, c.qubits, c.parameters) for c in qcnn.circuits] == [("model", 8, 18)]


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


def measurements() -> ModuleType:
    spec = spec_from_file_location("measurements", MEASUREMENTS)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up there
    spec.loader.exec_module(module)
    return module


def test_the_measurements_run_as_a_program(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(MEASUREMENTS), "--sizes", "4", "6", "--samples", "4096"],
        cwd=tmp_path, capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    header, *lines = done.stdout.splitlines()
    assert header.split()[:3] == ["cost", "family", "qubits"]
    # Two costs and two sizes of three families, and of the third with its data averaged.
    assert len(lines) == 2 * 2 * 4
    assert {line.split()[4] for line in lines} >= {"exact", "statevector"}
    assert done.stderr == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_dask_cluster_labels_circuits(tmp_path: Path) -> None:
    pytest.importorskip("distributed", reason="Dask is not installed")
    done = subprocess.run(
        [sys.executable, str(DASK), "labels", "--count", "3", "--workers", "1"],
        cwd=tmp_path, capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    assert done.stdout.startswith("3 circuits labelled, ")
    assert (tmp_path / "labels" / "labels-000000.npz").exists()


@pytest.mark.parametrize("cost", ["local-z", "global-z", "projector"])
@pytest.mark.parametrize("qubits", [2, 5])
def test_averaged_data_leave_second_moments_alone(cost: str, qubits: int) -> None:
    """Both sides answer with intervals; the drawn angles of the one are no part of the other's exact value."""
    module = measurements()
    drawn = module.measure(module.neural_network(qubits), cost, "qnn", "built", 4096)
    averaged = module.measure(module.averaged_network(qubits), cost, "qnn", "averaged", 4096)
    assert drawn.method == "statevector"
    assert averaged.method == "exact"
    for ours, (_, low, high) in ((averaged.median, drawn.median), (averaged.largest, drawn.largest)):
        slack = (high - low) / 2
        assert low - slack <= ours[0] <= high + slack


@pytest.mark.parametrize("family", ["vqe_real_amp", "vqe_su2", "qnn"])
def test_circuits_are_built_as_they_stand_in_the_corpus(family: str) -> None:
    corpus = os.environ.get("ANSATZLINT_CORPUS")
    if not corpus:
        pytest.skip("ANSATZLINT_CORPUS names no folder of circuits")
    module = measurements()
    found = [module.circuit_of(family, qubits, Path(corpus))[1] for qubits in (4, 10, 50)]
    assert found == ["read"] * 3


def test_a_plot_is_drawn(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    module = measurements()
    sure, guess = (0.02, 0.01, 0.03), (0.5, 0.4, 0.6)
    points = [
        module.Point("local-z", "qnn", 4, "read", "statevector", sure, sure, 1e-6, 0.1),
        module.Point("local-z", "qnn", 50, "read", "surrogate", guess, guess, 1e-6, 0.1),
        module.Point("local-z", "qnn", 50, "averaged", "sampled", (0.0, 0.0, 1e-4), (0.0, 0.0, 1e-4), 1e-6, 0.1),
    ]
    assert [p.origin for p in module.best_of(points)] == ["read", "averaged"]
    file = tmp_path / "plot.svg"
    module.draw(points, str(file))
    drawn = file.read_text(encoding="utf-8")
    assert "<!-- surrogate (no proof) -->" in drawn
    assert "<!-- local cost, mean of Z -->" in drawn
