"""Text to statements: recursive descent over tokens, and a shortcut for flat gate calls.

The shortcut matches `name(angles) q[i], q[j];` with one regular expression and remembers what its pieces mean; it
makes the same statements as the long road, which `shortcut=False` takes for everything. On 40,000 flat gates the
long road alone takes three times as long (1.4 s and 0.44 s; `qiskit.qasm2.load` 0.15 s).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

from ansatzlint.errors import ParseError
from ansatzlint.readers.openqasm.lexer import line_end
from ansatzlint.readers.openqasm.operands import OperandParser
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
    Modifier,
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
from ansatzlint.readers.openqasm.text import Text, shown

_T = TypeVar("_T")

MAX_NESTING = 64
"""Blocks inside blocks, and gate definitions inside gate definitions."""

_NAME = r"[^\W\d]\w*+"
_FLAT = re.compile(
    rf"\s*+({_NAME})\s*+(?:\(([^;{{}}\"'@]*)\)\s*+)?"
    rf"({_NAME}(?:\[\d++\])?+(?:\s*+,\s*+{_NAME}(?:\[\d++\])?+)*+)\s*+;"
)
_NUMBER = re.compile(r"-?(?:\d++\.\d*+|\.\d++)(?:[eE][+-]?\d++)?")
_HEADER = re.compile(r"OPENQASM\s++(\d++)(?:\.(\d++))?+\s*+;")

_MINUS = Operator("-", 1)
_ASSIGNING = frozenset(["=", "+=", "-=", "*=", "/=", "%=", "^=", "&=", "|=", "<<=", ">>=", "**="])
_MODIFIERS = frozenset(["ctrl", "negctrl", "inv", "pow"])
_VARIABLES = frozenset(["int", "uint", "float", "angle", "bool", "complex", "duration", "stretch", "array", "const"])


class Parser(OperandParser):
    """Parses one text.

    Parameters
    ----------
    text : Text
    version : int
        2 or 3: the reserved words differ. `parse` takes the header's instead where there is one.
    shortcut : bool
        Whether flat gate calls take the shortcut.
    """

    def __init__(self, text: Text, version: int = 3, shortcut: bool = True) -> None:
        super().__init__(text, version)
        self._shortcut = shortcut
        self._blocks = 0
        self._arguments: dict[str, tuple[Code, ...]] = {}
        self._operands: dict[str, tuple[Operand, ...]] = {}
        self._keywords: dict[str, Callable[[], Statement | None]] = {}

    def parse(self) -> tuple[Statement, ...]:
        """All statements; ParseError for the first place that breaks the grammar."""
        self.next()
        if self.token.text == "OPENQASM":
            self._header()
        else:
            self.position = self.token.start
        self._keywords = self._table()
        return tuple(self._statements(""))

    def _header(self) -> None:
        match = _HEADER.match(self.text.content, self.token.start)
        if match is None:
            raise self.error("the header must read `OPENQASM 2.0;` or `OPENQASM 3.0;`")
        if match.group(1) not in ("2", "3"):
            raise self.error(f"OpenQASM {shown(match.group(1))[1:-1]} is not supported: use 2.0 or 3.0")
        self.version = int(match.group(1))
        self.position = match.end()

    def _table(self) -> dict[str, Callable[[], Statement | None]]:
        table: dict[str, Callable[[], Statement | None]] = {
            "include": self._include,
            "qreg": self._register,
            "creg": self._register,
            "gate": self._gate,
            "opaque": self._opaque,
            "measure": self._measure,
            "reset": self._reset,
            "barrier": self._barrier,
            "if": self._if,
            "OPENQASM": self._second_header,
            "pragma": self._line,
            "#": self._line,
            "@": self._line,
        }
        if self.version == 2:
            return table
        return table | {
            "qubit": self._typed_register,
            "bit": self._typed_register,
            "input": self._input,
            "output": self._output,
            "let": self._alias,
            "for": self._for,
            "box": self._box,
            "{": self._box,
            "delay": self._delay,
            "while": self._while,
            "def": lambda: self._skipped("a subroutine (`def`)"),
            "extern": lambda: self._skipped("an `extern` function"),
            "cal": lambda: self._skipped("pulse-level `cal`"),
            "defcal": lambda: self._skipped("pulse-level `defcal`"),
            "defcalgrammar": lambda: self._skipped("pulse-level `defcalgrammar`"),
            "switch": lambda: self._skipped("a `switch`"),
            "return": lambda: self._skipped("a `return` outside of a subroutine"),
            "break": self._jump,
            "continue": self._jump,
            "end": self._jump,
            **dict.fromkeys(_VARIABLES, self._variable),
            **dict.fromkeys(_MODIFIERS, self._call),
        }

    # Statements. Each starts with its first token current and ends with `position` behind its last one.

    def _statements(self, closing: str) -> list[Statement]:
        found: list[Statement] = []
        flat, content, keywords = _FLAT.match, self.text.content, self._keywords
        while True:
            match = flat(content, self.position) if self._shortcut else None
            if match is not None:
                name, inner, outer = match.groups()
                if name not in keywords:
                    call = self._flat(match, name, inner, outer)
                    if call is not None:
                        found.append(call)
                        self.position = match.end()
                        continue
            self.next()
            if self.token.text == closing and self.token.kind != "string":
                return found
            if self.token.kind == "end":
                raise self.error("this block is never closed: add `}`")
            if self.token.text == "}":
                raise self.error("`}` closes no block: remove it")
            statement = self._statement()
            if statement is not None:
                found.append(statement)

    def _flat(self, match: re.Match[str], name: str, inner: str | None, outer: str) -> Call | None:
        """The call that the shortcut matched, or None where the long road has to look at it."""
        arguments = () if inner is None else self._flat_angles(inner)
        if arguments is None:
            return None
        operands = self._operands.get(outer)
        if operands is None:
            operands = self._sub_parse(outer, lambda parser: parser.operand_list())
            if operands is None:
                return None
            self._operands[outer] = operands
        return Call((), name, arguments, operands, match.start(1), match.end())

    def _flat_angles(self, inner: str) -> tuple[Code, ...] | None:
        if _NUMBER.fullmatch(inner):
            number = float(inner)
            # The long road reads a sign as an operator.
            return ((number,),) if inner[0] != "-" else ((-number, _MINUS),)
        known = self._arguments.get(inner)
        if known is None and "//" not in inner and "/*" not in inner:
            known = self._sub_parse(inner, lambda parser: parser.codes(""))
            if known is not None:
                self._arguments[inner] = known
        return known

    def _sub_parse(self, piece: str, parse: Callable[[Parser], _T]) -> _T | None:
        parser = Parser(Text(piece, ""), self.version)
        try:
            parser.next()
            return parse(parser)
        except ParseError:  # the long road finds it again, and knows its place
            return None

    def _statement(self) -> Statement | None:
        action = self._keywords.get(self.token.text) if self.token.kind in ("name", "symbol") else None
        if action is not None:
            return action()
        if self.token.kind == "name":
            return self._gate_or_assignment()
        if self.token.kind == "hardware":
            return self._assignment(self.token.start, self.operand())
        if self.token.text == ";":
            self.position = self.token.end
            return None
        raise self.error(f"a statement cannot start with {shown(self.token.text)}")

    def _body(self) -> tuple[Statement, ...]:
        """A block, or one statement; the current token is its first."""
        if self._blocks >= MAX_NESTING:
            raise self.error(f"blocks nest more than {MAX_NESTING} deep")
        self._blocks += 1
        if self.token.text == "{":
            self.position = self.token.end
            body = tuple(self._statements("}"))
            self.position = self.token.end
        else:
            if self.token.kind == "end":
                raise self.error("a statement is missing at the end of the file")
            one = self._statement()
            body = () if one is None else (one,)
        self._blocks -= 1
        return body

    def _close(self) -> int:
        """The end of a statement behind its semicolon."""
        if self.token.text != ";":
            found = "the end of the file" if self.token.kind == "end" else shown(self.token.text)
            raise self.text.syntax_error(f"a semicolon is missing before {found}", self.before)
        self.position = self.token.end
        return self.token.end

    def _gate_or_assignment(self) -> Statement:
        start = self.token.start
        name = self.token.text
        self.next()
        if self.token.text in ("=", "["):
            return self._assignment(start, Operand(name, self.indices()))
        if self.token.kind == "symbol" and self.token.text.endswith("=") and self.token.text not in ("==", "<=", ">="):
            return self._assignment(start, Operand(name))
        return self._gate_call(start, (), name)

    def _assignment(self, start: int, target: Operand) -> Statement:
        operator = self.token.text
        if self.token.kind != "symbol" or not operator.endswith("=") or operator in ("==", "<=", ">=", "!="):
            raise self.error(f"expected a gate call or an assignment, found {self.found()}")
        self.next()
        if self.token.text == "measure" and operator == "=":
            self.next()
            source = self.operand()
            return Measure(source, start, self._close())
        value = self.expression()
        return Assign(target, operator[:-1], value, start, self._close())

    def _call(self) -> Statement:
        start = self.token.start
        modifiers: list[Modifier] = []
        while self.token.kind == "name" and self.token.text in _MODIFIERS:
            kind = self.token.text
            self.next()
            argument = None
            if self.token.text == "(":
                self.next()
                argument = self.expression()
                self.expect(")")
            elif kind == "pow":
                raise self.error("`pow` needs an exponent: write `pow(2) @`")
            self.expect("@")
            modifiers.append(Modifier(kind, argument))
        if self.token.kind != "name":
            raise self.error(f"expected a gate's name, found {self.found()}")
        name = self.token.text
        self.next()
        return self._gate_call(start, tuple(modifiers), name)

    def _gate_call(self, start: int, modifiers: tuple[Modifier, ...], name: str) -> Call:
        arguments: tuple[Code, ...] = ()
        if self.token.text == "(":
            self.next()
            arguments = self.codes(")")
            self.next()
        if self.token.text == "[" and self.version == 3:  # a gate's duration
            self.next()
            self.expression()
            self.expect("]")
        operands = self.operand_list() if self.token.text != ";" else ()
        if not operands and name != "gphase" and self.token.kind != "end" and not arguments:
            raise self.error(f"gate {shown(name)} is applied to no qubit")
        return Call(modifiers, name, arguments, operands, start, self._close())

    def _include(self) -> Statement:
        start = self.token.start
        self.next()
        if self.token.kind != "string":
            raise self.error(f'`include` needs a file name in quotes, found {self.found()}')
        file = self.token.text[1:-1]
        self.next()
        return Include(file, start, self._close())

    def _second_header(self) -> Statement:
        raise self.error("the header `OPENQASM` may stand only once, at the start of the file")

    def _line(self) -> None:
        """A pragma or an annotation: the rest of the line."""
        self.position = line_end(self.text, self.token.start)

    def _register(self) -> Statement:
        start, kind = self.token.start, self.token.text
        self.next()
        name = self.name("a register's name")
        size: Code | None = None
        if self.token.text == "[":
            self.next()
            size = self.expression()
            self.expect("]")
        elif self.version == 2:
            raise self.error(f"register {shown(name)} needs a size: write `{kind} {shown(name)[1:-1]}[4];`")
        end = self._close()
        return Qubits(name, size, start, end) if kind == "qreg" else Bits(name, None, start, end)

    def _typed_register(self) -> Statement:
        start, kind = self.token.start, self.token.text
        self.next()
        size: Code | None = None
        if self.token.text == "[":
            self.next()
            size = self.expression()
            self.expect("]")
        name = self.name(f"the name of a `{kind}`")
        if kind == "qubit":
            return Qubits(name, size, start, self._close())
        measured = None
        if self.token.text == "=":
            self.next()
            if self.token.text == "measure":
                self.next()
                measured = self.operand()
            elif self.token.kind == "string":
                self.next()
            else:
                self.expression()
        return Bits(name, measured, start, self._close())

    def _type(self) -> tuple[str, tuple[Code, ...]]:
        """(base type, sizes of an array's dimensions)."""
        kind = self.name("a type")
        if kind not in _VARIABLES and kind != "bit":
            raise self.error(f"unknown type {shown(kind)}")
        sizes: list[Code] = []
        if self.token.text == "[":
            self.next()
            if kind == "array":
                kind, _ = self._type()
                while self.token.text == ",":
                    self.next()
                    sizes.append(self.expression())
                self.expect("]")
            elif kind == "complex":
                self._type()
                self.expect("]")
            else:
                self.expression()
                self.expect("]")
        return kind, tuple(sizes)

    def _input(self) -> Statement:
        start = self.token.start
        self.next()
        kind, sizes = self._type()
        name = self.name("a parameter's name")
        return Input(name, kind, sizes, start, self._close())

    def _output(self) -> Statement:
        start = self.token.start
        self.next()
        self._type()
        name = self.name("a variable's name")
        return Bits(name, None, start, self._close())

    def _variable(self) -> Statement:
        start = self.token.start
        constant = self.token.text == "const"
        if constant:
            self.next()
        kind, _ = self._type()
        name = self.name("a variable's name")
        value: Code | None = None
        if self.token.text == "=":
            self.next()
            if self.token.text == "measure":
                self.next()
                measured = self.operand()
                return Bits(name, measured, start, self._close())
            value = self.expression()
        elif constant:
            raise self.error(f"the constant {shown(name)} needs a value")
        return Declare(name, kind, constant, value, start, self._close())

    def _alias(self) -> Statement:
        start = self.token.start
        self.next()
        name = self.name("an alias")
        self.expect("=")
        parts = [self.operand()]
        while self.token.text == "++":
            self.next()
            parts.append(self.operand())
        return Alias(name, tuple(parts), start, self._close())

    def _gate(self) -> Statement:
        start = self.token.start
        self.next()
        name = self.name("a gate's name")
        parameters: tuple[str, ...] = ()
        if self.token.text == "(":
            self.next()
            parameters = self._names(")")
            self.next()
        qubits = self._names("{")
        if self.token.text != "{":
            raise self.error(f"the body of gate {shown(name)} must start with `{{`, found {self.found()}")
        body = self._body()
        return GateDefinition(name, parameters, qubits, body, start, self.position)

    def _names(self, closing: str) -> tuple[str, ...]:
        names: list[str] = []
        while self.token.text != closing:
            if names:
                self.expect(",")
            names.append(self.name("a name"))
        return tuple(names)

    def _opaque(self) -> Statement:
        start = self.token.start
        self.next()
        name = self.name("a gate's name")
        if self.token.text == "(":
            self.next()
            self._names(")")
            self.next()
        self._names(";")
        return Opaque(name, start, self._close())

    def _measure(self) -> Statement:
        start = self.token.start
        self.next()
        source = self.operand()
        if self.token.text == "->":
            self.next()
            self.operand()
        return Measure(source, start, self._close())

    def _reset(self) -> Statement:
        start = self.token.start
        self.next()
        target = self.operand()
        return Reset(target, start, self._close())

    def _barrier(self) -> Statement:
        start = self.token.start
        self.next()
        operands = self.operand_list() if self.token.text != ";" else ()
        return Timing("barrier", operands, start, self._close())

    def _delay(self) -> Statement:
        start = self.token.start
        self.next()
        self.expect("[")
        self.expression()
        self.expect("]")
        operands = self.operand_list() if self.token.text != ";" else ()
        return Timing("delay", operands, start, self._close())

    def _box(self) -> Statement:
        start = self.token.start
        if self.token.text == "box":
            self.next()
            if self.token.text == "[":
                self.next()
                self.expression()
                self.expect("]")
            if self.token.text != "{":
                raise self.error(f"`box` must be followed by `{{`, found {self.found()}")
        body = self._body()
        return Box(body, start, self.position)

    def _condition(self) -> Code:
        self.next()
        self.expect("(")
        condition = self.expression()
        self.expect(")")
        return condition

    def _if(self) -> Statement:
        start = self.token.start
        condition = self._condition()
        then = self._body()
        end = self.position
        otherwise: tuple[Statement, ...] = ()
        if self.version == 3:
            self.next()
            if self.token.text == "else":
                self.next()
                otherwise = self._body()
                end = self.position
            else:
                self.position = self.token.start
        return If(condition, then, otherwise, start, end)

    def _for(self) -> Statement:
        start = self.token.start
        self.next()
        if self.token.text in _VARIABLES:
            self._type()
        variable = self.name("a loop variable")
        if self.token.text != "in":
            raise self.error(f"expected `in`, found {self.found()}")
        self.next()
        values: Range | IndexSet | Code
        if self.token.text == "[":
            self.next()
            index = self.index()
            if not isinstance(index, Range) or index.start is None or index.stop is None:
                raise self.error("a loop runs over `[first:last]`, `[first:step:last]` or `{a, b, c}`")
            values = index
            self.expect("]")
        elif self.token.text == "{":
            values = self.index_set()
        else:
            values = self.expression()
        body = self._body()
        return For(variable, values, body, start, self.position)

    def _while(self) -> Statement:
        start = self.token.start
        self._condition()
        body = self._body()
        return Unsupported("a `while` loop", assigned(body), start, self.position)

    def _jump(self) -> Statement:
        start, kind = self.token.start, self.token.text
        self.next()
        return Jump(kind, start, self._close())

    def _skipped(self, what: str) -> Statement:
        """A statement of another grammar: up to its semicolon, or over its braces."""
        start = self.token.start
        opener = self.token
        depth = 0
        names: list[str] = []
        changed: list[str] = []
        declares = None
        while True:
            self.next()
            if self.token.kind == "name":
                names.append(self.token.text)
            elif self.token.text in _ASSIGNING:
                changed += names
            elif self.token.text == "(" and declares is None and opener.text in ("def", "extern"):
                declares = names[-1] if names else None
            if self.token.text in ("{", "}", ";"):
                names.clear()
            if self.token.kind == "end":
                raise self.text.syntax_error(f"`{opener.text}` is never closed: add `}}` or `;`", opener.start)
            if self.token.text == "{":
                depth += 1
            elif self.token.text == "}":
                depth -= 1
                if depth <= 0:
                    break
            elif self.token.text == ";" and depth == 0:
                break
        self.position = self.token.end
        return Unsupported(what, tuple(changed) if opener.text == "switch" else (), start, self.position, declares)
