"""The compiled loops against matrices."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansatzlint.moments import adjoint

QUBITS = 9  # more basis states than one chunk
MASK = st.integers(0, 2**QUBITS - 1)


def phase(x: int, z: int, sign: int) -> complex:
    return complex(sign * 1j ** (x & z).bit_count())


def matrix(x: int, z: int, sign: int) -> np.ndarray:
    """The string, bit i of the index being qubit i."""
    found = np.eye(1)
    for q in range(QUBITS):
        letter = {
            (0, 0): np.eye(2), (1, 0): np.array([[0, 1], [1, 0]]), (1, 1): np.array([[0, -1j], [1j, 0]]),
            (0, 1): np.diag([1, -1]),
        }[x >> q & 1, z >> q & 1]  # fmt: skip
        found = np.kron(letter, found)
    return sign * found


def random_state(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.normal(size=2**QUBITS) + 1j * rng.normal(size=2**QUBITS)


@settings(deadline=None, max_examples=40)
@given(x=MASK, z=MASK, sign=st.sampled_from([1, -1]), angle=st.floats(-7, 7))
def test_a_turn_and_its_way_back(x: int, z: int, sign: int, angle: float) -> None:
    string, p = matrix(x, z, sign), phase(x, z, sign)
    c, s = math.cos(angle / 2), math.sin(angle / 2)
    psi, lam = random_state(1), random_state(2)
    turned, other = psi.copy(), lam.copy()
    adjoint.turn(turned, x, z, p, c, s)
    assert turned == pytest.approx(c * psi - 1j * s * string @ psi, abs=1e-12)
    slope = adjoint.turn_back(turned, other, x, z, p, c, s)
    assert turned == pytest.approx(psi, abs=1e-12)
    assert other == pytest.approx(c * lam + 1j * s * string @ lam, abs=1e-12)
    assert slope == pytest.approx(np.vdot(lam, string @ (c * psi - 1j * s * string @ psi)).imag, abs=1e-10)


@settings(deadline=None, max_examples=40)
@given(x=MASK, z=MASK, sign=st.sampled_from([1, -1]))
def test_a_string_and_its_projector(x: int, z: int, sign: int) -> None:
    string, p = matrix(x, z, sign), phase(x, z, sign)
    psi, out = random_state(3), random_state(4)
    expected = out + 0.5 * string @ psi
    adjoint.add_string(out, psi, x, z, 0.5 * p)
    assert out == pytest.approx(expected, abs=1e-12)
    projected = psi.copy()
    adjoint.turn(projected, x, z, 1j * p, 0.5, 0.5)
    assert projected == pytest.approx((psi + string @ psi) / 2, abs=1e-12)
