"""How often one may ask. Counted in each web process: a shared count would cost more than the answer."""

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
        now_s = self._clock()
        left, at_s = self._buckets.pop(who, (BURST, now_s))
        left = min(BURST, left + (now_s - at_s) * PER_S)
        self._buckets[who] = (max(0.0, left - 1) if left >= 1 else left, now_s)
        while len(self._buckets) > KEPT:  # who was quiet for longest has a full bucket by now
            del self._buckets[next(iter(self._buckets))]
        if left < 1:
            expected = f"at most {PER_S:g} requests a second, {BURST:g} at once"
            raise Problem(429, ("rate", expected, "more"), headers={"Retry-After": "1"})
