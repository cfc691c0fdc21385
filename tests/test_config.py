"""Configuration: what is read, and what is refused with a remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansatzlint.config import find_config, load_config
from ansatzlint.diagnostic import Severity
from ansatzlint.errors import ConfigError
from ansatzlint.initialisation import Normal
from ansatzlint.linter import selected_rules


def write(folder: Path, text: str) -> Path:
    file = folder / "pyproject.toml"
    file.write_text("[tool.ansatzlint]\n" + text)
    return file


def test_everything_that_can_be_said(tmp_path: Path) -> None:
    config = load_config(
        write(
            tmp_path,
            'select = ["AL1"]\nextend-select = ["AL206"]\nignore = ["AL103"]\nexclude = ["old"]\nfail-on = "error"\n'
            'output-format = "json"\nimport = true\nobservable = "global-z"\ninit = "normal:0.1"\nshots = 100\n'
            'severity = { global-cost = "error" }\narguments = { circuit = "[0.1, 0.2]" }\n',
        )
    )
    rules = {rule.code: rule.severity for rule in selected_rules(config)}
    assert rules.keys() == {"AL101", "AL102", "AL206"}
    assert rules["AL101"] == Severity.ERROR
    assert config.fail_on == Severity.ERROR
    assert config.import_ is True
    assert config.assumed.init == Normal(0.1)
    assert config.assumed.shots == 100
    assert config.arguments == {"circuit": "[0.1, 0.2]"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('selct = ["AL1"]', "unknown key 'selct'; did you mean 'select'"),
        ('select = "AL1"', "'select' must be a list of strings"),
        ('fail-on = "never"', "unknown severity 'never'"),
        ("import = 1", "'import' must be a bool"),
        ("shots = 0", "'shots' must be a positive whole number"),
        ('init = "gauss"', "unknown initialisation 'gauss'"),
        ('noise = "depolarizing:2:0"', "must lie between 0 and 1"),
        ('output-format = "xml"', "'output-format' must be one of"),
        ("select = [", "Unclosed|Invalid|Cannot|expected"),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load_config(write(tmp_path, text))


def test_the_nearest_file_that_speaks_of_us_is_found(tmp_path: Path) -> None:
    file = write(tmp_path, "")
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / "a" / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    assert find_config(inner) == file.resolve()


def test_a_missing_file_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load_config(tmp_path / "none.toml")
