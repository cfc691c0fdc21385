"""Costs as strings, pairs and samples, against their dense operators."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from moments.matrices import matrix, unpack

from ansatzlint.circuit import Circuit, Nonlinear, Observable, PauliSum, PauliTerm, Probabilities, Projector, State
from ansatzlint.errors import CircuitError
from ansatzlint.moments.cost import MAX_EXPANDED, Ket, Pulled, Words, cost_of, pull
from ansatzlint.moments.frame import Tableau
from ansatzlint.pauli.lowering import Clifford
from ansatzlint.pauli.strings import ELEMENTARY, PauliString

Z0, X1 = ((0, "Z"),), ((1, "X"),)


def of(*observables: Observable, qubits: int = 3) -> tuple[Words | Ket, tuple[str, ...]]:
    return cost_of(Circuit("c", qubits, (), observables=observables))


def test_terms_of_all_observables_add_up() -> None:
    first = PauliSum((PauliTerm(1.0, Z0), PauliTerm(2.0, X1), PauliTerm(0.5, ())))
    cost, notes = of(first, PauliSum((PauliTerm(-1.0, Z0), PauliTerm(0.25, ()))))
    assert cost == Words((PauliString(2, 0),), (2.0,), 0.75)
    assert notes == ("the cost is the sum of the 2 observables that are returned",)


def test_one_observable_needs_no_note() -> None:
    assert of(PauliSum((PauliTerm(1.0, Z0),)))[1] == ()


def test_a_constant_cost_has_no_strings() -> None:
    assert of(PauliSum((PauliTerm(3.0, ()),)))[0] == Words((), (), 3.0)


@pytest.mark.parametrize("bits", ["0", "10", "011"])
def test_a_small_projector_is_written_out(bits: str) -> None:
    n = len(bits)
    cost, _ = of(Projector(tuple(range(n)), bits), qubits=n)
    assert isinstance(cost, Words)
    dense = cost.constant * np.eye(2**n) + sum(
        c * matrix(s, n) for c, s in zip(cost.coefficients, cost.strings, strict=True)
    )
    wanted = np.zeros((2**n, 2**n))
    wanted[int(bits, 2), int(bits, 2)] = 1
    assert np.allclose(dense, wanted)


def test_a_large_projector_stays_whole() -> None:
    n = MAX_EXPANDED + 1
    cost, _ = of(Projector(tuple(range(n)), "1" * n), qubits=n)
    assert cost == Ket(tuple(range(n)), "1" * n)
    assert len(of(Projector(tuple(range(n - 1)), "0" * (n - 1)), qubits=n)[0].strings) == 2 ** (n - 1) - 1  # type: ignore


def test_probabilities_are_that_of_zeros_and_it_is_said() -> None:
    cost, notes = of(Probabilities((1, 2)))
    assert cost == of(Projector((1, 2), "00"))[0]
    assert "outcome 0…0 stands for" in notes[0]


@pytest.mark.parametrize(
    ("observables", "said"),
    [
        ((), "it measures nothing"),
        ((State((0, 1)),), "is no expectation value"),
        ((Nonlinear("variance", (0,)),), "variance of 1 qubits is no expectation value"),
        ((Projector(tuple(range(9)), "0" * 9), PauliSum((PauliTerm(1.0, Z0),))), "beside other observables"),
    ],
)
def test_what_is_no_cost(observables: tuple[Observable, ...], said: str) -> None:
    with pytest.raises(CircuitError, match=said):
        of(*observables, qubits=9)


@pytest.mark.parametrize(("coefficient", "wrong"), [(1e-170, "small"), (-1e200, "large")])
def test_a_coefficient_that_cannot_be_squared_is_refused_not_lost(coefficient: float, wrong: str) -> None:
    with pytest.raises(CircuitError, match=f"is too {wrong} to be squared; scale the cost"):
        of(PauliSum((PauliTerm(coefficient, Z0),)))


# ---- pulled back ----------------------------------------------------------------------------------------------------

N = 3


@st.composite
def tableaus(draw: st.DrawFn) -> Tableau:
    found = Tableau(N)
    for k in range(draw(st.integers(0, 12))):
        name = draw(st.sampled_from([n for n in ELEMENTARY if n != "id"]))
        size = 2 if name in ("cx", "cy", "cz", "swap", "dcx", "iswap", "ecr") else 1
        found.append(Clifford(name, tuple(draw(st.permutations(range(N)))[:size]), k))
    return found


def dense(rows: np.ndarray, values: np.ndarray) -> np.ndarray:
    return sum((v * matrix(PauliString(*unpack(row)), N) for row, v in zip(rows, values, strict=True)),
               np.zeros((2**N, 2**N)))  # fmt: skip


def pair_dense(rows: np.ndarray, values: np.ndarray) -> np.ndarray:
    found = np.zeros((4**N, 4**N), dtype=complex)
    for row, v in zip(rows, values, strict=True):
        x, z = unpack(row)
        low = (1 << 64) - 1
        left, right = PauliString(x & low, z & low), PauliString(x >> 64, z >> 64)
        found += v * np.kron(matrix(left, N), matrix(right, N))
    return found


def written_out(ket: Ket, tableau: Tableau) -> np.ndarray:
    """The projector pulled back, by its factors (1 + s_q Z_q) / 2."""
    found = np.eye(2**N)
    for factor in ket.factors():
        found = found @ (np.eye(2**N) + matrix(tableau(factor), N)) / 2
    return found


KETS = st.builds(
    lambda order, bits: Ket(tuple(order[: len(bits)]), bits),
    st.permutations(range(N)),
    st.text("01", min_size=1, max_size=N),
)


@settings(max_examples=40, deadline=None)
@given(KETS, tableaus())
def test_products_of_a_projectors_factors_carry_the_right_signs(ket: Ket, tableau: Tableau) -> None:
    pulled = pull(ket, tableau, N, [0] * len(ket.qubits))
    means = pulled.means(1 << 10)
    assert means is not None
    assert np.allclose(dense(*means), written_out(ket, tableau))


@settings(max_examples=25, deadline=None)
@given(KETS, tableaus())
def test_all_pairs_of_a_projector(ket: Ket, tableau: Tableau) -> None:
    pairs = pull(ket, tableau, N, [0] * len(ket.qubits)).pairs(1 << 10)
    assert pairs is not None
    whole = written_out(ket, tableau)
    assert np.allclose(pair_dense(*pairs), np.kron(whole, whole))


def test_labels_leave_a_projector_only_the_pairs_that_cancel() -> None:
    # labels 1, 2, 3: the three factors together cancel, no smaller set does
    pulled = pull(Ket((0, 1, 2), "010"), Tableau(N), N, [1, 2, 3])
    assert pulled.crossed
    pairs, squares = pulled.pairs(1 << 10), pulled.squares(1 << 10)
    assert pairs is not None
    assert squares is not None
    found = {(unpack(row)[1] & 7, unpack(row)[1] >> 64): v for row, v in zip(*pairs, strict=True)}
    assert set(found) == {(s, s ^ k) for s in range(8) for k in (0, 7)}
    assert {round(v * 64, 12) for v in found.values()} == {1.0, -1.0}
    assert squares[1].tolist() == [1 / 64] * 8


def test_independent_labels_leave_only_equal_strings() -> None:
    pulled = pull(Ket((0, 1, 2), "010"), Tableau(N), N, [1, 2, 4])
    assert not pulled.crossed
    pairs = pulled.pairs(1 << 10)
    assert pairs is not None
    assert len(pairs[1]) == 8


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 31), min_size=1, max_size=7))
def test_the_kernel_is_that_of_the_labels(labels: list[int]) -> None:
    m = len(labels)
    basis = pull(Ket(tuple(range(m)), "0" * m), Tableau(m), m, labels)._kernel()
    span = {0}
    for row in basis:
        subset = sum(int(bit) << j for j, bit in enumerate(row))
        span |= {s ^ subset for s in span}

    def cancels(subset: int) -> bool:
        total = 0
        for j, label in enumerate(labels):
            total ^= label if subset >> j & 1 else 0
        return total == 0

    assert len(span) == 2 ** len(basis)
    assert span == {s for s in range(2**m) if cancels(s)}


COST = Words(
    (PauliString(0, 1), PauliString(2, 2), PauliString(4, 1), PauliString(7, 0)), (1.0, -0.5, 2.0, 0.25), constant=3.0
)


def test_words_are_pulled_back_with_their_signs() -> None:
    tableau = Tableau(N)
    tableau.append(Clifford("x", (0,), 0))
    pulled = pull(COST, tableau, N, None)
    assert pulled.values.tolist() == [-1.0, -0.5, -2.0, 0.25]
    assert pulled.norm() == 1 + 0.25 + 4 + 0.0625


def test_labelled_pairs_are_those_within_a_label() -> None:
    pulled = pull(COST, Tableau(N), N, [5, 7, 5, 9])
    assert pulled.crossed
    pairs = pulled.pairs(100)
    assert pairs is not None
    assert sorted(pairs[1].tolist()) == sorted([1.0, 4.0, 2.0, 2.0, 0.25, 0.0625])


def test_without_labels_every_pair_may_live() -> None:
    pairs = pull(COST, Tableau(N), N, None).pairs(100)
    assert pairs is not None
    operator = dense(pull(COST, Tableau(N), N, None).rows, np.array(COST.coefficients))
    assert np.allclose(pair_dense(*pairs), np.kron(operator, operator))


def test_costs_that_are_many_have_no_pairs_between_them() -> None:
    many = Words(COST.strings, COST.coefficients, coherent=False)
    pulled = pull(many, Tableau(N), N, None)
    assert not pulled.crossed
    pairs = pulled.pairs(100)
    assert pairs is not None
    assert pairs[1].tolist() == [1.0, 0.25, 4.0, 0.0625]


def test_more_than_is_wanted_is_not_listed() -> None:
    ket, words = pull(Ket((0, 1, 2), "010"), Tableau(N), N, [0, 0, 0]), pull(COST, Tableau(N), N, None)
    assert (ket.means(7), ket.squares(7), ket.pairs(63), words.pairs(15)) == (None, None, None, None)
    assert ket.means(8) is not None
    assert words.pairs(16) is not None


def estimate(starts: object, most: float, shape: str) -> np.ndarray:
    """The mean of weight * operator over many samples; no weight may be larger than was said."""
    strings, weights = starts(np.random.default_rng(1), 60_000)  # type: ignore[operator]
    assert np.abs(weights).max() <= most * (1 + 1e-12)
    unique, inverse = np.unique(strings, axis=0, return_inverse=True)
    totals = np.bincount(inverse.ravel(), weights) / len(weights)
    return dense(unique, totals) if shape == "single" else pair_dense(unique, totals)


PULLED: dict[str, Pulled] = {
    "words": pull(COST, Tableau(N), N, None),
    "labelled": pull(COST, Tableau(N), N, [5, 7, 5, 9]),
    "apart": pull(COST, Tableau(N), N, [1, 2, 3, 4]),
    "ket": pull(Ket((2, 0, 1), "011"), Tableau(N), N, [0, 0, 0]),
    "ket with a kernel": pull(Ket((2, 0, 1), "011"), Tableau(N), N, [1, 1, 2]),
}


@pytest.mark.parametrize("name", PULLED)
def test_drawn_pairs_are_the_listed_ones_on_average(name: str) -> None:
    listed = PULLED[name].pairs(1 << 10)
    assert listed is not None
    assert np.allclose(estimate(*PULLED[name].draw_pairs(), "pair"), pair_dense(*listed), atol=0.25)


@pytest.mark.parametrize("name", PULLED)
def test_drawn_strings_are_the_listed_ones_on_average(name: str) -> None:
    listed = PULLED[name].means(1 << 10)
    assert listed is not None
    assert np.allclose(estimate(*PULLED[name].draw_singles(), "single"), dense(*listed), atol=0.08)


@pytest.mark.parametrize("name", PULLED)
def test_drawn_squares_are_the_listed_ones_on_average(name: str) -> None:
    rows, values = PULLED[name].squares(1 << 10) or (None, None)
    assert rows is not None
    assert np.allclose(estimate(*PULLED[name].draw_diagonal(), "single"), dense(rows, values), atol=0.12)
