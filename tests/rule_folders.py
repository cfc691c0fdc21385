"""Rules made for a test."""

from __future__ import annotations

from pathlib import Path

TOML = """code = "AL999"
name = "test-rule"
severity = "info"
since = "0.1.0"
summary = "a rule for a test"
message = "the value is {value}"
help = "nothing"
check = "above"
needs = ["depth"]
"""


def write_rule(parent: Path, text: str = TOML, folder: str = "AL999-test-rule") -> Path:
    """A rule folder with that rule.toml."""
    path = parent / folder
    path.mkdir(exist_ok=True)
    (path / "rule.toml").write_text(text, encoding="utf-8")
    return path


def threshold(name: str, value: float) -> str:
    """A threshold table to append to `TOML`."""
    return (
        f'\n[threshold.{name}]\nvalue = {value}\nunit = "layers"\n'
        'why = "because a test wants it"\ncitation = "heuristic"\n'
    )
