"""Qiskit's `QuantumCircuit` as a circuit, symbolic parameters included."""

from __future__ import annotations

import ast
import math
import random
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ansatzlint import angles
from ansatzlint.angles import Angle, evaluate, parameter
from ansatzlint.circuit import (
    Amplitudes,
    Block,
    Circuit,
    Gate,
    Location,
    Observable,
    Parameter,
    PauliSum,
    PauliTerm,
    Unread,
)
from ansatzlint.errors import UsageError
from ansatzlint.gates import CONTROLLED, KINDS
from ansatzlint.observables import parse_observable
from ansatzlint.readers.numbers import name_numbers
from ansatzlint.readers.reshape import controlled, inverse
from ansatzlint.readers.roles import INPUT_NAMES, assumption

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

MAX_DEPTH = 60
"""Definitions nested deeper than this are given up."""
MAX_ITERATIONS = 10_000
"""A loop with more turns is not unrolled."""

_RENAMED = {"global_phase": "gphase", "u1": "p", "u3": "u", "cu1": "cp"}
_KNOWN = (KINDS.keys() | CONTROLLED.keys() | _RENAMED.keys()) - {
    "gphase", "rot", "crot", "single_excitation", "double_excitation",
}  # fmt: skip
_IGNORED = frozenset({"barrier", "delay", "snapshot"})
_MATRICES = frozenset({"unitary", "initialize", "state_preparation", "isometry", "hamiltonian"})


def from_quantum_circuit(
    qc: QuantumCircuit,
    *,
    name: str | None = None,
    observable: Any = None,
    places: Sequence[Location | None] | None = None,
) -> Circuit:
    """The circuit of a `QuantumCircuit`.

    Parameters
    ----------
    qc : qiskit.QuantumCircuit
        Qubit i is `qc.qubits[i]`. Instructions outside the gate set are replaced by their definitions and
        remembered as blocks.
    name : str, optional
        Of the circuit; `qc.name` by default.
    observable : qiskit.quantum_info.SparsePauliOp or str, optional
        The last letter of a `SparsePauliOp` acts on qubit 0, as everywhere in Qiskit; text is what
        `ansatzlint.observables.parse_observable` reads.
    places : sequence of Location, optional
        The place of each instruction of `qc.data`.

    Raises
    ------
    UsageError
        If the observable is not Hermitian, is for more qubits than the circuit has, or cannot be read.
    """
    reader = _Reader({bit: index for index, bit in enumerate(qc.qubits)})
    reader.phase(qc)
    for index, instruction in enumerate(qc.data):
        reader.location = places[index] if places is not None else None
        qubits = tuple(reader.index[bit] for bit in instruction.qubits)
        reader.gates.extend(reader.expand(instruction.operation, qubits, 0, len(reader.gates), top=True))
    parameters: tuple[Parameter, ...] = tuple(
        Parameter(p.name, "input" if _stem(p.name) in INPUT_NAMES else "trainable") for p in qc.parameters
    )
    gates: tuple[Gate, ...] = tuple(reader.gates)
    data = dict.fromkeys(_stem(p.name) for p in parameters if p.role == "input")
    assumptions: tuple[str, ...] = (assumption(data, "of the name"),) if data else ()
    if not parameters:
        fixed = {k for b in reader.blocks if b.name in _MATRICES for k in range(b.start, b.stop)}
        gates, parameters, assumptions = name_numbers(gates, fixed)
    labels = _labels(qc)
    return Circuit(
        name=name or qc.name,
        qubits=qc.num_qubits,
        gates=gates,
        parameters=parameters,
        observables=() if observable is None else (_observable(observable, tuple(reader.measured), qc.num_qubits),),
        labels=labels,
        measured=tuple(sorted(reader.measured)),
        initial_state=reader.initial_state,
        blocks=tuple(reader.blocks),
        assumptions=assumptions,
        unread=tuple(dict.fromkeys(reader.unread)),
    )


def _stem(name: str) -> str:
    return name.split("[")[0]


def _labels(qc: QuantumCircuit) -> tuple[str, ...]:
    labels = []
    for index, bit in enumerate(qc.qubits):
        registers = qc.find_bit(bit).registers
        labels.append(f"{registers[0][0].name}[{registers[0][1]}]" if registers else str(index))
    return tuple(labels)


