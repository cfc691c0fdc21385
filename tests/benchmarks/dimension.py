"""What the parameter dimension reaches and costs: `python tests/benchmarks/dimension.py`.

Run it on a quiet machine. A figure is the median of several measurements with the smallest and the largest behind it;
both sides of a ratio are measured in turns in one run.

    python tests/benchmarks/dimension.py [PART …] [--repeat N]

    climb       the rank at the best Clifford point as a share of the generic rank, over the families on 4 to 8 qubits
    metric      against the rank of PennyLane's metric tensor, which must be the same
    large       50 qubits and some 500 parameters
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable

import numpy as np
from moments import Row, machine, ratios, seconds, versions

import ansatzlint as al
from ansatzlint.dimension import parameter_dimension
from ansatzlint.errors import UsageError

MOST_PARAMETERS = 300
"""Of circuits whose climb is compared: dense ranks of more take long."""


def climbs() -> Iterable[Row]:
    for qubits in (4, 6, 8):
        shares = []
        for name in al.families:
            for layers in (1, 2, 4):
                family = al.families[name]
                try:
                    circuit = family.build(qubits, **({"layers": layers} if "layers" in family.space else {}))
                except UsageError:
                    continue
                if len(circuit.trainable) <= MOST_PARAMETERS and (layers == 1 or "layers" in family.space):
                    generic = parameter_dimension(circuit).rank  # a random point over a finite field
                    shares.append(parameter_dimension(circuit, method="clifford").rank / generic)
        title = f"climb / generic rank, {len(shares)} circuits of {qubits} qubits"
        yield Row(title, tuple(shares), "x", "at least 0.8 x")
        yield Row("  share of the circuits that reach 0.8", (float(np.mean(np.array(shares) >= 0.8)),), "x")


def against_metric(repeat: int) -> Iterable[Row]:
    import pennylane as qml
    from pennylane import numpy as pnp

    for qubits, layers in ((4, 2), (6, 2)):
        shape = qml.StronglyEntanglingLayers.shape(layers, qubits)

        @qml.qnode(qml.device("default.qubit", wires=qubits + 1))
        def cost(weights: object, qubits: int = qubits) -> object:
            qml.StronglyEntanglingLayers(weights, wires=range(qubits))
            return qml.expval(qml.Z(0))

        weights = pnp.array(np.random.default_rng(1).uniform(0, 2 * np.pi, shape), requires_grad=True)
        circuit = al.read(cost, weights)
        found: list[int] = []

        def rank(cost: object = cost, weights: object = weights, found: list[int] = found) -> None:
            size = int(np.size(weights))
            metric = np.asarray(qml.metric_tensor(cost, approx=None)(weights)).reshape(size, size)
            found.append(int(np.linalg.matrix_rank(metric, tol=1e-8)))

        theirs, ours = [], []
        for _ in range(min(repeat, 3)):
            theirs.append(seconds(rank))
            ours.append(seconds(lambda circuit=circuit: parameter_dimension(circuit)))
        if found[-1] != parameter_dimension(circuit).rank:
            raise SystemExit(f"ranks differ: {parameter_dimension(circuit).rank} and {found[-1]}")
        title = f"PennyLane metric_tensor / ours: strongly entangling, {qubits} qubits x {layers} layers"
        yield Row(title, ratios(theirs, ours), "x", "at least 1 x")


def at_scale(repeat: int) -> Iterable[Row]:
    for name, layers in (("efficient-su2", 4), ("strongly-entangling", 3)):
        circuit = al.families[name].build(50, layers=layers)
        taken = tuple(seconds(lambda circuit=circuit: parameter_dimension(circuit)) for _ in range(repeat))
        found = parameter_dimension(circuit)
        title = f"{name}, 50 qubits, {found.parameters} parameters: at least {found.rank}, at most {found.upper}"
        yield Row(title, taken, "s", "at most 10 s")


PARTS = ("climb", "metric", "large")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all if none is named")
    parser.add_argument("--repeat", type=int, default=5, help="measurements of each figure")
    given = parser.parse_args()
    unknown = set(given.parts) - set(PARTS)
    if unknown or given.repeat < 1:
        parser.error(f"no such part: {', '.join(sorted(unknown))}" if unknown else "--repeat must be at least 1")
    parts: dict[str, Callable[[], Iterable[Row]]] = {
        "climb": climbs,
        "metric": lambda: against_metric(given.repeat),
        "large": lambda: at_scale(given.repeat),
    }
    parameter_dimension(al.families["efficient-su2"].build(3))  # compiles
    print(machine())
    print(versions(), flush=True)
    for name in PARTS:
        if given.parts and name not in given.parts:
            continue
        for row in parts[name]():
            print(f"{row.title:<86} {row}".rstrip(), flush=True)
    print(f"at the end: {machine()}")


if __name__ == "__main__":
    main()
