"""Bad input: one clear line with a place, quickly, never a traceback."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from ansatzlint.errors import ParseError
from ansatzlint.readers.openqasm import read_openqasm
from ansatzlint.readers.openqasm.interpret import MAX_STEPS

HEAD2 = 'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[2];\n'
HEAD3 = 'OPENQASM 3.0;\ninclude "stdgates.inc";\nqubit[2] q;\n'
NO_HEADER = "a.qasm:1:1: no OpenQASM header: start the file with `OPENQASM 2.0;` or `OPENQASM 3.0;`"
JOINED = "a number is followed by a letter: write a product with `*`, and names without a leading digit"


def error(text: str, folder: Path | None = None, path: str = "a.qasm") -> str:
    for shortcut in (True, False):
        start = time.perf_counter()
        source = read_openqasm(text, path=path, folder=folder, shortcut=shortcut)
        assert time.perf_counter() - start < 5
        assert source.circuits == ()
        (found,) = source.errors
        assert "\n" not in str(found)
        messages = str(found)
    return messages


@pytest.mark.parametrize(("text", "message"), [
    ("", "a.qasm: is empty: there is no statement in it"),
    (" \n// only a remark\n/* and another */", "a.qasm: is empty: there is no statement in it"),
    ("OPENQASM 2.0;\nqreg\0q[2];", "a.qasm:2:5: holds a NUL byte: this is no text file"),
    ("OPENQASM 2.0;\nqreg \udcff[2];", "a.qasm: is not encoded in UTF-8: save it as UTF-8"),
    ("\x7fELF\x02\x01qubit", "a.qasm:1:1: unexpected character '\\x7f'"),
    ("h q[0];", NO_HEADER),
    ("qreg q[2]; input float t;", NO_HEADER),
    ("OPENQASM 1.0;", "a.qasm:1:1: OpenQASM 1 is not supported: use 2.0 or 3.0"),
    ("// x\nOPENQASM 4;", "a.qasm:2:1: OpenQASM 4 is not supported: use 2.0 or 3.0"),
    ("OPENQASM two;", "a.qasm:1:1: the header must read `OPENQASM 2.0;` or `OPENQASM 3.0;`"),
    (HEAD2 + "OPENQASM 2.0;", "a.qasm:4:1: the header `OPENQASM` may stand only once, at the start of the file"),
])  # fmt: skip
def test_files(text: str, message: str) -> None:
    assert error(text) == message


@pytest.mark.parametrize(("body", "message"), [
    ("hh q[0];", "4:1: unknown gate 'hh'; did you mean 'h'?"),
    ("frobnicate q[0];", "4:1: unknown gate 'frobnicate': define it before its use"),
    ("x q[0];\ncx q[0],q[2];", "5:1: qubit 'q[2]' is out of range: 'q' has 2 qubits"),
    ("x q[-1];", "4:1: qubit 'q[-1]' is out of range: 'q' has 2 qubits"),
    ("qreg q[3];", "4:1: 'q' is declared twice: rename one"),
    ("creg q[3];", "4:1: 'q' is declared twice: rename one"),
    ("qreg r[0];", "4:1: register 'r' needs at least one qubit, not 0"),
    ("qreg r[99999999];", "4:1: the circuit has more than 100000 qubits"),
    ("qreg r;", "4:7: register 'r' needs a size: write `qreg r[4];`"),
    ("cx q[0],q[0];", "4:1: a gate acts twice on one qubit: give it different ones"),
    ("cx q,q;", "4:1: a gate acts twice on one qubit: give it different ones"),
    ("qreg r[3]; cx q,r;", "4:12: registers of 2 and 3 qubits in one call: their sizes must match"),
    ("cx q[0];", "4:1: gate 'cx' takes 2 qubits, not 1"),
    ("rx q[0];", "4:1: gate 'rx' takes 1 angle, not 0"),
    ("u3(1,2) q[0];", "4:1: gate 'u3' takes 3 angles, not 2"),
    ("x(1) q[0];", "4:1: gate 'x' takes 0 angles, not 1"),
    ("h r[0];", "4:1: 'r' is not declared"),
    ("creg c[2]; h c;", "4:12: 'c' is no qubit"),
    ("h qq[0];", "4:1: 'qq' is not declared; did you mean 'q'?"),
    ("h q[0]", "4:7: a semicolon is missing before the end of the file"),
    ("h q[0]\nx q[1];", "4:7: a semicolon is missing before 'x'"),
    ("h ;", "4:3: gate 'h' is applied to no qubit"),
    ("h q[0;", "4:6: expected `]`, found ';'"),
    ("h q[];", "4:5: an index is missing between the brackets"),
    ("rx(pi q[0];", "4:7: expected `,`, found 'q'"),
    ("rx(2pi) q[0];", f"4:5: {JOINED}"),
    ("rx() q[0];", "4:1: gate 'rx' takes 1 angle, not 0"),
    ("rx(*) q[0];", "4:4: expected a number, a name or `(`, found '*'"),
    ("rx(a) q[0];", "4:1: 'a' is not declared"),
    ("rx(sine(1)) q[0];", "4:1: unknown function 'sine'; did you mean 'sin'?"),
    ("rx(sin(1,2)) q[0];", "4:1: sin takes 1 arguments, not 2"),
    ("rx(1/0) q[0];", "4:1: division by zero"),
    ("rx(1/(1-1)) q[0];", "4:1: division by zero"),
    ("rx(0^(-1)) q[0];", "4:1: division by zero"),
    ("rx(ln(0)) q[0];", "4:1: ln(0) is not a real number"),
    ("rx(sqrt(-1)) q[0];", "4:1: sqrt(-1) is not a real number"),
    ("rx((-8)^0.5) q[0];", "4:1: pow(-8, 0.5) is not a real number"),
    ("rx(1e999) q[0];", "4:1: a number is too large"),
    ("rx(1e300*1e300) q[0];", "4:1: an angle is infinite or no number"),
    ("rx(exp(1000)) q[0];", "4:1: a number is too large"),
    ("rx(10.0^400) q[0];", "4:1: a number is too large"),
    ("rx(9^9^9) q[0];", "4:1: a number is too large"),
    ("h q[99999999999999999999];", "4:1: an integer is needed here, not 1e+20"),
    ("h q[0.5];", "4:1: an integer is needed here, not 0.5"),
    ("/* never closed", "4:1: this comment is never closed: add `*/`"),
    ('include "never closed;', '4:9: this string is never closed: add `"`'),
    ("include qelib1;", "4:9: `include` needs a file name in quotes, found 'qelib1'"),
    ("gate g a { x a;", "4:16: this block is never closed: add `}`"),
    ("h q[0]; }", "4:9: `}` closes no block: remove it"),
    ("gate g a { x b; }", "4:12: 'b' is no qubit of this gate"),
    ("gate g a { x q; }", "4:12: 'q' is no qubit of this gate"),
    ("gate g a { x a[0]; }", "4:12: 'a' is a single qubit: remove the index"),
    ("gate g a { nope a; }", "4:12: unknown gate 'nope': define it before its use"),
    ("gate g a { g a; }", "4:12: unknown gate 'g': define it before its use"),
    ("gate g(t) a { rx(s) a; }", "4:15: 's' is not declared"),
    ("gate g a,b { cx a,a; }", "4:14: gate 'cx' acts twice on one qubit"),
    ("gate g a { cx a; }", "4:12: gate 'cx' takes 2 qubits, not 1"),
    ("gate g a,a { }", "4:1: gate 'g' uses one name twice among its parameters and qubits"),
    ("gate g a { measure a; }", "4:12: the body of a gate may hold gates and barriers only"),
    ("gate g a { } gate g a { }", "4:14: gate 'g' is defined twice: rename or remove one"),
    ("gate g(t) a { rx(1/t) a; }\ng(0) q[0];", "5:1: division by zero"),
    ("opaque magic(t) a; magic(1) q[0];", "4:20: gate 'magic' is opaque: define its body, so that its action is known"),
    ("measure q[0] -> ;", "4:17: expected a qubit or register, found ';'"),
    ("if(1) ", "4:7: a statement is missing at the end of the file"),
    ("== 3;", "4:1: a statement cannot start with '=='"),
    ("h \u2603[0];", "4:3: unexpected character '\u2603'"),
])  # fmt: skip
def test_openqasm_2(body: str, message: str) -> None:
    assert error(HEAD2 + body) == f"a.qasm:{message}"


@pytest.mark.parametrize(("body", "message"), [
    ("int i; rx(i) q[0];", "4:8: 'i' is used before it has a value"),
    ("const int n;", "4:12: the constant 'n' needs a value"),
    ("const int n = 1; n = 2;", "4:18: 'n' cannot be assigned to: it is no variable"),
    ("m = 2;", "4:1: 'm' is not declared"),
    ("input float t; input angle t;", "4:16: 't' is declared twice: rename one"),
    ("input flaot t;", "4:13: unknown type 'flaot'"),
    ("input array[float, 0] t;", "4:1: the array 't' must have 1 to 100000 elements, not 0"),
    ("input array[float, 2] t; rx(t[2]) q[0];", "4:26: index 2 is out of range: the array has 2 elements"),
    ("input array[float, 2] t; rx(t) q[0];", "4:26: an array stands where a number is needed: add an index"),
    ("ctrl @ q[0];", "4:12: gate 'q' is applied to no qubit"),
    ("ctrl x q[0];", "4:6: expected `@`, found 'x'"),
    ("ctrl(5) @ x q[0], q[1];", "4:1: `ctrl(5)` does not fit to 2 qubits"),
    ("ctrl @ x q[0];", "4:1: gate 'x' takes 1 qubit, not 0"),
    ("pow @ x q[0];", "4:5: `pow` needs an exponent: write `pow(2) @`"),
    ("pow(0.5) @ h q[0];", "4:1: pow(0.5) of gate 'h' is not supported: write the gate out"),
    ("pow(1000000000) @ h q[0];", "4:1: pow(1e+09) expands to too many gates"),
    ("for int i in [0:0:3] x q[0];", "4:1: the step of a range is zero"),
    ("for int i in q[0] x q[0];", "4:1: a loop runs over a range, a set or an array"),
    ("for int i in [0:] x q[0];", "4:17: a loop runs over `[first:last]`, `[first:step:last]` or `{a, b, c}`"),
    ("break;", "4:1: `break` stands outside of a loop"),
    ("if (true) { qubit r; }", "4:13: a qubit declaration must stand outside of blocks"),
    ('if (true) { include "stdgates.inc"; }', "4:13: `include` must stand outside of blocks"),
    ("let a = q[0] ++ q[0];", "4:1: the alias 'a' holds one qubit twice"),
    ("qubit r; x r[0];", "4:10: 'r' is a single qubit: remove the index"),
    ("def f(qubit a) { x a;", "4:1: `def` is never closed: add `}` or `;`"),
    ("x $99999999999;", "4:3: physical qubit '$99999999999' is out of range"),
    ("rx(100ns) q[0];", "4:1: a duration is no number"),
    ("rx(measure q[0]) q[0];", "4:4: a measurement cannot stand inside an expression"),
])  # fmt: skip
def test_openqasm_3(body: str, message: str) -> None:
    assert error(HEAD3 + body) == f"a.qasm:{message}"


def test_a_missing_include_is_said() -> None:
    assert error("OPENQASM 3.0; qubit q; h q;") == (
        "a.qasm:1:24: unknown gate 'h': add `include \"stdgates.inc\";` (OpenQASM 3) or "
        '`include "qelib1.inc";` (OpenQASM 2)'
    )


def test_the_place_is_kept() -> None:
    (found,) = read_openqasm(HEAD2 + "\n  h q[0]", path="dir\\a.qasm").errors
    assert isinstance(found, ParseError)
    assert (found.path, found.line, found.column) == ("dir/a.qasm", 5, 9)


def test_a_gigantic_include_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ansatzlint.readers.openqasm.program.MAX_BYTES", 2**20)
    (tmp_path / "large.inc").write_text("// " + "x" * 2**20)
    source = read_openqasm('OPENQASM 3.0;\ninclude "large.inc";', path="a.qasm", folder=tmp_path)
    assert [str(error) for error in source.errors] == ["a.qasm:2:1: include 'large.inc': it is larger than 1 MiB"]


def test_includes_that_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (tmp_path / "out.inc").write_text("gate g a { x a; }")
    (folder / "link.inc").symlink_to(tmp_path / "out.inc")
    (folder / "loop.inc").symlink_to(folder / "loop.inc")
    (folder / "a.inc").write_text('include "b.inc";')
    (folder / "b.inc").write_text('\ninclude "a.inc";')
    (folder / "latin.inc").write_bytes(b"// \xe9\n")
    (folder / "bad.inc").write_text("gate g a {\n nope a; }\n")
    (folder / "worse.inc").write_text("gate g a {\n x a }\n")

    def said(file: str) -> str:
        return error(f'OPENQASM 2.0;\ninclude "qelib1.inc"; include "{file}";', folder, "in/c.qasm")

    outside = "it lies outside of the file's folder; copy it there"
    assert said("../out.inc") == f"in/c.qasm:2:23: include '../out.inc': {outside}"
    assert said("link.inc") == f"in/c.qasm:2:23: include 'link.inc': {outside}"
    assert said("/etc/passwd") == f"in/c.qasm:2:23: include '/etc/passwd': {outside}"
    assert said("none.inc") == "in/c.qasm:2:23: include 'none.inc': there is no such file beside this one"
    assert said(".") == "in/c.qasm:2:23: include '.': there is no such file beside this one"
    assert said("loop.inc").startswith("in/c.qasm:2:23: include 'loop.inc': ")
    assert said("a.inc") == "in/b.inc:2:1: include 'a.inc': it includes itself; remove one of the includes"
    assert said("latin.inc") == "in/c.qasm:2:23: include 'latin.inc': it is not encoded in UTF-8"
    assert said("bad.inc") == "in/bad.inc:2:2: unknown gate 'nope': define it before its use"
    assert said("worse.inc") == "in/worse.inc:2:5: a semicolon is missing before '}'"
    assert error('OPENQASM 2.0;\ninclude "a.inc";') == (
        "a.qasm:2:1: include 'a.inc': only qelib1.inc and stdgates.inc can be included from a text without a folder"
    )


def test_includes_that_multiply(tmp_path: Path) -> None:
    for i in range(30):
        (tmp_path / f"f{i}.inc").write_text(f'include "./f{i + 1}.inc"; include "f{i + 1}.inc";')
    (tmp_path / "f30.inc").write_text("// the end")
    said = error('OPENQASM 2.0; include "f0.inc";', tmp_path)
    assert said.endswith("more than 256 files are included")


def test_nesting() -> None:
    deep = 10_000
    assert error(HEAD2 + f"rx({'(' * deep}1{')' * deep}) q[0];") == (
        "a.qasm:4:68: this expression nests more than 64 deep"
    )
    assert "nests more than 64 deep" in error(HEAD2 + f"rx({'-' * deep}1) q[0];")
    assert "nests more than 64 deep" in error(HEAD2 + f"rx({'sin(' * deep}1{')' * deep}) q[0];")
    assert "nests more than 64 deep" in error(HEAD2 + f"rx({'2^' * deep}1) q[0];")
    assert "blocks nest more than 64 deep" in error(HEAD3 + "box {" * deep + "}" * deep)
    assert "blocks nest more than 64 deep" in error(HEAD3 + "if (true) " * deep + "x q[0];")
    gates = "".join(f"gate g{i} a {{ {f'g{i - 1}' if i else 'x'} a; }}\n" for i in range(500))
    assert error(HEAD2 + gates) == "a.qasm:68:1: gate definitions nest more than 64 deep"
    body = "for int i in [0:0] { " * 60
    loops = "".join(f"gate g{i} a {{ {body}{f'g{i - 1}' if i else 'x'} a;{'}' * 60} }}\n" for i in range(10))
    assert error(HEAD3 + loops + "g9 q[0];") == "a.qasm:14:1: blocks and gates nest more than 64 deep"


def test_blow_up() -> None:
    doubling = "gate g0 a { x a; x a; }\n"
    doubling += "".join(f"gate g{i} a {{ g{i - 1} a; g{i - 1} a; }}\n" for i in range(1, 60))
    assert error(HEAD2 + doubling + "g59 q[0];") == f"a.qasm:64:1: gate 'g59' expands to more than {MAX_STEPS} gates"
    squaring = "gate g0(t) a { rx(t) a; }\n" + "".join(f"gate g{i}(t) a {{ g{i - 1}(t*t) a; }}\n" for i in range(1, 60))
    assert error(HEAD3 + "input float t;\n" + squaring + "g59(t) q[0];").endswith("operations or 64 levels")
    terms = " + ".join(f"t*t*{i}.0" for i in range(2000))
    assert error(HEAD3 + f"input float t; rx({terms}) q[0];").endswith("operations or 64 levels")
    total = "input array[float, 2000] w; float s = 0; for int i in [0:1999] s += w[i]; rx(s) q[0];"
    assert error(HEAD3 + total).endswith("an angle depends on more than 1000 parameters")


@pytest.mark.slow
def test_endless_loops() -> None:
    loops = "for int i in [0:1000000000] for int j in [0:1000000000] { }"
    (found,) = read_openqasm(HEAD3 + loops, path="a.qasm").errors
    assert found.message == f"the circuit expands to more than {MAX_STEPS} gates and loop turns"


@pytest.mark.slow
@pytest.mark.parametrize("line", [
    "a" * 10**7, "(" * 10**7, " " * 10**7 + "\x01", "/*!" * (10**7 // 3), '"' * 10**7, "x(" * (10**7 // 2),
    "x " + "q[0]," * (10**7 // 5), f"rx({'1+' * (10**7 // 2)}1) q[0];", f"rx({'9' * 10**7}) q[0];",
    "gate g a {" * 10**6,
    "/* ansatzlint: " * 600_000, f"rx({'1,' * (10**7 // 2)}1) q[0];",
])  # fmt: skip
def test_ten_megabytes_in_one_line(line: str) -> None:
    start = time.perf_counter()
    source = read_openqasm("OPENQASM 2.0; include \"qelib1.inc\"; qreg q[2];" + line, path="a.qasm")
    assert time.perf_counter() - start < 30
    (found,) = source.errors
    assert found.line == 1
    assert len(str(found)) < 300


@pytest.mark.slow
def test_five_megabytes_of_gates_in_one_line() -> None:
    text = "OPENQASM 2.0; include \"qelib1.inc\"; qreg q[2];" + "cx q[0],q[1];" * 400_000
    (circuit,) = read_openqasm(text, path="a.qasm").circuits
    assert len(circuit.gates) == 400_000