def _observable(observable: Any, measured: Sequence[int], qubits: int) -> Observable:
    if isinstance(observable, str):
        return parse_observable(observable, measured or range(qubits), qubits)
    if observable.num_qubits > qubits:
        raise UsageError(f"the observable acts on {observable.num_qubits} qubits, the circuit has {qubits}")
    terms: dict[tuple[tuple[int, str], ...], float] = {}
    for word, where, coefficient in observable.to_sparse_list():
        if abs(complex(coefficient).imag) > 1e-9:
            raise UsageError(f"the observable is not Hermitian: the coefficient of {word or 'I'} is {coefficient}")
        paulis = tuple(sorted((q, letter) for q, letter in zip(where, word, strict=True) if letter != "I"))
        terms[paulis] = terms.get(paulis, 0.0) + float(complex(coefficient).real)
    return PauliSum(tuple(PauliTerm(c, paulis) for paulis, c in terms.items() if c != 0.0))


class _Left(Exception):  # noqa: N818 - no error: it carries the reason out of the gates of one instruction
    """An instruction is left out; the text says why."""


class _Reader:
    def __init__(self, index: Mapping[Any, int]) -> None:
        self.index = index
        self.gates: list[Gate] = []
        self.blocks: list[Block] = []
        self.unread: list[Unread] = []
        self.measured: dict[int, None] = {}
        self.initial_state: Amplitudes | None = None
        self.location: Location | None = None
        self._touched: set[int] = set()
        self._formulas: dict[str, Angle | None] = {}

    def phase(self, qc: Any) -> None:
        if not _is_zero(qc.global_phase):
            try:
                self.gates.append(Gate("gphase", (), (self.angle(qc.global_phase),)))
            except _Left:
                # a global phase is no loss
                self._formulas.clear()

    def angle(self, value: Any) -> Angle:
        """The angle of a number or a `ParameterExpression`; `_Left` for a formula that cannot be followed."""
        if isinstance(value, int | float):
            return float(value)
        free = getattr(value, "parameters", ())
        if not free:
            number = complex(value)
            if abs(number.imag) > 1e-12:
                raise _Left(f"its angle {number} is complex")
            return number.real
        text = str(value)
        if text not in self._formulas:
            self._formulas[text] = _formula(value, sorted(free, key=lambda p: str(p.name)))
        angle = self._formulas[text]
        if angle is None:
            raise _Left(f"the formula {text} could not be followed")
        return angle

    def expand(self, op: Any, qubits: tuple[int, ...], depth: int, start: int, top: bool) -> list[Gate]:
        """The gates of an instruction, which will stand at `start`; `top` outside any control or inverse."""
        blocks = len(self.blocks)
        try:
            return self._expand(op, qubits, depth, start, top)
        except _Left as left:
            del self.blocks[blocks:]
            self.unread.append(Unread(f"{op.name} is left out: {left}", self.location))
            return []

    def _expand(self, op: Any, qubits: tuple[int, ...], depth: int, start: int, top: bool) -> list[Gate]:
        name = op.name
        if name in _IGNORED or name.startswith("save_"):
            return []
        if depth > MAX_DEPTH:
            raise _Left("its definition is nested too deep")
        if name == "measure":
            if not top:
                raise _Left("a measurement cannot be controlled or inverted")
            self.measured.update(dict.fromkeys(qubits))
            return []
        if name == "reset" and top and self._touched.isdisjoint(qubits):
            return []
        if getattr(op, "condition", None) is not None:
            raise _Left("it stands under a classical condition")
        midway = [q for q in qubits if q in self.measured]
        for qubit in midway:
            del self.measured[qubit]
            self.unread.append(Unread("a measurement in the middle of the circuit is left out", self.location))
        if name in ("for_loop", "box"):
            return self._body(op, qubits, depth, start, top)
        if name in ("if_else", "while_loop", "switch_case", "break_loop", "continue_loop", "store", "reset"):
            raise _Left("it is no gate" if name in ("reset", "store") else "it depends on classical values")
        if name in _KNOWN and getattr(op, "ctrl_state", None) in (None, 2 ** getattr(op, "num_ctrl_qubits", 0) - 1):
            self._touched.update(qubits)
            angles_ = tuple(self.angle(x) for x in op.params)
            return [Gate(_RENAMED.get(name, name), qubits, angles_, "", "", self.location)]
        if name == "PauliEvolution" and (gate := self._evolution(op, qubits)) is not None:
            return [gate]
        if name in ("initialize", "state_preparation") and top and self._prepare(op, qubits):
            return []
        if hasattr(op, "modifiers"):
            gates = self._modified(op, qubits, depth, start)
        elif hasattr(op, "ctrl_state") and not (op.base_gate.name == "u" and len(op.params) == 4):
            # the fourth angle of a controlled u is in its definition only, not in its base gate
            count = op.num_ctrl_qubits
            values = "".join(str(op.ctrl_state >> k & 1) for k in range(count))
            gates = self._inner(op.base_gate, qubits[count:], depth, start)
            gates = [controlled(gate, qubits[:count], values) for gate in gates]
            if len(gates) == 1:
                return gates
        else:
            return self._define(op, qubits, depth, start, top)
        self._touched.update(qubits)
        if gates:
            self.blocks.append(Block(name, start, start + len(gates), qubits, self.location))
        return gates

    def _inner(self, op: Any, qubits: tuple[int, ...], depth: int, start: int) -> list[Gate]:
        # blocks inside a control or an inverse would not lie where they were met
        blocks = len(self.blocks)
        gates = self._expand(op, qubits, depth + 1, start, top=False)
        del self.blocks[blocks:]
        return gates

    def _modified(self, op: Any, qubits: tuple[int, ...], depth: int, start: int) -> list[Gate]:
        """An `AnnotatedOperation`; its modifiers apply from first to last, controls prepend their qubits."""
        controls = sum(getattr(m, "num_ctrl_qubits", 0) for m in op.modifiers)
        rest = qubits[:controls]
        gates = self._inner(op.base_op, qubits[controls:], depth, start)
        for modifier in op.modifiers:
            kind = type(modifier).__name__
            if kind == "InverseModifier":
                gates = [back for gate in reversed(gates) for back in inverse(gate)]
            elif kind == "ControlModifier":
                count = modifier.num_ctrl_qubits
                state = modifier.ctrl_state
                state = 2**count - 1 if state is None else int(state)
                own, rest = rest[len(rest) - count :], rest[: len(rest) - count]
                gates = [controlled(g, own, "".join(str(state >> k & 1) for k in range(count))) for g in gates]
            elif kind == "PowerModifier" and float(modifier.power).is_integer():
                if modifier.power < 0:
                    gates = [back for gate in reversed(gates) for back in inverse(gate)]
                gates = gates * abs(int(modifier.power))
            else:
                raise _Left(f"its modifier {modifier} is not known")
        return gates

    def _evolution(self, op: Any, qubits: tuple[int, ...]) -> Gate | None:
        """exp(-i time c P) of a single Pauli word as one rotation; None for a sum, which Qiskit synthesises."""
        operator = op.operator
        if not hasattr(operator, "to_sparse_list") or len(operator) != 1:
            return None
        [(word, where, coefficient)] = operator.to_sparse_list()
        if abs(complex(coefficient).imag) > 1e-12:
            return None
        angle = angles.multiply(2.0 * complex(coefficient).real, self.angle(op.time))
        self._touched.update(qubits)
        if not word:
            return Gate("gphase", (), (angles.multiply(-0.5, angle),), location=self.location)
        return Gate("pauli_rotation", tuple(qubits[k] for k in where), (angle,), "", word, self.location)

    def _prepare(self, op: Any, qubits: tuple[int, ...]) -> bool:
        if self.initial_state is not None or not self._touched.isdisjoint(qubits):
            return False
        if len(op.params) != 2 ** len(qubits) or any(isinstance(x, str) for x in op.params):
            return False
        self._touched.update(qubits)
        self.initial_state = Amplitudes(qubits[::-1], tuple(complex(x) for x in op.params))
        return True

    def _body(self, op: Any, qubits: tuple[int, ...], depth: int, start: int, top: bool) -> list[Gate]:
        turns: Iterable[Any] = (None,)
        symbol = None
        body = op.blocks[0]
        if op.name == "for_loop":
            turns, symbol, body = op.params
            turns = tuple(turns)
            if len(turns) > MAX_ITERATIONS:
                raise _Left(f"it has {len(turns)} turns")
        gates: list[Gate] = []
        for turn in turns:
            bound = body if symbol is None or symbol not in body.parameters else body.assign_parameters({symbol: turn})
            gates.extend(self._circuit(bound, qubits, depth, start + len(gates), top))
        return gates

    def _define(self, op: Any, qubits: tuple[int, ...], depth: int, start: int, top: bool) -> list[Gate]:
        definition = getattr(op, "definition", None)
        if definition is None:
            raise _Left("Qiskit has no definition of it")
        index = len(self.blocks)
        gates = self._circuit(definition, qubits, depth, start, top)
        if gates:
            # an outer block stands before those inside it
            self.blocks.insert(index, Block(op.name, start, start + len(gates), qubits, self.location))
        return gates

    def _circuit(self, qc: Any, qubits: tuple[int, ...], depth: int, start: int, top: bool) -> list[Gate]:
        gates: list[Gate] = []
        if not _is_zero(qc.global_phase):
            gates.append(Gate("gphase", (), (self.angle(qc.global_phase),), location=self.location))
        where = {bit: qubits[index] for index, bit in enumerate(qc.qubits)}
        for instruction in qc.data:
            inner = tuple(where[bit] for bit in instruction.qubits)
            if top:
                gates.extend(self.expand(instruction.operation, inner, depth + 1, start + len(gates), top))
            else:
                gates.extend(self._expand(instruction.operation, inner, depth + 1, start + len(gates), top))
        return gates


