"""Noise that a device adds after the gates."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ansatzlint.errors import UsageError


def _probability(value: float, what: str) -> None:
    if not (math.isfinite(value) and 0.0 <= value <= 1.0):
        raise UsageError(f"{what} must lie between 0 and 1, not {value}")


@dataclass(frozen=True, slots=True)
class Depolarizing:
    """rho -> (1-p) rho + p I/2^k on the gate's k qubits jointly, after each one- (p1) and two-qubit (p2) gate."""

    p1: float
    p2: float

    def __post_init__(self) -> None:
        _probability(self.p1, "depolarizing probability p1")
        _probability(self.p2, "depolarizing probability p2")

    def __str__(self) -> str:
        return f"depolarizing, {self.p1:g} after one-qubit and {self.p2:g} after two-qubit gates"


@dataclass(frozen=True, slots=True)
class PauliNoise:
    """rho -> (1-px-py-pz) rho + px X rho X + py Y rho Y + pz Z rho Z on each qubit of each gate."""

    px: float
    py: float
    pz: float

    def __post_init__(self) -> None:
        for value, what in ((self.px, "px"), (self.py, "py"), (self.pz, "pz")):
            _probability(value, f"Pauli error probability {what}")
        _probability(self.px + self.py + self.pz, "the sum of the Pauli error probabilities")

    def __str__(self) -> str:
        return f"Pauli errors X {self.px:g}, Y {self.py:g}, Z {self.pz:g} on each qubit of each gate"


@dataclass(frozen=True, slots=True)
class AmplitudeDamping:
    """Decay to |0> with probability gamma on each qubit of each gate."""

    gamma: float

    def __post_init__(self) -> None:
        _probability(self.gamma, "amplitude damping gamma")

    def __str__(self) -> str:
        return f"amplitude damping {self.gamma:g} on each qubit of each gate"


Noise = Depolarizing | PauliNoise | AmplitudeDamping


def parse_noise(text: str) -> Noise:
    """Read `depolarizing:P1:P2`; UsageError for anything else."""
    kind, *numbers = text.strip().split(":")
    if kind != "depolarizing" or len(numbers) != 2:
        raise UsageError(f"unknown noise {text!r}; use depolarizing:P1:P2")
    try:
        return Depolarizing(float(numbers[0]), float(numbers[1]))
    except ValueError:
        raise UsageError(f"noise {text!r} holds something that is no number") from None
