"""Scaling verdicts against closed forms, and on the cases that settle what a prototype's verdict must be."""

from dataclasses import replace

import numpy as np
import pennylane as qml
import pytest

import ansatzlint as al
from ansatzlint.angles import parameter
from ansatzlint.circuit import Circuit, Gate, Parameter, PauliSum, PauliTerm
from ansatzlint.diagnostic import Assumption
from ansatzlint.errors import CircuitError, UsageError
from ansatzlint.scales import like_sizes
from ansatzlint.variance import NO_HEAVIER, Effort, measured


def turned(qubits, entangle=False, cost="mean", shared=False):
    """RY on every qubit, then perhaps a CNOT ladder that makes Z_q the product Z_0 ... Z_q."""
    names = ["t"] * qubits if shared else [f"t{q}" for q in range(qubits)]
    gates = [Gate("ry", (q,), (parameter(names[q]),)) for q in range(qubits)]
    if entangle:
        gates += [Gate("cx", (q, q + 1)) for q in range(qubits - 1)]
    words = {
        "mean": [PauliTerm(1 / qubits, ((q, "Z"),)) for q in range(qubits)],
        "global": [PauliTerm(1.0, tuple((q, "Z") for q in range(qubits)))],
    }[cost]
    parameters = tuple(Parameter(name) for name in dict.fromkeys(names))
    return Circuit("turned", qubits, tuple(gates), parameters, (PauliSum(tuple(words)),))


def test_product_circuit_and_the_product_of_z():
    # C = prod cos t_q: G = E[sin^2] E[cos^2]^(n-1) = 2^-n for every parameter
    found = al.scaling(lambda n: turned(n, cost="global"))
    assert found.verdict == found.median.verdict == "exponential"
    assert found.exponent == pytest.approx(1.0, abs=1e-3)
    assert found.lower <= 1.0 <= found.upper
    assert found.at_target.largest.value == pytest.approx(2.0**-50, rel=1e-9)
    assert found.target == 50
    assert found.at_target.shots.value >= 2.0**48


def test_product_circuit_and_the_mean_of_z():
    # G = 1 / (2 n^2), depth 0
    found = al.scaling(turned, target=40)
    assert found.verdict == found.median.verdict == "polynomial"
    assert found.exponent == pytest.approx(2.0, abs=1e-3)
    for point in found.points:
        assert point.largest.value == pytest.approx(0.5 / point.size**2, rel=1e-9)
        assert (point.parameters, point.depth, point.method) == (point.size, 0, "exact")
    assert found.terms == ()
    assert found.carried_by is None


def test_hardly_any_effort_is_enough_for_a_trend():
    circuit = al.families["real-amplitudes"].build(3, layers=8)
    assert al.scaling(circuit, observable="local-z", effort=Effort(work=1_000_000)).points


def test_a_ladder_has_a_term_that_carries_the_gradient():
    # Z_q pulled back through the ladder is Z_0 ... Z_q: alone its G is 2^-(q+1); of the mean the first parameter has
    # G = sum_q 2^-(q+1) / n^2, half of it from the first qubit; the middle parameter has about 2^-(n/2) / n^2.
    found = al.scaling(lambda n: turned(n, entangle=True), effort=Effort(work=8_000_000_000))
    assert found.verdict == "polynomial"
    assert found.exponent == pytest.approx(2.0, abs=0.02)
    assert found.at_target.largest.value == pytest.approx((1 - 2.0**-50) / 50**2, rel=0.1)
    assert found.median.verdict == "exponential"
    assert found.median.exponent == pytest.approx(0.5, abs=0.15)
    assert found.carried_by == "Z on the first qubit (50% of it)"
    terms = dict(found.terms)
    assert terms["Z on the first qubit"].verdict == "polynomial"
    assert terms["Z on the first qubit"].exponent == pytest.approx(0.0, abs=1e-6)
    assert terms["Z on the last qubit"].verdict == "exponential"
    assert terms["Z on the last qubit"].exponent == pytest.approx(1.0, abs=0.02)
    assert terms["Z on the middle qubit"].exponent == pytest.approx(0.5, abs=0.05)
    assert "Carried by Z on the first qubit" in str(found)


