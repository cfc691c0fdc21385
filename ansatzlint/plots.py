"""Pictures of a scaling: text for the terminal, PNG or SVG for a paper."""

from __future__ import annotations

import os
from collections.abc import Iterator
from io import BytesIO
from math import ceil, floor, log10
from pathlib import Path
from typing import TYPE_CHECKING

from ansatzlint.errors import MissingDependencyError, UsageError
from ansatzlint.files import write_atomically

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ansatzlint.scales import Estimate, Point, Scaling

LARGEST, MEDIAN, BOTH, BELOW, BAR, TARGET = "●", "○", "◉", "▽", "│", "┊"
SUFFIXES = (".png", ".svg")
_FAR = 100.0
"""A bar that reaches down by a larger factor is cut at the edge of the field."""


def text(scaling: Scaling, width: int = 60, height: int = 12) -> str:
    """log10 of the mean square gradients against the number of qubits.

    `width` and `height` count the characters of the field that the marks stand in. A value that was not seen is
    marked at its upper end; bars are 95 % intervals where they are longer than a mark.
    """
    if width < 8 or height < 4:
        raise UsageError(f"a plot needs at least 8 by 4 characters, not {width} by {height}")
    ends = [e for _, e, _ in _marks(scaling)]
    if not ends:
        return "no gradient above zero was measured"
    low = min(log10(max(e.lower, e.value / _FAR) if _seen(e) else e.upper) for e in ends)
    high = max(log10(e.upper) for e in ends)
    bottom, top = floor(low), max(ceil(high), floor(low) + 1)
    first, last = scaling.points[0].size, max(scaling.points[-1].size, scaling.points[0].size + 1)

    def row(value: float) -> int:
        return min(max(round((top - log10(value)) / (top - bottom) * (height - 1)), 0), height - 1)

    def column(size: int) -> int:
        return round((size - first) / (last - first) * (width - 1))

    field = [[" "] * width for _ in range(height)]
    for line in field:
        line[column(scaling.target)] = TARGET
    for point, estimate, _ in _marks(scaling):
        if _seen(estimate):
            for r in range(row(estimate.upper), row(estimate.lower) + 1):
                field[r][column(point.size)] = BAR
    for point, estimate, best in _marks(scaling):
        at = row(_at(estimate))
        mark = (LARGEST if best else MEDIAN) if _seen(estimate) else BELOW
        standing = field[at][column(point.size)]
        field[at][column(point.size)] = BOTH if {mark, standing} == {LARGEST, MEDIAN} else mark
    decades = {row(10.0**d): d for d in range(bottom, top + 1)}
    lines = [f"{scaling.name}: mean square gradient, {LARGEST} largest, {MEDIAN} median, {BOTH} both"
             + (f", {BELOW} below" if any(not _seen(e) for e in ends) else "")]  # fmt: skip
    for r, line in enumerate(field):
        label, tick = (f"1e{decades[r]:+d}", "┤") if r in decades else ("", "│")
        lines.append(f"{label:>6} {tick}{''.join(line).rstrip()}")
    lines.append(f"{'':6} └{'─' * width}")
    lines.append(f"{'':8}{_scale([p.size for p in scaling.points], column, width)}")
    lines.append(f"{'':8}qubits; {TARGET} target {scaling.target}; {scaling.verdict}")
    return "\n".join(lines)


def _scale(sizes: list[int], column: object, width: int) -> str:
    """The sizes below the axis, as many as have room; the first and the last before the others."""
    assert callable(column)
    line = [" "] * (width + 4)
    for size in dict.fromkeys((sizes[0], sizes[-1], *sizes)):
        label = str(size)
        start = max(column(size) - len(label) // 2, 0)
        stop = start + len(label)
        if stop <= len(line) and all(c == " " for c in line[max(start - 1, 0) : stop + 1]):
            line[start:stop] = label
    return "".join(line).rstrip()


def _marks(scaling: Scaling) -> Iterator[tuple[Point, Estimate, bool]]:
    """Every value with a place on a logarithmic axis: the point, the value, whether it is the best parameter's."""
    for best in (False, True):
        for point in scaling.points:
            estimate = point.largest if best else point.median
            if estimate.upper > 0:
                yield point, estimate, best


def _seen(estimate: Estimate) -> bool:
    return estimate.value > 0 and estimate.lower > 0


def _at(estimate: Estimate) -> float:
    return estimate.value if _seen(estimate) else estimate.upper


def figure(scaling: Scaling, path: str | os.PathLike[str]) -> None:
    """Write the picture to a PNG or SVG file, which is never seen half written.

    Raises
    ------
    UsageError
        For a suffix that is neither.
    MissingDependencyError
        Without matplotlib.
    InputError
        If the file cannot be written.
    """
    target = Path(path)
    suffix = target.suffix.lower()
    if suffix not in SUFFIXES:
        known = " or ".join(SUFFIXES)
        raise UsageError(f"a picture is written as {known}, not {target.suffix or target.name!r}")
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
        draw(scaling).savefig(written, format=suffix[1:], dpi=160, metadata=metadata)
    write_atomically(target, written.getvalue())


_COLOURS = {True: "#0072B2", False: "#D55E00"}


def draw(scaling: Scaling) -> Figure:
    """The picture as a matplotlib figure that belongs to no window."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import FixedLocator, NullLocator

    drawn = Figure(figsize=(6.4, 4.0), layout="constrained")
    axes = drawn.add_subplot()
    for best in (True, False):
        marked = [(p.size, e) for p, e, b in _marks(scaling) if b == best]
        seen = [(n, e) for n, e in marked if _seen(e)]
        hidden = [(n, e) for n, e in marked if not _seen(e)]
        trend = scaling.largest if best else scaling.median
        name = f"{'largest' if best else 'median live'}: {trend.verdict}"
        axes.errorbar(
            [n for n, _ in seen],
            [e.value for _, e in seen],
            yerr=[[e.value - e.lower for _, e in seen], [e.upper - e.value for _, e in seen]],
            fmt="o" if best else "s", color=_COLOURS[best], mfc=_COLOURS[best] if best else "white",
            capsize=3, markersize=5, label=name,
        )  # fmt: skip
        if hidden:
            axes.plot(
                [n for n, _ in hidden], [e.upper for _, e in hidden],
                "v", color=_COLOURS[best], mfc="none", markersize=6, label=f"{name.partition(':')[0]}, not seen: below",
            )  # fmt: skip
    axes.set_yscale("log")
    axes.axvline(scaling.target, color="0.6", linestyle=":", linewidth=1, zorder=0)
    axes.annotate(
        f"target {scaling.target}", (scaling.target, 1.0), xycoords=("data", "axes fraction"),
        xytext=(-3, -4), textcoords="offset points", ha="right", va="top", color="0.4", fontsize=8,
    )  # fmt: skip
    axes.set_xlabel("qubits")
    axes.set_ylabel("mean square gradient $\\mathrm{E}[(\\partial C)^2]$")
    axes.set_title(scaling.name)
    sizes = [p.size for p in scaling.points]
    axes.xaxis.set_major_locator(FixedLocator(_apart(sizes)))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.legend(frameon=False, fontsize=9)
    axes.grid(True, which="major", color="0.92")
    axes.spines[["top", "right"]].set_visible(False)
    return drawn


def _apart(sizes: list[int]) -> list[int]:
    """Sizes whose labels do not run into each other, the largest among them."""
    least = (sizes[-1] - sizes[0]) / 16
    kept = [sizes[-1]]
    for size in reversed(sizes[:-1]):
        if kept[-1] - size >= least:
            kept.append(size)
    return kept[::-1]
