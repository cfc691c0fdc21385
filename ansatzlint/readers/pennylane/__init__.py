"""PennyLane QNodes and tapes as circuits. Their tapes are built; nothing is simulated."""

from __future__ import annotations

import random
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Literal

import numpy as np
import pennylane as qml

from ansatzlint.angles import parameter, substitute
from ansatzlint.circuit import Amplitudes, Circuit, Gate, Location, Parameter, Unread
from ansatzlint.declaration import declaration
from ansatzlint.errors import InputError
from ansatzlint.readers.numbers import name_numbers
from ansatzlint.readers.pennylane.arguments import Arguments
from ansatzlint.readers.pennylane.measurements import observables
from ansatzlint.readers.pennylane.operations import MATRICES, Listing, names_in
from ansatzlint.readers.pennylane.places import Files, definition, noted
from ansatzlint.readers.pennylane.resolve import Values, resolve, used
from ansatzlint.readers.pennylane.trace import Traced, traced_array, traced_math

__all__ = ["from_qnode", "from_tape", "traced_math"]

Roles = Mapping[str, Literal["trainable", "input"]]


def from_qnode(
    qnode: Any,
    args: tuple[Any, ...] = (),
    kwargs: Mapping[str, Any] | None = None,
    *,
    name: str | None = None,
    path: str | None = None,
    files: Files | None = None,
    inputs: Collection[str] | None = None,
) -> Circuit:
    """The circuit of a QNode at the given arguments.

    Each number in the arguments becomes a parameter, named after the argument and its place in it
    (`weights[0,1,2]`). Angles are formulas of the parameters, found by calling the function with numbers that
    remember what is done to them, and checked by calling it with other plain numbers.

    Parameters
    ----------
    qnode : pennylane.QNode
    args, kwargs
        Of the call. Integers, strings and other objects reach the function as they are.
    name : str, optional
        Of the circuit; the function's own by default.
    path : str, optional
        What an error message names as the source.
    files : mapping, optional
        From a code object's file name to (path to show, notebook cell or None). Gates, templates and observables
        get the place of the innermost such code that made them.
    inputs : collection of str, optional
        Arguments that are data; without it the source's `requires_grad` decides, then the names.

    Raises
    ------
    InputError
        If the function cannot be called like that.
    """
    kwargs = dict(kwargs or {})
    name = name or _name(qnode.func)
    arguments = Arguments(qnode.func, args, kwargs, inputs or ())
    try:
        with _undisturbed(), noted(files) as places:
            tape = _first_tape(qnode, arguments)
    except Exception as error:  # the user's own code may raise anything
        raise _failure(error, name, path, files) from error
    wires = qnode.device.wires
    qubit_of = _qubit_of(wires if wires is not None and set(tape.wires) <= set(wires) else tape.wires)
    with _undisturbed():
        recorded = _listing(tape, qubit_of, places.found)

    def read_at(point: Values) -> Listing | None:
        try:
            with _undisturbed():
                return _listing(_tape(qnode, *arguments.at(point)), qubit_of, {})
        except Exception:  # noqa: BLE001 - the user's code may refuse values that it was not called with
            return None

    def read_traced() -> tuple[Listing | None, set[str]]:
        try:
            with _undisturbed(), traced_math():
                traced_tape = _tape(qnode, *arguments.traced())
                return _listing(traced_tape, qubit_of, {}), _in_observables(traced_tape)
        except Exception:  # noqa: BLE001 - code that cannot work with traced numbers is probed with plain ones
            return None, set()

    traced, in_observables = read_traced() if arguments.leaves else (None, set[str]())
    if traced is None and arguments.integers:
        # integers are often counts and indices, for which no traced number will do
        arguments.keep(arguments.integers)
        traced, in_observables = read_traced()
    elif traced is not None:
        reached = used([gate.angles for gate in traced.gates]) | traced.embedded
        doubtful = {*arguments.integers, *arguments.fields}
        arguments.keep([path for path in doubtful if reached.isdisjoint(arguments.leaves[path].names)])
    values = arguments.values
    embedded = traced.embedded if traced is not None else set[str]()
    roles, assumptions = arguments.roles(embedded)
    declared = declaration(qnode)
    circuit = _assemble(
        recorded, traced, values, read_at, roles, assumptions,
        in_observables=in_observables, tape=tape, places=places.found, name=name, qubit_of=qubit_of,
        location=definition(qnode.func, files) if files else None, name_fixed=not arguments.leaves,
    )  # fmt: skip
    return replace(circuit, sizes=declared.sizes) if declared is not None and declared.sizes else circuit


