"""The grammar's values: what the parser makes of a text, before anything is looked up.

An expression is a `Code`, its items in postfix order, so that neither its parser nor its evaluator recurses into
long sums. `start` and `end` of a statement are offsets into the text, `end` exclusive.
"""

from __future__ import annotations

from typing import NamedTuple


class Name(NamedTuple):
    """A name inside an expression."""

    name: str


class Operator(NamedTuple):
    """An operator or function that takes `arity` values off the stack; "{}" builds an array, "[]" indexes one."""

    symbol: str
    arity: int


Item = bool | int | float | Name | Operator
Code = tuple[Item, ...]


class Range(NamedTuple):
    """`start:step:stop`, both ends included; None where the source leaves an end out."""

    start: Code | None
    step: Code | None
    stop: Code | None


class IndexSet(NamedTuple):
    """`{a, b, c}` as an index or as the values of a loop."""

    items: tuple[Code, ...]


Index = Code | Range | IndexSet


class Operand(NamedTuple):
    """A qubit or bit operand: a name with indices."""

    name: str
    indices: tuple[Index, ...] = ()


class Modifier(NamedTuple):
    """`ctrl(argument) @`, `negctrl(argument) @`, `inv @` or `pow(argument) @`."""

    kind: str
    argument: Code | None


class Include(NamedTuple):
    file: str
    start: int
    end: int


class Qubits(NamedTuple):
    """`size` is None for a single qubit."""

    name: str
    size: Code | None
    start: int
    end: int


class Bits(NamedTuple):
    """A classical register or bit; `measured` is what its initialiser measures."""

    name: str
    measured: Operand | None
    start: int
    end: int


class Input(NamedTuple):
    name: str
    type: str
    sizes: tuple[Code, ...]
    start: int
    end: int


class Declare(NamedTuple):
    """A classical variable; `value` is None where it has no initialiser."""

    name: str
    type: str
    constant: bool
    value: Code | None
    start: int
    end: int


class Assign(NamedTuple):
    """`operator` is "" for `=`, "+" for `+=` and so on."""

    target: Operand
    operator: str
    value: Code
    start: int
    end: int


class Alias(NamedTuple):
    name: str
    parts: tuple[Operand, ...]
    start: int
    end: int


class Call(NamedTuple):
    """A gate applied to operands."""

    modifiers: tuple[Modifier, ...]
    name: str
    arguments: tuple[Code, ...]
    operands: tuple[Operand, ...]
    start: int
    end: int


class Measure(NamedTuple):
    source: Operand
    start: int
    end: int


class Reset(NamedTuple):
    target: Operand
    start: int
    end: int


class Timing(NamedTuple):
    """A barrier or a delay: nothing that a gate list shows, but its operands must exist."""

    kind: str
    operands: tuple[Operand, ...]
    start: int
    end: int


class GateDefinition(NamedTuple):
    name: str
    parameters: tuple[str, ...]
    qubits: tuple[str, ...]
    body: tuple[Statement, ...]
    start: int
    end: int


class Opaque(NamedTuple):
    name: str
    start: int
    end: int


class For(NamedTuple):
    variable: str
    values: Range | IndexSet | Code
    body: tuple[Statement, ...]
    start: int
    end: int


class If(NamedTuple):
    condition: Code
    then: tuple[Statement, ...]
    otherwise: tuple[Statement, ...]
    start: int
    end: int


class Box(NamedTuple):
    """A `box` or a bare block."""

    body: tuple[Statement, ...]
    start: int
    end: int


class Jump(NamedTuple):
    """`break`, `continue` or `end`."""

    kind: str
    start: int
    end: int


class Unsupported(NamedTuple):
    """Something that is read over: a subroutine, a `while` loop, pulses.

    `assigned` are names that it may change, `declares` is the function that it makes known.
    """

    what: str
    assigned: tuple[str, ...]
    start: int
    end: int
    declares: str | None = None


Statement = (
    Include | Qubits | Bits | Input | Declare | Assign | Alias | Call | Measure | Reset | Timing | GateDefinition
    | Opaque | For | If | Box | Jump | Unsupported
)  # fmt: skip


def assigned(statements: tuple[Statement, ...]) -> tuple[str, ...]:
    """Names of the variables that the statements may change."""
    found: dict[str, None] = {}
    pending = list(statements)
    while pending:
        statement = pending.pop()
        if isinstance(statement, Assign):
            found[statement.target.name] = None
        elif isinstance(statement, For | Box):
            pending += statement.body
        elif isinstance(statement, If):
            pending += statement.then + statement.otherwise
        elif isinstance(statement, Unsupported):
            found.update(dict.fromkeys(statement.assigned))
    return tuple(found)
