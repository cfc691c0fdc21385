"""Values cross a process boundary unchanged, and nothing else does."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from strategies import circuits

from ansatzlint import codec
from ansatzlint.circuit import Amplitudes, Block, Channel, Circuit, Gate, Location, Projector, Unread
from ansatzlint.errors import ParseError
from ansatzlint.initialisation import Normal
from ansatzlint.noise import Depolarizing
from ansatzlint.source import Comment, Draw, Source


@settings(deadline=None)
@given(circuit=circuits(observable=True))
def test_round_trip(circuit: Circuit) -> None:
    assert codec.loads(codec.dumps(circuit)) == circuit


def test_every_part_of_a_source_survives() -> None:
    place = Location("a.py", 1, 2, 3, 4, cell=5)
    circuit = Circuit(
        "c", 2, (Gate("x", (1,), location=place),),
        observables=(Projector((0, 1), "01", place),),
        labels=("a", "b"),
        initial_state=Amplitudes((0,), (0.6 + 0j, 0.8j)),
        initialisation=Normal(0.1), noise=Depolarizing(0.01, 0.02), shots=100,
        blocks=(Block("b", 0, 1, (1,), place),),
        channels=(Channel("bit_flip", (0,), (0.1,), 1),),
        unread=(Unread("why", place),),
    )  # fmt: skip
    source = Source(
        "a.py", ("x = 1",), (0,), (circuit,), (Draw(place, "w", None, True),), (Comment("ansatzlint: x", place),)
    )
    assert codec.loads(codec.dumps(source)) == source


def test_errors_survive_by_their_text() -> None:
    error = codec.loads(codec.dumps((ParseError("bad", path="a.qasm", line=3, column=4),)))[0]
    assert isinstance(error, ParseError)
    assert str(error) == "a.qasm:3:4: bad"


@pytest.mark.parametrize(
    "text", ['{"Popen": ["ls"]}', '{"error": ["SystemExit", "", "", 1, 1]}', "nonsense", '{"a":1,"b":2}']
)
def test_nothing_else_is_built(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        codec.loads(text)
