"""What a search found, as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from ansatzlint.architecture.result import Progress, Search
from ansatzlint.architecture.values import Candidate, Figure, Objective
from ansatzlint.report import pareto
from ansatzlint.report.json import SCHEMA
from ansatzlint.tasks import Task

_SHORT = {
    "log10_gradient": "median gradient²", "log10_kl": "KL divergence", "dimension": "dimension ≥",
    "two_qubit_gates": "2q gates",
}  # fmt: skip


def render_text(pareto: Sequence[Candidate], task: Task, objectives: Sequence[Objective], summary: str) -> str:
    """The front as a table, best compromise first; ends with a newline."""
    trained = any(candidate.trained for candidate in pareto)
    head = ["#", "trial", *(_SHORT[objective.key] for objective in objectives), "parameters", "depth"]
    rows = [head + (["trained"] if trained else []) + ["circuit"]]
    for place, candidate in enumerate(pareto, 1):
        figures = [_figure(objective, candidate.objectives[objective.key]) for objective in objectives]
        sizes = candidate.evaluation.sizes
        row = [str(place), str(candidate.number), *figures, str(sizes["parameters"]), str(sizes["depth"])]
        rows.append(row + ([_trained(candidate)] if trained else []) + [str(candidate.design)])
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]) - 1)]
    lines = ["  ".join([*(cell.rjust(w) for cell, w in zip(row, widths, strict=False)), row[-1]]) for row in rows]
    title = f"{task.name} on {task.qubits} qubits: {summary}"
    return "\n".join([title, "", *lines, "", *_legend(pareto)]) + "\n"


def _figure(objective: Objective, figure: Figure) -> str:
    if objective.key == "two_qubit_gates":
        return f"{figure.value:.0f}"
    if objective.key == "dimension":
        return f"{figure.value:.0f}"
    value = f"{10**figure.value:.2e}" if objective.key == "log10_gradient" else f"{10**figure.value:.3g}"
    if figure.source != "sampled" or objective.key != "log10_gradient":
        return value
    lower = "0" if figure.lower is None else f"{10**figure.lower:.1e}"
    upper = "?" if figure.upper is None else f"{10**figure.upper:.1e}"
    return f"{value} [{lower}, {upper}]"


def _trained(candidate: Candidate) -> str:
    found = candidate.trained
    if found is None:
        return "-"
    return f"{found.median:.5g}" + ("" if found.error is None else f" (off by {found.error:.2g})")


def _legend(pareto: Sequence[Candidate]) -> list[str]:
    methods = dict.fromkeys(c.objectives["log10_gradient"].method for c in pareto)
    lines = [
        "median gradient²: mean square of the median live parameter's gradient, by the engine "
        f"({', '.join(methods)}); in brackets 95 % intervals of what was sampled"
    ]
    some = next(iter(pareto)).objectives
    if "dimension" in some:
        lines.append("dimension: certified lower bound of the parameter dimension, which is no expressibility")
    if "log10_kl" in some:
        samples = some["log10_kl"].samples
        lines.append(f"KL divergence: of fidelities to those of random states (arXiv:1905.10876), {samples} pairs, "
                     "not below its finite-sample floor")  # fmt: skip
    found = next((c.trained for c in pareto if c.trained), None)
    if found is not None:
        best = "" if found.optimum is None else f"; the optimum is {found.optimum:.6g}"
        lines.append(f"trained: median over {found.starts} starts of {found.evaluations} circuit evaluations{best}")
    return lines


def as_data(search: Search) -> dict[str, Any]:
    """Schema 1 of a search, as JSON can say it."""
    return {
        "schema": SCHEMA,
        "task": {"name": search.task.name, **search.task.as_dict()},
        "objectives": [
            {"key": o.key, "title": o.title, "direction": o.direction} for o in search.objectives
        ],
        "finished": search.finished,
        "feasible": search.feasible,
        "lost": search.lost,
        "excluded": dict(search.excluded),
        "interrupted": search.interrupted,
        "notes": list(search.notes),
        "pareto": [candidate_data(candidate) for candidate in search.pareto],
    }


def candidate_data(candidate: Candidate) -> dict[str, Any]:
    design = candidate.design.as_dict()
    del design["text"]
    return {
        "trial": candidate.number,
        **design,
        **{key: value for key, value in candidate.evaluation.as_dict().items() if key != "seconds"},
        "trained": None if candidate.trained is None else candidate.trained.as_dict(),
        "assumptions": list(candidate.circuit.assumptions),
    }


def render_json(search: Search) -> str:
    """JSON that ends with a newline."""
    return json.dumps(as_data(search), indent=2, ensure_ascii=False) + "\n"


def render_terminal(search: Search) -> str:
    """The table, and the plot of a front of more than one circuit; ends with a newline."""
    table = str(search)
    if len(search.pareto) < 2:
        return table
    return f"{table}\n{pareto.text(search.pareto, search.objectives)}\n"


def render_progress(progress: Progress, width: int) -> str:
    """One line of at most so many characters: a bar, the counts, the best trade-off so far."""
    share = min(progress.finished / progress.trials, 1.0)
    filled = round(share * _BAR)
    left = progress.seconds * (1 - share) / share if share else None
    line = (
        f"[{'#' * filled}{'-' * (_BAR - filled)}] {progress.finished}/{progress.trials}, {progress.feasible} feasible, "
        f"{progress.front} on the front, {_clock(progress.seconds)}" + (f" + {_clock(left)}" if left else "")
        + (f"; best {progress.best}" if progress.best else "")
    )  # fmt: skip
    return line if len(line) <= width else line[: max(width - 1, 0)] + "…"


_BAR = 20


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"
