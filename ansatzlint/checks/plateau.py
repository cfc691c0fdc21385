"""Checks of the gradients that the engine measured, against the shots that resolve them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import inf, isfinite
from statistics import median
from typing import TYPE_CHECKING

from ansatzlint import graph
from ansatzlint.checks.wording import amount, listing
from ansatzlint.circuit import Circuit, PauliSum, Unread
from ansatzlint.diagnostic import Finding, Severity
from ansatzlint.evidence import Evidence
from ansatzlint.expressivity import MAX_SUBSYSTEM
from ansatzlint.noise import AmplitudeDamping
from ansatzlint.rulebook import Rule

if TYPE_CHECKING:
    from ansatzlint.variance import GradientVariance


def misses_budget(evidence: Evidence) -> bool:
    """Whether it is certain that no live parameter's gradient can be resolved within the shot budget."""
    resolution = evidence.value("resolution")
    return resolution is not None and resolution.verdict == "barren"


def raised(evidence: Evidence) -> Severity | None:
    """A warning where the circuit misses the shot budget, else the rule's own severity."""
    return Severity.WARNING if misses_budget(evidence) else None


def live_of(gradients: GradientVariance) -> list[int]:
    """The indices of the parameters that are not proved dead."""
    return [k for k, alive in enumerate(gradients.live) if alive]


def needed(gradients: GradientVariance, parameter: int) -> str:
    """The shots that a parameter's gradient needs, as sure as they are known."""
    value, low, high = (float(a[parameter]) for a in (gradients.shots, gradients.shots_lower, gradients.shots_upper))
    if amount(low) == amount(high) or not isfinite(low):
        return amount(value)
    if not isfinite(value):
        return f"more than {amount(low)}"
    return f"{amount(value)} ({amount(low)} to {amount(high)})"


def best_of(gradients: GradientVariance) -> int:
    """The live parameter whose gradient needs the fewest shots."""
    shots, lower = gradients.shots.tolist(), gradients.shots_lower.tolist()
    return min(live_of(gradients), key=lambda k: (shots[k], lower[k]))


def measured(evidence: Evidence) -> str:
    """What a finding's message adds where the gradients are known; empty where they are not, or only a surrogate."""
    claim = evidence.claim("gradients")
    if claim.value is None or claim.source == "surrogate" or not live_of(claim.value):
        return ""
    return f"; the best of its gradients needs {needed(claim.value, best_of(claim.value))} shots"


def barren_plateau(evidence: Evidence, rule: Rule) -> Iterator[Finding | Unread]:
    """No live parameter's gradient is resolved within the shot budget (or, as a warning, within a tenth of it)."""
    claim = evidence.claim("resolution")
    gradients: GradientVariance = evidence.value("gradients")
    live = live_of(gradients)
    verdict, budget = claim.value.verdict, claim.value.budget
    if not live or verdict == "trainable":
        return
    best = needed(gradients, best_of(gradients))
    if verdict == "unknown":
        reason = f"the best gradient needs {best} shots, and the budget is {amount(budget)}"
        yield Unread(f"{rule.code} {rule.name} is undecided: {reason}")
        return
    barren = verdict == "barren"
    middle = median(gradients.shots[live].tolist())
    yield Finding(
        {
            "what": ("no gradient can be resolved within" if barren else "every gradient takes more than a tenth of")
            + f" a budget of {amount(budget)} shots",
            "live": len(live),
            "best": best,
            "median": amount(middle),
        },
        severity=None if barren else Severity.WARNING,
        parameters=tuple(gradients.parameters[k] for k in live),
        evidence=(claim,),
    )


def layers_of(circuit: Circuit) -> dict[str, int]:
    """For every parameter the layer of its first gate: one more than the entangling layers in front of it."""
    level = graph.layers(circuit)
    front = [0] * circuit.qubits
    found: dict[str, int] = {}
    for index, gate in enumerate(circuit.gates):
        if index in level:
            for qubit in gate.qubits:
                front[qubit] = level[index]
        for name in gate.parameters:
            before = level[index] - 1 if index in level else max((front[q] for q in gate.qubits), default=0)
            found.setdefault(name, before + 1)
    return found


def _layers(circuit: Circuit, names: Sequence[str]) -> str:
    """The layers in which parameters stand, and of how many."""
    every = layers_of(circuit)
    own = sorted({every[name] for name in names if name in every})
    if not own:
        return "in no layer"
    last = max(every.values())
    runs: list[list[int]] = []
    for layer in own:
        if runs and layer == runs[-1][-1] + 1:
            runs[-1].append(layer)
        else:
            runs.append([layer])
    shown = listing([f"{r[0]} to {r[-1]}" if len(r) > 1 else f"{r[0]}" for r in runs])
    return f"in layer{'s' if len(own) > 1 else ''} {shown} of {last}"


def partial_plateau(evidence: Evidence, rule: Rule) -> Iterator[Finding]:
    """Fewer than the threshold share of the live parameters can be resolved, but at least one."""
    claim = evidence.claim("resolution")
    gradients: GradientVariance = evidence.value("gradients")
    live = live_of(gradients)
    lost = [k for k in live if claim.value.resolvable[k] is False]
    kept = len(live) - len(lost)
    if not lost or claim.value.verdict == "barren" or kept >= rule.thresholds["share"].value * len(live):
        return
    names = tuple(gradients.parameters[k] for k in lost)
    gates = tuple(sorted({g for name in names for g in evidence.gates_of[name]}))
    yield Finding(
        {
            "kept": kept,
            "live": len(live),
            "budget": amount(claim.value.budget),
            "names": listing(names),
            "where": _layers(evidence.circuit, names),
        },
        location=evidence.circuit.gates[gates[0]].location if gates else None,
        qubits=tuple(sorted({q for g in gates for q in evidence.circuit.gates[g].qubits})),
        gates=gates,
        parameters=names,
        evidence=(claim,),
    )


