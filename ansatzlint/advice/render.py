"""Advice as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ansatzlint.advice import Advice
from ansatzlint.advice.quality import TRAINED
from ansatzlint.advice.subject import SHOTS
from ansatzlint.advice.values import Recommendation, times
from ansatzlint.circuit import Circuit
from ansatzlint.diagnostic import Claim
from ansatzlint.errors import AnsatzlintError
from ansatzlint.evidence import KEYS
from ansatzlint.exports.python_source import to_python
from ansatzlint.report.json import SCHEMA, claim_data, plain
from ansatzlint.report.text import describe, figure, kind, paint

_BOLD, _DIM = "1", "2"

Diff = Callable[[Recommendation], str | None]


def title(key: str) -> str:
    """What people read for a claim's key."""
    if key == TRAINED:
        return "distance from the least cost after training, as a share of its range"
    return KEYS[key].title if key in KEYS else key.replace("_", " ")


def code(circuit: Circuit, language: str) -> tuple[str | None, str]:
    """(the circuit's code in `pennylane` or `openqasm3`, why there is none)."""
    try:
        return (to_python(circuit) if language == "pennylane" else circuit.to_qasm3()), ""
    except AnsatzlintError as error:
        return None, str(error)


def render_json(advice: Advice, diff: Diff) -> str:
    """Text that ends with a newline; schema 1 of `recommend --format json`."""
    data = {
        "schema": SCHEMA,
        "circuit": _circuit(advice.before.circuit),
        "before": [claim_data(advice.before.claim(key)) for key in (SHOTS, "gradient_mean_square", "resolution")],
        "recommendations": [_recommendation(r, diff) for r in advice.recommendations],
        "refused": [{"kind": r.kind, "change": r.change, "reason": r.reason} for r in advice.refused],
    }
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def _circuit(circuit: Circuit) -> dict[str, Any]:
    return {
        "name": circuit.name,
        "path": circuit.location.path if circuit.location else None,
        "qubits": circuit.qubits,
        "gates": len(circuit.gates),
        "parameters": len(circuit.trainable),
        "observables": [str(o) for o in circuit.observables],
        "assumptions": list(circuit.assumptions),
    }


def _recommendation(found: Recommendation, diff: Diff) -> dict[str, Any]:
    return {
        "kind": found.kind,
        "change": found.change,
        "meaning": found.meaning,
        "gain": plain(found.gain),
        "gain_lower": plain(found.gain_lower),
        "gain_upper": plain(found.gain_upper),
        "loss": found.loss,
        "losses": plain(found.losses),
        "quality": found.quality,
        "rank": found.rank,
        "evidence": [
            {"key": e.key, "before": claim_data(e.before), "after": claim_data(e.after)} for e in found.evidence
        ],
        "stages": plain(found.stages),
        "circuit": _circuit(found.circuit),
        "pennylane": code(found.circuit, "pennylane")[0],
        "openqasm3": code(found.circuit, "openqasm3")[0],
        "diff": diff(found),
    }


def render_text(advice: Advice, diff: Diff, pick: int = 1, languages: Sequence[str] = (), color: bool = False) -> str:
    """Text that ends with a newline: the ranking, what was refused, then diff and code of the one that is picked."""
    circuit = advice.before.circuit
    lines = [paint(str(circuit), _BOLD, color)]
    lines += [f"  cost: {str(o) if len(str(o)) <= 100 else str(o)[:99] + '…'}" for o in circuit.observables]
    lines += [f"  {note}" for note in circuit.assumptions]
    resolution, shots = advice.before.claim("resolution"), advice.before.claim(SHOTS)
    lines.append(f"  {describe(shots, title(SHOTS))}")
    if resolution.value is not None:
        lines.append(f"  as it is: {figure(resolution)}")
    lines.append("")
    if not advice.recommendations:
        lines.append("nothing better found")
    for number, found in enumerate(advice.recommendations, 1):
        lines += _entry(number, found, color)
    if advice.refused:
        lines += ["", "not recommended"]
        lines += [f"  {r.change}: {r.reason}" for r in advice.refused]
    if advice.recommendations and languages:
        lines += ["", *_code(pick, advice.recommendations[pick - 1], diff, languages, color)]
    return "\n".join(lines) + "\n"


def _entry(number: int, found: Recommendation, color: bool) -> Iterator[str]:
    ends = "" if found.gain_lower == found.gain_upper else f" [{found.gain_lower:.3g}, {found.gain_upper:.3g}]"
    yield paint(f"{number}. {found.change}", _BOLD, color)
    yield f"   gain: the median gradient is {times(found.gain)}{ends} larger and cheaper; rank {found.rank:.3g}"
    if found.quality != 1.0:
        yield f"   quality: training is left with {1 / found.quality:.2g} times the distance from the optimum"
    if found.meaning:
        yield f"   what changes: {found.meaning}"
    yield f"   loss {found.loss:.2g}: " + ("; ".join(loss.what for loss in found.losses) or "none that is measured")
    for e in found.evidence:
        yield paint(f"   {title(e.key)}: {_told(e.before)} -> {_told(e.after)}", _DIM, color)
    for stage in found.stages:
        then = f", train {stage.steps} steps" if stage.steps else ", then train"
        yield (
            f"   {stage.blocks} blocks, {stage.parameters} parameters: mean square gradients {stage.largest:.3g} "
            f"largest, {stage.median:.3g} median at cost {stage.cost:.4g}{then}"
        )


def _told(claim: Claim) -> str:
    return "not known" if claim.value is None else f"{figure(claim)} ({kind(claim)})"


def _code(pick: int, found: Recommendation, diff: Diff, languages: Sequence[str], color: bool) -> Iterator[str]:
    for language in languages:
        if language == "diff":
            text = diff(found)
            if text is not None:
                yield paint(f"--- {pick}. as a change of the source", _BOLD, color)
                yield text.rstrip("\n")
            continue
        name = {"pennylane": "PennyLane", "openqasm3": "OpenQASM 3"}[language]
        text, reason = code(found.circuit, language)
        yield paint(f"--- {pick}. in {name}", _BOLD, color)
        yield reason if text is None else text.rstrip("\n")
