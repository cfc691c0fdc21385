"""What the second-moment engine costs, as ratios and seconds: `python tests/benchmarks/moments.py`.

Run it on a quiet machine with the `test` extra and PennyLane Lightning installed. A figure is the median of several
measurements with the smallest and the largest behind it; both sides of a ratio are measured in turns in one run.

    python tests/benchmarks/moments.py [PART …] [--skip PART] [--repeat N] [--peer-python PYTHON]

    lightning   against adjoint gradients of random draws, at equal standard error of the largest variance
    peer        against `GradientVariance` of ansatz-search, at equal standard error of the mean variance; it may live
                in an environment of its own: --peer-python FOLDER/bin/python
    large       1000 qubits x 100 layers x 4096 paths: seconds, memory, growth with the gates
    first       the first call of a fresh process, with nothing compiled and from the cache
    check       `ansatzlint check` on every example
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).resolve().parent
EXAMPLES = HERE.parent.parent / "examples"
QUBITS, LAYERS = 10, 4
AXES = (("rx", "rz"), ("ry",))
PATHS = 4096
PATIENCE = 90
"""Seconds after which a process is given up."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; `values` has one number a repetition, none where the part was skipped."""

    title: str
    values: tuple[float, ...]
    unit: str = "x"
    target: str = ""

    def __str__(self) -> str:
        if not self.values:
            return f"{'':>11} {'':<3} {'':24} {self.target}"
        spread = f"[{number(min(self.values))}, {number(max(self.values))}]" if len(self.values) > 1 else ""
        return f"{number(statistics.median(self.values)):>11} {self.unit:<3} {spread:<24} {self.target}"


