"""Checks of how the parameters' first values are drawn."""

from __future__ import annotations

from collections.abc import Iterator

from ansatzlint.assumptions import has_declared_initialisation
from ansatzlint.diagnostic import Finding
from ansatzlint.evidence import Evidence
from ansatzlint.initialisation import Uniform
from ansatzlint.rulebook import Rule
from ansatzlint.source import Source


def declared_random_init(evidence: Evidence, rule: Rule) -> Iterator[Finding]:
    """A full-period uniform initialisation that the source or the user declares."""
    circuit = evidence.circuit
    initialisation = circuit.initialisation
    if isinstance(initialisation, Uniform) and initialisation.full_period and has_declared_initialisation(circuit):
        names = tuple(p.name for p in circuit.trainable if p.initialisation is None)
        if names:
            yield Finding({"target": "the trainable parameters", "initialisation": initialisation}, parameters=names)


def random_init(source: Source, rule: Rule) -> Iterator[Finding]:
    """A draw of trainable parameters that is uniform over a full period."""
    for draw in source.draws:
        law = draw.initialisation
        if draw.role == "trainable" and isinstance(law, Uniform) and law.full_period:
            yield Finding({"target": draw.target or "the parameters", "initialisation": law}, location=draw.location)


def unseeded_init(source: Source, rule: Rule) -> Iterator[Finding]:
    """A draw of trainable parameters before which no seed was set."""
    for draw in source.draws:
        if draw.role == "trainable" and not draw.seeded:
            yield Finding({"target": draw.target or "the parameters"}, location=draw.location)
