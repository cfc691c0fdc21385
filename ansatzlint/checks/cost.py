"""Checks of the cost function."""

from __future__ import annotations

from collections.abc import Iterator
from math import floor, log2

from ansatzlint.checks.scale import measured_at_target, misses_at_target
from ansatzlint.circuit import Nonlinear, PauliSum, Probabilities, Projector, Unread
from ansatzlint.diagnostic import Finding, Severity
from ansatzlint.evidence import Evidence, Term
from ansatzlint.rulebook import Rule


def local_limit(qubits: int, rule: Rule) -> int:
    """The most qubits that a term of a local cost acts on: logarithmic in the circuit's size."""
    return max(int(rule.thresholds["locality"].value), floor(log2(qubits)) if qubits else 0)


def global_cost(evidence: Evidence, rule: Rule) -> Iterator[Finding | Unread]:
    """A Pauli sum whose local terms carry less than the threshold of its squared coefficients.

    Information, unless it stays global behind the trailing Clifford gates and its gradients miss the shot budget at
    the target size.
    """
    circuit = evidence.circuit
    limit = local_limit(circuit.qubits, rule)
    claim = evidence.claim("cost_terms")
    terms: tuple[Term, ...] = claim.value
    for number, observable in enumerate(circuit.observables):
        if isinstance(observable, Nonlinear):
            reason = f"{rule.code} {rule.name} not evaluated: {observable} is no expectation value"
            yield Unread(reason, observable.location)
        if not isinstance(observable, PauliSum):
            continue
        # A term that no parameter moves (locality 0) neither hides a global cost nor makes one.
        own = [t for t in terms if t.observable == number and t.weight and t.locality]
        if not own or _share([len(t.qubits) <= limit for t in own], own) >= rule.thresholds["local_share"].value:
            continue
        pulled = _share([t.locality <= limit for t in own], own)
        still_global = pulled < rule.thresholds["local_share"].value
        widest = max(own, key=lambda t: (t.locality, len(t.qubits)))
        narrowest = min(t.locality for t in own)
        behind = f"{'on' if len(own) == 1 else 'the narrowest on'} {narrowest}"
        yield Finding(
            {
                "what": f"the cost {_short_term(widest)}" if len(own) == 1 else f"the widest of {len(own)} cost terms",
                "acts": len(widest.qubits),
                "qubits": circuit.qubits,
                "limit": limit,
                "locality": widest.locality,
                "pulled": "" if still_global else f" (behind the trailing Clifford gates {behind} only)",
                "measured": measured_at_target(evidence),
            },
            location=observable.location,
            severity=None if still_global and misses_at_target(evidence) else Severity.INFO,
            qubits=widest.qubits,
            evidence=(claim,),
        )


def _share(chosen: list[bool], terms: list[Term]) -> float:
    largest = max(abs(t.weight) for t in terms)  # so that no square overflows or vanishes
    squares = [(t.weight / largest) ** 2 for t in terms]
    return sum(square for square, taken in zip(squares, chosen, strict=True) if taken) / sum(squares)


def _short_term(term: Term) -> str:
    letters = term.label.split(" ")
    return term.label if len(letters) <= 7 else " ".join([*letters[:3], "…", letters[-1]])


def projector_cost(evidence: Evidence, rule: Rule) -> Iterator[Finding]:
    """A projector on more qubits than a local cost acts on.

    Information, unless its gradients miss the shot budget at the target size; probabilities of as many outcomes always.
    """
    level = None if misses_at_target(evidence) else Severity.INFO
    limit = local_limit(evidence.circuit.qubits, rule)
    claim = evidence.claim("cost_terms")
    for observable in evidence.circuit.observables:
        if not isinstance(observable, Projector | Probabilities) or len(observable.qubits) <= limit:
            continue
        acts = len(observable.qubits)
        if isinstance(observable, Projector):
            what, severity = f"the cost is the probability of |{_short(observable.bits)}> on {acts} qubits", level
        elif observable.selected:
            what, severity = f"the cost reads single outcomes of the probabilities of {acts} qubits", level
        else:
            what = f"the probabilities of {acts} qubits are returned; each one is a projector"
            severity = Severity.INFO
        yield Finding(
            {
                "what": what,
                "acts": acts,
                "limit": limit,
                "qubits": evidence.circuit.qubits,
                "measured": measured_at_target(evidence),
            },
            location=observable.location,
            severity=severity,
            qubits=observable.qubits,
            evidence=(claim,),
        )


def _short(bits: str) -> str:
    return bits if len(bits) <= 12 else f"{bits[:5]}…{bits[-5:]}"


def constant_term(evidence: Evidence, rule: Rule) -> Iterator[Finding]:
    """Cost terms, constants aside, whose light cone holds no parameter."""
    claim = evidence.claim("constant_terms")
    constant: tuple[Term, ...] = claim.value
    if constant and len(constant) < len(evidence.value("cost_terms")):
        first = evidence.circuit.observables[constant[0].observable]
        shown = ", ".join(t.label for t in constant[:4]) + (", …" if len(constant) > 4 else "")
        yield Finding(
            {
                "terms": f"{len(constant)} cost terms" if len(constant) > 1 else "cost term",
                "shown": shown,
                "verb": "are" if len(constant) > 1 else "is",
                "them": "them" if len(constant) > 1 else "it",
            },
            location=first.location,
            qubits=tuple(sorted({q for t in constant for q in t.qubits})),
            evidence=(claim,),
        )
