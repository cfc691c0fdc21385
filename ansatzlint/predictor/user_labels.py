"""Labels of the user's own: a circuit and a number per line of a JSON Lines file, plain or gzipped.

    {"circuit": "ansatz.qasm", "energy": -1.13}
    {"qasm": "OPENQASM 3.0; …", "label": 0.98, "observable": "Z0 Z1", "init": "normal:0.1"}

`circuit` or `qasm` is OpenQASM text or the path of a `.qasm` file beside the labels. The number stands under `label`,
or is the only number of the line, or is the one that the caller names. What the line does not say of cost and
initialisation is assumed as everywhere else.
"""

from __future__ import annotations

import gzip
import io
import json
import math
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ansatzlint.assumptions import Assumed, complete, state
from ansatzlint.circuit import Circuit
from ansatzlint.directives import declare, parse_shots
from ansatzlint.errors import CircuitError, InputError, UsageError
from ansatzlint.files import decode, read_bytes
from ansatzlint.initialisation import parse_initialisation
from ansatzlint.noise import parse_noise
from ansatzlint.predictor.frozen import LARGEST_LABEL
from ansatzlint.readers.openqasm import read_openqasm
from ansatzlint.source import Source

CIRCUIT_KEYS = ("circuit", "qasm")
FACT_KEYS = ("observable", "init", "noise", "shots")
LABEL = "label"
FEWEST = 10
"""Circuits below which five folds say nothing."""
LONGEST = 16 * 2**20
"""Bytes of a line; a longer one is no line of labels but some other file."""

_REMEDY = 'each line is one object such as {"circuit": "file.qasm", "label": 0.5}'


@dataclass(frozen=True, slots=True)
class Labels:
    """Circuits and their numbers, in the order of the file.

    Attributes
    ----------
    path : str
        The file as the user gave it.
    target : str
        The key under which the numbers stand; "" where no line has one.
    circuits : tuple of Circuit
        Complete: each has a cost and an initialisation.
    values : float64 array (N,)
        NaN where a line has no number, which only `read_labels(..., unlabelled=True)` allows.
    lines : int64 array (N,)
        Line of the file, from 1.
    """

    path: str
    target: str
    circuits: tuple[Circuit, ...]
    values: NDArray[np.float64]
    lines: NDArray[np.int64]

    def check_fit(self) -> None:
        """InputError unless a model can be fitted: enough circuits, and numbers that are not all the same."""
        if len(self.values) < FEWEST:
            raise InputError(
                f"holds {len(self.values)} labelled circuit{'s' * (len(self.values) != 1)}; "
                f"give at least {FEWEST}, better some hundred",
                path=self.path,
            )
        if np.ptp(self.values) == 0:
            raise InputError(
                f"every {self.target!r} is {self.values[0]:g}; there is nothing to learn from one value, "
                "give circuits with different ones",
                path=self.path,
            )


def read_labels(path: str | Path, target: str | None = None, *, unlabelled: bool = False) -> Labels:
    """Read circuits and numbers.

    Parameters
    ----------
    path : str or Path
        A JSON Lines file; gzipped or not is seen from its first bytes. Blank lines are passed over.
    target : str or None
        The key of the number. By default `label`, else the only key of the first line that holds a number.
    unlabelled : bool
        Whether lines without the number are allowed; they have the value NaN.

    Raises
    ------
    InputError
        With file and line: nothing in the file, no JSON, no object, no circuit or two, a circuit that cannot be read,
        a label that is missing or no finite number, or several numbers of which none is called `label`.
    """
    path = Path(path)
    shown = PurePath(path).as_posix()
    if target is not None and target in (*CIRCUIT_KEYS, *FACT_KEYS):
        raise UsageError(f"{target!r} cannot be the target; it says something of the circuit")
    circuits: list[Circuit] = []
    values: list[float] = []
    lines: list[int] = []
    for number, record in _records(path, shown):
        place = _Place(shown, number)
        if target is None and (not unlabelled or _numbers(record)):
            target = _choose(record, place)
        values.append(_value(record, target, place, unlabelled))
        circuits.append(_circuit(record, path.parent, place))
        lines.append(number)
    if not circuits:
        raise InputError(f"holds no label; {_REMEDY}", path=shown)
    return Labels(shown, target or "", tuple(circuits), np.array(values), np.array(lines))


@dataclass(frozen=True, slots=True)
class _Place:
    path: str
    line: int

    def error(self, message: str) -> InputError:
        return InputError(message, path=self.path, line=self.line)


