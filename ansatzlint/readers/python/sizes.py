"""Functions that build a circuit from a number of qubits, called at the sizes that their decorator declares."""

from __future__ import annotations

import ast
import inspect
import linecache
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import FunctionType
from typing import TYPE_CHECKING, Any

from ansatzlint.circuit import Circuit, Location, Unread
from ansatzlint.declaration import Declaration, declaration
from ansatzlint.errors import InputError, UsageError
from ansatzlint.observables import parse_observable
from ansatzlint.readers.python.arguments import (
    UndeterminedError,
    declared_arguments,
    from_surroundings,
    layers_in,
    literal_arguments,
    plain_value,
)
from ansatzlint.readers.python.document import Document, Unit, parse_file
from ansatzlint.readers.python.running import Run, explain
from ansatzlint.readers.python.syntax import FunctionNode, Syntax, analyse
from ansatzlint.readers.python.unknown import Recorded, Stop, holds_unknown

if TYPE_CHECKING:
    from ansatzlint.readers.python.qiskit_recording import QiskitRecorder
    from ansatzlint.readers.python.recording import Recorder

_RETURNS = "a QNode, a tuple (qnode, *arguments) or a QuantumCircuit"


@dataclass(frozen=True, slots=True)
class _Around:
    """Surroundings of which the module's values are left out: they belong to one size."""

    namespace: Mapping[str, Any]
    document: Document
    syntax: Syntax

    def beside(self, qnode: Any) -> _Around:
        """The same without the names of the QNode's own arguments."""
        own = inspect.signature(qnode.func).parameters
        return replace(self, namespace={k: v for k, v in self.namespace.items() if k not in own})


@dataclass(frozen=True, slots=True)
class _Factory:
    """A function of the number of qubits, what it declares, and where it is defined.

    `files` says which code objects are the user's, for the places of gates; `arguments` are configured ones.
    """

    function: FunctionType
    declared: Declaration
    around: _Around
    location: Location | None
    files: Mapping[str, tuple[str, int | None]]
    arguments: str | None = None

    @property
    def name(self) -> str:
        return self.function.__name__

    def made(self, size: int) -> Any:
        """What the function returns at this size."""
        parameter = _size_parameter(self.function)
        if parameter.kind is parameter.KEYWORD_ONLY:
            return self.function(**{parameter.name: size})
        return self.function(size)


@dataclass(slots=True)
class _Built:
    """The circuits at the sizes where they could be built, ascending; why not at the others."""

    circuits: dict[int, Circuit] = field(default_factory=dict)
    missed: dict[int, str] = field(default_factory=dict)

    def all(self, sizes: Sequence[int], build: Callable[[int], Circuit]) -> None:
        """Build at each size. What is found stays here even where a `Stop` ends it."""
        for size in sorted(set(sizes)):
            try:
                circuit = build(size)
            except (Exception, SystemExit) as error:  # noqa: BLE001 - the user's function may raise anything
                cause = error.__cause__ if isinstance(error, InputError) and error.__cause__ else error
                self.missed[size] = explain(cause)
            except Recorded:
                self.missed[size] = "it needs the result of a circuit, which is recorded and not simulated"
            else:
                if any(circuit.qubits <= other.qubits for other in self.circuits.values()):
                    self.missed[size] = f"the circuit has {circuit.qubits} qubits there, no more than at a smaller size"
                else:
                    self.circuits[size] = circuit

    def circuit(self, factory: _Factory) -> Circuit | None:
        """That of the smallest size, which holds all of them; None if there is none."""
        if not self.circuits:
            return None
        circuits = tuple(self.circuits.values())
        return replace(circuits[0], sizes=factory.declared.sizes, at_sizes=circuits)

    def reasons(self, name: str) -> Iterator[str]:
        """Why sizes are missing, each reason once."""
        for reason in dict.fromkeys(self.missed.values()):
            sizes = [str(size) for size, other in self.missed.items() if other == reason]
            listed = ", ".join(sizes[:-1]) + " and " + sizes[-1] if len(sizes) > 1 else sizes[0]
            yield f"circuit `{name}` could not be built at size {listed}: {reason}"


# -- in the worker


