"""The rules as data: every folder of `rules/` is one frozen `Rule`."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from ansatzlint.diagnostic import Severity
from ansatzlint.errors import ConfigError, UsageError


@dataclass(frozen=True, slots=True)
class Threshold:
    """A number that a rule compares with; `citation` is a key of the rule's citations or "heuristic"."""

    value: float
    unit: str
    why: str
    citation: str


@dataclass(frozen=True, slots=True)
class Citation:
    """A source that a rule rests on, what it claims, and under which assumptions."""

    key: str
    reference: str
    claim: str
    assumptions: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule.

    `message` and `help` are `str.format` templates over a finding's values; `check` names an entry of
    `ansatzlint.checks`; `needs` lists the evidence keys that it reads.
    """

    code: str
    name: str
    severity: Severity
    since: str
    summary: str
    message: str
    help: str
    check: str
    needs: tuple[str, ...]
    thresholds: Mapping[str, Threshold]
    citations: tuple[Citation, ...]
    folder: Path

    @property
    def page(self) -> str:
        """The rule's page, Markdown."""
        return (self.folder / "README.md").read_text(encoding="utf-8")

    @property
    def url(self) -> str:
        return f"https://github.com/ansatzlint/ansatzlint/blob/main/rules/{self.code}-{self.name}/README.md"


def rules_folder() -> Path:
    """Where the rules lie: inside the installed package, else beside it in a checkout."""
    package = Path(__file__).parent
    shipped = package / "_rules"
    return shipped if shipped.is_dir() else package.parent / "rules"


@cache
def load_rules() -> Mapping[str, Rule]:
    """All rules by code, in the order of their codes; ConfigError for a folder that breaks the format."""
    folders = sorted(p.parent for p in rules_folder().glob("*/rule.toml"))
    return {rule.code: rule for rule in map(load_rule, folders)}


_REQUIRED = {"code": str, "name": str, "severity": str, "since": str, "summary": str, "message": str, "help": str,
             "check": str, "needs": list}  # fmt: skip
_THRESHOLD = {"value", "unit", "why", "citation"}
_CITATION = {"key", "reference", "claim", "assumptions"}


def load_rule(folder: Path) -> Rule:
    """Read one folder's rule.toml; ConfigError names the file and what is wrong with it."""
    file = folder / "rule.toml"

    def wrong(what: str) -> ConfigError:
        return ConfigError(f"{file}: {what}")

    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise wrong(str(error)) from None
    unknown = sorted(set(data) - set(_REQUIRED) - {"threshold", "citation"})
    if unknown:
        raise wrong(f"unknown key {unknown[0]!r}")
    for key, kind in _REQUIRED.items():
        if not isinstance(data.get(key), kind):
            raise wrong(f"{key!r} is missing or no {kind.__name__}")
    if folder.name != f"{data['code']}-{data['name']}":
        raise wrong(f"the folder should be named {data['code']}-{data['name']}")
    thresholds = {}
    for name, entry in data.get("threshold", {}).items():
        if set(entry) != _THRESHOLD:
            raise wrong(f"threshold {name!r} needs exactly {sorted(_THRESHOLD)}")
        thresholds[name] = Threshold(float(entry["value"]), entry["unit"], entry["why"], entry["citation"])
    for entry in data.get("citation", []):
        if set(entry) != _CITATION:
            raise wrong(f"a citation needs exactly {sorted(_CITATION)}")
    try:
        severity = Severity.parse(data["severity"])
    except ValueError as error:
        raise wrong(str(error)) from None
    known: dict[str, Any] = {key: data[key] for key in _REQUIRED if key not in ("severity", "needs")}
    return Rule(
        **known,
        severity=severity,
        needs=tuple(data["needs"]),
        thresholds=thresholds,
        citations=tuple(Citation(**entry) for entry in data.get("citation", [])),
        folder=folder,
    )


def find_rule(text: str) -> Rule:
    """The rule of that code or name; UsageError with a suggestion if there is none."""
    for rule in load_rules().values():
        if text.upper() == rule.code or text.lower() == rule.name:
            return rule
    raise UsageError(f"no rule {text!r}{_suggestion(text)}")


def resolve(selectors: Iterable[str]) -> frozenset[str]:
    """The codes that selectors mean: a code, a name, a prefix of codes (`AL1`), or `ALL`.

    UsageError names a selector that matches nothing.
    """
    codes: set[str] = set()
    for selector in selectors:
        text = selector.strip()
        found = {
            rule.code
            for rule in load_rules().values()
            if text and (rule.code.startswith(text.upper()) or text.lower() == rule.name or text.upper() == "ALL")
        }
        if not found:
            raise UsageError(f"no rule matches {selector!r}{_suggestion(text)}")
        codes |= found
    return frozenset(codes)


def _suggestion(text: str) -> str:
    rules = load_rules().values()
    close = get_close_matches(text.upper(), [r.code for r in rules], 1) or get_close_matches(
        text.lower(), [r.name for r in rules], 1
    )
    return f"; did you mean {close[0]}?" if close else "; `ansatzlint rules` lists them"