def number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def seconds(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def hardware_efficient(qubits: int, layers: int, axes: tuple[str, ...], entangler: str, cost: str) -> Any:
    """A circuit of rotations about each axis on all qubits and an entangler, so many times.

    `entangler` is `cz` (a chain), `brick` or `stair` (of CX); `cost` as on the command line.
    """
    from ansatzlint.angles import parameter
    from ansatzlint.circuit import Circuit, Gate, Parameter
    from ansatzlint.observables import parse_observable

    pairs = [(q, q + 1) for q in range(qubits - 1)]
    if entangler == "brick":
        pairs = pairs[::2] + pairs[1::2]
    names = (f"t{i}" for i in range(qubits * layers * len(axes)))
    gates: list[Gate] = []
    for _ in range(layers):
        gates += (Gate(axis, (q,), (parameter(next(names)),)) for q in range(qubits) for axis in axes)
        gates += (Gate("cz" if entangler == "cz" else "cx", pair) for pair in pairs)
    used = tuple(Parameter(f"t{i}") for i in range(qubits * layers * len(axes)))
    return Circuit("layers", qubits, tuple(gates), used, (parse_observable(cost, range(qubits), qubits),))


def path_sampler(circuit: Any) -> Callable[[int, int], Any]:
    """(samples, seed) → the tally of the squared derivatives, by the path sampler alone."""
    from ansatzlint.assumptions import complete
    from ansatzlint.moments.cost import cost_of
    from ansatzlint.moments.paths import compile_paths
    from ansatzlint.moments.problem import Problem

    problem = Problem(complete(circuit))
    paths = compile_paths(problem.steps, problem.laws, circuit.qubits, problem.parameters)
    bloch = problem.state.bloch
    assert paths is not None
    assert bloch is not None
    cost, _ = cost_of(problem.circuit)
    return lambda samples, seed: paths.sample(cost, bloch, samples, seed)[1]


def qnode(circuit: Any) -> Any:
    """The circuit on `lightning.qubit` with adjoint differentiation; takes all angles as one array."""
    import pennylane as qml

    gates = [(g.name, g.qubits) for g in circuit.gates]
    kinds = {"rx": qml.RX, "ry": qml.RY, "rz": qml.RZ, "cz": qml.CZ, "cx": qml.CNOT}
    words = [(t.coefficient, qml.prod(*(qml.Z(q) for q in t.qubits))) for t in circuit.observables[0].terms]
    observable = words[0][1] if len(words) == 1 else qml.Hamiltonian(*map(list, zip(*words, strict=True)))

    @qml.qnode(qml.device("lightning.qubit", wires=circuit.qubits), diff_method="adjoint")
    def cost(angles: np.ndarray) -> object:
        k = 0
        for name, qubits in gates:
            if name in ("rx", "ry", "rz"):
                kinds[name](angles[k], wires=qubits)
                k += 1
            else:
                kinds[name](wires=qubits)
        return qml.expval(observable)

    return cost


def against_lightning(repeat: int) -> Iterable[Row]:
    for axes in AXES:
        for title, cost in (("Z0 Z1", "Z0 Z1"), ("mean of Z", "local-z")):
            circuit = hardware_efficient(QUBITS, LAYERS, axes, "cz", cost)
            yield from against_gradients(circuit, f"{'+'.join(axes).upper()}, {title}", repeat)


def against_gradients(circuit: Any, name: str, repeat: int) -> Iterable[Row]:
    """Seconds times variance of one sample: what a given standard error costs. The same parameter on both sides.

    The gradient is taken as a user takes it, by `qml.grad` of one warm QNode, and from the bare device on a prepared
    tape, without the cost of differentiating through Python.
    """
    import pennylane as qml

    import ansatzlint as al

    samples, draws, parameters = 1 << 20, 200, len(circuit.parameters)
    sample = path_sampler(circuit)
    tally = sample(samples, 0)
    k = int(np.argmax(tally.mean))
    spread = float(tally.squares.sum(axis=0)[k] / tally.samples.sum() - tally.mean[k] ** 2)
    al.gradient_variance(circuit, samples=PATHS, method="sampled")

    node = qnode(circuit)
    gradient = qml.grad(node)
    rng = np.random.default_rng(0)
    start = qml.numpy.array(rng.uniform(0, 2 * np.pi, parameters), requires_grad=True)
    gradient(start)
    tape = qml.workflow.construct_tape(node)(start)
    everything = list(range(parameters))
    tape.trainable_params = everything

    def bare(angles: np.ndarray) -> Any:
        return node.device.compute_derivatives(tape.bind_new_parameters(list(angles), everything))

    if not np.allclose(np.ravel(bare(start)), gradient(start)):
        raise SystemExit("the device's derivatives are not those of the QNode")
    ours, public, squares = [], [], []
    by_node, by_device = [], []
    for seed in range(1, repeat + 1):
        started = time.perf_counter()
        sample(samples, seed)
        ours.append((time.perf_counter() - started) / samples)
        started = time.perf_counter()
        v = al.gradient_variance(circuit, samples=samples, seed=seed, method="sampled")
        public.append((time.perf_counter() - started) * ((v.upper[k] - v.lower[k]) / 3.92) ** 2)
        angles = rng.uniform(0, 2 * np.pi, (draws, parameters))
        arrays = [qml.numpy.array(a, requires_grad=True) for a in angles]
        started = time.perf_counter()
        squares += [float(gradient(a)[k]) ** 2 for a in arrays]
        by_node.append((time.perf_counter() - started) / draws)
        angles = rng.uniform(0, 2 * np.pi, (draws, parameters))
        started = time.perf_counter()
        squares += [float(bare(a)[k]) ** 2 for a in angles]
        by_device.append((time.perf_counter() - started) / draws)
    each = float(np.var(squares, ddof=1))
    agree(float(tally.mean[k]), float(np.mean(squares)), (each / len(squares) + spread / samples) ** 0.5)
    paths = [t * spread for t in ours]
    for title, taken in (("lightning.qubit", by_node), ("bare lightning device", by_device)):
        theirs = [t * each for t in taken]
        yield Row(f"{title} / path sampler ({name})", ratios(theirs, paths), "x", "at least 10,000 x")
        yield Row(f"{title} / al.gradient_variance ({name})", ratios(theirs, public), "x", "at least 10,000 x")
        yield Row("  one gradient there", tuple(1e3 * t for t in taken), "ms")
    yield Row("  one path", tuple(1e9 * t for t in ours), "ns")
    yield Row("  variance of one draw / of one path", (each / spread,), "x")


def agree(ours: float, theirs: float, error: float) -> None:
    """Refuse to compare the speed of things that do not agree within five standard errors."""
    if not abs(theirs - ours) <= 5 * error:
        raise SystemExit(f"estimates differ: {ours:.4g} and {theirs:.4g}, one standard error is {error:.2g}")


def timed(sample: Callable[[int, int], object], samples: int, repeat: int) -> list[float]:
    """Seconds of each run."""
    return [seconds(lambda seed=seed: sample(samples, seed)) for seed in range(1, repeat + 1)]


def ratios(theirs: list[float], ours: list[float]) -> tuple[float, ...]:
    return tuple(a / b for a, b in zip(theirs, ours, strict=True))


PEER = '''
"""Reads {"qubits", "gates", "draws", "repeat"}; writes seconds a call, per-draw variance and mean of the metric."""
import json, sys, time
import numpy as np
from importlib.metadata import version
from qiskit import QuantumCircuit
from qiskit.circuit import ParameterVector
from ansatz_search import AnsatzSpec
from ansatz_search.backends.numpy import NumpyCompiler, NumpyGradientProvider
from ansatz_search.metrics import GradientVariance

task = json.load(sys.stdin)
count = sum(len(gate) == 3 for gate in task["gates"])
angles = ParameterVector("t", count)
qc = QuantumCircuit(task["qubits"])
for name, qubits, *at in task["gates"]:
    getattr(qc, name)(*(angles[k] for k in at), *qubits)
spec = AnsatzSpec.from_qiskit(qc)
program = NumpyCompiler().compile(spec)
word = {"ZZ" + "I" * (task["qubits"] - 2): 1.0}
taken, values = [], []
for seed in range(task["repeat"] + 1):
    metric = GradientVariance(
        observables=word, parameter_sampler="uniform", num_of_param_samples=task["draws"], seed=seed
    )
    started = time.perf_counter()
    values.append(metric.value(program, spec))
    taken.append(time.perf_counter() - started)
draws = np.random.default_rng(0).uniform(0, 2 * np.pi, (4 * task["draws"], count))
zero = np.eye(1, 2 ** task["qubits"], dtype=complex)[0]
found = NumpyGradientProvider().gradients(program, observables=word, param_samples=draws, states=[zero])
each = (found[0, 0] ** 2).mean(axis=1)
print(json.dumps({"seconds": taken[1:], "values": values[1:], "variance": float(each.var(ddof=1)),
                  "version": version("ansatz-search")}))
'''


def against_peer(repeat: int, python: str) -> Iterable[Row]:
    """Its figure is the mean variance over the parameters, so ours is compared at that figure's standard error."""
    title = "ansatz-search GradientVariance"
    if subprocess.run([python, "-c", "import ansatz_search"], check=False, capture_output=True).returncode:
        yield Row(title, (), "", "skipped: not installed")
        return
    draws, samples, runs = 500, 1 << 20, 64
    for axes in AXES:
        circuit = hardware_efficient(QUBITS, LAYERS, axes, "cz", "Z0 Z1")
        index = {p.name: i for i, p in enumerate(circuit.parameters)}
        gates = [[g.name, g.qubits, *(index[p] for p in g.parameters)] for g in circuit.gates]
        sample = path_sampler(circuit)
        sample(samples, 0)
        # Paths of one run share hits between parameters: the spread of the mean is that of independent runs.
        found = np.array([float(sample(1 << 14, seed).mean.mean()) for seed in range(runs)])
        spread = float(found.var(ddof=1)) * (1 << 14)
        ours = [t / samples * spread for t in timed(sample, samples, repeat)]
        task = {"qubits": QUBITS, "gates": gates, "draws": draws, "repeat": repeat}
        done = subprocess.run([python, "-c", PEER], input=json.dumps(task), capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"ansatz-search failed:\n{done.stderr}")
        peer = json.loads(done.stdout)
        error = (peer["variance"] / draws / repeat + float(found.var(ddof=1)) / runs) ** 0.5
        agree(float(found.mean()), statistics.mean(peer["values"]), error)
        theirs = [t / draws * peer["variance"] for t in peer["seconds"]]
        name = f"{peer['version']} / path sampler ({'+'.join(axes).upper()}, Z0 Z1)"
        yield Row(f"{title} {name}", ratios(theirs, ours), "x", "at least 1,000 x")
        yield Row("  one draw there", tuple(1e3 * t / draws for t in peer["seconds"]), "ms")


def large_in_child(entangler: str, layers: int, repeat: int, public: bool) -> None:
    """Print seconds of each run and the peak memory of this process, in GiB."""
    import resource

    import ansatzlint as al

    circuit = hardware_efficient(1000, layers, ("rx", "rz"), entangler, "global-z")
    if public:
        al.gradient_variance(circuit, samples=PATHS, method="sampled")
        taken = timed(
            lambda samples, seed: al.gradient_variance(circuit, samples=samples, seed=seed, method="sampled"),
            PATHS,
            repeat,
        )
    else:
        sample = path_sampler(circuit)
        sample(PATHS, 0)
        taken = timed(sample, PATHS, repeat)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << (30 if sys.platform == "darwin" else 20))
    print(json.dumps({"seconds": taken, "peak": peak, "gates": len(circuit.gates)}))


