"""Observables from text: `Z0 Z1 + 0.5 X2`, `local-z`, `global-z`, `projector`."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from ansatzlint.circuit import Observable, PauliSum, PauliTerm, Projector
from ansatzlint.errors import UsageError

_NUMBER = r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_TERM = re.compile(rf"\s*(?P<sign>[+-]?)\s*(?P<coefficient>{_NUMBER})?\s*\*?\s*(?P<word>[^+-]*)")
_FACTOR = re.compile(r"([IXYZ])\(?(\d+)\)?")


def local_z(qubits: Sequence[int]) -> PauliSum:
    """The mean of Z over the qubits."""
    return PauliSum(tuple(PauliTerm(1.0 / len(qubits), ((q, "Z"),)) for q in qubits))


def global_z(qubits: Sequence[int]) -> PauliSum:
    """The product of Z over the qubits."""
    return PauliSum((PauliTerm(1.0, tuple((q, "Z") for q in qubits)),))


def parse_observable(text: str, qubits: Sequence[int], total: int) -> Observable:
    """Read an observable.

    Parameters
    ----------
    text : str
        `local-z`, `global-z`, `projector` (on |0…0>), or a sum such as `Z0 Z1 + 0.5 X2`; factors may also be
        joined by `*` or `@`.
    qubits : sequence of int
        The qubits that the three names mean: the measured ones, or all.
    total : int
        The circuit's number of qubits.

    Raises
    ------
    UsageError
        For text that cannot be read, a qubit that is not there or twice in one term.
    """
    match text.strip().lower():
        case "local-z":
            return local_z(qubits)
        case "global-z":
            return global_z(qubits)
        case "projector":
            return Projector(tuple(qubits), "0" * len(qubits))
    return parse_pauli_sum(text, total)


def parse_pauli_sum(text: str, total: int) -> PauliSum:
    """Read a sum of Pauli words; equal words are added up. UsageError as in `parse_observable`."""
    remedy = "write it like 'Z0 Z1 + 0.5 X2', or use local-z, global-z or projector"
    terms: dict[tuple[tuple[int, str], ...], float] = {}
    rest = text.strip()
    if not rest:
        raise UsageError(f"the observable is empty; {remedy}")
    first = True
    while rest:
        found = _TERM.match(rest)
        if found is None or found.end() == 0 or not (first or found["sign"]):
            raise UsageError(f"cannot read the observable {text!r} at {rest!r}; {remedy}")
        coefficient = float(found["coefficient"] or 1.0) * (-1.0 if found["sign"] == "-" else 1.0)
        factors = _FACTOR.findall(found["word"])
        remainder = re.sub(r"[\s*@]", "", _FACTOR.sub("", found["word"]))
        if remainder not in ("", "I") or not (factors or remainder or found["coefficient"]):
            raise UsageError(f"cannot read the observable {text!r} at {found['word'].strip() or rest!r}; {remedy}")
        word: dict[int, str] = {}
        for letter, digits in factors:
            qubit = int(digits)
            if qubit >= total:
                raise UsageError(f"the observable {text!r} acts on qubit {qubit}, the circuit has {total}")
            if qubit in word:
                raise UsageError(f"the observable {text!r} has qubit {qubit} twice in one term")
            word[qubit] = letter
        key = tuple(sorted((q, letter) for q, letter in word.items() if letter != "I"))
        terms[key] = terms.get(key, 0.0) + coefficient
        if not math.isfinite(terms[key]):
            raise UsageError(f"the observable {text!r} has a coefficient that is not finite")
        rest = rest[found.end() :].lstrip()
        first = False
    return PauliSum(tuple(PauliTerm(c, word) for word, c in terms.items()))


def to_text(observable: PauliSum) -> str:
    """The text that `parse_pauli_sum` reads back exactly."""
    parts = []
    for term in observable.terms:
        word = " ".join(f"{letter}{qubit}" for qubit, letter in term.paulis) or "I"
        parts.append(f"{term.coefficient!r} {word}")
    return " + ".join(parts).replace("+ -", "- ")
