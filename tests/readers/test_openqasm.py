"""What OpenQASM programs mean."""

from __future__ import annotations

import math
import random
from pathlib import Path

import numpy as np
import pytest

from ansatzlint import angles, dense
from ansatzlint.angles import Affine, parameter
from ansatzlint.circuit import Block, Circuit, Gate, Location, Parameter
from ansatzlint.gates import CONTROLLED, KINDS, shape
from ansatzlint.readers.numbers import is_dyadic
from ansatzlint.readers.openqasm import read_openqasm
from ansatzlint.readers.openqasm.library import NATIVES, fractional_power, inverse
from ansatzlint.readers.openqasm.modifiers import powered, under_control

HEAD2 = 'OPENQASM 2.0;\ninclude "qelib1.inc";\n'
HEAD3 = 'OPENQASM 3.0;\ninclude "stdgates.inc";\n'


def read(text: str, **options: object) -> Circuit:
    source = read_openqasm(text, path="folder/ansatz.qasm", **options)  # type: ignore[arg-type]
    assert not source.errors, source.errors[0]
    (circuit,) = source.circuits
    return circuit


def calls(circuit: Circuit) -> list[tuple[object, ...]]:
    """(name, controls where there are any, angles, qubits) of each gate."""
    return [(g.name, *filter(None, (g.controls,)), *g.angles, g.qubits) for g in circuit.gates]


def v2(body: str) -> Circuit:
    return read(HEAD2 + body)


def v3(body: str) -> Circuit:
    return read(HEAD3 + body)


def reasons(circuit: Circuit) -> list[str]:
    return [u.reason for u in circuit.unread if not u.reason.startswith("no trainable angle")]


def test_places_and_names() -> None:
    source = read_openqasm(
        HEAD3 + "input float t;\nqubit[2] q; qubit a;\n  rx(t)\n   q[0]; cx q[0],\tq[1];\r\nh a; "
        "// ansatzlint: shots=10\n",
        path="folder/ansatz.qasm",
    )
    (circuit,) = source.circuits
    assert circuit.name == "ansatz"
    assert circuit.labels == ("q[0]", "q[1]", "a")
    path = "folder/ansatz.qasm"
    assert [g.location for g in circuit.gates] == [
        Location(path, 5, 3, 6, 9), Location(path, 6, 10, 6, 24), Location(path, 7, 1, 7, 5),
    ]  # fmt: skip
    assert source.lines[4] == "  rx(t)"
    assert source.line(circuit.gates[1].location) == "   q[0]; cx q[0],\tq[1];"  # type: ignore[arg-type]
    (comment,) = source.comments
    assert comment.text == "ansatzlint: shots=10"
    assert comment.location == Location(path, 7, 6, 7, 29)


def test_comments_inside_strings_and_other_comments_are_none() -> None:
    source = read_openqasm(
        HEAD2 + '// plain\n/* ansatzlint: observable=Z0\n */ qreg q[1];\npragma "// ansatzlint: no"\n', path="a.qasm"
    )
    assert [c.text for c in source.comments] == ["ansatzlint: observable=Z0"]
    assert source.comments[0].location == Location("a.qasm", 4, 1, 5, 4)


# Parameters.


def test_inputs_are_parameters_in_order_of_declaration_and_shared() -> None:
    circuit = v3("input float[64] b; input angle a; input float unused; qubit q; rx(b) q; ry(2*a - b + 1) q; rz(b) q;")
    assert [p.name for p in circuit.parameters] == ["b", "a", "unused"]
    assert circuit.gates[1].angles == (Affine((("a", 2.0), ("b", -1.0)), 1.0),)
    assert circuit.gates[0].angles == circuit.gates[2].angles == (parameter("b"),)
    assert circuit.assumptions == ()


def test_numbers_are_fixed_where_there_are_inputs() -> None:
    circuit = v3("qubit q; rx(0.3) q; input float t; ry(t) q;")
    assert circuit.gates[0].angles == (0.3,)
    assert [p.name for p in circuit.parameters] == ["t"]