def _records(path: Path, shown: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """(line number, object) of each line that is not blank."""
    for number, line in _lines(path, shown):
        if line.strip():
            yield number, _record(line, _Place(shown, number))


def _lines(path: Path, shown: str) -> Iterator[tuple[int, bytes]]:
    number = 0
    try:
        with _open(path) as file:
            while line := file.readline(LONGEST + 1):
                number += 1
                if len(line) > LONGEST:
                    raise InputError(
                        f"is longer than {LONGEST // 2**20} MiB; give one circuit a line", path=shown, line=number
                    )
                yield number, line
    except FileNotFoundError:
        raise InputError("no such file; check the path", path=shown) from None
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise InputError("ends early or is damaged; compress it again", path=shown, line=number + 1) from None
    except OSError as error:
        raise InputError(f"cannot be read: {(error.strerror or str(error)).lower()}", path=shown) from None
    except ValueError as error:  # a path with a NUL character
        raise InputError(f"cannot be read: {error}", path=shown) from None


def _open(path: Path) -> io.BufferedIOBase:
    with path.open("rb") as file:
        zipped = file.read(2) == b"\x1f\x8b"
    return gzip.open(path, "rb") if zipped else path.open("rb")


def _record(line: bytes, place: _Place) -> dict[str, Any]:
    try:
        text = line.rstrip(b"\r\n").decode("utf-8-sig" if place.line == 1 else "utf-8")
        record = json.loads(text, object_pairs_hook=_unique)
    except UnicodeDecodeError:
        raise place.error("is not UTF-8; save it as UTF-8") from None
    except json.JSONDecodeError as error:
        what = error.msg.lower().removesuffix(" at")
        raise place.error(f"is no JSON ({what} at character {error.pos + 1}); {_REMEDY}") from None
    except _TwiceError as error:
        raise place.error(f"holds the key {error.args[0]!r} twice; keep one") from None
    except (ValueError, RecursionError):  # a number of thousands of digits; brackets without end
        raise place.error(f"is no JSON that can be held; {_REMEDY}") from None
    if not isinstance(record, dict):
        raise place.error(f"is no JSON object but {_kind(record)}; {_REMEDY}")
    return record


class _TwiceError(Exception):
    """A key that stands twice in one object."""


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        raise _TwiceError(next(key for key in keys if keys.count(key) > 1))
    return found


def _kind(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "a truth value"
        case int() | float():
            return "a number"
        case str():
            return "a text"
        case list():
            return "a list"
    return "an object"


def _numbers(record: Mapping[str, Any]) -> list[str]:
    """The keys that may be the label: those of numbers, truth values aside, that say nothing of the circuit."""
    return [
        key
        for key, value in record.items()
        if isinstance(value, int | float) and not isinstance(value, bool) and key not in (*CIRCUIT_KEYS, *FACT_KEYS)
    ]


def _choose(record: Mapping[str, Any], place: _Place) -> str:
    found = _numbers(record)
    if LABEL in record or len(found) == 1:
        return LABEL if LABEL in record else found[0]
    if found:
        names = ", ".join(map(repr, found))
        raise place.error(f"holds several numbers ({names}); say which to learn with --target {found[0]}")
    others = [key for key in record if key not in (*CIRCUIT_KEYS, *FACT_KEYS)]
    if len(others) == 1:
        return others[0]  # `_value` says what it is instead of a number
    raise place.error("holds no number beside the circuit; put it under 'label', or name its key with --target")


def _value(record: Mapping[str, Any], target: str | None, place: _Place, unlabelled: bool) -> float:
    if target is None or record.get(target) is None:
        if unlabelled:
            return math.nan
        what = "is null" if target in record else "is missing"
        there = ", ".join(map(repr, _numbers(record)))
        raise place.error(
            f"the label {target!r} {what}; give each circuit a number"
            + (f", or name another key with --target: {there}" if there and target not in record else "")
        )
    value = record[target]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise place.error(f"the label {target!r} is {_kind(value)}, {_short(value)}; write a number")
    try:
        number = float(value)
    except OverflowError:
        number = 10 * LARGEST_LABEL
    if not math.isfinite(number):
        raise place.error(f"the label {target!r} is {number}; drop the line or give a finite number")
    if abs(number) > LARGEST_LABEL:
        raise place.error(f"the label {target!r} is beyond {LARGEST_LABEL:g} in size; give its logarithm")
    return number


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 40 else text[:39] + "…"


def _circuit(record: Mapping[str, Any], folder: Path, place: _Place) -> Circuit:
    keys = [key for key in CIRCUIT_KEYS if key in record]
    if len(keys) != 1:
        both = "holds both 'circuit' and 'qasm'; keep one"
        raise place.error(both if keys else f"holds no circuit; {_REMEDY}")
    text = record[keys[0]]
    if not isinstance(text, str) or not text.strip():
        what = "empty" if isinstance(text, str) else _kind(text)
        raise place.error(f"{keys[0]!r} is {what}; give OpenQASM text or the path of a .qasm file")
    source = _source(text, folder, place)
    try:
        if source.errors:
            raise source.errors[0]
        (circuit,) = declare(source)
    except InputError as error:
        at = "" if error.line is None else f" (line {error.line} of the circuit)"
        raise place.error(f"the circuit cannot be read: {error.message}{at}") from None
    try:
        return complete(state(circuit, _facts(record, place)))
    except (UsageError, CircuitError) as error:
        raise place.error(str(error)) from None


def _source(text: str, folder: Path, place: _Place) -> Source:
    if ";" in text or "\n" in text:
        return read_openqasm(text, path=f"{PurePath(place.path).name}-{place.line}.qasm", folder=folder)
    if not text.endswith(".qasm"):
        raise place.error(
            f"the circuit {_short(text)} is neither OpenQASM text nor the path of a .qasm file; write other circuits "
            "as OpenQASM 3 with circuit.to_qasm3()"
        )
    file = folder / text
    try:
        return read_openqasm(decode(read_bytes(file), text), path=text, folder=file.parent)
    except InputError as error:
        raise place.error(f"the circuit {text}: {error.message}") from None


def _facts(record: Mapping[str, Any], place: _Place) -> Assumed:
    for key in FACT_KEYS:
        value = record.get(key)
        if value is not None and not isinstance(value, str) and not (key == "shots" and type(value) is int):
            raise place.error(f"{key!r} is {_kind(value)}; write it as the command line takes it, as a text")
    given = {key: str(record[key]) for key in FACT_KEYS if record.get(key) is not None}
    return Assumed(
        observable=given.get("observable"),
        init=parse_initialisation(given["init"]) if "init" in given else None,
        noise=parse_noise(given["noise"]) if "noise" in given else None,
        shots=parse_shots(given["shots"]) if "shots" in given else None,
    )
