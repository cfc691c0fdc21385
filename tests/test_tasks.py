"""Tasks against dense matrices, and files that cannot be meant."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansatzlint.circuit import PauliSum, Projector
from ansatzlint.errors import ParseError, UsageError
from ansatzlint.families import FAMILIES
from ansatzlint.tasks import coupling_map, projector_words, task_of

LETTERS = {
    "I": np.eye(2), "X": np.array([[0, 1], [1, 0]]), "Y": np.array([[0, -1j], [1j, 0]]), "Z": np.diag([1, -1]),
}  # fmt: skip


def dense(cost: PauliSum, qubits: int) -> np.ndarray:
    """Qubit 0 is the first factor."""
    total = np.zeros((1 << qubits, 1 << qubits), complex)
    for term in cost.terms:
        word = dict(term.paulis)
        product = np.eye(1)
        for q in range(qubits):
            product = np.kron(product, LETTERS[word.get(q, "I")])
        total += term.coefficient * product
    return total


@given(st.integers(1, 3), st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=40)
def test_a_projector_is_the_sum_of_its_words(qubits: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    psi = rng.standard_normal(1 << qubits) + 1j * rng.standard_normal(1 << qubits)
    psi[rng.random(1 << qubits) < 0.3] = 0.0
    if not psi.any():
        psi[0] = 1.0
    psi /= np.linalg.norm(psi)
    amplitudes = {f"{k:0{qubits}b}": complex(a) for k, a in enumerate(psi) if a}
    found = dense(projector_words(amplitudes, qubits), qubits)
    assert np.allclose(found, np.outer(psi, psi.conj()), atol=1e-10)


@pytest.mark.parametrize(("name", "qubits", "energy"), [
    ("tfim", 4, -5.226252), ("tfim", 6, -7.727407), ("heisenberg", 5, -8.472136), ("heisenberg", 6, -11.211103),
])  # fmt: skip
def test_named_hamiltonians_have_the_published_ground_states(name: str, qubits: int, energy: float) -> None:
    cost = task_of(qubits, hamiltonian=name).costs[0][1]
    assert isinstance(cost, PauliSum)
    assert np.linalg.eigvalsh(dense(cost, qubits))[0] == pytest.approx(energy, abs=1e-6)


def test_a_cut_is_half_the_weights_minus_the_cost(tmp_path: Path) -> None:
    graph = tmp_path / "graph.txt"
    graph.write_text("# a square with a diagonal\n0 1\n1 2 2.0\n2 3\n3 0\n0 2 0.5\n")
    task = task_of(None, hamiltonian=f"maxcut:{graph}")
    assert isinstance(task.costs[0][1], PauliSum)
    values = np.diag(dense(task.costs[0][1], 4)).real
    edges = [(0, 1, 1.0), (1, 2, 2.0), (2, 3, 1.0), (3, 0, 1.0), (0, 2, 0.5)]
    for index, value in enumerate(values):
        bits = f"{index:04b}"
        cut = sum(w for a, b, w in edges if bits[a] != bits[b])
        assert value == pytest.approx(sum(w for *_, w in edges) / 2 - cut)


def test_a_file_of_terms_is_their_sum(tmp_path: Path) -> None:
    file = tmp_path / "h.txt"
    file.write_text("0.5 Z0 Z1  # bond\n\n-1.5 X2\n0.5 Z0 Z1\n")
    task = task_of(None, hamiltonian=str(file))
    assert (task.qubits, str(task.costs[0][1])) == (3, "Z0 Z1 - 1.5 X2")


def test_a_basis_state_has_a_local_cost_with_the_same_optimum(tmp_path: Path) -> None:
    file = tmp_path / "state.txt"
    file.write_text("011 1\n")
    task = task_of(None, state=str(file))
    costs = dict(task.costs)
    assert costs["global"] == Projector((0, 1, 2), "011")
    assert isinstance(costs["local"], PauliSum)
    local = np.diag(dense(costs["local"], 3)).real
    assert local[0b011] == pytest.approx(1.0)
    assert np.argmax(local) == 0b011


def test_the_task_stands_in_place_of_what_a_family_reads_out() -> None:
    circuit = task_of(4, observable="X0").pose(FAMILIES["qcnn"].build(4))
    assert [str(o) for o in circuit.observables] == ["X0"]
    assert circuit.measured == ()


@pytest.mark.parametrize(("text", "line", "says"), [
    ("Z0\nZ0 Q1\n", 2, "cannot read"), ("Z0\n\nZ9\n", 3, "qubit 9"), ("nan Z0\n", 1, "cannot read"),
])  # fmt: skip
def test_a_bad_line_of_a_hamiltonian_is_named(tmp_path: Path, text: str, line: int, says: str) -> None:
    file = tmp_path / "h.txt"
    file.write_text(text)
    with pytest.raises(ParseError, match=says) as raised:
        task_of(4, hamiltonian=str(file))
    assert (raised.value.path, raised.value.line) == (str(file), line)


@pytest.mark.parametrize(("text", "line", "says"), [
    ("00 0.6\n0 0.8\n", 2, "1 qubits, not 2"), ("00 0.6\n00 0.8\n", 2, "twice"), ("00 one\n", 1, "cannot read"),
    ("00 0.6\n11 0.6\n", None, "norm 0.8485"),
])  # fmt: skip
def test_a_bad_line_of_a_state_is_named(tmp_path: Path, text: str, line: int | None, says: str) -> None:
    file = tmp_path / "state.txt"
    file.write_text(text)
    with pytest.raises(ParseError, match=says) as raised:
        task_of(None, state=str(file))
    assert raised.value.line == line


@pytest.mark.parametrize("text", ["0 0\n", "0 x\n", "0\n", "0 9\n", "0 1 2\n", "-1 0\n"])
def test_a_bad_line_of_a_coupling_map_is_named(tmp_path: Path, text: str) -> None:
    file = tmp_path / "map.txt"
    file.write_text(f"0 1\n{text}")
    with pytest.raises(ParseError) as raised:
        coupling_map(file, 4)
    assert raised.value.line == 2


@pytest.mark.parametrize(("arguments", "says"), [
    ({"qubits": None}, "number of qubits is missing"),
    ({"qubits": 1}, "from 2"),
    ({"qubits": 4, "hamiltonian": "tfim", "observable": "local-z"}, "one task"),
    ({"qubits": 4, "hamiltonian": "isnig"}, "unknown Hamiltonian"),
    ({"qubits": 5, "hamiltonian": "maxcut:regular3"}, "even number"),
    ({"qubits": 4, "hamiltonian": "maxcut:squares"}, "unknown graph"),
    ({"qubits": 4, "hamiltonian": "maxcut"}, "which graph"),
])  # fmt: skip
def test_what_cannot_be_meant_is_refused(arguments: dict[str, object], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        task_of(**arguments)  # type: ignore[arg-type]
