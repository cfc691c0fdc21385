"""Frozen values as JSON and back, so that a circuit can cross a process boundary without pickle."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

from ansatzlint import angles, circuit, initialisation, noise, source
from ansatzlint.errors import InputError

_CLASSES: dict[str, type[Any]] = {
    cls.__name__: cls
    for cls in (
        angles.Affine, angles.Expression,
        circuit.Amplitudes, circuit.Block, circuit.Channel, circuit.Circuit, circuit.Gate, circuit.Location,
        circuit.Nonlinear, circuit.Parameter, circuit.PauliSum, circuit.PauliTerm, circuit.Probabilities,
        circuit.Projector, circuit.State, circuit.Unread,
        initialisation.Normal, initialisation.Uniform, initialisation.Zeros,
        noise.AmplitudeDamping, noise.Depolarizing, noise.PauliNoise,
        source.Comment, source.Draw, source.Optimiser, source.Source,
    )
}  # fmt: skip
_FIELDS = {name: tuple(f.name for f in dataclasses.fields(cls)) for name, cls in _CLASSES.items()}


def dumps(value: object) -> str:
    """JSON text of a value made of the package's frozen classes, tuples, numbers, strings and None."""
    return json.dumps(_encode(value), separators=(",", ":"), ensure_ascii=False)


def loads(text: str) -> Any:
    """The value that `dumps` wrote; ValueError for anything else. Only the listed value classes are built."""
    return _decode(json.loads(text))


def _encode(value: object) -> object:
    # A list is a tuple; an object {"Class": [fields]} is a value.
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, tuple):
        return [_encode(item) for item in value]
    if isinstance(value, complex):
        return {"complex": [value.real, value.imag]}
    if isinstance(value, InputError):
        return {"error": [type(value).__name__, value.message, value.path, value.line, value.column]}
    name = type(value).__name__
    return {name: [_encode(getattr(value, field)) for field in _FIELDS[name]]}


def _decode(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_decode(item) for item in value)
    if not isinstance(value, dict):
        return value
    ((name, fields),) = value.items()
    if name == "complex":
        return complex(*fields)
    if name == "error":
        from ansatzlint import errors

        kind, message, path, line, column = fields
        if kind not in ("InputError", "ParseError"):
            raise ValueError(f"unknown error {kind!r}")
        return getattr(errors, kind)(message, path=path, line=line, column=column)
    if name not in _CLASSES:
        raise ValueError(f"unknown value {name!r}")
    return _CLASSES[name](*(_decode(field) for field in fields))