def _is_zero(phase: Any) -> bool:
    return isinstance(phase, int | float) and phase == 0


_CALLS = {
    "sin": "sin", "cos": "cos", "tan": "tan", "asin": "arcsin", "acos": "arccos", "atan": "arctan",
    "exp": "exp", "log": "log", "sqrt": "sqrt", "abs": "abs", "Abs": "abs", "sign": "sign",
}  # fmt: skip
_BINARY = {
    ast.Add: angles.add,
    ast.Sub: angles.subtract,
    ast.Mult: angles.multiply,
    ast.Div: angles.divide,
    ast.Pow: angles.power,
}


def _formula(expression: Any, free: Sequence[Any]) -> Angle | None:
    """The expression as an angle, confirmed at three points; None if it cannot be followed.

    Its text is the one form of an expression that every version of Qiskit offers in public. Parameters get names
    that Python's grammar takes, and only their own letters are looked up: nothing is evaluated.
    """
    from qiskit.circuit import Parameter as Symbol

    stems = {f"q{k}": p for k, p in enumerate(free)}
    try:
        text = str(expression.subs({p: Symbol(stem) for stem, p in stems.items()}))
        angle = _parse(ast.parse(text, mode="eval").body, {stem: parameter(p.name) for stem, p in stems.items()})
    except (SyntaxError, KeyError, ValueError, ArithmeticError, RecursionError):
        return None
    generator = random.Random(0)
    confirmed = 0
    for _ in range(12):
        point = {p: generator.uniform(0.05, 0.95) for p in free}
        try:
            number = complex(expression.bind(point))
            mine = evaluate(angle, {p.name: value for p, value in point.items()})
        except (ArithmeticError, ValueError, TypeError):
            continue  # outside the formula's domain
        if not math.isfinite(mine) or abs(number - mine) > 1e-9 * max(1.0, abs(mine)):
            return None
        confirmed += 1
        if confirmed == 3:
            return angle
    return None


def _parse(node: ast.expr, symbols: Mapping[str, Angle]) -> Angle:
    match node:
        case ast.Constant(value=int() | float() as value):
            return float(value)
        case ast.Name(id=name):
            return symbols[name]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return angles.negate(_parse(operand, symbols))
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return _parse(operand, symbols)
        case ast.BinOp(left=left, op=operator, right=right):
            return _BINARY[type(operator)](_parse(left, symbols), _parse(right, symbols))
        case ast.Call(func=ast.Name(id="conj" | "conjugate"), args=[argument]):
            return _parse(argument, symbols)
        case ast.Call(func=ast.Name(id=name), args=[argument]):
            return angles.apply(_CALLS[name], _parse(argument, symbols))
    raise ValueError(f"unknown form {ast.dump(node)}")
