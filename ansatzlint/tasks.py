"""What a circuit is sought for: a cost to be read out, a Hamiltonian's ground state, or a target state.

Files are text, a term a line, and `#` starts a comment:

    a Hamiltonian       0.5 Z0 Z1          coefficient and Pauli word, as in `--observable`
    a graph             0 1 [0.5]          an edge and its weight
    a coupling map      0 1                a pair of qubits between which gates are allowed
    a state             010 0.7071 [0.1]   basis state (qubit 0 first), real and imaginary part of its amplitude
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ansatzlint.circuit import Circuit, Observable, PauliSum, PauliTerm, Projector
from ansatzlint.errors import ParseError, UsageError
from ansatzlint.families.couplings import Pairs
from ansatzlint.files import decode, read_bytes
from ansatzlint.observables import parse_observable, parse_pauli_sum

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Kind = Literal["observable", "hamiltonian", "state"]

MOST_QUBITS = 10_000
MAX_WORDS = 4096
"""Pauli words of a target state's projector; more cannot be followed term by term."""
MAX_STATE_QUBITS = 10
"""Qubits of a target state that is no basis state."""
_NORM = 1e-3
"""How far from 1 the norm of written amplitudes may be: people write 0.7071."""


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be solved.

    Attributes
    ----------
    name : str
        In the user's words.
    kind : {"observable", "hamiltonian", "state"}
    qubits : int
    costs : tuple of (str, Observable)
        Costs that have their best value at the same states, with their names; the first one is what was asked for.
    sense : {"min", "max"}
        Whether the least or the largest value is sought.
    """

    name: str
    kind: Kind
    qubits: int
    costs: tuple[tuple[str, Observable], ...]
    sense: Literal["min", "max"] = "min"

    def pose(self, circuit: Circuit, cost: str | None = None) -> Circuit:
        """The circuit with a cost of the task, in place of whatever its source reads out."""
        chosen = self.costs[0][1] if cost is None else dict(self.costs)[cost]
        return replace(circuit, observables=(chosen,), measured=())

    @property
    def trained(self) -> bool:
        """Whether there is something to train for: a ground state or a target state."""
        return self.kind != "observable"

    def as_dict(self) -> dict[str, object]:
        """The problem's identity, as JSON can say it."""
        costs = {name: repr(cost) if isinstance(cost, Projector) else str(cost) for name, cost in self.costs}
        return {"kind": self.kind, "qubits": self.qubits, "costs": costs, "sense": self.sense}


def task_of(
    qubits: int | None,
    *,
    observable: str | None = None,
    hamiltonian: str | PauliSum | None = None,
    state: str | None = None,
) -> Task:
    """The task that the options of a search name; the mean of Z where they name none.

    Parameters
    ----------
    qubits : int or None
        None where a file says it.
    observable : str, optional
        As `--observable` takes it.
    hamiltonian : str or PauliSum, optional
        `tfim`, `heisenberg`, `maxcut:GRAPH` (path, cycle, complete, star, or a file of edges), or a file of terms.
    state : str, optional
        A file of amplitudes.

    Raises
    ------
    UsageError
        For several of them at once, a number of qubits that is missing or does not fit.
    InputError
        For a file that cannot be read; ParseError with the line for one whose text cannot be meant.
    """
    given = [name for name, value in (("observable", observable), ("hamiltonian", hamiltonian), ("state", state))
             if value is not None]  # fmt: skip
    if len(given) > 1:
        raise UsageError(f"a search has one task; give one of {' and '.join(given)}")
    whole = isinstance(qubits, int) and not isinstance(qubits, bool)
    if qubits is not None and not (whole and 2 <= qubits <= MOST_QUBITS):
        raise UsageError(f"qubits must be a whole number from 2 to {MOST_QUBITS}, not {qubits!r}")
    if hamiltonian is not None:
        return _hamiltonian(hamiltonian, qubits)
    if state is not None:
        return _state(Path(state), qubits)
    n = _needed(qubits)
    text = observable or "local-z"
    cost = parse_observable(text, range(n), n)
    if isinstance(cost, Projector):
        return _product(text, cost.bits)
    return Task(text, "observable", n, (("given", cost),))


def _needed(qubits: int | None) -> int:
    if qubits is None:
        raise UsageError("the number of qubits is missing; give --qubits N (in Python qubits=N)")
    return qubits


