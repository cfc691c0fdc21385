"""What training reaches: Hamiltonians, training runs that are measured, and the figures that foretell their result."""
