"""Sources in, circuits out: a file per format, and the functions that choose among them."""

from __future__ import annotations

import inspect
import io
import os
import tokenize
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath
from types import FunctionType
from typing import TYPE_CHECKING, Any

from ansatzlint.circuit import Circuit
from ansatzlint.errors import InputError, UsageError
from ansatzlint.files import SUFFIXES, collect, decode, read_bytes
from ansatzlint.source import Source

if TYPE_CHECKING:
    from ansatzlint.readers.python import PythonFile


@dataclass(frozen=True, slots=True)
class Target:
    """`path`, or `path::name` for one circuit of a file."""

    path: str
    circuit: str | None = None

    @classmethod
    def parse(cls, text: str) -> Target:
        # os.path, because Path raises for a name that is too long.
        if "::" in text and not os.path.lexists(text):
            pieces = text.split("::")
            splits = [("::".join(pieces[:i]), "::".join(pieces[i:])) for i in range(len(pieces) - 1, 0, -1)]
            splits = [(path, name) for path, name in splits if path and name]
            for path, name in splits:
                if os.path.exists(path):  # noqa: PTH110 - Path.exists raises for a name that is too long
                    return cls(path, name)
            if splits:
                return cls(*splits[0])
        return cls(text)


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How to read: whether Python input is executed, and arguments of circuits by name, as Python literals."""

    execute: bool = True
    arguments: Mapping[str, str] = field(default_factory=dict)


def read_sources(files: Sequence[Path], options: ReadOptions | None = None) -> Iterator[Source]:
    """Each file as a `Source`, in order; what cannot be read stands in its `errors`.

    Python files share one worker process, so that its imports are paid once.
    """
    options = options or ReadOptions()
    python: dict[Path, PythonFile] = {}
    failed: dict[Path, InputError] = {}
    for file in files:
        if file.suffix in (".py", ".ipynb"):
            from ansatzlint.readers.python import PythonFile

            shown = PurePath(file).as_posix()
            try:
                python[file] = PythonFile(_decode_python(read_bytes(file), file), shown, file.parent)
            except InputError as error:
                failed[file] = error
    results = _read_python(tuple(python.values()), options)
    for file in files:
        if file in python:
            yield next(results)
        elif file in failed:
            yield Source(path=PurePath(file).as_posix(), errors=(failed[file],))
        else:
            yield _read_openqasm_file(file)


def read_text(text: str, name: str, options: ReadOptions | None = None) -> Source:
    """A source that is no file, such as standard input; `name` decides the format by its suffix.

    UsageError if the name has no suffix that is known.
    """
    suffix = PurePath(name).suffix
    if suffix not in SUFFIXES:
        raise UsageError(f"{name!r} does not say the format; use --stdin-filename with one of {', '.join(SUFFIXES)}")
    if suffix == ".qasm":
        from ansatzlint.readers.openqasm import read_openqasm

        return read_openqasm(text, path=name)
    from ansatzlint.readers.python import PythonFile

    return next(_read_python((PythonFile(text, name, None),), options or ReadOptions()))


def read_source(path: str | Path, *, execute: bool = True) -> Source:
    """One file as a `Source`; what cannot be read stands in its `errors`."""
    return next(read_sources([Path(path)], ReadOptions(execute=execute)))


def _read_python(files: tuple[PythonFile, ...], options: ReadOptions) -> Iterator[Source]:
    if not files:
        return iter(())
    from ansatzlint.readers.python import PythonOptions, read_python_files

    return read_python_files(
        files, execute=options.execute, options=PythonOptions(arguments=dict(options.arguments))
    )


def _read_openqasm_file(file: Path) -> Source:
    shown = PurePath(file).as_posix()
    try:
        if file.suffix not in SUFFIXES:
            raise InputError(f"is none of the formats that are read: {', '.join(SUFFIXES)}", path=shown)
        text = decode(read_bytes(file), shown)
    except InputError as error:
        return Source(path=shown, errors=(error,))
    from ansatzlint.readers.openqasm import read_openqasm

    return read_openqasm(text, path=shown, folder=file.parent)


def _decode_python(data: bytes, file: Path) -> str:
    shown = PurePath(file).as_posix()
    if file.suffix == ".ipynb" or b"\0" in data:
        return decode(data, shown)
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        return io.TextIOWrapper(io.BytesIO(data), encoding, newline=None).read()
    except (SyntaxError, UnicodeDecodeError, LookupError) as error:
        raise InputError(f"cannot be decoded: {error}; save it as UTF-8", path=shown) from None


def read(
    target: Any, *args: Any, observable: Any = None, name: str | None = None, **kwargs: Any
) -> Circuit:
    """Read one circuit.

    Parameters
    ----------
    target : str or Path, PennyLane QNode or tape, Qiskit QuantumCircuit, Circuit, or function
        A path may be `path::name` for one circuit of a file. A function is one of the number of qubits that returns
        a QNode, a tuple (qnode, *arguments) or a QuantumCircuit, and declares `@ansatz(sizes=...)`: it is called at
        each of these, and the circuit of the smallest holds the others in `at_sizes`.
    *args, **kwargs
        The arguments of a QNode.
    observable : str or Qiskit SparsePauliOp, optional
        The cost, such as `"Z0 Z1 + 0.5 X2"`, where the source states none or another is meant.
    name : str, optional
        The circuit's name; by default that of the function or file.

    Raises
    ------
    InputError
        If a file cannot be read, or holds no circuit or several.
    UsageError
        If the target is nothing that can be read, or the observable does not fit it.
    """
    circuit = _read_any(target, args, kwargs, observable)
    if isinstance(observable, str):
        stated = tuple(_observing(other, observable) for other in circuit.at_sizes)
        circuit = replace(_observing(circuit, observable), at_sizes=stated)
    if name is None:
        return circuit
    return replace(circuit, name=name, at_sizes=tuple(replace(other, name=name) for other in circuit.at_sizes))


def _observing(circuit: Circuit, text: str) -> Circuit:
    from ansatzlint.observables import parse_observable

    qubits = circuit.measured or tuple(range(circuit.qubits))
    return replace(circuit, observables=(parse_observable(text, qubits, circuit.qubits),))


def _read_any(target: Any, args: tuple[Any, ...], kwargs: dict[str, Any], observable: Any) -> Circuit:
    if isinstance(target, Circuit):
        return target
    if isinstance(target, str | Path):
        return _only(str(target))
    module = type(target).__module__.partition(".")[0]
    if module == "qiskit" or any(base.__module__.startswith("qiskit.") for base in type(target).__mro__):
        from ansatzlint.readers.qiskit import from_quantum_circuit

        return from_quantum_circuit(target, observable=None if isinstance(observable, str) else observable)
    if any(base.__module__.startswith("pennylane.") for base in type(target).__mro__):
        from ansatzlint.readers import pennylane as reader

        if hasattr(target, "construct") or hasattr(target, "qtape") or hasattr(target, "func"):
            return reader.from_qnode(target, args, kwargs, files=_files_of(target))
        return reader.from_tape(target)
    if isinstance(target, FunctionType):
        return _of_function(target, args, kwargs)
    raise UsageError(
        f"cannot read a {type(target).__name__}; give a path, a QNode with its arguments, a tape or a QuantumCircuit"
    )


def _of_function(function: FunctionType, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Circuit:
    from ansatzlint.declaration import declaration

    declared = declaration(function)
    if declared is None or not declared.sizes:
        raise UsageError(
            f"cannot read the function {function.__name__!r}; give the QNode or QuantumCircuit that it returns, "
            "or declare sizes to build it at with @ansatzlint.ansatz(sizes=[...])"
        )
    if args or kwargs:
        raise UsageError(f"{function.__name__!r} is read at the sizes that it declares; give no arguments")
    from ansatzlint.readers.python.sizes import read_factory

    return read_factory(function, declared)


def _files_of(qnode: Any) -> dict[str, tuple[str, int | None]]:
    """The file of a QNode's own function, relative to the working folder where it lies below it."""
    code = getattr(inspect.unwrap(qnode.func), "__code__", None)
    if code is None:
        return {}
    file, here = Path(code.co_filename), Path.cwd()
    shown = file.relative_to(here) if file.is_relative_to(here) else file
    return {code.co_filename: (shown.as_posix(), None)}


