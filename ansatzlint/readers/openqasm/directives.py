"""What comments tell the reader, and the exporter's half of the same language.

    // ansatzlint: parameter=weights_0_1 name="weights[0,1]" role=input
    // ansatzlint: angles=fixed

The first gives an `input` its original name (a JSON string) or its role; the second says that no number in the
file is a trainable angle.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Literal

from ansatzlint.readers.openqasm.text import Text
from ansatzlint.source import Comment

MARK = "ansatzlint:"
ANGLES_FIXED = f"// {MARK} angles=fixed"

Role = Literal["trainable", "input"]

_COMMENT = re.compile(r"\"[^\"\n]*+\"|//[^\n]*+|/\*(?>.*?\*/)", re.DOTALL)
_PARAMETER = re.compile(
    r'\s*+parameter=([^\W\d]\w*+)(?:\s++name=("(?:[^"\\]|\\.)*+"))?+(?:\s++role=(input|trainable))?+\s*+\Z'
)
_FIXED = re.compile(r"\s*+angles=fixed\s*+\Z")
_DATA = frozenset(["x", "X", "xs", "input", "inputs", "feature", "features", "data", "x_in", "z_in"])


@dataclass(frozen=True, slots=True)
class Directives:
    """Original names by name in the source, roles by original name, and whether numbers stay fixed."""

    names: dict[str, str] = field(default_factory=dict)
    roles: dict[str, Role] = field(default_factory=dict)
    angles_fixed: bool = False


def parameter_comment(name: str, original: str, role: Role | None) -> str:
    """The comment that gives an input its original name and, unless None, its role."""
    parts = [f"// {MARK} parameter={name}"]
    if original != name:
        parts.append(f"name={json.dumps(original)}")
    if role is not None:
        parts.append(f"role={role}")
    return " ".join(parts)


def comments(text: Text) -> tuple[Comment, ...]:
    """The comments that speak to ansatzlint."""
    if MARK not in text.content:
        return ()
    found = []
    for match in _COMMENT.finditer(text.content):
        comment = match.group()
        if comment[0] == "/" and MARK in comment:
            inside = comment[2:] if comment[1] == "/" else comment[2:-2]
            found.append(Comment(inside.strip(), text.location(match.start(), match.end())))
    return tuple(found)


def directives(found: tuple[Comment, ...]) -> Directives:
    """What the comments say to the reader; others are left to whoever they speak to."""
    result = Directives()
    fixed = False
    for comment in found:
        said = comment.text.partition(MARK)[2]
        fixed = fixed or _FIXED.match(said) is not None
        match = _PARAMETER.match(said)
        if match is None:
            continue
        name, original, role = match.groups()
        try:
            restored = name if original is None else str(json.loads(original))
        except ValueError:  # no JSON string, so no comment of the exporter's
            continue
        result.names[name] = restored
        if role is not None:
            result.roles[restored] = "input" if role == "input" else "trainable"
    return Directives(result.names, result.roles, fixed)


def role_by_name(name: str) -> Role:
    """Whether a parameter is a data input going by its name without underscores and indices around it."""
    return "input" if re.sub(r"[\W\d_]++\Z", "", name.lstrip("_")) in _DATA else "trainable"
