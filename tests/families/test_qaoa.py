from __future__ import annotations

from itertools import product

import networkx as nx
import numpy as np
import pytest
from families.dense import commutes, observable, random_values, same, split, state, total, turn

import ansatzlint as al
from ansatzlint.dense import unitary
from ansatzlint.errors import UsageError

FAMILY = al.families["qaoa"]
GRAPHS = {
    "path": nx.path_graph,
    "cycle": nx.cycle_graph,
    "complete": nx.complete_graph,
    "regular3": lambda n: nx.circulant_graph(n, [1, n // 2]),
    "star": lambda n: nx.star_graph(n - 1),
}


def sizes(*qubits: int) -> list[tuple[int, str]]:
    """Sizes and graphs; no 3-regular graph has an odd number of nodes."""
    return [(n, graph) for n in qubits for graph in GRAPHS if graph != "regular3" or n % 2 == 0]


@pytest.mark.parametrize(("qubits", "graph"), sizes(3, 4, 6))
def test_the_cost_is_minus_the_cut_up_to_half_the_edges(qubits: int, graph: str) -> None:
    edges = list(GRAPHS[graph](qubits).edges)
    cost = observable(FAMILY.build(qubits, graph=graph))
    cuts = [sum(bits[a] != bits[b] for a, b in edges) for bits in product((0, 1), repeat=qubits)]
    assert np.allclose(cost, np.diag([len(edges) / 2 - cut for cut in cuts]))


@pytest.mark.parametrize(("qubits", "graph"), sizes(4, 5, 10, 100))
def test_edges_and_parameters(qubits: int, graph: str) -> None:
    expected = GRAPHS[graph](qubits)
    circuit = FAMILY.build(qubits, graph=graph, layers=2)
    found = nx.Graph(gate.qubits for gate in circuit.gates if gate.name == "rzz")
    assert {frozenset(e) for e in found.edges} == {frozenset(e) for e in expected.edges}
    if graph == "regular3":
        assert {degree for _, degree in found.degree()} == {3}
    assert [p.name for p in circuit.parameters] == ["gamma0", "beta0", "gamma1", "beta1"]
    for mixer in ("x", "xy-ring"):
        free = FAMILY.build(qubits, graph=graph, layers=2, angles="multi", mixer=mixer)
        assert len(free.parameters) == 2 * (expected.number_of_edges() + qubits)


@pytest.mark.parametrize("graph", GRAPHS)
def test_standard_angles_alternate_the_cut_and_the_mixer(graph: str) -> None:
    circuit = FAMILY.build(4, graph=graph, layers=2)
    values = random_values(circuit)
    generators = [total(4, "ZZ", GRAPHS[graph](4).edges), total(4, "X", [(q,) for q in range(4)])]
    psi = np.full(16, 0.25, dtype=complex)
    for generator, angle in zip(generators * 2, values.values(), strict=True):
        psi = turn(generator, angle) @ psi
    assert same(psi, state(circuit, values))


@pytest.mark.parametrize("qubits", [2, 3, 4, 5])
def test_the_xy_mixer_goes_round_the_ring_and_keeps_the_number_of_ones(qubits: int) -> None:
    circuit = FAMILY.build(qubits, graph="path", mixer="xy-ring", layers=1)
    values = random_values(circuit)
    psi = np.ones(1, dtype=complex)
    for _ in range(qubits // 2):
        psi = np.kron(psi, np.array([0, 1, 1, 0]) / np.sqrt(2))
    psi = np.kron(psi, [1, 0]) if qubits % 2 else psi
    preparation, rest = split(circuit)
    assert same(psi, state(preparation))
    psi = turn(total(qubits, "ZZ", [(q, q + 1) for q in range(qubits - 1)]), values["gamma0"]) @ psi
    ring = [(q, (q + 1) % qubits) for q in range(qubits)] if qubits > 2 else [(0, 1)]
    odd_one_out = [(qubits - 1, 0)] if qubits % 2 else []
    groups = [odd_one_out, [e for e in ring if e[0] % 2], [e for e in ring if e[0] % 2 == 0 and e not in odd_one_out]]
    for group in groups:
        psi = turn(total(qubits, "XX", group) + total(qubits, "YY", group), values["beta0"]) @ psi
    assert same(psi, state(circuit, values))
    assert commutes(unitary(rest, values), total(qubits, "Z", [(q,) for q in range(qubits)]))


def test_one_layer_cuts_three_quarters_of_a_long_cycle() -> None:
    # Farhi et al.: p layers reach (2p + 1) / (2p + 2) of a ring; angles here are twice theirs.
    circuit = FAMILY.build(6, graph="cycle", layers=1)
    cost = observable(circuit)
    grid = np.arange(8) * np.pi / 4
    best = min(
        np.vdot(psi, cost @ psi).real
        for gamma in grid
        for beta in grid
        for psi in [state(circuit, {"gamma0": gamma, "beta0": beta})]
    )
    assert (6 / 2 - best) / 6 == pytest.approx(3 / 4)


@pytest.mark.parametrize("qubits", [2, 3, 5, 101])
def test_a_3_regular_graph_needs_an_even_number_of_qubits(qubits: int) -> None:
    with pytest.raises(UsageError) as error:
        FAMILY.build(qubits, graph="regular3")
    assert str(error.value) == (
        f"family 'qaoa' with graph 'regular3' needs an even number of qubits of at least 4, not {qubits}"
    )
