"""Loops over arrays, plain Python or compiled: loading the compiler takes longer than a small circuit does.

`kernel` marks a loop that is called from outside, `helper` and `leaf` a function that kernels call. All stay what they
are until a kernel is called outside of `interpreted()`; it is then compiled, or its machine code read from the disk, by
numba.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from threading import Lock
from types import FunctionType
from typing import Any, TypeVar

import numpy as np

F = TypeVar("F", bound=Callable[..., Any])

PATIENCE = 0.3
"""Seconds of interpreted work, in all, that are as good as loading the compiler."""

_INTERPRETED: ContextVar[bool] = ContextVar("interpreted", default=False)
_HELPERS: set[Callable[..., Any]] = set()
_LEAVES: set[Callable[..., Any]] = set()
_LOCK = Lock()


class Account:
    """Decides for each piece of work whether it is worth the compiler; what was interpreted before counts.

    Attributes
    ----------
    spent : float
        Seconds of interpreted work so far, as estimated.
    """

    def __init__(self) -> None:
        self.spent = 0.0

    def interprets(self, seconds: float) -> bool:
        """Whether work that would take so many seconds as plain Python is to run so, which is then counted."""
        if "numba" in sys.modules or self.spent + seconds > PATIENCE:
            return False
        self.spent += seconds
        return True


@contextmanager
def interpreted() -> Iterator[None]:
    """Inside, kernels called by this thread run as plain Python; integers wrap around as in machine code."""
    token = _INTERPRETED.set(True)
    try:
        with np.errstate(all="ignore"):
            yield
    finally:
        _INTERPRETED.reset(token)


def helper(function: F) -> F:
    """A function that kernels call; where they are compiled it is compiled into them."""
    _HELPERS.add(function)
    return function


def leaf(function: F) -> F:
    """A helper that makes no arrays, and returns none; such small ones are much faster for not counting references."""
    _LEAVES.add(function)
    return function


class Kernel:
    """A loop in both forms; `plain` is the interpreted one."""

    def __init__(self, function: Callable[..., Any], plain: Callable[..., Any]) -> None:
        self.function = function
        self.plain = plain
        self.__doc__ = function.__doc__
        self._machine: Callable[..., Any] | None = None

    def __call__(self, *arguments: Any) -> Any:
        """Run it, in the form that the context asks for."""
        return self.plain(*arguments) if _INTERPRETED.get() else self.machine(*arguments)

    @property
    def machine(self) -> Callable[..., Any]:
        """The compiled form."""
        if self._machine is None:
            from ansatzlint.moments.compiled import compiled

            with _LOCK:  # threads must not compile the same twice
                self._machine = self._machine or compiled(_linked(self.function))
        return self._machine


def kernel(function: Callable[..., Any]) -> Kernel:
    """A loop over arrays; interpreted it is the function itself."""
    return Kernel(function, function)


def kernel_beside(plain: Callable[..., Any]) -> Callable[[Callable[..., Any]], Kernel]:
    """A loop over arrays that is written in whole arrays, too, as `plain`, which runs where it is not compiled."""
    return lambda function: Kernel(function, plain)


def ones(word: Any) -> int:
    """Number of set bits of a uint64."""
    return int(word).bit_count()


def _linked(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function with the compiled forms of what it calls in place of the interpreted ones."""
    assert isinstance(function, FunctionType)
    code, scope = function.__code__, dict(function.__globals__)
    for name in code.co_names:
        if name in scope:
            scope[name] = _compiled_form(scope[name])
    linked = FunctionType(code, scope, function.__name__, function.__defaults__, function.__closure__)
    linked.__qualname__ = function.__qualname__
    return linked


def _compiled_form(value: Any) -> Any:
    """What compiled code calls in place of a global; numbers and modules stay."""
    from ansatzlint.moments import compiled

    if value is ones:
        return compiled.ones
    if isinstance(value, Kernel):
        # The lock is held by whoever links.
        value._machine = value._machine or compiled.compiled(_linked(value.function))
        return value._machine
    if isinstance(value, FunctionType) and (value in _HELPERS or value in _LEAVES):
        return _inlined(value)
    return value


@cache
def _inlined(function: Callable[..., Any]) -> Any:
    from ansatzlint.moments.compiled import inlined, leaf

    return (leaf if function in _LEAVES else inlined)(_linked(function))
