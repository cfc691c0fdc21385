"""Rotation angles: a number, an affine expression of parameters, or a general expression.

An `Angle` is one of

- `float`, in radians;
- `Affine`, constant + sum of coefficient * parameter, kept as such because the engines treat it exactly;
- `Expression`, anything else, such as `(pi - x0)*(pi - x1)`: an operation on angles.

Build them with the functions below, which keep the simplest of the three forms; two affine angles are equal
exactly if they are equal as Python values.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Affine:
    """constant + sum of coefficient * parameter, in radians.

    `terms` holds (parameter name, coefficient) sorted by name; it is never empty and no coefficient is zero.
    """

    terms: tuple[tuple[str, float], ...]
    constant: float = 0.0


@dataclass(frozen=True, slots=True)
class Expression:
    """An operation on angles that is not affine: `operation` is a key of `OPERATIONS`."""

    operation: str
    arguments: tuple[Angle, ...]


Angle = float | Affine | Expression

FUNCTIONS: Mapping[str, Callable[[float], float]] = {
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
    "arcsin": math.asin,
    "arccos": math.acos,
    "arctan": math.atan,
    "sinh": math.sinh,
    "cosh": math.cosh,
    "tanh": math.tanh,
    "exp": math.exp,
    "log": math.log,
    "sqrt": math.sqrt,
    "abs": abs,
    "floor": math.floor,
    "ceiling": math.ceil,
    "sign": lambda x: float((x > 0) - (x < 0)),
}
"""One-argument functions that an angle may contain."""

OPERATIONS: Mapping[str, Callable[..., float]] = {
    "add": lambda a, b: a + b,
    "multiply": lambda a, b: a * b,
    "divide": lambda a, b: a / b,
    "power": lambda a, b: a**b,
    "mod": math.fmod,
    **FUNCTIONS,
}


def parameter(name: str) -> Affine:
    """The angle that is the parameter `name` itself."""
    return Affine(((name, 1.0),))


def _affine(terms: Mapping[str, float], constant: float) -> Angle:
    kept = tuple(sorted((name, c) for name, c in terms.items() if c != 0.0))
    return Affine(kept, constant) if kept else constant


def add(a: Angle, b: Angle) -> Angle:
    """a + b."""
    if isinstance(a, Expression) or isinstance(b, Expression):
        if a == 0.0:
            return b
        return a if b == 0.0 else Expression("add", (a, b))
    terms = dict(a.terms) if isinstance(a, Affine) else {}
    constant = a.constant if isinstance(a, Affine) else a
    if isinstance(b, Affine):
        for name, coefficient in b.terms:
            terms[name] = terms.get(name, 0.0) + coefficient
        return _affine(terms, constant + b.constant)
    return _affine(terms, constant + b)


def multiply(a: Angle, b: Angle) -> Angle:
    """a * b."""
    if isinstance(a, float) and isinstance(b, float):
        return a * b
    if isinstance(b, float):
        a, b = b, a
    if isinstance(a, float):
        if a == 1.0:
            return b
        if isinstance(b, Affine):
            factor = a
            return _affine({name: factor * c for name, c in b.terms}, factor * b.constant)
    return Expression("multiply", (a, b))


def negate(a: Angle) -> Angle:
    """-a."""
    return multiply(-1.0, a)


def subtract(a: Angle, b: Angle) -> Angle:
    """a - b."""
    return add(a, negate(b))


def divide(a: Angle, b: Angle) -> Angle:
    """a / b; raises ZeroDivisionError where b is the number 0."""
    if isinstance(b, float):
        if isinstance(a, Affine):
            return _affine({name: c / b for name, c in a.terms}, a.constant / b)
        if isinstance(a, float):
            return a / b
        return a if b == 1.0 else Expression("divide", (a, b))
    return Expression("divide", (a, b))


def power(a: Angle, b: Angle) -> Angle:
    """a ** b."""
    if isinstance(a, float) and isinstance(b, float):
        return float(a**b)
    if b == 1.0:
        return a
    return Expression("power", (a, b))


def apply(function: str, a: Angle) -> Angle:
    """function(a), `function` a key of `FUNCTIONS`."""
    if isinstance(a, float):
        return float(FUNCTIONS[function](a))
    return Expression(function, (a,))


def names(angle: Angle) -> tuple[str, ...]:
    """The parameters that the angle depends on, each once, in order of appearance."""
    if isinstance(angle, float):
        return ()
    if isinstance(angle, Affine):
        return tuple(name for name, _ in angle.terms)
    found: dict[str, None] = {}
    for argument in angle.arguments:
        found.update(dict.fromkeys(names(argument)))
    return tuple(found)


def finite(angle: Angle) -> bool:
    """Whether every number that the angle is written with is finite."""
    if isinstance(angle, Affine):
        return math.isfinite(angle.constant) and all(math.isfinite(c) for _, c in angle.terms)
    if isinstance(angle, Expression):
        return all(map(finite, angle.arguments))
    return math.isfinite(angle)


def evaluate(angle: Angle, values: Mapping[str, float]) -> float:
    """The angle in radians where every parameter has the given value; KeyError if one is missing."""
    if isinstance(angle, float):
        return angle
    if isinstance(angle, Affine):
        return angle.constant + sum(c * values[name] for name, c in angle.terms)
    return float(OPERATIONS[angle.operation](*(evaluate(a, values) for a in angle.arguments)))


def substitute(angle: Angle, values: Mapping[str, Angle]) -> Angle:
    """The angle with the parameters in `values` replaced by angles; others stay."""
    if isinstance(angle, float):
        return angle
    if isinstance(angle, Affine):
        result: Angle = angle.constant
        for name, coefficient in angle.terms:
            result = add(result, multiply(coefficient, values.get(name, parameter(name))))
        return result
    arguments = [substitute(a, values) for a in angle.arguments]
    match angle.operation:
        case "add":
            return add(*arguments)
        case "multiply":
            return multiply(*arguments)
        case "divide":
            return divide(*arguments)
        case "power":
            return power(*arguments)
        case "mod":
            if all(isinstance(a, float) for a in arguments):
                return evaluate(Expression("mod", tuple(arguments)), {})
            return Expression("mod", tuple(arguments))
        case function:
            return apply(function, arguments[0])


def derivative(angle: Angle, name: str) -> Angle:
    """d angle / d name, zero beside the jumps of abs, floor, ceiling, sign and mod.

    A number whose logarithm does not exist stays under `log`: such a derivative exists nowhere.
    """
    if isinstance(angle, float):
        return 0.0
    if isinstance(angle, Affine):
        return dict(angle.terms).get(name, 0.0)
    if name not in names(angle):
        return 0.0
    a, *others = angle.arguments
    da = derivative(a, name)
    if not others:
        return _times(_SLOPES[angle.operation](a), da)
    b = others[0]
    db = derivative(b, name)
    match angle.operation:
        case "add":
            return add(da, db)
        case "multiply":
            return add(_times(da, b), _times(a, db))
        case "divide":
            return Expression("divide", (subtract(da, _times(angle, db)), b))
        case "mod":  # a - b trunc(a / b)
            quotient = Expression("divide", (a, b))
            whole = multiply(apply("sign", quotient), apply("floor", apply("abs", quotient)))
            return subtract(da, _times(whole, db))
        case _:  # power
            base = _times(_times(b, power(a, subtract(b, 1.0))), da)
            return add(base, _times(_times(angle, Expression("log", (a,))), db))


def _times(a: Angle, b: Angle) -> Angle:
    """a * b, 0 where one of the two is the number 0, whatever the other is."""
    return 0.0 if a == 0.0 or b == 0.0 else multiply(a, b)


_SLOPES: Mapping[str, Callable[[Angle], Angle]] = {
    "sin": lambda a: apply("cos", a),
    "cos": lambda a: negate(apply("sin", a)),
    "tan": lambda a: add(1.0, power(apply("tan", a), 2.0)),
    "arcsin": lambda a: Expression("divide", (1.0, apply("sqrt", subtract(1.0, power(a, 2.0))))),
    "arccos": lambda a: Expression("divide", (-1.0, apply("sqrt", subtract(1.0, power(a, 2.0))))),
    "arctan": lambda a: Expression("divide", (1.0, add(1.0, power(a, 2.0)))),
    "sinh": lambda a: apply("cosh", a),
    "cosh": lambda a: apply("sinh", a),
    "tanh": lambda a: subtract(1.0, power(apply("tanh", a), 2.0)),
    "exp": lambda a: apply("exp", a),
    "log": lambda a: Expression("divide", (1.0, a)),
    "sqrt": lambda a: Expression("divide", (0.5, apply("sqrt", a))),
    "abs": lambda a: apply("sign", a),
    "floor": lambda _: 0.0,
    "ceiling": lambda _: 0.0,
    "sign": lambda _: 0.0,
}


def fold(
    angle: Angle,
    number: Callable[[float], T],
    symbol: Callable[[str], T],
    operations: Mapping[str, Callable[..., T]],
) -> T:
    """Rebuild the angle in another algebra (Qiskit expressions, PennyLane values, text).

    `operations` gives add, multiply, divide, power, mod and the functions that the target has; KeyError names
    one that it has not.
    """
    if isinstance(angle, float):
        return number(angle)
    if isinstance(angle, Affine):
        total: T | None = None
        for name, coefficient in angle.terms:
            term = symbol(name)
            if coefficient != 1.0:
                term = operations["multiply"](number(coefficient), term)
            total = term if total is None else operations["add"](total, term)
        if angle.constant != 0.0:
            total = operations["add"](total, number(angle.constant))
        assert total is not None  # an Affine has terms
        return total
    arguments = (fold(a, number, symbol, operations) for a in angle.arguments)
    return operations[angle.operation](*arguments)


def to_text(angle: Angle, rename: Callable[[str], str] = str) -> str:
    """The angle as an infix formula that OpenQASM 3 and Python read, multiples of pi written as such."""
    text, _ = fold(
        angle,
        lambda value: (number_text(value), _SIGNED if value < 0.0 else _PRODUCT),
        lambda name: (rename(name), _ATOM),
        {
            "add": _sum_text,
            "multiply": _product_text,
            "divide": lambda a, b: _signed(f"{_wrap(a, _SIGNED)}/{_wrap(b, _ATOM)}"),
            "power": lambda a, b: (f"pow({a[0]}, {b[0]})", _ATOM),
            "mod": lambda a, b: (f"mod({a[0]}, {b[0]})", _ATOM),
            **{name: lambda a, name=name: (f"{name}({a[0]})", _ATOM) for name in FUNCTIONS},
        },
    )
    return text


def number_text(value: float) -> str:
    """A number as the shortest text that reads back to it exactly, multiples of pi written as such."""
    if value == 0.0 or not math.isfinite(value):
        return "0" if value == 0.0 else repr(value)
    for denominator in (1, 2, 3, 4, 6, 8, 16, 32, 64, 128, 256, 512, 1024) if abs(value) < 100.0 else ():
        numerator = round(value * denominator / math.pi)
        if numerator and abs(numerator) <= 64 and numerator * math.pi / denominator == value:
            head = {1: "pi", -1: "-pi"}.get(numerator, f"{numerator}*pi")
            return head if denominator == 1 else f"{head}/{denominator}"
    return repr(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)

# How tightly the outermost operator of a text binds; a signed text starts with a minus.
_SUM, _SIGNED, _PRODUCT, _ATOM = range(4)

_Text = tuple[str, int]


def _wrap(text: _Text, at_least: int) -> str:
    return text[0] if text[1] >= at_least else f"({text[0]})"


def _signed(text: str) -> _Text:
    return text, _SIGNED if text.startswith("-") else _PRODUCT


def _sum_text(a: _Text, b: _Text) -> _Text:
    if b[1] == _SIGNED:
        return f"{a[0]} - {b[0][1:]}", _SUM
    if a[1] == _SIGNED and b[1] > _SIGNED:
        return f"{b[0]} - {a[0][1:]}", _SUM
    return f"{a[0]} + {b[0]}", _SUM


def _product_text(a: _Text, b: _Text) -> _Text:
    if a[0] in ("-1", "1"):
        return _signed(f"{a[0][:-1]}{_wrap(b, _PRODUCT)}")
    return _signed(f"{_wrap(a, _SIGNED)}*{_wrap(b, _PRODUCT)}")
