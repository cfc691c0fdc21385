"""Figures against closed forms, brute force and the engines that compute some of them in another way."""

from __future__ import annotations

from dataclasses import replace
from math import log, log10

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ansatzlint as al
from ansatzlint.angles import multiply, parameter
from ansatzlint.assumptions import complete
from ansatzlint.circuit import Circuit, Gate, Parameter, PauliSum, PauliTerm, Unread
from ansatzlint.errors import CircuitError
from ansatzlint.families import FAMILIES
from ansatzlint.initialisation import Normal
from ansatzlint.observables import parse_pauli_sum
from ansatzlint.predictor.quality.examples import draw
from ansatzlint.predictor.quality.figures import ABOUT, NAMES, expressibility, figures, refused
from ansatzlint.predictor.quality.hamiltonians import heisenberg, tfim


def with_cost(cost: str | PauliSum, name: str, qubits: int, **arguments: object) -> Circuit:
    circuit = FAMILIES[name].build(qubits, **arguments)
    observable = parse_pauli_sum(cost, qubits) if isinstance(cost, str) else cost
    return complete(replace(circuit, observables=(observable,)))


def turns(cost: str, qubits: int, *gates: tuple[str, tuple[int, ...]]) -> Circuit:
    """A circuit of gates that take one parameter each, or none."""
    made, count = [], 0
    for name, on in gates:
        free = name.startswith("r")
        made.append(Gate(name, on, (parameter(f"t{count}"),) if free else ()))
        count += free
    parameters = tuple(Parameter(f"t{k}") for k in range(count))
    observable = parse_pauli_sum(cost, qubits)
    return complete(Circuit("turns", qubits, tuple(made), parameters, observables=(observable,)))


def test_product_of_turns_has_its_gradients_in_closed_form() -> None:
    # C = mean of cos t_q: E[(d_k C)^2] = 1 / (2 n^2), and the range is 2.
    found = figures(turns("0.5 Z0 + 0.5 Z1", 2, ("rx", (0,)), ("rx", (1,))))
    assert 10 ** found["wide_log10_total"] == pytest.approx(1 / 16, rel=0.3)
    assert found["wide_energy"] == pytest.approx(0.5, abs=0.15)
    assert found["wide_energy_deviation"] == pytest.approx(1 / 4, rel=0.35)


def test_gradients_are_those_of_the_engine() -> None:
    circuit = with_cost(tfim(5, -1.0, -1.0), "efficient-su2", 5, layers=2)
    exact = al.gradient_variance(circuit)
    width = 2 * 6.026674  # the open chain's spectrum is symmetric
    found = figures(circuit)
    assert found["start_log10_total"] == pytest.approx(log10(exact.mean_square.sum() / width**2), abs=0.1)
    assert found["start_energy_deviation"] == pytest.approx(exact.cost_variance**0.5 / width, rel=0.35)
    assert found["start_live_share"] == pytest.approx(exact.live.mean())


def test_entanglement_is_the_engines_entangling_capability() -> None:
    circuit = with_cost("Z0", "efficient-su2", 4, layers=2)
    assert figures(circuit)["start_entanglement"] == pytest.approx(float(al.entangling_capability(circuit)), abs=0.06)


def test_a_ghz_state_is_fully_entangled_at_every_angle() -> None:
    circuit = turns("X0 X1 X2", 3, ("h", (0,)), ("cx", (0, 1)), ("cx", (1, 2)), ("rz", (0,)))
    assert figures(circuit)["wide_entanglement"] == pytest.approx(1.0)


def test_product_states_are_not_entangled() -> None:
    found = figures(turns("Z0 Z1", 2, ("rx", (0,)), ("ry", (1,)), ("s", (1,))))
    assert found["wide_entanglement"] == pytest.approx(0.0, abs=1e-12)


def test_expressibility_of_one_state_is_that_of_the_idle_circuit() -> None:
    states = np.zeros((50, 16), complex)
    states[:, 3] = 1.0
    assert expressibility(states) == pytest.approx(15 * log(75))


def test_expressibility_of_random_states_is_small() -> None:
    rng = np.random.default_rng(0)
    states = rng.normal(size=(300, 16)) + 1j * rng.normal(size=(300, 16))
    states /= np.linalg.norm(states, axis=1, keepdims=True)
    assert 0.0 < expressibility(states) < 0.01


def test_expressibility_has_the_values_of_larger_samples() -> None:
    # Circuit 1 of 1905.10876, two layers: 0.198 with 10^5 pairs.
    layer = [(name, (q,)) for q in range(4) for name in ("rx", "rz")]
    assert figures(turns("Z0", 4, *layer, *layer))["expressibility"] == pytest.approx(0.198, abs=0.04)


