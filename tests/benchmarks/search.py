"""What the architecture search reaches: `python tests/benchmarks/search.py [PART …]`.

    scale    50 qubits, 200 trials, 2 processes, within 10 minutes: the number of circuits on the front, and whether the
             gradient of each one is the engine's, with interval
    sampler  8 qubits: after how many trials the search has the hypervolume that random search has after 200, median
             over seeds; the reference point is fixed below

Run it on a quiet machine with OPENBLAS_NUM_THREADS=1.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time

import ansatzlint as al
from ansatzlint.architecture.front import hypervolume
from ansatzlint.architecture.result import Search

REFERENCE = (6.0, 1.0, 200.0)
"""Minus log10 of the median gradient, log10 of the divergence, two-qubit gates: worse than any circuit worth having."""


def scale(trials: int, seed: int) -> None:
    started = time.perf_counter()
    found = al.search(50, observable="local-z", trials=trials, jobs=2, seed=seed)
    seconds = time.perf_counter() - started
    figures = [candidate.objectives["log10_gradient"] for candidate in found.pareto]
    sure = sum(f.source == "exact" or (f.source == "sampled" and None not in (f.lower, f.upper)) for f in figures)
    print(found)
    print(f"50 qubits, {found.finished} trials, 2 processes: {seconds:.0f} s (bar 600 s at 200 trials)")
    print(f"on the front {len(found.pareto)} (bar 8), of which the engine's with interval or exact: {sure}")


def volumes(found: Search) -> list[float]:
    """The hypervolume after each trial."""
    points: list[tuple[float, ...]] = []
    result: list[float] = []
    last = 0.0
    for trial in found.study.trials:
        if trial.values is not None and all(v <= 0 for v in trial.constraints.values()):
            points.append((-trial.values[0], *trial.values[1:]))
            last = hypervolume(points, REFERENCE)
        result.append(last)
    return result


def sampler(trials: int, seeds: int) -> None:
    needed, rows = [], []
    for seed in range(seeds):
        random = volumes(al.search(8, observable="local-z", trials=trials, sampler="random", seed=seed))
        search = volumes(al.search(8, observable="local-z", trials=trials, seed=seed))
        goal = random[-1]
        at = next((k for k, volume in enumerate(search, 1) if volume >= goal), None)
        needed.append(trials + 1 if at is None else at)
        when = f"more than {trials}" if at is None else str(at)
        rows.append(f"{seed:>4}  {goal:>10.1f}  {search[-1]:>10.1f}  {when}")
        print(rows[-1], file=sys.stderr)
    print(f"8 qubits, local-z, reference point {REFERENCE}")
    print(f"seed  random {trials}  search {trials}  trials until random's")
    print("\n".join(rows))
    print(f"median {statistics.median(needed):g} of {trials} (bar {120 * trials // 200})")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", default=["scale", "sampler"], help="scale, sampler")
    parser.add_argument("--trials", type=int, default=200)
    parser.add_argument("--seeds", type=int, default=5)
    given = parser.parse_args()
    if "scale" in given.parts:
        scale(given.trials, 0)
    if "sampler" in given.parts:
        sampler(given.trials, given.seeds)


if __name__ == "__main__":
    main()
