"""The circuit, as its author wrote it.

A `Circuit` holds gates in the order of the source, named as there, and the parameters by identity: an angle
refers to a parameter by name, and a name used twice is one parameter. Lowering to Clifford gates and Pauli
rotations is `ansatzlint.pauli`'s work; nothing here decides what is trainable in the physical sense.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from math import isfinite
from typing import TYPE_CHECKING, Literal

from ansatzlint.angles import Angle, finite, names, to_text
from ansatzlint.errors import CircuitError, UsageError
from ansatzlint.gates import shape
from ansatzlint.initialisation import Initialisation
from ansatzlint.noise import Noise, check_channel

if TYPE_CHECKING:
    from pennylane.workflow import QNode
    from qiskit import QuantumCircuit


@dataclass(frozen=True, slots=True)
class Location:
    """A span of source text: lines and columns count from 1, `end_column` is exclusive.

    In a notebook `cell` counts the code cells from 1 and the lines count inside the cell.
    """

    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    cell: int | None = None


@dataclass(frozen=True, slots=True)
class Parameter:
    """One free angle.

    `value` is what the source gave it at the recorded call, in radians, None where it gave none; `initialisation`
    is the distribution that the source states or was seen to draw from, None where it says nothing.
    """

    name: str
    role: Literal["trainable", "input"] = "trainable"
    value: float | None = None
    initialisation: Initialisation | None = None


@dataclass(frozen=True, slots=True)
class Gate:
    """One gate: `name` is a key of `ansatzlint.gates.KINDS`, or of `CONTROLLED` there.

    `qubits` are indices, controls first. `controls` holds one character a control ("1" acts on |1>, "0" on |0>)
    for controls beyond those that the name implies. `word` is the Pauli word of a `pauli_rotation`, a letter a
    target qubit.
    """

    name: str
    qubits: tuple[int, ...]
    angles: tuple[Angle, ...] = ()
    controls: str = ""
    word: str = ""
    location: Location | None = None

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the parameters that its angles depend on, each once."""
        if not self.angles:
            return ()
        return tuple(dict.fromkeys(name for angle in self.angles for name in names(angle)))


@dataclass(frozen=True, slots=True)
class Block:
    """A template or a user-defined gate: `gates[start:stop]` of the circuit came from it. Blocks may nest."""

    name: str
    start: int
    stop: int
    qubits: tuple[int, ...]
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class Channel:
    """A noise channel that the source states, applied after `after` gates.

    `kind` is a key of `ansatzlint.noise.CHANNELS`; `probabilities` are PennyLane's parameters of the channel of that
    name.
    """

    kind: str
    qubits: tuple[int, ...]
    probabilities: tuple[float, ...]
    after: int
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class PauliTerm:
    """coefficient * P, P given by (qubit, "X" | "Y" | "Z") sorted by qubit; the empty product is the identity."""

    coefficient: float
    paulis: tuple[tuple[int, str], ...]

    @property
    def qubits(self) -> tuple[int, ...]:
        return tuple(qubit for qubit, _ in self.paulis)

    def __str__(self) -> str:
        word = " ".join(f"{letter}{qubit}" for qubit, letter in self.paulis) or "I"
        return word if self.coefficient == 1.0 else f"{self.coefficient:g} {word}"


@dataclass(frozen=True, slots=True)
class PauliSum:
    """The expectation value of a sum of Pauli words, one term a word."""

    terms: tuple[PauliTerm, ...]
    location: Location | None = None

    @property
    def qubits(self) -> tuple[int, ...]:
        return tuple(sorted({q for term in self.terms for q in term.qubits}))

    def __str__(self) -> str:
        return " + ".join(str(term) for term in self.terms).replace("+ -", "- ") or "0"


@dataclass(frozen=True, slots=True)
class Projector:
    """The probability of finding `qubits` in the basis state `bits`, a character a qubit."""

    qubits: tuple[int, ...]
    bits: str
    location: Location | None = None

    def __str__(self) -> str:
        return f"projector |{self.bits}> on {len(self.qubits)} qubits"


