from __future__ import annotations

from itertools import combinations
from math import cos, pi

import networkx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import circuits

from ansatzlint import angles
from ansatzlint.circuit import Amplitudes, Circuit, Gate, Parameter
from ansatzlint.evidence import Evidence
from ansatzlint.graph import (
    depth,
    entanglement_graph,
    entangling_blocks,
    layers,
    light_cones,
    qubits_met,
    summarise,
    two_qubit_depth,
)
from ansatzlint.report.measure import render_table


def cz(*pairs: tuple[int, int]) -> list[Gate]:
    return [Gate("cz", pair) for pair in pairs]


def ry(name: str, qubit: int) -> Gate:
    return Gate("ry", (qubit,), (angles.parameter(name),))


def build(qubits: int, gates: list[Gate], **more: object) -> Circuit:
    names = dict.fromkeys(name for gate in gates for name in gate.parameters)
    return Circuit("c", qubits, tuple(gates), tuple(Parameter(n) for n in names), **more)  # type: ignore[arg-type]


CHAIN5 = build(5, cz((0, 1), (1, 2), (2, 3), (3, 4)))
RING5 = build(5, cz((0, 1), (1, 2), (2, 3), (3, 4), (4, 0)))
COMPLETE5 = build(5, cz(*combinations(range(5), 2)))
STAR5 = build(5, cz((0, 1), (0, 2), (0, 3), (0, 4)))


@pytest.mark.parametrize(
    ("circuit", "edges", "diameter", "connectivity", "clustering", "degrees", "density"),
    [
        # path P5: second Laplacian eigenvalue 2 - 2 cos(pi/5)
        (CHAIN5, 4, 4, 2 - 2 * cos(pi / 5), 0.0, (1, 2, 2, 2, 1), 4 / 10),
        # cycle C5: 2 - 2 cos(2 pi/5)
        (RING5, 5, 2, 2 - 2 * cos(2 * pi / 5), 0.0, (2, 2, 2, 2, 2), 5 / 10),
        # complete graph K5: n
        (COMPLETE5, 10, 1, 5.0, 1.0, (4, 4, 4, 4, 4), 1.0),
        # star S5: 1
        (STAR5, 4, 2, 1.0, 0.0, (4, 1, 1, 1, 1), 4 / 10),
    ],
    ids=["chain", "ring", "complete", "star"],
)
def test_figures_of_known_graphs(
    circuit: Circuit, edges: int, diameter: int, connectivity: float, clustering: float,
    degrees: tuple[int, ...], density: float,
) -> None:  # fmt: skip
    summary = summarise(circuit)
    assert summary.nodes == 5
    assert len(summary.edges) == edges
    assert summary.components == ((0, 1, 2, 3, 4),)
    assert summary.diameter == diameter
    assert summary.algebraic_connectivity == pytest.approx(connectivity, abs=1e-12)
    assert summary.clustering == clustering
    assert summary.degrees == degrees
    assert summary.density == pytest.approx(density)


def test_figures_of_a_graph_in_parts() -> None:
    summary = summarise(build(6, cz((4, 5), (0, 2), (2, 3))))
    assert summary.components == ((0, 2, 3), (4, 5), (1,))
    assert summary.algebraic_connectivity is None
    assert summary.diameter == 2  # of the largest part, a path of three


def test_figures_of_one_qubit_and_of_none() -> None:
    one = summarise(build(1, []))
    assert (one.nodes, one.edges, one.components, one.diameter, one.density) == (1, (), ((0,),), 0, 0.0)
    none = summarise(build(0, []))
    assert (none.nodes, none.components, none.diameter, none.clustering) == (0, (), 0, 0.0)


@given(st.integers(2, 12).flatmap(lambda n: st.tuples(
    st.just(n), st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)).filter(lambda p: p[0] != p[1])),
)))  # fmt: skip
def test_diameter_agrees_with_networkx(drawn: tuple[int, list[tuple[int, int]]]) -> None:
    n, pairs = drawn
    summary = summarise(build(n, cz(*pairs)))
    graph = networkx.Graph(pairs)
    graph.add_nodes_from(range(n))
    assert summary.diameter == networkx.diameter(graph.subgraph(summary.components[0]))