def test_arrays_of_inputs() -> None:
    circuit = v3("input array[float[64], 2, 2] w; input array[angle, 2] v; qubit q; rx(w[1, 0] + v[-1]) q;")
    assert [p.name for p in circuit.parameters] == ["w[0,0]", "w[0,1]", "w[1,0]", "w[1,1]", "v[0]", "v[1]"]
    assert circuit.gates[0].angles == (Affine((("v[1]", 1.0), ("w[1,0]", 1.0))),)


def test_roles_by_name_are_said() -> None:
    circuit = v3("input float _x_0_; input float x1; input float _θ_0_; input float data; qubit q; rx(x1) q;")
    assert [p.role for p in circuit.parameters] == ["input", "input", "trainable", "input"]
    assert circuit.assumptions == ("parameters _x_0_, x1, data are taken as data inputs by their name",)


def test_comments_decide_roles_and_names() -> None:
    circuit = v3(
        'input float x; // ansatzlint: role=trainable\ninput float w_0; // ansatzlint: parameter="w[0]" role=input\n'
        "qubit q; rx(x) q; ry(w_0) q;"
    )
    assert circuit.parameters == (Parameter("x"), Parameter("w[0]", "input"))
    assert circuit.gates[1].angles == (parameter("w[0]"),)
    assert circuit.assumptions == ()


def test_numbers_become_parameters() -> None:
    circuit = v2("qreg q[2]; rx(0.3) q[0]; ry(3*pi/1024) q[0]; rz(0.3000000000000001) q[1]; u3(0.7, -pi/2, 0.3) q[1];")
    assert circuit.parameters == (Parameter("theta0", value=0.3), Parameter("theta1", value=0.7))
    assert circuit.gates[1].angles == (3 * math.pi / 1024,)
    assert circuit.gates[3].angles == (parameter("theta1"), -math.pi / 2, parameter("theta0"))
    assert circuit.assumptions == (
        "numbers other than dyadic fractions of pi are taken as trainable angles, equal ones as one parameter "
        "(2 parameters in 4 places)",
    )


def test_a_comment_keeps_numbers_fixed() -> None:
    circuit = v2("// ansatzlint: parameter=none\nqreg q[1]; rx(0.3) q[0];")
    assert circuit.gates[0].angles == (0.3,)
    assert circuit.parameters == ()


@pytest.mark.parametrize(("value", "fixed"), [
    (0.0, True), (math.pi, True), (-7 * math.pi / 1024, True), (math.pi / 2048, False), (math.pi / 3, False),
    (1.5708, False), (1.5707963267, True), (1e300, False), (100 * math.pi + math.pi / 8, True),
])  # fmt: skip
def test_dyadic_fractions_of_pi(value: float, fixed: bool) -> None:
    assert is_dyadic(value) is fixed


def test_numbers_at_the_call_count_inside_definitions() -> None:
    circuit = v2("gate g(a) q { rx(a) q; ry(2*a) q; rz(a + 0.5) q; rx(pi/4) q; } qreg q[1]; g(0.3) q[0]; g(pi/2) q[0];")
    assert circuit.parameters == (Parameter("theta0", value=0.3), Parameter("theta1", value=math.pi / 2 + 0.5))
    assert [g.angles[0] for g in circuit.gates[:4]] == [
        parameter("theta0"), Affine((("theta0", 2.0),)), Affine((("theta0", 1.0),), 0.5), math.pi / 4,
    ]  # fmt: skip
    assert [g.angles[0] for g in circuit.gates[4:]] == [math.pi / 2, math.pi, parameter("theta1"), math.pi / 4]


def test_an_argument_that_the_body_ignores_is_no_parameter() -> None:
    circuit = v2("gate inner(b) q { h q; } gate ryy_1(a) q { rz(1.25) q; inner(a) q; } qreg q[1]; ryy_1(0.7) q[0];")
    assert circuit.parameters == (Parameter("theta0", value=1.25),)


def test_no_trainable_angle() -> None:
    circuit = v2("qreg q[2]; h q[0]; cx q[0],q[1]; rz(pi/4) q[1];")
    (unread,) = circuit.unread
    assert unread.reason == "no trainable angle: every angle is a fixed number, so this circuit is no ansatz"
    assert unread.location == Location("folder/ansatz.qasm", 1, 1, 1, 14)
    circuit = v3("input float x; qubit q; rx(x) q;")
    assert circuit.unread[0].reason.startswith("no trainable angle: every parameter is a data input")


