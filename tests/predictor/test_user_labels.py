"""Labels of the user's own: what is read, and one line with the place for whatever cannot be."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansatzlint.circuit import PauliSum
from ansatzlint.errors import AnsatzlintError, InputError, UsageError
from ansatzlint.initialisation import Normal, Uniform
from ansatzlint.noise import Depolarizing
from ansatzlint.predictor import user_labels
from ansatzlint.predictor.user_labels import read_labels

QASM = 'OPENQASM 3.0;\ninclude "stdgates.inc";\nqubit[2] q;\nrx(0.1) q[0];\ncx q[0], q[1];\n'
FIXED = 'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[1];\nh q[0];\n'


def line(**changes: object) -> str:
    record = {"qasm": QASM, "label": 0.5} | changes
    return json.dumps({key: value for key, value in record.items() if value is not ...})


@pytest.fixture
def file(tmp_path: Path):
    def write(*lines: str, name: str = "labels.jsonl") -> Path:
        path = tmp_path / name
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return write


def message(path: Path, target: str | None = None) -> str:
    with pytest.raises(InputError) as raised:
        read_labels(path, target)
    text = str(raised.value)
    assert "\n" not in text
    return text.replace(path.as_posix(), path.name)


def test_circuits_and_numbers_in_the_order_of_the_file(file) -> None:
    found = read_labels(file(line(label=1), "", line(label=-2.5, qasm=FIXED)))
    assert found.target == "label"
    assert found.values.tolist() == [1.0, -2.5]
    assert found.lines.tolist() == [1, 3]
    assert [c.qubits for c in found.circuits] == [2, 1]


def test_gzipped_or_not_is_seen_from_the_content(tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    path.write_bytes(gzip.compress(f"{line()}\r\n{line(label=2)}\r\n".encode()))
    assert read_labels(path).values.tolist() == [0.5, 2.0]


def test_a_byte_order_mark_is_dropped(tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    path.write_text(line(), encoding="utf-8-sig")
    assert read_labels(path).values.tolist() == [0.5]


def test_a_circuit_may_be_a_file_beside_the_labels(file, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "circuits").mkdir()
    (tmp_path / "circuits" / "a.qasm").write_text(QASM)
    path = file(line(qasm=..., circuit="circuits/a.qasm"))
    monkeypatch.chdir("/")
    assert read_labels(path).circuits[0].qubits == 2


def test_cost_and_initialisation_are_assumed_unless_the_line_says_them(file) -> None:
    plain, told = read_labels(
        file(line(), line(observable="Z0 Z1", init="normal:0.1", noise="depolarizing:0.001:0.01", shots=100))
    ).circuits
    assert plain.initialisation == Uniform()
    (assumed,), (stated,) = plain.observables, told.observables
    assert isinstance(assumed, PauliSum)
    assert isinstance(stated, PauliSum)
    assert (len(assumed.terms), str(stated)) == (2, "Z0 Z1")
    assert (told.initialisation, told.noise, told.shots) == (Normal(0.1), Depolarizing(0.001, 0.01), 100)


def test_a_comment_in_the_circuit_declares_its_cost(file) -> None:
    (circuit,) = read_labels(file(line(qasm=f"{QASM}// ansatzlint: observable=X0\n"))).circuits
    assert [str(o) for o in circuit.observables] == ["X0"]


def test_the_only_number_of_a_line_is_its_label(file) -> None:
    found = read_labels(file(line(label=..., energy=-1.1, name="a"), line(label=..., energy=2, name="b")))
    assert (found.target, found.values.tolist()) == ("energy", [-1.1, 2.0])


def test_the_caller_names_one_of_several_numbers(file) -> None:
    path = file(line(label=..., energy=1, index=7))
    assert read_labels(path, "index").values.tolist() == [7.0]


def test_lines_without_a_label_are_read_where_nothing_is_to_be_learned(file) -> None:
    found = read_labels(file(line(label=...), line(), line(label=None)), unlabelled=True)
    assert (found.target, np.isnan(found.values).tolist()) == ("label", [True, False, True])


BAD = {
    "no JSON": ("{", "labels.jsonl:2: is no JSON"),
    "cut off": ('{"qasm": "a', "labels.jsonl:2: is no JSON (unterminated string"),
    "a list": ("[1, 2]", "labels.jsonl:2: is no JSON object but a list"),
    "null": ("null", "labels.jsonl:2: is no JSON object but null"),
    "a key twice": ('{"label": 1, "label": 2}', "labels.jsonl:2: holds the key 'label' twice"),
    "brackets": ("[" * 100_000, "labels.jsonl:2: is no JSON that can be held"),
    "digits": (f'{{"label": {"9" * 10_000}}}', "labels.jsonl:2: is no JSON that can be held"),
    "no circuit": (line(qasm=...), "labels.jsonl:2: holds no circuit"),
    "two circuits": (line(circuit="a.qasm"), "labels.jsonl:2: holds both 'circuit' and 'qasm'"),
    "a number for a circuit": (line(qasm=3), "labels.jsonl:2: 'qasm' is a number"),
    "an empty circuit": (line(qasm=" "), "labels.jsonl:2: 'qasm' is empty"),
    "a circuit of another language": (line(qasm="model.py"), "labels.jsonl:2: the circuit \"model.py\" is neither"),
    "a file that is not there": (line(qasm="a.qasm"), "labels.jsonl:2: the circuit a.qasm: no such file"),
    "a circuit that breaks off": (line(qasm=QASM[:-3]), "labels.jsonl:2: the circuit cannot be read: "),
    "a NUL path": (line(qasm="a\0.qasm"), "labels.jsonl:2: the circuit a"),
    "NaN": (line(label=float("nan")), "labels.jsonl:2: the label 'label' is nan; drop the line"),
    "infinity": (line(label=float("-inf")), "labels.jsonl:2: the label 'label' is -inf"),
    "too large": ('{"qasm": "qubit q;", "label": 1e999}', "labels.jsonl:2: the label 'label' is inf"),
    "beyond single precision": (line(label=-1e31), "labels.jsonl:2: the label 'label' is beyond 1e+30 in size"),
    "a truth value": (line(label=True), "labels.jsonl:2: the label 'label' is a truth value, true; write a number"),
    "a text": (line(label="0.5"), "labels.jsonl:2: the label 'label' is a text, \"0.5\"; write a number"),
    "no label": (line(label=...), "labels.jsonl:2: the label 'label' is missing"),
    "another key": (line(label=..., energy=2), "name another key with --target: 'energy'"),
    "null label": (line(label=None), "labels.jsonl:2: the label 'label' is null"),
    "an observable that does not fit": (line(observable="Z5"), "labels.jsonl:2: "),
    "an unknown initialisation": (line(init="cold"), "labels.jsonl:2: unknown initialisation 'cold'"),
    "no text for the cost": (line(observable=["Z0"]), "labels.jsonl:2: 'observable' is a list"),
}


@pytest.mark.parametrize(("bad", "said"), BAD.values(), ids=BAD)
def test_a_line_that_cannot_be_meant_is_named(file, bad: str, said: str) -> None:
    assert said in message(file(line(), bad, line()))


def test_the_place_within_the_circuit_is_said(file) -> None:
    broken = QASM.replace("cx q[0], q[1]", "cx q[0], q[9]")
    assert "(line 5 of the circuit)" in message(file(line(qasm=broken)))


def test_several_numbers_of_which_none_is_the_label(file) -> None:
    said = message(file(line(label=..., energy=1.0, index=3)))
    assert said == "labels.jsonl:1: holds several numbers ('energy', 'index'); say which to learn with --target energy"


def test_a_text_where_the_only_number_should_be(file) -> None:
    assert 'the label \'energy\' is a text, "low"' in message(file(line(label=..., energy="low")))


def test_no_number_at_all(file) -> None:
    assert "labels.jsonl:1: holds no number beside the circuit" in message(file(line(label=...)))


@pytest.mark.parametrize("content", [b"", b"\n \n"])
def test_an_empty_file(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "labels.jsonl"
    path.write_bytes(content)
    assert message(path).startswith("labels.jsonl: holds no label; each line is one object")


def test_a_damaged_archive(tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl.gz"
    path.write_bytes(gzip.compress(line().encode() * 50)[:-20])
    assert message(path) == "labels.jsonl.gz:1: ends early or is damaged; compress it again"


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    path.write_bytes(line().encode() + b"\n\xff\xfe\n")
    assert message(path) == "labels.jsonl:2: is not UTF-8; save it as UTF-8"


def test_a_line_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(user_labels, "LONGEST", 1000)
    path = tmp_path / "labels.jsonl"
    path.write_text(line() + "\n" + "x" * 1001)
    assert message(path).startswith("labels.jsonl:2: is longer than")


@pytest.mark.parametrize("name", ["none.jsonl", "a\0b.jsonl"])
def test_a_file_that_is_not_there(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match=r"no such file|cannot be read"):
        read_labels(tmp_path / name)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_labels(tmp_path)


def test_a_target_that_is_the_circuit(file) -> None:
    with pytest.raises(UsageError, match="cannot be the target"):
        read_labels(file(line()), "qasm")


def test_one_label_is_too_few(file) -> None:
    with pytest.raises(InputError, match="holds 1 labelled circuit; give"):
        read_labels(file(line())).check_fit()


def test_constant_labels_teach_nothing(file) -> None:
    with pytest.raises(InputError, match=r"every 'label' is 0\.5; there is nothing to learn"):
        read_labels(file(*[line()] * 12)).check_fit()


SCRAPS = st.one_of(
    st.binary(max_size=60),
    st.sampled_from([line().encode(), b"{}", b"[]", b'{"label": 1}', b"\n", b"\x1f\x8b", gzip.compress(b"{}")]),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(SCRAPS, max_size=5))
def test_whatever_the_bytes_a_mistake_is_one_line(
    tmp_path_factory: pytest.TempPathFactory, scraps: list[bytes]
) -> None:
    path = tmp_path_factory.mktemp("labels") / "labels.jsonl"
    path.write_bytes(b"\n".join(scraps))
    said = ""
    try:
        found = read_labels(path)
    except AnsatzlintError as error:
        said = str(error)
    else:
        assert np.isfinite(found.values).all()
        assert len(found.circuits) == len(found.values) == len(found.lines)
    assert "\n" not in said
