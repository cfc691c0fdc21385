"""The command line: formats, exit codes, selections, and one line for every mistake."""

from __future__ import annotations

import errno
import json
import subprocess
import sys
from pathlib import Path

import pytest

from ansatzlint.cli import main

N = 10
GLOBAL = "\n".join([
    "OPENQASM 3.0;", 'include "stdgates.inc";', "// ansatzlint: observable=global-z",
    *(f"input float[64] {letter}{q};" for letter in "ab" for q in range(N)),
    f"qubit[{N}] q;",
    *(f"rx(a{q}) q[{q}];" for q in range(N)), *(f"ry(b{q}) q[{q}];" for q in range(N)),
    *(f"cz q[{q}], q[{q + 1}];" for q in range(N - 1)), "",
])  # fmt: skip
CLEAN = GLOBAL.replace("observable=global-z", "observable=local-z")


class Result:
    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Runs the command line in an empty folder that holds global.qasm and clean.qasm."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "global.qasm").write_text(GLOBAL)
    (tmp_path / "clean.qasm").write_text(CLEAN)

    def run(*arguments: str) -> Result:
        with pytest.raises(SystemExit) as stopped:
            main(list(arguments))
        captured = capsys.readouterr()
        return Result(int(stopped.value.code or 0), captured.out, captured.err)

    return run


def test_clean_is_0_findings_1_and_mistakes_2(run) -> None:
    assert run("check", "clean.qasm").code == 0
    assert run("check", "global.qasm").code == 1
    assert run("check", "none.qasm").code == 2
    assert run("check", "clean.qasm", "--shots", "1").code == 1
    assert run("check", "clean.qasm", "--shots", "1", "--fail-on", "error").code == 0
    assert run("check", "--no-such-flag").code == 2


def test_what_cannot_be_read_does_not_stop_the_rest(run) -> None:
    Path("broken.qasm").write_text("OPENQASM 3.0;\nqubit[2] q;\nrx(0.1 q[0];\n")
    result = run("check", "broken.qasm", "none.qasm", "global.qasm", "--output-format", "concise")
    assert result.code == 2
    assert "AL101" in result.out
    errors = result.err.splitlines()
    assert errors[0].startswith("error: broken.qasm:3:")
    assert errors[1] == "error: none.qasm: no such file; check the path"
    assert len(errors) == 2


def test_concise_is_one_line_a_finding(run) -> None:
    result = run("check", "global.qasm", "--output-format", "concise")
    first, summary = result.out.splitlines()
    assert first.startswith("global.qasm:")
    assert " error AL101 global-cost: " in first
    assert summary == "1 error in 1 circuit"


def test_full_shows_the_place_the_evidence_the_remedy_and_the_source(run) -> None:
    out = run("check", "global.qasm").out
    assert out.startswith("error[AL101 global-cost]: ")
    assert "^" in out
    assert "= evidence: cost terms: Z0 Z1 Z2 Z3 Z4 Z5 Z6 Z7 Z8 Z9 on 10 qubits (exact)" in out
    assert "= help: " in out
    assert "arXiv:2001.00550" in out
    assert "initialisation assumed: uniform over [0, 2 pi)" in out


def test_json_has_the_documented_keys(run) -> None:
    data = json.loads(run("check", "global.qasm", "--output-format", "json").out)
    assert data["schema"] == 1
    (diagnostic,) = data["diagnostics"]
    assert diagnostic.keys() >= {
        "code", "name", "severity", "message", "path", "line", "column", "end_line", "end_column", "circuit",
        "qubits", "gates", "parameters", "evidence", "fix", "url",
    }  # fmt: skip
    assert (diagnostic["code"], diagnostic["severity"], diagnostic["qubits"]) == ("AL101", "error", list(range(N)))
    (circuit,) = data["circuits"]
    assert circuit.keys() >= {"path", "name", "qubits", "parameters", "depth", "two_qubit_gates", "verdict", "score"}
    assert (circuit["parameters"], circuit["two_qubit_gates"], circuit["verdict"]) == (2 * N, N - 1, "barren")
    assert data["not_evaluated"] == []


