"""A fixed circuit at another number of qubits: the family that it is, or the structure that it repeats."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ansatzlint.angles import Affine, Angle, parameter, substitute
from ansatzlint.circuit import Channel, Circuit, Gate, Observable, Parameter, PauliSum, PauliTerm
from ansatzlint.errors import UsageError
from ansatzlint.families import FAMILIES
from ansatzlint.families.canonical import Order, canonical
from ansatzlint.families.family import Layers
from ansatzlint.families.recognition import Recognised, Recogniser, recognise
from ansatzlint.regrowth.cost import Rule, regrow_observable, subset
from ansatzlint.regrowth.parameters import Shared, Sharing, select, sharing
from ansatzlint.regrowth.patterns import lookalikes
from ansatzlint.regrowth.sweeps import Sweep, parse
from ansatzlint.regrowth.trace import items

AS_WRITTEN = "layers as written"
"""The depth rule of a circuit that is given at one size only."""

_DIGITS = 9

_AMBIGUOUS = 8
"""Up to so many qubits it is looked for whether two arguments of the families build one circuit."""


@dataclass(frozen=True, slots=True)
class Regrowth:
    """How a circuit is built at other numbers of qubits.

    Attributes
    ----------
    how : str
        What was recognised, in words.
    smallest, step : int
        It can be built on `smallest`, `smallest` + `step`, … qubits.
    depth : str
        How the number of layers depends on the number of qubits, in words.
    assumptions : tuple of str
        What the circuit's own size does not decide, and how it was taken.
    """

    how: str
    smallest: int
    step: int
    depth: str
    assumptions: tuple[str, ...]
    _build: Callable[[int], Circuit] = field(repr=False, compare=False)

    def build(self, qubits: int) -> Circuit:
        """The circuit on so many qubits, cost, laws of the parameters, noise and shots included.

        Raises
        ------
        UsageError
            For fewer than `smallest` qubits, or a number that `step` passes over.
        """
        whole = isinstance(qubits, int) and not isinstance(qubits, bool)
        if not whole or qubits < self.smallest or (qubits - self.smallest) % self.step:
            kind = "" if self.step == 1 else "an odd number of " if self.smallest % 2 else "an even number of "
            raise UsageError(f"the circuit can be rebuilt on {kind}at least {self.smallest} qubits, not on {qubits!r}")
        return self._build(qubits)

    def __str__(self) -> str:
        return f"{self.how}; {self.depth}"


def regrowth(circuit: Circuit) -> Regrowth | str:
    """How the circuit is rebuilt at another number of qubits; a str says why it cannot be.

    A circuit of one of the families is built by its family, another one from what it repeats over its qubits: sweeps
    of equal gates along chains, rings, bricks, stars and all pairs. What comes back gives this very circuit at its own
    number of qubits: the same gates up to the order of those that commute, the same cost, the same laws.
    """
    if circuit.initial_state is not None:
        return "its initial state is a vector of this size"
    if circuit.unread:
        return f"part of its source could not be read: {circuit.unread[0].reason}"
    if not circuit.trainable or not circuit.gates:
        return "it has no trainable parameters"
    if circuit.qubits < 2:
        return "it has one qubit"
    known = None if circuit.channels else recognise(circuit)
    if known is not None:
        found = _by_family(circuit, known)
        if isinstance(found, Regrowth):
            return found
    return _by_structure(circuit)


# --- by family


def _by_family(circuit: Circuit, known: Recognised) -> Regrowth | str:
    n = circuit.qubits
    family = FAMILIES[known.family]
    own = known.build(n)
    laws = _laws(circuit, own)
    if laws is None:
        return "the laws of its parameters follow no rule"
    rest = _Rest.of(circuit, own if own.observables or own.measured else None, known.build)
    if isinstance(rest, str):
        return rest

    def build(qubits: int) -> Circuit:
        built = known.build(qubits)
        parameters = tuple(
            p if laws is _AS_BUILT else replace(p, initialisation=laws[p.role]) for p in built.parameters
        )
        return rest.complete(replace(built, parameters=parameters), qubits)

    step = max(rest.step, 1 if _builds(known, n + 1) else 2)
    least = max(family.smallest, rest.smallest)
    smallest = next(m for m in range(least + (n - least) % step, n + 1, step) if m == n or _builds(known, m))
    assumptions = (*rest.assumptions, *_otherwise(circuit, known, step))
    return _checked(circuit, Regrowth(_in_words(known), smallest, step, AS_WRITTEN, assumptions, build))


def _otherwise(circuit: Circuit, known: Recognised, step: int) -> tuple[str, ...]:
    """What else the circuit may be a case of, if that is another circuit at more qubits."""
    n = circuit.qubits
    if n > _AMBIGUOUS:
        return ()
    larger = canonical(known.build(n + 2 * step))
    for other in Recogniser(circuit).matches():
        if other == known or not _builds(other, n + 2 * step):
            continue
        if not canonical(other.build(n + 2 * step)).same(larger):
            return (f"at {n} qubits {known} is also {other}; the former is taken",)
    return ()


_AS_BUILT: dict[str, Any] = {}


def _laws(circuit: Circuit, own: Circuit) -> dict[str, Any] | None:
    """The law of the parameters of each role; `_AS_BUILT` where they are the family's own, None for no rule."""
    here, there = _law_list(circuit), _law_list(own)
    if here == there:
        return _AS_BUILT
    laws = {role: {p.initialisation for p in circuit.parameters if p.role == role} for role in ("trainable", "input")}
    if any(len(found) > 1 for found in laws.values()):
        return None
    return {role: next(iter(found), None) for role, found in laws.items()}


