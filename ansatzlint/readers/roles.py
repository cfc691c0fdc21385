"""Names that people give to data, for sources that do not say what is trained."""

from __future__ import annotations

from collections.abc import Collection

INPUT_NAMES = frozenset(
    ["x", "X", "xs", "x1", "x2", "x_1", "x_2", "x_i", "xi", "x_j", "xj", "x_train", "x_test", "X_train", "X_test",
     "input", "inputs", "input_data", "feature", "features", "feature_vector", "data", "datapoint", "data_point",
     "sample", "image", "img", "pixels"]
)  # fmt: skip
"""Arguments and parameter vectors of these names are taken for data, where the source says nothing else."""


def assumption(names: Collection[str], reason: str) -> str:
    """The sentence that says that `names` were taken for data, and why."""
    listed = ", ".join(f"`{name}`" for name in names)
    return f"{listed} {'is' if len(names) == 1 else 'are'} taken for data because {reason}"
