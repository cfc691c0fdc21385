# expect: AL201, AL205
import numpy as np
import pennylane as qml

n = 22

@qml.qnode(qml.device("default.qubit", wires=n))
def cost(weights):
    for layer in weights:
        for wire in range(n):
            qml.RX(layer[wire, 0], wires=wire)
            qml.RY(layer[wire, 1], wires=wire)
        for wire in range(n):
            qml.CNOT(wires=[wire, (wire + 1) % n])
    return qml.expval(qml.Z(n - 1))

cost(np.full((6, n, 2), 0.1))
