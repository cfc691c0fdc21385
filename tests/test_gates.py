"""Every gate's product of rotations against the matrices of PennyLane and Qiskit, phases included."""

from __future__ import annotations

import numpy as np
import pytest

from ansatzlint.circuit import Circuit, Gate
from ansatzlint.dense import unitary
from ansatzlint.errors import CircuitError
from ansatzlint.gates import CONTROLLED, KINDS, MAX_CONTROLS, rotations, shape

QISKIT = {
    "id": "IGate", "x": "XGate", "y": "YGate", "z": "ZGate", "h": "HGate", "s": "SGate", "sdg": "SdgGate",
    "t": "TGate", "tdg": "TdgGate", "sx": "SXGate", "sxdg": "SXdgGate", "rx": "RXGate", "ry": "RYGate",
    "rz": "RZGate", "p": "PhaseGate", "r": "RGate", "u": "UGate", "u2": "U2Gate", "swap": "SwapGate",
    "iswap": "iSwapGate", "ecr": "ECRGate", "dcx": "DCXGate", "rxx": "RXXGate", "ryy": "RYYGate",
    "rzz": "RZZGate", "rzx": "RZXGate", "xx_plus_yy": "XXPlusYYGate", "xx_minus_yy": "XXMinusYYGate",
    "cu": "CUGate", "cx": "CXGate", "cy": "CYGate", "cz": "CZGate", "ch": "CHGate", "cs": "CSGate",
    "csdg": "CSdgGate", "csx": "CSXGate", "cp": "CPhaseGate", "crx": "CRXGate", "cry": "CRYGate",
    "crz": "CRZGate", "ccx": "CCXGate", "ccz": "CCZGate", "cswap": "CSwapGate", "gphase": "GlobalPhaseGate",
}  # fmt: skip
PENNYLANE = {
    "rot": "Rot", "crot": "CRot", "single_excitation": "SingleExcitation", "double_excitation": "DoubleExcitation",
}  # fmt: skip


def matrix(name: str, angles: tuple[float, ...], controls: str = "", word: str = "") -> np.ndarray:
    qubits, _ = shape(name, controls, word)
    return unitary(Circuit("c", qubits, (Gate(name, tuple(range(qubits)), angles, controls, word),)))


def some_angles(name: str, seed: int) -> tuple[float, ...]:
    return tuple(map(float, np.random.default_rng(seed).uniform(-7, 7, shape(name)[1])))


def test_every_gate_is_checked_against_another_library() -> None:
    assert QISKIT.keys() | PENNYLANE.keys() == KINDS.keys() | CONTROLLED.keys()


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", sorted(QISKIT))
def test_matrix_is_that_of_qiskit(name: str, seed: int) -> None:
    library = pytest.importorskip("qiskit.circuit.library")
    from qiskit.quantum_info import Operator

    angles = some_angles(name, seed)
    expected = Operator(getattr(library, QISKIT[name])(*angles)).reverse_qargs().data
    np.testing.assert_allclose(matrix(name, angles), expected, atol=1e-12)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", sorted(PENNYLANE))
def test_matrix_is_that_of_pennylane(name: str, seed: int) -> None:
    import pennylane as qml

    angles = some_angles(name, seed)
    expected = qml.matrix(getattr(qml, PENNYLANE[name])(*angles, wires=range(shape(name)[0])))
    np.testing.assert_allclose(matrix(name, angles), expected, atol=1e-12)


def test_pauli_rotation_is_that_of_pennylane() -> None:
    import pennylane as qml

    expected = qml.matrix(qml.PauliRot(0.7, "XZY", wires=range(3)))
    np.testing.assert_allclose(matrix("pauli_rotation", (0.7,), word="XZY"), expected, atol=1e-12)


@pytest.mark.parametrize("controls", ["1", "0", "01", "110"])
@pytest.mark.parametrize("name", ["rx", "h", "u", "p", "gphase", "iswap", "crz"])
def test_controls_act_on_their_values(name: str, controls: str) -> None:
    angles = some_angles(name, 5)
    base = matrix(name, angles)
    size = base.shape[0]
    expected = np.eye(size * 2 ** len(controls), dtype=complex)
    start = int(controls, 2) * size
    expected[start : start + size, start : start + size] = base
    np.testing.assert_allclose(matrix(name, angles, controls), expected, atol=1e-12)


def test_unknown_gates_and_words_are_refused() -> None:
    with pytest.raises(CircuitError, match="unknown gate 'foo'"):
        shape("foo")
    with pytest.raises(CircuitError, match="Pauli word"):
        shape("pauli_rotation", "", "XQ")
    with pytest.raises(CircuitError, match="controls"):
        shape("x", "2")


def test_too_many_controls_are_refused_when_lowered() -> None:
    with pytest.raises(CircuitError, match="controls"):
        rotations("x", (), "1" * (MAX_CONTROLS + 1))
