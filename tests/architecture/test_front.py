"""Fronts and hypervolumes against brute force."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansatzlint.architecture.front import dominates, front, hypervolume, ranking

POINTS = st.lists(st.tuples(*[st.integers(0, 5)] * 3), min_size=1, max_size=12)


@given(POINTS)
@settings(deadline=None, max_examples=50)
def test_no_point_of_the_front_is_dominated_and_every_other_is_or_is_a_copy(points: list[tuple[int, ...]]) -> None:
    found = [points[i] for i in front(points)]
    assert len(found) == len(set(found))
    for point in points:
        beaten = any(dominates(other, point) for other in points)
        assert (point in found) != beaten


@given(POINTS)
@settings(deadline=None, max_examples=50)
def test_the_hypervolume_is_the_number_of_unit_cells_that_are_dominated(points: list[tuple[int, ...]]) -> None:
    cells = np.indices((5, 5, 5)).reshape(3, -1).T
    count = sum(any(all(p <= c for p, c in zip(point, cell, strict=True)) for point in points) for cell in cells)
    assert hypervolume(points, (5, 5, 5)) == pytest.approx(count)


def test_the_compromise_is_next_to_the_ideal_point() -> None:
    assert ranking([(0.0, 10.0), (2.0, 2.0), (10.0, 0.0)])[0] == 1


def test_an_objective_without_spread_does_not_count() -> None:
    assert ranking([(1.0, 3.0), (1.0, 2.0)]) == [1, 0]


def test_nothing_has_no_order() -> None:
    assert ranking([]) == []
