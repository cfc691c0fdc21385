"""`al.lie_algebra` from circuit to answer."""

from __future__ import annotations

from dataclasses import replace
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from strategies import circuits

import ansatzlint as al
from ansatzlint.angles import parameter
from ansatzlint.circuit import (
    Amplitudes,
    Circuit,
    Gate,
    Parameter,
    PauliSum,
    PauliTerm,
    Probabilities,
    Projector,
    Unread,
)
from ansatzlint.observables import parse_observable

Gates = list[tuple[str, tuple[int, ...]] | Gate]


def _circuit(gates: Gates, qubits: int, cost: str = "Z0", repeat: int = 1) -> Circuit:
    """Every (name, qubits) is a rotation by a parameter of its own."""
    made, names = [], []
    for gate in gates * repeat:
        if isinstance(gate, Gate):
            made.append(gate)
            names += [n for n in gate.parameters if n not in names]
        else:
            names.append(f"t{len(names)}")
            made.append(Gate(gate[0], gate[1], (parameter(names[-1]),)))
    observable = parse_observable(cost, tuple(range(qubits)), qubits)
    return Circuit("c", qubits, tuple(made), tuple(map(Parameter, names)), (observable,))


def _chain(n: int, coupling: str, *fields: str) -> Gates:
    return [(coupling, (i, i + 1)) for i in range(n - 1)] + [(field, (i,)) for field in fields for i in range(n)]


def test_matchgates() -> None:
    n = 6
    found = al.lie_algebra(_circuit(_chain(n, "rxx", "rz"), n, "Z0 Z1"))
    assert found.components == ("so(12)",)
    assert (found.dimension, found.lower, found.exact, found.centre, found.growth) == (66, 66, True, 0, "polynomial")
    assert found.limit_variance == pytest.approx(comb(n, 2) / comb(2 * n, 4))
    assert (found.orbits[0].term, found.orbits[0].size) == ("Z0 Z1", comb(2 * n, 4))
    assert str(found) == "so(12), dimension 66, polynomial; cost variance at great depth 0.0303"


def test_a_universal_circuit() -> None:
    n = 30
    found = al.lie_algebra(_circuit(_chain(n, "rzz", "rx", "rz"), n, "local-z"))
    assert found.components == ("su(2^30)",)
    assert found.dimension == 4**n - 1
    assert found.growth == "exponential"
    assert found.limit_variance == pytest.approx(1 / n / (2**n + 1))
    assert "about 2^60" in str(found)


def test_clifford_gates_between_rotations() -> None:
    n = 4
    gates = [*(("ry", (q,)) for q in range(n)), *(Gate("cz", (q, q + 1)) for q in range(n - 1))]
    one, two = (al.lie_algebra(_circuit(gates, n, repeat=k)) for k in (1, 3))
    assert one.components == ("4 x u(1)",)
    assert two.dimension > one.dimension
    assert two.exact


def test_commuting_generators_only() -> None:
    found = al.lie_algebra(_circuit([("rz", (0,)), ("rzz", (0, 1)), ("rz", (0,))], 2, "X0"))
    assert found.components == ("2 x u(1)",)
    assert (found.dimension, found.centre, found.growth) == (2, 2, "polynomial")
    assert found.limit_variance == 0.0
    assert (found.orbits[0].size, found.orbits[0].share) == (4, 0.0)


def test_a_small_universal_block_is_no_exponential() -> None:
    assert al.lie_algebra(_circuit(_chain(3, "rzz", "rx", "rz"), 300)).growth == "polynomial"
    assert al.lie_algebra(_circuit(_chain(3, "rzz", "rx", "rz"), 3)).growth == "exponential"


@pytest.mark.parametrize("state", ["zero", "plus", "tilted"])
def test_the_engine_converges_to_the_limit(state: str) -> None:
    n = 3
    circuit = _circuit(_chain(n, "rxx", "rz"), n, "Z0 Z1 + 0.5 X0 Y1 - 0.3 Z2", repeat=28)
    if state != "zero":
        angle = np.pi / 4 if state == "plus" else 0.4
        psi = np.array([1.0])
        for _ in range(n):
            psi = np.kron(psi, [np.cos(angle), np.sin(angle)])
        circuit = replace(circuit, initial_state=Amplitudes(tuple(range(n)), tuple(complex(v) for v in psi)))
    found = al.lie_algebra(circuit)
    deep = al.gradient_variance(circuit, method="exact")
    assert found.limit_variance == pytest.approx(deep.cost_variance, rel=1e-4)
    assert deep.cost_variance > 1e-3


def test_sums() -> None:
    n = 4
    a, b = parameter("a"), parameter("b")
    gates: Gates = [Gate("rzz", (i, i + 1), (a,)) for i in range(n - 1)]
    gates += [Gate("rx", (i,), (b,)) for i in range(n)]
    found = al.lie_algebra(_circuit(gates, n))
    assert (found.dimension, found.exact, found.growth, found.centre) == (n * n, True, "polynomial", None)
    assert found.components == ("part of so(8)",)
    assert found.limit_variance is not None
    twice = al.lie_algebra(_circuit(gates, n, repeat=2))
    assert (twice.dimension, twice.lower, twice.exact) == (n * n, 0, False)
    assert twice.limit_variance is None
    assert any("a, b" in note.text and note.holds is False for note in twice.assumptions)


def test_shared_angles_that_add_nothing() -> None:
    n = 3
    extra = [Gate("rx", (1,), (parameter("s"),)), Gate("rz", (1,), (parameter("s"),))]
    found = al.lie_algebra(_circuit([*_chain(n, "rzz", "rx", "rz"), *extra], n))
    assert (found.dimension, found.exact) == (4**n - 1, True)
    assert found.limit_variance == pytest.approx(1 / (2**n + 1))


