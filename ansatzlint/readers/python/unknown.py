"""The result of a circuit that was recorded, not simulated: arithmetic passes it on, a decision ends the statement."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn


class Recorded(BaseException):
    """Ends the user's statement: its circuit is on record. No `except Exception` of the user's catches it."""


class Stop(BaseException):
    """Ends the run of a file; `str` says why, `out_of_time` that nothing more may run."""

    def __init__(self, reason: str, *, out_of_time: bool = False) -> None:
        super().__init__(reason)
        self.out_of_time = out_of_time


class Unknown:
    """A number or array that nobody computed."""

    __slots__ = ()
    __array_priority__ = 10_000

    def _pass_on(self, *_: Any, **__: Any) -> Unknown:
        return self

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise Recorded

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Unknown:
        if ufunc.__name__ in _DECISIONS:
            raise Recorded
        return self

    def __array_function__(self, *_: Any) -> Unknown:
        return self

    def __getattr__(self, name: str) -> Unknown:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _pass_on
    __pow__ = __rpow__ = __mod__ = __rmod__ = __floordiv__ = __rfloordiv__ = __matmul__ = __rmatmul__ = _pass_on
    __neg__ = __pos__ = __abs__ = __getitem__ = __call__ = __round__ = _pass_on
    __bool__ = __lt__ = __le__ = __gt__ = __ge__ = __int__ = __float__ = __complex__ = __index__ = _refuse
    __len__ = __iter__ = __contains__ = __array__ = __hash__ = __eq__ = __ne__ = _refuse


_DECISIONS = frozenset(
    ["less", "less_equal", "greater", "greater_equal", "equal", "not_equal", "sign", "isnan", "isfinite", "isinf",
     "logical_and", "logical_or", "logical_not", "rint", "floor", "ceil", "trunc"]
)  # fmt: skip


def holds_unknown(value: Any, depth: int = 4) -> bool:
    """Whether an argument is or holds the result of a circuit."""
    if isinstance(value, Unknown):
        return True
    if depth == 0:
        return False
    if isinstance(value, list | tuple):
        return any(holds_unknown(item, depth - 1) for item in value)
    if isinstance(value, dict):
        return any(holds_unknown(item, depth - 1) for item in value.values())
    dtype = getattr(value, "dtype", None)
    if dtype is not None and getattr(dtype, "kind", "") == "O":
        items: Callable[[], Any] = value.ravel
        return any(isinstance(item, Unknown) for item in items())
    return False
