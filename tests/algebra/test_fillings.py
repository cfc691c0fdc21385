"""Choices of vectors against the list of all choices."""

from __future__ import annotations

import random
from functools import reduce
from itertools import combinations, product
from operator import xor

import pytest

import ansatzlint.algebra.fillings as module
from ansatzlint.algebra.fillings import Fillings


def _brute(lists: list[list[int]], numbers: tuple[int, ...], target: int) -> int:
    sums = [[reduce(xor, chosen, 0) for chosen in combinations(v, k)] for v, k in zip(lists, numbers, strict=True)]
    return sum(reduce(xor, one_each, 0) == target for one_each in product(*sums))


@pytest.mark.parametrize("work", [1 << 22, 0], ids=["parities", "characters"])
def test_against_all_choices(work: int) -> None:
    rng = random.Random(7)
    hit = 0
    for _ in range(600):
        lists = [[rng.randrange(8) for _ in range(rng.randrange(1, 8))] for _ in range(rng.randrange(1, 3))]
        numbers = tuple(rng.randrange(len(v) + 1) for v in lists)
        target = rng.randrange(8)
        fillings = Fillings.of(lists)
        expected = _brute(lists, numbers, target)
        if work:
            found = fillings.count(numbers, target)
        else:
            found = fillings._by_characters(numbers, target) if expected else 0
        assert found == expected
        hit += expected > 0
    assert hit > 200


def test_too_much_work_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    fillings = Fillings.of([[1, 2, 3, 4, 5, 6, 7, 0]])
    assert fillings.count((4,), 0) == 14
    monkeypatch.setattr(module, "_WORK", 1)
    assert fillings.count((4,), 0) is None
    assert fillings.count((4,), 8) == 0  # no choice at all adds up to it
