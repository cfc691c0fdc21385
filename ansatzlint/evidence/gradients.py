"""Claims that the second-moment engine makes: how large the gradients are, and whether they can be resolved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import log10, sqrt
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ansatzlint import graph
from ansatzlint.circuit import Channel, Circuit, PauliSum
from ansatzlint.diagnostic import Assumption, Claim, ClaimSource
from ansatzlint.evidence.values import DepthBudget, Resolution, Sources, Start, Term
from ansatzlint.initialisation import Initialisation, Normal
from ansatzlint.moments.laws import is_random
from ansatzlint.moments.problem import Problem
from ansatzlint.rulebook import load_rules
from ansatzlint.variance import GradientVariance, measured

if TYPE_CHECKING:
    from ansatzlint.evidence import Evidence

_CITATION = "A. Heyraud et al., arXiv:2302.04649"

_SOURCES: dict[str, ClaimSource] = {
    "exact": "exact",
    "sampled": "sampled",
    "statevector": "sampled",
    "surrogate": "surrogate",
}


def gradient_claim(
    key: str, value: object, found: GradientVariance, lower: object = None, upper: object = None
) -> Claim:
    """A claim that rests on an engine's result; the ends are left out where it is exact."""
    source = _SOURCES[found.method]
    exact = source == "exact"
    return Claim(
        key,
        value,
        lower=None if exact else lower,
        upper=None if exact else upper,
        source=source,
        assumptions=found.assumptions,
        citation=_CITATION,
        samples=None if exact else found.samples,
        seed=None if exact else found.seed,
    )


def _of(evidence: Evidence, key: str = "gradients") -> tuple[GradientVariance | None, Claim]:
    """The engine's result behind a key, or the claim that says why there is none."""
    claim = evidence.claim(key)
    return claim.value, claim


def all_of_it(evidence: Evidence) -> Claim:
    """Key `gradients`: the whole result, for rules."""
    found = measured(evidence.problem, evidence.effort, 0.4)
    return gradient_claim("gradients", found, found)


def variance(evidence: Evidence) -> Claim:
    """Key `gradient_variance`: Var[d_k C] by trainable parameter."""
    found, claim = _of(evidence)
    if found is None:
        return replace(claim, key="gradient_variance")
    return gradient_claim("gradient_variance", _row(found.variance), found, _row(found.lower), _row(found.upper))


def mean_square(evidence: Evidence) -> Claim:
    """Key `gradient_mean_square`: G_k = E[(d_k C)^2] by trainable parameter."""
    found, claim = _of(evidence)
    if found is None:
        return replace(claim, key="gradient_mean_square")
    ends = _row(found.mean_square_lower), _row(found.mean_square_upper)
    return gradient_claim("gradient_mean_square", _row(found.mean_square), found, *ends)


