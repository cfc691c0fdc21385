"""Tables of events against quadrature over their angle, and against Kraus matrices."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from moments.matrices import applied, matrix, turned
from moments.test_laws import quadrature

from ansatzlint.circuit import Channel, Circuit, Gate
from ansatzlint.initialisation import Normal, Uniform, Zeros
from ansatzlint.moments.frame import Event, Group, pull
from ansatzlint.moments.initial import Initial, pack
from ansatzlint.moments.laws import Fixed, Law
from ansatzlint.moments.operators import Operators, Space, law_of, operators, pair_up, value
from ansatzlint.moments.sequence import steps
from ansatzlint.noise import AmplitudeDamping, Depolarizing
from ansatzlint.pauli.strings import PauliString

N = 2
STRINGS = [PauliString(x, z) for x in range(4) for z in range(4)]
KEYS = [(s.x, s.z) for s in STRINGS]
MATRICES = np.array([matrix(s, N) for s in STRINGS])


def expanded(images: np.ndarray) -> np.ndarray:
    """Pauli coefficients of Hermitian matrices, the last axis over STRINGS."""
    return np.einsum("...ab,pba->...p", images, MATRICES).real / 2**N


def table(made: Operators, slopes: bool = False) -> np.ndarray:
    """[from, to] over STRINGS."""
    found = np.zeros((16, 16))
    for i, key in enumerate(KEYS):
        for image, weight in applied(made, 0, key, slopes).items():
            found[i, KEYS.index(image)] = weight
    return found


def pair_table(made: Operators, slopes: bool = False) -> np.ndarray:
    """[from left, from right, to left, to right] over STRINGS."""
    found = np.zeros((16,) * 4)
    low = (1 << 64) - 1
    for i, (x, z) in enumerate(KEYS):
        for j, (u, v) in enumerate(KEYS):
            for (a, b), weight in applied(made, 0, (x | u << 64, z | v << 64), slopes).items():
                found[i, j, KEYS.index((a & low, b & low)), KEYS.index((a >> 64, b >> 64))] = weight
    return found


def only(event: Event, law: Law, space: Space) -> Operators:
    return operators([event], [law], N, space)


WORD = st.sampled_from(STRINGS[1:])
SIGN = st.sampled_from([1, -1])
LAWS = st.sampled_from([Uniform(), Uniform(0.2, 1.9), Normal(0.5, 0.8), Normal(0.3), Zeros()])


@st.composite
def groups(draw: st.DrawFn) -> Group:
    """One or two commuting generators."""
    first = draw(WORD)
    kept = [first]
    if draw(st.booleans()):
        kept.append(draw(WORD.filter(lambda s: s != first and s.commutes(first))))
    return Group(
        tuple(PauliString(g.x, g.z, draw(SIGN)) for g in kept),
        tuple(draw(st.sampled_from([1.0, 0.5, -0.5, 2.0])) for _ in kept),
        tuple(draw(st.sampled_from([0.0, 0.4, np.pi / 2])) for _ in kept),
        0,
        (0,),
    )


def heisenberg(group: Group, t: float) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients [from, to] of U^dagger P U and of their derivative."""
    u = np.eye(4, dtype=complex)
    log = np.zeros((4, 4), dtype=complex)
    for g, a, b in zip(group.generators, group.frequencies, group.offsets, strict=True):
        u = turned(g, a * t + b, N) @ u
        log = log - 0.5j * a * matrix(g, N)  # dU = log U, as all commute
    images = u.conj().T @ MATRICES @ u
    return expanded(images), expanded(images @ log - log @ images)


@settings(max_examples=15, deadline=None)
@given(groups(), LAWS)
def test_means_and_pairs_are_averages_over_the_angle(group: Group, law: Law) -> None:
    t, w = quadrature(law)
    at = [heisenberg(group, float(x)) for x in t]
    images, slopes = np.array([a for a, _ in at]), np.array([b for _, b in at])
    mean = only(group, law, "mean")
    assert np.allclose(table(mean), np.tensordot(w, images, 1), atol=1e-10)
    assert np.allclose(table(mean, slopes=True), np.tensordot(w, slopes, 1), atol=1e-10)
    pair = only(group, law, "pair")
    assert np.allclose(pair_table(pair), np.einsum("t,tip,tjq->ijpq", w, images, images), atol=1e-10)
    assert np.allclose(pair_table(pair, slopes=True), np.einsum("t,tip,tjq->ijpq", w, slopes, slopes), atol=1e-10)


