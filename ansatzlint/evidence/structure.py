"""Claims that the structure of the circuit alone tells: graph, light cones, generators."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from ansatzlint import graph
from ansatzlint.angles import Affine
from ansatzlint.angles import names as names_of
from ansatzlint.circuit import Circuit, PauliSum, Probabilities, Projector
from ansatzlint.diagnostic import Assumption, Claim
from ansatzlint.evidence.values import Cone, Dead, Redundant, Term
from ansatzlint.pauli.lowering import Rotation, pull
from ansatzlint.pauli.pullback import localities
from ansatzlint.pauli.strings import PauliString

if TYPE_CHECKING:
    from ansatzlint.evidence import Evidence

_NOTHING_UNREAD = "the circuit was read completely"


def claim(evidence: Evidence, key: str, value: object) -> Claim:
    assumptions = tuple(Assumption(text) for text in evidence.circuit.assumptions)
    if evidence.circuit.unread:
        assumptions += (Assumption(_NOTHING_UNREAD, holds=False),)
    return Claim(key, value, source="exact", assumptions=assumptions)


def figure(key: str, compute: Callable[[Circuit], object]) -> Callable[[Evidence], Claim]:
    return lambda evidence: claim(evidence, key, compute(evidence.circuit))


def terms(evidence: Evidence) -> Claim:
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
    return claim(evidence, "cost_terms", tuple(terms))


def light_cones(evidence: Evidence) -> Claim:
    sizes = evidence.cones.sizes(evidence.circuit, len(evidence.supports))
    labels = []
    for o, t, _ in evidence.supports:
        observable = evidence.circuit.observables[o]
        labels.append(str(observable.terms[t] if isinstance(observable, PauliSum) else observable))
    cones = tuple(Cone(label, *size) for label, size in zip(labels, sizes, strict=True))
    return claim(evidence, "light_cones", cones)


def constant_terms(evidence: Evidence) -> Claim:
    terms = evidence.claim("cost_terms")
    if terms.value is None:
        return replace(terms, key="constant_terms")
    return claim(evidence, "constant_terms", tuple(t for t in terms.value if t.qubits and not t.reachable))


def dead(evidence: Evidence) -> Claim:
    from ansatzlint.moments.cost import cost_of
    from ansatzlint.moments.problem import dead_parameters

    circuit = evidence.circuit
    why = {p.name: "outside the light cone of the cost" for p in circuit.trainable if not evidence.reach[p.name]}
    why |= {p.name: "used by no gate" for p in circuit.trainable if not evidence.gates_of[p.name]}
    if all(isinstance(o, PauliSum | Projector | Probabilities) for o in circuit.observables) and circuit.observables:
        cost, _ = cost_of(circuit)
        why = dead_parameters(evidence.problem, cost) | why
    dead = tuple(Dead(p.name, evidence.gates_of[p.name], why[p.name]) for p in circuit.trainable if p.name in why)
    return claim(evidence, "dead_parameters", dead)


def unused_inputs(evidence: Evidence) -> Claim:
    unused = tuple(
        Dead(p.name, evidence.gates_of[p.name]) for p in evidence.circuit.inputs if not evidence.reach[p.name]
    )
    return claim(evidence, "unused_inputs", unused)


def idle(evidence: Evidence) -> Claim:
    met = graph.qubits_met(evidence.circuit, evidence.cones)
    idle = tuple(q for q in range(evidence.circuit.qubits) if not met >> q & 1)
    return claim(evidence, "idle_qubits", idle)


MAX_WALK = 2000
"""A walk for a redundant rotation ends after so many operations; what lies farther is not claimed."""
MAX_STEPS = 4_000_000
"""The walks of one circuit together; rotations behind the one where they end are not followed."""


def redundant(evidence: Evidence) -> Claim:
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
    return claim(evidence, "redundant_parameters", tuple(found))


def _noise_between(circuit: Circuit, first: int, second: int) -> bool:
    """Whether a noise channel stands between two gates; wherever it acts, it might tell the two apart."""
    return any(first < channel.after <= second for channel in circuit.channels)


def all_to_all_blocks(circuit: Circuit) -> int:
    pairs = circuit.qubits * (circuit.qubits - 1) // 2
    return sum(len(block) == pairs for block in graph.entangling_blocks(circuit)) if pairs else 0
