# expect: AL209
import numpy as np
import pennylane as qml

n = 10

@qml.qnode(qml.device("default.qubit", wires=n))
def cost(fields, couplings):
    for wire in range(n):
        qml.RX(fields[0, wire], wires=wire)
    for wire in range(n - 1):
        qml.IsingZZ(couplings[wire], wires=[wire, wire + 1])
    for wire in range(n):
        qml.RX(fields[1, wire], wires=wire)
    return qml.expval(qml.dot([1 / 9] * 9, [qml.Z(wire) @ qml.Z(wire + 1) for wire in range(n - 1)]))

cost(np.full((2, n), 0.1), np.full(n - 1, 0.1))
