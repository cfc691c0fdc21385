"""Starts that keep gradients: narrow normal ones, and circuits of identity blocks."""

from __future__ import annotations

from collections.abc import Iterator

from ansatzlint.advice.changes.families import like
from ansatzlint.advice.subject import Subject, dressed, started
from ansatzlint.advice.values import Proposal, Refusal
from ansatzlint.evidence.gradients import narrow_law
from ansatzlint.initialisation import Normal

WIDTHS = (0.5, 1.0, 2.0)
"""Of the width that the theorem has for circuits of its form; others may do better beside it."""


def propose(subject: Subject) -> Iterator[Proposal | Refusal]:
    """Normal laws of variance about 1 / (4 S (L + 2)) for an S-local cost and L blocks (2203.09376); identity blocks.

    The theorem holds for layers RX, RY, CZ; here every width is measured.
    """
    circuit = subject.circuit
    law = narrow_law(subject.evidence)
    for factor in WIDTHS:
        narrow = Normal(float(f"{factor * law.std:.2g}"))
        change = f"draw the parameters from a normal distribution of standard deviation {narrow.std:g}"
        meaning = "the same circuit; training begins near the point where all angles are zero and looks there first"
        yield Proposal("initialisation", "narrow", change, started(circuit, narrow), meaning)
    if circuit.inputs or circuit.channels or circuit.initial_state is not None:
        yield Refusal("initialisation", "identity blocks", "the circuit encodes inputs, states or noise of its own")
        return
    for how, built in like("identity-block", circuit):
        yield Proposal(
            "initialisation", "identity blocks", f"start from identity blocks: {how}", dressed(circuit, built, True),
            "other gates of about as many parameters; half of them start at random, the offsets at zero, so that only "
            "the offsets have a gradient in the first step",
        )  # fmt: skip
