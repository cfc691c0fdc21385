"""Expressions: text to postfix code (precedence climbing), and code to values.

A value is a bool, an int, an angle (`ansatzlint.angles`) or a tuple of values. Integers stay within 64 bits (a longer
literal is a float), an angle within `MAX_SIZE` operations and `MAX_DEPTH` levels, numbers finite.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sized

from ansatzlint import angles
from ansatzlint.angles import Affine, Angle, Expression
from ansatzlint.errors import ParseError
from ansatzlint.readers.openqasm.lexer import Token, token
from ansatzlint.readers.openqasm.statements import Code, Item, Name, Operator
from ansatzlint.readers.openqasm.text import Text, shown, suggestion

MAX_PARENTHESES = 64
MAX_ITEMS = 100_000
"""Items of one expression, and expressions or operands of one list."""
MAX_SIZE = 1000
MAX_DEPTH = 64
_MAX_DIGITS = 300
_MAX_INTEGER = 2**63

Value = bool | int | Angle | tuple["Value", ...]

CONSTANTS: Mapping[str, float] = {
    "pi": math.pi, "π": math.pi, "tau": math.tau, "τ": math.tau, "euler": math.e, "ℇ": math.e,
}  # fmt: skip
FUNCTIONS: Mapping[str, str] = {
    **{name: name for name in ("sin", "cos", "tan", "arcsin", "arccos", "arctan", "exp", "sqrt", "log")},
    **{name: name for name in ("floor", "ceiling")},
    "asin": "arcsin", "acos": "arccos", "atan": "arctan", "ln": "log",
}  # fmt: skip
"""Names in the source, the functions of `ansatzlint.angles` that they mean."""

_CASTS = frozenset(["int", "uint", "float", "angle", "bool"])
_PRECEDENCE = {
    "||": 1, "&&": 2, "|": 3, "^": 4, "&": 5, "==": 6, "!=": 6, "<": 7, ">": 7, "<=": 7, ">=": 7,
    "<<": 8, ">>": 8, "+": 9, "-": 9, "*": 10, "/": 10, "%": 10, "**": 12,
}  # fmt: skip
_UNARY = 11
_BINARY = {symbol: Operator(symbol, 2) for symbol in _PRECEDENCE}


class Refused(Exception):  # noqa: N818 - caught where the place is known, never shown as an error of its own
    """What the source says cannot be meant; whoever executes the statement adds the place.

    `offset` is where in the text that is, None for the start of the statement.
    """

    def __init__(self, message: str, offset: int | None = None) -> None:
        super().__init__(message)
        self.offset = offset


class Undetermined(Exception):  # noqa: N818 - no error: the statement is left out
    """Something hangs on a value that is known only when the circuit runs; the text says on what."""


class ExpressionParser:
    """A cursor over the tokens of a text: `token` is the current one, `position` where the next one starts."""

    def __init__(self, text: Text, version: int) -> None:
        self.text = text
        self.version = version
        self.position = 0
        self.before = 0
        self.token = Token("end", "", 0, 0)
        self._depth = 0

    def next(self) -> None:
        """Go to the next token."""
        self.before = self.token.end
        self.token = found = token(self.text, self.position)
        self.position = found.end

    def error(self, message: str) -> ParseError:
        """An error at the current token."""
        return self.text.syntax_error(message, self.token.start)

    def found(self) -> str:
        """The current token as an error message shows it."""
        return "the end of the file" if self.token.kind == "end" else shown(self.token.text)

    def expect(self, symbol: str) -> None:
        """Go over a symbol that must stand here."""
        if self.token.text != symbol:
            raise self.error(f"expected `{symbol}`, found {self.found()}")
        self.next()

    def name(self, what: str) -> str:
        """Go over a name that must stand here."""
        if self.token.kind != "name":
            raise self.error(f"expected {what}, found {self.found()}")
        name = self.token.text
        self.next()
        return name

    def codes(self, closing: str) -> tuple[Code, ...]:
        """Expressions with commas between them, up to the closing symbol, which stays the current token."""
        codes: list[Code] = []
        while self.token.text != closing:
            if codes:
                self.expect(",")
            codes.append(self.expression())
            self.limit(codes)
        return tuple(codes)

    def limit(self, items: Sized) -> None:
        """An error if a list has grown too long."""
        if len(items) > MAX_ITEMS:
            raise self.error(f"this list or expression has more than {MAX_ITEMS} items")

    def expression(self) -> Code:
        """One expression."""
        out: list[Item] = []
        self._binary(out, 0)
        return tuple(out)

    def _binary(self, out: list[Item], minimum: int) -> None:
        if self._depth >= MAX_PARENTHESES:
            raise self.error(f"this expression nests more than {MAX_PARENTHESES} deep")
        self._depth += 1
        self._prefix(out)
        while self.token.kind == "symbol":
            symbol = self.token.text
            if symbol == "^" and self.version == 2:
                symbol = "**"
            precedence = _PRECEDENCE.get(symbol, -1)
            if precedence < minimum:
                break
            self.next()
            self.limit(out)
            self._binary(out, precedence if symbol == "**" else precedence + 1)
            out.append(_BINARY[symbol])
        self._depth -= 1

    def _prefix(self, out: list[Item]) -> None:
        kind, text = self.token.kind, self.token.text
        if kind in ("integer", "float"):
            out.append(self._number())
        elif kind == "name":
            self._named(out)
        elif text == "(":
            self.next()
            self._binary(out, 0)
            self.expect(")")
        elif text in ("-", "+", "!", "~"):
            self.next()
            self._binary(out, _UNARY)
            if text != "+":
                out.append(Operator(text, 1))
        elif text == "{":
            self.next()
            items = self.codes("}")
            self.next()
            for item in items:
                out.extend(item)
            out.append(Operator("{}", len(items)))
        elif kind == "time":
            self.next()
            out.append(Operator("duration", 0))
        else:
            raise self.error(f"expected a number, a name or `(`, found {self.found()}")
        while self.token.text == "[":
            self.next()
            self._binary(out, 0)
            count = 1
            while self.token.text == ",":
                self.next()
                self._binary(out, 0)
                count += 1
            self.expect("]")
            out.append(Operator("[]", count + 1))

    def _number(self) -> float | int:
        digits = self.token.text.replace("_", "")
        if self.token.kind == "float":
            value: float | int = float(digits)
        elif len(digits) > _MAX_DIGITS:
            raise self.error(f"the integer {shown(digits)[1:-1]} is too long")
        else:
            value = int(digits, 0 if digits[1:2].isalpha() else 10)
            if value >= _MAX_INTEGER:
                value = float(value)  # such as a comparison with a long classical register
        self.next()
        return value

    def _named(self, out: list[Item]) -> None:
        name, start = self.token.text, self.token.start
        self.next()
        if name in _CASTS and self.token.text == "[" and self.version == 3:
            self.next()
            self._binary([], 0)
            self.expect("]")
        if self.token.text == "(":
            self.next()
            arguments = self.codes(")")
            self.next()
            for argument in arguments:
                out.extend(argument)
            out.append(Operator(name, len(arguments)))
        elif name in ("true", "false") and self.version == 3:
            out.append(name == "true")
        elif name == "measure":
            raise self.text.syntax_error("a measurement cannot stand inside an expression", start)
        else:
            out.append(Name(name))


def to_angle(value: Value) -> Angle:
    """A value as an angle; Refused for an array."""
    if isinstance(value, tuple):
        raise Refused("an array stands where a number is needed: add an index")
    return float(value) if isinstance(value, int) else value


def to_integer(value: Value) -> int:
    """A value as an integer, for sizes, indices and bounds."""
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < _MAX_INTEGER:
        return int(value)
    if isinstance(value, Affine | Expression):
        raise Undetermined(f"an integer depends on the parameter {angles.names(value)[0]!r}")
    raise Refused(f"an integer is needed here, not {'an array' if isinstance(value, tuple) else value}")


class Evaluator:
    """Evaluates codes of one OpenQASM version.

    Raises
    ------
    Refused
        For what has no finite value, an unknown name or function, integers and angles beyond the limits.
    Undetermined
        Where a name's value is known only at run time.
    """

    def __init__(self, version: int) -> None:
        self.version = version
        self.left_out: set[str] = set()  # functions whose values are not known
        self._weights: dict[int, tuple[Expression, int, int]] = {}

    def __call__(self, code: Code, lookup: Callable[[str], Value]) -> Value:
        stack: list[Value] = []
        for item in code:
            if isinstance(item, Operator):
                count = item.arity
                arguments = stack[len(stack) - count :]
                del stack[len(stack) - count :]
                try:
                    value = self._apply(item.symbol, arguments)
                except ZeroDivisionError:
                    raise Refused("division by zero") from None
                except OverflowError:
                    raise Refused("a number is too large") from None
                self._check(value)
                stack.append(value)
            elif isinstance(item, Name):
                stack.append(lookup(item.name))
            else:
                if item.__class__ is float and not math.isfinite(item):
                    raise Refused("a number is too large")
                stack.append(item)
        return stack[0]

    def _check(self, value: Value) -> None:
        if isinstance(value, float):
            if not math.isfinite(value):
                raise Refused("an angle is infinite or no number")
        elif isinstance(value, int):
            if abs(value) >= _MAX_INTEGER:
                raise Refused("an integer does not fit into 64 bits")
        elif isinstance(value, Affine):
            if len(value.terms) > MAX_SIZE:
                raise Refused(f"an angle depends on more than {MAX_SIZE} parameters")
            if not math.isfinite(value.constant) or not all(math.isfinite(c) for _, c in value.terms):
                raise Refused("an angle is infinite or no number")
        elif isinstance(value, Expression) and id(value) not in self._weights:
            size, depth = 1, 1
            for argument in value.arguments:
                weight = self._weights.get(id(argument))
                if weight is not None:
                    size, depth = size + weight[1], max(depth, weight[2] + 1)
                else:
                    size += len(argument.terms) if isinstance(argument, Affine) else 1
                    depth = max(depth, 2)
            if size > MAX_SIZE or depth > MAX_DEPTH:
                raise Refused(f"an angle has more than {MAX_SIZE} operations or {MAX_DEPTH} levels")
            self._weights[id(value)] = value, size, depth  # keeps it alive, so that its id stays its own

    def _apply(self, symbol: str, arguments: list[Value]) -> Value:
        if symbol == "{}":
            return tuple(arguments)
        if symbol == "[]":
            return _index(arguments[0], arguments[1:])
        if symbol == "duration":
            raise Refused("a duration is no number")
        if symbol == "sizeof":
            return _size(arguments)
        if symbol in _COMPARISONS or symbol in _LOGICAL:
            return self._decide(symbol, arguments)
        if symbol in self.left_out:
            raise Undetermined("a call of a subroutine is not read")
        numbers = [to_angle(a) for a in arguments]
        integers = [int(a) for a in arguments if isinstance(a, int)]
        if symbol in _INTEGER:
            if len(integers) != len(arguments):
                raise Refused(f"`{symbol}` needs integers")
            return _INTEGER[symbol](*integers)
        if len(arguments) == 2:
            return self._binary(symbol, numbers, integers)
        if len(arguments) != 1:
            raise _unknown(symbol, len(arguments))
        (a,) = numbers
        if symbol == "-":
            return -integers[0] if integers else angles.negate(a)
        if symbol in ("float", "angle"):
            return a
        if symbol in ("int", "uint"):
            if isinstance(a, float):
                return math.trunc(a)
            raise Undetermined(f"an integer depends on the parameter {angles.names(a)[0]!r}")
        if symbol not in FUNCTIONS:
            raise _unknown(symbol, 1)
        try:
            return angles.apply(FUNCTIONS[symbol], a)
        except ValueError:
            raise Refused(f"{symbol}({a:g}) is not a real number") from None

    def _binary(self, symbol: str, numbers: list[Angle], integers: list[int]) -> Value:
        a, b = numbers
        whole = len(integers) == 2
        match symbol:
            case "+":
                return sum(integers) if whole else angles.add(a, b)
            case "-":
                return integers[0] - integers[1] if whole else angles.subtract(a, b)
            case "*":
                return integers[0] * integers[1] if whole else angles.multiply(a, b)
            case "/":
                if whole and self.version == 3:
                    quotient = abs(integers[0]) // abs(integers[1])
                    return quotient if (integers[0] < 0) == (integers[1] < 0) else -quotient
                return angles.divide(a, b)
            case "%" | "mod":
                if b == 0.0:
                    raise ZeroDivisionError
                if isinstance(a, float) and isinstance(b, float):
                    return int(math.fmod(a, b)) if whole else math.fmod(a, b)
                return Expression("mod", (a, b))
            case "**" | "pow":
                return self._power(a, b, integers)
        raise _unknown(symbol, 2)

    def _power(self, a: Angle, b: Angle, integers: list[int]) -> Value:
        if len(integers) == 2 and integers[1] >= 0:
            if abs(integers[0]) > 1 and integers[1] > 63:
                raise OverflowError
            return int(integers[0] ** integers[1])
        if isinstance(a, float) and isinstance(b, float) and a < 0 and not b.is_integer():
            raise Refused(f"pow({a:g}, {b:g}) is not a real number")
        return angles.power(a, b)

    def _decide(self, symbol: str, arguments: list[Value]) -> bool:
        for argument in arguments:
            if isinstance(argument, Affine | Expression):
                raise Undetermined(f"a condition depends on the parameter {angles.names(argument)[0]!r}")
            if isinstance(argument, tuple):
                raise Refused("an array cannot be compared: add an index")
        if symbol in _LOGICAL:
            return _LOGICAL[symbol](*(bool(a) for a in arguments))
        return _COMPARISONS[symbol](*arguments)


def _unknown(symbol: str, count: int) -> Refused:
    known = {*FUNCTIONS, *_CASTS, "pow", "mod", "sizeof"}
    if symbol in known:
        return Refused(f"{symbol} takes {2 if symbol in ('pow', 'mod') else 1} arguments, not {count}")
    return Refused(f"unknown function {shown(symbol)}{suggestion(symbol, known)}")


def _index(array: Value, indices: list[Value]) -> Value:
    for index in indices:
        if not isinstance(array, tuple):
            raise Refused("an index is applied to something that is no array")
        at = to_integer(index)
        if not -len(array) <= at < len(array):
            raise Refused(f"index {at} is out of range: the array has {len(array)} elements")
        array = array[at]
    return array


def _size(arguments: list[Value]) -> int:
    array = arguments[0] if arguments else 0
    for _ in range(to_integer(arguments[1]) if len(arguments) == 2 else 0):
        array = array[0] if isinstance(array, tuple) and array else 0
    if not isinstance(array, tuple):
        raise Refused("sizeof needs an array or a register")
    return len(array)


_COMPARISONS: Mapping[str, Callable[..., bool]] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
_LOGICAL: Mapping[str, Callable[..., bool]] = {
    "&&": lambda a, b: a and b,
    "||": lambda a, b: a or b,
    "!": lambda a: not a,
    "bool": lambda a: a,
}


def _shift(a: int, b: int) -> int:
    if not 0 <= b < 64:
        raise OverflowError
    return a << b


_INTEGER: Mapping[str, Callable[..., int]] = {
    "&": lambda a, b: a & b,
    "|": lambda a, b: a | b,
    "^": lambda a, b: a ^ b,
    "~": lambda a: ~a,
    "<<": _shift,
    ">>": lambda a, b: a >> min(max(b, 0), 64),
}
