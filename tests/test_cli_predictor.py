"""`ansatzlint predictor`: a folder is built, models are fitted, scored and asked; mistakes are one line."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from ansatzlint.cli import main
from ansatzlint.predictor.regressor import PlateauClassifier, TrainabilityRegressor
from ansatzlint.predictor.sources import fit

CIRCUIT = 'OPENQASM 3.0;\ninclude "stdgates.inc";\nqubit[{n}] q;\n{body}'


class Result:
    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err


def few_trees(monkeypatch: pytest.MonkeyPatch) -> None:
    for learner in (TrainabilityRegressor, PlateauClassifier):
        name = f"ansatzlint.predictor.regressor.{learner.__name__}"
        monkeypatch.setattr(name, partial(learner, iterations=4, folds=2))


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Runs the command line in an empty folder, with learners of few trees."""
    monkeypatch.chdir(tmp_path)
    few_trees(monkeypatch)

    def run(*arguments: str) -> Result:
        with pytest.raises(SystemExit) as stopped:
            main(["predictor", *arguments])
        captured = capsys.readouterr()
        return Result(int(stopped.value.code or 0), captured.out, captured.err)

    return run


def circuit(turns: int) -> str:
    return CIRCUIT.format(n=2, body="".join(f"rx(0.{k + 1}) q[{k % 2}];\ncx q[0], q[1];\n" for k in range(turns)))


@pytest.fixture
def labels(tmp_path: Path) -> str:
    """Thirty circuits of one to six turns; the label is the number of turns."""
    lines = [json.dumps({"qasm": circuit(1 + k % 6), "turns": 1 + k % 6}) for k in range(30)]
    (tmp_path / "labels.jsonl").write_text("\n".join(lines) + "\n")
    return "labels.jsonl"


def test_own_labels_are_fitted_and_scored_with_their_protocol(run, labels: str) -> None:
    found = run("fit", labels, "-o", "own.npz", "--seed", "3")
    assert (found.code, found.err) == (0, "")
    assert "Labels 'turns'" in found.out
    assert "5 random folds (seed 3)" in found.out
    assert found.out.splitlines()[-1].startswith("own.npz: label; ")
    assert Path("own.npz").stat().st_size > 0


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The file that `predictor fit labels.jsonl` writes."""
    folder = tmp_path_factory.mktemp("fitted")
    lines = [json.dumps({"qasm": circuit(1 + k % 6), "turns": 1 + k % 6}) for k in range(30)]
    (folder / "labels.jsonl").write_text("\n".join(lines) + "\n")
    with pytest.MonkeyPatch.context() as patch:
        few_trees(patch)
        fit(str(folder / "labels.jsonl")).keep(folder / "own.npz")
    return (folder / "own.npz").read_bytes()


@pytest.fixture
def own(tmp_path: Path, fitted: bytes) -> str:
    """A model of the user's own, fitted on what `labels` holds."""
    (tmp_path / "own.npz").write_bytes(fitted)
    return "own.npz"


def test_own_models_predict_circuits_without_labels(run, own: str) -> None:
    Path("new.jsonl").write_text(json.dumps({"qasm": circuit(2)}) + "\n\n" + json.dumps({"qasm": circuit(5)}) + "\n")
    found = run("evaluate", "new.jsonl", "--model", "own.npz", "-o", "predictions.jsonl")
    assert (found.code, found.err) == (0, "")
    small, large = map(json.loads, Path("predictions.jsonl").read_text().splitlines())
    assert (small["line"], large["line"]) == (1, 3)
    assert small["lower"] <= small["predicted"] <= small["upper"]
    assert small["predicted"] < large["predicted"]
    assert small["in_domain"]
    assert small["outside"] == []


def test_a_circuit_unlike_the_learned_ones_is_outside(run, own: str) -> None:
    Path("new.jsonl").write_text(json.dumps({"qasm": CIRCUIT.format(n=7, body="rx(0.1) q[6];\n")}) + "\n")
    run("evaluate", "new.jsonl", "--model", "own.npz", "-o", "predictions.jsonl")
    (found,) = map(json.loads, Path("predictions.jsonl").read_text().splitlines())
    assert not found["in_domain"]
    assert any("qubits is 7, learned at 2 only" in words for words in found["outside"])


def test_scores_on_the_rows_of_the_fit_are_called_that(run, labels: str, own: str) -> None:
    assert "how well it remembers" in run("evaluate", labels, "--model", "own.npz").out.replace("\n  ", " ")


def test_evaluate_prints_json_and_writes_a_card_and_held_out_predictions(run, labels: str) -> None:
    found = run("evaluate", labels, "--format", "json", "--card", "CARD.md", "-o", "predictions.jsonl")
    page = json.loads(found.out)
    assert page["schema"] == 1
    (scores,) = [t for t in page["evaluations"][0]["tables"] if t["name"] == "Scores"]
    assert {row["score"] for row in scores["rows"]} >= {"Spearman", "R²", "90 % interval covers"}
    assert Path("CARD.md").read_text(encoding="utf-8").startswith("# Model card\n")
    lines = [json.loads(line)["line"] for line in Path("predictions.jsonl").read_text().splitlines()]
    assert lines == list(range(1, 31))


def test_a_folder_is_built_grows_and_keeps_what_it_holds(run) -> None:
    assert "files written: 2" in run("build", "-o", "data", "--count", "4").out
    again = run("build", "-o", "data", "--count", "4")
    assert "files written: 0" in again.out
    assert again.err == ""
    grown = run("build", "-o", "data", "--count", "6")
    assert grown.code == 0
    other = run("build", "-o", "data", "--count", "6", "--seed", "1")
    assert other.code == 2
    assert "holds the head 'gradients' with seed 0; use another folder" in other.err


