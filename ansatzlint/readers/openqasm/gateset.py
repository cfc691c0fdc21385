"""Gates by name: the library's and the user's, the latter checked once and recognised where they are well known."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from ansatzlint.angles import Angle, parameter
from ansatzlint.circuit import Circuit, Gate, Parameter
from ansatzlint.readers.openqasm.expressions import Refused, Undetermined
from ansatzlint.readers.openqasm.library import BUILT_IN, DEFINITIONS, NATIVES, RECOGNISED, Native
from ansatzlint.readers.openqasm.parser import MAX_NESTING, Parser
from ansatzlint.readers.openqasm.statements import (
    Box,
    Call,
    Code,
    For,
    GateDefinition,
    If,
    IndexSet,
    Name,
    Range,
    Statement,
    Timing,
)
from ansatzlint.readers.openqasm.text import Text, shown, suggestion

_RECOGNISED_SIZE = 200
_TRIALS = ((0.37, -1.91, 2.63, 0.58), (-2.17, 0.83, 1.29, -0.71), (1.13, 2.41, -0.47, 1.97))
"""Angles in radians at which two gates are compared; any generic ones do."""


@dataclass(frozen=True, slots=True)
class Definition:
    """A gate defined in OpenQASM.

    `size` is a lower bound on its gates when expanded, `depth` how far definitions nest, `used` the positions of the
    parameters that matter. `native` is the gate of the gate set that it equals, `exact` whether with its global
    phase too.
    """

    text: Text
    statement: GateDefinition
    size: int
    depth: int
    used: frozenset[int]
    native: Native | None = None
    exact: bool = False


Entry = Native | Definition
Expand = Callable[[Definition, tuple[Angle, ...], tuple[int, ...]], list[Gate] | None]


class GateSet:
    """The gates that a program may call."""

    def __init__(self, expand: Expand) -> None:
        self._expand = expand
        self._gates: dict[str, Entry] = dict(BUILT_IN)
        self._own: set[str] = set()
        self._opaque: set[str] = set()
        self.left_out: set[str] = set()  # subroutines, whose bodies are not read
        self._library = False

    def include(self, file: str) -> None:
        """Make a standard library's gates known."""
        if self._library:
            return
        self._library = True
        for name, native in NATIVES.items():
            self._gates.setdefault(name, native)
        text = Text(DEFINITIONS, file)
        for statement in Parser(text).parse():
            if isinstance(statement, GateDefinition) and statement.name not in self._own:
                self._gates[statement.name] = self._checked(text, statement, frozenset())

    def find(self, name: str) -> Entry:
        """The gate of that name; Refused if there is none."""
        entry = self._gates.get(name)
        if entry is not None:
            return entry
        if name in self.left_out:
            raise Undetermined("a call of a subroutine is not read")
        if name in self._opaque:
            raise Refused(f"gate {shown(name)} is opaque: define its body, so that its action is known")
        if not self._library and name in NATIVES:
            raise Refused(
                f'unknown gate {shown(name)}: add `include "stdgates.inc";` (OpenQASM 3) or '
                '`include "qelib1.inc";` (OpenQASM 2)'
            )
        raise Refused(f"unknown gate {shown(name)}{suggestion(name, self._gates) or ': define it before its use'}")

    def declare_opaque(self, name: str) -> None:
        """A gate without a body."""
        if name in self._own or name in self._opaque:
            raise Refused(f"gate {shown(name)} is defined twice: rename or remove one")
        self._opaque.add(name)
        self._gates.pop(name, None)

    def define(self, text: Text, statement: GateDefinition, constants: Collection[str]) -> None:
        """A gate of the user's, which may take a library gate's name; Refused for one that cannot be meant."""
        name = statement.name
        if name in self._own or name in self._opaque or name in BUILT_IN:
            raise Refused(f"gate {shown(name)} is defined twice: rename or remove one")
        definition = self._checked(text, statement, constants)
        self._own.add(name)
        self._gates[name] = self._recognised(definition)

    def _checked(self, text: Text, statement: GateDefinition, constants: Collection[str]) -> Definition:
        formals = statement.parameters + statement.qubits
        if len(set(formals)) != len(formals):
            raise Refused(f"gate {shown(statement.name)} uses one name twice among its parameters and qubits")
        used: set[str] = set()
        known = {*constants, *statement.parameters}
        size, depth = self._body(statement.body, set(statement.qubits), known, used)
        if depth > MAX_NESTING:
            raise Refused(f"gate definitions nest more than {MAX_NESTING} deep")
        positions = frozenset(i for i, name in enumerate(statement.parameters) if name in used)
        return Definition(text, statement, size, depth, positions)

    def _body(
        self, body: tuple[Statement, ...], qubits: set[str], known: set[str], used: set[str]
    ) -> tuple[int, int]:
        """(gates at least, nesting) of a body; adds the names that matter to `used`."""
        size, depth = 0, 1
        for statement in body:
            try:
                inner = self._inner(statement, qubits, known, used)
            except Refused as refused:
                raise Refused(str(refused), refused.offset or statement.start) from None
            size, depth = size + inner[0], max(depth, inner[1])
        return size, depth

    def _inner(self, statement: Statement, qubits: set[str], known: set[str], used: set[str]) -> tuple[int, int]:
        match statement:
            case Call():
                return self._inner_call(statement, qubits, known, used)
            case For(variable=variable, values=values, body=turns):
                if isinstance(values, Range):
                    _note((values.start, values.step, values.stop), known, used)
                else:
                    _note(values.items if isinstance(values, IndexSet) else (values,), known, used)
                return self._body(turns, qubits, known | {variable}, used)
            case If(condition=condition, then=then, otherwise=otherwise):
                _note((condition,), known, used)
                depths = [self._body(branch, qubits, known, used)[1] for branch in (then, otherwise)]
                return 0, max(depths)
            case Box(body=block):
                return self._body(block, qubits, known, used)
            case Timing(operands=operands):
                for operand in operands:
                    _formal(operand.name, bool(operand.indices), qubits)
                return 0, 1
            case _:
                raise Refused("the body of a gate may hold gates and barriers only")

    def _inner_call(self, call: Call, qubits: set[str], known: set[str], used: set[str]) -> tuple[int, int]:
        entry = self.find(call.name)
        _note(tuple(m.argument for m in call.modifiers), known, used)
        check_angles(call, entry)
        if isinstance(entry, Native):
            _note(call.arguments, known, used)
        else:
            _note(call.arguments, known, set())
            _note(tuple(call.arguments[i] for i in entry.used), known, used)
        operands = [operand.name for operand in call.operands]
        for operand in call.operands:
            _formal(operand.name, bool(operand.indices), qubits)
        if len(set(operands)) != len(operands):
            raise Refused(f"gate {shown(call.name)} acts twice on one qubit")
        if not call.modifiers:
            check_qubits(call.name, entry, len(operands))
        return (1, 1) if isinstance(entry, Native) else (entry.size, entry.depth + 1)

    def _recognised(self, definition: Definition) -> Definition:
        statement = definition.statement
        native = RECOGNISED.get(statement.name)
        word = ""
        if native is None and statement.name.startswith("pauli_"):
            word = statement.name.removeprefix("pauli_").upper()
            if word and set(word) <= set("IXYZ"):
                native = Native("pauli_rotation", "", 1, len(word))
        shape = (len(statement.parameters), len(statement.qubits))
        if (
            native is None
            or shape != (native.angles, native.qubits)
            or not 1 <= native.qubits <= 4
            or definition.size > _RECOGNISED_SIZE
        ):
            return definition
        from ansatzlint.dense import equal_up_to_phase, unitary

        formals = tuple(f"a{i}" for i in range(native.angles))
        qubits = tuple(range(native.qubits))
        parameters = tuple(Parameter(name) for name in formals)
        symbols = tuple(parameter(name) for name in formals)
        gates = self._expand(definition, symbols, qubits)
        if gates is None or len(gates) > _RECOGNISED_SIZE:
            return definition
        if not {p for g in gates for p in g.parameters} <= set(formals):  # it depends on an input as well
            return definition
        own = Circuit("own", native.qubits, tuple(gates), parameters)
        gate = Gate(native.kind, qubits, symbols if native.kind != "id" else (), native.controls, word)
        known = Circuit("known", native.qubits, (gate,), parameters)
        exact = True
        for trial in _TRIALS:
            values = dict(zip(formals, trial, strict=False))
            try:
                a, b = unitary(own, values), unitary(known, values)
            except (ValueError, ArithmeticError):  # a formula without a value there
                return definition
            if not equal_up_to_phase(a, b):
                return definition
            exact = exact and bool(abs(a - b).max() < 1e-9)
        return replace(definition, native=native, exact=exact)


