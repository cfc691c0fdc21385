"""What can go wrong that the user can mend.

    AnsatzlintError                 one line: place, what is wrong, what to do
    ├── UsageError                  a flag or argument that cannot be meant
    │   └── ConfigError             a configuration file that cannot be meant
    ├── InputError                  a source that cannot be read
    │   └── ParseError              … because its text breaks the grammar
    ├── CircuitError                a circuit that contradicts itself
    └── MissingDependencyError      an optional package that is not installed

A finding about a circuit is never an exception; a bug is never one of these.
"""

from __future__ import annotations


class AnsatzlintError(Exception):
    """Base of every error that is the user's to mend; `str` gives one line."""


class UsageError(AnsatzlintError):
    """A command-line flag or a function argument that cannot be meant."""


class ConfigError(UsageError):
    """A configuration that cannot be meant."""


class InputError(AnsatzlintError):
    """A source that cannot be read.

    Parameters
    ----------
    message : str
        What is wrong, and the remedy, in one line.
    path : str
        The source's path as the user gave it, or a name such as `<stdin>`.
    line, column : int or None
        The place, counted from 1; None where there is none.
    """

    def __init__(
        self, message: str, *, path: str, line: int | None = None, column: int | None = None
    ) -> None:
        self.message = " ".join(message.split())
        self.path = path
        self.line = line
        self.column = column
        super().__init__(message)

    def __str__(self) -> str:
        place = self.path
        if self.line is not None:
            place += f":{self.line}"
            if self.column is not None:
                place += f":{self.column}"
        return f"{place}: {self.message}"


class ParseError(InputError):
    """A source whose text breaks the grammar of its format."""


class CircuitError(AnsatzlintError):
    """A circuit that contradicts itself: a qubit that is not there, an unknown gate or parameter."""


class MissingDependencyError(AnsatzlintError):
    """An optional package that is needed here and not installed."""
