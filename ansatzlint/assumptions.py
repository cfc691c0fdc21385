"""What a source does not state, filled in, and said."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ansatzlint.circuit import Circuit, Observable, State
from ansatzlint.initialisation import Initialisation, Uniform
from ansatzlint.noise import Noise
from ansatzlint.observables import local_z, parse_observable


@dataclass(frozen=True, slots=True)
class Assumed:
    """What the user says about a circuit beside its source; None leaves it to the source."""

    observable: str | None = None
    init: Initialisation | None = None
    noise: Noise | None = None
    shots: int | None = None


def complete(circuit: Circuit, assumed: Assumed = Assumed()) -> Circuit:  # noqa: B008 - frozen
    """The circuit with its cost, initialisation, noise and shots filled in.

    What `assumed` gives stands above what the source states. What neither gives is assumed, and said in
    `assumptions`: the mean of Z over the measured qubits (all, if none is measured) as the cost, and trainable
    parameters uniform over [0, 2 pi). No noise and no shots are assumed silently as None.

    Raises
    ------
    UsageError
        For an observable that does not fit the circuit.
    """
    notes: list[str] = []
    qubits = circuit.measured or tuple(range(circuit.qubits))
    observables: tuple[Observable, ...] = tuple(
        o for o in circuit.observables if not isinstance(o, State)  # a state is no cost
    )
    if assumed.observable is not None:
        observables = (parse_observable(assumed.observable, qubits, circuit.qubits),)
    elif not observables and qubits:
        observables = (local_z(qubits),)
        where = "the measured qubits" if circuit.measured else "all qubits"
        notes.append(f"cost assumed: mean of Z over {where}")
    initialisation = assumed.init if assumed.init is not None else circuit.initialisation
    if initialisation is None and any(p.initialisation is None for p in circuit.trainable):
        initialisation = Uniform()
        notes.append("initialisation assumed: uniform over [0, 2 pi)")
    return replace(
        circuit,
        observables=observables,
        initialisation=initialisation,
        noise=assumed.noise if assumed.noise is not None else circuit.noise,
        shots=assumed.shots if assumed.shots is not None else circuit.shots,
        assumptions=(*circuit.assumptions, *notes),
    )


def has_assumed_cost(circuit: Circuit) -> bool:
    """Whether `complete` had to assume the cost."""
    return any(note.startswith("cost assumed") for note in circuit.assumptions)


def has_declared_initialisation(circuit: Circuit) -> bool:
    """Whether the initialisation is the source's or the user's word."""
    return not any(note.startswith("initialisation assumed") for note in circuit.assumptions)
