from __future__ import annotations

from collections.abc import Sequence

import pytest
from claims import gradients, target, told

from ansatzlint import angles
from ansatzlint.checks.cost import constant_term, global_cost, local_limit, projector_cost
from ansatzlint.circuit import (
    Circuit,
    Gate,
    Location,
    Nonlinear,
    Observable,
    Parameter,
    PauliSum,
    PauliTerm,
    Probabilities,
    Projector,
    Unread,
)
from ansatzlint.diagnostic import Finding, Severity
from ansatzlint.evidence import Evidence
from ansatzlint.observables import global_z, local_z, parse_pauli_sum
from ansatzlint.rulebook import Rule, load_rules

GLOBAL, PROJECTOR, CONSTANT = (load_rules()[code] for code in ("AL101", "AL102", "AL103"))
PLACE = Location("f.py", 9, 5, 9, 30)


def layered(qubits: int, *observables: Observable, tail: Sequence[Gate] = (), turned: int | None = None) -> Evidence:
    """RY on the first `turned` qubits (all), a chain of CZ, RX on the same qubits, and `tail`."""
    turned = qubits if turned is None else turned
    names = [f"{letter}{q}" for letter in "ab" for q in range(turned)]
    gates = [Gate("ry", (q,), (angles.parameter(f"a{q}"),)) for q in range(turned)]
    gates += [Gate("cz", (q, q + 1)) for q in range(turned - 1)]
    gates += [Gate("rx", (q,), (angles.parameter(f"b{q}"),)) for q in range(turned)]
    circuit = Circuit("c", qubits, (*gates, *tail), tuple(map(Parameter, names)), observables)
    return told(circuit, gradients_at_target=None)


def message(rule: Rule, finding: Finding | Unread) -> str:
    assert isinstance(finding, Finding)
    return rule.message.format(**finding.values)


@pytest.mark.parametrize(
    ("qubits", "limit"), [(0, 2), (1, 2), (4, 2), (7, 2), (8, 3), (15, 3), (16, 4), (1000, 9), (1024, 10)]
)
def test_the_limit_grows_with_the_logarithm(qubits: int, limit: int) -> None:
    assert local_limit(qubits, GLOBAL) == local_limit(qubits, PROJECTOR) == limit


@pytest.mark.parametrize(
    ("text", "fires"),
    [
        ("Z0 Z1 Z2 Z3", True),
        ("Z0 Z1 Z2", True),
        ("Z0 Z1", False),
        ("Z3", False),
        ("Z0 Z1 Z2 Z3 + Z0", False),
        ("Z0 Z1 Z2 Z3 + 0.11 Z0", False),  # 0.0121 of the squared coefficients, above one in a hundred
        ("Z0 Z1 Z2 Z3 + 0.09 Z0", True),  # 0.0081
        ("Z0 Z1 Z2 Z3 + 100 I", True),  # a constant hides nothing
        ("Z0 Z1 Z2 Z3 + Y0 Y1 Y2 Y3", True),
        ("1e-200 Z0 Z1 Z2 Z3", True),
        ("1e200 Z0 Z1 Z2 Z3 + 1e200 Z0", False),
        ("0 Z0 Z1 Z2 Z3", False),
        ("I", False),
    ],
)
def test_which_costs_are_global(text: str, fires: bool) -> None:
    found = list(global_cost(layered(4, parse_pauli_sum(text, 4)), GLOBAL))
    assert bool(found) is fires
    for finding in found:
        assert isinstance(finding, Finding)
        assert finding.severity is Severity.INFO  # the gradients are large
        assert finding.qubits == tuple(range(len(finding.qubits)))
        assert finding.evidence[0].key == "cost_terms"


def test_a_term_that_no_parameter_moves_hides_no_global_cost() -> None:
    cost = parse_pauli_sum("Z0 Z1 Z2 Z3 + Z4", 5)
    assert list(global_cost(layered(5, cost, turned=4), GLOBAL))
    assert not list(global_cost(layered(5, cost), GLOBAL))


def test_a_constant_cost_is_not_called_global() -> None:
    assert not list(global_cost(layered(6, parse_pauli_sum("Z3 Z4 Z5", 6), turned=3), GLOBAL))


def test_clifford_gates_at_the_end_make_it_information() -> None:
    fan = [Gate("cx", (q, 4)) for q in range(4)]  # Z Z Z Z Z becomes Z on the last qubit
    (found,) = global_cost(layered(5, global_z(range(5)), tail=fan), GLOBAL)
    assert isinstance(found, Finding)
    assert found.severity is Severity.INFO
    assert message(GLOBAL, found).startswith(
        "the cost Z0 Z1 Z2 Z3 Z4 acts on 5 of 5 qubits, where a local cost acts on at most 2 "
        "(behind the trailing Clifford gates on 1 only); the best of its gradients needs "
    )


@pytest.mark.parametrize("size", [1e-9, 0.1, None])
def test_gradients_that_miss_the_shot_budget_make_it_more_than_information(size: float | None) -> None:
    for check, rule, cost in (
        (global_cost, GLOBAL, global_z(range(4))), (projector_cost, PROJECTOR, Projector((0, 1, 2), "000")),
        (projector_cost, PROJECTOR, Probabilities((0, 1, 2), selected=True)),
    ):  # fmt: skip
        circuit = layered(4, cost).circuit
        known = None if size is None else gradients(circuit, [size] * 8)
        missing = {"resolution": None} if known is None else {}
        (found,) = check(told(circuit, gradients=known, gradients_at_target=None, **missing), rule)
        assert isinstance(found, Finding)
        assert found.severity is (None if size == 1e-9 else Severity.INFO)
        assert ("needs 5.0e8 shots" in message(rule, found)) is (size == 1e-9)
    circuit = layered(4, Probabilities((0, 1, 2))).circuit
    (whole,) = projector_cost(
        told(circuit, gradients=gradients(circuit, [1e-9] * 8), gradients_at_target=None), PROJECTOR
    )
    assert whole.severity is Severity.INFO


