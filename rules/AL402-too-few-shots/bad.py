# expect: AL402
import numpy as np
import pennylane as qml

# ansatzlint: ignore-file[AL210] deep on purpose

# ansatzlint: shots=10
@qml.qnode(qml.device("default.qubit", wires=6))
def cost(weights):
    for layer in weights[:-1]:
        for wire in range(6):
            qml.RY(layer[wire], wires=wire)
        for wire in range(5):
            qml.CZ(wires=[wire, wire + 1])
    for wire in range(6):
        qml.RY(weights[-1, wire], wires=wire)
    return qml.expval(qml.dot([1 / 6] * 6, [qml.Z(wire) for wire in range(6)]))

cost(np.full((8, 6), 0.1))
