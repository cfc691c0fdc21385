"""The circuits of a front as files: programs that run, OpenQASM 3, JSON, each with its lint report; and the plots.

    DIR/
      front.txt  front.json  front.svg  front.png
      01-FAMILY/  circuit.py  circuit.qasm  circuit.json  lint.txt      the best compromise
      02-FAMILY/  …
"""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from math import log2
from pathlib import Path
from typing import Any

from ansatzlint import codec
from ansatzlint.algebra import lie_algebra
from ansatzlint.architecture.result import Search
from ansatzlint.architecture.values import Candidate
from ansatzlint.circuit import Circuit
from ansatzlint.config import Config
from ansatzlint.errors import CircuitError, InputError, MissingDependencyError
from ansatzlint.exports.python_source import to_python
from ansatzlint.exports.qasm3 import to_qasm3
from ansatzlint.files import write_atomically
from ansatzlint.linter import lint
from ansatzlint.report import pareto
from ansatzlint.report.search import candidate_data, render_json
from ansatzlint.variance import Effort

LINT_WORK = 20_000_000
"""Gate-samples for the lint report of one circuit."""
_OURS = re.compile(r"\d\d-[a-z0-9-]+")


def prepare(folder: str) -> Path:
    """The folder, made where there is none; InputError where it cannot be had."""
    path = Path(folder)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise InputError("is a file, not a folder; give another --output", path=folder) from None
    except OSError as error:
        raise InputError(f"cannot be made: {(error.strerror or str(error)).lower()}", path=folder) from None
    return path


def write(folder: Path, search: Search) -> str:
    """Write the files, in place of those of an earlier run, and say in one line what was written.

    Raises
    ------
    InputError
        If one cannot be written.
    """
    write_atomically(folder / "front.txt", str(search))
    write_atomically(folder / "front.json", render_json(search))
    drawn = "front.svg, front.png, "
    title = f"{search.task.name} on {search.task.qubits} qubits"
    try:
        for suffix in ("svg", "png"):
            pareto.figure(search.pareto, search.objectives, title, folder / f"front.{suffix}")
    except MissingDependencyError:
        drawn = "no picture (pip install 'ansatzlint[plot]'), "
    for old in sorted(folder.iterdir()):
        if old.is_dir() and _OURS.fullmatch(old.name) and (old / "circuit.json").is_file():
            shutil.rmtree(old)  # a winner of an earlier run of the same study, which may be none now
    for rank, candidate in enumerate(search.pareto, 1):
        _write_one(prepare(str(folder / f"{rank:02d}-{candidate.family}")), candidate)
    count = len(search.pareto)
    return f"{folder}: front.txt, front.json, {drawn}{count} circuit{'s' if count > 1 else ''} with lint reports"


def _write_one(folder: Path, candidate: Candidate) -> None:
    circuit = candidate.circuit
    data = {**candidate_data(candidate), "orbit": _orbit(circuit), "circuit": json.loads(codec.dumps(circuit))}
    write_atomically(folder / "circuit.json", json.dumps(data, indent=1, ensure_ascii=False) + "\n")
    for name, export in (("circuit.py", to_python), ("circuit.qasm", to_qasm3)):
        try:
            text = export(circuit)
        except CircuitError as error:
            text = f"{'#' if name.endswith('.py') else '//'} not exported: {error}\n"
        write_atomically(folder / name, text)
    meant = replace(circuit, sizes=(circuit.qubits,))  # it was searched for on so many qubits, and is judged there
    write_atomically(folder / "lint.txt", str(lint(meant, Config(effort=Effort(work=LINT_WORK)))))


def _orbit(circuit: Circuit) -> dict[str, Any]:
    """How far the generators carry the terms of the cost, of 4^n Pauli strings: what depth can make of gradients."""
    try:
        found = lie_algebra(circuit)
    except CircuitError as error:
        return {"log2_largest": None, "log2_all": 2 * circuit.qubits, "growth": None, "reason": str(error)}
    sizes = [orbit.size for orbit in found.orbits]
    known = None if not sizes or None in sizes else log2(max(filter(None, sizes)))
    reason = next((orbit.reason for orbit in found.orbits if orbit.size is None), "")
    return {"log2_largest": known, "log2_all": 2 * circuit.qubits, "growth": found.growth, "reason": reason}
