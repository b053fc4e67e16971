"""How late a message is, by two clocks that need not agree. Pure."""

from __future__ import annotations

from bisect import bisect_left

from feeds.latency import BOUNDS_US

WINDOW_US = 15_000_000


class Lateness:
    """One writer's clock against ours, both monotonic. The offset is the least difference of two windows."""

    __slots__ = ("_now", "_before", "_since_us")

    def __init__(self) -> None:
        self._now: int | None = None
        self._before: int | None = None
        self._since_us = 0

    def of(self, sent_us: int, now_us: int) -> int:
        """Microseconds that this message took longer than the quickest one, 0 at least."""
        difference = now_us - sent_us
        if self._now is None or now_us - self._since_us > WINDOW_US:
            self._before, self._now, self._since_us = self._now, difference, now_us
        self._now = min(self._now, difference)
        offset = self._now if self._before is None else min(self._now, self._before)
        return difference - offset


class Spread:
    """How many messages were how late, of all writers together, since this process began."""

    __slots__ = ("buckets", "sum_us")

    def __init__(self) -> None:
        self.buckets = [0] * (len(BOUNDS_US) + 1)
        self.sum_us = 0

    def add(self, late_us: int) -> None:
        self.buckets[bisect_left(BOUNDS_US, late_us)] += 1
        self.sum_us += late_us
