"""Entanglement and expressibility over random parameters: Sim's circuits, dense states, closed forms, refusals."""

from __future__ import annotations

import os
import subprocess
import sys
from math import log, pi

import numpy as np
import pytest
from moments.twin import random_circuit

import ansatzlint as al
from ansatzlint.angles import apply, parameter
from ansatzlint.circuit import Amplitudes, Circuit, Gate, Parameter, PauliSum, PauliTerm, Unread
from ansatzlint.dense import unitary
from ansatzlint.errors import AnsatzlintError, CircuitError, UsageError
from ansatzlint.expressivity import BINS, entangling_capability, expressibility, haar, subsystem_purity
from ansatzlint.initialisation import Normal, Uniform, Zeros
from ansatzlint.linter import lint
from ansatzlint.noise import Depolarizing

CHAIN = ((3, 2), (2, 1), (1, 0))
RING = ((3, 0), (2, 3), (1, 2), (0, 1))
SECOND_RING = ((3, 2), (0, 3), (1, 0), (2, 1))
BRICKS = ((1, 0), (3, 2))


def sim(number: int, layers: int) -> Circuit:
    """Circuit `number` of 1905.10876 on four qubits; pairs are (control, target)."""
    gates: list[Gate] = []
    names: list[str] = []

    def turn(kinds: str, qubits: tuple[int, ...] = (0, 1, 2, 3)) -> None:
        for kind in kinds.split():
            for q in qubits:
                names.append(f"t{len(names)}")
                gates.append(Gate(kind, (q,), (parameter(names[-1]),)))

    def entangle(name: str, pairs: tuple[tuple[int, int], ...]) -> None:
        gates.extend(Gate(name, pair) for pair in pairs)

    if number == 10:
        turn("ry")
    for _ in range(layers):
        match number:
            case 1:
                turn("rx rz")
            case 2:
                turn("rx rz")
                entangle("cx", CHAIN)
            case 9:
                gates.extend(Gate("h", (q,)) for q in range(4))
                entangle("cz", CHAIN)
                turn("rx")
            case 10:
                entangle("cz", RING)
                turn("ry")
            case 11 | 12:
                name = "cx" if number == 11 else "cz"
                turn("ry rz")
                entangle(name, BRICKS)
                turn("ry rz", (1, 2))
                entangle(name, ((2, 1),))
            case 15:
                turn("ry")
                entangle("cx", RING)
                turn("ry")
                entangle("cx", SECOND_RING)
    return Circuit(f"sim{number}", 4, tuple(gates), tuple(map(Parameter, names)))


MEYER_WALLACH = {
    1: (0.0, 0.0, 0.0, 0.0, 0.0),
    2: (0.6180, 0.6915, 0.7863, 0.7957, 0.8089),
    9: (1.0, 1.0, 1.0, 0.6830, 0.7221),
    10: (0.3763, 0.5625, 0.6559, 0.7026, 0.7261),
    11: (0.5362, 0.6655, 0.7451, 0.7806, 0.8008),
    12: (0.4005, 0.5804, 0.6660, 0.7185, 0.7542),
    15: (0.7123, 0.7636, 0.7747, 0.7768, 0.7778),
}
"""Means over 20,000 statevectors with angles uniform over [0, 2 pi), one to five layers."""


@pytest.mark.parametrize("layers", range(1, 6))
@pytest.mark.parametrize("number", MEYER_WALLACH)
def test_mean_meyer_wallach_of_sims_circuits(number: int, layers: int) -> None:
    found = entangling_capability(sim(number, layers))
    assert found.value == pytest.approx(MEYER_WALLACH[number][layers - 1], abs=0.01)


def test_a_value_is_a_number_with_its_interval() -> None:
    found = entangling_capability(sim(2, 2), samples=4096, seed=3, method="sampled")
    assert float(found) == found.value
    assert found.lower <= found.value <= found.upper
    assert (found.method, found.samples, found.seed) == ("sampled", 4096, 3)


def test_samples_agree_with_the_exact_value() -> None:
    exact = entangling_capability(sim(11, 2), method="exact")
    sampled = entangling_capability(sim(11, 2), method="sampled", seed=5)
    assert exact.method == "exact"
    assert exact.lower == exact.value == exact.upper
    assert sampled.lower - 0.002 <= exact.value <= sampled.upper + 0.002


def purities(circuit: Circuit, subsystem: tuple[int, ...], draws: int) -> np.ndarray:
    """Tr rho_A^2 of statevectors at random angles, qubit 0 the most significant bit."""
    rng, n = np.random.default_rng(8), circuit.qubits
    found = []
    for _ in range(draws):
        values = {}
        for p in circuit.parameters:
            law = p.initialisation or circuit.initialisation or Uniform()
            match law:
                case Uniform(low, high):
                    values[p.name] = float(rng.uniform(low, high))
                case Normal(std, mean):
                    values[p.name] = float(rng.normal(mean, std))
                case _:
                    values[p.name] = 0.0
        psi = unitary(circuit, values)[:, 0].reshape((2,) * n)
        rows = np.moveaxis(psi, subsystem, range(len(subsystem))).reshape(2 ** len(subsystem), -1)
        found.append(np.linalg.norm(rows @ rows.conj().T) ** 2)
    return np.array(found)


