from __future__ import annotations

from dataclasses import replace
from math import log10

import pytest

from ansatzlint import angles
from ansatzlint.assumptions import Assumed
from ansatzlint.circuit import Circuit, Gate, Location, Parameter, PauliSum, PauliTerm, Projector, Unread
from ansatzlint.config import Config
from ansatzlint.diagnostic import Claim, Severity
from ansatzlint.errors import InputError, ParseError, UsageError
from ansatzlint.evidence import KEYS, Evidence
from ansatzlint.initialisation import Uniform
from ansatzlint.linter import Report, lint, lint_sources
from ansatzlint.predictor import Prediction
from ansatzlint.source import Comment, Draw, Source


def ry(parameter: str, qubit: int) -> Gate:
    return Gate("ry", (qubit,), (angles.parameter(parameter),))


def parity(name: str = "parity", line: int | None = None, path: str = "f.py") -> Circuit:
    """Four qubits, entangled, with a global cost."""
    gates = (*(ry(f"a{q}", q) for q in range(4)), *(Gate("cz", (q, q + 1)) for q in range(3)),
             *(ry(f"b{q}", q) for q in range(4)))  # fmt: skip
    names = tuple(Parameter(f"{letter}{q}") for letter in "ab" for q in range(4))
    cost = PauliSum((PauliTerm(1.0, tuple((q, "Z") for q in range(4))),))
    place = Location(path, line, 1, line, 10) if line else None
    return Circuit(name, 4, gates, names, (cost,), location=place)


def fixed() -> Circuit:
    return Circuit("bell", 2, (Gate("h", (0,)), Gate("cx", (0, 1))))


def codes(report: Report) -> list[str]:
    return [d.code for d in report.diagnostics]


def test_a_report_says_what_was_found_and_about_what() -> None:
    report = lint(parity())
    (found,) = report.diagnostics
    assert (found.code, found.name, found.severity) == ("AL101", "global-cost", Severity.WARNING)
    assert "at 50 qubits" in found.message
    assert found.circuit == "parity"
    assert found.location == Location("<parity>", 1, 1, 1, 1)
    assert found.qubits == (0, 1, 2, 3)
    assert found.help
    assert found.citations
    assert "AL101-global-cost" in found.url
    (summary,), (evidence,) = report.circuits, report.evidence
    assert (summary.name, summary.qubits, summary.parameters, summary.two_qubit_gates) == ("parity", 4, 8, 3)
    assert summary.depth == 5  # RY, three CZ one after the other, RY
    assert summary.verdict == "trainable"
    assert summary.score == pytest.approx(5 - log10(evidence.value("shots_per_gradient")["best"]))
    assert summary.assumptions == ("initialisation assumed: uniform over [0, 2 pi)",)
    assert not report.ok


def test_a_clean_circuit_is_ok() -> None:
    report = lint(replace(parity(), observables=()))
    assert report.ok
    assert report.diagnostics == ()
    assert report.circuits[0].assumptions[0] == "cost assumed: mean of Z over all qubits"


def test_a_circuit_that_is_no_ansatz_yields_one_note_and_nothing_else() -> None:
    report = lint(fixed())
    (note,) = report.diagnostics
    assert (note.code, note.severity) == ("AL902", Severity.INFO)
    assert note.message == "no trainable parameter: the circuit is no ansatz"
    assert [n.reason for n in report.not_evaluated] == [note.message]
    assert report.circuits[0].assumptions == ()
    assert report.ok
    said = replace(fixed(), unread=(Unread("no trainable angle in the file"),))
    assert [d.message for d in lint(said).diagnostics] == ["no trainable angle in the file"]


def test_what_was_not_read_is_said_and_the_rest_judged() -> None:
    place = Location("f.py", 7, 3, 7, 9)
    circuit = replace(parity(), unread=(Unread("a measurement in the middle", place),))
    report = lint(circuit)
    assert sorted(codes(report)) == ["AL101", "AL902", "AL902"]
    said = {d.message: d.location for d in report.diagnostics if d.code == "AL902"}
    assert said.pop("a measurement in the middle") == place
    why = "needs the whole circuit, and part of it was not read"
    assert list(said) == [
        f"AL103, AL201, AL203, AL204, AL205, AL206, AL207, AL209, AL210, AL501, AL503, AL504, AL602 not evaluated: {why}"  # noqa: E501 - one line of output
    ]


