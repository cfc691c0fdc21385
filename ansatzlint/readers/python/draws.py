"""Random draws that a syntax tree shows."""

from __future__ import annotations

from collections.abc import Sequence

from ansatzlint.circuit import Circuit
from ansatzlint.readers.python.document import Document
from ansatzlint.readers.python.syntax import Syntax
from ansatzlint.source import Draw


def find_draws(document: Document, syntax: Syntax) -> tuple[Draw, ...]:
    return ()


def mark_draws(circuits: list[Circuit], draws: Sequence[Draw], syntax: Syntax) -> list[Circuit]:
    return circuits


def mark_selected(circuits: list[Circuit], document: Document, syntax: Syntax) -> list[Circuit]:
    return circuits
