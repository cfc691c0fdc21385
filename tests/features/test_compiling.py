from __future__ import annotations

import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from strategies import circuits

from ansatzlint import features
from ansatzlint.assumptions import complete
from ansatzlint.circuit import Circuit
from ansatzlint.families import FAMILIES
from ansatzlint.features.compiling import PATIENCE, Account, helper, interpreted, kernel, kernel_beside, ones
from ansatzlint.noise import Depolarizing


@helper
def twice(number: Any) -> Any:
    return 2 * number


@kernel
def doubled_bits(words: Any, out: Any) -> None:
    for i in range(len(words)):
        out[i] = twice(ones(words[i]))


@kernel
def shifted(words: Any, out: Any) -> None:
    doubled_bits(words, out)
    for i in range(len(out)):
        out[i] += 1


def whole(numbers: Any) -> Any:
    return "in whole arrays"


@kernel_beside(whole)
def summed(numbers: Any) -> Any:
    total = 0
    for i in range(len(numbers)):
        total += numbers[i]
    return total


WORDS = np.array([0, 1, 2**64 - 1, 0b1011 << 40], dtype=np.uint64)


def run() -> list[int]:
    out = np.zeros(len(WORDS), dtype=np.int64)
    shifted(WORDS, out)
    return out.tolist()


def test_kernels_call_helpers_and_kernels_in_either_form() -> None:
    assert run() == [1, 3, 129, 7]
    with interpreted():
        assert run() == [1, 3, 129, 7]


def test_whole_arrays_stand_in_for_a_loop_where_it_is_interpreted() -> None:
    with interpreted():
        assert summed(np.arange(4)) == "in whole arrays"
    assert summed(np.arange(4)) == 6


def test_the_form_is_the_own_one_of_a_thread() -> None:
    with interpreted(), ThreadPoolExecutor(1) as pool:
        assert pool.submit(summed, np.arange(4)).result() == 6


def test_an_account_is_patient_until_it_is_spent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "numba", raising=False)
    account = Account()
    assert not account.interprets(1.1 * PATIENCE)
    assert [account.interprets(0.4 * PATIENCE) for _ in range(3)] == [True, True, False]
    assert account.interprets(0.1 * PATIENCE)


def test_nothing_is_interpreted_once_the_compiler_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "numba", sys)
    assert not Account().interprets(0.0)


def compare(circuit: Circuit) -> None:
    """Both ways give the same vector, and the interpreted one says nothing about it."""
    whole = complete(circuit)
    compiled, _ = features.table([whole, whole])
    with interpreted(), warnings.catch_warnings():
        warnings.simplefilter("error")
        plain = features.vector(whole)
    place = features.names().index("belief_place")  # of several beliefs that are equally large rounding picks one
    np.testing.assert_allclose(np.delete(plain, place), np.delete(compiled, place), rtol=1e-12, atol=1e-12)


@settings(max_examples=25, deadline=None)
@given(circuits(observable=True, max_gates=14))
def test_columns_are_the_same_either_way(circuit: Circuit) -> None:
    compare(circuit)


@pytest.mark.parametrize("name", ["hardware-efficient", "qcnn", "qaoa", "matchgate", "brickwork"])
def test_columns_of_families_are_the_same_either_way(name: str) -> None:
    circuit = FAMILIES[name].build(6)
    compare(circuit)
    compare(replace(circuit, noise=Depolarizing(0.01, 0.02)))
