// expect: AL103
OPENQASM 3.0;
include "stdgates.inc";
// ansatzlint: observable=Z0 Z1 + Z1 Z2 + 0.5 Z3
input float[64] a0;
input float[64] a1;
input float[64] a2;
input float[64] b0;
input float[64] b1;
input float[64] b2;
qubit[4] q;
ry(a0) q[0];
ry(a1) q[1];
ry(a2) q[2];
h q[3];
cz q[0], q[1];
cz q[1], q[2];
ry(b0) q[0];
ry(b1) q[1];
ry(b2) q[2];