def _only(text: str) -> Circuit:
    target = Target.parse(text)
    circuits = read_all(text)
    if not circuits:
        raise InputError("holds no circuit", path=target.path)
    if len(circuits) > 1:
        names = ", ".join(c.name for c in circuits)
        raise InputError(f"holds {len(circuits)} circuits ({names}); name one as {target.path}::name", path=target.path)
    return circuits[0]


def read_all(path: str | Path) -> tuple[Circuit, ...]:
    """Every circuit of a file or folder (`path::name`: those of that name), comments' declarations applied.

    Raises
    ------
    InputError
        If a file cannot be read, or a file that was named holds circuits that could not be traced, and no other.
    """
    from ansatzlint.directives import declare

    target = Target.parse(str(path))
    circuits: list[Circuit] = []
    files = list(collect([target.path]))
    for source in read_sources(files):
        if source.errors:
            raise source.errors[0]
        circuits += declare(source)
        if len(files) == 1 and not source.circuits and source.unread:
            first = source.unread[0]
            line = first.location.line if first.location else None
            raise InputError(first.reason, path=source.path, line=line)
    return select(circuits, target)


def select(circuits: Iterable[Circuit], target: Target) -> tuple[Circuit, ...]:
    """The circuits that the target means; InputError, with the names that there are, if it means none of them."""
    circuits = tuple(circuits)
    if target.circuit is None:
        return circuits
    found = tuple(c for c in circuits if c.name == target.circuit)
    if not found:
        there = ", ".join(c.name for c in circuits) or "none"
        raise InputError(f"holds no circuit {target.circuit!r}; there are: {there}", path=target.path)
    return found

