"""Comments that hide findings.

    # ansatzlint: ignore[AL101, global-cost] reason       hides findings on this line
    # ansatzlint: ignore                                  hides all findings on this line
    # ansatzlint: ignore-file[AL101] reason               hides findings in this file

In OpenQASM the comment starts with `//`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ansatzlint.circuit import Location
from ansatzlint.errors import UsageError
from ansatzlint.rulebook import resolve
from ansatzlint.source import Source

_IGNORE = re.compile(r"(?P<kind>ignore-file|ignore)\b\s*(?:\[(?P<codes>[^\]]*)\])?(?P<reason>.*)$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Suppression:
    """`codes` is None for all rules; `unknown` names those that are no rules."""

    location: Location
    whole_file: bool
    codes: frozenset[str] | None
    unknown: tuple[str, ...] = ()

    def hides(self, code: str, location: Location) -> bool:
        """Whether it hides a finding of that rule at that place."""
        if self.codes is not None and code not in self.codes:
            return False
        if self.whole_file:
            return True
        return location.cell == self.location.cell and location.line <= self.location.line <= location.end_line


def suppressions(source: Source) -> tuple[Suppression, ...]:
    """The suppressions among the source's comments."""
    found = []
    for comment in source.comments:
        match = _IGNORE.match(comment.body)
        if match is None:
            continue
        codes: set[str] = set()
        unknown = []
        for selector in (match["codes"] or "").split(","):
            if selector.strip():
                try:
                    codes |= resolve([selector])
                except UsageError:
                    unknown.append(selector.strip())
        every = match["codes"] is None
        found.append(
            Suppression(
                comment.location, match["kind"] == "ignore-file", None if every else frozenset(codes), tuple(unknown)
            )
        )
    return tuple(found)
