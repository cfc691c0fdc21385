"""How a circuit takes data in: inputs that the trainable gates cannot tell apart, kernels, and what data do alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import accumulate

from ansatzlint.angles import Affine, Angle, negate, parameter, substitute
from ansatzlint.circuit import Circuit, Probabilities, Projector
from ansatzlint.initialisation import Uniform
from ansatzlint.pauli.lowering import Clifford, Rotation, lower


@dataclass(frozen=True, slots=True)
class Commuting:
    """An input whose uses add up to one rotation, by `frequency` times its value; `gates` are those uses."""

    parameter: str
    frequency: float
    gates: tuple[int, ...]


def commuting_inputs(circuit: Circuit) -> tuple[Commuting, ...]:
    """The inputs used in several gates, trainable ones between them, whose uses are nevertheless one rotation.

    With its Clifford gates pushed out to the end, every use of such an input is a rotation about one Pauli word, and
    all gates between the first and the last use commute with that word. The cost is then a + b cos(f x) + c sin(f x)
    in the input x, whatever the weights are: one Fourier frequency, as from a single use.

    Raises
    ------
    CircuitError
        For a gate with more controls than `gates.MAX_CONTROLS`.
    """
    uses: dict[str, list[int]] = {p.name: [] for p in circuit.inputs}
    trained = {p.name for p in circuit.trainable}
    weights = []
    for index, gate in enumerate(circuit.gates):
        names = gate.parameters
        if not trained.isdisjoint(names):
            weights.append(index)
        for name in names:
            if name in uses:
                uses[name].append(index)
    state = circuit.initial_state
    prepared = set(state.parameters) if state is not None else set()
    several = {
        name
        for name, at in uses.items()
        if len(at) > 1 and name not in prepared and any(at[0] < w < at[-1] for w in weights)
    }
    if not several:
        return ()
    from ansatzlint.moments.frame import Group, pull
    from ansatzlint.moments.sequence import steps

    names = tuple(p.name for p in circuit.parameters)
    found = []
    for event in pull(steps(circuit), circuit.qubits, names).events:
        if isinstance(event, Group) and event.parameter is not None and names[event.parameter] in several:
            moved = [f for f in event.frequencies if f]
            if len(event.generators) == 1 and moved and len(event.gates) > 1:
                found.append(Commuting(names[event.parameter], abs(moved[0]), event.gates))
    return tuple(found)


def is_kernel(circuit: Circuit) -> bool:
    """Whether the circuit is a fidelity kernel: U(x) and then the adjoint of U(y), read as the probability of |0...0>.

    Recognised gate by gate: the second half is the first one backwards, with the angles negated and other inputs.
    """
    if circuit.trainable or not circuit.inputs or circuit.initial_state is not None or circuit.unread:
        return False
    if len(circuit.observables) != 1:
        return False
    (cost,) = circuit.observables
    if not (isinstance(cost, Probabilities) or (isinstance(cost, Projector) and set(cost.bits) <= {"0"})):
        return False
    return _mirrors(circuit)


_INVERSE = {"s": "sdg", "sdg": "s", "sx": "sxdg", "sxdg": "sx"}
_OWN_INVERSE = frozenset(["x", "y", "z", "h", "cx", "cy", "cz", "swap", "ecr"])
_SYMMETRIC = frozenset(["cz", "swap"])


def _mirrors(circuit: Circuit) -> bool:
    operations = lower(circuit)
    half, odd = divmod(len(operations), 2)
    if odd:
        return False
    pairs = list(zip(operations[:half], reversed(operations[half:]), strict=True))
    partner: dict[str, str] = {}
    for first, second in pairs:
        if isinstance(first, Rotation) and isinstance(second, Rotation):
            a, b = first.angle, second.angle
            if isinstance(a, Affine) and isinstance(b, Affine) and len(a.terms) == len(b.terms) == 1:
                partner.setdefault(b.terms[0][0], a.terms[0][0])
    names = {p.name for p in circuit.inputs}
    if set(partner) & set(partner.values()) or len(set(partner.values())) != len(partner):
        return False  # the two halves must not share an input
    if {*partner, *partner.values()} != names:
        return False
    back: dict[str, Angle] = {ours: parameter(theirs) for ours, theirs in partner.items()}
    return all(_undoes(first, second, back) for first, second in pairs)


def _undoes(first: Clifford | Rotation, second: Clifford | Rotation, back: dict[str, Angle]) -> bool:
    if isinstance(first, Clifford) and isinstance(second, Clifford):
        same = sorted(first.qubits) == sorted(second.qubits) if first.name in _SYMMETRIC else (
            first.qubits == second.qubits)  # fmt: skip
        inverse = first.name if first.name in _OWN_INVERSE else _INVERSE.get(first.name)
        return same and second.name == inverse
    if isinstance(first, Rotation) and isinstance(second, Rotation):
        return first.pauli == second.pauli and substitute(second.angle, back) == negate(first.angle)
    return False


def kernel_over_data(circuit: Circuit) -> Circuit:
    """A kernel as a circuit whose inputs are drawn like weights, uniform over [0, 2 pi), its cost the projector."""
    (cost,) = circuit.observables
    projector = Projector(cost.qubits, "0" * len(cost.qubits), cost.location)
    drawn = tuple(replace(p, role="trainable", initialisation=Uniform()) for p in circuit.parameters)
    return replace(circuit, parameters=drawn, observables=(projector,))


def at_inputs(circuit: Circuit) -> Circuit | None:
    """The circuit with its inputs fixed at the values that the source gave them; None where it gave one none."""
    values: dict[str, Angle] = {p.name: float(p.value) for p in circuit.inputs if p.value is not None}
    state = circuit.initial_state
    if len(values) < len(circuit.inputs) or (state is not None and state.values is None):
        return None
    if state is not None:
        circuit = replace(circuit, initial_state=replace(state, parameters=()))
    return _fixed(circuit, values)


def without_encoding(circuit: Circuit) -> Circuit:
    """The circuit without the gates that inputs alone turn; where weights enter too, the inputs are zero.

    A state that inputs decide becomes |0...0>.
    """
    inputs = {p.name for p in circuit.inputs}
    kept = [not gate.parameters or not inputs.issuperset(gate.parameters) for gate in circuit.gates]
    place = [0, *accumulate(kept)]
    state = circuit.initial_state
    rest = replace(
        circuit,
        gates=tuple(gate for gate, stays in zip(circuit.gates, kept, strict=True) if stays),
        channels=tuple(replace(c, after=place[c.after]) for c in circuit.channels),
        initial_state=None if state is not None and state.parameters else state,
        blocks=(),  # their spans count the gates that were there
    )
    return _fixed(rest, dict.fromkeys(inputs, 0.0))


def _fixed(circuit: Circuit, values: Mapping[str, Angle]) -> Circuit:
    gates = tuple(
        replace(gate, angles=tuple(substitute(angle, values) for angle in gate.angles)) if gate.angles else gate
        for gate in circuit.gates
    )
    return replace(circuit, gates=gates, parameters=circuit.trainable)