def test_depth_counts_inside_the_light_cone():
    found = al.scaling(lambda n: turned(n, entangle=True), sizes=[4, 6, 8, 10], target=10, observable="Z0")
    assert [p.depth for p in found.points] == [1, 1, 1, 1]  # of Z_0 the cone holds the first CNOT alone
    whole = al.scaling(
        lambda n: turned(n, entangle=True), sizes=[4, 6, 8, 10], target=10, observable=lambda n: f"Z{n - 1}"
    )
    assert [p.depth for p in whole.points] == [3, 5, 7, 9]


def test_a_wide_light_cone_is_no_exponential():
    # ten CZ layers, one local Z: it falls until the cone no longer wraps round, and is constant from there
    found = al.scaling(
        lambda n: al.families["hardware-efficient"].build(n, layers=10, coupling="ring"),
        observable=lambda n: f"Z{n // 2}", effort=Effort(work=200_000_000),
    )  # fmt: skip
    assert found.verdict == "polynomial"
    assert found.exponent == pytest.approx(0.0, abs=0.1)
    assert found.largest.sizes[0] > 4
    assert found.points[0].largest.value > 3 * found.at_target.largest.value


def prototype(qubits, layers, **keywords):
    """PennyLane's own strongly entangling layers, as a user writes them."""
    shape = qml.StronglyEntanglingLayers.shape(layers, qubits)
    weights = np.zeros(shape)
    kind = keywords.pop("imprimitive", qml.CNOT)
    cost = keywords.pop("cost")

    @qml.qnode(qml.device("default.qubit", wires=qubits))
    def circuit(weights):
        qml.StronglyEntanglingLayers(weights, wires=range(qubits), imprimitive=kind)
        if cost == "Z0":
            return qml.expval(qml.PauliZ(0))
        return qml.expval(qml.dot([1 / qubits] * qubits, [qml.PauliZ(q) for q in range(qubits)]))

    return circuit, weights


@pytest.mark.slow
def test_prototype_with_one_z_and_layers_as_written_is_exponential():
    found = al.scaling(al.read(*prototype(6, 3, cost="Z0")))
    assert found.verdict == "exponential"
    assert found.points[0].largest.value == pytest.approx(0.078, abs=0.001)
    assert 0.8 < found.exponent < 1.4
    assert found.at_target.largest.upper < 1e-5
    assert found.depth_rule == "layers as written"


@pytest.mark.slow
def test_prototype_with_the_mean_of_z_is_polynomial_by_a_boundary_term():
    found = al.scaling(al.read(*prototype(6, 3, cost="mean")))
    assert found.verdict == "polynomial"
    assert found.lower <= 2.2
    assert found.upper >= 1.9
    assert found.carried_by is not None
    assert found.carried_by.startswith("Z on the sixth qubit")
    assert dict(found.terms)["Z on the sixth qubit"].verdict == "polynomial"
    assert found.median.verdict == "exponential"


@pytest.mark.slow
def test_prototype_with_as_many_layers_as_qubits_is_exponential():
    found = al.scaling(lambda n: prototype(n, n, cost="mean"), observable="local-z")
    assert found.verdict == found.median.verdict == "exponential"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("observable", "arguments", "exponent"),
    [
        ("Z0", {"imprimitive": "cz"}, 0.0),
        ("local-z", {"imprimitive": "cz"}, 2.0),
        ("Z0", {"direction": "reversed"}, 0.0),
        ("local-z", {"direction": "reversed"}, 2.0),
    ],
)
def test_other_rings_have_cones_that_end(observable, arguments, exponent):
    found = al.scaling(
        lambda n: al.families["strongly-entangling"].build(n, layers=3, **arguments), observable=observable,
        effort=Effort(work=500_000_000),
    )  # fmt: skip
    assert found.verdict == "polynomial"
    assert found.exponent == pytest.approx(exponent, abs=0.25)
    # what a power law through the middle sizes says of the target is what was measured there
    middle = next(p for p in found.points if p.size == 22)
    ratio = found.at_target.largest.value / middle.largest.value
    assert ratio == pytest.approx((22 / 50) ** exponent, rel=0.25)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "observable", "verdict"),
    [
        ({"layers": "n"}, "local-z", "exponential"),
        ({"layers": 2}, "local-z", "polynomial"),
        ({"layers": 2}, "global-z", "exponential"),
    ],
)
def test_hardware_efficient(arguments, observable, verdict):
    sizes = None if arguments["layers"] == 2 else [4, 6, 8, 10, 12, 14, 16, 20, 24]
    found = al.scaling(
        lambda n: al.families["hardware-efficient"].build(n, **arguments), sizes, target=24 if sizes else None,
        observable=observable, effort=Effort(work=400_000_000),
    )  # fmt: skip
    assert found.verdict == verdict


