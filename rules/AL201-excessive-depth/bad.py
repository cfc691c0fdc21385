# expect: AL201, AL205
import numpy as np
import pennylane as qml

n = 20

@qml.qnode(qml.device("default.qubit", wires=n))
def cost(weights):
    for number, layer in enumerate(weights):
        for wire in range(n):
            qml.RX(layer[wire, 0], wires=wire)
            qml.RY(layer[wire, 1], wires=wire)
        for wire in range(n):
            qml.CZ(wires=[wire, (wire + number + 1) % n])
    return qml.expval(qml.dot([1 / n] * n, [qml.X(wire) for wire in range(n)]))

cost(np.full((8, n, 2), 0.1))
