"""The twin itself, against PennyLane, density matrices on a grid of angles, and closed forms."""

from itertools import product
from math import pi

import numpy as np
import pytest
from moments.twin import (
    COHERENT,
    cost_and_slope,
    gate_matrices,
    law_of,
    nodes,
    random_circuit,
    second_moments,
)

from ansatzlint import angles
from ansatzlint.circuit import Channel, Circuit, Gate, Parameter, PauliSum, PauliTerm, Projector
from ansatzlint.dense import unitary
from ansatzlint.gates import CONTROLLED, KINDS, shape
from ansatzlint.initialisation import Normal, Uniform
from ansatzlint.noise import AmplitudeDamping, Depolarizing


def circuit(qubits: int, gates: list[tuple], paulis: dict[int, str] | None = None, **more: object) -> Circuit:
    """Gates as (name, qubits, angle …), a string being a parameter."""
    built, names = [], []
    for name, where, *values in gates:
        names += [v for v in values if isinstance(v, str)]
        built.append(
            Gate(name, where, tuple(angles.parameter(v) if isinstance(v, str) else float(v) for v in values))
        )
    observables = (PauliSum((PauliTerm(1.0, tuple(sorted((paulis or {0: "Z"}).items()))),)),)
    return Circuit("c", qubits, tuple(built), tuple(map(Parameter, names)), **{"observables": observables, **more})


@pytest.mark.parametrize("name", [*KINDS, *CONTROLLED])
def test_gate_matrices_and_their_derivatives(name: str) -> None:
    size, count = shape(name)
    names = [f"a{i}" for i in range(count)]
    gate = Gate(name, tuple(range(size)), tuple(angles.parameter(n) for n in names))
    values = dict(zip(names, (0.7, -1.1, 2.3, 0.4), strict=False))
    found, slopes = gate_matrices(gate, values, names)
    assert np.allclose(found[0], unitary(Circuit("g", size, (gate,), tuple(map(Parameter, names))), values))
    for n in names:
        ahead, behind = (gate_matrices(gate, {**values, n: values[n] + h})[0][0] for h in (1e-5, -1e-5))
        assert np.allclose(slopes[n][0], (ahead - behind) / 2e-5, atol=1e-9)


@pytest.mark.parametrize("seed", range(12))
def test_costs_of_random_circuits_agree_with_pennylane(seed: int) -> None:
    rng = np.random.default_rng(seed)
    drawn = random_circuit(rng, int(rng.integers(2, 5)), 15)
    exported = Circuit(
        "c", drawn.qubits, drawn.gates, drawn.parameters, drawn.observables, initial_state=drawn.initial_state,
        channels=tuple(c for c in drawn.channels if c.kind != "pauli"),
    )  # fmt: skip
    values = {p.name: float(rng.uniform(-4, 4)) for p in drawn.parameters}
    qnode = exported.to_pennylane()
    assert cost_and_slope(exported, values)[0] == pytest.approx(float(qnode(*values.values())), abs=1e-10)


@pytest.mark.parametrize("seed", range(6))
def test_moments_are_those_of_density_matrices_on_a_grid_of_angles(seed: int) -> None:
    rng = np.random.default_rng(100 + seed)
    drawn = random_circuit(rng, int(rng.integers(2, 4)), 10, most_parameters=2)
    if seed == 0:
        drawn = Circuit(
            "c", 2, (Gate("h", (0,)), Gate("crx", (0, 1), (angles.parameter("a"),)),
                     Gate("cry", (1, 0), (angles.parameter("b"),))), (Parameter("a"), Parameter("b")),
            (PauliSum((PauliTerm(1.0, ((0, "X"), (1, "Z"))), PauliTerm(0.5, ((1, "Z"),)))),),
            initialisation=Normal(0.6, 0.3), noise=AmplitudeDamping(0.1),
        )  # fmt: skip
    found = second_moments(drawn, [p.name for p in drawn.parameters])
    rules = [list(zip(*nodes(law_of(drawn, p), 3), strict=True)) for p in drawn.parameters]
    sums = np.zeros(2)
    slopes = {p.name: np.zeros(2) for p in drawn.parameters}
    for point in product(*rules):
        weight = np.prod([w for _, w in point])
        values = {p.name: float(x) for p, (x, _) in zip(drawn.parameters, point, strict=True)}
        for name in slopes:
            cost, slope = cost_and_slope(drawn, values, name)
            slopes[name] += weight * np.array([slope, slope**2])
        if not slopes:
            cost = cost_and_slope(drawn, values)[0]
        sums += weight * np.array([cost, cost**2])
    assert (found.mean, found.square) == pytest.approx(tuple(sums), abs=1e-10)
    for name, values in slopes.items():
        assert (found.slope_mean[name], found.slope_square[name]) == pytest.approx(tuple(values), abs=1e-10)


