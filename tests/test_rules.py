"""The contract that every folder of rules/ keeps."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from string import Formatter

import pytest
from expectations import expected

from ansatzlint.checks import CIRCUIT, LINTER, SOURCE
from ansatzlint.config import Config
from ansatzlint.diagnostic import Severity
from ansatzlint.evidence import KEYS
from ansatzlint.linter import Report, lint_sources
from ansatzlint.readers import read_sources, read_text
from ansatzlint.rulebook import Rule, load_rules, rules_folder

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
            assert diagnostic.severity is rule.severity


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


@rules
def test_the_page_shows_what_fires_and_what_does_not(rule: Rule, page_codes: dict[tuple[str, str], list[str]]) -> None:
    assert page_codes[rule.code, "Example"] == [rule.code]
    assert page_codes[rule.code, "Use instead"] == []


def test_default_severities() -> None:
    warnings = {rule.code for rule in RULES if rule.severity is Severity.WARNING}
    assert warnings == {"AL101", "AL102"}
    assert not [rule for rule in RULES if rule.severity is Severity.ERROR]


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
