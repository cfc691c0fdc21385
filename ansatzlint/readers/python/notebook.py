"""Jupyter notebooks (nbformat 3 and 4) as code cells; magics give way to nothing, lines stay where they are."""

from __future__ import annotations

import ast
import json
import re
import warnings
from collections.abc import Iterator
from typing import Any

from ansatzlint.errors import InputError, ParseError
from ansatzlint.readers.python.document import MAX_CHARACTERS, Document, Unit, parse_unit, split_lines

_MAGIC = re.compile(r"^(\s*)(%|!|\?)|\?\s*$")
_ASSIGNED_MAGIC = re.compile(r"^(\s*)[\w, ]+=\s*[%!]")
_PYTHON_CELL_MAGICS = frozenset(["time", "timeit", "capture", "prun", "memit", "mprun", "python3", "python", "ipytest"])


def parse_notebook(text: str, path: str) -> Document:
    """A notebook as a document with one unit a code cell; errors stand in the document."""
    try:
        sources = list(_code_cells(text, path))
    except InputError as error:
        return Document(path, (), split_lines(text[:MAX_CHARACTERS]), errors=(error,))
    units: list[Unit] = []
    errors: list[InputError] = []
    lines: list[str] = []
    cells: list[int] = []
    for number, source in enumerate(sources, start=1):
        cells.append(len(lines))
        lines.extend(split_lines(source))
        try:
            units.append(parse_unit(_without_magics(source), path, number, shown=source))
        except ParseError as error:
            errors.append(error)
    return Document(path, tuple(units), tuple(lines), tuple(cells), tuple(errors))


def _code_cells(text: str, path: str) -> Iterator[str]:
    if len(text) > 20 * MAX_CHARACTERS:  # outputs with pictures are long, code is not
        raise InputError(f"is longer than {20 * MAX_CHARACTERS:,} characters; clear its outputs", path=path)
    try:
        content: Any = json.loads(text.removeprefix("\ufeff"))
    except json.JSONDecodeError as error:
        message = f"is no notebook: {error.msg}"
        raise ParseError(message, path=path, line=error.lineno, column=error.colno) from None
    except RecursionError:
        raise ParseError("is no notebook: it is nested too deeply", path=path, line=1, column=1) from None
    if not isinstance(content, dict):
        raise ParseError("is no notebook: it holds no object", path=path, line=1, column=1)
    if "worksheets" in content:  # nbformat 3
        sheets = content["worksheets"] if isinstance(content["worksheets"], list) else []
        cells = [cell for sheet in sheets if isinstance(sheet, dict) for cell in sheet.get("cells", ())]
    else:
        cells = content.get("cells")  # type: ignore[assignment]  # checked on the next line
    if not isinstance(cells, list):
        raise ParseError("is no notebook: it has no list of cells", path=path, line=1, column=1)
    for cell in cells:
        if isinstance(cell, dict) and cell.get("cell_type") == "code":
            source = cell.get("source", cell.get("input", ""))
            yield "".join(str(part) for part in source) if isinstance(source, list) else str(source)


def _without_magics(source: str) -> str:
    if _parses(source):
        return source  # a percent sign may well be an operator on a continued line
    lines = list(split_lines(source))
    indent = re.match(r"[ \t]*", next((line for line in lines if line.strip()), ""))
    if indent and indent.group():  # a cell that is indented as a whole, as Jupyter takes it
        lines = [line.removeprefix(indent.group()) for line in lines]
    first = next((line.strip() for line in lines if line.strip()), "")
    if first.startswith("%%") and first[2:].split(" ")[0] not in _PYTHON_CELL_MAGICS:
        return "\n" * (len(lines) - 1)
    for index, line in enumerate(lines):
        match = _ASSIGNED_MAGIC.match(line) or (_MAGIC.search(line) if not line.lstrip().startswith("#") else None)
        if match:
            # an indented magic may be all that its block holds
            lines[index] = f"{match.group(1)}pass" if match.group(1) else ""
    return "\n".join(lines)


def _parses(source: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