def check_angles(call: Call, entry: Entry) -> None:
    """Refused unless the call gives as many angles as the gate takes."""
    expected = entry.angles if isinstance(entry, Native) else len(entry.statement.parameters)
    if len(call.arguments) != expected:
        raise Refused(
            f"gate {shown(call.name)} takes {expected} angle{'' if expected == 1 else 's'}, not {len(call.arguments)}"
        )


def check_qubits(name: str, entry: Entry, count: int) -> None:
    """Refused unless a call gives as many qubits as the gate takes."""
    expected = entry.qubits if isinstance(entry, Native) else len(entry.statement.qubits)
    if count != expected:
        raise Refused(f"gate {shown(name)} takes {expected} qubit{'' if expected == 1 else 's'}, not {count}")


def _note(codes: Collection[Code | None], known: set[str], used: set[str]) -> None:
    for code in codes:
        for item in code or ():
            if isinstance(item, Name):
                if item.name not in known:
                    raise Refused(f"{shown(item.name)} is not declared{suggestion(item.name, known)}")
                used.add(item.name)


def _formal(name: str, indexed: bool, qubits: set[str]) -> None:
    if name not in qubits:
        raise Refused(f"{shown(name)} is no qubit of this gate{suggestion(name, qubits)}")
    if indexed:
        raise Refused(f"{shown(name)} is a single qubit: remove the index")