def from_tape(tape: Any, *, name: str = "tape") -> Circuit:
    """The circuit of a tape: the numbers in `tape.trainable_params` are parameters `t0`, `t1`, …, each its own."""
    targets: dict[int, dict[int, tuple[str, np.ndarray[Any, Any]]]] = {}
    values: dict[str, float] = {}
    for number, index in enumerate(tape.trainable_params):
        info = tape.par_info[index]
        if info["op_idx"] >= len(tape.operations):
            continue
        data = np.asarray(info["op"].data[info["p_idx"]])
        if data.dtype.kind not in "fiu":
            continue
        targets.setdefault(info["op_idx"], {})[info["p_idx"]] = (f"t{number}", data)
        values.update(zip(_names(f"t{number}", data), (float(v) for v in data.flat), strict=True))

    def bound(make: Callable[[str, np.ndarray[Any, Any]], Any]) -> list[Any]:
        operations = []
        for index, op in enumerate(tape.operations):
            if index in targets:
                numbers = [make(*targets[index][k]) if k in targets[index] else x for k, x in enumerate(op.data)]
                op = qml.ops.functions.bind_new_parameters(op, numbers)
            operations.append(op)
        return operations

    qubit_of = _qubit_of(tape.wires)

    def listing(operations: Sequence[Any]) -> Listing:
        result = Listing(qubit_of, {}, with_closures=False)
        result.add_all(operations)
        return result

    def read_at(point: Values) -> Listing | None:
        def number(stem: str, data: np.ndarray[Any, Any]) -> Any:
            return np.array([point[n] for n in _names(stem, data)]).reshape(data.shape)[()]

        try:
            return listing(bound(number))
        except Exception:  # noqa: BLE001 - an operation may refuse values that it was not made with
            return None

    def trace(stem: str, data: np.ndarray[Any, Any]) -> Any:
        if data.ndim == 0:
            return Traced(float(data), parameter(stem))
        return traced_array([float(v) for v in data.flat], _names(stem, data), data.shape)

    try:
        traced = listing(bound(trace))
    except Exception:  # noqa: BLE001 - an operation that cannot hold traced numbers is probed with plain ones
        traced = None
    return _assemble(
        listing(tape.operations), traced, values, read_at, {}, (),
        in_observables=set(), tape=tape, places={}, name=name, qubit_of=qubit_of, location=None, name_fixed=False,
    )  # fmt: skip


def _assemble(
    recorded: Listing,
    traced: Listing | None,
    values: Values,
    read_at: Callable[[Values], Listing | None],
    roles: Roles,
    assumptions: tuple[str, ...],
    *,
    in_observables: set[str],
    tape: Any,
    places: Mapping[int, Location],
    name: str,
    qubit_of: Mapping[Any, int],
    location: Location | None,
    name_fixed: bool,
) -> Circuit:
    resolved = resolve(recorded, traced, values, read_at)
    gates: tuple[Gate, ...] = tuple(
        replace(gate, angles=angles) if angles else gate
        for gate, angles in zip(recorded.gates, resolved.angles, strict=True)
    )
    initial_state, state_unread = _initial_state(recorded, traced, values, read_at)
    live = used(resolved.angles) | set(initial_state.parameters if initial_state else ())
    elsewhere = in_observables | (traced.noise_parameters | traced.skipped if traced is not None else set())
    parameters = [
        Parameter(n, roles.get(n, "trainable"), value) for n, value in values.items() if n in live or n not in elsewhere
    ]
    notes = list(assumptions)
    if recorded.batched:
        notes.append("arguments come in batches; the circuit is that of the first entry")
    if in_observables - live:
        listed = _some(in_observables - live)
        notes.append(f"the observable depends on {listed}; its coefficients are the recorded ones")
    gates, closures = _name_closures(gates, recorded.closures, {p.name for p in parameters})
    if closures:
        notes.append(
            "trainable tensors that the circuit takes from its surroundings are its parameters "
            f"{closures[0].name}, …; equal values count as one parameter"
        )
        parameters.extend(closures)
    if name_fixed and not parameters:
        fixed = {k for b in recorded.blocks if b.name in MATRICES for k in range(b.start, b.stop)}
        gates, named, assumed = name_numbers(gates, fixed)
        parameters.extend(named)
        notes.extend(assumed)
    found, unread = observables(tape.measurements, qubit_of, places)
    labels = tuple(str(wire) for wire in qubit_of)
    return Circuit(
        name=name,
        qubits=len(qubit_of),
        gates=gates,
        parameters=tuple(parameters),
        observables=found,
        labels=labels if labels != tuple(str(i) for i in range(len(labels))) else (),
        initial_state=initial_state,
        shots=tape.shots.total_shots,
        blocks=tuple(recorded.blocks),
        channels=tuple(recorded.channels),
        assumptions=tuple(notes),
        unread=tuple(dict.fromkeys([*recorded.unread, *resolved.unread, *state_unread, *unread])),
        location=location,
    )


