"""Many Pauli strings pulled back at once to the gates that stop them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from ansatzlint.pauli.lowering import Clifford, Operation
from ansatzlint.pauli.strings import ELEMENTARY, PauliString, bits


def localities(
    strings: Sequence[PauliString],
    operations: Sequence[Operation],
    parametrised: Sequence[bool],
    free: Collection[int],
    qubits: int,
) -> tuple[int, ...]:
    """On how many qubits each string still acts where a parameter meets it, once pulled to what stops it.

    A string goes back through Clifford gates and through rotations that commute with it. A rotation that it feels
    stops it on all of that rotation's qubits, and so does any operation that meets a qubit where it has stopped.

    Parameters
    ----------
    operations
        In time order.
    parametrised
        For every operation whether a parameter decides what it does or what it acts on.
    free
        Qubits whose initial state parameters decide.
    """
    # Bit t of x[q] and z[q] is string t on qubit q, of stopped[q] whether it has stopped there, and of moved[q]
    # whether that was at an operation that is parametrised: one step serves all strings. Signs do not matter here.
    x, z, stopped, moved = ([0] * qubits for _ in range(4))
    for t, string in enumerate(strings):
        for qubit in bits(string.x):
            x[qubit] |= 1 << t
        for qubit in bits(string.z):
            z[qubit] |= 1 << t
    for operation, hit in zip(reversed(operations), reversed(parametrised), strict=True):
        on = operation.qubits if isinstance(operation, Clifford) else tuple(bits(operation.support))
        halted = 0
        for q in on:
            halted |= stopped[q]
        if isinstance(operation, Clifford):
            _through_clifford(operation, x, z, ~halted)
        else:
            px, pz, felt = operation.pauli.x, operation.pauli.z, 0
            for q in on:
                felt ^= (x[q] if pz >> q & 1 else 0) ^ (z[q] if px >> q & 1 else 0)
            turns = operation.quarter_turns
            if turns is None:
                halted |= felt
            elif turns % 2:
                felt &= ~halted
                for q in on:
                    x[q] ^= felt if px >> q & 1 else 0
                    z[q] ^= felt if pz >> q & 1 else 0
        if halted:
            for q in on:
                if hit:
                    moved[q] |= halted & ~stopped[q]
                stopped[q] |= halted
    counts = [0] * len(strings)
    for qubit in range(qubits):
        for t in bits((x[qubit] | z[qubit]) & (moved[qubit] | (~stopped[qubit] if qubit in free else 0))):
            counts[t] += 1
    return tuple(counts)


def _through_clifford(gate: Clifford, x: list[int], z: list[int], which: int) -> None:
    """Conjugate the strings whose bits are set in `which`, towards earlier times."""
    for step, index in reversed(ELEMENTARY[gate.name]):
        q = gate.qubits[index]
        if step == "h":
            change = (x[q] ^ z[q]) & which
            x[q] ^= change
            z[q] ^= change
        elif step == "s":
            z[q] ^= x[q] & which
        else:
            t = gate.qubits[1 - index]
            x[t] ^= x[q] & which
            z[q] ^= z[t] & which