def test_a_gate_that_cannot_be_lowered_leaves_the_other_rules_running() -> None:
    controlled = Gate("x", (*range(1, 11), 0), controls="1" * 10)
    circuit = Circuit("grover", 12, (ry("a", 0), controlled, ry("a", 0)), (Parameter("a"),))
    report = lint(circuit)
    assert not report.errors
    said = [d.message for d in report.diagnostics if d.code == "AL902"]
    why = "cannot be had: 'x' has 10 controls; up to 8 can be lowered"
    assert f"AL101, AL102, AL103, AL201, AL203, AL204, AL205, AL209, AL210, AL501, AL503, AL504 not evaluated: {why}" in said  # noqa: E501 - one line of output
    assert "AL207" not in codes(report)  # judged: the mean of Z meets every qubit
    measured = lint(replace(circuit, measured=(0,)))
    assert "AL207" in codes(measured)


def test_selection() -> None:
    assert codes(lint(parity(), Config(ignore=("global-cost",)))) == ["AL503"]
    assert codes(lint(parity(), Config(select=("AL2",)))) == []
    assert codes(lint(parity(), Config(select=("AL2",), extend_select=("AL101",)))) == ["AL101"]
    assert codes(lint(fixed(), Config(ignore=("AL902",)))) == []
    with pytest.raises(UsageError, match="no rule matches 'AL8'"):
        lint(parity(), Config(select=("AL8",)))


def test_severities_and_what_fails() -> None:
    harsh = lint(parity(), Config(severities={"AL101": Severity.ERROR}))
    assert [d.severity for d in harsh.diagnostics] == [Severity.ERROR]
    assert not harsh.ok
    assert not lint(parity(), Config(fail_on=Severity.INFO)).ok
    assert lint(parity(), Config(fail_on=Severity.ERROR)).ok
    assert not lint(parity(), Config(severities={"AL1": Severity.ERROR}, fail_on=Severity.ERROR)).ok


def test_an_overridden_severity_stands_above_the_findings_own() -> None:
    fan = tuple(Gate("cx", (q, 3)) for q in range(3))
    circuit = replace(parity(), gates=parity().gates + fan)
    only = Config(select=("AL101",))
    assert [d.severity for d in lint(circuit, only).diagnostics] == [Severity.INFO]
    raised = lint(circuit, replace(only, severities={"AL101": Severity.ERROR}))
    assert [d.severity for d in raised.diagnostics] == [Severity.ERROR]


def plateau() -> Circuit:
    """Ten qubits, a global cost, and no gradient that could be measured."""
    turns = tuple(
        Gate(kind, (q,), (angles.parameter(f"{kind}{q}"),)) for kind in ("rx", "ry") for q in range(10)
    )
    chain = tuple(Gate("cz", (q, q + 1)) for q in range(9))
    names = tuple(Parameter(name) for gate in turns for name in gate.parameters)
    cost = PauliSum((PauliTerm(1.0, tuple((q, "Z") for q in range(10))),))
    return Circuit("plateau", 10, turns + chain, names, (cost,))


def test_one_plateau_is_one_finding() -> None:
    report = lint(plateau())
    (found,) = report.diagnostics
    assert (found.code, found.severity) == ("AL101", Severity.ERROR)
    assert [claim.key for claim in found.evidence] == ["cost_terms", "resolution"]
    assert report.circuits[0].verdict == "barren"
    assert report.circuits[0].score is not None
    assert report.circuits[0].score < 0


@pytest.mark.parametrize(
    ("config", "wanted"),
    [
        (Config(ignore=("AL101",)), {"AL501": Severity.ERROR}),
        (Config(ignore=("AL501",)), {"AL101": Severity.WARNING}),
        (Config(severities={"AL101": Severity.INFO}), {"AL101": Severity.INFO, "AL501": Severity.ERROR}),
        (Config(severities={"AL501": Severity.INFO}), {"AL101": Severity.WARNING}),
    ],
)
def test_what_the_user_says_stands_above_folding(config: Config, wanted: dict[str, Severity]) -> None:
    assert {d.code: d.severity for d in lint(plateau(), config).diagnostics} == wanted


