from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from rule_folders import TOML, threshold, write_rule

from ansatzlint.checks.generic import above, below, outside
from ansatzlint.circuit import Circuit, Gate
from ansatzlint.diagnostic import Claim, Finding
from ansatzlint.evidence import Evidence
from ansatzlint.rulebook import Rule, load_rule

Check = Callable[[Evidence, Rule], Iterator[Finding]]


class Fixed(Evidence):
    """Evidence whose claim of `depth` is given."""

    def __init__(self, claim: Claim) -> None:
        super().__init__(Circuit("c", 1, ()))
        self._given = claim

    def claim(self, key: str) -> Claim:
        assert key == "depth"
        return self._given


def run(check: Check, tmp_path: Path, value: Any, lower: float | None = None, upper: float | None = None) -> bool:
    rule = load_rule(write_rule(tmp_path, TOML + "".join(threshold(n, v) for n, v in LIMITS.items())))
    claim = Claim("depth", value, lower, upper)
    found = list(check(Fixed(claim), rule))
    for finding in found:
        assert finding.values == {"value": value, **LIMITS}
        assert finding.evidence == (claim,)
    assert len(found) <= 1
    return bool(found)


LIMITS = {"limit": 3.0, "low": 2.0, "high": 5.0}


@pytest.mark.parametrize(
    ("check", "value", "lower", "upper", "fires"),
    [
        (above, 4, None, None, True),
        (above, 3, None, None, False),
        (above, 4, 3.5, 5, True),
        (above, 4, 2.5, 5, False),  # the interval reaches below the threshold
        (below, 2, None, None, True),
        (below, 3, None, None, False),
        (below, 2, 1, 2.5, True),
        (below, 2, 1, 4, False),
        (outside, 1, None, None, True),
        (outside, 2, None, None, False),
        (outside, 5, None, None, False),
        (outside, 6, None, None, True),
        (outside, 1, 0.5, 1.5, True),
        (outside, 6, 5.5, 9, True),
        (outside, 6, 4, 9, False),
        (outside, 6, 1, 9, False),  # both ends lie outside, the interval between does not
    ],
)
def test_thresholds(
    check: Check, value: float, lower: float | None, upper: float | None, fires: bool, tmp_path: Path
) -> None:  # fmt: skip
    assert run(check, tmp_path, value, lower, upper) is fires


def test_a_folder_is_all_that_a_threshold_rule_needs(tmp_path: Path) -> None:
    rule = load_rule(write_rule(tmp_path, TOML + threshold("limit", 1)))
    circuit = Circuit("c", 1, (Gate("h", (0,)), Gate("t", (0,))))
    (found,) = above(Evidence(circuit), rule)
    assert rule.message.format(**found.values) == "the value is 2"
    assert not list(above(Evidence(Circuit("c", 1, circuit.gates[:1])), rule))
