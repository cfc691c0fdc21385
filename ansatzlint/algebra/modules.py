"""The cost of a deep circuit, averaged over the group that its generators generate, without knowing that group.

When every generator is drawn again and again, the circuit becomes uniform (Haar) over the compact group K whose Lie
algebra the generators generate. In the Heisenberg picture K acts by rotations on the module V of the cost: what nested
commutators of the generators with the cost span. With an orthonormal basis of V, the cost as a vector o, and the vector
r of the basis' expectation values in the initial state, C = r.(k o), so that E[C] = r.v and Var[C] = r^T M r: v is the
projection of o onto what every generator leaves alone, M that of (o - v)(o - v)^T onto the matrices that commute with
every generator. Where the cost lies in the algebra itself this is the formula of Ragone et al., arXiv:2309.09342.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ansatzlint.algebra.closure import Budget, Spin
from ansatzlint.algebra.sentences import Sentence
from ansatzlint.pauli.strings import PauliString

BUDGET = Budget(dimension=400, strings=1 << 14, work=1_000_000_000)

_ELEMENTS = 5  # of the group: so many random ones leave nothing invariant that the group moves, by a wide margin
_INDEPENDENT = 1e-6
_EXACT = 1e-9
_CONVERGED = 1e-12
_STEPS = 2000


@dataclass(frozen=True, slots=True)
class Limit:
    """E[C], E[C^2] and Var[C] of the infinitely deep circuit, in the cost's own unit; `dimension` is that of V."""

    first: float
    second: float
    variance: float
    dimension: int


def limit(
    generators: Sequence[Sentence],
    cost: Sentence,
    expectation: Callable[[PauliString], float],
    budget: Budget | None = None,
) -> Limit | str:
    """Moments of the cost over the Haar measure of the group that the generators generate, or why they cannot be had.

    Parameters
    ----------
    generators
        H in exp(-i t H), every one drawn again and again with t of a law that has a density.
    cost
        The observable where it meets the generators: pulled back through what stands behind them.
    expectation
        Tr(rho P) of a string of sign 1 in the initial state.
    """
    import numpy as np

    constant = sum(c for string, c in cost.terms if not string.support)
    moving = cost.traceless()
    budget = budget or BUDGET
    spin = Spin([g for g in map(Sentence.traceless, generators) if g], [moving], budget)
    found = spin.run()
    if not found.complete:
        return f"the cost moves in a space of more than {found.dimension} dimensions, too large to average over"
    if not moving:
        return Limit(constant, constant**2, 0.0, 0)
    scale = moving.norm
    basis = _basis(spin, moving, found.basis)
    if isinstance(basis, str):
        return basis
    q, actions = basis
    # strings that cancelled on the way, or that stand only in what was found dependent, are not asked for
    known = [expectation(s) if met else 0.0 for s, met in zip(spin.strings, q.any(axis=1).tolist(), strict=True)]
    r = scale * q.T @ np.array(known)
    o = np.zeros(len(actions[0]) if actions else 1)
    o[0] = 1.0
    elements = _elements(actions)
    fixed = _fixed(elements, o)
    if any(np.abs(a @ fixed).max() > _EXACT for a in actions):
        return "the average over the group did not converge"
    moved = o - fixed
    second = _commuting(elements, np.outer(moved, moved))
    if second is None or not _is_projection(second, np.outer(moved, moved), actions):
        return "the average over the group did not converge"
    mean, variance = float(r @ fixed), max(0.0, float(r @ second @ r))
    first = constant + mean
    return Limit(first, variance + first**2, variance, found.dimension)


