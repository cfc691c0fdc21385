"""What a structured ansatz family is: how to build it, its arguments as data, what the literature says of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from math import ceil, isqrt, log2
from types import MappingProxyType
from typing import Any, Literal

from ansatzlint.circuit import Circuit
from ansatzlint.errors import UsageError

DEPTH_RULES: Mapping[str, Callable[[int], int]] = MappingProxyType(
    {
        "n": lambda n: n,
        "2n": lambda n: 2 * n,
        "n/2": lambda n: max(n // 2, 1),
        "log n": lambda n: max(ceil(log2(n)), 1),
        "sqrt n": lambda n: max(isqrt(n), 1),
    }
)
"""Numbers of layers that grow with the number of qubits n; logarithms are to base 2, rounded up."""


MOST_QUBITS = 100_000
"""What fits into memory gate by gate."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of `values`. Where `pairs` is set, a sequence of pairs of qubits may stand in their place."""

    values: tuple[str | int | bool, ...]
    default: str | int | bool
    about: str
    pairs: bool = False

    def check(self, value: object) -> object:
        """The value as `construct` takes it; UsageError for one that is not among the choices."""
        if self.pairs and not isinstance(value, str):
            return value  # which pairs can be meant depends on the number of qubits
        for known in self.values:
            if value == known and type(value) is type(known):
                return known
        raise UsageError(f"must be one of {', '.join(map(str, self.values))}, not {value!r}")


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number from `low` up; `high` bounds what a search tries, not what can be built."""

    low: int
    high: int
    default: int
    about: str

    def check(self, value: object) -> object:
        """The value; UsageError for one that is no whole number, or below `low`."""
        if isinstance(value, bool) or not isinstance(value, int) or value < self.low:
            raise UsageError(f"must be a whole number of at least {self.low}, not {value!r}")
        return value


@dataclass(frozen=True, slots=True)
class Layers:
    """A number of layers: a whole number from 1 up, or a key of `DEPTH_RULES`; `high` bounds what a search tries."""

    high: int
    default: int | str
    about: str = "number of layers, or how it grows with the number of qubits n"

    def check(self, value: object) -> object:
        """The value; UsageError for one that is neither."""
        if isinstance(value, str) and value in DEPTH_RULES:
            return value
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise UsageError(f"must be a whole number of at least 1 or one of {', '.join(DEPTH_RULES)}, not {value!r}")
        return value


Argument = Choice | Whole | Layers


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the literature says of a family's gradients under a condition, with the paper that says so."""

    verdict: Literal["trainable", "barren"]
    condition: str
    citation: str

    def __str__(self) -> str:
        return f"{self.verdict}: {self.condition} ({self.citation})"


@dataclass(frozen=True, slots=True)
class Family:
    """A structured ansatz family.

    Attributes
    ----------
    name : str
        Its key in `ansatzlint.families`.
    title : str
        What it is, in half a line.
    construct : callable
        (qubits, **arguments) -> Circuit; `build` checks and completes what it is given.
    space : mapping of str to Argument
        The arguments of `build`, in order.
    reference : str
        Where the family was introduced or is defined.
    verdicts : tuple of Verdict
    smallest : int
        The fewest qubits that it can be built on.
    """

    name: str
    title: str
    construct: Callable[..., Circuit] = field(repr=False)
    space: Mapping[str, Argument]
    reference: str
    verdicts: tuple[Verdict, ...]
    smallest: int = 2

    @property
    def verdict(self) -> str:
        """The literature's verdicts in words."""
        return "; ".join(map(str, self.verdicts))

    def arguments(self, **arguments: Any) -> dict[str, Any]:
        """All arguments of `build`, those that are not given at their defaults; UsageError as there."""
        for name in arguments:
            if name not in self.space:
                close = get_close_matches(name, self.space, 1)
                hint = f"did you mean {close[0]!r}?" if close else f"it takes {', '.join(self.space) or 'none'}"
                raise UsageError(f"family {self.name!r} has no argument {name!r}; {hint}")
        found = {}
        for name, argument in self.space.items():
            try:
                found[name] = argument.check(arguments.get(name, argument.default))
            except UsageError as error:
                raise UsageError(f"argument {name!r} of family {self.name!r} {error}") from None
        return found

    def build(self, qubits: int, **arguments: Any) -> Circuit:
        """The circuit on so many qubits.

        Raises
        ------
        UsageError
            For fewer than `smallest` qubits or more than `MOST_QUBITS`, an argument that the family does not have, a
            value that cannot be meant.
        """
        if isinstance(qubits, bool) or not isinstance(qubits, int) or not self.smallest <= qubits <= MOST_QUBITS:
            allowed = f"from {self.smallest} to {MOST_QUBITS}"
            raise UsageError(f"family {self.name!r} takes a whole number of qubits {allowed}, not {qubits!r}")
        complete = self.arguments(**arguments)
        for name, argument in self.space.items():
            if isinstance(argument, Layers) and isinstance(complete[name], str):
                complete[name] = DEPTH_RULES[complete[name]](qubits)
        return self.construct(qubits, **complete)
