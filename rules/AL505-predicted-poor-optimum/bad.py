# expect: AL505
import numpy as np
import pennylane as qml

n = 6
bonds = [(wire, (wire + 1) % n) for wire in range(n)]
xy = qml.dot([1.0] * (2 * n), [word(a) @ word(b) for a, b in bonds for word in (qml.X, qml.Y)])


@qml.qnode(qml.device("default.qubit", wires=n))
def energy(weights):
    for wire in range(n):
        qml.RY(weights[wire], wires=wire)
    for a, b in bonds:
        qml.CZ(wires=[a, b])
    return qml.expval(xy)


energy(np.full(n, 0.1))
