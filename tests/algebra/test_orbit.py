"""Orbits against brute force, and against closed forms."""

from __future__ import annotations

from math import comb

import pytest
from algebra.brute import pair, random_sets, reached

import ansatzlint.algebra.orbit as module
from ansatzlint.algebra.classify import blocks
from ansatzlint.algebra.linear import Layout
from ansatzlint.algebra.orbit import Count, Orbits, members_of
from ansatzlint.pauli.strings import PauliString


def _orbit(generators: list[PauliString], string: PauliString, n: int) -> Count:
    return Orbits(blocks(generators, n), Layout(n)).of(string)


def _matchgates(n: int) -> list[PauliString]:
    return [PauliString(3 << i, 0) for i in range(n - 1)] + [PauliString(0, 1 << i) for i in range(n)]


@pytest.mark.parametrize("listing", [False, True], ids=["formulas", "whatever is there"])
def test_against_brute_force(listing: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not listing:
        monkeypatch.setattr(module, "members_of", lambda *_: None)
    known = 0
    unknown = 0
    for n, strings, rng in random_sets(8, 3000 if not listing else 800):
        orbits = Orbits(blocks(strings, n), Layout(n))
        anything = PauliString(rng.randrange(1 << n), rng.randrange(1, 1 << n))
        for probe in (anything, PauliString(0, rng.randrange(1, 1 << n)), PauliString(0, 1 << rng.randrange(n))):
            found = orbits.of(probe)
            members = reached(strings, [probe])
            if found.size is None:
                assert found.diagonal is None
            else:
                assert found.size == len(members), (n, strings, probe)
            if found.diagonal is None:
                assert found.reason
                unknown += 1
            else:
                assert found.diagonal == sum(not x for x, _ in members), (n, strings, probe)
                assert not found.reason
                known += 1
    assert known > 2000
    assert unknown == 0 if listing else unknown < known / 20


def test_members_are_the_orbit() -> None:
    for n, strings, rng in random_sets(9, 500):
        layout = Layout(n)
        probe = PauliString(rng.randrange(1 << n), rng.randrange(1 << n))
        found = members_of(strings, probe, layout, 1 << 20)
        expected = reached(strings, [probe])
        assert found is not None
        assert len(found) == len(expected)
        assert {pair(layout.string(v)) for v in found} == expected
        if len(expected) > 1:
            assert members_of(strings, probe, layout, len(expected) - 1) is None


@pytest.mark.parametrize("n", [3, 6, 50, 400])
def test_matchgates(n: int) -> None:
    orbits = Orbits(blocks(_matchgates(n), n), Layout(n))
    for k in {1, 2, n // 2, n - 1}:
        found = orbits.of(PauliString(0, (1 << k) - 1))  # k neighbouring Z are 2 k Majoranas
        assert found == Count(comb(2 * n, 2 * k), comb(n, k))


@pytest.mark.parametrize("n", [1, 2, 7, 300])
def test_everything(n: int) -> None:
    strings = [PauliString(1 << q, z << q) for q in range(n) for z in (0, 1)]
    strings += [PauliString(0, 3 << q) for q in range(n - 1)]
    assert _orbit(strings, PauliString(0, 1), n) == Count(4**n - 1, 2**n - 1)
    assert _orbit(strings, PauliString(1, 1), n) == Count(4**n - 1, 2**n - 1)


@pytest.mark.parametrize("n", [3, 5, 200])
def test_real_rotations_reach_all_strings_with_an_even_number_of_y(n: int) -> None:
    strings = [PauliString(1 << q, 1 << q) for q in range(n)]
    strings += [PauliString(1 << q, 3 << q) for q in range(n - 1)] + [PauliString(2 << q, 3 << q) for q in range(n - 1)]
    strings += [PauliString(1 << q, 7 << q) for q in range(n - 2)]
    assert blocks(strings, n)[0].component.dimension == 2 ** (n - 1) * (2**n - 1)
    even = 2 ** (n - 1) * (2**n + 1)  # strings with an even number of Y, the identity included
    assert _orbit(strings, PauliString(0, 1), n) == Count(even - 1, 2**n - 1)


def test_blocks_side_by_side_multiply() -> None:
    n = 60
    strings = [PauliString(1 << q, z << q) for q in range(n) for z in (0, 1)]
    assert _orbit(strings, PauliString(0, (1 << n) - 1), n) == Count(3**n, 1)
    assert _orbit(strings, PauliString(0, 5), n) == Count(9, 1)


def test_chains_that_share_their_x_bits() -> None:
    n = 60
    strings = [PauliString(3 << i, z << i) for i in range(n - 1) for z in (0, 3)]
    for k in (4, 6):
        small = [PauliString(3 << i, z << i) for i in range(k - 1) for z in (0, 3)]
        members = reached(small, [PauliString(0, 1)])
        assert _orbit(small, PauliString(0, 1), k) == Count(len(members), sum(not x for x, _ in members))
    found = _orbit(strings, PauliString(0, 1), n)
    assert found == Count(n * n, n)


def test_commuting_generators() -> None:
    # two of them move X0, their product is a third that does not
    strings = [PauliString(0, 1), PauliString(0, 3), PauliString(0, 2)]
    assert _orbit(strings, PauliString(1, 0), 2) == Count(4, 0)
    assert _orbit(strings, PauliString(0, 1), 2) == Count(1, 1)
    assert _orbit([], PauliString(1, 0), 2) == Count(1, 0)