def test_general_angles() -> None:
    circuit = v3("input float a; input float b; qubit q; rx((pi - a)*(π - b)) q; ry(sin(a)**2 + mod(b, 2)/ln(3)) q;")
    values = {"a": 0.4, "b": 2.7}
    assert angles.evaluate(circuit.gates[0].angles[0], values) == pytest.approx((math.pi - 0.4) * (math.pi - 2.7))
    assert angles.evaluate(circuit.gates[1].angles[0], values) == pytest.approx(
        math.sin(0.4) ** 2 + math.fmod(2.7, 2) / math.log(3)
    )


@pytest.mark.parametrize(("text", "value"), [
    ("-2**2", -4.0), ("2**3**2", 512.0), ("2 - 3 - 4", -5.0), ("-pi/2", -math.pi / 2), ("3/2", 1.0), ("3/2.", 1.5),
    ("-7/2", -3.0), ("7 % 4", 3.0), ("pow(2, -1)", 0.5), ("arccos(0.5)", math.acos(0.5)), ("τ/4", math.tau / 4),
    ("euler", math.e), ("ceiling(1.2) + floor(-1.2)", 0.0), ("1_000", 1000.0), ("0x1F + 0b11 + 0o7", 41.0),
    ("1e-3 + .5 + 2.", 2.501), ("int(2.7)", 2.0), ("float[32](3)/2", 1.5), ("(1 << 4) | 3 ^ 1", 18.0),
    ("exp(0) + sqrt(4) + tan(0)", 3.0), ("(2 > 1) * 3", 3.0), ("~0 + !true", -1.0), ("sizeof(q)", 2.0),
])  # fmt: skip
def test_formulas(text: str, value: float) -> None:
    circuit = v3(f"input float t; qubit[2] q; rx({text}) q[0];")
    assert circuit.gates[0].angles == (pytest.approx(value),)


def test_formulas_of_openqasm_2() -> None:
    circuit = v2("// ansatzlint: parameter=none\nqreg q[1]; rx(3/2) q[0]; rx(2^3) q[0]; rx(sin(ln(2))) q[0];")
    assert [g.angles[0] for g in circuit.gates] == [1.5, 8.0, pytest.approx(math.sin(math.log(2)))]


def test_openqasm_2_reserves_fewer_words() -> None:
    assert v2("qreg input[1]; creg bit[1]; gate box a { x a; } box input[0];").gates[0].name == "x"


# Gates.


def test_aliases_of_the_standard_libraries() -> None:
    circuit = v2(
        "qreg q[5]; U(0,0,pi) q[0]; u1(pi) q[0]; u2(0,pi) q[0]; u3(0,0,pi) q[0]; CX q[0],q[1]; cu1(pi) q[0],q[1];"
        "cu3(0,pi,0) q[0],q[1]; c3x q[0],q[1],q[2],q[3]; c4x q[0],q[1],q[2],q[3],q[4]; u0(1) q[0];"
        "cu(0,0,0,pi) q[0],q[1];"
    )
    pi = math.pi
    assert calls(circuit) == [
        ("u", 0.0, 0.0, pi, (0,)), ("p", pi, (0,)), ("u2", 0.0, pi, (0,)), ("u", 0.0, 0.0, pi, (0,)), ("cx", (0, 1)),
        ("cp", pi, (0, 1)), ("u", "1", 0.0, pi, 0.0, (0, 1)), ("x", "111", (0, 1, 2, 3)),
        ("x", "1111", (0, 1, 2, 3, 4)), ("id", (0,)), ("cu", 0.0, 0.0, 0.0, pi, (0, 1)),
    ]  # fmt: skip


KNOWN_TO_QISKIT = [
    "U", "CX", "u3", "u2", "u1", "cx", "id", "u", "p", "x", "y", "z", "h", "s", "sdg", "t", "tdg", "rx", "ry", "rz",
    "sx", "sxdg", "cz", "cy", "swap", "ch", "ccx", "cswap", "crx", "cry", "crz", "cu1", "cp", "cu3", "csx", "cu", "rxx",
    "rzz", "rccx", "rc3x", "c3x", "c3sqrtx", "c4x",
]  # fmt: skip


