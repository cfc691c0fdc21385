# expect: AL401
import numpy as np
import pennylane as qml

# ansatzlint: noise=depolarizing:0.02:0.15
@qml.qnode(qml.device("default.qubit", wires=4))
def cost(weights):
    for layer in weights[:-1]:
        for wire in range(4):
            qml.RY(layer[wire], wires=wire)
        for wire in range(3):
            qml.CZ(wires=[wire, wire + 1])
    for wire in range(4):
        qml.RY(weights[-1, wire], wires=wire)
    return qml.expval(qml.dot([1 / 4] * 4, [qml.Z(wire) for wire in range(4)]))

cost(np.full((6, 4), 0.1))
