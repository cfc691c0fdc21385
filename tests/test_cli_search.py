"""`ansatzlint search`: what it prints and writes, and what it says of input that cannot be meant."""

from __future__ import annotations

import json
import runpy
from pathlib import Path

import numpy as np
import pytest

import ansatzlint as al
from ansatzlint import cli, codec
from ansatzlint.architecture.result import Progress
from ansatzlint.report.search import render_progress

FAMILIES = "finite-light-cone,real-amplitudes"


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as exited:
        cli.main(["search", *arguments])
    return int(str(exited.value.code))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a search wrote."""
    made = tmp_path_factory.mktemp("search") / "found"
    options = ["--qubits", "3", "--trials", "8", "--families", FAMILIES, "--max-depth", "9", "--output", str(made)]
    assert run(*options) == 0
    return made


def test_the_front_is_written_as_data(folder: Path) -> None:
    front = json.loads((folder / "front.json").read_text())
    assert front["schema"] == 1
    assert front["finished"] == 8
    for winner in front["pareto"]:
        figure = winner["figures"]["log10_gradient"]
        assert figure["source"] in ("exact", "sampled")
        assert figure["lower"] <= figure["value"] <= figure["upper"]
        assert winner["sizes"]["depth"] <= 9


def test_every_winner_has_its_files(folder: Path) -> None:
    front = json.loads((folder / "front.json").read_text())
    winners = sorted(path for path in folder.iterdir() if path.is_dir())
    assert [path.name for path in winners] == [f"{k:02d}-{w['family']}" for k, w in enumerate(front["pareto"], 1)]
    for winner in winners:
        names = {path.name for path in winner.iterdir()}
        assert names == {"circuit.py", "circuit.qasm", "circuit.json", "lint.txt"}


def test_a_winner_read_back_has_the_gradients_that_were_promised(folder: Path) -> None:
    front = json.loads((folder / "front.json").read_text())
    place = folder / f"01-{front['pareto'][0]['family']}"
    winner = json.loads((place / "circuit.json").read_text())
    law = codec.loads(json.dumps(winner["circuit"])).initialisation
    v = al.gradient_variance(al.read(str(place / "circuit.qasm")), init=law)
    figure = winner["figures"]["log10_gradient"]
    assert figure["source"] == "exact"
    assert np.median(v.mean_square[v.live]) == pytest.approx(10 ** figure["value"], rel=1e-9)


def test_a_winner_says_how_far_its_generators_carry_the_cost(folder: Path) -> None:
    winner = json.loads(next(iter(sorted(folder.glob("01-*/circuit.json")))).read_text())
    assert 0 <= winner["orbit"]["log2_largest"] <= winner["orbit"]["log2_all"] == 2 * winner["sizes"]["qubits"]


def test_a_winner_is_a_program_that_runs(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program = next(iter(sorted(folder.glob("01-*/circuit.py"))))
    runpy.run_path(str(program), run_name="__main__")
    assert -1.0 <= float(capsys.readouterr().out.split()[-1]) <= 1.0


def test_pictures_are_pictures(folder: Path) -> None:
    assert (folder / "front.png").read_bytes().startswith(b"\x89PNG")
    assert "<svg" in (folder / "front.svg").read_text()


def test_going_on_needs_resume_and_replaces_the_winners(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--qubits", "3", "--families", FAMILIES, "--max-depth", "9", "--output", str(folder)]
    (folder / "99-gone").mkdir()
    (folder / "99-gone" / "circuit.json").write_text("{}")
    assert run(*options, "--trials", "9") == 2
    assert "--resume" in capsys.readouterr().err
    assert run(*options, "--trials", "9", "--resume") == 0
    assert "9 trials" in capsys.readouterr().out
    assert not (folder / "99-gone").exists()


@pytest.mark.parametrize(("arguments", "says"), [
    (["--qubits", "3", "--trials", "0"], "trials must be"),
    (["--trials", "2"], "number of qubits is missing"),
    (["--qubits", "3", "--families", "nope"], "unknown family"),
    (["--qubits", "3", "--jobs", "0"], "leaves nobody"),
    (["--qubits", "3", "--shots", "many"], "shots must be"),
    (["--qubits", "3", "--hamiltonian", "no.txt"], "no such file"),
    (["--qubits", "3", "--storage", "nosuch://x"], "no storage"),
])  # fmt: skip
def test_what_cannot_be_meant_is_said_in_one_line_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    arguments: list[str], says: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert run(*arguments) == 2
    errors = capsys.readouterr().err
    assert says in errors
    assert errors.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_no_feasible_circuit_exits_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--qubits", "3", "--trials", "2", "--families", "real-amplitudes", "--max-depth", "1"]
    assert run(*options, "--output", str(tmp_path / "x")) == 2
    assert "'depth' excludes most" in capsys.readouterr().err


def test_the_bar_keeps_to_the_width_and_names_the_best() -> None:
    progress = Progress(30, 120, 20, 7, "qcnn: log10_gradient -2.1", 60.0)
    assert render_progress(progress, 200) == (
        "[#####---------------] 30/120, 20 feasible, 7 on the front, 1:00 + 3:00; best qcnn: log10_gradient -2.1"
    )
    assert len(render_progress(progress, 40)) == 40