@pytest.mark.parametrize("law", [Uniform(), Normal(0.6), Uniform(-1.0, 1.0), Zeros()])
def test_the_diagonal_is_that_of_the_pairs(law: Law) -> None:
    group = Group((PauliString(1, 2, -1),), (1.0,), (0.0,), 0, (0,))
    for slopes in (False, True):
        pairs = np.einsum("iipp->ip", pair_table(only(group, law, "pair"), slopes))
        assert np.allclose(table(only(group, law, "diagonal"), slopes), pairs, atol=1e-12)


@pytest.mark.parametrize(
    "circuit",
    [
        Circuit("c", 2, (Gate("id", (1,)),), noise=AmplitudeDamping(0.3)),
        Circuit("c", 2, (), channels=(Channel("thermal_relaxation", (0,), (0.2, 1.0, 0.7, 0.4), 0),)),
        Circuit("c", 2, (), channels=(Channel("pauli", (1,), (0.1, 0.2, 0.05), 0),)),
    ],
)
def test_noise_of_one_qubit_squares_in_pairs(circuit: Circuit) -> None:
    (event,) = pull(steps(circuit), 2, ()).events
    single = table(only(event, Uniform(), "mean"))
    assert np.allclose(pair_table(only(event, Uniform(), "pair")), np.einsum("ip,jq->ijpq", single, single))


def test_noise_of_two_qubits_behind_a_clifford_gate() -> None:
    circuit = Circuit("c", 2, (Gate("ecr", (1, 0)),), noise=Depolarizing(0.0, 0.2))
    (event,) = pull(steps(circuit), 2, ()).events
    wanted = np.diag([1.0] + [0.8] * 15)
    assert np.allclose(table(only(event, Uniform(), "mean")), wanted)
    assert np.allclose(table(only(event, Uniform(), "diagonal")), wanted**2)


def test_amplitude_damping_makes_identity_of_z() -> None:
    circuit = Circuit("c", 2, (Gate("id", (1,)),), noise=AmplitudeDamping(0.3))
    (event,) = pull(steps(circuit), 2, ()).events
    assert applied(only(event, Uniform(), "mean"), 0, (0, 2)) == pytest.approx({(0, 2): 0.7, (0, 0): 0.3})


def test_events_stand_in_heisenberg_order_and_share_equal_tables() -> None:
    events = [Group((PauliString(k, 0),), (1.0,), (0.0,), k - 1, (k,)) for k in (1, 2, 3)]
    made = operators(events, [Uniform(), Normal(0.1), Uniform()], 2, "mean")
    assert made.parameters.tolist() == [2, 1, 0]
    assert made.generators[:, 0].tolist() == [3, 2, 1]
    assert made.table[0] == made.table[2] != made.table[1]


def test_pairs_lie_in_words_of_their_own() -> None:
    group = Group((PauliString(1 << 64, 0),), (1.0,), (0.0,), 0, (0,))
    made = operators([group], [Uniform()], 65, "pair")
    assert made.generators.tolist() == [[0, 1, 0, 0, 0, 0, 0, 0], [0, 0, 0, 1, 0, 0, 0, 0]]


def test_fixed_turns_have_the_law_of_their_offset() -> None:
    assert law_of(Group((PauliString(1, 0),), (0.0,), (0.3,), None, (0,)), ()) == Fixed(0.0)


def test_values_at_the_beginning() -> None:
    z, x = PauliString(0, 1), PauliString(1, 0)
    state = Initial(1, (((0,), np.array([1.0, -0.6, 0.8, 0.0])),))
    none = operators([], [], 1, "mean")
    assert value(none, pack([z, x], 1), state) == pytest.approx([0.8, -0.6])
    assert value(operators([], [], 1, "diagonal"), pack([z, x], 1), state) == pytest.approx([0.64, 0.36])
    pairs = pair_up(pack([z, x], 1), pack([x, x], 1))
    assert value(operators([], [], 1, "pair"), pairs, state) == pytest.approx([-0.48, 0.36])
