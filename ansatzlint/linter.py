"""lint: circuits and sources in, a report of findings out."""

from __future__ import annotations

import linecache
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ansatzlint.assumptions import complete, state
from ansatzlint.checks import CIRCUIT, SOURCE, SYNTAX, applies
from ansatzlint.circuit import Circuit, Location, Unread
from ansatzlint.config import Config
from ansatzlint.diagnostic import Diagnostic, Finding, Severity
from ansatzlint.directives import declare
from ansatzlint.errors import CircuitError, InputError, UsageError
from ansatzlint.evidence import Evidence, Resolution
from ansatzlint.evidence.gradients import score
from ansatzlint.rulebook import Rule, load_rules, resolve
from ansatzlint.source import Source
from ansatzlint.suppressions import Suppression, suppressions


@dataclass(frozen=True, slots=True)
class CircuitSummary:
    """One circuit of a report; `verdict` is trainable, weak, barren or unknown, `score` as the interface defines."""

    path: str
    name: str
    qubits: int
    parameters: int
    depth: int
    two_qubit_gates: int
    verdict: str
    score: float | None
    assumptions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NotEvaluated:
    """Something that could not be judged, where, and why."""

    path: str
    circuit: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Report:
    """What linting found.

    `diagnostics` are sorted by place. `evidence` belongs to `circuits`, in their order. `sources` are kept for
    the text that reporters show. `errors` are inputs that could not be read.
    """

    diagnostics: tuple[Diagnostic, ...]
    circuits: tuple[CircuitSummary, ...] = ()
    not_evaluated: tuple[NotEvaluated, ...] = ()
    errors: tuple[InputError, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    sources: tuple[Source, ...] = ()
    fail_on: Severity = Severity.WARNING

    @property
    def ok(self) -> bool:
        """No error, and no finding at or above the severity that fails."""
        return not self.errors and all(d.severity < self.fail_on for d in self.diagnostics)

    def __str__(self) -> str:
        from ansatzlint.report.full import render

        return render(self)

    def _repr_html_(self) -> str:
        from html import escape

        return f"<pre>{escape(str(self))}</pre>"


def lint(circuit: Circuit, config: Config | None = None) -> Report:
    """Judge one circuit by every selected rule.

    Parameters
    ----------
    circuit : Circuit
        What its source does not state is assumed, and said in the report.
    config : Config, optional
        Which rules, and what to assume.

    Raises
    ------
    UsageError
        For a selector that matches no rule, or an observable that does not fit the circuit.
    """
    path = circuit.location.path if circuit.location else f"<{circuit.name}>"
    lines = tuple(line.rstrip("\r\n") for line in linecache.getlines(path)) if circuit.location else ()
    return lint_sources([Source(path=path, lines=lines, circuits=(circuit,))], config or Config())


def lint_sources(sources: Iterable[Source], config: Config) -> Report:
    """Judge files; UsageError as in `lint`."""
    rules = selected_rules(config)
    reports = [_lint_source(source, rules, config) for source in sources]
    return Report(
        diagnostics=tuple(sorted((d for r in reports for d in r.diagnostics), key=_order)),
        circuits=tuple(c for r in reports for c in r.circuits),
        not_evaluated=tuple(n for r in reports for n in r.not_evaluated),
        errors=tuple(e for r in reports for e in r.errors),
        evidence=tuple(e for r in reports for e in r.evidence),
        sources=tuple(s for r in reports for s in r.sources),
        fail_on=config.fail_on,
    )


def selected_rules(config: Config) -> tuple[Rule, ...]:
    """The rules that the configuration selects, with its severities; UsageError for a selector without a rule."""
    codes = (resolve(config.select) | resolve(config.extend_select)) - resolve(config.ignore)
    levels = {code: level for name, level in config.severities.items() for code in resolve([name])}
    return tuple(
        replace(rule, severity=levels.get(rule.code, rule.severity))
        for rule in load_rules().values()
        if rule.code in codes
    )


def _order(diagnostic: Diagnostic) -> tuple[object, ...]:
    place = diagnostic.location
    return place.path, place.cell or 0, place.line, place.column, diagnostic.code, diagnostic.circuit or ""


def _lint_source(source: Source, rules: tuple[Rule, ...], config: Config) -> Report:
    judge = _Judge(source, rules, config)
    try:
        circuits = declare(source)
    except InputError as error:
        return Report((), errors=(*source.errors, error), sources=(source,))
    for circuit in circuits:
        judge.circuit(circuit)
    judge.source()
    judge.diagnostics = _folded(judge.diagnostics, rules)
    hidden, diagnostics = judge.suppressed(suppressions(source))
    diagnostics += judge.unused(suppressions(source), hidden)
    return Report(
        tuple(diagnostics),
        tuple(judge.summaries),
        tuple(judge.not_evaluated),
        (*source.errors, *judge.errors),
        tuple(judge.evidence),
        (source,),
    )


def _missing(rule: Rule, evidence: Evidence) -> str | None:
    """Why a claim that the rule needs cannot be had, None where all can."""
    for claim in map(evidence.claim, rule.needs):
        if claim.value is None:
            return str(claim.reason)
        if claim.source == "surrogate":
            unmet = [a.text for a in claim.assumptions if a.holds is False]
            return f"what is known holds only if {' and '.join(unmet) or 'angles that are shared are independent'}"
    return None


_PLATEAU = "AL501"
_CAUSES = ("AL302", "AL401", "AL101", "AL102", "AL201", "AL202", "AL205", "AL208", "AL301", "AL304")
"""Rules that name the cause of a plateau: first those that say that without it there would be none."""


def _folded(diagnostics: list[Diagnostic], rules: Sequence[Rule]) -> list[Diagnostic]:
    """One plateau is one finding: where its cause is found too, that one carries the verdict.

    The first of a circuit's causes above info takes over the severity (unless the user has set its own) and the
    evidence of the barren plateau, which is dropped.
    """
    fixed = {rule.code for rule in rules if _is_overridden(rule)}
    found: list[Diagnostic | None] = list(diagnostics)
    for number, plateau in enumerate(diagnostics):
        if plateau.code != _PLATEAU:
            continue
        causes = [
            (_CAUSES.index(d.code), at)
            for at, d in enumerate(found)
            if d is not None and d.code in _CAUSES and d.circuit == plateau.circuit and d.severity > Severity.INFO
        ]
        if causes:
            at = min(causes)[1]
            cause = diagnostics[at]
            known = {claim.key for claim in cause.evidence}
            found[number] = None
            found[at] = replace(
                cause,
                severity=cause.severity if cause.code in fixed else max(cause.severity, plateau.severity),
                evidence=(*cause.evidence, *(c for c in plateau.evidence if c.key not in known)),
            )
    return _without_symptoms([d for d in found if d is not None])


_BEHIND: Mapping[str, tuple[str, ...]] = {
    "AL202": ("AL201", "AL205", "AL208", "AL301", "AL304"),
    "AL205": ("AL101", "AL102"),
    "AL502": (_PLATEAU, *_CAUSES),
    "AL503": ("AL101", "AL102"),
}
"""Findings that are symptoms: near-Page entanglement of what brings it about, others of a cost that is global, and a
plateau that is only predicted of whatever says more about it."""


def _without_symptoms(diagnostics: list[Diagnostic]) -> list[Diagnostic]:
    """Without symptoms where what is behind them is found in the same circuit and matters as much."""
    return [
        d
        for d in diagnostics
        if not any(
            o.code in _BEHIND.get(d.code, ()) and o.circuit == d.circuit and o.severity >= d.severity
            for o in diagnostics
            if o.severity > Severity.INFO or d.code == "AL202"
        )
    ]


def _is_overridden(rule: Rule) -> bool:
    return rule.severity != load_rules()[rule.code].severity


class _Judge:
    """Collects what one source yields."""

    def __init__(self, source: Source, rules: tuple[Rule, ...], config: Config) -> None:
        self._source, self._config = source, config
        self._rules = {rule.code: rule for rule in rules}
        self._by_check = {rule.check: rule for rule in rules}
        self.diagnostics: list[Diagnostic] = []
        self.summaries: list[CircuitSummary] = []
        self.not_evaluated: list[NotEvaluated] = []
        self.errors: list[InputError] = []
        self.evidence: list[Evidence] = []

    def circuit(self, circuit: Circuit) -> None:
        try:
            evidence = Evidence(complete(state(circuit, self._config.assumed)), self._config.effort, self._config.fast)
            self._circuit(evidence)
        except (UsageError, CircuitError) as error:
            place = circuit.location
            self.errors.append(
                InputError(
                    f"circuit {circuit.name}: {error}",
                    path=place.path if place else self._source.path,
                    line=place.line if place else None,
                )
            )

    def _circuit(self, evidence: Evidence) -> None:
        circuit = evidence.circuit
        place = circuit.location or self._start()
        judged = {check for check in CIRCUIT if applies(check, circuit)}
        for unread in circuit.unread:
            self._unread(unread, circuit.name, place)
        if not judged:
            if not any(u.reason.startswith("no trainable") for u in circuit.unread):
                self._unread(Unread("no trainable parameter: the circuit is no ansatz"), circuit.name, place)
        else:
            missing: dict[str, list[str]] = {}
            for rule in self._rules.values():
                if rule.check not in judged:
                    continue
                reason = _missing(rule, evidence)
                if reason is not None:
                    missing.setdefault(reason, []).append(rule.code)
                    continue
                for finding in CIRCUIT[rule.check](evidence, rule):
                    self._add(rule, finding, circuit.name, place)
            for reason, codes in missing.items():
                self._unread(Unread(f"{', '.join(codes)} not evaluated: {reason}"), circuit.name, place)
        found: Resolution | None = evidence.value("resolution") if circuit.trainable else None
        self.evidence.append(evidence)
        self.summaries.append(
            CircuitSummary(
                path=place.path,
                name=circuit.name,
                qubits=circuit.qubits,
                parameters=len(circuit.trainable),
                depth=evidence.value("depth"),
                two_qubit_gates=evidence.value("two_qubit_gates"),
                verdict=found.verdict if found else "unknown",
                score=score(found) if found else None,
                assumptions=circuit.assumptions if judged else (),
            )
        )

    def source(self) -> None:
        for unread in self._source.unread:
            self._unread(unread, None, self._start())
        for rule in self._rules.values():
            if rule.check in SOURCE:
                for finding in SOURCE[rule.check](self._source, self.evidence, rule):
                    about = finding.circuit if isinstance(finding, Finding) else None
                    self._add(rule, finding, about, self._start())

    def suppressed(self, hiding: tuple[Suppression, ...]) -> tuple[set[int], list[Diagnostic]]:
        """Which suppressions hid something, and the findings that none hides."""
        used: set[int] = set()
        kept = []
        for diagnostic in self.diagnostics:
            by = [i for i, s in enumerate(hiding) if s.hides(diagnostic.code, diagnostic.location)]
            used.update(by)
            if not by:
                kept.append(diagnostic)
        return used, kept

    def unused(self, hiding: tuple[Suppression, ...], used: set[int]) -> list[Diagnostic]:
        """AL901 for suppressions that hide nothing among the rules that ran, or name no rule."""
        rule = self._by_check.get("unused_suppression")
        if rule is None:
            return []
        found = []
        for index, suppression in enumerate(hiding):
            if suppression.unknown:
                what = f"names no rule: {', '.join(suppression.unknown)}"
            elif index not in used and self._ran(suppression.codes):
                what = "hides nothing"
            else:
                continue
            place = suppression.location
            if not any(s.codes is not None and s.hides(rule.code, place) for s in hiding):
                found.append(self._diagnostic(rule, Finding({"what": what}, location=place), None, place))
        return found

    def _ran(self, codes: frozenset[str] | None) -> bool:
        """Whether all these rules (None: all there are) judged all that there is in the file."""
        if codes is not None and not codes <= self._rules.keys():
            return False
        # what was left unjudged might have been what the comment is there for
        return not self.not_evaluated or (codes is not None and all(self._rules[c].check in SYNTAX for c in codes))

    def _start(self) -> Location:
        width = len(self._source.lines[0]) if self._source.lines else 0
        return Location(self._source.path, 1, 1, 1, width + 1, 1 if self._source.cells else None)

    def _unread(self, unread: Unread, circuit: str | None, place: Location) -> None:
        self.not_evaluated.append(NotEvaluated(self._source.path, circuit, unread.reason))
        rule = self._by_check.get("not_evaluated")
        if rule is not None:
            finding = Finding({"reason": unread.reason}, location=unread.location)
            self.diagnostics.append(self._diagnostic(rule, finding, circuit, place))

    def _add(self, rule: Rule, finding: Finding | Unread, circuit: str | None, place: Location) -> None:
        if isinstance(finding, Unread):
            self._unread(finding, circuit, place)
        else:
            self.diagnostics.append(self._diagnostic(rule, finding, circuit, place))

    def _diagnostic(self, rule: Rule, finding: Finding, circuit: str | None, place: Location) -> Diagnostic:
        severity = rule.severity
        if finding.severity is not None and not _is_overridden(rule):
            severity = finding.severity
        return Diagnostic(
            code=rule.code,
            name=rule.name,
            severity=severity,
            message=rule.message.format(**finding.values),
            location=finding.location or place,
            circuit=circuit,
            qubits=finding.qubits,
            gates=finding.gates,
            parameters=finding.parameters,
            evidence=finding.evidence,
            help=rule.help.format(**finding.values),
            citations=tuple(c.reference for c in rule.citations),
            url=rule.url,
        )

