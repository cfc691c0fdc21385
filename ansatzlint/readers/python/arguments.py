"""Arguments for a QNode of which no call is run: declared, from names around it, or of a shape that is demanded."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol, cast

from ansatzlint.errors import UsageError
from ansatzlint.readers.roles import INPUT_NAMES

if TYPE_CHECKING:
    from ansatzlint.readers.python.document import Document
    from ansatzlint.readers.python.syntax import Syntax

_SHAPE = re.compile(r"\s*shape\s*\(([\d\s,]*)\)\s*$")
_LAYERS = ("n_layers", "num_layers", "layers", "depth", "reps", "L")
_ONE_LAYER_AN_ENTRY: Mapping[str, Callable[[int, int], tuple[int, ...]]] = {
    "BasicEntanglerLayers": lambda layers, wires: (layers, wires),
    "StronglyEntanglingLayers": lambda layers, wires: (layers, wires, 3),
    "ParticleConservingU1": lambda layers, wires: (layers, wires - 1, 2),
    "ParticleConservingU2": lambda layers, wires: (layers, 2 * wires - 1),
    "SimplifiedTwoDesign": lambda layers, wires: (layers, wires - 1, 2),
}
_EMBEDDINGS: Mapping[str, Callable[[int], tuple[int, ...]]] = {
    "AngleEmbedding": lambda wires: (wires,),
    "IQPEmbedding": lambda wires: (wires,),
    "AmplitudeEmbedding": lambda wires: (2**wires,),
    "QAOAEmbedding": lambda wires: (wires,),
}


class UndeterminedError(Exception):
    """No arguments are known; `str` says which, and what to do."""


class Surroundings(Protocol):
    """What stands around a QNode: the values of the module's names, the text, what its syntax tree tells."""

    @property
    def namespace(self) -> Mapping[str, Any]: ...
    @property
    def document(self) -> Document: ...
    @property
    def syntax(self) -> Syntax: ...


def shaped(shape: tuple[int, ...]) -> Any:
    """A trainable array of a shape with distinct, unremarkable entries; a float for the empty shape."""
    import numpy as np
    from pennylane import numpy as pnp

    if shape == ():
        return pnp.array(0.37, requires_grad=True)
    size = int(np.prod(shape))
    return pnp.array((0.37 + 0.61803398875 * np.arange(size)) % 2.8 + 0.1, requires_grad=True).reshape(shape)


