"""The formats, on a report made by hand."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from ansatzlint.circuit import Location
from ansatzlint.diagnostic import Assumption, Claim, Diagnostic, Severity
from ansatzlint.encoding import Commuting
from ansatzlint.errors import InputError
from ansatzlint.evidence import DepthBudget, Start, Term
from ansatzlint.linter import CircuitSummary, Report
from ansatzlint.report import concise, full
from ansatzlint.report import json as json_report
from ansatzlint.report.text import describe, figure
from ansatzlint.source import Source

PLACE = Location("a.qasm", 2, 5, 2, 9)
FINDING = Diagnostic(
    code="AL101", name="global-cost", severity=Severity.WARNING, message="too global", location=PLACE, circuit="a",
    evidence=(Claim("idle_qubits", (1, 2)),), help="make it local", citations=("Cerezo 2021",), url="https://x",
)  # fmt: skip
REPORT = Report(
    diagnostics=(FINDING,),
    circuits=(CircuitSummary("a.qasm", "a", 3, 2, 4, 1, "unknown", None, ("cost assumed: mean of Z",)),),
    sources=(Source("a.qasm", ("first", "abc defg hij")),),
)


def test_full() -> None:
    assert full.render(REPORT) == (
        "warning[AL101 global-cost]: too global\n"
        " --> a.qasm:2:5 (circuit a)\n"
        "  |\n"
        "2 | abc defg hij\n"
        "  |     ^^^^\n"
        "  = evidence: qubits that the cost never meets: qubits 1, 2 (exact)\n"
        "  = help: make it local\n"
        "  = see: Cerezo 2021\n"
        "\n"
        "note: a.qasm: circuit a: cost assumed: mean of Z\n"
        "\n"
        "1 warning in 1 circuit\n"
    )


def test_a_place_over_several_lines_is_underlined_to_the_end_of_the_first() -> None:
    place = replace(PLACE, end_line=4, end_column=2)
    text = full.render(replace(REPORT, diagnostics=(replace(FINDING, location=place),)))
    assert "2 | abc defg hij\n  |     ^^^^^^^^\n" in text


def test_a_very_long_line_is_cut_around_the_place() -> None:
    source = Source("a.qasm", ("", "x" * 10_000 + "HERE" + "y" * 10_000))
    place = Location("a.qasm", 2, 10_001, 2, 10_005)
    lines = full.render(Report((replace(FINDING, location=place),), sources=(source,))).splitlines()
    start = lines[4].index("^")
    assert lines[3][start : start + 4] == "HERE"
    assert len(lines[3]) < 200


def test_a_place_beyond_the_text_is_still_shown() -> None:
    place = Location("a.qasm", 2, 500, 2, 510)
    assert "^" in full.render(replace(REPORT, diagnostics=(replace(FINDING, location=place),)))


def test_an_unmet_assumption_is_printed() -> None:
    claim = Claim("depth", 3, assumptions=(Assumption("the circuit was read completely", holds=False),))
    text = full.render(replace(REPORT, diagnostics=(replace(FINDING, evidence=(claim,)),)))
    assert "= evidence: depth: 3 (exact; unmet: the circuit was read completely)" in text


def test_a_notebook_place_names_its_cell() -> None:
    source = Source("n.ipynb", ("a", "b", "cell two"), cells=(0, 2))
    place = Location("n.ipynb", 1, 1, 1, 5, cell=2)
    text = full.render(Report((replace(FINDING, location=place),), sources=(source,)))
    assert "--> n.ipynb:cell 2:1:1" in text
    assert "1 | cell two" in text


def test_concise() -> None:
    assert concise.render(REPORT) == (
        "a.qasm:2:5: warning AL101 global-cost: too global (circuit a)\n1 warning in 1 circuit\n"
    )


def test_colour_only_where_asked() -> None:
    assert "\x1b[" not in full.render(REPORT)
    assert "\x1b[33mwarning\x1b[0m" in full.render(REPORT, color=True)


def test_json_is_one_document_with_errors_beside_the_findings() -> None:
    report = replace(REPORT, errors=(InputError("is empty", path="b.qasm"),))
    data = json.loads(json_report.render(report))
    assert data["diagnostics"][0]["evidence"][0]["key"] == "idle_qubits"
    assert data["errors"] == [{"path": "b.qasm", "line": None, "column": None, "message": "is empty"}]


def test_errors_and_severe_findings_are_not_ok() -> None:
    assert not REPORT.ok
    assert replace(REPORT, fail_on=Severity.ERROR).ok
    assert not replace(REPORT, fail_on=Severity.ERROR, errors=(InputError("x", path="y"),)).ok


def test_a_term_says_how_far_it_reaches() -> None:
    def said(*localities: int) -> str:
        terms = tuple(Term(0, i, f"Z0 Z{i + 1}", 1.0, (0, i + 1), n, True) for i, n in enumerate(localities))
        return describe(Claim("cost_terms", terms), "cost terms")

    assert said(2) == "cost terms: Z0 Z1 on 2 qubits (exact)"
    assert said(1) == "cost terms: Z0 Z1 on 2 qubits (1 behind the trailing Clifford gates) (exact)"
    assert said(0) == "cost terms: Z0 Z1 on 2 qubits (no parameter moves it) (exact)"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (Start((0.0, 0.25), 0.25), "2 components, the largest 0.25"),
        (DepthBudget(3, 8, ((8, 1e6, 1e5, 1e7),)), "3 of 8"),
        ((Commuting("x", 2.0, (1, 9)),), "x (as one rotation by 2 times it)"),
        (
            (Term(0, 0, f"projector |{'0' * 50}> on 50 qubits", 1.0, tuple(range(50)), 50, True),),
            f"projector |{'0' * 28}… on 50 qubits",
        ),
    ],
)
def test_values_are_put_in_words(value: object, said: str) -> None:
    assert describe(Claim("key", value), "title") == f"title: {said} (exact)"


def test_what_was_not_seen_is_no_zero_and_no_infinity() -> None:
    ends = {"best": 5.0, "worst": 900.0}, {"best": 20.0, "worst": float("inf")}
    shots = Claim("shots", {"best": 10.0, "worst": float("inf")}, *ends, source="sampled")
    assert figure(shots) == "best 10, worst more than 900"
    squares = Claim("squares", (0.0, 0.25, 0.0), (0.0, 0.2, 0.0), (0.1, 0.3, 0.0), source="sampled")
    assert figure(squares) == "3: 0 to 0.25, median 0, 1 of them not seen, only bounded"
    assert figure(Claim("one", 0.5, 0.4, 0.6, source="sampled")) == "0.5 [0.4, 0.6]"
    assert figure(Claim("one", 0.5)) == "0.5"