def build_declared(run: Run, recorder: Recorder | None, qiskit_recorder: QiskitRecorder | None) -> None:
    """Hand on a circuit for each function of the file that declares sizes and is no circuit itself."""
    handled: set[tuple[str, int]] = set() if recorder is None else set(recorder.lines_made)
    for function in _functions(run, recorder):
        key = _key(function)
        declared = declaration(function)
        if key in handled or declared is None or not declared.sizes:
            continue
        handled.add(key)
        unit = run.document.unit(key[0])
        node = None if unit is None else _definition(unit, key[1])
        location = None if unit is None else unit.line_location(key[1] if node is None else node.lineno)
        run.sized.add(function.__name__)
        if (reason := _unfit(function)) is not None:
            run.emit(Unread(f"circuit `{function.__name__}` could not be built at its sizes: {reason}", location))
            continue
        around = _Around(layers_in(_defaults(function)), run.document, run.syntax)
        factory = _Factory(
            function, declared, around, location, run.files, run.arguments.get(function.__name__)
        )  # fmt: skip
        _emit_sizes(run, factory, recorder, qiskit_recorder)
    for unit in run.document.units:
        for found in ast.walk(unit.tree):
            if not isinstance(found, FunctionNode) or not run.syntax.is_sized_factory(found):
                continue
            if (unit.filename, _first_line(found)) not in handled:
                run.sized.add(found.name)
                reason = f"circuit `{found.name}` could not be built at its sizes: {_absent(run, found)}"
                run.emit(Unread(reason, unit.line_location(found.lineno)))


def _emit_sizes(
    run: Run, factory: _Factory, recorder: Recorder | None, qiskit_recorder: QiskitRecorder | None
) -> None:
    built = _Built()

    def build(size: int) -> Circuit:
        with recorder.aside() if recorder is not None else ExitStack():
            made = factory.made(size)
        with recorder.reading() if recorder is not None else ExitStack():
            return _read_made(factory, made, None if qiskit_recorder is None else qiskit_recorder.read)

    left = len(run.locals_left)
    try:
        if factory.location is not None:
            run.progress(factory.location.cell or 0, factory.location.line)
        built.all(factory.declared.sizes, build)
    except Stop as stop:
        for size in sorted(set(factory.declared.sizes) - built.circuits.keys() - built.missed.keys()):
            built.missed[size] = str(stop)
        raise
    finally:
        del run.locals_left[left:]
        circuit = built.circuit(factory)
        if circuit is not None:
            run.emit(circuit)
        for reason in built.reasons(factory.name):
            run.emit(Unread(reason, factory.location))


def _functions(run: Run, recorder: Recorder | None) -> Iterator[FunctionType]:
    """The file's own functions that names hold and that no QNode is made of."""
    quantum = set() if recorder is None else recorder.lines_made
    for namespace in [run.namespace, *run.locals_left]:
        for value in list(namespace.values()):
            if isinstance(value, FunctionType) and value.__code__.co_filename in run.files:
                unit = run.document.unit(value.__code__.co_filename)
                node = None if unit is None else _definition(unit, value.__code__.co_firstlineno)
                if _key(value) not in quantum and not (node is not None and run.syntax.is_quantum(node)):
                    yield value


def _absent(run: Run, node: FunctionNode) -> str:
    if node.name in run.scope.lost:
        return run.scope.lost[node.name]
    return run.stopped or "it is no plain function that the file defines when it is run"


# -- in the user's own process


def read_factory(function: FunctionType, declared: Declaration) -> Circuit:
    """The circuit of a function of the number of qubits, at the smallest of its declared sizes; it holds the others.

    A size at which it could not be built is named in the assumptions.

    Raises
    ------
    UsageError
        If the function takes other arguments than a number of qubits, or no size could be built.
    """
    name = function.__name__
    if (reason := _unfit(function)) is not None:
        raise UsageError(f"{name!r} could not be built at its sizes: {reason}")
    filename, line = _key(function)
    linecache.checkcache(filename)
    document = parse_file("".join(linecache.getlines(filename)), filename)
    shown = _shown(filename)
    node = _definition(document.units[0], line) if document.units else None
    location = None if node is None else replace(document.units[0].line_location(node.lineno), path=shown)
    around = _Around(layers_in(_defaults(function)), document, analyse(document))
    factory = _Factory(function, declared, around, location, {filename: (shown, None)})
    built = _Built()
    built.all(declared.sizes, lambda size: _read_made(factory, factory.made(size), None))
    circuit = built.circuit(factory)
    reasons = tuple(built.reasons(name))
    if circuit is None:
        raise UsageError("; ".join(reasons))
    return replace(circuit, assumptions=(*circuit.assumptions, *(f"{reason}." for reason in reasons)))


def _shown(filename: str) -> str:
    file, here = Path(filename), Path.cwd()
    return (file.relative_to(here) if file.is_relative_to(here) else file).as_posix()


# -- one size