def large(entangler: str, layers: int, repeat: int, public: bool = False) -> dict[str, Any]:
    code = f"import moments; moments.large_in_child({entangler!r}, {layers}, {repeat}, {public})"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=HERE, capture_output=True, text=True, check=True, timeout=PATIENCE
    )
    return json.loads(done.stdout)  # type: ignore[no-any-return]  # what the child printed


def at_scale(repeat: int) -> Iterable[Row]:
    for entangler in ("brick", "stair"):
        by_layers = {layers: large(entangler, layers, repeat) for layers in (25, 50, 100)}
        full = by_layers[100]
        title = f"1000 qubits x 100 layers, {full['gates']:,} gates, {entangler}"
        yield Row(f"{title}: {PATHS} paths", tuple(full["seconds"]), "s", "below 1.5 s")
        yield Row("  peak memory of the process", (full["peak"],), "GiB", "below 1 GiB")
        for few, many in ((25, 50), (50, 100)):
            grown = ratios(by_layers[many]["seconds"], by_layers[few]["seconds"])
            yield Row(f"  {many} layers / {few} layers", grown, "x", "about 2 x")
        title = "  al.gradient_variance, from circuit to intervals"
        try:
            whole = large(entangler, 100, 1, public=True)
        except subprocess.TimeoutExpired:
            yield Row(title, (), "s", f"not finished after {PATIENCE} s")
            continue
        yield Row(title, tuple(whole["seconds"]), "s")
        yield Row("  peak memory of the process", (whole["peak"],), "GiB")