def _basis(spin: Spin, cost: Sentence, origins: Sequence[tuple[int, int]]) -> tuple[Any, list[Any]] | str:
    """(Q, A): an orthonormal basis of V, shape (strings, dim V), the cost first, and the generators' matrices on it."""
    import numpy as np
    from scipy.sparse import csr_array

    size = len(spin.strings)
    sums: list[Any] = []
    for generator_words in spin.scaled:
        rows, columns, values = [], [], []
        for word, c in generator_words:
            hit = np.flatnonzero(spin.target[word, :size] >= 0)
            rows.append(spin.target[word, hit])
            columns.append(hit)
            values.append(np.where(spin.negative[word, hit], -c, c))
        entries = np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))
        sums.append(csr_array(entries, shape=(size, size)))
    q = np.zeros((size, len(origins)), order="F")
    for k, (generator, parent) in enumerate(origins):
        if parent < 0:
            column = {(s.x, s.z): i for i, s in enumerate(spin.strings)}
            for string, c in cost.terms:
                q[column[string.x, string.z], k] = c
        else:
            q[:, k] = sums[generator] @ q[:, parent]
        before = np.linalg.norm(q[:, k])
        for _ in range(2):  # twice is enough for orthogonality to round-off
            q[:, k] -= q[:, :k] @ (q[:, :k].T @ q[:, k])
        after = np.linalg.norm(q[:, k])
        if after < _INDEPENDENT * before:
            return "the coefficients differ too much in size for the average over the group to be computed in floats"
        q[:, k] /= after
    actions = []
    for matrix in sums:
        image = matrix @ q
        a = q.T @ image
        if np.abs(image - q @ a).max() > _EXACT:
            return "the coefficients differ too much in size for the average over the group to be computed in floats"
        actions.append((a - a.T) / 2)
    return q, actions


def _elements(actions: Sequence[Any]) -> list[Any]:
    """Rotations of V from all over the group: long random products, by product replacement (Celler et al. 1995)."""
    import numpy as np

    rng = np.random.default_rng(0)
    spectra = [np.linalg.eigh(1j * a) for a in actions]

    def turn(k: int) -> Any:
        values, vectors = spectra[k]
        angle = rng.uniform(10.0, 1000.0) / max(np.abs(values).max(), 1e-12)
        return ((vectors * np.exp(-1j * angle * values)) @ vectors.conj().T).real

    pool = []
    for _ in range(_ELEMENTS):
        element = np.eye(len(actions[0])) if actions else np.eye(1)
        for k in rng.permutation(len(actions)):
            element = turn(int(k)) @ element
        pool.append(element)
    for _ in range(5 * _ELEMENTS):
        a, b = rng.choice(_ELEMENTS, 2, replace=False)
        product = pool[a] @ pool[b]
        # back to orthogonal, by a Newton step: products double the round-off, which would make nothing invariant
        pool[a] = 1.5 * product - 0.5 * product @ (product.T @ product)
    return pool


def _fixed(elements: Sequence[Any], o: Any) -> Any:
    """The projection of o onto what all elements leave alone."""
    import numpy as np

    mean = sum(e + e.T for e in elements) / (2 * len(elements))
    values, vectors = np.linalg.eigh(mean)
    kept = vectors[:, values > 1 - 1e-10]
    return kept @ (kept.T @ o)


def _is_projection(m: Any, start: Any, actions: Sequence[Any]) -> bool:
    """Whether m commutes with every generator, and nothing of the start that does so was lost on the way to m."""
    import numpy as np

    commutes = all(np.abs(a @ m - m @ a).max() <= _EXACT for a in actions)
    kept = abs(float(np.vdot(start - m, m))) <= _EXACT and abs(float(np.trace(start - m))) <= _EXACT
    return commutes and kept


def _commuting(elements: Sequence[Any], start: Any) -> Any | None:
    """The projection of a symmetric matrix onto those that commute with all elements; None without convergence.

    It is start - X with L X = L start by conjugate gradients, L M the mean of M - k M k^T over elements and inverses.
    Random elements make all that L does not annihilate nearly equal, so that a few dozen steps do.
    """
    import numpy as np

    def moved(m: Any) -> Any:
        total = sum(e @ m @ e.T + e.T @ m @ e for e in elements)
        return m - total / (2 * len(elements))

    m = start.copy()
    residual = moved(m)
    direction = residual.copy()
    size = float(np.vdot(residual, residual))
    goal = _CONVERGED**2 * float(np.vdot(start, start))
    for _ in range(_STEPS):
        if size <= goal:
            return (m + m.T) / 2
        image = moved(direction)
        step = size / float(np.vdot(direction, image))
        m -= step * direction
        residual -= step * image
        size, last = float(np.vdot(residual, residual)), size
        direction = residual + size / last * direction
    return None
