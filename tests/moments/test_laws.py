"""Moments of angles against quadrature and closed forms."""

from __future__ import annotations

from itertools import product
from math import cos, exp, pi, sin

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansatzlint.initialisation import Normal, Uniform, Zeros
from ansatzlint.moments.laws import ABSENT, MOVE, STAY, Fixed, Law, Moments, characteristic, moments

LAWS = st.one_of(
    st.builds(lambda low, width: Uniform(low, low + width), st.floats(-5, 5), st.floats(0, 12.6)),
    st.builds(Normal, st.floats(0, 1.5), st.floats(-4, 4)),
    st.builds(Fixed, st.floats(-7, 7)),
    st.just(Zeros()),
    st.just(Uniform()),
)
FREQUENCY = st.one_of(st.sampled_from([1.0, -1.0, 0.5, 2.0, 0.0]), st.floats(-2, 2))
TURNS = st.lists(st.tuples(FREQUENCY, st.floats(-4, 4)), min_size=1, max_size=3)


def quadrature(law: Law) -> tuple[np.ndarray, np.ndarray]:
    match law:
        case Uniform(low, high):
            x, w = np.polynomial.legendre.leggauss(160)
            return low + (high - low) * (x + 1) / 2, w / 2
        case Normal(std, mean):  # the trapezoidal rule converges like exp(-1/h^2) here
            x = np.linspace(-9, 9, 601)
            w = np.exp(-(x**2) / 2)
            return mean + std * x, w / w.sum()
        case Fixed(at):
            return np.array([at]), np.ones(1)
    return np.zeros(1), np.ones(1)


