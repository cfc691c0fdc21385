# expect: nothing
"""The gradients of three ansaetze that people use, from 4 to 100 qubits, under a local and a global cost.

RealAmplitudes, EfficientSU2 (both with reverse-linear entanglement and three repetitions) and a quantum neural network
(a Z feature map, then RealAmplitudes with one repetition), as MQT Bench makes them; angles and data are uniform over
[0, 2 pi). For each the variance of the largest gradient and the mean square of the median one, with 95 % intervals:

    python gradient_variance_of_real_ansatze.py                     # the table
    python gradient_variance_of_real_ansatze.py --plot variance.png # and the picture, if matplotlib is installed
    python gradient_variance_of_real_ansatze.py --sizes 4 10        # the quick part of it

With ANSATZLINT_CORPUS naming a folder that has the circuits as files (mqtbench/vqe_real_amp_n4.qasm and so on), these
are read, and what is built here instead of them is checked to be the same.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

import ansatzlint as al
from ansatzlint.angles import multiply, parameter
from ansatzlint.observables import parse_observable

SIZES = (4, 10, 50, 100)
COSTS = {"local-z": "local cost, mean of Z", "global-z": "global cost, product of Z"}
SHOTS = 1e5
"""Shots per shifted circuit that one can afford: what a gradient has to be resolved with."""


def repeated(
    qubits: int, repetitions: int, axes: tuple[str, ...], data: Callable[[int], tuple[al.Gate, ...]] | None = None
) -> Iterator[al.Gate]:
    """Rotations of every qubit, between two such layers CX gates from the last pair to the first; data before all."""
    for layer in range(repetitions + 1):
        first = layer * len(axes) * qubits
        for q in range(qubits):
            if data and layer == 0:
                yield from data(q)
            for number, axis in enumerate(axes):
                yield al.Gate(axis, (q,), (parameter(f"t{first + number * qubits + q}"),))
        if layer < repetitions:
            yield from (al.Gate("cx", (q, q + 1)) for q in reversed(range(qubits - 1)))


def real_amplitudes(qubits: int) -> al.Circuit:
    return made("vqe_real_amp", qubits, repeated(qubits, 3, ("ry",)))


def efficient_su2(qubits: int) -> al.Circuit:
    return made("vqe_su2", qubits, repeated(qubits, 3, ("ry", "rz")))


def neural_network(qubits: int) -> al.Circuit:
    """Each input turns its own qubit twice, and nothing else: it is used by two gates."""

    def data(q: int) -> tuple[al.Gate, ...]:
        return (al.Gate("h", (q,)), al.Gate("p", (q,), (multiply(2.0, parameter(f"x{q}")),))) * 2

    return made("qnn", qubits, repeated(qubits, 1, ("ry",), data))


def averaged_network(qubits: int) -> al.Circuit:
    """The network with each input's two gates replaced by an independent pair with the same second moments.

    An input x uniform over a period leaves its qubit in the state with the Bloch vector (sin^2 a, -sin a cos a, cos a),
    a = 2 x, whose components have the mean squares 3/8, 1/8 and 1/2 and are uncorrelated. So has the state after
    RY(uniform), then RZ of a normal angle u with E[cos^2 u] = (1 + exp(-2 s^2)) / 2 = 3/4. The means of the components
    differ, but the uniform RY that follows on each qubit takes them away. Every E[C^2] and E[(dC)^2] is therefore that
    of the network.
    """

    def data(q: int) -> tuple[al.Gate, ...]:
        return al.Gate("ry", (q,), (parameter(f"x{q}"),)), al.Gate("rz", (q,), (parameter(f"u{q}"),))

    circuit = made("qnn", qubits, repeated(qubits, 1, ("ry",), data))
    normal = al.Normal(math.sqrt(math.log(2) / 2))
    laws = (replace(p, initialisation=normal) if p.name.startswith("u") else p for p in circuit.parameters)
    return replace(circuit, parameters=tuple(laws))


def made(name: str, qubits: int, of: Iterator[al.Gate]) -> al.Circuit:
    gates = tuple(of)
    names = dict.fromkeys(name for gate in gates for name in gate.parameters)
    parameters = tuple(al.Parameter(n, "trainable" if n.startswith("t") else "input") for n in names)
    return al.Circuit(name, qubits, gates, parameters)


FAMILIES = {"vqe_real_amp": real_amplitudes, "vqe_su2": efficient_su2, "qnn": neural_network}


def shape(circuit: al.Circuit) -> list[object]:
    """The circuit but for the names of its parameters and for barriers."""
    number: dict[str, int] = {}
    found: list[object] = []
    for gate in circuit.gates:
        if gate.name != "barrier":
            angles = [
                (angle.constant, [(number.setdefault(n, len(number)), c) for n, c in angle.terms])
                for angle in gate.angles
            ]
            found.append((gate.name, gate.qubits, angles))
    return found


def circuit_of(family: str, qubits: int, corpus: Path | None) -> tuple[al.Circuit, str]:
    """The circuit, and whether it was read or built."""
    built = FAMILIES[family](qubits)
    file = corpus / "mqtbench" / f"{family}_n{qubits}.qasm" if corpus else None
    if file is None or not file.exists():
        return built, "built"
    read = al.read(file)
    if shape(read) != shape(built):
        raise SystemExit(f"{file} is not the circuit that is built here")
    return read, "read"


@dataclass(frozen=True)
class Point:
    """One line of the table; `largest` and `median` are (value, lower, upper)."""

    cost: str
    family: str
    qubits: int
    origin: str
    method: str
    largest: tuple[float, float, float]
    median: tuple[float, float, float]
    resolvable: float
    seconds: float


def measure(circuit: al.Circuit, cost: str, family: str, origin: str, samples: int) -> Point:
    started = time.perf_counter()
    observable = parse_observable(cost, range(circuit.qubits), circuit.qubits)
    v = al.gradient_variance(replace(circuit, observables=(observable,)), samples=samples)
    live = np.flatnonzero(v.live)
    at = live[np.argsort(v.mean_square[live])[len(live) // 2]]
    return Point(
        cost, family, circuit.qubits, origin, v.method,
        (v.max, v.max_lower, v.max_upper),
        (float(v.mean_square[at]), float(v.mean_square_lower[at]), float(v.mean_square_upper[at])),
        float(v.shot_variance * v.shift[at] / SHOTS),
        time.perf_counter() - started,
    )  # fmt: skip


def points(sizes: list[int], costs: list[str], samples: int, corpus: Path | None) -> Iterator[Point]:
    for cost in costs:
        for family in FAMILIES:
            for qubits in sizes:
                circuit, origin = circuit_of(family, qubits, corpus)
                point = measure(circuit, cost, family, origin, samples)
                yield point
                if family == "qnn":
                    yield measure(averaged_network(qubits), cost, family, "averaged", samples)


def number(value: tuple[float, float, float]) -> str:
    estimate, lower, upper = value
    if estimate <= 0:
        return f"below {upper:.1e}"
    return f"{estimate:.2e}" if lower == upper else f"{estimate:.2e} [{lower:.2e}, {upper:.2e}]"


def draw(found: list[Point], file: str) -> None:
    """Variance against qubits, a panel a cost; what is a surrogate is hollow, what was not hit an arrow at its bound.

    A power of the qubits is a straight line in the panel of the local cost, an exponential one in that of the global.
    """
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt
    from matplotlib.lines import Line2D

    costs = [cost for cost in COSTS if any(p.cost == cost for p in found)]
    sizes = sorted({p.qubits for p in found})
    figure, panels = plt.subplots(1, len(costs), figsize=(5.2 * len(costs), 5.4), squeeze=False, layout="constrained")
    for panel, cost in zip(panels[0], costs, strict=True):
        for place, (family, (_, colour, marker)) in enumerate(STYLES.items()):
            # Side by side, so that no marker hides another.
            shift, offset = (1 + 0.06 * (place - 1), 0.0) if cost == "local-z" else (1.0, 1.6 * (place - 1))
            own = [p for p in found if p.cost == cost and p.family == family]
            sure = best_of(own)
            for values, line, size in (("largest", "-", 6), ("median", ":", 4)):
                ends = [(p.qubits * shift + offset, getattr(p, values)) for p in sure]
                hit = [(n, v) for n, v in ends if v[0] > 0]
                panel.errorbar(
                    [n for n, _ in hit], [v for _, (v, _, _) in hit],
                    yerr=np.array([(v - low, high - v) for _, (v, low, high) in hit]).reshape(-1, 2).T,
                    color=colour, marker=marker, markersize=size, linestyle=line, linewidth=1.3, capsize=3,
                )  # fmt: skip
                for n, (_, _, high) in (end for end in ends if end[1][0] <= 0):
                    panel.annotate(
                        "", (n, high / 100), (n, high), arrowprops={"arrowstyle": "->", "color": colour, "lw": 1.3}
                    )
            guesses = [p for p in own if p.method == "surrogate"]
            panel.plot(
                [p.qubits * shift + offset for p in guesses], [p.largest[0] for p in guesses],
                color=colour, marker=marker, markersize=6, markerfacecolor="white", linestyle="none",
            )  # fmt: skip
        budget = [max(p.resolvable for p in found if p.cost == cost and p.qubits == n) for n in sizes]
        panel.plot(sizes, budget, color="#555555", linestyle="--", linewidth=1.2, zorder=0)
        if cost == "local-z":
            panel.set_xscale("log")
        panel.set_yscale("log")
        panel.set_xticks(sizes, [str(n) for n in sizes])
        panel.minorticks_off()
        panel.margins(x=0.12)
        panel.set_title(COSTS[cost], fontsize=11)
        panel.set_xlabel("qubits (logarithmic)" if cost == "local-z" else "qubits")
        at, side = (0, "left") if cost == "local-z" else (-1, "right")
        panel.annotate(
            f"{SHOTS:,.0f} shots resolve what is above", (sizes[at], budget[at]), (0, 5), textcoords="offset points",
            ha=side, fontsize=9, color="#333333",
        )  # fmt: skip
        panel.set_ylabel("variance of the gradient, 1/rad²")
        panel.grid(visible=True, color="#dddddd", linewidth=0.6)
        panel.spines[["top", "right"]].set_visible(False)
    entries = [Line2D([], [], color=c, marker=m, markersize=6, label=t) for t, c, m in STYLES.values()]
    grey = {"color": "#333333"}
    entries += [
        Line2D([], [], **grey, label="largest variance"),
        Line2D([], [], **grey, linestyle=":", label="median mean square"),
        Line2D([], [], color="#555555", linestyle="--", label=f"reach of {SHOTS:,.0f} shots a circuit"),
    ]
    if any(p.method == "surrogate" for p in found):
        entries.append(
            Line2D([], [], **grey, marker="^", markerfacecolor="white", linestyle="none", label="surrogate (no proof)")
        )
    figure.legend(handles=entries, loc="outside lower center", ncols=3, frameon=False, fontsize=9)
    figure.suptitle("Gradients at random angles, 95 % intervals", fontsize=12)
    figure.savefig(file, dpi=150)


def best_of(own: list[Point]) -> list[Point]:
    """One point a size, the exact or the narrowest; no surrogate."""
    found: dict[int, Point] = {}
    for p in own:
        if p.method != "surrogate" and (p.qubits not in found or width(p) < width(found[p.qubits])):
            found[p.qubits] = p
    return [found[n] for n in sorted(found)]


def width(p: Point) -> float:
    value, lower, upper = p.largest
    return (upper - lower) / value if value > 0 else math.inf


STYLES = {
    "vqe_real_amp": ("RealAmplitudes, 3 repetitions", "#0072B2", "o"),
    "vqe_su2": ("EfficientSU2, 3 repetitions", "#D55E00", "s"),
    "qnn": ("quantum neural network", "#009E73", "^"),
}
"""Title, colour and marker of each family; colours of Okabe and Ito, told apart by all."""

HEADER = (
    f"{'cost':<9} {'family':<13} {'qubits':>6}  {'circuit':<8} {'method':<11} "
    f"{'largest variance, 95 % interval':<31} {'median mean square':<31} {'seconds':>7}"
)


def line(p: Point) -> str:
    return (
        f"{p.cost:<9} {p.family:<13} {p.qubits:>6}  {p.origin:<8} {p.method:<11} "
        f"{number(p.largest):<31} {number(p.median):<31} {p.seconds:>7.1f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES), metavar="QUBITS")
    parser.add_argument("--costs", nargs="+", default=list(COSTS), choices=[*COSTS])
    parser.add_argument("--samples", type=int, default=1 << 18)
    parser.add_argument("--plot", metavar="FILE", help="draw it, as PNG, SVG or PDF")
    given = parser.parse_args()
    if min(given.sizes) < 2:
        parser.error("a circuit needs two qubits at least")
    corpus = os.environ.get("ANSATZLINT_CORPUS")
    found = []
    print(HEADER, flush=True)
    for point in points(sorted(given.sizes), given.costs, given.samples, Path(corpus) if corpus else None):
        print(line(point), flush=True)
        found.append(point)
    if given.plot:
        try:
            draw(found, given.plot)
        except ImportError:
            print("the plot needs matplotlib: pip install matplotlib", file=sys.stderr)


if __name__ == "__main__":
    main()
