"""Pauli strings as bits, and the lowering of circuits to Clifford gates and Pauli rotations."""
