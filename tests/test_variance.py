"""`gradient_variance` as users call it: closed forms, bad input, sources, wide registers, long circuits."""

from __future__ import annotations

from dataclasses import fields, replace
from math import inf, nan, pi, sin

import numpy as np
import pytest
from moments.twin import cost_and_slope, second_moments

import ansatzlint as al
from ansatzlint.angles import add, multiply, parameter
from ansatzlint.circuit import (
    Amplitudes,
    Channel,
    Circuit,
    Gate,
    Nonlinear,
    Observable,
    Parameter,
    PauliSum,
    PauliTerm,
    Projector,
    Unread,
)
from ansatzlint.errors import AnsatzlintError, CircuitError, UsageError
from ansatzlint.initialisation import Initialisation, Normal, Uniform, Zeros
from ansatzlint.moments.problem import Problem
from ansatzlint.noise import AmplitudeDamping, Depolarizing, PauliNoise
from ansatzlint.variance import Effort, GradientVariance, gradient_variance, measured

WIDTHS = [63, 64, 65, 127, 128, 129]


def z(*qubits: int) -> PauliSum:
    return PauliSum((PauliTerm(1.0, tuple((q, "Z") for q in qubits)),))


def built(qubits: int, gates: list[tuple[object, ...]], cost: Observable | None = None, **more: object) -> Circuit:
    """Gates as (name, qubits, angle …), a string being a parameter."""
    made, names = [], {}
    for name, where, *values in gates:
        names |= dict.fromkeys(v for v in values if isinstance(v, str))
        made.append(Gate(str(name), where, tuple(parameter(v) if isinstance(v, str) else v for v in values)))  # type: ignore
    observables = () if cost is None else (cost,)
    return Circuit("c", qubits, tuple(made), tuple(map(Parameter, names)), observables, **more)  # type: ignore[arg-type]


def layer(n: int, kind: str = "rx") -> list[tuple[object, ...]]:
    return [(kind, (q,), f"{kind}{q}") for q in range(n)]


def bits_of(found: GradientVariance) -> list[object]:
    values = (getattr(found, f.name) for f in fields(found))
    return [v.tobytes() if isinstance(v, np.ndarray) else v for v in values]


# ---- closed forms ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [1, 2, 4, 8])
def test_global_cost_of_a_product_circuit(n: int) -> None:
    found = gradient_variance(built(n, layer(n), Projector(tuple(range(n)), "0" * n)), method="exact")
    assert found.variance == pytest.approx([3 ** (n - 1) / 8**n] * n, rel=1e-12)
    assert found.cost_variance == pytest.approx((3 / 8) ** n - 0.25**n, rel=1e-12)


