"""How near training comes to the least value of a Hamiltonian: predicted, or measured by short runs."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from ansatzlint.circuit import Circuit, PauliSum
from ansatzlint.diagnostic import Claim
from ansatzlint.errors import CircuitError

TRAINED, PREDICTED = "trained_error", "predicted_trained_fraction"
STARTS, STEPS = 4, 100
"""Of Adam from the circuit's own law; steps are few beside those of a real run, and the same for every circuit."""
_SEED = 88
"""Apart from the seeds that benchmarks train from."""

LEAST_TRAINED, LEAST_PREDICTED = 1e-4, 1e-2
"""Errors below this count as one, as shares of the range (that of a molecule's few Hartree about what chemistry asks
for), or of the way (what the predictor tells apart)."""


def trained_error(circuit: Circuit, seed: int) -> Claim:
    """Key `trained_error`: (C - C_min) / (C_max - C_min) after training, the median and the ends over the starts.

    For Hamiltonians on as many qubits as the predictor knows; gradients are exact, and the spectrum is.
    """
    from ansatzlint.moments.sequence import laws
    from ansatzlint.moments.statevector import plan
    from ansatzlint.predictor import no_training
    from ansatzlint.predictor.quality.trainer import descend

    why_not = no_training(circuit)
    if why_not is not None:
        return Claim(TRAINED, None, source=None, reason=why_not)
    found = plan(circuit, laws(circuit))
    if isinstance(found, str):
        return Claim(TRAINED, None, source=None, reason=found)
    try:
        run = descend(found, found.draw(_SEED + seed, 0, STARTS), STEPS, 0)
    except CircuitError as error:
        return Claim(TRAINED, None, source=None, reason=str(error))
    (cost,) = circuit.observables
    assert isinstance(cost, PauliSum), "no_training refuses others"
    least, largest = _ends(cost, circuit.qubits)
    errors = np.sort((run.end - least) / (largest - least))
    return Claim(
        TRAINED, float(np.median(errors)), lower=float(errors[0]), upper=float(errors[-1]), source="sampled",
        samples=STARTS, seed=_SEED + seed,
    )  # fmt: skip


@lru_cache(maxsize=8)
def _ends(cost: PauliSum, qubits: int) -> tuple[float, float]:
    """The least and the largest eigenvalue."""
    from ansatzlint.predictor.quality.hamiltonians import matrix

    values = np.linalg.eigvalsh(matrix(cost, qubits))
    return float(values[0]), float(values[-1])


def factor(before: Claim, after: Claim) -> float:
    """By which factor the rest of the way to the least value shrinks; 1 where one of the two is not known."""
    if before.value is None or after.value is None:
        return 1.0
    if before.key == TRAINED:
        return float((before.value + LEAST_TRAINED) / (after.value + LEAST_TRAINED))
    return float((1.0 - before.value + LEAST_PREDICTED) / (1.0 - after.value + LEAST_PREDICTED))


def surely_nearer(before: Claim, after: Claim, enough: float) -> bool:
    """Whether even the worst run of the one comes nearer than the best of the other, by that factor."""
    if before.value is None or after.value is None or before.key != TRAINED:
        return False
    return bool(before.lower + LEAST_TRAINED >= enough * (after.upper + LEAST_TRAINED))
