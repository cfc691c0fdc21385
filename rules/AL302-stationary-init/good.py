import numpy as np
import pennylane as qml

# ansatzlint: init=normal:0.1
@qml.qnode(qml.device("default.qubit", wires=3))
def energy(weights):
    for wire in range(3):
        qml.RY(weights[0, wire], wires=wire)
    qml.CNOT(wires=[0, 1])
    qml.CNOT(wires=[1, 2])
    for wire in range(3):
        qml.RY(weights[1, wire], wires=wire)
    return qml.expval(qml.Z(0) @ qml.Z(1) + qml.Z(1) @ qml.Z(2))

energy(np.full((2, 3), 0.1))
