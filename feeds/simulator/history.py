"""A past for each asset: bars of every interval that agree with each other and end at today's start.

A day's bar is drawn first, then split into 4-hour bars, these into hours, and so on down to minutes, each
split seeded by where it stands. Highs, lows and volumes of the parts make those of the whole, and any
stretch can be drawn without the rest.
"""

from __future__ import annotations

import math
import random
from functools import lru_cache
from typing import NamedTuple

DAY_MIN = 1440
INTERVALS = (1, 5, 15, 60, 240, 1440)
"""Each a multiple of the one before it."""
_LEVELS = INTERVALS[::-1]


class Shape(NamedTuple):
    """A bar in relative prices; ``begin`` and ``end`` are shares of the day's volume traded by then."""

    open: float
    high: float
    low: float
    close: float
    begin: float
    end: float


class History:
    """Relative bars of one asset before ``origin_min`` (minutes since 1970), where its price is 1."""

    def __init__(self, key: str, origin_min: int, *, daily: float = 0.03) -> None:
        self._key, self._daily = key, daily
        self._today = origin_min // DAY_MIN
        self.day = lru_cache(maxsize=2048)(self._day)
        self.parts = lru_cache(maxsize=4096)(self._parts)
        self._scale = 1.0
        self._scale = 1 / self.bar(1, origin_min - 1).close

    def bar(self, interval: int, start_min: int) -> Shape:
        """The bar of ``interval`` minutes that starts at ``start_min``."""
        shape = self.day(start_min // DAY_MIN)
        for parent, child in zip(_LEVELS, _LEVELS[1:], strict=False):
            if parent == interval:
                break
            start = start_min // parent * parent
            shape = self.parts(parent, start)[(start_min - start) // child]
        scale = self._scale
        return Shape(*(value * scale for value in shape[:4]), shape.begin, shape.end)

    def day_activity(self, day: int) -> float:
        """How much is traded on a day, 1 on average."""
        return math.exp(random.Random(f"{self._key} volume {day}").gauss(0, 0.25))

    def _close(self, day: int) -> float:
        """A sum of slow waves instead of a running sum, so that any day can be asked for first."""
        rng = random.Random(f"{self._key} waves")
        total = 0.0
        for period in (900, 310, 97, 41, 17, 7, 3):
            amplitude = self._daily * math.sqrt(period) / 2.2
            total += amplitude * math.sin(2 * math.pi * (day / period + rng.random()))
        return math.exp(total + random.Random(f"{self._key} close {day}").gauss(0, self._daily / 3))

    def _day(self, day: int) -> Shape:
        rng = random.Random(f"{self._key} day {day}")
        first, last = self._close(day - 1), self._close(day)
        high = max(first, last) * (1 + abs(rng.gauss(0, self._daily / 2)))
        low = min(first, last) / (1 + abs(rng.gauss(0, self._daily / 2)))
        return Shape(first, high, low, last, 0.0, 1.0)

    def _parts(self, parent: int, start_min: int) -> tuple[Shape, ...]:
        child = _LEVELS[_LEVELS.index(parent) + 1]
        whole = self._raw(parent, start_min)
        rng = random.Random(f"{self._key} {parent} {start_min}")
        return _split(whole, parent // child, rng)

    def _raw(self, interval: int, start_min: int) -> Shape:
        shape = self.day(start_min // DAY_MIN)
        for parent, child in zip(_LEVELS, _LEVELS[1:], strict=False):
            if parent == interval:
                return shape
            start = start_min // parent * parent
            shape = self.parts(parent, start)[(start_min - start) // child]
        return shape


def _split(whole: Shape, count: int, rng: random.Random) -> tuple[Shape, ...]:
    """A bridge from open to close inside the range; one part reaches the high, one the low."""
    span = whole.high - whole.low
    points = [whole.open]
    for index in range(1, count):
        towards = (whole.close - points[-1]) / (count - index + 1)
        step = points[-1] + towards + rng.gauss(0, span / (1.8 * math.sqrt(count)))
        points.append(_reflected(step, whole.low, whole.high))
    points.append(whole.close)
    tops = [max(pair) for pair in zip(points, points[1:], strict=False)]
    bottoms = [min(pair) for pair in zip(points, points[1:], strict=False)]
    highs = [min(whole.high, top + abs(rng.gauss(0, span / (3 * math.sqrt(count))))) for top in tops]
    lows = [max(whole.low, bottom - abs(rng.gauss(0, span / (3 * math.sqrt(count))))) for bottom in bottoms]
    highs[tops.index(max(tops))] = whole.high
    lows[bottoms.index(min(bottoms))] = whole.low
    ends = _ends(whole, count, rng)
    return tuple(
        Shape(points[i], highs[i], lows[i], points[i + 1], ends[i], ends[i + 1]) for i in range(count)
    )


def _reflected(value: float, low: float, high: float) -> float:
    """Bounced off the ends of the range: clipping would leave runs of flat bars at them."""
    if value > high:
        value = 2 * high - value
    elif value < low:
        value = 2 * low - value
    return min(max(value, low), high)


def _ends(whole: Shape, count: int, rng: random.Random) -> list[float]:
    weights = [rng.uniform(0.4, 1.6) for _ in range(count)]
    total, done, ends = sum(weights), 0.0, [whole.begin]
    for weight in weights[:-1]:
        done += weight
        ends.append(whole.begin + (whole.end - whole.begin) * done / total)
    return [*ends, whole.end]
