"""Columns about the circuit's size and shape: depth, light cones of the cost, uses of parameters, noise."""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ansatzlint.circuit import Circuit
from ansatzlint.features.feature import Feature

if TYPE_CHECKING:
    from ansatzlint.features.tape import Tape

MAX_TERMS = 1024
"""Cost terms whose light cones are followed; of more, those with the largest coefficients."""
_MAX_WORK = 50_000_000
"""Gates or qubits times terms that light cones may take."""

COLUMNS = (
    Feature("qubits", "1", "qubits of the circuit"),
    Feature("gates", "1", "gates as the source writes them"),
    Feature("entangling_gates", "1", "gates on two or more qubits other than swaps"),
    Feature("depth", "1", "layers of gates, each as early as possible"),
    Feature("two_qubit_depth", "1", "layers of gates on two or more qubits, each as early as possible"),
    Feature("parameters", "1", "trainable parameters"),
    Feature("parameters_cone", "1", "trainable parameters with a gate in the light cone of a cost term"),
    Feature("parameters_cone_share", "1", "those over all trainable parameters"),
    Feature("inputs_share", "1", "inputs over all parameters"),
    Feature("idle_qubits", "1", "share of qubits that no gate acts on"),
    Feature("entangling_clifford", "1", "share of entangling gates that are Clifford gates"),
    Feature("entangling_parametrised", "1", "share of entangling gates that depend on a parameter"),
    Feature("cone_qubits_mean", "1", "mean over the cost terms of the qubits in the light cone"),
    Feature("cone_qubits_maximum", "1", "the largest over the cost terms of the qubits in the light cone"),
    Feature("cone_qubits_minimum", "1", "the least over the cost terms of the qubits in the light cone"),
    Feature("cone_depth_mean", "1", "mean over the cost terms of the layers of gates in the light cone"),
    Feature("cone_depth_maximum", "1", "the largest over the cost terms of the layers of gates in the light cone"),
    Feature("cone_layers_mean", "1", "mean over the cost terms of the most entangling gates in line in the light cone"),
    Feature("cone_layers_maximum", "1", "the largest over the cost terms of the most entangling gates in line"),
    Feature("cone_gates", "1", "share of gates in the light cone of a cost term"),
    Feature("cone_parameters_per_qubit", "1", "mean over the cost terms of uses of parameters in the cone by qubits"),
    Feature("uses_mean", "1", "mean number of gates that depend on a trainable parameter, over those that are used"),
    Feature("uses_maximum", "1", "the largest number of gates that depend on one trainable parameter"),
    Feature("noise_one", "log10", "noise after one-qubit gates and at the start, a one-qubit gate: log10 of the mean "
            "over the Pauli words on its qubits of what it multiplies their square by"),
    Feature("noise_several", "log10", "the same after gates on two or more qubits, a gate"),
    Feature("noise_cone", "log10", "the same summed over the light cone, mean over the cost terms"),
    Feature("noise_shift", "1", "largest square of what Z gains of the identity in one channel: 0 for unital noise"),
    Feature("channels", "1", "noise channels that the source states gate by gate"),
    Feature("initial_state", "1", "1 where the source sets an initial state, else 0"),
    Feature("unread", "1", "parts of the source that the circuit does not carry"),
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Gates:
    """The circuit's gates as the source writes them.

    Attributes
    ----------
    first : int32 (G + 1,), wire : int32
        Gate g acts on the qubits wire[first[g] : first[g + 1]].
    swap : bool (G,)
        Whether it is a swap without controls.
    entangling : bool (G,)
        Whether it acts on two or more qubits and is no such swap.
    use_gate, use_parameter : int32 (U,)
        Gate use_gate[i] depends on the parameter use_parameter[i], ordered by gate; a pair may come several times in
        a row.
    """

    first: NDArray[np.int32]
    wire: NDArray[np.int32]
    swap: NDArray[np.bool_]
    entangling: NDArray[np.bool_]
    use_gate: NDArray[np.int32]
    use_parameter: NDArray[np.int32]


_NAME = attrgetter("name")


def gates_of(circuit: Circuit, tape: Tape) -> Gates:
    """The circuit's gates, and which parameters each depends on."""
    gates = circuit.gates
    swap = np.zeros(len(gates), dtype=np.bool_)
    if "swap" in map(_NAME, gates):
        swap[[g for g, gate in enumerate(gates) if gate.name == "swap" and not gate.controls]] = True
    if tape.general.any() or tape.skipped:
        place = {p.name: i for i, p in enumerate(circuit.parameters)}
        uses = [(g, place[name]) for g, gate in enumerate(gates) for name in gate.parameters]
        use_gate, use_parameter = np.array(uses, dtype=np.int32).reshape(-1, 2).T.copy()
    else:
        depends = tape.parameter >= 0
        use_gate, use_parameter = tape.gate[depends], tape.parameter[depends]
    return Gates(
        tape.gate_first, tape.gate_wire, swap, (np.diff(tape.gate_first) > 1) & ~swap, use_gate, use_parameter
    )


Terms = tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int8], NDArray[np.float64]]


def followed(tape: Tape, most: int) -> Terms:
    """(term_first, term_wire, term_letter, coefficient) of the terms that are followed: all unless they are many."""
    terms = len(tape.coefficient)
    if terms <= most:
        return tape.term_first, tape.term_wire, tape.term_letter, tape.coefficient
    kept = np.sort(np.argsort(-np.abs(tape.coefficient), kind="stable")[:most])
    first = np.zeros(most + 1, dtype=np.int32)
    np.cumsum(np.diff(tape.term_first)[kept], out=first[1:])
    at = np.concatenate([np.arange(tape.term_first[t], tape.term_first[t + 1]) for t in kept])
    return first, tape.term_wire[at], tape.term_letter[at], tape.coefficient[kept]


def columns(circuit: Circuit, tape: Tape, gates: Gates) -> NDArray[np.float64]:
    """The values of `COLUMNS`; NaN where there is no gate, parameter or cost term of the kind."""
    from ansatzlint.features.structure_kernels import measures

    most = max(1, min(MAX_TERMS, _MAX_WORK // max(len(gates.swap), tape.qubits, 1)))
    term_first, term_wire, _, _ = followed(tape, most)
    found = np.full(len(COLUMNS), np.nan)
    measures(
        tape.qubits, gates.first, gates.wire, gates.swap, gates.entangling, gates.use_gate, gates.use_parameter,
        tape.trainable, tape.kind, tape.table, tape.first, tape.wire, tape.gate, tape.parameter, tape.keep, tape.flip,
        tape.damping, term_first, term_wire, found,
    )  # fmt: skip
    found[27] = len(circuit.channels)
    found[28] = circuit.initial_state is not None
    found[29] = len(circuit.unread)
    return found