def _initial_state(
    recorded: Listing, traced: Listing | None, values: Values, read_at: Callable[[Values], Listing | None]
) -> tuple[Amplitudes | None, tuple[Unread, ...]]:
    state = recorded.initial_state
    if state is None or not values:
        return state, ()
    if traced is not None and traced.initial_state is not None and traced.initial_state.parameters:
        return traced.initial_state, ()
    elsewhere = read_at({name: 0.7 * value + 0.2 + 0.01 * k for k, (name, value) in enumerate(values.items())})
    if elsewhere is not None and elsewhere.initial_state is not None:
        others = elsewhere.initial_state.values
        if others is None or state.values is None or not np.allclose(others, state.values, atol=1e-9):
            reason = "the initial state depends on the arguments by a formula that could not be followed"
            return Amplitudes(state.qubits), (Unread(reason),)
    return state, ()


def _name_closures(
    gates: tuple[Gate, ...], closures: Values, taken: Collection[str]
) -> tuple[tuple[Gate, ...], list[Parameter]]:
    """The gates with the closures that are left renamed p0, p1, … without gaps, and these parameters."""
    left = [name for name in closures if any(name in gate.parameters for gate in gates)] if closures else []
    if not left:
        return gates, []
    stem = "p"
    while any(f"{stem}{k}" in taken for k in range(len(left))):
        stem += "_"
    renamed = {old: f"{stem}{k}" for k, old in enumerate(left)}
    symbols = {old: parameter(new) for old, new in renamed.items()}
    gates = tuple(
        replace(gate, angles=tuple(substitute(angle, symbols) for angle in gate.angles)) if gate.angles else gate
        for gate in gates
    )
    return gates, [Parameter(new, "trainable", closures[old]) for old, new in renamed.items()]


def _some(names: Collection[str]) -> str:
    listed = sorted(names)
    return ", ".join(listed[:3]) + (" …" if len(listed) > 3 else "")


def _names(stem: str, data: np.ndarray[Any, Any]) -> list[str]:
    if data.ndim == 0:
        return [stem]
    return [f"{stem}[{','.join(map(str, index))}]" for index in np.ndindex(data.shape)]


def _name(function: Any) -> str:
    inner = getattr(function, "func", function)  # a functools.partial has no name of its own
    return str(getattr(inner, "__name__", type(inner).__name__))


def _listing(tape: Any, qubit_of: Mapping[Any, int], places: Mapping[int, Location]) -> Listing:
    listing = Listing(qubit_of, places)
    listing.add_all(tape.operations)
    return listing


def _tape(qnode: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """The tape after the user's transforms, or before them where they make several tapes of one."""
    tapes, _ = qml.workflow.construct_batch(qnode, level="user")(*args, **kwargs)
    if len(tapes) == 1:
        return tapes[0]
    return qml.workflow.construct_tape(qnode, level="top")(*args, **kwargs)


def _first_tape(qnode: Any, arguments: Arguments) -> Any:
    """The tape at the recorded values, without gradients asked for where the function allows it."""
    states = np.random.get_state(), random.getstate()
    try:
        return _tape(qnode, *arguments.at(arguments.values))
    except Exception:  # noqa: BLE001 - the user's own code may need the very objects, and may raise anything
        np.random.set_state(states[0])
        random.setstate(states[1])
        return _tape(qnode, arguments.args, arguments.kwargs)


def _qubit_of(wires: Any) -> dict[Any, int]:
    labels = list(wires)
    if all(isinstance(label, int) for label in labels):
        labels.sort()
    return {label: index for index, label in enumerate(labels)}


def _in_observables(tape: Any) -> set[str]:
    found: set[str] = set()
    for measurement in tape.measurements:
        if measurement.obs is not None:
            for x in measurement.obs.data:
                found |= names_in(x)
    return found


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Each run sees the same random numbers, leaves none used up, and says nothing of its own warnings."""
    states = np.random.get_state(), random.getstate()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        np.random.set_state(states[0])
        random.setstate(states[1])


def _failure(error: Exception, name: str, path: str | None, files: Files | None) -> InputError:
    line = None
    traceback = error.__traceback__
    while traceback is not None:
        if files and traceback.tb_frame.f_code.co_filename in files:
            line = traceback.tb_lineno
            path = path or files[traceback.tb_frame.f_code.co_filename][0]
        traceback = traceback.tb_next
    message = f"the circuit {name!r} cannot be built with these arguments: {type(error).__name__}: {error}"
    return InputError(message, path=path or name, line=line)
