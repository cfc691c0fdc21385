# expect: nothing
"""A quantum convolutional network on eight qubits: convolutions share their weights, pooling halves the register.

The cost is one qubit's Z at the end of a tree of logarithmic depth, the textbook case without a barren plateau.
"""

import numpy as np
import pennylane as qp
from pennylane import numpy as pnp

n_qubits = 8
dev = qp.device("default.qubit", wires=n_qubits)


def convolution(weights, wires):
    """The same two-qubit block on all neighbours, first the even pairs, then the odd ones."""
    for start in (0, 1):
        for k in range(start, len(wires) - 1, 2):
            a, b = wires[k], wires[k + 1]
            qp.RY(weights[0], wires=a)
            qp.RY(weights[1], wires=b)
            qp.IsingZZ(weights[2], wires=[a, b])
            qp.IsingYY(weights[3], wires=[a, b])


def pooling(weights, wires):
    """Half of the wires steer the other half, and are dropped."""
    for source, sink in zip(wires[0::2], wires[1::2], strict=True):
        qp.CRZ(weights[0], wires=[source, sink])
        qp.PauliX(wires=source)
        qp.CRX(weights[1], wires=[source, sink])
    return wires[1::2]


@qp.qnode(dev)
def model(features, weights):
    qp.AngleEmbedding(features, wires=range(n_qubits), rotation="Y")
    wires = list(range(n_qubits))
    for layer in weights:
        convolution(layer[:4], wires)
        wires = pooling(layer[4:], wires)
    return qp.expval(qp.PauliZ(wires[0]))


def dataset(rng, size):
    """Smooth against rough strings of angles."""
    phase = rng.uniform(0, np.pi, size=(size, 1))
    labels = rng.integers(0, 2, size=size) * 2 - 1
    frequency = np.where(labels > 0, 0.3, 2.8)[:, None]
    return np.sin(frequency * np.arange(n_qubits) + phase), labels


def loss(weights, inputs, labels):
    predictions = pnp.stack([model(x, weights) for x in inputs])
    return pnp.mean((predictions - labels) ** 2)


def main():
    rng = np.random.default_rng(11)
    inputs, labels = dataset(rng, 12)
    weights = pnp.array(rng.normal(0, 0.3, size=(3, 6)), requires_grad=True)
    optimizer = qp.AdamOptimizer(stepsize=0.1)
    for epoch in range(15):
        weights, value = optimizer.step_and_cost(lambda w: loss(w, inputs, labels), weights)
        if epoch % 5 == 0:
            print(f"epoch {epoch:2d}   loss {value:.4f}")
    hits = sum(np.sign(model(x, weights)) == y for x, y in zip(inputs, labels, strict=True))
    print(f"training accuracy {hits / len(labels):.2f}")


if __name__ == "__main__":
    main()