@pytest.mark.parametrize("name", KNOWN_TO_QISKIT)
def test_library_gates_agree_with_qiskit(name: str) -> None:
    qasm2 = pytest.importorskip("qiskit.qasm2")
    from qiskit.quantum_info import Operator

    native = NATIVES.get(name)
    count, size = (native.angles, native.qubits) if native else (0, {"rccx": 3, "rc3x": 4}[name])
    given = f"({','.join(str(x) for x in (0.3, 1.1, -0.7, 2.9)[:count])})" if count else ""
    body = f"qreg q[{size}]; {name}{given} {','.join(f'q[{i}]' for i in range(size))};"
    loaded = qasm2.loads(HEAD2 + body, custom_instructions=qasm2.LEGACY_CUSTOM_INSTRUCTIONS)
    assert dense.equal_up_to_phase(dense.unitary(v2(body)), Operator(loaded).reverse_qargs().data)


def test_broadcasting() -> None:
    circuit = v2("qreg a[2]; qreg b[2]; h a; cx a,b; cx a[0],b;")
    assert [g.qubits for g in circuit.gates] == [(0,), (1,), (0, 2), (1, 3), (0, 2), (0, 3)]
    assert len({g.location for g in circuit.gates[:2]}) == 1


def test_definitions_are_blocks() -> None:
    circuit = v3(
        "input float t; qubit[3] q;\ngate inner(a) p { rx(a) p; x p; }\n"
        "gate outer(a) p, r { h r; inner(2*a) p; cx p, r; }\nouter(t) q[2], q[0]; barrier q; inner(t) q[0:1];"
    )
    assert calls(circuit)[:4] == [("h", (0,)), ("rx", Affine((("t", 2.0),)), (2,)), ("x", (2,)), ("cx", (2, 0))]
    place = Location("folder/ansatz.qasm", 6, 1, 6, 21)
    assert circuit.blocks[:2] == (Block("outer", 0, 4, (2, 0), place), Block("inner", 1, 3, (2,), place))
    assert [(b.start, b.stop, b.qubits) for b in circuit.blocks[2:]] == [(4, 6, (0,)), (6, 8, (1,))]
    assert {g.location for g in circuit.gates[:4]} == {place}


def test_definitions_of_known_gates_are_recognised() -> None:
    circuit = v3(
        "input float t; qubit[2] q;\n"
        "gate rzz(p0) a, b { cx a, b; rz(p0) b; cx a, b; }\n"
        "gate u3(θ, φ, λ) a { U(θ, φ, λ) a; }\n"
        "gate ryy(p0) a, b { cx a, b; rz(p0) b; cx a, b; }\n"
        "gate swap a, b { cx a, b; cx b, a; cx a, b; }\n"
        "gate rx(a) q { h q; p(a) q; h q; }\n"
        "rzz(t) q[0], q[1]; u3(t, 0, 1) q[0]; ryy(t) q[0], q[1]; swap q[0], q[1]; rx(t) q[0]; ctrl @ rx(t) q[0], q[1];"
    )
    assert [g.name for g in circuit.gates] == [
        "rzz", "u", "cx", "rz", "cx", "swap", "rx",
        "ch", "cp", "ch",  # this definition of rx has another phase, which counts under a control
    ]  # fmt: skip
    assert [b.name for b in circuit.blocks] == ["ryy", "rx"]


def test_modifiers() -> None:
    circuit = v3(
        "input float t; qubit[4] q; ctrl @ x q[0], q[1]; ctrl @ ctrl @ x q[0], q[1], q[2]; negctrl @ z q[0], q[1];"
        "ctrl(2) @ negctrl @ rz(t) q[0], q[1], q[2], q[3]; ctrl @ cx q[0], q[1], q[2]; inv @ s q[0]; inv @ rx(t) q[0];"
        "pow(2) @ t q[0]; pow(-1) @ sx q[0]; pow(0.5) @ x q[0]; pow(3) @ rx(t) q[0]; ctrl @ gphase(t) q[1];"
        "negctrl @ gphase(t) q[1]; inv @ ctrl @ u2(t, 0) q[0], q[1]; gphase(t); pow(1/2.) @ ctrl @ z q[0], q[1];"
    )
    t = parameter("t")
    assert calls(circuit) == [
        ("cx", (0, 1)), ("ccx", (0, 1, 2)), ("z", "0", (0, 1)), ("rz", "110", t, (0, 1, 2, 3)), ("ccx", (0, 1, 2)),
        ("sdg", (0,)), ("rx", angles.negate(t), (0,)), ("t", (0,)), ("t", (0,)), ("sxdg", (0,)), ("sx", (0,)),
        ("rx", Affine((("t", 3.0),)), (0,)), ("p", t, (1,)), ("gphase", "0", t, (1,)),
        ("u", "1", -math.pi / 2, -0.0, angles.negate(t), (0, 1)), ("gphase", t, ()), ("cs", (0, 1)),
    ]  # fmt: skip


