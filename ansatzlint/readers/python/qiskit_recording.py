"""Keeps track of the Qiskit circuits that a running slice builds: the line of each instruction, which circuit went
into which, and the observable that an estimator is given with one. Nothing is transpiled or simulated."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import wraps
from typing import Any

from ansatzlint.circuit import Circuit, Location, Unread
from ansatzlint.readers.python.running import Run, explain
from ansatzlint.readers.python.unknown import Recorded

_DERIVING = ("assign_parameters", "decompose", "inverse", "reverse_ops", "reverse_bits", "remove_final_measurements")
_CONSUMING = ("compose", "append", "tensor", "to_gate", "to_instruction", "control", "power", "repeat")


class QiskitRecorder:
    """Stands in for the parts of Qiskit that run circuits, and watches those that build them."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self._alive: dict[int, Any] = {}
        self._places: dict[int, list[Location | None]] = {}
        self._consumed: set[int] = set()
        self._origin: dict[int, int] = {}
        self._observables: dict[int, list[Any]] = {}
        self._used: dict[int, str] = {}
        self._busy = False

    def install(self) -> None:
        """Patch the Qiskit of this process, for good: the process reads one file."""
        import qiskit
        from qiskit import QuantumCircuit, primitives, quantum_info
        from qiskit.transpiler import PassManager

        circuit_class: Any = QuantumCircuit
        circuit_class._append = self._noting(circuit_class._append)
        circuit_class.copy = self._copying(circuit_class.copy)
        for name in _DERIVING:
            setattr(circuit_class, name, self._deriving(getattr(circuit_class, name)))
        for name in _CONSUMING:
            setattr(circuit_class, name, self._consuming(getattr(circuit_class, name)))
        qiskit.transpile = _unchanged
        qiskit.compiler.transpile = _unchanged
        manager: Any = PassManager
        manager.run = _unchanged_by_method
        for derived in manager.__subclasses__():
            if "run" in vars(derived):
                setattr(derived, "run", _unchanged_by_method)  # noqa: B010  # typed as `type`
        for name in dir(primitives):
            primitive: Any = getattr(primitives, name)
            if hasattr(primitive, "run") and not name.startswith("Base"):
                primitive.run = self._running()
        for name in ("Statevector", "DensityMatrix", "Operator"):
            simulated = getattr(quantum_info, name)
            simulated.__init__ = self._simulating(simulated.__init__)
            for method in ("from_instruction", "from_circuit"):
                if hasattr(simulated, method):
                    setattr(simulated, method, self._simulating(getattr(simulated, method)))

    def finish(self) -> None:
        """Hand on the circuits that the names of the file hold, and say so where there are none."""
        self._busy = True
        bound: dict[int, tuple[str, Any]] = {}
        for key, named in self._bound():
            bound.setdefault(key, named)  # the first name tells most: that of the module
        chosen = self._choose(bound)
        found: list[Circuit] = []
        names: dict[str, int] = {}
        for name, qc in chosen:
            place = self._definition(name)
            try:
                circuit = self.read(qc, name, place)
            except Exception as error:  # noqa: BLE001 - definitions of the user's own gates may raise anything
                self.run.emit(Unread(f"circuit `{name}` could not be read: {explain(error)}", place))
                continue
            circuit = replace(circuit, location=circuit.location or place)
            if any(_gates(circuit) == _gates(other) for other in found):
                continue
            found.append(circuit)
            names[name] = names.get(name, 0) + 1
            self.run.emit(circuit if names[name] == 1 else replace(circuit, name=f"{name}#{names[name]}"))
        if not chosen and not self.run.syntax.sites and not self.run.sized:
            self._say_none()

    def read(self, qc: Any, name: str, place: Location | None) -> Circuit:
        """The circuit with the places of its instructions, `place` for those of which none is known."""
        from ansatzlint.readers.qiskit import from_quantum_circuit

        places = self._places.get(id(qc), [])
        places = [p or place for p in places] + [place] * (len(qc.data) - len(places))
        busy, self._busy = self._busy, True
        try:
            return from_quantum_circuit(
                qc, name=name, observable=self._observable(qc), places=places[: len(qc.data)]
            )
        finally:
            self._busy = busy

    # -- which circuits

    def _bound(self) -> Iterator[tuple[int, tuple[str, Any]]]:
        for namespace in [self.run.namespace, *self.run.locals_left]:
            yield from _circuits_in(namespace)
        for key, name in self._used.items():
            yield key, (name, self._alive[key])

    def _choose(self, bound: Mapping[int, tuple[str, Any]]) -> list[tuple[str, Any]]:
        from qiskit import QuantumCircuit

        candidates = {k: v for k, v in bound.items() if isinstance(v[1], QuantumCircuit) and v[1].num_qubits}
        parametrised = {k: v for k, v in candidates.items() if v[1].num_parameters}
        pool = parametrised or candidates
        kept = {k: v for k, v in pool.items() if not self._stems_from(k, pool)}
        outer = {k: v for k, v in kept.items() if k not in self._consumed}
        return list((outer or kept).values())

    def _stems_from(self, key: int, pool: Mapping[int, Any]) -> bool:
        seen = set()
        while key in self._origin and key not in seen:
            seen.add(key)
            key = self._origin[key]
            if key in pool:
                return True
        return False

    def _observable(self, qc: Any) -> Any:
        found = self._observables.get(id(qc), [])
        for derived, origin in self._origin.items():
            if origin == id(qc):
                found = found + self._observables.get(derived, [])
        if len(found) != 1 and any(o != found[0] for o in found[1:]):
            return None
        return found[0] if found and getattr(found[0], "num_qubits", None) == qc.num_qubits else None

    def _definition(self, name: str) -> Location | None:
        for unit in self.run.document.units:
            for node in ast.walk(unit.tree):
                if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store):
                    return unit.line_location(node.lineno)
        return None

    def _say_none(self) -> None:
        run = self.run
        for unit in run.document.units:
            for node in ast.walk(unit.tree):
                name = run.syntax.dotted(node.func) if isinstance(node, ast.Call) else None
                if name and name.startswith("qiskit") and run.syntax.is_circuit_maker(node):
                    place = unit.line_location(getattr(node, "lineno", 1))
                    if run.failures:
                        reason = f"{run.failures[0].reason} (line {run.failures[0].location.line})"
                        place = run.failures[0].location
                    else:
                        reason = run.stopped or "the file does not run the code that builds it"
                    run.emit(Unread(f"a circuit could not be traced: {reason}", place))
                    return

    # -- what the patched Qiskit calls

    def _here(self) -> Location | None:
        place = self.run.place_of_frame(sys._getframe(2))
        return None if place is None else place[0].line_location(place[1])

    def _noting(self, original: Any) -> Any:
        @wraps(original)
        def append(qc: Any, *args: Any, **kwargs: Any) -> Any:
            result = original(qc, *args, **kwargs)
            if not self._busy:
                self._fill(qc, self._here())
            return result

        return append

    def _fill(self, qc: Any, place: Location | None) -> None:
        """Give `place` to the instructions of a circuit that have none yet."""
        self._alive[id(qc)] = qc
        places = self._places.setdefault(id(qc), [])
        places.extend([place] * (len(qc._data) - len(places)))

    def _copying(self, original: Any) -> Any:
        @wraps(original)
        def copied(qc: Any, *args: Any, **kwargs: Any) -> Any:
            result = original(qc, *args, **kwargs)
            self._alive[id(result)] = result
            self._places[id(result)] = list(self._places.get(id(qc), ()))
            return result

        return copied

    def _deriving(self, original: Any) -> Any:
        @wraps(original)
        def derive(qc: Any, *args: Any, **kwargs: Any) -> Any:
            result = original(qc, *args, **kwargs)
            if result is not None and result is not qc:
                self._alive[id(result)], self._alive[id(qc)] = result, qc
                self._origin[id(result)] = id(qc)
            return result

        return derive

    def _consuming(self, original: Any) -> Any:
        from qiskit import QuantumCircuit

        joins = original.__name__ in ("compose", "append", "tensor")

        @wraps(original)
        def consume(qc: Any, *args: Any, **kwargs: Any) -> Any:
            if self._busy or self.run.place_of_frame(sys._getframe(1)) is None:
                return original(qc, *args, **kwargs)
            parts = [a for a in [*args, *kwargs.values()] if isinstance(a, QuantumCircuit)] if joins else [qc]
            result = original(qc, *args, **kwargs)
            for part in parts:
                self._alive[id(part)] = part
                self._consumed.add(id(part))
            grown = result if isinstance(result, QuantumCircuit) else qc
            if joins and isinstance(grown, QuantumCircuit):
                self._fill(grown, self._here())
                if grown is not qc:
                    self._consumed.add(id(qc))
            return result

        return consume

    def _use(self, qc: Any, observable: Any = None) -> None:
        self._alive[id(qc)] = qc
        frame = self.run.user_frame(sys._getframe(2))
        name = "circuit"
        if frame is not None:
            name = next((k for k, v in frame.f_locals.items() if v is qc), name)
        self._used.setdefault(id(qc), name)
        if observable is not None:
            self._observables.setdefault(id(qc), []).append(observable)

    def _running(self) -> Any:
        def run(_: Any, pubs: Any = (), *__: Any, **___: Any) -> Any:
            for pub in pubs if isinstance(pubs, list | tuple) else [pubs]:
                if isinstance(pub, tuple) and pub:
                    observable = pub[1] if len(pub) > 1 and hasattr(pub[1], "num_qubits") else None
                    self._use(pub[0], observable)
                elif hasattr(pub, "num_qubits"):
                    self._use(pub)
            self.run.pending = True
            raise Recorded

        return run

    def _simulating(self, original: Any) -> Any:
        from qiskit import QuantumCircuit

        @wraps(original)
        def simulate(*args: Any, **kwargs: Any) -> Any:
            direct = self.run.user_frame(sys._getframe(1)) is sys._getframe(1)
            circuits = [a for a in [*args, *kwargs.values()] if isinstance(a, QuantumCircuit)]
            if circuits and direct and not self._busy:
                self._use(circuits[0])
                self.run.pending = True
                raise Recorded
            return original(*args, **kwargs)

        return simulate


def _unchanged(circuits: Any, *_: Any, **__: Any) -> Any:
    return circuits


def _unchanged_by_method(_: Any, circuits: Any, *__: Any, **___: Any) -> Any:
    return circuits


def _circuits_in(namespace: Mapping[str, Any]) -> Iterator[tuple[int, tuple[str, Any]]]:
    from qiskit import QuantumCircuit

    for name, value in namespace.items():
        if name.startswith("__"):
            continue
        if isinstance(value, QuantumCircuit):
            yield id(value), (name, value)
        elif isinstance(value, list | tuple):
            for item in value[:32]:
                if isinstance(item, QuantumCircuit):
                    yield id(item), (name, item)
        elif isinstance(value, dict):
            for item in list(value.values())[:32]:
                if isinstance(item, QuantumCircuit):
                    yield id(item), (name, item)
        elif type(value).__module__ == "__main__" and hasattr(value, "__dict__"):
            for attribute, item in vars(value).items():
                if isinstance(item, QuantumCircuit):
                    yield id(item), (attribute, item)


def _gates(circuit: Circuit) -> tuple[Any, ...]:
    return circuit.qubits, tuple(replace(gate, location=None) for gate in circuit.gates)
