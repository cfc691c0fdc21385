"""The deep limit against dense matrices that are averaged over every angle until nothing changes."""

from __future__ import annotations

import random
from functools import reduce

import numpy as np
import pytest
from algebra.brute import random_set
from moments.matrices import matrix

from ansatzlint.algebra.classify import blocks
from ansatzlint.algebra.deep import alignment, deep_variance
from ansatzlint.circuit import Amplitudes, Circuit
from ansatzlint.moments.initial import Initial, initial
from ansatzlint.pauli.strings import PauliString

R = 0.5**0.5
STABILISER = {"0": (1, 0), "1": (0, 1), "+": (R, R), "-": (R, -R), "i": (R, 1j * R), "j": (R, -1j * R)}
OTHER = {"a": (np.cos(0.3), np.sin(0.3)), "b": (np.cos(0.7), 1j * np.sin(0.7))}
Terms = list[tuple[str, PauliString, float]]


def _state(letters: str) -> tuple[Initial, np.ndarray]:
    psi = reduce(np.kron, [np.array({**STABILISER, **OTHER}[c], dtype=complex) for c in letters])
    circuit = Circuit("c", len(letters), (), initial_state=Amplitudes(tuple(range(len(letters))), tuple(psi.tolist())))
    found = initial(circuit)
    assert isinstance(found, Initial)
    return found, psi


def _dense(generators: list[PauliString], terms: Terms, letters: str) -> float:
    """E[C^2] - E[C]^2; five angles are enough for the frequencies of U x U in a full turn."""
    n = len(letters)
    _, psi = _state(letters)
    cost = sum(c * matrix(s, n) for _, s, c in terms)
    pair, one = np.kron(cost, cost), cost
    turns, doubled = [], []
    for g in generators:
        p = matrix(g, n)
        us = [np.cos(t / 2) * np.eye(2**n) - 1j * np.sin(t / 2) * p for t in 2 * np.pi * np.arange(5) / 5]
        turns.append(us)
        doubled.append([np.kron(u, u) for u in us])
    for _ in range(400):
        before = pair
        for us, ws in zip(turns, doubled, strict=True):
            pair = sum(w.conj().T @ pair @ w for w in ws) / 5
            one = sum(u.conj().T @ one @ u for u in us) / 5
        if np.abs(pair - before).max() < 1e-13:
            break
    else:
        raise AssertionError("the average did not converge")
    both = np.kron(psi, psi)
    return float((both.conj() @ pair @ both).real - (psi.conj() @ one @ psi).real ** 2)


def _case(rng: random.Random, n: int, alphabet: str) -> tuple[list[PauliString], Terms, str]:
    generators = random_set(rng, n)[: rng.choice((1, 2, 3, 6))]
    terms: Terms = []
    codes = rng.sample(range(1, 4**n), rng.randrange(1, min(7, 4**n - 1)))
    if rng.random() < 0.5:  # a string that nothing moves ties terms together that differ by it
        still = rng.randrange(1, 2**n)
        generators = [g for g in generators if g.commutes(PauliString(0, still))] or [PauliString(0, 1)]
        codes = list(dict.fromkeys(c for code in codes for c in (code, code ^ still) if c))
    for code in codes:
        string = PauliString(code >> n, code & (1 << n) - 1, rng.choice((1, -1)))
        terms.append((str(code), PauliString(string.x, string.z), string.sign * rng.choice((1.0, 0.5, 2.0))))
    return generators, terms, "".join(rng.choice(alphabet) for _ in range(n))


@pytest.mark.parametrize("alphabet", ["0", "01+-ij", "0+ab"])
def test_against_averaged_matrices(alphabet: str) -> None:
    rng = random.Random(alphabet)
    positive = crossed = 0
    for k in range(80):
        n = 3 if k < 2 else rng.choice((1, 2, 2, 2))
        generators, terms, letters = _case(rng, n, alphabet)
        state, _ = _state(letters)
        rename = alignment(state)
        assert (rename is None) == bool(set(letters) & set(OTHER))
        found = blocks([rename(g) if rename else g for g in generators], n)
        orbits, value, reason = deep_variance(found, generators, terms, state)
        assert value is not None, reason
        assert value == pytest.approx(_dense(generators, terms, letters), abs=1e-9), (generators, terms, letters)
        alone = sum(deep_variance(found, generators, [t], state)[1] or 0.0 for t in terms)
        positive += value > 1e-9
        crossed += abs(alone - value) > 1e-9
        for (_, string, _), orbit in zip(terms, orbits, strict=True):
            if orbit.size == 1:
                assert all(g.commutes(string) for g in generators)
    assert positive > 15
    assert crossed > 3


def test_terms_that_stay_correlated() -> None:
    # on two qubits only the first one turns: Z0 and Z0 Z1 go together, |01> gives them opposite signs
    generators = [PauliString(1, 0), PauliString(1, 1)]
    terms = [("Z0", PauliString(0, 1), 1.0), ("Z0 Z1", PauliString(0, 3), 1.0)]
    zero = Initial(2)
    assert deep_variance(blocks(generators, 2), generators, terms, zero)[1] == pytest.approx(4 / 3)
    one, _ = _state("01")
    assert deep_variance(blocks(generators, 2), generators, terms, one)[1] == pytest.approx(0.0)


def test_an_orbit_too_large_to_list_is_said() -> None:
    n = 12
    state = Initial(n, tuple(((q,), np.array([1.0, 0.6, 0.8, 0.0])) for q in range(n)))
    generators = [PauliString(1 << q, z << q) for q in range(n) for z in (0, 1)]
    generators += [PauliString(0, 3 << q) for q in range(n - 1)]
    orbits, value, reason = deep_variance(blocks(generators, n), generators, [("Z0", PauliString(0, 1), 1.0)], state)
    assert value is None
    assert "too large" in reason
    assert orbits[0].share is None
