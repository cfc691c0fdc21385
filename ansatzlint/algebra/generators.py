"""What a circuit's gates generate: Pauli strings, or sums of them where one angle turns about several.

Clifford gates are pushed out first. Uses of one parameter that can be moved next to each other add up to one generator;
noise is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from math import pi, remainder

from ansatzlint.algebra.sentences import Sentence
from ansatzlint.angles import Affine, names
from ansatzlint.circuit import Circuit
from ansatzlint.moments.frame import Event, Frame, Free, Group, Noise, pull
from ansatzlint.moments.sequence import steps
from ansatzlint.pauli.strings import PauliString, bits

_CLOSE = 1e-9


@dataclass(frozen=True, slots=True)
class Generators:
    """H of every exp(-i t H), each once, whatever its factor.

    Attributes
    ----------
    free : tuple of Sentence
        Those that a parameter turns about.
    independent : tuple of Sentence
        Those of them whose parameter turns about nothing else.
    fixed : tuple of Sentence
        Strings of fixed rotations that stand between parameters, and are no Clifford gates or belong to a sum whose
        parts have offsets of their own.
    outside : bool
        Whether fixed rotations can be moved before or behind all parameters: they turn the initial state or the
        cost and change no algebra.
    tied : tuple of str
        Parameters whose uses stand apart: each place is a generator of its own here.
    idle : tuple of str
        Parameters that turn about nothing: their gates are global phases, or none are left of them.
    frame : Frame
        The circuit without its Clifford gates.
    """

    free: tuple[Sentence, ...]
    independent: tuple[Sentence, ...]
    fixed: tuple[Sentence, ...]
    outside: bool
    tied: tuple[str, ...]
    idle: tuple[str, ...]
    frame: Frame


def generators(circuit: Circuit) -> Generators:
    """The generators of a circuit.

    Raises
    ------
    CircuitError
        For a gate with too many controls, or an angle's factor that is too large or small to be followed.
    """
    quiet = replace(circuit, noise=None, channels=())
    symbols = [p.name for p in circuit.parameters]
    frame = pull(steps(quiet), circuit.qubits, symbols)
    clusters, tied, apart = _clusters(frame.events, symbols, circuit.qubits)
    free = distinct(sentence for _, sentence in clusters)
    independent = distinct(sentence for owners, sentence in clusters if not tied.intersection(owners))
    outside, between = _fixed(frame.events)
    fixed = distinct(Sentence.of([(string, 1.0)]) for string in (*between, *apart))
    used = {name for event in frame.events for name in _parameters(event, symbols)}
    return Generators(
        tuple(free),
        tuple(independent),
        tuple(fixed),
        outside,
        tuple(name for name in symbols if name in tied),
        tuple(name for name in symbols if name not in used),
        frame,
    )


def _fixed(events: Sequence[Event]) -> tuple[bool, list[PauliString]]:
    """Whether fixed rotations can be moved to the initial state or the cost, and the strings of those that cannot."""
    places = [place for place, event in enumerate(events) if not isinstance(event, Noise)]
    leading = _movable(events, places)
    rest = [place for place in places if place not in leading]
    trailing = _movable(events, rest[::-1])
    between = [_strings(events[place])[0] for place in rest if _is_fixed(events[place]) and place not in trailing]
    return bool(leading or trailing), between


def _movable(events: Sequence[Event], order: Sequence[int]) -> set[int]:
    """Fixed rotations that commute with everything that comes before them in this order, other such ones aside."""
    before = _Cluster()
    found = set()
    for place in order:
        strings = _strings(events[place])
        if _is_fixed(events[place]) and before.commutes(strings[0]):
            found.add(place)
        else:
            for string in strings:
                before.add(string, 1.0, 0.0)
    return found


def _is_fixed(event: Event) -> bool:
    return isinstance(event, Group) and event.parameter is None


def _strings(event: Event) -> tuple[PauliString, ...]:
    assert not isinstance(event, Noise)
    return (event.generator,) if isinstance(event, Free) else event.generators


def _parameters(event: Event, symbols: list[str]) -> tuple[str, ...]:
    if isinstance(event, Free):
        return names(event.angle)
    if isinstance(event, Group) and event.parameter is not None:
        return (symbols[event.parameter],)
    return ()


_Part = tuple[PauliString, float, float]
"""A string with the factor and the offset of the angle that turns about it."""


def _turned(event: Event, symbols: list[str]) -> tuple[str, list[_Part]] | None:
    """The one parameter of an event with the parts of its generator; None for an expression."""
    if isinstance(event, Group) and event.parameter is not None:
        return symbols[event.parameter], list(zip(event.generators, event.frequencies, event.offsets, strict=True))
    if isinstance(event, Free) and isinstance(event.angle, Affine) and len(event.angle.terms) == 1:
        name, factor = event.angle.terms[0]
        return name, [(event.generator, factor, event.angle.constant)]
    return None


@dataclass(slots=True)
class _Cluster:
    """Uses of one parameter, all of which can still be moved to where the walk stands."""

    terms: list[_Part] = field(default_factory=list)
    # bit t: the string of term t has X (Y) or Z (Y) on the qubit
    x: dict[int, int] = field(default_factory=dict)
    z: dict[int, int] = field(default_factory=dict)

    def commutes(self, string: PauliString) -> bool:
        felt = 0
        for q in bits(string.x):
            felt ^= self.z.get(q, 0)
        for q in bits(string.z):
            felt ^= self.x.get(q, 0)
        return not felt

    def add(self, string: PauliString, factor: float, offset: float) -> None:
        bit = 1 << len(self.terms)
        self.terms.append((string, factor, offset))
        for table, mask in ((self.x, string.x), (self.z, string.z)):
            for q in bits(mask):
                table[q] = table.get(q, 0) | bit

    @property
    def sentence(self) -> Sentence:
        return Sentence.of((string, factor) for string, factor, _ in self.terms)

    @property
    def apart(self) -> list[PauliString]:
        """Strings whose offsets are no common shift of the parameter: a fixed rotation is left of each."""
        total: dict[tuple[int, int], tuple[PauliString, float, float]] = {}
        for string, factor, offset in self.terms:
            known, f, o = total.get((string.x, string.z), (string, 0.0, 0.0))
            sign = known.sign * string.sign
            total[string.x, string.z] = known, f + sign * factor, o + sign * offset
        parts = list(total.values())
        shift = next((o / f for _, f, o in parts if f), 0.0)
        return [string for string, f, o in parts if abs(remainder(o - shift * f, 2 * pi)) > _CLOSE]


def _clusters(
    events: Sequence[Event], symbols: list[str], qubits: int
) -> tuple[list[tuple[tuple[str, ...], Sentence]], set[str], list[PauliString]]:
    """The generators with their parameters, with repetitions; the parameters that have several; what offsets leave."""
    left: dict[str, int] = {}
    for event in events:
        for name in _parameters(event, symbols):
            left[name] = left.get(name, 0) + 1
    open_: dict[str, _Cluster] = {}
    on: list[set[str]] = [set() for _ in range(qubits)]
    found: list[tuple[tuple[str, ...], Sentence]] = []
    begun: set[str] = set()
    tied: set[str] = set()
    apart: list[PauliString] = []

    def close(name: str) -> None:
        cluster = open_.pop(name)
        for q in cluster.x.keys() | cluster.z.keys():
            on[q].discard(name)
        found.append(((name,), cluster.sentence))
        apart.extend(cluster.apart)

    for event in events:
        if isinstance(event, Noise):
            continue
        strings = _strings(event)
        turned = _turned(event, symbols)
        for string in strings:
            for name in {name for q in bits(string.support) for name in on[q]}:
                if not open_[name].commutes(string):
                    close(name)
        if turned is not None:
            name, terms = turned
            if name not in open_:
                if name in begun:
                    tied.add(name)
                begun.add(name)
                open_[name] = _Cluster()
            for string, factor, offset in terms:
                open_[name].add(string, factor, offset)
                for q in bits(string.support):
                    on[q].add(name)
        elif isinstance(event, Free):
            # An expression turns about its string alone; what its parameters do elsewhere is no longer independent.
            owners = names(event.angle)
            found.append((tuple(owners), Sentence.of([(event.generator, 1.0)])))
            tied |= {name for name in owners if left[name] > 1 or name in begun}
            begun.update(owners)
        for name in _parameters(event, symbols):
            left[name] -= 1
            if not left[name] and name in open_:
                close(name)
    return found, tied, apart


def distinct(sentences: Iterable[Sentence]) -> list[Sentence]:
    """Each once whatever its factor, zero not at all; a single string with the coefficient 1."""
    kept: dict[tuple[PauliString, ...], list[Sentence]] = {}
    for sentence in sentences:
        if not sentence:
            continue
        if len(sentence.terms) == 1:
            sentence = Sentence(((sentence.terms[0][0], 1.0),))
        alike = kept.setdefault(tuple(string for string, _ in sentence.terms), [])
        if not any(sentence.parallel(other) for other in alike):
            alike.append(sentence)
    return [sentence for alike in kept.values() for sentence in alike]
