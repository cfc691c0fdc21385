"""Fidelities of the states that a circuit makes at pairs of random parameters."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ansatzlint.circuit import Circuit
from ansatzlint.moments import cones
from ansatzlint.moments.frame import pull
from ansatzlint.moments.laws import Law
from ansatzlint.moments.rotations import Features, linear, rotations_of
from ansatzlint.moments.sequence import steps
from ansatzlint.moments.statevector import drawn_together, with_expressions
from ansatzlint.moments.threads import processors

_BLOCK = 512
"""Pairs that one task takes, and that come from one stream of the seed."""


def fidelities(circuit: Circuit, laws: Sequence[Law], samples: int, seed: int) -> NDArray[np.float64] | str:
    """|<psi(a)|psi(b)>|^2 at pairs of independent draws, float64 of shape (samples,), or why they cannot be had.

    Parameters
    ----------
    circuit
        Its noise is left out.
    laws
        One a parameter of the circuit, in its order.

    Raises
    ------
    CircuitError
        For a gate with more controls than `gates.MAX_CONTROLS`.
    """
    from ansatzlint.moments.adjoint import fidelities as kernel

    quiet = replace(circuit, noise=None, channels=())
    parameters = tuple(p.name for p in circuit.parameters)
    state = cones.start(circuit.initial_state)
    if state.unknown:
        return "inputs decide the initial state"
    features = Features(parameters)
    rotations = list(rotations_of(pull(steps(quiet), circuit.qubits, parameters), features, state.flips))
    # The Clifford gates at the end change no fidelity, and the states lie in what the X parts of the strings span.
    blocks = sum(state.masks)
    space = cones.Space(rotation.generator.x & ~blocks for rotation in rotations)
    part = cones.Part((), (1 << len(rotations)) - 1, space, blocks, (1 << circuit.qubits) - 1)
    strings = [cones.reduced(rotation.generator, space.rows(), blocks) for rotation in rotations]
    amplitudes = cones.amplitudes(state, part)
    masks = np.array([(s.x, s.z) for s in strings], dtype=np.int64).reshape(-1, 2)
    phases = np.array([s.sign * (1, 1j, -1, -1j)[(s.x & s.z).bit_count() % 4] for s in strings], dtype=np.complex128)
    angles = linear(rotations)

    def run(first: int) -> NDArray[np.float64] | str:
        count = min(_BLOCK, samples - first)
        values = drawn_together(laws, seed, first // _BLOCK, 2 * count)
        at = with_expressions(values, parameters, features.expressions)
        if isinstance(at, str):
            return at
        found = np.empty(count)
        kernel(at, amplitudes, masks, phases, *angles, found)
        return found

    with ThreadPoolExecutor(processors()) as pool:
        parts = list(pool.map(run, range(0, samples, _BLOCK)))
    reason = next((found for found in parts if isinstance(found, str)), None)
    return reason if reason is not None else np.concatenate([p for p in parts if not isinstance(p, str)])
