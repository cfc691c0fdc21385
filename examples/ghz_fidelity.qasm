// expect: AL102
// A GHZ state from a trained circuit: the fidelity is the probability of 00000 after the inverse preparation.
OPENQASM 3.0;
include "stdgates.inc";
// ansatzlint: observable=projector

input float[64] theta0;
input float[64] theta1;
input float[64] theta2;
input float[64] theta3;
input float[64] theta4;
input float[64] phi;

qubit[5] q;

// Trainable preparation; phi is shared by all entangling rotations.
ry(theta0) q[0];
ry(theta1) q[1];
ry(theta2) q[2];
ry(theta3) q[3];
ry(theta4) q[4];
for int i in [0:3] {
  crx(phi) q[i], q[i + 1];
}

// Inverse of the exact preparation.
for int i in [0:3] {
  cx q[3 - i], q[4 - i];
}
h q[0];
