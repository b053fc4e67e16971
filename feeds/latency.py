"""How long a venue's messages take to reach us, by two clocks that need not agree. Pure.

What can be measured is a difference: the venue's clock against ours plus the way. Its least value of the last
minutes is taken for the clocks and the shortest way together; what a message took beyond it is real.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from typing import NamedTuple

BOUNDS_US = (1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000, 5_000_000)
"""Upper bounds of the buckets; one more holds what is longer."""

_DAY_US = 86_400_000_000
WINDOW_NS = 300_000_000_000
KEPT = 4096
_STEP_NS = WINDOW_NS // 2


class Apart:
    """Between which two times the venue's clock stands, by its last messages: ours may be an hour off."""

    def __init__(self) -> None:
        self._recent: deque[int] = deque(maxlen=63)
        self._moved_us = 0

    def add(self, difference_us: int) -> None:
        """A message was received so long after the venue says that it was sent."""
        if abs(difference_us) >= _DAY_US:
            return
        if self._moved_us:
            self._settle(difference_us)
        self._recent.append(difference_us)

    def set_by(self, moved_us: int) -> None:
        """Our clock was set, or the machine slept: until a message tells which, both may be so."""
        self._moved_us += moved_us

    def _settle(self, difference_us: int) -> None:
        """What was known before is known again, by whichever is nearer to this message."""
        moved_us, self._moved_us = self._moved_us, 0
        usual_us = max(self._recent, default=0)
        if abs(difference_us - usual_us - moved_us) < abs(difference_us - usual_us):
            self._recent = deque((each + moved_us for each in self._recent), maxlen=self._recent.maxlen)

    def earliest_us(self, wall_us: int) -> int:
        return wall_us - max(self._recent, default=0) - max(self._moved_us, 0)

    def latest_us(self, wall_us: int) -> int:
        return wall_us - min(self._recent, default=0) - min(self._moved_us, 0)


class Figures(NamedTuple):
    """``least_us``: the least difference of the two clocks, signed. Percentiles are of the last five minutes
    and ``samples`` are their number; ``buckets`` (see :data:`BOUNDS_US`) and ``sum_us`` of all time."""

    least_us: int
    p50_us: int
    p95_us: int
    p99_us: int
    samples: int
    buckets: tuple[int, ...]
    sum_us: int


class Latency:
    """Of one venue."""

    def __init__(self) -> None:
        self._now: int | None = None
        self._before: int | None = None
        self._since_ns = 0
        self._recent: deque[tuple[int, int]] = deque(maxlen=KEPT)
        self._buckets = [0] * (len(BOUNDS_US) + 1)
        self._sum_us = 0

    def add(self, difference_us: int, mono_ns: int) -> None:
        """Received at ``mono_ns``, ``difference_us`` after the venue says that it was sent."""
        if self._now is None or mono_ns - self._since_ns > _STEP_NS:
            self._before, self._now, self._since_ns = self._now, difference_us, mono_ns
        self._now = min(self._now, difference_us)
        took_us = difference_us - self._least()
        self._recent.append((mono_ns, difference_us))
        self._buckets[bisect_left(BOUNDS_US, took_us)] += 1
        self._sum_us += took_us

    def figures(self, mono_ns: int) -> Figures | None:
        """None when nothing that can be measured came in the last five minutes."""
        while self._recent and mono_ns - self._recent[0][0] > WINDOW_NS:
            self._recent.popleft()
        if not self._recent:
            return None
        differences = sorted(difference for _, difference in self._recent)
        least, count = differences[0], len(differences)
        p50, p95, p99 = (differences[min(count - 1, count * part // 100)] - least for part in (50, 95, 99))
        return Figures(least, p50, p95, p99, count, tuple(self._buckets), self._sum_us)

    def _least(self) -> int:
        assert self._now is not None
        return self._now if self._before is None else min(self._now, self._before)
