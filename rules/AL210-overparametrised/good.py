import numpy as np
import pennylane as qml

n = 3

@qml.qnode(qml.device("default.qubit", wires=n))
def cost(weights):
    for layer in weights:
        for wire in range(n):
            qml.RY(layer[0, wire], wires=wire)
            qml.RX(layer[1, wire], wires=wire)
        for wire in range(n - 1):
            qml.CNOT(wires=[wire, wire + 1])
    return qml.expval(qml.dot([1 / n] * n, [qml.Z(wire) for wire in range(n)]))

cost(np.full((2, 2, n), 0.1))
