"""`[tool.ansatzlint]` of pyproject.toml, or an ansatzlint.toml, as a frozen `Config`."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from ansatzlint.assumptions import Assumed
from ansatzlint.diagnostic import Severity
from ansatzlint.errors import ConfigError, UsageError
from ansatzlint.initialisation import parse_initialisation
from ansatzlint.noise import parse_noise
from ansatzlint.variance import Effort


@dataclass(frozen=True, slots=True)
class Config:
    """What to judge and how.

    `select`, `extend_select` and `ignore` hold selectors (code, name or prefix); the most specific list wins in
    that order. `severities` overrides rules by code or name. `import_` says whether Python input is executed,
    None leaves it to whether a path was named. `arguments` gives, by circuit name, Python literals for the
    arguments of a QNode. `exclude` holds glob patterns. `effort` says what may be spent on each circuit.
    """

    select: tuple[str, ...] = ("ALL",)
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    fail_on: Severity = Severity.WARNING
    output_format: str = "full"
    import_: bool | None = None
    assumed: Assumed = Assumed()  # noqa: RUF009 - frozen
    exclude: tuple[str, ...] = ()
    severities: Mapping[str, Severity] = field(default_factory=dict)
    arguments: Mapping[str, str] = field(default_factory=dict)
    fast: bool = False
    effort: Effort = Effort()  # noqa: RUF009 - frozen


_LISTS = {"select": "select", "extend-select": "extend_select", "ignore": "ignore", "exclude": "exclude"}
_KEYS = (*_LISTS, "fail-on", "output-format", "import", "observable", "init", "noise", "shots", "severity", "arguments")
_FACTS: Mapping[str, Callable[[str], object]] = {
    "observable": str,
    "init": parse_initialisation,
    "noise": parse_noise,
}
FORMATS = ("full", "concise", "json")


def find_config(start: Path) -> Path | None:
    """The nearest ansatzlint.toml or pyproject.toml with [tool.ansatzlint], from `start` upwards."""
    folder = start.resolve()
    for candidate in (folder, *folder.parents):
        own = candidate / "ansatzlint.toml"
        if own.is_file():
            return own
        project = candidate / "pyproject.toml"
        if project.is_file() and "ansatzlint" in _load(project).get("tool", {}):
            return project
    return None


def load_config(file: Path) -> Config:
    """Read a configuration file.

    Raises
    ------
    ConfigError
        For a file that cannot be read, an unknown key (with a suggestion) or a value that cannot be meant.
    """
    data = _load(file)
    table = data.get("tool", {}).get("ansatzlint", {}) if file.name == "pyproject.toml" else data
    if not isinstance(table, dict):
        raise ConfigError(f"{file}: [tool.ansatzlint] must be a table")
    try:
        return _parse(table)
    except (UsageError, ValueError, TypeError) as error:
        raise ConfigError(f"{file}: {error}") from None


def _load(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror}") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{file}: {error}") from None


def _parse(table: Mapping[str, Any]) -> Config:
    config = Config()
    facts: dict[str, Any] = {}
    for key, value in table.items():
        if key not in _KEYS:
            close = get_close_matches(key, _KEYS, 1)
            hint = f"did you mean {close[0]!r}?" if close else f"known are {', '.join(_KEYS)}"
            raise UsageError(f"unknown key {key!r}; {hint}")
        if key in _LISTS:
            if not (isinstance(value, list) and all(isinstance(item, str) for item in value)):
                raise UsageError(f"{key!r} must be a list of strings")
            config = replace(config, **{_LISTS[key]: tuple(value)})  # type: ignore[arg-type]  # names of tuple fields
        elif key == "import":
            config = replace(config, import_=_typed(key, value, bool))
        elif key == "fail-on":
            config = replace(config, fail_on=Severity.parse(_typed(key, value, str)))
        elif key == "output-format":
            if value not in FORMATS:
                raise UsageError(f"'output-format' must be one of {', '.join(FORMATS)}, not {value!r}")
            config = replace(config, output_format=value)
        elif key == "severity":
            levels = {k: Severity.parse(_typed(k, v, str)) for k, v in _typed(key, value, dict).items()}
            config = replace(config, severities=levels)
        elif key == "arguments":
            texts = {k: _typed(k, v, str) for k, v in _typed(key, value, dict).items()}
            config = replace(config, arguments=texts)
        elif key == "shots":
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise UsageError(f"'shots' must be a positive whole number, not {value!r}")
            facts["shots"] = value
        else:
            facts[key] = _FACTS[key](_typed(key, value, str))
    return replace(config, assumed=Assumed(**facts))


def _typed(key: str, value: Any, kind: type) -> Any:
    if not isinstance(value, kind):
        raise UsageError(f"{key!r} must be a {kind.__name__}, not {value!r}")
    return value