@pytest.mark.parametrize(("size", "severity"), [(1e-9, None), (0.1, Severity.INFO)])
def test_the_gradients_at_the_target_size_decide(size: float, severity: Severity | None) -> None:
    for check, rule, cost in (
        (global_cost, GLOBAL, global_z(range(4))), (projector_cost, PROJECTOR, Projector((0, 1, 2), "000")),
    ):  # fmt: skip
        circuit = layered(4, cost).circuit
        (found,) = check(told(circuit, gradients=gradients(circuit, [0.1] * 8), gradients_at_target=target(size)), rule)
        assert isinstance(found, Finding)
        assert found.severity is severity
        assert ("at 50 qubits 5.0e8" in message(rule, found)) is (size == 1e-9)


def test_rotations_that_commute_with_a_term_do_not_hide_clifford_gates_before_them() -> None:
    # X X X X passes the RX layer, becomes Y X X Y before the CZ chain, and RY moves only its two inner letters
    (found,) = global_cost(layered(4, parse_pauli_sum("X0 X1 X2 X3", 4)), GLOBAL)
    assert isinstance(found, Finding)
    assert found.severity is Severity.INFO
    assert found.values["locality"] == 2


def test_a_local_cost_stays_unremarked_though_clifford_gates_widen_it() -> None:
    fan = [Gate("cx", (q, 4)) for q in range(4)]
    assert not list(global_cost(layered(5, local_z((4,)), tail=fan), GLOBAL))


def test_messages_name_one_term_or_count_many() -> None:
    (one,) = global_cost(layered(9, global_z(range(9))), GLOBAL)
    assert message(GLOBAL, one).startswith("the cost Z0 Z1 Z2 … Z8 acts on 9 of 9 qubits, where a local cost acts on")
    assert "at most 3" in message(GLOBAL, one)
    (many,) = global_cost(layered(4, parse_pauli_sum("Z0 Z1 Z2 + Y0 Y1 Y2 Y3", 4)), GLOBAL)
    assert message(GLOBAL, many).startswith("the widest of 2 cost terms acts on 4 of 4 qubits")


def test_each_returned_observable_is_judged_where_it_stands() -> None:
    costs = (local_z(range(4)), PauliSum((PauliTerm(1.0, tuple((q, "X") for q in range(4))),), PLACE))
    (found,) = global_cost(layered(4, *costs), GLOBAL)
    assert isinstance(found, Finding)
    assert found.location == PLACE


def test_what_is_no_expectation_value_is_said_not_to_be_judged() -> None:
    (found,) = global_cost(layered(3, Nonlinear("variance", (0, 1, 2), PLACE)), GLOBAL)
    assert found == Unread("AL101 global-cost not evaluated: variance of 3 qubits is no expectation value", PLACE)


def test_projectors() -> None:
    (found,) = projector_cost(layered(4, Projector((0, 1, 3), "010", PLACE)), PROJECTOR)
    assert (found.severity, found.location, found.qubits) == (Severity.INFO, PLACE, (0, 1, 3))
    assert message(PROJECTOR, found).startswith(
        "the cost is the probability of |010> on 3 qubits, where a local cost acts on at most 2; the best of its"
    )
    assert not list(projector_cost(layered(4, Projector((0, 1), "00")), PROJECTOR))
    assert not list(projector_cost(layered(4, global_z(range(4))), PROJECTOR))
    (long,) = projector_cost(layered(20, Projector(tuple(range(20)), "0" * 19 + "1")), PROJECTOR)
    assert "|00000…00001>" in message(PROJECTOR, long)


def test_probabilities_weigh_more_where_single_ones_are_read() -> None:
    (all_of_them,) = projector_cost(layered(4, Probabilities((0, 1, 2))), PROJECTOR)
    assert all_of_them.severity is Severity.INFO
    (selected,) = projector_cost(layered(4, Probabilities((0, 1, 2), selected=True)), PROJECTOR)
    assert selected.severity is Severity.INFO
    assert "single outcomes" in message(PROJECTOR, selected)
    assert not list(projector_cost(layered(4, Probabilities((0, 1))), PROJECTOR))


def test_constant_terms() -> None:
    (one,) = constant_term(layered(4, parse_pauli_sum("Z0 + 2 Z3 + 5 I", 4), turned=3), CONSTANT)
    assert message(CONSTANT, one) == "cost term 2 Z3 is out of reach of every parameter and input"
    assert one.qubits == (3,)
    (many,) = constant_term(layered(6, local_z(range(6)), turned=3), CONSTANT)
    assert message(CONSTANT, many).startswith("3 cost terms 0.166667 Z3, 0.166667 Z4, 0.166667 Z5 are out of reach")
    assert not list(constant_term(layered(4, local_z(range(4))), CONSTANT))


def test_a_cost_that_is_constant_as_a_whole_is_left_to_the_dead_parameters() -> None:
    assert not list(constant_term(layered(4, parse_pauli_sum("Z3", 4), turned=3), CONSTANT))
