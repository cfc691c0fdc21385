"""How parameters are drawn before training."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ansatzlint.errors import UsageError

_LARGEST = 1e100
"""Angles whose squares can still be held, in radians."""


@dataclass(frozen=True, slots=True)
class Uniform:
    """Independent angles, uniform over [low, high), in radians."""

    low: float = 0.0
    high: float = 2 * math.pi

    def __post_init__(self) -> None:
        if not -_LARGEST <= self.low <= self.high <= _LARGEST:
            raise UsageError(
                f"uniform initialisation needs finite low <= high of at most {_LARGEST:g}, "
                f"not {self.low} and {self.high}"
            )

    @property
    def full_period(self) -> bool:
        """Whether the interval covers a whole period of 2 pi (to within 1 %, as people write 6.28)."""
        return self.high - self.low >= 0.99 * 2 * math.pi

    def __str__(self) -> str:
        return f"uniform over [{self.low:.4g}, {self.high:.4g})"


@dataclass(frozen=True, slots=True)
class Normal:
    """Independent angles, normal with the given standard deviation and mean, in radians."""

    std: float
    mean: float = 0.0

    def __post_init__(self) -> None:
        if not (abs(self.mean) <= _LARGEST and 0 <= self.std <= _LARGEST):
            raise UsageError(
                f"normal initialisation needs a finite mean of at most {_LARGEST:g}, and such a std >= 0, "
                f"not {self.mean} and {self.std}"
            )

    def __str__(self) -> str:
        return f"normal with mean {self.mean:.4g} and standard deviation {self.std:.4g}"


@dataclass(frozen=True, slots=True)
class Zeros:
    """All angles zero."""

    def __str__(self) -> str:
        return "all zeros"


Initialisation = Uniform | Normal | Zeros


def parse_initialisation(text: str) -> Initialisation:
    """Read `uniform`, `uniform:LOW:HIGH`, `normal:STD` or `zeros`; UsageError for anything else."""
    kind, *numbers = text.strip().split(":")
    try:
        match kind, [float(n) for n in numbers]:
            case "uniform", []:
                return Uniform()
            case "uniform", [low, high]:
                return Uniform(low, high)
            case "normal", [std]:
                return Normal(std)
            case "zeros", []:
                return Zeros()
    except ValueError:
        raise UsageError(f"initialisation {text!r} holds something that is no number") from None
    raise UsageError(f"unknown initialisation {text!r}; use uniform, uniform:LOW:HIGH, normal:STD or zeros")
