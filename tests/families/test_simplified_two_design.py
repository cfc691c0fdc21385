from __future__ import annotations

import numpy as np
import pennylane as qml
import pytest

import ansatzlint as al
from ansatzlint.angles import evaluate

FAMILY = al.families["simplified-two-design"]


@pytest.mark.parametrize("qubits", [2, 3, 4, 7])
@pytest.mark.parametrize("layers", [1, 3])
def test_it_is_pennylanes_gate_by_gate(qubits: int, layers: int) -> None:
    rng = np.random.default_rng(2)
    first, rest = (rng.uniform(0, 2 * np.pi, shape) for shape in qml.SimplifiedTwoDesign.shape(layers, qubits))
    template = qml.SimplifiedTwoDesign(first, rest, wires=range(qubits))
    ours = FAMILY.build(qubits, layers=layers)
    weights = np.concatenate([first, rest.ravel()])
    values = dict(zip((p.name for p in ours.parameters), weights, strict=True))
    assert [(g.name, g.qubits, tuple(evaluate(a, values) for a in g.angles)) for g in ours.gates] == [
        ({"RY": "ry", "CZ": "cz"}[op.name], tuple(op.wires), tuple(op.data)) for op in template.decomposition()
    ]
