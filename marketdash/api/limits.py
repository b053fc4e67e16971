"""How often one may ask: counted at once in this process, and with the other ones' counts a second later."""

from __future__ import annotations

import time
from collections.abc import Callable

from marketdash.api.problems import Problem

PER_S, BURST = 20.0, 100.0
KEPT = 10_000


class Limiter:
    """A bucket of ``BURST`` requests that fills at ``PER_S``, for each who asks."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._buckets: dict[str, tuple[float, float]] = {}

    def count(self, who: str) -> None:
        """Raises :class:`Problem` 429 for one too many."""
        left = self._left(who)
        self._put(who, left - 1 if left >= 1 else left)
        if left < 1:
            expected = f"at most {PER_S:g} requests a second, {BURST:g} at once"
            raise Problem(429, ("rate", expected, "more"), headers={"Retry-After": "1"})

    def charge(self, who: str, requests: int, over_s: float) -> None:
        """What was let through elsewhere in so many seconds, less what may be asked in them anyway when they
        are many. A bucket is never so deep in debt that it takes long to fill."""
        left = self._left(who) - max(0.0, requests - max(0.0, over_s - 1) * PER_S)
        self._put(who, max(left, -BURST))

    def _left(self, who: str) -> float:
        now_s = self._clock()
        left, at_s = self._buckets.get(who, (BURST, now_s))
        return min(BURST, left + (now_s - at_s) * PER_S)

    def _put(self, who: str, left: float) -> None:
        self._buckets.pop(who, None)
        self._buckets[who] = (left, self._clock())
        while len(self._buckets) > KEPT:  # who was quiet for longest has a full bucket by now
            del self._buckets[next(iter(self._buckets))]
