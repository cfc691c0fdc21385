"""Numbers that remember the formula they came from, so that a circuit's own Python code computes its angles.

A `Traced` number holds a value and an `Angle`; arithmetic and numpy's functions act on both. It is no subclass of
`float`, since numpy would copy such numbers into a float array and forget the formula; arrays of traced numbers
are object arrays, on which slicing, reshaping, broadcasting and arithmetic work as usual.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import autoray
import numpy as np

from ansatzlint import angles
from ansatzlint.angles import Angle

MAX_SIZE = 4000
"""A formula with more operations than this is given up: the number goes on without it."""

_UNARY = ("sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "exp", "log", "sqrt")
_IN_MATH = {name.replace("arc", "a"): name for name in _UNARY} | {"fabs": "abs", "floor": "floor", "ceil": "ceiling"}
_NUMBERS = (int, float, np.integer, np.floating)


class Traced:
    """A real number `value` that is `angle` at the recorded parameters; `size` counts the operations in it."""

    __slots__ = ("angle", "size", "value")

    def __init__(self, value: float, angle: Angle, size: int = 1) -> None:
        self.value = float(value)
        self.angle: Angle = angle if size <= MAX_SIZE else self.value
        self.size = size

    def _binary(self, other: Any, compute: Callable[[Any, Any], Any], symbolic: Any, swap: bool = False) -> Any:
        if isinstance(other, Traced):
            value, angle, size = other.value, other.angle, other.size
        elif isinstance(other, _NUMBERS):
            value = angle = float(other)
            size = 0
        elif isinstance(other, complex | np.complexfloating):
            # a complex number has no angle; its value goes on
            return compute(other, self.value) if swap else compute(self.value, other)
        else:
            return NotImplemented
        left, right = ((value, angle), (self.value, self.angle)) if swap else ((self.value, self.angle), (value, angle))
        number = compute(left[0], right[0])
        if isinstance(number, complex):
            return number
        return Traced(number, symbolic(left[1], right[1]), size + self.size)

    def __add__(self, other: Any) -> Any:
        return self._binary(other, lambda a, b: a + b, angles.add)

    def __radd__(self, other: Any) -> Any:
        return self._binary(other, lambda a, b: a + b, angles.add, swap=True)

    def __sub__(self, other: Any) -> Any:
        return self._binary(other, lambda a, b: a - b, angles.subtract)

    def __rsub__(self, other: Any) -> Any:
        return self._binary(other, lambda a, b: a - b, angles.subtract, swap=True)

    def __mul__(self, other: Any) -> Any:
        return self._binary(other, lambda a, b: a * b, angles.multiply)

    def __rmul__(self, other: Any) -> Any:
        return self._binary(other, lambda a, b: a * b, angles.multiply, swap=True)

    def __truediv__(self, other: Any) -> Any:
        return self._binary(other, lambda a, b: a / b, angles.divide)

    def __rtruediv__(self, other: Any) -> Any:
        return self._binary(other, lambda a, b: a / b, angles.divide, swap=True)

    def __pow__(self, other: Any) -> Any:
        return self._binary(other, lambda a, b: a**b, angles.power)

    def __rpow__(self, other: Any) -> Any:
        return self._binary(other, lambda a, b: a**b, angles.power, swap=True)

    def __floordiv__(self, other: Any) -> Any:
        return np.floor(self / other)

    def __rfloordiv__(self, other: Any) -> Any:
        return np.floor(other / self)

    def __mod__(self, other: Any) -> Any:
        return self - other * (self // other)

    def __rmod__(self, other: Any) -> Any:
        return other - self * (other // self)

    def __neg__(self) -> Traced:
        return Traced(-self.value, angles.negate(self.angle), self.size)

    def __pos__(self) -> Traced:
        return self

    def __abs__(self) -> Traced:
        return self.apply("abs")

    def __floor__(self) -> Traced:
        return self.apply("floor")

    def __ceil__(self) -> Traced:
        return self.apply("ceiling")

    def apply(self, function: str) -> Traced:
        """`function` a key of `angles.FUNCTIONS`; ValueError outside its domain."""
        return Traced(angles.FUNCTIONS[function](self.value), angles.apply(function, self.angle), self.size + 1)

    def __getattr__(self, name: str) -> Callable[[], Traced]:
        # numpy computes sin(x) of an object as x.sin()
        if name in _UNARY:
            return lambda: self.apply(name)
        raise AttributeError(f"a number has no attribute {name!r}")

    def square(self) -> Any:
        return self * self

    def deg2rad(self) -> Any:
        return self * (math.pi / 180)

    radians = deg2rad

    def rad2deg(self) -> Any:
        return self * (180 / math.pi)

    degrees = rad2deg

    def conjugate(self) -> Traced:
        return self

    conj = conjugate

    def item(self) -> Traced:
        return self

    def unwrap(self) -> Any:
        # PennyLane's tensors unwrap what they meet, and then leave an object array to numpy
        return _box(self)

    @property
    def real(self) -> Traced:
        return self

    @property
    def imag(self) -> float:
        return 0.0

    @property
    def shape(self) -> tuple[int, ...]:
        return ()

    @property
    def ndim(self) -> int:
        return 0

    @property
    def requires_grad(self) -> bool:
        return False

    def __eq__(self, other: object) -> Any:
        return self.value == (other.value if isinstance(other, Traced) else other)

    def __lt__(self, other: Any) -> Any:
        return self.value < (other.value if isinstance(other, Traced) else other)

    def __le__(self, other: Any) -> Any:
        return self.value <= (other.value if isinstance(other, Traced) else other)

    def __gt__(self, other: Any) -> Any:
        return self.value > (other.value if isinstance(other, Traced) else other)

    def __ge__(self, other: Any) -> Any:
        return self.value >= (other.value if isinstance(other, Traced) else other)

    def __hash__(self) -> int:
        return hash(self.value)

    def __bool__(self) -> bool:
        return bool(self.value)

    def __float__(self) -> float:
        return self.value

    def __int__(self) -> int:
        return int(self.value)

    def __complex__(self) -> complex:
        return complex(self.value)

    def __round__(self, digits: int | None = None) -> float:
        return round(self.value, digits)

    def __trunc__(self) -> int:
        return int(self.value)

    def __copy__(self) -> Traced:
        return self

    def __deepcopy__(self, memo: object) -> Traced:
        return self

    def __format__(self, spec: str) -> str:
        return format(self.value, spec)

    def __repr__(self) -> str:
        return repr(self.value)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        # numpy has no loop over objects for every function (isnan, arctan2 …): those see plain numbers.
        return _ufunc(ufunc, method, inputs, kwargs)


def _ufunc(ufunc: Any, method: str, inputs: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    boxed = [_box(x) for x in inputs]
    if "out" in kwargs:
        kwargs = {**kwargs, "out": tuple(_box(x) for x in kwargs["out"])}
    try:
        result = getattr(ufunc, method)(*boxed, **kwargs)
    except (TypeError, AttributeError, ValueError, ArithmeticError):
        result = getattr(ufunc, method)(*(plain(x) for x in boxed), **kwargs)
    if isinstance(result, np.ndarray) and result.dtype == object:
        return result.view(TracedArray)
    return result


def _box(x: Any) -> Any:
    if isinstance(x, Traced):
        box = np.empty((), dtype=object)
        box[()] = x
        return box
    return x.view(np.ndarray) if isinstance(x, TracedArray) else x


class TracedArray(np.ndarray[Any, Any]):
    """An object array of traced numbers; what numpy cannot do with objects it does with their values."""

    requires_grad = False

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        return _ufunc(ufunc, method, inputs, kwargs)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if func is np.linalg.norm and len(args) == 1 and set(kwargs) <= {"axis"}:
            return np.sqrt(np.sum(args[0] * args[0], **kwargs))
        if func in _PREDICATES:
            return func(*(plain(a) for a in args), **kwargs)
        try:
            return super().__array_function__(func, types, args, kwargs)
        except TypeError:
            return func(*(plain(a) for a in args), **kwargs)

    def unwrap(self) -> Any:
        return self.view(np.ndarray)

    numpy = detach = cpu = unwrap


_PREDICATES = frozenset({np.allclose, np.isclose, np.array_equal, np.array_equiv, np.iscomplexobj, np.isrealobj})


def traced_array(values: Sequence[float], names: Sequence[str], shape: tuple[int, ...]) -> TracedArray:
    """An array of the given shape whose entries, in C order, are parameters of the given names."""
    flat = np.empty(len(values), dtype=object)
    for index, (value, name) in enumerate(zip(values, names, strict=True)):
        flat[index] = Traced(value, angles.parameter(name))
    return flat.reshape(shape).view(TracedArray)


def plain(x: Any) -> Any:
    """`x` with traced numbers replaced by their values, also inside arrays, lists and tuples."""
    if isinstance(x, Traced):
        return x.value
    if isinstance(x, np.ndarray) and x.dtype == object:
        values = [plain(item) for item in x.flat]
        try:
            return np.array(values).reshape(x.shape)
        except ValueError:
            return x
    if type(x) in (list, tuple):
        return type(x)(plain(item) for item in x)
    return x


def is_traced(x: Any) -> bool:
    """Whether a traced number stands in `x`, a number, an array, a list or a tuple."""
    if isinstance(x, Traced):
        return True
    if isinstance(x, np.ndarray):
        return x.dtype == object and any(isinstance(item, Traced) for item in x.flat)
    return isinstance(x, list | tuple) and any(is_traced(item) for item in x)


@contextmanager
def traced_math() -> Iterator[None]:
    """Inside, the functions of the module `math` follow traced numbers; other numbers are as ever."""
    saved = {name: getattr(math, name) for name in (*_IN_MATH, "pow", "radians", "degrees")}

    def follow(original: Callable[..., Any], symbolic: Callable[..., Any]) -> Callable[..., Any]:
        def function(*args: Any) -> Any:
            return symbolic(*args) if any(isinstance(a, Traced) for a in args) else original(*args)

        return function

    def one(name: str) -> Callable[..., Any]:
        return lambda x, *base: x.apply(name) / math.log(*base) if base else x.apply(name)

    try:
        for name, function in _IN_MATH.items():
            setattr(math, name, follow(saved[name], one(function)))
        setattr(math, "pow", follow(saved["pow"], lambda a, b: a**b))  # noqa: B010 - mypy knows `pow` as final
        setattr(math, "radians", follow(saved["radians"], lambda a: a.deg2rad()))  # noqa: B010
        setattr(math, "degrees", follow(saved["degrees"], lambda a: a.rad2deg()))  # noqa: B010
        yield
    finally:
        for name, original in saved.items():
            setattr(math, name, original)


# PennyLane's dispatcher takes a class for a backend by its module's name; traced numbers are numpy's business.
autoray.register_backend(Traced, "numpy")
