"""Fewer layers: as many as keep the median gradient within a tenth of the shot budget."""

from __future__ import annotations

from collections.abc import Iterator

from ansatzlint.advice.subject import SHOTS, Subject, without_unused
from ansatzlint.advice.values import Proposal, Refusal
from ansatzlint.evidence.gradients import truncated


def propose(subject: Subject) -> Iterator[Proposal | Refusal]:
    """The circuit up to the last entangling block within the budget, found by bisection: depth loses, never gains."""
    evidence = subject.evidence
    total: int = evidence.value("entangling_blocks")
    if total < 2:
        yield Refusal("depth", "fewer layers", "there is one entangling block, or none")
        return
    claim = subject.claim(SHOTS)
    comfortable = evidence.value("resolution").budget / 10 if claim.value is not None else 0.0
    if claim.value is not None and (claim.upper or claim.value)["median"] <= comfortable:
        reason = f"the median gradient needs no more than {comfortable:,.0f} shots with all {total} entangling blocks"
        yield Refusal("depth", "fewer layers", reason)
        return
    kept, lost = 0, total
    while lost - kept > 1:
        middle = (kept + lost) // 2
        shorter = subject.changed(without_unused(truncated(subject.circuit, middle)))
        found = shorter.claim(SHOTS)
        fits = found.value is not None and (found.upper or found.value)["median"] <= comfortable
        kept, lost = (middle, lost) if fits else (kept, middle)
    kept = max(kept, 1)
    yield Proposal(
        "depth", "depth", f"keep the first {kept} of {total} entangling blocks, and what stands before them",
        without_unused(truncated(subject.circuit, kept)),
        "a part of the circuit: it reaches fewer states",
    )  # fmt: skip
