from __future__ import annotations

import numpy as np
import pennylane as qml
import pytest
from families.dense import observable, random_values, state

import ansatzlint as al
from ansatzlint.circuit import Circuit
from ansatzlint.families.couplings import COUPLINGS

FAMILY = al.families["data-reuploading"]


def cost(circuit: Circuit, values: dict[str, float]) -> float:
    psi = state(circuit, values)
    return float(np.vdot(psi, observable(circuit) @ psi).real)


@pytest.mark.parametrize("coupling", COUPLINGS)
@pytest.mark.parametrize("entangler", ["cz", "cx"])
def test_it_computes_what_a_circuit_written_by_hand_computes(coupling: str, entangler: str) -> None:
    circuit = FAMILY.build(4, layers=3, coupling=coupling, entangler=entangler)
    values = random_values(circuit, seed=6)
    x = [values[f"x{q}"] for q in range(4)]
    weights = np.array([values[f"theta{i}"] for i in range(36)]).reshape(3, 4, 3)

    @qml.qnode(qml.device("default.qubit", wires=4))
    def by_hand() -> object:
        for layer in range(3):
            if layer:
                for pair in COUPLINGS[coupling](4):
                    (qml.CZ if entangler == "cz" else qml.CNOT)(wires=pair)
            qml.AngleEmbedding(x, wires=range(4), rotation="X")
            for q in range(4):
                qml.Rot(*weights[layer, q], wires=q)
        return qml.expval(qml.Z(0))

    assert cost(circuit, values) == pytest.approx(float(by_hand()))


@pytest.mark.parametrize("layers", [1, 2, 4])
def test_one_qubit_has_every_frequency_up_to_the_number_of_layers(layers: int) -> None:
    circuit = FAMILY.build(1, layers=layers)
    values = random_values(circuit, seed=layers)
    grid = 2 * np.pi * np.arange(16) / 16
    spectrum = abs(np.fft.rfft([cost(circuit, values | {"x0": x}) for x in grid])) / 16
    assert (spectrum[1 : layers + 1] > 1e-4).all()
    assert (spectrum[layers + 1 :] < 1e-12).all()


def test_each_input_enters_once_a_layer_and_is_no_weight() -> None:
    circuit = FAMILY.build(5, layers=4)
    assert [p.name for p in circuit.inputs] == [f"x{q}" for q in range(5)]
    assert len(circuit.trainable) == 4 * 5 * 3
    for q in range(5):
        assert [(g.name, g.qubits) for g in circuit.gates if f"x{q}" in g.parameters] == [("rx", (q,))] * 4


def test_entangling_gates_stand_between_the_layers_only() -> None:
    names = [g.name for g in FAMILY.build(3, layers=2, coupling="chain").gates]
    assert names == ["rx"] * 3 + ["rot"] * 3 + ["cz"] * 2 + ["rx"] * 3 + ["rot"] * 3


def test_four_qubits_see_every_input() -> None:
    assert "AL602" not in {d.code for d in al.lint(FAMILY.build(4)).diagnostics}
