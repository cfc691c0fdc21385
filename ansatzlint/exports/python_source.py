"""A circuit as a Python program for PennyLane, one line a gate."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from ansatzlint.angles import FUNCTIONS, Angle, Expression, fold, multiply, to_text
from ansatzlint.circuit import Channel, Circuit, Gate, Observable, PauliSum, Probabilities, Projector, State
from ansatzlint.errors import CircuitError
from ansatzlint.exports.pennylane import CHANNEL_CLASSES, GATE_ADJOINTS, GATE_CLASSES
from ansatzlint.gates import base, rotations
from ansatzlint.initialisation import Initialisation, Normal, Uniform, Zeros


def to_python(circuit: Circuit, name: str = "", seed: int = 0) -> str:
    """Text of a program that draws the parameters as the circuit says and evaluates its cost.

    The QNode takes the trainable parameters as one array in the circuit's order, then the inputs as another where
    there are any. `name` is the function's, by default the circuit's own where that is an identifier.

    Raises
    ------
    CircuitError
        For an initial state that inputs decide, an observable that is no expectation value, probability or state.
    """
    state = circuit.initial_state
    if state is not None and state.values is None:
        raise CircuitError(f"the initial state of {circuit.name!r} depends on inputs and cannot be exported")
    called = name or (circuit.name if circuit.name.isidentifier() else "circuit")
    places = {p.name: f"weights[{k}]" for k, p in enumerate(circuit.trainable)}
    places |= {p.name: f"inputs[{k}]" for k, p in enumerate(circuit.inputs)}
    channels: dict[int, list[Channel]] = {}
    for channel in circuit.channels:
        channels.setdefault(channel.after, []).append(channel)
    body: list[str] = []
    if state is not None:
        body.append(f"qml.StatePrep({list(state.values or ())!r}, wires={list(state.qubits)!r})")
    for index, gate in enumerate(circuit.gates):
        body += [_channel(c) for c in channels.get(index, ())]
        body += _gate(gate, places)
    body += [_channel(c) for c in channels.get(len(circuit.gates), ())]
    arguments = "weights, inputs" if circuit.inputs else "weights"
    device = "default.mixed" if circuit.channels else "default.qubit"
    shots = f"@qml.set_shots({circuit.shots})\n" if circuit.shots else ""
    values = ", ".join(repr(p.value or 0.0) for p in circuit.inputs)
    inputs = [f"inputs = np.array([{values}])"] if circuit.inputs else []
    lines = [
        "import pennylane as qml",
        "from pennylane import numpy as np",
        "",
        f'device = qml.device("{device}", wires={circuit.qubits})',
        "",
        "",
        f"{shots}@qml.qnode(device)",
        f"def {called}({arguments}):",
        *(f"    {line}" for line in body),
        f"    return {_returned(circuit.observables)}",
        "",
        "",
        f"rng = np.random.default_rng({seed})",
        f"weights = np.array({_draws(circuit)}, requires_grad=True)",
        *inputs,
        f"print({called}({arguments}))",
    ]
    return "\n".join(lines) + "\n"


def _number(angle: Angle, places: Mapping[str, str]) -> str:
    """The angle as an expression of Python."""
    if not isinstance(angle, Expression):
        return to_text(angle, lambda name: places[name]).replace("pi", "np.pi")
    infix: dict[str, Callable[..., str]] = {
        "add": lambda a, b: f"({a} + {b})",
        "multiply": lambda a, b: f"({a} * {b})",
        "divide": lambda a, b: f"({a} / {b})",
        "power": lambda a, b: f"({a}) ** ({b})",
        "mod": lambda a, b: f"qml.math.mod({a}, {b})",
    }
    functions = {
        name: lambda a, name=name: f"qml.math.{'ceil' if name == 'ceiling' else name}({a})" for name in FUNCTIONS
    }
    text: str = fold(angle, repr, lambda name: places[name], infix | functions)
    return text


def _gate(gate: Gate, places: Mapping[str, str]) -> list[str]:
    name, controls = gate.name, gate.controls
    if name not in GATE_CLASSES:
        controls, name = base(gate.name, gate.controls)
    control, wires = gate.qubits[: len(controls)], gate.qubits[len(controls) :]
    numbers = [_number(angle, places) for angle in gate.angles]
    on = f"wires={_wires(wires)}"
    if name in GATE_CLASSES:
        found = [(f"qml.{GATE_CLASSES[name]}", ", ".join([*numbers, on]))]
    elif name in GATE_ADJOINTS:
        found = [(f"qml.adjoint(qml.{GATE_ADJOINTS[name]})", on)]
    else:
        found = [
            ("qml.GlobalPhase", _number(multiply(0.5, angle), places))
            if set(word) <= {"I"}
            else ("qml.PauliRot", f'{_number(angle, places)}, "{word}", {on}')
            for word, angle in rotations(name, gate.angles, "", gate.word)
        ]
    if not controls:
        return [f"{function}({arguments})" for function, arguments in found]
    bits = [int(value) for value in controls]
    return [
        f"qml.ctrl({function}, control={list(control)!r}, control_values={bits!r})({arguments})"
        for function, arguments in found
    ]


def _wires(wires: tuple[int, ...]) -> str:
    return str(wires[0]) if len(wires) == 1 else repr(list(wires))


def _channel(channel: Channel) -> str:
    on = f"wires={_wires(channel.qubits)}"
    if channel.kind == "pauli":
        letters = [(letter, p) for letter, p in zip("XYZ", channel.probabilities, strict=True) if p]
        if len(letters) != 1:
            raise CircuitError("a channel with several Pauli errors cannot be exported")
        return f'qml.PauliError("{letters[0][0]}", {letters[0][1]!r}, {on})'
    numbers = ", ".join(repr(p) for p in channel.probabilities)
    return f"qml.{CHANNEL_CLASSES[channel.kind]}({numbers}, {on})"


def _returned(observables: tuple[Observable, ...]) -> str:
    if not observables:
        return "qml.state()"
    return ", ".join(map(_measured, observables))


def _measured(observable: Observable) -> str:
    match observable:
        case PauliSum():
            words = [_word(term.paulis) for term in observable.terms]
            numbers = [term.coefficient for term in observable.terms]
            if len(words) == 1 and numbers[0] == 1.0:
                return f"qml.expval({words[0]})"
            return f"qml.expval(qml.Hamiltonian({numbers!r}, [{', '.join(words)}]))"
        case Projector():
            bits = [int(bit) for bit in observable.bits]
            return f"qml.expval(qml.Projector({bits!r}, wires={list(observable.qubits)!r}))"
        case Probabilities():
            return f"qml.probs(wires={list(observable.qubits)!r})"
        case State():
            return f"qml.density_matrix(wires={list(observable.qubits)!r})"
    raise CircuitError(f"the {observable} cannot be exported")


def _word(paulis: tuple[tuple[int, str], ...]) -> str:
    return " @ ".join(f"qml.{letter}({qubit})" for qubit, letter in paulis) or "qml.Identity(0)"


def _draws(circuit: Circuit) -> str:
    """The trainable parameters as an expression: one draw for all where they share a law, else one each in runs."""
    laws = [p.initialisation or circuit.initialisation or Uniform() for p in circuit.trainable]
    runs: list[tuple[Initialisation, int]] = []
    for law in laws:
        if runs and runs[-1][0] == law:
            runs[-1] = law, runs[-1][1] + 1
        else:
            runs.append((law, 1))
    if len(runs) < 2:
        return _draw(*runs[0]) if runs else "np.zeros(0)"
    return f"np.concatenate([{', '.join(_draw(law, count) for law, count in runs)}])"


def _draw(law: Initialisation, count: int) -> str:
    match law:
        case Zeros():
            return f"np.zeros({count})"
        case Normal():
            return f"rng.normal({law.mean!r}, {law.std!r}, {count})"
        case Uniform(low, high) if low == high:
            return f"np.full({count}, {low!r})"
        case Uniform(low, high) if (low, high) == (0.0, 2 * math.pi):
            return f"rng.uniform(0, 2 * np.pi, {count})"
    return f"rng.uniform({law.low!r}, {law.high!r}, {count})"