COSTLY = "AL201, AL205, AL209, AL501, AL503, AL504 not evaluated: --fast leaves out costly claims"


def foretold(monkeypatch: pytest.MonkeyPatch, found: Prediction) -> None:
    """Let the predictor say this of every circuit."""
    claim = Claim("prediction", found, source="predicted")
    monkeypatch.setitem(KEYS, "prediction", replace(KEYS["prediction"], compute=lambda _: claim))


def test_fast_hears_the_predictor_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    foretold(monkeypatch, Prediction(-7.0, -7.5, -6.5, -8.0, -8.5, -7.5, 0.97, 100_000, in_domain=True))
    report = lint(plateau(), Config(fast=True))
    assert {d.code: d.severity for d in report.diagnostics} == {
        "AL101": Severity.INFO, "AL502": Severity.WARNING, "AL902": Severity.INFO,
    }  # fmt: skip
    assert [n.reason for n in report.not_evaluated] == [COSTLY]
    assert report.circuits[0].verdict == "unknown"
    (claim,) = next(d for d in report.diagnostics if d.code == "AL502").evidence
    assert (claim.key, claim.value, claim.lower, claim.upper) == ("predicted_log10_variance", -7.0, -7.5, -6.5)
    assert claim.source == "predicted"


def test_a_predicted_plateau_is_no_second_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    foretold(monkeypatch, Prediction(-7.0, -7.5, -6.5, -8.0, -8.5, -7.5, 0.97, 100_000, in_domain=True))
    assert "AL502" not in codes(lint(plateau()))
    cause = Config(fast=True, severities={"AL101": Severity.ERROR})
    assert codes(lint(plateau(), cause)) == ["AL101", "AL902"]


def test_a_predictor_that_abstains_says_so_once(monkeypatch: pytest.MonkeyPatch) -> None:
    reason = "gates is 29, learned from 2 to 20"
    foretold(monkeypatch, Prediction(*(None,) * 7, 100_000, in_domain=False, outside=(reason,)))
    assert {n.reason for n in lint(plateau(), Config(fast=True)).not_evaluated} == {
        COSTLY,
        f"AL502 predicted-plateau not evaluated: outside of what the predictor has learned: {reason}",
    }
    assert lint(plateau()).not_evaluated == ()


def test_a_kernel_is_judged_though_nothing_is_trained() -> None:
    gates = [Gate("ry", (q,), (angles.parameter(f"x{q}"),)) for q in range(14)]
    gates += [Gate("ry", (q,), (angles.negate(angles.parameter(f"y{q}")),)) for q in reversed(range(14))]
    names = tuple(Parameter(name, "input") for gate in gates for name in gate.parameters)
    kernel = Circuit("kernel", 14, tuple(gates), names, (Projector(tuple(range(14)), "0" * 14),))
    (found,) = lint(kernel).diagnostics
    assert found.code == "AL603"
    (claim,) = found.evidence
    assert claim.value == pytest.approx((3 / 8) ** 14 - (1 / 4) ** 14, rel=0.1)
    assert claim.lower <= (3 / 8) ** 14 - (1 / 4) ** 14 <= claim.upper
    other = replace(kernel, gates=kernel.gates[:14], parameters=names[:14])
    assert [d.message for d in lint(other).diagnostics] == ["no trainable parameter: the circuit is no ansatz"]


def test_the_users_observable_stands_above_the_source() -> None:
    assert codes(lint(parity(), Config(assumed=Assumed(observable="local-z")))) == []
    assert codes(lint(parity(), Config(assumed=Assumed(observable="projector")))) == ["AL102"]
    declared = Config(assumed=Assumed(observable="Z0", init=Uniform()))
    assert codes(lint(parity(), declared)) == ["AL203", "AL207"]


def test_an_observable_that_does_not_fit_is_an_error_and_the_others_are_judged() -> None:
    small = Circuit("small", 1, (ry("t", 0),), (Parameter("t"),), location=Location("f.py", 9, 1, 9, 9))
    source = Source("f.py", circuits=(small, parity(line=3)))
    report = lint_sources([source], Config(assumed=Assumed(observable="Z0 Z1 Z2 Z3")))
    assert codes(report) == ["AL101"]
    (error,) = report.errors
    assert str(error).startswith("f.py:9: circuit small: ")
    assert not report.ok