def test_what_is_not_computed_for_very_many_qubits(monkeypatch: pytest.MonkeyPatch) -> None:
    circuit = build(6, cz(*((q, q + 1) for q in range(5))))
    monkeypatch.setattr("ansatzlint.graph.MAX_SPECTRAL_QUBITS", 5)
    monkeypatch.setattr("ansatzlint.graph.MAX_DIAMETER_QUBITS", 5)
    assert summarise(circuit).algebraic_connectivity is None
    assert summarise(circuit).diameter is None
    text = render_table(Evidence(circuit))
    assert "diameter of the largest: not computed for so many qubits" in text
    assert "algebraic connectivity: not computed for so many qubits" in text


@given(circuits(max_qubits=5, max_gates=12))
@settings(max_examples=60, deadline=None)
def test_connectivity_agrees_with_networkx(circuit: Circuit) -> None:
    summary = summarise(circuit)
    graph = entanglement_graph(circuit)
    if circuit.qubits > 1 and networkx.is_connected(graph):
        expected = networkx.laplacian_spectrum(graph, weight=None)[1]
        assert summary.algebraic_connectivity == pytest.approx(expected, abs=1e-9)
    else:
        assert summary.algebraic_connectivity is None


def test_edges_carry_gates_and_layers() -> None:
    gates = [*cz((0, 1)), ry("a", 0), *cz((0, 1), (1, 2)), Gate("swap", (0, 2)), Gate("ccx", (0, 1, 2))]
    graph = entanglement_graph(build(3, gates, labels=("a", "b", "c")))
    # layers: cz 1, cz 2, cz(1,2) 3, swap(0,2) 4, ccx 5; the swap makes no edge
    assert graph.edges[0, 1] == {"gates": 3, "layers": (1, 2, 5)}
    assert graph.edges[1, 2] == {"gates": 2, "layers": (3, 5)}
    assert graph.edges[0, 2] == {"gates": 1, "layers": (5,)}
    assert [graph.nodes[q]["label"] for q in range(3)] == ["a", "b", "c"]


def test_layers_and_depths() -> None:
    gates = [ry("a", 0), ry("b", 1), *cz((0, 1)), ry("c", 2), *cz((2, 3), (1, 2)), ry("d", 0)]
    circuit = build(4, gates)
    assert layers(circuit) == {2: 1, 4: 1, 5: 2}
    assert depth(circuit) == 3
    assert two_qubit_depth(circuit) == 2
    assert depth(build(3, [])) == two_qubit_depth(build(3, [])) == 0


def test_a_global_phase_takes_no_layer() -> None:
    assert depth(build(1, [Gate("gphase", (), (0.3,)), Gate("h", (0,))])) == 1


def longest_path(circuit: Circuit, entangling_only: bool) -> int:
    chosen = [g for g in circuit.gates if len(g.qubits) > (1 if entangling_only else 0)]
    order = networkx.DiGraph()
    order.add_nodes_from(range(len(chosen)))
    order.add_edges_from(
        (i, j) for i, j in combinations(range(len(chosen)), 2) if set(chosen[i].qubits) & set(chosen[j].qubits)
    )
    return networkx.dag_longest_path_length(order) + 1 if chosen else 0


@given(circuits(max_qubits=4, max_gates=12))
@settings(max_examples=80, deadline=None)
def test_depth_is_the_longest_path_of_dependent_gates(circuit: Circuit) -> None:
    assert depth(circuit) == longest_path(circuit, entangling_only=False)
    assert two_qubit_depth(circuit) == longest_path(circuit, entangling_only=True)


def cone_by_search(circuit: Circuit, support: tuple[int, ...]) -> tuple[set[int], set[int]]:
    """(qubits, gates) in the cone: what a backward search of the directed graph of wire segments reaches.

    A node (q, k) is qubit q's wire after its k-th gate; a gate leads from each of its outputs to each of its
    inputs, a swap only to the input on the other wire.
    """
    at = [0] * circuit.qubits
    back = networkx.DiGraph()
    back.add_nodes_from((q, 0) for q in range(circuit.qubits))
    behind: dict[tuple[int, int], int] = {}  # wire segment -> the gate that made it
    for index, gate in enumerate(circuit.gates):
        before = {q: (q, at[q]) for q in gate.qubits}
        for q in gate.qubits:
            at[q] += 1
            behind[q, at[q]] = index
        swap = gate.name == "swap" and not gate.controls
        for q in gate.qubits:
            for p in gate.qubits:
                if not swap or p != q:
                    back.add_edge((q, at[q]), before[p])
    reached: set[tuple[int, int]] = set()
    for q in support:
        reached |= {(q, at[q])} | networkx.descendants(back, (q, at[q]))
    return {q for q, k in reached if k == 0}, {behind[node] for node in reached if node in behind}


