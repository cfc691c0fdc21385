"""What comments tell the reader.

    input float[64] weights_0_1; // ansatzlint: parameter="weights[0,1]" role=input
    // ansatzlint: parameter=none

On the line of an `input`: its original name, as a JSON string, and its role. Elsewhere: no number in the file is a
trainable angle.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Literal

from ansatzlint.readers.openqasm.text import Text
from ansatzlint.readers.roles import INPUT_NAMES
from ansatzlint.source import Comment

MARK = "ansatzlint:"

Role = Literal["trainable", "input"]

_COMMENT = re.compile(r"\"[^\"\n]*+\"|//[^\n]*+|/\*(?>.*?(?:\*/|\Z))", re.DOTALL)
_PARAMETER = re.compile(
    r'\s*+(?:parameter=(?P<name>"(?:[^"\\]|\\.)*+")\s*+)?+(?:role=(?P<role>input|trainable))?+\s*+\Z'
)
_NONE = re.compile(r"\s*+parameter=none\s*+\Z")
_DATA = INPUT_NAMES | {"x_in", "z_in"}


@dataclass(frozen=True, slots=True)
class Said:
    """What a comment says about the input on its line."""

    name: str | None
    role: Role | None


@dataclass(frozen=True, slots=True)
class Directives:
    """What the comments of one text say: by line about inputs, and whether numbers stay fixed."""

    inputs: dict[int, Said]
    angles_fixed: bool


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
    inputs: dict[int, Said] = {}
    fixed = False
    for comment in found:
        body = comment.text.partition(MARK)[2]
        fixed = fixed or _NONE.match(body) is not None
        match = _PARAMETER.match(body)
        if match is None or not body.strip():
            continue
        try:
            name = None if match["name"] is None else str(json.loads(match["name"]))
        except ValueError:  # no JSON string, so it was not written for this reader
            continue
        role: Role | None = None if match["role"] is None else "input" if match["role"] == "input" else "trainable"
        inputs[comment.location.line] = Said(name, role)
    return Directives(inputs, fixed)


def role_by_name(name: str) -> Role:
    """Whether a parameter is a data input going by its name without underscores and indices around it."""
    return "input" if re.sub(r"[\W\d_]++\Z", "", name.lstrip("_")) in _DATA else "trainable"
