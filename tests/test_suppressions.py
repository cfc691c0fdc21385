from __future__ import annotations

import pytest

from ansatzlint.circuit import Location
from ansatzlint.config import Config
from ansatzlint.linter import lint_sources
from ansatzlint.readers import read_text
from ansatzlint.readers.python import read_python
from ansatzlint.rulebook import load_rules
from ansatzlint.source import Comment, Source
from ansatzlint.suppressions import Suppression, suppressions

PLACE = Location("f.py", 3, 10, 3, 60)


def read(text: str) -> Suppression:
    (found,) = suppressions(Source("f.py", comments=(Comment(text, PLACE),)))
    return found


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("ansatzlint: ignore[AL101]", {"AL101"}),
        ("ansatzlint: ignore[AL101, AL102] both are meant", {"AL101", "AL102"}),
        ("ansatzlint: ignore[global-cost]", {"AL101"}),
        ("ansatzlint: ignore [ AL101 ]", {"AL101"}),
        ("ansatzlint:ignore[AL9]", {"AL901", "AL902"}),
        ("ansatzlint: ignore-file[AL101]", {"AL101"}),
        ("ansatzlint: ignore", None),
        ("ansatzlint: ignore because I say so", None),
    ],
)
def test_codes_names_and_prefixes(text: str, codes: set[str] | None) -> None:
    found = read(text)
    assert found.codes == codes
    assert found.unknown == ()
    assert found.whole_file == ("ignore-file" in text)


def test_unknown_codes_are_kept_as_such() -> None:
    found = read("ansatzlint: ignore[AL101, AL000, E501]")
    assert found.codes == {"AL101"}
    assert found.unknown == ("AL000", "E501")


def test_other_comments_suppress_nothing() -> None:
    others = ("ansatzlint: observable=Z0", "ansatzlint: ignored[AL101]", "ansatzlint: angles=fixed")
    assert suppressions(Source("f.py", comments=tuple(Comment(t, PLACE) for t in others))) == ()


def test_where_a_suppression_hides() -> None:
    line = Suppression(PLACE, False, frozenset(["AL101"]))
    assert line.hides("AL101", Location("f.py", 3, 1, 3, 5))
    assert line.hides("AL101", Location("f.py", 2, 1, 4, 5))  # a finding of several lines, the comment on one of them
    assert not line.hides("AL101", Location("f.py", 4, 1, 4, 5))
    assert not line.hides("AL102", Location("f.py", 3, 1, 3, 5))
    assert not line.hides("AL101", Location("f.py", 3, 1, 3, 5, cell=2))
    assert Suppression(PLACE, False, None).hides("AL999", Location("f.py", 3, 1, 3, 5))
    assert Suppression(PLACE, True, None).hides("AL999", Location("f.py", 30, 1, 30, 5, cell=2))


TEXT = """OPENQASM 3.0;
include "stdgates.inc";
// ansatzlint: observable=global-z
{own_line}
input float a;
input float b;
input float c;
qubit[3] q;
ry(a) q[0]; ry(b) q[1]; ry(c) q[2];
cz q[0], q[1]; cz q[2], q[1];
"""


def codes(own_line: str = "", select: tuple[str, ...] = ("ALL",)) -> list[tuple[str, str]]:
    text = TEXT.format(own_line=own_line)
    report = lint_sources([read_text(text, "c.qasm")], Config(select=select))
    assert report.errors == ()
    return [(d.code, d.message) for d in report.diagnostics]


def test_what_a_file_suppression_hides() -> None:
    assert [code for code, _ in codes()] == ["AL101"]
    assert codes("// ansatzlint: ignore-file[AL101]") == []
    assert codes("// ansatzlint: ignore-file") == []
    assert [code for code, _ in codes("// ansatzlint: ignore-file[AL102]")] == ["AL101", "AL901"]


def test_unused_and_unknown_suppressions_are_found() -> None:
    messages = [message for code, message in codes("// ansatzlint: ignore-file[AL102, AL777]") if code == "AL901"]
    assert messages == ["this suppression names no rule: AL777"]
    (message,) = [message for code, message in codes("// ansatzlint: ignore[AL101]") if code == "AL901"]
    assert message == "this suppression hides nothing"


def test_a_suppression_of_rules_that_did_not_run_is_not_judged() -> None:
    assert codes("// ansatzlint: ignore-file[AL102]", select=("AL103", "AL901")) == []
    assert [c for c, _ in codes("// ansatzlint: ignore-file[AL102]", select=("AL102", "AL901"))] == ["AL901"]
    assert codes("// ansatzlint: ignore-file[AL102]", select=("AL102",)) == []


def test_a_suppression_is_not_judged_where_circuits_were_not() -> None:
    text = (
        "import numpy as np\nimport pennylane as qml\n@qml.qnode(qml.device('default.qubit', wires=2))\n"
        "def circuit(w):  # ansatzlint: ignore[AL101]\n    qml.RX(w, 0)\n    return qml.expval(qml.Z(0))\n"
        "x = 1  # ansatzlint: ignore\ny = 2  # ansatzlint: ignore[AL303]\n"
    )
    source = read_python(text, path="f.py", folder=None, execute=False)
    report = lint_sources([source], Config(select=("ALL",)))
    assert [(d.code, d.location.line) for d in report.diagnostics] == [("AL902", 4), ("AL901", 8)]


def test_an_unused_suppression_can_itself_be_suppressed() -> None:
    assert "AL901" in load_rules()
    assert [c for c, _ in codes("// ansatzlint: ignore-file[AL102, AL901] shared header")] == ["AL101"]
