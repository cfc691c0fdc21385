"""Noise that cannot be is refused, in one line."""

from math import inf, nan

import pytest

from ansatzlint.circuit import Channel, Circuit
from ansatzlint.errors import CircuitError, UsageError
from ansatzlint.noise import CHANNELS, AmplitudeDamping, Depolarizing, PauliNoise, parse_noise

GOOD = {
    "depolarizing": (1.0,),
    "bit_flip": (0.0,),
    "phase_flip": (0.5,),
    "pauli": (0.2, 0.3, 0.5),
    "phase_damping": (0.1,),
    "amplitude_damping": (1.0,),
    "generalized_amplitude_damping": (0.2, 1.0),
    "reset_error": (0.4, 0.6),
    "thermal_relaxation": (0.1, 50.0, 100.0, 3.0),
}


def circuit(channel: Channel) -> Circuit:
    return Circuit("c", 2, (), channels=(channel,))


@pytest.mark.parametrize("kind", CHANNELS)
def test_a_channel_within_its_limits(kind: str) -> None:
    assert circuit(Channel(kind, (1,), GOOD[kind], 0)).channels[0].probabilities == GOOD[kind]


@pytest.mark.parametrize(
    ("kind", "numbers", "said"),
    [
        ("depolarizing", (1.1,), "between 0 and 1, not 1.1"),
        ("bit_flip", (-0.1,), "between 0 and 1, not -0.1"),
        ("amplitude_damping", (nan,), "between 0 and 1, not nan"),
        ("pauli", (0.5, 0.4, 0.3), "which is above 1"),
        ("reset_error", (0.6, 0.6), "which is above 1"),
        ("phase_flip", (0.1, 0.1), "takes 1 numbers, not 2"),
        ("thermal_relaxation", (1.5, 1.0, 1.0, 1.0), "between 0 and 1, not 1.5"),
        ("thermal_relaxation", (0.0, 1.0, 2.5, 1.0), "T2 <= 2 T1"),
        ("thermal_relaxation", (0.0, 1.0, 1.0, -1.0), "time >= 0"),
        ("thermal_relaxation", (0.0, 0.0, 0.0, 1.0), "0 < T2"),
        ("thermal_relaxation", (0.0, nan, 1.0, 1.0), "T1 nan"),
        ("cosmic_ray", (0.1,), "unknown channel 'cosmic_ray'"),
    ],
)
def test_a_channel_that_cannot_be(kind: str, numbers: tuple[float, ...], said: str) -> None:
    with pytest.raises(CircuitError) as caught:
        circuit(Channel(kind, (0,), numbers, 0))
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("channel", "said"),
    [
        (Channel("bit_flip", (2,), (0.1,), 0), "one of the 2 qubits"),
        (Channel("bit_flip", (0, 1), (0.1,), 0), "one of the 2 qubits"),
        (Channel("bit_flip", (0,), (0.1,), 1), "after gate 1 of 0"),
        (Channel("bit_flip", (0,), (0.1,), -1), "after gate -1 of 0"),
    ],
)
def test_a_channel_in_no_place(channel: Channel, said: str) -> None:
    with pytest.raises(CircuitError, match=said):
        circuit(channel)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Depolarizing(-0.1, 0.0),
        lambda: Depolarizing(0.0, 1.5),
        lambda: Depolarizing(nan, 0.0),
        lambda: PauliNoise(0.5, 0.4, 0.2),
        lambda: PauliNoise(-0.1, 0.4, 0.2),
        lambda: AmplitudeDamping(inf),
        lambda: parse_noise("depolarizing:0.1:2"),
        lambda: parse_noise("depolarizing:-1e-9:0"),
        lambda: parse_noise("depolarizing:0.1:much"),
    ],
)
def test_a_model_with_impossible_probabilities(make: object) -> None:
    with pytest.raises(UsageError) as caught:
        make()
    assert "\n" not in str(caught.value)