def test_a_family_by_name_and_its_like_sizes():
    found = al.scaling("tree-tensor-network", target=20, effort=Effort(work=50_000_000))
    assert [p.size for p in found.points] == [4, 8, 16, 20, 32, 64, 128]
    assert [p.size for p in found.points if not p.fitted] == [20]
    assert found.at_target.qubits == 20
    assert found.depth_rule == "depth as the family has it"


def test_equal_seeds_give_equal_results_and_the_text_says_all():
    def again(seed):
        return al.scaling("efficient-su2", sizes=[4, 10, 12], target=14, seed=seed, effort=Effort(work=20_000_000))

    assert again(3) == again(3)
    found = again(3)
    assert found.seed == 3
    text = str(found)
    for part in ("At 14 qubits", "shots per circuit", "3 layers at every size", "cost assumed", "initialisation"):
        assert part in text


def test_a_function_may_return_a_qnode_with_its_arguments_or_a_qiskit_circuit():
    from qiskit import QuantumCircuit
    from qiskit.circuit import ParameterVector

    def qiskit_circuit(n):
        angles = ParameterVector("t", n)
        circuit = QuantumCircuit(n)
        for q in range(n):
            circuit.ry(angles[q], q)
        return circuit

    def qnode(n):
        @qml.qnode(qml.device("default.qubit", wires=n))
        def product(weights):
            for q in range(n):
                qml.RY(weights[q], wires=q)
            return qml.expval(qml.PauliZ(0))

        return product, np.zeros(n)

    global_z = al.scaling(qiskit_circuit, [2, 4, 6, 8], target=10, observable="global-z")
    assert (global_z.verdict, global_z.exponent) == ("exponential", pytest.approx(1.0, abs=0.01))
    single = al.scaling(qnode, [2, 4, 6, 8], target=10)
    assert (single.verdict, single.exponent) == ("polynomial", pytest.approx(0.0, abs=1e-6))
    assert single.at_target.largest.value == pytest.approx(0.5)


def test_declared_sizes_are_those_measured():
    @al.ansatz(sizes=[2, 4, 6, 8, 12], observable="global-z")
    def product(n):
        @qml.qnode(qml.device("default.qubit", wires=n))
        def circuit(weights):
            for q in range(n):
                qml.RY(weights[q], wires=q)
            return qml.expval(qml.PauliZ(0))

        return circuit, np.zeros(n)

    for build in (product, al.read(product)):
        found = al.scaling(build)
        assert [p.size for p in found.points] == [2, 4, 6, 8, 12]
        assert found.target == 12
        assert found.verdict == "exponential"
    held = al.scaling(al.read(product), target=50)
    assert held.target == 12
    assert any("stand for the target 50" in note for note in held.assumptions)


def test_sizes_that_cannot_be_built_are_said():
    def even_only(n):
        if n % 4:
            raise ValueError("needs a multiple of four")
        return turned(n)

    found = al.scaling(even_only, [4, 6, 8, 12, 16, 20], target=18)
    assert [p.size for p in found.points] == [4, 8, 12, 16, 20]
    assert found.target == 20
    notes = " ".join(found.assumptions)
    assert "not built at 6 qubits" in notes
    assert "ValueError: needs a multiple of four" in notes
    assert "20 qubits stand for the target 18" in notes


def test_too_few_sizes_are_undecided():
    found = al.scaling(turned, [4, 6], target=8)
    assert found.verdict == "undecided"
    assert found.exponent is None
    assert "3 sizes could be measured; a trend needs 4" in str(found)


def test_a_gradient_that_is_zero_everywhere():
    found = al.scaling(lambda n: turned(n), [4, 6, 8, 10], target=12, observable=lambda n: "I")
    assert found.verdict == "undecided"
    assert "every gradient is zero" in found.largest.reason


