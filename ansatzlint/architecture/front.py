"""Trade-offs between objectives: which points are on the front, which is the compromise, how much is dominated."""

from __future__ import annotations

from collections.abc import Sequence

Point = tuple[float, ...]
"""One number an objective, all of them to be made small."""


def dominates(a: Sequence[float], b: Sequence[float]) -> bool:
    """Whether `a` is nowhere worse than `b` and somewhere better, smaller being better."""
    return all(x <= y for x, y in zip(a, b, strict=True)) and any(x < y for x, y in zip(a, b, strict=True))


def front(points: Sequence[Sequence[float]]) -> tuple[int, ...]:
    """Indices of the points that no other one dominates; of equal points the first."""
    seen: set[tuple[float, ...]] = set()
    found = []
    for i, point in enumerate(points):
        if tuple(point) not in seen and not any(dominates(other, point) for other in points):
            seen.add(tuple(point))
            found.append(i)
    return tuple(found)


def ranking(points: Sequence[Sequence[float]]) -> list[int]:
    """Indices by distance from the ideal point, each objective in units of the range of the given points.

    The ideal point has the least value of every objective; distances are Euclidean (the method of the global
    criterion; K. Miettinen, Nonlinear Multiobjective Optimization, 1999), so that the first is a compromise.
    """
    if not points:
        return []
    columns = list(zip(*points, strict=True))
    low = [min(column) for column in columns]
    width = [max(column) - least or 1.0 for column, least in zip(columns, low, strict=True)]

    def distance(point: Sequence[float]) -> float:
        return float(sum(((x - a) / w) ** 2 for x, a, w in zip(point, low, width, strict=True)))

    return sorted(range(len(points)), key=lambda i: distance(points[i]))


def hypervolume(points: Sequence[Sequence[float]], reference: Sequence[float]) -> float:
    """The volume that the points dominate within the box below the reference point, smaller being better.

    By slices along the last objective (Zitzler and Thiele, 10.1109/4235.797969, have the measure): exact, and quick for
    the few hundred points and three objectives of a search.
    """
    inside = [tuple(p) for p in points if all(x < r for x, r in zip(p, reference, strict=True))]
    return _volume([inside[i] for i in front(inside)], tuple(reference))


def _volume(points: list[Point], reference: Point) -> float:
    if not points:
        return 0.0
    if len(reference) == 1:
        return reference[0] - min(p[0] for p in points)
    points = sorted(points, key=lambda p: p[-1])
    ends = [p[-1] for p in points[1:]] + [reference[-1]]
    total = 0.0
    for k, (point, end) in enumerate(zip(points, ends, strict=True)):
        if end > point[-1]:
            slab = [p[:-1] for p in points[: k + 1]]
            total += (end - point[-1]) * _volume([slab[i] for i in front(slab)], reference[:-1])
    return total
