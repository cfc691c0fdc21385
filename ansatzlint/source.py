"""What a reader makes of one file: its text, its circuits, and what its syntax tree shows."""

from __future__ import annotations

from dataclasses import dataclass

from ansatzlint.circuit import Circuit, Location, Unread
from ansatzlint.errors import InputError
from ansatzlint.initialisation import Initialisation


@dataclass(frozen=True, slots=True)
class Draw:
    """Initial values drawn at random, seen in a syntax tree, that flow into a circuit's arguments.

    `target` is the name that they are bound to ("" for none), `initialisation` the distribution where the call
    shows it (numbers are resolved, anything else gives None), `seeded` whether a seed is set before the draw,
    `role` whether they become trainable parameters or inputs of the circuit.
    """

    location: Location
    target: str
    initialisation: Initialisation | None
    seeded: bool
    role: str = "trainable"


@dataclass(frozen=True, slots=True)
class Optimiser:
    """The use of an optimiser that takes no gradients, seen in a syntax tree, and what people call it."""

    location: Location
    name: str


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment that may speak to ansatzlint: its text without the mark (`#` or `//`), and its place."""

    text: str
    location: Location

    @property
    def body(self) -> str:
        """What follows "ansatzlint:"."""
        return self.text.partition("ansatzlint:")[2].strip()


@dataclass(frozen=True, slots=True)
class Source:
    """One file.

    Attributes
    ----------
    path : str
        As the user gave it, with forward slashes.
    lines : tuple of str
        The text by lines, without line ends; for a notebook the code cells' lines, cell after cell.
    cells : tuple of int
        For a notebook: index in `lines` of each code cell's first line; empty otherwise.
    circuits, draws, optimisers, comments
        What was found: of optimisers those without gradients, of comments those that contain "ansatzlint:".
    unread : tuple of Unread
        What parses but could not be traced, with the reason: it becomes AL902.
    errors : tuple of InputError
        What could not be read or parsed at all.
    """

    path: str
    lines: tuple[str, ...] = ()
    cells: tuple[int, ...] = ()
    circuits: tuple[Circuit, ...] = ()
    draws: tuple[Draw, ...] = ()
    optimisers: tuple[Optimiser, ...] = ()
    comments: tuple[Comment, ...] = ()
    unread: tuple[Unread, ...] = ()
    errors: tuple[InputError, ...] = ()

    def line(self, location: Location) -> str | None:
        """The source line at which the location starts, None if the text is not at hand."""
        start = self.cells[location.cell - 1] if location.cell is not None and self.cells else 0
        index = start + location.line - 1
        return self.lines[index] if 0 <= index < len(self.lines) else None
