"""The OpenQASM 2 and 3 reader: text with places to a `Source` with one circuit.

Measured on 40,000 flat gates: `openqasm3.parse` takes 15 s for the syntax alone; `qiskit.qasm2.load` 0.15 s, without
places and parameters; this reader 0.44 s with both.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from ansatzlint.errors import InputError
from ansatzlint.readers.openqasm.directives import comments, directives
from ansatzlint.readers.openqasm.interpret import Interpreter
from ansatzlint.readers.openqasm.program import load, normalised
from ansatzlint.readers.openqasm.text import Text
from ansatzlint.source import Comment, Source

__all__ = ["read_openqasm"]


def read_openqasm(text: str, *, path: str, folder: Path | None = None, shortcut: bool = True) -> Source:
    """Read one OpenQASM 2 or 3 text.

    Parameters
    ----------
    text : str
        The program.
    path : str
        Its path as the user gave it; the circuit is named after the file's stem.
    folder : Path or None
        The folder that the file lies in: `include` finds files in it and below. None: standard libraries only.
    shortcut : bool
        Whether flat gate calls are parsed by one regular expression; the result is the same.

    Returns
    -------
    Source
        With one circuit, or with the error for what is wrong with the text; nothing is raised.
    """
    path = path.replace("\\", "/")
    text = normalised(text)
    lines = tuple(text.removesuffix("\n").split("\n")) if text else ()
    found: tuple[Comment, ...] = ()
    try:
        with _collector_paused():
            program = load(text, path, folder, shortcut)
            found = comments(program.text)
            circuit = Interpreter(program, directives(found)).circuit(PurePosixPath(path).stem)
    except InputError as error:
        return Source(path, lines=lines, comments=found or comments(Text(text, path)), errors=(error,))
    return Source(path, lines=lines, circuits=(circuit,), comments=found)


@contextmanager
def _collector_paused() -> Iterator[None]:
    # Reading makes hundreds of thousands of values and no cycle among them: looking for one takes 40 % of the time.
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
