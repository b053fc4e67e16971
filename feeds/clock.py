"""Time, handed in: wall time for records, monotonic time for ages. Tests hand in their own."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """What anything that needs the time is given. ``paced``: both pass alike, but where the wall's is set."""

    paced: bool

    def wall_ns(self) -> int:
        """Nanoseconds since 1970, UTC; may jump when the machine's clock is set."""

    def mono_ns(self) -> int:
        """Nanoseconds since some start; never jumps, so ages and deadlines are measured with it."""


class SystemClock:
    """The machine's own clocks."""

    paced = True

    # Bound once: the session asks at each frame, and this costs no call of ours.
    wall_ns = staticmethod(time.time_ns)
    mono_ns = staticmethod(time.monotonic_ns)
