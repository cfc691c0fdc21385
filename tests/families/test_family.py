from __future__ import annotations

from typing import Any

import pytest

from ansatzlint.circuit import Circuit
from ansatzlint.errors import UsageError
from ansatzlint.families.builder import Builder
from ansatzlint.families.family import DEPTH_RULES, Choice, Family, Layers, Verdict, Whole

GIVEN: list[dict[str, Any]] = []


def _construct(qubits: int, **arguments: Any) -> Circuit:
    GIVEN.append(arguments)
    builder = Builder("toy", qubits)
    builder.turn("ry", 0)
    return builder.circuit()


TOY = Family(
    "toy",
    "a toy",
    _construct,
    {
        "layers": Layers(8, "n"),
        "width": Whole(2, 4, 3, "a number"),
        "flag": Choice((True, False), True, "a flag"),
        "level": Choice((0, 1), 1, "a small number"),
        "map": Choice(("a", "b"), "a", "a name, or pairs", pairs=True),
    },
    "nobody",
    (Verdict("trainable", "always", "arXiv:0000.00000"), Verdict("barren", "never", "arXiv:1111.11111")),
    smallest=3,
)


def test_arguments_that_are_not_given_are_at_their_defaults() -> None:
    assert TOY.arguments() == {"layers": "n", "width": 3, "flag": True, "level": 1, "map": "a"}
    assert TOY.arguments(width=9, map=[(0, 1)])["width"] == 9
    assert list(TOY.arguments(map="b", layers=2)) == list(TOY.space)


def test_a_depth_rule_becomes_a_number_of_layers() -> None:
    TOY.build(10)
    assert GIVEN.pop() == {"layers": 10, "width": 3, "flag": True, "level": 1, "map": "a"}
    TOY.build(10, layers="log n", flag=False)
    assert GIVEN.pop() == {"layers": 4, "width": 3, "flag": False, "level": 1, "map": "a"}
    TOY.build(10, layers=7, map=((0, 1),))
    assert GIVEN.pop() == {"layers": 7, "width": 3, "flag": True, "level": 1, "map": ((0, 1),)}


@pytest.mark.parametrize(
    ("rule", "values"),
    [
        ("n", (1, 2, 3, 8, 100)),
        ("2n", (2, 4, 6, 16, 200)),
        ("n/2", (1, 1, 1, 4, 50)),
        ("log n", (1, 1, 2, 3, 7)),
        ("sqrt n", (1, 1, 1, 2, 10)),
    ],
)
def test_depth_rules(rule: str, values: tuple[int, ...]) -> None:
    assert tuple(DEPTH_RULES[rule](n) for n in (1, 2, 3, 8, 100)) == values


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"layer": 2}, "family 'toy' has no argument 'layer'; did you mean 'layers'?"),
        ({"zzz": 2}, "family 'toy' has no argument 'zzz'; it takes layers, width, flag, level, map"),
        ({"layers": 0}, "argument 'layers' of family 'toy' must be a whole number of at least 1 or one of n, 2n, n/2, "
                        "log n, sqrt n, not 0"),
        ({"layers": "3n"}, "not '3n'"),
        ({"layers": True}, "not True"),
        ({"layers": 2.0}, "not 2.0"),
        ({"width": 1}, "argument 'width' of family 'toy' must be a whole number of at least 2, not 1"),
        ({"width": "n"}, "not 'n'"),
        ({"width": True}, "not True"),
        ({"flag": 1}, "argument 'flag' of family 'toy' must be one of True, False, not 1"),
        ({"level": True}, "argument 'level' of family 'toy' must be one of 0, 1, not True"),
        ({"flag": []}, "must be one of True, False, not []"),
        ({"map": "c"}, "argument 'map' of family 'toy' must be one of a, b, not 'c'"),
    ],
)  # fmt: skip
def test_a_bad_argument_is_refused_in_one_line(arguments: dict[str, Any], message: str) -> None:
    for refuse in (lambda: TOY.arguments(**arguments), lambda: TOY.build(4, **arguments)):
        with pytest.raises(UsageError) as caught:
            refuse()
        assert message in str(caught.value)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("qubits", [2, 0, -1, True, 4.0, "4", None])
def test_a_bad_size_is_refused_in_one_line(qubits: Any) -> None:
    with pytest.raises(UsageError) as caught:
        TOY.build(qubits)
    assert str(caught.value) == f"family 'toy' takes a whole number of qubits from 3 to 100000, not {qubits!r}"


def test_verdicts_in_words() -> None:
    assert TOY.verdict == "trainable: always (arXiv:0000.00000); barren: never (arXiv:1111.11111)"
