import numpy as np
import pennylane as qml

n = 6

@qml.qnode(qml.device("default.qubit", wires=n))
def cost(fields, couplings):
    for field, coupling in zip(fields, couplings):
        for wire in range(n):
            qml.RX(field[wire], wires=wire)
        for wire in range(n - 1):
            qml.IsingZZ(coupling[wire], wires=[wire, wire + 1])
    return qml.expval(qml.dot([1 / n] * n, [qml.X(wire) for wire in range(n)]))

cost(np.full((3, n), 0.1), np.full((3, n - 1), 0.1))
