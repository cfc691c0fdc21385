"""Which engine answers."""

import numpy as np
import pytest

from ansatzlint.angles import parameter
from ansatzlint.circuit import Circuit, Gate, Parameter, PauliSum, PauliTerm
from ansatzlint.errors import CircuitError
from ansatzlint.initialisation import Initialisation, Normal, Zeros
from ansatzlint.moments.cost import Words, cost_of
from ansatzlint.moments.engine import Answer, first_moment, mean_square_operator, second_moment
from ansatzlint.moments.exact import bounds, propagate
from ansatzlint.moments.operators import operators
from ansatzlint.moments.problem import Problem
from ansatzlint.pauli.strings import PauliString

LIMITS = (1 << 16, 1 << 22)


def layered(qubits: int, layers: int, init: Initialisation | None = None, pairs: str = "line") -> Problem:
    """RX and RY layers with CZ between neighbours, and the product of all Z as cost."""
    gates, parameters = [], []
    for layer in range(layers):
        for q in range(qubits):
            parameters.append(Parameter(f"t{len(parameters)}"))
            gates.append(Gate("ry" if layer % 2 else "rx", (q,), (parameter(parameters[-1].name),)))
        for q in range(qubits):
            for other in range(q + 1, qubits) if pairs == "all" else range(q + 1, min(q + 2, qubits)):
                gates.append(Gate("cz", (q, other)))
    cost = PauliSum((PauliTerm(1.0, tuple((q, "Z") for q in range(qubits))),))
    return Problem(Circuit("c", qubits, tuple(gates), tuple(parameters), (cost,), initialisation=init))


def asked(problem: Problem, wanted: str, samples: int = 4096) -> Answer:
    cost, _ = cost_of(problem.circuit)
    return second_moment(problem, cost, wanted, samples, 0, *LIMITS)  # type: ignore[arg-type]  # parametrised below


def test_few_strings_are_propagated_exactly() -> None:
    assert asked(layered(4, 2), "auto").exact


def test_an_exact_value_that_would_take_too_many_strings_is_refused() -> None:
    with pytest.raises(CircuitError, match="no exact value"):
        asked(layered(14, 3), "exact")


def test_samples_that_hit_nothing_give_way_to_a_matrix_product_along_the_line() -> None:
    found = asked(layered(30, 2), "sampled")
    assert found.guided or found.exact
    truth = asked(layered(30, 1), "sampled")
    assert float(truth.cost.estimate[0]) == pytest.approx(0.5**30, rel=1e-6)
    assert 0.0 < float(found.cost.lower[0]) <= float(found.cost.upper[0]) < 1e-7


@pytest.mark.parametrize("init", [None, Normal(0.4), Zeros()])
@pytest.mark.parametrize("kept", [20, 200, 2000, 20000])
def test_truncated_propagation_bounds_the_exact_one(init: Initialisation | None, kept: int) -> None:
    problem = layered(7, 3, init)
    cost, _ = cost_of(problem.circuit)
    starts = problem.pulled(cost).squares(1)
    assert starts is not None
    made = operators(problem.frame.events, problem.laws, 7, "diagonal", problem.dead)
    exact = propagate(made, *starts, problem.state, problem.parameters)
    found = bounds(made, *starts, problem.state, problem.parameters, kept)
    assert exact is not None
    assert found is not None
    slack = 1e-12
    assert found.total - slack <= exact.total <= found.upper + slack
    assert np.all(found.slopes - slack <= exact.slopes)
    assert np.all(exact.slopes <= found.slopes_upper + slack)


def test_bounds_meet_where_nothing_is_dropped() -> None:
    problem = layered(4, 2)
    starts = problem.pulled(cost_of(problem.circuit)[0]).squares(1)
    assert starts is not None
    found = bounds(operators(problem.frame.events, problem.laws, 4, "diagonal"), *starts, problem.state, 8, 1 << 10)
    assert found is not None
    assert (found.total, found.slopes.tolist()) == (found.upper, found.slopes_upper.tolist())


def test_where_no_line_helps_a_truncated_propagation_still_proves_something() -> None:
    found = asked(layered(22, 2, Normal(0.25), "all"), "sampled", 1024)
    assert float(found.cost.upper[0]) <= 1.0
    assert float(found.cost.lower[0]) > 0.0


def test_the_mean_of_a_uniform_circuit_is_zero() -> None:
    problem = layered(5, 2)
    found = first_moment(problem, cost_of(problem.circuit)[0], 1024, 0, *LIMITS)
    assert found.exact
    assert float(found.cost.estimate[0]) == 0.0
    assert not found.slopes.estimate.any()


def test_the_square_of_a_sum_of_commuting_words() -> None:
    problem = layered(3, 1)
    words = Words(tuple(_z(q) for q in range(3)), (0.5, 0.5, -0.25))
    # cross terms have mean zero under uniform angles
    assert mean_square_operator(problem, words, *LIMITS) == pytest.approx(0.25 + 0.25 + 0.0625)


def _z(qubit: int) -> PauliString:
    return PauliString(0, 1 << qubit)