@pytest.mark.parametrize(
    ("flags", "fires"),
    [
        (("--select", "AL2"), False),
        (("--select", "global-cost"), True),
        (("--select", "AL2,AL101"), True),
        (("--ignore", "AL1"), False),
        (("--select", "AL2", "--extend-select", "AL101"), True),
        (("--observable", "local-z"), False),
        (("--observable", "Z0 + Z1"), False),
    ],
)
def test_selection_and_assumptions(run, flags: tuple[str, ...], fires: bool) -> None:
    assert ("AL101" in run("check", "global.qasm", *flags).out) is fires


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (("--select", "AL999"), "no rule matches 'AL999'"),
        (("--select", ""), "no rule matches ''"),
        (("",), "a PATH is empty"),
        (("--init", "gauss"), "unknown initialisation 'gauss'"),
        (("--noise", "depolarizing:1.5:0"), "must lie between 0 and 1"),
        (("--shots", "-3"), "shots must be a positive whole number"),
        (("--observable", "Z0 Z99"), "acts on qubit 99"),
        (("--observable", "Q0"), "cannot read the observable"),
        (("--config", "none.toml"), "none.toml: cannot be read"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(run, flags: tuple[str, ...], message: str) -> None:
    result = run("check", "global.qasm", *flags)
    assert result.code == 2
    assert message in result.err
    assert len(result.err.splitlines()) == 1


def test_the_output_goes_to_the_file(run) -> None:
    result = run("check", "global.qasm", "--output-format", "json", "-o", "out.json")
    assert (result.code, result.out) == (1, "")
    assert json.loads(Path("out.json").read_text())["diagnostics"][0]["code"] == "AL101"


def test_the_configuration_is_found_and_can_be_left_out(run) -> None:
    Path("pyproject.toml").write_text('[tool.ansatzlint]\nignore = ["AL101", "AL501"]\n')
    assert run("check", "global.qasm").code == 0
    assert run("check", "global.qasm", "--isolated").code == 1
    Path("pyproject.toml").write_text("[tool.ansatzlint]\nignroe = []\n")
    result = run("check", "global.qasm")
    assert result.code == 2
    assert "did you mean 'ignore'" in result.err


def test_one_circuit_of_a_file_by_name(run) -> None:
    assert run("check", "global.qasm::global").code == 1
    result = run("check", "global.qasm::other")
    assert result.code == 2
    assert "holds no circuit 'other'; there are: global" in result.err


def test_standard_input(run, monkeypatch: pytest.MonkeyPatch) -> None:
    import io

    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(GLOBAL.encode())))
    result = run("check", "-", "--stdin-filename", "here.qasm", "--output-format", "concise")
    assert result.code == 1
    assert result.out.startswith("here.qasm:")
    assert "needs --stdin-filename" in run("check", "-").err


def test_a_suppression_hides_and_an_unused_one_is_said(run) -> None:
    Path("hidden.qasm").write_text(GLOBAL + "// ansatzlint: ignore-file[AL101] on purpose\n")
    assert run("check", "hidden.qasm").code == 0
    Path("unused.qasm").write_text(CLEAN + "// ansatzlint: ignore-file[AL101, AL999] on purpose\n")
    out = run("check", "unused.qasm", "--output-format", "concise").out
    assert "AL901" in out
    assert "AL999" in out


def test_rules_and_explain(run) -> None:
    table = run("rules").out
    assert "AL101  global-cost" in table
    rows = json.loads(run("rules", "--format", "json").out)
    assert [row["code"] for row in rows] == sorted(row["code"] for row in rows)
    page = run("explain", "AL101").out
    assert page == run("explain", "global-cost").out
    assert page.startswith("# AL101 global-cost")
    missing = run("explain", "AL100")
    assert (missing.code, missing.out) == (2, "")
    assert "did you mean" in missing.err


def test_measure_prints_every_claim(run) -> None:
    table = run("measure", "global.qasm").out
    assert "entanglement graph (exact)" in table
    assert "q[0] - q[1]: 1 entangling gate in layer 1" in table
    data = json.loads(run("measure", "global.qasm", "--format", "json").out)
    claims = {claim["key"]: claim for claim in data["claims"]}
    assert claims["depth"]["value"] == N + 1
    assert claims["two_qubit_gates"] == {**claims["two_qubit_gates"], "value": N - 1, "source": "exact"}
    assert claims["gradient_variance"]["parameter"] == [f"{letter}{q}" for letter in "ab" for q in range(N)]
    for claim in claims.values():
        assert claim["value"] is not None or claim["reason"]
    assert claims.keys() >= {
        "gradient_variance", "gradient_variance_max", "gradient_mean_square", "cost_variance", "shots_per_gradient",
        "entangling_capability", "lie_algebra", "depth", "two_qubit_gates", "entanglement_graph",
        "predicted_log10_variance",
    }  # fmt: skip


