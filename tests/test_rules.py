"""The contract that every folder of rules/ keeps."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import combinations, product
from math import pi
from pathlib import Path
from string import Formatter

import numpy as np
import pytest
from expectations import expected

from ansatzlint import angles
from ansatzlint.checks import CIRCUIT, LINTER, SOURCE
from ansatzlint.circuit import Circuit, Gate, Parameter
from ansatzlint.config import Config
from ansatzlint.dense import unitary
from ansatzlint.diagnostic import Severity
from ansatzlint.evidence import KEYS
from ansatzlint.linter import Report, lint_sources
from ansatzlint.pauli.strings import PauliString, conjugate
from ansatzlint.readers import read_sources, read_text
from ansatzlint.rulebook import Rule, load_rules, rules_folder

pytestmark = pytest.mark.xdist_group("rules")  # what one worker has linted serves all of them

FOLDERS = sorted(p for p in rules_folder().iterdir() if p.is_dir())
RULES = list(load_rules().values())
HEADINGS = [
    "What it does", "Why it is bad", "Example", "Use instead", "When it is legitimate", "Limits", "References",
]  # fmt: skip
SUFFIXES = (".qasm", ".py")


def name_of(value: object) -> str | None:
    return value.name if isinstance(value, Rule | Path) else None


rules = pytest.mark.parametrize("rule", RULES, ids=name_of)


def sample(rule: Rule, stem: str) -> Path:
    found = [rule.folder / f"{stem}{suffix}" for suffix in SUFFIXES if (rule.folder / f"{stem}{suffix}").exists()]
    assert len(found) == 1, f"{rule.folder.name} needs exactly one {stem}.qasm or {stem}.py"
    return found[0]


@cache
def reports() -> dict[Path, Report]:
    """Every bad and good file, linted with default settings; one worker reads the Python ones."""
    files = [sample(rule, stem) for rule in RULES for stem in ("bad", "good")]
    return {
        file: lint_sources([source], Config()) for file, source in zip(files, read_sources(files), strict=True)
    }


def codes(report: Report) -> list[str]:
    return sorted(d.code for d in report.diagnostics)


@pytest.mark.parametrize("folder", FOLDERS, ids=name_of)
def test_every_folder_is_a_rule_and_holds_nothing_else(folder: Path) -> None:
    names = {p.name for p in folder.iterdir()}
    assert {"rule.toml", "README.md"} <= names
    assert len(names) == 4
    assert all(re.fullmatch(r"rule\.toml|README\.md|(bad|good)\.(py|qasm)", name) for name in names)


def test_codes_and_names_are_unique() -> None:
    assert len(RULES) == len(FOLDERS)
    assert len({rule.name for rule in RULES}) == len(RULES)


@rules
def test_code_and_name(rule: Rule) -> None:
    assert re.fullmatch(r"AL\d{3}", rule.code)
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", rule.name)
    assert rule.folder.name == f"{rule.code}-{rule.name}"
    assert re.fullmatch(r"\d+\.\d+\.\d+", rule.since)


@rules
def test_the_check_exists_and_needs_known_evidence(rule: Rule) -> None:
    assert rule.check in {*CIRCUIT, *SOURCE, *LINTER}
    assert set(rule.needs) <= set(KEYS)


@rules
def test_thresholds_are_cited_or_heuristic(rule: Rule) -> None:
    for name, threshold in rule.thresholds.items():
        assert threshold.citation in {"heuristic", *(c.key for c in rule.citations)}, name
        assert threshold.unit, name
        assert len(threshold.why) > 20, name


@rules
def test_sentences_are_short_and_end_open(rule: Rule) -> None:
    for text in (rule.summary, rule.message, rule.help):
        assert 4 < len(text) <= 200 or text == "{reason}"
        assert text == text.strip()
        assert not text.endswith(".")
        assert "\n" not in text
    assert rule.summary[0].islower()
    assert rule.help[0].islower()


@rules
def test_page_has_the_headings_in_order(rule: Rule) -> None:
    lines = prose(rule.page).splitlines()
    assert lines[0] == f"# {rule.code} {rule.name}"
    assert [line[3:] for line in lines if line.startswith("## ")] == HEADINGS
    assert not [line for line in lines if line.startswith("### ")]
    assert all(section(rule.page, heading).strip() for heading in HEADINGS)


@rules
def test_page_cites_what_the_rule_cites(rule: Rule) -> None:
    references = section(rule.page, "References")
    for citation in rule.citations:
        identifier = re.search(r"arXiv:(\d{4}\.\d{4,5})", citation.reference)
        assert identifier is not None, citation.key
        assert identifier[0] in references, citation.key
    if any(t.citation == "heuristic" for t in rule.thresholds.values()):
        assert "heuristic" in section(rule.page, "Limits")
    for shown, linked in re.findall(r"\[arXiv:([^\]]+)\]\(https://arxiv\.org/abs/([^)]+)\)", references):
        assert shown == linked


@rules
def test_bad_fires_as_expected(rule: Rule) -> None:
    bad = sample(rule, "bad")
    wanted = expected(bad)
    assert wanted is not None
    assert rule.code in wanted
    report = reports()[bad]
    assert codes(report) == wanted
    assert not report.errors
    for diagnostic in report.diagnostics:
        assert diagnostic.location.path == bad.as_posix()
        assert not re.search(r"[{}]", diagnostic.message + diagnostic.help)
        assert diagnostic.message == diagnostic.message.strip()
        if diagnostic.code == rule.code:
            # One plateau is one finding: its cause carries the verdict.
            folded = rule.severity > Severity.INFO and report.circuits[0].verdict == "barren" and wanted[0] == rule.code
            assert diagnostic.severity is (Severity.ERROR if folded else rule.severity)


@rules
def test_good_is_clean(rule: Rule) -> None:
    good = sample(rule, "good")
    assert expected(good) is None
    report = reports()[good]
    assert report.diagnostics == ()
    assert report.errors == ()
    assert report.circuits, "a good file holds a circuit"


@rules
def test_bad_and_good_are_the_same_kind_of_file(rule: Rule) -> None:
    assert sample(rule, "bad").suffix == sample(rule, "good").suffix


@rules
def test_templates_use_values_that_the_findings_carry(rule: Rule) -> None:
    # Every field was filled in by the bad file; here: each one is a plain name, so that no value can inject code.
    for template in (rule.message, rule.help):
        for _, field, spec, conversion in Formatter().parse(template):
            assert field is None or field.isidentifier()
            assert not conversion
            assert not spec or re.fullmatch(r"\.?\d*[gf]", spec)


FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def prose(page: str) -> str:
    return FENCE.sub("", page)


def section(page: str, heading: str) -> str:
    return page.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def page_blocks() -> Iterator[tuple[Rule, str, str, str]]:
    for rule in RULES:
        for heading in ("Example", "Use instead"):
            blocks = FENCE.findall(section(rule.page, heading))
            assert len(blocks) == 1, f"{rule.code}: one block under {heading}"
            yield rule, heading, *blocks[0]


@pytest.fixture(scope="module")
def page_codes(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], list[str]]:
    """The codes that each page's examples yield."""
    folder = tmp_path_factory.mktemp("pages")
    files = {}
    for rule, heading, language, text in page_blocks():
        suffix = {"python": ".py", "qasm": ".qasm"}[language]
        file = folder / f"{rule.code}-{heading.split()[0]}{suffix}"
        file.write_text(text, encoding="utf-8")
        files[file] = (rule.code, heading)
    found = {}
    for file, source in zip(files, read_sources(list(files)), strict=True):
        report = lint_sources([source], Config())
        assert not report.errors
        found[files[file]] = codes(report)
    return found


