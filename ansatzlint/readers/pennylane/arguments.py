"""The numbers in a function's arguments: their names, their values, and how to put others in their place."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, Literal

import numpy as np

from ansatzlint.angles import parameter
from ansatzlint.readers.pennylane.trace import Traced, traced_array
from ansatzlint.readers.roles import INPUT_NAMES, assumption

MAX_DEPTH = 8

Path = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Leaf:
    """A number or an array of numbers in the arguments.

    `argument` is the name of the argument that it stands in, `names` and `values` those of its entries in C
    order, `grad` what the source says of its gradient (None: nothing), `original` the object itself.
    """

    argument: str
    names: tuple[str, ...]
    values: tuple[float, ...]
    shape: tuple[int, ...] | None
    grad: bool | None
    original: Any


class Arguments:
    """The arguments of one call.

    Parameters
    ----------
    function : callable
        Its signature gives the names.
    args, kwargs
        The call.
    inputs : collection of str
        Arguments declared as data.
    """

    def __init__(
        self, function: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any], inputs: Collection[str]
    ) -> None:
        self.args = tuple(args)
        self.kwargs = dict(kwargs)
        self._inputs = frozenset(inputs)
        self._names = _positional_names(function, len(self.args))
        self.leaves: dict[Path, Leaf] = {}
        self._walk_all(self._collect)

    @property
    def values(self) -> dict[str, float]:
        """The recorded numbers by name, in the order of the arguments."""
        return {n: v for leaf in self.leaves.values() for n, v in zip(leaf.names, leaf.values, strict=True)}

    @property
    def integers(self) -> tuple[Path, ...]:
        """Where integers stand that were taken for numbers."""
        return tuple(
            path for path, leaf in self.leaves.items() if np.asarray(_as_array(leaf.original)).dtype.kind in "iu"
        )

    @property
    def fields(self) -> tuple[Path, ...]:
        """Where numbers stand in objects, which hold settings as well as parameters."""
        return tuple(path for path in self.leaves if any(isinstance(key, _Field) for key in path))

    def keep(self, paths: Collection[Path]) -> None:
        """Take what stands there for no number after all: it reaches the function as it is."""
        for path in paths:
            del self.leaves[path]

    def traced(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The call with traced numbers."""
        new: dict[Path, Any] = {}
        for path, leaf in self.leaves.items():
            if leaf.shape is None:
                new[path] = Traced(leaf.values[0], parameter(leaf.names[0]))
            else:
                new[path] = traced_array(leaf.values, leaf.names, leaf.shape)
        return self._walk_all(lambda path, value, _: new.get(path, value))

    def at(self, values: Mapping[str, float]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The call with other numbers, of the same types, none of which asks for a gradient."""
        new = {path: _like(leaf, [values[name] for name in leaf.names]) for path, leaf in self.leaves.items()}
        return self._walk_all(lambda path, value, _: new.get(path, value))

    def _walk_all(self, visit: Callable[[Path, Any, bool], Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        args = tuple(_walk((name,), value, visit) for name, value in zip(self._names, self.args, strict=True))
        return args, {key: _walk((key,), value, visit) for key, value in self.kwargs.items()}

    def _collect(self, path: Path, value: Any, among_floats: bool) -> Any:
        argument = path[0]
        data = argument in self._inputs or argument in INPUT_NAMES
        array = _as_array(value)
        if array is None or array.dtype.kind not in "fiu" or array.size == 0:
            return value
        if array.dtype.kind in "iu" and not (among_floats or (data and len(path) + array.ndim > 1)):
            return value
        indices = path[1:]
        names = tuple(_name(argument, (*indices, *index)) for index in np.ndindex(array.shape))
        scalar = array.ndim == 0
        grad = getattr(value, "requires_grad", None)
        self.leaves[path] = Leaf(
            argument, names, tuple(float(v) for v in array.flat), None if scalar else array.shape,
            grad if isinstance(grad, bool) else None, value,
        )  # fmt: skip
        return value

    def roles(self, embedded: Collection[str]) -> tuple[dict[str, Literal["trainable", "input"]], tuple[str, ...]]:
        """The role of each name, and what had to be assumed; `embedded` are names that an embedding takes."""
        trainable_said = any(leaf.grad for leaf in self.leaves.values())
        # PennyLane's own arrays are trainable unless told otherwise, and few people tell them so of their data.
        named = {leaf.argument for leaf in self.leaves.values()} & INPUT_NAMES
        others = any(leaf.grad for leaf in self.leaves.values() if leaf.argument not in named)
        roles: dict[str, Literal["trainable", "input"]] = {}
        by_name: dict[str, None] = {}
        by_embedding: dict[str, None] = {}
        for leaf in self.leaves.values():
            for name in leaf.names:
                roles[name] = "trainable"
            if self._inputs:
                is_input = leaf.argument in self._inputs
            elif leaf.grad and others and leaf.argument in named:
                is_input = True
                by_name[leaf.argument] = None
            elif leaf.grad is not None:
                is_input = not leaf.grad
            elif trainable_said:
                is_input = True
            elif leaf.argument in INPUT_NAMES:
                is_input = True
                by_name[leaf.argument] = None
            else:
                is_input = False
                for name in leaf.names:
                    if name in embedded:
                        roles[name] = "input"
                        by_embedding[leaf.argument] = None
            if is_input:
                roles.update(dict.fromkeys(leaf.names, "input"))
        assumptions = []
        if by_name:
            assumptions.append(assumption(by_name, "of the name"))
        if by_embedding:
            assumptions.append(assumption(by_embedding, "an embedding template reads it"))
        return roles, tuple(assumptions)


def _name(argument: str, indices: Sequence[Any]) -> str:
    return f"{argument}[{','.join(str(i) for i in indices)}]" if indices else argument


def _positional_names(function: Callable[..., Any], count: int) -> list[str]:
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    names: list[str] = []
    for p in parameters:
        if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD):
            names.append(p.name)
        elif p.kind is p.VAR_POSITIONAL:
            names.extend(f"{p.name}{i}" for i in range(count - len(names)))
    names.extend(f"argument{i}" for i in range(len(names), count))
    return names[:count]


def _walk(path: Path, value: Any, visit: Callable[[Path, Any, bool], Any], among_floats: bool = False) -> Any:
    if len(path) > MAX_DEPTH:
        return value
    if isinstance(value, list | tuple):
        among_floats = among_floats or _holds_float(value, len(path))
        items = [_walk((*path, i), item, visit, among_floats) for i, item in enumerate(value)]
        if type(value) in (list, tuple):
            return type(value)(items)
        return type(value)(*items) if hasattr(value, "_fields") else value
    if type(value) is dict:
        return {key: _walk((*path, key), item, visit) for key, item in value.items()}
    if (dataclasses.is_dataclass(value) and not isinstance(value, type)) or type(value) is SimpleNamespace:
        return _walk_object(path, value, visit)
    return visit(path, value, among_floats)


class _Field(str):
    """The key of an object's attribute in a path."""


def _walk_object(path: Path, value: Any, visit: Callable[[Path, Any, bool], Any]) -> Any:
    names = vars(value) if isinstance(value, SimpleNamespace) else [f.name for f in dataclasses.fields(value)]
    twin = copy.copy(value)
    for name in names:
        if hasattr(value, name):
            held = getattr(value, name)
            new = _walk((*path, _Field(name)), held, visit)
            if new is not held:
                object.__setattr__(twin, name, new)  # a frozen one takes it too
    return twin


def _holds_float(items: Sequence[Any], depth: int) -> bool:
    return depth <= MAX_DEPTH and any(
        _holds_float(item, depth + 1) if isinstance(item, list | tuple) else isinstance(item, float | np.floating)
        for item in items
    )


def _as_array(value: Any) -> np.ndarray[Any, Any] | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, float | int | np.number | np.ndarray):
        return np.asarray(value)
    if hasattr(value, "detach"):  # torch
        return np.asarray(value.detach().cpu().numpy())
    if type(value).__module__.split(".")[0] in ("jax", "jaxlib", "tensorflow"):
        return np.asarray(value)
    return None


def _like(leaf: Leaf, values: Sequence[float]) -> Any:
    """`values` in an object of the leaf's type; a float where an int would cut them off."""
    original = leaf.original
    if leaf.shape is None and not hasattr(original, "ndim"):
        same = isinstance(original, int) and values[0] == original
        return original if same else values[0]
    array = np.array(values).reshape(leaf.shape or ())
    module = type(original).__module__.split(".")[0]
    if module == "pennylane":
        return type(original)(array, requires_grad=False)
    if module == "torch":
        return original.detach().new_tensor(array.tolist(), dtype=sys.modules["torch"].float64)
    if module in ("jax", "jaxlib"):
        return sys.modules["jax"].numpy.asarray(array)
    if module == "tensorflow":
        return sys.modules["tensorflow"].constant(array)
    return array if array.ndim else np.float64(array)
