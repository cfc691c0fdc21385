"""How long linting takes, as ratios of two measurements in one run: `python tests/benchmarks/lint.py`.

Run it on a quiet machine with the `test` extra installed. Each figure is the best of several runs.
"""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

SMALL = """OPENQASM 3.0;
include "stdgates.inc";
input float[64] a; input float[64] b; input float[64] c; input float[64] d;
qubit[4] q;
ry(a) q[0]; ry(b) q[1]; ry(c) q[2]; ry(d) q[3];
cx q[0], q[1]; cx q[1], q[2]; cx q[2], q[3];
ry(a) q[0];
"""

MODEL = '''"""Model {number}."""
import pennylane as qml
from pennylane import numpy as np

n = 4
dev = qml.device("default.qubit", wires=n)


@qml.qnode(dev)
def circuit(weights, x):
    qml.AngleEmbedding(x, wires=range(n))
    for layer in range({layers}):
        for wire in range(n):
            qml.RY(weights[layer, wire], wires=wire)
        for wire in range(n - 1):
            qml.CNOT(wires=[wire, wire + 1])
    return qml.expval(qml.Z(0))


def cost(weights, x):
    return (circuit(weights, x) - {number}) ** 2


if __name__ == "__main__":
    np.random.seed({number})
    weights = np.random.normal(0, 0.1, size=({layers}, n), requires_grad=True)
    opt = qml.GradientDescentOptimizer(0.1)
    for step in range(100):
        weights, value = opt.step_and_cost(cost, weights, x=np.ones(n, requires_grad=False))
        print(step, value)
'''


def best(action: Callable[[], object], repeat: int) -> float:
    """Seconds of the fastest of `repeat` runs."""
    times = []
    for _ in range(repeat):
        started = time.perf_counter()
        action()
        times.append(time.perf_counter() - started)
    return min(times)


def process(*arguments: str) -> Callable[[], object]:
    command = [sys.executable, *arguments]
    return lambda: subprocess.run(command, check=False, capture_output=True)


def check(*arguments: str) -> Callable[[], object]:
    return process("-m", "ansatzlint", "check", "--fast", "--isolated", "--output-format", "json", *arguments)


def large(gates: int, qubits: int = 20) -> str:
    """A flat OpenQASM 2 file of so many gates."""
    rng = random.Random(0)
    lines = ["OPENQASM 2.0;", 'include "qelib1.inc";', f"qreg q[{qubits}];"]
    for _ in range(gates):
        a, b = rng.sample(range(qubits), 2)
        turn = f"{rng.choice(['rx', 'ry', 'rz'])}({6 * rng.random()}) q[{a}];"
        lines.append(turn if rng.random() < 0.6 else f"cx q[{a}],q[{b}];")
    return "\n".join(lines) + "\n"


def main() -> None:
    import qiskit.qasm2

    from ansatzlint.readers.openqasm import read_openqasm

    rows: list[tuple[str, float, float | None, str]] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "small.qasm").write_text(SMALL)
        (folder / "model.py").write_text(MODEL.format(number=1, layers=2))
        base = best(process("-c", "import click, numpy, networkx"), 7)
        ours = best(check(f"{folder}/small.qasm"), 7)
        rows.append(("one OpenQASM file / import click, numpy, networkx", ours / base, 2.5, "x"))
        base = best(process("-c", "import pennylane"), 5)
        rows.append(("one PennyLane file / import pennylane", best(check(f"{folder}/model.py"), 5) / base, 1.4, "x"))
        text = large(40_000)
        file = folder / "large.qasm"
        file.write_text(text)
        base = best(lambda: qiskit.qasm2.load(file), 5)
        ours = best(lambda: read_openqasm(text, path="large.qasm"), 5)
        rows.append(("40,000 gates with places / Qiskit's reader without", ours / base, 10.0, "x"))
        for suffix, content, bound in ((".qasm", SMALL, 15.0), (".py", MODEL, 30.0)):
            many = folder / f"many{suffix}"
            many.mkdir()
            for number in range(300):
                body = content.format(number=number, layers=1 + number % 3) if suffix == ".py" else content
                (many / f"file{number}{suffix}").write_text(body)
            rows.append((f"300 {suffix} files", best(check(str(many)), 1), bound, "s"))
    width = max(len(row[0]) for row in rows)
    for title, value, bound, unit in rows:
        print(f"{title:<{width}}  {value:7.2f} {unit}   (at most {bound:g} {unit})")


if __name__ == "__main__":
    main()
