"""What the learned predictor costs, beside the engine that it stands in for: `python tests/benchmarks/predictor.py`.

Run it on a quiet machine with two cores and OPENBLAS_NUM_THREADS=1, since the workers share the cores already. Both
sides of a ratio are measured in one run. The figures of batches are features and predictions together; without models
that fit the features' version they are those of features alone, and the table says so.

    python tests/benchmarks/predictor.py [PART …] [--circuits N] [--repeat N]

    batch   predictions a second of circuits at 20 qubits, by one and by two workers, against `al.gradient_variance`
    large   one feature vector at 100 qubits, of every family at its defaults and at ten layers
    first   the models loaded and one prediction in a fresh process, beside and less the import of scikit-learn, which
            it can do without
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import ansatzlint as al
from ansatzlint import features
from ansatzlint.assumptions import complete
from ansatzlint.circuit import Circuit
from ansatzlint.errors import AnsatzlintError
from ansatzlint.families import FAMILIES
from ansatzlint.observables import local_z
from ansatzlint.predictor import population, predict_all

QUBITS, LARGE = 20, 100
NEAR = 2
"""How far from `QUBITS` circuits of the population may be."""
COMPARED = 12
"""Circuits of a batch that the engine measures; it takes a thousand times longer."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; `values` has one number a repetition."""

    title: str
    values: tuple[float, ...]
    unit: str
    target: str = ""

    def __str__(self) -> str:
        middle = statistics.median(self.values)
        spread = f"[{number(min(self.values))}, {number(max(self.values))}]" if len(self.values) > 1 else ""
        return f"{self.title:<78} {number(middle):>10} {self.unit:<5} {spread:<18} {self.target}".rstrip()


def number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def seconds(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def drawn(count: int) -> list[Circuit]:
    """Circuits of the population near 20 qubits."""
    found: list[Circuit] = []
    index = 0
    while len(found) < count:
        circuit = population.draw(0, index).circuit
        index += 1
        if abs(circuit.qubits - QUBITS) <= NEAR:
            found.append(circuit)
    return found


def built(qubits: int, layers: Sequence[int | None], local: bool = False) -> Iterator[tuple[str, Circuit]]:
    """(family and layers, circuit) of all families; None is the default, families without layers have that alone."""
    for name, family in FAMILIES.items():
        for depth in layers:
            if depth is None:
                circuit = family.build(qubits)
            elif "layers" in family.space:
                circuit = family.build(qubits, layers=depth)
            else:
                continue
            if local:
                circuit = replace(circuit, observables=(local_z(range(qubits)),))
            yield name if depth is None else f"{name}, {depth} layers", complete(circuit)


def predicted(circuits: list[Circuit], jobs: int) -> None:
    predict_all(circuits, jobs=jobs)


def described(circuits: list[Circuit], jobs: int) -> None:
    features.table(circuits, jobs=jobs)


def usable() -> bool:
    """Whether there are models for the features as they are."""
    try:
        predict_all([complete(FAMILIES["hardware-efficient"].build(4))])
    except AnsatzlintError as error:
        print(f"no predictions, features alone: {error}")
        return False
    return True


def batches(circuits: int, repeat: int) -> Iterable[Row]:
    run, what = (predicted, "predictions") if usable() else (described, "feature vectors")
    families = [circuit for _, circuit in built(QUBITS, (None, 5), local=True)]
    many = -(-circuits // len(families))
    groups = {
        f"population at {QUBITS - NEAR}..{QUBITS + NEAR} qubits": drawn(circuits),
        f"families at {QUBITS} qubits, defaults and 5 layers": families * many,
    }
    for title, group in groups.items():
        run(group[:64], 1)
        taken: dict[int, list[float]] = {1: [], 2: []}
        for _ in range(repeat):
            for jobs, times in taken.items():
                times.append(seconds(lambda jobs=jobs, group=group: run(group, jobs)) / len(group))
        for jobs, times in taken.items():
            rate = tuple(1 / t for t in times)
            yield Row(f"{title}: {what}, jobs={jobs}", rate, "1/s", "at least 2,000 1/s" if jobs == 2 else "")
        yield Row("  two workers / one", tuple(a / b for a, b in zip(taken[1], taken[2], strict=True)), "x")
        some = group[:: max(len(group) // COMPARED, 1)][:COMPARED]
        measure(some[:1])
        engine = seconds(lambda some=some: measure(some)) / len(some)
        one = seconds(lambda some=some: run(some * 8, 1)) / (8 * len(some))
        yield Row(f"  al.gradient_variance of {len(some)} of them / the same by jobs=1", (engine / one,), "x")


def measure(circuits: Iterable[Circuit]) -> None:
    """What the engine says of them; it refuses what it cannot do."""
    for circuit in circuits:
        try:
            al.gradient_variance(circuit)
        except AnsatzlintError as error:
            print(f"not measured: {error}")


def large(repeat: int) -> Iterable[Row]:
    for name, circuit in built(LARGE, (None, 10)):
        features.table([circuit, circuit])  # compiled
        taken = tuple(1e3 * seconds(lambda circuit=circuit: features.vector(circuit)) for _ in range(repeat))
        yield Row(f"{name}, {LARGE} qubits, {len(circuit.gates):,} gates", taken, "ms", "at most 50 ms")


IMPORT = "import sklearn.ensemble"
PREDICT = """
from ansatzlint.assumptions import complete
from ansatzlint.families import FAMILIES
from ansatzlint.predictor import {name}
circuit = complete(FAMILIES["hardware-efficient"].build(4))
{call}
"""


def first(repeat: int) -> Iterable[Row]:
    """Whole processes, the interpreter's start in each."""
    if usable():
        call, what = PREDICT.format(name="predict_all", call="predict_all([circuit])"), "models loaded, one prediction"
    else:
        call = PREDICT.format(name="predict_all", call="from ansatzlint import features; features.vector(circuit)")
        what = "one feature vector"
    process(call)
    ours = [seconds(lambda: process(call)) for _ in range(repeat)]
    base = [seconds(lambda: process(IMPORT)) for _ in range(repeat)]
    yield Row(f"{what}, in a fresh process", tuple(ours), "s")
    yield Row(f"  / {IMPORT}", tuple(a / b for a, b in zip(ours, base, strict=True)), "x")
    less = tuple(a - b for a, b in zip(ours, base, strict=True))
    yield Row(f"  - {IMPORT}, negative for doing without", less, "s")


def process(code: str) -> None:
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)


PARTS = ("batch", "large", "first")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all if none is named")
    parser.add_argument("--circuits", type=int, default=1000, help="circuits of a batch, at least 128")
    parser.add_argument("--repeat", type=int, default=5, help="measurements of each figure")
    given = parser.parse_args()
    unknown = set(given.parts) - set(PARTS)
    if unknown:
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    if given.circuits < 128 or given.repeat < 1:
        parser.error("--circuits must be at least 128 and --repeat at least 1")
    parts: dict[str, Callable[[], Iterable[Row]]] = {
        "batch": lambda: batches(given.circuits, given.repeat),
        "large": lambda: large(given.repeat),
        "first": lambda: first(given.repeat),
    }
    for name in given.parts or PARTS:
        for row in parts[name]():
            print(row, flush=True)


if __name__ == "__main__":
    main()
