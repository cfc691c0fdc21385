"""Expressibility: Sim's circuits, closed forms, the floor, refusals."""

from __future__ import annotations

from math import log, pi

import numpy as np
import pytest
from test_expressivity import sim

import ansatzlint as al
from ansatzlint.angles import apply, parameter
from ansatzlint.circuit import Amplitudes, Circuit, Gate, Parameter, Unread
from ansatzlint.dense import unitary
from ansatzlint.errors import AnsatzlintError, CircuitError, UsageError
from ansatzlint.expressivity import BINS, expressibility, haar
from ansatzlint.noise import Depolarizing

PUBLISHED = {
    (1, 1): 0.2999, (2, 1): 0.286, (9, 1): 0.6773, (10, 1): 0.2286, (11, 1): 0.1312, (12, 1): 0.1984, (15, 1): 0.1892,
    (1, 3): 0.2079, (2, 3): 0.0084, (9, 3): 0.0322, (10, 3): 0.1297, (11, 3): 0.0038, (12, 3): 0.0089, (15, 3): 0.1152,
}  # fmt: skip
"""Of 1905.10876 (doi 10.1002/qute.201900070): 5000 pairs, 75 bins, (circuit, layers) on four qubits."""


@pytest.mark.parametrize(("number", "layers"), PUBLISHED)
def test_sims_circuits_as_published(number: int, layers: int) -> None:
    found = expressibility(sim(number, layers))
    # The published value is one draw of the same estimate.
    assert abs(found.kl - PUBLISHED[number, layers]) < 3.5 * 2**0.5 * found.standard_error


LARGE = {(2, 1): 0.2851, (9, 2): 0.4242, (12, 2): 0.0217}
"""At 100,000 pairs, from another program with its own statevectors."""


@pytest.mark.parametrize(("number", "layers"), LARGE)
def test_sims_circuits_at_many_samples(number: int, layers: int) -> None:
    found = expressibility(sim(number, layers), samples=20_000, seed=2)
    assert found.kl == pytest.approx(LARGE[number, layers], abs=4 * found.standard_error + 0.001)


@pytest.mark.parametrize(
    ("samples", "floor", "spread"), [(1000, 0.0164, 0.0039), (5000, 0.0036, 0.0009), (20_000, 0.0010, 0.0003)]
)
def test_the_floor_is_what_random_states_give(samples: int, floor: float, spread: float) -> None:
    # Means and standard deviations of the estimate over random states, simulated elsewhere.
    found = expressibility(Circuit("c", 4, ()), samples=samples)
    assert found.floor == pytest.approx(floor, abs=spread / 2)


@pytest.mark.parametrize("n", [1, 3, 6])
def test_the_floor_is_the_mean_over_histograms_of_random_states(n: int) -> None:
    rng, samples = np.random.default_rng(4), 400
    q = np.exp(haar(n))
    shares = rng.multinomial(samples, q / q.sum(), size=20_000) / samples
    with np.errstate(divide="ignore", invalid="ignore"):
        drawn = np.nansum(shares * (np.log(shares) - haar(n)), axis=1)
    found = expressibility(Circuit("c", n, ()), samples=samples).floor
    assert abs(found - drawn.mean()) < 4.5 * drawn.std() / len(drawn) ** 0.5


@pytest.mark.parametrize("n", [1, 2, 5, 10])
def test_haar_is_a_distribution(n: int) -> None:
    assert np.exp(haar(n)).sum() == pytest.approx(1.0)
    assert np.exp(haar(n))[0] == pytest.approx(1 - (1 - 1 / BINS) ** (2**n - 1))


@pytest.mark.parametrize("n", [1, 4, 10])
def test_an_idle_circuit_always_hits_the_last_bin(n: int) -> None:
    assert expressibility(Circuit("c", n, ())).kl == pytest.approx((2**n - 1) * log(BINS))


