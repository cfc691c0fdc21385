import numpy as np
import pennylane as qml

@qml.qnode(qml.device("default.qubit", wires=6))
def cost(weights):
    for layer in weights:
        for wire in range(6):
            qml.RY(layer[wire, 0], wires=wire)
            qml.RZ(layer[wire, 1], wires=wire)
        for wire in range(0, 5, 2):
            qml.CZ(wires=[wire, wire + 1])
        for wire in range(1, 5, 2):
            qml.CZ(wires=[wire, wire + 1])
    return qml.expval(qml.dot([1 / 6] * 6, [qml.X(wire) for wire in range(6)]))

cost(np.full((3, 6, 2), 0.1))
