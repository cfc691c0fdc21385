"""A circuit under advice: its claims, and the gain and the losses of another one beside it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from math import inf
from typing import TYPE_CHECKING

import numpy as np

from ansatzlint import evidence as claims
from ansatzlint import expressivity
from ansatzlint.advice.values import Compared, Loss
from ansatzlint.assumptions import Assumed, state
from ansatzlint.circuit import Circuit, Parameter, PauliSum
from ansatzlint.diagnostic import Claim
from ansatzlint.errors import AnsatzlintError
from ansatzlint.evidence import Effort, Evidence
from ansatzlint.initialisation import Initialisation, Uniform

if TYPE_CHECKING:
    from ansatzlint.variance import GradientVariance

SHOTS = "shots_per_gradient"
COMPARED = (
    SHOTS, "gradient_mean_square", "predicted_trained_fraction", "entangling_capability", "two_qubit_gates", "depth",
)  # fmt: skip
"""Keys of the claims before and after that every recommendation carries."""

TOLD_APART = 0.005
"""Shares of the way that training is predicted to cover, this close, count as one."""

MOST_STATES = 10
"""Qubits up to which the fidelities behind the expressibility are computed."""


@dataclass(frozen=True, slots=True)
class Gain:
    """By which factor the median live gradient gets cheaper, with the ends of its interval; see `gain`."""

    value: float
    lower: float
    upper: float
    keeps_best: bool


class Subject:
    """A complete circuit, its claims as far as they were asked for, and what it can express.

    `effort` is for what is measured beside the claims that are there already.
    """

    def __init__(self, evidence: Evidence, effort: Effort) -> None:
        self.evidence = evidence
        self.circuit = evidence.circuit
        self.effort = effort

    @classmethod
    def of(cls, circuit: Circuit, effort: Effort) -> Subject:
        return cls(Evidence(circuit, effort), effort)

    @cached_property
    def anywhere(self) -> Evidence:
        """The circuit with all its parameters uniform: what it can do, wherever it starts."""
        return Evidence(started(self.circuit, Uniform()), self.effort)

    def claim(self, key: str) -> Claim:
        """A claim that is compared; capabilities are those at angles over the full period."""
        if key == "entangling_capability":
            return self.anywhere.claim(key)
        if key in claims.KEYS:
            return self.evidence.claim(key)
        return self._expressive[key]

    @cached_property
    def _expressive(self) -> dict[str, Claim]:
        return {claim.key: claim for claim in expressive(self.anywhere.circuit, self.effort.seed)}

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of all claims that are compared."""
        return (*COMPARED, *(key for key in self._expressive if key not in COMPARED))


def expressive(circuit: Circuit, seed: int) -> tuple[Claim, ...]:
    """What is known of the states that a circuit reaches: expressibility where states can be had, dimension elsewhere.

    The expressibility is the KL divergence of the fidelities from those of random states (1905.10876), the smaller
    the more it reaches; the parameter dimension is the certified number of independent directions.
    """
    found = []
    measure = getattr(expressivity, "expressibility", None)
    if measure is not None and circuit.qubits <= MOST_STATES:
        try:
            kl = measure(circuit, seed=seed)
        except AnsatzlintError as error:
            found.append(Claim("expressibility", None, source=None, reason=str(error)))
        else:
            found.append(
                Claim("expressibility", float(kl.kl), source="sampled", samples=kl.samples, seed=seed,
                      citation="S. Sim et al., arXiv:1905.10876")
            )  # fmt: skip
    return tuple(found)


def started(circuit: Circuit, law: Initialisation) -> Circuit:
    """The circuit with that law for all its trainable parameters."""
    return state(circuit, Assumed(init=law))


def common_law(circuit: Circuit) -> Initialisation | None:
    """The law that all trainable parameters share, None where they differ."""
    laws = {p.initialisation or circuit.initialisation for p in circuit.trainable}
    return laws.pop() if len(laws) == 1 else None


def dressed(circuit: Circuit, built: Circuit, own_laws: bool = False) -> Circuit:
    """Other gates with the name, cost, law, noise and shots of the circuit that they replace.

    Their parameters follow the law that the circuit's have in common, a uniform one where they have none; with
    `own_laws` they keep those that they bring along.
    """
    law = common_law(circuit) or Uniform()
    parameters: tuple[Parameter, ...] = built.parameters
    if not own_laws:
        parameters = tuple(replace(p, initialisation=None) for p in parameters)
    return replace(
        built,
        name=circuit.name,
        parameters=parameters,
        observables=circuit.observables,
        measured=circuit.measured,
        labels=circuit.labels,
        initialisation=law,
        noise=circuit.noise,
        shots=circuit.shots,
        assumptions=circuit.assumptions,
        sizes=(),
        at_sizes=(),
    )


