"""Checks of what the entanglement graph, the light cones and the generators alone tell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ansatzlint.checks.plateau import measured, misses_budget, raised
from ansatzlint.checks.wording import listing
from ansatzlint.circuit import Location
from ansatzlint.diagnostic import Finding
from ansatzlint.evidence import Dead, Evidence, Redundant
from ansatzlint.rulebook import Rule

if TYPE_CHECKING:
    from ansatzlint.dimension import Limit


def _gate_location(evidence: Evidence, gates: Sequence[int]) -> Location | None:
    return evidence.circuit.gates[gates[0]].location if gates else None


def dead_parameter(evidence: Evidence, rule: Rule) -> Iterator[Finding]:
    """Trainable parameters whose gradient is proved to vanish for every angle."""
    claim = evidence.claim("dead_parameters")
    dead: tuple[Dead, ...] = claim.value
    if dead:
        gates = tuple(sorted({g for d in dead for g in d.gates}))
        names = tuple(d.parameter for d in dead)
        yield Finding(
            {
                "parameters": f"{len(dead)} parameters" if len(dead) > 1 else "parameter",
                "names": listing(names),
                "verb": "have" if len(dead) > 1 else "has",
                "why": _reasons(dead),
            },
            location=_gate_location(evidence, gates),
            qubits=tuple(sorted({q for g in gates for q in evidence.circuit.gates[g].qubits})),
            gates=gates,
            parameters=names,
            evidence=(claim,),
        )


def _reasons(dead: Sequence[Dead]) -> str:
    """Why parameters are dead; each reason with the parameters that it kills where there are several."""
    reasons: dict[str, list[str]] = {}
    for parameter in dead:
        reasons.setdefault(parameter.why, []).append(parameter.parameter)
    if len(reasons) == 1:
        return dead[0].why
    return "; ".join(f"{why} ({listing(names)})" for why, names in reasons.items())


def redundant_parameter(evidence: Evidence, rule: Rule) -> Iterator[Finding]:
    """Pairs of trainable rotations about one generator that nothing between tells apart."""
    claim = evidence.claim("redundant_parameters")
    found: tuple[Redundant, ...] = claim.value
    if found:
        first = found[0]
        gates = tuple(sorted({g for r in found for g in r.gates}))
        more = len(found) - 1
        yield Finding(
            {
                "parameter": first.parameter,
                "other": first.other,
                "more": f" (and {more} more such pairs)" if more > 1 else " (and 1 more such pair)" if more else "",
            },
            location=_gate_location(evidence, (max(first.gates),)),
            qubits=tuple(sorted({q for g in gates for q in evidence.circuit.gates[g].qubits})),
            gates=gates,
            parameters=tuple(r.parameter for r in found),
            evidence=(claim,),
        )


def no_entanglement(evidence: Evidence, rule: Rule) -> Iterator[Finding]:
    """Two or more qubits and not one entangling gate."""
    claim = evidence.claim("entangling_gates")
    if evidence.circuit.qubits > 1 and claim.value == 0 and evidence.circuit.initial_state is None:
        yield Finding({"qubits": evidence.circuit.qubits}, evidence=(claim,))


def idle_qubit(evidence: Evidence, rule: Rule) -> Iterator[Finding]:
    """Qubits that the light cones of the cost never meet."""
    claim = evidence.claim("idle_qubits")
    idle: tuple[int, ...] = claim.value
    if idle:
        circuit = evidence.circuit
        gates = tuple(i for i, gate in enumerate(circuit.gates) if not set(gate.qubits).isdisjoint(idle))
        yield Finding(
            {
                "qubits": "qubits" if len(idle) > 1 else "qubit",
                "names": listing([circuit.label(q) for q in idle]),
                "verb": "are" if len(idle) > 1 else "is",
                "gates": f"{len(gates)} gates act there"
                if len(gates) > 1
                else f"{'one' if gates else 'no'} gate acts there",
            },
            location=_gate_location(evidence, gates),
            qubits=idle,
            gates=gates,
            evidence=(claim,),
        )


def dense_entangler(evidence: Evidence, rule: Rule) -> Iterator[Finding]:
    """At least the threshold share of the entangling blocks couples every pair; a warning in a plateau."""
    dense, blocks = evidence.claim("all_to_all_blocks"), evidence.claim("entangling_blocks")
    n = evidence.circuit.qubits
    share = dense.value / blocks.value if blocks.value else 0.0
    if n >= rule.thresholds["qubits"].value and share >= rule.thresholds["share"].value:
        index, gate = next(evidence.circuit.entangling_gates())
        yield Finding(
            {
                "qubits": n,
                "pairs": n * (n - 1) // 2,
                "dense": dense.value,
                "blocks": "entangling block" if blocks.value == 1 else f"of {blocks.value} entangling blocks",
                "verb": "couples" if dense.value == 1 else "couple",
                "measured": measured(evidence) if misses_budget(evidence) else "",
            },
            location=gate.location,
            severity=raised(evidence),
            gates=(index,),
            evidence=(dense, blocks),
        )


def overparametrised(evidence: Evidence, rule: Rule) -> Iterator[Finding]:
    """More trainable parameters than directions in which they can move the state, by an upper bound on these."""
    claim = evidence.claim("state_directions")
    limit: Limit = claim.value
    parameters = len(evidence.circuit.trainable)
    if parameters > limit.directions > 0:
        yield Finding(
            {
                "parameters": parameters,
                "directions": f"{limit.directions} direction{'' if limit.directions == 1 else 's'}",
                "why": limit.why,
            },
            evidence=(replace(claim, value=limit.directions),),
        )


def unused_input(evidence: Evidence, rule: Rule) -> Iterator[Finding]:
    """Inputs that stand in no cost term's light cone."""
    claim = evidence.claim("unused_inputs")
    unused: tuple[Dead, ...] = claim.value
    if unused:
        gates = tuple(sorted({g for d in unused for g in d.gates}))
        names = tuple(d.parameter for d in unused)
        yield Finding(
            {
                "inputs": "inputs" if len(names) > 1 else "input",
                "names": listing(names),
                "why": "outside the light cone of the cost" if gates else "used by no gate",
            },
            location=_gate_location(evidence, gates),
            gates=gates,
            parameters=names,
            evidence=(claim,),
        )
