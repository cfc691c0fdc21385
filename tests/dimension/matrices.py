"""The rank of a state's derivatives by dense matrices, to check `ansatzlint.dimension` by; nothing of it is used."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ansatzlint.angles import derivative, evaluate, parameter
from ansatzlint.circuit import Circuit, Gate, Parameter
from ansatzlint.gates import rotations

PAULIS = {
    "I": np.eye(2), "X": np.array([[0, 1], [1, 0]]), "Y": np.array([[0, -1j], [1j, 0]]), "Z": np.diag([1, -1]),
}  # fmt: skip


def _apply(word: str, gate: Gate, columns: np.ndarray, n: int) -> np.ndarray:
    found = columns.reshape((2,) * n + (-1,))
    for qubit, letter in zip(gate.qubits, word, strict=True):
        found = np.moveaxis(np.tensordot(PAULIS[letter], found, axes=(1, qubit)), 0, qubit)
    return found.reshape(2**n, -1)


def fubini_study(circuit: Circuit, values: Mapping[str, float], start: np.ndarray | None = None) -> np.ndarray:
    """Real and imaginary parts of the derivatives orthogonal to the state, shape (2^(n + 1), trainable parameters)."""
    n, trained = circuit.qubits, [p.name for p in circuit.trainable]
    columns = np.zeros((2**n, 1 + len(trained)), dtype=complex)
    columns[:, 0] = np.eye(2**n)[0] if start is None else start
    for gate in circuit.gates:
        for word, angle in rotations(gate.name, gate.angles, gate.controls, gate.word):
            half = evaluate(angle, values) / 2
            columns = np.cos(half) * columns - 1j * np.sin(half) * _apply(word, gate, columns, n)
            if not isinstance(angle, float):
                slopes = [evaluate(derivative(angle, name), values) for name in trained]
                columns[:, 1:] += -0.5j * _apply(word, gate, columns[:, :1], n) * np.array(slopes)
    state, slopes_of = columns[:, :1], columns[:, 1:]
    slopes_of = slopes_of - state @ (state.conj().T @ slopes_of)
    return np.vstack([slopes_of.real, slopes_of.imag])


def rank_at(circuit: Circuit, values: Mapping[str, float], start: np.ndarray | None = None) -> int:
    """Real rank of the derivatives modulo the state's phase."""
    singular = np.linalg.svd(fubini_study(circuit, values, start), compute_uv=False)
    return int(np.sum(singular > 1e-8 * max(1.0, singular.max(initial=0.0))))


def generic_rank(circuit: Circuit, seed: int = 0, start: np.ndarray | None = None) -> int:
    """The rank at random parameters."""
    drawn = np.random.default_rng(seed).uniform(-4, 4, len(circuit.parameters))
    return rank_at(circuit, {p.name: v for p, v in zip(circuit.parameters, drawn, strict=True)}, start)


KINDS = ("rx", "ry", "rz", "h", "s", "cx", "cz", "rzz", "rxx", "crx", "crz")


def random_circuit(rng: np.random.Generator, n: int, parameters: int, shared: bool = False) -> Circuit:
    """Random gates; with `shared` some of the parameters stand in several, with factors and offsets."""
    gates: list[Gate] = []
    used = 0
    while used < parameters:
        kind = str(rng.choice(KINDS))
        on = tuple(int(q) for q in rng.permutation(n)[: 1 if kind in ("rx", "ry", "rz", "h", "s") else 2])
        if kind in ("h", "s", "cx", "cz"):
            gates.append(Gate(kind, on))
            continue
        if shared and used and rng.random() < 0.4:
            angle = parameter(f"t{rng.integers(used)}")
            factor, offset = float(rng.choice([1.0, -1.0, 2.0, 0.5])), float(rng.choice([0.0, 0.0, np.pi / 2]))
            angle = type(angle)(((angle.terms[0][0], factor),), offset)
        else:
            angle = parameter(f"t{used}")
            used += 1
        gates.append(Gate(kind, on, (angle,)))
    return Circuit("random", n, tuple(gates), tuple(Parameter(f"t{i}") for i in range(parameters)))