def test_a_fixed_rotation_between_parameters_leaves_an_upper_bound() -> None:
    n = 3
    found = al.lie_algebra(_circuit([*_chain(n, "rzz", "rx"), Gate("t", (0,)), *_chain(n, "rxx")], n))
    assert not found.exact
    assert found.lower <= 4**n - 1 == found.dimension
    assert found.limit_variance is None
    # behind all parameters it turns the cost alone
    found = al.lie_algebra(_circuit([*_chain(n, "rzz", "rx"), Gate("t", (0,))], n))
    assert (found.dimension, found.exact) == (n * (2 * n - 1), True)
    assert found.limit_variance is None
    assert "turn the initial state or the cost" in found.limit_reason
    assert all(orbit.size is None and orbit.reason == found.limit_reason for orbit in found.orbits)


def test_fixed_rotations_that_make_a_clifford_gate_are_not_called_exact() -> None:
    gates = [Gate("rx", (0,), (parameter("a"),)), *[Gate("t", (0,))] * 2, Gate("ry", (0,), (parameter("b"),))]
    found = al.lie_algebra(_circuit([*gates, *[Gate("tdg", (0,))] * 2], 1))
    assert not found.exact
    assert found.lower <= 1  # S^dagger Y S is X
    assert found.limit_variance is None


def test_what_clifford_gates_leave_of_a_pass_is_said() -> None:
    said = "the Clifford gates that one pass leaves are not applied again in the limit"
    for gates, leaves in (([("rx", (0,)), Gate("cz", (0, 1))], True), ([("rx", (0,)), Gate("x", (1,))], False)):
        found = al.lie_algebra(_circuit(gates, 2))
        assert (said in [a.text for a in found.assumptions]) is leaves


def test_what_is_said() -> None:
    circuit = _circuit([("rx", (0,)), Gate("pauli_rotation", (1,), (parameter("g"),), word="I"), ("rz", (1,))], 2)
    circuit = replace(
        circuit,
        noise=al.Depolarizing(0.1, 0.1),
        parameters=(*circuit.parameters[:-1], replace(circuit.parameters[-1], role="input")),
    )
    said = " / ".join(note.text for note in al.lie_algebra(circuit).assumptions)
    for part in ("noise left out", "inputs count as parameters", "a global phase only: g", "growth judged", "recurs"):
        assert part in said


def test_costs_that_have_no_limit() -> None:
    circuit = _circuit([("rx", (0,)), ("rz", (0,))], 12)
    for cost in (Projector(tuple(range(12)), "0" * 12), Probabilities(tuple(range(12)))):
        found = al.lie_algebra(replace(circuit, observables=(cost,)))
        assert found.limit_variance is None
        assert "12 qubits" in found.limit_reason
    inputs = replace(circuit, initial_state=Amplitudes((0,), None, ("x",)))
    assert "inputs" in al.lie_algebra(inputs).limit_reason


def test_a_small_projector_is_written_out() -> None:
    n = 3
    circuit = replace(_circuit(_chain(n, "rzz", "rx", "rz"), n), observables=(Projector((0, 1, 2), "000"),))
    d = 2**n
    assert al.lie_algebra(circuit).limit_variance == pytest.approx(2 / (d * (d + 1)) - 1 / d**2)


def test_bad_input() -> None:
    plain = Circuit("c", 1, (Gate("h", (0,)),))
    with pytest.raises(al.AnsatzlintError, match="no parameter"):
        al.lie_algebra(plain)
    with pytest.raises(al.AnsatzlintError, match="a Circuit is needed, not str"):
        al.lie_algebra("circuit.qasm")  # type: ignore[arg-type]
    unread = replace(_circuit([("rx", (0,))], 1), unread=(Unread("a loop"),))
    with pytest.raises(al.AnsatzlintError, match="a loop"):
        al.lie_algebra(unread)


def test_nothing_to_generate() -> None:
    found = al.lie_algebra(_circuit([Gate("pauli_rotation", (0,), (parameter("g"),), word="I")], 1))
    assert (found.components, found.dimension, found.exact, found.limit_variance) == ((), 0, True, 0.0)
    assert str(found).startswith("nothing, dimension 0")


def test_many_terms_at_many_qubits() -> None:
    n = 300
    found = al.lie_algebra(_circuit(_chain(n, "rxx", "rz"), n, "local-z"))
    assert found.limit_variance == pytest.approx(1 / n / (2 * n - 1))
    assert len(found.orbits) == n


@settings(max_examples=100, deadline=None)
@given(circuit=circuits(max_qubits=3, max_gates=8, observable=True))
def test_any_circuit(circuit: Circuit) -> None:
    if not circuit.parameters:
        with pytest.raises(al.AnsatzlintError):
            al.lie_algebra(circuit)
        return
    found = al.lie_algebra(circuit)
    assert 0 <= found.lower <= found.dimension <= 4**circuit.qubits - 1
    assert found.exact == (found.lower == found.dimension)
    assert found.growth in ("polynomial", "exponential", "undecided")
    assert (found.limit_variance is None) == bool(found.limit_reason)
    (cost,) = circuit.observables
    assert isinstance(cost, PauliSum)
    if found.limit_variance is not None:
        assert -1e-12 <= found.limit_variance <= sum(abs(t.coefficient) for t in cost.terms) ** 2 + 1e-9


def test_terms_are_named_as_in_the_cost() -> None:
    cost = PauliSum((PauliTerm(2.0, ((0, "X"), (1, "Y"))), PauliTerm(1.0, ())))
    found = al.lie_algebra(replace(_circuit([("rx", (0,)), ("rz", (0,))], 2), observables=(cost,)))
    assert [o.term for o in found.orbits] == ["X0 Y1"]
