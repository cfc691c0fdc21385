import numpy as np
import pennylane as qml
from scipy.optimize import minimize

n = 18

@qml.qnode(qml.device("default.qubit", wires=n))
def cost(weights):
    for wire in range(n):
        qml.RY(weights[wire], wires=wire)
    for wire in range(n - 1):
        qml.CZ(wires=[wire, wire + 1])
    for wire in range(n):
        qml.RX(weights[n + wire], wires=wire)
    return qml.expval(qml.dot([1 / n] * n, [qml.Z(wire) for wire in range(n)]))

start = np.full(2 * n, 0.1)
print(minimize(cost, start, method="COBYLA", options={"maxiter": 50}).fun)