def test_a_comment_that_cannot_be_meant_is_an_error_of_its_file_alone() -> None:
    comment = Comment("ansatzlint: observabel=Z0", Location("bad.py", 2, 1, 2, 30))
    sources = [
        Source("bad.py", circuits=(parity(path="bad.py", line=1),), comments=(comment,)),
        Source("good.py", circuits=(parity(path="good.py", line=1),)),
    ]
    report = lint_sources(sources, Config())
    assert [d.location.path for d in report.diagnostics] == ["good.py"]
    (error,) = report.errors
    assert isinstance(error, InputError)
    assert (error.path, error.line, error.column) == ("bad.py", 2, 1)


def test_findings_are_sorted_by_place() -> None:
    draws = (Draw(Location("b.py", 9, 1, 9, 5), "w", Uniform(), seeded=False),)
    sources = [
        Source("b.py", circuits=(parity("later", 30, "b.py"), parity("earlier", 4, "b.py")), draws=draws),
        Source("a.py", circuits=(parity("first", 50, "a.py"),)),
    ]
    report = lint_sources(sources, Config())
    assert [(d.location.path, d.location.line, d.code) for d in report.diagnostics] == [
        ("a.py", 50, "AL101"), ("b.py", 4, "AL101"), ("b.py", 9, "AL301"), ("b.py", 9, "AL303"), ("b.py", 30, "AL101"),
    ]  # fmt: skip
    assert [c.name for c in report.circuits] == ["later", "earlier", "first"]
    assert [e.circuit.name for e in report.evidence] == ["later", "earlier", "first"]


def test_errors_of_a_source_are_kept_beside_what_could_be_read() -> None:
    error = ParseError("a bracket is missing", path="f.py", line=2, column=5)
    report = lint_sources([Source("f.py", circuits=(parity(line=3),), errors=(error,))], Config())
    assert report.errors == (error,)
    assert codes(report) == ["AL101"]


def test_what_a_file_left_unread_is_said_at_its_start() -> None:
    report = lint_sources([Source("f.py", lines=("import x",), unread=(Unread("it needs x"),))], Config())
    (note,) = report.diagnostics
    assert (note.code, note.message, note.circuit) == ("AL902", "it needs x", None)
    assert note.location == Location("f.py", 1, 1, 1, 9)
    assert [(n.path, n.circuit, n.reason) for n in report.not_evaluated] == [("f.py", None, "it needs x")]


def test_a_report_prints_itself() -> None:
    text = str(lint(parity()))
    assert "AL101" in text
    assert "global-cost" in text
    html = lint(parity())._repr_html_()
    assert html.startswith("<pre>")
    assert "<parity>" not in html


def test_fast_leaves_out_costly_claims_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KEYS, "cost_terms", replace(KEYS["cost_terms"], costly=True))
    fast = lint(parity(), Config(fast=True))
    assert "AL101" in codes(lint(parity()))
    assert "AL101" not in codes(fast)
    assert any("AL101" in n.reason and "--fast leaves out" in n.reason for n in fast.not_evaluated)


def test_a_surrogate_is_not_judged_and_the_shared_parameters_are_named() -> None:
    n, gates = 40, list[Gate]()
    for _ in range(8):
        gates += [ry("theta", q) for q in range(n)] + [Gate("cz", (q, (q + 1) % n)) for q in range(n)]
    circuit = Circuit("shared", n, tuple(gates), (Parameter("theta"),))
    said = [d.message for d in lint(circuit).diagnostics if "AL501" in d.message]
    assert len(said) == 1
    assert "holds only if uses of one parameter are independent (shared: theta; " in said[0]


def test_a_circuit_with_nothing_to_train_says_so_in_its_claims() -> None:
    nothing = "no trainable angle: every angle is a fixed number"
    assert Evidence(replace(fixed(), unread=(Unread(nothing),))).claim("gradient_variance").reason == nothing
    partly = replace(fixed(), unread=(Unread("a measurement midway"), Unread(nothing)))
    assert "part of it was not read" in str(Evidence(partly).claim("gradient_variance").reason)
