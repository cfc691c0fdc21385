"""Efficient SU(2): layers of one-qubit gates and of CX, as in Qiskit's `efficient_su2`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ansatzlint.circuit import Circuit
from ansatzlint.families.family import Choice, Family, Layers, Verdict
from ansatzlint.families.n_local import ENTANGLEMENT, FINAL_ROTATIONS, n_local

NAME = "efficient-su2"


def _construct(
    qubits: int, layers: int, su2_gates: str, entanglement: str | Iterable[Any], final_rotations: bool
) -> Circuit:
    return n_local(NAME, qubits, su2_gates, layers, entanglement, final_rotations)


FAMILY = Family(
    NAME,
    "layers of one-qubit gates, by default RY and RZ, and of CX",
    _construct,
    {
        "layers": Layers(16, 3),
        "su2_gates": Choice(
            ("ry-rz", "rx-ry", "rx-rz", "rz-ry-rz", "rx-y"), "ry-rz", "one-qubit gates of a layer, in turn"
        ),
        "entanglement": ENTANGLEMENT,
        "final_rotations": FINAL_ROTATIONS,
    },
    "A. Javadi-Abhari et al., arXiv:2405.08810",
    (Verdict("barren", "depth growing as a power of n, angles uniform", "arXiv:1803.11173"),),
)