def _read_made(
    factory: _Factory, made: Any, read_qiskit: Callable[[Any, str, Location | None], Circuit] | None
) -> Circuit:
    """The circuit that the function returned, with what its decorator declares."""
    first, args = made, None
    if isinstance(made, tuple) and made and _is_qnode(made[0]):
        first, args = made[0], made[1:] or None
    declared = factory.declared
    if _is_qnode(first):
        declared = _merged(declared, declaration(first))
        circuit = _read_qnode(factory, declared, first, args)
    elif _is_quantum_circuit(made):
        if read_qiskit is None:
            from ansatzlint.readers.qiskit import from_quantum_circuit

            circuit = from_quantum_circuit(made, name=factory.name)
        else:
            circuit = read_qiskit(made, factory.name, factory.location)
    else:
        what = "nothing" if made is None else f"a {type(made).__name__}"
        raise UsageError(f"it returns {what}; let it return {_RETURNS}")
    if declared.observable is not None:
        qubits = circuit.measured or tuple(range(circuit.qubits))
        circuit = replace(circuit, observables=(parse_observable(declared.observable, qubits, circuit.qubits),))
    if declared.init is not None:
        circuit = replace(circuit, initialisation=declared.init)
    return replace(circuit, location=factory.location or circuit.location, sizes=(), at_sizes=())


def _read_qnode(factory: _Factory, declared: Declaration, qnode: Any, args: tuple[Any, ...] | None) -> Circuit:
    from ansatzlint.readers.pennylane import from_qnode

    kwargs: dict[str, Any] = {}
    notes: tuple[str, ...] = ()
    if args is not None:
        if holds_unknown(args):
            raise UsageError("its arguments depend on the result of a circuit, which is recorded and not simulated")
        args = plain_value(args)
    elif declared.args is not None:
        args, kwargs = declared_arguments(declared.args)
    elif factory.arguments is not None:
        args, kwargs = literal_arguments(factory.arguments)
    else:
        try:
            args, kwargs, notes = from_surroundings(
                qnode, factory.around.beside(qnode), f"`{factory.name}` returns no arguments with the circuit"
            )
        except UndeterminedError as error:
            raise UsageError(f"{error} or return them with it: (qnode, *arguments)") from None
    circuit = from_qnode(
        qnode, args or (), kwargs, name=factory.name, files=factory.files, inputs=declared.inputs or None
    )  # fmt: skip
    return replace(circuit, assumptions=(*circuit.assumptions, *notes))


def _merged(outer: Declaration, inner: Declaration | None) -> Declaration:
    """What the factory declares, and what its QNode does where the factory says nothing."""
    if inner is None:
        return outer
    return Declaration(
        observable=inner.observable if outer.observable is None else outer.observable,
        init=inner.init if outer.init is None else outer.init,
        args=inner.args if outer.args is None else outer.args,
        inputs=outer.inputs or inner.inputs,
        sizes=outer.sizes,
    )


# -- functions


def _unfit(function: FunctionType) -> str | None:
    """Why the function is none of the number of qubits alone; None if it is one."""
    required = _required(function)
    if len(required) == 1:
        return None
    given = f"arguments {', '.join(p.name for p in required)}" if required else "no argument"
    return f"it requires {given}; let it require the number of qubits alone, and return {_RETURNS}"


def _size_parameter(function: FunctionType) -> inspect.Parameter:
    (parameter,) = _required(function)
    return parameter


def _required(function: FunctionType) -> list[inspect.Parameter]:
    return [
        p for p in inspect.signature(function).parameters.values()
        if p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)
    ]  # fmt: skip


def _defaults(function: FunctionType) -> dict[str, Any]:
    return {p.name: p.default for p in inspect.signature(function).parameters.values() if p.default is not p.empty}


def _key(function: FunctionType) -> tuple[str, int]:
    code = inspect.unwrap(function).__code__
    return code.co_filename, code.co_firstlineno


def _definition(unit: Unit, line: int) -> FunctionNode | None:
    return next((n for n in ast.walk(unit.tree) if isinstance(n, FunctionNode) and _first_line(n) == line), None)


def _first_line(node: FunctionNode) -> int:
    return min([node.lineno, *(d.lineno for d in node.decorator_list)])


def _is_qnode(value: Any) -> bool:
    return _comes_from(value, "pennylane") and hasattr(value, "func") and hasattr(value, "device")


def _is_quantum_circuit(value: Any) -> bool:
    return _comes_from(value, "qiskit") and hasattr(value, "num_qubits") and hasattr(value, "num_clbits")


def _comes_from(value: Any, library: str) -> bool:
    return any(base.__module__.partition(".")[0] == library for base in type(value).__mro__)
