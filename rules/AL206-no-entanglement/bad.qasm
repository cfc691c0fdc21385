// expect: AL206
OPENQASM 3.0;
include "stdgates.inc";
input float[64] a0;
input float[64] a1;
input float[64] a2;
input float[64] a3;
qubit[4] q;
ry(a0) q[0];
ry(a1) q[1];
ry(a2) q[2];
ry(a3) q[3];