BESIDE = {
    # A circuit so deep that it fills an exponential algebra is too deep as well.
    "AL201": ["AL201", "AL205"],
    "AL205": ["AL201", "AL205"],
    # So many angles on two qubits can be redundant in more than one way.
    "AL204": ["AL204", "AL210"],
    # Where nothing is measured others cannot be judged, and a cost is global for all that.
    "AL502": ["AL102", "AL502", "AL902"],
}
"""What fires on a page's example, where it is more than the page's rule."""


@rules
def test_the_page_shows_what_fires_and_what_does_not(rule: Rule, page_codes: dict[tuple[str, str], list[str]]) -> None:
    assert page_codes[rule.code, "Example"] == BESIDE.get(rule.code, [rule.code])
    assert page_codes[rule.code, "Use instead"] == []


def test_default_severities() -> None:
    warnings = {rule.code for rule in RULES if rule.severity is Severity.WARNING}
    assert sorted(warnings) == [
        "AL101", "AL102", "AL201", "AL205", "AL302", "AL401", "AL402", "AL502", "AL504", "AL603", "AL604",
    ]  # fmt: skip
    assert [rule.code for rule in RULES if rule.severity is Severity.ERROR] == ["AL501"]


SINGULAR_AND_PLURAL = {
    "AL103": ("Z0 + Z3", "Z0 + Z2 + Z3", "cost term Z3 is out", "2 cost terms Z2, Z3 are out"),
    "AL207": ("Z0 + Z2", "Z0", "qubit q[3] is outside", "qubits q[2], q[3] are outside"),
}


@pytest.mark.parametrize("code", SINGULAR_AND_PLURAL)
def test_messages_read_well_in_singular_and_plural(code: str) -> None:
    one, many, singular, plural = SINGULAR_AND_PLURAL[code]
    for observable, wanted in ((one, singular), (many, plural)):
        text = f"""OPENQASM 3.0;
include "stdgates.inc";
// ansatzlint: observable={observable}
input float a;
input float b;
qubit[4] q;
ry(a) q[0];
cx q[0], q[1];
ry(b) q[0];
"""
        report = lint_sources([read_text(text, "circuit.qasm")], Config(select=(code,)))
        assert [d.message for d in report.diagnostics if d.message.startswith(wanted)], str(report.diagnostics)


