"""How late a message is, by two clocks that need not agree. Pure."""

from __future__ import annotations

from bisect import bisect_left

from feeds.latency import BOUNDS_US

DRIFT_PPM = 1_000
"""By so much two clocks may part, each of which is set right by 500 millionths at most. A lag that grows
faster is seen, and one of a second that never ends is forgiven after a quarter of an hour."""

WINDOW_US, LEAP_US = 15_000_000, 600_000
"""By so much more from one window to the next, even the quickest message is not late: the writer's machine
stood, and its clock with it. A lag that grows so fast is longer than a second before it is forgiven."""

_NEVER = 1 << 62


class Lateness:
    """One writer's clock against ours, both monotonic: how much longer a message took than the quickest one
    ever, less what the clocks may have parted since."""

    __slots__ = ("_quickest_us", "_quickest_at_us", "_now_us", "_before_us", "_since_us")

    def __init__(self) -> None:
        self._quickest_us = self._now_us = self._before_us = _NEVER
        self._quickest_at_us = self._since_us = 0

    def of(self, sent_us: int, now_us: int) -> int:
        """Microseconds, 0 at least, and never more than this message took."""
        difference = now_us - sent_us
        if now_us - self._since_us > WINDOW_US:
            self._next_window(now_us)
        self._now_us = min(self._now_us, difference)
        parted_us = (now_us - self._quickest_at_us) * DRIFT_PPM // 1_000_000
        late_us = difference - self._quickest_us - parted_us
        if late_us > 0:
            return late_us
        self._quickest_us, self._quickest_at_us = difference, now_us
        return 0

    def _next_window(self, now_us: int) -> None:
        """The least differences of the last two are compared."""
        leap_us = self._now_us - self._before_us
        if leap_us > LEAP_US:
            self._quickest_us += leap_us
        self._before_us, self._now_us, self._since_us = self._now_us, _NEVER, now_us


class Spread:
    """How many messages were how late, of all writers together, since this process began."""

    __slots__ = ("buckets", "sum_us")

    def __init__(self) -> None:
        self.buckets = [0] * (len(BOUNDS_US) + 1)
        self.sum_us = 0

    def add(self, late_us: int) -> None:
        self.buckets[bisect_left(BOUNDS_US, late_us)] += 1
        self.sum_us += late_us
