"""Spaces over GF(2) against the list of all their members."""

from __future__ import annotations

import random
from itertools import product

from algebra.brute import clash, pair, random_sets

from ansatzlint.algebra.linear import Echelon, Layout, Space, parity
from ansatzlint.pauli.strings import PauliString


def _span(vectors: list[int]) -> set[int]:
    found = {0}
    for v in vectors:
        found |= {v ^ w for w in found}
    return found


def test_echelon_against_the_list_of_members() -> None:
    rng = random.Random(0)
    for _ in range(300):
        width = rng.randrange(1, 9)
        vectors = [rng.randrange(1 << width) for _ in range(rng.randrange(7))]
        members, echelon = _span(vectors), Echelon.of(vectors)
        assert len(members) == 1 << echelon.rank
        assert _span(list(echelon.basis)) == members
        above = rng.randrange(width)
        assert _span(list(echelon.below(above))) == {v for v in members if v < 1 << above}
        for v in range(1 << width):
            assert (v in echelon) == (v in members)
            left = echelon.reduce(v)
            assert v ^ left in members
            assert {echelon.reduce(v ^ m) for m in members} == {left}
            part = echelon.reduce(v, above)
            assert v ^ part in members
            assert (part >> above == 0) == any((v ^ m) >> above == 0 for m in members)


def test_a_space_against_the_list_of_its_strings() -> None:
    kinds = set()
    for n, strings, rng in random_sets(1, 400, most=4):
        layout = Layout(n)
        space = Space.of(layout, map(layout.marked, strings))
        basis = [pair(layout.string(v)) for v in space.basis]
        members = _strings(basis)
        assert len(members) == 1 << space.dimension
        assert {pair(s) for s in strings} <= members
        radical = {m for m in members if not any(clash(m, other) for other in members)}
        assert _strings([pair(layout.string(v)) for v in space.radical]) == radical
        assert space.full == (len(members) == 4**n)
        # q by products of generators: every way of making a string gives one value, or there is no q
        values = _form(strings)
        assert space.consistent == all(len(v) == 1 for v in values.values())
        if space.consistent:
            for (x, z), (value,) in values.items():
                vector = layout.vector(PauliString(x, z))
                assert layout.form(vector | parity(space.marks & vector)) == value
            if not any(values[m] == {1} for m in radical):
                zeros = sum(v == {0} for v in values.values())
                assert space.arf() == (2 * zeros < len(values))
                kinds.add(space.arf())
        probe = PauliString(rng.randrange(1 << n), rng.randrange(1 << n))
        found = space.standing_for(layout.dual(layout.vector(probe)))
        there = [m for m in members if all(clash(m, g) == clash(pair(probe), g) for g in basis)]
        assert (found is None) == (not there)
        if found is not None:
            assert pair(layout.string(found)) in there
    assert kinds == {0, 1}


def _strings(basis: list[tuple[int, int]]) -> set[tuple[int, int]]:
    found = {(0, 0)}
    for x, z in basis:
        found |= {(a ^ x, b ^ z) for a, b in found}
    return found


def _form(strings: list[PauliString]) -> dict[tuple[int, int], set[int]]:
    found: dict[tuple[int, int], set[int]] = {(0, 0): {0}}
    for s in strings:
        new = {k: set(v) for k, v in found.items()}
        for (x, z), values in found.items():
            to = x ^ s.x, z ^ s.z
            new.setdefault(to, set()).update(v ^ 1 ^ clash((x, z), pair(s)) for v in values)
        found = new
    return found


def test_layout_goes_there_and_back() -> None:
    layout = Layout(3)
    for x, z in product(range(8), repeat=2):
        string = PauliString(x, z)
        vector = layout.vector(string)
        assert layout.string(vector) == string
        assert layout.marked(string) >> 1 == vector >> 1
        assert layout.form(layout.marked(string)) == 1
        for other in product(range(8), repeat=2):
            assert parity(layout.dual(vector) & layout.vector(PauliString(*other))) == clash((x, z), other)
