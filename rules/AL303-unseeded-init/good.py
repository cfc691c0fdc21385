import numpy as np
import pennylane as qml

dev = qml.device("default.qubit", wires=4)


@qml.qnode(dev)
def cost(weights):
    for layer in weights:
        for wire, angle in enumerate(layer):
            qml.RY(angle, wires=wire)
        for wire in range(3):
            qml.CZ(wires=[wire, wire + 1])
    for wire in range(4):
        qml.Hadamard(wires=wire)
    return qml.expval(qml.sum(*[qml.Z(wire) for wire in range(4)]))


rng = np.random.default_rng(7)
weights = rng.normal(0, 0.2, size=(2, 4))
print(cost(weights))