def test_one_qubit_with_two_axes_follows_imaginary_time() -> None:
    found = figures(turns("X0", 1, ("ry", (0,)), ("rz", (0,))))
    assert found["wide_followed"] == pytest.approx(1.0)
    assert found["wide_rank_filled"] == pytest.approx(1.0)


def test_a_third_turn_adds_no_direction() -> None:
    found = figures(turns("X0", 1, ("rx", (0,)), ("rz", (0,)), ("rx", (0,))))
    assert found["wide_rank_share"] == pytest.approx(2 / 3)


def test_turns_that_commute_with_the_cost_follow_nothing() -> None:
    found = figures(turns("Z0", 1, ("h", (0,)), ("rz", (0,))))
    assert found["wide_followed"] == pytest.approx(0.0, abs=1e-12)
    assert found["conserving_share"] == 1.0


def test_a_circuit_with_every_direction_follows_imaginary_time_from_any_point() -> None:
    found = figures(with_cost(heisenberg(3), "efficient-su2", 3, layers=6))
    assert [found[f"{at}_followed"] for at in ("start", "wide", "low")] == pytest.approx([1.0] * 3)
    assert found["wide_rank_filled"] == 1.0


def test_the_tangent_space_is_judged_alike_with_more_parameters_than_directions() -> None:
    # The same turn twice: one direction, its share of imaginary time unchanged.
    once = figures(turns("X0 + 0.5 Z0", 1, ("ry", (0,))))
    often = figures(turns("X0 + 0.5 Z0", 1, *[("ry", (0,))] * 5))
    assert often["wide_rank_share"] == pytest.approx(once["wide_rank_share"] / 5)
    assert often["wide_followed"] == pytest.approx(1.0) == once["wide_followed"]


def test_a_conserved_quantity_bounds_the_energy() -> None:
    # |01> and |10> only: their least energy is -1 + 0.25, the least of all -2 - 0.25 + ...
    gates = (("x", (0,)), ("rxx", (0, 1)), ("ryy", (0, 1)))
    cost = "X0 X1 + 0.25 Z0 Z1 + 2 Z0 + 2 Z1"
    found = figures(turns(cost, 2, *gates))
    levels = np.linalg.eigvalsh(
        np.array([[4.25, 0, 0, 1], [0, -0.25, 1, 0], [0, 1, -0.25, 0], [1, 0, 0, -3.75]], float)
    )
    assert found["span_share"] == pytest.approx(0.5)
    assert found["span_least"] == pytest.approx((-1.25 - levels[0]) / (levels[3] - levels[0]))


def test_real_states_feel_the_real_part_of_the_hamiltonian() -> None:
    found = figures(turns("Y0 + Z0", 1, ("ry", (0,))))
    assert found["realness"] == pytest.approx(1.0)
    assert found["span_least"] == pytest.approx((2**0.5 - 1) / (2 * 2**0.5))
    assert found["real_share"] == pytest.approx(0.5)


def test_states_over_a_great_circle_are_not_all_real() -> None:
    # RX |0> = cos |0> - i sin |1>: sum psi^2 = cos t, the mean of |cos t| is 2 / pi.
    assert figures(turns("Z0", 1, ("rx", (0,))))["realness"] == pytest.approx(2 / np.pi, abs=0.06)


def test_the_ceiling_is_what_the_span_allows() -> None:
    # RZ leaves |0>: nothing of the way can be covered.
    assert figures(turns("X0 + Z0", 1, ("rz", (0,))))["ceiling"] == pytest.approx(0.0, abs=1e-9)
    assert figures(turns("X0 + Z0", 1, ("ry", (0,))))["ceiling"] == pytest.approx(1.0)


def test_overlap_with_the_ground_space() -> None:
    # |<1|psi>|^2 = sin^2(t/2) for RX.
    found = figures(turns("Z0", 1, ("rx", (0,))))
    assert 10 ** found["wide_log10_overlap"] == pytest.approx(0.5, abs=0.1)
    assert found["wide_log10_overlap_best"] == pytest.approx(0.0, abs=0.01)


@pytest.mark.parametrize(
    ("circuit", "dimension"),
    [
        (with_cost("Z0", "efficient-su2", 3), 63),
        (with_cost("Z0", "hamiltonian-variational", 5, boundary="periodic"), 14),
        (with_cost("Z0", "qaoa", 4, graph="complete"), 15),
    ],
)
def test_lie_algebras(circuit: Circuit, dimension: int) -> None:
    assert figures(circuit)["log10_algebra"] == pytest.approx(log10(dimension))


