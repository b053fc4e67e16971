"""The beat: that this process lives, how young what it knows of each feed is, and what goes with it."""

from __future__ import annotations

import time
from collections.abc import Mapping

import msgspec

from feeds.symbols import STATUS
from marketdash.live.outgoing import Outgoing

_encode = msgspec.json.Encoder().encode


class Beat:
    """One beat, as it is told to who has all, and to who lacks what came a while ago: to him everything is
    ``late_us`` older, and nothing looks live for longer than it may. ``ages``: of the feeds, by venue."""

    STEP_US, MOST_STEPS = 500_000, 3

    def __init__(self, said: Mapping[str, object], ages: Mapping[str, int]) -> None:
        times = {"ts": time.time_ns() // 1000, "clock_us": time.monotonic_ns() // 1000}
        self._said = {"channel": STATUS, "type": "heartbeat", **times, **said}
        self._ages = sorted(ages.items())
        self._made: dict[int, Outgoing] = {}

    def told_late(self, late_s: float) -> Outgoing | None:
        """To the nearest step, so that few of them are made for many. None: what a page would call live by it
        it would have to take back before the next one."""
        steps = round(late_s * 1e6 / self.STEP_US)
        if steps > self.MOST_STEPS:
            return None
        return self._made.get(steps) or self._made.setdefault(steps, self._make(steps * self.STEP_US))

    def _make(self, late_us: int) -> Outgoing:
        data = [{"symbol": venue, "age_us": age_us + late_us} for venue, age_us in self._ages]
        late = {"late_us": late_us} if late_us else {}
        return Outgoing(_encode({**self._said, **late, "data": data}))
