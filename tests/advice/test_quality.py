"""How near training comes: measured by runs, judged against dense matrices."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from advice.truth import cost_function, operator

from ansatzlint.advice import recommend
from ansatzlint.advice.quality import PREDICTED, TRAINED, factor, surely_nearer, trained_error
from ansatzlint.assumptions import complete
from ansatzlint.circuit import Circuit
from ansatzlint.diagnostic import Claim
from ansatzlint.families import FAMILIES
from ansatzlint.predictor.quality.hamiltonians import tfim


def hardware_efficient(layers: int) -> Circuit:
    built = FAMILIES["hardware-efficient"].build(4, layers=layers)
    return complete(replace(built, observables=(tfim(4, periodic=True),)))


def trained(key: str, value: float, lower: float, upper: float) -> Claim:
    return Claim(key, value, lower=lower, upper=upper, source="sampled")


def test_the_error_is_a_share_of_the_exact_range() -> None:
    circuit = hardware_efficient(1)
    claim = trained_error(circuit, 0)
    values = np.linalg.eigvalsh(operator(circuit))
    assert 0.0 <= claim.lower <= claim.value <= claim.upper
    # No start can end above the mean of what random angles give, nor below what many of them reach.
    cost, rng = cost_function(circuit), np.random.default_rng(0)
    mean = np.mean([cost(rng.uniform(0, 2 * np.pi, 8)) for _ in range(50)])
    assert claim.upper < (mean - values[0]) / (values[-1] - values[0])


def test_terms_of_the_hamiltonian_as_generators_come_nearer() -> None:
    own = FAMILIES["hamiltonian-variational"].build(4, layers=4, boundary="periodic")
    exact = complete(replace(own, observables=(tfim(4, periodic=True),)))
    assert trained_error(exact, 0).value < 0.2 * trained_error(hardware_efficient(1), 0).value


def test_without_a_hamiltonian_nothing_is_trained() -> None:
    claim = trained_error(complete(FAMILIES["hardware-efficient"].build(3)), 0)
    assert claim.value is None
    assert "no Hamiltonian" in str(claim.reason)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (trained(TRAINED, 0.0999, 0, 1), trained(TRAINED, 0.0099, 0, 1), 10.0),
        (trained(PREDICTED, 0.91, 0, 1), trained(PREDICTED, 1.0, 0, 1), 10.0),
        (Claim(TRAINED, None), trained(TRAINED, 0.1, 0, 1), 1.0),
    ],
)
def test_the_factor_is_of_the_rest_of_the_way(before: Claim, after: Claim, expected: float) -> None:
    assert factor(before, after) == pytest.approx(expected)


def test_only_runs_that_do_not_overlap_are_surely_nearer() -> None:
    worse = trained(TRAINED, 0.2, 0.1, 0.3)
    assert surely_nearer(worse, trained(TRAINED, 0.01, 0.005, 0.02), 2.0)
    assert not surely_nearer(worse, trained(TRAINED, 0.05, 0.001, 0.09), 2.0)
    assert not surely_nearer(trained(PREDICTED, 0.2, 0.1, 0.3), trained(PREDICTED, 0.9, 0.8, 1.0), 2.0)


def test_training_ranks_what_comes_nearer_first() -> None:
    circuit = hardware_efficient(4)
    found = recommend(circuit, kinds=["family"], train=True)
    errors = [next(e for e in r.evidence if e.key == TRAINED) for r in found]
    assert errors[0].after.value < 0.01 * errors[0].before.value
    assert found[0].quality > 10.0
    # The worst of the changes may be no nearer, but none may be much farther.
    assert all(e.after.value <= 2.0 * e.before.value + 1e-4 for e in errors)
