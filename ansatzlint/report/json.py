"""The report as JSON, schema 1."""

from __future__ import annotations

import dataclasses
import json
from math import isfinite
from typing import Any

from ansatzlint import __version__
from ansatzlint.diagnostic import Claim, Diagnostic
from ansatzlint.linter import Report

SCHEMA = 1


def render(report: Report, *, color: bool = False) -> str:  # noqa: ARG001 - one signature for all formats
    """Text that ends with a newline; keys as documented for `check --output-format json`."""
    data = {
        "schema": SCHEMA,
        "version": __version__,
        "diagnostics": [_diagnostic(d) for d in report.diagnostics],
        "circuits": [dataclasses.asdict(c) for c in report.circuits],
        "not_evaluated": [dataclasses.asdict(n) for n in report.not_evaluated],
        "errors": [
            {"path": e.path, "line": e.line, "column": e.column, "message": e.message} for e in report.errors
        ],
    }
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def claim_data(claim: Claim) -> dict[str, Any]:
    """A claim as plain data."""
    return {
        "key": claim.key,
        "value": plain(claim.value),
        "lower": plain(claim.lower),
        "upper": plain(claim.upper),
        "source": claim.source,
        "assumptions": [{"text": a.text, "holds": a.holds} for a in claim.assumptions],
        "citation": claim.citation,
        "samples": claim.samples,
        "seed": claim.seed,
        "seconds": round(claim.seconds, 6),
        "reason": claim.reason,
    }


def plain(value: Any) -> Any:
    """Frozen values as dicts and lists; a number that is not finite, which JSON does not have, becomes None."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, float) and not isfinite(value):
        return None
    return value


def _diagnostic(diagnostic: Diagnostic) -> dict[str, Any]:
    location = diagnostic.location
    return {
        "code": diagnostic.code,
        "name": diagnostic.name,
        "severity": str(diagnostic.severity),
        "message": diagnostic.message,
        "path": location.path,
        "cell": location.cell,
        "line": location.line,
        "column": location.column,
        "end_line": location.end_line,
        "end_column": location.end_column,
        "circuit": diagnostic.circuit,
        "qubits": list(diagnostic.qubits),
        "gates": list(diagnostic.gates),
        "parameters": list(diagnostic.parameters),
        "evidence": [claim_data(claim) for claim in diagnostic.evidence],
        "help": diagnostic.help,
        "fix": plain(diagnostic.fix),
        "url": diagnostic.url,
    }
