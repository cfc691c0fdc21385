"""Plans: options that cross a process boundary, contents of circuits, changes that keep to the limits."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansatzlint.architecture.plan import Options, Plan, content, differences
from ansatzlint.architecture.space import Space, chosen_families
from ansatzlint.architecture.values import Design
from ansatzlint.architecture.variations import STEPS, Pool, vary
from ansatzlint.circuit import PauliSum, PauliTerm
from ansatzlint.errors import UsageError
from ansatzlint.families import FAMILIES
from ansatzlint.initialisation import Normal
from ansatzlint.tasks import task_of

DESIGN = Design("real-amplitudes", {"layers": 2}, "uniform", "given")


def test_options_survive_json() -> None:
    hamiltonian = PauliSum((PauliTerm(0.1, ((0, "Z"), (1, "X"))),))
    given = Options(2, hamiltonian=hamiltonian, families=("qcnn",), coupling=((0, 1),), init=Normal(0.3), seed=5)
    assert Options.loads(given.dumps()) == given


def test_two_plans_of_one_search_are_one_problem_whatever_the_sampler() -> None:
    first, second = (Plan(Options(4, sampler=sampler, trials=n, seed=n)) for sampler, n in (("tpe", 5), ("random", 9)))
    assert first.problem == second.problem


def test_where_problems_differ_is_said() -> None:
    first, second = (Plan(Options(4, max_depth=depth)) for depth in (7, 9))
    assert "max_depth: 9 there, 7 here" in differences(first.problem, second.problem)


def test_a_content_knows_no_names_and_no_order_of_independent_gates() -> None:
    circuit = FAMILIES["real-amplitudes"].build(3)
    first, second = circuit.gates[:2]
    assert set(first.qubits).isdisjoint(second.qubits)
    assert content(replace(circuit, name="x", gates=(second, first, *circuit.gates[2:]))) == content(circuit)


def test_a_content_knows_the_start() -> None:
    circuit = FAMILIES["real-amplitudes"].build(3)
    assert content(replace(circuit, initialisation=Normal(0.1))) != content(circuit)


@pytest.mark.parametrize("step", STEPS)
def test_every_step_makes_a_circuit_of_the_pool(step: str) -> None:
    import numpy as np

    circuit = FAMILIES["real-amplitudes"].build(4)
    pool = Pool.of(circuit, ("ry", "rz", "cx", "crz"), ((0, 1), (1, 2), (2, 3)))
    changed = False
    for seed in range(8):
        found = STEPS[step](circuit, np.random.default_rng(seed), pool)
        changed |= found != circuit
        assert {gate.name for gate in found.gates} <= {"ry", "rz", "cx", "crz"}
        assert {name for gate in found.gates for name in gate.parameters} <= {p.name for p in found.parameters}
    assert changed


def test_a_change_is_its_seed() -> None:
    circuit = FAMILIES["brickwork"].build(3)
    pool = Pool.of(circuit, None, None)
    assert vary(circuit, 5, pool) == vary(circuit, 5, pool)


def test_a_changed_design_builds_its_own_circuit() -> None:
    plan = Plan(Options(3, max_depth=30))
    found = next(f for f in (plan.vary(DESIGN, seed) for seed in range(30)) if f is not None)
    design, circuit = found
    assert design.changes
    assert plan.space.build(Design.from_dict(design.as_dict())) == circuit
    assert circuit.observables == (plan.task.costs[0][1],)


def test_a_change_beyond_a_limit_is_none() -> None:
    circuit = Plan(Options(3)).space.build(DESIGN)
    plan = Plan(Options(3, max_gates=len(circuit.gates)))
    for seed in range(20):
        found = plan.vary(DESIGN, seed)
        assert found is None or len(found[1].gates) <= len(circuit.gates)


class Recorder:
    """Takes the last of all choices and writes down what it was asked."""

    def __init__(self) -> None:
        self.asked: dict[str, object] = {}

    def choice(self, name: str, values: object) -> object:
        self.asked[name] = values
        return values[-1]  # type: ignore[index]

    def whole(self, name: str, low: int, high: int) -> int:
        self.asked[name] = (low, high)
        return high


@pytest.mark.parametrize("name", [name for name in FAMILIES if name != "data-reuploading"])
def test_every_family_is_asked_for_its_own_arguments(name: str) -> None:
    recorder = Recorder()
    design = Space(task_of(4), (name,), most_layers=2).ask(recorder)  # type: ignore[arg-type]
    assert set(design.arguments) == set(FAMILIES[name].space)
    assert {key.partition(".")[0] for key in recorder.asked} <= {name, "init"}


def test_the_coupling_map_is_one_of_the_couplings() -> None:
    space = Space(task_of(3), ("hardware-efficient",), coupling=((0, 2),))
    recorder = Recorder()
    design = space.ask(recorder)  # type: ignore[arg-type]
    assert design.arguments["coupling"] == "map"
    assert {g.qubits for g in space.build(design).gates if len(g.qubits) == 2} == {(0, 2)}


def test_a_basis_state_leaves_the_form_of_the_cost_open() -> None:
    recorder = Recorder()
    design = Space(task_of(3, observable="projector"), ("real-amplitudes",)).ask(recorder)  # type: ignore[arg-type]
    assert recorder.asked["cost"] == ("global", "local")
    assert design.cost == "local"


def test_families_with_inputs_are_sought_only_by_name() -> None:
    assert "data-reuploading" not in chosen_families(None, 4)
    assert chosen_families(["data-reuploading"], 4) == ("data-reuploading",)


def test_a_family_that_cannot_be_built_is_refused() -> None:
    with pytest.raises(UsageError, match="unknown family"):
        chosen_families(["qcn"], 4)