def test_shared_parameters_beyond_statevectors_carry_no_trend():
    found = al.scaling(
        lambda n: turned(n, shared=True), [2, 4, 6, 8, 10], target=30, observable="global-z",
        effort=Effort(work=20_000_000),
    )  # fmt: skip
    # C = cos^n t: G = n^2 E[sin^2 cos^(2n-2)] grows with n; taken apart it would be 2^-n n
    assert found.points[-1].size == 30
    if found.at_target.method == "surrogate":
        assert not found.points[-1].fitted
        assert any("shared parameters apart" in note for note in found.assumptions)
    assert found.verdict != "exponential"


@pytest.mark.parametrize(
    ("build", "arguments", "message"),
    [
        (turned, {"sizes": []}, "sizes is empty"),
        (turned, {"sizes": [4, 0]}, "a whole number from 1 to"),
        (turned, {"sizes": [4, 6.5]}, "a whole number from 1 to"),
        (turned, {"sizes": 5}, "sizes must be numbers of qubits"),
        (turned, {"sizes": [10**9]}, "a whole number from 1 to"),
        (turned, {"effort": 3}, "effort must be an Effort"),
        (turned, {"init": "normal:0.1"}, "init cannot be"),
        (turned, {"target": -1}, "a whole number from 1 to"),
        (turned, {"seed": -1}, "seed"),
        ("hardware-eficient", {}, "did you mean 'hardware-efficient'"),
        (17, {}, "give a function of the number of qubits"),
        (lambda n: 1 / 0, {}, "ZeroDivisionError"),
        (lambda n: "circuit.qasm", {}, "no such file"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_one_line(build, arguments, message):
    with pytest.raises(al.AnsatzlintError, match=message) as caught:
        al.scaling(build, **arguments)
    assert "\n" not in str(caught.value)


def test_a_qnode_itself_has_one_size():
    circuit, _ = prototype(4, 1, cost="Z0")
    with pytest.raises(UsageError, match="one size"):
        al.scaling(circuit)


def test_other_numbers_of_qubits_and_no_parameters_are_refused():
    with pytest.raises(CircuitError, match="built a circuit of 3"):
        al.scaling(lambda n: turned(3))
    with pytest.raises(CircuitError, match="no trainable parameter"):
        al.scaling(lambda n: Circuit("empty", n, (Gate("h", (0,)),)), target=8)


def test_a_circuit_without_structure_cannot_be_rebuilt():
    gates = (Gate("ry", (0,), (parameter("a"),)), Gate("cx", (0, 2)), Gate("rx", (2,), (parameter("b"),)))
    with pytest.raises(CircuitError, match="cannot be rebuilt at other sizes"):
        al.scaling(Circuit("odd", 4, gates, (Parameter("a"), Parameter("b"))))


@pytest.mark.parametrize("target", [3, 7, 10, 16, 33, 50, 51, 100, 500])
@pytest.mark.parametrize("step", [1, 2])
def test_like_sizes_are_of_one_class(target, step):
    sizes = like_sizes(target - target % step, 2, step)
    assert len(sizes) >= 8
    assert list(sizes) == sorted(set(sizes))
    assert {n % 2 for n in sizes} == {(target - target % step) % 2} or step == 2
    assert max(sizes) >= target - 1
    if target >= 24:
        assert target - target % step in sizes


def test_like_sizes_of_trees_are_powers_of_two():
    assert like_sizes(50, 2, doubling=True) == (4, 8, 16, 32, 64, 128)


@pytest.mark.parametrize(("narrow", "assumed"), [(True, True), (False, False), (False, True)])
def test_wide_intervals_of_unbounded_weights_carry_no_trend(monkeypatch, narrow, assumed):
    def seen(problem, effort, share=1.0):
        found = measured(problem, effort, share)
        note = (Assumption(NO_HEAVIER),) if assumed else ()
        low = found.max_mean_square_lower
        value, high = (low, 1.1 * low) if narrow else (1.5 * low, 3.5 * low)
        return replace(found, max_mean_square=value, max_mean_square_upper=high, assumptions=note)

    monkeypatch.setattr("ansatzlint.scales.measured", seen)
    found = al.scaling(lambda n: turned(n, entangle=False), sizes=[4, 6, 8, 10], target=10)
    doubted = assumed and not narrow
    assert [p.fitted for p in found.points] == [not doubted] * 4
    assert any("too uncertain for a trend" in a for a in found.assumptions) is doubted
