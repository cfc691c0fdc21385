"""Energies that recommended circuits reach beside the flagged one: `python tests/benchmarks/recommend.py`.

A hardware-efficient circuit (RY and RZ on every qubit, CZ along a chain, all angles uniform) is given to
`al.recommend`, which ranks by short training runs too, from other starts than these. The circuit itself and every one
that is recommended are then trained on the same Hamiltonian, each from the same number of random starts with the same
optimiser and the same number of steps. The table has the losses as well as the wins: errors of the least energies that
the starts came by, with the gates that they take, the flagged circuit first and then the others as they are ranked.

    python tests/benchmarks/recommend.py [tfim|heisenberg …] [--qubits N] [--layers N] [--starts N] [--steps N]
                                         [--output FILE]

Recommended circuits with more parameters than the flagged one are left out. Every trained start is appended to FILE at
once, so that a run that was stopped goes on where it was.

Hamiltonians, on a ring, are those of the field's benchmarks: sum Z Z + sum X (TFIM) and sum X X + Y Y + Z Z + sum Z
(Heisenberg), every coefficient +1; their ground states are found by exact diagonalisation. At 8 qubits these are
-10.251662 and -14.604374.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

import ansatzlint as al
from ansatzlint.assumptions import complete
from ansatzlint.circuit import Circuit, PauliSum
from ansatzlint.codec import dumps, loads
from ansatzlint.families import FAMILIES
from ansatzlint.moments.sequence import laws
from ansatzlint.moments.statevector import plan
from ansatzlint.predictor.quality.hamiltonians import heisenberg, matrix, tfim
from ansatzlint.predictor.quality.trainer import RATE, descend

KNOWN = {("tfim", 8): -10.251662, ("heisenberg", 8): -14.604374}


@dataclass(frozen=True, slots=True)
class Entry:
    """One circuit of the table: what it is, and what the engine said of it."""

    title: str
    circuit: Circuit
    gain: float


def hamiltonian(name: str, qubits: int) -> PauliSum:
    if name == "tfim":
        return tfim(qubits, field=1.0, coupling=1.0, periodic=True)
    return heisenberg(qubits, anisotropy=1.0, field=1.0, periodic=True)


def ground(cost: PauliSum, qubits: int) -> float:
    return float(np.linalg.eigvalsh(matrix(cost, qubits))[0])


def flagged(cost: PauliSum, qubits: int, layers: int) -> Circuit:
    built = FAMILIES["hardware-efficient"].build(qubits, layers=layers)
    return complete(replace(built, observables=(cost,), initialisation=al.Uniform()))


def entries(name: str, qubits: int, layers: int, cache: Path) -> list[Entry]:
    """The flagged circuit and those recommended instead; asked for once and kept beside the results."""
    if cache.exists():
        found: list[Entry] = []
        for line in cache.read_text().splitlines():
            data = json.loads(line)
            found.append(Entry(data["title"], loads(data["circuit"]), data["gain"]))
        return found
    before = flagged(hamiltonian(name, qubits), qubits, layers)
    found = [Entry("flagged: hardware-efficient, uniform start", before, 1.0)]
    for r in al.recommend(before, train=True):
        found.append(Entry(f"{r.kind}: {r.change}", r.circuit, r.gain))
    kept = [e for e in found if len(e.circuit.trainable) <= len(before.trainable)]
    lines = [json.dumps({"title": e.title, "circuit": dumps(e.circuit), "gain": e.gain}) for e in kept]
    cache.write_text("\n".join(lines) + "\n")
    return kept


def trained(entry: Entry, starts: int, steps: int, done: int) -> Iterator[tuple[int, float, float]]:
    """(start, least energy on the way, seconds) of the starts that are still to be trained."""
    found = plan(entry.circuit, laws(entry.circuit))
    if isinstance(found, str):
        raise SystemExit(f"{entry.title}: {found}")
    drawn = found.draw(1, 0, starts)
    for start in range(done, starts):
        began = time.perf_counter()
        run = descend(found, drawn[start : start + 1], steps, 0)
        yield start, float(run.best[0]), time.perf_counter() - began


def run(name: str, qubits: int, layers: int, starts: int, steps: int, output: Path) -> None:
    least = ground(hamiltonian(name, qubits), qubits)
    known = KNOWN.get((name, qubits))
    if known is not None and abs(least - known) > 1e-5:
        raise SystemExit(f"the ground state of {name} on {qubits} qubits is {least}, not {known}")
    stem = f"{name}-{qubits}-{layers}"
    found = entries(name, qubits, layers, output.with_name(f"{output.stem}-{stem}-circuits.jsonl"))
    rows: dict[str, dict[int, float]] = {}
    if output.exists():
        for line in output.read_text().splitlines():
            row = json.loads(line)
            if (row["problem"], row["steps"]) == (stem, steps):
                rows.setdefault(row["title"], {})[row["start"]] = row["energy"]
    for entry in found:
        own = rows.setdefault(entry.title, {})
        for start, energy, seconds in trained(entry, starts, steps, len(own)):
            own[start] = energy
            row = {"problem": stem, "title": entry.title, "start": start, "steps": steps, "energy": energy,
                   "seconds": round(seconds, 2)}  # fmt: skip
            with output.open("a") as file:
                file.write(json.dumps(row) + "\n")
    print(f"\n{name}, {qubits} qubits, periodic; exact {least:.6f}; {starts} starts, {steps} steps of Adam at {RATE}")
    print(f"{'median':>10} {'best':>10} {'worst':>10} {'params':>7} {'2q':>5} {'gain':>7}  circuit")
    for entry in found:
        errors = np.array([rows[entry.title][k] for k in range(starts)]) - least
        pairs = sum(len(gate.qubits) == 2 for gate in entry.circuit.gates)
        print(
            f"{np.median(errors):10.2e} {errors.min():10.2e} {errors.max():10.2e} {len(entry.circuit.trainable):7d} "
            f"{pairs:5d} {entry.gain:7.3g}  {entry.title}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("problems", nargs="*", default=[], metavar="PROBLEM")
    parser.add_argument("--qubits", type=int, default=8)
    parser.add_argument("--layers", type=int, default=10, help="of the flagged circuit")
    parser.add_argument("--starts", type=int, default=10)
    parser.add_argument("--steps", type=int, default=500)
    parser.add_argument("--output", type=Path, default=Path("recommend.jsonl"))
    given = parser.parse_args()
    for name in given.problems or ["tfim", "heisenberg"]:
        if name not in ("tfim", "heisenberg"):
            parser.error(f"unknown problem {name!r}; use tfim or heisenberg")
        run(name, given.qubits, given.layers, given.starts, given.steps, given.output)


if __name__ == "__main__":
    main()
