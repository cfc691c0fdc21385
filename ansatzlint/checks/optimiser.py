"""Checks of what trains the circuit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ansatzlint.checks.plateau import measured, misses_budget
from ansatzlint.diagnostic import Finding
from ansatzlint.evidence import Evidence
from ansatzlint.rulebook import Rule
from ansatzlint.source import Source


def gradient_free_escape(source: Source, circuits: Sequence[Evidence], rule: Rule) -> Iterator[Finding]:
    """A gradient-free optimiser in a file with a circuit whose gradients all miss the shot budget."""
    if not source.optimisers:
        return
    barren = next((e for e in circuits if e.circuit.trainable and misses_budget(e)), None)
    if barren is None:
        return
    for optimiser in source.optimisers:
        yield Finding(
            {"optimiser": optimiser.name, "circuit": barren.circuit.name, "measured": measured(barren)},
            location=optimiser.location,
            evidence=(barren.claim("resolution"),),
            circuit=barren.circuit.name,
        )