@pytest.mark.parametrize("subsystem", [(0,), (2,), (1, 3), (3, 0, 1)])
@pytest.mark.parametrize("law", [Uniform(), Normal(0.6, 0.3)])
def test_purity_is_that_of_statevectors(subsystem: tuple[int, ...], law: Uniform | Normal) -> None:
    circuit = sim(12, 1)
    circuit = Circuit("c", 4, circuit.gates, circuit.parameters, initialisation=law)
    drawn = purities(circuit, subsystem, 1500)
    found = subsystem_purity(circuit, subsystem, method="exact")
    assert abs(found.purity - drawn.mean()) < 4.5 * drawn.std() / np.sqrt(len(drawn))
    assert found.renyi == pytest.approx(-log(found.purity))


@pytest.mark.parametrize("seed", range(4))
def test_purity_at_one_point_is_exact(seed: int) -> None:
    rng = np.random.default_rng(seed)
    drawn = random_circuit(rng, 3, 10, noise=False)
    parameters = tuple(Parameter(p.name, initialisation=Zeros()) for p in drawn.parameters)
    circuit = Circuit("c", 3, drawn.gates, parameters)
    found = subsystem_purity(circuit, (0, 2), method="exact")
    assert found.purity == pytest.approx(purities(circuit, (0, 2), 1)[0], abs=1e-10)


def ghz(n: int) -> Circuit:
    return Circuit("ghz", n, (Gate("h", (0,)), *(Gate("cx", (q, q + 1)) for q in range(n - 1))))


@pytest.mark.parametrize("n", [2, 63, 64, 65, 127, 128, 129])
def test_the_cat_state_is_maximally_entangled(n: int) -> None:
    assert entangling_capability(ghz(n)).value == pytest.approx(1.0)
    assert subsystem_purity(ghz(n), (0, n - 1)).purity == pytest.approx(0.5 if n > 2 else 1.0)


def test_an_empty_circuit_entangles_nothing() -> None:
    assert entangling_capability(Circuit("c", 3, ())).value == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("seed", range(6))
def test_a_sampled_value_is_never_below_zero(seed: int) -> None:
    found = entangling_capability(Circuit("c", 3, ()), samples=300, seed=seed, method="sampled")
    assert 0.0 <= found.lower <= found.value <= found.upper


def test_one_qubit_is_never_entangled() -> None:
    circuit = Circuit("c", 1, (Gate("rx", (0,), (parameter("t"),)),), (Parameter("t"),))
    assert entangling_capability(circuit).value == pytest.approx(0.0, abs=1e-12)


def test_the_page_entropy_of_the_smaller_part() -> None:
    circuit = ghz(5)
    assert subsystem_purity(circuit, (0, 1)).page == pytest.approx(2 * log(2) - 1 / 4)
    assert subsystem_purity(circuit, (0, 1, 2)).page == pytest.approx(2 * log(2) - 1 / 4)


SHARED = Circuit(
    "c", 2, (Gate("rx", (0,), (parameter("t"),)), Gate("ry", (0,), (0.3,)), Gate("rx", (0,), (parameter("t"),))),
    (Parameter("t"),),
)  # fmt: skip


@pytest.mark.parametrize(
    ("call", "kind", "said"),
    [
        (lambda: entangling_capability(SHARED), CircuitError, r"shared or in expressions \(t\)"),
        (lambda: subsystem_purity(SHARED, (0,)), CircuitError, "shared or in expressions"),
        (lambda: entangling_capability(Circuit("c", 0, ())), UsageError, "without qubits"),
        (lambda: entangling_capability(ghz(2), samples=0), UsageError, "samples must be"),
        (lambda: entangling_capability(ghz(2), seed=-1), UsageError, "the seed must be"),
        (lambda: entangling_capability(ghz(2), method="best"), UsageError, "unknown method 'best'"),  # type: ignore
        (lambda: entangling_capability("ghz"), UsageError, "a Circuit is needed, not str"),  # type: ignore[arg-type]
        (lambda: subsystem_purity(ghz(9), range(5)), UsageError, "1 to 4 different qubits"),
        (lambda: subsystem_purity(ghz(2), ()), UsageError, "1 to 4 different qubits"),
        (lambda: subsystem_purity(ghz(2), (0, 0)), UsageError, "different qubits"),
        (lambda: subsystem_purity(ghz(2), (2,)), UsageError, "qubits of the circuit"),
        (lambda: entangling_capability(Circuit("c", 1, (), unread=(Unread("a measurement midway"),))),
         CircuitError, "was not read: a measurement midway"),
    ],
)  # fmt: skip
def test_what_cannot_be_had(call: object, kind: type[AnsatzlintError], said: str) -> None:
    with pytest.raises(kind, match=said) as caught:
        call()  # type: ignore[operator]
    assert "\n" not in str(caught.value)


