"""A circuit as a PennyLane QNode."""

from __future__ import annotations

import inspect
import keyword
import operator
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ansatzlint.angles import FUNCTIONS, Angle, fold
from ansatzlint.circuit import Channel, Circuit, Gate, Nonlinear, Observable, PauliSum, Probabilities, Projector, State
from ansatzlint.errors import CircuitError
from ansatzlint.gates import base, rotations

if TYPE_CHECKING:
    from pennylane.workflow import QNode

GATE_CLASSES = {
    "id": "Identity", "x": "PauliX", "y": "PauliY", "z": "PauliZ", "h": "Hadamard", "s": "S", "t": "T", "sx": "SX",
    "rx": "RX", "ry": "RY", "rz": "RZ", "p": "PhaseShift", "u": "U3", "u2": "U2", "rot": "Rot",
    "swap": "SWAP", "iswap": "ISWAP", "ecr": "ECR", "rxx": "IsingXX", "ryy": "IsingYY", "rzz": "IsingZZ",
    "single_excitation": "SingleExcitation", "double_excitation": "DoubleExcitation",
    "cx": "CNOT", "cy": "CY", "cz": "CZ", "ch": "CH", "cp": "ControlledPhaseShift", "crx": "CRX", "cry": "CRY",
    "crz": "CRZ", "crot": "CRot", "ccx": "Toffoli", "ccz": "CCZ", "cswap": "CSWAP",
}  # fmt: skip
GATE_ADJOINTS = {"sdg": "S", "tdg": "T", "sxdg": "SX"}
CHANNEL_CLASSES = {
    "depolarizing": "DepolarizingChannel",
    "bit_flip": "BitFlip",
    "phase_flip": "PhaseFlip",
    "amplitude_damping": "AmplitudeDamping",
    "phase_damping": "PhaseDamping",
    "generalized_amplitude_damping": "GeneralizedAmplitudeDamping",
    "thermal_relaxation": "ThermalRelaxationError",
    "reset_error": "ResetError",
}


def to_pennylane(circuit: Circuit) -> QNode:
    """A QNode that takes one number a parameter, in radians, by position or by name.

    Wires are the qubits' indices. A parameter whose name is no Python identifier gets one (`weights[0,1]` becomes
    `weights_0_1`). The QNode returns the circuit's observables, a single one bare, several as a tuple, and
    `qml.state()` where the circuit has none. It runs on `default.qubit`, or on `default.mixed` where the source
    states channels gate by gate; a declared noise model is not carried.

    Raises
    ------
    CircuitError
        For an initial state that inputs decide, or a nonlinear observable that is neither purity nor entropy.
    """
    import pennylane as qml

    state = circuit.initial_state
    if state is not None and state.values is None:
        raise CircuitError(f"the initial state of {circuit.name!r} depends on inputs and cannot be exported")
    for observable in circuit.observables:
        if isinstance(observable, Nonlinear) and observable.quantity not in _NONLINEAR:
            raise CircuitError(f"the {observable.quantity} that {circuit.name!r} measures cannot be exported")
    names = identifiers([p.name for p in circuit.parameters])
    signature = inspect.Signature(
        [inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD) for name in names.values()]
    )
    channels: dict[int, list[Channel]] = {}
    for channel in circuit.channels:
        channels.setdefault(channel.after, []).append(channel)
    operations = _operations()

    def function(*args: Any, **kwargs: Any) -> Any:
        given = signature.bind(*args, **kwargs).arguments
        values = {name: given[identifier] for name, identifier in names.items()}
        if state is not None:
            qml.StatePrep(list(state.values or ()), wires=state.qubits)
        for index, gate in enumerate(circuit.gates):
            for channel in channels.get(index, ()):
                _apply_channel(channel)
            _apply(gate, values, operations)
        for channel in channels.get(len(circuit.gates), ()):
            _apply_channel(channel)
        measured = tuple(_measure(observable, circuit.qubits) for observable in circuit.observables)
        return qml.state() if not measured else measured[0] if len(measured) == 1 else measured

    function.__name__ = circuit.name if circuit.name.isidentifier() else "circuit"
    function.__signature__ = signature  # type: ignore[attr-defined]  # functions take it, their type does not say so
    device = qml.device("default.mixed" if circuit.channels else "default.qubit", wires=circuit.qubits)
    return qml.QNode(function, device, shots=circuit.shots)


