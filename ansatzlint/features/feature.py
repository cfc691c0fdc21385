"""What a column of the feature vector is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Feature:
    """A column: its name, the unit of its numbers ("1" for a plain number, a share or a count), what it says."""

    name: str
    unit: str
    about: str
