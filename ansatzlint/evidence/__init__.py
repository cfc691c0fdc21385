"""Claims about a circuit, each computed once and only when a rule or a reader asks for it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from ansatzlint import graph
from ansatzlint.circuit import Circuit, PauliSum
from ansatzlint.diagnostic import Claim
from ansatzlint.errors import CircuitError
from ansatzlint.evidence import asymptotic, data, dimension, gradients, prediction, structure
from ansatzlint.evidence.values import Cone, Dead, DepthBudget, Redundant, Resolution, Sources, Start, Term
from ansatzlint.moments.problem import Problem
from ansatzlint.pauli.lowering import Lines, Rotation, by_level, lower
from ansatzlint.variance import Effort

__all__ = [
    "KEYS", "Cone", "Dead", "DepthBudget", "Effort", "Evidence", "Key", "Redundant", "Resolution", "Sources", "Start",
    "Term",
]  # fmt: skip


class Evidence:
    """The claims about one circuit, computed on demand and kept.

    The circuit should be complete (`ansatzlint.assumptions.complete`): the cost is taken from its observables. With
    `fast` the costly claims are not made.
    """

    def __init__(self, circuit: Circuit, effort: Effort = Effort(), fast: bool = False) -> None:  # noqa: B008 - frozen
        self.circuit = circuit
        self.effort = effort
        self.fast = fast
        self._claims: dict[str, Claim] = {}

    def claim(self, key: str) -> Claim:
        """The claim of that key, a key of `KEYS`; its value is None and `reason` set where it cannot be had."""
        if key not in self._claims:
            started = time.perf_counter()
            try:
                if self.fast and KEYS[key].costly:
                    claim = Claim(key, None, source=None, reason="--fast leaves out costly claims")
                elif KEYS[key].whole and self.circuit.unread:
                    claim = Claim(key, None, source=None, reason=self._unread())
                else:
                    claim = KEYS[key].compute(self)
            except CircuitError as error:  # a gate that cannot be lowered
                claim = Claim(key, None, source=None, reason=f"cannot be had: {error}")
            self._claims[key] = replace(claim, seconds=time.perf_counter() - started)
        return self._claims[key]

    def _unread(self) -> str:
        """Why claims about the whole circuit cannot be made: part of it is not read, or there is nothing to train."""
        reasons = [unread.reason for unread in self.circuit.unread]
        nothing = next((r for r in reasons if r.startswith("no trainable")), None)
        if nothing is not None and len(reasons) == 1:
            return nothing
        return "needs the whole circuit, and part of it was not read"

    def value(self, key: str) -> Any:
        return self.claim(key).value

    @cached_property
    def problem(self) -> Problem:
        return Problem(self.circuit)

    @cached_property
    def noiseless(self) -> Problem:
        """The circuit without its noise."""
        noisy = self.circuit.noise is not None or self.circuit.channels
        return Problem(replace(self.circuit, noise=None, channels=())) if noisy else self.problem

    @cached_property
    def supports(self) -> tuple[tuple[int, int, tuple[int, ...]], ...]:
        """(observable, term, qubits) of every cost term."""
        found: list[tuple[int, int, tuple[int, ...]]] = []
        for o, observable in enumerate(self.circuit.observables):
            if isinstance(observable, PauliSum):
                found += [(o, t, term.qubits) for t, term in enumerate(observable.terms)]
            else:
                found.append((o, 0, observable.qubits))
        return tuple(found)

    @cached_property
    def cones(self) -> graph.LightCones:
        return graph.light_cones(self.circuit, [qubits for _, _, qubits in self.supports])

    @cached_property
    def reach(self) -> dict[str, int]:
        """For every parameter the mask of cost terms whose light cone it stands in."""
        return self.cones.parameters(self.circuit)

    @cached_property
    def lines(self) -> Lines:
        return Lines(by_level(lower(self.circuit), self.circuit.qubits), self.circuit.qubits)

    @cached_property
    def parametrised(self) -> tuple[bool, ...]:
        """For every operation of `lines` whether a parameter can reach the qubits that it acts on, by it or before."""
        state = self.circuit.initial_state
        reached = sum(1 << q for q in state.qubits) if state is not None and state.parameters else 0
        found = []
        for operation in self.lines.operations:
            support = operation.support
            free = isinstance(operation, Rotation) and not isinstance(operation.angle, float)
            hit = free or bool(support & reached)
            if hit:
                reached |= support
            found.append(hit)
        return tuple(found)

    @cached_property
    def gates_of(self) -> dict[str, tuple[int, ...]]:
        """For every parameter the gates whose angles depend on it."""
        found: dict[str, list[int]] = {p.name: [] for p in self.circuit.parameters}
        for index, gate in enumerate(self.circuit.gates):
            for name in gate.parameters:
                found[name].append(index)
        return {name: tuple(gates) for name, gates in found.items()}


@dataclass(frozen=True, slots=True)
class Key:
    """How to compute a claim; `title` is what people read; `costly` claims are dropped by `--fast`.

    `whole` claims would be wrong where part of the circuit could not be read, and are not made there. What is not
    `shown` is for rules only: `measure` leaves it out.
    """

    compute: Callable[[Evidence], Claim]
    title: str
    costly: bool = False
    whole: bool = False
    shown: bool = True


KEYS: Mapping[str, Key] = {
    "gradient_variance": Key(gradients.variance, "gradient variance of each parameter", costly=True, whole=True),
    "gradient_variance_max": Key(gradients.largest, "largest gradient variance", costly=True, whole=True),
    "gradient_mean_square": Key(gradients.mean_square, "mean square of each gradient", costly=True, whole=True),
    "cost_variance": Key(gradients.cost_variance, "variance of the cost", costly=True, whole=True),
    "shots_per_gradient": Key(gradients.shots, "shots per gradient", costly=True, whole=True),
    "entangling_capability": Key(gradients.entangling, "entangling capability", costly=True, whole=True),
    "expressibility": Key(
        dimension.expressibility, "expressibility (divergence from random states)", costly=True, whole=True),
    "parameter_dimension": Key(dimension.rank, "parameter dimension", costly=True, whole=True),
    "state_directions": Key(
        dimension.directions, "directions in which the state can move", whole=True, shown=False),
    "lie_algebra": Key(asymptotic.algebra, "dynamical Lie algebra", costly=True, whole=True),
    "limit_variance": Key(
        asymptotic.limit, "variance of the cost at infinite depth", costly=True, whole=True),
    "gradients_at_target": Key(
        asymptotic.at_target, "gradients at the target size", costly=True, whole=True, shown=False),
    "scaling": Key(asymptotic.scaling, "gradients with more qubits", costly=True, whole=True),
    "predicted_log10_variance": Key(
        prediction.log10_variance, "log10 of the largest mean square gradient", whole=True),
    "predicted_trained_fraction": Key(
        prediction.trained_fraction, "share of the way that training covers", costly=True, whole=True),
    "prediction": Key(prediction.prediction, "prediction", whole=True, shown=False),
    "depth": Key(structure.figure("depth", graph.depth), "depth"),
    "two_qubit_depth": Key(structure.figure("two_qubit_depth", graph.two_qubit_depth), "two-qubit depth"),
    "two_qubit_gates": Key(
        structure.figure("two_qubit_gates", lambda c: sum(len(g.qubits) == 2 for g in c.gates)), "two-qubit gates"),
    "entangling_gates": Key(
        structure.figure("entangling_gates", lambda c: sum(1 for _ in c.entangling_gates())), "entangling gates",
        whole=True),
    "entanglement_graph": Key(structure.figure("entanglement_graph", graph.summarise), "entanglement graph"),
    "entangling_blocks": Key(
        structure.figure("entangling_blocks", lambda c: len(graph.entangling_blocks(c))), "entangling blocks"),
    "all_to_all_blocks": Key(
        structure.figure("all_to_all_blocks", structure.all_to_all_blocks), "entangling blocks that couple all pairs"),
    "cost_terms": Key(structure.terms, "cost terms"),
    "light_cones": Key(structure.light_cones, "light cones of the cost terms"),
    "constant_terms": Key(structure.constant_terms, "cost terms that no parameter reaches", whole=True),
    "dead_parameters": Key(structure.dead, "dead parameters", whole=True),
    "unused_inputs": Key(structure.unused_inputs, "inputs outside the light cone", whole=True),
    "gradients": Key(gradients.all_of_it, "gradients", costly=True, whole=True, shown=False),
    "resolution": Key(gradients.resolution, "gradients within the shot budget", costly=True, whole=True),
    "gradients_narrow": Key(
        gradients.narrow, "gradients from a narrow start", costly=True, whole=True, shown=False),
    "gradients_noiseless": Key(
        gradients.noiseless, "gradients without noise", costly=True, whole=True, shown=False),
    "start": Key(gradients.start, "gradient at the start", costly=True, whole=True, shown=False),
    "depth_budget": Key(gradients.depth_budget, "blocks within the shot budget", costly=True, whole=True, shown=False),
    "gradient_sources": Key(gradients.sources, "where the gradient comes from", costly=True, whole=True),
    "purity": Key(gradients.purity, "purity of the cost's qubits", costly=True, whole=True),
    "encoding_commutes": Key(data.commuting, "inputs whose uses add up", whole=True, shown=False),
    "kernel_variance": Key(data.kernel, "variance of the kernel over data", costly=True, whole=True, shown=False),
    "gradients_at_inputs": Key(
        data.at_given_inputs, "gradients at the given inputs", costly=True, whole=True, shown=False),
    "gradients_without_encoding": Key(
        data.without_encoding, "gradients without the encoding", costly=True, whole=True, shown=False),
    "idle_qubits": Key(structure.idle, "qubits that the cost never meets", whole=True),
    "redundant_parameters": Key(structure.redundant, "redundant parameters", whole=True),
}  # fmt: skip
