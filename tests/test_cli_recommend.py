"""`ansatzlint recommend`, and the measured remedies in `check`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ansatzlint.advice import helping
from ansatzlint.advice.helping import with_measured_help
from ansatzlint.assumptions import Assumed, complete, state
from ansatzlint.cli import main
from ansatzlint.config import Config
from ansatzlint.diagnostic import Severity
from ansatzlint.families import FAMILIES
from ansatzlint.linter import Report, lint_sources
from ansatzlint.readers.openqasm import read_openqasm

N = 10
GLOBAL = "\n".join([
    "OPENQASM 3.0;", 'include "stdgates.inc";', "// ansatzlint: observable=global-z",
    *(f"input float[64] {letter}{q};" for letter in "ab" for q in range(N)),
    f"qubit[{N}] q;",
    *(f"rx(a{q}) q[{q}];" for q in range(N)), *(f"ry(b{q}) q[{q}];" for q in range(N)),
    *(f"cz q[{q}], q[{q + 1}];" for q in range(N - 1)), "",
])  # fmt: skip
QUICK = ("--kinds", "cost,initialisation", "--code", "diff")


class Result:
    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Runs the command line in an empty folder that holds global.qasm."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "global.qasm").write_text(GLOBAL)

    def run(*arguments: str) -> Result:
        with pytest.raises(SystemExit) as stopped:
            main(list(arguments))
        captured = capsys.readouterr()
        return Result(int(stopped.value.code or 0), captured.out, captured.err)

    return run


def test_the_best_change_comes_with_its_diff(run) -> None:
    result = run("recommend", "global.qasm", "--kinds", "cost", "--code", "diff")
    assert result.code == 0
    assert "\n1. train on the mean of Z over 10 qubits" in result.out
    assert "gain: the median gradient is " in result.out
    assert "--- a/global.qasm\n+++ b/global.qasm\n" in result.out


def test_the_diff_applies_and_clears_the_finding(run) -> None:
    out = run("recommend", "global.qasm", "--kinds", "cost", "--format", "json").out
    patch = json.loads(out)["recommendations"][0]["diff"]
    assert run("check", "global.qasm", "--select", "AL101").code == 1
    subprocess.run(["patch", "-p1", "--quiet"], input=patch.encode(), check=True)
    assert run("check", "global.qasm", "--select", "AL101").code == 0


def test_json_has_claims_before_and_after_and_the_code(run) -> None:
    data = json.loads(run("recommend", "global.qasm", *QUICK, "--format", "json").out)
    assert data["schema"] == 1
    (first, *_) = data["recommendations"]
    assert first.keys() >= {
        "kind", "change", "meaning", "gain", "gain_lower", "gain_upper", "loss", "losses", "rank", "evidence",
        "circuit", "pennylane", "openqasm3", "diff",
    }  # fmt: skip
    assert {"key", "before", "after"} == first["evidence"][0].keys()
    assert first["evidence"][0]["after"]["source"] in ("exact", "sampled")
    assert first["openqasm3"].startswith("OPENQASM 3.0;")


def test_another_change_can_be_picked(run) -> None:
    result = run("recommend", "global.qasm", "--kinds", "cost,initialisation", "--code", "pennylane", "--pick", "2")
    assert "--- 2. in PennyLane\nimport pennylane as qml\n" in result.out
    assert "in OpenQASM 3" not in result.out


def test_nothing_better_is_said_plainly(run) -> None:
    Path("small.qasm").write_text("OPENQASM 3.0;\ninput float[64] a;\nqubit[1] q;\nry(a) q[0];\n".replace(
        "OPENQASM 3.0;\n", 'OPENQASM 3.0;\ninclude "stdgates.inc";\n'))  # fmt: skip
    result = run("recommend", "small.qasm", "--kinds", "cost,initialisation,depth,topology,growth")
    assert result.code == 0
    assert "\nnothing better found\n" in result.out
    assert "not recommended" in result.out


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (("--kinds", "colour"), "unknown kind of change 'colour'; known are cost, initialisation"),
        (("--code", "fortran"), "--code 'fortran' is none of diff, pennylane, openqasm3, none"),
        (("--kinds", "cost", "--pick", "9"), "--pick 9 is beyond the 1 changes"),
        (("--observable", "Z99"), "acts on qubit 99"),
    ],
)
def test_mistakes_are_one_line(run, flags: tuple[str, ...], message: str) -> None:
    result = run("recommend", "global.qasm", *flags)
    assert result.code == 2
    assert len(result.err.splitlines()) == 1
    assert message in result.err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('OPENQASM 3.0;\ninclude "stdgates.inc";\nqubit[2] q;\nh q[0];\n', "no trainable parameter"),
        ("OPENQASM 3.0;\nqubit[2] q;\nrx(0.1 q[0];\n", "bad.qasm:3:"),
    ],
)
def test_circuits_that_cannot_be_improved_are_one_line(run, text: str, message: str) -> None:
    Path("bad.qasm").write_text(text)
    result = run("recommend", "bad.qasm")
    assert result.code == 2
    assert len(result.err.splitlines()) == 1
    assert message in result.err


def test_several_circuits_have_to_be_named(run) -> None:
    folder = Path("two")
    folder.mkdir()
    for name in ("a", "b"):
        (folder / f"{name}.qasm").write_text(GLOBAL)
    result = run("recommend", "two")
    assert result.code == 2
    assert "holds 2 circuits (a, b); name one as two::name" in result.err


# --- remedies in check


def report_of(text: str, **config: object) -> Report:
    return lint_sources([read_openqasm(text, path="global.qasm")], Config(**config))  # type: ignore[arg-type]


def test_the_help_of_a_finding_names_the_measured_change() -> None:
    plain = report_of(GLOBAL)
    (before,) = (d for d in plain.diagnostics if d.code == "AL101")
    (after,) = (d for d in with_measured_help(plain).diagnostics if d.code == "AL101")
    assert after.help.startswith(f"{before.help}\nmeasured: train on the mean of Z over 10 qubits")
    assert "shots, exact" in after.help


def test_the_words_of_the_rule_and_the_measured_change_are_two_lines(run) -> None:
    lines = [line for line in run("check", "global.qasm", "--select", "AL101").out.splitlines() if "= help: " in line]
    assert lines[0].split("= help: ")[1].startswith("train on a sum of few-qubit terms")
    assert all(line.split("= help: ")[1].startswith("measured: ") for line in lines[1:])


def test_nothing_but_the_help_changes() -> None:
    from dataclasses import replace

    plain = report_of(GLOBAL)
    told = with_measured_help(plain)
    assert [replace(d, help="") for d in told.diagnostics] == [replace(d, help="") for d in plain.diagnostics]
    assert (told.circuits, told.ok) == (plain.circuits, plain.ok)


def test_findings_below_a_warning_keep_their_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(helping, "advise", lambda *a, **k: pytest.fail("asked for advice"))
    plain = report_of(GLOBAL, severities={"AL101": Severity.INFO, "AL501": Severity.INFO})
    assert plain.diagnostics
    assert with_measured_help(plain) == plain


def test_only_the_first_circuits_of_a_run_are_advised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(helping, "MOST_CIRCUITS", 1)
    sources = [read_openqasm(GLOBAL, path=path) for path in ("a.qasm", "b.qasm")]
    told = with_measured_help(lint_sources(sources, Config())).diagnostics
    measured = {d.location.path for d in told if "\nmeasured: " in d.help}
    assert measured == {"a.qasm"}


def test_fast_asks_for_no_advice(run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(helping, "with_measured_help", lambda report: pytest.fail("asked for advice"))
    assert run("check", "global.qasm", "--fast").code in (0, 1)


def test_the_linter_does_not_load_the_advice() -> None:
    code = "import ansatzlint.linter, sys; print([m for m in sys.modules if m.startswith('ansatzlint.advice')])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.strip() == "[]"


def test_a_circuit_without_a_place_is_advised_too() -> None:
    from ansatzlint.linter import lint

    built = complete(state(FAMILIES["hardware-efficient"].build(10, layers=2), Assumed(observable="global-z")))
    plain = lint(built)
    assert [d.help for d in with_measured_help(plain).diagnostics] != [d.help for d in plain.diagnostics]