def test_modifiers_of_definitions() -> None:
    circuit = v3(
        "input float t; qubit[3] q; gate g(a) p, r { rx(a) p; cx p, r; s r; }\n"
        "inv @ g(t) q[0], q[1]; ctrl @ g(t) q[2], q[0], q[1]; pow(2) @ g(t) q[0], q[1];"
    )
    minus = angles.negate(parameter("t"))
    assert calls(circuit)[:6] == [
        ("sdg", (1,)), ("cx", (0, 1)), ("rx", minus, (0,)),
        ("crx", parameter("t"), (2, 0)), ("ccx", (2, 0, 1)), ("cs", (2, 1)),
    ]  # fmt: skip
    assert [(b.start, b.stop) for b in circuit.blocks] == [(0, 3), (3, 6), (6, 12)]


def unitary(gates: list[Gate], qubits: int) -> np.ndarray:
    return dense.unitary(Circuit("g", qubits, tuple(gates)))


KIND_NAMES = sorted([k for k in (*KINDS, *CONTROLLED) if shape(k)[0]])


@pytest.mark.parametrize("kind", KIND_NAMES)
@pytest.mark.parametrize("controls", ["", "1", "0"])
def test_inverse_and_control_of_every_kind(kind: str, controls: str) -> None:
    size, count = shape(kind)
    numbers = random.Random(kind)
    gate = Gate(kind, tuple(range(size)), tuple(numbers.uniform(-3, 3) for _ in range(count)))
    total = size + len(controls)
    controlled = Gate(kind, tuple(range(total)), gate.angles, controls)
    shifted = Gate(kind, tuple(range(len(controls), total)), gate.angles)
    matrix = unitary([controlled], total)
    assert np.allclose(unitary(under_control([shifted], controls, tuple(range(len(controls)))), total), matrix)
    assert np.allclose(unitary(list(inverse(controlled)), total) @ matrix, np.eye(2**total))


@pytest.mark.parametrize("kind", ["x", "z", "s", "tdg", "sx", "sxdg", "rx", "p", "rzz", "cz", "cx", "csx", "crz", "id"])
@pytest.mark.parametrize("exponent", [0.5, 0.25, -0.5, 1 / 3])
def test_principal_powers(kind: str, exponent: float) -> None:
    size, count = shape(kind)
    gate = Gate(kind, tuple(range(size)), (0.9,) * count)
    values, vectors = np.linalg.eig(unitary([gate], size))
    phases = np.angle(values)
    phases[np.isclose(phases, -np.pi)] = np.pi  # the principal value of the square root of -1 is i
    expected = vectors @ np.diag(np.exp(1j * phases * exponent)) @ np.linalg.inv(vectors)
    assert np.allclose(unitary(list(fractional_power(gate, exponent)), size), expected)


def test_whole_powers() -> None:
    gates = [Gate("h", (0,)), Gate("rx", (0,), (0.3,)), Gate("s", (0,))]
    matrix = unitary(gates, 1)
    for exponent in (-2, -1, 0, 1, 3):
        assert np.allclose(unitary(powered(gates, exponent, 100), 1), np.linalg.matrix_power(matrix, exponent))


# Statements.


