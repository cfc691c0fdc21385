"""What a Python file declares about a circuit that its code does not show."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from ansatzlint.errors import UsageError
from ansatzlint.initialisation import Initialisation, parse_initialisation

T = TypeVar("T")

ATTRIBUTE = "__ansatzlint__"
"""Where a declaration hangs on the function or QNode that it is about."""


@dataclass(frozen=True, slots=True)
class Declaration:
    """The declared facts, None or empty where nothing is declared.

    `args` holds values by position (tuple) or by name (mapping); a text "shape(2, 4, 3)" stands for an array of
    that shape whose numbers do not matter.
    """

    observable: str | None = None
    init: Initialisation | None = None
    args: tuple[Any, ...] | Mapping[str, Any] | None = None
    inputs: tuple[str, ...] = ()
    sizes: tuple[int, ...] = ()


def ansatz(
    *,
    observable: str | None = None,
    init: str | Initialisation | None = None,
    args: Sequence[Any] | Mapping[str, Any] | None = None,
    inputs: str | Sequence[str] = (),
    sizes: Sequence[int] = (),
) -> Callable[[T], T]:
    """Declare what the code of a circuit does not show; the function or QNode comes back unchanged.

    Parameters
    ----------
    observable : str, optional
        The cost, such as "Z0 Z1 + 0.5 X2", `local-z`, `global-z` or `projector`.
    init : str or Initialisation, optional
        How the trainable parameters are drawn: `uniform`, `uniform:LOW:HIGH`, `normal:STD`, `zeros`, or a value.
    args : sequence or mapping, optional
        The arguments to trace the circuit with, by position or by name; "shape(2, 4, 3)" stands for an array of
        that shape.
    inputs : str or sequence of str
        The arguments that are data, not trainable parameters.
    sizes : sequence of int
        The numbers of qubits at which the circuit's scaling is to be judged.

    Raises
    ------
    UsageError
        For a value that cannot be meant.

    Examples
    --------
    >>> @ansatz(observable="Z0 Z1", init="normal:0.1", args=["shape(2, 4, 3)"])
    ... def circuit(weights): ...
    """
    if isinstance(args, str):
        raise UsageError(f"args must be a sequence or a mapping of arguments, not the text {args!r}")
    if isinstance(observable, str) and not observable.strip():
        raise UsageError("the declared observable is empty")
    if any(isinstance(n, bool) or not isinstance(n, int) or n < 1 for n in sizes):
        raise UsageError(f"sizes must be positive numbers of qubits, not {sizes!r}")
    declared = Declaration(
        observable=observable,
        init=parse_initialisation(init) if isinstance(init, str) else init,
        args=None if args is None else dict(args) if isinstance(args, Mapping) else tuple(args),
        inputs=(inputs,) if isinstance(inputs, str) else tuple(inputs),
        sizes=tuple(sizes),
    )

    def attach(target: T) -> T:
        setattr(target, ATTRIBUTE, declared)
        return target

    return attach


def declaration(target: object) -> Declaration | None:
    """The declaration that hangs on a function, on a QNode, or on a QNode's function; None without one."""
    for place in (target, getattr(target, "func", None), getattr(target, "__wrapped__", None)):
        found = getattr(place, ATTRIBUTE, None)
        if isinstance(found, Declaration):
            return found
    return None
