from __future__ import annotations

from pathlib import Path

import pytest
from rule_folders import TOML, threshold, write_rule

from ansatzlint.diagnostic import Severity
from ansatzlint.errors import ConfigError, UsageError
from ansatzlint.rulebook import find_rule, load_rule, load_rules, resolve

CITATION = '\n[[citation]]\nkey = "k"\nreference = "r"\nclaim = "c"\nassumptions = "a"\n'


def test_a_rule_is_what_its_file_says(tmp_path: Path) -> None:
    folder = write_rule(tmp_path, TOML + threshold("limit", 3) + CITATION)
    (folder / "README.md").write_text("# AL999 test-rule\n", encoding="utf-8")
    rule = load_rule(folder)
    assert (rule.code, rule.name, rule.severity, rule.since) == ("AL999", "test-rule", Severity.INFO, "0.1.0")
    assert (rule.message, rule.help, rule.check, rule.needs) == ("the value is {value}", "nothing", "above", ("depth",))
    assert rule.thresholds["limit"].value == 3.0
    assert rule.thresholds["limit"].citation == "heuristic"
    assert [(c.key, c.reference, c.claim, c.assumptions) for c in rule.citations] == [("k", "r", "c", "a")]
    assert rule.page == "# AL999 test-rule\n"
    assert rule.url.endswith("/rules/AL999-test-rule/README.md")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (TOML + 'colour = "red"\n', "unknown key 'colour'"),
        (TOML.replace('help = "nothing"\n', ""), "'help' is missing"),
        (TOML.replace('needs = ["depth"]', 'needs = "depth"'), "'needs' is missing or no list"),
        (TOML.replace('"info"', '"mild"'), "unknown severity 'mild'"),
        (TOML.replace("test-rule", "other-name"), "the folder should be named AL999-other-name"),
        (TOML + threshold("limit", 3) + 'colour = "red"\n', "threshold 'limit' needs exactly"),
        (TOML + "\n[threshold.limit]\nvalue = 3\n", "threshold 'limit' needs exactly"),
        (TOML + CITATION + 'doi = "10.1"\n', "a citation needs exactly"),
        (TOML + "code =\n", "rule.toml"),
    ],
)
def test_a_broken_file_is_refused_in_one_line(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_rule(write_rule(tmp_path, text))
    assert said in str(caught.value)
    assert "AL999-test-rule" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_folder_without_a_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"rule\.toml"):
        load_rule(tmp_path)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (write_rule(tmp_path) / "rule.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match=r"rule\.toml"):
        load_rule(tmp_path / "AL999-test-rule")


def test_rules_come_in_the_order_of_their_codes() -> None:
    codes = list(load_rules())
    assert codes == sorted(codes)
    assert all(code == rule.code for code, rule in load_rules().items())


@pytest.mark.parametrize(
    ("selectors", "codes"),
    [
        (["AL101"], {"AL101"}),
        (["al101"], {"AL101"}),
        (["global-cost"], {"AL101"}),
        (["Global-Cost "], {"AL101"}),
        (["AL1"], {"AL101", "AL102", "AL103"}),
        (["AL901", "unused-input"], {"AL901", "AL602"}),
        ([], set()),
    ],
)
def test_selectors(selectors: list[str], codes: set[str]) -> None:
    assert resolve(selectors) == codes


def test_all_selects_everything() -> None:
    assert resolve(["ALL"]) == resolve(["AL"]) == set(load_rules())


@pytest.mark.parametrize(
    ("selector", "said"),
    [
        ("AL1011", "did you mean AL101"),
        ("globl-cost", "did you mean global-cost"),
        ("Q7", "`ansatzlint rules`"),
        ("", "no rule matches ''"),
    ],
)
def test_selectors_that_match_nothing(selector: str, said: str) -> None:
    with pytest.raises(UsageError, match="no rule matches") as caught:
        resolve(["AL101", selector])
    assert said in str(caught.value)


def test_find_rule() -> None:
    assert find_rule("AL102") is find_rule("projector-cost") is find_rule("al102")
    with pytest.raises(UsageError, match=r"no rule 'AL10'"):  # a prefix is no rule
        find_rule("AL10")


def test_what_lists_show_of_a_rule_has_nothing_left_to_fill_in() -> None:
    assert not [rule.code for rule in load_rules().values() if "{" in rule.summary]