def _hamiltonian(what: str | PauliSum, qubits: int | None) -> Task:
    from ansatzlint.predictor.quality.hamiltonians import heisenberg, tfim

    if isinstance(what, PauliSum):
        n = max(what.qubits, default=-1) + 1 if qubits is None else qubits
        return _ground(str(what), what, n)
    if what == "tfim":
        return _ground(what, tfim(_needed(qubits), periodic=True), _needed(qubits))
    if what == "heisenberg":
        return _ground(what, heisenberg(_needed(qubits), field=1.0, periodic=True), _needed(qubits))
    if what == "maxcut":
        raise UsageError(f"maxcut of which graph? write maxcut:GRAPH, one of {', '.join(_graphs())} or a file of edges")
    if what.startswith("maxcut:"):
        return _maxcut(what, what.removeprefix("maxcut:"), qubits)
    return _from_file(Path(what), qubits)


def _ground(name: str, cost: PauliSum, qubits: int) -> Task:
    if max(cost.qubits, default=-1) >= qubits:
        raise UsageError(f"the Hamiltonian acts on qubit {max(cost.qubits)}, the circuits have {qubits}")
    if not any(term.paulis and term.coefficient for term in cost.terms):
        raise UsageError("the Hamiltonian is a constant; nothing could be trained")
    return Task(name, "hamiltonian", qubits, (("energy", cost),))


def _graphs() -> Mapping[str, object]:
    from ansatzlint.families.qaoa import GRAPHS

    return GRAPHS


def _maxcut(name: str, graph: str, qubits: int | None) -> Task:
    from ansatzlint.families.qaoa import GRAPHS
    from ansatzlint.predictor.quality.hamiltonians import maxcut

    if graph in GRAPHS:
        n = _needed(qubits)
        try:
            return _ground(name, maxcut(GRAPHS[graph](n)), n)
        except UsageError as error:
            raise UsageError(f"{name}: {error}") from None
    path = Path(graph)
    if not path.suffix and not path.exists():
        raise UsageError(f"unknown graph {graph!r}; use {', '.join(GRAPHS)} or a file of edges")
    edges, weights = [], []
    for number, words in _lines(path):
        edge, weight = _pair(path, number, words, qubits, most=3)
        edges.append(edge)
        weights.append(weight)
    n = max(max(e) for e in edges) + 1 if qubits is None else qubits
    return _ground(name, maxcut(edges, weights), n)


def coupling_map(path: Path, qubits: int) -> Pairs:
    """The pairs of a coupling map's file; raises as `task_of` does for a file."""
    return tuple(dict.fromkeys(_pair(path, number, words, qubits, most=2)[0] for number, words in _lines(path)))