FIRST = """
import ansatzlint as al, moments
print(al.gradient_variance(moments.hardware_efficient(10, 4, ("ry", "rz"), "brick", "local-z"), method={method!r}))
"""


def first_call(repeat: int) -> Iterable[Row]:
    """The whole process, imports and the interpreter's start included."""
    for method in ("auto", "sampled"):
        compiling, cached = [], []
        for _ in range(max(2, repeat // 2)):
            with tempfile.TemporaryDirectory() as cache:
                for taken in (compiling, cached):
                    taken.append(seconds(process("-c", FIRST.format(method=method), NUMBA_CACHE_DIR=cache)))
        name = f'first call in a fresh process, 10 qubits, method="{method}"'
        yield Row(f"{name}: nothing compiled", tuple(compiling), "s", "below 6 s")
        yield Row(f"{name}: from the cache", tuple(cached), "s", "below 2 s")


def process(*arguments: str, codes: tuple[int, ...] = (0,), **environment: str) -> Callable[[], object]:
    def run() -> None:
        command = [sys.executable, *arguments]
        done = subprocess.run(
            command, check=False, capture_output=True, text=True, cwd=HERE, env={**os.environ, **environment}
        )
        if done.returncode not in codes:
            raise SystemExit(f"{command} ended with {done.returncode}:\n{done.stderr}")

    return run


def checking(repeat: int) -> Iterable[Row]:
    """Whole processes, from the cache."""

    def check(*paths: str) -> Callable[[], object]:
        return process("-m", "ansatzlint", "check", "--isolated", "--output-format", "json", *paths, codes=(0, 1))

    run = check(str(EXAMPLES))
    run()
    yield Row("ansatzlint check examples", tuple(seconds(run) for _ in range(max(2, repeat // 2))), "s")
    for file in sorted(f for f in EXAMPLES.iterdir() if f.suffix in (".py", ".qasm", ".ipynb")):
        yield Row(f"  {file.name}", (seconds(check(str(file))),), "s", "below 10 s a circuit")


PARTS = ("lightning", "peer", "large", "first", "check")


def machine() -> str:
    model = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        model = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), model)
    except OSError as error:
        model = f"{model} (no /proc/cpuinfo: {error.strerror})"
    load = ", ".join(f"{value:.2f}" for value in os.getloadavg()) if hasattr(os, "getloadavg") else "unknown"
    return f"{model}, {os.cpu_count()} processors, load {load}"


def versions() -> str:
    found = [f"Python {platform.python_version()}"]
    for name in ("ansatzlint", "numpy", "numba", "pennylane", "pennylane-lightning", "qiskit"):
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            found.append(f"{name} not installed")
    return ", ".join(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all if none is named")
    parser.add_argument("--skip", action="append", default=[], choices=PARTS, metavar="PART")
    parser.add_argument("--repeat", type=int, default=5, help="measurements of each figure")
    parser.add_argument("--peer-python", default=sys.executable, help="the interpreter that has ansatz-search")
    given = parser.parse_args()
    unknown = set(given.parts) - set(PARTS)
    if unknown or given.repeat < 1:
        parser.error(f"no such part: {', '.join(sorted(unknown))}" if unknown else "--repeat must be at least 1")
    parts: dict[str, Callable[[], Iterable[Row]]] = {
        "lightning": lambda: against_lightning(given.repeat),
        "peer": lambda: against_peer(given.repeat, given.peer_python),
        "large": lambda: at_scale(given.repeat),
        "first": lambda: first_call(given.repeat),
        "check": lambda: checking(given.repeat),
    }
    print(machine())
    print(versions(), flush=True)
    for name in PARTS:
        if name in given.skip or (given.parts and name not in given.parts):
            continue
        for row in parts[name]():
            print(f"{row.title:<86} {row}".rstrip(), flush=True)
    print(f"at the end: {machine()}")


if __name__ == "__main__":
    main()
