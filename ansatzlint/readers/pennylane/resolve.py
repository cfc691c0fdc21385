"""From traced angles to verified ones: nothing is believed that plain numbers do not confirm."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ansatzlint.angles import Affine, Angle, evaluate, names
from ansatzlint.circuit import Unread
from ansatzlint.readers.pennylane.operations import Listing

TOLERANCE = 1e-9
PROBING_SECONDS = 2.0
"""Parameters are not varied one by one where that would take longer."""

Values = Mapping[str, float]
ReadAt = Callable[[Values], Listing | None]


@dataclass(frozen=True, slots=True)
class Resolved:
    """The angles of a listing's gates, gate by gate, and what could not be followed."""

    angles: tuple[tuple[Angle, ...], ...]
    unread: tuple[Unread, ...]


@dataclass(frozen=True, slots=True)
class _Point:
    values: Values
    numbers: Sequence[float]


def resolve(recorded: Listing, traced: Listing | None, values: Values, read_at: ReadAt) -> Resolved:
    """The angles of `recorded` as functions of the parameters.

    Parameters
    ----------
    recorded : Listing
        Read with plain numbers, `values`.
    traced : Listing or None
        Read with traced numbers, None if that failed.
    read_at : callable
        Reads the circuit at other values; None where it cannot be built there.
    """
    own = [angle for gate in recorded.gates for angle in gate.angles]
    here = _Point(values, [recorded.value(angle) for angle in own])
    if not values:
        return Resolved(_regroup(recorded, own), ())
    shape = _shape(recorded)
    points = [here]
    unread: list[Unread] = []
    far = read_at(_far(values))
    if far is not None and _shape(far) == shape:
        points.append(_point(_far(values), far))
    else:
        near = read_at(_near(values, 0))
        if near is not None and _shape(near) == shape:
            points.append(_point(_near(values, 0), near))
        if far is not None or (near is not None and _shape(near) != shape):
            unread.append(Unread("which gates are applied depends on the arguments; read as at the recorded ones"))
        elif near is None:
            unread.append(Unread("the circuit can be built at the recorded arguments only, so no angle was checked"))
    symbols = recorded.closures
    follows = traced is not None and _shape(traced) == shape
    candidates = [angle for gate in traced.gates for angle in gate.angles] if traced and follows else own
    chosen: list[Angle | None] = []
    for index, candidate in enumerate(candidates):
        chosen.append(next((a for a in (candidate, own[index]) if _holds(a, index, points, symbols)), None))
    lost = [index for index, angle in enumerate(chosen) if angle is None]
    if lost:
        fitted, reasons = _fit(lost, here, points, values, shape, read_at)
        owners = [gate for gate in recorded.gates for _ in gate.angles]
        for index in lost:
            chosen[index] = fitted.get(index, here.numbers[index])
            if index not in fitted:
                gate = owners[index]
                reason = f"the angle of {gate.name} depends on {reasons[index]} by a formula that could not be followed"
                unread.append(Unread(reason, gate.location))
    return Resolved(_regroup(recorded, [angle for angle in chosen if angle is not None]), tuple(dict.fromkeys(unread)))


def _shape(listing: Listing) -> list[tuple[str, tuple[int, ...], str, str]]:
    return [(gate.name, gate.qubits, gate.controls, gate.word) for gate in listing.gates]


def _point(values: Values, listing: Listing) -> _Point:
    return _Point(values, [listing.value(angle) for gate in listing.gates for angle in gate.angles])


def _regroup(listing: Listing, angles: Sequence[Angle]) -> tuple[tuple[Angle, ...], ...]:
    rest = iter(angles)
    return tuple(tuple(next(rest) for _ in gate.angles) for gate in listing.gates)


def _holds(angle: Angle, index: int, points: Sequence[_Point], symbols: Values) -> bool:
    try:
        return all(_close(evaluate(angle, {**p.values, **symbols} if symbols else p.values), p.numbers[index])
                   for p in points)  # fmt: skip
    except (ArithmeticError, ValueError, TypeError):
        return False  # outside the formula's domain, or complex there


