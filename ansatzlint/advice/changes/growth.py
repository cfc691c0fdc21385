"""Layer-wise growth: one block is trained a little, the next one is added as the identity, and so on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ansatzlint.advice.subject import Subject, without_unused
from ansatzlint.advice.values import Loss, Proposal, Refusal, Stage
from ansatzlint.circuit import Circuit
from ansatzlint.evidence.gradients import narrow_law, truncated
from ansatzlint.initialisation import Uniform

MOST_QUBITS = 10
"""Growth trains on states, which larger circuits have too many of."""
MOST_WORK = 2_000_000_000
"""Amplitudes that all steps together may update."""
STEPS = 10
"""Of Adam in each stage: enough to leave the start, few enough that the next block finds a gradient."""
STARTS = 4
MOST_STAGES = 6

Floats = NDArray[np.float64]


def propose(subject: Subject) -> Iterator[Proposal | Refusal]:
    """The circuit grown block by block from a narrow start (A. Skolik et al., 2006.14904), gradients at every step.

    The stages are trained here, exactly; the gradients of the last one, of the whole circuit at the grown angles, are
    what is measured against the start that the circuit states.
    """
    why_not = _why_not(subject)
    if why_not:
        yield Refusal("growth", "layer-wise growth", why_not)
        return
    grown = grow(subject)
    if isinstance(grown, str):
        yield Refusal("growth", "layer-wise growth", grown)
        return
    circuit, stages = grown
    steps = f"{stages[0].blocks} of {stages[-1].blocks} entangling blocks first"
    yield Proposal(
        "growth", "growth", f"grow the circuit: train {steps}, add the next ones at angle zero, {STEPS} steps each",
        circuit,
        "the same circuit; training begins at the angles that growth has led to",
        (Loss(f"{len(stages) - 1} rounds of training before the last", 0.1 * (len(stages) - 1)),),
        stages,
    )  # fmt: skip


def _why_not(subject: Subject) -> str:
    circuit = subject.circuit
    if circuit.qubits > MOST_QUBITS:
        return f"growth is followed on states, of at most {MOST_QUBITS} qubits"
    if circuit.inputs or circuit.noise is not None or circuit.channels:
        return "growth is followed without inputs and without noise"
    if subject.evidence.value("entangling_blocks") < 2:
        return "there is one entangling block, or none"
    return ""


def grow(subject: Subject) -> tuple[Circuit, tuple[Stage, ...]] | str:
    """The whole circuit with the law of its parameters at the grown angles, and the stages; or why it cannot be."""
    from ansatzlint.moments.sequence import laws
    from ansatzlint.moments.statevector import plan, work
    from ansatzlint.predictor.quality.trainer import descend

    circuit, effort = subject.circuit, subject.effort
    total: int = subject.evidence.value("entangling_blocks")
    cuts = sorted({round(total * (k + 1) / min(total, MOST_STAGES)) for k in range(min(total, MOST_STAGES))})
    law = narrow_law(subject.evidence)
    rng = np.random.default_rng([effort.seed, 7])
    values: dict[str, Floats] = {}
    stages = []
    for number, blocks in enumerate(cuts):
        part = circuit if blocks == total else without_unused(truncated(circuit, blocks))
        found = plan(part, laws(part))
        if isinstance(found, str):
            return f"its gradients cannot be followed: {found}"
        if STARTS * (STEPS + 2) * work(found) * len(cuts) > MOST_WORK:
            return "growing it takes more work than allowed"
        for p in part.parameters:
            first = rng.normal(law.mean, law.std, STARTS) if number == 0 else np.zeros(STARTS)
            values.setdefault(p.name, first)
        theta = np.stack([values[p.name] for p in part.parameters], axis=1)
        here = found.evaluate(theta, threads=1)
        if isinstance(here, str):
            return f"its gradients cannot be followed: {here}"
        squares = here.gradients**2
        last = blocks == total
        stages.append(
            Stage(
                blocks, len(part.trainable), 0 if last else STEPS, float(np.median(here.cost)),
                float(np.median(squares.max(axis=1))), float(np.median(np.median(squares, axis=1))),
            )
        )  # fmt: skip
        if last:
            middle = int(np.argsort(np.median(squares, axis=1))[(STARTS - 1) // 2])
            return _at(circuit, {p.name: float(theta[middle, k]) for k, p in enumerate(part.parameters)}), tuple(stages)
        trained = descend(found, theta, STEPS, 0)
        values |= {p.name: trained.last[:, k] for k, p in enumerate(part.parameters)}
    raise AssertionError("the last cut is the whole circuit")


def _at(circuit: Circuit, values: dict[str, float]) -> Circuit:
    """The circuit whose parameters start at exactly these values."""
    parameters = tuple(
        replace(p, value=values[p.name], initialisation=Uniform(values[p.name], values[p.name]))
        for p in circuit.parameters
    )
    return replace(circuit, parameters=parameters, sizes=(), at_sizes=())
