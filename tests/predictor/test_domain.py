"""What a model has seen is told from what it has not, in plain words."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansatzlint.predictor.domain import Domain, enclose

NAMES = ("qubits", "shared_angles", "solvable", "belief")
REGIMES = ("shared_angles", "qubits>12", "solvable")


def _table() -> np.ndarray:
    """Independent angles on 2 to 64 qubits, shared ones on 2 to 12 or, with a permutation symmetry, to 40."""
    rng = np.random.default_rng(0)
    independent = [(n, 0, 0, rng.normal()) for n in range(2, 65) for _ in range(20)]
    shared = [(n, 1, 0, rng.normal()) for n in range(2, 13) for _ in range(20)]
    symmetric = [(n, 1, 1, np.nan) for n in range(2, 41) for _ in range(20)]
    return np.array(independent + shared + symmetric, dtype=np.float64)


@pytest.fixture(scope="module")
def domain() -> Domain:
    return enclose(_table(), NAMES, columns=("qubits", "belief"), regimes=REGIMES)


@settings(deadline=None)
@given(row=st.integers(0, len(_table()) - 1))
def test_all_that_was_learned_from_is_inside(row) -> None:
    table = _table()
    assert enclose(table, NAMES, regimes=REGIMES).outside(table[row]) == ()


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ((90, 0, 0, 0.0), "qubits is 90, learned from 13 to 64"),
        ((1, 0, 0, 0.0), "qubits is 1, learned from 2 to 12"),
        ((40, 1, 0, 0.0), "shared angles, 40 qubits, no symmetry to solve it by: nothing like it was learned"),
        ((30, 0, 0, np.nan), "belief is not known, learned from -"),
        ((30, 1, 1, 0.5), "belief is 0.5, learned only where there is none"),
        ((30, 7, 1, 0.5), "shared_angles 7, 30 qubits, a permutation symmetry: nothing like it was learned"),
    ],
)
def test_what_is_outside_is_said_in_plain_words(domain, row, words) -> None:
    (said,) = domain.outside(np.array(row, dtype=np.float64))
    assert said.startswith(words)


def test_only_the_side_of_an_edge_that_is_unusual_is_said() -> None:
    rng = np.random.default_rng(1)
    rows = np.column_stack([rng.integers(2, 9, 50), rng.uniform(0.1, 3, 50)])
    domain = enclose(rows, ("qubits", "init_spread"), regimes=("qubits>12", "init_spread>0.004"))
    assert domain.outside([5, 0.0]) == ("5 qubits, angles all but fixed at the start: nothing like it was learned",)
    assert domain.outside([20, 1.0]) == ("20 qubits: nothing like it was learned",)
    (said,) = domain.outside([5, np.nan])
    assert said == "5 qubits, no trainable rotation that the cost depends on: nothing like it was learned"


def test_a_symmetry_opens_what_is_closed_without_one(domain) -> None:
    assert domain.outside([40, 1, 1, np.nan]) == ()
    assert domain.outside([40, 1, 0, 0.0]) != ()


def test_each_column_that_is_outside_is_said(domain) -> None:
    assert len(domain.outside([99, 0, 0, 1e6])) == 2


def test_ranges_of_whole_numbers_end_where_the_data_do_and_others_a_little_further() -> None:
    table = np.stack([np.arange(2.0, 12.0), np.linspace(0.05, 1.0, 10)], axis=1)
    domain = enclose(table, ("qubits", "share"), margin=0.1)
    np.testing.assert_allclose([domain.lower[0], domain.upper[0]], [[2, 0.05 - 0.095], [11, 1.095]])


def test_a_column_that_has_holes_may_be_missing(domain) -> None:
    table = _table()
    table[::2, 3] = np.nan
    assert enclose(table, NAMES, columns=("belief",)).outside([1, 0, 0, np.nan]) == ()


def test_a_few_rows_make_no_regime() -> None:
    table = np.array([[4.0, 0]] * 50 + [[4.0, 1]] * 3)
    domain = enclose(table, ("qubits", "shared_angles"), regimes=("shared_angles",))
    assert domain.outside([4, 0]) == ()
    assert domain.outside([4, 1]) == ("shared angles: nothing like it was learned",)


def test_where_all_regimes_are_few_the_fullest_counts() -> None:
    domain = enclose(np.array([[4.0], [5.0]]), ("qubits",))
    assert domain.outside([5]) == ()
    assert domain.outside([6]) == ("qubits is 6, learned from 4 to 5",)


def test_a_regime_may_be_the_missing_of_its_column() -> None:
    domain = enclose(np.array([[np.nan, 1.0]] * 20), ("solvable", "qubits"), regimes=("solvable",))
    assert domain.outside([np.nan, 1]) == ()
    assert domain.outside([0, 1]) == ("no symmetry to solve it by: nothing like it was learned",)


def test_arrays_carry_the_domain_whole(domain) -> None:
    again = Domain.from_arrays(NAMES, domain.to_arrays())
    rng = np.random.default_rng(1)
    for _ in range(200):
        row = [rng.integers(0, 80), rng.integers(0, 2), rng.integers(0, 3), rng.choice([np.nan, rng.normal()])]
        assert again.outside(row) == domain.outside(row)


@pytest.mark.parametrize("arguments", [{"columns": ("none",)}, {"regimes": ("none>3",)}, {"regimes": ("qubits>many",)}])
def test_columns_that_there_are_not_are_refused(arguments) -> None:
    with pytest.raises(ValueError, match=r"none|many"):
        enclose(_table(), NAMES, **arguments)


def test_no_rows_make_no_domain() -> None:
    with pytest.raises(ValueError, match="no rows"):
        enclose(np.zeros((0, 4)), NAMES)


def test_many_rows_are_judged_as_each_is(domain) -> None:
    rng = np.random.default_rng(2)
    whole = [rng.integers(0, top, 500) for top in (80, 2, 3)]
    rows = np.column_stack([*whole, rng.choice([np.nan, 0, 9], 500)])
    wanted = [not domain.outside(row) for row in rows]
    assert 0 < sum(wanted) < 500
    assert domain.inside(rows).tolist() == wanted


def test_a_row_of_another_width_is_refused(domain) -> None:
    with pytest.raises(ValueError, match="4 columns"):
        domain.outside([1.0, 2.0])
    with pytest.raises(ValueError, match="4 columns"):
        domain.inside([[1.0, 2.0]])


def test_a_regime_of_a_few_among_many_was_not_learned() -> None:
    table = np.column_stack([np.repeat([0.0, 1.0], [100_000, 49]), np.zeros(100_049)])
    domain = enclose(table, ("shared_angles", "qubits"), regimes=("shared_angles",))
    assert domain.outside([0, 0]) == ()
    assert domain.outside([1, 0]) != ()
