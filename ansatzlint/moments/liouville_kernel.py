"""The compiled loop of `liouville`. Import it where it is needed only: it loads numba."""

from __future__ import annotations

from math import cos, sin
from typing import Any

import numpy as np

from ansatzlint.moments.compiled import compiled


@compiled
def gradients(
    features: Any, start: Any, square_of: Any, values: Any, shifts: Any, signs: Any, channels: Any, factors: Any,
    gains: Any, constants: Any, rows: Any, columns: Any, coefficients: Any, cost: Any, square: Any, slopes: Any,
) -> None:  # fmt: skip
    """Arrays as in `liouville.Liouville`; one row of `features` and of the outputs a draw."""
    events, size = len(shifts), len(start)
    kept = np.empty((events + 1, size))
    angles = np.empty(events)
    now, then = np.empty(size), np.empty(size)
    for draw in range(len(features)):
        for q in range(size):
            kept[events, q] = start[q]
            now[q] = values[q]
        for e in range(events - 1, -1, -1):
            shift, channel = shifts[e], channels[e]
            if channel < 0:
                angle = constants[e]
                for j in range(rows[e], rows[e + 1]):
                    angle += coefficients[j] * features[draw, columns[j]]
                angles[e] = angle
                c, s = cos(angle), sin(angle)
                for q in range(size):
                    sign = signs[e, q]
                    if sign == 0:
                        kept[e, q] = kept[e + 1, q]
                    else:
                        kept[e, q] = c * kept[e + 1, q] - sign * s * kept[e + 1, q ^ shift]
            else:
                for q in range(size):
                    # what has a single Z there leaves part of its weight on the string without it
                    gained = signs[e, q ^ shift] * gains[channel] * kept[e + 1, q ^ shift]
                    kept[e, q] = factors[channel, q] * kept[e + 1, q] + gained
        for e in range(events):
            shift, channel = shifts[e], channels[e]
            if channel < 0:
                c, s = cos(angles[e]), sin(angles[e])
                slope = 0.0
                for q in range(size):
                    sign = signs[e, q]
                    if sign == 0:
                        then[q] = now[q]
                    else:
                        slope -= now[q] * (s * kept[e + 1, q] + sign * c * kept[e + 1, q ^ shift])
                        then[q] = c * now[q] + sign * s * now[q ^ shift]
                for j in range(rows[e], rows[e + 1]):
                    slopes[draw, columns[j]] += coefficients[j] * slope
            else:
                for q in range(size):
                    then[q] = factors[channel, q] * now[q] + signs[e, q] * gains[channel] * now[q ^ shift]
            now, then = then, now
        total = 0.0
        squared = 0.0
        for q in range(size):
            total += start[q] * now[q]
            squared += square_of[q] * now[q]
        cost[draw] = total
        square[draw] = squared
