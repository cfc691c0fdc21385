"""Two-qubit blocks and entangled pairs that several families are made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import TypeVar

from ansatzlint.angles import Angle
from ansatzlint.families.builder import Builder
from ansatzlint.gates import shape

T = TypeVar("T")

BLOCKS: Mapping[str, tuple[tuple[str, tuple[int, ...]], ...]] = MappingProxyType(
    {
        "general": (
            ("u", (0,)), ("u", (1,)),
            ("rxx", (0, 1)), ("ryy", (0, 1)), ("rzz", (0, 1)),
            ("u", (0,)), ("u", (1,)),
        ),
        "ry-cx": (("ry", (0,)), ("ry", (1,)), ("cx", (0, 1))),
    }
)  # fmt: skip
"""The gates of a block, each with which of its two qubits it acts on.

"general" is every two-qubit unitary up to its phase, in 15 angles.
"""

BLOCK_NAMES = "two-qubit block: any unitary in 15 angles, or RY on both qubits and CX"


def angles_of(builder: Builder, block: str) -> tuple[Angle, ...]:
    """A new parameter for each angle of the block."""
    return tuple(builder.parameter() for name, _ in BLOCKS[block] for _ in range(shape(name)[1]))


def place(builder: Builder, block: str, pair: tuple[int, int], angles: tuple[Angle, ...] | None = None) -> None:
    """Append the block on a pair of qubits, with new parameters where no angles are given."""
    left = list(angles_of(builder, block) if angles is None else angles)
    for name, which in BLOCKS[block]:
        count = shape(name)[1]
        builder.gate(name, *(pair[k] for k in which), angles=tuple(left[:count]))
        del left[:count]


def supply(make: Callable[[], T], shared: bool) -> Callable[[], T]:
    """`make` itself, or what its first call gives, again and again."""
    return cache(make) if shared else make


def hop(builder: Builder, a: int, b: int, angle: Angle) -> None:
    """exp(-i angle (XX + YY) / 2)."""
    builder.gate("rxx", a, b, angles=(angle,))
    builder.gate("ryy", a, b, angles=(angle,))


def singlet(builder: Builder, a: int, b: int) -> None:
    """|00> to (|01> - |10>) / sqrt 2."""
    builder.gate("x", a)
    triplet(builder, a, b)


def triplet(builder: Builder, a: int, b: int) -> None:
    """|00> to (|01> + |10>) / sqrt 2."""
    builder.gate("h", a)
    builder.gate("x", b)
    builder.gate("cx", a, b)
