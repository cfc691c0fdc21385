# expect: AL102, AL203, AL303
"""StronglyEntanglingLayers trained to map |0...0> to a target state, by the overlap with it."""

import pennylane as qml
from pennylane import numpy as np

n_qubits = 5
shape = qml.StronglyEntanglingLayers.shape(n_layers=3, n_wires=n_qubits)
dev = qml.device("default.qubit", wires=n_qubits)


@qml.qnode(dev)
def overlap(weights):
    """The probability of the Neel state |01010>."""
    qml.StronglyEntanglingLayers(weights, wires=range(n_qubits))
    return qml.expval(qml.Projector([0, 1, 0, 1, 0], wires=range(n_qubits)))


def infidelity(weights):
    return 1 - overlap(weights)


def main():
    weights = np.random.uniform(low=0, high=2 * np.pi, size=shape)
    optimizer = qml.AdamOptimizer(stepsize=0.1)
    for step in range(50):
        weights, value = optimizer.step_and_cost(infidelity, weights)
        if step % 10 == 0:
            print(f"step {step:2d}   infidelity {value:.4f}")
    print(f"final overlap {overlap(weights):.4f}")


if __name__ == "__main__":
    main()
