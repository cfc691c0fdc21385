"""What the path sampler costs: `python tests/benchmarks/paths.py`.

Run it on a quiet machine with PennyLane Lightning installed. Each figure is the best of several runs unless it says
otherwise; ratios are of two measurements in one run.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from ansatzlint.initialisation import Normal, Uniform
from ansatzlint.moments.cost import Words
from ansatzlint.moments.paths import Paths, compile_paths
from ansatzlint.moments.sequence import Damping, Step, Turn
from ansatzlint.pauli.lowering import Clifford
from ansatzlint.pauli.strings import PauliString

SAMPLES = 4096

FIRST_CALL = """
import sys
sys.path.insert(0, {folder!r})
from paths import Z0Z1, Uniform, compile_paths, layers, zeros
steps, parameters = layers(10, 4, "brick", "YZ")
compile_paths(steps, (Uniform(),) * parameters, 10, parameters).sample(Z0Z1, zeros(10), 65536, 0)
"""

Z0Z1 = Words((PauliString(0, 0b11),), (1.0,))


def layers(qubits: int, depth: int, entangler: str, axes: str) -> tuple[tuple[Step, ...], int]:
    """Rotations about both axes on all qubits, then CX as a brickwork or a staircase; (steps, parameters)."""
    steps: list[Step] = []
    parameters = 0
    pairs = [(q, q + 1) for q in range(qubits - 1)]
    if entangler == "brick":
        pairs = pairs[::2] + pairs[1::2]
    for _ in range(depth):
        for q in range(qubits):
            for axis in axes:
                steps.append(Turn(PauliString.of([(q, axis)]), parameters, 1.0, 0.0, len(steps)))
                parameters += 1
        steps += (Clifford("cx", pair, len(steps) + i) for i, pair in enumerate(pairs))
    return tuple(steps), parameters


def noisy(steps: tuple[Step, ...], p: float) -> tuple[Step, ...]:
    """Depolarizing noise after every step."""
    found: list[Step] = []
    for step in steps:
        on = step.qubits if isinstance(step, Clifford) else (step.support.bit_length() - 1,)
        found += (step, Damping(on, (1.0, *((1.0 - p,) * (4 ** len(on) - 1))), 0.0, len(found)))
    return tuple(found)


def zeros(qubits: int) -> np.ndarray:
    return np.tile((0.0, 0.0, 1.0), (qubits, 1))


def best(action: Callable[[], object], repeat: int = 3) -> float:
    """Seconds of the fastest of `repeat` runs."""
    times = []
    for _ in range(repeat):
        started = time.perf_counter()
        action()
        times.append(time.perf_counter() - started)
    return min(times)


def global_z(qubits: int) -> Words:
    return Words((PauliString(0, (1 << qubits) - 1),), (1.0,))


def large(entangler: str, qubits: int, depth: int) -> tuple[float, float]:
    """Seconds to compile the steps and to sample all of them (a global cost has no light cone)."""
    steps, parameters = layers(qubits, depth, entangler, "XZ")
    made: list[Paths] = []

    def build() -> None:
        paths = compile_paths(steps, (Uniform(),) * parameters, qubits, parameters)
        assert paths is not None
        made.append(paths)

    compiling = best(build, 1)
    return compiling, best(lambda: made[0].sample(global_z(qubits), zeros(qubits), SAMPLES, 0))


def weighted(qubits: int, depth: int) -> float:
    """Seconds with floats as weights: narrow angles and noise after every gate."""
    steps, parameters = layers(qubits, depth, "brick", "XZ")
    paths = compile_paths(noisy(steps, 1e-3), (Normal(0.1),) * parameters, qubits, parameters)
    assert paths is not None
    return best(lambda: paths.sample(global_z(qubits), zeros(qubits), SAMPLES, 0), 2)


def against_lightning(qubits: int = 10, depth: int = 4, draws: int = 400) -> float:
    """How much faster at the same standard error of the largest gradient variance."""
    import pennylane as qml

    steps, parameters = layers(qubits, depth, "brick", "YZ")
    paths = compile_paths(steps, (Uniform(),) * parameters, qubits, parameters)
    assert paths is not None
    samples = 1 << 20
    _, found = paths.sample(Z0Z1, zeros(qubits), samples, 0)
    k = int(np.argmax(found.mean))
    ours = best(lambda: paths.sample(Z0Z1, zeros(qubits), samples, 0))
    spread = found.squares.sum(axis=0)[k] / samples - found.mean[k] ** 2

    device = qml.device("lightning.qubit", wires=qubits)

    def circuit(angles: np.ndarray) -> object:
        for step in steps:
            if isinstance(step, Clifford):
                qml.CNOT(step.qubits)
            elif isinstance(step, Turn) and step.parameter is not None:
                ((q, axis),) = step.pauli.letters()
                (qml.RY if axis == "Y" else qml.RZ)(angles[step.parameter], wires=q)
        return qml.expval(qml.Z(0) @ qml.Z(1))

    gradient = qml.grad(qml.QNode(circuit, device, diff_method="adjoint"))
    rng = np.random.default_rng(0)
    angles = [qml.numpy.array(rng.uniform(0, 2 * np.pi, parameters), requires_grad=True) for _ in range(draws)]
    gradient(angles[0])
    started = time.perf_counter()
    squares = np.array([gradient(a)[k] ** 2 for a in angles])
    theirs = time.perf_counter() - started
    return (theirs / draws * float(squares.var())) / (ours / samples * float(spread))


def first_call(cache: str) -> float:
    code = FIRST_CALL.format(folder=str(Path(__file__).resolve().parent))
    environment = {**os.environ, "NUMBA_CACHE_DIR": cache}
    return best(lambda: subprocess.run([sys.executable, "-c", code], check=True, env=environment), 1)


def main() -> None:
    rows: list[tuple[str, float, str, str]] = []
    with tempfile.TemporaryDirectory() as cache:
        rows.append(("process with a first call, nothing compiled", first_call(cache), "s", "at most 6 s"))
        rows.append(("process with a first call, from the cache", first_call(cache), "s", "at most 2 s"))
    rows.append(("speed over lightning.qubit's adjoint gradients", against_lightning(), "x", "at least 10,000 x"))
    for entangler in ("brick", "stair"):
        compiling, sampling = large(entangler, 1000, 100)
        rows.append((f"1000 qubits x 100 layers, {entangler}: steps to arrays", compiling, "s", "at most 1 s"))
        rows.append((f"1000 qubits x 100 layers, {entangler}: {SAMPLES} paths", sampling, "s", "at most 1.5 s"))
    half = large("stair", 1000, 50)[1]
    rows.append(("the same over half as many layers", sampling / half, "x", "about 2 x"))
    rows.append(
        ("most memory so far", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, "GiB", "below 1 GiB")
    )
    rows.append(("1000 qubits x 100 layers, narrow angles and noise", weighted(1000, 100), "s", ""))
    width = max(len(row[0]) for row in rows)
    for title, value, unit, bound in rows:
        print(f"{title:<{width}}  {value:10.2f} {unit:<4} {bound and f'({bound})'}")


if __name__ == "__main__":
    main()