def test_loops_with_constant_bounds() -> None:
    circuit = v3(
        "const int n = 3; input array[float, n] w; qubit[n] q;\n"
        "for int i in [0:n-1] { rx(w[i]) q[i]; for uint j in {0, 2} if (i != j) cz q[i], q[j]; }\n"
        "for i in [2:-1:1] h q[i]; for float a in {0.5, 1.5} rz(a) q[0];\n"
        "for int i in [0:9] { if (i == 1) continue; if (i == 3) break; x q[i]; }"
    )
    names = [(g.name, g.qubits) for g in circuit.gates]
    assert names == [
        ("rx", (0,)), ("cz", (0, 2)), ("rx", (1,)), ("cz", (1, 0)), ("cz", (1, 2)), ("rx", (2,)), ("cz", (2, 0)),
        ("h", (2,)), ("h", (1,)), ("rz", (0,)), ("rz", (0,)), ("x", (0,)), ("x", (2,)),
    ]  # fmt: skip
    assert circuit.gates[2].location == Location("folder/ansatz.qasm", 4, 24, 4, 38)


def test_variables() -> None:
    circuit = v3(
        "input float t; qubit[2] q; float a = 1; int k = 1; a += t; a *= 2; rx(a) q[k]; k -= 1; rx(a) q[k];\n"
        "array[float, 2] v = {0.5, 1.5}; v[1] = a; for float x in v rz(x) q[0]; bool flag = k == 0; if (flag) h q[0];\n"
        "{ float a = 3; ry(a) q[0]; } ry(a) q[0];"
    )
    a = Affine((("t", 2.0),), 2.0)
    assert calls(circuit) == [
        ("rx", a, (1,)), ("rx", a, (0,)), ("rz", 0.5, (0,)), ("rz", a, (0,)), ("h", (0,)), ("ry", 3.0, (0,)),
        ("ry", a, (0,)),
    ]  # fmt: skip


def test_indices_slices_sets_and_aliases() -> None:
    circuit = v3(
        "qubit[6] q; h q[0:2:4]; x q[{5, 1}]; y q[-1]; z q[4:]; let a = q[0:1] ++ q[5]; s a; t a[2]; "
        "let b = a[1:2]; sx b;"
    )
    assert [(g.name, *g.qubits) for g in circuit.gates] == [
        ("h", 0), ("h", 2), ("h", 4), ("x", 5), ("x", 1), ("y", 5), ("z", 4), ("z", 5), ("s", 0), ("s", 1), ("s", 5),
        ("t", 5), ("sx", 1), ("sx", 5),
    ]  # fmt: skip


def test_physical_qubits_stand_in_their_order() -> None:
    circuit = v3("cx $7, $2; h $3;")
    assert circuit.labels == ("$2", "$3", "$7")
    assert [g.qubits for g in circuit.gates] == [(2, 0), (1,)]


def test_what_is_no_gate_is_passed_over() -> None:
    circuit = v3(
        "#pragma anything at all {\npragma more\n@note x\nqubit[2] q; barrier; barrier q[0], q; delay[100ns] q; "
        "box [1us] { h q[0]; delay[2dt] q[1]; } duration d = 5ns; stretch s; output bit[2] c; ;;; reset q;\n"
        "x q[1]; end; y q[0];"
    )
    assert calls(circuit) == [("h", (0,)), ("x", (1,))]
    assert reasons(circuit) == ["reset of a qubit that gates have acted on"]


def test_final_measurements() -> None:
    assert v2("qreg q[3]; creg c[3]; h q; measure q[2] -> c[0]; measure q[0] -> c[1];").measured == (2, 0)
    circuit = v3("qubit[3] q; h q; bit a = measure q[1]; bit[3] c; c[0] = measure q[0]; c = measure q; measure q;")
    assert set(circuit.measured) == {0, 1, 2}
    assert len(circuit.measured) == 3
    assert reasons(circuit) == []


def test_mid_circuit_measurement_is_left_out_and_said() -> None:
    circuit = v2(
        "qreg q[2]; creg c[2];\nh q;\nmeasure q[0] -> c[0];\nmeasure q[1] -> c[1];\nx q;\nmeasure q[1] -> c[1];"
    )
    assert circuit.measured == (1,)
    assert reasons(circuit) == ["mid-circuit measurement: gates follow on the measured qubit (2 places)"]
    assert circuit.unread[0].location == Location("folder/ansatz.qasm", 5, 1, 5, 22)


