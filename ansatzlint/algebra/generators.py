"""What a circuit's gates generate: Pauli strings, or sums of them where one angle turns about several.

Clifford gates are pushed out first. Uses of one parameter that can be moved next to each other add up to one generator;
noise is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from ansatzlint.algebra.sentences import Sentence
from ansatzlint.angles import Affine, names
from ansatzlint.circuit import Circuit
from ansatzlint.moments.frame import Event, Frame, Free, Group, Noise, pull
from ansatzlint.moments.sequence import steps
from ansatzlint.pauli.strings import PauliString, bits


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
        Those of fixed rotations that are no Clifford gates, as far as they are not in `free`.
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
    clusters, tied = _clusters(frame.events, symbols, circuit.qubits)
    free = _distinct(sentence for _, sentence in clusters)
    independent = _distinct(sentence for owners, sentence in clusters if not tied.intersection(owners))
    fixed = _distinct(
        Sentence.of([(event.generators[0], 1.0)])
        for event in frame.events
        if isinstance(event, Group) and event.parameter is None
    )
    turned = {s.terms for s in free}
    used = {name for event in frame.events for name in _parameters(event, symbols)}
    return Generators(
        tuple(free),
        tuple(independent),
        tuple(s for s in fixed if s.terms not in turned),
        tuple(name for name in symbols if name in tied),
        tuple(name for name in symbols if name not in used),
        frame,
    )


def _parameters(event: Event, symbols: list[str]) -> tuple[str, ...]:
    if isinstance(event, Free):
        return names(event.angle)
    if isinstance(event, Group) and event.parameter is not None:
        return (symbols[event.parameter],)
    return ()


def _turned(event: Event, symbols: list[str]) -> tuple[str, list[tuple[PauliString, float]]] | None:
    """The one parameter of an event with the strings and factors of its generator; None for an expression."""
    if isinstance(event, Group) and event.parameter is not None:
        return symbols[event.parameter], list(zip(event.generators, event.frequencies, strict=True))
    if isinstance(event, Free) and isinstance(event.angle, Affine) and len(event.angle.terms) == 1:
        name, factor = event.angle.terms[0]
        return name, [(event.generator, factor)]
    return None


@dataclass(slots=True)
class _Cluster:
    """Uses of one parameter, all of which can still be moved to where the walk stands."""

    terms: list[tuple[PauliString, float]] = field(default_factory=list)
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

    def add(self, string: PauliString, factor: float) -> None:
        bit = 1 << len(self.terms)
        self.terms.append((string, factor))
        for table, mask in ((self.x, string.x), (self.z, string.z)):
            for q in bits(mask):
                table[q] = table.get(q, 0) | bit


def _clusters(
    events: Sequence[Event], symbols: list[str], qubits: int
) -> tuple[list[tuple[tuple[str, ...], Sentence]], set[str]]:
    """The generators with their parameters, with repetitions, and the parameters that have several."""
    left: dict[str, int] = {}
    for event in events:
        for name in _parameters(event, symbols):
            left[name] = left.get(name, 0) + 1
    open_: dict[str, _Cluster] = {}
    on: list[set[str]] = [set() for _ in range(qubits)]
    found: list[tuple[tuple[str, ...], Sentence]] = []
    begun: set[str] = set()
    tied: set[str] = set()

    def close(name: str) -> None:
        cluster = open_.pop(name)
        for q in cluster.x.keys() | cluster.z.keys():
            on[q].discard(name)
        found.append(((name,), Sentence.of(cluster.terms)))

    for event in events:
        if isinstance(event, Noise):
            continue
        strings = (event.generator,) if isinstance(event, Free) else event.generators
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
            for string, factor in terms:
                open_[name].add(string, factor)
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
    return found, tied


def _distinct(sentences: Iterable[Sentence]) -> list[Sentence]:
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
