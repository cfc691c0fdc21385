# expect: AL504
import numpy as np
import pennylane as qml

n = 14

@qml.qnode(qml.device("default.qubit", wires=n))
def cost(weights):
    for wire in range(n):
        qml.RX(weights[0, wire], wires=wire)
    for wire in range(n - 1):
        qml.CZ(wires=[wire, wire + 1])
    for wire in range(n):
        qml.RY(weights[1, wire], wires=wire)
        qml.RX(weights[2, wire], wires=wire)
    return qml.expval(qml.Z(0) + qml.prod(*[qml.Z(wire) for wire in range(1, n)]))

cost(np.full((3, n), 0.1))
