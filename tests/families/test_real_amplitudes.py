from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

import ansatzlint as al
from ansatzlint.dense import unitary
from ansatzlint.families.n_local import ENTANGLEMENTS

real_amplitudes = pytest.importorskip("qiskit.circuit.library").real_amplitudes
FAMILY = al.families["real-amplitudes"]


def same_gates(ours: al.Circuit, theirs: al.Circuit) -> bool:
    """Whether two circuits are equal gate by gate, where Qiskit's parameters are called θ[0], θ[1], …."""
    number = {f"θ[{i}]": f"theta{i}" for i in range(len(ours.parameters))}
    return [(g.name, g.qubits, g.parameters, len(g.angles)) for g in ours.gates] == [
        (g.name, g.qubits, tuple(number[name] for name in g.parameters), len(g.angles)) for g in theirs.gates
    ]


@pytest.mark.parametrize("entanglement", ENTANGLEMENTS)
@pytest.mark.parametrize("qubits", [2, 3, 4, 7])
@pytest.mark.parametrize("final", [True, False])
def test_it_is_qiskits_gate_by_gate(entanglement: str, qubits: int, final: bool) -> None:
    layers = qubits + 2  # so that every turn of "sca" is there, and the first one again
    ours = FAMILY.build(qubits, layers=layers, entanglement=entanglement, final_rotations=final)
    theirs = real_amplitudes(qubits, entanglement, layers, skip_final_rotation_layer=not final)
    assert same_gates(ours, al.read(theirs))


def test_the_defaults_are_qiskits() -> None:
    assert same_gates(FAMILY.build(5), al.read(real_amplitudes(5)))


@pytest.mark.parametrize("coupling", [[(0, 3), (0, 2)], [(2, 1)]])
def test_a_coupling_map(coupling: Sequence[tuple[int, int]]) -> None:
    theirs = real_amplitudes(4, entanglement=coupling, reps=2)
    assert same_gates(FAMILY.build(4, entanglement=coupling, layers=2), al.read(theirs))


def test_every_amplitude_is_real() -> None:
    circuit = FAMILY.build(4, entanglement="sca")
    values = {p.name: 0.3 + 0.4 * i for i, p in enumerate(circuit.parameters)}
    assert abs(unitary(circuit, values).imag).max() < 1e-12


def test_reversed_chain_and_all_pairs_are_one_unitary() -> None:
    values = {f"theta{i}": 0.4 + 1.1 * i for i in range(10)}
    full, short = (FAMILY.build(5, layers=1, entanglement=name) for name in ("full", "reverse_linear"))
    assert np.allclose(unitary(full, values), unitary(short, values))
