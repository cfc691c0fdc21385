"""Real amplitudes: layers of RY and of CX, which keep every amplitude real, as in Qiskit's `real_amplitudes`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ansatzlint.circuit import Circuit
from ansatzlint.families.family import Family, Layers, Verdict
from ansatzlint.families.n_local import ENTANGLEMENT, FINAL_ROTATIONS, n_local

NAME = "real-amplitudes"


def _construct(qubits: int, layers: int, entanglement: str | Iterable[Any], final_rotations: bool) -> Circuit:
    return n_local(NAME, qubits, "ry", layers, entanglement, final_rotations)


FAMILY = Family(
    NAME,
    "layers of RY and of CX, which keep every amplitude real",
    _construct,
    {"layers": Layers(16, 3), "entanglement": ENTANGLEMENT, "final_rotations": FINAL_ROTATIONS},
    "A. Javadi-Abhari et al., arXiv:2405.08810",
    (Verdict("barren", "so deep that the circuit is a random orthogonal matrix", "arXiv:2305.09957"),),
)
