"""What names mean while a program is interpreted: qubits, constants, variables, and operands made of them."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from ansatzlint.angles import Angle
from ansatzlint.readers.openqasm.expressions import CONSTANTS, Evaluator, Refused, Undetermined, Value, to_integer
from ansatzlint.readers.openqasm.expressions import to_angle as _to_angle
from ansatzlint.readers.openqasm.statements import Code, Index, IndexSet, Name, Operand, Range
from ansatzlint.readers.openqasm.text import shown, suggestion

MAX_QUBITS = 100_000


class Register(NamedTuple):
    """Qubits under one name; a `single` one takes no index."""

    qubits: tuple[int, ...]
    single: bool


class Runtime(NamedTuple):
    """A variable whose value is known only when the circuit runs: what it hangs on."""

    why: str


class Unset(NamedTuple):
    """A variable that has no value yet."""


MEASURED = Runtime("classical control: it depends on a measurement result")

Symbol = Register | Runtime | Unset | Value
Scope = dict[str, Symbol]


class Environment:
    """Scopes, innermost last; the first is the global one.

    `labels` are the qubits' names, `constants` what the bodies of gates see of the global scope, `immutable` the
    global names whose meaning never changes.
    """

    def __init__(self, version: int) -> None:
        self.version = version
        self.evaluator = Evaluator(version)
        self.labels: list[str] = []
        self.scopes: list[Scope] = [{}]
        self.constants: Scope = dict(CONSTANTS)
        self.immutable: set[str] = set(CONSTANTS)
        self.in_gate = False
        # What constant pieces of gate calls mean, by identity; the value keeps the key's object alive.
        self._angles: dict[int, tuple[tuple[Code, ...], tuple[Angle, ...]]] = {}
        self._groups: dict[int, tuple[tuple[Operand, ...], tuple[tuple[int, ...], ...]]] = {}

    @property
    def top(self) -> bool:
        """Whether names mean what they mean at the top of the program."""
        return len(self.scopes) == 1 and not self.in_gate

    def known(self) -> Collection[str]:
        """All names that mean something here."""
        return {name for scope in self.scopes for name in scope} | set(self.constants)

    def new(self, name: str, symbol: Symbol) -> None:
        """Declare a name in the innermost scope."""
        scope = self.scopes[-1]
        if name in scope:
            raise Refused(f"{shown(name)} is declared twice: rename one")
        scope[name] = symbol

    def new_qubits(self, name: str, size: int | None) -> None:
        """Declare a register, or a single qubit where the size is None."""
        first = len(self.labels)
        if size is None:
            self.new(name, Register((first,), True))
            self.labels.append(name)
            return
        if size < 1:
            raise Refused(f"register {shown(name)} needs at least one qubit, not {size}")
        if first + size > MAX_QUBITS:
            raise Refused(f"the circuit has more than {MAX_QUBITS} qubits")
        self.new(name, Register(tuple(range(first, first + size)), False))
        self.labels += [f"{name}[{i}]" for i in range(size)]

    def find(self, name: str) -> Symbol:
        """What a name means; Refused where it means nothing."""
        for scope in reversed(self.scopes):
            if name in scope:
                return scope[name]
        if name in self.constants:
            return self.constants[name]
        raise Refused(f"{shown(name)} is not declared{suggestion(name, self.known())}")

    def value(self, name: str) -> Value:
        """A name's value inside an expression."""
        symbol = self.find(name)
        if isinstance(symbol, Register):
            return symbol.qubits
        if isinstance(symbol, Runtime):
            raise Undetermined(symbol.why)
        if isinstance(symbol, Unset):
            raise Refused(f"{shown(name)} is used before it has a value")
        return symbol

    def evaluate(self, code: Code) -> Value:
        """The value of an expression here."""
        return self.evaluator(code, self.value)

    def integer(self, code: Code) -> int:
        """The value of an expression that must be an integer."""
        return to_integer(self.evaluate(code))

    def forget(self, names: Collection[str]) -> None:
        """Variables that a statement which was left out may have changed."""
        for name in names:
            for scope in reversed(self.scopes):
                if name in scope:
                    if not isinstance(scope[name], Register):
                        scope[name] = MEASURED
                    break

    def angles(self, arguments: tuple[Code, ...]) -> tuple[Angle, ...]:
        """The angles that a gate call gives."""
        if not arguments:
            return ()
        if len(arguments) == 1 and len(arguments[0]) == 1 and isinstance(arguments[0][0], float):
            return (_to_angle(self.evaluate(arguments[0])),)
        memo = self._angles.get(id(arguments)) if self.top else None
        if memo is not None:
            return memo[1]
        angles = tuple([_to_angle(self.evaluate(code)) for code in arguments])
        if self.top and all(
            not isinstance(item, Name) or item.name in self.immutable for code in arguments for item in code
        ):
            self._angles[id(arguments)] = arguments, angles
        return angles

    def resolve(self, operand: Operand) -> Register:
        """The qubits that an operand names."""
        symbol = self.find(operand.name)
        if not isinstance(symbol, Register):
            raise Refused(f"{shown(operand.name)} is no qubit")
        for index in operand.indices:
            if symbol.single:
                raise Refused(f"{shown(operand.name)} is a single qubit: remove the index")
            symbol = self._indexed(operand.name, symbol.qubits, index)
        return symbol

    def _indexed(self, name: str, qubits: tuple[int, ...], index: Index) -> Register:
        size = len(qubits)

        def at(position: int) -> int:
            if not (-size if self.version == 3 else 0) <= position < size:
                raise Refused(
                    f"qubit {shown(f'{name}[{position}]')} is out of range: {shown(name)} has {size} "
                    f"qubit{'' if size == 1 else 's'}"
                )
            return position % size

        if isinstance(index, Range):
            step = 1 if index.step is None else self.integer(index.step)
            if step == 0:
                raise Refused("the step of a range is zero")
            ends = (0, size - 1) if step > 0 else (size - 1, 0)
            first = ends[0] if index.start is None else at(self.integer(index.start))
            last = ends[1] if index.stop is None else at(self.integer(index.stop))
            return Register(tuple(qubits[i] for i in range(first, last + (1 if step > 0 else -1), step)), False)
        if isinstance(index, IndexSet):
            return Register(tuple(qubits[at(self.integer(item))] for item in index.items), False)
        return Register((qubits[at(self.integer(index))],), True)

    def groups(self, operands: tuple[Operand, ...]) -> tuple[tuple[int, ...], ...]:
        """The qubits of each gate that a call broadcasts to."""
        memo = self._groups.get(id(operands)) if self.top else None
        if memo is not None:
            return memo[1]
        registers = [self.resolve(operand) for operand in operands]
        sizes = {len(register.qubits) for register in registers if not register.single}
        if len(sizes) > 1:
            raise Refused(
                f"registers of {' and '.join(map(str, sorted(sizes)))} qubits in one call: their sizes must match"
            )
        groups: tuple[tuple[int, ...], ...]
        if not sizes:
            groups = (tuple([register.qubits[0] for register in registers]),)
        else:
            (size,) = sizes
            columns = [register.qubits * size if register.single else register.qubits for register in registers]
            groups = tuple(zip(*columns, strict=True))
        for qubits in groups:
            if len(set(qubits)) != len(qubits):
                raise Refused("a gate acts twice on one qubit: give it different ones")
        if self.top and all(
            isinstance(index, tuple) and len(index) == 1 and isinstance(index[0], int)
            for operand in operands
            for index in operand.indices
        ):
            self._groups[id(operands)] = operands, groups
        return groups


def replaced(array: Value, at: list[int], value: Value) -> Value:
    """The array with one element exchanged; the index is known to exist."""
    if not at:
        return value
    if not isinstance(array, tuple):
        raise Refused("an index is applied to something that is no array")
    items = list(array)
    items[at[0]] = replaced(items[at[0]], at[1:], value)
    return tuple(items)
