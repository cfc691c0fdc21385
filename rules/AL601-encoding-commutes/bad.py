# expect: AL601
import numpy as np
import pennylane as qml

@qml.qnode(qml.device("default.qubit", wires=3))
def model(x, weights):
    for wire in range(3):
        qml.Hadamard(wires=wire)
        qml.RZ(x[wire], wires=wire)
    for wire in range(3):
        qml.IsingZZ(weights[0, wire], wires=[wire, (wire + 1) % 3])
    for wire in range(3):
        qml.RZ(x[wire], wires=wire)
    for wire in range(3):
        qml.RX(weights[1, wire], wires=wire)
    return qml.expval(qml.dot([1 / 3] * 3, [qml.Z(wire) for wire in range(3)]))

model(np.array([0.3, 0.5, 0.7]), np.full((2, 3), 0.1))
