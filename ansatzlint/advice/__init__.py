"""From a circuit to better ones: concrete changes, each applied, measured by the engine, ranked by gain per loss.

Gain is about the median live gradient: the smaller of the factors by which the shots fall that resolve it and by which
its mean square grows, in units of the cost's range squared. Where the cost is a Hamiltonian, quality is the factor by
which the rest of the way to its least value shrinks that training leaves: measured by short runs where they are asked
for, else predicted. Loss is the sum of the shares of live parameters, entangling capability and parameter dimension
that are gone, of the nats of expressibility, of the decades of two-qubit gates that are added, and of what a change
gives up by its nature (another optimum, a symmetry). Changes are ordered by

    (log10(gain, lower end) + log10(quality)) / (1 + loss)

and recommended only where the lower end of the gain is at least `ENOUGH` and the best gradient stays within a tenth of
the shot budget, or gets no worse; or where the gain is at least 1 and every run of the changed circuit came nearer to
the optimum, `ENOUGH` times, than any of the circuit as it is. What training showed to be worse is not recommended.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from math import log10
from types import MappingProxyType

from ansatzlint.advice.changes import cost, depth, families, growth, start, symmetry, topology
from ansatzlint.advice.quality import factor, surely_nearer
from ansatzlint.advice.subject import SHOTS, Gain, Subject, compared, gain, live_share, losses
from ansatzlint.advice.values import (
    ENOUGH,
    Compared,
    Kind,
    Loss,
    Proposal,
    Recommendation,
    Refusal,
    Stage,
    rank,
)
from ansatzlint.assumptions import Assumed, complete, state
from ansatzlint.circuit import Circuit
from ansatzlint.errors import CircuitError, UsageError
from ansatzlint.evidence import Effort, Evidence
from ansatzlint.initialisation import Initialisation
from ansatzlint.noise import Noise

__all__ = [
    "KINDS", "Advice", "Compared", "Loss", "Recommendation", "Refusal", "Stage", "advise", "recommend",
]  # fmt: skip

WORK = 200_000_000
"""Gate-samples for each circuit that is recommended, as `variance.Effort` counts them."""
SCREENED = 0.05
"""The share of it with which proposals are compared among themselves."""

FINALISTS = 2
"""Proposals of a group that are measured in full."""
MOST_FAMILIES = 3
"""Recommendations of other families: the best ones."""

KINDS: Mapping[Kind, Callable[[Subject], Iterator[Proposal | Refusal]]] = MappingProxyType(
    {
        "cost": cost.propose,
        "initialisation": start.propose,
        "depth": depth.propose,
        "topology": topology.propose,
        "family": families.propose,
        "symmetry": symmetry.propose,
        "growth": growth.propose,
    }
)
"""Kinds of change and what proposes them."""


@dataclass(frozen=True, slots=True, eq=False)
class Advice:
    """What was found: the claims of the circuit as it is, changes that are better, changes that are not and why."""

    before: Evidence
    recommendations: tuple[Recommendation, ...]
    refused: tuple[Refusal, ...]


def recommend(
    circuit: Circuit,
    *,
    observable: str | None = None,
    init: Initialisation | None = None,
    noise: Noise | None = None,
    kinds: Iterable[str] | None = None,
    train: bool = False,
    samples: int | None = None,
    seed: int = 0,
) -> tuple[Recommendation, ...]:
    """Changes of a circuit that make its gradients surely cheaper to measure, best first; empty where none is found.

    Parameters
    ----------
    circuit : Circuit
        What its source does not state is assumed, as `ansatzlint.assumptions.complete` says.
    observable, init, noise
        Stand above what the circuit states, where given.
    kinds : iterable of str, optional
        Keys of `KINDS`; all of them where not given.
    train : bool
        Train circuits on a few qubits whose cost is a Hamiltonian, to rank them by what they reach.
    samples, seed : int
        Of what is sampled; without `samples` as many as are needed.

    Raises
    ------
    UsageError
        For something that is no circuit, an observable that does not fit it, an unknown kind, samples below 1, a seed
        that is no whole number from 0 up.
    CircuitError
        For a circuit without trainable parameters, without an expectation value as cost, or read in part only.
    """
    from ansatzlint.variance import validate

    validate(circuit, 1 if samples is None else samples, seed, "auto")
    whole = complete(state(circuit, Assumed(observable=observable, init=init, noise=noise)))
    return advise(Evidence(whole, Effort(samples, seed, WORK)), kinds, train=train).recommendations


def advise(
    before: Evidence,
    kinds: Iterable[str] | None = None,
    effort: Effort | None = None,
    train: bool = False,
    report: Callable[[str], object] | None = None,
    brief: bool = False,
) -> Advice:
    """`recommend` for the claims of a complete circuit, with what was refused; raises as it does.

    `effort` is for each changed circuit, that of the claims where it is not given. `report` is told what is being
    measured. With `brief` nothing is compared but gradients and gates.
    """
    chosen = tuple(KINDS) if kinds is None else tuple(map(_kind, kinds))
    _validate(before)
    say = report or (lambda _: None)
    subject = Subject(before, effort or before.effort, train, brief)
    refused: list[Refusal] = []
    best: list[Recommendation] = []
    for kind in chosen:
        say(f"{kind}: building circuits")
        groups: dict[str, list[Proposal]] = {}
        for found in KINDS[kind](subject):
            if isinstance(found, Refusal):
                refused.append(found)
            else:
                groups.setdefault(found.group, []).append(found)
        for number, proposals in enumerate(groups.values()):
            say(f"{kind}: {number} of {len(groups)} groups of changes measured")
            better, worse = _best(subject, proposals)
            best += better
            refused += worse
    best.sort(key=lambda r: -r.rank)
    kept, others = _without_many(best)
    return Advice(before, tuple(kept), (*refused, *others))


def _kind(name: str) -> Kind:
    for kind in KINDS:
        if kind == name:
            return kind
    raise UsageError(f"unknown kind of change {name!r}; known are {', '.join(KINDS)}")


def _validate(evidence: Evidence) -> None:
    circuit = evidence.circuit
    if not circuit.trainable:
        raise CircuitError("the circuit has no trainable parameter, so there is nothing to improve")
    if circuit.unread:
        raise CircuitError(f"part of the circuit was not read, which no advice can keep: {circuit.unread[0].reason}")
    claim = evidence.claim(SHOTS)
    if claim.value is None and evidence.claim("gradients").value is None:
        raise CircuitError(f"the circuit's gradients cannot be measured: {claim.reason}")


def _best(subject: Subject, proposals: list[Proposal]) -> tuple[list[Recommendation], list[Refusal]]:
    """The best of a group, measured in full, if it is better than the circuit as it is; else why not."""
    effort = subject.effort
    screened: list[tuple[float, Proposal]] = []
    reason = ""
    if len(proposals) <= FINALISTS:
        finalists = proposals
    else:
        for proposal in proposals:
            rough = gain(subject, subject.changed(proposal.circuit, replace(effort, work=int(SCREENED * effort.work))))
            if isinstance(rough, str):
                reason = rough
            else:
                screened.append((rank(rough.value, _known(subject, proposal)), proposal))
        screened.sort(key=lambda pair: -pair[0])
        finalists = [proposal for _, proposal in screened[:FINALISTS]]
    first, found = proposals[0], []
    for proposal in finalists:
        judged = _judged(subject, proposal)
        if isinstance(judged, Recommendation):
            found.append(judged)
        else:
            first, reason = proposal, judged
    if not found:
        return [], [Refusal(first.kind, first.change, reason)]
    return [max(found, key=lambda r: r.rank)], []


def _known(subject: Subject, proposal: Proposal) -> float:
    """What is lost as far as it costs nothing to tell."""
    old, new = len(subject.circuit.trainable), len(proposal.circuit.trainable)
    gates = [sum(len(g.qubits) == 2 for g in c.gates) for c in (subject.circuit, proposal.circuit)]
    return (
        max(1.0 - new / old, 0.0)
        + max(log10(max(gates[1], 1) / max(gates[0], 1)), 0.0)
        + sum(loss.amount for loss in proposal.losses)
    )


def _judged(subject: Subject, proposal: Proposal) -> Recommendation | str:
    """The proposal measured in full; a str says why it is not better."""
    after = subject.changed(proposal.circuit)
    found = gain(subject, after)
    if isinstance(found, str):
        return found
    alive, was = live_share(after), live_share(subject)
    if alive < was / 2:
        return f"{alive:.0%} of its parameters move the cost, instead of {was:.0%}"
    nearer = subject.train and found.lower >= 1.0 and surely_nearer(subject.reached, after.reached, ENOUGH)
    why_not = "" if nearer else _not_better(found)
    if why_not:
        return why_not
    quality = 1.0 if subject.brief else factor(subject.reached, after.reached)
    if subject.train and quality * ENOUGH < 1.0:
        errors = f"{after.reached.value:.3g} instead of {subject.reached.value:.3g} of the range"
        return f"gradients are better, but after training the cost is farther from its least value: {errors}"
    return Recommendation(
        kind=proposal.kind,
        change=proposal.change,
        meaning=proposal.meaning,
        circuit=proposal.circuit,
        gain=found.value,
        gain_lower=found.lower,
        gain_upper=found.upper,
        quality=quality,
        losses=(*proposal.losses, *losses(subject, after)),
        evidence=compared(subject, after),
        stages=proposal.stages,
    )


def _not_better(found: Gain) -> str:
    if found.lower < ENOUGH:
        ends = "" if found.lower == found.upper else f" [{found.lower:.3g}, {found.upper:.3g}]"
        return f"the gain at the median gradient is a factor {found.value:.3g}{ends}, and {ENOUGH:g} is what counts"
    return "" if found.keeps_best else "the best gradient gets worse, and is not surely cheap"


def _without_many(found: list[Recommendation]) -> tuple[list[Recommendation], list[Refusal]]:
    """Not more families than `MOST_FAMILIES`, of recommendations in order."""
    kept: list[Recommendation] = []
    left: list[Refusal] = []
    count = 0
    for recommendation in found:
        count += recommendation.kind == "family"
        if recommendation.kind == "family" and count > MOST_FAMILIES:
            left.append(Refusal("family", recommendation.change, "better than the circuit, but other families more so"))
        else:
            kept.append(recommendation)
    return kept, left
