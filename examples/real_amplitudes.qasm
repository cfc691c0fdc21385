// expect: AL203, AL207
// Qiskit's real_amplitudes(4, reps=2), exported after training; only the last qubit is read.
OPENQASM 2.0;
include "qelib1.inc";
qreg q[4];
creg c[1];
ry(0.8147236863931789) q[0];
ry(0.9057919370756192) q[1];
ry(0.1269868162935061) q[2];
ry(0.9133758561390194) q[3];
cx q[2],q[3];
cx q[1],q[2];
cx q[0],q[1];
ry(0.6323592462254095) q[0];
ry(0.0975404049994095) q[1];
ry(0.2784982188670484) q[2];
ry(0.5468815192049838) q[3];
cx q[2],q[3];
cx q[1],q[2];
cx q[0],q[1];
ry(0.9575068354342976) q[0];
ry(0.9648885351992765) q[1];
ry(0.1576130816775483) q[2];
ry(0.9705927817606157) q[3];
measure q[3] -> c[0];
