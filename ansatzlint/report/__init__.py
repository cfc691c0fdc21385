"""Reporters: one file a format, `render(report) -> str`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

FORMATS: Mapping[str, str] = {
    "full": "ansatzlint.report.full",
    "concise": "ansatzlint.report.concise",
    "json": "ansatzlint.report.json",
}


def renderer(name: str) -> Callable[..., str]:
    """The `render` function of a format, a key of `FORMATS`."""
    render: Any = import_module(FORMATS[name]).render
    return render  # type: ignore[no-any-return]  # each format module has it
