"""Every claim about one circuit, as a table or as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ansatzlint.diagnostic import Claim
from ansatzlint.evidence import KEYS, Evidence
from ansatzlint.graph import GraphSummary
from ansatzlint.report.json import SCHEMA, claim_data
from ansatzlint.report.text import clip, count, figure, kind

if TYPE_CHECKING:
    from ansatzlint.variance import GradientVariance

_SHOWN = 8


def render_json(evidence: Evidence) -> str:
    """Text that ends with a newline; schema 1 of `measure --format json`."""
    claims = [claim_data(evidence.claim(key)) for key, entry in KEYS.items() if entry.shown]
    for claim in claims:
        if claim["key"] in ("gradient_variance", "gradient_mean_square"):
            claim["parameter"] = [p.name for p in evidence.circuit.trainable]
    data = {"schema": SCHEMA, "circuit": _circuit(evidence), "claims": claims}
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def _circuit(evidence: Evidence) -> dict[str, Any]:
    circuit = evidence.circuit
    return {
        "name": circuit.name,
        "path": circuit.location.path if circuit.location else None,
        "qubits": circuit.qubits,
        "gates": len(circuit.gates),
        "parameters": [p.name for p in circuit.trainable],
        "inputs": [p.name for p in circuit.inputs],
        "observables": [str(o) for o in circuit.observables],
        "assumptions": list(circuit.assumptions),
        "unread": [u.reason for u in circuit.unread],
    }


def render_table(evidence: Evidence) -> str:
    """Text that ends with a newline: the circuit, its claims, the entanglement graph, what is not evaluated."""
    circuit = evidence.circuit
    lines = [str(circuit)]
    lines += [f"  cost: {clip(str(o))}" for o in circuit.observables]
    lines += [f"  {note}" for note in circuit.assumptions]
    lines += [f"  not read: {unread.reason}" for unread in circuit.unread]
    lines.append("")
    rows = []
    absent = []
    unmet: dict[str, None] = {}
    for key, entry in KEYS.items():
        if not entry.shown:
            continue
        claim = evidence.claim(key)
        if claim.value is None:
            absent.append(f"  {entry.title}: {claim.reason}")
        elif isinstance(claim.value, GraphSummary):
            continue
        else:
            broken = tuple(a.text for a in claim.assumptions if a.holds is False)
            unmet |= dict.fromkeys(broken)
            text = _prediction(evidence, claim) if key == "predicted_log10_variance" else figure(claim)
            rows.append((entry.title, text, f"{claim.source}{' *' if broken else ''}"))
    width = max(len(title) for title, _, _ in rows)
    room = max(len(source) for _, _, source in rows)
    lines += [f"  {title:<{width}}  {source:<{room}}  {value}" for title, value, source in rows]
    lines += [f"  * holds only if {text}" for text in unmet]
    lines += ["", *_graph(evidence)]
    scaling = evidence.value("scaling")
    if scaling is not None:
        lines += ["", f"gradients with more qubits ({kind(evidence.claim('scaling'))})", *_indented(str(scaling))]
        lines += ["", *_indented(scaling.plot())]
    if absent:
        lines += ["", "not evaluated", *absent]
    return "\n".join(lines) + "\n"


def _prediction(evidence: Evidence, claim: Claim) -> str:
    """The predicted size of the gradients, as a number too, and the measured one beside it."""
    value, lower, upper = (10**exponent for exponent in (claim.value, claim.lower, claim.upper))
    text = f"{figure(claim)}, that is {value:.3g} [{lower:.3g}, {upper:.3g}]"
    gradients = evidence.claim("gradients")
    found: GradientVariance | None = gradients.value
    if found is None:
        return f"{text}; not measured"
    if gradients.source == "exact":
        return f"{text}; measured {found.max_mean_square:.3g} (exact)"
    ends = f"[{found.max_mean_square_lower:.3g}, {found.max_mean_square_upper:.3g}]"
    return f"{text}; measured {found.max_mean_square:.3g} {ends} ({gradients.source})"


def _indented(text: str) -> list[str]:
    return [f"  {line}".rstrip() for line in text.splitlines()]


_TOO_MANY = "not computed for so many qubits"


def _graph(evidence: Evidence) -> list[str]:
    summary: GraphSummary = evidence.value("entanglement_graph")
    circuit = evidence.circuit
    connectivity = summary.algebraic_connectivity
    sizes = ", ".join(str(len(part)) for part in summary.components[:_SHOWN])
    pairs = count(len(summary.edges), "coupled pair")
    if len(summary.components) > 1:
        without = "none, it is not connected"
    else:
        without = _TOO_MANY if summary.nodes > 1 else "none, fewer than two qubits"
    lines = [
        f"entanglement graph ({kind(evidence.claim('entanglement_graph'))})",
        f"  {count(summary.nodes, 'qubit')}, {pairs}, density {summary.density:.3g}",
        f"  components: {len(summary.components)} (sizes {sizes}{', …' if len(summary.components) > _SHOWN else ''})",
        f"  diameter of the largest: {_TOO_MANY if summary.diameter is None else summary.diameter}",
        f"  algebraic connectivity: {without if connectivity is None else f'{connectivity:.4g}'}",
        f"  clustering: {summary.clustering:.3g}",
    ]
    if summary.degrees:
        mean = sum(summary.degrees) / len(summary.degrees)
        lines.append(f"  degree: {min(summary.degrees)} to {max(summary.degrees)}, mean {mean:.3g}")
    rows = sorted(summary.edges, key=lambda edge: (-edge[2], edge[:2]))
    for a, b, gates, layers in rows[: 2 * _SHOWN]:
        at = ", ".join(map(str, layers[:_SHOWN])) + (", …" if len(layers) > _SHOWN else "")
        layer = "layer" if len(layers) == 1 else "layers"
        lines.append(f"    {circuit.label(a)} - {circuit.label(b)}: {count(gates, 'entangling gate')} in {layer} {at}")
    if len(rows) > 2 * _SHOWN:
        lines.append(f"    … and {len(rows) - 2 * _SHOWN} more pairs; --format json lists them all")
    return lines