def without_unused(circuit: Circuit) -> Circuit:
    """The circuit without trainable parameters that no gate has; sizes and blocks, which no longer fit, dropped."""
    used = {name for gate in circuit.gates for name in gate.parameters}
    kept = tuple(p for p in circuit.parameters if p.role == "input" or p.name in used)
    return replace(circuit, parameters=kept, blocks=(), sizes=(), at_sizes=())


def gain(before: Subject, after: Subject) -> Gain | str:
    """How much cheaper and steeper the median live gradient gets; a str says why that is not known.

    The smaller of two factors: by which the shots fall that resolve it, and by which its mean square grows in units of
    the cost's range squared, so that costs can differ. The first alone would praise a start beside an eigenstate of
    the cost, where slopes are small but so is the shot noise; the second alone a cost that is noisy.
    """
    sides = []
    for which, subject in (("the circuit", before), ("the changed circuit", after)):
        claim = subject.evidence.claim("gradients")
        if claim.value is None:
            return f"the gradients of {which} are not known: {claim.reason}"
        if claim.source == "surrogate":
            return f"the gradients of {which} are not known: shared angles could not be followed"
        if not claim.value.live.any():
            return f"every gradient of {which} is zero everywhere"
        sides.append(_Side.of(claim.value, reach(subject.circuit)))
    old, new = sides
    comfortable = before.evidence.value("resolution").budget / 10
    return Gain(
        min(_ratio(old.shots[0], new.shots[0]), _ratio(new.slope[0], old.slope[0])),
        min(_ratio(old.shots[1], new.shots[2]), _ratio(new.slope[1], old.slope[2])),
        min(_ratio(old.shots[2], new.shots[1]), _ratio(new.slope[2], old.slope[1])),
        keeps_best=new.best <= max(old.best, comfortable),
    )


@dataclass(frozen=True, slots=True)
class _Side:
    """Of the median live gradient (value, lower end, upper end) of shots and of slopes; shots of the best, at most."""

    shots: tuple[float, float, float]
    slope: tuple[float, float, float]
    best: float

    @classmethod
    def of(cls, found: GradientVariance, scale: float) -> _Side:
        live = found.live
        middle = (int(live.sum()) - 1) // 2
        shots = (found.shots, found.shots_lower, found.shots_upper)
        slopes = (found.mean_square, found.mean_square_lower, found.mean_square_upper)
        a, b, c = (float(np.sort(s[live])[middle]) for s in shots)
        d, e, f = (float(np.sort(s[live])[::-1][middle]) / scale**2 for s in slopes)
        return cls((a, b, c), (d, e, f), float(found.shots_upper[live].min()))


def reach(circuit: Circuit) -> float:
    """A bound of the range of the cost's values: twice the sum of the coefficients' sizes, 1 for a probability."""
    found = 0.0
    for observable in circuit.observables:
        if isinstance(observable, PauliSum):
            found += 2.0 * sum(abs(t.coefficient) for t in observable.terms if t.paulis)
        else:
            found += 1.0
    return found or 1.0


def _ratio(above: float, below: float) -> float:
    """above / below, for what is not negative and may be infinite; 0 where that says nothing."""
    if above == 0.0 or below == inf:
        return 0.0
    return above / below if below > 0.0 else inf


def losses(before: Subject, after: Subject) -> tuple[Loss, ...]:
    """What the changed circuit has less of, each as a share of what there was; nothing for what it has more of."""
    found = []
    old, new = (int(side.evidence.value("gradients").live.sum()) for side in (before, after))
    if new < old:
        found.append(Loss(f"{new} live parameters instead of {old}", 1.0 - new / old))
    for key, what in (("entangling_capability", "entangling capability"),):
        a, b = before.claim(key).value, after.claim(key).value
        if a and b is not None and b < a:
            found.append(Loss(f"{what} {b:.3g} instead of {a:.3g}", 1.0 - b / a))
    if "expressibility" in before.keys and "expressibility" in after.keys:
        a, b = before.claim("expressibility").value, after.claim("expressibility").value
        if a is not None and b is not None and b > a:
            found.append(Loss(f"expressibility (KL) {b:.3g} instead of {a:.3g}", min(b - a, 1.0)))
    a, b = before.claim("predicted_trained_fraction").value, after.claim("predicted_trained_fraction").value
    if a is not None and b is not None and b < a - TOLD_APART:
        found.append(Loss(f"training is predicted to cover {b:.0%} of the way instead of {a:.0%}", a - b))
    old, new = before.claim("two_qubit_gates").value, after.claim("two_qubit_gates").value
    if new > old:
        found.append(Loss(f"{new} two-qubit gates instead of {old}", new / max(old, 1) - 1.0))
    return tuple(found)


def compared(before: Subject, after: Subject) -> tuple[Compared, ...]:
    """The claims of both circuits, those that neither has left out."""
    both = ((key, before.claim(key), after.claim(key)) for key in before.keys if key in after.keys)
    return tuple(Compared(key, a, b) for key, a, b in both if a.value is not None or b.value is not None)
