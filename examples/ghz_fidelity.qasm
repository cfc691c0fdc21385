// expect: AL102
// A GHZ state from a trained circuit: the fidelity is the probability of 00…0 after the inverse preparation.
OPENQASM 3.0;
include "stdgates.inc";
// ansatzlint: observable=projector

const uint n = 20;
input array[float[64], 40] theta;

qubit[n] q;

// Trainable preparation.
for uint i in [0:n - 1] {
  ry(theta[i]) q[i];
}
for uint i in [0:n - 2] {
  cz q[i], q[i + 1];
}
for uint i in [0:n - 1] {
  ry(theta[n + i]) q[i];
}

// Inverse of the exact preparation.
for uint i in [0:n - 2] {
  cx q[n - 2 - i], q[n - 1 - i];
}
h q[0];