def _row(values: NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(values.tolist())


def largest(evidence: Evidence) -> Claim:
    """Key `gradient_variance_max`."""
    found, claim = _of(evidence)
    if found is None:
        return replace(claim, key="gradient_variance_max")
    return gradient_claim("gradient_variance_max", found.max, found, found.max_lower, found.max_upper)


def cost_variance(evidence: Evidence) -> Claim:
    """Key `cost_variance`."""
    found, claim = _of(evidence)
    if found is None:
        return replace(claim, key="cost_variance")
    ends = found.cost_variance_lower, found.cost_variance_upper
    return gradient_claim("cost_variance", found.cost_variance, found, *ends)


def shots(evidence: Evidence) -> Claim:
    """Key `shots_per_gradient`: of the best, the median and the worst live parameter."""
    found, claim = _of(evidence)
    if found is None:
        return replace(claim, key="shots_per_gradient")
    if not found.live.any():
        return Claim("shots_per_gradient", None, source=None, reason="every gradient is zero everywhere")
    return gradient_claim(
        "shots_per_gradient",
        _spread(found.shots[found.live]),
        found,
        _spread(found.shots_lower[found.live]),
        _spread(found.shots_upper[found.live]),
    )


def _spread(values: NDArray[np.float64]) -> dict[str, float]:
    middle = float(np.sort(values)[(len(values) - 1) // 2])  # a mean of two would spoil an infinite one
    return {"best": float(values.min()), "median": middle, "worst": float(values.max())}


def shot_budget() -> float:
    """The shots per circuit with which a gradient has to be resolved."""
    return load_rules()["AL501"].thresholds["budget"].value


def resolution(evidence: Evidence) -> Claim:
    """Key `resolution`: which gradients the shot budget resolves."""
    found, claim = _of(evidence)
    if found is None:
        return replace(claim, key="resolution")
    return gradient_claim("resolution", judge(found, shot_budget()), found)


def judge(found: GradientVariance, budget: float) -> Resolution:
    """The verdict on gradients at a budget of shots per circuit.

    A sampled parameter counts as needing more, or less, than the budget only if its whole interval does.
    """
    live = found.live
    if not live.any():
        return Resolution(budget, "unknown", np.inf, np.inf, np.inf, (False,) * len(live))
    low, high = found.shots_lower, found.shots_upper
    resolvable = tuple(
        False if not alive or least > budget else True if most <= budget else None
        for alive, least, most in zip(live.tolist(), low.tolist(), high.tolist(), strict=True)
    )
    if found.method == "surrogate":
        verdict = "unknown"
    elif (low[live] > budget).all():
        verdict = "barren"
    elif (low[live] > budget / 10).all():
        verdict = "weak"
    elif (high[live] <= budget / 10).any():
        verdict = "trainable"
    else:
        verdict = "unknown"
    middle = _spread(found.shots[live])
    return Resolution(budget, verdict, middle["best"], middle["median"], middle["worst"], resolvable)


def score(found: Resolution) -> float | None:
    """log10 of the budget over the shots of the best live parameter; None where no shots suffice."""
    return log10(found.budget / found.best) if 0 < found.best < np.inf else None


def entangling(evidence: Evidence) -> Claim:
    """Key `entangling_capability`: the mean Meyer–Wallach measure."""
    from ansatzlint import expressivity

    effort = evidence.effort
    found = expressivity.entangling(evidence.noiseless, _samples(evidence, 0.05), effort.seed)
    exact = found.method == "exact"
    return Claim(
        "entangling_capability",
        found.value,
        lower=None if exact else found.lower,
        upper=None if exact else found.upper,
        source="exact" if exact else "sampled",
        assumptions=_without_noise(evidence.circuit),
        citation="D. A. Meyer, N. R. Wallach, quant-ph/0108104; S. Sim et al., arXiv:1905.10876",
        samples=None if exact else found.samples,
        seed=None if exact else found.seed,
    )


def _samples(evidence: Evidence, share: float) -> int:
    """Samples for a quantity of order one within a share of the work."""
    effort = evidence.effort
    if effort.samples is not None:
        return effort.samples
    return int(min(max(effort.work * share // max(evidence.problem.work, 1), 256), 1 << 16))


def narrow(evidence: Evidence) -> Claim:
    """Key `gradients_narrow`: the same circuit from a narrow normal start.

    The width is that of Zhang et al. (arXiv:2203.09376) for an S-local cost and L entangling blocks:
    variance 1 / (4 S (L + 2)). Their theorem holds for circuits of blocks RX, RY, CZ; here the result is measured.
    """
    found = measured(Problem(_started(evidence.circuit, narrow_law(evidence))), evidence.effort, 0.15)
    return gradient_claim("gradients_narrow", found, found)


def narrow_law(evidence: Evidence) -> Normal:
    """The law of `gradients_narrow`."""
    terms: Sequence[Term] = evidence.value("cost_terms") or ()
    locality = max((t.locality for t in terms if t.weight and t.reachable), default=1)
    blocks: int = evidence.value("entangling_blocks")
    return Normal(sqrt(1.0 / (4.0 * max(locality, 1) * (blocks + 2))))


def _started(circuit: Circuit, law: Initialisation) -> Circuit:
    parameters = tuple(replace(p, initialisation=None) if p.role == "trainable" else p for p in circuit.parameters)
    return replace(circuit, initialisation=law, parameters=parameters)


def noiseless(evidence: Evidence) -> Claim:
    """Key `gradients_noiseless`: the same circuit without its noise."""
    circuit = evidence.circuit
    if circuit.noise is None and not circuit.channels:
        return Claim("gradients_noiseless", None, source=None, reason="the circuit states no noise")
    found = measured(evidence.noiseless, evidence.effort, 0.15)
    return gradient_claim("gradients_noiseless", found, found)


def start(evidence: Evidence) -> Claim:
    """Key `start`: the gradient at a start that is not random."""
    circuit = evidence.circuit
    laws = [p.initialisation or circuit.initialisation for p in circuit.trainable]
    if not laws or any(law is None or is_random(law) for law in laws):
        return Claim("start", None, source=None, reason="the parameters start at random")
    found, claim = _of(evidence)
    if found is None:
        return replace(claim, key="start")
    sizes = np.sqrt(found.mean_square)
    return gradient_claim("start", Start(_row(sizes), float(sizes.max())), found)


def depth_budget(evidence: Evidence) -> Claim:
    """Key `depth_budget`: how many entangling blocks keep some gradient within the shot budget.

    Only a circuit that is barren is cut; for any other the answer is that all its blocks do.
    """
    claim = evidence.claim("resolution")
    if claim.value is None:
        return replace(claim, key="depth_budget")
    total: int = evidence.value("entangling_blocks")
    found: GradientVariance = evidence.value("gradients")
    curve = [(total, *_best(found))]
    below, above = -1, total
    if claim.value.verdict != "barren":
        return gradient_claim("depth_budget", DepthBudget(total, total, tuple(curve)), found)
    budget = claim.value.budget
    while above - below > 1:
        middle = (below + above) // 2
        part = truncated(evidence.circuit, middle)
        if part.trainable:
            cut = measured(Problem(part), evidence.effort, 0.03)
            curve.append((middle, *_best(cut)))
            kept = cut.live.any() and bool((cut.shots_upper[cut.live] <= budget).any())
        else:
            kept = True
        below, above = (middle, above) if kept else (below, middle)
    return gradient_claim("depth_budget", DepthBudget(max(below, 0), total, tuple(sorted(curve))), found)


def _best(found: GradientVariance) -> tuple[float, float, float]:
    ends = (found.max_mean_square, found.max_mean_square_upper, found.max_mean_square_lower)
    shift = float(found.shift[int(np.argmax(found.mean_square))])
    middle, least, most = (found.shot_variance * shift / g if g > 0 else np.inf for g in ends)
    return middle, least, most


def truncated(circuit: Circuit, blocks: int) -> Circuit:
    """The circuit up to and with its first so many entangling blocks, and the parameters that are left."""
    numbers = graph.block_numbers(circuit)
    kept = [i for i, number in enumerate(numbers) if number <= blocks]
    before = np.cumsum([0, *(number <= blocks for number in numbers)])
    gates = tuple(circuit.gates[i] for i in kept)
    used = {name for gate in gates for name in gate.parameters}
    channels: tuple[Channel, ...] = tuple(replace(c, after=int(before[c.after])) for c in circuit.channels)
    return replace(
        circuit,
        gates=gates,
        parameters=tuple(p for p in circuit.parameters if p.name in used),
        channels=channels,
        blocks=(),
    )


def purity(evidence: Evidence) -> Claim:
    """Key `purity`: the mean purity of the qubits of the weightiest narrow cost term, noise left out."""
    from ansatzlint import expressivity

    circuit = evidence.circuit
    terms = [t for o in circuit.observables if isinstance(o, PauliSum) for t in o.terms if t.coefficient]
    small = [t for t in terms if 0 < len(t.qubits) <= expressivity.MAX_SUBSYSTEM]
    if not small:
        reason = f"no cost term acts on {expressivity.MAX_SUBSYSTEM} qubits or fewer"
        return Claim("purity", None, source=None, reason=reason)
    chosen = max(small, key=lambda t: abs(t.coefficient)).qubits
    found = expressivity.purity(evidence.noiseless, chosen, _samples(evidence, 0.05), evidence.effort.seed)
    exact = found.method == "exact"
    return Claim(
        "purity",
        found,
        lower=None if exact else found.lower,
        upper=None if exact else found.upper,
        source="exact" if exact else "sampled",
        assumptions=_without_noise(circuit),
        samples=None if exact else found.samples,
        seed=None if exact else evidence.effort.seed,
    )


def _without_noise(circuit: Circuit) -> tuple[Assumption, ...]:
    """Noise mixes qubits that nothing entangles, so that purities tell of entanglement only where it is left out."""
    noisy = circuit.noise is not None or circuit.channels
    return (Assumption("the noise is left out"),) if noisy else ()


MAX_TERMS = 12
"""Cost terms whose share of the gradient is measured, the weightiest."""


def sources(evidence: Evidence) -> Claim:
    """Key `gradient_sources`: the share of each entangling block and of each cost term."""
    found, claim = _of(evidence)
    if found is None:
        return replace(claim, key="gradient_sources")
    circuit = evidence.circuit
    numbers = graph.block_numbers(circuit)
    size = dict(zip(found.parameters, found.mean_square.tolist(), strict=True))
    blocks: dict[int, float] = {}
    for name, gates in evidence.gates_of.items():
        if gates and name in size:
            # a parameter of several blocks counts in the last of them
            blocks[numbers[gates[-1]]] = blocks.get(numbers[gates[-1]], 0.0) + size[name]
    terms = [t for o in circuit.observables if isinstance(o, PauliSum) for t in o.terms if t.coefficient and t.paulis]
    shares = []
    if len(terms) > 1 and found.method in ("exact", "sampled"):
        for term in sorted(terms, key=lambda t: -abs(t.coefficient))[:MAX_TERMS]:
            alone = replace(circuit, observables=(PauliSum((term,)),))
            part = measured(Problem(alone), replace(evidence.effort, samples=_samples(evidence, 0.1 / MAX_TERMS)))
            shares.append((str(term), float(part.mean_square.sum())))
    return gradient_claim("gradient_sources", Sources(tuple(sorted(blocks.items())), tuple(shares)), found)
