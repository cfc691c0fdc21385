"""Angles: the simplest form is kept, and every form evaluates, substitutes and prints the same."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import angle

from ansatzlint import angles
from ansatzlint.angles import Affine, Expression, evaluate, names, parameter, substitute, to_text

VALUES = {"t0": 0.3, "t1": -0.7, "t2": 1.1}
ANY = angle(("t0", "t1", "t2"))


def close(a: float, b: float) -> bool:
    return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9)


@given(a=ANY, b=ANY)
def test_arithmetic_is_that_of_numbers(a: angles.Angle, b: angles.Angle) -> None:
    x, y = evaluate(a, VALUES), evaluate(b, VALUES)
    assert close(evaluate(angles.add(a, b), VALUES), x + y)
    assert close(evaluate(angles.subtract(a, b), VALUES), x - y)
    assert close(evaluate(angles.multiply(a, b), VALUES), x * y)


@given(a=ANY)
def test_text_reads_back_as_python(a: angles.Angle) -> None:
    text = to_text(a)
    assert close(eval(text, {"pi": math.pi, **vars(math)}, VALUES), evaluate(a, VALUES))


@given(a=ANY, b=ANY)
def test_substitution_is_evaluation_at_the_other_angle(a: angles.Angle, b: angles.Angle) -> None:
    replaced = substitute(a, {"t0": b})
    assert close(evaluate(replaced, VALUES), evaluate(a, {**VALUES, "t0": evaluate(b, VALUES)}))


@given(a=ANY)
def test_names_are_those_that_matter(a: angles.Angle) -> None:
    assert set(names(a)) <= set(VALUES)
    assert evaluate(a, {name: VALUES[name] for name in names(a)}) == evaluate(a, VALUES)


def test_sums_of_affine_angles_stay_affine_and_cancel() -> None:
    x, y = parameter("x"), parameter("y")
    assert angles.add(angles.multiply(2.0, x), y) == Affine((("x", 2.0), ("y", 1.0)))
    assert angles.subtract(x, x) == 0.0
    assert angles.add(x, y) == angles.add(y, x)


def test_a_product_of_parameters_is_kept_as_an_expression() -> None:
    product = angles.multiply(angles.subtract(math.pi, parameter("x0")), angles.subtract(math.pi, parameter("x1")))
    assert isinstance(product, Expression)
    assert to_text(product) == "(pi - x0)*(pi - x1)"
    assert names(product) == ("x0", "x1")


@pytest.mark.parametrize(
    ("value", "text"),
    [(math.pi, "pi"), (-math.pi / 2, "-pi/2"), (3 * math.pi / 4, "3*pi/4"), (0.0, "0"), (2.0, "2"), (0.1, "0.1")],
)
def test_numbers_print_as_people_write_them(value: float, text: str) -> None:
    assert angles.number_text(value) == text


@given(value=st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_print_exactly(value: float) -> None:
    assert eval(angles.number_text(value), {"pi": math.pi}) == value


def test_a_missing_value_is_a_key_error() -> None:
    with pytest.raises(KeyError, match="t0"):
        evaluate(parameter("t0"), {})


X, Y = parameter("t0"), parameter("t2")  # 0.3 and 1.1


@pytest.mark.parametrize(
    "a",
    [
        *(Expression(name, (angles.multiply(0.7, Y),)) for name in angles.FUNCTIONS),
        Expression("power", (Y, X)), Expression("power", (Y, 3.0)), Expression("power", (2.0, Y)),
        Expression("power", (Y, 0.0)), Expression("divide", (X, Y)), Expression("divide", (Y, angles.apply("sin", Y))),
        Expression("divide", (angles.apply("sin", Y), 4.0)),
        Expression("mod", (angles.multiply(7.0, Y), X)), Expression("mod", (angles.multiply(-7.0, X), Y)),
        angles.multiply(angles.subtract(math.pi, X), angles.subtract(math.pi, Y)),
    ],
    ids=to_text,
)  # fmt: skip
@pytest.mark.parametrize("name", ["t0", "t1", "t2"])
def test_derivative_of_every_operation(a: angles.Angle, name: str) -> None:
    step = 1e-6
    up = evaluate(a, {**VALUES, name: VALUES[name] + step})
    down = evaluate(a, {**VALUES, name: VALUES[name] - step})
    assert math.isclose(evaluate(angles.derivative(a, name), VALUES), (up - down) / (2 * step), abs_tol=1e-7)


@given(a=ANY)
def test_derivative_is_the_limit_of_differences(a: angles.Angle) -> None:
    step = 1e-5
    for name in VALUES:
        up = evaluate(a, {**VALUES, name: VALUES[name] + step})
        down = evaluate(a, {**VALUES, name: VALUES[name] - step})
        slope = evaluate(angles.derivative(a, name), VALUES)
        assert math.isclose(slope, (up - down) / (2 * step), rel_tol=1e-5, abs_tol=1e-5)


def test_derivative_of_what_does_not_depend_is_the_number_zero() -> None:
    assert angles.derivative(Expression("log", (X,)), "t2") == 0.0
    assert angles.derivative(2.0, "t0") == 0.0
