"""Statements to a circuit: loops unrolled, registers broadcast, definitions expanded, numbers made parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from ansatzlint.angles import Affine, Angle, Expression, names, parameter
from ansatzlint.circuit import Block, Circuit, Gate, Location, Parameter, Unread
from ansatzlint.readers.numbers import is_dyadic
from ansatzlint.readers.openqasm.directives import Directives, Role, Said, role_by_name
from ansatzlint.readers.openqasm.environment import (
    MAX_QUBITS,
    MEASURED,
    Environment,
    Register,
    Runtime,
    Scope,
    Symbol,
    Unset,
    replaced,
)
from ansatzlint.readers.openqasm.expressions import Refused, Undetermined, Value, to_angle, to_integer
from ansatzlint.readers.openqasm.gateset import Definition, Entry, GateSet, check_angles, check_qubits
from ansatzlint.readers.openqasm.modifiers import inverted, powered, under_control
from ansatzlint.readers.openqasm.parser import MAX_NESTING
from ansatzlint.readers.openqasm.program import Program
from ansatzlint.readers.openqasm.statements import (
    Alias,
    Assign,
    Bits,
    Box,
    Call,
    Code,
    Declare,
    For,
    GateDefinition,
    If,
    Include,
    IndexSet,
    Input,
    Jump,
    Measure,
    Name,
    Opaque,
    Operand,
    Operator,
    Qubits,
    Range,
    Reset,
    Statement,
    Timing,
    Unsupported,
    assigned,
)
from ansatzlint.readers.openqasm.text import shown, suggestion

MAX_STEPS = 1_000_000
"""Gates and loop turns of one circuit."""


class _Event(NamedTuple):
    """A measurement or reset of a qubit after `after` gates."""

    qubit: int
    after: int
    location: Location


class Interpreter:
    """Interprets one program, once: `circuit` gives the result.

    Raises
    ------
    InputError
        With the place of the statement that cannot be meant.
    """

    def __init__(self, program: Program, directives: Directives) -> None:
        self._program = program
        self._directives = directives
        self._text = program.text
        self._included = program.included
        self._env = Environment(program.version)
        self._gateset = GateSet(self._tried)
        self._gates: list[Gate] = []
        self._blocks: list[Block] = []
        self._parameters: dict[str, Parameter] = {}
        self._guessed: list[str] = []
        self._measurements: list[_Event] = []
        self._resets: list[_Event] = []
        self._unread: dict[str, tuple[int, Location]] = {}
        self._call_location: Location | None = None
        self._exact = False
        self._steps = 0
        self._depth = 0
        self._loops = 0
        self._numbers_train = not program.has_inputs and not directives.angles_fixed
        self._numbers: dict[float, Angle] = {}
        self._rounded: dict[str, Affine] = {}
        self._places = 0
        self._actions: dict[type, Callable[[Any], str | None]] = {
            Include: self._include, Qubits: self._qubits, Bits: self._bits, Input: self._input,
            Declare: self._declare, Assign: self._assign, Alias: self._alias, Call: self._call,
            Measure: self._measure, Reset: self._reset, Timing: self._timing, GateDefinition: self._define,
            Opaque: self._opaque, For: self._for, If: self._if, Box: self._box, Jump: self._jump,
            Unsupported: self._unsupported,
        }  # fmt: skip

    def circuit(self, name: str) -> Circuit:
        """The program's circuit."""
        for number in sorted(self._program.hardware):
            self._env.new_qubits(f"${number}", None)
        self._execute(self._program.statements)
        measured = self._final_measurements()
        unread = [
            Unread(why if count == 1 else f"{why} ({count} places)", location)
            for why, (count, location) in self._unread.items()
        ]
        parameters = tuple(self._parameters.values())
        text = self._program.text
        if not any(p.role == "trainable" for p in parameters):
            what = "parameter is a data input" if parameters else "angle is a fixed number"
            why = f"every {what}, so this circuit is no ansatz" if not unread else "none in the part that was read"
            first_line = (text.content + "\n").index("\n")
            unread.append(Unread(f"no trainable angle: {why}", text.location(0, first_line)))
        return Circuit(
            name=name,
            qubits=len(self._env.labels),
            gates=tuple(self._gates),
            parameters=parameters,
            labels=tuple(self._env.labels),
            measured=measured,
            blocks=tuple(self._blocks),
            assumptions=self._assumptions(parameters),
            unread=tuple(unread),
            location=text.location(0, len(text.content)),
        )

    def _final_measurements(self) -> tuple[int, ...]:
        first: dict[int, int] = {}
        last: dict[int, int] = {}
        if self._measurements or self._resets:
            for index, gate in enumerate(self._gates):
                for qubit in gate.qubits:
                    first.setdefault(qubit, index)
                    last[qubit] = index
        for event in self._resets:
            if first.get(event.qubit, event.after) < event.after:
                self._leave_out("reset of a qubit that gates have acted on", event.location)
        final: dict[int, None] = {}
        for event in self._measurements:
            if last.get(event.qubit, -1) >= event.after:
                self._leave_out("mid-circuit measurement: gates follow on the measured qubit", event.location)
            else:
                final[event.qubit] = None
        return tuple(final)

    def _assumptions(self, parameters: tuple[Parameter, ...]) -> tuple[str, ...]:
        sentences = []
        if self._places:
            sentences.append(
                "numbers other than dyadic fractions of pi are taken as trainable angles, equal ones as one parameter "
                f"({_count(len(parameters), 'parameter')} in {_count(self._places, 'place')})"
            )
        guessed = self._guessed
        if guessed:
            listed = ", ".join(guessed[:3]) + (" …" if len(guessed) > 3 else "")
            sentences.append(
                f"parameter {listed} is taken as a data input by its name"
                if len(guessed) == 1
                else f"parameters {listed} are taken as data inputs by their name"
            )
        return tuple(sentences)

    def _leave_out(self, why: str, location: Location) -> None:
        count, first = self._unread.get(why, (0, location))
        self._unread[why] = count + 1, first

    # Statements and blocks.

    def _execute(self, statements: Iterable[Statement]) -> str | None:
        """Run statements; "break", "continue" or "end" where one of them says so."""
        actions = self._actions
        for statement in statements:
            try:
                signal = actions[statement.__class__](statement)
            except Refused as refused:
                if self._call_location is not None:  # inside a gate: the place is the call's
                    raise
                offset = statement.start if refused.offset is None else refused.offset
                raise self._text.error(str(refused), offset) from None
            except Undetermined as undetermined:
                self._leave_out(str(undetermined), self._place(statement))
                self._env.forget(assigned((statement,)))
                continue
            if signal is not None:
                return signal
        return None

    def _place(self, statement: Statement) -> Location:
        return self._call_location or self._text.location(statement.start, statement.end)

    def _nested(self, statements: Iterable[Statement], scope: Scope) -> str | None:
        self._descend()
        self._env.scopes.append(scope)
        signal = self._execute(statements)
        self._env.scopes.pop()
        self._depth -= 1
        return signal

    def _descend(self) -> None:
        if self._depth >= MAX_NESTING:
            raise Refused(f"blocks and gates nest more than {MAX_NESTING} deep")
        self._depth += 1

    def _step(self, count: int) -> None:
        self._steps += count
        if self._steps > MAX_STEPS:
            raise Refused(f"the circuit expands to more than {MAX_STEPS} gates and loop turns")

    def _global(self, what: str) -> None:
        if not self._env.top:
            raise Refused(f"{what} must stand outside of blocks")

    def _box(self, statement: Box) -> str | None:
        return self._nested(statement.body, {})

    def _if(self, statement: If) -> str | None:
        condition = self._env.evaluate(statement.condition)
        if isinstance(condition, Affine | Expression):
            raise Undetermined(f"a condition depends on the parameter {names(condition)[0]!r}")
        return self._nested(statement.then if condition else statement.otherwise, {})

    def _for(self, statement: For) -> str | None:
        values: Iterable[Value]
        if isinstance(statement.values, Range):
            values = self._range(statement.values)
        elif isinstance(statement.values, IndexSet):
            values = [self._env.evaluate(item) for item in statement.values.items]
        else:
            array = self._env.evaluate(statement.values)
            if not isinstance(array, tuple):
                raise Refused("a loop runs over a range, a set or an array")
            values = array
        self._loops += 1
        signal = None
        for value in values:
            self._step(1)
            signal = self._nested(statement.body, {statement.variable: value})
            if signal in ("break", "end"):
                break
        self._loops -= 1
        return signal if signal == "end" else None

    def _range(self, bounds: Range) -> range:
        if bounds.start is None or bounds.stop is None:
            raise Refused("the range of a loop needs both ends")
        step = 1 if bounds.step is None else self._env.integer(bounds.step)
        if step == 0:
            raise Refused("the step of a range is zero")
        return range(self._env.integer(bounds.start), self._env.integer(bounds.stop) + (1 if step > 0 else -1), step)

    def _jump(self, statement: Jump) -> str:
        if statement.kind != "end" and not self._loops:
            raise Refused(f"`{statement.kind}` stands outside of a loop")
        return statement.kind

    def _unsupported(self, statement: Unsupported) -> None:
        if statement.declares is not None:
            self._gateset.left_out.add(statement.declares)
            self._env.evaluator.left_out.add(statement.declares)
        raise Undetermined(f"{statement.what} is not read")

    def _include(self, statement: Include) -> str | None:
        self._global("`include`")
        program = self._included.get(statement.file)
        if program is None:
            self._gateset.include(statement.file)
            return None
        outer = self._text, self._included
        self._text, self._included = program.text, program.included
        signal = self._execute(program.statements)
        self._text, self._included = outer
        return signal

    # Declarations.

    def _qubits(self, statement: Qubits) -> None:
        self._global("a qubit declaration")
        size = None if statement.size is None else self._env.integer(statement.size)
        self._env.new_qubits(statement.name, size)

    def _bits(self, statement: Bits) -> None:
        self._env.new(statement.name, MEASURED)
        if statement.measured is not None:
            self._note_measured(statement.measured, statement)

    def _input(self, statement: Input) -> None:
        self._global("an `input`")
        name = statement.name
        if statement.type not in ("float", "angle"):
            self._env.new(name, Runtime(f"it depends on the input {shown(name)}, whose value is not known"))
            return
        sizes = [self._env.integer(size) for size in statement.sizes]
        total = 1
        for size in sizes:
            total *= max(size, 0)
        if not 0 < total <= MAX_QUBITS:
            raise Refused(f"the array {shown(name)} must have 1 to {MAX_QUBITS} elements, not {total}")
        said = Said(None, None)
        if self._text is self._program.text:
            said = self._directives.inputs.get(self._text.place(statement.start)[0], said)
        original = name if said.name is None else said.name
        self._env.new(name, Unset())
        self._env.scopes[-1][name] = self._input_value(original, said.role, sizes, ())
        self._env.immutable.add(name)

    def _input_value(self, name: str, role: Role | None, sizes: list[int], at: tuple[int, ...]) -> Value:
        if len(at) < len(sizes):
            return tuple(self._input_value(name, role, sizes, (*at, i)) for i in range(sizes[len(at)]))
        full = f"{name}[{','.join(map(str, at))}]" if at else name
        if full in self._parameters:
            raise Refused(f"two parameters are named {shown(full)}: rename one")
        if role is None:
            role = role_by_name(full)
            if role == "input":
                self._guessed.append(full)
        self._parameters[full] = Parameter(full, role)
        return parameter(full)

    def _declare(self, statement: Declare) -> None:
        symbol: Symbol = Unset()
        if statement.type in ("duration", "stretch"):
            symbol = Runtime("it depends on a duration")
        elif statement.value is not None:
            try:
                symbol = _typed(statement.type, self._env.evaluate(statement.value))
            except Undetermined as undetermined:
                symbol = Runtime(str(undetermined))
        top = self._env.top
        self._env.new(statement.name, symbol)
        if statement.constant and top and not isinstance(symbol, Runtime | Unset):
            self._env.constants[statement.name] = symbol
            self._env.immutable.add(statement.name)

    def _assign(self, statement: Assign) -> None:
        env, name = self._env, statement.target.name
        scope = next((s for s in reversed(env.scopes) if name in s), None)
        if scope is None:
            raise Refused(f"{shown(name)} is not declared{suggestion(name, env.known())}")
        old = scope[name]
        if isinstance(old, Register) or name in env.immutable:
            raise Refused(f"{shown(name)} cannot be assigned to: it is no variable")
        if old == MEASURED:
            return
        try:
            indices = statement.target.indices
            codes = [index for index in indices if isinstance(index, tuple) and not isinstance(index, Range | IndexSet)]
            if len(codes) != len(indices):
                raise Refused("only single elements of an array can be assigned to")
            target: Code = (Name(name), *(i for code in codes for i in (*code, Operator("[]", 2))))
            value = env.evaluate(statement.value)
            if statement.operator:
                value = env.evaluate((*target, *statement.value, Operator(statement.operator, 2)))
            if codes and not isinstance(old, Runtime | Unset):
                env.evaluate(target)  # refuses an index that is out of range
                scope[name] = replaced(old, [env.integer(code) for code in codes], value)
            else:
                scope[name] = to_angle(value) if isinstance(old, float | Affine | Expression) else value
        except Undetermined as undetermined:
            scope[name] = Runtime(str(undetermined))

    def _alias(self, statement: Alias) -> None:
        parts = [self._env.resolve(part) for part in statement.parts]
        qubits = tuple(q for part in parts for q in part.qubits)
        if len(set(qubits)) != len(qubits):
            raise Refused(f"the alias {shown(statement.name)} holds one qubit twice")
        self._env.new(statement.name, Register(qubits, len(parts) == 1 and parts[0].single))

    def _define(self, statement: GateDefinition) -> None:
        self._global("a gate definition")
        self._gateset.define(self._text, statement, self._env.constants.keys())

    def _opaque(self, statement: Opaque) -> None:
        self._gateset.declare_opaque(statement.name)

    # What is no gate.

    def _measure(self, statement: Measure) -> None:
        self._note_measured(statement.source, statement)

    def _note_measured(self, source: Operand, statement: Statement) -> None:
        place, after = self._place(statement), len(self._gates)
        self._measurements += [_Event(q, after, place) for q in self._env.resolve(source).qubits]

    def _reset(self, statement: Reset) -> None:
        place, after = self._place(statement), len(self._gates)
        self._resets += [_Event(q, after, place) for q in self._env.resolve(statement.target).qubits]

    def _timing(self, statement: Timing) -> None:
        for operand in statement.operands:
            self._env.resolve(operand)

    # Gates.

    def _call(self, statement: Call) -> None:
        entry = self._gateset.find(statement.name)
        check_angles(statement, entry)
        angles = self._env.angles(statement.arguments)
        groups = self._env.groups(statement.operands)
        place = self._call_location or self._text.location(statement.start, statement.end)
        if statement.modifiers:
            self._modified(statement, entry, angles, groups, place)
            return
        if groups:
            check_qubits(statement.name, entry, len(groups[0]))
        for qubits in groups:
            self._apply(statement.name, entry, angles, qubits, place)

    def _apply(
        self, name: str, entry: Entry, angles: tuple[Angle, ...], qubits: tuple[int, ...], place: Location
    ) -> None:
        if isinstance(entry, Definition):
            if entry.native is None or (self._exact and not entry.exact):
                self._expand_block(name, entry, angles, qubits, place)
                return
            entry = entry.native
        kind = entry.kind
        word = ""
        if angles:
            if kind == "id":
                angles = ()
            elif self._numbers_train and (kind != "gphase" or self._exact):
                angles = tuple([self._trained(angle) for angle in angles])
            if kind == "pauli_rotation":
                word = name.removeprefix("pauli_").upper()
        self._step(1)
        self._gates.append(Gate(kind, qubits, angles, entry.controls, word, place))

    def _trained(self, angle: Angle) -> Angle:
        """In a file without inputs: the parameter that a number stands for, unless it is a fixed angle."""
        if not isinstance(angle, float):
            return angle
        known = self._numbers.get(angle)
        if known is None:
            known = angle
            if not is_dyadic(angle):
                rounded = f"{angle:.11e}"
                known = self._rounded.get(rounded)
                if known is None:
                    name = f"theta{len(self._parameters)}"
                    self._parameters[name] = Parameter(name, value=angle)
                    known = self._rounded[rounded] = parameter(name)
            self._numbers[angle] = known
        if known is not angle and not isinstance(known, float):
            self._places += 1
        return known

    def _expand_block(
        self, name: str, definition: Definition, angles: tuple[Angle, ...], qubits: tuple[int, ...], place: Location
    ) -> None:
        if self._steps + definition.size > MAX_STEPS:
            raise Refused(f"gate {shown(name)} expands to more than {MAX_STEPS} gates")
        if self._numbers_train:
            angles = tuple(self._trained(a) if i in definition.used else a for i, a in enumerate(angles))
        at, start = len(self._blocks), len(self._gates)
        self._blocks.append(Block(name, start, start, qubits, place))
        self._expand(definition, angles, qubits, place)
        if len(self._gates) > start:
            self._blocks[at] = Block(name, start, len(self._gates), qubits, place)
        else:
            del self._blocks[at:]

    def _expand(
        self, definition: Definition, angles: tuple[Angle, ...], qubits: tuple[int, ...], place: Location
    ) -> None:
        self._descend()
        env, statement = self._env, definition.statement
        outer = env.scopes, env.in_gate, self._text, self._call_location
        scope: Scope = dict(zip(statement.parameters, angles, strict=True))
        for formal, qubit in zip(statement.qubits, qubits, strict=True):
            scope[formal] = Register((qubit,), True)
        env.scopes, env.in_gate, self._text, self._call_location = [scope], True, definition.text, place
        try:
            self._step(1)
            self._execute(statement.body)
        finally:  # whoever gives a refusal its place must see the caller's text again
            env.scopes, env.in_gate, self._text, self._call_location = outer
            self._depth -= 1

    def _collected(self, action: Callable[[], None]) -> list[Gate]:
        """The gates that an action makes, kept apart from the circuit's."""
        outer = self._gates, self._blocks
        self._gates, self._blocks = [], []
        action()
        gates = self._gates
        self._gates, self._blocks = outer
        return gates

    def _tried(
        self, definition: Definition, angles: tuple[Angle, ...], qubits: tuple[int, ...]
    ) -> list[Gate] | None:
        """The gates of a definition with symbols for angles; None where they hang on what a call gives."""
        statement = definition.statement
        place = definition.text.location(statement.start, statement.end)
        outer = self._numbers_train, self._exact, self._unread, self._gates, self._blocks
        self._numbers_train, self._exact, self._unread, self._gates, self._blocks = False, True, {}, [], []
        try:
            self._expand(definition, angles, qubits, place)
            return None if self._unread else self._gates
        except Refused:
            return None
        finally:
            self._numbers_train, self._exact, self._unread, self._gates, self._blocks = outer

    def _modified(
        self,
        statement: Call,
        entry: Entry,
        angles: tuple[Angle, ...],
        groups: tuple[tuple[int, ...], ...],
        place: Location,
    ) -> None:
        controls = ""
        powers: list[float | None] = []  # outermost first; None is an inverse
        for modifier in statement.modifiers:
            if modifier.kind == "inv":
                powers.append(None)
            elif modifier.kind == "pow":
                exponent = to_angle(self._env.evaluate(modifier.argument or ()))
                if not isinstance(exponent, float):
                    raise Undetermined(f"an exponent depends on the parameter {names(exponent)[0]!r}")
                powers.append(exponent)
            else:
                count = 1 if modifier.argument is None else self._env.integer(modifier.argument)
                if not 1 <= count <= len(statement.operands):
                    raise Refused(f"`{modifier.kind}({count})` does not fit to {len(statement.operands)} qubits")
                controls += ("1" if modifier.kind == "ctrl" else "0") * count
        outer, self._exact = self._exact, self._exact or bool(controls)
        for qubits in groups:
            check_qubits(statement.name, entry, max(0, len(qubits) - len(controls)))
            own = qubits[len(controls) :]
            plain = entry.native is not None and entry.exact if isinstance(entry, Definition) else True
            gates = self._collected(lambda q=own: self._apply(statement.name, entry, angles, q, place))  # type: ignore[misc]
            for power in reversed(powers):
                gates = inverted(gates) if power is None else powered(gates, power, MAX_STEPS - self._steps)
            gates = under_control(gates, controls, qubits[: len(controls)])
            self._step(len(gates))
            if gates and not plain:
                start = len(self._gates)
                self._blocks.append(Block(statement.name, start, start + len(gates), qubits, place))
            self._gates += gates
        self._exact = outer


def _typed(kind: str, value: Value) -> Value:
    if isinstance(value, tuple):
        return value
    if kind in ("float", "angle"):
        return to_angle(value)
    if kind in ("int", "uint") and isinstance(value, float):
        return to_integer(float(int(value)))
    return value


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
