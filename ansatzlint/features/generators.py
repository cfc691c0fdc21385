"""Columns about the generators: what they turn, what commutes, what is shared, how their angles are drawn.

A generator is the Pauli word of a rotation that is no Clifford gate, pulled back through the Clifford gates before it,
so that two of them commute here exactly if they do in the circuit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ansatzlint.angles import Expression, names
from ansatzlint.circuit import Circuit
from ansatzlint.errors import CircuitError
from ansatzlint.features.feature import Feature
from ansatzlint.features.structure import followed
from ansatzlint.pauli.lowering import Rotation, lower

if TYPE_CHECKING:
    from ansatzlint.features.tape import Tape

MAX_TERMS = 20_000
"""Cost terms that are looked at; of more, those with the largest coefficients. All pairs of 200 qubits are fewer."""

COLUMNS = (
    Feature("rotations", "1", "Pauli rotations by trainable angles; a gate may hold several"),
    Feature("rotation_x", "1", "share of X on one qubit among the words of rotations by parameters"),
    Feature("rotation_y", "1", "share of Y on one qubit among the words of rotations by parameters"),
    Feature("rotation_z", "1", "share of Z on one qubit among the words of rotations by parameters"),
    Feature("rotation_several", "1", "share of words on several qubits among those of rotations by parameters"),
    Feature("fixed_rotations", "1", "share of rotations by fixed angles among all that are no Clifford gates"),
    Feature("generator_qubits", "1", "mean number of qubits of the rotations' words as the gates state them"),
    Feature("generator_qubits_start", "1", "mean number of qubits of the generators"),
    Feature("generators", "1", "different generators"),
    Feature("commuting_neighbours", "1", "share that commutes of the rotations next to one another on a qubit"),
    Feature("commuting_near", "1", "share that commutes of the pairs of a rotation and one of the n that follow, n the "
            "number of qubits, at most 64"),
    Feature("rotations_idle_start", "1", "share of trainable rotations that commute with all rotations before them and "
            "leave the state |0...0> as it is"),
    Feature("rotations_diagonal", "1", "share of trainable rotations whose generator holds no X and no Y"),
    Feature("rotations_final", "1", "trainable rotations that commute with all behind, not with the cost, over qubits"),
    Feature("rotations_against_cost", "1", "share of pairs of a trainable rotation and a word of the cost that "
            "anticommute, words weighted by their squared coefficients"),
    Feature("init_keep_mean", "1", "mean of E[cos^2 x] over the trainable rotations in the cost's light cone, x their "
            "angles"),
    Feature("init_keep_minimum", "1", "the least E[cos^2 x] of those rotations"),
    Feature("init_flip_mean", "1", "mean of E[sin^2 x] over those rotations"),
    Feature("init_flip_minimum", "1", "the least E[sin^2 x] of those rotations"),
    Feature("init_mean", "1", "mean of |E[exp(i x)]| over those rotations"),
    Feature("init_spread", "rad", "mean over those rotations of the circular standard deviation of x, at most 3"),
    Feature("init_full_period", "1", "share of those rotations with x as good as uniform over a period"),
    Feature("init_factor", "log10", "mean over those rotations of log10 |dx/dt|, t the parameter"),
    Feature("shared_angles", "1", "1 where a trainable parameter turns several generators that do not merge, else 0"),
    Feature("shared_inputs", "1", "1 where an input does, else 0"),
    Feature("solvable", "1", "2 where generators and cost are bilinear in the Majoranas of a chain, 1 where all qubits "
            "are treated alike, else 0; there is no noise in either case"),
    Feature("init_sine_mean", "1", "mean of |E[sin x]| over the trainable rotations in the cost's light cone"),
    Feature("init_cross_mean", "1", "mean of |E[sin x cos x]| over those rotations"),
)  # fmt: skip


def columns(circuit: Circuit, tape: Tape) -> NDArray[np.float64]:
    """The values of `COLUMNS`; NaN where there is no rotation, cost term or qubit of the kind, or too many qubits."""
    from ansatzlint.features.generator_kernels import measures
    from ansatzlint.features.steps import EITHER, MAPS

    term_first, term_wire, term_letter, coefficient = followed(tape, MAX_TERMS)
    drawn = np.zeros(len(circuit.parameters), dtype=np.bool_)
    if tape.general.any():
        drawn[_in_expressions(circuit)] = True
    found = np.full(len(COLUMNS), np.nan)
    measures(
        tape.qubits, tape.kind, tape.table, tape.first, tape.wire.astype(np.int64), tape.letter, tape.parameter,
        tape.factor, tape.keep, tape.flip, tape.cross, tape.mean_keep, tape.mean_flip, tape.general, tape.trainable,
        tape.initial, MAPS, drawn, term_first, term_wire.astype(np.int64), term_letter, coefficient,
        bool((term_letter == EITHER).any()), len(coefficient) == len(tape.coefficient) and not tape.skipped, found,
    )  # fmt: skip
    return found


def _in_expressions(circuit: Circuit) -> list[int]:
    """Parameters (indices) that an angle depends on in a way that is not affine."""
    place = {p.name: i for i, p in enumerate(circuit.parameters)}
    try:
        rotations = [o for o in lower(circuit) if isinstance(o, Rotation)]
    except CircuitError:  # more controls than can be lowered
        angles = [angle for gate in circuit.gates for angle in gate.angles]
    else:
        angles = [rotation.angle for rotation in rotations]
    return [place[name] for angle in angles if isinstance(angle, Expression) for name in names(angle)]