def _close(a: float, b: float) -> bool:
    return abs(a - b) <= TOLERANCE * max(1.0, abs(b))


def _far(values: Values) -> dict[str, float]:
    random = np.random.default_rng(1)
    return dict(zip(values, (random.uniform(-math.pi, math.pi, len(values))).tolist(), strict=True))


def _near(values: Values, seed: int) -> dict[str, float]:
    # closer to 0 and of the same sign, so that square roots and arc functions stay in their domain
    random = np.random.default_rng(seed)
    return {name: v * (0.8 + 0.1 * random.random()) + 0.05 * random.random() for name, v in values.items()}


def _fit(
    lost: Sequence[int],
    here: _Point,
    points: Sequence[_Point],
    values: Values,
    shape: object,
    read_at: ReadAt,
) -> tuple[dict[int, Angle], dict[int, str]]:
    """Affine angles for the lost ones where two more points confirm them; else on what they depend, in words."""
    order = list(values)
    moved = _near(values, 2)
    reasons = dict.fromkeys(lost, "the arguments")
    checks = [p for p in points if p is not here]
    for seed in (3, 4):
        listing = read_at(_near(values, seed))
        if listing is None or _shape(listing) != shape:
            return {}, reasons
        checks.append(_point(_near(values, seed), listing))
    # one run per binary digit of the parameters' numbers tells angles of one parameter which it is
    patterns: dict[int, int] = dict.fromkeys(lost, 0)
    changes: dict[int, float] = {}
    started = time.perf_counter()
    bits = len(order).bit_length()
    for bit in range(bits):
        point = {n: moved[n] if (k + 1) >> bit & 1 else values[n] for k, n in enumerate(order)}
        listing = read_at(point)
        if listing is None or _shape(listing) != shape:
            return {}, reasons
        numbers = _point(point, listing).numbers
        for index in lost:
            change = numbers[index] - here.numbers[index]
            if abs(change) > 1e-12:
                patterns[index] |= 1 << bit
                changes[index] = change
    seconds_each = (time.perf_counter() - started) / bits
    fitted: dict[int, Angle] = {}
    rest = []
    for index in lost:
        if 0 < patterns[index] <= len(order):
            name = order[patterns[index] - 1]
            angle = _affine(here, index, {name: changes[index] / (moved[name] - values[name])})
            if _holds(angle, index, checks, {}):
                fitted[index] = angle
                continue
        rest.append(index)
    if rest and seconds_each * len(order) <= PROBING_SECONDS:
        slopes: dict[int, dict[str, float]] = {index: {} for index in rest}
        for name in order:
            listing = read_at({**values, name: moved[name]})
            if listing is None or _shape(listing) != shape:
                return fitted, reasons
            numbers = _point(values, listing).numbers
            for index in rest:
                change = numbers[index] - here.numbers[index]
                if abs(change) > 1e-12:
                    slopes[index][name] = change / (moved[name] - values[name])
        for index in rest:
            angle = _affine(here, index, slopes[index])
            if _holds(angle, index, checks, {}):
                fitted[index] = angle
            elif slopes[index]:
                listed = list(slopes[index])
                reasons[index] = ", ".join(listed[:3]) + (" …" if len(listed) > 3 else "")
    return fitted, reasons


def _affine(here: _Point, index: int, slopes: Values) -> Angle:
    terms = {name: _tidy(slope) for name, slope in slopes.items()}
    constant = _tidy(here.numbers[index] - sum(c * here.values[name] for name, c in terms.items()))
    kept = tuple(sorted((name, c) for name, c in terms.items() if c != 0.0))
    return Affine(kept, constant) if kept else constant


def _tidy(x: float) -> float:
    """The number without the last digits, which a difference quotient gets wrong."""
    rounded = round(x, 10)
    return rounded if rounded != 0.0 else 0.0


def used(angles: Sequence[tuple[Angle, ...]]) -> set[str]:
    """The parameters that the angles depend on."""
    return {name for each in angles for angle in each for name in names(angle)}
