"""Python files and notebooks: syntax-tree facts, and the circuits that a limited worker process finds by running
the backward slice of their construction. This limits accidents; it is no sandbox."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ansatzlint import codec
from ansatzlint.circuit import Circuit, Location, Unread
from ansatzlint.readers.python.child import parse
from ansatzlint.readers.python.document import Document
from ansatzlint.readers.python.draws import find_draws, mark_draws, mark_selected
from ansatzlint.readers.python.optimisers import find_optimisers
from ansatzlint.readers.python.pool import run_requests, start_worker, stop_worker
from ansatzlint.readers.python.syntax import Syntax, analyse, imports_library
from ansatzlint.source import Source

__all__ = [
    "PythonFile", "PythonOptions", "read_python", "read_python_files", "start_worker", "stop_worker",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class PythonFile:
    """One file to read: its text, its path as the user gave it, the folder that its own imports are found in."""

    text: str
    path: str
    folder: Path | None = None


@dataclass(frozen=True, slots=True)
class PythonOptions:
    """How Python input is run.

    Attributes
    ----------
    seconds : float
        Wall-clock time that one file may take.
    memory : int
        Address space in bytes that one file may add to that of the loaded libraries.
    arguments : mapping of str to str
        Arguments of circuits by name, as Python literals: a tuple by position, a dict by name, or a single one.
    """

    seconds: float = 20.0
    memory: int = 4 * 2**30
    arguments: Mapping[str, str] = field(default_factory=dict)


_numbers = itertools.count()


def read_python(
    text: str, *, path: str, folder: Path | None, execute: bool, options: PythonOptions | None = None
) -> Source:
    """One Python file or notebook (by the suffix of `path`) as a `Source`; what cannot be read stands in it.

    With `execute` false nothing is run and there are no circuits.
    """
    (source,) = read_python_files([PythonFile(text, path, folder)], execute=execute, options=options)
    return source


def read_python_files(
    files: Sequence[PythonFile], *, execute: bool, options: PythonOptions | None = None
) -> Iterator[Source]:
    """The files as sources, in order. One worker process serves them all, two files at a time."""
    options = options or PythonOptions()
    # A word in the text is enough to start the worker early: what it then loads, it loads while we parse.
    wanted = {name for name in ("pennylane", "qiskit") if any(name in file.text for file in files)}
    if execute and wanted:
        start_worker(wanted)
    analysed: dict[int, tuple[Source, Document] | Source] = {}

    def requests() -> Iterator[dict[str, Any]]:
        for position, file in enumerate(files):
            source, document, syntax = _analyse(file)
            if syntax is None:
                analysed[position] = source
            elif not execute or not _has_circuits(syntax):
                analysed[position] = _not_traced(source, syntax) if not execute else source
            else:
                analysed[position] = source, document
                yield {
                    "number": next(_numbers), "text": file.text, "path": file.path,
                    "folder": None if file.folder is None else str(file.folder.resolve()),
                    "arguments": dict(options.arguments), "seconds": options.seconds, "memory": options.memory,
                }  # fmt: skip

    answers = run_requests(requests(), wanted)
    for position in range(len(files)):
        while position not in analysed:
            # asking for an answer analyses the files up to one that needs it; those before it need none
            answer = next(answers, None)
            if answer is not None:
                held = next(p for p, a in analysed.items() if isinstance(a, tuple))
                waiting = analysed[held]
                assert isinstance(waiting, tuple)
                analysed[held] = _finish(*waiting, answer)
        found = analysed[position]
        if isinstance(found, tuple):
            answer = next(answers)
            found = _finish(*found, answer)
        del analysed[position]
        yield found


def _analyse(file: PythonFile) -> tuple[Source, Document, Syntax | None]:
    document = parse(file.text, file.path)
    source = Source(
        path=file.path, lines=document.lines, cells=document.cells, errors=document.errors,
        comments=document.comments(),
    )  # fmt: skip
    if not imports_library(document):
        return source, document, None
    syntax = analyse(document)
    found = replace(source, draws=find_draws(document, syntax), optimisers=find_optimisers(document, syntax))
    return found, document, syntax


def _has_circuits(syntax: Syntax) -> bool:
    return bool(syntax.sites) or bool(syntax.circuits) or bool(syntax.attributes)


def _not_traced(source: Source, syntax: Syntax) -> Source:
    if not _has_circuits(syntax):
        return source
    place = None
    if syntax.sites:
        first = syntax.sites[0]
        place = first.unit.line_location(first.span[1])
    reason = "not traced: Python input runs only where its path is named, and not with --no-import"
    return replace(source, unread=(*source.unread, Unread(reason, place)))


def _finish(source: Source, document: Document, answer: dict[str, Any]) -> Source:
    circuits: list[Circuit] = []
    unread: list[Unread] = []
    for item in answer["items"]:
        value = codec.loads(item)
        if isinstance(value, Circuit):
            circuits.append(value)
        elif isinstance(value, Unread):
            unread.append(value)
    if answer["failure"] is not None:
        unread.append(Unread(f"not traced to the end: {answer['failure']}", _where(document, answer)))

    def marked(found: Sequence[Circuit]) -> list[Circuit]:
        return mark_selected(mark_draws(list(found), source.draws), document)

    circuits = [replace(c, at_sizes=tuple(marked(c.at_sizes))) if c.at_sizes else c for c in marked(circuits)]
    circuits.sort(key=lambda c: _order(c.location))
    return replace(source, circuits=tuple(circuits), unread=(*source.unread, *dict.fromkeys(unread)))


def _where(document: Document, answer: dict[str, Any]) -> Location | None:
    unit = next((u for u in document.units if u.cell == answer["cell"]), None)
    return None if unit is None or answer["line"] is None else unit.line_location(answer["line"])


def _order(location: Location | None) -> tuple[int, int]:
    return (0, 0) if location is None else (location.cell or 0, location.line)
