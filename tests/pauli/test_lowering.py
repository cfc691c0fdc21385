"""Lowering keeps the unitary, and walks visit what touches them."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import circuits

from ansatzlint.circuit import Circuit, Gate
from ansatzlint.dense import equal_up_to_phase, unitary
from ansatzlint.pauli.lowering import Clifford, Lines, Rotation, by_level, lower


@settings(max_examples=200, deadline=None)
@given(circuit=circuits(max_qubits=4), seed=st.integers(0, 2**32 - 1), sort=st.booleans())
def test_lowering_and_sorting_keep_the_unitary(circuit: Circuit, seed: int, sort: bool) -> None:
    rng = np.random.default_rng(seed)
    values = {p.name: float(rng.uniform(-3, 3)) for p in circuit.parameters}
    gates = []
    operations = lower(circuit)
    for operation in by_level(operations, circuit.qubits) if sort else operations:
        if isinstance(operation, Clifford):
            gates.append(Gate(operation.name, operation.qubits))
        else:
            letters = operation.pauli.letters()
            word = "".join(letter for _, letter in letters)
            gates.append(Gate("pauli_rotation", tuple(q for q, _ in letters), (operation.angle,), word=word))
    lowered = Circuit("lowered", circuit.qubits, tuple(gates), circuit.parameters)
    assert equal_up_to_phase(unitary(lowered, values), unitary(circuit, values))


@given(circuit=circuits(max_qubits=4))
def test_every_operation_knows_its_gate(circuit: Circuit) -> None:
    for operation in lower(circuit):
        assert set(np.flatnonzero([operation.support >> q & 1 for q in range(4)])) <= set(
            circuit.gates[operation.gate].qubits
        )


@given(circuit=circuits(max_qubits=4, max_gates=20), data=st.data())
def test_walk_visits_what_touches_its_lines_in_order(circuit: Circuit, data: st.DataObject) -> None:
    operations = lower(circuit)
    support = data.draw(st.integers(0, 2**circuit.qubits - 1))
    forward = [i for i, _ in Lines(operations, circuit.qubits).walk(support, -1, 1)]
    backward = [i for i, _ in Lines(operations, circuit.qubits).walk(support, len(operations), -1)]
    assert forward == [i for i, o in enumerate(operations) if o.support & support]
    assert backward == forward[::-1]


def test_by_level_puts_side_by_side_what_can_run_at_once() -> None:
    ladder = tuple(Gate("cx", (q, q + 1)) for q in range(4))
    turns = tuple(Gate("rx", (q,), (0.3,)) for q in range(5))
    found = [operation.gate for operation in by_level(lower(Circuit("c", 5, ladder + turns)), 5)]
    assert found == [0, 1, 4, 2, 5, 3, 6, 7, 8]


def test_fixed_quarter_turns_are_recognised() -> None:
    (operation,) = lower(Circuit("c", 1, (Gate("rx", (0,), (-np.pi / 2,)),)))
    assert isinstance(operation, Rotation)
    assert operation.quarter_turns == 3
