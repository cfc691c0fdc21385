from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansatzlint.circuit import PauliSum, PauliTerm, Projector
from ansatzlint.errors import UsageError
from ansatzlint.observables import global_z, local_z, parse_observable, parse_pauli_sum, to_text


def words(text: str, total: int = 5) -> dict[str, float]:
    """Pauli words and coefficients, written "Z0 X2": 0.5."""
    return {str(PauliTerm(1.0, t.paulis)): t.coefficient for t in parse_pauli_sum(text, total).terms}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Z0", {"Z0": 1.0}),
        ("Z0 Z1 + 0.5 X2", {"Z0 Z1": 1.0, "X2": 0.5}),
        ("Z0*Z1", {"Z0 Z1": 1.0}),
        ("Z0@Z1", {"Z0 Z1": 1.0}),
        ("Z0Z1", {"Z0 Z1": 1.0}),
        ("Z(0) @ X(1)", {"Z0 X1": 1.0}),
        ("Y3 X1", {"X1 Y3": 1.0}),
        ("-Z0", {"Z0": -1.0}),
        ("- Z0 - 2*X1", {"Z0": -1.0, "X1": -2.0}),
        ("+0.25*Z0", {"Z0": 0.25}),
        ("1e-3 Z0 + 2.5E+2 X1 + .5 Y2 + 3. Z3", {"Z0": 1e-3, "X1": 250.0, "Y2": 0.5, "Z3": 3.0}),
        ("Z0 + Z0", {"Z0": 2.0}),
        ("Z0 Z1 + Z1 Z0", {"Z0 Z1": 2.0}),
        ("I0 Z1", {"Z1": 1.0}),
        ("2 I + Z0", {"I": 2.0, "Z0": 1.0}),
        ("1.5 + Z0", {"I": 1.5, "Z0": 1.0}),
        ("  Z0  ", {"Z0": 1.0}),
    ],
)
def test_pauli_sums(text: str, expected: dict[str, float]) -> None:
    assert words(text) == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("   ", "is empty"),
        ("A0", "cannot read"),
        ("Z", "cannot read"),
        ("Z0 Q1", "cannot read"),
        ("Z0 +", "cannot read"),
        ("Z0 + + X1", "cannot read"),
        ("Z0, Z1", "cannot read"),
        ("local_z", "cannot read"),
        ("__import__('os')", "cannot read"),
        ("Z0 X0", "qubit 0 twice"),
        ("Z5", "acts on qubit 5, the circuit has 5"),
        ("1e999 Z0", "not finite"),
        ("Z0 0.5", "cannot read"),
    ],
)
def test_what_cannot_be_read_says_so_in_one_line(text: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_pauli_sum(text, 5)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_names_mean_the_given_qubits() -> None:
    mean = parse_observable("local-z", (1, 3), 5)
    assert mean == PauliSum((PauliTerm(0.5, ((1, "Z"),)), PauliTerm(0.5, ((3, "Z"),)))) == local_z((1, 3))
    assert parse_observable(" Global-Z ", (1, 3), 5) == PauliSum((PauliTerm(1.0, ((1, "Z"), (3, "Z"))),))
    assert parse_observable("projector", (1, 3), 5) == Projector((1, 3), "00")
    assert global_z((0, 1)).qubits == (0, 1)
    assert sum(t.coefficient for t in local_z(range(7)).terms) == pytest.approx(1.0)


@given(
    st.lists(
        st.builds(
            lambda c, word: PauliTerm(c, tuple(sorted(word.items()))),
            st.floats(allow_nan=False, allow_infinity=False),
            st.dictionaries(st.integers(0, 6), st.sampled_from("XYZ")),
        ),
        min_size=1, max_size=4, unique_by=lambda t: t.paulis,
    )
)  # fmt: skip
def test_text_reads_back_exactly(terms: list[PauliTerm]) -> None:
    observable = PauliSum(tuple(terms))
    assert parse_pauli_sum(to_text(observable), 7) == observable


@given(st.text("XYZI0123 +-*@().e5", max_size=20))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        observable = parse_pauli_sum(text, 4)
    except UsageError as error:
        assert "\n" not in str(error)  # noqa: PT017 - either outcome is right
    else:
        assert all(0 <= q < 4 for q in observable.qubits)
        assert parse_pauli_sum(to_text(observable), 4) == observable
