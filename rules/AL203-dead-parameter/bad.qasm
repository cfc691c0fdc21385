// expect: AL203
OPENQASM 3.0;
include "stdgates.inc";
// ansatzlint: observable=Z0
input float[64] a0;
input float[64] a1;
input float[64] a2;
input float[64] a3;
input float[64] b0;
input float[64] b1;
input float[64] b2;
input float[64] b3;
qubit[4] q;
ry(a0) q[0];
ry(a1) q[1];
ry(a2) q[2];
ry(a3) q[3];
cx q[3], q[2];
cx q[2], q[1];
cx q[1], q[0];
ry(b0) q[0];
ry(b1) q[1];
ry(b2) q[2];
ry(b3) q[3];
