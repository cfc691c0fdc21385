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
from ansatzlint.algebra.symmetry import interchangeable
from ansatzlint.moments.initial import Initial, pack

BUDGET = Budget(dimension=500, strings=1 << 14, work=2_000_000_000)

_ELEMENTS = 5  # of the group: so many random ones leave nothing invariant that the group moves, by a wide margin
_INDEPENDENT = 1e-6
_EXACT = 1e-9
_CONVERGED = 1e-13
_ROUND_OFF = 1e-10
_APART = 1e-4  # eigenvectors whose eigenvalues are closer would be known too badly to be told apart
_SLOW = 1e-12, 1e-8
_STEPS = 500
_UNEVEN = "the coefficients differ too much in size for the average over the group to be computed in floats"
_UNSETTLED = "the average over the group did not converge"


@dataclass(frozen=True, slots=True)
class Limit:
    """E[C], E[C^2] and Var[C] of the infinitely deep circuit, in the cost's own unit; `dimension` is that of V.

    A variance that round-off could feign, below 1e-10 |r|^2 |o|^2, is given as zero.
    """

    first: float
    second: float
    variance: float
    dimension: int


def limit(
    generators: Sequence[Sentence], cost: Sentence, state: Initial, budget: Budget | None = None
) -> Limit | str:
    """Moments of the cost over the Haar measure of the group that the generators generate, or why they cannot be had.

    Parameters
    ----------
    generators
        H in exp(-i t H), every one drawn again and again with t of a law that has a density.
    cost
        The observable where it meets the generators: pulled back through what stands behind them.
    state
        The initial state.
    """
    import numpy as np
    from threadpoolctl import threadpool_limits

    constant = sum(c for string, c in cost.terms if not string.support)
    moving = cost.traceless()
    budget = budget or BUDGET
    if not moving:
        return Limit(constant, constant**2, 0.0, 0)
    acting = [g for g in map(Sentence.traceless, generators) if g]
    spin = Spin(acting, [moving], budget, interchangeable([*acting, moving], _alike(state)))
    found = spin.run()
    if not found.complete:
        return f"the cost moves in a space of at least {found.dimension} dimensions, too large to average over"
    # one thread: the matrices are small, and the last digits do not depend on how many there are
    with threadpool_limits(1):
        basis = _basis(spin, moving, found.basis)
        if isinstance(basis, str):
            return basis
        q, actions = basis
        weights = np.sqrt([float(spin.folding.orbit((s.x, s.z))) for s in spin.strings])
        r = moving.norm * q.T @ (weights * state.expectation(pack(spin.strings, state.qubits)))
        o = np.zeros(found.dimension)
        o[0] = 1.0
        spectra = [np.linalg.eigh(1j * a) for a in actions]
        for values, _ in spectra:
            gaps = np.diff(values)
            if np.any((gaps > _SLOW[0]) & (gaps < _SLOW[1])):
                return _UNEVEN  # what turns so slowly would pass for what does not turn at all
        elements = _elements(spectra, found.dimension)
        fixed = _fixed(elements, o)
        if any(np.abs(a @ fixed).max() > _EXACT for a in actions):
            return _UNSETTLED
        start = np.outer(o - fixed, o - fixed)
        second = _commuting(elements, o - fixed)
        if second is None or not _is_projection(second, start, actions):
            return _UNSETTLED
        mean, variance = float(r @ fixed), float(r @ second @ r)
        if variance < _ROUND_OFF * float(r @ r):
            variance = 0.0
    first = constant + mean
    return Limit(first, variance + first**2, variance, found.dimension)


def _alike(state: Initial) -> Callable[[int, int], bool]:
    """Whether two qubits can be swapped in the initial state: told for those that are not entangled."""
    single = {on[0]: table.tobytes() for on, table in state.blocks if len(on) == 1}
    joined = {q for on, _ in state.blocks if len(on) > 1 for q in on}
    return lambda a, b: a not in joined and b not in joined and single.get(a) == single.get(b)


def _basis(spin: Spin, cost: Sentence, origins: Sequence[tuple[int, int]]) -> tuple[Any, list[Any]] | str:
    """(Q, A): an orthonormal basis of V, the cost first, and the generators' matrices on it.

    Q has shape (columns of the spin, dim V); a row belongs to the sum over a column's orbit, divided by its norm.
    """
    import numpy as np
    from scipy.sparse import csr_array

    size = len(spin.strings)
    weights = np.sqrt([float(spin.folding.orbit((s.x, s.z))) for s in spin.strings])
    sums: list[Any] = []
    for generator_words in spin.scaled:
        rows, columns, values = [], [], []
        for word, c in generator_words:
            hit = np.flatnonzero(spin.target[word, :size] >= 0)
            rows.append(spin.target[word, hit])
            columns.append(hit)
            ratio = weights[hit] / weights[spin.target[word, hit]]
            values.append(np.where(spin.negative[word, hit], -c, c) * ratio)
        entries = np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))
        sums.append(csr_array(entries, shape=(size, size)))
    q = np.zeros((size, len(origins)), order="F")
    for k, (generator, parent) in enumerate(origins):
        if parent < 0:
            for string, c in cost.terms:
                column = spin.column(string)
                q[column, k] += c / weights[column]
        else:
            q[:, k] = sums[generator] @ q[:, parent]
        for _ in range(2):  # twice is enough for orthogonality to round-off
            q[:, k] -= q[:, :k] @ (q[:, :k].T @ q[:, k])
        after = np.linalg.norm(q[:, k])
        if k and after < _INDEPENDENT:  # of at most two: vectors and generators have norm one
            return _UNEVEN
        q[:, k] /= after
    actions = []
    for matrix in sums:
        image = matrix @ q
        a = q.T @ image
        if np.abs(image - q @ a).max() > _EXACT:
            return _UNEVEN
        actions.append((a - a.T) / 2)
    return q, actions


