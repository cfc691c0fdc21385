"""What a circuit may be, judged by its structure alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from ansatzlint import graph
from ansatzlint.circuit import Circuit
from ansatzlint.errors import UsageError
from ansatzlint.families.couplings import Pairs
from ansatzlint.observables import parse_pauli_sum
from ansatzlint.pauli.lowering import lower, pull
from ansatzlint.pauli.strings import PauliString

MOST_GATES = 20_000
"""Gates of the largest circuit that a search looks at, unless it is told to look at larger ones."""

DEPTH, TWO_QUBIT, PARAMETERS, GATES, COUPLING, KINDS, SYMMETRY = (
    "depth", "two-qubit gates", "parameters", "gates", "coupling", "gate set", "symmetry",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on a circuit's structure; None leaves it free.

    Attributes
    ----------
    max_depth, max_two_qubit_gates, max_parameters, max_gates : int or None
        Of all gates as soon as possible; of gates on two or more qubits; of trainable ones.
    coupling : tuple of pairs, or None
        Where gates on two or more qubits may act.
    gates : tuple of str, or None
        The gates that may be used, by their names in `ansatzlint.gates`.
    symmetry : str or None
        A Pauli word, such as `X0 X1 X2`, of which the circuit's state has one definite value at all angles.
    """

    max_depth: int | None = None
    max_two_qubit_gates: int | None = None
    max_parameters: int | None = None
    max_gates: int = MOST_GATES
    coupling: Pairs | None = None
    gates: tuple[str, ...] | None = None
    symmetry: str | None = None

    def check(self, qubits: int) -> None:
        """UsageError for limits that cannot be meant."""
        from ansatzlint.gates import CONTROLLED, KINDS

        for name, least in (("max_depth", 1), ("max_two_qubit_gates", 0), ("max_parameters", 1), ("max_gates", 1)):
            value = getattr(self, name)
            if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < least):
                raise UsageError(f"{name} must be a whole number of at least {least}, not {value!r}")
        for gate in self.gates or ():
            if gate not in KINDS and gate not in CONTROLLED:
                raise UsageError(f"unknown gate {gate!r} in gates")
        if self.symmetry is not None:
            _word(self.symmetry, qubits)

    def violations(self, circuit: Circuit) -> Mapping[str, float]:
        """By limit, how far the circuit is beyond it; at or below 0 where it keeps to it."""
        found: dict[str, float] = {GATES: len(circuit.gates) - self.max_gates}
        if self.max_depth is not None:
            found[DEPTH] = graph.depth(circuit) - self.max_depth
        if self.max_two_qubit_gates is not None:
            found[TWO_QUBIT] = couplings(circuit) - self.max_two_qubit_gates
        if self.max_parameters is not None:
            found[PARAMETERS] = len(circuit.trainable) - self.max_parameters
        if self.coupling is not None:
            allowed = {frozenset(pair) for pair in self.coupling}
            found[COUPLING] = sum(
                any(frozenset(pair) not in allowed for pair in combinations(gate.qubits, 2)) for gate in circuit.gates
            )
        if self.gates is not None:
            found[KINDS] = sum(bool(gate.controls) or gate.name not in self.gates for gate in circuit.gates)
        if self.symmetry is not None and found[GATES] <= 0:
            found[SYMMETRY] = broken(circuit, _word(self.symmetry, circuit.qubits))
        return found

    def as_dict(self) -> dict[str, Any]:
        """The limits' identity, as JSON can say it."""
        return {
            "max_depth": self.max_depth, "max_two_qubit_gates": self.max_two_qubit_gates,
            "max_parameters": self.max_parameters, "max_gates": self.max_gates,
            "coupling": None if self.coupling is None else [list(pair) for pair in self.coupling],
            "gates": None if self.gates is None else list(self.gates), "symmetry": self.symmetry,
        }  # fmt: skip


def couplings(circuit: Circuit) -> int:
    """Gates on two or more qubits."""
    return sum(len(gate.qubits) > 1 for gate in circuit.gates)


def sizes(circuit: Circuit) -> dict[str, int]:
    """The figures that people ask for first."""
    return {
        "qubits": circuit.qubits,
        "parameters": len(circuit.trainable),
        "gates": len(circuit.gates),
        "depth": graph.depth(circuit),
        "two_qubit_gates": couplings(circuit),
    }


def _word(text: str, qubits: int) -> PauliString:
    try:
        (term,) = parse_pauli_sum(text, qubits).terms
    except ValueError:
        raise UsageError(f"a symmetry is one Pauli word, such as 'X0 X1 X2', not {text!r}") from None
    if not term.paulis:
        raise UsageError("the identity is no symmetry that a circuit could break")
    return PauliString.of(term.paulis)


def broken(circuit: Circuit, symmetry: PauliString) -> int:
    """How many rotations do not commute with the Pauli word, carried back to them from the end of the circuit.

    One more where the word so carried back to |0...0> does not leave it as it is. Where there is none, the state at the
    end has a definite value of the word at all angles; the other way round too, as long as no angles are shared, whose
    uses could undo one another.
    """
    found, word = 0, symmetry
    for operation in reversed(lower(circuit)):
        before = pull(operation, word, -1)
        if before is None:
            found += 1
        else:
            word = before
    return found + bool(word.x)