def test_pi_is_a_clifford_angle_and_entangles_nothing_by_itself() -> None:
    circuit = Circuit("c", 2, (Gate("rx", (0,), (pi,)), Gate("rzz", (0, 1), (pi / 2,))))
    assert entangling_capability(circuit).value == pytest.approx(0.0, abs=1e-12)


_MANY_STRINGS = """
from ansatzlint import Circuit, Parameter, entangling_capability
from ansatzlint.angles import parameter
from ansatzlint.circuit import Gate

n, gates = 129, []
for layer in range(3):
    gates += [Gate("ry", (q,), (parameter(f"{layer},{q}"),)) for q in range(n)]
    gates += [Gate("cz", (q, q + 1)) for q in range(n - 1)]
circuit = Circuit("wide", n, tuple(gates), tuple(Parameter(g.angles[0].terms[0][0]) for g in gates if g.angles))
print(entangling_capability(circuit).value.hex())
"""


def test_an_exact_value_has_the_same_bits_on_any_number_of_threads() -> None:
    said = {
        subprocess.run(
            [sys.executable, "-c", _MANY_STRINGS], capture_output=True, text=True, check=True,
            env={**os.environ, "OPENBLAS_NUM_THREADS": threads},
        ).stdout
        for threads in ("1", "2")
    }  # fmt: skip
    assert len(said) == 1


def test_noise_is_not_taken_for_entanglement() -> None:
    qubits = range(6)
    gates = [Gate("ry", (q,), (parameter(f"t{q}"),)) for q in qubits]
    cost = PauliSum((PauliTerm(1.0, ((0, "Z"), (1, "Z"))),))
    names = tuple(Parameter(f"t{q}") for q in qubits)
    mixed = Circuit("mixed", 6, tuple(gates), names, (cost,), noise=Depolarizing(0.9, 0.9))
    assert entangling_capability(mixed).value == pytest.approx(0.0, abs=1e-12)
    assert "AL202" not in {d.code for d in lint(mixed).diagnostics}
    assert subsystem_purity(mixed, (0, 1)).purity < 0.3


# Expressibility

PUBLISHED_DIVERGENCES = {
    (1, 1): 0.2999, (2, 1): 0.286, (9, 1): 0.6773, (10, 1): 0.2286, (11, 1): 0.1312, (12, 1): 0.1984, (15, 1): 0.1892,
    (1, 3): 0.2079, (2, 3): 0.0084, (9, 3): 0.0322, (10, 3): 0.1297, (11, 3): 0.0038, (12, 3): 0.0089, (15, 3): 0.1152,
}  # fmt: skip
"""Of 1905.10876 (doi 10.1002/qute.201900070): 5000 pairs, 75 bins, (circuit, layers) on four qubits."""


@pytest.mark.parametrize(("number", "layers"), PUBLISHED_DIVERGENCES)
def test_expressibility_of_sims_circuits_as_published(number: int, layers: int) -> None:
    found = expressibility(sim(number, layers))
    # The published value is one draw of the same estimate.
    assert abs(found.kl - PUBLISHED_DIVERGENCES[number, layers]) < 3.5 * 2**0.5 * found.standard_error


DIVERGENCES = {(2, 1): 0.2851, (9, 2): 0.4242, (12, 2): 0.0217}
"""At 100,000 pairs, from another program with its own statevectors."""


@pytest.mark.parametrize(("number", "layers"), DIVERGENCES)
def test_expressibility_of_sims_circuits_at_many_samples(number: int, layers: int) -> None:
    found = expressibility(sim(number, layers), samples=20_000, seed=2)
    assert found.kl == pytest.approx(DIVERGENCES[number, layers], abs=4 * found.standard_error + 0.001)


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


def test_seed_and_samples_decide_the_expressibility() -> None:
    circuit = sim(12, 1)
    assert expressibility(circuit, 500, 1) == expressibility(circuit, 500, 1)
    assert expressibility(circuit, 500, 1).kl != expressibility(circuit, 500, 2).kl


def test_noise_is_left_out_of_the_expressibility() -> None:
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
def test_what_has_no_expressibility(call: object, kind: type[AnsatzlintError], said: str) -> None:
    with pytest.raises(kind, match=said) as caught:
        call()  # type: ignore[operator]
    assert "\n" not in str(caught.value)


def _fields(circuit: Circuit) -> dict[str, object]:
    return {"name": "c", "qubits": circuit.qubits, "gates": circuit.gates, "parameters": circuit.parameters}
