"""A circuit as OpenQASM 3.0 text that this package's reader and Qiskit's importer read back.

Gates that `stdgates.inc` has not are defined as products of Pauli rotations, `gates.rotations` written out. What
OpenQASM cannot say stands in comments that the reader understands: a parameter's name that is no identifier, its
role, the observable, and that no number is a parameter.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Collection, Mapping

from ansatzlint.angles import Angle, Expression, multiply, parameter, to_text
from ansatzlint.circuit import Circuit, Gate, Parameter, PauliSum
from ansatzlint.errors import CircuitError
from ansatzlint.gates import CONTROLLED, KINDS, base, rotations
from ansatzlint.observables import to_text as observable_text

_STANDARD = frozenset([
    "p", "x", "y", "z", "h", "s", "sdg", "t", "tdg", "sx", "rx", "ry", "rz", "cx", "cy", "cz", "cp", "crx", "cry",
    "crz", "ch", "swap", "ccx", "cswap", "cu", "id", "u2", "gphase",
])  # fmt: skip
"""Kinds that `stdgates.inc` has under the same name."""

_RESERVED = frozenset([
    "OPENQASM", "include", "qubit", "qreg", "creg", "bit", "gate", "opaque", "measure", "reset", "barrier", "if",
    "else", "for", "in", "while", "input", "output", "let", "box", "delay", "def", "extern", "cal", "defcal",
    "defcalgrammar", "switch", "case", "default", "return", "break", "continue", "end", "int", "uint", "float",
    "angle", "bool", "complex", "duration", "stretch", "array", "const", "readonly", "mutable", "void", "ctrl",
    "negctrl", "inv", "pow", "pragma", "true", "false", "durationof", "sizeof", "pi", "tau", "euler", "sin", "cos",
    "tan", "arcsin", "arccos", "arctan", "exp", "log", "ln", "sqrt", "floor", "ceiling", "mod", "popcount", "rotl",
    "rotr", "real", "imag", "asin", "acos", "atan", "im", "dt", "ns", "us", "ms", "U", "CX", "u1", "u3", "cu1",
    "cu3", "phase", "cphase", "nop",
]) | {*KINDS, *CONTROLLED}  # fmt: skip
_LACKING = frozenset(["abs", "sign", "sinh", "cosh", "tanh"])
_LIKE_DATA = re.compile("x|in|feature|data|sample|im|pixel", re.IGNORECASE)
"""In any name that a reader might take for data."""

_FORMAL_ANGLES = ("t0", "t1", "t2", "t3")


def to_qasm3(circuit: Circuit) -> str:
    """The circuit as OpenQASM 3.0.

    Gates, parameters with their sharing and roles, Pauli sums as observables and the measured qubits are kept;
    values of parameters, other observables, blocks and declared facts are not.

    Raises
    ------
    CircuitError
        For an angle that is not finite or has a function that OpenQASM 3 has not, a prepared initial state, and noise
        channels.
    """
    if circuit.initial_state is not None:
        raise CircuitError(f"circuit {circuit.name!r} starts in a prepared state, which OpenQASM 3 cannot say")
    if circuit.channels:
        raise CircuitError(f"circuit {circuit.name!r} has noise channels, which OpenQASM 3 cannot say")
    names = _identifiers(circuit.parameters)
    register = _fresh("q", names.values())
    bits = _fresh("c", {*names.values(), register})
    definitions: dict[str, str] = {}
    body = [_call(gate, register, names, definitions) for gate in circuit.gates]

    lines = ["OPENQASM 3.0;", 'include "stdgates.inc";']
    if not circuit.parameters and any(gate.angles for gate in circuit.gates):
        lines.append("// ansatzlint: parameter=none")
    lines += [
        f"// ansatzlint: observable={observable_text(observable)}"
        for observable in circuit.observables
        if isinstance(observable, PauliSum)
    ]
    lines += [f"input float[64] {names[p.name]};{_remark(p, names[p.name])}" for p in circuit.parameters]
    lines += definitions.values()
    if circuit.measured:
        lines.append(f"bit[{len(circuit.measured)}] {bits};")
    if circuit.qubits:
        lines.append(f"qubit[{circuit.qubits}] {register};")
    lines += body
    lines += [f"{bits}[{i}] = measure {register}[{qubit}];" for i, qubit in enumerate(circuit.measured)]
    return "\n".join(lines) + "\n"


def _remark(p: Parameter, name: str) -> str:
    """The comment that gives an input its original name and its role, where they cannot be seen."""
    said = []
    if name != p.name:
        # A comment's keys are found by their "=", so none may stand inside a value.
        said.append("parameter=" + json.dumps(p.name).replace("=", "\\u003d"))
    if p.role == "input" or _LIKE_DATA.search(p.name):
        said.append(f"role={p.role}")
    return f" // ansatzlint: {' '.join(said)}" if said else ""


def _identifiers(parameters: tuple[Parameter, ...]) -> dict[str, str]:
    """Parameter name -> identifier, unique and no word of the language."""
    result = {p.name: p.name for p in parameters if _is_identifier(p.name)}
    for p in parameters:
        if p.name not in result:
            plain = "_".join(re.findall(r"[A-Za-z0-9]+", p.name))
            plain = plain if plain[:1].isalpha() and not plain.startswith("pauli_") else f"p_{plain}" if plain else "p"
            result[p.name] = _fresh(plain, result.values())
    return result


def _is_identifier(name: str) -> bool:
    letters = all(c == "_" or c.isalpha() or (c.isascii() and c.isdigit()) for c in name)
    return letters and name.isidentifier() and name not in _RESERVED and not name.startswith("pauli_")


def _fresh(name: str, taken: Collection[str]) -> str:
    candidate, count = name, 1
    while candidate in taken or not _is_identifier(candidate):
        count += 1
        candidate = f"{name}_{count}"
    return candidate


def _call(gate: Gate, register: str, names: Mapping[str, str], definitions: dict[str, str]) -> str:
    controls, kind = base(gate.name, gate.controls)
    angles = gate.angles
    for angle in angles:
        _check(angle)
    if kind == "u2" and controls:  # the standard library's has another phase, which counts under a control
        kind, angles = "u", (math.pi / 2, *angles)
    if gate.name in _STANDARD and not gate.controls:
        called, controls = gate.name, ""
    elif kind == "u" and not controls:
        called = "U"
    elif kind in _STANDARD:
        called = kind
    else:
        called = f"pauli_{gate.word.lower()}" if kind == "pauli_rotation" else kind
        if kind == "pauli_rotation" and not gate.word:
            called, angles = "gphase", (multiply(-0.5, angles[0]),)
        elif called not in definitions:
            definitions[called] = _definition(called, kind, gate.word, len(angles))
    text = "".join(
        f"{'ctrl' if run[0] == '1' else 'negctrl'}{f'({len(run)})' if len(run) > 1 else ''} @ "
        for run in re.findall("0+|1+", controls)
    )
    text += called
    if angles:
        text += f"({', '.join(to_text(angle, names.__getitem__) for angle in angles)})"
    if gate.qubits:
        text += " " + ", ".join(f"{register}[{qubit}]" for qubit in gate.qubits)
    return text + ";"


def _check(angle: Angle) -> None:
    """CircuitError for an angle that OpenQASM 3 cannot say."""
    if isinstance(angle, Expression):
        if angle.operation in _LACKING:
            raise CircuitError(f"an angle contains {angle.operation}, which OpenQASM 3 has not")
        for argument in angle.arguments:
            _check(argument)


def _definition(called: str, kind: str, word: str, count: int) -> str:
    formals = _FORMAL_ANGLES[:count]
    product = rotations(kind, [parameter(name) for name in formals], word=word)
    qubits = [f"q{i}" for i in range(len(word) or KINDS[kind].qubits)]
    head = f"gate {called}{f'({chr(44).join(formals)})' if formals else ''} {', '.join(qubits)} {{"
    lines = [line for letters, angle in product for line in _rotation(letters, angle, qubits)]
    return "\n".join([head, *(f"  {line}" for line in lines), "}"])


def _rotation(word: str, angle: Angle, qubits: list[str]) -> list[str]:
    """exp(-i angle P / 2) as gates: basis changes, a parity on the last qubit, and a rotation about Z there."""
    support = [(letter, qubit) for letter, qubit in zip(word, qubits, strict=True) if letter != "I"]
    if not support:
        return [f"gphase({to_text(multiply(-0.5, angle))});"]
    if len(support) == 1:
        letter, qubit = support[0]
        return [f"r{letter.lower()}({to_text(angle)}) {qubit};"]
    before = [g for letter, q in support for g in {"X": [f"h {q};"], "Y": [f"sdg {q};", f"h {q};"]}.get(letter, [])]
    after = [g for letter, q in support for g in {"X": [f"h {q};"], "Y": [f"h {q};", f"s {q};"]}.get(letter, [])]
    target = support[-1][1]
    parity = [f"cx {q}, {target};" for _, q in support[:-1]]
    return [*before, *parity, f"rz({to_text(angle)}) {target};", *reversed(parity), *after]
