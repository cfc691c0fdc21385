"""Gradient variances of random circuits over the whole gate set, against the twin."""

import os
from dataclasses import dataclass

import numpy as np
import pytest
from moments.twin import random_circuit, second_moments

from ansatzlint.angles import names
from ansatzlint.circuit import Circuit
from ansatzlint.errors import CircuitError
from ansatzlint.gates import rotations
from ansatzlint.moments.frame import MAX_GENERATORS
from ansatzlint.variance import gradient_variance

MANY = int(os.environ.get("ANSATZLINT_TRUTH", "40"))
"""How many circuits the sampled method is judged on."""


def circuits(count: int, seed: int, most: int) -> list[Circuit]:
    """Of 2 to 5 qubits and 10 to `most` gates, the largest ones shorter since their truth costs seconds."""
    found = []
    while len(found) < count:
        rng = np.random.default_rng([seed, len(found)])
        qubits = int(rng.choice([2, 3, 4, 5], p=[0.36, 0.42, 0.2, 0.02]))
        drawn = random_circuit(rng, qubits, int(rng.integers(10, most + 1 if qubits < 5 else 16)))
        while not drawn.trainable:
            drawn = random_circuit(rng, qubits, 15)
        found.append(drawn)
    return found


def gathers_more_than_can_be_turned_jointly(circuit: Circuit) -> bool:
    """Whether a parameter turns about five or more words, as a phase gate under two controls does about seven."""
    for gate in circuit.gates:
        words: dict[str, set[str]] = {name: set() for name in gate.parameters}
        for word, angle in rotations(gate.name, gate.angles, gate.controls, gate.word):
            for name in names(angle) if set(word) != {"I"} else ():
                words[name].add(word)
        if any(len(found) > MAX_GENERATORS for found in words.values()):
            return True
    return False


@pytest.mark.parametrize("part", range(8))
def test_the_exact_method_is_exact(part: int) -> None:
    refused = 0
    for number, circuit in enumerate(circuits(14, part, 22)):
        if gathers_more_than_can_be_turned_jointly(circuit):
            with pytest.raises(CircuitError, match="have to be drawn"):
                gradient_variance(circuit, method="exact")
            refused += 1
            continue
        found = gradient_variance(circuit, method="exact")
        truth = second_moments(circuit)
        where = f"circuit {number} of part {part}"
        assert found.method == "exact", where
        for k, name in enumerate(found.parameters):
            got = found.variance[k], found.mean_square[k], found.mean_gradient[k]
            want = truth.variance(name), truth.slope_square[name], truth.slope_mean[name]
            assert got == pytest.approx(want, abs=1e-10), f"{name} in {where}"
            assert found.live[k] or truth.slope_square[name] < 1e-14, f"{name} in {where} is not dead"
        assert found.cost_variance == pytest.approx(truth.square - truth.mean**2, abs=1e-10), where
    assert refused <= 2


@dataclass(frozen=True)
class Judged:
    """One live parameter of one circuit: the truth, the sampled variance and its interval."""

    circuit: Circuit
    index: int
    truth: float
    estimate: float
    lower: float
    upper: float
    mean_square_covered: bool

    @property
    def covered(self) -> bool:
        return self.lower - 1e-12 <= self.truth <= self.upper + 1e-12


@pytest.fixture(scope="module")
def judged() -> list[Judged]:
    """One random live parameter of each circuit, by the sampled method."""
    found = []
    for number, circuit in enumerate(circuits(MANY, 1000, 40)):
        if gathers_more_than_can_be_turned_jointly(circuit):
            continue
        measured = gradient_variance(circuit, method="sampled", seed=number)
        live = np.flatnonzero(measured.live)
        if measured.method not in ("sampled", "statevector") or not len(live):
            continue
        k = int(np.random.default_rng(number).choice(live))
        name = measured.parameters[k]
        truth = second_moments(circuit, [name])
        low, square, high = measured.mean_square_lower[k], truth.slope_square[name], measured.mean_square_upper[k]
        found.append(
            Judged(
                circuit, k, truth.variance(name), measured.variance[k], measured.lower[k], measured.upper[k],
                bool(low - 1e-12 <= square <= high + 1e-12),
            )
        )  # fmt: skip
    assert len(found) > 0.85 * MANY
    return found


@pytest.mark.slow
def test_sampled_intervals_cover(judged: list[Judged]) -> None:
    noise = 1.6 * np.sqrt(0.94 * 0.06 / len(judged))
    assert np.mean([j.covered for j in judged]) >= 0.94 - noise
    assert np.mean([j.mean_square_covered for j in judged]) >= 0.94 - noise


@pytest.mark.slow
def test_sampled_intervals_are_narrow(judged: list[Judged]) -> None:
    sizeable = [j for j in judged if j.truth > 1e-3]
    assert np.median([(j.upper - j.lower) / 2 / j.truth for j in sizeable]) <= 0.1


@pytest.mark.slow
def test_sampled_intervals_are_not_much_wider_than_the_spread_of_estimates(judged: list[Judged]) -> None:
    ratios = []
    for j in [j for j in judged if j.truth > 1e-3][:6]:
        runs = [gradient_variance(j.circuit, method="sampled", seed=s).variance[j.index] for s in range(900, 908)]
        ratios.append((j.upper - j.lower) / (3.92 * np.std(runs, ddof=1)))
    assert np.median(ratios) <= 1.3