def test_the_fidelities_are_those_of_dense_unitaries() -> None:
    from ansatzlint.moments.overlaps import fidelities
    from ansatzlint.moments.sequence import laws
    from ansatzlint.moments.statevector import drawn_together

    shared = (Gate("crx", (0, 2), (parameter("t0"),)), Gate("rzz", (1, 2), (parameter("t1"),)), Gate("h", (2,)))
    plain = sim(12, 1)
    circuit = Circuit("c", 4, (*plain.gates, *shared), plain.parameters)
    found = fidelities(circuit, laws(circuit), 20, 3)
    names = [p.name for p in circuit.parameters]
    draws = drawn_together(laws(circuit), 3, 0, 40)
    states = [unitary(circuit, dict(zip(names, values, strict=True)))[:, 0] for values in draws]
    expected = [abs(np.vdot(a, b)) ** 2 for a, b in zip(states[::2], states[1::2], strict=True)]
    assert found == pytest.approx(expected)


def test_an_entangled_initial_state_is_kept() -> None:
    gates = (Gate("ry", (0,), (parameter("a"),)), Gate("ry", (1,), (parameter("a"),)))
    bell = Amplitudes((0, 1), (2**-0.5, 0.0, 0.0, 2**-0.5))
    circuit = Circuit("c", 2, gates, (Parameter("a"),), initial_state=bell)
    # Both turns together leave the state (|00> + |11>)/sqrt 2 as it is.
    assert expressibility(circuit).kl == pytest.approx(3 * log(BINS))


def test_idle_qubits_and_symmetries_count_against_a_circuit() -> None:
    one = Circuit("c", 1, sim(2, 1).gates[:0], ())
    gates = (Gate("ry", (0,), (parameter("a"),)), Gate("rz", (0,), (parameter("b"),)))
    names = (Parameter("a"), Parameter("b"))
    assert expressibility(Circuit("c", 1, gates, names)).kl < expressibility(Circuit("c", 2, gates, names)).kl
    assert expressibility(one).kl > 4


def test_deep_circuits_come_down_to_the_floor() -> None:
    found = al.expressibility(al.families["strongly-entangling"].build(4, layers=6))
    assert found.kl < found.floor + 4 * found.standard_error
    assert float(found) == found.kl
    assert "floor 0.0037" in str(found)


def test_seed_and_samples_decide_the_value() -> None:
    circuit = sim(12, 1)
    assert expressibility(circuit, 500, 1) == expressibility(circuit, 500, 1)
    assert expressibility(circuit, 500, 1).kl != expressibility(circuit, 500, 2).kl


def test_noise_is_left_out() -> None:
    circuit = sim(12, 1)
    noisy = Circuit("c", 4, circuit.gates, circuit.parameters, noise=Depolarizing(0.1, 0.1))
    assert expressibility(noisy, 500) == expressibility(circuit, 500)


SINGULAR = Circuit("c", 1, (Gate("rx", (0,), (apply("log", parameter("a")),)),), (Parameter("a"),))


@pytest.mark.parametrize(
    ("call", "kind", "said"),
    [
        (lambda: expressibility(Circuit("c", 11, ())), UsageError, "up to 10 qubits, not 11.*parameter_dimension"),
        (lambda: expressibility(Circuit("c", 0, ())), UsageError, "without qubits"),
        (lambda: expressibility(Circuit("c", 1, ()), samples=0), UsageError, "samples must be"),
        (lambda: expressibility(Circuit("c", 1, ()), seed=-1), UsageError, "the seed must be"),
        (lambda: expressibility("c"), UsageError, "a Circuit is needed"),  # type: ignore[arg-type]
        (lambda: expressibility(Circuit("c", 1, (), unread=(Unread("a loop"),))), CircuitError, "a loop"),
        (lambda: expressibility(Circuit("c", 1, (), initial_state=Amplitudes((0,)))), CircuitError, "inputs decide"),
        (lambda: expressibility(Circuit(**{**_fields(SINGULAR), "initialisation": al.Uniform(-pi, 0.0)})),
         CircuitError, "not finite"),
    ],
)  # fmt: skip
def test_what_cannot_be_had(call: object, kind: type[AnsatzlintError], said: str) -> None:
    with pytest.raises(kind, match=said) as caught:
        call()  # type: ignore[operator]
    assert "\n" not in str(caught.value)


def _fields(circuit: Circuit) -> dict[str, object]:
    return {"name": "c", "qubits": circuit.qubits, "gates": circuit.gates, "parameters": circuit.parameters}
