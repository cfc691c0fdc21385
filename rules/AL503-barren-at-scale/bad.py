# expect: AL503
import numpy as np
import pennylane as qml

@qml.qnode(qml.device("default.qubit", wires=6))
def cost(weights):
    for layer in weights:
        for wire in range(6):
            qml.RY(layer[wire, 0], wires=wire)
            qml.RX(layer[wire, 1], wires=wire)
        for wire in range(6):
            qml.CNOT(wires=[wire, (wire + 1) % 6])
    return qml.expval(qml.Z(5))

cost(np.full((2, 6, 2), 0.1))
