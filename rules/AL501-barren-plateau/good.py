import numpy as np
import pennylane as qml

ising = qml.dot([1.0] * 5, [qml.Z(0) @ qml.Z(1), qml.Z(1) @ qml.Z(2), qml.X(0), qml.X(1), qml.X(2)])

# ansatzlint: init=normal:0.3
@qml.qnode(qml.device("default.qubit", wires=3))
def energy(weights):
    for layer in weights:
        for wire in range(3):
            qml.RY(layer[wire], wires=wire)
        qml.CZ(wires=[0, 1])
        qml.CZ(wires=[1, 2])
    return qml.expval(ising)

energy(np.full((2, 3), 0.1))
