"""Entangling gates along a ring, a chain or a brick in place of denser couplings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from ansatzlint import graph
from ansatzlint.advice.changes.families import rigid
from ansatzlint.advice.subject import Subject, dressed, without_unused
from ansatzlint.advice.values import Proposal, Refusal
from ansatzlint.circuit import Circuit
from ansatzlint.errors import UsageError
from ansatzlint.families import FAMILIES
from ansatzlint.families.couplings import chain, ring
from ansatzlint.families.family import Choice
from ansatzlint.families.recognition import recognise

_NAMES = {"coupling", "entanglement"}
_SPARSE = ("brick", "pairwise", "ring", "circular", "chain", "linear")


def propose(subject: Subject) -> Iterator[Proposal | Refusal]:
    """Gates of couplings that are no neighbours left out; a family of its own built with another coupling too."""
    circuit = subject.circuit
    meaning = "the same rotations, coupled along fewer pairs: more layers until all qubits have met"
    dense = any(len(block) > circuit.qubits for block in graph.entangling_blocks(circuit))
    found = False
    for name, coupling in (("ring", ring), ("chain", chain)) if dense else ():
        thinner = thinned(circuit, {tuple(sorted(pair)) for pair in coupling(circuit.qubits)})
        if len(thinner.gates) < len(circuit.gates):
            found = True
            change = f"couple the qubits along a {name}: of the entangling gates keep those of its neighbours"
            yield Proposal("topology", name, change, thinner, meaning)
    known = None if rigid(circuit) else recognise(circuit)
    argument = next((k for k in FAMILIES[known.family].space if k in _NAMES), None) if known else None
    if known is not None and argument is not None:
        own = sum(1 for _ in circuit.entangling_gates())
        space = FAMILIES[known.family].space[argument]
        assert isinstance(space, Choice)
        for value in _SPARSE:
            if value not in space.values or value == known.arguments[argument]:
                continue
            try:
                built = FAMILIES[known.family].build(circuit.qubits, **(known.arguments | {argument: value}))
            except UsageError:
                continue  # a coupling that cannot be met at this size
            if sum(1 for _ in built.entangling_gates()) <= own:
                found = True
                change = f"couple the qubits by {argument} {value!r} in place of {known.arguments[argument]!r}"
                yield Proposal("topology", value, change, dressed(circuit, built), meaning)
    if not found:
        yield Refusal("topology", "another topology", "no entangling block couples more pairs than a ring has")


def thinned(circuit: Circuit, pairs: set[tuple[int, ...]]) -> Circuit:
    """The circuit without those two-qubit gates, swaps aside, that couple other pairs."""
    entangling = {index for index, gate in circuit.entangling_gates() if len(gate.qubits) == 2}
    keep = [i not in entangling or tuple(sorted(g.qubits)) in pairs for i, g in enumerate(circuit.gates)]
    before = np.cumsum([0, *keep])
    channels = tuple(replace(c, after=int(before[c.after])) for c in circuit.channels)
    gates = tuple(gate for gate, kept in zip(circuit.gates, keep, strict=True) if kept)
    return without_unused(replace(circuit, gates=gates, channels=channels, blocks=()))