def test_the_generator_draws_the_whole_gate_set_and_is_repeatable() -> None:
    rng = np.random.default_rng(0)
    drawn = [random_circuit(rng, int(n), 25) for n in rng.integers(2, 6, 120)]
    assert {g.name for c in drawn for g in c.gates} == {*KINDS, *CONTROLLED, "pauli_rotation"}
    assert {g.name for c in drawn for g in c.gates if g.parameters} >= {
        "u", "cu", "crot", "rot", *COHERENT, "single_excitation", "crx", "pauli_rotation", "cp",
    }  # fmt: skip
    assert {type(c.noise).__name__ for c in drawn} >= {"Depolarizing", "PauliNoise", "AmplitudeDamping", "NoneType"}
    assert len({k.kind for c in drawn for k in c.channels}) == 9
    again = np.random.default_rng(0)
    assert [random_circuit(again, int(n), 25) for n in again.integers(2, 6, 120)] == drawn


@pytest.mark.parametrize("n", [1, 2, 4])
def test_product_of_rotations_global_and_local_cost(n: int) -> None:
    gates = [("rx", (q,), f"t{q}") for q in range(n)]
    everywhere = (Projector(tuple(range(n)), "0" * n),)
    found = second_moments(circuit(n, gates, observables=everywhere))
    assert found.slope_square["t0"] == pytest.approx(3 ** (n - 1) / 8**n, abs=1e-14)
    assert found.square - found.mean**2 == pytest.approx((3 / 8) ** n - 0.25**n, abs=1e-14)
    local = (PauliSum(tuple(PauliTerm(0.5 / n, ((q, "Z"),)) for q in range(n))),)
    found = second_moments(circuit(n, gates, observables=local))
    assert found.slope_square["t0"] == pytest.approx(1 / (8 * n**2), abs=1e-14)
    assert found.square - found.mean**2 == pytest.approx(1 / (8 * n), abs=1e-14)


def test_deep_circuits_reach_the_share_of_z_strings() -> None:
    universal, matchgates = [], []
    for layer in range(25):
        universal += [(g, (q,), f"{g}{layer}.{q}") for g in ("ry", "rz") for q in range(2)] + [("cx", (0, 1))]
        matchgates += [("rz", (q,), f"z{layer}.{q}") for q in range(3)]
        matchgates += [("rxx", (q, q + 1), f"x{layer}.{q}") for q in range(2)]
    assert second_moments(circuit(2, universal, {0: "Z"}), []).square == pytest.approx(1 / 5, abs=1e-5)
    assert second_moments(circuit(3, matchgates, {1: "Z"}), []).square == pytest.approx(1 / 5, abs=1e-3)


@pytest.mark.parametrize(
    ("high", "square", "mean"), [(4 * pi, 1 / 2, 0.0), (2 * pi, 1 / 2, 0.0), (pi, 1 / 2, 2 / pi)]
)
def test_controlled_rotation_between_zero_states(high: float, square: float, mean: float) -> None:
    # the control is |1>, so that C = cos t
    gates = [("x", (0,)), ("crx", (0, 1), "t")]
    law = Uniform(0.0, high)
    found = second_moments(circuit(2, gates, {1: "Z"}, initialisation=law))
    assert found.square == pytest.approx(square, abs=1e-12)
    assert found.slope_mean["t"] == pytest.approx(-mean, abs=1e-12)


def test_controlled_rotation_keeps_odd_moments_over_half_its_period() -> None:
    # the control is |+> and is measured along X: C = cos(t/2)
    gates = [("h", (0,)), ("crz", (0, 1), "t")]
    for high, mean, square in ((4 * pi, 0.0, 0.5), (2 * pi, 0.0, 0.5), (pi, 2 / pi, 0.5)):
        found = second_moments(circuit(2, gates, {0: "X"}, initialisation=Uniform(0.0, high)))
        assert (found.mean, found.square) == pytest.approx((mean, square), abs=1e-12)
    # measured along Y: C = sin(t/2), whose mean over [0, 2 pi) is 2/pi
    for high, mean in ((4 * pi, 0.0), (2 * pi, 2 / pi)):
        found = second_moments(circuit(2, gates, {0: "Y"}, initialisation=Uniform(0.0, high)))
        assert abs(found.mean) == pytest.approx(mean, abs=1e-12)
        assert found.square == pytest.approx(0.5, abs=1e-12)


def test_noise_damps_and_two_t_gates_are_s() -> None:
    p = 0.2
    clean = second_moments(circuit(1, [("rx", (0,), "t")]))
    noisy = second_moments(circuit(1, [("rx", (0,), "t")], noise=Depolarizing(p, 0.0)))
    assert noisy.slope_square["t"] == pytest.approx((1 - p) ** 2 * clean.slope_square["t"])
    damped = second_moments(
        circuit(1, [("rx", (0,), "t")], channels=(Channel("amplitude_damping", (0,), (0.3,), 1),))
    )
    assert damped.square == pytest.approx(0.7**2 / 2 + 0.3**2)
    twice = [("rx", (0,), "a"), ("t", (0,)), ("t", (0,)), ("rx", (0,), "b")]
    once = [("rx", (0,), "a"), ("s", (0,)), ("rx", (0,), "b")]
    law = Normal(0.4, 0.2)
    two, one = (second_moments(circuit(1, g, {0: "Y"}, initialisation=law)) for g in (twice, once))
    assert two.slope_square == pytest.approx(one.slope_square, abs=1e-14)
