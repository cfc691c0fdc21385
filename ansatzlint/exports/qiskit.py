"""A circuit as a Qiskit `QuantumCircuit`."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ansatzlint.angles import FUNCTIONS, Angle, Expression, evaluate, fold, names, to_text
from ansatzlint.circuit import Circuit, Gate
from ansatzlint.errors import CircuitError, MissingDependencyError
from ansatzlint.gates import base, rotations

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

_CLASSES = {
    "id": "IGate", "x": "XGate", "y": "YGate", "z": "ZGate", "h": "HGate", "s": "SGate", "sdg": "SdgGate",
    "t": "TGate", "tdg": "TdgGate", "sx": "SXGate", "sxdg": "SXdgGate", "rx": "RXGate", "ry": "RYGate",
    "rz": "RZGate", "p": "PhaseGate", "r": "RGate", "u": "UGate", "u2": "U2Gate", "swap": "SwapGate",
    "iswap": "iSwapGate", "ecr": "ECRGate", "dcx": "DCXGate", "rxx": "RXXGate", "ryy": "RYYGate", "rzz": "RZZGate",
    "rzx": "RZXGate", "xx_plus_yy": "XXPlusYYGate", "xx_minus_yy": "XXMinusYYGate", "cu": "CUGate",
    "cx": "CXGate", "cy": "CYGate", "cz": "CZGate", "ch": "CHGate", "cs": "CSGate", "csdg": "CSdgGate",
    "csx": "CSXGate", "cp": "CPhaseGate", "crx": "CRXGate", "cry": "CRYGate", "crz": "CRZGate", "ccx": "CCXGate",
    "ccz": "CCZGate", "cswap": "CSwapGate",
}  # fmt: skip
_CONTROLLABLE = frozenset(
    ["x", "y", "z", "h", "s", "sdg", "t", "tdg", "sx", "sxdg", "rx", "ry", "rz", "p", "u", "swap"]
)


def to_qiskit(circuit: Circuit) -> QuantumCircuit:
    """A `QuantumCircuit` with a `Parameter` for each parameter that an angle uses, of the same name.

    Qubit i is qubit i. Gates that Qiskit lacks become `PauliEvolutionGate`s. Measured qubits are measured at the
    end; observables, channels, noise and shots have no place in a `QuantumCircuit` and are not carried.

    Raises
    ------
    MissingDependencyError
        Without Qiskit.
    CircuitError
        For an angle with a function that Qiskit's expressions lack (floor, ceiling, mod) or that Qiskit
        simplifies wrongly, an initial state that inputs decide, or more controls than
        `ansatzlint.gates.MAX_CONTROLS` on a gate that has to be lowered.
    """
    try:
        from qiskit.circuit import Parameter, QuantumCircuit
    except ImportError:
        remedy = "install it with: pip install 'ansatzlint[qiskit]'"
        raise MissingDependencyError(f"Qiskit is not installed; {remedy}") from None

    symbols = {p.name: Parameter(p.name) for p in circuit.parameters}
    result = QuantumCircuit(circuit.qubits, len(circuit.measured), name=circuit.name)
    if circuit.initial_state is not None:
        if circuit.initial_state.values is None:
            raise CircuitError(f"the initial state of {circuit.name!r} depends on inputs and cannot be exported")
        result.prepare_state(list(circuit.initial_state.values), list(circuit.initial_state.qubits[::-1]))
    for gate in circuit.gates:
        for operation, qubits in _operations(gate, symbols):
            result.append(operation, qubits)
    for bit, qubit in enumerate(circuit.measured):
        result.measure(qubit, bit)
    return result


def _operations(gate: Gate, symbols: Mapping[str, Any]) -> list[tuple[Any, Sequence[int]]]:
    from qiskit.circuit import library
    from qiskit.quantum_info import SparsePauliOp

    def value(angle: Angle) -> Any:
        return _value(angle, symbols)

    if not gate.controls and gate.name in _CLASSES:
        return [(getattr(library, _CLASSES[gate.name])(*map(value, gate.angles)), gate.qubits)]
    controls, name = base(gate.name, gate.controls)
    if controls and name in _CONTROLLABLE:
        target = getattr(library, _CLASSES[name])(*map(value, gate.angles))
        return [(target.control(len(controls), ctrl_state=int(controls[::-1], 2)), gate.qubits)]
    result: list[tuple[Any, Sequence[int]]] = []
    for word, angle in rotations(gate.name, gate.angles, gate.controls, gate.word):
        kept = [(qubit, letter) for qubit, letter in zip(gate.qubits, word, strict=True) if letter != "I"]
        half = _times(0.5, value(angle))
        if kept:
            operator_ = SparsePauliOp("".join(letter for _, letter in reversed(kept)))
            result.append((library.PauliEvolutionGate(operator_, half), [qubit for qubit, _ in kept]))
        else:
            result.append((library.GlobalPhaseGate(_times(-1.0, half)), []))
    return result


def _value(angle: Angle, symbols: Mapping[str, Any]) -> Any:
    try:
        value = fold(angle, float, symbols.__getitem__, _FUNCTIONS)
    except KeyError as missing:
        raise CircuitError(f"Qiskit has no {missing.args[0]!r} for an angle") from None
    if isinstance(angle, Expression):
        # Qiskit 2.6 simplifies cos(t) + cos(-t) to 0, so what it made of a formula is checked at a point
        point = {name: 0.3 + 0.1 * k / (k + 1) for k, name in enumerate(names(angle))}
        try:
            expected = evaluate(angle, point)
        except (ArithmeticError, ValueError):
            return value  # outside the formula's domain
        free = {p: point[p.name] for p in getattr(value, "parameters", ())}
        found = complex(value.bind(free) if free else value)
        if not abs(found - expected) <= 1e-9 * max(1.0, abs(expected)):
            raise CircuitError(f"Qiskit simplifies the angle {to_text(angle)} to {value}, which is not the same")
    return value


def _times(a: float, b: Any) -> Any:
    return a * b


def _function(name: str) -> Callable[[Any], Any]:
    def apply(x: Any) -> Any:
        return FUNCTIONS[name](x) if isinstance(x, float) else getattr(x, name)()

    return apply


def _sinh(x: Any) -> Any:
    grown = _FUNCTIONS["exp"](x)
    return 0.5 * (grown - 1.0 / grown)


def _cosh(x: Any) -> Any:
    grown = _FUNCTIONS["exp"](x)
    return 0.5 * (grown + 1.0 / grown)


_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "add": operator.add,
    "multiply": operator.mul,
    "divide": operator.truediv,
    "power": operator.pow,
    **{name: _function(name) for name in ("sin", "cos", "tan", "arcsin", "arccos", "arctan", "exp", "log", "sign")},
    "abs": abs,
    "sqrt": lambda x: x**0.5,
    "sinh": _sinh,
    "cosh": _cosh,
    "tanh": lambda x: _sinh(x) / _cosh(x),
}