def test_the_limit_of_deep_circuits() -> None:
    # su(2^n) and one word: 1 / (2^n + 1), the range being 2.
    found = figures(with_cost("X0 X2", "efficient-su2", 3))
    assert found["log10_limit"] == pytest.approx(log10(1 / 9 / 4))


def test_what_the_generators_have_to_do_with_the_hamiltonian() -> None:
    found = figures(turns("3 Z0 + 4 X1 + 2 Z0 Z1", 2, ("rz", (0,)), ("rx", (0,)), ("rx", (1,))))
    assert found["generated_share"] == pytest.approx(25 / 29)
    assert found["untouched_share"] == pytest.approx(16 / 29)
    found = figures(turns("3 Z0 + 4 X1", 2, ("rx", (0,)), ("rx", (1,))))
    assert found["untouched_share"] == pytest.approx(16 / 25)


def test_generators_are_compared_with_the_hamiltonian_beyond_clifford_gates() -> None:
    # H turns the RX that stands before it into the Z of the cost.
    assert figures(turns("Z0", 1, ("h", (0,)), ("rz", (0,)), ("h", (0,)), ("rx", (0,))))["generated_share"] == 0.0
    assert figures(turns("Z0", 1, ("rz", (0,)), ("ry", (0,)), ("rx", (0,)), ("h", (0,))))["generated_share"] == 1.0


def test_figures_of_a_hamiltonian() -> None:
    found = figures(turns("Z0 Z1 + 0.5 X0", 2, ("ry", (0,)), ("ry", (1,))))
    # Eigenvalues are twice each of -a and a, a = sqrt(1.25).
    width = 2 * 1.25**0.5
    assert found["gap"] == pytest.approx(1.0)
    assert found["log2_degeneracy"] == pytest.approx(1.0)
    assert (found["centre"], found["spread"]) == (pytest.approx(0.5), pytest.approx(0.5))
    assert found["diagonal_least"] == pytest.approx((1.25**0.5 - 1) / width)
    assert (found["commuting_share"], found["words_per_qubit"], found["weight"]) == (0.0, 1.0, 1.5)
    assert found["bound_share"] == pytest.approx(width / 3)
    assert found["diagonal_share"] == pytest.approx(0.8)


def test_quarter_turns_reach_basis_states() -> None:
    found = figures(turns("Z0 + 0.5 Z1", 2, ("rx", (0,)), ("rx", (1,))))
    assert found["clifford_least"] == pytest.approx(0.0)
    assert found["log10_clifford_overlap"] == pytest.approx(0.0)
    # |+> and |-> and both basis states have energies 1/2, 0 and 1 alone.
    assert figures(turns("Z0", 1, ("rx", (0,))))["clifford_tenth"] == pytest.approx(0.0)


def test_ruggedness_of_one_cosine() -> None:
    # E[(cos(t + 1/2) - cos t)^2] = 1 - cos(1/2) for one angle, over twice the variance 1/2.
    assert figures(turns("Z0", 1, ("rx", (0,))))["ruggedness"] == pytest.approx(1 - np.cos(0.5), rel=0.35)


def test_frequency_of_one_cosine() -> None:
    # E[sin^2] over Var[cos], and four times that for an angle that enters twice.
    once = figures(turns("Z0", 1, ("rx", (0,))))
    assert once["wide_log10_frequency"] == pytest.approx(0.0, abs=0.2)
    twice = replace(turns("Z0", 1, ("rx", (0,))), gates=(Gate("rx", (0,), (multiply(2.0, parameter("t0")),)),))
    assert figures(twice)["wide_log10_frequency"] == pytest.approx(log10(4), abs=0.2)


def test_rank_within_the_span() -> None:
    # RY on each of two qubits: two directions, real states of two qubits have three.
    found = figures(turns("Z0 Z1 + X0", 2, ("ry", (0,)), ("ry", (1,))))
    assert found["rank_of_span"] == pytest.approx(2 / 3)
    assert figures(turns("X0", 1, ("ry", (0,)), ("rz", (0,))))["rank_of_span"] == pytest.approx(1.0)


def test_reach_counts_steps_at_the_gradients_length() -> None:
    # At any point of cos(t): 400 steps of 0.1 |sin t| over 1 + cos t, which is 40 tan(t/2).
    circuit = replace(turns("Z0", 1, ("rx", (0,))), initialisation=Normal(1e-9, 2.0))
    assert figures(circuit)["start_log10_reach"] == pytest.approx(log10(40 * np.tan(1.0)), abs=1e-6)


