"""The circuits to learn from: reproducible, complete, and grouped by containment."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import circuits

from ansatzlint.assumptions import complete
from ansatzlint.circuit import Circuit, Gate
from ansatzlint.families import FAMILIES
from ansatzlint.moments.problem import Problem
from ansatzlint.predictor.mutations import MUTATIONS, mutate
from ansatzlint.predictor.population import GROUPS, LARGE_SHARED, LARGEST, SHARED, SMALLEST, Example, draw

MANY = 200


@pytest.fixture(scope="module")
def examples() -> list[Example]:
    return [draw(3, index) for index in range(MANY)]


def digest(indices: Iterable[int]) -> str:
    from hashlib import sha256

    return sha256(repr([draw(3, index) for index in indices]).encode()).hexdigest()


def test_a_circuit_depends_on_nothing_but_seed_and_index() -> None:
    code = "from predictor.test_population import digest; print(digest([7, 3, 44]))"
    other = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd="tests",
        env=os.environ | {"PYTHONHASHSEED": "11"},
    )  # fmt: skip
    assert other.stdout.strip() == digest([7, 3, 44])


def test_other_seeds_and_indices_give_other_circuits(examples: list[Example]) -> None:
    assert len({example.circuit for example in examples}) > 0.98 * MANY
    assert draw(4, 0).circuit != draw(3, 0).circuit


def test_every_circuit_is_complete(examples: list[Example]) -> None:
    for example in examples:
        assert complete(example.circuit) == example.circuit
        assert example.circuit.trainable


def test_sizes_reach_from_few_to_many_qubits(examples: list[Example]) -> None:
    qubits = [example.circuit.qubits for example in examples]
    assert min(qubits) == SMALLEST
    assert LARGEST >= max(qubits) > 50
    assert 5 <= np.median(qubits) <= 14


def test_every_kind_and_every_group_occurs(examples: list[Example]) -> None:
    kinds = Counter(example.kind for example in examples)
    assert set(kinds) == {"family", "mutation", "random", "large-shared"}
    assert {example.group for example in examples} == {*GROUPS.values(), "random"}


def test_a_group_is_that_of_the_family_that_the_circuit_was_made_of(examples: list[Example]) -> None:
    for example in examples:
        assert example.group == GROUPS.get(example.circuit.name, "random")


def test_shared_parameters_occur_only_where_their_truth_can_be_had(examples: list[Example]) -> None:
    shared = [e for e in examples if e.kind == "large-shared" or Problem(e.circuit).frame.drawn]
    assert len(shared) > MANY // LARGE_SHARED
    for example in shared:
        assert Problem(example.circuit).frame.drawn
        large = example.index % LARGE_SHARED == LARGE_SHARED - 1
        assert large == (example.kind == "large-shared")
        assert 24 <= example.circuit.qubits <= LARGEST if large else example.circuit.qubits <= SHARED


def test_every_family_has_a_group() -> None:
    assert GROUPS.keys() == FAMILIES.keys()
    assert 8 <= len({*GROUPS.values(), "random"}) <= 11


def wires(circuit: Circuit, without: str = "") -> list[list[tuple[str, tuple[int, ...]]]]:
    """For each qubit its gates in time order: circuits equal in this differ at most in the order of what commutes."""
    found: list[list[tuple[str, tuple[int, ...]]]] = [[] for _ in range(circuit.qubits)]
    for gate in circuit.gates:
        if gate.name != without:
            for qubit in gate.qubits:
                found[qubit].append((gate.name, gate.qubits))
    return found


def test_real_amplitudes_lie_inside_the_hardware_efficient_ansatz() -> None:
    own = FAMILIES["real-amplitudes"].build(5, layers=2, entanglement="linear", final_rotations=True)
    other = FAMILIES["hardware-efficient"].build(
        5, layers=2, rotations="ry", entangler="cx", coupling="chain", final_rotations=True
    )
    assert wires(own) == wires(other)


def test_a_finite_light_cone_without_rz_is_the_simplified_two_design() -> None:
    cone = FAMILIES["finite-light-cone"].build(6, layers=2)
    assert wires(cone, without="rz") == wires(FAMILIES["simplified-two-design"].build(6, layers=2))


def test_a_tree_is_a_convolutional_network_without_the_blocks_between_pairs() -> None:
    tree = FAMILIES["tree-tensor-network"].build(8, block="ry-cx")
    network = FAMILIES["qcnn"].build(8, block="ry-cx", pooling="discard", angles="free")
    left = iter((gate.name, gate.qubits) for gate in network.gates)
    assert all((gate.name, gate.qubits) in left for gate in tree.gates)


def test_free_ising_qaoa_and_z2_symmetric_circuits_are_the_same_gates() -> None:
    def bag(circuit: Circuit) -> Counter[tuple[str, tuple[int, ...]]]:
        return Counter((gate.name, tuple(sorted(gate.qubits))) for gate in circuit.gates)

    ising = bag(FAMILIES["hamiltonian-variational"].build(6, layers=1, model="tfim", angles="free", boundary="open"))
    assert ising == bag(FAMILIES["qaoa"].build(6, layers=1, graph="path", angles="multi", mixer="x"))
    assert ising == bag(FAMILIES["z2-symmetric"].build(6, layers=1, coupling="chain", angles="free"))


@settings(max_examples=60, deadline=None)
@given(circuits(), st.integers(0, 2**32 - 1))
def test_a_mutation_is_a_circuit_without_idle_parameters(circuit: Circuit, seed: int) -> None:
    mutated = mutate(circuit, np.random.default_rng(seed), sharing=False)
    used = {name for gate in mutated.gates for name in gate.parameters}
    assert used == {p.name for p in mutated.parameters}
    assert used <= {p.name for p in circuit.parameters}


@pytest.mark.parametrize("name", MUTATIONS)
def test_each_mutation_changes_something(name: str) -> None:
    circuit = FAMILIES["hardware-efficient"].build(5, layers=3)
    found: set[tuple[Gate, ...]] = {MUTATIONS[name](circuit, np.random.default_rng(seed)) for seed in range(8)}
    assert len(found) > 4


def test_only_sharing_makes_one_parameter_of_several() -> None:
    circuit = FAMILIES["hardware-efficient"].build(4, layers=2)
    for seed in range(40):
        gates = mutate(circuit, np.random.default_rng(seed), sharing=False).gates
        assert max(Counter(name for gate in gates for name in gate.parameters).values()) == 1
