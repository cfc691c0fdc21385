# expect: AL203, AL207, AL602
"""A classifier that reads one qubit and does not see half of its features.

The CNOT chain runs away from the qubit that is measured: nothing on qubits 2 and 3 can reach it.
"""

import pennylane as qml
from pennylane import numpy as np

dev = qml.device("default.qubit", wires=4)


@qml.qnode(dev)
def classifier(features, weights):
    qml.AngleEmbedding(features, wires=range(4))
    for wire in range(4):
        qml.Rot(*weights[wire], wires=wire)
    for wire in range(3):
        qml.CNOT(wires=[wire, wire + 1])
    return qml.expval(qml.Z(0))


def main():
    rng = np.random.default_rng(seed=3)
    features = np.array(rng.normal(size=(20, 4)), requires_grad=False)
    labels = np.sign(features[:, 2] + features[:, 3])
    weights = np.array(rng.normal(0, 0.1, size=(4, 3)), requires_grad=True)

    def loss(w):
        return np.mean((np.stack([classifier(x, w) for x in features]) - labels) ** 2)

    optimizer = qml.GradientDescentOptimizer(stepsize=0.3)
    for step in range(20):
        weights = optimizer.step(loss, weights)
        if step % 5 == 0:
            print(f"step {step:2d}   loss {loss(weights):.4f}")


if __name__ == "__main__":
    main()
