"""What a rule.toml may name as its check: pure functions from claims and thresholds to findings.

A name may stand in several tables: `CIRCUIT` checks take (Evidence, Rule), `SOURCE` checks (Source, Rule); each
yields `Finding`s, and `Unread` for what it could not judge; a `CIRCUIT` check runs only where every claim that its
rule needs has a value. The `LINTER` raises its own findings by name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from ansatzlint.checks import cost, draws, generic, structure
from ansatzlint.circuit import Unread
from ansatzlint.diagnostic import Finding
from ansatzlint.evidence import Evidence
from ansatzlint.rulebook import Rule
from ansatzlint.source import Source

CIRCUIT: Mapping[str, Callable[[Evidence, Rule], Iterable[Finding | Unread]]] = {
    "above": generic.above,
    "below": generic.below,
    "outside": generic.outside,
    "global_cost": cost.global_cost,
    "projector_cost": cost.projector_cost,
    "constant_term": cost.constant_term,
    "dead_parameter": structure.dead_parameter,
    "redundant_parameter": structure.redundant_parameter,
    "no_entanglement": structure.no_entanglement,
    "idle_qubit": structure.idle_qubit,
    "dense_entangler": structure.dense_entangler,
    "unused_input": structure.unused_input,
    "random_init": draws.declared_random_init,
}

SOURCE: Mapping[str, Callable[[Source, Rule], Iterable[Finding | Unread]]] = {
    "random_init": draws.random_init,
    "unseeded_init": draws.unseeded_init,
}

LINTER = frozenset(["unused_suppression", "not_evaluated"])