def test_a_stopped_build_says_what_is_kept(run, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("ansatzlint.predictor.dataset.build", stopped)
    found = run("build", "-o", "data", "--count", "4")
    assert found.code == 130
    assert found.err.splitlines()[0] == "data: finished files are kept; the same command goes on from them"


@pytest.fixture
def built(tmp_path: Path) -> str:
    """A small folder of labels and features, as `build` and `load` leave it, without the physics."""
    from ansatzlint import features

    rng = np.random.default_rng(0)
    rows, width = 200, len(features.names())
    table = rng.random((rows, width)).astype(np.float32)
    size = -4 * table[:, features.names().index("log10_belief_largest")].astype(np.float64)
    table[:, features.names().index("log10_belief_largest")] = size
    columns = {
        "index": np.arange(rows), "group": rng.choice(["brickwork", "random", "trees"], rows),
        "kind": np.full(rows, "family"), "qubits": rng.choice([4, 8, 24], rows), "parameters": np.full(rows, 5),
        "barren": (size < -2).astype(np.int8), "method": np.full(rows, "exact"), "seconds": np.ones(rows),
    }  # fmt: skip
    for name, value in (("largest", size), ("median", size - 1), ("shots", -size)):
        columns |= {f"log10_{name}": value, f"log10_{name}_lower": value - 0.1, f"log10_{name}_upper": value + 0.1}
    folder = tmp_path / "built"
    folder.mkdir()
    (folder / "recipe.json").write_text(json.dumps({"schema": 1, "head": "gradients", "seed": 0, "count": rows}))
    np.savez(folder / "labels-000000.npz", **columns)
    np.savez(
        folder / f"features-{features.VERSION}-000000.npz",
        index=columns["index"], features=table, names=np.array(features.names()),
    )  # fmt: skip
    return "built"


def test_the_heads_models_are_fitted_from_a_folder(run, built: str) -> None:
    found = run("fit", built, "-o", "gradients.npz")
    assert (found.code, found.err) == (0, "")
    assert "gradients.npz: barren, largest, median, shots; " in found.out
    assert "folds of whole groups of families (seed 0)" in found.out.replace("\n  ", " ")
    scored = run("evaluate", built, "--model", "gradients.npz")
    assert "gradients.npz (largest) predicted 200 labelled rows" in scored.out.replace("\n  ", " ")


def test_a_folder_is_judged_by_all_protocols_and_the_card_says_so(run, built: str) -> None:
    found = run("evaluate", built, "--card", "CARD.md")
    assert (found.code, found.err) == (0, "")
    card = Path("CARD.md").read_text(encoding="utf-8")
    assert card.startswith("# Model card: the learned trainability predictor\n")
    for name in (
        "Largest gradient, leave-group-out", "Largest gradient, larger circuits", "Barren plateau, leave-group-out",
        "Beside simple rules, leave-group-out", "Permutation importance", "Where it is wrong",
    ):  # fmt: skip
        assert f"### {name}" in card
        assert name in found.out


MISTAKES = {
    "no source": (("fit", "none.jsonl"), "none.jsonl: no such file; check the path"),
    "an empty file": (("fit", "empty.jsonl"), "empty.jsonl: holds no label"),
    "few labels": (("fit", "two.jsonl"), "two.jsonl: holds 2 labelled circuits; give at least 10"),
    "an ordinary folder": (("fit", "."), "is no data set; run `ansatzlint predictor build`"),
    "a target of a folder": (("fit", ".", "--target", "x"), "--target names a key of a file of labels"),
    "no worker": (("build", "-o", "d", "--jobs", "0"), "--jobs 0 leaves nobody to work"),
    "options without a source": (("evaluate", "--format", "json"), "a SOURCE is missing"),
    "predictions for a folder": (("evaluate", ".", "-o", "x"), "-o writes the predictions for one file of labels"),
    "no model": (("evaluate", "two.jsonl", "--model", "none.npz"), "none.npz: no such file"),
    "rows of a model": (("evaluate", "two.jsonl", "--model", "m.npz", "--rows", "500"), "--rows is for fitting"),
    "circuits all alike": (("fit", "alike.jsonl"), "alike.jsonl: has the same features in all its circuits"),
    "a folder for a model": (("fit", "two.jsonl", "-o", "."), ".: is a folder; name a file in it"),
    "no folder for a card": (("evaluate", "two.jsonl", "--card", "a/CARD.md"), "a/CARD.md: cannot be written: there"),
    "something else for a model": (("evaluate", "two.jsonl", "--model", "two.jsonl"), "`ansatzlint predictor fit`"),
}


@pytest.mark.parametrize(("arguments", "said"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_one_line_and_exits_with_2(run, tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    (tmp_path / "empty.jsonl").write_text("")
    (tmp_path / "two.jsonl").write_text("\n".join(json.dumps({"qasm": circuit(k), "label": k}) for k in (1, 2)))
    (tmp_path / "alike.jsonl").write_text("\n".join(json.dumps({"qasm": circuit(1), "label": k}) for k in range(12)))
    found = run(*arguments)
    assert found.code == 2
    assert found.out == ""
    assert said in found.err
    assert len(found.err.splitlines()) == 1


def test_a_model_of_something_else_says_nothing_of_a_folder(run, built: str, own: str) -> None:
    found = run("evaluate", built, "--model", "own.npz")
    assert (found.code, found.out) == (2, "")
    assert "own.npz holds models of labels, which say nothing of a folder of the head 'gradients'" in found.err


def test_models_of_other_features_are_refused_with_the_remedy(
    run, labels: str, own: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ansatzlint.features.VERSION", -1)
    found = run("evaluate", labels, "--model", "own.npz")
    assert found.code == 2
    assert "fitted on features of version" in found.err
    assert "`ansatzlint predictor fit`" in found.err
