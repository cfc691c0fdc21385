"""Global costs replaced by local ones whose optimum is one of theirs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import floor, log2

from ansatzlint.advice.subject import Subject
from ansatzlint.advice.values import Loss, Proposal, Refusal
from ansatzlint.circuit import Observable, PauliSum, PauliTerm, Probabilities, Projector

FEWEST = 2
"""The narrowest cost that counts as global acts on more qubits than this."""


def propose(subject: Subject) -> Iterator[Proposal | Refusal]:
    """The local equivalent of a cost that is a projector or a single Pauli word on many qubits."""
    circuit = subject.circuit
    limit = max(FEWEST, floor(log2(max(circuit.qubits, 1))))
    if len(circuit.observables) != 1:
        yield Refusal("cost", "a local cost", f"the cost is made of {len(circuit.observables)} observables")
        return
    (cost,) = circuit.observables
    found = local(cost, limit)
    if isinstance(found, str):
        yield Refusal("cost", "a local cost", found)
        return
    changed, words, meaning, losses = found
    new = replace(circuit, observables=(changed,), sizes=(), at_sizes=())
    yield Proposal("cost", "cost", f"train on {words}", new, meaning, losses)


def local(cost: Observable, limit: int) -> tuple[Observable, str, str, tuple[Loss, ...]] | str:
    """(local cost, in words, what changes in meaning, losses), or why there is none.

    The mean of single-qubit probabilities is 1 exactly where the fidelity F is, and 1 - F_L <= 1 - F <= n (1 - F_L)
    (M. Cerezo et al., 2001.00550, after S. Khatri et al., 1807.00800).
    """
    if isinstance(cost, Probabilities) and cost.selected:
        cost = Projector(cost.qubits, "0" * len(cost.qubits), cost.location)
    if isinstance(cost, Projector):
        n = len(cost.qubits)
        if n <= limit:
            return "the cost is local already"
        signs = [-1.0 if bit == "1" else 1.0 for bit in cost.bits]
        terms = tuple(PauliTerm(s / (2 * n), ((q, "Z"),)) for q, s in sorted(zip(cost.qubits, signs, strict=True)))
        meaning = (
            f"the mean probability F_L that a single qubit is right stands for the fidelity F: both are 1 at the same "
            f"states only, and 1 - F_L <= 1 - F <= {n} (1 - F_L); report F at the end"
        )
        words = "the mean probability that a single qubit is right, in place of the projector"
        return PauliSum((PauliTerm(0.5, ()), *terms), cost.location), words, meaning, ()
    if not isinstance(cost, PauliSum):
        return "the cost is no projector and no Pauli sum"
    acting = [t for t in cost.terms if t.paulis and t.coefficient]
    wide = [t for t in acting if len(t.paulis) > limit]
    if not wide:
        return "the cost is local already"
    if len(acting) > 1:
        return f"no local cost has the optimum of a sum with {len(wide)} wide terms"
    return _of_word(cost, wide[0])


def _of_word(cost: PauliSum, term: PauliTerm) -> tuple[Observable, str, str, tuple[Loss, ...]]:
    """A mean of single-qubit Paulis whose least value is at product states where the word's cost is least too."""
    n = len(term.paulis)
    # A positive coefficient asks for the product -1, which so many outcomes -1 have only where their number is odd.
    flipped = n % 2 == 0 and term.coefficient > 0
    size = term.coefficient / n
    terms = [PauliTerm(size, (pauli,)) for pauli in term.paulis]
    if flipped:
        terms[0] = replace(terms[0], coefficient=-size)
    rest = tuple(t for t in cost.terms if not t.paulis)
    where = "all outcomes but the first" if flipped else "all outcomes"
    meaning = (
        f"another cost: minimised, it asks for {where} to be {'-1' if term.coefficient > 0 else '+1'}, which is one of "
        f"2^{n - 1} outcomes at which the first cost is least; report the first cost at the end"
    )
    letters = {letter for _, letter in term.paulis}
    one = letters.pop() if len(letters) == 1 else "single-qubit Paulis"
    words = f"the mean of {one} over {n} qubits{', one sign flipped,' if flipped else ''} in place of their product"
    loss = Loss("another cost with one of the many optima", 1.0)
    return PauliSum((*rest, *terms), cost.location), words, meaning, (loss,)
