"""How data enter, against dense matrices."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from math import pi

import numpy as np
import pytest

from ansatzlint import angles
from ansatzlint.circuit import Amplitudes, Channel, Circuit, Gate, Parameter, PauliSum, Probabilities, Projector
from ansatzlint.dense import unitary
from ansatzlint.encoding import at_inputs, commuting_inputs, is_kernel, kernel_over_data, without_encoding
from ansatzlint.initialisation import Uniform
from ansatzlint.observables import global_z, local_z


def turn(name: str, angle: str | angles.Angle, *qubits: int) -> Gate:
    return Gate(name, qubits, (angles.parameter(angle) if isinstance(angle, str) else angle,))


def model(*gates: Gate, qubits: int = 2, **more: object) -> Circuit:
    """Parameters named x… are inputs."""
    names = dict.fromkeys(name for gate in gates for name in gate.parameters)
    parameters = tuple(Parameter(n, "input" if n.startswith(("x", "y")) else "trainable") for n in names)
    return Circuit("m", qubits, gates, parameters, (local_z(range(qubits)),), **more)  # type: ignore[arg-type]  # shorthand


H = Gate("h", (0,))
REPEATED = (H, turn("rz", "x", 0), turn("rzz", "w", 0, 1), turn("rz", "x", 0), turn("rx", "v", 0))


@pytest.mark.parametrize(
    ("gates", "frequency"),
    [
        (REPEATED, 2.0),
        ((H, turn("rz", "x", 0), turn("rx", "w", 0), turn("rz", "x", 0), turn("rx", "v", 0)), None),
        ((H, turn("rz", "x", 0), turn("rzz", "w", 0, 1), turn("rx", "v", 0)), None),  # used once
        ((H, turn("rz", "x", 0), turn("rz", "x", 0), turn("rx", "v", 0)), None),  # nothing trainable between
        # a Clifford gate between renames the word: X becomes Z
        ((turn("rx", "x", 0), turn("rx", "w", 0), H, turn("rz", "x", 0), turn("rx", "v", 0)), 2.0),
        # two commuting words are two frequencies
        ((H, turn("rz", "x", 0), turn("rzz", "w", 0, 1), turn("rz", "x", 1), turn("rx", "v", 0)), None),
        # the uses cancel
        ((H, turn("rz", "x", 0), turn("rzz", "w", 0, 1), turn("rz", angles.negate(angles.parameter("x")), 0)), None),
        ((H, turn("rz", "x", 0), turn("rzz", "w", 0, 1), turn("rz", angles.multiply(0.5, angles.parameter("x")), 0),
          turn("rx", "v", 0)), 1.5),
    ],
)  # fmt: skip
def test_uses_that_add_up(gates: tuple[Gate, ...], frequency: float | None) -> None:
    found = commuting_inputs(model(*gates))
    if frequency is None:
        assert found == ()
        return
    (only,) = found
    assert (only.parameter, only.frequency) == ("x", frequency)
    assert only.gates == tuple(i for i, g in enumerate(gates) if "x" in g.parameters)


@pytest.mark.parametrize(
    ("gates", "pure"), [(REPEATED, True), ((*REPEATED[:2], turn("rx", "w", 0), *REPEATED[3:]), False)]
)
def test_what_is_found_has_one_fourier_frequency(gates: tuple[Gate, ...], pure: bool) -> None:
    circuit = model(*gates)
    z = np.diag([1.0, -1.0, 1.0, -1.0]) / 2 + np.diag([1.0, 1.0, -1.0, -1.0]) / 2
    rng = np.random.default_rng(3)
    points = np.arange(16) * 2 * pi / 16
    weights = dict(zip("wv", rng.uniform(0, 2 * pi, 2), strict=True))
    states = [unitary(circuit, {"x": float(x), **weights})[:, 0] for x in points]
    spectrum = abs(np.fft.fft([float(np.real(s.conj() @ z @ s)) for s in states])) / 16
    others = [f for f in range(1, 9) if spectrum[f] > 1e-9 and f != 2]
    assert bool(commuting_inputs(circuit)) is pure
    assert (others == []) is pure


def test_inputs_that_prepare_the_state_are_left_out() -> None:
    circuit = replace(model(*REPEATED), initial_state=Amplitudes((1,), None, ("x",)))
    assert commuting_inputs(circuit) == ()


# --- kernels -------------------------------------------------------------------------------------------------------


def minus(name: str) -> angles.Angle:
    return angles.negate(angles.parameter(name))


def kernel(first: tuple[Gate, ...] = (), second: tuple[Gate, ...] = (), cost: object = None) -> Circuit:
    embed = first or (
        turn("ry", "x0", 0), turn("ry", "x1", 1), Gate("cz", (0, 1)), Gate("s", (0,)), turn("rx", "x0", 0),
    )  # fmt: skip
    undo = second or (
        turn("rx", minus("y0"), 0), Gate("sdg", (0,)), Gate("cz", (1, 0)), turn("ry", minus("y1"), 1),
        turn("ry", minus("y0"), 0),
    )  # fmt: skip
    return replace(model(*embed, *undo), observables=(cost or Projector((0, 1), "00"),))  # type: ignore[arg-type]


def test_a_kernel_is_recognised_and_is_one_at_equal_points() -> None:
    circuit = kernel()
    assert is_kernel(circuit)
    assert is_kernel(replace(circuit, observables=(Probabilities((0, 1)),)))
    state = unitary(circuit, {"x0": 0.3, "x1": 1.1, "y0": 0.3, "y1": 1.1})[:, 0]
    assert abs(state[0]) == pytest.approx(1.0)


@pytest.mark.parametrize(
    "circuit",
    [
        kernel(cost=Projector((0, 1), "01")),
        kernel(cost=global_z((0, 1))),
        kernel(first=(turn("ry", "x0", 0),), second=(turn("ry", "y0", 0),)),  # not undone
        kernel(first=(turn("ry", "x0", 0),), second=(turn("ry", minus("y0"), 1),)),
        kernel(first=(turn("ry", "x0", 0),), second=(turn("ry", minus("x0"), 0),)),  # one point alone
        kernel(
            first=(turn("ry", "x0", 0), turn("ry", "x1", 1)),
            second=(turn("ry", minus("y0"), 1), turn("ry", minus("y0"), 0)),
        ),
        kernel(first=(turn("ry", "w", 0),), second=(turn("ry", minus("y0"), 0),)),  # trainable
        replace(kernel(), initial_state=Amplitudes((0,), (0.6, 0.8))),
        Circuit("bell", 2, (H, Gate("cx", (0, 1))), observables=(Projector((0, 1), "00"),)),
    ],
)  # fmt: skip
def test_what_is_no_kernel(circuit: Circuit) -> None:
    assert not is_kernel(circuit)


def test_an_angle_of_several_inputs_is_undone_as_a_whole() -> None:
    def both(a: str, b: str) -> angles.Angle:
        return angles.multiply(angles.parameter(a), angles.parameter(b))

    first = (turn("rz", "x0", 0), turn("rz", "x1", 1), turn("rzz", both("x0", "x1"), 0, 1))
    undone = angles.negate(both("y0", "y1"))
    second = (turn("rzz", undone, 0, 1), turn("rz", minus("y1"), 1), turn("rz", minus("y0"), 0))
    assert is_kernel(kernel(first=first, second=second))
    other = (turn("rzz", angles.negate(both("y1", "y1")), 0, 1), *second[1:])
    assert not is_kernel(kernel(first=first, second=other))


def test_the_data_of_a_kernel_are_drawn_and_its_cost_is_the_projector() -> None:
    drawn = kernel_over_data(kernel(cost=Probabilities((0, 1))))
    assert drawn.observables == (Projector((0, 1), "00"),)
    assert {(p.role, p.initialisation) for p in drawn.parameters} == {("trainable", Uniform())}


# --- what data do alone --------------------------------------------------------------------------------------------


def with_values(circuit: Circuit, values: dict[str, float]) -> Circuit:
    return replace(circuit, parameters=tuple(replace(p, value=values.get(p.name)) for p in circuit.parameters))


def test_inputs_fixed_at_their_values() -> None:
    mixed = turn("ry", angles.add(angles.parameter("x"), angles.parameter("w")), 1)
    circuit = with_values(model(*REPEATED, mixed), {"x": 0.7})
    fixed = at_inputs(circuit)
    assert fixed is not None
    assert [p.name for p in fixed.parameters] == ["w", "v"]
    for w, v in product((0.2, 2.0), (0.4,)):
        expected = unitary(circuit, {"x": 0.7, "w": w, "v": v})
        assert np.allclose(unitary(fixed, {"w": w, "v": v}), expected)
    assert at_inputs(model(*REPEATED)) is None
    hidden = replace(circuit, initial_state=Amplitudes((0,), None, ("x",)))
    assert at_inputs(hidden) is None
    known = at_inputs(replace(circuit, initial_state=Amplitudes((0,), (0.6, 0.8), ("x",))))
    assert known is not None
    assert known.initial_state == Amplitudes((0,), (0.6, 0.8))


def test_the_circuit_without_its_encoding() -> None:
    mixed = turn("ry", angles.add(angles.parameter("x"), angles.parameter("w")), 1)
    noise = (Channel("bit_flip", (0,), (0.1,), 1), Channel("bit_flip", (0,), (0.2,), 4))
    bare = without_encoding(model(*REPEATED, mixed, channels=noise))
    assert bare.gates == (H, REPEATED[2], REPEATED[4], turn("ry", "w", 1))
    assert [c.after for c in bare.channels] == [1, 2]
    assert [p.name for p in bare.parameters] == ["w", "v"]
    assert isinstance(bare.observables[0], PauliSum)
    embedded = replace(model(*REPEATED), initial_state=Amplitudes((1,), None, ("x",)))
    assert without_encoding(embedded).initial_state is None
