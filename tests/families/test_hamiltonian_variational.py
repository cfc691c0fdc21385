from __future__ import annotations

import numpy as np
import pytest
from families.dense import commutes, observable, random_values, same, split, state, total, turn

import ansatzlint as al
from ansatzlint.dense import unitary

FAMILY = al.families["hamiltonian-variational"]
ISING, EXCHANGE = ("tfim", "ltfim"), ("xy", "xxz", "heisenberg")
STRENGTHS = {"xy": (1, 1, 0), "xxz": (1, 1, 0.5), "heisenberg": (1, 1, 1)}


def bonds(qubits: int, boundary: str) -> list[tuple[int, int]]:
    found = [(q, q + 1) for q in range(qubits - 1)]
    return [*found, (qubits - 1, 0)] if boundary == "periodic" and qubits > 2 else found


def hamiltonian(model: str, qubits: int, boundary: str) -> np.ndarray:
    edges, sites = bonds(qubits, boundary), [(q,) for q in range(qubits)]
    if model in ISING:
        found = -total(qubits, "ZZ", edges) - total(qubits, "X", sites)
        return found - total(qubits, "Z", sites) if model == "ltfim" else found
    return sum(s * total(qubits, 2 * p, edges) for s, p in zip(STRENGTHS[model], "XYZ", strict=True))


def generators(model: str, qubits: int, boundary: str) -> list[np.ndarray]:
    """Of one layer, in order."""
    edges, sites = bonds(qubits, boundary), [(q,) for q in range(qubits)]
    if model in ISING:
        return [total(qubits, "ZZ", edges), *(total(qubits, p, sites) for p in ("ZX" if model == "ltfim" else "X"))]
    even = [edge for edge in edges if edge[0] % 2 == 0 and edge != (qubits - 1, 0)]
    odd = [edge for edge in edges if edge[0] % 2 == 1]
    closing = [edge for edge in edges if edge not in even + odd]  # on an odd ring
    found = []
    for group in (closing, odd, even):
        hop = total(qubits, "XX", group) + total(qubits, "YY", group)
        zz = total(qubits, "ZZ", group)
        if group:
            found += {"xy": [hop], "xxz": [hop, zz], "heisenberg": [hop + zz]}[model]
    return found


def start(model: str, qubits: int) -> np.ndarray:
    if model in ISING:
        return np.full(2**qubits, 2 ** (-qubits / 2))
    found = np.ones(1)
    for _ in range(qubits // 2):
        found = np.kron(found, np.array([0, 1, -1, 0]) / np.sqrt(2))
    return np.kron(found, [1, 0]) if qubits % 2 else found


@pytest.mark.parametrize("boundary", ["open", "periodic"])
@pytest.mark.parametrize("model", ISING + EXCHANGE)
@pytest.mark.parametrize("qubits", [2, 3, 4, 5])
def test_shared_angles_evolve_under_the_groups_of_the_hamiltonian(qubits: int, model: str, boundary: str) -> None:
    circuit = FAMILY.build(qubits, model=model, boundary=boundary, layers=2)
    assert np.allclose(observable(circuit), hamiltonian(model, qubits, boundary))
    values = random_values(circuit)
    psi = start(model, qubits).astype(complex)
    assert same(psi, state(split(circuit)[0]))
    for generator, angle in zip(generators(model, qubits, boundary) * 2, values.values(), strict=True):
        psi = turn(generator, angle) @ psi
    assert same(psi, state(circuit, values))


@pytest.mark.parametrize("boundary", ["open", "periodic"])
@pytest.mark.parametrize("model", ISING + EXCHANGE)
def test_free_angles_that_agree_are_shared_angles(model: str, boundary: str) -> None:
    shared, free = (FAMILY.build(5, model=model, boundary=boundary, angles=angles) for angles in ("shared", "free"))
    values = random_values(shared)
    spread = {
        other.parameters[0]: values[gate.parameters[0]]
        for gate, other in zip(split(shared)[1].gates, split(free)[1].gates, strict=True)
    }
    assert set(spread) == {p.name for p in free.parameters}
    assert np.allclose(unitary(shared, values), unitary(free, spread))


@pytest.mark.parametrize("boundary", ["open", "periodic"])
@pytest.mark.parametrize("model", ISING + EXCHANGE)
@pytest.mark.parametrize("qubits", [4, 5, 10, 100])
def test_parameters(qubits: int, model: str, boundary: str) -> None:
    edges = len(bonds(qubits, boundary))
    colours = 3 if boundary == "periodic" and qubits % 2 else 2
    shared = {"tfim": 2, "ltfim": 3, "xy": colours, "xxz": 2 * colours, "heisenberg": colours}
    free = {"tfim": edges + qubits, "ltfim": edges + 2 * qubits, "xy": edges, "xxz": 2 * edges, "heisenberg": edges}
    for angles, counts in (("shared", shared), ("free", free)):
        circuit = FAMILY.build(qubits, model=model, boundary=boundary, angles=angles, layers=3)
        assert len(circuit.parameters) == 3 * counts[model]
    assert all(not gate.angles for gate in split(circuit)[0].gates)


@pytest.mark.parametrize("angles", ["shared", "free"])
@pytest.mark.parametrize("model", EXCHANGE)
def test_exchange_models_conserve_the_magnetisation_and_heisenberg_the_spin(model: str, angles: str) -> None:
    circuit = FAMILY.build(4, model=model, angles=angles, boundary="periodic")
    found = unitary(split(circuit)[1], random_values(circuit))
    sites = [(q,) for q in range(4)]
    assert commutes(found, total(4, "Z", sites))
    assert commutes(found, total(4, "X", sites)) == (model == "heisenberg")
    assert commutes(hamiltonian(model, 4, "periodic"), total(4, "Z", sites))


@pytest.mark.parametrize("model", ISING + EXCHANGE)
def test_the_last_group_leaves_the_initial_state_as_it_is(model: str) -> None:
    circuit = FAMILY.build(4, model=model, layers=1)
    *others, last = (p.name for p in circuit.parameters)
    assert same(state(circuit, {**dict.fromkeys(others, 0.0), last: 0.8}), start(model, 4).astype(complex))
    assert not same(state(circuit, {**dict.fromkeys(others, 0.5), last: 0.8}), start(model, 4).astype(complex))


def test_one_layer_finds_the_ground_state_of_two_ising_spins() -> None:
    circuit = FAMILY.build(2, layers=1)
    names = [p.name for p in circuit.parameters]
    grid = np.linspace(0, 2 * np.pi, 41)
    cost = hamiltonian("tfim", 2, "open")
    best = min(
        np.vdot(psi, cost @ psi).real
        for a in grid
        for b in grid
        for psi in [state(circuit, dict(zip(names, (a, b), strict=True)))]
    )
    assert best == pytest.approx(np.linalg.eigvalsh(cost)[0], abs=0.02)
