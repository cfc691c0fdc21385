"""The remedy of a finding, made concrete: the best measured change stands beside the rule's own words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ansatzlint.advice import advise
from ansatzlint.advice.subject import SHOTS
from ansatzlint.advice.values import Kind, Recommendation, times
from ansatzlint.diagnostic import Diagnostic, Severity
from ansatzlint.errors import AnsatzlintError
from ansatzlint.evidence import Effort, Evidence
from ansatzlint.linter import Report

REMEDIES: Mapping[str, tuple[Kind, ...]] = {
    "AL101": ("cost",),
    "AL102": ("cost",),
    "AL201": ("initialisation", "depth"),
    "AL202": ("initialisation", "depth"),
    "AL205": ("initialisation", "depth"),
    "AL208": ("topology",),
    "AL301": ("initialisation",),
    "AL302": ("initialisation",),
    "AL304": ("initialisation",),
    "AL501": ("initialisation", "cost", "depth"),
    "AL503": ("initialisation", "cost", "depth"),
    "AL504": ("initialisation", "cost", "depth"),
}
"""The kinds of change that answer a rule and keep the circuit's gates, or leave some out, the quickest first."""

WORK = 5_000_000
"""Gate-samples for each circuit that is compared."""
MOST_GATES, MOST_CIRCUITS = 5_000, 3
"""Larger circuits, and those behind the first so many of a run, keep the rule's own words: a count, not a clock, so
that the same files get the same report."""


def with_measured_help(report: Report) -> Report:
    """The report, with the best measured change in the help of every warning and error that one is known for.

    What is judged, and how, is the linter's alone: nothing but `help` changes.
    """
    evidence = {(c.path, c.name): e for c, e in zip(report.circuits, report.evidence, strict=True)}
    advised: set[int] = set()
    known: dict[tuple[int, tuple[Kind, ...]], Recommendation | None] = {}
    found: list[Diagnostic] = []
    for diagnostic in report.diagnostics:
        kinds = REMEDIES.get(diagnostic.code, ()) if diagnostic.severity >= Severity.WARNING else ()
        own = evidence.get((diagnostic.location.path, diagnostic.circuit or ""))
        best = None
        if kinds and own is not None and len(own.circuit.gates) <= MOST_GATES and not own.fast:
            key = id(own), kinds
            if key not in known and (id(own) in advised or len(advised) < MOST_CIRCUITS):
                advised.add(id(own))
                known[key] = _best(own, kinds)
            best = known.get(key)
        found.append(diagnostic if best is None else replace(diagnostic, help=_said(diagnostic.help, best)))
    return replace(report, diagnostics=tuple(found))


def _best(evidence: Evidence, kinds: tuple[Kind, ...]) -> Recommendation | None:
    """The first of the kinds' recommendations, measured with little work; None where there is none."""
    effort = Effort(evidence.effort.samples, evidence.effort.seed, WORK)
    try:
        found = advise(evidence, kinds, effort, brief=True).recommendations
    except AnsatzlintError:  # a circuit that no advice can be given for keeps the rule's words
        return None
    return found[0] if found else None


def _said(help_: str, found: Recommendation) -> str:
    (shots,) = (e for e in found.evidence if e.key == SHOTS)
    old, new = shots.before.value["median"], shots.after.value["median"]
    how = f"{old:.3g} -> {new:.3g} shots, {shots.after.source}"
    gain = f"the median gradient is {times(found.gain)} larger and cheaper ({how})"
    lead = f"{help_}\n" if help_ else ""  # a line of its own: not every finding has one
    return f"{lead}measured: {found.change}: {gain}; see `ansatzlint recommend`"
