"""The learned trainability predictor: an interval, or a word on why it abstains.

Two models ship with the package, refitted by `ansatzlint predictor fit`: `gradients.npz` knows circuits by the hundred
thousand that the second-moment engine measured, `training.npz` thousands of training runs. Both are arrays that numpy
evaluates; they load on first use and once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import chain
from math import log10
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from ansatzlint.circuit import Circuit, PauliSum
from ansatzlint.errors import CircuitError, UsageError
from ansatzlint.predictor.values import Prediction

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ansatzlint.initialisation import Initialisation
    from ansatzlint.noise import Noise
    from ansatzlint.predictor.frozen import IntervalModel
    from ansatzlint.predictor.store import Stored

__all__ = ["Prediction", "Trained", "card", "no_training", "predict", "predict_all", "trained"]

M = TypeVar("M")

SHOTS = 100_000
"""The shot budget per circuit that `barren` is about where none is given."""
COVERAGE = 0.9
SHARE = 160
"""Circuits that one of several workers takes at a time: so many that trees are walked by machine code."""
MOST_TRAINED = 8
"""Qubits of the largest circuits whose training was learned."""
FOLDER = Path(__file__).parent / "models"


@dataclass(frozen=True, slots=True)
class Trained:
    """The predicted result of training, as `Prediction` has it; `fraction` is None for the reason given."""

    fraction: float | None = None
    lower: float | None = None
    upper: float | None = None
    succeeding: float | None = None
    reason: str = ""


def predict(
    circuit: Circuit,
    *,
    observable: str | None = None,
    init: Initialisation | None = None,
    noise: Noise | None = None,
    shots: int = SHOTS,
) -> Prediction:
    """The size of the gradients, and what training will reach, as learned from other circuits.

    Parameters
    ----------
    circuit : Circuit
        What its source does not state is assumed, as `ansatzlint.assumptions.complete` says.
    observable, init, noise
        Stand above what the circuit states, where given.
    shots : int
        The budget per circuit that the probability of `barren` is about.

    Returns
    -------
    Prediction
        It abstains, and says why, for a circuit unlike those that were learned, and for one that cannot be trained.

    Raises
    ------
    UsageError
        For something that is no circuit, an observable that does not fit it, shots below 1.
    AnsatzlintError
        For a model file that is missing, of another version, or not as it was written.
    """
    from ansatzlint.assumptions import Assumed, complete, state

    _validate(circuit, shots)
    whole = complete(state(circuit, Assumed(observable=observable, init=init, noise=noise)))
    (found,) = predict_all([whole], shots=shots)
    if not found.in_domain:
        return replace(found, trained_reason="nothing is predicted outside of what was learned")
    try:
        result = trained(whole)
    except CircuitError as error:
        result = Trained(reason=str(error))
    return replace(
        found,
        trained_fraction=result.fraction,
        trained_lower=result.lower,
        trained_upper=result.upper,
        succeeding=result.succeeding,
        trained_reason=result.reason,
    )


def predict_all(circuits: Iterable[Circuit], *, shots: int = SHOTS, jobs: int = 1) -> list[Prediction]:
    """The size of the gradients of many circuits, at a small part of the time that `predict` takes for each.

    Parameters
    ----------
    circuits : iterable of Circuit
        What they do not state is assumed.
    shots : int
    jobs : int
        How many work side by side where there are `SHARE` circuits for each or more: processes forked from this one, or
        threads where that is not safe, see `features.workers`.

    Returns
    -------
    list of Prediction
        Without the result of training. Raises as `predict` does.
    """
    if isinstance(jobs, bool) or not isinstance(jobs, int) or jobs < 1:
        raise UsageError(f"jobs must be a positive whole number, not {jobs!r}")
    given = list(circuits)
    for circuit in given:
        _validate(circuit, shots)
    if jobs == 1 or len(given) < 2 * SHARE:
        return _predicted(given, shots)
    from ansatzlint.features.workers import spread

    by_size = sorted(given, key=lambda circuit: circuit.qubits)
    _predicted([by_size[0], by_size[-1]], shots)  # loads kernels and models, once for all
    return list(chain(*spread(lambda which: _predicted([given[i] for i in which], shots), len(given), jobs, SHARE)))


def _predicted(given: Sequence[Circuit], shots: int) -> list[Prediction]:
    """The predictions for circuits of which each may be complete or not."""
    from ansatzlint import features
    from ansatzlint.assumptions import complete

    whole = [complete(circuit) for circuit in given]
    reasons = [_untrainable(circuit) for circuit in whole]
    rest = [circuit for circuit, reason in zip(whole, reasons, strict=True) if reason is None]
    predicted = iter(_gradients(features.table(rest), shots) if rest else [])
    return [next(predicted) if reason is None else _abstention(shots, (reason,)) for reason in reasons]


def _gradients(table: NDArray[np.float64], shots: int) -> list[Prediction]:
    """The predictions for rows of features (N, F)."""
    largest, median = (_interval_model("gradients", name) for name in ("largest", "median"))
    numbers = [*_with_ends(largest, table), *_with_ends(median, table), _barren(table, shots).tolist()]
    found = []
    rows = zip(table, largest.inside(table), zip(*numbers, strict=True), strict=True)
    for row, inside, (value, lower, upper, middle, low, high, barren) in rows:
        if inside:
            found.append(Prediction(value, lower, upper, middle, low, high, barren, shots, in_domain=True))
        else:
            found.append(_abstention(shots, largest.outside(row)))
    return found


def _with_ends(model: IntervalModel, table: NDArray[np.float64]) -> list[list[float]]:
    """What a model says of rows (N, F): the numbers, the lower and the upper ends."""
    return [values.tolist() for values in model.predict_with_ends(table, COVERAGE)]


def _barren(table: NDArray[np.float64], shots: int) -> NDArray[np.float64]:
    """The probability (N,) that no gradient can be resolved within so many shots.

    The classifier was fitted at the budget `SHOTS`; for another its log-odds move by as much as those do that the
    regression of minus log10 of the shots gives, read off its conformal intervals of all coverages.
    """
    import numpy as np

    from ansatzlint.predictor.frozen import ProbabilityModel

    odds = _model("gradients", "barren", ProbabilityModel).predict_odds(table)
    if shots != SHOTS:
        regressed = _interval_model("gradients", "shots")
        odds = odds + _odds_above(regressed, table, shots) - _odds_above(regressed, table, SHOTS)
    return np.asarray(1 / (1 + np.exp(-np.clip(odds, -700, 700))), dtype=np.float64)


def _odds_above(model: IntervalModel, table: NDArray[np.float64], shots: int) -> NDArray[np.float64]:
    """The log-odds (N,) that more shots than a budget are needed, of intervals that are symmetric."""
    import numpy as np

    wide = 90  # of 100 coverages
    lower, upper = model.predict_interval(table, wide / 100)
    away = log10(shots) + model.predict(table)
    reach = np.abs(away) * model.scores[wide] / np.maximum((upper - lower) / 2, 1e-12)
    covered = np.searchsorted(model.scores, reach).clip(0, 99) / 100
    share = np.where(away > 0, 1 - covered, 1 + covered) / 2
    return np.asarray(np.log(share / (1 - share)), dtype=np.float64)


def _abstention(shots: int, outside: tuple[str, ...]) -> Prediction:
    return Prediction(None, None, None, None, None, None, None, shots, False, outside)


def trained(circuit: Circuit) -> Trained:
    """What training a circuit that is complete will reach; raises as `predict` does.

    Where nothing can be said the reason is given: `no_training`, figures that the engine cannot have, a circuit unlike
    those that were trained.
    """
    from ansatzlint import features
    from ansatzlint.predictor.quality.figures import figures

    why_not = no_training(circuit)
    if why_not is not None:
        return Trained(reason=why_not)
    fraction, succeeding = (_interval_model("training", name) for name in ("fraction", "succeeding"))
    try:
        known = figures(circuit)
    except CircuitError as error:
        return Trained(reason=str(error))
    known |= dict(zip(features.names(), features.vector(circuit).tolist(), strict=True))
    row = _row(fraction.names, known)
    outside = fraction.outside(row[0])
    if outside:
        return Trained(reason=f"outside of what was trained: {'; '.join(outside)}")
    (value,), (lower,), (upper,) = _with_ends(fraction, row)
    (share,) = succeeding.predict(_row(succeeding.names, known)).tolist()
    return Trained(value, lower, upper, share)


def _row(names: tuple[str, ...], known: Mapping[str, float]) -> NDArray[np.float64]:
    """The columns of those names, as one row (1, F)."""
    import numpy as np

    return np.array([[known[name] for name in names]])


def no_training(circuit: Circuit) -> str | None:
    """Why nothing is known of training a circuit that is complete; None where something is.

    What was learned are noiseless circuits at given inputs, whose cost is a Hamiltonian: one Pauli sum of two words or
    more, of which at least one couples qubits. Means of Z over single qubits, products of Z and projectors are read
    out; nobody looks for their ground state.
    """
    untrainable = _untrainable(circuit)
    if untrainable is not None:
        return untrainable
    if circuit.qubits > MOST_TRAINED:
        return f"training was learned for at most {MOST_TRAINED} qubits"
    words = [t.qubits for o in circuit.observables if isinstance(o, PauliSum) for t in o.terms if t.coefficient]
    words = [word for word in words if word]
    if len(circuit.observables) != 1 or len(words) < 2 or max(map(len, words)) < 2:
        return "the cost is no Hamiltonian of two or more terms that couples qubits"
    if circuit.noise is not None or circuit.channels:
        return "training was learned without noise"
    if any(p.value is None for p in circuit.inputs):
        return "training was learned at given inputs, and this circuit has some without a value"
    return None


def card(name: str) -> str:
    """What claims cite: how to see the model card, and which file of models it was."""
    stored = _load(name)
    rows = stored.about.get("rows")
    learned = f"fitted on {rows:,} circuits, " if isinstance(rows, int) else ""
    return f"the model card, `ansatzlint predictor evaluate`; {name}.npz, {learned}sha256 {stored.sha256[:12]}"


def _untrainable(circuit: Circuit) -> str | None:
    """Why a circuit that is complete has no gradients to predict; None where it has."""
    if not circuit.trainable:
        return "the circuit has no trainable parameter"
    if not circuit.observables:
        return "the circuit has no cost"
    sums = [observable for observable in circuit.observables if isinstance(observable, PauliSum)]
    if len(sums) == len(circuit.observables) and not any(t.coefficient and t.paulis for s in sums for t in s.terms):
        return "the cost is a constant"
    if circuit.unread:
        return f"part of the circuit was not read: {circuit.unread[0].reason}"
    return None


def _validate(circuit: object, shots: object) -> None:
    if not isinstance(circuit, Circuit):
        raise UsageError(f"a Circuit is needed, not {type(circuit).__name__}; make one with al.read(...)")
    if isinstance(shots, bool) or not isinstance(shots, int) or shots < 1:
        raise UsageError(f"shots must be a positive whole number, not {shots!r}")


@cache
def _load(name: str) -> Stored:
    """A shipped file of models; raises as `predict` does."""
    from ansatzlint import features
    from ansatzlint.predictor import store

    path = FOLDER / f"{name}.npz"
    if not path.is_file():
        raise store.ModelError(f"is missing; {store.REMEDY}", path=path.as_posix())
    # The models of training have the engine's figures as further columns.
    names = features.names() if name == "gradients" else None
    return store.load(path, names=names, version=features.VERSION)


def _interval_model(file: str, name: str) -> IntervalModel:
    from ansatzlint.predictor.frozen import IntervalModel

    return _model(file, name, IntervalModel)


def _model(file: str, name: str, kind: type[M]) -> M:
    """A model of a shipped file; raises as `predict` does."""
    from ansatzlint.predictor import store

    found = _load(file).models.get(name)
    if not isinstance(found, kind):
        raise store.ModelError(f"holds no model {name!r}; {store.REMEDY}", path=(FOLDER / f"{file}.npz").as_posix())
    return found
