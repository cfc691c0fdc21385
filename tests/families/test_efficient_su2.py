from __future__ import annotations

import numpy as np
import pytest

import ansatzlint as al
from ansatzlint.dense import equal_up_to_phase, unitary
from ansatzlint.families.n_local import ENTANGLEMENTS

library = pytest.importorskip("qiskit.circuit.library")
FAMILY = al.families["efficient-su2"]


@pytest.mark.parametrize("entanglement", ENTANGLEMENTS)
@pytest.mark.parametrize("su2_gates", FAMILY.space["su2_gates"].values)  # type: ignore[union-attr]
def test_it_is_qiskits_gate_by_gate(entanglement: str, su2_gates: str) -> None:
    for final in (True, False):
        ours = FAMILY.build(4, layers=3, su2_gates=su2_gates, entanglement=entanglement, final_rotations=final)
        theirs = al.read(
            library.efficient_su2(
                4, su2_gates.split("-"), entanglement, reps=3, skip_final_rotation_layer=not final
            )
        )
        number = {f"θ[{i}]": f"theta{i}" for i in range(len(ours.parameters))}
        assert [(g.name, g.qubits, g.parameters) for g in ours.gates] == [
            (g.name, g.qubits, tuple(number[name] for name in g.parameters)) for g in theirs.gates
        ]


@pytest.mark.parametrize("qubits", [2, 5])
def test_the_defaults_are_the_same_unitary_as_qiskits(qubits: int) -> None:
    from qiskit.quantum_info import Operator

    ours, theirs = FAMILY.build(qubits), library.efficient_su2(qubits)
    values = np.random.default_rng(5).uniform(0, 2 * np.pi, len(ours.parameters))
    assert theirs.num_parameters == len(values)
    expected = Operator(theirs.assign_parameters(values)).reverse_qargs().data
    named = dict(zip((p.name for p in ours.parameters), values, strict=True))
    assert equal_up_to_phase(unitary(ours, named), expected)
