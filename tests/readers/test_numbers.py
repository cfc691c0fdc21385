"""Which numbers count as trainable."""

from __future__ import annotations

from math import pi

import pytest

from ansatzlint.angles import parameter
from ansatzlint.circuit import Gate
from ansatzlint.readers.numbers import is_dyadic, name_numbers


@pytest.mark.parametrize("angle", [0.0, pi, -pi / 2, 3 * pi / 4, pi / 1024, 7 * pi / 256, 4 * pi, 1.570796326795])
def test_dyadic(angle: float) -> None:
    assert is_dyadic(angle)


@pytest.mark.parametrize("angle", [0.1, pi / 3, pi / 2048, 1.5708, 3.14])
def test_not_dyadic(angle: float) -> None:
    assert not is_dyadic(angle)


def test_equal_numbers_are_one_parameter() -> None:
    gates = [Gate("rx", (0,), (0.3,)), Gate("u", (0,), (0.3, pi / 2, 0.7)), Gate("h", (0,)), Gate("rx", (0,), (0.9,))]
    named, parameters, assumptions = name_numbers(gates, fixed=[3])
    assert [(p.name, p.value) for p in parameters] == [("theta0", 0.3), ("theta1", 0.7)]
    assert {p.role for p in parameters} == {"trainable"}
    assert [g.angles for g in named] == [
        (parameter("theta0"),), (parameter("theta0"), pi / 2, parameter("theta1")), (), (0.9,),
    ]  # fmt: skip
    assert len(assumptions) == 1


def test_without_such_numbers_nothing_is_assumed() -> None:
    gates = (Gate("rx", (0,), (pi / 2,)), Gate("h", (0,)))
    assert name_numbers(gates) == (gates, (), ())
