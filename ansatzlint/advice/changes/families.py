"""Other structured families with about as many parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any

from ansatzlint.advice.subject import Subject, dressed
from ansatzlint.advice.values import Proposal, Refusal
from ansatzlint.circuit import Circuit, PauliSum
from ansatzlint.errors import UsageError
from ansatzlint.families import FAMILIES
from ansatzlint.families.canonical import canonical
from ansatzlint.families.family import Choice, Family, Layers, Whole
from ansatzlint.families.recognition import Recognised

WITHIN = 0.25
"""How far, as a share, the number of parameters may be from the circuit's."""

MOST_GATES = 40_000

ELSEWHERE = frozenset(["identity-block", "permutation-equivariant", "z2-symmetric", "matchgate", "data-reuploading"])
"""Families that are proposed as a start or for a symmetry, or that need inputs."""

FROM_COST = frozenset(["hamiltonian-variational", "qaoa"])
"""Families whose generators are the terms of their own cost."""

_DENSE = frozenset(["all-to-all", "full", "complete"])


def propose(subject: Subject) -> Iterator[Proposal | Refusal]:
    """Families of the registry, each argument in turn off its default, with layers for as many parameters."""
    circuit = subject.circuit
    why_not = rigid(circuit)
    if why_not:
        yield Refusal("family", "another family", why_not)
        return
    seen = {canonical(circuit, "axes").items}  # some circuits are members of several families
    for name in FAMILIES:
        if name not in ELSEWHERE:
            for how, built in like(name, circuit):
                form = canonical(built, "axes").items
                if form not in seen:
                    seen.add(form)
                    new = dressed(circuit, built)
                    yield Proposal("family", name, f"use the family {how}", new, "another set of states within reach")


def rigid(circuit: Circuit) -> str:
    """Why all gates cannot be replaced by others; empty where they can."""
    if circuit.inputs:
        return "the circuit encodes inputs, which other gates would not"
    if circuit.initial_state is not None:
        return "the circuit starts in a state of its own"
    if circuit.channels:
        return "the circuit states its noise gate by gate"
    return ""


def like(
    name: str, circuit: Circuit, arguments: Mapping[str, Sequence[Any]] | None = None
) -> Iterator[tuple[str, Circuit]]:
    """(in words, circuit) of a family's members with about as many trainable parameters as the circuit has.

    `arguments` bounds what some of them may be, the first the default.
    """
    family, wanted, n = FAMILIES[name], len(circuit.trainable), circuit.qubits
    if n < family.smallest:
        return
    for chosen in _choices(family, name in FROM_COST, arguments or {}):
        for complete in _layered(family, n, chosen, wanted):
            built = _build(family, n, complete)
            if built is None or not near(len(built.trainable), wanted) or len(built.gates) > MOST_GATES:
                continue
            if name in FROM_COST and not same_words(built, circuit):
                continue
            yield str(Recognised(name, tuple(family.arguments(**complete).items()))), built


def near(parameters: int, wanted: int) -> bool:
    return abs(parameters - wanted) <= WITHIN * wanted


def _choices(family: Family, every: bool, fixed: Mapping[str, Sequence[Any]]) -> Iterator[dict[str, Any]]:
    """Arguments but for the layers: all of them, or those with one off its default; dense couplings left out."""
    values: dict[str, list[Any]] = {}
    for name, argument in family.space.items():
        if name in fixed:
            values[name] = list(fixed[name])
        elif isinstance(argument, Choice):
            values[name] = [v for v in argument.values if v not in _DENSE or family.name in FROM_COST]
        elif isinstance(argument, Whole):
            values[name] = list(range(argument.low, argument.high + 1))
    if every:
        for combination in product(*values.values()):
            yield dict(zip(values, combination, strict=True))
        return
    default = {k: v[0] if k in fixed else family.space[k].default for k, v in values.items()}
    yield default
    for name, options in values.items():
        for option in options:
            if option != default[name]:
                yield default | {name: option}


def _layered(family: Family, qubits: int, chosen: dict[str, Any], wanted: int) -> Iterator[dict[str, Any]]:
    """The arguments with the number of layers that comes nearest to so many parameters, where there are layers."""
    name = next((k for k, v in family.space.items() if isinstance(v, Layers)), None)
    if name is None:
        yield chosen
        return
    few = [_build(family, qubits, chosen | {name: layers}) for layers in (1, 2, 3)]
    if few[0] is None or few[1] is None or few[2] is None:
        return
    # The count is affine in the layers, one function for the odd and one for the even numbers.
    counts = [len(c.trainable) for c in few if c is not None]
    step = counts[2] - counts[0]
    if step <= 0 or len(few[2].gates) > MOST_GATES:
        return
    nearest = max(1 + 2 * (wanted - counts[0]) // step, 1)
    options = {}
    for layers in (nearest - 1, nearest, nearest + 1):
        if layers >= 1:
            start = 1 if layers % 2 else 2
            options[layers] = abs(counts[start - 1] + (layers - start) // 2 * step - wanted)
    yield chosen | {name: min(options, key=lambda layers: (options[layers], layers))}


def _build(family: Family, qubits: int, arguments: dict[str, Any]) -> Circuit | None:
    try:
        return family.build(qubits, **arguments)
    except UsageError:
        return None  # arguments that cannot be met at this size


def same_words(built: Circuit, circuit: Circuit) -> bool:
    """Whether a family's own cost is made of words of the circuit's, all of those among them that couple qubits."""
    own, cost = _words(built), _words(circuit)
    return bool(own) and own <= cost and {w for w in cost if len(w) > 1} <= own


def _words(circuit: Circuit) -> set[tuple[tuple[int, str], ...]]:
    return {t.paulis for o in circuit.observables if isinstance(o, PauliSum) for t in o.terms if t.coefficient} - {()}
