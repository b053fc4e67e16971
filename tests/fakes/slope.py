"""A line through a noisy measurement, and how sure it is."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from typing import NamedTuple


class Slope(NamedTuple):
    """Per hour; the true one is within ``error_per_hour`` of it in 95 of 100 cases."""

    per_hour: float
    error_per_hour: float


def slope(samples: Sequence[tuple[float, float]]) -> Slope:
    """Of (seconds, value). Neighbours in time are alike, so they count as fewer samples than they are."""
    if len(samples) < 8:
        return Slope(math.nan, math.inf)
    times, values = zip(*samples, strict=True)
    line = statistics.linear_regression(times, values)
    rest = [value - line.slope * at - line.intercept for at, value in samples]
    spread_s = math.sqrt(sum((at - statistics.fmean(times)) ** 2 for at in times))
    alike = _autocorrelation(rest)
    effective = max(3.0, len(samples) * (1 - alike) / (1 + alike))
    sigma = math.sqrt(sum(each * each for each in rest) / len(rest))
    error = 2 * sigma / spread_s * math.sqrt(len(samples) / effective)
    return Slope(line.slope * 3600, error * 3600)


def least(samples: Sequence[tuple[float, float]], each_s: float) -> list[tuple[float, float]]:
    """The lowest of each so many seconds: what is taken for a moment and given back is no growth, and what
    stays is in the lowest, too."""
    found: dict[float, tuple[float, float]] = {}
    for at_s, value in samples:
        window = at_s // each_s
        found[window] = min(found.get(window, (at_s, value)), (at_s, value), key=lambda each: each[1])
    return list(found.values())


def _autocorrelation(rest: Sequence[float]) -> float:
    total = sum(each * each for each in rest)
    following = sum(one * other for one, other in zip(rest, rest[1:], strict=False))
    return max(0.0, min(0.99, following / total)) if total else 0.0
