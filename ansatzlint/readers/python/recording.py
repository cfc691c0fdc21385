"""Records the QNodes that a running slice makes and calls, instead of simulating them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any

from ansatzlint.circuit import Circuit, Unread
from ansatzlint.declaration import declaration
from ansatzlint.errors import AnsatzlintError, UsageError
from ansatzlint.observables import parse_observable
from ansatzlint.readers.python.arguments import (
    UndeterminedError,
    declared_arguments,
    from_surroundings,
    literal_arguments,
    plain_value,
)
from ansatzlint.readers.python.document import Unit
from ansatzlint.readers.python.running import Failure, Run, explain, site_of
from ansatzlint.readers.python.syntax import Site
from ansatzlint.readers.python.unknown import Recorded, Unknown, holds_unknown

_PLACE = "__ansatzlint_place__"
_ORIGIN = "__ansatzlint_origin__"
_SIBLING = "circuit `{}` is also made in other shapes, of which no call was run; those are not read"
MAX_VERSIONS = 8
"""Circuits that one function may make, such as one a number of qubits; later ones are not read."""


@dataclass(frozen=True)
class _Call:
    """The first call of a QNode of some function: the circuit's name, the device's wires, the arguments."""

    name: str
    wires: tuple[Any, ...] | None
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]


class Recorder:
    """Stands in for PennyLane's QNode, its optimisers and its drawers while a slice runs."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.qnodes: list[Any] = []
        self._recorded: dict[int, Any] = {}
        self._names: dict[str, list[Circuit]] = {}
        self._sites: set[int] = set()
        self._codes: set[int] = set()
        self._called: dict[int, _Call] = {}
        self._origins: set[object] = set()
        self._inside = False
        self._aside = False
        run.unrecorded = self._unrecorded_names

    # -- what the patched PennyLane calls

    def install(self) -> None:
        """Patch the PennyLane of this process, for good: the process reads one file."""
        import pennylane as qml

        recorder = self
        qnode_class: Any = qml.QNode
        make, call = qnode_class.__init__, qnode_class.__call__

        @wraps(make)
        def made(self: Any, *args: Any, **kwargs: Any) -> None:
            make(self, *args, **kwargs)
            recorder.note_made(self)

        @wraps(call)
        def called(self: Any, *args: Any, **kwargs: Any) -> Any:
            if recorder._inside:
                raise AnsatzlintError("a circuit calls another circuit while it is built")
            return recorder.note_call(self, args, kwargs)

        qnode_class.__init__ = made
        qnode_class.__call__ = called
        for name in ("draw", "draw_mpl", "specs"):
            setattr(qml, name, self._drawer(getattr(qml, name)))
        for optimizer in vars(qml.optimize).values():
            if isinstance(optimizer, type):
                for name in ("step", "step_and_cost"):
                    if name in vars(optimizer):
                        setattr(optimizer, name, self._optimiser_step(getattr(optimizer, name)))

    def note_made(self, qnode: Any) -> None:
        """A QNode came into being; those of other modules are left to them."""
        place = self.run.place_of_frame(sys._getframe(2))
        if place is not None:
            setattr(qnode, _PLACE, place)
            setattr(qnode, _ORIGIN, object())  # copies, which transforms make, keep it
            self.qnodes.append(qnode)
            site = site_of(self.run.syntax, *place)
            if site is not None:
                self._sites.add(id(site))

    def note_call(self, qnode: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Unknown:
        """A QNode is called: record it and end the statement, or pass over one that is on record."""
        run = self.run
        if self._aside:
            return Unknown()
        self._origins.add(getattr(qnode, _ORIGIN, None))
        if run.pending:
            raise Recorded  # the user's code took the first signal and went on
        if id(qnode) in self._recorded:
            if run.continuing:
                return Unknown()
            run.pending = True
            raise Recorded
        if holds_unknown(args) or holds_unknown(kwargs):
            self._recorded[id(qnode)] = qnode
            self._codes.add(_code(qnode))
            self._refuse(qnode, "its arguments depend on the result of another circuit")
        else:
            given = plain_value(args), plain_value(kwargs)
            before = run.recorded
            self.record(qnode, *given)
            if run.recorded > before:
                self._called.setdefault(_code(qnode), _Call(self._name(qnode), _wires(qnode), *given))
        run.pending = True
        raise Recorded

    @contextmanager
    def aside(self) -> Iterator[None]:
        """While inside, the QNodes that are made are not the file's own, and calls of QNodes are not recorded."""
        known = len(self.qnodes)
        self._aside = True
        try:
            yield
        finally:
            self._aside = False
            self._recorded.update((id(qnode), qnode) for qnode in self.qnodes[known:])

    @contextmanager
    def reading(self) -> Iterator[None]:
        """While inside, a circuit is built, which may call no other."""
        self._inside = True
        try:
            yield
        finally:
            self._inside = False

    @property
    def lines_made(self) -> frozenset[tuple[str, int]]:
        """The file and first line of the functions that QNodes were made of."""
        codes = [getattr(_function(qnode), "__code__", None) for qnode in self.qnodes]
        return frozenset((code.co_filename, code.co_firstlineno) for code in codes if code is not None)

    def record(
        self, qnode: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any], assumptions: tuple[str, ...] = (),
        *, fitting: bool = False,
    ) -> None:  # fmt: skip
        """Build the QNode's circuit at these arguments, or at those that are declared, and hand it on; if `fitting`
        is asked for, only where it uses all the numbers in them."""
        from ansatzlint.readers.pennylane import from_qnode

        run = self.run
        self._recorded[id(qnode)] = qnode
        self._codes.add(_code(qnode))
        name = self._name(qnode)
        declared = declaration(qnode)
        try:
            with self.reading():
                given = self._declared(qnode, name)
                if given is not None:
                    (args, kwargs), assumptions = given, ()
                circuit = from_qnode(
                    qnode, args, kwargs, name=name, path=run.document.path, files=run.files,
                    inputs=declared.inputs if declared and declared.inputs else None,
                )  # fmt: skip
            if declared is not None and declared.observable is not None:
                qubits = tuple(range(circuit.qubits))
                cost = parse_observable(declared.observable, qubits, circuit.qubits)
                circuit = replace(circuit, observables=(cost,))
        except (Exception, SystemExit) as error:  # noqa: BLE001 - the user's function may raise anything
            cause = error.__cause__ or error
            default = self._location(qnode)
            place = default if default is None else run.place_of_error(cause, default)
            reason = explain(cause)
            run.emit(Unread(f"circuit `{name}` could not be traced: {reason}", place))
            return
        if declared is not None and declared.init is not None:
            circuit = replace(circuit, initialisation=declared.init)
        place = circuit.location or self._location(qnode)
        used = {n for gate in circuit.gates for n in gate.parameters}
        if circuit.initial_state is not None:
            used.update(circuit.initial_state.parameters)
        if fitting and not used.issuperset(p.name for p in circuit.parameters):
            run.emit(Unread(_SIBLING.format(name), place))
            return
        circuit = replace(circuit, assumptions=(*circuit.assumptions, *assumptions), location=place)
        others = self._names.setdefault(name, [])
        if any(_same(circuit, other) for other in others):
            return
        if len(others) == MAX_VERSIONS:
            run.emit(Unread(f"circuit `{name}`: only the first {MAX_VERSIONS} versions of it are read", place))
            return
        run.recorded += 1
        others.append(circuit)
        run.emit(circuit if len(others) == 1 else replace(circuit, name=f"{name}#{len(others)}"))

    # -- after the run

    def finish(self, lost: Mapping[str, str]) -> None:
        """Trace the QNodes that nobody called, with arguments from around them; say what could not be had."""
        run = self.run
        for qnode in list(self.qnodes):
            if id(qnode) in self._recorded:
                continue
            if _code(qnode) in self._codes:
                self._record_sibling(qnode)
                continue
            name = self._name(qnode)
            missing = run.slice.names.expand({name, getattr(qnode.func, "__name__", name)}) & lost.keys()
            if missing:
                self._codes.add(_code(qnode))
                self._refuse(qnode, lost[min(missing)])
                continue
            try:
                if self._declared(qnode, name) is not None:
                    self.record(qnode, (), {})
                    continue
                failure = self._failed_call(name)
                uncalled = "The file never calls this circuit"
                if failure is not None:
                    uncalled = f"No call of this circuit could be run (line {failure.location.line}: {failure.reason})"
                args, kwargs, assumptions = from_surroundings(qnode, run, uncalled)
            except (UndeterminedError, UsageError) as error:
                self._codes.add(_code(qnode))
                self._refuse(qnode, str(error))
                continue
            if failure is not None:
                reason = f"circuit `{name}` is traced with assumed arguments, since its call could not be run"
                run.emit(Unread(f"{reason}: {failure.reason}", failure.location))
            self.record(qnode, args, kwargs, assumptions)
        for site in run.syntax.sites:
            if id(site) not in self._sites and site.inside not in run.sized:
                run.emit(self._never_made(site))

    def _never_made(self, site: Site) -> Unread:
        run = self.run
        if run.stopped is not None:
            reason = run.stopped
        elif run.failures:
            failure = run.failures[0]
            reason = f"{failure.reason} (line {failure.location.line})"
            return Unread(f"circuit `{site.name}` could not be traced: {reason}", failure.location)
        elif site.inside is not None:
            reason = f"it is made in `{site.inside}`, which the file does not call with arguments that are known"
        else:
            reason = "the file does not get to where it is made"
        return Unread(f"circuit `{site.name}` could not be traced: {reason}", site.unit.line_location(site.span[1]))

    def _record_sibling(self, qnode: Any) -> None:
        """Trace a QNode of a function of which another one was called, such as one of a list: as that one."""
        call = self._called.get(_code(qnode))
        if call is None or self._declared(qnode, call.name) is not None:
            return
        if getattr(qnode, _ORIGIN, None) in self._origins:
            return  # what a transform was applied to
        if _wires(qnode) != call.wires:
            self.run.emit(Unread(_SIBLING.format(call.name), self._location(qnode)))
            return
        note = f"This one of the circuits `{call.name}` is not seen to be called; its arguments are the first one's."
        self.record(qnode, call.args, call.kwargs, (note,), fitting=True)

    # -- details

    def _failed_call(self, name: str) -> Failure | None:
        """What kept the calls of a circuit from being run; None if the file has none, or nothing is known."""
        run = self.run
        calls = [step for step in run.slice.steps if step.touches & {name, f".{name}"}]
        needs = run.slice.names.expand({needed for step in calls for needed in step.needs})
        lines = {(step.unit.cell, step.line) for step in calls}
        for failure in run.failures:
            if failure.names & needs or (failure.location.cell, failure.location.line) in lines:
                return failure
        for step in calls:
            if missing := step.needs & run.scope.lost.keys():
                return Failure(run.scope.lost[min(missing)], step.unit.line_location(step.line), step.binds)
        return None

    def _unrecorded_names(self) -> Iterator[str]:
        for qnode in self.qnodes:
            if id(qnode) not in self._recorded and _code(qnode) not in self._codes:
                yield self._name(qnode)

    def _declared(self, qnode: Any, name: str) -> tuple[tuple[Any, ...], dict[str, Any]] | None:
        declared = declaration(qnode)
        if declared is not None and declared.args is not None:
            return declared_arguments(declared.args)
        if name in self.run.arguments:
            return literal_arguments(self.run.arguments[name])
        return None

    def _place(self, qnode: Any) -> tuple[Unit, int] | None:
        return getattr(qnode, _PLACE, None)

    def _location(self, qnode: Any) -> Any:
        place = self._place(qnode)
        if place is None:
            here = self.run.place_of_frame(sys._getframe(1))
            return None if here is None else here[0].line_location(here[1])
        site = site_of(self.run.syntax, *place)
        return place[0].line_location(place[1] if site is None else site.span[1])

    def _name(self, qnode: Any) -> str:
        place = self._place(qnode)
        site = None if place is None else site_of(self.run.syntax, *place)
        if site is not None:
            return site.name
        function = getattr(qnode.func, "func", qnode.func)
        name = str(getattr(function, "__name__", "circuit"))
        return name if name.isidentifier() else "circuit"

    def _refuse(self, qnode: Any, reason: str) -> None:
        self.run.emit(Unread(f"circuit `{self._name(qnode)}` could not be traced: {reason}", self._location(qnode)))

    def _drawer(self, original: Any) -> Any:
        recorder = self

        @wraps(original)
        def drawer(qnode: Any, *_: Any, **__: Any) -> Callable[..., Any]:
            def drawn(*args: Any, **kwargs: Any) -> Any:
                if isinstance(getattr(qnode, "func", None), Callable) and hasattr(qnode, "device"):  # type: ignore[arg-type]
                    return recorder.note_call(qnode, args, kwargs)
                return qnode(*args, **kwargs)

            return drawn

        return drawer

    def _optimiser_step(self, original: Any) -> Any:
        import inspect

        @wraps(original)
        def step(self: Any, objective_fn: Any, *args: Any, **kwargs: Any) -> Any:
            if not callable(objective_fn):
                return original(self, objective_fn, *args, **kwargs)
            function = getattr(objective_fn, "func", objective_fn)
            known = inspect.signature(function).parameters
            if not any(p.kind is p.VAR_KEYWORD for p in known.values()):
                kwargs = {key: value for key, value in kwargs.items() if key in known}
            objective_fn(*args, **kwargs)
            raise Recorded  # the objective reached no circuit that is not on record

        return step


def _wires(qnode: Any) -> tuple[Any, ...] | None:
    wires = qnode.device.wires
    return None if wires is None else tuple(wires)


def _code(qnode: Any) -> int:
    function = _function(qnode)
    return id(getattr(function, "__code__", function))


def _function(qnode: Any) -> Any:
    function = getattr(qnode.func, "func", qnode.func)
    return getattr(function, "__func__", function)


def _same(a: Circuit, b: Circuit) -> bool:
    """Whether two circuits have the same gates on the same parameters and the same observables."""

    def key(circuit: Circuit) -> tuple[Any, ...]:
        gates = tuple(replace(gate, location=None) for gate in circuit.gates)
        return circuit.qubits, gates, tuple(replace(o, location=None) for o in circuit.observables)

    return key(a) == key(b)
