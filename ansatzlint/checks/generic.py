"""Checks that compare one number with the rule's thresholds: what a rule needs that is nothing but a threshold.

Each reads the first key of the rule's `needs`. The finding's values are `value` and the thresholds by name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from ansatzlint.diagnostic import Finding
from ansatzlint.evidence import Evidence
from ansatzlint.rulebook import Rule


def above(evidence: Evidence, rule: Rule) -> Iterator[Finding]:
    """The value exceeds the threshold `limit`."""
    limit = rule.thresholds["limit"].value
    return _compare(evidence, rule, [lambda value: value > limit])


def below(evidence: Evidence, rule: Rule) -> Iterator[Finding]:
    """The value is less than the threshold `limit`."""
    limit = rule.thresholds["limit"].value
    return _compare(evidence, rule, [lambda value: value < limit])


def outside(evidence: Evidence, rule: Rule) -> Iterator[Finding]:
    """The value is less than `low` or more than `high`."""
    low, high = rule.thresholds["low"].value, rule.thresholds["high"].value
    return _compare(evidence, rule, [lambda value: value < low, lambda value: value > high])


def _compare(evidence: Evidence, rule: Rule, sides: Sequence[Callable[[float], bool]]) -> Iterator[Finding]:
    claim = evidence.claim(rule.needs[0])
    # A sampled value counts only where its whole interval lies beyond the threshold, on one side.
    ends = [v for v in (claim.value, claim.lower, claim.upper) if v is not None]
    if any(all(map(beyond, ends)) for beyond in sides):
        values = {name: threshold.value for name, threshold in rule.thresholds.items()}
        yield Finding({"value": claim.value, **values}, evidence=(claim,))
