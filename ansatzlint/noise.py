"""Noise that a device adds after the gates."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ansatzlint.errors import UsageError


def _probability(value: float, what: str) -> None:
    if not 0.0 <= value <= 1.0:
        raise UsageError(f"{what} must lie between 0 and 1, not {value}")


CHANNELS: Mapping[str, int] = {
    "depolarizing": 1,
    "bit_flip": 1,
    "phase_flip": 1,
    "pauli": 3,
    "phase_damping": 1,
    "amplitude_damping": 1,
    "generalized_amplitude_damping": 2,
    "reset_error": 2,
    "thermal_relaxation": 4,
}
"""Channels that a source may state gate by gate, and how many numbers each takes: PennyLane's, in its order."""


def check_channel(kind: str, numbers: Sequence[float]) -> None:
    """UsageError for a channel that is unknown, or numbers that make no channel of that kind."""
    if kind not in CHANNELS:
        raise UsageError(f"unknown channel {kind!r}; known are {', '.join(CHANNELS)}")
    if len(numbers) != CHANNELS[kind]:
        raise UsageError(f"the channel {kind} takes {CHANNELS[kind]} numbers, not {len(numbers)}")
    probabilities = numbers[:1] if kind == "thermal_relaxation" else numbers
    for value in probabilities:
        _probability(value, f"a probability of the channel {kind}")
    if kind in ("pauli", "reset_error") and sum(numbers) > 1.0 + 1e-9:
        raise UsageError(f"the probabilities of the channel {kind} add up to {sum(numbers)}, which is above 1")
    if kind == "thermal_relaxation":
        _, t1, t2, duration = numbers
        if not (t1 > 0.0 and 0.0 < t2 <= 2.0 * t1 and 0.0 <= duration < math.inf):
            raise UsageError(
                f"thermal relaxation needs 0 < T2 <= 2 T1 and a finite time >= 0, not T1 {t1}, T2 {t2}, time {duration}"
            )


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