@given(circuits(max_qubits=5, max_gates=14), st.data())
@settings(max_examples=150, deadline=None)
def test_light_cones_are_what_a_backward_search_reaches(circuit: Circuit, data: st.DataObject) -> None:
    support = st.lists(st.integers(0, circuit.qubits - 1), max_size=circuit.qubits, unique=True).map(tuple)
    supports = data.draw(st.lists(support, max_size=4))
    cones = light_cones(circuit, supports)
    met = set()
    for term, qubits in enumerate(supports):
        cone = cones.of(circuit, term)
        wires, gates = cone_by_search(circuit, qubits)
        assert set(cone.qubits) == wires
        assert set(cone.gates) == gates
        assert set(cone.parameters) == {n for g in gates for n in circuit.gates[g].parameters}
        for parameter, mask in cones.parameters(circuit).items():
            assert bool(mask >> term & 1) == (parameter in cone.parameters)
        met |= wires | {q for g in gates for q in circuit.gates[g].qubits}
    assert qubits_met(circuit, cones) == sum(1 << q for q in met)


def test_light_cone_of_a_chain_grows_by_one_qubit_a_layer() -> None:
    n = 7
    brick = [*cz(*((q, q + 1) for q in range(0, n - 1, 2))), *cz(*((q, q + 1) for q in range(1, n - 1, 2)))]
    circuit = build(n, brick)
    (even, odd) = (light_cones(circuit, [(q,)]).of(circuit, 0).qubits for q in (3, 2))
    assert even == (2, 3, 4, 5)  # back through (3, 4), then (2, 3) and (4, 5)
    assert odd == (0, 1, 2, 3)  # back through (1, 2), then (0, 1) and (2, 3)


def test_a_swap_moves_a_cone_and_does_not_widen_it() -> None:
    circuit = build(2, [ry("a", 0), ry("b", 1), Gate("swap", (0, 1))])
    assert light_cones(circuit, [(0,)]).of(circuit, 0).parameters == ("b",)
    controlled = build(3, [ry("a", 0), ry("b", 1), Gate("cswap", (2, 0, 1))])
    assert light_cones(controlled, [(0,)]).of(controlled, 0).parameters == ("a", "b")


def test_inputs_of_the_initial_state_stand_in_the_cone_of_its_qubits() -> None:
    state = Amplitudes((0, 1), parameters=("x0", "x1"))
    circuit = Circuit(
        "c", 3, (Gate("cz", (1, 2)),), (Parameter("x0", "input"), Parameter("x1", "input")), initial_state=state
    )
    cones = light_cones(circuit, [(2,), (0,)])
    assert cones.of(circuit, 0).parameters == ("x0", "x1")  # through the CZ
    assert cones.parameters(circuit) == {"x0": 3, "x1": 3}
    alone = Circuit("c", 3, (), circuit.parameters, initial_state=state)
    assert light_cones(alone, [(2,)]).of(alone, 0).parameters == ()


def hardware_efficient(n: int, layers_: int, pairs: list[tuple[int, int]]) -> Circuit:
    gates = []
    for layer in range(layers_):
        gates += [ry(f"t{layer}_{q}", q) for q in range(n)] + cz(*pairs)
    return build(n, gates)


@pytest.mark.parametrize("repetitions", [1, 2, 3])
def test_entangling_blocks_of_layered_circuits(repetitions: int) -> None:
    pairs = list(combinations(range(5), 2))
    assert entangling_blocks(hardware_efficient(5, repetitions, pairs)) == (frozenset(pairs),) * repetitions
    ring = [(q, q + 1) for q in range(4)] + [(0, 4)]
    assert entangling_blocks(hardware_efficient(5, repetitions, ring)) == (frozenset(ring),) * repetitions


def test_rotations_inside_an_interaction_end_no_block() -> None:
    gates = []
    for a, b in combinations(range(3), 2):
        gates += [Gate("cx", (a, b)), Gate("rz", (b,), (angles.parameter(f"g{a}{b}"),)), Gate("cx", (a, b))]
    assert entangling_blocks(build(3, gates)) == (frozenset(combinations(range(3), 2)),)
    assert entangling_blocks(build(3, [ry("a", 0)])) == ()
