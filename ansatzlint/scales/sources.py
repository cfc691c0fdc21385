"""Where the circuits of a scaling come from, and at which sizes they are asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import ceil, log2
from typing import Any

from ansatzlint.assumptions import Assumed, state
from ansatzlint.circuit import Circuit
from ansatzlint.declaration import declaration
from ansatzlint.errors import AnsatzlintError, CircuitError, UsageError
from ansatzlint.families import FAMILIES, family_of
from ansatzlint.families.family import Layers
from ansatzlint.regrowth import regrowth

DOUBLING = frozenset(["tree-tensor-network", "mera", "qcnn"])
"""Families whose depth is a whole number of halvings: powers of two are their like sizes."""


@dataclass(frozen=True, slots=True)
class Source:
    """What builds the circuit: `build` raises an AnsatzlintError for a size that it cannot have."""

    name: str
    build: Callable[[int], Circuit]
    depth_rule: str
    smallest: int = 2
    step: int = 1
    doubling: bool = False
    sizes: tuple[int, ...] = ()
    only: tuple[int, ...] = ()  # the source knows no other sizes
    assumptions: tuple[str, ...] = ()


def source(build: Any) -> Source:
    if isinstance(build, str):
        return _of_family(build)
    if isinstance(build, Circuit):
        return _of_circuit(build)
    library = {base.__module__.partition(".")[0] for base in type(build).__mro__}
    if "qiskit" in library:
        from ansatzlint.readers import read

        return _of_circuit(read(build))
    if "pennylane" in library:
        raise UsageError(
            "a QNode has one size; give a function of the number of qubits that returns it, or "
            "al.read(qnode, *arguments)"
        )
    if callable(build):
        return _of_callable(build)
    raise UsageError(
        f"cannot build circuits from a {type(build).__name__}; give a function of the number of qubits, a family's "
        "name or a Circuit"
    )


def _of_family(name: str) -> Source:
    family = family_of(name)
    layers = [argument.default for argument in family.space.values() if isinstance(argument, Layers)]
    rule = f"{layers[0]} layers at every size" if layers else "depth as the family has it"
    return Source(name, family.build, rule, family.smallest, doubling=name in DOUBLING)


def _of_circuit(circuit: Circuit) -> Source:
    if circuit.at_sizes:
        built = {c.qubits: replace(c, sizes=(), at_sizes=()) for c in circuit.at_sizes}

        def at(qubits: int) -> Circuit:
            if qubits not in built:
                raise UsageError(f"the source builds it at {', '.join(map(str, built))} qubits only")
            return built[qubits]

        return Source(circuit.name, at, "depth as the source builds it", only=tuple(built), sizes=tuple(built))
    found = regrowth(circuit)
    if isinstance(found, str):
        raise CircuitError(f"the circuit cannot be rebuilt at other sizes: {found}; give a function that builds it")
    family = found.how.partition(" with ")[0]
    doubling = family in FAMILIES and family in DOUBLING
    notes = (f"rebuilt as {found.how}", *found.assumptions)
    return Source(
        circuit.name, found.build, found.depth, found.smallest, found.step, doubling, circuit.sizes, assumptions=notes
    )


def _of_callable(build: Callable[[int], Any]) -> Source:
    from ansatzlint.readers import read

    declared = declaration(build)
    facts = Assumed() if declared is None else Assumed(declared.observable, declared.init)

    def make(qubits: int) -> Circuit:
        try:
            made = build(qubits)
        except AnsatzlintError:
            raise
        except Exception as error:  # the user's own code, which may refuse a size by any exception
            raise UsageError(f"the function that builds it raised {type(error).__name__}: {error}") from error
        first, rest = (made[0], made[1:]) if isinstance(made, tuple) and made else (made, ())
        circuit = state(read(first, *rest), facts)
        return replace(circuit, sizes=(), at_sizes=())

    name = getattr(build, "__name__", "circuit").replace("<lambda>", "circuit")
    return Source(
        name, make, "depth as the function builds it", sizes=() if declared is None else declared.sizes
    )


def like_sizes(target: int, smallest: int = 4, step: int = 1, doubling: bool = False) -> tuple[int, ...]:
    """Numbers of qubits of the target's residue class modulo 2, close together where they are few; up to the target.

    At least eight, beyond a small target. Powers of two, to twice the target, where `doubling`.
    """
    if doubling:
        first = max(2, ceil(log2(max(smallest, 2))))
        return tuple(2**e for e in range(first, max(ceil(log2(target)) + 2, first + 6)))
    low = max(smallest, 4)
    stride = max(step, 2)
    low += (target - low) % 2 if step == 1 else -low % stride
    near = [low + stride * i for i in range(7)]
    top = max(target, near[-1] + stride)
    if top <= near[-1] + 2 * stride:
        return tuple(sorted({*near, top}))
    ratio = (top / near[-1]) ** 0.25
    far = [near[-1] * ratio**i for i in range(1, 5)]
    return tuple(sorted({*near, *(low + stride * round((f - low) / stride) for f in far)}))
