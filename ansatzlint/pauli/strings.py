"""Signed Pauli strings as two integers, and their conjugation by Clifford gates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PauliString:
    """sign * product of X, Y, Z: bit q of `x` (`z`) is set where qubit q carries X or Y (Z or Y); sign is 1 or -1."""

    x: int
    z: int
    sign: int = 1

    @classmethod
    def of(cls, paulis: Iterable[tuple[int, str]]) -> PauliString:
        """From (qubit, letter) pairs, each qubit once; "I" is skipped."""
        x = z = 0
        for qubit, letter in paulis:
            x |= (letter in "XY") << qubit
            z |= (letter in "YZ") << qubit
        return cls(x, z)

    @property
    def support(self) -> int:
        """The qubits that it acts on, as bits."""
        return self.x | self.z

    @property
    def weight(self) -> int:
        return self.support.bit_count()

    def commutes(self, other: PauliString) -> bool:
        return ((self.x & other.z).bit_count() + (self.z & other.x).bit_count()) % 2 == 0

    def letters(self) -> tuple[tuple[int, str], ...]:
        """(qubit, letter) pairs sorted by qubit."""
        return tuple((q, "IXZY"[(self.x >> q & 1) + 2 * (self.z >> q & 1)]) for q in bits(self.support))


def bits(mask: int) -> Iterator[int]:
    """Indices of the set bits, ascending."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


def multiply(a: PauliString, b: PauliString) -> tuple[int, PauliString]:
    """(k, P) with a b = i^k P, P with sign 1 and k in 0..3."""
    x, z = a.x ^ b.x, a.z ^ b.z
    # With Y = i X Z, string = i^|x&z| X^x Z^z; moving Z^a.z past X^b.x gives (-1)^|a.z & b.x|.
    phase = (
        (a.x & a.z).bit_count() + (b.x & b.z).bit_count() - (x & z).bit_count() + 2 * (a.z & b.x).bit_count()
        + (1 - a.sign) + (1 - b.sign)
    )  # fmt: skip
    return phase % 4, PauliString(x, z)


def half_turn(generator: PauliString, string: PauliString, direction: int) -> PauliString:
    """Conjugate by the Clifford rotation R = exp(-i pi/4 G).

    direction 1 gives R P R^dagger (time order), -1 gives R^dagger P R (Heisenberg picture).
    """
    if generator.commutes(string):
        return string
    phase, product = multiply(generator, string)  # G P = i^phase P', phase odd because they anticommute
    # R P R^dagger = -i G P, R^dagger P R = i G P
    sign = 1 if (phase + (3 if direction == 1 else 1)) % 4 == 0 else -1
    return PauliString(product.x, product.z, sign)


# Each Clifford gate as a time-ordered product of H, S and CX on its own qubits 0 and 1, up to a global phase.
_X, _Z = (("h", 0), ("s", 0), ("s", 0), ("h", 0)), (("s", 0), ("s", 0))
_SDG0 = (("s", 0),) * 3
ELEMENTARY: Mapping[str, tuple[tuple[str, int], ...]] = {
    "id": (),
    "x": _X,
    "y": _Z + _X,
    "z": _Z,
    "h": (("h", 0),),
    "s": (("s", 0),),
    "sdg": _SDG0,
    "sx": (("h", 0), ("s", 0), ("h", 0)),
    "sxdg": (("h", 0), *_SDG0, ("h", 0)),
    "cx": (("cx", 0),),
    "cy": (*((("s", 1),) * 3), ("cx", 0), ("s", 1)),
    "cz": (("h", 1), ("cx", 0), ("h", 1)),
    "swap": (("cx", 0), ("cx", 1), ("cx", 0)),
    "dcx": (("cx", 0), ("cx", 1)),
    "iswap": (("s", 0), ("s", 1), ("h", 0), ("cx", 0), ("cx", 1), ("h", 1)),
    "ecr": (("s", 0), ("h", 1), ("s", 1), ("h", 1), ("cx", 0), *_X),
}
"""("cx", 0) has qubit 0 as control, ("cx", 1) qubit 1."""


def conjugate(name: str, qubits: tuple[int, ...], string: PauliString, direction: int) -> PauliString:
    """Conjugate by the Clifford gate U: direction 1 gives U P U^dagger, -1 gives U^dagger P U.

    The update rules are those of Aaronson and Gottesman, quant-ph/0406196.
    """
    x, z, negative = string.x, string.z, string.sign < 0
    steps = ELEMENTARY[name]
    for step, which in steps if direction == 1 else reversed(steps):
        q = qubits[which]
        xq, zq = x >> q & 1, z >> q & 1
        if step == "h":
            negative ^= bool(xq & zq)
            if xq != zq:
                x ^= 1 << q
                z ^= 1 << q
        elif step == "s":
            # S: X -> Y, Y -> -X; its inverse X -> -Y, Y -> X
            negative ^= bool(xq & zq) if direction == 1 else bool(xq & ~zq & 1)
            z ^= xq << q
        else:
            t = qubits[1 - which]
            xt, zt = x >> t & 1, z >> t & 1
            negative ^= bool(xq & zt & (xt ^ zq ^ 1))
            x ^= xq << t
            z ^= zt << q
    return PauliString(x, z, -1 if negative else 1)
