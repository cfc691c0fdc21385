# expect: AL604
import numpy as np
import pennylane as qml

@qml.qnode(qml.device("default.qubit", wires=4))
def model(x, weights):
    for wire in range(4):
        qml.RY(x[wire], wires=wire)
    for wire in range(4):
        qml.CZ(wires=[wire, (wire + 1) % 4])
    for wire in range(4):
        qml.RX(x[wire], wires=wire)
    for wire in range(4):
        qml.RY(weights[wire], wires=wire)
    return qml.expval(qml.dot([1 / 4] * 4, [qml.Z(wire) for wire in range(4)]))

model(np.full(4, np.pi / 2), np.full(4, 0.1))