def factors(digits: tuple[int, ...], turns: list[tuple[float, float]], t: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The product of cosines and sines, and its derivative."""
    parts, slopes = [], []
    for digit, (a, b) in zip(digits, turns, strict=True):
        x = a * t + b
        value, slope = {
            ABSENT: (np.ones_like(t), np.zeros_like(t)), STAY: (np.cos(x), -a * np.sin(x)),
            MOVE: (np.sin(x), a * np.cos(x)),
        }[digit]  # fmt: skip
        parts.append(value)
        slopes.append(slope)
    total = sum(
        np.prod([slopes[j] if i == j else parts[i] for i in range(len(parts))], axis=0) for j in range(len(parts))
    )
    return np.prod(parts, axis=0), total


def made(law: Law, *turns: tuple[float, float]) -> Moments:
    return moments(law, tuple(a for a, _ in turns), tuple(b for _, b in turns))


@settings(max_examples=60, deadline=None)
@given(LAWS, TURNS)
def test_joint_moments_of_one_to_three_generators(law: Law, turns: list[tuple[float, float]]) -> None:
    t, w = quadrature(law)
    found = made(law, *turns)
    numbers = [digits[::-1] for digits in product((ABSENT, STAY, MOVE), repeat=len(turns))]  # sum_j digit_j 3^j
    rows = [factors(digits, turns, t) for digits in numbers]
    u, v = (np.array([row[k] for row in rows]) for k in (0, 1))
    assert found.generators == len(turns)
    assert np.allclose(found.mean, u @ w, atol=1e-10)
    assert np.allclose(found.mean_slope, v @ w, atol=1e-10)
    assert np.allclose(found.square, (u * w) @ u.T, atol=1e-10)
    assert np.allclose(found.slope, (v * w) @ v.T, atol=1e-10)


@given(LAWS, FREQUENCY, st.floats(-4, 4))
def test_cosine_and_sine_square_to_one_and_the_derivative_swaps_them(law: Law, a: float, b: float) -> None:
    found = made(law, (a, b))
    assert found.square[STAY, STAY] + found.square[MOVE, MOVE] == pytest.approx(1.0, abs=1e-12)
    assert found.slope[STAY, STAY] == pytest.approx(a**2 * found.square[MOVE, MOVE], abs=1e-12)
    assert found.slope[STAY, MOVE] == pytest.approx(-(a**2) * found.square[STAY, MOVE], abs=1e-12)


@pytest.mark.parametrize("law", [Uniform(), Uniform(-pi, pi), Uniform(0.3, 0.3 + 2 * pi), Uniform(0.0, 4 * pi)])
@pytest.mark.parametrize("offset", [0.0, pi / 2, 0.7])
def test_whole_periods_leave_squares_alone_and_exactly(law: Uniform, offset: float) -> None:
    found = made(law, (1.0, offset))
    assert found.mean.tolist() == [1.0, 0.0, 0.0]
    assert np.array_equal(found.square != 0, np.eye(3, dtype=bool))
    assert found.square.diagonal() == pytest.approx([1.0, 0.5, 0.5], abs=1e-15)
    assert found.stays_diagonal
    assert found.rigid
    assert found.kills


@pytest.mark.parametrize("law", [Uniform(-1.0, 1.0), Normal(0.4), Zeros(), Fixed(0.0)])
def test_symmetric_laws_are_rigid_and_kill_nothing(law: Law) -> None:
    found = made(law, (1.0, 0.0))
    assert (found.rigid, found.stays_diagonal, found.kills) == (True, True, False)


def test_half_a_period_keeps_the_mean_of_the_sine() -> None:
    found = made(Uniform(0.0, pi), (1.0, 0.0))
    assert found.mean[MOVE] == pytest.approx(2 / pi, abs=1e-15)
    assert (found.stays_diagonal, found.rigid, found.kills) == (True, False, False)


def test_an_off_centre_law_turns_equal_strings_into_different_ones() -> None:
    assert not made(Normal(0.4, 0.7), (1.0, 0.0)).stays_diagonal


def test_two_generators_never_count_as_diagonal() -> None:
    found = made(Uniform(0.0, 4 * pi), (0.5, 0.0), (-0.5, 0.0))
    assert (found.stays_diagonal, found.rigid, found.kills) == (False, False, False)


@pytest.mark.parametrize("std", [0.0, 0.1, 0.7, 2.0])
def test_normal_closed_forms(std: float) -> None:
    found = made(Normal(std), (1.0, 0.0))
    assert found.mean[STAY] == pytest.approx(exp(-(std**2) / 2), abs=1e-14)
    assert found.square[STAY, STAY] == pytest.approx((1 + exp(-2 * std**2)) / 2, abs=1e-14)
    assert found.square[STAY, MOVE] == 0.0


@pytest.mark.parametrize("a", [0.1, 1.0, pi / 2, 3.0])
def test_symmetric_uniform_closed_forms(a: float) -> None:
    found = made(Uniform(-a, a), (1.0, 0.0))
    assert found.mean[STAY] == pytest.approx(sin(a) / a, abs=1e-14)
    assert found.square[STAY, STAY] == pytest.approx(0.5 + sin(2 * a) / (4 * a), abs=1e-14)
    assert found.mean[MOVE] == 0.0


def test_half_angles_of_a_controlled_rotation() -> None:
    whole = made(Uniform(0.0, 4 * pi), (0.5, 0.0), (-0.5, 0.0))
    both, mixed = STAY + 3 * STAY, MOVE + 3 * STAY
    assert whole.square[both, both] == pytest.approx(3 / 8, abs=1e-14)
    assert whole.square[mixed, mixed] == pytest.approx(1 / 8, abs=1e-14)
    usual = made(Uniform(), (0.5, 0.0), (-0.5, 0.0))
    assert usual.mean[MOVE] == pytest.approx(2 / pi, abs=1e-14)
    assert usual.mean[3 * MOVE] == pytest.approx(-2 / pi, abs=1e-14)


@given(LAWS, st.floats(-6, 6))
def test_characteristic_functions_are_even_up_to_conjugation_and_bounded(law: Law, w: float) -> None:
    assert characteristic(law, -w) == pytest.approx(characteristic(law, w).conjugate(), abs=1e-14)
    assert abs(characteristic(law, w)) <= 1 + 1e-14
    assert characteristic(law, 0.0) == 1.0


def test_zeros_are_an_angle_of_zero() -> None:
    zeros, fixed = made(Zeros(), (0.7, 0.3)), made(Fixed(0.0), (0.7, 0.3))
    assert np.array_equal(zeros.square, fixed.square)
    assert zeros.mean[STAY] == pytest.approx(cos(0.3))


def test_the_tables_cannot_be_written_to() -> None:
    with pytest.raises(ValueError, match="read-only"):
        made(Uniform(), (1.0, 0.0)).square[0, 0] = 2.0


@pytest.mark.parametrize("unit", [1e-13, 1e-9, 3e-8, 0.3, 1.0, 1e9])
def test_the_unit_of_an_angle_only_scales_its_moments(unit: float) -> None:
    plain = moments(Normal(0.8, 0.3), (1.0, -0.5), (0.2, 0.0))
    scaled = moments(Normal(0.8 / unit, 0.3 / unit), (unit, -unit / 2), (0.2, 0.0))
    np.testing.assert_allclose(scaled.square, plain.square, atol=1e-14)
    np.testing.assert_allclose(scaled.slope / unit**2, plain.slope, atol=1e-14)
    np.testing.assert_allclose(scaled.mean_slope / unit, plain.mean_slope, atol=1e-14)
