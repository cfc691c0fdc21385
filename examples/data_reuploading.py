# expect: AL203, AL303
"""A data re-uploading classifier: the point enters again before every trainable rotation.

The weights are drawn without a seed, so that no two runs agree.
"""

import pennylane as qml
from pennylane import numpy as np

n_qubits = 2
n_layers = 4
dev = qml.device("default.qubit", wires=n_qubits)


@qml.qnode(dev)
def classifier(x, weights):
    for layer in range(n_layers):
        for wire in range(n_qubits):
            qml.RX(x[0], wires=wire)
            qml.RY(x[1], wires=wire)
            qml.Rot(*weights[layer, wire], wires=wire)
        qml.CNOT(wires=[0, 1])
        qml.CNOT(wires=[1, 0])
    return qml.expval(qml.PauliZ(0))


def circle(size):
    """Points of the square, labelled by whether they lie in a circle of half its area."""
    grid = np.linspace(-1, 1, size)
    points = np.array([[a, b] for a in grid for b in grid], requires_grad=False)
    labels = np.where(points[:, 0] ** 2 + points[:, 1] ** 2 < 2 / np.pi, 1.0, -1.0)
    return points, labels


def loss(weights, points, labels):
    return np.mean((np.stack([classifier(x, weights) for x in points]) - labels) ** 2)


weights = np.random.normal(0, 0.3, size=(n_layers, n_qubits, 3), requires_grad=True)

if __name__ == "__main__":
    points, labels = circle(4)
    optimizer = qml.AdamOptimizer(stepsize=0.1)
    for epoch in range(16):
        weights, value = optimizer.step_and_cost(lambda w: loss(w, points, labels), weights)
        if epoch % 5 == 0:
            print(f"epoch {epoch:2d}   loss {value:.4f}")
    hits = sum(np.sign(classifier(x, weights)) == y for x, y in zip(points, labels, strict=True))
    print(f"training accuracy {hits / len(labels):.2f}")
