"""What a source does not state: the user's word, else an assumption that is said."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ansatzlint.circuit import Circuit, Observable, State
from ansatzlint.errors import UsageError
from ansatzlint.initialisation import Initialisation, Uniform
from ansatzlint.noise import Noise
from ansatzlint.observables import local_z, parse_observable

_EXAMPLES = {
    "observable": "a text such as 'Z0 Z1 + 0.5 X2' or 'local-z'",
    "init": "al.Uniform(), al.Normal(0.1) or al.Zeros()",
    "noise": "al.Depolarizing(0.001, 0.01), al.PauliNoise(...) or al.AmplitudeDamping(0.01)",
}


@dataclass(frozen=True, slots=True)
class Assumed:
    """What the user says about a circuit beside its source; None leaves it to the source."""

    observable: str | None = None
    init: Initialisation | None = None
    noise: Noise | None = None
    shots: int | None = None

    def __post_init__(self) -> None:
        for name, value, kind in (
            ("observable", self.observable, str), ("init", self.init, Initialisation), ("noise", self.noise, Noise),
        ):  # fmt: skip
            if value is not None and not isinstance(value, kind):
                raise UsageError(f"{name} cannot be {value!r}; use {_EXAMPLES[name]}")


def state(circuit: Circuit, facts: Assumed) -> Circuit:
    """The circuit with the given facts, which stand above what its source states.

    Raises
    ------
    UsageError
        For an observable that does not fit the circuit.
    """
    changes: dict[str, object] = {}
    if facts.observable is not None:
        changes["observables"] = (parse_observable(facts.observable, _read_out(circuit), circuit.qubits),)
    if facts.init is not None:
        changes["initialisation"] = facts.init
        changes["parameters"] = tuple(
            replace(p, initialisation=None) if p.role == "trainable" else p for p in circuit.parameters
        )
    if facts.noise is not None:
        changes["noise"] = facts.noise
    if facts.shots is not None:
        changes["shots"] = facts.shots
    if changes and circuit.at_sizes:
        changes["at_sizes"] = tuple(state(other, facts) for other in circuit.at_sizes)
    return replace(circuit, **changes) if changes else circuit  # type: ignore[arg-type]  # fields of Circuit


def _read_out(circuit: Circuit) -> tuple[int, ...]:
    return circuit.measured or tuple(range(circuit.qubits))


def complete(circuit: Circuit) -> Circuit:
    """The circuit with a cost and an initialisation, assumed where its source states none and said so.

    The cost is the mean of Z over the measured qubits (all, if none is measured), trainable parameters are uniform
    over [0, 2 pi). That a state is returned states no cost.
    """
    notes: list[str] = []
    observables: tuple[Observable, ...] = tuple(o for o in circuit.observables if not isinstance(o, State))
    qubits = _read_out(circuit)
    if not observables and qubits:
        observables = (local_z(qubits),)
        where = "the measured qubits" if circuit.measured else "all qubits"
        notes.append(f"cost assumed: mean of Z over {where}")
    initialisation = circuit.initialisation
    if initialisation is None and any(p.initialisation is None for p in circuit.trainable):
        initialisation = Uniform()
        notes.append("initialisation assumed: uniform over [0, 2 pi)")
    if not notes and len(observables) == len(circuit.observables) and not circuit.at_sizes:
        return circuit  # a copy would have every gate checked again
    return replace(
        circuit,
        observables=observables,
        initialisation=initialisation,
        assumptions=(*circuit.assumptions, *notes),
        at_sizes=tuple(map(complete, circuit.at_sizes)),
    )


def has_declared_initialisation(circuit: Circuit) -> bool:
    """Whether the initialisation is the source's or the user's word, not `complete`'s."""
    return not any(note.startswith("initialisation assumed") for note in circuit.assumptions)
