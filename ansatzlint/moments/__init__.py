"""The second-moment engine: Pauli strings pulled back through random circuits, arrays in and arrays out."""
