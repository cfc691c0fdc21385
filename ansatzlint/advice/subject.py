"""A circuit under advice: its claims, and the gain and the losses of another one beside it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from math import inf, log10
from typing import TYPE_CHECKING

import numpy as np

from ansatzlint.advice import quality
from ansatzlint.advice.values import Compared, Loss
from ansatzlint.assumptions import Assumed, state
from ansatzlint.circuit import Circuit, Parameter, PauliSum
from ansatzlint.diagnostic import Claim
from ansatzlint.evidence import Effort, Evidence
from ansatzlint.initialisation import Initialisation, Uniform

if TYPE_CHECKING:
    from ansatzlint.variance import GradientVariance

SHOTS = "shots_per_gradient"
_CAPABILITIES = ("entangling_capability", "expressibility", "parameter_dimension")
"""What a circuit can do wherever it starts: claimed at angles over the full period."""

MOST_STATES, MOST_PARAMETERS = 10, 300
"""Qubits up to which the expressibility is compared; beyond, parameters up to which the parameter dimension is."""


@dataclass(frozen=True, slots=True)
class Gain:
    """By which factor the median live gradient gets cheaper, with the ends of its interval; see `gain`."""

    value: float
    lower: float
    upper: float
    keeps_best: bool


class Subject:
    """A complete circuit, its claims as far as they were asked for, and what it can express.

    `effort` is for what is measured beside the claims that are there already; with `train` short training runs tell
    how good it gets, else the predictor does. With `brief` nothing is compared but gradients and gates.
    """

    def __init__(self, evidence: Evidence, effort: Effort, train: bool = False, brief: bool = False) -> None:
        self.evidence = evidence
        self.circuit = evidence.circuit
        self.effort = effort
        self.train = train
        self.brief = brief
        self._anywhere: Evidence | None = None

    def changed(self, circuit: Circuit, effort: Effort | None = None) -> Subject:
        """Another circuit in its place; what both have alike is not measured twice."""
        found = Subject(Evidence(circuit, effort or self.effort), effort or self.effort, self.train, self.brief)
        names = [[p.name for p in c.parameters] for c in (circuit, self.circuit)]
        if circuit.gates == self.circuit.gates and names[0] == names[1]:
            found._anywhere = self.anywhere
        return found

    @property
    def anywhere(self) -> Evidence:
        """The circuit with all its parameters uniform: what it can do, wherever it starts."""
        if self._anywhere is None:
            self._anywhere = Evidence(started(self.circuit, Uniform()), self.effort)
        return self._anywhere

    @cached_property
    def trained(self) -> Claim:
        return quality.trained_error(self.circuit, self.effort.seed)

    def claim(self, key: str) -> Claim:
        """A claim that is compared."""
        if key == quality.TRAINED:
            return self.trained
        return (self.anywhere if key in _CAPABILITIES else self.evidence).claim(key)

    @property
    def reached(self) -> Claim:
        """What is known of how near training comes to the optimum."""
        return self.claim(quality.TRAINED if self.train else quality.PREDICTED)

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of all claims that are compared."""
        if self.brief:
            return (SHOTS, "two_qubit_gates")
        few = self.circuit.qubits <= MOST_STATES
        dimension = ("parameter_dimension",) if len(self.circuit.trainable) <= MOST_PARAMETERS else ()
        return (
            SHOTS,
            "gradient_mean_square",
            quality.TRAINED if self.train else quality.PREDICTED,
            "entangling_capability",
            *(("expressibility",) if few else dimension),
            "two_qubit_gates",
            "depth",
        )


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


def live_share(subject: Subject) -> float:
    """The share of trainable parameters whose gradient is not zero everywhere; the gradients have to be known."""
    return float(subject.evidence.value("gradients").live.mean())


def _ratio(above: float, below: float) -> float:
    """above / below, for what is not negative and may be infinite; 0 where that says nothing."""
    if above == 0.0 or below == inf:
        return 0.0
    return above / below if below > 0.0 else inf


def losses(before: Subject, after: Subject) -> tuple[Loss, ...]:
    """What the changed circuit has less of, each as a share of what there was; nothing for what it has more of.

    Two-qubit gates that are added count by the decades of their number, a worse expressibility by the growth of the
    divergence from random states, in nats, to 1 at most.
    """
    found = []
    live = [int(side.evidence.value("gradients").live.sum()) for side in (before, after)]
    if live[1] < live[0]:
        found.append(Loss(f"{live[1]} live parameters instead of {live[0]}", 1.0 - live[1] / live[0]))
    both = [key for key in before.keys if key in after.keys]
    if "entangling_capability" in both:
        old, new = before.claim("entangling_capability").value, after.claim("entangling_capability").value
        if old and new is not None and new < old:
            found.append(Loss(f"entangling capability {new:.3g} instead of {old:.3g}", 1.0 - new / old))
    if "expressibility" in both:
        states = before.claim("expressibility"), after.claim("expressibility")
        if all(c.value is not None for c in states) and states[1].lower["kl"] > states[0].upper["kl"]:
            a, b = (c.value["kl"] for c in states)
            found.append(Loss(f"expressibility {b:.3g} instead of {a:.3g} from random states", min(b - a, 1.0)))
    if "parameter_dimension" in both:
        old, new = before.claim("parameter_dimension").value, after.claim("parameter_dimension").value
        if old and new is not None and new < old:
            found.append(Loss(f"parameter dimension {new} instead of {old}, as far as known", 1.0 - new / old))
    old, new = before.claim("two_qubit_gates").value, after.claim("two_qubit_gates").value
    if new > old:
        found.append(Loss(f"{new} two-qubit gates instead of {old}", log10(new / max(old, 1))))
    return tuple(found)


def compared(before: Subject, after: Subject) -> tuple[Compared, ...]:
    """The claims of both circuits, those that neither has left out."""
    both = ((key, before.claim(key), after.claim(key)) for key in before.keys if key in after.keys)
    return tuple(Compared(key, a, b) for key, a, b in both if a.value is not None or b.value is not None)
