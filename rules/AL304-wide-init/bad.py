# expect: AL304
import numpy as np
import pennylane as qml

# ansatzlint: ignore-file[AL210] deep on purpose

@qml.qnode(qml.device("default.qubit", wires=8))
def cost(weights):
    for layer in weights[:-1]:
        for wire in range(8):
            qml.RY(layer[wire], wires=wire)
        for wire in range(8):
            qml.CZ(wires=[wire, (wire + 1) % 8])
    for wire in range(8):
        qml.RY(weights[-1, wire], wires=wire)
    return qml.expval(qml.dot([1 / 8] * 8, [qml.X(wire) for wire in range(8)]))

rng = np.random.default_rng(7)
cost(rng.normal(0, 1.0, size=(20, 8)))
