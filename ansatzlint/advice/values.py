"""What a recommendation is made of: a change, what it gains, what it loses, and the claims that say so."""

from __future__ import annotations

from dataclasses import dataclass
from math import isinf, log10
from typing import Literal

from ansatzlint.circuit import Circuit
from ansatzlint.diagnostic import Claim

Kind = Literal["cost", "initialisation", "depth", "topology", "family", "symmetry", "growth"]

ENOUGH = 2.0
"""The factor by which the median gradient must surely get cheaper; less is not worth a change of the source."""

MOST_DECADES = 12.0
"""Decades of shots beyond this count no more: where the start had no gradient at all, the ratio has no end."""


@dataclass(frozen=True, slots=True)
class Loss:
    """What a change takes away: `amount` is the share that is lost, 0 for nothing, 1 for all of it."""

    what: str
    amount: float


@dataclass(frozen=True, slots=True)
class Compared:
    """The claims of one key before and after the change; each says itself how it was got, or why it is not there."""

    key: str
    before: Claim
    after: Claim


@dataclass(frozen=True, slots=True)
class Stage:
    """A step of layer-wise growth: the blocks that are there, and the gradients right after the last was added.

    `largest` and `median` are the mean squares of the gradients at those angles, in units of the cost squared per
    radian squared; `cost` is the value of the cost there, `steps` the optimiser's steps before the next block comes.
    """

    blocks: int
    parameters: int
    steps: int
    cost: float
    largest: float
    median: float


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change that was made to a circuit and waits to be measured.

    Of the proposals of one `group` the best is kept. `losses` are those that the change itself knows of, beside the
    ones that are measured.
    """

    kind: Kind
    group: str
    change: str
    circuit: Circuit
    meaning: str = ""
    losses: tuple[Loss, ...] = ()
    stages: tuple[Stage, ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """A change that is not recommended, and why."""

    kind: Kind
    change: str
    reason: str


@dataclass(frozen=True, slots=True)
class Recommendation:
    """A change of a circuit that the engine confirmed to be better.

    Attributes
    ----------
    kind : str
    change : str
        What to do, in words.
    meaning : str
        What the changed circuit means that the first one did not; empty where nothing changes but the gradients.
    circuit : Circuit
        The changed circuit, complete with cost and law of its parameters.
    gain, gain_lower, gain_upper : float
        The factor by which the median live gradient gets cheaper to measure, and larger: the smaller of the factors by
        which its shots fall and by which its mean square grows in units of the cost's range squared; and the ends of
        its interval (equal to it where both sides are exact).
    quality : float
        The factor by which the rest of the way to the least value of a Hamiltonian shrinks that training leaves, as
        trained or predicted; 1 where neither is known.
    losses : tuple of Loss
    evidence : tuple of Compared
        Claims before and after.
    stages : tuple of Stage
        Of layer-wise growth, the plan.
    """

    kind: Kind
    change: str
    meaning: str
    circuit: Circuit
    gain: float
    gain_lower: float
    gain_upper: float
    quality: float
    losses: tuple[Loss, ...]
    evidence: tuple[Compared, ...]
    stages: tuple[Stage, ...] = ()

    @property
    def loss(self) -> float:
        """The sum of the losses."""
        return sum(loss.amount for loss in self.losses)

    @property
    def rank(self) -> float:
        """Gain per loss, see `rank`."""
        return rank(self.gain_lower, self.loss, self.quality)

    def __str__(self) -> str:
        return f"{self.change}: the median gradient is {times(self.gain)} better"


def rank(gain: float, loss: float, quality: float = 1.0) -> float:
    """Gain per loss: (log10(gain) + log10(quality)) / (1 + loss), by which recommendations are ordered.

    The gain counts in decades, at the careful end of its interval. The 1 is what any change costs, whatever it keeps,
    so that a small loss cannot make a small gain look large. A sum below zero is multiplied instead: losses never help.
    """
    decades = MOST_DECADES if isinf(gain) else min(log10(max(gain, 1e-300)), MOST_DECADES)
    total = decades + log10(max(quality, 1e-300))
    return total / (1.0 + loss) if total > 0 else total * (1.0 + loss)


def times(gain: float) -> str:
    """A factor in words, also where there was nothing to compare with."""
    if isinf(gain):
        return "unboundedly many times"
    return f"{gain:.3g} times"
