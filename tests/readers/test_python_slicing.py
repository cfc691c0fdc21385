"""Which statements the backward slice keeps."""

from __future__ import annotations

import ast
from textwrap import dedent

import pytest

from ansatzlint.readers.python.document import parse_file
from ansatzlint.readers.python.slicing import slice_document
from ansatzlint.readers.python.syntax import analyse

HEAD = """\
import pennylane as qml
import numpy as np
dev = qml.device("default.qubit", wires=2)
@qml.qnode(dev)
def circuit(w):
    qml.RX(w[0], wires=0)
    return qml.expval(H)
"""


def kept(program: str, head: str = HEAD) -> str:
    """The source of the slice, without its guards."""
    document = parse_file(head + dedent(program), "p.py")
    assert not document.errors
    sliced = slice_document(document, analyse(document))
    text = "\n".join(ast.unparse(module) for _, module in sliced.modules)
    return "\n".join(line for line in text.splitlines() if "__ansatzlint_" not in line)


@pytest.mark.parametrize(
    ("program", "wanted"),
    [
        ("H = qml.Z(0)\ncircuit([1])", ["H = qml.Z(0)"]),
        ("H = []\nH.append(1)\nH[0] = 2\nH += [3]\ndel H[0]\ncircuit([1])",
         ["H.append(1)", "H[0] = 2", "H += [3]", "del H[0]"]),
        ("H = []\nfor i in range(3):\n    print(i)\n    H.append(i)\ncircuit([1])",
         ["for i in range(3)", "H.append(i)"]),
        ("H = O()\nH.coefficient = 3\nsetattr(H, 'x', 1)\ncircuit([1])", ["H.coefficient = 3", "setattr(H, 'x', 1)"]),
        ("np.random.seed(3)\nH = 1\nw = np.random.rand(2)\ncircuit(w)", ["np.random.seed(3)"]),
        ("qml.capture.disable()\nH = 1\ncircuit([1])", ["qml.capture.disable()"]),
        ("try:\n    import fast as m\nexcept ImportError:\n    m = None\nH = m\ncircuit([1])",
         ["import fast", "m = None"]),
        ("if fancy():\n    H = 1\nelse:\n    H = 2\ncircuit([1])", ["if fancy()", "H = 1", "H = 2"]),
        ("def fill(t):\n    t.append(1)\nH = []\nfill(H)\ncircuit([1])", ["fill(H)"]),
        ("H = None\ndef setup():\n    global H\n    H = 3\nsetup()\ncircuit([1])", ["setup()"]),
        ("H = []\nalso = H\nalso.append(3)\ncircuit([1])", ["also.append(3)"]),
        ("H = []\nwhile True:\n    H.append(1)\n    if len(H) > 3:\n        break\ncircuit([1])", ["break"]),
        ("H = 1\nf = lambda w: circuit(w) + offset\noffset = 3\nminimize(f, [1])", ["offset = 3"]),
        ("import sys\nsys.path.insert(0, 'x')\nH = 1\ncircuit([1])", ["sys.path.insert"]),
        ("from things import *\ncircuit([1])", ["from things import *"]),
        ("H, other = make()\ncircuit([1])", ["make()"]),
        ("with context() as H:\n    H.add(1)\ncircuit([1])", ["context()", "H.add(1)"]),
        ("H = 0\nfor k in range(3):\n    if k % 2:\n        continue\n    H = H + k\ncircuit([1])", ["continue"]),
    ],
)  # fmt: skip
def test_what_binds_or_mutates_a_needed_name_is_kept(program: str, wanted: list[str]) -> None:
    text = kept(program + "\n")
    for part in wanted:
        assert part in text


@pytest.mark.parametrize(
    ("program", "unwanted"),
    [
        ("H = 1\ncircuit([1])\nprint('done')\n", "print"),
        ("H = 1\nx = expensive()\ncircuit([1])\n", "expensive"),
        ("H = expensive()\nH = 2\ncircuit([1])\n", "expensive"),
        ("import matplotlib.pyplot as plt\nH = 1\nplt.plot([circuit([1])])\nplt.show()\n", "plt"),
        ("H = 1\ncosts = []\nfor i in range(9):\n    costs.append(circuit([1]))\n    log(i)\nplot(costs)\n", "plot"),
        ("H = 1\nwith open('f', 'w') as f:\n    f.write('x')\ncircuit([1])\n", "open"),
        ("H = 1\nnp.save('f', H)\ncircuit([1])\n", "save"),
        ("H = 1\nprint(circuit([1]), file=open('f', 'w'))\n", "open"),
        ("import json\nH = 1\njson.dump(H, 3)\ncircuit([1])\n", "dump"),
        ("def main():\n    train()\n    print(circuit([1]))\n    report()\nH = 1\nmain()\n", "report"),
    ],
)
def test_what_nothing_needs_is_dropped(program: str, unwanted: str) -> None:
    assert unwanted not in kept(program)


def test_a_circuit_that_is_printed_is_still_called() -> None:
    assert "(circuit([1]),)" in kept("H = 1\nprint('energy', circuit([1]))\n")


def test_the_exit_around_main_is_dropped_and_main_is_not() -> None:
    text = kept("import sys\nH = 1\ndef main():\n    circuit([1])\nif __name__ == '__main__':\n    sys.exit(main())\n")
    assert "(main(),)" in text
    assert "sys.exit" not in text
