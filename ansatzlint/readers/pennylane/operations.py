"""PennyLane operations as gates: those of the gate set by name, all others through their decomposition."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pennylane as qml

from ansatzlint.angles import Angle, evaluate, multiply, names, negate, parameter
from ansatzlint.circuit import Amplitudes, Block, Channel, Gate, Location, Unread
from ansatzlint.readers.numbers import is_dyadic
from ansatzlint.readers.pennylane.trace import Traced, is_traced, plain
from ansatzlint.readers.reshape import controlled, inverse

MAX_DEPTH = 40
"""Decompositions nested deeper than this are given up."""
MAX_UNITARY_QUBITS = 5
"""A matrix on more qubits than this is not decomposed."""

Make = tuple[str, Callable[..., tuple[Angle, ...]]]


def _same(*angles: Angle) -> tuple[Angle, ...]:
    return angles


GATES: Mapping[str, Make] = {
    **{
        theirs: (ours, _same)
        for theirs, ours in {
            "PauliX": "x", "PauliY": "y", "PauliZ": "z", "Hadamard": "h", "S": "s", "T": "t", "SX": "sx",
            "SWAP": "swap", "ISWAP": "iswap", "ECR": "ecr", "CNOT": "cx", "CY": "cy", "CZ": "cz", "CH": "ch",
            "CCZ": "ccz", "Toffoli": "ccx", "CSWAP": "cswap",
            "RX": "rx", "RY": "ry", "RZ": "rz", "PhaseShift": "p", "U1": "p", "U2": "u2", "U3": "u", "Rot": "rot",
            "ControlledPhaseShift": "cp", "CPhase": "cp", "CRX": "crx", "CRY": "cry", "CRZ": "crz", "CRot": "crot",
            "IsingXX": "rxx", "IsingYY": "ryy", "IsingZZ": "rzz",
            "SingleExcitation": "single_excitation", "DoubleExcitation": "double_excitation",
        }.items()
    },
    "IsingXY": ("xx_plus_yy", lambda t: (negate(t), 0.0)),
}  # fmt: skip
"""PennyLane's name -> (our kind, PennyLane's angles -> ours); the qubits are in the same order."""

IGNORED = frozenset({"Barrier", "Snapshot", "WireCut"})

CHANNELS: Mapping[str, str] = {
    "DepolarizingChannel": "depolarizing",
    "BitFlip": "bit_flip",
    "PhaseFlip": "phase_flip",
    "AmplitudeDamping": "amplitude_damping",
    "PhaseDamping": "phase_damping",
    "GeneralizedAmplitudeDamping": "generalized_amplitude_damping",
    "ThermalRelaxationError": "thermal_relaxation",
    "ResetError": "reset_error",
}
MATRICES = frozenset(
    {"QubitUnitary", "DiagonalQubitUnitary", "ControlledQubitUnitary", "StatePrep", "AmplitudeEmbedding",
     "MottonenStatePreparation"}
)  # fmt: skip
"""Operations whose decomposition has angles that nobody wrote."""
MEASURED_MIDWAY = frozenset({"MidMeasure", "MidMeasureMP", "PauliMeasure"})


class Listing:
    """A tape as gates, filled operation by operation.

    Parameters
    ----------
    qubit_of : mapping of wire label to qubit
    places : mapping of an operation's id to its place in the source
    with_closures : bool
        Whether tensors that ask for a gradient are parameters.

    Attributes
    ----------
    gates, blocks, channels, unread, initial_state
        As in `Circuit`.
    closures : dict of str to float
        Trainable tensors that are no arguments: the name that they were given here, and their value.
    embedded : set of str
        Parameters that are features of an embedding template or decide the initial state.
    noise_parameters : set of str
        Parameters on which the strength of a channel depends.
    batched : bool
        Whether an angle was an array, of which the first entry was read.
    skipped : set of str
        Parameters that stand in the entries of a batch that were not read.
    """

    def __init__(
        self, qubit_of: Mapping[Any, int], places: Mapping[int, Location], *, with_closures: bool = True
    ) -> None:
        self._with_closures = with_closures
        self.qubit_of = qubit_of
        self.places = places
        self.gates: list[Gate] = []
        self.blocks: list[Block] = []
        self.channels: list[Channel] = []
        self.unread: list[Unread] = []
        self.initial_state: Amplitudes | None = None
        self.closures: dict[str, float] = {}
        self.embedded: set[str] = set()
        self.noise_parameters: set[str] = set()
        self.batched = False
        self.skipped: set[str] = set()
        self._tensors: dict[int, tuple[object, str]] = {}
        self._touched: set[int] = set()

    def add_all(self, operations: Iterable[Any]) -> None:
        for operation in operations:
            location = self.places.get(id(operation))
            self.gates.extend(self._expand(operation, location, 0, len(self.gates), top=True))

    def value(self, angle: Angle) -> float:
        """The number that an angle of this listing is, where it depends on nothing but closures."""
        return evaluate(angle, self.closures)

    def angle(self, x: Any) -> Angle:
        """The angle that a parameter of an operation stands for; the first one of an array."""
        tensor = x
        while isinstance(x, np.ndarray):
            if x.ndim:
                self.batched = True
                self.skipped |= names_in(x.reshape(-1)[1:])
                x = x.reshape(-1)[0]
            else:
                x = x.item()
        if isinstance(x, Traced):
            return x.angle
        if hasattr(x, "detach") and x.ndim:  # torch
            self.batched = True
            x = x.reshape(-1)[0]
        number = float(x)
        if self._with_closures and getattr(tensor, "requires_grad", False):
            return self._closure(tensor, number)
        return number

    def _closure(self, tensor: object, number: float) -> Angle:
        # A tensor that is indexed anew at each use is a new object each time, so equal values count as one
        # parameter too, unless they are such that independent parameters are often given them at the start.
        if id(tensor) in self._tensors:
            return parameter(self._tensors[id(tensor)][1])
        if not is_dyadic(number):
            for name, value in self.closures.items():
                if value == number:
                    return parameter(name)
        name = f"p{len(self.closures)}"
        self._tensors[id(tensor)] = (tensor, name)
        self.closures[name] = number
        return parameter(name)

    def _qubits(self, wires: Iterable[Any]) -> tuple[int, ...]:
        return tuple(self.qubit_of[plain(wire)] for wire in wires)

    def _expand(self, op: Any, location: Location | None, depth: int, start: int, top: bool) -> list[Gate]:
        """The gates of `op`, which will stand at `start` of the circuit; `top` outside any adjoint or control."""
        name = op.name
        if name in IGNORED:
            return []
        if name in MEASURED_MIDWAY:
            return self._leave_out("a measurement in the middle of the circuit is left out", location)
        if isinstance(op, qml.ops.Conditional):
            return self._leave_out(f"{op.base.name} under a classical condition is left out", location)
        if not set(op.wires) <= self.qubit_of.keys():
            return self._leave_out(f"{name} is left out: it acts on wires that the circuit does not have", location)
        if name.endswith("Embedding") and op.data:
            self.embedded |= names_in(op.data[0])
        theirs = type(op).__module__.startswith("pennylane.")
        if theirs and name in GATES:
            kind, make = GATES[name]
            try:
                angles = make(*(self.angle(x) for x in op.data))
            except (TypeError, ValueError):
                return self._leave_out(f"{name} is left out: its angle is no real number", location)
            return self._one(kind, op.wires, angles, location)
        if theirs and (gates := self._special(op, location, depth, start, top)) is not None:
            return gates
        if isinstance(op, qml.operation.Channel):
            return self._channel(op, location, start, top)
        return self._decompose(op, location, depth, start, top)

    def _one(
        self, kind: str, wires: Iterable[Any], angles: tuple[Angle, ...], location: Location | None, word: str = ""
    ) -> list[Gate]:
        gate = Gate(kind, self._qubits(wires), angles, "", word, location)
        self._touched.update(gate.qubits)
        return [gate]

    def _leave_out(self, reason: str, location: Location | None) -> list[Gate]:
        self.unread.append(Unread(reason, location))
        return []

    def _special(
        self, op: Any, location: Location | None, depth: int, start: int, top: bool
    ) -> list[Gate] | None:
        """Operations that are built from others or that have a word; None for all the rest."""
        match op:
            case qml.Identity():
                return [gate for wire in op.wires for gate in self._one("id", [wire], (), location)]
            case qml.GlobalPhase():
                return self._one("gphase", (), (negate(self.angle(op.data[0])),), location)
            case qml.MultiRZ():
                return self._one("pauli_rotation", op.wires, (self.angle(op.data[0]),), location, "Z" * len(op.wires))
            case qml.PauliRot():
                word = op.hyperparameters["pauli_word"]
                kept = [(wire, letter) for wire, letter in zip(op.wires, word, strict=True) if letter != "I"]
                angle = self.angle(op.data[0])
                if not kept:
                    return self._one("gphase", (), (multiply(-0.5, angle),), location)
                wires, letters = zip(*kept, strict=True)
                return self._one("pauli_rotation", wires, (angle,), location, "".join(letters))
            case qml.ops.Adjoint():
                inner = self._inner(op, location, depth, start)
                gates = [back for gate in reversed(inner) for back in inverse(gate)]
            case qml.ops.Controlled():
                controls = self._qubits(op.control_wires)
                values = "".join("1" if value else "0" for value in op.control_values)
                gates = [controlled(gate, controls, values) for gate in self._inner(op, location, depth, start)]
            case qml.ops.Pow() if isinstance(op.z, int):
                inner = self._inner(op, location, depth, start)
                if op.z < 0:
                    inner = [back for gate in reversed(inner) for back in inverse(gate)]
                gates = inner * abs(op.z)
            case qml.StatePrep() if top and self._fresh(op):
                return self._prepare(op)
            case _:
                return None
        self._touched.update(q for gate in gates for q in gate.qubits)
        if len(gates) > 1:
            self.blocks.append(Block(op.name, start, start + len(gates), self._qubits(op.wires), location))
        return gates

    def _inner(self, op: Any, location: Location | None, depth: int, start: int) -> list[Gate]:
        # blocks inside an adjoint or a control would not lie where they were met
        blocks = len(self.blocks)
        gates = self._expand(op.base, location, depth + 1, start, top=False)
        del self.blocks[blocks:]
        return gates

    def _fresh(self, op: Any) -> bool:
        return self.initial_state is None and self._touched.isdisjoint(self._qubits(op.wires))

    def _prepare(self, op: Any) -> list[Gate]:
        amplitudes = op.data[0]
        if isinstance(amplitudes, np.ndarray) and amplitudes.ndim > 1:
            self.batched = True
            self.skipped |= names_in(amplitudes[1:])
            amplitudes = amplitudes[0]
        found = names_in(amplitudes)
        values: tuple[complex, ...] | None = None
        if found:
            self.embedded |= found
        else:
            vector = np.asarray(op.state_vector(), dtype=complex).reshape(-1)
            values = tuple(complex(x) for x in vector[: 2 ** len(op.wires)])
        qubits = self._qubits(op.wires)
        self._touched.update(qubits)
        self.initial_state = Amplitudes(qubits, values, tuple(sorted(found)))
        return []

    def _channel(self, op: Any, location: Location | None, start: int, top: bool) -> list[Gate]:
        qubits = self._qubits(op.wires)
        numbers: tuple[float, ...] | None = None
        kind = CHANNELS.get(op.name)
        self.noise_parameters |= {name for x in op.data for name in names_in(x)}
        if op.name == "PauliError" and len(op.wires) == 1:
            kind, letter = "pauli", op.hyperparameters["operators"]
            strength = float(plain(op.data[-1]))
            numbers = tuple(strength if letter == candidate else 0.0 for candidate in "XYZ")
        elif kind is not None:
            numbers = tuple(float(np.asarray(plain(x), dtype=float).reshape(-1)[0]) for x in op.data)
        if kind is None or numbers is None or not top:
            return self._leave_out(f"the channel {op.name} is left out", location)
        self.channels.append(Channel(kind, qubits, numbers, start, location))
        return []

    def _decompose(self, op: Any, location: Location | None, depth: int, start: int, top: bool) -> list[Gate]:
        if depth > MAX_DEPTH:
            return self._leave_out(f"{op.name} is left out: it decomposes without end", location)
        if op.name == "QubitUnitary" and len(op.wires) > MAX_UNITARY_QUBITS:
            return self._leave_out(f"a unitary matrix on {len(op.wires)} qubits is left out", location)
        parts = _parts(op)
        if parts is None:
            return self._leave_out(f"{op.name} is left out: PennyLane has no decomposition of it", location)
        index = len(self.blocks)
        gates: list[Gate] = []
        with_closures = self._with_closures
        self._with_closures = with_closures and op.name not in MATRICES
        for part in parts:
            gates.extend(self._expand(part, location, depth + 1, start + len(gates), top))
        self._with_closures = with_closures
        if gates:
            # an outer block stands before those inside it
            self.blocks.insert(index, Block(op.name, start, start + len(gates), self._qubits(op.wires), location))
        return gates


def _parts(op: Any) -> Sequence[Any] | None:
    """PennyLane's own decomposition; None where there is none."""
    with qml.QueuingManager.stop_recording():
        try:
            return list(op.decomposition())
        except Exception:  # noqa: BLE001 - foreign code, which may choke on numbers that it does not know
            if not any(is_traced(x) for x in op.data):
                return None
        try:
            numeric = qml.ops.functions.bind_new_parameters(op, [plain(x) for x in op.data])
            return list(numeric.decomposition())
        except Exception:  # noqa: BLE001 - foreign code; an operation that cannot be decomposed is said to be left out
            return None


def names_in(x: Any) -> set[str]:
    """The parameters that the traced numbers in `x` depend on."""
    if isinstance(x, Traced):
        return set(names(x.angle))
    if isinstance(x, np.ndarray):
        if x.dtype != object:
            return set()
        found: set[str] = set()
        seen: set[int] = set()
        for item in x.flat:
            if id(item) not in seen:
                seen.add(id(item))
                found |= names_in(item)
        return found
    if isinstance(x, list | tuple):
        return {name for item in x for name in names_in(item)}
    return set()
