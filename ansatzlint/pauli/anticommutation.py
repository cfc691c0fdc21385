"""Which Pauli strings anticommute: the graph of a set of them, its components, its twins."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from ansatzlint.pauli.strings import PauliString, bits


def anticommuting(strings: Sequence[PauliString], others: Sequence[PauliString], qubits: int) -> tuple[int, ...]:
    """For each string those of the others that anticommute with it, as bits."""
    if not strings or not others:
        return (0,) * len(strings)
    size = -(-qubits // 8)
    # Each row of `letters` is a string, 2 size octets; each row of `felt` the others that feel X or Z of one qubit.
    letters = _octets(strings, size)
    swapped = np.unpackbits(np.roll(_octets(others, size), size, axis=1), axis=1, bitorder="little")
    felt = np.packbits(swapped, axis=0, bitorder="little").T
    found = np.zeros((len(strings), felt.shape[1]), dtype=np.uint8)
    table = np.zeros((256, felt.shape[1]), dtype=np.uint8)
    for column in range(2 * size):
        carrying = np.flatnonzero(letters[:, column])
        if len(carrying) == 0:
            continue
        # every sum of the eight rows that an octet chooses from
        for bit in range(8):
            np.bitwise_xor(table[: 1 << bit], felt[8 * column + bit], out=table[1 << bit : 2 << bit])
        for begin in range(0, len(carrying), 1024):
            part = carrying[begin : begin + 1024]
            found[part] ^= table[letters[part, column]]
    return tuple(int.from_bytes(row.tobytes(), "little") for row in found)


def _octets(strings: Sequence[PauliString], size: int) -> NDArray[np.uint8]:
    """The X bits of each string, then the Z bits, 2 size octets a string."""
    data = b"".join(s.x.to_bytes(size, "little") + s.z.to_bytes(size, "little") for s in strings)
    return np.frombuffer(data, dtype=np.uint8).reshape(len(strings), 2 * size)


def components(rows: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """The vertices of each connected component, breadth first from the lowest of them.

    rows
        For each vertex its neighbours, as bits.
    """
    unvisited = (1 << len(rows)) - 1
    while unvisited:
        start = (unvisited & -unvisited).bit_length() - 1
        unvisited ^= 1 << start
        order = [start]
        for vertex in order:
            fresh = rows[vertex] & unvisited
            unvisited ^= fresh
            order += bits(fresh)
        yield tuple(order)


def twins(rows: Sequence[int], vertices: Sequence[int]) -> dict[int, list[int]]:
    """The vertices by their neighbours: those with equal ones are twins; they are no neighbours of each other."""
    found: dict[int, list[int]] = {}
    for vertex in vertices:
        found.setdefault(rows[vertex], []).append(vertex)
    return found
