"""One line a finding: path:line:column: severity CODE name: message."""

from __future__ import annotations

from ansatzlint.linter import Report
from ansatzlint.report.text import paint_severity, place, summary


def render(report: Report, *, color: bool = False) -> str:
    """Text that ends with a newline."""
    lines = [
        f"{place(d.location)}: {paint_severity(str(d.severity), d.severity, color)} {d.code} {d.name}: {d.message}"
        + (f" (circuit {d.circuit})" if d.circuit else "")
        for d in report.diagnostics
    ]
    lines.append(summary(report))
    return "\n".join(lines) + "\n"
