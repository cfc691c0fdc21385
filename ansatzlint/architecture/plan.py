"""What a search was asked for, as plain values that can cross a process boundary, and what follows from them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal, get_args

from ansatzlint import codec
from ansatzlint.architecture.limits import MOST_GATES, Limits
from ansatzlint.architecture.space import Space, chosen_families
from ansatzlint.architecture.stages import WORK, Judge, default_shots
from ansatzlint.architecture.values import Design
from ansatzlint.architecture.variations import Pool, vary
from ansatzlint.circuit import Circuit, PauliSum
from ansatzlint.errors import UsageError
from ansatzlint.families.canonical import canonical
from ansatzlint.families.couplings import Pairs
from ansatzlint.initialisation import Initialisation
from ansatzlint.tasks import Task, coupling_map, task_of

Sampler = Literal["tpe", "nsga2", "random"]

VARIATIONS = 0.5
"""The share of circuits that are gate-level changes of one of the front, once there is a front."""


@dataclass(frozen=True, slots=True)
class Options:
    """The arguments of a search; their meaning stands at `ansatzlint.searcher.search`."""

    qubits: int | None = None
    observable: str | None = None
    hamiltonian: str | PauliSum | None = None
    state: str | None = None
    families: tuple[str, ...] | None = None
    trials: int = 100
    timeout: float | None = None
    sampler: Sampler = "tpe"
    max_depth: int | None = None
    max_two_qubit_gates: int | None = None
    max_parameters: int | None = None
    max_gates: int | None = None
    gates: tuple[str, ...] | None = None
    coupling: str | Pairs | None = None
    symmetry: str | None = None
    shots: float | None = None
    init: Initialisation | None = None
    variations: float = VARIATIONS
    work: int = WORK
    seed: int = 0

    def __post_init__(self) -> None:
        if isinstance(self.trials, bool) or not isinstance(self.trials, int) or self.trials < 1:
            raise UsageError(f"trials must be a whole number of at least 1, not {self.trials!r}")
        if self.timeout is not None and not self.timeout > 0:
            raise UsageError(f"the timeout must be a number of seconds above 0, not {self.timeout!r}")
        if self.sampler not in get_args(Sampler):
            raise UsageError(f"unknown sampler {self.sampler!r}; use {', '.join(get_args(Sampler))}")
        if self.shots is not None and not (isinstance(self.shots, int | float) and 1 <= self.shots < float("inf")):
            raise UsageError(f"shots must be a number of at least 1, not {self.shots!r}")
        if not 0 <= self.variations <= 1:
            raise UsageError(f"variations is a share between 0 and 1, not {self.variations!r}")
        if isinstance(self.seed, bool) or not isinstance(self.seed, int) or not 0 <= self.seed < 1 << 62:
            raise UsageError(f"the seed must be a whole number from 0 to 2^62 - 1, not {self.seed!r}")

    def dumps(self) -> str:
        """JSON that `loads` reads back."""
        plain = {key: getattr(self, key) for key in asdict(self)}
        for key in ("hamiltonian", "init"):
            if plain[key] is not None and not isinstance(plain[key], str):
                plain[key] = {"codec": codec.dumps(plain[key])}
        return json.dumps(plain)

    @classmethod
    def loads(cls, text: str) -> Options:
        """What `dumps` wrote."""
        plain = json.loads(text)
        for key, value in plain.items():
            if isinstance(value, dict):
                plain[key] = codec.loads(value["codec"])
            elif isinstance(value, list):
                plain[key] = tuple(tuple(v) if isinstance(v, list) else v for v in value)
        return cls(**plain)


class Plan:
    """A search's problem: its task, space, judge, and the changes that are tried on circuits of the front.

    Raises
    ------
    UsageError, InputError
        As `tasks.task_of`, for limits that cannot be meant, a family that cannot be built.
    """

    def __init__(self, options: Options) -> None:
        self.options = options
        self.task: Task = task_of(
            options.qubits, observable=options.observable, hamiltonian=options.hamiltonian, state=options.state
        )
        n = self.task.qubits
        coupling = self._coupling(n)
        self.limits = Limits(
            options.max_depth, options.max_two_qubit_gates, options.max_parameters,
            MOST_GATES if options.max_gates is None else options.max_gates, coupling, options.gates, options.symmetry,
        )  # fmt: skip
        self.limits.check(n)
        families = chosen_families(options.families, n)
        self.space = Space(self.task, families, coupling, options.max_depth, options.init)
        shots = default_shots() if options.shots is None else float(options.shots)
        screening = options.sampler == "nsga2"
        self.judge = Judge(self.task, self.limits, shots, options.work, options.seed, screening=screening)

    def _coupling(self, qubits: int) -> Pairs | None:
        from ansatzlint.families.couplings import pairs

        given = self.options.coupling
        if given is None:
            return None
        found = coupling_map(Path(given), qubits) if isinstance(given, str) else pairs(given, qubits)
        if not found:
            raise UsageError("the coupling map holds no pair; leave it out to allow all")
        return found

    @cached_property
    def problem(self) -> Mapping[str, Any]:
        """The problem's identity: figures of two searches may be mixed only where this is the same."""
        return json.loads(json.dumps({**self.judge.as_dict(), "space": self.space.as_dict()}))  # type: ignore[no-any-return]  # of a dict

    def vary(self, design: Design, seed: int) -> tuple[Design, Circuit] | None:
        """The design after one more change, and its circuit; None where that keeps not to the limits."""
        circuit = self.space.build(design)
        changed = vary(circuit, seed, Pool.of(circuit, self.limits.gates, self.limits.coupling))
        if changed == circuit or not changed.trainable:
            return None
        text = codec.dumps(replace(changed, observables=(), initialisation=None))
        found = replace(design, changes=(*design.changes, seed), text=text)
        if any(value > 0 for value in self.limits.violations(changed).values()):
            return None
        return found, self.space.build(found)


def content(circuit: Circuit) -> str:
    """A digest of what a circuit is: of its gates up to names and order, its cost and the laws of its angles."""
    form = canonical(circuit)
    laws = {p.name: p.initialisation or circuit.initialisation for p in circuit.parameters}
    said = (circuit.qubits, form.items, form.roles, [str(laws[name]) for name in form.names], circuit.observables)
    return sha256(repr(said).encode()).hexdigest()


def differences(here: Mapping[str, Any], there: Mapping[str, Any]) -> str:
    """Where two problems differ, in words: the first few keys with both values."""
    mine, theirs = dict(_flat(here)), dict(_flat(there))
    found = [
        f"{key}: {_short(theirs.get(key))} there, {_short(mine.get(key))} here"
        for key in dict.fromkeys((*mine, *theirs))
        if mine.get(key) != theirs.get(key)
    ]
    return "; ".join(found[:3])


def _flat(tree: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The leaves with the innermost key."""
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from _flat(value)
        else:
            yield key, value


def _short(value: object, most: int = 60) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= most else text[: most - 1] + "…"

