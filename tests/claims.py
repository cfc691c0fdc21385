"""Claims made for a test: gradients of chosen sizes, and evidence that holds them."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

from ansatzlint.circuit import Circuit
from ansatzlint.diagnostic import Claim, ClaimSource
from ansatzlint.evidence import Evidence

BUDGET = 1e5


def gradients(
    circuit: Circuit,
    squares: Sequence[float],
    *,
    lower: Sequence[float] | None = None,
    upper: Sequence[float] | None = None,
    live: Sequence[bool] | None = None,
    init: str = "uniform over [0, 6.283)",
) -> Any:
    """What the engine gives, for mean squares of that size: a shot variance of one, two-term shift rules."""
    middle, low, high = (np.array(squares if v is None else v, float) for v in (squares, lower, upper))

    def shots(values: np.ndarray) -> np.ndarray:
        return np.array([0.5 / v if v > 0 else np.inf for v in values])

    names = tuple(p.name for p in circuit.trainable)
    assert len(names) == len(middle)
    return SimpleNamespace(
        parameters=names, live=np.array([True] * len(middle) if live is None else live),
        mean_square=middle, mean_square_lower=low, mean_square_upper=high,
        shots=shots(middle), shots_lower=shots(high), shots_upper=shots(low), init=init,
    )  # fmt: skip


def resolution(found: Any, budget: float = BUDGET) -> Any:
    """The verdict on gradients, as the evidence gives it."""
    live = [k for k, alive in enumerate(found.live) if alive]
    low, high = found.shots_lower, found.shots_upper
    if all(low[k] > budget for k in live):
        verdict = "barren"
    elif all(low[k] > budget / 10 for k in live):
        verdict = "weak"
    else:
        verdict = "trainable" if any(high[k] <= budget / 10 for k in live) else "unknown"
    decided = tuple(
        True if most <= budget else False if least > budget else None for least, most in zip(low, high, strict=True)
    )
    return SimpleNamespace(budget=budget, verdict=verdict, resolvable=decided)


def told(circuit: Circuit, source: ClaimSource = "sampled", **values: Any) -> Evidence:
    """Evidence with these values; a `resolution` is added to `gradients`."""
    evidence = Evidence(circuit)
    if "gradients" in values and "resolution" not in values:
        values["resolution"] = resolution(values["gradients"])
    for key, value in values.items():
        absent = value is None
        evidence._claims[key] = Claim(
            key, value, source=None if absent else source, reason="it is not there" if absent else None
        )
    return evidence


def target(square: float, qubits: int = 50, method: str = "sampled") -> Any:
    """What was measured at the target size, for a largest mean square of that size."""
    least, most = 0.5 / (1.01 * square), 0.5 / (0.99 * square)
    return SimpleNamespace(
        qubits=qubits, method=method, shots=SimpleNamespace(value=0.5 / square, lower=least, upper=most)
    )