@dataclass(frozen=True, slots=True)
class Probabilities:
    """The probabilities of all outcomes on `qubits`; `selected` says that the source reads single ones."""

    qubits: tuple[int, ...]
    selected: bool = False
    location: Location | None = None

    def __str__(self) -> str:
        return f"probabilities of {len(self.qubits)} qubits"


@dataclass(frozen=True, slots=True)
class State:
    """The state vector or a (reduced) density matrix on `qubits`."""

    qubits: tuple[int, ...]
    location: Location | None = None

    def __str__(self) -> str:
        return f"state of {len(self.qubits)} qubits"


@dataclass(frozen=True, slots=True)
class Nonlinear:
    """A quantity that is no expectation value (variance, entropy, mutual information …), named `quantity`."""

    quantity: str
    qubits: tuple[int, ...]
    location: Location | None = None

    def __str__(self) -> str:
        return f"{self.quantity} of {len(self.qubits)} qubits"


Observable = PauliSum | Projector | Probabilities | State | Nonlinear


@dataclass(frozen=True, slots=True)
class Amplitudes:
    """The initial state of `qubits`, the first the most significant bit; `values` is None where inputs decide it.

    `parameters` names the inputs that decide it.
    """

    qubits: tuple[int, ...]
    values: tuple[complex, ...] | None = None
    parameters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unread:
    """Something in the source that the circuit does not carry, and why: a rule could not judge it."""

    reason: str
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class Circuit:
    """A parametrised quantum circuit.

    Attributes
    ----------
    name : str
        The name in the source: a function, or the file's stem.
    qubits : int
        Number of qubits; gates and observables refer to them by index from 0.
    gates, parameters
        In the order of the source.
    observables : tuple of Observable
        What is returned or measured, in order; empty where the source does not say.
    labels : tuple of str
        The qubits' names in the source; empty means "0", "1", ….
    measured : tuple of int
        Qubits that a final measurement reads, where no observable is stated.
    initial_state : Amplitudes or None
        None means |0…0>.
    initialisation, noise, shots
        As declared, None where not.
    blocks, channels
        Templates and user-defined gates; noise channels stated gate by gate.
    assumptions : tuple of str
        What a reader had to assume, each a plain sentence.
    unread : tuple of Unread
        What could not be carried over.
    sizes : tuple of int
        The numbers of qubits at which the scaling is to be judged, as declared; no part of the circuit's identity.
    at_sizes : tuple of Circuit
        The circuit as its source builds it at those sizes, this one included, with strictly more qubits from one to
        the next; empty where the source builds one size only. No part of the circuit's identity.

    Raises
    ------
    CircuitError
        For a qubit that is out of range or twice in one gate, an unknown gate, a wrong number of qubits or
        angles, an angle that is not finite or with an unknown parameter, two parameters of one name, an
        observable whose coefficients are not finite, a channel that cannot be, a size that is not positive,
        circuits at several sizes that are not in ascending order or hold such circuits themselves.
    """

    name: str
    qubits: int
    gates: tuple[Gate, ...]
    parameters: tuple[Parameter, ...] = ()
    observables: tuple[Observable, ...] = ()
    labels: tuple[str, ...] = ()
    measured: tuple[int, ...] = ()
    initial_state: Amplitudes | None = None
    initialisation: Initialisation | None = None
    noise: Noise | None = None
    shots: int | None = None
    blocks: tuple[Block, ...] = ()
    channels: tuple[Channel, ...] = ()
    assumptions: tuple[str, ...] = ()
    unread: tuple[Unread, ...] = ()
    location: Location | None = None
    sizes: tuple[int, ...] = field(default=(), compare=False)
    at_sizes: tuple[Circuit, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        known = {p.name for p in self.parameters}
        if len(known) != len(self.parameters):
            raise CircuitError(f"circuit {self.name!r} has two parameters of one name")
        qubits = self.qubits
        for gate in self.gates:
            expected_qubits, expected_angles = shape(gate.name, gate.controls, gate.word)
            if len(gate.qubits) != expected_qubits or len(gate.angles) != expected_angles:
                raise CircuitError(
                    f"gate {gate.name!r} takes {expected_qubits} qubits and {expected_angles} angles, "
                    f"not {len(gate.qubits)} and {len(gate.angles)}"
                )
            for qubit in gate.qubits:
                if not 0 <= qubit < qubits:
                    raise CircuitError(f"gate {gate.name!r} acts on qubit {qubit} of {qubits}")
            if len(gate.qubits) > 1 and len(set(gate.qubits)) != len(gate.qubits):
                raise CircuitError(f"gate {gate.name!r} acts twice on one qubit: {gate.qubits}")
            for angle in gate.angles:
                if not finite(angle):
                    raise CircuitError(f"gate {gate.name!r} has an angle that is not finite: {to_text(angle)}")
            for name in gate.parameters:
                if name not in known:
                    raise CircuitError(f"gate {gate.name!r} depends on {name!r}, which is no parameter of the circuit")
        for observable in self.observables:
            for qubit in observable.qubits:
                if not 0 <= qubit < qubits:
                    raise CircuitError(f"the observable {observable} acts on qubit {qubit} of {qubits}")
            if isinstance(observable, PauliSum) and not all(isfinite(term.coefficient) for term in observable.terms):
                raise CircuitError(f"the observable {observable} has a coefficient that is not finite")
        for channel in self.channels:
            self._check(channel)
        if any(size < 1 for size in self.sizes):
            raise CircuitError(f"the sizes of circuit {self.name!r} must be positive numbers of qubits: {self.sizes}")
        if any(other.at_sizes for other in self.at_sizes):
            raise CircuitError(f"circuit {self.name!r} at another size holds circuits at other sizes itself")
        if any(a.qubits >= b.qubits for a, b in pairwise(self.at_sizes)):
            raise CircuitError(f"the sizes at which circuit {self.name!r} is built are not in ascending order")

    def _check(self, channel: Channel) -> None:
        try:
            check_channel(channel.kind, channel.probabilities)
        except UsageError as error:
            raise CircuitError(str(error)) from None
        if len(channel.qubits) != 1 or not 0 <= channel.qubits[0] < self.qubits:
            raise CircuitError(f"a channel acts on one of the {self.qubits} qubits, not on {channel.qubits}")
        if not 0 <= channel.after <= len(self.gates):
            raise CircuitError(f"a channel stands after gate {channel.after} of {len(self.gates)}")

    @property
    def trainable(self) -> tuple[Parameter, ...]:
        return tuple(p for p in self.parameters if p.role == "trainable")

    @property
    def inputs(self) -> tuple[Parameter, ...]:
        return tuple(p for p in self.parameters if p.role == "input")

    def label(self, qubit: int) -> str:
        """The qubit's name in the source."""
        return self.labels[qubit] if self.labels else str(qubit)

    def entangling_gates(self) -> Iterator[tuple[int, Gate]]:
        """(index, gate) of the gates on two or more qubits that can entangle them: all but swaps."""
        for index, gate in enumerate(self.gates):
            if len(gate.qubits) > 1 and (gate.name != "swap" or gate.controls):
                yield index, gate

    def to_pennylane(self) -> QNode:
        """A QNode on `default.qubit` that takes one number a parameter, by position or by name."""
        from ansatzlint.exports.pennylane import to_pennylane

        return to_pennylane(self)

    def to_qasm3(self) -> str:
        """OpenQASM 3 text with an `input float` for each parameter."""
        from ansatzlint.exports.qasm3 import to_qasm3

        return to_qasm3(self)

    def to_qiskit(self) -> QuantumCircuit:
        """A Qiskit circuit with a `Parameter` for each parameter; MissingDependencyError without Qiskit."""
        from ansatzlint.exports.qiskit import to_qiskit

        return to_qiskit(self)

    def _repr_html_(self) -> str:
        from html import escape

        return f"<code>{escape(str(self))}</code>"

    def __str__(self) -> str:
        return (
            f"{self.name}: {self.qubits} qubits, {len(self.gates)} gates, "
            f"{len(self.trainable)} trainable parameters, {len(self.inputs)} inputs"
        )
