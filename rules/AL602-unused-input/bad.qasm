// expect: AL602
OPENQASM 3.0;
include "stdgates.inc";
// ansatzlint: observable=Z0
input float[64] x0;  // ansatzlint: parameter=x0 role=input
input float[64] x1;  // ansatzlint: parameter=x1 role=input
input float[64] x2;  // ansatzlint: parameter=x2 role=input
input float[64] a0;
input float[64] a1;
input float[64] a2;
input float[64] b0;
qubit[3] q;
ry(a0) q[0];
ry(a1) q[1];
ry(a2) q[2];
rx(x0) q[0];
rx(x1) q[1];
cx q[2], q[1];
cx q[1], q[0];
rx(x2) q[2];
ry(b0) q[0];