def declared_arguments(args: tuple[Any, ...] | Mapping[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """(positional, by name) of a declaration; texts "shape(2, 3)" become arrays."""
    if isinstance(args, Mapping):
        return (), {name: _value(value) for name, value in args.items()}
    return tuple(_value(value) for value in args), {}


def literal_arguments(text: str) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The same from a Python literal: a tuple by position, a dict by name, anything else a single argument.

    Raises
    ------
    UsageError
        If the text is no literal.
    """
    if _SHAPE.match(text):
        return (_value(text.strip()),), {}
    try:
        value = ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        raise UsageError(f"the declared arguments {text!r} are no Python literal") from None
    if isinstance(value, dict):
        return declared_arguments(value)
    return declared_arguments(value if isinstance(value, tuple) else (value,))


def _value(value: Any) -> Any:
    if isinstance(value, str) and (match := _SHAPE.match(value)):
        return shaped(tuple(int(n) for n in match.group(1).split(",") if n.strip()))
    if isinstance(value, list):
        from pennylane import numpy as pnp

        return pnp.array(value, requires_grad=True)
    return value


def plain_value(value: Any, depth: int = 6) -> Any:
    """An argument without the boxes that automatic differentiation puts around it."""
    while type(value).__name__.endswith("Box") and hasattr(value, "_value"):  # autograd
        value = value._value
    while type(value).__name__.endswith("Tracer") and hasattr(value, "primal"):  # JAX
        value = value.primal
    if depth and type(value) in (tuple, list):
        return type(value)(plain_value(item, depth - 1) for item in value)
    if depth and type(value) is dict:
        return {key: plain_value(item, depth - 1) for key, item in value.items()}
    return value


def from_surroundings(
    qnode: Any, around: Surroundings, uncalled: str
) -> tuple[tuple[Any, ...], dict[str, Any], tuple[str, ...]]:
    """(positional, by name, assumptions) for a QNode of which no call was run; `uncalled` says so.

    Each argument without a default takes the value of the module-level name that it shares, or an array of the
    shape that a template or the indices in the function demand.

    Raises
    ------
    UndeterminedError
        If some argument stays unknown.
    """
    try:
        parameters = inspect.signature(qnode.func).parameters.values()
    except (TypeError, ValueError):
        raise UndeterminedError("its signature cannot be had") from None
    values: dict[str, Any] = {}
    notes: list[str] = []
    open_names: list[str] = []
    for parameter in parameters:
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        name = parameter.name
        value = around.namespace.get(name, parameter.empty)
        if value is not parameter.empty and not callable(value) and not inspect.ismodule(value):
            values[name] = value
            notes.append(f"{uncalled}; `{name}` is the value of that name in the module.")
        elif parameter.default is parameter.empty:
            open_names.append(name)
    weight_shapes = around.namespace.get("weight_shapes")
    for name in list(open_names):
        if isinstance(weight_shapes, Mapping) and name in weight_shapes:
            shape = weight_shapes[name]
            shape = (shape,) if isinstance(shape, int) else tuple(shape)
            note = "as `weight_shapes` says"
        else:
            found = _template_shape(qnode, name, around)
            if found is None:
                continue
            shape, note = found
        values[name] = shaped(shape)
        open_names.remove(name)
        notes.append(f"{uncalled}; {_assumed(name, shape, note)}")
    if open_names:
        shapes = _probe(qnode, values, open_names)
        for name, shape in shapes.items():
            values[name] = shaped(shape)
            notes.append(f"{uncalled}; {_assumed(name, shape, 'as the function uses it')}")
    for name in INPUT_NAMES & values.keys():
        if getattr(values[name], "requires_grad", False) and name not in around.namespace:
            values[name].requires_grad = False
    names = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    leading = next((i for i, name in enumerate(names) if name not in values), len(names))
    positional = tuple(values[name] for name in names[:leading])
    return positional, {k: v for k, v in values.items() if k not in names[:leading]}, tuple(notes)


def layers_in(values: Mapping[str, Any]) -> dict[str, int]:
    """Those of the values whose names say that they count layers."""
    return {name: values[name] for name in _LAYERS if isinstance(values.get(name), int)}


def _assumed(name: str, shape: tuple[int, ...], note: str) -> str:
    what = "a number" if shape == () else f"an array of shape {shape}"
    return f"`{name}` is taken for {what}, {note}."


def _unknown(names: list[str]) -> UndeterminedError:
    listed = ", ".join(names)
    return UndeterminedError(
        f"it needs arguments that the file does not give: {listed}; declare them with @al.ansatz(args=...)"
    )


def _template_shape(qnode: Any, name: str, at: Surroundings) -> tuple[tuple[int, ...], str] | None:
    """The shape that a template in the function's body demands of argument `name`, and why."""
    function = getattr(qnode.func, "func", qnode.func)
    code = getattr(function, "__code__", None)
    unit = None if code is None else at.document.unit(code.co_filename)
    if code is None or unit is None:
        return None
    node = next(
        (n for n in ast.walk(unit.tree) if isinstance(n, ast.FunctionDef)
         and min([n.lineno, *(d.lineno for d in n.decorator_list)]) == code.co_firstlineno), None
    )  # fmt: skip
    if node is None:
        return None
    scope = inspect.getclosurevars(function)
    around = {**at.namespace, **scope.globals, **scope.nonlocals}
    for call in ast.walk(node):
        if not isinstance(call, ast.Call):
            continue
        template = (at.syntax.dotted(call.func) or "").rpartition(".")[2]
        named = {k.arg: k.value for k in call.keywords}
        position = next((i for i, a in enumerate(call.args) if isinstance(a, ast.Name) and a.id == name), None)
        keyword = next((k for k, v in named.items() if isinstance(v, ast.Name) and v.id == name), None)
        if position is None and keyword is None:
            continue
        wires = named.get("wires", call.args[-1] if len(call.args) > 1 else None)
        count = None if wires is None else _count(wires, around)
        if count is None:
            continue
        if template in _EMBEDDINGS and (position == 0 or keyword == "features"):
            return _EMBEDDINGS[template](count), f"as {template} demands on {count} qubits"
        second = template == "SimplifiedTwoDesign" and (position == 0 or keyword == "initial_layer_weights")
        if second:
            return (count,), f"as {template} demands on {count} qubits"
        if template in _ONE_LAYER_AN_ENTRY:
            layers = next((around[n] for n in _LAYERS if isinstance(around.get(n), int)), None)
            if layers is not None:
                shape = _ONE_LAYER_AN_ENTRY[template](layers, count)
                return shape, f"as {template} demands for {layers} layers on {count} qubits"
    return None


def _count(wires: ast.expr, around: Mapping[str, Any]) -> int | None:
    try:
        # the user's own expression, in the worker that runs the user's own code
        value = eval(compile(ast.Expression(wires), "<wires>", "eval"), dict(around))  # noqa: S307
    except Exception:  # noqa: BLE001 - an expression of the user's may raise anything; then its value is not known
        return None
    if isinstance(value, int):
        return 1
    try:
        return len(value)
    except TypeError:
        return None


class _Probe(float):
    """A number that may be indexed, and remembers how."""

    name: str
    depth: int
    seen: dict[str, list[int]]

    def __new__(cls, name: str, depth: int, seen: dict[str, list[int]]) -> _Probe:
        probe = super().__new__(cls, 0.37 + 0.01 * depth)
        probe.name, probe.depth, probe.seen = name, depth, seen
        return probe

    def __getitem__(self, key: Any) -> _Probe:
        probe = self
        for index in key if isinstance(key, tuple) else (key,):
            if isinstance(index, bool) or not hasattr(index, "__index__") or int(index) < 0:
                raise UndeterminedError("an index that is no number from 0")
            sizes = probe.seen.setdefault(probe.name, [])
            if len(sizes) <= probe.depth:
                sizes.append(0)
            sizes[probe.depth] = max(sizes[probe.depth], int(index) + 1)
            probe = _Probe(probe.name, probe.depth + 1, probe.seen)
        return probe

    def _refuse(self, *_: Any) -> Any:
        raise UndeterminedError("its size is asked for")

    __len__ = __iter__ = _refuse


def _probe(qnode: Any, values: Mapping[str, Any], names: list[str]) -> dict[str, tuple[int, ...]]:
    """The shapes of arguments that are used as numbers or by constant indices alone."""
    import pennylane as qml

    seen: dict[str, list[int]] = {}
    probes = {name: _Probe(name, 0, seen) for name in names}
    try:
        make: Any = cast("Any", qml.tape.make_qscript)(qnode.func)
        tape = make(**values, **probes)
    except Exception:  # noqa: BLE001 - a function of the user's refuses a probe in any way it likes
        raise _unknown(names) from None
    used = {number.name for op in tape.operations for number in op.data if isinstance(number, _Probe)}
    if not set(names) <= used | seen.keys():
        raise _unknown([name for name in names if name not in used | seen.keys()])
    return {name: tuple(seen.get(name, ())) for name in names}
