// expect: AL901
OPENQASM 3.0;
include "stdgates.inc";
// ansatzlint: observable=local-z
// ansatzlint: ignore-file[AL101] three qubits only
input float[64] a0;
input float[64] a1;
input float[64] a2;
input float[64] b0;
input float[64] b1;
input float[64] b2;
qubit[3] q;
ry(a0) q[0];
ry(a1) q[1];
ry(a2) q[2];
cz q[0], q[1];
cz q[1], q[2];
ry(b0) q[0];
ry(b1) q[1];
ry(b2) q[2];