@pytest.mark.parametrize("n", [30, 50, 70, 130])
@pytest.mark.parametrize("entangler", ["", "cz"])
def test_global_projectors_of_any_width_along_a_line(n: int, entangler: str) -> None:
    gates = [*layer(n), *((entangler, (q, q + 1)) for q in range(n - 1) if entangler)]
    found = gradient_variance(built(n, gates, Projector(tuple(range(n)), "01" * (n // 2))), samples=2000)
    assert found.method == "exact"
    assert found.variance == pytest.approx([3 ** (n - 1) / 8**n] * n, rel=1e-7)
    assert found.cost_variance == pytest.approx((3 / 8) ** n - 0.25**n, rel=1e-7)


@pytest.mark.parametrize("n", [9, 12])
def test_large_projectors_are_sampled(n: int) -> None:
    found = gradient_variance(built(n, layer(n), Projector(tuple(range(n)), "0" * n)), method="sampled")
    truth = 3 ** (n - 1) / 8**n
    assert found.method == "sampled"
    assert (found.lower <= truth * 1.02).all()
    assert (found.upper >= truth * 0.98).all()


@pytest.mark.parametrize("n", [1, 4, 9, 100])
def test_local_cost_of_a_product_circuit(n: int) -> None:
    cost = PauliSum(tuple(PauliTerm(0.5 / n, ((q, "Z"),)) for q in range(n)))
    found = gradient_variance(built(n, layer(n), cost), method="exact")
    assert found.variance == pytest.approx([1 / (8 * n**2)] * n, rel=1e-12)
    assert found.cost_variance == pytest.approx(1 / (8 * n), rel=1e-12)


def test_a_deep_universal_circuit_reaches_the_two_design() -> None:
    gates: list[tuple[object, ...]] = []
    for step in range(20):
        gates += [(kind, (q,), f"{kind}{step}.{q}") for kind in ("ry", "rz") for q in range(2)] + [("cx", (0, 1))]
    found = gradient_variance(built(2, gates, z(0)), method="exact")
    n = 4
    assert found.cost_variance == pytest.approx(1 / (n + 1), abs=1e-5)
    middle = found.parameters.index("ry10.0")
    assert found.variance[middle] == pytest.approx(n**2 / (2 * (n - 1) * (n + 1) ** 2), abs=1e-3)


@pytest.mark.parametrize(("angle", "squared"), [(0.0, 1.0), (0.7, np.cos(0.7) ** 2), (pi / 2, 0.0)])
def test_one_sided_two_design_feels_the_state_before_the_gate(angle: float, squared: float) -> None:
    # an RZ on the state with <Z> = cos(angle), a 2-design behind it
    gates: list[tuple[object, ...]] = [("ry", (0,), angle), ("rz", (0,), "t")]
    for step in range(20):
        gates += [(kind, (q,), f"{kind}{step}.{q}") for kind in ("ry", "rz") for q in range(2)] + [("cx", (0, 1))]
    found = gradient_variance(built(2, gates, z(0)), method="exact")
    assert found.variance[found.parameters.index("t")] == pytest.approx(4 / 30 * (1 - squared), abs=1e-3)


@pytest.mark.parametrize("std", [0.1, 0.5, 2.0])
def test_a_normal_start(std: float) -> None:
    found = gradient_variance(built(1, [("rx", (0,), "t")], z(0)), init=Normal(std), method="exact")
    assert found.mean_square == pytest.approx([(1 - np.exp(-2 * std**2)) / 2], abs=1e-14)
    assert found.cost_variance == pytest.approx((1 + np.exp(-2 * std**2)) / 2 - np.exp(-(std**2)), abs=1e-13)


def test_mean_gradients_are_subtracted() -> None:
    found = gradient_variance(built(1, [("rx", (0,), "t")], z(0)), init=Uniform(0.0, pi), method="exact")
    assert found.mean_gradient == pytest.approx([-2 / pi])
    assert found.variance == pytest.approx([0.5 - 4 / pi**2])


def test_a_start_at_zero_has_no_variance_and_may_have_a_gradient() -> None:
    circuit = built(1, [("ry", (0,), pi / 2), ("ry", (0,), "t")], z(0))
    found = gradient_variance(circuit, init=Zeros())
    assert (found.method, found.variance.tolist()) == ("exact", [0.0])
    assert found.mean_square == pytest.approx([1.0])


def test_frequencies_count_squared() -> None:
    circuit = Circuit(
        "c", 1, (Gate("rx", (0,), (add(multiply(3.0, parameter("t")), 0.4),)),), (Parameter("t"),), (z(0),)
    )
    found = gradient_variance(circuit)
    assert found.variance == pytest.approx([4.5])
    assert found.shift == pytest.approx([4.5])


def test_cross_terms_count() -> None:
    cost = PauliSum((PauliTerm(1.0, ((0, "Z"),)), PauliTerm(1.0, ((0, "Z"), (1, "Z")))))
    found = gradient_variance(built(2, [("rx", (0,), "t"), ("h", (1,)), ("ry", (1,), 0.5)], cost), method="exact")
    assert found.variance == pytest.approx([0.5 * (1 - sin(0.5)) ** 2])


# ---- laws and noise -------------------------------------------------------------------------------------------------

MIXED = Circuit(
    "mixed", 2,
    (Gate("ry", (0,), (parameter("x"),)), Gate("rx", (1,), (parameter("a"),)), Gate("crz", (0, 1), (parameter("b"),)),
     Gate("ry", (1,), (parameter("c"),)), Gate("cx", (0, 1)), Gate("ry", (0,), (parameter("d"),))),
    (Parameter("x", "input"), Parameter("a", initialisation=Normal(0.4, 0.2)), Parameter("b"),
     Parameter("c", initialisation=Uniform(-0.5, 1.5)), Parameter("d")),
    (PauliSum((PauliTerm(1.0, ((0, "Z"),)), PauliTerm(-0.5, ((0, "X"), (1, "Z"))), PauliTerm(2.0, ()))),),
    initialisation=Normal(0.8),
)  # fmt: skip


@pytest.mark.parametrize("noise", [None, Depolarizing(0.1, 0.2), PauliNoise(0.1, 0.0, 0.2), AmplitudeDamping(0.15)])
def test_a_law_for_each_parameter_and_noise(noise: Depolarizing | PauliNoise | AmplitudeDamping | None) -> None:
    found = gradient_variance(MIXED, noise=noise, method="exact")
    truth = second_moments(replace(MIXED, noise=noise))
    assert found.parameters == ("a", "b", "c", "d")
    assert found.mean_square == pytest.approx([truth.slope_square[p] for p in found.parameters], abs=1e-11)
    assert found.variance == pytest.approx([truth.variance(p) for p in found.parameters], abs=1e-11)
    assert found.cost_variance == pytest.approx(truth.square - truth.mean**2, abs=1e-11)


def test_an_initialisation_that_is_given_stands_above_the_parameters_own() -> None:
    circuit = built(1, [("rx", (0,), "t")], z(0))
    own = replace(circuit, parameters=(Parameter("t", initialisation=Zeros()),))
    assert gradient_variance(own).variance.tolist() == [0.0]
    assert gradient_variance(own, init=Uniform()).variance == pytest.approx([0.5])


def test_inputs_stay_uniform_and_it_is_said() -> None:
    found = gradient_variance(MIXED, init=Zeros())
    assert any("inputs are uniform" in a.text for a in found.assumptions)
    assert found.init == "all zeros"


def test_what_is_assumed_is_said() -> None:
    found = gradient_variance(built(2, [("rx", (0,), "t")]))
    assert [a.text for a in found.assumptions] == [
        "cost assumed: mean of Z over all qubits", "initialisation assumed: uniform over [0, 2 pi)",
    ]  # fmt: skip


# ---- sources --------------------------------------------------------------------------------------------------------


def test_the_seed_decides_every_bit() -> None:
    circuit = built(3, [*layer(3), ("crx", (0, 1), "c"), ("t", (1,)), *layer(3, "ry")], z(1, 2))
    first, again, other = (
        gradient_variance(circuit, init=Normal(0.5, 0.4), samples=3000, seed=seed, method="sampled")
        for seed in (4, 4, 5)
    )
    assert bits_of(first) == bits_of(again)
    assert bits_of(first)[1:4] != bits_of(other)[1:4]


@pytest.mark.parametrize("method", ["sampled", "exact"])
def test_the_method_that_is_asked_for(method: str) -> None:
    found = gradient_variance(built(3, [*layer(3), ("cx", (0, 1)), *layer(3, "ry")], z(1)), method=method)  # type: ignore
    assert found.method == method


def test_an_exact_value_has_no_width() -> None:
    found = gradient_variance(built(2, layer(2), z(0, 1)), method="exact")
    assert found.lower.tolist() == found.variance.tolist() == found.upper.tolist()
    assert found.max_lower == found.max == found.max_upper
    assert found.samples == 0


@pytest.mark.parametrize("samples", [1, 2, 3, 63, 64, 65, 1025])
def test_few_samples_give_wide_intervals(samples: int) -> None:
    found = gradient_variance(built(2, layer(2), z(0, 1)), samples=samples, method="sampled")
    assert samples <= found.samples < samples + 1024  # paths come in full machine words
    assert (found.lower <= 0.25).all()
    assert (found.upper >= 0.25).all()
    assert (found.upper <= 1.0).all()


SHARED = [("ry", (0,), "t"), ("ry", (1,), "u"), ("cx", (0, 1)), ("ry", (0,), "t"), ("ry", (1,), "t")]


def test_shared_angles_are_drawn() -> None:
    circuit = built(2, SHARED, z(0, 1))
    found = gradient_variance(circuit, seed=1)
    assert found.method == "statevector"
    at = np.random.default_rng(0).uniform(0, 2 * pi, (400, 2))
    for k, name in enumerate(("t", "u")):
        slopes = [cost_and_slope(circuit, {"t": a, "u": b}, name)[1] for a, b in at]
        error = np.std(np.square(slopes)) / 20
        assert abs(found.mean_square[k] - np.mean(np.square(slopes))) < 4 * error + found.upper[k] - found.lower[k]
    assert all(a.holds is not False for a in found.assumptions)


def test_shared_angles_have_no_exact_value() -> None:
    with pytest.raises(CircuitError, match=r"parameters that have to be drawn \(t\) have no exact value"):
        gradient_variance(built(2, SHARED, z(0, 1)), method="exact")


def surrogate() -> Circuit:
    n = 24
    chain = [("cz", (q, q + 1)) for q in range(n - 1)]
    gates = [("ry", (q,), "t") for q in range(n)] + chain + [("rx", (q,), "u") for q in range(n)] + chain
    return built(n, [*gates, *(("ry", (q,), f"v{q}") for q in range(n)), *(("ry", (q,), "t") for q in range(n))],
                 z(*range(n)))  # fmt: skip


def test_shared_angles_beyond_statevectors_are_a_surrogate_that_says_so() -> None:
    found = gradient_variance(surrogate(), samples=2000)
    assert found.method == "surrogate"
    (unmet,) = [a for a in found.assumptions if a.holds is False]
    assert unmet.text.startswith("uses of one parameter are independent (shared: t, u; ")
    assert found.parameters[:3] == ("t", "u", "v0")
    assert np.isfinite(found.upper).all()


def test_measuring_within_an_effort() -> None:
    circuit = built(3, [*layer(3), ("cx", (0, 1)), ("cx", (1, 2)), *layer(3, "ry")], z(0, 1, 2))
    problem = Problem(replace(circuit, initialisation=Uniform()))
    found = measured(problem, Effort(seed=2))
    assert found.variance.tolist() == gradient_variance(problem.circuit).variance.tolist()


def deep() -> Circuit:
    gates: list[tuple[object, ...]] = []
    for step in range(12):
        gates += [(kind, (q,), f"{kind}{step}.{q}") for kind in ("ry", "rz") for q in range(10)]
        gates += [("cx", (q, q + 1)) for q in range(9)]
    return built(10, gates, z(4), initialisation=Uniform())


def test_more_effort_narrows_the_interval() -> None:
    problem = Problem(deep())
    little, much = (measured(problem, Effort(seed=2, work=work)) for work in (1_000_000, 100_000_000))
    assert (little.method, much.method) == ("sampled", "sampled")
    assert much.samples > little.samples
    assert (much.upper - much.lower).max() < (little.upper - little.lower).max()
    assert bits_of(much) == bits_of(measured(problem, Effort(seed=2, work=100_000_000)))


def test_the_package_gives_it_by_name() -> None:
    assert al.gradient_variance is gradient_variance


# ---- shots ----------------------------------------------------------------------------------------------------------


def test_shots_are_shot_variance_times_shift_over_mean_square() -> None:
    found = gradient_variance(built(1, [("rx", (0,), "t")], z(0)), method="exact")
    # E[1 - <Z>^2] = 1/2, two-term rule, G = 1/2
    assert found.shot_variance == pytest.approx(0.5)
    assert found.shot_variance_known
    assert found.shots == pytest.approx([0.5])
    assert found.shots_lower.tolist() == found.shots.tolist() == found.shots_upper.tolist()


def test_a_controlled_rotation_has_the_rule_of_four_terms() -> None:
    found = gradient_variance(built(2, [("h", (0,)), ("crx", (0, 1), "t")], z(1)))
    assert found.shift == pytest.approx([3 / 8])


def test_m_uses_cost_m_halves() -> None:
    assert gradient_variance(built(2, SHARED, z(0, 1))).shift == pytest.approx([3 / 2, 1 / 2])


def test_a_projector_always_has_the_shot_variance_of_a_fair_coin() -> None:
    found = gradient_variance(built(2, layer(2), Projector((0, 1), "00")))
    assert found.shot_variance == 0.25


def test_terms_that_commute_share_their_shots() -> None:
    cost = PauliSum((PauliTerm(1.0, ((0, "Z"),)), PauliTerm(1.0, ((1, "Z"),))))
    found = gradient_variance(built(2, layer(2), cost), method="exact")
    # E[O^2] = 2 + 2 E[<ZZ>] = 2, E[<O>^2] = 1
    assert found.shot_variance == pytest.approx(1.0)


def test_shots_of_a_gradient_that_vanishes_are_infinite() -> None:
    found = gradient_variance(built(2, layer(2), z(0)))
    assert found.shots.tolist() == [pytest.approx(0.5), inf]


# ---- wide registers -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["exact", "sampled"])
@pytest.mark.parametrize("n", WIDTHS)
def test_a_cat_state_measured_on_its_last_qubit(n: int, method: str) -> None:
    gates = [("ry", (0,), "t"), *(("cx", (q, q + 1)) for q in range(n - 1))]
    found = gradient_variance(built(n, gates, z(n - 1)), method=method)  # type: ignore[arg-type]
    assert found.variance[0] == pytest.approx(0.5, rel=0.03)


@pytest.mark.parametrize("n", WIDTHS)
def test_the_parity_of_a_cat_state_feels_the_first_angle_where_the_number_of_qubits_is_odd(n: int) -> None:
    gates = [("ry", (0,), "t"), *(("cx", (q, q + 1)) for q in range(n - 1))]
    found = gradient_variance(built(n, gates, z(*range(n))))
    assert found.variance == pytest.approx([0.5 if n % 2 else 0.0])
    assert found.live.tolist() == [bool(n % 2)]


@pytest.mark.parametrize("n", WIDTHS)
def test_the_parity_of_a_product_circuit(n: int) -> None:
    found = gradient_variance(built(n, layer(n), z(*range(n))))
    assert found.variance == pytest.approx([0.5**n] * n, rel=1e-9)


@pytest.mark.parametrize("n", WIDTHS)
def test_signed_weights_across_words(n: int) -> None:
    # only the last qubit matters; off-centre and controlled, so that pairs of different strings are drawn
    gates = [*layer(n - 1), ("ry", (n - 2,), 0.6), ("crx", (n - 2, n - 1), "c"), ("t", (n - 1,)), ("ry", (n - 1,), "d")]
    circuit = built(n, gates, PauliSum((PauliTerm(1.0, ((n - 1, "Z"),)), PauliTerm(1.0, ((n - 1, "X"),)))))
    small = [("rx", (0,), f"rx{n - 2}"), ("ry", (0,), 0.6), ("crx", (0, 1), "c"), ("t", (1,)), ("ry", (1,), "d")]
    twin = built(2, small, PauliSum((PauliTerm(1.0, ((1, "Z"),)), PauliTerm(1.0, ((1, "X"),)))))
    law = Normal(0.5, 0.3)
    truth = second_moments(replace(twin, initialisation=law))
    found = gradient_variance(circuit, init=law, method="exact")
    at = {p: k for k, p in enumerate(found.parameters)}
    for name, value in truth.slope_square.items():
        assert found.mean_square[at[name]] == pytest.approx(value, abs=1e-11)


@pytest.mark.parametrize("init", [Normal(1e-9), Uniform(0.0, 1e-8)])
def test_a_gradient_below_the_round_off_is_not_called_dead(init: Normal | Uniform) -> None:
    assert gradient_variance(built(1, layer(1), z(0)), init=init).live.all()


def test_a_gradient_below_the_smallest_number_is_not_called_dead() -> None:
    n = 1100
    found = gradient_variance(built(n, layer(n), z(*range(n))))
    assert found.live.all()
    assert np.isinf(found.shots).all()


@pytest.mark.parametrize(
    ("gates", "shift"),
    [
        ([("crx", (0, 1), "a"), ("ry", (1,), "b"), ("crx", (0, 1), "a")], [3 / 4, 1 / 2]),
        ([("crx", (0, 1), "a"), ("crx", (0, 1), "a")], [3 / 4]),
        ([("rx", (1,), "a"), ("rx", (1,), "a")], [1]),
        ([("rx", (1,), "a"), ("ry", (1,), "b"), ("rx", (1,), "a")], [1, 1 / 2]),
        ([("rx", (1,), "a"), ("crx", (0, 1), "a")], [1 / 2 + 3 / 8]),
    ],
)
def test_each_use_of_a_parameter_has_its_own_shifts(
    gates: list[tuple[str, tuple[int, ...], str]], shift: list[float]
) -> None:
    assert gradient_variance(built(2, gates, z(1))).shift == pytest.approx(shift)


@pytest.mark.parametrize("n", WIDTHS)
def test_projectors_across_words(n: int) -> None:
    found = gradient_variance(built(n, layer(n), Projector(tuple(range(n)), "0" * n)), samples=2000)
    assert found.variance == pytest.approx([3 ** (n - 1) / 8**n] * n, rel=1e-9)
    assert (found.lower <= found.variance).all()
    assert (found.upper >= found.variance).all()


# ---- long circuits --------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_hundred_thousand_gates() -> None:
    n, gates = 50, []
    for step in range(1000):
        gates += [("ry", (q,), f"t{step}.{q}") for q in range(n)] + [("cx", (q, (q + 1) % n)) for q in range(n)]
    found = gradient_variance(built(n, gates, z(0)), samples=2048)
    assert len(found.parameters) == 50_000
    assert (found.upper < 0.01).all()
    # Z of qubit 0, pulled through the last ring of CX, is Z on all the others
    assert found.dead == {"t999.0": "commutes with everything between it and the cost"}


@pytest.mark.slow
def test_a_hundred_thousand_fixed_gates_whose_weights_overflow_leave_a_bound() -> None:
    fixed = [(("h", "t", "cx")[k % 3], (k % 10,) if k % 3 < 2 else (k % 10, (k + 1) % 10)) for k in range(100_000)]
    found = gradient_variance(built(10, [*fixed, ("rx", (0,), "t")], z(0)), samples=256)
    assert np.isfinite(found.variance).all()
    assert 0.0 <= found.lower[0] <= found.upper[0] <= 1.0


# ---- input that cannot be meant -------------------------------------------------------------------------------------

ONE = built(1, [("rx", (0,), "t")], z(0))


@pytest.mark.parametrize(
    ("call", "kind", "said"),
    [
        (lambda: built(1, [("rx", (0,), nan)], z(0)), CircuitError, "not finite: nan"),
        (lambda: built(1, [("rx", (0,), "t"), ("rz", (0,), inf)], z(0)), CircuitError, "not finite: inf"),
        (lambda: gradient_variance(ONE, init=Normal(nan)), UsageError, "std >= 0, not 0.0 and nan"),
        (lambda: gradient_variance(ONE, init=Normal(-0.1)), UsageError, "std >= 0"),
        (lambda: gradient_variance(ONE, init=Uniform(0.0, inf)), UsageError, "finite low <= high"),
        (lambda: gradient_variance(ONE, init=Uniform(1.0, 0.0)), UsageError, "finite low <= high"),
        (lambda: gradient_variance(ONE, init=Uniform(-1e308, 1e308)), UsageError, "of at most 1e"),
        (lambda: gradient_variance(ONE, init=Normal(1e300)), UsageError, "of at most 1e"),
        (lambda: gradient_variance(ONE, noise=Depolarizing(-0.1, 0.0)), UsageError, "between 0 and 1, not -0.1"),
        (lambda: gradient_variance(ONE, noise=Depolarizing(0.0, 1.1)), UsageError, "between 0 and 1, not 1.1"),
        (lambda: gradient_variance(ONE, noise=PauliNoise(0.5, 0.5, 0.5)), UsageError, "sum of the Pauli error"),
        (lambda: built(1, [], channels=(Channel("bit_flip", (0,), (2.0,), 0),)), CircuitError, "not 2.0"),
        (lambda: gradient_variance(ONE, samples=0), UsageError, "positive whole number, not 0"),
        (lambda: gradient_variance(ONE, samples=-5), UsageError, "positive whole number, not -5"),
        (lambda: gradient_variance(ONE, samples=2.5), UsageError, "positive whole number, not 2.5"),  # type: ignore
        (lambda: gradient_variance(ONE, samples=True), UsageError, "positive whole number, not True"),
        (lambda: gradient_variance(ONE, seed=-1), UsageError, "the seed must be"),
        (lambda: gradient_variance(ONE, seed=1 << 63), UsageError, "the seed must be"),
        (lambda: gradient_variance(ONE, method="guess"), UsageError, "unknown method 'guess'"),  # type: ignore
        (lambda: gradient_variance(None), UsageError, "a Circuit is needed, not NoneType"),  # type: ignore[arg-type]
        (lambda: built(1, [("rx", (0,), "t")], z(3)), CircuitError, "acts on qubit 3 of 1"),
        (lambda: gradient_variance(built(2, [], z(0))), CircuitError, "no trainable parameter"),
        (lambda: gradient_variance(built(0, [])), CircuitError, "no trainable parameter"),
        (lambda: gradient_variance(built(2, [("h", (0,)), ("rx", (1,), 0.3)], z(0))), CircuitError, "no trainable"),
        (lambda: gradient_variance(replace(ONE, unread=(Unread("a reset midway"),))), CircuitError, "a reset midway"),
        (lambda: gradient_variance(replace(ONE, observables=(Nonlinear("entropy", (0,)),))), CircuitError, "entropy"),
        (lambda: gradient_variance(replace(ONE, initial_state=Amplitudes((0,), None))), CircuitError, "inputs"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_one_clear_line(call: object, kind: type[AnsatzlintError], said: str) -> None:
    with pytest.raises(kind) as caught:
        call()  # type: ignore[operator]
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("method", ["auto", "exact", "sampled"])
@pytest.mark.parametrize(
    "terms",
    [
        (),
        (PauliTerm(3.0, ()),),
        (PauliTerm(0.0, ((0, "Z"),)),),
        (PauliTerm(1.0, ((0, "Z"),)), PauliTerm(-1.0, ((0, "Z"),))),
    ],
    ids=["none", "constant", "zero", "cancelling"],
)
def test_a_constant_cost_has_no_gradient(terms: tuple[PauliTerm, ...], method: str) -> None:
    found = gradient_variance(replace(ONE, observables=(PauliSum(terms),)), method=method)  # type: ignore[arg-type]
    assert (found.method, found.max_upper, found.cost_variance_upper) == ("exact", 0.0, 0.0)
    assert found.dead == {"t": "outside the light cone of the cost"}
    assert found.shots.tolist() == [inf]


def test_a_parameter_that_no_gate_uses() -> None:
    found = gradient_variance(replace(ONE, parameters=(Parameter("t"), Parameter("spare"))))
    assert found.dead == {"spare": "used by no gate"}
    assert found.variance == pytest.approx([0.5, 0.0])


def test_a_use_that_undoes_another_is_no_gradient() -> None:
    found = gradient_variance(built(1, [("rx", (0,), "t"), ("z", (0,)), ("rx", (0,), "t")], z(0)))
    assert (found.method, found.variance.tolist(), found.live.tolist()) == ("exact", [0.0], [False])


@pytest.mark.parametrize("law", [Uniform(0.4, 0.4), Normal(0.0, 0.4)])
def test_laws_without_width_are_points(law: Initialisation) -> None:
    found = gradient_variance(ONE, init=law)
    assert found.variance == pytest.approx([0.0], abs=1e-15)
    assert found.mean_square == pytest.approx([sin(0.4) ** 2])


def test_one_line_for_a_result() -> None:
    assert str(gradient_variance(ONE)) == "largest gradient variance 0.5 [0.5, 0.5] over 1 parameters (exact)"
    assert str(gradient_variance(ONE, samples=4096, method="sampled")).endswith("1 parameters (sampled, 4096 samples)")


def test_the_mean_is_that_of_the_variances() -> None:
    gates = tuple(Gate("ry", (q,), (parameter(name),)) for q, name in enumerate("ab"))
    cost = PauliSum((PauliTerm(1.0, ((0, "Z"),)),))
    found = gradient_variance(Circuit("c", 2, gates, (Parameter("a"), Parameter("b")), (cost,)))
    assert found.mean == pytest.approx((0.5 + 0.0) / 2)


def test_a_result_is_shown_in_one_line() -> None:
    gates = tuple(Gate("ry", (q,), (parameter(f"t{q}"),)) for q in range(50))
    names = tuple(Parameter(f"t{q}") for q in range(50))
    found = gradient_variance(Circuit("c", 50, gates, names, (PauliSum((PauliTerm(1.0, ((0, "Z"),)),)),)))
    assert repr(found) == "<GradientVariance: largest gradient variance 0.5 [0.5, 0.5] over 50 parameters (exact)>"


def test_a_conserved_cost_has_no_negative_mean_square() -> None:
    """Its paths cancel in pairs, to within rounding."""
    from ansatzlint.observables import local_z

    circuit = replace(al.families["matchgate"].build(50), observables=(local_z(range(50)),))
    assert (al.gradient_variance(circuit).mean_square_lower >= 0).all()
