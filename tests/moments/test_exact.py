"""Exact propagation against the same linear maps applied string by string, and against dense moments."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from moments.matrices import applied, unpack
from moments.twin import cost_and_slope, random_circuit, second_moments

from ansatzlint.angles import parameter
from ansatzlint.circuit import Circuit, Gate, Parameter, PauliSum, PauliTerm
from ansatzlint.initialisation import Initialisation, Uniform, Zeros
from ansatzlint.moments.cost import Words, cost_of
from ansatzlint.moments.exact import Exact, propagate
from ansatzlint.moments.frame import Group
from ansatzlint.moments.initial import Initial, pack
from ansatzlint.moments.operators import Operators, Space, operators, value
from ansatzlint.moments.problem import Problem
from ansatzlint.pauli.strings import PauliString


def ready(circuit: Circuit, space: Space) -> tuple[Problem, Operators, np.ndarray, np.ndarray]:
    problem = Problem(circuit)
    cost, _ = cost_of(circuit)
    assert isinstance(cost, Words)
    pulled = problem.pulled(cost)
    starts = {"mean": pulled.means, "pair": pulled.pairs, "diagonal": pulled.squares}[space](1 << 16)
    assert starts is not None
    return problem, operators(problem.frame.events, problem.laws, circuit.qubits, space), *starts


def run(circuit: Circuit, space: Space, **limits: int) -> Exact | None:
    problem, made, rows, values = ready(circuit, space)
    return propagate(made, rows, values, problem.state, problem.parameters, **limits)


def slow(
    made: Operators, rows: np.ndarray, values: np.ndarray, state: Initial, parameters: int
) -> tuple[float, np.ndarray]:
    """The same by dictionaries: for each derivative once more through all events."""
    widths = rows.shape[1]

    def worth(table: dict[tuple[int, int], float]) -> float:
        strings = pack([PauliString(*key) for key in table], 32 * widths)
        return float(value(made, strings, state) @ np.array(list(table.values()))) if table else 0.0

    def through(slope: int | None) -> float:
        table: dict[tuple[int, int], float] = {}
        for row, v in zip(rows, values, strict=True):
            table[unpack(row)] = table.get(unpack(row), 0.0) + float(v)
        for event in range(len(made)):
            after: dict[tuple[int, int], float] = {}
            for key, weight in table.items():
                for image, factor in applied(made, event, key, slopes=event == slope).items():
                    after[image] = after.get(image, 0.0) + weight * factor
            table = after
        return worth(table)

    slopes = np.zeros(parameters)
    for event, index in enumerate(made.parameters.tolist()):
        if index >= 0:
            slopes[index] += through(event)
    return through(None), slopes


def some(count: int, seed: int, gates: int) -> list[Circuit]:
    """Small random circuits with sums of words as costs, that need no drawn angles."""
    rng, found = np.random.default_rng(seed), []
    while len(found) < count:
        drawn = random_circuit(rng, int(rng.integers(2, 4)), gates, most_parameters=5)
        plain = isinstance(drawn.observables[0], PauliSum)
        if plain and drawn.trainable and not Problem(drawn).frame.drawn:
            found.append(drawn)
    return found


@pytest.mark.parametrize("space", ["mean", "pair"])
@pytest.mark.parametrize("number", range(6))
def test_the_tables_are_applied_to_every_string(space: Space, number: int) -> None:
    circuit = some(6, 1, 9)[number]
    problem, made, rows, values = ready(circuit, space)
    found = propagate(made, rows, values, problem.state, problem.parameters)
    total, slopes = slow(made, rows, values, problem.state, problem.parameters)
    assert found is not None
    assert found.total == pytest.approx(total, abs=1e-12)
    assert found.slopes == pytest.approx(slopes, abs=1e-12)


@pytest.mark.parametrize("number", range(8))
def test_moments_are_those_of_the_twin(number: int) -> None:
    circuit = some(8, 2, 16)[number]
    truth = second_moments(circuit, [p.name for p in circuit.parameters])
    constant = cost_of(circuit)[0].constant  # type: ignore[union-attr]  # some() has words only
    mean, pair = run(circuit, "mean"), run(circuit, "pair")
    assert mean is not None
    assert pair is not None
    assert mean.total + constant == pytest.approx(truth.mean, abs=1e-10)
    assert pair.total + 2 * constant * mean.total + constant**2 == pytest.approx(truth.square, abs=1e-10)
    assert mean.slopes == pytest.approx([truth.slope_mean[p.name] for p in circuit.parameters], abs=1e-10)
    assert pair.slopes == pytest.approx([truth.slope_square[p.name] for p in circuit.parameters], abs=1e-10)


def layered(qubits: int, layers: int, law: Initialisation | None = None) -> Circuit:
    """RY and RZ on all qubits, a chain of CZ; cost Z on the last qubit."""
    gates, names = [], []
    for layer in range(layers):
        for q in range(qubits):
            for kind in ("ry", "rz"):
                names.append(f"{kind}{layer}.{q}")
                gates.append(Gate(kind, (q,), (parameter(names[-1]),)))
        gates += [Gate("cz", (q, q + 1)) for q in range(qubits - 1)]
    cost = PauliSum((PauliTerm(1.0, ((qubits - 1, "Z"),)),))
    return Circuit("c", qubits, tuple(gates), tuple(map(Parameter, names)), (cost,), initialisation=law)


def test_the_diagonal_gives_what_pairs_give() -> None:
    circuit = layered(3, 3)
    diagonal, pair = run(circuit, "diagonal"), run(circuit, "pair")
    assert diagonal is not None
    assert pair is not None
    assert diagonal.total == pytest.approx(pair.total, abs=1e-14)
    assert diagonal.slopes == pytest.approx(pair.slopes, abs=1e-14)
    assert diagonal.strings == pair.strings


def test_no_more_strings_than_allowed() -> None:
    circuit = layered(3, 3)
    free = run(circuit, "diagonal")
    assert free is not None
    assert run(circuit, "diagonal", max_strings=free.strings + 1) is not None
    assert run(circuit, "diagonal", max_strings=free.strings - 1) is None


def test_no_more_records_than_allowed() -> None:
    assert run(layered(3, 3), "diagonal", max_records=10) is None


def test_no_more_strings_to_start_with_than_allowed() -> None:
    problem, made, rows, values = ready(layered(2, 1), "diagonal")
    many, weights = np.repeat(rows, 5, axis=0), np.repeat(values, 5)
    assert propagate(made, many, weights, problem.state, problem.parameters, max_strings=4) is None


def test_limits_do_not_change_the_result() -> None:
    circuit = layered(3, 3)
    narrow, wide = run(circuit, "pair", max_strings=1 << 10), run(circuit, "pair", max_strings=1 << 20)
    assert narrow is not None
    assert wide is not None
    assert (narrow.total, narrow.slopes.tolist()) == (wide.total, wide.slopes.tolist())


def test_equal_strings_add_up() -> None:
    made = operators([], [], 1, "mean")
    rows = pack([PauliString(0, 1)] * 3, 1)
    found = propagate(made, rows, np.array([1.0, 2.0, -0.5]), Initial(1), 0)
    assert found is not None
    assert (found.total, found.strings, found.work) == (2.5, 1, 0)


def test_strings_that_cancel_are_worth_nothing() -> None:
    made = operators([], [], 1, "mean")
    found = propagate(made, pack([PauliString(0, 1)] * 2, 1), np.array([1.0, -1.0]), Initial(1), 0)
    assert found is not None
    assert found.total == 0.0


@pytest.mark.parametrize("number", range(5))
def test_a_start_at_zero_has_the_gradient_of_that_point(number: int) -> None:
    circuit = some(5, 3, 14)[number]
    circuit = replace(circuit, parameters=tuple(replace(p, initialisation=Zeros()) for p in circuit.parameters))
    at = {p.name: 0.0 for p in circuit.parameters}
    slopes = [cost_and_slope(circuit, at, p.name)[1] for p in circuit.parameters]
    mean, pair = run(circuit, "mean"), run(circuit, "pair")
    assert mean is not None
    assert pair is not None
    assert mean.slopes == pytest.approx(slopes, abs=1e-10)
    assert pair.slopes == pytest.approx(np.square(slopes), abs=1e-10)


def test_a_start_at_zero_reaches_few_strings_however_deep_the_circuit() -> None:
    found = run(layered(6, 40, Zeros()), "diagonal")
    assert found is not None
    assert found.strings < 2000


def test_a_turn_by_an_angle_of_zero_keeps_the_string_and_has_a_slope() -> None:
    # Y becomes cos(t) Y - sin(t) Z
    made = operators([Group((PauliString(1, 0),), (1.0,), (0.0,), 0, (0,))], [Uniform(0.0, 0.0)], 1, "mean")
    found = propagate(made, pack([PauliString(1, 1)], 1), np.array([1.0]), Initial(1), 1)
    assert found is not None
    assert (found.total, found.slopes.tolist()) == (0.0, [-1.0])


@pytest.mark.parametrize("qubits", [63, 64, 65, 127, 128, 129])
@pytest.mark.parametrize("space", ["diagonal", "pair", "mean"])
def test_wide_registers(space: Space, qubits: int) -> None:
    # an RY on the first qubit, copied along a chain to the last: C = cos t
    gates = (Gate("ry", (0,), (parameter("t"),)), *(Gate("cx", (q, q + 1)) for q in range(qubits - 1)))
    cost = PauliSum((PauliTerm(1.0, ((qubits - 1, "Z"),)),))
    circuit = Circuit("c", qubits, gates, (Parameter("t"),), (cost,), initialisation=Uniform(-1.0, 1.0))
    found = run(circuit, space)
    assert found is not None
    sine = 0.5 - np.sin(2.0) / 4
    wanted = {"mean": (np.sin(1.0), 0.0)}.get(space, (1 - sine, sine))
    assert (found.total, found.slopes[0]) == pytest.approx(wanted, abs=1e-12)
