"""Mutated programs are read or refused, quickly, and never raise; the shortcut changes nothing about it."""

from __future__ import annotations

import random
import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansatzlint.readers.openqasm import read_openqasm

SEEDS = (
    """OPENQASM 2.0;
include "qelib1.inc";
gate ryy_7(param0) q0,q1 { rx(pi/2) q0; rx(pi/2) q1; cx q0,q1; rz(param0) q1; cx q0,q1; rx(-pi/2) q0; }
qreg q[4]; creg c[4];
h q; barrier q;
u3(0.3,-pi/4,2*pi/3) q[1];
ryy_7(0.77) q[0],q[3];
cu1(pi/8) q[2],q[0]; // ansatzlint: observable=Z0
if(c==1) x q[2];
measure q -> c;
""",
    """OPENQASM 3.0;
include "stdgates.inc";
input float[64] _x_0_; input array[float[64], 3] w;
const int n = 4;
qubit[n] q; bit[n] c;
let pair = q[{0, 2}];
for int i in [0:n - 2] { cx q[i], q[i + 1]; rx(2 * w[i] - _x_0_) q[i]; }
ctrl(2) @ negctrl @ rz((pi - w[0]) * (pi - w[1])) q[0], q[1], q[2], q[3];
inv @ pow(2) @ s pair;
if (n == 4) { x q[0]; } else { y q[0]; }
/* a remark */ float t = sin(0.5) ** 2; t += 1.5; ry(t) q[-1];
c = measure q;
""",
    """OPENQASM 3;
include "stdgates.inc";
gate foo(a, b) p, r { ctrl @ rz(a / 2) p, r; for uint k in [0:2:4] { rx(b * k) r; } gphase(-a); }
def f(qubit z) -> bit { return measure z; }
qubit a; qubit[2] b;
pow(0.5) @ x a; foo(0.1, exp(1)) b[0], a; box [10ns] { delay[5us] b; foo(ln(2), tau) b[1], a; }
reset a; bit r = measure b[0]; while (r) { x a; } h $1;
@note something
pragma whatever
end;
""",
)
TOKEN = re.compile(r"\w+|\s+|.", re.DOTALL)
CHARACTERS = "()[]{};,:.@-+*/^=<>&|!~\"'$# \n\t\0é\ud800θ09aexQ\\"


def mutated(seed: str, random_: random.Random) -> str:
    """The seed with a few characters or tokens changed, removed, doubled or swapped."""
    text = seed
    for _ in range(random_.choice((1, 1, 2, 4))):
        if random_.random() < 0.4:
            at = random_.randrange(len(text))
            text = text[:at] + random_.choice(CHARACTERS) + text[at + random_.randint(0, 2) :]
            continue
        tokens = TOKEN.findall(text)
        i, j = (random_.randrange(len(tokens)) for _ in range(2))
        match random_.randrange(5):
            case 0:
                del tokens[i]
            case 1:
                tokens.insert(j, tokens[i])
            case 2:
                tokens[i], tokens[j] = tokens[j], tokens[i]
            case 3:
                del tokens[min(i, j) : max(i, j)]
            case 4:
                tokens[i] = str(random_.choice([0, -1, 10**6, 10**30, 1e300, 63, "pi", "q", "gate"]))
        text = "".join(tokens) or " "
    return text


@pytest.mark.slow
def test_10000_mutated_programs() -> None:
    random_ = random.Random(0)
    read = 0
    for _ in range(10_000):
        text = mutated(random_.choice(SEEDS), random_)
        start = time.perf_counter()
        source = read_openqasm(text, path="fuzz.qasm")
        assert time.perf_counter() - start < 1.0, text
        assert len(source.circuits) + len(source.errors) == 1
        for error in source.errors:
            assert error.message
            assert (error.line is None) == (error.column is None)
            if error.line is not None:
                assert 1 <= error.line <= len(source.lines) + 1
        read += len(source.circuits)
    assert read > 500  # enough of them get beyond the parser


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(SEEDS), st.integers(0, 2**32))
def test_the_shortcut_changes_nothing(seed: str, number: int) -> None:
    text = mutated(seed, random.Random(number))
    assert same(text)


def same(text: str) -> bool:
    with_it = read_openqasm(text, path="a.qasm")
    without = read_openqasm(text, path="a.qasm", shortcut=False)
    assert [str(e) for e in with_it.errors] == [str(e) for e in without.errors]
    assert with_it.circuits == without.circuits
    assert (with_it.comments, with_it.lines) == (without.comments, without.lines)
    return True