def test_measure_draws_the_gradients_against_the_qubits(run) -> None:
    pytest.importorskip("matplotlib")
    result = run("measure", "clean.qasm", "--plot", "picture.svg")
    assert (result.code, result.err) == (0, "")
    assert Path("picture.svg").read_text().lstrip().startswith("<?xml")
    assert "polynomial" in result.out


@pytest.mark.parametrize(
    ("source", "path", "said"),
    [
        (CLEAN, "picture.pdf", "error: a picture is written as .png or .svg, not '.pdf'\n"),
        (CLEAN, "nowhere/picture.png", "error: nowhere/picture.png: cannot be written: no such file or directory\n"),
        (CLEAN.replace("local-z", "X0 X2 Z5"), "picture.png", "error: picture.png cannot be drawn: the circuit "),
    ],
)
def test_what_cannot_be_drawn_is_one_line(run, source: str, path: str, said: str) -> None:
    Path("a.qasm").write_text(source)
    result = run("measure", "a.qasm", "--plot", path)
    assert result.code == 2
    assert result.err.startswith(said)
    assert result.err.count("\n") == 1


def test_measure_of_nothing_is_one_line(run) -> None:
    Path("empty.py").write_text("x = 1\n")
    result = run("measure", "empty.py")
    assert result.code == 2
    assert result.err == "error: empty.py: holds no circuit that can be measured\n"


def test_small_openqasm_needs_no_heavy_library(tmp_path: Path) -> None:
    (tmp_path / "a.qasm").write_text(GLOBAL)
    code = (
        "import sys\nfrom ansatzlint.cli import main\n"
        "try:\n    main(['check', '--fast', '--isolated', 'a.qasm'])\n"
        "finally:\n"
        "    heavy = {'pennylane', 'optuna', 'sklearn', 'qiskit', 'scipy', 'numba'}\n"
        "    print(sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_closed_pipe_is_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "a.qasm").write_text(GLOBAL)
    line = f"{sys.executable} -m ansatzlint check --isolated a.qasm | true"
    done = subprocess.run(["bash", "-c", line], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("line", "code", "err"),
    [
        ("check --isolated a.qasm >&-", 1, ""),
        ("check --isolated a.qasm 2>&- >/dev/null", 1, ""),
        ("check --isolated a.qasm >/dev/full", 2, "error: the output cannot be written: no space left on device\n"),
    ],
)
def test_output_that_goes_nowhere_is_no_traceback(tmp_path: Path, line: str, code: int, err: str) -> None:
    (tmp_path / "a.qasm").write_text(GLOBAL)
    command = f"{sys.executable} -m ansatzlint {line}"
    done = subprocess.run(["bash", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=False)
    notes = [text for text in done.stderr.splitlines(True) if not text.startswith("note:")]
    assert ("".join(notes), done.returncode) == (err, code)


def test_a_broken_pipe_does_not_look_like_findings(run, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise BrokenPipeError(errno.EPIPE, "Broken pipe")

    monkeypatch.setattr("ansatzlint.linter.lint_sources", broken)
    monkeypatch.setattr("sys.stdout", sys.stdout)  # click wraps both where a pipe breaks
    monkeypatch.setattr("sys.stderr", sys.stderr)
    assert run("check", "global.qasm").code == 2


def test_odd_names(run, tmp_path: Path) -> None:
    result = run("check", f"{'y' * 5000}.qasm", f"{'y' * 5000}.qasm::a", "global.qasm")
    assert result.code == 2
    assert result.err.count("cannot be read: file name too long") == 2
    assert "AL101" in result.out
    (tmp_path / "a::b.qasm").write_text(GLOBAL)
    assert "circuit a::b" in run("check", "a::b.qasm::a::b").out


def test_a_bug_of_ours_does_not_look_like_findings(run, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr("ansatzlint.linter.lint_sources", broken)
    result = run("check", "global.qasm")
    assert result.code == 2
    assert "this is a bug in ansatzlint" in result.err
