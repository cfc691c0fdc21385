"""Labels against slow, obvious second moments and closed forms."""

from dataclasses import replace
from math import log10, nan

import numpy as np
import pytest
from moments.twin import cost_and_slope, random_circuit, second_moments

from ansatzlint.angles import parameter
from ansatzlint.circuit import Circuit, Gate, Parameter, PauliSum, PauliTerm, Projector
from ansatzlint.families import FAMILIES
from ansatzlint.initialisation import Normal, Uniform
from ansatzlint.observables import global_z, local_z
from ansatzlint.predictor.labels import Figure, label


def rotations(qubits: int, observable: PauliSum | Projector, name: str = "ry") -> Circuit:
    """One rotation of each qubit, angles uniform over a period."""
    return Circuit(
        "rotations",
        qubits,
        tuple(Gate(name, (q,), (parameter(f"t{q}"),)) for q in range(qubits)),
        tuple(Parameter(f"t{q}") for q in range(qubits)),
        observables=(observable,),
        initialisation=Uniform(),
    )


def holds(figure: Figure, truth: float) -> bool:
    return figure.lower - 1e-9 <= log10(truth) <= figure.upper + 1e-9


def test_labels_hold_what_the_twin_finds() -> None:
    judged = missed = 0
    for number in range(16):
        rng = np.random.default_rng([5, number])
        circuit = random_circuit(rng, int(rng.integers(2, 4)), 10)
        squares = list(second_moments(circuit).slope_square.values()) if circuit.trainable else []
        found = label(circuit, number)
        live = [g for g in squares if g > 1e-14]
        if not live:
            assert found.method == "none"
            continue
        judged += 2
        missed += not holds(found.largest, max(live))
        missed += len(live) == len(squares) and not holds(found.median, float(np.median(live)))
    assert judged > 14
    assert missed <= 2


def test_one_rotation_has_its_closed_form() -> None:
    found = label(rotations(1, local_z([0])))
    # G = E[sin^2] = 1/2; sigma^2 = 1 - E[cos^2] = 1/2; the shift rule's sum of squares is 1/2.
    assert found.method == "exact"
    assert found.largest.value == pytest.approx(log10(0.5))
    assert found.median == found.largest
    assert found.shots.value == pytest.approx(log10(0.5))
    assert found.barren == 0


def test_raw_units_are_those_of_the_cost_while_shots_know_no_scale() -> None:
    plain, scaled = (
        label(rotations(3, PauliSum((PauliTerm(c, ((0, "Z"), (1, "Z"))),)))) for c in (1.0, 10.0)
    )
    assert scaled.largest.value == pytest.approx(plain.largest.value + 2)
    assert scaled.shots.value == pytest.approx(plain.shots.value)


def test_a_projector_counts_with_a_quarter() -> None:
    found = label(rotations(1, Projector((0,), "0")))
    # C = (1 + cos t) / 2, so that G = 1/8, and S = 1/4 * 1/2 / G = 1.
    assert found.largest.value == pytest.approx(log10(1 / 8))
    assert found.shots.value == pytest.approx(0.0)


def test_a_global_cost_on_many_qubits_is_barren_and_only_bounded() -> None:
    found = label(rotations(40, global_z(range(40))))
    assert found.barren == 1
    assert np.isnan(found.largest.value)
    assert found.largest.lower == -np.inf
    assert -12 < found.largest.upper < -4
    assert found.shots.lower > 5
    assert found.shots.upper == np.inf


def test_a_circuit_of_dead_parameters_has_no_label() -> None:
    found = label(rotations(3, local_z(range(3)), "rz"))
    assert found.method == "none"
    assert found.barren == -1
    assert repr(found.largest) == repr(Figure(nan, nan, nan))


def test_a_gradient_that_vanishes_at_every_start_is_no_live_one() -> None:
    built = FAMILIES["identity-block"].build(3, layers=2)
    circuit = replace(built, observables=(local_z(range(3)),))
    # The angles of a block cancel while the offsets are zero, so that only offsets have a gradient.
    offsets = sum(p.name.startswith("delta") for p in circuit.trainable)
    assert offsets < len(circuit.trainable)
    found = label(circuit)
    assert np.isfinite(found.median.value)
    assert found.median.value > found.largest.value - 2


def test_the_median_is_that_of_live_parameters_only() -> None:
    circuit = rotations(4, local_z([0]))
    found = label(circuit)
    assert found.median.value == pytest.approx(log10(0.5))


def test_shared_parameters_agree_with_density_matrices_at_drawn_angles() -> None:
    circuit = replace(FAMILIES["qaoa"].build(3, layers=1), initialisation=Normal(0.3))
    names = [p.name for p in circuit.trainable]
    rng = np.random.default_rng(2)
    squares = []
    for _ in range(100):
        values = dict(zip(names, rng.normal(0, 0.3, 2).tolist(), strict=True))
        squares.append([cost_and_slope(circuit, values, name)[1] ** 2 for name in names])
    truth = np.mean(squares, axis=0)
    error = 2 * np.std(squares, axis=0) / np.sqrt(len(squares))
    best = int(np.argmax(truth))
    found = label(circuit)
    assert found.method == "statevector"
    assert 10**found.largest.lower - error[best] <= truth[best] <= 10**found.largest.upper + error[best]


def test_shared_parameters_without_a_structure_that_is_known_have_no_label() -> None:
    built = FAMILIES["qaoa"].build(30, layers=12, graph="regular3")
    assert label(replace(built, initialisation=Uniform())).method == "none"


def test_the_seed_decides_a_sampled_label() -> None:
    built = FAMILIES["hardware-efficient"].build(24, layers=6, rotations="ry-rz")
    circuit = replace(built, observables=(local_z(range(24)),), initialisation=Uniform())
    first, again, other = (label(circuit, seed) for seed in (1, 1, 2))
    assert first.method == "sampled"
    assert (first.largest, first.median, first.shots) == (again.largest, again.median, again.shots)
    assert first.largest != other.largest
