"""What a source file says, in its first lines, that linting it yields."""

from __future__ import annotations

import re
from pathlib import Path

_EXPECT = re.compile(r"^(?:#|//) expect: (.+)$", re.MULTILINE)
_CODE = re.compile(r"AL\d{3}\Z")


def expected(path: Path) -> list[str] | None:
    """The codes after `expect:`, sorted, one for each finding; [] for `nothing`, None where the file says none."""
    found = _EXPECT.findall(path.read_text(encoding="utf-8"))
    if not found:
        return None
    assert len(found) == 1, f"{path} says twice what it expects"
    if found[0].strip() == "nothing":
        return []
    codes = [code.strip() for code in found[0].split(",")]
    assert all(_CODE.match(code) for code in codes), f"{path} expects {found[0]!r}"
    return sorted(codes)