def _elements(spectra: Sequence[tuple[Any, Any]], size: int) -> list[Any]:
    """Rotations of V from all over the group: long random products, by product replacement (Celler et al. 1995).

    `spectra` holds eigenvalues and eigenvectors of i times every generator's matrix on V.
    """
    import numpy as np

    rng = np.random.default_rng(0)

    def turn(k: int) -> Any:
        values, vectors = spectra[k]
        angle = rng.uniform(10.0, 1000.0) / max(np.abs(values).max(), 1e-12)
        return ((vectors * np.exp(-1j * angle * values)) @ vectors.conj().T).real

    pool = []
    for _ in range(_ELEMENTS):
        element = np.eye(size)
        for k in rng.permutation(len(spectra)):
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


def _commuting(elements: Sequence[Any], vector: Any) -> Any | None:
    """The projection of vector vector^T onto the matrices that commute with two elements; None without convergence.

    P_1 and P_2 project onto what commutes with one element: onto diagonal blocks in its eigenbasis, nearly all of them
    of a few rows. In the first basis the answer is start - X, start = P_1 (vector vector^T), where X solves
    (1 - P_1 P_2 P_1) X = (1 - P_1 P_2 P_1) start, by conjugate gradients. Two random elements leave little in common
    that is not invariant, so that a few dozen steps do.
    """
    import numpy as np

    (groups, basis), (others, other) = (_eigenspaces(e) for e in elements[:2])
    forth = other.conj().T @ basis
    back = forth.conj().T

    def moved(m: list[Any]) -> list[Any]:
        return [a - b for a, b in zip(m, _blocks(back, others, _blocks(forth, groups, m, others), groups), strict=True)]

    def dot(a: list[Any], b: list[Any]) -> float:
        return float(sum(np.vdot(x, y).real for x, y in zip(a, b, strict=True)))

    there = basis.conj().T @ vector
    m = [there[rows][:, :, None] * there[rows].conj()[:, None, :] for rows in groups]
    goal = _CONVERGED**2 * dot(m, m)
    residual = moved(m)
    direction = residual
    size = dot(residual, residual)
    for _ in range(_STEPS):
        if size <= goal:
            found = np.zeros_like(basis)
            for rows, blocks in zip(groups, m, strict=True):
                found[rows[:, :, None], rows[:, None, :]] = blocks
            found = (basis @ found @ basis.conj().T).real
            return (found + found.T) / 2
        image = moved(direction)
        step = size / dot(direction, image)
        m = [a - step * b for a, b in zip(m, direction, strict=True)]
        residual = [a - step * b for a, b in zip(residual, image, strict=True)]
        size, last = dot(residual, residual), size
        direction = [a + size / last * b for a, b in zip(residual, direction, strict=True)]
    return None


def _eigenspaces(element: Any) -> tuple[list[Any], Any]:
    """(groups, U) of a rotation: its eigenvectors as columns of U, and the columns that share an eigenvalue.

    Every group is an index array of shape (spaces, their dimension). Eigenvalues that nearly agree are taken as one,
    which makes the blocks larger than they need to be and nothing wrong.
    """
    import numpy as np

    values, vectors = np.linalg.eigh(1j * (element - element.T))
    ends = [*(np.flatnonzero(np.diff(values) > _APART) + 1).tolist(), len(values)]
    spaces: dict[int, list[Any]] = {}
    for start, end in zip([0, *ends], ends, strict=False):
        spaces.setdefault(end - start, []).append(np.arange(start, end))
    return [np.array(spaces[size]) for size in sorted(spaces)], vectors


def _blocks(u: Any, groups: Sequence[Any], blocks: Sequence[Any], wanted: Sequence[Any]) -> list[Any]:
    """The wanted diagonal blocks of u M u^dagger for an M of diagonal blocks; one array (spaces, d, d) for a group."""
    import numpy as np

    product = np.empty_like(u)
    for rows, m in zip(groups, blocks, strict=True):
        part = u[:, rows].swapaxes(0, 1) @ m
        product[:, rows] = part.swapaxes(0, 1)
    return [product[rows] @ u[rows].conj().swapaxes(1, 2) for rows in wanted]
