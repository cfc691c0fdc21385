import numpy as np
import pennylane as qml

@qml.qnode(qml.device("default.qubit", wires=8))
def cost(weights):
    for number, layer in enumerate(weights):
        for wire in range(8):
            qml.RX(layer[wire, 0], wires=wire)
            qml.RY(layer[wire, 1], wires=wire)
        for wire in range(8):
            qml.CZ(wires=[wire, (wire + number + 1) % 8])
    return qml.expval(qml.dot([1 / 8] * 8, [qml.X(wire) for wire in range(8)]))

cost(np.full((1, 8, 2), 0.1))
