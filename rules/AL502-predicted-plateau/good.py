import numpy as np
import pennylane as qml

n, layers = 12, 2


@qml.qnode(qml.device("default.qubit", wires=n))
def overlap(weights):
    for layer in weights:
        for wire in range(n):
            qml.RX(layer[0, wire // 2], wires=wire)
            qml.RY(layer[1, wire // 2], wires=wire)
        for wire in (*range(0, n - 1, 2), *range(1, n - 1, 2)):
            qml.CZ(wires=[wire, wire + 1])
    return qml.expval(qml.dot([1 / n] * n, [qml.Z(wire) for wire in range(n)]))


overlap(np.full((layers, 2, n // 2), 0.1))