def identifiers(names: list[str]) -> dict[str, str]:
    """A Python identifier for each name, the name itself where it is one, all different."""
    result: dict[str, str] = {}
    taken = {name for name in names if _is_identifier(name)}
    for name in names:
        identifier = name
        if not _is_identifier(name):
            stem = re.sub(r"\W+", "_", name).strip("_") or "parameter"
            stem = stem if _is_identifier(stem) else f"p_{stem}"
            identifier, count = stem, 2
            while identifier in taken:
                identifier, count = f"{stem}_{count}", count + 1
            taken.add(identifier)
        result[name] = identifier
    return result


def _is_identifier(name: str) -> bool:
    return name.isidentifier() and not keyword.iskeyword(name)


def _operations() -> Mapping[str, Callable[..., Any]]:
    import pennylane as qml

    def fmod(a: Any, b: Any) -> Any:
        quotient = a / b
        return a - b * qml.math.sign(quotient) * qml.math.floor(qml.math.abs(quotient))

    return {
        "add": operator.add,
        "multiply": operator.mul,
        "divide": operator.truediv,
        "power": operator.pow,
        "mod": fmod,
        **{name: getattr(qml.math, {"ceiling": "ceil"}.get(name, name)) for name in FUNCTIONS},
    }


def _apply(gate: Gate, values: Mapping[str, Any], operations: Mapping[str, Callable[..., Any]]) -> None:
    import pennylane as qml

    def number(angle: Angle) -> Any:
        return fold(angle, float, lambda name: values[name], operations)

    name, controls = gate.name, gate.controls
    if name not in GATE_CLASSES:
        controls, name = base(gate.name, gate.controls)
    control_wires, wires = gate.qubits[: len(controls)], gate.qubits[len(controls) :]
    with qml.QueuingManager.stop_recording():
        numbers = [number(angle) for angle in gate.angles]
        if name in GATE_CLASSES:
            applied = [getattr(qml, GATE_CLASSES[name])(*numbers, wires=wires)]
        elif name in GATE_ADJOINTS:
            applied = [qml.adjoint(getattr(qml, GATE_ADJOINTS[name])(wires=wires))]
        else:
            applied = []
            for word, angle in rotations(name, gate.angles, "", gate.word):
                if set(word) <= {"I"}:
                    applied.append(qml.GlobalPhase(0.5 * number(angle)))
                else:
                    applied.append(qml.PauliRot(number(angle), word, wires=wires))
        if controls:
            bits = [int(value) for value in controls]
            applied = [qml.ctrl(op, control=control_wires, control_values=bits) for op in applied]
    for op in applied:
        qml.apply(op)


def _apply_channel(channel: Channel) -> None:
    import pennylane as qml

    if channel.kind == "pauli":
        # one letter each: the three flips commute and the probabilities are small against what is left
        letters = [(letter, p) for letter, p in zip("XYZ", channel.probabilities, strict=True) if p]
        if len(letters) > 1:
            raise CircuitError("a channel with several Pauli errors cannot be exported")
        for letter, p in letters:
            qml.PauliError(letter, p, wires=channel.qubits)
        return
    getattr(qml, CHANNEL_CLASSES[channel.kind])(*channel.probabilities, wires=channel.qubits)


_NONLINEAR = {"purity": "purity", "von Neumann entropy": "vn_entropy"}


def _measure(observable: Observable, qubits: int) -> Any:
    import pennylane as qml

    match observable:
        case PauliSum():
            words = [
                qml.prod(*(getattr(qml, letter)(qubit) for qubit, letter in term.paulis))
                if term.paulis
                else qml.Identity(0)
                for term in observable.terms
            ]
            if len(words) == 1 and observable.terms[0].coefficient == 1.0:
                return qml.expval(words[0])
            if not words:
                return qml.expval(qml.s_prod(0.0, qml.Identity(0)))
            return qml.expval(qml.Hamiltonian([term.coefficient for term in observable.terms], words))
        case Projector():
            return qml.expval(qml.Projector([int(bit) for bit in observable.bits], wires=observable.qubits))
        case Probabilities():
            return qml.probs(wires=observable.qubits)
        case State():
            if observable.qubits == tuple(range(qubits)):
                return qml.state()
            return qml.density_matrix(wires=observable.qubits)
        case Nonlinear():
            return getattr(qml, _NONLINEAR[observable.quantity])(wires=observable.qubits)
