"""What a venue allows in a span of time, kept exactly; and how often a log line may repeat."""

from __future__ import annotations

import asyncio
from collections import deque

from feeds.clock import Clock

_NS = 1_000_000_000


class RateWindow:
    """At most ``limit`` units in any ``window_s``, wherever the window is laid.

    A token bucket allows twice its size around a refill, which a venue that counts by the second or the
    minute punishes; here every unit is remembered until it is ``window_s`` old. ``limit`` 0 is no limit.
    """

    def __init__(self, limit: float, window_s: float, clock: Clock) -> None:
        self.limit, self.window_s, self._clock = limit, window_s, clock
        self._used: deque[tuple[int, float]] = deque()
        self._sum = 0.0

    def _forget(self, now_ns: int) -> None:
        oldest_ns = now_ns - round(self.window_s * _NS)
        while self._used and self._used[0][0] <= oldest_ns:
            self._sum -= self._used.popleft()[1]

    def delay_s(self, weight: float = 1, share: float = 1.0) -> float:
        """Seconds until ``weight`` fits into ``share`` of the limit. What never fits waits for all of it."""
        now_ns = self._clock.mono_ns()
        self._forget(now_ns)
        room = self.limit * share - self._sum
        if not self.limit or weight <= room or not self._used:
            return 0.0
        freed_ns = 0
        for used_ns, used in self._used:
            room, freed_ns = room + used, used_ns
            if room >= weight:
                break
        return max(0.0, self.window_s - (now_ns - freed_ns) / _NS)

    def take(self, weight: float = 1) -> None:
        """Count what was used, whether or not it fitted."""
        if self.limit:
            self._used.append((self._clock.mono_ns(), weight))
            self._sum += weight

    async def wait(self, weight: float = 1, share: float = 1.0) -> None:
        """Wait until ``weight`` fits, then count it."""
        while (delay_s := self.delay_s(weight, share)) > 0:  # noqa: ASYNC110 (only time frees room)
            await asyncio.sleep(delay_s)
        self.take(weight)


def message_window(messages_per_s: float, clock: Clock) -> RateWindow:
    """Of what one link may send. A little slack, because the network may squeeze a second's messages."""
    limit = max(1, int(messages_per_s)) if messages_per_s else 0
    return RateWindow(limit, 1.05 * limit / messages_per_s if messages_per_s else 1, clock)


class Seldom:
    """Whether something may be logged again: once per key and ``every_s``, with how often it happened."""

    def __init__(self, every_s: float, clock: Clock) -> None:
        self._every_ns, self._clock = round(every_s * _NS), clock
        self._last: dict[str, tuple[int, int]] = {}

    def due(self, key: str) -> int:
        """How often ``key`` happened since it was last due, this time included; 0 while it is not due."""
        now_ns = self._clock.mono_ns()
        last_ns, kept = self._last.get(key, (None, 0))
        if last_ns is not None and now_ns - last_ns < self._every_ns:
            self._last[key] = (last_ns, kept + 1)
            return 0
        self._last[key] = (now_ns, 0)
        return kept + 1
