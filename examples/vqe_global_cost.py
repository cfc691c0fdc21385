# expect: AL101, AL301
"""A variational eigensolver for a Hamiltonian of two six-body terms.

The ground space of H = -X X X X X X - Z Z Z Z Z Z holds the GHZ state. Both terms act on every qubit, and the angles
start anywhere on the circle: a cost and a start that leave little gradient once the register grows.
"""

import pennylane as qml
from pennylane import numpy as np

n_qubits = 6
n_layers = 3

H = qml.Hamiltonian(
    [-1.0, -1.0],
    [
        qml.prod(*[qml.X(wire) for wire in range(n_qubits)]),
        qml.prod(*[qml.Z(wire) for wire in range(n_qubits)]),
    ],
)
dev = qml.device("default.qubit", wires=n_qubits)


def rotations(layer):
    for wire in range(n_qubits):
        qml.RY(layer[wire, 0], wires=wire)
        qml.RZ(layer[wire, 1], wires=wire)


def ansatz(params):
    rotations(params[0])
    for layer in params[1:]:
        for wire in range(n_qubits - 1):
            qml.CNOT(wires=[wire, wire + 1])
        rotations(layer)


@qml.qnode(dev)
def energy(params):
    ansatz(params)
    return qml.expval(H)


def main():
    np.random.seed(0)
    params = np.random.uniform(0, 2 * np.pi, size=(n_layers + 1, n_qubits, 2), requires_grad=True)
    optimizer = qml.AdamOptimizer(stepsize=0.1)
    for step in range(60):
        params, value = optimizer.step_and_cost(energy, params)
        if step % 10 == 0:
            print(f"step {step:3d}   energy {value:+.4f}")
    print(f"final energy {energy(params):+.4f}, exact -2")


if __name__ == "__main__":
    main()
