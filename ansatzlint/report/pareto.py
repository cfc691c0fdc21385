"""Pictures of a front: text for the terminal, PNG or SVG for a paper."""

from __future__ import annotations

import os
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from ansatzlint.architecture.values import Candidate, Objective
from ansatzlint.errors import MissingDependencyError, UsageError
from ansatzlint.files import write_atomically
from ansatzlint.plots import SUFFIXES

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BEST, OTHER = "◆", "●"
_SHADES = "·∘●"
"""From few two-qubit gates to many."""


def text(pareto: Sequence[Candidate], objectives: Sequence[Objective], width: int = 60, height: int = 14) -> str:
    """The front in characters: the gradient upward, expressibility to the right, marks by two-qubit gates.

    `width` and `height` count the characters of the field. The first candidate, the best compromise, has a mark of
    its own.

    Raises
    ------
    UsageError
        For a field of less than 8 by 4 characters.
    """
    if width < 8 or height < 4:
        raise UsageError(f"a plot needs at least 8 by 4 characters, not {width} by {height}")
    gradient, expressive, gates = objectives
    across = [_value(c, expressive) for c in pareto]
    up = [_value(c, gradient) for c in pareto]
    count = [_value(c, gates) for c in pareto]
    rightward = expressive.direction == "maximize"

    def column(value: float) -> int:
        share = _share(value, across)
        return round((share if rightward else 1 - share) * (width - 1))

    field = [[" "] * width for _ in range(height)]
    for k in range(len(pareto) - 1, -1, -1):  # the best one last, so that it stays
        row = round((1 - _share(up[k], up)) * (height - 1))
        shade = _SHADES[min(int(_share(count[k], count) * len(_SHADES)), len(_SHADES) - 1)]
        field[row][column(across[k])] = BEST if k == 0 else shade
    lines = [f"{gradient.title}; {BEST} best compromise"]
    for row, line in enumerate(field):
        share = 1 - row / (height - 1)
        label = f"{min(up) + share * (max(up) - min(up)):.2f}" if row in (0, height - 1) else ""
        lines.append(f"{label:>8} │{''.join(line).rstrip()}")
    lines.append(f"{'':8} └{'─' * width}")
    left, right = (min(across), max(across)) if rightward else (max(across), min(across))
    ends = f"{left:.4g}", f"{right:.4g}"
    lines.append(f"{'':10}{ends[0]}{ends[1]:>{max(width - len(ends[0]), 1)}}")
    few, many = f"{min(count):.0f}", f"{max(count):.0f}"
    lines.append(f"{'':10}{expressive.title}; {_SHADES[0]} {few} to {_SHADES[-1]} {many} {gates.title}")
    return "\n".join(lines)


def _value(candidate: Candidate, objective: Objective) -> float:
    return candidate.objectives[objective.key].value


def _share(value: float, values: Sequence[float]) -> float:
    low, high = min(values), max(values)
    return (value - low) / (high - low) if high > low else 0.5


def figure(
    pareto: Sequence[Candidate], objectives: Sequence[Objective], title: str, path: str | os.PathLike[str]
) -> None:
    """Write the picture to a PNG or SVG file, which is never seen half written.

    Raises
    ------
    UsageError
        For a suffix that is neither, a front without a circuit.
    MissingDependencyError
        Without matplotlib.
    InputError
        If the file cannot be written.
    """
    target = Path(path)
    suffix = target.suffix.lower()
    if suffix not in SUFFIXES:
        raise UsageError(f"a picture is written as {' or '.join(SUFFIXES)}, not {target.suffix or target.name!r}")
    if not pareto:
        raise UsageError("a front without a circuit cannot be drawn")
    try:
        import matplotlib
    except ImportError:
        raise MissingDependencyError(
            "pictures need matplotlib; install it with: pip install 'ansatzlint[plot]'"
        ) from None
    settings = {"svg.hashsalt": "ansatzlint", "svg.fonttype": "none", "font.size": 10}
    with matplotlib.rc_context(settings):
        written = BytesIO()
        # no date in the file: the same numbers give the same bytes
        metadata = {"Date": None} if suffix == ".svg" else {"Software": None}
        draw(pareto, objectives, title).savefig(written, format=suffix[1:], dpi=160, metadata=metadata)
    write_atomically(target, written.getvalue())


def draw(pareto: Sequence[Candidate], objectives: Sequence[Objective], title: str) -> Figure:
    """The picture as a matplotlib figure that belongs to no window."""
    from matplotlib.figure import Figure

    gradient, expressive, gates = objectives
    x = [_value(c, expressive) for c in pareto]
    y = [_value(c, gradient) for c in pareto]
    drawn = Figure(figsize=(6.4, 4.4), layout="constrained")
    axes = drawn.add_subplot()
    axes.errorbar(
        x, y, yerr=_bars(pareto, gradient), xerr=_bars(pareto, expressive), fmt="none", ecolor="0.7", elinewidth=1,
        zorder=1,
    )  # fmt: skip
    marks = axes.scatter(x, y, c=[_value(c, gates) for c in pareto], cmap="viridis_r", s=36, zorder=2)
    axes.scatter(x[:1], y[:1], s=130, facecolors="none", edgecolors="#D55E00", linewidths=1.6, zorder=3)
    for place, (a, b) in enumerate(zip(x, y, strict=True), 1):  # as winners are numbered in the table and the folder
        axes.annotate(str(place), (a, b), xytext=(4, 4), textcoords="offset points", fontsize=7, color="0.25")
    if expressive.direction == "minimize":
        axes.invert_xaxis()
    axes.set_xlabel(f"{expressive.title} (better to the right)")
    axes.set_ylabel(gradient.title)
    axes.set_title(f"{title}; 1, in the ring, is the best compromise", fontsize=10)
    drawn.colorbar(marks, ax=axes, label=gates.title)
    axes.grid(True, which="major", color="0.92")
    axes.spines[["top", "right"]].set_visible(False)
    return drawn


def _bars(pareto: Sequence[Candidate], objective: Objective) -> list[list[float]] | None:
    """Distances to the ends of the intervals, below and above; zero where there is none."""
    below, above = [], []
    for candidate in pareto:
        found = candidate.objectives[objective.key]
        sampled = found.source == "sampled"
        below.append(found.value - found.lower if sampled and found.lower is not None else 0.0)
        above.append(found.upper - found.value if sampled and found.upper is not None else 0.0)
    return [below, above] if any(below) or any(above) else None
