"""Claims about a circuit, each computed once and only when a rule or a reader asks for it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from ansatzlint import graph
from ansatzlint.angles import Affine
from ansatzlint.angles import names as names_of
from ansatzlint.circuit import Circuit, PauliSum
from ansatzlint.diagnostic import Assumption, Claim
from ansatzlint.errors import CircuitError
from ansatzlint.pauli.lowering import Lines, Rotation, by_level, lower, pull
from ansatzlint.pauli.pullback import localities
from ansatzlint.pauli.strings import PauliString


@dataclass(frozen=True, slots=True)
class Term:
    """One cost term: term `index` of observable `observable` (for a projector and the like the only one).

    `weight` is its coefficient, `qubits` those that it acts on; `locality` counts those on which it still acts
    after it was pulled back through the trailing Clifford gates and where a parameter can move it (0: the term is
    constant; for other observables than Pauli sums the number of `qubits`); `reachable` says whether some
    trainable parameter or input stands in its light cone.
    """

    observable: int
    index: int
    label: str
    weight: float
    qubits: tuple[int, ...]
    locality: int
    reachable: bool


@dataclass(frozen=True, slots=True)
class Cone:
    """The light cone of one cost term: its qubits, and how many gates and parameters stand in it."""

    label: str
    qubits: tuple[int, ...]
    gates: int
    parameters: int


@dataclass(frozen=True, slots=True)
class Dead:
    """A trainable parameter outside the light cone of every cost term, and the gates that it stands in."""

    parameter: str
    gates: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Redundant:
    """Two trainable rotations about one generator with nothing between them that tells them apart.

    Neither parameter is used elsewhere, so that the circuit depends on one combination of the two; `gates` are the
    two gates, that of `parameter` first.
    """

    parameter: str
    other: str
    gates: tuple[int, int]


class Evidence:
    """The claims about one circuit, computed on demand and kept.

    The circuit should be complete (`ansatzlint.assumptions.complete`): the cost is taken from its observables.
    """

    def __init__(self, circuit: Circuit) -> None:
        self.circuit = circuit
        self._claims: dict[str, Claim] = {}

    def claim(self, key: str) -> Claim:
        """The claim of that key, a key of `KEYS`; its value is None and `reason` set where it cannot be had."""
        if key not in self._claims:
            started = time.perf_counter()
            try:
                if KEYS[key].whole and self.circuit.unread:
                    claim = Claim(key, None, source=None, reason="needs the whole circuit, and part of it was not read")
                else:
                    claim = KEYS[key].compute(self)
            except CircuitError as error:  # a gate that cannot be lowered
                claim = Claim(key, None, source=None, reason=f"cannot be had: {error}")
            self._claims[key] = replace(claim, seconds=time.perf_counter() - started)
        return self._claims[key]

    def value(self, key: str) -> Any:
        return self.claim(key).value

    @cached_property
    def supports(self) -> tuple[tuple[int, int, tuple[int, ...]], ...]:
        """(observable, term, qubits) of every cost term."""
        found: list[tuple[int, int, tuple[int, ...]]] = []
        for o, observable in enumerate(self.circuit.observables):
            if isinstance(observable, PauliSum):
                found += [(o, t, term.qubits) for t, term in enumerate(observable.terms)]
            else:
                found.append((o, 0, observable.qubits))
        return tuple(found)

    @cached_property
    def cones(self) -> graph.LightCones:
        return graph.light_cones(self.circuit, [qubits for _, _, qubits in self.supports])

    @cached_property
    def reach(self) -> dict[str, int]:
        """For every parameter the mask of cost terms whose light cone it stands in."""
        return self.cones.parameters(self.circuit)

    @cached_property
    def lines(self) -> Lines:
        return Lines(by_level(lower(self.circuit), self.circuit.qubits), self.circuit.qubits)

    @cached_property
    def parametrised(self) -> tuple[bool, ...]:
        """For every operation of `lines` whether a parameter can reach the qubits that it acts on, by it or before."""
        state = self.circuit.initial_state
        reached = sum(1 << q for q in state.qubits) if state is not None and state.parameters else 0
        found = []
        for operation in self.lines.operations:
            support = operation.support
            free = isinstance(operation, Rotation) and not isinstance(operation.angle, float)
            hit = free or bool(support & reached)
            if hit:
                reached |= support
            found.append(hit)
        return tuple(found)

    @cached_property
    def gates_of(self) -> dict[str, tuple[int, ...]]:
        """For every parameter the gates whose angles depend on it."""
        found: dict[str, list[int]] = {p.name: [] for p in self.circuit.parameters}
        for index, gate in enumerate(self.circuit.gates):
            for name in gate.parameters:
                found[name].append(index)
        return {name: tuple(gates) for name, gates in found.items()}


_NOTHING_UNREAD = "the circuit was read completely"


def _claim(evidence: Evidence, key: str, value: object) -> Claim:
    assumptions = tuple(Assumption(text) for text in evidence.circuit.assumptions)
    if evidence.circuit.unread:
        assumptions += (Assumption(_NOTHING_UNREAD, holds=False),)
    return Claim(key, value, source="exact", assumptions=assumptions)


def _structure(key: str, compute: Callable[[Circuit], object]) -> Callable[[Evidence], Claim]:
    return lambda evidence: _claim(evidence, key, compute(evidence.circuit))


def _terms(evidence: Evidence) -> Claim:
    circuit = evidence.circuit
    reachable = 0
    for name in evidence.reach.values():
        reachable |= name
    state = circuit.initial_state
    words = [PauliString.of(t.paulis) for o in circuit.observables if isinstance(o, PauliSum) for t in o.terms]
    local = iter(
        localities(
            words,
            evidence.lines.operations if words else (),
            evidence.parametrised if words else (),
            set(state.qubits) if state is not None and state.parameters else set(),
            circuit.qubits,
        )
    )
    terms = []
    for number, (o, t, qubits) in enumerate(evidence.supports):
        observable = circuit.observables[o]
        if isinstance(observable, PauliSum):
            term = observable.terms[t]
            label, weight, locality = str(term), term.coefficient, next(local)
        else:
            label, weight, locality = str(observable), 1.0, len(qubits)
        terms.append(Term(o, t, label, weight, qubits, locality, bool(reachable >> number & 1)))
    return _claim(evidence, "cost_terms", tuple(terms))


def _light_cones(evidence: Evidence) -> Claim:
    sizes = evidence.cones.sizes(evidence.circuit, len(evidence.supports))
    labels = []
    for o, t, _ in evidence.supports:
        observable = evidence.circuit.observables[o]
        labels.append(str(observable.terms[t] if isinstance(observable, PauliSum) else observable))
    cones = tuple(Cone(label, *size) for label, size in zip(labels, sizes, strict=True))
    return _claim(evidence, "light_cones", cones)


def _constant_terms(evidence: Evidence) -> Claim:
    claim = evidence.claim("cost_terms")
    if claim.value is None:
        return replace(claim, key="constant_terms")
    return _claim(evidence, "constant_terms", tuple(t for t in claim.value if t.qubits and not t.reachable))


def _dead(evidence: Evidence) -> Claim:
    dead = tuple(
        Dead(p.name, evidence.gates_of[p.name]) for p in evidence.circuit.trainable if not evidence.reach[p.name]
    )
    return _claim(evidence, "dead_parameters", dead)


def _unused_inputs(evidence: Evidence) -> Claim:
    unused = tuple(
        Dead(p.name, evidence.gates_of[p.name]) for p in evidence.circuit.inputs if not evidence.reach[p.name]
    )
    return _claim(evidence, "unused_inputs", unused)


def _idle(evidence: Evidence) -> Claim:
    met = graph.qubits_met(evidence.circuit, evidence.cones)
    idle = tuple(q for q in range(evidence.circuit.qubits) if not met >> q & 1)
    return _claim(evidence, "idle_qubits", idle)


MAX_WALK = 2000
"""A walk for a redundant rotation ends after so many operations; what lies farther is not claimed."""
MAX_STEPS = 4_000_000
"""The walks of one circuit together; rotations behind the one where they end are not followed."""


def _redundant(evidence: Evidence) -> Claim:
    operations = evidence.lines.operations
    trainable = {p.name for p in evidence.circuit.trainable}
    owners: dict[int, str] = {}  # rotations by exactly one trainable parameter
    uses: dict[str, int] = {}
    for index, operation in enumerate(operations):
        if isinstance(operation, Rotation) and not isinstance(operation.angle, float):
            names = names_of(operation.angle)
            for name in names:
                uses[name] = uses.get(name, 0) + 1
            if isinstance(operation.angle, Affine) and len(names) == 1 and names[0] in trainable:
                owners[index] = names[0]
    found, steps = [], 0
    for index, name in owners.items():
        if steps > MAX_STEPS:
            break
        if uses[name] > 1:
            continue
        rotation = operations[index]
        assert isinstance(rotation, Rotation)
        string = rotation.pauli
        walk = evidence.lines.walk(string.support, index, 1)
        for step, (later, operation) in enumerate(walk):
            steps += 1
            other = owners.get(later)
            if (
                other is not None
                and other != name
                and isinstance(operation, Rotation)
                and (operation.pauli.x, operation.pauli.z) == (string.x, string.z)
                and uses[other] == 1
                and not _noise_between(evidence.circuit, rotation.gate, operation.gate)
            ):
                found.append(Redundant(name, other, (rotation.gate, operation.gate)))
                break
            moved = pull(operation, string, 1)
            if moved is None or step >= MAX_WALK:
                break
            string = moved
            walk.add(string.support)
    found.sort(key=lambda r: r.gates)
    return _claim(evidence, "redundant_parameters", tuple(found))


def _noise_between(circuit: Circuit, first: int, second: int) -> bool:
    """Whether a noise channel stands between two gates; wherever it acts, it might tell the two apart."""
    return any(first < channel.after <= second for channel in circuit.channels)


def _all_to_all_blocks(circuit: Circuit) -> int:
    pairs = circuit.qubits * (circuit.qubits - 1) // 2
    return sum(len(block) == pairs for block in graph.entangling_blocks(circuit)) if pairs else 0


def _absent(key: str, reason: str) -> Callable[[Evidence], Claim]:
    return lambda _: Claim(key, None, source=None, reason=reason)


@dataclass(frozen=True, slots=True)
class Key:
    """How to compute a claim; `title` is what people read; `costly` claims are dropped by `--fast`.

    `whole` claims would be wrong where part of the circuit could not be read, and are not made there.
    """

    compute: Callable[[Evidence], Claim]
    title: str
    costly: bool = False
    whole: bool = False


_NO_ENGINE = "needs the second-moment engine, which this version does not have"

KEYS: Mapping[str, Key] = {
    "gradient_variance": Key(_absent("gradient_variance", _NO_ENGINE), "gradient variance of each parameter"),
    "gradient_variance_max": Key(_absent("gradient_variance_max", _NO_ENGINE), "largest gradient variance"),
    "gradient_mean_square": Key(_absent("gradient_mean_square", _NO_ENGINE), "mean square of each gradient"),
    "cost_variance": Key(_absent("cost_variance", _NO_ENGINE), "variance of the cost"),
    "shots_per_gradient": Key(_absent("shots_per_gradient", _NO_ENGINE), "shots per gradient"),
    "entangling_capability": Key(_absent("entangling_capability", _NO_ENGINE), "entangling capability"),
    "lie_algebra": Key(_absent("lie_algebra", "needs the Lie-algebra module, which this version does not have"),
                       "dynamical Lie algebra"),
    "predicted_log10_variance": Key(
        _absent("predicted_log10_variance", "needs the learned predictor, which this version does not have"),
        "predicted log10 variance"),
    "depth": Key(_structure("depth", graph.depth), "depth"),
    "two_qubit_depth": Key(_structure("two_qubit_depth", graph.two_qubit_depth), "two-qubit depth"),
    "two_qubit_gates": Key(
        _structure("two_qubit_gates", lambda c: sum(len(g.qubits) == 2 for g in c.gates)), "two-qubit gates"),
    "entangling_gates": Key(
        _structure("entangling_gates", lambda c: sum(1 for _ in c.entangling_gates())), "entangling gates",
        whole=True),
    "entanglement_graph": Key(_structure("entanglement_graph", graph.summarise), "entanglement graph"),
    "entangling_blocks": Key(
        _structure("entangling_blocks", lambda c: len(graph.entangling_blocks(c))), "entangling blocks"),
    "all_to_all_blocks": Key(
        _structure("all_to_all_blocks", _all_to_all_blocks), "entangling blocks that couple all pairs"),
    "cost_terms": Key(_terms, "cost terms"),
    "light_cones": Key(_light_cones, "light cones of the cost terms"),
    "constant_terms": Key(_constant_terms, "cost terms that no parameter reaches", whole=True),
    "dead_parameters": Key(_dead, "parameters outside the light cone", whole=True),
    "unused_inputs": Key(_unused_inputs, "inputs outside the light cone", whole=True),
    "idle_qubits": Key(_idle, "qubits that the cost never meets", whole=True),
    "redundant_parameters": Key(_redundant, "redundant parameters", whole=True),
}  # fmt: skip
