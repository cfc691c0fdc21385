"""What a rule.toml may name as its check: pure functions from claims and thresholds to findings.

`CIRCUIT` checks take (Evidence, Rule) of one circuit; a check runs only where it applies, and only where every claim
that its rule needs has a value and is no surrogate. `SOURCE` checks take (Source, the Evidence of each of its circuits,
Rule). Each yields `Finding`s, and `Unread` for what it could not judge. The `LINTER` raises its own findings by name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from ansatzlint.checks import cost, draws, encoding, generic, optimiser, plateau, prediction, scale, structure
from ansatzlint.circuit import Circuit, Unread
from ansatzlint.diagnostic import Finding
from ansatzlint.encoding import is_kernel
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
    "excessive_depth": plateau.excessive_depth,
    "excessive_entanglement": plateau.excessive_entanglement,
    "stationary_init": draws.stationary_init,
    "noise_plateau": plateau.noise_plateau,
    "too_few_shots": plateau.too_few_shots,
    "barren_plateau": plateau.barren_plateau,
    "partial_plateau": plateau.partial_plateau,
    "predicted_plateau": prediction.predicted_plateau,
    "predicted_poor_optimum": prediction.predicted_poor_optimum,
    "exponential_algebra": scale.exponential_algebra,
    "overparametrised": structure.overparametrised,
    "classically_simulable": scale.classically_simulable,
    "barren_at_scale": scale.barren_at_scale,
    "encoding_commutes": encoding.encoding_commutes,
    "global_kernel": encoding.global_kernel,
    "encoding_plateau": encoding.encoding_plateau,
}

SOURCE: Mapping[str, Callable[[Source, Sequence[Evidence], Rule], Iterable[Finding | Unread]]] = {
    "random_init": draws.random_init,
    "unseeded_init": draws.unseeded_init,
    "wide_init": draws.wide_init,
    "gradient_free_escape": optimiser.gradient_free_escape,
}

SYNTAX = frozenset(["random_init", "unseeded_init"])
"""Those of `SOURCE` that judge a file none of whose circuits could be read."""

LINTER = frozenset(["unused_suppression", "not_evaluated"])


def _is_trained(circuit: Circuit) -> bool:
    return bool(circuit.trainable)


def _takes_data(circuit: Circuit) -> bool:
    return bool(circuit.trainable) and bool(circuit.inputs)


_APPLIES: Mapping[str, Callable[[Circuit], bool]] = {
    "excessive_entanglement": lambda circuit: _is_trained(circuit) and plateau.has_narrow_term(circuit),
    "stationary_init": lambda circuit: _is_trained(circuit) and draws.starts_at_one_point(circuit),
    "noise_plateau": lambda circuit: _is_trained(circuit) and plateau.is_noisy(circuit),
    "overparametrised": lambda circuit: _is_trained(circuit) and not circuit.inputs and not plateau.is_noisy(circuit),
    "too_few_shots": lambda circuit: _is_trained(circuit) and circuit.shots is not None,
    "predicted_poor_optimum": lambda circuit: _is_trained(circuit) and prediction.is_learned_training(circuit),
    "encoding_commutes": _takes_data,
    "encoding_plateau": lambda circuit: _takes_data(circuit) and all(p.value is not None for p in circuit.inputs),
    "global_kernel": is_kernel,
}
"""Which circuits a check is about: those with trainable parameters, where nothing is said here."""


def applies(check: str, circuit: Circuit) -> bool:
    """Whether a check of `CIRCUIT` is about such a circuit at all."""
    return _APPLIES.get(check, _is_trained)(circuit)