def _law_list(circuit: Circuit, order: Order = "qubits") -> list[object]:
    law = {p.name: p.initialisation for p in circuit.parameters}
    return [law[name] for name in canonical(circuit, order).names]


def _builds(known: Recognised, qubits: int) -> bool:
    try:
        known.build(qubits)
    except UsageError:
        return False
    return True


def _in_words(known: Recognised) -> str:
    space = FAMILIES[known.family].space
    said = []
    for name, value in known.items:
        if isinstance(space[name], Layers):
            said.append(f"{value} layer{'' if value == 1 else 's'}")
        elif value != space[name].default:
            text = {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value
            said.append(f"{name.replace('_', ' ')} {text}")
    return f"{known.family} with {', '.join(said)}" if said else known.family


# --- by structure


def _by_structure(circuit: Circuit) -> Regrowth | str:
    n = circuit.qubits
    if n < 3:
        return "two qubits do not tell a chain from a ring or a star"
    rest = _Rest.of(circuit, None, None)
    if isinstance(rest, str):
        return rest
    source = items(circuit)
    reason = "it has no gates"
    orders: tuple[Order, ...] = ("qubits", "axes")
    for order in orders:
        ways = parse(source, n, order)
        if isinstance(ways, str):
            reason = ways if order == "qubits" else reason
            continue
        for sweeps in ways:
            found = _repeats(sweeps) or sharing(sweeps, circuit)
            if isinstance(found, str):
                reason = found
                continue
            checked = _checked(circuit, _from_sweeps(circuit, sweeps, found, rest), order)
            if isinstance(checked, Regrowth):
                return checked
            reason = checked
    return reason


def _repeats(sweeps: tuple[Sweep, ...]) -> str:
    """Why these sweeps are no structure: any few gates are a list of gates at the ends."""
    growing = [sweep for sweep in sweeps if sweep.pattern.grows and len(sweep.instances) > 1]
    repeated = {_gates(sweep) for sweep in growing if sweep.pattern.parity == "halves"}
    fixed = len(sweeps) - len(growing)
    # The one odd pair of four qubits is half of a brick only where the even pairs are the other half.
    lone = any(
        sweep.pattern.grows
        and sweep.pattern.arity > 1
        and len(sweep.instances) == 1
        and _gates(sweep) not in repeated
        for sweep in sweeps
    )
    if lone or not growing or fixed > 2 * len(growing) or sum(len(s.instances) for s in sweeps) < 2 * len(sweeps):
        return "too few of its gates repeat over the qubits"
    return ""


def _gates(sweep: Sweep) -> tuple[str, ...]:
    return tuple(_label(template.source) for template in sweep.block)


def _from_sweeps(circuit: Circuit, sweeps: tuple[Sweep, ...], shared: Sharing, rest: _Rest) -> Regrowth:
    def build(qubits: int) -> Circuit:
        return rest.complete(_assemble(circuit, sweeps, shared, qubits), qubits)

    assumptions = list(rest.assumptions)
    for sweep in sweeps:
        other = lookalikes(sweep.pattern, circuit.qubits) if sweep.pattern.grows else ()
        if other:
            assumptions.append(
                f"at {circuit.qubits} qubits gates {sweep.pattern.text} are also gates {other[0].text}; "
                "the former is taken"
            )
        if sweep.pattern.half == circuit.qubits:
            assumptions.append(
                f"at {circuit.qubits} qubits gates {sweep.pattern.text} are also gates half of the register apart; "
                "the former is taken"
            )
    step = max(rest.step, *(sweep.pattern.step for sweep in sweeps))
    if step == 1 and _parity(sweeps):
        step = 2
        assumptions.append(
            f"which qubits every second gate acts on at an {'even' if circuit.qubits % 2 else 'odd'} number of qubits "
            f"is not decided at {circuit.qubits}: only sizes of this parity are built"
        )
    smallest = max(rest.smallest, *(sweep.pattern.smallest for sweep in sweeps), 2)
    return Regrowth(
        _loops([_described(sweep) for sweep in sweeps]),
        smallest + (circuit.qubits - smallest) % step,
        step,
        AS_WRITTEN,
        tuple(dict.fromkeys((*assumptions, *shared.assumptions))),
        build,
    )


def _parity(sweeps: tuple[Sweep, ...]) -> bool:
    """Whether gates may sit where they do because the number of qubits is even, or odd: the other one would show it."""
    halves = any(sweep.pattern.parity == "halves" for sweep in sweeps)
    ends = any(not sweep.pattern.grows for sweep in sweeps)
    places = any(
        sweep.pattern.parity == "places"
        or (sweep.pattern.parity == "halves" and any(len(template.slots) == 1 for template in sweep.block))
        for sweep in sweeps
    )
    return (halves or ends) and (places or (halves and ends))


def _assemble(circuit: Circuit, sweeps: tuple[Sweep, ...], shared: Sharing, qubits: int) -> Circuit:
    names = shared.parameters(qubits)
    tables: dict[tuple[int, int], dict[tuple[int, ...], int]] = {}
    models: dict[str, Parameter] = {}
    gates: list[Gate] = []
    channels: list[Channel] = []

    def name_at(place: tuple[int, int, int], sites: tuple[int, ...]) -> str:
        use = shared.uses[place]
        if isinstance(use, Shared):
            models[use.parameter.name] = use.parameter
            return use.parameter.name
        table = tables.get((use.array, use.held))
        if table is None:
            table = tables[use.array, use.held] = shared.arrays[use.array].under(use.held, qubits)
        index = table.get(select(sites, use.key))
        if index is None:
            raise UsageError(f"the parameters that gates share cannot be laid out on {qubits} qubits")
        name = names[use.array][index]
        models[name] = replace(shared.arrays[use.array].model, name=name)
        return name

    for s, sweep in enumerate(sweeps):
        for sites in sweep.pattern.sites(qubits):
            for t, template in enumerate(sweep.block):
                made = template.at(sites)
                if isinstance(made, Channel):
                    channels.append(replace(made, after=len(gates)))
                    continue
                fresh: dict[str, Angle] = {
                    old: parameter(name_at((s, t, p), sites)) for p, old in enumerate(template.names)
                }
                gates.append(replace(made, angles=tuple(_renamed(angle, fresh) for angle in made.angles)))
    return Circuit(circuit.name, qubits, tuple(gates), tuple(models.values()), channels=tuple(channels))


def _renamed(angle: Angle, fresh: dict[str, Angle]) -> Angle:
    if isinstance(angle, Affine) and len(angle.terms) == 1 and angle.constant == 0.0 and angle.terms[0][1] == 1.0:
        return fresh[angle.terms[0][0]]
    return substitute(angle, fresh)


def _described(sweep: Sweep) -> str:
    gates = [_label(template.source) for template in sweep.block]
    what = gates[0] if len(gates) == 1 else f"a block of {_list(gates)}"
    return f"{what} {sweep.pattern.text}"


def _list(gates: list[str]) -> str:
    return ", ".join(gates) if len(gates) <= 8 else f"{', '.join(gates[:7])} and {len(gates) - 7} more gates"


def _label(source: Gate | Channel) -> str:
    if isinstance(source, Channel):
        return f"{source.kind.replace('_', ' ')} noise"
    name = f"R_{source.word}" if source.name == "pauli_rotation" else source.name.upper()
    return f"controlled {name}" if source.controls else name


def _loops(parts: Sequence[str]) -> str:
    """The parts in order, a run that repeats said once: "2 x (A, B), C"."""
    best: tuple[int, int, int, int] | None = None
    count = len(parts)
    for length in range(1, count // 2 + 1):
        for start in range(count - 2 * length + 1):
            times = 1
            while list(parts[start : start + length]) == list(
                parts[start + times * length : start + (times + 1) * length]
            ):
                times += 1
            saved = (times - 1) * length
            if saved and (best is None or saved > best[0]):
                best = (saved, start, length, times)
    if best is None:
        return ", ".join(parts)
    _, start, length, times = best
    unit = _loops(parts[start : start + length])
    pieces = [f"{times} x ({unit})"]
    if start:
        pieces.insert(0, _loops(parts[:start]))
    if start + times * length < count:
        pieces.append(_loops(parts[start + times * length :]))
    return ", ".join(pieces)


# --- what stands beside the gates


@dataclass(frozen=True, slots=True)
class _Rest:
    """Cost, measurement and all else of a circuit that its gates do not decide."""

    circuit: Circuit
    observables: Callable[[int], tuple[Observable, ...]]
    measured: Callable[[int], tuple[int, ...]]
    smallest: int
    step: int
    assumptions: tuple[str, ...]

    @classmethod
    def of(cls, circuit: Circuit, own: Circuit | None, rebuild: Callable[[int], Circuit] | None) -> _Rest | str:
        """The rules at any size, a str where there is none; `own` is the circuit as its family builds it."""
        n = circuit.qubits
        smallest, step = 1, 1
        assumptions: tuple[str, ...] = ()
        observables: Callable[[int], tuple[Observable, ...]]
        if own is not None and rebuild is not None and own.observables and _same_cost(circuit, own):
            observables = lambda m: rebuild(m).observables  # noqa: E731
        elif own is not None and rebuild is not None and (letter := _read_out(circuit, own)):
            observables = lambda m: (_mean(letter, rebuild(m).measured),)  # noqa: E731
        else:
            rules: list[Rule] = []
            for observable in circuit.observables:
                rule = regrow_observable(observable, n)
                if isinstance(rule, str):
                    return rule
                rules.append(rule)
                smallest, step = max(smallest, rule.smallest), max(step, rule.step)
                assumptions += rule.assumptions
            observables = lambda m: tuple(rule.build(m) for rule in rules)  # noqa: E731
        measured: Callable[[int], tuple[int, ...]]
        if own is not None and rebuild is not None and own.measured and circuit.measured == own.measured:
            measured = lambda m: rebuild(m).measured  # noqa: E731
        else:
            chosen = subset(tuple(sorted(circuit.measured)), n)
            if chosen is None:
                return f"it measures qubits {', '.join(map(str, circuit.measured[:6]))}, which follow no rule"
            measured, smallest = chosen.choose, max(smallest, chosen.smallest)
        return cls(circuit, observables, measured, smallest, step, assumptions)

    def complete(self, built: Circuit, qubits: int) -> Circuit:
        """The built gates with cost, laws, noise and shots."""
        source = self.circuit
        return replace(
            built,
            name=source.name,
            observables=self.observables(qubits),
            measured=self.measured(qubits),
            initialisation=source.initialisation,
            noise=source.noise,
            shots=source.shots,
            assumptions=source.assumptions,
            location=source.location,
        )


def _read_out(circuit: Circuit, own: Circuit) -> str:
    """The letter whose mean over the qubits that the family reads is the whole cost, "" where it is not that."""
    if len(circuit.observables) != 1 or not own.measured or len(own.measured) == own.qubits:
        return ""
    cost = circuit.observables[0]
    if not isinstance(cost, PauliSum):
        return ""
    return next((p for p in "XYZ" if _cost_key(cost) == _cost_key(_mean(p, own.measured))), "")


def _mean(letter: str, qubits: tuple[int, ...]) -> PauliSum:
    return PauliSum(tuple(PauliTerm(1.0 / len(qubits), ((q, letter),)) for q in qubits))


def _cost_key(observable: Observable) -> object:
    """What is equal for equal costs: terms in any order, coefficients rounded, no locations."""
    if not isinstance(observable, PauliSum):
        return replace(observable, location=None)
    terms: dict[tuple[tuple[int, str], ...], float] = {}
    for term in observable.terms:
        terms[term.paulis] = terms.get(term.paulis, 0.0) + term.coefficient
    return frozenset((word, round(c, _DIGITS)) for word, c in terms.items() if round(c, _DIGITS))


def _same_cost(a: Circuit, b: Circuit) -> bool:
    return list(map(_cost_key, a.observables)) == list(map(_cost_key, b.observables))


# --- the proof


def _checked(circuit: Circuit, found: Regrowth, order: Order | None = None) -> Regrowth | str:
    """The regrowth, if it gives this very circuit and builds at other sizes; else the reason why not."""
    n = circuit.qubits
    try:
        again = found.build(n)
        for size in (found.smallest, n + found.step, n + 2 * found.step):
            found.build(size)
    except UsageError as error:
        return f"rebuilt, it does not hold at other sizes: {error}"
    orders: tuple[Order, ...] = (order,) if order else ("qubits", "axes")
    match = next((o for o in orders if canonical(again, o).same(canonical(circuit, o))), None)
    if match is None or _law_list(again, match) != _law_list(circuit, match):
        return "its gates repeat in a way that gives another circuit at its own size"
    if not _same_cost(again, circuit) or sorted(again.measured) != sorted(circuit.measured):
        return "its cost repeats in a way that gives another one at its own size"
    if _channels(again) != _channels(circuit):
        return "its noise repeats in a way that gives another one at its own size"
    return found


def _channels(circuit: Circuit) -> list[tuple[object, ...]]:
    """The channels of each qubit in order, each with the number of gates of that qubit before it."""
    count = [0] * circuit.qubits
    found: list[tuple[object, ...]] = []
    channels = sorted(circuit.channels, key=lambda c: c.after)
    position = 0
    for index in range(len(circuit.gates) + 1):
        while position < len(channels) and channels[position].after == index:
            channel = channels[position]
            found.append((channel.qubits, count[channel.qubits[0]], channel.kind, channel.probabilities))
            position += 1
        if index < len(circuit.gates):
            for qubit in circuit.gates[index].qubits:
                count[qubit] += 1
    return sorted(found, key=repr)