def test_entanglement_of_ground_states() -> None:
    plain = (("ry", (0,)), ("ry", (1,)))
    assert figures(turns("X0 X1 + Y0 Y1 + Z0 Z1", 2, *plain))["ground_entanglement"] == pytest.approx(1.0)
    assert figures(turns("X0 + Z1", 2, *plain))["ground_entanglement"] == pytest.approx(0.0, abs=1e-9)
    # Clifford gates of the circuit have no part in it.
    assert figures(turns("X0 + Z1", 2, *plain, ("cx", (0, 1))))["ground_entanglement"] == pytest.approx(0.0, abs=1e-9)


def test_a_constant_term_changes_nothing() -> None:
    plain = figures(turns("Z0 + 0.3 X1", 2, ("ry", (0,)), ("ry", (1,)), ("rzz", (0, 1))))
    moved = figures(turns("Z0 + 0.3 X1 + 5 I", 2, ("ry", (0,)), ("ry", (1,)), ("rzz", (0, 1))))
    names = [name for name in NAMES if name not in ("words_per_qubit", "weight")]
    assert [moved[name] for name in names] == pytest.approx([plain[name] for name in names], nan_ok=True, abs=1e-9)


def test_the_scale_of_the_cost_changes_nothing() -> None:
    circuit = with_cost(tfim(4, -0.5), "hardware-efficient", 4, layers=2)
    (cost,) = circuit.observables
    assert isinstance(cost, PauliSum)
    larger = PauliSum(tuple(PauliTerm(100 * t.coefficient, t.paulis) for t in cost.terms))
    scaled = figures(replace(circuit, observables=(larger,)))
    assert list(scaled.values()) == pytest.approx(list(figures(circuit).values()), nan_ok=True, rel=1e-6, abs=1e-9)


def test_starts_follow_the_circuits_own_law() -> None:
    circuit = replace(turns("Z0", 1, ("rx", (0,))), initialisation=Normal(0.01))
    found = figures(circuit)
    assert found["start_energy"] == pytest.approx(1.0, abs=1e-3)
    assert found["wide_energy"] == pytest.approx(0.5, abs=0.2)


def test_steps_allowed() -> None:
    assert figures(with_cost("Z0", "efficient-su2", 4, layers=3))["log10_steps"] == pytest.approx(log10(19_999 // 64))


@settings(deadline=None, max_examples=6)
@given(st.integers(0, 10_000))
def test_every_example_has_all_figures_within_their_bounds(index: int) -> None:
    found = figures(draw(3, index).circuit)
    assert tuple(found) == NAMES == tuple(ABOUT)
    missing = {name for name, value in found.items() if not np.isfinite(value)}
    stationary = {name for name in NAMES if name.endswith(("followed", "alignment"))}
    assert missing <= {"log10_algebra", "log10_limit"} | stationary
    shares = ("followed", "share", "rank_filled", "alignment", "least", "ceiling", "realness", "gap")
    beyond = {name: v for name, v in found.items() if name.endswith(shares) and not (-1e-9 <= v <= 1 + 1e-9 or v != v)}
    assert beyond == {}
    assert found["span_least"] <= min(found["start_energy_least"], found["wide_energy_least"]) + 1e-9


def test_equal_circuits_have_equal_figures() -> None:
    circuit = draw(0, 5).circuit
    np.testing.assert_array_equal(list(figures(circuit).values()), list(figures(circuit).values()))


def test_inputs_count_as_numbers() -> None:
    circuit = with_cost(tfim(3), "data-reuploading", 3)
    assert figures(circuit)["log10_parameters"] == pytest.approx(log10(len(circuit.trainable)))


SQUARE = multiply(parameter("t0"), parameter("t0"))


@pytest.mark.parametrize(
    ("circuit", "reason"),
    [
        (turns("Z0", 1, ("h", (0,))), "no trainable parameter"),
        (turns("2 I", 1, ("rx", (0,))), "the cost is a constant"),
        (replace(turns("Z0", 1, ("rx", (0,))), unread=(Unread("a loop"),)), "not read: a loop"),
        (replace(turns("Z0", 1, ("rx", (0,))), gates=(Gate("rx", (0,), (SQUARE,)),)), "no affine function"),
        (complete(FAMILIES["qcnn"].build(9)), "9 qubits are more than the 8"),
    ],
)
def test_circuits_without_figures(circuit: Circuit, reason: str) -> None:
    assert reason in refused(circuit)
    with pytest.raises(CircuitError, match=reason):
        figures(circuit)


def test_a_circuit_with_figures_is_not_refused() -> None:
    assert refused(turns("Z0", 1, ("rx", (0,)))) == ""
