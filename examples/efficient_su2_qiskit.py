# expect: AL208
"""Qiskit's efficient_su2 with full entanglement, for the Heisenberg ring of five spins."""

import numpy as np
from qiskit.circuit.library import efficient_su2
from qiskit.primitives import StatevectorEstimator
from qiskit.quantum_info import SparsePauliOp
from scipy.optimize import minimize

n_qubits = 5
estimator = StatevectorEstimator()

hamiltonian = SparsePauliOp.from_sparse_list(
    [(letter + letter, [q, (q + 1) % n_qubits], 1.0) for q in range(n_qubits) for letter in "XYZ"],
    num_qubits=n_qubits,
)

# ansatzlint: observable=Z0*Z1+Z1*Z2+Z2*Z3+Z3*Z4+Z4*Z0+X0*X1+X1*X2+X2*X3+X3*X4+X4*X0+Y0*Y1+Y1*Y2+Y2*Y3+Y3*Y4+Y4*Y0
ansatz = efficient_su2(n_qubits, reps=2, entanglement="full")


def energy(values):
    return float(estimator.run([(ansatz, hamiltonian, values)]).result()[0].data.evs)


def main():
    rng = np.random.default_rng(5)
    start = rng.normal(0, 0.1, size=ansatz.num_parameters)
    result = minimize(energy, start, method="COBYLA", options={"maxiter": 300})
    print(f"start {energy(start):+.4f}   after {result.nfev} evaluations {result.fun:+.4f}")
    exact = np.linalg.eigvalsh(hamiltonian.to_matrix())[0]
    print(f"exact {exact:+.4f}")


if __name__ == "__main__":
    main()
