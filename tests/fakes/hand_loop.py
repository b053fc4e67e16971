"""A loop of events that is turned by hand, and whose time moves by hand, or at any look at the clock: so what
is done for so long ends after any piece of it."""

from __future__ import annotations

import asyncio
import random
import selectors
from typing import Any

JUMPS_S = (0.001, 0.004, 0.0051, 0.02)
"""Less than a turn of views, just more, and much more."""


class _NeverWaiting(selectors.DefaultSelector):
    def select(self, timeout: float | None = None) -> list[Any]:
        return super().select(0)


class HandLoop(asyncio.SelectorEventLoop):
    """``jumps``: of so many looks at the clock one is late."""

    def __init__(self, seed: int) -> None:
        self.now_s, self.jumps = 1000.0, 0.0
        self._chance = random.Random(seed)
        super().__init__(_NeverWaiting())

    def time(self) -> float:
        self.now_s += 1e-6
        if self.jumps and self._chance.random() < self.jumps:
            self.now_s += self._chance.choice(JUMPS_S)
        return self.now_s

    def turn(self) -> None:
        """What is ready now; what that makes ready is for the next one."""
        self.call_soon(self.stop)
        self.run_forever()