def test_classical_control_is_left_out_and_said() -> None:
    circuit = v2("qreg q[2]; creg c[2]; h q[0]; measure q[0] -> c[0]; if(c==1) x q[1]; if(c==2) z q[1];")
    assert calls(circuit) == [("h", (0,))]
    assert reasons(circuit) == ["classical control: it depends on a measurement result (2 places)"]
    circuit = v3(
        "input float t; qubit[2] q; bit[2] c; int k = 0; c = measure q; if (c[0]) { k = 1; } rx(k * t) q[0]; "
        "if (t > 1) { x q[0]; } else { x q[1]; } input int n; for int i in [0:n] { x q[0]; } while (c[1]) { k += 1; }\n"
        "def f(qubit a) { x a; } cal { play } extern g(float) -> float; rx(t) q[1];"
    )
    assert [g.name for g in circuit.gates] == ["rx"]
    assert reasons(circuit) == [
        "classical control: it depends on a measurement result (2 places)",
        "a condition depends on the parameter 't'",
        "it depends on the input 'n', whose value is not known",
        "a `while` loop is not read",
        "a subroutine (`def`) is not read",
        "pulse-level `cal` is not read",
        "an `extern` function is not read",
        "mid-circuit measurement: gates follow on the measured qubit",
    ]


def test_calls_of_subroutines_are_left_out_and_said() -> None:
    circuit = v3(
        "input float t; qubit[2] q; bit c; def f(qubit a) { x a; } def g(int n) -> bit { return 1; }\n"
        "extern k(int) -> float; rx(t) q[0]; f(q[0]); c = g(3); float s = k(2); rx(s) q[1];"
    )
    assert [(g.name, g.qubits) for g in circuit.gates] == [("rx", (0,))]
    assert reasons(circuit) == [
        "a subroutine (`def`) is not read (2 places)",
        "an `extern` function is not read",
        "a call of a subroutine is not read (2 places)",
    ]


def test_what_a_switch_may_change_is_not_known_behind_it() -> None:
    circuit = v3("input float t; qubit q; int k = 1; switch (2) { case 2 { k = 3; } } rx(k * t) q; rx(t) q;")
    assert [g.angles for g in circuit.gates] == [(parameter("t"),)]
    assert reasons(circuit)[0] == "a `switch` is not read"


def test_no_angle_in_the_part_that_was_read_is_no_verdict_on_the_rest() -> None:
    circuit = v3("qubit q; int i = 0; while (i < 3) { rx(0.3) q; i += 1; }")
    assert [u.reason for u in circuit.unread] == [
        "a `while` loop is not read",
        "no trainable angle: none in the part that was read",
    ]


# Files.


def test_includes_from_the_folder(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "gates.inc").write_text('include "more.inc";\ngate two(a) q { one(a) q; one(a) q; }\n')
    (tmp_path / "lib" / "more.inc").write_text("\ufeffgate one(a) q { rx(a) q; }\r\n", encoding="utf-8")
    circuit = read(HEAD2 + 'include "lib/gates.inc"; qreg q[1]; two(0.3) q[0];', folder=tmp_path)
    assert [g.name for g in circuit.gates] == ["rx", "rx"]
    assert len(circuit.parameters) == 1


def test_versions_without_a_header() -> None:
    assert read('include "qelib1.inc"; qreg q[1]; h q;').qubits == 1
    assert read('include "stdgates.inc"; qubit q; h q;').qubits == 1


def test_byte_order_mark_and_line_ends() -> None:
    circuit = read("\ufeff" + HEAD2.replace("\n", "\r\n") + "qreg q[1];\rh q[0];")
    assert circuit.gates[0].location == Location("folder/ansatz.qasm", 4, 1, 4, 8)


@pytest.mark.parametrize("version", [2, 3])
def test_many_flat_gates(version: int) -> None:
    random_ = random.Random(0)
    head = HEAD2 + "qreg q[20];\n" if version == 2 else HEAD3 + "qubit[20] q;\n"
    lines = [
        f"rx({random_.uniform(-4, 4)}) q[{random_.randrange(20)}];"
        if random_.random() < 0.6
        else "cx q[{}], q[{}];".format(*random_.sample(range(20), 2))
        for _ in range(4_000)
    ]
    circuit = read(head + "\n".join(lines))
    assert len(circuit.gates) == 4_000
    assert [g.location.line for g in circuit.gates if g.location] == list(range(4, 4_004))
    assert circuit == read(head + "\n".join(lines), shortcut=False)