def excessive_depth(evidence: Evidence, rule: Rule) -> Iterator[Finding | Unread]:
    """The circuit misses the shot budget and would keep within it with fewer entangling layers."""
    if not misses_budget(evidence):
        return
    claim = evidence.claim("depth_budget")
    if claim.value is None:
        yield Unread(f"{rule.code} {rule.name} not evaluated: {claim.reason}")
        return
    within, total = claim.value.layers, claim.value.total
    if 0 < within < total:  # where no layer at all fits, it is not the depth
        yield Finding(
            {
                "total": total,
                "within": within,
                "excess": total - within,
                "budget": amount(evidence.value("resolution").budget),
                "measured": measured(evidence),
            },
            evidence=(claim, evidence.claim("resolution")),
        )


def has_narrow_term(circuit: Circuit) -> bool:
    """Whether a term of the cost acts on so few qubits that their purity can be followed."""
    terms = (t for o in circuit.observables if isinstance(o, PauliSum) for t in o.terms)
    return any(t.coefficient and 0 < len(t.qubits) <= MAX_SUBSYSTEM for t in terms)


def excessive_entanglement(evidence: Evidence, rule: Rule) -> Iterator[Finding | Unread]:
    """The second Renyi entropy of a cost term's qubits reaches the threshold share of its Page value."""
    if evidence.circuit.qubits < rule.thresholds["qubits"].value:
        return
    claim = evidence.claim("purity")
    purity = claim.value
    if purity is None:
        resolution = evidence.value("resolution")
        if resolution is None or resolution.verdict != "trainable":  # else nothing hangs on it
            yield Unread(f"{rule.code} {rule.name} not evaluated: {claim.reason}")
        return
    if purity.page > 0.0 and purity.renyi_lower >= rule.thresholds["alpha"].value * purity.page:
        circuit = evidence.circuit
        names = listing([circuit.label(q) for q in purity.subsystem])
        yield Finding(
            {
                "qubits": f"qubit {names}" if len(purity.subsystem) == 1 else f"qubits {names}",
                "purity": purity.purity,
                "share": 100 * purity.renyi / purity.page,
                "measured": measured(evidence),
            },
            severity=raised(evidence),
            qubits=purity.subsystem,
            evidence=(claim,),
        )


NON_UNITAL = frozenset(["amplitude_damping", "generalized_amplitude_damping", "thermal_relaxation", "reset_error"])
"""Kinds of `Channel` that do not leave the maximally mixed state as it is."""


def is_noisy(circuit: Circuit) -> bool:
    """Whether noise is declared for the circuit or stated in it."""
    return circuit.noise is not None or bool(circuit.channels)


def is_unital(circuit: Circuit) -> bool:
    """Whether no channel of the circuit pulls its qubits towards one state."""
    return not isinstance(circuit.noise, AmplitudeDamping) and not any(c.kind in NON_UNITAL for c in circuit.channels)


def noise_plateau(evidence: Evidence, rule: Rule) -> Iterator[Finding]:
    """For most live parameters the noise takes more than the threshold factor off the mean square gradient."""
    noisy: GradientVariance = evidence.value("gradients")
    clean: GradientVariance = evidence.value("gradients_noiseless")
    factor = rule.thresholds["factor"].value
    live = live_of(clean)
    damped = [k for k in live if clean.mean_square_lower[k] > factor * noisy.mean_square_upper[k]]
    if 2 * len(damped) <= len(live):
        return
    ratios = [_ratio(float(clean.mean_square[k]), float(noisy.mean_square[k])) for k in damped]
    circuit = evidence.circuit
    kept = [clean.parameters[k] for k in live if k not in damped]
    if is_unital(circuit):
        what = "it drives the state towards the maximally mixed one"
    else:
        what = f"it resets the qubits, so that only the last layers train ({_layers(circuit, kept)})" if kept else (
            "it resets the qubits, so that only the last layers can train")  # fmt: skip
    # Where the gradients are lost without the noise too, it is not what makes the plateau.
    budget = evidence.value("resolution").budget
    lost_anyway = bool((clean.shots_lower[live] > budget).all())
    yield Finding(
        {
            "damped": len(damped),
            "live": len(live),
            "factor": f"a factor {amount(middle)}" if isfinite(middle := median(ratios)) else "everything",
            "what": what,
            "measured": measured(evidence),
        },
        severity=Severity.INFO if lost_anyway else None,
        parameters=tuple(clean.parameters[k] for k in damped),
        evidence=(evidence.claim("resolution"),),
    )


def _ratio(larger: float, smaller: float) -> float:
    return larger / smaller if smaller > 0.0 else inf


def too_few_shots(evidence: Evidence, rule: Rule) -> Iterator[Finding]:
    """The declared shots are fewer than the median live gradient needs, in a circuit that misses no budget."""
    shots = evidence.circuit.shots
    gradients: GradientVariance = evidence.value("gradients")
    live = live_of(gradients)
    if shots is None or not live or misses_budget(evidence):
        return
    lower = gradients.shots_lower.tolist()
    if median(lower[k] for k in live) > shots:
        missed = [k for k in live if lower[k] > shots]
        yield Finding(
            {
                "shots": "1 shot is" if shots == 1 else f"{amount(shots)} shots are",
                "median": amount(median(gradients.shots[live].tolist())),
                "missed": len(missed),
                "live": len(live),
            },
            parameters=tuple(gradients.parameters[k] for k in missed),
            evidence=(evidence.claim("resolution"),),
        )
