"""Values in order: quantiles of those above zero."""

from __future__ import annotations

from typing import Any

import numpy as np

from ansatzlint.features.compiling import helper, leaf


@leaf
def quantile(values: Any, share: Any) -> Any:
    """A quantile of sorted values, linear between two of them."""
    at = share * (len(values) - 1)
    below = int(at)
    above = min(below + 1, len(values) - 1)
    return values[below] + (at - below) * (values[above] - values[below])


@helper
def alive(values: Any, kept: Any) -> Any:
    """Those of the values that are kept and above zero, sorted."""
    return np.sort(values[kept & (values > 0.0)])


@helper
def largest_and_median(values: Any, kept: Any, out: Any, column: Any) -> None:
    """Fill two columns with log10 of the largest and of the median of the values above zero, if there is one."""
    found = alive(values, kept)
    if len(found):
        out[column] = np.log10(found[-1])
        out[column + 1] = np.log10(quantile(found, 0.5))