def _pair(
    path: Path, number: int, words: list[str], qubits: int | None, most: int
) -> tuple[tuple[int, int], float]:
    example = "0 1" if most == 2 else "0 1 0.5"
    try:
        if not 2 <= len(words) <= most:
            raise ValueError
        a, b = int(words[0]), int(words[1])
        weight = float(words[2]) if len(words) > 2 else 1.0
    except ValueError:
        message = f"cannot read {' '.join(words)!r}; write it like {example!r}"
        raise ParseError(message, path=str(path), line=number) from None
    if a == b or min(a, b) < 0 or not math.isfinite(weight):
        raise ParseError(f"{' '.join(words)!r} is no pair of different qubits", path=str(path), line=number)
    if qubits is not None and max(a, b) >= qubits:
        message = f"qubit {max(a, b)} is not among the {qubits}, which count from 0"
        raise ParseError(message, path=str(path), line=number)
    return (a, b), weight


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Numbers and words of the lines that say something; ParseError for a file without one."""
    text = decode(read_bytes(path), str(path))
    found = False
    for number, line in enumerate(text.splitlines(), 1):
        words = line.partition("#")[0].split()
        if words:
            found = True
            yield number, words
    if not found:
        raise ParseError("holds nothing but comments", path=str(path))


def _from_file(path: Path, qubits: int | None) -> Task:
    if not path.suffix and not path.exists():
        raise UsageError(f"unknown Hamiltonian {str(path)!r}; use tfim, heisenberg, maxcut:GRAPH or a file of terms")
    terms: dict[tuple[tuple[int, str], ...], float] = {}
    for number, words in _lines(path):
        try:
            read = parse_pauli_sum(" ".join(words), MOST_QUBITS if qubits is None else qubits)
        except UsageError as error:
            raise ParseError(str(error), path=str(path), line=number) from None
        for term in read.terms:
            terms[term.paulis] = terms.get(term.paulis, 0.0) + term.coefficient
    cost = PauliSum(tuple(PauliTerm(c, word) for word, c in terms.items()))
    return _ground(path.name, cost, max(cost.qubits, default=1) + 1 if qubits is None else qubits)


def _state(path: Path, qubits: int | None) -> Task:
    amplitudes: dict[str, complex] = {}
    for number, words in _lines(path):
        try:
            if not 2 <= len(words) <= 3 or set(words[0]) - {"0", "1"}:
                raise ValueError
            value = complex(float(words[1]), float(words[2]) if len(words) > 2 else 0.0)
        except ValueError:
            message = f"cannot read {' '.join(words)!r}; write a basis state and its amplitude, like '010 0.7071'"
            raise ParseError(message, path=str(path), line=number) from None
        if qubits is None:
            qubits = len(words[0])
        if len(words[0]) != qubits:
            raise ParseError(f"{words[0]!r} has {len(words[0])} qubits, not {qubits}", path=str(path), line=number)
        if words[0] in amplitudes:
            raise ParseError(f"{words[0]!r} stands there twice", path=str(path), line=number)
        amplitudes[words[0]] = value
    norm = math.sqrt(sum(abs(a) ** 2 for a in amplitudes.values()))
    if not abs(norm - 1.0) <= _NORM:
        raise ParseError(f"the amplitudes have the norm {norm:.4g}, not 1", path=str(path))
    amplitudes = {bits: a / norm for bits, a in amplitudes.items() if a}
    if len(amplitudes) == 1:
        return _product(path.name, next(iter(amplitudes)))
    n = _needed(qubits)
    if n > MAX_STATE_QUBITS:
        raise ParseError(f"a target state that is no basis state has at most {MAX_STATE_QUBITS} qubits, not {n}",
                         path=str(path))  # fmt: skip
    fidelity = projector_words(amplitudes, n)
    if len(fidelity.terms) > MAX_WORDS:
        raise ParseError(f"its projector has {len(fidelity.terms)} Pauli words, more than the {MAX_WORDS} that can be "
                         "followed; take fewer qubits", path=str(path))  # fmt: skip
    return Task(path.name, "state", n, (("fidelity", fidelity),), "max")


def _product(name: str, bits: str) -> Task:
    """A basis state as target: its probability, or the mean probability that one qubit is right (2001.00550)."""
    n = len(bits)
    right = tuple(PauliTerm(0.5 / n * (1 if bit == "0" else -1), ((q, "Z"),)) for q, bit in enumerate(bits))
    local = PauliSum((PauliTerm(0.5, ()), *right))
    return Task(name, "state", n, (("global", Projector(tuple(range(n)), bits)), ("local", local)), "max")


def projector_words(amplitudes: Mapping[str, complex], qubits: int) -> PauliSum:
    """|psi><psi| as a sum of Pauli words, for amplitudes by basis state, qubit 0 the first character."""
    import numpy as np

    psi = np.zeros(1 << qubits, np.complex128)
    for bits, value in amplitudes.items():
        psi[sum(1 << q for q, bit in enumerate(bits) if bit == "1")] = value
    states = np.arange(len(psi))
    terms = []
    for x in sorted({int(a ^ b) for a in np.flatnonzero(psi) for b in np.flatnonzero(psi)}):
        # <psi| X^x Z^z |psi> for all z at once: a Walsh-Hadamard transform over the basis states
        sums = _walsh(np.conj(psi[states ^ x]) * psi)
        turns = (1, 1j, -1, -1j)
        for z in np.flatnonzero(np.abs(sums) > 1e-12).tolist():
            coefficient = float((turns[(x & z).bit_count() % 4] * sums[z]).real) / len(psi)
            letters = (("IX", "ZY")[z >> q & 1][x >> q & 1] for q in range(qubits))
            terms.append(PauliTerm(coefficient, tuple((q, a) for q, a in enumerate(letters) if a != "I")))
    return PauliSum(tuple(terms))


def _walsh(values: NDArray[np.complex128]) -> NDArray[np.complex128]:
    """sum_b (-1)^(z.b) values[b] for every z."""
    import numpy as np

    found = values.copy()
    step = 1
    while step < len(found):
        pairs = found.reshape(-1, 2, step)
        found = np.stack([pairs[:, 0] + pairs[:, 1], pairs[:, 0] - pairs[:, 1]], axis=1).reshape(-1)
        step *= 2
    return found
