import numpy as np
import pennylane as qml

n = 16

@qml.qnode(qml.device("default.qubit", wires=n))
def kernel(x1, x2):
    qml.AngleEmbedding(0.1 * x1, wires=range(n), rotation="Y")
    qml.adjoint(qml.AngleEmbedding)(0.1 * x2, wires=range(n), rotation="Y")
    return qml.probs(wires=range(n))

points = np.linspace(0, 1, 2 * n).reshape(2, n)
print(kernel(points[0], points[1])[0])
