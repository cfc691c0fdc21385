"""What the predictor says of one circuit."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Prediction:
    """The size of the gradients and the result of training, as learned from other circuits.

    Intervals are 90 % ones, calibrated on circuits of families that the model had not seen. Outside the domain of what
    was learned nothing is predicted: `in_domain` is False, `outside` says which features are out of it, and the
    numbers are None.

    Attributes
    ----------
    log10_variance, lower, upper : float or None
        log10 of the largest mean square gradient of a parameter, in units of the cost squared per radian squared.
    log10_median, median_lower, median_upper : float or None
        The same for the median live parameter.
    barren : float or None
        The probability that no parameter's gradient can be resolved within `shots`.
    shots : int
        The shot budget that `barren` is about.
    in_domain : bool
    outside : tuple of str
        Plain words, one a feature.
    trained_fraction, trained_lower, trained_upper : float or None
        The share of the way from the cost at the start to its least value that plain training covers, median over
        starts; None where the cost is no Hamiltonian, where the engine's figures cannot be had, and outside the domain.
    succeeding : float or None
        The share of starts that cover 95 % of the way.
    trained_reason : str
        Why `trained_fraction` is None.
    """

    log10_variance: float | None
    lower: float | None
    upper: float | None
    log10_median: float | None
    median_lower: float | None
    median_upper: float | None
    barren: float | None
    shots: int
    in_domain: bool
    outside: tuple[str, ...] = ()
    trained_fraction: float | None = None
    trained_lower: float | None = None
    trained_upper: float | None = None
    succeeding: float | None = None
    trained_reason: str = ""
