from __future__ import annotations

import networkx
import pytest

from ansatzlint.errors import UsageError
from ansatzlint.families.couplings import COUPLINGS, pairs

FIVE = {
    "chain": ((0, 1), (1, 2), (2, 3), (3, 4)),
    "ring": ((0, 1), (1, 2), (2, 3), (3, 4), (4, 0)),
    "brick": ((0, 1), (2, 3), (1, 2), (3, 4)),
    "star": ((0, 1), (0, 2), (0, 3), (0, 4)),
    "all-to-all": ((0, 1), (0, 2), (0, 3), (0, 4), (1, 2), (1, 3), (1, 4), (2, 3), (2, 4), (3, 4)),
}


def test_each_coupling_of_five_qubits() -> None:
    assert {name: pairs(name, 5) for name in COUPLINGS} == FIVE


@pytest.mark.parametrize("name", FIVE)
@pytest.mark.parametrize("qubits", [1, 2, 3, 4, 9, 30])
def test_a_coupling_couples_every_pair_once_and_is_the_graph_of_its_name(name: str, qubits: int) -> None:
    found = pairs(name, qubits)
    assert len({frozenset(pair) for pair in found}) == len(found)
    graph = networkx.Graph(found)
    graph.add_nodes_from(range(qubits))
    known = {
        "chain": networkx.path_graph(qubits),
        # networkx closes the cycle of one node by a loop
        "ring": networkx.cycle_graph(qubits) if qubits > 1 else networkx.path_graph(1),
        "brick": networkx.path_graph(qubits),
        "star": networkx.star_graph(qubits - 1),
        "all-to-all": networkx.complete_graph(qubits),
    }
    assert networkx.utils.graphs_equal(graph, known[name])


@pytest.mark.parametrize("qubits", [2, 3, 8, 9])
def test_a_brick_is_two_rows_that_share_no_qubit(qubits: int) -> None:
    found = pairs("brick", qubits)
    for row in (found[: qubits // 2], found[qubits // 2 :]):
        touched = [qubit for pair in row for qubit in pair]
        assert len(set(touched)) == len(touched)


def test_a_coupling_map_is_taken_as_it_is() -> None:
    assert pairs([[2, 0], (1, 2)], 3) == ((2, 0), (1, 2))
    assert pairs((), 3) == ()


@pytest.mark.parametrize(
    ("coupling", "message"),
    [
        ("circle", "unknown coupling 'circle'; use chain, ring, brick, star, all-to-all or pairs of qubits"),
        ([(0, 1, 2)], "a coupling map is a sequence of pairs of qubits"),
        ([0, 1], "a coupling map is a sequence of pairs of qubits"),
        ([("a", "b")], "a coupling map is a sequence of pairs of qubits"),
        (7, "a coupling map is a sequence of pairs of qubits, not 7"),
        ([(0, 1), (1, 1)], "couples 1 and 1, which are no two of 3 qubits"),
        ([(0, 3)], "couples 0 and 3, which are no two of 3 qubits"),
        ([(-1, 0)], "couples -1 and 0, which are no two of 3 qubits"),
    ],
)
def test_what_is_no_coupling_is_refused_in_one_line(coupling: object, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        pairs(coupling, 3)  # type: ignore[arg-type]
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