# --- formulas that the pages print ---------------------------------------------------------------------------------


def gradient_variance(circuit: Circuit, observable: np.ndarray, name: str) -> float:
    """Var[dC/d name] over uniform angles: four equispaced points an angle are exact for C^2 of single-use rotations."""
    names = [p.name for p in circuit.parameters]

    def cost(values: dict[str, float]) -> float:
        state = unitary(circuit, values)[:, 0]
        return float(np.real(state.conj() @ observable @ state))

    squares = []
    for point in product(range(4), repeat=len(names)):
        values = {n: k * pi / 2 for n, k in zip(names, point, strict=True)}
        up, down = (cost(values | {name: values[name] + shift}) for shift in (pi / 2, -pi / 2))
        squares.append(((up - down) / 2) ** 2)
    return float(np.mean(squares))


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_the_gradient_variances_of_one_layer_of_rotations(n: int) -> None:
    page = load_rules()["AL101"].page
    assert "(1/8) (3/8)^(n-1)" in page
    assert "1 / (8 n^2)" in page
    gates = tuple(Gate("rx", (q,), (angles.parameter(f"t{q}"),)) for q in range(n))
    circuit = Circuit("c", n, gates, tuple(Parameter(f"t{q}") for q in range(n)))
    zero = np.diag([1.0, 0.0])
    all_zero = np.zeros((2**n, 2**n))
    all_zero[0, 0] = 1.0
    one_zero = [np.kron(np.kron(np.eye(2**q), zero), np.eye(2 ** (n - 1 - q))) for q in range(n)]
    eye = np.eye(2**n)
    assert gradient_variance(circuit, eye - all_zero, "t0") == pytest.approx((1 / 8) * (3 / 8) ** (n - 1))
    assert gradient_variance(circuit, eye - sum(one_zero) / n, "t0") == pytest.approx(1 / (8 * n**2))


def test_the_numbers_at_twenty_qubits() -> None:
    page = load_rules()["AL101"].page
    assert f"{(1 / 8) * (3 / 8) ** 19:.1e} against {1 / (8 * 20**2):.1e}".replace("e-0", "e-") in page


def test_the_local_cost_bounds_the_global_one() -> None:
    assert "C_L <= C_G <= n C_L" in load_rules()["AL102"].page
    rng = np.random.default_rng(1)
    n = 4
    for _ in range(50):
        amplitudes = rng.normal(size=2**n) * rng.random(2**n) ** 4 + 1j * rng.normal(size=2**n) * rng.random()
        weights = abs(amplitudes) ** 2 / np.sum(abs(amplitudes) ** 2)
        whole = 1 - weights[0]
        local = 1 - np.mean([weights.reshape((2,) * n).take(0, axis=q).sum() for q in range(n)])
        assert local <= whole + 1e-12
        assert whole <= n * local + 1e-12


def haar(rng: np.random.Generator, size: int) -> np.ndarray:
    q, r = np.linalg.qr(rng.normal(size=(size, size)) + 1j * rng.normal(size=(size, size)))
    return q * (np.diag(r) / abs(np.diag(r)))


def test_the_gradient_variance_between_two_random_circuits() -> None:
    assert "N^2 / (2 (N - 1) (N + 1)^2)" in load_rules()["AL301"].page
    rng = np.random.default_rng(5)
    size = 4
    z = np.diag([1.0, 1.0, -1.0, -1.0])
    squares = []
    for _ in range(6000):
        before, behind = haar(rng, size)[:, 0], haar(rng, size)
        turned = behind.conj().T @ z @ behind
        # C(t) = <before| e^{itZ/2} turned e^{-itZ/2} |before>, dC/dt at 0 = (i/2) <[Z, turned]>
        squares.append(float(np.real(0.5j * before.conj() @ (z @ turned - turned @ z) @ before)) ** 2)
    expected_value = size**2 / (2 * (size - 1) * (size + 1) ** 2)
    error = np.std(squares) / len(squares) ** 0.5
    assert abs(np.mean(squares) - expected_value) < 4 * error
    assert error < 0.05 * expected_value


@pytest.mark.parametrize(("pairs", "weight"), [("all", 5), ("ring", 3)])
def test_how_far_an_entangler_widens_a_letter(pairs: str, weight: int) -> None:
    assert "weight n, against 3 for a ring" in load_rules()["AL208"].page
    n = 5
    coupled = combinations(range(n), 2) if pairs == "all" else ((q, (q + 1) % n) for q in range(n))
    string = PauliString.of([(2, "X")])
    for pair in coupled:
        string = conjugate("cz", pair, string, -1)
    assert string.weight == weight
    assert dict(string.letters())[2] == "X"
