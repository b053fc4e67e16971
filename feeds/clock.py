"""Time, handed in: wall time for records, monotonic time for ages. Tests hand in their own."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """What anything that needs the time is given."""

    def wall_ns(self) -> int:
        """Nanoseconds since 1970, UTC; may jump when the machine's clock is set."""

    def mono_ns(self) -> int:
        """Nanoseconds since some start; never jumps, so ages and deadlines are measured with it."""


class SystemClock:
    """The machine's own clocks."""

    # Bound once: the session asks at each frame, and this costs no call of ours.
    wall_ns = staticmethod(time.time_ns)
    mono_ns = staticmethod(time.monotonic_ns)
